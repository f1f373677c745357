//! What every format of documents needs to tell of an image: the reference, its comment, its path by name.

use super::Desk;
use crate::facts::{Fact, Image, Resource, Role, parse_reference};
use crate::syntax::{Document, Node};
use crate::text::{Part, Span};
use std::fmt::Write;
use std::sync::Arc;

/// Adds the image that a scalar names. `finish` may add what stands around it.
pub(super) fn reference(
    desk: &mut Desk,
    document: &Document,
    owner: &Arc<Resource>,
    node: &Node,
    path: &str,
    finish: impl FnOnce(&mut Image),
) {
    let Some(whole) = node.part() else {
        if node.is_hole() {
            desk.facts.unread("image", "template", node.span());
        }
        return;
    };
    let mut image = parse_reference(&whole);
    image.remark = remark_beside(desk, document, node.span());
    finish(&mut image);
    push(desk, owner, image, &whole, path);
}

/// Adds an image whose parts were read already; `whole` is where it stands.
pub(super) fn push(desk: &mut Desk, owner: &Arc<Resource>, image: Image, whole: &Part, path: &str) {
    if image.unknown && image.role != Role::Built {
        let why = if whole.text.contains("{{") { "template" } else { "variable" };
        desk.facts.unread("image", why, whole.span());
    }
    desk.facts.images.push(Fact {
        says: image,
        origin: whole.origin.clone(),
        path: path.into(),
        owner: owner.clone(),
    });
}

/// The comment that stands on the same line behind a place.
pub(super) fn remark_beside(desk: &Desk, document: &Document, place: Span) -> Option<Part> {
    if place.source != desk.file.id {
        return None;
    }
    super::tell::remark_behind(desk.file.text, &document.remarks, place)
}

/// Goes one key deeper in a path.
pub(super) fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}

/// Goes one list item deeper: by its name where it has one, else by its number.
pub(super) fn push_item(path: &mut String, item: &Node, at: usize) {
    let _ = match item.text_at("name") {
        Some(name) => write!(path, "[{name}]"),
        None => write!(path, "[{at}]"),
    };
}
