//! Several needles, looked for in one pass over a text: the cheap question before any parsing.

use aho_corasick::Span;
use aho_corasick::packed::{Config, MatchKind, Searcher};

/// Needles that most texts do not hold: each that one does costs a new start.
#[derive(Debug)]
pub struct Needles {
    words: Vec<&'static str>,
    /// For each word the bits of all that it begins with, its own among them.
    within: Vec<u64>,
    /// Nothing on a machine without the instructions for it.
    searcher: Option<Searcher>,
}

impl Needles {
    /// At most 64 words.
    pub fn of(words: impl IntoIterator<Item = &'static str>) -> Needles {
        let words: Vec<&str> = words.into_iter().collect();
        assert!(words.len() <= 64, "a bit for each");
        let bits = |word: &&str| {
            let begins = words.iter().enumerate().filter(|(_, other)| word.starts_with(**other));
            begins.fold(0, |bits, (at, _)| bits | 1 << at)
        };
        let within = words.iter().map(bits).collect();
        let mut builder = Config::new().match_kind(MatchKind::LeftmostLongest).builder();
        let searcher = builder.extend(&words).build();
        Needles { words, within, searcher }
    }

    /// Which of the words stand in a text, as bits in their order.
    pub fn in_text(&self, text: &str) -> u64 {
        let Some(searcher) = &self.searcher else { return self.one_by_one(text) };
        let (mut bits, mut at) = (0, 0);
        while let Some(found) = searcher.find_in(text, Span::from(at..text.len())) {
            bits |= self.within[found.pattern().as_usize()];
            at = found.start() + 1;
        }
        bits
    }

    fn one_by_one(&self, text: &str) -> u64 {
        let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        let held = self.words.iter().enumerate().filter(|(_, word)| has(word));
        held.fold(0, |bits, (at, _)| bits | 1 << at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pass_sees_what_a_pass_for_each_word_sees() {
        let needles = Needles::of(["image", "mage:", "images", "tag", "imagePullPolicy", "ag: x", "kind"]);
        let texts = [
            "",
            "image",
            "images: tag: x",
            "iimagePullPolicy",
            "imagePullPolic tag",
            "mage: and more than a few letters, so that all lanes are used; then image: at the very end, and a tag: x",
            "kin d",
            "kindimagestag",
        ];
        let mut seen = 0;
        for text in texts {
            assert_eq!(needles.in_text(text), needles.one_by_one(text), "{text}");
            seen |= needles.in_text(text);
        }
        assert_eq!(seen, 0x7f, "each word is in some text");
    }
}
