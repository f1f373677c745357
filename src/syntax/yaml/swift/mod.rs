//! Our own reader: bytes to the flat arena, one document at a time. It is right or declines: where Go's reader
//! and the specification part ways, or a corner is too dark to be sure, it says so and somebody else reads.
//!
//! Columns count bytes from the start of the line, which is what indentation is made of. Recursion is limited
//! by [`DEEPEST_YAML`]; nothing here looks at a byte more than a few times, however hostile the text.

mod block;
mod flow;
mod room;
mod scalars;

use super::arena::{Kind, Marks, Tree};
use crate::limits::DEEPEST_YAML;
use memchr::memchr2;
use room::Room;

/// Why a document was not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Why {
    Alias,
    Anchor,
    BlockHeader,
    Colon,
    ComplexKey,
    Control,
    Dash,
    Deep,
    Directive,
    Escape,
    FlowEnd,
    FlowSeparator,
    Indentation,
    KeyInValue,
    LongKey,
    MarkerInQuotes,
    NoColon,
    QuoteEnd,
    Reserved,
    Tab,
    Tag,
    Template,
    Trailing,
}

/// Where and why reading stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stop {
    pub(super) at: u32,
    pub(super) why: Why,
}

/// One document as it stands in the text: `start..end` covers its comments and its `---`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) start: usize,
    /// Where its content may begin: after `---`, if there is one.
    pub(super) body: usize,
    pub(super) end: usize,
}

/// The documents of one text, one after the other.
pub(super) struct Stream<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the current line begins.
    line: usize,
    depth: usize,
    /// The end of the last node.
    end: usize,
    /// The text is masked: blank lines may hide actions.
    masked: bool,
    /// Characters that YAML does not allow, in the order of the text.
    controls: Vec<u32>,
}

type Read<T> = Result<T, Stop>;

impl Why {
    pub(super) fn says(self) -> &'static str {
        match self {
            Why::Alias => "this alias has no readable name, or an anchor or tag of its own",
            Why::Anchor => "this anchor has no readable name, or is one too many",
            Why::BlockHeader => "after `|` or `>` only an indentation, `+`, `-` or a comment may follow",
            Why::Colon => "a value stands here without its key",
            Why::ComplexKey => "a key is spelled over several lines or with `?`",
            Why::Control => "YAML does not allow this control character",
            Why::Dash => "a list cannot begin here",
            Why::Deep => "the document nests too deeply",
            Why::Directive => "this directive is not understood",
            Why::Escape => "this escape is not known",
            Why::FlowEnd => "the bracket that opens here is never closed",
            Why::FlowSeparator => "a `,` or a closing bracket is missing before this",
            Why::Indentation => "this line is indented neither like its siblings nor like a child",
            Why::KeyInValue => "a `key: value` cannot stand within a value on the same line",
            Why::LongKey => "a key may be 1024 characters long at most",
            Why::MarkerInQuotes => "the document ends within this quoted text",
            Why::NoColon => "there is no `:` after this key",
            Why::QuoteEnd => "the quote that opens here is never closed",
            Why::Reserved => "no plain text can begin with this character: put it in quotes",
            Why::Tab => "tabs cannot indent",
            Why::Tag => "this tag is not understood",
            Why::Template => "this template action cannot be read as a value",
            Why::Trailing => "something follows the value",
        }
    }

    /// Whether every reader that matters rejects such a document, so that a second one need not be asked.
    pub(super) fn is_certain(self) -> bool {
        matches!(self, Why::Control | Why::Deep | Why::LongKey | Why::MarkerInQuotes)
    }
}

