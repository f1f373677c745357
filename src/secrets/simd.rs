//! Where a credential may begin: one pass over the bytes, close to the speed of reading. Knows characters and the
//! first letters of tokens, not what a token is. The only file with `unsafe`: AVX2 beside its scalar twin.
#![allow(unsafe_code)]

use crate::facts::{Letters, Names, fold};

/// A place that is worth a closer look: a run of sixteen token characters starts there. Shorter secrets are found by
/// their names, not here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hit {
    /// A word starts here with letters that some vendor's tokens start with.
    Prefix(u32),
    /// A run of token characters starts here, right after something that assigns: `= : > ,`.
    Value(u32),
    /// A sign (`=` or `:`) right after a name that ends as names of credentials do.
    Name(u32),
    /// A run of token characters starts here that is long enough to be an encoding of something.
    Run(u32),
}

/// The first letters of all tokens.
#[derive(Debug)]
pub(super) struct Filter {
    starts: Letters,
}

const TOKEN: u8 = 1;
const WORD: u8 = 2;

/// The classes of each byte: `TOKEN` for what tokens are made of, `WORD` for what identifiers are made of.
const CLASSES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let letter = byte as u8;
        if letter.is_ascii_alphanumeric() || letter == b'_' {
            table[byte] = TOKEN | WORD;
        } else if matches!(letter, b'-' | b'+' | b'/' | b'.' | b'~') {
            table[byte] = TOKEN;
        }
        byte += 1;
    }
    table
};

pub(super) fn is_token(byte: u8) -> bool {
    CLASSES[byte as usize] & TOKEN != 0
}

pub(super) fn is_word(byte: u8) -> bool {
    CLASSES[byte as usize] & WORD != 0
}

