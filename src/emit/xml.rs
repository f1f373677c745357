//! Escaping for the XML outputs. Knows no element.

use crate::redact::picture;
use crate::text::{is_command, is_hidden};
use std::fmt::Write;

/// Text for an attribute or an element. Characters that XML forbids are drawn, other hidden ones become references.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // Otherwise a command to a runner.
            '[' if is_command(&out) => out.push_str("&#91;"),
            '\t' | '\n' | '\r' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "&#{};", c as u32);
            }
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(picture(c)),
            c if is_hidden(c) => {
                let _ = write!(out, "&#x{:x};", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_breaks_out() {
        let table = [
            ("a<b>&\"'", "a&lt;b&gt;&amp;&quot;&apos;"),
            ("]]>\n", "]]&gt;&#10;"),
            ("\u{1b}\u{202e}", "␛&#x202e;"),
            ("\u{fffe}\u{ffff}", "\u{fffd}\u{fffd}"),
        ];
        for (text, escaped) in table {
            assert_eq!(super::escape(text), escaped);
        }
    }
}
