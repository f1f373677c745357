//! Values to YAML and JSON, as `toYaml` and `toJson` write them. Every scalar and every key keeps its place; what stands
//! between them has the place of the map or the list.

use super::place::{Place, Places};
use super::print;
use super::rope::{Rope, Text};
use super::scalar::{Resolved, is_base_sixty, resolve};
use super::stop::Stop;
use super::value::{Items, Kind, Value, too_deep};
use crate::limits::DEEPEST_VALUE;
use crate::text::Str;
use std::cmp::Ordering;
use std::ops::Range;
use std::rc::Rc;

/// A value as YAML in blocks, without a line's end.
pub fn yaml(value: &Value, at: Place, places: &Places) -> Result<Text, Stop> {
    Dump::new(at, places).whole_yaml(value)
}

/// A value as YAML whose lists stand deeper than their keys.
pub fn yaml_pretty(value: &Value, at: Place, places: &Places) -> Result<Text, Stop> {
    Dump { lists: 2, ..Dump::new(at, places) }.whole_yaml(value)
}

/// How JSON is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Json {
    Compact,
    /// What HTML has a meaning for stays as it is.
    Raw,
    Pretty,
}

/// A value as JSON.
pub fn json(value: &Value, how: Json, at: Place, places: &Places) -> Result<Text, Stop> {
    let mut dump = Dump::new(at, places);
    dump.json(value, how, 0, DEEPEST_VALUE)?;
    Ok(dump.rope.finish())
}

struct Dump<'p> {
    rope: Rope,
    /// How much deeper than its key a list stands.
    lists: usize,
    at: Place,
    places: &'p Places,
    /// Some text cannot be written.
    is_refused: bool,
}

/// What a value is to both formats.
enum Shape {
    Map(Vec<(Text, Value)>, Place),
    List(Rc<Items>, Place),
    Scalar,
}

fn shape(value: &Value) -> Shape {
    match value {
        Value::Map(map) => Shape::Map(map.to_vec(), map.place),
        Value::List(list) => Shape::List(list.items.clone(), list.place),
        Value::Object(object) if object.plain().kind() != Kind::Invalid => shape(object.plain()),
        Value::Object(object) => {
            let entry = |(name, value): (&Str, &Value)| {
                let mut letters = name.chars();
                let first = letters.next().map(|letter| letter.to_ascii_lowercase());
                let name: String = first.into_iter().chain(letters).collect();
                (Text::new(name, Place::NOWHERE), value.clone())
            };
            Shape::Map(object.fields.iter().map(entry).collect(), Place::NOWHERE)
        }
        _ => Shape::Scalar,
    }
}

/// How a text is written in YAML.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

