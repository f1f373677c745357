//! The baseline: findings that were there before and are let be. One fingerprint a line, sorted, so that merges
//! of two branches seldom clash.

use crate::finding::{Finding, Status};
use crate::text::Sources;
use std::collections::BTreeMap;

/// Fingerprints that are let be.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Baseline {
    entries: BTreeMap<String, String>,
}

impl Baseline {
    /// Reads a baseline: a fingerprint, and behind it what it was, for people. Lines with `#` are remarks.
    pub fn read(text: &str) -> Baseline {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let entry = |line: &str| {
            let (print, rest) = line.split_once(' ').unwrap_or((line, ""));
            (print.to_string(), rest.trim().to_string())
        };
        Baseline { entries: lines.map(entry).collect() }
    }

    pub(super) fn holds(&self, finding: &Finding) -> bool {
        let mut prints = std::iter::once(finding.fingerprint.as_str()).chain(finding.former.as_deref());
        prints.any(|print| self.entries.contains_key(print))
    }

    /// How many entries match no finding any more.
    pub(super) fn stale(&self, findings: &[Finding]) -> usize {
        let here: std::collections::BTreeSet<&str> = findings
            .iter()
            .flat_map(|finding| {
                std::iter::once(finding.fingerprint.as_str()).chain(finding.former.as_deref())
            })
            .collect();
        self.entries.keys().filter(|print| !here.contains(print.as_str())).count()
    }
}

/// Writes the baseline of a report: every finding that is live or was in the baseline already.
pub fn write_baseline(findings: &[Finding], sources: &Sources) -> String {
    let kept = findings
        .iter()
        .filter(|finding| matches!(finding.status, Status::Live | Status::Baselined | Status::OutOfDiff));
    let mut lines: Vec<String> = kept
        .map(|finding| {
            let file = sources.name(finding.origin.span().source).escape_debug();
            let who = finding.owner.escape_debug();
            format!("{} {} {file} {who}", finding.fingerprint, finding.rule).trim_end().to_string()
        })
        .collect();
    lines.sort();
    lines.dedup();
    let mut out = String::from(
        "# Findings that are let be. Written by `pintle baseline`; one a line, so that merges are easy.\n",
    );
    for line in lines {
        out.push_str(&line);
        out.push('\n');
    }
    out
}
