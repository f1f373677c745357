//! A repository as clusters get it, for who wants to see it: the YAML of builds, the forest of deliveries, the road of
//! one value. Nothing is judged; what is a secret is covered.

use super::{Job, Repo, read};
use crate::facts::parse_reference;
use crate::syntax::{Node, Value};
use crate::text::{How, Part, SourceId, Sources, Span, Str};
use crate::world::{self, Cache, Delivery, DeliveryId, Files, Means, Object, View, typed};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Hands the files of a repository to `work`, read when they are asked for.
pub fn with_files<T>(repo: &dyn Repo, sources: &Sources, work: impl FnOnce(&Files) -> T) -> T {
    let text = |id: SourceId, show: &mut dyn FnMut(&str)| {
        read::show_text(repo, id, &mut |text| {
            sources.get(id).keep(text.into());
            show(text);
        });
    };
    work(&Files::new(sources, repo.names().len(), &text))
}

/// One delivery of the forest, for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Branch {
    pub depth: usize,
    pub name: String,
    /// `Kustomization`, `Application`, `ApplicationSet`, `HelmRelease` or nothing for a folder that declares itself.
    pub kind: &'static str,
    /// Nothing for what delivers no folder.
    pub path: String,
    /// Of a set its Applications.
    pub objects: usize,
    pub live: bool,
    /// What keeps it from being whole: the number of refusals, and what lies elsewhere.
    pub note: String,
}

/// The forest, and what nothing delivers.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Tree {
    /// Each cluster by its name, with its branches.
    pub clusters: Vec<(String, Vec<Branch>)>,
    /// Manifests that nothing delivers, by file, and why.
    pub left_out: Vec<(String, String)>,
}

/// One piece of a value, where it was written, and what it was chosen over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// `name`, `tag`, `digest`, or nothing.
    pub what: &'static str,
    pub text: String,
    pub at: Span,
    pub over: Option<(Span, String)>,
    /// Other steps on the way, in words.
    pub steps: Vec<(Span, &'static str)>,
}

/// The road of one value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Road {
    pub value: String,
    /// `Deployment/shop/web`
    pub object: String,
    pub path: String,
    pub clusters: Vec<String>,
    pub pieces: Vec<Piece>,
    /// From the cluster's root to the folder that is built.
    pub loaded: Vec<String>,
}

/// A repository that was built, ready to be shown.
pub struct Rendering<'a> {
    view: View<'a>,
    /// Whether a secret stands in these bytes.
    covers: &'a dyn Fn(Span) -> bool,
}

/// Builds the repository of a job and hands it to `work`.
pub fn rendered<T>(
    job: &Job,
    sources: &Sources,
    covers: &dyn Fn(Span) -> bool,
    work: impl FnOnce(&Rendering) -> T,
) -> T {
    with_files(job.repo, sources, |files| {
        let forest = world::grow(files, &Cache::default(), &job.hints());
        work(&Rendering { view: View { files, forest: &forest }, covers })
    })
}

/// What each delivery delivers, and the roots of each cluster.
type Below = BTreeMap<(Option<DeliveryId>, Option<u32>), Vec<DeliveryId>>;

