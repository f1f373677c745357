//! Letters that deceive, in what a cluster or a pipeline gets: such that turn a text around, that nobody sees, that end lines
//! for YAML alone, and keys with a letter of another script. What scripts and emoji need is left alone.

use super::{Desk, tell};
use crate::facts::{Disguise, Fact, Letter};
use crate::limits::MOST_LETTERS_TOLD;
use crate::text::{Origin, Part, Span, Str};
use std::ops::Range;

/// No key that anybody reads is longer, in bytes; nor are the blanks before it.
const LONGEST: usize = 256;

/// Letters of other scripts that are drawn like Latin ones.
#[rustfmt::skip]
const TWINS: &[(char, char)] = &[
    // Cyrillic
    ('а', 'a'), ('с', 'c'), ('ԁ', 'd'), ('е', 'e'), ('һ', 'h'), ('і', 'i'), ('ј', 'j'), ('ӏ', 'l'), ('о', 'o'), ('р', 'p'), ('ԛ', 'q'),
    ('ѕ', 's'), ('ѵ', 'v'), ('ԝ', 'w'), ('х', 'x'), ('у', 'y'), ('А', 'A'), ('В', 'B'), ('С', 'C'), ('Е', 'E'), ('Н', 'H'), ('І', 'I'),
    ('К', 'K'), ('М', 'M'), ('О', 'O'), ('Р', 'P'), ('Ѕ', 'S'), ('Т', 'T'), ('Х', 'X'),
    // Greek
    ('ο', 'o'), ('ν', 'v'), ('ι', 'i'), ('Α', 'A'), ('Β', 'B'), ('Ε', 'E'), ('Ζ', 'Z'), ('Η', 'H'), ('Ι', 'I'), ('Κ', 'K'), ('Μ', 'M'),
    ('Ν', 'N'), ('Ο', 'O'), ('Ρ', 'P'), ('Τ', 'T'), ('Υ', 'Y'), ('Χ', 'X'),
    // Others
    ('ı', 'i'), ('ɡ', 'g'), ('ⅰ', 'i'), ('ⅼ', 'l'), ('ⅽ', 'c'), ('ⅾ', 'd'), ('ⅿ', 'm'),
];

/// Tells what deceives in a text. U+2028 and its like end lines in YAML only.
pub fn letters(desk: &mut Desk, is_yaml: bool) {
    let text = desk.file.text;
    if text.is_ascii() {
        return;
    }
    let owner = tell::owner(desk, "letters", "file", "");
    for (range, disguise) in deceiving(text, is_yaml).take(MOST_LETTERS_TOLD) {
        let origin = Origin::verbatim(Span::new(desk.file.id, range.start, range.end));
        let says = Letter { disguise, text: Part::new(Str::from(&text[range]), origin.clone()) };
        desk.facts.letters.push(Fact { origin, says, path: "text".into(), owner: owner.clone() });
    }
}

/// The letters that deceive, in the order of the text; what stands in a row is one.
fn deceiving(text: &str, is_yaml: bool) -> impl Iterator<Item = (Range<usize>, Disguise)> {
    let (mut from, mut line) = (0, Line::default());
    std::iter::from_fn(move || {
        loop {
            let at = from + text.as_bytes()[from..].iter().position(|byte| !byte.is_ascii())?;
            let letter = text[at..].chars().next()?;
            let row = row_of(text, at, letter);
            from = row.end;
            line.go_to(text, row.start);
            if let Some(found) = disguise(text, row, letter, is_yaml, &line) {
                from = found.0.end;
                return Some(found);
            }
        }
    })
}

/// The letters of the same kind that follow each other from a place on.
fn row_of(text: &str, at: usize, first: char) -> Range<usize> {
    let kind = Kind::of(first);
    let same = text[at..].chars().take_while(|letter| kind != Kind::Shown && Kind::of(*letter) == kind);
    let length: usize = same.map(char::len_utf8).sum();
    at..at + length.max(first.len_utf8())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Shown,
    Turns,
    /// Of no width, and for no script.
    Hidden,
    /// Of no width, between letters of scripts and parts of emoji.
    Joins,
    /// The tail of a flag, or of an ideograph's form.
    Trails,
    Breaks,
}

impl Kind {
    fn of(letter: char) -> Kind {
        match letter {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Kind::Turns,
            '\u{200b}'
            | '\u{2060}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}'
            | '\u{feff}'
            | '\u{180e}'
            | '\u{00ad}' => Kind::Hidden,
            '\u{200c}'..='\u{200f}' | '\u{061c}' => Kind::Joins,
            '\u{e0000}'..='\u{e0fff}' => Kind::Trails,
            '\u{85}' | '\u{2028}' | '\u{2029}' => Kind::Breaks,
            _ => Kind::Shown,
        }
    }
}

fn disguise(
    text: &str,
    row: Range<usize>,
    first: char,
    is_yaml: bool,
    line: &Line,
) -> Option<(Range<usize>, Disguise)> {
    let before = text[..row.start].chars().next_back();
    let after = text[row.end..].chars().next();
    let is_plain = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_graphic());
    match Kind::of(first) {
        Kind::Turns => Some((row, Disguise::Turns)),
        Kind::Breaks => is_yaml.then_some((row, Disguise::Breaks)),
        // The mark at the head of a file says how it is written.
        Kind::Hidden if row.start == 0 && first == '\u{feff}' => None,
        Kind::Hidden => {
            ((is_plain(before) || is_plain(after)) && !line.is_comment).then_some((row, Disguise::Hidden))
        }
        Kind::Joins => {
            (is_plain(before) && is_plain(after) && !line.is_comment).then_some((row, Disguise::Hidden))
        }
        Kind::Trails => {
            let is_form = first >= '\u{e0100}';
            let fits = before.is_some_and(|before| !before.is_ascii() && (is_form || before == '\u{1f3f4}'));
            let is_one = !is_form || text[row.clone()].chars().count() == 1;
            (!(fits && is_one)).then_some((row, Disguise::Hidden))
        }
        Kind::Shown => twin(text, row.start, line.start),
    }
}

