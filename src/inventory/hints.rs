//! What its owner could say so that more of the storage is known. Only what is true and counted.

use super::Ground;
use super::storage::{ClaimRow, DatabaseRow, Hint, StorageStock};
use crate::facts::Why;
use crate::finding::Report;
use std::collections::{BTreeMap, BTreeSet};

/// How many hints a screen bears.
const SHOWN: usize = 3;

impl Hint {
    /// How much it would make known.
    fn worth(&self) -> usize {
        match self {
            Hint::Class { claims, .. } => *claims,
            Hint::Charts { releases } => *releases,
        }
    }
}

impl StorageStock {
    /// The same with what would make more of it known.
    pub fn with_hints(self, report: &Report) -> StorageStock {
        let mut hints = classes(&self.claims);
        hints.extend(charts(report, &self.databases, &self.claims));
        // Of equal worth, the order they were found in: classes by name.
        hints.sort_by_key(|hint| std::cmp::Reverse(hint.worth()));
        hints.truncate(SHOWN);
        StorageStock { hints, ..self }
    }
}

fn classes(claims: &[ClaimRow]) -> Vec<Hint> {
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    for ground in claims.iter().map(|row| &row.ground).filter(|ground| is_unknown(ground)) {
        let class = ground.class.as_deref().filter(|class| is_plain(class));
        if let (Some(class), "named") = (class, ground.decided) {
            *classes.entry(class).or_default() += 1;
        }
    }
    let hint = |(class, claims): (&str, usize)| Hint::Class { class: class.to_owned(), claims };
    classes.into_iter().map(hint).collect()
}

/// Delivered, and nothing tells what its class is.
fn is_unknown(ground: &Ground) -> bool {
    ground.delivered && ground.standing == "unknown" && ground.provisioner.is_none()
}

/// What can be written into the configuration as it is: neither a glob nor anything that YAML reads otherwise.
fn is_plain(class: &str) -> bool {
    class.starts_with(|c: char| c.is_ascii_lowercase())
        && class
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&class)
}

/// The releases of databases without a claim, or of claims without a class, whose charts are not here.
fn charts(report: &Report, databases: &[DatabaseRow], claims: &[ClaimRow]) -> Option<Hint> {
    let unseen = report.coverage.unseen.iter().filter(|one| one.why == Why::Chart);
    let unseen: BTreeSet<&str> = unseen.map(|one| one.subject.as_str()).collect();
    let databases = databases.iter().map(|row| (&row.who, &row.ground));
    let all = databases.chain(claims.iter().map(|row| (&row.owner, &row.ground)));
    let silent = all
        .filter(|(who, ground)| ground.delivered && ground.class.is_none() && unseen.contains(who.as_str()));
    let releases = silent.map(|(who, ground)| (who, &ground.cluster)).collect::<BTreeSet<_>>().len();
    (releases > 0).then_some(Hint::Charts { releases })
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn only_plain_names_are_proposed_for_the_configuration() {
        for (class, expected) in [
            ("miroir-local", true),
            ("fast.v2", true),
            ("", false),
            ("on", false),
            ("2024", false),
            ("Fast", false),
            ("fast*", false),
            ("a, b", false),
            ("\"x\"", false),
        ] {
            assert_eq!(is_plain(class), expected, "{class}");
        }
    }
}
