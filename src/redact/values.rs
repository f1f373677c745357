//! Many values that are looked for in long texts, where hardly one is.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::OnceLock;

/// How many bytes at a place say whether a value may begin there. No value that is looked for is shorter.
const HEAD: usize = 4;

/// The filter has a bit for each hash of so many bits: few enough to stay near the processor, and nearly all unset.
const BITS: u32 = 16;

/// Values that are looked for, whatever the case of their letters, once somebody looks.
#[derive(Debug, Default)]
pub(super) struct Values {
    texts: Vec<String>,
    shortest: usize,
    index: OnceLock<Option<Index>>,
}

#[derive(Debug)]
struct Index {
    /// The hashes of all heads.
    heads: Vec<u64>,
    /// In small letters and sorted; with the longest of them that it begins with.
    values: Vec<(Vec<u8>, Option<usize>)>,
}

impl Values {
    /// Of each text the lines count, if they have so many bytes.
    pub(super) fn new(texts: Vec<String>, shortest: usize) -> Values {
        Values { texts, shortest: shortest.max(HEAD), index: OnceLock::new() }
    }

    /// Where they are, from each beginning the longest: sorted by their beginnings.
    pub(super) fn found(&self, text: &str) -> Vec<Range<usize>> {
        let Some(index) = self.index.get_or_init(|| self.index()) else { return Vec::new() };
        let bytes = text.as_bytes();
        let heads = bytes.windows(HEAD).enumerate().filter(|(_, head)| index.may_begin(head));
        let found = heads.filter_map(|(at, _)| Some(at..at + index.longest_at(&bytes[at..])?));
        found.collect()
    }

    fn index(&self) -> Option<Index> {
        let lines = self.texts.iter().flat_map(|text| lines(text)).filter(|line| line.len() >= self.shortest);
        let mut sorted: Vec<Vec<u8>> = lines.map(|line| line.as_bytes().to_ascii_lowercase()).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut heads = vec![0; 1 << (BITS - 6)];
        let mut values: Vec<(Vec<u8>, Option<usize>)> = Vec::with_capacity(sorted.len());
        for value in sorted {
            let (word, bit) = place_of(&value[..HEAD]);
            heads[word] |= bit;
            // What it begins with is the one before it, or what that begins with, and so on.
            let mut within = values.len().checked_sub(1);
            while let Some(at) = within.filter(|at| !value.starts_with(&values[*at].0)) {
                within = values[at].1;
            }
            values.push((value, within));
        }
        (!values.is_empty()).then_some(Index { heads, values })
    }
}

impl Index {
    fn may_begin(&self, head: &[u8]) -> bool {
        let (word, bit) = place_of(head);
        self.heads[word] & bit != 0
    }

    /// The length of the longest value that the bytes begin with.
    fn longest_at(&self, bytes: &[u8]) -> Option<usize> {
        let before = self.values.partition_point(|(value, _)| order(value, bytes) != Ordering::Greater);
        let mut at = before.checked_sub(1)?;
        // Who begins the bytes is the last that is not behind them, or what that begins with.
        while order(&self.values[at].0, bytes) != Ordering::Equal {
            at = self.values[at].1?;
        }
        Some(self.values[at].0.len())
    }
}

/// A value, in small letters, against bytes: equal if they begin with it.
fn order(value: &[u8], bytes: &[u8]) -> Ordering {
    let other = bytes.iter().take(value.len()).map(u8::to_ascii_lowercase);
    value.iter().copied().cmp(other)
}

/// The word and the bit of the filter for a head. Case is put aside by one bit, as that of other signs is: who passes is
/// looked at again.
fn place_of(head: &[u8]) -> (usize, u64) {
    let number = head.iter().fold(0_u32, |number, byte| number << 8 | u32::from(byte | 0x20));
    let hash = number.wrapping_mul(0x9e37_79b1) >> (32 - BITS);
    ((hash >> 6) as usize, 1 << (hash & 63))
}

/// A key of many lines is recognised by each of them; its first and last line are no secret.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let line = |line| str::trim_matches(str::trim(line), ['"', '\'']);
    let texts = text.lines().flat_map(|line| line.split("\\n"));
    texts.map(line).filter(|line| !line.starts_with("-----"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aho_corasick::AhoCorasickBuilder;

    fn found(values: &[&str], text: &str) -> Vec<Range<usize>> {
        Values::new(values.iter().map(|value| (*value).to_owned()).collect(), HEAD).found(text)
    }

    #[test]
    fn the_longest_is_found_wherever_one_begins() {
        for (values, text, expected) in [
            (&["abcd"][..], "xabcdxABCD", "abcd ABCD"),
            (&["abcd", "abcdef"], "abcdex abcdef", "abcd abcdef"),
            (&["abcd", "abcdef", "abcdzz"], "abcdy", "abcd"),
            (&["abcd", "cdef"], "abcdef", "abcd cdef"),
            (&["aaaa"], "aaaaa", "aaaa aaaa"),
            (&["abc"], "abc", ""),
            (&["ключ"], "мой ключ", "ключ"),
            (&["one-line\ntwo-line", "-----BEGIN X-----"], "two-line -----BEGIN X-----", "two-line"),
            (&[], "abcd", ""),
        ] {
            let seen: Vec<&str> = found(values, text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(seen.join(" "), expected, "{values:?} {text}");
        }
    }

    /// Both ways of looking cover the same letters.
    #[test]
    fn it_finds_what_an_automaton_finds() {
        let mut state = 7_u64;
        let mut next = |most: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % most
        };
        for _ in 0..400 {
            let mut word = |least: usize, most: usize| -> String {
                (0..least + next(most)).map(|_| ['a', 'B', 'b', '@', '`', 'é'][next(6)]).collect()
            };
            let values: Vec<String> = (0..12).map(|_| word(4, 5)).collect();
            let text = word(200, 1);
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            let automaton = AhoCorasickBuilder::new().ascii_case_insensitive(true).build(&values).unwrap();
            let mut expected: Vec<Range<usize>> =
                automaton.find_overlapping_iter(&text).map(|hit| hit.range()).collect();
            let mut seen = found(&values, &text);
            super::super::spans::merge(&mut expected);
            super::super::spans::merge(&mut seen);
            assert_eq!(seen, expected, "{values:?} {text}");
        }
    }
}
