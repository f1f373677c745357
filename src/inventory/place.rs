//! A place of a source as inventories tell it.

use crate::text::{Origin, Place, Sources, Span, Str};

/// A place as inventories tell it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Spot {
    pub file: String,
    pub start: Place,
    /// The file that the value itself is in, if that is no file of the repository.
    pub inner: Option<Str>,
}

impl Spot {
    pub(super) fn of(sources: &Sources, span: Span) -> Spot {
        Spot { file: sources.name(span.source).to_owned(), start: sources.places(span).0, inner: None }
    }

    pub(super) fn of_origin(sources: &Sources, origin: &Origin) -> Spot {
        Spot { inner: origin.inner().cloned(), ..Spot::of(sources, origin.span()) }
    }
}

impl std::fmt::Display for Spot {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}:{}", self.file, self.start.line, self.start.column)?;
        self.inner.iter().try_for_each(|inner| write!(out, " ({inner})"))
    }
}
