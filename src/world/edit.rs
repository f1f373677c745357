//! Changes of trees. A tree is shared with everybody who holds it; a change copies the way from the root down to
//! what changes and nothing else.

use crate::syntax::{Node, Scalar, Style, Value};
use crate::text::{How, Origin, Part, Span, Str};
use std::sync::Arc;

/// What is done to a node that was found.
pub(super) type Change<'c> = dyn FnMut(&mut Node) -> Result<(), String> + 'c;

/// A text that nobody has to quote by hand: it stays a text whatever it looks like.
pub(super) fn text(part: &Part) -> Node {
    let scalar = Scalar::new(part.text.clone(), Style::Plain);
    let is_nothing = matches!(part.text.as_str(), "" | "~" | "null");
    let is_plain = scalar.is_text() && !is_nothing && !super::typed::looks_like_a_date(&part.text);
    let style = if is_plain { Style::Plain } else { Style::Double };
    Node::new(part.origin.clone(), Value::Scalar(Scalar::new(part.text.clone(), style)))
}

/// A text that is not written anywhere; `at` is what asked for it.
pub(super) fn made(name: &str, at: &Origin) -> Node {
    text(&Part::new(name, Origin::spelled(at.span())))
}

/// An empty map that a change needed on its way.
pub(super) fn empty_map(at: &Origin) -> Node {
    Node::map(Origin::spelled(at.span()), Vec::new())
}

/// The value under a key, to be changed.
pub(super) fn get_mut<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    let at = position(node, key)?;
    entries_mut(node).map(|entries| &mut entries[at].1)
}

/// The entries of a map, to be changed.
pub(super) fn entries_mut(node: &mut Node) -> Option<&mut Vec<(Node, Node)>> {
    match &mut node.value {
        Value::Map(entries) => Some(Arc::make_mut(entries)),
        _ => None,
    }
}

/// The items of a list, to be changed.
pub(super) fn items_mut(node: &mut Node) -> Option<&mut Vec<Node>> {
    match &mut node.value {
        Value::List(items) => Some(Arc::make_mut(items)),
        _ => None,
    }
}

fn position(node: &Node, key: &str) -> Option<usize> {
    node.entries().iter().position(|(name, _)| name.text() == Some(key))
}

/// Puts a value under a key, in the place of the old one or behind the others.
pub(super) fn set(node: &mut Node, key: &str, value: Node) {
    if node.is_null() {
        node.value = Value::Map(Arc::default());
    }
    let at = position(node, key);
    let origin = value.origin.clone();
    if let Some(entries) = entries_mut(node) {
        match at {
            Some(at) => entries[at].1 = value,
            None => {
                // Most objects get one key more and never another.
                entries.reserve_exact(1);
                entries.push((made(key, &origin), value));
            }
        }
    }
}

/// Takes a key out of a map.
pub(super) fn remove(node: &mut Node, key: &str) -> Option<Node> {
    let at = position(node, key)?;
    entries_mut(node).map(|entries| entries.remove(at).1)
}

/// The value under a key, which is made an empty map if it is not there.
pub(super) fn get_or_map<'n>(node: &'n mut Node, key: &str, at: &Origin) -> Option<&'n mut Node> {
    if node.get(key).is_none_or(Node::is_null) {
        set(node, key, empty_map(at));
    }
    get_mut(node, key)
}

/// The origin of a value that was chosen over another: the winner's, with the place of the loser on its road.
pub(super) fn over(winner: &Origin, loser: Span) -> Origin {
    if winner.span() == loser { winner.clone() } else { winner.clone().via(How::Over, loser) }
}

/// Gives a scalar another text, chosen over its own. Its type is that of the new text.
pub(super) fn set_text(node: &mut Node, part: &Part) {
    let loser = node.span();
    *node = text(&Part { text: part.text.clone(), origin: over(&part.origin, loser) });
}

/// Puts one tree over another: maps key by key, where nothing takes a key away; everything else as a whole.
pub(super) fn merge_patch(node: &mut Node, patch: &Node) {
    if !patch.is_map() {
        let loser = node.span();
        *node = patch.clone();
        node.origin = over(&patch.origin, loser);
        return;
    }
    if !node.is_map() {
        *node = empty_map(&patch.origin);
    }
    for (key, value) in patch.entries() {
        let Some(name) = key.text() else { continue };
        match get_mut(node, name) {
            _ if value.is_null() => _ = remove(node, name),
            Some(own) => merge_patch(own, value),
            None if value.is_map() => {
                let mut own = empty_map(&value.origin);
                merge_patch(&mut own, value);
                set(node, name, own);
            }
            None => set(node, name, value.clone()),
        }
    }
}

/// The keys of a path with `/` between them; `\/` stands for a slash within a key.
pub(super) fn keys(path: &str) -> Vec<Str> {
    split(path, '/')
}

/// Cuts a text at a sign that no backslash stands before.
pub(super) fn split(path: &str, sign: char) -> Vec<Str> {
    let (mut out, mut current) = (Vec::new(), String::new());
    let mut letters = path.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&sign) => current.extend(letters.next()),
            _ if letter == sign => out.push(Str::from(std::mem::take(&mut current))),
            _ => current.push(letter),
        }
    }
    out.push(current.into());
    if out.first().is_some_and(|first| first.is_empty()) {
        out.remove(0);
    }
    out
}
