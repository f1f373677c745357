//! Where pieces of text were written, as small numbers: a render moves millions of pieces, and each is a number in a
//! table until it is told.

use super::numbers::Numbers;
use crate::text::{Hole, How, Origin, Part, Reason, SourceId, Span, Step, Str};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

/// Where something was written: a number in the table of a render.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Place(u32);

/// The piece is no slice of what is written there, but came of it.
const WHOLE: u32 = 1 << 31;

/// What an action made itself: the number is that of the action.
const SITE: u32 = 1 << 30;

impl Place {
    /// Written nowhere; what writes it out says where.
    pub const NOWHERE: Place = Place(WHOLE);

    /// The same place, of what came of it in another way than byte for byte.
    #[must_use]
    pub fn whole(self) -> Place {
        Place(self.0 | WHOLE)
    }

    /// Whether what is found there is spelled otherwise, so that no slice of it can be told.
    pub fn is_whole(self) -> bool {
        self.0 & WHOLE != 0
    }

    /// This place, or another one if this is none.
    #[must_use]
    pub fn or(self, other: Place) -> Place {
        if self == Place::NOWHERE { other } else { self }
    }

    /// Its number in the table; nothing for what an action made itself.
    fn index(self) -> Option<usize> {
        (self.0 & SITE == 0).then_some((self.0 & !WHOLE) as usize)
    }

    fn site(self) -> Site {
        Site(self.0 & !(WHOLE | SITE))
    }
}

/// The file of what was written nowhere.
const NO_SOURCE: SourceId = SourceId(u32::MAX);

/// The action of a template through which something was written; the first is none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Site(u32);

impl Site {
    pub const NONE: Site = Site(0);
}

#[derive(Debug)]
struct Entry {
    part: Part,
    /// Some of it is not known.
    has_hole: bool,
}

/// An action: where it is, and the step on the road of what it writes, made when somebody is told of it.
#[derive(Debug)]
struct Action {
    span: Span,
    step: OnceCell<Step>,
}

/// The table of a render. It only grows, and its owners share it.
#[derive(Debug)]
pub struct Places {
    entries: RefCell<Vec<Entry>>,
    sites: RefCell<Vec<Action>>,
    known_sites: RefCell<HashMap<Span, Site, Numbers>>,
    /// The step on the road that an action is.
    how: How,
}

impl Places {
    pub fn new(how: How) -> Places {
        let nowhere = Span::new(NO_SOURCE, 0, 0);
        let places = Places {
            entries: RefCell::default(),
            sites: RefCell::default(),
            known_sites: RefCell::default(),
            how,
        };
        places.add(Part::new("", Origin::spelled(nowhere)));
        places.new_site(nowhere);
        places
    }

    /// A new place, with the text that is there.
    pub fn add(&self, part: Part) -> Place {
        let mut entries = self.entries.borrow_mut();
        let has_hole = !part.is_known();
        entries.push(Entry { part, has_hole });
        Place((entries.len() - 1) as u32)
    }

    /// A place of which no slice can be told.
    pub fn add_origin(&self, origin: Origin) -> Place {
        self.add(Part::new("", origin)).whole()
    }

    /// The place of a text that nobody here knows.
    pub fn hole(&self, why: Reason, name: &str, at: Place) -> Place {
        let span = self.span(at);
        self.add_origin(Origin::spelled(span).as_hole(Hole::new(why, name)))
    }

    /// The place of a scalar that is written out as `text`: itself, if that is how it was written.
    pub fn spelled_as(&self, place: Place, text: &str) -> Place {
        let is_so = place.index().is_some_and(|at| self.entries.borrow()[at].part.text == text);
        if is_so { place } else { place.whole() }
    }

    /// An action of a template, to be told as a step on the road.
    pub fn new_site(&self, span: Span) -> Site {
        let mut sites = self.sites.borrow_mut();
        sites.push(Action { span, step: OnceCell::new() });
        Site((sites.len() - 1) as u32)
    }

    /// The same for a text that may be executed many times.
    pub fn site(&self, span: Span) -> Site {
        *self.known_sites.borrow_mut().entry(span).or_insert_with(|| self.new_site(span))
    }

    /// The place of what an action made itself.
    pub fn at_site(&self, site: Site) -> Place {
        if site == Site::NONE { Place::NOWHERE } else { Place(WHOLE | SITE | site.0) }
    }

    fn span_of(&self, site: Site) -> Span {
        self.sites.borrow()[site.0 as usize].span
    }

    pub fn span(&self, place: Place) -> Span {
        match place.index() {
            Some(at) => self.entries.borrow()[at].part.span(),
            None => self.span_of(place.site()),
        }
    }

    /// Where `len` bytes from `offset` of a place were written.
    pub fn span_within(&self, place: Place, offset: usize, len: usize) -> Span {
        let Some(at) = place.index() else { return self.span_of(place.site()) };
        let part = &self.entries.borrow()[at].part;
        part.origin.span_within(offset..offset + len, part.text.len())
    }

