//! The rows of a topic as people read them: what is said in the same words of several places is one row.

use crate::delta::{self, Change, Spot, Topic};
use std::collections::HashMap;

/// One row.
pub(super) struct Row<'d> {
    pub(super) first: &'d Change,
    pub(super) says: String,
    pub(super) places: Vec<&'d Spot>,
    pub(super) objects: Vec<&'d str>,
    pub(super) clusters: Vec<&'d str>,
}

/// The rows of a topic, in the order of the changes.
pub(super) fn rows(changes: &[Change], topic: Topic) -> Vec<Row<'_>> {
    let mut groups: Vec<(String, Vec<&Change>)> = Vec::new();
    let mut known: HashMap<(String, &str, bool), usize> = HashMap::new();
    for change in changes.iter().filter(|change| change.topic == topic) {
        let says = change.says();
        let at = *known.entry((says.clone(), change.what, change.is_routine)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, group)) => group.push(change),
            None => groups.push((says, vec![change])),
        }
    }
    groups.into_iter().map(|(says, group)| row(says, &group)).collect()
}

fn row<'d>(says: String, group: &[&'d Change]) -> Row<'d> {
    let reached = || group.iter().flat_map(|change| &change.reaches);
    let first = group[0];
    let mut objects = delta::objects(reached());
    // Where the sentence names the object it is not named again.
    if let [only] = objects[..]
        && first.subject.starts_with(only)
    {
        objects.clear();
    }
    let places = group.iter().filter_map(|change| change.at.as_ref()).collect();
    Row { first, says, places, objects, clusters: delta::clusters(reached()) }
}
