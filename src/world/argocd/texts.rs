//! Functions of templates over texts. A text that one makes of another keeps the places of what it keeps.

use super::arguments::Arguments;
use super::format;
use super::item::{Given, Item, Kind, Stop};
use crate::syntax::expand::Weaver;
use crate::text::{Origin, Part, Sha256, base64};
use regex::Regex;
use std::ops::Range;

pub(super) fn call(name: &str, given: &Arguments) -> Option<Given> {
    let item = |part: Result<Part, Stop>| part.map(|part| Item::text(&part));
    let text = || given.text(0);
    Some(match (name, given.items.len()) {
        ("lower", 1) => item(text().map(|part| cased(&part, str::to_lowercase))),
        ("upper", 1) => item(text().map(|part| cased(&part, str::to_uppercase))),
        ("title", 1) => item(text().map(|part| cased(&part, |text| capitals(text, char::to_uppercase)))),
        ("untitle", 1) => item(text().map(|part| cased(&part, |text| capitals(text, char::to_lowercase)))),
        ("normalize", 1) => item(text().map(|part| normalized(&part))),
        ("toString", 1) => item(given.written(0)),
        ("trim", 1) => item(text().map(|part| part.slice(inner(&part.text, char::is_whitespace)))),
        ("trimAll", 2) => item(trimmed(given)),
        ("trimPrefix" | "trimSuffix", 2) => item(without(given, name == "trimPrefix")),
        ("trunc", 2) => item(truncated(given)),
        ("substr", 3) => item(substring(given)),
        ("nospace", 1) => item(text().map(|part| without_blanks(&part))),
        ("repeat", 2) => item(repeated(given)),
        ("cat", _) => item(pieces(given, " ")),
        ("print", _) => item(format::print(given)),
        ("printf", 1..) => item(format::printf(given)),
        ("base", 1) => item(text().map(|part| base(&part))),
        ("dir", 1) => item(text().map(|part| folder(&part))),
        ("ext", 1) => item(text().map(|part| {
            let name = base(&part);
            let start = name.text.rfind('.').unwrap_or(name.text.len());
            name.slice(start..name.text.len())
        })),
        ("replace", 3) => item(replaced(given)),
        ("quote" | "squote", _) => item(quoted(given, name)),
        ("indent" | "nindent", 2) => item(indented(given, name == "nindent")),
        ("b64enc", 1) => item(text().map(|part| made(base64(part.text.as_bytes()), &part))),
        ("sha256sum", 1) => item(text().map(|part| {
            let mut sum = Sha256::default();
            sum.update(part.text.as_bytes());
            made(sum.finish().iter().map(|byte| format!("{byte:02x}")).collect::<String>(), &part)
        })),
        ("regexReplaceAll" | "regexReplaceAllLiteral" | "regexFind", 2 | 3) => item(by_regex(name, given)),
        _ => return None,
    })
}

/// What a text is asked.
pub(super) fn tests(name: &str, given: &Arguments) -> Option<Given> {
    let asked = |test: fn(&str, &str) -> bool| -> Given {
        let (wanted, text) = (given.text(0)?, given.text(1)?);
        Ok(Item::Bool(test(&text.text, &wanted.text)))
    };
    Some(match (name, given.items.len()) {
        ("contains", 2) => asked(|text, wanted| text.contains(wanted)),
        ("hasPrefix", 2) => asked(|text, wanted| text.starts_with(wanted)),
        ("hasSuffix", 2) => asked(|text, wanted| text.ends_with(wanted)),
        ("regexMatch", 2) => {
            given.text(1).and_then(|text| Ok(Item::Bool(regex(given)?.is_match(&text.text))))
        }
        _ => return None,
    })
}

/// So much of a text at once is not written.
fn not_too_long(times: usize, len: usize) -> Result<(), Stop> {
    const MOST: usize = 1 << 18;
    if times.saturating_mul(len) > MOST { Err(Stop::Unknown) } else { Ok(()) }
}

fn made(text: impl Into<String>, like: &Part) -> Part {
    Part::new(text.into(), Origin::spelled(like.span()))
}

