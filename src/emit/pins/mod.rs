//! What `pintle pin` did, as it is told: one file per output.

mod json;
mod markdown;
mod table;

pub(crate) use json::{PIN_SCHEMA, json};
pub(crate) use markdown::markdown;
pub(crate) use table::table;

use super::words::count;
use crate::text::Date;

/// What a run of `pin` did and did not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pins {
    pub(crate) pins: Vec<Pin>,
    /// What names were not moved to, and why.
    pub(crate) held: Vec<(String, String)>,
    /// Why places are left as they are, and which.
    pub(crate) left: Vec<(&'static str, Vec<Spot>)>,
    /// Names of which nobody told anything, and why.
    pub(crate) missing: Vec<(String, String)>,
    /// How many names the lock has.
    pub(crate) locked: usize,
}

/// A place that is left as it is.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    pub(crate) file: String,
    pub(crate) line: usize,
    /// `docker.io/library/nginx:1.27.3`, or what is known of it.
    pub(crate) name: String,
}

/// A name that got a digest or a commit in some files.
#[derive(Clone, Debug)]
pub(crate) struct Pin {
    /// `image` or `action`.
    pub(crate) kind: &'static str,
    /// `docker.io/library/nginx`
    pub(crate) name: String,
    pub(crate) tag: String,
    pub(crate) digest: String,
    /// What it was, if it had a digest or another tag.
    pub(crate) from: Option<Before>,
    /// When it was made, if that was asked for.
    pub(crate) created: Option<Date>,
    /// How many seconds ago that was.
    pub(crate) age: Option<i64>,
    /// The files, and how many places of each.
    pub(crate) files: Vec<(String, usize)>,
}

/// What a name was before.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Before {
    pub(crate) tag: String,
    pub(crate) digest: Option<String>,
}

impl Pin {
    /// `docker.io/library/nginx:1.27.3`, `github.com/actions/checkout@v4`
    fn reference(&self) -> String {
        let sign = if self.kind == "action" { '@' } else { ':' };
        format!("{}{sign}{}", self.name, self.tag)
    }

    /// Whether the tag is another one than before.
    fn is_raised(&self) -> bool {
        self.from.as_ref().is_some_and(|from| from.tag != self.tag)
    }

    /// `1.27.2` and `1.27.3`, or the first digits of the digests where the tag stayed.
    fn sides(&self) -> Option<(String, String)> {
        let from = self.from.as_ref()?;
        Some(match &from.digest {
            Some(digest) if from.tag == self.tag => (short(digest), short(&self.digest)),
            _ => (from.tag.clone(), self.tag.clone()),
        })
    }
}

/// The first digits of a digest or a commit.
fn short(digest: &str) -> String {
    digest.trim_start_matches("sha256:").chars().take(12).collect()
}

/// `5 hours`, `12 days`
pub(crate) fn ago(seconds: i64) -> String {
    match usize::try_from(seconds / 3_600).unwrap_or(0) {
        0 => "less than an hour".into(),
        hours @ ..48 => count(hours, "hour"),
        hours => count(hours / 24, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(start: &str) -> String {
        format!("sha256:{start}{}", "0".repeat(64 - start.len()))
    }

    pub(super) fn sample() -> Pins {
        let pin = |name: &str, tag: &str, start: &str, from: Option<Before>| Pin {
            kind: "image",
            name: name.into(),
            tag: tag.into(),
            digest: digest(start),
            from,
            created: None,
            age: None,
            files: vec![("compose.yaml".into(), 2)],
        };
        let before = |tag: &str, start: &str| Some(Before { tag: tag.into(), digest: Some(digest(start)) });
        let raised = pin("ghcr.io/acme/web", "v1.10.0", "4f1c0d9e8b7a", before("v1.9.0", "9d6b58feebd2"));
        let spot = Spot { file: "run.sh".into(), line: 3, name: "docker.io/library/alpine:3".into() };
        Pins {
            pins: vec![
                pin("ghcr.io/acme/new", "1.0.0", "9d6b58feebd2", None),
                Pin { created: Date::parse("2026-11-02"), age: Some(12 * 86_400), ..raised },
                pin("docker.io/library/nginx", "1.27", "4f1c0d9e8b7a", before("1.27", "0b1c2d3e4f50")),
            ],
            held: vec![("ghcr.io/acme/web:v1.9.0".into(), "v1.11.0 (made 5 hours ago)".into())],
            left: vec![("a command names it: nothing declares it", vec![spot.clone(), spot])],
            missing: vec![("ghcr.io/acme/gone:1".into(), "there is no such tag".into())],
            locked: 3,
        }
    }

    #[test]
    fn a_table_is_written() {
        let want = "moved:\n  ghcr.io/acme/web              v1.9.0       → v1.10.0       12 days\n  docker.io/library/nginx:1.27  0b1c2d3e4f50 → 4f1c0d9e8b7a  -\nheld back: ghcr.io/acme/web:v1.9.0: v1.11.0 (made 5 hours ago)\nleft, for a command names it: nothing declares it:\n  run.sh:3 docker.io/library/alpine:3\n  run.sh:3 docker.io/library/alpine:3\nmissing: ghcr.io/acme/gone:1 (there is no such tag)\n";
        assert_eq!(table(&sample()), want);
    }

    #[test]
    fn ages_are_told() {
        for (seconds, told) in [
            (10, "less than an hour"),
            (3_600, "1 hour"),
            (47 * 3_600, "47 hours"),
            (48 * 3_600, "2 days"),
            (90 * 86_400, "90 days"),
            (-1, "less than an hour"),
        ] {
            assert_eq!(ago(seconds), told);
        }
    }
}
