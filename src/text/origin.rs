//! Where a value was written, and the road from there to where it was read.
//!
//! Three promises. The span is always in a real file. A span that spells the value byte for byte says so
//! ([`Origin::editable`]); one that does not (an escape, a folded text, a value put together from two places)
//! never pretends to. And a slice of a value knows its own place, even when the value was woven from pieces.
//!
//! A piece may be a hole, which is a form that nobody filled, or literal, which is what only looks like one.

use super::{Hole, Span, Str};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// One kind of step on the road from where a value was written to where it was read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum How {
    Alias,
    Merge,
    Include,
    Template,
    Default,
    Substitution,
    Override,
    Patch,
    Base,
    /// The value was chosen over the one that is written here.
    Over,
    /// What is written here, byte for byte, is base64 in the value.
    Encoded,
}

impl How {
    /// How this step reads in a related location, after the name of the place.
    pub fn says(self) -> &'static str {
        match self {
            How::Alias => "through this alias",
            How::Merge => "merged in here",
            How::Include => "included here",
            How::Template => "written by this template",
            How::Default => "as the default here",
            How::Substitution => "substituted here",
            How::Override => "overridden here",
            How::Patch => "patched here",
            How::Base => "from this base",
            How::Over => "instead of the value here",
            How::Encoded => "encoded from here",
        }
    }
}

/// Where a value was written. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    span: Span,
    /// The bytes under `span` are the value, unchanged.
    verbatim: bool,
    rich: Option<Arc<Rich>>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Rich {
    road: Vec<(How, Span)>,
    weave: Option<Weave>,
    mark: Option<Box<Mark>>,
    inner: Option<Str>,
}

/// A step on the roads of many values: those that have no other share it.
#[derive(Debug)]
pub struct Step {
    how: How,
    at: Span,
    alone: Arc<Rich>,
}

impl Step {
    pub fn new(how: How, at: Span) -> Step {
        Step { how, at, alone: Arc::new(Rich { road: vec![(how, at)], ..Rich::default() }) }
    }
}

/// What is known of a piece besides its place.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Mark {
    Hole(Hole),
    /// An escape wrote it: no form begins here, whatever it looks like.
    Literal,
}

/// A text put together from pieces: each ends where the next begins and knows its own origin.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Weave {
    /// The end of each piece in the woven text, and where the piece was written.
    pieces: Vec<(u32, Origin)>,
    /// Some piece is marked, at whatever depth.
    is_marked: bool,
    /// How many steps the longest way has to one of its bytes.
    steps: usize,
}

/// A piece of text with its own place: the tag of an image, the name of a class.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    pub text: Str,
    pub origin: Origin,
}

impl Part {
    pub fn new(text: impl Into<Str>, origin: Origin) -> Part {
        Part { text: text.into(), origin }
    }

    /// The part of this part: text and place are cut alike. `range` is in bytes of the text.
    pub fn slice(&self, range: Range<usize>) -> Part {
        Part { text: self.text[range.clone()].into(), origin: self.origin.slice(range, self.text.len()) }
    }

    pub fn span(&self) -> Span {
        self.origin.span()
    }

    /// The holes of the text, in its order.
    pub fn holes(&self) -> Vec<(Range<usize>, &Hole)> {
        let mut out = Vec::new();
        self.origin.marks(0..self.text.len(), &mut |range, mark| {
            if let Mark::Hole(hole) = mark {
                out.push((range, hole));
            }
        });
        out
    }

    /// Whether the text is the value to the last byte: it has no hole.
    pub fn is_known(&self) -> bool {
        self.hole().is_none()
    }

    /// The first hole of the text.
    pub fn hole(&self) -> Option<&Hole> {
        self.origin.first_hole()
    }

    /// The ranges that were read already: holes, and what only looks like a form.
    pub fn settled(&self) -> Vec<Range<usize>> {
        let mut out = Vec::new();
        self.origin.marks(0..self.text.len(), &mut |range, _| out.push(range));
        out
    }

