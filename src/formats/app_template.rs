//! bjw-s app-template, the chart of half of all releases in home clusters: its values are pods in all but name.

use super::claims::{of_chart, shown_at};
use super::kubernetes;
use super::tell::switched_off;
use super::{Desk, told};
use crate::facts::{Backing, Container, Fact, Placing, Resource, Volume, Workload};
use crate::syntax::Node;
use crate::text::{Origin, Part};
use std::sync::Arc;

/// Whether these are values of app-template.
pub(super) fn is_app_template(root: &Node) -> bool {
    root.get("controllers").is_some_and(Node::is_map)
}

/// One workload per controller.
pub(super) fn read(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, base: &str, namespace: &str) {
    for (key, controller) in root.get("controllers").map(Node::entries).unwrap_or_default() {
        let Some(name) = key.text().filter(|_| !switched_off(controller)) else {
            continue;
        };
        let mounted = volumes(owner, root, controller, name);
        let mut containers = Vec::new();
        for (list, init) in [("containers", false), ("initContainers", true)] {
            for (key, container) in controller.get(list).map(Node::entries).unwrap_or_default() {
                let inside = key.text().unwrap_or_default();
                let mine = mounted.iter().flat_map(|mounted| {
                    let paths = mounted.paths(name, inside).into_iter();
                    paths.map(|path| (mounted.volume.name.clone(), path))
                });
                containers.push(Container {
                    built: false,
                    name: inside.into(),
                    image: container.get("image").and_then(image),
                    init: init && container.text_at("restartPolicy") != Some("Always"),
                    mounts: mine.collect(),
                    ..told::of_container(container)
                });
            }
        }
        let says = Workload {
            namespace: namespace.into(),
            name: name.into(),
            replicas: controller.part_at("replicas"),
            ends: matches!(controller.text_at("type"), Some("job" | "cronjob")),
            containers,
            volumes: mounted.into_iter().map(|mounted| mounted.volume).collect(),
            // It replaces its pods unless it is told otherwise.
            placing: Placing::default(),
        };
        let path = format!("{base}.controllers.{name}");
        let origin = controller.origin.clone();
        desk.facts.workloads.push(Fact { says, origin, path: path.into(), owner: owner.clone() });
    }
}

/// Charts of the same kin, and its own first versions, where `persistence` is a map of volumes too: one workload with
/// one container.
pub(super) fn read_kin(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, base: &str, namespace: &str) {
    let mut mounted = volumes(owner, root, root, "");
    mounted.retain(|mounted| mounted.volume.backing == Backing::Claim);
    let image = root.get("image").and_then(image);
    if mounted.is_empty() && image.is_none() {
        return;
    }
    // Other volumes may be elsewhere in the values.
    let told = told::of_container(root);
    let unsure = told.unsure || mounted.is_empty();
    let unknown = |volume: &Volume| (volume.name.clone(), Part::new("", root.origin.respelled()));
    let volumes: Vec<Volume> = mounted.into_iter().map(|mounted| mounted.volume).collect();
    let container = Container { image, unsure, mounts: volumes.iter().map(unknown).collect(), ..told };
    let says = Workload {
        namespace: namespace.into(),
        name: owner.name.clone(),
        replicas: root.part_at("replicaCount"),
        ends: false,
        containers: vec![container],
        volumes,
        placing: Placing::default(),
    };
    let origin = root.origin.clone();
    desk.facts.workloads.push(Fact { says, origin, path: base.into(), owner: owner.clone() });
}

/// Whether a `persistence:` is a map of volumes, and no claim itself.
pub(super) fn is_of_volumes(persistence: &Node) -> bool {
    let entries = persistence.entries();
    let is_volume = |(key, value): &(Node, Node)| {
        key.text() == Some("enabled")
            || value.is_map() && !matches!(key.text(), Some("annotations" | "labels" | "selector"))
    };
    entries.iter().any(|(_, value)| value.is_map()) && entries.iter().all(is_volume)
}

/// Where an entry of such a map says what it claims; nothing if it is another kind of volume.
pub(super) fn claim_of(entry: &Node) -> Option<&Node> {
    const TELLING: [&str; 7] = [
        "existingClaim",
        "size",
        "storageClass",
        "storageClassName",
        "accessMode",
        "accessModes",
        "resources",
    ];
    let tells = |node: &&Node| TELLING.iter().any(|key| node.get(key).is_some());
    match entry.text_at("type") {
        Some("persistentVolumeClaim" | "pvc") => Some(entry),
        Some(_) => None,
        None => Some(entry).filter(tells).or_else(|| entry.get("spec").filter(tells)),
    }
}

