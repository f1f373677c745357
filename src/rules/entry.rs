//! How entries of data pages are read. What is wrong has its place, and nothing else is lost.

use crate::finding::Problem;
use crate::syntax::Node;
use crate::text::{Str, nearest};

/// One entry of a list, and what is wrong with it.
pub(super) struct Entry<'a, 'p> {
    pub(super) node: &'a Node,
    problems: &'p mut Vec<Problem>,
}

impl<'a, 'p> Entry<'a, 'p> {
    /// An entry that is a map with these keys and no others.
    pub(super) fn read(node: &'a Node, keys: &[&str], problems: &'p mut Vec<Problem>) -> Entry<'a, 'p> {
        let mut entry = Entry { node, problems };
        if !node.is_map() {
            entry.wrong("a map is expected here", node);
        }
        for (key, _) in node.entries() {
            let name = key.text().unwrap_or_default();
            if !keys.contains(&name) {
                let near =
                    nearest(name, keys).map_or(String::new(), |near| format!(", did you mean `{near}`?"));
                entry.wrong(format!("there is no key `{name}` here{near}"), key);
            }
        }
        entry
    }

    pub(super) fn wrong(&mut self, says: impl Into<String>, at: &Node) {
        self.problems.push(Problem::fatal("rule-page", says, Some(at.span())));
    }

    /// What stands in the list under a key, to be read by somebody else.
    pub(super) fn items(&mut self, key: &str) -> (&'a [Node], &mut Vec<Problem>) {
        let items = self.node.get(key).map(Node::items).unwrap_or_default();
        (items, self.problems)
    }

    /// Tells that a key is missing; of what is no map, that is told already.
    pub(super) fn must_have(&mut self, key: &str) {
        if self.node.is_map() && self.node.get(key).is_none() {
            self.wrong(format!("the entry lacks `{key}`"), self.node);
        }
    }

    /// A text that must be there.
    pub(super) fn need(&mut self, key: &str) -> Option<Str> {
        self.must_have(key);
        self.text(key)
    }

    pub(super) fn text(&mut self, key: &str) -> Option<Str> {
        let node = self.node.get(key)?;
        let text = node.text().map(Str::from);
        if text.is_none() {
            self.wrong("a text is expected here", node);
        }
        text
    }

    /// A text or a list of texts; nothing is an empty list.
    pub(super) fn texts(&mut self, key: &str) -> Vec<Str> {
        self.node.get(key).map(|node| words(node, self.problems)).unwrap_or_default()
    }

    /// Each text under a key, by what reads it; what it refuses is wrong.
    pub(super) fn each<T>(&mut self, key: &str, is: &str, read: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let Some(node) = self.node.get(key) else { return Vec::new() };
        let single = std::slice::from_ref(node);
        let mut out = Vec::new();
        for item in if node.is_list() { node.items() } else { single } {
            match item.text().and_then(&read) {
                Some(value) => out.push(value),
                None => self.wrong(format!("{is} is expected here"), item),
            }
        }
        out
    }

    /// One value, by what reads it.
    pub(super) fn one<T>(&mut self, key: &str, is: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.each(key, is, read).into_iter().next()
    }

    pub(super) fn number<T: std::str::FromStr>(&mut self, key: &str) -> Option<T> {
        self.one(key, "a number", |text| text.parse().ok())
    }

    pub(super) fn flag(&mut self, key: &str) -> bool {
        let read = |text: &str| match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        self.one(key, "`true` or `false`", read).unwrap_or_default()
    }
}

/// A text or a list of texts.
pub(super) fn words(node: &Node, problems: &mut Vec<Problem>) -> Vec<Str> {
    let single = std::slice::from_ref(node);
    let mut out = Vec::new();
    for item in if node.is_list() { node.items() } else { single } {
        match item.text().filter(|text| !text.is_empty()) {
            Some(text) => out.push(text.into()),
            None => problems.push(Problem::fatal("rule-page", "a text is expected here", Some(item.span()))),
        }
    }
    out
}
