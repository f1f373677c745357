//! What a function of a template is given, asked for by kind: what Go refuses there is refused. And what every function
//! may use of the render around it.

use super::place::{Place, Places};
use super::print;
use super::rope::Text;
use super::scalar;
use super::stop::Stop;
use super::tool::Tool;
use super::value::{Int, List, Map, Value};
use crate::limits::{DEEPEST_FLAT, MOST_TEMPLATE_BYTES, MOST_TEMPLATE_STEPS, MOST_VALUES};
use crate::text::{Hole, Part, Reason, Span, Str};
use std::cell::{Cell, RefCell};

/// A decision that was made by a value which nobody here knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Guess {
    /// The action that decided.
    pub at: Span,
    pub hole: Hole,
}

/// What a render may use: it ends with a word where it uses more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// Actions, turns of loops and calls.
    pub steps: usize,
    /// Bytes that are made, also those that nobody writes.
    pub bytes: usize,
    /// Blocks, calls and templates within each other: each takes some of the stack of its thread.
    pub levels: usize,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { steps: MOST_TEMPLATE_STEPS, bytes: MOST_TEMPLATE_BYTES, levels: DEEPEST_FLAT }
    }
}

/// The files around a template. Paths are as the template writes them.
pub trait Beside: std::fmt::Debug {
    /// The text of a file.
    fn read(&self, path: &str) -> Result<Part, Stop>;

    /// The files in a folder; nothing if there is no such folder.
    fn list(&self, path: &str) -> Option<Vec<Str>>;

    fn is_file(&self, path: &str) -> bool;

    fn is_folder(&self, path: &str) -> bool;
}

/// The render around a call.
#[derive(Debug)]
pub struct Host<'p> {
    pub tool: Tool,
    pub places: &'p Places,
    /// The files that functions may ask for, where the tool has such functions.
    pub beside: Option<&'p dyn Beside>,
    pub guesses: RefCell<Vec<Guess>>,
    /// How deep it may go.
    pub levels: usize,
    bounds: Bounds,
    steps: Cell<usize>,
    bytes: Cell<usize>,
}

