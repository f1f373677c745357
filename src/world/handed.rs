//! A chart that helmfile or Fleet hands to helm: rendered where it is here, and else kept as a release that is judged by
//! its values.

use super::delivery::{ClusterId, Delivery, DeliveryId, Means};
use super::edit;
use super::files::Files;
use super::helm::{self, Capabilities, ChartSource, Defaults, Found, Helm, Order, Told};
use super::kustomize::{self, Built, Fault, Why};
use super::object::Object;
use super::wanted::Wanted;
use crate::facts::Doubt;
use crate::syntax::{Node, Value};
use crate::text::{Hole, Origin, Part, Reason, SourceId, Span, Str, paths};

/// The `apiVersion` of a release whose chart is not here: no cluster gets such an object.
pub const UNSEEN: &str = "pintle/release";

/// What is handed to helm.
pub(super) struct Handed {
    pub(super) means: Means,
    pub(super) name: Part,
    /// Where it goes; `default` if nobody says.
    pub(super) namespace: Option<Part>,
    pub(super) chart: Chart,
    pub(super) version: Option<Part>,
    pub(super) values: Node,
    pub(super) told: Told,
    pub(super) capabilities: Capabilities,
    /// What else may change what is made.
    pub(super) unsure: bool,
    /// There may be values that nobody here can see.
    pub(super) is_open: bool,
    pub(super) faults: Vec<Fault>,
    /// The file that asks for it.
    pub(super) file: SourceId,
}

/// Where a chart is.
pub(super) enum Chart {
    /// In a folder of this repository.
    Here(Part),
    Elsewhere(Part),
}

impl Chart {
    /// A chart as something in a folder calls it, and why it is not in the folder that it should be in.
    pub(super) fn of(files: &Files, from: &str, written: &Part) -> (Chart, Option<Fault>) {
        let elsewhere = Chart::Elsewhere(written.clone());
        if written.text.contains("://") || written.text.starts_with('/') {
            return (elsewhere, None);
        }
        let Some(folder) = paths::resolve(from, &written.text) else { return (elsewhere, None) };
        if let Some(here) = Chart::in_folder(files, &folder, written) {
            return (here, None);
        }
        if !written.text.starts_with('.') {
            return (elsewhere, None);
        }
        let (why, says) = match files.is_folder(&folder) {
            true => {
                (Why::Plugin, format!("`{}` is no chart: what is made of it is not followed", written.text))
            }
            false => kustomize::missing(&written.text, &files.absence(&folder)),
        };
        (elsewhere, Some(Fault { why, says, at: Some(written.span()) }))
    }

    /// The chart in a folder, if there is one.
    pub(super) fn in_folder(files: &Files, folder: &Str, written: &Part) -> Option<Chart> {
        let inner = if folder.is_empty() { "Chart.yaml".into() } else { format!("{folder}/Chart.yaml") };
        files.find(&inner)?;
        Some(Chart::Here(Part { text: folder.clone(), ..written.clone() }))
    }
}

impl Handed {
    pub(super) fn deliver(self, files: &Files, parent: Option<DeliveryId>, cluster: ClusterId) -> Delivery {
        let declared = Some(self.name.span());
        let (means, name) = (self.means, self.name.text.clone());
        let namespace = self.namespace.as_ref().map(|part| part.text.clone()).unwrap_or_default();
        let (path, built) = match &self.chart {
            Chart::Here(folder) => {
                let built = self.rendered(files, ChartSource::Folder(&folder.text), folder.span());
                (folder.clone(), built)
            }
            Chart::Elsewhere(chart) if let Some((found, at)) = self.on_shelf(files, chart) => {
                let path = Part::new(format!("({})", found.called()), Origin::spelled(at));
                (path, self.rendered(files, ChartSource::Shelf(&found), at))
            }
            Chart::Elsewhere(chart) => {
                let path = Part::new("(not here)", Origin::spelled(chart.span()));
                let objects = vec![Object::new(self.unseen(chart), self.file)];
                let mut faults = self.told.faults;
                faults.extend(self.faults);
                (path, Built { objects, faults, ..Built::default() })
            }
        };
        Delivery {
            means,
            namespace,
            name,
            declared,
            path,
            more: Vec::new(),
            parent,
            cluster,
            live: true,
            built,
        }
    }

