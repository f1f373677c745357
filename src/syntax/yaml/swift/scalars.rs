//! Scalars: plain text, the two quotes, literal and folded blocks. Finds where they end; decodes nothing.

use super::super::arena::Kind;
use super::super::decode;
use super::{Read, Walk, Why, ends_token, is_blank, is_break};
use memchr::memchr3;

/// The bytes that may end plain text, in block and in flow context.
static STOPS: [bool; 256] = stops(b":#\n\r\0");
static FLOW_STOPS: [bool; 256] = stops(b":#\n\r\0,[]{}?");

const fn stops(signs: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < signs.len() {
        table[signs[at] as usize] = true;
        at += 1;
    }
    table
}

impl Walk<'_, '_> {
    /// Reads plain text to the end of the line, a ` #` or a `: `; returns where it ends without trailing blanks.
    #[inline]
    pub(super) fn plain_line(&mut self) -> usize {
        let bytes = self.bytes;
        let start = self.at;
        let mut at = start;
        loop {
            while at < bytes.len() && !STOPS[bytes[at] as usize] {
                at += 1;
            }
            match bytes.get(at) {
                Some(b':') if !ends_token(self.peek(at + 1)) => at += 1,
                Some(b'#') if at > start && !is_blank(bytes[at - 1]) => at += 1,
                _ => break,
            }
        }
        self.stream.at = at;
        while at > start && is_blank(bytes[at - 1]) {
            at -= 1;
        }
        at
    }

    /// Reads the further lines of the plain text at `index`, which stand deeper than `indent`. Says whether that
    /// led to a new line: then all before it has been looked at.
    pub(super) fn plain_lines(&mut self, index: usize, indent: isize) -> Read<bool> {
        while is_break(self.byte()) {
            loop {
                match self.byte() {
                    b' ' => self.skip_spaces(),
                    b'\n' | b'\r' => self.next_line(),
                    b'\t' if self.column() as isize <= indent => return Err(self.stop(self.at, Why::Tab)),
                    b'\t' => self.stream.at += 1,
                    _ => break,
                }
            }
            if self.column() as isize <= indent || self.byte() == b'#' || self.is_over() {
                return Ok(true);
            }
            let end = self.plain_line();
            if self.byte() == b':' {
                return Err(self.stop(self.at, Why::KeyInValue));
            }
            let cell = &mut self.tree.cells[index];
            (cell.end, cell.bare) = (end as u32, false);
            self.stream.end = end;
        }
        Ok(false)
    }

    /// Reads plain text within a flow collection, over as many lines as it takes.
    pub(super) fn flow_plain(&mut self, open: usize) -> Read<()> {
        let start = self.at;
        let mut end = self.flow_plain_line()?;
        let index = self.leaf(Kind::Plain, start, end);
        self.tree.cells[index].bare = true;
        while is_break(self.byte()) {
            let (at, line) = (self.at, self.line);
            while is_blank(self.byte()) || is_break(self.byte()) {
                if is_break(self.byte()) {
                    self.next_line();
                } else {
                    // Go's reader takes no tab at the start of such a line, whatever the brackets.
                    if self.byte() == b'\t' && self.column() == 0 {
                        return Err(self.stop(self.at, Why::Tab));
                    }
                    self.stream.at += 1;
                }
            }
            if self.is_over() {
                return Err(self.stop(open, Why::FlowEnd));
            }
            if matches!(self.byte(), b'#' | b',' | b']' | b'}' | b'[' | b'{' | b':') {
                (self.stream.at, self.stream.line) = (at, line);
                break;
            }
            end = self.flow_plain_line()?;
            let cell = &mut self.tree.cells[index];
            (cell.end, cell.bare) = (end as u32, false);
            self.stream.end = end;
        }
        Ok(())
    }

    fn flow_plain_line(&mut self) -> Read<usize> {
        let bytes = self.bytes;
        let start = self.at;
        let mut at = start;
        loop {
            while at < bytes.len() && !FLOW_STOPS[bytes[at] as usize] {
                at += 1;
            }
            match bytes.get(at) {
                // `{a:}` and `[a:]`: one reader sees a key, the other a text that ends in a colon.
                Some(b':') if matches!(self.peek(at + 1), b',' | b'[' | b']' | b'{' | b'}') => {
                    return Err(self.stop(at, Why::Colon));
                }
                Some(b':') if !ends_token(self.peek(at + 1)) => at += 1,
                Some(b'#') if at > start && !is_blank(bytes[at - 1]) => at += 1,
                Some(b'?') => return Err(self.stop(at, Why::ComplexKey)),
                _ => break,
            }
        }
        self.stream.at = at;
        while at > start && is_blank(bytes[at - 1]) {
            at -= 1;
        }
        Ok(at)
    }

