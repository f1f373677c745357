//! Pods that take backups, and what those who take backups choose by: labels of claims and pods, and the names under
//! which clients reach pods.

use super::super::Desk;
use super::super::dumps::{self, Given, Worker};
use super::storage::ENDING;
use crate::facts::{BackupKind, BackupPlan, Fact, Marked, Marks, Resource, Service, Subject, When};
use crate::syntax::Node;
use crate::text::{Origin, Part, Str};
use std::sync::Arc;

/// Reads the containers of an object that take backups; `pods` are the pods in it, with their paths.
pub(super) fn read(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, pods: &[(Str, &Node)]) {
    for (path, pod) in pods {
        for list in ["containers", "initContainers"] {
            for container in pod.get(list).map(Node::items).unwrap_or_default() {
                let mut worker = worker(container, pod);
                // K8up runs this in the pod, before it copies.
                worker.words.extend(root.at(&["spec", "backupCommand"]).and_then(Node::part));
                let found = dumps::read(&worker);
                if !found.is_empty() {
                    let (when, off) = rhythm(owner, root, list == "initContainers");
                    tell(desk, owner, &container.origin, path, found, &when, off.as_ref());
                }
            }
        }
    }
    annotated(desk, owner, root, pods);
    marks(desk, owner, root, pods);
    services(desk, owner, root);
}

/// What pods ask of those who back up their namespace: to dump first, and which volumes to copy.
fn annotated(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, pods: &[(Str, &Node)]) {
    const COMMANDS: [&str; 3] =
        ["k8up.io/backupcommand", "k8up.syn.tools/backupcommand", "pre.hook.backup.velero.io/command"];
    let annotations = pod_metadata(owner, root).and_then(|metadata| metadata.get("annotations"));
    let Some(annotations) = annotations else { return };
    let mut found = Vec::new();
    for command in COMMANDS.iter().filter_map(|key| annotations.part_at(key)) {
        let worker = Worker { words: vec![command.clone()], ..Worker::default() };
        let kinds = dumps::read(&worker).into_iter().map(|(kind, _)| (kind, Subject::Own));
        found.extend(kinds.map(|told| (command.origin.clone(), told)));
    }
    if let Some(list) = annotations.part_at("backup.velero.io/backup-volumes").filter(Part::is_known) {
        for name in list.text.split(',').map(str::trim) {
            let claim = pods.iter().find_map(|(_, pod)| claim_of(pod, name));
            let claim =
                claim.unwrap_or_else(|| Part::new(format!("{name}-{}-0", owner.name), list.origin.clone()));
            found.push((list.origin.clone(), (BackupKind::Files, Subject::Claim(claim))));
        }
    }
    for (origin, told) in found {
        tell(desk, owner, &origin, "metadata.annotations", vec![told], &When::Always, None);
    }
}

/// The claim behind a volume of a pod.
fn claim_of(pod: &Node, name: &str) -> Option<Part> {
    let volumes = pod.get("volumes").map(Node::items).unwrap_or_default();
    let volume = volumes.iter().find(|volume| volume.text_at("name") == Some(name))?;
    volume.at(&["persistentVolumeClaim", "claimName"]).and_then(Node::part)
}

fn tell(
    desk: &mut Desk,
    owner: &Arc<Resource>,
    origin: &Origin,
    path: &str,
    found: Vec<(BackupKind, Subject)>,
    when: &When,
    off: Option<&Origin>,
) {
    for (kind, of) in found {
        let says = BackupPlan {
            namespace: owner.namespace.clone(),
            kind: Some(kind),
            of,
            when: when.clone(),
            to: None,
            needs_store: false,
            section: None,
            off: off.cloned(),
        };
        let (origin, owner) = (origin.clone(), owner.clone());
        desk.facts.backups.push(Fact { says, origin, path: path.into(), owner });
    }
}

/// When the pods of an object run, and what holds them back.
fn rhythm(owner: &Resource, root: &Node, is_first: bool) -> (When, Option<Origin>) {
    let suspended = root.at(&["spec", "suspend"]);
    let suspended = suspended.filter(|node| node.scalar().is_some_and(|scalar| scalar.is_true()));
    let schedule = root.at(&["spec", "schedule"]).or_else(|| root.at(&["spec", "schedules"]));
    let when = match owner.kind.as_str() {
        "CronJob" | "CronWorkflow" => schedule.and_then(Node::part).map_or(When::Always, When::At),
        // K8up runs it before each of its backups.
        "PreBackupPod" => When::Always,
        kind if ENDING.contains(&kind) || is_first => When::Once,
        _ => When::Always,
    };
    (when, suspended.map(|node| node.origin.clone()))
}

