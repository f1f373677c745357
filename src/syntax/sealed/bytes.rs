//! Ciphertext as bytes, whatever letters it is written in.

use super::form::Form;

const AGE_VERSION: &[u8] = b"age-encryption.org/v1\n-> ";

/// The form of a file of bytes.
pub(super) fn whole(bytes: &[u8]) -> Option<Form> {
    if bytes.starts_with(b"\0GITCRYPT\0") {
        // Twelve bytes drawn, and what they encrypt.
        return (bytes.len() >= 22).then_some(Form::GitCrypt);
    }
    if is_age(bytes) {
        return Some(Form::Age);
    }
    if is_salted(bytes) {
        return Some(Form::OpenSsl);
    }
    is_pgp(bytes).then_some(Form::Pgp)
}

/// age: the version, stanzas of recipients, a line with the checksum of these, and at least 32 bytes.
pub(super) fn is_age(bytes: &[u8]) -> bool {
    if !bytes.starts_with(AGE_VERSION) {
        return false;
    }
    let Some(mac) = memchr::memmem::find(bytes, b"\n--- ") else { return false };
    let Some(line) = memchr::memchr(b'\n', &bytes[mac + 1..]) else { return false };
    // 32 bytes in base64 without padding, behind `--- `.
    line == 4 + 43 && bytes.len() - (mac + 1 + line + 1) >= 32
}

/// A message of PGP that is encrypted: it begins with a packet of a session key, or of encrypted data. Others are
/// signed, or only compressed.
pub(super) fn is_pgp(bytes: &[u8]) -> bool {
    let Some(&first) = bytes.first() else { return false };
    let kind = match first {
        0xc0.. => first & 0x3f,
        0x80.. => (first >> 2) & 0xf,
        _ => return false,
    };
    matches!(kind, 1 | 3 | 9 | 18 | 20) && bytes.len() >= 40
}

/// What OpenSSL encrypts with a passphrase: eight bytes that say so, eight of salt, whole blocks.
pub(super) fn is_salted(bytes: &[u8]) -> bool {
    bytes.starts_with(b"Salted__") && bytes.len() >= 32 && bytes.len().is_multiple_of(8)
}

/// kubeseal: two bytes for the length of a session key that RSA encrypted, that key, and what AES-GCM made.
pub(super) fn is_sealed_secret(bytes: &[u8]) -> bool {
    let [high, low, rest @ ..] = bytes else { return false };
    let key = usize::from(*high) << 8 | usize::from(*low);
    matches!(key, 256 | 384 | 512) && rest.len() >= key + 16
}

/// What the key services of AWS and Google return: their own headers, and at least a block behind them.
pub(super) fn is_cloud_kms(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x01, 0x02, 0x02, 0x00, 0x78]) && bytes.len() >= 100
        || bytes.starts_with(&[0x0a, 0x24, 0x00]) && bytes.len() >= 38 + 28
}

/// Decodes base64 as it is written in one piece: with its padding, without blanks.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let is_whole = text.len().is_multiple_of(4)
        && text.bytes().all(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'-' | b'_'));
    is_whole.then(|| crate::text::from_base64(text)).flatten()
}
