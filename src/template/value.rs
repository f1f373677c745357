//! The values of templates, shared by reference as in Go: who changes a map changes it for everybody who holds it.
//!
//! A value that is not known here (`Hole`) is taken for something that is there: it is true, not empty and equal to nothing.
//! Most unknown values are secrets and settings of a cluster, and a chart that is given one means to use it. Whoever
//! decides by such a value leaves a [`Guess`](super::Guess) with its place, so that nothing is guessed in silence.

use super::place::{Place, Places};
use super::rope::Text;
use super::stop::Stop;
use crate::limits::{DEEPEST_VALUE, MOST_VALUES};
use crate::text::{Reason, Str};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

/// What a function gives.
pub type Given = Result<Value, Stop>;

#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing: `nil`, or a key that is not there.
    Nil,
    Bool(bool, Place),
    Int(Int),
    Float(f64, Place),
    Text(Text),
    List(List),
    Map(Map),
    Object(Rc<Object>),
    /// What is there, and not known here.
    Hole(Place),
}

/// A whole number. Go tells an `int` from an `int64`, and so does `typeOf`.
#[derive(Clone, Copy, Debug)]
pub struct Int {
    pub number: i64,
    pub is_wide: bool,
    pub place: Place,
}

/// A list. Nothing changes it in place.
#[derive(Clone, Debug)]
pub struct List {
    pub items: Rc<Items>,
    pub place: Place,
    /// Go's name of its type.
    pub type_name: &'static str,
}

/// The entries of a map, by key.
pub type Entries = BTreeMap<Text, Value>;

/// A map, shared by all who hold it.
#[derive(Clone, Debug)]
pub struct Map {
    pub entries: Rc<Shared>,
    pub place: Place,
    /// Go's name of its type.
    pub type_name: &'static str,
}

pub const ANY_MAP: &str = "map[string]interface {}";
pub const TEXT_MAP: &str = "map[string]string";
pub const ANY_LIST: &str = "[]interface {}";
pub const TEXT_LIST: &str = "[]string";
pub const INT_LIST: &str = "[]int";

/// The values of a list.
#[derive(Default, Debug)]
pub struct Items(Vec<Value>);

impl Items {
    pub fn of(items: Vec<Value>) -> Rc<Items> {
        Rc::new(Items(items))
    }
}

impl Deref for Items {
    type Target = Vec<Value>;

    fn deref(&self) -> &Vec<Value> {
        &self.0
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        give_back(self.0.drain(..));
    }
}

/// The entries of a map, for all who hold it.
#[derive(Debug)]
pub struct Shared(RefCell<Entries>);

impl Deref for Shared {
    type Target = RefCell<Entries>;

    fn deref(&self) -> &RefCell<Entries> {
        &self.0
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        give_back(self.0.take().into_values());
    }
}

thread_local! {
    /// Values that are given back, while some are.
    static GIVEN_BACK: RefCell<Option<Vec<Value>>> = const { RefCell::new(None) };
}

/// Gives values back one behind the other: a list in a list in a list, a million times, would else be as many calls.
fn give_back(values: impl Iterator<Item = Value>) {
    let holds = |value: &Value| matches!(value, Value::List(_) | Value::Map(_) | Value::Object(_));
    let held: Vec<Value> = values.filter(holds).collect();
    let is_first = GIVEN_BACK.with_borrow_mut(|queue| match queue {
        Some(queue) => {
            queue.extend(held);
            false
        }
        None if held.is_empty() => false,
        None => {
            *queue = Some(held);
            true
        }
    });
    if is_first {
        while let Some(value) = GIVEN_BACK.with_borrow_mut(|queue| queue.as_mut().and_then(Vec::pop)) {
            drop(value);
        }
        GIVEN_BACK.set(None);
    }
}

/// What is neither a list nor a map of values: it has fields of certain names, and methods.
#[derive(Debug)]
pub struct Object {
    /// Go's name of its type, as `chart.Metadata`.
    pub type_name: &'static str,
    pub fields: BTreeMap<Str, Value>,
    plain: Value,
    methods: Option<Rc<dyn Methods>>,
    asked: Cell<bool>,
}

impl Object {
    pub fn new(type_name: &'static str, fields: BTreeMap<Str, Value>) -> Object {
        Object { type_name, fields, plain: Value::Nil, methods: None, asked: Cell::new(false) }
    }

