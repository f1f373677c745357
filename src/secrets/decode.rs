//! What stands behind an encoding: base64 of both alphabets. Strict, so that noise is not taken for a text.

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The value of each base64 digit of either alphabet; 255 for what is none.
const DIGITS: [u8; 256] = {
    let mut table = [255; 256];
    let mut at = 0;
    while at < 64 {
        table[STANDARD[at] as usize] = at as u8;
        at += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
};

/// Decodes base64 or base64url, padded or not; line breaks inside are skipped, as in YAML block scalars.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let body = text.trim().trim_end_matches('=');
    let mut out = Vec::with_capacity(body.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0usize);
    for byte in body.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let digit = DIGITS[byte as usize];
        if digit == 255 {
            return None;
        }
        bits = bits << 6 | u32::from(digit);
        count += 1;
        if count.is_multiple_of(4) {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            bits = 0;
        }
    }
    match count % 4 {
        0 => {}
        2 => out.push((bits >> 4) as u8),
        3 => out.extend_from_slice(&[(bits >> 10) as u8, (bits >> 2) as u8]),
        _ => return None,
    }
    (count > 0).then_some(out)
}

/// Decodes base64 whose content is printable text.
pub(super) fn text(encoded: &str) -> Option<String> {
    let text = String::from_utf8(base64(encoded)?).ok()?;
    let printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    text.chars().all(printable).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_reads_what_it_wrote_and_nothing_else() {
        for length in 0..40u8 {
            let bytes: Vec<u8> = (0..length).map(|at| at.wrapping_mul(37)).collect();
            let encoded = crate::text::base64(&bytes);
            assert_eq!(base64(&encoded), (length > 0).then_some(bytes), "{encoded}");
        }
        assert_eq!(text("aHVudGVyMg=="), Some("hunter2".into()));
        assert_eq!(text("aHVu\n  dGVyMg"), Some("hunter2".into()));
        for not in ["", "a", "hunter2!", "abcde", "AAEC"] {
            assert_eq!(text(not), None, "{not}");
        }
    }
}
