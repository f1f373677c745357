//! What templates of a helmfile have besides, or otherwise than others: files, paths through values, the environment of
//! whoever runs it, and programs. Of the last two nothing is known here.

use super::table::{Arity::*, Function};
use crate::template::host::{Beside, Call};
use crate::template::rope::Text;
use crate::template::stop::Stop;
use crate::template::value::{Given, Value};
use crate::text::Reason;

const FUNCTIONS: &[Function] = &[
    ("env", Is(1), |call| asked(call, Reason::Variable)),
    ("requiredEnv", Is(1), |call| asked(call, Reason::Variable)),
    ("expandenv", Is(1), |call| match call.text(0)? {
        text if text.as_str().contains('$') => asked(call, Reason::Variable),
        text => Ok(Value::Text(text)),
    }),
    ("exec", Between(2, 3), |call| asked(call, Reason::Runtime)),
    ("envExec", Between(3, 4), |call| asked(call, Reason::Runtime)),
    ("fetchSecretValue", Is(1), secret),
    ("expandSecretRefs", Is(1), |call| asked(call, Reason::Secret)),
    ("readFile", Is(1), |call| {
        let part = beside(call)?.read(call.text(0)?.as_str())?;
        Ok(Value::Text(Text::of(&part, call.places())))
    }),
    ("readDir", Is(1), |call| {
        let path = call.text(0)?;
        let Some(names) = beside(call)?.list(path.as_str()) else {
            return Stop::refused(format!("the folder `{}` is not there", path.as_str()));
        };
        Ok(Value::texts(names.into_iter().map(|name| Text::new(name, call.at)).collect()))
    }),
    ("isFile", Is(1), |call| Ok(Value::bool(beside(call)?.is_file(call.text(0)?.as_str())))),
    ("isDir", Is(1), |call| Ok(Value::bool(beside(call)?.is_folder(call.text(0)?.as_str())))),
    ("get", Between(2, 3), |call| {
        let default = (call.len() == 3).then(|| call.item(1).clone());
        found(call, default)
    }),
    ("getOrNil", Is(2), |call| Ok(found(call, None).unwrap_or(Value::Nil))),
    ("sprigGet", Is(2), |call| {
        Ok(call.map(0)?.get(call.text(1)?.as_str()).unwrap_or_else(|| call.made("", 1)))
    }),
    ("setValueAtPath", Is(3), put),
];

/// The function of this name.
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.0 == name)
}

fn beside<'c>(call: &'c Call) -> Result<&'c dyn Beside, Stop> {
    call.host.beside.ok_or_else(|| Stop::Unknown("no files are known here".into()))
}

/// What nobody here can know.
fn asked(call: &Call, why: Reason) -> Given {
    let name = call.item(0).as_text().map_or("", Text::as_str);
    Ok(Value::Hole(call.places().hole(why, name, call.at)))
}

/// Only what refers to a store of secrets is fetched.
fn secret(call: &Call) -> Given {
    let text = call.text(0)?;
    if text.as_str().starts_with("ref+") { asked(call, Reason::Secret) } else { Ok(Value::Text(text)) }
}

/// The value at the end of a path through maps.
fn found(call: &Call, default: Option<Value>) -> Given {
    let path = call.text(0)?;
    let mut value = call.last().clone();
    for key in path.as_str().split('.').filter(|_| !path.is_empty()) {
        if matches!(value, Value::Hole(_)) {
            return Ok(value);
        }
        let Some(map) = value.as_map() else {
            return Stop::refused(format!("there is no `{key}` in {}", value.type_name()));
        };
        value = match (map.get(key), &default) {
            (Some(below), _) => below,
            (None, Some(default)) => return Ok(default.clone()),
            (None, None) => return Stop::refused(format!("no value exists for key \"{key}\"")),
        };
    }
    Ok(value)
}

/// Puts a value at the end of a path, all of which but the end is there.
fn put(call: &Call) -> Given {
    let path = call.text(0)?;
    let (above, key) = path.as_str().rsplit_once('.').unwrap_or(("", path.as_str()));
    let mut at = call.map(2)?;
    for step in above.split('.').filter(|step| !step.is_empty()) {
        match at.get(step).and_then(|value| value.as_map().cloned()) {
            Some(below) => at = below,
            None => {
                return Stop::refused(format!("there is no map `{step}` on the way to `{}`", path.as_str()));
            }
        }
    }
    let start = path.len() - key.len();
    at.set(&path.slice(start..path.len()), call.item(1).clone());
    Ok(call.item(2).clone())
}
