//! The rows of the storage inventory: each database and each claim, with the class under it.

use super::ground::{Ground, ground};
use super::volumes::{self, Lies, VolumeRow};
use super::{Gap, Spot};
use crate::facts::{Backup, Claim, ClassName, Resource, When};
use crate::finding::Report;
use crate::join::{Copied, Holding, Joined, Seat};
use crate::text::{SourceId, Span};
use std::collections::BTreeSet;

/// Where a repository keeps its data.
#[derive(Clone, Debug, Default)]
pub struct StorageStock {
    pub databases: Vec<DatabaseRow>,
    pub claims: Vec<ClaimRow>,
    /// Volumes that are no claims.
    pub volumes: Vec<VolumeRow>,
    /// What says where data lives, and does not tell.
    pub untold: Vec<Untold>,
    /// What would make more known, the most useful first.
    pub hints: Vec<Hint>,
    /// What was not read.
    pub gaps: Vec<Gap>,
}

/// A place that says something of storage without telling where data lives.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Untold {
    /// `unclear`: it cannot be read. `elsewhere`: it names a claim that nothing here declares. `unused`: a chart that is
    /// rendered makes nothing of it, or it is switched off. Only what is unclear was not understood.
    pub why: &'static str,
    /// The same in plain words.
    pub reason: String,
    /// Whose it is: the claim, or the object.
    pub whose: String,
    pub place: Spot,
    /// There is a row for it, whose class is not known.
    pub has_row: bool,
}

/// Something that would make more known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Hint {
    /// A class that no object defines and whose name says nothing.
    Class { class: String, claims: usize },
    /// Releases that say nothing of their storage, and whose charts are not here.
    Charts { releases: usize },
}

/// One database on one of its claims.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct DatabaseRow {
    pub who: String,
    /// The file that it stands in, where its name alone does not tell it from others: services of two compose files.
    pub home: String,
    pub engine: String,
    pub major: Option<u32>,
    /// Why we believe it is one.
    pub because: String,
    /// What the claim holds: `data`, `wal`, or the volume's name; empty if no claim is known.
    pub what: String,
    /// The claim as its row tells it: its name, and its size if the database's own manifest says it.
    pub claim: Option<(String, Option<String>)>,
    /// What its data lies on, if that is no claim.
    pub on: Option<Lies>,
    pub instances: Option<String>,
    /// `yes`, `no` or `unknown`.
    pub backup: &'static str,
    /// What copies it, or its claim.
    pub backups: Vec<BackupRow>,
    pub ground: Ground,
    /// From the class to the database.
    pub road: Vec<(Spot, String)>,
}

/// One claim.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ClaimRow {
    pub namespace: String,
    pub name: String,
    /// Who declares it.
    pub owner: String,
    pub size: Option<String>,
    pub used_by: Vec<String>,
    /// Where others name it.
    pub used_at: Vec<Spot>,
    /// From where its class is decided to where it is used, and what else decides it.
    pub road: Vec<(Spot, String)>,
    /// What copies the claim itself, or the operator's resource that declares it.
    pub backups: Vec<BackupRow>,
    pub ground: Ground,
}

/// One plan that copies something.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct BackupRow {
    /// `base backup`, `WAL archive`, `logical dump`, `volume snapshot` or `file copy`.
    pub kind: &'static str,
    /// The object that says so: `ScheduledBackup/db/nightly`.
    pub by: String,
    /// How often, where that is written.
    pub schedule: Option<String>,
    /// The object store or repository that it goes to, by name.
    pub to: Option<String>,
    pub place: Spot,
}

