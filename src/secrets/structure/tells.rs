//! Whether a text speaks of credentials at all: the cheap question before any parsing, answered from the places at which
//! the walk has stopped.

use super::super::found::line_around;
use super::super::judge::LEAST_UNNAMED;
use super::super::stops::{Hit, Place, Reader, Stops};
use super::super::tables::Tables;
use super::super::{assign, commands, directives};
use crate::facts::{Names, Promise};
use crate::text::Needles;
use std::sync::LazyLock;

/// What these hold needs no telling name.
#[rustfmt::skip]
pub(in super::super) const TELLING: [&str; 10] = [
    "kind: Secret", "\"Secret\"", "auths", "-key-data", "sops:", "base64,", "random_password", "secretGenerator",
    "dockerconfigjson", "encoding: ",
];

/// The same, anywhere in a word: `basic_auth_users`.
static USERS: LazyLock<Needles> =
    LazyLock::new(|| Needles::of(["basic_auth", "basic-auth", "basicauth", "basicAuth", "BASIC_AUTH"]));

/// No line is looked at further.
const FAR: usize = 512;

/// `stops` are those of the text.
pub(in super::super) fn tells(tables: &Tables, text: &str, stops: &Stops) -> bool {
    let names = tables.names();
    let is_given = |hit: &Hit| match *hit {
        Hit::Name(at) => gives(names, text, at as usize),
        _ => false,
    };
    stops.hits.iter().any(is_given)
        || stops.has(Reader::Trees)
        || stops.names.iter().any(|end| {
            is_named(names, text, *end) && text.contains("alue")
                || is_handed(names, text, *end)
                || is_first(names, text, *end)
        })
        || stops.of(Reader::Directives).any(|place| begins(text, place))
        || stops.of(Reader::Script).any(|place| is_item(text, place))
        || USERS.in_text(text) != 0
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

/// `name: DB_PASSWORD`, `ParameterKey: DB_PASSWORD`, `path: /data/password`, whose value is beside it: whether such a name ends
/// here.
fn is_named(names: &Names, text: &str, end: usize) -> bool {
    /// How what names it is called.
    const ENDS: [&[u8]; 6] = [b"ame", b"ey", b"parameter", b"field", b"path", b"type"];
    let bytes = text.as_bytes();
    let is_around = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'}');
    let mut rest = bytes[end..].iter().take_while(|byte| !matches!(byte, b'\n' | b','));
    if !rest.all(is_around) {
        return false;
    }
    let floor = end.saturating_sub(FAR);
    let floor = memchr::memrchr2(b'\n', b',', &bytes[floor..end]).map_or(floor, |at| floor + at + 1);
    let is_before = |byte: &u8| is_around(byte) || *byte == b'/';
    let start = bytes[floor..end].iter().rposition(is_before).map_or(floor, |at| floor + at + 1);
    memchr::memchr_iter(b':', &bytes[floor..end]).map(|at| floor + at).any(|sign| {
        let before = bytes[..sign].trim_ascii_end();
        let before = before.strip_suffix(b"\"").unwrap_or(before);
        ENDS.iter().any(|end| before.ends_with(end)) && promises(names, &bytes[start.max(sign + 1)..end])
    })
}

/// `--requirepass`, whose value is the next word: whether such a flag ends here.
fn is_handed(names: &Names, text: &str, end: usize) -> bool {
    let bytes = text.as_bytes();
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let start = end - bytes[..end].iter().rev().take(FAR).take_while(is_name).count();
    memchr::memchr_iter(b'-', &bytes[start..end]).map(|at| start + at).any(|at| {
        let is_first = at.checked_sub(1).is_none_or(|before| !bytes[before].is_ascii_alphanumeric());
        is_first && promises(names, &bytes[at + 1..end])
    })
}

/// The line around a place, without the blanks around it, and where it begins; nothing of a line that is long before it.
fn line_of(text: &str, at: usize) -> Option<(&str, usize)> {
    let range = line_around(text.as_bytes(), at, FAR);
    let is_whole = range.start == 0 || text.as_bytes()[range.start - 1] == b'\n';
    let line = text.get(range.clone()).filter(|_| is_whole)?;
    Some((line.trim(), range.start + line.len() - line.trim_start().len()))
}

/// A line that begins as settings without a sign do, `requirepass moon`: whether the name that ends here is among its first
/// words.
fn is_first(names: &Names, text: &str, end: usize) -> bool {
    let Some((line, start)) = line_of(text, end) else { return false };
    let first = line.split(' ').next().unwrap_or_default();
    if first.is_empty()
        || first.len() == line.len()
        || first.starts_with(['#', ';', '/', '-'])
        || first.ends_with(':')
    {
        return false;
    }
    let mut at = start;
    line.split(' ').take(3).any(|word| {
        let word_end = at + word.len();
        at = word_end + 1;
        word_end == end && promises(names, word.as_bytes())
    })
}

/// The same with a word of one program.
fn begins(text: &str, place: &Place) -> bool {
    line_of(text, place.start).is_some_and(|(line, start)| {
        start == place.start
            && line.split_once(' ').is_some_and(|(first, _)| directives::begins(first.as_bytes()))
    })
}

/// An item that is a program which is handed a credential.
fn is_item(text: &str, place: &Place) -> bool {
    line_of(text, place.start)
        .is_some_and(|(line, _)| line.strip_prefix("- ").is_some_and(commands::is_program))
}

fn promises(names: &Names, name: &[u8]) -> bool {
    names.may_end(name) && str::from_utf8(name).is_ok_and(|name| names.promise(name) > Promise::None)
}

#[cfg(test)]
mod tests {
    use super::super::super::walk::{Depth, walk};
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
            let mut stops = Stops::default();
            walk(text, &tables, Depth::Words, &mut stops);
            assert_eq!(tells(&tables, text, &stops), expected, "{text}");
        }
    }
}
