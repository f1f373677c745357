//! What can be seen of a tag without knowing whose it is: numbers, commits, words.

/// The most numbers in a row, joined by dots, in any word of the tag: 3 for `v1.2.3-alpine3.19`.
pub(super) fn numbers_of_version(tag: &str) -> usize {
    words(tag).map(numbers_of_word).max().unwrap_or(0)
}

/// The words of a tag.
pub(super) fn words(tag: &str) -> impl Iterator<Item = &str> {
    tag.split(['-', '_', '+'])
}

/// The name in a word, without the version behind it: `alpine` of `alpine3.19`, `ltsc` of `ltsc2022`.
pub(super) fn name_of(word: &str) -> &str {
    word.find(|c: char| c.is_ascii_digit() || c == '.').map_or(word, |end| &word[..end])
}

/// The number that the tag counts, if it begins with one: 16 of `16-alpine`, 1 of `v1`.
pub(super) fn first_number(tag: &str) -> Option<u32> {
    let word = words(tag).next()?;
    word.strip_prefix(['v', 'V']).unwrap_or(word).parse().ok()
}

/// Whether two tags name two releases in one way: they are alike but for their numbers, as `v1.2.3` and `v1.2.10` are.
/// `1.27.3` and `1.27.3-bookworm` may well be one image.
pub fn is_other_release(one: &str, other: &str) -> bool {
    one != other && without_numbers(one).eq(without_numbers(other))
}

/// How far a tag may be raised: within its first number, or within its first two.
#[cfg(feature = "cli")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Raise {
    Minor,
    Patch,
}

/// The tags that name later releases in the way of this one, the latest first. A tag that has no version of two numbers or
/// more, or the name of a commit in it, has none.
#[cfg(feature = "cli")]
pub fn newer<'a>(tag: &str, others: impl IntoIterator<Item = &'a str>, step: Raise) -> Vec<&'a str> {
    let Some(own) = version(tag).filter(|_| !carries_commit(tag)) else { return Vec::new() };
    let kept = match step {
        Raise::Minor => 1,
        Raise::Patch => 2,
    };
    let later = |other: &'a str| {
        let version = version(other).filter(|_| is_other_release(tag, other))?;
        (version.0[..kept] == own.0[..kept] && version > own).then_some((version, other))
    };
    let mut all: Vec<_> = others.into_iter().filter_map(later).collect();
    all.sort();
    all.into_iter().rev().map(|(_, tag)| tag).collect()
}

/// The numbers of the version that a tag begins with, two or more, and all that follow: 3, 12, 6 and 3, 20 of `3.12.6-alpine3.20`.
#[cfg(feature = "cli")]
fn version(tag: &str) -> Option<(Vec<u64>, Vec<u64>)> {
    let tag = tag.strip_prefix(['v', 'V']).unwrap_or(tag);
    let end = tag.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(tag.len());
    let numbers: Option<Vec<u64>> = tag[..end].split('.').map(|number| number.parse().ok()).collect();
    let rest = tag[end..].split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty());
    let rest: Option<Vec<u64>> = rest.map(|number| number.parse().ok()).collect();
    numbers.filter(|numbers| numbers.len() > 1).zip(rest)
}

/// The letters of a tag, with one sign for each of its numbers.
fn without_numbers(tag: &str) -> impl Iterator<Item = char> {
    let mut last = ' ';
    tag.chars().filter_map(move |letter| {
        let sign = if letter.is_ascii_digit() { '0' } else { letter };
        let goes_on = sign == '0' && last == '0';
        last = sign;
        (!goes_on).then_some(sign)
    })
}

/// Whether a series is named with a sign that stands for any number: `1.30.x`.
pub(super) fn has_wildcard(tag: &str) -> bool {
    let is_any = |word: &str| word.rsplit_once('.').is_some_and(|(_, last)| matches!(last, "x" | "X"));
    words(tag).any(is_any) && numbers_of_version(tag) > 0
}

