//! Vendors' tokens in any text: from a place worth a look to a token whose pattern, surroundings, entropy and
//! checksum all hold. Used on files and on what was decoded from them alike.

use super::checksum::Check;
use super::found::line_around;
use super::simd::{DIGIT, LOWER, UPPER, is_token, is_word, kinds_of_run};
use super::stops::{Hit, Stops};
use super::tables::Tables;
use super::token::Token;
use super::{entropy, value};
use crate::text::Str;
use std::ops::Range;

/// A token that was found.
#[derive(Debug)]
pub(super) struct Match<'t> {
    pub(super) token: &'t Token,
    pub(super) range: Range<usize>,
    pub(super) reasons: Vec<Str>,
}

/// No token is longer; a JSON Web Token comes closest.
const LONGEST: usize = 4096;
/// How far before a value the words are looked for.
const BEFORE: usize = 96;
/// What follows the sign at the end of a vendor's prefix is at least as long.
const SHORTEST_RUN: usize = 16;
/// No vendor's prefix is longer, up to its last sign.
const LONGEST_PREFIX: usize = 24;

/// Every vendor's token in the text, in order, none inside another. `stops` are those of the text.
pub(super) fn find<'t>(text: &str, tables: &'t Tables, stops: &Stops, mut found: impl FnMut(Match<'t>)) {
    let bytes = text.as_bytes();
    let mut near = Vec::new();
    // Up to where a token was found, and up to where prefixes were tried in vain.
    let (mut end, mut tried) = (0, 0);
    for hit in &stops.hits {
        let best = match *hit {
            Hit::Prefix(at) if at as usize >= end.max(tried) => {
                with_prefix(bytes, at as usize, tables, &mut tried)
            }
            Hit::Value(at) if at as usize >= end => by_words(bytes, at as usize, tables, &mut near),
            _ => None,
        };
        if let Some(best) = best.filter(|best| text.get(best.range.clone()).is_some()) {
            end = end.max(best.range.end);
            found(best);
        }
    }
}

/// The tokens that are parts of longer words, and those that are not.
pub(super) fn within_words(text: &str, tables: &Tables, mut found: impl FnMut(Range<usize>)) {
    let bytes = text.as_bytes();
    let mut end = 0;
    for last in memchr::memchr2_iter(b'_', b'-', bytes) {
        let Some(run) = bytes.get(last + 1..last + 1 + SHORTEST_RUN) else { break };
        let is_mixed = || kinds_of_run(run).0.count_ones() > 1;
        if !run.iter().all(|byte| is_token(*byte)) || !is_mixed() {
            continue;
        }
        for at in last.saturating_sub(LONGEST_PREFIX).max(end)..last {
            let window = &bytes[at..bytes.len().min(at + LONGEST)];
            let begins = |token: &&Token| token.is_anchored();
            let tokens = tables.at(bytes, at).filter(begins);
            let secrets = tokens.filter_map(|token| {
                let (whole, secret) = search(token, window, at).filter(|(whole, _)| whole.start == at)?;
                confirm(token, &bytes[secret.clone()], &bytes[whole])?;
                text.get(secret.clone()).map(|_| secret)
            });
            if let Some(secret) = secrets.max_by_key(|secret| secret.len()) {
                end = secret.end;
                found(secret);
                break;
            }
        }
    }
}

/// The token that begins at a prefix; of several the longest.
fn with_prefix<'t>(bytes: &[u8], at: usize, tables: &'t Tables, tried: &mut usize) -> Option<Match<'t>> {
    let mut known = tables.at(bytes, at).peekable();
    known.peek()?;
    // What looks like a prefix in the middle of base64 is chance.
    let floor = at.saturating_sub(40);
    let tail = bytes[floor..at]
        .iter()
        .rev()
        .take_while(|&&b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
        .count();
    if tail >= 24 || at > 0 && bytes[at - 1] == b'+' {
        return None;
    }
    let mut best: Option<Match> = None;
    for token in known {
        let anchored = token.is_anchored();
        let start = if anchored { at } else { line_around(bytes, at, 128).start };
        let window = &bytes[start..bytes.len().min(at + LONGEST)];
        let Some((whole, secret)) = search(token, window, start) else { continue };
        if whole.end <= at {
            continue;
        }
        if !ends_well(bytes, &whole) {
            // The same letters again inside this run cannot end better.
            *tried = (*tried).max(whole.end.min(at + 256));
            continue;
        }
        if !is_near(token, bytes, &whole) {
            continue;
        }
        let Some(reasons) = confirm(token, &bytes[secret.clone()], &bytes[whole]) else { continue };
        if best.as_ref().is_none_or(|best| {
            secret.len() > best.range.len()
                || token.pattern.len() > best.token.pattern.len() && secret == best.range
        }) {
            best = Some(Match { token, range: secret, reasons });
        }
    }
    best
}

