//! Whether a text speaks of credentials at all: the cheap question before any parsing, answered from the places at which
//! the scan has stopped.

use super::super::judge::LEAST_UNNAMED;
use super::super::simd::Hit;
use super::super::tables::Tables;
use super::super::{assign, commands, directives};
use crate::facts::{Names, Promise};
use aho_corasick::{AhoCorasick, MatchKind};
use std::sync::OnceLock;

/// What these hold needs no telling name.
#[rustfmt::skip]
const NEEDLES: [&str; 15] = [
    "kind: Secret", "\"Secret\"", "auths", "-key-data", "sops:", "base64,", "random_password", "secretGenerator",
    "dockerconfigjson", "encoding: ", "basic_auth", "basic-auth", "basicauth", "basicAuth", "BASIC_AUTH",
];

/// `hits` are those of the text.
pub(in super::super) fn tells(tables: &Tables, text: &str, hits: &[Hit]) -> bool {
    static FINDER: OnceLock<AhoCorasick> = OnceLock::new();
    let finder = FINDER.get_or_init(|| {
        let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(NEEDLES);
        finder.expect("a few words")
    });
    let names = tables.names();
    let is_given = |hit: &Hit| match *hit {
        Hit::Name(at) => gives(names, text, at as usize),
        _ => false,
    };
    hits.iter().any(is_given)
        || finder.is_match(text)
        || memchr::memmem::find(text.as_bytes(), b"alue").is_some() && names_one(names, text)
        || hands_one(names, text)
        || text.lines().any(|line| begins_one(names, line.trim().as_bytes()))
}

/// Whether a telling name is given something by the sign at `at`: not a variable, and not nothing.
fn gives(names: &Names, text: &str, at: usize) -> bool {
    let Some(name) = assign::name_at(text.as_bytes(), at).and_then(|range| text.get(range)) else {
        return true;
    };
    let promise = names.promise(name);
    if promise == Promise::None {
        return false;
    }
    let rest = &text.as_bytes()[at + 1..];
    let rest = rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())].trim_ascii();
    match rest {
        // What it is given stands below, or elsewhere.
        [] | [b'|' | b'>' | b'&' | b'*' | b'!' | b'?' | b'#', ..] => true,
        b"\"\"" | b"''" => false,
        [b'{', first, ..] if *first != b'{' => true,
        _ => (promise == Promise::Strong || rest.len() >= LEAST_UNNAMED) && !is_variable(rest),
    }
}

/// Whether a value begins as a variable without a default.
fn is_variable(rest: &[u8]) -> bool {
    let bare =
        rest.trim_ascii_start().strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    bare.starts_with(b"{{")
        || bare.strip_prefix(b"${").is_some_and(|inner| {
            let end = inner.iter().position(|byte| *byte == b'}').unwrap_or(inner.len());
            !inner[..end].iter().any(|byte| matches!(byte, b'-' | b'='))
        })
}

/// `name: DB_PASSWORD`, `ParameterKey: DB_PASSWORD`, `path: /data/password`, whose value is beside it.
fn names_one(names: &Names, text: &str) -> bool {
    /// How what names it is called.
    const ENDS: [&[u8]; 6] = [b"ame", b"ey", b"parameter", b"field", b"path", b"type"];
    let bytes = text.as_bytes();
    memchr::memchr_iter(b':', bytes).any(|sign| {
        let before = bytes[..sign].trim_ascii_end();
        let before = before.strip_suffix(b"\"").unwrap_or(before);
        if !ENDS.iter().any(|end| before.ends_with(end)) {
            return false;
        }
        let rest = &bytes[sign + 1..];
        let line = &rest[..memchr::memchr2(b'\n', b',', rest).unwrap_or(rest.len())];
        let is_around = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'}');
        let end = line.iter().rposition(|byte| !is_around(byte)).map_or(0, |last| last + 1);
        let start =
            line[..end].iter().rposition(|byte| is_around(byte) || *byte == b'/').map_or(0, |at| at + 1);
        promises(names, &line[start..end])
    })
}

