//! Pods, wherever they stand: a map with `containers`, or with volumes that are claims, in any kind, known or not.

use super::super::{Desk, tell};
use super::handed;
use crate::facts::Resource;
use crate::syntax::{Document, Node, Value};
use crate::text::Str;
use std::sync::Arc;

const LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// Tells the images of all pods, and gives the pods with their paths.
pub(super) fn read<'n>(
    desk: &mut Desk,
    document: &Document,
    owner: &Arc<Resource>,
    root: &'n Node,
) -> Vec<(Str, &'n Node)> {
    let mut pods = Vec::new();
    walk(desk, document, owner, root, &mut String::new(), &mut pods);
    pods
}

fn walk<'n>(
    desk: &mut Desk,
    document: &Document,
    owner: &Arc<Resource>,
    node: &'n Node,
    path: &mut String,
    pods: &mut Vec<(Str, &'n Node)>,
) {
    let len = path.len();
    match &node.value {
        Value::Map(entries) => {
            if is_pod(node) {
                pods.push((path.as_str().into(), node));
            }
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
                walk(desk, document, owner, value, path, pods);
                path.truncate(len);
            }
        }
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                tell::push_item(path, item, at);
                walk(desk, document, owner, item, path, pods);
                path.truncate(len);
            }
        }
        _ => {}
    }
}

/// Some resources name their containers otherwise, and their volumes as pods do.
fn is_pod(node: &Node) -> bool {
    let is_claim =
        |volume: &Node| ["persistentVolumeClaim", "ephemeral"].iter().any(|key| volume.get(key).is_some());
    node.get("containers").is_some_and(Node::is_list)
        || node.get("volumes").is_some_and(|volumes| volumes.items().iter().any(is_claim))
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
        handed::read(desk, document, owner, container, path.trim_end_matches(".image"));
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
