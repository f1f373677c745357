//! What is secret of the objects that clusters get: where its pieces were written, wherever else they are used.

use super::super::Job;
use crate::facts::{Fact, Secret};
use crate::finding::Report;
use crate::redact::{Hidden, Places};
use crate::secrets::{self, Context, Trees};
use crate::syntax::{Document, Node, yaml};
use crate::text::{File, Part, Span};
use crate::world::{Object, View};
use std::collections::{BTreeSet, HashSet};

/// Everything that is covered: what the report tells of the files, the data of Secrets, and what the rules for secrets
/// find in objects as clusters get them, where variables are filled and files put in.
pub(super) fn places(job: &Job, view: View, report: &Report) -> Places {
    let mut hidden = Vec::new();
    let mut open = BTreeSet::new();
    let mut seen = HashSet::new();
    for object in view.forest.deliveries.iter().flat_map(|delivery| &delivery.built.objects) {
        // Overlays share what they do not change.
        if !seen.insert((object.root.entries().as_ptr(), object.written.span)) {
            continue;
        }
        open.extend(names(&object.root));
        data(&object.root, &mut |part| hidden.push(Hidden::Used(part)));
        hidden.extend(found_in_object(job, view, object).into_iter().filter_map(found));
    }
    // What the configuration leaves out is built all the same, and nobody has looked at it.
    let is_new = |name: &str| !job.config.takes(name);
    for id in view.forest.read.iter().filter(|id| is_new(view.files.name(**id))) {
        let name = view.files.name(*id);
        view.files.peek(*id, |text| {
            let unread = || yaml::read_without_schemas(*id, text);
            let file = File { id: *id, name, text };
            let answer = secrets::read(&file, Trees::Unread(&unread), &Context::new(&job.book.tables));
            hidden.extend(answer.facts.into_iter().filter_map(found));
            true
        });
    }
    Places::of(report, hidden, &open)
}

fn found(fact: Fact<Secret>) -> Option<Hidden> {
    let is_believed = fact.says.is_believed();
    is_believed.then(|| Hidden::Found { is_default: fact.says.is_default(), value: fact.says.value })
}

fn found_in_object(job: &Job, view: View, object: &Object) -> Vec<Fact<Secret>> {
    let source = object.written.source;
    // Its values come from several files: none of them is the text.
    let file = File { id: source, name: view.files.name(source), text: "" };
    let document = Document { root: object.root.clone(), remarks: Vec::new() };
    secrets::read(&file, Trees::Read(&[document]), &Context::new(&job.book.tables)).facts
}

/// The data of an object that is a Secret.
fn data(root: &Node, add: &mut dyn FnMut(Part)) {
    for (key, value) in root.entries() {
        if Place::Object.below(root, key.text().unwrap_or_default()) == Place::Secret {
            value.walk(&mut |_, node| {
                node.part().into_iter().for_each(&mut *add);
                true
            });
        }
    }
}

/// Where in its object a value stands, as far as that decides whether it is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    Object,
    Metadata,
    /// It says who or what the object is: without that nothing could be told of it.
    Name,
    /// It is data of a Secret.
    Secret,
    Other,
}

impl Place {
    /// The place of what stands under a key of a map at this place.
    pub(super) fn below(self, map: &Node, key: &str) -> Place {
        match (self, key) {
            (Place::Secret, _) => Place::Secret,
            (Place::Object, "data" | "stringData") if map.text_at("kind") == Some("Secret") => Place::Secret,
            (Place::Object, "metadata") => Place::Metadata,
            // These of a generated Secret have no place but the generator's, in which the secret stands.
            (Place::Object, "apiVersion" | "kind" | "type" | "immutable") => Place::Name,
            (Place::Metadata, "name" | "namespace") => Place::Name,
            _ => Place::Other,
        }
    }

    /// The place of an item of a list at this place.
    pub(super) fn item(self) -> Place {
        if self == Place::Secret { self } else { Place::Other }
    }
}

/// Where the name and the namespace of an object were written: both are told wherever the object is.
fn names(root: &Node) -> impl Iterator<Item = Span> {
    let metadata = root.get("metadata");
    let parts = ["name", "namespace"].into_iter().filter_map(move |key| metadata?.part_at(key));
    parts.flat_map(|part| {
        let pieces = part.origin.pieces(part.text.len());
        pieces.into_iter().map(|(_, origin)| origin.span())
    })
}