/// The token that is a value after telling words, and has no letters of its own.
fn by_words<'t>(bytes: &[u8], at: usize, tables: &'t Tables, near: &mut Vec<&'t Token>) -> Option<Match<'t>> {
    // The run is looked at first: most values of programs are names, which have no digit.
    let reach = &bytes[at..bytes.len().min(at + 256)];
    if matches!(reach, [] | [b'/' | b'.', ..]) {
        return None;
    }
    let (kinds, has_others) = kinds_of_run(&reach[..reach.len().min(64)]);
    let is_number = kinds == DIGIT && !has_others;
    let is_mixed = kinds & (LOWER | UPPER) == LOWER | UPPER;
    if is_number || kinds & DIGIT == 0 && !is_mixed {
        return None;
    }
    let mut start = at.saturating_sub(BEFORE);
    while start < at && bytes[start] & 0xC0 == 0x80 {
        start += 1;
    }
    let before = &bytes[start..at];
    if !promises(before) {
        return None;
    }
    near.clear();
    tables.near(before, near);
    if near.is_empty() || names_a_digest(before) {
        return None;
    }
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b',' | b'`');
    let window = &reach[..reach.iter().position(is_end).unwrap_or(reach.len())];
    near.iter().find_map(|token| {
        let (whole, secret) = search(token, window, at)?;
        // The value is the token, the whole token and nothing but the token.
        let rest = bytes.get(whole.end).copied().unwrap_or(b'\n');
        if (is_token(rest) || rest == b'=')
            && !(rest == b'.' && bytes.get(whole.end + 1).is_none_or(u8::is_ascii_whitespace))
        {
            return None;
        }
        let reasons = confirm(token, &bytes[secret.clone()], &bytes[whole])?;
        Some(Match { token, range: secret, reasons })
    })
}

fn search(token: &Token, window: &[u8], start: usize) -> Option<(Range<usize>, Range<usize>)> {
    let regex = token.regex()?;
    let shift = |range: Range<usize>| start + range.start..start + range.end;
    if regex.captures_len() == 1 {
        let whole = shift(regex.find(window)?.range());
        return Some((whole.clone(), whole));
    }
    let captures = regex.captures(window)?;
    let whole = captures.get(0)?.range();
    let secret = captures.name("secret").map_or(whole.clone(), |group| group.range());
    Some((shift(whole), shift(secret)))
}

/// A token is not the beginning of a longer word.
fn ends_well(bytes: &[u8], whole: &Range<usize>) -> bool {
    let last_is_word = whole.end > 0 && is_word(bytes[whole.end - 1]);
    !(last_is_word && bytes.get(whole.end).copied().is_some_and(is_word))
}

/// Whether one of the words that must stand nearby does.
fn is_near(token: &Token, bytes: &[u8], whole: &Range<usize>) -> bool {
    if token.near.is_empty() {
        return true;
    }
    let line = line_around(bytes, whole.start, 512);
    let start = line.start.min(whole.start.saturating_sub(BEFORE));
    let around = bytes[start..line.end].to_ascii_lowercase();
    token.near.iter().any(|word| memchr::memmem::find(&around, word.as_bytes()).is_some())
}

/// Whether the text before a value speaks of a credential at all.
fn promises(before: &[u8]) -> bool {
    let last = &before[before.len().saturating_sub(56)..];
    last.windows(3).any(|three| {
        matches!(
            [three[0] | 32, three[1] | 32, three[2] | 32],
            [b'k', b'e', b'y']
                | [b't', b'o', b'k']
                | [b's', b'e', b'c']
                | [b'p', b'a', b's']
                | [b'p', b'w', b'd']
                | [b'a', b'u', b't']
                | [b'c', b'r', b'e']
                | [b'p', b'a', b't']
                | [b'a', b'p', b'i']
        )
    })
}