    /// The chart from elsewhere that is at hand, and what decides which one it is.
    fn on_shelf(&self, files: &Files, chart: &Part) -> Option<(Found, Span)> {
        let wanted = Wanted::of(chart, self.version.clone());
        Some((wanted.find(files).ok()?, wanted.at()))
    }

    fn rendered(&self, files: &Files, from: ChartSource, at: Span) -> Built {
        let home = self.namespace.clone().filter(|part| !part.text.is_empty());
        let home = home.unwrap_or_else(|| Part::new("default", Origin::spelled(self.name.span())));
        let release = helm::Release {
            name: self.name.text.clone(),
            namespace: home.text.clone(),
            capabilities: self.capabilities.clone(),
            helm: Helm::default(),
        };
        let order = Order {
            from,
            defaults: Defaults::default(),
            values: &self.values,
            release,
            with_definitions: true,
            at,
        };
        let mut built = helm::deliver(files, &order, self.told.clone());
        built.faults.extend(self.faults.iter().cloned());
        for object in &mut built.objects {
            let id = object.id();
            if !id.gvk.is_cluster_wide() && id.namespace.is_empty() {
                let metadata = edit::get_or_map(&mut object.root, "metadata", &home.origin);
                metadata.into_iter().for_each(|metadata| edit::set(metadata, "namespace", edit::text(&home)));
            }
            object.doubt = object.doubt.or(self.unsure.then_some(Doubt::Unseen));
        }
        built
    }

    /// What stands for a release whose chart is not here.
    fn unseen(&self, chart: &Part) -> Node {
        let at = self.name.span();
        let origin = Origin::spelled(at);
        let map = |entries: Vec<(&str, Option<Node>)>| {
            let known =
                entries.into_iter().filter_map(|(key, value)| Some((edit::made(key, &origin), value?)));
            Node::map(origin.clone(), known.collect())
        };
        let part = |part: Option<&Part>| part.filter(|part| !part.text.is_empty()).map(edit::text);
        let metadata =
            map(vec![("name", part(Some(&self.name))), ("namespace", part(self.namespace.as_ref()))]);
        let spec = map(vec![("chart", part(Some(chart))), ("version", part(self.version.as_ref()))]);
        let values = Some(self.values.clone()).filter(|values| !values.entries().is_empty());
        let spec = map(vec![
            ("chart", Some(map(vec![("spec", Some(spec))]))),
            ("values", values),
            ("isOpen", self.is_open.then(|| edit::made("yes", &origin))),
        ]);
        map(vec![
            ("apiVersion", Some(edit::made(UNSEEN, &origin))),
            ("kind", Some(edit::made("Release", &origin))),
            ("metadata", Some(metadata)),
            ("spec", Some(spec)),
        ])
    }
}

/// A tree in which each text that is so is a hole, for this reason.
pub(super) fn with_holes(node: &Node, why: Reason, is_hole: &dyn Fn(&str) -> bool) -> Node {
    match &node.value {
        Value::Scalar(scalar) if is_hole(&scalar.text) => {
            let hole = Hole::new(why, "");
            let part = Part::new("unknown", Origin::spelled(node.span()).as_hole(hole));
            edit::text(&part)
        }
        Value::List(items) if items.iter().any(|item| has(item, is_hole)) => {
            let items = items.iter().map(|item| with_holes(item, why, is_hole)).collect();
            Node::list(node.origin.clone(), items)
        }
        Value::Map(entries) if entries.iter().any(|(_, value)| has(value, is_hole)) => {
            let entries =
                entries.iter().map(|(key, value)| (key.clone(), with_holes(value, why, is_hole))).collect();
            Node::map(node.origin.clone(), entries)
        }
        _ => node.clone(),
    }
}

fn has(node: &Node, is_hole: &dyn Fn(&str) -> bool) -> bool {
    match &node.value {
        Value::Scalar(scalar) => is_hole(&scalar.text),
        Value::List(items) => items.iter().any(|item| has(item, is_hole)),
        Value::Map(entries) => entries.iter().any(|(_, value)| has(value, is_hole)),
        Value::Null | Value::Hole => false,
    }
}
