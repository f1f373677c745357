//! Bytes to text, whatever they are encoded in. Knows marks and the look of text, no format.

use crate::finding::Problem;
use crate::text::{SourceId, Span};
use std::borrow::Cow;

/// How a text is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Encoding {
    Utf8,
    /// The bytes of a unit, and whether the lowest comes first.
    Wide {
        width: usize,
        is_little: bool,
    },
}

use Encoding::{Utf8, Wide};

/// The marks by which texts begin that say what they are; longer ones first.
const MARKS: [(&[u8], Encoding); 4] = [
    (&[0xff, 0xfe, 0, 0], Wide { width: 4, is_little: true }),
    (&[0, 0, 0xfe, 0xff], Wide { width: 4, is_little: false }),
    (&[0xff, 0xfe], Wide { width: 2, is_little: true }),
    (&[0xfe, 0xff], Wide { width: 2, is_little: false }),
];

/// How many bytes are looked at to tell what a file is, and how many of them first: most files that are no text say so at
/// once.
const LOOK: usize = 8192;
const GLANCE: usize = 64;

/// The text of a file: valid UTF-8 as it stands, UTF-16 and UTF-32 by their marks or by the zeros in them, and otherwise
/// each wrong byte as one `?`, so that places stay true. Nothing if it is not text.
pub(crate) fn text<'a>(
    source: SourceId,
    bytes: &'a [u8],
    problems: &mut Vec<Problem>,
) -> Option<Cow<'a, str>> {
    let marked = MARKS.iter().find(|(mark, _)| bytes.starts_with(mark));
    let head = &bytes[..bytes.len().min(LOOK)];
    let has_zeros = memchr::memchr(0, head).is_some();
    let (start, encoding) = match marked {
        Some((mark, encoding)) => (mark.len(), *encoding),
        None if has_zeros => (0, guessed(head)?),
        None => (0, Utf8),
    };
    if let Wide { width, is_little } = encoding {
        let text = wide(&bytes[start..], width, is_little, '?');
        let says = format!("the file is UTF-{}: places are those of its text", width * 8);
        problems.push(Problem::note("encoding", says, Span::new(source, 0, 0)));
        return Some(text.into());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.into());
    }
    let (out, first) = repaired(bytes);
    problems.push(Problem::note(
        "encoding",
        "the file is not valid UTF-8; each wrong byte is read as `?`",
        Span::new(source, first, first + 1),
    ));
    Some(out.into())
}

/// The bytes of a file that is no text as one of the same length: what no letter, digit or sign is becomes `?`.
pub(crate) fn letters(bytes: &[u8]) -> String {
    // Pictures are large: byte by byte and without a branch, sixteen and more are looked at together.
    let is_shown = |byte: u8| (b' '..=b'~').contains(&byte) | matches!(byte, b'\n' | b'\r' | b'\t');
    let shown = bytes.iter().map(|byte| if is_shown(*byte) { *byte } else { b'?' });
    String::from_utf8(shown.collect()).expect("none of these is more than a letter of ASCII")
}

/// The encoding of bytes with zeros and without a mark; nothing if they are no text.
fn guessed(head: &[u8]) -> Option<Encoding> {
    let wide =
        [(4, true), (4, false), (2, true), (2, false)].map(|(width, is_little)| Wide { width, is_little });
    wide.into_iter()
        .find(|encoding| is_wide(head, *encoding))
        .or_else(|| is_text_with_zeros(head).then_some(Utf8))
}

/// Whether bytes are a text in which most letters are of the first 128, and none is a control character.
fn is_wide(head: &[u8], encoding: Encoding) -> bool {
    let Wide { width, is_little } = encoding else { return false };
    // What is no letter at all must not pass for one.
    let letters = |bytes: &[u8]| wide(bytes, width, is_little, '\0');
    // The cut may part a pair.
    let is_clean = |text: &str| text.strip_suffix('\0').unwrap_or(text).bytes().all(is_of_text);
    if !is_clean(&letters(&head[..head.len().min(GLANCE)])) {
        return false;
    }
    let text = letters(head);
    let count = text.chars().count();
    let plain = text.bytes().filter(|byte| is_of_text(*byte) && byte.is_ascii()).count();
    head.len() >= 4 * width && plain * 10 >= count * 7 && is_clean(&text)
}

