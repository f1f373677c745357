//! Workloads, claims, storage classes and database resources: what keeps data, and in which class.

use super::super::{Desk, claims};
use super::backups;
use crate::facts::{
    Claim, ClassName, Container, Database, Engine, Fact, Resource, StorageClass, Volume, Workload,
};
use crate::syntax::Node;
use crate::text::{Part, Str};
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
            if let Some(spec) = root.get("spec") {
                let claim = claims::claim(&owner.namespace, &owner.name, spec, "storageClassName");
                push(desk, owner, "spec", claim);
            }
        }
        "StorageClass" => class(desk, owner, root),
        _ => {}
    }
    for (path, pod) in pods {
        workload(desk, owner, root, pod, path);
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

fn workload(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, pod: &Node, path: &Str) {
    let says = Workload {
        namespace: owner.namespace.clone(),
        name: owner.name.clone(),
        replicas: root.at(&["spec", "replicas"]).and_then(Node::part),
        ends: ENDING.contains(&owner.kind.as_str()),
        containers: containers(pod),
        volumes: volumes(owner, root, pod, path),
    };
    desk.facts.workloads.push(Fact {
        says,
        origin: pod.origin.clone(),
        path: path.clone(),
        owner: owner.clone(),
    });
}

fn containers(pod: &Node) -> Vec<Container> {
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
    containers
}

fn volumes(owner: &Resource, root: &Node, pod: &Node, path: &str) -> Vec<Volume> {
    let mut volumes = Vec::new();
    for volume in pod.get("volumes").map(Node::items).unwrap_or_default() {
        let ephemeral = volume.at(&["ephemeral", "volumeClaimTemplate", "spec"]);
        let name = volume.text_at("name").unwrap_or_default();
        volumes.push(Volume {
            name: name.into(),
            claim: volume.at(&["persistentVolumeClaim", "claimName"]).and_then(Node::part),
            inline: ephemeral.map(|spec| claims::claim(&owner.namespace, name, spec, "storageClassName")),
            host_path: volume.at(&["hostPath", "path"]).and_then(Node::part),
        });
    }
    let templates = root.at(&["spec", "volumeClaimTemplates"]).filter(|_| path == "spec.template.spec");
    for template in templates.map(Node::items).unwrap_or_default() {
        let name = template.at(&["metadata", "name"]).and_then(Node::text).unwrap_or_default();
        let Some(spec) = template.get("spec") else { continue };
        let inline = Some(claims::claim(&owner.namespace, name, spec, "storageClassName"));
        volumes.push(Volume { name: name.into(), claim: None, inline, host_path: None });
    }
    volumes
}

/// Resources of database operators.
fn database(desk: &mut Desk, owner: &Arc<Resource>, root: &Node) {
    let Some(spec) = root.get("spec") else { return };
    let Some(declared) = declared(owner, spec) else { return };
    let name = root.at(&["metadata", "name"]).map_or(&root.origin, |node| &node.origin);
    let says = Database {
        namespace: owner.namespace.clone(),
        name: owner.name.clone(),
        engine: Engine { name: "postgres".into(), major: None },
        because: declared.because.into(),
        instances: declared.instances,
        primaries: 0,
        backup: backups::without_plans(owner),
        image: ["imageName", "image", "dockerImage"].iter().find_map(|key| spec.part_at(key)),
        claims: declared.claims,
        origin: name.clone(),
    };
    desk.facts.databases.push(Fact { says, origin: name.clone(), path: "spec".into(), owner: owner.clone() });
}

/// What an operator's resource declares.
struct Declared {
    because: &'static str,
    instances: Option<Part>,
    claims: Vec<(Str, Claim)>,
}

fn declared(owner: &Resource, spec: &Node) -> Option<Declared> {
    let claims_of = |node: Option<&Node>, what: &str, key: &str| -> Vec<(Str, Claim)> {
        let read = |node| (what.into(), claims::claim(&owner.namespace, &owner.name, node, key));
        node.filter(|node| !node.entries().is_empty()).map(read).into_iter().collect()
    };
    // Operators that keep a list of instance sets, each with a claim of its own.
    let sets = spec.get("instances").map(Node::items).unwrap_or_default();
    let of_sets = |key: &str, what: &str| -> Vec<(Str, Claim)> {
        sets.iter().flat_map(|set| claims_of(set.get(key), what, "storageClassName")).collect()
    };
    let first_set = sets.first().and_then(|set| set.part_at("replicas"));
    let declared = match (owner.api.split('/').next().unwrap_or(""), owner.kind.as_str()) {
        ("postgresql.cnpg.io", "Cluster") => cloudnative_pg(owner, spec),
        ("acid.zalan.do", "postgresql") => Declared {
            because: "Zalando postgresql",
            instances: spec.part_at("numberOfInstances"),
            claims: claims_of(spec.get("volume"), "data", "storageClass"),
        },
        ("postgres-operator.crunchydata.com", "PostgresCluster") => Declared {
            because: "Crunchy PostgresCluster",
            instances: first_set,
            // Where backups go is no place of the database's.
            claims: [of_sets("dataVolumeClaimSpec", "data"), of_sets("walVolumeClaimSpec", "wal")].concat(),
        },
        ("pgv2.percona.com", "PerconaPGCluster") => Declared {
            because: "Percona PostgreSQL cluster",
            instances: first_set,
            claims: of_sets("dataVolumeClaimSpec", "data"),
        },
        ("stackgres.io", "SGCluster") => Declared {
            because: "StackGres cluster",
            instances: spec.part_at("instances"),
            claims: claims_of(spec.at(&["pods", "persistentVolume"]), "data", "storageClass"),
        },
        ("kubedb.com", "Postgres") => Declared {
            because: "KubeDB Postgres",
            instances: spec.part_at("replicas"),
            claims: claims_of(spec.get("storage"), "data", "storageClassName"),
        },
        _ => return None,
    };
    Some(declared)
}

fn cloudnative_pg(owner: &Resource, spec: &Node) -> Declared {
    let read = |node: &Node| {
        let mut claim = claims::claim(&owner.namespace, &owner.name, node, "storageClass");
        // The template of the claim may carry the class instead.
        if let (ClassName::Omitted(_), Some(template)) = (&claim.class, node.get("pvcTemplate")) {
            claim.class = claims::class_name(template, "storageClassName");
        }
        claim
    };
    let mut claims = Vec::new();
    for (what, key) in [("data", "storage"), ("wal", "walStorage")] {
        let node = spec.get(key).filter(|node| !node.entries().is_empty());
        claims.extend(node.map(|node| (what.into(), read(node))));
    }
    for space in spec.get("tablespaces").map(Node::items).unwrap_or_default() {
        claims.extend(space.get("storage").map(|node| ("tablespace".into(), read(node))));
    }
    Declared { because: "CloudNativePG cluster", instances: spec.part_at("instances"), claims }
}
