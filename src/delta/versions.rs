//! Tags and versions held against each other: forward, back, another major one, another variant.

use std::cmp::Ordering;

/// How one version becomes another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// A later one of which the first two numbers are the same.
    Patch,
    /// A later one with the same first number.
    Minor,
    Major,
    Backwards,
    /// Nobody can tell: a word, a commit, other shapes.
    Unclear,
}

/// How one version becomes another.
pub(super) fn step(before: &str, after: &str) -> Step {
    let (Some(old), Some(new)) = (Version::read(before), Version::read(after)) else { return Step::Unclear };
    if !old.head.eq_ignore_ascii_case(new.head) {
        return Step::Unclear;
    }
    match new.order(&old) {
        Ordering::Less => Step::Backwards,
        _ if new.numbers[0] != old.numbers[0] && !(old.is_date() && new.is_date()) => Step::Major,
        _ if new.number(0) != old.number(0) || new.number(1) != old.number(1) => Step::Minor,
        _ => Step::Patch,
    }
}

/// Whether a text is a version: it begins with several numbers.
pub(super) fn is_one(text: &str) -> bool {
    Version::read(text).is_some_and(|version| version.head.is_empty() && version.numbers.len() > 1)
}

/// Whether what is behind the numbers names another variant: `-alpine` and `-bookworm`.
pub(super) fn is_other_variant(before: &str, after: &str) -> bool {
    match (Version::read(before), Version::read(after)) {
        (Some(old), Some(new)) => old.variant() != new.variant(),
        _ => false,
    }
}

/// `v`, the numbers, and what is behind them.
struct Version<'t> {
    head: &'t str,
    numbers: Vec<u64>,
    tail: &'t str,
}

impl<'t> Version<'t> {
    fn read(text: &'t str) -> Option<Version<'t>> {
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let head = &text[..start];
        // A word before it may be a name: `release-1.2`, `v1`; what ends in a letter that is no `v` is a name with a number.
        let is_head = head.is_empty() || head.ends_with(['v', 'V', '-', '_', '.', '/']);
        let rest = &text[start..];
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (core, tail) = rest.split_at(end);
        let core = core.trim_end_matches('.');
        let numbers: Option<Vec<u64>> = core.split('.').map(|number| number.parse().ok()).collect();
        let head = head.trim_end_matches(['v', 'V']);
        // Seven digits and letters are a commit, not a number with a tail.
        let is_commit = core.len() + tail.len() >= 7
            && !core.contains('.')
            && !tail.is_empty()
            && tail.bytes().all(|b| b.is_ascii_hexdigit());
        numbers.filter(|_| is_head && !is_commit).map(|numbers| Version { head, numbers, tail })
    }

    /// Whether the first number is a year, or all of it a day.
    fn is_date(&self) -> bool {
        (1990..2100).contains(&self.numbers[0]) || (19_900_101..21_000_101).contains(&self.numbers[0])
    }

    /// A number; what is not there counts as nothing.
    fn number(&self, at: usize) -> u64 {
        self.numbers.get(at).copied().unwrap_or(0)
    }

    fn order(&self, other: &Version) -> Ordering {
        let most = self.numbers.len().max(other.numbers.len());
        let by_numbers = (0..most).map(|at| self.number(at).cmp(&other.number(at)));
        by_numbers.fold(Ordering::Equal, Ordering::then).then_with(|| self.order_of_tails(other))
    }

    /// A release comes after its candidates; of others the numbers in what is behind decide.
    fn order_of_tails(&self, other: &Version) -> Ordering {
        let early = |of: &Version| {
            let tail = of.tail.to_ascii_lowercase();
            let at = ["alpha", "beta", "rc"].iter().position(|word| tail.contains(word));
            at.unwrap_or(3)
        };
        let numbers = |of: &Version| -> Vec<u64> {
            let words = of.tail.split(|c: char| !c.is_ascii_digit());
            words.filter_map(|word| word.parse().ok()).collect()
        };
        early(self).cmp(&early(other)).then_with(|| match self.variant() == other.variant() {
            true => numbers(self).cmp(&numbers(other)),
            false => Ordering::Equal,
        })
    }

    /// The words behind the numbers, without those that every release has anew.
    fn variant(&self) -> String {
        let words = self.tail.split(['-', '_', '+', '.']);
        let is_commit = |word: &str| {
            let word = word.strip_prefix('g').unwrap_or(word);
            word.len() >= 7 && word.bytes().all(|b| b.is_ascii_hexdigit())
        };
        let is_early =
            |word: &str| ["alpha", "beta", "rc", "pre", "dev"].iter().any(|early| word.starts_with(early));
        let named = words.filter(|word| !is_commit(word) && !is_early(word));
        let named = named.map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()));
        named.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_go_forward_and_back() {
        for (before, after, expected) in [
            ("1.4.0", "1.4.1", Step::Patch),
            ("v1.9.0", "1.10.0", Step::Minor),
            ("1.4.2", "1.4.1", Step::Backwards),
            ("1.4.0", "2.0.0", Step::Major),
            ("16", "17", Step::Major),
            ("2025.12.3", "2026.1.0", Step::Minor),
            ("20251201", "20260101", Step::Minor),
            ("1.0.0-rc1", "1.0.0", Step::Patch),
            ("1.0.0", "1.0.0-rc1", Step::Backwards),
            ("1.0.0-rc2", "1.0.0-rc10", Step::Patch),
            ("4.0.10.2544-ls122", "4.0.10.2544-ls123", Step::Patch),
            ("latest", "1.0.0", Step::Unclear),
            ("1.0.0", "latest", Step::Unclear),
            ("1234abc", "8f2e1d0", Step::Unclear),
            ("release-1.2.0", "release-1.3.0", Step::Minor),
            ("pg16-v1.0.0", "pg17-v1.0.0", Step::Unclear),
            ("1.2", "1.2.1", Step::Patch),
            ("1.2", "1.3", Step::Minor),
            ("1.2.9", "1.3.0", Step::Minor),
            ("4.0.10.2544", "4.0.11.1", Step::Patch),
            ("2025.12.3", "2025.12.4", Step::Patch),
        ] {
            assert_eq!(step(before, after), expected, "{before} {after}");
        }
    }

    #[test]
    fn variants_are_told_from_releases() {
        for (before, after, expected) in [
            ("1.0-alpine", "1.1-bookworm", true),
            ("1.0-alpine3.19", "1.1-alpine3.20", false),
            ("1.0", "1.1-alpine", true),
            ("1.0-ls12", "1.1-ls13", false),
            ("1.0-rc1", "1.0", false),
            ("1.0-abc1234", "1.1-def5678", false),
        ] {
            assert_eq!(is_other_variant(before, after), expected, "{before} {after}");
        }
    }
}
