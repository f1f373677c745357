//! Charts that nothing takes: rendered as their defaults have it, and once more with the values of each of their
//! tests, to be judged as their authors would want.

use super::delivery::{Cluster, ClusterId, Delivery, Forest, Means};
use super::files::Files;
use super::helm::{self, Chart, Helm, Told};
use super::kustomize::{Built, Why};
use super::object::Object;
use super::release;
use crate::facts::Doubt;
use crate::syntax::{Node, Value};
use crate::text::{Origin, Part, SourceId, Span, Str, paths};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// A chart in a folder of its own.
struct Lone {
    folder: Str,
    source: SourceId,
    /// It says who cares for it or where it comes from: others install it, and nobody here has to.
    is_published: bool,
    /// The values of its tests, as chart-testing finds them.
    tests: Vec<SourceId>,
}

/// What comes of one chart, its defaults first.
struct Rendered {
    name: Str,
    built: Vec<(Part, Built)>,
}

/// The charts that nothing takes, rendered, until they are put into the forest.
pub(super) struct LoneCharts(Vec<(Lone, Rendered)>);

/// Finds and renders the charts that nothing takes. The tests of all others are tests as well.
pub(super) fn find(files: &Files, forest: &mut Forest) -> LoneCharts {
    for name in files.all().map(|id| files.name(id)) {
        let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
        if base == "Chart.yaml" {
            forest.tests.extend(tests(files, folder));
        }
    }
    let charts = charts(files, forest);
    let rendered: Vec<Option<Rendered>> = charts.par_iter().map(|chart| render(files, chart)).collect();
    let all = charts.into_iter().zip(rendered);
    LoneCharts(all.filter_map(|(chart, rendered)| Some((chart, rendered?))).collect())
}

impl LoneCharts {
    /// Lets those deliver that nothing takes by now: those whose defaults make such an object, or all. Where something
    /// declares what is delivered, nothing delivers them.
    pub(super) fn plant(&mut self, forest: &mut Forest, such: Option<&dyn Fn(&Node) -> bool>) {
        let (taken, read) = (taken(forest), read(forest));
        for (lone, Rendered { name, built }) in std::mem::take(&mut self.0) {
            if taken.contains(&lone.folder) || read.contains(&lone.source) {
                continue;
            }
            let objects = built.first().map(|(_, built)| built.objects.as_slice()).unwrap_or_default();
            if such.is_some_and(|such| !objects.iter().any(|object| such(&object.root))) {
                self.0.push((lone, Rendered { name, built }));
                continue;
            }
            if !forest.may_follow(None, Span::new(lone.source, 0, 0)) {
                return;
            }
            let cluster = ClusterId(forest.clusters.len() as u32);
            forest.clusters.push(Cluster { name, place: lone.folder.clone(), root: forest.next() });
            forest.lone_charts += 1;
            for (path, built) in built {
                forest.push(delivery(path, built, cluster, lone.is_published || !forest.declares));
            }
        }
    }
}

/// The files that deliveries are made of.
fn read(forest: &Forest) -> BTreeSet<SourceId> {
    forest.deliveries.iter().flat_map(|delivery| delivery.built.read.iter().copied()).collect()
}

/// All renderings of a chart are one place: what tests change meets what they leave.
fn delivery(path: Part, built: Built, cluster: ClusterId, live: bool) -> Delivery {
    Delivery {
        means: Means::Chart,
        namespace: Str::default(),
        name: path.text.clone(),
        declared: None,
        path,
        more: Vec::new(),
        parent: None,
        cluster,
        live,
        built,
    }
}

/// The charts that nothing takes. One in the folder `charts/` of another is a part of that one, and judged as such.
fn charts(files: &Files, forest: &Forest) -> Vec<Lone> {
    let (taken, read) = (taken(forest), read(forest));
    let mut out = Vec::new();
    for source in files.all() {
        let (folder, base) = files.name(source).rsplit_once('/').unwrap_or(("", files.name(source)));
        if base != "Chart.yaml" || read.contains(&source) || taken.contains(folder) {
            continue;
        }
        let Some(yaml) = files.yaml(source) else { continue };
        // Somebody fills in what is no chart yet.
        if !yaml.masked && !files.is_in_chart(folder) {
            let root = yaml.documents.first().map(|document| &document.root);
            let says = |key: &str| root.and_then(|root| root.get(key)).is_some_and(|said| !said.is_null());
            let is_published = ["home", "maintainers", "sources"].into_iter().any(says);
            out.push(Lone { folder: folder.into(), source, is_published, tests: tests(files, folder) });
        }
    }
    out
}

/// The folders that Applications, releases and bundles take, whatever came of them.
fn taken(forest: &Forest) -> BTreeSet<Str> {
    let mut out = BTreeSet::new();
    for delivery in &forest.deliveries {
        if matches!(delivery.means, Means::Argo | Means::Release | Means::HelmfileRelease | Means::Fleet) {
            out.extend(std::iter::once(&delivery.path).chain(&delivery.more).map(|part| part.text.clone()));
        }
        for object in delivery.built.objects.iter().filter(|object| release::is_release(&object.root)) {
            let chart = object.root.at(&["spec", "chart", "spec", "chart"]).and_then(Node::text);
            out.extend(chart.and_then(|chart| paths::resolve("", chart)));
        }
    }
    out
}

