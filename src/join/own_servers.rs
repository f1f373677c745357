//! The servers in the pod templates of resources that declare a database: they are that database, and no other.

use super::running::servers;
use crate::config::Config;
use crate::facts::{Database, Engines, Fact, Facts, Resource};
use crate::text::{SourceId, Str};
use std::collections::{HashMap, HashSet};

/// What tells one resource from another: its file, what its cluster calls it, and which cluster that is.
type Key = (SourceId, String, Option<u32>);

fn key(owner: &Resource) -> Key {
    (owner.source, owner.label(), owner.scene.as_ref().map(|scene| scene.cluster))
}

pub(super) struct OwnServers {
    /// The major versions of servers, by the resource and the engine.
    majors: HashMap<(Key, Str), Option<u32>>,
}

impl OwnServers {
    pub(super) fn of(facts: &Facts, engines: &Engines, config: &Config) -> OwnServers {
        if facts.databases.is_empty() {
            return OwnServers { majors: HashMap::new() };
        }
        let name = |fact: &Fact<Database>| (key(&fact.owner), fact.says.engine.name.clone());
        let declared: HashSet<(Key, Str)> = facts.databases.iter().map(name).collect();
        let owners: HashSet<&Key> = declared.iter().map(|(key, _)| key).collect();
        let mut majors = HashMap::new();
        for fact in
            facts.workloads.iter().filter(|fact| !fact.says.ends && owners.contains(&key(&fact.owner)))
        {
            for (_, _, server) in servers(engines, config, &fact.says.containers) {
                majors.insert((key(&fact.owner), server.engine.name), server.engine.major);
            }
        }
        majors.retain(|name, _| declared.contains(name));
        OwnServers { majors }
    }

    /// Whether a server of this engine in a resource is the database that the resource declares.
    pub(super) fn has(&self, owner: &Resource, engine: &Str) -> bool {
        !self.majors.is_empty() && self.majors.contains_key(&(key(owner), engine.clone()))
    }

    /// The major version that the resource's own server runs in.
    pub(super) fn major(&self, owner: &Resource, engine: &Str) -> Option<u32> {
        if self.majors.is_empty() {
            return None;
        }
        self.majors.get(&(key(owner), engine.clone())).copied().flatten()
    }
}
