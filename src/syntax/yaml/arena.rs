//! The flat form in which a reader hands over one document: its nodes in the order of the text, by byte range.
//!
//! No text is decoded here and nothing is allocated per node, so a tree can be filled, lifted and used again.

/// What a node is, as the bytes spell it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Kind {
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

/// One node. The nodes below it follow it, up to `next`; those of a map are keys and values in turn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cell {
    pub(super) kind: Kind,
    /// The bytes (between the quotes, if any) are the value: no escape, no line break.
    pub(super) bare: bool,
    /// The column at which the lines of a block scalar begin.
    pub(super) indent: u16,
    pub(super) start: u32,
    pub(super) end: u32,
    /// The index of the first cell that is not below this one.
    pub(super) next: u32,
}

/// The anchor and the tag of a node, as written; a range is empty where there is none.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Marks {
    pub(super) cell: u32,
    pub(super) anchor: (u32, u32),
    pub(super) tag: (u32, u32),
}

/// One document.
#[derive(Default, Debug)]
pub(super) struct Tree {
    /// The first cell is the root.
    pub(super) cells: Vec<Cell>,
    pub(super) comments: Vec<(u32, u32)>,
    /// In the order of their cells.
    pub(super) marks: Vec<Marks>,
}

impl Cell {
    pub(super) fn range(&self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Tree {
    pub(super) fn clear(&mut self) {
        self.cells.clear();
        self.comments.clear();
        self.marks.clear();
    }

    /// Adds a node without children and returns its index.
    #[inline]
    pub(super) fn leaf(&mut self, kind: Kind, start: usize, end: usize) -> usize {
        let at = self.cells.len();
        let (start, end) = (start as u32, end as u32);
        self.cells.push(Cell { kind, bare: false, indent: 0, start, end, next: at as u32 + 1 });
        at
    }

    /// Ends the node at `at`: every cell after it is below it.
    pub(super) fn close(&mut self, at: usize, end: usize) {
        let next = self.cells.len() as u32;
        let cell = &mut self.cells[at];
        (cell.end, cell.next) = (end as u32, next);
    }

    /// Puts a map around the cells from `at` on, which turned out to be its first key.
    pub(super) fn wrap(&mut self, at: usize, start: usize) {
        let start = start as u32;
        self.cells.insert(at, Cell { kind: Kind::Map, bare: false, indent: 0, start, end: start, next: 0 });
        for cell in &mut self.cells[at + 1..] {
            cell.next += 1;
        }
        for marks in self.marks.iter_mut().rev().take_while(|marks| marks.cell as usize >= at) {
            marks.cell += 1;
        }
    }

    /// Gives the node at `at` its anchor and tag. Nodes get theirs after their children did, so the list is
    /// put in order here.
    pub(super) fn mark(&mut self, at: usize, marks: Option<Marks>) {
        let Some(marks) = marks else { return };
        let place =
            self.marks.iter().rposition(|other| (other.cell as usize) < at).map_or(0, |before| before + 1);
        self.marks.insert(place, Marks { cell: at as u32, ..marks });
    }
}
