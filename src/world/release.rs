//! What a HelmRelease gives its chart: values from ConfigMaps of its cluster, single values, and its own over them.

use super::delivery::{DeliveryId, Forest};
use super::edit;
use super::kustomize::{Fault, Why};
use super::object::ObjectId;
use super::target::{self, Path, Unread};
use crate::limits::MOST_ITEMS_SET;
use crate::syntax::{Node, sealed, yaml};
use crate::text::{Hole, How, Origin, Part, Reason, SourceId, Span, Str, from_base64};
use std::collections::BTreeSet;

/// The values of a release as its chart gets them.
#[derive(Debug, Default)]
pub struct Release {
    /// Nothing if it sets none.
    pub values: Option<Node>,
    /// What nobody here can see may set more: a Secret, or a ConfigMap that is not here.
    pub is_open: bool,
    /// The chart as its source calls it, told where the release names it.
    pub chart: Option<Part>,
    /// What the tool refuses of the values, and what of them is not followed here.
    pub faults: Vec<Fault>,
}

/// Whether an object is a release.
pub(super) fn is_release(root: &Node) -> bool {
    root.text_at("kind") == Some("HelmRelease")
        && root.text_at("apiVersion").is_some_and(|api| api.starts_with("helm.toolkit.fluxcd.io/"))
}

/// Reads a release that is in no build: what lies beside it is not known.
pub fn as_written(root: &Node) -> Release {
    let is_open = root.at(&["spec", "valuesFrom"]).is_some_and(|list| !list.items().is_empty());
    let values = root.at(&["spec", "values"]).filter(|values| values.is_map()).cloned();
    Release { values, is_open, chart: chart_name(root), faults: Vec::new() }
}

/// Reads a release of a delivery.
pub(super) fn read(forest: &Forest, delivery: DeliveryId, root: &Node) -> Release {
    let mut out = Release::default();
    let own = ObjectId::of(root);
    for from in root.at(&["spec", "valuesFrom"]).map(Node::items).unwrap_or_default() {
        match holder(forest, delivery, own.home(), from) {
            Some(holder) => out.take(from, &holder),
            None => out.take_unseen(from),
        }
    }
    if let Some(inline) = root.at(&["spec", "values"]).filter(|values| values.is_map()) {
        lay_over(&mut out.values, inline);
    }
    let values = out.values.take().filter(|values| !values.entries().is_empty());
    Release { values, chart: chart(forest, delivery, own.home(), root), ..out }
}

impl Release {
    /// Takes in what an entry of `valuesFrom` finds in a ConfigMap or a Secret.
    fn take(&mut self, from: &Node, holder: &Holder) {
        let kind = if holder.is_secret { "Secret" } else { "ConfigMap" };
        let Some(text) = holder.text(key(from)) else {
            let is_optional = from.get("optional").and_then(Node::scalar).is_some_and(|flag| flag.is_true());
            if !is_optional {
                let name = from.text_at("name").unwrap_or_default();
                self.refuse(from, format!("the {kind} `{name}` has no key `{}`", key(from)));
            }
            return;
        };
        let text = via(text, from.span());
        if let Some(path) = target_path(from) {
            let is_literal = from.get("literal").and_then(Node::scalar).is_some_and(|flag| flag.is_true());
            let value = if is_literal { edit::text(&text) } else { target::value(&text) };
            return self.set(from, path, value);
        }
        match tree(&text) {
            Some(tree) => lay_over(&mut self.values, &tree),
            // What nobody here can see may make it whole.
            None if !text.holes().is_empty() || sealed::holds_sops(&text.text) => self.is_open = true,
            None => {
                self.is_open = true;
                let name = from.text_at("name").unwrap_or_default();
                self.refuse(from, format!("`{}` of the {kind} `{name}` holds no map of values", key(from)));
            }
        }
    }

    /// An entry whose object is not here.
    fn take_unseen(&mut self, from: &Node) {
        match target_path(from) {
            Some(path) => self.set(from, path, edit::text(&hole(from, key(from)))),
            None => self.is_open = true,
        }
    }

    /// Puts a single value where an entry wants it.
    fn set(&mut self, from: &Node, path: &str, value: Node) {
        let root = self.values.get_or_insert_with(|| edit::empty_map(&from.origin));
        match Path::read(path) {
            Ok(path) => path.set(root, value),
            Err(Unread::NoPath) => self.refuse(from, format!("`{path}` is no path of a value")),
            Err(Unread::TooFar) => {
                self.is_open = true;
                let says = format!("`{path}` means an item behind the first {MOST_ITEMS_SET}: it is not set");
                self.faults.push(Fault { why: Why::Bound, says, at: Some(from.span()) });
            }
        }
    }

    fn refuse(&mut self, from: &Node, says: String) {
        self.faults.push(Fault { why: Why::Refused, says, at: Some(from.span()) });
    }
}

/// The files in which a release's ConfigMaps have whole values.
pub(super) fn values_files(forest: &Forest, delivery: DeliveryId, root: &Node) -> BTreeSet<SourceId> {
    let own = ObjectId::of(root);
    let mut out = BTreeSet::new();
    for from in root.at(&["spec", "valuesFrom"]).map(Node::items).unwrap_or_default() {
        let holder = holder(forest, delivery, own.home(), from);
        let holder = holder.filter(|holder| !holder.is_secret && target_path(from).is_none());
        // A text into which variables were put is written in several files.
        if let Some(text) = holder.and_then(|holder| holder.text(key(from))) {
            let pieces = text.origin.pieces(text.text.len());
            out.extend(pieces.into_iter().map(|(_, origin)| origin.span().source));
        }
    }
    out
}

