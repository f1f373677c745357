//! Images that are none: configurations, manifests and indexes with the digests that they really have, for registries of
//! the tests.

use crate::stub::{Question, Reply};
use pintle::testing::Sha256;
use std::collections::BTreeMap;

pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIGURATION: &str = "application/vnd.oci.image.config.v1+json";

pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut hash = Sha256::default();
    hash.update(bytes);
    format!("sha256:{}", hash.finish().map(|byte| format!("{byte:02x}")).concat())
}

/// An image for one platform.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub(crate) configuration: String,
    pub(crate) layer: String,
    pub(crate) manifest: String,
    platform: &'static str,
}

impl Image {
    /// Images of other seeds are others.
    pub(crate) fn new(platform: &'static str, seed: &str) -> Image {
        let (system, machine) = platform.split_once('/').unwrap();
        let layer = format!("a layer of {seed}\n");
        let configuration = format!(
            "{{\"os\":\"{system}\",\"architecture\":\"{machine}\",\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[\"{}\"]}}}}",
            sha256(layer.as_bytes())
        );
        let (of_configuration, of_layer) = (sha256(configuration.as_bytes()), sha256(layer.as_bytes()));
        let manifest = format!(
            "{{\"schemaVersion\":2,\"mediaType\":\"{MANIFEST}\",\"config\":{{\"mediaType\":\"{CONFIGURATION}\",\"digest\":\"{of_configuration}\",\"size\":{}}},\"layers\":[{{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"{of_layer}\",\"size\":{}}}]}}",
            configuration.len(),
            layer.len()
        );
        Image { configuration, layer, manifest, platform }
    }

    pub(crate) fn digest(&self) -> String {
        sha256(self.manifest.as_bytes())
    }
}

/// An index of these images.
pub(crate) fn index(images: &[Image]) -> String {
    let entry = |image: &Image| {
        let (system, machine) = image.platform.split_once('/').unwrap();
        format!(
            "{{\"mediaType\":\"{MANIFEST}\",\"digest\":\"{}\",\"size\":{},\"platform\":{{\"os\":\"{system}\",\"architecture\":\"{machine}\"}}}}",
            image.digest(),
            image.manifest.len()
        )
    };
    let entries: Vec<String> = images.iter().map(entry).collect();
    format!("{{\"schemaVersion\":2,\"mediaType\":\"{INDEX}\",\"manifests\":[{}]}}", entries.join(","))
}

/// What a registry of the tests has, by path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf(BTreeMap<String, (&'static str, String)>);

impl Shelf {
    pub(crate) fn put_image(&mut self, repository: &str, image: &Image) -> String {
        for blob in [&image.configuration, &image.layer] {
            self.0.insert(
                format!("/v2/{repository}/blobs/{}", sha256(blob.as_bytes())),
                ("application/octet-stream", blob.clone()),
            );
        }
        self.put(repository, &image.digest(), MANIFEST, &image.manifest);
        image.digest()
    }

    /// An index of two platforms, with its images.
    pub(crate) fn put_index(&mut self, repository: &str, seed: &str) -> (String, Vec<Image>) {
        let images = ["linux/amd64", "linux/arm64"]
            .map(|platform| Image::new(platform, &format!("{seed} {platform}")));
        for image in &images {
            self.put_image(repository, image);
        }
        let text = index(&images);
        let digest = sha256(text.as_bytes());
        self.put(repository, &digest, INDEX, &text);
        (digest, images.to_vec())
    }

    pub(crate) fn put(&mut self, repository: &str, reference: &str, kind: &'static str, text: &str) {
        self.0.insert(format!("/v2/{repository}/manifests/{reference}"), (kind, text.to_owned()));
    }

    /// Lets a tag lead to what is there.
    pub(crate) fn tag(&mut self, repository: &str, tag: &str, digest: &str) {
        let (kind, text) = self.0[&format!("/v2/{repository}/manifests/{digest}")].clone();
        self.put(repository, tag, kind, &text);
    }

    pub(crate) fn answer(&self, question: &Question) -> Reply {
        match self.0.get(&question.path) {
            None => Reply::new("404 Not Found"),
            Some((kind, text)) => Reply::new("200 OK")
                .with("content-type", *kind)
                .with("docker-content-digest", sha256(text.as_bytes()))
                .body(text),
        }
    }
}
