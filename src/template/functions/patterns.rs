//! Functions with regular expressions. Go's and ours are written alike; what is found keeps its place.

use super::table::{Arity::*, Function};
use crate::limits::MOST_PATTERNS_KEPT;
use crate::template::host::Call;
use crate::template::rope::{Rope, Text};
use crate::template::stop::Stop;
use crate::template::value::{Given, Value};
use crate::text::Str;
use regex::Regex;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

pub const FUNCTIONS: &[Function] = &[
    // What is no expression matches nothing.
    ("regexMatch", Is(2), |call| {
        let (_, text) = (call.text(0)?, call.text(1)?);
        Ok(Value::bool(compiled(call).is_ok_and(|regex| regex.is_match(text.as_str()))))
    }),
    ("mustRegexMatch", Is(2), |call| Ok(Value::bool(compiled(call)?.is_match(call.text(1)?.as_str())))),
    ("regexFind", Is(2), find),
    ("mustRegexFind", Is(2), find),
    ("regexFindAll", Is(3), find_all),
    ("mustRegexFindAll", Is(3), find_all),
    ("regexReplaceAll", Is(3), |call| replace(call, true)),
    ("mustRegexReplaceAll", Is(3), |call| replace(call, true)),
    ("regexReplaceAllLiteral", Is(3), |call| replace(call, false)),
    ("mustRegexReplaceAllLiteral", Is(3), |call| replace(call, false)),
    ("regexSplit", Is(3), split),
    ("mustRegexSplit", Is(3), split),
    ("regexQuoteMeta", Is(1), |call| {
        let text = call.text(0)?;
        let mut rope = Rope::default();
        for (at, letter) in text.as_str().char_indices() {
            if "\\.+*?()|[]{}^$".contains(letter) {
                rope.push_made("\\", call.at);
            }
            rope.push_slice(&text, at..at + letter.len_utf8());
        }
        Ok(Value::Text(rope.finish()))
    }),
];

thread_local! {
    /// Expressions of this thread: a helper asks for the same one in every template.
    static KNOWN: RefCell<HashMap<Str, Rc<Regex>>> = RefCell::default();
}

/// An expression, with the room that it has for its searches: a copy of its own would have to make that anew.
fn compiled(call: &Call) -> Result<Rc<Regex>, Stop> {
    let pattern = call.text(0)?;
    if let Some(known) = KNOWN.with_borrow(|known| known.get(pattern.as_str()).cloned()) {
        return Ok(known);
    }
    let Ok(regex) = crate::text::patterns::regex(pattern.as_str()) else {
        return Stop::refused(format!("`{}` is no regular expression", pattern.as_str()));
    };
    let regex = Rc::new(regex);
    KNOWN.with_borrow_mut(|known| {
        if known.len() >= MOST_PATTERNS_KEPT {
            known.clear();
        }
        known.insert(pattern.text().clone(), regex.clone());
    });
    Ok(regex)
}

fn find(call: &Call) -> Given {
    let text = call.text(1)?;
    let found = compiled(call)?.find(text.as_str()).map_or(0..0, |found| found.range());
    Ok(Value::Text(text.slice(found)))
}

/// So many of what is found as is asked for; all, if that is less than nothing.
fn most(call: &Call) -> Result<usize, Stop> {
    Ok(usize::try_from(call.int(2)?).unwrap_or(usize::MAX))
}

fn find_all(call: &Call) -> Given {
    let text = call.text(1)?;
    let regex = compiled(call)?;
    let found: Vec<Text> =
        regex.find_iter(text.as_str()).take(most(call)?).map(|found| text.slice(found.range())).collect();
    call.fits_values(found.len())?;
    Ok(Value::texts(found))
}

fn split(call: &Call) -> Given {
    let text = call.text(1)?;
    let (regex, most) = (compiled(call)?, most(call)?);
    let (mut out, mut from) = (Vec::new(), 0);
    for found in regex.find_iter(text.as_str()) {
        if out.len() + 1 >= most {
            break;
        }
        if found.end() == 0 || (found.is_empty() && found.start() == text.len()) {
            continue;
        }
        out.push(text.slice(from..found.start()));
        from = found.end();
    }
    if most > 0 {
        out.push(text.slice(from..text.len()));
    }
    call.fits_values(out.len())?;
    Ok(Value::texts(out))
}

fn replace(call: &Call, expands: bool) -> Given {
    let (text, by) = (call.text(1)?, call.text(2)?);
    let regex = compiled(call)?;
    let expands = expands && by.as_str().contains('$');
    let mut rope = Rope::default();
    let mut from = 0;
    for captures in regex.captures_iter(text.as_str()) {
        let Some(found) = captures.get(0) else { continue };
        rope.push_slice(&text, from..found.start());
        if expands {
            let mut out = String::new();
            captures.expand(by.as_str(), &mut out);
            rope.push_made(&out, call.place(1));
        } else {
            rope.push(&by);
        }
        rope.fits()?;
        from = found.end();
    }
    rope.push_slice(&text, from..text.len());
    Ok(Value::Text(rope.finish()))
}
