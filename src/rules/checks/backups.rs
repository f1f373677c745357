//! Backups: what is missing for a restore, what is named and not there, and what is asked for in vain.

use super::super::{Case, Page};
use super::storage::whole_clusters;
use crate::facts::{BackupKind, BackupPlan, Database, Fact, Subject, Workload, listed};
use crate::finding::{Finding, Severity};
use crate::join::{Asker, Copied, Seat, Standing, Unserved, WhyNot};
use crate::text::Part;
use std::collections::BTreeSet;

/// CloudNativePG clusters of which nothing, or too little, is copied.
pub(super) fn cnpg_no_backup(case: &Case, page: &Page) -> Vec<Finding> {
    let clusters = whole_clusters(case);
    clusters.into_iter().filter_map(|(fact, seats)| cluster(case, page, fact, &seats)).collect()
}

/// What a cluster lacks: one finding, the one that has to be mended first.
fn cluster(case: &Case, page: &Page, fact: &Fact<Database>, seats: &[&Seat]) -> Option<Finding> {
    let by: Vec<&Copied> = seats.iter().flat_map(|seat| &seat.copies.by).collect();
    let plan = |copied: &Copied| &case.facts.backups[copied.plan].says;
    let has = |kind: BackupKind| by.iter().any(|copied| plan(copied).kind == Some(kind));
    // A snapshot that the storage takes by itself is none that PostgreSQL knows of.
    let is_snapshot =
        |copied: &&&Copied| plan(copied).kind == Some(BackupKind::Snapshot) && plan(copied).section.is_some();
    let has_base = has(BackupKind::Base) || by.iter().any(|copied| is_snapshot(&copied));
    let failed = seats.iter().flat_map(|seat| &seat.copies.failed);
    let mut failed: Vec<&(Copied, WhyNot)> = failed.collect();
    failed.sort_by_key(|(copied, why)| (std::cmp::Reverse(*why), *copied));
    let is_told = seats.iter().any(|seat| seat.standing == Standing::Local && seat.count() == Some(1));
    if let Some((copied, why)) = failed.first().filter(|(_, why)| !has_base || *why == WhyNot::NoStore) {
        return failure(case, page, fact, *copied, *why).filter(|_| *why != WhyNot::Off || !is_told);
    }
    let copied_otherwise = has(BackupKind::Dump) || has(BackupKind::Files);
    if copied_otherwise || seats.iter().any(|seat| seat.copies.unsure) {
        return None;
    }
    let (after, help) = match (has_base, has(BackupKind::Wal)) {
        (true, true) => return None,
        (true, false) => (
            " takes base backups and archives no WAL: it comes back as it was at the last one",
            Some("archive the WAL to an object store"),
        ),
        (false, true) => (
            " archives its WAL, and no plan takes base backups: WAL alone restores nothing",
            Some("add a ScheduledBackup: the WAL is replayed upon a base backup"),
        ),
        (false, false) if is_told => return None,
        (false, false) => (" has neither a backup nor an archive of its WAL that is seen here", None),
    };
    let mut finding = case.about(page, fact, fact.origin.clone(), ("", after));
    finding.help = help.map(str::to_owned);
    let wal = by.iter().find(|copied| plan(copied).kind == Some(BackupKind::Wal));
    if let Some(copied) = wal.filter(|_| !has_base) {
        finding.also.push((case.facts.backups[copied.plan].origin.span(), "the WAL is archived here".into()));
    }
    Some(finding)
}

/// A plan for a cluster that copies nothing.
fn failure(case: &Case, page: &Page, fact: &Fact<Database>, copied: Copied, why: WhyNot) -> Option<Finding> {
    let (plan, timer) = (&case.facts.backups[copied.plan], &case.facts.backups[copied.timer]);
    let who = timer.owner.label();
    let help = match why {
        WhyNot::Off => "switch it on again, or let something else take the backups",
        WhyNot::NoStore => "add the object store, or name one that is there",
        WhyNot::NoSection => "add what the method needs to the cluster, or ask for another method",
    };
    let (origin, after, severity) = match why {
        WhyNot::Off => {
            let off = timer.says.off.as_ref().or(plan.says.off.as_ref());
            let own = || own_plans(case, fact).find_map(|plan| plan.says.off.as_ref());
            let kind = plan.says.kind.map_or("backup", BackupKind::name);
            let what =
                if off.is_none() || who == fact.owner.label() { "the plugin" } else { &format!("`{who}`") };
            (off.or_else(own)?.clone(), format!(" has no {kind}: {what} is switched off"), page.severity)
        }
        WhyNot::NoStore => {
            let store = store_of(case, plan, fact)?;
            let after = format!(" has no backup: its object store `{}` is not there", store.text);
            (store.origin.clone(), after, Severity::Warning)
        }
        WhyNot::NoSection => {
            let section = plan.says.section.unwrap_or_default();
            let lacks = match section {
                "plugin" => "names no plugin for backups".to_owned(),
                section => format!("has no `backup.{section}`"),
            };
            let after =
                format!(" has no base backup: `{who}` asks for the method `{section}`, and it {lacks}");
            (plan.origin.clone(), after, Severity::Warning)
        }
    };
    let finding = case.about(page, fact, origin, ("", &after));
    Some(Finding { severity, help: Some(help.to_owned()), ..finding })
}

