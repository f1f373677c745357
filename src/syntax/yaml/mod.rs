//! The one door to YAML. Behind it stand two readers: `swift`, ours, which is right or declines, and
//! yaml-rust2 for what it declines. Nothing outside this folder knows which of them read a document.

mod arena;
mod decode;
mod lift;
mod swift;

use super::Document;
use crate::finding::Problem;
use crate::text::{Origin, SourceId};
use arena::Tree;
use decode::Page;
use lift::{Place, Sheet};

/// What could be read of one text, and what could not.
#[derive(Debug, Default)]
pub struct Yaml {
    pub documents: Vec<Document>,
    pub problems: Vec<Problem>,
    /// How many documents the second reader had to read.
    pub second_reader: usize,
    /// The text held `{{ … }}` actions, which were masked: what they would have written is a hole.
    pub masked: bool,
}

/// Reads a file: every document that can be read, and a problem for each that cannot.
pub fn read(source: SourceId, text: &str) -> Yaml {
    read_at(Place::File(source), text)
}

/// Reads YAML (or JSON) that stands inside a scalar; `origin` is the scalar's, so every span is in the real file.
pub fn read_embedded(text: &str, origin: &Origin) -> Yaml {
    read_at(Place::Inside(origin, text.len()), text)
}

fn read_at(place: Place, text: &str) -> Yaml {
    let mut yaml = Yaml::default();
    let mut tree = Tree::default();
    swift::parse(text.as_bytes(), &mut tree);
    for &(at, says) in &tree.errors {
        let at = (at as usize).min(text.len());
        yaml.problems.push(Problem::blind("yaml-syntax", says, Some(place.span(at..at))));
    }
    let sheet = Sheet { page: Page { text, seen: text.as_bytes() }, place, masks: &[] };
    yaml.documents = lift::lift(&sheet, &tree, &mut yaml.problems);
    yaml
}

#[cfg(test)]
mod tests;
