//! `images:` of a kustomization. Two filters run, as in the tool: one over `containers` and `initContainers` wherever
//! they stand, one over the fields of the table. Both change what they find, so a tag suffix is put twice.

use super::super::edit;
use super::super::object::Object;
use super::fields::{Field, visit_those};
use super::pattern::ImagePattern;
use crate::facts::Beyond;
use crate::syntax::expand::Weaver;
use crate::syntax::{Node, Value};
use crate::text::{How, Origin, Part};

/// One entry.
pub(super) struct Entry {
    matching: ImagePattern,
    new_name: Option<Part>,
    new_tag: Option<Part>,
    digest: Option<Part>,
    suffix: Option<Part>,
}

impl Entry {
    /// Reads an entry; nothing where its name makes no pattern.
    pub(super) fn read(entry: &Node) -> Option<Entry> {
        let part = |key: &str| entry.part_at(key).filter(|part| !part.text.is_empty());
        Some(Entry {
            matching: ImagePattern::new(entry.text_at("name").unwrap_or_default())?,
            new_name: part("newName"),
            new_tag: part("newTag"),
            digest: part("digest"),
            suffix: part("tagSuffix"),
        })
    }

    /// Sets the images of an object. Tells whether any was found.
    pub(super) fn apply(&self, object: &mut Object, fields: &[Field]) -> Result<bool, String> {
        let gvk = object.id().gvk;
        if gvk.kind == "CustomResourceDefinition" {
            return Ok(false);
        }
        let mut found = false;
        if self.is_below(&object.root) {
            self.walk(&mut object.root, &mut found);
        }
        for field in fields.iter().filter(|field| gvk.fits(&field.of)) {
            // A container without an image is not given one.
            let is_named = |node: &Node| node.text().is_some_and(|text| self.matching.fits(text));
            visit_those(&mut object.root, field, &is_named, &mut |node| {
                self.set(node);
                found = true;
            })?;
        }
        Ok(found)
    }

    /// Whether a list of containers below this node names such an image, so that nothing is copied for nothing.
    fn is_below(&self, node: &Node) -> bool {
        match &node.value {
            Value::Map(entries) => entries.iter().any(|(key, value)| {
                is_containers(key, value) && value.items().iter().any(|item| self.fits(item))
                    || self.is_below(value)
            }),
            Value::List(items) => items.iter().any(|item| self.is_below(item)),
            _ => false,
        }
    }

    /// Where below this node such an image is named that the tool does not look at.
    pub(super) fn beyond(&self, node: &Node) -> Option<Beyond> {
        let is_image = |key: &Node| key.text().is_some_and(|key| key.to_ascii_lowercase().contains("image"));
        let of_value = |key: Option<&Node>, value: &Node| match value.text() {
            Some(text) if self.matching.fits(text) => {
                let is_name = self.matching.has_folder() || key.is_some_and(is_image);
                is_name.then_some(Beyond::Field)
            }
            Some(text) => self.matching.is_within(text).then_some(Beyond::Text),
            None => self.beyond(value),
        };
        match &node.value {
            Value::Map(entries) => entries.iter().filter_map(|(key, value)| of_value(Some(key), value)).max(),
            Value::List(items) => items.iter().filter_map(|item| of_value(None, item)).max(),
            _ => None,
        }
    }

    fn fits(&self, container: &Node) -> bool {
        container.text_at("image").is_some_and(|text| self.matching.fits(text))
    }

    fn walk(&self, node: &mut Node, found: &mut bool) {
        match &node.value {
            Value::Map(entries) => {
                let deeper: Vec<usize> =
                    (0..entries.len()).filter(|&at| self.is_below(&entries[at].1)).collect();
                let lists: Vec<usize> =
                    (0..entries.len()).filter(|&at| is_containers(&entries[at].0, &entries[at].1)).collect();
                let Some(entries) = edit::entries_mut(node) else { return };
                for at in deeper {
                    self.walk(&mut entries[at].1, found);
                }
                for at in lists {
                    for item in edit::items_mut(&mut entries[at].1).into_iter().flatten() {
                        if self.fits(item)
                            && let Some(image) = edit::get_mut(item, "image")
                        {
                            self.set(image);
                            *found = true;
                        }
                    }
                }
            }
            Value::List(_) => {
                edit::items_mut(node).into_iter().flatten().for_each(|item| self.walk(item, found));
            }
            _ => {}
        }
    }

    fn set(&self, node: &mut Node) {
        let Some(whole) = node.part() else { return };
        let (name, tag, digest) = cut(&whole.text);
        let slice = |range: Option<std::ops::Range<usize>>| range.map(|range| whole.slice(range));
        let name = self.new_name.clone().unwrap_or_else(|| whole.slice(name));
        let (tag, suffix, digest) = match (&self.new_tag, &self.digest, &self.suffix) {
            (None, None, None) => (slice(tag), None, slice(digest)),
            (None, None, Some(suffix)) => (slice(tag), Some(suffix.clone()), None),
            (tag, digest, _) => (tag.clone(), None, digest.clone()),
        };
        let decided = [&self.new_tag, &self.digest, &suffix, &self.new_name];
        let Some(decided) = decided.into_iter().flatten().next().map(Part::span) else { return };
        // The second filter finds what the first one has set.
        if whole.span() == decided && self.suffix.is_none() {
            return;
        }
        let sign = |text: &str, beside: &Part| Part::new(text, Origin::spelled(beside.span()));
        let mut weaver = Weaver::default();
        weaver.push(name);
        if tag.is_some() || suffix.is_some() {
            let beside = tag.as_ref().or(suffix.as_ref()).expect("one of them is there");
            weaver.push(sign(":", beside));
        }
        tag.into_iter().chain(suffix).for_each(|part| weaver.push(part));
        if let Some(digest) = digest {
            weaver.push(sign("@", &digest));
            weaver.push(digest);
        }
        let loser = whole.span();
        let mut part = weaver.finish(decided);
        part.origin = part.origin.via(How::Over, loser);
        *node = edit::text(&part);
    }
}

fn is_containers(key: &Node, value: &Node) -> bool {
    matches!(key.text(), Some("containers" | "initContainers")) && value.is_list()
}

type Range = std::ops::Range<usize>;

/// The ranges of name, tag and digest. A colon in the first part belongs to the registry's port.
fn cut(image: &str) -> (Range, Option<Range>, Option<Range>) {
    let base = image.find('/').filter(|&at| at > 0).unwrap_or(0);
    let rest = &image[base..];
    let (at, colon) = (rest.find('@').map(|at| at + base), rest.find(':').map(|at| at + base));
    let len = image.len();
    match (at, colon) {
        (None, None) => (0..len, None, None),
        (Some(at), colon) if colon.is_none_or(|colon| at < colon) => (0..at, None, Some(at + 1..len)),
        (Some(at), Some(colon)) => (0..colon, Some(colon + 1..at), Some(at + 1..len)),
        (_, Some(colon)) => (0..colon, Some(colon + 1..len), None),
        (Some(_), None) => (0..len, None, None),
    }
}
