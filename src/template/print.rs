//! Values written out as Go's `fmt` writes them: `print`, `printf` and what an action leaves.

use super::place::{Place, Places};
use super::rope::{Rope, Text};
use super::scalar::{Resolved, resolve};
use super::stop::Stop;
use super::value::{Kind, Value, too_deep};
use crate::limits::{DEEPEST_VALUE, WIDEST};

/// What an action leaves of a value that is not there. It is taken out of what is written in the end.
pub const NO_VALUE: &str = "<no value>";

/// Text that is made of a value that nobody knows.
pub const UNKNOWN: &str = "unknown";

/// A fraction as Go prints it: of a million or more, and of very little, with an exponent.
pub fn float(number: f64) -> String {
    exponential(number, 6).unwrap_or_else(|| number.to_string())
}

/// What a template prints of a plain scalar that is a number to helm, if it is not what is written.
pub fn printed_number(plain: &str) -> Option<String> {
    let Resolved::Number(number) = resolve(plain) else { return None };
    Some(float(number)).filter(|printed| printed != plain)
}

/// With an exponent, if it is not below -4 and below the number of digits or six.
fn exponential(number: f64, most: i32) -> Option<String> {
    if number.is_nan() {
        return Some("NaN".into());
    }
    if number.is_infinite() {
        return Some(if number > 0.0 { "+Inf" } else { "-Inf" }.into());
    }
    let short = format!("{number:e}");
    let (digits, exponent) = short.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    if (-4..most).contains(&exponent) {
        return None;
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    Some(format!("{digits}e{sign}{:02}", exponent.abs()))
}

/// What `{{ value }}` writes.
pub fn written(value: &Value, at: Place, places: &Places) -> Result<Text, Stop> {
    match value {
        Value::Nil => Ok(Text::new(NO_VALUE, at)),
        value => text(value, at, places),
    }
}

/// A value as `%v` writes it.
pub fn text(value: &Value, at: Place, places: &Places) -> Result<Text, Stop> {
    let scalar = |text: String, place: Place| {
        let place = if place == Place::NOWHERE { at } else { places.spelled_as(place, &text) };
        Text::new(text, place)
    };
    Ok(match value {
        Value::Nil => Text::new("<nil>", at),
        Value::Bool(truth, place) => scalar(truth.to_string(), *place),
        Value::Int(int) => scalar(int.number.to_string(), int.place),
        Value::Float(number, place) => scalar(float(*number), *place),
        Value::Text(text) => text.clone(),
        Value::Hole(place) => Text::new(UNKNOWN, place.whole()),
        Value::Object(object) if !matches!(object.plain(), Value::Nil) => {
            text_of(object.plain(), at, places)?
        }
        _ => text_of(value, at, places)?,
    })
}

fn text_of(value: &Value, at: Place, places: &Places) -> Result<Text, Stop> {
    let mut rope = Rope::default();
    write(&mut rope, value, at, places, DEEPEST_VALUE)?;
    Ok(rope.finish())
}

/// Writes values with a blank between two of them, which is told at `frame`.
fn side_by_side<'v>(
    rope: &mut Rope,
    values: impl Iterator<Item = &'v Value>,
    (frame, at): (Place, Place),
    places: &Places,
    levels: usize,
) -> Result<(), Stop> {
    for (index, value) in values.enumerate() {
        if index > 0 {
            rope.push_made(" ", frame);
        }
        write(rope, value, at, places, levels)?;
    }
    Ok(())
}

fn write(rope: &mut Rope, value: &Value, at: Place, places: &Places, levels: usize) -> Result<(), Stop> {
    let Some(levels) = levels.checked_sub(1) else { return Err(too_deep()) };
    rope.fits()?;
    let frame = value.place().or(at);
    match value {
        Value::List(list) => {
            rope.push_made("[", frame);
            side_by_side(rope, list.items.iter(), (frame, at), places, levels)?;
            rope.push_made("]", frame);
        }
        Value::Map(map) => {
            rope.push_made("map[", frame);
            for (index, (key, value)) in map.to_vec().iter().enumerate() {
                if index > 0 {
                    rope.push_made(" ", frame);
                }
                rope.push(key);
                rope.push_made(":", frame);
                write(rope, value, at, places, levels)?;
            }
            rope.push_made("]", frame);
        }
        Value::Object(object) if matches!(object.plain(), Value::Nil) => {
            rope.push_made("{", frame);
            side_by_side(rope, object.fields.values(), (frame, at), places, levels)?;
            rope.push_made("}", frame);
        }
        Value::Object(object) => write(rope, object.plain(), at, places, levels)?,
        scalar => rope.push(&text(scalar, at, places)?),
    }
    Ok(())
}