    /// The same text with holes in it, given in the order of the text and apart from each other.
    #[must_use]
    pub fn with_holes(&self, holes: &[(Range<usize>, Hole)]) -> Part {
        if holes.is_empty() {
            return self.clone();
        }
        let len = self.text.len();
        // The steps of the road belong to the whole, and to a piece only when it is cut out of the whole.
        let bare = Origin { rich: self.origin.rich.clone().map(Rich::without_road), ..self.origin.clone() };
        let mut weave = Weave::with_capacity(2 * holes.len() + 1);
        let mut from = 0;
        for (range, hole) in holes {
            weave.push(range.start - from, bare.slice(from..range.start, len));
            weave.push(range.len(), bare.slice(range.clone(), len).as_hole(hole.clone()));
            from = range.end;
        }
        weave.push(len - from, bare.slice(from..len, len));
        let inner = self.origin.rich.as_ref().and_then(|rich| rich.inner.clone());
        let rich = Rich { road: self.origin.road().collect(), weave: Some(weave), mark: None, inner };
        let origin = Origin { rich: Some(Arc::new(rich)), ..self.origin.clone() };
        Part { text: self.text.clone(), origin }
    }
}

impl Rich {
    fn without_road(rich: Arc<Rich>) -> Arc<Rich> {
        if rich.road.is_empty() { rich } else { Arc::new(Rich { road: Vec::new(), ..Rich::clone(&rich) }) }
    }
}

impl Origin {
    /// A value that stands byte for byte in `span`.
    pub fn verbatim(span: Span) -> Origin {
        Origin { span, verbatim: true, rich: None }
    }

    /// A value that `span` spells otherwise than byte for byte, or that is no text at all (a map, a list).
    pub fn spelled(span: Span) -> Origin {
        Origin { span, verbatim: false, rich: None }
    }

    /// A value put together from pieces; `span` is where the whole stands, for those who ask for one place.
    pub fn woven(span: Span, weave: Weave) -> Origin {
        let verbatim = weave.is_one_run(span);
        let rich = Some(Arc::new(Rich { weave: Some(weave), ..Rich::default() }));
        Origin { span, verbatim, rich }
    }

    /// The same place, of what was written in a file that is no file of the run: `values.yaml of the chart web 1.2.3`.
    #[must_use]
    pub fn inside(mut self, file: Str) -> Origin {
        let mut rich = self.rich.take().map_or_else(Rich::default, |rich| Rich::clone(&rich));
        rich.inner = Some(file);
        self.rich = Some(Arc::new(rich));
        self
    }

    /// The file that it was written in, if that is no file of the run. Of a woven value the first that there is.
    pub fn inner(&self) -> Option<&Str> {
        let rich = self.rich.as_deref()?;
        let pieces = || rich.weave.iter().flat_map(|weave| &weave.pieces);
        rich.inner.as_ref().or_else(|| pieces().find_map(|(_, piece)| piece.inner()))
    }

    /// The place of what came of this in another way than byte for byte.
    #[must_use]
    pub fn respelled(&self) -> Origin {
        let spelled = Origin::spelled(self.span);
        match self.inner() {
            Some(inner) => spelled.inside(inner.clone()),
            None => spelled,
        }
    }

    /// The same place, of a piece whose value is not known.
    #[must_use]
    pub fn as_hole(self, hole: Hole) -> Origin {
        self.marked(Mark::Hole(hole))
    }

    /// The same place, of a piece in which no form is to be looked for.
    #[must_use]
    pub fn as_literal(self) -> Origin {
        self.marked(Mark::Literal)
    }

    fn marked(mut self, mark: Mark) -> Origin {
        let mut rich = self.rich.take().map_or_else(Rich::default, |rich| Rich::clone(&rich));
        rich.mark = Some(Box::new(mark));
        self.rich = Some(Arc::new(rich));
        self
    }

