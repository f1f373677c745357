//! Templates executed as Go does it, and what only the executor can give to them: `include`, `tpl`, `and` and `or`.

use super::fault::{Fault, Why};
use super::fields::{field, plain_field, turns};
use super::functions;
use super::host::{Call, Host};
use super::names::{Names, Template};
use super::place::{Place, Site};
use super::print;
use super::rope::{Rope, Text};
use super::source::Source;
use super::stop::Stop;
use super::tree::{Branch, Expr, Node, Pipe, Run as Rows};
use super::value::Value;
use crate::limits::MOST_INCLUDED;
use crate::text::{Reason, Str};
use memchr::memmem;
use std::ops::Range;
use std::rc::Rc;

/// Most helpers write less.
const FEW: usize = 120;

/// What a template writes, and why actions stay as they are.
pub struct Written {
    pub rope: Rope,
    pub left: Vec<Fault>,
}

/// Executes a template over a value, and writes in the room of a text that is given. What is written keeps `<no value>`.
pub fn execute(
    template: &Template,
    names: &Names,
    data: &Value,
    host: &Host,
    room: String,
) -> Result<Written, Fault> {
    let mut run = Run {
        host,
        names: names.clone(),
        source: template.source.clone(),
        site: Site::NONE,
        variables: vec![("$".into(), data.clone())],
        out: Rope::within(room, template.source.text.len()),
        left: Vec::new(),
        depth: 0,
        included: Vec::new(),
    };
    run.list(&template.source, template.body, data)?;
    Ok(Written { rope: run.out, left: run.left })
}

/// What was written, without what actions left of values that are not there.
pub fn without_no_value(rope: Rope) -> Rope {
    match has_no_value(rope.as_str()) {
        true => cut(&rope.finish()),
        false => rope,
    }
}

fn has_no_value(text: &str) -> bool {
    memmem::find(text.as_bytes(), print::NO_VALUE.as_bytes()).is_some()
}

fn cut(text: &Text) -> Rope {
    let mut out = Rope::default();
    let mut from = 0;
    for (at, found) in text.as_str().match_indices(print::NO_VALUE) {
        out.push_slice(text, from..at);
        from = at + found.len();
    }
    out.push_slice(text, from..text.len());
    out
}

/// The same of a text.
fn cleaned(text: Text) -> Text {
    if has_no_value(text.as_str()) { cut(&text).finish() } else { text }
}

/// Whether a loop goes on.
#[derive(PartialEq, Eq)]
enum Flow {
    On,
    Continue,
    Break,
}

