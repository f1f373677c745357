//! Passwords in statements of SQL, wherever statements stand: `IDENTIFIED BY '…'`, `PASSWORD '…'`.

use super::context::Context;
use super::found::Found;
use super::stops::{Reader, Stops};
use super::tell::{Told, tell};
use crate::facts::Evidence;
use crate::text::File;
use std::ops::Range;

/// Words behind which a password may be.
pub(super) const WORDS: [&str; 8] = [
    "IDENTIFIED ",
    "identified ",
    "PASSWORD ",
    "password ",
    "Password ",
    "PASSWORD(",
    "password(",
    "PASSWORD=N",
];
/// With which a statement begins that gives somebody a password, and how far before it.
const VERBS: [&[u8]; 4] = [b"create ", b"alter ", b"grant ", b"set password"];
const BEFORE: usize = 200;
/// How far behind `IDENTIFIED` the word `BY` is looked for.
const FAR: usize = 80;
const LONGEST: usize = 256;

/// Every password of a statement.
pub(super) fn find(file: &File, context: &Context, stops: &Stops, push: &mut impl FnMut(Found)) {
    let bytes = file.text.as_bytes();
    for hit in stops.of(Reader::Statements) {
        // Sentences say `identified by 'name'`, too.
        let before = bytes[hit.start.saturating_sub(BEFORE)..hit.start].to_ascii_lowercase();
        if !VERBS.iter().any(|verb| memchr::memmem::find(&before, verb).is_some()) {
            continue;
        }
        let is_identified = hit.word.eq_ignore_ascii_case("identified ");
        let value = if is_identified { behind_by(bytes, hit.end()) } else { quoted(bytes, hit.end()) };
        let is_variable = |text: &str| text.starts_with(['@', '&', ':', '?']);
        let is_text =
            |range: &Range<usize>| file.text.get(range.clone()).is_some_and(|text| !is_variable(text));
        let Some(range) = value.filter(is_text) else { continue };
        // `password = 'x'` is an assignment, and others know in what kind of file.
        let told = Told::password(range, "of a database user");
        let found =
            tell(file, context, told).filter(|found| found.evidence != Evidence::Doubtful || is_identified);
        found.into_iter().for_each(&mut *push);
    }
    if file.base().ends_with(".sql") || file.base().ends_with(".php") {
        named(file, context, push);
    }
}

/// The text behind `[WITH plugin] BY`.
fn behind_by(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let window = &bytes[from..bytes.len().min(from + FAR)];
    let window =
        &window[..window.iter().position(|byte| matches!(byte, b';' | b'\n')).unwrap_or(window.len())];
    let by = window.windows(3).position(|three| three.eq_ignore_ascii_case(b"by "))?;
    // A hash is no password; who names a plugin for hashes hands it one.
    let plugin = window[..by].to_ascii_lowercase();
    let is_hash = memchr::memmem::find(&plugin, b"hash").is_some();
    if is_hash { None } else { quoted(bytes, from + by + 3) }
}

/// A text in quotes: `'…'`, `= N'…'`, `('…')`.
fn quoted(bytes: &[u8], mut at: usize) -> Option<Range<usize>> {
    while matches!(bytes.get(at), Some(b' ' | b'(')) {
        at += 1;
    }
    if bytes.get(at) == Some(&b'=') {
        at += 1;
        at += bytes[at..].iter().take(8).take_while(|byte| **byte == b' ').count();
        // Only statements for one server mark their texts so; the rest is an assignment.
        if bytes.get(at) != Some(&b'N') {
            return None;
        }
    }
    if bytes.get(at) == Some(&b'N') {
        at += 1;
    }
    let quote = *bytes.get(at).filter(|byte| matches!(byte, b'\'' | b'"'))?;
    let rest = &bytes[at + 1..bytes.len().min(at + 1 + LONGEST)];
    let length = rest.iter().position(|byte| *byte == quote || *byte == b'\n')?;
    (rest[length] == quote && length > 0).then_some(at + 1..at + 1 + length)
}

/// A name and its value as two texts of a list: `('smtp_password', '…')`, `define('DB_PASSWORD', '…')`.
fn named(file: &File, context: &Context, push: &mut impl FnMut(Found)) {
    let bytes = file.text.as_bytes();
    for at in memchr::memmem::find_iter(bytes, b"('") {
        let Some(name) = quoted(bytes, at) else { continue };
        let comma = &bytes[name.end + 1..bytes.len().min(name.end + 4)];
        let blanks = match comma {
            [b',', b' ', ..] => 2,
            [b',', ..] => 1,
            _ => continue,
        };
        let Some(value) = quoted(bytes, name.end + 1 + blanks) else { continue };
        let (Some(called), Some(_)) = (file.text.get(name.clone()), file.text.get(value.clone())) else {
            continue;
        };
        if context.tables.names().promise(called) == crate::facts::Promise::Strong {
            let told = Told { name: called, ..Told::password(value, "") }.named(name);
            tell(file, context, told).into_iter().for_each(&mut *push);
        }
    }
}
