//! What differs between two trees of one object. The order of keys, quotes and what tools write of themselves say nothing;
//! the order of a list does, except where its items have names.

use super::hashed::Hashed;
use super::sizes;
use crate::syntax::{Node, Scalar, Value};
use crate::text::base64;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One difference.
#[derive(Clone, Debug)]
pub(super) struct Diff<'a> {
    /// From the root: keys, and items by name or number in brackets.
    pub(super) path: Vec<String>,
    pub(super) before: Option<&'a Node>,
    pub(super) after: Option<&'a Node>,
    pub(super) noise: Noise,
}

/// What a difference is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Noise {
    /// Somebody wrote it.
    None,
    /// A tool did, and pods start again for it.
    Rolls,
}

impl Diff<'_> {
    /// `spec.template.spec.containers[web].image`
    pub(super) fn path(&self) -> String {
        let mut out = String::new();
        for step in &self.path {
            if !out.is_empty() && !step.starts_with('[') {
                out.push('.');
            }
            out.push_str(step);
        }
        out
    }

    pub(super) fn begins(&self, with: &[&str]) -> bool {
        self.path.len() >= with.len() && self.path.iter().zip(with).all(|(own, other)| own == other)
    }
}

/// What differs.
pub(super) fn differences<'a>(before: &'a Node, after: &'a Node, hashed: &Hashed) -> Vec<Diff<'a>> {
    let is_secret = after.text_at("kind") == Some("Secret");
    let mut walk = Walk { hashed, path: Vec::new(), out: Vec::new(), is_secret };
    walk.node(before, after);
    walk.out
}

struct Walk<'a, 'h> {
    hashed: &'h Hashed,
    path: Vec<String>,
    out: Vec<Diff<'a>>,
    is_secret: bool,
}