/// The field that an action writes; nothing if it is more than that.
fn asked_for(of: &Source, pipe: &Pipe) -> String {
    match &of.tree.commands[pipe.commands.range()] {
        [command] => match &of.tree.exprs[command.range()] {
            [Expr::Field(keys)] => format!(".{}", of.word(*keys)),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

/// Whether an argument is the field of something.
fn is_field(argument: &Expr) -> bool {
    match argument {
        Expr::Field(_) | Expr::Chain(..) => true,
        Expr::Variable(_, keys) => !keys.is_empty(),
        _ => false,
    }
}

struct Run<'h> {
    host: &'h Host<'h>,
    names: Names,
    source: Rc<Source>,
    /// The action that is executed.
    site: Site,
    variables: Vec<(Str, Value)>,
    out: Rope,
    /// Why actions stay as they are written.
    left: Vec<Fault>,
    depth: usize,
    /// The templates that are included right now, the innermost last.
    included: Vec<Str>,
}

impl Run<'_> {
    fn at(&self) -> Place {
        self.host.places.at_site(self.site)
    }

    fn fault(&self, stop: Stop) -> Fault {
        let at = match self.site {
            Site::NONE => self.source.span(0..self.source.text.len(), self.host.places),
            site => self.host.places.span(self.host.places.at_site(site)),
        };
        Fault::new(stop, at, self.source.written(self.site))
    }

    fn refused<T>(&self, says: impl Into<String>) -> Result<T, Fault> {
        Err(self.fault(Stop::Refused(says.into())))
    }

    fn enter(&mut self, of: &Source, action: u32) {
        self.site = of.site(action, self.host.places);
    }

    fn deeper(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        let most = self.host.levels;
        if self.depth > most {
            let says = format!("templates and blocks within each other are not followed deeper than {most}");
            return Err(self.fault(Stop::TooDeep(says)));
        }
        Ok(())
    }

    fn list(&mut self, of: &Source, nodes: Rows, dot: &Value) -> Result<Flow, Fault> {
        self.deeper()?;
        let mut flow = Flow::On;
        for node in &of.tree.nodes[nodes.range()] {
            self.host.spend(1, 0).map_err(|stop| self.fault(stop))?;
            flow = self.one(of, node, dot)?;
            if flow != Flow::On {
                break;
            }
        }
        self.depth -= 1;
        Ok(flow)
    }

    fn one(&mut self, of: &Source, node: &Node, dot: &Value) -> Result<Flow, Fault> {
        match node {
            Node::Text(bytes) => self.text(of, bytes.range())?,
            Node::Action(pipe) => self.action(of, pipe, dot)?,
            Node::If(branch) | Node::With(branch) => {
                let is_with = matches!(node, Node::With(_));
                let known = self.variables.len();
                let flow = self.branch(of, branch, dot, is_with);
                self.variables.truncate(known);
                return flow;
            }
            Node::Range(branch) => {
                let known = self.variables.len();
                let flow = self.range(of, branch, dot);
                self.variables.truncate(known);
                return flow;
            }
            Node::Template { action, name, pipe } => {
                self.enter(of, *action);
                self.template(of, *name, *pipe, dot)?;
            }
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::On)
    }

    fn text(&mut self, of: &Source, bytes: Range<usize>) -> Result<(), Fault> {
        self.host.spend(0, bytes.len()).map_err(|stop| self.fault(stop))?;
        self.out.push_slice(&of.text, bytes);
        self.out.fits().map_err(|stop| self.fault(stop))
    }

    fn action(&mut self, of: &Source, pipe: &Pipe, dot: &Value) -> Result<(), Fault> {
        self.enter(of, pipe.action);
        let site = self.site;
        let value = self.pipe(of, pipe, dot);
        if !pipe.names.is_empty() {
            return value.map(drop);
        }
        let text = value.and_then(|value| self.written(of, &value, pipe));
        self.site = site;
        let text = match text {
            // What is too much is not tried again.
            Err(fault) if self.host.tool.goes_on() && !matches!(fault.why, Why::TooMuch | Why::TooDeep) => {
                self.left.push(fault);
                self.out.push_slice(&of.text, of.action(pipe.action));
                return Ok(());
            }
            text => text?,
        };
        self.host.spend(0, text.len()).map_err(|stop| self.fault(stop))?;
        self.out.write(&text, self.site);
        self.out.fits().map_err(|stop| self.fault(stop))
    }

    /// What an action writes of its value.
    fn written(&self, of: &Source, value: &Value, pipe: &Pipe) -> Result<Text, Fault> {
        if self.host.tool.goes_on() {
            let stays = |says: String, why: Why| Err(Fault { why, ..self.fault(Stop::Refused(says)) });
            if matches!(value, Value::Nil) {
                return stays(asked_for(of, pipe), Why::Absent);
            }
            let unknown = value.unknown(self.host.places).and_then(|place| self.host.places.hole_of(place));
            let is_unknown = matches!(value, Value::Hole(_));
            if is_unknown || unknown.is_some_and(|hole| hole.why == Reason::Runtime) {
                return stays(asked_for(of, pipe), Why::Unknown);
            }
        }
        print::written(value, self.at(), self.host.places).map_err(|stop| self.fault(stop))
    }

    fn branch(&mut self, of: &Source, branch: &Branch, dot: &Value, is_with: bool) -> Result<Flow, Fault> {
        self.enter(of, branch.pipe.action);
        let value = self.pipe(of, &branch.pipe, dot)?;
        match (self.host.is_true(&value, self.at()), branch.otherwise) {
            (true, _) => self.list(of, branch.body, if is_with { &value } else { dot }),
            (false, Some(other)) => self.list(of, other, dot),
            (false, None) => Ok(Flow::On),
        }
    }

    fn range(&mut self, of: &Source, branch: &Branch, dot: &Value) -> Result<Flow, Fault> {
        self.enter(of, branch.pipe.action);
        let pipe = &branch.pipe;
        let value = self.commands(of, pipe, dot)?;
        let names = &of.tree.names[pipe.names.range()];
        self.host.guess(&value, self.at());
        let turns = turns(&value, names.len()).map_err(|stop| self.fault(stop))?;
        if turns.len() == 0 {
            return branch.otherwise.map_or(Ok(Flow::On), |other| self.list(of, other, dot));
        }
        let first = self.variables.len();
        for name in names.iter().filter(|_| !pipe.is_assign) {
            self.variables.push((of.word(*name).into(), Value::Nil));
        }
        let inner = self.variables.len();
        let site = self.site;
        for (key, value) in turns {
            self.site = site;
            self.host.spend(1, 0).map_err(|stop| self.fault(stop))?;
            let given =
                if names.len() > 1 { [Some(key), Some(value.clone())] } else { [Some(value.clone()), None] };
            for (at, (name, given)) in names.iter().zip(given.into_iter().flatten()).enumerate() {
                if pipe.is_assign {
                    self.assign(of.word(*name), given)?;
                } else {
                    self.variables[first + at].1 = given;
                }
            }
            let flow = self.list(of, branch.body, &value)?;
            self.variables.truncate(inner);
            if flow == Flow::Break {
                break;
            }
        }
        Ok(Flow::On)
    }

    fn template(&mut self, of: &Source, name: Rows, pipe: Option<u32>, dot: &Value) -> Result<(), Fault> {
        let dot = match pipe {
            Some(pipe) => self.pipe(of, &of.tree.pipes[pipe as usize], dot)?,
            None => Value::Nil,
        };
        let name = of.word(name);
        let Some(template) = self.names.get(name).cloned() else {
            return self.refused(format!("template \"{name}\" not defined"));
        };
        self.within(&template, &dot)
    }

    /// Executes another template here: it sees its own variables only.
    fn within(&mut self, template: &Template, dot: &Value) -> Result<(), Fault> {
        let variables = std::mem::replace(&mut self.variables, vec![("$".into(), dot.clone())]);
        let source = std::mem::replace(&mut self.source, template.source.clone());
        let site = self.site;
        self.list(&template.source, template.body, dot)?;
        (self.variables, self.source, self.site) = (variables, source, site);
        Ok(())
    }

    /// What another template writes.
    fn written_by(&mut self, template: &Template, dot: &Value) -> Result<Text, Fault> {
        let out = std::mem::replace(&mut self.out, Rope::with_capacity(FEW));
        let done = self.within(template, dot);
        let written = std::mem::replace(&mut self.out, out);
        done.map(|()| written.finish())
    }

    fn assign(&mut self, name: &str, value: Value) -> Result<(), Fault> {
        match self.variables.iter_mut().rev().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => return self.refused(format!("undefined variable \"{name}\"")),
        }
        Ok(())
    }

    fn pipe(&mut self, of: &Source, pipe: &Pipe, dot: &Value) -> Result<Value, Fault> {
        let value = self.commands(of, pipe, dot)?;
        if let Some(name) = of.tree.names[pipe.names.range()].first() {
            let name = of.word(*name);
            if pipe.is_assign {
                self.assign(name, value.clone())?;
            } else {
                self.variables.push((name.into(), value.clone()));
            }
        }
        Ok(value)
    }

    /// Commands, each of which takes what the one before it gives as its last argument.
    fn commands(&mut self, of: &Source, pipe: &Pipe, dot: &Value) -> Result<Value, Fault> {
        self.deeper()?;
        let mut given = None;
        for command in &of.tree.commands[pipe.commands.range()] {
            given = Some(self.command(of, &of.tree.exprs[command.range()], given, dot)?);
        }
        self.depth -= 1;
        given.map_or_else(|| self.refused("missing value for command"), Ok)
    }

    fn command(
        &mut self,
        of: &Source,
        command: &[Expr],
        given: Option<Value>,
        dot: &Value,
    ) -> Result<Value, Fault> {
        let Some((first, rest)) = command.split_first() else {
            return self.refused("an empty command");
        };
        if rest.is_empty()
            && given.is_none()
            && let Some(found) = self.plain(of, first, dot)
        {
            return Ok(found);
        }
        match first {
            Expr::Function(name) => self.function(of, *name, rest, given, dot),
            Expr::Field(keys) => self.asked(of, dot.clone(), *keys, rest, given, dot),
            Expr::Variable(name, keys) => {
                let value = self.variable(of.word(*name))?;
                self.asked(of, value, *keys, rest, given, dot)
            }
            Expr::Chain(inner, keys) => {
                let value = self.value(of, &of.tree.exprs[*inner as usize], dot)?;
                self.asked(of, value, *keys, rest, given, dot)
            }
            _ if !rest.is_empty() || given.is_some() => self.refused("can't give argument to non-function"),
            Expr::Nil => self.refused("nil is not a command"),
            first => self.value(of, first, dot),
        }
    }

    /// A field that is simply there.
    fn plain(&self, of: &Source, expr: &Expr, dot: &Value) -> Option<Value> {
        match expr {
            Expr::Field(keys) => plain_field(dot, of.word(*keys)),
            Expr::Variable(name, keys) if !keys.is_empty() => {
                let name = of.word(*name);
                let (_, value) = self.variables.iter().rev().find(|(known, _)| known == name)?;
                plain_field(value, of.word(*keys))
            }
            _ => None,
        }
    }

    /// A field at the end of a road of keys, or what a method there answers.
    fn asked(
        &mut self,
        of: &Source,
        from: Value,
        keys: Rows,
        rest: &[Expr],
        given: Option<Value>,
        dot: &Value,
    ) -> Result<Value, Fault> {
        let mut arguments = Vec::new();
        for argument in rest {
            arguments.push(self.value(of, argument, dot)?);
        }
        arguments.extend(given);
        if keys.is_empty() {
            return match arguments.is_empty() {
                true => Ok(from),
                false => self.refused("can't give argument to non-function"),
            };
        }
        field(from, of.word(keys), &arguments, self.host).map_err(|stop| self.fault(stop))
    }

    fn variable(&self, name: &str) -> Result<Value, Fault> {
        let found = self.variables.iter().rev().find(|(known, _)| known == name);
        match found {
            Some((_, value)) => Ok(value.clone()),
            None => self.refused(format!("undefined variable \"{name}\"")),
        }
    }

    fn value(&mut self, of: &Source, expr: &Expr, dot: &Value) -> Result<Value, Fault> {
        if let Some(found) = self.plain(of, expr, dot) {
            return Ok(found);
        }
        Ok(match expr {
            Expr::Dot => dot.clone(),
            Expr::Field(keys) => self.asked(of, dot.clone(), *keys, &[], None, dot)?,
            Expr::Variable(name, keys) => {
                let value = self.variable(of.word(*name))?;
                self.asked(of, value, *keys, &[], None, dot)?
            }
            Expr::Function(name) => self.function(of, *name, &[], None, dot)?,
            Expr::Text(word) => Value::Text(of.literal(*word, self.at())),
            Expr::Int(number) => Value::int(*number),
            Expr::Float(number) => Value::float(*number),
            Expr::TooLarge => return self.refused("integer overflow"),
            Expr::Bool(truth) => Value::bool(*truth),
            Expr::Nil => Value::Nil,
            Expr::Pipe(pipe) => self.pipe(of, &of.tree.pipes[*pipe as usize], dot)?,
            Expr::Chain(inner, keys) => {
                let inner = self.value(of, &of.tree.exprs[*inner as usize], dot)?;
                self.asked(of, inner, *keys, &[], None, dot)?
            }
        })
    }

    fn function(
        &mut self,
        of: &Source,
        name: Rows,
        rest: &[Expr],
        given: Option<Value>,
        dot: &Value,
    ) -> Result<Value, Fault> {
        let name = of.word(name);
        if matches!(name, "and" | "or") && !rest.is_empty() {
            return self.decided(of, name == "or", rest, given, dot);
        }
        let mut items = Vec::with_capacity(rest.len() + 1);
        let mut fields = 0;
        for (at, argument) in rest.iter().enumerate() {
            items.push(self.value(of, argument, dot)?);
            fields |= u64::from(is_field(argument)) << at.min(63);
        }
        items.extend(given);
        let call = Call { host: self.host, name, items, fields, at: self.at() };
        let value = match (name, call.len()) {
            _ if !self.host.tool.has(name) => return Err(self.fault(functions::unknown(name))),
            ("include", 2) => self.include(&call)?,
            ("tpl", 2) => self.tpl(&call)?,
            ("include" | "tpl", got) => {
                return self.refused(format!("wrong number of args for {name}: want 2 got {got}"));
            }
            _ => functions::call(&call).map_err(|stop| self.fault(stop))?,
        };
        let weight = value.as_text().map_or(0, Text::weight);
        let fits = super::stop::fits(weight).and_then(|()| self.host.spend(1, weight));
        fits.map_err(|stop| self.fault(stop))?;
        Ok(value)
    }

    /// `and` and `or`: they ask no more than they need, and give what decided.
    fn decided(
        &mut self,
        of: &Source,
        by: bool,
        rest: &[Expr],
        given: Option<Value>,
        dot: &Value,
    ) -> Result<Value, Fault> {
        for (index, argument) in rest.iter().enumerate() {
            let value = self.value(of, argument, dot)?;
            let is_last = index + 1 == rest.len() && given.is_none();
            if is_last || self.host.is_true(&value, self.at()) == by {
                return Ok(value);
            }
        }
        Ok(given.unwrap_or(Value::Nil))
    }

    fn include(&mut self, call: &Call) -> Result<Value, Fault> {
        let name = call.text(0).map_err(|stop| self.fault(stop))?;
        let Some(template) = self.names.get(name.as_str()).cloned() else {
            return self
                .refused(format!("no template \"{}\" associated with template \"gotpl\"", name.as_str()));
        };
        self.included.push(name.text().clone());
        // Before that none of them can be there so often.
        let is_many = self.included.len() > MOST_INCLUDED
            && self.included.iter().filter(|one| *one == name.text()).count() > MOST_INCLUDED;
        if is_many {
            return self.refused(format!(
                "rendering template has a nested reference name: {}: unable to execute template",
                name.as_str()
            ));
        }
        let written = self.written_by(&template, call.item(1))?;
        self.included.pop();
        Ok(Value::Text(written))
    }

    /// A text that is a template itself. What it defines is seen in it only.
    fn tpl(&mut self, call: &Call) -> Result<Value, Fault> {
        let text = call.text(0).map_err(|stop| self.fault(stop))?;
        if !text.as_str().contains("{{") {
            return Ok(Value::Text(cleaned(text)));
        }
        let outer = self.names.clone();
        let template = match self.names.beside(text.clone()) {
            Ok(template) => template,
            Err(wrong) => {
                let at = text.slice(wrong.range).origin(self.host.places).span();
                return Err(Fault::new(Stop::Refused(wrong.says), at, ""));
            }
        };
        let written = self.written_by(&template, call.item(1))?;
        self.names = outer;
        Ok(Value::Text(cleaned(written)))
    }
}