fn cased(part: &Part, change: impl Fn(&str) -> String) -> Part {
    let text = change(&part.text);
    mapped(part, &text)
}

/// A text with another first letter in each word.
fn capitals<I: Iterator<Item = char>>(text: &str, change: fn(char) -> I) -> String {
    let mut out = String::new();
    let mut begins = true;
    for letter in text.chars() {
        if begins {
            out.extend(change(letter));
        } else {
            out.push(letter);
        }
        begins = !(letter.is_alphanumeric() || letter == '_' || letter == '\'');
    }
    out
}

/// A text that another became sign by sign: what stayed is in its place.
fn mapped(part: &Part, text: &str) -> Part {
    if text.len() != part.text.len() || !text.is_ascii() || !part.text.is_ascii() {
        return made(text, part);
    }
    let (old, new) = (part.text.as_bytes(), text.as_bytes());
    let mut out = Weaver::default();
    let mut from = 0;
    while from < new.len() {
        let stays = old[from] == new[from];
        let rest = (from..new.len()).find(|&at| (old[at] == new[at]) != stays);
        let to = rest.unwrap_or(new.len());
        let own = part.slice(from..to);
        out.push(if stays { own } else { made(&text[from..to], &own) });
        from = to;
    }
    out.finish(part.span())
}

/// The last name of a path.
pub(super) fn base(path: &Part) -> Part {
    let start = path.text.rfind('/').map_or(0, |at| at + 1);
    path.slice(start..path.text.len())
}