/// `--requirepass`, whose value is the next word.
fn hands_one(names: &Names, text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'-', bytes).any(|at| {
        let is_first = at.checked_sub(1).is_none_or(|before| !bytes[before].is_ascii_alphanumeric());
        let word = || {
            let rest = &bytes[at + 1..];
            let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
            &rest[..rest.iter().position(|byte| !is_name(byte)).unwrap_or(rest.len())]
        };
        is_first && promises(names, word())
    })
}

/// A line that begins as settings without a sign do, `requirepass moon`, or an item that is a program which is handed one.
fn begins_one(names: &Names, line: &[u8]) -> bool {
    let mut words = line.split(|byte| *byte == b' ');
    let first = words.next().unwrap_or_default();
    match first {
        b"-" => line.get(2..).and_then(|word| str::from_utf8(word).ok()).is_some_and(commands::is_program),
        [] | [b'#' | b';' | b'/' | b'-', ..] | [.., b':'] => false,
        _ if line.len() == first.len() => false,
        _ => {
            directives::begins(first)
                || promises(names, first)
                || words.take(2).any(|word| promises(names, word))
        }
    }
}

fn promises(names: &Names, name: &[u8]) -> bool {
    names.may_end(name) && str::from_utf8(name).is_ok_and(|name| names.promise(name) > Promise::None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_made_where_something_may_be_given() {
        let mut tables = Tables::default();
        tables.names_mut().add_words("password", &[], Promise::Strong);
        tables.names_mut().add_words("key", &[], Promise::Weak);
        let cases = [
            ("password: x", true),
            ("password: ''", false),
            ("password: {{ x }}", false),
            ("password: \"{{ x }}\"", false),
            ("password: ${X}", false),
            ("password: ${X:-moon}", true),
            ("password: |\n  moon", true),
            ("password:\n  moon", true),
            ("{password: {{ x }}, password: moon}", true),
            ("key: app.kubernetes.io", false),
            ("key: app.kubernetes.io/name-of-it", true),
            ("key: |\n  moon", true),
            ("passwords are dull: yes", false),
            ("- name: DB_PASSWORD\n  value: moon", true),
            ("{\"name\": \"DB_PASSWORD\", \"value\": \"moon\"}", true),
            ("- name: DB_PASSWORD\n  valueFrom: {}", true),
            ("- name: DB_PASSWORD", false),
            ("- Name: DB_PASSWORD\n  Value: moon", true),
            ("- ParameterKey: DbPassword\n  ParameterValue: moon", true),
            ("- op: add\n  path: /stringData/password\n  value: moon", true),
            ("- op: add\n  path: /data/moon\n  value: moon", false),
            ("- type: password\n  value: moon", true),
            ("- kind: password\n  value: moon", false),
            ("args: [--password, moon]", true),
            ("args:\n- -db-password\n- moon", true),
            ("a-password", false),
            ("redis.conf: |\n  timeout 5\n  db-password moon", true),
            ("web.conf: |\n  proxy_set_header X-Password moon;", true),
            ("haproxy.cfg: |\n  stats auth admin:moon", true),
            ("run: |\n  set -e\n  make all of it", false),
            ("command:\n- mysql\n- -pmoon", true),
            ("command:\n- \"/usr/bin/mysql\"\n- -pmoon", true),
            ("command:\n- make\n- all", false),
            ("secretGenerator:\n- literals: [a=moon]", true),
            ("labels: [a.basicauth.users=admin:moon]", true),
            ("basic_auth_users:\n  admin: moon", true),
            ("kind: Secret", true),
        ];
        for (text, expected) in cases {
            let mut hits = Vec::new();
            tables.hits(text, &mut hits);
            assert_eq!(tells(&tables, text, &hits), expected, "{text}");
        }
    }
}
