//! Skaffold: the images that a build gives, and the values that its releases set.

use super::builds::Place;
use super::dockerfile::Asked;
use super::{Desk, Format, Read, builds, tell};
use crate::facts::{Image, Resource, Role};
use crate::syntax::{Document, Node};
use crate::text::File;
use std::sync::Arc;

pub(super) const FORMAT: Format = Format { name: "skaffold", words: &[], wants, read: Read::Documents(read) };

fn wants(file: &File) -> bool {
    file.base().starts_with("skaffold") && file.is_yaml() && file.has("skaffold/")
}

fn read(desk: &mut Desk, document: &Document) {
    let root = &document.root;
    if !root.text_at("apiVersion").is_some_and(|api| api.starts_with("skaffold/")) {
        return;
    }
    let owner = tell::owner(
        desk,
        FORMAT.name,
        "skaffold",
        root.at(&["metadata", "name"]).and_then(Node::text).unwrap_or_default(),
    );
    let profiles = root.get("profiles").map_or(&[][..], Node::items);
    for (path, config) in
        std::iter::once(("", root)).chain(profiles.iter().map(|profile| ("profiles.", profile)))
    {
        let artifacts = config.at(&["build", "artifacts"]).map_or(&[][..], Node::items);
        for (at, artifact) in artifacts.iter().enumerate() {
            self::artifact(desk, document, &owner, artifact, &format!("{path}build.artifacts[{at}]"));
        }
        for (at, test) in config.get("verify").map_or(&[][..], Node::items).iter().enumerate() {
            if let Some(image) = test.at(&["container", "image"]) {
                tell::reference(
                    desk,
                    document,
                    &owner,
                    image,
                    &format!("{path}verify[{at}].container.image"),
                    |_| {},
                );
            }
        }
    }
}

/// What an artifact is called, what its Dockerfile is given, and what it is built upon.
fn artifact(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, artifact: &Node, path: &str) {
    let built = |image: &mut Image| image.role = Role::Built;
    if let Some(image) = artifact.get("image") {
        tell::reference(desk, document, owner, image, &format!("{path}.image"), built);
    }
    let docker = |key: &str| artifact.at(&["docker", key]);
    let arguments = docker("buildArgs").map_or_else(Vec::new, builds::pairs);
    let dockerfile = docker("dockerfile").and_then(Node::part);
    let context = artifact.part_at("context");
    let stage = docker("target").and_then(Node::part);
    if ["buildpacks", "jib", "ko", "bazel", "custom"].iter().all(|tool| artifact.get(tool).is_none()) {
        let place = Place { home: desk.file.directory(), context, dockerfile };
        builds::given(desk, owner, &place, Asked { arguments, stage });
    }
    // What buildpacks and jib build upon is pulled.
    for (tool, key) in
        [("buildpacks", "builder"), ("buildpacks", "runImage"), ("jib", "fromImage"), ("ko", "fromImage")]
    {
        if let Some(image) = artifact.at(&[tool, key]) {
            tell::reference(desk, document, owner, image, &format!("{path}.{tool}.{key}"), |_| {});
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::images;

    #[test]
    fn images_of_artifacts() {
        let text = "apiVersion: skaffold/v4beta1\nkind: Config\nmetadata: {name: s}\nbuild:\n  artifacts:\n    - image: a/b\n      buildpacks: {builder: 'p/q:1'}\nverify:\n  - container: {image: c:1}\n";
        assert_eq!(
            images(&FORMAT, "skaffold.yaml", text),
            [
                "skaffold/s build.artifacts[0].image a/b (built)",
                "skaffold/s build.artifacts[0].buildpacks.builder p/q:1",
                "skaffold/s verify[0].container.image c:1",
            ]
        );
    }
}
