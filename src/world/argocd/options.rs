//! What an Application changes in the kustomization that it delivers, before it is built: the same that
//! `kustomize edit` would write.

use super::super::edit;
use super::super::files::Files;
use super::super::kustomize::{Fault, Why};
use super::is_zero;
use crate::syntax::expand::{self, Dialect};
use crate::syntax::provide::{Budget, Known, Names};
use crate::syntax::{Node, Scalar, Style, Value};
use crate::text::{How, Origin, Part, Str, paths};

/// The variables of an Application, by name.
pub(super) type Variables<'v> = dyn Fn(&str) -> Option<Part> + 'v;

/// Changes a kustomization.
pub(super) struct Change<'c> {
    pub(super) files: &'c Files<'c>,
    pub(super) folder: &'c str,
    pub(super) variables: &'c Variables<'c>,
    pub(super) faults: &'c mut Vec<Fault>,
}

/// What only matters to charts, or is read beside another key.
const SIDE_KEYS: [&str; 8] = [
    "forceCommonLabels",
    "labelWithoutSelector",
    "labelIncludeTemplates",
    "forceCommonAnnotations",
    "commonAnnotationsEnvsubst",
    "ignoreMissingComponents",
    "kubeVersion",
    "apiVersions",
];

impl Change<'_> {
    pub(super) fn apply(&mut self, root: &mut Node, options: &Node) {
        let is_set = |key: &str| options.text_at(key) == Some("true");
        for (key, value) in options.entries().iter().filter(|(_, value)| !is_zero(value)) {
            match key.text().unwrap_or_default() {
                name @ ("namePrefix" | "nameSuffix" | "namespace") => {
                    if let Some(part) = value.part() {
                        edit::set(root, name, edit::text(&part));
                    }
                }
                "images" => self.images(root, value),
                "replicas" => self.replicas(root, value),
                "commonLabels" if is_set("labelWithoutSelector") => {
                    let pairs = self.filled(value);
                    let truth = |truth| plain(if truth { "true" } else { "false" }, &value.origin);
                    let mut entry = edit::empty_map(&value.origin);
                    edit::set(&mut entry, "pairs", pairs);
                    edit::set(&mut entry, "includeSelectors", truth(false));
                    edit::set(&mut entry, "includeTemplates", truth(is_set("labelIncludeTemplates")));
                    append(root, "labels", vec![entry]);
                }
                name @ "commonLabels" => {
                    let pairs = self.filled(value);
                    self.marks(root, name, &pairs, is_set("forceCommonLabels"));
                }
                name @ "commonAnnotations" => {
                    let pairs =
                        if is_set("commonAnnotationsEnvsubst") { self.filled(value) } else { value.clone() };
                    self.marks(root, name, &pairs, is_set("forceCommonAnnotations"));
                }
                "patches" => append(root, "patches", value.items().to_vec()),
                "components" => {
                    let is_there = |path: &str| {
                        paths::resolve(self.folder, path).is_some_and(|folder| self.files.is_folder(&folder))
                    };
                    let optional = is_set("ignoreMissingComponents");
                    let has = |item: &Node| {
                        let known = root.get("components").map(Node::items).unwrap_or_default();
                        known.iter().any(|known| known.text() == item.text())
                    };
                    let wanted = value
                        .items()
                        .iter()
                        .filter(|item| !has(item) && (!optional || item.text().is_some_and(is_there)));
                    let wanted = wanted.cloned().collect();
                    append(root, "components", wanted);
                }
                "version" => {
                    let says = format!(
                        "built by kustomize {}, which may do it otherwise",
                        value.text().unwrap_or_default()
                    );
                    self.faults.push(Fault { why: Why::Plugin, says, at: Some(value.span()) });
                }
                name if SIDE_KEYS.contains(&name) => {}
                name => {
                    let says = format!("`{name}` is no option that is known here");
                    self.faults.push(Fault { why: Why::Plugin, says, at: Some(key.span()) });
                }
            }
        }
    }

    fn refuse(&mut self, says: String, at: &Node) {
        self.faults.push(Fault { why: Why::Refused, says, at: Some(at.span()) });
    }

    /// `name=new:tag`, `name:tag`, `name@digest`: pieces of one text.
    fn images(&mut self, root: &mut Node, images: &Node) {
        let mut items = root.get("images").map(Node::items).unwrap_or_default().to_vec();
        for image in images.items() {
            let Some(whole) = image.part() else { continue };
            let whole = self.fill(&whole);
            let Some(mut entry) = image_entry(&whole) else {
                self.refuse(
                    format!("`{}` is none of `name=new:tag`, `name:tag` and `name@digest`", whole.text),
                    image,
                );
                continue;
            };
            let old = items.iter().position(|known| known.text_at("name") == entry.text_at("name"));
            let old = old.map(|at| items.remove(at));
            for key in ["newName", "newTag", "digest"] {
                // An asterisk leaves what is there.
                if entry.text_at(key) == Some("*") {
                    match old.as_ref().and_then(|old| old.get(key)) {
                        Some(value) => edit::set(&mut entry, key, value.clone()),
                        None => _ = edit::remove(&mut entry, key),
                    }
                }
            }
            items.push(entry);
        }
        items.sort_by(|a, b| a.text_at("name").cmp(&b.text_at("name")));
        edit::set(root, "images", Node::list(Origin::spelled(images.span()), items));
    }

    fn replicas(&mut self, root: &mut Node, replicas: &Node) {
        let mut items = root.get("replicas").map(Node::items).unwrap_or_default().to_vec();
        for entry in replicas.items() {
            let (Some(name), Some(count)) = (entry.part_at("name"), entry.get("count")) else {
                self.refuse("an entry of `replicas` has a `name` and a `count`".into(), entry);
                continue;
            };
            let Some(text) = count.text().filter(|text| text.parse::<i64>().is_ok()) else {
                self.refuse("`count` takes a whole number".into(), count);
                continue;
            };
            let mut own = edit::empty_map(&entry.origin);
            edit::set(&mut own, "name", edit::text(&name));
            edit::set(&mut own, "count", plain(text, &count.origin));
            items.retain(|known| known.text_at("name") != Some(&name.text));
            items.push(own);
        }
        edit::set(root, "replicas", Node::list(Origin::spelled(replicas.span()), items));
    }

    /// Labels or annotations. What is there already is only changed by force.
    fn marks(&mut self, root: &mut Node, which: &str, pairs: &Node, by_force: bool) {
        for (key, value) in pairs.entries() {
            let Some((name, part)) = key.text().zip(value.part()) else { continue };
            let is_known = root.get(which).is_some_and(|known| known.get(name).is_some());
            if is_known && !by_force {
                self.refuse(format!("`{name}` is in `{which}` of the kustomization already"), key);
            } else if let Some(map) = edit::get_or_map(root, which, &pairs.origin) {
                edit::set(map, name, edit::text(&part));
            }
        }
    }

    fn filled(&self, pairs: &Node) -> Node {
        let mut out = pairs.clone();
        for (_, value) in edit::entries_mut(&mut out).into_iter().flatten() {
            if let Some(part) = value.part() {
                *value = edit::text(&self.fill(&part));
            }
        }
        out
    }

    /// `$ARGOCD_APP_NAME` and its like.
    fn fill(&self, part: &Part) -> Part {
        let variables = |name: &str| {
            let value = (self.variables)(name);
            value.map(|value| Known { value, how: How::Substitution }).into()
        };
        expand::expand(part, Dialect::Compose, &Names::new(&variables, &Budget::default()))
    }
}

