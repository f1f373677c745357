//! The servers in the pod templates of resources that declare a database: they are that database, and no other.

use super::running::servers;
use crate::config::Config;
use crate::facts::{Database, Engines, Fact, Facts, Resource};
use crate::text::{SourceId, Span, Str};
use std::collections::{HashMap, HashSet};

/// What tells one resource from another: its file, what its cluster calls it, and which cluster that is.
type Key = (SourceId, String, Option<u32>);

fn key(owner: &Resource) -> Key {
    (owner.source, owner.label(), owner.scene.as_ref().map(|scene| scene.cluster))
}

pub(super) struct OwnServers {
    /// The major versions of servers and where their images are decided, by the resource and the engine.
    servers: HashMap<(Key, Str), (Option<u32>, Span)>,
}

impl OwnServers {
    pub(super) fn of(facts: &Facts, engines: &Engines, config: &Config) -> OwnServers {
        if facts.databases.is_empty() {
            return OwnServers { servers: HashMap::new() };
        }
        let name = |fact: &Fact<Database>| (key(&fact.owner), fact.says.engine.name.clone());
        let declared: HashSet<(Key, Str)> = facts.databases.iter().map(name).collect();
        let owners: HashSet<&Key> = declared.iter().map(|(key, _)| key).collect();
        let mut found = HashMap::new();
        for fact in
            facts.workloads.iter().filter(|fact| !fact.says.ends && owners.contains(&key(&fact.owner)))
        {
            for (_, _, server) in servers(engines, config, &fact.says.containers) {
                let says = (server.engine.major, server.image.span());
                found.insert((key(&fact.owner), server.engine.name), says);
            }
        }
        found.retain(|name, _| declared.contains(name));
        OwnServers { servers: found }
    }

    /// Whether a server of this engine in a resource is the database that the resource declares.
    pub(super) fn has(&self, owner: &Resource, engine: &Str) -> bool {
        self.get(owner, engine).is_some()
    }

    /// The major version that the resource's own server runs in.
    pub(super) fn major(&self, owner: &Resource, engine: &Str) -> Option<u32> {
        self.get(owner, engine)?.0
    }

    /// Where the image of the resource's own server is decided.
    pub(super) fn image(&self, owner: &Resource, engine: &Str) -> Option<Span> {
        Some(self.get(owner, engine)?.1)
    }

    fn get(&self, owner: &Resource, engine: &Str) -> Option<(Option<u32>, Span)> {
        if self.servers.is_empty() {
            return None;
        }
        self.servers.get(&(key(owner), engine.clone())).copied()
    }
}
