//! How rule pages ask a fact for its fields.

use crate::text::{Origin, Part, Str};

/// What a rule page may ask of a kind of fact: its fields by name, as text or as numbers, and where they stand.
///
/// The order of `FIELDS` is the order of the documentation.
pub trait Ask {
    /// The word after `about:` in a rule page.
    const ABOUT: &'static str;
    /// Every field a page may name, with one line of explanation.
    const FIELDS: &'static [(&'static str, &'static str)];
    /// The value of a field; nothing if it is absent. Only names in `FIELDS` are ever asked for.
    fn field(&self, name: &str) -> Option<Str>;
    /// Where a field stands; nothing if it has no place of its own.
    fn place(&self, name: &str) -> Option<&Origin>;
}

/// The text of an optional part, for [`Ask::field`].
pub(crate) fn text_of(part: &Option<Part>) -> Option<Str> {
    part.as_ref().map(|part| part.text.clone())
}

/// The place of an optional part, for [`Ask::place`].
pub(crate) fn place_of(part: &Option<Part>) -> Option<&Origin> {
    part.as_ref().map(|part| &part.origin)
}
