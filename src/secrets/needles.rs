//! The words of all readers, looked for in one walk. Each reader has its words in a table of its own; here they are collected,
//! with the letters at which the walk has to stop for them.

use super::simd::{four_before, is_token, is_word, short};
use super::stops::{Place, Reader};
use super::{apart, directives, headers, script, sops, sql, structure};
use crate::facts::{Letters, fold};
use std::sync::LazyLock;

/// The words of all readers.
pub(super) static WORDS: LazyLock<Needles> = LazyLock::new(|| {
    let script = script::needles();
    Needles::of(&[
        (Reader::Script, &script),
        (Reader::Headers, &headers::SCHEMES),
        (Reader::Statements, &sql::WORDS),
        (Reader::Apart, &apart::HEADS),
        (Reader::Directives, &directives::needles()),
        (Reader::Trees, &structure::TELLING),
        (Reader::Loose, &[structure::KIND]),
        (Reader::Sops, &sops::MARKS),
    ])
});

/// A word, and how much of it is before the end of a run of token characters: there the walk stops for it.
#[derive(Debug)]
struct Needle {
    reader: Reader,
    word: &'static str,
    before: usize,
}

#[derive(Debug)]
pub(super) struct Needles {
    all: Vec<Needle>,
    /// The last letters before the end of the run, with the word; sorted.
    by_end: Vec<(u32, u16)>,
    /// The same letters, for a quick no.
    keys: Letters,
}

impl Needles {
    fn of(readers: &[(Reader, &[&'static str])]) -> Needles {
        let all = readers.iter().flat_map(|(reader, words)| words.iter().map(move |word| (*reader, *word)));
        let all: Vec<Needle> =
            all.map(|(reader, word)| Needle { reader, word, before: last_end(word) }).collect();
        let mut by_end: Vec<(u32, u16)> = (0..).zip(&all).map(|(at, needle)| (needle.key(), at)).collect();
        by_end.sort_unstable();
        let mut keys = Letters::default();
        by_end.iter().for_each(|(key, _)| keys.add(*key));
        Needles { all, by_end, keys }
    }

    /// Adds the letters at which the walk has to stop.
    pub(super) fn add_ends(&self, letters: &mut Letters) {
        for needle in &self.all {
            match needle.word.as_bytes()[..needle.before] {
                // What is before a word of three letters is none itself.
                [b, c, d] => (0..128).filter(|a| !is_word(*a)).for_each(|a| letters.add(fold([a, b, c, d]))),
                _ => letters.add(needle.key()),
            }
        }
    }

    /// The words for which the walk has stopped at `end`.
    pub(super) fn at(&self, text: &str, end: usize, each: &mut dyn FnMut(Place)) {
        let four = four_before(text.as_bytes(), end);
        let folded = fold(four);
        self.with_key(folded, text, end, each);
        if !is_word(four[0]) {
            self.with_key(folded & 0xFFFF_FF00 | 0x20, text, end, each);
        }
        if !is_word(four[1]) {
            self.with_key(short(folded), text, end, each);
        }
    }

    fn with_key(&self, key: u32, text: &str, end: usize, each: &mut dyn FnMut(Place)) {
        if !self.keys.has(key) {
            return;
        }
        let first = self.by_end.partition_point(|(known, _)| *known < key);
        for (_, at) in self.by_end[first..].iter().take_while(|(known, _)| *known == key) {
            let Needle { reader, word, before } = self.all[usize::from(*at)];
            if let Some(start) = end.checked_sub(before)
                && text.as_bytes()[start..].starts_with(word.as_bytes())
            {
                each(Place { reader, word, start });
            }
        }
    }
}

impl Needle {
    /// The folded last four letters before the end of the run; of a word of two or three letters the rest is blank.
    fn key(&self) -> u32 {
        match self.word.as_bytes()[..self.before] {
            [.., a, b, c, d] => fold([a, b, c, d]),
            [b, c, d] => fold([b' ', b, c, d]),
            [c, d] => fold([b' ', b' ', c, d]),
            _ => unreachable!("a word of one letter is in every text"),
        }
    }
}

/// The end of the last run of token characters in a word that goes on behind it; of others the end of the word.
fn last_end(word: &str) -> usize {
    let bytes = word.as_bytes();
    let ends = |at: &usize| is_token(bytes[at - 1]) && !is_token(bytes[*at]);
    (1..bytes.len()).rev().find(ends).unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_every_reader_is_found_where_it_is() {
        for needle in &WORDS.all {
            for (head, tail) in [("", ""), ("\n", "\n"), ("x y ", " z"), ("- ", "\"")] {
                let text = format!("{head}{}{tail}", needle.word);
                let mut found = Vec::new();
                WORDS.at(&text, head.len() + needle.before, &mut |place| found.push(place));
                let wanted = Place { reader: needle.reader, word: needle.word, start: head.len() };
                assert!(found.contains(&wanted), "{text:?} {found:?}");
            }
        }
    }
}
