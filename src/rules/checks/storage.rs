//! Where databases keep their data, and whether there is a second copy of it.

use super::super::{Case, Page};
use crate::facts::{Backup, ClassName, Database, Fact, Resource, listed};
use crate::finding::{Finding, Severity};
use crate::join::{Seat, Standing};
use crate::text::{Origin, Span};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A finding on a seat, with the road from the class to the database. The sentence names the database between its two
/// pieces.
pub(super) fn on(
    case: &Case,
    page: &Page,
    seat: &Seat,
    origin: &Origin,
    sentence: (&str, &str),
) -> Option<Finding> {
    let mut finding = match (seat.database, seat.workload) {
        (Some(at), _) => case.about(page, &case.facts.databases[at], origin.clone(), sentence),
        (None, Some(at)) => case.about(page, &case.facts.workloads[at], origin.clone(), sentence),
        (None, None) => return None,
    };
    let dot = if finding.path.is_empty() { "" } else { "." };
    finding.path = format!("{}{dot}storage[{}]", finding.path, seat.what);
    finding.also.extend(seat.also.iter().cloned());
    Some(finding)
}

fn owner<'a>(case: &Case<'a>, seat: &Seat) -> Option<&'a Resource> {
    let database = || Some(&*case.facts.databases[seat.database?].owner);
    let workload = || Some(&*case.facts.workloads[seat.workload?].owner);
    database().or_else(workload)
}

fn class(seat: &Seat) -> &str {
    seat.class.as_ref().map_or("", |class| class.text.as_str())
}

/// What of a database a claim holds: those of its log are named as such.
pub(super) fn kept(seat: &Seat) -> &'static str {
    if seat.what == "wal" { "WAL" } else { "data" }
}

/// The seats of PostgreSQL. Where one claim goes to several clusters, and its class is made in some, only those are meant: in the
/// others nothing gives it a volume.
fn of_postgres<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Seat> {
    let all: Vec<&Seat> = case.joined.seats.iter().filter(|seat| seat.engine.name == "postgres").collect();
    let written = |seat: &Seat| {
        let owner = owner(case, seat)?;
        Some((owner.source, owner.written_label(), seat.what.clone(), seat.class.as_ref()?.text.clone()))
    };
    let has_class = |seat: &&&Seat| seat.object.is_some();
    let made: HashSet<_> = all.iter().filter(has_class).filter_map(|seat| written(seat)).collect();
    let is_meant =
        |seat: &&Seat| seat.object.is_some() || written(seat).is_none_or(|one| !made.contains(&one));
    all.into_iter().filter(is_meant).collect::<Vec<_>>().into_iter()
}

/// PostgreSQL whose class is named and is Longhorn's.
pub(super) fn postgres_on_longhorn(case: &Case, page: &Page) -> Vec<Finding> {
    let seats = of_postgres(case).filter(|seat| seat.standing == Standing::Longhorn && !seat.omitted);
    seats
        .filter_map(|seat| {
            let replicas = seat.replicas.as_ref().and_then(|part| part.text.parse::<u32>().ok());
            let (severity, more) = match (replicas, seat.count()) {
                (Some(1), Some(2..)) if seat.is_near => (
                    Severity::Warning,
                    ": with one replica that is kept near it this is tolerable, a node-local class is better",
                ),
                // A number that is not known is no single instance.
                (Some(1), count) if count.map_or(seat.instances.is_none(), |count| count < 2) => {
                    (page.severity, ", with one replica under one instance: nothing replicates at all")
                }
                _ => (page.severity, ""),
            };
            let after = match class(seat) {
                // The volume was made by hand, and its driver tells.
                "" => format!(" keeps its {} on a volume of Longhorn{more}", kept(seat)),
                name => format!(" keeps its {} on the Longhorn class `{name}`{more}", kept(seat)),
            };
            let finding = on(case, page, seat, &seat.origin, ("PostgreSQL of ", &after));
            finding.map(|finding| Finding { severity, ..finding })
        })
        .collect()
}

