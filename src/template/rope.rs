//! Texts that know where each of their bytes was written. A text is flat, and its pieces are small numbers beside it;
//! neighbours that were written side by side are one piece.

use super::numbers::Numbers;
use super::place::{Place, Places, Site};
use super::stop::{Stop, fits};
use crate::text::{Origin, Part, Pieces, Span, Str, Weave};
use std::borrow::Borrow;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

/// Some bytes of a text, up to `end`: they were written at `offset` of a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Piece {
    end: u32,
    place: Place,
    offset: u32,
    site: Site,
}

impl Piece {
    /// Where the byte `by` behind the start of this piece was written.
    fn offset_at(self, by: usize) -> u32 {
        if self.place.is_whole() { 0 } else { self.offset + by as u32 }
    }
}

#[derive(Clone, Debug)]
enum Kept {
    One(Piece),
    Many(Rc<Vec<Piece>>),
}

/// Places that are told as they are, with the action that wrote them.
type Known = HashMap<(Place, Site), Origin, Numbers>;

/// Tells pieces to those who do not know places: what is the same for many is made once.
struct Teller<'p> {
    places: &'p Places,
    known: Known,
}

impl Teller<'_> {
    fn new(places: &Places) -> Teller<'_> {
        Teller { places, known: HashMap::default() }
    }

    /// The pieces of a text of `len` bytes, all of which is told at `whole`.
    fn told(&mut self, pieces: &[Piece], len: usize, whole: Span) -> Origin {
        match pieces {
            _ if len == 0 => Origin::verbatim(Span { end: whole.start, ..whole }),
            [only] => self.origin(*only, len),
            _ => {
                let (mut weave, mut start) = (Weave::with_capacity(pieces.len()), 0);
                for piece in pieces {
                    let len = piece.end as usize - start;
                    weave.push(len, self.origin(*piece, len));
                    start = piece.end as usize;
                }
                Origin::woven(whole, weave)
            }
        }
    }

    fn origin(&mut self, piece: Piece, len: usize) -> Origin {
        tell(self.places, &mut self.known, piece, 0..len)
    }
}

/// The origin of some bytes of a piece.
fn tell(places: &Places, known: &mut Known, piece: Piece, within: Range<usize>) -> Origin {
    let offset = piece.offset_at(within.start) as usize;
    let origin = || places.origin(piece.place, offset, within.len(), piece.site);
    match piece.place.is_whole() && piece.place != Place::NOWHERE {
        true => known.entry((piece.place, piece.site)).or_insert_with(origin).clone(),
        false => origin(),
    }
}

/// The pieces of what a template wrote: most of them nobody asks for.
#[derive(Debug)]
pub struct Told {
    pieces: Vec<Piece>,
    places: Rc<Places>,
    known: RefCell<Known>,
}

impl Told {
    /// The origin of all `len` bytes, told at `whole`.
    pub fn origin(&self, len: usize, whole: Span) -> Origin {
        Teller::new(&self.places).told(&self.pieces, len, whole)
    }
}

impl Told {
    /// Where bytes of several pieces are, if those stand in one place and of none more is known: so it is with most
    /// lists and maps.
    fn span_of_many(&self, range: &Range<usize>) -> Option<Span> {
        let (first, last) = (self.piece_at(range.start), self.piece_at(range.end.max(1) - 1));
        let (begins, ends) = (self.pieces.get(first)?, self.pieces.get(last)?);
        let starts = |at: usize| at.checked_sub(1).map_or(0, |before| self.pieces[before].end as usize);
        if last <= first || begins.site != ends.site {
            return None;
        }
        let span = |piece: &Piece, from: usize, to: usize, start: usize| {
            self.places.plain_span(piece.place, piece.offset_at(from - start) as usize, to - from)
        };
        let a = span(begins, range.start, begins.end as usize, starts(first))?;
        let b = span(ends, starts(last), range.end.min(ends.end as usize), starts(last))?;
        (a.source == b.source && a.start <= b.end).then(|| Span { end: b.end.max(a.end), ..a })
    }
}

