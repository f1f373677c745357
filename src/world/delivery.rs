//! What a forest consists of: deliveries, the clusters that they go to, and who was delivered already. Finds and builds
//! nothing.

use super::definitions::Definitions;
use super::files::{Files, entry_of};
use super::helm::Capabilities;
use super::kustomize::{Built, Fault, Outcome, Why};
use super::object::ObjectId;
use crate::facts::Beyond;
use crate::limits::{DEEPEST_DELIVERY, MOST_DELIVERIES};
use crate::syntax::Node;
use crate::text::{Part, SourceId, Span, Str, paths};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The number of a delivery in its forest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DeliveryId(pub u32);

/// The number of a cluster in its forest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ClusterId(pub u32);

/// What hands objects to a cluster.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Means {
    /// A Flux Kustomization, or the path that Flux begins with.
    Flux,
    /// An Application of Argo CD.
    Argo,
    /// An ApplicationSet, which delivers Applications.
    ArgoSet,
    /// A HelmRelease of Flux.
    Release,
    /// A HelmChart of k3s.
    HelmChart,
    /// A helmfile, for one of its environments.
    Helmfile,
    /// A release of a helmfile.
    HelmfileRelease,
    /// A bundle of Fleet.
    Fleet,
    /// A kustomization that nothing else loads.
    Overlay,
    /// A chart that nothing takes, with its defaults or with the values of one of its tests.
    Chart,
}

impl Means {
    /// Whether a folder is such a delivery by itself, and no object declares it.
    pub fn is_folder(self) -> bool {
        matches!(self, Means::Overlay | Means::Chart)
    }

    /// The kind of object that declares such a delivery.
    pub fn kind(self) -> &'static str {
        match self {
            Means::Flux | Means::Overlay => "Kustomization",
            Means::Argo => "Application",
            Means::ArgoSet => "ApplicationSet",
            Means::Release => "HelmRelease",
            Means::Chart => "Chart",
            Means::HelmChart => "HelmChart",
            Means::Helmfile => "Helmfile",
            Means::HelmfileRelease => "Release",
            Means::Fleet => "Bundle",
        }
    }
}

/// One delivery, rendered in its environment.
#[derive(Debug)]
pub struct Delivery {
    pub means: Means,
    pub namespace: Str,
    pub name: Str,
    /// Where it is declared; nothing for a folder that declares itself.
    pub declared: Option<Span>,
    /// The folder that it delivers. What no folder can be called stands in round brackets.
    pub path: Part,
    /// Its other folders: an Application may have several.
    pub more: Vec<Part>,
    pub parent: Option<DeliveryId>,
    pub cluster: ClusterId,
    /// Whether something declared delivers it; else it is only rendered to be judged.
    pub live: bool,
    pub built: Built,
}

/// Where objects end up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cluster {
    /// As people call it: the folder below `clusters`, the destination, or the overlay's own.
    pub name: Str,
    /// The folder that is its own, or what else tells it from all others.
    pub place: Str,
    pub root: DeliveryId,
}

/// Every delivery of a repository.
#[derive(Debug, Default)]
pub struct Forest {
    pub deliveries: Vec<Delivery>,
    pub clusters: Vec<Cluster>,
    /// Files whose objects some build holds.
    pub loaded: BTreeSet<SourceId>,
    /// Templates of charts that gave nothing in some rendering.
    pub(super) silent: BTreeSet<SourceId>,
    /// Files that some build read, for whatever purpose.
    pub read: BTreeSet<SourceId>,
    /// Those that something which is delivered read.
    pub live: BTreeSet<SourceId>,
    /// Manifests that a source leaves out, and who tells it to.
    pub left_out: BTreeMap<SourceId, Str>,
    /// Who is delivered under the name that its file gives it, and from which file.
    pub(super) written: BTreeSet<(u64, SourceId)>,
    /// Whether something declared delivers from here: what it does not reach is not delivered.
    pub(super) declares: bool,
    /// The folders that are delivered.
    pub folders: BTreeSet<Str>,
    /// Files that releases take their values from.
    pub values: BTreeSet<SourceId>,
    /// Those that releases take whose charts are not here, of other tools than Flux.
    pub(super) release_values: BTreeSet<SourceId>,
    /// The places that images of what is built were put together from: values that a chart used.
    used: HashSet<Span>,
    /// The files of values that charts are rendered with, and the paths in each of which nobody here can tell
    /// what becomes of them.
    pub(super) chart_values: BTreeMap<SourceId, BTreeSet<Str>>,
    /// The values of tests of charts.
    pub tests: BTreeSet<SourceId>,
    /// How many charts are rendered with their defaults, for nothing takes them.
    pub lone_charts: usize,
    /// The releases whose charts are rendered, and who delivers them.
    pub(super) rendered: BTreeSet<(DeliveryId, ObjectId)>,
    /// The same for Applications, which may be in no build: their namespaces, names, and the numbers of the sources.
    pub(super) rendered_applications: BTreeSet<(Str, Str, usize)>,
    /// The charts that releases ask for and that are not here, in words.
    pub(super) absent_charts: BTreeMap<(DeliveryId, ObjectId), String>,
    /// The objects that others name, by cluster.
    pub(super) named: Named,
    /// What became of every entry that asks for a change, over all builds that hold it.
    pub asked: BTreeMap<Span, Outcome>,
    /// The folders that something live delivers, whatever comes of it.
    held: BTreeSet<Str>,
    /// Those of them in which it found something.
    filled: BTreeSet<Str>,
    /// What was commented out of kustomizations of something live, and of which.
    commented: HashMap<Str, SourceId>,
    /// The files that declare what is delivered.
    begins: BTreeSet<SourceId>,
    /// The names of the sets of which every Application is known, by where they are written.
    whole_sets: BTreeSet<Span>,
    /// The APIs that are delivered to clusters, as far as was known when building began.
    pub(super) definitions: Definitions,
}

