//! What a scalar is once Kubernetes' tools have read it: their YAML reader decides between text, number and truth
//! otherwise than the older one that clusters had, and this file is the one place that knows how.

use crate::syntax::{Node, Scalar, Style, Tag, Value};
use crate::text::{Str, begins_command, has_command, is_hidden};
use serde::{Serialize, Serializer};
use serde_json::{Map, Number, Value as Json};
use std::collections::BTreeMap;

/// A scalar with its type.
#[derive(Clone, PartialEq, Debug)]
pub enum Typed {
    Null,
    Bool(bool),
    Number(Number),
    Text,
}

/// The type of a scalar.
pub fn typed(scalar: &Scalar, tag: Tag) -> Typed {
    match tag {
        Tag::Text | Tag::Binary => return Typed::Text,
        _ if scalar.style != Style::Plain => return Typed::Text,
        _ => {}
    }
    match scalar.text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => return Typed::Null,
        "true" | "True" | "TRUE" => return Typed::Bool(true),
        "false" | "False" | "FALSE" => return Typed::Bool(false),
        _ => {}
    }
    number(&scalar.text).map_or(Typed::Text, Typed::Number)
}

fn number(text: &str) -> Option<Number> {
    let first = *text.as_bytes().first()?;
    if !matches!(first, b'0'..=b'9' | b'+' | b'-' | b'.') {
        return None;
    }
    let clean: String = text.chars().filter(|&letter| letter != '_').collect();
    let (sign, digits) = match clean.as_bytes()[0] {
        b'-' => ("-", &clean[1..]),
        b'+' => ("", &clean[1..]),
        _ => ("", clean.as_str()),
    };
    let based = |digits: &str, base: u32| i64::from_str_radix(&format!("{sign}{digits}"), base).ok();
    let all = |digits: &str, fits: fn(&u8) -> bool| !digits.is_empty() && digits.as_bytes().iter().all(fits);
    let whole = if let Some(hex) = digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        all(hex, u8::is_ascii_hexdigit).then(|| based(hex, 16))?
    } else if let Some(octal) = digits.strip_prefix("0o").or(digits.strip_prefix("0O")) {
        all(octal, |b| matches!(b, b'0'..=b'7')).then(|| based(octal, 8))?
    } else if let Some(binary) = digits.strip_prefix("0b").or(digits.strip_prefix("0B")) {
        all(binary, |b| matches!(b, b'0' | b'1')).then(|| based(binary, 2))?
    } else if digits.len() > 1 && digits.starts_with('0') && all(&digits[1..], |b| matches!(b, b'0'..=b'7')) {
        based(&digits[1..], 8)
    } else if all(digits, u8::is_ascii_digit) {
        let parsed = clean.trim_start_matches('+');
        return parsed
            .parse::<i64>()
            .map(Number::from)
            .or_else(|_| parsed.parse::<u64>().map(Number::from))
            .ok()
            .or_else(|| Number::from_f64(parsed.parse().ok()?));
    } else {
        None
    };
    whole.map(Number::from).or_else(|| float(digits, &clean))
}

/// `1.5`, `.5`, `1e3`, `1.`: digits, a point, digits, an exponent.
fn float(digits: &str, clean: &str) -> Option<Number> {
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (&digits[..at], Some(&digits[at + 1..])),
        None => (digits, None),
    };
    let (whole, rest) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let only_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let has_exponent = exponent.is_none_or(|text| {
        let text = text.strip_prefix(['+', '-']).unwrap_or(text);
        !text.is_empty() && only_digits(text)
    });
    let is_float = only_digits(whole) && only_digits(rest) && !(whole.is_empty() && rest.is_empty());
    let value: f64 = clean.parse().ok().filter(|_| is_float && has_exponent)?;
    // What has no fraction is written without one.
    if value.fract() == 0.0 && value.abs() < 1e15 {
        Some((value as i64).into())
    } else {
        Number::from_f64(value)
    }
}

