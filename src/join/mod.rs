//! What no single file says: which kustomization overrides which image, which claim a database sits on. Done once
//! over the merged facts; knows no rule and no format.

mod class;
mod holdings;
mod live;
mod runs;
mod servers;
mod storage;

pub use class::Standing;
pub use holdings::Holding;
pub use live::Fate;
pub use runs::Run;
pub use servers::{Server, predecessor};
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
    pub servers: Vec<Server>,
    /// Databases for which no claim is known, each as a seat without a class.
    pub seatless: Vec<Seat>,
    /// Every claim, one per environment, and who uses it.
    pub holdings: Vec<Holding>,
    /// The images as they run in the end.
    pub runs: Vec<Run>,
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
    let builds = live.builds(facts);
    let images = live.images(facts, moves, &builds);
    let desk = storage::Desk::new(facts, sources, &live, config);
    let seats = storage::seats(&desk);
    Joined {
        servers: servers::servers(facts, sources),
        runs: runs::runs(facts, &live, moves, &builds, &images),
        seatless: holdings::seatless(&desk, &seats),
        holdings: holdings::holdings(&desk),
        images,
        seats,
        environments,
    }
}
