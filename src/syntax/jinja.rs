//! Jinja expressions, as far as they can be read without running them: names, quoted texts, `default(…)` and
//! `a if b else c`. Knows no variable; what it cannot read stays as written, marked as a hole.

use super::Node;
use super::expand::{Filling, Weaver, placed};
use super::forms;
use super::provide::{Answer, Known, Names};
use crate::limits::MOST_OF_JINJA;
use crate::text::{Hole, How, Part, Reason};
use std::ops::Range;

/// Puts values in place of `{{ … }}`. Values may hold expressions themselves.
pub fn fill(whole: &Part, names: &Names) -> Part {
    forms::marked(&text(whole, names)).into_owned()
}

/// Puts values in place of the expressions in all texts of a tree.
pub fn fill_tree(node: &Node, names: &Names) -> Node {
    forms::map_texts(node, &mut |part| Some(fill(part, names))).unwrap_or_else(|| node.clone())
}

/// The name, if the whole text is nothing but `{{ name }}`.
pub fn only_name(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    is_name(inner).then_some(inner)
}

/// The name that a text ends with, and what is before it: of `a:{{ b }}` these are `b` and `a:`.
pub fn last_name(text: &str) -> Option<(&str, &str)> {
    let at = text.rfind("{{")?;
    Some((&text[..at], only_name(&text[at..])?))
}

/// The names whose values get into a text: those in its expressions that are not only compared with something.
pub fn taken(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0)).flat_map(|inner| {
        let (before, rest) = inner.split_once(" if ").unwrap_or((inner, ""));
        let behind = rest.split_once(" else ").map_or("", |(_, behind)| behind);
        names_of(before).chain(names_of(behind))
    })
}

/// The names in an expression that nothing is compared with.
fn names_of(expression: &str) -> impl Iterator<Item = &str> {
    // Every other piece is within quotes.
    let pieces = expression.split(['\'', '"']).step_by(2);
    pieces.flat_map(|piece| {
        let is_other = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.');
        let words = piece.split(is_other).filter(|word| !word.is_empty());
        let is_compared = [" == ", " != ", " is ", " in "].iter().any(|sign| piece.contains(sign));
        words.filter(move |_| !is_compared).filter_map(|word| word.split('.').next())
    })
}

fn text(whole: &Part, names: &Names) -> Part {
    let text = whole.text.as_str();
    let mut out = Filling::of(whole);
    let mut at = 0;
    while let Some(found) = text[at..].find("{{") {
        let open = at + found;
        let Some(len) = text[open..].find("}}") else { break };
        at = open + len + 2;
        let inner = trimmed(whole, open + 2..at - 2);
        let site = whole.slice(open..at).span();
        let answer = match inner.text.len() <= MOST_OF_JINJA {
            true => value(&inner, names),
            false => {
                names.budget().refuse(site);
                Answer::Unknown(Reason::TooLong)
            }
        };
        let is_variable = is_name(&inner.text);
        let name = if is_variable { inner.text.as_str() } else { "" };
        match answer {
            Answer::Is(known) if names.budget().takes(out.len(), &known.value, site) => {
                out.put(open..at, placed(known, site));
            }
            Answer::Is(_) => out.hole(open..at, Hole::new(Reason::TooLong, name)),
            Answer::Nothing if is_variable => out.hole(open..at, Hole::new(Reason::Variable, name)),
            Answer::Nothing => out.hole(open..at, forms::hole(&text[open..at])),
            Answer::Unknown(Reason::Template) => out.hole(open..at, forms::hole(&text[open..at])),
            Answer::Unknown(why) => out.hole(open..at, Hole::new(why, name)),
        }
    }
    out.finish(whole.span())
}

/// What an expression stands for; nothing if a name in it has no value, or if it cannot be read.
fn value(expression: &Part, names: &Names) -> Answer {
    let text = expression.text.as_str();
    if is_name(text) {
        return names.answer(text, expression.span(), &|value| self::text(value, names));
    }
    if let Some(inner) = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'))
        && !inner.contains(['(', ')'])
    {
        return value(&trimmed(expression, 1..text.len() - 1), names);
    }
    if let Some(value) = quoted(expression) {
        return Answer::Is(Known { value, how: How::Template });
    }
    if let Some(at) = outside_quotes(text, " if ") {
        let (before, rest) = (trimmed(expression, 0..at), trimmed(expression, at + 4..text.len()));
        let Some(other) = outside_quotes(&rest.text, " else ") else { return Answer::Nothing };
        let (when, otherwise) = (trimmed(&rest, 0..other), trimmed(&rest, other + 6..rest.text.len()));
        return match holds(&when, names) {
            Some(true) => value(&before, names),
            Some(false) => value(&otherwise, names),
            None => Answer::Unknown(Reason::Template),
        };
    }
    for sign in [" ~ ", " + "] {
        if let Some(at) = outside_quotes(text, sign) {
            return joined(expression, [0..at, at + sign.len()..text.len()], names);
        }
    }
    outside_quotes(text, "|").map_or(Answer::Nothing, |at| filtered(expression, at, names))
}

/// Two expressions put together.
fn joined(expression: &Part, halves: [Range<usize>; 2], names: &Names) -> Answer {
    let mut out = Weaver::default();
    for range in halves {
        match value(&trimmed(expression, range), names) {
            Answer::Is(known) => out.push(placed(known, expression.span())),
            Answer::Nothing => return Answer::Unknown(Reason::Template),
            unknown => return unknown,
        }
    }
    Answer::Is(Known { value: out.finish(expression.span()), how: How::Template })
}

