//! Patches that stand inside a scalar, as kustomizations and Flux objects carry them: which images they set.

use super::{Desk, tell, kubernetes};
use crate::facts::Resource;
use crate::syntax::{Document, Node, yaml};
use std::sync::Arc;

/// Reads every `patch:` of a list of patches.
pub(super) fn read(desk: &mut Desk, owner: &Arc<Resource>, list: Option<&Node>, path: &str) {
    for (at, entry) in list.map(Node::items).unwrap_or_default().iter().enumerate() {
        let Some(node) = entry
            .get("patch")
            .or(Some(entry))
            .filter(|node| node.text().is_some_and(|text| text.contains('\n') || text.contains('{')))
        else {
            continue;
        };
        let yaml = yaml::read_embedded(node.text().unwrap_or_default(), &node.origin);
        desk.problems.extend(yaml.problems);
        for document in &yaml.documents {
            one(desk, document, owner, &format!("{path}[{at}]"));
        }
    }
}

fn one(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, path: &str) {
    if !document.root.is_list() {
        kubernetes::fragment(desk, document, owner, &document.root, path);
        return;
    }
    // JSON 6902: a list of operations, each with a path and a value.
    for operation in document.root.items() {
        let (Some(target), Some(value)) = (operation.text_at("path"), operation.get("value")) else {
            continue;
        };
        let path = format!("{path}{}", target.replace('/', "."));
        if value.text().is_some() {
            let key = target.rsplit('/').next().unwrap_or("");
            // `/spec/images/0/newTag` and the like set pieces of which the rest is not known here.
            if key == "image" || key == "imageName" {
                tell::reference(desk, document, owner, value, &path, |_| {});
            }
        } else {
            kubernetes::fragment(desk, document, owner, value, &path);
        }
    }
}
