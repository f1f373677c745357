//! Which objects meet: those of one cluster, and those that no cluster gets among themselves.

use crate::facts::{Fact, Facts, Release, Resource};
use crate::text::{SourceId, Sources};
use std::collections::{BTreeSet, HashMap, HashSet};

/// What tells where objects end up.
#[derive(Debug, Default)]
pub struct Clusters {
    /// Whether objects of this repository are built at all.
    has_builds: bool,
    /// Files that something which is delivered reads: what they say of storage holds there, object or not.
    read: BTreeSet<SourceId>,
    /// The folders of files that keep or copy data, or make classes, and that no cluster gets.
    left_out: HashMap<SourceId, String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Cluster(u32),
    /// It is delivered, and nobody says where to; or nothing says what is delivered.
    Anywhere,
    /// Something is delivered, and this is not.
    Nowhere,
}

impl Clusters {
    /// `read` are the files that builds of something delivered read.
    pub fn new(has_builds: bool, read: BTreeSet<SourceId>) -> Clusters {
        Clusters { has_builds, read, left_out: HashMap::new() }
    }

    /// Takes in the files of values that releases name: charts are not built, and so nobody has read them.
    #[must_use]
    pub fn with_values(mut self, facts: &Facts, sources: &Sources) -> Clusters {
        let is_delivered = |fact: &&Fact<Release>| match &fact.owner.scene {
            Some(scene) => scene.live,
            None => self.read.contains(&fact.owner.source),
        };
        let releases = facts.releases.iter().filter(is_delivered);
        let named: HashSet<&str> = releases.flat_map(|fact| &fact.says.files).map(|file| &**file).collect();
        let ids = (0..sources.len() as u32).map(SourceId);
        self.read.extend(ids.filter(|id| !named.is_empty() && named.contains(sources.name(*id))));
        let owners = facts.classes.iter().map(|fact| &fact.owner);
        let owners = owners.chain(facts.databases.iter().map(|fact| &fact.owner));
        let owners = owners.chain(facts.workloads.iter().map(|fact| &fact.owner));
        let owners = owners.chain(facts.claims.iter().map(|fact| &fact.owner));
        let owners = owners.chain(facts.backups.iter().map(|fact| &fact.owner));
        let left_out = owners.filter(|owner| self.is_nowhere(owner)).map(|owner| {
            let folder = sources.name(owner.source).rsplit_once('/').map_or("", |(folder, _)| folder);
            (owner.source, folder.to_owned())
        });
        self.left_out = left_out.collect();
        self
    }

    /// Whether two objects end up in one cluster, as far as the repository tells.
    pub fn share(&self, a: &Resource, b: &Resource) -> bool {
        match (self.place(a), self.place(b)) {
            (Place::Cluster(a), Place::Cluster(b)) => a == b,
            (Place::Nowhere, other) | (other, Place::Nowhere) => other == Place::Nowhere,
            _ => true,
        }
    }

    /// Whether two objects are of one build's tree or, where no cluster gets them, of one folder.
    pub fn is_one_tree(&self, a: &Resource, b: &Resource) -> bool {
        let folder = |of: &Resource| self.left_out.get(&of.source);
        let is_one_folder = || folder(a).is_some() && folder(a) == folder(b);
        self.of(a).is_some_and(|tree| self.of(b) == Some(tree)) || is_one_folder()
    }

    /// The folder of what no cluster gets.
    pub(super) fn folder_of(&self, owner: &Resource) -> &str {
        self.left_out.get(&owner.source).map_or("", String::as_str)
    }

    /// The cluster that an object is built for.
    pub fn of(&self, owner: &Resource) -> Option<u32> {
        match self.place(owner) {
            Place::Cluster(cluster) => Some(cluster),
            Place::Anywhere | Place::Nowhere => None,
        }
    }

    /// Whether something is delivered, and this is not.
    pub(super) fn is_nowhere(&self, owner: &Resource) -> bool {
        self.place(owner) == Place::Nowhere
    }

    fn place(&self, owner: &Resource) -> Place {
        match &owner.scene {
            Some(scene) if scene.is_built() => Place::Cluster(scene.cluster),
            None if !self.has_builds || self.read.contains(&owner.source) => Place::Anywhere,
            _ => Place::Nowhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Scene;
    use crate::text::Str;
    use std::sync::Arc;

    /// Who an object of a file is: in a cluster, left out (`-`), or judged as it is written.
    fn owner(source: u32, place: &str) -> Resource {
        let built = |cluster| Scene { cluster, ..Scene::left_out() };
        let scene = match place {
            "" => None,
            "-" => Some(Scene::left_out()),
            number => Some(built(number.parse().unwrap_or(0))),
        };
        let text = Str::default;
        let source = SourceId(source);
        let scene = scene.map(Arc::new);
        Resource { format: "", source, kind: text(), api: text(), namespace: text(), name: text(), scene }
    }

    #[test]
    fn objects_meet_in_their_cluster() {
        // The second file is read by what is delivered.
        let rows = [
            ((0, "1"), (0, "1"), true),
            ((0, "1"), (0, "2"), false),
            ((0, "1"), (0, "-"), false),
            ((0, "1"), (0, ""), false),
            ((0, "1"), (1, ""), true),
            ((0, "-"), (0, ""), true),
            ((0, "-"), (0, "-"), true),
            ((0, "-"), (1, ""), false),
            ((0, ""), (0, ""), true),
            ((0, ""), (1, ""), false),
            ((1, ""), (1, ""), true),
        ];
        let clusters = Clusters::new(true, [SourceId(1)].into());
        for ((a, of_a), (b, of_b), want) in rows {
            let (a, b) = (owner(a, of_a), owner(b, of_b));
            assert_eq!(clusters.share(&a, &b), want, "{of_a:?} {of_b:?}");
            assert_eq!(clusters.share(&b, &a), want, "{of_b:?} {of_a:?}");
        }
        let without_builds = Clusters::default();
        assert!(without_builds.share(&owner(0, ""), &owner(1, "")));
    }
}
