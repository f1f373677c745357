//! Databases on their claims: another engine or version, fewer copies, another class under them, no backup.

use super::change::{At, Found, Topic, Which};
use super::pairs::Pairs;
use super::side::Side;
use super::versions::{self, Step};
use crate::facts::Backup;
use crate::join::Seat;
use crate::text::{Span, Str};
use std::collections::{BTreeMap, BTreeSet};

/// A database of a cluster, and what its claim holds.
type Who = (Str, String, Str);

pub(super) const MOVED: &str = "existing volumes do not move";

pub(super) fn compare(before: &Side, after: &Side, pairs: &Pairs, out: &mut Vec<Found>) {
    let mut old = seats(before, &|cluster| pairs.renamed(cluster));
    let new = seats(after, &|cluster| cluster.into());
    let was_there: BTreeSet<(Str, String)> =
        old.keys().map(|(cluster, who, _)| (cluster.clone(), who.clone())).collect();
    let is_there: BTreeSet<(Str, String)> =
        new.keys().map(|(cluster, who, _)| (cluster.clone(), who.clone())).collect();
    let mut told: BTreeSet<(Str, String)> = BTreeSet::new();
    for (who, seat) in &new {
        let (cluster, name, _) = who;
        let own = (cluster.clone(), name.clone());
        let is_first = told.insert(own.clone());
        match old.remove(who) {
            Some(was) => {
                if is_first {
                    of_server(who, was, seat, pairs, out);
                }
                of_class(who, was, seat, out);
            }
            None if was_there.contains(&own) || !is_first || pairs.is_new_and_open(name, cluster) => {}
            None => {
                let at = pairs
                    .find(false, name, cluster)
                    .map_or_else(|| seat.origin.span(), |thing| thing.written);
                let found = Found::new(Topic::Databases, "added", name.clone()).to(drawn(seat));
                out.push(found.at(At::after(at)).reaching(name.clone(), cluster.clone()));
            }
        }
    }
    let mut told: BTreeSet<(Str, String)> = BTreeSet::new();
    for ((cluster, name, _), seat) in old {
        let own = (cluster.clone(), name.clone());
        if is_there.contains(&own) || pairs.is_open(&name, &cluster) || !told.insert(own) {
            continue;
        }
        let at = pairs.find(true, &name, &cluster).map_or_else(|| seat.origin.span(), |thing| thing.written);
        let found = Found::new(Topic::Databases, "removed", name.clone()).to(drawn(seat));
        out.push(found.at(At::before(at)).reaching(name, cluster));
    }
}

fn seats<'a>(side: &'a Side, rename: &dyn Fn(&str) -> Str) -> BTreeMap<Who, &'a Seat> {
    let all = side.joined.seats.iter().chain(&side.joined.seatless).chain(&side.joined.embedded);
    let live = all.filter(|seat| seat.delivered);
    let mut out = BTreeMap::new();
    for seat in live {
        let cluster = rename(seat.cluster.as_deref().unwrap_or_default());
        out.entry((cluster, seat.who.clone(), seat.what.clone())).or_insert(seat);
    }
    out
}

/// `postgres 17 on fast`
fn drawn(seat: &Seat) -> String {
    let class = match &seat.class {
        Some(class) => format!(" on {}", class.text),
        None if seat.omitted => " on the default class".into(),
        None => String::new(),
    };
    format!("{}{class}", engine(seat))
}

fn engine(seat: &Seat) -> String {
    match seat.engine.major {
        Some(major) => format!("{} {major}", seat.engine.name),
        None => seat.engine.name.to_string(),
    }
}

fn of_server((cluster, name, _): &Who, was: &Seat, is: &Seat, pairs: &Pairs, out: &mut Vec<Found>) {
    let thing = pairs.find(false, name, cluster);
    let own = || thing.map_or_else(|| is.origin.span(), |thing| thing.written);
    let found = |what: &'static str, at: Span| {
        Found::new(Topic::Databases, what, name.clone())
            .at(At::after(at))
            .reaching(name.clone(), cluster.clone())
    };
    // Where the image of its server is decided, the row of the image knows, too.
    let is_own = |one: &&Found| {
        one.topic == Topic::Images
            && one.reaches.iter().any(|to| to.object == name.as_str() && to.cluster == *cluster)
    };
    let told = out.iter().find(is_own).and_then(|one| one.at).filter(|at| at.which == Which::After);
    let image = || is.image.or(told.map(|at| at.span)).unwrap_or_else(own);
    if was.engine.name != is.engine.name {
        out.push(found("replaced", image()).from(engine(was)).to(engine(is)));
    } else if let (Some(old), Some(new)) = (was.engine.major, is.engine.major)
        && old != new
    {
        let what = if versions::step(&old.to_string(), &new.to_string()) == Step::Backwards {
            "backwards"
        } else {
            "major"
        };
        out.push(found(what, image()).from(engine(was)).to(new.to_string()));
    }
    if let (Some(old), Some(new)) = (was.count(), is.count())
        && old != new
    {
        let at = is.instances.as_ref().map_or_else(own, |part| part.span());
        let copies = if new == 1 { "1 copy".to_owned() } else { format!("{new} copies") };
        out.push(found("copies", at).from(old.to_string()).to(copies));
    }
    match (was.backup(), is.backup()) {
        (Backup::Yes, Backup::No) => out.push(found("backup", own()).to("nothing backs it up any more")),
        (Backup::Yes, Backup::Unknown) => out.push(found("backup", own()).to("no backup is seen any more")),
        (Backup::No | Backup::Unknown, Backup::Yes) => {
            out.push(found("backup", own()).to("is backed up now"))
        }
        _ => {}
    }
}

fn of_class((cluster, name, what): &Who, was: &Seat, is: &Seat, out: &mut Vec<Found>) {
    let class = |seat: &Seat| match &seat.class {
        Some(class) => class.text.to_string(),
        None if seat.omitted => "the default class".into(),
        None => String::new(),
    };
    let (old, new) = (class(was), class(is));
    if old == new || old.is_empty() || new.is_empty() {
        return;
    }
    let subject = if what.is_empty() { name.clone() } else { format!("{name} {what}") };
    let found = Found::new(Topic::Databases, "moved", subject).from(old).to(new).note(MOVED);
    out.push(found.at(At::after(is.origin.span())).reaching(name.clone(), cluster.clone()));
}
