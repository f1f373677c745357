//! Names of images behind a hub, as the values of service meshes have them: `global.hub` and `global.tag` for all, and
//! `image: proxyv2` where it is used.

use super::image_map::is_empty;
use super::{Desk, tell};
use crate::facts::{Image, Resource, join};
use crate::syntax::{Document, Node, yaml};
use crate::text::Part;
use std::sync::Arc;

/// Where the images of a mesh are, and their tag.
pub(super) struct Hub {
    hub: Part,
    tag: Part,
}

impl Hub {
    pub(super) fn of(root: &Node) -> Option<Hub> {
        const ROOTS: [&[&str]; 3] =
            [&["global"], &["defaults", "global"], &["_internal_defaults_do_not_set", "global"]];
        let global = ROOTS.iter().find_map(|path| root.at(path).filter(|node| node.get("hub").is_some()))?;
        // A variant goes behind the tag.
        let is_plain = global.get("variant").is_none_or(is_empty);
        let text = |key: &str| global.get(key).filter(|node| !is_empty(node)).and_then(Node::part);
        Some(Hub { hub: text("hub")?, tag: text("tag").filter(|_| is_plain)? })
    }
}

/// The image of a name that stands behind a hub: that of the map around it, or the one of all.
pub(super) fn image(global: Option<&Hub>, name: &Part, around: &Node) -> Option<Image> {
    let own = |key: &str| around.get(key).filter(|node| !is_empty(node)).and_then(Node::part);
    let is_bare = !name.text.is_empty() && !name.text.contains(['/', ':', '.']) && name.is_known();
    let hub = own("hub").or_else(|| Some(global?.hub.clone())).filter(|_| is_bare)?;
    let tag = own("tag").or_else(|| Some(global?.tag.clone()))?;
    let image = join(Some(hub), Some(name.clone()), Some(tag), None, &name.origin);
    Some(image).filter(|image| own("variant").is_none() && image.fault.is_none())
}

/// Tells the images behind the hub of values that stand in a text, as an injector of sidecars gets them.
pub(super) fn of_text(desk: &mut Desk, owner: &Arc<Resource>, text: &Part, path: &str) {
    let has_hub = text.text.contains("\"hub\":") || text.text.contains("hub: ");
    if !has_hub || !text.text.contains("global") {
        return;
    }
    for document in &yaml::read_embedded(&text.text, &text.origin).documents {
        document_of(desk, document, owner, path);
    }
}

fn document_of(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, base: &str) {
    let hub = Hub::of(&document.root);
    let mut found = Vec::new();
    document.root.walk(&mut |path, node| {
        let name = node.get("image").and_then(Node::part);
        if let Some((name, image)) =
            name.and_then(|name| Some((name.clone(), image(hub.as_ref(), &name, node)?)))
        {
            found.push((format!("{base}.{path}.image"), name, image));
        }
        true
    });
    for (path, name, image) in found {
        tell::tell(desk, owner, path, image, name.origin);
    }
}
