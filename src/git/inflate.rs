//! Unpacks zlib streams whose length is known beforehand: never more is made than was said.

use zlib_rs::{Inflate, InflateFlush, Status};

/// Unpacks one stream after the other.
pub(super) struct Inflater {
    zlib: Inflate,
    made: Vec<u8>,
}

/// How many bytes more than it needs zlib likes to have, on both sides: with less it goes byte by byte, and most objects
/// are so small that it would never do anything else.
pub(super) const SLACK: usize = 320;

impl Inflater {
    pub(super) fn new() -> Inflater {
        Inflater { zlib: Inflate::new(true, 15), made: Vec::new() }
    }

    /// The content of a stream that holds exactly `size` bytes. What is packed may be followed by something else.
    pub(super) fn whole(&mut self, packed: &[u8], size: usize) -> Option<&[u8]> {
        if self.made.len() < size + SLACK {
            self.made.resize(size + SLACK, 0);
        }
        self.zlib.reset(true);
        let ended = self.zlib.decompress(packed, &mut self.made[..size + SLACK], InflateFlush::Finish);
        let is_whole = self.zlib.total_out() == size as u64;
        (ended.ok()? == Status::StreamEnd && is_whole).then(|| &self.made[..size])
    }

    /// The first bytes of a stream, at most as many as `out` takes; how many there are.
    pub(super) fn head(&mut self, packed: &[u8], out: &mut [u8]) -> Option<usize> {
        self.zlib.reset(true);
        // A stream that ends, or goes on, behind these bytes is none of our business here.
        self.zlib.decompress(packed, out, InflateFlush::SyncFlush).ok()?;
        Some(self.zlib.total_out() as usize)
    }
}
