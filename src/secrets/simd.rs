//! Where a credential may begin: one pass over the bytes, close to the speed of reading. Knows characters, the
//! first letters of tokens and the last letters of words, not what a token is. With `cli/abort.rs` the only file with `unsafe`: AVX2 beside its scalar twin.
#![allow(unsafe_code)]

use super::stops::{Hit, Stops};
use crate::facts::{Letters, Names, fold};

/// The first letters of all tokens.
#[derive(Debug)]
pub(super) struct Filter {
    starts: Letters,
}

/// What is looked for.
#[derive(Clone, Copy)]
pub(super) enum Sought<'l> {
    /// Tokens with first letters of their own, and private keys: what is a credential among bytes that are no text.
    Marked,
    /// All that has a form of its own, and signs after telling names.
    Forms,
    /// The same, and where runs of token characters end with these letters.
    Words(&'l Letters),
}

const TOKEN: u8 = 1;
const WORD: u8 = 2;
const MARK: u8 = 4;
pub(super) const DIGIT: u8 = 8;
pub(super) const LOWER: u8 = 16;
pub(super) const UPPER: u8 = 32;

/// The classes of each byte: `TOKEN` for what tokens are made of, `WORD` for what identifiers are made of, `MARK` for what
/// begins an escape, and for the rarest letter of `PRIVATE KEY`.
const CLASSES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let letter = byte as u8;
        if letter.is_ascii_alphanumeric() || letter == b'_' {
            table[byte] = TOKEN | WORD;
        } else if matches!(letter, b'-' | b'+' | b'/' | b'.' | b'~') {
            table[byte] = TOKEN;
        } else if matches!(letter, b'%' | b'\\') {
            table[byte] = MARK;
        }
        if letter.is_ascii_digit() {
            table[byte] |= DIGIT;
        } else if letter.is_ascii_lowercase() {
            table[byte] |= LOWER;
        } else if letter.is_ascii_uppercase() {
            table[byte] |= UPPER;
        }
        byte += 1;
    }
    table[b'V' as usize] |= MARK;
    table
};

pub(super) fn is_token(byte: u8) -> bool {
    CLASSES[byte as usize] & TOKEN != 0
}

pub(super) fn is_word(byte: u8) -> bool {
    CLASSES[byte as usize] & WORD != 0
}

