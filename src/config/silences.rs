//! What a changed configuration silences that the one before it did not: held against each other key by key. Whether the
//! change may do that is not asked here.

use super::Preset;
use crate::finding::Severity;
use crate::syntax::{Node, yaml};
use crate::text::{SourceId, Span};
use std::collections::BTreeMap;

/// How a key silences.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    /// By each entry that it gets.
    Added,
    /// By each entry that it loses.
    Removed,
    /// By either.
    Changed,
    /// A list that takes nothing away while it is empty: by its first entry, and by each that it loses.
    Narrowed,
    /// A list that asks for nothing while it is empty: by its end, and by each entry that it gets.
    Widened,
    /// By a milder word.
    Preset,
    /// By a word that lets more pass.
    FailOn,
    Rules,
    Overrides,
}

/// Every key of the configuration that holds a value, and how it silences.
const WAYS: &[(&[&str], Way)] = &[
    (&["preset"], Way::Preset),
    (&["include"], Way::Narrowed),
    (&["exclude"], Way::Added),
    (&["rules"], Way::Rules),
    (&["fail-on"], Way::FailOn),
    (&["overrides"], Way::Overrides),
    (&["images", "immutable-tags"], Way::Added),
    (&["images", "moving-tags"], Way::Removed),
    (&["images", "mirrors"], Way::Changed),
    (&["images", "allowed"], Way::Widened),
    (&["images", "platforms"], Way::Removed),
    (&["images", "resources"], Way::Removed),
    (&["storage", "replicated"], Way::Removed),
    (&["storage", "local"], Way::Added),
    (&["storage", "engines"], Way::Changed),
    (&["places", "own"], Way::Removed),
    (&["places", "samples"], Way::Added),
    (&["places", "docs"], Way::Added),
    (&["places", "tests"], Way::Added),
    (&["places", "vendored"], Way::Added),
    (&["repo-url"], Way::Changed),
    (&["chart-dirs"], Way::Changed),
    (&["kubernetes-version"], Way::Changed),
    (&["api-versions"], Way::Changed),
    (&["routine"], Way::Added),
    (&["allow"], Way::Added),
];

/// Says of each thing in a configuration that silences more than the one before where it is and what it does. `pages` tells
/// the severity of each rule's page. What cannot be read silences nothing.
pub fn silences(
    source: SourceId,
    now: &str,
    before: &str,
    pages: &dyn Fn(&str) -> Option<Severity>,
) -> Vec<(Span, String)> {
    let (now, before) = (root(source, now), root(source, before));
    let mut both = Both { source, now: now.as_ref(), before: before.as_ref(), pages, told: Vec::new() };
    for &(path, way) in WAYS {
        both.hold(path, way);
    }
    both.told
}

fn root(source: SourceId, text: &str) -> Option<Node> {
    let yaml = yaml::read(source, text);
    yaml.documents.into_iter().next().map(|document| document.root)
}

struct Both<'a> {
    source: SourceId,
    now: Option<&'a Node>,
    before: Option<&'a Node>,
    pages: &'a dyn Fn(&str) -> Option<Severity>,
    told: Vec<(Span, String)>,
}

impl<'a> Both<'a> {
    fn hold(&mut self, path: &[&str], way: Way) {
        let name = path.join(".");
        let (now, before) = (entries(self.now, path), entries(self.before, path));
        let (new, gone) = (without(&now, &before), without(&before, &now));
        let (gets, loses) = match way {
            Way::Added => (true, false),
            Way::Removed => (false, true),
            Way::Changed => (true, true),
            Way::Narrowed => (before.is_empty(), !now.is_empty()),
            Way::Widened => (!before.is_empty() && !now.is_empty(), !before.is_empty() && now.is_empty()),
            Way::Preset => return self.preset(),
            Way::FailOn => return self.fail_on(),
            Way::Rules => return self.rules(),
            Way::Overrides => return self.overrides(),
        };
        if gets {
            self.told.extend(new.iter().map(|node| (node.span(), format!("the change adds to `{name}`"))));
        }
        if loses && !gone.is_empty() {
            self.told.push((self.anchor(path), format!("the change takes from `{name}`")));
        }
    }

    fn preset(&mut self) {
        let (now, before) = (preset(self.now), preset(self.before));
        if (now, before) == (Preset::Recommended, Preset::Strict) {
            self.told.push((self.anchor(&["preset"]), "the change makes `preset` milder".into()));
        }
    }