/// The point in time that a text without quotes is, as the tools write it: of a date its first moment.
pub(super) fn point_in_time(text: &str) -> Option<Str> {
    // Four digits and a hyphen: most texts are none.
    if !looks_like_a_date(text) {
        return None;
    }
    let mut rest = &text[5..];
    let year: u32 = text[..4].parse().ok()?;
    let month = digits(&mut rest, 1..=12)?;
    rest = rest.strip_prefix('-')?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let day = digits(&mut rest, 1..=days)?;
    let date = format!("{year:04}-{month:02}-{day:02}");
    if rest.is_empty() {
        return Some(format!("{date}T00:00:00Z").into());
    }
    let has_zone = rest.starts_with(['T', 't']);
    rest = if has_zone { &rest[1..] } else { rest.strip_prefix(' ')?.trim_start_matches(' ') };
    let hour = digits(&mut rest, 0..=23)?;
    rest = rest.strip_prefix(':')?;
    let minute = digits(&mut rest, 0..=59)?;
    rest = rest.strip_prefix(':')?;
    let second = digits(&mut rest, 0..=59)?;
    let fraction = fraction(&mut rest)?;
    let zone = match rest {
        "" if !has_zone => "Z",
        "Z" | "+00:00" | "-00:00" if has_zone => "Z",
        zone if has_zone && is_zone(zone) => zone,
        _ => return None,
    };
    Some(format!("{date}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}").into())
}

/// One or two digits at the beginning of a text.
fn digits(rest: &mut &str, within: std::ops::RangeInclusive<u32>) -> Option<u32> {
    let len = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let number = rest[..len].parse().ok().filter(|number| within.contains(number))?;
    *rest = &rest[len..];
    Some(number)
}

/// Parts of a second, down to billionths, without the noughts behind them.
fn fraction(rest: &mut &str) -> Option<String> {
    let Some(inner) = rest.strip_prefix(['.', ',']) else { return Some(String::new()) };
    let len = inner.bytes().take_while(u8::is_ascii_digit).count();
    let known = inner[..len.min(9)].trim_end_matches('0');
    *rest = &inner[len..];
    let written = if known.is_empty() { String::new() } else { format!(".{known}") };
    (len > 0).then_some(written)
}

/// `+02:00`.
fn is_zone(text: &str) -> bool {
    let bytes = text.as_bytes();
    let number = |at: usize| text.get(at..at + 2).and_then(|digits| digits.parse::<u32>().ok());
    bytes.len() == 6
        && matches!(bytes[0], b'+' | b'-')
        && bytes[3] == b':'
        && bytes[1..3].iter().chain(&bytes[4..]).all(u8::is_ascii_digit)
        && number(1).is_some_and(|hours| hours < 24)
        && number(4).is_some_and(|minutes| minutes < 60)
}

/// A tree as JSON, as the cluster gets it. What is not known is the text `(unknown)`.
pub fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Hole => Json::String("(unknown)".into()),
        Value::Scalar(scalar) => match typed(scalar, node.tag()) {
            Typed::Null => Json::Null,
            Typed::Bool(truth) => Json::Bool(truth),
            Typed::Number(number) => Json::Number(number),
            Typed::Text => Json::String(scalar.text.to_string()),
        },
        Value::List(items) => Json::Array(items.iter().map(json).collect()),
        Value::Map(entries) => {
            let mut sorted: Vec<(&str, &Node)> =
                entries.iter().map(|(key, value)| (key.text().unwrap_or("null"), value)).collect();
            sorted.sort_by_key(|(key, _)| *key);
            Json::Object(Map::from_iter(sorted.into_iter().map(|(key, value)| (key.into(), json(value)))))
        }
    }
}

/// A tree as [`json`] gives it, written without being put together first.
pub struct AsJson<'n>(pub &'n Node);

impl Serialize for AsJson<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match &self.0.value {
            Value::Scalar(scalar) if typed(scalar, self.0.tag()) == Typed::Text => {
                out.serialize_str(&scalar.text)
            }
            Value::List(items) => out.collect_seq(items.iter().map(AsJson)),
            Value::Map(entries) => {
                // Of equal keys the last one counts.
                let sorted: BTreeMap<&str, &Node> =
                    entries.iter().map(|(key, value)| (key.text().unwrap_or("null"), value)).collect();
                out.collect_map(sorted.into_iter().map(|(key, value)| (key, AsJson(value))))
            }
            Value::Null | Value::Hole | Value::Scalar(_) => json(self.0).serialize(out),
        }
    }
}

