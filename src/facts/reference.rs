//! The grammar of image references, as the distribution project defines it, with the place of every part.
//!
//! `[host[:port]/]path[/path…][:tag][@algorithm:hex]`. A text with holes in it is
//! read as far as it can be: the known parts are parts, the unknown ones are said to be unknown.

use super::image::{Broken, Fault, Image, Role};
use crate::text::{Origin, Part, Str, Weave};
use std::ops::Range;

/// Reads a reference. Never fails: what is wrong with it is its `fault`.
pub fn parse(whole: &Part) -> Image {
    let text = whole.text.as_str();
    let holes: Vec<Range<usize>> = whole.holes().into_iter().map(|(range, _)| range).collect();
    let mut reader = Reader { whole, holes: &holes, fault: None };
    let mut image = Image {
        text: whole.text.clone(),
        registry: None,
        repository: None,
        tag: None,
        digest: None,
        rival: None,
        fault: None,
        unknown: !holes.is_empty(),
        short: false,
        digest_key: None,
        shares_tag: false,
        feeds: None,
        is_bumped: false,
        is_app_version: false,
        is_made_up: false,
        role: Role::Pull,
        pull_policy: None,
        remark: None,
        number: None,
    };
    if text.trim().is_empty() {
        reader.fault(Broken::Name, "names nothing: it is empty", 0..text.len());
    } else {
        reader.read(&mut image);
    }
    image.fault = reader.fault;
    image
}

/// Puts an image together from parts that stand in different places, as Helm values have them.
///
/// A part may hold more than its name says (a registry in the repository, a digest in the tag): the whole is
/// read as one reference, and every part of the result stands where its own bytes were written. Without a
/// registry and a repository, tag and digest are read alone.
pub(crate) fn join(
    registry: Option<Part>,
    repository: Option<Part>,
    tag: Option<Part>,
    digest: Option<Part>,
    whole: &Origin,
) -> Image {
    let given = |part: Option<Part>| part.filter(|part| !part.text.trim().is_empty());
    let (registry, repository, tag, digest) = (given(registry), given(repository), given(tag), given(digest));
    let mut out = Joined { whole, text: String::new(), weave: Weave::default() };
    if let Some(registry) = registry {
        out.push(&registry.slice(0..registry.text.trim_end_matches('/').len()));
        if repository.is_some() {
            out.between("/");
        }
    }
    if let Some(repository) = &repository {
        out.push(repository);
    }
    let is_named = !out.text.is_empty();
    if !is_named {
        out.between("x");
    }
    if let Some(tag) = tag {
        // Some charts take a digest where they take a tag.
        let is_digest = tag.text.starts_with('@') || tag.text.starts_with("sha256:");
        out.between(if tag.text.starts_with('@') {
            ""
        } else if is_digest {
            "@"
        } else {
            ":"
        });
        // A digest of its own wins over one behind the tag.
        let end = digest.as_ref().and_then(|_| tag.text.find('@')).unwrap_or(tag.text.len());
        if digest.is_none() || !is_digest {
            out.push(&tag.slice(0..end));
        }
    }
    if let Some(digest) = digest {
        let bare = digest.text.len() == 64 && digest.text.bytes().all(|b| b.is_ascii_hexdigit());
        out.between(match () {
            () if digest.text.starts_with('@') || out.text.ends_with('@') => "",
            () if bare => "@sha256:",
            () => "@",
        });
        out.push(&digest);
    }
    let mut image = parse(&Part::new(out.text.as_str(), Origin::woven(whole.span(), out.weave)));
    if !is_named {
        image.repository = None;
        image.text = Str::from(out.text[1..].trim_start_matches([':', '@']));
        image.role = Role::TagOnly;
    }
    image
}

/// A reference that is being put together.
struct Joined<'a> {
    whole: &'a Origin,
    text: String,
    weave: Weave,
}

impl Joined<'_> {
    fn push(&mut self, part: &Part) {
        self.text.push_str(&part.text);
        self.weave.push(part.text.len(), part.origin.clone());
    }

    /// A sign that stands nowhere: the chart writes it.
    fn between(&mut self, sign: &'static str) {
        self.text.push_str(sign);
        self.weave.push(sign.len(), Origin::spelled(self.whole.span()));
    }
}

struct Reader<'a> {
    whole: &'a Part,
    holes: &'a [Range<usize>],
    /// The first fault found.
    fault: Option<Fault>,
}

