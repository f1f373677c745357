//! Every claim with its class and those who use it, and the databases that have none. What rules ask of databases
//! alone is in `storage`.

use super::storage::{Desk, Seat, lives_on, number, seat, with_defaults};
use crate::facts::{Claim, ClaimShape, ClassName, Engine, Facts, Gist, Resource};
use crate::text::{Origin, Part, SourceId, Span, Str};
use std::collections::{BTreeMap, BTreeSet, HashSet};

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
    /// Where they name it.
    pub used_at: Vec<Span>,
    /// Its class: where it is decided, and what is known of it.
    pub seat: Seat,
}

/// What says something of claims and is no row: where, and why.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct NotListed {
    pub at: Span,
    pub why: &'static str,
}

/// Every claim of the repository: objects, templates of workloads, storage of databases, and what else looks like one.
/// And what does so and is none.
pub(super) fn holdings(desk: &Desk) -> (Vec<Holding>, Vec<NotListed>) {
    let facts = desk.facts;
    let told = Told::of(facts);
    let (uses, mut not_listed) = uses(desk, &told);
    let mut out = Vec::new();
    for (fact, uses) in facts.claims.iter().zip(&uses).filter(|(fact, _)| desk.stands(&fact.owner)) {
        let from = out.len();
        let mut users: Vec<String> = uses.keys().cloned().collect();
        // A claim inside of another resource is that resource's.
        if users.is_empty() && fact.owner.kind != "PersistentVolumeClaim" {
            users.push(fact.owner.label());
        }
        hold(desk, &fact.says, &fact.owner, &fact.origin, users, &mut out);
        let places: BTreeSet<Span> = uses.values().flatten().copied().collect();
        out[from..].iter_mut().for_each(|holding| holding.used_at = places.iter().copied().collect());
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
    for fact in facts.claim_shapes.iter().filter(|fact| desk.stands(&fact.owner) && told.is_new(&fact.says)) {
        let why = match fact.says.gist {
            Gist::Claim => {
                let users = vec![fact.owner.label()];
                hold(desk, &fact.says.claim, &fact.owner, &fact.origin, users, &mut out);
                continue;
            }
            Gist::Reference => continue,
            Gist::Unused => "unused",
            Gist::Unclear => "unclear",
        };
        not_listed.extend(fact.says.places.first().map(|at| NotListed { at: *at, why }));
    }
    not_listed.sort();
    not_listed.dedup();
    (out, not_listed)
}

/// Where what is known of claims is written: a shape that one of these places is in was told by somebody else.
struct Told(HashSet<Span>);

impl Told {
    fn of(facts: &Facts) -> Told {
        let mut told = Told(HashSet::new());
        for fact in &facts.claims {
            told.claim(&fact.says);
        }
        for volume in facts.workloads.iter().flat_map(|fact| &fact.says.volumes) {
            volume.inline.iter().for_each(|claim| told.claim(claim));
            volume.claim.iter().for_each(|name| told.origin(&name.origin));
        }
        for (_, claim) in facts.databases.iter().flat_map(|fact| &fact.says.claims) {
            told.claim(claim);
        }
        told
    }

    fn claim(&mut self, claim: &Claim) {
        match &claim.class {
            ClassName::Named(part) | ClassName::Unknown(part) | ClassName::Existing(part) => {
                self.origin(&part.origin);
            }
            ClassName::Omitted(origin) => self.origin(origin),
        }
        claim.size.iter().chain(&claim.modes).for_each(|part| self.origin(&part.origin));
    }

    fn origin(&mut self, origin: &Origin) {
        self.0.insert(origin.span());
        self.0.extend(origin.road().map(|(_, at)| at));
    }

    fn is_new(&self, shape: &ClaimShape) -> bool {
        !shape.places.iter().any(|place| self.0.contains(place))
    }
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
            let (instances, primaries) = (number(fact.says.instances.as_ref()), fact.says.primaries);
            let (untold, copies) = (fact.says.backup, desk.copies_of(fact));
            let because = desk.because(fact, &engine);
            out.push(Seat { database: Some(index), instances, primaries, untold, copies, because, ..bare });
        }
    }
    for (index, fact) in desk.facts.workloads.iter().enumerate() {
        if !desk.stands(&fact.owner) || !lives_on(fact) {
            continue;
        }
        for (at, _, server) in desk.servers(&fact.says) {
            let is_declared = || desk.own_servers.has(&fact.owner, &server.engine.name);
            if !running.contains(&(index, at)) && !is_declared() {
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

/// Who uses a claim, and where they name it.
type Users = BTreeMap<String, Vec<Span>>;

/// Who uses each claim object, by index; and the names that no claim here has.
fn uses(desk: &Desk, told: &Told) -> (Vec<Users>, Vec<NotListed>) {
    let facts = desk.facts;
    let (mut out, mut lost) = (vec![Users::new(); facts.claims.len()], Vec::new());
    let mut uses = |owner: &Resource, namespace: &str, name: &Part| {
        let meant = desk.claims.meant(owner, namespace, &of_release(name, owner));
        if meant.is_empty() {
            lost.push(NotListed { at: name.span(), why: "elsewhere" });
        }
        for index in meant {
            out[index].entry(owner.label()).or_default().push(name.span());
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
    for fact in facts.claim_shapes.iter().filter(|fact| fact.says.gist == Gist::Reference) {
        if let Some(name) = existing(&fact.says.claim).filter(|_| told.is_new(&fact.says)) {
            uses(&fact.owner, &fact.says.claim.namespace, name);
        }
    }
    (out, lost)
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
        size: claim.size.as_ref().map(|part| with_defaults(part).map_or(part.text.clone(), |own| own.text)),
        users: users.clone(),
        used_at: Vec::new(),
        seat,
    }));
}