impl<'p> Host<'p> {
    pub fn new(tool: Tool, places: &'p Places, bounds: Bounds) -> Host<'p> {
        Host {
            tool,
            places,
            beside: None,
            guesses: RefCell::default(),
            levels: bounds.levels,
            bounds,
            steps: Cell::new(bounds.steps),
            bytes: Cell::new(bounds.bytes),
        }
    }

    /// The same render, which may ask for files.
    #[must_use]
    pub fn beside(self, beside: &'p dyn Beside) -> Host<'p> {
        Host { beside: Some(beside), ..self }
    }

    /// How many steps and bytes were used so far.
    pub fn used(&self) -> (usize, usize) {
        (self.bounds.steps - self.steps.get(), self.bounds.bytes - self.bytes.get())
    }

    /// Takes so many steps and bytes from what is left.
    pub fn spend(&self, steps: usize, bytes: usize) -> Result<(), Stop> {
        let (Some(steps), Some(bytes)) =
            (self.steps.get().checked_sub(steps), self.bytes.get().checked_sub(bytes))
        else {
            return Err(Stop::TooMuch(
                "it takes more steps, or makes more text, than is followed here".into(),
            ));
        };
        self.steps.set(steps);
        self.bytes.set(bytes);
        Ok(())
    }

    /// Whether a value is true. One that is not known is, and that is told.
    pub fn is_true(&self, value: &Value, at: Place) -> bool {
        self.guess(value, at);
        value.is_true()
    }

    /// Tells that something is decided by a value, if it is not known. What is generated is known to be there.
    pub fn guess(&self, value: &Value, at: Place) {
        let hole = value.unknown(self.places).and_then(|place| self.places.hole_of(place));
        let Some(hole) = hole.filter(|hole| hole.why != Reason::Runtime) else { return };
        let guess = Guess { at: self.places.span(at), hole };
        let mut guesses = self.guesses.borrow_mut();
        if guesses.last() != Some(&guess) {
            guesses.push(guess);
        }
    }
}

/// A call: the arguments, the piped one last.
#[derive(Debug)]
pub struct Call<'h> {
    pub host: &'h Host<'h>,
    pub name: &'h str,
    pub items: Vec<Value>,
    /// The arguments, as bits, that are fields: Go takes one that is not there for a value without a type.
    pub fields: u64,
    /// The action that calls.
    pub at: Place,
}

impl Call<'_> {
    pub fn places(&self) -> &Places {
        self.host.places
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn item(&self, at: usize) -> &Value {
        self.items.get(at).unwrap_or(&Value::Nil)
    }

    /// The last argument, the one that is piped.
    pub fn last(&self) -> &Value {
        self.items.last().unwrap_or(&Value::Nil)
    }

    fn wrong<T>(&self, at: usize, wanted: &str) -> Result<T, Stop> {
        match self.item(at) {
            Value::Nil => Stop::refused(format!("`{}` takes a {wanted}, and there is no value", self.name)),
            other => Stop::refused(format!(
                "wrong type for value of `{}`; expected {wanted}; got {}",
                self.name,
                other.type_name()
            )),
        }
    }

    /// A text, and nothing that merely looks like one.
    pub fn text(&self, at: usize) -> Result<Text, Stop> {
        match self.item(at) {
            Value::Text(text) => Ok(text.clone()),
            Value::Hole(place) => Ok(Text::new(print::UNKNOWN, place.whole())),
            _ => self.wrong(at, "string"),
        }
    }

    /// An `int`, and no fraction, as those of values files are.
    pub fn int(&self, at: usize) -> Result<i64, Stop> {
        match self.item(at) {
            Value::Int(Int { number, is_wide: false, .. }) => Ok(*number),
            _ => self.wrong(at, "int"),
        }
    }

    pub fn bool(&self, at: usize) -> Result<bool, Stop> {
        match self.item(at) {
            Value::Bool(truth, _) => Ok(*truth),
            value @ Value::Hole(_) => Ok(self.host.is_true(value, self.at)),
            _ => self.wrong(at, "bool"),
        }
    }

    pub fn map(&self, at: usize) -> Result<Map, Stop> {
        match self.item(at) {
            Value::Nil if self.fields >> at.min(63) & 1 == 0 => Ok(Map::new(Default::default(), self.at)),
            // A map that is not known has nothing in it.
            Value::Hole(place) => Ok(Map::new(Default::default(), *place)),
            value => match value.as_map() {
                Some(map) => Ok(map.clone()),
                None => self.wrong(at, super::value::ANY_MAP),
            },
        }
    }

    pub fn list(&self, at: usize) -> Result<List, Stop> {
        match self.item(at).as_list() {
            Some(list) => Ok(list.clone()),
            None => match self.item(at) {
                Value::Hole(_) => Ok(List {
                    items: std::rc::Rc::default(),
                    place: self.at,
                    type_name: super::value::ANY_LIST,
                }),
                other => {
                    Stop::refused(format!("cannot use {} as a list in `{}`", other.type_name(), self.name))
                }
            },
        }
    }

    /// Anything, as sprig writes it out to a text.
    pub fn written(&self, at: usize) -> Result<Text, Stop> {
        print::text(self.item(at), self.at, self.places())
    }

    pub fn is_true(&self, at: usize) -> bool {
        self.host.is_true(self.item(at), self.at)
    }

    /// The place of what is made of an argument: its own, or that of the action.
    pub fn place(&self, at: usize) -> Place {
        match self.item(at) {
            Value::Text(text) => text.main_place(self.places()).or(self.at),
            other => other.place().whole().or(self.at),
        }
    }

    /// A text that is made of an argument.
    pub fn made(&self, text: impl Into<crate::text::Str>, of: usize) -> Value {
        Value::Text(Text::new(text, self.place(of)))
    }

    /// Anything that can be made a whole number, as sprig makes it one.
    pub fn number(&self, at: usize) -> i64 {
        match self.item(at) {
            Value::Int(int) => int.number,
            Value::Float(number, _) => truncated(*number),
            Value::Bool(truth, _) => i64::from(*truth),
            Value::Text(text) => whole(text.as_str()),
            _ => 0,
        }
    }

    /// Anything that can be made a fraction.
    pub fn float(&self, at: usize) -> f64 {
        match self.item(at) {
            Value::Int(int) => int.number as f64,
            Value::Float(number, _) => *number,
            Value::Bool(truth, _) => f64::from(u8::from(*truth)),
            Value::Text(text) => text.as_str().parse().unwrap_or(0.0),
            _ => 0.0,
        }
    }

    /// Whether a list of so many values may be made.
    pub fn fits_values(&self, count: usize) -> Result<(), Stop> {
        if count <= MOST_VALUES {
            return self.host.spend(count, 0);
        }
        Err(Stop::TooMuch(format!("`{}` makes a list of more than {MOST_VALUES} values", self.name)))
    }

    /// Tells that the call decides by an argument, if that is not known.
    pub fn guess(&self, at: usize) {
        self.host.guess(self.item(at), self.at);
    }
}

/// The whole number of a text, in any base that Go knows; a fraction of zeros does not count.
fn whole(text: &str) -> i64 {
    let text = match text.split_once('.') {
        Some((before, after)) if after.bytes().all(|b| b == b'0') => before,
        _ => text,
    };
    scalar::whole(text).and_then(|number| i64::try_from(number).ok()).unwrap_or(0)
}

/// A fraction as a whole number: one that is too large becomes what processors make of it.
fn truncated(number: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&number) { number as i64 } else { i64::MIN }
}