/// What is in the run of token characters with which a text begins: bits of `DIGIT`, `LOWER` and `UPPER`, and whether there
/// is anything else.
#[inline]
pub(super) fn kinds_of_run(text: &[u8]) -> (u8, bool) {
    const LETTERS: u8 = DIGIT | LOWER | UPPER;
    let (mut seen, mut others) = (0, 0);
    for &byte in text {
        let class = CLASSES[byte as usize];
        if class & TOKEN == 0 {
            break;
        }
        seen |= class;
        others |= u8::from(class & LETTERS == 0);
    }
    (seen & LETTERS, others != 0)
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

    /// Every place worth a look, each kind in order. Equal on every machine, whatever instructions it has.
    pub(super) fn run(&self, bytes: &[u8], names: &Names, sought: Sought, stops: &mut Stops) {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") {
            // SAFETY: the features these functions are compiled for were just seen on this machine.
            return match sought {
                Sought::Marked => unsafe {
                    self.run_avx2::<false, false>(bytes, (names, &self.starts), stops)
                },
                Sought::Forms => unsafe { self.run_avx2::<true, false>(bytes, (names, &self.starts), stops) },
                Sought::Words(letters) => unsafe {
                    self.run_avx2::<true, true>(bytes, (names, letters), stops)
                },
            };
        }
        self.run_scalar(bytes, names, sought, stops);
    }

    fn run_scalar(&self, bytes: &[u8], names: &Names, sought: Sought, stops: &mut Stops) {
        let classes = |block: &[u8; 64]| {
            let mut classes = Classes::default();
            for (at, &byte) in block.iter().enumerate() {
                let class = CLASSES[byte as usize];
                classes.token |= u64::from(class & TOKEN) << at;
                classes.word |= u64::from(class >> 1 & 1) << at;
                classes.mark |= u64::from(class >> 2 & 1) << at;
                classes.sign |= u64::from(byte == b'=' || byte == b':') << at;
            }
            classes
        };
        match sought {
            Sought::Marked => self.run_with::<false, false>(bytes, (names, &self.starts), stops, classes),
            Sought::Forms => self.run_with::<true, false>(bytes, (names, &self.starts), stops, classes),
            Sought::Words(letters) => self.run_with::<true, true>(bytes, (names, letters), stops, classes),
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1")]
    fn run_avx2<const TEXT: bool, const ENDS: bool>(
        &self,
        bytes: &[u8],
        ends: (&Names, &Letters),
        stops: &mut Stops,
    ) {
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
        let (token, word, mark) = (load(&nibbles(TOKEN)), load(&nibbles(WORD)), load(&nibbles(MARK)));
        let (high, low_half, zero) = (load(&high), _mm256_set1_epi8(15), _mm256_setzero_si256());
        let (equals, colon) = (_mm256_set1_epi8(b'=' as i8), _mm256_set1_epi8(b':' as i8));
        self.run_with::<TEXT, ENDS>(bytes, ends, stops, |block| {
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
                (of(token), of(word), u64::from(_mm256_movemask_epi8(sign) as u32), of(mark))
            };
            let (first, second) = (half(0), half(32));
            Classes {
                token: first.0 | second.0 << 32,
                word: first.1 | second.1 << 32,
                sign: first.2 | second.2 << 32,
                mark: first.3 | second.3 << 32,
            }
        });
    }

    /// The pass itself; `classes` tells of 64 bytes what they are. In what is no `TEXT` nothing is assigned or encoded.
    #[inline(always)]
    fn run_with<const TEXT: bool, const ENDS: bool>(
        &self,
        bytes: &[u8],
        (names, letters): (&Names, &Letters),
        stops: &mut Stops,
        classes: impl Fn(&[u8; 64]) -> Classes,
    ) {
        let blocks = bytes.chunks_exact(64);
        let mut last = [0u8; 64];
        last[..blocks.remainder().len()].copy_from_slice(blocks.remainder());
        let mut blocks = blocks.map(|block| block.try_into().expect("chunks of 64")).chain([&last]);
        let mut now = blocks.next().map_or(Classes::default(), &classes);
        let mut before = Classes::default();
        let mut start = 0;
        while start < bytes.len() {
            let next = blocks.next().map_or(Classes::default(), &classes);
            let run = runs(now.token, next.token);
            let word_start = now.word & !(now.word << 1 | before.word >> 63);
            let token_start = now.token & !(now.token << 1 | before.token >> 63);
            each(run & word_start, start, |at| {
                if let Some(&[a, b, c, d]) = bytes.get(at..at + 4)
                    && self.starts.has(fold([a, b, c, d]))
                {
                    stops.hits.push(Hit::Prefix(at as u32));
                }
            });
            each(if TEXT { run & token_start } else { 0 }, start, |at| {
                if is_assigned(bytes, at) {
                    stops.hits.push(Hit::Value(at as u32));
                }
                let end = run_end(bytes, at, (now.token, next.token));
                if end - at >= LONG {
                    stops.runs.push(at as u32..end as u32);
                }
            });
            each(if TEXT { now.sign } else { 0 }, start, |at| {
                if bytes[at] == b':' {
                    match bytes[at + 1..] {
                        [b'/', b'/', ..] => stops.urls.push(at as u32),
                        [b'o', ..] if is_oracle(bytes, at) => stops.oracles.push(at as u32 - 4),
                        _ => {}
                    }
                }
                if is_named(bytes, at, names) {
                    stops.hits.push(Hit::Name(at as u32));
                }
            });
            each(now.mark, start, |at| match bytes[at..] {
                [b'%', high, low, ..] if TEXT && high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    stops.escapes.push(at as u32);
                }
                [b'\\', b'u', b'0', b'0', ..] | [b'\\', b'/', ..] if TEXT => stops.escapes.push(at as u32),
                [b'V', _, _, _, _, b'K', ..] if is_key(bytes, at) => stops.keys.push(at as u32 - 3),
                _ => {}
            });
            if ENDS {
                each(now.token & !(now.token >> 1 | next.token << 63), start + 1, |end| {
                    if is_end(bytes, end, letters) {
                        stops.ends.push(end as u32);
                    }
                });
            }
            (before, now) = (now, next);
            start += 64;
        }
    }
}

