//! Releases of Flux and HelmCharts of k3s: their charts rendered, once everything that gives them values is built. A
//! chart is in a folder or an archive of this repository, in the object itself, or on the shelf.

use super::artifact::Artifacts;
use super::delivery::{ClusterId, Delivery, DeliveryId, Forest, Means, Planted};
use super::edit;
use super::files::Files;
use super::flux;
use super::helm::{self, Capabilities, ChartSource, Defaults, Found, Helm, Order, Told};
use super::k3s;
use super::kustomize::{self, Built, Cache, Kustomization, Reach};
use super::object::Object;
use super::release;
use super::wanted::Wanted;
use crate::facts::Doubt;
use crate::syntax::Node;
use crate::text::{Origin, Part, SourceId, Str, paths};

/// Where the chart of a release was found.
enum Home {
    Folder(Str),
    Archive(SourceId),
    Bytes(Vec<u8>),
    Shelf(Found),
}

/// A chart that a release names.
struct Chart {
    home: Home,
    /// What names it.
    path: Part,
    /// The object that has the options of the chart.
    template: Node,
}

impl Chart {
    /// What it is called, where it is told as not seen.
    fn words(&self) -> String {
        match &self.home {
            Home::Shelf(found) => format!("`{}` {}", found.name, found.version),
            _ => format!("`{}`", self.path.text),
        }
    }
}

/// A release whose chart is at hand.
struct Ready {
    parent: DeliveryId,
    object: Object,
    chart: Chart,
}

/// What a release gives its chart.
struct Given {
    values: Node,
    told: Told,
    /// What nobody here can see may give more.
    is_open: bool,
}

/// Renders every release that a delivery from this number on holds, and whose chart is at hand.
pub(super) fn plant(
    files: &Files,
    cache: &Cache,
    artifacts: &Artifacts,
    planted: &mut Planted,
    from: usize,
    forest: &mut Forest,
) {
    let ready = look(files, artifacts, from, forest);
    for Ready { parent, object, chart } in ready {
        // A chart may hold a release of itself.
        if !forest.is_first_release(parent, &object.id()) {
            continue;
        }
        if !forest.may_follow(Some(parent), object.root.span()) {
            continue;
        }
        let given = match k3s::is_chart(&object.root) {
            true => of_chart(forest, parent, &object),
            false => of_release(forest, parent, &object),
        };
        let is_open = given.is_open;
        let cluster = target(forest, planted, parent, &object);
        let built = build(files, cache, &chart, &object, (given, forest.capabilities(files, cluster)));
        let key = (parent, object.id());
        if is_open && built.objects.is_empty() {
            let words = format!("{}, of which not all values are here", chart.words());
            forest.absent_charts.insert(key, words);
            continue;
        }
        if !built.objects.is_empty() || built.faults.is_empty() {
            forest.rendered.insert(key);
        }
        let delivery = delivery(forest, (parent, cluster), &object, chart.path, built);
        forest.push(delivery);
    }
}

/// The releases whose charts are at hand. Of the others it takes note.
fn look(files: &Files, artifacts: &Artifacts, from: usize, forest: &mut Forest) -> Vec<Ready> {
    let (mut ready, mut absent) = (Vec::new(), Vec::new());
    for (at, delivery) in forest.deliveries.iter().enumerate().skip(from) {
        let parent = DeliveryId(at as u32);
        for object in &delivery.built.objects {
            let found = if release::is_release(&object.root) {
                of_flux(files, artifacts, forest, parent, object)
            } else if k3s::is_chart(&object.root) {
                of_k3s(files, object)
            } else {
                continue;
            };
            match found {
                Some(Ok(chart)) => ready.push(Ready { parent, object: object.clone(), chart }),
                Some(Err(words)) => absent.push(((parent, object.id()), words)),
                None => {}
            }
        }
    }
    forest.absent_charts.extend(absent);
    ready
}

/// The chart of a release of Flux; if it is not at hand, what to say of it. Nothing if it names none.
fn of_flux(
    files: &Files,
    artifacts: &Artifacts,
    forest: &Forest,
    parent: DeliveryId,
    object: &Object,
) -> Option<Result<Chart, String>> {
    let template = match object.root.at(&["spec", "chartRef"]) {
        None => object.root.at(&["spec", "chart", "spec"])?,
        Some(reference) => {
            let kind = reference.text_at("kind")?;
            let own = object.id();
            let namespace = reference.text_at("namespace").filter(|text| !text.is_empty());
            let name = reference.part_at("name")?;
            let named = forest.beside(parent, kind, namespace.unwrap_or(own.home()), &name.text);
            match named.and_then(|named| named.get("spec")) {
                Some(spec) => spec,
                None => return Some(Err(format!("`{}`", name.text))),
            }
        }
    };
    match template.part_at("url") {
        Some(url) => Some(on_shelf(files, &of_registry(&url, template.get("ref")), template)),
        None => of_source(files, artifacts, template, object.written.source),
    }
}