/// `print`: a blank between two that are no texts.
pub fn print(values: &[Value], at: Place, places: &Places) -> Result<Text, Stop> {
    let mut rope = Rope::default();
    let is_text = |value: &Value| matches!(value.kind(), Kind::Text | Kind::Unknown);
    for (index, value) in values.iter().enumerate() {
        if index > 0 && !is_text(value) && !is_text(&values[index - 1]) {
            rope.push_made(" ", at);
        }
        rope.push(&text(value, at, places)?);
        rope.fits()?;
    }
    Ok(rope.finish())
}

/// `println`: a blank between all, and a line's end.
pub fn println(values: &[Value], at: Place, places: &Places) -> Result<Text, Stop> {
    let mut rope = Rope::default();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            rope.push_made(" ", at);
        }
        rope.push(&text(value, at, places)?);
    }
    rope.push_made("\n", at);
    Ok(rope.finish())
}

/// One verb of a format: `%-10.3f`.
#[derive(Debug, Default)]
struct Verb {
    is_left: bool,
    has_sign: bool,
    has_zeros: bool,
    is_sharp: bool,
    has_blank: bool,
    width: usize,
    precision: Option<usize>,
    letter: char,
}

/// `printf`.
pub fn printf(format: &Text, values: &[Value], at: Place, places: &Places) -> Result<Text, Stop> {
    let mut rope = Rope::default();
    let (mut from, mut next) = (0, 0);
    let source = format.as_str();
    while let Some(start) = source[from..].find('%').map(|found| from + found) {
        rope.push_slice(format, from..start);
        let (verb, len) = verb(&source[start + 1..], values, &mut next)?;
        from = start + 1 + len;
        match (verb.letter, values.get(next)) {
            ('\0', _) => rope.push_made("%!(NOVERB)", at),
            ('%', _) => rope.push_slice(format, from - 1..from),
            (letter, None) => rope.push_made(&format!("%!{letter}(MISSING)"), at),
            (_, Some(value)) => {
                next += 1;
                let text = one(value, &verb, at, places, DEEPEST_VALUE)?;
                pad(&mut rope, &text, &verb, value, at);
                rope.fits()?;
            }
        }
    }
    rope.push_slice(format, from..source.len());
    if next < values.len() {
        rope.push_made("%!(EXTRA ", at);
        for (index, value) in values[next..].iter().enumerate() {
            rope.push_made(if index > 0 { ", " } else { "" }, at);
            match value {
                Value::Nil => rope.push_made("<nil>", at),
                value => {
                    rope.push_made(&format!("{}=", value.type_name()), at);
                    rope.push(&text(value, at, places)?);
                }
            }
        }
        rope.push_made(")", at);
    }
    Ok(rope.finish())
}

/// The verb behind a percent sign, and how many bytes it takes.
fn verb(text: &str, values: &[Value], next: &mut usize) -> Result<(Verb, usize), Stop> {
    let mut verb = Verb::default();
    let mut letters = text.char_indices().peekable();
    while let Some((_, letter)) = letters.peek() {
        match letter {
            '-' => verb.is_left = true,
            '+' => verb.has_sign = true,
            '0' => verb.has_zeros = true,
            '#' => verb.is_sharp = true,
            ' ' => verb.has_blank = true,
            _ => break,
        }
        letters.next();
    }
    let mut number = |letters: &mut std::iter::Peekable<std::str::CharIndices>| -> Result<usize, Stop> {
        let mut number = 0usize;
        if letters.next_if(|(_, letter)| *letter == '*').is_some() {
            if let Some(Value::Int(int)) = values.get(*next) {
                number = usize::try_from(int.number).unwrap_or(0);
            }
            *next += 1;
        }
        while let Some((_, digit)) = letters.next_if(|(_, letter)| letter.is_ascii_digit()) {
            number = number * 10 + digit.to_digit(10).unwrap_or(0) as usize;
            if number > WIDEST {
                return Err(Stop::TooMuch(format!("a format asks for more than {WIDEST} characters")));
            }
        }
        Ok(number)
    };
    verb.width = number(&mut letters)?;
    if letters.next_if(|(_, letter)| *letter == '.').is_some() {
        verb.precision = Some(number(&mut letters)?);
    }
    let (at, letter) = letters.next().unwrap_or((text.len(), '\0'));
    verb.letter = letter;
    Ok((verb, if letter == '\0' { text.len() } else { at + letter.len_utf8() }))
}