/// A volume of a controller, and what says where it is mounted.
struct Mounted<'n> {
    volume: Volume,
    entry: &'n Node,
    /// It is an entry of `persistence:`, which are mounted at their own name if nothing else is said.
    is_shared: bool,
}

impl Mounted<'_> {
    /// Where a container mounts it.
    fn paths(&self, controller: &str, container: &str) -> Vec<Part> {
        let path = |mount: &Node| mount.part_at("path");
        let nowhere = || Part::new("", self.entry.origin.respelled());
        if let Some(mounts) = self.entry.get("advancedMounts") {
            let own = if self.is_shared { mounts.get(controller) } else { Some(mounts) };
            let own = own.and_then(|own| own.get(container));
            let paths: Vec<Part> = own.map(Node::items).unwrap_or_default().iter().filter_map(path).collect();
            return if paths.is_empty() && own.is_some() { vec![nowhere()] } else { paths };
        }
        let global = self.entry.get("globalMounts").map(Node::items).unwrap_or_default();
        let paths: Vec<Part> = global.iter().filter_map(path).collect();
        match () {
            () if !paths.is_empty() => paths,
            () if self.is_shared => {
                vec![Part::new(format!("/{}", self.volume.name), self.entry.origin.respelled())]
            }
            () => vec![nowhere()],
        }
    }
}

/// The volumes of a controller.
fn volumes<'n>(owner: &Resource, root: &'n Node, controller: &'n Node, name: &str) -> Vec<Mounted<'n>> {
    let mut out = Vec::new();
    for (key, entry) in root.get("persistence").map(Node::entries).unwrap_or_default() {
        let Some(volume) = key.text().filter(|_| !switched_off(entry)) else { continue };
        // Without `advancedMounts` every container of every controller has it.
        if entry.get("advancedMounts").is_some_and(|mounts| mounts.get(name).is_none()) {
            continue;
        }
        let volume = match claim_of(entry) {
            Some(spec) => {
                let claim = spec.part_at("existingClaim").filter(|part| !part.text.is_empty());
                let inline = claim
                    .is_none()
                    .then(|| shown_at(&key.origin, spec, of_chart(&owner.namespace, volume, spec)));
                Volume { name: volume.into(), claim, inline, backing: Backing::Claim, map: None }
            }
            None => {
                let map = entry.part_at("name").filter(|_| entry.text_at("type") == Some("configMap"));
                Volume { name: volume.into(), backing: backing(entry), map, ..Volume::default() }
            }
        };
        out.push(Mounted { volume, entry, is_shared: true });
    }
    for entry in controller.at(&["statefulset", "volumeClaimTemplates"]).map(Node::items).unwrap_or_default()
    {
        let name = entry.text_at("name").unwrap_or_default();
        let inline = Some(of_chart(&owner.namespace, name, entry));
        out.push(Mounted {
            volume: Volume { name: name.into(), inline, ..Volume::default() },
            entry,
            is_shared: false,
        });
    }
    out
}

/// What an entry of `persistence:` is made of that is no claim.
fn backing(entry: &Node) -> Backing {
    let kind = entry.part_at("type");
    let at = || kind.as_ref().map_or_else(|| entry.origin.clone(), |kind| kind.origin.clone());
    match kind.as_ref().map(|kind| kind.text.as_str()) {
        Some("emptyDir") if entry.text_at("medium") == Some("Memory") => Backing::Memory(at()),
        Some("emptyDir") => Backing::Empty(at()),
        Some("hostPath") => entry.part_at("hostPath").map_or(Backing::Unknown, Backing::Host),
        Some("nfs") => Backing::Network { how: "NFS", at: kubernetes::served(entry), origin: at() },
        Some("configMap" | "secret") => Backing::Files,
        Some("custom") => entry.get("volumeSpec").map_or(Backing::Unknown, kubernetes::backing),
        _ => Backing::Unknown,
    }
}

/// The image of a container as one text, standing where its repository stands.
fn image(node: &Node) -> Option<Part> {
    let repository = node.part_at("repository").or_else(|| node.part())?;
    match node.text_at("tag") {
        Some(tag) => {
            Some(Part::new(format!("{}:{tag}", repository.text), Origin::spelled(repository.span())))
        }
        None => Some(repository),
    }
}
