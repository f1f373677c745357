//! Pod templates, wherever they stand: a map with `containers` in any kind, known or not.

use super::super::{Desk, tell};
use crate::facts::Resource;
use crate::syntax::{Document, Node, Value};
use std::sync::Arc;

const LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

pub(super) fn read(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, root: &Node) {
    walk(desk, document, owner, root, &mut String::new());
}

fn walk(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, node: &Node, path: &mut String) {
    let len = path.len();
    match &node.value {
        Value::Map(entries) => {
            for (key, value) in entries.iter() {
                let name = key.text().unwrap_or("?");
                // What the cluster reports back, and what people annotate, runs nothing.
                if len == 0 && matches!(name, "status" | "metadata") {
                    continue;
                }
                tell::push_key(path, name);
                if LISTS.contains(&name) && value.is_list() {
                    containers(desk, document, owner, value, path);
                } else if name == "volumes" && value.is_list() {
                    image_volumes(desk, document, owner, value, path);
                }
                walk(desk, document, owner, value, path);
                path.truncate(len);
            }
        }
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                tell::push_item(path, item, at);
                walk(desk, document, owner, item, path);
                path.truncate(len);
            }
        }
        _ => {}
    }
}

fn containers(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, list: &Node, path: &str) {
    for (at, container) in list.items().iter().enumerate() {
        // A patch fragment changes a container without naming its image.
        let Some(node) = container.get("image") else { continue };
        let mut path = path.to_string();
        tell::push_item(&mut path, container, at);
        path.push_str(".image");
        let policy = container.part_at("imagePullPolicy");
        tell::reference(desk, document, owner, node, &path, |image| image.pull_policy = policy);
    }
}

/// `volumes[].image.reference`: an image mounted as files.
fn image_volumes(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, list: &Node, path: &str) {
    for (at, volume) in list.items().iter().enumerate() {
        let Some(image) = volume.get("image") else { continue };
        let Some(reference) = image.get("reference") else { continue };
        let mut path = path.to_string();
        tell::push_item(&mut path, volume, at);
        path.push_str(".image.reference");
        let policy = image.part_at("pullPolicy");
        tell::reference(desk, document, owner, reference, &path, |image| image.pull_policy = policy);
    }
}