    /// The same place without a word of what is a hole: for whoever reads the forms anew.
    pub fn unmarked(&self) -> Cow<'_, Origin> {
        if !self.is_marked() {
            return Cow::Borrowed(self);
        }
        let rich = self.rich.as_deref().map(|rich| {
            let pieces = |weave: &Weave| Weave {
                pieces: weave
                    .pieces
                    .iter()
                    .map(|(end, piece)| (*end, piece.unmarked().into_owned()))
                    .collect(),
                is_marked: false,
                steps: weave.steps,
            };
            let weave = rich.weave.as_ref().map(pieces);
            Arc::new(Rich { road: rich.road.clone(), weave, mark: None, inner: rich.inner.clone() })
        });
        Cow::Owned(Origin { rich, ..self.clone() })
    }

    /// How many steps there are to the place of a byte, roads and weaves within weaves: whoever goes on from here
    /// takes as long, and as much room.
    pub fn steps(&self) -> usize {
        let weave = |rich: &Rich| rich.weave.as_ref().map_or(0, |weave| weave.steps);
        self.rich.as_deref().map_or(0, |rich| rich.road.len() + weave(rich))
    }

    fn is_marked(&self) -> bool {
        self.rich.as_deref().is_some_and(|rich| {
            rich.mark.is_some() || rich.weave.as_ref().is_some_and(|weave| weave.is_marked)
        })
    }

    fn first_hole(&self) -> Option<&Hole> {
        let rich = self.rich.as_deref()?;
        match (rich.mark.as_deref(), &rich.weave) {
            (Some(Mark::Hole(hole)), _) => Some(hole),
            (None, Some(weave)) if weave.is_marked => {
                weave.pieces.iter().find_map(|(_, piece)| piece.first_hole())
            }
            _ => None,
        }
    }

    /// Calls `visit` with every mark and the range that it holds for; `range` is that of this origin.
    fn marks<'a>(&'a self, range: Range<usize>, visit: &mut dyn FnMut(Range<usize>, &'a Mark)) {
        let Some(rich) = self.rich.as_deref() else { return };
        match (&rich.mark, &rich.weave) {
            (Some(mark), _) => visit(range, mark),
            (None, Some(weave)) if weave.is_marked => {
                let mut from = range.start;
                for (end, piece) in &weave.pieces {
                    let end = range.start + *end as usize;
                    piece.marks(from..end, visit);
                    from = end;
                }
            }
            _ => {}
        }
    }

    /// Where the caret goes, always.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Where to point at in a version. Of one that was put together from pieces which stand apart, the longest piece with a
    /// digit is what somebody decided, and not the letter that a template puts before it. That is no place to edit the whole.
    #[must_use]
    pub fn pointed(&self, version: &str) -> Origin {
        let weave = self.rich.as_deref().and_then(|rich| rich.weave.as_ref());
        let Some([(_, first), .., (_, last)]) = weave.map(|weave| &weave.pieces[..]) else {
            return self.clone();
        };
        let pieces = weave.into_iter().flat_map(|weave| &weave.pieces).scan(0, |start, (end, piece)| {
            let range = std::mem::replace(start, *end as usize)..*end as usize;
            let text = version.get(range).unwrap_or_default();
            let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
            Some((if has_digit { text.len() } else { 0 }, piece))
        });
        // Of equal ones the first.
        let longest = pieces.reduce(|best, next| if next.0 > best.0 { next } else { best });
        match longest {
            Some((_, piece)) if run_together(first, last).is_err() && !std::ptr::eq(piece, first) => {
                piece.road().fold(Origin::spelled(piece.span()), |origin, (how, at)| origin.via(how, at))
            }
            _ => self.clone(),
        }
    }

    /// The span, if the whole value stands there byte for byte and an edit of it is an edit of the value.
    pub fn editable(&self) -> Option<Span> {
        self.verbatim.then_some(self.span)
    }

    /// The origin of the value in base64: an edit of its place is an edit of what is encoded.
    pub fn encoded(&self) -> Origin {
        let spelled = Origin::spelled(self.span);
        if self.verbatim { spelled.via(How::Encoded, self.span) } else { spelled }
    }

    /// The span that holds, byte for byte, what is base64 in the value.
    pub fn encoded_from(&self) -> Option<Span> {
        self.road().find(|(how, at)| *how == How::Encoded && *at == self.span).map(|(_, at)| at)
    }

    /// The origin of the bytes `range` of a value of `len` bytes.
    ///
    /// A verbatim value is cut exactly; a woven one is looked up in its pieces; of one that is merely spelled,
    /// the whole is all that can be told.
    pub fn slice(&self, range: Range<usize>, len: usize) -> Origin {
        if range == (0..len) {
            return self.clone();
        }
        match self.rich.as_deref() {
            Some(Rich { road, weave: Some(weave), mark, .. }) => {
                let mut cut = weave.slice(range, self.span);
                for &(how, at) in road {
                    cut = cut.via(how, at);
                }
                match mark {
                    Some(mark) => cut.marked(Mark::clone(mark)),
                    None => cut,
                }
            }
            _ if self.verbatim => Origin { span: self.span.slice(range), ..self.clone() },
            _ => self.clone(),
        }
    }

    /// Where the bytes `range` of a value of `len` bytes are, by the same road, as what is spelled there and no slice of
    /// it: for what has no text of its own, as maps have none.
    pub fn spelled_within(&self, range: Range<usize>, len: usize) -> Origin {
        let spelled = |span: Span| match &self.rich {
            Some(rich) if rich.weave.is_none() && rich.mark.is_none() => {
                Origin { span, verbatim: false, rich: self.rich.clone() }
            }
            Some(_) => self.road().fold(Origin::spelled(span), |origin, (how, at)| origin.via(how, at)),
            None => Origin::spelled(span),
        };
        match self.rich.as_deref() {
            _ if range == (0..len) => spelled(self.span),
            Some(Rich { road, weave: Some(weave), .. }) => {
                let cut = weave.spelled_within(range, self.span);
                road.iter().fold(cut, |origin, &(how, at)| origin.via(how, at))
            }
            _ if self.verbatim => spelled(self.span.slice(range)),
            _ => spelled(self.span),
        }
    }

    /// Where the bytes `range` of a value of `len` bytes are.
    pub fn span_within(&self, range: Range<usize>, len: usize) -> Span {
        self.spelled_within(range, len).span
    }

    /// Where the bytes `range` are, if nothing more is known of the value than its place.
    pub fn plain_span(&self, range: Range<usize>) -> Option<Span> {
        let span = if self.verbatim { self.span.slice(range) } else { self.span };
        self.rich.is_none().then_some(span)
    }

    /// The same origin with one more step: the value came here through `at`.
    pub fn via(mut self, how: How, at: Span) -> Origin {
        let mut rich = self.rich.take().map_or_else(Rich::default, |rich| Rich::clone(&rich));
        // There are many roads, and nearly all have one step.
        rich.road.reserve_exact(1);
        rich.road.push((how, at));
        self.rich = Some(Arc::new(rich));
        self
    }

    /// The same origin with a step that many others take, too.
    pub fn along(self, step: &Step) -> Origin {
        match self.rich {
            None => Origin { rich: Some(step.alone.clone()), ..self },
            Some(_) => self.via(step.how, step.at),
        }
    }

    /// The steps from the place the value was written to the place it was read, in that order.
    pub fn road(&self) -> impl Iterator<Item = (How, Span)> + '_ {
        self.rich.as_deref().into_iter().flat_map(|rich| rich.road.iter().copied())
    }

    /// The pieces that a value of `len` bytes was put together from, each with its end; itself if it was not.
    pub fn pieces(&self, len: usize) -> Vec<(usize, Origin)> {
        let Some(weave) = self.rich.as_deref().and_then(|rich| rich.weave.as_ref()) else {
            return vec![(len, self.clone())];
        };
        let mut start = 0;
        let mut out = Vec::with_capacity(weave.pieces.len());
        for (end, origin) in &weave.pieces {
            let end = *end as usize;
            out.extend(origin.pieces(end - start).into_iter().map(|(inner, origin)| (start + inner, origin)));
            start = end;
        }
        out
    }

    /// Whether slices of this origin find their own exact place.
    pub fn is_exact(&self) -> bool {
        let weave = self.rich.as_deref().and_then(|rich| rich.weave.as_ref());
        self.verbatim || weave.is_some_and(|weave| weave.pieces.iter().any(|(_, piece)| piece.is_exact()))
    }
}