    /// The same with methods, and with what a loop, `index` and `toYaml` see in it.
    #[must_use]
    pub fn with(self, plain: Value, methods: Option<Rc<dyn Methods>>) -> Object {
        Object { plain, methods, ..self }
    }

    /// What a loop, `index` and `toYaml` see in it; nothing for what has fields only.
    pub fn plain(&self) -> &Value {
        self.asked.set(true);
        &self.plain
    }

    pub fn methods(&self) -> Option<&dyn Methods> {
        self.asked.set(true);
        self.methods.as_deref()
    }

    /// Whether anybody wanted more of it than its fields.
    pub fn is_asked(&self) -> bool {
        self.asked.get()
    }
}

/// What an object can be asked with arguments.
pub trait Methods: fmt::Debug {
    /// The answer; nothing if there is no such method.
    fn call(&self, name: &str, arguments: &[Value], places: &Places) -> Option<Given>;
}

/// What Go calls the kind of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Invalid,
    Bool,
    Int,
    Float,
    Text,
    Slice,
    Map,
    Struct,
    Unknown,
}

impl Value {
    pub fn int(number: i64) -> Value {
        Value::Int(Int { number, is_wide: false, place: Place::NOWHERE })
    }

    pub fn int64(number: i64) -> Value {
        Value::Int(Int { number, is_wide: true, place: Place::NOWHERE })
    }

    pub fn bool(truth: bool) -> Value {
        Value::Bool(truth, Place::NOWHERE)
    }

    pub fn float(number: f64) -> Value {
        Value::Float(number, Place::NOWHERE)
    }

    pub fn list(items: Vec<Value>) -> Value {
        Value::List(List { items: Items::of(items), place: Place::NOWHERE, type_name: ANY_LIST })
    }

    pub fn texts(items: Vec<Text>) -> Value {
        let items = Items::of(items.into_iter().map(Value::Text).collect());
        Value::List(List { items, place: Place::NOWHERE, type_name: TEXT_LIST })
    }

    pub fn map(entries: Entries) -> Value {
        Value::Map(Map::new(entries, Place::NOWHERE))
    }

    pub fn kind(&self) -> Kind {
        match self {
            Value::Nil => Kind::Invalid,
            Value::Bool(..) => Kind::Bool,
            Value::Int(_) => Kind::Int,
            Value::Float(..) => Kind::Float,
            Value::Text(_) => Kind::Text,
            Value::List(_) => Kind::Slice,
            Value::Map(_) => Kind::Map,
            Value::Object(object) => match object.plain().kind() {
                Kind::Invalid => Kind::Struct,
                kind => kind,
            },
            Value::Hole(_) => Kind::Unknown,
        }
    }

    /// What Go calls its kind.
    pub fn kind_name(&self) -> &'static str {
        match (self.kind(), self) {
            (Kind::Invalid, _) => "invalid",
            (Kind::Bool, _) => "bool",
            (Kind::Int, Value::Int(int)) if int.is_wide => "int64",
            (Kind::Int, _) => "int",
            (Kind::Float, _) => "float64",
            // What is not known is mostly a text of a Secret.
            (Kind::Text | Kind::Unknown, _) => "string",
            (Kind::Slice, _) => "slice",
            (Kind::Map, _) => "map",
            (Kind::Struct, _) => "struct",
        }
    }

    /// What Go calls its type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Nil => "<nil>",
            Value::List(list) => list.type_name,
            Value::Map(map) => map.type_name,
            Value::Object(object) => object.type_name,
            _ => self.kind_name(),
        }
    }

    /// Whether a condition takes it for true.
    pub fn is_true(&self) -> bool {
        match self {
            Value::Nil => false,
            Value::Bool(truth, _) => *truth,
            Value::Int(int) => int.number != 0,
            Value::Float(number, _) => *number != 0.0,
            Value::Text(text) => !text.is_empty(),
            Value::List(list) => !list.items.is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Object(object) => matches!(object.plain(), Value::Nil) || object.plain().is_true(),
            Value::Hole(_) => true,
        }
    }

    /// Where it was written.
    pub fn place(&self) -> Place {
        match self {
            Value::Nil => Place::NOWHERE,
            Value::Bool(_, place) | Value::Float(_, place) | Value::Hole(place) => *place,
            Value::Int(int) => int.place,
            Value::Text(text) => text.place(),
            Value::List(list) => list.place,
            Value::Map(map) => map.place,
            Value::Object(object) => object.plain().place(),
        }
    }

    /// The place of something in it that is not known; of lists and maps only they themselves are asked.
    pub fn unknown(&self, places: &Places) -> Option<Place> {
        match self {
            Value::Hole(place) => Some(*place),
            Value::Text(text) => text.unknown(places),
            _ => None,
        }
    }

    /// The list that it is, if it is one.
    pub fn as_list(&self) -> Option<&List> {
        match self {
            Value::List(list) => Some(list),
            Value::Object(object) => object.plain().as_list(),
            _ => None,
        }
    }

    /// The map that it is, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            Value::Object(object) => object.plain().as_map(),
            _ => None,
        }
    }

    pub fn as_text(&self) -> Option<&Text> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A text that is made when the template runs, and is another one every time.
    pub fn generated(text: String, function: &str, at: Place, places: &Places) -> Value {
        Value::Text(Text::new(text, places.hole(Reason::Runtime, function, at)))
    }

    /// A copy that shares nothing that can be changed.
    pub fn deep_copy(&self) -> Given {
        self.copied(DEEPEST_VALUE, &mut MOST_VALUES.clone())
    }

    fn copied(&self, levels: usize, left: &mut usize) -> Given {
        let Some(levels) = levels.checked_sub(1) else { return Err(too_deep()) };
        spend(left)?;
        Ok(match self {
            Value::List(list) => {
                let items = list.items.iter().map(|item| item.copied(levels, left));
                Value::List(List { items: Items::of(items.collect::<Result<_, _>>()?), ..list.clone() })
            }
            Value::Map(map) => {
                let entries = map.entries.borrow();
                let copy = entries.iter().map(|(key, value)| Ok((key.clone(), value.copied(levels, left)?)));
                let entries = Rc::new(Shared(RefCell::new(copy.collect::<Result<_, Stop>>()?)));
                Value::Map(Map { entries, ..map.clone() })
            }
            other => other.clone(),
        })
    }
}

