//! Files of lines in which no sign assigns: `requirepass …`, `machine … password …`, `host:port:database:user:password`.
//! Each of its programs has its own order of words; the tables below know them.

use super::context::Context;
use super::found::Found;
use super::judge::Setting;
use super::stops::{Reader, Stops};
use super::tell::{Told, tell, unquoted};
use super::value::{self, Kind};
use super::writing::Writing;
use crate::facts::{Evidence, Promise, noun};
use crate::text::File;
use std::ops::Range;

/// Where on a line the credential is.
#[derive(Clone, Copy)]
enum At {
    /// The word with this number.
    Word(usize),
    /// The word behind another one.
    Behind(&'static str),
    /// Behind the last such sign of the last word.
    After(char),
    /// Every word in quotes.
    Quoted,
    /// What follows the sign at the beginning of a word.
    Marked(char),
}

/// Lines that begin with these words.
const LINES: &[(&[&str], At)] = &[
    (&["poll"], At::Behind("password")),
    (&["poll"], At::Behind("pass")),
    (&["user"], At::Behind("insecure-password")),
    (&["user"], At::Marked('>')),
    (&["d-i"], At::Behind("password")),
    (&["sentinel", "auth-pass"], At::Word(3)),
    (&["rootpw", "--plaintext"], At::Word(2)),
    (&["createUser"], At::Quoted),
    (&["MONITOR"], At::Word(4)),
    (&["SQLConnectInfo"], At::Word(3)),
    (&["stats", "auth"], At::After(':')),
    (&["send"], At::Quoted),
    (&["cache_peer"], At::After(':')),
];

/// Files whose every line is of fields, by the beginning of their names: the sign between fields, how many there are at
/// least, and which of them is the credential. Blanks count as one sign.
const TABLES: &[(&str, char, usize, usize)] = &[
    (".pgpass", ':', 5, 4),
    ("pgpass", ':', 5, 4),
    ("sasl_passwd", ':', 2, usize::MAX),
    ("htpasswd", ':', 2, 1),
    (".htpasswd", ':', 2, 1),
    ("pwfile", ':', 2, 1),
    ("userlist.txt", ' ', 2, 1),
    ("chap-secrets", ' ', 3, 2),
    ("pap-secrets", ' ', 3, 2),
    ("ipsec.secrets", ' ', 2, usize::MAX),
    ("tokens.csv", ',', 3, 0),
];

/// Settings that are credentials in one kind of file and anything elsewhere.
const SETTINGS: &[(&str, &str)] = &[
    ("rclone.conf", "key"),
    ("rclone.conf", "pass"),
    ("rclone.conf", "password2"),
    ("turnserver.conf", "user"),
];

/// Behind these words are a name and its value.
const HANDED: [&str; 4] = ["proxy_set_header", "header_up", "RequestHeader", "set"];

/// `proxy_pass` and its like pass a request on.
const PASSED_ON: [&str; 6] =
    ["proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "memcached_pass"];

/// No line of settings is longer.
const LONGEST: usize = 512;

/// Whether a line that begins with this word may hold one.
pub(super) fn begins(word: &[u8]) -> bool {
    LINES.iter().any(|(words, _)| words[0].as_bytes() == word)
}

/// The words with which lines begin that may hold one.
pub(super) fn needles() -> Vec<&'static str> {
    let mut all: Vec<&str> = LINES.iter().map(|(words, _)| words[0]).chain(HANDED).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Every credential that such a line holds.
pub(super) fn find(
    file: &File,
    writing: Writing,
    context: &Context,
    stops: &Stops,
    push: &mut impl FnMut(Found),
) {
    let base = file.base();
    if let Some(range) = whole(file, context) {
        let stem = base.trim_start_matches('.').split('.').next().unwrap_or_default();
        let what = noun(&context.tables.names().telling(stem));
        let told = Told { what, ..Told::password(range, "") };
        return tell(file, context, told).into_iter().for_each(push);
    }
    let table = TABLES.iter().find(|(start, ..)| base.starts_with(start) && !is_sample(base));
    let is_mount = base == "secrets" && file.directory().contains("davfs2");
    let mut report = |at: usize, found: Vec<Range<usize>>| {
        for range in found {
            let told = Told::password(at + range.start..at + range.end, "of a login");
            tell(file, context, told).into_iter().for_each(&mut *push);
        }
    };
    if table.is_some() || is_mount {
        let mut start = 0;
        for line in file.text.split_inclusive('\n') {
            if let Some((at, trimmed)) = settled(line, start) {
                let (sign, least, field) =
                    table.map_or((' ', 3, 2), |&(_, sign, least, field)| (sign, least, field));
                report(at, fields(trimmed, sign, least, field));
            }
            start += line.len();
        }
    } else if has_directives(file, writing) {
        for start in lines_that_begin(file.text, stops) {
            let line = file.text[start..].split_inclusive('\n').next().unwrap_or_default();
            let Some((at, trimmed)) = settled(line, start) else { continue };
            // What a dialogue sends is a password where it was asked for one.
            let asked = || file.text[..start].lines().next_back().unwrap_or_default();
            if !trimmed.starts_with("send ") || asked().contains("assword") {
                report(at, directive(file, context, trimmed, at));
            }
        }
    } else {
        return;
    }
    settings(file, context, push);
}

/// A line without the blanks around it, and where it begins; nothing of one that sets nothing.
fn settled(line: &str, start: usize) -> Option<(usize, &str)> {
    let trimmed = line.trim();
    let is_one = !trimmed.is_empty() && trimmed.len() <= LONGEST && !trimmed.starts_with(['#', ';', '/']);
    is_one.then(|| (start + line.len() - line.trim_start().len(), trimmed))
}

/// Where the lines begin whose first word may be a telling name, or is one of those that are known.
fn lines_that_begin(text: &str, stops: &Stops) -> Vec<usize> {
    let bytes = text.as_bytes();
    let known = stops.of(Reader::Directives).map(|place| place.end());
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    // Of a line that goes on and on only the word and the blanks before it are looked at.
    let first_word = |end: usize| {
        bytes.get(end).filter(|byte| is_blank(byte))?;
        let before = bytes[..end].iter().rev().take(LONGEST);
        let word = end - before.take_while(|byte| !is_blank(byte) && **byte != b'\n').count();
        let blanks = bytes[..word].iter().rev().take_while(|byte| is_blank(byte)).count();
        let start = word - blanks;
        (start == 0 || bytes[start - 1] == b'\n').then_some(start)
    };
    let mut out: Vec<usize> = stops.names.iter().copied().chain(known).filter_map(first_word).collect();
    out.sort_unstable();
    out.dedup();
    out
}

fn is_sample(base: &str) -> bool {
    [".example", ".sample", ".dist"].iter().any(|end| base.ends_with(end))
}

/// Whether lines of a file may be directives: settings of a program, not variables, not a program itself.
fn has_directives(file: &File, writing: Writing) -> bool {
    const OTHERS: [&str; 9] =
        [".sh", ".bash", ".zsh", ".fish", ".env", ".toml", ".properties", ".mk", ".nix"];
    let base = file.base();
    writing == Writing::Bare
        && !OTHERS.iter().any(|end| base.ends_with(end))
        && !base.to_ascii_lowercase().contains("dockerfile")
        && !file.text.starts_with("#!")
}

/// A file that is called as a credential and has nothing but one word, or a user and one: `restic-password`.
fn whole(file: &File, context: &Context) -> Option<Range<usize>> {
    if file.text.len() > LONGEST {
        return None;
    }
    let base = file.base();
    let stem = base.strip_suffix(".txt").or(base.strip_suffix(".secret")).unwrap_or(base);
    let is_pair =
        matches!(base, "auth.txt" | "auth-user-pass" | "login.conf") && file.text.lines().count() == 2;
    let is_one = !stem.trim_start_matches('.').contains('.')
        && file.text.lines().count() == 1
        && context.tables.names().promise(stem) == Promise::Strong;
    let word = file.text.trim_end();
    let start = word.rfind('\n').map_or(0, |at| at + 1);
    let is_word = !word[start..].contains([' ', '=', ':']) && word.len() > start;
    ((is_pair || is_one) && is_word && !is_sample(base)).then_some(start..word.len())
}

/// The field of a line that is the credential.
fn fields(line: &str, sign: char, least: usize, field: usize) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut at = 0;
    for piece in line.split(sign) {
        if !(sign == ' ' && piece.is_empty()) {
            all.push(unquoted(line, at..at + piece.len()));
        }
        at += piece.len() + sign.len_utf8();
    }
    let is_users = field == 1 && sign == ':';
    let is_fit = if is_users { all.len() == least } else { all.len() >= least };
    let chosen = if field == usize::MAX { all.last() } else { all.get(field) };
    chosen.filter(|range| is_fit && is_value(&line[(*range).clone()])).cloned().into_iter().collect()
}

/// Whether a field of a table may be a credential at all.
fn is_value(text: &str) -> bool {
    !text.starts_with(['*', '!', '<', '{', '%', '$']) && !text.contains(' ') && !text.ends_with(".pem")
}

/// The credentials of a line of settings.
fn directive(file: &File, context: &Context, line: &str, at: usize) -> Vec<Range<usize>> {
    // Most lines begin with a word that says nothing of this.
    let first = line.split([' ', '\t']).next().unwrap_or_default();
    let is_known = || LINES.iter().any(|(words, _)| words[0] == first) || HANDED.contains(&first);
    if !context.tables.names().may_end(first.as_bytes()) && !is_known() {
        return Vec::new();
    }
    let words = words(line);
    let word = |at: usize| words.get(at).map(|range| &line[range.clone()]);
    let rows = LINES.iter().filter(|(first, _)| (0..first.len()).all(|at| word(at) == Some(first[at])));
    let found: Vec<Range<usize>> = rows.flat_map(|(_, how)| pick(line, &words, *how)).collect();
    if !found.is_empty() || words.len() < 2 {
        // What asks to be changed is put in when the file is.
        let is_given = |text: &str| is_value(text) && value::kind(text) != Kind::ToChange;
        return found.into_iter().filter(|range| is_given(&line[range.clone()])).collect();
    }
    // `proxy_set_header name value;`, `header_up name value`.
    let skip = usize::from(word(0).is_some_and(|word| HANDED.contains(&word)));
    let name = word(skip).unwrap_or_default();
    let is_name_like =
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let is_last =
        words.len() == skip + 2 && is_name_like && !PASSED_ON.iter().any(|word| name.starts_with(word));
    let is_name = is_last && context.tables.names().promise(name) == Promise::Strong;
    let Some(value) = words.get(skip + 1).cloned().filter(|_| is_name) else { return Vec::new() };
    let text = &line[value.clone()];
    let told = Told { name, setting: Setting::Given, ..Told::password(at + value.start..at + value.end, "") };
    // `password required`, `token header`: a setting about one.
    let is_plain = value::is_identifier(text) && value::is_words(text);
    let is_told = tell(file, context, told).is_some_and(|found| found.evidence != Evidence::Doubtful);
    if is_told && !is_plain && is_value(text) && !text.trim_end_matches('=').contains('=') {
        vec![value]
    } else {
        Vec::new()
    }
}

fn pick(line: &str, words: &[Range<usize>], how: At) -> Vec<Range<usize>> {
    let one = |range: Option<&Range<usize>>| range.cloned().into_iter().collect();
    match how {
        At::Word(at) => one(words.get(at)),
        At::Behind(word) => {
            let at = (1..words.len()).find(|at| &line[words[*at].clone()] == word);
            one(at.and_then(|at| words.get(at + 1)))
        }
        At::After(sign) => {
            let has = |range: &&Range<usize>| line[(*range).clone()].contains(sign);
            let last = words.iter().skip(1).rfind(has);
            last.map(|range| range.start + line[range.clone()].rfind(sign).unwrap_or(0) + 1..range.end)
                .into_iter()
                .collect()
        }
        At::Quoted => {
            let is_quoted = |range: &&Range<usize>| line[..range.start].ends_with('"');
            // `\r` at its end is the key that ends a line.
            let bare = |range: &Range<usize>| {
                range.start..range.start + line[range.clone()].trim_end_matches("\\r").len()
            };
            words.iter().filter(is_quoted).map(bare).collect()
        }
        At::Marked(sign) => {
            let marked = words.iter().filter(|range| line[(*range).clone()].starts_with(sign));
            marked.map(|range| range.start + sign.len_utf8()..range.end).collect()
        }
    }
}

/// The words of a line, without quotes and what ends a directive.
fn words(line: &str) -> Vec<Range<usize>> {
    let mut out = super::tell::words(line);
    let body = line.trim_end_matches([';', ',']);
    out.retain_mut(|range| {
        range.end = range.end.min(body.len());
        range.start < range.end
    });
    out.into_iter().map(|range| unquoted(line, range)).collect()
}

/// Settings of files that nobody mistakes.
fn settings(file: &File, context: &Context, push: &mut impl FnMut(Found)) {
    let names = || SETTINGS.iter().filter(|(base, _)| *base == file.base()).map(|(_, name)| *name);
    if names().next().is_none() {
        return;
    }
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let from = start;
        start += line.len();
        let Some((name, value)) = line.split_once('=') else { continue };
        if names().any(|known| known == name.trim()) {
            let at = from + name.len() + 1 + (value.len() - value.trim_start().len());
            let login = value.trim().find(':').map_or(0, |sign| sign + 1);
            let range = at + login..at + value.trim().len();
            let told = Told { what: "key", ..Told::password(range, "of a remote") };
            tell(file, context, told).into_iter().for_each(&mut *push);
        }
    }
}