impl Reader<'_> {
    fn read(&mut self, image: &mut Image) {
        let whole = self.whole;
        let text = whole.text.as_str();
        if let Some(at) = self.find(0..text.len(), |byte| byte.is_ascii_whitespace()) {
            self.fault(Broken::Name, "has a blank in it", at..at + 1);
        }
        if let Some(at) = text.find("://").filter(|&at| self.is_known(at..at + 3)) {
            self.fault(Broken::Name, "begins with a scheme, which no reference has", 0..at + 3);
        }
        // Neither a name nor a tag can hold an `@`.
        let mut end = text.len();
        if let Some(at) = self.find(0..end, |byte| byte == b'@') {
            let digest = at + 1..end;
            image.digest = Some(whole.slice(digest.clone()));
            if digest.is_empty() {
                self.fault(Broken::Digest, "has an `@` and no digest behind it", at..end);
            } else if self.is_known(digest.clone())
                && let Some((says, range)) = digest_fault(&text[digest])
            {
                self.fault(Broken::Digest, says, at + 1 + range.start..at + 1 + range.end);
            }
            end = at;
        }
        // A `:` before the last `/` belongs to a port.
        let last = self.rfind(0..end, b'/').map_or(0, |at| at + 1);
        if let Some(at) = self.find(last..end, |byte| byte == b':') {
            let tag = at + 1..end;
            image.tag = Some(whole.slice(tag.clone()));
            if tag.is_empty() {
                self.fault(Broken::Tag, "has a colon and no tag behind it", at..end);
            } else if let Some(says) =
                self.is_known(tag.clone()).then(|| tag_fault(&text[tag.clone()])).flatten()
            {
                self.fault(Broken::Tag, says, tag);
            }
            end = at;
        }
        let start = self.registry(image, end);
        image.repository = Some(whole.slice(start..end));
        self.repository(start..end);
        let is_bare = start == 0 && image.digest.is_none();
        if is_bare && end == 64 && image.tag.is_none() && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            self.fault(Broken::Name, "is a bare image id, which no registry serves", 0..end);
        }
        if is_bare && image.tag.as_ref().is_some_and(|tag| tag.text.len() >= 64) && &text[..end] == "sha256" {
            self.fault(Broken::Name, "is a digest without a name", 0..text.len());
        }
    }

    /// The registry is the first of several components if it looks like a host. Gives where the rest begins.
    fn registry(&mut self, image: &mut Image, end: usize) -> usize {
        let text = self.whole.text.as_str();
        let Some(slash) = self.find(0..end, |byte| byte == b'/') else { return 0 };
        let host = &text[..slash];
        let is_hole = self.holes.first().is_some_and(|hole| hole.start == 0 && hole.end == slash);
        let is_known = self.is_known(0..slash);
        let sign = (0..slash)
            .any(|at| matches!(text.as_bytes()[at], b'.' | b':' | b'[') && self.is_known(at..at + 1));
        if !(is_hole || sign || host == "localhost") {
            return 0;
        }
        image.registry = Some(self.whole.slice(0..slash));
        if is_known && let Some(says) = host_fault(host) {
            self.fault(Broken::Name, says, 0..slash);
        }
        slash + 1
    }

    fn repository(&mut self, range: Range<usize>) {
        let text = &self.whole.text.as_str()[range.clone()];
        let mut at = range.start;
        let mut rest = text;
        loop {
            let len = (0..rest.len())
                .find(|&len| rest.as_bytes()[len] == b'/' && self.is_known(at + len..at + len + 1))
                .unwrap_or(rest.len());
            let component = at..at + len;
            if component.is_empty() {
                self.fault(Broken::Name, "has an empty part in its name", range.clone());
            } else if self.is_known(component.clone())
                && let Some(says) = component_fault(&rest[..len])
            {
                self.fault(Broken::Name, says, component);
            }
            at += len + 1;
            match rest.get(len + 1..) {
                Some(more) => rest = more,
                None => break,
            }
        }
        if text.len() > 255 && self.is_known(range.clone()) {
            self.fault(Broken::Name, "has a name of more than 255 characters", range);
        }
    }

    fn fault(&mut self, part: Broken, says: &'static str, range: Range<usize>) {
        self.fault.get_or_insert_with(|| Fault { says, at: self.whole.slice(range), part });
    }

    /// Whether no hole reaches into the range.
    fn is_known(&self, range: Range<usize>) -> bool {
        let next = self.holes.partition_point(|hole| hole.end <= range.start);
        self.holes.get(next).is_none_or(|hole| range.end <= hole.start)
    }

    /// The first byte outside holes that is wanted.
    fn find(&self, range: Range<usize>, wanted: impl Fn(u8) -> bool) -> Option<usize> {
        let bytes = self.whole.text.as_bytes();
        range.into_iter().find(|&at| wanted(bytes[at]) && self.is_known(at..at + 1))
    }

    fn rfind(&self, range: Range<usize>, wanted: u8) -> Option<usize> {
        let bytes = self.whole.text.as_bytes();
        range.into_iter().rev().find(|&at| bytes[at] == wanted && self.is_known(at..at + 1))
    }
}

