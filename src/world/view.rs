//! What builds make of a repository, for who reads its files: which files they hold, which entries took effect.

use super::files::Files;
use super::forest::Forest;
use crate::text::{SourceId, Span};

/// The files of a repository and everything that is delivered from them.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub files: &'a Files<'a>,
    pub forest: &'a Forest,
}

impl View<'_> {
    /// Whether builds speak for the objects of a file: they hold them, or are patched with them.
    pub fn speaks_for(&self, source: SourceId) -> bool {
        self.forest.loaded.contains(&source) || self.forest.has_changed(Span::new(source, 0, 0))
    }

    /// Whether an entry of `images:` or a patch needs no word of its own: what it changed speaks for it, or it
    /// changes nothing.
    pub fn is_settled(&self, entry: Span) -> bool {
        self.forest.has_changed(entry) || self.forest.is_idle(entry)
    }
}
