//! Kustomizations that nothing else loads: each folder of them built once.

use super::delivery::{ClusterId, Delivery, Means};
use super::files::Files;
use super::kustomize::{self, Built, Cache, Reach};
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
    let Built { objects, faults, read } = built;
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
        objects,
        faults,
        read,
    }
}

/// What was built by now, by folder.
pub(super) type Known = BTreeMap<Str, Built>;

/// The kustomizations that are not among `held` and that no other one loads.
pub(super) fn outermost(
    files: &Files,
    cache: &Cache,
    held: &BTreeSet<SourceId>,
    known: &mut Known,
) -> Vec<Overlay> {
    let mut folders: Vec<&str> = Vec::new();
    for id in files.all().filter(|id| !held.contains(id)) {
        let (folder, base) = files.name(id).rsplit_once('/').unwrap_or(("", files.name(id)));
        if paths::KUSTOMIZATIONS.contains(&base) && folders.last() != Some(&folder) {
            folders.push(folder);
        }
    }
    let mut overlays: Vec<Overlay> = Vec::new();
    for folder in folders {
        let Some(&source) = kustomize::candidates(files, folder).first() else { continue };
        let is_component = files.yaml(source).is_some_and(|yaml| {
            yaml.documents.first().is_some_and(|document| document.root.text_at("kind") == Some("Component"))
        });
        if !is_component {
            let build = || kustomize::build(files, cache, folder, Reach::Folder);
            let built = known.entry(folder.into()).or_insert_with(build).clone();
            overlays.push(Overlay { folder: folder.into(), source, built });
        }
    }
    let loaded: BTreeSet<SourceId> = overlays
        .iter()
        .flat_map(|overlay| overlay.built.read.iter().copied().filter(|file| *file != overlay.source))
        .collect();
    overlays.retain(|overlay| !loaded.contains(&overlay.source));
    overlays
}
