//! How firmly an image is pinned: the ladder from a digest to `latest`. What counts as a moving tag is data.

use super::{Image, Role};
use globset::GlobMatcher;
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

/// The notion of a moving tag: from the page `rules/data/moving-tags.md` and the configuration.
#[derive(Clone, Debug, Default)]
pub struct Moves {
    /// Tags that are immutable by agreement, per image glob, strongest first. A match makes the tag `Build`.
    pub immutable: Vec<(GlobMatcher, Regex)>,
    /// Tags that move although they look like a version, per image glob.
    pub moving: Vec<(GlobMatcher, Regex)>,
    /// Images (by canonical name) whose two-part versions are complete: `postgres:16.2`.
    pub two_parts: Vec<GlobMatcher>,
}

impl Moves {
    /// The rung an image stands on.
    pub fn pin(&self, image: &Image) -> Pin {
        if matches!(image.role, Role::Built | Role::Watched) {
            return Pin::Open;
        }
        if let Some(digest) = &image.digest
            && placeholder(&digest.text)
        {
            return Pin::Placeholder;
        }
        if image.fault.is_some() {
            return Pin::Malformed;
        }
        let known = |text: &str| super::holes(text).is_empty();
        match (&image.digest, &image.tag) {
            (Some(digest), _) if !known(&digest.text) => Pin::Unknown,
            (Some(_), Some(_)) => Pin::Pinned,
            (Some(_), None) => Pin::DigestOnly,
            (None, None) if image.role == Role::ChartDecides || image.role == Role::Override => Pin::Open,
            // A variable in the name may well hold tag and digest: `${IMAGE}`.
            (None, None) if image.unknown => Pin::Unknown,
            (None, None) => Pin::Untagged,
            (None, Some(tag)) if !known(&tag.text) => Pin::Unknown,
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
        if build(tag) {
            return Shape::Build;
        }
        let wanted = if self.two_parts.iter().any(|glob| glob.is_match(&name)) { 2 } else { 3 };
        if parts_of_version(tag) >= wanted { Shape::Version } else { Shape::Moving }
    }
}

/// The most numbers in a row, joined by dots, in any word of the tag: 3 for `v1.2.3-alpine3.19`.
fn parts_of_version(tag: &str) -> usize {
    tag.split(['-', '_', '+'])
        .map(|word| {
            let start = word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len());
            // `alpine3.19` and `pg16` name a platform, `v1.2` and `RELEASE.2024` a version.
            if start > 1 && !word[..start].ends_with('.') {
                return 0;
            }
            word[start..].split('.').take_while(|part| part.starts_with(|c: char| c.is_ascii_digit())).count()
        })
        .max()
        .unwrap_or(0)
}

/// Whether a tag carries a commit, a date or a build number, and so is unique by agreement.
fn build(tag: &str) -> bool {
    let hex = |word: &str| {
        word.len() >= 7
            && word.len() <= 64
            && word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            && word.bytes().any(|b| b.is_ascii_digit())
            && word.bytes().any(|b| b.is_ascii_lowercase())
    };
    let words: Vec<&str> = tag.split(['-', '_', '.', '+']).collect();
    if words
        .iter()
        .any(|word| hex(word) || word.strip_prefix(['g', 'v']).is_some_and(hex) || compact_date(word))
    {
        return true;
    }
    // `2026-02-06`, but not `2026.02.06`, which is how some number their releases.
    words.windows(3).any(|w| {
        w[0].len() == 4
            && w[1].len() == 2
            && w[2].len() >= 2
            && tag.contains(&format!("{}-{}-{}", w[0], w[1], w[2]))
            && date(w[0], w[1], &w[2][..2])
    })
}

fn compact_date(word: &str) -> bool {
    // 20260206, with or without a time behind it: 20260206T101500Z, 202602061015.
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    (digits == 8 || digits == 12 || digits == 14)
        && word.is_char_boundary(8)
        && (digits == word.len() || word[digits..].starts_with(['T', 't', 'Z', 'z']))
        && date(&word[..4], &word[4..6], &word[6..8])
}

fn date(year: &str, month: &str, day: &str) -> bool {
    let number = |text: &str| text.parse::<u32>().ok();
    matches!((number(year), number(month), number(day)), (Some(2000..=2099), Some(1..=12), Some(1..=31)))
}

/// Whether a digest is one that nobody computed: words in capitals, one letter repeated, the keys in a row.
fn placeholder(digest: &str) -> bool {
    let Some((algorithm, hex)) = digest.split_once(':') else { return false };
    if !algorithm.eq_ignore_ascii_case("sha256") && !algorithm.eq_ignore_ascii_case("sha512") {
        return false;
    }
    if hex.contains(['<', '>', '_', '.'])
        || hex.to_ascii_lowercase().contains("digest")
        || hex.bytes().all(|b| matches!(b, b'x' | b'X'))
    {
        return !hex.is_empty() && super::holes(hex).is_empty();
    }
    if hex.len() < 32 || !hex.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    let lower = hex.to_ascii_lowercase();
    let distinct = lower.bytes().fold(0u64, |seen, b| seen | 1 << (b & 63)).count_ones();
    let repeats = (1..=lower.len() / 2).any(|period| {
        period <= 20
            && lower
                .as_bytes()
                .chunks(period)
                .all(|chunk| lower.starts_with(std::str::from_utf8(chunk).unwrap_or("?")))
    });
    // A true digest of 64 digits uses nearly all of them, and never repeats itself.
    distinct <= 4 || repeats
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_have_shapes() {
        for (tag, parts, is_build) in [
            ("1.2.3", 3, false),
            ("v1.2.3-alpine3.19", 3, false),
            ("16", 1, false),
            ("16-alpine", 1, false),
            ("alpine3.19", 0, false),
            ("server-cuda", 0, false),
            ("pg16-v0.7.0", 3, false),
            ("sha-abc1234", 0, true),
            ("16-20260206", 1, true),
            ("16-9f8e7d6", 1, true),
            ("nightly-2026-02-06", 1, true),
            ("RELEASE.2024-05-01T01-02-03Z", 1, true),
            ("2024.10.1", 3, false),
            ("12345678", 1, false),
        ] {
            assert_eq!((parts_of_version(tag), build(tag)), (parts, is_build), "{tag}");
        }
    }

    #[test]
    fn placeholders_are_not_digests() {
        for (hex, expected) in [
            ("NEW_DIGEST_HERE", true),
            ("abc123", false),
            ("1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef", true),
            ("0000000000000000000000000000000000000000000000000000000000000000", true),
            ("9d6b58feebd2dbd3c56ab5853333d627cc6e281011cfd6050fa4bcf2072c9496", false),
        ] {
            assert_eq!(placeholder(&format!("sha256:{hex}")), expected, "{hex}");
        }
    }
}
