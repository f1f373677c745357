//! `print`, `printf` and quoted texts, as Go's `fmt` writes them.

use super::arguments::Arguments;
use super::item::{Item, Kind, Stop};
use crate::syntax::expand::Weaver;
use crate::text::{Origin, Part};

/// All arguments, with a blank between two that are no texts.
pub(super) fn print(given: &Arguments) -> Result<Part, Stop> {
    let mut out = Weaver::default();
    let is_text = |at: usize| given.items[at].kind() == Kind::Text;
    for at in 0..given.items.len() {
        if at > 0 && !is_text(at) && !is_text(at - 1) {
            out.push(Part::new(" ", Origin::spelled(given.site)));
        }
        out.push(given.written(at)?);
    }
    Ok(out.finish(given.site))
}

/// `%s`, `%v`, `%d`, `%q`, `%t` and `%x` with widths; what else there is is not known here.
pub(super) fn printf(given: &Arguments) -> Result<Part, Stop> {
    let format = given.text(0)?;
    let text = format.text.as_str();
    let mut out = Weaver::default();
    let (mut from, mut next) = (0, 1);
    while let Some(at) = text[from..].find('%').map(|at| from + at) {
        out.push(format.slice(from..at));
        let flags = &text[at + 1..];
        let len = flags.find(|c: char| !matches!(c, '-' | '+' | '0'..='9' | '.')).ok_or(Stop::Unknown)?;
        let verb = flags[len..].chars().next().ok_or(Stop::Unknown)?;
        if verb == '%' {
            out.push(format.slice(at + 1 + len..at + 2 + len));
        } else {
            let item = given.items.get(next).ok_or(Stop::Unknown)?;
            let part = one(item, verb, given)?;
            out.push(filled(part, &flags[..len], item)?);
            next += 1;
        }
        from = at + 1 + len + verb.len_utf8();
    }
    out.push(format.slice(from..text.len()));
    if next == given.items.len() { Ok(out.finish(format.span())) } else { Err(Stop::Unknown) }
}

fn one(item: &Item, verb: char, given: &Arguments) -> Result<Part, Stop> {
    let made = |text: String| Part::new(text, Origin::spelled(given.site));
    Ok(match (verb, item.kind()) {
        (_, Kind::Unknown) => return Err(Stop::Unknown),
        ('v', _) | ('s', Kind::Text) | ('d', Kind::Int(_)) | ('t', Kind::Bool(_)) => {
            item.written(given.site)?
        }
        ('s', Kind::List | Kind::Map) => return Err(Stop::Unknown),
        ('q', Kind::Text) => {
            let part = item.written(given.site)?;
            made(format!("\"{}\"", escaped(&part).text))
        }
        ('x', Kind::Int(number)) => made(format!("{number:x}")),
        // Go says what is wrong in the text itself, and goes on.
        (_, Kind::Int(number)) => made(format!("%!{verb}(int={number})")),
        (_, Kind::Float(_)) if matches!(verb, 'd' | 's') => {
            made(format!("%!{verb}(float64={})", item.written(given.site)?.text))
        }
        _ => return Err(Stop::Unknown),
    })
}

/// A text brought to its width.
fn filled(part: Part, flags: &str, item: &Item) -> Result<Part, Stop> {
    if flags.is_empty() {
        return Ok(part);
    }
    let (is_left, digits) = flags.strip_prefix('-').map_or((false, flags), |rest| (true, rest));
    const WIDEST: usize = 1_000;
    let width: usize = digits.parse().ok().filter(|width| *width <= WIDEST).ok_or(Stop::Unknown)?;
    let is_zero = digits.starts_with('0') && matches!(item.kind(), Kind::Int(0..));
    let missing = width.saturating_sub(part.text.chars().count());
    let space = Part::new(if is_zero { "0" } else { " " }.repeat(missing), Origin::spelled(part.span()));
    let mut out = Weaver::default();
    let (first, second) = if is_left { (part.clone(), space) } else { (space, part.clone()) };
    out.push(first);
    out.push(second);
    Ok(out.finish(part.span()))
}

/// A text as it is written between double quotes.
pub(super) fn escaped(part: &Part) -> Part {
    if !part.text.contains(|c: char| c.is_control() || matches!(c, '"' | '\\')) {
        return part.clone();
    }
    let mut out = String::new();
    for letter in part.text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            other => out.push(other),
        }
    }
    Part::new(out, Origin::spelled(part.span()))
}
