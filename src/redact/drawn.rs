//! A piece of a text as it may be shown, and where its letters went.

use super::clean::draw;
use crate::text::Source;
use std::ops::Range;

/// A piece of a text as it may be shown.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    pub(crate) text: String,
    /// Offset in the source and in `text`, for the start of each character, and for the end.
    stops: Vec<(usize, usize)>,
}

impl Drawn {
    /// The bytes `range` of a source, which are of one line.
    pub(crate) fn of(source: &Source, range: Range<usize>) -> Drawn {
        let text = source.text();
        let mut drawn = Drawn::default();
        for (at, c) in text.get(range.clone()).unwrap_or_default().char_indices() {
            drawn.stops.push((range.start + at, drawn.text.len()));
            draw(&mut drawn.text, c);
        }
        drawn.stops.push((range.end, drawn.text.len()));
        drawn
    }

    /// Where the byte at `offset` of the source is in the shown text; the nearest end if it was cut away.
    pub(crate) fn at(&self, offset: usize) -> usize {
        let after = self.stops.partition_point(|&(source, _)| source <= offset);
        self.stops.get(after.saturating_sub(1)).map_or(0, |&(_, shown)| shown)
    }
}
