//! What no single file says: which kustomization overrides which image, which claim a database sits on. Done once
//! over the merged facts; knows no rule and no format.

mod live;
mod storage;

pub use live::Fate;
pub use storage::{Seat, Standing};

use crate::config::Config;
use crate::facts::{Facts, Moves};
use crate::text::Sources;

/// Everything that was joined.
#[derive(Debug, Default)]
pub struct Joined {
    /// One per image fact, in the same order.
    pub images: Vec<Fate>,
    /// Where each database keeps its data, one per claim and environment.
    pub seats: Vec<Seat>,
}

/// Joins the facts of a repository.
pub fn join(facts: &Facts, sources: &Sources, moves: &Moves, config: &Config) -> Joined {
    let live = live::Live::new(facts, sources);
    Joined { images: live.images(facts, moves), seats: storage::seats(facts, sources, &live, config) }
}
