//! The YAML of builds, as kustomize prints it, without what is secret.

use super::secrets::Place;
use super::{Rendering, is_object, unwhole};
use crate::redact::{clean, escape_json};
use crate::syntax::{Node, Value};
use crate::text::{Part, Str, nearest};
use crate::world::{self, Cache, Delivery, DeliveryId, Means, Object, kustomize, typed};
use serde_json::Value as Json;

/// Why there is nothing to print.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unprinted {
    /// No folder, delivery or cluster is called so; perhaps this one is meant.
    Unknown { near: Option<String> },
    /// It has no object; these many things kept it from being whole.
    Empty { note: String },
}

impl Rendering<'_> {
    /// The YAML of some deliveries: of a folder, of a name, of a cluster, or all that is live.
    pub fn yaml(&self, wanted: Option<&str>) -> Result<String, Unprinted> {
        let Some(wanted) = wanted.map(plain) else {
            return self.print(&self.those(|delivery| delivery.live));
        };
        let of_folder = self.those(|delivery| is_of_folder(delivery, wanted));
        if of_folder.is_empty() && world::has_kustomization(self.view.files, wanted) {
            return self.folder(wanted);
        }
        match self.meant(wanted).as_slice() {
            [] => Err(Unprinted::Unknown { near: self.nearest(wanted) }),
            meant => self.print(meant),
        }
    }

    /// The deliveries of a folder, else those of a name, else those of a cluster.
    fn meant(&self, wanted: &str) -> Vec<DeliveryId> {
        // A folder is what it says, whoever else has that name.
        let of_folder = self.those(|delivery| is_of_folder(delivery, wanted));
        let first = |one: Vec<DeliveryId>, other: Vec<DeliveryId>| if one.is_empty() { other } else { one };
        let called = first(of_folder, self.those(|delivery| is_called(delivery, wanted)));
        let forest = self.view.forest;
        first(called, self.those(|delivery| forest.cluster(delivery.cluster).name == wanted))
    }

    /// The same, else what is delivered from below a folder.
    pub(super) fn meant_by(&self, wanted: &str) -> Vec<DeliveryId> {
        let meant = self.meant(wanted);
        let below = format!("{wanted}/");
        match meant.is_empty() {
            true => self.those(|delivery| folders(delivery).any(|path| path.text.starts_with(&below))),
            false => meant,
        }
    }

    fn those(&self, is_wanted: impl Fn(&Delivery) -> bool) -> Vec<DeliveryId> {
        let deliveries = self.view.forest.deliveries.iter().enumerate();
        deliveries.filter(|(_, one)| is_wanted(one)).map(|(at, _)| DeliveryId(at as u32)).collect()
    }

    /// The folder, delivery or cluster that is spelled most like this.
    pub(super) fn nearest(&self, wanted: &str) -> Option<String> {
        let forest = self.view.forest;
        let paths = forest.deliveries.iter().map(|delivery| delivery.path.text.as_str());
        let names = forest.deliveries.iter().map(|delivery| delivery.name.as_str());
        let clusters = forest.clusters.iter().map(|cluster| cluster.name.as_str());
        let all: Vec<&str> = paths.chain(names).chain(clusters).filter(|name| !name.is_empty()).collect();
        nearest(wanted, &all).map(str::to_owned)
    }

    /// A kustomization that no delivery is made of.
    fn folder(&self, folder: &str) -> Result<String, Unprinted> {
        // Where Flux builds, it lets a kustomization load what lies outside of its folder.
        let is_flux = !self.those(|delivery| delivery.means == Means::Flux).is_empty();
        let reach = if is_flux { kustomize::Reach::Anywhere } else { kustomize::Reach::Folder };
        let built = kustomize::build(self.view.files, &Cache::default(), folder, reach);
        let note = unwhole(&built);
        let title = if note.is_empty() { String::new() } else { format!("# {note}\n") };
        match built.objects.as_slice() {
            [] => Err(Unprinted::Empty { note }),
            objects => Ok(title + &self.documents(objects).join("---\n")),
        }
    }

    /// The objects of deliveries. If there are several, or one that is not whole, each begins with a line that says so.
    fn print(&self, wanted: &[DeliveryId]) -> Result<String, Unprinted> {
        let wanted: Vec<&Delivery> = wanted.iter().map(|id| self.view.forest.get(*id)).collect();
        let mut out = Vec::new();
        for delivery in &wanted {
            let mut documents = self.documents(&delivery.built.objects);
            if documents.is_empty() {
                continue;
            }
            if wanted.len() > 1 || !unwhole(&delivery.built).is_empty() {
                documents[0].insert_str(0, &self.title(delivery));
            }
            out.append(&mut documents);
        }
        if out.is_empty() {
            let notes =
                wanted.iter().map(|delivery| unwhole(&delivery.built)).filter(|note| !note.is_empty());
            return Err(Unprinted::Empty { note: notes.take(1).collect() });
        }
        Ok(out.join("---\n"))
    }

    /// `# Kustomization flux-system/apps · apps/production · cluster production`
    fn title(&self, delivery: &Delivery) -> String {
        let names = [&delivery.namespace, &delivery.name].map(Str::as_str);
        let who = names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join("/");
        let cluster = &self.view.forest.cluster(delivery.cluster).name;
        let mut parts = Vec::new();
        if !delivery.means.is_folder() {
            parts.push(format!("{} {who}", delivery.means.kind()));
        }
        if delivery.means != Means::ArgoSet {
            parts.push(if delivery.path.text.is_empty() {
                ".".into()
            } else {
                delivery.path.text.to_string()
            });
        }
        parts.push(format!("cluster {cluster}"));
        if !delivery.live {
            parts.push("not delivered".into());
        }
        parts.extend(Some(unwhole(&delivery.built)).filter(|note| !note.is_empty()));
        format!("# {}\n", clean(&parts.join(" · ")))
    }

    fn documents(&self, objects: &[Object]) -> Vec<String> {
        sorted(objects)
            .into_iter()
            .map(|object| escape_json(typed::yaml_to_show(&self.covered(&object.root, Place::Object))))
            .collect()
    }

    /// An object as JSON, without what is secret.
    pub(super) fn covered(&self, node: &Node, place: Place) -> Json {
        match &node.value {
            Value::Scalar(_) => match node.part().and_then(|part| self.hidden(&part, place)) {
                Some(covered) => Json::String(covered),
                None => typed::json(node),
            },
            Value::List(items) => items.iter().map(|item| self.covered(item, place.item())).collect(),
            Value::Map(entries) => {
                let mut sorted: Vec<(&str, Json)> = entries
                    .iter()
                    .map(|(key, value)| (key.text().unwrap_or("null"), value))
                    .map(|(key, value)| (key, self.covered(value, place.below(node, key))))
                    .collect();
                sorted.sort_by_key(|(key, _)| *key);
                Json::Object(sorted.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }
            Value::Null | Value::Hole => typed::json(node),
        }
    }

    /// A value as it may be shown; nothing if that is all of it.
    pub(super) fn hidden(&self, part: &Part, place: Place) -> Option<String> {
        match place {
            Place::Secret => Some("****".into()),
            Place::Name => None,
            Place::Object | Place::Metadata | Place::Other => self.secrets.covered(part),
        }
    }
}

