//! What is between the lines of an armor that says `PRIVATE KEY`: a key, as its own structure proves, and of which kind
//! and length; or something else that somebody put there.

use super::value;
use crate::text::{Sha256, Str, from_base64};

/// What an armor holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Material {
    /// A key, with what it is called; nothing protects it.
    Key(Str),
    /// A key that a passphrase protects.
    Locked(Str),
    /// It is in armor and looks drawn, but is not whole: cut off, or of a kind that is not known here.
    Unread,
    /// A key that comes with a product, for everybody.
    Everybodys,
    /// An example of a specification.
    Example,
    /// Nothing secret: a public key, a toy, a word of explanation.
    Nothing,
}

/// Private keys that a specification or a documentation shows, by the beginning of the SHA-256 of their bytes: RFC 8410,
/// and the page that explains JSON Web Tokens.
const EXAMPLES: &[[u8; 8]] =
    &[[0x80, 0xb8, 0x85, 0xd1, 0xaf, 0x82, 0x66, 0x8a], [0xa9, 0x44, 0x36, 0x3c, 0x4b, 0xdb, 0x17, 0x4e]];

/// Private keys that everybody has, because a product brings them: Vagrant's for new machines.
const EVERYBODYS: &[[u8; 8]] = &[[0x56, 0xfb, 0x53, 0x26, 0xa1, 0xd7, 0x2a, 0x40]];

/// RSA keys below this are exercises: they were broken in 1999.
const SHORTEST_RSA: usize = 512;

/// The smallest kind of key, Ed25519, has more than this behind its cipher.
const SHORTEST_OPENSSH: usize = 150;

/// Judges the body of an armor of this kind (`RSA`, `EC`, `OPENSSH`, nothing).
pub(super) fn judge(kind: &str, body: &str) -> Material {
    let Some(letters) = letters(body) else { return Material::Nothing };
    if !is_drawn(&letters) {
        return Material::Nothing;
    }
    if kind == "ENCRYPTED" || body.contains("ENCRYPTED") {
        return Material::Locked(name(if kind == "ENCRYPTED" { "encrypted" } else { kind }, None));
    }
    let Some(bytes) = from_base64(&letters) else { return Material::Unread };
    let mut print = Sha256::default();
    print.update(&bytes);
    let print = print.finish();
    if EXAMPLES.iter().any(|known| print.starts_with(known)) {
        return Material::Example;
    }
    if EVERYBODYS.iter().any(|known| print.starts_with(known)) {
        return Material::Everybodys;
    }
    // Words of explanation, encoded to look the part.
    if bytes.iter().all(|byte| (0x20..0x7f).contains(byte) || byte.is_ascii_whitespace()) {
        return Material::Nothing;
    }
    match kind {
        "OPENSSH" => openssh(&bytes),
        "PGP" => pgp(&bytes),
        _ => der(kind, &bytes),
    }
}

/// The letters of the body in one piece; nothing if a placeholder is among them. What programs put around lines is left
/// out: quotes, signs, comments, `\n`.
fn letters(body: &str) -> Option<String> {
    let folded = body.replace("\\\\n", "\n").replace("\\n", "\n").replace("\\r", "");
    let mut out = String::new();
    for line in folded.lines() {
        let line = line.trim_matches(|c: char| {
            c.is_whitespace()
                || matches!(c, '"' | '\'' | ',' | '#' | '\\' | '*' | '`' | ';' | '-' | '.' | '|')
        });
        // `"…" +` of programs; a plus at the end of base64 stays.
        let line =
            line.strip_suffix(" +").unwrap_or(line).trim_matches(|c: char| matches!(c, '"' | '\'' | ' '));
        // `Version: …`, `Proc-Type: …`
        if line.contains(':') {
            continue;
        }
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        // All lines on one have blanks for their breaks.
        if line.split(' ').all(|word| !word.is_empty() && word.bytes().all(is_letter)) && !is_prose(line) {
            out.extend(line.split(' '));
        } else if line.contains(['<', '{', '$', '*', '[']) {
            return None;
        }
    }
    Some(out)
}

/// Whether a line is words of a language: short ones, with blanks between them.
fn is_prose(line: &str) -> bool {
    line.contains(' ') && line.split(' ').filter(|word| word.len() < 20).count() > 2
}

