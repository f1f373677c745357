//! The byte-level reader, as first sketched: bytes to a flat arena. To be hardened.
#![allow(clippy::all, clippy::unwrap_used, unreachable_pub, dead_code)]
use super::arena::{Kind as K, Node, Props as Prop, Tree};
struct P<'a> {
    b: &'a [u8],
    p: usize,
    ls: usize,
    t: &'a mut Tree,
    depth: u32,
    had_tab_indent: bool,
}
type R<T> = Result<T, (usize, &'static str)>;
#[inline(always)]
fn blank(c: u8) -> bool {
    c == b' ' || c == b'\t'
}
#[inline(always)]
fn brk(c: u8) -> bool {
    c == b'\n' || c == b'\r'
}
static STOP: [bool; 256] = {
    let mut t = [false; 256];
    t[b':' as usize] = true;
    t[b'#' as usize] = true;
    t[b'\n' as usize] = true;
    t[b'\r' as usize] = true;
    t[0] = true;
    t
};
static STOPF: [bool; 256] = {
    let mut t = STOP;
    t[b',' as usize] = true;
    t[b'[' as usize] = true;
    t[b']' as usize] = true;
    t[b'{' as usize] = true;
    t[b'}' as usize] = true;
    t
};
impl<'a> P<'a> {
    #[inline(always)]
    fn at(&self, i: usize) -> u8 {
        if i < self.b.len() { self.b[i] } else { 0 }
    }
    #[inline(always)]
    fn c(&self) -> u8 {
        self.at(self.p)
    }
    #[inline(always)]
    fn col(&self) -> usize {
        self.p - self.ls
    }
    #[inline(always)]
    fn eof(&self) -> bool {
        self.p >= self.b.len()
    }
    #[inline(always)]
    fn ws(c: u8) -> bool {
        blank(c) || brk(c) || c == 0
    }
    // skip spaces, comments, line breaks; returns true if a line break was crossed
    fn skip(&mut self) -> bool {
        let mut nl = false;
        loop {
            while blank(self.c()) {
                if self.c() == b'\t' && nl {
                    self.had_tab_indent = true
                }
                self.p += 1;
            }
            match self.c() {
                b'#' if self.p == self.ls || Self::ws(self.b[self.p - 1]) => {
                    let s = self.p;
                    let e = memchr::memchr(b'\n', &self.b[s..]).map_or(self.b.len(), |i| s + i);
                    let e2 = if e > s && self.b[e - 1] == b'\r' { e - 1 } else { e };
                    self.t.comments.push((s as u32, e2 as u32));
                    self.p = e;
                }
                b'\n' => {
                    self.p += 1;
                    self.ls = self.p;
                    nl = true;
                    self.had_tab_indent = false;
                }
                b'\r' => {
                    self.p += 1;
                    if self.c() != b'\n' {
                        self.ls = self.p;
                        nl = true;
                    }
                }
                _ => return nl,
            }
        }
    }
    #[inline(always)]
    fn marker(&self) -> bool {
        self.p == self.ls
            && self.p + 3 <= self.b.len()
            && (&self.b[self.p..self.p + 3] == b"---" || &self.b[self.p..self.p + 3] == b"...")
            && Self::ws(self.at(self.p + 3))
    }
    #[inline(always)]
    fn push(&mut self, kind: K, start: usize) -> usize {
        self.t.nodes.push(Node {
            kind,
            bare: false,
            indent: 0,
            start: start as u32,
            end: start as u32,
            next: 0,
        });
        self.t.nodes.len() - 1
    }
    #[inline(always)]
    fn close(&mut self, i: usize, end: usize) {
        let l = self.t.nodes.len() as u32;
        let n = &mut self.t.nodes[i];
        n.end = end as u32;
        n.next = l;
    }
    fn leaf(&mut self, kind: K, s: usize, e: usize) -> usize {
        let l = self.t.nodes.len() as u32;
        self.t.nodes.push(Node {
            kind,
            bare: matches!(kind, K::Plain),
            indent: 0,
            start: s as u32,
            end: e as u32,
            next: l + 1,
        });
        l as usize
    }
    fn props(&mut self) -> R<Option<Prop>> {
        let mut pr: Option<Prop> = None;
        loop {
            match self.c() {
                b'&' => {
                    let s = self.p;
                    self.p += 1;
                    while !Self::ws(self.c()) && !matches!(self.c(), b',' | b'[' | b']' | b'{' | b'}') {
                        self.p += 1
                    }
                    pr.get_or_insert(Prop { node: 0, anchor: (0, 0), tag: (0, 0) }).anchor =
                        (s as u32, self.p as u32);
                }
                b'!' => {
                    let s = self.p;
                    self.p += 1;
                    while !Self::ws(self.c()) && !matches!(self.c(), b',' | b'[' | b']' | b'{' | b'}') {
                        self.p += 1
                    }
                    pr.get_or_insert(Prop { node: 0, anchor: (0, 0), tag: (0, 0) }).tag =
                        (s as u32, self.p as u32);
                }
                _ => return Ok(pr),
            }
            while blank(self.c()) {
                self.p += 1
            }
        }
    }
    fn attach(&mut self, pr: Option<Prop>, n: usize) {
        if let Some(mut p) = pr {
            p.node = n as u32;
            self.t.props.push(p);
        }
    }
    fn quoted(&mut self) -> R<usize> {
        let q = self.c();
        let s = self.p;
        self.p += 1;
        let mut bare = true;
        loop {
            let rest = &self.b[self.p..];
            let i = if q == b'"' {
                memchr::memchr3(b'"', b'\\', b'\n', rest)
            } else {
                memchr::memchr2(b'\'', b'\n', rest)
            };
            let Some(i) = i else {
                self.p = self.b.len();
                return Err((s, "unterminated quoted scalar"));
            };
            self.p += i;
            match self.c() {
                b'\n' => {
                    self.p += 1;
                    self.ls = self.p;
                    bare = false;
                    if self.marker() {
                        return Err((s, "document marker in quoted scalar"));
                    }
                }
                b'\\' => {
                    bare = false;
                    self.p += 2;
                    if self.p > 0 && self.at(self.p - 1) == b'\n' {
                        self.ls = self.p
                    }
                }
                _ => {
                    if q == b'\'' && self.at(self.p + 1) == b'\'' {
                        bare = false;
                        self.p += 2;
                        continue;
                    }
                    self.p += 1;
                    break;
                }
            }
        }
        let n = self.leaf(if q == b'"' { K::Double } else { K::Single }, s, self.p);
        self.t.nodes[n].bare = bare;
        Ok(n)
    }
    // scan one line of a plain scalar; returns end (trimmed)
    #[inline(always)]
    fn plain_line(&mut self, flow: bool) -> usize {
        let tab = if flow { &STOPF } else { &STOP };
        let mut p = self.p;
        loop {
            while p < self.b.len() && !tab[self.b[p] as usize] {
                p += 1
            }
            let c = self.at(p);
            match c {
                b':' => {
                    let n = self.at(p + 1);
                    if Self::ws(n) || (flow && matches!(n, b',' | b'[' | b']' | b'{' | b'}')) {
                        break;
                    }
                    p += 1;
                }
                b'#' => {
                    if p > 0 && blank(self.b[p - 1]) {
                        break;
                    }
                    p += 1;
                }
                0 if p < self.b.len() => {
                    p += 1;
                }
                _ => break,
            }
        }
        self.p = p;
        let mut e = p;
        while e > 0 && blank(self.b[e - 1]) {
            e -= 1
        }
        e
    }
    fn is_key_colon(&self, flow: bool) -> bool {
        self.c() == b':'
            && (Self::ws(self.at(self.p + 1))
                || (flow && matches!(self.at(self.p + 1), b',' | b'[' | b']' | b'{' | b'}' | b'"' | b'\'')))
    }
    fn block_scalar(&mut self, parent: isize) -> R<usize> {
        let s = self.p;
        let kind = if self.c() == b'|' { K::Literal } else { K::Folded };
        self.p += 1;
        let mut ind: Option<usize> = None;
        loop {
            match self.c() {
                b'+' | b'-' => self.p += 1,
                d @ b'1'..=b'9' => {
                    ind = Some((parent.max(0) as usize) + (d - b'0') as usize);
                    self.p += 1
                }
                _ => break,
            }
        }
        while blank(self.c()) {
            self.p += 1
        }
        if self.c() == b'#' {
            self.p = memchr::memchr2(b'\n', b'\r', &self.b[self.p..]).map_or(self.b.len(), |i| self.p + i);
        }
        if !brk(self.c()) && !self.eof() {
            return Err((self.p, "bad block scalar header"));
        }
        if self.c() == b'\r' {
            self.p += 1
        }
        if self.c() == b'\n' {
            self.p += 1
        }
        self.ls = self.p;
        let mut end = self.p;
        loop {
            if self.eof() {
                break;
            }
            let l = self.p;
            let mut q = l;
            while self.at(q) == b' ' {
                q += 1
            }
            let nl = memchr::memchr(b'\n', &self.b[q..]).map_or(self.b.len(), |i| q + i);
            let is_blank = q >= self.b.len() || brk(self.b[q]);
            if is_blank && ind.map_or(true, |i| q - l <= i) {
                self.p = (nl + 1).min(self.b.len());
                if nl < self.b.len() {
                    end = self.p;
                    self.ls = self.p
                } else {
                    end = self.p;
                    break;
                }
                continue;
            }
            let col = q - l;
            let i = *ind.get_or_insert_with(|| col);
            if (col as isize) <= parent || col < i {
                break;
            }
            if self.marker() {
                break;
            }
            if nl >= self.b.len() {
                self.p = nl;
                end = nl;
                break;
            }
            self.p = nl + 1;
            self.ls = self.p;
            end = self.p;
        }
        let n = self.leaf(kind, s, end);
        self.t.nodes[n].indent = ind.unwrap_or(0) as u16;
        Ok(n)
    }
    // value after "key:" or "- "; parent = indent of the enclosing collection
    fn block_node(&mut self, parent: isize, in_map_value: bool, same_line_ok_map: bool) -> R<usize> {
        self.depth += 1;
        if self.depth > 400 {
            return Err((self.p, "too deep"));
        }
        let before = self.p;
        let mut nl = self.skip() || self.p == self.ls;
        let mut pr: Option<Prop> = None;
        let mut props_at = self.p;
        let mut props_nl = nl;
        let r = 'o: {
            loop {
                if self.eof() || self.marker() {
                    break 'o self.leaf(K::Empty, before, before);
                }
                let col = self.col() as isize;
                let min = if in_map_value && self.c() == b'-' && Self::ws(self.at(self.p + 1)) {
                    parent - 1
                } else {
                    parent
                };
                if nl && col <= min {
                    if pr.is_some() {
                        break 'o self.leaf(K::Empty, props_at, props_at);
                    }
                    break 'o self.leaf(K::Empty, before, before);
                }
                if pr.is_none() && matches!(self.c(), b'&' | b'!') {
                    props_at = self.p;
                    props_nl = nl;
                    pr = self.props()?;
                    if brk(self.c()) || self.c() == b'#' || self.eof() {
                        nl = self.skip() || nl;
                        continue;
                    }
                    // props on the same line: they may belong to a key
                    let save = (self.p, self.ls, self.t.nodes.len(), self.t.comments.len());
                    if matches!(self.c(), b'|' | b'>' | b'[' | b'{') && !matches!(self.c(), b'[' | b'{') {
                        break;
                    }
                    let _ = save;
                    break;
                }
                break;
            }
            let start =
                if pr.is_some() && !(nl && self.line_has_newline(props_at)) { props_at } else { self.p };
            let map_col = (start - self.ls) as isize;
            let can_map =
                (nl || same_line_ok_map) && (props_nl || same_line_ok_map || self.line_has_newline(props_at));
            match self.c() {
                b'-' if Self::ws(self.at(self.p + 1)) => {
                    if !(nl || same_line_ok_map) {
                        return Err((self.p, "block sequence not allowed here"));
                    }
                    self.block_seq()?
                }
                b'?' if Self::ws(self.at(self.p + 1)) => {
                    let m = self.push(K::Map, self.p);
                    let mc = self.col();
                    self.map_entries(m, mc)?;
                    m
                }
                b'|' | b'>' => self.block_scalar(parent)?,
                c => {
                    let idx = self.t.nodes.len();
                    let lstart = self.ls;
                    match c {
                        b'[' | b'{' => {
                            self.flow()?;
                        }
                        b'"' | b'\'' => {
                            self.quoted()?;
                        }
                        b'*' => {
                            let s = self.p;
                            while !Self::ws(self.c()) && !matches!(self.c(), b',' | b'[' | b']' | b'{' | b'}')
                            {
                                self.p += 1
                            }
                            self.leaf(K::Alias, s, self.p);
                        }
                        b'%' | b'@' | b'`' if c != b'%' => return Err((self.p, "reserved indicator")),
                        b':' if Self::ws(self.at(self.p + 1)) => {
                            self.leaf(K::Empty, self.p, self.p);
                        }
                        b']' | b'}' | b',' => return Err((self.p, "unexpected flow indicator")),
                        _ => {
                            let s = self.p;
                            let e = self.plain_line(false);
                            self.leaf(K::Plain, s, e);
                        }
                    }
                    let save = self.p;
                    if !matches!(self.c(), b':' | b'\n' | b'\r' | b'#') {
                        while blank(self.c()) {
                            self.p += 1
                        }
                    }
                    if self.is_key_colon(false) && self.ls == lstart {
                        if !can_map {
                            return Err((self.p, "mapping values are not allowed in this context"));
                        }
                        // turn into a mapping: insert map node before key
                        self.t.nodes.insert(
                            idx,
                            Node {
                                kind: K::Map,
                                bare: false,
                                indent: 0,
                                start: start as u32,
                                end: 0,
                                next: 0,
                            },
                        );
                        for n in &mut self.t.nodes[idx + 1..] {
                            n.next += 1
                        }
                        for p in &mut self.t.props {
                            if p.node as usize >= idx {
                                p.node += 1
                            }
                        }
                        if start == props_at && pr.is_some() {
                            let p = pr.take();
                            self.attach(p, idx + 1)
                        }
                        self.map_after_key(map_col, before)?;
                        self.map_entries(idx, map_col as usize)?;
                        idx
                    } else {
                        self.p = save;
                        if self.t.nodes[idx].kind == K::Plain && self.t.nodes.len() == idx + 1 {
                            self.plain_rest(idx, parent, false)?;
                        } else {
                            self.skip();
                            if !(self.eof() || self.p == self.ls || self.col_is_line_start()) {
                                return Err((self.p, "trailing content"));
                            }
                        }
                        idx
                    }
                }
            }
        };
        self.attach(pr, r);
        self.depth -= 1;
        Ok(r)
    }
    fn col_is_line_start(&self) -> bool {
        self.b[self.ls..self.p].iter().all(|c| blank(*c))
    }
    fn line_has_newline(&self, from: usize) -> bool {
        from < self.ls
    }
    fn plain_rest(&mut self, idx: usize, parent: isize, flow: bool) -> R<()> {
        // continuation lines
        loop {
            if !brk(self.c()) {
                if self.c() == b'#' || self.eof() || flow {
                    return Ok(());
                } else if self.c() == b':' {
                    return Err((self.p, "mapping values are not allowed in this context"));
                }
            }
            let save = (self.p, self.ls);
            loop {
                while blank(self.c()) {
                    self.p += 1
                }
                if brk(self.c()) {
                    self.p += 1;
                    if self.b[self.p - 1] == b'\n' || self.c() != b'\n' {
                        self.ls = self.p
                    }
                } else {
                    break;
                }
            }
            let stop = self.eof()
                || self.marker()
                || (!flow && (self.col() as isize) <= parent)
                || self.c() == b'#'
                || (flow && matches!(self.c(), b',' | b']' | b'}' | b'[' | b'{'))
                || (flow && self.is_key_colon(true));
            if stop {
                self.p = save.0;
                self.ls = save.1;
                if flow {
                    return Ok(());
                }
                return Ok(());
            }
            let e = self.plain_line(flow);
            if !flow && self.is_key_colon(false) {
                return Err((self.p, "mapping values are not allowed in this context"));
            }
            self.t.nodes[idx].end = e as u32;
            self.t.nodes[idx].bare = false;
        }
    }
    fn block_seq(&mut self) -> R<usize> {
        let col = self.col();
        let n = self.push(K::List, self.p);
        let mut end;
        loop {
            self.p += 1;
            end = self.p;
            let i = self.block_node(col as isize, false, true)?;
            end = end.max(self.t.nodes[i].end as usize);
            self.skip();
            if self.eof()
                || self.marker()
                || self.col() != col
                || self.c() != b'-'
                || !Self::ws(self.at(self.p + 1))
            {
                if !self.eof() && !self.marker() && self.col() > col {
                    return Err((self.p, "bad indentation of a sequence entry"));
                }
                break;
            }
        }
        self.close(n, end);
        Ok(n)
    }
    fn map_after_key(&mut self, col: isize, _b: usize) -> R<()> {
        self.p += 1;
        self.block_node(col, true, false)?;
        Ok(())
    }
    fn map_entries(&mut self, m: usize, col: usize) -> R<()> {
        loop {
            self.skip();
            if self.eof() || self.marker() || self.col() < col {
                break;
            }
            if self.col() > col || self.had_tab_indent {
                return Err((self.p, "bad indentation of a mapping entry"));
            }
            if self.c() == b'?' && Self::ws(self.at(self.p + 1)) {
                self.p += 1;
                self.block_node(col as isize, false, true)?;
                self.skip();
                if !self.eof() && self.col() == col && self.c() == b':' && Self::ws(self.at(self.p + 1)) {
                    self.p += 1;
                    self.block_node(col as isize, true, true)?;
                } else {
                    self.leaf(K::Empty, self.p, self.p);
                }
                continue;
            }
            if self.c() == b'-' && Self::ws(self.at(self.p + 1)) {
                if self.t.nodes.len() == m + 1 {
                    return Err((self.p, "unexpected '-'"));
                }
                break;
            }
            let pr = if matches!(self.c(), b'&' | b'!') { self.props()? } else { None };
            let ls = self.ls;
            let idx = self.t.nodes.len();
            match self.c() {
                b'"' | b'\'' => {
                    self.quoted()?;
                }
                b'[' | b'{' => {
                    self.flow()?;
                }
                b'*' => {
                    let s = self.p;
                    while !Self::ws(self.c()) {
                        self.p += 1
                    }
                    self.leaf(K::Alias, s, self.p);
                }
                b':' if Self::ws(self.at(self.p + 1)) => {
                    self.leaf(K::Empty, self.p, self.p);
                }
                b'|' | b'>' | b'@' | b'`' | b']' | b'}' | b',' => {
                    return Err((self.p, "did not find expected key"));
                }
                _ => {
                    let s = self.p;
                    let e = self.plain_line(false);
                    self.leaf(K::Plain, s, e);
                }
            }
            self.attach(pr, idx);
            while blank(self.c()) {
                self.p += 1
            }
            if self.ls != ls || !self.is_key_colon(false) {
                return Err((self.t.nodes[idx].start as usize, "could not find expected ':'"));
            }
            self.map_after_key(col as isize, 0)?;
        }
        let end = self.t.nodes.last().unwrap().end as usize;
        self.close(m, end);
        Ok(())
    }
    fn flow(&mut self) -> R<usize> {
        self.depth += 1;
        if self.depth > 400 {
            return Err((self.p, "too deep"));
        }
        let open = self.c();
        let closec = if open == b'[' { b']' } else { b'}' };
        let n = self.push(if open == b'[' { K::List } else { K::Map }, self.p);
        self.p += 1;
        loop {
            self.skip();
            if self.eof() || self.marker() {
                return Err((self.t.nodes[n].start as usize, "unterminated flow collection"));
            }
            let c = self.c();
            if c == closec {
                self.p += 1;
                break;
            }
            if c == b',' {
                self.p += 1;
                continue;
            }
            let explicit = c == b'?' && Self::ws(self.at(self.p + 1));
            if explicit {
                self.p += 1;
                self.skip();
            }
            let idx = self.t.nodes.len();
            self.flow_node()?;
            self.skip();
            if self.c() == b':' && (self.is_key_colon(true) || !matches!(self.t.nodes[idx].kind, K::Plain)) {
                if open == b'[' {
                    let st = self.t.nodes[idx].start;
                    self.t.nodes.insert(
                        idx,
                        Node { kind: K::Map, bare: false, indent: 0, start: st, end: 0, next: 0 },
                    );
                    for x in &mut self.t.nodes[idx + 1..] {
                        x.next += 1
                    }
                    for p in &mut self.t.props {
                        if p.node as usize >= idx {
                            p.node += 1
                        }
                    }
                }
                self.p += 1;
                self.skip();
                self.flow_node()?;
                if open == b'[' {
                    let e = self.t.nodes.last().unwrap().end as usize;
                    self.close(idx, e)
                }
                self.skip();
            } else if open == b'{' {
                let p = self.p;
                self.leaf(K::Empty, p, p);
            }
            match self.c() {
                b',' => self.p += 1,
                x if x == closec => {}
                _ => return Err((self.p, "expected ',' or closing bracket")),
            }
        }
        let p = self.p;
        self.close(n, p);
        self.depth -= 1;
        Ok(n)
    }
    fn flow_node(&mut self) -> R<()> {
        let pr = if matches!(self.c(), b'&' | b'!') { self.props()? } else { None };
        if pr.is_some() {
            self.skip();
        }
        let idx = self.t.nodes.len();
        match self.c() {
            b'[' | b'{' => {
                self.flow()?;
            }
            b'"' | b'\'' => {
                self.quoted()?;
            }
            b'*' => {
                let s = self.p;
                while !Self::ws(self.c()) && !matches!(self.c(), b',' | b'[' | b']' | b'{' | b'}') {
                    self.p += 1
                }
                self.leaf(K::Alias, s, self.p);
            }
            b',' | b']' | b'}' => {
                let p = self.p;
                self.leaf(K::Empty, p, p);
            }
            b':' if self.is_key_colon(true) => {
                let p = self.p;
                self.leaf(K::Empty, p, p);
            }
            b'-' if Self::ws(self.at(self.p + 1)) => return Err((self.p, "'-' in flow")),
            b'@' | b'`' | b'|' | b'>' | b'%' => return Err((self.p, "bad char in flow")),
            _ => {
                let s = self.p;
                let e = self.plain_line(true);
                let i = self.leaf(K::Plain, s, e);
                self.plain_rest(i, 0, true)?;
            }
        }
        self.attach(pr, idx);
        Ok(())
    }
    fn stream(&mut self) {
        if self.b.starts_with(b"\xef\xbb\xbf") {
            self.p = 3;
            self.ls = 3;
        }
        loop {
            let from = self.p;
            self.skip();
            while self.c() == b'%' && self.p == self.ls {
                self.p = memchr::memchr(b'\n', &self.b[self.p..]).map_or(self.b.len(), |i| self.p + i);
                self.skip();
            }
            if self.eof() {
                return;
            }
            let d = self.push(K::Document, from);
            let props = self.t.props.len();
            let mut explicit = false;
            if self.marker() {
                explicit = self.c() == b'-';
                self.p += 3;
                if !explicit {
                    self.t.nodes.pop();
                    continue;
                }
            }
            let _ = explicit;
            self.depth = 0;
            let r = self.block_node(-1, false, true).and_then(|_| {
                self.skip();
                if self.eof() || self.marker() {
                    Ok(())
                } else {
                    Err((self.p, "did not find expected document start"))
                }
            });
            let failed = r.is_err();
            if let Err((at, m)) = r {
                self.t.errors.push((at as u32, m));
                // recover: next line starting with ---
                if !self.marker() {
                    loop {
                        match memchr::memchr(b'\n', &self.b[self.p.min(self.b.len())..]) {
                            Some(i) => {
                                self.p += i + 1;
                                self.ls = self.p;
                                if self.marker() {
                                    break;
                                }
                            }
                            None => {
                                self.p = self.b.len();
                                break;
                            }
                        }
                    }
                }
            }
            let p = self.p;
            self.close(d, p);
            if failed {
                self.t.nodes.truncate(d);
                self.t.props.truncate(props);
            }
        }
    }
}
pub(super) fn parse(s: &[u8], t: &mut Tree) {
    t.clear();
    P { b: s, p: 0, ls: 0, t, depth: 0, had_tab_indent: false }.stream()
}
