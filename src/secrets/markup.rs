//! Values between tags: `<password>…</password>`, `<add key="ApiKey" value="…"/>`. Knows signs, no schema.

use super::found::part;
use crate::text::{File, Part};
use memchr::memmem;

/// No name and no value is looked for further away.
const FAR: usize = 512;

/// Whether a file is of tags.
pub(super) fn is_markup(file: &File) -> bool {
    const ENDS: [&str; 9] =
        [".xml", ".config", ".csproj", ".props", ".targets", ".pom", ".plist", ".xslt", ".nuspec"];
    ENDS.iter().any(|end| file.name.ends_with(end)) && file.text.trim_start().starts_with('<')
}

/// Every name with a value, and whether it is in a comment.
pub(super) fn pairs(file: &File, each: &mut dyn FnMut(Part, Part, bool)) {
    elements(file, each);
    attributes(file, each);
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
        if file.text.get(name.clone()).is_some() {
            each(part(file, name), part(file, open..close), is_comment(bytes, close));
        }
    }
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
        let name = attribute(bytes, head, at, &["key", "name"]);
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
