//! Findings that a change brings and resolves: by their fingerprints, and of what was moved by what they say.

use super::change::{At, Spot, Which};
use super::matched::take_both;
use super::pairs::Pairs;
use crate::facts::{self, Affected};
use crate::finding::{Finding, Report, Severity, Status};
use crate::text::{Span, Str};

/// What a change brings, and what it resolves.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Finds {
    pub new: Vec<NewFinding>,
    pub resolved: Vec<NewFinding>,
}

/// A finding of one side only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewFinding {
    pub rule: Str,
    pub severity: Severity,
    pub says: String,
    pub fingerprint: String,
    pub at: Spot,
}

/// The same, with the bytes that decide it.
pub(super) struct Compared {
    new: Vec<Bare>,
    resolved: Vec<Bare>,
}

struct Bare {
    rule: Str,
    severity: Severity,
    says: String,
    fingerprint: String,
    at: At,
}

pub(super) fn compare(before: &Report, after: &Report, pairs: &Pairs) -> Compared {
    let mut old: Vec<&Finding> = counted(before).collect();
    let mut new: Vec<&Finding> = counted(after).collect();
    // The fingerprint first; then what is said of the same objects: a file that was moved has another fingerprint.
    take_both(&mut old, &mut new, |one| one.fingerprint.clone(), |_, _| {});
    let place =
        |one: &&Finding| format!("{} {} {} {}", one.rule, one.owner, one.path, facts::objects(&one.affected));
    take_both(&mut old, &mut new, place, |_, _| {});
    // What could not be built on the other side was not judged there.
    let is_open = |one: &Affected| pairs.is_new_and_open(&one.object, &one.cluster);
    new.retain(|one| !one.affected.iter().any(is_open));
    let is_open = |one: &Affected| pairs.is_open(&one.object, &pairs.renamed(&one.cluster));
    old.retain(|one| !one.affected.iter().any(is_open));
    let bare = |one: &Finding, at| Bare {
        rule: one.rule.clone(),
        severity: one.severity,
        says: one.says.clone(),
        fingerprint: one.fingerprint.clone(),
        at,
    };
    Compared {
        new: new.into_iter().map(|one| bare(one, At::after(one.origin.span()))).collect(),
        resolved: old.into_iter().map(|one| bare(one, At::before(one.origin.span()))).collect(),
    }
}

fn counted(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(|one| one.status == Status::Live && one.severity != Severity::Off)
}

impl Compared {
    pub(super) fn spans(&self, which: Which) -> impl Iterator<Item = Span> + '_ {
        let side = if which == Which::After { &self.new } else { &self.resolved };
        side.iter().map(|one| one.at.span)
    }

    pub(super) fn settle(self, spot: &dyn Fn(At) -> Spot) -> Finds {
        let told = |bare: Vec<Bare>| -> Vec<NewFinding> {
            let one = |one: Bare| NewFinding {
                rule: one.rule,
                severity: one.severity,
                says: one.says,
                fingerprint: one.fingerprint,
                at: spot(one.at),
            };
            let mut all: Vec<NewFinding> = bare.into_iter().map(one).collect();
            all.sort_by(|a, b| (b.severity, &a.at, &a.rule).cmp(&(a.severity, &b.at, &b.rule)));
            all
        };
        Finds { new: told(self.new), resolved: told(self.resolved) }
    }
}
