//! Assignments in any text: a name that promises a credential, a sign, a value. Knows how the usual files write an
//! assignment (`.env`, ini, HCL, shell, code, prose), not what a Kubernetes object is.

use super::found::{Found, line_around, part};
use super::names::{self, Promise};
use super::simd::{Hit, is_word};
use super::value::{self, Kind};
use crate::facts::SecretPlace;
use crate::finding::Precision;
use crate::text::{File, Part};
use aho_corasick::packed::{Config, MatchKind, Searcher};
use std::ops::Range;
use std::sync::OnceLock;

/// Pieces that a text holds if it speaks of credentials at all.
const PIECES: &[&str] = &[
    "assw",
    "ASSW",
    "phrase",
    "ecret",
    "ECRET",
    "oken",
    "OKEN",
    "_key",
    "_KEY",
    "Key",
    "-key",
    "redential",
    "REDENTIAL",
    "pwd",
    "PWD",
    "pass",
];

/// How a kind of file writes values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Writing {
    /// Everything after the sign: `.env`, ini, properties, Dockerfile, shell.
    Bare,
    /// A literal stands in quotes: programs, HCL, TOML.
    Quoted,
    /// People explain things: only what is clearly random counts.
    Prose,
    /// A document whose tree says more: only its comments are read here.
    Tree,
    /// Generated or minified: nothing in it was assigned by a person.
    Nothing,
}

/// Every assignment of a literal to a name that promises a credential.
pub(super) fn find(file: &File, hits: &[Hit], push: &mut impl FnMut(Found)) {
    let writing = writing(file);
    if writing == Writing::Nothing {
        return;
    }
    let bytes = file.text.as_bytes();
    let mut end = 0;
    for hit in hits {
        let at = match *hit {
            Hit::Name(at) if at as usize >= end => at as usize,
            _ => continue,
        };
        let Some(found) = assignment(file, at, writing) else { continue };
        if writing == Writing::Tree && !is_comment(bytes, found.name.start) {
            continue;
        }
        end = found.value.end;
        if let Some(found) = judge(file, &found, writing) {
            push(found);
        }
    }
}

/// Whether commands stand in such a file: everywhere but in programs and in what nobody wrote.
pub(super) fn may_hold_commands(file: &File) -> bool {
    match writing(file) {
        Writing::Nothing => false,
        Writing::Quoted => file.name.ends_with(".tf") || file.name.ends_with(".hcl"),
        _ => true,
    }
}

/// Whether values stand in lines of a file: `.env`, INI and their like.
pub(super) fn has_lines(file: &File) -> bool {
    writing(file) == Writing::Bare
}

/// Whether a text speaks of credentials at all: the cheap question before any parsing.
pub(super) fn tells(text: &str) -> bool {
    let bytes = text.as_bytes();
    pieces(bytes).next().is_some()
        || [b"kind: Secret".as_slice(), b"auths", b"-key-data", b"sops:", b"base64,"]
            .iter()
            .any(|needle| memchr::memmem::find(bytes, needle).is_some())
}

/// The name that something at `at` is assigned to, on the same line: for the finding's path.
pub(super) fn name_before(file: &File, at: usize) -> Option<Part> {
    let bytes = file.text.as_bytes();
    let line = line_around(bytes, at, 160);
    let before = &bytes[line.start..at];
    let sign = before.iter().rposition(|byte| matches!(byte, b'=' | b':'))?;
    let trimmed = before[..sign].iter().rposition(|&byte| is_word(byte))? + 1;
    let start = before[..trimmed]
        .iter()
        .rposition(|&byte| !(is_word(byte) || byte == b'-' || byte == b'.'))
        .map_or(0, |found| found + 1);
    (trimmed - start >= 2 && !before[start..trimmed].eq_ignore_ascii_case(b"https"))
        .then(|| part(file, line.start + start..line.start + trimmed))
}

struct Assignment {
    name: Range<usize>,
    value: Range<usize>,
    quoted: bool,
}

