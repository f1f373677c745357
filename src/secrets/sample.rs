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
