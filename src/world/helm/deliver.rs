//! What a delivery gets of a chart: objects with the file that each is written in, and what keeps it from being whole.

use super::super::files::Files;
use super::super::kustomize::{Built, Fault, Why};
use super::super::object::{Object, unlisted};
use super::load::{Chart, ChartFile, load};
use super::manifests::Manifest;
use super::render::{Rendering, render};
use super::scope::Release;
use super::told::Told;
use crate::facts::Doubt;
use crate::syntax::Node;
use crate::text::{SourceId, Span, Str};
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    let (mut built, rendering) = built(files, chart, order.values, &order.release, told);
    built.faults.extend(rendering.faults.iter().cloned());
    built.faults.extend(breaches(&rendering));
    built.faults.extend(absent(&rendering, order.at));
    let definitions = rendering.definitions.iter().filter(|_| order.with_definitions);
    let manifests = definitions.chain(&rendering.manifests).filter(|manifest| !is_test(manifest));
    built.objects.extend(manifests.flat_map(|manifest| objects(&rendering, manifest)));
    built
}

/// Builds a chart that nobody asks for, as `helm template` does without a name. Its tests are told as tests. That it
/// refuses to go without values is no fault: which ones it needs, only who takes it knows.
pub(in super::super) fn deliver_alone(
    files: &Files,
    chart: Chart,
    values: &Node,
    at: Span,
    told: Told,
) -> Built {
    let (mut built, rendering) = built(files, chart, values, &Release::default(), told);
    // Where a chart is not here, its helpers are not either.
    let is_whole = rendering.absent.is_empty();
    let is_absent = |fault: &Fault| !is_whole && fault.says.contains("template \"");
    let is_need =
        |(at, fault): &(usize, &Fault)| fault.why == Why::Refused && rendering.executed.contains(at);
    let (needs, wrong): (Vec<_>, Vec<_>) = rendering.faults.iter().enumerate().partition(is_need);
    built.faults.extend(wrong.into_iter().map(|(_, fault)| fault.clone()));
    let needs = needs.into_iter().map(|(_, fault)| fault).filter(|fault| !is_absent(fault)).cloned();
    if let Some(first) = needs.chain(breaches(&rendering)).next() {
        let says = format!("it does not render with its defaults: {}", first.says);
        built.faults.push(Fault { why: Why::NeedsValues, says, at: first.at });
    }
    built.faults.extend(absent(&rendering, at));
    for manifest in rendering.definitions.iter().chain(&rendering.manifests) {
        let doubt = is_test(manifest).then_some(Doubt::Test);
        let objects = objects(&rendering, manifest);
        built.objects.extend(objects.map(|mut object| {
            object.doubt = doubt;
            object
        }));
    }
    // What is switched off is judged as it is written. What only defines helpers others speak for.
    let is_partial = |name: &str| name.rsplit('/').next().is_some_and(|base| base.starts_with('_'));
    let partial = rendering.files.iter().filter(|(name, _)| is_partial(name)).map(|(_, source)| *source);
    let speak: BTreeSet<SourceId> =
        built.objects.iter().map(|object| object.written.source).chain(partial).collect();
    let templates = std::mem::take(&mut built.loaded);
    (built.loaded, built.silent) = templates.into_iter().partition(|id| speak.contains(id));
    built
}

/// Renders a chart, and notes the files that take part in it.
fn built(files: &Files, chart: Chart, values: &Node, release: &Release, told: Told) -> (Built, Rendering) {
    let (mut own, mut read) = (HashMap::new(), BTreeSet::new());
    note(&chart, chart.metadata.name(), &mut own, &mut read);
    let mut sources = Sources::new();
    note_values(&chart, values, &mut sources);
    let rendering = render(files, chart, values, release);
    note_absent(&rendering, &mut sources);
    let failed: BTreeSet<SourceId> =
        rendering.failed.iter().filter_map(|name| own.get(name).copied()).collect();
    // What a template makes that fails is judged as it is written.
    let loaded = own.values().copied().filter(|id| !failed.contains(id)).collect();
    let values = sources.into_iter().map(|(file, (_, absent))| (file, absent)).collect();
    (Built { faults: told.faults, read, loaded, values, ..Built::default() }, rendering)
}

/// The objects of a document: one, or those of a list.
fn objects(rendering: &Rendering, manifest: &Manifest) -> impl Iterator<Item = Object> {
    let source = rendering.files.get(&manifest.template).copied();
    let mut roots = Vec::new();
    unlisted(&manifest.document.root, &mut roots);
    let roots = roots.into_iter().filter(Node::is_map);
    roots.filter_map(move |root| Some(Object::new(root, source?)))
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

/// The files of values: the path of the chart that each is for, and the paths in it of charts that are not here.
type Sources = BTreeMap<SourceId, (String, BTreeSet<Str>)>;

/// Takes note of the files that values are in: those of a chart, those of the charts in it, and those that are given.
fn note_values(chart: &Chart, given: &Node, out: &mut Sources) {
    let given = given.entries().iter().map(|(_, value)| value.span().source);
    out.extend(given.map(|source| (source, (String::new(), BTreeSet::new()))));
    let mut charts = vec![(String::new(), chart)];
    while let Some((path, chart)) = charts.pop() {
        let inner = chart.charts.iter().map(|child| (format!("{path}{}.", child.metadata.name()), child));
        charts.extend(inner);
        out.insert(chart.values.span().source, (path, BTreeSet::new()));
    }
}

/// Takes note of the values of charts that are not here, and of all where a template failed: that nothing is made of
/// them means nothing.
fn note_absent(rendering: &Rendering, out: &mut Sources) {
    let has_failed = rendering.failed.iter().any(|name| !name.ends_with("NOTES.txt"));
    for (path, absent) in out.values_mut() {
        absent.extend(has_failed.then(Str::default));
        let below = rendering.absent.iter().filter_map(|one| one.path.strip_prefix(path.as_str()));
        absent.extend(below.map(Str::from));
    }
}

/// Tests run when somebody asks for them.
fn is_test(manifest: &Manifest) -> bool {
    !manifest.hooks.is_empty() && manifest.hooks.iter().all(|hook| hook.starts_with("test"))
}

/// Where values are not as a schema wants them.
fn breaches(rendering: &Rendering) -> impl Iterator<Item = Fault> {
    rendering.breaches.iter().map(|breach| {
        let says = format!("the schema of the chart refuses `{}`: {}", breach.path, breach.says);
        Fault { why: Why::Refused, says, at: Some(breach.at) }
    })
}

/// Charts that are not here, and that nobody has switched off.
fn absent(rendering: &Rendering, at: Span) -> impl Iterator<Item = Fault> {
    rendering.absent.iter().filter(|absent| absent.enabled).map(move |absent| {
        let says = format!("the chart `{}` that this one depends on is not here", absent.path);
        Fault { why: Why::Dependency, says, at: Some(at) }
    })
}
