//! Which cluster of one side is which of the other: by its place, by its name, and where both are others by what it gets.

use super::objects::Objects;
use std::collections::{BTreeMap, HashSet};

/// For each cluster of the side before, that of the side after.
pub(super) fn pair(before: &Objects, after: &Objects) -> BTreeMap<usize, usize> {
    let mut out = BTreeMap::new();
    let (mut old, mut new): (Vec<usize>, Vec<usize>) = (used(before), used(after));
    let is_alike: [&dyn Fn(usize, usize) -> bool; 2] =
        [&|a, b| before.clusters[a] == after.clusters[b], &|a, b| {
            before.clusters[a].name == after.clusters[b].name
        }];
    for is_alike in is_alike {
        old.retain(|a| {
            let Some(at) = new.iter().position(|b| is_alike(*a, *b)) else { return true };
            out.insert(*a, new.remove(at));
            false
        });
    }
    // A folder that was renamed: whoever gets most of the same.
    let names = |objects: &Objects, cluster: usize| -> HashSet<String> {
        let own = objects.things.iter().filter(|thing| thing.cluster == Some(cluster));
        own.map(super::objects::Thing::label).collect()
    };
    for a in old {
        let own = names(before, a);
        let shared = |b: &usize| names(after, *b).intersection(&own).count();
        let best = new
            .iter()
            .enumerate()
            .map(|(at, b)| (shared(b), at))
            .max_by_key(|(shared, at)| (*shared, usize::MAX - at));
        if let Some((shared, at)) = best
            && shared * 2 >= own.len().max(1)
        {
            out.insert(a, new.remove(at));
        }
    }
    out
}

/// The clusters that get anything, or should.
fn used(objects: &Objects) -> Vec<usize> {
    let of_things = objects.things.iter().filter_map(|thing| thing.cluster);
    let broken = objects.deliveries.iter().filter(|one| !one.faults.is_empty()).map(|one| one.cluster);
    let mut all: Vec<usize> = of_things.chain(broken).collect();
    all.sort_unstable();
    all.dedup();
    all
}