    pub(super) fn single_quoted(&mut self) -> Read<()> {
        let open = self.at;
        let mut bare = true;
        self.stream.at += 1;
        loop {
            let Some(found) = memchr3(b'\'', b'\n', b'\r', &self.bytes[self.at..]) else {
                return Err(self.stop(open, Why::QuoteEnd));
            };
            self.stream.at += found;
            if self.byte() != b'\'' {
                bare = false;
                self.quoted_line(open)?;
            } else if self.peek(self.at + 1) == b'\'' {
                bare = false;
                self.stream.at += 2;
            } else {
                break;
            }
        }
        self.stream.at += 1;
        let index = self.leaf(Kind::Single, open, self.at);
        self.tree.cells[index].bare = bare;
        Ok(())
    }

    pub(super) fn double_quoted(&mut self) -> Read<()> {
        let open = self.at;
        let mut bare = true;
        self.stream.at += 1;
        loop {
            let rest = &self.bytes[self.at..];
            let Some(found) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n' | b'\r'))
            else {
                return Err(self.stop(open, Why::QuoteEnd));
            };
            self.stream.at += found;
            match self.byte() {
                b'"' => break,
                b'\\' => {
                    bare = false;
                    self.escape(open)?;
                }
                _ => {
                    bare = false;
                    self.quoted_line(open)?;
                }
            }
        }
        self.stream.at += 1;
        let index = self.leaf(Kind::Double, open, self.at);
        self.tree.cells[index].bare = bare;
        Ok(())
    }

    fn quoted_line(&mut self, open: usize) -> Read<()> {
        self.next_line();
        if self.at_marker() { Err(self.stop(open, Why::MarkerInQuotes)) } else { Ok(()) }
    }

    /// Steps over an escape that [`decode`] can decode.
    fn escape(&mut self, open: usize) -> Read<()> {
        let start = self.at;
        self.stream.at += 1;
        if is_break(self.byte()) {
            return self.quoted_line(open);
        }
        match decode::escaped(&self.bytes[start..]) {
            Some((_, len)) => self.stream.at = start + len,
            None => return Err(self.stop(start, Why::Escape)),
        }
        Ok(())
    }

    /// Reads a literal or folded block below a collection at column `parent`.
    pub(super) fn block_scalar(&mut self, parent: isize) -> Read<()> {
        let start = self.at;
        let kind = if self.byte() == b'|' { Kind::Literal } else { Kind::Folded };
        let (mut chomp, mut given) = (0, None);
        self.stream.at += 1;
        loop {
            match self.byte() {
                sign @ (b'+' | b'-') if chomp == 0 => chomp = sign,
                digit @ b'1'..=b'9' if given.is_none() => given = Some((digit - b'0') as usize),
                _ => break,
            }
            self.stream.at += 1;
        }
        self.skip_blanks();
        if self.byte() == b'#' {
            self.comment();
        }
        let header_end = self.at;
        if !is_break(self.byte()) && self.at < self.bytes.len() {
            return Err(self.stop(self.at, Why::BlockHeader));
        }
        let at_least = (parent + 1).max(1) as usize;
        let mut indent = given.map(|digit| parent.max(0) as usize + digit);
        let mut deepest_blank = 0;
        // Where the text ends without its last break, with it, and with the blank lines after it.
        let (mut end, mut clipped, mut kept) = (header_end, header_end, header_end);
        loop {
            if self.at >= self.bytes.len() {
                break;
            }
            self.next_line();
            let line = self.at;
            let limit = indent.unwrap_or(usize::MAX);
            while self.byte() == b' ' && self.at - line < limit {
                self.stream.at += 1;
            }
            let column = self.at - line;
            let stop = self.at;
            match self.byte() {
                b'\n' | b'\r' => {
                    deepest_blank = deepest_blank.max(column);
                    kept = self.break_end(stop);
                    continue;
                }
                0 if stop >= self.bytes.len() => {
                    kept = line;
                    break;
                }
                b'\t' if indent.is_none_or(|indent| column < indent) => return Err(self.stop(stop, Why::Tab)),
                _ => {}
            }
            let wanted = *indent.get_or_insert_with(|| {
                let deepest = if self.stream.masked { column } else { column.max(deepest_blank) };
                deepest.max(at_least)
            });
            if column < wanted {
                if end == header_end && deepest_blank > column && column >= at_least {
                    return Err(self.stop(stop, Why::Indentation));
                }
                kept = line;
                self.stream.at = line;
                break;
            }
            end = self.line_end(stop);
            clipped = self.break_end(end);
            kept = clipped;
            self.stream.at = end;
        }
        if self.at >= self.bytes.len() {
            self.stream.at = self.bytes.len();
        }
        let end = match chomp {
            b'-' => end,
            b'+' => kept.max(clipped),
            _ => clipped,
        };
        let Ok(indent) = u16::try_from(indent.unwrap_or(deepest_blank.max(at_least))) else {
            return Err(self.stop(start, Why::Indentation));
        };
        let index = self.leaf(kind, start, end);
        self.tree.cells[index].indent = indent;
        Ok(())
    }

    /// Where the line break at `at` ends.
    fn break_end(&self, at: usize) -> usize {
        match (self.peek(at), self.peek(at + 1)) {
            (b'\r', b'\n') => at + 2,
            (b'\n' | b'\r', _) => at + 1,
            _ => at,
        }
    }
}