/// `ci/*-values.yaml` of a chart, and files that are called so the other way round: `ci/values-ha.yaml`.
fn tests(files: &Files, folder: &str) -> Vec<SourceId> {
    let ci = if folder.is_empty() { "ci".to_owned() } else { format!("{folder}/ci") };
    let is_test = |id: &SourceId| {
        let base = files.name(*id)[ci.len()..].trim_start_matches('/');
        let is_values =
            base.ends_with("-values.yaml") || base.starts_with("values-") && base.ends_with(".yaml");
        is_values && !base.contains('/')
    };
    files.below(&ci).filter(is_test).collect()
}

/// Renders a chart in all its ways; nothing for a library, which is rendered by whoever takes it.
fn render(files: &Files, lone: &Lone) -> Option<Rendered> {
    let at = Span::new(lone.source, 0, 0);
    let mut told = Told::default();
    let chart = helm::load(files, &lone.folder, Helm::default(), &mut told);
    if chart.as_ref().is_some_and(|chart| chart.metadata.is_library) {
        return None;
    }
    let last = lone.folder.rsplit('/').next().filter(|last| !last.is_empty());
    let Some(chart) = chart else {
        let part = Part::new(lone.folder.clone(), Origin::spelled(at));
        let built = Built { faults: told.faults, ..Built::default() };
        return Some(Rendered { name: last.unwrap_or(".").into(), built: vec![(part, built)] });
    };
    let name = last.unwrap_or(chart.metadata.name()).into();
    let mut known = Known::default();
    let nothing = super::edit::empty_map(&Origin::spelled(at));
    let mut built = vec![known.built(files, &chart, (&lone.folder, at), &nothing, told)];
    // Where the defaults give nothing whole, the values of the tests are the examples of how the chart is used.
    let doubt = is_whole(&built[0].1).then_some(Doubt::Test);
    for &test in &lone.tests {
        let mut told = Told::default();
        let Some(values) = helm::values_file(files, test, Helm::default(), &mut told) else { continue };
        let own = (files.name(test), Span::new(test, 0, 0));
        let (path, made) = known.built(files, &chart, own, &values, told);
        let mut made = made;
        made.objects.iter_mut().for_each(|object| object.doubt = object.doubt.or(doubt));
        // Which files the chart has besides, the first one says for all.
        let listed = BTreeSet::from([lone.folder.clone()]);
        built.push((path, Built { read: BTreeSet::from([test]), listed, ..made }));
    }
    forgive(&mut built);
    Some(Rendered { name, built })
}

/// That a chart needs values is told once, and not at all if somebody has set them.
fn forgive(built: &mut [(Part, Built)]) {
    let works = built.iter().any(|(_, built)| is_whole(built));
    for (at, (_, built)) in built.iter_mut().enumerate() {
        built.faults.retain(|fault| fault.why != Why::NeedsValues || at == 0 && !works);
        if works {
            built.values.values_mut().for_each(|open| open.retain(|path| !path.is_empty()));
        }
    }
    // What is wrong whatever the values are is told once, too.
    let mut seen = BTreeSet::new();
    for (_, built) in built {
        built.faults.retain(|fault| seen.insert(fault.clone()));
    }
}

/// Whether every template gave what it has to give.
fn is_whole(built: &Built) -> bool {
    let needs = built.faults.iter().any(|fault| fault.why == Why::NeedsValues);
    !needs && !built.values.values().any(|open| open.contains(""))
}

/// What a chart made by now.
#[derive(Default)]
struct Known(HashMap<(Str, Str, Str), Vec<Object>>);

impl Known {
    fn built(
        &mut self,
        files: &Files,
        chart: &Chart,
        (path, at): (&str, Span),
        values: &Node,
        told: Told,
    ) -> (Part, Built) {
        let mut built = helm::deliver_alone(files, chart.fresh(), values, at, told);
        built.objects.retain(|object| self.is_new(object));
        (Part::new(path, Origin::spelled(at)), built)
    }

    /// Whether no rendering before made the same of the same places.
    fn is_new(&mut self, object: &Object) -> bool {
        let id = object.id();
        let known = self.0.entry((id.gvk.kind, id.namespace, id.name)).or_default();
        let is_new = !known.iter().any(|other| is_same(&other.root, &object.root));
        if is_new {
            known.push(object.clone());
        }
        is_new
    }
}

/// Whether two trees say the same, from the same places.
fn is_same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Null, Value::Null) | (Value::Hole, Value::Hole) => true,
        (Value::Scalar(one), Value::Scalar(other)) => one == other && a.origin == b.origin,
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other.iter()).all(|(a, b)| is_same(a, b))
        }
        (Value::Map(one), Value::Map(other)) => {
            let is_entry =
                |((a, one), (b, other)): (&(Node, Node), &(Node, Node))| is_same(a, b) && is_same(one, other);
            one.len() == other.len() && one.iter().zip(other.iter()).all(is_entry)
        }
        _ => false,
    }
}
