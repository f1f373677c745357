//! Go's templates, executed over the values of a generator, with the place of every byte that is kept. The parser is the
//! crate `gotmpl`; what it means is here, because the crate's own executor forgets where a text was written.

use super::functions;
use super::item::{Item, Kind, Stop};
use crate::syntax::Node as Tree;
use crate::syntax::expand::Weaver;
use crate::text::{How, Origin, Part, Span, Str};
use gotmpl::parse::{
    ActionNode, BranchNode, CommandNode, Expr, ListNode, Node, Number, Parser, PipeNode, TextNode,
};
use std::collections::BTreeMap;

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

/// A template does no more than this, in steps, bytes and entries: a loop in a loop in a loop ends.
const MOST_STEPS: usize = 1 << 19;

/// Templates that call each other are not followed deeper than this.
const MOST_LEVELS: usize = 50;

/// Executes a template. What one action cannot give stays as it is written; where that decides over others, all does.
pub(super) fn execute(whole: &Part, values: &Tree, strict: bool, troubles: &mut Vec<Trouble>) -> Part {
    let text = whole.text.as_str();
    let stays = |trouble: Trouble, troubles: &mut Vec<Trouble>| {
        troubles.push(trouble);
        whole.clone()
    };
    if let Err(range) = balanced(text) {
        let site = whole.slice(range);
        let says = format!("`{}` does not fit: a block begins or ends too often", site.text);
        return stays(Trouble { says, at: site.span(), why: Unfilled::Fatal }, troubles);
    }
    let Ok((list, defines)) = Parser::new(text, "{{", "}}").and_then(Parser::parse) else {
        let says =
            format!("`{}` is no template that is understood here", text.lines().next().unwrap_or_default());
        return stays(Trouble { says, at: whole.span(), why: Unfilled::Unknown }, troubles);
    };
    let root = Item::Node(values.clone());
    let mut run = Run {
        whole,
        strict,
        defines: defines.iter().map(|define| (define.name.as_str(), &define.body)).collect(),
        variables: vec![("$".into(), root.clone())],
        out: Weaver::default(),
        troubles: Vec::new(),
        steps: 0,
    };
    match run.list(&list, &root, 0) {
        Ok(_) => {
            troubles.append(&mut run.troubles);
            run.out.finish(whole.span())
        }
        Err(trouble) => stays(trouble, troubles),
    }
}

/// The value that a text means as a whole: `{{ .apps | toJson }}` is the list itself.
pub(super) fn whole_value(text: &Part, values: &Tree) -> Option<Tree> {
    let (list, _) = Parser::new(&text.text, "{{", "}}").and_then(Parser::parse).ok()?;
    let [Node::Action(ActionNode { pipe, .. })] = list.nodes.as_slice() else { return None };
    let args: Vec<&Expr> = pipe.commands.iter().flat_map(|command| &command.args).collect();
    let (Expr::Field(_, keys), Expr::Identifier(_, word)) = (match args.as_slice() {
        [field @ Expr::Field(..), word] | [word, field @ Expr::Field(..)] => (*field, *word),
        _ => return None,
    }) else {
        return None;
    };
    let is_dump = matches!(word.as_str(), "toJson" | "toYaml" | "toPrettyJson" | "toRawJson");
    match field(&Item::Node(values.clone()), keys.iter().map(AsRef::as_ref), false).ok()? {
        Item::Node(node) if is_dump => Some(node),
        _ => None,
    }
}

/// Whether every block has its end: the parser does not ask. Else the action that does not fit.
fn balanced(text: &str) -> Result<(), std::ops::Range<usize>> {
    let mut open: Vec<std::ops::Range<usize>> = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("{{").map(|at| from + at) {
        let Some(close) = end_of_action(text, start + 2) else { return Err(start..text.len()) };
        let body = text[start + 2..close].trim_start_matches('-').trim_start();
        match body.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default() {
            "if" | "range" | "with" | "define" | "block" => open.push(start..close + 2),
            "end" if open.pop().is_none() => return Err(start..close + 2),
            "else" if open.is_empty() => return Err(start..close + 2),
            _ => {}
        }
        from = close + 2;
    }
    open.pop().map_or(Ok(()), Err)
}

