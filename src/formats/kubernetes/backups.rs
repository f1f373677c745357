//! What operators and storage copy: what each kind of object says is copied, how, when and where to. Those that copy
//! volumes are in `volume_backups`; jobs that dump are known by their containers, in `backup_jobs`.

use super::super::Desk;
use super::backup_plans::{Teller, at, disabled, group, name_of, off};
use super::volume_backups;
use crate::facts::{Backup, BackupKind, BackupPlan, BackupStore, Fact, Resource, Subject, When};
use crate::syntax::Node;
use crate::text::{Part, Str};
use std::sync::Arc;

const CNPG: &str = "postgresql.cnpg.io";
const ZALANDO: &str = "acid.zalan.do";

/// How a kind of object is read.
type Read = fn(&mut Teller, &Node);

/// The group of the API, the kind, and how it is read.
const KINDS: &[(&str, &str, Read)] = &[
    (CNPG, "Cluster", cnpg_cluster),
    (CNPG, "ScheduledBackup", cnpg_schedule),
    (CNPG, "Backup", cnpg_schedule),
    ("barmancloud.cnpg.io", "ObjectStore", store),
    (ZALANDO, "postgresql", zalando),
    (ZALANDO, "OperatorConfiguration", zalando_operator),
    ("", "ConfigMap", zalando_config),
    ("postgres-operator.crunchydata.com", "PostgresCluster", pgbackrest),
    ("pgv2.percona.com", "PerconaPGCluster", pgbackrest),
    ("pxc.percona.com", "PerconaXtraDBCluster", percona),
    ("ps.percona.com", "PerconaServerMySQL", percona),
    ("psmdb.percona.com", "PerconaServerMongoDB", percona),
    ("stackgres.io", "SGCluster", stackgres),
    ("k8s.mariadb.com", "Backup", mariadb),
    ("k8s.mariadb.com", "PhysicalBackup", mariadb),
    ("mysql.oracle.com", "InnoDBCluster", innodb),
    ("stash.appscode.com", "BackupConfiguration", stash),
    ("core.kubestash.com", "BackupConfiguration", kubestash),
    ("longhorn.io", "RecurringJob", volume_backups::recurring_job),
    ("volsync.backube", "ReplicationSource", volume_backups::volsync),
    ("kopiur.home-operations.com", "SnapshotPolicy", volume_backups::kopiur_policy),
    ("kopiur.home-operations.com", "SnapshotSchedule", volume_backups::kopiur_schedule),
    ("snapscheduler.backube", "SnapshotSchedule", volume_backups::snapscheduler),
    ("k8up.io", "Schedule", volume_backups::k8up),
    ("backup.appuio.ch", "Schedule", volume_backups::k8up),
    ("velero.io", "Schedule", volume_backups::velero),
];

/// Reads what an object says of backups.
pub(super) fn read(desk: &mut Desk, owner: &Arc<Resource>, root: &Node) {
    let group = group(owner);
    let known = KINDS.iter().find(|kind| kind.0 == group && kind.1 == owner.kind);
    if let Some((_, _, read)) = known {
        read(&mut Teller { desk, owner }, root);
    }
}

/// What the resource of an operator says of backups where no plan is told of it: those that are read here would tell.
pub(super) fn without_plans(owner: &Resource) -> Backup {
    match group(owner) {
        CNPG | "postgres-operator.crunchydata.com" | "stackgres.io" => Backup::No,
        // Others are told by the operator's own configuration, or by objects that nobody need keep here.
        _ => Backup::Unknown,
    }
}

