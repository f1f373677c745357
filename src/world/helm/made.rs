//! What comes of a chart, and of which files: what all who take charts need to know of it.

use super::super::files::Files;
use super::super::kustomize::{Fault, Why};
use super::super::object::{Object, unlisted};
use super::capabilities::defined;
use super::load::{Chart, ChartFile};
use super::manifests::Manifest;
use super::render::{Rendering, render};
use super::scope::Release;
use crate::syntax::Node;
use crate::text::{SourceId, Span, Str};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What comes of a chart, and the files that take part in it.
pub(super) struct Made {
    pub(super) rendering: Rendering,
    /// Every file that it is made of.
    pub(super) read: BTreeSet<SourceId>,
    /// The templates that did not fail.
    pub(super) loaded: BTreeSet<SourceId>,
    /// The files of values, with the paths of which nobody here can tell what becomes of them.
    pub(super) values: BTreeMap<SourceId, BTreeSet<Str>>,
}

/// Renders a chart, and notes the files that take part in it.
pub(super) fn make(files: &Files, chart: Chart, values: &Node, release: &Release) -> Made {
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
    Made { rendering, read, loaded, values }
}

/// Renders a chart whose definitions of custom resources are delivered before its templates are executed: what they
/// define is there when templates ask for it.
pub(super) fn install(files: &Files, chart: Chart, values: &Node, release: &Release) -> Made {
    if !chart.has_definitions() {
        return make(files, chart, values, release);
    }
    let made = make(files, chart.fresh(), values, release);
    let Rendering { definitions, unmet, .. } = &made.rendering;
    let own: Vec<Str> = definitions.iter().flat_map(|one| defined(&one.document.root)).collect();
    if !own.iter().any(|api| unmet.contains(api)) {
        return made;
    }
    let capabilities = release.capabilities.clone().and(own.iter().map(Str::as_str));
    make(files, chart, values, &Release { capabilities, ..release.clone() })
}

/// The objects of a document: one, or those of a list.
pub(super) fn objects(rendering: &Rendering, manifest: &Manifest) -> impl Iterator<Item = Object> {
    let source = rendering.files.get(&manifest.template).copied();
    let mut roots = Vec::new();
    unlisted(&manifest.document.root, &mut roots);
    let roots = roots.into_iter().filter(Node::is_map);
    roots.filter_map(move |root| Some(Object::new(root, source?)))
}

/// The templates of a chart and of those in it, and every file that it is made of.
fn note(chart: &Chart, path: &str, own: &mut HashMap<Str, SourceId>, read: &mut BTreeSet<SourceId>) {
    let template = |file: &ChartFile| Some((Str::from(format!("{path}/{}", file.name)), file.source()?));
    read.extend(chart.templates.iter().chain(chart.files.iter()).filter_map(ChartFile::source));
    read.insert(chart.metadata.name_part().span().source);
    read.insert(chart.values.span().source);
    own.extend(chart.templates.iter().filter_map(template));
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
pub(super) fn is_test(manifest: &Manifest) -> bool {
    !manifest.hooks.is_empty() && manifest.hooks.iter().all(|hook| hook.starts_with("test"))
}

/// Where values are not as a schema wants them.
pub(super) fn breaches(rendering: &Rendering) -> impl Iterator<Item = Fault> {
    rendering.breaches.iter().map(|breach| {
        let says = format!("the schema of the chart refuses `{}`: {}", breach.path, breach.says);
        Fault { why: Why::Schema, says, at: Some(breach.at) }
    })
}

/// Charts that are not here, and that nobody has switched off.
pub(super) fn absent(rendering: &Rendering, at: Span) -> impl Iterator<Item = Fault> {
    rendering.absent.iter().filter(|absent| absent.enabled).map(move |absent| {
        let says = format!("the chart `{}` that this one depends on is not here", absent.path);
        Fault { why: Why::Dependency, says, at: Some(at) }
    })
}

/// What keeps it from being whole: what helm refuses, charts that are not here, values that break a schema.
pub(super) fn faults(rendering: &Rendering, at: Span) -> Vec<Fault> {
    let mut out = rendering.faults.clone();
    let mut absent: Vec<Fault> = absent(rendering, at).collect();
    if let Some(first) = absent.first_mut() {
        // Templates take helpers and values from those charts.
        out.retain(|fault| fault.why != Why::Refused);
        match rendering.failed.len() {
            0 => {}
            1 => first.says.push_str(", and 1 template fails without it"),
            count => first.says.push_str(&format!(", and {count} templates fail without it")),
        }
    } else if !rendering.absent.is_empty() {
        open(&mut out, "a chart that is not here may change that");
    }
    out.extend(absent);
    out.extend(breaches(rendering));
    out
}

/// What helm refuses may be just what is not seen here.
pub(in super::super) fn open(faults: &mut [Fault], because: &str) {
    for fault in faults.iter_mut().filter(|fault| fault.why.is_refusal()) {
        fault.why = Why::Chart;
        fault.says.push_str("; ");
        fault.says.push_str(because);
    }
}

/// What helm itself refuses, where it is helm that delivers.
pub(super) fn by_helm(mut faults: Vec<Fault>) -> Vec<Fault> {
    for fault in faults.iter_mut().filter(|fault| fault.why == Why::Refused) {
        fault.why = Why::Helm;
    }
    faults
}
