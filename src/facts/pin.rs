//! How firmly an image is pinned: the ladder from a digest to `latest`. What counts as a moving tag is data.

use super::{Image, Role};
use crate::text::Part;
use globset::{GlobBuilder, GlobMatcher};
use regex::Regex;

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
    /// A tag that is made to move.
    Moving,
    Untagged,
    Latest,
    /// A digest nobody computed.
    Placeholder,
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
            Pin::Moving => "moving",
            Pin::Untagged => "untagged",
            Pin::Latest => "latest",
            Pin::Placeholder => "placeholder",
            Pin::Malformed => "malformed",
            Pin::Unknown => "unknown",
        }
    }
}

/// What a tag looks like, whatever image it belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    Latest,
    Build,
    Version,
    Moving,
}

/// The notion of a moving tag: filled from `rules/data/moving-tags.md` and the configuration. Images are globs
/// over canonical names (`docker.io/library/postgres`); one without a `/` means the last part, whatever the
/// registry. A glob or pattern that cannot be read is refused with the reason.
#[derive(Clone, Debug, Default)]
pub struct Moves {
    /// Words that make a tag move which ends in them, even behind a version: `nightly`, `snapshot`.
    channels: Vec<String>,
    /// Patterns of tags that carry a commit, a date or a build number.
    builds: Vec<Regex>,
    /// Images whose releases have one number or two: elsewhere it takes three.
    numbers: Vec<(GlobMatcher, usize)>,
    /// Per image, tags that are immutable by agreement, and tags that move although they look like a version.
    immutable: Vec<(GlobMatcher, Regex)>,
    moving: Vec<(GlobMatcher, Regex)>,
}

impl Moves {
    /// A word that makes a tag move which ends in it.
    pub fn add_channel(&mut self, word: &str) {
        self.channels.push(word.to_string());
    }

    /// A pattern of tags that are unique by agreement, whatever the image.
    pub fn add_build(&mut self, tags: &str) -> Result<(), String> {
        self.builds.push(pattern(tags)?);
        Ok(())
    }

    /// How many numbers a release of these images has.
    pub fn add_numbers(&mut self, images: &str, count: usize) -> Result<(), String> {
        self.numbers.push((glob(images)?, count));
        Ok(())
    }

    /// Tags of these images that nobody pushes twice.
    pub fn add_immutable(&mut self, images: &str, tags: &str) -> Result<(), String> {
        self.immutable.push((glob(images)?, pattern(tags)?));
        Ok(())
    }

    /// Tags of these images that are pushed again, whatever they look like.
    pub fn add_moving(&mut self, images: &str, tags: &str) -> Result<(), String> {
        self.moving.push((glob(images)?, pattern(tags)?));
        Ok(())
    }

    /// The rung an image stands on.
    pub fn pin(&self, image: &Image) -> Pin {
        if matches!(image.role, Role::Built | Role::Watched) {
            return Pin::Open;
        }
        if let Some(digest) = &image.digest
            && placeholder(digest)
        {
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
                Shape::Moving => Pin::Moving,
            },
        }
    }

    /// What the tag of this image looks like.
    pub fn shape(&self, image: &Image, tag: &str) -> Shape {
        if tag == "latest" {
            return Shape::Latest;
        }
        let name = image.canonical();
        let says = |list: &[(GlobMatcher, Regex)]| {
            list.iter().any(|(glob, tags)| glob.is_match(&name) && tags.is_match(tag))
        };
        if says(&self.immutable) {
            return Shape::Build;
        }
        if says(&self.moving) {
            return Shape::Moving;
        }
        if carries_commit(tag) || self.builds.iter().any(|tags| tags.is_match(tag)) {
            return Shape::Build;
        }
        // `1.2.3-SNAPSHOT` moves; `edge-24.5.1` is one release of a channel.
        let last = tag.rsplit(['-', '_', '+']).next().unwrap_or(tag);
        if self.channels.iter().any(|channel| last.eq_ignore_ascii_case(channel)) {
            return Shape::Moving;
        }
        let wanted =
            self.numbers.iter().find(|(glob, _)| glob.is_match(&name)).map_or(3, |(_, count)| *count);
        if numbers_of_version(tag) >= wanted { Shape::Version } else { Shape::Moving }
    }
}

/// A glob over canonical names; one without a `/` means the last component, whatever the registry.
fn glob(name: &str) -> Result<GlobMatcher, String> {
    let whole = if name.contains('/') { name.to_string() } else { format!("**/{name}") };
    let glob = GlobBuilder::new(&whole).literal_separator(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| error.to_string())
}