fn cnpg_cluster(tell: &mut Teller, root: &Node) {
    let Some(spec) = root.get("spec") else { return };
    if let Some(store) = spec.at(&["backup", "barmanObjectStore"]).filter(|node| node.is_map()) {
        let to = store.part_at("destinationPath");
        let wal = BackupPlan { to: to.clone(), ..tell.own(root, BackupKind::Wal) };
        let section = Some("barmanObjectStore");
        let base = BackupPlan { to, when: When::Asked, section, ..tell.own(root, BackupKind::Base) };
        tell.tell("spec.backup.barmanObjectStore", &store.origin, wal);
        tell.tell("spec.backup.barmanObjectStore", &store.origin, base);
    }
    if let Some(snapshot) = spec.at(&["backup", "volumeSnapshot"]).filter(|node| node.is_map()) {
        let section = Some("volumeSnapshot");
        let plan = BackupPlan { when: When::Asked, section, ..tell.own(root, BackupKind::Snapshot) };
        tell.tell("spec.backup.volumeSnapshot", &snapshot.origin, plan);
    }
    for plugin in spec.get("plugins").map(Node::items).unwrap_or_default() {
        // Other plugins do other things, and some archive; who archives says so.
        let is_barman = plugin.text_at("name").is_some_and(|name| name.starts_with("barman-cloud."));
        let archives =
            plugin.get("isWALArchiver").and_then(Node::scalar).is_some_and(|value| value.is_true());
        if !is_barman && !archives {
            continue;
        }
        let to = plugin.at(&["parameters", "barmanObjectName"]).and_then(Node::part);
        let origin = to.as_ref().map_or(&plugin.origin, |part| &part.origin).clone();
        let off = disabled(plugin.get("enabled"));
        let common = BackupPlan {
            needs_store: is_barman && to.is_some(),
            to,
            off,
            ..tell.own(root, BackupKind::Base)
        };
        if archives {
            let wal = BackupPlan { kind: Some(BackupKind::Wal), ..common.clone() };
            tell.tell("spec.plugins", &origin, wal);
        }
        let base = BackupPlan { when: When::Asked, section: Some("plugin"), ..common };
        tell.tell("spec.plugins", &origin, base);
    }
}

/// A `ScheduledBackup`, or a `Backup`, which is taken once.
fn cnpg_schedule(tell: &mut Teller, root: &Node) {
    let Some(spec) = root.get("spec") else { return };
    let Some(name) = spec.at(&["cluster", "name"]).and_then(Node::part) else { return };
    let section = match spec.entry("method").map(|(_, method)| method.text()) {
        None | Some(Some("barmanObjectStore")) => Some("barmanObjectStore"),
        Some(Some("volumeSnapshot")) => Some("volumeSnapshot"),
        Some(Some("plugin")) => Some("plugin"),
        Some(_) => None,
    };
    let kind = if section == Some("volumeSnapshot") { BackupKind::Snapshot } else { BackupKind::Base };
    let origin = name.origin.clone();
    let plan = BackupPlan {
        when: at(spec.get("schedule")),
        section,
        off: off(spec.get("suspend")),
        ..tell.plan(kind, Subject::Resource { group: CNPG.into(), name })
    };
    tell.tell("spec.cluster.name", &origin, plan);
}

fn store(tell: &mut Teller, root: &Node) {
    let says = BackupStore { namespace: tell.owner.namespace.clone(), name: tell.owner.name.clone() };
    let origin = name_of(root).origin;
    let owner = tell.owner.clone();
    tell.desk.facts.stores.push(Fact { says, origin, path: "metadata.name".into(), owner });
}

/// The settings by which the image of Zalando's clusters archives its WAL and takes base backups.
const ZALANDO_STORES: [&str; 5] =
    ["WAL_S3_BUCKET", "WAL_GS_BUCKET", "WALG_S3_PREFIX", "WALG_GS_PREFIX", "WALG_AZ_PREFIX"];

