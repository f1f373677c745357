//! Images in the data of a ConfigMap that is no manifest: settings of a program that runs containers itself.

use super::super::looks::{looks_like_image, named_after_image};
use super::super::{Desk, hub, literals, tell};
use crate::facts::{Resource, Role};
use crate::syntax::Node;
use std::sync::Arc;

pub(super) fn read(desk: &mut Desk, owner: &Arc<Resource>, key: &str, value: &Node) {
    let Some(text) = value.part().filter(|text| text.text.contains("mage")) else {
        return image(desk, owner, key, value);
    };
    // Values are those of a release, manifests are read as such, and examples are for people.
    let is_values = key.starts_with("values") && key.contains('.');
    let is_example = key.starts_with("_example") || key.ends_with(".md");
    if is_values || is_example || text.text.contains("apiVersion") {
        return;
    }
    let path = format!("data.{key}");
    if !text.text.contains('\n') {
        image(desk, owner, key, value);
    } else {
        let owner = &Arc::new(Resource { format: literals::FORMAT.name, ..Resource::clone(owner) });
        hub::of_text(desk, owner, &text, &path);
        literals::of_text(desk, owner, &text, &path, Role::Pull);
    }
}

/// `cacheImage: ghcr.io/a/b`: who reads it may add a tag.
fn image(desk: &mut Desk, owner: &Arc<Resource>, key: &str, value: &Node) {
    let name = key.to_ascii_lowercase();
    let is_named = name != "image" && named_after_image(&name) || key.ends_with("Image");
    let Some(text) = value.part().filter(|text| is_named && looks_like_image(&text.text)) else { return };
    let image = crate::facts::parse_reference(&text);
    if image.fault.is_none() && image.repository.is_some() {
        let owner = Arc::new(Resource { format: literals::FORMAT.name, ..Resource::clone(owner) });
        tell::image(desk, &owner, format!("data.{key}"), &text, tell::role_of_setting(&text), None);
    }
}
