//! What a name promises: whether a key, a variable or a flag is one that holds a credential. Knows no value.
//!
//! The words come from a data page. All that asks first, before anybody takes a name apart, is made of the same words.

use super::star::fits;
use crate::text::Str;
use std::collections::{HashMap, HashSet};

/// How clearly a name says that its value is a credential.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Promise {
    /// It names something else, or says that the credential is elsewhere.
    None,
    /// It may: `tls_key`, `auth`, `pin`. The value must look random.
    Weak,
    /// It does: `password`, `client_secret`, `apiKey`.
    Strong,
}

impl Promise {
    pub fn named(name: &str) -> Option<Promise> {
        match name {
            "strong" => Some(Promise::Strong),
            "weak" => Some(Promise::Weak),
            "nothing" => Some(Promise::None),
            _ => None,
        }
    }
}

/// A longer name is generated.
const LONGEST: usize = 120;

/// How much may be glued to the front of a telling ending: `mattermostdbpassword`.
const LONGEST_GLUED: usize = 20;

/// The words of names, and what follows from them.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// By the last word.
    words: HashMap<Str, Entries>,
    /// Endings of a word that was glued together.
    ends: Vec<Str>,
    anywhere: HashSet<Str>,
    first: HashSet<Str>,
    tails: HashSet<Str>,
    beside: HashSet<Str>,
    gate: Letters,
}

/// What a last word promises: what comes before it (`*` is any text), and what the name then promises.
#[derive(Clone, Debug, Default)]
struct Entries {
    /// By the word right before it.
    after: HashMap<Str, Vec<Entry>>,
    /// After any word, or after one with a star.
    others: Vec<Entry>,
}

type Entry = (Vec<Str>, Promise);

impl Entries {
    fn add(&mut self, before: Vec<Str>, promise: Promise) {
        let list = match before.last() {
            Some(word) if !word.contains('*') => self.after.entry(word.clone()).or_default(),
            _ => &mut self.others,
        };
        list.push((before, promise));
    }

    /// The longest entry knows best: `public key` is more than `key`.
    fn best(&self, before: &[&str]) -> Option<Promise> {
        let near = before.last().and_then(|word| self.after.get(*word));
        let known = near.into_iter().flatten().chain(&self.others);
        let best = known.filter(|(needed, _)| ends_with(before, needed)).max_by_key(|(needed, promise)| {
            let named = needed.iter().filter(|word| *word != "*").count();
            (named, *promise)
        });
        best.map(|(_, promise)| *promise)
    }

    fn all(&self) -> impl Iterator<Item = &Entry> {
        self.after.values().flatten().chain(&self.others)
    }
}

impl Names {
    /// A last word, or several; each of `after` may be right before them, or nothing has to be.
    pub fn add_words(&mut self, words: &str, after: &[Str], promise: Promise) {
        let mut words: Vec<Str> = words.split(' ').map(Str::from).collect();
        let Some(last) = words.pop() else { return };
        let one = [Str::default()];
        for before in if after.is_empty() { &one } else { after } {
            if promise > Promise::None {
                self.gate.add_end(&last, words.last().unwrap_or(before));
            }
            let before = Some(before.clone()).filter(|word| !word.is_empty()).into_iter();
            let all = before.chain(words.iter().cloned()).collect();
            self.words.entry(last.clone()).or_default().add(all, promise);
        }
    }

    /// How a word ends that was glued together of others, and promises a credential.
    pub fn add_end(&mut self, end: Str) {
        self.gate.add_end(&end, "");
        self.ends.push(end);
    }

    /// A word with which a name promises nothing.
    pub fn add_anywhere(&mut self, word: Str) {
        self.anywhere.insert(word);
    }

    /// A word that makes an act of a name that begins with it.
    pub fn add_first(&mut self, word: Str) {
        self.first.insert(word);
    }

    /// A last word that says nothing.
    pub fn add_tail(&mut self, word: Str) {
        self.gate.add_end(&word, "");
        self.tails.insert(word);
    }

