//! What the bytes of a scalar spell: quotes, escapes, folded lines, block scalars. Infallible: the readers have
//! checked the grammar, and what they let through is copied as it stands.

use super::arena::{Cell, Kind};
use std::ops::Range;

/// A text twice: as written, and as the reader saw it, with template actions masked byte for byte. Without
/// masking the two are one.
#[derive(Clone, Copy)]
pub(super) struct Page<'a> {
    pub(super) text: &'a str,
    pub(super) seen: &'a [u8],
}

/// A decoded text and where each piece of it was written. Kept and cleared from scalar to scalar.
#[derive(Default)]
pub(super) struct Woven {
    pub(super) text: String,
    pub(super) pieces: Vec<Piece>,
}

/// The bytes up to `end` of the decoded text come from `from`, byte for byte or otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Piece {
    pub(super) end: u32,
    pub(super) from: (u32, u32),
    pub(super) verbatim: bool,
}

/// Decodes the scalar `cell` into `out`.
pub(super) fn decode(page: Page, cell: &Cell, out: &mut Woven) {
    out.text.clear();
    out.pieces.clear();
    let Range { start, end } = cell.range();
    match cell.kind {
        Kind::Single | Kind::Double if end - start >= 2 => flowing(page, start + 1..end - 1, cell.kind, out),
        Kind::Literal | Kind::Folded => block(page, cell, out),
        _ => flowing(page, start..end, cell.kind, out),
    }
}

impl Woven {
    fn copy(&mut self, page: Page, range: Range<usize>) {
        let Some(text) = page.text.get(range.clone()).filter(|text| !text.is_empty()) else { return };
        self.text.push_str(text);
        let (end, from) = (self.text.len() as u32, (range.start as u32, range.end as u32));
        match self.pieces.last_mut() {
            Some(last) if last.verbatim && last.from.1 == from.0 => (last.end, last.from.1) = (end, from.1),
            _ => self.pieces.push(Piece { end, from, verbatim: true }),
        }
    }

    fn write(&mut self, text: &str, range: Range<usize>) {
        self.text.push_str(text);
        let (end, from) = (self.text.len() as u32, (range.start as u32, range.end as u32));
        match self.pieces.last_mut() {
            Some(last) if !last.verbatim && last.from == from => last.end = end,
            _ => self.pieces.push(Piece { end, from, verbatim: false }),
        }
    }
}

/// Plain and quoted scalars, whose lines are joined.
fn flowing(page: Page, range: Range<usize>, kind: Kind, out: &mut Woven) {
    let seen = page.seen;
    let mark = match kind {
        Kind::Double => b'\\',
        Kind::Single => b'\'',
        _ => b'\n',
    };
    // Where the run of bytes begins that stand for themselves, and how far it has been looked at.
    let (mut run, mut at) = (range.start, range.start);
    while let Some(found) = memchr::memchr3(mark, b'\n', b'\r', &seen[at..range.end]) {
        at += found;
        match seen[at] {
            b'\\' if kind == Kind::Double => {
                out.copy(page, run..at);
                at = if matches!(seen.get(at + 1), Some(b'\n' | b'\r')) {
                    let (next, breaks) = gap(seen, at + 1..range.end);
                    (1..breaks).for_each(|_| out.write("\n", at..next));
                    next
                } else {
                    escape(page, at..range.end, out)
                };
                run = at;
            }
            b'\'' if kind == Kind::Single => {
                out.copy(page, run..at);
                at = (at + 2).min(range.end);
                out.write("'", at - 2..at);
                run = at;
            }
            _ => {
                let blanks = seen[run..at].iter().rev().take_while(|byte| is_blank(**byte)).count();
                out.copy(page, run..at - blanks);
                let (next, breaks) = gap(seen, at..range.end);
                match breaks {
                    1 => out.write(" ", at - blanks..next),
                    _ => (1..breaks).for_each(|_| out.write("\n", at - blanks..next)),
                }
                (run, at) = (next, next);
            }
        }
    }
    out.copy(page, run..range.end);
}

/// Skips blanks and line breaks; says where that ends and how many breaks there were.
fn gap(seen: &[u8], range: Range<usize>) -> (usize, usize) {
    let (mut at, mut breaks) = (range.start, 0);
    while at < range.end {
        match seen[at] {
            b' ' | b'\t' => at += 1,
            b'\n' | b'\r' => (at, breaks) = (at + break_len(seen, at), breaks + 1),
            _ => break,
        }
    }
    (at, breaks)
}

/// Decodes the escape at the start of `range` and returns where it ends.
fn escape(page: Page, range: Range<usize>, out: &mut Woven) -> usize {
    let start = range.start;
    match escaped(&page.seen[range]) {
        Some((letter, len)) => {
            out.write(letter.encode_utf8(&mut [0; 4]), start..start + len);
            start + len
        }
        None => {
            out.copy(page, start..start + 1);
            start + 1
        }
    }
}

