//! The index of a pack, version 2: which object begins where. What it says of a place is a claim, and may lead anywhere.

use super::ObjectName;

const MAGIC: &[u8] = b"\xfftOc\0\0\0\x02";
const FANOUT: usize = 8;
const NAMES: usize = FANOUT + 256 * 4;

/// Where each object of a pack begins.
pub(super) struct Index {
    bytes: Vec<u8>,
    count: usize,
    /// The length of a name.
    hash: usize,
    /// How many names begin with less than each two bytes: what the index itself says of the first byte, made finer.
    below: Vec<u32>,
}

impl Index {
    /// Takes an index whose parts fit into it and whose names are sorted.
    pub(super) fn new(bytes: Vec<u8>, hash: usize) -> Option<Index> {
        if !bytes.starts_with(MAGIC) {
            return None;
        }
        let count = word(&bytes, FANOUT + 255 * 4)? as usize;
        let rest = bytes.len().checked_sub(NAMES + 2 * hash)?;
        // Behind the names a checksum, a place and perhaps a long place for each.
        if rest / (hash + 8) < count || !(rest - count * (hash + 8)).is_multiple_of(8) {
            return None;
        }
        let below = below(bytes.get(NAMES..NAMES + count * hash)?, hash)?;
        Some(Index { bytes, count, hash, below })
    }

    /// Where an object begins.
    pub(super) fn find(&self, name: &ObjectName) -> Option<u64> {
        let name = name.as_bytes();
        if name.len() != self.hash {
            return None;
        }
        let start = usize::from(name[0]) << 8 | usize::from(name[1]);
        let (mut low, mut high) = (self.below[start] as usize, self.below[start + 1] as usize);
        while low < high {
            let middle = low + (high - low) / 2;
            let at = NAMES + middle * self.hash;
            match self.bytes.get(at..at + self.hash)?.cmp(name) {
                std::cmp::Ordering::Equal => return self.place(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    fn place(&self, at: usize) -> Option<u64> {
        const LONG: u32 = 1 << 31;
        let short = NAMES + self.count * (self.hash + 4);
        let place = word(&self.bytes, short + at * 4)?;
        if place & LONG == 0 {
            return Some(u64::from(place));
        }
        let long = short + self.count * 4 + (place & !LONG) as usize * 8;
        // The two hashes at the end are no places.
        let bytes = self.bytes.get(..self.bytes.len() - 2 * self.hash)?.get(long..long + 8)?;
        Some(u64::from_be_bytes(bytes.try_into().ok()?))
    }
}

/// Counts sorted names; nothing if they are not.
fn below(names: &[u8], hash: usize) -> Option<Vec<u32>> {
    let mut below = Vec::with_capacity(1 << 16 | 1);
    for (number, name) in names.chunks_exact(hash).enumerate() {
        let start = usize::from(name[0]) << 8 | usize::from(name[1]);
        // Up to this start none is smaller than what was counted before it.
        below.extend(std::iter::repeat_n(number as u32, (start + 1).saturating_sub(below.len())));
        if start + 1 < below.len() {
            return None;
        }
    }
    below.resize(1 << 16 | 1, (names.len() / hash) as u32);
    Some(below)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
