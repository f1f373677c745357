//! From the flat arena to the trees everybody reads: texts decoded, aliases and merge keys expanded, duplicate
//! keys told, comments handed to their documents. Knows nothing of how YAML is spelled.

use super::arena::{Cell, Kind, Marks, Tree};
use super::decode::{Page, Woven, decode};
use crate::finding::Problem;
use crate::limits::{DEEPEST_YAML, MOST_ALIASED_BYTES, MOST_ALIASED_NODES};
use crate::syntax::{Document, Node, Remark, Scalar, Style, Tag, Value};
use crate::text::{How, Origin, Pieces, SourceId, Span, Step, Str, Weave};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// What aliases copy.
#[derive(Clone, Copy, Default)]
struct Copies {
    nodes: usize,
    bytes: usize,
}

impl Copies {
    /// What is left behind another copy, if it may be made.
    fn without(self, copy: Copies) -> Option<Copies> {
        let nodes = self.nodes.checked_sub(copy.nodes)?;
        Some(Copies { nodes, bytes: self.bytes.checked_sub(copy.bytes)? })
    }
}

/// Where the text stands: it is a file, or within the value of a scalar.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    File(SourceId),
    /// The scalar's origin, its length in bytes, and where in it the text begins.
    Inside(&'a Origin, usize, usize),
    /// The pieces that it was put together from, the place of all of it, and where in it the text begins.
    Woven(&'a dyn Pieces, Span, usize),
}

impl Place<'_> {
    fn verbatim(&self, range: Range<usize>) -> Origin {
        match self {
            Place::File(source) => Origin::verbatim(Span::new(*source, range.start, range.end)),
            Place::Inside(origin, len, from) => origin.slice(behind(*from, range), *len),
            Place::Woven(pieces, whole, from) => pieces.slice(behind(*from, range), *whole),
        }
    }

    fn spelled(&self, range: Range<usize>) -> Origin {
        match self {
            Place::File(source) => Origin::spelled(Span::new(*source, range.start, range.end)),
            Place::Inside(origin, len, from) => origin.spelled_within(behind(*from, range), *len),
            Place::Woven(pieces, whole, from) => pieces.spelled_within(behind(*from, range), *whole),
        }
    }

    pub(super) fn span(&self, range: Range<usize>) -> Span {
        match self {
            Place::File(source) => Span::new(*source, range.start, range.end),
            Place::Inside(origin, len, from) => origin.span_within(behind(*from, range), *len),
            Place::Woven(pieces, whole, from) => pieces.spelled_within(behind(*from, range), *whole).span(),
        }
    }
}

fn behind(from: usize, range: Range<usize>) -> Range<usize> {
    from + range.start..from + range.end
}

/// What lifting needs to know besides the tree.
#[derive(Clone, Copy)]
pub(super) struct Sheet<'a> {
    pub(super) page: Page<'a>,
    pub(super) place: Place<'a>,
    /// The template actions that were masked, in the order of the text.
    pub(super) masks: &'a [(u32, u32)],
    /// The breaks that only YAML 1.1 has, in the order of the text.
    pub(super) breaks: &'a [(u32, u32)],
}

impl Sheet<'_> {
    fn is_masked_within(&self, range: Range<usize>) -> bool {
        stands_within(self.masks, range)
    }

    /// The range of a scalar in the text as it was before masking, which does not go beyond `limit`; as an error,
    /// if all of it was masked.
    fn unmask(&self, range: Range<usize>, limit: usize) -> Result<Range<usize>, Range<usize>> {
        if self.masks.is_empty() {
            return Ok(range);
        }
        let (mut clear, mut end) = (range.start, range.end);
        for mask in &self.masks[self.masks.partition_point(|mask| mask.1 as usize <= range.start)..] {
            let (from, to) = (mask.0 as usize, mask.1 as usize);
            if from >= range.end {
                break;
            }
            if from <= clear {
                clear = to;
            }
            // An action that goes on over the end of the line: its last lines were masked by blanks.
            end = end.max(to.min(limit));
        }
        if clear >= range.end && clear > range.start { Err(range.start..end) } else { Ok(range.start..end) }
    }
}

