//! How firmly an image is pinned: the ladder from a digest to `latest`. What counts as a moving tag is data.

use super::by_name::ByName;
use super::mirrors::Mirrors;
use super::placeholder::{is_made_up, placeholder};
use super::tag::{carries_commit, first_number, has_wildcard, name_of, numbers_of_version, words};
use super::tag_pattern::TagPattern;
use super::{Image, Role};
use crate::text::Part;
use globset::GlobMatcher;
use regex::Regex;
use std::collections::HashSet;

/// The rungs of the ladder, best first. An image stands on exactly one: its worst.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Pin {
    /// A tag for people and a digest for machines.
    Pinned,
    /// A digest and no tag: nobody can read the version.
    DigestOnly,
    /// Nothing is wrong, nothing is decided here: the chart or the build decides.
    Open,
    /// A tag that is unique by agreement: a commit, a date, a build number.
    Build,
    /// A version tag.
    Tag,
    /// A tag that may be pushed again: only its project knows.
    MayMove,
    /// A tag that is made to move.
    Moving,
    Untagged,
    Latest,
    /// A name or a tag that somebody is to replace.
    Placeholder,
    /// A digest nobody computed.
    PlaceholderDigest,
    Malformed,
    /// A variable or a template decides, and its value is not known.
    Unknown,
}

impl Pin {
    pub fn name(self) -> &'static str {
        match self {
            Pin::Pinned => "pinned",
            Pin::DigestOnly => "digest-only",
            Pin::Open => "open",
            Pin::Build => "build",
            Pin::Tag => "tag",
            Pin::MayMove => "may-move",
            Pin::Moving => "moving",
            Pin::Untagged => "untagged",
            Pin::Latest => "latest",
            Pin::Placeholder => "placeholder",
            Pin::PlaceholderDigest => "placeholder-digest",
            Pin::Malformed => "malformed",
            Pin::Unknown => "unknown",
        }
    }

    /// How firmly a tag without a digest holds.
    pub fn holds(self) -> &'static str {
        match self {
            // That is so for as long as nobody breaks it, by mistake or with another's account.
            Pin::Build => "only an agreement keeps the tag from being pushed again",
            _ => "the tag can be pushed again",
        }
    }
}

/// What a tag is, as far as anybody outside its project can tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    Latest,
    Build,
    Version,
    MayMove,
    Moving,
}

/// The notion of a moving tag: filled from `rules/data/moving-tags.md` and the configuration. Images are patterns of
/// canonical names (`docker.io/library/postgres`), and mean mirrors of them too.
#[derive(Clone, Debug, Default)]
pub struct Moves {
    /// Words that make a tag move which ends in them, even behind a version: `nightly`, `snapshot`.
    channels: HashSet<String>,
    /// Words that make a tag move which has no version: `stable`, `alpine`, `main`.
    words: HashSet<String>,
    /// Patterns of tags that carry a commit, a date or a build number.
    builds: Vec<TagPattern>,
    /// How many numbers a release of these images has; of those with three it is known that two move.
    numbers: ByName<usize>,
    /// Official images of Docker Hub of which nothing else is said.
    official: HashSet<String>,
    /// What the projects say of their tags; no pattern means every tag. What is said last counts.
    known: ByName<(Option<TagPattern>, Shape)>,
    /// What the owners of the repository say, in the order of the configuration.
    agreed: Vec<(GlobMatcher, Regex, Shape)>,
    mirrors: Mirrors,
}

/// How many numbers a release has where nothing is known of the project.
const USUAL: usize = 3;

/// From here on, one number is no series that somebody follows: it counts builds or days.
const MANY: u32 = 100;

/// Numbers that are years: `2022`.
const YEARS: std::ops::Range<u32> = 1990..2100;

impl Moves {
    /// A word that makes a tag move which ends in it.
    pub fn add_channel(&mut self, word: &str) {
        self.channels.insert(word.to_ascii_lowercase());
    }

    /// A word that makes a tag without a version move.
    pub fn add_word(&mut self, word: &str) {
        self.words.insert(word.to_ascii_lowercase());
    }

    /// A pattern of tags that are unique by agreement, whatever the image.
    pub fn add_build(&mut self, tags: TagPattern) {
        self.builds.push(tags);
    }

    /// How many numbers a release of these images has.
    pub fn add_numbers(&mut self, images: &str, count: usize) {
        self.numbers.add(images, count);
    }

    /// Tags of these images, or all of them, that nobody pushes twice.
    pub fn add_immutable(&mut self, images: &str, tags: Option<TagPattern>) {
        self.known.add(images, (tags, Shape::Build));
    }

    /// Tags of these images, or all of them, that are pushed again, whatever they look like.
    pub fn add_moving(&mut self, images: &str, tags: Option<TagPattern>) {
        self.known.add(images, (tags, Shape::Moving));
    }

    /// Names behind `prefix` are those of `of`.
    pub fn add_mirror(&mut self, prefix: &str, of: &str, parts: usize) -> Result<(), String> {
        self.mirrors.add(prefix, of, parts)
    }

    /// What the owners of the repository say of tags. The first that fits counts, before all that pages say.
    pub fn agree(&mut self, images: GlobMatcher, tags: Regex, shape: Shape) {
        self.agreed.push((images, tags, shape));
    }

    /// Images of Docker Hub that need no owner, besides those of which more is said.
    pub fn add_official(&mut self, image: &str) {
        self.official.insert(image.to_owned());
    }

