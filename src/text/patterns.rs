//! Patterns that others write: globs and expressions. A machine is made of each, and takes hundreds of times the length of its
//! text; what nests takes the stack. So what is too long or too deep is refused before anything is made of it.

use crate::limits::{DEEPEST_GLOB, LONGEST_GLOB, MOST_OF_MACHINE};
use globset::{GlobBuilder, GlobMatcher};
use regex::{Regex, RegexBuilder};

/// A glob over names that are joined by `/`: `*` stays within a part, `**` crosses. Nothing if it cannot be read.
pub fn glob(text: &str) -> Option<GlobMatcher> {
    if !is_small_glob(text) {
        return None;
    }
    let glob = GlobBuilder::new(text).literal_separator(true).build().ok()?;
    Some(glob.compile_matcher())
}

/// Whether a glob is one that a person may have written.
pub fn is_small_glob(text: &str) -> bool {
    let (mut depth, mut deepest) = (0usize, 0);
    for byte in text.bytes() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    text.len() <= LONGEST_GLOB && deepest <= DEEPEST_GLOB
}

/// An expression; or why it is none, in one line.
pub fn regex(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text).size_limit(MOST_OF_MACHINE).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            format!("it is larger than {} MiB when compiled", MOST_OF_MACHINE >> 20)
        }
        error => error.to_string().lines().last().unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_is_refused() {
        for (glob_text, is_read) in [
            ("apps/**/*.{yaml,yml}".to_owned(), true),
            ("{".repeat(8) + "a" + &"}".repeat(8), true),
            ("{".repeat(9) + "a" + &"}".repeat(9), false),
            ("a".repeat(LONGEST_GLOB), true),
            ("a".repeat(LONGEST_GLOB + 1), false),
            // The most that can be made of so many bytes is made.
            ("{a,b}".repeat(800), true),
            ("?".repeat(LONGEST_GLOB), true),
            ("*a".repeat(LONGEST_GLOB / 2), true),
            ("[!a-z]".repeat(680), true),
            ("é".repeat(LONGEST_GLOB / 2), true),
            ("[".into(), false),
        ] {
            assert_eq!(glob(&glob_text).is_some(), is_read, "{}", &glob_text[..glob_text.len().min(40)]);
        }
    }

    #[test]
    fn an_expression_has_a_bound() {
        assert!(regex("^v[0-9]+$").is_ok());
        assert!(regex("((a{1000}){1000}){1000}").unwrap_err().contains("1 MiB"));
        assert!(!regex("(").unwrap_err().is_empty());
    }
}
