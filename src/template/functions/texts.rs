//! Functions over texts. A text that one makes of another keeps the places of what it keeps.

use super::table::{Arity::*, Function};
use crate::template::host::Call;
use crate::template::print;
use crate::template::rope::{Rope, Text, replaced};
use crate::template::stop::{Stop, fits};
use crate::template::value::{Given, TEXT_MAP, Value};
use std::ops::Range;

pub const FUNCTIONS: &[Function] = &[
    ("print", From(0), |call| text(print::print(&call.items, call.at, call.places()))),
    ("println", From(0), |call| text(print::println(&call.items, call.at, call.places()))),
    ("printf", From(1), |call| text(print::printf(&call.text(0)?, &call.items[1..], call.at, call.places()))),
    ("quote", From(0), |call| quoted(call, |text, call| print::quoted(text, call.at, call.places()))),
    ("squote", From(0), |call| {
        quoted(call, |text, call| {
            let mut rope = Rope::default();
            rope.push_made("'", call.at);
            rope.push(text);
            rope.push_made("'", call.at);
            rope.finish()
        })
    }),
    ("cat", From(0), |call| {
        joined(call, " ", (0..call.len()).filter(|at| !matches!(call.item(*at), Value::Nil)))
    }),
    ("hello", Is(0), |call| Ok(Value::Text(Text::new("Hello!", call.at)))),
    ("toString", Is(1), |call| text(call.written(0))),
    ("indent", Is(2), |call| indented(call, "")),
    ("nindent", Is(2), |call| indented(call, "\n")),
    ("replace", Is(3), replace),
    ("trim", Is(1), |call| kept(call, 0, |text| inner(text, char::is_whitespace, char::is_whitespace))),
    ("trimAll", Is(2), trim_all),
    ("trimall", Is(2), trim_all),
    ("trimPrefix", Is(2), |call| {
        let prefix = call.text(0)?;
        kept(call, 1, |text| {
            text.strip_prefix(prefix.as_str()).map_or(0, |rest| text.len() - rest.len())..text.len()
        })
    }),
    ("trimSuffix", Is(2), |call| {
        let suffix = call.text(0)?;
        kept(call, 1, |text| 0..text.strip_suffix(suffix.as_str()).map_or(text.len(), str::len))
    }),
    ("trunc", Is(2), truncated),
    ("substr", Is(3), substring),
    ("abbrev", Is(2), abbreviated),
    ("repeat", Is(2), repeated),
    ("nospace", Is(1), |call| {
        let text = call.text(0)?;
        let mut rope = Rope::default();
        for (at, letter) in text.as_str().char_indices().filter(|(_, letter)| !letter.is_whitespace()) {
            rope.push_slice(&text, at..at + letter.len_utf8());
        }
        Ok(Value::Text(rope.finish()))
    }),
    ("contains", Is(2), |call| asked(call, |text, wanted| text.contains(wanted))),
    ("hasPrefix", Is(2), |call| asked(call, |text, wanted| text.starts_with(wanted))),
    ("hasSuffix", Is(2), |call| asked(call, |text, wanted| text.ends_with(wanted))),
    ("plural", Is(3), |call| Ok(call.item(usize::from(call.int(2)? != 1)).clone())),
    ("join", Is(2), join),
    ("splitList", Is(2), |call| Ok(Value::texts(cut(call, &call.text(1)?, usize::MAX)?))),
    ("split", Is(2), |call| Ok(numbered(call, cut(call, &call.text(1)?, usize::MAX)?))),
    ("splitn", Is(3), |call| {
        let most = usize::try_from(call.int(1)?).unwrap_or(usize::MAX);
        Ok(numbered(call, if most == 0 { Vec::new() } else { cut(call, &call.text(2)?, most)? }))
    }),
    ("toStrings", Is(1), |call| Ok(Value::texts(strings(call, 0)?))),
    ("sortAlpha", Is(1), |call| {
        let mut texts = strings(call, 0)?;
        texts.sort();
        Ok(Value::texts(texts))
    }),
    ("wrap", Is(2), |call| wrapped(call, &call.text(1)?, "\n")),
    ("wrapWith", Is(3), |call| wrapped(call, &call.text(2)?, call.text(1)?.as_str())),
    ("html", From(0), |call| escaped(call, html)),
    ("js", From(0), |call| escaped(call, js)),
];

fn text(text: Result<Text, Stop>) -> Given {
    text.map(Value::Text)
}

/// A slice of an argument.
fn kept(call: &Call, at: usize, range: impl Fn(&str) -> Range<usize>) -> Given {
    let text = call.text(at)?;
    let range = range(text.as_str());
    Ok(Value::Text(text.slice(range)))
}

