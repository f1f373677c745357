//! bjw-s app-template, the chart of half of all releases in home clusters: its values are pods in all but name.

use super::claims::{of_chart, shown_at};
use super::tell::switched_off;
use super::{Desk, runs};
use crate::facts::{Container, Fact, Resource, Volume, Workload};
use crate::syntax::Node;
use crate::text::{Origin, Part, Str};
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
                let name = key.text().unwrap_or_default();
                let mine = mounted
                    .iter()
                    .filter(|(_, only)| only.as_ref().is_none_or(|only| only.iter().any(|one| one == name)));
                containers.push(Container {
                    name: name.into(),
                    image: container.get("image").and_then(image),
                    init: init && container.text_at("restartPolicy") != Some("Always"),
                    mounts: mine.map(|(volume, _)| (volume.name.clone(), Str::default())).collect(),
                    command: runs::words(container.get("command")),
                    args: runs::words(container.get("args")),
                    env: runs::variables(container.get("env")),
                    ports: Vec::new(),
                });
            }
        }
        let says = Workload {
            namespace: namespace.into(),
            name: name.into(),
            replicas: controller.part_at("replicas"),
            ends: matches!(controller.text_at("type"), Some("job" | "cronjob")),
            containers,
            volumes: mounted.into_iter().map(|(volume, _)| volume).collect(),
        };
        let path = format!("{base}.controllers.{name}");
        let origin = controller.origin.clone();
        desk.facts.workloads.push(Fact { says, origin, path: path.into(), owner: owner.clone() });
    }
}

/// Charts of the same kin, where `persistence` is a map of volumes too: one workload with one container.
pub(super) fn read_kin(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, base: &str, namespace: &str) {
    let mounted = volumes(owner, root, root, "");
    if mounted.is_empty() {
        return;
    }
    let volumes: Vec<Volume> = mounted.into_iter().map(|(volume, _)| volume).collect();
    let container = Container {
        image: root.get("image").and_then(image),
        env: runs::variables(root.get("env")),
        mounts: volumes.iter().map(|volume| (volume.name.clone(), Str::default())).collect(),
        ..Container::default()
    };
    let says = Workload {
        namespace: namespace.into(),
        name: owner.name.clone(),
        replicas: root.part_at("replicaCount"),
        ends: false,
        containers: vec![container],
        volumes,
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

/// The volumes of a controller, and the containers that mount each; nothing means all of them.
fn volumes(owner: &Resource, root: &Node, controller: &Node, name: &str) -> Vec<(Volume, Option<Vec<Str>>)> {
    let names = |node: &Node| {
        node.entries().iter().filter_map(|(key, _)| key.text()).map(Str::from).collect::<Vec<Str>>()
    };
    let mut out = Vec::new();
    for (key, entry) in root.get("persistence").map(Node::entries).unwrap_or_default() {
        let claim = claim_of(entry).filter(|_| !switched_off(entry));
        let (Some(volume), Some(spec)) = (key.text(), claim) else { continue };
        // Without `advancedMounts` every container of every controller has it.
        let only = match entry.get("advancedMounts") {
            Some(mounts) => match mounts.get(name) {
                Some(own) => Some(names(own)),
                None => continue,
            },
            None => None,
        };
        let claim = spec.part_at("existingClaim").filter(|part| !part.text.is_empty());
        let inline =
            claim.is_none().then(|| shown_at(&key.origin, spec, of_chart(&owner.namespace, volume, spec)));
        out.push((Volume { name: volume.into(), claim, inline, host_path: None }, only));
    }
    for template in
        controller.at(&["statefulset", "volumeClaimTemplates"]).map(Node::items).unwrap_or_default()
    {
        let volume = template.text_at("name").unwrap_or_default();
        let inline = Some(of_chart(&owner.namespace, volume, template));
        let only = template.get("advancedMounts").map(names);
        out.push((Volume { name: volume.into(), claim: None, inline, host_path: None }, only));
    }
    out
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
