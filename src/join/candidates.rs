//! Which classes an object may mean: by a name, or because they are the default. Those of its cluster; where the cluster
//! is not known, all that differ; of what nothing delivers, those of one tree.

use super::cluster::Clusters;
use crate::facts::{Distribution, Fact, Facts, Resource, StorageClass};
use crate::text::Str;
use std::collections::{HashMap, HashSet};

pub(super) struct Candidates<'a> {
    named: HashMap<&'a str, Group<'a>>,
    defaults: Group<'a>,
    /// What tells that a cluster is of a distribution, and what takes its class away; last, for files of no cluster.
    distributions: HashMap<Option<u32>, Brought<'a>>,
    /// Several clusters get something: whose a file of no cluster is, nobody knows.
    several: bool,
    clusters: &'a Clusters,
}

/// Classes, by their index, one of each kind: what does not differ is one candidate.
#[derive(Default)]
struct Group<'a> {
    of: HashMap<u32, Vec<usize>>,
    anywhere: Vec<usize>,
    /// Those that nothing delivers, by their folder.
    nowhere: HashMap<&'a str, Vec<usize>>,
    /// Those that are delivered, to whichever cluster.
    all: Vec<usize>,
    seen: HashSet<(Slot<'a>, Kind<'a>)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Slot<'a> {
    Cluster(u32),
    /// What is built, and nothing delivers.
    Undelivered(u32),
    Anywhere,
    /// What nothing delivers or builds, in this folder.
    Nowhere(&'a str),
    All,
}

/// What two classes must share to be one for whoever uses them.
type Kind<'a> = (&'a str, Option<&'a str>, Vec<(&'a str, &'a str)>);

#[derive(Default)]
struct Brought<'a> {
    by: Option<&'a Fact<Distribution>>,
    is_off: bool,
}

impl<'a> Candidates<'a> {
    pub(super) fn of(facts: &'a Facts, clusters: &'a Clusters) -> Candidates<'a> {
        let mut named: HashMap<&str, Group> = HashMap::new();
        let mut defaults = Group::default();
        for (at, fact) in facts.classes.iter().enumerate() {
            let slot = slot(&fact.owner, clusters);
            named.entry(&fact.says.name.text).or_default().push(slot, &fact.says, at);
            if fact.says.default.is_some() {
                defaults.push(slot, &fact.says, at);
            }
        }
        let mut distributions: HashMap<Option<u32>, Brought> = HashMap::new();
        for fact in &facts.distributions {
            let brought = distributions.entry(clusters.of(&fact.owner)).or_default();
            match fact.says.class {
                Some(_) => brought.by = brought.by.or(Some(fact)),
                None => brought.is_off = true,
            }
        }
        let owners = facts.workloads.iter().map(|fact| &fact.owner);
        let owners = owners.chain(facts.claims.iter().map(|fact| &fact.owner));
        let owners = owners.chain(facts.databases.iter().map(|fact| &fact.owner));
        let all: HashSet<u32> = owners.filter_map(|owner| clusters.of(owner)).collect();
        Candidates { named, defaults, distributions, several: all.len() > 1, clusters }
    }

    /// The classes of a name.
    pub(super) fn named(&self, owner: &Resource, name: &str) -> &[usize] {
        self.named.get(name).map_or(&[], |group| group.of(slot(owner, self.clusters)))
    }

    /// The classes that are made the default.
    pub(super) fn defaults(&self, owner: &Resource) -> &[usize] {
        self.defaults.of(slot(owner, self.clusters))
    }

    /// What brings a default class along, where nothing else makes one.
    pub(super) fn brought(&self, owner: &Resource) -> Option<&'a Fact<Distribution>> {
        let own = self.clusters.of(owner);
        let files = (!self.several || own.is_none()).then(|| self.distributions.get(&None)).flatten();
        // What tells nothing of its cluster may be of any: of the only one, if there is no other.
        let only = || {
            let mut known = self.distributions.iter().filter(|(cluster, _)| cluster.is_some());
            known.next().map(|(_, brought)| brought).filter(|_| !self.several)
        };
        let objects = own.map_or_else(only, |own| self.distributions.get(&Some(own)));
        let told: Vec<&Brought> = objects.into_iter().chain(files).collect();
        told.iter().all(|one| !one.is_off).then(|| told.iter().find_map(|one| one.by)).flatten()
    }
}

/// That many candidates of a name tell all there is to tell: that nobody knows which one it is.
const FEW: usize = 8;

impl<'a> Group<'a> {
    fn push(&mut self, slot: Slot<'a>, class: &'a StorageClass, at: usize) {
        let pairs = class.parameters.iter().map(|(key, value)| (Str::as_str(key), value.text.as_str()));
        let provisioner = class.provisioner.as_ref().map(|part| part.text.as_str());
        let kind: Kind = (&class.name.text, provisioner, pairs.collect());
        let own = match slot {
            Slot::Cluster(cluster) | Slot::Undelivered(cluster) => self.of.entry(cluster).or_default(),
            Slot::Nowhere(folder) => self.nowhere.entry(folder).or_default(),
            Slot::Anywhere | Slot::All => &mut self.anywhere,
        };
        if own.len() < FEW && self.seen.insert((slot, kind.clone())) {
            own.push(at);
        }
        let is_delivered = matches!(slot, Slot::Cluster(_) | Slot::Anywhere);
        if is_delivered && self.all.len() < FEW && self.seen.insert((Slot::All, kind)) {
            self.all.push(at);
        }
    }

    fn of(&self, slot: Slot) -> &[usize] {
        let own = match slot {
            Slot::Cluster(cluster) | Slot::Undelivered(cluster) => {
                self.of.get(&cluster).unwrap_or(&self.anywhere)
            }
            Slot::Nowhere(folder) => self.nowhere.get(folder).map(Vec::as_slice).unwrap_or_default(),
            Slot::Anywhere | Slot::All => &self.all,
        };
        // What nothing delivers would find the classes that are delivered; the other way round it tells nobody.
        let is_left_out = matches!(slot, Slot::Nowhere(_) | Slot::Undelivered(_));
        if own.is_empty() && is_left_out { &self.all } else { own }
    }
}

fn slot<'a>(owner: &Resource, clusters: &'a Clusters) -> Slot<'a> {
    let is_live = owner.scene.as_ref().is_none_or(|scene| scene.live);
    match clusters.of(owner) {
        Some(cluster) if is_live => Slot::Cluster(cluster),
        Some(cluster) => Slot::Undelivered(cluster),
        None if clusters.is_nowhere(owner) => Slot::Nowhere(clusters.folder_of(owner)),
        None => Slot::Anywhere,
    }
}
