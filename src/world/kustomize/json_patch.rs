//! JSON patches (RFC 6902): lists of operations on paths.

use super::super::edit;
use super::super::typed::{Typed, looks_like_a_date, typed};
use crate::syntax::{Node, Scalar, Style, Tag, Value};
use crate::text::Origin;
use std::sync::Arc;

/// Applies the operations in their order.
pub(super) fn apply(root: &mut Node, operations: &Node) -> Result<(), String> {
    for operation in operations.items() {
        one(root, operation)?;
    }
    Ok(())
}

fn one(root: &mut Node, operation: &Node) -> Result<(), String> {
    let Some(path) = operation.text_at("path") else { return Err("an operation has no path".into()) };
    let path = pointer(path)?;
    // Nobody here knows what is in a hole, and so nobody can say that it is not there.
    if leads_into_a_hole(root, &path) {
        return Ok(());
    }
    let null = || Node::new(Origin::spelled(operation.span()), Value::Null);
    let value = || operation.get("value").map_or_else(null, older);
    let from = || pointer(operation.text_at("from").unwrap_or_default());
    match operation.text_at("op").unwrap_or_default() {
        "add" => add(root, &path, value()),
        "replace" => replace(root, &path, value()),
        "remove" => remove(root, &path).map(|_| ()),
        "test" => {
            let parent =
                path.split_last().and_then(|(last, parents)| Some((find(root, parents).ok()?, last)));
            // What is not there is nothing, if the map is there that could hold it.
            let nothing = null();
            let found = match parent {
                Some((map, last)) if map.is_map() => map.get(last).unwrap_or(&nothing),
                _ => find(root, &path)?,
            };
            let equal = super::super::typed::json(found) == super::super::typed::json(&value());
            if equal { Ok(()) } else { Err(format!("the test of `{}` does not hold", path.join("/"))) }
        }
        "move" => {
            let moved = remove(root, &from()?)?;
            add(root, &path, moved)
        }
        "copy" => {
            let copied = find(root, &from()?)?.clone();
            add(root, &path, copied)
        }
        other => Err(format!("`{other}` is no operation of a JSON patch")),
    }
}

fn leads_into_a_hole(root: &Node, path: &[String]) -> bool {
    let mut node = root;
    for step in path {
        let next = match &node.value {
            Value::Hole => return true,
            Value::List(items) => index(step, items.len()).and_then(|at| items.get(at)),
            _ => node.get(step),
        };
        let Some(next) = next else { return false };
        node = next;
    }
    false
}

/// Operations go through the older reader of YAML, to which `y`, `no` and `on` are truths, a date is a text, and so is
/// every key.
fn older(node: &Node) -> Node {
    let is_truth = |scalar: &Scalar| scalar.is_bool() && typed(scalar, Tag::None) == Typed::Text;
    let is_odd = |scalar: &Scalar| is_truth(scalar) || looks_like_a_date(&scalar.text);
    fn has_any(node: &Node, is_odd: &dyn Fn(&Scalar) -> bool) -> bool {
        let is_no_text = |key: &Node| key.scalar().is_some_and(|scalar| !scalar.is_text());
        node.scalar().is_some_and(is_odd)
            || node.items().iter().any(|item| has_any(item, is_odd))
            || node.entries().iter().any(|(key, value)| is_no_text(key) || has_any(value, is_odd))
    }
    let mut out = node.clone();
    if node.tag() != Tag::None || !has_any(node, &is_odd) {
        return out;
    }
    match &mut out.value {
        Value::Scalar(scalar) if is_truth(scalar) => {
            scalar.text = if scalar.is_true() { "true" } else { "false" }.into();
            out.origin = Origin::spelled(node.span());
        }
        Value::Scalar(scalar) => scalar.style = Style::Double,
        Value::List(items) => Arc::make_mut(items).iter_mut().for_each(|item| *item = older(item)),
        Value::Map(entries) => {
            for (key, value) in Arc::make_mut(entries).iter_mut() {
                if let Value::Scalar(scalar) = &mut key.value {
                    scalar.style = Style::Double;
                }
                *value = older(value);
            }
        }
        _ => {}
    }
    out
}

/// The steps of a pointer: `/a~1b/0` is `a/b`, then the first item.
fn pointer(path: &str) -> Result<Vec<String>, String> {
    if path.is_empty() {
        return Ok(Vec::new());
    }
    // The tool does not mind what is before the first slash.
    let (_, rest) = path.split_once('/').ok_or_else(|| format!("the path `{path}` has no `/`"))?;
    Ok(rest.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect())
}

/// The index that a step means in a list of so many items; from the end if it is negative.
fn index(step: &str, len: usize) -> Option<usize> {
    let at: isize = step.parse().ok()?;
    if at < 0 { len.checked_sub(at.unsigned_abs()) } else { Some(at as usize) }
}

fn missing(path: &[String]) -> String {
    format!("there is nothing at `/{}`", path.join("/"))
}

fn find<'n>(root: &'n Node, path: &[String]) -> Result<&'n Node, String> {
    let step = |node: &'n Node, step: &String| match &node.value {
        Value::List(items) => items.get(index(step, items.len())?),
        _ => node.get(step),
    };
    path.iter().try_fold(root, step).ok_or_else(|| missing(path))
}

fn find_mut<'n>(root: &'n mut Node, path: &[String]) -> Result<&'n mut Node, String> {
    find(root, path)?;
    let mut node = root;
    for step in path {
        let is_list = node.is_list();
        let next = if is_list {
            edit::items_mut(node).and_then(|items| {
                let at = index(step, items.len())?;
                items.get_mut(at)
            })
        } else {
            edit::get_mut(node, step)
        };
        node = next.ok_or_else(|| missing(path))?;
    }
    Ok(node)
}

fn add(root: &mut Node, path: &[String], mut value: Node) -> Result<(), String> {
    let Some((last, parents)) = path.split_last() else {
        return Err("a patch adds to nothing: its path is empty".into());
    };
    let parent = find_mut(root, parents)?;
    if parent.is_list() {
        let items = edit::items_mut(parent).expect("it is a list");
        let at = if last == "-" {
            Some(items.len())
        } else {
            index(last, items.len() + usize::from(last.starts_with('-')))
        };
        let at = at.filter(|at| *at <= items.len()).ok_or_else(|| missing(path))?;
        items.insert(at, value);
        return Ok(());
    }
    if !parent.is_map() {
        return Err(missing(path));
    }
    if let Some(old) = parent.get(last) {
        value.origin = edit::over(&value.origin, old.span());
    }
    edit::set(parent, last, value);
    Ok(())
}

/// A key that is not there is added; the tool's library does not mind.
fn replace(root: &mut Node, path: &[String], mut value: Node) -> Result<(), String> {
    if let Some((last, parents)) = path.split_last()
        && find(root, parents)?.is_map()
        && find(root, path).is_err()
    {
        edit::set(find_mut(root, parents)?, last, value);
        return Ok(());
    }
    let place = find_mut(root, path)?;
    value.origin = edit::over(&value.origin, place.span());
    *place = value;
    Ok(())
}

fn remove(root: &mut Node, path: &[String]) -> Result<Node, String> {
    let Some((last, parents)) = path.split_last() else {
        return Err("a patch removes the whole object".into());
    };
    find(root, path)?;
    let parent = find_mut(root, parents)?;
    let removed = match edit::items_mut(parent) {
        Some(items) => index(last, items.len()).filter(|at| *at < items.len()).map(|at| items.remove(at)),
        None => edit::remove(parent, last),
    };
    removed.ok_or_else(|| missing(path))
}