impl Pieces for Told {
    fn count(&self) -> usize {
        self.pieces.len()
    }

    fn end(&self, piece: usize) -> usize {
        self.pieces[piece].end as usize
    }

    fn piece_at(&self, at: usize) -> usize {
        self.pieces.partition_point(|piece| piece.end as usize <= at)
    }

    fn cut(&self, piece: usize, within: Range<usize>) -> Origin {
        tell(&self.places, &mut self.known.borrow_mut(), self.pieces[piece], within)
    }

    fn spelled_within(&self, range: Range<usize>, whole: Span) -> Origin {
        match self.span_of_many(&range) {
            Some(span) => Origin::spelled(span),
            None => Pieces::spelled_across(self, range, whole),
        }
    }

    fn spelled_cut(&self, piece: usize, within: Range<usize>) -> Origin {
        let kept = self.pieces[piece];
        match kept.place.is_whole() {
            // What is told as it is is no slice anyway.
            true => self.cut(piece, within),
            false => {
                let len = within.len();
                self.cut(piece, within).spelled_within(0..len, len)
            }
        }
    }
}

/// A text with the places of its bytes. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Text {
    text: Str,
    pieces: Kept,
}

impl Text {
    /// A text that was written in one place; `whole` places are told as they are.
    pub fn new(text: impl Into<Str>, place: Place) -> Text {
        let text = text.into();
        let piece = Piece { end: text.len() as u32, place, offset: 0, site: Site::NONE };
        Text { text, pieces: Kept::One(piece) }
    }