/// The line of a place, found by going over the text once.
#[derive(Default)]
struct Line {
    start: usize,
    /// How far the text has been looked at.
    end: usize,
    /// A comment has begun.
    is_comment: bool,
}

impl Line {
    fn go_to(&mut self, text: &str, at: usize) {
        let bytes = text.as_bytes();
        if let Some(found) = memchr::memrchr2(b'\n', b'\r', &bytes[self.end..at]) {
            *self = Line { start: self.end + found + 1, end: self.end + found + 1, is_comment: false };
        }
        let begins = |sign: usize| sign == self.start || matches!(bytes[sign - 1], b' ' | b'\t');
        self.is_comment |=
            memchr::memchr_iter(b'#', &bytes[self.end..at]).any(|found| begins(self.end + found));
        self.end = at;
    }
}

/// A key with letters of two scripts, of which those that are not Latin look Latin. The letter at `at` is its first such.
fn twin(text: &str, at: usize, line: usize) -> Option<(Range<usize>, Disguise)> {
    let latin = |letter: char| TWINS.iter().find(|(twin, _)| *twin == letter).map(|(_, latin)| *latin);
    let first = text[at..].chars().next().filter(|letter| latin(*letter).is_some())?;
    let before = text.get(line..at).filter(|before| before.len() <= LONGEST)?;
    let head = before.trim_start_matches([' ', '-', '?', '{', ',', '\t', '"', '\'']);
    let is_of_key = |letter: &char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    let tail =
        text[at..].char_indices().take_while(|(length, letter)| *length <= LONGEST && is_of_key(letter));
    let end = at + tail.map(|(_, letter)| letter.len_utf8()).sum::<usize>();
    let rest = text[end..].trim_start_matches(['"', '\'']).strip_prefix(':')?;
    if !rest.chars().next().is_none_or(char::is_whitespace)
        || !head.chars().all(|letter| letter.is_ascii() && is_of_key(&letter))
    {
        return None;
    }
    let key = &text[at - head.len()..end];
    let as_latin = |letter: char| latin(letter).or_else(|| letter.is_ascii().then_some(letter));
    let other: String = key.chars().map(as_latin).collect::<Option<_>>()?;
    let is_mixed = key.bytes().any(|byte| byte.is_ascii_alphabetic());
    let resembles = || Disguise::Resembles { key: key.into(), other: other.into() };
    is_mixed.then(|| (at..at + first.len_utf8(), resembles()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found stands between `«` and `»`.
    #[test]
    fn letters_deceive_where_they_stand() {
        for marked in [
            // What turns a text around, wherever it is.
            "# «\u{202e}»; exit 0\n",
            "image: web«\u{2066}»:1\n",
            "note: «\u{202e}»שלום\n",
            // What nobody sees.
            "image: nginx«\u{200b}»:1.27\n",
            "image: nginx:1.27«\u{200b}\u{200b}»\n",
            "user: ro«\u{200d}»ot\n",
            "user: ro«\u{ad}»ot\n",
            "a: 1\n«\u{feff}»b: 2\n",
            "note: a«\u{e0041}\u{e0042}»\n",
            "note: 字«\u{e0100}\u{e0101}»\n",
            // What ends a line.
            "# a«\u{2028}»image: x\n",
            "a: b«\u{85}»\n",
            // Keys.
            "im«а»ge: x\n",
            "  - \"n«а»me\": x\n",
            "im«а»gе: x\n",
            // What is as it should be.
            "\u{feff}image: nginx\n",
            "note: 👩\u{200d}🚀 می\u{200c}خواهم 🏴\u{e0067}\u{e0062}\u{e007f} 字\u{e0100}\n",
            "note: ไทย\u{200b}ไทย שלום\u{200f}, x\n",
            "# a comment\u{200b}with one\n",
            "имя: x\n",
            "note: имаge a\u{301}b\n",
            "größe: x\n",
        ] {
            let text = marked.replace(['«', '»'], "");
            let found: Vec<Range<usize>> = deceiving(&text, true).map(|(range, _)| range).collect();
            let mut shown = text.clone();
            for range in found.iter().rev() {
                shown.insert(range.end, '»');
                shown.insert(range.start, '«');
            }
            assert_eq!(shown, marked, "{marked:?}");
        }
        assert_eq!(deceiving("RUN a\u{2028}b\n", false).count(), 0);
    }

    /// Each of these would take hours if the line, or the word, were walked over for every letter.
    #[test]
    fn long_lines_are_walked_over_once() {
        for piece in ["a\u{200b}", "字", "а", "а ", "# \u{200b}x"] {
            let text = format!("# {}\n{}", piece.repeat(300_000), "字а".repeat(300_000));
            assert_eq!(deceiving(&text, true).count(), 0, "{piece:?}");
        }
    }
}
