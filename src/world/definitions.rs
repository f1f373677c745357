//! Which APIs a cluster has because something of this repository delivers their definitions there. Who delivers them is
//! known once everything is built, and what charts deliver may depend on it: then all is built once more.

use super::delivery::{ClusterId, Delivery, Forest, Means};
use super::helm;
use crate::text::Str;
use std::collections::{BTreeMap, BTreeSet};

/// The APIs that are defined in each cluster, by its place: numbers change from one building to the next.
#[derive(Clone, Default, Debug)]
pub(super) struct Definitions(BTreeMap<Str, BTreeSet<Str>>);

impl Definitions {
    /// The APIs that are defined in a cluster.
    pub(super) fn of(&self, forest: &Forest, cluster: ClusterId) -> impl Iterator<Item = &str> {
        self.0.get(&forest.cluster(cluster).place).into_iter().flatten().map(Str::as_str)
    }

    /// Whether a rendering asked in vain for an API that its cluster has.
    pub(super) fn answer(&self, forest: &Forest, cluster: ClusterId, unmet: &BTreeSet<Str>) -> bool {
        !unmet.is_empty() && self.of(forest, cluster).any(|api| unmet.contains(api))
    }

    /// Takes what a forest delivers besides. Gives the first delivery whose charts asked for some of that, which was not
    /// known when the forest was built. A chart that nothing takes is alone in its cluster, and has what it brings.
    pub(super) fn learn<'f>(&mut self, forest: &'f Forest) -> Option<&'f Delivery> {
        let asks = |delivery: &&Delivery| !delivery.built.unmet.is_empty() && delivery.means != Means::Chart;
        if !forest.deliveries.iter().any(|delivery| asks(&delivery)) {
            return None;
        }
        let is_real = |delivery: &&Delivery| delivery.live && !forest.is_test(delivery);
        for delivery in forest.deliveries.iter().filter(is_real) {
            let apis = delivery.built.objects.iter().flat_map(|object| helm::defined(&object.root));
            let place = &forest.cluster(delivery.cluster).place;
            apis.for_each(|api| _ = self.0.entry(place.clone()).or_default().insert(api));
        }
        forest.deliveries.iter().filter(asks).find(|delivery| {
            let known: BTreeSet<&str> = forest.definitions.of(forest, delivery.cluster).collect();
            let mut new = self.of(forest, delivery.cluster).filter(|api| !known.contains(api));
            new.any(|api| delivery.built.unmet.contains(api))
        })
    }
}
