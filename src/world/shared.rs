//! Files that two looks have in common, and what is found in each of them once: the trees of those that are equal, and their
//! words. Files that both sides have have the same numbers on both, and what only one of them has is behind those.

use crate::syntax::yaml::Yaml;
use crate::text::SourceId;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// The files that are equal on both sides, and what was made of each.
#[derive(Debug)]
pub struct SharedFiles {
    /// Of each file that both have, whether it is equal.
    same: Vec<bool>,
    changed: Vec<String>,
    are_all_on_both: bool,
    trees: Vec<OnceLock<Option<Arc<Yaml>>>>,
    words: Vec<OnceLock<u16>>,
    is_complete: AtomicBool,
}

impl SharedFiles {
    /// For files of which these are the names on each side; `is_same` says of a file whether it is equal on both. Those that
    /// have another number there count as ones that come or go.
    pub fn new(sides: [&[&str]; 2], is_same: impl Fn(&str) -> bool) -> SharedFiles {
        let [before, after] = sides;
        let alike = before.iter().zip(after).take_while(|(old, new)| old == new).count();
        let same: Vec<bool> = before[..alike].iter().map(|name| is_same(name)).collect();
        let changed = before.iter().zip(&same).filter(|(_, is_same)| !**is_same).map(|(name, _)| name);
        let moving = before[alike..].iter().chain(&after[alike..]);
        SharedFiles {
            are_all_on_both: alike == before.len() && alike == after.len(),
            changed: changed.chain(moving).map(|name| (*name).to_owned()).collect(),
            trees: same.iter().map(|_| OnceLock::new()).collect(),
            words: same.iter().map(|_| OnceLock::new()).collect(),
            is_complete: AtomicBool::new(false),
            same,
        }
    }

    /// Whether no file comes or goes.
    pub fn are_all_on_both(&self) -> bool {
        self.are_all_on_both
    }

    /// The names of the files that differ, come or go.
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
