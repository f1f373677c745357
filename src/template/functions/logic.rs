//! Functions that decide, compare and tell what a value is.

use super::table::{Arity::*, Function};
use crate::template::host::Call;
use crate::template::stop::Stop;
use crate::template::tool::Tool;
use crate::template::value::{Given, Int, Kind, List, Map, Value, deep_equal};
use std::cmp::Ordering;

pub const FUNCTIONS: &[Function] = &[
    ("and", From(1), |call| Ok(call.item(0).clone())),
    ("or", From(1), |call| Ok(call.item(0).clone())),
    ("not", Is(1), |call| Ok(Value::bool(!call.is_true(0)))),
    ("empty", Is(1), |call| Ok(Value::bool(!call.is_true(0)))),
    ("all", From(0), |call| Ok(Value::bool((0..call.len()).all(|at| call.is_true(at))))),
    ("any", From(0), |call| Ok(Value::bool((0..call.len()).any(|at| call.is_true(at))))),
    ("default", From(1), |call| match call.item(1) {
        // Most variables of the environment have a default: that one is not known is told where it is written.
        hole @ Value::Hole(_) if call.host.tool == Tool::Helmfile => Ok(hole.clone()),
        _ => Ok(call.item(usize::from(call.is_true(1))).clone()),
    }),
    ("coalesce", From(0), |call| {
        Ok((0..call.len()).find(|at| call.is_true(*at)).map_or(Value::Nil, |at| call.item(at).clone()))
    }),
    ("ternary", Is(3), |call| Ok(call.item(usize::from(!call.bool(2)?)).clone())),
    ("eq", From(1), |call| any_equal(call).map(Value::bool)),
    ("ne", Is(2), |call| any_equal(call).map(|equal| Value::bool(!equal))),
    ("lt", Is(2), |call| order(call).map(|order| Value::bool(order.is_some_and(Ordering::is_lt)))),
    ("le", Is(2), |call| order(call).map(|order| Value::bool(order.is_some_and(Ordering::is_le)))),
    ("gt", Is(2), |call| order(call).map(|order| Value::bool(order.is_some_and(Ordering::is_gt)))),
    ("ge", Is(2), |call| order(call).map(|order| Value::bool(order.is_some_and(Ordering::is_ge)))),
    ("deepEqual", Is(2), |call| {
        call.guess(0);
        call.guess(1);
        deep_equal(call.item(0), call.item(1)).map(Value::bool)
    }),
    ("typeOf", Is(1), |call| Ok(call.made(call.item(0).type_name(), 0))),
    ("typeIs", Is(2), |call| Ok(Value::bool(call.text(0)?.as_str() == call.item(1).type_name()))),
    ("typeIsLike", Is(2), |call| {
        let wanted = call.text(0)?;
        Ok(Value::bool(
            wanted.as_str().trim_start_matches('*') == call.item(1).type_name().trim_start_matches('*'),
        ))
    }),
    ("kindOf", Is(1), |call| Ok(call.made(call.item(0).kind_name(), 0))),
    ("kindIs", Is(2), |call| {
        call.guess(1);
        Ok(Value::bool(call.text(0)?.as_str() == call.item(1).kind_name()))
    }),
    ("fail", Is(1), |call| Stop::refused(call.text(0)?.as_str())),
    ("required", Is(2), required),
    ("lookup", Is(4), |_| Ok(Value::map(Default::default()))),
    ("len", Is(1), len),
    ("index", From(1), index),
    ("call", From(1), |_| Stop::refused("call of what is no function")),
];

fn required(call: &Call) -> Given {
    let is_missing = match call.item(1) {
        Value::Nil => true,
        Value::Text(text) => text.is_empty(),
        _ => false,
    };
    if is_missing { Stop::refused(call.text(0)?.as_str()) } else { Ok(call.item(1).clone()) }
}

/// What Go compares with its like.
fn basic(value: &Value) -> Option<Kind> {
    match value.kind() {
        kind @ (Kind::Bool | Kind::Int | Kind::Float | Kind::Text | Kind::Unknown) => Some(kind),
        _ => None,
    }
}

fn incompatible<T>(a: &Value, b: &Value) -> Result<T, Stop> {
    let (a, b) = (a.type_name(), b.type_name());
    Stop::refused(format!("incompatible types for comparison: {a} and {b}"))
}

