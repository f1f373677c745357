//! Private keys in armor: PEM, OpenSSH, PGP, PuTTY. Certificates, public keys and encrypted messages are silent.

use super::found::{Found, part};
use super::key_material::{self, Material};
use crate::facts::{Evidence, Excuse, SecretKind, Weakness};
use crate::text::{File, Str};
use std::ops::Range;

/// Every private key in the file: the span is the whole armor. `places` are those of `PRIVATE KEY`.
pub(super) fn find(file: &File, places: &[u32], push: &mut impl FnMut(Found)) {
    if let Some(found) = putty(file.text) {
        push(
            Found::new(SecretKind::PrivateKey, "PuTTY private key", part(file, found))
                .because("it is armored as one"),
        );
    }
    let mut end = 0;
    for at in places.iter().map(|at| *at as usize) {
        if at < end {
            continue;
        }
        if let Some(key) = armor(file.text, at) {
            end = key.range.end;
            let mut found = Found::new(key.kind, &key.what, part(file, key.range)).because(key.reason);
            found.excuse = key.excuse;
            if key.kind == SecretKind::Weak {
                found.evidence = Evidence::Weak(Weakness::Everybodys);
            }
            push(found);
        }
    }
}

/// The first private key that a text (a decoded value) holds: where, and what it is.
pub(super) fn first(text: &str) -> Option<(Range<usize>, Str)> {
    memchr::memmem::find_iter(text.as_bytes(), b"PRIVATE KEY")
        .filter_map(|at| armor(text, at))
        .find(|key| key.kind == SecretKind::PrivateKey)
        .map(|key| (key.range, key.what))
}

struct Key {
    kind: SecretKind,
    what: Str,
    range: Range<usize>,
    reason: Str,
    excuse: Option<Excuse>,
}

/// The armor whose first line holds `PRIVATE KEY` at `at`.
fn armor(text: &str, at: usize) -> Option<Key> {
    let bytes = text.as_bytes();
    let head = &bytes[at.saturating_sub(40)..at];
    let begin = at.saturating_sub(40) + memchr::memmem::rfind(head, b"BEGIN ")?;
    let kind = text.get(begin + 6..at)?.trim();
    if kind.contains(['\n', '-']) {
        return None;
    }
    let dashes = bytes[..begin].iter().rev().take_while(|byte| matches!(byte, b'-' | b' ')).count();
    if dashes < 4 {
        return None;
    }
    let start = begin
        - bytes[begin - dashes..begin].iter().filter(|&&byte| byte == b'-').count().min(dashes)
        - usize::from(bytes[begin - 1] == b' ');
    let rest = &bytes[at..bytes.len().min(at + 48)];
    let body_at = at + memchr::memmem::find(rest, b"--")? + 2;
    let body_at = body_at + bytes[body_at..].iter().take_while(|&&byte| byte == b'-').count();
    let rest = &bytes[body_at..bytes.len().min(body_at + 32 * 1024)];
    // The armor ends at the next dashes. If they do not say `END` it was cut off, or is one line of a template: then
    // what reads like base64 counts.
    let dashes = memchr::memmem::find(rest, b"----").unwrap_or(rest.len());
    let close = body_at + dashes;
    let foot = &bytes[close..bytes.len().min(close + 80)];
    let (body_end, end) = match memchr::memmem::find(&foot[..foot.len().min(10)], b"END ") {
        Some(word) => {
            let tail = memchr::memmem::find(&foot[word..], b"----").map_or(word + 4, |found| word + found);
            let tail = tail + foot[tail.min(foot.len())..].iter().take_while(|&&byte| byte == b'-').count();
            (close, close + tail.min(foot.len()))
        }
        None => {
            let is_body = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/=\\\r\n \t".contains(byte);
            let length = rest[..dashes].iter().take_while(is_body).count();
            let length = rest[..length].trim_ascii_end().len();
            (body_at + length, body_at + length)
        }
    };
    let body = text.get(body_at..body_end)?;
    let range = start..end;
    let told = |kind, what, reason| {
        Some(Key { kind, what, range: range.clone(), reason: Str::new_static(reason), excuse: None })
    };
    let bare = || match kind {
        "" => "private key".into(),
        "OPENSSH" => "OpenSSH private key".into(),
        kind => format!("{kind} private key").into(),
    };
    match key_material::judge(kind, body) {
        Material::Key(what) => told(SecretKind::PrivateKey, what, "it is whole, and nothing protects it"),
        Material::Locked(what) => told(SecretKind::PrivateKey, what, "it is whole; a passphrase protects it"),
        Material::Unread => {
            told(SecretKind::PrivateKey, bare(), "it is armored as one and nothing protects it")
        }
        Material::Everybodys => {
            told(SecretKind::Weak, "private key".into(), "it comes with a product: everybody has it")
        }
        Material::Example => told(SecretKind::Doubtful, "private key".into(), "")
            .map(|key| Key { excuse: Some(Excuse::Example), ..key }),
        Material::Nothing => None,
    }
}

