//! Findings of one decision as rows: what each is about, and where. For the eye only: data outputs hold every finding.

use crate::facts::{Image, Role};
use crate::finding::{Finding, Report};
use crate::redact::clean;
use std::collections::{BTreeMap, BTreeSet};

/// From so many findings on, those of a rule that has rows are told as rows.
pub(super) const FROM: usize = 3;

/// What findings are about, and where they are.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) name: String,
    pub(super) findings: Vec<&'a Finding>,
}

/// The rows of the findings, in their order; nothing if one of them has none, or if they are few.
pub(super) fn rows<'a>(findings: impl Iterator<Item = &'a Finding> + Clone) -> Option<Vec<Row<'a>>> {
    if findings.clone().count() < FROM || findings.clone().any(|finding| finding.row.is_empty()) {
        return None;
    }
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let mut out: Vec<Row> = Vec::new();
    for finding in findings {
        let at = *known.entry(&finding.row).or_insert(out.len());
        match out.get_mut(at) {
            Some(row) => row.findings.push(finding),
            None => out.push(Row { name: clean(&finding.row).into_owned(), findings: vec![finding] }),
        }
    }
    Some(out)
}

/// How wide the names stand: as the widest, but for those that leave no room for a place.
pub(super) fn column(rows: &[Row], width: usize) -> usize {
    let most = width * 6 / 10;
    rows.iter().map(|row| row.name.chars().count()).filter(|wide| *wide <= most).max().unwrap_or(0)
}

/// How many of the images that run have a digest, and how many there are.
pub(super) fn pinned(report: &Report) -> (usize, usize) {
    let runs =
        |image: &&Image| !image.unknown && matches!(image.role, Role::Pull | Role::TagOnly | Role::Override);
    let all = report.facts.images.iter().map(|fact| &fact.says).filter(runs);
    let names: BTreeSet<(&str, bool)> =
        all.map(|image| (image.text.as_str(), image.digest.is_some())).collect();
    (names.iter().filter(|(_, has_digest)| *has_digest).count(), names.len())
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn findings_of_one_image_are_one_row() {
        let sample = sample::everything().findings.remove(0);
        let of = |row: &str| Finding { row: row.into(), ..sample.clone() };
        let told = |findings: &[Finding]| {
            let rows = rows(findings.iter())?;
            Some(rows.iter().map(|row| (row.name.clone(), row.findings.len())).collect::<Vec<_>>())
        };
        assert_eq!(told(&[of("a:1"), of("a:1")]), None, "two are few");
        assert_eq!(told(&[of("a:1"), of("b:1"), of("")]), None, "one has no row");
        let expected = vec![("a:1".to_owned(), 2), ("b:1".to_owned(), 1)];
        assert_eq!(told(&[of("a:1"), of("b:1"), of("a:1")]), Some(expected));
    }

    #[test]
    fn a_name_that_leaves_no_room_does_not_widen_the_others() {
        let row = |name: &str| Row { name: name.into(), findings: Vec::new() };
        let long = "x".repeat(70);
        assert_eq!(column(&[row("short:1"), row("longer:1")], 100), 8);
        assert_eq!(column(&[row("short:1"), row(&long)], 100), 7);
        assert_eq!(column(&[row(&long)], 100), 0);
    }
}
