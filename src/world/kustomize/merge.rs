//! Strategic merge patches, as kustomize applies them: lists of known kinds are merged by their keys, all others are
//! replaced; `null` and `$patch: delete` take away.

use super::super::edit;
use super::schema::{Shape, Typed};
use crate::syntax::{Node, Value};
use crate::text::Str;
use std::sync::Arc;

/// What a `$patch` key says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

const DIRECTIVE: &str = "$patch";

/// An object after a patch; nothing if the patch deletes it.
pub(super) fn patched(object: &Node, patch: &Node, shape: Typed) -> Result<Option<Node>, String> {
    merge(Some(object), Some(patch), shape)
}

fn merge(base: Option<&Node>, patch: Option<&Node>, shape: Typed) -> Result<Option<Node>, String> {
    let known = |node: Option<&Node>| node.is_some_and(|node| !node.is_null());
    let leading = if known(base) { base } else { patch };
    for other in [base, patch].into_iter().flatten().filter(|node| !node.is_null() && !node.is_hole()) {
        if leading.is_some_and(|leading| !leading.is_hole() && is_other_kind(leading, other)) {
            return Err(format!(
                "a patch puts {} where {} is",
                kind_of(patch.unwrap_or(other)),
                kind_of(base.unwrap_or(other))
            ));
        }
    }
    match leading.map(|node| &node.value) {
        Some(Value::List(_)) => match shape {
            Typed::List(item, keys) => associative(base, patch, item, keys),
            _ => Ok(patch.or(base).cloned().map(|node| chosen(node, base))),
        },
        Some(Value::Scalar(_) | Value::Hole) => Ok(patch.or(base).cloned().map(|node| chosen(node, base))),
        _ => map(base, patch, shape),
    }
}

fn is_other_kind(a: &Node, b: &Node) -> bool {
    std::mem::discriminant(&a.value) != std::mem::discriminant(&b.value)
}

fn kind_of(node: &Node) -> &'static str {
    match &node.value {
        Value::Map(_) => "a map",
        Value::List(_) => "a list",
        Value::Null => "nothing",
        _ => "a value",
    }
}

/// A value of the patch remembers what it replaced.
fn chosen(mut node: Node, base: Option<&Node>) -> Node {
    if let Some(base) = base.filter(|base| !base.is_null()) {
        node.origin = edit::over(&node.origin, base.span());
    }
    node
}

fn map(base: Option<&Node>, patch: Option<&Node>, shape: Typed) -> Result<Option<Node>, String> {
    let mut patch = patch.cloned();
    if base.is_none_or(Node::is_null) {
        // What only the patch has is taken as it is, less its directives and nulls.
        let Some(node) = &mut patch else { return Ok(None) };
        if node.is_null() || directive(node)? == Directive::Delete {
            return Ok(None);
        }
        return merge_fields(node, node, shape).map(Some);
    }
    if let Some(node) = &mut patch {
        if node.is_null() {
            return Ok(None);
        }
        match directive(node)? {
            Directive::Delete => return Ok(None),
            Directive::Replace => return merge_fields(node, node, shape).map(Some),
            Directive::Merge => {}
        }
        return merge_fields(&base.cloned().unwrap_or_else(|| node.clone()), node, shape).map(Some);
    }
    // Nothing of this map is patched. Walking it would only drop keys with nothing behind them.
    Ok(base.map(settled))
}

fn merge_fields(base: &Node, patch: &Node, shape: Typed) -> Result<Node, String> {
    let mut out = settled(base);
    // New keys are added in the order of their names.
    let mut keys: Vec<Str> =
        patch.entries().iter().filter_map(|(key, _)| key.text()).map(Str::from).collect();
    keys.sort();
    for key in keys {
        let merged = merge(base.get(&key), patch.get(&key), shape.field(&key))?;
        match merged.filter(|node| !node.is_null()) {
            None => {
                edit::remove(&mut out, &key);
            }
            Some(value) => match edit::get_mut(&mut out, &key) {
                Some(place) => *place = value,
                None => {
                    let name = patch.entry(&key).map(|(name, _)| name.clone());
                    if let (Some(name), Some(entries)) = (name, edit::entries_mut(&mut out)) {
                        entries.push((name, value));
                    }
                }
            },
        }
    }
    Ok(out)
}

/// A map without the keys that have nothing behind them.
fn settled(node: &Node) -> Node {
    fn is_empty(node: &Node) -> bool {
        node.is_null() && node.span().is_empty()
    }
    fn has_empty(node: &Node) -> bool {
        node.entries().iter().any(|(_, value)| is_empty(value) || has_empty(value))
    }
    if !has_empty(node) {
        return node.clone();
    }
    let kept = node.entries().iter().filter(|(_, value)| !is_empty(value));
    let entries = kept.map(|(key, value)| (key.clone(), settled(value))).collect();
    Node { value: Value::Map(Arc::new(entries)), ..node.clone() }
}

