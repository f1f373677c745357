//! Releases of Flux whose chart is in this repository: rendered, once everything that gives them values is built.

use super::artifact::Artifacts;
use super::delivery::{Delivery, DeliveryId, Forest, Means};
use super::edit;
use super::files::Files;
use super::helm::{self, Capabilities, Helm, Order, Release, Told};
use super::object::Object;
use super::release;
use crate::syntax::Node;
use crate::text::{Origin, Part, Str, paths};

/// Renders every release that a delivery from this number on holds, and whose chart is here.
pub(super) fn plant(files: &Files, artifacts: &Artifacts, from: usize, forest: &mut Forest) {
    let mut found = Vec::new();
    for (at, delivery) in forest.deliveries.iter().enumerate().skip(from) {
        let releases = delivery.built.objects.iter().filter(|object| release::is_release(&object.root));
        let here =
            releases.filter_map(|object| Some((chart_here(files, artifacts, object)?, object.clone())));
        found.extend(here.map(|(folder, object)| (DeliveryId(at as u32), folder, object)));
    }
    for (parent, folder, object) in found {
        // A chart may hold a release of itself.
        if !forest.is_first_release(parent, &object.id()) {
            continue;
        }
        let given = release::read(forest, parent, &object.root);
        // Values that nobody here can see may decide otherwise.
        if !given.is_open && forest.may_follow(Some(parent), object.root.span()) {
            let delivery = deliver(files, forest.get(parent), parent, &folder, &object, given.values);
            forest.rendered.insert((parent, delivery.namespace.clone(), delivery.name.clone()));
            forest.push(delivery);
        }
    }
}

/// The folder of this repository that a release has its chart from.
fn chart_here(files: &Files, artifacts: &Artifacts, object: &Object) -> Option<Part> {
    let spec = object.root.at(&["spec", "chart", "spec"])?;
    let source = spec.get("sourceRef")?;
    let own = (Str::from(source.text_at("kind")?), Str::from(source.text_at("name")?));
    let is_here =
        own.0 == "GitRepository" && artifacts.is_own(Some(&own), object.written.source) != Some(false);
    // What changes objects behind the chart is not followed.
    let is_plain = |key: &str| {
        object
            .root
            .at(&["spec", key])
            .is_none_or(|value| value.is_null() || value.items().is_empty() && value.entries().is_empty())
    };
    if !is_here || !is_plain("postRenderers") || !is_plain("kubeConfig") || spec.get("valuesFiles").is_some()
    {
        return None;
    }
    let part = spec.part_at("chart")?;
    let folder = paths::resolve("", &part.text)?;
    let inner = if folder.is_empty() { "Chart.yaml".into() } else { format!("{folder}/Chart.yaml") };
    files.find(&inner)?;
    Some(Part { text: folder, ..part })
}

fn deliver(
    files: &Files,
    parent: &Delivery,
    id: DeliveryId,
    folder: &Part,
    object: &Object,
    values: Option<Node>,
) -> Delivery {
    let own = object.id();
    let spec =
        |key: &str| object.root.at(&["spec", key]).and_then(Node::part).filter(|part| !part.text.is_empty());
    let target = spec("targetNamespace");
    let name = spec("releaseName").map_or_else(
        || match &target {
            Some(target) => Str::from(format!("{}-{}", target.text, own.name)),
            None => own.name.clone(),
        },
        |name| name.text,
    );
    let home = target.or_else(|| object.root.at(&["metadata", "namespace"])?.part());
    let home = home.unwrap_or_else(|| Part::new("default", Origin::spelled(object.root.span())));
    let values = values.unwrap_or_else(|| edit::empty_map(&object.root.origin));
    let release = Release {
        name,
        namespace: home.text.clone(),
        capabilities: Capabilities::default(),
        helm: Helm::default(),
    };
    let order =
        Order { folder: &folder.text, values: &values, release, with_definitions: true, at: folder.span() };
    let mut built = helm::deliver(files, &order, Told::default());
    for object in &mut built.objects {
        let id = object.id();
        if !id.gvk.is_cluster_wide() && id.namespace.is_empty() {
            let metadata = edit::get_or_map(&mut object.root, "metadata", &home.origin);
            metadata.into_iter().for_each(|metadata| edit::set(metadata, "namespace", edit::text(&home)));
        }
    }
    Delivery {
        means: Means::Release,
        namespace: own.namespace,
        name: own.name,
        declared: Some(object.root.at(&["metadata", "name"]).map_or(object.root.span(), Node::span)),
        path: folder.clone(),
        more: Vec::new(),
        parent: Some(id),
        cluster: parent.cluster,
        live: parent.live,
        built,
    }
}
