//! `${NAME}` as Flux's `postBuild` fills it: defaults within defaults, string operators, `$$` for a dollar. Every
//! byte of the result keeps the place where it was written; what has no known value stays as it is written, as a hole.
//! Where nobody gives a value, the tool puts nothing in its place.
//!
//! The grammar is that of Flux' own reader, with its oddities: a pattern is one text or one form, never both; `$$`
//! and `\/` are escapes in replacements only; cuts count bytes.

use super::expand::{Filling, Weaver, placed};
use super::glob::Glob;
use super::provide::{Answer, Budget};
use crate::limits::{DEEPEST_ENVSUBST, MOST_OF_VALUE, MOST_TRIMMED};
use crate::text::{Hole, Origin, Part, Reason, Span, Str};

/// How far into a line a form is looked for a comment: lines that are longer are nobody's comments.
const LONGEST_COMMENT: usize = 400;

/// Whether a text has anything to fill.
pub fn has_forms(text: &str) -> bool {
    text.contains("${") || text.contains("$$")
}

/// A text with its forms filled.
#[derive(Debug)]
pub struct Filled {
    pub text: Part,
    /// The names that were asked for, have no value and no default, each with its place.
    pub undefined: Vec<Part>,
}

/// Fills a text. Nothing if a form in it is none that the tool understands: it refuses the whole object then.
pub fn fill(whole: &Part, lookup: &dyn Fn(&str) -> Answer, budget: &Budget) -> Option<Filled> {
    let text = |text| Filled { text, undefined: Vec::new() };
    if !has_forms(&whole.text) {
        return Some(text(whole.clone()));
    }
    let mut reader = Reader { whole, lookup, budget, at: 0, level: 0, undefined: Vec::new() };
    match reader.text() {
        Ok(filled) => Some(Filled { text: filled, undefined: reader.undefined }),
        Err(Stop::Bound) => {
            budget.refuse(whole.span());
            Some(text(whole.with_holes(&[(0..whole.text.len(), Hole::new(Reason::TooLong, ""))])))
        }
        Err(Stop::Refused) => None,
    }
}

/// Why a text is not filled.
enum Stop {
    Refused,
    /// It is nested too deep.
    Bound,
}

/// What a form does with the value of its name.
enum Operation {
    Whole,
    Length,
    Default(Part),
    Letters(Str),
    Cut { from: Argument, length: Option<Argument> },
    Trim { end: End, longest: bool, pattern: Argument },
    Replace { at: Where, old: Argument, new: Option<Argument> },
}

/// Which end of a value is trimmed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Front,
    Back,
}

/// What of a value is replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    First,
    All,
    Front,
    Back,
}

/// An argument of an operation, or why nobody here knows it.
type Argument = Result<Part, Reason>;

struct Reader<'r> {
    whole: &'r Part,
    lookup: &'r dyn Fn(&str) -> Answer,
    budget: &'r Budget,
    at: usize,
    level: usize,
    /// See [`Filled::undefined`].
    undefined: Vec<Part>,
}

