//! What a delivery gets of a chart: objects with the file that each is written in, and what keeps it from being whole.

use super::super::files::Files;
use super::super::kustomize::{Built, Fault, Why};
use super::super::object::{Object, unlisted};
use super::load::{Chart, ChartFile, load};
use super::manifests::Manifest;
use super::render::{Rendering, render};
use super::scope::Release;
use super::told::Told;
use crate::syntax::Node;
use crate::text::{SourceId, Span, Str};
use std::collections::{BTreeSet, HashMap};

/// How a delivery asks for a chart.
pub(in super::super) struct Order<'o> {
    pub(in super::super) folder: &'o str,
    /// Its own values, put together.
    pub(in super::super) values: &'o Node,
    pub(in super::super) release: Release,
    /// Whether the definitions of custom resources in `crds/` are delivered with it.
    pub(in super::super) with_definitions: bool,
    /// What asks for it.
    pub(in super::super) at: Span,
}

/// Builds what is asked for. `told` is what was wrong with the values before.
pub(in super::super) fn deliver(files: &Files, order: &Order, mut told: Told) -> Built {
    let Some(chart) = load(files, order.folder, order.release.helm, &mut told) else {
        let mut faults = told.faults;
        // What is not there has no place of its own.
        faults
            .iter_mut()
            .filter(|fault| fault.at.is_none_or(Span::is_empty))
            .for_each(|fault| fault.at = Some(order.at));
        if faults.is_empty() {
            let says = format!("`{}` is no chart", order.folder);
            faults.push(Fault { why: Why::Refused, says, at: Some(order.at) });
        }
        return Built { faults, ..Built::default() };
    };
    let mut own = HashMap::new();
    let mut read = BTreeSet::new();
    note(&chart, chart.metadata.name(), &mut own, &mut read);
    let values = sources(&chart, order.values);
    let rendering = render(files, chart, order.values, &order.release);
    let mut built = Built { faults: told.faults, read, ..Built::default() };
    built.values = values;
    built.faults.extend(faults(&rendering, order.at));
    let failed: BTreeSet<SourceId> =
        rendering.failed.iter().filter_map(|name| own.get(name).copied()).collect();
    // What a template makes that fails is judged as it is written.
    built.loaded = own.values().copied().filter(|id| !failed.contains(id)).collect();
    let definitions = rendering.definitions.iter().filter(|_| order.with_definitions);
    for manifest in definitions.chain(&rendering.manifests).filter(|manifest| !is_test(manifest)) {
        let Some(source) = rendering.files.get(&manifest.template).copied() else { continue };
        let mut roots = Vec::new();
        unlisted(&manifest.document.root, &mut roots);
        built.objects.extend(roots.into_iter().filter(Node::is_map).map(|root| Object::new(root, source)));
    }
    built
}

/// The templates of a chart and of those in it, and every file that it is made of.
fn note(chart: &Chart, path: &str, own: &mut HashMap<Str, SourceId>, read: &mut BTreeSet<SourceId>) {
    let at = |file: &ChartFile| file.at().source;
    read.extend(chart.templates.iter().chain(chart.files.iter()).map(at));
    read.insert(chart.metadata.name_part().span().source);
    read.insert(chart.values.span().source);
    own.extend(chart.templates.iter().map(|file| (format!("{path}/{}", file.name).into(), at(file))));
    for child in &chart.charts {
        note(child, &format!("{path}/charts/{}", child.metadata.name()), own, read);
    }
}

/// The files that its values are in: its own, those of the charts in it, and those that are given to it.
fn sources(chart: &Chart, given: &Node) -> BTreeSet<SourceId> {
    let mut out: BTreeSet<SourceId> = given.entries().iter().map(|(_, value)| value.span().source).collect();
    let mut charts = vec![chart];
    while let Some(chart) = charts.pop() {
        out.insert(chart.values.span().source);
        charts.extend(&chart.charts);
    }
    out
}

/// Tests run when somebody asks for them.
fn is_test(manifest: &Manifest) -> bool {
    !manifest.hooks.is_empty() && manifest.hooks.iter().all(|hook| hook.starts_with("test"))
}

/// What keeps it from being whole: what helm refuses, charts that are not here, values that break a schema.
fn faults(rendering: &Rendering, at: Span) -> Vec<Fault> {
    let mut out = rendering.faults.clone();
    out.extend(rendering.absent.iter().map(|absent| {
        let says = format!("the chart `{}` that this one depends on is not here", absent.path);
        Fault { why: Why::Chart, says, at: Some(at) }
    }));
    out.extend(rendering.breaches.iter().map(|breach| {
        let says = format!("the schema of the chart refuses `{}`: {}", breach.path, breach.says);
        Fault { why: Why::Refused, says, at: Some(breach.at) }
    }));
    out
}
