//! Files of YAML that are no objects and name images in fields of their own: machines of Talos, k3s and RKE2, ko, Cloud
//! Build, Concourse, Codefresh, Gitpod.

use super::looks::looks_like_image;
use super::{Desk, Format, Read, kubernetes, tell};
use crate::facts::{Image, Resource, Role, join, parse_reference};
use crate::syntax::expand::{Dialect, expand_tree};
use crate::syntax::provide::{Answer, Known, Names};
use crate::syntax::{Document, Node, forms, yaml};
use crate::text::{File, Hole, How, Part, Reason, Str};
use std::sync::Arc;

pub(super) const FORMAT: Format = Format { name: "machines", words: &[], wants, read: Read::Documents(read) };

fn wants(file: &File) -> bool {
    file.is_yaml()
        && (is_build(file.base())
            || is_distribution(file)
            || !file.name.ends_with(".json") && (is_machine(file) || is_concourse(file)))
}

fn is_machine(file: &File) -> bool {
    file.has("machine:") && file.has("image:") || !begins_as_object(file) && file.has("talosImageURL")
}

/// The settings of k3s and RKE2, and files that are put into their place.
fn is_distribution(file: &File) -> bool {
    (file.base().starts_with("config") || file.name.contains("config.yaml.d/")) && file.has("-image:")
}

fn is_build(base: &str) -> bool {
    base.starts_with("cloudbuild")
        || base.starts_with("codefresh.y")
        || matches!(base, ".ko.yaml" | ".ko.yml" | ".gitpod.yml" | ".gitpod.yaml")
}

/// Settings of talhelper and pipelines of Concourse are no objects, and hold none.
fn begins_as_object(file: &File) -> bool {
    file.first_line().starts_with("apiVersion:")
}

fn is_concourse(file: &File) -> bool {
    !begins_as_object(file) && file.has("-image") && (file.has("registry-image") || file.has("docker-image"))
}

fn read(desk: &mut Desk, document: &Document) {
    let (file, root) = (desk.file, &document.root);
    if root.get("apiVersion").is_some() {
        return;
    }
    if file.base().starts_with(".ko.") {
        return ko(desk, document);
    }
    if file.base().starts_with("cloudbuild") {
        return cloud_build(desk, document);
    }
    if file.base().starts_with("codefresh") || file.base().starts_with(".gitpod") {
        return workspace(desk, document);
    }
    let owner = tell::owner(desk, FORMAT.name, "machine", "");
    if is_machine(&file) {
        talhelper(desk, &owner, root);
        machine(desk, document, &owner, root);
    } else if is_distribution(&file) {
        for (key, value) in root.entries() {
            let key = key.text().filter(|key| key.ends_with("-image")).unwrap_or_default();
            if !key.is_empty() && is_image(value) {
                tell::reference(desk, document, &owner, value, key, |_| {});
            }
        }
    }
    if is_concourse(&file) {
        concourse(desk, document);
    }
}

/// Images of `machine` and `cluster`, and the manifests and pods that they carry.
fn machine(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, root: &Node) {
    let (mut images, mut texts, mut pods) = (Vec::new(), Vec::new(), Vec::new());
    root.walk(&mut |path, node| {
        let key = path.rsplit('.').next().unwrap_or(path);
        match () {
            () if path == "machine.pods" => {
                pods.push((path.to_owned(), node));
                return false;
            }
            () if key == "image" && is_below(path) && is_image(node) => {
                images.push((path.to_owned(), node));
            }
            () if node.text().is_some_and(|text| text.contains('\n') && text.contains("image")) => {
                texts.push(node)
            }
            () => {}
        }
        true
    });
    for (path, node) in images {
        let first = desk.facts.images.len();
        tell::reference(desk, document, owner, node, &path, |_| {});
        let around: Vec<&str> = path.split('.').collect();
        if root.at(&around[..around.len() - 1]).is_some_and(tell::switched_off) {
            tell::switch_off(desk, first);
        }
    }
    for (path, node) in pods {
        kubernetes::fragment(desk, document, owner, node, &path);
    }
    for node in texts {
        kubernetes::embedded(desk, node);
        patch(desk, owner, node);
    }
}

/// Whether a text is an image, of which templates may write a part.
fn is_image(node: &Node) -> bool {
    node.part()
        .is_some_and(|part| looks_like_image(&part.text) || !part.is_known() && part.text.contains('/'))
}

fn is_below(path: &str) -> bool {
    ["machine.", "cluster."].iter().any(|root| path.starts_with(root))
}

/// A patch of a machine that stands in a text.
fn patch(desk: &mut Desk, owner: &Arc<Resource>, node: &Node) {
    let Some(text) = node.text().filter(|text| text.contains("machine:") || text.contains("cluster:")) else {
        return;
    };
    for document in &yaml::read_embedded(text, &node.origin).documents {
        let document = forms::marked_document(document);
        let mut found = Vec::new();
        document.root.walk(&mut |path, node| {
            let is_field = path.ends_with(".image") && is_below(path);
            if is_field && is_image(node) {
                found.push((path.to_owned(), node));
            }
            true
        });
        for (path, node) in found {
            tell::reference(desk, &document, owner, node, &path, |_| {});
        }
    }
}

/// `talosImageURL`, to which talhelper puts the version.
fn talhelper(desk: &mut Desk, owner: &Arc<Resource>, root: &Node) {
    let version = root.part_at("talosVersion");
    let mut found = Vec::new();
    root.walk(&mut |path, node| {
        if path.ends_with("talosImageURL") {
            found.extend(node.part().map(|part| (path.to_owned(), part)));
        }
        true
    });
    for (path, name) in found {
        if parse_reference(&name).tag.is_some() {
            tell::image(desk, owner, path, &name, crate::facts::Role::Pull, None);
            continue;
        }
        let place = version.as_ref().unwrap_or(&name).origin.clone();
        let image: Image = join(None, Some(name), version.clone(), None, &place);
        tell::tell(desk, owner, path, image, place);
    }
}