/// The key of a ConfigMap or Secret that an entry of `valuesFrom` takes.
fn key(from: &Node) -> &str {
    from.text_at("valuesKey").filter(|key| !key.is_empty()).unwrap_or("values.yaml")
}

/// Where it puts the value, if it is a single one.
fn target_path(from: &Node) -> Option<&str> {
    from.text_at("targetPath").filter(|path| !path.is_empty())
}

/// A value with one more step on its road: the entry that takes it in.
fn via(part: Part, from: Span) -> Part {
    Part { text: part.text, origin: part.origin.via(How::Include, from) }
}

/// What stands for a value that nobody here can see.
fn hole(from: &Node, key: &str) -> Part {
    let is_secret = from.text_at("kind") == Some("Secret");
    let why = if is_secret { Reason::Secret } else { Reason::Elsewhere };
    let name = format!("{}.{key}", from.text_at("name").unwrap_or_default());
    Part::new(format!("${{{name}}}"), Origin::spelled(from.span()).as_hole(Hole::new(why, &name)))
}

/// The values that a text holds; nothing if it is no map.
fn tree(text: &Part) -> Option<Node> {
    let read = yaml::read_embedded(&text.text, &text.origin);
    if read.problems.iter().any(|problem| problem.kind != "yaml-duplicate-key") {
        return None;
    }
    let root = read.documents.into_iter().next().map(|document| document.root);
    match root {
        Some(root) if root.is_map() => Some(root),
        // An empty file sets nothing.
        None => Some(edit::empty_map(&text.origin)),
        Some(root) if root.is_null() => Some(edit::empty_map(&text.origin)),
        Some(_) => None,
    }
}

/// Puts values over others: maps key by key, all else as a whole. A null stays: it takes away what the chart sets.
pub(super) fn lay_over(values: &mut Option<Node>, over: &Node) {
    match values {
        Some(values) => merge(values, over),
        None => *values = Some(over.clone()),
    }
}

fn merge(node: &mut Node, over: &Node) {
    if !(node.is_map() && over.is_map()) {
        let loser = node.span();
        *node = over.clone();
        node.origin = edit::over(&over.origin, loser);
        return;
    }
    for (key, value) in over.entries() {
        match key.text().and_then(|name| edit::get_mut(node, name)) {
            Some(own) => merge(own, value),
            None => {
                edit::entries_mut(node).into_iter().for_each(|all| all.push((key.clone(), value.clone())))
            }
        }
    }
}

/// The data of the ConfigMap, or of the Secret in plain text, that an entry of `valuesFrom` names.
fn holder<'f>(forest: &'f Forest, delivery: DeliveryId, namespace: &str, from: &Node) -> Option<Holder<'f>> {
    let kind = from.text_at("kind").filter(|kind| matches!(*kind, "ConfigMap" | "Secret"))?;
    let object = forest.beside(delivery, kind, namespace, from.text_at("name")?)?;
    // Where SOPS encrypted it, what is to be seen is not what the chart gets.
    (object.get("sops").is_none()).then_some(Holder { object, is_secret: kind == "Secret" })
}

/// An object that values are in.
struct Holder<'f> {
    object: &'f Node,
    is_secret: bool,
}

impl Holder<'_> {
    fn text(&self, key: &str) -> Option<Part> {
        let data = || self.object.get("data")?.part_at(key);
        if !self.is_secret {
            return data();
        }
        let plain = self.object.get("stringData").and_then(|texts| texts.part_at(key));
        plain.or_else(|| {
            let encoded = data()?;
            let text = String::from_utf8(from_base64(&encoded.text)?).ok()?;
            Some(Part::new(text, encoded.origin.respelled()))
        })
    }
}

/// The name of the chart as the release has it.
fn chart_name(root: &Node) -> Option<Part> {
    let name =
        root.at(&["spec", "chart", "spec", "chart"]).or_else(|| root.at(&["spec", "chartRef", "name"]))?;
    name.part()
}

/// The name of the chart: the object that `chartRef` names knows it.
fn chart(forest: &Forest, delivery: DeliveryId, namespace: &str, root: &Node) -> Option<Part> {
    let name = chart_name(root)?;
    let Some(reference) = root.at(&["spec", "chartRef"]) else { return Some(name) };
    let kind = reference.text_at("kind").unwrap_or_default();
    let namespace = reference.text_at("namespace").filter(|text| !text.is_empty()).unwrap_or(namespace);
    let spec = forest.beside(delivery, kind, namespace, &name.text).and_then(|object| object.get("spec"));
    let called: Option<Str> = spec.and_then(|spec| match kind {
        "OCIRepository" => Some(spec.text_at("url")?.trim_end_matches('/').rsplit('/').next()?.into()),
        _ => spec.text_at("chart").map(Str::from),
    });
    Some(called.map_or(name.clone(), |called| Part::new(called, Origin::spelled(name.span()))))
}