impl StorageStock {
    /// Gathers what `wants` takes by the name of a file that belongs to it.
    pub fn of(report: &Report, joined: &Joined, wants: impl Fn(&str) -> bool) -> StorageStock {
        let named = |seat: &Seat, source| {
            wants(report.sources.name(seat.origin.span().source)) || wants(report.sources.name(source))
        };
        let seats = joined.seats.iter().map(|seat| (seat, true));
        let seats = seats.chain(joined.seatless.iter().map(|seat| (seat, false)));
        let seats = seats.chain(joined.embedded.iter().map(|seat| (seat, seat.on.is_none())));
        let mut databases: Vec<DatabaseRow> = seats
            .filter(|(seat, _)| named(seat, source(report, seat)))
            .map(|(seat, seated)| database(report, joined, seat, seated))
            .collect();
        let holdings = joined.holdings.iter().filter(|holding| named(&holding.seat, holding.source));
        let mut claims: Vec<ClaimRow> = holdings.map(|holding| claim(report, holding)).collect();
        databases.sort();
        databases.dedup();
        claims.sort();
        claims.dedup();
        let volumes = volumes::rows(report, joined, |disk| named(&disk.seat, disk.source));
        let not_listed = joined.not_listed.iter().filter(|one| wants(report.sources.name(one.at.source)));
        let not_listed = not_listed.map(|one| Untold {
            why: one.why,
            reason: one.says.clone(),
            whose: one.whose.clone(),
            place: Spot::of(&report.sources, one.at),
            has_row: false,
        });
        let mut untold: Vec<Untold> = not_understood(&claims).chain(not_listed).collect();
        untold.sort();
        untold.dedup();
        StorageStock { databases, claims, volumes, untold, hints: Vec::new(), gaps: Gap::all(report) }
    }

    /// What cannot be read.
    pub fn not_understood(&self) -> impl Iterator<Item = &Untold> {
        self.untold.iter().filter(|one| one.why == "unclear")
    }
}

/// The claims whose class is a variable or an expression that nothing here fills.
fn not_understood(claims: &[ClaimRow]) -> impl Iterator<Item = Untold> {
    claims.iter().filter(|row| row.ground.decided == "unknown").map(|row| Untold {
        why: "unclear",
        reason: row.ground.reason.clone().unwrap_or_else(|| "the class is not known".to_owned()),
        whose: row.title(),
        place: row.ground.place.clone(),
        has_row: true,
    })
}

impl ClaimRow {
    /// `Cluster/shop/db (data)`; a claim that is an object of its own has one name only.
    pub fn title(&self) -> String {
        let is_own = self.owner.starts_with("PersistentVolumeClaim/")
            && self.owner.ends_with(&format!("/{}", self.name));
        if is_own || self.name.is_empty() {
            self.owner.clone()
        } else {
            format!("{} ({})", self.owner, self.name)
        }
    }
}

/// What the row of a database's claim is called.
fn claim_of(report: &Report, seat: &Seat) -> Option<(String, Option<String>)> {
    let facts = &report.facts;
    let own = seat.database.and_then(|at| facts.databases.get(at)).and_then(|fact| {
        let mut claims = fact.says.claims.iter();
        claims.find(|(what, _)| *what == seat.what).map(|(what, claim)| (what, claim))
    });
    if let Some((what, claim)) = own {
        return Some(match &claim.class {
            ClassName::Existing(name) => (name.text.to_string(), None),
            _ => (what.to_string(), claim.size.as_ref().map(|part| part.text.to_string())),
        });
    }
    let workload = seat.workload.and_then(|at| facts.workloads.get(at))?;
    let volume = workload.says.volumes.iter().find(|volume| volume.name == seat.what)?;
    let name = match &volume.inline {
        Some(Claim { class: ClassName::Existing(name), .. }) => name.text.to_string(),
        Some(claim) => claim.name.to_string(),
        None => volume.claim.as_ref()?.text.to_string(),
    };
    Some((name, None))
}

/// The resource that the database itself is.
fn resource<'a>(report: &'a Report, seat: &Seat) -> Option<&'a Resource> {
    let facts = &report.facts;
    let declared = seat.database.and_then(|at| facts.databases.get(at)).map(|fact| &*fact.owner);
    let workload = seat.workload.and_then(|at| facts.workloads.get(at)).map(|fact| &*fact.owner);
    declared.or(workload)
}

/// The file in which the database itself stands.
fn source(report: &Report, seat: &Seat) -> SourceId {
    resource(report, seat).map_or(seat.origin.span().source, |owner| owner.source)
}

/// The same, of what is no object of a cluster: clusters tell their objects apart by name.
fn home(report: &Report, seat: &Seat) -> String {
    let owner = resource(report, seat).filter(|owner| owner.api.is_empty());
    owner.map_or_else(String::new, |owner| report.sources.name(owner.source).to_owned())
}

