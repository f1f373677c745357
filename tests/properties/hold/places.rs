//! Places: inside their text, on the boundaries of letters, and right where they say that they are.

use pintle::Span;
use pintle::testing::{Origin, Part};

pub fn inside(text: &str, span: Span) {
    assert!(text.get(span.range()).is_some(), "{span:?} of {text:?}");
}

/// A part whose bytes can be edited is at those bytes.
pub fn stands(text: &str, part: &Part) {
    stands_in(&|_| Some(text), part);
}

/// The same for a part that was put together of several texts; nothing is asked of one that is not known.
pub fn stands_in<'t>(text_of: &dyn Fn(Span) -> Option<&'t str>, part: &Part) {
    let mut start = 0;
    for (end, origin) in part.origin.pieces(part.text.len()) {
        assert!(part.text.get(start..end).is_some(), "a piece of {:?} ends within a letter", part.text);
        origin_stands(text_of, &origin, &part.text[start..end]);
        start = end;
    }
    assert_eq!(start, part.text.len(), "the pieces of {:?} are not all of it", part.text);
    part.settled().into_iter().for_each(|range| drop(part.slice(range)));
    for (range, hole) in part.holes() {
        assert!(part.text.get(range.clone()).is_some(), "a hole of {:?}", part.text);
        assert!(!hole.says().is_empty());
    }
}

fn origin_stands<'t>(text_of: &dyn Fn(Span) -> Option<&'t str>, origin: &Origin, value: &str) {
    let spans = std::iter::once(origin.span()).chain(origin.road().map(|(_, span)| span));
    spans.for_each(|span| text_of(span).into_iter().for_each(|text| inside(text, span)));
    if let Some(span) = origin.editable()
        && let Some(text) = text_of(span)
    {
        assert_eq!(&text[span.range()], value, "{text:?}");
    }
}
