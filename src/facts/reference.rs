//! The grammar of image references, as the distribution project defines it, with the place of every part.
//!
//! `[host[:port]/]path[/path…][:tag][@algorithm:hex]`. A text with variables or template actions in it is
//! read as far as it can be: the known parts are parts, the unknown ones are said to be unknown.

use super::image::{Image, Role};
use crate::text::{Origin, Part, Str};

/// What makes a reference one that no runtime will pull, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub says: &'static str,
    pub at: Part,
}

/// Reads a reference. Never fails: what is wrong with it is its `fault`.
pub fn parse(whole: &Part) -> Image {
    let text = whole.text.as_str();
    let mut image = Image {
        text: whole.text.clone(),
        registry: None,
        repository: None,
        tag: None,
        digest: None,
        rival: None,
        fault: None,
        unknown: false,
        role: Role::Pull,
        pull_policy: None,
        remark: None,
        number: false,
    };
    let part = |start: usize, end: usize| Some(whole.slice(start..end));
    let fault = |image: &mut Image, says, start: usize, end: usize| {
        if image.fault.is_none() {
            image.fault = Some(Fault { says, at: whole.slice(start..end) });
        }
    };
    let trimmed = text.trim();
    if trimmed.is_empty() {
        fault(&mut image, "is empty", 0, text.len());
        return image;
    }
    let holes = holes(text);
    image.unknown = !holes.is_empty();
    let in_hole = |at: usize| holes.iter().any(|hole| hole.contains(&at));
    let bytes = text.as_bytes();
    let find_last =
        |wanted: u8, from: usize, to: usize| (from..to).rev().find(|&at| bytes[at] == wanted && !in_hole(at));
    if let Some(at) = (0..text.len()).find(|&at| bytes[at].is_ascii_whitespace() && !in_hole(at)) {
        fault(&mut image, "has a blank in it", at, at + 1);
    }

    // The digest comes after the first `@` outside a hole.
    let mut end = text.len();
    if let Some(at) = (0..end).find(|&at| bytes[at] == b'@' && !in_hole(at)) {
        image.digest = part(at + 1, end);
        if holes.iter().all(|hole| hole.end <= at + 1) {
            if let Some((says, from, to)) = digest_fault(&text[at + 1..]) {
                fault(&mut image, says, at + 1 + from, at + 1 + to);
            }
        }
        end = at;
    }
    // The tag comes after the last `:` behind the last `/`.
    let name_start = find_last(b'/', 0, end).map_or(0, |at| at + 1);
    if let Some(at) = (name_start..end).find(|&at| bytes[at] == b':' && !in_hole(at)) {
        let tag = &text[at + 1..end];
        image.tag = part(at + 1, end);
        if tag.is_empty() {
            fault(&mut image, "has a colon and no tag behind it", at, end);
        } else if !has_hole(&holes, at + 1, end) {
            if let Some(bad) = tag_fault(tag) {
                fault(&mut image, bad, at + 1, end);
            }
        }
        end = at;
    }
    // The registry is the first component if it looks like a host.
    let mut start = 0;
    if let Some(slash) = (0..end).find(|&at| bytes[at] == b'/' && !in_hole(at)) {
        let host = &text[..slash];
        let is_host = host.contains(['.', ':', '['])
            || host == "localhost"
            || host.bytes().any(|b| b.is_ascii_uppercase());
        if is_host || has_hole(&holes, 0, slash) {
            image.registry = part(0, slash);
            start = slash + 1;
            if !has_hole(&holes, 0, slash) {
                if let Some(says) = host_fault(host) {
                    fault(&mut image, says, 0, slash);
                }
            }
        }
    }
    image.repository = part(start, end);
    let mut at = start;
    for component in text[start..end].split('/') {
        if !has_hole(&holes, at, at + component.len().max(1)) {
            if let Some(says) = component_fault(component) {
                fault(&mut image, says, at, at + component.len());
            }
        }
        at += component.len() + 1;
    }
    if text[start..end].len() > 255 {
        fault(&mut image, "has a name of more than 255 characters", start, end);
    }
    if start == 0 && end == text.len() && end == 64 && bytes.iter().all(u8::is_ascii_hexdigit) {
        fault(&mut image, "is a bare image id, which no registry serves", 0, end);
    }
    image
}

/// The ranges of a text that are not literal: `${…}`, `$(…)`, `{{…}}`, `$NAME`, `<% %>`, `#{…}`.
pub(crate) fn holes(text: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let close = if rest.starts_with("{{") {
            rest.find("}}").map(|end| end + 2)
        } else if rest.starts_with("${") {
            balanced(rest, 1)
        } else if rest.starts_with("$(") || rest.starts_with("#{") {
            rest.find([')', '}']).map(|end| end + 1)
        } else if rest.starts_with("<%") {
            rest.find("%>").map(|end| end + 2)
        } else if rest.starts_with("%(") {
            rest.find(')').map(|end| (end + 2).min(rest.len()))
        } else if rest.starts_with('$')
            && bytes.get(at + 1).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        {
            let name = rest[1..].bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
            Some(name + 1)
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        // An opened and never closed hole reaches to the end.
        let end = close.map_or(bytes.len(), |len| at + len);
        out.push(at..end);
        at = end;
    }
    out
}

