//! Ciphertext of several lines: armor with a head and a foot, vaults of Ansible; and the same as bytes.
//!
//! Lines may be indented, as in a block of YAML, and may be broken by `\n`, as in a text of JSON.

use super::bytes::{is_age, is_pgp};
use super::form::Form;

pub(super) const MARKS: &[&[u8]] = &[b"$ANSIBLE_VAULT;", AGE_HEAD.as_bytes(), PGP_HEAD.as_bytes()];

const AGE_HEAD: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
const AGE_FOOT: &str = "-----END AGE ENCRYPTED FILE-----";
const PGP_HEAD: &str = "-----BEGIN PGP MESSAGE-----";
const PGP_FOOT: &str = "-----END PGP MESSAGE-----";

/// The form whose head a text begins with.
pub(super) fn claims(text: &str) -> Option<Form> {
    let heads = [("$ANSIBLE_VAULT;", Form::AnsibleVault), (AGE_HEAD, Form::Age), (PGP_HEAD, Form::Pgp)];
    heads.into_iter().find(|(head, _)| text.starts_with(head)).map(|(_, form)| form)
}

/// The block that a text begins with, and where it ends.
pub(super) fn at_start(text: &str) -> Option<(Form, usize)> {
    if text.starts_with("$ANSIBLE_VAULT;") {
        return ansible(text).map(|end| (Form::AnsibleVault, end));
    }
    if let Some(body) = text.strip_prefix(AGE_HEAD) {
        let end = body.find("-----").filter(|&end| body[end..].starts_with(AGE_FOOT))?;
        let is_age = is_age(&crate::text::from_base64(&joined(&body[..end]))?);
        return is_age.then_some((Form::Age, AGE_HEAD.len() + end + AGE_FOOT.len()));
    }
    let body = text.strip_prefix(PGP_HEAD)?;
    let end = body.find("-----").filter(|&end| body[end..].starts_with(PGP_FOOT))?;
    let data = joined(&without_headers(&body[..end]));
    // Four letters behind a sign are a checksum over the rest.
    let data =
        data.rsplit_once('=').filter(|(_, sum)| sum.len() == 4).map_or(data.as_str(), |(data, _)| data);
    is_pgp(&crate::text::from_base64(data)?).then_some((Form::Pgp, PGP_HEAD.len() + end + PGP_FOOT.len()))
}

/// No head of a vault is longer, whatever its label.
const LONGEST_HEAD: usize = 200;

/// A vault of Ansible: its head, then hexadecimal digits of three lines that are hexadecimal digits themselves: salt,
/// HMAC, ciphertext.
fn ansible(text: &str) -> Option<usize> {
    let start = &text.as_bytes()[..text.len().min(LONGEST_HEAD)];
    memchr::memchr2(b'\n', b'\\', start)?;
    let (head, mut at) = line(text, 0)?;
    let fields: Vec<&str> = head.split(';').collect();
    let is_head =
        matches!(fields.as_slice(), [_, "1.1", "AES256"] | [_, "1.2", "AES256", _] | [_, "1.0", "AES"]);
    let (mut digits, mut end) = (Vec::new(), at);
    while is_head && let Some((content, next)) = line(text, at) {
        if content.is_empty() || !content.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            break;
        }
        digits.extend_from_slice(content.as_bytes());
        end = at + text[at..].find(content)? + content.len();
        at = next;
    }
    let inner = hex(&digits)?;
    let parts: Vec<&[u8]> = inner.split(|&byte| byte == b'\n').collect();
    let is_hex = |part: &[u8]| part.len().is_multiple_of(2) && part.iter().all(u8::is_ascii_hexdigit);
    let [salt, sum, data] = parts.as_slice() else { return None };
    let is_vault = salt.len() == 64 && sum.len() == 64 && data.len() >= 32;
    (is_vault && parts.iter().all(|part| is_hex(part))).then_some(end)
}

/// The line at a place, without blanks and quotes around it, and where the next one begins. A `\n` in letters ends a
/// line, too.
fn line(text: &str, at: usize) -> Option<(&str, usize)> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    let end = memchr::memchr2(b'\n', b'\\', rest.as_bytes()).unwrap_or(rest.len());
    let sign = if rest[end..].starts_with('\\') { 2 } else { 1 };
    let content = rest[..end].trim_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\''));
    Some((content, (at + end + sign).min(text.len())))
}

fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.chunks_exact(2).map(|pair| Some(value(pair[0])? << 4 | value(pair[1])?)).collect()
}

/// The letters of an armor in one piece: line breaks, real and written, are left out, and what YAML puts around them.
fn joined(body: &str) -> String {
    let body = body.replace("\\r", "").replace("\\n", "\n");
    body.split_ascii_whitespace().collect()
}

/// The body of a PGP armor behind its `Version: …` lines.
fn without_headers(body: &str) -> String {
    let body = body.replace("\\r", "").replace("\\n", "\n");
    let is_header = |line: &&str| line.contains(": ");
    body.lines().filter(|line| !is_header(line)).collect::<Vec<_>>().join("\n")
}
