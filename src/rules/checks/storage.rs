//! Where databases keep their data, and whether there is a second copy of it.

use super::super::{Case, Page};
use crate::facts::{Backup, ClassName, Database, Fact};
use crate::finding::{Finding, Severity};
use crate::join::{Seat, Standing, predecessor};
use crate::text::Origin;
use std::collections::{BTreeMap, BTreeSet};

/// ` in production`, where that is what decides.
fn place(seat: &Seat) -> String {
    seat.environment.as_ref().map_or(String::new(), |name| format!(" in {name}"))
}

/// A finding on a seat, with the road from the class to the database.
fn on(case: &Case, page: &Page, seat: &Seat, origin: &Origin, says: String) -> Option<Finding> {
    let mut finding = match (seat.database, seat.workload) {
        (Some(at), _) => case.finding(page, &case.facts.databases[at], origin.clone(), says),
        (None, Some(at)) => case.finding(page, &case.facts.workloads[at], origin.clone(), says),
        (None, None) => return None,
    };
    let dot = if finding.path.is_empty() { "" } else { "." };
    finding.path = format!("{}{dot}storage[{}]", finding.path, seat.what);
    finding.also.extend(seat.also.iter().cloned());
    Some(finding)
}

fn class(seat: &Seat) -> &str {
    seat.class.as_ref().map_or("", |class| class.text.as_str())
}

/// PostgreSQL whose class is named and is Longhorn's.
pub(super) fn postgres_on_longhorn(case: &Case, page: &Page) -> Vec<Finding> {
    let seats = case.joined.seats.iter().filter(|seat| {
        seat.engine.name == "postgres" && seat.standing == Standing::Longhorn && !seat.omitted
    });
    seats
        .filter_map(|seat| {
            let replicas = seat.replicas.as_ref().and_then(|part| part.text.parse::<u32>().ok());
            let many = seat.count().is_some_and(|count| count > 1);
            let head = format!("PostgreSQL of {} keeps its data on the Longhorn class `{}`{}", seat.who, class(seat), place(seat));
            let (severity, says) = match replicas {
                Some(1) if many && seat.strict_local => {
                    (Severity::Warning, format!("{head}: with one strictly local replica this can be borne, a node-local class is better"))
                }
                Some(1) if !many => (page.severity, format!("{head}, with one replica under one instance: nothing replicates at all")),
                _ => (page.severity, head),
            };
            on(case, page, seat, &seat.origin, says).map(|finding| Finding { severity, ..finding })
        })
        .collect()
}

/// PostgreSQL on other storage that replicates by itself.
pub(super) fn postgres_on_replicated(case: &Case, page: &Page) -> Vec<Finding> {
    let seats = case
        .joined
        .seats
        .iter()
        .filter(|seat| seat.engine.name == "postgres" && seat.standing == Standing::Replicated);
    seats
        .filter_map(|seat| {
            on(
                case,
                page,
                seat,
                &seat.origin,
                format!(
                    "PostgreSQL of {} keeps its data on `{}`{}, which replicates by itself",
                    seat.who,
                    class(seat),
                    place(seat)
                ),
            )
        })
        .collect()
}

/// PostgreSQL that takes whatever class is the default.
pub(super) fn postgres_class_omitted(case: &Case, page: &Page) -> Vec<Finding> {
    let seats =
        case.joined.seats.iter().filter(|seat| {
            seat.engine.name == "postgres" && seat.omitted && seat.standing != Standing::Local
        });
    seats
        .filter_map(|seat| {
            let (severity, says) = match seat.standing {
                Standing::Longhorn => (
                    Severity::Error,
                    format!(
                        "PostgreSQL of {} names no class, and the default class `{}` is Longhorn's",
                        seat.who,
                        class(seat)
                    ),
                ),
                _ => (
                    page.severity,
                    format!(
                        "PostgreSQL of {} names no storage class: it gets whatever is the default",
                        seat.who
                    ),
                ),
            };
            on(case, page, seat, &seat.origin, says).map(|finding| Finding { severity, ..finding })
        })
        .collect()
}

/// Other engines that replicate by themselves, on storage that does so too.
pub(super) fn database_on_replicated(case: &Case, page: &Page) -> Vec<Finding> {
    let seats = case.joined.seats.iter().filter(|seat| {
        seat.engine.name != "postgres" && matches!(seat.standing, Standing::Longhorn | Standing::Replicated)
    });
    // A single one of these does not replicate; then the storage may well be what keeps its data.
    seats
        .filter(|seat| seat.count().is_some_and(|count| count > 1))
        .filter_map(|seat| {
            on(
                case,
                page,
                seat,
                &seat.origin,
                format!(
                    "{} of {} replicates by itself and keeps its data on `{}`{}, which does so too",
                    seat.engine.name,
                    seat.who,
                    class(seat),
                    place(seat)
                ),
            )
        })
        .collect()
}

/// One instance on one node's disk, and no backup.
pub(super) fn single_copy(case: &Case, page: &Page) -> Vec<Finding> {
    let seats = case.joined.seats.iter().filter(|seat| {
        seat.standing == Standing::Local
            && seat.count() == Some(1)
            && seat.backup == Backup::No
            && seat.what == "data"
    });
    seats
        .filter_map(|seat| {
            let origin = seat.instances.as_ref().map_or(&seat.origin, |part| &part.origin);
            on(case, page, seat, origin, format!("{} has one instance on one node's disk and no backup: a broken disk is the end of its data", seat.who))
        })
        .collect()
}