impl Weave {
    /// A weave with room for so many pieces.
    pub fn with_capacity(pieces: usize) -> Weave {
        Weave { pieces: Vec::with_capacity(pieces), ..Weave::default() }
    }

    /// Adds `len` bytes that come from `origin`.
    pub fn push(&mut self, len: usize, origin: Origin) {
        if len > 0 {
            let end = self.len() + len;
            self.is_marked |= origin.is_marked();
            self.steps = self.steps.max(origin.steps() + 1);
            self.pieces.push((end as u32, origin));
        }
    }

    /// Whether the pieces stand one behind the other, byte for byte, and fill `span`: only their marks tell them
    /// apart.
    fn is_one_run(&self, span: Span) -> bool {
        let mut at = span.start;
        let mut follows = |piece: &Origin| {
            let place = piece.span;
            let is_next = piece.verbatim && place.source == span.source && place.start == at;
            at = place.end;
            is_next && piece.road().next().is_none()
        };
        self.pieces.iter().all(|(_, piece)| follows(piece)) && at == span.end
    }

    /// The length of the woven text.
    pub fn len(&self) -> usize {
        self.pieces.last().map_or(0, |&(end, _)| end as usize)
    }

    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

impl Pieces for Weave {
    fn count(&self) -> usize {
        self.pieces.len()
    }

    fn end(&self, piece: usize) -> usize {
        self.pieces[piece].0 as usize
    }

