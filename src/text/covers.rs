//! What of a text is covered when it is shown, and where all else goes. Knows nothing of why.

use std::ops::Range;

/// What is covered in a text, in its order, and how many bytes are covered before each.
#[derive(Clone, Debug, Default)]
pub struct Covers {
    covers: Vec<(Range<usize>, usize)>,
    /// How long each is when it is shown.
    length: usize,
}

impl Covers {
    /// Ranges in order and apart from each other, each of which becomes so many bytes.
    pub fn new(ranges: Vec<Range<usize>>, length: usize) -> Covers {
        let mut gone = 0;
        let count = |range: Range<usize>| {
            gone += range.len();
            (range.clone(), gone - range.len())
        };
        Covers { covers: ranges.into_iter().map(count).collect(), length }
    }

    pub fn ranges(&self) -> impl Iterator<Item = &Range<usize>> {
        self.covers.iter().map(|(range, _)| range)
    }

    /// The first that ends behind an offset.
    pub fn behind(&self, offset: usize) -> Option<&Range<usize>> {
        let before = self.covers.partition_point(|(cover, _)| cover.end <= offset);
        self.covers.get(before).map(|(cover, _)| cover)
    }

    /// Where what begins at an offset begins in the covered text: with the cover that it is in.
    pub fn start(&self, offset: usize) -> usize {
        let before = self.covers.partition_point(|(cover, _)| cover.end <= offset);
        self.moved(before, self.covers.get(before).map_or(offset, |(cover, _)| cover.start.min(offset)))
    }

    /// Where what ends at an offset ends in the covered text: with the cover that it is in.
    pub fn end(&self, offset: usize) -> usize {
        let before = self.covers.partition_point(|(cover, _)| cover.end < offset);
        match self.covers.get(before) {
            Some((cover, _)) if cover.start < offset => self.moved(before, cover.start) + self.length,
            _ => self.moved(before, offset),
        }
    }

    /// Where an offset is that has so many covers before it.
    fn moved(&self, before: usize, offset: usize) -> usize {
        let gone = match before.checked_sub(1).and_then(|last| self.covers.get(last)) {
            Some((cover, gone)) => gone + cover.len(),
            None => 0,
        };
        offset + before * self.length - gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_move_with_the_text() {
        let covers = Covers::new(vec![2..10, 12..20], 4);
        let shown = "a:****b:****c";
        assert_eq!("a:secret-1b:secret-2c".len(), 21);
        for (start, end, expected) in
            [(0, 2, "a:"), (2, 10, "****"), (3, 5, "****"), (10, 12, "b:"), (20, 21, "c"), (0, 21, shown)]
        {
            assert_eq!(&shown[covers.start(start)..covers.end(end)], expected, "{start}..{end}");
        }
        assert_eq!(covers.behind(10), Some(&(12..20)));
    }
}
