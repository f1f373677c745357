//! Patches that stand inside a scalar, as kustomizations and Flux objects carry them: which images they set.

use super::{Desk, helm_values, kubernetes, tell};
use crate::facts::{Image, Resource, Role, join};
use crate::syntax::{Document, Node, forms, yaml};
use std::sync::Arc;

/// Reads every `patch:` of a list of patches.
pub(super) fn read(desk: &mut Desk, owner: &Arc<Resource>, list: Option<&Node>, path: &str) {
    for (at, entry) in list.map(Node::items).unwrap_or_default().iter().enumerate() {
        if desk.is_settled(entry.span()) {
            continue;
        }
        let Some(node) = entry
            .get("patch")
            .or(Some(entry))
            .filter(|node| node.text().is_some_and(|text| text.contains('\n') || text.contains('{')))
        else {
            continue;
        };
        let Some(text) = node.part() else { continue };
        let yaml = match desk.own_view() {
            Some(view) => view.files.embedded(&text),
            None => Arc::new(yaml::read_embedded(&text.text, &text.origin)),
        };
        desk.problems.extend(yaml.problems.iter().cloned());
        for document in &yaml.documents {
            one(desk, &forms::marked_document(document), owner, &format!("{path}[{at}]"));
        }
    }
}

fn one(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, path: &str) {
    let root = &document.root;
    if !root.is_list() {
        match root.at(&["spec", "values"]).filter(|_| root.text_at("kind") == Some("HelmRelease")) {
            Some(values) => {
                helm_values::values(desk, document, owner, values, &format!("{path}.spec.values"))
            }
            None => kubernetes::fragment(desk, document, owner, root, path),
        }
        return;
    }
    // JSON 6902: a list of operations, each with a path and a value.
    for operation in root.items() {
        if let (Some(target), Some(value)) = (operation.text_at("path"), operation.get("value")) {
            let path = format!("{path}{}", target.replace('/', "."));
            set(desk, document, owner, value, &path);
        }
    }
}

/// Reads what an operation puts at `path`.
fn set(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, value: &Node, path: &str) {
    let (parent, key) = path.rsplit_once('.').unwrap_or(("", path));
    let in_values = path.contains(".spec.values.");
    match value.part() {
        Some(_) if key == "image" || key == "imageName" => {
            tell::reference(desk, document, owner, value, path, |_| {});
        }
        // The rest of the image is the chart's, or stands where it is patched.
        Some(tag) if in_values && key == "tag" && parent.ends_with("mage") => {
            let image =
                Image { role: Role::TagOnly, ..join(None, None, Some(tag.clone()), None, &tag.origin) };
            tell::tell(desk, owner, parent, image, tag.origin);
        }
        Some(_) => {}
        None if in_values => helm_values::under(desk, document, owner, value, path),
        None => kubernetes::fragment(desk, document, owner, value, path),
    }
}
