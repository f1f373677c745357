//! Texts of an ApplicationSet with values put in: plain tags, and the small part of Go's templates that sets use.
//!
//! What goes beyond that stays as it is written, and whoever asked is told.

use super::super::edit;
use super::functions::{Item, Stop, call, written};
use crate::syntax::expand::Weaver;
use crate::syntax::{Node, Value};
use crate::text::{How, Origin, Part, Span};

/// How a set writes its templates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    /// `{{name}}`, the name of a value.
    Tags,
    /// Go's templates. With `missingkey=error` a value that is not there keeps an Application from being made.
    Go { strict: bool },
}

/// Why a text, or a piece of it, stayed as it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Trouble {
    pub(super) says: String,
    pub(super) at: Span,
    pub(super) why: Unfilled,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unfilled {
    /// It asks for more than is understood here.
    Unknown,
    /// The generator gives no such value.
    Absent,
    /// So that the tool makes no Application.
    Fatal,
}

/// Puts values into a text.
pub(super) fn fill(text: &Part, values: &Node, mode: Mode, troubles: &mut Vec<Trouble>) -> Part {
    if !text.text.contains("{{") {
        return text.clone();
    }
    match mode {
        Mode::Tags => tags(text, values, troubles),
        Mode::Go { strict } => go(text, values, strict, troubles),
    }
}

/// Puts values into every text of a tree, keys too.
pub(super) fn fill_tree(node: &mut Node, values: &Node, mode: Mode, troubles: &mut Vec<Trouble>) {
    match &node.value {
        Value::Scalar(scalar) if scalar.text.contains("{{") => {
            if let Some(part) = node.part() {
                *node = edit::text(&fill(&part, values, mode, troubles));
            }
        }
        Value::Map(entries) if entries.iter().any(|(key, value)| has_action(key) || has_action(value)) => {
            for (key, value) in edit::entries_mut(node).into_iter().flatten() {
                fill_tree(key, values, mode, troubles);
                fill_tree(value, values, mode, troubles);
            }
        }
        Value::List(items) if items.iter().any(has_action) => {
            for item in edit::items_mut(node).into_iter().flatten() {
                fill_tree(item, values, mode, troubles);
            }
        }
        _ => {}
    }
}

/// The value that a text means as a whole: `{{ .apps | toJson }}` is the list itself.
pub(super) fn whole_value(text: &Part, values: &Node, mode: Mode) -> Option<Node> {
    let inner = text.text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    if mode == Mode::Tags || inner.contains("{{") {
        return None;
    }
    let tokens = tokens(&Part::new(inner, Origin::spelled(text.span())))?;
    let (path, word) = match tokens.as_slice() {
        [Token::Field(path), Token::Pipe, Token::Word(word)] | [Token::Word(word), Token::Field(path)] => {
            (path, word)
        }
        _ => return None,
    };
    let is_dump = matches!(word.as_str(), "toJson" | "toYaml" | "toPrettyJson" | "toRawJson");
    match (Reader { tokens: &[], at: 0, values, strict: false }).field(path).ok()? {
        Item::Node(node) if is_dump => Some(node),
        _ => None,
    }
}

fn has_action(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.text.contains("{{"),
        Value::Map(entries) => entries.iter().any(|(key, value)| has_action(key) || has_action(value)),
        Value::List(items) => items.iter().any(has_action),
        _ => false,
    }
}

fn substituted(value: Part, site: Span) -> Part {
    Part { text: value.text, origin: value.origin.via(How::Substitution, site) }
}