    fn fail_on(&mut self) {
        // What nothing is said of is a warning; of `never` there is no severity.
        let word = |root: Option<&'a Node>| {
            let word = root.and_then(|root| root.text_at("fail-on"));
            word.map_or(Severity::Warning as usize, |word| {
                Severity::parse(word).map_or(usize::MAX, |severity| severity as usize)
            })
        };
        if word(self.now) > word(self.before) {
            self.told.push((self.anchor(&["fail-on"]), "the change lets more pass by `fail-on`".into()));
        }
    }

    fn rules(&mut self) {
        let rules = |root: Option<&'a Node>| severities(root.and_then(|root| root.get("rules")));
        let (now, before) = (rules(self.now), rules(self.before));
        for (rule, (severity, at)) in &now {
            let known = before.get(rule).map_or_else(|| self.usual(rule), |&(severity, _)| Some(severity));
            self.milder(rule, known, *severity, *at);
        }
        for (rule, (severity, _)) in before.iter().filter(|(rule, _)| !now.contains_key(*rule)) {
            if let Some(usual) = self.usual(rule) {
                self.milder(rule, Some(*severity), usual, self.anchor(&["rules"]));
            }
        }
    }

    fn overrides(&mut self) {
        let list = |root: Option<&'a Node>| {
            let mut out = BTreeMap::new();
            for entry in entries(root, &["overrides"]) {
                let paths = entry.get("paths").map(flat).unwrap_or_default();
                for (rule, told) in severities(entry.get("rules")) {
                    out.insert((paths.clone(), rule), told);
                }
            }
            out
        };
        let (now, before) = (list(self.now), list(self.before));
        let everywhere = severities(self.before.and_then(|root| root.get("rules")));
        let general = |both: &Both, rule: &str| match everywhere.get(rule) {
            Some(&(severity, _)) => Some(severity),
            None => both.usual(rule),
        };
        for (key, (severity, at)) in &now {
            let known = before.get(key).map_or_else(|| general(self, key.1), |&(severity, _)| Some(severity));
            self.milder(key.1, known, *severity, *at);
        }
        for (key, (severity, _)) in before.iter().filter(|(key, _)| !now.contains_key(*key)) {
            if let Some(rest) = general(self, key.1) {
                self.milder(key.1, Some(*severity), rest, self.anchor(&["overrides"]));
            }
        }
    }

    /// Tells a rule that is milder than it was.
    fn milder(&mut self, rule: &str, before: Option<Severity>, now: Severity, at: Span) {
        if let Some(before) = before.filter(|before| now < *before) {
            let says = format!("the change sets `{rule}` from {} to {}", before.name(), now.name());
            self.told.push((at, says));
        }
    }

    /// How severe a rule was of which nothing was said; of several rules the most that one may be.
    fn usual(&self, rule: &str) -> Option<Severity> {
        if rule.ends_with('*') {
            return Some(Severity::Error);
        }
        let page = (self.pages)(rule)?;
        Some(match preset(self.before) {
            Preset::Recommended => page,
            Preset::Strict => page.max(Severity::Warning),
        })
    }

    /// The key, or the nearest above it that is there, or the beginning of the file.
    fn anchor(&self, path: &[&str]) -> Span {
        let mut at = Span::new(self.source, 0, 0);
        let mut node = self.now;
        for part in path {
            let Some((key, value)) = node.and_then(|node| node.entry(part)) else { break };
            (at, node) = (key.span(), Some(value));
        }
        at
    }
}

fn preset(root: Option<&Node>) -> Preset {
    match root.and_then(|root| root.text_at("preset")) {
        Some("strict") => Preset::Strict,
        _ => Preset::Recommended,
    }
}

/// The severities of rules, each with the place of its key.
fn severities(rules: Option<&Node>) -> BTreeMap<&str, (Severity, Span)> {
    let entries = rules.map(Node::entries).unwrap_or_default();
    let read = |(key, value): &'_ (Node, Node)| Some((Severity::parse(value.text()?)?, key.span()));
    entries.iter().filter_map(|entry| Some((entry.0.text()?, read(entry)?))).collect()
}

/// The entries of a list, or the one text that stands for it.
fn entries<'n>(root: Option<&'n Node>, path: &[&str]) -> Vec<&'n Node> {
    match root.and_then(|root| root.at(path)) {
        None => Vec::new(),
        Some(node) if node.is_null() => Vec::new(),
        Some(node) if node.is_list() => node.items().iter().collect(),
        Some(node) => vec![node],
    }
}