impl<'p> Dump<'p> {
    fn new(at: Place, places: &'p Places) -> Dump<'p> {
        Dump { rope: Rope::default(), lists: 0, at, places, is_refused: false }
    }

    fn whole_yaml(mut self, value: &Value) -> Result<Text, Stop> {
        // The lines of a text stand deeper than what they belong to, even if that is nothing.
        let margin = if matches!(shape(value), Shape::Scalar) { 2 } else { 0 };
        self.yaml(value, margin, DEEPEST_VALUE)?;
        Ok(if self.is_refused { Text::new("", self.at) } else { self.rope.finish() })
    }

    fn line(&mut self, margin: usize, place: Place) {
        const BLANKS: &str = "\n                                                                ";
        match BLANKS.get(..=margin) {
            Some(text) => self.rope.push_made(text, place),
            None => self.rope.push_made(&format!("\n{}", " ".repeat(margin)), place),
        }
    }

    fn yaml(&mut self, value: &Value, margin: usize, levels: usize) -> Result<(), Stop> {
        let Some(levels) = levels.checked_sub(1) else { return Err(too_deep()) };
        self.rope.fits()?;
        match shape(value) {
            Shape::Map(entries, place) if entries.is_empty() => self.rope.push_made("{}", place.or(self.at)),
            Shape::List(items, place) if items.is_empty() => self.rope.push_made("[]", place.or(self.at)),
            Shape::Map(mut entries, place) => {
                let place = place.or(self.at);
                entries.sort_by(|(a, _), (b, _)| natural(a.as_str(), b.as_str()));
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        self.line(margin, place);
                    }
                    self.scalar_text(key, margin, true, place);
                    self.rope.push_made(":", place);
                    match shape(value) {
                        Shape::Map(entries, _) if !entries.is_empty() => {
                            self.line(margin + 2, place);
                            self.yaml(value, margin + 2, levels)?;
                        }
                        Shape::List(items, _) if !items.is_empty() => {
                            self.line(margin + self.lists, place);
                            self.yaml(value, margin + self.lists, levels)?;
                        }
                        _ => {
                            self.rope.push_made(" ", place);
                            self.yaml(value, margin + 2, levels)?;
                        }
                    }
                }
            }
            Shape::List(items, place) => {
                let place = place.or(self.at);
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.line(margin, place);
                    }
                    self.rope.push_made("- ", place);
                    self.yaml(item, margin + 2, levels)?;
                }
            }
            Shape::Scalar => self.scalar(value, margin)?,
        }
        Ok(())
    }

    fn scalar(&mut self, value: &Value, margin: usize) -> Result<(), Stop> {
        let place = value.place().or(self.at);
        match value {
            Value::Nil => self.rope.push_made("null", place),
            Value::Float(number, place) => {
                let is_whole = number.fract() == 0.0 && number.abs() < 18_446_744_073_709_552_000.0;
                let number = if *number == 0.0 { 0.0 } else { *number };
                let text = if is_whole { number.to_string() } else { print::float(number) };
                let place = self.places.spelled_as(place.or(self.at), &text);
                self.rope.push(&Text::new(text, place));
            }
            Value::Text(text) => self.scalar_text(text, margin, false, place),
            other => self.rope.push(&print::text(other, self.at, self.places)?),
        }
        Ok(())
    }

    fn scalar_text(&mut self, text: &Text, margin: usize, is_key: bool, frame: Place) {
        // Go's own reader of YAML refuses these, and nothing is written.
        self.is_refused |=
            text.as_str().chars().any(|letter| matches!(letter, '\u{7f}'..='\u{9f}' if letter != '\u{85}'));
        let style = style(text.as_str(), is_key);
        if style == Style::Literal {
            return self.literal(text, margin, frame);
        }
        let quote = match style {
            Style::Single => "'",
            Style::Double => "\"",
            _ => "",
        };
        self.rope.push_made(quote, frame);
        let folds = if is_key { Vec::new() } else { self.folds(text.as_str(), style, margin) };
        let mut from = 0;
        for end in folds {
            self.on_one_line(text, from..end, style, frame);
            self.line(margin, frame);
            from = end + 1;
        }
        self.on_one_line(text, from..text.len(), style, frame);
        self.rope.push_made(quote, frame);
    }

    /// A text of several lines.
    fn literal(&mut self, text: &Text, margin: usize, frame: Place) {
        let source = text.as_str();
        let hint = if source.starts_with([' ', '\n']) { "2" } else { "" };
        let chomp = match source {
            "\n" => "+",
            _ if !source.ends_with('\n') => "-",
            _ if source.ends_with("\n\n") => "+",
            _ => "",
        };
        self.rope.push_made(&format!("|{hint}{chomp}"), frame);
        let body = source.strip_suffix('\n').unwrap_or(source);
        let mut from = 0;
        for line in body.split('\n') {
            if line.is_empty() {
                self.rope.push_made("\n", frame);
            } else {
                self.line(margin, frame);
                self.rope.push_slice(text, from..from + line.len());
            }
            from += line.len() + 1;
        }
    }

    /// The blanks at which a long text is broken into lines.
    fn folds(&self, text: &str, style: Style, margin: usize) -> Vec<usize> {
        const WIDTH: usize = 80;
        let line = self.rope.as_str().rsplit('\n').next().unwrap_or_default();
        let mut column = line.chars().count();
        if column + text.len() <= WIDTH {
            return Vec::new();
        }
        let mut out = Vec::new();
        let mut letters = text.char_indices().peekable();
        let mut before = 'x';
        while let Some((at, letter)) = letters.next() {
            let next = letters.peek().map(|(_, letter)| *letter);
            let is_inner = style == Style::Plain || (at > 0 && next.is_some());
            if letter == ' ' && before != ' ' && column > WIDTH && is_inner && next != Some(' ') {
                out.push(at);
                column = margin;
            } else {
                let escape = if style == Style::Double { yaml_escape(letter) } else { None };
                column += escape
                    .map_or(1 + usize::from(style == Style::Single && letter == '\''), |text| text.len());
            }
            before = letter;
        }
        out
    }

    fn on_one_line(&mut self, text: &Text, range: Range<usize>, style: Style, frame: Place) {
        match style {
            Style::Double => self.escaped(text, range, yaml_escape),
            Style::Single => {
                let mut from = range.start;
                for (at, _) in text.as_str()[range.clone()].match_indices('\'') {
                    let at = range.start + at + 1;
                    self.rope.push_slice(text, from..at);
                    self.rope.push_made("'", frame);
                    from = at;
                }
                self.rope.push_slice(text, from..range.end);
            }
            _ => self.rope.push_slice(text, range),
        }
    }

    /// A text in which some letters are escaped; what needs no escape keeps its place.
    fn escaped(&mut self, text: &Text, range: Range<usize>, escape: fn(char) -> Option<String>) {
        let mut from = range.start;
        for (at, letter) in text.as_str()[range.clone()].char_indices() {
            if let Some(escape) = escape(letter) {
                let at = range.start + at;
                let end = at + letter.len_utf8();
                self.rope.push_slice(text, from..at);
                self.rope.push_made(&escape, text.place_of(at..end, self.places));
                from = end;
            }
        }
        self.rope.push_slice(text, from..range.end);
    }

    fn json(&mut self, value: &Value, how: Json, depth: usize, levels: usize) -> Result<(), Stop> {
        let Some(levels) = levels.checked_sub(1) else { return Err(too_deep()) };
        self.rope.fits()?;
        let pretty = how == Json::Pretty;
        match shape(value) {
            Shape::Map(entries, place) => {
                let place = place.or(self.at);
                let is_empty = entries.is_empty();
                self.rope.push_made("{", place);
                for (index, (key, value)) in entries.into_iter().enumerate() {
                    self.rope.push_made(if index > 0 { "," } else { "" }, place);
                    if pretty {
                        self.line(2 * (depth + 1), place);
                    }
                    self.json_text(&key, how, place);
                    self.rope.push_made(if pretty { ": " } else { ":" }, place);
                    self.json(&value, how, depth + 1, levels)?;
                }
                if pretty && !is_empty {
                    self.line(2 * depth, place);
                }
                self.rope.push_made("}", place);
            }
            Shape::List(items, place) => {
                let place = place.or(self.at);
                self.rope.push_made("[", place);
                for (index, item) in items.iter().enumerate() {
                    self.rope.push_made(if index > 0 { "," } else { "" }, place);
                    if pretty {
                        self.line(2 * (depth + 1), place);
                    }
                    self.json(item, how, depth + 1, levels)?;
                }
                if pretty && !items.is_empty() {
                    self.line(2 * depth, place);
                }
                self.rope.push_made("]", place);
            }
            Shape::Scalar => self.json_scalar(value, how)?,
        }
        Ok(())
    }

    fn json_scalar(&mut self, value: &Value, how: Json) -> Result<(), Stop> {
        match value {
            Value::Nil => self.rope.push_made("null", self.at),
            Value::Float(number, place) => {
                let text = json_number(*number);
                let place = self.places.spelled_as(place.or(self.at), &text);
                self.rope.push(&Text::new(text, place));
            }
            Value::Text(text) => self.json_text(text, how, self.at),
            Value::Hole(place) => self.json_text(&Text::new(print::UNKNOWN, place.whole()), how, self.at),
            other => self.rope.push(&print::text(other, self.at, self.places)?),
        }
        Ok(())
    }

    fn json_text(&mut self, text: &Text, how: Json, frame: Place) {
        self.rope.push_made("\"", frame);
        self.escaped(text, 0..text.len(), if how == Json::Raw { raw_escape } else { json_escape });
        self.rope.push_made("\"", frame);
    }
}