    /// Whether the reference is a bare name under which Docker Hub has no image: whoever wrote it had none in mind, or one that is
    /// built on the spot.
    pub fn is_nobodys(&self, image: &Image) -> bool {
        let is_plain = image.registry.is_none() && image.digest.is_none() && !image.unknown;
        let is_loose = image.tag.as_ref().is_none_or(|tag| tag.text == "latest");
        let Some(name) = image.repository.as_ref().filter(|_| is_plain && is_loose) else { return false };
        if name.text.is_empty() || name.text.contains('/') {
            return false;
        }
        let canonical = image.canonical();
        let is_known = self.numbers.of(&canonical).next().is_some()
            || self.known.of(&canonical).any(|(tags, _)| tags.is_none());
        !is_known && !self.official.contains(&canonical)
    }

    /// The rung an image stands on.
    pub fn pin(&self, image: &Image) -> Pin {
        if matches!(image.role, Role::Built | Role::Watched) || is_built_here(image) {
            return Pin::Open;
        }
        if image.digest.as_ref().is_some_and(is_made_up) {
            return Pin::PlaceholderDigest;
        }
        if placeholder(image).is_some() {
            return Pin::Placeholder;
        }
        if image.fault.is_some() {
            return Pin::Malformed;
        }
        match (&image.digest, &image.tag) {
            (Some(digest), _) if !digest.is_known() => Pin::Unknown,
            (Some(_), Some(_)) => Pin::Pinned,
            (Some(_), None) => Pin::DigestOnly,
            (None, None) if !matches!(image.role, Role::Pull | Role::Command) => Pin::Open,
            // A variable at the end of the name may well hold tag and digest: `${IMAGE}`, but not `${HOST}/app`.
            (None, None) if last_component(image).is_some_and(|name| !name.is_known()) => Pin::Unknown,
            (None, None) => Pin::Untagged,
            (None, Some(tag)) if !tag.is_known() => Pin::Unknown,
            (None, Some(tag)) => match self.shape(image, &tag.text) {
                Shape::Latest => Pin::Latest,
                Shape::Build => Pin::Build,
                Shape::Version => Pin::Tag,
                Shape::MayMove => Pin::MayMove,
                Shape::Moving => Pin::Moving,
            },
        }
    }

    /// What the tag of this image is.
    pub fn shape(&self, image: &Image, tag: &str) -> Shape {
        if tag == "latest" {
            return Shape::Latest;
        }
        // Of a tag alone nobody knows whose it is.
        let name = image.repository.as_ref().map_or(String::new(), |_| image.canonical());
        let original = self.mirrors.original(&name);
        let is_meant = |glob: &GlobMatcher| {
            glob.is_match(&name) || original.as_ref().is_some_and(|original| glob.is_match(original))
        };
        let agreed = self.agreed.iter().find(|(glob, tags, _)| tags.is_match(tag) && is_meant(glob));
        if let Some((.., shape)) = agreed {
            return *shape;
        }
        let name = original.unwrap_or(name);
        let fits =
            |(tags, _): &&(Option<TagPattern>, Shape)| tags.as_ref().is_none_or(|tags| tags.is_match(tag));
        match self.known.of(&name).find(fits) {
            Some((_, shape)) => *shape,
            None => self.usual(&name, tag),
        }
    }

    /// What a tag is of which nobody says more.
    fn usual(&self, name: &str, tag: &str) -> Shape {
        if carries_commit(tag) || self.builds.iter().any(|tags| tags.is_match(tag)) {
            return Shape::Build;
        }
        // `1.2.3-SNAPSHOT` moves; `edge-24.5.1` is one release of a channel.
        let last = words(tag).last().unwrap_or(tag);
        if self.channels.contains(&last.to_ascii_lowercase()) || has_wildcard(tag) {
            return Shape::Moving;
        }
        let wanted = self.numbers.of(name).min().copied();
        let numbers = numbers_of_version(tag);
        let is_series = match numbers {
            _ if numbers >= wanted.unwrap_or(USUAL) => return Shape::Version,
            0 => self.has_word(tag),
            1 => first_number(tag)
                .map_or_else(|| self.has_word(tag), |first| first < MANY || YEARS.contains(&first)),
            _ => wanted.is_some(),
        };
        if is_series { Shape::Moving } else { Shape::MayMove }
    }

    fn has_word(&self, tag: &str) -> bool {
        words(tag).any(|word| self.words.contains(&name_of(word).to_ascii_lowercase()))
    }
}

/// Why nobody can tell of a tag whether it moves.
pub(super) fn vague(tag: &str) -> &'static str {
    match numbers_of_version(tag) {
        0 => "names no version",
        1 => "is one number",
        _ => "has two numbers",
    }
}

/// How a tag that moves is known to: by what it looks like, or only because its project says so.
pub(super) fn moves(tag: &str) -> &'static str {
    match numbers_of_version(tag) {
        1 if first_number(tag).is_some() => {
            "gives one number as its version, and by custom such a tag is given to one build after another"
        }
        0 | 1 => "is no version number, and by custom such a tag is given to one build after another",
        _ => "is, by design, the name of every build of its version",
    }
}

/// Whether it is built where it runs: the tools for that put `localhost` before a name, and nobody pulls from there. With a
/// port it is a registry.
fn is_built_here(image: &Image) -> bool {
    image.registry.as_ref().is_some_and(|registry| registry.text == "localhost")
}

/// What stands behind the last literal `/` of the name.
fn last_component(image: &Image) -> Option<Part> {
    let repository = image.repository.as_ref()?;
    let text = repository.text.as_str();
    let holes = repository.holes();
    let is_literal = |at: usize| {
        let next = holes.partition_point(|(hole, _)| hole.end <= at);
        holes.get(next).is_none_or(|(hole, _)| at < hole.start)
    };
    let slash = text.rmatch_indices('/').map(|(at, _)| at).find(|&at| is_literal(at));
    Some(repository.slice(slash.map_or(0, |at| at + 1)..text.len()))
}
