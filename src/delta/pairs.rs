//! Which object of one side is which of the other, and what differs in it. What one side could not build is left open: it
//! neither comes nor goes.

use super::change::{At, Found, Reached, Topic, Touched};
use super::clusters;
use super::hashed::Hashed;
use super::objects::{Fault, Objects, Thing};
use super::trees::{self, Diff, Noise};
use crate::syntax::Node;
use crate::text::Str;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// An object before and after.
pub(super) struct Pair<'a> {
    pub(super) before: Option<&'a Thing>,
    pub(super) after: Option<&'a Thing>,
    /// The cluster that gets it, as people call it now.
    pub(super) cluster: Str,
    /// What differs, where both are there; noise is among it.
    pub(super) diffs: Vec<Diff<'a>>,
}

impl Pair<'_> {
    /// The object as it is now, else as it was.
    pub(super) fn thing(&self) -> &Thing {
        self.after.or(self.before).unwrap_or_else(|| unreachable!("a pair has a side"))
    }

    pub(super) fn is_removed(&self) -> bool {
        self.after.is_none()
    }

    pub(super) fn is_added(&self) -> bool {
        self.before.is_none()
    }

    /// Whether somebody wrote it otherwise.
    fn is_changed(&self) -> bool {
        self.diffs.iter().any(|diff| diff.noise == Noise::None)
    }

    /// Whether its pods start again, though nothing was written otherwise.
    fn rolls(&self) -> bool {
        !self.is_changed() && self.diffs.iter().any(|diff| diff.noise == Noise::Rolls)
    }
}

/// Who an object is on both sides: cluster, group, kind, namespace, name.
type Key = (Option<usize>, Str, Str, Str, Str);

/// A delivery as both sides call it: its cluster, and its label.
type Who<'a> = (usize, &'a str);

/// The faults of deliveries.
type Faults<'a> = BTreeMap<Who<'a>, Vec<&'a Fault>>;

/// Deliveries of which nobody can tell what they hand over.
type Lost = BTreeSet<(usize, String)>;

/// Two sides, object by object.
pub(super) struct Pairs<'a> {
    pairs: Vec<Pair<'a>>,
    before: &'a Objects,
    after: &'a Objects,
    /// For each cluster of the side before that of the side after.
    clusters: BTreeMap<usize, usize>,
    /// What keeps deliveries from being whole on one side only.
    broken_before: Vec<(Fault, Str)>,
    broken_after: Vec<(Fault, Str)>,
    known_before: Known<'a>,
    known_after: Known<'a>,
    /// The objects of both sides that are in a pair.
    paired: HashSet<*const Thing>,
}