/// Where an action ends; texts and comments in it may hold braces.
fn end_of_action(text: &str, from: usize) -> Option<usize> {
    if let Some(at) =
        text[from..].find("/*").filter(|at| matches!(text[from..from + at].trim_end(), "" | "-"))
    {
        let end = from + at + 2 + text[from + at + 2..].find("*/")?;
        return text[end..].find("}}").map(|at| end + at);
    }
    let mut quote = None;
    let bytes = text.as_bytes();
    let mut at = from;
    while at + 1 < bytes.len() {
        match (quote, bytes[at]) {
            (None, b'}') if bytes[at + 1] == b'}' => return Some(at),
            (None, sign @ (b'"' | b'`' | b'\'')) => quote = Some(sign),
            (Some(b'"' | b'\''), b'\\') => at += 1,
            (Some(open), sign) if open == sign => quote = None,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether a loop goes on.
#[derive(PartialEq, Eq)]
enum Flow {
    On,
    Continue,
    Break,
}

struct Run<'r> {
    whole: &'r Part,
    /// Whether nothing goes on with a field that is not there, not even to a default.
    strict: bool,
    defines: BTreeMap<&'r str, &'r ListNode>,
    variables: Vec<(Str, Item)>,
    out: Weaver,
    troubles: Vec<Trouble>,
    /// What was done and made so far.
    steps: usize,
}

impl<'r> Run<'r> {
    /// The action around a place.
    fn site(&self, offset: usize) -> Part {
        let text = self.whole.text.as_str();
        let offset = offset.min(text.len());
        let start = text[..offset].rfind("{{").unwrap_or(offset);
        let end = end_of_action(text, (start + 2).min(text.len())).map_or(text.len(), |at| at + 2);
        self.whole.slice(start..end.max(start))
    }

    fn trouble(&self, stop: Stop, site: &Part) -> Trouble {
        let (says, why) = match stop {
            Stop::Absent(name) => (format!("`{name}` is no value of this generator"), Unfilled::Absent),
            Stop::Refused(says) => (says, Unfilled::Fatal),
            Stop::Unknown => (format!("`{}` is more than is understood here", site.text), Unfilled::Unknown),
        };
        Trouble { says, at: site.span(), why }
    }

    fn write(&mut self, part: Part) {
        self.steps += part.text.len();
        self.out.push(part);
    }

    fn list(&mut self, list: &'r ListNode, dot: &Item, level: usize) -> Result<Flow, Trouble> {
        let known = self.variables.len();
        let mut flow = Flow::On;
        for node in &list.nodes {
            flow = self.one(node, dot, level)?;
            if flow != Flow::On {
                break;
            }
        }
        self.variables.truncate(known);
        Ok(flow)
    }

    fn one(&mut self, node: &'r Node, dot: &Item, level: usize) -> Result<Flow, Trouble> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err(self.trouble(Stop::Unknown, self.whole));
        }
        match node {
            Node::Text(text) => self.text(text),
            Node::Action(action) => self.action(action, dot)?,
            Node::If(branch) => {
                let known = self.variables.len();
                let is_true = self.decided(branch, dot)?.1;
                let flow = self.branch(branch, is_true, dot, dot, level);
                self.variables.truncate(known);
                return flow;
            }
            Node::With(branch) => {
                let known = self.variables.len();
                let (value, is_true) = self.decided(branch, dot)?;
                let flow = self.branch(branch, is_true, &value, dot, level);
                self.variables.truncate(known);
                return flow;
            }
            Node::Range(branch) => return self.range(branch, dot, level),
            Node::Template(call) => {
                let site = self.site(call.pos.offset);
                let dot = match &call.pipe {
                    Some(pipe) => {
                        self.pipe(pipe, dot, site.span()).map_err(|stop| self.trouble(stop, &site))?
                    }
                    None => Item::Absent(".".into()),
                };
                let body = self.defines.get(call.name.as_str()).copied().filter(|_| level < MOST_LEVELS);
                let Some(body) = body else {
                    let says = format!("there is no template `{}` here, or it calls itself", call.name);
                    return Err(self.trouble(Stop::Refused(says), &site));
                };
                // A template sees its own values only.
                let outer = std::mem::replace(&mut self.variables, vec![("$".into(), dot.clone())]);
                let done = self.list(body, &dot, level + 1);
                self.variables = outer;
                done?;
            }
            Node::Break(_) => return Ok(Flow::Break),
            Node::Continue(_) => return Ok(Flow::Continue),
            Node::List(list) => return self.list(list, dot, level),
            Node::Define(_) => {}
        }
        Ok(Flow::On)
    }

    fn text(&mut self, text: &TextNode) {
        let rest = &self.whole.text[text.pos.offset..];
        // Behind a sign that trims, the parser tells the place before the blanks that are gone.
        let skipped = if rest.starts_with(&*text.text) { 0 } else { rest.len() - rest.trim_start().len() };
        let start = text.pos.offset + skipped;
        self.write(self.whole.slice(start..start + text.text.len()));
    }

    fn action(&mut self, action: &ActionNode, dot: &Item) -> Result<(), Trouble> {
        let site = self.site(action.pos.offset);
        let value = self.pipe(&action.pipe, dot, site.span());
        if !action.pipe.decl.is_empty() {
            // What follows depends on it.
            return value.map(drop).map_err(|stop| self.trouble(stop, &site));
        }
        match value.and_then(|value| value.written(site.span())) {
            Ok(part) => {
                let origin = part.origin.via(How::Substitution, site.span());
                self.write(Part { text: part.text, origin });
            }
            Err(stop) => {
                self.troubles.push(self.trouble(stop, &site));
                self.write(site);
            }
        }
        Ok(())
    }

    /// The value that a branch asks for, and whether it is true.
    fn decided(&mut self, branch: &BranchNode, dot: &Item) -> Result<(Item, bool), Trouble> {
        let site = self.site(branch.pos.offset);
        let value = self.pipe(&branch.pipe, dot, site.span());
        let decided = value.and_then(|value| value.is_true().map(|is_true| (value, is_true)));
        decided.map_err(|stop| self.trouble(stop, &site))
    }

    fn branch(
        &mut self,
        branch: &'r BranchNode,
        is_true: bool,
        inner: &Item,
        outer: &Item,
        level: usize,
    ) -> Result<Flow, Trouble> {
        match (is_true, &branch.else_body) {
            (true, _) => self.list(&branch.body, inner, level),
            (false, Some(other)) => self.list(other, outer, level),
            (false, None) => Ok(Flow::On),
        }
    }

    fn range(&mut self, branch: &'r BranchNode, dot: &Item, level: usize) -> Result<Flow, Trouble> {
        let site = self.site(branch.pos.offset);
        let whole = PipeNode { decl: Vec::new(), ..branch.pipe.clone() };
        let value = self.pipe(&whole, dot, site.span());
        let turns = value.and_then(turns).map_err(|stop| self.trouble(stop, &site))?;
        if turns.is_empty() {
            return self.branch(branch, false, dot, dot, level);
        }
        for (key, value) in turns {
            let known = self.variables.len();
            let pairs = match branch.pipe.decl.as_slice() {
                [] => Vec::new(),
                [one] => vec![(one, value.clone())],
                [first, second, ..] => vec![(first, key), (second, value.clone())],
            };
            for (name, value) in pairs {
                self.declare(name, value, branch.pipe.is_assign);
            }
            let flow = self.list(&branch.body, &value, level)?;
            self.variables.truncate(known);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::On)
    }

    fn declare(&mut self, name: &str, value: Item, is_assign: bool) {
        let known = self.variables.iter_mut().rev().find(|(known, _)| known == name);
        match known.filter(|_| is_assign) {
            Some((_, old)) => *old = value,
            None => self.variables.push((name.into(), value)),
        }
    }

    /// Commands, each of which takes what the one before it gives as its last argument.
    fn pipe(&mut self, pipe: &PipeNode, dot: &Item, site: Span) -> Result<Item, Stop> {
        let mut given = None;
        for command in &pipe.commands {
            given = Some(self.command(command, given, dot, site)?);
        }
        let value = given.ok_or(Stop::Unknown)?;
        if let Some(name) = pipe.decl.first() {
            self.declare(name, value.clone(), pipe.is_assign);
        }
        Ok(value)
    }

    fn command(
        &mut self,
        command: &CommandNode,
        given: Option<Item>,
        dot: &Item,
        site: Span,
    ) -> Result<Item, Stop> {
        let Some((first, rest)) = command.args.split_first() else { return Err(Stop::Unknown) };
        let Expr::Identifier(_, name) = first else {
            if rest.is_empty() && given.is_none() {
                return self.value(first, dot, site);
            }
            return Err(Stop::Refused("a value that is no function takes no arguments".into()));
        };
        // These two ask no more than they need.
        if let (word @ ("and" | "or"), true) = (name.as_str(), !rest.is_empty()) {
            for (at, argument) in rest.iter().enumerate() {
                let value = self.value(argument, dot, site)?;
                let is_last = at + 1 == rest.len() && given.is_none();
                if is_last || value.is_true()? == (word == "or") {
                    return Ok(value);
                }
            }
            return given.ok_or(Stop::Unknown);
        }
        let mut arguments = Vec::with_capacity(rest.len() + 1);
        for argument in rest {
            arguments.push(self.value(argument, dot, site)?);
        }
        arguments.extend(given);
        let given = functions::call(name, arguments, site)?;
        let mut left = MOST_STEPS.saturating_sub(self.steps);
        if !given.fits(&mut left) {
            return Err(Stop::Unknown);
        }
        self.steps = MOST_STEPS - left;
        Ok(given)
    }

    fn value(&mut self, expr: &Expr, dot: &Item, site: Span) -> Result<Item, Stop> {
        Ok(match expr {
            Expr::Dot(_) => dot.clone(),
            Expr::Field(_, keys) => field(dot, keys.iter().map(AsRef::as_ref), self.strict)?,
            Expr::Variable(_, name, keys) => {
                let found = self.variables.iter().rev().find(|(known, _)| known == name.as_str());
                let missing = || Stop::Refused(format!("there is no variable `{name}`"));
                let (_, value) = found.ok_or_else(missing)?;
                field(value, keys.iter().map(AsRef::as_ref), self.strict)?
            }
            Expr::Identifier(_, name) => functions::call(name, Vec::new(), site)?,
            Expr::String(pos, text) => Item::text(&self.literal(pos.offset, text, site)),
            Expr::Number(_, Number::Int(number)) => Item::Int(*number),
            Expr::Number(_, Number::Float(number)) => Item::float(*number, site),
            Expr::Number(_, Number::Uint(_)) => return Err(Stop::Unknown),
            Expr::Bool(_, truth) => Item::Bool(*truth),
            Expr::Nil(_) => Item::Absent("nil".into()),
            Expr::Pipe(_, pipe) => self.pipe(pipe, dot, site)?,
            Expr::Chain(_, inner, keys) => {
                let inner = self.value(inner, dot, site)?;
                field(&inner, keys.iter().map(AsRef::as_ref), self.strict)?
            }
        })
    }

    /// A text of the template, at its place if it is there byte for byte.
    fn literal(&self, offset: usize, text: &str, site: Span) -> Part {
        let rest = self.whole.text.get(offset + 1..).unwrap_or_default();
        if rest.starts_with(text) && rest[text.len()..].starts_with(['"', '`']) {
            return self.whole.slice(offset + 1..offset + 1 + text.len());
        }
        Part::new(text, Origin::spelled(site))
    }
}

/// The value at the end of a road of keys.
fn field<'k>(from: &Item, keys: impl Iterator<Item = &'k str>, strict: bool) -> Result<Item, Stop> {
    let keys: Vec<&str> = keys.collect();
    if keys.is_empty() {
        return Ok(from.clone());
    }
    let said = || format!(".{}", keys.join("."));
    let mut value = from.clone();
    for key in &keys {
        value = match (value.kind(), &value) {
            (Kind::Unknown, _) => return Err(Stop::Unknown),
            (Kind::Map, Item::Node(node)) => match node.get(key) {
                Some(found) => Item::Node(found.clone()),
                None if strict => {
                    return Err(Stop::Refused(format!("`{}` is no value of this generator", said())));
                }
                None => Item::Absent(said()),
            },
            (_, Item::Absent(name)) => Item::Absent(name.clone()),
            _ => return Err(Stop::Refused(format!("`{}`: what has no fields is asked for one", said()))),
        };
    }
    Ok(if value.kind() == Kind::Nothing { Item::Absent(said()) } else { value })
}