fn tags(whole: &Part, values: &Node, troubles: &mut Vec<Trouble>) -> Part {
    let text = whole.text.as_str();
    let mut out = Weaver::default();
    let mut from = 0;
    while let Some(open) = text[from..].find("{{").map(|at| from + at) {
        let Some(close) = text[open..].find("}}").map(|at| open + at) else { break };
        out.push(whole.slice(from..open));
        let site = whole.slice(open..close + 2);
        let name = text[open + 2..close].trim();
        match values.part_at(name) {
            Some(value) => out.push(substituted(value, site.span())),
            None => {
                let says = format!("`{}` is no value of this generator", site.text);
                troubles.push(Trouble { says, at: site.span(), why: Unfilled::Absent });
                out.push(site);
            }
        }
        from = close + 2;
    }
    out.push(whole.slice(from..text.len()));
    out.finish(whole.span())
}

fn go(whole: &Part, values: &Node, strict: bool, troubles: &mut Vec<Trouble>) -> Part {
    let text = whole.text.as_str();
    let mut out = Weaver::default();
    let mut unknown = Vec::new();
    let (mut from, mut trims) = (0, false);
    while let Some(open) = text[from..].find("{{").map(|at| from + at) {
        let Some(close) = end_of_action(text, open + 2) else { break };
        let site = whole.slice(open..close + 2);
        let mut body = open + 2..close;
        let mut before = from..open;
        if trims {
            before.start = before.end - text[before.clone()].trim_start().len();
        }
        if text[body.clone()].starts_with("- ") {
            body.start += 1;
            before.end = before.start + text[before.clone()].trim_end().len();
        }
        trims = text[body.clone()].ends_with(" -");
        body.end -= usize::from(trims);
        out.push(whole.slice(before));
        match action(&whole.slice(body), values, strict) {
            Ok(Some(Some(value))) => out.push(substituted(value, site.span())),
            Ok(Some(None)) => {}
            // Blocks decide over what stands around them.
            Ok(None) => return stays(whole, &site, troubles),
            Err(Stop::Absent(name)) => {
                let why = if strict { Unfilled::Fatal } else { Unfilled::Absent };
                let says = format!("`{name}` is no value of this generator");
                unknown.push(Trouble { says, at: site.span(), why });
                out.push(site);
            }
            Err(Stop::Unknown) => {
                let says = format!("`{}` is more than is understood here", site.text);
                unknown.push(Trouble { says, at: site.span(), why: Unfilled::Unknown });
                out.push(site);
            }
        }
        from = close + 2;
    }
    let mut rest = from..text.len();
    if trims {
        rest.start = rest.end - text[rest.clone()].trim_start().len();
    }
    out.push(whole.slice(rest));
    troubles.append(&mut unknown);
    out.finish(whole.span())
}

fn stays(whole: &Part, site: &Part, troubles: &mut Vec<Trouble>) -> Part {
    let says = format!("`{}` is more than is understood here", site.text);
    troubles.push(Trouble { says, at: site.span(), why: Unfilled::Unknown });
    whole.clone()
}

/// Where an action ends; texts in it may hold braces.
fn end_of_action(text: &str, from: usize) -> Option<usize> {
    let mut quote = None;
    let bytes = text.as_bytes();
    let mut at = from;
    while at + 1 < bytes.len() {
        match (quote, bytes[at]) {
            (None, b'}') if bytes[at + 1] == b'}' => return Some(at),
            (None, sign @ (b'"' | b'`')) => quote = Some(sign),
            (Some(b'"'), b'\\') => at += 1,
            (Some(open), sign) if open == sign => quote = None,
            _ => {}
        }
        at += 1;
    }
    None
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// `.a.b`, or a single dot.
    Field(String),
    Text(Part),
    Number(i64),
    Word(String),
    Pipe,
    Open,
    Close,
}

/// What an action writes: nothing for a comment; the outer nothing if it is no expression but steers others.
fn action(body: &Part, values: &Node, strict: bool) -> Result<Option<Option<Part>>, Stop> {
    if body.text.trim_start().starts_with("/*") {
        return Ok(Some(None));
    }
    const BLOCKS: [&str; 8] = ["if", "else", "end", "range", "with", "define", "template", "block"];
    if body.text.split_whitespace().next().is_some_and(|word| BLOCKS.contains(&word)) {
        return Ok(None);
    }
    let tokens = tokens(body).ok_or(Stop::Unknown)?;
    let mut reader = Reader { tokens: &tokens, at: 0, values, strict };
    let item = reader.pipeline()?;
    if reader.at < tokens.len() {
        return Err(Stop::Unknown);
    }
    written(item, body.span()).map(|part| Some(Some(part)))
}

