//! Workloads, claims, storage classes and database resources: what keeps data, and in which class.

use super::super::{Desk, claims, layouts, told};
use super::{backups, volumes};
use crate::facts::{
    Claim, ClassName, Container, Database, Fact, Pool, Resource, StorageClass, Volume, Workload,
};
use crate::syntax::Node;
use crate::text::{Origin, Part, Str};
use std::sync::Arc;

/// Kinds whose pods do their work and end.
pub(super) const ENDING: [&str; 10] = [
    "Job",
    "CronJob",
    "PreBackupPod",
    "ScaledJob",
    "Workflow",
    "CronWorkflow",
    "WorkflowTemplate",
    "ClusterWorkflowTemplate",
    "Task",
    "TaskRun",
];

/// Reads what an object says of storage; `pods` are the pods in it, with their paths.
pub(super) fn read(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, pods: &[(Str, &Node)]) {
    match owner.kind.as_str() {
        "PersistentVolumeClaim" => {
            if let Some((key, spec)) = root.entry("spec") {
                let claim = claims::claim(&owner.namespace, &owner.name, spec, "storageClassName");
                push(desk, owner, "spec", claims::shown_at(&key.origin, spec, claim));
            }
        }
        "StorageClass" => class(desk, owner, root),
        "CephBlockPool" | "CephFilesystem" => pools(desk, owner, root),
        "PersistentVolume" => volumes::of_hand(desk, owner, root),
        "ConfigMap" => volumes::environment(desk, owner, root),
        _ => {}
    }
    let is_operator = is_operator(root);
    for (path, pod) in pods.iter().filter(|(path, _)| !(is_operator && path.starts_with("spec.values"))) {
        workload(desk, owner, root, pod, path);
    }
    database(desk, owner, root);
}

/// Whether a release is that of an operator: pods in its values are templates for what others ask of it.
fn is_operator(root: &Node) -> bool {
    let chart = root.at(&["spec", "chart", "spec", "chart"]).and_then(Node::text);
    chart.is_some_and(|chart| chart.contains("operator"))
}

fn push(desk: &mut Desk, owner: &Arc<Resource>, path: &str, claim: Claim) {
    let origin = match &claim.class {
        ClassName::Named(part) | ClassName::Unknown(part) | ClassName::Existing(part) => part.origin.clone(),
        ClassName::Omitted(origin) => origin.clone(),
    };
    desk.facts.claims.push(Fact { says: claim, origin, path: path.into(), owner: owner.clone() });
}

fn class(desk: &mut Desk, owner: &Arc<Resource>, root: &Node) {
    let Some(name) = root.at(&["metadata", "name"]).and_then(Node::part) else { return };
    // Without it this is a patch of a class that is elsewhere.
    if root.get("provisioner").is_none() {
        return;
    }
    const DEFAULTS: [&str; 2] =
        ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
    let annotations = root.at(&["metadata", "annotations"]);
    let default =
        DEFAULTS.iter().find_map(|key| annotations?.part_at(key)).filter(|part| part.text == "true");
    let parameters = root.get("parameters").map(Node::entries).unwrap_or_default();
    let class = StorageClass {
        name: name.clone(),
        provisioner: root.part_at("provisioner"),
        default,
        reclaim: root.part_at("reclaimPolicy"),
        parameters: parameters
            .iter()
            .filter_map(|(key, value)| Some((key.text()?.into(), value.part()?)))
            .collect(),
        hard: claims::hard(root),
    };
    desk.facts.classes.push(Fact {
        says: class,
        origin: name.origin,
        path: "metadata.name".into(),
        owner: owner.clone(),
    });
}

fn workload(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, pod: &Node, path: &Str) {
    let says = Workload {
        namespace: owner.namespace.clone(),
        name: owner.name.clone(),
        replicas: replicas(owner, root),
        ends: ENDING.contains(&owner.kind.as_str()),
        containers: containers(pod),
        volumes: volumes(owner, root, pod, path),
        placing: volumes::placing(owner, root, pod, path),
    };
    desk.facts.workloads.push(Fact {
        says,
        origin: pod.origin.clone(),
        path: path.clone(),
        owner: owner.clone(),
    });
}

/// How many pods are asked for; the cluster makes one where nobody says.
fn replicas(owner: &Resource, root: &Node) -> Option<Part> {
    let (key, spec) = root.entry("spec")?;
    let written = spec.get("replicas").filter(|node| !node.is_null());
    let is_counted = matches!(owner.kind.as_str(), "Deployment" | "StatefulSet" | "ReplicaSet");
    let is_whole = is_counted && owner.api == "apps/v1" && spec.get("selector").is_some();
    match written {
        Some(node) => node.part(),
        None => is_whole.then(|| Part::new("1", Origin::spelled(key.span()))),
    }
}

