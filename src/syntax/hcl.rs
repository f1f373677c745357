//! HCL to bodies, blocks and the common tree. Expressions are not evaluated: what is not written out reads as
//! `${expression}`, so that whoever knows a variable can put it in place. hcl-edit lives here and nowhere else.

use super::expand::Weaver;
use super::forms::closing_brace;
use super::{Node, Scalar, Style, Value};
use crate::finding::Problem;
use crate::text::{How, Origin, Part, SourceId, Span};
use hcl_edit::expr::{Expression, FuncCall, ObjectKey};
use hcl_edit::structure::{self, BlockLabel, Structure};
use hcl_edit::{Ident, Span as _};
use std::ops::Range;

/// What stands between the braces of a block, or in a file.
#[derive(Debug, Default)]
pub struct Body {
    pub attributes: Vec<(Part, Node)>,
    pub blocks: Vec<Block>,
}

/// `resource "docker_image" "web" { … }`
#[derive(Debug)]
pub struct Block {
    pub kind: Part,
    pub labels: Vec<Part>,
    pub body: Body,
}

impl Body {
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.attributes.iter().find(|(key, _)| key.text == name).map(|(_, value)| value)
    }

    pub fn blocks<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| block.kind.text == kind)
    }
}

impl Block {
    /// A label by its number; empty if there is none.
    pub fn label(&self, at: usize) -> &str {
        self.labels.get(at).map_or("", |label| &label.text)
    }
}

/// The key of the path of a template whose text an expression is; beside it, under `with`, is what it is given. No
/// setting is called so.
pub const TEMPLATE_FILE: &str = "templatefile()";

/// The expression, if a text is nothing but `${expression}`.
pub fn only_expression(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    (closing_brace(text, 1) == Some(text.len() - 1)).then(|| inner.trim())
}

/// How many wrong settings of one file are passed over before the rest of it is given up.
const PATIENCE: usize = 16;

/// Reads a file. hcl-edit stops at the first thing that is wrong, so the setting it stops in is masked by blanks
/// and the rest read again; what cannot be read so is read block by block.
pub fn read(source: SourceId, text: &str) -> (Body, Vec<Problem>) {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut masked = text.to_string();
    let mut problems = Vec::new();
    for _ in 0..PATIENCE {
        let (problem, offset) = match (Reader { source, text: &masked[start..], at: start }).read() {
            Ok(body) => return (body, problems),
            Err(wrong) => wrong,
        };
        let setting = setting_at(&masked, offset + start);
        problems.push(problem);
        match setting.filter(|setting| !masked[setting.clone()].trim().is_empty()) {
            Some(setting) => {
                let blanks: String =
                    masked[setting.clone()].bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }).collect();
                masked.replace_range(setting, &blanks);
            }
            None => break,
        }
    }
    by_block(source, text, start)
}

/// The lines of the setting that holds the byte at `at`: from `name =` at the left to the next such line or brace.
fn setting_at(text: &str, at: usize) -> Option<Range<usize>> {
    let begins = |line: &str| {
        let name = line.trim_start_matches(' ');
        let len = name.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
        let is_left = line.len() - name.len() <= 2;
        is_left
            && len > 0
            && name[len..].trim_start().strip_prefix('=').is_some_and(|rest| !rest.starts_with('='))
    };
    let (mut line_start, mut found) = (0, None);
    for line in text.split_inclusive('\n') {
        let behind = line_start > at;
        if behind && (begins(line) || line.starts_with('}')) {
            return found.map(|start| start..line_start);
        }
        if !behind && line.starts_with('}') {
            found = None;
        }
        if !behind && begins(line) {
            found = Some(line_start);
        }
        line_start += line.len();
    }
    found.map(|start| start..text.len())
}

/// Reads what stands between braces at the start of lines, each for itself.
fn by_block(source: SourceId, text: &str, start: usize) -> (Body, Vec<Problem>) {
    let (mut body, mut problems) = (Body::default(), Vec::new());
    let (mut from, mut line_start) = (start, start);
    for line in text[start..].split_inclusive('\n') {
        let line_end = line_start + line.len();
        let is_last = line_end == text.len();
        if line.starts_with('}') || is_last {
            match (Reader { source, text: &text[from..line_end], at: from }).read() {
                Ok(mut more) => {
                    body.attributes.append(&mut more.attributes);
                    body.blocks.append(&mut more.blocks);
                }
                Err((problem, _)) => problems.push(problem),
            }
            from = line_end;
        }
        line_start = line_end;
    }
    (body, problems)
}