/// What is wrong with the text behind the `@`, and the range of it.
fn digest_fault(digest: &str) -> Option<(&'static str, Range<usize>)> {
    let whole = 0..digest.len();
    let Some((algorithm, hex)) = digest.split_once(':') else {
        return Some(("has something other than `algorithm:hex` behind the `@`", whole));
    };
    let (name, behind) = (0..algorithm.len(), algorithm.len() + 1..digest.len());
    let expected = match algorithm {
        "sha256" | "blake3" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ if ["sha256", "sha384", "sha512"].iter().any(|known| algorithm.eq_ignore_ascii_case(known)) => {
            return Some(("names its digest algorithm in upper case", name));
        }
        "" => return Some(("has a digest without an algorithm", whole)),
        _ => return Some(("names a digest algorithm that registries do not know", name)),
    };
    if hex.contains('@') {
        return Some(("has more than one `@`", behind));
    }
    // The caret goes under the whole hex part: one bad letter among 64 says less than the part it stands in.
    if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Some(("has a digest with something else than hex digits in it", behind));
    }
    let says = match hex.len() {
        0 => "has a digest that is empty",
        len if len < expected => "has a digest that is too short",
        len if len > expected => "has a digest that is too long",
        _ if hex.bytes().any(|b| b.is_ascii_uppercase()) => {
            "has a digest in upper case, which runtimes refuse"
        }
        _ => return None,
    };
    Some((says, if hex.is_empty() { whole } else { behind }))
}

fn tag_fault(tag: &str) -> Option<&'static str> {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if tag.bytes().any(|b| !(word(b) || matches!(b, b'.' | b'-'))) {
        return Some("has a character in its tag that no tag may hold");
    }
    if !tag.bytes().next().is_some_and(word) {
        return Some("has a tag that does not begin with a letter, a digit or `_`");
    }
    (tag.len() > 128).then_some("has a tag of more than 128 characters")
}

fn component_fault(component: &str) -> Option<&'static str> {
    let bytes = component.as_bytes();
    if bytes.iter().any(u8::is_ascii_uppercase) {
        return Some("has upper-case letters in its name");
    }
    let separator = |b: &u8| matches!(b, b'.' | b'_' | b'-');
    if bytes.iter().any(|b| !(b.is_ascii_lowercase() || b.is_ascii_digit() || separator(b))) {
        return Some("has a character in its name that no name may hold");
    }
    if bytes.first().is_some_and(separator) || bytes.last().is_some_and(separator) {
        return Some("has a name that begins or ends with a separator");
    }
    // Between letters and digits stand one `.`, one or two `_`, or any number of `-`.
    component
        .split(|c: char| c.is_ascii_alphanumeric())
        .any(|run| !(matches!(run, "" | "." | "_" | "__") || run.bytes().all(|b| b == b'-')))
        .then_some("has two separators side by side in its name")
}

fn host_fault(host: &str) -> Option<&'static str> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let Some((address, behind)) = rest.split_once(']') else {
                return Some("has a bracket in its registry that is not closed");
            };
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return Some("has a registry address that is no IPv6 address");
            }
            match behind.strip_prefix(':') {
                None if !behind.is_empty() => return Some("has a registry that is no host name"),
                port => ("v6", port),
            }
        }
        None => host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port))),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err() || port.starts_with('+')) {
        return Some("has a registry port that is no number a port can have");
    }
    let bad = |label: &str| {
        label.is_empty()
            || label.starts_with('-')
            || label.ends_with('-')
            || !label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    name.split('.').any(bad).then_some("has a registry that is no host name")
}

#[cfg(test)]
mod tests;
