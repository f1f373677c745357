//! What the tool makes of an object when it writes it: dates become points in time, and a map that JSON does not have
//! is refused.

use super::super::typed::{self, Typed};
use crate::syntax::{Node, Scalar, Style, Tag, Value};
use crate::text::{Origin, Span, Str};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What of an object the tool cannot write at the end. Annotations it has written anew by then: it does not mind if they,
/// or one of them, are given twice.
pub(super) fn last_faults(root: &Node, doubled: &BTreeSet<Span>) -> Vec<(String, Span)> {
    if doubled.is_empty() {
        return faults(root, doubled);
    }
    let annotations = root.get("metadata").and_then(|metadata| metadata.entry("annotations"));
    let own = annotations.into_iter().flat_map(|(key, value)| {
        std::iter::once(key.span()).chain(value.entries().iter().map(|(key, _)| key.span()))
    });
    let own: BTreeSet<Span> = own.collect();
    faults(root, &doubled.difference(&own).copied().collect())
}

/// What of an object the tool cannot write: keys that are given twice, and keys that are no texts. At the root it
/// takes numbers for keys.
pub(super) fn faults(root: &Node, doubled: &BTreeSet<Span>) -> Vec<(String, Span)> {
    let mut out = Vec::new();
    for (key, value) in root.entries() {
        out.extend(twice(root, key, doubled));
        below(value, doubled, &mut out);
    }
    out
}

fn below(node: &Node, doubled: &BTreeSet<Span>, out: &mut Vec<(String, Span)>) {
    for (key, value) in node.entries() {
        out.extend(twice(node, key, doubled));
        if is_no_text(key) {
            let says = format!("the key `{}` is no text: in quotes it is one", key.text().unwrap_or("null"));
            out.push((says, key.span()));
        }
        below(value, doubled, out);
    }
    node.items().iter().for_each(|item| below(item, doubled, out));
}

/// A key that is given twice, if its map is still the one that it is written in: a patch hands on one of the two.
fn twice(map: &Node, key: &Node, doubled: &BTreeSet<Span>) -> Option<(String, Span)> {
    let (whole, own) = (map.span(), key.span());
    let is_within = whole.source == own.source && whole.start <= own.start && own.end <= whole.end;
    (is_within && !doubled.is_empty() && doubled.contains(&own))
        .then(|| (format!("the key `{}` is given twice in this map", key.text().unwrap_or("null")), own))
}

fn is_no_text(key: &Node) -> bool {
    match &key.value {
        Value::Scalar(scalar) => typed::typed(scalar, key.tag()) != Typed::Text || date(key).is_some(),
        Value::Hole => false,
        Value::Null | Value::List(_) | Value::Map(_) => true,
    }
}

/// Writes dates without quotes as points in time. Annotations are written anew as texts before.
pub(super) fn dates(root: &mut Node) {
    if !has_dates(root) {
        return;
    }
    if let Some(time) = date(root) {
        let origin = Origin::spelled(root.span());
        *root = Node::new(origin, Value::Scalar(Scalar::new(time, Style::Double)));
    }
    match &mut root.value {
        Value::Map(entries) => Arc::make_mut(entries).iter_mut().for_each(|(_, value)| dates(value)),
        Value::List(items) => Arc::make_mut(items).iter_mut().for_each(dates),
        _ => {}
    }
}

fn has_dates(node: &Node) -> bool {
    match &node.value {
        Value::Map(entries) => entries.iter().any(|(_, value)| has_dates(value)),
        Value::List(items) => items.iter().any(has_dates),
        _ => date(node).is_some(),
    }
}

/// The point in time that a scalar is to the tool's reader.
fn date(node: &Node) -> Option<Str> {
    let scalar = node.scalar().filter(|scalar| scalar.style == Style::Plain)?;
    let is_tagged = !matches!(node.tag(), Tag::None | Tag::Time);
    if is_tagged { None } else { typed::point_in_time(&scalar.text) }
}
