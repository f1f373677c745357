//! What of a source may be shown: secrets are covered, hidden characters drawn, and long lines cut.

use super::clean::draw;
use super::spans::{Spans, merge};
use crate::finding::Report;
use crate::text::{Source, SourceId, Span};
use aho_corasick::AhoCorasick;
use std::collections::BTreeSet;
use std::ops::Range;

/// What stands in the place of a secret, whatever its length.
pub(super) const COVER: &str = "****";

/// A shorter secret is covered where it stands, but not looked for elsewhere: it would cover half the language.
const SHORTEST: usize = 4;

/// Where the secrets of a report stand, and what they are, so that they can be covered.
#[derive(Debug)]
pub(crate) struct Veil {
    spans: Spans,
    values: Option<AhoCorasick>,
    longest: usize,
}

/// A piece of a source as it may be shown, and where its bytes went.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) text: String,
    /// Source offset and offset in `text`, for the start of each character and cover, and for the end.
    stops: Vec<(usize, usize)>,
}

#[cfg(feature = "cli")]
impl Shown {
    /// Where the byte at `offset` of the source stands in the shown text; the nearest end if it was cut away.
    pub(crate) fn at(&self, offset: usize) -> usize {
        let after = self.stops.partition_point(|&(source, _)| source <= offset);
        self.stops.get(after.saturating_sub(1)).map_or(0, |&(_, shown)| shown)
    }

    /// Like [`Shown::at`], for the end of a span: behind a cover that holds it.
    pub(crate) fn end(&self, offset: usize) -> usize {
        let after = self.stops.partition_point(|&(source, _)| source < offset);
        self.stops.get(after).or(self.stops.last()).map_or(0, |&(_, shown)| shown)
    }
}

impl Veil {
    pub(crate) fn of(report: &Report) -> Veil {
        let mut spans = Spans::default();
        let mut values: Vec<&str> = Vec::new();
        let mut masked: BTreeSet<Span> =
            report.findings.iter().filter(|f| f.masked).map(|f| f.origin.span()).collect();
        // Of what is about a setting the setting may be seen, unless somebody else holds it for a secret.
        let secrets = || report.facts.secrets.iter();
        let hidden: BTreeSet<Span> =
            secrets().filter(|fact| !fact.says.kind.is_open()).map(|fact| fact.says.value.span()).collect();
        let open = secrets().filter(|fact| fact.says.kind.is_open()).map(|fact| fact.says.value.span());
        for span in open.filter(|span| !hidden.contains(span)) {
            masked.remove(&span);
        }
        // A default is a word of the language: it is covered where it stands, and nowhere else.
        let defaults: BTreeSet<Span> =
            secrets().filter(|fact| fact.says.is_default()).map(|fact| fact.says.value.span()).collect();
        for &span in &masked {
            spans.add(whole_word(report, span));
            values.extend((!defaults.contains(&span)).then(|| report.sources.slice(span)));
        }
        for fact in secrets().filter(|fact| !fact.says.kind.is_open()) {
            let span = fact.says.value.span();
            spans.add(span);
            if masked.contains(&span) && !fact.says.is_default() {
                values.push(&fact.says.value.text);
            }
        }
        spans.settle();
        // A key of many lines is recognised by each of them; its first and last line are no secret.
        let mut values: Vec<&str> = values
            .into_iter()
            .flat_map(str::lines)
            .map(|line| line.trim().trim_matches(['"', '\'']))
            .filter(|line| line.len() >= SHORTEST && !line.starts_with("-----"))
            .collect();
        values.sort_unstable();
        values.dedup();
        let longest = values.iter().map(|value| value.len()).max().unwrap_or(0);
        let values = if values.is_empty() { None } else { AhoCorasick::new(values).ok() };
        Veil { spans, values, longest }
    }

    /// Whether any byte of the span belongs to a secret.
    pub(crate) fn touches(&self, span: Span) -> bool {
        !self.spans.within(span.source, span.range()).is_empty()
    }

    /// A text that is not a piece of a source, such as the new text of an edit, with the known secrets covered.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for range in self.found(text, 0..text.len()) {
            out.push_str(&text[at..range.start]);
            out.push_str(COVER);
            at = range.end;
        }
        out.push_str(&text[at..]);
        out
    }

    /// The bytes `range` of a source, which lie within one line, as they may be shown.
    pub(crate) fn piece(&self, id: SourceId, source: &Source, range: Range<usize>) -> Shown {
        let text = source.text();
        let range = range.start.min(text.len())..range.end.min(text.len());
        let mut covers = self.found(text, range.clone());
        covers.extend_from_slice(self.spans.within(id, range.clone()));
        merge(&mut covers);
        let mut shown = Shown::default();
        let mut at = range.start;
        for cover in covers {
            let cover = cover.start.max(at)..cover.end.min(range.end);
            if cover.start >= cover.end {
                continue;
            }
            shown.draw(text, at..cover.start);
            shown.stops.push((cover.start, shown.text.len()));
            shown.text.push_str(COVER);
            at = cover.end;
        }
        shown.draw(text, at..range.end);
        shown.stops.push((range.end, shown.text.len()));
        shown
    }

    /// Where known secrets occur in `range` of `text`, also those that reach into it from outside.
    fn found(&self, text: &str, range: Range<usize>) -> Vec<Range<usize>> {
        let Some(values) = &self.values else { return Vec::new() };
        let start = floor(text, range.start.saturating_sub(self.longest));
        let end = floor(text, range.end.saturating_add(self.longest).min(text.len())).max(range.end);
        let hits = values.find_overlapping_iter(&text[start..end]);
        let mut found: Vec<Range<usize>> = hits.map(|hit| start + hit.start()..start + hit.end()).collect();
        merge(&mut found);
        found
    }
}