/// What 64 bytes are, a bit for each.
#[derive(Clone, Copy, Default)]
struct Classes {
    token: u64,
    word: u64,
    sign: u64,
    mark: u64,
}

/// Visits the places of the bits that are set.
#[inline(always)]
fn each(mut bits: u64, start: usize, mut visit: impl FnMut(usize)) {
    while bits != 0 {
        let at = start + bits.trailing_zeros() as usize;
        bits &= bits - 1;
        visit(at);
    }
}

/// Whether `jdbc:oracle:thin:` has its first colon at `at`.
fn is_oracle(bytes: &[u8], at: usize) -> bool {
    bytes[..at].ends_with(b"jdbc") && bytes[at..].starts_with(b":oracle:thin:")
}

/// Whether `PRIVATE KEY` has its only V at `at`.
fn is_key(bytes: &[u8], at: usize) -> bool {
    bytes[..at].ends_with(b"PRI") && bytes[at..].starts_with(b"VATE KEY")
}

/// Whether a run of token characters ends as a telling name or a word that is looked for may end. Behind a name may be a
/// number, and some words have only two letters.
#[inline(always)]
fn is_end(bytes: &[u8], end: usize, letters: &Letters) -> bool {
    let four = four_before(bytes, end);
    let folded = fold(four);
    letters.has(folded)
        || matches!(four[3], b'0'..=b'9' | b'_' | b'-' | b'.') && is_token(four[2])
        || !is_word(four[1]) && letters.has(short(folded))
}

/// The four bytes before a place; before the text are line breaks.
#[inline(always)]
pub(super) fn four_before(bytes: &[u8], end: usize) -> [u8; 4] {
    match bytes[..end] {
        [.., a, b, c, d] => [a, b, c, d],
        [b, c, d] => [b'\n', b, c, d],
        [c, d] => [b'\n', b'\n', c, d],
        _ => [b'\n'; 4],
    }
}

/// Of the last four letters, folded, two: the rest is blank.
#[inline(always)]
pub(super) fn short(folded: u32) -> u32 {
    folded & 0xFFFF_0000 | 0x2020
}

/// Fewer letters encode nothing that is looked for.
pub(super) const LONG: usize = 40;

/// Where the run of token characters ends that begins at `at`. Most end within the 64 bytes that hold `at` or the next ones, of
/// which the bits are known.
#[inline(always)]
fn run_end(bytes: &[u8], at: usize, (now, next): (u64, u64)) -> usize {
    let rest = 64 - at % 64;
    let length = (!(now >> (64 - rest))).trailing_zeros() as usize;
    if length < rest {
        return at + length;
    }
    let known = at + rest + next.trailing_ones() as usize;
    match next {
        u64::MAX => known + bytes[known..].iter().take_while(|&&byte| is_token(byte)).count(),
        _ => known,
    }
}

/// No assignment is aligned with more blanks.
const BLANKS: usize = 64;

