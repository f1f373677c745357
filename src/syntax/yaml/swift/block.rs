//! Block collections: what indentation and the signs `-`, `?` and `:` make of lines.

use super::super::arena::{Kind, Marks};
use super::room::Room;
use super::{Read, Walk, Why, ends_token, is_break};

impl Walk<'_, '_> {
    /// Reads a node below a collection at column `indent`.
    pub(super) fn node(&mut self, indent: isize, room: Room) -> Read<()> {
        self.deeper()?;
        let mut blank_from = self.at;
        let mut fresh = self.skip(!room.is_inline())? || (indent < 0 && self.at == self.line);
        // An anchor or tag on a line of its own belongs to the whole of what follows.
        let mut outer = None;
        loop {
            if self.is_over() || (fresh && !self.is_below(indent, room)) {
                let at = self.leaf(Kind::Empty, blank_from, blank_from);
                self.mark(at, outer)?;
                break;
            }
            let start = self.at;
            let own = self.marks(false)?;
            if own.is_some() && (is_break(self.byte()) || matches!(self.byte(), b'#' | 0)) {
                if outer.is_some() {
                    return Err(self.stop(start, Why::Anchor));
                }
                blank_from = self.end;
                outer = own;
                fresh |= self.skip(true)?;
                continue;
            }
            self.content(indent, start, fresh || room.is_inline(), [outer, own])?;
            break;
        }
        self.stream.depth -= 1;
        Ok(())
    }

    /// Whether the first token of a line stands deep enough to belong to a collection at column `indent`.
    fn is_below(&self, indent: isize, room: Room) -> bool {
        let column = self.column() as isize;
        let level = match self.byte() {
            b'-' => room.takes_level_list() && self.at_sign(b'-'),
            // Odd but so: the sign of a block scalar may stand at the column of its key.
            b'|' | b'>' => true,
            _ => false,
        };
        column > indent || (column == indent && level)
    }

    #[inline(always)]
    fn at_sign(&self, sign: u8) -> bool {
        self.byte() == sign && ends_token(self.peek(self.at + 1))
    }

    /// Reads what stands here; `start` is where its own marks begin, or itself. `keys` says whether a key or a
    /// dash may stand here.
    fn content(&mut self, indent: isize, start: usize, keys: bool, marks: [Option<Marks>; 2]) -> Read<()> {
        let [outer, own] = marks;
        let (index, line) = (self.tree.cells.len(), self.line);
        match self.byte() {
            b'-' if self.at_sign(b'-') => {
                if !keys || own.is_some() {
                    return Err(self.stop(self.at, Why::Dash));
                }
                let column = self.column();
                self.list(column, column as isize == indent)?;
                self.mark(index, outer)?;
                return Ok(());
            }
            b'?' if self.at_sign(b'?') => {
                if !keys || own.is_some() {
                    return Err(self.stop(self.at, Why::ComplexKey));
                }
                let column = self.column();
                self.leaf(Kind::Map, self.at, self.at);
                self.map(index, column)?;
                self.mark(index, outer)?;
                return Ok(());
            }
            b'|' | b'>' => {
                let marks = self.only_one(outer, own)?;
                self.block_scalar(indent)?;
                self.mark(index, marks)?;
                return Ok(());
            }
            _ => self.token()?,
        }
        if self.at_colon(index) {
            if !keys || self.line != line {
                return Err(self.stop(self.at, Why::KeyInValue));
            }
            self.check_key(start)?;
            self.mark(index, own)?;
            self.tree.wrap(index, start);
            self.stream.at += 1;
            let column = start - line;
            self.node(column as isize, Room::Value)?;
            self.map(index, column)?;
            self.mark(index, outer)?;
            return Ok(());
        }
        let marks = self.only_one(outer, own)?;
        let is_plain = self.tree.cells[index].kind == Kind::Plain;
        let is_done = is_plain && self.plain_lines(index, indent)?;
        self.mark(index, marks)?;
        if is_done { Ok(()) } else { self.line_is_done() }
    }

    fn only_one(&self, outer: Option<Marks>, own: Option<Marks>) -> Read<Option<Marks>> {
        match (outer, own) {
            (Some(_), Some(_)) => Err(self.stop(self.at, Why::Anchor)),
            (outer, own) => Ok(outer.or(own)),
        }
    }

