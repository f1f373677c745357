//! Matrices of pipelines, as GitLab and Woodpecker write them: a job runs once for each combination of values, which its
//! texts ask for as variables.

use super::Desk;
use crate::limits::MOST_PARALLEL_JOBS;
use crate::syntax::Node;
use crate::syntax::expand::{Dialect, expand_tree};
use crate::syntax::provide::{Answer, Known, Names};
use crate::text::How;
use std::collections::BTreeSet;

/// Names and values of one job.
pub(super) type Combination<'a> = Vec<(&'a str, &'a Node)>;

/// The combinations of maps of lists, as far as a text asks for their names: those of each map by themselves. None if it asks
/// for none; nothing if there are too many.
pub(super) fn combinations<'a>(maps: &[&'a Node], asks: &Node) -> Option<Vec<Combination<'a>>> {
    let mut all: Vec<Combination> = Vec::new();
    let mut seen = BTreeSet::new();
    for map in maps {
        let mut own: Vec<Combination> = vec![Vec::new()];
        let entries = map.entries().iter().filter_map(|(name, value)| Some((name.text()?, value)));
        for (name, value) in entries.filter(|(name, _)| is_asked(asks, name)) {
            let values = if value.is_list() { value.items() } else { std::slice::from_ref(value) };
            let longer = |before: &Combination<'a>| {
                let before = before.clone();
                values.iter().map(move |value| [before.clone(), vec![(name, value)]].concat())
            };
            own = own.iter().flat_map(longer).take(MOST_PARALLEL_JOBS + 1).collect();
        }
        let texts = |one: &Combination| {
            one.iter().map(|(name, value)| format!("{name}={:?}", value.text())).collect::<Vec<_>>()
        };
        all.extend(own.into_iter().filter(|one| seen.insert(texts(one))));
        if all.len() > MOST_PARALLEL_JOBS {
            return None;
        }
    }
    Some(all)
}

/// Whether a text asks for a variable: `$NAME`, `${NAME}`.
fn is_asked(node: &Node, name: &str) -> bool {
    let mut is_asked = false;
    node.walk(&mut |_, inner| {
        let text = inner.text().unwrap_or_default();
        is_asked |= text.match_indices('$').any(|(at, _)| {
            let rest = text[at + 1..].trim_start_matches('{');
            let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            rest.strip_prefix(name).is_some_and(ends)
        });
        true
    });
    is_asked
}

/// A node with the values of each combination put in, and those that `outer` gives: once if there is no matrix.
pub(super) fn fill(
    desk: &Desk,
    node: &Node,
    combinations: Option<Vec<Combination>>,
    outer: &dyn Fn(&str) -> Answer,
) -> Vec<Node> {
    let budget = desk.budget.clone();
    let all = combinations.filter(|all| !all.is_empty()).unwrap_or_else(|| vec![Vec::new()]);
    let of = |one: &Combination| {
        let provider =
            |name: &str| match one.iter().find(|(own, _)| *own == name).map(|(_, node)| node.part()) {
                Some(Some(value)) => Answer::Is(Known { value, how: How::Substitution }),
                _ => outer(name),
            };
        expand_tree(node, Dialect::Compose, &Names::asking(&provider, &budget))
    };
    all.iter().map(of).collect()
}
