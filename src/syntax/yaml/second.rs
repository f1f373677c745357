//! The second reader: yaml-rust2, for documents that our own declines. What it does not tell (bytes instead of
//! characters, ends, comments, the names of anchors, where nothing stands) is mended here from the text.

use super::arena::{Cell, Kind, Marks, Tree};
use super::decode::{Page, Woven, decode};
use super::swift::{Extent, scalar_at};
use crate::limits::DEEPEST_YAML;
use yaml_rust2::Event;
use yaml_rust2::parser::Parser;
use yaml_rust2::scanner::TScalarStyle;

/// Reads one document of `text` into `tree`; says whether it could.
///
/// The document must hold no NUL: yaml-rust2 would silently stop there.
pub(super) fn read(text: &str, extent: Extent, tree: &mut Tree) -> bool {
    tree.clear();
    let part = &text[extent.start..extent.end];
    let mut second = Second {
        text: &text[..extent.end],
        places: if part.is_ascii() {
            Vec::new()
        } else {
            part.char_indices().map(|(at, _)| at as u32).collect()
        },
        offset: extent.start,
        cursor: extent.start,
        sign: extent.start,
        open: Vec::new(),
        tree,
        woven: Woven::default(),
    };
    let done = second.run(&mut Parser::new_from_str(part)).is_some();
    if !done {
        tree.clear();
    }
    done
}

struct Second<'a> {
    text: &'a str,
    /// The byte offset of each character, unless all are bytes.
    places: Vec<u32>,
    offset: usize,
    /// Up to where the text has been accounted for.
    cursor: usize,
    /// The end of the last sign (`:`, `-`, `,` …) before the cursor: where an empty value stands.
    sign: usize,
    /// The collections not yet closed, and how far the text had been accounted for when they began.
    open: Vec<(usize, usize)>,
    tree: &'a mut Tree,
    woven: Woven,
}

