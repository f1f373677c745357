//! The line index of a text: byte offsets to lines and columns. A line ends at LF, CRLF or a lone CR.

/// A place as people and other tools count it: line and column from 1, the column in UTF-16 units.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

/// Where each line of one text begins.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    starts: Vec<u32>,
    /// How many UTF-16 units there are before every so many bytes; nothing if each byte is one.
    units: Vec<u32>,
}

/// So many bytes are counted again for each place.
const STEP: usize = 1024;

impl Lines {
    pub fn new(text: &str) -> Lines {
        let bytes = text.as_bytes();
        let mut starts = Vec::with_capacity(bytes.len() / 24 + 1);
        starts.push(0);
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') {
                continue;
            }
            starts.push(at as u32 + 1);
        }
        let mut units = Vec::new();
        if !text.is_ascii() {
            let mut sum = 0;
            for step in bytes.chunks(STEP) {
                units.push(sum);
                sum += count_units(step);
            }
        }
        Lines { starts, units }
    }

    /// How many lines there are; a text that ends in a line break has an empty last line.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The line (from 0) that holds the byte at `offset`.
    pub fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start as usize <= offset).saturating_sub(1)
    }

    /// Where line `line` (from 0) begins; the text's end for a line past the last.
    pub fn start(&self, line: usize, text: &str) -> usize {
        self.starts.get(line).map_or(text.len(), |&start| start as usize)
    }

    /// The bytes of line `line` (from 0), without its line break.
    pub fn range(&self, line: usize, text: &str) -> std::ops::Range<usize> {
        let start = self.start(line, text);
        let end = self.start(line + 1, text);
        start..start + text[start..end].trim_end_matches(['\n', '\r']).len()
    }

    /// The place of a byte offset, with the column in UTF-16 units.
    pub fn place(&self, offset: usize, text: &str) -> Place {
        let offset = offset.min(text.len());
        let line = self.line_of(offset);
        let start = self.start(line, text);
        let column = self.units_before(offset, text) - self.units_before(start, text);
        Place { line: line as u32 + 1, column: column + 1 }
    }

    /// How many UTF-16 units a text has before an offset. A line may be as long as the text, and have many places.
    fn units_before(&self, offset: usize, text: &str) -> u32 {
        match self.units.get(offset / STEP) {
            Some(known) => known + count_units(&text.as_bytes()[offset / STEP * STEP..offset]),
            None if self.units.is_empty() => offset as u32,
            None => {
                self.units.last().copied().unwrap_or(0)
                    + count_units(&text.as_bytes()[(self.units.len() - 1) * STEP..offset])
            }
        }
    }
}

/// The UTF-16 units of whole or cut letters: one where a letter begins, and one more for those of four bytes.
fn count_units(bytes: &[u8]) -> u32 {
    bytes.iter().map(|byte| u32::from(byte & 0xc0 != 0x80) + u32::from(*byte >= 0xf0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_utf16_units_and_every_kind_of_line_break() {
        let text = "ab\r\ncd\rключ: 𝄞x\n";
        let lines = Lines::new(text);
        assert_eq!(lines.count(), 4);
        for (needle, line, column) in [("ab", 1, 1), ("cd", 2, 1), ("ключ", 3, 1), ("x", 3, 9)] {
            let at = text.find(needle).unwrap();
            assert_eq!(lines.place(at, text), Place { line, column }, "{needle}");
        }
        assert_eq!(&text[lines.range(0, text)], "ab");
        assert_eq!(&text[lines.range(2, text)], "ключ: 𝄞x");
        assert_eq!(lines.place(text.len(), text), Place { line: 4, column: 1 });
        assert_eq!(lines.place(999, text), Place { line: 4, column: 1 });
    }

    #[test]
    fn a_long_line_counts_as_a_short_one() {
        let text = "aключ𝄞".repeat(700);
        let lines = Lines::new(&text);
        for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let column = text[..at].encode_utf16().count() as u32 + 1;
            assert_eq!(lines.place(at, &text), Place { line: 1, column }, "{at}");
        }
    }
}