/// An expression with a filter behind the bar at `at`; only `default` is understood.
fn filtered(expression: &Part, at: usize, names: &Names) -> Answer {
    let filter = trimmed(expression, at + 1..expression.text.len());
    let call = ["default(", "d("].iter().find(|name| filter.text.starts_with(**name));
    let end = outside_quotes(&filter.text, ")").filter(|&end| end + 1 == filter.text.len());
    let (Some(call), Some(end)) = (call, end) else { return Answer::Unknown(Reason::Template) };
    let argument = trimmed(&filter, call.len()..end);
    let first = outside_quotes(&argument.text, ",").unwrap_or(argument.text.len());
    match value(&trimmed(expression, 0..at), names) {
        Answer::Nothing => match value(&trimmed(&argument, 0..first), names) {
            Answer::Is(known) => Answer::Is(Known { how: How::Default, ..known }),
            other => other,
        },
        known => known,
    }
}

/// Whether a condition holds, if it is one of a few simple ones.
fn holds(condition: &Part, names: &Names) -> Option<bool> {
    let text = condition.text.as_str();
    let read = |expression: &Part| match value(expression, names) {
        Answer::Is(known) => Some(known.value).filter(Part::is_known),
        _ => None,
    };
    for (sign, equal) in [(" == ", true), (" != ", false)] {
        if let Some(at) = outside_quotes(text, sign) {
            let (left, right) = (0..at, at + sign.len()..text.len());
            let same = read(&trimmed(condition, left))?.text == read(&trimmed(condition, right))?.text;
            return Some(same == equal);
        }
    }
    let (name, yes) = text
        .strip_prefix("not ")
        .map_or((0..text.len(), true), |name| (text.len() - name.len()..text.len(), false));
    let bar = condition.text[name.clone()].find('|').map_or(name.end, |bar| name.start + bar);
    match read(&trimmed(condition, name.start..bar))?.text.as_str() {
        "true" | "True" | "yes" => Some(yes),
        "false" | "False" | "no" => Some(!yes),
        _ => None,
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The text between two quotes of one kind, if that is all.
fn quoted(part: &Part) -> Option<Part> {
    let text = part.text.as_str();
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = text[1..].strip_suffix(quote)?;
    (!inner.contains([quote, '\\'])).then(|| part.slice(1..text.len() - 1))
}

fn outside_quotes(text: &str, wanted: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) => quote = Some(open).filter(|&open| open != c),
            None if text[at..].starts_with(wanted) => return Some(at),
            None if matches!(c, '\'' | '"') => quote = Some(c),
            None => {}
        }
    }
    None
}

fn trimmed(part: &Part, range: Range<usize>) -> Part {
    let text = &part.text[range.clone()];
    let start = range.start + (text.len() - text.trim_start().len());
    part.slice(start..start.max(range.start + text.trim_end().len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::provide::Budget;
    use crate::text::{Origin, SourceId, Span};

    #[test]
    fn expressions_read_as_far_as_they_can() {
        for (text, expected) in [
            ("a:{{ tag }}", "a:1.2"),
            ("{{reg}}b:{{ tag }}", "ghcr.io/b:1.2"),
            ("{{ 'localhost/' if build else reg }}b", "ghcr.io/b"),
            ("{{ 'x/' if not build else reg }}b", "x/b"),
            ("{{ 'x/' if build | bool else \"y/\" }}b", "y/b"),
            ("{{ 'x' if none else 'y' }}", "{{ 'x' if none else 'y' }}"),
            ("a:{{ none | default('9') }}", "a:9"),
            ("a:{{ none | default('9', true) }}", "a:9"),
            ("a:{{ tag | d('9') }}", "a:1.2"),
            ("a:{{ tag | upper }}", "a:{{ tag | upper }}"),
            ("a:{{ none }}{{ tag", "a:{{ none }}{{ tag"),
            ("{{ deep }}", "x:1.2"),
            ("{{ loop }}", "{{ loop }}"),
            ("{{ 'a|b' }}", "a|b"),
            ("{{ a.b }}:{{ c[0] }}", "{{ a.b }}:{{ c[0] }}"),
            ("{{ }}", "{{ }}"),
            ("{{ 'x' if tag == '1.2' else ('r-' + tag) }}", "x"),
            ("{{ 'x' if tag != '1.2' else ('r-' + tag) }}", "r-1.2"),
            ("{{ 'v' ~ tag ~ '-a' }}", "v1.2-a"),
            ("{{ 'x' if none == '1.2' else 'y' }}", "{{ 'x' if none == '1.2' else 'y' }}"),
        ] {
            let at = |text: &str, source, start| {
                Part::new(text, Origin::verbatim(Span::new(SourceId(source), start, start + text.len())))
            };
            let lookup = |name: &str| {
                let text = match name {
                    "tag" => "1.2",
                    "reg" => "{{ reg2 }}",
                    "reg2" => "ghcr.io/",
                    "build" => "false",
                    "deep" => "x:{{ tag }}",
                    "loop" => "{{ loop }}",
                    _ => return Answer::Nothing,
                };
                Answer::Is(Known { value: at(text, 1, 50), how: How::Substitution })
            };
            let budget = Budget::default();
            let got = fill(&at(text, 0, 10), &Names::asking(&lookup, &budget));
            assert_eq!(got.text, expected, "{text}");
        }
        assert_eq!(only_name(" {{ a_b }} "), Some("a_b"));
        assert_eq!(only_name("{{ a }}{{ b }}"), None);
        assert_eq!(only_name("{{ a.b }}"), None);
    }
}