/// The store that a plan, or the section of the cluster that it asks for, names.
fn store_of<'a>(case: &Case<'a>, plan: &'a Fact<BackupPlan>, database: &Fact<Database>) -> Option<&'a Part> {
    let own = plan.says.to.as_ref().filter(|_| plan.says.needs_store);
    own.or_else(|| own_plans(case, database).find(|plan| plan.says.needs_store)?.says.to.as_ref())
}

/// The plans that a cluster declares in itself.
fn own_plans<'a>(case: &Case<'a>, database: &Fact<Database>) -> impl Iterator<Item = &'a Fact<BackupPlan>> {
    let own = database.owner.clone();
    case.facts.backups.iter().filter(move |plan| plan.owner == own)
}

/// Engines that keep what exists nowhere else; caches, indices and logs are made anew.
const OF_RECORD: [&str; 3] = ["postgres", "mysql", "mongodb"];

/// Databases that nothing copies, beside something that is copied.
pub(super) fn database_no_backup(case: &Case, page: &Page) -> Vec<Finding> {
    let bare = case.joined.vain.bare.iter().map(|(seat, plan)| (&case.joined.seats[*seat], *plan));
    let of_record = bare.filter(|(seat, _)| OF_RECORD.contains(&seat.engine.name.as_str()));
    of_record
        .filter_map(|(seat, plan)| {
            let plan = &case.facts.backups[plan];
            let before = format!("nothing that is seen here copies the {} of ", seat.engine.name);
            let after = format!(", and `{}` copies other data", plan.owner.label());
            let mut finding = match (seat.database, seat.workload) {
                (Some(at), _) => {
                    let fact = &case.facts.databases[at];
                    case.about(page, fact, fact.origin.clone(), (&before, &after))
                }
                (None, at) => {
                    let fact = &case.facts.workloads[at?];
                    case.about(page, fact, server(fact, seat)?.origin.clone(), (&before, &after))
                }
            };
            finding.also.push((plan.origin.span(), "other data is copied by this".into()));
            Some(finding)
        })
        .collect()
}

/// The image of the server that a seat was found by.
fn server<'a>(fact: &'a Fact<Workload>, seat: &Seat) -> Option<&'a Part> {
    let images = fact.says.containers.iter().filter_map(|container| container.image.as_ref());
    images.into_iter().find(|image| seat.also.iter().any(|(span, _)| *span == image.span()))
}

/// Plans that name what is not there.
pub(super) fn target_missing(case: &Case, page: &Page) -> Vec<Finding> {
    let mut out = Vec::new();
    for (at, elsewhere) in &case.joined.vain.lost {
        let plan = &case.facts.backups[*at];
        let (kind, name) = match &plan.says.of {
            Subject::Resource { name, .. } => ("Cluster", name),
            Subject::Policy(name) => ("SnapshotPolicy", name),
            _ => continue,
        };
        let more = match elsewhere.iter().find(|name| !name.is_empty()) {
            Some(other) => format!(": there is one in the namespace `{other}`, and a plan sees its own only"),
            None => String::new(),
        };
        let after = format!(" backs up the {kind} `{}`, which is not there{more}", name.text);
        out.push(case.about(page, plan, name.origin.clone(), ("", &after)));
    }
    out
}

/// Labels, annotations and parameters that ask Longhorn for backups in vain.
pub(super) fn unserved(case: &Case, page: &Page) -> Vec<Finding> {
    let mut out = Vec::new();
    let all = &case.joined.vain.unserved;
    for group in all.chunk_by(|a, b| a.by == b.by && a.why == b.why) {
        let names: BTreeSet<String> = group.iter().map(|one| format!("`{}`", one.asks.text)).collect();
        let names = listed(names.iter().map(String::as_str).collect());
        let Unserved { by, asks, why } = &group[0];
        let (after, help) = match *why {
            "no-source" => (
                format!(
                    " asks Longhorn for {names} in vain: of a claim it reads such labels only beside `recurring-job.longhorn.io/source: enabled`"
                ),
                Some("add the label `recurring-job.longhorn.io/source: enabled`"),
            ),
            "no-job" => (
                format!(" asks Longhorn for {names}, and no RecurringJob of this repository serves that"),
                Some("name a job or a group that a RecurringJob serves, or add the RecurringJob"),
            ),
            _ => (format!(" carries {names}, which Longhorn does not read"), None),
        };
        let finding = match *by {
            Asker::Mark(at) => case.about(page, &case.facts.marks[at], asks.origin.clone(), ("", &after)),
            Asker::Class(at) => case.about(page, &case.facts.classes[at], asks.origin.clone(), ("", &after)),
        };
        out.push(Finding { help: help.map(str::to_owned), ..finding });
    }
    out
}

/// Jobs of Longhorn's that nothing here asks for.
pub(super) fn idle(case: &Case, page: &Page) -> Vec<Finding> {
    let after = " serves no claim and no class of this repository: only volumes that were labelled by hand";
    let plans = case.joined.vain.idle.iter().map(|at| &case.facts.backups[*at]);
    plans.map(|plan| case.about(page, plan, plan.origin.clone(), ("", after))).collect()
}