impl<'r> Reader<'r> {
    fn rest(&self) -> &'r str {
        &self.whole.text[self.at..]
    }

    fn take(&mut self, sign: &str) -> bool {
        let is_next = self.rest().starts_with(sign);
        self.at += if is_next { sign.len() } else { 0 };
        is_next
    }

    fn expect(&mut self, sign: &str) -> Result<(), Stop> {
        if self.take(sign) { Ok(()) } else { Err(Stop::Refused) }
    }

    /// The whole text: what stands between forms, and the forms.
    fn text(&mut self) -> Result<Part, Stop> {
        let mut out = Filling::of(self.whole);
        let holes = self.whole.holes();
        // The first value that was put in decides what the text is, and is where it is told.
        let mut decided = None;
        while let Some(found) = self.rest().find('$') {
            self.at += found;
            let dollar = self.at;
            let next = holes.partition_point(|(hole, _)| hole.end <= dollar);
            if let Some((hole, _)) = holes.get(next).filter(|(hole, _)| hole.start <= dollar) {
                self.at = hole.end;
            } else if self.take("$$") {
                out.skip(dollar..dollar + 1);
                out.literal(dollar + 1..dollar + 2);
            } else if self.rest().starts_with("${") {
                let value = self.form()?;
                let range = dollar..self.at;
                match value {
                    Ok(value) if self.takes(out.len(), &value, dollar) => {
                        decided.get_or_insert(value.span());
                        out.put(range, value);
                    }
                    Ok(_) => out.hole(range, self.hole(Reason::TooLong, dollar)),
                    Err(why) => out.hole(range, self.hole(why, dollar)),
                }
            } else {
                self.at += 1;
            }
        }
        Ok(out.finish(decided.unwrap_or(self.whole.span())))
    }

    /// Whether a value may be put in for the form from `start` to here.
    fn takes(&self, before: usize, value: &Part, start: usize) -> bool {
        self.budget.takes(before, value, self.whole.slice(start..self.at).span())
    }

    /// The form from `start` to here as a hole.
    fn hole(&self, why: Reason, start: usize) -> Hole {
        let name = self.whole.text[start..self.at].trim_start_matches(['$', '{', '#']);
        let end = name.find(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
        Hole::new(why, &name[..end.unwrap_or(name.len())])
    }

    /// The value of the form that begins here, or why nobody here knows it.
    fn form(&mut self) -> Result<Argument, Stop> {
        if self.level >= DEEPEST_ENVSUBST {
            return Err(Stop::Bound);
        }
        self.level += 1;
        let start = self.at;
        self.at += "${".len();
        let is_length = self.take("#");
        let (name_at, known_before) = (self.at, self.undefined.len());
        let name = self.name()?;
        let operation = if is_length { Operation::Length } else { self.operation()? };
        self.expect("}")?;
        self.level -= 1;
        let site = self.whole.slice(start..self.at).span();
        let answer = (self.lookup)(name);
        match (&answer, &operation) {
            // Nobody asks for what is within a default that is not taken.
            (Answer::Unknown(_), Operation::Default(_)) => self.undefined.truncate(known_before),
            (Answer::Is(known), Operation::Default(_)) if !known.value.text.is_empty() => {
                self.undefined.truncate(known_before);
            }
            (Answer::Nothing, operation)
                if !matches!(operation, Operation::Default(_)) && !self.is_in_comment(start) =>
            {
                self.undefined.push(self.whole.slice(name_at..name_at + name.len()));
            }
            _ => {}
        }
        let value = apply(answer, operation, site)?;
        if value.as_ref().is_err_and(|why| *why == Reason::TooLong) {
            self.budget.refuse(site);
        }
        Ok(value)
    }

    /// Whether a place is in a comment of a text of several lines: a script, or a file of configuration. What is gone
    /// from there nobody misses.
    fn is_in_comment(&self, at: usize) -> bool {
        let before = &self.whole.text.as_bytes()[..at];
        let line = before.iter().rev().take(LONGEST_COMMENT).position(|byte| *byte == b'\n');
        let start = line.map(|back| at - back).or_else(|| (at < LONGEST_COMMENT).then_some(0));
        start.is_some_and(|start| {
            before[start..].trim_ascii_start().starts_with(b"#") && self.whole.text.contains('\n')
        })
    }

    fn name(&mut self) -> Result<&'r str, Stop> {
        let rest = self.rest();
        let end =
            rest.find(|letter: char| !(letter.is_alphanumeric() || letter == '_')).unwrap_or(rest.len());
        self.at += end;
        if end == 0 { Err(Stop::Refused) } else { Ok(&rest[..end]) }
    }

    fn operation(&mut self) -> Result<Operation, Stop> {
        for default in [":-", ":=", ":?", ":+", "="] {
            if self.take(default) {
                return Ok(Operation::Default(self.default()?));
            }
        }
        for (sign, end) in [('#', End::Front), ('%', End::Back)] {
            let one = sign.to_string();
            if self.take(&one) {
                let longest = self.take(&one);
                return Ok(Operation::Trim { end, longest, pattern: self.argument("}", Escapes::None)? });
            }
        }
        if self.take(":") {
            return self.cut();
        }
        if self.take("/") {
            return self.replace();
        }
        let rest = self.rest();
        let signs = rest.bytes().take_while(|byte| matches!(byte, b'^' | b',')).count().min(2);
        self.at += signs;
        Ok(if signs == 0 { Operation::Whole } else { Operation::Letters(rest[..signs].into()) })
    }

    fn cut(&mut self) -> Result<Operation, Stop> {
        // The tool's reader steps back by the length of the letter that it has seen.
        if !self.rest().starts_with(|letter: char| letter.is_ascii()) {
            return Err(Stop::Refused);
        }
        let from = self.argument(":}", Escapes::None)?;
        let mut length = None;
        if self.take(":") {
            while self.take(":") {}
            length = Some(self.argument("}", Escapes::None)?);
        }
        Ok(Operation::Cut { from, length })
    }

    fn replace(&mut self) -> Result<Operation, Stop> {
        let signs = [("/", Where::All), ("#", Where::Front), ("%", Where::Back)];
        let at = signs.into_iter().find(|(sign, _)| self.take(sign)).map_or(Where::First, |(_, at)| at);
        let old = self.argument("/", Escapes::Read)?;
        self.expect("/")?;
        while self.take("/") {}
        let is_empty = self.rest().starts_with('}');
        let new = if is_empty { None } else { Some(self.argument("}", Escapes::Read)?) };
        Ok(Operation::Replace { at, old, new })
    }

    /// The text and forms of a default. A form that nobody knows stays in it as written.
    fn default(&mut self) -> Result<Part, Stop> {
        let (mut out, mut decided, start) = (Weaver::default(), None, self.at);
        while !self.rest().starts_with('}') {
            let from = self.at;
            let known = self.argument("}", Escapes::None)?;
            decided.get_or_insert(known.as_ref().map_or(self.whole.span(), Part::span));
            out.push(known.unwrap_or_else(|why| {
                let part = self.whole.slice(from..self.at);
                Part { origin: part.origin.as_hole(self.hole(why, from)), ..part }
            }));
        }
        Ok(out.finish(decided.unwrap_or(self.whole.slice(start..self.at).span())))
    }

    /// One form, or the text up to a letter that ends it or to the next form.
    fn argument(&mut self, ends: &str, escapes: Escapes) -> Result<Argument, Stop> {
        if self.rest().starts_with("${") {
            return self.form();
        }
        let (mut out, mut from, start) = (Weaver::default(), self.at, self.at);
        while let Some(letter) = self.rest().chars().next() {
            if self.rest().starts_with("${") {
                break;
            }
            let is_escape = ["$$", "\\/", "\\\\"].iter().any(|sign| self.rest().starts_with(sign));
            if escapes == Escapes::Read && is_escape {
                out.push(self.whole.slice(from..self.at));
                from = self.at + 1;
                self.at += 2;
            } else if ends.contains(letter) {
                break;
            } else {
                self.at += letter.len_utf8();
            }
        }
        if self.at == start {
            return Err(Stop::Refused);
        }
        out.push(self.whole.slice(from..self.at));
        Ok(Ok(out.finish(self.whole.slice(start..self.at).span())))
    }
}

