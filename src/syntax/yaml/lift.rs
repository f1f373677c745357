//! From the flat arena to the trees everybody reads: texts decoded, aliases and merge keys expanded, duplicate
//! keys told, comments handed to their documents. Knows nothing of how YAML is spelled.

use super::arena::{Kind, Node as Cell, Tree};
use super::decode::{Page, Woven, decode};
use crate::finding::Problem;
use crate::syntax::{Document, Node, Props, Remark, Scalar, Style, Value};
use crate::text::{How, Origin, SourceId, Span, Str, Weave};
use std::ops::Range;

/// How many nodes the aliases of one text may copy before they become holes.
const ALIAS_BUDGET: usize = 200_000;

/// Where the text stands: it is a file, or the value of a scalar (of this length in bytes).
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    File(SourceId),
    Inside(&'a Origin, usize),
}

impl Place<'_> {
    fn verbatim(&self, range: Range<usize>) -> Origin {
        match self {
            Place::File(source) => Origin::verbatim(Span::new(*source, range.start, range.end)),
            Place::Inside(origin, len) => origin.slice(range, *len),
        }
    }

    fn spelled(&self, range: Range<usize>) -> Origin {
        match self {
            Place::File(source) => Origin::spelled(Span::new(*source, range.start, range.end)),
            Place::Inside(origin, len) => {
                let cut = origin.slice(range, *len);
                cut.road().fold(Origin::spelled(cut.span()), |origin, (how, at)| origin.via(how, at))
            }
        }
    }

    pub(super) fn span(&self, range: Range<usize>) -> Span {
        match self {
            Place::File(source) => Span::new(*source, range.start, range.end),
            Place::Inside(origin, len) => origin.slice(range, *len).span(),
        }
    }
}

/// What lifting needs to know besides the tree.
pub(super) struct Sheet<'a> {
    pub(super) page: Page<'a>,
    pub(super) place: Place<'a>,
    /// The template actions that were masked, in the order of the text.
    pub(super) masks: &'a [(u32, u32)],
}

/// Lifts every document of a tree.
pub(super) fn lift(sheet: &Sheet, tree: &Tree, problems: &mut Vec<Problem>) -> Vec<Document> {
    let mut lift = Lift {
        sheet,
        tree,
        problems,
        props_at: 0,
        anchors: Vec::new(),
        budget: ALIAS_BUDGET,
        woven: Woven::default(),
    };
    let (mut documents, mut at) = (Vec::new(), 0);
    let mut comments = tree.comments.as_slice();
    while let Some(cell) = tree.nodes.get(at) {
        lift.anchors.clear();
        let root = lift.node(at + 1);
        comments = &comments[comments.partition_point(|comment| comment.0 < cell.start)..];
        let (own, rest) = comments.split_at(comments.partition_point(|comment| comment.0 < cell.end));
        comments = rest;
        let remarks = own.iter().map(|&(start, end)| {
            let range = start as usize..end as usize;
            Remark { span: sheet.place.span(range.clone()), text: sheet.page.text[range].into() }
        });
        documents.push(Document { root, remarks: remarks.collect() });
        at = cell.next as usize;
    }
    documents
}

struct Lift<'a> {
    sheet: &'a Sheet<'a>,
    tree: &'a Tree,
    problems: &'a mut Vec<Problem>,
    /// The first entry of the tree's props that belongs to a node not yet lifted.
    props_at: usize,
    anchors: Vec<Anchor<'a>>,
    budget: usize,
    woven: Woven,
}

struct Anchor<'a> {
    name: &'a str,
    /// Nothing while the node that carries the anchor is still being read.
    node: Option<Node>,
    size: usize,
}

impl<'a> Lift<'a> {
    fn node(&mut self, at: usize) -> Node {
        let cell = &self.tree.nodes[at];
        let props = match self.tree.props.get(self.props_at) {
            Some(props) if props.node as usize == at => {
                self.props_at += 1;
                let text = |(start, end): (u32, u32)| &self.sheet.page.text[start as usize..end as usize];
                Some((text(props.anchor), text(props.tag)))
            }
            _ => None,
        };
        let Some((anchor, tag)) = props else { return self.bare_node(at, cell, "") };
        let anchor = anchor.strip_prefix('&');
        if let Some(name) = anchor {
            self.anchors.push(Anchor { name, node: None, size: 0 });
        }
        let mine = self.anchors.len();
        let mut node = self.bare_node(at, cell, tag);
        let text = |text: &str| Some(Str::from(text)).filter(|text| !text.is_empty());
        node.props = Some(Box::new(Props { tag: text(tag), anchor: anchor.and_then(text) }));
        if anchor.is_some() {
            let (size, copy) = (size(&node), node.clone());
            let anchor = &mut self.anchors[mine - 1];
            (anchor.node, anchor.size) = (Some(copy), size);
        }
        node
    }

