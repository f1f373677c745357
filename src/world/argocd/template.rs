//! Texts of an ApplicationSet with values put in: plain tags, and the small part of Go's templates that sets use.
//!
//! What goes beyond that stays as it is written, and whoever asked is told.

use super::super::edit;
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
    match (Reader { tokens: &[], at: 0, values }).field(path) {
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
        match action(&whole.slice(body), values) {
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

enum Stop {
    Unknown,
    /// A value that the generator does not give.
    Absent(String),
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

/// A value on its way through an action.
#[derive(Clone)]
enum Item {
    Node(Node),
    Number(i64),
    /// A field that is not there, by name.
    Absent(String),
}

/// What an action writes: nothing for a comment; the outer nothing if it is no expression but steers others.
fn action(body: &Part, values: &Node) -> Result<Option<Option<Part>>, Stop> {
    if body.text.trim_start().starts_with("/*") {
        return Ok(Some(None));
    }
    const BLOCKS: [&str; 8] = ["if", "else", "end", "range", "with", "define", "template", "block"];
    if body.text.split_whitespace().next().is_some_and(|word| BLOCKS.contains(&word)) {
        return Ok(None);
    }
    let tokens = tokens(body).ok_or(Stop::Unknown)?;
    let mut reader = Reader { tokens: &tokens, at: 0, values };
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
            Some(Token::Field(path)) => self.field(path),
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

    fn field(&self, path: &str) -> Item {
        let keys = path.split('.').filter(|key| !key.is_empty());
        match keys.clone().try_fold(self.values, |node, key| node.get(key)) {
            Some(node) if !node.is_null() => Item::Node(node.clone()),
            _ => Item::Absent(path.into()),
        }
    }
}

/// What a value looks like when it is written.
fn written(item: Item, site: Span) -> Result<Part, Stop> {
    match item {
        Item::Node(node) => node.part().ok_or(Stop::Unknown),
        Item::Number(number) => Ok(Part::new(number.to_string(), Origin::spelled(site))),
        Item::Absent(name) => Err(Stop::Absent(name)),
    }
}

/// The functions that sets mostly use.
fn call(name: &str, arguments: Vec<Item>) -> Result<Item, Stop> {
    let text = |at: usize| -> Result<Part, Stop> {
        match arguments.get(at) {
            Some(Item::Node(node)) => node.part().ok_or(Stop::Unknown),
            Some(Item::Absent(name)) => Err(Stop::Absent(name.clone())),
            _ => Err(Stop::Unknown),
        }
    };
    let number = |at: usize| match arguments.get(at) {
        Some(Item::Number(number)) => Ok(*number),
        _ => Err(Stop::Unknown),
    };
    let item = |part: Part| Ok(Item::Node(edit::text(&part)));
    match (name, arguments.len()) {
        ("default", 2) => {
            let is_empty = match &arguments[1] {
                Item::Node(node) => super::is_zero(node),
                Item::Number(number) => *number == 0,
                Item::Absent(_) => true,
            };
            Ok(arguments[usize::from(!is_empty)].clone())
        }
        ("index", 2..) => {
            let mut keys = arguments.iter().skip(1);
            let Some(Item::Node(first)) = arguments.first() else { return Err(Stop::Unknown) };
            let found = keys.try_fold(first, |node, key| match key {
                Item::Number(at) => node.items().get(usize::try_from(*at).ok()?),
                Item::Node(key) => node.get(key.text()?),
                Item::Absent(_) => None,
            });
            found.map(|node| Item::Node(node.clone())).ok_or_else(|| Stop::Absent("index".into()))
        }
        ("dig", 3..) => {
            let Some((Item::Node(from), rest)) = arguments.split_last() else { return Err(Stop::Unknown) };
            let Some((fallback, keys)) = rest.split_last() else { return Err(Stop::Unknown) };
            let found = keys.iter().try_fold(from, |node, key| match key {
                Item::Node(key) => node.get(key.text()?),
                _ => None,
            });
            Ok(found.map_or_else(|| fallback.clone(), |node| Item::Node(node.clone())))
        }
        ("lower", 1) => item(cased(text(0)?, str::to_lowercase)),
        ("upper", 1) => item(cased(text(0)?, str::to_uppercase)),
        ("normalize", 1) => item(normalized(&text(0)?)),
        ("toString", 1) => item(text(0)?),
        ("trim", 1) => {
            let part = text(0)?;
            let start = part.text.len() - part.text.trim_start().len();
            item(part.slice(start..start + part.text.trim().len()))
        }
        ("trimPrefix", 2) => {
            let (prefix, part) = (text(0)?, text(1)?);
            let start = if part.text.starts_with(&*prefix.text) { prefix.text.len() } else { 0 };
            item(part.slice(start..part.text.len()))
        }
        ("trimSuffix", 2) => {
            let (suffix, part) = (text(0)?, text(1)?);
            let cut = if part.text.ends_with(&*suffix.text) { suffix.text.len() } else { 0 };
            item(part.slice(0..part.text.len() - cut))
        }
        ("trunc", 2) => {
            let (count, part) = (number(0)?, text(1)?);
            let len = part.text.len();
            let size = usize::try_from(count.unsigned_abs()).unwrap_or(len).min(len);
            let range = if count < 0 { len - size..len } else { 0..size };
            if !part.text.is_char_boundary(range.start) || !part.text.is_char_boundary(range.end) {
                return Err(Stop::Unknown);
            }
            item(part.slice(range))
        }
        ("base", 1) => item(base(&text(0)?)),
        ("replace", 3) => {
            let (old, new, part) = (text(0)?, text(1)?, text(2)?);
            if old.text.is_empty() {
                return Err(Stop::Unknown);
            }
            let mut out = Weaver::default();
            let mut from = 0;
            for (at, found) in part.text.match_indices(&*old.text) {
                out.push(part.slice(from..at));
                out.push(new.clone());
                from = at + found.len();
            }
            out.push(part.slice(from..part.text.len()));
            item(out.finish(part.span()))
        }
        ("quote" | "squote", 1) => {
            let part = text(0)?;
            let sign = if name == "quote" { '"' } else { '\'' };
            if part.text.contains(['"', '\\', '\n']) && sign == '"' {
                return Err(Stop::Unknown);
            }
            let mark = || Part::new(sign.to_string(), Origin::spelled(part.span()));
            let mut out = Weaver::default();
            [mark(), part.clone(), mark()].into_iter().for_each(|piece| out.push(piece));
            item(out.finish(part.span()))
        }
        ("printf", 1..) => {
            let format = text(0)?;
            let mut out = Weaver::default();
            let (mut from, mut next) = (0, 1);
            while let Some(at) = format.text[from..].find('%').map(|at| from + at) {
                out.push(format.slice(from..at));
                match format.text.as_bytes().get(at + 1) {
                    Some(b's' | b'v' | b'd') => {
                        let argument = arguments.get(next).cloned().ok_or(Stop::Unknown)?;
                        out.push(written(argument, format.span())?);
                        next += 1;
                    }
                    Some(b'%') => out.push(format.slice(at..at + 1)),
                    _ => return Err(Stop::Unknown),
                }
                from = at + 2;
            }
            out.push(format.slice(from..format.text.len()));
            if next != arguments.len() { Err(Stop::Unknown) } else { item(out.finish(format.span())) }
        }
        _ => Err(Stop::Unknown),
    }
}

fn cased(part: Part, change: fn(&str) -> String) -> Part {
    let text = change(&part.text);
    mapped(&part, &text)
}

/// A text that another became sign by sign: what stayed is in its place.
fn mapped(part: &Part, text: &str) -> Part {
    if text.len() != part.text.len() || !text.is_ascii() || !part.text.is_ascii() {
        return Part::new(text, Origin::spelled(part.span()));
    }
    let (old, new) = (part.text.as_bytes(), text.as_bytes());
    let mut out = Weaver::default();
    let mut from = 0;
    while from < new.len() {
        let stays = old[from] == new[from];
        let rest = (from..new.len()).find(|&at| (old[at] == new[at]) != stays);
        let to = rest.unwrap_or(new.len());
        let own = part.slice(from..to);
        out.push(if stays { own } else { Part::new(&text[from..to], Origin::spelled(own.span())) });
        from = to;
    }
    out.finish(part.span())
}

/// The last name of a path.
pub(super) fn base(path: &Part) -> Part {
    let start = path.text.rfind('/').map_or(0, |at| at + 1);
    path.slice(start..path.text.len())
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
