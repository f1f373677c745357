//! One object, as it was stored, and why one cannot be had.

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ObjectKind {
    Commit,
    Tree,
    Blob,
    Tag,
}

/// An object and what it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Object {
    pub kind: ObjectKind,
    pub bytes: Vec<u8>,
}

/// Why an object cannot be had.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It is nowhere we look.
    Missing,
    /// It has more bytes than are unpacked.
    Large,
    /// What is stored is not what it says, or something that we do not read.
    Damaged,
    /// It is made of others without an end, or at a price that no honest pack asks.
    Endless,
}

impl ObjectKind {
    pub(super) fn of_pack(kind: u8) -> Option<ObjectKind> {
        match kind {
            1 => Some(ObjectKind::Commit),
            2 => Some(ObjectKind::Tree),
            3 => Some(ObjectKind::Blob),
            4 => Some(ObjectKind::Tag),
            _ => None,
        }
    }

    /// What git calls it.
    pub fn of_word(word: &str) -> Option<ObjectKind> {
        match word {
            "commit" => Some(ObjectKind::Commit),
            "tree" => Some(ObjectKind::Tree),
            "blob" => Some(ObjectKind::Blob),
            "tag" => Some(ObjectKind::Tag),
            _ => None,
        }
    }
}