impl<'a> Stream<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Stream<'a> {
        let at = if bytes.starts_with(BYTE_ORDER_MARK) { 3 } else { 0 };
        Stream { bytes, at, line: at, depth: 0, end: at, masked: false, controls: controls(bytes) }
    }

    /// The same for a text in which template actions were replaced by blanks and filler.
    pub(super) fn masked(bytes: &'a [u8]) -> Stream<'a> {
        Stream { masked: true, ..Stream::new(bytes) }
    }

    /// Reads the next document into `tree`; nothing if the text is at its end.
    pub(super) fn document(&mut self, tree: &mut Tree) -> Option<(Extent, Read<()>)> {
        tree.clear();
        let start = self.at;
        let mut extent = Extent { start, body: start, end: self.bytes.len() };
        let read = self.head(tree, &mut extent);
        if let Ok(false) = read {
            return None;
        }
        let read = read.and_then(|_| {
            self.check_controls(extent.start, extent.body)?;
            (self.depth, self.end) = (0, self.at);
            Walk { stream: self, tree }.root(extent.body != extent.start)
        });
        if read.is_err() {
            tree.clear();
            (self.at, self.line) = (extent.body, extent.body);
            self.seek_marker();
        }
        extent.end = self.at;
        Some((extent, read))
    }

    /// Reads what stands before a document: comments, directives, `...` and `---`. Says whether one follows.
    fn head(&mut self, tree: &mut Tree, extent: &mut Extent) -> Read<bool> {
        let (mut directives, mut unknown) = (false, None);
        loop {
            let mut walk = Walk { stream: self, tree };
            let skipped = walk.skip(false);
            if self.bytes[self.at..].starts_with(BYTE_ORDER_MARK) && self.at == self.line {
                (self.at, self.line) = (self.at + 3, self.line + 3);
                continue;
            }
            // A `---` that a fault stood before still has to be found from here.
            extent.body = self.at;
            skipped?;
            if self.at >= self.bytes.len() {
                self.check_controls(extent.start, self.at)?;
                return if directives { Err(self.stop(self.at, Why::Directive)) } else { Ok(false) };
            }
            if self.at_marker() {
                let starts = self.byte() == b'-';
                self.at += 3;
                extent.body = self.at;
                if starts {
                    return unknown.map_or(Ok(true), Err);
                }
                while is_blank(self.byte()) {
                    self.at += 1;
                }
                if directives || !matches!(self.byte(), 0 | b'\n' | b'\r' | b'#') {
                    return Err(self.stop(self.at, Why::Trailing));
                }
                continue;
            }
            if self.byte() != b'%' || self.at != self.line {
                extent.body = extent.start;
                return if directives { Err(self.stop(self.at, Why::Directive)) } else { Ok(true) };
            }
            if !self.bytes[self.at..].starts_with(b"%YAML ") {
                unknown = Some(self.stop(self.at, Why::Directive));
            }
            directives = true;
            self.at = self.line_end(self.at);
        }
    }

    /// Refuses the document whose content begins at `body` if a forbidden character stands in it.
    fn check_controls(&mut self, start: usize, body: usize) -> Read<()> {
        if self.controls.is_empty() {
            return Ok(());
        }
        let here = (self.at, self.line);
        (self.at, self.line) = (body, body);
        self.seek_marker();
        let end = self.at as u32;
        (self.at, self.line) = here;
        let first = self.controls.partition_point(|&at| at < start as u32);
        match self.controls.get(first) {
            Some(&at) if at < end => Err(self.stop(at as usize, Why::Control)),
            _ => Ok(()),
        }
    }

    /// Goes to the next line that begins with `---` or `...`, or to the end.
    fn seek_marker(&mut self) {
        while let Some(found) = memchr2(b'\n', b'\r', &self.bytes[self.at..]) {
            self.at += found + 1;
            self.line = self.at;
            if self.at_marker() {
                return;
            }
        }
        self.at = self.bytes.len();
    }

    fn stop(&self, at: usize, why: Why) -> Stop {
        Stop { at: at as u32, why }
    }

    /// The byte at an index; 0 past the end. A document with a NUL in it is never read, so 0 is the end.
    #[inline(always)]
    fn peek(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn byte(&self) -> u8 {
        self.peek(self.at)
    }

    #[inline(always)]
    fn column(&self) -> usize {
        self.at - self.line
    }

    #[inline(always)]
    fn is_over(&self) -> bool {
        self.at >= self.bytes.len() || (self.at == self.line && self.at_marker())
    }

    fn at_marker(&self) -> bool {
        self.at == self.line
            && matches!(self.bytes.get(self.at..self.at + 3), Some(b"---" | b"..."))
            && ends_token(self.peek(self.at + 3))
    }

    /// The end of the line that holds `at`, before its break.
    #[inline(always)]
    fn line_end(&self, at: usize) -> usize {
        memchr2(b'\n', b'\r', &self.bytes[at..]).map_or(self.bytes.len(), |found| at + found)
    }

    /// Steps over the line break at hand.
    #[inline(always)]
    fn next_line(&mut self) {
        let two = self.byte() == b'\r' && self.peek(self.at + 1) == b'\n';
        self.at = (self.at + if two { 2 } else { 1 }).min(self.bytes.len());
        self.line = self.at;
    }
}

/// Finds the end of a quoted or block scalar that begins at `at` in `bytes`; the lines of a block begin at
/// column `indent`. For readers that only know where a scalar begins.
pub(super) fn scalar_at(bytes: &[u8], at: usize, kind: Kind, indent: usize) -> Option<super::arena::Cell> {
    let mut tree = Tree::default();
    let mut stream = Stream { at, ..Stream::new(b"") };
    stream.bytes = bytes;
    let mut walk = Walk { stream: &mut stream, tree: &mut tree };
    let mut signs = bytes.get(at + 1..)?.iter().take_while(|byte| matches!(byte, b'+' | b'-' | b'1'..=b'9'));
    let digit = signs.find(|byte| byte.is_ascii_digit());
    let parent = indent as isize - digit.map_or(1, |digit| (digit - b'0') as isize);
    match kind {
        Kind::Single => walk.single_quoted(),
        Kind::Double => walk.double_quoted(),
        _ => walk.block_scalar(parent),
    }
    .ok()?;
    tree.cells.pop()
}

/// A stream and the tree it fills.
struct Walk<'s, 'a> {
    stream: &'s mut Stream<'a>,
    tree: &'s mut Tree,
}

impl<'a> std::ops::Deref for Walk<'_, 'a> {
    type Target = Stream<'a>;

    fn deref(&self) -> &Stream<'a> {
        self.stream
    }
}

