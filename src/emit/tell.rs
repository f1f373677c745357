//! How a report is told: what the outputs know besides the report itself.

use crate::redact::{Cover, Manner, Shown, Text};
use crate::rules::{Book, Page};
use crate::text::SourceId;

/// How a report is told: what the outputs know besides the report itself.
#[derive(Clone, Debug)]
pub struct Tell<'a> {
    pub book: &'a Book,
    pub colour: Colour,
    /// Columns and rows of the terminal.
    pub width: usize,
    pub height: usize,
    pub reader: Reader,
    pub drawing: Drawing,
    /// How long the run took.
    pub seconds: f64,
    pub detail: Detail,
    pub skips: Skips,
    pub statistics: Statistics,
    /// What kind of run it is. Forges hold the results of one kind against those of the same kind alone.
    pub category: &'static str,
    /// Where the files come from, if the repository knows.
    pub provenance: Option<Shown<Provenance>>,
}

impl Manner for Tell<'_> {}

impl<'a> Tell<'a> {
    /// Plain text, 100 columns wide and a usual screen high.
    pub fn plain(book: &'a Book) -> Tell<'a> {
        Tell {
            book,
            colour: Colour::Plain,
            width: 100,
            height: SCREEN,
            reader: Reader::Pipe,
            drawing: Drawing::Unicode,
            seconds: 0.0,
            detail: Detail::Normal,
            skips: Skips::Counted,
            statistics: Statistics::Hidden,
            category: "lint",
            provenance: None,
        }
    }
}

/// The rows of a screen, where nobody says how many there are.
pub const SCREEN: usize = 50;

/// Who is told: what is worst stands where that one looks first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reader {
    /// Somebody who sees the end.
    Terminal,
    /// A file, a log, another program: it begins at the beginning.
    Pipe,
}

/// What lines are drawn with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Drawing {
    Unicode,
    Ascii,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colour {
    Plain,
    Ansi,
    /// Colours, and links that the terminal can open.
    Links,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    /// Findings only.
    Quiet,
    Normal,
    /// Every finding in full, those that were silenced, and what was not seen, by name.
    Verbose,
}

/// What is told of what was not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Skips {
    Counted,
    Explained,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Statistics {
    Hidden,
    Shown,
}

/// The revision that was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Provenance {
    /// Without user name and password.
    pub repository: String,
    pub revision: String,
    pub branch: Option<String>,
}

impl Cover for Provenance {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        let Provenance { repository, revision: _, branch } = self;
        each(repository);
        branch.texts(each);
    }
}

/// Where a rule's page can be read on the web; nothing for a rule of the user's own.
pub fn page_url(page: &Page) -> Option<String> {
    if page.front.span().source != SourceId(u32::MAX) {
        return None;
    }
    let (home, version) = (env!("CARGO_PKG_REPOSITORY"), env!("CARGO_PKG_VERSION"));
    Some(format!("{home}/blob/v{version}/{}", page.file))
}
