//! What volumes of pods are made of, volumes that are written by hand, and how pods come and go.

use super::super::{Desk, claims};
use crate::facts::{Backing, Environment, Fact, Placing, Resource, StaticVolume, network_protocol};
use crate::syntax::Node;
use crate::text::{Origin, Part, Str};
use std::sync::Arc;

/// What a volume of a pod, or a PersistentVolume, is made of.
pub(in crate::formats) fn backing(volume: &Node) -> Backing {
    for (key, node) in volume.entries() {
        let empty = || match node.text_at("medium") {
            Some("Memory") => Backing::Memory(key.origin.clone()),
            _ => Backing::Empty(key.origin.clone()),
        };
        let network = |how| Backing::Network { how, at: served(node), origin: key.origin.clone() };
        let by_driver = || {
            let driver = node.part_at("driver").filter(Part::is_known)?;
            let at = ["volumeAttributes", "options"].iter().find_map(|key| served(node.get(key)?));
            Some(match network_protocol(&driver.text) {
                Some(how) => Backing::Network { how, at, origin: driver.origin },
                None if gives_files(&driver.text) => Backing::Files,
                None => Backing::Driver(driver),
            })
        };
        return match key.text().unwrap_or_default() {
            "persistentVolumeClaim" | "ephemeral" => Backing::Claim,
            "hostPath" | "local" => node.part_at("path").map_or(Backing::Unknown, Backing::Host),
            "emptyDir" => empty(),
            "nfs" => network("NFS"),
            "glusterfs" => network("GlusterFS"),
            "azureFile" => network("CIFS"),
            "csi" | "flexVolume" => by_driver().unwrap_or(Backing::Unknown),
            kind if DISKS.contains(&kind) => key.part().map_or(Backing::Unknown, Backing::Driver),
            "configMap" | "secret" | "projected" | "downwardAPI" | "image" => Backing::Files,
            _ => continue,
        };
    }
    Backing::Unknown
}

/// Kinds of volumes that have no driver of their own: most are disks from before there were drivers.
const DISKS: [&str; 12] = [
    "awsElasticBlockStore",
    "azureDisk",
    "cephfs",
    "cinder",
    "fc",
    "gcePersistentDisk",
    "iscsi",
    "portworxVolume",
    "quobyte",
    "rbd",
    "scaleIO",
    "vsphereVolume",
];

/// Drivers that bring secrets, certificates and images as files.
fn gives_files(driver: &str) -> bool {
    const WORDS: [&str; 6] = ["secrets-store", "cert-manager", "spiffe", "image", "trust", "vault"];
    WORDS.iter().any(|word| driver.contains(word))
}

/// What a server serves: `nas:/export`.
pub(in crate::formats) fn served(node: &Node) -> Option<Str> {
    let path = ["path", "share", "shareName", "source", "endpoints"].iter().find_map(|key| node.text_at(key));
    match (node.text_at("server"), path) {
        (Some(server), Some(path)) => Some(format!("{server}:{path}").into()),
        (one, other) => one.or(other).map(Str::from),
    }
}

/// A PersistentVolume.
pub(super) fn of_hand(desk: &mut Desk, owner: &Arc<Resource>, root: &Node) {
    let Some(spec) = root.get("spec") else { return };
    let claim = spec.get("claimRef").and_then(|claim| {
        Some((claim.text_at("namespace").unwrap_or_default().into(), claim.text_at("name")?.into()))
    });
    let driver = spec.at(&["csi", "driver"]).or_else(|| spec.at(&["flexVolume", "driver"]));
    let says = StaticVolume {
        name: owner.name.clone(),
        claim,
        backing: backing(spec),
        driver: driver.and_then(Node::part).filter(Part::is_known),
        class: spec.part_at("storageClassName").filter(|class| !class.text.is_empty()),
        size: spec.at(&["capacity", "storage"]).and_then(Node::part),
        modes: spec
            .get("accessModes")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::text)
            .map(Str::from)
            .collect(),
        hard: claims::hard(spec),
    };
    let (origin, owner) = (spec.origin.clone(), owner.clone());
    desk.facts.volumes.push(Fact { says, origin, path: "spec".into(), owner });
}

/// The entries of a ConfigMap that may tell a server where its data is, or that there is none.
pub(super) fn environment(desk: &mut Desk, owner: &Arc<Resource>, root: &Node) {
    let entries = root.get("data").map(Node::entries).unwrap_or_default();
    let pair = |(key, value): &(Node, Node)| Some((Str::from(key.text()?), value.part()?));
    // The configuration of Redis says whether anything is kept.
    let configures = |(key, value): &(Str, Part)| {
        key.ends_with(".conf") && ["save ", "appendonly "].iter().any(|word| value.text.contains(word))
    };
    let telling = |entry: &(Str, Part)| {
        desk.engines.moves(&entry.0) || entry.1.text.starts_with('/') || configures(entry)
    };
    let entries: Vec<(Str, Part)> = entries.iter().filter_map(pair).filter(telling).collect();
    let says = Environment { namespace: owner.namespace.clone(), name: owner.name.clone(), entries };
    let (origin, owner) = (root.origin.clone(), owner.clone());
    desk.facts.environments.push(Fact { says, origin, path: "data".into(), owner });
}

/// How the pods of a workload come and go.
pub(super) fn placing(owner: &Resource, root: &Node, pod: &Node, path: &str) -> Placing {
    let is_deployment = owner.kind == "Deployment" && path == "spec.template.spec";
    let has_pods = root.at(&["spec", "replicas"]).and_then(Node::text) != Some("0");
    let rolls = if is_deployment && has_pods { rolls(root) } else { None };
    Placing { rolls, pinned: is_pinned(pod) }
}

/// Whether pods run on chosen nodes, or on one with others.
fn is_pinned(pod: &Node) -> bool {
    const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
    let is_chosen =
        pod.get("nodeSelector").is_some_and(|labels| labels.is_hole() || !labels.entries().is_empty());
    let affinity = pod.get("affinity");
    let is_near = affinity.is_some_and(|affinity| {
        affinity.is_hole()
            || affinity.get("nodeAffinity").is_some()
            || affinity.at(&["podAffinity", REQUIRED]).is_some()
    });
    is_chosen || is_near || pod.get("nodeName").is_some()
}

/// What makes a Deployment start new pods before old ones end.
fn rolls(root: &Node) -> Option<Origin> {
    let (key, spec) = root.entry("spec")?;
    let Some((key, strategy)) = spec.entry("strategy").filter(|(_, strategy)| !strategy.is_null()) else {
        return Some(key.origin.clone());
    };
    let kind = strategy.part_at("type");
    if strategy.is_hole() || kind.as_ref().is_some_and(|kind| kind.text != "RollingUpdate") {
        return None;
    }
    if let Some(surge) = strategy.at(&["rollingUpdate", "maxSurge"]) {
        surge.part().filter(|surge| surge.is_known() && !matches!(surge.text.as_str(), "0" | "0%"))?;
    }
    Some(kind.map_or_else(|| key.origin.clone(), |kind| kind.origin))
}
