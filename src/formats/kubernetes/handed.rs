//! Images that an operator is handed: by its arguments, and by variables such as `RELATED_IMAGE_DB`. It makes containers
//! of them.

use super::super::looks::{looks_like_image, named_after_image};
use super::super::{Desk, tell};
use crate::facts::{Resource, Role, parse_reference};
use crate::syntax::{Document, Node};
use crate::text::Part;
use std::sync::Arc;

pub(super) fn read(
    desk: &mut Desk,
    document: &Document,
    owner: &Arc<Resource>,
    container: &Node,
    path: &str,
) {
    for list in ["command", "args"] {
        let words = container.get(list).map(Node::items).unwrap_or_default();
        for (at, word) in words.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| &words[before]);
            let Some((name, image)) = word.part().and_then(|word| argument(word, before)) else { continue };
            if is_image(&image, name.contains("image")) {
                let remark = tell::remark_beside(desk, document, word.span());
                tell::image(desk, owner, format!("{path}.{list}[{at}]"), &image, Role::Pull, remark);
            }
        }
    }
    for variable in container.get("env").map(Node::items).unwrap_or_default() {
        let name = variable.text_at("name").unwrap_or_default();
        let is_named = name.starts_with("RELATED_IMAGE_") || named_after_image(&name.to_ascii_lowercase());
        let Some(value) = variable.get("value").filter(|_| is_named) else { continue };
        if value.part().is_some_and(|part| is_image(&part, true)) {
            tell::reference(desk, document, owner, value, &format!("{path}.env[{name}]"), |_| {});
        }
    }
}

/// The name and the value of `--name=value`, or of a word behind `--name-image`.
fn argument(word: Part, before: Option<&Node>) -> Option<(String, Part)> {
    let text = word.text.as_str();
    if !text.starts_with('-') {
        let name = before.and_then(Node::text).filter(|name| name.starts_with("--"))?;
        return name.ends_with("-image").then(|| (name.to_ascii_lowercase(), word));
    }
    let sign = text.find('=').filter(|_| text.starts_with("--"))?;
    Some((text[..sign].to_ascii_lowercase(), word.slice(sign + 1..text.len())))
}

/// Whether a text is an image with a tag or a digest. Under a name that does not say so, a port must not be its tag.
fn is_image(part: &Part, is_named: bool) -> bool {
    let image = parse_reference(part);
    let is_release = |tag: &Part| tag.text.contains('.') && tag.text.contains(|c: char| c.is_ascii_digit());
    let is_full = image.registry.as_ref().is_some_and(|registry| registry.text.contains('.'))
        && (image.digest.is_some() || image.tag.as_ref().is_some_and(is_release));
    let is_pinned = image.tag.is_some() || image.digest.is_some();
    let is_known = image.repository.as_ref().is_some_and(Part::is_known);
    looks_like_image(&part.text) && image.fault.is_none() && is_known && (is_full || is_named && is_pinned)
}
