//! The flat form in which a reader hands over what it found: nodes in the order of the text, by byte range.
//!
//! No text is decoded here and nothing is allocated per node, so a tree can be filled, lifted and used again.

/// What a node is, as the bytes spell it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Kind {
    Document,
    Map,
    List,
    Plain,
    Single,
    Double,
    Literal,
    Folded,
    Alias,
    /// A value that is not there: `key:` and nothing after it.
    Empty,
}

/// One node. The nodes below it follow it, up to `next`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The bytes (between the quotes, if any) are the value: no escape, no line break.
    pub(super) bare: bool,
    /// The column at which the lines of a block scalar begin.
    pub(super) indent: u16,
    pub(super) start: u32,
    pub(super) end: u32,
    /// The index of the first node that is not below this one.
    pub(super) next: u32,
}

/// The anchor and the tag of a node; a range is empty where there is none.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Props {
    pub(super) node: u32,
    pub(super) anchor: (u32, u32),
    pub(super) tag: (u32, u32),
}

/// Everything one text holds.
#[derive(Default, Debug)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) comments: Vec<(u32, u32)>,
    /// In the order of their nodes.
    pub(super) props: Vec<Props>,
    pub(super) errors: Vec<(u32, &'static str)>,
}

impl Tree {
    pub(super) fn clear(&mut self) {
        self.nodes.clear();
        self.comments.clear();
        self.props.clear();
        self.errors.clear();
    }
}

impl Node {
    pub(super) fn range(&self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}
