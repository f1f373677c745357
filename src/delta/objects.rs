//! The objects that clusters get, taken out of what was built before it is given back.

use crate::syntax::Node;
use crate::text::{Span, Str};
use crate::world::{Delivery, ObjectId, UNSEEN, View};
use std::collections::HashSet;

/// Everything that is delivered on one side; where nothing is, the manifests as they are written.
#[derive(Default, Debug)]
pub struct Objects {
    pub(super) clusters: Vec<Cluster>,
    pub(super) deliveries: Vec<Delivered>,
    pub(super) things: Vec<Thing>,
}

/// A cluster: as people call it, and what tells it from all others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Cluster {
    pub(super) name: Str,
    pub(super) place: Str,
}

/// What hands objects to a cluster.
#[derive(Debug)]
pub(super) struct Delivered {
    pub(super) cluster: usize,
    pub(super) parent: Option<usize>,
    /// What it is called on both sides: `Kustomization/flux-system/apps`. A folder that declares itself is its cluster.
    pub(super) label: String,
    /// What declares it, as it is written: whoever delivers that may have changed it.
    pub(super) declared: Option<Node>,
    pub(super) faults: Vec<Fault>,
}

/// What keeps a delivery from being whole.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Fault {
    pub(super) says: String,
    pub(super) at: Option<Span>,
    /// Something may be there that nobody here can see; else it is refused.
    pub(super) hides: bool,
}

/// One object of one cluster.
#[derive(Clone, Debug)]
pub(super) struct Thing {
    pub(super) cluster: Option<usize>,
    pub(super) delivery: Option<usize>,
    pub(super) id: ObjectId,
    /// Its name without the hash of what it holds.
    pub(super) name: Str,
    pub(super) root: Node,
    pub(super) written: Span,
    /// It takes a chart, and what that renders is among the objects.
    pub(super) is_rendered: bool,
}

impl Thing {
    /// `Deployment/media/web`, as both sides call it.
    pub(super) fn label(&self) -> String {
        ObjectId { name: self.name.clone(), ..self.id.clone() }.label()
    }

    pub(super) fn kind(&self) -> &str {
        &self.id.gvk.kind
    }
}

/// Takes the objects of every delivery that is live; of a repository that delivers nothing, what its files say.
pub fn gather(view: View, takes: &dyn Fn(&str) -> bool) -> Objects {
    let forest = view.forest;
    let clusters = forest.clusters.iter();
    let mut out = Objects {
        clusters: clusters.map(|one| Cluster { name: one.name.clone(), place: one.place.clone() }).collect(),
        ..Objects::default()
    };
    let mut seen = HashSet::new();
    for (at, delivery) in forest.deliveries.iter().enumerate() {
        out.deliveries.push(delivered(view, delivery));
        if !delivery.live {
            continue;
        }
        let cluster = delivery.cluster.0 as usize;
        for object in &delivery.built.objects {
            let id = object.id();
            let is_taken = takes(view.files.name(object.written.source));
            // What two deliveries hand over is one object.
            if !is_taken || object.root.text_at("apiVersion") == Some(UNSEEN) {
                continue;
            }
            if !seen.insert((cluster, id.gvk.group.clone(), id.gvk.kind.clone(), home(&id), id.name.clone()))
            {
                continue;
            }
            let is_rendered = match id.gvk.kind.as_str() {
                "HelmRelease" | "HelmChart" => view.is_rendered(at as u32, &object.root),
                "Application" => view.is_rendered_application(&id.namespace, &id.name, 0),
                _ => false,
            };
            let name = object.unhashed_name().unwrap_or_else(|| id.name.clone());
            out.things.push(Thing {
                cluster: Some(cluster),
                delivery: Some(at),
                id,
                name,
                root: object.root.clone(),
                written: object.written.span,
                is_rendered,
            });
        }
    }
    if !forest.deliveries.iter().any(|delivery| delivery.live) {
        out.things = written(view, takes);
    }
    out
}

fn home(id: &ObjectId) -> Str {
    id.home().into()
}

fn delivered(view: View, delivery: &Delivery) -> Delivered {
    let names = [delivery.means.kind(), &delivery.namespace, &delivery.name];
    let label = match delivery.means.is_folder() {
        true => String::new(),
        false => names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join("/"),
    };
    let faults = delivery.built.faults.iter().filter(|_| delivery.live).map(|fault| Fault {
        says: fault.says.clone(),
        at: fault.at.or(delivery.declared),
        hides: fault.why.hides(),
    });
    let declared = delivery.declared.and_then(|at| view.files.known_yaml(at.source)).and_then(|yaml| {
        let roots = yaml.documents.iter().map(|document| &document.root);
        let is_it = |root: &&Node| {
            let id = ObjectId::of(root);
            id.gvk.kind == delivery.means.kind() && id.name == delivery.name
        };
        roots.into_iter().find(is_it).cloned()
    });
    Delivered {
        declared,
        cluster: delivery.cluster.0 as usize,
        parent: delivery.parent.map(|id| id.0 as usize),
        label,
        faults: faults.collect(),
    }
}

/// The manifests of files, as they are written.
fn written(view: View, takes: &dyn Fn(&str) -> bool) -> Vec<Thing> {
    let mut out = Vec::new();
    let is_yaml = |name: &str| [".yaml", ".yml", ".json"].iter().any(|ending| name.ends_with(ending));
    for id in view.files.all() {
        let name = view.files.name(id);
        if !is_yaml(name) || !takes(name) || !view.files.peek(id, |text| text.contains("apiVersion")) {
            continue;
        }
        let Some(yaml) = view.files.yaml(id).filter(|yaml| !yaml.masked) else { continue };
        for document in &yaml.documents {
            let id = ObjectId::of(&document.root);
            if id.gvk.kind.is_empty() || id.gvk.version.is_empty() || id.name.is_empty() {
                continue;
            }
            out.push(Thing {
                cluster: None,
                delivery: None,
                name: id.name.clone(),
                id,
                root: document.root.clone(),
                written: document.root.span(),
                is_rendered: false,
            });
        }
    }
    out
}