/// Reads the directive of a map or list and takes it out.
fn directive(patch: &mut Node) -> Result<Directive, String> {
    let read = |text: &str| match text {
        "delete" => Ok(Directive::Delete),
        "replace" => Ok(Directive::Replace),
        "merge" => Ok(Directive::Merge),
        other => Err(format!("unknown patch strategy `{other}`")),
    };
    match &patch.value {
        Value::Map(_) => match patch.text_at(DIRECTIVE).map(read) {
            Some(directive) => {
                edit::remove(patch, DIRECTIVE);
                directive
            }
            None => Ok(Directive::Merge),
        },
        // An item that is nothing but a directive speaks for the whole list.
        Value::List(items) => {
            let alone = |item: &Node| item.entries().len() == 1 && item.get(DIRECTIVE).is_some();
            let Some(at) = items.iter().position(alone) else { return Ok(Directive::Merge) };
            let directive = items[at].text_at(DIRECTIVE).map_or(Ok(Directive::Merge), read);
            if let Some(items) = edit::items_mut(patch) {
                items.remove(at);
            }
            directive
        }
        _ => Ok(Directive::Merge),
    }
}

/// A list whose items are told apart by keys; without keys, by their own text.
fn associative(
    base: Option<&Node>,
    patch: Option<&Node>,
    item: &'static Shape,
    keys: &'static [&'static str],
) -> Result<Option<Node>, String> {
    let Some(mut patch) = patch.cloned() else { return Ok(base.cloned()) };
    let mut base = base.filter(|base| !base.is_null()).cloned();
    if patch.is_null() {
        return Ok(None);
    }
    if base.is_some() {
        match directive(&mut patch)? {
            Directive::Delete => return Ok(None),
            Directive::Replace => base = None,
            Directive::Merge => {}
        }
    }
    let own = base.clone().unwrap_or_else(|| Node { value: Value::List(Arc::default()), ..patch.clone() });
    let used: Vec<&'static str> = used_keys(keys, &patch, &own);
    let mut done: Vec<Vec<Str>> = Vec::new();
    let (mut added, mut kept) = (Vec::new(), own.items().to_vec());
    for node in patch.items() {
        let values = values_of(node, &used);
        if done.contains(&values) {
            continue;
        }
        let at = kept.iter().position(|other| fits(other, &used, &values));
        let merged = match keys.is_empty() {
            true => Some(node.clone()),
            false => merge(at.map(|at| kept[at].clone()).as_ref(), Some(node), Typed::Map(item))?,
        };
        let merged = merged.filter(|node| !(node.is_null() || node.is_map() && node.entries().is_empty()));
        match (merged, at) {
            (Some(merged), Some(at)) => kept[at] = merged,
            (Some(merged), None) => added.push(merged),
            (None, _) => kept.retain(|other| !fits(other, &used, &values)),
        }
        done.push(values);
    }
    // What the patch knows comes first, in its order; new items before those that were there.
    let mut list = Vec::with_capacity(kept.len() + added.len());
    let mut ordered: Vec<(usize, Node)> = Vec::new();
    let place = |node: &Node| {
        let values = values_of(node, &used);
        done.iter().position(|known| *known == values || fits(node, &used, known))
    };
    let mut rest = Vec::new();
    for node in added.into_iter().chain(kept) {
        match place(&node) {
            Some(at) => ordered.push((at, node)),
            None => rest.push(node),
        }
    }
    ordered.sort_by_key(|(at, _)| *at);
    list.extend(ordered.into_iter().map(|(_, node)| node));
    list.extend(rest);
    let place = base.unwrap_or(patch);
    Ok(Some(Node { value: Value::List(Arc::new(list)), ..place }))
}

/// Of several keys only those count that some item has: ports are mostly told without a protocol.
fn used_keys(keys: &'static [&'static str], patch: &Node, base: &Node) -> Vec<&'static str> {
    let items = || patch.items().iter().chain(base.items());
    let used: Vec<&str> =
        keys.iter().copied().filter(|key| items().any(|item| item.get(key).is_some())).collect();
    if used.is_empty() { keys.to_vec() } else { used }
}

fn values_of(item: &Node, keys: &[&str]) -> Vec<Str> {
    if keys.is_empty() {
        return vec![item.text().unwrap_or_default().into()];
    }
    keys.iter().map(|key| item.text_at(key).unwrap_or_default().into()).collect()
}

/// Whether an item has these values; a key that one of the two leaves out fits.
fn fits(item: &Node, keys: &[&str], values: &[Str]) -> bool {
    let own = values_of(item, keys);
    let mut equal = own.iter().zip(values).filter(|(a, b)| a == b && !a.is_empty());
    let apart = own.iter().zip(values).any(|(a, b)| !a.is_empty() && !b.is_empty() && a != b);
    !apart && equal.next().is_some()
}