/// Whether a telling name may end right before the sign at `at`, blanks and quotes aside.
#[inline(always)]
fn is_named(bytes: &[u8], at: usize, names: &Names) -> bool {
    let mut end = at;
    let floor = at.saturating_sub(BLANKS);
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
        let (mut tried, mut prefixes, mut values, mut ends, mut others) = (0, 0, 0, 0, 0);
        for length in (0..400).chain([4096, 65_537]) {
            for _ in 0..4 {
                let letters = if random.below(2) == 0 { &alphabet[..] } else { &alphabet[..36] };
                let mut bytes: Vec<u8> = (0..length).map(|_| letters[random.below(letters.len())]).collect();
                if length > 40 {
                    let at = random.below(length - 30);
                    bytes[at..at + 24].copy_from_slice(b"=ghp_aaaaaaaaaaaaaaaaaaa");
                    let at = random.below(length - 30);
                    bytes[at..at + 18].copy_from_slice(b"://%41 PRIVATE KEY");
                }
                let (mut ours, mut twin) = (Stops::default(), Stops::default());
                for sought in [Sought::Words(names.ends()), Sought::Marked, Sought::Forms] {
                    ours.clear();
                    twin.clear();
                    filter.run(&bytes, &names, sought, &mut ours);
                    filter.run_scalar(&bytes, &names, sought, &mut twin);
                    assert_eq!(ours, twin, "{:?}", String::from_utf8_lossy(&bytes));
                    ends += twin.ends.len();
                }
                // In what is no text the same is seen of what is looked for there.
                let mut marked = Stops::default();
                filter.run(&bytes, &names, Sought::Marked, &mut marked);
                let is_prefix = |hit: &&Hit| matches!(hit, Hit::Prefix(_));
                assert!(marked.hits.iter().eq(twin.hits.iter().filter(is_prefix)));
                assert_eq!(marked.keys, twin.keys);
                tried += 1;
                prefixes += twin.hits.iter().filter(|hit| matches!(hit, Hit::Prefix(_))).count();
                values += twin.hits.iter().filter(|hit| matches!(hit, Hit::Value(_))).count();
                others += [&twin.urls, &twin.escapes, &twin.keys].map(Vec::len).into_iter().sum::<usize>();
            }
        }
        assert!(tried > 1600 && prefixes > 1000 && values > 1000, "{tried} {prefixes} {values}");
        assert!(ends > 1000 && others > 1000, "{ends} {others}");
    }

    #[test]
    fn a_token_is_seen_wherever_it_stands_against_the_blocks() {
        let (filter, names) = (Filter::new([b"ghp_".as_slice()].into_iter()), Names::default());
        for blanks in 0..140 {
            let text = format!("{}ghp_0123456789ab", " ".repeat(blanks));
            let mut stops = Stops::default();
            filter.run(text.as_bytes(), &names, Sought::Forms, &mut stops);
            assert_eq!(stops.hits, [Hit::Prefix(blanks as u32)], "after {blanks} blanks");
            stops.clear();
            filter.run(&text.as_bytes()[..text.len() - 1], &names, Sought::Forms, &mut stops);
            assert_eq!(stops.hits, [], "fifteen characters are too few");
        }
    }

    #[test]
    fn a_long_run_is_told_from_its_first_letter_to_its_last() {
        let (filter, names) = (Filter::new([b"ghp_".as_slice()].into_iter()), Names::default());
        for blanks in 0..130 {
            for length in [1, LONG - 1, LONG, 63, 64, 65, 100, 127, 128, 129, 200, 300] {
                for tail in ["", " ", "\" x"] {
                    let text = format!("{}{}{tail}", " ".repeat(blanks), "a".repeat(length));
                    let mut stops = Stops::default();
                    filter.run(text.as_bytes(), &names, Sought::Forms, &mut stops);
                    let run = blanks as u32..(blanks + length) as u32;
                    let expected = if length >= LONG { vec![run] } else { vec![] };
                    assert_eq!(stops.runs, expected, "{length} after {blanks} blanks, then {tail:?}");
                }
            }
        }
    }
}