impl<'a> Walk<'a, '_> {
    fn node(&mut self, before: &'a Node, after: &'a Node) {
        match (&before.value, &after.value) {
            (Value::Map(a), Value::Map(b)) if Arc::ptr_eq(a, b) => {}
            (Value::Map(_), Value::Map(_)) => self.maps(before, after),
            (Value::List(a), Value::List(b)) => self.lists(a, b),
            (Value::Scalar(a), Value::Scalar(b)) => self.scalars((before, a), (after, b)),
            (Value::Null, Value::Null) | (Value::Hole, Value::Hole) => {}
            _ => self.add(Some(before), Some(after), None),
        }
    }

    fn maps(&mut self, before: &'a Node, after: &'a Node) {
        if self.is_secret && self.path.is_empty() {
            return self.secret(before, after);
        }
        for (key, value) in after.entries() {
            let key = key.text().unwrap_or("?");
            self.key(key, before.get(key), Some(value));
        }
        for (key, value) in before.entries() {
            let key = key.text().unwrap_or("?");
            if after.get(key).is_none() {
                self.key(key, Some(value), None);
            }
        }
    }

    /// What stands under a key on both sides. Null says as much as nothing.
    fn key(&mut self, key: &str, before: Option<&'a Node>, after: Option<&'a Node>) {
        let (before, after) = (before.filter(|node| !node.is_null()), after.filter(|node| !node.is_null()));
        self.path.push(key.to_owned());
        match (before, after) {
            (Some(before), Some(after)) => self.node(before, after),
            (None, None) => {}
            (before, after) => self.add(before, after, None),
        }
        self.path.pop();
    }

    /// A Secret says the same in `data` and in `stringData`, and what SOPS notes of it says nothing.
    fn secret(&mut self, before: &'a Node, after: &'a Node) {
        const DATA: [&str; 2] = ["data", "stringData"];
        let all = |root: &'a Node| -> BTreeMap<&'a str, (&'a Node, bool)> {
            let entries = DATA.iter().flat_map(|key| {
                root.get(key).into_iter().flat_map(Node::entries).map(move |entry| (*key == "data", entry))
            });
            let named = entries.filter_map(|(is_coded, (key, value))| Some((key.text()?, (value, is_coded))));
            named.collect()
        };
        let (old, new) = (all(before), all(after));
        self.path.push("data".into());
        for (key, (value, is_coded)) in &new {
            self.path.push((*key).to_owned());
            match old.get(key) {
                Some((was, was_coded)) if is_coded != was_coded => {
                    let plain = |node: &Node, is_coded: bool| match (node.text(), is_coded) {
                        (Some(text), false) => Some(base64(text.as_bytes())),
                        (text, _) => text.map(|text| text.split_whitespace().collect()),
                    };
                    if plain(was, *was_coded) != plain(value, *is_coded) {
                        self.add(Some(was), Some(value), None);
                    }
                }
                Some((was, _)) => self.node(was, value),
                None => self.add(None, Some(value), None),
            }
            self.path.pop();
        }
        for (key, (was, _)) in &old {
            if !new.contains_key(key) {
                self.path.push((*key).to_owned());
                self.add(Some(was), None, None);
                self.path.pop();
            }
        }
        self.path.pop();
        let is_other = |key: &&str| !DATA.contains(key) && *key != "sops";
        let names = |root: &'a Node| root.entries().iter().filter_map(|(key, _)| key.text());
        for key in names(after).filter(is_other) {
            self.key(key, before.get(key), after.get(key));
        }
        for key in names(before).filter(is_other).filter(|key| after.get(key).is_none()) {
            self.key(key, before.get(key), None);
        }
    }

    fn lists(&mut self, before: &'a [Node], after: &'a [Node]) {
        let list = self.path.last().map_or("", String::as_str);
        let keys = MERGED.iter().filter(|(name, _)| *name == list);
        let both = keys.filter_map(|(_, keys)| Some((named(before, keys)?, named(after, keys)?)));
        if let Some((old, new)) = both.take(1).next() {
            for (name, item) in &new {
                self.item(name, old.get(name).copied(), Some(item));
            }
            for (name, item) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
                self.item(name, Some(item), None);
            }
            return;
        }
        // What is the same at both ends is no part of the change.
        let most = before.len().min(after.len());
        let head = (0..most).take_while(|&at| is_same(&before[at], &after[at])).count();
        let tail = (0..most - head)
            .take_while(|&at| is_same(&before[before.len() - 1 - at], &after[after.len() - 1 - at]))
            .count();
        let (old, new) = (&before[head..before.len() - tail], &after[head..after.len() - tail]);
        for at in 0..old.len().max(new.len()) {
            self.item(&(head + at).to_string(), old.get(at), new.get(at));
        }
    }

    fn item(&mut self, name: &str, before: Option<&'a Node>, after: Option<&'a Node>) {
        self.path.push(format!("[{name}]"));
        match (before, after) {
            (Some(before), Some(after)) => self.node(before, after),
            (before, after) => self.add(before, after, None),
        }
        self.path.pop();
    }

    fn scalars(&mut self, (before, a): (&'a Node, &'a Scalar), (after, b): (&'a Node, &'a Scalar)) {
        if a.text == b.text && (a.is_text() == b.is_text() || self.is_text_only()) {
            return;
        }
        if a.is_bool() && b.is_bool() && a.is_true() == b.is_true() {
            return;
        }
        if self.path.iter().any(|step| SIZED.contains(&step.as_str())) && sizes::are_equal(&a.text, &b.text) {
            return;
        }
        let is_hash = a.text != b.text && self.hashed.plain(&a.text) == self.hashed.plain(&b.text);
        self.add(Some(before), Some(after), is_hash.then_some(Noise::Rolls));
    }

    /// Whether only texts stand here: the quotes of the values of a ConfigMap say nothing.
    fn is_text_only(&self) -> bool {
        let is_meta =
            |pair: &[String]| pair[0] == "metadata" && matches!(pair[1].as_str(), "labels" | "annotations");
        self.path.first().is_some_and(|first| first == "data") || self.path.windows(2).any(is_meta)
    }

    fn add(&mut self, before: Option<&'a Node>, after: Option<&'a Node>, noise: Option<Noise>) {
        if noise.is_none() && (self.is_own_name() || self.is_written_by_tools()) {
            // Of the object itself it says nothing; of pods it makes new ones.
            if self.path.first().is_some_and(|first| first == "metadata") {
                return;
            }
            return self.push(before, after, Noise::Rolls);
        }
        self.push(before, after, noise.unwrap_or(Noise::None));
    }

    fn push(&mut self, before: Option<&'a Node>, after: Option<&'a Node>, noise: Noise) {
        self.out.push(Diff { path: self.path.clone(), before, after, noise });
    }

    /// The name itself is what the two were paired by.
    fn is_own_name(&self) -> bool {
        self.path.len() == 2
            && self.path[0] == "metadata"
            && matches!(self.path[1].as_str(), "name" | "namespace")
    }

    /// Whether a tool writes this label or annotation of itself: a checksum, the version of a chart.
    fn is_written_by_tools(&self) -> bool {
        let Some(at) = self.path.iter().position(|step| step == "metadata") else { return false };
        let (Some(which), Some(key)) = (self.path.get(at + 1), self.path.get(at + 2)) else { return false };
        match which.as_str() {
            "labels" => LABELS.contains(&key.as_str()),
            "annotations" => {
                let key = key.to_ascii_lowercase();
                key.starts_with("checksum/")
                    || key.contains("checksum")
                    || key == "rollme"
                    || key.ends_with("/rollme")
            }
            _ => false,
        }
    }
}