fn inner(text: &str, start: impl Fn(char) -> bool, end: impl Fn(char) -> bool) -> Range<usize> {
    let from = text.len() - text.trim_start_matches(start).len();
    from..from + text[from..].trim_end_matches(end).len()
}

fn trim_all(call: &Call) -> Given {
    let signs = call.text(0)?;
    let is_sign = |letter: char| signs.as_str().contains(letter);
    kept(call, 1, |text| inner(text, is_sign, is_sign))
}

/// The nearest place before a byte at which a text can be cut.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn truncated(call: &Call) -> Given {
    let count = call.int(0)?;
    kept(call, 1, |text| {
        let size = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
        match (count < 0, size < text.len()) {
            (true, true) => boundary(text, text.len() - size)..text.len(),
            (false, true) => 0..boundary(text, size),
            _ => 0..text.len(),
        }
    })
}

/// A text of so many letters at most, with points at its end if some are left out.
fn abbreviated(call: &Call) -> Given {
    let (width, text) = (call.int(0)?, call.text(1)?);
    let Some(width) = usize::try_from(width).ok().filter(|width| *width >= 4 && *width < text.len()) else {
        return Ok(Value::Text(text));
    };
    let mut rope = Rope::default();
    rope.push_slice(&text, 0..boundary(text.as_str(), width - 3));
    rope.push_made("...", call.at);
    Ok(Value::Text(rope.finish()))
}

fn substring(call: &Call) -> Given {
    let (start, end) = (call.int(0)?, call.int(1)?);
    let text = call.text(2)?;
    let len = text.len();
    let to = usize::try_from(end).ok().filter(|end| *end <= len);
    let range = match (usize::try_from(start), to) {
        (Err(_), to) => 0..to.unwrap_or(len),
        (Ok(start), None) => start..len,
        (Ok(start), Some(end)) => start..end,
    };
    if range.start > range.end {
        return Stop::refused("slice bounds out of range");
    }
    let range = boundary(text.as_str(), range.start)..boundary(text.as_str(), range.end);
    Ok(Value::Text(text.slice(range)))
}

fn repeated(call: &Call) -> Given {
    let (count, text) = (call.int(0)?, call.text(1)?);
    let Ok(count) = usize::try_from(count) else {
        return Stop::refused("strings: negative Repeat count");
    };
    fits(text.len().saturating_mul(count))?;
    let mut rope = Rope::default();
    if !text.is_empty() {
        (0..count).for_each(|_| rope.push(&text));
    }
    Ok(Value::Text(rope.finish()))
}

fn quoted(call: &Call, quote: fn(&Text, &Call) -> Text) -> Given {
    let mut rope = Rope::default();
    for at in (0..call.len()).filter(|at| !matches!(call.item(*at), Value::Nil)) {
        if rope.len() > 0 {
            rope.push_made(" ", call.at);
        }
        rope.push(&quote(&call.written(at)?, call));
        rope.fits()?;
    }
    Ok(Value::Text(rope.finish()))
}

fn joined(call: &Call, by: &str, items: impl Iterator<Item = usize>) -> Given {
    let mut rope = Rope::default();
    for (count, at) in items.enumerate() {
        rope.push_made(if count > 0 { by } else { "" }, call.at);
        rope.push(&call.written(at)?);
        rope.fits()?;
    }
    Ok(Value::Text(rope.finish()))
}

fn indented(call: &Call, before: &str) -> Given {
    let Ok(count) = usize::try_from(call.int(0)?) else {
        return Stop::refused("strings: negative Repeat count");
    };
    let text = call.text(1)?;
    let source = text.as_str();
    let lines = memchr::memchr_iter(b'\n', source.as_bytes()).count();
    fits(lines.saturating_mul(count).saturating_add(source.len()))?;
    fits(count)?;
    let blanks = " ".repeat(count);
    let mut rope = Rope::with_capacity(source.len() + (lines + 1) * count + 1);
    rope.push_made(before, call.at);
    rope.push_indented(&text, &blanks, call.at);
    Ok(Value::Text(rope.finish()))
}

fn replace(call: &Call) -> Given {
    let (old, new, text) = (call.text(0)?, call.text(1)?, call.text(2)?);
    let source = text.as_str();
    let found: Vec<Range<usize>> =
        source.match_indices(old.as_str()).map(|(at, found)| at..at + found.len()).collect();
    fits(found.len().saturating_mul(new.len()).saturating_add(source.len()))?;
    if old.is_empty() {
        // Go puts the new text between all letters.
        let made: String = source.replace("", new.as_str());
        return Ok(call.made(made, 2));
    }
    Ok(Value::Text(replaced(&text, found.into_iter(), &new)))
}