impl Rendering<'_> {
    /// The YAML of some deliveries: by folder, by name, or all that is live. Nothing if there is no such delivery.
    pub fn yaml(&self, wanted: Option<&str>) -> Option<String> {
        let wanted = wanted.map(|wanted| wanted.trim_start_matches("./").trim_matches('/'));
        let of = |object: &Object| typed::yaml(&covered(self, &object.root));
        let forest = self.view.forest;
        let chosen: Vec<&Delivery> = match wanted {
            None => forest.deliveries.iter().filter(|delivery| delivery.live).collect(),
            Some(wanted) => forest.deliveries.iter().filter(|delivery| is_called(delivery, wanted)).collect(),
        };
        let documents: Vec<String> = match (chosen.is_empty(), wanted) {
            (false, _) => {
                chosen.iter().flat_map(|delivery| sorted(&delivery.built.objects)).map(of).collect()
            }
            (true, Some(folder)) if world::has_kustomization(self.view.files, folder) => {
                let reach = world::kustomize::Reach::Folder;
                let built = world::kustomize::build(self.view.files, &Cache::default(), folder, reach);
                sorted(&built.objects).into_iter().map(of).collect()
            }
            (true, _) => return None,
        };
        Some(documents.join("---\n"))
    }

    /// The forest of clusters and deliveries.
    pub fn tree(&self) -> Tree {
        let forest = self.view.forest;
        let mut clusters: Vec<(String, Vec<Branch>)> = Vec::new();
        let mut below = Below::new();
        for (at, delivery) in forest.deliveries.iter().enumerate() {
            let root_of = delivery.parent.is_none().then_some(delivery.cluster.0);
            below.entry((delivery.parent, root_of)).or_default().push(DeliveryId(at as u32));
        }
        for (number, cluster) in forest.clusters.iter().enumerate() {
            let mut branches = Vec::new();
            for root in below.get(&(None, Some(number as u32))).into_iter().flatten() {
                self.branch(*root, 0, &below, &mut branches);
            }
            clusters.push((cluster.name.to_string(), branches));
        }
        let left_out = self.view.files.all().filter_map(|id| {
            let name = self.view.files.name(id);
            let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
            let why = is_yaml.then(|| self.view.left_out(id)).flatten()?;
            let yaml = self.view.files.yaml(id)?;
            let is_object = |root: &Node| root.get("apiVersion").is_some() && root.get("kind").is_some();
            yaml.documents.iter().any(|one| is_object(&one.root)).then(|| (name.to_owned(), why))
        });
        Tree { clusters, left_out: left_out.collect() }
    }

    fn branch(&self, own: DeliveryId, depth: usize, below: &Below, out: &mut Vec<Branch>) {
        let delivery = self.view.forest.get(own);
        let refused = delivery.built.faults.iter().filter(|fault| !fault.why.hides()).count();
        let hidden = delivery.built.faults.iter().filter(|fault| fault.why.hides()).count();
        let mut notes = Vec::new();
        if refused > 0 {
            notes.push(if refused == 1 { "1 fault".into() } else { format!("{refused} faults") });
        }
        if hidden > 0 {
            notes.push(format!("{hidden} not rendered"));
        }
        out.push(Branch {
            depth,
            name: delivery.name.to_string(),
            kind: if delivery.means == Means::Overlay { "" } else { delivery.means.kind() },
            path: match delivery.means {
                Means::ArgoSet => String::new(),
                _ => delivery.path.text.to_string(),
            },
            objects: delivery.built.objects.len(),
            live: delivery.live,
            note: notes.join(", "),
        });
        for child in below.get(&(Some(own), None)).into_iter().flatten() {
            self.branch(*child, depth + 1, below, out);
        }
        for release in delivery.built.objects.iter().map(Object::id).filter(|id| id.gvk.kind == "HelmRelease")
        {
            out.push(Branch {
                depth: depth + 1,
                name: release.name.to_string(),
                kind: "HelmRelease",
                path: String::new(),
                objects: 0,
                live: delivery.live,
                note: "chart not here".into(),
            });
        }
    }

    /// The roads of the values that `subject` means: `Deployment/shop/web:image`, with or without the namespace.
    pub fn explain(&self, subject: &str) -> Vec<Road> {
        let (who, path) = subject.split_once(':').unwrap_or((subject, ""));
        let parts: Vec<&str> = who.split('/').collect();
        let mut out: Vec<Road> = Vec::new();
        for delivery in &self.view.forest.deliveries {
            for object in &delivery.built.objects {
                let id = object.id();
                let is_it = match parts.as_slice() {
                    [kind, name] => id.gvk.kind.eq_ignore_ascii_case(kind) && id.name == *name,
                    [kind, namespace, name] => {
                        id.gvk.kind.eq_ignore_ascii_case(kind) && id.home() == *namespace && id.name == *name
                    }
                    _ => false,
                };
                if !is_it {
                    continue;
                }
                let cluster = self.view.forest.cluster(delivery.cluster).name.to_string();
                let is_secret = id.gvk.kind == "Secret";
                object.root.walk(&mut |at, node| {
                    let fits = path.is_empty() || at == path || at.ends_with(&format!(".{path}"));
                    if let (true, Some(part)) = (fits, node.part()) {
                        let hide = is_secret && (at.starts_with("data.") || at.starts_with("stringData."));
                        let road = self.road(&part, hide, object, at, delivery, &cluster);
                        match out.iter_mut().find(|known| known.is_like(&road)) {
                            Some(known) if !known.clusters.contains(&cluster) => {
                                known.clusters.push(cluster.clone())
                            }
                            Some(_) => {}
                            None => out.push(road),
                        }
                    }
                    true
                });
            }
        }
        out
    }

    fn road(
        &self,
        part: &Part,
        hide: bool,
        object: &Object,
        at: &str,
        delivery: &Delivery,
        cluster: &str,
    ) -> Road {
        let shown = |text: &str, span: Span| {
            if hide || (self.covers)(span) { "****".to_owned() } else { text.to_owned() }
        };
        let mut pieces = Vec::new();
        let last = at.rsplit(['.', ']']).next().unwrap_or(at);
        let image = (last == "image" || last == "imageName").then(|| parse_reference(part));
        match image.filter(|image| image.fault.is_none() && image.repository.is_some()) {
            Some(image) => {
                let name = image.registry.iter().chain(&image.repository);
                let (from, to) =
                    name.clone().fold((None, None), |(from, _), part| (from.or(Some(part)), Some(part)));
                match (from.map(Part::span), to.map(Part::span)) {
                    // Registry and repository are mostly written together, and told as one.
                    (Some(a), Some(b)) if a != b && a.source == b.source && a.end + 1 == b.start => {
                        let len = (b.end - a.start) as usize;
                        pieces.push(self.piece("name", &part.slice(0..len), &shown));
                    }
                    _ => pieces.extend(name.map(|part| self.piece("name", part, &shown))),
                }
                pieces.extend(image.tag.iter().map(|part| self.piece("tag", part, &shown)));
                pieces.extend(image.digest.iter().map(|part| self.piece("digest", part, &shown)));
            }
            None => {
                let mut start = 0;
                for (end, origin) in part.origin.pieces(part.text.len()) {
                    let piece = Part::new(part.text.get(start..end).unwrap_or_default(), origin);
                    pieces.push(self.piece("", &piece, &shown));
                    start = end;
                }
            }
        }
        let forest = self.view.forest;
        let mut loaded = vec![match delivery.means {
            Means::ArgoSet => format!("ApplicationSet {}", delivery.name),
            _ => delivery.path.text.to_string(),
        }];
        let mut above = Some(delivery);
        while let Some(one) = above {
            let place = one.declared.map(|span| {
                let line = self.view.files.sources.places(span).0.line;
                format!("{}:{line}", self.view.files.name(span.source))
            });
            loaded.extend(place);
            above = one.parent.map(|parent| forest.get(parent));
        }
        loaded.reverse();
        loaded.push(self.view.files.name(object.written.source).to_owned());
        loaded.dedup();
        Road {
            value: shown(&part.text, part.span()),
            object: object.id().label(),
            path: at.to_owned(),
            clusters: vec![cluster.to_owned()],
            pieces,
            loaded,
        }
    }

    fn piece(&self, what: &'static str, part: &Part, shown: &dyn Fn(&str, Span) -> String) -> Piece {
        // What was only carried along was chosen over nothing.
        let is_loser = |(how, span): &(How, Span)| *how == How::Over && !span.covers(part.span());
        let over = part.origin.road().filter(is_loser).last();
        let text =
            |span: Span| shown(self.view.files.sources.slice(span).lines().next().unwrap_or_default(), span);
        Piece {
            what,
            text: shown(&part.text, part.span()),
            at: part.span(),
            over: over.map(|(_, span)| (span, text(span))),
            steps: part
                .origin
                .road()
                .filter(|(how, _)| *how != How::Over)
                .map(|(how, at)| (at, how.says()))
                .collect(),
        }
    }
}