/// Whether a text was only interrupted by zeros.
fn is_text_with_zeros(head: &[u8]) -> bool {
    let zeros = memchr::memchr_iter(0, head).count();
    let is_utf8 = std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true);
    is_utf8 && zeros * 10 < head.len() && head.iter().all(|byte| *byte == 0 || is_of_text(*byte))
}

fn is_of_text(byte: u8) -> bool {
    byte >= b' ' && byte != 0x7f || matches!(byte, b'\n' | b'\r' | b'\t' | 0x0c | 0x1b)
}

/// The text of units of two or four bytes, with `wrong` for each that is no letter.
fn wide(bytes: &[u8], width: usize, is_little: bool, wrong: char) -> String {
    let number = |unit: &[u8]| {
        let add = |sum: u32, byte: &u8| sum << 8 | u32::from(*byte);
        if is_little { unit.iter().rev().fold(0, add) } else { unit.iter().fold(0, add) }
    };
    let units = bytes.chunks_exact(width).map(number);
    match width {
        2 => {
            char::decode_utf16(units.map(|unit| unit as u16)).map(|letter| letter.unwrap_or(wrong)).collect()
        }
        _ => units.map(|unit| char::from_u32(unit).unwrap_or(wrong)).collect(),
    }
}

/// The text with each wrong byte as one `?`, and where the first of them is.
fn repaired(bytes: &[u8]) -> (String, usize) {
    let (mut out, mut rest, mut first) = (String::with_capacity(bytes.len()), bytes, None);
    while !rest.is_empty() {
        match std::str::from_utf8(rest) {
            Ok(good) => {
                out.push_str(good);
                break;
            }
            Err(error) => {
                let (good, bad) = rest.split_at(error.valid_up_to());
                out.push_str(std::str::from_utf8(good).unwrap_or(""));
                first.get_or_insert(out.len());
                let wrong = error.error_len().unwrap_or(bad.len());
                out.extend(std::iter::repeat_n('?', wrong));
                rest = &bad[wrong..];
            }
        }
    }
    (out, first.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, width: usize, is_little: bool) -> Vec<u8> {
        let turned = |bytes: &[u8]| -> Vec<u8> {
            if is_little { bytes.iter().rev().copied().collect() } else { bytes.to_vec() }
        };
        match width {
            2 => text.encode_utf16().flat_map(|unit| turned(&unit.to_be_bytes())).collect(),
            _ => text.chars().flat_map(|letter| turned(&u32::from(letter).to_be_bytes())).collect(),
        }
    }

    #[test]
    fn every_encoding_is_read_with_and_without_its_mark() {
        // A pair of units may be where the first look ends.
        let parted = "passwords: relay and more of it𝄞\n";
        for text in ["password: relay\n", "# Schlüssel 𝄞\r\npassword: relay\n", "a: b\n", parted] {
            for (width, is_little) in [(2, true), (2, false), (4, true), (4, false)] {
                for mark in ["", "\u{feff}"] {
                    let bytes = written(&format!("{mark}{text}"), width, is_little);
                    let mut problems = Vec::new();
                    let read = super::text(SourceId(0), &bytes, &mut problems);
                    let called = format!("{text:?} {width} {is_little} {mark:?}");
                    assert_eq!(read.as_deref(), Some(text), "{called}");
                    assert_eq!(problems.len(), 1, "{called}");
                }
            }
        }
    }

    #[test]
    fn zeros_hide_no_text_and_make_none() {
        let table: &[(&str, &[u8], bool)] = &[
            ("a zero in a text", b"user: relay\npassword: \0relay and more of it\n", true),
            ("a zero at the end", b"user: relay and more\n\0", true),
            ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01", false),
            ("numbers", b"\x01\0\x02\0\x03\0\x04\0\x05\0\x06\0\x07\0\x08\0", false),
            ("zeros", &[0; 64], false),
            ("an archive", b"PK\x03\x04\x14\0\0\0\x08\0abc", false),
            ("a program", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", false),
        ];
        for (what, bytes, is_text) in table {
            let read = text(SourceId(0), bytes, &mut Vec::new());
            assert_eq!(read.is_some(), *is_text, "{what}: {read:?}");
            assert_eq!(letters(bytes).len(), bytes.len(), "{what}");
        }
        let all: Vec<u8> = (0..=255).collect();
        let shown: String = (' '..='~').collect();
        assert_eq!(letters(&all).replace('?', ""), format!("\t\n\r{}", shown.replace('?', "")));
    }
}
