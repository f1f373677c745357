//! The functions of Go's templates that sets mostly use. A text that one makes of another keeps the places of what it
//! keeps.

use super::super::edit;
use super::is_zero;
use crate::syntax::Node;
use crate::syntax::expand::Weaver;
use crate::text::{Origin, Part, Span};

/// Why an action is not filled.
pub(super) enum Stop {
    Unknown,
    /// A value that the generator does not give.
    Absent(String),
}

/// A value on its way through an action.
#[derive(Clone)]
pub(super) enum Item {
    Node(Node),
    Number(i64),
    /// A field that is not there, by name.
    Absent(String),
}

/// What a value looks like when it is written.
pub(super) fn written(item: Item, site: Span) -> Result<Part, Stop> {
    match item {
        Item::Node(node) => node.part().ok_or(Stop::Unknown),
        Item::Number(number) => Ok(Part::new(number.to_string(), Origin::spelled(site))),
        Item::Absent(name) => Err(Stop::Absent(name)),
    }
}

/// The functions that sets mostly use.
pub(super) fn call(name: &str, arguments: Vec<Item>) -> Result<Item, Stop> {
    let text = |at: usize| -> Result<Part, Stop> {
        match arguments.get(at) {
            Some(Item::Node(node)) => node.part().ok_or(Stop::Unknown),
            Some(Item::Absent(name)) => Err(Stop::Absent(name.clone())),
            _ => Err(Stop::Unknown),
        }
    };
    let number = |at: usize| match arguments.get(at) {
        Some(Item::Number(number)) => Ok(*number),
        _ => Err(Stop::Unknown),
    };
    let item = |part: Part| Ok(Item::Node(edit::text(&part)));
    match (name, arguments.len()) {
        ("default", 2) => {
            let is_empty = match &arguments[1] {
                Item::Node(node) => is_zero(node),
                Item::Number(number) => *number == 0,
                Item::Absent(_) => true,
            };
            Ok(arguments[usize::from(!is_empty)].clone())
        }
        ("index", 2..) => {
            let mut keys = arguments.iter().skip(1);
            let Some(Item::Node(first)) = arguments.first() else { return Err(Stop::Unknown) };
            let found = keys.try_fold(first, |node, key| match key {
                Item::Number(at) => node.items().get(usize::try_from(*at).ok()?),
                Item::Node(key) => node.get(key.text()?),
                Item::Absent(_) => None,
            });
            found.map(|node| Item::Node(node.clone())).ok_or_else(|| Stop::Absent("index".into()))
        }
        ("dig", 3..) => {
            let Some((Item::Node(from), rest)) = arguments.split_last() else { return Err(Stop::Unknown) };
            let Some((fallback, keys)) = rest.split_last() else { return Err(Stop::Unknown) };
            let found = keys.iter().try_fold(from, |node, key| match key {
                Item::Node(key) => node.get(key.text()?),
                _ => None,
            });
            Ok(found.map_or_else(|| fallback.clone(), |node| Item::Node(node.clone())))
        }
        ("lower", 1) => item(cased(text(0)?, str::to_lowercase)),
        ("upper", 1) => item(cased(text(0)?, str::to_uppercase)),
        ("normalize", 1) => item(normalized(&text(0)?)),
        ("toString", 1) => item(text(0)?),
        ("trim", 1) => {
            let part = text(0)?;
            let start = part.text.len() - part.text.trim_start().len();
            item(part.slice(start..start + part.text.trim().len()))
        }
        ("trimPrefix", 2) => {
            let (prefix, part) = (text(0)?, text(1)?);
            let start = if part.text.starts_with(&*prefix.text) { prefix.text.len() } else { 0 };
            item(part.slice(start..part.text.len()))
        }
        ("trimSuffix", 2) => {
            let (suffix, part) = (text(0)?, text(1)?);
            let cut = if part.text.ends_with(&*suffix.text) { suffix.text.len() } else { 0 };
            item(part.slice(0..part.text.len() - cut))
        }
        ("trunc", 2) => {
            let (count, part) = (number(0)?, text(1)?);
            let len = part.text.len();
            let size = usize::try_from(count.unsigned_abs()).unwrap_or(len).min(len);
            let range = if count < 0 { len - size..len } else { 0..size };
            if !part.text.is_char_boundary(range.start) || !part.text.is_char_boundary(range.end) {
                return Err(Stop::Unknown);
            }
            item(part.slice(range))
        }
        ("base", 1) => item(base(&text(0)?)),
        ("replace", 3) => {
            let (old, new, part) = (text(0)?, text(1)?, text(2)?);
            if old.text.is_empty() {
                return Err(Stop::Unknown);
            }
            let mut out = Weaver::default();
            let mut from = 0;
            for (at, found) in part.text.match_indices(&*old.text) {
                out.push(part.slice(from..at));
                out.push(new.clone());
                from = at + found.len();
            }
            out.push(part.slice(from..part.text.len()));
            item(out.finish(part.span()))
        }
        ("quote" | "squote", 1) => {
            let part = text(0)?;
            let sign = if name == "quote" { '"' } else { '\'' };
            if part.text.contains(['"', '\\', '\n']) && sign == '"' {
                return Err(Stop::Unknown);
            }
            let mark = || Part::new(sign.to_string(), Origin::spelled(part.span()));
            let mut out = Weaver::default();
            [mark(), part.clone(), mark()].into_iter().for_each(|piece| out.push(piece));
            item(out.finish(part.span()))
        }
        ("printf", 1..) => {
            let format = text(0)?;
            let mut out = Weaver::default();
            let (mut from, mut next) = (0, 1);
            while let Some(at) = format.text[from..].find('%').map(|at| from + at) {
                out.push(format.slice(from..at));
                match format.text.as_bytes().get(at + 1) {
                    Some(b's' | b'v' | b'd') => {
                        let argument = arguments.get(next).cloned().ok_or(Stop::Unknown)?;
                        out.push(written(argument, format.span())?);
                        next += 1;
                    }
                    Some(b'%') => out.push(format.slice(at..at + 1)),
                    _ => return Err(Stop::Unknown),
                }
                from = at + 2;
            }
            out.push(format.slice(from..format.text.len()));
            if next != arguments.len() { Err(Stop::Unknown) } else { item(out.finish(format.span())) }
        }
        _ => Err(Stop::Unknown),
    }
}

