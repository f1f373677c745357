//! What a script is made of: words, and the pieces of words. Knows no text.

use std::ops::Range;

/// In what the commands are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    Shell,
    /// Recipes and variables of Make: `$(NAME)`, `NAME := value`, and `$$` for the shell's dollar.
    Make,
    /// Recipes and variables of just: `{{NAME}}`, `NAME := 'value'`.
    Just,
    /// Commands of Taskfiles: `{{.NAME}}`.
    Task,
}

/// A word as it is written.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub(super) range: Range<usize>,
    pub(super) pieces: Vec<Piece>,
    /// Some of it is in quotes.
    pub(super) is_quoted: bool,
    /// What is between the quotes, if nothing is outside of them.
    pub(super) inner: Option<Range<usize>>,
}

/// A piece of a word, by its place in the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    Text(Range<usize>),
    /// A variable, where it is asked for, and what holds if it has no value.
    Name(Range<usize>, Range<usize>, Option<Vec<Piece>>),
    /// What only a run knows.
    Hole(Range<usize>),
    /// The same, and it may be several words.
    Many(Range<usize>),
}
