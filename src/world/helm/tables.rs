//! Putting tables of values over each other: which one wins, what a null takes away, and where the loser was.

use super::super::edit;
use super::told::Told;
use crate::syntax::{Node, Value};
use crate::text::{How, Str};
use std::collections::HashMap;

/// What becomes of a null that meets a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Nulls {
    /// It takes the value away, and itself.
    Delete,
    /// It stays, for who comes later.
    Keep,
}

/// Where a table is, for who is told of it: `web.image.tag`.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    pub(super) parent: Option<&'p Place<'p>>,
    pub(super) key: &'p str,
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.parent {
            Some(parent) => write!(out, "{parent}.{}", self.key),
            None => write!(out, "{}", self.key),
        }
    }
}

/// Finds the entries that a map had at first by their keys; what is put behind them has other keys.
pub(super) struct Index {
    len: usize,
    many: Option<HashMap<Str, usize>>,
}

/// Maps of fewer entries are searched as they are.
const FEW: usize = 24;

impl Index {
    pub(super) fn of(node: &Node) -> Index {
        let entries = node.entries();
        let key = |(at, (key, _)): (usize, &(Node, Node))| Some((Str::from(key.text()?), at));
        let many = || entries.iter().enumerate().filter_map(key).collect();
        Index { len: entries.len(), many: (entries.len() > FEW).then(many) }
    }

    pub(super) fn find(&self, node: &Node, key: &str) -> Option<usize> {
        match &self.many {
            Some(known) => known.get(key).copied(),
            None => node.entries()[..self.len].iter().position(|(name, _)| name.text() == Some(key)),
        }
    }
}

/// Puts values over others, as one values file after the other: maps key by key, all else as a whole.
pub(super) fn lay_over(node: &mut Node, over: &Node) {
    if !(node.is_map() && over.is_map()) {
        let mut winner = over.clone();
        beats(&mut winner, node);
        *node = winner;
        return;
    }
    let index = Index::of(node);
    for (key, value) in over.entries() {
        let Some(name) = key.text() else { continue };
        let at = index.find(node, name);
        let Some(entries) = edit::entries_mut(node) else { return };
        match at {
            Some(at) => lay_over(&mut entries[at].1, value),
            None => entries.push((key.clone(), value.clone())),
        }
    }
}

/// Fills a table with what another one has: what is in the first stays.
pub(super) fn fill(node: &mut Node, from: &Node, nulls: Nulls, place: &Place, told: &mut Told) {
    let (index, mut gone) = (Index::of(node), Vec::new());
    for (key, value) in from.entries() {
        let Some(name) = key.text() else { continue };
        let at = index.find(node, name);
        let Some(entries) = edit::entries_mut(node) else { return };
        let Some(at) = at else {
            entries.push((key.clone(), value.clone()));
            continue;
        };
        let own = &mut entries[at].1;
        let inner = Place { parent: Some(place), key: name };
        match (own.is_null(), own.is_map(), value.is_map()) {
            (true, ..) if nulls == Nulls::Delete && !value.is_null() => gone.push(at),
            (true, ..) => {}
            (_, true, true) => fill(own, value, nulls, &inner, told),
            (_, true, false) => clash(own, value, &inner, told),
            (_, false, true) => clash(own, value, &inner, told),
            (_, false, false) => beats(own, value),
        }
    }
    remove_all(node, gone);
}

/// Says that a table and something else meet; helm keeps the first, whatever it is.
pub(super) fn clash(own: &mut Node, default: &Node, place: &Place, told: &mut Told) {
    if own.is_hole() || default.is_null() || default.is_hole() {
        return;
    }
    let says = match own.is_map() {
        true => format!("`{place}` is a map here, and no map in the chart: helm ignores what the chart says"),
        false => format!("`{place}` is a map in the chart, and none here: helm takes away all of the map"),
    };
    told.warn(says, own.span());
    beats(own, default);
}

/// Notes the place of the value that another one beat.
pub(super) fn beats(winner: &mut Node, loser: &Node) {
    let (span, at) = (loser.span(), winner.span());
    let is_known = || winner.origin.road().any(|(how, place)| how == How::Over && place == span);
    // What is in an archive has the archive as a whole for its place. What is in a chart from elsewhere has the place that
    // asks for the chart: no value is written there.
    let is_here = loser.origin.inner().is_none() || span.is_empty();
    if is_here && at != span && !loser.is_null() && !is_known() {
        winner.origin = edit::over(&winner.origin, span);
    }
}

/// Takes entries out of a map, by their positions.
pub(super) fn remove_all(node: &mut Node, mut gone: Vec<usize>) {
    if gone.is_empty() {
        return;
    }
    gone.sort_unstable();
    if let Some(entries) = edit::entries_mut(node) {
        let mut at = 0;
        entries.retain(|_| {
            at += 1;
            gone.binary_search(&(at - 1)).is_err()
        });
    }
}

/// A table without its nulls, at any depth.
pub(super) fn without_nulls(node: &Node) -> Node {
    let Value::Map(entries) = &node.value else { return node.clone() };
    if !has_nulls(node) {
        return node.clone();
    }
    let kept = entries.iter().filter(|(_, value)| !value.is_null());
    Node::map(node.origin.clone(), kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
}

fn has_nulls(node: &Node) -> bool {
    node.entries().iter().any(|(_, value)| value.is_null() || has_nulls(value))
}

/// The table at a path of keys with dots between them.
pub(super) fn table<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    path.split('.').try_fold(node, |node, key| node.get(key).filter(|inner| inner.is_map()))
}

/// The value at a path, if it is no table.
pub(super) fn value_at<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    let (parent, key) = match path.rsplit_once('.') {
        Some((parents, key)) => (table(node, parents)?, key),
        None => (node, path),
    };
    parent.get(key).filter(|value| !value.is_map())
}
