//! A container image that some file decides to run, part by part.

use crate::text::{Hole, Part, Span, Str};
use std::sync::Arc;

/// One image reference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Image {
    /// The reference as it reads when its parts are put together.
    pub text: Str,
    pub registry: Option<Part>,
    pub repository: Option<Part>,
    pub tag: Option<Part>,
    pub digest: Option<Part>,
    /// A second digest, inside the tag, that loses against `digest`.
    pub rival: Option<Part>,
    /// Why no runtime would pull it.
    pub fault: Option<Fault>,
    /// Some part holds a hole.
    pub unknown: bool,
    /// No registry is written, and what puts one there is not the runtime: a chart may, or a list to search.
    pub short: bool,
    pub role: Role,
    pub pull_policy: Option<Part>,
    /// The comment on the same line, for Flux setters and version notes.
    pub remark: Option<Part>,
    /// What becomes of a tag that is an unquoted number, where that is something else than the tag.
    pub number: Option<Number>,
    /// The key beside its tag that takes a digest, if its map has one.
    pub digest_key: Option<DigestKey>,
    /// Its tag is decided at a place where that of another image is, too.
    pub shares_tag: bool,
    /// What else takes the variable that decides its tag, and a digest with it.
    pub feeds: Option<Arc<Feeds>>,
    /// Renovate writes its tag, because a comment above it says so.
    pub is_bumped: bool,
    /// Its tag is the version of the application that a chart says.
    pub is_app_version: bool,
    /// A test or a sample made the name up: nobody publishes an image under it.
    pub is_made_up: bool,
}

/// Whom a variable gets into besides the tag of an image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Feeds {
    /// The variable that names the image, if it is another one.
    pub named: Option<Str>,
    /// Other variables and checkouts, listed.
    pub into: Str,
}

/// The keys by which maps of images take a digest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DigestKey {
    /// The digest with its algorithm.
    Digest,
    /// Its hexadecimal digits alone.
    Sha,
}

impl DigestKey {
    /// What is to be done with a digest.
    pub fn advice(self) -> &'static str {
        match self {
            DigestKey::Digest => "put the digest in the `digest:` beside the tag",
            DigestKey::Sha => "put the digest, without its `sha256:`, in the `sha:` beside the tag",
        }
    }
}

/// What makes a reference one that no runtime will pull, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub says: &'static str,
    pub at: Part,
    pub part: Broken,
}

/// The part of a reference that is at fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Broken {
    Name,
    Tag,
    Digest,
}

impl Broken {
    pub fn name(self) -> &'static str {
        match self {
            Broken::Name => "name",
            Broken::Tag => "tag",
            Broken::Digest => "digest",
        }
    }
}

/// What becomes of a number where a text should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Number {
    /// A chart prints something else: `1.1` for `1.10`.
    Printed(Str),
    /// Nothing takes it: a text must be there.
    Refused,
}

impl Number {
    /// As the end of a sentence about the tag.
    pub fn says(&self) -> Str {
        match self {
            Number::Printed(text) => format!("comes out as `{text}`").into(),
            Number::Refused => Str::new_static("is refused"),
        }
    }
}

/// What the file does with the image.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// It is pulled and run (or built upon).
    Pull,
    /// It replaces parts of images decided elsewhere: a kustomization's `images:` entry.
    Override,
    /// Only a tag (or digest) is set; the repository is decided elsewhere, as in a chart.
    TagOnly,
    /// Only the repository is set; the tag is the chart's.
    ChartDecides,
    /// It is the name a build gives its result.
    Built,
    /// It names a repository to watch and must have no tag.
    Watched,
    /// A command in a script pulls it: nothing declares it, and rules of its own judge it.
    Command,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Role::Pull => "pull",
            Role::Override => "override",
            Role::TagOnly => "tag-only",
            Role::ChartDecides => "chart-decides",
            Role::Built => "built",
            Role::Watched => "watched",
            Role::Command => "command",
        }
    }
}

impl Image {
    /// The hole that keeps the image from being known, if there is one: that of the part which decides most.
    pub fn hole(&self) -> Option<&Hole> {
        let parts = [&self.digest, &self.tag, &self.repository, &self.registry];
        parts.into_iter().flatten().find_map(Part::hole)
    }

    /// Whether a comment asks Flux to write it.
    pub fn has_setter(&self) -> bool {
        self.remark.as_ref().is_some_and(|remark| remark.text.contains("$imagepolicy"))
    }

    /// Where its parts, or the pieces that they were put together from, are written byte for byte.
    pub fn places(&self) -> impl Iterator<Item = Span> + '_ {
        let parts = [&self.registry, &self.repository, &self.tag, &self.digest];
        let pieces = |part: &Part| match part.origin.editable() {
            Some(place) => vec![place],
            None => {
                let pieces = part.origin.pieces(part.text.len());
                pieces.into_iter().filter_map(|(_, piece)| piece.editable()).collect()
            }
        };
        parts.into_iter().flatten().flat_map(pieces)
    }

    /// The places that no other image shares: a registry may be that of all.
    pub fn own_places(&self) -> impl Iterator<Item = Span> + '_ {
        let own = self.repository.iter().chain([&self.tag, &self.digest].into_iter().flatten());
        own.take(1).filter_map(|part| part.origin.editable())
    }

    /// The same image, handed to something that may put a registry before its name.
    #[must_use]
    pub fn handed_on(self) -> Image {
        let short = self.registry.is_none() && self.repository.is_some();
        Image { short, ..self }
    }

    /// `registry/repository` as written, without tag and digest.
    pub fn bare(&self) -> String {
        match (&self.registry, &self.repository) {
            (Some(registry), Some(repository)) => format!("{}/{}", registry.text, repository.text),
            (None, Some(repository)) => repository.text.to_string(),
            _ => String::new(),
        }
    }

    /// The full name that a runtime resolves: `docker.io/library/nginx` for `nginx`.
    pub fn canonical(&self) -> String {
        let repository = self.repository.as_ref().map_or("", |part| part.text.as_str());
        let registry = match self.registry.as_ref().map(|part| part.text.as_str()) {
            None | Some("index.docker.io" | "registry-1.docker.io" | "docker.io") => "docker.io",
            Some(other) => other,
        };
        let library = if registry == "docker.io" && !repository.contains('/') { "library/" } else { "" };
        format!("{registry}/{library}{repository}")
    }
}