/// A number as Go's encoder of JSON writes it.
pub fn json_number(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let short = format!("{number:e}");
        return match short.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
            _ => short,
        };
    }
    number.to_string()
}

fn raw_escape(letter: char) -> Option<String> {
    match letter {
        '"' => Some("\\\"".into()),
        '\\' => Some("\\\\".into()),
        '\n' => Some("\\n".into()),
        '\r' => Some("\\r".into()),
        '\t' => Some("\\t".into()),
        '\u{8}' => Some("\\b".into()),
        '\u{c}' => Some("\\f".into()),
        letter if (letter as u32) < 0x20 || matches!(letter, '\u{2028}' | '\u{2029}') => {
            Some(format!("\\u{:04x}", letter as u32))
        }
        _ => None,
    }
}

fn json_escape(letter: char) -> Option<String> {
    match letter {
        '<' | '>' | '&' => Some(format!("\\u{:04x}", letter as u32)),
        letter => raw_escape(letter),
    }
}

fn yaml_escape(letter: char) -> Option<String> {
    let code = letter as u32;
    Some(match letter {
        '\0' => "\\0".into(),
        '\u{7}' => "\\a".into(),
        '\u{8}' => "\\b".into(),
        '\t' => "\\t".into(),
        '\n' => "\\n".into(),
        '\u{b}' => "\\v".into(),
        '\u{c}' => "\\f".into(),
        '\r' => "\\r".into(),
        '\u{1b}' => "\\e".into(),
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        '\u{85}' => "\\N".into(),
        '\u{a0}' => "\\_".into(),
        '\u{2028}' => "\\L".into(),
        '\u{2029}' => "\\P".into(),
        _ if is_printable(letter) => return None,
        _ if code <= 0xff => format!("\\x{code:02X}"),
        _ if code <= 0xffff => format!("\\u{code:04X}"),
        _ => format!("\\U{code:08X}"),
    })
}

