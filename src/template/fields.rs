//! What a value has below it: fields, methods, and the turns of a loop over it.

use super::THIS_GENERATOR;
use super::host::Host;
use super::rope::Text;
use super::stop::Stop;
use super::tool::{Missing, Tool};
use super::value::Value;

/// The value at the end of a road of keys where it leads through maps and all of them are there: nearly always so, and
/// nothing is cloned on the way.
pub fn plain_field(from: &Value, keys: &str) -> Option<Value> {
    let Value::Map(map) = from else { return None };
    let entries = map.entries.borrow();
    match keys.bytes().position(|byte| byte == b'.') {
        None => entries.get(keys).cloned(),
        Some(dot) => plain_field(entries.get(&keys[..dot])?, &keys[dot + 1..]),
    }
}

/// The value at the end of a road of keys, with dots between them; `arguments` are for the method at the end of it.
pub fn field(from: Value, keys: &str, arguments: &[Value], host: &Host) -> Result<Value, Stop> {
    // What is nothing from the start has fields that are nothing.
    if matches!(from, Value::Nil) {
        return Ok(Value::Nil);
    }
    let mut value = from;
    let mut left = Some(keys);
    while let Some(here) = left {
        let dot = here.bytes().position(|byte| byte == b'.');
        let (key, next) = dot.map_or((here, None), |dot| (&here[..dot], Some(&here[dot + 1..])));
        left = next;
        let arguments = if next.is_none() { arguments } else { &[] };
        value = match &value {
            Value::Nil => return Stop::refused(format!("nil pointer evaluating interface {{}}.{key}")),
            Value::Hole(_) => value.clone(),
            Value::Object(object) => {
                let called = object.methods().and_then(|methods| methods.call(key, arguments, host.places));
                match (called, object.fields.get(key)) {
                    (Some(given), _) => given?,
                    (None, _) if !arguments.is_empty() => return not_a_method(key),
                    (None, Some(field)) => field.clone(),
                    (None, None) => match object.plain().as_map() {
                        Some(map) => map.get(key).unwrap_or(Value::Nil),
                        None => return no_field(key, object.type_name),
                    },
                }
            }
            Value::Map(_) if !arguments.is_empty() => return not_a_method(key),
            Value::Map(map) => match (map.get(key), host.tool.missing()) {
                (Some(found), _) => found,
                (None, Missing::Nil) => Value::Nil,
                (None, Missing::Nothing) => return Ok(Value::Nil),
                (None, Missing::Refused) if host.tool == Tool::Helmfile => {
                    return Stop::refused(format!("map has no entry for key \"{key}\""));
                }
                (None, Missing::Refused) => {
                    return Stop::refused(format!("`.{keys}` is no value of {THIS_GENERATOR}"));
                }
            },
            other => return no_field(key, other.type_name()),
        };
    }
    Ok(value)
}

fn not_a_method(key: &str) -> Result<Value, Stop> {
    Stop::refused(format!("{key} is not a method but has arguments"))
}

fn no_field(key: &str, of: &str) -> Result<Value, Stop> {
    Stop::refused(format!("can't evaluate field {key} in type {of}"))
}

/// What a loop goes through: keys or numbers, and values.
pub enum Turns {
    Numbers(std::ops::Range<i64>),
    Values(std::vec::IntoIter<(Value, Value)>),
}

impl Turns {
    pub fn len(&self) -> usize {
        match self {
            Turns::Numbers(numbers) => usize::try_from(numbers.end - numbers.start).unwrap_or(0),
            Turns::Values(values) => values.len(),
        }
    }
}

impl Iterator for Turns {
    type Item = (Value, Value);

    fn next(&mut self) -> Option<(Value, Value)> {
        match self {
            Turns::Numbers(numbers) => numbers.next().map(|number| (Value::int(number), Value::int(number))),
            Turns::Values(values) => values.next(),
        }
    }
}

/// The turns of a loop that declares so many variables.
pub fn turns(value: &Value, variables: usize) -> Result<Turns, Stop> {
    let values = |values: Vec<(Value, Value)>| Ok(Turns::Values(values.into_iter()));
    match value {
        Value::Nil | Value::Hole(_) => values(Vec::new()),
        Value::Int(int) if variables > 1 => {
            Stop::refused(format!("can't use {} to iterate over more than one variable", int.number))
        }
        Value::Int(int) => Ok(Turns::Numbers(0..int.number.max(0))),
        Value::List(list) => {
            let numbered = |(at, item): (usize, &Value)| (Value::int(at as i64), item.clone());
            values(list.items.iter().enumerate().map(numbered).collect())
        }
        Value::Map(map) => {
            let entries = map.to_vec().into_iter();
            values(entries.map(|(key, value): (Text, Value)| (Value::Text(key), value)).collect())
        }
        Value::Object(object) if !matches!(object.plain(), Value::Nil) => turns(object.plain(), variables),
        other => Stop::refused(format!("range can't iterate over a {}", other.type_name())),
    }
}