/// PostgreSQL on other storage that replicates by itself.
pub(super) fn postgres_on_replicated(case: &Case, page: &Page) -> Vec<Finding> {
    // An omitted class has a rule of its own.
    let seats = of_postgres(case).filter(|seat| seat.standing == Standing::Replicated && !seat.omitted);
    seats
        .filter_map(|seat| {
            let name = if class(seat).is_empty() { seat.standing.name() } else { class(seat) };
            let after = format!(" keeps its {} on `{name}`, which replicates by itself", kept(seat));
            on(case, page, seat, &seat.origin, ("PostgreSQL of ", &after))
        })
        .collect()
}

/// PostgreSQL that takes whatever class is the default.
pub(super) fn postgres_class_omitted(case: &Case, page: &Page) -> Vec<Finding> {
    // What is wrong with files of the network has a rule of its own.
    let is_open = |seat: &&Seat| seat.standing != Standing::Local && !seat.serves_files();
    let seats = of_postgres(case).filter(|seat| seat.omitted).filter(is_open);
    seats
        .filter_map(|seat| {
            let of = if kept(seat) == "WAL" { " for its WAL" } else { "" };
            let (severity, after) = match seat.standing {
                Standing::Longhorn => (
                    Severity::Error,
                    format!(" names no class{of}, and the default class `{}` is Longhorn's", class(seat)),
                ),
                Standing::Replicated => (
                    page.severity,
                    format!(
                        " names no class{of}, and the default class `{}` replicates by itself",
                        class(seat)
                    ),
                ),
                _ if class(seat).is_empty() => {
                    (page.severity, format!(" names no storage class{of}: it gets whatever is the default"))
                }
                _ => (
                    page.severity,
                    format!(
                        " names no class{of}: it gets `{}` for as long as that is the default",
                        class(seat)
                    ),
                ),
            };
            let finding = on(case, page, seat, &seat.origin, ("PostgreSQL of ", &after));
            finding.map(|finding| Finding { severity, ..finding })
        })
        .collect()
}

/// Other engines that replicate by themselves, on storage that does so too.
pub(super) fn database_on_replicated(case: &Case, page: &Page) -> Vec<Finding> {
    // Of an engine that nobody but the configuration knows, this is believed.
    let replicates = |name: &str| case.book.engines().engine(name).is_none_or(|engine| engine.replicates);
    let seats = case.joined.seats.iter().filter(|seat| {
        seat.engine.name != "postgres"
            && !seat.keeps_nothing()
            && matches!(seat.standing, Standing::Longhorn | Standing::Replicated)
            && replicates(&seat.engine.name)
    });
    // A single one of these does not replicate; then the storage may well be what keeps its data.
    seats
        .filter(|seat| seat.count().is_some_and(|count| count > 1))
        .filter_map(|seat| {
            let before = format!("{} of ", seat.engine.name);
            let after = format!(
                " replicates by itself and keeps its {} on `{}`, which does so too",
                kept(seat),
                class(seat)
            );
            on(case, page, seat, &seat.origin, (&before, &after))
        })
        .collect()
}

/// One instance on one node's disk, and no backup.
pub(super) fn single_copy(case: &Case, page: &Page) -> Vec<Finding> {
    let seats = case.joined.seats.iter().filter(|seat| {
        seat.standing == Standing::Local
            && seat.count() == Some(1)
            && seat.backup() == Backup::No
            && seat.what == "data"
            && !seat.keeps_nothing()
    });
    let after = " has one instance on one node's disk, and no backup that is seen here: without one, a broken disk is the end of its data";
    seats
        .filter_map(|seat| {
            let origin = seat.instances.as_ref().map_or(&seat.origin, |part| &part.origin);
            let mut finding = on(case, page, seat, origin, ("", after))?;
            let off = seat
                .copies
                .failed
                .iter()
                .filter_map(|(by, _)| case.facts.backups[by.timer].says.off.as_ref());
            finding
                .also
                .extend(off.map(|off| (off.span(), "a backup of it is switched off here".to_owned())));
            Some(finding)
        })
        .collect()
}

