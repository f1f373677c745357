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

    /// Whether it fits a whole text. Wildcards go over slashes: who minds them gives the names between them, or asks
    /// for [`Glob::fits_path`].
    pub fn fits(&self, text: &str) -> bool {
        self.fits_where(text, |_| true)
    }

    /// Whether it fits a whole path, of which a wildcard is for letters of one name.
    pub fn fits_path(&self, path: &str) -> bool {
        self.fits_where(path, |letter| letter != '/')
    }

    /// Whether it fits a whole text, of which wildcards are for such letters.
    fn fits_where(&self, text: &str, is_wild: impl Fn(char) -> bool) -> bool {
        // Most names end with another letter than a pattern that tells its last one.
        if let Some(Piece::Letter(last)) = self.pieces.last()
            && !text.ends_with(*last)
        {
            return false;
        }
        let (mut piece, mut rest) = (0, text.chars());
        // The last star, and what is left of the text if it is for one letter more.
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
                    if after.next().is_some_and(|letter| other.is(letter, &is_wild)) {
                        (piece, rest) = (piece + 1, after);
                        continue;
                    }
                }
                None => {}
            }
            let Some((behind, mut longer)) = star.take() else { return false };
            if !longer.next().is_some_and(&is_wild) {
                return false;
            }
            (piece, rest) = (behind, longer.clone());
            star = Some((behind, longer));
        }
    }
}

impl Piece {
    fn is(&self, letter: char, is_wild: impl Fn(char) -> bool) -> bool {
        match self {
            Piece::Any | Piece::One => is_wild(letter),
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

    /// As `filepath.Match` has it: only a class takes a slash.
    #[test]
    fn paths_fit_as_in_go() {
        for (pattern, path, fits) in [
            ("*", "abc", true),
            ("*", "a/b", false),
            ("a*", "ab/c", false),
            ("a*/b", "a/c/b", false),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false),
            ("a*b?c*x", "abxbbxdbxebxczzx", true),
            ("a*b?c*x", "abxbbxdbxebxczzy", false),
            ("ab[^e-g]", "abc", true),
            ("ab[e-g]", "abc", false),
            ("a?b", "a/b", false),
            ("a[^a]b", "a/b", true),
            ("[\\-x]", "-", true),
            ("*x", "xxx", true),
            (".?*", ".", false),
            ("a\\*b", "a*b", true),
        ] {
            let glob = Glob::read(pattern).expect("a pattern");
            assert_eq!(glob.fits_path(path), fits, "{pattern} {path}");
        }
    }

    #[test]
    fn many_stars_end_soon() {
        let glob = Glob::read(&"a*".repeat(200)).expect("a pattern");
        assert!(!glob.fits(&"a".repeat(199)));
        assert!(glob.fits(&("ab".repeat(2_000) + "c")));
    }
}