/// A value of JSON as YAML in blocks, as kustomize prints it.
pub fn yaml(value: &Json) -> String {
    written(value, scalar)
}

/// The same for people and logs: what nobody sees, and what a runner would act on, is in quotes.
pub fn yaml_to_show(value: &Json) -> String {
    written(value, |out, text, depth| {
        match text.contains(|c| c != '\n' && is_hidden(c)) || is_acted_upon(text) {
            true => out.push_str(&Json::String(text.into()).to_string()),
            false => scalar(out, text, depth),
        }
    })
}

/// How a text is written behind so many levels.
type WriteText = fn(&mut String, &str, usize);

fn written(value: &Json, text: WriteText) -> String {
    let mut out = String::new();
    write(&mut out, value, (0, false), text);
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out
}

fn write(out: &mut String, value: &Json, (depth, in_list): (usize, bool), text: WriteText) {
    let margin = "  ".repeat(depth);
    match value {
        Json::Object(entries) if !entries.is_empty() => {
            for (at, (key, value)) in entries.iter().enumerate() {
                if at > 0 || !in_list {
                    out.push_str(&margin);
                }
                text(out, key, depth + 1);
                out.push(':');
                below(out, value, depth, text);
            }
        }
        Json::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 || !in_list {
                    out.push_str(&margin);
                }
                out.push_str("- ");
                match item {
                    Json::Object(entries) if !entries.is_empty() => write(out, item, (depth + 1, true), text),
                    Json::Array(items) if !items.is_empty() => write(out, item, (depth + 1, true), text),
                    _ => {
                        write(out, item, (depth + 1, true), text);
                        out.push('\n');
                    }
                }
            }
        }
        Json::Object(_) => out.push_str("{}"),
        Json::Array(_) => out.push_str("[]"),
        Json::String(own) => text(out, own, depth),
        other => out.push_str(&other.to_string()),
    }
}

fn below(out: &mut String, value: &Json, depth: usize, text: WriteText) {
    match value {
        Json::Object(entries) if !entries.is_empty() => {
            out.push('\n');
            write(out, value, (depth + 1, false), text);
        }
        // Lists stand at the column of their key.
        Json::Array(items) if !items.is_empty() => {
            out.push('\n');
            write(out, value, (depth, false), text);
        }
        _ => {
            out.push(' ');
            write(out, value, (depth + 1, true), text);
            out.push('\n');
        }
    }
}

/// A text: plain where it reads back as itself, as a block where it has lines, quoted otherwise.
fn scalar(out: &mut String, text: &str, depth: usize) {
    let is_printable = text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control());
    if text.contains('\n') && is_printable && !text.starts_with([' ', '\n']) {
        let lines = text.strip_suffix('\n').unwrap_or(text);
        let chomping = match (text.ends_with("\n\n"), text.ends_with('\n')) {
            (true, _) => "+",
            (_, true) => "",
            _ => "-",
        };
        out.push('|');
        out.push_str(chomping);
        for line in lines.split('\n') {
            out.push('\n');
            if !line.is_empty() {
                out.push_str(&"  ".repeat(depth.max(1)));
                out.push_str(line);
            }
        }
        return;
    }
    if is_plain(text) {
        out.push_str(text);
    } else {
        out.push_str(&Json::String(text.into()).to_string());
    }
}

/// Whether a runner would act on it in a log.
fn is_acted_upon(text: &str) -> bool {
    begins_command(text) || has_command(text)
}

pub(super) fn is_plain(text: &str) -> bool {
    let scalar = Scalar::new(text.into(), Style::Plain);
    let starts_well = text
        .starts_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '$' | '(' | '<'))
        || text.starts_with('-') && text[1..].starts_with(|c: char| c.is_alphanumeric() || c == '-');
    starts_well
        && typed(&scalar, Tag::None) == Typed::Text
        && !scalar.is_bool()
        && !scalar.is_number()
        && !text.starts_with("---")
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([':', ' '])
        && !text.contains(|c: char| c.is_control())
        && !looks_like_a_date(text)
        && !looks_like_minutes(text)
}

