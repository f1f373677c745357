//! `${NAME:-default}` and its relatives: puts values in place and keeps where every byte of the result was written.
//! Knows the forms, not where values come from; what has no value stays as it is written.

use crate::text::{How, Origin, Part, Span, Weave};

/// Whose rules hold: they differ in quotes, escapes and the doubled dollar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// Dockerfile: quotes are taken off, the escape character takes the next one literally.
    Docker { escape: char },
    /// Compose and dotenv: quotes are text, `$$` is a dollar.
    Compose,
}

/// A value and how it came to the place that uses it.
#[derive(Clone, Debug)]
pub struct Known {
    pub value: Part,
    pub how: How,
}

/// Puts values in place of names. `lookup` gives the value of a name, or nothing if it has none that is known:
/// then a default applies, and without one the form stays as written, a hole for whoever reads on.
pub fn expand(whole: &Part, dialect: Dialect, lookup: &dyn Fn(&str) -> Option<Known>) -> Part {
    expand_at(whole, dialect, lookup, 0)
}

/// A text growing from pieces, each with its own origin.
#[derive(Debug, Default)]
pub struct Weaver {
    text: String,
    weave: Weave,
    last: Option<Part>,
    pieces: usize,
}

impl Weaver {
    pub fn push(&mut self, part: Part) {
        if part.text.is_empty() {
            return;
        }
        self.text.push_str(&part.text);
        self.weave.push(part.text.len(), part.origin.clone());
        self.pieces += 1;
        self.last = Some(part);
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text put together; `whole` is where it stands, for those who ask for one place.
    pub fn finish(self, whole: Span) -> Part {
        match (self.pieces, self.last) {
            (0, _) => Part::new("", Origin::verbatim(Span { end: whole.start, ..whole })),
            (1, Some(only)) => only,
            _ => Part::new(self.text, Origin::woven(whole, self.weave)),
        }
    }
}

/// The length of a `${…}` or `{…}` with nested braces, counted from `open`, the place of its first brace.
pub(crate) fn closing_brace(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Deeper defaults within defaults than this are left as written.
const DEPTH: usize = 8;

fn expand_at(whole: &Part, dialect: Dialect, lookup: &dyn Fn(&str) -> Option<Known>, depth: usize) -> Part {
    let text = whole.text.as_str();
    let special = |c: char| match dialect {
        Dialect::Docker { escape } => c == '$' || c == '\'' || c == '"' || c == escape,
        Dialect::Compose => c == '$',
    };
    if depth > DEPTH || !text.contains(special) {
        return whole.clone();
    }
    let mut out = Weaver::default();
    let (mut from, mut at) = (0, 0);
    let mut double = false;
    while let Some(c) = text[at..].chars().next() {
        let next = text[at + c.len_utf8()..].chars().next();
        match (dialect, c) {
            (Dialect::Docker { .. }, '\'') if !double => {
                out.push(whole.slice(from..at));
                let end = text[at + 1..].find('\'').map_or(text.len(), |end| at + 1 + end);
                out.push(whole.slice(at + 1..end));
                at = (end + 1).min(text.len());
                from = at;
            }
            (Dialect::Docker { .. }, '"') => {
                out.push(whole.slice(from..at));
                double = !double;
                at += 1;
                from = at;
            }
            (Dialect::Docker { escape }, c) if c == escape => {
                // Within double quotes only what has a meaning there can be escaped.
                if let Some(next) =
                    next.filter(|&next| !double || matches!(next, '"' | '$') || next == escape)
                {
                    out.push(whole.slice(from..at));
                    from = at + c.len_utf8();
                    at = from + next.len_utf8();
                } else {
                    at += c.len_utf8();
                }
            }
            (Dialect::Compose, '$') if next == Some('$') => {
                out.push(whole.slice(from..at));
                from = at + 1;
                at += 2;
            }
            (_, '$') => {
                let Some((end, known)) = form(whole, at, dialect, lookup, depth) else {
                    at += 1;
                    continue;
                };
                if let Some(value) = known {
                    out.push(whole.slice(from..at));
                    out.push(value);
                    from = end;
                }
                at = end;
            }
            _ => at += c.len_utf8(),
        }
    }
    out.push(whole.slice(from..text.len()));
    out.finish(whole.span())
}

/// Reads the form that begins with the dollar at `at`: where it ends, and what it stands for if that is known.
fn form(
    whole: &Part,
    at: usize,
    dialect: Dialect,
    lookup: &dyn Fn(&str) -> Option<Known>,
    depth: usize,
) -> Option<(usize, Option<Part>)> {
    let text = whole.text.as_str();
    let rest = &text[at + 1..];
    let place = |known: Known, end: usize| {
        let site = whole.slice(at..end).span();
        Part { text: known.value.text, origin: known.value.origin.via(known.how, site) }
    };
    if !rest.starts_with('{') {
        let len = name_len(rest);
        let end = at + 1 + len;
        return (len > 0).then(|| (end, lookup(&rest[..len]).map(|known| place(known, end))));
    }
    let close = closing_brace(text, at + 1)?;
    let end = close + 1;
    let inner = &text[at + 2..close];
    let len = name_len(inner);
    let (name, operation) = inner.split_at(len);
    if name.is_empty() {
        return Some((end, None));
    }
    let known = lookup(name);
    let (operator, word_at) = match operation.as_bytes() {
        [] => return Some((end, known.map(|known| place(known, end)))),
        [b':', b'-' | b'+' | b'?' | b'=', ..] => (&operation[..2], at + 2 + len + 2),
        [b'-' | b'+' | b'?' | b'=', ..] => (&operation[..1], at + 2 + len + 1),
        _ => return Some((end, None)),
    };
    let counts = known.filter(|known| !operator.starts_with(':') || !known.value.text.is_empty());
    let word = || expand_at(&whole.slice(word_at..close), dialect, lookup, depth + 1);
    let nothing = || Part::new("", Origin::verbatim(whole.slice(at..at).span()));
    let value = match (operator.trim_start_matches(':'), counts) {
        ("-" | "=" | "?", Some(known)) => Some(place(known, end)),
        ("-" | "=", None) => Some(word()),
        ("+", Some(_)) => Some(word()),
        ("+", None) => Some(nothing()),
        _ => None,
    };
    Some((end, value))
}

fn name_len(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceId;

    #[test]
    fn forms_take_values_defaults_or_stay_holes() {
        let docker = Dialect::Docker { escape: '\\' };
        for (dialect, text, expected) in [
            (Dialect::Compose, "nginx:$TAG", "nginx:1.2"),
            (Dialect::Compose, "nginx:${TAG}-alpine", "nginx:1.2-alpine"),
            (Dialect::Compose, "${NONE:-nginx}:${TAG:-9}", "nginx:1.2"),
            (Dialect::Compose, "a:${EMPTY:-9}${EMPTY-8}", "a:9"),
            (Dialect::Compose, "a${EMPTY:+@${EMPTY}}${TAG:+@${TAG}}${TAG+!}", "a@1.2!"),
            (Dialect::Compose, "${NONE:?say it}/${TAG:?x}/${NONE?}", "${NONE:?say it}/1.2/${NONE?}"),
            (Dialect::Compose, "${A:-${B:-${TAG}}}", "1.2"),
            (Dialect::Compose, "$$TAG-$-${", "$TAG-$-${"),
            (Dialect::Compose, "\"$TAG\"", "\"1.2\""),
            (Dialect::Compose, "${NONE:=x}${1}${}", "x${1}${}"),
            (docker, "\"nginx:$TAG\"", "nginx:1.2"),
            (docker, "'nginx:$TAG'x", "nginx:$TAGx"),
            (docker, r"a\$TAG", "a$TAG"),
            (docker, r#""a\q\"$TAG"'b'"#, r#"a\q"1.2b"#),
            (docker, "${TAG%.*}${TAG", "${TAG%.*}${TAG"),
            (Dialect::Docker { escape: '`' }, r"c:\a`$", r"c:\a$"),
        ] {
            let span = Span::new(SourceId(0), 100, 100 + text.len());
            let elsewhere = |text: &str, at: usize| {
                let value = Part::new(text, Origin::verbatim(Span::new(SourceId(1), at, at + text.len())));
                Some(Known { value, how: How::Substitution })
            };
            let lookup = |name: &str| match name {
                "TAG" => elsewhere("1.2", 7),
                "EMPTY" => elsewhere("", 3),
                _ => None,
            };
            let whole = Part::new(text, Origin::verbatim(span));
            let got = expand(&whole, dialect, &lookup);
            assert_eq!(got.text, expected, "{text}");
            // Every byte of the result is one byte of the place it names.
            for at in 0..got.text.len() {
                if !got.text.is_char_boundary(at) || !got.text.is_char_boundary(at + 1) {
                    continue;
                }
                let piece = got.slice(at..at + 1);
                let place = piece.origin.editable().expect("one byte has one home");
                let home = match place.source {
                    SourceId(0) => &text[place.start as usize - 100..][..1],
                    _ => &"1.2"[place.start as usize - 7..][..1],
                };
                assert_eq!(home, piece.text, "{text} byte {at}");
            }
        }
    }

    #[test]
    fn a_value_knows_the_road_it_came() {
        let whole = Part::new("a:$T", Origin::verbatim(Span::new(SourceId(0), 10, 14)));
        let home = Span::new(SourceId(0), 2, 3);
        let lookup =
            |_: &str| Some(Known { value: Part::new("9", Origin::verbatim(home)), how: How::Default });
        let tag = expand(&whole, Dialect::Compose, &lookup).slice(2..3);
        assert_eq!(tag.origin.editable(), Some(home));
        assert_eq!(tag.origin.road().collect::<Vec<_>>(), [(How::Default, Span::new(SourceId(0), 12, 14))]);
    }
}