fn zalando(tell: &mut Teller, root: &Node) {
    let Some(spec) = root.get("spec") else { return };
    if let Some(switch) = spec.get("enableLogicalBackup").filter(|node| off(Some(node)).is_some()) {
        let when = spec.part_at("logicalBackupSchedule").map_or(When::Always, When::At);
        let plan = BackupPlan { when, ..tell.own(root, BackupKind::Dump) };
        tell.tell("spec.enableLogicalBackup", &switch.origin, plan);
    }
    for entry in spec.get("env").map(Node::items).unwrap_or_default() {
        let is_store = entry.text_at("name").is_some_and(|name| ZALANDO_STORES.contains(&name));
        let Some(value) = entry.part_at("value").filter(|value| is_store && !value.text.is_empty()) else {
            continue;
        };
        for kind in [BackupKind::Wal, BackupKind::Base] {
            let plan = BackupPlan { to: Some(value.clone()), ..tell.own(root, kind) };
            tell.tell("spec.env", &value.origin, plan);
        }
    }
}

fn zalando_operator(tell: &mut Teller, root: &Node) {
    let cloud = root.at(&["configuration", "aws_or_gcp"]);
    for value in ["wal_s3_bucket", "wal_gs_bucket"].iter().filter_map(|key| cloud?.part_at(key)) {
        every_zalando(tell, "configuration.aws_or_gcp", value);
    }
}

/// The operator's configuration, or the variables that it gives to all pods, as a ConfigMap.
fn zalando_config(tell: &mut Teller, root: &Node) {
    for (key, value) in root.get("data").map(Node::entries).unwrap_or_default() {
        let key = key.text().unwrap_or_default();
        let is_store = ZALANDO_STORES.contains(&key) || matches!(key, "wal_s3_bucket" | "wal_gs_bucket");
        if let Some(value) = value.part().filter(|_| is_store) {
            every_zalando(tell, "data", value);
        }
    }
}

fn every_zalando(tell: &mut Teller, path: &str, value: Part) {
    for kind in [BackupKind::Wal, BackupKind::Base] {
        let of = Subject::Every { group: ZALANDO.into() };
        let plan = BackupPlan { to: Some(value.clone()), ..tell.plan(kind, of) };
        if !value.text.is_empty() {
            tell.tell(path, &value.origin, plan);
        }
    }
}

/// Operators that leave backups to pgBackRest: WAL goes to each repository, and schedules stand beside it.
fn pgbackrest(tell: &mut Teller, root: &Node) {
    let Some(backups) = root.at(&["spec", "backups"]) else { return };
    let off = disabled(backups.get("enabled"));
    for repo in backups.at(&["pgbackrest", "repos"]).map(Node::items).unwrap_or_default() {
        let to = repo.part_at("name");
        let wal = BackupPlan { to: to.clone(), off: off.clone(), ..tell.own(root, BackupKind::Wal) };
        tell.tell("spec.backups.pgbackrest.repos", &repo.origin, wal);
        for (kind, schedule) in repo.get("schedules").map(Node::entries).unwrap_or_default() {
            let is_full = ["full", "differential", "incremental"].contains(&kind.text().unwrap_or_default());
            let Some(when) = schedule.part().filter(|_| is_full) else { continue };
            let (to, off, when) = (to.clone(), off.clone(), When::At(when));
            let base = BackupPlan { to, off, when, ..tell.own(root, BackupKind::Base) };
            tell.tell("spec.backups.pgbackrest.repos", &schedule.origin, base);
        }
    }
}