/// Whether two trees say the same, but for the order of keys. It looks no further than to the first difference: lists within lists
/// ask it at each level, and must not compare again and again what differs.
fn is_same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Scalar(a), Value::Scalar(b)) => a.text == b.text && a.is_text() == b.is_text(),
        (Value::List(a), Value::List(b)) => {
            Arc::ptr_eq(a, b) || a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| is_same(a, b))
        }
        (Value::Map(_), Value::Map(_)) => {
            let (old, new) = (a.entries(), b.entries());
            let has = |(key, value): &(Node, Node)| {
                key.text().and_then(|key| b.get(key)).is_some_and(|other| is_same(value, other))
            };
            old.len() == new.len() && old.iter().all(has)
        }
        (Value::Null, Value::Null) | (Value::Hole, Value::Hole) => true,
        _ => false,
    }
}

/// The items of a list by the names that tools merge them by, if every one has such a name of its own.
fn named<'n>(items: &'n [Node], keys: &[&str]) -> Option<BTreeMap<String, &'n Node>> {
    let mut out = BTreeMap::new();
    for item in items {
        let name: Vec<&str> = keys.iter().filter_map(|key| item.text_at(key)).collect();
        // One variable may use those before it.
        let uses = item.text_at("value").is_some_and(|value| value.contains('$'));
        if name.is_empty() || uses || out.insert(name.join("/"), item).is_some() {
            return None;
        }
    }
    Some(out)
}

/// The labels that charts write of themselves.
const LABELS: [&str; 3] = ["helm.sh/chart", "app.kubernetes.io/version", "chart"];

/// The lists whose items have names, and the keys that these are in; the first that fit both sides.
const MERGED: [(&str, &[&str]); 18] = [
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("env", &["name"]),
    ("volumes", &["name"]),
    ("imagePullSecrets", &["name"]),
    ("volumeMounts", &["mountPath", "subPath"]),
    ("volumeDevices", &["devicePath"]),
    ("ports", &["name"]),
    ("ports", &["containerPort", "port", "protocol"]),
    ("hostAliases", &["ip"]),
    ("topologySpreadConstraints", &["topologyKey"]),
    ("volumeClaimTemplates", &["name"]),
    ("webhooks", &["name"]),
    ("conditions", &["type"]),
    ("secrets", &["name"]),
    ("resourceClaims", &["name"]),
    ("dependsOn", &["namespace", "name"]),
];

/// Below these keys there are quantities.
const SIZED: [&str; 7] = ["resources", "requests", "limits", "storage", "size", "hard", "capacity"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml;
    use crate::text::SourceId;

    fn paths(before: &str, after: &str) -> Vec<String> {
        let [old, new] = [before, after].map(|text| yaml::read(SourceId(0), text));
        let (old, new) = (&old.documents[0].root, &new.documents[0].root);
        differences(old, new, &Hashed::default()).iter().map(Diff::path).collect()
    }

    #[test]
    fn what_is_the_same_at_both_ends_of_a_list_is_not_told() {
        for (before, after, expected) in [
            ("a: [1, 2, 3]", "a: [1, 4, 3]", "a[1]"),
            ("a: [1, 2, 3]", "a: [1, 2, 4, 3]", "a[2]"),
            ("a: [1, 2, 3]", "a: [2, 3]", "a[0]"),
            ("a: [{b: 1, c: 2}, {d: [3]}]", "a: [{c: 2, b: 1}, {d: [4]}]", "a[1].d[0]"),
            ("a: [x, y]", "a: [y, x]", "a[0] a[1]"),
        ] {
            assert_eq!(paths(before, after).join(" "), expected, "{before} {after}");
        }
    }

    /// Whoever compares such lists anew at each level is not done before the sun is.
    #[test]
    fn lists_within_lists_are_compared_once() {
        let deep = |leaf: &str| format!("a: {}{leaf}{}", "[0, ".repeat(100), ", 0]".repeat(100));
        assert_eq!(paths(&deep("x"), &deep("y")), [format!("a{}", "[1]".repeat(100))]);
    }
}
