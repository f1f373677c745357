//! What reads helmfiles for an environment, and what it notes on its way.

use super::super::files::Files;
use super::super::kustomize::{Fault, Why};
use super::environment::Missing;
use super::ground::{self, Given};
use crate::text::{Part, SourceId, Span, Str};
use std::collections::{BTreeSet, HashMap};

/// Reads helmfiles for an environment, and notes what is wrong with them.
pub(super) struct Loader<'l> {
    pub(super) files: &'l Files<'l>,
    pub(super) folder: Str,
    pub(super) faults: Vec<Fault>,
    /// The helmfiles that were read.
    pub(super) states: BTreeSet<SourceId>,
    /// The files of values that were read.
    pub(super) values: BTreeSet<SourceId>,
    /// The files of helpers in each folder that was asked for.
    helpers: HashMap<Str, Vec<SourceId>>,
    /// How many templates the release may still inherit.
    pub(super) inherits: usize,
    /// Something that was read just now could not be read whole.
    pub(super) is_open: bool,
    /// It decides by what nobody here knows.
    pub(super) is_guessed: bool,
    /// The names of the environments that were declared.
    pub(super) named: BTreeSet<Str>,
}

impl<'l> Loader<'l> {
    pub(super) fn new(files: &'l Files<'l>, folder: &str) -> Loader<'l> {
        Loader {
            files,
            folder: folder.into(),
            faults: Vec::new(),
            states: BTreeSet::new(),
            values: BTreeSet::new(),
            helpers: HashMap::new(),
            inherits: 0,
            is_open: false,
            is_guessed: false,
            named: BTreeSet::new(),
        }
    }

    pub(super) fn refuse(&mut self, says: &str, at: Span) {
        self.faults.push(Fault { why: Why::Refused, says: says.into(), at: Some(at) });
    }

    /// Executes a template; nothing if it cannot be.
    pub(super) fn executed(&mut self, folder: &str, text: &Part, given: Given) -> Option<Part> {
        let mut guesses = Vec::new();
        if !text.text.contains("{{") {
            return Some(text.clone());
        }
        let files = self.files;
        let helpers = self.helpers.entry(folder.into()).or_insert_with(|| ground::helpers(files, folder));
        let done = ground::execute(files, folder, helpers, text, given, &mut guesses);
        self.is_guessed |= !guesses.is_empty();
        self.faults.extend(guesses);
        done.map_err(|fault| self.faults.push(fault)).ok()
    }

    /// The files that an entry names; what is missing is told, if it may not be.
    pub(super) fn found(&mut self, path: &Part, missing: Missing) -> Vec<SourceId> {
        if path.text.contains("::") || path.text.contains("://") {
            self.is_open = true;
            let says = format!("`{}` is not in this repository", path.text);
            self.faults.push(Fault { why: Why::Remote, says, at: Some(path.span()) });
            return Vec::new();
        }
        let found = ground::matching(self.files, &self.folder, &path.text);
        if found.is_empty() && missing == Missing::Refused {
            self.is_open = true;
            self.faults.push(ground::absent(self.files, &self.folder, path));
        }
        found
    }
}
