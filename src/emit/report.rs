//! What several outputs take from a report: the findings that count, the places of a story, the line that is shown.

#[cfg(feature = "cli")]
use crate::finding::Row;
use crate::finding::{Finding, Report, Severity, Status};
use crate::rules::Page;
use crate::text::Span;
use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// The severities that are shown, worst first.
pub(super) const SHOWN: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Note];

/// What is said of the place that decides, where a finding is told at another one.
const DECIDES: &str = "this decides it";

/// The other places of a finding's story: what decides if that is told elsewhere, what the rule named, the road the value took,
/// and what it is held against. What is said of one line is said once, however many pieces of it the value came by.
pub(super) fn places(report: &Report, finding: &Finding) -> Vec<(Span, String)> {
    let mut places = finding.also.clone();
    for (how, span) in finding.origin.road() {
        if !places.iter().any(|(known, _)| *known == span) {
            places.push((span, how.says().to_owned()));
        }
    }
    places.extend(finding.beside.iter().cloned());
    if let Some(told) = finding.told {
        let own = finding.origin.span();
        places.retain(|(span, _)| ![told, own].contains(span));
        // A line of what decides is no other place.
        if !(told.source == own.source && own.start <= told.start && told.end <= own.end) {
            places.insert(0, (own, DECIDES.to_owned()));
        }
    }
    if places.len() > 1 {
        let line = |span: Span| (span.source, report.sources.places(span).0.line);
        let mut seen = HashSet::new();
        places.retain(|(span, says)| seen.insert((line(*span), says.clone())));
    }
    places
}

/// What to do about a finding: as it is written, or as its page says.
pub(super) fn help<'a>(page: &'a Page, own: Option<&'a str>) -> Cow<'a, str> {
    match own {
        Some(own) => own.into(),
        None if page.help.is_empty() => page.summary().into(),
        None => page.help.as_str().into(),
    }
}

/// The part of a span that stands on its first line, without the line break.
///
/// A pull request shows an alert only if every line of its region is in the diff.
pub(super) fn first_line(report: &Report, span: Span) -> Span {
    let source = report.sources.get(span.source);
    let line = source.lines().range(source.lines().line_of(span.start as usize), source.text());
    Span::new(span.source, span.start as usize, (span.end as usize).min(line.end))
}

/// The findings that count, most severe first and otherwise in the report's order. What one place decides for several
/// objects is one.
pub(super) fn live(report: &Report) -> Vec<Cow<'_, Finding>> {
    let mut live = by_place(report.findings.iter().filter(|finding| finding.status == Status::Live));
    live.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    live
}

/// One finding for each rule, place and status, in the order that they come in: it speaks for every object that is
/// decided there.
pub(super) fn by_place<'r>(findings: impl Iterator<Item = &'r Finding>) -> Vec<Cow<'r, Finding>> {
    merged(findings, |_| None)
}

/// The findings that count, as [`live`] has them, but apart where one place decides for things that lists call by different names.
#[cfg(feature = "cli")]
pub(super) fn named(report: &Report) -> Vec<Cow<'_, Finding>> {
    let live = report.findings.iter().filter(|finding| finding.status == Status::Live);
    merged(live, |finding| match &finding.row {
        Row::Line(name) => Some(name),
        _ => None,
    })
}

/// What keeps findings apart: the rule, what decides and where that is told, the status, and the name of a line.
type Kept<'a> = (&'a str, [Span; 2], &'static str, Option<&'a String>);

/// One finding for each rule, place, status and whatever else keeps findings apart.
fn merged<'r>(
    findings: impl Iterator<Item = &'r Finding>,
    apart: impl Fn(&'r Finding) -> Option<&'r String>,
) -> Vec<Cow<'r, Finding>> {
    let mut known: HashMap<Kept, usize> = HashMap::new();
    let mut out: Vec<Cow<Finding>> = Vec::new();
    for finding in findings {
        let at = [finding.origin.span(), finding.place()];
        let key = (finding.rule.as_str(), at, finding.status.name(), apart(finding));
        match known.entry(key) {
            Entry::Occupied(at) => {
                out[*at.get()].to_mut().absorb(finding);
            }
            Entry::Vacant(free) => {
                free.insert(out.len());
                out.push(Cow::Borrowed(finding));
            }
        }
    }
    for finding in &mut out {
        if let Cow::Owned(several) = finding {
            several.tell();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::sample;
    use crate::facts::Affected;

    #[test]
    fn one_place_that_decides_for_several_is_shown_once() {
        let mut report = sample::everything();
        let first = report.findings[0].clone();
        let other = |owner: &str, cluster: &str| Finding {
            owner: owner.into(),
            affected: vec![Affected { object: owner.into(), cluster: cluster.into(), delivered: true }],
            ..first.clone()
        };
        let before = live(&report).len();
        report.findings.extend([other("Deployment/api", "office"), other("Deployment/api", "home")]);
        let live = live(&report);
        assert_eq!(live.len(), before);
        let shown = live.iter().find(|finding| finding.affected.len() == 2).expect("one speaks for two");
        assert_eq!(shown.environments(), ["home", "office"]);
    }
}
