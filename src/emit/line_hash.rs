//! The fingerprint of a line as GitHub's upload action computes it: `primaryLocationLineHash`.
//!
//! The action computes the same for itself from the checkout, and warns where it differs. From the first character
//! of a line that is no space or tab, the next hundred such UTF-16 units make the hash, across line ends, with
//! CRLF and CR read as LF. Equal hashes of one file are counted: the second is `…:2`.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

const WINDOW: usize = 100;
const BASE: u64 = 37;
const END_OF_FILE: u64 = 0xffff;

/// What the action knows of one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct LineHash {
    pub(super) hash: String,
    /// The bytes of the file that went into the hash.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The hashes of the wanted lines (from 1) of a text.
pub(super) fn line_hashes(text: &str, wanted: &BTreeSet<u32>) -> BTreeMap<u32, LineHash> {
    let mut hasher = Hasher::new(wanted);
    let mut after_cr = false;
    for (at, c) in text.char_indices() {
        match c {
            ' ' | '\t' => after_cr = false,
            '\n' if after_cr => after_cr = false,
            '\r' => {
                after_cr = true;
                hasher.unit(u64::from(b'\n'), at);
            }
            _ => {
                after_cr = false;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    hasher.unit(u64::from(*unit), at);
                }
            }
        }
    }
    hasher.unit(END_OF_FILE, text.len());
    for _ in 0..WINDOW {
        hasher.flush(text.len());
        hasher.push(0);
    }
    hasher.found
}

/// A rolling hash over the last hundred units, and the lines that begin within them.
struct Hasher<'a> {
    wanted: &'a BTreeSet<u32>,
    window: [u64; WINDOW],
    index: usize,
    hash: u64,
    /// 37 to the hundredth: the weight of the unit that leaves.
    leaving: u64,
    /// Lines whose first unit is still in the window: slot, line, byte offset.
    open: VecDeque<(usize, u32, usize)>,
    line: u32,
    line_start: bool,
    seen: HashMap<u64, u32>,
    found: BTreeMap<u32, LineHash>,
}

impl<'a> Hasher<'a> {
    fn new(wanted: &'a BTreeSet<u32>) -> Hasher<'a> {
        Hasher {
            wanted,
            window: [0; WINDOW],
            index: 0,
            hash: 0,
            leaving: BASE.wrapping_pow(WINDOW as u32),
            open: VecDeque::new(),
            line: 0,
            line_start: true,
            seen: HashMap::new(),
            found: BTreeMap::new(),
        }
    }

    fn unit(&mut self, unit: u64, at: usize) {
        self.flush(at);
        if self.line_start {
            self.line_start = false;
            self.line += 1;
            self.open.push_back((self.index, self.line, at));
        }
        self.line_start = unit == u64::from(b'\n');
        self.push(unit);
    }

    /// If a line began a hundred units ago, its hash is complete.
    fn flush(&mut self, at: usize) {
        if let Some(&(slot, line, start)) = self.open.front()
            && slot == self.index
        {
            self.open.pop_front();
            let times = self.seen.entry(self.hash).or_insert(0);
            *times += 1;
            if self.wanted.contains(&line) {
                let hash = format!("{:x}:{times}", self.hash);
                self.found.insert(line, LineHash { hash, start, end: at });
            }
        }
    }

    fn push(&mut self, unit: u64) {
        let gone = std::mem::replace(&mut self.window[self.index], unit);
        self.hash =
            self.hash.wrapping_mul(BASE).wrapping_add(unit).wrapping_sub(self.leaving.wrapping_mul(gone));
        self.index = (self.index + 1) % WINDOW;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, without rolling: the polynomial over the units, padded with zeros.
    fn by_hand(units: &[u64]) -> u64 {
        let padded = units.iter().copied().chain(std::iter::repeat(0)).take(WINDOW);
        padded.fold(0u64, |hash, unit| hash.wrapping_mul(BASE).wrapping_add(unit))
    }

    fn all(text: &str) -> Vec<String> {
        let wanted = (1..1000).collect();
        line_hashes(text, &wanted).into_values().map(|line| line.hash).collect()
    }

    fn units(text: &str) -> Vec<u64> {
        text.encode_utf16().map(u64::from).chain([END_OF_FILE]).collect()
    }

    #[test]
    fn hashes_are_those_of_the_definition() {
        // Text, and what is hashed from the start of each line.
        let table: &[(&str, &[&str])] = &[
            ("a", &["a"]),
            ("a\n", &["a\n", ""]),
            ("  a b\t\n\tc", &["ab\nc", "c"]),
            ("a\r\nb\rc", &["a\nb\nc", "b\nc", "c"]),
            ("a\n\nb", &["a\n\nb", "\nb", "b"]),
            ("ключ: 𝄞", &["ключ:𝄞"]),
            ("a\r \nb", &["a\n\nb", "\nb", "b"]),
        ];
        for (text, lines) in table {
            let expected: Vec<String> =
                lines.iter().map(|line| format!("{:x}:1", by_hand(&units(line)))).collect();
            assert_eq!(all(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_value_computed_with_pencil_and_paper() {
        // One line `a`: units 97, 65535, then 98 zeros: (97·37 + 65535)·37^98 modulo 2^64.
        let expected = (97u64 * 37 + 65535).wrapping_mul(37u64.wrapping_pow(98));
        assert_eq!(all("a"), [format!("{expected:x}:1")]);
    }

    #[test]
    fn equal_lines_are_counted_once_their_hundred_units_are_equal() {
        let line = format!("{}\n", "x".repeat(120));
        let hashes = all(&line.repeat(3));
        let first = hashes[0].strip_suffix(":1").unwrap();
        assert_eq!(hashes[1], format!("{first}:2"));
        assert_eq!(hashes[2], format!("{first}:3"));
        let first_hundred = line_hashes(&line, &BTreeSet::from([1]))[&1].clone();
        assert_eq!((first_hundred.start, first_hundred.end), (0, 100));
    }
}