struct Reader<'a> {
    source: SourceId,
    text: &'a str,
    /// How many bytes of the file stand before the text.
    at: usize,
}

impl Reader<'_> {
    /// The body, or what is wrong and where in the reader's text.
    fn read(&self) -> Result<Body, (Problem, usize)> {
        match self.text.parse::<structure::Body>() {
            Ok(body) => Ok(self.body(&body)),
            Err(error) => {
                let offset = error.location().offset().min(self.text.len());
                let offset = (0..=offset).rev().find(|&at| self.text.is_char_boundary(at)).unwrap_or(0);
                let says = error.message().lines().next().unwrap_or("").trim().to_string();
                Err((Problem::unread("hcl-syntax", says, Some(self.span(offset..offset))), offset))
            }
        }
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.source, range.start + self.at, range.end + self.at)
    }

    fn part(&self, range: Range<usize>) -> Part {
        Part::new(&self.text[range.clone()], Origin::verbatim(self.span(range)))
    }

    fn body(&self, body: &structure::Body) -> Body {
        let mut out = Body::default();
        for structure in body.iter() {
            match structure {
                Structure::Attribute(attribute) => {
                    let node = self.node(&attribute.value);
                    out.attributes.push((self.named(&attribute.key, attribute.key.span()), node));
                }
                Structure::Block(block) => out.blocks.push(Block {
                    kind: self.named(&block.ident, block.ident.span()),
                    labels: block.labels.iter().map(|label| self.label(label)).collect(),
                    body: self.body(&block.body),
                }),
            }
        }
        out
    }

    fn named(&self, ident: &Ident, range: Option<Range<usize>>) -> Part {
        match range {
            Some(range) if self.text.get(range.clone()) == Some(ident.as_str()) => self.part(range),
            _ => Part::new(ident.as_str(), Origin::spelled(self.span(0..0))),
        }
    }

    fn label(&self, label: &BlockLabel) -> Part {
        match label {
            BlockLabel::Ident(ident) => self.named(ident, ident.span()),
            BlockLabel::String(string) => {
                let range = string.span().unwrap_or(0..0);
                let inner = range.start + 1..range.end.saturating_sub(1).max(range.start + 1);
                match self.text.get(inner.clone()) {
                    Some(text) if text == string.as_str() => self.part(inner),
                    _ => Part::new(string.as_str(), Origin::spelled(self.span(range))),
                }
            }
        }
    }

    fn node(&self, expression: &Expression) -> Node {
        let range = expression.span().filter(|range| self.text.get(range.clone()).is_some()).unwrap_or(0..0);
        let spelled = || Origin::spelled(self.span(range.clone()));
        let scalar = |part: Part, style| Node::new(part.origin, Value::Scalar(Scalar::new(part.text, style)));
        match expression {
            Expression::Null(_) => Node::new(spelled(), Value::Null),
            Expression::Bool(_) | Expression::Number(_) => scalar(self.part(range), Style::Plain),
            Expression::String(string) => scalar(self.quoted(range, Some(string.as_str())), Style::Double),
            Expression::StringTemplate(_) => scalar(self.quoted(range, None), Style::Double),
            Expression::HeredocTemplate(_) => scalar(self.heredoc(range), Style::Literal),
            Expression::Parenthesis(inner) => self.node(inner.inner()),
            Expression::Array(array) => {
                Node::list(spelled(), array.iter().map(|item| self.node(item)).collect())
            }
            Expression::Object(object) => {
                let entries = object.iter().map(|(key, value)| {
                    let key = match key {
                        ObjectKey::Ident(ident) => scalar(self.named(ident, ident.span()), Style::Plain),
                        ObjectKey::Expression(key) => self.node(key),
                    };
                    (key, self.node(value.expr()))
                });
                Node::map(spelled(), entries.collect())
            }
            // What these write is what they are given.
            Expression::FuncCall(call)
                if matches!(call.name.name.as_str(), "yamlencode" | "jsonencode" | "tostring")
                    && call.args.len() == 1 =>
            {
                call.args.get(0).map_or_else(|| Node::new(spelled(), Value::Null), |only| self.node(only))
            }
            // Who reads the file fills it in.
            Expression::FuncCall(call)
                if call.name.name.as_str() == "templatefile" && call.args.len() == 2 =>
            {
                self.template(call, range)
            }
            // `var.x != "" ? var.x : "default"`: what is written out is the default of what is not.
            Expression::Conditional(conditional) => match (&conditional.true_expr, &conditional.false_expr) {
                (written, other) | (other, written) if is_written(written) && !is_written(other) => {
                    let node = self.node(written);
                    Node { origin: node.origin.via(How::Default, self.span(range)), ..node }
                }
                _ => self.hole(range),
            },
            _ => self.hole(range),
        }
    }

    /// The path of a template and what it is given.
    fn template(&self, call: &FuncCall, range: Range<usize>) -> Node {
        let spelled = || Origin::spelled(self.span(range.clone()));
        let key = |name: &str| Node::new(spelled(), Value::Scalar(Scalar::new(name.into(), Style::Plain)));
        let given = |at: usize| {
            call.args.get(at).map_or_else(|| Node::new(spelled(), Value::Null), |one| self.node(one))
        };
        Node::map(spelled(), vec![(key(TEMPLATE_FILE), given(0)), (key("with"), given(1))])
    }

    fn hole(&self, range: Range<usize>) -> Node {
        let spelled = || Origin::spelled(self.span(range.clone()));
        let mut out = Weaver::default();
        out.push(Part::new("${", spelled()));
        out.push(self.part(range.clone()));
        out.push(Part::new("}", spelled()));
        let part = out.finish(self.span(range));
        Node::new(part.origin, Value::Scalar(Scalar::new(part.text, Style::Plain)))
    }

    /// A quoted text without its quotes; `value` is what it means where that is known.
    fn quoted(&self, range: Range<usize>, value: Option<&str>) -> Part {
        let inner = range.start + 1..range.end.saturating_sub(1).max(range.start + 1);
        let raw = self.text.get(inner.clone()).unwrap_or("");
        match value {
            // What was escaped is no form any more.
            Some(value) if raw != value => Part::new(value, Origin::spelled(self.span(range)).as_literal()),
            _ if raw.is_empty() => Part::new("", Origin::verbatim(self.span(inner.start..inner.start))),
            _ => self.part(inner),
        }
    }

    /// The lines of a heredoc; of one that begins with `<<-`, without the indentation they share.
    fn heredoc(&self, range: Range<usize>) -> Part {
        let text = &self.text[range.clone()];
        let (head, body) = text.split_once('\n').unwrap_or((text, ""));
        let sign = head.trim_end().trim_start_matches("<<");
        let (name, is_indented) = sign.strip_prefix('-').map_or((sign, false), |name| (name, true));
        let mut lines: Vec<Range<usize>> = Vec::new();
        let mut at = range.end - body.len();
        for line in body.split_inclusive('\n') {
            if line.trim() == name {
                break;
            }
            lines.push(at..at + line.len());
            at += line.len();
        }
        let indent = |line: &Range<usize>| {
            let line = &self.text[line.clone()];
            (!line.trim().is_empty()).then(|| line.len() - line.trim_start_matches([' ', '\t']).len())
        };
        let shared = if is_indented { lines.iter().filter_map(indent).min().unwrap_or(0) } else { 0 };
        let mut out = Weaver::default();
        if shared == 0 {
            out.push(self.part(range.end - body.len()..at));
        } else {
            for line in lines {
                let blank = self.text[line.clone()].trim().is_empty();
                let start = if blank { line.start } else { line.start + shared };
                out.push(self.part(start..line.end));
            }
        }
        out.finish(self.span(range))
    }
}

