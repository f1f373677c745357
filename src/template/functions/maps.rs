//! Functions over maps. `set`, `unset` and the merges change a map for everybody who holds it.

use super::table::{Arity::*, Function};
use crate::limits::DEEPEST_VALUE;
use crate::template::host::Call;
use crate::template::rope::Text;
use crate::template::stop::Stop;
use crate::template::value::{ANY_MAP, Entries, Given, Map, Value, too_deep};
use std::collections::BTreeSet;

pub const FUNCTIONS: &[Function] = &[
    ("dict", From(0), dict),
    ("get", Is(2), |call| {
        let found = call.map(0)?.get(call.text(1)?.as_str());
        Ok(found.unwrap_or_else(|| call.made("", 1)))
    }),
    ("set", Is(3), |call| {
        if matches!(call.item(0), Value::Nil) {
            return Stop::refused("assignment to entry in nil map");
        }
        call.map(0)?.set(&call.text(1)?, call.item(2).clone());
        Ok(call.item(0).clone())
    }),
    ("unset", Is(2), |call| {
        call.map(0)?.entries.borrow_mut().remove(call.text(1)?.as_str());
        Ok(call.item(0).clone())
    }),
    ("hasKey", Is(2), |call| {
        call.guess(0);
        Ok(Value::bool(call.map(0)?.get(call.text(1)?.as_str()).is_some()))
    }),
    ("pluck", From(1), |call| {
        let key = call.text(0)?;
        let mut out = Vec::new();
        for at in 1..call.len() {
            out.extend(call.map(at)?.get(key.as_str()));
        }
        Ok(Value::list(out))
    }),
    ("keys", From(0), |call| {
        let mut out = Vec::new();
        for at in 0..call.len() {
            out.extend(call.map(at)?.keys());
        }
        call.fits_values(out.len())?;
        Ok(Value::texts(out))
    }),
    ("values", Is(1), |call| {
        Ok(Value::list(call.map(0)?.to_vec().into_iter().map(|(_, value)| value).collect()))
    }),
    ("pick", From(1), |call| picked(call, true)),
    ("omit", From(1), |call| picked(call, false)),
    ("dig", From(3), dig),
    ("merge", From(1), |call| merged(call, false)),
    ("mustMerge", From(1), |call| merged(call, false)),
    ("mergeOverwrite", From(1), |call| merged(call, true)),
    ("mustMergeOverwrite", From(1), |call| merged(call, true)),
    ("deepCopy", Is(1), |call| call.item(0).deep_copy()),
    ("mustDeepCopy", Is(1), |call| call.item(0).deep_copy()),
];

fn dict(call: &Call) -> Given {
    let mut entries = Entries::new();
    for (at, pair) in call.items.chunks(2).enumerate() {
        let value = pair.get(1).cloned().unwrap_or_else(|| Value::Text(Text::new("", call.at)));
        entries.insert(call.written(2 * at)?, value);
    }
    Ok(Value::Map(Map::new(entries, call.at)))
}

fn picked(call: &Call, wanted: bool) -> Given {
    let mut keys = BTreeSet::new();
    for at in 1..call.len() {
        keys.insert(call.text(at)?);
    }
    let map = call.map(0)?;
    let entries = map.to_vec().into_iter().filter(|(key, _)| keys.contains(key) == wanted).collect();
    Ok(Value::Map(Map::new(entries, map.place)))
}

/// `dig "a" "b" default map`.
fn dig(call: &Call) -> Given {
    let (default, keys) = (call.len() - 2, call.len() - 2);
    let mut value = call.last().clone();
    for at in 0..keys {
        if let Value::Hole(_) = value {
            return Ok(value);
        }
        // Sprig insists on this very type: the values of a chart have a name of their own.
        let Some(map) = value.as_map().filter(|map| map.type_name == ANY_MAP) else {
            return Stop::refused(format!("`dig` goes through a map, not through {}", value.type_name()));
        };
        match map.get(call.text(at)?.as_str()) {
            Some(found) => value = found,
            None => return Ok(call.item(default).clone()),
        }
    }
    Ok(value)
}

fn merged(call: &Call, overwrites: bool) -> Given {
    let target = call.map(0)?;
    for at in 1..call.len() {
        merge(&target, &call.map(at)?, overwrites, call, DEEPEST_VALUE)?;
    }
    Ok(match call.item(0) {
        Value::Nil => Value::Map(target),
        first => first.clone(),
    })
}

/// What is taken for nothing by a merge: it is replaced even if nothing is to be overwritten.
fn is_empty(value: &Value) -> bool {
    !matches!(value, Value::Object(_)) && !value.is_true()
}

fn merge(target: &Map, source: &Map, overwrites: bool, call: &Call, levels: usize) -> Result<(), Stop> {
    let Some(levels) = levels.checked_sub(1) else { return Err(too_deep()) };
    let entries = source.to_vec();
    call.host.spend(entries.len(), 0)?;
    for (key, value) in entries {
        let own = target.get(key.as_str());
        if let (Value::Map(value), Some(Value::Map(own))) = (&value, &own)
            && !std::rc::Rc::ptr_eq(&value.entries, &own.entries)
        {
            merge(own, value, overwrites, call, levels)?;
        }
        let takes = match (&value, &own) {
            (Value::Nil, _) => overwrites,
            (_, None) => true,
            // Two maps are merged already.
            (Value::Map(_), Some(own @ Value::Map(_))) => is_empty(own),
            (_, Some(own)) => overwrites || is_empty(own),
        };
        if takes {
            // The key that is there keeps its place, but the value is that of the other one.
            target.set(&key, value);
        }
    }
    Ok(())
}
