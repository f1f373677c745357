//! `${NAME}` as Flux's `postBuild` fills it: defaults within defaults, string operators, `$$` for a dollar. Every
//! byte of the result keeps the place where it was written; what has no known value stays as it is written.

use super::expand::{Known, Weaver, closing_brace};
use crate::text::{Origin, Part};

/// What is known of a name.
#[derive(Clone, Debug)]
pub enum Answer {
    Is(Known),
    /// Nobody gives it a value: the tool puts nothing in its place.
    Nothing,
    /// Somebody may give it one, and nobody here can see it.
    Unknown,
}

/// Deeper defaults within defaults than this are left as written.
const DEPTH: usize = 8;

/// Whether a text has anything to fill.
pub fn has_forms(text: &str) -> bool {
    text.contains("${") || text.contains("$$")
}

/// The names that a text asks for without a default, each with its place.
pub fn bare_names(whole: &Part) -> Vec<Part> {
    let text = whole.text.as_str();
    let mut out = Vec::new();
    for (at, _) in text.match_indices("${") {
        let is_escaped = text[..at].ends_with('$');
        let inner = text[at + 2..].split('}').next().filter(|inner| is_name(inner));
        if let (false, Some(name)) = (is_escaped, inner) {
            out.push(whole.slice(at + 2..at + 2 + name.len()));
        }
    }
    out
}

/// Fills a text. Nothing if a form in it is none that the tool understands: it refuses the whole object then.
pub fn fill(whole: &Part, lookup: &dyn Fn(&str) -> Answer) -> Option<Part> {
    fill_at(whole, lookup, 0)
}

fn fill_at(whole: &Part, lookup: &dyn Fn(&str) -> Answer, depth: usize) -> Option<Part> {
    let text = whole.text.as_str();
    if depth > DEPTH || !has_forms(text) {
        return Some(whole.clone());
    }
    let mut out = Weaver::default();
    // The first value that was put in decides what the text is, and is where it is told.
    let mut decided = None;
    let (mut from, mut at) = (0, 0);
    while let Some(found) = text[at..].find('$') {
        let dollar = at + found;
        match text.as_bytes().get(dollar + 1) {
            Some(b'$') => {
                out.push(whole.slice(from..dollar));
                from = dollar + 1;
                at = dollar + 2;
            }
            Some(b'{') => {
                let close = closing_brace(text, dollar + 1)?;
                let value = form(whole, dollar, close, lookup, depth)?;
                if let Some(value) = value {
                    out.push(whole.slice(from..dollar));
                    decided.get_or_insert(value.span());
                    out.push(value);
                    from = close + 1;
                }
                at = close + 1;
            }
            _ => at = dollar + 1,
        }
    }
    out.push(whole.slice(from..text.len()));
    Some(out.finish(decided.unwrap_or(whole.span())))
}

