//! What is in a file of SOPS, in each of its stores: YAML, JSON, `.env`, INI, and bytes in JSON. Leaves and comments with
//! their places, and whether the file's own settings say that each is encrypted.

use super::cover::{Cover, State};
use crate::syntax::{Document, Node, Remark, ini, sealed};
use crate::text::{File, Origin, Part, Span, Str};
use std::ops::Range;

/// One document, or one file without documents, that carries SOPS's metadata.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) cover: Cover,
    /// Where the settings are written, or else the metadata.
    pub(super) settings: Part,
    /// Where the metadata begins.
    pub(super) head: Part,
    pub(super) mac: Option<Part>,
    /// The public keys of age and PGP that open it.
    pub(super) keys: Vec<Part>,
    pub(super) leaves: Vec<Leaf>,
    pub(super) comments: Vec<Comment>,
}

/// A value that is text, a number or a boolean.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) path: Str,
    pub(super) value: Part,
    pub(super) covered: bool,
}

#[derive(Debug)]
pub(super) struct Comment {
    pub(super) text: Part,
    pub(super) covered: bool,
}

impl Comment {
    pub(super) fn is_sealed(&self) -> bool {
        let text = bare(&self.text.text);
        text.is_empty() || sealed::is_sops_value(text)
    }
}

/// Whether a document carries SOPS's metadata.
pub(super) fn is_sops(root: &Node) -> bool {
    root.get("sops")
        .is_some_and(|sops| ["mac", "lastmodified", "version"].iter().any(|key| sops.get(key).is_some()))
}

/// What a document carries, if it carries metadata.
pub(super) fn tree_of(document: &Document) -> Option<Store> {
    is_sops(&document.root).then(|| tree(document)).flatten()
}

/// Every document that carries metadata.
pub(super) fn trees(documents: &[Document]) -> Vec<Store> {
    documents.iter().filter_map(tree_of).collect()
}

fn tree(document: &Document) -> Option<Store> {
    let (key, sops) = document.root.entry("sops")?;
    let head = key.part()?;
    let cover = Cover::read(|setting| sops.text_at(setting));
    let settings = cover.written.iter().find_map(|(setting, _)| sops.part_at(setting));
    let metadata = key.span().start..sops.span().end;
    let mut walk = Walk::new(&cover);
    walk.prepare(&document.root);
    for remark in document.remarks.iter().filter(|remark| !metadata.contains(&remark.span.start)) {
        walk.assign(remark);
    }
    walk.notes.sort_by_key(|(_, slot)| *slot);
    walk.go(&document.root, State::default(), &mut String::new());
    Some(Store {
        settings: settings.unwrap_or_else(|| head.clone()),
        mac: sops.part_at("mac"),
        keys: keys(sops),
        comments: walk.comments(),
        leaves: walk.leaves,
        cover,
        head,
    })
}

/// The public keys in metadata, also in groups.
fn keys(sops: &Node) -> Vec<Part> {
    let groups = sops.get("key_groups").map(Node::items).unwrap_or_default();
    let holders = std::iter::once(sops).chain(groups);
    let of = |holder: &Node, list: &str, key: &str| -> Vec<Part> {
        let items = holder.get(list).map(Node::items).unwrap_or_default();
        items.iter().filter_map(|item| item.part_at(key)).collect()
    };
    holders.flat_map(|holder| [of(holder, "age", "recipient"), of(holder, "pgp", "fp")]).flatten().collect()
}

/// The leaves of a document that is not encrypted, as these settings would cover them.
pub(super) fn leaves(cover: &Cover, document: &Document) -> Vec<Leaf> {
    let mut walk = Walk::new(cover);
    walk.prepare(&document.root);
    document.remarks.iter().for_each(|remark| walk.assign(remark));
    walk.go(&document.root, State::default(), &mut String::new());
    walk.leaves
}

/// Goes through a document as SOPS does: an entry inherits what the keys and comments above it said.
struct Walk<'d> {
    cover: &'d Cover,
    /// Where each entry of a map and each item of a list begins, in the order of the walk, which is that of the text.
    starts: Vec<u32>,
    /// What is known of the map or list that holds each of them; filled by the second walk.
    around: Vec<State>,
    /// Each comment, with the entry that it belongs to.
    notes: Vec<(&'d Remark, usize)>,
    leaves: Vec<Leaf>,
}