/// CloudNativePG clusters without backup (that are not single copies already).
pub(super) fn cnpg_no_backup(case: &Case, page: &Page) -> Vec<Finding> {
    let mut out = Vec::new();
    for (fact, seats) in whole_clusters(case) {
        let is_bare = seats.iter().any(|seat| seat.backup == Backup::No);
        let is_told = seats.iter().any(|seat| seat.standing == Standing::Local && seat.count() == Some(1));
        if is_bare && !is_told {
            out.push(case.finding(
                page,
                fact,
                fact.origin.clone(),
                format!("{} has neither a backup nor an archive of its WAL", fact.owner.label()),
            ));
        }
    }
    out
}

/// CloudNativePG clusters with one instance.
pub(super) fn cnpg_single_instance(case: &Case, page: &Page) -> Vec<Finding> {
    whole_clusters(case)
        .into_iter()
        .filter_map(|(fact, _)| {
            let count = fact.says.instances.as_ref().filter(|part| part.text == "1")?;
            Some(case.finding(
                page,
                fact,
                count.origin.clone(),
                format!("{} has one instance: when its node goes, so does the database", fact.owner.label()),
            ))
        })
        .collect()
}

/// Clusters that stand for themselves, with storage and not as a patch, and their seats.
fn whole_clusters<'a>(case: &Case<'a>) -> Vec<(&'a Fact<Database>, Vec<&'a Seat>)> {
    let mut seats: BTreeMap<usize, Vec<&Seat>> = BTreeMap::new();
    for seat in &case.joined.seats {
        if let Some(at) = seat.database {
            seats.entry(at).or_default().push(seat);
        }
    }
    let all = seats.into_iter().map(|(at, seats)| (&case.facts.databases[at], seats));
    all.filter(|(fact, _)| fact.owner.api.starts_with("postgresql.cnpg.io/")).collect()
}

/// PostgreSQL whose major version is another than in the revision before.
pub(super) fn major_jump(case: &Case, page: &Page) -> Vec<Finding> {
    let mut out = Vec::new();
    for now in case.joined.servers.iter().filter(|now| now.engine == "postgres") {
        let Some(before) = predecessor(now, case.before).filter(|before| before.major != now.major) else {
            continue;
        };
        let says = format!(
            "PostgreSQL goes from {} to {} by its tag alone: {} will not start on the data of {}",
            before.major, now.major, now.major, before.major
        );
        out.push(case.finding(page, &case.facts.images[now.image], now.part.origin.clone(), says));
    }
    out
}

/// Claims that name a class which no manifest defines.
pub(super) fn class_undefined(case: &Case, page: &Page) -> Vec<Finding> {
    let known: BTreeSet<&str> =
        case.facts.classes.iter().map(|class| class.says.name.text.as_str()).collect();
    let named = case.facts.claims.iter().filter_map(|claim| match &claim.says.class {
        ClassName::Named(part) if !part.text.is_empty() && !known.contains(part.text.as_str()) => {
            Some((claim, part))
        }
        _ => None,
    });
    named
        .map(|(claim, part)| {
            case.finding(
                page,
                claim,
                part.origin.clone(),
                format!("no manifest of this repository defines the class `{}`", part.text),
            )
        })
        .collect()
}

/// Two default classes of one cluster: which one wins is nobody's decision.
pub(super) fn default_twice(case: &Case, page: &Page) -> Vec<Finding> {
    let defaults: Vec<_> = case.facts.classes.iter().filter(|class| class.says.default.is_some()).collect();
    let mut out = Vec::new();
    for (at, class) in defaults.iter().enumerate().skip(1) {
        let before = defaults[..at].iter().find(|other| {
            other.says.name.text != class.says.name.text
                && case.joined.clusters.share(&other.owner, &class.owner)
        });
        let (Some(before), Some(place)) = (before, &class.says.default) else { continue };
        let says =
            format!("`{}` is a default class, and so is `{}`", class.says.name.text, before.says.name.text);
        let mut finding = case.finding(page, class, place.origin.clone(), says);
        if let Some(other) = &before.says.default {
            finding
                .also
                .push((other.span(), format!("`{}` is made the default here", before.says.name.text)));
        }
        out.push(finding);
    }
    out
}

/// A class that deletes the disk with the claim, under a database.
pub(super) fn reclaim_delete(case: &Case, page: &Page) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut told = BTreeSet::new();
    for seat in &case.joined.seats {
        let Some(at) = seat.object.filter(|at| told.insert(*at)) else { continue };
        let class = &case.facts.classes[at];
        let origin = match &class.says.reclaim {
            Some(policy) if policy.text == "Delete" => policy.origin.clone(),
            None => class.says.name.origin.clone(),
            Some(_) => continue,
        };
        let says = format!(
            "`{}` deletes the disk when its claim goes, and {} keeps its data there",
            class.says.name.text, seat.who
        );
        let mut finding = case.finding(page, class, origin, says);
        finding.also.push((seat.origin.span(), "used here".into()));
        out.push(finding);
    }
    out
}
