//! Where secrets stand in the files: which of them reach into a range is a search.

use crate::facts::Facts;
use crate::finding::Finding;
use crate::text::{SourceId, Sources, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Ranges of files. They are sorted and apart from each other once they are settled, and not asked before.
#[derive(Debug, Default)]
pub(crate) struct Spans(BTreeMap<SourceId, Vec<Range<usize>>>);

impl Spans {
    /// Where the secrets of a run are.
    pub(crate) fn of(findings: &[Finding], facts: &Facts, sources: &Sources) -> Spans {
        let mut spans = Spans::default();
        let secrets = || facts.secrets.iter().map(|fact| &fact.says);
        // Of what is about a setting the setting may be seen, unless somebody else holds it for a secret.
        let places = |is_open: bool| {
            let of_kind = secrets().filter(move |secret| secret.kind.is_open() == is_open);
            of_kind.map(|secret| secret.value.span()).collect::<BTreeSet<Span>>()
        };
        let (hidden, open) = (places(false), places(true));
        let masked = findings.iter().filter(|finding| finding.masked);
        let masked = masked.map(|finding| finding.origin.span());
        let masked = masked.filter(|span| !open.contains(span) || hidden.contains(span));
        masked.for_each(|span| spans.add(whole_word(sources, span)));
        hidden.into_iter().for_each(|span| spans.add(span));
        spans.settle();
        spans
    }

    /// Whether any byte of a span belongs to one of them.
    pub(crate) fn touches(&self, span: Span) -> bool {
        !self.within(span.source, span.range()).is_empty()
    }

    pub(super) fn add(&mut self, span: Span) {
        self.0.entry(span.source).or_default().push(span.range());
    }

    /// How many bytes there are of them, in the files that `wants` takes.
    pub(super) fn bytes(&self, wants: impl Fn(SourceId) -> bool) -> usize {
        self.0.iter().filter(|(id, _)| wants(**id)).flat_map(|(_, list)| list).map(Range::len).sum()
    }

    pub(super) fn settle(&mut self) {
        self.0.values_mut().for_each(merge);
    }

    /// Those that reach into a range.
    pub(super) fn within(&self, id: SourceId, range: Range<usize>) -> &[Range<usize>] {
        let Some(list) = self.0.get(&id) else { return &[] };
        let first = list.partition_point(|span| span.end <= range.start);
        let count = list[first..].partition_point(|span| span.start < range.end);
        &list[first..first + count]
    }
}

/// Sorts ranges and joins those that touch.
pub(super) fn merge(list: &mut Vec<Range<usize>>) {
    list.sort_by_key(|range| (range.start, range.end));
    list.dedup_by(|later, first| {
        let joins = later.start <= first.end;
        if joins {
            first.end = first.end.max(later.end);
        }
        joins
    });
}

/// The span with all characters around it that may belong to the same credential: a pattern may have seen only its
/// beginning.
pub(super) fn whole_word(sources: &Sources, span: Span) -> Span {
    let text = sources.get(span.source).text();
    let range = span.range();
    let (Some(before), Some(after)) = (text.get(..range.start), text.get(range.end..)) else { return span };
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/' | '.' | '~');
    let start = before.trim_end_matches(is_word).len();
    let end = range.end + after.len() - after.trim_start_matches(|c| is_word(c) || c == '=').len();
    Span::new(span.source, start, end)
}
