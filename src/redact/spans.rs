//! Where secrets stand in the files: which of them reach into a range is a search.

use crate::text::{SourceId, Span};
use std::collections::BTreeMap;
use std::ops::Range;

/// Ranges of files. They are sorted and apart from each other once they are settled, and not asked before.
#[derive(Debug, Default)]
pub(super) struct Spans(BTreeMap<SourceId, Vec<Range<usize>>>);

impl Spans {
    pub(super) fn add(&mut self, span: Span) {
        self.0.entry(span.source).or_default().push(span.range());
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