/// The image of a workspace, and those of the steps of a pipeline, however deep. `image_name` is what a step builds.
fn workspace(desk: &mut Desk, document: &Document) {
    let (root, mut found) = (&document.root, Vec::new());
    let is_pipeline = root.get("steps").is_some();
    root.walk(&mut |path, node| {
        let is_step = path.starts_with("steps.") && path.ends_with(".image");
        if (if is_pipeline { is_step } else { path == "image" })
            && node.text().is_some_and(|text| !text.is_empty())
        {
            found.push((path.to_owned(), node));
        }
        true
    });
    let kind = if is_pipeline { "pipeline" } else { "workspace" };
    let owner = tell::owner(desk, FORMAT.name, kind, "");
    for (path, node) in found {
        tell::reference(desk, document, &owner, node, &path, |_| {});
    }
}

fn ko(desk: &mut Desk, document: &Document) {
    let owner = tell::owner(desk, FORMAT.name, "ko", "");
    let root = &document.root;
    if let Some(image) = root.get("defaultBaseImage") {
        tell::reference(desk, document, &owner, image, "defaultBaseImage", |_| {});
    }
    for (name, image) in root.get("baseImageOverrides").map_or(&[][..], Node::entries) {
        let path = format!("baseImageOverrides.{}", name.text().unwrap_or_default());
        tell::reference(desk, document, &owner, image, &path, |_| {});
    }
}

/// What Cloud Build itself gives when it runs.
const OF_BUILD: [&str; 11] = [
    "BRANCH_NAME",
    "BUILD_ID",
    "COMMIT_SHA",
    "LOCATION",
    "PROJECT_ID",
    "PROJECT_NUMBER",
    "REPO_NAME",
    "REVISION_ID",
    "SHORT_SHA",
    "TAG_NAME",
    "TRIGGER_NAME",
];

/// The images of steps, with the substitutions of the file. What a step builds no later step pulls.
fn cloud_build(desk: &mut Desk, document: &Document) {
    let owner = tell::owner(desk, FORMAT.name, "pipeline", "");
    let root = &document.root;
    let budget = desk.budget.clone();
    let provider = |name: &str| match root.at(&["substitutions", name]).and_then(Node::part) {
        Some(value) => Answer::Is(Known { value, how: How::Substitution }),
        None if OF_BUILD.contains(&name) => Answer::Unknown(Reason::Runtime),
        None => Answer::Nothing,
    };
    let names = Names::new(&provider, &budget);
    let steps = root.get("steps").map_or(&[][..], Node::items);
    let words = |step: &Node| -> Vec<Str> {
        let words = step.get("args").map_or(&[][..], Node::items).iter();
        words.filter_map(Node::text).map(Str::from).collect()
    };
    let tags = steps.iter().flat_map(|step| {
        let words = words(step);
        let pairs = words.windows(2).filter(|pair| matches!(pair[0].as_str(), "-t" | "--tag"));
        pairs.map(|pair| pair[1].clone()).collect::<Vec<Str>>()
    });
    let built: Vec<Str> = tags.collect();
    for (at, step) in steps.iter().enumerate() {
        let Some(name) = step.get("name").filter(|name| name.text().is_some()) else { continue };
        let bare = Node { origin: name.origin.unmarked().into_owned(), ..name.clone() };
        let image = expand_tree(&bare, Dialect::Compose, &names);
        let is_built = name.text().is_some_and(|text| built.iter().any(|tag| tag == text));
        tell::reference(desk, document, &owner, &image, &format!("steps[{at}].name"), |image| {
            image.role = if is_built { Role::Built } else { image.role };
        });
    }
}

/// Whether a document is a pipeline of Concourse, or a task of one.
pub(super) fn is_of_concourse(file: &File, root: &Node) -> bool {
    is_concourse(file)
        && ["resources", "resource_types", "image_resource", "jobs"].iter().any(|key| root.get(key).is_some())
}

/// The images of resources, with the variables of pipelines as holes.
fn concourse(desk: &mut Desk, document: &Document) {
    let mut found = Vec::new();
    document.root.walk(&mut |path, node| {
        let is_image = matches!(node.text_at("type"), Some("registry-image" | "docker-image"));
        if let Some(source) = node.get("source").filter(|_| is_image) {
            found.push((format!("{path}.source.repository"), source));
        }
        true
    });
    let owner = tell::owner(desk, FORMAT.name, "pipeline", "");
    for (path, source) in found {
        let text = |key: &str| {
            source.part_at(key).filter(|part| !part.text.is_empty()).map(|part| with_holes(&part))
        };
        let (Some(repository), tag, digest) = (text("repository"), text("tag"), text("digest")) else {
            continue;
        };
        let place = tag.as_ref().or(digest.as_ref()).unwrap_or(&repository).origin.clone();
        let image: Image = join(None, Some(repository), tag, digest, &place);
        tell::tell(desk, &owner, path, image, place);
    }
}

/// A text with each `((name))` as a hole.
fn with_holes(part: &Part) -> Part {
    let mut holes = Vec::new();
    let mut from = 0;
    while let Some(at) = part.text[from..].find("((").map(|at| from + at) {
        let Some(end) = part.text[at..].find("))").map(|end| at + end + 2) else { break };
        holes.push((at..end, Hole::new(Reason::Template, &part.text[at + 2..end - 2])));
        from = end;
    }
    part.with_holes(&holes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn rows() {
        super::super::exam::rows(include_str!("rows/pulls.txt"));
    }
}