/// Whether letters can be a key: enough of them, of many kinds, and no word that says they are none.
fn is_drawn(letters: &str) -> bool {
    let lower = letters.to_ascii_lowercase();
    letters.len() >= 40
        && !value::is_monotonous(letters)
        && !["example", "redacted", "yourprivatekey", "yourkey", "placeholder", "truncated", "xxxxxxxx"]
            .iter()
            .any(|word| lower.contains(word))
        && super::entropy::bits(letters.as_bytes()) > 3.0
}

/// `2048-bit RSA private key`
fn name(kind: &str, bits: Option<usize>) -> Str {
    let kind = match kind {
        "" => "private key".into(),
        "OPENSSH" => "OpenSSH private key".into(),
        kind => format!("{kind} private key"),
    };
    match bits {
        Some(bits) => format!("{bits}-bit {kind}").into(),
        None => kind.into(),
    }
}

/// A key in DER: PKCS #1, PKCS #8, SEC 1 or that of DSA.
fn der(kind: &str, bytes: &[u8]) -> Material {
    let Some((0x30, inside, _)) = item(bytes) else { return Material::Unread };
    let Some((tag, first, rest)) = item(inside) else { return Material::Unread };
    match (tag, item(rest)) {
        // A public key in SubjectPublicKeyInfo begins with its algorithm, and so does a locked one.
        (0x30, Some((0x03, ..))) => Material::Nothing,
        (0x30, Some((0x04, ..))) => Material::Locked(name("encrypted", None)),
        // PKCS #8: a version, an algorithm, and the key within.
        (0x02, Some((0x30, algorithm, rest))) => pkcs8(algorithm, rest),
        // SEC 1: a version, then the number.
        (0x02, Some((0x04, number, _))) if number.len() >= 16 => Material::Key(name("EC", None)),
        // DSA has a version and five numbers, RSA a version and eight; a public RSA key has two and no version.
        (0x02, Some((0x02, second, rest))) => match (item(rest), first.len()) {
            (Some((0x02, ..)), 0..=1) if kind == "DSA" => Material::Key(name("DSA", None)),
            (Some((0x02, ..)), 0..=1) => rsa(second),
            _ => Material::Nothing,
        },
        _ => Material::Unread,
    }
}

fn pkcs8(algorithm: &[u8], rest: &[u8]) -> Material {
    let Some((0x04, key, _)) = item(rest) else { return Material::Unread };
    let known = match item(algorithm) {
        Some((0x06, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1], _)) => "RSA",
        Some((0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], _)) => "EC",
        Some((0x06, [0x2b, 0x65, 0x70], _)) => "Ed25519",
        Some((0x06, [0x2b, 0x65, 0x6e], _)) => "X25519",
        Some((0x06, ..)) => "",
        _ => return Material::Unread,
    };
    match known {
        "RSA" => der("RSA", key),
        known => Material::Key(name(known, None)),
    }
}

fn rsa(modulus: &[u8]) -> Material {
    let digits = modulus.iter().skip_while(|&&byte| byte == 0).count();
    let bits = digits * 8;
    if bits < SHORTEST_RSA { Material::Nothing } else { Material::Key(name("RSA", Some(bits))) }
}

/// The item of DER that bytes begin with: its tag, what is inside, and what follows. Nothing if its length goes beyond.
fn item(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, length, rest @ ..] = bytes else { return None };
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length - 0x80))?;
            (digits.iter().fold(0, |sum, &digit| sum << 8 | usize::from(digit)), rest)
        }
        _ => return None,
    };
    let (inside, after) = rest.split_at_checked(length)?;
    Some((*tag, inside, after))
}

/// OpenSSH's own format: a word, then the cipher; `none` is no cipher.
fn openssh(bytes: &[u8]) -> Material {
    match bytes.strip_prefix(b"openssh-key-v1\0\0\0\0\x04none") {
        Some(rest) if rest.len() < SHORTEST_OPENSSH => Material::Nothing,
        Some(_) => Material::Key(name("OPENSSH", None)),
        None if bytes.starts_with(b"openssh-key-v1\0") => Material::Locked(name("OPENSSH", None)),
        None => Material::Unread,
    }
}

/// A packet of PGP: 5 and 7 are secret keys, 6 and 14 public ones.
fn pgp(bytes: &[u8]) -> Material {
    let kind = match bytes.first() {
        Some(&first @ 0xc0..) => first & 0x3f,
        Some(&first @ 0x80..0xc0) => (first >> 2) & 0xf,
        _ => return Material::Unread,
    };
    match kind {
        5 | 7 => Material::Key(name("PGP", None)),
        6 | 14 => Material::Nothing,
        _ => Material::Unread,
    }
}
