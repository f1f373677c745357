//! Who delivers what: deliveries found in files and in what others deliver, each built once for its cluster.

use super::files::Files;
use super::flux::{self, Variables};
use super::kustomize::{self, Built, Cache, Fault, Reach};
use super::object::Object;
use crate::syntax::Node;
use crate::text::{Part, SourceId, Span, Str, paths};
use std::collections::{BTreeMap, BTreeSet};

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
    /// A kustomization that nothing else loads.
    Overlay,
}

/// One delivery, rendered in its environment.
#[derive(Debug)]
pub struct Delivery {
    pub means: Means,
    pub namespace: Str,
    pub name: Str,
    /// Where it is declared; nothing for a folder that declares itself.
    pub declared: Option<Span>,
    /// The folder that it delivers.
    pub path: Part,
    pub parent: Option<DeliveryId>,
    pub cluster: ClusterId,
    /// Whether something declared delivers it; else it is only rendered to be judged.
    pub live: bool,
    pub objects: Vec<Object>,
    pub faults: Vec<Fault>,
    pub read: BTreeSet<SourceId>,
    /// Entries that ask for a change, and whether they changed anything.
    pub asked: BTreeMap<Span, bool>,
    pub loaded: BTreeSet<SourceId>,
}

/// Where objects end up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cluster {
    /// As people call it: the folder below `clusters`, or the overlay's own.
    pub name: Str,
    pub root: DeliveryId,
}

/// Every delivery of a repository.
#[derive(Debug, Default)]
pub struct Forest {
    pub deliveries: Vec<Delivery>,
    pub clusters: Vec<Cluster>,
    /// Files whose objects some build holds.
    pub loaded: BTreeSet<SourceId>,
    /// Files that some build read, for whatever purpose.
    pub read: BTreeSet<SourceId>,
    /// Those that something which is delivered read.
    pub live: BTreeSet<SourceId>,
    /// The folders that are delivered.
    pub folders: BTreeSet<Str>,
    /// What became of every entry that asks for a change.
    pub asked: BTreeMap<Span, Outcome>,
}

/// What became of an entry of `images:` or of a patch, over all builds that hold it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// It changed something in one of them.
    pub changed: bool,
    /// Nothing that it could have changed is out of sight.
    pub seen_whole: bool,
}

impl Forest {
    /// Whether an entry changed something, so that the objects it changed speak for it.
    pub fn has_changed(&self, entry: Span) -> bool {
        self.asked.get(&entry).is_some_and(|outcome| outcome.changed)
    }

    /// Whether an entry changes nothing, as far as anybody could tell.
    pub fn is_idle(&self, entry: Span) -> bool {
        self.asked.get(&entry).is_some_and(|outcome| !outcome.changed && outcome.seen_whole)
    }

    pub fn get(&self, id: DeliveryId) -> &Delivery {
        &self.deliveries[id.0 as usize]
    }

    /// The number of a delivery of this forest.
    pub fn id_of(&self, delivery: &Delivery) -> Option<DeliveryId> {
        let at = self.deliveries.iter().position(|other| std::ptr::eq(other, delivery))?;
        Some(DeliveryId(at as u32))
    }

    pub fn cluster(&self, id: ClusterId) -> &Cluster {
        &self.clusters[id.0 as usize]
    }
}

/// More deliveries than this are not followed.
const MOST_DELIVERIES: usize = 20_000;

/// The clusters that have a root by now, by the folder that is theirs, with what was delivered to each.
type Planted = BTreeMap<Str, (ClusterId, BTreeSet<(Str, Str)>)>;

/// A Flux Kustomization as a file declares it, or the path that Flux begins with.
struct Declared {
    object: Object,
    path: Part,
}