/// Brings a text to its width.
fn pad(rope: &mut Rope, text: &Text, verb: &Verb, value: &Value, at: Place) {
    let missing = verb.width.saturating_sub(text.as_str().chars().count());
    let is_number = matches!(value.kind(), Kind::Int | Kind::Float);
    if verb.has_zeros && !verb.is_left && is_number {
        let sign = usize::from(text.as_str().starts_with(['-', '+']));
        rope.push_slice(text, 0..sign);
        rope.push_made(&"0".repeat(missing), at);
        rope.push_slice(text, sign..text.len());
        return;
    }
    if !verb.is_left {
        rope.push_made(&" ".repeat(missing), at);
    }
    rope.push(text);
    if verb.is_left {
        rope.push_made(&" ".repeat(missing), at);
    }
}

/// A value as a verb writes it, without its width.
fn one(value: &Value, verb: &Verb, at: Place, places: &Places, levels: usize) -> Result<Text, Stop> {
    let made = |text: String| Text::new(text, value.place().or(at).whole());
    let plain = match (verb.letter, value) {
        ('T', value) => Some(made(value.type_name().into())),
        (_, Value::Int(int)) => whole_number(int.number, verb).map(made),
        ('v' | 'f' | 'F' | 'e' | 'E' | 'g' | 'G', Value::Float(number, _))
            if verb.letter != 'v' || verb.has_sign =>
        {
            Some(made(fraction(*number, verb)))
        }
        (_, Value::Text(whole)) => letters(whole, verb, at, places),
        ('s' | 'd' | 'q', Value::List(_) | Value::Map(_)) => Some(nested(value, verb, at, places, levels)?),
        _ => None,
    };
    match (plain, verb.letter, value) {
        (Some(text), _, _) => Ok(text),
        (None, 'v', _)
        | (None, 's' | 'q', Value::Hole(_))
        | (None, 't', Value::Bool(..))
        | (None, 'd', Value::Int(_)) => text(value, at, places),
        // Go says what is wrong in the text itself, and goes on.
        (None, letter, Value::Nil) => Ok(made(format!("%!{letter}(<nil>)"))),
        (None, letter, value) => {
            let mut rope = Rope::default();
            rope.push_made(&format!("%!{letter}({}=", value.type_name()), at);
            rope.push(&text(value, at, places)?);
            rope.push_made(")", at);
            Ok(rope.finish())
        }
    }
}

/// A whole number in another way than with its digits.
fn whole_number(number: i64, verb: &Verb) -> Option<String> {
    Some(match verb.letter {
        'd' | 'v' if verb.has_sign => format!("{number:+}"),
        'd' | 'v' if verb.has_blank && number >= 0 => format!(" {number}"),
        'q' => format!("'{}'", letter(number)),
        'c' => letter(number).to_string(),
        'U' => format!("U+{number:04X}"),
        'x' => signed_radix(number, |number| format!("{number:x}")),
        'X' => signed_radix(number, |number| format!("{number:X}")),
        'o' => signed_radix(number, |number| format!("{number:o}")),
        'b' => signed_radix(number, |number| format!("{number:b}")),
        _ => return None,
    })
}

fn letters(whole: &Text, verb: &Verb, at: Place, places: &Places) -> Option<Text> {
    let hex = |text: String| Text::new(text, whole.main_place(places).or(at));
    Some(match verb.letter {
        'v' if verb.is_sharp => quoted(whole, at, places),
        'q' => quoted(whole, at, places),
        'v' | 's' => {
            let end = verb.precision.and_then(|most| whole.as_str().char_indices().nth(most));
            whole.slice(0..end.map_or(whole.len(), |(end, _)| end))
        }
        'x' => hex(whole.text().bytes().map(|b| format!("{b:02x}")).collect()),
        'X' => hex(whole.text().bytes().map(|b| format!("{b:02X}")).collect()),
        _ => return None,
    })
}

