//! What no single file says: which kustomization overrides which image, which claim a database sits on. Done once
//! over the merged facts; knows no rule and no format.

mod class;
mod live;
mod running;
mod storage;

pub use class::Standing;
pub use live::Fate;
pub use running::{Running, predecessor, running};
pub use storage::Seat;

use crate::config::Config;
use crate::facts::{Facts, Moves};
use crate::text::{SourceId, Sources, Str};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that was joined.
#[derive(Debug, Default)]
pub struct Joined {
    /// One per image fact, in the same order.
    pub images: Vec<Fate>,
    /// Where each database keeps its data, one per claim and environment.
    pub seats: Vec<Seat>,
    /// Every database server whose major version is written.
    pub running: Vec<Running>,
    /// The environments that deliver a file, for the files of storage classes; none if nobody delivers it.
    environments: BTreeMap<SourceId, BTreeSet<Str>>,
}

impl Joined {
    /// Whether two files end up in one cluster, as far as the repository tells.
    pub fn same_cluster(&self, a: SourceId, b: SourceId) -> bool {
        match (self.environments.get(&a), self.environments.get(&b)) {
            (Some(a), Some(b)) if !a.is_empty() && !b.is_empty() => a.intersection(b).next().is_some(),
            _ => true,
        }
    }
}

/// Joins the facts of a repository.
pub fn join(facts: &Facts, sources: &Sources, moves: &Moves, config: &Config) -> Joined {
    let live = live::Live::new(facts, sources);
    let environments = facts
        .classes
        .iter()
        .map(|class| (class.owner.source, live.environments(class.owner.source)))
        .collect();
    Joined {
        images: live.images(facts, moves),
        seats: storage::seats(facts, sources, &live, config),
        running: running::running(facts, sources),
        environments,
    }
}