/// Finds and builds everything that is delivered.
pub fn grow(files: &Files, cache: &Cache) -> Forest {
    let mut forest = Forest::default();
    let declared = declared(files);
    let mut planted = Planted::new();
    let (sure, others) = roots(files, cache, &declared);
    for root in sure {
        plant(files, cache, &declared[root], true, &mut planted, &mut forest);
    }
    for root in others {
        // In the folder of something that is delivered, and not delivered with it: left out there.
        let file = files.name(declared[root].object.written.source);
        let is_in = |delivery: &Delivery| delivery.live && is_below(file, &delivery.path.text);
        let live = !forest.deliveries.iter().any(is_in);
        plant(files, cache, &declared[root], live, &mut planted, &mut forest);
    }
    overlays(files, cache, &mut forest);
    for delivery in &forest.deliveries {
        forest.loaded.extend(delivery.loaded.iter().copied());
        forest.read.extend(delivery.read.iter().copied());
        if delivery.live {
            forest.live.extend(delivery.read.iter().copied());
            forest.folders.extend((delivery.means == Means::Flux).then(|| delivery.path.text.clone()));
        }
        let is_whole = !delivery.faults.iter().any(|fault| fault.why.hides());
        for (entry, changed) in &delivery.asked {
            let known = forest.asked.entry(*entry).or_insert(Outcome { changed: false, seen_whole: true });
            known.changed |= changed;
            known.seen_whole &= is_whole;
        }
    }
    forest
}

/// Every Flux Kustomization and every beginning that files declare.
fn declared(files: &Files) -> Vec<Declared> {
    let manifests: Vec<SourceId> = files.all().filter(|id| is_manifest(files.name(*id))).collect();
    let may = |text: &str| {
        text.contains("kustomize.toolkit.fluxcd.io/")
            || text.contains("FluxInstance")
            || text.contains("flux-instance") && text.contains("sync:")
    };
    let mut out = Vec::new();
    for id in files.which(&manifests, may) {
        let Some(yaml) = files.yaml(id) else { continue };
        for document in &yaml.documents {
            let root = &document.root;
            if flux::is_kustomization(root) {
                if let Some(path) = flux::path_of(root).filter(|_| flux::is_whole(root)) {
                    out.push(Declared { object: Object::new(root.clone(), id), path });
                }
            } else if let Some(path) = flux::sync_path(root) {
                out.push(Declared { object: Object::new(root.clone(), id), path });
            }
        }
    }
    // A source of its own, and no path: another repository as a whole.
    let own: BTreeSet<(Str, Str)> = out
        .iter()
        .filter(|one| !one.path.text.is_empty() && files.is_folder(&one.path.text))
        .filter_map(|one| flux::source_of(&one.object.root))
        .collect();
    out.retain(|one| {
        !one.path.text.is_empty()
            || flux::source_of(&one.object.root).is_none_or(|source| own.contains(&source))
    });
    out
}

/// Those whose file no other one delivers: the ones that Flux begins with, and the rest.
fn roots(files: &Files, cache: &Cache, declared: &[Declared]) -> (Vec<usize>, Vec<usize>) {
    // What a path holds does not depend on who delivers it, as far as files go.
    let mut read: BTreeMap<&str, BTreeSet<SourceId>> = BTreeMap::new();
    for one in declared {
        read.entry(&one.path.text).or_insert_with(|| {
            flux::build(files, cache, &one.object.root, &one.path, &Variables::default()).read
        });
    }
    let holds = |path: &str, source: SourceId| read.get(path).is_some_and(|files| files.contains(&source));
    let is_held = |at: usize| {
        let own = &declared[at];
        // Where Flux begins is decided before anything is delivered.
        if !flux::is_kustomization(&own.object.root) {
            return false;
        }
        declared.iter().enumerate().any(|(other, by)| {
            let theirs = &by.path.text;
            // A root delivers its own file; of two that deliver each other the first is the root.
            let is_own = theirs == &own.path.text;
            let mutual = holds(&own.path.text, by.object.written.source);
            other != at && !is_own && holds(theirs, own.object.written.source) && !(mutual && at < other)
        })
    };
    let begins = |at: usize| {
        let own = &declared[at];
        !flux::is_kustomization(&own.object.root) || holds(&own.path.text, own.object.written.source)
    };
    (0..declared.len()).filter(|&at| !is_held(at)).partition(|&at| begins(at))
}