impl std::ops::DerefMut for Walk<'_, '_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.stream
    }
}

impl Walk<'_, '_> {
    /// Reads the one node of a document, up to the marker that ends it.
    fn root(&mut self, explicit: bool) -> Read<()> {
        let room = if explicit { Room::After } else { Room::Inline };
        self.skip_mark_of_joined_file()?;
        self.node(-1, room)?;
        self.skip(true)?;
        if self.is_over() {
            return Ok(());
        }
        Err(self.stop(self.at, Why::Indentation))
    }

    /// Files are joined with a `---` in between, and a later one may have begun with a byte order mark.
    fn skip_mark_of_joined_file(&mut self) -> Read<()> {
        let line = self.line_end(self.at);
        if self.bytes[line..].trim_ascii_start().starts_with(BYTE_ORDER_MARK) {
            self.skip(true)?;
            if self.at == self.line && self.bytes[self.at..].starts_with(BYTE_ORDER_MARK) {
                self.stream.at += BYTE_ORDER_MARK.len();
                self.stream.line = self.at;
            }
        }
        Ok(())
    }

    /// Skips blanks, comments and line breaks; says whether a line break was among them. `tabs` says whether a
    /// tab may stand here: not where indentation may.
    #[inline]
    fn skip(&mut self, mut tabs: bool) -> Read<bool> {
        let mut fresh = false;
        loop {
            match self.byte() {
                b' ' => self.skip_spaces(),
                b'\t' if tabs => self.stream.at += 1,
                b'\t' => return Err(self.stop(self.at, Why::Tab)),
                b'#' => self.comment(),
                b'\n' | b'\r' => {
                    self.next_line();
                    (fresh, tabs) = (true, false);
                }
                _ => return Ok(fresh),
            }
        }
    }

    fn comment(&mut self) {
        let (start, end) = (self.at, self.line_end(self.at));
        self.tree.comments.push((start as u32, end as u32));
        self.stream.at = end;
    }

    /// Indentation is half of what stands in these files, so it is skipped eight bytes at a time.
    #[inline(always)]
    fn skip_spaces(&mut self) {
        while self.bytes.get(self.at..self.at + 8) == Some(b"        ") {
            self.stream.at += 8;
        }
        while self.byte() == b' ' {
            self.stream.at += 1;
        }
    }

    fn skip_blanks(&mut self) {
        while is_blank(self.byte()) {
            self.stream.at += 1;
        }
    }

    /// Reads an anchor, a tag or both, and the blanks after them.
    fn marks(&mut self, flow: bool) -> Read<Option<Marks>> {
        if !matches!(self.byte(), b'&' | b'!') {
            return Ok(None);
        }
        let mut marks = Marks::default();
        loop {
            let start = self.at;
            match self.byte() {
                b'&' if marks.anchor.1 == 0 => {
                    self.name(Why::Anchor)?;
                    marks.anchor = (start as u32, self.at as u32);
                }
                b'!' if marks.tag.1 == 0 => {
                    self.tag(flow)?;
                    marks.tag = (start as u32, self.at as u32);
                }
                b'&' | b'!' => return Err(self.stop(self.at, Why::Anchor)),
                _ => {
                    self.stream.end = self.stream.end.max(marks.anchor.1.max(marks.tag.1) as usize);
                    return Ok(Some(marks));
                }
            }
            let ends = ends_token(self.byte()) || (flow && matches!(self.byte(), b',' | b']' | b'}'));
            if !ends {
                return Err(self.stop(self.at, Why::Tag));
            }
            self.skip_blanks();
        }
    }

