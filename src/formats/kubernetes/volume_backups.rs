//! What copies volumes whatever is in them: jobs of Longhorn's, movers, schedules by namespace and label.

use super::backup_plans::{Teller, at, group, name_of, off};
use crate::facts::{BackupKind, BackupPlan, Choice, Subject, When};
use crate::syntax::Node;
use crate::text::{Origin, Part, Str};

/// A job of Longhorn's serves the volumes that name it, and those of its groups, wherever their claims are.
pub(super) fn recurring_job(tell: &mut Teller, root: &Node) {
    let Some(spec) = root.get("spec") else { return };
    let kind = match spec.text_at("task") {
        Some("backup" | "backup-force-create") => Some(BackupKind::Files),
        Some("snapshot" | "snapshot-force-create") => Some(BackupKind::Snapshot),
        _ => None,
    };
    let (name, when) = (name_of(root), at(spec.get("cron")));
    let groups = spec.get("groups").map(Node::items).unwrap_or_default().iter().filter_map(Node::part);
    let subjects = std::iter::once(Subject::Job(name.clone())).chain(groups.map(Subject::Group));
    for of in subjects.collect::<Vec<_>>() {
        let plan = BackupPlan { kind, when: when.clone(), ..tell.plan(BackupKind::Files, of) };
        tell.tell("spec.groups", &name.origin, plan);
    }
}

pub(super) fn volsync(tell: &mut Teller, root: &Node) {
    let Some(spec) = root.get("spec") else { return };
    let Some(claim) = spec.part_at("sourcePVC") else { return };
    const MOVERS: [&str; 7] = ["restic", "kopia", "rclone", "rsync", "rsyncTLS", "syncthing", "external"];
    let mover = MOVERS.iter().find_map(|mover| spec.get(mover).filter(|node| node.is_map()));
    let origin = claim.origin.clone();
    let when = match spec.get("trigger") {
        Some(trigger) if trigger.get("schedule").is_some() => at(trigger.get("schedule")),
        Some(trigger) if trigger.get("manual").is_some() => When::Once,
        _ => When::Always,
    };
    let plan = BackupPlan {
        when,
        off: off(spec.get("paused")),
        to: mover.and_then(|mover| mover.part_at("repository")),
        ..tell.plan(BackupKind::Files, Subject::Claim(claim))
    };
    tell.tell("spec.sourcePVC", &origin, plan);
}

/// What is copied; when, a schedule says that names the policy.
pub(super) fn kopiur_policy(tell: &mut Teller, root: &Node) {
    let Some(spec) = root.get("spec") else { return };
    for source in spec.get("sources").map(Node::items).unwrap_or_default() {
        let claim = source.at(&["pvc", "name"]).and_then(Node::part);
        let origin = claim.as_ref().map_or(&source.origin, |claim| &claim.origin).clone();
        let of = claim.map_or(Subject::Unknown, Subject::Claim);
        let to = spec.at(&["repository", "name"]).and_then(Node::part);
        let plan = BackupPlan { to, when: When::Asked, ..tell.plan(BackupKind::Files, of) };
        tell.tell("spec.sources", &origin, plan);
    }
}

pub(super) fn kopiur_schedule(tell: &mut Teller, root: &Node) {
    let Some(spec) = root.get("spec") else { return };
    let Some(policy) = spec.at(&["policyRef", "name"]).and_then(Node::part) else { return };
    let origin = policy.origin.clone();
    let plan = BackupPlan {
        when: at(spec.at(&["schedule", "cron"])),
        off: off(spec.get("suspend")),
        ..tell.plan(BackupKind::Files, Subject::Policy(policy))
    };
    tell.tell("spec.policyRef.name", &origin, plan);
}

/// The labels that a selector asks for; nothing if it asks for more than this.
fn labels(selector: Option<&Node>) -> Option<Vec<(Str, Str)>> {
    let Some(selector) = selector.filter(|node| !node.is_null()) else { return Some(Vec::new()) };
    let asks_more = |(key, value): &(Node, Node)| {
        !value.is_null() && (key.text() != Some("matchLabels") || !value.is_map())
    };
    if !selector.is_map() || selector.entries().iter().any(asks_more) {
        return None;
    }
    let pairs = selector.get("matchLabels").map(Node::entries).unwrap_or_default();
    pairs
        .iter()
        .map(|(key, value)| Some((key.text()?.into(), value.part().filter(Part::is_known)?.text)))
        .collect()
}