/// Percona's operators for MySQL and MongoDB: a list of tasks, each with its schedule.
fn percona(tell: &mut Teller, root: &Node) {
    let Some(backup) = root.at(&["spec", "backup"]) else { return };
    let off = disabled(backup.get("enabled"));
    let lists = ["schedule", "tasks"].iter().filter_map(|list| backup.get(list));
    for task in lists.flat_map(Node::items) {
        let is_logical = task.get("type").is_some_and(|kind| kind.text() == Some("logical"))
            || tell.owner.kind == "PerconaServerMongoDB" && task.get("type").is_none();
        let plan = BackupPlan {
            when: at(task.get("schedule")),
            to: task.part_at("storageName"),
            off: off.clone().or_else(|| disabled(task.get("enabled"))),
            ..tell.own(root, if is_logical { BackupKind::Dump } else { BackupKind::Base })
        };
        tell.tell("spec.backup", &task.origin, plan);
    }
    let pitr = backup.get("pitr").filter(|pitr| super::backup_plans::off(pitr.get("enabled")).is_some());
    if let Some(pitr) = pitr {
        let wal = BackupPlan { to: pitr.part_at("storageName"), off, ..tell.own(root, BackupKind::Wal) };
        tell.tell("spec.backup.pitr", &pitr.origin, wal);
    }
}

fn stackgres(tell: &mut Teller, root: &Node) {
    for entry in root.at(&["spec", "configurations", "backups"]).map(Node::items).unwrap_or_default() {
        let to = entry.part_at("sgObjectStorage");
        let wal = BackupPlan { to: to.clone(), ..tell.own(root, BackupKind::Wal) };
        let when = entry.part_at("cronSchedule").map_or(When::Always, When::At);
        let base = BackupPlan { to, when, ..tell.own(root, BackupKind::Base) };
        for plan in [wal, base] {
            tell.tell("spec.configurations.backups", &entry.origin, plan);
        }
    }
}

fn mariadb(tell: &mut Teller, root: &Node) {
    let Some(spec) = root.get("spec") else { return };
    let Some(name) = spec.at(&["mariaDbRef", "name"]).and_then(Node::part) else { return };
    let kind = if tell.owner.kind == "Backup" { BackupKind::Dump } else { BackupKind::Base };
    let origin = name.origin.clone();
    let mut plan = BackupPlan {
        when: at(spec.at(&["schedule", "cron"])),
        off: off(spec.at(&["schedule", "suspend"])),
        to: spec.at(&["storage", "s3", "bucket"]).and_then(Node::part),
        ..tell.plan(kind, Subject::Resource { group: "k8s.mariadb.com".into(), name })
    };
    if let Some(namespace) = spec.at(&["mariaDbRef", "namespace"]).and_then(Node::text) {
        plan.namespace = namespace.into();
    }
    tell.tell("spec.mariaDbRef.name", &origin, plan);
}

fn innodb(tell: &mut Teller, root: &Node) {
    for entry in root.at(&["spec", "backupSchedules"]).map(Node::items).unwrap_or_default() {
        let off = disabled(entry.get("enabled"));
        let plan = BackupPlan { when: at(entry.get("schedule")), off, ..tell.own(root, BackupKind::Dump) };
        tell.tell("spec.backupSchedules", &entry.origin, plan);
    }
}

/// What Stash and KubeStash point to: a claim, or a resource or workload by its name.
fn target(reference: &Node, group: &str) -> Option<Subject> {
    let name = reference.part_at("name")?;
    Some(match reference.text_at("kind")? {
        "PersistentVolumeClaim" => Subject::Claim(name),
        "AppBinding" => Subject::Resource { group: Str::default(), name },
        "StatefulSet" | "Deployment" | "DaemonSet" => Subject::Host(name),
        _ => Subject::Resource { group: group.into(), name },
    })
}

fn stash(tell: &mut Teller, root: &Node) {
    let Some(spec) = root.get("spec") else { return };
    let Some(reference) = spec.at(&["target", "ref"]) else { return };
    let group = reference.text_at("apiVersion").and_then(|api| api.split_once('/')).map_or("", |api| api.0);
    let Some(of) = target(reference, group) else { return };
    let kind = match (spec.text_at("driver"), spec.at(&["task", "name"]).and_then(Node::text)) {
        (Some("VolumeSnapshotter"), _) => BackupKind::Snapshot,
        (_, Some(_)) => BackupKind::Dump,
        // AppBindings are databases; their task may be the one that their catalogue gives.
        _ if reference.text_at("kind") == Some("AppBinding") => BackupKind::Dump,
        _ => BackupKind::Files,
    };
    let plan = BackupPlan {
        when: at(spec.get("schedule")),
        off: off(spec.get("paused")),
        to: spec.at(&["repository", "name"]).and_then(Node::part),
        ..tell.plan(kind, of)
    };
    tell.tell("spec.target.ref", &reference.origin, plan);
}