impl Shown {
    /// Copies bytes of the source, drawing what must not be shown raw.
    fn draw(&mut self, text: &str, range: Range<usize>) {
        for (at, c) in text[range.clone()].char_indices() {
            self.stops.push((range.start + at, self.text.len()));
            draw(&mut self.text, c);
        }
    }
}

/// The span with all characters around it that may belong to the same credential: a pattern may have seen only its
/// beginning.
pub(super) fn whole_word(report: &Report, span: Span) -> Span {
    let text = report.sources.get(span.source).text();
    let range = span.range();
    let (Some(before), Some(after)) = (text.get(..range.start), text.get(range.end..)) else { return span };
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/' | '.' | '~');
    let start = before.trim_end_matches(is_word).len();
    let end = range.end + after.len() - after.trim_start_matches(|c| is_word(c) || c == '=').len();
    Span::new(span.source, start, end)
}

/// The nearest character boundary at or before `at`.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Finding, Precision, Row, Severity, Status};
    use crate::text::{Origin, Sources};
    use std::sync::Arc;

    /// One masked finding over `range` of a single file.
    fn masked(text: &str, range: Range<usize>) -> Report {
        let sources = Sources::new(["secret.yaml"]);
        sources.get(SourceId(0)).keep(Arc::from(text));
        let secret = Finding {
            rule: "secret-in-manifest".into(),
            severity: Severity::Error,
            precision: Precision::High,
            says: "the manifest holds a password".into(),
            origin: Origin::verbatim(Span::new(SourceId(0), range.start, range.end)),
            also: Vec::new(),
            masked: true,
            fix: None,
            status: Status::Live,
            fingerprint: "secret".into(),
            former: None,
            beside: Vec::new(),
            help: None,
            home: None,
            owner: "Secret/db".into(),
            path: "stringData.password".into(),
            affected: Vec::new(),
            spread: 0,
            row: Row::Sentence,
            about: None,
            delivered: true,
            doubt: None,
        };
        Report { findings: vec![secret], sources, ..Report::default() }
    }

    /// All lines of the first source as they may be shown.
    fn lines(report: &Report) -> Vec<String> {
        let (veil, source) = (Veil::of(report), report.sources.get(SourceId(0)));
        let ranges = (0..source.lines().count()).map(|line| source.lines().range(line, source.text()));
        ranges.map(|range| veil.piece(SourceId(0), source, range).text).collect()
    }

    #[test]
    fn secrets_are_covered_where_they_stand_and_where_they_are_repeated() {
        let text = "user: bob\npassword: hunter2!\ncopy: \"hunter2!\" # \u{1b}\nother: fine";
        let start = text.find("hunter2!").unwrap();
        let report = masked(text, start..start + 8);
        assert_eq!(lines(&report), ["user: bob", "password: ****", "copy: \"****\" # ␛", "other: fine"]);
        let (veil, source) = (Veil::of(&report), report.sources.get(SourceId(0)));
        let shown = veil.piece(SourceId(0), source, 10..start + 8);
        assert_eq!(&shown.text[shown.at(start)..shown.end(start + 8)], "****");
        assert_eq!(
            &shown.text[shown.at(start + 2)..shown.end(start + 4)],
            "****",
            "a part of a secret is all of it"
        );
        assert_eq!(&shown.text[shown.at(10)..shown.end(18)], "password");
        // A cut through the middle of the repeated secret still hides both halves.
        let copy = text.rfind("hunter2!").unwrap();
        assert_eq!(veil.piece(SourceId(0), source, copy + 4..copy + 11).text, "****\" #");
        assert_eq!(veil.text("was hunter2! before"), "was **** before");
        let report = masked("a: [key-0123.rest==, b]", 8..12);
        assert_eq!(lines(&report), ["a: [****, b]"], "what a pattern left over is covered too");
    }

    #[test]
    fn a_key_of_many_lines_is_covered_line_by_line() {
        let text = "key: |\n  AAAAbbbb\r\n  CCCCdddd\nnext: CCCCdddd";
        let report = masked(text, 9..29);
        assert_eq!(&text[9..29], "AAAAbbbb\r\n  CCCCdddd");
        assert_eq!(lines(&report), ["key: |", "  ****", "****", "next: ****"]);
    }
}
