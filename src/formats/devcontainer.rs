//! Development containers: the image they start from, and the features that are put into it.

use super::{Desk, Format, Read, tell};
use crate::facts::Role;
use crate::syntax::{Node, forms, jsonc};
use crate::text::File;

pub(super) const FORMAT: Format = Format { name: "devcontainer", words: &[], wants, read: Read::Text(read) };

/// Who has a feature. It is no image, and is pinned in another way.
const FEATURES: &str = "devcontainer-features";

fn wants(file: &File) -> bool {
    let base = file.base();
    let in_folder = file.name.split('/').any(|part| part == ".devcontainer") && base.ends_with(".json");
    (base == ".devcontainer.json" || base == "devcontainer.json" || in_folder)
        && (file.has("\"image\"") || file.has("\"features\""))
}

fn read(desk: &mut Desk) {
    let read = jsonc::read(desk.file.id, desk.file.text);
    desk.problems.extend(read.problems);
    let owner = tell::owner(desk, FORMAT.name, "devcontainer", "");
    let of_features = tell::owner(desk, FEATURES, "devcontainer", "");
    for document in &read.documents {
        if let Some(image) = document.root.part_at("image").filter(|image| !image.text.is_empty()) {
            tell::image(desk, &owner, "image", &forms::marked(&image), Role::Pull, None);
        }
        // The name of a feature is a reference; those of this repository begin with a dot.
        for (name, _) in document.root.get("features").map_or(&[][..], Node::entries) {
            let Some(name) =
                name.part().filter(|name| name.text.contains('/') && !name.text.starts_with('.'))
            else {
                continue;
            };
            tell::image(desk, &of_features, "features", &forms::marked(&name), Role::Pull, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::images;

    #[test]
    fn images_of_development_containers() {
        for (name, text, expected) in [
            (
                ".devcontainer/devcontainer.json",
                "// c\n{\n\t\"name\": \"x\", // y\n\t\"image\": \"mcr.microsoft.com/devcontainers/base:ubuntu\",\n\t\"features\": {\"ghcr.io/a/b:1\": {},},\n}\n",
                &[
                    "devcontainer image mcr.microsoft.com/devcontainers/base:ubuntu",
                    "devcontainer features ghcr.io/a/b:1",
                ][..],
            ),
            (
                "a/.devcontainer.json",
                "{\"image\": \"a:${localEnv:T}\"}",
                &["devcontainer image a:${localEnv:T}"],
            ),
            (".devcontainer/x/devcontainer.json", "{\"build\": {\"dockerfile\": \"Dockerfile\"}}", &[]),
            ("package.json", "{\"image\": \"a:1\"}", &[]),
        ] {
            assert_eq!(images(&FORMAT, name, text), expected, "{text}");
        }
    }
}