/// Whether the name right before the value says that it is a digest, a commit, an identifier or public.
fn names_a_digest(before: &[u8]) -> bool {
    const DIGESTS: &[&str] = &[
        "sha",
        "sha1",
        "sha256",
        "sha512",
        "hash",
        "checksum",
        "digest",
        "commit",
        "rev",
        "revision",
        "ref",
        "etag",
        "integrity",
        "uuid",
        "guid",
        "fingerprint",
        "sum",
        "md5",
        "image",
        "tag",
        "version",
        "url",
        "uri",
        "path",
        "file",
        "thumbprint",
    ];
    let sign = before.iter().rposition(|&byte| is_word(byte)).map_or(0, |last| last + 1);
    let name =
        before[..sign].iter().rposition(|&byte| !is_word(byte) && byte != b'-').map_or(0, |first| first + 1);
    let name = String::from_utf8_lossy(&before[name..sign]);
    let words = crate::facts::name_words(&name);
    // A public key has the form of a private one, and the key of a site that of the secret beside it.
    let is_public =
        words.iter().any(|word| matches!(word.as_str(), "public" | "pub" | "site" | "publishable"));
    is_public || words.last().is_some_and(|last| DIGESTS.contains(&last.as_str()))
}

impl Match<'_> {
    /// Whether all but the checksum is right.
    pub(super) fn is_doubtful(&self) -> bool {
        self.reasons.iter().any(|reason| reason == WRONG_SUM)
    }
}

/// The reason that makes a token less than sure.
const WRONG_SUM: &str = "its checksum does not fit: cut, mistyped or made up";

/// Why this is believed to be a token; nothing if it is not.
fn confirm(token: &Token, secret: &[u8], whole: &[u8]) -> Option<Vec<Str>> {
    let text = std::str::from_utf8(secret).ok()?;
    let mut reasons = Vec::new();
    let bits = entropy::bits(secret);
    if bits < token.entropy.unwrap_or(if token.keywords.is_empty() { 3.0 } else { 2.5 }) {
        return None;
    }
    let body = text.get(common_start(token, text)..).unwrap_or(text);
    if is_dummy(body) {
        return None;
    }
    if let Some(check) = token.check {
        if !check.holds(std::str::from_utf8(whole).ok()?) {
            // A form that does not hold makes it something else. A sum that does not fit makes it a token that was
            // cut, mistyped or made up: worth a look, where it is as random as a true one.
            return (check.is_sum() && bits >= 3.5).then(|| vec![Str::new_static(WRONG_SUM)]);
        }
        // The token of every tutorial: its payload names John Doe.
        if check == Check::Jwt
            && text
                .split('.')
                .nth(1)
                .and_then(super::decode::text)
                .is_some_and(|payload| payload.contains("1234567890"))
        {
            return None;
        }
        reasons.push(Str::new_static(match check {
            Check::Jwt => "its header names an algorithm",
            Check::AwsKeyId => "its form is right",
            _ => "its checksum is right",
        }));
    } else if token.keywords.is_empty() {
        reasons.push(format!("its name tells the vendor, {bits:.1} bits a character").into());
    } else {
        reasons.push(format!("it has the form of a {}", token.what).into());
    }
    Some(reasons)
}

fn common_start(token: &Token, text: &str) -> usize {
    token
        .keywords
        .iter()
        .filter(|word| {
            text.len() > word.len() && text.as_bytes()[..word.len()].eq_ignore_ascii_case(word.as_bytes())
        })
        .map(|word| word.len())
        .max()
        .unwrap_or(0)
}

/// A token that somebody made up for a document: words in it, or no variety.
fn is_dummy(body: &str) -> bool {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "example", "your_", "your-", "yourtoken", "placeholder", "redacted", "changeme", "dummy",
        "1234567890", "0123456789", "abcdefghij", "deadbeef", "....", "****", "testtest", "fake", "notreal",
    ];
    let lower = body.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
        || body.contains("xxxx")
        || body.contains("XXXX")
        || value::is_monotonous(body)
}
