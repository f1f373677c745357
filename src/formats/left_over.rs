//! What is left of a file when every format has read it: its lines with whole images, where YAML or HCL cannot be read to
//! the end, where templates hide what is around, and where no format knows the file.

use super::literals::{self, Kind};
use super::{Desk, Format};
use crate::syntax::yaml::Yaml;
use crate::text::File;

/// Whether a format that wants a file knows all of its images. Others look for one thing in many files.
pub fn knows(format: &Format) -> bool {
    const OTHERS: [&str; 7] =
        ["claims-in-objects", "claims-in-values", "flux-markers", "k3s", "recipes", "commands", "literals"];
    !OTHERS.contains(&format.name)
}

/// Reads what is left of a file. `yaml` is what was read of it as such, `is_known` says that a format knows it.
pub fn left_over(desk: &mut Desk, yaml: Option<&Yaml>, is_known: bool) {
    let file = desk.file;
    if !file.has("mage") || is_told_elsewhere(desk) || speaks_about_images(&file) {
        return;
    }
    let is_hidden = |yaml: &Yaml| yaml.masked || yaml.problems.iter().any(|one| one.kind == "yaml-syntax");
    // JSON of which nobody knows what it is has icons; what charts and packages say of themselves runs nothing.
    let is_metadata = matches!(file.base(), "Chart.yaml" | "artifacthub-pkg.yml" | "artifacthub-pkg.yaml");
    let is_plain = || !is_known && !is_metadata && !file.name.ends_with(".json");
    if desk.problems.iter().any(|problem| problem.kind == "hcl-syntax") {
        literals::lines(desk, Kind::Keys);
    } else if file.is_yaml() && (yaml.is_some_and(is_hidden) || is_plain()) {
        literals::lines(desk, Kind::Yaml);
    }
}

/// Whether a build or a release has read the file.
fn is_told_elsewhere(desk: &Desk) -> bool {
    let source = desk.file.id;
    desk.view
        .is_some_and(|view| view.speaks_for(source) || view.gives_values(source) || view.are_rendered(source))
}

/// Schemas and policies name images that nothing runs.
fn speaks_about_images(file: &File) -> bool {
    ["CustomResourceDefinition", "kyverno.io/", "gatekeeper.sh/", "admissionregistration.k8s.io"]
        .iter()
        .any(|word| file.has(word))
}

#[cfg(test)]
mod tests {
    #[test]
    fn rows() {
        super::super::exam::rows(include_str!("rows/places.txt"));
    }
}
