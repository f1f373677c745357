//! How helmfile puts one tree over another: three ways, for three kinds of trees.

use super::super::edit;
use crate::syntax::{Node, Value};

/// What becomes of two lists that meet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lists {
    /// One behind the other.
    Joined,
    /// The new one, unless it is empty.
    Replaced,
}

/// Puts a part of a helmfile, or a release, over what it builds on. What is empty takes nothing away.
pub(super) fn specs(node: &mut Node, over: &Node, lists: Lists) {
    match (&node.value, &over.value) {
        (_, Value::Null) => {}
        (Value::Map(_), Value::Map(_)) => maps(node, over, |own, value| specs(own, value, lists)),
        (Value::List(_), Value::List(items)) if lists == Lists::Joined => {
            edit::items_mut(node).into_iter().for_each(|own| own.extend(items.iter().cloned()));
        }
        (_, Value::List(items)) if items.is_empty() => {}
        (_, Value::Scalar(scalar)) if scalar.text.is_empty() => {}
        _ => replace(node, over),
    }
}

/// Puts the values of one environment over others: a null takes nothing away, and a list with nulls changes only the
/// items that are none.
pub(super) fn layers(node: &mut Node, over: &Node) {
    match (&node.value, &over.value) {
        (_, Value::Null) => {}
        (Value::Map(_), Value::Map(_)) => maps(node, over, layers),
        (Value::List(_), Value::List(items)) if items.iter().any(Node::is_null) => {
            let Some(own) = edit::items_mut(node) else { return };
            for (at, item) in items.iter().enumerate() {
                match own.get_mut(at) {
                    Some(own) => layers(own, item),
                    None => own.push(item.clone()),
                }
            }
        }
        _ => replace(node, over),
    }
}

/// Puts one entry of a list of values over those before it: all that is said counts.
pub(super) fn entries(node: &mut Node, over: &Node) {
    if !(node.is_map() && over.is_map()) {
        return replace(node, over);
    }
    maps(node, over, entries);
}

/// Puts a map over another one: `meet` says what becomes of two values of one key.
fn maps(node: &mut Node, over: &Node, meet: impl Fn(&mut Node, &Node)) {
    for (key, value) in over.entries() {
        let Some(name) = key.text() else { continue };
        match edit::get_mut(node, name) {
            Some(own) => meet(own, value),
            None => {
                edit::entries_mut(node).into_iter().for_each(|all| all.push((key.clone(), value.clone())))
            }
        }
    }
}

fn replace(node: &mut Node, over: &Node) {
    let loser = node.span();
    *node = over.clone();
    node.origin = edit::over(&over.origin, loser);
}
