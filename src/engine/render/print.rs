//! The YAML of builds, as kustomize prints it, without what is secret.

use super::Rendering;
use super::secrets::Place;
use crate::redact::clean;
use crate::syntax::{Node, Value};
use crate::text::{Part, Str, nearest};
use crate::world::{self, Cache, Delivery, Means, Object, kustomize, typed};
use serde_json::Value as Json;

impl Rendering<'_> {
    /// The YAML of some deliveries: of a folder, of a name, of a cluster, or all that is live. Nothing if there is no
    /// such delivery.
    pub fn yaml(&self, wanted: Option<&str>) -> Option<String> {
        let forest = self.view.forest;
        let Some(wanted) = wanted.map(plain) else {
            return Some(self.print(forest.deliveries.iter().filter(|delivery| delivery.live)));
        };
        // A folder is what it says, whoever else has that name.
        let is_of_folder = |delivery: &&Delivery| {
            let mut paths = std::iter::once(&delivery.path).chain(&delivery.more);
            delivery.means != Means::ArgoSet && paths.any(|path| path.text == wanted)
        };
        let is_of_cluster = |delivery: &&Delivery| forest.cluster(delivery.cluster).name == wanted;
        if forest.deliveries.iter().any(|delivery| is_of_folder(&delivery)) {
            return Some(self.print(forest.deliveries.iter().filter(is_of_folder)));
        }
        if world::has_kustomization(self.view.files, wanted) {
            return Some(self.folder(wanted));
        }
        if forest.deliveries.iter().any(|delivery| is_called(delivery, wanted)) {
            return Some(self.print(forest.deliveries.iter().filter(|one| is_called(one, wanted))));
        }
        let mut of_cluster = forest.deliveries.iter().filter(is_of_cluster).peekable();
        of_cluster.peek().is_some().then(|| self.print(of_cluster))
    }

    /// The folder, delivery or cluster that is spelled most like this.
    pub fn nearest(&self, wanted: &str) -> Option<String> {
        let forest = self.view.forest;
        let paths = forest.deliveries.iter().map(|delivery| delivery.path.text.as_str());
        let names = forest.deliveries.iter().map(|delivery| delivery.name.as_str());
        let clusters = forest.clusters.iter().map(|cluster| cluster.name.as_str());
        let all: Vec<&str> = paths.chain(names).chain(clusters).filter(|name| !name.is_empty()).collect();
        nearest(plain(wanted), &all).map(|name| clean(name).into_owned())
    }

    /// A kustomization that no delivery is made of.
    fn folder(&self, folder: &str) -> String {
        // Where Flux builds, it lets a kustomization load what lies outside of its folder.
        let is_flux = self.view.forest.deliveries.iter().any(|delivery| delivery.means == Means::Flux);
        let reach = if is_flux { kustomize::Reach::Anywhere } else { kustomize::Reach::Folder };
        let built = kustomize::build(self.view.files, &Cache::default(), folder, reach);
        self.documents(&built.objects).join("---\n")
    }

    /// The objects of deliveries. If there are several, each begins with a line that says which it is.
    fn print<'d>(&self, deliveries: impl Iterator<Item = &'d Delivery>) -> String {
        let deliveries: Vec<&Delivery> =
            deliveries.filter(|delivery| !delivery.built.objects.is_empty()).collect();
        let mut out = Vec::new();
        for delivery in &deliveries {
            let mut documents = self.documents(&delivery.built.objects);
            if deliveries.len() > 1 {
                documents[0].insert_str(0, &self.title(delivery));
            }
            out.append(&mut documents);
        }
        out.join("---\n")
    }

    /// `# Kustomization flux-system/apps · apps/production · cluster production`
    fn title(&self, delivery: &Delivery) -> String {
        let names = [&delivery.namespace, &delivery.name].map(Str::as_str);
        let who = names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join("/");
        let cluster = &self.view.forest.cluster(delivery.cluster).name;
        let mut parts = Vec::new();
        if delivery.means != Means::Overlay {
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
        format!("# {}\n", clean(&parts.join(" · ")))
    }

    fn documents(&self, objects: &[Object]) -> Vec<String> {
        sorted(objects)
            .into_iter()
            .map(|object| typed::yaml(&self.covered(&object.root, Place::Object)))
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
fn plain(wanted: &str) -> &str {
    let wanted = wanted.trim_start_matches("./").trim_matches('/');
    if wanted == "." { "" } else { wanted }
}

fn is_called(delivery: &Delivery, wanted: &str) -> bool {
    let full = format!("{}/{}", delivery.namespace, delivery.name);
    delivery.name == wanted || full == wanted || format!("{}/{full}", delivery.means.kind()) == wanted
}

/// The objects in the order in which kustomize prints them: what others need comes first.
pub(super) fn sorted(objects: &[Object]) -> Vec<&Object> {
    let mut out: Vec<&Object> = objects.iter().collect();
    out.sort_by_cached_key(|object| {
        let id = object.id();
        (world::rank_of(&id.gvk.kind), id.gvk.clone(), id.namespace.clone(), id.name.clone())
    });
    out
}