fn tokens(body: &Part) -> Option<Vec<Token>> {
    let text = body.text.as_str();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let run = |fits: fn(char) -> bool| text[at..].find(|c| !fits(c)).map_or(text.len(), |len| at + len);
        match letter {
            _ if letter.is_whitespace() => at += letter.len_utf8(),
            '|' | '(' | ')' => {
                out.push(match letter {
                    '|' => Token::Pipe,
                    '(' => Token::Open,
                    _ => Token::Close,
                });
                at += 1;
                // The field of what stands in brackets is not read.
                if letter == ')' && text[at..].starts_with('.') {
                    return None;
                }
            }
            '"' | '`' => {
                let end = at + 1 + text[at + 1..].find(letter)?;
                let inner = body.slice(at + 1..end);
                if letter == '"' && inner.text.contains('\\') {
                    return None;
                }
                out.push(Token::Text(inner));
                at = end + 1;
            }
            '.' => {
                let end = run(|c| c.is_alphanumeric() || matches!(c, '.' | '_'));
                out.push(Token::Field(text[at..end].into()));
                at = end;
            }
            '-' | '0'..='9' => {
                let end = run(|c| c == '-' || c.is_ascii_digit());
                out.push(Token::Number(text[at..end].parse().ok()?));
                at = end;
            }
            _ if letter.is_alphabetic() => {
                let end = run(|c| c.is_alphanumeric() || c == '_');
                out.push(Token::Word(text[at..end].into()));
                at = end;
            }
            _ => return None,
        }
    }
    Some(out)
}

struct Reader<'r> {
    tokens: &'r [Token],
    at: usize,
    values: &'r Node,
    /// Whether nothing goes on with a value that is not there, not even to a default.
    strict: bool,
}