fn writing(file: &File) -> Writing {
    let base = file.base().to_ascii_lowercase();
    let extension = base.rsplit_once('.').map_or("", |(_, extension)| extension);
    #[rustfmt::skip]
    const LOCKS: &[&str] = &[
        "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "cargo.lock", "go.sum", "poetry.lock",
        "gemfile.lock", "composer.lock", "flake.lock", "uv.lock", "pipfile.lock", "chart.lock",
        ".terraform.lock.hcl",
    ];
    if LOCKS.contains(&base.as_str()) || base.ends_with(".min.js") || base.ends_with(".map") {
        return Writing::Nothing;
    }
    if base.starts_with(".env")
        || base.ends_with(".env")
        || base.contains(".env.")
        || base.starts_with("dockerfile")
        || base.ends_with("dockerfile")
    {
        return Writing::Bare;
    }
    match extension {
        "yaml" | "yml" | "json" | "tfstate" | "jsonc" | "json5" => Writing::Tree,
        "env" | "ini" | "cfg" | "conf" | "cnf" | "properties" | "netrc" | "npmrc" | "pypirc" | "envrc"
        | "bash" | "sh" | "zsh" | "toml" | "config" | "service" | "credentials" | "rc" | "j2" | "tpl"
        | "tmpl" | "" => Writing::Bare,
        "md" | "txt" | "rst" | "adoc" | "html" | "org" | "mdx" => Writing::Prose,
        "svg" | "css" | "po" | "sum" | "lock" | "snap" | "csv" | "ipynb" | "xsd" | "pem" | "crt" | "asc" => {
            Writing::Nothing
        }
        _ => Writing::Quoted,
    }
}

/// Where pieces of telling names stand.
fn pieces(bytes: &[u8]) -> impl Iterator<Item = usize> {
    static SEARCHER: OnceLock<Option<Searcher>> = OnceLock::new();
    let searcher = SEARCHER
        .get_or_init(|| Config::new().match_kind(MatchKind::LeftmostFirst).builder().extend(PIECES).build());
    // On machines without vector instructions there is no such searcher; the automaton does the same.
    static AUTOMATON: OnceLock<Option<aho_corasick::AhoCorasick>> = OnceLock::new();
    let packed = searcher.as_ref().map(|searcher| searcher.find_iter(bytes).map(|found| found.start()));
    let plain = match packed {
        Some(_) => None,
        None => AUTOMATON
            .get_or_init(|| aho_corasick::AhoCorasick::new(PIECES).ok())
            .as_ref()
            .map(|automaton| automaton.find_iter(bytes).map(|found| found.start())),
    };
    packed.into_iter().flatten().chain(plain.into_iter().flatten())
}

/// The assignment whose sign stands at `sign_at`.
fn assignment(file: &File, sign_at: usize, writing: Writing) -> Option<Assignment> {
    let bytes = file.text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(b'\n');
    let skip = |mut at: usize, set: &[u8]| {
        while set.contains(&byte(at)) {
            at += 1;
        }
        at
    };
    // What stands around the sign decides at once for most of them: a comparison, a path, the end of the line.
    let sign = bytes[sign_at];
    let mut next = match (sign, byte(sign_at + 1)) {
        (b'=', b'=' | b'~') | (b':', b':' | b'/') => return None,
        (b':', b'=') | (b'=', b'>') => sign_at + 2,
        _ => sign_at + 1,
    };
    let in_name = |byte: u8| is_word(byte) || byte == b'-' || byte == b'.';
    let floor = sign_at.saturating_sub(100);
    let before = &bytes[floor..sign_at];
    let name_end =
        before.iter().rposition(|byte| !b" \t\"']?+".contains(byte)).map_or(floor, |last| floor + last + 1);
    let head = &bytes[floor..name_end];
    let start = head.iter().rposition(|&byte| !in_name(byte)).map_or(floor, |found| floor + found + 1);
    let start = start + bytes[start..name_end].iter().take_while(|byte| matches!(byte, b'-' | b'.')).count();
    let name = start..name_end;
    if name.is_empty() {
        return None;
    }
    next = skip(next, b" \t");
    // A type between the name and the value: `password: str = "…"`, `password: string = "…"`.
    if sign == b':' && writing == Writing::Quoted && byte(next).is_ascii_alphabetic() {
        let word = bytes[next..bytes.len().min(next + 24)]
            .iter()
            .take_while(|&&byte| is_word(byte) || matches!(byte, b'[' | b']' | b'|' | b' '))
            .count();
        if byte(next + word) == b'=' && byte(next + word + 1) != b'=' {
            next = skip(next + word + 1, b" \t");
        }
    }
    // String prefixes of programs: `b"…"`, `r"…"`, `@"…"`.
    if matches!(byte(next), b'b' | b'r' | b'@' | b'f' | b'u') && matches!(byte(next + 1), b'"' | b'\'') {
        next += 1;
    }
    let ceiling = bytes.len().min(next + 512);
    let quote = byte(next);
    if matches!(quote, b'"' | b'\'' | b'`') {
        let from = next + 1;
        let mut to = from;
        while to < ceiling && bytes[to] != quote {
            match bytes[to] {
                b'\n' => return None,
                b'\\' => to += 2,
                _ => to += 1,
            }
        }
        // `"a" + b`: put together from parts, of which this is one.
        let joined = to < ceiling && matches!(byte(skip(to + 1, b" \t")), b'+' | b'%');
        return (to < ceiling && to > from && !joined && file.text.get(from..to).is_some())
            .then_some(Assignment { name, value: from..to, quoted: true });
    }
    if writing == Writing::Quoted {
        return None;
    }
    let stop = |byte: u8| {
        byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b';' | b'|' | b'<' | b'>' | b'&')
    };
    let mut to = next + bytes[next..ceiling].iter().position(|&byte| stop(byte)).unwrap_or(ceiling - next);
    while to > next && matches!(byte(to - 1), b',' | b')' | b']' | b'}' | b'\\') {
        to -= 1;
    }
    // A name followed by several words is a sentence, except in files where the rest of the line is the value.
    let rest = bytes[to..ceiling].iter().take_while(|&&byte| byte != b'\n').copied().collect::<Vec<_>>();
    let sentence = sign == b':' && rest.trim_ascii().first().is_some_and(|&byte| byte.is_ascii_alphabetic());
    (to > next && !sentence && file.text.get(next..to).is_some()).then_some(Assignment {
        name,
        value: next..to,
        quoted: false,
    })
}

