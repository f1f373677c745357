//! Which of the versions of a chart that somebody keeps is meant.

use super::card::exact;
use crate::template::semver::{Range, Version};

/// Which of some versions is meant: the one that is asked for, else the highest in the range.
pub fn best_version(asked: &str, versions: &[&str]) -> Option<usize> {
    let exact = exact(asked);
    let range = Range::parse(if asked.trim().is_empty() { "*" } else { asked }).ok();
    let mut best: Option<(usize, Version)> = None;
    for (at, text) in versions.iter().enumerate() {
        let Ok(version) = Version::parse(text) else { continue };
        let fits = match (&exact, &range) {
            (Some(exact), _) => version == *exact,
            (None, Some(range)) => range.holds(&version),
            (None, None) => false,
        };
        if fits && best.as_ref().is_none_or(|(_, best)| version.precedence(best).is_gt()) {
            best = Some((at, version));
        }
    }
    best.map(|(at, _)| at)
}

/// Whether a range is asked for, or whatever there is: neither one version nor a word.
pub fn is_version_range(asked: &str) -> bool {
    exact(asked).is_none() && (asked.trim().is_empty() || Range::parse(asked).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_some_versions_is_meant() {
        let versions = ["1.2.3", "v2.0.0-rc.1", "1.10.0"];
        for (asked, meant) in [
            ("", Some(2)),
            ("1.2.3", Some(0)),
            ("v1.2.3", Some(0)),
            ("1.x", Some(2)),
            ("~1.2", Some(0)),
            ("2.0.0-rc.1", Some(1)),
            (">=1.0.0-0", Some(1)),
            ("3.0.0", None),
            ("not a range", None),
        ] {
            assert_eq!(best_version(asked, &versions), meant, "{asked}");
        }
        for (asked, is_range) in [("=1.2.3", false), ("1.2", true), ("", true), ("*", true), ("main", false)]
        {
            assert_eq!(is_version_range(asked), is_range, "{asked}");
        }
    }
}