    /// The same, if nothing more is known of them than their place: no road, no pieces.
    pub fn plain_span(&self, place: Place, offset: usize, len: usize) -> Option<Span> {
        match place.index() {
            _ if self.is_nowhere(place) => None,
            Some(at) if place.is_whole() => {
                let origin = &self.entries.borrow()[at].part.origin;
                origin.plain_span(0..0).map(|_| origin.span())
            }
            Some(at) => self.entries.borrow()[at].part.origin.plain_span(offset..offset + len),
            None => Some(self.span_of(place.site())),
        }
    }

    /// Whether something in the text of a place is not known.
    pub fn has_hole(&self, place: Place) -> bool {
        place.index().is_some_and(|at| self.entries.borrow()[at].has_hole)
    }

    /// The first thing that is not known in a place.
    pub fn hole_of(&self, place: Place) -> Option<Hole> {
        self.entries.borrow()[place.index()?].part.hole().cloned()
    }

    /// The place of what came of some bytes of a place. Of a whole value it is the value; of a template it is not the
    /// template.
    pub fn narrowed(&self, place: Place, offset: usize, len: usize) -> Place {
        let is_all = |at: usize| self.entries.borrow()[at].part.text.len() == len;
        if place.is_whole() || place.index().is_none_or(is_all) {
            return place.whole();
        }
        self.add_origin(self.origin(place, offset, len, Site::NONE))
    }

    /// Where `len` bytes from `offset` of a place were written, and through which action.
    pub fn origin(&self, place: Place, offset: usize, len: usize, site: Site) -> Origin {
        if site != Site::NONE && self.is_nowhere(place) {
            let written = Origin::spelled(self.span_of(site));
            return match self.hole_of(place) {
                Some(hole) => written.as_hole(hole),
                None => written,
            };
        }
        let origin = match place.index() {
            Some(at) => Places::told(&self.entries.borrow()[at].part, place, offset, len),
            None => Origin::spelled(self.span_of(place.site())),
        };
        match site {
            Site::NONE => origin,
            site => {
                let action = &self.sites.borrow()[site.0 as usize];
                origin.along(action.step.get_or_init(|| Step::new(self.how, action.span)))
            }
        }
    }

    /// Whether what is there was written nowhere, known or not.
    pub fn is_nowhere(&self, place: Place) -> bool {
        place.index().is_some_and(|at| self.entries.borrow()[at].part.span().source == NO_SOURCE)
    }

    fn told(part: &Part, place: Place, offset: usize, len: usize) -> Origin {
        if place.is_whole() {
            let spelled = part.origin.respelled();
            let kept = part.origin.road().fold(spelled, |origin, (how, at)| origin.via(how, at));
            match part.hole() {
                Some(hole) => kept.as_hole(hole.clone()),
                None => kept,
            }
        } else {
            part.origin.slice(offset..offset + len, part.text.len())
        }
    }

    /// The bytes of a place that are in base64: they are told as such if they are a value to the last byte.
    pub fn encoded(&self, place: Place, offset: usize, text: &str) -> Place {
        let origin = self.origin(place, offset, text.len(), Site::NONE);
        let hole = self.hole_of(place);
        let encoded = origin.encoded();
        self.add(Part::new(Str::default(), hole.map_or(encoded.clone(), |hole| encoded.as_hole(hole))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: usize, end: usize) -> Span {
        Span::new(SourceId(0), start, end)
    }

    #[test]
    fn a_slice_is_told_exactly_and_what_came_of_it_as_a_whole() {
        let places = Places::new(How::Template);
        let place = places.add(Part::new("nginx:1.25", Origin::verbatim(span(10, 20))));
        let site = places.site(span(40, 60));
        assert_eq!(places.origin(place, 6, 4, Site::NONE).editable(), Some(span(16, 20)));
        let whole = places.origin(place.whole(), 6, 4, site);
        assert_eq!((whole.span(), whole.editable()), (span(10, 20), None));
        assert_eq!(whole.road().collect::<Vec<_>>(), [(How::Template, span(40, 60))]);
        assert_eq!(places.site(span(40, 60)), site);
        assert_eq!(places.spelled_as(place, "nginx:1.25"), place);
        assert!(places.spelled_as(place, "nginx").is_whole());
    }

    #[test]
    fn what_came_of_a_hole_is_a_hole() {
        let places = Places::new(How::Template);
        let hole = places.hole(Reason::Runtime, "randAlphaNum", places.at_site(places.site(span(3, 9))));
        assert!(places.has_hole(hole));
        let part = Part::new("x", places.origin(hole, 0, 1, Site::NONE));
        assert_eq!(part.hole().map(|hole| hole.why), Some(Reason::Runtime));
    }
}