/// The length of `${…}` with nested braces, counted from the start of `text`.
fn balanced(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

fn has_hole(holes: &[std::ops::Range<usize>], start: usize, end: usize) -> bool {
    holes.iter().any(|hole| hole.start < end && start < hole.end)
}

/// What is wrong with the text behind the `@`, and the range of it.
fn digest_fault(digest: &str) -> Option<(&'static str, usize, usize)> {
    let whole = digest.len();
    let Some((algorithm, hex)) = digest.split_once(':') else {
        return Some(("has something other than `algorithm:hex` behind the `@`", 0, whole));
    };
    let hex_at = algorithm.len() + 1;
    let expected = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ if algorithm.eq_ignore_ascii_case("sha256") || algorithm.eq_ignore_ascii_case("sha512") => {
            return Some(("names its digest algorithm in upper case", 0, algorithm.len()));
        }
        _ => return Some(("names a digest algorithm that registries do not know", 0, algorithm.len())),
    };
    if hex.contains('@') {
        return Some(("has more than one `@`", hex_at, whole));
    }
    if let Some(bad) = hex.bytes().position(|b| !b.is_ascii_hexdigit()) {
        let end = hex[bad..].chars().next().map_or(whole, |c| hex_at + bad + c.len_utf8());
        return Some(
            ("has a digest with something else than hex digits in it", hex_at + bad, end)
                .widen(hex_at, whole),
        );
    }
    if hex.len() != expected {
        let says = if hex.len() < expected {
            "has a digest that is too short"
        } else {
            "has a digest that is too long"
        };
        return Some((says, hex_at, whole));
    }
    if hex.bytes().any(|b| b.is_ascii_uppercase()) {
        return Some(("has a digest in upper case, which runtimes refuse", hex_at, whole));
    }
    None
}

/// The caret goes under the whole hex part: one bad letter among 64 says less than the part it stands in.
trait Widen {
    fn widen(self, start: usize, end: usize) -> Self;
}

impl Widen for (&'static str, usize, usize) {
    fn widen(self, start: usize, end: usize) -> Self {
        (self.0, start, end)
    }
}

fn tag_fault(tag: &str) -> Option<&'static str> {
    if tag.len() > 128 {
        return Some("has a tag of more than 128 characters");
    }
    let mut bytes = tag.bytes();
    let first = bytes.next()?;
    if !(first.is_ascii_alphanumeric() || first == b'_') {
        return Some("has a tag that does not begin with a letter, a digit or `_`");
    }
    bytes
        .any(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-')))
        .then_some("has a character in its tag that no tag may hold")
}

fn component_fault(component: &str) -> Option<&'static str> {
    if component.is_empty() {
        return Some("has an empty part in its name");
    }
    if component.bytes().any(|b| b.is_ascii_uppercase()) {
        return Some("has upper-case letters in its name");
    }
    let bytes = component.as_bytes();
    if bytes
        .iter()
        .any(|b| !(b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-')))
    {
        return Some("has a character in its name that no name may hold");
    }
    let edge = |b: &u8| matches!(b, b'.' | b'_' | b'-');
    if bytes.first().is_some_and(edge) || bytes.last().is_some_and(edge) {
        return Some("has a name that begins or ends with a separator");
    }
    let mut run = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        run = if edge(&byte) { run + 1 } else { 0 };
        let bad = match byte {
            b'.' => run > 1,
            b'_' => run > 2 || (run == 2 && bytes[at - 1] != b'_'),
            b'-' => run > 1 && bytes[at - 1] != b'-',
            _ => false,
        };
        if bad {
            return Some("has two separators side by side in its name");
        }
    }
    None
}

fn host_fault(host: &str) -> Option<&'static str> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((ip, port)) => {
                if ip.is_empty() || !ip.bytes().all(|b| b.is_ascii_hexdigit() || b == b':') {
                    return Some("has a registry address that is no IPv6 address");
                }
                ("v6", port.strip_prefix(':'))
            }
            None => return Some("has a bracket in its registry that is not closed"),
        },
        None => host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port))),
    };
    if let Some(port) = port
        && (port.is_empty() || port.len() > 5 || !port.bytes().all(|b| b.is_ascii_digit()))
    {
        return Some("has a registry port that is no number");
    }
    let bad = |label: &str| {
        label.is_empty()
            || label.starts_with('-')
            || label.ends_with('-')
            || !label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    name.split('.').any(bad).then_some("has a registry that is no host name")
}

/// Puts an image together from parts that stand in different places, as Helm values do.
pub(crate) fn join(
    registry: Option<Part>,
    repository: Option<Part>,
    tag: Option<Part>,
    digest: Option<Part>,
    whole: &Origin,
) -> Image {
    let mut text = String::new();
    let mut push = |before: &str, part: &Option<Part>| {
        if let Some(part) = part.as_ref().filter(|part| !part.text.is_empty()) {
            text.push_str(before);
            text.push_str(&part.text);
            if before.is_empty() { Some(()) } else { None }
        } else {
            None
        }
    };
    let has_registry = registry.as_ref().is_some_and(|part| !part.text.is_empty());
    push("", &registry);
    push(if has_registry { "/" } else { "" }, &repository);
    push(":", &tag);
    push("@", &digest);
    let parsed = parse(&Part { text: Str::from(text.as_str()), origin: whole.clone() });
    // The repository of values may itself carry a registry: `ghcr.io/owner/app`.
    let split = repository.as_ref().map(parse);
    let (registry, repository) = match split {
        Some(split) if !has_registry && split.registry.is_some() => (split.registry, split.repository),
        _ => (registry.filter(|part| !part.text.is_empty()), repository),
    };
    let nonempty = |part: Option<Part>| part.filter(|part| !part.text.is_empty());
    let fault = parsed.fault.map(|fault| {
        let holder = [&tag, &digest, &repository]
            .into_iter()
            .flatten()
            .find(|part| part.text.contains(fault.at.text.as_str()));
        Fault { says: fault.says, at: holder.cloned().unwrap_or(fault.at) }
    });
    Image { registry, repository, tag: nonempty(tag), digest: nonempty(digest), fault, ..parsed }
}