/// What a loop goes through: keys or numbers, and values.
fn turns(value: Item) -> Result<Vec<(Item, Item)>, Stop> {
    let numbered = |at: usize| Item::Int(i64::try_from(at).unwrap_or(i64::MAX));
    match (value.kind(), &value) {
        (Kind::Unknown, _) => Err(Stop::Unknown),
        (Kind::Nothing, _) => Ok(Vec::new()),
        (Kind::Int(number), _) => {
            let most = usize::try_from(number.max(0)).unwrap_or(MOST_STEPS).min(MOST_STEPS);
            Ok((0..most).map(|at| (numbered(at), numbered(at))).collect())
        }
        (Kind::List, Item::Node(node)) => {
            let items = node.items().iter().enumerate();
            Ok(items.map(|(at, item)| (numbered(at), Item::Node(item.clone()))).collect())
        }
        (Kind::Map, Item::Node(node)) => {
            let mut entries: Vec<&(Tree, Tree)> = node.entries().iter().collect();
            entries.sort_by_key(|(key, _)| key.text());
            let turn = |(key, value): &(Tree, Tree)| (Item::Node(key.clone()), Item::Node(value.clone()));
            Ok(entries.into_iter().map(turn).collect())
        }
        _ => Err(Stop::Refused("a loop goes through a list, a map or a number".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml;
    use crate::text::SourceId;

    /// What a template gives, in the words of the table.
    fn given(line: &str, values: &Tree) -> String {
        let (strict, text) = line.strip_prefix("strict ").map_or((false, line), |text| (true, text));
        let text = text.replace('⏎', "\n");
        let whole = Part::new(text.as_str(), Origin::verbatim(Span::new(SourceId(0), 0, text.len())));
        let mut troubles = Vec::new();
        let mut out = execute(&whole, values, strict, &mut troubles).text.to_string();
        let has = |why: Unfilled| troubles.iter().any(|trouble| trouble.why == why);
        if has(Unfilled::Fatal) {
            return "!".into();
        }
        if has(Unfilled::Unknown) {
            return "?".into();
        }
        for trouble in &troubles {
            out = out.replacen(&text[trouble.at.range()], "<no value>", 1);
        }
        out.replace('\n', "⏎")
    }

    #[test]
    fn templates_give_what_go_gives() {
        let table = include_str!("../rows/go_templates.txt");
        let (_, rest) = table.split_once("=== values\n").expect("values");
        let (values, rows) = rest.split_once("=== templates\n").expect("templates");
        let read = yaml::read(SourceId(1), values);
        let values = &read.documents[0].root;
        let lines: Vec<&str> = rows.lines().collect();
        let (mut wrong, mut unknown) = (Vec::new(), 0);
        for row in lines.chunks(2) {
            let expected = row[1].strip_prefix("=> ").expect("what Go gives");
            let found = given(row[0], values);
            let is_unknown = expected.starts_with("? ");
            unknown += usize::from(is_unknown);
            if found != expected && !(is_unknown && found == "?") {
                wrong.push(format!("{}\nexpected {expected}\ngot      {found}\n", row[0]));
            }
        }
        assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
        assert!(lines.len() / 2 > 150 && unknown < 30, "{} rows, {unknown} unknown", lines.len() / 2);
    }

    #[test]
    fn templates_that_go_on_without_end_are_stopped() {
        let read = yaml::read(SourceId(1), "{a: b}");
        let values = &read.documents[0].root;
        for text in [
            "{{ range until 9999 }}{{ range until 9999 }}x{{ end }}{{ end }}",
            "{{ range 99999999999 }}x{{ end }}",
            "{{ until 99999999999 }}",
            "{{ $x := \"x\" }}{{ range until 99 }}{{ $x = printf \"%s%s\" $x $x }}{{ end }}",
            "{{ $x := list 1 }}{{ range until 99 }}{{ $x = list $x $x }}{{ end }}{{ toJson $x }}",
            "{{ repeat 1000 (repeat 1000 (repeat 1000 \"x\")) }}{{ printf \"%999999999d\" 7 }}",
            "{{ range until 9999 }}{{ $x := uniq (until 9999) }}{{ without $x $x | join \",\" }}{{ end }}",
            "{{ define \"x\" }}{{ template \"x\" . }}{{ end }}{{ template \"x\" . }}",
        ] {
            assert!(["?", "!"].contains(&given(text, values).as_str()), "{text}");
        }
        for deep in ["{{ if .a }}", "{{ ((((((((", "{{ print (print ("] {
            let _ = given(&deep.repeat(5_000), values);
        }
    }

    /// Templates that are cut, doubled and mixed give something or nothing, and nothing breaks.
    #[test]
    fn broken_templates_break_nothing() {
        let table = include_str!("../rows/go_templates.txt");
        let read = yaml::read(SourceId(1), "{name: Web_1, list: [a, ä], map: {b: two}, num: 3}");
        let values = &read.documents[0].root;
        let rows: Vec<&str> = table.lines().filter(|line| line.contains("{{")).collect();
        let mut seed = 7u64;
        let mut next = |most: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % most.max(1)
        };
        for _ in 0..4_000 {
            let (a, b) = (rows[next(rows.len())], rows[next(rows.len())]);
            let cut =
                |text: &str, at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
            let (from, to) = (cut(a, next(a.len())).unwrap_or(0), cut(b, next(b.len())).unwrap_or(0));
            let _ = given(&format!("{}ä{}", &a[..from], &b[to..]), values);
        }
    }
}
