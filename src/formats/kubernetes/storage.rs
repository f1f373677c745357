//! Workloads, claims, storage classes and database resources: what keeps data, and in which class.

use super::super::Desk;
use crate::facts::{
    Backup, Claim, ClassName, Container, Database, Engine, Fact, Resource, StorageClass, Variable, Variables,
    Volume, Workload,
};
use crate::syntax::Node;
use crate::text::{Part, Str};
use std::sync::Arc;

pub(super) fn read(desk: &mut Desk, owner: &Arc<Resource>, root: &Node) {
    match owner.kind.as_str() {
        "PersistentVolumeClaim" => {
            if let Some(spec) = root.get("spec") {
                let claim = claim(&owner.namespace, &owner.name, spec, "storageClassName");
                push(desk, owner, "spec", claim);
            }
        }
        "StorageClass" => class(desk, owner, root),
        "ConfigMap" => variables(desk, owner, root),
        "Pod" => {
            if let Some(spec) = root.get("spec") {
                workload(desk, owner, root, spec, "spec");
            }
        }
        "CronJob" => {
            if let Some(spec) = root.at(&["spec", "jobTemplate", "spec", "template", "spec"]) {
                workload(desk, owner, root, spec, "spec.jobTemplate.spec.template.spec");
            }
        }
        _ => {
            if let Some(spec) = root.at(&["spec", "template", "spec"])
                && spec.get("containers").is_some()
            {
                workload(desk, owner, root, spec, "spec.template.spec");
            }
        }
    }
    database(desk, owner, root);
}

fn push(desk: &mut Desk, owner: &Arc<Resource>, path: &str, claim: Claim) {
    let origin = match &claim.class {
        ClassName::Named(part) | ClassName::Unknown(part) | ClassName::Existing(part) => part.origin.clone(),
        ClassName::Omitted(origin) => origin.clone(),
    };
    desk.facts.claims.push(Fact { says: claim, origin, path: path.into(), owner: owner.clone() });
}

/// Reads a claim's spec; `key` is what the class is called there.
pub(in crate::formats) fn claim(namespace: &str, name: &str, spec: &Node, key: &str) -> Claim {
    Claim {
        namespace: namespace.into(),
        name: name.into(),
        class: class_name(spec, key),
        size: spec
            .at(&["resources", "requests", "storage"])
            .or_else(|| spec.get("size"))
            .and_then(Node::part),
        modes: spec
            .get("accessModes")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::part)
            .collect(),
    }
}

/// The class under `key`: a name, a variable, or nothing. An empty text means "no class", which is no default.
pub(in crate::formats) fn class_name(spec: &Node, key: &str) -> ClassName {
    match spec.entry(key) {
        Some((_, node)) => match node.part() {
            Some(part) if !crate::facts::holes(&part.text).is_empty() => ClassName::Unknown(part),
            Some(part) => ClassName::Named(part),
            None if node.is_hole() => ClassName::Unknown(Part::new("", node.origin.clone())),
            None => ClassName::Omitted(spec.origin.clone()),
        },
        None => ClassName::Omitted(spec.origin.clone()),
    }
}

fn class(desk: &mut Desk, owner: &Arc<Resource>, root: &Node) {
    let Some(name) = root.at(&["metadata", "name"]).and_then(Node::part) else { return };
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
    };
    desk.facts.classes.push(Fact {
        says: class,
        origin: name.origin,
        path: "metadata.name".into(),
        owner: owner.clone(),
    });
}

/// The entries of a ConfigMap that Flux may substitute elsewhere: one-line values under names of variables.
fn variables(desk: &mut Desk, owner: &Arc<Resource>, root: &Node) {
    let Some(data) = root.get("data") else { return };
    let is_name = |name: &str| {
        name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !name.starts_with(|c: char| c.is_ascii_digit())
    };
    let read = |(key, value): &(Node, Node)| {
        let (name, value) = (key.text().filter(|name| is_name(name))?, value.part()?);
        (!value.text.contains('\n') && value.text.len() <= 200).then(|| Variable { name: name.into(), value })
    };
    let values: Vec<Variable> = data.entries().iter().filter_map(read).collect();
    if !values.is_empty() {
        let says = Variables { values, ..Variables::default() };
        desk.facts.variables.push(Fact {
            says,
            origin: data.origin.clone(),
            path: "data".into(),
            owner: owner.clone(),
        });
    }
}