impl Second<'_> {
    /// Nothing if the document cannot be read, or not so that every value has a place.
    fn run(&mut self, parser: &mut Parser<std::str::Chars>) -> Option<()> {
        let mut documents = 0;
        loop {
            let (event, mark) = parser.next_token().ok()?;
            let at = self.byte_of(mark.index());
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart => documents += 1,
                Event::Scalar(value, style, anchor, tag) => {
                    self.scalar(at, value, style, anchor > 0, tag.is_some())?
                }
                Event::Alias(_) => {
                    self.gap(at, false, false)?;
                    let name = self.text[at..].find([' ', '\t', '\n', '\r', ',', '[', ']', '{', '}']);
                    let end = name.map_or(self.text.len(), |len| at + len);
                    is_name(self.text.get(at + 1..end)?).then_some(())?;
                    self.tree.leaf(Kind::Alias, at, end);
                    (self.cursor, self.sign) = (end, end);
                }
                Event::SequenceStart(anchor, tag) => self.begin(Kind::List, at, anchor > 0, tag.is_some())?,
                Event::MappingStart(anchor, tag) => self.begin(Kind::Map, at, anchor > 0, tag.is_some())?,
                Event::SequenceEnd | Event::MappingEnd => self.finish(at)?,
                _ => {}
            }
        }
        self.gap(self.text.len(), false, false)?;
        (documents <= 1 && self.open.is_empty() && !self.tree.cells.is_empty()).then_some(())
    }

    // yaml-rust2 counts characters, not bytes, whatever its documentation says.
    fn byte_of(&self, character: usize) -> usize {
        let within = match self.places.as_slice() {
            [] => character,
            places => places.get(character).map_or(usize::MAX, |&at| at as usize),
        };
        self.offset.saturating_add(within).min(self.text.len())
    }

    fn scalar(
        &mut self,
        at: usize,
        value: String,
        style: TScalarStyle,
        anchor: bool,
        tag: bool,
    ) -> Option<()> {
        let kind = match style {
            TScalarStyle::Plain => Kind::Plain,
            TScalarStyle::SingleQuoted => Kind::Single,
            TScalarStyle::DoubleQuoted => Kind::Double,
            TScalarStyle::Literal => Kind::Literal,
            TScalarStyle::Folded => Kind::Folded,
        };
        // The mark of an empty block scalar stands behind it.
        let at = match kind {
            Kind::Literal | Kind::Folded if !self.text[at..].starts_with(['|', '>']) => {
                self.cursor + self.text.get(self.cursor..at)?.find(['|', '>'])?
            }
            _ => at,
        };
        // A value that is not there is told as a `~`, or as nothing.
        let is_absent = kind == Kind::Plain && (value == "~" || value.is_empty());
        if is_absent && (at < self.cursor || !self.text[at..].starts_with('~')) {
            let to = match self.text[self.cursor..at.max(self.cursor)]
                .find(|letter: char| !letter.is_whitespace())
            {
                _ if anchor || tag => at.max(self.cursor),
                // The sign before it, and not the one after.
                Some(_) => self.next_sign(b":-?", self.cursor, at).map_or(self.cursor, |sign| sign + 1),
                None => self.cursor,
            };
            let marks = self.gap(to, anchor, tag)?;
            let cell = self.tree.leaf(Kind::Empty, self.sign, self.sign);
            self.tree.mark(cell, marks);
            return Some(());
        }
        let marks = self.gap(at.max(self.cursor), anchor, tag)?;
        let cell = self.extent(at, kind, &value)?;
        let index = self.tree.leaf(kind, at, cell.end as usize);
        self.tree.cells[index] = Cell { next: index as u32 + 1, ..cell };
        self.tree.mark(index, marks);
        (self.cursor, self.sign) = (cell.end as usize, cell.end as usize);
        let page = Page { text: self.text, seen: self.text.as_bytes() };
        if matches!(kind, Kind::Literal | Kind::Folded) {
            self.header_comment(at);
        }
        decode(page, &cell, &mut self.woven);
        // At the end of a text the two part ways over a last line break. Anything else is a wrong place.
        (self.woven.text.trim_end_matches('\n') == value.trim_end_matches('\n')).then_some(())
    }

    /// The cell of a scalar that begins at `at`, which yaml-rust2 does not end.
    fn extent(&self, at: usize, kind: Kind, value: &str) -> Option<Cell> {
        let cell =
            |end: usize, bare| Cell { kind, bare, indent: 0, start: at as u32, end: end as u32, next: 0 };
        if kind == Kind::Plain {
            // The same letters stand in the text, whatever blanks are between them.
            let mut letters = self.text[at..].char_indices().filter(|(_, letter)| !letter.is_whitespace());
            let mut end = at;
            for letter in value.chars().filter(|letter| !letter.is_whitespace()) {
                let (place, written) = letters.next()?;
                if written != letter {
                    return None;
                }
                end = at + place + letter.len_utf8();
            }
            return Some(cell(end, self.text[at..end] == *value && !value.contains(['\n', '\r'])));
        }
        let indent = if matches!(kind, Kind::Literal | Kind::Folded) { self.indent_of(at, value) } else { 0 };
        let line_end = self.text[at..].find(['\n', '\r']).map_or(self.text.len(), |len| at + len);
        Some(scalar_at(self.text.as_bytes(), at, kind, indent).unwrap_or(cell(line_end.max(at + 1), false)))
    }

    /// The column at which the lines of a block scalar begin: what its first line lost in spaces.
    fn indent_of(&self, at: usize, value: &str) -> usize {
        let spaces = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let full = |line: &&str| !line.trim_matches([' ', '\r']).is_empty();
        let written = self.text[at..].split('\n').skip(1).find(full).map_or(1, spaces);
        written.saturating_sub(value.split('\n').find(full).map_or(0, spaces)).max(1)
    }

    fn header_comment(&mut self, at: usize) {
        let line = self.text[at..].split(['\n', '\r']).next().unwrap_or("");
        if let Some(sign) = line.find(" #").or_else(|| line.find("\t#")) {
            self.tree.comments.push(((at + sign + 1) as u32, (at + line.len()) as u32));
        }
    }

    fn begin(&mut self, kind: Kind, at: usize, anchor: bool, tag: bool) -> Option<()> {
        if self.open.len() > DEEPEST_YAML {
            return None;
        }
        // The mark of a block map is its first colon; that of a list at the column of its map is its first item.
        let sign = self.text.as_bytes().get(at).copied().unwrap_or(0);
        let flow = at >= self.cursor && sign == if kind == Kind::Map { b'{' } else { b'[' };
        let within_list = self.open.last().is_some_and(|&(open, _)| self.tree.cells[open].kind == Kind::List);
        let at = if kind == Kind::List && !flow && !within_list {
            self.next_sign(b"-", self.cursor, self.text.len())?
        } else {
            at
        };
        let placed = flow || kind == Kind::List;
        let marks = if placed { self.gap(at, anchor, tag)? } else { self.marks_ahead(anchor, tag)? };
        let index = self.tree.leaf(kind, if placed { at } else { u32::MAX as usize }, at);
        self.tree.mark(index, marks);
        if flow {
            (self.cursor, self.sign) = (at + 1, at + 1);
        }
        self.open.push((index, self.cursor));
        Some(())
    }

    /// Where the next of these signs stands alone, up to `to`; comments do not count.
    fn next_sign(&self, signs: &[u8], from: usize, to: usize) -> Option<usize> {
        let bytes = &self.text.as_bytes()[..to];
        let (mut at, mut fresh) = (from, true);
        loop {
            match bytes.get(at)? {
                b'#' if fresh => at += memchr::memchr2(b'\n', b'\r', &bytes[at..])?,
                sign if (fresh || *sign == b':') && signs.contains(sign) => {
                    match self.text.as_bytes().get(at + 1) {
                        None | Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}') => return Some(at),
                        _ => (at, fresh) = (at + 1, false),
                    }
                }
                byte => {
                    fresh = byte.is_ascii_whitespace();
                    at += 1;
                }
            }
        }
    }

    fn finish(&mut self, at: usize) -> Option<()> {
        let (index, from) = self.open.pop()?;
        let first = self.tree.cells.get(index + 1).copied();
        let opens = self.tree.cells[index].start;
        if opens == u32::MAX {
            // A block map begins with its first key, and with what marks that key.
            let key = first?;
            let marks = self.tree.marks.iter().find(|marks| marks.cell as usize == index + 1);
            let marks = marks.into_iter().flat_map(|marks| [marks.anchor, marks.tag]);
            let start = marks.filter(|range| range.1 > 0).map(|range| range.0).fold(key.start, u32::min);
            let asked = self.next_sign(b"?", from, start as usize).map_or(start, |at| at as u32);
            self.tree.cells[index].start = asked;
        }
        let flow = matches!(self.text.as_bytes().get(opens as usize), Some(b'[' | b'{'));
        if flow && matches!(self.text.as_bytes().get(at), Some(b']' | b'}')) && at >= self.cursor {
            self.gap(at, false, false)?;
            (self.cursor, self.sign) = (at + 1, at + 1);
        }
        let end = self.sign.max(self.tree.cells[index].start as usize);
        self.tree.close(index, end);
        Some(())
    }

    /// Walks over what stands between two nodes: comments are kept, marks returned, signs remembered.
    fn gap(&mut self, to: usize, anchor: bool, tag: bool) -> Option<Option<Marks>> {
        let marks = self.walk(to, anchor, tag, false)?;
        self.cursor = self.cursor.max(to);
        Some(marks)
    }

    /// The same where only the marks tell how far to walk.
    fn marks_ahead(&mut self, anchor: bool, tag: bool) -> Option<Option<Marks>> {
        if anchor || tag { self.walk(self.text.len(), anchor, tag, true) } else { Some(None) }
    }

    fn walk(&mut self, to: usize, anchor: bool, tag: bool, ahead: bool) -> Option<Option<Marks>> {
        let bytes = self.text.as_bytes();
        let mut marks = Marks::default();
        let mut fresh = true;
        while self.cursor < to && !(ahead && anchor == (marks.anchor.1 > 0) && tag == (marks.tag.1 > 0)) {
            let start = self.cursor;
            let until = |stops: &[u8]| {
                bytes[start..]
                    .iter()
                    .position(|byte| stops.contains(byte))
                    .map_or(bytes.len(), |len| start + len)
            };
            match bytes[start] {
                b' ' | b'\t' | b'\n' | b'\r' => {
                    (self.cursor, fresh) = (start + 1, true);
                    continue;
                }
                b'#' => {
                    self.cursor = until(b"\n\r");
                    self.tree.comments.push((start as u32, self.cursor as u32));
                }
                b'%' if fresh => self.cursor = until(b"\n\r"),
                b'&' if anchor => {
                    self.cursor = until(b" \t\n\r,[]{}").min(to);
                    is_name(self.text.get(start + 1..self.cursor)?).then_some(())?;
                    marks.anchor = (start as u32, self.cursor as u32);
                    self.sign = self.cursor;
                }
                b'!' if tag => {
                    let stops: &[u8] =
                        if bytes.get(start + 1) == Some(&b'<') { b" \t\n\r" } else { b" \t\n\r,[]{}" };
                    self.cursor = until(stops).min(to);
                    marks.tag = (start as u32, self.cursor as u32);
                    self.sign = self.cursor;
                }
                _ => {
                    self.cursor = start + 1;
                    while !self.text.is_char_boundary(self.cursor) {
                        self.cursor += 1;
                    }
                    self.sign = self.cursor;
                }
            }
            fresh = false;
        }
        let found = anchor == (marks.anchor.1 > 0) && tag == (marks.tag.1 > 0);
        found.then_some((anchor || tag).then_some(marks))
    }
}

/// Whether Go's reader takes it for the name of an anchor. Where other signs follow it refuses the document, or begins the
/// value with them, which this reader does not.
fn is_name(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}
