//! What the parser makes of a template: flat tables whose rows point at each other and at the bytes of the text. Making one
//! and giving it back costs nearly nothing, and most of a chart's templates are parsed and never executed.

use std::ops::Range;

/// Bytes of a text, or rows of a table.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Run {
    pub start: u32,
    pub end: u32,
}

impl Run {
    pub fn of(range: Range<usize>) -> Run {
        Run { start: range.start as u32, end: range.end as u32 }
    }

    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A template. Words are bytes of its text; those that are spelled otherwise there are behind its end, in `words`.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The length of the text.
    pub len: usize,
    pub words: String,
    pub body: Run,
    /// In the order in which they end.
    pub defines: Vec<Define>,
    /// The bytes of every action, in the order of the text.
    pub actions: Vec<Run>,
    pub nodes: Vec<Node>,
    pub pipes: Vec<Pipe>,
    /// Of each command its expressions.
    pub commands: Vec<Run>,
    pub exprs: Vec<Expr>,
    /// The names of variables that are declared or assigned to.
    pub names: Vec<Run>,
}

/// What is defined: the word of its name, and its nodes.
#[derive(Clone, Copy, Debug)]
pub struct Define {
    pub name: Run,
    pub body: Run,
}

#[derive(Clone, Copy, Debug)]
pub enum Node {
    /// Bytes of the text.
    Text(Run),
    Action(Pipe),
    If(Branch),
    With(Branch),
    Range(Branch),
    Template {
        action: u32,
        name: Run,
        pipe: Option<u32>,
    },
    Break,
    Continue,
}

#[derive(Clone, Copy, Debug)]
pub struct Branch {
    pub pipe: Pipe,
    pub body: Run,
    pub otherwise: Option<Run>,
}

/// Commands, each of which takes what the one before it gives.
#[derive(Clone, Copy, Debug)]
pub struct Pipe {
    /// The action that it is in.
    pub action: u32,
    pub commands: Run,
    /// The variables that get its value.
    pub names: Run,
    /// They are there already.
    pub is_assign: bool,
}

#[derive(Clone, Copy, Debug)]
pub enum Expr {
    Dot,
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A whole number that no `int` holds.
    TooLarge,
    /// A text between quotes.
    Text(Run),
    /// Keys, with dots between them.
    Field(Run),
    Variable(Run, Run),
    Function(Run),
    /// The keys of what an expression gives.
    Chain(u32, Run),
    Pipe(u32),
}

impl Tree {
    /// Makes room for what is in a text of `len` bytes.
    pub fn clear(&mut self, len: usize) {
        (self.len, self.body) = (len, Run::default());
        self.words.clear();
        self.defines.clear();
        self.actions.clear();
        self.nodes.clear();
        self.pipes.clear();
        self.commands.clear();
        self.exprs.clear();
        self.names.clear();
    }

    /// A word of the template.
    pub fn word<'t>(&'t self, text: &'t str, word: Run) -> &'t str {
        match word.start as usize >= self.len && !word.is_empty() {
            true => &self.words[word.start as usize - self.len..word.end as usize - self.len],
            false => &text[word.range()],
        }
    }

    /// Whether a word is in the text as it is.
    pub fn is_in_text(&self, word: Run) -> bool {
        word.end as usize <= self.len
    }

    /// Whether some nodes write nothing but blanks.
    pub fn is_blank(&self, text: &str, nodes: Run) -> bool {
        self.nodes[nodes.range()].iter().all(|node| match node {
            Node::Text(bytes) => text[bytes.range()].trim().is_empty(),
            _ => false,
        })
    }
}
