//! What a delivery gets of a chart: objects with the file that each is written in, and what keeps it from being whole.

use super::super::files::Files;
use super::super::kustomize::{Built, Fault, Why};
use super::super::object::{Object, unlisted};
use super::load::{Chart, ChartFile, load, load_archive, load_bytes, load_found};
use super::manifests::Manifest;
use super::render::{Rendering, render};
use super::scope::Release;
use super::shelf::Found;
use super::told::Told;
use super::user::{UserValues, values_file, values_text};
use crate::syntax::Node;
use crate::text::{Part, SourceId, Span, Str, paths};
use std::collections::{BTreeSet, HashMap};

/// Where a delivery has its chart from.
pub(in super::super) enum ChartSource<'o> {
    Folder(&'o str),
    /// An archive of the repository.
    Archive(SourceId),
    /// The bytes of an archive.
    Bytes(&'o [u8]),
    Shelf(&'o Found),
}

impl ChartSource<'_> {
    fn load(&self, files: &Files, order: &Order, told: &mut Told) -> Option<Chart> {
        let helm = order.release.helm;
        match self {
            ChartSource::Folder(folder) => load(files, folder, helm, told),
            ChartSource::Archive(id) => load_archive(files, *id, helm, told),
            ChartSource::Bytes(bytes) => load_bytes(files, bytes, order.at, helm, told),
            ChartSource::Shelf(found) => load_found(files, found, order.at, helm, told),
        }
    }

    fn called(&self, files: &Files) -> String {
        match self {
            ChartSource::Folder(folder) => format!("`{folder}`"),
            ChartSource::Archive(id) => format!("`{}`", files.name(*id)),
            ChartSource::Bytes(_) => "what is packed here".into(),
            ChartSource::Shelf(found) => found.called(),
        }
    }
}

/// Files whose values take the place of the chart's own; none leave it as it is.
#[derive(Clone, Copy, Default)]
pub(in super::super) struct Defaults<'o> {
    pub(in super::super) names: &'o [Node],
    /// One that is not there is no mistake.
    pub(in super::super) is_lenient: bool,
}

/// How a delivery asks for a chart.
pub(in super::super) struct Order<'o> {
    pub(in super::super) from: ChartSource<'o>,
    /// Files whose values take the place of the chart's own.
    pub(in super::super) defaults: Defaults<'o>,
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
    let Some(mut chart) = order.from.load(files, order, &mut told) else {
        let mut faults = told.faults;
        // What is not there has no place of its own.
        faults
            .iter_mut()
            .filter(|fault| fault.at.is_none_or(Span::is_empty))
            .for_each(|fault| fault.at = Some(order.at));
        if faults.is_empty() {
            let says = format!("{} is no chart", order.from.called(files));
            faults.push(Fault { why: Why::Refused, says, at: Some(order.at) });
        }
        return Built { faults, ..Built::default() };
    };
    if !order.defaults.names.is_empty() {
        chart.values = defaults(files, order, &chart, &mut told);
    }
    let mut own = HashMap::new();
    let mut read = BTreeSet::new();
    note(&chart, chart.metadata.name(), &mut own, &mut read);
    let values = sources(&chart, order.values);
    let rendering = render(files, chart, order.values, &order.release);
    let assumed = told.assumed.into_iter().map(|assumed| (assumed.says, assumed.at)).collect();
    let mut built = Built { faults: told.faults, read, assumed, ..Built::default() };
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

/// What the named files say together, the later over the earlier: those of the repository, or of a packed chart.
fn defaults(files: &Files, order: &Order, chart: &Chart, told: &mut Told) -> Node {
    let mut given = UserValues::default();
    for name in order.defaults.names.iter().filter_map(Node::part) {
        let path = paths::resolve("", &name.text).unwrap_or_default();
        let helm = order.release.helm;
        let inner = chart.files.iter().find(|file| file.name == path);
        let read = match order.from {
            ChartSource::Folder(_) | ChartSource::Archive(_) => {
                files.find(&path).map(|id| values_file(files, id, helm, told))
            }
            _ if path == "values.yaml" => Some(Some(chart.values.clone())),
            _ => inner.map(|file| values_text(&file.part(files)?, &file.shown(files), helm, told)),
        };
        match read {
            Some(read) => given.files.extend(read),
            None if order.defaults.is_lenient => {}
            None => told.refuse(format!("the file of values `{}` is not there", name.text), name.span()),
        }
    }
    let nothing = |_: &Part| Err("no single values are given here".into());
    given.together(order.at, &nothing, order.release.helm, told)
}

/// The templates of a chart and of those in it, and every file that it is made of.
fn note(chart: &Chart, path: &str, own: &mut HashMap<Str, SourceId>, read: &mut BTreeSet<SourceId>) {
    let template = |file: &ChartFile| Some((Str::from(format!("{path}/{}", file.name)), file.source()?));
    let all = chart.templates.iter().chain(chart.files.iter());
    read.extend(all.filter_map(ChartFile::source));
    read.insert(chart.metadata.name_part().span().source);
    read.insert(chart.values.span().source);
    own.extend(chart.templates.iter().filter_map(template));
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
    let mut absent = rendering.absent.iter().filter(|absent| absent.enabled).peekable();
    let mut without = String::new();
    if absent.peek().is_some() {
        // Templates take helpers and values from those charts.
        out.retain(|fault| fault.why != Why::Refused);
        without = match rendering.failed.len() {
            0 => without,
            1 => ", and 1 template fails without it".into(),
            count => format!(", and {count} templates fail without it"),
        };
    } else if !rendering.absent.is_empty() {
        open(&mut out, "a chart that is not here may change that");
    }
    out.extend(absent.map(|absent| {
        let says = format!(
            "the chart `{}` that this one depends on is not here{}",
            absent.path,
            std::mem::take(&mut without)
        );
        Fault { why: Why::Chart, says, at: Some(at) }
    }));
    out.extend(rendering.breaches.iter().map(|breach| {
        let says = format!("the schema of the chart refuses `{}`: {}", breach.path, breach.says);
        Fault { why: Why::Refused, says, at: Some(breach.at) }
    }));
    out
}

/// What helm refuses may be just what is not seen here.
pub(in super::super) fn open(faults: &mut [Fault], because: &str) {
    for fault in faults.iter_mut().filter(|fault| fault.why == Why::Refused) {
        fault.why = Why::Chart;
        fault.says.push_str("; ");
        fault.says.push_str(because);
    }
}
