//! Where a node begins, which decides what may follow on its line.

/// Where a node begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// After `- `, or at the start of a text: a key or a dash may follow on the same line.
    Inline,
    /// After `? ` and the `:` that answers it: the same, and a list may stand at the column of its map.
    Answer,
    /// After `key:`: a key or a dash needs a new line, and a list may stand at the column of its map.
    Value,
    /// After `---`: a key or a dash needs a new line.
    After,
}

impl Room {
    pub(super) fn is_inline(self) -> bool {
        matches!(self, Room::Inline | Room::Answer)
    }

    pub(super) fn takes_level_list(self) -> bool {
        matches!(self, Room::Answer | Room::Value)
    }
}
