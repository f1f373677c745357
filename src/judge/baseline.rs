//! The baseline: findings that were there before and are let be. One fingerprint a line, sorted, so that merges
//! of two branches seldom clash.

use super::kept::kept;
use crate::finding::{Finding, Problem, Status, Weight};
use crate::redact::{Cover, Text, clean};
use crate::text::{SourceId, Sources, Span, Str, is_conflict};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Fingerprints that are let be.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Baseline {
    entries: BTreeMap<String, Known>,
    /// Lines that are no entries, each with what they are.
    faults: Vec<(Option<Span>, String)>,
}

/// What is behind a fingerprint, for people, and its line, if the baseline is a file of the repository.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Known {
    rule: String,
    /// What is kept of the value; nothing of what is no secret.
    value: String,
    at: Option<Span>,
}

/// How long a fingerprint is.
const DIGITS: usize = 32;

impl Baseline {
    /// Reads a baseline: a fingerprint, behind a colon what is kept of a secret, and then what it was, for people. Lines with `#` are remarks. With its number,
    /// if it is a file of the repository, every line has a place.
    pub fn read(source: Option<SourceId>, text: &str) -> Baseline {
        let (mut out, mut start) = (Baseline::default(), 0);
        for line in text.split_inclusive('\n') {
            let (content, end) = (line.trim(), start + line.trim_end().len());
            let at = source.map(|id| Span::new(id, start, end));
            start += line.len();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let (first, rest) = content.split_once(' ').unwrap_or((content, ""));
            let (print, value) = first.split_once(':').unwrap_or((first, ""));
            if print.len() == DIGITS && print.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                let rule = rest.split_whitespace().next().unwrap_or_default().to_owned();
                out.entries.insert(print.to_owned(), Known { rule, value: value.to_owned(), at });
            } else if is_conflict(content) {
                out.faults
                    .push((at, "the baseline has marks of a conflict: its merge is not finished".into()));
            } else {
                out.faults.push((at, "a line of the baseline is no entry: it may be torn".into()));
            }
        }
        out
    }

    /// The entries that another baseline does not have: by their rules, how many they are and where the first one is.
    pub fn added(&self, before: &Baseline) -> BTreeMap<&str, (usize, Option<Span>)> {
        let is_new = |print: &&String| !before.entries.contains_key(*print);
        let mut new: Vec<&Known> =
            self.entries.keys().filter(is_new).map(|print| &self.entries[print]).collect();
        new.sort_by_key(|entry| entry.at);
        let mut out: BTreeMap<&str, (usize, Option<Span>)> = BTreeMap::new();
        for entry in new {
            out.entry(&entry.rule).or_insert((0, entry.at)).0 += 1;
        }
        out
    }

    /// Whether the baseline accepts a finding. A secret with another value at the same place is not accepted.
    pub(super) fn holds(&self, finding: &Finding, sources: &Sources) -> bool {
        let mut prints = std::iter::once(finding.fingerprint.as_str()).chain(finding.former.as_deref());
        let Some((print, entry)) = prints.find_map(|print| Some((print, self.entries.get(print)?))) else {
            return false;
        };
        !finding.masked
            || entry.value.is_empty()
            || entry.value == kept(print, sources.slice(finding.origin.span()))
    }

    /// What is wrong with it: lines that are no entries and, if all findings are known, entries that match none any more.
    pub(super) fn problems(&self, findings: &[Finding], is_all: bool) -> Vec<Problem> {
        let told = |kind, (at, says)| Problem { kind, says, at, weight: Weight::Caution };
        let mut out: Vec<Problem> =
            self.faults.iter().cloned().map(|fault| told("baseline-broken", fault)).collect();
        let prints = |finding: &'_ Finding| {
            [Some(finding.fingerprint.clone()), finding.former.clone()].into_iter().flatten()
        };
        let here: BTreeSet<String> = findings.iter().flat_map(prints).collect();
        let gone: Vec<&Known> =
            self.entries.iter().filter(|(print, _)| !here.contains(*print)).map(|(_, entry)| entry).collect();
        if is_all && !gone.is_empty() {
            let match_nothing = if gone.len() == 1 {
                "1 entry of the baseline matches"
            } else {
                "entries of the baseline match"
            };
            let number = if gone.len() == 1 { String::new() } else { format!("{} ", gone.len()) };
            let says =
                format!("{number}{match_nothing} nothing any more: write it anew with `pintle baseline`");
            out.push(told("baseline-stale", (gone.iter().filter_map(|entry| entry.at).min(), says)));
        }
        out
    }
}

/// The entries of a baseline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entries(Vec<Entry>);

/// A line of the baseline: the fingerprint of an accepted finding, and a description of it for people.
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
        // Whoever shows the file in a log shows no commands.
        clean(line.trim_end()).into_owned()
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
