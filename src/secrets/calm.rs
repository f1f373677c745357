//! Versions of one file: of a text that holds nothing, a later version is looked at only where it differs. Whoever reads
//! a whole history meets the same lines thousands of times.
//!
//! Nothing is guessed: where a change may have to do with what is far from it (a document, a block, an armor), the answer
//! is no, and the whole version is read.

use super::context::Context;
use super::read::Answer;
use super::simd::Hit;
use super::{decode, scan, sops, structure};
use crate::syntax::sealed;
use crate::syntax::yaml::Yaml;
use crate::text::File;
use memchr::memmem;
use std::ops::Range;

/// That a text holds nothing, and what has to be known of it to say the same of another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Calm {
    /// Whether any word of it speaks of credentials.
    speaks: bool,
    /// Whether no tree had to be made to know it.
    is_flat: bool,
}

/// What reaches further than its own line, beside ciphertext: armor, lists of users, settings of SOPS.
const FAR: [&[u8]; 4] = [b"-----", b"PuTTY", b"chpasswd", b"sops"];

/// What changes the meaning of lines that are elsewhere in a document.
const NEAR: [&[u8]; 12] = [
    b"kind:",
    b"apiVersion:",
    b"---",
    b"template",
    b"{{",
    b"data",
    b"\"Secret\"",
    b"SealedSecret",
    b"secretGenerator",
    b"auths",
    b"base64,",
    b"\\",
];

/// How far around a change the words are that count for it.
const REACH: usize = 128;
/// A longer change is read with its whole file.
const MOST_CHANGED: usize = 4 << 10;
/// Lines of base64 that go on for several lines are at least as long.
const LONG_LINE: usize = 60;

impl Calm {
    /// Of a text in which nothing was found, not even in ciphertext.
    pub fn of(file: &File, answer: &Answer, context: &Context) -> Option<Calm> {
        let bytes = file.text.as_bytes();
        let has = |needle: &&[u8]| memmem::find(bytes, needle).is_some();
        let is_readable = file.is_yaml() && !answer.yaml.as_ref().is_some_and(Yaml::is_broken);
        let is_kept = answer.is_quiet && is_readable && !file.base().starts_with("kubeconfig");
        let is_promised = sops::is_covered(&context.promises.creations, file);
        (is_kept && !is_promised && !FAR.iter().any(has) && !sealed::is_marked(file.text))
            .then(|| Calm { speaks: context.tables.names().speaks(bytes), is_flat: answer.yaml.is_none() })
    }

    /// The same of another version of the file, if it holds nothing either. Where that cannot be said, it is not.
    pub fn of_next(&self, before: &str, after: &File, context: &Context) -> Option<Calm> {
        let [old, new] = changed(before, after.text);
        if new.len().max(old.len()) > MOST_CHANGED {
            return None;
        }
        let (was, is) = (&before[old], &after.text[new.clone()]);
        let has =
            |needle: &&[u8]| [was, is].iter().any(|text| memmem::find(text.as_bytes(), needle).is_some());
        // What is around the change is scanned as all of it would be.
        let window = around(after.text, &new);
        let part = File { text: &after.text[window.clone()], ..*after };
        let mut hits = Vec::new();
        if FAR.iter().any(has)
            || sealed::is_marked(was)
            || sealed::is_marked(is)
            || part.text.len() > MOST_CHANGED + 4 * REACH
            || part.text.lines().any(is_encoded_line)
            || scan::scan(&part, context, &mut hits, &mut |_| {})
        {
            return None;
        }
        let speaks = context.tables.names().speaks(is.as_bytes());
        if is_of_values(was, is) && !ends_as_block(&after.text[..new.start]) {
            let is_flat = self.is_flat && (self.speaks || !speaks);
            return Some(Calm { speaks: self.speaks || speaks, is_flat });
        }
        let is_near = || NEAR.iter().any(has);
        let is_told = || {
            let hits: Vec<Hit> = hits.iter().map(|hit| hit.behind(window.start as u32)).collect();
            structure::may_tell_in(after, context, &new, &hits)
        };
        let is_calm = self.is_flat && !is_near() && if self.speaks { !is_told() } else { !speaks };
        is_calm.then_some(*self)
    }
}

