//! Podman Quadlet units: the images of containers and of images to pull.

use super::{Desk, Format, Read, tell};
use crate::facts::Role;
use crate::syntax::{forms, ini};
use crate::text::File;

pub(super) const FORMAT: Format = Format { name: "quadlet", wants, read: Read::Text(read) };

fn wants(file: &File) -> bool {
    let base = file.base();
    let base = base.strip_suffix(".j2").unwrap_or(base);
    [".container", ".image", ".volume", ".build"].iter().any(|end| base.ends_with(end)) && file.has("Image")
}

fn read(desk: &mut Desk) {
    let owner = tell::owner(desk, FORMAT.name, "unit", desk.file.base());
    for entry in ini::read(desk.file.id, desk.file.text) {
        let (section, key) = (entry.section.text.trim(), entry.key.text.as_str());
        let role = match (section, key) {
            ("Container" | "Image", "Image") | ("Volume", "Image") => Role::Pull,
            ("Build", "ImageTag") => Role::Built,
            _ => continue,
        };
        let text = entry.value.text.as_str();
        // `web.image` and `web.build` are other units, not images.
        if text.is_empty()
            || !text.contains([':', '/']) && (text.ends_with(".image") || text.ends_with(".build"))
        {
            continue;
        }
        tell::image(desk, &owner, format!("{section}.{key}"), &forms::marked(&entry.value), role, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::images;

    #[test]
    fn images_of_units() {
        for (name, text, expected) in [
            (
                "x/web.container",
                "[Container]\nImage=docker.io/library/nginx:1.25\n[Service]\nImage=x\n",
                &["unit/web.container Container.Image docker.io/library/nginx:1.25"][..],
            ),
            ("web.container", "[Container]\nImage=web.image\n", &[]),
            ("web.image", "[Image]\nImage=a/b:latest\n", &["unit/web.image Image.Image a/b:latest"]),
            (
                "web.build",
                "[Build]\nImageTag=localhost/x\n",
                &["unit/web.build Build.ImageTag localhost/x (built)"],
            ),
            (
                "web.container.j2",
                "[Container]\nImage=a:{{ v }}\n",
                &["unit/web.container.j2 Container.Image a:{{ v }}"],
            ),
        ] {
            assert_eq!(images(&FORMAT, name, text), expected, "{text}");
        }
    }
}
