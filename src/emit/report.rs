//! What several outputs take from a report: the findings that count, the places of a story, the line that is shown.

use crate::finding::{Finding, Report, Severity, Status};
use crate::text::Span;

/// The severities that are shown, worst first.
pub(super) const SHOWN: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Note];

/// The other places of a finding's story: what the rule named, then the road the value took.
pub(super) fn places(finding: &Finding) -> Vec<(Span, String)> {
    let mut places = finding.also.clone();
    for (how, span) in finding.origin.road() {
        if !places.iter().any(|(known, _)| *known == span) {
            places.push((span, how.says().to_owned()));
        }
    }
    places
}

/// The part of a span that stands on its first line, without the line break.
///
/// A pull request shows an alert only if every line of its region is in the diff.
pub(super) fn first_line(report: &Report, span: Span) -> Span {
    let source = report.sources.get(span.source);
    let line = source.lines().range(source.lines().line_of(span.start as usize), source.text());
    Span::new(span.source, span.start as usize, (span.end as usize).min(line.end))
}

/// The findings that count, most severe first and otherwise in the report's order.
pub(super) fn live(report: &Report) -> Vec<&Finding> {
    let mut live: Vec<&Finding> =
        report.findings.iter().filter(|finding| finding.status == Status::Live).collect();
    live.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    live
}