pub(super) fn snapscheduler(tell: &mut Teller, root: &Node) {
    let Some(spec) = root.get("spec") else { return };
    let namespaces = vec![tell.owner.namespace.clone()];
    let chosen = labels(spec.get("claimSelector"));
    let of = chosen.map_or(Subject::Unknown, |labels| {
        Subject::Chosen(Choice { namespaces, labels, ..Choice::default() })
    });
    let (when, off) = (at(spec.get("schedule")), off(spec.get("disabled")));
    let plan = BackupPlan { when, off, ..tell.plan(BackupKind::Snapshot, of) };
    tell.tell("spec.schedule", &spec.origin, plan);
}

/// Everything in the schedule's namespace, but what says no.
pub(super) fn k8up(tell: &mut Teller, root: &Node) {
    let Some(backup) = root.at(&["spec", "backup"]).filter(|backup| backup.is_map()) else { return };
    let prefix = group(tell.owner).trim_start_matches("backup.");
    let choice = Choice {
        namespaces: vec![tell.owner.namespace.clone()],
        opt_out: Some((format!("{prefix}/backup").into(), "false".into())),
        ..Choice::default()
    };
    let of = if backup.get("labelSelectors").is_some() { Subject::Unknown } else { Subject::Chosen(choice) };
    let plan = BackupPlan { when: at(backup.get("schedule")), ..tell.plan(BackupKind::Files, of) };
    tell.tell("spec.backup", &backup.origin, plan);
}

pub(super) fn velero(tell: &mut Teller, root: &Node) {
    let Some(spec) = root.get("spec") else { return };
    let plan = velero_plan(&tell.owner.namespace, spec, off(spec.get("paused")));
    if let Some(plan) = plan {
        tell.tell("spec.template", &spec.origin, plan);
    }
}

/// What a schedule of Velero's copies, in an object or in the values of its chart; nothing if it copies no volumes.
pub(in super::super) fn velero_plan(namespace: &str, spec: &Node, off: Option<Origin>) -> Option<BackupPlan> {
    let template = spec.get("template").filter(|template| template.is_map())?;
    let kind = velero_kind(template)?;
    let chosen = labels(template.get("labelSelector")).filter(|_| template.get("orLabelSelectors").is_none());
    let names = |key: &str| -> Vec<Str> {
        texts(template, key).into_iter().filter(|name| *name != "*").map(Str::from).collect()
    };
    let of = chosen.map_or(Subject::Unknown, |labels| {
        Subject::Chosen(Choice {
            namespaces: names("includedNamespaces"),
            but_not: names("excludedNamespaces"),
            labels,
            opt_out: Some(("velero.io/exclude-from-backup".into(), "true".into())),
        })
    });
    Some(BackupPlan {
        namespace: namespace.into(),
        kind: Some(kind),
        of,
        when: at(spec.get("schedule")),
        to: template.part_at("storageLocation"),
        needs_store: false,
        section: None,
        off,
    })
}

fn texts<'n>(template: &'n Node, key: &str) -> Vec<&'n str> {
    template.get(key).map(Node::items).unwrap_or_default().iter().filter_map(Node::text).collect()
}

/// How Velero copies the volumes of what it takes, if it does.
fn velero_kind(template: &Node) -> Option<BackupKind> {
    let is_volume = |name: &&str| {
        let name = name.split('.').next().unwrap_or_default();
        ["persistentvolumeclaims", "persistentvolumes", "pvc", "pv"].contains(&name)
    };
    let only = texts(template, "includedResources");
    let has_volumes = (only.is_empty() || only.contains(&"*") || only.iter().any(is_volume))
        && !texts(template, "excludedResources").iter().any(is_volume);
    let says = |key: &str, wanted: bool| {
        let scalar = template.get(key).and_then(Node::scalar);
        scalar.is_some_and(|scalar| scalar.is_bool() && scalar.is_true() == wanted)
    };
    let is_copied = says("defaultVolumesToFsBackup", true)
        || says("defaultVolumesToRestic", true)
        || says("snapshotMoveData", true);
    if !has_volumes || !is_copied && says("snapshotVolumes", false) {
        return None;
    }
    Some(if is_copied { BackupKind::Files } else { BackupKind::Snapshot })
}