    /// The last word of what belongs to a login and is no secret.
    pub fn add_beside(&mut self, word: Str) {
        self.beside.insert(word);
    }

    /// What a name promises. Words are told apart by case, digits and punctuation.
    pub fn promise(&self, name: &str) -> Promise {
        if !self.may_end(name.as_bytes()) {
            return Promise::None;
        }
        self.judged(name)
    }

    /// The same without the quick look before it: what a test holds the quick look against.
    pub fn judged(&self, name: &str) -> Promise {
        if name.len() > LONGEST {
            return Promise::None;
        }
        let mut small = [0; LONGEST];
        let words = self.told(split(name, &mut small));
        let words = &words[..];
        let [before @ .., last] = words else { return Promise::None };
        if words.iter().any(|word| self.anywhere.contains(*word))
            || words.len() > 1 && self.first.contains(words[0])
        {
            return Promise::None;
        }
        let bare = without_number(last);
        if let Some(promise) = self.words.get(bare).and_then(|entries| entries.best(before)) {
            return promise;
        }
        let glued = |end: &Str| bare.ends_with(end.as_str()) && bare.len() <= end.len() + LONGEST_GLUED;
        if self.ends.iter().any(glued) { Promise::Strong } else { Promise::None }
    }

    /// The words of a name up to the last one that tells something: not `VALUE`, `B64` or a number behind it.
    pub fn telling(&self, name: &str) -> Vec<String> {
        let mut small = vec![0; name.len()];
        self.told(split(name, &mut small)).into_iter().map(str::to_owned).collect()
    }

    fn told<'w>(&self, mut words: Vec<&'w str>) -> Vec<&'w str> {
        while words.len() > 1 && words.last().is_some_and(|last| is_number(last) || self.is_tail(last)) {
            words.pop();
        }
        words
    }

    fn is_tail(&self, word: &str) -> bool {
        self.tails.contains(word) || self.tails.contains(without_number(word))
    }

    /// Whether a text ends as a telling name may end: the quick look before a name is taken apart.
    #[inline]
    pub fn may_end(&self, text: &[u8]) -> bool {
        self.gate.holds_end(text)
    }

    /// The letters with which telling names end: for who looks for all of them in one pass.
    pub fn ends(&self) -> &Letters {
        &self.gate
    }

    /// Whether a name is that of something that belongs to a login but is no secret.
    pub fn is_beside_the_point(&self, name: &str) -> bool {
        words(name).last().is_some_and(|last| self.beside.contains(last.as_str()))
    }

    /// Every name that the page tells, as its words: what a test sweeps over.
    pub fn samples(&self) -> Vec<Vec<String>> {
        let mut out = Vec::new();
        for (last, entries) in &self.words {
            for (before, promise) in entries.all().filter(|(_, promise)| *promise > Promise::None) {
                debug_assert!(*promise > Promise::None);
                let before = before.iter().map(|word| word.replace('*', "relay"));
                out.push(before.chain([last.to_string()]).collect());
            }
        }
        out.extend(self.ends.iter().map(|end| vec![format!("relay{end}")]));
        let tails = self.tails.iter().map(|tail| vec!["password".to_owned(), tail.to_string()]);
        out.extend(tails);
        out.sort();
        out
    }
}

/// Whether the words before the last one end with those that an entry asks for.
fn ends_with(before: &[&str], needed: &[Str]) -> bool {
    before.len() >= needed.len()
        && before[before.len() - needed.len()..].iter().zip(needed).all(|(word, pattern)| fits(pattern, word))
}