fn folder(path: &Part) -> Part {
    match path.text.rfind('/') {
        Some(0) => path.slice(0..1),
        Some(at) => path.slice(0..at),
        None => made(".", path),
    }
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

/// What is left of a text without such signs around it.
fn inner(text: &str, is_out: impl Fn(char) -> bool) -> Range<usize> {
    let start = text.find(|c| !is_out(c)).unwrap_or(text.len());
    let end = text.char_indices().rev().find(|(_, c)| !is_out(*c)).map_or(start, |(at, c)| at + c.len_utf8());
    start..end
}

fn trimmed(given: &Arguments) -> Result<Part, Stop> {
    let (signs, part) = (given.text(0)?, given.text(1)?);
    Ok(part.slice(inner(&part.text, |c| signs.text.contains(c))))
}

fn without(given: &Arguments, prefix: bool) -> Result<Part, Stop> {
    let (affix, part) = (given.text(0)?, given.text(1)?);
    let len = part.text.len();
    Ok(match prefix {
        true if part.text.starts_with(&*affix.text) => part.slice(affix.text.len()..len),
        false if part.text.ends_with(&*affix.text) => part.slice(0..len - affix.text.len()),
        _ => part,
    })
}

/// A piece of a text in bytes, as Go cuts it; half a letter is nothing that we can hold.
fn cut(part: &Part, range: Range<usize>) -> Result<Part, Stop> {
    part.text.get(range.clone()).ok_or(Stop::Unknown)?;
    Ok(part.slice(range))
}

fn truncated(given: &Arguments) -> Result<Part, Stop> {
    let (count, part) = (given.whole(0)?, given.text(1)?);
    let len = part.text.len();
    let size = usize::try_from(count.unsigned_abs()).unwrap_or(len).min(len);
    cut(&part, if count < 0 { len - size..len } else { 0..size })
}

fn substring(given: &Arguments) -> Result<Part, Stop> {
    let (start, end, part) = (given.whole(0)?, given.whole(1)?, given.text(2)?);
    let len = part.text.len();
    let end = usize::try_from(end).map_or(len, |end| end.min(len));
    cut(&part, usize::try_from(start).unwrap_or(0)..end)
}

fn without_blanks(part: &Part) -> Part {
    let mut out = Weaver::default();
    let mut from = 0;
    for (at, blank) in part.text.match_indices(char::is_whitespace) {
        out.push(part.slice(from..at));
        from = at + blank.len();
    }
    out.push(part.slice(from..part.text.len()));
    out.finish(part.span())
}

fn repeated(given: &Arguments) -> Result<Part, Stop> {
    let (count, part) = (given.whole(0)?, given.text(1)?);
    not_too_long(usize::try_from(count).unwrap_or(0), part.text.len())?;
    let mut out = Weaver::default();
    (0..count).for_each(|_| out.push(part.clone()));
    Ok(out.finish(part.span()))
}

/// All that is there, with a sign between.
fn pieces(given: &Arguments, sign: &str) -> Result<Part, Stop> {
    let mut out = Weaver::default();
    let there = given.items.iter().filter(|item| item.kind() != Kind::Nothing);
    for (at, item) in there.enumerate() {
        let part = item.written(given.site)?;
        if at > 0 {
            out.push(made(sign, &part));
        }
        out.push(part);
    }
    Ok(out.finish(given.site))
}

fn quoted(given: &Arguments, name: &str) -> Result<Part, Stop> {
    let mut out = Weaver::default();
    let there = given.items.iter().filter(|item| item.kind() != Kind::Nothing);
    for (at, item) in there.enumerate() {
        let part = item.written(given.site)?;
        if at > 0 {
            out.push(made(" ", &part));
        }
        let sign = if name == "quote" { "\"" } else { "'" };
        out.push(made(sign, &part));
        out.push(if name == "quote" { format::escaped(&part) } else { part.clone() });
        out.push(made(sign, &part));
    }
    Ok(out.finish(given.site))
}

fn replaced(given: &Arguments) -> Result<Part, Stop> {
    let (old, new, part) = (given.text(0)?, given.text(1)?, given.text(2)?);
    if old.text.is_empty() {
        return Err(Stop::Unknown);
    }
    not_too_long(part.text.matches(&*old.text).count(), new.text.len())?;
    let mut out = Weaver::default();
    let mut from = 0;
    for (at, found) in part.text.match_indices(&*old.text) {
        out.push(part.slice(from..at));
        out.push(new.clone());
        from = at + found.len();
    }
    out.push(part.slice(from..part.text.len()));
    Ok(out.finish(part.span()))
}

fn indented(given: &Arguments, on_a_new_line: bool) -> Result<Part, Stop> {
    let (count, part) = (given.whole(0)?, given.text(1)?);
    let width = usize::try_from(count).map_err(|_| Stop::Unknown)?;
    not_too_long(part.text.matches('\n').count() + 1, width)?;
    let margin = " ".repeat(width);
    let mut out = Weaver::default();
    out.push(made(if on_a_new_line { format!("\n{margin}") } else { margin.clone() }, &part));
    let mut from = 0;
    for (at, _) in part.text.match_indices('\n') {
        out.push(part.slice(from..at + 1));
        out.push(made(margin.as_str(), &part));
        from = at + 1;
    }
    out.push(part.slice(from..part.text.len()));
    Ok(out.finish(part.span()))
}

fn regex(given: &Arguments) -> Result<Regex, Stop> {
    Regex::new(&given.text(0)?.text).map_err(|_| Stop::Unknown)
}

fn by_regex(name: &str, given: &Arguments) -> Result<Part, Stop> {
    let (pattern, part) = (regex(given)?, given.text(1)?);
    let found = |range: Range<usize>| part.slice(range);
    if name == "regexFind" {
        return Ok(pattern.find(&part.text).map_or(made("", &part), |one| found(one.range())));
    }
    let new = given.text(2)?;
    not_too_long(pattern.find_iter(&part.text).count(), new.text.len())?;
    let mut out = Weaver::default();
    let mut from = 0;
    for captures in pattern.captures_iter(&part.text) {
        let Some(whole) = captures.get(0) else { continue };
        out.push(found(from..whole.start()));
        if name == "regexReplaceAll" && new.text.contains('$') {
            let mut text = String::new();
            captures.expand(&new.text, &mut text);
            out.push(made(text, &part));
        } else {
            out.push(new.clone());
        }
        from = whole.end();
    }
    out.push(found(from..part.text.len()));
    Ok(out.finish(part.span()))
}
