//! The parser of Go's templates. What it takes is what Go takes, and a little more: Go refuses some of what cannot go
//! wrong, as a `break` without a loop. Knows where everything begins and ends; not what it means.

mod literals;

use super::source::Malformed;
use super::tree::{Branch, Define, Expr, Node, Pipe, Run, Tree};
use crate::limits::{DEEPEST_BLOCK, MOST_ELSE};
use memchr::memmem::Finder;
use std::cell::Cell;
use std::collections::HashSet;
use std::ops::Range;

type Made<T> = Result<T, Malformed>;

/// Parses a text.
pub fn parse(text: &str) -> Made<Tree> {
    let opening = Finder::new(b"{{");
    let mut desk = DESK.take();
    desk.tree.clear(text.len());
    let mut parser = Parser {
        text,
        opening: &opening,
        at: 0,
        trims: false,
        open: 0..0,
        nested: 0,
        tree: desk.tree,
        nodes: desk.nodes,
        commands: desk.commands,
        exprs: desk.exprs,
    };
    let (body, ended) = parser.block()?;
    if ended != Ended::Text {
        return parser.second_end();
    }
    // The copy is as large as it has to be.
    let tree = Tree { body, ..parser.tree.clone() };
    let Parser { tree: kept, nodes, commands, exprs, .. } = parser;
    DESK.set(Desk { tree: kept, nodes, commands, exprs });
    match twice(&tree, text) {
        Some(name) => Err(Malformed {
            says: format!("multiple definition of template \"{name}\""),
            range: tree.actions.first().map_or(0..0, |action| action.range()),
        }),
        None => Ok(tree),
    }
}

/// What a parser writes on. It keeps its room from one text to the next of this thread.
#[derive(Default)]
struct Desk {
    tree: Tree,
    nodes: Vec<Node>,
    commands: Vec<Run>,
    exprs: Vec<Expr>,
}

thread_local! {
    static DESK: Cell<Desk> = Cell::default();
}

/// A name that is defined twice in one text, and not as nothing.
fn twice<'t>(tree: &'t Tree, text: &'t str) -> Option<&'t str> {
    if tree.defines.len() < 2 {
        return None;
    }
    let full = tree.defines.iter().filter(|define| !tree.is_blank(text, define.body));
    let mut known = HashSet::with_capacity(tree.defines.len());
    full.map(|define| tree.word(text, define.name)).find(|name| !known.insert(*name))
}

/// What a list of nodes ends with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Text,
    End,
    Else,
}

/// How many variables a pipe may declare.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Declares {
    None,
    One,
    Two,
}

struct Parser<'t> {
    text: &'t str,
    /// Finds what an action begins with.
    opening: &'t Finder<'t>,
    at: usize,
    /// The action before takes the blanks behind it away.
    trims: bool,
    /// The action that is read, as far as it is read.
    open: Range<usize>,
    nested: usize,
    tree: Tree,
    /// Rows whose lists are not at their end yet.
    nodes: Vec<Node>,
    commands: Vec<Run>,
    exprs: Vec<Expr>,
}

