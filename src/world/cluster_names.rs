//! What clusters are called, once all of them are known: no two alike.

use super::delivery::{ClusterId, Forest};
use crate::text::Str;
use std::collections::{BTreeMap, BTreeSet};

/// Calls clusters of one name by their places. If only one of them gets anything, that one keeps the name.
pub(super) fn tell_apart(forest: &mut Forest) {
    let live = forest.deliveries.iter().filter(|delivery| delivery.live);
    let live: BTreeSet<ClusterId> = live.map(|delivery| delivery.cluster).collect();
    let mut names: BTreeMap<Str, Vec<ClusterId>> = BTreeMap::new();
    for (at, cluster) in forest.clusters.iter().enumerate() {
        names.entry(cluster.name.clone()).or_default().push(ClusterId(at as u32));
    }
    for same in names.into_values().filter(|same| same.len() > 1) {
        let mut delivered = same.iter().filter(|id| live.contains(id));
        let keeps = delivered.next().filter(|_| delivered.next().is_none());
        for id in same.iter().filter(|id| Some(*id) != keeps) {
            let cluster = &mut forest.clusters[id.0 as usize];
            if !cluster.place.is_empty() {
                cluster.name = cluster.place.clone();
            }
        }
    }
}
