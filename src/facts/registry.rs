//! What registries say of images that are pinned. Whoever runs the core asks them; rules judge the answers.

use super::{Image, Pin, Role};
use crate::text::{Str, is_digest};
use std::collections::BTreeMap;

/// An image as it is pinned, by which registries are asked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Pinned {
    /// `docker.io/library/nginx`
    pub name: Str,
    /// Nothing where the digest is alone.
    pub tag: Option<Str>,
    /// `sha256:…`
    pub digest: Str,
}

impl Pinned {
    /// The image, if it is one that a registry can be asked for: known in full, and pulled.
    pub fn of(image: &Image, pin: Pin) -> Option<Pinned> {
        let is_pulled = !matches!(image.role, Role::Built | Role::Watched);
        let is_named = image.repository.is_some() && !image.short && !image.unknown;
        let is_pinned = matches!(pin, Pin::Pinned | Pin::DigestOnly) && image.rival.is_none();
        let digest = image.digest.as_ref().filter(|digest| is_digest(&digest.text))?;
        (is_pulled && is_named && is_pinned).then(|| Pinned {
            name: image.canonical().into(),
            tag: image.tag.as_ref().map(|tag| tag.text.clone()),
            digest: digest.text.clone(),
        })
    }

    /// As people call it: `docker.io/library/nginx:1.27.3`.
    pub fn shown(&self) -> String {
        match &self.tag {
            Some(tag) => format!("{}:{tag}", self.name),
            None => format!("{}@{}", self.name, self.digest),
        }
    }
}

/// What a registry has under a digest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Held {
    Gone,
    /// The configuration of an image, which nobody can pull.
    Configuration,
    /// An image for one platform; which one is known if that was asked.
    Image(Option<Str>),
    /// One for several platforms; which ones is known if that was asked.
    Index(Option<Vec<Str>>),
}

/// Where a tag leads today.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Leads {
    /// There is no tag beside the digest.
    Unasked,
    /// To the digest beside it.
    Here,
    Elsewhere(Str),
    /// To an index, while the digest is that of an image for one platform.
    Around(Around),
    Gone,
}

/// An index beside an image for one platform.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Around {
    pub digest: Str,
    pub platforms: Vec<Str>,
    /// The platform of the image, if it is one of the index.
    pub own: Option<Str>,
}

/// What a registry says of a pinned image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Served {
    pub held: Held,
    pub leads: Leads,
}

/// What a registry says, or why nobody knows.
pub type Answer = Result<Served, Str>;

/// Whoever asks registries.
pub trait Registry: Sync {
    /// The answers, in the order of the questions; nothing of what nobody wants to know.
    fn ask(&self, images: &[Pinned]) -> Vec<Option<Answer>>;
}

/// All answers of a run.
pub type Answers = BTreeMap<Pinned, Answer>;

/// Whether a platform is among these. `linux/arm64` is there as `linux/arm64/v8`, too.
pub fn has_platform(platforms: &[Str], wanted: &str) -> bool {
    let is =
        |known: &Str| known.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    platforms.iter().any(is)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_of_their_platform() {
        let platforms: Vec<Str> = vec!["linux/amd64".into(), "linux/arm64/v8".into()];
        for (wanted, is) in [
            ("linux/amd64", true),
            ("linux/arm64", true),
            ("linux/arm64/v8", true),
            ("linux/arm", false),
            ("linux/amd64/v3", false),
            ("linux", true),
            ("windows/amd64", false),
        ] {
            assert_eq!(has_platform(&platforms, wanted), is, "{wanted}");
        }
    }
}
