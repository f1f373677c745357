//! Flow collections: `[…]` and `{…}`, in which indentation means nothing.

use super::super::arena::Kind;
use super::{Read, Walk, Why, ends_token};

impl Walk<'_, '_> {
    /// Reads the collection whose bracket stands here.
    pub(super) fn flow(&mut self) -> Read<()> {
        self.deeper()?;
        let open = self.at;
        let (kind, closing) = if self.byte() == b'[' { (Kind::List, b']') } else { (Kind::Map, b'}') };
        let index = self.leaf(kind, open, open);
        self.stream.at += 1;
        loop {
            self.skip_flow(open)?;
            if self.byte() == closing {
                break;
            }
            self.entry(kind, open)?;
            self.skip_flow(open)?;
            match self.byte() {
                b',' => self.stream.at += 1,
                byte if byte == closing => break,
                _ => return Err(self.stop(self.at, Why::FlowSeparator)),
            }
        }
        self.stream.at += 1;
        self.stream.end = self.at;
        let end = self.at;
        self.tree.close(index, end);
        self.stream.depth -= 1;
        Ok(())
    }

    /// Reads one entry: an item, `key: value`, or a key alone.
    fn entry(&mut self, kind: Kind, open: usize) -> Read<()> {
        let (index, start, line) = (self.tree.cells.len(), self.at, self.line);
        let marks = self.marks(true)?;
        self.item(open, marks.is_some())?;
        let adjacent =
            matches!(self.tree.cells[index].kind, Kind::Single | Kind::Double | Kind::Map | Kind::List);
        self.skip_flow(open)?;
        if self.byte() == b':' && (ends_token(self.peek(self.at + 1)) || adjacent) {
            // Go's reader wants the key on one line, the specification does not in `{}`.
            if self.line != line {
                return Err(self.stop(start, Why::ComplexKey));
            }
            if self.at - start > 1024 {
                return Err(self.stop(start, Why::LongKey));
            }
            self.mark(index, marks)?;
            if kind == Kind::List {
                self.tree.wrap(index, start);
            }
            self.stream.at += 1;
            self.stream.end = self.at;
            self.value(open)?;
            if kind == Kind::List {
                let end = self.end;
                self.tree.close(index, end);
            }
            return Ok(());
        }
        if self.byte() == b':' {
            return Err(self.stop(self.at, Why::Colon));
        }
        self.mark(index, marks)?;
        if kind == Kind::Map {
            let end = self.end;
            self.leaf(Kind::Empty, end, end);
        }
        Ok(())
    }

    /// Reads the value after a `:`.
    fn value(&mut self, open: usize) -> Read<()> {
        let (after, index) = (self.at, self.tree.cells.len());
        self.skip_flow(open)?;
        if matches!(self.byte(), b',' | b']' | b'}') {
            self.leaf(Kind::Empty, after, after);
            return Ok(());
        }
        let marks = self.marks(true)?;
        self.item(open, marks.is_some())?;
        self.mark(index, marks)?;
        Ok(())
    }

    /// Reads an item, a key or a value. Nothing may stand here if an anchor or a tag did.
    fn item(&mut self, open: usize, marked: bool) -> Read<()> {
        if marked {
            self.skip_flow(open)?;
        }
        let start = self.at;
        match self.byte() {
            b'[' | b'{' => self.flow()?,
            b'"' => self.double_quoted()?,
            b'\'' => self.single_quoted()?,
            b'*' => {
                self.name(Why::Alias)?;
                self.leaf(Kind::Alias, start, self.at);
            }
            b',' | b']' | b'}' if marked => {
                let end = self.end;
                self.leaf(Kind::Empty, end, end);
            }
            b',' | b']' | b'}' => return Err(self.stop(start, Why::FlowSeparator)),
            b':' | b'?' => return Err(self.stop(start, Why::ComplexKey)),
            b'-' if ends_token(self.peek(start + 1)) => return Err(self.stop(start, Why::Dash)),
            b'%' | b'@' | b'`' | b'|' | b'>' | b'&' | b'!' => return Err(self.stop(start, Why::Reserved)),
            _ => self.flow_plain(open)?,
        }
        Ok(())
    }

    /// Skips blanks, comments and line breaks; the collection that opened at `open` must go on after them.
    pub(super) fn skip_flow(&mut self, open: usize) -> Read<()> {
        loop {
            match self.byte() {
                b' ' | b'\t' => self.stream.at += 1,
                b'#' => self.comment(),
                b'\n' | b'\r' => self.next_line(),
                _ if self.is_over() => return Err(self.stop(open, Why::FlowEnd)),
                _ => return Ok(()),
            }
        }
    }
}
