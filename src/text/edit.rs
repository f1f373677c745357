//! Replacing spans of a text. Knows nothing of why.

use super::Span;

/// Replace the bytes of `span` by `text`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

/// Applies edits of one source to its text, in the order of their places.
///
/// Equal edits count once; of edits that overlap, the first is applied and the later ones are left out and
/// returned, so that a caller can run again on the new text.
pub fn apply(text: &str, edits: &[Edit]) -> (String, Vec<Edit>) {
    let mut sorted = edits.to_vec();
    sorted.sort();
    sorted.dedup();
    let (mut out, mut left, mut at) = (String::with_capacity(text.len()), Vec::new(), 0);
    let mut touched = None;
    for edit in sorted {
        let range = edit.span.range();
        let clash = range.start < at || touched == Some(range.start);
        if clash || text.get(range.clone()).is_none() {
            left.push(edit);
            continue;
        }
        out.push_str(&text[at..range.start]);
        out.push_str(&edit.text);
        at = range.end;
        touched = Some(range.start);
    }
    out.push_str(&text[at..]);
    (out, left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceId;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit { span: Span::new(SourceId(0), start, end), text: text.into() }
    }

    #[test]
    fn edits_apply_in_order_and_overlaps_are_handed_back() {
        let (out, left) =
            apply("abcdef", &[edit(4, 5, "E"), edit(0, 2, ""), edit(1, 3, "x"), edit(4, 5, "E")]);
        assert_eq!(out, "cdEf");
        assert_eq!(left, [edit(1, 3, "x")]);
        assert_eq!(apply("aß", &[edit(2, 3, "x")]).0, "aß", "a span off its boundary changes nothing");
    }
}
