//! How an inventory is shown to people.

use crate::emit::Colour;
use crate::redact::Manner;

/// What a table for people needs to know of where it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub colour: Colour,
    /// Columns of the terminal.
    pub width: usize,
    pub grouping: Grouping,
}

impl Manner for Look {}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Grouping {
    /// By name.
    Flat,
    /// What needs attention first, or last, as next to the prompt.
    WorstFirst,
    WorstLast,
    /// By registry.
    Tree,
}
