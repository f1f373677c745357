//! What every piece of the screen is written with: colours, links, and lines that fit.

use super::super::{Colour, Detail, Tell, tally};
use crate::finding::{Report, Severity};
use crate::redact::clean;
use crate::text::Span;
use std::fmt::Write;

pub(super) const BOLD: &str = "1";
pub(super) const DIM: &str = "2";
pub(super) const YELLOW: &str = "33";
pub(super) const CYAN: &str = "36";
pub(super) const LINK: &str = "36";

pub(super) fn bold(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "1;31",
        Severity::Warning => "1;33",
        Severity::Note | Severity::Off => "1;36",
    }
}

/// No text is indented further.
const MARGIN: usize = 16;

/// What every piece of the output needs.
pub(super) struct Pen<'a> {
    pub(super) report: &'a Report,
    pub(super) tell: &'a Tell<'a>,
}

/// What begins a text, in a style, and how far its other lines are indented.
#[derive(Clone, Copy)]
pub(super) struct Heading<'a> {
    pub(super) style: &'a str,
    pub(super) text: &'a str,
    pub(super) indent: usize,
}

impl<'a> Heading<'a> {
    /// The other lines stand under the text.
    pub(super) fn hanging(style: &'a str, text: &'a str) -> Heading<'a> {
        Heading { style, text, indent: text.chars().count() }
    }
}

/// A piece of a line that is not broken: as it is shown, and how wide.
pub(super) struct Word {
    shown: String,
    wide: usize,
}

impl Word {
    pub(super) fn plain(text: &str) -> Word {
        Word { shown: text.to_owned(), wide: text.chars().count() }
    }

    /// A text that takes so much room, whatever it is.
    pub(super) fn as_wide(text: &str, wide: usize) -> Word {
        Word { shown: text.to_owned(), wide }
    }

    /// What makes two blanks of one between words.
    pub(super) fn gap() -> Word {
        Word::plain("")
    }

    pub(super) fn wide(&self) -> usize {
        self.wide
    }

    /// The same, for a terminal that opens links.
    pub(super) fn linked(&self, pen: &Pen, url: Option<&str>) -> Word {
        Word { shown: pen.link(&self.shown, url), wide: self.wide }
    }
}

// Writing to a String cannot fail, so what `write!` returns is dropped throughout.
impl Pen<'_> {
    pub(super) fn is_quiet(&self) -> bool {
        self.tell.detail == Detail::Quiet
    }

    pub(super) fn is_verbose(&self) -> bool {
        self.tell.detail == Detail::Verbose
    }

    /// The columns that are used; lines of more are hard to read.
    pub(super) fn width(&self) -> usize {
        self.tell.width.clamp(40, 160)
    }

    /// The words of a text, cleaned.
    pub(super) fn words(&self, text: &str) -> Vec<Word> {
        self.styled("", text)
    }

    /// The words of a text in one style. What is longer than a line is broken.
    pub(super) fn styled(&self, style: &str, text: &str) -> Vec<Word> {
        let most = self.width() - MARGIN;
        let mut words = Vec::new();
        for word in clean(text).split_whitespace() {
            let mut rest = word;
            while !rest.is_empty() {
                let end = rest.char_indices().nth(most).map_or(rest.len(), |(at, _)| at);
                let (piece, behind) = rest.split_at(end);
                words.push(Word { shown: self.paint(style, piece), wide: piece.chars().count() });
                rest = behind;
            }
        }
        words
    }

    /// A text that is not broken; nothing of an empty one.
    pub(super) fn whole(&self, style: &str, text: &str) -> Option<Word> {
        (!text.is_empty()).then(|| Word { shown: self.paint(style, text), wide: text.chars().count() })
    }

    /// A place, which is never broken, though its file's name may have blanks.
    pub(super) fn place(&self, span: Span) -> Word {
        let place = tally::place(self.report, span);
        Word { wide: place.chars().count(), shown: self.paint(LINK, &place) }
    }

    /// Words after a heading, in lines that fit.
    pub(super) fn flow(&self, out: &mut String, heading: Heading, words: &[Word]) {
        let room = self.width() - 1;
        let (mut line, mut used) = (self.paint(heading.style, heading.text), heading.text.chars().count());
        let mut is_first = true;
        for word in words {
            // A line that begins with two colons is a command to GitHub's runner: better too long than that.
            if !is_first && used + 1 + word.wide > room && !word.shown.starts_with("::") {
                let _ = writeln!(out, "{}", line.trim_end());
                (line, used, is_first) = (" ".repeat(heading.indent), heading.indent, true);
            }
            if !is_first {
                line.push(' ');
                used += 1;
            }
            line.push_str(&word.shown);
            (used, is_first) = (used + word.wide, false);
        }
        let _ = writeln!(out, "{line}");
    }

    /// A text after a heading, which may begin with a place; its lines stand under its first one.
    pub(super) fn wrapped(
        &self,
        out: &mut String,
        (style, heading): (&str, &str),
        place: Option<Span>,
        text: &str,
    ) {
        let words: Vec<Word> =
            place.map(|span| self.place(span)).into_iter().chain(self.words(text)).collect();
        self.flow(out, Heading::hanging(style, heading), &words);
    }

    pub(super) fn paint(&self, style: &str, text: &str) -> String {
        match self.tell.colour {
            Colour::Plain => text.to_owned(),
            Colour::Ansi | Colour::Links if text.is_empty() || style.is_empty() => text.to_owned(),
            Colour::Ansi | Colour::Links => format!("\u{1b}[{style}m{text}\u{1b}[0m"),
        }
    }

    pub(super) fn link(&self, text: &str, url: Option<&str>) -> String {
        match (self.tell.colour, url) {
            (Colour::Links, Some(url)) => format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\"),
            _ => text.to_owned(),
        }
    }
}
