//! Volumes that are no claims: folders of a host, files of the network, volumes made by hand; and who uses
//! them.

use super::beside::{origin, stands};
use super::holdings::{Holding, NotListed, OFF, UNUSED};
use super::storage::{Desk, Seat, seat};
use crate::facts::{Backing, Engine, Fact, Gist, Resource, StaticVolume};
use crate::text::{Origin, Part, SourceId, Span, Str};
use std::collections::{BTreeSet, HashSet};

/// One such volume, in one environment.
#[derive(Clone, Debug)]
pub struct Disk {
    pub name: Str,
    pub backing: Backing,
    /// Its own driver, if it is a PersistentVolume with one.
    pub driver: Option<Part>,
    /// It is a PersistentVolume.
    pub by_hand: bool,
    pub size: Option<Str>,
    /// The claims that it is kept for, or that get it: `namespace/name`.
    pub claims: Vec<String>,
    /// Who declares it, and in which file.
    pub owner: String,
    pub source: SourceId,
    pub users: Vec<String>,
    /// How it stands, and where it is written.
    pub seat: Seat,
}

/// Every such volume; and what looks like one and is none.
pub(super) fn disks(desk: &Desk, holdings: &[Holding]) -> (Vec<Disk>, Vec<NotListed>) {
    let (mut out, mut unused) = (by_hand(desk, holdings), Vec::new());
    let mut told: HashSet<Span> = HashSet::new();
    for fact in desk.facts.workloads.iter().filter(|fact| desk.stands(&fact.owner)) {
        for volume in
            fact.says.volumes.iter().filter(|volume| volume.claim.is_none() && volume.inline.is_none())
        {
            let Some(origin) = origin(&volume.backing) else { continue };
            told.insert(origin.span());
            told.extend(origin.road().map(|(_, at)| at));
            out.push(disk(desk, &fact.owner, volume.name.clone(), &volume.backing, origin));
        }
    }
    for fact in desk.facts.loose_volumes.iter().filter(|fact| desk.stands(&fact.owner)) {
        if told.contains(&fact.origin.span()) {
            continue;
        }
        let says = match fact.says.gist {
            Gist::Unused => UNUSED,
            Gist::Off => OFF,
            _ => {
                out.push(disk(desk, &fact.owner, fact.says.name.clone(), &fact.says.backing, &fact.origin));
                continue;
            }
        };
        let (at, whose) = (fact.origin.span(), fact.owner.label());
        unused.push(NotListed { at, why: "unused", says: says.to_owned(), whose });
    }
    (out, unused)
}

fn disk(desk: &Desk, owner: &Resource, name: Str, backing: &Backing, origin: &Origin) -> Disk {
    Disk {
        name,
        seat: Seat { standing: stands(desk, backing), ..bare(desk, owner, origin) },
        backing: backing.clone(),
        driver: driver(backing),
        by_hand: false,
        size: None,
        claims: Vec::new(),
        owner: owner.label(),
        source: owner.source,
        users: vec![owner.label()],
    }
}

/// The PersistentVolumes, with the claims that they are for.
fn by_hand(desk: &Desk, holdings: &[Holding]) -> Vec<Disk> {
    let mut takers: Vec<Vec<&Holding>> = vec![Vec::new(); desk.facts.volumes.len()];
    for holding in holdings {
        if let [only] = holding.seat.volumes.as_slice() {
            takers[*only].push(holding);
        }
    }
    let all = desk.facts.volumes.iter().zip(takers).filter(|(fact, _)| desk.stands(&fact.owner));
    let made = |(fact, takers): (&Fact<StaticVolume>, Vec<&Holding>)| {
        let says = &fact.says;
        let path = |namespace: &str, name: &str| match namespace {
            "" => name.to_owned(),
            _ => format!("{namespace}/{name}"),
        };
        let own = says.claim.iter().map(|(namespace, name)| path(namespace, name));
        let theirs = takers.iter().map(|holding| path(&holding.namespace, &holding.name));
        let claims: BTreeSet<String> = own.chain(theirs).collect();
        let users: BTreeSet<&String> = takers.iter().flat_map(|holding| &holding.users).collect();
        let origin = origin(&says.backing).unwrap_or(&fact.origin);
        let seat = bare(desk, &fact.owner, origin);
        Disk {
            name: says.name.clone(),
            backing: says.backing.clone(),
            driver: says.driver.clone().or_else(|| driver(&says.backing)),
            by_hand: true,
            size: says.size.as_ref().map(|part| part.text.clone()),
            claims: claims.into_iter().collect(),
            owner: fact.owner.label(),
            source: fact.owner.source,
            users: users.into_iter().cloned().collect(),
            seat: Seat { standing: desk.stands_by_hand(says), class: says.class.clone(), ..seat },
        }
    };
    all.map(made).collect()
}

fn driver(backing: &Backing) -> Option<Part> {
    match backing {
        Backing::Driver(part) => Some(part.clone()),
        _ => None,
    }
}

/// A seat for no database.
fn bare(desk: &Desk, owner: &Resource, origin: &Origin) -> Seat {
    let nobody = Engine { name: Str::default(), major: None };
    Seat { environment: desk.environment(owner), ..seat(&nobody, owner, origin) }
}
