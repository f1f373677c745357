//! Our parser held against another one, which was written after Go's: what both take they take for the same.

use super::parse::parse;
use super::tree::{self, Run, Tree};
use gotmpl::parse::{self as other, Parser};
use std::fmt::Write;

const TABLES: [&str; 5] = [
    include_str!("rows/language.txt"),
    include_str!("rows/texts.txt"),
    include_str!("rows/lists.txt"),
    include_str!("rows/formats.txt"),
    include_str!("rows/places.txt"),
];

/// Writes a tree of our parser as text.
struct Ours<'t> {
    tree: &'t Tree,
    text: &'t str,
    out: String,
}

impl Ours<'_> {
    fn word(&self, word: Run) -> String {
        self.tree.word(self.text, word).into()
    }

    fn nodes(&mut self, nodes: Run) {
        self.out.push('[');
        for at in nodes.range() {
            match self.tree.nodes[at] {
                tree::Node::Text(bytes) => drop(write!(self.out, "{:?}", &self.text[bytes.range()])),
                tree::Node::Action(pipe) => self.pipe(&pipe),
                tree::Node::If(branch) => self.branch("if", &branch),
                tree::Node::With(branch) => self.branch("with", &branch),
                tree::Node::Range(branch) => self.branch("range", &branch),
                tree::Node::Template { name, pipe, .. } => {
                    let _ = write!(self.out, "template {:?}", self.word(name));
                    if let Some(pipe) = pipe {
                        self.pipe(&self.tree.pipes[pipe as usize]);
                    }
                }
                tree::Node::Break => self.out.push_str("break"),
                tree::Node::Continue => self.out.push_str("continue"),
            }
        }
        self.out.push(']');
    }

    fn branch(&mut self, sign: &str, branch: &tree::Branch) {
        self.out.push_str(sign);
        self.pipe(&branch.pipe);
        self.nodes(branch.body);
        if let Some(nodes) = branch.otherwise {
            self.nodes(nodes);
        }
    }

    fn pipe(&mut self, pipe: &tree::Pipe) {
        self.out.push('{');
        for at in pipe.names.range() {
            let _ = write!(self.out, "{} {}", self.word(self.tree.names[at]), pipe.is_assign);
        }
        for at in pipe.commands.range() {
            self.out.push('|');
            self.tree.exprs[self.tree.commands[at].range()].iter().for_each(|expr| self.expr(expr));
        }
        self.out.push('}');
    }

    fn expr(&mut self, expr: &tree::Expr) {
        let told = match *expr {
            tree::Expr::Dot => ".".into(),
            tree::Expr::Nil => "nil".into(),
            tree::Expr::Bool(truth) => truth.to_string(),
            tree::Expr::Int(number) => number.to_string(),
            tree::Expr::Float(number) => format!("{number:?}f"),
            tree::Expr::TooLarge => "too large".into(),
            tree::Expr::Text(word) => format!("{:?}", self.word(word)),
            tree::Expr::Field(keys) => format!("field {}", self.word(keys)),
            tree::Expr::Variable(name, keys) => format!("{} {}", self.word(name), self.word(keys)),
            tree::Expr::Function(name) => self.word(name),
            tree::Expr::Chain(inner, keys) => {
                self.expr(&self.tree.exprs[inner as usize]);
                format!("chain {}", self.word(keys))
            }
            tree::Expr::Pipe(pipe) => return self.pipe(&self.tree.pipes[pipe as usize]),
        };
        let _ = write!(self.out, "({told})");
    }
}

/// The tree of the other one, written out in the same way.
#[derive(Default)]
struct Theirs(String);

impl Theirs {
    fn nodes(&mut self, list: &other::ListNode) {
        self.0.push('[');
        for node in &list.nodes {
            match node {
                other::Node::Text(text) => drop(write!(self.0, "{:?}", text.text)),
                other::Node::Action(action) => self.pipe(&action.pipe),
                other::Node::If(branch) => self.branch("if", branch),
                other::Node::With(branch) => self.branch("with", branch),
                other::Node::Range(branch) => self.branch("range", branch),
                other::Node::Template(call) => {
                    let _ = write!(self.0, "template {:?}", call.name);
                    call.pipe.iter().for_each(|pipe| self.pipe(pipe));
                }
                other::Node::Break(_) => self.0.push_str("break"),
                other::Node::Continue(_) => self.0.push_str("continue"),
                other::Node::List(_) | other::Node::Define(_) => self.0.push_str("none of these"),
            }
        }
        self.0.push(']');
    }

    fn branch(&mut self, sign: &str, branch: &other::BranchNode) {
        self.0.push_str(sign);
        self.pipe(&branch.pipe);
        self.nodes(&branch.body);
        branch.else_body.iter().for_each(|nodes| self.nodes(nodes));
    }

    fn pipe(&mut self, pipe: &other::PipeNode) {
        self.0.push('{');
        for name in &pipe.decl {
            let _ = write!(self.0, "{name} {}", pipe.is_assign);
        }
        for command in &pipe.commands {
            self.0.push('|');
            command.args.iter().for_each(|expr| self.expr(expr));
        }
        self.0.push('}');
    }

