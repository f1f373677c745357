//! Credentials on command lines, wherever commands stand: scripts, workflows, Dockerfiles, documentation.

use super::commands::{self, Given, What};
use super::context::Context;
use super::found::{Found, line_around};
use super::judge::Setting;
use super::stops::{Place, Reader, Stops};
use super::tell::{Told, tell, unquoted, words};
use super::value::{self, Kind};
use crate::facts::{Evidence, Promise, SecretKind, SecretPlace, noun};
use crate::text::File;
use std::ops::Range;

/// How far a command goes on, over lines that end with a backslash.
const LONGEST: usize = 2048;
/// How far before a pipe the words are that go through it.
const BEFORE: usize = 300;

/// No flag has a longer name.
const LONGEST_FLAG: usize = 160;
/// Who reads a credential from what comes through a pipe.
const HASHED: &str = " | password_hash(";
const UNIX: What = ("password", "of a Unix user");
const PATCHED: &str = "\"stringData\":";
const READERS: [&str; 5] = [" --password-stdin", "passwd --stdin", "sudo -S", "secret create", "chpasswd"];

/// The words at which a command may be.
pub(super) fn needles() -> Vec<&'static str> {
    [PATCHED, HASHED].into_iter().chain(READERS).chain(commands::programs()).collect()
}

/// Where a command line may have a credential.
enum Seen<'s> {
    Word(&'s Place),
    /// A long flag whose name begins there.
    Flag(usize),
}

impl Seen<'_> {
    fn start(&self) -> usize {
        match *self {
            Seen::Word(place) => place.start,
            Seen::Flag(at) => at,
        }
    }
}

/// Every credential that a command line spells out.
pub(super) fn find(file: &File, context: &Context, stops: &Stops, push: &mut impl FnMut(Found)) {
    let bytes = file.text.as_bytes();
    let flags = stops.names.iter().filter_map(|end| flag_that_ends(bytes, *end)).map(Seen::Flag);
    let mut seen: Vec<Seen> = stops.of(Reader::Script).map(Seen::Word).chain(flags).collect();
    seen.sort_by_key(Seen::start);
    // Up to where commands were read, and up to where the last word went: `chpasswd` holds `passwd`.
    let (mut told, mut floor) = (0, 0);
    for seen in seen {
        let place = match seen {
            Seen::Flag(from) => {
                long_flag(file, context, from, push);
                continue;
            }
            Seen::Word(place) if place.start < floor => continue,
            Seen::Word(place) => place,
        };
        floor = place.end();
        match place.word {
            PATCHED => patched(file, context, place.end(), push),
            HASHED => hashed(file, context, place.start, push),
            word if READERS.contains(&word) => piped(file, context, place.start, word, push),
            _ if place.start >= told && is_program(bytes, &(place.start..place.end())) => {
                told = program(file, context, place.start, push);
            }
            _ => {}
        }
    }
}

/// Where the name of the long flag begins that ends here, a blank behind it.
fn flag_that_ends(bytes: &[u8], end: usize) -> Option<usize> {
    if bytes.get(end) != Some(&b' ') {
        return None;
    }
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let length = bytes[..end].iter().rev().take(LONGEST_FLAG).take_while(is_name).count();
    let start = end - length;
    (bytes[start..end].starts_with(b"--") && bytes[..start].ends_with(b" ")).then_some(start + 2)
}

/// Whether a program is called there: not where a path goes on, or another word.
fn is_program(bytes: &[u8], range: &Range<usize>) -> bool {
    let before = range.start.checked_sub(1).map_or(b'\n', |at| bytes[at]);
    let after = bytes.get(range.end).copied().unwrap_or(b'\n');
    !(before.is_ascii_alphanumeric() || matches!(before, b'-' | b'_' | b'.' | b'$' | b'{' | b'@' | b':'))
        && matches!(after, b' ' | b'\t' | b'"' | b'\'' | b',')
}

/// The credentials of the command at `at`; gives where it ends.
fn program(file: &File, context: &Context, at: usize, push: &mut impl FnMut(Found)) -> usize {
    let end = floor(file.text, at + LONGEST);
    let text = &file.text[at..end];
    let is_list = text.bytes().find(|byte| b" \t,\n".contains(byte)) == Some(b',');
    let mut ranges = if is_list { items(text) } else { words(text) };
    let end = ranges.iter().position(|range| text[range.clone()].starts_with(['>', '<']));
    ranges.truncate(end.unwrap_or(ranges.len()));
    let texts: Vec<&str> = ranges.iter().map(|range| &text[range.clone()]).collect();
    let is_name = |word: &str| context.tables.names().promise(word) == Promise::Strong;
    for Given { word, range, named, command } in commands::credentials(&texts, &is_name) {
        let place = |word: usize, range: Range<usize>| {
            let start = at + ranges[word].start;
            start + range.start..start + range.end
        };
        let named = named.map(|(word, range)| place(word, range));
        report(file, context, place(word, range), named, (command.what, command.has_names()), push);
    }
    at + ranges.last().map_or(1, |last| last.end)
}