/// CloudNativePG clusters with one instance.
pub(super) fn cnpg_single_instance(case: &Case, page: &Page) -> Vec<Finding> {
    whole_clusters(case)
        .into_iter()
        .filter_map(|(fact, _)| {
            let count = fact.says.instances.as_ref().filter(|part| part.text == "1")?;
            let after = " has one instance: when its node goes, so does the database";
            Some(case.about(page, fact, count.origin.clone(), ("", after)))
        })
        .collect()
}

/// Clusters that stand for themselves, with storage and not as a patch, and their seats.
pub(super) fn whole_clusters<'a>(case: &Case<'a>) -> Vec<(&'a Fact<Database>, Vec<&'a Seat>)> {
    let mut seats: BTreeMap<usize, Vec<&Seat>> = BTreeMap::new();
    for seat in &case.joined.seats {
        if let Some(at) = seat.database {
            seats.entry(at).or_default().push(seat);
        }
    }
    let all = seats.into_iter().map(|(at, seats)| (&case.facts.databases[at], seats));
    all.filter(|(fact, _)| fact.owner.api.starts_with("postgresql.cnpg.io/")).collect()
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
    // A class that several clusters get is one, and has the users of all.
    let mut users: BTreeMap<(Span, String), (usize, Vec<&Seat>)> = BTreeMap::new();
    for seat in &case.joined.seats {
        if let Some(at) = seat.object {
            let class = &case.facts.classes[at];
            // What nothing delivers has no disk in a class that is there, nor in one that was of another tree.
            let is_there = class.owner.scene.as_ref().is_none_or(|scene| scene.live);
            let is_of_it = || {
                owner(case, seat).is_some_and(|owner| case.joined.clusters.is_one_tree(owner, &class.owner))
            };
            if is_there && !seat.delivered || !is_there && !is_of_it() || seat.keeps_nothing() {
                continue;
            }
            let key = (class.says.name.span(), class.owner.written_label());
            users.entry(key).or_insert((at, Vec::new())).1.push(seat);
        }
    }
    let mut out = Vec::new();
    for (at, seats) in users.into_values() {
        let class = &case.facts.classes[at];
        let origin = match &class.says.reclaim {
            Some(policy) if policy.text == "Delete" => policy.origin.clone(),
            None => class.says.name.origin.clone(),
            Some(_) => continue,
        };
        // Who keeps nothing but its WAL there is said to.
        let with_data: BTreeSet<&str> =
            seats.iter().filter(|seat| kept(seat) == "data").map(|seat| &*seat.who).collect();
        let mut seen = BTreeSet::new();
        let all = seats.iter().map(|seat| &*seat.who).filter(|who| seen.insert(*who));
        let names: Vec<String> = all
            .map(|who| if with_data.contains(who) { who.to_owned() } else { format!("{who} (its WAL)") })
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let says = format!(
            "the class `{}` deletes the disk when its claim goes, and on it is the data of {}",
            class.says.name.text,
            listed(names)
        );
        let mut finding = case.finding(page, class, origin, says);
        finding.also.extend(used(&seats));
        out.push(finding);
    }
    out
}

/// Where databases come to be on a class: each place once.
fn used(seats: &[&Seat]) -> Vec<(Span, String)> {
    let mut seen = HashSet::new();
    let own = seats.iter().map(|seat| (seat.origin.span(), "used here".to_owned()));
    let runs = seats
        .iter()
        .flat_map(|seat| seat.also.iter().filter(|(_, says)| says.contains(" runs here, in ")).cloned());
    own.chain(runs).filter(|(span, _)| seen.insert(*span)).collect()
}
