//! Patterns of file names as Go's `filepath.Match` has them: `*` and `?` stay within a name, `[^a-z]`, `\`.

/// A pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    tokens: Vec<Token>,
    /// The letters that a name begins and ends with, if the pattern tells them: most names have others.
    first: Option<char>,
    last: Option<char>,
}

impl Pattern {
    /// Reads a pattern; nothing if it is none.
    pub(super) fn read(text: &str) -> Option<Pattern> {
        let tokens = tokens(text)?;
        let letter = |token: Option<&Token>| match token {
            Some(Token::Letter(letter)) => Some(*letter),
            _ => None,
        };
        let (first, last) = (letter(tokens.first()), letter(tokens.last()));
        Some(Pattern { tokens, first, last })
    }

    /// Whether a name fits.
    pub(super) fn fits(&self, name: &str) -> bool {
        let differs =
            |letter: Option<char>, has: fn(&str, char) -> bool| letter.is_some_and(|own| !has(name, own));
        if differs(self.first, |name, own| name.starts_with(own))
            || differs(self.last, |name, own| name.ends_with(own))
        {
            return false;
        }
        let letters: Vec<char> = name.chars().collect();
        // Where the last star stands, and how much of the name it has taken.
        let (mut at, mut token, mut star) = (0, 0, None);
        while at < letters.len() || token < self.tokens.len() {
            match self.tokens.get(token) {
                Some(Token::Any) => {
                    star = Some((token, at));
                    token += 1;
                    continue;
                }
                Some(one) if letters.get(at).is_some_and(|letter| one.takes(*letter)) => {
                    (at, token) = (at + 1, token + 1);
                    continue;
                }
                _ => {}
            }
            match star {
                Some((of, from)) if letters.get(from).is_some_and(|letter| *letter != '/') => {
                    star = Some((of, from + 1));
                    (at, token) = (from + 1, of + 1);
                }
                _ => return false,
            }
        }
        true
    }
}

#[derive(Debug)]
enum Token {
    Any,
    One,
    Letter(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Token {
    fn takes(&self, letter: char) -> bool {
        match self {
            Token::Any => false,
            Token::One => letter != '/',
            Token::Letter(own) => *own == letter,
            Token::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&letter)) != *negated
            }
        }
    }
}

fn tokens(pattern: &str) -> Option<Vec<Token>> {
    let (mut out, mut letters) = (Vec::new(), pattern.chars().peekable());
    while let Some(letter) = letters.next() {
        out.push(match letter {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Letter(letters.next()?),
            '[' => {
                let negated = letters.next_if_eq(&'^').is_some();
                let mut ranges = Vec::new();
                while ranges.is_empty() || letters.peek() != Some(&']') {
                    let low = class_letter(&mut letters)?;
                    let high = match letters.next_if_eq(&'-') {
                        Some(_) => class_letter(&mut letters)?,
                        None => low,
                    };
                    ranges.push((low, high));
                }
                letters.next();
                Token::Class { negated, ranges }
            }
            other => Token::Letter(other),
        });
    }
    Some(out)
}

fn class_letter(letters: &mut std::iter::Peekable<std::str::Chars>) -> Option<char> {
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
        for (pattern, name, expected) in [
            ("abc", "abc", Some(true)),
            ("*", "abc", Some(true)),
            ("*c", "abc", Some(true)),
            ("a*", "ab/c", Some(false)),
            ("a*/b", "a/c/b", Some(false)),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/f", Some(true)),
            ("a*b?c*x", "abxbbxdbxebxczzx", Some(true)),
            ("a*b?c*x", "abxbbxdbxebxczzy", Some(false)),
            ("ab[^e-g]", "abc", Some(true)),
            ("ab[e-g]", "abc", Some(false)),
            ("a\\*b", "a*b", Some(true)),
            ("a?b", "a/b", Some(false)),
            ("[", "a", None),
            ("[]a]", "]", None),
            ("[-x]", "x", None),
            ("[\\-x]", "-", Some(true)),
            ("a[", "a", None),
            ("*x", "xxx", Some(true)),
            ("", "", Some(true)),
            (".?*", ".", Some(false)),
        ] {
            assert_eq!(
                Pattern::read(pattern).map(|pattern| pattern.fits(name)),
                expected,
                "{pattern} {name}"
            );
        }
    }
}
