//! What a delivery gets of a chart: objects with the file that each is written in, and what keeps it from being whole.

use super::super::files::Files;
use super::super::kustomize::{Built, Fault, Why};
use super::load::{Chart, load, load_archive, load_bytes, load_found};
use super::made::{Made, absent, breaches, by_helm, faults, install, is_test, make, objects};
use super::scope::Release;
use super::shelf::Found;
use super::told::Told;
use super::user::{UserValues, values_file, values_text};
use crate::facts::Doubt;
use crate::syntax::Node;
use crate::text::{Part, SourceId, Span, paths};
use std::collections::BTreeSet;

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
        return Built { faults: by_helm(faults), ..Built::default() };
    };
    if !order.defaults.names.is_empty() {
        chart.values = defaults(files, order, &chart, &mut told);
    }
    let make = if order.with_definitions { install } else { make };
    let Made { rendering, read, loaded, values } = make(files, chart, order.values, &order.release);
    let (assumed, unmet) = (told.assumed(), rendering.unmet.clone());
    let mut built = Built { faults: told.faults, assumed, read, loaded, values, unmet, ..Built::default() };
    if let ChartSource::Folder(folder) = order.from {
        built.listed.insert(folder.into());
    }
    built.faults.extend(faults(&rendering, order.at));
    let definitions = rendering.definitions.iter().filter(|_| order.with_definitions);
    let manifests = definitions.chain(&rendering.manifests).filter(|manifest| !is_test(manifest));
    built.objects.extend(manifests.flat_map(|manifest| objects(&rendering, manifest)));
    built.faults = by_helm(built.faults);
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

/// Builds a chart that nobody asks for, as `helm template` does without a name. Its tests are told as tests. That it
/// refuses to go without values is no fault: which ones it needs, only who takes it knows.
pub(in super::super) fn deliver_alone(
    files: &Files,
    chart: Chart,
    values: &Node,
    at: Span,
    told: Told,
) -> Built {
    let versions = chart.metadata.kube_version.as_ref().map(Part::span);
    let release = Release { capabilities: files.capabilities(), ..Release::default() };
    let Made { rendering, read, loaded: templates, values } = install(files, chart, values, &release);
    let (assumed, unmet) = (told.assumed(), rendering.unmet.clone());
    let mut built = Built { faults: told.faults, assumed, read, values, unmet, ..Built::default() };
    // Where a chart is not here, its helpers and values are not either; what is switched off may have helpers, too.
    let is_whole = rendering.absent.is_empty();
    let lacks = rendering.absent.iter().any(|absent| absent.enabled);
    let is_absent = |fault: &Fault| lacks || !is_whole && fault.says.contains("template \"");
    let is_need = |(at, fault): &(usize, &Fault)| {
        let is_for_others = versions.is_some() && fault.at == versions;
        fault.why == Why::Refused && (rendering.executed.contains(at) || is_for_others)
    };
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
    (built.loaded, built.silent) = templates.into_iter().partition(|id| speak.contains(id));
    built.faults = by_helm(built.faults);
    built
}