/// The lines in which two texts differ.
fn changed(before: &str, after: &str) -> [Range<usize>; 2] {
    let (a, b) = (before.as_bytes(), after.as_bytes());
    let shorter = a.len().min(b.len());
    let mut same = common(a, b, shorter);
    // Whole lines: the line breaks at both ends stay out of them.
    same = memchr::memrchr(b'\n', &a[..same]).map_or(0, |found| found + 1);
    let mut tail = common_end(&a[same..], &b[same..]);
    tail = memchr::memchr(b'\n', &a[a.len() - tail..]).map_or(0, |found| tail - found);
    [same..a.len() - tail, same..b.len() - tail]
}

/// How many bytes two texts begin with alike.
fn common(a: &[u8], b: &[u8], most: usize) -> usize {
    const STEP: usize = 64;
    let mut at = 0;
    while at + STEP <= most && a[at..at + STEP] == b[at..at + STEP] {
        at += STEP;
    }
    at + a[at..most].iter().zip(&b[at..most]).take_while(|(one, other)| one == other).count()
}

fn common_end(a: &[u8], b: &[u8]) -> usize {
    const STEP: usize = 64;
    let most = a.len().min(b.len());
    let mut end = 0;
    while end + STEP <= most
        && a[a.len() - end - STEP..a.len() - end] == b[b.len() - end - STEP..b.len() - end]
    {
        end += STEP;
    }
    let rest = a[..a.len() - end].iter().rev().zip(b[..b.len() - end].iter().rev());
    end + rest.take(most - end).take_while(|(one, other)| one == other).count()
}

/// The lines around a change that count for it: the words before a value, and the line whose value may be the next.
fn around(text: &str, changed: &Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let start_of = |at: usize| memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |found| found + 1);
    let mut start = start_of(changed.start.saturating_sub(REACH));
    let says_nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    while start > 0 && text[start..].lines().next().is_none_or(says_nothing) {
        start = start_of(start - 1);
    }
    let from = (changed.end + REACH).min(bytes.len());
    let end = memchr::memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |found| from + found);
    start..end
}

/// Whether a line may be one of several in base64.
fn is_encoded_line(line: &str) -> bool {
    let line = line.trim();
    line.len() >= LONG_LINE
        && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte))
}

/// Whether only values of names that promise nothing differ, each on a line of its own: the tree is the same then but for
/// these scalars.
fn is_of_values(was: &str, is: &str) -> bool {
    was.lines().count() == is.lines().count()
        && was.ends_with('\n') == is.ends_with('\n')
        && was.lines().zip(is.lines()).all(|(was, is)| was == is || is_neutral(was, is))
}

fn is_neutral(was: &str, is: &str) -> bool {
    #[rustfmt::skip]
    const NEUTRAL: &[&str] = &[
        "tag", "image", "version", "digest", "targetRevision", "newTag", "appVersion", "uses", "ref", "rev", "interval",
        "repository", "chart", "url", "replicas", "cpu", "memory", "storage", "timeout", "retries", "size",
    ];
    let split = |line: &'_ str| line.split_once(": ").map(|(key, value)| (key.to_owned(), value.to_owned()));
    let (Some((key, was)), Some((same, is))) = (split(was), split(is)) else { return false };
    let is_plain = |value: &str| {
        let inner = value.trim_matches('"');
        let letters = inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:@/+-".contains(&byte));
        !inner.is_empty() && letters && decode::text(inner).is_none()
    };
    let quotes = |value: &str| (value.starts_with('"'), value.ends_with('"'), value.matches('"').count());
    key == same
        && NEUTRAL.contains(&key.trim_start_matches([' ', '-']))
        && quotes(&was) == quotes(&is)
        && is_plain(&was)
        && is_plain(&is)
}

/// Whether the line before a change begins a text of several lines, of which the change may be all.
fn ends_as_block(before: &str) -> bool {
    let line = before.trim_end().rsplit('\n').next().unwrap_or_default();
    let sign = line.trim_end_matches(|letter: char| letter.is_ascii_digit() || matches!(letter, '-' | '+'));
    sign.ends_with(['|', '>'])
}

impl Hit {
    /// The same hit in a text that begins so much earlier.
    fn behind(self, by: u32) -> Hit {
        match self {
            Hit::Prefix(at) => Hit::Prefix(at + by),
            Hit::Value(at) => Hit::Value(at + by),
            Hit::Name(at) => Hit::Name(at + by),
        }
    }
}