    /// Reads what may be a key: a flow collection, a quoted text, an alias, one line of plain text.
    #[inline]
    fn token(&mut self) -> Read<()> {
        let start = self.at;
        match self.byte() {
            b'[' | b'{' => self.flow()?,
            b'"' => self.double_quoted()?,
            b'\'' => self.single_quoted()?,
            b'*' => {
                self.name(Why::Alias)?;
                self.leaf(Kind::Alias, start, self.at);
            }
            b'%' | b'@' | b'`' | b'|' | b'>' => return Err(self.stop(start, Why::Reserved)),
            b']' | b'}' | b',' => return Err(self.stop(start, Why::FlowSeparator)),
            b':' if self.at_sign(b':') => return Err(self.stop(start, Why::Colon)),
            b'-' | b'?' if ends_token(self.peek(start + 1)) => return Err(self.stop(start, Why::Dash)),
            _ => {
                let end = self.plain_line();
                let at = self.leaf(Kind::Plain, start, end);
                self.tree.cells[at].bare = true;
            }
        }
        Ok(())
    }

    /// Whether the token at `index` is a key: blanks and a `:` follow it.
    #[inline(always)]
    fn at_colon(&mut self, index: usize) -> bool {
        if self.tree.cells[index].kind != Kind::Plain {
            self.skip_blanks();
        }
        self.at_sign(b':')
    }

    fn check_key(&mut self, start: usize) -> Read<()> {
        if self.at - start > 1024 {
            let key = String::from_utf8_lossy(&self.bytes[start..self.at]);
            if key.chars().count() > 1024 {
                return Err(self.stop(start, Why::LongKey));
            }
        }
        Ok(())
    }

    fn line_is_done(&mut self) -> Read<()> {
        self.skip_blanks();
        match self.byte() {
            b'\n' | b'\r' | b'#' => Ok(()),
            _ if self.at >= self.bytes.len() => Ok(()),
            b':' => Err(self.stop(self.at, Why::KeyInValue)),
            _ => Err(self.stop(self.at, Why::Trailing)),
        }
    }

    /// Reads a list at `column`; a level one stands at the column of the map around it.
    fn list(&mut self, column: usize, level: bool) -> Read<()> {
        let index = self.leaf(Kind::List, self.at, self.at);
        loop {
            self.stream.at += 1;
            self.stream.end = self.at;
            self.node(column as isize, Room::Inline)?;
            self.skip(false)?;
            if self.is_over() || self.column() < column {
                break;
            }
            if self.column() > column {
                return Err(self.stop(self.at, Why::Indentation));
            }
            if !self.at_sign(b'-') {
                if level {
                    break;
                }
                return Err(self.stop(self.at, Why::Indentation));
            }
        }
        let end = self.end;
        self.tree.close(index, end);
        Ok(())
    }

    /// Reads the entries of the map at `index` from here on.
    fn map(&mut self, index: usize, column: usize) -> Read<()> {
        loop {
            self.skip(false)?;
            if self.is_over() || self.column() < column {
                break;
            }
            if self.column() > column {
                return Err(self.stop(self.at, Why::Indentation));
            }
            if self.at_sign(b'?') {
                self.answered(column)?;
                continue;
            }
            if self.at_sign(b'-') {
                return Err(self.stop(self.at, Why::Dash));
            }
            let (start, line, key) = (self.at, self.line, self.tree.cells.len());
            let marks = self.marks(false)?;
            self.token()?;
            if !self.at_colon(key) || self.line != line {
                return Err(self.stop(start, Why::NoColon));
            }
            self.check_key(start)?;
            self.mark(key, marks)?;
            self.stream.at += 1;
            self.stream.end = self.at;
            self.node(column as isize, Room::Value)?;
        }
        let end = self.end;
        self.tree.close(index, end);
        Ok(())
    }

    /// Reads `? key` and the `: value` that may answer it.
    fn answered(&mut self, column: usize) -> Read<()> {
        self.stream.at += 1;
        self.stream.end = self.at;
        self.node(column as isize, Room::Answer)?;
        self.skip(false)?;
        if !self.is_over() && self.column() == column && self.at_sign(b':') {
            self.stream.at += 1;
            self.stream.end = self.at;
            self.node(column as isize, Room::Answer)
        } else {
            let end = self.end;
            self.leaf(Kind::Empty, end, end);
            Ok(())
        }
    }
}