impl<'a> Pairs<'a> {
    pub(super) fn of(before: &'a Objects, after: &'a Objects) -> Pairs<'a> {
        let clusters = clusters::pair(before, after);
        let mut out = Pairs {
            pairs: Vec::new(),
            before,
            after,
            clusters,
            broken_before: Vec::new(),
            broken_after: Vec::new(),
            paired: HashSet::new(),
            known_before: Known::new(),
            known_after: known(&after.things, |at| after.clusters[at].name.clone()),
        };
        out.known_before = known(&before.things, |at| out.called(at));
        let (lost_before, lost_after) = out.find_broken();
        let hashed = Hashed::of(before, after);
        let mut old: BTreeMap<Key, &Thing> = BTreeMap::new();
        for thing in &before.things {
            old.entry(out.key_before(thing)).or_insert(thing);
        }
        let mut seen: BTreeSet<Key> = BTreeSet::new();
        for thing in &after.things {
            let key = key(thing, thing.cluster);
            if !seen.insert(key.clone()) {
                continue;
            }
            let cluster = thing.cluster.map_or(Str::default(), |at| after.clusters[at].name.clone());
            match old.remove(&key) {
                Some(before) => {
                    let diffs = trees::differences(&before.root, &thing.root, &hashed);
                    if !diffs.is_empty() {
                        out.pairs.push(Pair { before: Some(before), after: Some(thing), cluster, diffs });
                    }
                }
                None if out.is_of(thing, after, &lost_before, |at| at) => {}
                None => {
                    out.pairs.push(Pair { before: None, after: Some(thing), cluster, diffs: Vec::new() });
                }
            }
        }
        for (key, thing) in old {
            if out.is_of(thing, before, &lost_after, |at| out.now(at)) || seen.contains(&key) {
                continue;
            }
            let cluster = thing.cluster.map_or(Str::default(), |at| out.called(at));
            out.pairs.push(Pair { before: Some(thing), after: None, cluster, diffs: Vec::new() });
        }
        let things = out.pairs.iter().flat_map(|pair| pair.before.into_iter().chain(pair.after));
        out.paired = things.map(std::ptr::from_ref).collect();
        out
    }

    /// The number that a cluster of the side before has on the side after, or one that none has there.
    fn now(&self, at: usize) -> usize {
        self.clusters.get(&at).copied().unwrap_or(self.after.clusters.len() + at)
    }

    /// How a cluster of the side before is called now.
    fn called(&self, at: usize) -> Str {
        match self.clusters.get(&at) {
            Some(now) => self.after.clusters[*now].name.clone(),
            None => self.before.clusters[at].name.clone(),
        }
    }

    /// How a cluster of the side before is called now, by its name.
    pub(super) fn renamed(&self, cluster: &str) -> Str {
        let known = self.clusters.keys().find(|at| self.before.clusters[**at].name == cluster);
        known.map_or_else(|| cluster.into(), |at| self.called(*at))
    }

    fn key_before(&self, thing: &Thing) -> Key {
        key(thing, thing.cluster.map(|at| self.now(at)))
    }

    /// Finds what keeps deliveries from being whole on one side only, and gives those deliveries: before, and after.
    fn find_broken(&mut self) -> (Lost, Lost) {
        let (mut old, mut new): (Faults, Faults) = Default::default();
        for one in &self.before.deliveries {
            old.entry((self.now(one.cluster), one.label.as_str())).or_default().extend(&one.faults);
        }
        for one in &self.after.deliveries {
            new.entry((one.cluster, one.label.as_str())).or_default().extend(&one.faults);
        }
        let (mut lost_before, mut lost_after) = (BTreeSet::new(), BTreeSet::new());
        let (mut broken_before, mut broken_after) = (Vec::new(), Vec::new());
        let none = Vec::new();
        for (who, faults) in &new {
            let cluster = self.after.clusters[who.0].name.clone();
            let is_known = old.contains_key(who);
            for fault in only(faults, old.get(who).unwrap_or(&none), is_known) {
                lost_after.insert((who.0, who.1.to_owned()));
                broken_after.push((fault.clone(), cluster.clone()));
            }
        }
        for (who, faults) in &old {
            let Some(now) = new.get(who) else { continue };
            let cluster = self.after.clusters.get(who.0).map_or(Str::default(), |one| one.name.clone());
            for fault in only(faults, now, true) {
                lost_before.insert((who.0, who.1.to_owned()));
                broken_before.push((fault.clone(), cluster.clone()));
            }
        }
        (self.broken_before, self.broken_after) = (broken_before, broken_after);
        (lost_before, lost_after)
    }

    /// Whether an object is handed over by one of these deliveries, or by what they hand over.
    fn is_of(&self, thing: &Thing, side: &Objects, lost: &Lost, now: impl Fn(usize) -> usize) -> bool {
        if lost.is_empty() {
            return false;
        }
        let parent = |at: &usize| side.deliveries[*at].parent;
        std::iter::successors(thing.delivery, parent).any(|at| {
            let one = &side.deliveries[at];
            lost.contains(&(now(one.cluster), one.label.clone()))
        })
    }

    pub(super) fn all(&self) -> &[Pair<'a>] {
        &self.pairs
    }

    /// The objects that are there on both sides, and that somebody wrote otherwise.
    pub(super) fn changed(&self) -> impl Iterator<Item = &Pair<'a>> {
        self.pairs.iter().filter(|pair| pair.is_changed())
    }

    pub(super) fn touched(&self) -> Touched {
        let those = |is: fn(&Pair<'a>) -> bool| {
            let own = self.pairs.iter().filter(|pair| is(pair));
            let own = own
                .map(|pair| Reached { object: pair.thing().label().into(), cluster: pair.cluster.clone() });
            let mut all: Vec<Reached> = own.collect();
            all.sort();
            all
        };
        Touched {
            added: those(|pair| pair.is_added()),
            changed: those(|pair| pair.is_changed()),
            removed: those(|pair| pair.is_removed()),
            rolled: those(|pair| pair.rolls()),
        }
    }

    /// How many clusters there are on either side.
    pub(super) fn clusters(&self) -> usize {
        let names = |objects: &'a Objects| {
            objects.things.iter().filter_map(|thing| Some(objects.clusters[thing.cluster?].name.as_str()))
        };
        names(self.before).chain(names(self.after)).collect::<BTreeSet<&str>>().len()
    }

    /// The clusters that got something before, and get nothing now.
    pub(super) fn left_clusters(&self) -> BTreeSet<Str> {
        let old = self.before.things.iter().filter_map(|thing| thing.cluster);
        let left = old.filter(|at| !self.clusters.contains_key(at));
        left.map(|at| self.before.clusters[at].name.clone()).collect()
    }

    /// What could be built on one side only.
    pub(super) fn broken(&self, out: &mut Vec<Found>) {
        let sides = [("after", &self.broken_after), ("before", &self.broken_before)];
        for (what, faults) in sides {
            for (fault, cluster) in faults {
                let found = Found::new(Topic::Broken, what, fault.says.clone()).reaching("", cluster.clone());
                out.push(match fault.at {
                    Some(at) if what == "after" => found.at(At::after(at)),
                    Some(at) => found.at(At::before(at)),
                    None => found,
                });
            }
        }
    }

    /// An object of a side by what it is called, in its cluster as that is called now.
    pub(super) fn find(&self, is_before: bool, label: &str, cluster: &str) -> Option<&'a Thing> {
        let index = if is_before { &self.known_before } else { &self.known_after };
        index.get(label)?.iter().find(|(own, _)| own == cluster).map(|(_, thing)| *thing)
    }

    /// Whether an object is one of a cluster, as that is called now.
    pub(super) fn is_in(&self, thing: &Thing, cluster: &str) -> bool {
        thing.cluster.is_none_or(|at| self.after.clusters[at].name == cluster)
    }

    /// Whether nobody can tell that an object of the side before is gone: what delivers it is not whole now.
    pub(super) fn is_open(&self, label: &str, cluster: &str) -> bool {
        let Some(thing) = self.find(true, label, cluster) else { return false };
        self.find(false, label, cluster).is_none() && !self.paired.contains(&std::ptr::from_ref(thing))
    }

    /// Whether nobody can tell that an object is new: what delivers it was not whole before.
    pub(super) fn is_new_and_open(&self, label: &str, cluster: &str) -> bool {
        let Some(thing) = self.find(false, label, cluster) else { return false };
        self.find(true, label, cluster).is_none() && !self.paired.contains(&std::ptr::from_ref(thing))
    }

    /// Whether what delivered an object goes, too.
    pub(super) fn loses_delivery(&self, thing: &Thing) -> bool {
        let delivery = thing.delivery.map(|at| &self.before.deliveries[at]);
        let cluster = thing.cluster.map(|at| self.called(at));
        let is_gone = |label: &str, cluster: &str| {
            self.find(true, label, cluster).is_some() && self.find(false, label, cluster).is_none()
        };
        delivery.zip(cluster).is_some_and(|(delivery, cluster)| is_gone(&delivery.label, &cluster))
    }

    /// Why what delivered an object leaves it where it is.
    pub(super) fn keeps(&self, thing: &Thing) -> Option<&'static str> {
        let delivery = &self.before.deliveries[thing.delivery?];
        let cluster = self.called(thing.cluster?);
        let (kind, _) = delivery.label.split_once('/')?;
        // What is gone itself takes with it what it delivered; so it is asked as it was.
        let own = self
            .find(false, &delivery.label, &cluster)
            .or_else(|| self.find(true, &delivery.label, &cluster));
        let root = own.map(|own| &own.root).or(delivery.declared.as_ref());
        let spec = root.and_then(|root| root.get("spec"));
        match kind {
            "Kustomization" => {
                let says = |key: &str, value: &str| spec.is_some_and(|spec| spec.text_at(key) == Some(value));
                let is_gone = own.is_some() && self.find(false, &delivery.label, &cluster).is_none();
                if is_gone && says("deletionPolicy", "Orphan") {
                    return Some("it stays: its Kustomization leaves behind what it delivered");
                }
                let is_off = spec.is_some() && !says("prune", "true");
                is_off.then_some("it stays: its Kustomization does not prune")
            }
            "Application" if own.is_some() && self.loses_delivery(thing) => {
                let all = own.and_then(|own| own.root.at(&["metadata", "finalizers"]));
                let mut names = all.map(Node::items).unwrap_or_default().iter().filter_map(Node::text);
                // A foreground or a background may be asked for behind it.
                let is_whole = names.any(|name| name.split('/').next() == Some(FINALIZER));
                (!is_whole).then_some("it stays: its Application goes without a finalizer")
            }
            "Application" => {
                let prunes = spec.and_then(|spec| spec.at(&["syncPolicy", "automated", "prune"]));
                let is_on = prunes.and_then(Node::text) == Some("true");
                (spec.is_some() && !is_on).then_some("it stays: its Application does not prune by itself")
            }
            _ => None,
        }
    }
}

