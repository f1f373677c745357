//! Whether a text speaks of credentials at all: the cheap question before any parsing, answered from the places at which
//! the scan has stopped.

use super::super::assign;
use super::super::judge::LEAST_UNNAMED;
use super::super::simd::Hit;
use super::super::tables::Tables;
use crate::facts::{Names, Promise};

/// What these hold needs no telling name.
const NEEDLES: [&str; 7] =
    ["kind: Secret", "\"Secret\"", "auths", "-key-data", "sops:", "base64,", "random_password"];

/// `hits` are those of the text.
pub(in super::super) fn tells(tables: &Tables, text: &str, hits: &[Hit]) -> bool {
    let has = |needle: &str| memchr::memmem::find(text.as_bytes(), needle.as_bytes()).is_some();
    let names = tables.names();
    let is_given = |hit: &Hit| match *hit {
        Hit::Name(at) => gives(names, text, at as usize),
        _ => false,
    };
    hits.iter().any(is_given)
        || NEEDLES.iter().any(|needle| has(needle))
        || has("value") && names_one(names, text)
        || hands_one(names, text)
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

/// `name: DB_PASSWORD`, whose value is beside it.
fn names_one(names: &Names, text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(bytes, "name").any(|at| {
        let rest = bytes[at + 4..].strip_prefix(b"\"").unwrap_or(&bytes[at + 4..]);
        let Some(rest) = rest.trim_ascii_start().strip_prefix(b":") else { return false };
        let line = &rest[..memchr::memchr2(b'\n', b',', rest).unwrap_or(rest.len())];
        let is_around = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'}');
        let start = line.iter().position(|byte| !is_around(byte)).unwrap_or(line.len());
        let end = line.iter().rposition(|byte| !is_around(byte)).map_or(start, |last| last + 1);
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
            ("args: [--password, moon]", true),
            ("args:\n- -db-password\n- moon", true),
            ("a-password", false),
            ("kind: Secret", true),
        ];
        for (text, expected) in cases {
            let mut hits = Vec::new();
            tables.hits(text, &mut hits);
            assert_eq!(tells(&tables, text, &hits), expected, "{text}");
        }
    }
}
