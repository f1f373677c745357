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
    for (at, key) in keys.iter().enumerate() {
        let merged = merge(base.get(key), patch.get(key), shape.field(key))?;
        match merged.filter(|node| !node.is_null()) {
            None => {
                edit::remove(&mut out, key);
            }
            Some(value) => match edit::get_mut(&mut out, key) {
                Some(place) => *place = value,
                None => {
                    let name = patch.entry(key).map(|(name, _)| name.clone());
                    if let (Some(name), Some(entries)) = (name, edit::entries_mut(&mut out)) {
                        // No more than what is left to add: there are many such maps.
                        if entries.len() == entries.capacity() {
                            entries.reserve_exact(keys.len() - at);
                        }
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
    let list = match keys.is_empty() {
        true => united(&patch, &own),
        false => by_keys(&patch, own.items().to_vec(), item, keys)?,
    };
    let place = base.unwrap_or(patch);
    Ok(Some(Node { value: Value::List(Arc::new(list)), ..place }))
}

/// The texts of a set: the patch's, then those that were there before.
fn united(patch: &Node, own: &Node) -> Vec<Node> {
    let mut out: Vec<Node> = Vec::new();
    for node in patch.items() {
        if !out.iter().any(|other| other.text() == node.text()) {
            out.push(node.clone());
        }
    }
    for node in own.items() {
        match out.iter_mut().find(|other| other.text() == node.text()) {
            Some(place) => *place = node.clone(),
            None => out.push(node.clone()),
        }
    }
    out
}

/// Step by step what the tool does, as its steps are seen from outside: where one side leaves out a key that the
/// other has, the patch is lost; an item that is to be replaced stays.
fn by_keys(
    patch: &Node,
    mut own: Vec<Node>,
    item: &'static Shape,
    keys: &'static [&'static str],
) -> Result<Vec<Node>, String> {
    let mut all: Vec<Vec<Str>> = Vec::new();
    for node in patch.items().iter().chain(&own) {
        let values = keys.iter().map(|key| node.text_at(key).unwrap_or_default().into()).collect();
        if !all.contains(&values) {
            all.push(values);
        }
    }
    if keys.len() > 1 {
        complete(&mut all);
    }
    // Of several keys only those count that some item has: ports are mostly told without a protocol.
    let used = |at: &usize| all.iter().any(|values| !values[*at].is_empty());
    let mut used: Vec<usize> = (0..keys.len()).filter(used).collect();
    if used.is_empty() {
        used = (0..keys.len()).collect();
    }
    let names: Vec<&str> = used.iter().map(|&at| keys[at]).collect();
    let mut out: Vec<Node> = Vec::new();
    for values in &all {
        let values: Vec<Str> = used.iter().map(|&at| values[at].clone()).collect();
        let is_blank = values.iter().all(|value| value.is_empty());
        let asked = || names.iter().zip(&values).filter(|(_, value)| is_blank || !value.is_empty());
        let is_it =
            |node: &Node| node.is_map() && asked().all(|(key, value)| node.text_at(key) == Some(value));
        let at = own.iter().position(is_it);
        let theirs = patch.items().iter().find(|node| is_it(node));
        let is_replaced = theirs.is_some_and(|node| node.text_at(DIRECTIVE) == Some("replace"));
        let merged = merge(at.map(|at| own[at].clone()).as_ref(), theirs, Typed::Map(item))?;
        match merged.filter(|node| !is_nothing(node)) {
            None => put(&mut own, None, &names, &values),
            Some(merged) => {
                if let Some(at) = at.filter(|_| !is_replaced) {
                    own[at] = merged.clone();
                }
                put(&mut out, Some(&merged), &names, &values);
            }
        }
    }
    for node in &own {
        let mut values: Vec<Str> = Vec::new();
        for key in &names {
            match node.get(key) {
                Some(value) => values.push(value.text().unwrap_or_default().into()),
                None => out.push(node.clone()),
            }
        }
        if names.len() > 1 {
            put(&mut out, None, &names, &values);
        }
        put(&mut out, Some(node), &names, &values);
    }
    Ok(out)
}

/// Values that differ only where one of them is left out are the same item: each gets what the other has.
fn complete(all: &mut [Vec<Str>]) {
    for first in 0..all.len() {
        let own = all[first].clone();
        for second in 0..all.len() {
            let pairs = || own.iter().zip(&all[second]);
            let is_same =
                pairs().any(|(a, b)| a == b) && pairs().all(|(a, b)| a == b || a.is_empty() || b.is_empty());
            if is_same {
                let both: Vec<Str> =
                    pairs().map(|(a, b)| if a.is_empty() { b.clone() } else { a.clone() }).collect();
                all[first] = both.clone();
                all[second] = both;
            }
        }
    }
}

/// Whether a map has a key with this value, or with any where none is asked for.
fn has(node: &Node, key: &str, value: &str) -> bool {
    node.get(key).is_some_and(|own| value.is_empty() || own.text() == Some(value))
}

fn is_nothing(node: &Node) -> bool {
    node.is_null() || node.is_map() && node.entries().is_empty()
}

/// Puts an item in the place of those that have these values, or behind all; without one it takes those out. Where
/// fewer values are given than keys, the last answer counts for the rest; where none is given, nothing stays.
fn put(list: &mut Vec<Node>, item: Option<&Node>, keys: &[&str], values: &[Str]) {
    let mut is_found = false;
    let mut out = Vec::with_capacity(list.len() + 1);
    for node in list.drain(..).filter(|node| !is_nothing(node)) {
        let fits = !values.is_empty() && keys.iter().zip(values).all(|(key, value)| has(&node, key, value));
        if fits {
            is_found = true;
            out.extend(item.cloned());
        } else if !values.is_empty() || !node.is_map() {
            out.push(node);
        }
    }
    if !is_found {
        out.extend(item.cloned());
    }
    *list = out;
}