fn plain(text: &str, origin: &Origin) -> Node {
    Node::new(origin.clone(), Value::Scalar(Scalar::new(text.into(), Style::Plain)))
}

fn append(root: &mut Node, key: &str, more: Vec<Node>) {
    let Some(first) = more.first().map(Node::span) else { return };
    let mut items = root.get(key).map(Node::items).unwrap_or_default().to_vec();
    items.extend(more);
    edit::set(root, key, Node::list(Origin::spelled(first), items));
}

/// An entry of `images` from one text, as `kustomize edit set image` cuts it.
fn image_entry(whole: &Part) -> Option<Node> {
    let text = whole.text.as_str();
    let (name, rest) = match text.find('=') {
        Some(at) if !text[at + 1..].contains('=') => (Some(whole.slice(0..at)), at + 1),
        _ => (None, 0),
    };
    let (before, digest) = match text[rest..].find('@') {
        Some(at) => (rest..rest + at, Some(rest + at + 1..text.len())),
        None => (rest..text.len(), None),
    };
    let is_tag = |tag: &str| {
        tag == "*" || tag.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    // A colon before a slash belongs to the port of a registry.
    let colon = text[before.clone()].rfind(':').map(|at| before.start + at);
    let tag = colon.filter(|at| is_tag(&text[at + 1..before.end])).map(|at| at + 1..before.end);
    let base = before.start..tag.as_ref().map_or(before.end, |tag| tag.start - 1);
    if name.is_none() && tag.is_none() && digest.is_none() || base.is_empty() {
        return None;
    }
    let mut entry = edit::empty_map(&whole.origin);
    let base = whole.slice(base);
    let new_name = name.is_some().then(|| base.clone());
    let parts = [
        ("name", Some(name.unwrap_or(base))),
        ("newName", new_name),
        ("newTag", tag.map(|range| whole.slice(range))),
        ("digest", digest.map(|range| whole.slice(range))),
    ];
    for (key, part) in parts {
        if let Some(part) = part.filter(|part: &Part| !Str::is_empty(&part.text)) {
            edit::set(&mut entry, key, edit::text(&part));
        }
    }
    Some(entry)
}
