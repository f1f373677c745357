//! Findings that are allowed on purpose, by a comment or by an entry of the configuration. Whatever allows nothing (any
//! more) is itself reported.

use super::kept::is_kept;
use super::{Bench, Remark};
use crate::finding::{Finding, Precision, Row, Severity, Status};
use crate::text::{Date, Origin, SourceId, Span, Str, nearest};
use std::collections::{BTreeSet, HashMap};

/// The rule of allows that allow nothing.
const UNUSED: &str = "allow-unused";

/// Which allows have allowed something.
#[derive(Debug, Default)]
pub(super) struct Used {
    remarks: BTreeSet<(Span, Str)>,
    entries: BTreeSet<Span>,
    /// What the comments for a whole file say of a rule, by file and rule: of many findings the first asks.
    whole: HashMap<(SourceId, Str), Option<(Span, Str)>>,
}

/// Suppresses a finding that a comment or an entry allows.
pub(super) fn allow(bench: &Bench, finding: &mut Finding, used: &mut Used) {
    let span = finding.origin.span();
    let source = bench.sources.get(span.source);
    let expired =
        |until: Option<Date>| matches!((until, bench.today), (Some(until), Some(today)) if until < today);
    // At the deciding place it holds for all that is decided there; where the value was overridden or put in, for the
    // object that is written there.
    let road: Vec<Span> = finding.origin.road().map(|(_, at)| at).collect();
    for place in std::iter::once(span).chain(road) {
        let Some(remarks) = bench.remarks.get(&place.source) else { continue };
        let lines = bench.sources.get(place.source).lines();
        let line = lines.line_of(place.start as usize) as u32;
        let last = lines.line_of(place.end.max(place.start + 1) as usize - 1) as u32;
        // Those for a whole file come first, the others in the order of their lines.
        let (whole, lines) = remarks.split_at(remarks.partition_point(|remark| remark.lines.is_none()));
        let allows = |remark: &&Remark| {
            let named = remark.rules.iter().any(|(rule, _)| *rule == finding.rule);
            named && matches!(remark.until, Ok(until) if !expired(until))
        };
        // One for a whole file speaks of what is decided in it.
        if place == span && !whole.is_empty() {
            let said = used.whole.entry((place.source, finding.rule.clone())).or_insert_with(|| {
                let allowing = whole.iter().filter(allows);
                allowing
                    .inspect(|remark| _ = used.remarks.insert((remark.span, finding.rule.clone())))
                    .last()
                    .map(|remark| (remark.span, remark.reason.clone()))
            });
            if let Some((at, reason)) = said {
                finding.status = Status::Suppressed(*at, reason.to_string());
            }
        }
        let first = lines.partition_point(|remark| remark.lines.is_some_and(|(_, to)| to < line));
        let here =
            lines[first..].iter().take_while(|remark| remark.lines.is_some_and(|(from, _)| from <= last));
        for remark in here.filter(allows) {
            used.remarks.insert((remark.span, finding.rule.clone()));
            finding.status = Status::Suppressed(remark.span, remark.reason.to_string());
        }
    }
    for entry in &bench.config.allows {
        let named = entry.rule == finding.rule
            && (entry.paths.is_empty() || entry.paths.iter().any(|glob| glob.is_match(source.name.as_str())));
        if named
            && !expired(entry.until)
            && entry.value.as_ref().is_none_or(|wanted| is_kept(wanted, bench.sources.slice(span)))
        {
            used.entries.insert(entry.at);
            finding.status = Status::Suppressed(entry.at, entry.reason.to_string());
        }
    }
}

/// A finding about the judging itself: what it says, and what it is known by.
pub(super) fn own(
    bench: &Bench,
    rule: &str,
    severity: Severity,
    at: Span,
    (says, path): (String, String),
) -> Finding {
    let fingerprint = super::hash(&[rule, bench.sources.name(at.source), &bench.redactor.show(path.clone())]);
    Finding {
        rule: rule.into(),
        severity,
        precision: Precision::High,
        says,
        origin: Origin::verbatim(at),
        also: Vec::new(),
        masked: false,
        fix: None,
        status: Status::Live,
        fingerprint,
        former: None,
        told: None,
        beside: Vec::new(),
        help: None,
        home: None,
        owner: String::new(),
        path,
        affected: Vec::new(),
        spread: 0,
        row: Row::Sentence,
        about: None,
        delivered: true,
        doubt: None,
    }
}

/// Reports the allows that name no rule, have expired, or match nothing.
pub(super) fn stale(bench: &Bench, used: &Used, findings: &mut Vec<Finding>) {
    let mut report = |at: Span, says: String| {
        let Some(page) = (bench.pages)(UNUSED) else { return };
        let severity = super::severity(bench.config, UNUSED, bench.sources.name(at.source), page, page);
        if severity > Severity::Off && bench.scope.wants(UNUSED) {
            findings.push(own(bench, UNUSED, severity, at, (says.clone(), says)));
        }
    };
    let late = |until: Option<Date>| until.filter(|&until| bench.today.is_some_and(|today| until < today));
    for remark in bench.remarks.values().flatten() {
        if let Some((word, place)) = &remark.instead {
            let near = nearest(word, &["allow"]).map_or("only `allow`", |_| "did you mean `allow`?");
            report(*place, format!("pintle knows no comment `{word}`: {near}"));
            continue;
        }
        if remark.rules.is_empty() {
            report(remark.span, "this allow names no rule".into());
        }
        if let Err(place) = remark.until {
            report(place, "a date is written until=2026-11-20".into());
            continue;
        }
        for (rule, place) in &remark.rules {
            if (bench.pages)(rule).is_none() {
                let near = nearest(rule, bench.ids);
                let near = near.map_or(String::new(), |near| format!(": did you mean `{near}`?"));
                report(*place, format!("there is no rule `{rule}` to allow{near}"));
            } else if let Ok(Some(until)) = remark.until.map(late) {
                report(*place, format!("this allow of `{rule}` expired on {until}"));
            } else if !used.remarks.contains(&(remark.span, rule.clone())) && bench.scope.wants(rule) {
                report(*place, format!("nothing here is reported by `{rule}`: the allow can go"));
            }
        }
    }
    for entry in bench.config.allows.iter().filter(|entry| !used.entries.contains(&entry.at)) {
        if let Some(until) = late(entry.until) {
            report(entry.at, format!("this allow of `{}` expired on {until}", entry.rule));
        } else if bench.scope.wants(&entry.rule) && entry.rule != super::HISTORY {
            report(entry.at, format!("nothing is reported by `{}` here: the allow can go", entry.rule));
        }
    }
}
