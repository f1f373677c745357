//! Functions that write values in another format, and read them from it.

use super::table::{Arity::*, Function};
use crate::template::dump::{self, Json};
use crate::template::host::Call;
use crate::template::place::{Place, Places};
use crate::template::read;
use crate::template::rope::{Rope, Text};
use crate::template::stop::{Stop, fits};
use crate::template::value::{Entries, Given, Map, Value};
use crate::text::{Str, base64};

pub const FUNCTIONS: &[Function] = &[
    ("toYaml", Is(1), |call| dump::yaml(call.item(0), call.at, call.places()).map(Value::Text)),
    ("mustToYaml", Is(1), |call| dump::yaml(call.item(0), call.at, call.places()).map(Value::Text)),
    ("toYamlPretty", Is(1), |call| dump::yaml_pretty(call.item(0), call.at, call.places()).map(Value::Text)),
    ("toJson", Is(1), |call| json(call, Json::Compact)),
    ("mustToJson", Is(1), |call| json(call, Json::Compact)),
    ("toRawJson", Is(1), |call| json(call, Json::Raw)),
    ("mustToRawJson", Is(1), |call| json(call, Json::Raw)),
    ("toPrettyJson", Is(1), |call| json(call, Json::Pretty)),
    ("mustToPrettyJson", Is(1), |call| json(call, Json::Pretty)),
    ("fromYaml", Is(1), |call| as_map(call, BY_JSON, read::yaml(&call.text(0)?, call.at, call.places()))),
    ("fromYamlArray", Is(1), |call| {
        as_list(call, BY_JSON, read::yaml(&call.text(0)?, call.at, call.places()))
    }),
    ("fromJson", Is(1), |call| as_map(call, "", read::json(&call.text(0)?, call.at, call.places()))),
    ("mustFromJson", Is(1), |call| match read::json(&call.text(0)?, call.at, call.places()) {
        Ok(value) => Ok(value),
        Err(says) => Stop::refused(says.as_str()),
    }),
    ("fromJsonArray", Is(1), |call| as_list(call, "", read::json(&call.text(0)?, call.at, call.places()))),
    ("toToml", Is(1), toml),
    ("b64enc", Is(1), |call| {
        let text = call.text(0)?;
        fits(text.len() * 2)?;
        let encoded = base64(text.as_str().as_bytes());
        Ok(Value::Text(text.encoded(encoded, call.places())))
    }),
    ("b64dec", Is(1), b64dec),
    ("b32enc", Is(1), |call| Ok(call.made(base32(call.text(0)?.as_str().as_bytes()), 0))),
    ("urlquery", From(0), |call| {
        let text = crate::template::print::print(&call.items, call.at, call.places())?;
        let mut rope = Rope::default();
        for (at, letter) in text.as_str().char_indices() {
            let range = at..at + letter.len_utf8();
            match letter {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' | '~' => rope.push_slice(&text, range),
                ' ' => rope.push_made("+", text.place_of(range, call.places())),
                _ => {
                    let bytes = text.as_str()[range.clone()].bytes();
                    let escaped: String = bytes.map(|byte| format!("%{byte:02X}")).collect();
                    rope.push_made(&escaped, text.place_of(range, call.places()));
                }
            }
        }
        Ok(Value::Text(rope.finish()))
    }),
];

fn json(call: &Call, how: Json) -> Given {
    dump::json(call.item(0), how, call.at, call.places()).map(Value::Text)
}

/// What is wrong is told in the value, and the template goes on.
fn error(call: &Call, says: &str) -> Value {
    let entry = (Text::new("Error", call.at), Value::Text(Text::new(says, call.at)));
    Value::Map(Map::new(Entries::from([entry]), call.at))
}

fn kind_in_json(value: &Value) -> &'static str {
    match value {
        Value::Bool(..) => "bool",
        Value::Float(..) | Value::Int(_) => "number",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        _ => "string",
    }
}

/// What stands before what is wrong, where YAML is read by way of JSON.
const BY_JSON: &str = "error unmarshaling JSON: while decoding JSON: ";

fn as_map(call: &Call, before: &str, read: Result<Value, Str>) -> Given {
    Ok(match read {
        Ok(value @ (Value::Map(_) | Value::Hole(_))) => value,
        Ok(Value::Nil) => Value::Map(Map::new(Entries::new(), call.place(0))),
        Ok(other) => {
            let kind = kind_in_json(&other);
            error(
                call,
                &format!(
                    "{before}json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
                ),
            )
        }
        Err(says) => error(call, &says),
    })
}