/// The kinds that releases name.
const NAMED: [&str; 5] = ["ConfigMap", "Secret", "OCIRepository", "HelmChart", "HelmChartConfig"];

/// Where the objects of a name are: the delivery and the place in what it built. The name: cluster, kind, namespace
/// and name.
pub(super) type Named = BTreeMap<(ClusterId, Str, Str, Str), Vec<(DeliveryId, usize)>>;

impl Forest {
    /// Nothing yet, for clusters to which these APIs are delivered.
    pub(super) fn knowing(definitions: Definitions) -> Forest {
        Forest { definitions, ..Forest::default() }
    }

    /// Forgets what was built, once it is told: only what the files are to it is asked for any more.
    pub fn forget_objects(&mut self) {
        self.named.clear();
        self.deliveries.iter_mut().for_each(|delivery| delivery.built.objects = Vec::new());
    }

    /// Takes note of places that speak for themselves: something that is built is made of them.
    pub fn note_used(&mut self, places: impl Iterator<Item = Span>) {
        self.used.extend(places);
    }

    /// Whether something that is built is made of what stands in one of these places.
    pub fn uses(&self, mut places: impl Iterator<Item = Span>) -> bool {
        places.any(|place| self.used.contains(&place))
    }

    /// Whether an entry changed something, so that the objects it changed speak for it.
    pub fn has_changed(&self, entry: Span) -> bool {
        self.asked.get(&entry).is_some_and(|outcome| outcome.changed)
    }

    /// Whether an entry changes nothing, as far as anybody could tell.
    pub fn is_idle(&self, entry: Span) -> bool {
        self.asked.get(&entry).is_some_and(|outcome| !outcome.changed && outcome.seen_whole)
    }

    /// Where the image of an entry that changes nothing is named instead, where the tool does not look.
    pub fn beyond(&self, entry: Span) -> Option<Beyond> {
        self.asked.get(&entry).filter(|outcome| !outcome.changed)?.beyond
    }

    pub fn get(&self, id: DeliveryId) -> &Delivery {
        &self.deliveries[id.0 as usize]
    }

    pub fn cluster(&self, id: ClusterId) -> &Cluster {
        &self.clusters[id.0 as usize]
    }

    pub(super) fn push(&mut self, delivery: Delivery) {
        if delivery.live {
            let folders =
                || std::iter::once(&delivery.path).chain(&delivery.more).map(|part| part.text.clone());
            self.held.insert(delivery.path.text.clone());
            self.filled.extend(folders().filter(|_| !delivery.built.read.is_empty()));
            self.begins.extend(delivery.declared.map(|at| at.source));
        }
        let built = &delivery.built;
        if delivery.means == Means::ArgoSet
            && !built.objects.is_empty()
            && !built.faults.iter().any(|fault| fault.why.hides())
        {
            self.whole_sets.extend(delivery.declared);
        }
        self.loaded.extend(delivery.built.loaded.iter().copied());
        self.silent.extend(delivery.built.silent.iter().copied());
        for (file, absent) in &delivery.built.values {
            self.chart_values.entry(*file).or_default().extend(absent.iter().cloned());
        }
        self.deliveries.push(delivery);
    }