fn pattern(tags: &str) -> Result<Regex, String> {
    Regex::new(tags).map_err(|error| error.to_string())
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

/// The most numbers in a row, joined by dots, in any word of the tag: 3 for `v1.2.3-alpine3.19`.
fn numbers_of_version(tag: &str) -> usize {
    tag.split(['-', '_', '+']).map(numbers_of_word).max().unwrap_or(0)
}

fn numbers_of_word(word: &str) -> usize {
    let starts_with_digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let (mut most, mut run, mut is_platform) = (0, 0, false);
    for component in word.split('.') {
        if !starts_with_digit(component) {
            // `v1` begins a version; `alpine3` and `pg16` begin the version of a platform.
            let letter = component.strip_prefix(|c: char| c.is_ascii_alphabetic()).unwrap_or(component);
            run = usize::from(starts_with_digit(letter));
            is_platform = run == 0 && component.contains(|c: char| c.is_ascii_digit());
        } else if !is_platform {
            run += 1;
        }
        most = most.max(run);
    }
    // Java counts its updates like this, `8u392`, which is a whole release.
    let is_java = word.split_once('u').is_some_and(|(major, update)| {
        !major.is_empty() && major.bytes().all(|b| b.is_ascii_digit()) && starts_with_digit(update)
    });
    if is_java { most.max(3) } else { most }
}

/// Whether a word of the tag reads like the name of a commit: seven hex digits or more, of both kinds.
fn carries_commit(tag: &str) -> bool {
    let hex = |word: &str| {
        (7..=64).contains(&word.len())
            && word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            && word.bytes().any(|b| b.is_ascii_digit())
            && word.bytes().any(|b| b.is_ascii_lowercase())
    };
    tag.split(['-', '_', '.', '+']).any(|word| hex(word) || word.strip_prefix('g').is_some_and(hex))
}

/// Whether a digest is one that nobody computed: words in capitals, one letter repeated, the keys in a row.
fn placeholder(digest: &Part) -> bool {
    let Some((algorithm, hex)) = digest.text.split_once(':') else { return false };
    if !algorithm.eq_ignore_ascii_case("sha256") && !algorithm.eq_ignore_ascii_case("sha512") {
        return false;
    }
    if hex.is_empty() || !digest.is_known() {
        return false;
    }
    let lower = hex.to_ascii_lowercase();
    let says_so = ["digest", "placeholder", "replace", "todo", "changeme", "example", "your"];
    if hex.contains(['<', '>', '_', '…'])
        || hex.contains("...")
        || says_so.iter().any(|word| lower.contains(word))
        || lower.bytes().all(|b| b == b'x')
    {
        return true;
    }
    if lower.len() < 32 || !lower.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    let bytes = lower.as_bytes();
    // A true digest of 64 digits uses nearly all of them, and never repeats itself.
    let distinct = bytes.iter().fold(0u64, |seen, b| seen | 1 << (b & 63)).count_ones();
    distinct <= 4 || (1..=20).any(|period| bytes.chunks(period).all(|chunk| bytes.starts_with(chunk)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Hole, Origin, Reason, SourceId, Span};

    #[test]
    fn versions_count_their_numbers_and_commits_are_seen() {
        for (tag, numbers, is_commit) in [
            ("1.2.3", 3, false),
            ("v1.2.3-alpine3.19", 3, false),
            ("16", 1, false),
            ("16-alpine", 1, false),
            ("alpine3.19.1", 0, false),
            ("server-cuda", 0, false),
            ("pg16-v0.7.0", 3, false),
            ("8u392-jdk", 3, false),
            ("2024.10.1", 3, false),
            ("v0.v0.140.0-noble", 3, false),
            ("1.40.1.8227-c0c5ea74e", 4, true),
            ("1.2.x", 2, false),
            ("release.1.2", 2, false),
            ("sha-abc1234", 0, true),
            ("16-9f8e7d6", 1, true),
            ("v1.0-3-g9f8e7d6a", 2, true),
            ("defaced", 0, false),
            ("1234567", 1, false),
        ] {
            assert_eq!((numbers_of_version(tag), carries_commit(tag)), (numbers, is_commit), "{tag}");
        }
    }

    #[test]
    fn placeholders_are_not_digests() {
        for (hex, expected) in [
            ("NEW_DIGEST_HERE", true),
            ("REPLACEME", true),
            ("<digest>", true),
            ("xxxx", true),
            ("", false),
            ("abc123", false),
            ("abc123...", true),
            ("abc.d", false),
            ("1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef", true),
            ("0000000000000000000000000000000000000000000000000000000000000000", true),
            ("deadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef", true),
            ("9d6b58feebd2dbd3c56ab5853333d627cc6e281011cfd6050fa4bcf2072c9496", false),
        ] {
            let text = format!("sha256:{hex}");
            let whole = Part::new(text.as_str(), Origin::verbatim(Span::new(SourceId(0), 0, text.len())));
            assert_eq!(placeholder(&whole), expected, "{hex}");
            let hole = Hole::new(Reason::Variable, "X");
            assert!(!placeholder(&whole.with_holes(&[(7..text.len(), hole)])), "{hex}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let mut moves = Moves::default();
        assert!(moves.add_build("(").is_err());
        assert!(moves.add_numbers("[", 2).is_err());
        assert!(moves.add_immutable("a", "*").is_err());
        assert!(moves.add_moving("{", "b").is_err());
        assert_eq!(moves.add_moving("a/*", "b"), Ok(()));
    }
}