    fn expr(&mut self, expr: &other::Expr) {
        let told = match expr {
            other::Expr::Dot(_) => ".".into(),
            other::Expr::Nil(_) => "nil".into(),
            other::Expr::Bool(_, truth) => truth.to_string(),
            other::Expr::Number(_, other::Number::Int(number)) => number.to_string(),
            other::Expr::Number(_, other::Number::Float(number)) => format!("{number:?}f"),
            other::Expr::Number(_, other::Number::Uint(_)) => "too large".into(),
            other::Expr::String(_, text) => format!("{text:?}"),
            other::Expr::Field(_, keys) => format!("field {}", keys.join(".")),
            other::Expr::Variable(_, name, keys) => format!("{name} {}", keys.join(".")),
            other::Expr::Identifier(_, name) => name.to_string(),
            other::Expr::Chain(_, inner, keys) => {
                self.expr(inner);
                format!("chain {}", keys.join("."))
            }
            other::Expr::Pipe(_, pipe) => return self.pipe(pipe),
        };
        let _ = write!(self.0, "({told})");
    }
}

fn ours(text: &str) -> Option<String> {
    let tree = parse(text).ok()?;
    let mut ours = Ours { tree: &tree, text, out: String::new() };
    ours.nodes(tree.body);
    for define in &tree.defines {
        let _ = write!(ours.out, "define {:?}", ours.word(define.name));
        ours.nodes(define.body);
    }
    Some(ours.out)
}

fn theirs(text: &str) -> Option<String> {
    let (body, defines) = Parser::new(text, "{{", "}}").and_then(Parser::parse).ok()?;
    let mut theirs = Theirs::default();
    theirs.nodes(&body);
    for define in &defines {
        let _ = write!(theirs.0, "define {:?}", define.name);
        theirs.nodes(&define.body);
    }
    Some(theirs.0)
}

fn rows() -> Vec<String> {
    let lines = TABLES.iter().flat_map(|table| table.lines());
    // Behind a comment the other one takes blanks away that Go keeps.
    lines
        .filter(|line| line.contains("{{") && !line.contains("/*"))
        .map(|line| line.replace('⏎', "\n"))
        .collect()
}

/// What no row has.
const RARE: [&str; 12] = [
    "{{ 0x1p60 }}{{ 0x1.8p1 }}{{ -0x1p-2 }}",
    "{{ 0x1F }}{{ 0b101 }}{{ 0o17 }}{{ 017 }}{{ 1_000 }}{{ -5 }}{{ +5 }}{{ .5 }}{{ 1e3 }}{{ 1.5E-3 }}",
    "{{ 18446744073709551615 }}{{ 'a' }}{{ '\\n' }}{{ '\\'' }}",
    "{{ \"\\t\\\"\\x41\\u00e4\\101\" }}{{ `a\\n` }}",
    "{{ (.a).b.c }}{{ ((index .x 0)).y }}{{ $x.a.b }}{{ $ }}{{ $.a }}",
    "{{ range $i, $v := .a }}{{ break }}{{ else }}{{ continue }}{{ end }}{{ range $i, $v = .a }}{{ end }}",
    "{{ with $x := .a }}{{ $x }}{{ else with .b }}{{ . }}{{ else }}c{{ end }}",
    "{{ if .a }}1{{ else if .b }}2{{ else if .c }}3{{ else }}4{{ end }}",
    "{{ block \"a\" . }}x{{ end }}{{ define `b` }}{{ define \"c\" }}{{ end }}y{{ end }}{{ template \"b\" }}",
    "a {{- 3 -}} b {{- -3 }} {{- .x -}}\n\n{{ .y -}} c",
    "{{ print .a | printf \"%s\" | quote}}{{print(1)(2)}}{{ true }}{{ nil | print }}",
    "{{.ä.ö}}{{ $ü := 1 }}{{ $ü }}",
];

#[test]
fn templates_are_read_as_by_the_other_parser() {
    let mut both = 0;
    for text in RARE {
        assert!(ours(text).is_some(), "{text}: {:?}", parse(text).err());
    }
    for row in rows().into_iter().chain(RARE.map(String::from)) {
        if let (Some(ours), Some(theirs)) = (ours(&row), theirs(&row)) {
            assert_eq!(ours, theirs, "{row}");
            both += 1;
        }
    }
    assert!(both > 320, "only {both} were read by both");
}

#[test]
fn what_is_cut_and_mixed_is_read_as_by_the_other_parser() {
    let rows = rows();
    let mut seed = 11u64;
    let mut next = |most: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % most.max(1)
    };
    let cut = |text: &str, at: usize| {
        (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
    };
    let (mut both, mut one) = (0, Vec::new());
    for _ in 0..20_000 {
        let (a, b) = (&rows[next(rows.len())], &rows[next(rows.len())]);
        let text = format!("{}{}", &a[..cut(a, next(a.len()))], &b[cut(b, next(b.len()))..]);
        match (ours(&text), theirs(&text)) {
            (Some(ours), Some(theirs)) => {
                assert_eq!(ours, theirs, "{text}");
                both += 1;
            }
            (Some(_), None) => one.push(text),
            // It does not ask whether each block has its end, and knows escapes that Go does not.
            _ => {}
        }
    }
    assert!(both > 2_000, "only {both} were read by both");
    assert!(one.is_empty(), "only we read {} as {:#?}", one.len(), &one[..one.len().min(20)]);
}
