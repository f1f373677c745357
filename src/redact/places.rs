//! What of a value that a build made may be shown. Its pieces are covered by where they were written: a text that is
//! searched for everywhere would eat names and words, and miss what was put together.

use super::COVER;
use super::clean::floor;
use super::spans::{Spans, merge, whole_word};
use super::strength::{is_strong, mixes};
use crate::finding::Report;
use crate::text::{How, Origin, Part, Span, base64};
use aho_corasick::AhoCorasick;
use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

/// So long a value that mixes letters and digits is a token, which is covered inside of other texts too.
const TOKEN: usize = 12;

/// Where secrets were written, and the values that are secrets wherever they were written.
#[derive(Debug)]
pub(crate) struct Places {
    spans: Spans,
    whole: HashSet<String>,
    tokens: Option<AhoCorasick>,
}

/// A secret that something besides a report knows of.
pub(crate) enum Hidden {
    /// Secret by where it is used: each of its pieces is covered wherever else it is used.
    Used(Part),
    /// Found by the rules for secrets. What is soon guessed is a word of the language: it is covered where
    /// it stands only.
    Found { is_default: bool, value: Part },
}

impl Places {
    /// The secrets of a report, and others. What is written at `open` is told anyway, and no secret.
    pub(crate) fn of(report: &Report, more: Vec<Hidden>, open: &BTreeSet<Span>) -> Places {
        let mut spans = Spans::default();
        let masked = report.findings.iter().filter(|finding| finding.masked);
        masked.for_each(|finding| spans.add(whole_word(&report.sources, finding.origin.span())));
        let of_report = report.facts.secrets.iter().filter(|fact| fact.says.is_believed());
        let of_report = of_report.map(|fact| (fact.says.is_default(), &fact.says.value));
        let found = more.iter().filter_map(|hidden| match hidden {
            Hidden::Used(_) => None,
            Hidden::Found { is_default, value } => Some((*is_default, value)),
        });
        let mut values: Vec<&str> = Vec::new();
        for (is_default, value) in of_report.chain(found) {
            pieces(value).into_iter().for_each(|span| spans.add(span));
            let text = value.text.trim();
            values.extend(Some(text).filter(|text| !is_default && is_strong(text)));
        }
        for hidden in &more {
            if let Hidden::Used(value) = hidden {
                // All of a chart from elsewhere has one place: there a text is known by itself only.
                let is_inner = value.origin.inner().is_some();
                values.extend(Some(value.text.trim()).filter(|text| is_inner && is_strong(text)));
                pieces(value)
                    .into_iter()
                    .filter(|span| !open.contains(span))
                    .for_each(|span| spans.add(span));
            }
        }
        spans.settle();
        let tokens: Vec<&str> = values.iter().copied().filter(|text| is_token(text)).collect();
        let tokens = if tokens.is_empty() { None } else { AhoCorasick::new(tokens).ok() };
        let whole = values.iter().flat_map(|text| [(*text).to_owned(), base64(text.as_bytes())]).collect();
        Places { spans, whole, tokens }
    }

    /// The value with its secret pieces covered; nothing if all of it may be shown.
    pub(crate) fn covered(&self, value: &Part) -> Option<String> {
        let (text, len) = (value.text.as_str(), value.text.len());
        if self.whole.contains(text.trim()) || self.came_through(&value.origin) {
            return Some(COVER.to_owned());
        }
        let mut covers = self.tokens_in(text);
        let mut from = 0;
        for (end, origin) in value.origin.pieces(len) {
            let hidden = self.in_piece(&origin, end - from);
            covers.extend(hidden.into_iter().map(|range| from + range.start..from + range.end));
            from = end;
        }
        merge(&mut covers);
        let mut out = String::new();
        let mut at = 0;
        for cover in &covers {
            let start = floor(text, cover.start);
            out.push_str(text.get(at..start).unwrap_or_default());
            out.push_str(COVER);
            at = (cover.end..=len).find(|end| text.is_char_boundary(*end)).unwrap_or(len);
        }
        out.push_str(text.get(at..).unwrap_or_default());
        (!covers.is_empty()).then_some(out)
    }

    /// What is secret of a piece of a value, in its own bytes. If it cannot be told which they are, it is all of them.
    fn in_piece(&self, origin: &Origin, len: usize) -> Vec<Range<usize>> {
        let span = origin.span();
        let found = match origin.inner() {
            Some(_) => &[],
            None => self.spans.within(span.source, span.range()),
        };
        let is_exact = origin.editable().is_some_and(|span| span.len() == len);
        let own = |at: usize| at.clamp(span.range().start, span.range().end) - span.range().start;
        match found {
            _ if self.came_through(origin) => std::iter::once(0..len).collect(),
            found if is_exact => found.iter().map(|range| own(range.start)..own(range.end)).collect(),
            [] => Vec::new(),
            _ => std::iter::once(0..len).collect(),
        }
    }

    /// Whether a value came here through a secret. What it was chosen over is not in it.
    fn came_through(&self, origin: &Origin) -> bool {
        origin.road().any(|(how, step)| {
            let found = self.spans.within(step.source, step.range());
            how != How::Over
                && found
                    .iter()
                    .any(|range| range.start <= step.range().start && step.range().end <= range.end)
        })
    }

    /// Where a token stands as a word of its own.
    fn tokens_in(&self, text: &str) -> Vec<Range<usize>> {
        let Some(tokens) = self.tokens.as_ref().filter(|_| text.len() >= TOKEN) else { return Vec::new() };
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let stands_alone = |range: &Range<usize>| {
            !is_word(text[..range.start].chars().next_back()) && !is_word(text[range.end..].chars().next())
        };
        tokens.find_overlapping_iter(text).map(|hit| hit.range()).filter(stands_alone).collect()
    }
}

/// Where the pieces of a value were written. What nobody filled in is no value yet, and what is in no file of the
/// repository has no place of its own.
fn pieces(value: &Part) -> Vec<Span> {
    let len = value.text.len();
    let mut from = 0;
    let mut out = Vec::new();
    for (end, origin) in value.origin.pieces(len) {
        let own = from..end;
        from = end;
        if origin.inner().is_none() && value.slice(own).is_known() {
            out.push(origin.span());
        }
    }
    out
}

fn is_token(text: &str) -> bool {
    text.len() >= TOKEN && mixes(text) && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_told_from_a_word_by_its_length_and_its_letters() {
        for (text, strong, token) in [
            ("postgres", false, false),
            ("kestre7", false, false),
            ("kestrel7", true, false),
            ("kestrel-lime-ot", false, false),
            ("kestrel-lime-ott", true, false),
            ("kestrel7lim", true, false),
            ("kestrel7lime", true, true),
            ("kestrel 7 lime otter", true, false),
        ] {
            assert_eq!((is_strong(text), is_token(text)), (strong, token), "{text}");
        }
    }
}
