//! A place of a source as inventories tell it.

use crate::text::{Place, Sources, Span};

/// A place as inventories tell it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Spot {
    pub file: String,
    pub start: Place,
}

impl Spot {
    pub(super) fn of(sources: &Sources, span: Span) -> Spot {
        Spot { file: sources.name(span.source).to_owned(), start: sources.places(span).0 }
    }
}

impl std::fmt::Display for Spot {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}:{}", self.file, self.start.line, self.start.column)
    }
}
