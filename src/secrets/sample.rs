//! Ciphertext as tools write it, made of drawn bytes: what recipes hand to tests and examples. Nothing in it was ever
//! a value, and no key opens it.

use super::dice::Dice;
use crate::text::base64;

/// The ciphertext that a name in a recipe stands for. `sops:KIND:LENGTH`, `ansible:INDENT`, `age:INDENT`, `pgp:INDENT`,
/// `openssl:INDENT` take numbers; the lines behind the first are indented by so many blanks.
pub(super) fn drawn(name: &str, dice: &mut Dice) -> Option<String> {
    let mut fields = name.split(':');
    let (form, first, second) = (fields.next()?, fields.next(), fields.next());
    let indent = || first.and_then(|count| count.parse().ok()).unwrap_or(0);
    Some(match form {
        "sops" => {
            sops(dice, first.unwrap_or("str"), second.and_then(|count| count.parse().ok()).unwrap_or(12))
        }
        "mac" => sops(dice, "str", 128),
        "kubeseal" => base64(&[vec![2, 0], bytes(dice, 512 + 40)].concat()),
        "jasypt" => format!("ENC({})", base64(&bytes(dice, 48))),
        "eyaml" => format!("ENC[PKCS7,{}]", base64(&[vec![0x30, 0x82], bytes(dice, 300)].concat())),
        "ejson" => {
            let parts = [32, 24, 40].map(|count| base64(&bytes(dice, count)));
            format!("EJ[1:{}]", parts.join(":"))
        }
        "transit" => format!("vault:v1:{}", base64(&bytes(dice, 12 + 20 + 16))),
        "fernet" => {
            let token = base64(&[vec![0x80, 0, 0, 0, 0], bytes(dice, 4 + 16 + 32 + 32)].concat());
            token.replace('+', "-").replace('/', "_")
        }
        "awskms" => base64(&[vec![1, 2, 2, 0, 0x78], bytes(dice, 160)].concat()),
        "openssl" => wrapped(&base64(&[b"Salted__".to_vec(), bytes(dice, 8 + 96)].concat()), 64, indent()),
        "pem" if first == Some("hex") => {
            let value = |pair: &[u8]| {
                std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok())
            };
            let body: Option<Vec<u8>> = second?.as_bytes().chunks(2).map(value).collect();
            armor("PRIVATE KEY", &wrapped(&base64(&body?), 64, 0), 0)
        }
        "pem" => {
            let size = second.and_then(|size| size.parse().ok()).unwrap_or(2048);
            pem(dice, first?, size, fields.next().unwrap_or("0"))?
        }
        "ansible" => ansible(dice, indent()),
        "age" => {
            let head =
                format!("age-encryption.org/v1\n-> X25519 {}\n{}\n--- {}\n", raw(dice), raw(dice), raw(dice));
            let body = base64(&[head.into_bytes(), bytes(dice, 16 + 60)].concat());
            armor("AGE ENCRYPTED FILE", &wrapped(&body, 64, indent()), indent())
        }
        "pgp" => {
            let body = base64(&[vec![0x85, 1, 0x0c, 3], bytes(dice, 268)].concat());
            armor("PGP MESSAGE", &wrapped(&body, 64, indent()), indent())
        }
        // Signed, or only compressed: a message, and no ciphertext.
        "pgp-signed" => {
            let body = base64(&[vec![0xa3, 1], bytes(dice, 268)].concat());
            armor("PGP MESSAGE", &wrapped(&body, 64, indent()), indent())
        }
        _ => return None,
    })
}

/// A text as an encoder would write it.
pub(super) fn encoded(how: &str, text: &str) -> String {
    match how {
        // In lines, behind two blanks.
        "wrap" => wrapped(&base64(text.as_bytes()), 64, 2),
        "hexed" => hex(text.as_bytes()),
        "wide" => text.chars().flat_map(|letter| [letter, '\0']).collect(),
        "urled" => text
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect(),
        _ => {
            // The time and the sum at the end are left empty: nobody asks for them here.
            let packed = miniz_oxide::deflate::compress_to_vec(text.as_bytes(), 6);
            base64(&[vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3], packed, vec![0; 8]].concat())
        }
    }
}