fn without_number(word: &str) -> &str {
    word.trim_end_matches(|letter: char| letter.is_ascii_digit())
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The words of a name in small letters: `dbRootPassword` and `DB_ROOT_PASSWORD` both are db, root, password.
pub fn words(name: &str) -> Vec<String> {
    let mut small = vec![0; name.len()];
    split(name, &mut small).into_iter().map(str::to_owned).collect()
}

/// The same; `small` holds the letters, and is as long as the name at least.
fn split<'s>(name: &str, small: &'s mut [u8]) -> Vec<&'s str> {
    let bytes = name.as_bytes();
    for (small, byte) in small.iter_mut().zip(bytes) {
        *small = byte.to_ascii_lowercase();
    }
    let small: &'s [u8] = small;
    let (mut words, mut start) = (Vec::with_capacity(8), 0);
    let mut take = |start: usize, end: usize| {
        let word = small.get(start..end).and_then(|word| str::from_utf8(word).ok());
        words.extend(word.filter(|word| !word.is_empty()));
    };
    for (at, &byte) in bytes.iter().enumerate() {
        if !byte.is_ascii_alphanumeric() {
            take(start, at);
            start = at + 1;
        } else if byte.is_ascii_uppercase() && at > start {
            let after = bytes.get(at + 1).copied().unwrap_or(b' ');
            let before = bytes[at - 1];
            if before.is_ascii_lowercase() || before.is_ascii_uppercase() && after.is_ascii_lowercase() {
                take(start, at);
                start = at;
            }
        }
    }
    take(start, bytes.len());
    words
}

/// Four bytes with their case folded away (and some punctuation with it, which only costs a second look).
#[inline(always)]
pub fn fold(four: [u8; 4]) -> u32 {
    u32::from_le_bytes(four) | 0x2020_2020
}

/// A set of four folded letters each, by their hashes: it may hold more than it was given, never less.
#[derive(Clone, Debug)]
pub struct Letters {
    hashes: Box<[u64; 1024]>,
}

impl Default for Letters {
    fn default() -> Letters {
        Letters { hashes: Box::new([0; 1024]) }
    }
}

impl Letters {
    #[inline(always)]
    pub fn add(&mut self, folded: u32) {
        let hash = Letters::hash(folded);
        self.hashes[hash >> 6] |= 1 << (hash & 63);
    }

    #[inline(always)]
    pub fn has(&self, folded: u32) -> bool {
        let hash = Letters::hash(folded);
        self.hashes[hash >> 6] >> (hash & 63) & 1 == 1
    }

    #[inline(always)]
    fn hash(folded: u32) -> usize {
        (folded.wrapping_mul(0x9E37_79B1) >> 16) as usize
    }

    /// The last four letters of a word. Of a shorter one what comes before it counts, too: anything before three letters,
    /// and before two the end of another word, or the sign between them.
    fn add_end(&mut self, word: &str, before: &str) {
        match *word.as_bytes() {
            [.., a, b, c, d] => self.add(fold([a, b, c, d])),
            [b, c, d] => (0..128).for_each(|a| self.add(fold([a, b, c, d]))),
            [c, d] => {
                for b in *b"_-. \"'\n" {
                    (0..128).for_each(|a| self.add(fold([a, b, c, d])));
                }
                if let [.., a, b] = *before.as_bytes() {
                    self.add(fold([a, b, c, d]));
                }
            }
            _ => {}
        }
    }

    /// Whether a text ends with four letters of the set, a few digits aside.
    #[inline(always)]
    fn holds_end(&self, text: &[u8]) -> bool {
        let last = |text: &[u8]| match *text {
            [.., a, b, c, d] => self.has(fold([a, b, c, d])),
            [b, c, d] => self.has(fold([b'\n', b, c, d])),
            [c, d] => self.has(fold([b'\n', b'\n', c, d])),
            _ => false,
        };
        if last(text) {
            return true;
        }
        // Two numbers at most: `PASSWORD_B64_2`. Most texts end with a letter, and are done here.
        if !matches!(text, [.., b'0'..=b'9' | b'_' | b'-' | b'.']) {
            return false;
        }
        let mut rest = text;
        for _ in 0..2 {
            let digits = rest.iter().rev().take(4).take_while(|byte| byte.is_ascii_digit()).count();
            let head = &rest[..rest.len() - digits];
            let is_sign = |byte: &&u8| matches!(byte, b'_' | b'-' | b'.');
            let head = &head[..head.len() - head.iter().rev().take(2).take_while(is_sign).count()];
            if head.len() == rest.len() {
                return false;
            }
            if last(head) {
                return true;
            }
            rest = head;
        }
        false
    }
}
