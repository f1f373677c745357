//! What the scan looks for: the vendors' tokens, their first letters, the words that stand near them. Patterns are
//! compiled when their first keyword is seen; a run that meets no AWS key never compiles AWS's pattern.

use super::page;
use super::simd::Filter;
use super::token::Token;
use crate::facts::{Letters, Names, fold};
use crate::finding::Problem;
use crate::limits::MOST_OF_MACHINE;
use crate::syntax::Front;
use crate::text::Str;
use regex::bytes::{Regex, RegexBuilder};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// All tokens of a run, ready to be looked for. Cheap to fill and to clone: the index is built at the first scan.
#[derive(Debug, Default)]
pub struct Tables {
    tokens: Vec<Arc<Token>>,
    names: Names,
    index: OnceLock<Index>,
    /// The letters with which names and the words of readers end.
    ends: OnceLock<Letters>,
}

/// Words that stand near tokens which have no letters of their own.
#[derive(Debug, Default)]
struct Words {
    /// In small letters, each with its tokens.
    words: Vec<(Str, Vec<u16>)>,
    /// The folded first four letters of each word, with the word; sorted.
    starts: Vec<(u32, u16)>,
    firsts: Letters,
    /// Words of fewer letters.
    short: Vec<u16>,
}

/// Where tokens begin.
#[derive(Debug)]
struct Index {
    filter: Filter,
    /// The folded first four bytes of each longer keyword, with its token; sorted.
    starts: Vec<(u32, u16)>,
    /// The same for keywords of three bytes, the fourth byte being zero.
    short_starts: Vec<(u32, u16)>,
    /// The words near tokens that have no letters of their own, with their tokens; built when the first value is met.
    words: OnceLock<Words>,
}

impl Clone for Tables {
    fn clone(&self) -> Tables {
        Tables { tokens: self.tokens.clone(), names: self.names.clone(), ..Tables::default() }
    }
}

impl Tables {
    /// Adds the tokens of one page: `rule` is its id, `tokens` the list in its front matter.
    pub fn add(&mut self, rule: &Str, tokens: &Front, problems: &mut Vec<Problem>) {
        self.tokens.extend(page::read(rule, tokens, problems).into_iter().map(Arc::new));
        self.index = OnceLock::new();
    }

    pub fn tokens(&self) -> &[Arc<Token>] {
        &self.tokens
    }

    /// What is wrong with the patterns of one page. Compiles them, so it is for pages of users and for tests.
    pub fn faults(&self, rule: &str) -> Vec<String> {
        let own = self.tokens.iter().filter(|token| token.rule == rule);
        own.filter_map(|token| token.fault().map(|fault| format!("the pattern of `{}`: {fault}", token.what)))
            .collect()
    }

    /// Which names promise a credential.
    pub fn names(&self) -> &Names {
        &self.names
    }

    pub fn names_mut(&mut self) -> &mut Names {
        self.ends = OnceLock::new();
        &mut self.names
    }

    /// What looks for every place of a text that is worth a closer look.
    pub(super) fn filter(&self) -> &Filter {
        &self.index().filter
    }

    /// The letters with which telling names end, and what is added to them at the first time.
    pub(super) fn ends(&self, add: impl FnOnce(&mut Letters)) -> &Letters {
        self.ends.get_or_init(|| {
            let mut ends = self.names.ends().clone();
            add(&mut ends);
            ends
        })
    }