/// `12:30` is 750 to some readers.
fn looks_like_minutes(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = text.split(':');
    let is_first = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_digit())
            && part.bytes().all(|b| b.is_ascii_digit() || b == b'_')
    };
    let is_sixtieth = |part: &str| {
        let whole = part.split_once('.').map_or(part, |(whole, _)| whole);
        matches!(whole.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'])
    };
    text.contains(':') && parts.next().is_some_and(is_first) && parts.all(is_sixtieth)
}

/// `2024-01-02` is a date to some readers.
pub(super) fn looks_like_a_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 8 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_typed_as_the_tools_do() {
        for (text, expected) in [
            ("yes", "\"yes\""),
            ("true", "true"),
            ("0777", "511"),
            ("0o17", "15"),
            ("0x1f", "31"),
            ("1_000", "1000"),
            ("08", "8"),
            ("1.10", "1.1"),
            ("1e3", "1000"),
            ("1.2.3", "\"1.2.3\""),
            ("-7", "-7"),
            (".5", "0.5"),
            ("-", "\"-\""),
            ("e3", "\"e3\""),
            ("~", "null"),
            ("12:30", "\"12:30\""),
        ] {
            let scalar = Scalar::new(text.into(), Style::Plain);
            let node = Node::new(
                crate::text::Origin::spelled(crate::text::Span::new(crate::text::SourceId(0), 0, 0)),
                Value::Scalar(scalar),
            );
            assert_eq!(json(&node).to_string(), expected, "{text}");
        }
    }

    /// What kustomize 5.8.1 writes for these.
    #[test]
    fn dates_are_points_in_time() {
        for (text, expected) in [
            ("2020-01-01", "2020-01-01T00:00:00Z"),
            ("2020-1-1", "2020-01-01T00:00:00Z"),
            ("0000-01-01", "0000-01-01T00:00:00Z"),
            ("2020-02-29", "2020-02-29T00:00:00Z"),
            ("2021-02-29", ""),
            ("2020-0-1", ""),
            ("2020-13-01", ""),
            ("2020-001-01", ""),
            ("20200-01-01", ""),
            ("2020-01-01 1:2:3", "2020-01-01T01:02:03Z"),
            ("2020-01-01 10:11:12 +1", ""),
            ("2020-01-01T10:11:12", ""),
            ("2020-01-01T10:11:12.5", ""),
            ("2020-01-01t1:2:3z", ""),
            ("2020-01-01t1:2:3Z", "2020-01-01T01:02:03Z"),
            ("2020-01-01T10:11:12.500+00:00", "2020-01-01T10:11:12.5Z"),
            ("2020-01-01T10:11:12,5Z", "2020-01-01T10:11:12.5Z"),
            ("2020-01-01T10:11:12.Z", ""),
            ("2020-01-01T10:11:12.123456789-03:30", "2020-01-01T10:11:12.123456789-03:30"),
            ("2020-12-31T23:59:59.999999999999Z", "2020-12-31T23:59:59.999999999Z"),
            ("2020-01-01T1:2:3+23:59", "2020-01-01T01:02:03+23:59"),
            ("2020-01-01T10:11:12+0200", ""),
            ("2020-01-01T24:00:00Z", ""),
            ("2020-01-01T10:11:60Z", ""),
            ("2020-01-0é", ""),
        ] {
            assert_eq!(point_in_time(text).unwrap_or_default(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_printed_reads_back() {
        let value = serde_json::json!({
            "a": ["x", {"b": 1, "c": ["yes", "1.10", null]}, [], [["n"]]],
            "empty": {}, "text": "two\nlines\n", "more": "a: b", "date": "2024-01-02", "minutes": "12:30", "keep": "a\n\n\n", "bare": "x\ny",
            "lead": " x", "tab": "a\tb", "hash": "a #b", "dash": "- x", "quoted": "\"",
        });
        let printed = yaml(&value);
        let back = crate::syntax::yaml::read(crate::text::SourceId(0), &printed);
        assert!(back.problems.is_empty(), "{printed}\n{:?}", back.problems);
        assert_eq!(
            json(&back.documents[0].root).to_string(),
            {
                let mut sorted: Vec<_> = value.as_object().expect("a map").clone().into_iter().collect();
                sorted.sort_by(|a, b| a.0.cmp(&b.0));
                Json::Object(sorted.into_iter().collect()).to_string()
            },
            "{printed}"
        );
    }
}
