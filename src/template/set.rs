//! The templates of one render: adding them, making values for them, executing one.

use super::execute::{Written, execute, without_no_value};
use super::fault::Fault;
use super::host::{Beside, Bounds, Guess, Host};
use super::names::Names;
use super::place::{Place, Places};
use super::read;
use super::rope::{Text, Told};
use super::stop::Stop;
use super::tool::Tool;
use super::value::Value;
use crate::limits::{MOST_SET_BYTES, MOST_SET_STEPS, MOST_WRITTEN};
use crate::syntax::Node;
use crate::text::{Part, Reason, Span};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The templates of one render, in one namespace, and the places of its values.
#[derive(Debug)]
pub struct Set {
    tool: Tool,
    places: Rc<Places>,
    names: Names,
    /// Room for the next text.
    room: RefCell<String>,
    /// What all templates of the set may still use.
    left: Cell<Spent>,
    written: Cell<usize>,
}

/// Steps and bytes.
#[derive(Clone, Copy, Debug)]
struct Spent {
    steps: usize,
    bytes: usize,
}

/// What a template writes.
#[derive(Debug)]
pub struct Rendered {
    /// The text. Its holes are what is generated when the template runs, or is not known here.
    pub text: String,
    pub told: Told,
    /// Where all of it is told: at the template.
    pub whole: Span,
    /// Decisions by values that are not known here: another text may be written when they are.
    pub guesses: Vec<Guess>,
    /// Why actions stay as they are written, where the tool's templates go on then.
    pub left: Vec<Fault>,
}

impl Rendered {
    /// The text with its places.
    pub fn part(&self) -> Part {
        Part::new(self.text.as_str(), self.told.origin(self.text.len(), self.whole))
    }
}

impl Set {
    pub fn new(tool: Tool) -> Set {
        Set {
            tool,
            places: Rc::new(Places::new(tool.how())),
            names: Names::default(),
            room: RefCell::default(),
            left: Cell::new(Spent { steps: MOST_SET_STEPS, bytes: MOST_SET_BYTES }),
            written: Cell::new(0),
        }
    }

    /// Adds a template, and what it defines. Of equal names the last one counts.
    pub fn add(&mut self, name: &str, text: &Part) -> Result<(), Fault> {
        self.names.add(name, Text::of(text, &self.places)).map_err(|wrong| {
            let action = text.slice(wrong.range);
            Fault::new(Stop::Refused(wrong.says), action.span(), &action.text)
        })
    }

    /// A tree as the tool decodes it.
    pub fn value(&self, node: &Node) -> Value {
        read::value(node, self.tool.words(), &self.places)
    }

    /// A text, as a value.
    pub fn text(&self, part: &Part) -> Text {
        Text::of(part, &self.places)
    }

    /// A text that stands in for what nobody here knows. It is written nowhere: who writes it out says where.
    pub fn unknown_text(&self, text: &str, why: Reason, name: &str) -> Text {
        Text::new(text, self.places.hole(why, name, Place::NOWHERE))
    }

    /// Takes a text back that nobody needs any more: the next one is written in its room.
    pub fn give_back(&self, text: String) {
        self.room.replace(text);
    }

    /// Executes a template over a value.
    pub fn execute(&self, name: &str, data: &Value, bounds: Bounds) -> Result<Rendered, Fault> {
        self.run(name, data, Host::new(self.tool, &self.places, self.within(bounds)))
    }

    /// Executes a template that may ask for files.
    pub fn execute_beside(
        &self,
        name: &str,
        data: &Value,
        bounds: Bounds,
        beside: &dyn Beside,
    ) -> Result<Rendered, Fault> {
        self.run(name, data, Host::new(self.tool, &self.places, self.within(bounds)).beside(beside))
    }

    /// The bounds of one template, within what is left for all.
    fn within(&self, bounds: Bounds) -> Bounds {
        let Spent { steps, bytes } = self.left.get();
        Bounds { steps: bounds.steps.min(steps), bytes: bounds.bytes.min(bytes), ..bounds }
    }

    /// Takes from what is left for all what one template used.
    fn spend(&self, host: &Host) {
        let Spent { steps, bytes } = self.left.get();
        let (used_steps, used_bytes) = host.used();
        self.left
            .set(Spent { steps: steps.saturating_sub(used_steps), bytes: bytes.saturating_sub(used_bytes) });
    }

    fn run(&self, name: &str, data: &Value, host: Host) -> Result<Rendered, Fault> {
        let Some(template) = self.names.get(name) else {
            let at = self.places.span(Place::NOWHERE);
            return Err(Fault::new(Stop::Refused(format!("there is no template `{name}`")), at, ""));
        };
        let whole = template.source.span(0..template.source.text.len(), &self.places);
        // Who writes more than that is not asked for more.
        if self.written.get() > MOST_WRITTEN {
            return Err(too_much(whole));
        }
        let written = execute(template, &self.names, data, &host, self.room.take());
        self.spend(&host);
        let Written { rope, left } = written?;
        let rope = if self.tool == Tool::Helm { without_no_value(rope) } else { rope };
        self.written.set(self.written.get().saturating_add(rope.len()));
        if self.written.get() > MOST_WRITTEN {
            return Err(too_much(whole));
        }
        let (text, told) = rope.told(self.places.clone());
        Ok(Rendered { text, told, whole, guesses: host.guesses.into_inner(), left })
    }
}

fn too_much(whole: Span) -> Fault {
    let says =
        format!("all templates here write more than {} MiB, and no more is followed", MOST_WRITTEN >> 20);
    Fault::new(Stop::TooMuch(says), whole, "")
}
