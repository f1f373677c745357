//! Package URLs of images: `pkg:oci/…` for what a digest names, `pkg:docker/…` for what only a tag does.

use super::ImageRow;
use crate::facts::Pin;
use std::fmt::Write;

/// The package URL of an image; nothing for one that is no reference or not known to the end.
pub fn purl(row: &ImageRow) -> Option<String> {
    let (registry, repository) = (row.registry.as_deref()?, row.repository.as_deref()?);
    if !row.known {
        return None;
    }
    let tag = row.tag.as_deref();
    let (space, name) = repository.rsplit_once('/').unwrap_or(("", repository));
    match row.pin {
        Pin::Pinned | Pin::DigestOnly => {
            let digest = encoded(row.digest.as_deref()?);
            let place = format!("{registry}/{repository}");
            let place: Vec<String> = place.split('/').map(encoded).collect();
            let place = place.join("/");
            let tag = tag.map_or(String::new(), |tag| format!("&tag={}", encoded(tag)));
            Some(format!("pkg:oci/{}@{digest}?repository_url={place}{tag}", encoded(name)))
        }
        Pin::Build | Pin::Tag | Pin::MayMove | Pin::Moving | Pin::Latest | Pin::Untagged => {
            let mut path: Vec<String> =
                space.split('/').filter(|part| !part.is_empty()).map(encoded).collect();
            path.push(encoded(name));
            let version = tag.map_or(String::new(), |tag| format!("@{}", encoded(tag)));
            let place = match registry {
                "docker.io" => String::new(),
                other => format!("?repository_url={}", encoded(other)),
            };
            Some(format!("pkg:docker/{}{version}{place}", path.join("/")))
        }
        Pin::Open | Pin::Placeholder | Pin::PlaceholderDigest | Pin::Malformed | Pin::Unknown => None,
    }
}

/// Everything but letters, digits and `.-_~` as percent signs.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::images::tests::row;

    #[test]
    fn images_have_package_urls() {
        let digest = format!("sha256:{}", "9d6b58feebd2dbd3".repeat(4));
        let hex = &digest[7..];
        for (reference, pin, expected) in [
            (
                format!("docker.io/library/nginx:1.27@{digest}"),
                Pin::Pinned,
                format!("pkg:oci/nginx@sha256%3A{hex}?repository_url=docker.io/library/nginx&tag=1.27"),
            ),
            (
                format!("ghcr.io/a/b/c@{digest}"),
                Pin::DigestOnly,
                format!("pkg:oci/c@sha256%3A{hex}?repository_url=ghcr.io/a/b/c"),
            ),
            ("docker.io/library/nginx:1.27".into(), Pin::Moving, "pkg:docker/library/nginx@1.27".into()),
            (
                "localhost:5000/x:1".into(),
                Pin::Moving,
                "pkg:docker/x@1?repository_url=localhost%3A5000".into(),
            ),
            ("quay.io/a/b".into(), Pin::Untagged, "pkg:docker/a/b?repository_url=quay.io".into()),
            ("quay.io/a/b:‹${X}›".into(), Pin::Unknown, String::new()),
            ("quay.io/‹{{ name }}›:1.2.3".into(), Pin::Tag, String::new()),
        ] {
            assert_eq!(purl(&row(&reference, pin)).unwrap_or_default(), expected, "{reference}");
        }
    }
}