/// The chart that a template names in a repository of charts, in git or in a bucket. `file` has the release.
fn of_source(
    files: &Files,
    artifacts: &Artifacts,
    template: &Node,
    file: SourceId,
) -> Option<Result<Chart, String>> {
    let part = template.part_at("chart")?;
    let source = template.get("sourceRef")?;
    let own = (Str::from(source.text_at("kind")?), Str::from(source.text_at("name")?));
    if own.0 == "HelmRepository" {
        return Some(on_shelf(files, &Wanted::of(&part, template.part_at("version")), template));
    }
    let is_git = own.0 == "GitRepository";
    let is_own = artifacts.is_own(Some(&own), file).filter(|_| is_git);
    let home = (is_git && is_own != Some(false)).then(|| here(files, &part)).flatten();
    Some(match home {
        Some(home) => Ok(Chart { home, path: resolved(part), template: template.clone() }),
        // It would have to be here.
        None if is_own == Some(true) => Err(format!("`{}`", part.text)),
        None => {
            let wanted = Wanted { unchecked: Some("revision"), ..Wanted::of(&part, None) };
            on_shelf(files, &wanted, template)
        }
    })
}

/// The chart of an OCIRepository.
fn of_registry(url: &Part, reference: Option<&Node>) -> Wanted {
    let text = |key: &str| reference?.part_at(key).filter(|part| !part.text.is_empty());
    let digest = text("digest");
    let version = text("semver").or_else(|| text("tag")).map(|tag| match tag.text.contains('_') {
        // Registries take no plus sign.
        true => Part::new(tag.text.replace('_', "+"), tag.origin.respelled()),
        false => tag,
    });
    let unchecked = digest.as_ref().map(|_| "digest");
    Wanted { unchecked, ..Wanted::of(url, version) }
}

/// The chart of a HelmChart of k3s.
fn of_k3s(files: &Files, object: &Object) -> Option<Result<Chart, String>> {
    let spec = object.root.get("spec")?;
    if let Some(content) = spec.part_at("chartContent").filter(|part| !part.text.is_empty()) {
        let path = Part { text: "(packed here)".into(), ..content.clone() };
        let bytes = crate::text::from_base64(&content.text);
        let bytes = bytes.ok_or_else(|| "`chartContent` that is no base64".to_string());
        let chart = |bytes| Chart { home: Home::Bytes(bytes), path, template: spec.clone() };
        return Some(bytes.map(chart));
    }
    let wanted = Wanted::of(&spec.part_at("chart")?, spec.part_at("version"));
    Some(on_shelf(files, &wanted, spec))
}

fn on_shelf(files: &Files, wanted: &Wanted, template: &Node) -> Result<Chart, String> {
    let found = wanted.find(files)?;
    let text = format!("({})", found.called()).into();
    let path = Part { text, origin: Origin::spelled(wanted.at()) };
    Ok(Chart { home: Home::Shelf(found), path, template: template.clone() })
}

/// The chart in this repository that a path names.
fn here(files: &Files, part: &Part) -> Option<Home> {
    let path = paths::resolve("", &part.text)?;
    let inner = if path.is_empty() { "Chart.yaml".into() } else { format!("{path}/Chart.yaml") };
    match files.find(&inner) {
        Some(_) => Some(Home::Folder(path)),
        None => files.find(&path).map(Home::Archive),
    }
}

fn resolved(part: Part) -> Part {
    Part { text: paths::resolve("", &part.text).unwrap_or_default(), ..part }
}

fn of_release(forest: &Forest, parent: DeliveryId, object: &Object) -> Given {
    let given = release::read(forest, parent, &object.root);
    let values = given.values.unwrap_or_else(|| edit::empty_map(&object.root.origin));
    Given { values, told: Told::default(), is_open: given.is_open }
}

fn of_chart(forest: &Forest, parent: DeliveryId, object: &Object) -> Given {
    let id = object.id();
    let config = forest.beside(parent, "HelmChartConfig", id.home(), &id.name);
    let mut told = Told::default();
    let (values, is_open) = k3s::values(&object.root, config, &mut told);
    Given { values, told, is_open }
}

/// The namespace that objects land in that name none.
fn home(object: &Object) -> Part {
    let text = |road: &[&str]| object.root.at(road).and_then(Node::part).filter(|part| !part.text.is_empty());
    text(&["spec", "targetNamespace"])
        .or_else(|| text(&["metadata", "namespace"]))
        .unwrap_or_else(|| Part::new("default", Origin::spelled(object.root.span())))
}

