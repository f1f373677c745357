//! The values that generators give: as a tree for Go's templates, as one map of names for plain tags.

use super::super::edit;
use super::super::requirement::Requirement;
use super::super::typed;
use super::is_zero;
use super::template::Mode;
use crate::syntax::{Node, Value};
use crate::text::{Origin, Part, Str};
use std::collections::BTreeSet;

/// Puts one set of values over another: maps key by key, everything else as a whole. What says nothing leaves what is
/// there.
pub(super) fn put_over(node: &mut Node, over: &Node) {
    for (key, value) in over.entries() {
        let Some(name) = key.text() else { continue };
        match edit::get_mut(node, name) {
            Some(own) if own.is_map() && value.is_map() => put_over(own, value),
            Some(_) if is_zero(value) => {}
            _ => edit::set(node, name, value.clone()),
        }
    }
}

/// Puts every value of one set into another.
pub(super) fn put_all(node: &mut Node, more: &Node) {
    for (key, value) in more.entries() {
        if let Some(name) = key.text() {
            edit::set(node, name, value.clone());
        }
    }
}

/// Both sets of values; the name of a value that they do not agree on.
pub(super) fn joined(a: &Node, b: &Node) -> Result<Node, Str> {
    let mut out = a.clone();
    for (key, value) in b.entries() {
        let Some(name) = key.text() else { continue };
        match a.get(name) {
            Some(own) if own.text() != value.text() => return Err(name.into()),
            Some(_) => {}
            None => edit::set(&mut out, name, value.clone()),
        }
    }
    Ok(out)
}

/// An element of a list, its `values` by their full names; what is no text, if there is some.
pub(super) fn named(element: &Node) -> Result<Node, &Node> {
    let is_text = |node: &Node| {
        node.scalar().is_some_and(|scalar| typed::typed(scalar, node.tag()) == typed::Typed::Text)
    };
    let mut out = edit::empty_map(&element.origin);
    for (key, value) in element.entries() {
        let name = key.text().unwrap_or_default();
        if name == "values" && value.is_map() {
            for (key, value) in value.entries() {
                if !is_text(value) {
                    return Err(value);
                }
                edit::set(&mut out, &format!("values.{}", key.text().unwrap_or_default()), value.clone());
            }
        } else if is_text(value) {
            edit::set(&mut out, name, value.clone());
        } else {
            return Err(value);
        }
    }
    Ok(out)
}

/// A tree as one map, with dots between the names.
pub(super) fn flat(root: &Node) -> Node {
    fn go(node: &Node, name: &str, out: &mut Node) {
        let below = |key: &str| if name.is_empty() { key.to_string() } else { format!("{name}.{key}") };
        match &node.value {
            Value::Map(entries) => {
                entries
                    .iter()
                    .for_each(|(key, value)| go(value, &below(key.text().unwrap_or_default()), out));
            }
            Value::List(items) => {
                items.iter().enumerate().for_each(|(at, item)| go(item, &below(&at.to_string()), out));
            }
            Value::Scalar(_) => edit::set(out, name, node.clone()),
            Value::Null | Value::Hole => {}
        }
    }
    let mut out = edit::empty_map(&root.origin);
    go(root, "", &mut out);
    out
}

/// The last name of a path.
fn base(path: &Part) -> Part {
    let start = path.text.rfind('/').map_or(0, |at| at + 1);
    path.slice(start..path.text.len())
}

/// A name as the tool makes names of what is none.
fn normalized(part: &Part) -> Part {
    const LONGEST: usize = 253;
    let sign = |c: char| {
        if c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.') { c } else { '-' }
    };
    let text: String = part.text.to_lowercase().chars().map(sign).take(LONGEST).collect();
    match text.trim_matches(['-', '.']) {
        same if same == part.text => part.clone(),
        changed => Part::new(changed, Origin::spelled(part.span())),
    }
}

