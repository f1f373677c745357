//! Parameters of Tekton, put into the images that ask for them: what a run gives, else what the task takes by default.

use super::super::Desk;
use crate::limits::DEEPEST_PARAMETERS;
use crate::syntax::provide::Budget;
use crate::syntax::{Node, Scalar, Value, expand};
use crate::text::{How, Part};
use std::cell::Cell;
use std::sync::Arc;

/// The object with its images filled in; nothing if none asks for a parameter.
pub(super) fn filled(desk: &Desk, root: &Node) -> Option<Node> {
    desk.file.has("$(").then(|| Filling { budget: &desk.budget }.node(root, &mut Vec::new())).flatten()
}

/// Whether an image of an object asks for a parameter.
pub(super) fn is_asked(desk: &Desk, root: &Node, name: &str) -> bool {
    let found = Cell::new(false);
    let answer = |form: &str| {
        found.set(found.get() || parameter(form) == Some(name));
        None
    };
    root.walk(&mut |path, node| {
        if let Some(part) = node.part().filter(|_| path.ends_with(".image")) {
            expand::put(&part, ("$(", ")"), &desk.budget, &answer);
        }
        true
    });
    found.get()
}

/// Fills the images of an object, within what may be put into its file.
struct Filling<'a> {
    budget: &'a Budget,
}

impl Filling<'_> {
    /// `scopes` are lists of parameters, the outermost first.
    fn node<'n>(&self, node: &'n Node, scopes: &mut Vec<&'n [Node]>) -> Option<Node> {
        let depth = scopes.len();
        let value = match &node.value {
            Value::Map(entries) => {
                scopes.extend(node.get("params").map(Node::items));
                let mut out: Option<Vec<(Node, Node)>> = None;
                for (at, (key, value)) in entries.iter().enumerate() {
                    let made = match (key.text(), value.part()) {
                        (Some("image"), Some(part)) => {
                            self.put(&part, scopes, 0).map(|part| scalar(value, part))
                        }
                        _ => self.node(value, scopes),
                    };
                    if let Some(made) = made {
                        out.get_or_insert_with(|| entries.to_vec())[at].1 = made;
                    }
                }
                scopes.truncate(depth);
                Value::Map(Arc::new(out?))
            }
            Value::List(items) => {
                let mut out: Option<Vec<Node>> = None;
                for (at, item) in items.iter().enumerate() {
                    if let Some(made) = self.node(item, scopes) {
                        out.get_or_insert_with(|| items.to_vec())[at] = made;
                    }
                }
                Value::List(Arc::new(out?))
            }
            _ => return None,
        };
        Some(Node { origin: node.origin.clone(), value })
    }

    /// A text with the values of its parameters; nothing if none of them is known.
    fn put(&self, whole: &Part, scopes: &[&[Node]], depth: usize) -> Option<Part> {
        let answer = |form: &str| self.value(parameter(form)?, scopes, depth);
        (depth < DEEPEST_PARAMETERS).then(|| expand::put(whole, ("$(", ")"), self.budget, &answer)).flatten()
    }

    /// What a parameter is: given from outside, else its default.
    fn value(&self, name: &str, scopes: &[&[Node]], depth: usize) -> Option<(Part, How)> {
        let mut default = None;
        for at in (0..scopes.len()).rev() {
            let Some(found) = scopes[at].iter().find(|item| item.text_at("name") == Some(name)) else {
                continue;
            };
            if let Some(given) = found.part_at("value") {
                let value = self.put(&given, &scopes[..at], depth + 1).unwrap_or(given);
                return Some((value, How::Substitution));
            }
            default = default.or_else(|| found.part_at("default"));
        }
        default.map(|value| (value, How::Default))
    }
}

fn scalar(node: &Node, part: Part) -> Node {
    let style = node.scalar().map_or(crate::syntax::Style::Plain, |scalar| scalar.style);
    Node { origin: part.origin, value: Value::Scalar(Scalar::new(part.text, style)) }
}

/// The name of a parameter, in each of its notations.
fn parameter(form: &str) -> Option<&str> {
    let name = form.strip_prefix("inputs.").unwrap_or(form).strip_prefix("params")?;
    let name = name
        .strip_prefix('.')
        .or_else(|| name.strip_prefix("['")?.strip_suffix("']"))
        .or_else(|| name.strip_prefix("[\"")?.strip_suffix("\"]"))?;
    (!name.contains(['[', '.'])).then_some(name)
}
