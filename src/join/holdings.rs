//! Every claim with its class and those who use it, and the databases that have none. What rules ask of databases
//! alone is in `storage`.

use super::beside;
use super::homes::Settings;
use super::storage::{Desk, Seat, lives_on, mounted_share, number, seat, with_defaults};
use crate::facts::{Claim, ClaimShape, ClassName, Engine, Fact, Facts, Gist, Resource};
use crate::text::{Hole, Origin, Part, SourceId, Span, Str};
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
    /// `unclear`: it cannot be read. `elsewhere`: it names a claim that nothing here declares. `unused`: a chart that is
    /// rendered makes nothing of it.
    pub why: &'static str,
    /// The same in plain words.
    pub says: String,
    /// Who says it.
    pub whose: String,
}

/// Every claim of the repository: objects, templates of workloads, storage of databases, and what else looks like one.
/// And what does so and is none.
pub(super) fn holdings(desk: &Desk) -> (Vec<Holding>, Vec<NotListed>) {
    let facts = desk.facts;
    let told = Told::of(facts);
    let (uses, mut not_listed) = uses(desk, &told);
    let mut out = Vec::new();
    for (fact, uses) in facts.claims.iter().zip(&uses).filter(|(fact, _)| desk.stands(&fact.owner)) {
        if fact.owner.kind == "PersistentVolumeClaim" && fact.says.name.is_empty() {
            not_listed.push(nameless(fact));
            continue;
        }
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
        let inline = fact.says.volumes.iter().filter_map(|volume| volume.inline.as_ref().zip(Some(volume)));
        for (claim, volume) in inline {
            let from = out.len();
            hold(desk, claim, &fact.owner, &fact.origin, vec![fact.owner.label()], &mut out);
            out[from..].iter_mut().for_each(|holding| mounted_share(volume, &mut holding.seat));
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
        if fact.says.gist == Gist::Claim {
            let users = vec![fact.owner.label()];
            hold(desk, &fact.says.claim, &fact.owner, &fact.origin, users, &mut out);
        } else {
            not_listed.extend(untold(fact));
        }
    }
    not_listed.sort();
    not_listed.dedup();
    (out, not_listed)
}

pub(super) const UNUSED: &str = "the chart that is rendered makes nothing of it";
pub(super) const OFF: &str = "it is switched off";

/// A template that nothing renders tells no claim of anybody.
fn nameless(fact: &Fact<Claim>) -> NotListed {
    let says = "a template whose name is not known".to_owned();
    NotListed { at: fact.origin.span(), why: "unclear", says, whose: fact.owner.label() }
}

/// Why a shape is no claim.
fn untold(fact: &Fact<ClaimShape>) -> Option<NotListed> {
    let (why, says) = match (fact.says.gist, &fact.says.claim.class) {
        (Gist::Claim | Gist::Reference, _) => return None,
        (Gist::Unused, _) => ("unused", UNUSED.to_owned()),
        (Gist::Off, _) => ("unused", OFF.to_owned()),
        (_, ClassName::Unknown(part)) => ("unclear", not_known(part)),
        (Gist::Default, ClassName::Named(part)) => {
            ("elsewhere", format!("the class `{}` is for claims that a chart makes", part.text))
        }
        _ => ("unclear", "a template for claims that is not here".to_owned()),
    };
    let at = *fact.says.places.first()?;
    Some(NotListed { at, why, says, whose: fact.owner.label() })
}

fn not_known(part: &Part) -> String {
    part.hole().map_or_else(|| format!("`{}` is not known", part.text), Hole::says)
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
    let settings = Settings::of(desk.facts);
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
            let (because, image) = (desk.because(fact, &engine), desk.image_of(fact, &engine));
            let database = Some(index);
            out.push(Seat { database, instances, primaries, untold, copies, because, image, ..bare });
        }
    }
    for (index, fact) in desk.facts.workloads.iter().enumerate() {
        if !desk.stands(&fact.owner) || !lives_on(fact) {
            continue;
        }
        for (at, container, server) in desk.servers(&fact.says) {
            let is_declared = || desk.own_servers.has(&fact.owner, &server.engine.name);
            if !running.contains(&(index, at)) && !is_declared() {
                let bare = desk.seat_of(index, fact, at, &server);
                out.push(beside::of_server(desk, &settings, fact, container, bare));
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
        let text = of_release(name, owner);
        let meant = desk.claims.meant(owner, namespace, &text);
        if meant.is_empty() {
            let is_open = !name.is_known() && text == name.text.as_str();
            let (why, says) = match is_open {
                true => ("unclear", not_known(name)),
                false => ("elsewhere", format!("the claim `{text}` is not declared here")),
            };
            lost.push(NotListed { at: written(name, owner), why, says, whose: owner.label() });
        }
        for index in meant {
            out[index].entry(owner.label()).or_default().push(written(name, owner));
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

/// Where the file of its owner has a name, rather than where what is substituted in it comes from.
fn written(name: &Part, owner: &Resource) -> Span {
    let first = name.text.chars().next().map_or(0, char::len_utf8);
    let last = name.text.chars().next_back().map_or(0, char::len_utf8);
    let ends = [name.slice(0..first), name.slice(name.text.len() - last..name.text.len())];
    let parts = std::iter::once(name).chain(&ends);
    let mut places = parts.flat_map(|part| {
        let road = part.origin.road().map(|(_, at)| at).collect::<Vec<_>>();
        std::iter::once(part.span()).chain(road)
    });
    places.find(|at| at.source == owner.source).unwrap_or_else(|| name.span())
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
    for seat in &mut seats {
        // Where a class is substituted, its place is elsewhere.
        let own = seat.class.as_ref().map_or(origin.span(), |class| written(class, owner));
        if own.source == owner.source && seat.origin.span().source != owner.source {
            seat.also.push((own, "the claim is written here".to_owned()));
        }
    }
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