fn worker(container: &Node, pod: &Node) -> Worker {
    let words = ["command", "args"].iter().filter_map(|key| container.get(key));
    let words = words.flat_map(|node| node.items().iter().chain(node.scalar().map(|_| node)));
    let lists = |key: &str| container.get(key).map(Node::items).unwrap_or_default();
    let secrets = lists("envFrom").iter().filter_map(|from| from.get("secretRef")?.part_at("name"));
    let claim = |mount: &Node| claim_of(pod, mount.text_at("name")?);
    Worker {
        image: container.text_at("image").map(Str::from),
        words: words.filter_map(Node::part).collect(),
        env: lists("env").iter().filter_map(given).collect(),
        secrets: secrets.collect(),
        mounts: lists("volumeMounts").iter().filter_map(claim).collect(),
    }
}

fn given(entry: &Node) -> Option<(Str, Given)> {
    let name = Str::from(entry.text_at("name")?);
    let secret = entry.at(&["valueFrom", "secretKeyRef", "name"]).and_then(Node::part);
    let given = match (entry.part_at("value"), secret) {
        (Some(value), _) => Given::Text(value),
        (None, Some(secret)) => Given::Secret(secret),
        (None, None) => Given::Unknown,
    };
    Some((name, given))
}

/// The metadata of the pods that an object makes.
fn pod_metadata<'n>(owner: &Resource, root: &'n Node) -> Option<&'n Node> {
    match owner.kind.as_str() {
        "Pod" => root.get("metadata"),
        _ => root.at(&["spec", "template", "metadata"]),
    }
}

fn marks(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, pods: &[(Str, &Node)]) {
    let own = root.get("metadata");
    let name = owner.name.clone();
    match owner.kind.as_str() {
        "PersistentVolumeClaim" => mark(desk, owner, Marked::Claim, name, own),
        "Volume" if owner.api.starts_with("longhorn.io/") => mark(desk, owner, Marked::Volume, name, own),
        "Cluster" if owner.api.starts_with("postgresql.cnpg.io/") => {
            mark(desk, owner, Marked::Resource, name, root.at(&["spec", "inheritedMetadata"]));
        }
        // Nobody asks what other pods are called.
        _ if pods.iter().any(|(_, pod)| has_server(desk, pod)) => {
            mark(desk, owner, Marked::Pod, name, pod_metadata(owner, root));
        }
        _ => {}
    }
    for template in root.at(&["spec", "volumeClaimTemplates"]).map(Node::items).unwrap_or_default() {
        let metadata = template.get("metadata");
        let what = metadata.and_then(|metadata| metadata.text_at("name")).unwrap_or_default();
        let name = format!("{what}-{}", owner.name);
        mark(desk, owner, Marked::Template, name.into(), metadata);
    }
}

/// Whether a pod may run a database.
fn has_server(desk: &Desk, pod: &Node) -> bool {
    let containers = pod.get("containers").map(Node::items).unwrap_or_default();
    let mut images = containers.iter().filter_map(|container| container.text_at("image"));
    !desk.config.storage.engines.is_empty() || images.any(|image| desk.engines.of_image(image).is_some())
}

fn mark(desk: &mut Desk, owner: &Arc<Resource>, of: Marked, name: Str, metadata: Option<&Node>) {
    let Some(metadata) = metadata else { return };
    let pairs = |key: &str| -> Vec<(Part, Part)> {
        let entries = metadata.get(key).map(Node::entries).unwrap_or_default();
        entries.iter().filter_map(|(key, value)| Some((key.part()?, value.part()?))).collect()
    };
    let (labels, mut annotations) = (pairs("labels"), pairs("annotations"));
    // Of what people note, only what has to do with keeping data is asked for.
    const KEEPING: [&str; 4] =
        ["backup", "recurring-job", "argocd.argoproj.io/sync-options", "helm.sh/resource-policy"];
    annotations.retain(|(key, _)| KEEPING.iter().any(|word| key.text.contains(word)));
    if labels.is_empty() && annotations.is_empty() {
        return;
    }
    let says = Marks { of, namespace: owner.namespace.clone(), name, labels, annotations };
    let (origin, owner) = (metadata.origin.clone(), owner.clone());
    desk.facts.marks.push(Fact { says, origin, path: "metadata".into(), owner });
}

/// Services, and poolers, which make one of their own name.
fn services(desk: &mut Desk, owner: &Arc<Resource>, root: &Node) {
    let (selects, resource) = match owner.kind.as_str() {
        "Service" if owner.api == "v1" => {
            let pairs = root.at(&["spec", "selector"]).map(Node::entries).unwrap_or_default();
            let pair = |(key, value): &(Node, Node)| Some((key.text()?.into(), value.text()?.into()));
            (pairs.iter().filter_map(pair).collect(), None)
        }
        "Pooler" if owner.api.starts_with("postgresql.cnpg.io/") => {
            (Vec::new(), root.at(&["spec", "cluster", "name"]).and_then(Node::part))
        }
        _ => return,
    };
    if selects.is_empty() && resource.is_none() {
        return;
    }
    let says = Service { namespace: owner.namespace.clone(), name: owner.name.clone(), selects, resource };
    let (origin, owner) = (root.origin.clone(), owner.clone());
    desk.facts.services.push(Fact { says, origin, path: "metadata.name".into(), owner });
}
