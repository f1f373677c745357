//! Every claim with its class and those who use it, and the databases that have none. What rules ask of databases
//! alone is in `storage`.

use super::storage::{Desk, Seat, lives_on, seat};
use crate::facts::{Claim, ClassName, Engine, Resource};
use crate::text::{Origin, Part, SourceId, Str};
use std::collections::{BTreeSet, HashSet};

/// One claim, in one environment.
#[derive(Clone, Debug)]
pub struct Holding {
    pub namespace: Str,
    /// The claim's own name, or what its owner calls it: `data`.
    pub name: Str,
    /// A class is written, be it the empty one; a variable is none.
    pub named: bool,
    /// Who declares it: `StatefulSet/keep/db`, and in which file.
    pub owner: String,
    pub source: SourceId,
    pub size: Option<Str>,
    /// The workloads and databases that use it.
    pub users: Vec<String>,
    /// Its class: where it is decided, and what is known of it.
    pub seat: Seat,
}

/// Every claim of the repository: objects, templates of workloads, storage of databases.
pub(super) fn holdings(desk: &Desk) -> Vec<Holding> {
    let facts = desk.facts;
    let users = users(desk);
    let mut out = Vec::new();
    for (fact, users) in facts.claims.iter().zip(&users).filter(|(fact, _)| desk.stands(&fact.owner)) {
        let mut users: Vec<String> = users.iter().cloned().collect();
        // A claim inside of another resource is that resource's.
        if users.is_empty() && fact.owner.kind != "PersistentVolumeClaim" {
            users.push(fact.owner.label());
        }
        hold(desk, &fact.says, &fact.owner, &fact.origin, users, &mut out);
    }
    for fact in facts.workloads.iter().filter(|fact| desk.stands(&fact.owner)) {
        for claim in fact.says.volumes.iter().filter_map(|volume| volume.inline.as_ref()) {
            hold(desk, claim, &fact.owner, &fact.origin, vec![fact.owner.label()], &mut out);
        }
    }
    for fact in facts.databases.iter().filter(|fact| desk.stands(&fact.owner)) {
        let from = out.len();
        for (what, claim) in &fact.says.claims {
            let held = out.len();
            hold(desk, claim, &fact.owner, &fact.origin, vec![fact.owner.label()], &mut out);
            out[held..].iter_mut().for_each(|holding| holding.name = what.clone());
        }
        // What copies the database copies what is in its claims.
        let copies = desk.copies_of(fact);
        out[from..].iter_mut().for_each(|holding| holding.seat.copies.extend(copies.clone()));
    }
    out
}

/// The databases that none of the seats belongs to: their claim is in a chart, elsewhere, or nowhere.
pub(super) fn seatless(desk: &Desk, seats: &[Seat]) -> Vec<Seat> {
    let mut out = Vec::new();
    let databases: HashSet<usize> = seats.iter().filter_map(|seat| seat.database).collect();
    let running: HashSet<(usize, usize)> =
        seats.iter().filter_map(|seat| seat.workload.zip(seat.container)).collect();
    for (index, fact) in desk.facts.databases.iter().enumerate() {
        if databases.contains(&index) || !desk.stands(&fact.owner) {
            continue;
        }
        if let Some(engine) = desk.engine(fact) {
            let bare = bare(desk, &engine, &fact.owner, &fact.origin);
            let (instances, primaries) = (fact.says.instances.clone(), fact.says.primaries);
            let (untold, copies) = (fact.says.backup, desk.copies_of(fact));
            let because = fact.says.because.clone();
            out.push(Seat { database: Some(index), instances, primaries, untold, copies, because, ..bare });
        }
    }
    for (index, fact) in desk.facts.workloads.iter().enumerate() {
        if !desk.stands(&fact.owner) || !lives_on(fact) {
            continue;
        }
        for (at, _, server) in desk.servers(&fact.says) {
            if !running.contains(&(index, at)) {
                out.push(desk.seat_of(index, fact, at, &server));
            }
        }
    }
    out
}

/// A seat without a claim.
fn bare(desk: &Desk, engine: &Engine, owner: &Resource, origin: &Origin) -> Seat {
    Seat { environment: desk.environment(owner), ..seat(engine, owner, origin) }
}

/// A name with that of its release put in, which is the one thing of a chart's template that a manifest tells.
fn of_release(name: &Part, owner: &Resource) -> String {
    let (mut out, mut from) = (String::new(), 0);
    for (range, hole) in name.holes() {
        // With anything behind it, the action writes something else.
        let is_bare = name.text[range.clone()].trim_matches(['{', '}', '-', ' ']) == hole.name;
        if hole.name != ".Release.Name" || !is_bare {
            continue;
        }
        out.push_str(&name.text[from..range.start]);
        out.push_str(&owner.name);
        from = range.end;
    }
    out + &name.text[from..]
}

/// Who uses each claim object, by index.
fn users(desk: &Desk) -> Vec<BTreeSet<String>> {
    let facts = desk.facts;
    let mut out = vec![BTreeSet::new(); facts.claims.len()];
    let mut uses = |owner: &Resource, namespace: &str, name: &Part| {
        for index in desk.claims.meant(owner, namespace, &of_release(name, owner)) {
            out[index].insert(owner.label());
        }
    };
    for fact in &facts.workloads {
        for volume in &fact.says.volumes {
            let existing = volume.inline.as_ref().and_then(existing);
            for name in volume.claim.as_ref().into_iter().chain(existing) {
                uses(&fact.owner, &fact.says.namespace, name);
            }
        }
    }
    for fact in &facts.databases {
        for (_, claim) in &fact.says.claims {
            let Some(name) = existing(claim) else { continue };
            uses(&fact.owner, &claim.namespace, name);
        }
    }
    out
}

/// The claim that a claim merely points to.
fn existing(claim: &Claim) -> Option<&Part> {
    match &claim.class {
        ClassName::Existing(part) => Some(part),
        _ => None,
    }
}

fn hold(
    desk: &Desk,
    claim: &Claim,
    owner: &Resource,
    origin: &Origin,
    users: Vec<String>,
    out: &mut Vec<Holding>,
) {
    if existing(claim).is_some() {
        return;
    }
    let mut seats = Vec::new();
    desk.settle(claim, owner, seat(&Engine { name: Str::default(), major: None }, owner, origin), &mut seats);
    out.extend(seats.into_iter().map(|seat| Holding {
        namespace: claim.namespace.clone(),
        name: claim.name.clone(),
        named: matches!(claim.class, ClassName::Named(_)),
        owner: owner.label(),
        source: owner.source,
        size: claim.size.as_ref().map(|part| part.text.clone()),
        users: users.clone(),
        seat,
    }));
}