/// Whether a backslash and a doubled dollar mean something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    Read,
    None,
}

/// What comes of a form, or why nobody here knows.
fn apply(answer: Answer, operation: Operation, site: Span) -> Result<Argument, Stop> {
    let value = match (answer, &operation) {
        (Answer::Unknown(why), _) => return Ok(Err(why)),
        (Answer::Is(known), Operation::Length) => known.value,
        (Answer::Is(known), _) => placed(known, site),
        (Answer::Nothing, _) => Part::new("", Origin::spelled(site)),
    };
    let is_kept = matches!(operation, Operation::Whole | Operation::Default(_));
    if let Some(hole) = value.hole().filter(|_| !is_kept) {
        // What is done with letters that nobody knows gives letters that nobody knows.
        return Ok(Err(hole.why));
    }
    let spelled = |text: String| Part::new(text, Origin::spelled(value.span()));
    Ok(Ok(match operation {
        Operation::Whole => value,
        // In bytes, as the tool counts.
        Operation::Length => spelled(value.text.len().to_string()),
        Operation::Default(default) => match value.text.is_empty() {
            true => default,
            false => value,
        },
        Operation::Letters(how) => match how.as_str() {
            "^^" => spelled(value.text.to_uppercase()),
            ",," => spelled(value.text.to_lowercase()),
            "^" => spelled(first_letter(&value.text, |letter| letter.to_uppercase().collect())),
            "," => spelled(first_letter(&value.text, |letter| letter.to_lowercase().collect())),
            _ => value,
        },
        Operation::Cut { from: Ok(from), length: None } => cut(&value, &from.text, None)?,
        Operation::Cut { from: Ok(from), length: Some(Ok(length)) } => {
            cut(&value, &from.text, Some(&length.text))?
        }
        Operation::Trim { end, longest, pattern: Ok(pattern) } => {
            return Ok(trim(&value, &pattern.text, end, longest).ok_or(Reason::TooLong));
        }
        // At an end the tool wants both.
        Operation::Replace { at: Where::Front | Where::Back, old: Ok(_), new: None } => value,
        Operation::Replace { at, old: Ok(old), new: None } => {
            spelled(replaced(&value.text, at, &old.text, ""))
        }
        Operation::Replace { at, old: Ok(old), new: Some(Ok(new)) } => {
            // It is counted before it is made.
            let count = if at == Where::All { value.text.matches(old.text.as_str()).count() } else { 1 };
            if value.text.len().saturating_add(count.saturating_mul(new.text.len())) > MOST_OF_VALUE {
                return Ok(Err(Reason::TooLong));
            }
            spelled(replaced(&value.text, at, &old.text, &new.text))
        }
        Operation::Cut { from: Err(why), .. }
        | Operation::Cut { length: Some(Err(why)), .. }
        | Operation::Trim { pattern: Err(why), .. }
        | Operation::Replace { old: Err(why), .. }
        | Operation::Replace { new: Some(Err(why)), .. } => return Ok(Err(why)),
    }))
}