fn asked(call: &Call, test: fn(&str, &str) -> bool) -> Given {
    call.guess(1);
    Ok(Value::bool(test(call.text(1)?.as_str(), call.text(0)?.as_str())))
}

/// Anything as a list of texts: what is nothing in a list is left out.
pub fn strings(call: &Call, at: usize) -> Result<Vec<Text>, Stop> {
    let value = call.item(at);
    match (value, value.as_list()) {
        (Value::Nil, _) => Ok(Vec::new()),
        (_, Some(list)) => {
            let items = list.items.iter().filter(|item| !matches!(item, Value::Nil));
            items.map(|item| print::text(item, call.at, call.places())).collect()
        }
        _ => Ok(vec![call.written(at)?]),
    }
}

fn join(call: &Call) -> Given {
    let by = call.text(0)?;
    let mut rope = Rope::default();
    for (count, text) in strings(call, 1)?.iter().enumerate() {
        if count > 0 {
            rope.push(&by);
        }
        rope.push(text);
        rope.fits()?;
    }
    Ok(Value::Text(rope.finish()))
}

/// The pieces of a text, cut at the first argument.
fn cut(call: &Call, text: &Text, most: usize) -> Result<Vec<Text>, Stop> {
    let sign = call.text(0)?;
    let source = text.as_str();
    let mut out = Vec::new();
    let mut from = 0;
    if sign.is_empty() {
        let ends = source.char_indices().map(|(at, letter)| at + letter.len_utf8());
        for end in ends.take(most - 1) {
            out.push(text.slice(from..end));
            from = end;
        }
        if from < source.len() {
            out.push(text.slice(from..source.len()));
        }
    } else {
        for (at, found) in source.match_indices(sign.as_str()).take(most - 1) {
            out.push(text.slice(from..at));
            from = at + found.len();
        }
        out.push(text.slice(from..source.len()));
    }
    call.fits_values(out.len())?;
    Ok(out)
}

/// A map of pieces, under `_0`, `_1` and so on.
fn numbered(call: &Call, texts: Vec<Text>) -> Value {
    let entry = |(at, text)| (Text::new(format!("_{at}"), call.at), Value::Text(text));
    let entries = texts.into_iter().enumerate().map(entry).collect();
    let map = crate::template::value::Map::new(entries, call.at);
    Value::Map(crate::template::value::Map { type_name: TEXT_MAP, ..map })
}

/// Lines of at most so many letters: a line ends at a blank.
fn wrapped(call: &Call, text: &Text, by: &str) -> Given {
    let width = usize::try_from(call.int(0)?).unwrap_or(1).max(1);
    let source = text.as_str();
    let long = by != "\n";
    let mut out = String::new();
    let mut rest = source;
    while rest.chars().count() > width {
        let edge = rest.char_indices().nth(width).map_or(rest.len(), |(at, _)| at);
        if rest.starts_with(' ') {
            rest = &rest[1..];
            continue;
        }
        let behind = rest[edge..].chars().next().map_or(edge, |letter| edge + letter.len_utf8());
        let (line, next) = match (rest[..behind].rfind(' '), rest[edge..].find(' ')) {
            (Some(at), _) => (&rest[..at], &rest[at + 1..]),
            (None, _) if long => (&rest[..edge], &rest[edge..]),
            (None, Some(at)) => (&rest[..edge + at], &rest[edge + at + 1..]),
            (None, None) => break,
        };
        out.push_str(line);
        out.push_str(by);
        rest = next;
    }
    out.push_str(rest);
    Ok(Value::Text(Text::new(out, text.main_place(call.places()).or(call.at))))
}

fn escaped(call: &Call, escape: fn(char) -> Option<&'static str>) -> Given {
    let text = print::print(&call.items, call.at, call.places())?;
    let mut rope = Rope::default();
    for (at, letter) in text.as_str().char_indices() {
        match escape(letter) {
            Some(escape) => rope.push_made(escape, text.place_of(at..at + letter.len_utf8(), call.places())),
            None => rope.push_slice(&text, at..at + letter.len_utf8()),
        }
    }
    Ok(Value::Text(rope.finish()))
}

fn html(letter: char) -> Option<&'static str> {
    Some(match letter {
        '"' => "&#34;",
        '\'' => "&#39;",
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '\0' => "\u{fffd}",
        _ => return None,
    })
}

fn js(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\\' => "\\\\",
        '\'' => "\\'",
        '"' => "\\\"",
        '<' => "\\u003C",
        '>' => "\\u003E",
        '&' => "\\u0026",
        '=' => "\\u003D",
        '\n' => "\\u000A",
        '\r' => "\\u000D",
        '\t' => "\\u0009",
        _ => return None,
    })
}
