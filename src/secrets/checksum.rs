//! Checksums that vendors build into their tokens, so that a token can be told from noise without asking anybody.

use std::sync::OnceLock;

/// The digits of base 62 as GitHub and npm order them.
pub(super) const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The digits of base 36.
const BASE36: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

/// A check that a page may name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Check {
    /// Thirty random characters after the first `_`, then their CRC-32 in six digits of base 62 (GitHub, npm).
    Crc32Base62,
    /// A bech32 text: the last six characters are its checksum (age keys).
    Bech32,
    /// A JSON Web Token: the first part is base64url of a JSON object that names an algorithm.
    Jwt,
    /// A Grafana token: eight hex digits after the last `_` are the CRC-32 of what stands before, lowest byte first.
    Crc32Hex,
    /// A routable GitLab token: the last seven digits of base 36 are the CRC-32 of all that stands before.
    Crc32Base36,
    /// An AWS key identifier: what follows the four letters of its kind is base 32.
    AwsKeyId,
}

impl Check {
    /// Whether it is a sum over the other characters, rather than a form that they have.
    pub fn is_sum(self) -> bool {
        matches!(self, Check::Crc32Base62 | Check::Bech32 | Check::Crc32Hex | Check::Crc32Base36)
    }

    pub const NAMES: &[(&'static str, Check)] = &[
        ("github-crc32", Check::Crc32Base62),
        ("npm-crc32", Check::Crc32Base62),
        ("bech32", Check::Bech32),
        ("jwt", Check::Jwt),
        ("grafana-crc32", Check::Crc32Hex),
        ("gitlab-crc32", Check::Crc32Base36),
        ("aws-key-id", Check::AwsKeyId),
    ];

    pub fn parse(name: &str) -> Option<Check> {
        Check::NAMES.iter().find(|(known, _)| *known == name).map(|&(_, check)| check)
    }

    /// Whether the token's own checksum is right.
    pub fn holds(self, token: &str) -> bool {
        match self {
            Check::Crc32Base62 => {
                let Some((_, body)) = token.split_once('_') else { return false };
                let Some(cut) = body.len().checked_sub(6) else { return false };
                let (Some(random), Some(sum)) = (body.get(..cut), body.get(cut..)) else { return false };
                base62(crc32(random.as_bytes()), 6) == sum
            }
            Check::Bech32 => bech32(token),
            Check::Jwt => {
                let mut parts = token.split('.');
                let header = parts.next().and_then(crate::text::from_base64);
                let header = header.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
                parts.count() >= 2
                    && header.is_some_and(|text| text.starts_with('{') && text.contains("\"alg\""))
            }
            Check::Crc32Hex => {
                let Some((head, sum)) = token.rsplit_once('_') else { return false };
                u32::from_str_radix(sum, 16).is_ok_and(|sum| sum.swap_bytes() == crc32(head.as_bytes()))
            }
            Check::Crc32Base36 => {
                let cut = token.len().saturating_sub(7);
                let (Some(head), Some(sum)) = (token.get(..cut), token.get(cut..)) else { return false };
                base36(crc32(head.as_bytes()), 7) == sum
            }
            Check::AwsKeyId => {
                // Key identifiers are base 32; one with a 0, 1, 8 or 9 was typed by a person.
                token.len() == 20
                    && token.bytes().skip(4).all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b))
            }
        }
    }
}

/// CRC-32 as zip, PNG and most vendors count it.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    static TABLE: OnceLock<[u32; 256]> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        std::array::from_fn(|byte| {
            (0..8).fold(byte as u32, |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 })
        })
    });
    !bytes.iter().fold(!0, |sum, &byte| table[((sum ^ u32::from(byte)) & 255) as usize] ^ sum >> 8)
}

/// A number in `width` digits of base 62, with leading zeros.
pub(super) fn base62(number: u32, width: usize) -> String {
    digits(BASE62, number, width)
}

