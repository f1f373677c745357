//! What formats share when they tell a fact: owners, images, comments on the same line. Knows no format.

use super::Desk;
use crate::facts::{Fact, Image, Resource, Role, holes, parse_reference};
use crate::syntax::{Node, Remark};
use crate::text::{Origin, Part, Span, Str};
use std::sync::Arc;

/// Who says what follows.
pub(super) fn owner(desk: &Desk, format: &'static str, kind: &str, name: impl Into<Str>) -> Arc<Resource> {
    Arc::new(Resource {
        format,
        source: desk.file.id,
        kind: kind.into(),
        api: Str::default(),
        namespace: Str::default(),
        name: name.into(),
    })
}

/// Tells an image that stands in one text.
pub(super) fn image(desk: &mut Desk, owner: &Arc<Resource>, path: impl Into<Str>, whole: &Part, role: Role) {
    let image = Image { role, ..parse_reference(whole) };
    tell(desk, owner, path, image, whole.origin.clone());
}

/// Tells an image, and says so if what decides it is not known.
pub(super) fn tell(
    desk: &mut Desk,
    owner: &Arc<Resource>,
    path: impl Into<Str>,
    image: Image,
    origin: Origin,
) {
    if image.role != Role::Built && !is_decided(&image) {
        desk.facts.unread("image", reason(&image.text), origin.span());
    }
    desk.facts.images.push(Fact { says: image, origin, path: path.into(), owner: owner.clone() });
}

/// Tells the image under a key of a map, with the comment behind it. Says whether there was one.
#[allow(dead_code)] // until the first format of documents
pub(super) fn image_at(
    desk: &mut Desk,
    owner: &Arc<Resource>,
    path: impl Into<Str>,
    node: &Node,
    remarks: &[Remark],
) -> bool {
    let Some(whole) = node.part() else {
        if node.is_hole() {
            desk.facts.unread("image", "template", node.span());
        }
        return false;
    };
    let image =
        Image { remark: remark_behind(desk.file.text, remarks, node.span()), ..parse_reference(&whole) };
    tell(desk, owner, path, image, whole.origin);
    true
}

/// The comment that stands behind a value on its line.
pub(super) fn remark_behind(text: &str, remarks: &[Remark], span: Span) -> Option<Part> {
    let next = remarks.partition_point(|remark| remark.span < span);
    let remark = remarks[next..].iter().find(|remark| remark.span.start >= span.end)?;
    let between = text.get(span.end as usize..remark.span.start as usize)?;
    (!between.contains(['\n', '\r'])).then(|| {
        let body_at =
            remark.span.len() - text[remark.span.range()].trim_start_matches(['#', '/', ' ', '\t']).len();
        let body = remark.span.slice(body_at..remark.span.len());
        let body = Span { end: body.start + text[body.range()].trim_end().len() as u32, ..body };
        Part::new(&text[body.range()], Origin::verbatim(body))
    })
}

/// Whether enough of an image is known to say how it is pinned.
fn is_decided(image: &Image) -> bool {
    let known = |part: &Option<Part>| part.as_ref().is_some_and(|part| holes(&part.text).is_empty());
    !image.unknown || known(&image.digest) || image.digest.is_none() && known(&image.tag)
}

fn reason(text: &str) -> &'static str {
    if text.contains("{{") || text.contains("<%") { "template" } else { "variable" }
}