impl Filter {
    /// A filter for these prefixes, each of at least three bytes; only the first four count.
    pub(super) fn new<'a>(prefixes: impl Iterator<Item = &'a [u8]>) -> Filter {
        let mut starts = Letters::default();
        for prefix in prefixes {
            match *prefix {
                [a, b, c, d, ..] => starts.add(fold([a, b, c, d])),
                [a, b, c] => {
                    (0..128).filter(|&d| is_token(d)).for_each(|d| starts.add(fold([a, b, c, d])));
                }
                _ => {}
            }
        }
        Filter { starts }
    }

    /// Every place worth a look, in order. Equal on every machine, whatever instructions it has.
    pub(super) fn run(&self, bytes: &[u8], names: &Names, hits: &mut Vec<Hit>) {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") {
            // SAFETY: the features this function is compiled for were just seen on this machine.
            return unsafe { self.run_avx2(bytes, names, hits) };
        }
        self.run_scalar(bytes, names, hits);
    }

    fn run_scalar(&self, bytes: &[u8], names: &Names, hits: &mut Vec<Hit>) {
        self.run_with((bytes, names), hits, |block| {
            let (mut token, mut word, mut sign) = (0, 0, 0);
            for (at, &byte) in block.iter().enumerate() {
                let class = CLASSES[byte as usize];
                token |= u64::from(class & TOKEN) << at;
                word |= u64::from(class >> 1) << at;
                sign |= u64::from(byte == b'=' || byte == b':') << at;
            }
            (token, word, sign)
        });
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1")]
    fn run_avx2(&self, bytes: &[u8], names: &Names, hits: &mut Vec<Hit>) {
        use std::arch::x86_64::*;
        // A byte is in a class if, in the table entry of its low half, the bit of its high half is set.
        let nibbles = |class: u8| {
            let mut table = [0u8; 16];
            for byte in 0..128 {
                if CLASSES[byte] & class != 0 {
                    table[byte & 15] |= 1 << (byte >> 4);
                }
            }
            table
        };
        let mut high = [0u8; 16];
        for (at, bit) in high.iter_mut().take(8).enumerate() {
            *bit = 1 << at;
        }
        let load = |table: &[u8; 16]| {
            // SAFETY: sixteen bytes are read from an array of sixteen.
            _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().cast()) })
        };
        let (token, word, high) = (load(&nibbles(TOKEN)), load(&nibbles(WORD)), load(&high));
        let (low_half, zero) = (_mm256_set1_epi8(15), _mm256_setzero_si256());
        let (equals, colon) = (_mm256_set1_epi8(b'=' as i8), _mm256_set1_epi8(b':' as i8));
        self.run_with((bytes, names), hits, |block| {
            let half = |at: usize| {
                // SAFETY: `at` is 0 or 32, and the block holds 64 bytes.
                let bytes = unsafe { _mm256_loadu_si256(block.as_ptr().add(at).cast()) };
                let bit = _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), low_half));
                let of = |class| {
                    let miss =
                        _mm256_cmpeq_epi8(_mm256_and_si256(_mm256_shuffle_epi8(class, bytes), bit), zero);
                    u64::from(!_mm256_movemask_epi8(miss) as u32)
                };
                let sign = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, equals), _mm256_cmpeq_epi8(bytes, colon));
                (of(token), of(word), u64::from(_mm256_movemask_epi8(sign) as u32))
            };
            let (first, second) = (half(0), half(32));
            (first.0 | second.0 << 32, first.1 | second.1 << 32, first.2 | second.2 << 32)
        });
    }

    /// The pass itself; `classes` tells of 64 bytes which are token characters, word characters and signs.
    #[inline(always)]
    fn run_with(
        &self,
        (bytes, names): (&[u8], &Names),
        hits: &mut Vec<Hit>,
        classes: impl Fn(&[u8; 64]) -> (u64, u64, u64),
    ) {
        let blocks = bytes.chunks_exact(64);
        let mut last = [0u8; 64];
        last[..blocks.remainder().len()].copy_from_slice(blocks.remainder());
        let mut blocks = blocks.map(|block| block.try_into().expect("chunks of 64")).chain([&last]);
        let (mut token, mut word, mut sign) = blocks.next().map_or((0, 0, 0), &classes);
        let (mut token_before, mut word_before) = (0, 0);
        let mut start = 0;
        while start < bytes.len() {
            let (next_token, next_word, next_sign) = blocks.next().map_or((0, 0, 0), &classes);
            let run = runs(token, next_token);
            let word_start = word & !(word << 1 | word_before >> 63);
            let token_start = token & !(token << 1 | token_before >> 63);
            let mut found = run & word_start;
            while found != 0 {
                let at = start + found.trailing_zeros() as usize;
                found &= found - 1;
                if let Some(&[a, b, c, d]) = bytes.get(at..at + 4)
                    && self.starts.has(fold([a, b, c, d]))
                {
                    hits.push(Hit::Prefix(at as u32));
                }
            }
            let mut found = run & token_start;
            while found != 0 {
                let at = start + found.trailing_zeros() as usize;
                found &= found - 1;
                if is_assigned(bytes, at) {
                    hits.push(Hit::Value(at as u32));
                }
                if is_long(bytes, at) {
                    hits.push(Hit::Run(at as u32));
                }
            }
            while sign != 0 {
                let at = start + sign.trailing_zeros() as usize;
                sign &= sign - 1;
                if is_named(bytes, at, names) {
                    hits.push(Hit::Name(at as u32));
                }
            }
            (token_before, word_before) = (token, word);
            (token, word, sign) = (next_token, next_word, next_sign);
            start += 64;
        }
    }
}

/// Fewer letters encode nothing that is looked for.
pub(super) const LONG: usize = 40;

/// Whether the run of token characters at `at`, which has sixteen, goes on for long. Most end soon: the end is looked at first.
#[inline(always)]
fn is_long(bytes: &[u8], at: usize) -> bool {
    bytes.get(at + 16..at + LONG).is_some_and(|rest| rest.iter().rev().all(|&byte| is_token(byte)))
}

/// No assignment is aligned with more blanks.
const MOST_BLANKS: usize = 64;