/// A number in `width` digits of base 36, with leading zeros.
pub(super) fn base36(number: u32, width: usize) -> String {
    digits(BASE36, number, width)
}

/// A number in `width` of these digits, with leading zeros.
fn digits(alphabet: &str, mut number: u32, width: usize) -> String {
    let base = alphabet.len() as u32;
    let mut out = vec![b'0'; width];
    for digit in out.iter_mut().rev() {
        *digit = alphabet.as_bytes()[(number % base) as usize];
        number /= base;
    }
    out.into_iter().map(char::from).collect()
}

const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// BIP 173: the text's values and its expanded human-readable part have the polynomial checksum 1.
fn bech32(token: &str) -> bool {
    let lower = token.to_ascii_lowercase();
    let Some((human, data)) = lower.rsplit_once('1') else { return false };
    let values = data.bytes().map(|byte| BECH32.iter().position(|&known| known == byte).map(|at| at as u8));
    let Some(values) = values.collect::<Option<Vec<u8>>>() else { return false };
    values.len() >= 6 && bech32_sum(human, &values) == 1
}

/// The text for a human-readable part and data, with its checksum, in small letters.
pub(super) fn bech32_encode(human: &str, data: &[u8]) -> String {
    let mut values = data.to_vec();
    values.extend([0; 6]);
    let sum = bech32_sum(human, &values) ^ 1;
    values.truncate(data.len());
    values.extend((0..6).map(|at| (sum >> (5 * (5 - at)) & 31) as u8));
    let letters = values.iter().map(|&value| char::from(BECH32[value as usize & 31]));
    format!("{human}1{}", letters.collect::<String>())
}

fn bech32_sum(human: &str, values: &[u8]) -> u32 {
    const GENERATORS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let expanded = human.bytes().map(|byte| byte >> 5).chain([0]).chain(human.bytes().map(|byte| byte & 31));
    expanded.chain(values.iter().copied()).fold(1, |sum, value| {
        let shifted = (sum & 0x1ff_ffff) << 5 ^ u32::from(value);
        let top = sum >> 25;
        GENERATORS.iter().enumerate().fold(
            shifted,
            |sum, (bit, generator)| {
                if top >> bit & 1 == 1 { sum ^ generator } else { sum }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::recipe::expand;

    #[test]
    fn sums_are_the_published_ones() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(base62(u32::MAX, 6), "4gfFC3");
        assert_eq!(base36(u32::MAX, 7), "1z141z3");
        // The test vectors of BIP 173 itself.
        assert!(bech32("A12UEL5L"));
        assert!(bech32("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"));
        assert!(!bech32("A12UEL5M"));
        assert!(!bech32("no-separator"));
        assert!(bech32(&bech32_encode("age-secret-key-", &[7; 52])));
    }

    #[test]
    fn a_token_with_one_changed_character_fails_its_check() {
        let right = expand("ghp_{base62*30}{crc32-base62}", 3);
        assert!(Check::Crc32Base62.holds(&right));
        let mut wrong = right.clone().into_bytes();
        wrong[9] = if wrong[9] == b'a' { b'b' } else { b'a' };
        assert!(!Check::Crc32Base62.holds(&String::from_utf8(wrong).unwrap()));
        assert!(!Check::Crc32Base62.holds("ghp_äöü"));
        let routable = expand("glpat-{base64url*37}.01.11{crc32-base36}", 3);
        assert!(Check::Crc32Base36.holds(&routable), "{routable}");
        assert!(!Check::Crc32Base36.holds(&routable.replacen("01", "02", 1)));
        assert!(!Check::Crc32Base36.holds("öäü"));
        assert!(Check::Jwt.holds(&expand("{b64:{\"alg\":\"HS256\"}}.{base64url*20}.{base64url*43}", 1)));
        assert!(!Check::Jwt.holds("eyJhbGci.x"));
    }
}
