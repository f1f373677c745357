//! What a forest consists of: deliveries, the clusters that they go to, and who was delivered already. Finds and builds
//! nothing.

use super::kustomize::{Built, Outcome};
use crate::syntax::Node;
use crate::text::{Part, SourceId, Span, Str};
use std::collections::{BTreeMap, BTreeSet, HashMap};
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
    /// A kustomization that nothing else loads.
    Overlay,
}

impl Means {
    /// The kind of object that declares such a delivery.
    pub fn kind(self) -> &'static str {
        match self {
            Means::Flux | Means::Overlay => "Kustomization",
            Means::Argo => "Application",
            Means::ArgoSet => "ApplicationSet",
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
    /// Manifests that a source leaves out, and who tells it to.
    pub left_out: BTreeMap<SourceId, Str>,
    /// The files of the objects that are delivered, by kind and name as written.
    pub(super) written: HashMap<u64, SourceId>,
    /// The folders that are delivered.
    pub folders: BTreeSet<Str>,
    /// Files that releases take their values from.
    pub values: BTreeSet<SourceId>,
    /// The objects that others name, by cluster.
    pub(super) named: Named,
    /// What became of every entry that asks for a change, over all builds that hold it.
    pub asked: BTreeMap<Span, Outcome>,
}

/// The kinds that releases name.
const NAMED: [&str; 3] = ["ConfigMap", "OCIRepository", "HelmChart"];

/// Where the objects of a name are: the delivery and the place in what it built. The name: cluster, kind, namespace
/// and name.
pub(super) type Named = BTreeMap<(ClusterId, Str, Str, Str), Vec<(DeliveryId, usize)>>;

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

    /// Takes note of the objects that releases name.
    pub(super) fn name_objects(&mut self) {
        for (at, delivery) in self.deliveries.iter().enumerate() {
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
    pub(super) fn is_full(&self) -> bool {
        self.deliveries.len() >= MOST_DELIVERIES
    }
}

/// Few bytes for a kind and a name: there may be a hundred thousand.
pub(super) fn kind_and_name(kind: &str, name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (kind, name).hash(&mut hasher);
    hasher.finish()
}

/// More deliveries than this are not followed.
const MOST_DELIVERIES: usize = 20_000;

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
        let id = *self.places.entry(place).or_insert(next);
        if id == next {
            forest.clusters.push(Cluster { name, root: forest.next() });
        }
        id
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

/// Whether a file lies below a folder that is not the root.
pub(super) fn is_below(file: &str, folder: &str) -> bool {
    !folder.is_empty() && file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