/// Takes a value from those that may be looked at.
pub fn spend(left: &mut usize) -> Result<(), Stop> {
    match left.checked_sub(1) {
        Some(less) => *left = less,
        None => return Err(Stop::TooMuch(format!("it goes through more than {MOST_VALUES} values"))),
    }
    Ok(())
}

pub fn too_deep() -> Stop {
    Stop::TooMuch("the value holds itself, or is nested too deep".into())
}

impl Map {
    pub fn new(entries: Entries, place: Place) -> Map {
        Map { entries: Rc::new(Shared(RefCell::new(entries))), place, type_name: ANY_MAP }
    }

    pub fn get(&self, key: &str) -> Option<Value> {
        self.entries.borrow().get(key).cloned()
    }

    /// Puts a value in; the key that is there already stays, with its place.
    pub fn set(&self, key: &Text, value: Value) {
        self.entries.borrow_mut().insert(key.clone(), value);
    }

    pub fn len(&self) -> usize {
        self.entries.borrow().len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.borrow().is_empty()
    }

    pub fn keys(&self) -> Vec<Text> {
        self.entries.borrow().keys().cloned().collect()
    }

    /// The entries as they are now: while they are gone through, somebody may change the map.
    pub fn to_vec(&self) -> Vec<(Text, Value)> {
        self.entries.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

/// Whether two values are the same to Go's `reflect.DeepEqual`.
pub fn deep_equal(a: &Value, b: &Value) -> Result<bool, Stop> {
    same(a, b, DEEPEST_VALUE, &mut MOST_VALUES.clone())
}

fn same(a: &Value, b: &Value, levels: usize, left: &mut usize) -> Result<bool, Stop> {
    let Some(levels) = levels.checked_sub(1) else { return Err(too_deep()) };
    spend(left)?;
    Ok(match (a, b) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(a, _), Value::Bool(b, _)) => a == b,
        (Value::Int(a), Value::Int(b)) => a.number == b.number && a.is_wide == b.is_wide,
        (Value::Float(a, _), Value::Float(b, _)) => a == b,
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            if a.type_name != b.type_name || a.items.len() != b.items.len() {
                return Ok(false);
            }
            for (a, b) in a.items.iter().zip(b.items.iter()) {
                if !same(a, b, levels, left)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Map(a), Value::Map(b)) => {
            let (a, b) = (a.to_vec(), b.to_vec());
            if a.len() != b.len() {
                return Ok(false);
            }
            for ((key, a), (other, b)) in a.iter().zip(&b) {
                if key != other || !same(a, b, levels, left)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Object(a), Value::Object(b)) => Rc::ptr_eq(a, b),
        _ => false,
    })
}
