//! Claims: another class, another size, other access, gone; and what becomes of the data.

use super::change::{At, Found, Reached, Topic};
use super::databases::MOVED;
use super::gone;
use super::objects::Thing;
use super::pairs::Pairs;
use super::side::Side;
use super::sizes;
use crate::join::Holding;
use crate::syntax::Node;
use crate::text::Str;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// A claim of a cluster: who declares it, and what it is called there.
type Who = (Str, String, Str);

pub(super) fn compare(before: &Side, after: &Side, pairs: &Pairs, out: &mut Vec<Found>) {
    let mut old = claims(before, &|cluster| pairs.renamed(cluster));
    let new = claims(after, &|cluster| cluster.into());
    // Of what keeps a database the database tells the class.
    let of_databases = || out.iter().filter(|one| one.topic == Topic::Databases);
    let told: BTreeSet<At> = of_databases().filter_map(|one| one.at).collect();
    let reached: BTreeSet<Reached> = of_databases().flat_map(|one| one.reaches.iter().cloned()).collect();
    for (who, claim) in &new {
        let (cluster, owner, _) = who;
        match old.remove(who) {
            Some(was) => changed(who, was, claim, pairs, &told, out),
            None if pairs.is_new_and_open(owner, cluster) => {}
            None => {
                // What comes with its object is told with it, but for what keeps data by itself.
                if !owner.starts_with("PersistentVolumeClaim/") {
                    continue;
                }
                let at = pairs
                    .find(false, owner, cluster)
                    .map_or_else(|| claim.seat.origin.span(), |thing| thing.written);
                let found = Found::new(Topic::Storage, "added", title(who)).to(drawn(claim));
                out.push(found.at(At::after(at)).reaching(owner.clone(), cluster.clone()));
            }
        }
    }
    for (who, claim) in old {
        let (cluster, owner, _) = &who;
        let own = Reached { object: owner.as_str().into(), cluster: cluster.clone() };
        if pairs.is_open(owner, cluster) || reached.contains(&own) {
            continue;
        }
        let thing = pairs.find(true, owner, cluster);
        let at = thing.map_or_else(|| claim.seat.origin.span(), |thing| thing.written);
        let found = Found::new(Topic::Storage, "removed", title(&who)).to(drawn(claim));
        let found = found.at(At::before(at)).reaching(owner.clone(), cluster.clone());
        out.push(match fate(pairs, owner, thing, claim, cluster) {
            Some(note) => found.note(note),
            None => found,
        });
    }
}

fn claims<'a>(side: &'a Side, rename: &dyn Fn(&str) -> Str) -> BTreeMap<Who, &'a Holding> {
    let live = side.joined.holdings.iter().filter(|one| one.seat.delivered);
    let mut out = BTreeMap::new();
    for one in live {
        let cluster = rename(one.seat.cluster.as_deref().unwrap_or_default());
        out.entry((cluster, one.owner.clone(), one.name.clone())).or_insert(one);
    }
    out
}

/// `PersistentVolumeClaim/shop/uploads`, `StatefulSet/shop/db data`
fn title((_, owner, name): &Who) -> String {
    let is_own = owner.starts_with("PersistentVolumeClaim/") || name.is_empty();
    if is_own { owner.clone() } else { format!("{owner} {name}") }
}

fn class(claim: &Holding) -> String {
    match &claim.seat.class {
        Some(class) if !class.text.is_empty() => class.text.to_string(),
        _ => "the default class".into(),
    }
}

fn drawn(claim: &Holding) -> String {
    match &claim.size {
        Some(size) => format!("{size} on {}", class(claim)),
        None => format!("on {}", class(claim)),
    }
}

fn changed(who: &Who, was: &Holding, is: &Holding, pairs: &Pairs, told: &BTreeSet<At>, out: &mut Vec<Found>) {
    let (cluster, owner, _) = who;
    let found = |what: &'static str| {
        Found::new(Topic::Storage, what, title(who)).reaching(owner.clone(), cluster.clone())
    };
    let at = At::after(is.seat.origin.span());
    if class(was) != class(is) && !told.contains(&at) {
        out.push(found("moved").from(class(was)).to(class(is)).note(MOVED).at(at));
    }
    let thing = pairs.find(false, owner, cluster);
    if let (Some(old), Some(new)) = (&was.size, &is.size)
        && let Some(order) = sizes::compare(new, old).filter(|order| *order != Ordering::Equal)
    {
        let at = thing.and_then(|thing| size_of(&thing.root, new)).map_or(at, |node| At::after(node.span()));
        let one = found(if order == Ordering::Less { "shrinks" } else { "grows" });
        let one = one.from(old.to_string()).to(new.to_string()).at(at);
        out.push(if order == Ordering::Less { one.note("refused: volumes cannot shrink") } else { one });
    }
    let modes = |thing: &Thing| -> Option<(String, At)> {
        let node =
            thing.root.at(&["spec", "accessModes"]).filter(|_| thing.kind() == "PersistentVolumeClaim")?;
        let modes: Vec<&str> = node.items().iter().filter_map(Node::text).collect();
        let at = node.items().first().unwrap_or(node).span();
        Some((modes.join(" "), At::after(at)))
    };
    if let (Some(before), Some(after)) = (pairs.find(true, owner, cluster), thing)
        && let (Some((old, _)), Some((new, at))) = (modes(before), modes(after))
        && old != new
    {
        out.push(found("access").from(old).to(new).at(at));
    }
}

/// The node of an object that says this size.
fn size_of<'a>(root: &'a Node, size: &str) -> Option<&'a Node> {
    let mut found = None;
    root.walk(&mut |path, node| {
        let is_size = node.text() == Some(size)
            && path.rsplit('.').next().is_some_and(|key| matches!(key, "storage" | "size"));
        if is_size && found.is_none() {
            found = Some(node);
        }
        true
    });
    found
}

/// What becomes of the data of a claim that goes.
fn fate(
    pairs: &Pairs,
    owner: &str,
    thing: Option<&Thing>,
    claim: &Holding,
    cluster: &str,
) -> Option<&'static str> {
    if !owner.starts_with("PersistentVolumeClaim/") {
        // Kubernetes keeps the claims that it has made from a template.
        return owner.starts_with("StatefulSet/").then_some("its claims stay");
    }
    if let Some(kept) = thing.and_then(|thing| gone::kept(pairs, thing)) {
        return Some(kept);
    }
    let class = &claim.seat.class.as_ref()?.text;
    let object = pairs.find(true, &format!("StorageClass/{class}"), cluster);
    match object?.root.text_at("reclaimPolicy").unwrap_or("Delete") {
        "Delete" => Some("its class deletes the data"),
        "Retain" => Some("its class keeps the volume"),
        _ => None,
    }
}