/// Whether the value of an assignment is a credential, and how sure that is.
fn judge(file: &File, found: &Assignment, writing: Writing) -> Option<Found> {
    let name = &file.text[found.name.clone()];
    let text = &file.text[found.value.clone()];
    let promise = names::promise(name);
    // `key` alone names anything; bytes in hexadecimal are a test vector.
    let is_bare = promise == Promise::Weak && names::words(name).len() < 2;
    if is_bare || text.contains("\\x") {
        return None;
    }
    if promise == Promise::None || text.len() < 6 || text.len() > 400 {
        return None;
    }
    let make = |rule, what: &str| {
        let mut made = Found::new(rule, what, part(file, found.value.clone()))
            .named(Some(part(file, found.name.clone())));
        made.precision = Precision::Medium;
        made
    };
    let what = names::words(name)
        .last()
        .filter(|last| last.len() > 3)
        .cloned()
        .unwrap_or_else(|| "credential".into());
    if text.eq_ignore_ascii_case(name) {
        return None;
    }
    let kind = value::kind(text);
    if kind == Kind::Weak
        && promise == Promise::Strong
        && writing == Writing::Bare
        && file.base().contains('.')
    {
        // What is commented out runs nowhere.
        if is_comment(file.text.as_bytes(), found.name.start) {
            return None;
        }
        return Some(make("secret-weak-default", &what).because("everybody tries it first"));
    }
    if kind != Kind::Literal || super::urls::holds_password(text) || !text.is_ascii() {
        return None;
    }
    // Calls, indexing, attributes and types of a program; sentences.
    if !found.quoted && text.contains(['(', '[', '{', '<', '*', '\\'])
        || text.contains("::")
        || text.contains("->")
    {
        return None;
    }
    let blanks = text.bytes().filter(|byte| *byte == b' ').count();
    if blanks > 0 && (blanks > 5 || value::is_words(text))
        || text.contains(['%', '\\', '\t']) && text.len() < 20
    {
        return None;
    }
    let shape = value::shape(text);
    let opaque = matches!(shape, Some("a digest" | "a UUID"));
    let worded = value::is_plain_words(text);
    if shape.is_some() && !opaque || worded {
        return None;
    }
    // A name that repeats itself as its value: `token: token_value`.
    let (plain_name, plain_text) = (name.to_ascii_lowercase(), text.to_ascii_lowercase());
    if plain_text.contains(&plain_name) || names::promise(text) == Promise::Strong {
        return None;
    }
    // Documentation encodes words to show how it is done.
    if writing == Writing::Prose && super::decode::text(text).is_some_and(|plain| value::is_words(&plain)) {
        return None;
    }
    let (sure, told) = value::randomness(text);
    let enough = match (promise, writing) {
        (Promise::Strong, Writing::Bare) => sure >= 2 && text.len() >= 8,
        (Promise::Strong, Writing::Quoted | Writing::Tree) => sure >= 3 && text.len() >= 8,
        (Promise::Strong, _) => sure >= 3 && text.len() >= 12,
        _ => sure >= 4 && text.len() >= 20 && !opaque,
    };
    if !enough {
        return None;
    }
    let mut made = make("secret-generic", &what).because(format!("`{name}` names a {what}")).because(told);
    if file.base().starts_with(".env") || file.base().ends_with(".env") {
        made.place = SecretPlace::Env;
    }
    if is_exercise(file.name) || writing == Writing::Prose {
        made.precision = Precision::Low;
    }
    let line = line_around(file.text.as_bytes(), found.name.start, 400);
    let before = file.text.get(line.start..found.name.start).unwrap_or_default().to_ascii_lowercase();
    if ["host=", "server=", "data source=", "user id=", "uid=", "accountname="]
        .iter()
        .any(|word| before.contains(word))
    {
        made.rule = "secret-connection-string".into();
    }
    Some(made)
}

