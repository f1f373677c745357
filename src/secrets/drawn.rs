//! Whether a value was drawn by a program: no person makes such a one up. Knows nothing of names.

use super::value;
use super::{decode, entropy};

/// What people make up may look random by chance when it is shorter.
const LEAST_RANDOM: usize = 12;
/// Letters that a generator draws may look like a language by chance; so many that change their kind at every second step
/// do not.
const LEAST_MIXED: usize = 16;

/// Whether no person made it up: of passwords whose place alone says that they are ones.
pub(super) fn is_drawn(value: &str) -> bool {
    is_random(value, value::randomness(value).0)
}

/// Whether no person made a value up, of which it is so sure that its letters are any.
pub(super) fn is_random(value: &str, sure: u8) -> bool {
    // `root@pam!deploy=…`: who it is for comes first.
    let last = value.rsplit(['=', ':', '!']).next().unwrap_or(value);
    if [value, last].iter().any(|text| matches!(value::shape(text), Some("a digest" | "a UUID"))) {
        return true;
    }
    // Words with dashes between them: nobody draws letters and dashes alone.
    let is_dashed =
        value.contains(['-', '_']) && value.bytes().all(|b| b.is_ascii_lowercase() || b"-_".contains(&b));
    if value.len() < LEAST_RANDOM
        || !value.is_ascii()
        || value.contains(' ')
        || is_dashed
        || encodes_words(value)
    {
        return false;
    }
    let is_natural = entropy::naturalness(value).is_some_and(|natural| natural >= 0.6);
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let is_mixed = digits >= 3 && entropy::turns(value) * 2 >= value.len();
    sure >= 3 && (!is_natural || value.len() >= LEAST_MIXED && is_mixed)
}

/// A shorter one says too little of who made it up.
const LEAST_GENERATED: usize = 10;

/// Whether it is one of the short ones that charts draw for a Secret: small letters, capitals and digits in any order.
pub(super) fn is_generated(value: &str) -> bool {
    value.len() >= LEAST_GENERATED
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && entropy::kinds(value) == 3
        && entropy::turns(value) * 2 >= value.len()
        && !encodes_words(value)
}

/// Whether it is the base64 of words, which people write to show how it is done.
pub(super) fn encodes_words(value: &str) -> bool {
    decode::text(value).is_some_and(|plain| value::is_words(&plain)) || begins_with_word(value)
}

/// Whether the bytes behind base64 are a word, and few others: what somebody cut or lengthened to try it out.
fn begins_with_word(value: &str) -> bool {
    const LEAST: usize = 6;
    let Some(bytes) = value.ends_with('=').then(|| crate::text::from_base64(value)).flatten() else {
        return false;
    };
    let letters = bytes.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    let word = std::str::from_utf8(&bytes[..letters]).unwrap_or_default();
    letters >= LEAST && letters * 3 >= bytes.len() * 2 && value::is_words(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_charts_draw() {
        for (value, expected) in
            [("KqZvX7hMr2", true), ("Summer2024", false), ("Harborlime7", false), ("KqZ7x", false)]
        {
            assert_eq!(is_generated(value), expected, "{value}");
        }
    }

    #[test]
    fn what_nobody_makes_up() {
        for (value, expected) in [
            ("Hidden-Harbor-77x", false),
            ("kestrel-lime-otter", false),
            ("SwarmKestrel2026SecurePass", false),
            ("root@pam!deploy=01234567-89ab-4cde-8f01-23456789abcd", true),
            ("01234567-89ab-4cde-8f01-23456789abcd", true),
            ("Wombat7", false),
            ("a2VzdHJlbAcb==", false),
        ] {
            assert_eq!(is_drawn(value), expected, "{value}");
        }
    }
}