    /// Whether something is delivered by now.
    pub(super) fn is_live(&self) -> bool {
        !self.held.is_empty()
    }

    /// Whether a file lies in a folder that something live delivers.
    pub(super) fn holds(&self, file: &str) -> bool {
        above(file).any(|folder| self.held.contains(folder))
    }

    /// Whether a file lies in a folder that something live delivers, and in which it found something.
    pub(super) fn fills(&self, file: &str) -> bool {
        above(file).any(|folder| self.filled.contains(folder))
    }

    /// Takes note of what was commented out of the kustomizations of everything live.
    pub(super) fn note_comments(&mut self, files: &Files) {
        let live = self.deliveries.iter().filter(|delivery| delivery.live);
        for &id in live.flat_map(|delivery| &delivery.built.read) {
            let (folder, base) = files.name(id).rsplit_once('/').unwrap_or(("", files.name(id)));
            let yaml = files.known_yaml(id).filter(|_| paths::KUSTOMIZATIONS.contains(&base));
            let remarks =
                yaml.into_iter().flat_map(|yaml| &yaml.documents).flat_map(|document| &document.remarks);
            for entry in remarks.filter_map(|remark| entry_of(&remark.text)) {
                // The folder that it is in was not taken out of itself.
                let path = paths::resolve(folder, entry)
                    .filter(|path| !above(files.name(id)).any(|own| own == path));
                if let Some(path) = path.filter(|path| !path.is_empty()) {
                    self.commented.entry(path).or_insert(id);
                }
            }
        }
    }

    /// The kustomization of something live out of which a file, or its folder, was commented, and the name there.
    pub(super) fn commented_out<'n>(&self, file: &'n str) -> Option<(SourceId, &'n str)> {
        let mut names = std::iter::once(file).chain(above(file));
        names.find_map(|name| Some((*self.commented.get(name)?, name)))
    }

    /// Whether a file declares something that is delivered.
    pub(super) fn begins_in(&self, file: SourceId) -> bool {
        self.begins.contains(&file)
    }

    /// Whether the Applications of a set speak for it: all of them are known.
    pub fn is_whole_set(&self, name: Span) -> bool {
        self.whole_sets.contains(&name)
    }

    /// How many deliveries are above what this one delivers.
    pub(super) fn depth(&self, of: Option<DeliveryId>) -> usize {
        std::iter::successors(of, |id| self.get(*id).parent).count()
    }

    /// Says that something is not followed: what nobody here can build without end.
    pub(super) fn stop(&mut self, parent: Option<DeliveryId>, says: String, at: Span) {
        let parent = parent.map(|id| id.0 as usize).or(self.deliveries.len().checked_sub(1));
        if let Some(delivery) = parent.and_then(|at| self.deliveries.get_mut(at)) {
            let faults = &mut delivery.built.faults;
            // Once is enough.
            if !faults.iter().any(|fault| fault.why == Why::Bound && fault.says == says) {
                faults.push(Fault { why: Why::Bound, says, at: Some(at) });
            }
        }
    }

    /// Whether a delivery may be followed, after how many and how deep it is. If not, says so where it is declared.
    pub(super) fn may_follow(&mut self, parent: Option<DeliveryId>, at: Span) -> bool {
        let says = if self.is_full() {
            format!("there are more than {MOST_DELIVERIES} deliveries: no more are followed")
        } else if self.depth(parent) >= DEEPEST_DELIVERY {
            format!("deliveries are nested more than {DEEPEST_DELIVERY} levels deep: no more are followed")
        } else {
            return true;
        };
        self.stop(parent, says, at);
        false
    }

    /// Whether a delivery is a rendering of a chart for one of its tests.
    pub(super) fn is_test(&self, delivery: &Delivery) -> bool {
        delivery.means == Means::Chart && self.tests.contains(&delivery.path.span().source)
    }

    /// Whether no release above this one, which some delivery holds, has its name.
    pub(super) fn is_first_release(&self, holder: DeliveryId, id: &ObjectId) -> bool {
        let mut above = std::iter::successors(Some(holder), |id| self.get(*id).parent);
        !above.any(|above| {
            let above = self.get(above);
            matches!(above.means, Means::Release | Means::HelmChart)
                && above.name == id.name
                && above.namespace == id.namespace
        })
    }

    /// Takes note of the objects that releases name, of deliveries from this number on.
    pub(super) fn name_objects(&mut self, from: usize) {
        for (at, delivery) in self.deliveries.iter().enumerate().skip(from) {
            for (number, object) in delivery.built.objects.iter().enumerate() {
                if !object.root.text_at("kind").is_some_and(|kind| NAMED.contains(&kind)) {
                    continue;
                }
                let id = object.id();
                let key = (delivery.cluster, id.gvk.kind.clone(), id.home().into(), id.name);
                self.named.entry(key).or_default().push((DeliveryId(at as u32), number));
            }
        }
    }

    /// What a cluster can do: what is assumed of all of them, and what is delivered to this one.
    pub(super) fn capabilities(&self, files: &Files, cluster: ClusterId) -> Capabilities {
        files.capabilities().and(self.definitions.of(&self.cluster(cluster).place))
    }

    /// An object of the cluster of a delivery: its own before those of others.
    pub(super) fn beside(
        &self,
        delivery: DeliveryId,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<&Node> {
        let key = (self.get(delivery).cluster, kind.into(), namespace.into(), name.into());
        let found = self.named.get(&key)?;
        let own = found.iter().find(|(holder, _)| *holder == delivery);
        let (holder, number) = own.or(found.first())?;
        Some(&self.get(*holder).built.objects[*number].root)
    }

    /// The number that the next delivery gets.
    pub(super) fn next(&self) -> DeliveryId {
        DeliveryId(self.deliveries.len() as u32)
    }

    /// Whether there are as many deliveries as are followed.
    fn is_full(&self) -> bool {
        self.deliveries.len() >= MOST_DELIVERIES
    }
}

