//! Texts that cannot steer whatever shows them. Knows no format but JSON's escapes.

#[cfg(feature = "cli")]
use crate::text::begins_command;
use crate::text::{has_command, is_command, is_hidden};
use std::borrow::Cow;
use std::fmt::Write;

/// The bracket that is shown in its place.
const BRACKET: char = '⟦';

/// The sign that is shown for the first of two colons.
#[cfg(feature = "cli")]
const COLON: char = '∶';

/// The text with every invisible or steering character replaced by a visible one of its own: `␛` for ESC, `�` for
/// a bidi mark.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) && !has_command(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    text.chars().for_each(|c| draw(&mut out, c));
    Cow::Owned(out)
}

/// Adds a character as it may be shown behind what is there already.
pub(crate) fn draw(out: &mut String, c: char) {
    out.push(if c == '[' && is_command(out) { BRACKET } else { picture(c) });
}

/// A text of which no line begins as a command to GitHub's runner does. What is written in quotes needs none of it: data
/// outputs are not changed.
#[cfg(feature = "cli")]
pub(super) fn without_orders(text: &str) -> Cow<'_, str> {
    if !begins_command(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive('\n') {
        match line.trim_start().strip_prefix("::") {
            Some(rest) => {
                let before = line.len() - rest.len() - 2;
                out.extend([&line[..before], &String::from_iter([COLON, ':']), rest]);
            }
            None => out.push_str(line),
        }
    }
    Cow::Owned(out)
}

/// JSON with every invisible or steering character as an escape. In valid JSON such characters stand only inside
/// strings, so nothing of the meaning changes.
pub fn escape_json(json: String) -> String {
    // Most outputs are plain ASCII, and that can be told quickly.
    let is_plain = |byte: u8| matches!(byte, b'\n' | b' '..=b'~');
    let json = if has_command(&json) { without_commands(&json) } else { json };
    if json.bytes().all(is_plain) || !json.contains(|c| is_hidden(c) && c != '\n') {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if is_hidden(c) && c != '\n' {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// JSON in which no bracket begins a command. Such a bracket is in a string: `#` is nowhere else.
fn without_commands(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        match c {
            '[' if is_command(&out) => out.push_str("\\u005b"),
            c => out.push(c),
        }
    }
    out
}

/// The character as it may be shown.
pub(crate) fn picture(c: char) -> char {
    match c {
        '\t' => '\t',
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        c if is_hidden(c) => '\u{fffd}',
        c => c,
    }
}

/// The nearest character boundary at or before `at`.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "cli")]
    #[test]
    fn no_line_is_an_order() {
        for (text, shown) in [
            ("a::b\nc ::d\n", "a::b\nc ::d\n"),
            ("::error::x", "∶:error::x"),
            ("a\n \t::set-output name=x::y\n:b\n", "a\n \t∶:set-output name=x::y\n:b\n"),
            ("\u{2003}::error::x\n::::", "\u{2003}∶:error::x\n∶:::"),
        ] {
            assert_eq!(without_orders(text), shown);
            assert!(!begins_command(&without_orders(text)));
        }
    }

    #[test]
    fn nothing_steers_and_everything_else_stays() {
        let table = [
            ("plain ключ 𝄞\tx", "plain ключ 𝄞\tx"),
            ("a\u{1b}[31mb\r\nc\u{7}", "a␛[31mb␍␊c␇"),
            ("a\u{9b}31m\u{7f}", "a�31m␡"),
            ("x ##[add-mask]y #[z]", "x ##⟦add-mask]y #[z]"),
            ("##vso[task.x]##teamcity[a [b] ## [c]", "##vso⟦task.x]##teamcity⟦a [b] ## [c]"),
            ("\u{202e}gpj.exe\u{2066}\u{200b}\u{feff}\u{e0041}", "�gpj.exe����"),
        ];
        for (text, shown) in table {
            assert_eq!(clean(text), shown);
            let json = serde_json::to_string(text).unwrap();
            let escaped = escape_json(json);
            assert!(!escaped.contains(is_hidden) && !has_command(&escaped), "{escaped}");
            assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
        }
    }
}
