//! Azure Pipelines: the images of containers, declared as resources or named by a job itself.

use super::{Desk, Format, Read, tell};
use crate::syntax::{Document, Node};
use crate::text::File;

pub(super) const FORMAT: Format =
    Format { name: "azure-pipelines", words: &[], wants, read: Read::Documents(read) };

fn wants(file: &File) -> bool {
    let base = file.base();
    let named = base.starts_with("azure-pipelines") || base.starts_with(".azure-pipelines");
    let in_folder = file
        .name
        .split('/')
        .any(|part| matches!(part, ".azure-pipelines" | "azure-pipelines" | ".azuredevops" | ".azure"));
    file.is_yaml() && (named || in_folder) && file.has("container")
}

fn read(desk: &mut Desk, document: &Document) {
    let root = &document.root;
    let resources = root.at(&["resources", "containers"]).map_or(&[][..], Node::items);
    let names: Vec<&str> = resources.iter().filter_map(|resource| resource.text_at("container")).collect();
    for resource in resources {
        let Some(image) = resource.get("image") else { continue };
        let owner =
            tell::owner(desk, FORMAT.name, "container", resource.text_at("container").unwrap_or_default());
        tell::reference(desk, document, &owner, image, "image", |_| {});
    }
    let mut jobs = vec![root];
    jobs.extend(root.get("jobs").map_or(&[][..], Node::items));
    for stage in root.get("stages").map_or(&[][..], Node::items) {
        jobs.extend(stage.get("jobs").map_or(&[][..], Node::items));
    }
    for job in jobs {
        let name = ["job", "deployment"].iter().find_map(|key| job.text_at(key)).unwrap_or_default();
        let owner = tell::owner(desk, FORMAT.name, if name.is_empty() { "pipeline" } else { "job" }, name);
        let container = job.get("container").map(|node| ("container".to_string(), node));
        let services = job.get("services").map_or(&[][..], Node::entries).iter();
        let services =
            services.map(|(name, node)| (format!("services.{}", name.text().unwrap_or_default()), node));
        for (path, node) in container.into_iter().chain(services) {
            match node.get("image") {
                Some(image) => {
                    tell::reference(desk, document, &owner, image, &format!("{path}.image"), |_| {})
                }
                // A plain text names one of the resources, or is an image.
                None if node.text().is_some_and(|text| !text.is_empty() && !names.contains(&text)) => {
                    tell::reference(desk, document, &owner, node, &path, |_| {});
                }
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::images;

    #[test]
    fn images_of_containers_and_jobs() {
        let text = "resources:\n  containers:\n    - {container: u, image: 'ubuntu:22.04'}\njobs:\n  - job: a\n    container: u\n    services: {db: u, r: 'redis:7'}\n  - job: b\n    container: {image: 'c:$(v)'}\nstages:\n  - jobs:\n      - deployment: d\n        container: e:1\n";
        assert_eq!(
            images(&FORMAT, "azure-pipelines.yml", text),
            [
                "container/u image ubuntu:22.04",
                "job/a services.r redis:7",
                "job/b container.image c:$(v)",
                "job/d container e:1",
            ]
        );
    }
}
