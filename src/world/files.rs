//! The files that a world is made of: found by name, read once and parsed once, whoever asks for them.

use crate::syntax::yaml::{self, Yaml};
use crate::text::{Part, SourceId, Sources, Span, Str};
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

/// Gives the text of a file; nothing if it cannot be read or is no text.
pub type ReadText<'a> = dyn Fn(SourceId) -> Option<Arc<str>> + Sync + 'a;

/// Documents inside of scalars, by the place of the scalar.
type Embedded = HashMap<Span, Vec<(Part, Arc<Yaml>)>>;

/// The files of a repository.
pub struct Files<'a> {
    pub sources: &'a Sources,
    read: &'a ReadText<'a>,
    /// Sorted, so that a folder is a range.
    by_name: Vec<SourceId>,
    texts: Vec<OnceLock<Option<Str>>>,
    trees: Vec<OnceLock<Option<Arc<Yaml>>>>,
    /// What stands inside of scalars, by where they begin: one patch of a parent is for a hundred children.
    embedded: Mutex<Embedded>,
    /// What the comments of a kustomization name, and on which line: each file beside it asks.
    commented: Mutex<HashMap<SourceId, HashMap<Str, usize>>>,
    schemas: bool,
}

/// The words of comments that may be names of files, each with the first line that has it.
fn commented(text: &str) -> HashMap<Str, usize> {
    let mut out = HashMap::new();
    for (line, comment) in text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with('#')) {
        for word in comment.split(|c: char| c.is_whitespace() || "/\"'#,[]".contains(c)) {
            if !word.is_empty() {
                out.entry(word.into()).or_insert(line);
            }
        }
    }
    out
}

impl<'a> Files<'a> {
    /// The files of `sources`, of which the first `count` are the repository's own.
    pub fn new(sources: &'a Sources, count: usize, read: &'a ReadText<'a>) -> Files<'a> {
        let mut by_name: Vec<SourceId> = (0..count as u32).map(SourceId).collect();
        by_name.sort_by(|a, b| sources.name(*a).cmp(sources.name(*b)));
        Files {
            sources,
            read,
            by_name,
            texts: (0..count).map(|_| OnceLock::new()).collect(),
            trees: (0..count).map(|_| OnceLock::new()).collect(),
            embedded: Mutex::default(),
            commented: Mutex::default(),
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

    /// The text of a file that objects are made of: read once, however many builds hold it.
    pub fn text(&self, id: SourceId) -> Option<Str> {
        self.texts.get(id.0 as usize)?.get_or_init(|| (self.read)(id).map(Str::from)).clone()
    }

    /// Asks the text of a file something, without keeping it: most files are asked once and never again.
    pub fn ask<T>(&self, id: SourceId, question: impl FnOnce(&str) -> T) -> Option<T> {
        match self.texts.get(id.0 as usize).and_then(OnceLock::get) {
            Some(known) => known.as_deref().map(question),
            None => (self.read)(id).as_deref().map(question),
        }
    }

    /// Whether the text of a file is so.
    pub fn peek(&self, id: SourceId, is_so: impl FnOnce(&str) -> bool) -> bool {
        self.ask(id, is_so).unwrap_or(false)
    }

    /// Those of some files whose text is so, asked in parallel.
    pub fn which(&self, ids: &[SourceId], is_so: impl Fn(&str) -> bool + Sync) -> Vec<SourceId> {
        ids.par_iter().copied().filter(|id| self.peek(*id, &is_so)).collect()
    }

    /// The same files without the schemas of custom resources: the bulk of many repositories, and nothing in them is
    /// asked for but by who prints them.
    #[must_use]
    pub fn without_schemas(self) -> Files<'a> {
        Files { schemas: false, ..self }
    }

    /// The line, counted from nothing, on which a comment of a file names another one.
    pub fn commented_out(&self, id: SourceId, name: &str) -> Option<usize> {
        let read = || self.ask(id, commented).unwrap_or_default();
        let mut known = self.commented.lock().ok()?;
        known.entry(id).or_insert_with(read).get(name).copied()
    }

    /// The documents of a file, as YAML (and so JSON). Its text is not kept: the trees know their places.
    pub fn yaml(&self, id: SourceId) -> Option<&Arc<Yaml>> {
        let slot = self.trees.get(id.0 as usize)?;
        let read = |text: &str| match self.schemas {
            true => Arc::new(yaml::read(id, text)),
            false => Arc::new(yaml::read_without_schemas(id, text)),
        };
        slot.get_or_init(|| self.ask(id, read)).as_ref()
    }

    /// The documents that stand inside a scalar.
    pub fn embedded(&self, part: &Part) -> Arc<Yaml> {
        let known = self.embedded.lock().ok().and_then(|known| {
            let same = known.get(&part.span())?.iter().find(|(other, _)| other == part)?;
            Some(same.1.clone())
        });
        known.unwrap_or_else(|| {
            let yaml = Arc::new(yaml::read_embedded(&part.text, &part.origin));
            if let Ok(mut known) = self.embedded.lock() {
                known.entry(part.span()).or_default().push((part.clone(), yaml.clone()));
            }
            yaml
        })
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

impl std::fmt::Debug for Files<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} files", self.by_name.len())
    }
}