fn kubestash(tell: &mut Teller, root: &Node) {
    let Some(spec) = root.get("spec") else { return };
    let Some(reference) = spec.get("target") else { return };
    let Some(of) = target(reference, reference.text_at("apiGroup").unwrap_or_default()) else { return };
    let kind = if matches!(of, Subject::Resource { .. }) { BackupKind::Dump } else { BackupKind::Files };
    let backend = spec.get("backends").map(Node::items).unwrap_or_default().first();
    for session in spec.get("sessions").map(Node::items).unwrap_or_default() {
        let mut plan = BackupPlan {
            when: at(session.at(&["scheduler", "schedule"])),
            off: off(spec.get("paused")),
            to: backend.and_then(|backend| backend.at(&["storageRef", "name"])).and_then(Node::part),
            ..tell.plan(kind, of.clone())
        };
        if let Some(namespace) = reference.text_at("namespace") {
            plan.namespace = namespace.into();
        }
        tell.tell("spec.sessions", &session.origin, plan);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{FORMATS, exam};
    use super::*;

    /// Each row is what all formats together tell of backups.
    #[test]
    fn rows() {
        let mut wrong = Vec::new();
        for row in include_str!("../rows/backups.txt").split("\n=== ").skip(1) {
            let (head, rest) = row.split_once('\n').unwrap_or((row, ""));
            let (told, text): (Vec<&str>, Vec<&str>) = rest.lines().partition(|line| line.starts_with("=> "));
            let text = text.join("\n") + "\n";
            let name = head.split_whitespace().next().unwrap_or_default();
            let found: Vec<String> = FORMATS.iter().flat_map(|format| told_by(format, name, &text)).collect();
            if found != told {
                wrong.push(format!(
                    "=== {head}\n{text}expected\n{}\ngot\n{}\n",
                    told.join("\n"),
                    found.join("\n")
                ));
            }
        }
        assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
    }

    fn told_by(format: &super::super::super::Format, name: &str, text: &str) -> Vec<String> {
        let desk = exam::run(format, name, text);
        desk.facts.backups.iter().map(|fact| format!("=> {}", told(fact))).collect()
    }

    fn told(fact: &Fact<BackupPlan>) -> String {
        let plan = &fact.says;
        let of = match &plan.of {
            Subject::Resource { group, name } => format!("{} of {group}", name.text),
            Subject::Every { group } => format!("all of {group}"),
            Subject::Host(name) => format!("host {}", name.text),
            Subject::Secret(name) => format!("secret {}", name.text),
            Subject::Claim(name) => format!("claim {}", name.text),
            Subject::Group(name) => format!("group {}", name.text),
            Subject::Job(name) => format!("job {}", name.text),
            Subject::Policy(name) => format!("policy {}", name.text),
            Subject::Chosen(choice) => format!("what {choice:?} takes"),
            Subject::Own => "itself".into(),
            Subject::Unknown => "?".into(),
        };
        let mut out = format!("{} of {of}", plan.kind.map_or("upkeep", BackupKind::name));
        out += &match &plan.when {
            When::At(part) => format!(" at {}", part.text),
            When::Always => String::new(),
            When::Once => " once".into(),
            When::Asked => " when asked".into(),
        };
        plan.to.iter().for_each(|to| out += &format!(" to {}", to.text));
        if plan.namespace != fact.owner.namespace {
            out += &format!(" in {}", plan.namespace);
        }
        if plan.off.is_some() {
            out += " (off)";
        }
        out
    }
}