/// The value of one form. The outer nothing: the tool refuses it. The inner: nobody here knows.
#[allow(clippy::option_option)] // the two are told apart where they are made and where they are read
fn form(
    whole: &Part,
    dollar: usize,
    close: usize,
    lookup: &dyn Fn(&str) -> Answer,
    depth: usize,
) -> Option<Option<Part>> {
    let inner = &whole.text[dollar + 2..close];
    let site = whole.slice(dollar..close + 1);
    let empty = || Part::new("", Origin::spelled(site.span()));
    let place = |known: Known| Part {
        text: known.value.text,
        origin: known.value.origin.via(known.how, site.span()),
    };
    if let Some(name) = inner.strip_prefix('#') {
        let value = match lookup(is_name(name).then_some(name)?) {
            Answer::Is(known) => known.value,
            Answer::Nothing => empty(),
            Answer::Unknown => return Some(None),
        };
        // In bytes, as the tool counts.
        let count = value.text.len().to_string();
        return Some(Some(Part::new(count, Origin::spelled(value.span()))));
    }
    let len = inner.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    let (name, operation) = inner.split_at(len);
    if !is_name(name) {
        return None;
    }
    let argument = |from: usize| whole.slice(dollar + 2 + len + from..close);
    let default = |from: usize| fill_at(&argument(from), lookup, depth + 1).map(Some);
    let answer = lookup(name);
    let sign = operation.as_bytes();
    match sign {
        // All four ask for something that is there and not empty.
        [b':', b'-' | b'=' | b'+' | b'?', ..] => match answer {
            Answer::Is(known) if !known.value.text.is_empty() => Some(Some(place(known))),
            Answer::Is(_) | Answer::Nothing => default(2),
            Answer::Unknown => Some(None),
        },
        [b'=', ..] => match answer {
            Answer::Is(known) if !known.value.text.is_empty() => Some(Some(place(known))),
            Answer::Is(_) | Answer::Nothing => default(1),
            Answer::Unknown => Some(None),
        },
        _ => {
            let value = match answer {
                Answer::Is(known) => place(known),
                Answer::Nothing => empty(),
                Answer::Unknown => return Some(None),
            };
            changed(&value, operation).map(Some)
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A value after an operator: cut, trimmed, replaced, in other letters.
fn changed(value: &Part, operation: &str) -> Option<Part> {
    let text = value.text.as_str();
    let spelled = |text: String| Part::new(text, Origin::spelled(value.span()));
    let first = |upper: bool| {
        let mut letters = text.chars();
        let head: String = match letters.next() {
            Some(letter) if upper => letter.to_uppercase().collect(),
            Some(letter) => letter.to_lowercase().collect(),
            None => String::new(),
        };
        head + letters.as_str()
    };
    let out = match operation {
        "" => value.clone(),
        "^^" => spelled(text.to_uppercase()),
        "^" => spelled(first(true)),
        ",," => spelled(text.to_lowercase()),
        "," => spelled(first(false)),
        _ => {
            if let Some(range) = operation.strip_prefix(':') {
                return Some(cut(value, range));
            }
            if let Some(pattern) = operation.strip_prefix("##") {
                return Some(without(value, pattern, true, true));
            }
            if let Some(pattern) = operation.strip_prefix('#') {
                return Some(without(value, pattern, true, false));
            }
            if let Some(pattern) = operation.strip_prefix("%%") {
                return Some(without(value, pattern, false, true));
            }
            if let Some(pattern) = operation.strip_prefix('%') {
                return Some(without(value, pattern, false, false));
            }
            let replacing = operation.strip_prefix('/')?;
            let (how, rest) = match replacing.as_bytes().first() {
                Some(b'/' | b'#' | b'%') => replacing.split_at(1),
                _ => ("", replacing),
            };
            let slashes = rest.match_indices('/').map(|(at, _)| at);
            let at = slashes.into_iter().find(|&at| !rest[..at].ends_with('\\'))?;
            let (old, new) = (rest[..at].replace("\\/", "/"), &rest[at + 1..]);
            let old = old.as_str();
            spelled(match how {
                "/" => text.replace(old, new),
                "#" => text.strip_prefix(old).map_or(text.into(), |rest| format!("{new}{rest}")),
                "%" => text.strip_suffix(old).map_or(text.into(), |rest| format!("{rest}{new}")),
                _ => text.replacen(old, new, 1),
            })
        }
    };
    Some(out)
}

/// `:offset` and `:offset:length`; what lies outside is left out. What is no number cuts nothing.
fn cut(value: &Part, range: &str) -> Part {
    let (offset, length) =
        range.split_once(':').map_or((range, None), |(offset, length)| (offset, Some(length)));
    let letters: Vec<usize> =
        value.text.char_indices().map(|(at, _)| at).chain(std::iter::once(value.text.len())).collect();
    let count = letters.len() - 1;
    let Ok(from) = offset.parse::<i64>() else { return value.clone() };
    let from = if from < 0 { count.saturating_sub(from.unsigned_abs() as usize) } else { from as usize };
    let to = match length {
        None => count,
        Some(length) => match length.parse::<i64>() {
            Err(_) => return value.clone(),
            Ok(length) if length < 0 => count.saturating_sub(length.unsigned_abs() as usize),
            Ok(length) => from.saturating_add(length as usize),
        },
    };
    let (from, to) = (from.min(count), to.min(count));
    value.slice(letters[from]..letters[to.max(from)])
}

/// A value without the part at one end that a pattern fits: the shortest, or the longest.
fn without(value: &Part, pattern: &str, front: bool, longest: bool) -> Part {
    let text = value.text.as_str();
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len())).collect();
    // Each star may stand for anything: more of them than this are not tried out.
    const MOST_STARS: usize = 3;
    let is_simple = pattern.matches('*').count() <= MOST_STARS;
    let fits = |at: &&usize| is_simple && fits(pattern, if front { &text[..**at] } else { &text[**at..] });
    let from_start = front != longest;
    let found = if from_start { ends.iter().find(fits) } else { ends.iter().rev().find(fits) };
    match found {
        Some(&at) if front => value.slice(at..text.len()),
        Some(&at) => value.slice(0..at),
        None => value.clone(),
    }
}

/// Whether a shell pattern (`*`, `?`) fits the whole text.
fn fits(pattern: &str, text: &str) -> bool {
    let mut letters = pattern.chars();
    match letters.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = letters.as_str();
            (0..=text.len()).filter(|&at| text.is_char_boundary(at)).any(|at| fits(rest, &text[at..]))
        }
        Some('?') => text.chars().next().is_some_and(|c| fits(letters.as_str(), &text[c.len_utf8()..])),
        Some(letter) => text.strip_prefix(letter).is_some_and(|rest| fits(letters.as_str(), rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{How, SourceId, Span};

    fn filled(text: &str) -> Option<String> {
        let whole = Part::new(text, Origin::verbatim(Span::new(SourceId(0), 0, text.len())));
        let lookup = |name: &str| {
            let value = match name {
                "A" => "apple",
                "EMPTY" => "",
                "PATH" => "/usr/local/bin",
                "UMLAUT" => "Über",
                "SECRET" => return Answer::Unknown,
                _ => return Answer::Nothing,
            };
            let value = Part::new(value, Origin::verbatim(Span::new(SourceId(1), 0, value.len())));
            Answer::Is(Known { value, how: How::Substitution })
        };
        fill(&whole, &lookup).map(|part| part.text.to_string())
    }

    #[test]
    fn forms_are_those_of_the_tool() {
        for (text, expected) in [
            ("x-${A}-y", "x-apple-y"),
            ("$A ${NONE}.", "$A ."),
            ("$${A} $$", "${A} $"),
            ("${NONE:-d} ${NONE:=e} ${EMPTY:-f} ${EMPTY=g} ${NONE:?h}", "d e f g h"),
            ("${NONE:-${A}} ${NONE:-${NONE:=${A}s}}", "apple apples"),
            ("${SECRET} ${SECRET:-x}", "${SECRET} ${SECRET:-x}"),
            ("${#A} ${#NONE}", "5 0"),
            ("${A^} ${A^^} ${A,} ${A,,}", "Apple APPLE apple apple"),
            ("${A:1} ${A:1:2} ${A:9} ${A:-x} ${A:1:-1}", "pple pp  apple ppl"),
            ("${A:x} ${A: -2} ${A:1:x}", "apple apple apple"),
            ("[${1A}] $${1A}", "[] ${1A}"),
            ("${PATH/\\//-} ${PATH//\\//-}", "-usr/local/bin -usr-local-bin"),
            ("${#UMLAUT} ${UMLAUT,} ${UMLAUT^}", "5 über Über"),
            ("${PATH#*/} ${PATH##*/} ${PATH%/*} ${PATH%%/*}", "usr/local/bin bin /usr/local "),
            ("${A/p/b} ${A//p/b} ${A/#a/b} ${A/%e/b}", "abple abble bpple applb"),
        ] {
            assert_eq!(filled(text).as_deref(), Some(expected), "{text}");
        }
        for refused in ["${A", "${}", "${A?x}", "${A-x}"] {
            assert_eq!(filled(refused), None, "{refused}");
        }
    }
}
