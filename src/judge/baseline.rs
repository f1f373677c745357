//! The baseline: findings that were there before and are let be. One fingerprint a line, sorted, so that merges
//! of two branches seldom clash.

use super::kept::kept;
use crate::finding::{Finding, Status};
use crate::redact::{Cover, Text};
use crate::text::{Sources, Str};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Fingerprints that are let be, each with what is kept of the value; nothing of what is no secret.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Baseline {
    entries: BTreeMap<String, String>,
}

impl Baseline {
    /// Reads a baseline: a fingerprint, behind a colon what is kept of a secret, and then what it was, for people. Lines
    /// with `#` are remarks.
    pub fn read(text: &str) -> Baseline {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let entry = |line: &str| {
            let first = line.split(' ').next().unwrap_or_default();
            let (print, kept) = first.split_once(':').unwrap_or((first, ""));
            (print.to_string(), kept.to_string())
        };
        Baseline { entries: lines.map(entry).collect() }
    }

    /// Whether a finding is let be. Another secret at the same place is another finding.
    pub(super) fn holds(&self, finding: &Finding, sources: &Sources) -> bool {
        let mut prints = std::iter::once(finding.fingerprint.as_str()).chain(finding.former.as_deref());
        let Some((print, value)) = prints.find_map(|print| Some((print, self.entries.get(print)?))) else {
            return false;
        };
        !finding.masked || value.is_empty() || *value == kept(print, sources.slice(finding.origin.span()))
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

/// The entries of a baseline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entries(Vec<Entry>);

/// A finding that is let be: its fingerprint, and for people what it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Entry {
    print: String,
    /// What is kept of the value of a secret.
    value: Option<String>,
    rule: Str,
    file: Str,
    who: String,
}

/// What the baseline of a report holds: every finding that is live or was in the baseline already.
pub fn entries(findings: &[Finding], sources: &Sources) -> Entries {
    let is_there =
        |finding: &&Finding| matches!(finding.status, Status::Live | Status::Baselined | Status::OutOfDiff);
    let entry = |finding: &Finding| Entry {
        print: finding.fingerprint.clone(),
        value: finding.masked.then(|| kept(&finding.fingerprint, sources.slice(finding.origin.span()))),
        rule: finding.rule.clone(),
        file: sources.get(finding.origin.span().source).name.clone(),
        who: finding.owner.clone(),
    };
    Entries(findings.par_iter().filter(is_there).map(entry).collect())
}

impl Cover for Entries {
    fn texts(&mut self, each: &mut dyn FnMut(&mut dyn Text)) {
        let Entries(entries) = self;
        for Entry { print: _, value: _, rule: _, file: _, who } in entries {
            each(who);
        }
    }
}

/// Writes a baseline.
pub fn write_baseline(Entries(entries): &Entries, (): &()) -> String {
    let line = |Entry { print, value, rule, file, who }: &Entry| {
        let value = value.as_ref().map_or(String::new(), |value| format!(":{value}"));
        let line = format!("{print}{value} {rule} {} {}", file.escape_debug(), who.escape_debug());
        line.trim_end().to_owned()
    };
    let mut lines: Vec<String> = entries.iter().map(line).collect();
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
