//! Shell patterns as Go reads them: `*`, `?`, classes in brackets, a backslash before a letter that is meant itself.

use std::ops::RangeInclusive;

/// A pattern that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Glob {
    pieces: Vec<Piece>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Piece {
    /// `*`: any letters, also none.
    Any,
    /// `?`: one letter.
    One,
    Letter(char),
    Class {
        negated: bool,
        ranges: Vec<RangeInclusive<char>>,
    },
}

impl Glob {
    /// Reads a pattern; nothing if it is malformed.
    pub fn read(text: &str) -> Option<Glob> {
        let mut pieces = Vec::new();
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            pieces.push(match letter {
                '*' => Piece::Any,
                '?' => Piece::One,
                '\\' => Piece::Letter(letters.next()?),
                '[' => class(&mut letters)?,
                other => Piece::Letter(other),
            });
        }
        Some(Glob { pieces })
    }

    /// Whether it fits a whole text. A star goes over slashes: who minds them gives the names between them.
    pub fn fits(&self, text: &str) -> bool {
        let (mut piece, mut rest) = (0, text.chars());
        // The last star, and what is left of the text if it stands for one letter more.
        let mut star: Option<(usize, std::str::Chars)> = None;
        loop {
            match self.pieces.get(piece) {
                None if rest.as_str().is_empty() => return true,
                Some(Piece::Any) => {
                    star = Some((piece + 1, rest.clone()));
                    piece += 1;
                    continue;
                }
                Some(other) => {
                    let mut after = rest.clone();
                    if after.next().is_some_and(|letter| other.is(letter)) {
                        (piece, rest) = (piece + 1, after);
                        continue;
                    }
                }
                None => {}
            }
            let Some((behind, mut longer)) = star.take() else { return false };
            if longer.next().is_none() {
                return false;
            }
            (piece, rest) = (behind, longer.clone());
            star = Some((behind, longer));
        }
    }
}

impl Piece {
    fn is(&self, letter: char) -> bool {
        match self {
            Piece::Any | Piece::One => true,
            Piece::Letter(own) => *own == letter,
            Piece::Class { negated, ranges } => {
                ranges.iter().any(|range| range.contains(&letter)) != *negated
            }
        }
    }
}

/// The rest of a class, behind its bracket.
fn class(letters: &mut std::iter::Peekable<std::str::Chars>) -> Option<Piece> {
    let negated = letters.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    while ranges.is_empty() || letters.next_if_eq(&']').is_none() {
        let first = member(letters)?;
        let last = if letters.next_if_eq(&'-').is_some() { member(letters)? } else { first };
        ranges.push(first..=last);
    }
    Some(Piece::Class { negated, ranges })
}

fn member(letters: &mut std::iter::Peekable<std::str::Chars>) -> Option<char> {
    match letters.next()? {
        '-' | ']' => None,
        '\\' => letters.next(),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_in_go() {
        for (pattern, text, fits) in [
            ("", "", true),
            ("", "a", false),
            ("abc", "abc", true),
            ("*", "", true),
            ("*", "a/b", true),
            ("a*", "abc", true),
            ("*c", "abcc", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXcYb", false),
            ("a?c", "aÜc", true),
            ("a?c", "ac", false),
            ("[ab]x", "bx", true),
            ("[^ab]x", "bx", false),
            ("[a-c]", "b", true),
            ("[!a]", "b", false),
            ("[!a]", "!", true),
            ("[\\]a]", "]", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("*.tar.gz", "a.tar.tar.gz", true),
        ] {
            assert_eq!(Glob::read(pattern).is_some_and(|glob| glob.fits(text)), fits, "{pattern} {text}");
        }
        for malformed in ["[", "[]", "[a", "[]a]", "[-a]", "[a-]", "[^]", "a\\", "[\\"] {
            assert_eq!(Glob::read(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn many_stars_end_soon() {
        let glob = Glob::read(&"a*".repeat(200)).expect("a pattern");
        assert!(!glob.fits(&"a".repeat(199)));
        assert!(glob.fits(&("ab".repeat(2_000) + "c")));
    }
}
