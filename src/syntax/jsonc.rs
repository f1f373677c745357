//! JSON with comments and trailing commas: both are masked by blanks, and what is left is read as the YAML it is.

use super::yaml::{self, Yaml};
use crate::text::SourceId;

/// Reads a file of JSON with comments; places are those of the text as it stands.
pub fn read(source: SourceId, text: &str) -> Yaml {
    yaml::read(source, &masked(text))
}

/// The text with blanks in place of comments and of commas before a closing bracket, byte for byte.
fn masked(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let (mut at, mut comma) = (0, None);
    let blank = |out: &mut Vec<u8>, from: usize, to: usize| {
        for byte in &mut out[from..to] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    };
    while at < bytes.len() {
        let rest = &text.as_bytes()[at..];
        match rest {
            [b'"', ..] => {
                comma = None;
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            [b'/', b'/', ..] => {
                let end = memchr::memchr(b'\n', rest).map_or(bytes.len(), |len| at + len);
                blank(&mut out, at, end);
                at = end;
            }
            [b'/', b'*', ..] => {
                let end = memchr::memmem::find(rest, b"*/").map_or(bytes.len(), |len| at + len + 2);
                blank(&mut out, at, end);
                at = end;
            }
            [b',', ..] => {
                comma = Some(at);
                at += 1;
            }
            [b'}' | b']', ..] => {
                if let Some(comma) = comma.take() {
                    blank(&mut out, comma, comma + 1);
                }
                at += 1;
            }
            [b'\t', ..] => {
                out[at] = b' ';
                at += 1;
            }
            [byte, ..] => {
                if !byte.is_ascii_whitespace() {
                    comma = None;
                }
                at += 1;
            }
            [] => break,
        }
    }
    // Whole comments were masked, so no character was cut in two.
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_last_commas_are_blanks() {
        for (text, expected) in [
            ("{ // ü\n \"a\": 1, /* x\n */ }", "{      \n \"a\": 1      \n    }"),
            ("{\"a\": \"// no, /*\",}", "{\"a\": \"// no, /*\" }"),
            ("[1, 2,\n]", "[1, 2 \n]"),
            ("{\"a\": \"\\\",}\"}", "{\"a\": \"\\\",}\"}"),
            ("\t{\"a\": \"b\\", " {\"a\": \"b\\"),
            ("/* ü", "     "),
        ] {
            let got = masked(text);
            assert_eq!(got.len(), text.len());
            assert_eq!(got, expected, "{text}");
        }
    }
}
