//! `.env` files: names and values with their places. Later values may use earlier ones.

use super::expand::{Dialect, expand};
use super::provide::{Answer, Budget, Known, Names};
use super::sealed;
use crate::text::{How, Origin, Part, Reason, SourceId, Span, Str};
use std::collections::HashMap;

/// What a `.env` file says of a name.
pub fn answer(variables: &HashMap<Str, Part>, name: &str) -> Answer {
    match variables.get(name) {
        None => Answer::Nothing,
        // SOPS encrypts such files value by value.
        Some(value) if sealed::begins_as_sops(&value.text) => Answer::Unknown(Reason::Secret),
        // A value of which a piece is not known is none that could be put in.
        Some(value) => match value.hole() {
            Some(hole) if hole.why == Reason::TooLong => Answer::Unknown(hole.why),
            _ => Answer::Is(Known { value: value.clone(), how: How::Substitution }),
        },
    }
}

/// Reads a `.env` file, in the order of the text. What is no assignment is passed over, as compose does.
pub fn read(source: SourceId, text: &str, budget: &Budget) -> Vec<(Part, Part)> {
    let mut out: Vec<(Part, Part)> = Vec::new();
    let mut known: HashMap<Str, Part> = HashMap::new();
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |len| at + len);
        let part = |start: usize, end: usize| {
            Part::new(&text[start..end], Origin::verbatim(Span::new(source, start, end)))
        };
        let line = text[at..end].trim_start();
        let start = end - line.len();
        at = end + 1;
        let line = line.trim_end();
        if line.starts_with('#') {
            continue;
        }
        let Some(sign) = line.find('=') else { continue };
        let name = line[..sign].trim_end();
        let bare = name.strip_prefix("export ").unwrap_or(name).trim_start();
        if bare.is_empty()
            || !bare.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
        {
            continue;
        }
        let name_end = start + name.len();
        let name = part(name_end - bare.len(), name_end);
        let raw = line[sign + 1..].trim_start();
        let raw_at = start + line.len() - raw.len();
        let quote = raw.chars().next().filter(|c| matches!(c, '"' | '\''));
        let value = match quote {
            Some(quote) => {
                // A quoted value may run over several lines.
                let Some(len) = closing_quote(&text[raw_at + 1..], quote) else { continue };
                let close = raw_at + 1 + len;
                if close >= at {
                    at = text[close..].find('\n').map_or(text.len(), |len| close + len + 1);
                }
                part(raw_at + 1, close)
            }
            None => {
                let len = raw.find(" #").unwrap_or(raw.len());
                part(raw_at, raw_at + raw[..len].trim_end().len())
            }
        };
        let value = if quote == Some('\'') {
            Part { origin: value.origin.clone().as_literal(), ..value }
        } else {
            expand(&value, Dialect::Compose, &Names::new(&|name| answer(&known, name), budget))
        };
        known.insert(name.text.clone(), value.clone());
        out.push((name, value));
    }
    out
}

fn closing_quote(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            _ if c == quote => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_keep_their_places() {
        let text = "\u{feff}# c\nA=1.2 # tail\r\nexport B = \"x y\" # z\nC='$A'\nD=${A}-b\nE=\nnonsense\nF=a#b\nG=\"l1\nl2\"\nH=2\n=x\nI=\"open";
        let got: Vec<(String, String)> = read(SourceId(0), text, &Budget::default())
            .iter()
            .map(|(name, value)| (name.text.to_string(), value.text.to_string()))
            .collect();
        let expected = [
            ("A", "1.2"),
            ("B", "x y"),
            ("C", "$A"),
            ("D", "1.2-b"),
            ("E", ""),
            ("F", "a#b"),
            ("G", "l1\nl2"),
            ("H", "2"),
        ];
        assert_eq!(got, expected.map(|(a, b)| (a.to_string(), b.to_string())));
        for (name, value) in read(SourceId(0), text, &Budget::default()) {
            assert_eq!(&text[name.span().range()], name.text);
            if let Some(span) = value.origin.editable() {
                assert_eq!(&text[span.range()], value.text);
            }
        }
    }
}