/// A list or a map, each value in it written by the verb.
fn nested(value: &Value, verb: &Verb, at: Place, places: &Places, levels: usize) -> Result<Text, Stop> {
    let Some(levels) = levels.checked_sub(1) else { return Err(too_deep()) };
    let mut rope = Rope::default();
    let entries = value.as_map().map(|map| map.to_vec()).unwrap_or_default();
    rope.push_made(if value.as_map().is_some() { "map[" } else { "[" }, at);
    for (index, (key, item)) in entries.into_iter().enumerate() {
        rope.push_made(if index > 0 { " " } else { "" }, at);
        rope.push(&one(&Value::Text(key), verb, at, places, levels)?);
        rope.push_made(":", at);
        rope.push(&one(&item, verb, at, places, levels)?);
        rope.fits()?;
    }
    for (index, item) in value.as_list().into_iter().flat_map(|list| list.items.iter()).enumerate() {
        rope.push_made(if index > 0 { " " } else { "" }, at);
        rope.push(&one(item, verb, at, places, levels)?);
        rope.fits()?;
    }
    rope.push_made("]", at);
    Ok(rope.finish())
}

/// The letter of a number.
fn letter(number: i64) -> char {
    u32::try_from(number).ok().and_then(char::from_u32).unwrap_or('\u{fffd}')
}

fn signed_radix(number: i64, write: impl Fn(u64) -> String) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", write(number.unsigned_abs()))
}

fn fraction(number: f64, verb: &Verb) -> String {
    let sign = if verb.has_sign && number >= 0.0 { "+" } else { "" };
    if !number.is_finite() {
        return float(number);
    }
    let exponent = |text: String| match text.split_once('e') {
        Some((digits, exponent)) => {
            let number: i32 = exponent.parse().unwrap_or(0);
            let sign = if number < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", number.abs())
        }
        None => text,
    };
    let text = match (verb.letter, verb.precision) {
        ('f' | 'F', precision) => format!("{number:.*}", precision.unwrap_or(6)),
        ('e' | 'E', precision) => exponent(format!("{number:.*e}", precision.unwrap_or(6))),
        (_, Some(precision)) => general(number, precision.max(1)),
        (_, None) => float(number),
    };
    let text = if verb.letter.is_ascii_uppercase() { text.to_uppercase() } else { text };
    format!("{sign}{text}")
}

/// `%.4g`: so many digits, without zeros at the end.
fn general(number: f64, digits: usize) -> String {
    let rounded = format!("{number:.*e}", digits - 1);
    let exponent: i32 = rounded.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let value: f64 = rounded.parse().unwrap_or(number);
    let most = i32::try_from(digits).unwrap_or(21);
    exponential(value, most).unwrap_or_else(|| {
        let places = usize::try_from(most - 1 - exponent).unwrap_or(0);
        let text = format!("{value:.places$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
    })
}

/// A text between double quotes, as Go writes it in a program. What needs no escape keeps its place.
pub fn quoted(text: &Text, at: Place, places: &Places) -> Text {
    let mut rope = Rope::default();
    rope.push_made("\"", at);
    let source = text.as_str();
    let mut from = 0;
    for (index, letter) in source.char_indices() {
        let escape = match letter {
            '"' => "\\\"".into(),
            '\\' => "\\\\".into(),
            '\n' => "\\n".into(),
            '\t' => "\\t".into(),
            '\r' => "\\r".into(),
            '\u{7}' => "\\a".into(),
            '\u{8}' => "\\b".into(),
            '\u{b}' => "\\v".into(),
            '\u{c}' => "\\f".into(),
            letter if (letter as u32) < 0x20 || letter as u32 == 0x7f => format!("\\x{:02x}", letter as u32),
            letter if is_unprintable(letter) => {
                let code = letter as u32;
                if code < 0x1_0000 { format!("\\u{code:04x}") } else { format!("\\U{code:08x}") }
            }
            _ => continue,
        };
        rope.push_slice(text, from..index);
        let end = index + letter.len_utf8();
        rope.push_made(&escape, text.place_of(index..end, places));
        from = end;
    }
    rope.push_slice(text, from..source.len());
    rope.push_made("\"", at);
    rope.finish()
}

/// Blanks and signs that leave nothing on a page.
fn is_unprintable(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{a0}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{fffb}')
        || (letter.is_whitespace() && letter != ' ')
}