/// Whether one of some places reaches into a range.
fn stands_within(places: &[(u32, u32)], range: Range<usize>) -> bool {
    let after = places.partition_point(|place| place.1 as usize <= range.start);
    places.get(after).is_some_and(|place| (place.0 as usize) < range.end)
}

/// Lifts the documents of one text, one after the other.
pub(super) struct Lifter<'a> {
    sheet: Sheet<'a>,
    budget: Copies,
    woven: Woven,
    /// The schemas of custom resources become holes: the bulk of many repositories, and nothing in them is deployed.
    skips_schemas: bool,
    /// Which of equal keys counts.
    pub(super) equal_keys: EqualKeys,
    pub(super) problems: Vec<Problem>,
}

/// Which of equal keys of a map counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum EqualKeys {
    First,
    Last,
}

/// The key of a schema, and how deep in a definition it stands: `spec.versions[].schema`.
const SCHEMA: (&str, usize) = ("openAPIV3Schema", 5);

impl<'a> Lifter<'a> {
    pub(super) fn new(sheet: Sheet<'a>, skips_schemas: bool) -> Lifter<'a> {
        Lifter {
            sheet,
            budget: Copies { nodes: MOST_ALIASED_NODES, bytes: MOST_ALIASED_BYTES },
            woven: Woven::default(),
            skips_schemas,
            equal_keys: EqualKeys::Last,
            problems: Vec::new(),
        }
    }

    /// Lifts the document in `tree`, which ends at the byte `end`.
    pub(super) fn document(&mut self, tree: &Tree, end: usize) -> Document {
        let mut lift = Lift {
            lifter: self,
            tree,
            end,
            marks_at: 0,
            reach: 0,
            depth: 0,
            replays: false,
            anchors: Vec::new(),
            named: HashMap::new(),
        };
        let root = lift.node(0);
        Document { root, remarks: self.remarks(tree) }
    }

    pub(super) fn remarks(&self, tree: &Tree) -> Vec<Remark> {
        let remark = |&(start, end): &(u32, u32)| {
            let (page, place) = (self.sheet.page, self.sheet.place);
            // A break of YAML 1.1 is longer than the one that was seen.
            let end = (0..=end as usize).rev().find(|end| page.text.is_char_boundary(*end)).unwrap_or(0);
            let range = start as usize..end;
            let line = page.text[..range.start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
            let line = place.span(line..range.end).start;
            Remark { span: place.span(range.clone()), text: page.text[range].into(), line }
        };
        tree.comments.iter().map(remark).collect()
    }
}

/// One document on its way.
struct Lift<'l, 'a> {
    lifter: &'l mut Lifter<'a>,
    tree: &'l Tree,
    end: usize,
    /// The first of the tree's marks that belongs to a node not yet lifted.
    marks_at: usize,
    /// How far the values go so far: an action may go on behind the end that the reader saw.
    reach: usize,
    depth: usize,
    /// An alias is being followed: what is wrong with its target has been said.
    replays: bool,
    anchors: Vec<Anchor>,
    /// The anchors of each name, in the order of the text.
    named: HashMap<&'a str, Vec<usize>>,
}

struct Anchor {
    /// The node that carries it, and where the marks after its own begin.
    cell: usize,
    marks_at: usize,
}

impl<'a> Lift<'_, 'a> {
    fn node(&mut self, at: usize) -> Node {
        let cell = &self.tree.cells[at];
        match self.tree.marks.get(self.marks_at) {
            Some(marks) if marks.cell as usize == at => {
                self.marks_at += 1;
                self.marked_node(at, cell, *marks)
            }
            _ => self.plain_node(at, cell, ""),
        }
    }

    /// A node with an anchor or a tag.
    fn marked_node(&mut self, at: usize, cell: &Cell, marks: Marks) -> Node {
        let page = self.lifter.sheet.page;
        let text = |(start, end): (u32, u32)| &page.text[start as usize..end as usize];
        let (name, tag) = (text(marks.anchor).strip_prefix('&'), text(marks.tag));
        if let Some(name) = name.filter(|_| !self.replays) {
            self.named.entry(name).or_default().push(self.anchors.len());
            self.anchors.push(Anchor { cell: at, marks_at: self.marks_at });
        }
        let mut node = self.plain_node(at, cell, tag);
        if let Value::Scalar(scalar) = &mut node.value {
            scalar.tag = Tag::read(tag);
        }
        node
    }

    fn plain_node(&mut self, at: usize, cell: &Cell, tag: &str) -> Node {
        self.depth += 1;
        let node = match cell.kind {
            Kind::Map => self.map(at, cell),
            Kind::List => self.list(at, cell),
            Kind::Alias => self.alias(at, cell),
            Kind::Empty => self.empty(cell, tag),
            _ => self.scalar(cell, tag),
        };
        self.depth -= 1;
        node
    }

    fn empty(&mut self, cell: &Cell, tag: &str) -> Node {
        let sheet = &self.lifter.sheet;
        let next = self.next_start(cell);
        let value = match tag {
            // An action on lines of its own may write the value.
            _ if sheet.is_masked_within(cell.start as usize..next) => Value::Hole,
            "" | "!!null" => Value::Null,
            _ => Value::Scalar(Scalar::new(Str::default(), Style::Plain)),
        };
        Node::new(sheet.place.verbatim(cell.range()), value)
    }

    /// Where the next node begins, or the document ends.
    fn next_start(&self, cell: &Cell) -> usize {
        self.tree.cells.get(cell.next as usize).map_or(self.end, |next| next.start as usize)
    }

    fn scalar(&mut self, cell: &Cell, tag: &str) -> Node {
        let (style, quotes) = match cell.kind {
            Kind::Single => (Style::Single, 1),
            Kind::Double => (Style::Double, 1),
            Kind::Literal => (Style::Literal, 0),
            Kind::Folded => (Style::Folded, 0),
            _ => (Style::Plain, 0),
        };
        let Sheet { page, place, breaks, .. } = self.lifter.sheet;
        // Whether such a break is kept, or becomes a blank, only the tools of the cluster know.
        if stands_within(breaks, cell.range()) {
            self.reach = self.reach.max(cell.end as usize);
            return Node::new(self.collection(cell), Value::Hole);
        }
        let inner = cell.start as usize + quotes..(cell.end as usize).saturating_sub(quotes);
        let limit = if quotes > 0 { inner.end } else { self.next_start(cell) };
        let inner = match self.lifter.sheet.unmask(inner, limit) {
            Ok(inner) => inner,
            Err(hole) => {
                self.reach = self.reach.max(hole.end);
                return Node::new(place.verbatim(hole), Value::Hole);
            }
        };
        self.reach = self.reach.max(inner.end);
        if cell.bare {
            let text = &page.text[inner.clone()];
            let value = match text {
                // Any other tag makes a text of it.
                "~" | "null" | "Null" | "NULL" if style == Style::Plain && tag.is_empty() => Value::Null,
                _ if tag == "!!null" => Value::Null,
                _ => Value::Scalar(Scalar::new(text.into(), style)),
            };
            return Node::new(place.verbatim(inner), value);
        }
        let woven = &mut self.lifter.woven;
        decode(page, cell, woven);
        let mut weave = Weave::with_capacity(woven.pieces.len());
        let mut start = 0;
        for piece in &woven.pieces {
            let from = piece.from.0 as usize..piece.from.1 as usize;
            let origin = if piece.verbatim { place.verbatim(from) } else { place.spelled(from) };
            weave.push(piece.end as usize - start, origin);
            start = piece.end as usize;
        }
        let text = Str::from(woven.text.as_str());
        Node::new(Origin::woven(place.span(cell.range()), weave), Value::Scalar(Scalar::new(text, style)))
    }

    fn list(&mut self, at: usize, cell: &Cell) -> Node {
        let (mut items, mut child) = (Vec::with_capacity(self.children(at, cell)), at + 1);
        while child < cell.next as usize {
            items.push(self.node(child));
            child = self.tree.cells[child].next as usize;
        }
        Node::list(self.collection(cell), items)
    }

    fn map(&mut self, at: usize, cell: &Cell) -> Node {
        let (mut entries, mut child) = (Vec::with_capacity(self.children(at, cell).div_ceil(2)), at + 1);
        let mut merges = false;
        // One bit per key by its length and ends: two keys on one bit may be equal, and mostly none are.
        let (mut bits, mut doubtful) = (0u64, false);
        while child < cell.next as usize {
            let key = self.node(child);
            child = self.tree.cells[child].next as usize;
            let value = if self.is_skipped(&key) { self.hole(child) } else { self.node(child) };
            child = self.tree.cells[child].next as usize;
            if let Some(name) = key.text() {
                merges |= is_merge(&key);
                let bit = 1 << bit_of(name);
                doubtful |= bits & bit != 0;
                bits |= bit;
            }
            entries.push((key, value));
        }
        // In a template, equal keys mostly stand in two branches of a condition: both are kept.
        if doubtful && self.lifter.sheet.masks.is_empty() {
            self.keep_one(&mut entries);
        }
        if merges {
            entries = self.merge(entries);
        }
        Node::map(self.collection(cell), entries)
    }

    /// Whether a value is a schema that nobody wants. An anchor in it may be meant from outside of it.
    fn is_skipped(&self, key: &Node) -> bool {
        let (name, depth) = SCHEMA;
        self.lifter.skips_schemas
            && self.depth == depth
            && key.text() == Some(name)
            && self.tree.marks.is_empty()
    }

    fn hole(&mut self, at: usize) -> Node {
        let cell = &self.tree.cells[at];
        self.reach = self.reach.max(cell.end as usize);
        Node::new(self.collection(cell), Value::Hole)
    }

    fn collection(&self, cell: &Cell) -> Origin {
        let Sheet { page, place, .. } = self.lifter.sheet;
        let mut end = (cell.end as usize).max(self.reach.min(self.end));
        // Where a break of YAML 1.1 ends it, the line break that was seen is its last byte.
        while end < page.text.len() && !page.text.is_char_boundary(end) {
            end += 1;
        }
        place.spelled(cell.start as usize..end)
    }

    fn children(&self, at: usize, cell: &Cell) -> usize {
        let (mut count, mut child) = (0, at + 1);
        while child < cell.next as usize {
            child = self.tree.cells[child].next as usize;
            count += 1;
        }
        count
    }

    /// Drops all but one of equal keys, and tells of those that count.
    fn keep_one(&mut self, entries: &mut Vec<(Node, Node)>) {
        let name_of = |at: usize| entries[at].0.text().filter(|_| !is_merge(&entries[at].0));
        let mut doubles: Vec<(usize, usize)> = Vec::new();
        if entries.len() <= 16 {
            for later in 1..entries.len() {
                let Some(name) = name_of(later) else { continue };
                doubles.extend(
                    (0..later).rev().find(|&at| name_of(at) == Some(name)).map(|first| (first, later)),
                );
            }
        } else {
            let mut seen = HashMap::with_capacity(entries.len());
            for later in 0..entries.len() {
                let Some(name) = name_of(later) else { continue };
                doubles.extend(seen.insert(name, later).map(|first| (first, later)));
            }
        }
        if doubles.is_empty() {
            return;
        }
        let mut overruled = vec![false; entries.len()];
        for (first, later) in doubles {
            let (kept, dropped, which) = match self.lifter.equal_keys {
                EqualKeys::First => (first, later, "first"),
                EqualKeys::Last => (later, first, "last"),
            };
            overruled[dropped] = true;
            if self.replays {
                continue;
            }
            let key = &entries[kept].0;
            let says = format!(
                "the key `{}` stands twice in this map; the {which} one counts",
                key.text().unwrap_or("")
            );
            self.lifter.problems.push(Problem::note("yaml-duplicate-key", says, key.span()));
        }
        let mut overruled = overruled.into_iter();
        entries.retain(|_| !overruled.next().unwrap_or(false));
    }

    /// Puts the entries of merged maps where the merge key stands. What the map says itself wins, then the
    /// map that was merged first.
    fn merge(&mut self, entries: Vec<(Node, Node)>) -> Vec<(Node, Node)> {
        let mut taken: HashSet<Str> = entries
            .iter()
            .filter(|(key, _)| !is_merge(key))
            .filter_map(|(key, _)| key.text().map(Str::from))
            .collect();
        let mut merged = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            if !is_merge(&key) {
                merged.push((key, value));
                continue;
            }
            let step = Step::new(How::Merge, key.span());
            let sources = match value.value {
                Value::List(items) => Arc::unwrap_or_clone(items),
                _ => vec![value],
            };
            for source in sources {
                match source.value {
                    Value::Map(entries) => {
                        for (mut name, mut value) in Arc::unwrap_or_clone(entries) {
                            if name.text().is_some_and(|name| !taken.insert(name.into())) {
                                continue;
                            }
                            send(&mut name, &step);
                            send(&mut value, &step);
                            merged.push((name, value));
                        }
                    }
                    Value::Hole => {}
                    _ => self.lifter.problems.push(Problem::unread(
                        "yaml-syntax",
                        "a merge key takes a map or a list of maps",
                        Some(source.span()),
                    )),
                }
            }
        }
        merged
    }