fn first_letter(text: &str, change: impl Fn(char) -> String) -> String {
    let mut letters = text.chars();
    letters.next().map(change).unwrap_or_default() + letters.as_str()
}

/// The bytes from an offset on, or so many of them; a negative number counts from the end. What is no number cuts
/// nothing. Half a letter is no text, and the tool cannot read what comes of it.
fn cut(value: &Part, offset: &str, length: Option<&str>) -> Result<Part, Stop> {
    let count = value.text.len() as i64;
    let (Ok(offset), Ok(length)) = (offset.parse::<i64>(), length.map(str::parse::<i64>).transpose()) else {
        return Ok(value.clone());
    };
    let from = if offset < 0 { count.saturating_add(offset).max(0) } else { offset.min(count) };
    let to = match length {
        None => count,
        Some(length) if length < 0 => count.saturating_add(length),
        Some(length) => from.saturating_add(length).min(count),
    };
    let range = from as usize..to.max(from) as usize;
    match value.text.get(range.clone()) {
        Some(_) => Ok(value.slice(range)),
        None => Err(Stop::Refused),
    }
}

/// A value without the part at one end that a pattern fits: the shortest, or the longest, but never none. Nothing if
/// the value is too long to try.
fn trim(value: &Part, pattern: &str, end: End, longest: bool) -> Option<Part> {
    let text = value.text.as_str();
    if text.len() > MOST_TRIMMED {
        return None;
    }
    // The tool turns both around for the back: an escape or a class is none then.
    let turned = |text: &str| text.chars().rev().collect::<String>();
    let pattern = if end == End::Back { Glob::read(&turned(pattern)) } else { Glob::read(pattern) };
    let Some(pattern) = pattern else { return Some(value.clone()) };
    let fits = |at: &usize| match end {
        End::Front => pattern.fits(&text[..*at]),
        End::Back => pattern.fits(&turned(&text[*at..])),
    };
    let starts = text.char_indices().map(|(at, _)| at);
    let ends = starts.clone().skip(1).chain(std::iter::once(text.len()));
    let at = match (end, longest) {
        _ if text.is_empty() => None,
        (End::Front, false) => ends.into_iter().find(fits),
        (End::Front, true) => ends.collect::<Vec<_>>().into_iter().rev().find(fits),
        (End::Back, false) => starts.rev().find(fits),
        (End::Back, true) => starts.into_iter().find(fits),
    };
    Some(match (at, end) {
        (None, _) => value.clone(),
        (Some(at), End::Front) => value.slice(at..text.len()),
        (Some(at), End::Back) => value.slice(0..at),
    })
}

fn replaced(text: &str, at: Where, old: &str, new: &str) -> String {
    match at {
        Where::First => text.replacen(old, new, 1),
        Where::All => text.replace(old, new),
        Where::Front => text.strip_prefix(old).map_or(text.into(), |rest| format!("{new}{rest}")),
        Where::Back => text.strip_suffix(old).map_or(text.into(), |rest| format!("{rest}{new}")),
    }
}