/// Whether a word is none for a function.
fn is_keyword(word: &[u8]) -> bool {
    matches!(
        word,
        b"if"
            | b"else"
            | b"end"
            | b"range"
            | b"with"
            | b"define"
            | b"template"
            | b"block"
            | b"break"
            | b"continue"
    )
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Takes the rows from `from` on to the end of a table.
fn settle<T: Copy>(rows: &mut Vec<T>, from: usize, table: &mut Vec<T>) -> Run {
    let start = table.len();
    table.extend_from_slice(&rows[from..]);
    rows.truncate(from);
    Run::of(start..table.len())
}

impl Parser<'_> {
    fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn starts_with(&self, sign: &str) -> bool {
        self.text.as_bytes()[self.at..].starts_with(sign.as_bytes())
    }

    /// Goes over blanks; tells whether there were any.
    fn blanks(&mut self) -> bool {
        let start = self.at;
        while is_blank(self.byte(0)) {
            self.at += 1;
        }
        self.at > start
    }

    /// The line of the action that is read.
    fn line(&self) -> Range<usize> {
        let rest = &self.text[self.open.start..];
        self.open.start..rest.find('\n').map_or(self.text.len(), |end| self.open.start + end)
    }

    fn wrong<T>(&self, says: impl std::fmt::Display) -> Made<T> {
        Err(Malformed { says: format!("this is no template: {says}"), range: self.line() })
    }

    fn endless<T>(&self) -> Made<T> {
        Err(Malformed { says: "this action has no end".into(), range: self.line() })
    }

    fn unexpected<T>(&self) -> Made<T> {
        match self.text[self.at..].chars().next() {
            Some(letter) => self.wrong(format_args!("`{letter}` is not expected in this action")),
            None => self.endless(),
        }
    }

    fn misfit<T>(&self, range: Range<usize>) -> Made<T> {
        let says = format!("`{}` does not fit: a block begins or ends too often", &self.text[range.clone()]);
        Err(Malformed { says, range })
    }

    /// An `end` or `else` that is read, and no block is there for it.
    fn second_end<T>(&self) -> Made<T> {
        match self.text[self.at..].find("}}") {
            Some(len) => self.misfit(self.open.start..self.at + len + 2),
            None => self.endless(),
        }
    }

    fn deeper(&mut self) -> Made<()> {
        self.nested += 1;
        if self.nested > DEEPEST_BLOCK {
            return self.wrong(format_args!(
                "blocks and parentheses within each other are not followed deeper than {DEEPEST_BLOCK}"
            ));
        }
        Ok(())
    }

    /// Nodes, up to what ends them. Of that action the sign at its end is not read yet.
    fn block(&mut self) -> Made<(Run, Ended)> {
        self.deeper()?;
        let first = self.nodes.len();
        let ended = loop {
            if !self.next_action()? {
                break Ended::Text;
            }
            let word = self.keyword();
            match self.text[word.clone()].as_bytes() {
                b"end" => break Ended::End,
                b"else" => break Ended::Else,
                _ => {}
            }
            let node = self.node(word)?;
            self.nodes.extend(node);
        };
        self.nested -= 1;
        let nodes = settle(&mut self.nodes, first, &mut self.tree.nodes);
        Ok((nodes, ended))
    }

    /// Goes to the inside of the next action that is no comment. What is before it becomes text.
    fn next_action(&mut self) -> Made<bool> {
        loop {
            let from = self.at;
            let Some(start) = self.opening.find(&self.text.as_bytes()[from..]) else {
                self.text_node(from..self.text.len(), false);
                self.at = self.text.len();
                return Ok(false);
            };
            self.at = from + start;
            self.open = self.at..self.at + 2;
            let trims = self.byte(2) == b'-' && is_blank(self.byte(3));
            self.text_node(from..self.at, trims);
            self.at += 2 + usize::from(trims);
            if !self.comment()? {
                self.tree.actions.push(Run::of(self.open.clone()));
                return Ok(true);
            }
        }
    }

    fn text_node(&mut self, bytes: Range<usize>, trims_end: bool) {
        let (mut start, mut end) = (bytes.start, bytes.end);
        let letters = self.text.as_bytes();
        while self.trims && start < end && is_blank(letters[start]) {
            start += 1;
        }
        while trims_end && start < end && is_blank(letters[end - 1]) {
            end -= 1;
        }
        if start < end {
            self.nodes.push(Node::Text(Run::of(start..end)));
        }
    }

    /// Goes over a comment, if this action is one.
    fn comment(&mut self) -> Made<bool> {
        let start = self.at;
        self.blanks();
        if !self.starts_with("/*") {
            self.at = start;
            return Ok(false);
        }
        match self.text[self.at + 2..].find("*/") {
            Some(end) => self.at += end + 4,
            None => return self.endless(),
        }
        self.close()?;
        Ok(true)
    }

    /// The end of an action.
    fn close(&mut self) -> Made<()> {
        let had_blanks = self.blanks();
        let trims = had_blanks && self.byte(0) == b'-';
        let sign = usize::from(trims);
        if self.byte(sign) != b'}' || self.byte(sign + 1) != b'}' {
            return self.unexpected();
        }
        self.at += 2 + usize::from(trims);
        self.trims = trims;
        self.open.end = self.at;
        if let Some(action) =
            self.tree.actions.last_mut().filter(|action| action.start as usize == self.open.start)
        {
            action.end = self.at as u32;
        }
        Ok(())
    }

    /// The word at the beginning of an action.
    fn keyword(&mut self) -> Range<usize> {
        let before = self.at;
        self.blanks();
        let start = self.at;
        while self.byte(0).is_ascii_lowercase() {
            self.at += 1;
        }
        let end = std::mem::replace(&mut self.at, before);
        let behind = match self.text.as_bytes().get(end).copied().unwrap_or(b' ') {
            byte @ 0..128 => byte.is_ascii_alphanumeric() || byte == b'_',
            _ => self.text[end..].chars().next().is_some_and(char::is_alphanumeric),
        };
        match !behind && is_keyword(&self.text.as_bytes()[start..end]) {
            true => {
                self.at = end;
                start..end
            }
            false => start..start,
        }
    }

    /// A node whose keyword was read. Definitions are none.
    fn node(&mut self, word: Range<usize>) -> Made<Option<Node>> {
        let action = self.tree.actions.len() as u32 - 1;
        Ok(Some(match &self.text[word] {
            "if" => Node::If(self.branch(Declares::One, 0)?),
            "with" => Node::With(self.branch(Declares::One, 0)?),
            "range" => Node::Range(self.branch(Declares::Two, 0)?),
            sign @ ("define" | "block" | "template") => return self.named(sign == "block", sign == "define"),
            "break" => {
                self.close()?;
                Node::Break
            }
            "continue" => {
                self.close()?;
                Node::Continue
            }
            _ => {
                let pipe = self.pipe(action, Declares::One)?;
                self.close()?;
                Node::Action(pipe)
            }
        }))
    }

    fn branch(&mut self, declares: Declares, before: usize) -> Made<Branch> {
        let opened = self.open.start;
        let action = self.tree.actions.len() as u32 - 1;
        let pipe = self.pipe(action, declares)?;
        self.close()?;
        let opened = opened..self.at;
        let (body, ended) = self.block()?;
        let otherwise = match ended {
            Ended::Text => return self.misfit(opened),
            Ended::End => None,
            Ended::Else => {
                let word = self.keyword();
                match &self.text[word] {
                    sign @ ("if" | "with") if before < MOST_ELSE => {
                        let inner = self.branch(Declares::One, before + 1)?;
                        let node = if sign == "if" { Node::If(inner) } else { Node::With(inner) };
                        let first = self.nodes.len();
                        self.nodes.push(node);
                        let nodes = settle(&mut self.nodes, first, &mut self.tree.nodes);
                        return Ok(Branch { pipe, body, otherwise: Some(nodes) });
                    }
                    "" => {
                        self.close()?;
                        match self.block()? {
                            (nodes, Ended::End) => Some(nodes),
                            (_, Ended::Else) => return self.second_end(),
                            (_, Ended::Text) => return self.misfit(opened),
                        }
                    }
                    _ => return self.wrong("this cannot stand behind `else`"),
                }
            }
        };
        self.close()?;
        Ok(Branch { pipe, body, otherwise })
    }

    /// `template`, `define`, or `block`, which is both.
    fn named(&mut self, is_block: bool, is_define: bool) -> Made<Option<Node>> {
        let action = self.tree.actions.len() as u32 - 1;
        let opened = self.open.start;
        self.blanks();
        let Expr::Text(name) = (match self.byte(0) {
            b'"' => self.quoted()?,
            b'`' => self.raw()?,
            _ => Expr::Nil,
        }) else {
            return self.wrong("the name of a template is a text between quotes");
        };
        self.blanks();
        let is_bare = is_define || self.starts_with("}}") || self.starts_with("-}}");
        let pipe = match is_bare {
            true => None,
            false => {
                let pipe = self.pipe(action, Declares::None)?;
                self.tree.pipes.push(pipe);
                Some(self.tree.pipes.len() as u32 - 1)
            }
        };
        // The blanks before the end are read already.
        self.at -= usize::from(is_blank(self.text.as_bytes()[self.at - 1]));
        self.close()?;
        if is_define || is_block {
            let opened = opened..self.at;
            let (body, ended) = self.block()?;
            match ended {
                Ended::End => self.close()?,
                Ended::Else => return self.second_end(),
                Ended::Text => return self.misfit(opened),
            }
            self.tree.defines.push(Define { name, body });
        }
        Ok((!is_define).then_some(Node::Template { action, name, pipe }))
    }

    fn pipe(&mut self, action: u32, declares: Declares) -> Made<Pipe> {
        self.blanks();
        let (names, is_assign) = match declares {
            Declares::None => (Run::default(), false),
            _ => self.declared(declares)?,
        };
        let first = self.commands.len();
        loop {
            let command = self.command()?;
            self.commands.push(command);
            if self.byte(0) != b'|' {
                break;
            }
            self.at += 1;
        }
        // The sign that ends an action and trims has a blank before it.
        self.at -= usize::from(is_blank(self.text.as_bytes()[self.at - 1]));
        let commands = settle(&mut self.commands, first, &mut self.tree.commands);
        Ok(Pipe { action, commands, names, is_assign })
    }

    /// The variables before `:=` or `=`; none if no such sign is there.
    fn declared(&mut self, declares: Declares) -> Made<(Run, bool)> {
        let (before, first) = (self.at, self.tree.names.len());
        while self.byte(0) == b'$' {
            let name = self.variable();
            self.tree.names.push(name);
            self.blanks();
            if self.byte(0) == b',' {
                self.at += 1;
                self.blanks();
            }
        }
        let (len, is_assign) = match (self.byte(0), self.byte(1)) {
            (b':', b'=') => (2, false),
            (b'=', _) => (1, true),
            _ => {
                self.tree.names.truncate(first);
                self.at = before;
                return Ok((Run::default(), false));
            }
        };
        let count = self.tree.names.len() - first;
        if count == 0 || count > if declares == Declares::Two { 2 } else { 1 } {
            return self.wrong("it declares too many variables, or none");
        }
        self.at += len;
        Ok((Run::of(first..first + count), is_assign))
    }

    /// Expressions, up to what ends a command; blanks behind it are read.
    fn command(&mut self) -> Made<Run> {
        let first = self.exprs.len();
        loop {
            let had_blanks = self.blanks();
            let expr = match self.byte(0) {
                b'}' | b'|' | b')' => break,
                b'-' if had_blanks && self.starts_with("-}}") => break,
                _ => self.expr()?,
            };
            self.exprs.push(expr);
        }
        if self.exprs.len() == first {
            return self.wrong("a command is empty");
        }
        Ok(settle(&mut self.exprs, first, &mut self.tree.exprs))
    }

    fn expr(&mut self) -> Made<Expr> {
        let expr = match (self.byte(0), self.byte(1)) {
            (b'"', _) => return self.quoted(),
            (b'`', _) => return self.raw(),
            (b'\'', _) => return self.letter(),
            (b'0'..=b'9', _) | (b'+' | b'-', b'0'..=b'9' | b'.') | (b'.', b'0'..=b'9') => {
                return self.number();
            }
            (b'(', _) => self.parenthesis()?,
            (b'.', _) => {
                let keys = self.keys();
                if !keys.is_empty() {
                    return Ok(Expr::Field(keys));
                }
                self.at += 1;
                Expr::Dot
            }
            (b'$', _) => {
                let name = self.variable();
                return Ok(Expr::Variable(name, self.keys()));
            }
            _ => match self.named_value()? {
                function @ Expr::Function(_) => function,
                literal => return Ok(literal),
            },
        };
        let keys = self.keys();
        if keys.is_empty() {
            return Ok(expr);
        }
        if let Expr::Dot = expr {
            return Ok(Expr::Field(keys));
        }
        self.tree.exprs.push(expr);
        Ok(Expr::Chain(self.tree.exprs.len() as u32 - 1, keys))
    }

    fn parenthesis(&mut self) -> Made<Expr> {
        self.at += 1;
        self.deeper()?;
        let pipe = self.pipe(self.tree.actions.len() as u32 - 1, Declares::None)?;
        self.nested -= 1;
        self.blanks();
        if self.byte(0) != b')' {
            return self.wrong("a parenthesis is not closed");
        }
        self.at += 1;
        self.tree.pipes.push(pipe);
        Ok(Expr::Pipe(self.tree.pipes.len() as u32 - 1))
    }

    /// A function, a truth or `nil`.
    fn named_value(&mut self) -> Made<Expr> {
        let start = self.at;
        self.name();
        match &self.text.as_bytes()[start..self.at] {
            b"" => self.unexpected(),
            b"true" => Ok(Expr::Bool(true)),
            b"false" => Ok(Expr::Bool(false)),
            b"nil" => Ok(Expr::Nil),
            word if is_keyword(word) => {
                let word = &self.text[start..self.at];
                self.wrong(format_args!("`{word}` is not expected in this action"))
            }
            _ => Ok(Expr::Function(Run::of(start..self.at))),
        }
    }

    /// The letters of a name.
    fn name(&mut self) {
        loop {
            match self.byte(0) {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => self.at += 1,
                0..128 => return,
                _ => match self.text[self.at..].chars().next().filter(|letter| letter.is_alphanumeric()) {
                    Some(letter) => self.at += letter.len_utf8(),
                    None => return,
                },
            }
        }
    }

    fn variable(&mut self) -> Run {
        let start = self.at;
        self.at += 1;
        self.name();
        Run::of(start..self.at)
    }

    /// Keys that stand here without a blank, each behind a dot.
    fn keys(&mut self) -> Run {
        let first = self.at + 1;
        let mut end = self.at;
        while self.byte(0) == b'.' && !self.byte(1).is_ascii_digit() {
            self.at += 1;
            self.name();
            if self.at == end + 1 {
                break;
            }
            end = self.at;
        }
        self.at = end;
        if end < first { Run::default() } else { Run::of(first..end) }
    }
}
