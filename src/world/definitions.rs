//! Which APIs clusters have because something of this repository delivers their definitions there.

use super::helm;
use crate::syntax::Node;
use crate::text::Str;
use std::collections::{BTreeMap, BTreeSet};

/// The APIs that are defined in each cluster, by its place: numbers change from one round of building to the next.
#[derive(Clone, Default, Debug)]
pub(super) struct Definitions(BTreeMap<Str, BTreeSet<Str>>);

impl Definitions {
    /// Takes what an object defines in a cluster, if it defines something.
    pub(super) fn add(&mut self, place: &Str, root: &Node) {
        for api in helm::defined(root) {
            self.0.entry(place.clone()).or_default().insert(api);
        }
    }

    /// The APIs that are defined in a cluster.
    pub(super) fn of(&self, place: &str) -> impl Iterator<Item = &str> {
        self.0.get(place).into_iter().flatten().map(Str::as_str)
    }

    /// Whether a cluster has some API that was asked for in vain, and that nobody knew of before.
    pub(super) fn answer(&self, place: &str, unmet: &BTreeSet<Str>, before: &Definitions) -> bool {
        let is_known = |api: &str| before.0.get(place).is_some_and(|known| known.contains(api));
        !unmet.is_empty() && self.of(place).any(|api| unmet.contains(api) && !is_known(api))
    }
}
