//! What a run reports on: files, lines and rules.

use crate::text::{Sources, Span, Str};
use std::collections::BTreeMap;

/// What is reported, whatever is understood.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Files, or folders (all below them), by name relative to the root; empty means everything.
    pub paths: Vec<Str>,
    /// Changed lines (from 1, both ends included) by file; nothing means all lines.
    pub lines: Option<BTreeMap<Str, Vec<(u32, u32)>>>,
    /// Only these rules; empty means all. A trailing `*` takes every rule with that beginning.
    pub select: Vec<Str>,
    pub ignore: Vec<Str>,
}

/// Whether a name is that of a rule, or the beginning of it with a `*`.
pub(super) fn fits(name: &str, rule: &str) -> bool {
    name == rule || name.strip_suffix('*').is_some_and(|head| rule.starts_with(head))
}

impl Scope {
    /// Whether a rule is wanted at all.
    pub fn wants(&self, rule: &str) -> bool {
        let any = |list: &[Str]| list.iter().any(|one| fits(one, rule));
        (self.select.is_empty() || any(&self.select)) && !any(&self.ignore)
    }

    /// Whether a file is one that is reported on.
    pub fn names(&self, file: &str) -> bool {
        self.paths.is_empty()
            || self.paths.iter().any(|path| {
                path.is_empty()
                    || path == file
                    || file.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/'))
            })
    }

    /// What of a span is on changed lines: all of it if its first line is one, else the first line of it that is.
    pub(super) fn touched(&self, sources: &Sources, span: Span) -> Option<Span> {
        let changed = self.lines.as_ref()?.get(sources.name(span.source))?;
        let (start, end) = sources.places(span);
        let first = |&(from, to): &(u32, u32)| {
            let at = from.max(start.line);
            (at <= to && at <= end.line).then_some(at)
        };
        let line = changed.iter().filter_map(first).min()?;
        if line == start.line {
            return Some(span);
        }
        let source = sources.get(span.source);
        let range = source.lines().range(line as usize - 1, source.text());
        Some(Span::new(span.source, range.start, range.end.min(span.end as usize)))
    }
}