/// Builds a root and all that it delivers.
fn plant(
    files: &Files,
    cache: &Cache,
    root: &Declared,
    live: bool,
    planted: &mut Planted,
    forest: &mut Forest,
) {
    let first = DeliveryId(forest.deliveries.len() as u32);
    let file = files.name(root.object.written.source);
    let (place, name) = cluster_place(file, &root.path.text, &root.object.id().name);
    let next = ClusterId(forest.clusters.len() as u32);
    let (cluster, seen) = planted.entry(place).or_insert_with(|| (next, BTreeSet::new()));
    let cluster = *cluster;
    if cluster == next {
        forest.clusters.push(Cluster { name, root: first });
    }
    let mut own_source = None;
    let mut waiting: Vec<(Object, Option<DeliveryId>)> = vec![(root.object.clone(), None)];
    while let Some((object, parent)) = waiting.pop() {
        if forest.deliveries.len() >= MOST_DELIVERIES {
            break;
        }
        let path = if parent.is_none() { Some(root.path.clone()) } else { flux::path_of(&object.root) };
        let Some(path) = path else { continue };
        if !seen.insert(flux::key(&object)) {
            continue;
        }
        let id = DeliveryId(forest.deliveries.len() as u32);
        let nothing = Node::map(object.root.origin.clone(), Vec::new());
        // What sets Flux up has no variables and no patches for what it begins with.
        let spec = match flux::is_kustomization(&object.root) {
            true => object.root.get("spec").cloned().unwrap_or(nothing),
            false => nothing,
        };
        let source = flux::source_of(&object.root);
        if parent.is_none() {
            own_source = source.clone();
        }
        // A source of its own, and no path: another repository as a whole.
        let is_elsewhere = path.text.is_empty() && parent.is_some() && source != own_source;
        let path = if is_elsewhere { elsewhere(path) } else { in_artifact(files, &spec, path) };
        let namespace = object.id().namespace;
        let find = |name: &str| config_map(files, forest, cluster, &namespace, name);
        let variables = Variables::of(&spec, &find);
        let Built { objects, faults, read, loaded, asked } =
            flux::build(files, cache, &spec, &path, &variables);
        let children: Vec<Object> =
            objects.iter().filter(|object| flux::is_kustomization(&object.root)).cloned().collect();
        // What sets Flux up makes a Kustomization of this name.
        let who = match flux::is_kustomization(&object.root) {
            true => flux::key(&object),
            false => (Str::new_static("flux-system"), Str::new_static("flux-system")),
        };
        forest.deliveries.push(Delivery {
            means: Means::Flux,
            namespace: who.0,
            name: who.1,
            declared: Some(flux::declared(&object)),
            path,
            parent,
            cluster,
            live,
            objects,
            faults,
            read,
            asked,
            loaded,
        });
        waiting.extend(children.into_iter().rev().map(|child| (child, Some(id))));
    }
}