/// Whether a telling name may end right before the sign at `at`, blanks and quotes aside.
#[inline(always)]
fn is_named(bytes: &[u8], at: usize, names: &Names) -> bool {
    let mut end = at;
    let floor = at.saturating_sub(MOST_BLANKS);
    while end > floor && matches!(bytes[end - 1], b' ' | b'\t' | b'"' | b'\'' | b']' | b'?' | b'+') {
        end -= 1;
    }
    names.may_end(&bytes[..end])
}

/// The places from which on sixteen bits are set, looking over into the next 64.
#[inline(always)]
fn runs(bits: u64, next: u64) -> u64 {
    let (mut run, mut rest) = (bits, next);
    for shift in [1, 2, 4, 8] {
        run &= run >> shift | rest << (64 - shift);
        rest &= rest >> shift;
    }
    run
}

/// Whether something assigns right before `at`, a few quotes and blanks aside. A comma counts before a quote only:
/// it separates strings of a list there, and names of a program elsewhere.
#[inline(always)]
fn is_assigned(bytes: &[u8], at: usize) -> bool {
    let floor = at.saturating_sub(6);
    let mut before = at;
    while before > floor && matches!(bytes[before - 1], b' ' | b'"' | b'\'' | b'\t' | b'`') {
        before -= 1;
    }
    match before.checked_sub(1).map(|sign| bytes[sign]) {
        Some(b'=' | b':' | b'>') => true,
        Some(b',') => bytes[at - 1] == b'"' || bytes[at - 1] == b'\'',
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Promise;

    #[test]
    fn both_twins_agree_on_random_bytes_of_every_length() {
        let filter = Filter::new([b"ghp_".as_slice(), b"sk-", b"AKIA"].into_iter());
        let mut names = Names::default();
        names.add_words("key", &[], Promise::Strong);
        let alphabet = b"key=key:ghp_ghp_GHP_sk-AKIAakia019+/=.~\"' \t\n=:,|>\xc3\xa4{}";
        let mut random = crate::secrets::dice::Dice::new(7);
        let (mut tried, mut prefixes, mut values) = (0, 0, 0);
        for length in (0..400).chain([4096, 65_537]) {
            for _ in 0..4 {
                let letters = if random.below(2) == 0 { &alphabet[..] } else { &alphabet[..36] };
                let mut bytes: Vec<u8> = (0..length).map(|_| letters[random.below(letters.len())]).collect();
                if length > 40 {
                    let at = random.below(length - 30);
                    bytes[at..at + 24].copy_from_slice(b"=ghp_aaaaaaaaaaaaaaaaaaa");
                }
                let (mut ours, mut twin) = (Vec::new(), Vec::new());
                filter.run(&bytes, &names, &mut ours);
                filter.run_scalar(&bytes, &names, &mut twin);
                assert_eq!(ours, twin, "{:?}", String::from_utf8_lossy(&bytes));
                tried += 1;
                prefixes += twin.iter().filter(|hit| matches!(hit, Hit::Prefix(_))).count();
                values += twin.iter().filter(|hit| matches!(hit, Hit::Value(_))).count();
            }
        }
        assert!(tried > 1600 && prefixes > 1000 && values > 1000, "{tried} {prefixes} {values}");
    }

    #[test]
    fn a_token_is_seen_wherever_it_stands_against_the_blocks() {
        let (filter, names) = (Filter::new([b"ghp_".as_slice()].into_iter()), Names::default());
        for blanks in 0..140 {
            let text = format!("{}ghp_0123456789ab", " ".repeat(blanks));
            let mut hits = Vec::new();
            filter.run(text.as_bytes(), &names, &mut hits);
            assert_eq!(hits, [Hit::Prefix(blanks as u32)], "after {blanks} blanks");
            hits.clear();
            filter.run(&text.as_bytes()[..text.len() - 1], &names, &mut hits);
            assert_eq!(hits, [], "fifteen characters are too few");
        }
    }
}
