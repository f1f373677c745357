//! Where the one walk over a text has stopped. Readers look at these places, and a reader that has none does not look at the
//! text. Knows places, not what is there.

use std::ops::Range;

/// A place that is worth a closer look: a run of sixteen token characters starts there. Shorter secrets are found by
/// their names, not here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hit {
    /// A word starts here with letters that some vendor's tokens start with.
    Prefix(u32),
    /// A run of token characters starts here, right after something that assigns: `= : > ,`.
    Value(u32),
    /// A sign (`=` or `:`) right after a name that ends as names of credentials do.
    Name(u32),
}

/// Who looks for words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reader {
    Script,
    Headers,
    Statements,
    Apart,
    Directives,
    Trees,
    Loose,
    Sops,
}

/// A word that a reader looks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) reader: Reader,
    pub(super) word: &'static str,
    pub(super) start: usize,
}

impl Place {
    pub(super) fn end(&self) -> usize {
        self.start + self.word.len()
    }
}

/// All stops in a text, each kind in the order of the text.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Stops {
    pub(super) hits: Vec<Hit>,
    /// Runs of token characters that are long enough to be an encoding of something.
    pub(super) runs: Vec<Range<u32>>,
    /// Where `://` is.
    pub(super) urls: Vec<u32>,
    /// Where `jdbc:oracle:thin:` is.
    pub(super) oracles: Vec<u32>,
    /// Where `PRIVATE KEY` is.
    pub(super) keys: Vec<u32>,
    /// Percent signs and backslashes that begin an escape which can hide letters.
    pub(super) escapes: Vec<u32>,
    /// Where a run of token characters ends as a telling name or a reader's word may end: what `words` and `names` are made of.
    pub(super) ends: Vec<u32>,
    /// Where a name ends that may promise a credential.
    pub(super) names: Vec<usize>,
    /// Whether words were looked for.
    pub(super) has_words: bool,
    words: Vec<Place>,
    /// A bit for each reader that has a word here.
    held: u16,
}

impl Stops {
    /// Takes out everything; the room is kept.
    pub(super) fn clear(&mut self) {
        self.hits.clear();
        self.runs.clear();
        [&mut self.urls, &mut self.oracles, &mut self.keys, &mut self.escapes, &mut self.ends]
            .into_iter()
            .for_each(Vec::clear);
        self.names.clear();
        self.words.clear();
        self.held = 0;
    }

    pub(super) fn add(&mut self, place: Place) {
        self.held |= 1 << place.reader as u16;
        self.words.push(place);
    }

    /// Whether a reader has any of its words in the text.
    pub(super) fn has(&self, reader: Reader) -> bool {
        self.held >> reader as u16 & 1 == 1
    }

    /// Whether a text has a word of a reader. Who asks it of files in which no words were looked for has that one looked for.
    pub(super) fn holds(&self, reader: Reader, word: &str, text: &str) -> bool {
        match self.has_words {
            true => self.of(reader).any(|place| place.word == word),
            false => memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some(),
        }
    }

    /// The words of a reader.
    pub(super) fn of(&self, reader: Reader) -> impl Iterator<Item = &Place> {
        let words = if self.has(reader) { &self.words[..] } else { &[] };
        words.iter().filter(move |place| place.reader == reader)
    }
}