    /// The text that a part holds.
    pub fn of(part: &Part, places: &Places) -> Text {
        Text::new(part.text.clone(), places.add(part.clone()))
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn text(&self) -> &Str {
        &self.text
    }

    pub fn len(&self) -> usize {
        self.text.len()
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The room that it takes.
    pub fn weight(&self) -> usize {
        self.len() + std::mem::size_of_val(self.pieces())
    }

    fn pieces(&self) -> &[Piece] {
        match &self.pieces {
            Kept::One(piece) => std::slice::from_ref(piece),
            Kept::Many(pieces) => pieces,
        }
    }

    /// Where it begins: the place of what is made of the whole text.
    pub fn place(&self) -> Place {
        self.pieces().first().map_or(Place::NOWHERE, |piece| piece.place)
    }

    /// The place of a text that is made of this one, and not by taking bytes over: that of what is not known in it, or
    /// the first.
    pub fn main_place(&self, places: &Places) -> Place {
        if let Some(unknown) = self.unknown(places) {
            return unknown.whole();
        }
        let first = self.pieces()[0];
        places.narrowed(first.place, first.offset as usize, first.end as usize)
    }

    /// The place of something in it that is not known.
    pub fn unknown(&self, places: &Places) -> Option<Place> {
        self.pieces().iter().map(|piece| piece.place).find(|place| places.has_hole(*place))
    }

    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Text {
        if range == (0..self.len()) {
            return self.clone();
        }
        let text = Str::from(&self.text[range.clone()]);
        let first = self.first_piece(range.start);
        let pieces = self.pieces();
        let start = if first == 0 { 0 } else { pieces[first - 1].end as usize };
        match pieces.get(first).filter(|piece| piece.end as usize >= range.end) {
            Some(piece) => {
                let offset = piece.offset_at(range.start - start);
                Text { text, pieces: Kept::One(Piece { end: range.len() as u32, offset, ..*piece }) }
            }
            None => {
                let mut rope = Rope::default();
                rope.push_slice(self, range);
                rope.finish()
            }
        }
    }

    /// The piece that holds a byte.
    fn first_piece(&self, at: usize) -> usize {
        let pieces = self.pieces();
        pieces.partition_point(|piece| piece.end as usize <= at).min(pieces.len() - 1)
    }

    /// The place of some bytes that are written in another way.
    pub fn place_of(&self, range: Range<usize>, places: &Places) -> Place {
        self.slice(range).main_place(places)
    }

    /// The text and its places, for those who do not know this room. `whole` is where all of it is told.
    pub fn part(&self, places: &Places, whole: Span) -> Part {
        Part::new(self.text.clone(), Teller::new(places).told(self.pieces(), self.len(), whole))
    }

    /// Where some bytes of it are, in one place.
    pub fn span_of(&self, range: Range<usize>, places: &Places) -> Span {
        match self.pieces() {
            [only] if !only.place.is_whole() => {
                places.span_within(only.place, only.offset as usize + range.start, range.len())
            }
            [only] if !places.is_nowhere(only.place) => places.span(only.place),
            _ => self.slice(range).origin(places).span(),
        }
    }

    /// Where it was written and through which action: for what is found by its place.
    pub fn origin(&self, places: &Places) -> Origin {
        let whole = places.span(self.place());
        self.part(places, whole).origin
    }

    /// The same bytes in base64: as such where they are a value to the last byte, else each piece where it came from.
    pub fn encoded(&self, encoded: String, places: &Places) -> Text {
        match self.pieces() {
            [only] if !only.place.is_whole() => {
                let place = places.encoded(only.place, only.offset as usize, &self.text);
                return Text::new(encoded, place.whole());
            }
            [_, _, ..] if self.unknown(places).is_none() => {}
            // What is not known in it is not known in any of its letters.
            _ => return Text::new(encoded, self.main_place(places).whole()),
        }
        let mut rope = Rope::with_capacity(encoded.len());
        let mut start = 0;
        for piece in self.pieces() {
            let end = piece.end as usize;
            // Three bytes are four letters; those of two pieces are told with the first.
            let (from, to) = (rope.len(), (end.div_ceil(3) * 4).min(encoded.len()));
            let place = places.narrowed(piece.place, piece.offset as usize, end - start);
            rope.push_made(&encoded[from..to], place);
            start = end;
        }
        rope.finish()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.text == other.text
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Text) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Text) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

/// A text that grows from pieces.
#[derive(Debug, Default)]
pub struct Rope {
    text: String,
    pieces: Vec<Piece>,
    /// Where the last piece begins.
    last_start: u32,
}

impl Rope {
    pub fn with_capacity(bytes: usize) -> Rope {
        Rope { text: String::with_capacity(bytes), ..Rope::default() }
    }

    /// A text that is written in the room of another one, which is gone.
    pub fn within(mut room: String, bytes: usize) -> Rope {
        room.clear();
        room.reserve(bytes);
        Rope { text: room, ..Rope::default() }
    }

    pub fn len(&self) -> usize {
        self.text.len()
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it may become a text: its pieces count with its bytes.
    pub fn fits(&self) -> Result<(), Stop> {
        fits(self.text.len() + self.pieces.len() * size_of::<Piece>())
    }

    /// Adds a piece of so many bytes from `start` on.
    #[inline]
    fn add(&mut self, start: usize, len: usize, place: Place, offset: u32, site: Site) {
        if len == 0 {
            return;
        }
        let start = start as u32;
        let end = start + len as u32;
        if let Some(last) = self.pieces.last_mut()
            && last.place == place
            && last.site == site
        {
            let begin = start - self.last_start;
            if place.is_whole() || last.offset + begin == offset {
                last.end = end;
                return;
            }
        }
        self.last_start = start;
        self.pieces.push(Piece { end, place, offset: if place.is_whole() { 0 } else { offset }, site });
    }

    /// Adds what was made, at a place that it came of.
    pub fn push_made(&mut self, text: &str, place: Place) {
        self.add(self.text.len(), text.len(), place.whole(), 0, Site::NONE);
        self.text.push_str(text);
    }

    pub fn push(&mut self, text: &Text) {
        self.push_slice(text, 0..text.len());
    }

    pub fn push_slice(&mut self, text: &Text, range: Range<usize>) {
        self.push_through(text, range, Site::NONE);
    }

    /// Adds a text with blanks before each of its lines. They are told at `at`, but before what is no slice itself, as the
    /// blanks of an indentation within, they are told with that: texts that are indented often have no more pieces.
    pub fn push_indented(&mut self, text: &Text, blanks: &str, at: Place) {
        let (source, pieces) = (text.text.as_str(), text.pieces());
        self.text.reserve(source.len() + blanks.len());
        self.pieces.reserve(pieces.len());
        let (mut piece, mut start, mut from) = (0, 0, 0);
        let ends = memchr::memchr_iter(b'\n', source.as_bytes()).map(|end| end + 1);
        for end in ends.chain(std::iter::once(source.len())).filter(|end| *end > 0) {
            let Some(first) = pieces.get(piece).filter(|_| from < end) else { break };
            let (place, site) =
                if first.place.is_whole() { (first.place, first.site) } else { (at, Site::NONE) };
            self.add(self.text.len(), blanks.len(), place.whole(), 0, site);
            self.text.push_str(blanks);
            let before = self.text.len();
            self.text.push_str(&source[from..end]);
            let line = from;
            while from < end {
                let own = pieces[piece];
                let to = end.min(own.end as usize);
                self.add(before + from - line, to - from, own.place, own.offset_at(from - start), own.site);
                from = to;
                if to == own.end as usize {
                    (piece, start) = (piece + 1, to);
                }
            }
        }
        if source.is_empty() || source.ends_with('\n') {
            self.push_made(blanks, at);
        }
    }

    /// Adds what an action writes: pieces that came through none yet came through this one.
    pub fn write(&mut self, text: &Text, site: Site) {
        self.push_through(text, 0..text.len(), site);
    }

    fn push_through(&mut self, text: &Text, range: Range<usize>, site: Site) {
        if range.is_empty() {
            return;
        }
        let pieces = text.pieces();
        let first = text.first_piece(range.start);
        let start = if first == 0 { 0 } else { pieces[first - 1].end as usize };
        let told = |piece: &Piece| if piece.site == Site::NONE { site } else { piece.site };
        let before = self.text.len();
        let piece = pieces[first];
        let len = range.end.min(piece.end as usize) - range.start;
        self.add(before, len, piece.place, piece.offset_at(range.start - start), told(&piece));
        if range.start + len < range.end {
            self.push_pieces(&pieces[first..], range.clone(), before, told);
        }
        self.text.push_str(&text.text[range]);
    }

    /// The text, which may be long, and its pieces, which are told when somebody asks for them.
    pub fn told(self, places: Rc<Places>) -> (String, Told) {
        (self.text, Told { pieces: self.pieces, places, known: RefCell::default() })
    }

    /// Adds the pieces behind the first one, which stand apart already.
    fn push_pieces(
        &mut self,
        pieces: &[Piece],
        range: Range<usize>,
        before: usize,
        told: impl Fn(&Piece) -> Site,
    ) {
        let moved = |end: u32| (end as usize - range.start + before) as u32;
        let last = pieces.partition_point(|piece| (piece.end as usize) < range.end);
        self.pieces.extend(pieces[1..last].iter().map(|piece| Piece {
            end: moved(piece.end),
            site: told(piece),
            ..*piece
        }));
        self.last_start = moved(pieces[last - 1].end);
        let end = moved(range.end as u32);
        self.pieces.push(Piece { end, site: told(&pieces[last]), ..pieces[last] });
    }

    pub fn finish(self) -> Text {
        let pieces = match self.pieces.as_slice() {
            [] => Kept::One(Piece { end: 0, place: Place::NOWHERE, offset: 0, site: Site::NONE }),
            [only] => Kept::One(*only),
            _ => Kept::Many(Rc::new(self.pieces)),
        };
        Text { text: self.text.into(), pieces }
    }
}

/// A text with another one put between its pieces wherever `found` tells.
pub fn replaced(text: &Text, found: impl Iterator<Item = Range<usize>>, by: &Text) -> Text {
    let mut rope = Rope::default();
    let mut from = 0;
    for range in found {
        rope.push_slice(text, from..range.start);
        rope.push(by);
        from = range.end;
    }
    if from == 0 {
        return text.clone();
    }
    rope.push_slice(text, from..text.len());
    rope.finish()
}
