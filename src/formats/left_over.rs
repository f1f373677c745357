//! What is left of a file when every format has read it: lines with whole images, where YAML or HCL cannot be read to the
//! end, and where templates hide what is around; maps that look like containers, where no format knows the file; values of
//! releases, where nothing loads their helmfile.

use super::literals::{self, Kind};
use super::{Desk, Format, helm_values, tell};
use crate::facts::parse_reference;
use crate::syntax::yaml::Yaml;
use crate::syntax::{Document, Node, forms};
use crate::text::File;
use std::cell::OnceCell;

/// Whether a format that wants a file knows all of its images. Others look for one thing in many files.
pub fn knows(format: &Format) -> bool {
    const OTHERS: [&str; 7] =
        ["claims-in-objects", "claims-in-values", "flux-markers", "k3s", "recipes", "commands", "literals"];
    !OTHERS.contains(&format.name)
}

/// Reads what is left of a file. `known` is what was read of it as YAML, and what is read of it here; `is_known` says that
/// a format knows it.
pub fn left_over(desk: &mut Desk, known: &OnceCell<Yaml>, parse: &dyn Fn() -> Yaml, is_known: bool) {
    let file = desk.file;
    let is_broken = desk.problems.iter().any(|problem| problem.kind == "hcl-syntax");
    if !(file.is_yaml() || is_broken)
        || !file.has("mage")
        || is_told_elsewhere(desk)
        || speaks_about_images(&file)
    {
        return;
    }
    if is_broken {
        return literals::lines(desk, Kind::Keys);
    }
    // JSON of which nobody knows what it is has icons.
    if file.name.ends_with(".json") && !is_known {
        return;
    }
    let is_yaml = known.get().is_some();
    let is_helmfile = || file.has("releases:") && file.has("chart:") && !(helm_values::FORMAT.wants)(&file);
    if file.has("image:") && (!is_known || is_helmfile()) {
        let documents = &known.get_or_init(parse).documents;
        for document in documents.iter().filter(|document| document.root.get("apiVersion").is_none()) {
            let document = forms::marked_document(document);
            if !is_known {
                run(desk, &document);
            }
            releases(desk, &document);
        }
    }
    let is_unsure = |yaml: &Yaml| yaml.masked || yaml.problems.iter().any(|one| one.kind == "yaml-syntax");
    if is_yaml && known.get().is_some_and(is_unsure) {
        literals::lines(desk, Kind::Yaml);
    }
}

/// Whether a build or a release has read the file.
fn is_told_elsewhere(desk: &Desk) -> bool {
    let source = desk.file.id;
    desk.own_view()
        .is_some_and(|view| view.speaks_for(source) || view.gives_values(source) || view.are_rendered(source))
}

/// Schemas and policies name images that nothing runs.
fn speaks_about_images(file: &File) -> bool {
    ["CustomResourceDefinition", "kyverno.io/", "gatekeeper.sh/", "admissionregistration.k8s.io"]
        .iter()
        .any(|word| file.has(word))
}

/// The values of releases.
fn releases(desk: &mut Desk, document: &Document) {
    let list = document.root.get("releases").map(Node::items).unwrap_or_default();
    for release in list.iter().filter(|release| release.get("chart").is_some()) {
        let owner = tell::owner(desk, "helmfile", "release", release.text_at("name").unwrap_or_default());
        for values in release.get("values").map(Node::items).unwrap_or_default() {
            helm_values::values(desk, document, &owner, values, "values");
        }
    }
}

/// The images of maps that say how they are run.
fn run(desk: &mut Desk, document: &Document) {
    let mut found = Vec::new();
    document.root.walk(&mut |path, node| {
        // The values of a release are a chart's.
        if path == "releases" {
            return false;
        }
        if let Some(image) = node.get("image").filter(|image| is_run(node) && is_reference(image)) {
            found.push((if path.is_empty() { "image".into() } else { format!("{path}.image") }, image));
        }
        true
    });
    let owner = tell::owner(desk, literals::FORMAT.name, "file", "");
    for (path, image) in found {
        tell::reference(desk, document, &owner, image, &path, |_| {});
    }
}

/// Whether a map says how something is run: an image alone may be a picture, or what a document is about.
fn is_run(node: &Node) -> bool {
    const SETTINGS: [&str; 10] = [
        "command",
        "args",
        "entrypoint",
        "env",
        "environment",
        "ports",
        "volumes",
        "volumeMounts",
        "imagePullPolicy",
        "restart",
    ];
    SETTINGS.iter().any(|key| node.get(key).is_some())
}

fn is_reference(node: &Node) -> bool {
    node.part().is_some_and(|part| {
        let image = parse_reference(&part);
        !part.text.is_empty()
            && !part.text.contains("://")
            && image.fault.is_none()
            && image.repository.is_some()
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn rows() {
        super::super::exam::rows(include_str!("rows/places.txt"));
    }
}