/// Whether a file's path says that what stands in it is made up: tests, examples, documentation.
pub(super) fn is_exercise(name: &str) -> bool {
    name.split('/').any(|part| {
        let part = part.to_ascii_lowercase();
        matches!(
            part.as_str(),
            "test"
                | "tests"
                | "testdata"
                | "fixtures"
                | "fixture"
                | "e2e"
                | "examples"
                | "example"
                | "docs"
                | "doc"
                | "mocks"
                | "spec"
                | "samples"
                | "__tests__"
                | ".chainsaw-test"
        ) || part.ends_with("-test")
            || part.ends_with("-tests")
            || part.contains("_test.")
            || part.contains(".test.")
            || part.contains(".spec.")
            || part.contains("example")
            || part.starts_with("test_")
    })
}

fn is_comment(bytes: &[u8], at: usize) -> bool {
    let line = line_around(bytes, at, 300);
    let before = &bytes[line.start..at];
    memchr::memchr(b'#', before).is_some_and(|sign| sign == 0 || before[sign - 1].is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceId;

    fn found(name: &str, text: &str) -> Option<(String, String)> {
        let (mut out, mut hits) = (Vec::new(), Vec::new());
        crate::secrets::simd::Filter::new(std::iter::empty()).run(text.as_bytes(), &mut hits);
        find(&File { id: SourceId(0), name, text }, &hits, &mut |found| {
            out.push((found.rule.to_string(), found.value.text.to_string()))
        });
        out.into_iter().next()
    }

    #[test]
    fn assignments_are_read_as_their_files_write_them() {
        let generic = |text: &str| Some(("secret-generic".to_owned(), text.to_owned()));
        let table = [
            (".env", "DB_PASSWORD=%PW%", generic("Kx7-wombat-Lime")),
            (".env", "export API_TOKEN='%PX%'", generic("Kx7wombatLime92")),
            ("a.tfvars", "db_password = \"%PW%\"", generic("Kx7-wombat-Lime")),
            ("a.py", "password: str = \"%PW%\"", generic("Kx7-wombat-Lime")),
            ("a.go", "cfg.ApiKey := \"kx7wzmbq92ljveq1\"", generic("kx7wzmbq92ljveq1")),
            ("a.js", "{ \"clientSecret\": \"%PW%\" }", generic("Kx7-wombat-Lime")),
            ("run.sh", "vault login --token=%PW%", generic("Kx7-wombat-Lime")),
            ("a.yaml", "# password: %PW%", generic("Kx7-wombat-Lime")),
            (".env", "DB_PASSWORD=postgres", Some(("secret-weak-default".into(), "postgres".into()))),
            (".env", "DB_PASSWORD=${DB_PASSWORD}", None),
            (".env", "DB_PASSWORD=", None),
            (".env", "PASSWORD_FILE=/run/secrets/Kx7wombatLime", None),
            (".env", "TOKEN_URL=https://x.org/Kx7wombatLime", None),
            ("a.yaml", "password: %PW%", None),
            ("a.py", "password = get_password(Kx7)", None),
            ("a.py", "password = \"the password of the user\"", None),
            ("a.go", "if token == \"%PX%\" {", None),
            ("a.md", "The token: Kx7 is what you need", None),
            ("a.py", "SECRET_NAME = \"%PW%\"", None),
        ];
        for (name, text, expected) in table {
            let text = &text.replace("%PW%", "Kx7-wombat-Lime").replace("%PX%", "Kx7wombatLime92");
            assert_eq!(found(name, text), expected, "{name}: {text}");
        }
    }
}