fn is_printable(letter: char) -> bool {
    matches!(letter, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// How a text is to be written so that it reads as what it is.
fn style(text: &str, is_key: bool) -> Style {
    let looks_plain = resolve(text) == Resolved::Text && !is_base_sixty(text);
    let look = Look::at(text);
    let wanted = match (text.contains('\n'), looks_plain) {
        (true, _) => Style::Literal,
        (false, true) => Style::Plain,
        (false, false) => Style::Double,
    };
    match wanted {
        Style::Literal if is_key || look.is_special || look.has_blank_before_break || look.ends_blank => {
            Style::Double
        }
        Style::Plain if look.is_special || look.has_blank_before_break => Style::Double,
        Style::Plain if look.has_sign || look.starts_blank || look.ends_blank => Style::Single,
        other => other,
    }
}

/// What of a text forbids a style.
#[derive(Default)]
struct Look {
    /// Some letter is written as an escape only.
    is_special: bool,
    /// Some letter has a meaning where it stands.
    has_sign: bool,
    starts_blank: bool,
    ends_blank: bool,
    has_blank_before_break: bool,
}

impl Look {
    fn at(text: &str) -> Look {
        let mut look = Look {
            has_sign: text.starts_with("---") || text.starts_with("..."),
            starts_blank: text.starts_with([' ', '\n']),
            ends_blank: text.ends_with(' '),
            ..Look::default()
        };
        let mut before = ' ';
        let mut letters = text.chars().peekable();
        let mut is_first = true;
        while let Some(letter) = letters.next() {
            let ends_word = letters.peek().is_none_or(|next| matches!(next, ' ' | '\t' | '\n' | '\r'));
            let starts_word = matches!(before, ' ' | '\t' | '\n');
            look.has_sign |= match letter {
                '#' => starts_word,
                ':' => ends_word,
                '-' | '?' => is_first && ends_word,
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
                    is_first
                }
                _ => false,
            };
            look.is_special |= !is_printable(letter);
            look.has_blank_before_break |= letter == '\n' && before == ' ' && !is_first;
            (before, is_first) = (letter, false);
        }
        look
    }
}

/// The order of keys in YAML: numbers within names count as numbers.
fn natural(a: &str, b: &str) -> Ordering {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum::<usize>();
    let (rest_a, rest_b) = (&a[same..], &b[same..]);
    let (Some(first_a), Some(first_b)) = (rest_a.chars().next(), rest_b.chars().next()) else {
        return a.len().cmp(&b.len());
    };
    match (first_a.is_alphabetic(), first_b.is_alphabetic()) {
        (true, true) => return first_a.cmp(&first_b),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let run = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    // A zero within a number is a digit of it, one at its beginning is not.
    let before = &a[..same];
    let led = &before[before.trim_end_matches(|c: char| c.is_ascii_digit()).len()..];
    let is_inside = (first_a == '0' || first_b == '0') && led.bytes().any(|b| b != b'0');
    let number = |text: &str| {
        let own: u128 = text[..run(text).min(30)].parse().unwrap_or(0);
        if is_inside { 10u128.pow(run(text).min(30) as u32) + own } else { own }
    };
    let numbers = number(rest_a).cmp(&number(rest_b));
    numbers.then(run(rest_a).cmp(&run(rest_b))).then(first_a.cmp(&first_b))
}
