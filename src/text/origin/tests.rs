//! Slices of what was put together find their own place.

use super::*;
use crate::text::{Reason, SourceId};

fn span(start: usize, end: usize) -> Span {
    Span::new(SourceId(0), start, end)
}

#[test]
fn a_slice_of_a_woven_value_finds_its_own_piece() {
    // "nginx" from one place, ":" from a template, "1.25" from another file.
    let other = Span::new(SourceId(1), 40, 44);
    let mut weave = Weave::default();
    weave.push(5, Origin::verbatim(span(10, 15)));
    weave.push(1, Origin::verbatim(span(20, 21)));
    weave.push(4, Origin::verbatim(other));
    let whole = Origin::woven(span(10, 21), weave).via(How::Override, span(90, 99));
    assert_eq!(whole.editable(), None);
    let tag = whole.slice(6..10, 10);
    assert_eq!(tag.span(), other);
    assert_eq!(tag.editable(), Some(other));
    assert_eq!(tag.road().collect::<Vec<_>>(), [(How::Override, span(90, 99))]);
    assert_eq!(whole.slice(7..8, 10).span(), Span::new(SourceId(1), 41, 42));
    let across = whole.slice(3..6, 10);
    assert_eq!((across.span(), across.editable()), (span(13, 21), None));
    assert_eq!(across.slice(0..2, 3).editable(), Some(span(13, 15)));
    assert_eq!(whole.slice(10..10, 10).span(), Span::new(SourceId(1), 44, 44));
}

#[test]
fn pieces_from_two_places_are_told_by_the_first() {
    // `${V}-slim` of an `ARG V=3.12` further up.
    let mut weave = Weave::default();
    weave.push(4, Origin::verbatim(span(6, 10)).via(How::Default, span(30, 34)));
    weave.push(5, Origin::verbatim(span(34, 39)));
    weave.push(2, Origin::verbatim(span(39, 41)));
    let whole = Origin::woven(span(30, 41), weave);
    let tag = whole.slice(0..9, 11);
    assert_eq!((tag.span(), tag.editable()), (span(6, 10), None));
    assert_eq!(tag.road().collect::<Vec<_>>(), [(How::Default, span(30, 34))]);
    assert_eq!(whole.slice(4..11, 11).span(), span(34, 41));
}

#[test]
fn what_is_only_spelled_never_pretends_to_be_editable() {
    let origin = Origin::spelled(span(3, 9));
    assert_eq!(origin.slice(1..2, 4).span(), span(3, 9));
    assert_eq!(origin.editable(), None);
    assert!(!origin.is_exact());
}

#[test]
fn a_hole_stays_one_however_the_text_is_cut() {
    let whole = Part::new("a:${T}-x", Origin::verbatim(span(10, 18)).via(How::Alias, span(90, 91)));
    let hole = || Hole::new(Reason::Variable, "T");
    let marked = whole.with_holes(&[(2..6, hole())]);
    assert_eq!((marked.text.as_str(), marked.origin.editable()), ("a:${T}-x", Some(span(10, 18))));
    for (range, expected, known) in [
        (0..2, None, true),
        (2..6, Some(0..4), false),
        (3..8, Some(0..3), false),
        (0..3, Some(2..3), false),
        (6..8, None, true),
    ] {
        let cut = marked.slice(range.clone());
        let hole = cut.holes().into_iter().next().map(|(range, _)| range);
        assert_eq!((hole, cut.is_known()), (expected, known), "{range:?}");
        assert_eq!(cut.origin.editable(), Some(span(10 + range.start, 10 + range.end)), "{range:?}");
        assert_eq!(cut.origin.road().collect::<Vec<_>>(), [(How::Alias, span(90, 91))], "{range:?}");
    }
    // Put together with a text from elsewhere, and cut again.
    let mut weave = Weave::default();
    weave.push(3, Origin::verbatim(span(40, 43)));
    weave.push(8, marked.origin.clone());
    let joined = Part::new("x/ya:${T}-x", Origin::woven(span(40, 43), weave));
    assert_eq!(joined.holes().len(), 1);
    assert_eq!(joined.slice(4..11).holes()[0].0, 1..5);
    assert!(joined.slice(0..5).is_known());
}

#[test]
fn marks_are_told_apart_and_can_be_taken_off() {
    let part = Part::new("${A}${B}", Origin::verbatim(span(0, 8)));
    let marked = part.with_holes(&[(4..8, Hole::new(Reason::Secret, "B"))]);
    let literal = Part { origin: marked.origin.clone().as_literal(), ..marked.clone() };
    assert_eq!(
        (marked.settled().first(), marked.hole().map(|hole| hole.why)),
        (Some(&(4..8)), Some(Reason::Secret))
    );
    assert_eq!((literal.settled().first(), literal.hole()), (Some(&(0..8)), None));
    assert!(literal.slice(5..7).is_known());
    let bare = Part { origin: marked.origin.unmarked().into_owned(), ..marked };
    assert!(bare.is_known() && bare.settled().is_empty());
    assert_eq!(bare.slice(4..8).origin.editable(), Some(span(4, 8)));
}

#[test]
fn a_file_that_is_no_file_of_the_run_is_told_by_its_name() {
    let inner = Origin::spelled(span(3, 9)).inside("values.yaml of the chart web 1.2.3".into());
    assert_eq!(inner.slice(1..2, 4).inner().map(Str::as_str), Some("values.yaml of the chart web 1.2.3"));
    assert_eq!((inner.respelled().inner(), inner.respelled().span()), (inner.inner(), span(3, 9)));
    let mut weave = Weave::default();
    weave.push(5, Origin::verbatim(span(10, 15)));
    weave.push(4, inner.clone());
    let whole = Origin::woven(span(10, 15), weave);
    assert_eq!(whole.inner(), inner.inner());
    assert_eq!((whole.slice(0..5, 9).inner(), whole.slice(6..8, 9).inner()), (None, inner.inner()));
    assert_eq!(inner.via(How::Include, span(90, 91)).as_literal().inner().map(Str::len), Some(34));
}

#[test]
fn an_origin_is_small() {
    // Millions of them are held.
    assert!(size_of::<Origin>() <= 24);
}

#[test]
fn the_piece_with_the_number_is_pointed_at() {
    // `v` of a template and `0.7.0` of another file; `3.12` of an argument and `-slim` of the line.
    for (pieces, pointed) in
        [([("v", 0), ("0.7.0", 1)], 1), ([("3.12", 1), ("-slim", 0)], 1), ([("a", 0), ("b", 1)], 0)]
    {
        let mut weave = Weave::default();
        for (text, source) in pieces {
            weave.push(text.len(), Origin::verbatim(Span::new(SourceId(source), 5, 5 + text.len())));
        }
        let first = Span::new(SourceId(pieces[0].1), 5, 6);
        let version = pieces.map(|(text, _)| text).concat();
        let origin = Origin::woven(first, weave);
        assert_eq!(origin.pointed(&version).span().source, SourceId(pointed), "{version}");
        assert_eq!(origin.pointed(&version).editable(), None);
    }
}