/// PuTTY's format has a header instead of armor.
const PUTTY: &[u8] = b"PuTTY-User-Key-File-";

pub(super) fn begins_as_putty(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(PUTTY)
}

fn putty(text: &str) -> Option<Range<usize>> {
    (begins_as_putty(text.as_bytes()) && text.contains("Private-Lines:")).then(|| {
        let start = text.len() - text.trim_start().len();
        start..start + text[start..].find('\n').unwrap_or(text.len() - start)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::recipe::expand;
    use crate::secrets::stops::Stops;
    use crate::secrets::tables::Tables;
    use crate::secrets::walk::{Depth, walk};
    use crate::text::SourceId;

    fn found(recipe: &str) -> Vec<(String, String)> {
        // Written in two halves, so that this file holds no armor itself.
        let text = expand(
            &recipe
                .replace("BEGIN_", "-----BEGIN ")
                .replace("_KEY", " KEY-----")
                .replace("END_", "-----END "),
            5,
        );
        let file = File { id: SourceId(0), name: "x", text: &text };
        let (mut out, mut stops) = (Vec::new(), Stops::default());
        walk(&text, &Tables::default(), Depth::Forms, &mut stops);
        find(&file, &stops.keys, &mut |found| {
            out.push((found.what.to_string(), found.value.text.to_string()))
        });
        out
    }

    #[test]
    fn private_keys_are_found_and_public_things_are_not() {
        let table = [
            (
                "BEGIN_RSA PRIVATE_KEY{lf}{base64*64}{lf}{base64*64}{lf}END_RSA PRIVATE_KEY{lf}",
                Some("RSA private key"),
            ),
            (
                "  key: |{lf}    BEGIN_OPENSSH PRIVATE_KEY{lf}    {base64*70}{lf}    END_OPENSSH PRIVATE_KEY{lf}",
                Some("OpenSSH private key"),
            ),
            ("\"BEGIN_PRIVATE_KEY\\n{base64*64}\\n{base64*40}\\nEND_PRIVATE_KEY\\n\"", Some("private key")),
            (
                "BEGIN_ENCRYPTED PRIVATE_KEY{lf}{base64*64}{lf}END_ENCRYPTED PRIVATE_KEY",
                Some("encrypted private key"),
            ),
            ("BEGIN_PRIVATE_KEY{lf}...{lf}END_PRIVATE_KEY", None),
            ("BEGIN_PRIVATE_KEY{lf}<your key here>{lf}END_PRIVATE_KEY", None),
            ("BEGIN_PUBLIC_KEY{lf}{base64*64}{lf}END_PUBLIC_KEY", None),
            ("BEGIN_CERTIFICATE_KEY{lf}{base64*64}{lf}", None),
            ("the words PRIVATE KEY in a text, BEGIN and END", None),
        ];
        for (recipe, expected) in table {
            let all = found(recipe);
            assert_eq!(all.first().map(|(what, _)| what.as_str()), expected, "{recipe}");
            assert!(all.len() <= 1, "{recipe}: {all:?}");
            if let Some((_, text)) = all.first() {
                assert!(text.starts_with("-----BEGIN") && text.ends_with("KEY-----"), "{text}");
            }
        }
    }
}
