//! The looks of images: names that speak of one, and texts that can be one. Knows no format.

/// `image`, `web_image`, `container_image_name`: a name that speaks of a whole reference.
pub(super) fn named_after_image(name: &str) -> bool {
    let name = name.strip_suffix("_name").or_else(|| name.strip_suffix("_ref")).unwrap_or(name);
    name == "image" || name.ends_with("_image") || name.ends_with("-image")
}

/// Whether a text has the look of a reference, which the images of clouds and of disks have not.
pub(super) fn looks_like_image(text: &str) -> bool {
    let files =
        [".png", ".svg", ".jpg", ".iso", ".img", ".qcow2", ".raw", ".vhd", ".vmdk", ".xz", ".gz", ".zip"];
    text.contains(['/', ':'])
        && !text.contains("://")
        && !text.starts_with(['/', '.', ':'])
        && !text.contains(' ')
        && !files.iter().any(|end| text.ends_with(end))
        // `projects/x/global/images/y`, `arn:aws:…`, `Canonical:UbuntuServer:…`
        && !text.contains("/images/")
        && !text.contains("projects/")
        && text.matches(':').count() <= if text.contains(['/', '@']) { 2 } else { 1 }
        && !text.starts_with("arn:")
}