/// Adds what a generator says of a path: a folder, and the file in it if it is one.
pub(super) fn add_path(
    values: &mut Node,
    folder: &str,
    file: Option<&str>,
    pattern: &Part,
    prefix: Option<&str>,
    mode: Mode,
) {
    // A pattern without signs is the folder itself; of others the pattern is the place.
    let made = |text: &str| Part::new(text, Origin::spelled(pattern.span()));
    let folder = if pattern.text == folder { pattern.clone() } else { made(folder) };
    let base = base(&folder);
    let mut parts = vec![("basenameNormalized", normalized(&base)), ("basename", base)];
    if let Some(file) = file.map(made) {
        parts.push(("filenameNormalized", normalized(&file)));
        parts.push(("filename", file));
    }
    let mut from = 0;
    let segments: Vec<Part> = folder
        .text
        .split('/')
        .map(|name| {
            let part = folder.slice(from..from + name.len());
            from += name.len() + 1;
            part
        })
        .collect();
    match mode {
        Mode::Go { .. } => {
            let mut path = edit::empty_map(&pattern.origin);
            parts.push(("path", folder));
            for (key, part) in &parts {
                edit::set(&mut path, key, edit::text(part));
            }
            let segments = segments.iter().map(edit::text).collect();
            edit::set(&mut path, "segments", Node::list(Origin::spelled(pattern.span()), segments));
            match prefix {
                Some(prefix) => {
                    let mut outer = edit::empty_map(&pattern.origin);
                    edit::set(&mut outer, "path", path);
                    edit::set(values, prefix, outer);
                }
                None => edit::set(values, "path", path),
            }
        }
        Mode::Tags => {
            let name = prefix.map_or_else(|| "path".to_string(), |prefix| format!("{prefix}.path"));
            for (key, part) in &parts {
                edit::set(values, &format!("{name}.{key}"), edit::text(part));
            }
            for (at, part) in segments.iter().enumerate() {
                edit::set(values, &format!("{name}[{at}]"), edit::text(part));
            }
            edit::set(values, &name, edit::text(&folder));
        }
    }
}

/// Adds a generator's own `values`.
pub(super) fn add_values(values: &mut Node, own: &Node, mode: Mode) {
    match mode {
        Mode::Go { .. } => edit::set(values, "values", own.clone()),
        Mode::Tags => {
            for (key, value) in own.entries() {
                edit::set(values, &format!("values.{}", key.text().unwrap_or_default()), value.clone());
            }
        }
    }
}

/// What sets of values are told apart by.
pub(super) fn key(values: &Node, keys: &[&str]) -> String {
    let keys: BTreeSet<&str> = keys.iter().copied().collect();
    let parts = keys.into_iter().map(|key| values.get(key).map(|node| typed::json(node).to_string()));
    parts.map(Option::unwrap_or_default).collect::<Vec<_>>().join("\n")
}

/// Which sets of values a generator keeps.
pub(super) struct Selector {
    requirements: Vec<Requirement>,
}

impl Selector {
    pub(super) fn read(node: &Node) -> Result<Selector, String> {
        let mut requirements = Vec::new();
        for (key, value) in node.get("matchLabels").map(Node::entries).unwrap_or_default() {
            let (Some(key), Some(value)) = (key.text(), value.text()) else { continue };
            requirements.push(Requirement {
                key: key.into(),
                values: Some(vec![value.into()]),
                wanted: true,
            });
        }
        for entry in node.get("matchExpressions").map(Node::items).unwrap_or_default() {
            let key = entry.text_at("key").unwrap_or_default().to_string();
            let list = entry.get("values").map(Node::items).unwrap_or_default();
            let list: Vec<String> = list.iter().filter_map(Node::text).map(String::from).collect();
            let (values, wanted) = match entry.text_at("operator").unwrap_or_default() {
                "In" => (Some(list), true),
                "NotIn" => (Some(list), false),
                "Exists" => (None, true),
                "DoesNotExist" => (None, false),
                other => return Err(format!("`{other}` is no operator of a selector")),
            };
            requirements.push(Requirement { key, values, wanted });
        }
        Ok(Selector { requirements })
    }

    pub(super) fn takes(&self, values: &Node) -> bool {
        let flat = flat(values);
        self.requirements.iter().all(|requirement| requirement.holds(flat.text_at(&requirement.key)))
    }
}