/// How a release is called in its cluster.
fn release_name(object: &Object) -> Str {
    let own = object.id().name;
    let spec =
        |key: &str| object.root.at(&["spec", key]).and_then(Node::text).filter(|text| !text.is_empty());
    match (spec("releaseName"), spec("targetNamespace")) {
        _ if k3s::is_chart(&object.root) => own,
        (Some(name), _) => name.into(),
        (None, Some(target)) => format!("{target}-{own}").into(),
        (None, None) => own,
    }
}

/// Renders a chart, and does to its objects what the release asks for.
fn build(
    files: &Files,
    cache: &Cache,
    chart: &Chart,
    object: &Object,
    (given, capabilities): (Given, Capabilities),
) -> Built {
    let home = home(object);
    let nothing = edit::empty_map(&object.root.origin);
    let spec = object.root.get("spec").unwrap_or(&nothing);
    let (name, namespace) = (release_name(object), home.text.clone());
    let release = helm::Release { name, namespace, capabilities, helm: Helm::default() };
    let install = |key: &str| spec.at(&["install", key]).and_then(Node::text);
    let flag = |key: &str| chart.template.text_at(key) == Some("true");
    let order = Order {
        from: match &chart.home {
            Home::Folder(folder) => ChartSource::Folder(folder),
            Home::Archive(id) => ChartSource::Archive(*id),
            Home::Bytes(bytes) => ChartSource::Bytes(bytes),
            Home::Shelf(found) => ChartSource::Shelf(found),
        },
        defaults: Defaults {
            names: chart.template.get("valuesFiles").map(Node::items).unwrap_or_default(),
            is_lenient: flag("ignoreMissingValuesFiles"),
        },
        values: &given.values,
        release,
        with_definitions: install("crds") != Some("Skip") && install("skipCRDs") != Some("true"),
        at: chart.path.span(),
    };
    let mut built = helm::deliver(files, &order, given.told);
    for object in &mut built.objects {
        let id = object.id();
        if !id.gvk.is_cluster_wide() && id.namespace.is_empty() {
            let metadata = edit::get_or_map(&mut object.root, "metadata", &home.origin);
            metadata.into_iter().for_each(|metadata| edit::set(metadata, "namespace", edit::text(&home)));
        }
        if given.is_open {
            object.doubt = object.doubt.max(Some(Doubt::Unseen));
        }
    }
    if given.is_open {
        helm::open(&mut built.faults, "values that are not here may change that");
    }
    if release::is_release(&object.root) {
        render_after(files, cache, object, spec, &mut built);
        flux::mark_all(&mut built.objects, spec);
    }
    built
}

/// What goes over the objects of a chart: patches and images, as a kustomization over them.
fn render_after(files: &Files, cache: &Cache, release: &Object, spec: &Node, built: &mut Built) {
    for renderer in spec.get("postRenderers").map(Node::items).unwrap_or_default() {
        let Some(asked) = renderer.get("kustomize") else { continue };
        let mut root = edit::empty_map(&asked.origin);
        let is_followed = |key: &str| matches!(key, "patches" | "images");
        flux::change(&mut root, asked);
        let others = asked.entries().iter().filter_map(|(key, _)| key.text()).filter(|key| !is_followed(key));
        for key in others.collect::<Vec<_>>() {
            edit::remove(&mut root, key);
            built.objects.iter_mut().for_each(|object| object.doubt = Some(Doubt::Unseen));
        }
        let source = release.written.source;
        let directory = files.name(source).rsplit_once('/').map_or("", |(folder, _)| folder).into();
        let own = Kustomization { directory, source, root, is_component: false };
        let objects = std::mem::take(&mut built.objects);
        let over = kustomize::build_over(files, cache, &own, objects, Reach::Anywhere);
        built.objects = over.objects;
        built.faults.extend(over.faults);
        built.asked.extend(over.asked);
    }
}

/// The cluster of a release: that of who delivers it, or the one that it names.
fn target(forest: &mut Forest, planted: &mut Planted, parent: DeliveryId, object: &Object) -> ClusterId {
    let home = forest.get(parent).cluster;
    match flux::other_cluster(&object.root).filter(|_| release::is_release(&object.root)) {
        Some(other) => planted.beside(forest, home, &object.id().namespace, other),
        None => home,
    }
}

fn delivery(
    forest: &Forest,
    (id, cluster): (DeliveryId, ClusterId),
    object: &Object,
    path: Part,
    built: Built,
) -> Delivery {
    let (own, live) = (object.id(), forest.get(id).live);
    let means = if k3s::is_chart(&object.root) { Means::HelmChart } else { Means::Release };
    Delivery {
        means,
        namespace: own.namespace,
        name: own.name,
        declared: Some(object.root.at(&["metadata", "name"]).map_or(object.root.span(), Node::span)),
        path,
        more: Vec::new(),
        parent: Some(id),
        cluster,
        live,
        built,
    }
}