fn claim(report: &Report, holding: &Holding) -> ClaimRow {
    let mut ground = ground(report, &holding.seat, true);
    if holding.named {
        // An empty name is a decision too: the claim takes a volume that was made by hand.
        ground.decided = "named";
    }
    ClaimRow {
        namespace: holding.namespace.to_string(),
        name: holding.name.to_string(),
        owner: holding.owner.clone(),
        size: holding.size.as_ref().map(ToString::to_string),
        used_by: holding.users.clone(),
        road: road(report, &holding.seat),
        used_at: holding.used_at.iter().map(|at| Spot::of(&report.sources, *at)).collect(),
        backups: backups(report, &holding.seat),
        ground,
    }
}

/// How the class came to where it is used, and the places that say what it is.
fn road(report: &Report, seat: &Seat) -> Vec<(Spot, String)> {
    let way = seat.origin.road().map(|(how, at)| (at, how.says().to_owned()));
    let mut steps: Vec<(Span, String)> = way.chain(seat.also.iter().cloned()).collect();
    let mut seen = BTreeSet::new();
    steps.retain(|step| seen.insert(step.clone()));
    steps.into_iter().map(|(at, says)| (Spot::of(&report.sources, at), says)).collect()
}

fn database(report: &Report, joined: &Joined, seat: &Seat, seated: bool) -> DatabaseRow {
    DatabaseRow {
        who: seat.who.clone(),
        home: home(report, seat),
        engine: seat.engine.name.to_string(),
        major: seat.engine.major,
        because: seat.because.to_string(),
        what: seat.what.to_string(),
        claim: claim_of(report, seat),
        on: volumes::lies(report, joined, seat),
        instances: seat.count().map_or_else(
            || seat.instances.as_ref().map(|part| part.text.to_string()),
            |count| Some(count.to_string()),
        ),
        backup: match seat.backup() {
            Backup::Yes => "yes",
            Backup::No => "no",
            Backup::Unknown => "unknown",
        },
        backups: backups(report, seat),
        ground: ground(report, seat, seated),
        road: road_of(report, seat),
    }
}

/// From the class to the database. Where the class is substituted, the database's own file is on the way.
fn road_of(report: &Report, seat: &Seat) -> Vec<(Spot, String)> {
    let declared = seat.database.and_then(|at| report.facts.databases.get(at)).map(|fact| fact.origin.span());
    let declared = declared.filter(|at| at.source != seat.origin.span().source);
    let own = declared.map(|at| (at, format!("{} is declared here", seat.who)));
    let is_new = |at: &Span| *at != seat.origin.span() && seat.also.iter().all(|(other, _)| other != at);
    let image = seat.image.filter(is_new).map(|at| (at, "its server is this image".to_owned()));
    let steps = seat.also.iter().cloned().chain(own).chain(image);
    steps.map(|(at, says)| (Spot::of(&report.sources, at), says)).collect()
}

/// What copies a database or a claim: the plan that says when is named, and what says where to is asked for it.
fn backups(report: &Report, seat: &Seat) -> Vec<BackupRow> {
    let plans = &report.facts.backups;
    let row = |copied: &Copied| {
        let (plan, timer) = (&plans[copied.plan], &plans[copied.timer]);
        let when = match &timer.says.when {
            When::At(part) => Some(part.text.to_string()),
            _ => None,
        };
        Some(BackupRow {
            kind: plan.says.kind?.name(),
            by: timer.owner.label(),
            schedule: when,
            to: plan.says.to.as_ref().map(|part| without_credentials(&part.text)),
            place: Spot::of_origin(&report.sources, &timer.origin),
        })
    };
    let mut rows: Vec<BackupRow> = seat.copies.by.iter().filter_map(row).collect();
    rows.sort();
    rows.dedup();
    rows
}

/// An address without the user and the password in it.
fn without_credentials(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match host.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://…@{host}{path}"),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_credentials;

    #[test]
    fn addresses_are_told_without_their_credentials() {
        for (address, expected) in [
            ("offsite", "offsite"),
            ("s3://shop/db", "s3://shop/db"),
            (
                "rest:https://me:${WORD}@backup.example:8000/db@home",
                "rest:https://…@backup.example:8000/db@home",
            ),
            ("sftp://me@backup.example", "sftp://…@backup.example"),
        ] {
            assert_eq!(without_credentials(address), expected, "{address}");
        }
    }
}