impl Road {
    fn is_like(&self, other: &Road) -> bool {
        self.value == other.value
            && self.object == other.object
            && self.path == other.path
            && self.pieces == other.pieces
    }
}

fn is_called(delivery: &Delivery, wanted: &str) -> bool {
    let full = format!("{}/{}", delivery.namespace, delivery.name);
    delivery.path.text == wanted
        || delivery.name == wanted
        || full == wanted
        || format!("{}/{full}", delivery.means.kind()) == wanted
}

/// The objects in the order in which kustomize prints them: what others need comes first.
fn sorted(objects: &[Object]) -> Vec<&Object> {
    let mut out: Vec<&Object> = objects.iter().collect();
    out.sort_by_cached_key(|object| {
        let id = object.id();
        (world::rank_of(&id.gvk.kind), id.gvk.clone(), id.namespace.clone(), id.name.clone())
    });
    out
}

/// A tree as JSON, without what is a secret.
fn covered(rendering: &Rendering, root: &Node) -> Json {
    fn go(rendering: &Rendering, node: &Node, hide: bool) -> Json {
        match &node.value {
            Value::Scalar(_) if hide || (rendering.covers)(node.span()) => Json::String("****".into()),
            Value::List(items) => items.iter().map(|item| go(rendering, item, hide)).collect(),
            Value::Map(entries) => {
                let mut sorted: Vec<(Str, Json)> = entries
                    .iter()
                    .map(|(key, value)| (key.text().unwrap_or("null").into(), go(rendering, value, hide)))
                    .collect();
                sorted.sort_by(|a, b| a.0.cmp(&b.0));
                Json::Object(sorted.into_iter().map(|(key, value)| (key.to_string(), value)).collect())
            }
            _ => typed::json(node),
        }
    }
    let is_secret = root.text_at("kind") == Some("Secret");
    let mut out = go(rendering, root, false);
    for key in ["data", "stringData"] {
        if let (true, Some(data), Some(Json::Object(map))) = (is_secret, root.get(key), Some(&mut out)) {
            map.insert(key.into(), go(rendering, data, true));
        }
    }
    out
}
