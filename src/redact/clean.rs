//! Texts that cannot steer whatever shows them. Knows no format but JSON's escapes.

use std::borrow::Cow;
use std::fmt::Write;

/// What GitHub's runner takes for the beginning of a command, anywhere in a line of a log.
pub(crate) const COMMAND: &str = "##[";

/// The bracket that is shown in its place.
const BRACKET: char = '⟦';

/// The text with every invisible or steering character replaced by a visible one of its own: `␛` for ESC, `�` for
/// a bidi mark.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) && !text.contains(COMMAND) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    text.chars().for_each(|c| draw(&mut out, c));
    Cow::Owned(out)
}

/// Adds a character as it may be shown behind what is there already.
pub(crate) fn draw(out: &mut String, c: char) {
    out.push(if c == '[' && out.ends_with("##") { BRACKET } else { picture(c) });
}

/// JSON with every invisible or steering character as an escape. In valid JSON such characters stand only inside
/// strings, so nothing of the meaning changes.
pub fn escape_json(json: String) -> String {
    // Most outputs are plain ASCII, and that can be told quickly.
    let is_plain = |byte: u8| matches!(byte, b'\n' | b' '..=b'~');
    let json = if json.contains(COMMAND) { json.replace(COMMAND, "##\\u005b") } else { json };
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

/// Whether a terminal would act on the character, or show nothing for it.
pub(crate) fn is_hidden(c: char) -> bool {
    match c {
        '\t' => false,
        ' '..='~' => false,
        _ => {
            c.is_control()
                || matches!(c,
                    '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}'
                    | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                    | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
                    | '\u{e0000}'..='\u{e007f}')
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_and_everything_else_stays() {
        let table = [
            ("plain ключ 𝄞\tx", "plain ключ 𝄞\tx"),
            ("a\u{1b}[31mb\r\nc\u{7}", "a␛[31mb␍␊c␇"),
            ("a\u{9b}31m\u{7f}", "a�31m␡"),
            ("x ##[add-mask]y #[z]", "x ##⟦add-mask]y #[z]"),
            ("\u{202e}gpj.exe\u{2066}\u{200b}\u{feff}\u{e0041}", "�gpj.exe����"),
        ];
        for (text, shown) in table {
            assert_eq!(clean(text), shown);
            let json = serde_json::to_string(text).unwrap();
            let escaped = escape_json(json);
            assert!(!escaped.contains(is_hidden) && !escaped.contains(COMMAND), "{escaped}");
            assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
        }
    }
}
