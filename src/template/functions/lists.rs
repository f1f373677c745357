//! Functions over lists. Nothing changes a list: each gives another one.

use super::table::{Arity::*, Function};
use crate::template::host::Call;
use crate::template::stop::Stop;
use crate::template::value::{ANY_LIST, Given, Items, List, Value, deep_equal};
use std::rc::Rc;

pub const FUNCTIONS: &[Function] = &[
    ("list", From(0), |call| Ok(Value::list(call.items.clone()))),
    ("tuple", From(0), |call| Ok(Value::list(call.items.clone()))),
    ("first", Is(1), |call| Ok(items(call, 0)?.first().cloned().unwrap_or(Value::Nil))),
    ("mustFirst", Is(1), |call| Ok(items(call, 0)?.first().cloned().unwrap_or(Value::Nil))),
    ("last", Is(1), |call| Ok(items(call, 0)?.last().cloned().unwrap_or(Value::Nil))),
    ("mustLast", Is(1), |call| Ok(items(call, 0)?.last().cloned().unwrap_or(Value::Nil))),
    ("rest", Is(1), |call| changed(call, 0, |items| items.get(1..).unwrap_or_default().to_vec())),
    ("mustRest", Is(1), |call| changed(call, 0, |items| items.get(1..).unwrap_or_default().to_vec())),
    ("initial", Is(1), |call| {
        changed(call, 0, |items| items.split_last().map_or(Vec::new(), |(_, rest)| rest.to_vec()))
    }),
    ("mustInitial", Is(1), |call| {
        changed(call, 0, |items| items.split_last().map_or(Vec::new(), |(_, rest)| rest.to_vec()))
    }),
    ("append", Is(2), append),
    ("mustAppend", Is(2), append),
    ("push", Is(2), append),
    ("mustPush", Is(2), append),
    ("prepend", Is(2), prepend),
    ("mustPrepend", Is(2), prepend),
    ("concat", From(0), concat),
    ("reverse", Is(1), |call| changed(call, 0, |items| items.iter().rev().cloned().collect())),
    ("mustReverse", Is(1), |call| changed(call, 0, |items| items.iter().rev().cloned().collect())),
    ("uniq", Is(1), uniq),
    ("mustUniq", Is(1), uniq),
    ("compact", Is(1), compact),
    ("mustCompact", Is(1), compact),
    ("without", From(1), without),
    ("mustWithout", From(1), without),
    ("has", Is(2), has),
    ("mustHas", Is(2), has),
    ("slice", From(1), slice),
    ("mustSlice", From(1), slice),
    ("chunk", Is(2), chunk),
    ("mustChunk", Is(2), chunk),
];

fn items(call: &Call, at: usize) -> Result<Rc<Items>, Stop> {
    Ok(call.list(at)?.items)
}

fn list(call: &Call, items: Vec<Value>) -> Given {
    call.fits_values(items.len())?;
    Ok(Value::list(items))
}

/// Another list of the same values.
fn changed(call: &Call, at: usize, change: impl Fn(&[Value]) -> Vec<Value>) -> Given {
    let list = call.list(at)?;
    call.fits_values(list.items.len())?;
    Ok(Value::List(List { items: Items::of(change(&list.items)), type_name: ANY_LIST, ..list }))
}

fn append(call: &Call) -> Given {
    let mut out = items(call, 0)?.to_vec();
    out.push(call.item(1).clone());
    list(call, out)
}

fn prepend(call: &Call) -> Given {
    let mut out = vec![call.item(1).clone()];
    out.extend(items(call, 0)?.iter().cloned());
    list(call, out)
}

fn concat(call: &Call) -> Given {
    let mut out = Vec::new();
    for at in 0..call.len() {
        out.extend(items(call, at)?.iter().cloned());
    }
    list(call, out)
}

/// Whether a list holds a value. Every comparison counts as a step.
fn holds(call: &Call, items: &[Value], value: &Value) -> Result<bool, Stop> {
    call.host.spend(items.len(), 0)?;
    for item in items {
        if deep_equal(item, value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn uniq(call: &Call) -> Given {
    let mut out: Vec<Value> = Vec::new();
    for item in items(call, 0)?.iter() {
        if !holds(call, &out, item)? {
            out.push(item.clone());
        }
    }
    list(call, out)
}

fn compact(call: &Call) -> Given {
    let items = items(call, 0)?;
    list(call, items.iter().filter(|item| call.host.is_true(item, call.at)).cloned().collect())
}

fn without(call: &Call) -> Given {
    let mut out = Vec::new();
    for item in items(call, 0)?.iter() {
        if !holds(call, &call.items[1..], item)? {
            out.push(item.clone());
        }
    }
    list(call, out)
}

fn has(call: &Call) -> Given {
    if matches!(call.item(1), Value::Nil) {
        return Ok(Value::bool(false));
    }
    call.guess(0);
    holds(call, &items(call, 1)?, call.item(0)).map(Value::bool)
}

fn slice(call: &Call) -> Given {
    let items = items(call, 0)?;
    if items.is_empty() {
        return Ok(Value::Nil);
    }
    let start = if call.len() > 1 { call.number(1) } else { 0 };
    let end = if call.len() > 2 { call.number(2) } else { items.len() as i64 };
    let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    match range.and_then(|(start, end)| items.get(start..end)) {
        Some(cut) => list(call, cut.to_vec()),
        None => Stop::refused("reflect.Value.Slice: slice index out of bounds"),
    }
}

fn chunk(call: &Call) -> Given {
    let Some(size) = usize::try_from(call.int(0)?).ok().filter(|size| *size > 0) else {
        return Stop::refused("a chunk of nothing");
    };
    let items = items(call, 1)?;
    list(call, items.chunks(size).map(|chunk| Value::list(chunk.to_vec())).collect())
}