/// Whether an expression is a value written out, which says something.
fn is_written(expression: &Expression) -> bool {
    match expression {
        Expression::String(string) => !string.is_empty(),
        Expression::StringTemplate(_) | Expression::HeredocTemplate(_) => true,
        Expression::Array(array) => !array.is_empty(),
        Expression::Object(object) => !object.is_empty(),
        Expression::Parenthesis(inner) => is_written(inner.inner()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(node: &Node, text: &str) -> String {
        match &node.value {
            Value::Null => "null".into(),
            Value::Hole => "?".into(),
            Value::Scalar(scalar) => {
                if let Some(span) = node.origin.editable() {
                    assert_eq!(&text[span.range()], scalar.text);
                }
                for at in 0..scalar.text.len() {
                    let one = node.origin.slice(at..at + 1, scalar.text.len());
                    if let Some(span) = one.editable() {
                        assert_eq!(&text[span.range()], &scalar.text[at..at + 1], "{text}");
                    }
                }
                scalar.text.replace('\n', "⏎")
            }
            Value::List(items) => {
                format!("[{}]", items.iter().map(|item| shown(item, text)).collect::<Vec<_>>().join(", "))
            }
            Value::Map(entries) => {
                let one =
                    |(key, value): &(Node, Node)| format!("{}: {}", shown(key, text), shown(value, text));
                format!("{{{}}}", entries.iter().map(one).collect::<Vec<_>>().join(", "))
            }
        }
    }

    #[test]
    fn values_keep_their_places() {
        for (value, expected) in [
            ("\"nginx:1\"", "nginx:1"),
            ("\"a:${var.tag}-${local.x}\"", "a:${var.tag}-${local.x}"),
            ("\"a\\tb\"", "a\tb"),
            ("\"\"", ""),
            ("12", "12"),
            ("true", "true"),
            ("null", "null"),
            ("var.image", "${var.image}"),
            ("[\"a\", (var.b)]", "[a, ${var.b}]"),
            ("{ a = \"b\", \"c\" : 1 }", "{a: b, c: 1}"),
            ("yamlencode({ image = { tag = \"1\" } })", "{image: {tag: 1}}"),
            ("var.x ? \"a\" : \"b\"", "${var.x ? \"a\" : \"b\"}"),
            ("var.x != \"\" ? var.x : \"d:1\"", "d:1"),
            ("var.x ? \"\" : var.y", "${var.x ? \"\" : var.y}"),
            ("file(\"x\")", "${file(\"x\")}"),
            ("<<EOF\na: 1\n  b\nEOF\n", "a: 1⏎  b⏎"),
            ("<<-EOF\n    a: ${var.x}\n\n      b\n  EOF\n", "a: ${var.x}⏎⏎  b⏎"),
        ] {
            for text in [format!("x = {value}\n"), format!("\u{feff}x = {value}\n")] {
                let (body, problems) = read(SourceId(0), &text);
                assert_eq!(problems, [], "{text}");
                assert_eq!(shown(body.get("x").unwrap(), &text), expected);
            }
        }
    }

    #[test]
    fn blocks_have_kinds_and_labels() {
        let text = "# c\nresource \"a\" b {\n  c {\n    d = 1\n  }\n}\n";
        let (body, problems) = read(SourceId(0), text);
        assert_eq!(problems, []);
        let block = body.blocks("resource").next().unwrap();
        assert_eq!((block.label(0), block.label(1), block.label(2)), ("a", "b", ""));
        assert_eq!(&text[block.labels[0].span().range()], "a");
        assert!(block.body.blocks("c").next().unwrap().body.get("d").is_some());
    }

    #[test]
    fn a_wrong_block_does_not_hide_the_others() {
        let text = "a {\n  x = 1\n}\nb {\n  x = = 2\n}\nc {\n  x = 3\n}\n";
        let (body, problems) = read(SourceId(0), text);
        let kinds: Vec<&str> = body.blocks.iter().map(|block| &text[block.kind.span().range()]).collect();
        assert_eq!((kinds, problems.len()), (vec!["a", "b", "c"], 1));
        assert_eq!(&text[problems[0].at.unwrap().start as usize..][..3], "= 2");
    }

    #[test]
    fn a_wrong_setting_does_not_hide_its_block() {
        let text = "locals {\n  a = \"u:1\"\n  b = (var.x ? <<-EOT\n    y: 1\n  EOT\n    : \"\" 1)\n  c = 3\n}\nd = = 4\ne = 5\n";
        let (body, problems) = read(SourceId(0), text);
        let locals = body.blocks("locals").next().unwrap();
        let found = [locals.body.get("a"), locals.body.get("c"), body.get("e")]
            .map(|node| shown(node.unwrap(), text));
        assert_eq!((found, problems.len()), (["u:1", "3", "5"].map(String::from), 2));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for text in [
            "a = \n",
            "a {\n",
            "a = \"x\nb = 1\n",
            "}",
            "x = <<EOF\na\n",
            &"a=[".repeat(5000),
            &"x {\n".repeat(5000),
            &format!("a = {}1", "!".repeat(9000)),
        ] {
            let (_, problems) = read(SourceId(0), text);
            assert!(!problems.is_empty(), "{text:.40}");
            assert!(problems[0].at.unwrap().end as usize <= text.len());
        }
    }
}