impl<'d> Walk<'d> {
    fn new(cover: &'d Cover) -> Walk<'d> {
        Walk { cover, starts: Vec::new(), around: Vec::new(), notes: Vec::new(), leaves: Vec::new() }
    }

    fn prepare(&mut self, node: &Node) {
        for (key, value) in node.entries() {
            self.starts.push(key.span().start);
            self.prepare(value);
        }
        for item in node.items() {
            self.starts.push(item.span().start);
            self.prepare(item);
        }
    }

    /// A comment on the line of an entry belongs to it; others belong to the entry that follows.
    fn assign(&mut self, remark: &'d Remark) {
        let next = self.starts.partition_point(|&start| start < remark.span.start);
        let beside = self.starts[..next].iter().rposition(|&start| start < remark.line);
        let beside = beside.map_or(0, |before| before + 1);
        self.notes.push((remark, if beside < next { beside } else { next }));
    }

    fn go(&mut self, node: &Node, state: State, path: &mut String) {
        if path.len() > LONGEST_PATH {
            return;
        }
        let length = path.len();
        for (key, value) in node.entries() {
            let name = key.text().unwrap_or_default();
            let known = self.enter(state);
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(name);
            // The metadata itself is counted, so that entries keep their numbers.
            if length > 0 || name != "sops" {
                self.go(value, self.cover.below(known, name), path);
            } else {
                let mut nodes = 0;
                value.walk(&mut |path, _| {
                    nodes += usize::from(!path.is_empty());
                    true
                });
                self.around.resize(self.around.len() + nodes, state);
            }
            path.truncate(length);
        }
        for (at, item) in node.items().iter().enumerate() {
            let known = self.enter(state);
            path.push_str(&format!("[{at}]"));
            self.go(item, known, path);
            path.truncate(length);
        }
        if let (Some(_), Some(value)) = (node.scalar(), node.part()) {
            self.leaves.push(Leaf { path: path.as_str().into(), value, covered: self.cover.covers(state) });
        }
    }

    /// Steps to the next entry of what holds it; what is known of it by its comments.
    fn enter(&mut self, state: State) -> State {
        let at = self.around.len();
        self.around.push(state);
        if !self.cover.asks_comments() {
            return state;
        }
        let first = self.notes.partition_point(|(_, slot)| *slot < at);
        let own = self.notes[first..].iter().take_while(|(_, slot)| *slot == at);
        self.cover.behind(state, own.map(|(remark, _)| bare(&remark.text)))
    }

    /// The comments, each with whether it must be encrypted itself: by what holds it, and by those before it.
    fn comments(&self) -> Vec<Comment> {
        let told = self.notes.iter().enumerate().map(|(at, (remark, slot))| {
            let around = self.around.get(*slot).copied().unwrap_or_default();
            let before = self.notes[..at].iter().rev().take_while(|(_, other)| other == slot);
            let own = self.cover.asks_comments().then(|| before.map(|(remark, _)| bare(&remark.text)));
            let known = self.cover.behind(around, own.into_iter().flatten());
            let text = Part::new(remark.text.clone(), Origin::verbatim(remark.span));
            let is_sign = self.cover.is_sign(bare(&remark.text));
            Comment { covered: self.cover.covers(known) && !is_sign, text }
        });
        told.collect()
    }
}

/// Beyond this a path is a circle of keys that somebody made to try us.
const LONGEST_PATH: usize = 600;

/// What a comment says, without its sign.
fn bare(comment: &str) -> &str {
    comment.trim_start_matches(['#', ';']).trim()
}

/// A file of lines: `.env` with its `sops_…` names, or INI with its section.
pub(super) fn lines(file: &File) -> Option<Store> {
    let has = |word: &str| memchr::memmem::find(file.text.as_bytes(), word.as_bytes()).is_some();
    if has("sops_mac") || has("sops_version") {
        return dotenv(file).store();
    }
    if has("[sops]") { sections(file).store() } else { None }
}

/// The leaves of a file of lines that is not encrypted, as these settings would cover them.
pub(super) fn plain_lines(cover: &Cover, file: &File) -> Vec<Leaf> {
    let lines = if file.name.ends_with(".ini") { sections(file) } else { dotenv(file) };
    lines.leaves(cover)
}

/// What is in a file without a tree.
#[derive(Default)]
struct Lines {
    /// Values, each with the names of what holds it.
    entries: Vec<(Vec<Str>, Part)>,
    comments: Vec<Part>,
    /// SOPS's own names, without what marks them, with name and value.
    metadata: Vec<(Str, Part, Part)>,
}

fn dotenv(file: &File) -> Lines {
    let mut lines = Lines::default();
    for range in line_ranges(file.text) {
        let line = &file.text[range.clone()];
        if line.starts_with('#') {
            lines.comments.push(part(file, range));
        } else if let Some((name, _)) = line.split_once('=') {
            let sign = range.start + name.len();
            let (key, value) = (part(file, range.start..sign), part(file, sign + 1..range.end));
            match name.strip_prefix("sops_") {
                Some(rest) => lines.metadata.push((rest.into(), key, value)),
                None => lines.entries.push((vec![key.text], value)),
            }
        }
    }
    lines
}

fn sections(file: &File) -> Lines {
    let mut lines = Lines::default();
    for entry in ini::read(file.id, file.text) {
        match entry.section.text.as_str() {
            "sops" => lines.metadata.push((entry.key.text.clone(), entry.key, entry.value)),
            section => lines.entries.push((vec![section.into(), entry.key.text], entry.value)),
        }
    }
    let is_comment = |range: &Range<usize>| file.text[range.clone()].starts_with(['#', ';']);
    lines.comments.extend(line_ranges(file.text).filter(is_comment).map(|range| part(file, range)));
    lines
}

impl Lines {
    fn leaves(&self, cover: &Cover) -> Vec<Leaf> {
        let mut floor = 0;
        let leaf = |(path, value): &(Vec<Str>, Part)| {
            let state = path.iter().fold(State::default(), |state, key| cover.below(state, key));
            // The comments of a line stand between it and the one before.
            let end = self.comments.partition_point(|comment| comment.span().start < value.span().start);
            let own = self.comments[floor..end].iter().map(|comment| bare(&comment.text));
            let state = if cover.asks_comments() { cover.behind(state, own) } else { state };
            floor = end;
            let path = path.iter().filter(|key| !key.is_empty()).cloned().collect::<Vec<_>>().join(".");
            Leaf { path: path.into(), covered: cover.covers(state), value: value.clone() }
        };
        self.entries.iter().map(leaf).collect()
    }