/// A path or a name as deliveries have it.
pub(super) fn plain(wanted: &str) -> &str {
    let wanted = wanted.trim_start_matches("./").trim_matches('/');
    if wanted == "." { "" } else { wanted }
}

fn folders(delivery: &Delivery) -> impl Iterator<Item = &Part> {
    let is_known = delivery.means != Means::ArgoSet;
    std::iter::once(&delivery.path).chain(&delivery.more).filter(move |_| is_known)
}

fn is_of_folder(delivery: &Delivery, wanted: &str) -> bool {
    folders(delivery).any(|path| path.text == wanted)
}

fn is_called(delivery: &Delivery, wanted: &str) -> bool {
    let full = format!("{}/{}", delivery.namespace, delivery.name);
    delivery.name == wanted || full == wanted || format!("{}/{full}", delivery.means.kind()) == wanted
}

/// The objects in the order in which kustomize prints them: what others need comes first. What stands for a release
/// whose chart is not here no cluster gets.
pub(super) fn sorted(objects: &[Object]) -> Vec<&Object> {
    let mut out: Vec<&Object> = objects.iter().filter(|object| is_object(object)).collect();
    out.sort_by_cached_key(|object| {
        let id = object.id();
        (world::rank_of(&id.gvk.kind), id.gvk.clone(), id.namespace.clone(), id.name.clone())
    });
    out
}