fn any_equal(call: &Call) -> Result<bool, Stop> {
    if call.len() < 2 {
        return Stop::refused("missing argument for comparison");
    }
    for at in 1..call.len() {
        if equal(call, 0, at)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equal(call: &Call, a: usize, b: usize) -> Result<bool, Stop> {
    call.guess(a);
    call.guess(b);
    let (a, b) = (call.item(a), call.item(b));
    match (basic(a), basic(b)) {
        (Some(Kind::Unknown), _) | (_, Some(Kind::Unknown)) => Ok(false),
        (Some(x), Some(y)) if x != y => incompatible(a, b),
        (Some(_), Some(_)) => Ok(match (a, b) {
            (Value::Bool(a, _), Value::Bool(b, _)) => a == b,
            (Value::Int(a), Value::Int(b)) => a.number == b.number,
            (Value::Float(a, _), Value::Float(b, _)) => a == b,
            (Value::Text(a), Value::Text(b)) => a == b,
            _ => false,
        }),
        _ => match (a, b) {
            (Value::Nil, Value::Nil) => Ok(true),
            (Value::Nil, _) | (_, Value::Nil) => Ok(false),
            (a, b) if basic(a).is_none() && basic(b).is_none() => {
                Stop::refused(format!("non-comparable types {}, {}", a.type_name(), b.type_name()))
            }
            _ => incompatible(a, b),
        },
    }
}

/// Which comes first; nothing of fractions that are no numbers, and of what is not known.
fn order(call: &Call) -> Result<Option<Ordering>, Stop> {
    call.guess(0);
    call.guess(1);
    match (call.item(0), call.item(1)) {
        (Value::Int(a), Value::Int(b)) => Ok(Some(a.number.cmp(&b.number))),
        (Value::Float(a, _), Value::Float(b, _)) => Ok(a.partial_cmp(b)),
        (Value::Text(a), Value::Text(b)) => Ok(Some(a.cmp(b))),
        (Value::Hole(_), _) | (_, Value::Hole(_)) => Ok(None),
        (a, b) if matches!(basic(a), None | Some(Kind::Bool)) || basic(b).is_none() => {
            Stop::refused("invalid type for comparison")
        }
        (a, b) => incompatible(a, b),
    }
}

fn len(call: &Call) -> Given {
    let value = call.item(0);
    let count = match (value, value.as_list(), value.as_map()) {
        (Value::Text(text), _, _) => text.len(),
        (_, Some(list), _) => list.items.len(),
        (_, _, Some(map)) => map.len(),
        (Value::Nil, _, _) => return Stop::refused("len of nil pointer"),
        (Value::Hole(place), _, _) => {
            call.guess(0);
            return Ok(Value::Int(Int { number: 1, is_wide: false, place: *place }));
        }
        (other, _, _) => return Stop::refused(format!("len of type {}", other.type_name())),
    };
    Ok(Value::int(count as i64))
}

/// `index map "key" 1 …`.
fn index(call: &Call) -> Given {
    let mut value = call.item(0).clone();
    if matches!(value, Value::Nil) {
        return Stop::refused("index of untyped nil");
    }
    for key in &call.items[1..] {
        value = match (value.as_map(), value.as_list()) {
            (Some(map), _) => of_map(map, key)?,
            (_, Some(list)) => of_list(list, key)?,
            _ => of_other(&value, key)?,
        };
    }
    Ok(value)
}

fn of_map(map: &Map, key: &Value) -> Given {
    match key {
        Value::Text(key) => Ok(map.get(key.as_str()).unwrap_or(Value::Nil)),
        Value::Nil => Stop::refused("value is nil; should be of type string"),
        key => Stop::refused(format!("value has type {}; should be string", key.type_name())),
    }
}

fn of_list(list: &List, key: &Value) -> Given {
    match key {
        Value::Int(int) => {
            let found = usize::try_from(int.number).ok().and_then(|at| list.items.get(at));
            found.cloned().map_or_else(|| out_of_range(int), Ok)
        }
        Value::Nil => Stop::refused("cannot index slice/array with nil"),
        key => Stop::refused(format!("cannot index slice/array with type {}", key.type_name())),
    }
}

fn of_other(value: &Value, key: &Value) -> Given {
    match (value, key) {
        (Value::Nil, _) => Stop::refused("index of nil pointer"),
        (Value::Hole(place), _) => Ok(Value::Hole(*place)),
        (Value::Text(text), Value::Int(int)) => {
            let byte =
                usize::try_from(int.number).ok().and_then(|at| text.text().as_bytes().get(at).copied());
            byte.map_or_else(|| out_of_range(int), |byte| Ok(Value::int(i64::from(byte))))
        }
        (other, _) => Stop::refused(format!("can't index item of type {}", other.type_name())),
    }
}

fn out_of_range(int: &Int) -> Given {
    Stop::refused(format!("index out of range: {}", int.number))
}