/// Whether Flux takes a name for that of a variable.
pub fn is_variable(name: &str) -> bool {
    is_name(name) && !name.starts_with(|letter: char| letter.is_ascii_digit())
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::provide::Known;
    use crate::text::{How, SourceId};

    fn filled(text: &str) -> Option<String> {
        let whole = Part::new(text, Origin::verbatim(Span::new(SourceId(0), 0, text.len())));
        let lookup = |name: &str| {
            let value = match name {
                "A" => "apple",
                "EMPTY" | "1A" => "",
                "PATH" => "/usr/local/bin",
                "UMLAUT" => "Über",
                "N" => "2",
                "STAR" => "*",
                "Ü" => "u",
                "V" => "v1.2.3",
                "B" => "a.b.c",
                "SECRET" => return Answer::Unknown(Reason::Secret),
                _ => return Answer::Nothing,
            };
            let value = Part::new(value, Origin::verbatim(Span::new(SourceId(1), 0, value.len())));
            Answer::Is(Known { value, how: How::Substitution })
        };
        fill(&whole, &lookup, &Budget::default()).map(|filled| filled.text.text.to_string())
    }

    #[test]
    fn names_without_a_value_are_told() {
        for (text, expected) in [
            ("${A} ${NONE}", "NONE"),
            ("${NONE:-x} ${NONE:=} ${NONE:+y} ${NONE=z}", ""),
            ("${A:-${NONE}}", ""),
            ("${EMPTY:-${NONE}}", "NONE"),
            ("${NONE:-a${OTHER}b}", "OTHER"),
            ("${NONE:-${OTHER:-x}}", ""),
            ("${A:-${EMPTY:-${NONE}}} ${LAST}", "LAST"),
            ("${SECRET:-${NONE}} ${SECRET}", ""),
            ("$${NONE} $NONE $$", ""),
            ("${#NONE} ${NONE^^} ${NONE:1} ${NONE/a/b} ${NONE%x}", "NONE NONE NONE NONE NONE"),
            ("${A/p/${NONE}} ${A#${NONE}}", "NONE NONE"),
            ("${EMPTY}", ""),
            ("# ${NONE}", "NONE"),
            ("a: b\n  # c: ${NONE}\n#d ${A} ${NONE}\ne: ${LAST} # ${NONE}", "LAST NONE"),
            ("# ${NONE}\n#!${NONE}\n${LAST}", "LAST"),
        ] {
            let whole = Part::new(text, Origin::verbatim(Span::new(SourceId(0), 0, text.len())));
            let lookup = |name: &str| match name {
                "SECRET" => Answer::Unknown(Reason::Secret),
                "A" | "EMPTY" => {
                    let value = if name == "A" { "apple" } else { "" };
                    let value = Part::new(value, Origin::verbatim(Span::new(SourceId(1), 0, value.len())));
                    Answer::Is(Known { value, how: How::Substitution })
                }
                _ => Answer::Nothing,
            };
            let filled = fill(&whole, &lookup, &Budget::default()).expect("a text");
            for name in &filled.undefined {
                let place = name.span();
                assert_eq!(text[place.start as usize..place.end as usize], *name.text, "{text}");
            }
            let names: Vec<&str> = filled.undefined.iter().map(|name| name.text.as_str()).collect();
            assert_eq!(names.join(" "), expected, "{text}");
        }
    }

    /// Every row but the first two is what Flux' own package says.
    #[test]
    fn forms_are_those_of_the_tool() {
        for (text, expected) in [
            (
                "${SECRET} ${SECRET:-x} ${A:-${SECRET}} ${NONE:-a${SECRET}}",
                "${SECRET} ${SECRET:-x} apple a${SECRET}",
            ),
            (
                "${A#${SECRET}} ${A/p/${SECRET}} ${A:${SECRET}}",
                "${A#${SECRET}} ${A/p/${SECRET}} ${A:${SECRET}}",
            ),
            ("x-${A}-y", "x-apple-y"),
            ("$A ${NONE}.", "$A ."),
            ("$${A} $$", "${A} $"),
            ("$$$${A}", "$${A}"),
            ("$$$A $", "$$A $"),
            ("a$", "a$"),
            ("${NONE:-d} ${NONE:=e} ${EMPTY:-f} ${EMPTY=g} ${NONE:?h} ${NONE:+i}", "d e f g h i"),
            ("${A:-d}${A:=e}${A:?f}${A:+g}${A=h}", "appleappleappleappleapple"),
            ("${NONE:-${A}} ${NONE:-${NONE:=${A}s}}", "apple apples"),
            ("${NONE:-a${A}b${A}c}", "aapplebapplec"),
            ("${NONE:-}", ""),
            ("${NONE=}", ""),
            ("${NONE:-{x}}", "{x}"),
            ("${NONE:-$$x}", "$$x"),
            ("${NONE:-$${A}}", "$apple"),
            ("${NONE:-$}", "$"),
            ("${NONE:-a\\}b}", "a\\b}"),
            ("${NONE:-a/b:c}", "a/b:c"),
            ("${NONE:-Ü}", "Ü"),
            ("${#A} ${#NONE} ${#UMLAUT}", "5 0 5"),
            ("${A^} ${A^^} ${A,} ${A,,}", "Apple APPLE apple apple"),
            ("${A^,} ${A,^}", "apple apple"),
            ("${UMLAUT,} ${UMLAUT^^} ${NONE^}", "über ÜBER "),
            ("${A:1} ${A:1:2} ${A:9} ${A:-x} ${A:1:-1}", "pple pp  apple ppl"),
            ("${A:x} ${A: -2} ${A:1:x} ${A:+2}", "apple apple apple apple"),
            ("${A:0:-9} ${A:3:-4} ${A:9:-1} ${A:9:1} ${A:2:0}", "    "),
            ("${A:${N}}", "ple"),
            ("${A:${N}:${N}}", "pl"),
            ("${A:${NONE}}", "apple"),
            ("${A:1::2}", "pp"),
            ("${A:1:Ü}", "apple"),
            ("${UMLAUT:2}", "ber"),
            ("${A:99999999999999999999}", "apple"),
            ("${A: 1}", "apple"),
            ("[${1A}] $${1A}", "[] ${1A}"),
            ("${Ü} ${ÜB}", "u "),
            ("${PATH/\\//-}", "-usr/local/bin"),
            ("${PATH//\\//-}", "-usr-local-bin"),
            ("${PATH#*/} ${PATH##*/} ${PATH%/*}", "usr/local/bin bin /usr/local"),
            ("[${PATH%%/*}]", "[]"),
            ("${A###}", "apple"),
            ("${A#*}", "pple"),
            ("${A##*}", ""),
            ("${A%*}", "appl"),
            ("${A#ap} ${A##ap} ${A%le} ${A%%le} ${A#x}", "ple ple app app apple"),
            ("${A#?} ${A%?} ${A#??} ${A%%??}", "pple appl ple app"),
            ("${A#[ab]} ${A#[^b]} ${A#[a-c]p} ${A#[}", "pple pple ple apple"),
            ("${A%[ef]}", "apple"),
            ("${A#\\a} ${A#\\\\a}", "pple apple"),
            ("${A#apple} [${A%apple}]", " []"),
            ("${PATH#${STAR}}", "usr/local/bin"),
            ("${V#v} ${B%.*} ${B%%.*} ${B#*.} ${B##*.}", "1.2.3 a.b a b.c c"),
            ("${A/p/b} ${A//p/b} ${A/#a/b} ${A/%e/b}", "abple abble bpple applb"),
            ("${A/p/} ${A//p/}", "aple ale"),
            ("${A/#a/} ${A/%e/}", "apple apple"),
            ("${A/p//b}", "abple"),
            ("${A/}/b}", "apple"),
            ("${A/x/y} ${A/#p/y} ${A/%p/y}", "apple apple apple"),
            ("${A/p/$$} ${A/p/\\\\} ${A/p/\\/} ${A/p/\\n}", "a$ple a\\ple a/ple a\\nple"),
            ("${A/${N}/x}", "apple"),
            ("${A/p/${N}}", "a2ple"),
            ("${A/p/Ü}", "aÜple"),
            ("${A/*/x}", "apple"),
            ("${NONE/a/b}", ""),
            ("}{${A}}{", "}{apple}{"),
            ("${A}${A}", "appleapple"),
            ("{{ .Values.x }} ${A}", "{{ .Values.x }} apple"),
            ("$(A) $A ${A}", "$(A) $A apple"),
            ("$ {A}", "$ {A}"),
            ("${NONE:-a:b-c=d}", "a:b-c=d"),
            ("${NONE:--}", "-"),
            ("${NONE==}", "="),
            ("${A:==}", "apple"),
            ("${a_b} ${_}", " "),
        ] {
            assert_eq!(filled(text).as_deref(), Some(expected), "{text}");
        }
        for refused in [
            "${NONE:-${A}",
            "${#}",
            "${#A:-x}",
            "${A^^^}",
            "${A^x}",
            "${A:1${N}}",
            "${A:}",
            "${A::2}",
            "${A:1:}",
            "${A:Ü}",
            "${A:€}",
            "${A",
            "${}",
            "${ }",
            "${A }",
            "${A?x}",
            "${A-x}",
            "${A+x}",
            "${A.b}",
            "${A:",
            "${A#}",
            "${A##}",
            "${A%}",
            "${A%%}",
            "${A#${NONE}x}",
            "${PATH##${STAR}/}",
            "${A#a${N}}",
            "${A/p}",
            "${A//x}",
            "${A/}",
            "${A/#/x}",
            "${A/a${N}/x}",
            "${A/p/x${N}}",
            "${A/p/b",
            // Half a letter is no text.
            "${UMLAUT:1}",
        ] {
            assert_eq!(filled(refused), None, "{refused}");
        }
    }

    #[test]
    fn what_has_no_value_is_a_hole_with_its_reason() {
        let part = |text: &str, source| {
            Part::new(text, Origin::verbatim(Span::new(SourceId(source), 0, text.len())))
        };
        let half = part("x${S}", 1).with_holes(&[(1..5, Hole::new(Reason::Secret, "S"))]);
        for (text, expected) in [
            ("a-${SECRET}-b", "${SECRET} secret SECRET"),
            ("${SECRET:-d} ${GONE/a/b}", "${SECRET:-d} secret SECRET, ${GONE/a/b} elsewhere GONE"),
            ("${#SECRET}", "${#SECRET} secret SECRET"),
            ("${HALF}", "${S} secret S"),
            ("${HALF^^} ${#HALF} ${HALF:-d}", "${HALF^^} secret HALF, ${#HALF} secret HALF, ${S} secret S"),
            ("$${SECRET} $$", ""),
            ("${NONE:-${SECRET}}", "${SECRET} secret SECRET"),
            ("${A:${SECRET}}", "${A:${SECRET}} secret A"),
        ] {
            let lookup = |name: &str| match name {
                "A" => Answer::Is(Known { value: part("apple", 1), how: How::Substitution }),
                "SECRET" => Answer::Unknown(Reason::Secret),
                "GONE" => Answer::Unknown(Reason::Elsewhere),
                "HALF" => Answer::Is(Known { value: half.clone(), how: How::Substitution }),
                _ => Answer::Nothing,
            };
            let got = fill(&part(text, 0), &lookup, &Budget::default()).unwrap().text;
            let shown: Vec<String> = got
                .holes()
                .into_iter()
                .map(|(range, hole)| format!("{} {} {}", &got.text[range], hole.why.name(), hole.name))
                .collect();
            assert_eq!(shown.join(", "), expected, "{text}");
        }
    }

    #[test]
    fn what_is_bounded_stays_as_written() {
        let deep = "${A:-".repeat(100_000) + &"}".repeat(100_000);
        assert_eq!(filled(&deep).as_deref(), Some(deep.as_str()));
        let long = Part::new("a".repeat((1 << 20) + 1), Origin::spelled(Span::new(SourceId(1), 0, 1)));
        let lookup = |_: &str| Answer::Is(Known { value: long.clone(), how: How::Substitution });
        for text in ["${B}".repeat(20), "${B#*b}".into()] {
            let whole = Part::new(text.clone(), Origin::verbatim(Span::new(SourceId(0), 0, text.len())));
            let budget = Budget::default();
            assert_eq!(fill(&whole, &lookup, &budget).map(|filled| filled.text.text), Some(text.into()));
            assert!(budget.problem().is_some());
        }
    }
}
