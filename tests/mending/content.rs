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
        Image::made(platform, seed, None)
    }

    /// One whose configuration says when it was made.
    pub(crate) fn made(platform: &'static str, seed: &str, created: Option<&str>) -> Image {
        let (system, machine) = platform.split_once('/').unwrap();
        let layer = format!("a layer of {seed}\n");
        let created = created.map_or(String::new(), |created| format!("\"created\":\"{created}\","));
        let configuration = format!(
            "{{{created}\"os\":\"{system}\",\"architecture\":\"{machine}\",\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[\"{}\"]}}}}",
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
        self.put_made(repository, seed, None)
    }

    /// The same of images that say when they were made.
    pub(crate) fn put_made(
        &mut self,
        repository: &str,
        seed: &str,
        created: Option<&str>,
    ) -> (String, Vec<Image>) {
        let images = ["linux/amd64", "linux/arm64"]
            .map(|platform| Image::made(platform, &format!("{seed} {platform}"), created));
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

    /// The tags of a repository, a page of two at a time.
    fn tags(&self, repository: &str, question: &str) -> Reply {
        let start = format!("/v2/{repository}/manifests/");
        let all = self.0.keys().filter_map(|path| path.strip_prefix(&start));
        let tags: Vec<&str> = all.filter(|tag| !tag.starts_with("sha256:")).collect();
        let last = question.split("last=").nth(1).map_or("", |rest| rest.split('&').next().unwrap_or(rest));
        let page: Vec<&str> = tags.iter().copied().filter(|tag| *tag > last).take(2).collect();
        let list = page.iter().map(|tag| format!("\"{tag}\"")).collect::<Vec<_>>().join(",");
        let reply = Reply::new("200 OK").body(&format!("{{\"name\":\"{repository}\",\"tags\":[{list}]}}"));
        match page.last().filter(|tag| tags.last() != Some(tag)) {
            Some(last) => {
                reply.with("link", format!("</v2/{repository}/tags/list?n=2&last={last}>; rel=\"next\""))
            }
            None => reply,
        }
    }

    pub(crate) fn answer(&self, question: &Question) -> Reply {
        let (path, query) = question.path.split_once('?').unwrap_or((&question.path, ""));
        if let Some(repository) = path.strip_prefix("/v2/").and_then(|rest| rest.strip_suffix("/tags/list")) {
            return self.tags(repository, query);
        }
        match self.0.get(&question.path) {
            None => Reply::new("404 Not Found"),
            Some((kind, text)) => Reply::new("200 OK")
                .with("content-type", *kind)
                .with("docker-content-digest", sha256(text.as_bytes()))
                .body(text),
        }
    }
}