    fn bare_node(&mut self, at: usize, cell: &Cell, tag: &str) -> Node {
        match cell.kind {
            Kind::Map => self.map(at, cell),
            Kind::List | Kind::Document => self.list(at, cell),
            Kind::Alias => self.alias(cell),
            Kind::Empty => {
                let next = self
                    .tree
                    .nodes
                    .get(cell.next as usize)
                    .map_or(self.sheet.page.seen.len(), |next| next.start as usize);
                let value = match tag {
                    _ if self.masked_within(cell.start as usize..next) => Value::Hole,
                    "!!str" | "!" => Value::Scalar(Scalar { text: Str::default(), style: Style::Plain }),
                    _ => Value::Null,
                };
                Node::new(self.sheet.place.verbatim(cell.range()), value)
            }
            _ => self.scalar(cell, tag),
        }
    }

    fn scalar(&mut self, cell: &Cell, tag: &str) -> Node {
        let (style, quotes) = match cell.kind {
            Kind::Single => (Style::Single, 1),
            Kind::Double => (Style::Double, 1),
            Kind::Literal => (Style::Literal, 0),
            Kind::Folded => (Style::Folded, 0),
            _ => (Style::Plain, 0),
        };
        let Sheet { page, place, masks } = self.sheet;
        let mut inner = cell.start as usize + quotes..cell.end as usize - quotes;
        if !masks.is_empty() {
            if self.wholly_masked(inner.clone()) {
                return Node::new(place.verbatim(inner), Value::Hole);
            }
            // An action that goes on over the end of a line: its last lines were masked by blanks.
            if let Some(mask) = self.mask_at(inner.end) {
                inner.end = mask.1 as usize;
            }
        }
        if cell.bare {
            let text = &page.text[inner.clone()];
            let value = match text {
                "~" | "null" | "Null" | "NULL" if style == Style::Plain && !matches!(tag, "!!str" | "!") => {
                    Value::Null
                }
                _ => Value::Scalar(Scalar { text: text.into(), style }),
            };
            return Node::new(place.verbatim(inner), value);
        }
        decode(*page, cell, &mut self.woven);
        let mut weave = Weave::default();
        let mut start = 0;
        for piece in &self.woven.pieces {
            let from = piece.from.0 as usize..piece.from.1 as usize;
            let origin = if piece.verbatim { place.verbatim(from) } else { place.spelled(from) };
            weave.push(piece.end as usize - start, origin);
            start = piece.end as usize;
        }
        let text = Str::from(self.woven.text.as_str());
        Node::new(Origin::woven(place.span(cell.range()), weave), Value::Scalar(Scalar { text, style }))
    }

    fn list(&mut self, at: usize, cell: &Cell) -> Node {
        let (mut items, mut child) = (Vec::with_capacity(self.children(at, cell)), at + 1);
        while child < cell.next as usize {
            items.push(self.node(child));
            child = self.tree.nodes[child].next as usize;
        }
        Node::new(self.sheet.place.spelled(cell.range()), Value::List(items))
    }

    fn map(&mut self, at: usize, cell: &Cell) -> Node {
        let (mut entries, mut child) = (Vec::with_capacity(self.children(at, cell).div_ceil(2)), at + 1);
        let mut merges = false;
        while child < cell.next as usize {
            let key = self.node(child);
            child = self.tree.nodes[child].next as usize;
            let value = self.node(child);
            child = self.tree.nodes[child].next as usize;
            merges |= is_merge(&key);
            entries.push((key, value));
        }
        // In a template, equal keys mostly stand in two branches of a condition: both are kept.
        if self.sheet.masks.is_empty() {
            self.keep_last(&mut entries);
        }
        if merges {
            entries = self.merge(entries);
        }
        Node::new(self.sheet.place.spelled(cell.range()), Value::Map(entries))
    }

    fn children(&self, at: usize, cell: &Cell) -> usize {
        let (mut count, mut child) = (0, at + 1);
        while child < cell.next as usize {
            child = self.tree.nodes[child].next as usize;
            count += 1;
        }
        count
    }