fn workload(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, pod: &Node, path: &str) {
    let mut containers = Vec::new();
    for list in ["containers", "initContainers"] {
        for container in pod.get(list).map(Node::items).unwrap_or_default() {
            let mounts = container.get("volumeMounts").map(Node::items).unwrap_or_default();
            let place = |mount: &Node| {
                Some((mount.text_at("name")?.into(), mount.text_at("mountPath").unwrap_or_default().into()))
            };
            containers.push(Container {
                name: container.text_at("name").unwrap_or_default().into(),
                image: container.part_at("image"),
                init: list == "initContainers",
                mounts: mounts.iter().filter_map(place).collect(),
            });
        }
    }
    let mut volumes = Vec::new();
    for volume in pod.get("volumes").map(Node::items).unwrap_or_default() {
        let ephemeral = volume.at(&["ephemeral", "volumeClaimTemplate", "spec"]);
        let name = volume.text_at("name").unwrap_or_default();
        volumes.push(Volume {
            name: name.into(),
            claim: volume.at(&["persistentVolumeClaim", "claimName"]).and_then(Node::part),
            inline: ephemeral.map(|spec| claim(&owner.namespace, name, spec, "storageClassName")),
            host_path: volume.at(&["hostPath", "path"]).and_then(Node::part),
        });
    }
    for template in root.at(&["spec", "volumeClaimTemplates"]).map(Node::items).unwrap_or_default() {
        let name = template.at(&["metadata", "name"]).and_then(Node::text).unwrap_or_default();
        let Some(spec) = template.get("spec") else { continue };
        let inline = Some(claim(&owner.namespace, name, spec, "storageClassName"));
        volumes.push(Volume { name: name.into(), claim: None, inline, host_path: None });
    }
    let says = Workload {
        namespace: owner.namespace.clone(),
        name: owner.name.clone(),
        replicas: root.at(&["spec", "replicas"]).and_then(Node::part),
        containers,
        volumes,
    };
    desk.facts.workloads.push(Fact {
        says,
        origin: pod.origin.clone(),
        path: path.into(),
        owner: owner.clone(),
    });
}

/// Resources of database operators.
fn database(desk: &mut Desk, owner: &Arc<Resource>, root: &Node) {
    let group = owner.api.split('/').next().unwrap_or("");
    let Some(spec) = root.get("spec") else { return };
    let data = |node: Option<&Node>, what: &str, key: &str| -> Vec<(Str, Claim)> {
        node.map(|node| (what.into(), claim(&owner.namespace, &owner.name, node, key))).into_iter().collect()
    };
    let (because, engine, instances, claims, backup): (&str, &str, Option<Part>, Vec<(Str, Claim)>, Backup) =
        match (group, owner.kind.as_str()) {
            ("postgresql.cnpg.io", "Cluster") => {
                // A patch that touches other fields says nothing about storage.
                let mut claims = data(
                    spec.get("storage").filter(|node| !node.entries().is_empty()),
                    "data",
                    "storageClass",
                );
                claims.extend(data(spec.get("walStorage"), "wal", "storageClass"));
                for space in spec.get("tablespaces").map(Node::items).unwrap_or_default() {
                    claims.extend(data(space.get("storage"), "tablespace", "storageClass"));
                }
                for (_, claim) in &mut claims {
                    // `pvcTemplate` may carry the class instead of `storageClass`.
                    if let (ClassName::Omitted(_), Some(template)) =
                        (&claim.class, spec.at(&["storage", "pvcTemplate"]))
                    {
                        claim.class = class_name(template, "storageClassName");
                    }
                }
                let backup = if spec.get("backup").is_some() || spec.get("plugins").is_some() {
                    Backup::Yes
                } else {
                    Backup::No
                };
                ("CloudNativePG cluster", "postgres", spec.part_at("instances"), claims, backup)
            }
            ("acid.zalan.do", "postgresql") => (
                "Zalando postgresql",
                "postgres",
                spec.part_at("numberOfInstances"),
                data(spec.get("volume"), "data", "storageClass"),
                Backup::Unknown,
            ),
            ("postgres-operator.crunchydata.com", "PostgresCluster") => {
                let sets = spec.get("instances").map(Node::items).unwrap_or_default();
                let mut claims = Vec::new();
                for set in sets {
                    claims.extend(data(set.get("dataVolumeClaimSpec"), "data", "storageClassName"));
                    claims.extend(data(set.get("walVolumeClaimSpec"), "wal", "storageClassName"));
                }
                (
                    "Crunchy PostgresCluster",
                    "postgres",
                    sets.first().and_then(|set| set.part_at("replicas")),
                    claims,
                    Backup::Yes,
                )
            }
            ("pgv2.percona.com", "PerconaPGCluster") => {
                let sets = spec.get("instances").map(Node::items).unwrap_or_default();
                let claims = sets
                    .iter()
                    .flat_map(|set| data(set.get("dataVolumeClaimSpec"), "data", "storageClassName"))
                    .collect();
                (
                    "Percona PostgreSQL cluster",
                    "postgres",
                    sets.first().and_then(|set| set.part_at("replicas")),
                    claims,
                    Backup::Unknown,
                )
            }
            ("stackgres.io", "SGCluster") => {
                let volume = spec.at(&["pods", "persistentVolume"]);
                (
                    "StackGres cluster",
                    "postgres",
                    spec.part_at("instances"),
                    data(volume, "data", "storageClass"),
                    Backup::Unknown,
                )
            }
            ("kubedb.com", "Postgres") => (
                "KubeDB Postgres",
                "postgres",
                spec.part_at("replicas"),
                data(spec.get("storage"), "data", "storageClassName"),
                Backup::Unknown,
            ),
            _ => return,
        };
    let name = root.at(&["metadata", "name"]).map_or(&root.origin, |node| &node.origin);
    let image = ["imageName", "image", "dockerImage"].iter().find_map(|key| spec.part_at(key));
    let says = Database {
        namespace: owner.namespace.clone(),
        name: owner.name.clone(),
        engine: Engine { name: engine.into(), major: None },
        because: because.into(),
        instances,
        backup,
        image,
        claims,
        origin: name.clone(),
    };
    desk.facts.databases.push(Fact { says, origin: name.clone(), path: "spec".into(), owner: owner.clone() });
}