/// A private key in armor, of drawn numbers: `rsa:2048:4` has lines indented by four blanks, `rsa:2048:n` is one line
/// with `\n`, `rsa:2048:blank` one with blanks.
fn pem(dice: &mut Dice, kind: &str, size: usize, lines: &str) -> Option<String> {
    let number = |dice: &mut Dice, count: usize| {
        let mut all = bytes(dice, count);
        all[0] |= 0x80;
        der(0x02, &[vec![0], all].concat())
    };
    let oid = |id: &[u8]| der(0x30, &der(0x06, id));
    let zero = || der(0x02, &[0]);
    let rsa = |dice: &mut Dice| {
        let numbers = [size / 8, 3, size / 8, size / 16, size / 16].map(|count| number(dice, count.max(1)));
        der(0x30, &[vec![zero()], numbers.to_vec()].concat().concat())
    };
    let ed25519 = [0x2b, 0x65, 0x70];
    let (armored, body) = match kind {
        "rsa" => ("RSA PRIVATE KEY", rsa(dice)),
        "pkcs8" => {
            let algorithm = oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]);
            ("PRIVATE KEY", der(0x30, &[zero(), algorithm, der(0x04, &rsa(dice))].concat()))
        }
        "ec" => ("EC PRIVATE KEY", der(0x30, &[der(0x02, &[1]), der(0x04, &bytes(dice, 32))].concat())),
        "ed25519" => {
            let key = der(0x04, &der(0x04, &bytes(dice, 32)));
            ("PRIVATE KEY", der(0x30, &[zero(), oid(&ed25519), key].concat()))
        }
        "locked" => {
            ("ENCRYPTED PRIVATE KEY", der(0x30, &[oid(&ed25519), der(0x04, &bytes(dice, 300))].concat()))
        }
        // A public key under the head of a private one.
        "mislabelled" => {
            let key = der(0x03, &bytes(dice, 271));
            ("PRIVATE KEY", der(0x30, &[oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]), key].concat()))
        }
        "openssh" => {
            let head = b"openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none\0\0\0\0\0\0\0\x01".to_vec();
            ("OPENSSH PRIVATE KEY", [head, bytes(dice, 280)].concat())
        }
        "pgp" => ("PGP PRIVATE KEY BLOCK", [vec![0x95, 1, 0xfe, 4], bytes(dice, 500)].concat()),
        "words" => {
            ("PRIVATE KEY", b"put the key of your own installation here, in this place, please".to_vec())
        }
        _ => return None,
    };
    let text =
        armor(armored, &wrapped(&base64(&body), 64, lines.parse().unwrap_or(0)), lines.parse().unwrap_or(0));
    Some(match lines {
        "n" => text.replace('\n', "\\n"),
        "blank" => text.replace('\n', " "),
        _ => text,
    })
}

fn der(tag: u8, inside: &[u8]) -> Vec<u8> {
    let length = inside.len();
    let mut out = match length {
        0..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    out.extend_from_slice(inside);
    out
}

fn bytes(dice: &mut Dice, count: usize) -> Vec<u8> {
    (0..count).map(|_| dice.below(256) as u8).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Thirty-two bytes in base64 without padding.
fn raw(dice: &mut Dice) -> String {
    base64(&bytes(dice, 32)).trim_end_matches('=').to_string()
}

fn sops(dice: &mut Dice, kind: &str, length: usize) -> String {
    let [data, iv, tag] = [length, 32, 16].map(|count| base64(&bytes(dice, count)));
    format!("ENC[AES256_GCM,data:{data},iv:{iv},tag:{tag},type:{kind}]")
}

fn ansible(dice: &mut Dice, indent: usize) -> String {
    let parts = [32, 32, 64].map(|count| hex(&bytes(dice, count)));
    let lines = wrapped(&hex(parts.join("\n").as_bytes()), 80, indent);
    format!("$ANSIBLE_VAULT;1.1;AES256\n{}{lines}", " ".repeat(indent))
}

fn armor(kind: &str, lines: &str, indent: usize) -> String {
    let margin = " ".repeat(indent);
    format!("-----BEGIN {kind}-----\n{margin}{lines}\n{margin}-----END {kind}-----")
}

fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let lines: Vec<&str> =
        (0..text.len()).step_by(width).map(|at| &text[at..text.len().min(at + width)]).collect();
    lines.join(&format!("\n{}", " ".repeat(indent)))
}
