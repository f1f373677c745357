//! The one walk over a text: everything that any reader looks for in it.

use super::needles::WORDS;
use super::simd::Sought;
use super::stops::Stops;
use super::tables::Tables;
use super::writing::Writing;
use crate::text::File;

/// How much is looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Depth {
    /// Only tokens with letters of their own and keys: in what is no text.
    Marked,
    /// Only what has a form of its own, and signs after telling names.
    Forms,
    Words,
}

impl Depth {
    /// What is worth looking for in a file: commands and statements are not read in programs, nor in what nobody wrote.
    pub(super) fn of(file: &File, writing: Writing) -> Depth {
        let base = file.base();
        let has_statements = || [".sql", ".php", ".ps1"].iter().any(|end| base.ends_with(end));
        match writing {
            Writing::Nothing | Writing::Markup => Depth::Forms,
            Writing::Program if !has_statements() && base != ".dockerconfigjson" => Depth::Forms,
            _ => Depth::Words,
        }
    }
}

/// Fills `stops` with the places of a text that are worth a closer look.
pub(super) fn walk(text: &str, tables: &Tables, depth: Depth, stops: &mut Stops) {
    #[cfg(test)]
    WALKED.set(WALKED.get() + text.len());
    stops.clear();
    stops.has_words = depth == Depth::Words;
    let names = tables.names();
    let sought = match depth {
        Depth::Marked => Sought::Marked,
        Depth::Forms => Sought::Forms,
        Depth::Words => Sought::Words(tables.ends(|letters| WORDS.add_ends(letters))),
    };
    tables.filter().run(text.as_bytes(), names, sought, stops);
    let ends = std::mem::take(&mut stops.ends);
    for end in ends.iter().map(|end| *end as usize) {
        WORDS.at(text, end, &mut |place| stops.add(place));
        if names.may_end(&text.as_bytes()[..end]) {
            stops.names.push(end);
        }
    }
    stops.ends = ends;
}

/// Whether bytes that are no text hold a place that is worth a closer look: the same as of the text that is made of them, in
/// which every byte that is no letter of tokens is another one that is none.
pub(super) fn is_marked(bytes: &[u8], tables: &Tables) -> bool {
    let mut stops = Stops::default();
    tables.filter().run(bytes, tables.names(), Sought::Marked, &mut stops);
    !stops.hits.is_empty() || !stops.keys.is_empty()
}

#[cfg(test)]
thread_local! {
    /// How many bytes were walked over.
    pub(super) static WALKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}