/// Few bytes for group, kind, namespace and name: there may be a hundred thousand.
pub(super) fn short_id(group: &str, kind: &str, namespace: &str, name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (group, kind, namespace, name).hash(&mut hasher);
    hasher.finish()
}

/// The clusters that have a root by now, and what was delivered to each.
#[derive(Debug, Default)]
pub(super) struct Planted {
    /// By the folder that is theirs, or by what else tells them.
    places: BTreeMap<Str, ClusterId>,
    /// Cluster, kind, namespace and name.
    seen: BTreeSet<(ClusterId, &'static str, Str, Str)>,
}

impl Planted {
    /// The cluster of a place. A new one has the next delivery as its root.
    pub(super) fn cluster(&mut self, forest: &mut Forest, place: Str, name: Str) -> ClusterId {
        let next = ClusterId(forest.clusters.len() as u32);
        let id = *self.places.entry(place.clone()).or_insert(next);
        match forest.clusters.get_mut(id.0 as usize) {
            None => forest.clusters.push(Cluster { name, place, root: forest.next() }),
            // A cluster with several roots is called by none of them.
            Some(known) if known.name != name => {
                let folder = place.rsplit('/').next().filter(|folder| !folder.is_empty());
                known.name = folder.unwrap_or(".").into();
            }
            Some(_) => {}
        }
        id
    }

    /// The cluster that something of another one delivers to: by the Secret or ConfigMap that leads there.
    pub(super) fn beside(
        &mut self,
        forest: &mut Forest,
        home: ClusterId,
        namespace: &str,
        other: Str,
    ) -> ClusterId {
        let place = format!("({}) {namespace}/{other}", forest.cluster(home).place);
        self.cluster(forest, place.into(), other)
    }

    /// Whether a delivery is the first of its name in a cluster.
    pub(super) fn is_new(
        &mut self,
        cluster: ClusterId,
        kind: &'static str,
        (namespace, name): (Str, Str),
    ) -> bool {
        self.seen.insert((cluster, kind, namespace, name))
    }
}

/// The folder that is a cluster's own, and how people call the cluster: the folder below `clusters`, or what its root
/// is called.
pub(super) fn cluster_place(file: &str, path: &str, name: &str) -> (Str, Str) {
    const ABOVE: [&str; 6] = ["clusters", "cluster", "environments", "envs", "overlays", "sites"];
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    for place in [folder, path] {
        let parts: Vec<&str> = place.split('/').collect();
        if let Some(at) = parts.iter().position(|part| ABOVE.contains(part))
            && let Some(own) = parts.get(at + 1)
        {
            return (parts[..at + 2].join("/").into(), (*own).into());
        }
    }
    (folder.into(), name.into())
}

/// The folders above a file, but for the root.
pub(super) fn above(file: &str) -> impl Iterator<Item = &str> {
    file.match_indices('/').map(|(at, _)| &file[..at])
}