    /// Drops all but the last of equal keys.
    fn keep_last(&mut self, entries: &mut Vec<(Node, Node)>) {
        let mut earlier: Vec<usize> = Vec::new();
        if entries.len() <= 16 {
            for later in 1..entries.len() {
                let Some(name) = entries[later].0.text() else { continue };
                if is_merge(&entries[later].0) {
                    continue;
                }
                let same = |at: &usize| entries[*at].0.text() == Some(name) && !earlier.contains(at);
                if let Some(first) = (0..later).find(same) {
                    earlier.push(first);
                    self.problems.push(duplicate(name, &entries[later].0));
                }
            }
        } else {
            let mut seen = std::collections::HashMap::with_capacity(entries.len());
            for (at, (key, _)) in entries.iter().enumerate() {
                let Some(name) = key.text().filter(|_| !is_merge(key)) else { continue };
                if let Some(first) = seen.insert(name, at) {
                    earlier.push(first);
                    self.problems.push(duplicate(name, key));
                }
            }
        }
        if !earlier.is_empty() {
            let mut at = 0;
            entries.retain(|_| {
                at += 1;
                !earlier.contains(&(at - 1))
            });
        }
    }

    /// Puts the entries of merged maps where the merge key stands. What the map says itself wins, then the
    /// map that was merged first.
    fn merge(&mut self, entries: Vec<(Node, Node)>) -> Vec<(Node, Node)> {
        let mut taken: std::collections::HashSet<Str> = entries
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
            let sources = match value.value {
                Value::List(items) => items,
                _ => vec![value],
            };
            for source in sources {
                match source.value {
                    Value::Map(entries) => {
                        for (mut name, mut value) in entries {
                            if name.text().is_some_and(|name| !taken.insert(name.into())) {
                                continue;
                            }
                            send(&mut name, How::Merge, key.span());
                            send(&mut value, How::Merge, key.span());
                            merged.push((name, value));
                        }
                    }
                    Value::Hole => {}
                    _ => self.problems.push(Problem::blind(
                        "yaml-syntax",
                        "a merge key takes a map or a list of maps",
                        Some(source.span()),
                    )),
                }
            }
        }
        merged
    }

    fn alias(&mut self, cell: &Cell) -> Node {
        let span = self.sheet.place.span(cell.range());
        let name = &self.sheet.page.text[cell.start as usize + 1..cell.end as usize];
        let hole = |lift: &mut Self, says: String| {
            lift.problems.push(Problem::blind("yaml-alias", says, Some(span)));
            Node::new(Origin::spelled(span), Value::Hole)
        };
        match self.anchors.iter().rposition(|anchor| anchor.name == name) {
            None => hole(self, format!("no anchor `&{name}` stands before this alias")),
            Some(at) if self.anchors[at].node.is_none() => {
                hole(self, format!("the alias `*{name}` stands within its own anchor"))
            }
            Some(at) if self.anchors[at].size > self.budget => {
                self.budget = 0;
                hole(self, "the aliases of this file copy too much".into())
            }
            Some(at) => {
                self.budget -= self.anchors[at].size;
                let mut copy =
                    self.anchors[at].node.clone().expect("an anchor without a node was handled above");
                send(&mut copy, How::Alias, span);
                copy
            }
        }
    }

    /// The first mask that ends after `at`, if it begins before.
    fn mask_at(&self, at: usize) -> Option<(u32, u32)> {
        let masks = self.sheet.masks;
        let mask = *masks.get(masks.partition_point(|mask| mask.1 as usize <= at))?;
        ((mask.0 as usize) < at).then_some(mask)
    }

    fn masked_within(&self, range: Range<usize>) -> bool {
        let masks = self.sheet.masks;
        masks
            .get(masks.partition_point(|mask| mask.1 as usize <= range.start))
            .is_some_and(|mask| (mask.0 as usize) < range.end)
    }

    fn wholly_masked(&self, range: Range<usize>) -> bool {
        let masks = self.sheet.masks;
        let mut at = range.start;
        for mask in &masks[masks.partition_point(|mask| mask.1 as usize <= at)..] {
            if mask.0 as usize > at || at >= range.end {
                break;
            }
            at = mask.1 as usize;
        }
        at >= range.end && at > range.start
    }
}

fn duplicate(name: &str, key: &Node) -> Problem {
    Problem::note(
        "yaml-duplicate-key",
        format!("the key `{name}` stands twice in this map; the last one counts"),
        key.span(),
    )
}

fn is_merge(key: &Node) -> bool {
    matches!(&key.value, Value::Scalar(Scalar { text, style: Style::Plain }) if text == "<<")
}

/// How many nodes stand in this tree.
fn size(node: &Node) -> usize {
    let below: usize = match &node.value {
        Value::Map(entries) => entries.iter().map(|(key, value)| size(key) + size(value)).sum(),
        Value::List(items) => items.iter().map(size).sum(),
        _ => 0,
    };
    below + 1
}

/// Adds a step to the road of every node of this tree.
fn send(node: &mut Node, how: How, at: Span) {
    node.origin = node.origin.clone().via(how, at);
    match &mut node.value {
        Value::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
            send(key, how, at);
            send(value, how, at);
        }),
        Value::List(items) => items.iter_mut().for_each(|item| send(item, how, at)),
        _ => {}
    }
}