/// The character that the escape at the start of `bytes` stands for, and the length of the escape.
pub(super) fn escaped(bytes: &[u8]) -> Option<(char, usize)> {
    let code = |at: usize, count: usize| {
        let digits = bytes.get(at..at + count).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let count = match bytes.get(1)? {
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        sign => return Some((named(*sign)?, 2)),
    };
    let first = code(2, count)?;
    // JSON writes characters beyond the first plane as two halves.
    if count == 4 && (0xd800..0xdc00).contains(&first) && bytes.get(6..8) == Some(b"\\u") {
        let second = code(8, 4).filter(|second| (0xdc00..0xe000).contains(second))?;
        return Some((char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))?, 12));
    }
    Some((char::from_u32(first)?, count + 2))
}

/// The character of a one-letter escape.
fn named(sign: u8) -> Option<char> {
    Some(match sign {
        b'0' => '\0',
        b'a' => '\x07',
        b'b' => '\x08',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\x0b',
        b'f' => '\x0c',
        b'r' => '\r',
        b'e' => '\x1b',
        b' ' => ' ',
        b'"' => '"',
        b'\'' => '\'',
        b'/' => '/',
        b'\\' => '\\',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        _ => return None,
    })
}

/// Literal and folded block scalars, from the `|` or `>` on.
fn block(page: Page, cell: &Cell, out: &mut Woven) {
    let (seen, folded, indent) = (page.seen, cell.kind == Kind::Folded, cell.indent as usize);
    let Range { start, end } = cell.range();
    let header = line_end(seen, start, end);
    let mut signs =
        seen[start + 1..header].iter().take_while(|byte| matches!(byte, b'+' | b'-' | b'1'..=b'9'));
    let chomp = signs.find(|byte| !byte.is_ascii_digit());
    let (keep, strip) = (chomp == Some(&b'+'), chomp == Some(&b'-'));
    let mut at = header + break_len_within(seen, header, end);
    // The break after the last line with content, and the blank lines since.
    let (mut pending, mut blanks, mut was_indented) = (None, Vec::new(), false);
    while at < end {
        let stop = line_end(seen, at, end);
        let after = stop + break_len_within(seen, stop, end);
        let spaces = seen[at..stop].iter().take(indent).take_while(|byte| **byte == b' ').count();
        let mut from = at + spaces;
        if let Some(hidden) = hidden_by_mask(page, at..stop) {
            from = from.min(hidden);
        } else if from == stop {
            if after > stop {
                blanks.push(stop..after);
            }
            at = after;
            continue;
        }
        let is_indented = seen.get(from).is_some_and(|byte| is_blank(*byte));
        if let Some(line_break) = pending.take() {
            match (folded && !was_indented && !is_indented, blanks.is_empty()) {
                (true, true) => out.write(" ", line_break),
                (true, false) => {}
                (false, _) => newline(page, line_break, out),
            }
        }
        blanks.drain(..).for_each(|line_break| newline(page, line_break, out));
        out.copy(page, from..stop);
        pending = (after > stop).then_some(stop..after);
        (was_indented, at) = (is_indented, after);
    }
    if !strip && let Some(line_break) = pending {
        newline(page, line_break, out);
    }
    if keep {
        blanks.into_iter().for_each(|line_break| newline(page, line_break, out));
    }
}

/// Where the first masked byte of a line stands that looks blank but is not.
fn hidden_by_mask(page: Page, line: Range<usize>) -> Option<usize> {
    if page.seen.as_ptr() == page.text.as_ptr() || !page.seen[line.clone()].iter().all(|byte| is_blank(*byte))
    {
        return None;
    }
    let written = &page.text.as_bytes()[line.clone()];
    written.iter().position(|byte| !is_blank(*byte)).map(|at| line.start + at)
}

/// Writes a line break, whatever way the file spells it.
fn newline(page: Page, range: Range<usize>, out: &mut Woven) {
    if page.seen.get(range.clone()) == Some(b"\n") {
        out.copy(page, range);
    } else {
        out.write("\n", range);
    }
}

fn line_end(seen: &[u8], at: usize, end: usize) -> usize {
    memchr::memchr2(b'\n', b'\r', &seen[at..end]).map_or(end, |found| at + found)
}

/// The length of the line break at `at`, where one stands.
fn break_len(seen: &[u8], at: usize) -> usize {
    if seen[at] == b'\r' && seen.get(at + 1) == Some(&b'\n') { 2 } else { 1 }
}

fn break_len_within(seen: &[u8], at: usize, end: usize) -> usize {
    if at < end { break_len(seen, at).min(end - at) } else { 0 }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}
