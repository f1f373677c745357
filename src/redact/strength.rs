//! Which values are told from words, so that they are covered wherever they are.

/// A shorter value is covered where it stands only: it may be a word that means something else elsewhere.
const SHORTEST: usize = 8;

/// So long a value is no word, whatever it consists of.
const LONG: usize = 16;

/// Whether a value can be told from a word that only looks the same.
pub(super) fn is_strong(text: &str) -> bool {
    text.len() >= LONG || text.len() >= SHORTEST && mixes(text)
}

/// Whether a text has letters and digits.
pub(super) fn mixes(text: &str) -> bool {
    text.contains(char::is_alphabetic) && text.contains(|c: char| c.is_ascii_digit())
}