    /// What an alias stands for: its target is lifted once more, and every node of it told the way.
    fn alias(&mut self, at: usize, cell: &Cell) -> Node {
        let sheet = self.lifter.sheet;
        let span = sheet.place.span(cell.range());
        if sheet.is_masked_within(cell.range()) {
            return Node::new(sheet.place.verbatim(cell.range()), Value::Hole);
        }
        let name = &sheet.page.text[cell.start as usize + 1..cell.end as usize];
        // An alias means the last anchor of its name before it, also when it is lifted once more itself.
        let known = self.named.get(name).map_or(&[][..], Vec::as_slice);
        let before = known.partition_point(|&anchor| self.anchors[anchor].cell < at);
        let target = known[..before].last();
        let copied = |anchor: &Anchor| {
            let cell = &self.tree.cells[anchor.cell];
            Copies { nodes: cell.next as usize - anchor.cell, bytes: cell.range().len() }
        };
        let why = match target.map(|&target| &self.anchors[target]) {
            None => format!("no anchor `&{name}` stands before this alias"),
            Some(anchor) if at < anchor.cell + copied(anchor).nodes => {
                format!("the alias `*{name}` stands within its own anchor")
            }
            Some(anchor) => {
                let left = self.lifter.budget.without(copied(anchor)).filter(|_| self.depth <= DEEPEST_YAML);
                self.lifter.budget = left.unwrap_or_default();
                if left.is_none() {
                    let why = "the aliases of this file copy too much";
                    return self.refused(Problem::blind("yaml-alias", why, Some(span)), span);
                }
                let (target, marks_at) = (anchor.cell, anchor.marks_at - 1);
                let (here, replays) = (self.marks_at, self.replays);
                (self.marks_at, self.replays) = (marks_at, true);
                let mut copy = self.node(target);
                (self.marks_at, self.replays) = (here, replays);
                send(&mut copy, &Step::new(How::Alias, span));
                return copy;
            }
        };
        // The text says what makes no sense.
        self.refused(Problem::unread("yaml-alias", why, Some(span)), span)
    }

    fn refused(&mut self, problem: Problem, span: Span) -> Node {
        self.lifter.problems.push(problem);
        Node::new(Origin::spelled(span), Value::Hole)
    }
}

fn bit_of(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let sum = bytes
        .first()
        .zip(bytes.last())
        .map_or(0, |(&first, &last)| u32::from(first) * 5 + u32::from(last) * 3);
    (sum + bytes.len() as u32 * 11) & 63
}

fn is_merge(key: &Node) -> bool {
    matches!(&key.value, Value::Scalar(Scalar { text, style: Style::Plain, .. }) if text == "<<")
}

/// Adds a step to the road of every node of this tree.
fn send(node: &mut Node, step: &Step) {
    node.origin = node.origin.clone().along(step);
    match &mut node.value {
        Value::Map(entries) => Arc::make_mut(entries).iter_mut().for_each(|(key, value)| {
            send(key, step);
            send(value, step);
        }),
        Value::List(items) => Arc::make_mut(items).iter_mut().for_each(|item| send(item, step)),
        _ => {}
    }
}