fn is_manifest(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// Whether a file lies below a folder that is not the root.
fn is_below(file: &str, folder: &str) -> bool {
    !folder.is_empty() && file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// A path that no folder has.
fn elsewhere(path: Part) -> Part {
    Part { text: "(another repository)".into(), ..path }
}

/// A path of a source other than this repository is relative to an artifact: the one folder that ends so.
fn in_artifact(files: &Files, spec: &Node, path: Part) -> Part {
    let is_git = matches!(spec.at(&["sourceRef", "kind"]).and_then(Node::text), None | Some("GitRepository"));
    if is_git || path.text.is_empty() || files.is_folder(&path.text) {
        return path;
    }
    let ending = format!("/{}", path.text);
    let mut folders: BTreeSet<&str> = BTreeSet::new();
    for id in files.all() {
        let name = files.name(id);
        if let Some(at) = name.find(&format!("{ending}/")) {
            folders.insert(&name[..at + ending.len()]);
        }
    }
    match folders.iter().next() {
        Some(only) if folders.len() == 1 => Part { text: (*only).into(), ..path },
        _ => path,
    }
}

/// The data of a ConfigMap: of one that this cluster gets, else of one that a file declares.
fn config_map(
    files: &Files,
    forest: &Forest,
    cluster: ClusterId,
    namespace: &str,
    name: &str,
) -> Option<Node> {
    let is_it = |root: &Node, wanted: &str| {
        root.text_at("kind") == Some("ConfigMap")
            && root.at(&["metadata", "name"]).and_then(Node::text) == Some(name)
            && root
                .at(&["metadata", "namespace"])
                .and_then(Node::text)
                .is_none_or(|own| wanted.is_empty() || own == wanted)
    };
    let of_cluster = forest.deliveries.iter().filter(|delivery| delivery.cluster == cluster);
    let delivered =
        of_cluster.flat_map(|delivery| &delivery.objects).find(|object| is_it(&object.root, namespace));
    if let Some(object) = delivered {
        return object.root.get("data").cloned();
    }
    let manifests: Vec<SourceId> = files.all().filter(|id| is_manifest(files.name(*id))).collect();
    let found = files.which(&manifests, |text| text.contains("ConfigMap") && text.contains(name));
    found.into_iter().find_map(|id| {
        let yaml = files.yaml(id)?;
        let roots = yaml.documents.iter().map(|document| &document.root);
        roots.into_iter().find(|root| is_it(root, namespace)).and_then(|root| root.get("data").cloned())
    })
}

/// The kustomizations that no delivery holds and no other one loads. Where something else declares what is
/// delivered, they are rendered to be judged and no more.
fn overlays(files: &Files, cache: &Cache, forest: &mut Forest) {
    let declares = !forest.deliveries.is_empty();
    let held: BTreeSet<SourceId> =
        forest.deliveries.iter().flat_map(|delivery| delivery.read.iter().copied()).collect();
    for (folder, source) in outermost(files, &held) {
        let built = kustomize::build(files, cache, &folder, Reach::Folder);
        let cluster = ClusterId(forest.clusters.len() as u32);
        let id = DeliveryId(forest.deliveries.len() as u32);
        let last = folder.rsplit('/').next().unwrap_or(&folder);
        forest
            .clusters
            .push(Cluster { name: if last.is_empty() { ".".into() } else { last.into() }, root: id });
        let origin = crate::text::Origin::spelled(Span::new(source, 0, 0));
        forest.deliveries.push(Delivery {
            means: Means::Overlay,
            namespace: Str::default(),
            name: folder.clone(),
            declared: None,
            path: Part::new(folder, origin),
            parent: None,
            cluster,
            live: !declares,
            objects: built.objects,
            faults: built.faults,
            read: built.read,
            asked: built.asked,
            loaded: built.loaded,
        });
    }
}

/// The folders of the kustomizations that no other one loads, of those that nothing has built yet. Of those that load
/// each other the first is the outermost.
fn outermost(files: &Files, held: &BTreeSet<SourceId>) -> Vec<(Str, SourceId)> {
    let mut loads: BTreeMap<Str, (SourceId, BTreeSet<Str>)> = BTreeMap::new();
    for id in files.all().filter(|id| !held.contains(id)) {
        let (folder, base) = files.name(id).rsplit_once('/').unwrap_or(("", files.name(id)));
        if !paths::KUSTOMIZATIONS.contains(&base) {
            continue;
        }
        let Some(root) = files.yaml(id).and_then(|yaml| yaml.documents.first()).map(|one| &one.root) else {
            continue;
        };
        const KEYS: [&str; 5] = ["resources", "bases", "components", "generators", "transformers"];
        let entries = KEYS.iter().flat_map(|key| root.get(key).map(Node::items).unwrap_or_default());
        let inner = entries.filter_map(|entry| paths::resolve(folder, entry.text()?));
        let is_component = root.text_at("kind") == Some("Component");
        let known = loads.entry(folder.into()).or_insert_with(|| (id, BTreeSet::new()));
        known.1.extend(inner.filter(|inner| inner != folder));
        if is_component {
            // A component is built by whoever takes it in, and never by itself.
            known.1.insert(folder.into());
        }
    }
    let mut inner: BTreeSet<&Str> = BTreeSet::new();
    for (folder, (_, loaded)) in &loads {
        for below in loaded.iter().filter(|below| loads.contains_key(*below)) {
            if below == folder || !reaches(&loads, below, folder) || folder < below {
                inner.insert(below);
            }
        }
    }
    loads
        .iter()
        .filter(|(folder, _)| !inner.contains(folder))
        .map(|(folder, (id, _))| (folder.clone(), *id))
        .collect()
}

/// Whether a kustomization loads another, at any depth.
fn reaches(loads: &BTreeMap<Str, (SourceId, BTreeSet<Str>)>, from: &Str, to: &Str) -> bool {
    let (mut waiting, mut seen) = (vec![from], BTreeSet::new());
    while let Some(folder) = waiting.pop() {
        if folder == to {
            return true;
        }
        if seen.insert(folder) {
            waiting.extend(loads.get(folder).into_iter().flat_map(|(_, inner)| inner));
        }
    }
    false
}

/// The folder that is a cluster's own, and how people call the cluster: the folder below `clusters`, or what its root
/// is called.
fn cluster_place(file: &str, path: &str, name: &str) -> (Str, Str) {
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