impl Reader<'_> {
    /// Commands, each of which takes what the one before it gives as its last argument.
    fn pipeline(&mut self) -> Result<Item, Stop> {
        let mut given = None;
        loop {
            given = Some(self.command(given)?);
            match self.tokens.get(self.at) {
                Some(Token::Pipe) => self.at += 1,
                _ => return given.ok_or(Stop::Unknown),
            }
        }
    }

    fn command(&mut self, given: Option<Item>) -> Result<Item, Stop> {
        let name = match self.tokens.get(self.at) {
            Some(Token::Word(name)) => name.clone(),
            _ if given.is_none() => return self.operand()?.ok_or(Stop::Unknown),
            _ => return Err(Stop::Unknown),
        };
        self.at += 1;
        let mut arguments = Vec::new();
        while let Some(argument) = self.operand()? {
            arguments.push(argument);
        }
        arguments.extend(given);
        call(&name, arguments)
    }

    fn operand(&mut self) -> Result<Option<Item>, Stop> {
        let item = match self.tokens.get(self.at) {
            Some(Token::Field(path)) => self.field(path)?,
            Some(Token::Text(part)) => Item::Node(edit::text(part)),
            Some(Token::Number(number)) => Item::Number(*number),
            Some(Token::Open) => {
                self.at += 1;
                let inner = self.pipeline()?;
                match self.tokens.get(self.at) {
                    Some(Token::Close) => inner,
                    _ => return Err(Stop::Unknown),
                }
            }
            Some(Token::Word(_)) => return Err(Stop::Unknown),
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(item))
    }

    fn field(&self, path: &str) -> Result<Item, Stop> {
        let keys = path.split('.').filter(|key| !key.is_empty());
        match keys.clone().try_fold(self.values, |node, key| node.get(key)) {
            Some(node) if !node.is_null() => Ok(Item::Node(node.clone())),
            None if self.strict => Err(Stop::Absent(path.into())),
            _ => Ok(Item::Absent(path.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml;
    use crate::text::SourceId;

    #[test]
    fn texts_are_filled() {
        let values = "{name: Web_1, empty: '', path: {path: apps/web, basename: web, segments: [apps, web]}, n: 3, \
                      path.basename: web, 'path[0]': apps, values.x: y}";
        let read = yaml::read(SourceId(1), values);
        let values = &read.documents[0].root;
        let (tags, loose, strict) = (Mode::Tags, Mode::Go { strict: false }, Mode::Go { strict: true });
        for (mode, text, expected) in [
            (tags, "a-{{name}}-{{ path.basename }}{{path[0]}}{{values.x}}", "a-Web_1-webappsy"),
            (
                tags,
                "{{gone}}-{{name}}-{{name",
                "{{gone}}-Web_1-{{name !`{{gone}}` is no value of this generator",
            ),
            (tags, "{{ .name }}", "{{ .name }} !`{{ .name }}` is no value of this generator"),
            (loose, "{{.name}}/{{ .path.basename }}", "Web_1/web"),
            (loose, "{{ index .path.segments 1 }}-{{ index .path \"path\" }}", "web-apps/web"),
            (loose, "{{ .name | lower | replace \"_\" \"-\" }}", "web-1"),
            (loose, "{{ upper .path.basename | quote }}{{ squote .n }}", "\"WEB\"'3'"),
            (
                loose,
                "{{ trimPrefix \"apps/\" .path.path }} {{ .path.path | trimSuffix \"web\" }}",
                "web apps/",
            ),
            (loose, "{{ default \"a\" .gone }}{{ .empty | default \"b\" }}{{ .n | default 9 }}", "ab3"),
            (loose, "{{ dig \"path\" \"gone\" \"c\" . }}{{ dig \"path\" \"basename\" \"c\" . }}", "cweb"),
            (loose, "{{ normalize .name }} {{ base .path.path }} {{ trunc 2 .name }}", "web-1 web We"),
            (loose, "{{ printf \"%s-%d\" .path.basename 7 }}", "web-7"),
            (loose, "a {{- .n -}} b {{/* why */}}", "a3b "),
            (loose, "{{ lower (index .path.segments 0) }}", "apps"),
            (loose, "{{ .gone }}", "{{ .gone }} !`.gone` is no value of this generator"),
            (strict, "{{ .gone }}x", "{{ .gone }}x !fatal"),
            (strict, "{{ default \"a\" .gone }}", "{{ default \"a\" .gone }} !fatal"),
            (strict, "{{ dig \"gone\" \"a\" . }}", "a"),
            (
                loose,
                "{{ .n }}{{ sha256sum .n }}",
                "3{{ sha256sum .n }} !`{{ sha256sum .n }}` is more than is understood here",
            ),
            (
                loose,
                "{{ .n }}{{ if .n }}x{{ end }}",
                "{{ .n }}{{ if .n }}x{{ end }} !`{{ if .n }}` is more than is understood here",
            ),
            (loose, "{{ .path }}", "{{ .path }} !`{{ .path }}` is more than is understood here"),
            (loose, "{{ $x }}", "{{ $x }} !`{{ $x }}` is more than is understood here"),
        ] {
            let whole = Part::new(text, Origin::verbatim(Span::new(SourceId(0), 0, text.len())));
            let mut troubles = Vec::new();
            let mut got = fill(&whole, values, mode, &mut troubles).text.to_string();
            for trouble in troubles {
                match trouble.why {
                    Unfilled::Fatal => got += " !fatal",
                    _ => got += &format!(" !{}", trouble.says),
                }
            }
            assert_eq!(got, expected, "{text}");
        }
    }
}
