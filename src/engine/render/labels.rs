//! Digests where no cluster takes them: a chart may label its objects with the tag that it is given.

use super::with_all;
use crate::engine::Job;
use crate::syntax::Node;
use crate::text::Sources;
use crate::world::{self, Cache, Shelf};
use std::collections::BTreeSet;

/// Maps whose values are short and have no colon, and names.
const NARROW: [&str; 5] = ["labels", "matchLabels", "selector", "commonLabels", "name"];

/// The digests behind an `@` that stand in a label or a name of some object that is built.
pub fn digests_in_labels(job: &Job, sources: &Sources) -> BTreeSet<String> {
    let shelf = job.charts.map(Shelf::new);
    with_all(job.repo, sources, (shelf.as_ref(), &job.capabilities()), |files| {
        let forest = world::grow(files, &Cache::default(), &job.hints());
        let mut out = BTreeSet::new();
        for object in forest.deliveries.iter().flat_map(|delivery| &delivery.built.objects) {
            look(&object.root, false, &mut out);
        }
        out
    })
}

fn look(node: &Node, is_narrow: bool, out: &mut BTreeSet<String>) {
    if let Some((_, digest)) = node.text().filter(|_| is_narrow).and_then(|text| text.split_once('@')) {
        out.insert(digest.to_owned());
    }
    for (key, value) in node.entries() {
        look(value, is_narrow || key.text().is_some_and(|key| NARROW.contains(&key)), out);
    }
    node.items().iter().for_each(|item| look(item, false, out));
}
