//! Recipes: how a credential looks, told without spelling one. `ghp_{base62*30}{crc32-base62}` becomes a token with
//! a right checksum, the same one for the same seed. Used by the pages' own examples and by tests.

use super::checksum;
use super::dice::Dice;

/// The alphabets a recipe may name.
const ALPHABETS: &[(&str, &str)] = &[
    ("hex", "0123456789abcdef"),
    ("HEX", "0123456789ABCDEF"),
    ("digits", "0123456789"),
    ("lower", "abcdefghijklmnopqrstuvwxyz"),
    ("upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("letters", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    ("base32", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    ("base36", "0123456789abcdefghijklmnopqrstuvwxyz"),
    ("BASE36", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("base58", "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
    ("base62", checksum::BASE62),
    ("base64", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
    ("base64url", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
    ("bech32", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
];

/// Expands every `{…}` of a recipe that is one; other braces stay as they are.
///
/// `{alphabet*count}` draws characters; `{uuid}` draws a version 4 UUID; `{crc32-base62}` and `{crc32-base62:n}` are
/// the checksum, in six or `n` characters, of what the recipe drew last; `{crc32-hex}` is that of all before it, lowest
/// byte first; `{crc32-base36}` that of the word before it, in seven digits of base 36; `{bech32:name:n}` is a bech32 text in capitals over `n` drawn characters; `{lf}` is a line break, `{u:202e}` the letter of that number; `{b64:…}` is the
/// base64 of its (expanded) rest. What `sample` draws is ciphertext: `{sops}`, `{mac}`, `{ansible:4}`; and keys: `{pem:rsa:2048:4}`.
/// `{gz:…}`, `{hexed:…}`, `{urled:…}`, `{wrap:…}` and `{wide:…}` encode their (expanded) rest: packed in base64, in
/// hexadecimal digits, with percent signs, in lines of base64, with two bytes a letter.
pub fn expand(recipe: &str, seed: u64) -> String {
    let mut dice = Dice::new(seed ^ checksum::crc32(recipe.as_bytes()) as u64);
    expand_with(recipe, &mut dice)
}

fn expand_with(recipe: &str, dice: &mut Dice) -> String {
    let (mut out, mut rest, mut drawn) = (String::new(), recipe, String::new());
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let Some(close) = closing(&rest[open..]).map(|length| open + length) else {
            rest = &rest[open..];
            break;
        };
        match part(&rest[open + 1..close], dice, &drawn, &out) {
            Some(text) => {
                out.push_str(&text);
                drawn = text;
                rest = &rest[close + 1..];
            }
            // Not a recipe, but one may stand inside.
            None => {
                out.push('{');
                rest = &rest[open + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Where the brace at the start is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn part(name: &str, dice: &mut Dice, drawn: &str, out: &str) -> Option<String> {
    if let Some(inner) = name.strip_prefix("b64:") {
        return Some(crate::text::base64(expand_with(inner, dice).as_bytes()));
    }
    if let Some((how, inner)) =
        name.split_once(':').filter(|(how, _)| ["gz", "hexed", "urled", "wide", "wrap"].contains(how))
    {
        return Some(super::sample::encoded(how, &expand_with(inner, dice)));
    }
    if let Some((human, count)) = name.strip_prefix("bech32:").and_then(|rest| rest.split_once(':')) {
        let count = count.parse().ok().filter(|&count| count <= 100)?;
        let data: Vec<u8> = (0..count).map(|_| dice.below(32) as u8).collect();
        return Some(checksum::bech32_encode(human, &data).to_ascii_uppercase());
    }
    // A text of one letter, for what is to be packed well.
    if let Some(count) = name.strip_prefix("same*").and_then(|count| count.parse().ok()) {
        return Some("a".repeat(count));
    }
    if let Some((alphabet, count)) = name.split_once('*') {
        let letters = ALPHABETS.iter().find(|(known, _)| *known == alphabet)?.1.as_bytes();
        let count: usize = count.parse().ok().filter(|&count| count <= 100_000)?;
        return Some((0..count).map(|_| char::from(letters[dice.below(letters.len())])).collect());
    }
    if let Some(code) = name.strip_prefix("u:") {
        let letter = u32::from_str_radix(code, 16).ok().and_then(char::from_u32)?;
        return Some(letter.to_string());
    }
    match name {
        "lf" => Some("\n".into()),
        "uuid" => {
            let hex: String = (0..32).map(|_| char::from(b"0123456789abcdef"[dice.below(16)])).collect();
            let variant = ["8", "9", "a", "b"][dice.below(4)];
            Some(format!(
                "{}-{}-4{}-{variant}{}-{}",
                &hex[..8],
                &hex[8..12],
                &hex[13..16],
                &hex[17..20],
                &hex[20..]
            ))
        }
        "crc32-hex" => {
            Some(format!("{:08x}", checksum::crc32(out.trim_end_matches('_').as_bytes()).swap_bytes()))
        }
        "crc32-base36" => {
            let word = out.rsplit(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '=' | '@' | ':'));
            Some(checksum::base36(checksum::crc32(word.take(1).collect::<String>().as_bytes()), 7))
        }
        "crc32-base62" => Some(checksum::base62(checksum::crc32(drawn.as_bytes()), 6)),
        _ if !name.starts_with("crc32-base62:") => super::sample::drawn(name, dice),
        _ => {
            let width = name.strip_prefix("crc32-base62:")?.parse().ok().filter(|&width| width <= 11)?;
            Some(checksum::base62(checksum::crc32(drawn.as_bytes()), width))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_expand_the_same_way_every_time() {
        for recipe in ["a_{hex*8}-{uuid}", "{base62*30}{crc32-base62}", "{b64:x{digits*4}}"] {
            assert_eq!(expand(recipe, 1), expand(recipe, 1));
            assert_ne!(expand(recipe, 1), expand(recipe, 2));
            assert!(!expand(recipe, 1).contains('{'));
        }
        assert_eq!(expand("{lf}{{ .Values.x }}{hex*0}", 1), "\n{{ .Values.x }}");
        assert_eq!(expand("{b64:user:pass}", 1), "dXNlcjpwYXNz");
        assert_eq!(expand("open { {hex*9999999}", 1), "open { {hex*9999999}");
    }
}
