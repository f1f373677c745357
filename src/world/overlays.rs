//! Kustomizations that nothing else loads: each folder of them built once.

use super::delivery::{ClusterId, Delivery, Means};
use super::files::Files;
use super::kustomize::{self, Built, Cache, Reach};
use crate::syntax::Node;
use crate::text::{Origin, Part, SourceId, Span, Str, paths};
use std::collections::{BTreeMap, BTreeSet};

/// A kustomization that no other one loads.
pub(super) struct Overlay {
    pub(super) folder: Str,
    pub(super) source: SourceId,
    pub(super) built: Built,
}

/// The delivery of a kustomization that nothing else loads.
pub(super) fn delivery(
    folder: &Str,
    source: SourceId,
    built: Built,
    cluster: ClusterId,
    live: bool,
) -> Delivery {
    Delivery {
        means: Means::Overlay,
        namespace: Str::default(),
        name: folder.clone(),
        declared: None,
        path: Part::new(folder.clone(), Origin::spelled(Span::new(source, 0, 0))),
        more: Vec::new(),
        parent: None,
        cluster,
        live,
        built,
    }
}

/// What was built by now, by folder.
pub(super) type Known = BTreeMap<(Reach, Str), Built>;

/// The kustomizations that are not among `held` and that no other one loads.
pub(super) fn outermost(
    files: &Files,
    cache: &Cache,
    held: &BTreeSet<SourceId>,
    known: &mut Known,
    reach: Reach,
) -> Vec<Overlay> {
    let folders = outer_folders(files, held).into_iter();
    folders
        .map(|(folder, source)| {
            let build = || kustomize::build(files, cache, &folder, reach);
            let built = known.entry((reach, folder.clone())).or_insert_with(build).clone();
            Overlay { folder, source, built }
        })
        .collect()
}

/// The folders of the kustomizations that no other one loads, of those that nothing has built yet. Of those that load
/// each other the first is the outermost.
fn outer_folders(files: &Files, held: &BTreeSet<SourceId>) -> Vec<(Str, SourceId)> {
    let mut loads: BTreeMap<Str, (SourceId, BTreeSet<Str>)> = BTreeMap::new();
    for id in files.all().filter(|id| !held.contains(id)) {
        let (folder, base) = files.name(id).rsplit_once('/').unwrap_or(("", files.name(id)));
        if !paths::KUSTOMIZATIONS.contains(&base) {
            continue;
        }
        // One that is empty, or broken, is refused; and whoever loads it is told so.
        let root = files.yaml(id).and_then(|yaml| yaml.documents.first()).map(|one| &one.root);
        const KEYS: [&str; 5] = ["resources", "bases", "components", "generators", "transformers"];
        let entries = KEYS
            .iter()
            .flat_map(|key| root.and_then(|root| root.get(key)).map(Node::items).unwrap_or_default());
        let inner = entries.filter_map(|entry| paths::resolve(folder, entry.text()?));
        let is_component = root.is_some_and(|root| root.text_at("kind") == Some("Component"));
        let known = loads.entry(folder.into()).or_insert_with(|| (id, BTreeSet::new()));
        known.1.extend(inner.filter(|inner| inner != folder));
        if is_component {
            // A component is built by whoever takes it in, and never by itself.
            known.1.insert(folder.into());
        }
    }
    let mut inner: BTreeSet<&Str> = BTreeSet::new();
    for (folder, (_, loaded)) in &loads {
        for below in loaded.iter().filter(|below| loads.contains_key(*below)) {
            if below == folder || !reaches(&loads, below, folder) || folder < below {
                inner.insert(below);
            }
        }
    }
    loads
        .iter()
        .filter(|(folder, _)| !inner.contains(folder))
        .map(|(folder, (id, _))| (folder.clone(), *id))
        .collect()
}

/// Whether a kustomization loads another, at any depth.
fn reaches(loads: &BTreeMap<Str, (SourceId, BTreeSet<Str>)>, from: &Str, to: &Str) -> bool {
    let (mut waiting, mut seen) = (vec![from], BTreeSet::new());
    while let Some(folder) = waiting.pop() {
        if folder == to {
            return true;
        }
        if seen.insert(folder) {
            waiting.extend(loads.get(folder).into_iter().flat_map(|(_, inner)| inner));
        }
    }
    false
}
