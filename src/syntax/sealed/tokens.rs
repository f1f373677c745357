//! Ciphertext that is one word: a value of SOPS, of kubeseal, of a vault.

use super::bytes::{base64, is_cloud_kms, is_pgp, is_salted, is_sealed_secret};
use super::form::Form;

/// How forms begin that can be looked for in a text. The others are runs of base64 like many.
pub(super) const MARKS: &[&[u8]] = &[b"ENC[", b"ENC(", b"EJ[1:", b"vault:v"];

/// SOPS draws 32 bytes for each value, and AES-GCM adds 16.
const SOPS_IV: usize = 32;
const SOPS_TAG: usize = 16;

/// The checksum of a file is a SHA-512, written in hexadecimal digits before it is encrypted.
pub(super) const MAC_LENGTH: usize = 128;

/// Vault's transit engine draws 12 bytes for each text, and AES-GCM adds 16.
const TRANSIT_LEAST: usize = 28;

/// The kinds of values that SOPS tells apart.
const SOPS_KINDS: &[&str] = &["str", "int", "float", "bool", "bytes", "comment", "time"];

/// The form of a text that is one word of ciphertext.
pub(super) fn whole(text: &str) -> Option<Form> {
    match at_start(text) {
        Some((form, end)) => (end == text.len()).then_some(form),
        None if is_run(text) => run(&text.split_ascii_whitespace().collect::<String>()),
        None => None,
    }
}

/// The word of ciphertext that a text begins with, if it says by its first letters that it is one; and its end.
pub(super) fn at_start(text: &str) -> Option<(Form, usize)> {
    // What may stand inside ends a word, so that no letter is looked at for two of them.
    let closed = |open: usize, close: char, may: fn(char) -> bool| {
        let end = open + text[open..].find(|c: char| !may(c))?;
        text[end..].starts_with(close).then_some(end + 1)
    };
    if text.starts_with("ENC[") {
        let may = |c: char| is_letter(c) || matches!(c, ',' | ':' | '_') || c.is_ascii_whitespace();
        let end = closed(4, ']', may)?;
        let word = &text[..end];
        let form =
            if sops(word).is_some() { Some(Form::Sops) } else { is_eyaml(word).then_some(Form::Eyaml) };
        return form.map(|form| (form, end));
    }
    if text.starts_with("ENC(") {
        let end = closed(4, ')', is_letter)?;
        return is_jasypt(&text[4..end - 1]).then_some((Form::Jasypt, end));
    }
    if text.starts_with("EJ[1:") {
        let end = closed(5, ']', |c| is_letter(c) || c == ':')?;
        return is_ejson(&text[..end]).then_some((Form::Ejson, end));
    }
    let rest = text.strip_prefix("vault:v")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let data = rest[digits..].strip_prefix(':').filter(|_| digits > 0)?;
    let length = data.find(|c: char| !is_letter(c)).unwrap_or(data.len());
    let is_transit = base64(&data[..length]).is_some_and(|bytes| bytes.len() > TRANSIT_LEAST);
    is_transit.then_some((Form::VaultTransit, text.len() - data.len() + length))
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')
}

/// How many bytes a value of SOPS encrypts; nothing if the text is none.
pub(super) fn sops(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("ENC[AES256_GCM,data:")?.strip_suffix(']')?;
    let (data, rest) = inner.split_once(",iv:")?;
    let (iv, rest) = rest.split_once(",tag:")?;
    let (tag, kind) = rest.split_once(",type:")?;
    let length = |text: &str| base64(text).map(|bytes| bytes.len());
    (SOPS_KINDS.contains(&kind) && length(iv) == Some(SOPS_IV) && length(tag) == Some(SOPS_TAG))
        .then(|| length(data))
        .flatten()
}

/// Whether a text can be one of those below: none is shorter, and all begin with one of these.
fn is_run(text: &str) -> bool {
    const HEADS: &[&str] = &["Ag", "AQ", "AY", "CiQA", "U2FsdGVkX1", "gAAAAA"];
    text.len() >= 44 && HEADS.iter().any(|head| text.starts_with(head))
}

/// The form of one run of base64, by the bytes that it decodes to.
pub(super) fn run(text: &str) -> Option<Form> {
    if !is_run(text) {
        return None;
    }
    if text.starts_with("gAAAAA") {
        return is_fernet(text).then_some(Form::Fernet);
    }
    let bytes = base64(text)?;
    if bytes.starts_with(b"Salted__") {
        return is_salted(&bytes).then_some(Form::OpenSsl);
    }
    if is_cloud_kms(&bytes) {
        return Some(Form::CloudKms);
    }
    is_sealed_secret(&bytes).then_some(Form::SealedSecret)
}

/// Fernet: a version, a time, 16 bytes drawn, whole blocks of AES, 32 bytes of HMAC.
fn is_fernet(text: &str) -> bool {
    let Some(bytes) = crate::text::from_base64(text) else { return false };
    bytes.first() == Some(&0x80) && bytes.len() >= 73 && (bytes.len() - 57).is_multiple_of(16)
}

/// Jasypt: salt and whole blocks, in base64 or hexadecimal digits.
fn is_jasypt(inner: &str) -> bool {
    let is_hex = inner.bytes().all(|byte| byte.is_ascii_hexdigit()) && inner.len().is_multiple_of(16);
    let length = if is_hex { Some(inner.len() / 2) } else { base64(inner).map(|bytes| bytes.len()) };
    length.is_some_and(|length| length >= 16 && length.is_multiple_of(8))
}

/// ejson: a public key, 24 bytes drawn, and a box that is 16 bytes longer than what it holds.
fn is_ejson(word: &str) -> bool {
    let Some(inner) = word.strip_prefix("EJ[1:").and_then(|rest| rest.strip_suffix(']')) else {
        return false;
    };
    let parts: Option<Vec<usize>> =
        inner.split(':').map(|part| base64(part).map(|bytes| bytes.len())).collect();
    matches!(parts.as_deref(), Some([32, 24, sealed]) if *sealed > 16)
}

/// eyaml: `ENC[PKCS7,…]` is a message in DER, `ENC[GPG,…]` one of PGP. Line breaks inside do not count.
fn is_eyaml(word: &str) -> bool {
    let inner = word.strip_prefix("ENC[").and_then(|rest| rest.strip_suffix(']'));
    let Some((kind, data)) = inner.and_then(|inner| inner.split_once(',')) else { return false };
    let data: String = data.split_ascii_whitespace().collect();
    let Some(bytes) = base64(&data) else { return false };
    match kind {
        "PKCS7" => bytes.first() == Some(&0x30) && bytes.len() >= 100,
        "GPG" => is_pgp(&bytes),
        _ => false,
    }
}
