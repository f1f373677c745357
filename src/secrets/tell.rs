//! What a finder tells of a value that stands somewhere because it is a credential: judged, and made a finding of.

use super::context::Context;
use super::excuse::excuse;
use super::found::{Found, part};
use super::judge::{self, Question, Setting};
use super::{assign, writing};
use crate::facts::{Promise, SecretKind, SecretPlace, Softer, noun};
use crate::text::{File, Str};
use std::ops::Range;

/// A value and why it is one.
pub(super) struct Told<'t> {
    pub(super) range: Range<usize>,
    /// The name that it is judged under: where the place alone says what it is, `password`.
    pub(super) name: &'t str,
    /// Where its name is, if it has one of its own.
    pub(super) named: Option<Range<usize>>,
    pub(super) setting: Setting,
    pub(super) kind: SecretKind,
    pub(super) place: SecretPlace,
    /// What it is, if it has no name that says so.
    pub(super) what: &'t str,
    /// What it opens.
    pub(super) goes: &'t str,
}

impl<'t> Told<'t> {
    /// A password in a file of settings.
    pub(super) fn password(range: Range<usize>, goes: &'t str) -> Told<'t> {
        Told {
            range,
            name: "password",
            named: None,
            setting: Setting::Given,
            kind: SecretKind::Assigned,
            place: SecretPlace::File,
            what: "password",
            goes,
        }
    }

    pub(super) fn named(self, named: Range<usize>) -> Told<'t> {
        Told { named: Some(named), ..self }
    }
}

/// Whether a file is called as a credential and is one word: nobody explains anything in it.
fn is_own(file: &File, context: &Context) -> bool {
    let stem = file.base().split('.').next().unwrap_or_default();
    context.tables.names().promise(stem) == Promise::Strong && !file.text.trim().contains([' ', '\n'])
}

/// What the judge says of it; what has a name of its own and is none says why. A comment is a text for people in whatever file.
pub(super) fn tell(file: &File, context: &Context, told: Told) -> Option<Found> {
    let value = file.text.get(told.range.clone())?;
    let is_read = writing::is_prose(file) && !is_own(file, context);
    let is_prose = is_read || assign::is_comment(file, told.range.start);
    let setting = if is_prose { Setting::Prose } else { told.setting };
    let (names, keeping) = (context.tables.names(), context.keeping);
    let question = Question { names, name: told.name, value, setting, keeping };
    let (name, value) = (told.named.map(|named| part(file, named)), part(file, told.range));
    let Some(verdict) = judge::judge(&question) else {
        return Some(Found::excused(excuse(&question)?, name?, value));
    };
    let telling = name.as_ref().map(|_| names.telling(told.name)).filter(|words| !words.is_empty());
    let what = telling.map_or(told.what, |words| noun(&words));
    let mut found = Found::judged(told.kind, what, value, verdict).going(told.goes);
    // A command line has no path.
    found.path = name
        .as_ref()
        .filter(|_| told.kind != SecretKind::Script)
        .map_or(Str::default(), |name| name.text.clone());
    found.name = name;
    found.place = told.place;
    found.softer = is_prose.then_some(Softer::Prose);
    Some(found)
}

/// The words of a text, with what is between quotes as one word and without them. Ends where a command ends, and at a quote
/// that closes what was opened before the text.
pub(super) fn words(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut words, mut at) = (Vec::new(), 0);
    while at < bytes.len() && words.len() < WORDS_READ {
        match bytes[at] {
            b' ' | b'\t' | b'\r' => at += 1,
            b'\\' if matches!(bytes.get(at + 1), Some(b'\n' | b'\r')) => at += 2,
            b'\\' if bytes.get(at + 1) == Some(&b'"') => at += 1,
            b'\n' | b';' | b'|' | b'&' | b')' | b'`' | b'#' => break,
            quote @ (b'"' | b'\'') => {
                let Some(length) = memchr::memchr2(quote, b'\n', &bytes[at + 1..]) else { break };
                if bytes[at + 1 + length] == b'\n' {
                    break;
                }
                words.push(at + 1..at + 1 + length);
                at += length + 2;
            }
            _ => {
                let word = word(bytes, at);
                at = word.end;
                words.push(word);
            }
        }
    }
    words
}

/// No command has more words that matter.
const WORDS_READ: usize = 64;

/// The word that begins here; quotes inside it belong to it, one that closes something else ends it.
fn word(bytes: &[u8], start: usize) -> Range<usize> {
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b';' | b'|' | b')' | b'`' => break,
            b'&' if bytes.get(at + 1) == Some(&b'&') => break,
            b'\\' if matches!(bytes.get(at + 1), Some(b'\n' | b'"')) => break,
            b'"' | b'\'' => {
                let rest = bytes[at + 1..].iter().position(|other| *other == byte || *other == b'\n');
                match rest.map(|length| at + 1 + length).filter(|end| bytes[*end] == byte && *end > at + 1) {
                    Some(end) => at = end + 1,
                    None => break,
                }
            }
            _ => at += 1,
        }
    }
    // What opens nothing closes something: the word ends before it.
    if at == start { start..start + 1 } else { start..at }
}

/// A range without the quotes around it.
pub(super) fn unquoted(text: &str, range: Range<usize>) -> Range<usize> {
    match text.as_bytes().get(range.clone()) {
        Some([b'"', .., b'"'] | [b'\'', .., b'\'']) => range.start + 1..range.end - 1,
        _ => range,
    }
}
