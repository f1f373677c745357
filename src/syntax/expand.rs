//! `${NAME:-default}` and its relatives: puts values in place and keeps where every byte of the result was written.
//! Knows the forms, not where values come from; what has no value stays as it is written, marked as a hole.

use super::Node;
use super::forms::{self, Braces};
use super::provide::{Answer, Budget, Known, Names};
use crate::limits::DEEPEST_EXPANSION;
use crate::text::{Hole, How, Origin, Part, Reason, Span, Weave};
use std::ops::Range;

/// Whose rules hold: they differ in quotes, in escapes and in what stands between the braces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// Dockerfile: quotes are taken off, the escape character takes the next one literally.
    Docker { escape: char },
    /// Compose, dotenv and GitLab: quotes are text, `$$` is a dollar.
    Compose,
    /// Terraform and its relatives: `${expression}`, and `$${` is `${`.
    Hcl,
    /// Workflows: `${{ expression }}`.
    Workflow,
}

/// Puts values in place of forms. Where a name has no value that is known, a default applies; without one the form
/// stays as written and is a hole.
pub fn expand(whole: &Part, dialect: Dialect, names: &Names) -> Part {
    // What templates write into the same text is no matter of variables.
    forms::marked(&fill(whole, dialect, names)).into_owned()
}

/// The same for a text in which other signs have a meaning of their own, as in a script.
pub fn fill(whole: &Part, dialect: Dialect, names: &Names) -> Part {
    Expansion { dialect, names }.text(whole, 0)
}

/// Puts values in place of the forms in all texts of a tree.
pub fn expand_tree(node: &Node, dialect: Dialect, names: &Names) -> Node {
    forms::map_texts(node, &mut |part| Some(expand(part, dialect, names))).unwrap_or_else(|| node.clone())
}

