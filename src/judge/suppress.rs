//! Findings that are allowed on purpose, by a comment or by an entry of the configuration. Whatever allows nothing (any
//! more) is itself reported.

use super::Bench;
use super::kept::is_kept;
use crate::finding::{Finding, Precision, Row, Severity, Status};
use crate::text::{Date, Origin, Span, Str};
use std::collections::BTreeSet;

/// Which allows have allowed something.
#[derive(Debug, Default)]
pub(super) struct Used {
    remarks: BTreeSet<(Span, Str)>,
    entries: BTreeSet<Span>,
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
        for remark in remarks {
            // One for a whole file speaks of what is decided in it.
            let here = match remark.lines {
                Some((from, to)) => from <= last && line <= to,
                None => place == span,
            };
            let named = remark.rules.iter().find(|(rule, _)| *rule == finding.rule);
            let Ok(until) = remark.until else { continue };
            if let (true, Some((rule, _)), false) = (here, named, expired(until)) {
                used.remarks.insert((remark.span, rule.clone()));
                finding.status = Status::Suppressed(remark.span, remark.reason.to_string());
            }
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

/// Reports the allows that name no rule, have expired, or match nothing.
pub(super) fn stale(bench: &Bench, used: &Used, findings: &mut Vec<Finding>) {
    let mut report = |at: Span, says: String| {
        let rule = "allow-unused";
        let Some(page) = (bench.pages)(rule) else { return };
        let file = bench.sources.name(at.source);
        let severity = super::severity(bench.config, rule, file, page, page);
        if severity == Severity::Off || !bench.scope.wants(rule) {
            return;
        }
        let fingerprint = super::hash(&[rule, file, &bench.redactor.show(says.clone())]);
        let origin = Origin::verbatim(at);
        let (owner, path) = (String::new(), says.clone());
        findings.push(Finding {
            rule: rule.into(),
            severity,
            precision: Precision::High,
            says,
            origin,
            also: Vec::new(),
            masked: false,
            fix: None,
            status: Status::Live,
            fingerprint,
            former: None,
            beside: Vec::new(),
            help: None,
            home: None,
            owner,
            path,
            affected: Vec::new(),
            spread: 0,
            row: Row::Sentence,
            about: None,
            delivered: true,
            doubt: None,
        });
    };
    let late = |until: Option<Date>| until.filter(|&until| bench.today.is_some_and(|today| until < today));
    for remark in bench.remarks.values().flatten() {
        if remark.rules.is_empty() {
            report(remark.span, "this allow names no rule".into());
        }
        if let Err(place) = remark.until {
            report(place, "a date is written until=2026-11-20".into());
            continue;
        }
        for (rule, place) in &remark.rules {
            if (bench.pages)(rule).is_none() {
                report(*place, format!("there is no rule `{rule}` to allow"));
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
