//! The files that a world is made of: found by name, read once and parsed once, whoever asks for them.

use super::edit;
use crate::syntax::yaml::{self, Yaml};
use crate::syntax::{Node, Value};
use crate::text::{SourceId, Sources};
use rayon::prelude::*;
use std::sync::{Arc, OnceLock};

/// Gives the text of a file; nothing if it cannot be read or is no text.
pub type ReadText<'a> = dyn Fn(SourceId) -> Option<Arc<str>> + Sync + 'a;

/// The files of a repository.
pub struct Files<'a> {
    pub sources: &'a Sources,
    read: &'a ReadText<'a>,
    /// Sorted, so that a folder is a range.
    by_name: Vec<SourceId>,
    texts: Vec<OnceLock<Option<Arc<str>>>>,
    trees: Vec<OnceLock<Option<Arc<Yaml>>>>,
    schemas: bool,
}

impl<'a> Files<'a> {
    /// The files of `sources`, of which the first `count` are the repository's own.
    pub fn new(sources: &'a Sources, count: usize, read: &'a ReadText<'a>) -> Files<'a> {
        let mut by_name: Vec<SourceId> = (0..count as u32).map(SourceId).collect();
        by_name.sort_by(|a, b| sources.name(*a).cmp(sources.name(*b)));
        let fresh = |_| OnceLock::new();
        Files {
            sources,
            read,
            by_name,
            texts: (0..count).map(fresh).collect(),
            trees: (0..count).map(|_| OnceLock::new()).collect(),
            schemas: true,
        }
    }

    pub fn name(&self, id: SourceId) -> &'a str {
        self.sources.name(id)
    }

    /// The file of this name.
    pub fn find(&self, name: &str) -> Option<SourceId> {
        let at = self.by_name.binary_search_by(|id| self.sources.name(*id).cmp(name)).ok()?;
        Some(self.by_name[at])
    }

    /// Whether files lie below a folder of this name; the empty name is the root.
    pub fn is_folder(&self, name: &str) -> bool {
        self.below(name).next().is_some()
    }

    /// Every file below a folder, sorted by name.
    pub fn below<'s>(&'s self, folder: &str) -> impl Iterator<Item = SourceId> + use<'s, 'a> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let from = self.by_name.partition_point(|id| self.sources.name(*id) < prefix.as_str());
        self.by_name[from..].iter().copied().take_while(move |id| self.sources.name(*id).starts_with(&prefix))
    }

    /// Every file, sorted by name.
    pub fn all(&self) -> impl Iterator<Item = SourceId> + '_ {
        self.by_name.iter().copied()
    }

    pub fn text(&self, id: SourceId) -> Option<&str> {
        self.shared_text(id).map(|text| &**text)
    }

    /// Whether the text of a file is so, without keeping it: most files are asked once and never again.
    pub fn peek(&self, id: SourceId, is_so: impl Fn(&str) -> bool) -> bool {
        match self.texts.get(id.0 as usize).and_then(OnceLock::get) {
            Some(known) => known.as_deref().is_some_and(is_so),
            None => (self.read)(id).is_some_and(|text| is_so(&text)),
        }
    }

    /// Those of some files whose text is so, asked in parallel.
    pub fn which(&self, ids: &[SourceId], is_so: impl Fn(&str) -> bool + Sync) -> Vec<SourceId> {
        ids.par_iter().copied().filter(|id| self.peek(*id, &is_so)).collect()
    }

    fn shared_text(&self, id: SourceId) -> Option<&Arc<str>> {
        self.texts.get(id.0 as usize)?.get_or_init(|| (self.read)(id)).as_ref()
    }

    /// The same files without the schemas of custom resources: the bulk of many repositories, and nothing in them is
    /// asked for but by who prints them.
    #[must_use]
    pub fn without_schemas(self) -> Files<'a> {
        Files { schemas: false, ..self }
    }

    /// The text of a file that somebody has asked for before.
    pub fn known_text(&self, id: SourceId) -> Option<Arc<str>> {
        self.texts.get(id.0 as usize)?.get()?.clone()
    }

    /// The documents of a file, as YAML (and so JSON).
    pub fn yaml(&self, id: SourceId) -> Option<&Arc<Yaml>> {
        let slot = self.trees.get(id.0 as usize)?;
        let read = |text: &str| {
            let mut yaml = yaml::read(id, text);
            if !self.schemas && text.contains("openAPIV3Schema") {
                yaml.documents.iter_mut().for_each(|document| forget_schemas(&mut document.root));
            }
            Arc::new(yaml)
        };
        slot.get_or_init(|| self.text(id).map(read)).as_ref()
    }

    /// The documents of a file that somebody has asked for before.
    pub fn known_yaml(&self, id: SourceId) -> Option<&Arc<Yaml>> {
        self.trees.get(id.0 as usize)?.get()?.as_ref()
    }

    /// Hands over documents that somebody has parsed already.
    pub fn give(&self, id: SourceId, yaml: Arc<Yaml>) {
        if let Some(slot) = self.trees.get(id.0 as usize) {
            let _ = slot.set(Some(yaml));
        }
    }
}

/// Makes holes of the schemas of a custom resource's definition.
fn forget_schemas(root: &mut Node) {
    if root.text_at("kind") != Some("CustomResourceDefinition") {
        return;
    }
    let versions = edit::get_mut(root, "spec").and_then(|spec| edit::get_mut(spec, "versions"));
    for version in versions.and_then(edit::items_mut).into_iter().flatten() {
        if let Some(schema) = edit::get_mut(version, "schema") {
            *schema = Node::new(schema.origin.clone(), Value::Hole);
        }
    }
}

impl std::fmt::Debug for Files<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} files", self.by_name.len())
    }
}
