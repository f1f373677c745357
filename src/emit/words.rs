//! Numbers and sentences as outputs write them.

use std::borrow::Cow;

/// `1 error`, `2 errors`, `no errors`.
pub(super) fn count(number: usize, what: &str) -> String {
    match number {
        0 => format!("no {}", plural(what)),
        1 => format!("1 {what}"),
        _ => format!("{} {}", grouped(number), plural(what)),
    }
}

pub(super) fn plural(what: &str) -> String {
    match what.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies"),
        _ => format!("{what}s"),
    }
}

/// `12,345`.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A message for readers that take it for Markdown, or for a text with links: no link, no picture and no tag is in it, and it
/// calls nobody. What is ours stands between backticks, which a name of a repository may hold, too.
pub(super) fn without_markup(text: &str) -> Cow<'_, str> {
    if !text.contains(['@', '<']) && !text.contains("](") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        let (before, after) = (out.chars().next_back(), text[at + c.len_utf8()..].chars().next());
        let is_name = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric());
        match c {
            '@' if !is_name(before) && is_name(after) && !is_quoted(text, at) => out.push('＠'),
            '<' if after.is_some_and(|c| c.is_alphabetic() || "/!?".contains(c)) => out.push('‹'),
            '(' if before == Some(']') => out.push_str(" ("),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether a place is between two backticks, where nobody is called.
fn is_quoted(text: &str, at: usize) -> bool {
    text[..at].matches('`').count() % 2 == 1 && text[at..].contains('`')
}

/// A message as the web page shows it: with a capital and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let mut out: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    out.push_str(chars.as_str());
    if !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_no_markup() {
        for (text, expected) in [
            ("`nginx:latest` may be another image", "`nginx:latest` may be another image"),
            ("`app@sha256:ab` (a < b) [x] (y)", "`app@sha256:ab` (a < b) [x] (y)"),
            ("`x` ![a](https://x) `", "`x` ![a] (https://x) `"),
            ("<img src=x></b><!-- -->", "‹img src=x>‹/b>‹!-- -->"),
            ("add `@sha256:…` behind it", "add `@sha256:…` behind it"),
            ("`x` @team/all `", "`x` ＠team/all `"),
            ("`x ` ` @team `", "`x ` ` @team `"),
            ("@team is ` one", "＠team is ` one"),
        ] {
            assert_eq!(without_markup(text), expected);
        }
    }

    #[test]
    fn numbers_read_well() {
        let table = [
            (0, "no images"),
            (1, "1 image"),
            (2, "2 images"),
            (1234, "1,234 images"),
            (1234567, "1,234,567 images"),
        ];
        for (number, expected) in table {
            assert_eq!(count(number, "image"), expected);
        }
        assert_eq!(count(2, "entry"), "2 entries");
    }
}
