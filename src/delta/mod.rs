//! What a change does to clusters: the objects, facts and findings of two sides held against each other, by what they are
//! about and not by how they are written. Reads nothing and knows no output.

mod change;
mod charts;
mod clusters;
mod databases;
mod exposure;
mod fields;
mod findings;
mod gone;
mod hashed;
mod images;
mod keys;
mod matched;
mod objects;
mod pairs;
mod settings;
mod shown;
mod side;
mod sizes;
mod storage;
mod trees;
mod verdict;
mod versions;

pub use change::{Change, Reached, Spot, Topic, Touched, Which, clusters, objects};
pub use findings::{Finds, NewFinding};
pub use objects::{Objects, gather};
pub use side::Side;
pub use verdict::Verdict;

use crate::config::Routine;
use crate::text::{Sources, Span};
use change::{At, Found};
use pairs::Pairs;
use settings::Told;

/// What a change does.
#[derive(Clone, Default, Debug)]
pub struct Delta {
    /// The topics in the order in which people ask, and in each what matters most first.
    pub changes: Vec<Change>,
    pub objects: Touched,
    pub finds: Finds,
    /// Whether there is more than one cluster, so that it has to be said which one.
    pub has_clusters: bool,
}

/// The same with the places as they are in the texts of both sides.
pub struct Unsettled {
    found: Vec<Found>,
    objects: Touched,
    finds: findings::Compared,
    has_clusters: bool,
}

/// Holds two sides against each other. `routine` is what nobody needs to look at.
pub fn compare(before: &Side, after: &Side, routine: &[Routine]) -> Unsettled {
    let pairs = Pairs::of(&before.objects, &after.objects);
    let (mut found, objects) = (Vec::new(), pairs.touched());
    let finds = findings::compare(&before.report, &after.report, &pairs);
    pairs.broken(&mut found);
    images::compare(before, after, &pairs, &mut found);
    charts::compare(before, after, &pairs, &mut found);
    databases::compare(before, after, &pairs, &mut found);
    storage::compare(before, after, &pairs, &mut found);
    for pair in pairs.changed() {
        keys::of_pair(pair, &mut found);
        fields::of_pair(pair, &mut found);
        exposure::of_pair(pair, &mut found);
    }
    gone::compare(&pairs, &mut found);
    let mut told = Told::default();
    found.iter().filter_map(|one| one.at).for_each(|at| told.add(at));
    for (side, at) in [(before, At::before as fn(Span) -> At), (after, At::after)] {
        images::places(side).chain(charts::places(side)).for_each(|span| told.add_value(at(span)));
    }
    for pair in pairs.changed() {
        settings::of_pair(pair, &told, &mut found);
    }
    let has_clusters = pairs.clusters() > 1;
    let file = |at: At| {
        let side = if at.which == Which::Before { before } else { after };
        side.report.sources.name(at.span.source)
    };
    Unsettled { found: change::together(found, routine, &file), objects, finds, has_clusters }
}

impl Unsettled {
    /// The places of one side that are told: the texts under them must be kept before.
    pub fn spans(&self, which: Which) -> Vec<Span> {
        let of_changes = self.found.iter().filter_map(|found| found.at);
        let of_changes = of_changes.filter(|at| at.which == which).map(|at| at.span);
        of_changes.chain(self.finds.spans(which)).collect()
    }

    /// What is told, with lines for places.
    pub fn settle(self, before: &Sources, after: &Sources) -> Delta {
        let spot = |at: At| match at.which {
            Which::Before => Spot::of(before, at),
            Which::After => Spot::of(after, at),
        };
        Delta {
            changes: self.found.into_iter().map(|found| found.settle(&spot)).collect(),
            objects: self.objects,
            finds: self.finds.settle(&spot),
            has_clusters: self.has_clusters,
        }
    }
}
