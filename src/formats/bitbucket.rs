//! Bitbucket Pipelines: the images of the pipeline, its steps, its services and its pipes.

use super::{Desk, Format, Read, tell};
use crate::facts::Role;
use crate::syntax::{Document, remark_behind};
use crate::text::File;

pub(super) const FORMAT: Format =
    Format { name: "bitbucket", words: &[], wants, read: Read::Documents(read) };

fn wants(file: &File) -> bool {
    file.base().starts_with("bitbucket-pipelines")
        && file.is_yaml()
        && (file.has("image") || file.has("docker://"))
}

fn read(desk: &mut Desk, document: &Document) {
    let owner = tell::owner(desk, FORMAT.name, "pipeline", "");
    let mut found = Vec::new();
    document.root.walk(&mut |path, node| match path.rsplit('.').next() {
        Some("image") => {
            let name = node.get("name").filter(|_| node.is_map());
            found
                .push((format!("{path}{}", if name.is_some() { ".name" } else { "" }), name.unwrap_or(node)));
            false
        }
        Some("pipe") => {
            found.push((path.to_string(), node));
            false
        }
        _ => true,
    });
    for (path, node) in found {
        let Some(whole) = node.part().filter(|whole| !whole.text.is_empty()) else { continue };
        let reference = match whole.text.strip_prefix("docker://") {
            Some(rest) => whole.slice(whole.text.len() - rest.len()..whole.text.len()),
            // A pipe without that scheme is a repository, not an image.
            None if path.ends_with("pipe") => continue,
            None => whole,
        };
        let remark = remark_behind(&document.remarks, node.span());
        tell::image(desk, &owner, path, &reference, Role::Pull, remark);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::images;

    #[test]
    fn images_of_pipelines() {
        let text = "image: {name: 'a/b:1', username: $U}\ndefinitions:\n  services:\n    d: {image: 'mysql:8.0'}\npipelines:\n  default:\n    - step:\n        image: node:20 # x\n        script:\n          - pipe: docker://c/d:1.2.3\n          - pipe: atlassian/x:1.0.0\n";
        assert_eq!(
            images(&FORMAT, "bitbucket-pipelines.yml", text),
            [
                "pipeline image.name a/b:1",
                "pipeline definitions.services.d.image mysql:8.0",
                "pipeline pipelines.default[0].step.image node:20 # x",
                "pipeline pipelines.default[0].step.script[0].pipe c/d:1.2.3",
            ]
        );
    }
}