    /// Gives a node its anchor and tag; an alias has those of its target.
    #[inline(always)]
    fn mark(&mut self, at: usize, marks: Option<Marks>) -> Read<()> {
        if marks.is_some() {
            if self.tree.cells[at].kind == Kind::Alias {
                return Err(self.stop(self.tree.cells[at].start as usize, Why::Alias));
            }
            self.tree.mark(at, marks);
        }
        Ok(())
    }

    /// Reads the name of an anchor or alias, with its sign. Go's reader takes these characters and no others.
    fn name(&mut self, why: Why) -> Read<()> {
        let start = self.at;
        self.stream.at += 1;
        while matches!(self.byte(), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-') {
            self.stream.at += 1;
        }
        let follows = self.byte();
        if self.at == start + 1 || !(ends_token(follows) || matches!(follows, b':' | b',' | b']' | b'}')) {
            return Err(self.stop(start, why));
        }
        Ok(())
    }

    /// Reads a tag: `!`, `!name`, `!!name` or `!<…>`. A handle needs a directive, which is not for us.
    fn tag(&mut self, flow: bool) -> Read<()> {
        let start = self.at;
        self.stream.at += 1;
        let angle = self.byte() == b'<';
        if matches!(self.byte(), b'!' | b'<') {
            self.stream.at += 1;
        }
        loop {
            match self.byte() {
                b'>' if angle => {
                    self.stream.at += 1;
                    return Ok(());
                }
                b',' | b']' | b'}' if flow && !angle => return Ok(()),
                byte if ends_token(byte) && !angle => return Ok(()),
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {}
                b'-' | b'_' | b'.' | b'/' | b':' | b'+' | b'@' | b'~' | b'=' | b'$' | b'*' | b'(' | b')'
                | b';' => {}
                b',' if angle => {}
                _ => return Err(self.stop(start, Why::Tag)),
            }
            self.stream.at += 1;
        }
    }

    /// Adds a scalar or an alias that ends where we are.
    #[inline(always)]
    fn leaf(&mut self, kind: Kind, start: usize, end: usize) -> usize {
        self.stream.end = end;
        self.tree.leaf(kind, start, end)
    }

    fn deeper(&mut self) -> Read<()> {
        self.stream.depth += 1;
        if self.depth > DEEPEST_YAML { Err(self.stop(self.at, Why::Deep)) } else { Ok(()) }
    }
}

pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

#[inline(always)]
fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

#[inline(always)]
fn is_break(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// Whether a token ends before this byte; 0 is the end of the text.
#[inline(always)]
fn ends_token(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0)
}

/// Where characters stand that YAML does not allow.
fn controls(bytes: &[u8]) -> Vec<u32> {
    // One pass that the compiler can do many bytes at a time; what it finds is rare.
    let (mut suspicious, mut wide) = (false, false);
    for chunk in bytes.chunks(256) {
        let (mut low, mut high) = (0u8, 0u8);
        for &byte in chunk {
            low |= u8::from(byte < 0x20 && byte != b'\n' && byte != b'\t' && byte != b'\r')
                | u8::from(byte == 0x7f);
            high |= byte;
        }
        suspicious |= low != 0;
        wide |= high >= 0x80;
    }
    if wide && !suspicious {
        // C1 controls begin with 0xc2; the two that are no characters begin with 0xef.
        suspicious = memchr2(0xc2, 0xef, bytes).is_some();
    }
    if !suspicious {
        return Vec::new();
    }
    let is_control = |at: &usize| match bytes[*at] {
        b'\t' | b'\n' | b'\r' => false,
        0..0x20 | 0x7f => true,
        0xc2 => matches!(bytes.get(at + 1), Some(0x80..=0x84 | 0x86..=0x9f)),
        0xef => matches!(bytes.get(at + 1..at + 3), Some([0xbf, 0xbe | 0xbf])),
        _ => false,
    };
    (0..bytes.len()).filter(is_control).map(|at| at as u32).collect()
}