fn cased(part: Part, change: fn(&str) -> String) -> Part {
    let text = change(&part.text);
    mapped(&part, &text)
}

/// A text that another became sign by sign: what stayed is in its place.
fn mapped(part: &Part, text: &str) -> Part {
    if text.len() != part.text.len() || !text.is_ascii() || !part.text.is_ascii() {
        return Part::new(text, Origin::spelled(part.span()));
    }
    let (old, new) = (part.text.as_bytes(), text.as_bytes());
    let mut out = Weaver::default();
    let mut from = 0;
    while from < new.len() {
        let stays = old[from] == new[from];
        let rest = (from..new.len()).find(|&at| (old[at] == new[at]) != stays);
        let to = rest.unwrap_or(new.len());
        let own = part.slice(from..to);
        out.push(if stays { own } else { Part::new(&text[from..to], Origin::spelled(own.span())) });
        from = to;
    }
    out.finish(part.span())
}

/// The last name of a path.
pub(super) fn base(path: &Part) -> Part {
    let start = path.text.rfind('/').map_or(0, |at| at + 1);
    path.slice(start..path.text.len())
}

/// A name as the tool makes names of what is none.
pub(super) fn normalized(part: &Part) -> Part {
    const MOST: usize = 253;
    let sign = |c: char| {
        if c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.') { c } else { '-' }
    };
    let text: String = part.text.to_lowercase().chars().map(sign).take(MOST).collect();
    mapped(part, text.trim_matches(['-', '.']))
}
