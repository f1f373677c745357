//! Files that two looks have in common, and what is found in each of them once: the trees of those that are equal, and their
//! words. They have the same names and so the same numbers on both sides.

use crate::syntax::yaml::Yaml;
use crate::text::SourceId;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// The files that are equal on both sides, and what was made of each.
#[derive(Debug)]
pub struct SharedFiles {
    same: Vec<bool>,
    changed: Vec<String>,
    trees: Vec<OnceLock<Option<Arc<Yaml>>>>,
    words: Vec<OnceLock<u16>>,
    is_complete: AtomicBool,
}

impl SharedFiles {
    /// For files of which these are the names; `same` says of each whether it is equal on both sides.
    pub fn new(names: &[&str], same: Vec<bool>) -> SharedFiles {
        let changed = names.iter().zip(&same).filter(|(_, is_same)| !**is_same);
        SharedFiles {
            changed: changed.map(|(name, _)| (*name).to_owned()).collect(),
            trees: same.iter().map(|_| OnceLock::new()).collect(),
            words: same.iter().map(|_| OnceLock::new()).collect(),
            is_complete: AtomicBool::new(false),
            same,
        }
    }

    /// The names of the files that differ.
    pub fn changed(&self) -> &[String] {
        &self.changed
    }

    pub fn is_same(&self, id: SourceId) -> bool {
        self.same.get(id.0 as usize).copied().unwrap_or(false)
    }

    /// From now on nobody comes who could use what is found.
    pub fn complete(&self) {
        self.is_complete.store(true, Ordering::Relaxed);
    }

    /// Whether what is found now serves nobody else.
    pub fn is_complete(&self) -> bool {
        self.is_complete.load(Ordering::Relaxed)
    }

    /// The documents of a file: those of the other side if it is the same there.
    pub(super) fn tree(&self, id: SourceId, read: impl FnOnce() -> Option<Arc<Yaml>>) -> Option<Arc<Yaml>> {
        match self.trees.get(id.0 as usize).filter(|_| self.is_same(id)) {
            Some(slot) => slot.get_or_init(read).clone(),
            None => read(),
        }
    }

    /// The same of the words that a file has.
    pub(super) fn words(&self, id: SourceId, read: impl FnOnce() -> u16) -> u16 {
        match self.words.get(id.0 as usize).filter(|_| self.is_same(id)) {
            Some(slot) => *slot.get_or_init(read),
            None => read(),
        }
    }
}
