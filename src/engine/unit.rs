//! What one file, or one object, gave.

use crate::facts::Facts;
use crate::finding::Problem;
use crate::judge;
use crate::text::SourceId;

/// What one file gave.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) source: SourceId,
    /// Nothing for the many files that say nothing: of a tree of sources a hundred thousand of these are held.
    pub(super) facts: Option<Box<Facts>>,
    pub(super) problems: Vec<Problem>,
    pub(super) remarks: Vec<judge::Remark>,
    /// How many bytes were read; nothing if the file could not be read.
    pub(super) bytes: Option<u64>,
    pub(super) binary: bool,
    /// Whether it is an archive that nobody looked into.
    pub(super) archive: bool,
    pub(super) documents: usize,
    pub(super) second_reader: usize,
}

/// What one object says, and what is wrong with it.
pub(super) type Said = (Facts, Vec<Problem>);