    /// `age__list_0__map_recipient`, `pgp__list_0__map_fp`
    fn keys(&self) -> Vec<Part> {
        let is_key = |name: &str| {
            name.contains("age__list_") && name.ends_with("__map_recipient")
                || name.contains("pgp__list_") && name.ends_with("__map_fp")
        };
        self.metadata.iter().filter(|(name, ..)| is_key(name)).map(|(_, _, value)| value.clone()).collect()
    }

    /// The store that these lines are; nothing if SOPS left no metadata in them.
    fn store(&self) -> Option<Store> {
        let get = |setting: &str| {
            self.metadata.iter().find(|(name, ..)| name == setting).map(|(_, _, value)| value)
        };
        if get("mac").is_none() && get("version").is_none() && get("lastmodified").is_none() {
            return None;
        }
        let cover = Cover::read(|setting| get(setting).map(|value| value.text.as_str()));
        let head = self.metadata.first().map(|(_, name, _)| name.clone())?;
        let is_covered = cover.covers(State::default());
        let told = |text: &Part| Comment {
            covered: is_covered && !cover.is_sign(bare(&text.text)),
            text: text.clone(),
        };
        let settings = cover.written.iter().find_map(|(setting, _)| get(setting)).unwrap_or(&head).clone();
        Some(Store {
            settings,
            mac: get("mac").cloned(),
            keys: self.keys(),
            leaves: self.leaves(&cover),
            comments: self.comments.iter().map(told).collect(),
            cover,
            head,
        })
    }
}

/// The lines of a text, without blanks around them.
fn line_ranges(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at + (line.len() - line.trim_start().len());
        *at += line.len();
        Some(start..start + line.trim().len())
    })
}

fn part(file: &File, range: Range<usize>) -> Part {
    Part::new(&file.text[range.clone()], Origin::verbatim(Span::new(file.id, range.start, range.end)))
}
