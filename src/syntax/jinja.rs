//! Jinja expressions, as far as they can be read without running them: names, quoted texts, `default(…)` and
//! `a if b else c`. Knows no variable; what it cannot read stays as written.

use super::expand::{Known, Weaver};
use crate::text::{How, Part};
use std::ops::Range;

/// Puts values in place of `{{ … }}`. `lookup` gives the value of a name, which may hold expressions itself.
pub fn fill(whole: &Part, lookup: &dyn Fn(&str) -> Option<Known>) -> Part {
    fill_at(whole, lookup, 0)
}

/// The name, if the whole text is nothing but `{{ name }}`.
pub fn only_name(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    is_name(inner).then_some(inner)
}

/// Values within values deeper than this are left as written.
const DEPTH: usize = 8;

fn fill_at(whole: &Part, lookup: &dyn Fn(&str) -> Option<Known>, depth: usize) -> Part {
    let text = whole.text.as_str();
    if depth > DEPTH || !text.contains("{{") {
        return whole.clone();
    }
    let mut out = Weaver::default();
    let (mut from, mut at) = (0, 0);
    while let Some(found) = text[at..].find("{{") {
        let open = at + found;
        let Some(len) = text[open..].find("}}") else { break };
        at = open + len + 2;
        let inner = trimmed(whole, open + 2..at - 2);
        if let Some(known) = value(&inner, lookup) {
            let site = whole.slice(open..at).span();
            out.push(whole.slice(from..open));
            let value = fill_at(&known.value, lookup, depth + 1);
            out.push(Part { text: value.text, origin: value.origin.via(known.how, site) });
            from = at;
        }
    }
    out.push(whole.slice(from..text.len()));
    out.finish(whole.span())
}

/// What an expression stands for.
fn value(expression: &Part, lookup: &dyn Fn(&str) -> Option<Known>) -> Option<Known> {
    let text = expression.text.as_str();
    if is_name(text) {
        return lookup(text);
    }
    if let Some(inner) = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'))
        && !inner.contains(['(', ')'])
    {
        return value(&trimmed(expression, 1..text.len() - 1), lookup);
    }
    if let Some(value) = quoted(expression) {
        return Some(Known { value, how: How::Template });
    }
    if let Some(at) = outside_quotes(text, " if ") {
        let (before, rest) = (trimmed(expression, 0..at), trimmed(expression, at + 4..text.len()));
        let other = outside_quotes(&rest.text, " else ")?;
        let (when, otherwise) = (trimmed(&rest, 0..other), trimmed(&rest, other + 6..rest.text.len()));
        return value(if holds(&when, lookup)? { &before } else { &otherwise }, lookup);
    }
    for sign in [" ~ ", " + "] {
        if let Some(at) = outside_quotes(text, sign) {
            let mut out = Weaver::default();
            for range in [0..at, at + sign.len()..text.len()] {
                let known = value(&trimmed(expression, range), lookup)?;
                out.push(Part {
                    origin: known.value.origin.via(known.how, expression.span()),
                    ..known.value
                });
            }
            return Some(Known { value: out.finish(expression.span()), how: How::Template });
        }
    }
    if let Some(at) = outside_quotes(text, "|") {
        let filter = trimmed(expression, at + 1..text.len());
        let call = ["default(", "d("].iter().find(|name| filter.text.starts_with(**name))?;
        let end = outside_quotes(&filter.text, ")").filter(|&end| end + 1 == filter.text.len())?;
        let argument = trimmed(&filter, call.len()..end);
        let first = outside_quotes(&argument.text, ",").unwrap_or(argument.text.len());
        let known = value(&trimmed(expression, 0..at), lookup);
        return known.or_else(|| {
            let known = value(&trimmed(&argument, 0..first), lookup)?;
            Some(Known { how: How::Default, ..known })
        });
    }
    None
}

/// Whether a condition holds, if it is one of a few simple ones.
fn holds(condition: &Part, lookup: &dyn Fn(&str) -> Option<Known>) -> Option<bool> {
    let text = condition.text.as_str();
    for (sign, equal) in [(" == ", true), (" != ", false)] {
        if let Some(at) = outside_quotes(text, sign) {
            let read = |range: Range<usize>| {
                let known = value(&trimmed(condition, range), lookup)?;
                Some(fill(&known.value, lookup).text).filter(|text| !text.contains("{{"))
            };
            return Some((read(0..at)? == read(at + sign.len()..text.len())?) == equal);
        }
    }
    let (name, yes) = text.strip_prefix("not ").map_or((text, true), |name| (name.trim(), false));
    let name = name.split('|').next().unwrap_or(name).trim();
    match lookup(name)?.value.text.as_str() {
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
                    _ => return None,
                };
                Some(Known { value: at(text, 1, 50), how: How::Substitution })
            };
            let got = fill(&at(text, 0, 10), &lookup);
            assert_eq!(got.text, expected, "{text}");
        }
        assert_eq!(only_name(" {{ a_b }} "), Some("a_b"));
        assert_eq!(only_name("{{ a }}{{ b }}"), None);
        assert_eq!(only_name("{{ a.b }}"), None);
    }
}