fn as_list(call: &Call, before: &str, read: Result<Value, Str>) -> Given {
    let error = |says: String| Value::list(vec![Value::Text(Text::new(says, call.at))]);
    Ok(match read {
        Ok(value @ (Value::List(_) | Value::Hole(_))) => value,
        Ok(Value::Nil) => Value::list(Vec::new()),
        Ok(other) => error(format!(
            "{before}json: cannot unmarshal {} into Go value of type []interface {{}}",
            kind_in_json(&other)
        )),
        Err(says) => error(says.to_string()),
    })
}

fn b64dec(call: &Call) -> Given {
    let text = call.text(0)?;
    let Some(bytes) = from_base64(text.as_str()) else {
        return Ok(call.made("illegal base64 data", 0));
    };
    Ok(call.made(String::from_utf8_lossy(&bytes), 0))
}

/// The bytes of a text in base64, line ends in it left out; nothing if it is none.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let signs: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    if !signs.len().is_multiple_of(4) {
        return None;
    }
    let mut out = Vec::with_capacity(signs.len() / 4 * 3);
    for (at, four) in signs.chunks(4).enumerate() {
        let filled = four.iter().rev().take_while(|sign| **sign == b'=').count();
        if filled > 2 || (filled > 0 && (at + 1) * 4 != signs.len()) {
            return None;
        }
        let mut number = 0u32;
        for sign in &four[..4 - filled] {
            let value = match sign {
                b'A'..=b'Z' => sign - b'A',
                b'a'..=b'z' => sign - b'a' + 26,
                b'0'..=b'9' => sign - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            number = number << 6 | u32::from(value);
        }
        number <<= 6 * filled;
        out.extend_from_slice(&number.to_be_bytes()[1..4 - filled]);
    }
    Some(out)
}

fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    for group in bytes.chunks(5) {
        let mut eight = [0u8; 8];
        eight[3..3 + group.len()].copy_from_slice(group);
        let number = u64::from_be_bytes(eight);
        let used = (group.len() * 8).div_ceil(5);
        for at in 0..8 {
            let index = (number >> (35 - 5 * at)) & 31;
            out.push(if at < used { char::from(LETTERS[index as usize]) } else { '=' });
        }
    }
    out
}

/// TOML of what is flat or nested in maps; lists of maps are more than is understood here.
fn toml(call: &Call) -> Given {
    let mut rope = Rope::default();
    table(&mut rope, &call.map(0)?, "", call, 32)?;
    Ok(Value::Text(rope.finish()))
}

fn table(rope: &mut Rope, map: &Map, path: &str, call: &Call, levels: usize) -> Result<(), Stop> {
    let Some(levels) = levels.checked_sub(1) else { return Err(crate::template::value::too_deep()) };
    let frame = map.place.or(call.at);
    let margin = "  ".repeat(path.split('.').filter(|part| !part.is_empty()).count());
    let (tables, plain): (Vec<_>, Vec<_>) =
        map.to_vec().into_iter().partition(|(_, value)| value.as_map().is_some());
    for (key, value) in plain.iter().filter(|(_, value)| !matches!(value, Value::Nil)) {
        rope.push_made(&margin, frame);
        rope.push(&toml_key(key, frame, call.places()));
        rope.push_made(" = ", frame);
        toml_value(rope, value, frame, call)?;
        rope.push_made("\n", frame);
    }
    for (key, value) in &tables {
        let Some(inner) = value.as_map() else { continue };
        let key = toml_key(key, frame, call.places());
        let path = if path.is_empty() { key.as_str().to_owned() } else { format!("{path}.{}", key.as_str()) };
        rope.push_made(if rope.len() > 0 { "\n" } else { "" }, frame);
        rope.push_made(&format!("{margin}[{path}]\n"), frame);
        table(rope, inner, &path, call, levels)?;
        rope.fits()?;
    }
    Ok(())
}

fn toml_key(key: &Text, frame: Place, places: &Places) -> Text {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    if !key.is_empty() && key.as_str().chars().all(is_bare) {
        key.clone()
    } else {
        crate::template::print::quoted(key, frame, places)
    }
}

fn toml_value(rope: &mut Rope, value: &Value, frame: Place, call: &Call) -> Result<(), Stop> {
    match value {
        Value::Text(text) => rope.push(&crate::template::print::quoted(text, frame, call.places())),
        Value::Float(number, place) if number.fract() == 0.0 => {
            rope.push_made(&format!("{number:.1}"), place.or(frame));
        }
        Value::List(list) if list.items.iter().all(|item| item.as_map().is_none()) => {
            rope.push_made("[", frame);
            for (at, item) in list.items.iter().enumerate() {
                rope.push_made(if at > 0 { ", " } else { "" }, frame);
                toml_value(rope, item, frame, call)?;
            }
            rope.push_made("]", frame);
        }
        Value::List(_) => return Err(Stop::Unknown("`toToml` of a list of maps is not known here".into())),
        other => rope.push(&crate::template::print::text(other, frame, call.places())?),
    }
    Ok(())
}
