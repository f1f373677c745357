//! Values between tags: `<password>…</password>`, `<add key="ApiKey" value="…"/>`. Knows signs, no schema.

use super::found::part;
use crate::facts::Names;
use crate::text::{File, Part};
use memchr::memmem;

/// No name and no value is looked for further away.
const FAR: usize = 512;

/// Whether a file is of tags.
pub(super) fn is_markup(file: &File) -> bool {
    const ENDS: [&str; 11] = [
        ".xml",
        ".config",
        ".csproj",
        ".props",
        ".targets",
        ".pom",
        ".plist",
        ".xslt",
        ".nuspec",
        ".pubxml",
        ".publishsettings",
    ];
    let end = file.base().rfind('.').map_or(0, |at| file.name.len() - file.base().len() + at);
    let is_ending = ENDS.iter().any(|known| known.eq_ignore_ascii_case(&file.name[end..]));
    is_ending && file.text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']).starts_with('<')
}

/// Every name with a value, and whether it is in a comment.
pub(super) fn pairs(file: &File, names: &Names, each: &mut dyn FnMut(Part, Part, bool)) {
    elements(file, each);
    attributes(file, each);
    own_attributes(file, names, each);
}

/// `<name>value</name>`, and `<entry key="name">value</entry>`.
fn elements(file: &File, each: &mut dyn FnMut(Part, Part, bool)) {
    let bytes = file.text.as_bytes();
    for close in memmem::find_iter(bytes, b"</") {
        let floor = close.saturating_sub(FAR);
        let Some(open) = memchr::memrchr(b'>', &bytes[floor..close]).map(|at| floor + at + 1) else {
            continue;
        };
        let length = bytes[close + 2..].iter().take(120).take_while(|byte| **byte != b'>').count();
        let tag = close + 2..close + 2 + length;
        if open >= close || file.text.get(tag.clone()).is_none() || file.text.get(open..close).is_none() {
            continue;
        }
        let head = memchr::memrchr(b'<', &bytes[floor..open]).map_or(open, |at| floor + at);
        let name = attribute(bytes, head, open, &["key", "name"]).unwrap_or(tag);
        let name = name_around(bytes, head, &name).unwrap_or(name);
        if &bytes[name.clone()] == b"master" && file.base() == "settings-security.xml" {
            // What opens all other passwords of Maven.
            let name = Part::new("master password", part(file, name).origin);
            each(name, part(file, open..close), is_comment(bytes, close));
        } else if file.text.get(name.clone()).is_some() {
            each(part(file, name), part(file, open..close), is_comment(bytes, close));
        }
    }
}

/// The name of an element that is called as what it holds: of `<key>name</key><string>…</string>` the key, of
/// `<Password><Value>…</Value>` the element around it.
fn name_around(bytes: &[u8], head: usize, tag: &std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
    let before = bytes[head.saturating_sub(FAR)..head].trim_ascii_end();
    let floor = head.saturating_sub(FAR);
    match &bytes[tag.clone()] {
        b"string" => {
            let body = before.strip_suffix(b"</key>")?;
            let open = memmem::rfind(body, b"<key>")? + 5;
            Some(floor + open..floor + body.len())
        }
        b"Value" | b"value" => {
            let body = before.strip_suffix(b">")?;
            let open = memchr::memrchr(b'<', body)? + 1;
            (body.get(open) != Some(&b'/')).then_some(floor + open..floor + body.len())
        }
        _ => None,
    }
}

/// `password="…"`: attributes that are called as a credential themselves.
fn own_attributes(file: &File, names: &Names, each: &mut dyn FnMut(Part, Part, bool)) {
    let bytes = file.text.as_bytes();
    for at in memmem::find_iter(bytes, b"=\"") {
        if !names.may_end(&bytes[..at]) {
            continue;
        }
        let length = bytes[..at].iter().rev().take(80).take_while(|byte| is_of_name(**byte)).count();
        let rest = &bytes[at + 2..bytes.len().min(at + 2 + FAR)];
        let Some(end) = memchr::memchr2(b'"', b'\n', rest).filter(|end| rest[*end] == b'"' && *end > 0)
        else {
            continue;
        };
        let (name, value) = (at - length..at, at + 2..at + 2 + end);
        if file.text.get(name.clone()).is_some() && file.text.get(value.clone()).is_some() {
            each(part(file, name), part(file, value), is_comment(bytes, at));
        }
    }
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// `key="name" value="…"`.
fn attributes(file: &File, each: &mut dyn FnMut(Part, Part, bool)) {
    let bytes = file.text.as_bytes();
    for at in memmem::find_iter(bytes, b" value=") {
        let floor = at.saturating_sub(FAR);
        let Some(head) = memchr::memrchr(b'<', &bytes[floor..at]).map(|found| floor + found) else {
            continue;
        };
        let end = bytes.len().min(at + FAR);
        let name = attribute(bytes, head, at, &["key", "name"]).map(|name| {
            // NuGet calls its keys as the addresses that they are for.
            let section = memmem::rfind(&bytes[floor..head], b"<apikeys>").map(|at| floor + at + 1);
            section.filter(|_| bytes[name.clone()].starts_with(b"http")).map_or(name, |at| at..at + 6)
        });
        let value = attribute(bytes, at, end, &["value"]);
        if let (Some(name), Some(value)) = (name, value)
            && file.text.get(name.clone()).is_some()
            && file.text.get(value.clone()).is_some()
        {
            each(part(file, name), part(file, value), is_comment(bytes, at));
        }
    }
}

/// Whether a comment is open; one that began further away is not looked for.
fn is_comment(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[at.saturating_sub(8 * FAR)..at];
    let open = memmem::rfind(before, b"<!--");
    open.is_some_and(|open| memmem::find(&before[open..], b"-->").is_none())
}

/// Where the value of the first of these attributes is, between two places.
fn attribute(bytes: &[u8], from: usize, to: usize, keys: &[&str]) -> Option<std::ops::Range<usize>> {
    let within = &bytes[from..to];
    let (at, quote) = keys.iter().find_map(|key| {
        let at = memmem::find(within, format!(" {key}=").as_bytes())? + key.len() + 2;
        let quote = *within.get(at)?;
        matches!(quote, b'"' | b'\'').then_some((at + 1, quote))
    })?;
    let length = memchr::memchr(quote, &within[at..])?;
    Some(from + at..from + at + length)
}