fn containers(pod: &Node) -> Vec<Container> {
    let mut containers = Vec::new();
    for list in ["containers", "initContainers"] {
        for container in pod.get(list).map(Node::items).unwrap_or_default() {
            let mounts = container.get("volumeMounts").map(Node::items).unwrap_or_default();
            let place = |mount: &Node| {
                let path = mount.part_at("mountPath");
                let path = path.unwrap_or_else(|| Part::new("", mount.origin.respelled()));
                Some((mount.text_at("name")?.into(), path))
            };
            let ports = container.get("ports").map(Node::items).unwrap_or_default();
            containers.push(Container {
                name: container.text_at("name").unwrap_or_default().into(),
                image: container.part_at("image"),
                built: false,
                // A sidecar starts with the others that prepare, and goes on.
                init: list == "initContainers" && container.text_at("restartPolicy") != Some("Always"),
                mounts: mounts.iter().filter_map(place).collect(),
                ports: ports.iter().filter_map(|port| port.text_at("containerPort")?.parse().ok()).collect(),
                ..told::of_container(container)
            });
        }
    }
    containers
}

fn volumes(owner: &Resource, root: &Node, pod: &Node, path: &str) -> Vec<Volume> {
    let mut volumes = Vec::new();
    for volume in pod.get("volumes").map(Node::items).unwrap_or_default() {
        let ephemeral = volume.at(&["ephemeral", "volumeClaimTemplate"]).and_then(|node| node.entry("spec"));
        let name = volume.text_at("name").unwrap_or_default();
        volumes.push(Volume {
            name: name.into(),
            claim: volume.at(&["persistentVolumeClaim", "claimName"]).and_then(Node::part),
            inline: ephemeral.map(|spec| of_template(owner, name, spec)),
            backing: volumes::backing(volume),
            map: volume.at(&["configMap", "name"]).and_then(Node::part),
        });
    }
    let templates = root.at(&["spec", "volumeClaimTemplates"]).filter(|_| path == "spec.template.spec");
    for template in templates.map(Node::items).unwrap_or_default() {
        let name = template.at(&["metadata", "name"]).and_then(Node::text).unwrap_or_default();
        let Some(spec) = template.entry("spec") else { continue };
        let inline = Some(of_template(owner, name, spec));
        volumes.push(Volume { name: name.into(), inline, ..Volume::default() });
    }
    volumes
}

/// The claim that the `spec` of a template makes.
fn of_template(owner: &Resource, name: &str, (key, spec): (&Node, &Node)) -> Claim {
    let claim = claims::claim(&owner.namespace, name, spec, "storageClassName");
    claims::shown_at(&key.origin, spec, claim)
}

/// Resources of database operators, by their layouts.
fn database(desk: &mut Desk, owner: &Arc<Resource>, root: &Node) {
    if root.get("spec").is_none() {
        return;
    }
    let engines = desk.engines;
    for layout in engines.layouts(&owner.api, &owner.kind) {
        let name = root.at(&["metadata", "name"]).map_or(&root.origin, |node| &node.origin);
        let Some(told) = layouts::read(engines, layout, owner, root, name) else { continue };
        let says = Database { backup: backups::without_plans(owner), ..told.database };
        let fact = Fact { says, origin: name.clone(), path: "spec".into(), owner: owner.clone() };
        desk.facts.databases.push(fact);
        for (what, claim) in told.apart {
            push(desk, owner, "spec", Claim { name: what, ..claim });
        }
    }
}

/// A pool of Rook: how many copies it keeps of what classes put into it. The pools of a file system have its name in front.
fn pools(desk: &mut Desk, owner: &Arc<Resource>, root: &Node) {
    let Some(spec) = root.get("spec").filter(|_| owner.api.starts_with("ceph.rook.io/")) else { return };
    let mut found = Vec::new();
    if owner.kind == "CephBlockPool" {
        found.push((owner.name.clone(), spec));
    }
    for (at, pool) in spec.get("dataPools").map(Node::items).unwrap_or_default().iter().enumerate() {
        let own = pool.text_at("name").map_or_else(|| format!("data{at}"), str::to_owned);
        found.push((format!("{}-{own}", owner.name).into(), pool));
    }
    for (name, pool) in found {
        let Some(copies) = pool.at(&["replicated", "size"]).and_then(Node::part) else { continue };
        let origin = copies.origin.clone();
        let says = Pool { name, copies };
        desk.facts.pools.push(Fact { says, origin, path: "spec".into(), owner: owner.clone() });
    }
}