/// The entries of one list that another does not have; each of the other counts once.
fn without<'n>(list: &[&'n Node], other: &[&Node]) -> Vec<&'n Node> {
    let mut left: BTreeMap<String, usize> = BTreeMap::new();
    for node in other {
        *left.entry(flat(node)).or_default() += 1;
    }
    let is_new = |node: &&&'n Node| match left.get_mut(&flat(node)) {
        Some(number) if *number > 0 => {
            *number -= 1;
            false
        }
        _ => true,
    };
    list.iter().filter(is_new).copied().collect()
}

/// What a node says, however it is written.
fn flat(node: &Node) -> String {
    if node.is_list() {
        return format!("[{}]", node.items().iter().map(flat).collect::<Vec<_>>().join(","));
    }
    if node.is_map() {
        let mut entries: Vec<String> =
            node.entries().iter().map(|(key, value)| format!("{}:{}", flat(key), flat(value))).collect();
        entries.sort();
        return format!("{{{}}}", entries.join(","));
    }
    format!("{:?}", node.text().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{KEYS, Key, Shape};

    #[test]
    fn every_key_has_its_way() {
        let mut paths = Vec::new();
        let name = |key: &Key| key.name;
        for key in KEYS {
            match key.shape {
                Shape::Table(inner) => paths.extend(inner.iter().map(|one| vec![key.name, name(one)])),
                _ => paths.push(vec![key.name]),
            }
        }
        let known: Vec<Vec<&str>> = WAYS.iter().map(|(path, _)| path.to_vec()).collect();
        assert_eq!(known, paths);
    }

    #[test]
    fn what_silences_more_is_told_and_nothing_else() {
        let pages = |rule: &str| match rule {
            "a" => Some(Severity::Error),
            "off" => Some(Severity::Off),
            _ => None,
        };
        for (before, now, expected) in [
            ("", "exclude: [x]\n", vec!["the change adds to `exclude`"]),
            ("exclude: x\n", "exclude: [x]\n", vec![]),
            ("exclude: [x, y]\n", "exclude: [y]\n", vec![]),
            ("", "include: [x]\n", vec!["the change adds to `include`"]),
            ("include: [x]\n", "include: [x, y]\n", vec![]),
            ("include: [x, y]\n", "include: [y]\n", vec!["the change takes from `include`"]),
            ("include: [x]\n", "", vec![]),
            (
                "images: {allowed: [x]}\n",
                "images: {allowed: [x, y]}\n",
                vec!["the change adds to `images.allowed`"],
            ),
            ("images: {allowed: [x]}\n", "images: {}\n", vec!["the change takes from `images.allowed`"]),
            ("", "images: {allowed: [x]}\n", vec![]),
            ("preset: strict\n", "", vec!["the change makes `preset` milder"]),
            ("", "preset: strict\n", vec![]),
            ("", "rules: {a: note, off: warning}\n", vec!["the change sets `a` from error to note"]),
            ("rules: {a: note}\n", "rules: {a: note}\n", vec![]),
            ("", "rules: {\"a*\": note}\n", vec!["the change sets `a*` from error to note"]),
            ("rules: {\"a*\": note}\n", "rules: {\"a*\": error}\n", vec![]),
            ("", "fail-on: error\n", vec!["the change lets more pass by `fail-on`"]),
            ("fail-on: error\n", "fail-on: never\n", vec!["the change lets more pass by `fail-on`"]),
            ("fail-on: error\n", "", vec![]),
            ("fail-on: note\n", "", vec!["the change lets more pass by `fail-on`"]),
            ("", "fail-on: note\n", vec![]),
            ("rules: {a: note}\n", "", vec![]),
            ("rules: {off: error}\n", "", vec!["the change sets `off` from error to off"]),
            (
                "preset: strict\n",
                "preset: strict\nrules: {off: off}\n",
                vec!["the change sets `off` from warning to off"],
            ),
            ("", "overrides: [{paths: x, rules: {a: off}}]\n", vec!["the change sets `a` from error to off"]),
            ("rules: {a: off}\n", "rules: {a: off}\noverrides: [{paths: x, rules: {a: note}}]\n", vec![]),
            (
                "overrides: [{paths: x, rules: {off: error}}]\n",
                "",
                vec!["the change sets `off` from error to off"],
            ),
            ("allow: [{rule: a, reason: x}]\n", "allow: [{reason: x, rule: a}]\n", vec![]),
            ("", "images: {mirrors: [{prefix: a, for: b}]}\n", vec!["the change adds to `images.mirrors`"]),
        ] {
            let told = silences(SourceId(0), now, before, &pages);
            let says: Vec<&str> = told.iter().map(|(_, says)| says.as_str()).collect();
            assert_eq!(says, expected, "{before:?} → {now:?}");
        }
    }
}