    /// The tokens one of whose keywords begins at `at`.
    pub(super) fn at<'t, 'b>(
        &'t self,
        bytes: &'b [u8],
        at: usize,
    ) -> impl Iterator<Item = &'t Token> + use<'t, 'b> {
        let four = match bytes.get(at..at + 4) {
            Some(&[a, b, c, d]) => [a, b, c, d],
            _ => [0; 4],
        };
        let index = self.index();
        let long = equal(&index.starts, fold(four));
        let short = equal(&index.short_starts, fold([four[0], four[1], four[2], 0]));
        long.iter().chain(short).map(|&(_, token)| &*self.tokens[token as usize]).filter(move |token| {
            token.keywords.iter().any(|word| {
                bytes.get(at..at + word.len()).is_some_and(|text| text.eq_ignore_ascii_case(word.as_bytes()))
            })
        })
    }

    /// The tokens without letters of their own for which a word stands in `before`.
    pub(super) fn near<'t>(&'t self, before: &[u8], found: &mut Vec<&'t Token>) {
        let words = self.index().words.get_or_init(|| self.build_words());
        words.each(before, &mut |owners| {
            for &owner in owners {
                let token = &*self.tokens[owner as usize];
                if !found.iter().any(|known| std::ptr::eq(*known, token)) {
                    found.push(token);
                }
            }
        });
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let keywords = self.tokens.iter().flat_map(|token| &token.keywords).map(|word| word.as_bytes());
            let filter = Filter::new(keywords);
            let (mut starts, mut short_starts) = (Vec::new(), Vec::new());
            for (at, token) in self.tokens.iter().enumerate() {
                for keyword in &token.keywords {
                    match *keyword.as_bytes() {
                        [a, b, c, d, ..] => starts.push((fold([a, b, c, d]), at as u16)),
                        [a, b, c] => short_starts.push((fold([a, b, c, 0]), at as u16)),
                        _ => {}
                    }
                }
            }
            for list in [&mut starts, &mut short_starts] {
                list.sort_unstable();
                list.dedup();
            }
            Index { filter, starts, short_starts, words: OnceLock::new() }
        })
    }

    fn build_words(&self) -> Words {
        let mut owners: BTreeMap<&str, Vec<u16>> = BTreeMap::new();
        for (at, token) in self.tokens.iter().enumerate().filter(|(_, token)| token.keywords.is_empty()) {
            token.near.iter().for_each(|word| owners.entry(word).or_default().push(at as u16));
        }
        let mut out = Words::default();
        for (at, (word, owners)) in owners.into_iter().enumerate() {
            match *word.as_bytes() {
                [a, b, c, d, ..] => {
                    out.starts.push((fold([a, b, c, d]), at as u16));
                    out.firsts.add(fold([a, b, c, d]));
                }
                _ => out.short.push(at as u16),
            }
            out.words.push((word.into(), owners));
        }
        out.starts.sort_unstable();
        out
    }
}

impl Words {
    /// Visits the tokens of every word that stands in a text, whatever its case.
    fn each<'w>(&'w self, text: &[u8], visit: &mut impl FnMut(&'w [u16])) {
        for (at, four) in text.windows(4).enumerate() {
            let folded = fold([four[0], four[1], four[2], four[3]]);
            if !self.firsts.has(folded) {
                continue;
            }
            for &(_, word) in equal(&self.starts, folded) {
                let (word, owners) = &self.words[usize::from(word)];
                if text[at..].get(..word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word.as_bytes())) {
                    visit(owners);
                }
            }
        }
        for &word in &self.short {
            let (word, owners) = &self.words[usize::from(word)];
            let Some(&first) = word.as_bytes().first() else { continue };
            let mut places = memchr::memchr2_iter(first, first.to_ascii_uppercase(), text);
            let is_it = |it: &[u8]| it.eq_ignore_ascii_case(word.as_bytes());
            if places.any(|at| text.get(at..at + word.len()).is_some_and(is_it)) {
                visit(owners);
            }
        }
    }
}

impl Token {
    /// The compiled pattern; nothing if it is no regular expression.
    pub(super) fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| self.compile().ok()).as_ref()
    }

    /// Says what is wrong with the pattern, if anything is. Compiles it, so it is for pages of users and for tests.
    pub fn fault(&self) -> Option<String> {
        self.compile().err().map(|error| error.to_string())
    }

    /// Whether a match begins where the keyword (or the value) begins, which spares a search.
    pub(super) fn is_anchored(&self) -> bool {
        *self.anchored.get_or_init(|| self.begins_with_keyword())
    }

    fn begins_with_keyword(&self) -> bool {
        let bare: String = self
            .pattern
            .trim_start_matches("(?i)")
            .chars()
            .filter(|c| !matches!(c, '\\' | '(' | '?' | ':'))
            .collect();
        let first = |word: &Str| {
            let word: String = word.chars().filter(|c| !matches!(c, '\\' | '(' | '?' | ':')).collect();
            bare.as_bytes().iter().zip(word.as_bytes()).take(3).all(|(a, b)| a.eq_ignore_ascii_case(b))
        };
        self.keywords.is_empty() || self.keywords.iter().all(first)
    }

    fn compile(&self) -> Result<Regex, regex::Error> {
        let anchor = if self.is_anchored() { r"\A" } else { "" };
        RegexBuilder::new(&format!("{anchor}(?:{})", self.pattern))
            .unicode(false)
            .size_limit(MOST_OF_MACHINE)
            .build()
    }
}

/// The part of a sorted list with this key.
fn equal(list: &[(u32, u16)], key: u32) -> &[(u32, u16)] {
    let start = list.partition_point(|&(known, _)| known < key);
    let length = list[start..].iter().take_while(|&&(known, _)| known == key).count();
    &list[start..start + length]
}