/// Puts values in place of the forms between two signs, as `answer` knows them; nothing if it knows none. Forms that are
/// left are marked.
pub fn put(
    whole: &Part,
    (open, close): (&str, &str),
    budget: &Budget,
    answer: &dyn Fn(&str) -> Option<(Part, How)>,
) -> Option<Part> {
    let bare = Part { origin: whole.origin.unmarked().into_owned(), ..whole.clone() };
    let (mut out, mut from, mut is_changed) = (Weaver::default(), 0, false);
    while let Some(at) = bare.text[from..].find(open).map(|at| from + at) {
        let inner = at + open.len();
        let Some(end) = bare.text[inner..].find(close).map(|end| inner + end) else { break };
        out.push(bare.slice(from..at));
        from = end + close.len();
        let site = bare.slice(at..from);
        // An empty value costs nothing, and may be asked for without end.
        match answer(bare.text[inner..end].trim()).filter(|(value, _)| !value.text.is_empty()) {
            Some((value, how)) => {
                if !budget.takes(out.len(), &value, site.span()) {
                    return None;
                }
                is_changed = true;
                out.push(Part { origin: value.origin.via(how, site.span()), text: value.text });
            }
            None => out.push(site),
        }
    }
    out.push(bare.slice(from..bare.text.len()));
    is_changed.then(|| forms::marked(&out.finish(whole.span())).into_owned())
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

    pub fn len(&self) -> usize {
        self.text.len()
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

/// A text of which some ranges are replaced and others found to be holes, from its start to its end.
#[derive(Debug)]
pub(super) struct Filling<'a> {
    whole: &'a Part,
    out: Weaver,
    holes: Vec<(Range<usize>, Hole)>,
    /// How far the text was taken over.
    from: usize,
    is_changed: bool,
}

impl<'a> Filling<'a> {
    pub(super) fn of(whole: &'a Part) -> Filling<'a> {
        Filling { whole, out: Weaver::default(), holes: Vec::new(), from: 0, is_changed: false }
    }

    /// How many bytes there are so far.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Puts a value in place of a range.
    pub(super) fn put(&mut self, range: Range<usize>, value: Part) {
        self.out.push(self.whole.slice(self.from..range.start));
        self.out.push(value);
        self.from = range.end;
        self.is_changed = true;
    }

    /// Leaves a range out.
    pub(super) fn skip(&mut self, range: Range<usize>) {
        self.out.push(self.whole.slice(self.from..range.start));
        self.from = range.end;
        self.is_changed = true;
    }

    /// Takes a range over as a text in which no form begins.
    pub(super) fn literal(&mut self, range: Range<usize>) {
        let part = self.whole.slice(range.clone());
        self.put(range, Part { origin: part.origin.as_literal(), ..part });
    }

    /// Takes a range over as a hole.
    pub(super) fn hole(&mut self, range: Range<usize>, hole: Hole) {
        let part = self.whole.slice(range.clone());
        self.out.push(self.whole.slice(self.from..range.start));
        self.out.push(Part { origin: part.origin.as_hole(hole.clone()), ..part });
        self.from = range.end;
        self.holes.push((range, hole));
    }

    /// The text; of one in which nothing was replaced, the text as it was with its holes. `site` is where a text of
    /// several places is told.
    pub(super) fn finish(mut self, site: Span) -> Part {
        if !self.is_changed {
            return self.whole.with_holes(&self.holes);
        }
        self.out.push(self.whole.slice(self.from..self.whole.text.len()));
        self.out.finish(site)
    }
}

/// What a form stands for.
enum Form {
    Value(Part),
    Hole(Hole),
}

struct Expansion<'a> {
    dialect: Dialect,
    names: &'a Names<'a>,
}

impl Expansion<'_> {
    /// Fills a text; `depth` counts the defaults around it.
    fn text(&self, whole: &Part, depth: usize) -> Part {
        let text = whole.text.as_str();
        let special = |c: char| match self.dialect {
            Dialect::Docker { escape } => c == '$' || c == '\'' || c == '"' || c == escape,
            Dialect::Hcl => c == '$' || c == '%',
            Dialect::Compose | Dialect::Workflow => c == '$',
        };
        let Some(first) = text.find(special) else { return whole.clone() };
        if depth > DEEPEST_EXPANSION {
            self.names.budget().refuse(whole.span());
            return whole.with_holes(&[(0..text.len(), Hole::new(Reason::TooLong, ""))]);
        }
        let braces = Braces::of(text);
        let settled = whole.settled();
        let mut out = Filling::of(whole);
        let (mut at, mut quoted) = (first, false);
        while let Some(c) = text[at..].chars().next() {
            let next = settled.partition_point(|range| range.end <= at);
            at = match settled.get(next).filter(|range| range.start <= at) {
                // It was read before: a hole stays one, and what an escape wrote is no form.
                Some(range) => range.end,
                None => match self.sign(&mut out, at, &mut quoted) {
                    Some(next) => next,
                    None if c == '$' => self.put(&mut out, at, &braces, depth),
                    None => at + c.len_utf8(),
                },
            };
            at += text[at..].find(special).unwrap_or(text.len() - at);
        }
        out.finish(whole.span())
    }

    /// Quotes and escapes: where the text goes on behind the one at `at`; nothing if none is there.
    fn sign(&self, out: &mut Filling, at: usize, quoted: &mut bool) -> Option<usize> {
        let text = out.whole.text.as_str();
        let rest = &text[at..];
        let c = rest.chars().next()?;
        let behind = at + c.len_utf8();
        let next = text[behind..].chars().next();
        match self.dialect {
            Dialect::Docker { .. } if c == '\'' && !*quoted => {
                let end = text[behind..].find('\'').map_or(text.len(), |end| behind + end);
                out.skip(at..behind);
                out.literal(behind..end);
                out.skip(end..(end + 1).min(text.len()));
                Some((end + 1).min(text.len()))
            }
            Dialect::Docker { .. } if c == '"' => {
                *quoted = !*quoted;
                out.skip(at..behind);
                Some(behind)
            }
            Dialect::Docker { escape } if c == escape => {
                // Within double quotes only what has a meaning there can be escaped.
                let means = |next: &char| !*quoted || matches!(next, '"' | '$') || *next == escape;
                let next = next.filter(means)?;
                out.skip(at..behind);
                out.literal(behind..behind + next.len_utf8());
                Some(behind + next.len_utf8())
            }
            Dialect::Compose if rest.starts_with("$$") => {
                out.skip(at..behind);
                out.literal(behind..behind + 1);
                Some(behind + 1)
            }
            Dialect::Hcl if rest.starts_with("$${") || rest.starts_with("%%{") => {
                out.skip(at..behind);
                out.literal(behind..behind + 2);
                Some(behind + 2)
            }
            _ => None,
        }
    }

    /// Puts in what the form at `at` stands for. Gives where the text goes on.
    fn put(&self, out: &mut Filling, at: usize, braces: &Braces, depth: usize) -> usize {
        let Some((end, form)) = self.form(out.whole, at, braces, depth) else { return at + 1 };
        match form {
            Form::Value(value) => {
                let site = out.whole.slice(at..end).span();
                match self.names.budget().takes(out.len(), &value, site) {
                    true => out.put(at..end, value),
                    false => {
                        let hole = Hole::new(Reason::TooLong, name_of(&out.whole.text[at..end]));
                        out.hole(at..end, hole);
                    }
                }
            }
            Form::Hole(hole) => out.hole(at..end, hole),
        }
        end
    }

    /// Reads the form that begins with the dollar at `at`: where it ends, and what it stands for.
    fn form(&self, whole: &Part, at: usize, braces: &Braces, depth: usize) -> Option<(usize, Form)> {
        let text = whole.text.as_str();
        let rest = &text[at + 1..];
        let is_braced = rest.starts_with('{');
        match self.dialect {
            Dialect::Workflow if !rest.starts_with("{{") => None,
            Dialect::Workflow => {
                let end = at + 1 + rest.find("}}")? + 2;
                Some((end, self.plain(whole, at..end, text[at + 3..end - 2].trim(), depth)))
            }
            Dialect::Hcl if !is_braced => None,
            Dialect::Hcl => {
                let end = braces.close(at + 1)? + 1;
                Some((end, self.plain(whole, at..end, text[at + 2..end - 1].trim(), depth)))
            }
            _ if is_braced => {
                let end = braces.close(at + 1)? + 1;
                Some((end, self.operation(whole, at..end, depth)))
            }
            _ => {
                let len = name_len(rest);
                let end = at + 1 + len;
                (len > 0).then(|| (end, self.plain(whole, at..end, &rest[..len], depth)))
            }
        }
    }

    fn ask(&self, name: &str, site: Span, depth: usize) -> Answer {
        self.names.answer(name, site, &|value| self.text(value, depth))
    }

    /// A name without an operation.
    fn plain(&self, whole: &Part, range: Range<usize>, name: &str, depth: usize) -> Form {
        let site = whole.slice(range).span();
        match self.ask(name, site, depth) {
            Answer::Is(known) => Form::Value(placed(known, site)),
            Answer::Nothing => Form::Hole(Hole::new(Reason::Variable, name)),
            Answer::Unknown(why) => Form::Hole(Hole::new(why, name)),
        }
    }

    /// A name with what is to be done with it: `${NAME:-default}`, `${NAME:+other}`.
    fn operation(&self, whole: &Part, range: Range<usize>, depth: usize) -> Form {
        let inner = &whole.text[range.start + 2..range.end - 1];
        let (name, operation) = inner.split_at(name_len(inner));
        let hole = |why: Reason| Form::Hole(Hole::new(why, name_of(&whole.text[range.clone()])));
        let operator = match operation.as_bytes() {
            _ if name.is_empty() => return hole(Reason::Variable),
            [] => return self.plain(whole, range, name, depth),
            [b':', b'-' | b'+' | b'?' | b'=', ..] => &operation[..2],
            [b'-' | b'+' | b'?' | b'=', ..] => &operation[..1],
            _ => return hole(Reason::Unclear),
        };
        let site = whole.slice(range.clone()).span();
        let known = match self.ask(name, site, depth) {
            Answer::Unknown(why) => return hole(why),
            Answer::Nothing => None,
            Answer::Is(known) => Some(known),
        };
        let counts = known.filter(|known| !operator.starts_with(':') || !known.value.text.is_empty());
        let word_at = range.start + 2 + name.len() + operator.len();
        let word = || self.text(&whole.slice(word_at..range.end - 1), depth + 1);
        let nothing = || Part::new("", Origin::verbatim(whole.slice(range.start..range.start).span()));
        match (operator.trim_start_matches(':'), counts) {
            ("-" | "=" | "?", Some(known)) => Form::Value(placed(known, site)),
            ("-" | "=", None) | ("+", Some(_)) => Form::Value(word()),
            ("+", None) => Form::Value(nothing()),
            _ => hole(Reason::Variable),
        }
    }
}

/// A value where it is put in.
pub(super) fn placed(known: Known, site: Span) -> Part {
    Part { text: known.value.text, origin: known.value.origin.via(known.how, site) }
}

/// The name that a form asks for.
fn name_of(form: &str) -> &str {
    let inner = form.trim_start_matches(['$', '{']).trim_start();
    let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')));
    &inner[..end.unwrap_or(inner.len())]
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
    use crate::text::{How, SourceId};

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
                "TAG" => elsewhere("1.2", 7).into(),
                "EMPTY" => elsewhere("", 3).into(),
                _ => Answer::Nothing,
            };
            let budget = Budget::default();
            let whole = Part::new(text, Origin::verbatim(span));
            let got = expand(&whole, dialect, &Names::new(&lookup, &budget));
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
            |_: &str| Answer::Is(Known { value: Part::new("9", Origin::verbatim(home)), how: How::Default });
        let budget = Budget::default();
        let tag = expand(&whole, Dialect::Compose, &Names::new(&lookup, &budget)).slice(2..3);
        assert_eq!(tag.origin.editable(), Some(home));
        assert_eq!(tag.origin.road().collect::<Vec<_>>(), [(How::Default, Span::new(SourceId(0), 12, 14))]);
    }
}
