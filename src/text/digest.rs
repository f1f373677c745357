//! Digests as registries write them, and commits as git does.

/// `sha256:` and 64 hexadecimal digits in small letters.
pub fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|digits| is_hexadecimal(digits, 64))
}

/// The whole name of a commit, in either of git's forms, in small letters.
pub fn is_commit(text: &str) -> bool {
    is_hexadecimal(text, 40) || is_hexadecimal(text, 64)
}

fn is_hexadecimal(text: &str, long: usize) -> bool {
    text.len() == long && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