/// Whether a word of the tag reads like the name of a commit: seven hex digits or more, of both kinds.
pub(super) fn carries_commit(tag: &str) -> bool {
    let hex = |word: &str| {
        (7..=64).contains(&word.len())
            && word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            && word.bytes().any(|b| b.is_ascii_digit())
            && word.bytes().any(|b| b.is_ascii_lowercase())
    };
    tag.split(['-', '_', '.', '+']).any(|word| hex(word) || word.strip_prefix('g').is_some_and(hex))
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn numbers_of_word(word: &str) -> usize {
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
    if is_java(word) || word.split('.').any(is_candidate) { most.max(3) } else { most }
}

/// Java counts its updates like this, `8u392`, which is a whole release.
fn is_java(word: &str) -> bool {
    word.split_once('u').is_some_and(|(major, update)| {
        !major.is_empty() && major.bytes().all(|b| b.is_ascii_digit()) && starts_with_digit(update)
    })
}

/// `17beta3` and `23rc2`: a candidate is counted, so that it is one release.
fn is_candidate(component: &str) -> bool {
    let behind = component.trim_start_matches(|c: char| c.is_ascii_digit());
    let count = ["alpha", "beta", "rc"].iter().find_map(|kind| behind.strip_prefix(kind));
    behind.len() < component.len()
        && count.is_some_and(|count| !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_differ_by_their_numbers() {
        for (one, other, is) in [
            ("1.2.3", "1.2.4", true),
            ("v1.2.9", "v1.2.10", true),
            ("1.27.3-alpine3.19", "1.27.4-alpine3.20", true),
            ("16", "17", true),
            ("1.2.3", "1.2.3", false),
            ("1.2.3", "v1.2.3", false),
            ("1.27", "1.27.3", false),
            ("1.27.3", "1.27.3-bookworm", false),
            ("1.2.3-rc1", "1.2.3", false),
            ("latest", "1.2.3", false),
            ("latest", "stable", false),
        ] {
            assert_eq!(
                (is_other_release(one, other), is_other_release(other, one)),
                (is, is),
                "{one} {other}"
            );
        }
    }

    #[cfg(feature = "cli")]
    #[test]
    fn later_releases_are_found() {
        use Raise::{Minor, Patch};
        let of_node = [
            "22.1.0",
            "22.10.0",
            "22.9.1",
            "22.1.1",
            "24.0.0",
            "22.11.0-alpine",
            "v22.12.0",
            "22.13.0-rc1",
            "22.14",
        ];
        for (tag, step, others, wanted) in [
            ("22.1.0", Minor, &of_node[..], &["22.10.0", "22.9.1", "22.1.1"][..]),
            ("22.1.0", Patch, &of_node, &["22.1.1"]),
            ("22.10.0", Minor, &of_node, &[]),
            ("22.14", Patch, &of_node, &[]),
            ("17.2", Minor, &["17.4", "17.10", "18.1", "17"], &["17.10", "17.4"]),
            ("17.2", Patch, &["17.4"], &[]),
            (
                "3.12.6-alpine3.20",
                Patch,
                &["3.12.7-alpine3.20", "3.12.7-alpine3.21", "3.12.7"],
                &["3.12.7-alpine3.21", "3.12.7-alpine3.20"],
            ),
            (
                "17.2.0-debian-12-r5",
                Patch,
                &["17.2.0-debian-12-r10", "17.2.0-debian-12-r4"],
                &["17.2.0-debian-12-r10"],
            ),
            ("1.2.0-rc1", Patch, &["1.2.0-rc2", "1.2.0", "1.2.1-rc1"], &["1.2.1-rc1", "1.2.0-rc2"]),
            ("v1.9.0", Minor, &["v1.10.0", "1.11.0"], &["v1.10.0"]),
            ("latest", Minor, &["1.2.3"], &[]),
            ("16", Minor, &["17"], &[]),
            ("2024-11-07", Minor, &["2024-12-07"], &[]),
            ("1.2.3-3f9c2d1", Minor, &["1.2.4-4f9c3d2"], &[]),
            ("1.2.99999999999999999999", Minor, &["1.3.0"], &[]),
        ] {
            assert_eq!(newer(tag, others.iter().copied(), step), wanted, "{tag} {step:?}");
        }
    }

    #[test]
    fn versions_count_their_numbers_and_commits_are_seen() {
        for (tag, numbers, is_commit) in [
            ("1.2.3", 3, false),
            ("v1.2.3-alpine3.19", 3, false),
            ("16", 1, false),
            ("16-alpine", 1, false),
            ("17beta3", 3, false),
            ("1.23rc2-bookworm", 3, false),
            ("3.13-rc", 2, false),
            ("rc2", 0, false),
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
    fn words_have_names_and_series_have_signs() {
        for (word, name) in [("alpine3.19", "alpine"), ("ltsc2022", "ltsc"), ("slim", "slim"), ("16", "")] {
            assert_eq!(name_of(word), name, "{word}");
        }
        for (tag, first, is_series) in [
            ("16-alpine", Some(16), false),
            ("v1", Some(1), false),
            ("cpu-1", None, false),
            ("v1.7.x-head", None, true),
            ("1.30.x", None, true),
            ("a.x", None, false),
        ] {
            assert_eq!((first_number(tag), has_wildcard(tag)), (first, is_series), "{tag}");
        }
    }
}
