//! The one door to YAML. Behind it stand two readers: `swift`, ours, which is right or declines, and
//! yaml-rust2 for what it declines. Nothing outside this folder knows which of them read a document.

mod arena;
mod breaks;
mod decode;
mod lift;
mod mask;
mod second;
mod swift;

use super::{Document, Node, Value};
use crate::finding::Problem;
use crate::text::{Origin, Pieces, SourceId, Span};
use arena::{Kind, Tree};
use decode::Page;
use lift::{EqualKeys, Lifter, Place, Sheet};
use std::cell::Cell;
use std::ops::Range;
use swift::{Stop, Stream, Why};

/// What could be read of one text, and what could not.
#[derive(Clone, Debug, Default)]
pub struct Yaml {
    pub documents: Vec<Document>,
    pub problems: Vec<Problem>,
    /// How many documents the second reader had to read.
    pub second_reader: usize,
    /// The text held `{{ … }}` actions, which were masked: what they would have written is a hole.
    pub masked: bool,
}

/// Whether the schemas of custom resources are read. They are the bulk of many repositories, and only who prints them
/// asks for them; left out they are holes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Schemas {
    Read,
    LeftOut,
}

/// Reads a file: every document that can be read, and a problem for each that cannot.
pub fn read(source: SourceId, text: &str) -> Yaml {
    read_at(Place::File(source), text, AS_WRITTEN)
}

/// Reads a file whose schemas of custom resources nobody wants: they become holes.
pub fn read_without_schemas(source: SourceId, text: &str) -> Yaml {
    read_at(Place::File(source), text, Reading { skips_schemas: true, ..AS_WRITTEN })
}

/// Reads YAML (or JSON) that stands inside a scalar; `origin` is the scalar's, so every span is in the real file.
pub fn read_embedded(text: &str, origin: &Origin) -> Yaml {
    read_at(Place::Inside(origin, text.len(), 0), text, AS_WRITTEN)
}

/// Reads YAML that stands in some bytes of a text that was put together of pieces; `whole` is where all of it is told.
pub fn read_woven(
    text: &str,
    range: Range<usize>,
    pieces: &dyn Pieces,
    whole: Span,
    schemas: Schemas,
) -> Yaml {
    let reading = Reading { skips_schemas: schemas == Schemas::LeftOut, ..AS_WRITTEN };
    read_at(Place::Woven(pieces, whole, range.start), &text[range], reading)
}

/// Reads a file for who takes the first of equal keys.
pub fn read_first_keys(source: SourceId, text: &str) -> Yaml {
    read_at(Place::File(source), text, FIRST_KEYS)
}

/// The same for who takes the first of equal keys.
pub fn read_embedded_first_keys(text: &str, origin: &Origin) -> Yaml {
    read_at(Place::Inside(origin, text.len(), 0), text, FIRST_KEYS)
}

/// What is made of a text.
#[derive(Clone, Copy)]
struct Reading {
    skips_schemas: bool,
    equal_keys: EqualKeys,
}

const AS_WRITTEN: Reading = Reading { skips_schemas: false, equal_keys: EqualKeys::Last };
const FIRST_KEYS: Reading = Reading { skips_schemas: false, equal_keys: EqualKeys::First };

/// How many nodes our own reader finds in a text, without making trees of them: the bound for [`read`]'s speed.
#[doc(hidden)]
pub fn count_nodes(text: &str) -> usize {
    let (mut stream, mut tree, mut count) = (Stream::new(text.as_bytes()), TREE.take(), 0);
    while stream.document(&mut tree).is_some() {
        count += tree.cells.len();
    }
    put_away(tree);
    count
}