/// By this what an Application delivered goes with it.
const FINALIZER: &str = "resources-finalizer.argocd.argoproj.io";

/// The objects of a side by their labels, each with its cluster as that is called now.
type Known<'a> = HashMap<String, Vec<(Str, &'a Thing)>>;

fn known<'a>(things: &'a [Thing], called: impl Fn(usize) -> Str) -> Known<'a> {
    let mut out = Known::new();
    for thing in things {
        let cluster = thing.cluster.map_or(Str::default(), &called);
        out.entry(thing.label()).or_default().push((cluster, thing));
    }
    out
}

/// The faults that the other side does not have. What is not seen is another matter than what is refused: where something
/// is not seen on both sides, it is not held against each other anyway.
fn only<'f>(faults: &[&'f Fault], others: &[&Fault], is_known: bool) -> Vec<&'f Fault> {
    let hides = others.iter().any(|other| other.hides);
    let is_own = |fault: &&&Fault| match fault.hides {
        true => is_known && !hides,
        false => !others.iter().any(|other| other.says == fault.says),
    };
    faults.iter().filter(is_own).copied().collect()
}

fn key(thing: &Thing, cluster: Option<usize>) -> Key {
    let gvk = &thing.id.gvk;
    (cluster, gvk.group.clone(), gvk.kind.clone(), thing.id.home().into(), thing.name.clone())
}