    fn piece_at(&self, at: usize) -> usize {
        self.pieces.partition_point(|&(end, _)| end as usize <= at)
    }

    fn cut(&self, piece: usize, within: Range<usize>) -> Origin {
        self.pieces[piece].1.slice(within, self.range_of(piece).len())
    }

    fn spelled_cut(&self, piece: usize, within: Range<usize>) -> Origin {
        self.pieces[piece].1.spelled_within(within, self.range_of(piece).len())
    }
}

/// The pieces of a text. They may be told as origins already, or when somebody asks.
pub trait Pieces {
    fn count(&self) -> usize;

    /// Where a piece ends in the text.
    fn end(&self, piece: usize) -> usize;

    /// The piece that holds the byte `at`; the number behind the last if there is none.
    fn piece_at(&self, at: usize) -> usize;

    /// The origin of some bytes of a piece.
    fn cut(&self, piece: usize, within: Range<usize>) -> Origin;

    /// What is spelled in some bytes of a piece.
    fn spelled_cut(&self, piece: usize, within: Range<usize>) -> Origin;

    /// The bytes of a piece.
    fn range_of(&self, piece: usize) -> Range<usize> {
        piece.checked_sub(1).map_or(0, |before| self.end(before))..self.end(piece)
    }

    /// The origin of `range` of the text: exact within one piece, a smaller weave across several.
    /// `whole` is the place of the whole, told for a range that no piece covers.
    fn slice(&self, range: Range<usize>, whole: Span) -> Origin {
        let first = self.piece_at(range.start);
        if first == self.count() {
            return self.behind(whole);
        }
        let Range { start, end } = self.range_of(first);
        // An empty range stands at the start of the piece that holds it.
        if range.end <= end || first + 1 == self.count() {
            return self.cut(first, range.start - start..range.end.min(end) - start);
        }
        let (mut cut, mut ends) = (Weave::default(), None);
        for piece in first..self.count() {
            let own = self.range_of(piece);
            let (from, to) = (range.start.max(own.start), range.end.min(own.end));
            if from >= to {
                break;
            }
            let origin = self.cut(piece, from - own.start..to - own.start);
            ends = Some((ends.map_or_else(|| origin.clone(), |(first, _)| first), origin.clone()));
            cut.push(to - from, origin);
        }
        let Some((first, last)) = ends.filter(|_| cut.count() > 1) else { return self.behind(whole) };
        match run_together(&first, &last) {
            Ok(span) => Origin::woven(span, cut),
            Err(span) => {
                let road: Vec<(How, Span)> = first.road().collect();
                road.into_iter().fold(Origin::woven(span, cut), |origin, (how, at)| origin.via(how, at))
            }
        }
    }

    /// What is spelled in `range`, at the place and by the road that [`Pieces::slice`] tells.
    fn spelled_within(&self, range: Range<usize>, whole: Span) -> Origin {
        self.spelled_across(range, whole)
    }

    /// The same, asked of the pieces.
    fn spelled_across(&self, range: Range<usize>, whole: Span) -> Origin {
        let cut = |piece: usize| {
            let own = self.range_of(piece);
            let within = range.start.max(own.start) - own.start..range.end.min(own.end) - own.start;
            self.spelled_cut(piece, within)
        };
        let first = self.piece_at(range.start);
        if first == self.count() {
            return self.behind(whole);
        }
        let last = self.piece_at(range.end.max(1) - 1).min(self.count() - 1);
        if last <= first {
            return cut(first);
        }
        let (first, last) = (cut(first), cut(last));
        match run_together(&first, &last) {
            Ok(span) => Origin::spelled(span),
            Err(_) => first,
        }
    }

    /// The place behind all pieces.
    fn behind(&self, whole: Span) -> Origin {
        match self.count().checked_sub(1) {
            Some(last) => {
                let at = self.spelled_cut(last, 0..self.range_of(last).len()).span();
                Origin::spelled(Span { start: at.end, ..at })
            }
            None => Origin::spelled(whole),
        }
    }
}

/// The place of pieces of which these are the first and the last; as an error, if they do not stand together: pieces
/// that came by different roads stand in different places, and what lies between is not the value.
fn run_together(first: &Origin, last: &Origin) -> Result<Span, Span> {
    let (a, b) = (first.span(), last.span());
    let stand_together = a.source == b.source && a.start <= b.end && last.road().eq(first.road());
    if stand_together { Ok(Span { end: b.end.max(a.end), ..a }) } else { Err(a) }
}

#[cfg(test)]
mod tests;