fn read_at(place: Place, text: &str, reading: Reading) -> Yaml {
    // Places are 32 bits wide.
    if u32::try_from(text.len()).is_err() {
        let problem = Problem::blind("yaml-syntax", "the text is too long", Some(place.span(0..0)));
        return Yaml { problems: vec![problem], ..Yaml::default() };
    }
    let broken = breaks::broken(text, text.as_bytes());
    let (seen, breaks) = match &broken {
        Some(broken) => (&broken.bytes[..], &broken.breaks[..]),
        None => (text.as_bytes(), &[][..]),
    };
    let page = Page { text, seen };
    let has_actions = mask::has_actions(text);
    let yaml = read_page(Sheet { page, place, masks: &[], breaks }, has_actions, reading);
    if !has_actions || yaml.faults() == 0 {
        return yaml;
    }
    let mut masked = mask::mask(text);
    if let Some(broken) = breaks::broken(text, &masked.bytes) {
        masked.bytes = broken.bytes;
    }
    let page = Page { text, seen: &masked.bytes };
    let sheet = Sheet { page, place, masks: &masked.actions, breaks };
    let masked = Yaml { masked: true, ..read_page(sheet, false, reading) };
    // Where masking does not help either, what is wrong with the masked text is nearer to the truth.
    if masked.faults() < yaml.faults() || yaml.documents.is_empty() { masked } else { yaml }
}

/// Reads a page document by document. `templates` says that a map in double braces is no map but an action.
fn read_page(sheet: Sheet, templates: bool, reading: Reading) -> Yaml {
    let Page { text, seen } = sheet.page;
    let mut yaml = Yaml::default();
    // A tree keeps its room from one text to the next of this thread.
    let mut tree = TREE.take();
    let mut lifter = Lifter::new(sheet, reading.skips_schemas);
    lifter.equal_keys = reading.equal_keys;
    let mut stream = if sheet.masks.is_empty() { Stream::new(seen) } else { Stream::masked(seen) };
    while let Some((extent, read)) = stream.document(&mut tree) {
        let read = read.or_else(|stop| {
            let seen = std::str::from_utf8(seen).map_err(|_| stop)?;
            if stop.why.is_certain() || !second::read(seen, extent, &mut tree) {
                return Err(stop);
            }
            yaml.second_reader += 1;
            Ok(())
        });
        let read = read.and_then(|()| match tree.cells.iter().find(|cell| is_action(cell, text)) {
            Some(cell) if templates => Err(Stop { at: cell.start, why: Why::Template }),
            _ => Ok(()),
        });
        match read {
            Ok(()) => yaml.documents.push(lifter.document(&tree, extent.end)),
            Err(Stop { at, why }) => {
                let at = (0..=(at as usize).min(text.len()))
                    .rev()
                    .find(|at| text.is_char_boundary(*at))
                    .unwrap_or(0);
                let end = text[at..].chars().next().map_or(at, |letter| at + letter.len_utf8());
                let span = sheet.place.span(at..end);
                yaml.problems.push(Problem::unread("yaml-syntax", why.says(), Some(span)));
            }
        }
    }
    // Comments after the last document; or the text is nothing but comments.
    if !tree.comments.is_empty() {
        let remarks = lifter.remarks(&tree);
        match yaml.documents.last_mut() {
            Some(last) => last.remarks.extend(remarks),
            None if yaml.problems.is_empty() => {
                let root = Node::new(Origin::spelled(sheet.place.span(0..0)), Value::Null);
                yaml.documents.push(Document { root, remarks });
            }
            None => {}
        }
    }
    yaml.problems.append(&mut lifter.problems);
    put_away(tree);
    yaml
}

thread_local! {
    static TREE: Cell<Tree> = Cell::default();
}

/// Keeps a tree's room for the next text, unless one huge text made it huge.
fn put_away(tree: Tree) {
    if tree.cells.capacity() < 1 << 18 {
        TREE.set(tree);
    }
}

/// Whether this is the map `{{…}: null}`, as which YAML reads an action.
fn is_action(cell: &arena::Cell, text: &str) -> bool {
    cell.kind == Kind::Map && text.as_bytes()[cell.start as usize..].starts_with(b"{{")
}

impl Yaml {
    /// Whether something of the text could not be read.
    pub fn is_broken(&self) -> bool {
        self.faults() > 0
    }

    /// How many documents could not be read.
    fn faults(&self) -> usize {
        self.problems.iter().filter(|problem| problem.kind == "yaml-syntax").count()
    }
}

#[cfg(test)]
mod readers;
#[cfg(test)]
mod tests;