/// The items of a list in brackets, of which a program is the first.
fn items(text: &str) -> Vec<Range<usize>> {
    let end = text.find([']', '\n']).unwrap_or(text.len());
    let mut start = 0;
    let mut out = Vec::new();
    for item in text[..end].split(',') {
        let range = start..start + item.len();
        start = range.end + 1;
        let blank = item.len() - item.trim_start_matches([' ', '"', '\'', '\\']).len();
        let trimmed = item.trim_matches([' ', '"', '\'', '\\']);
        out.push(range.start + blank..range.start + blank + trimmed.len());
    }
    out
}

/// `--admin-password value`, whatever the program is.
fn long_flag(file: &File, context: &Context, from: usize, push: &mut impl FnMut(Found)) {
    let text = &file.text[from..floor(file.text, from + 600)];
    let length =
        text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count();
    let name = &text[..length];
    if !text[length..].starts_with(' ') || context.tables.names().promise(name) != Promise::Strong {
        return;
    }
    let Some(word) = words(&text[length..]).into_iter().next() else { return };
    let range = from + length + word.start..from + length + word.end;
    // `--secret name`, `--secret id=x`: mostly the name of one.
    let is_pointer = name.ends_with("secret") || name.ends_with("credentials");
    let is_sentence = value::is_plain_words(&file.text[range.clone()]);
    if is_sentence || is_pointer && value::randomness(&file.text[range.clone()]).0 < 3 {
        return;
    }
    let what = noun(&context.tables.names().telling(name));
    report(file, context, range, None, ((what, ""), false), push);
}

/// The entries of a Secret in JSON on a command line.
fn patched(file: &File, context: &Context, from: usize, push: &mut impl FnMut(Found)) {
    if file.is_yaml() {
        return;
    }
    let text = &file.text[from..floor(file.text, from + LONGEST)];
    // The entries of this map alone: what another one holds is read with that.
    let open = text.find('{').map_or(0, |at| at + 1);
    let end = text[open..].find(['{', '}', '\n']).map_or(text.len(), |at| open + at);
    let text = &text[..end];
    let marks: Vec<usize> = text.match_indices('"').map(|(at, _)| from + at).collect();
    for four in marks.chunks_exact(4) {
        let what = (commands::STORED, true);
        report(file, context, four[2] + 1..four[3], Some(four[0] + 1..four[1]), what, push);
    }
}

/// `{{ 'password' | password_hash('sha512') }}`: what is hashed is there.
fn hashed(file: &File, context: &Context, end: usize, push: &mut impl FnMut(Found)) {
    let line = line_around(file.text.as_bytes(), end, BEFORE);
    let before = file.text.get(line.start..end).unwrap_or_default();
    let Some(quote) = before.chars().next_back().filter(|last| matches!(last, '\'' | '"')) else { return };
    let Some(open) = before[..before.len() - 1].rfind(quote) else { return };
    let range = line.start + open + 1..end - 1;
    report(file, context, range, None, (UNIX, false), push);
}

/// `echo value | reader`.
fn piped(file: &File, context: &Context, at: usize, reader: &str, push: &mut impl FnMut(Found)) {
    let line = line_around(file.text.as_bytes(), at, BEFORE);
    let Some(before) = file.text.get(line.start..at).filter(|before| before.contains('|')) else { return };
    let Some(echo) = ["echo ", "printf "].iter().find_map(|word| Some(before.rfind(word)? + word.len()))
    else {
        return;
    };
    let word = words(&before[echo..]).into_iter().find(|word| !before[echo + word.start..].starts_with('-'));
    let Some(word) = word else { return };
    let mut range = line.start + echo + word.start..line.start + echo + word.end;
    let what = match reader {
        "chpasswd" => {
            let Some(sign) = file.text[range.clone()].find(':') else { return };
            range.start += sign + 1;
            UNIX
        }
        " --password-stdin" => ("password", "of a registry login"),
        "secret create" => commands::STORED,
        _ => UNIX,
    };
    report(file, context, range, None, (what, false), push);
}

fn report(
    file: &File,
    context: &Context,
    range: Range<usize>,
    named: Option<Range<usize>>,
    ((what, goes), has_names): (What, bool),
    push: &mut impl FnMut(Found),
) {
    let range = unquoted(file.text, range);
    let text = &file.text[range.clone()];
    if text.starts_with(['-', '$', '<', '{', '%', '\\', '[', '@', '/'])
        || text.len() < 4
        || text.contains(['$', '{', '<', '(', '[', ']', '"', '\'', ' '])
    {
        return;
    }
    let names = context.tables.names();
    let is_pair = named.is_some();
    let name = named.clone().map_or("password", |named| &file.text[named]);
    if is_pair && names.is_beside_the_point(name) {
        return;
    }
    let lower = text.to_ascii_lowercase();
    let is_flag =
        matches!(lower.as_str(), "password" | "pass" | "passwd" | "value" | "token" | "pwd" | "username");
    if is_flag || value::kind(text) == Kind::ToChange {
        return;
    }
    let told = Told {
        range,
        // What a command takes there is a password, whatever the flag is called.
        name,
        named,
        setting: if is_pair { Setting::Secret } else { Setting::Given },
        kind: SecretKind::Script,
        place: SecretPlace::Script,
        what,
        goes,
    };
    let found = tell(file, context, told);
    let is_sure = |found: &Found| !has_names || found.evidence != Evidence::Doubtful;
    found.into_iter().filter(is_sure).for_each(push);
}

/// The end of a window, on a boundary.
fn floor(text: &str, end: usize) -> usize {
    let end = end.min(text.len());
    (0..=end).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
