//! Functions over times. The clock is no part of a lint: `now` is a hole, and what is written of it is, too.

use super::table::{Arity::*, Function};
use crate::template::host::Call;
use crate::template::stop::Stop;
use crate::template::value::{Given, Object, Value};
use crate::text::{Date, Reason, Str};
use std::collections::BTreeMap;
use std::rc::Rc;

pub const FUNCTIONS: &[Function] = &[
    ("now", Is(0), |call| Ok(time(call, None))),
    ("date", Is(2), |call| format(call, 1)),
    ("dateInZone", Is(3), |call| format(call, 1)),
    ("date_in_zone", Is(3), |call| format(call, 1)),
    ("htmlDate", Is(1), |call| written(call, "2006-01-02", call.item(0))),
    ("htmlDateInZone", Is(2), |call| written(call, "2006-01-02", call.item(0))),
    ("dateModify", Is(2), |call| moved(call)),
    ("date_modify", Is(2), |call| moved(call)),
    ("mustDateModify", Is(2), |call| moved(call)),
    ("unixEpoch", Is(1), |call| {
        Ok(match seconds(call.item(0)) {
            Some(seconds) => call.made(seconds.to_string(), 0),
            None => Value::generated("1136214245".into(), call.name, call.at, call.places()),
        })
    }),
    ("ago", Is(1), |call| Ok(Value::generated("0s".into(), call.name, call.at, call.places()))),
    ("toDate", Is(2), |call| parsed(call)),
    ("mustToDate", Is(2), |call| parsed(call)),
    ("duration", Is(1), |call| {
        Ok(call.made(duration(if call.item(0).kind_name() == "int" { 0 } else { call.number(0) }), 0))
    }),
];

/// A time: seconds since 1970, or nobody knows.
fn time(call: &Call, seconds: Option<i64>) -> Value {
    let place = || call.places().hole(Reason::Runtime, "now", call.at);
    let number = |number: Option<i64>| match number {
        Some(number) => Value::int64(number),
        None => Value::Hole(place()),
    };
    let fields = BTreeMap::from([(Str::from("Unix"), number(seconds))]);
    Value::Object(Rc::new(Object::new("time.Time", fields)))
}

/// The seconds of what is a time, or a number of them.
fn seconds(value: &Value) -> Option<i64> {
    match value {
        Value::Int(int) => Some(int.number),
        Value::Object(object) => match object.fields.get("Unix") {
            Some(Value::Int(int)) => Some(int.number),
            _ => None,
        },
        _ => None,
    }
}

fn format(call: &Call, at: usize) -> Given {
    let layout = call.text(0)?;
    written(call, layout.as_str(), call.item(at))
}

fn written(call: &Call, layout: &str, value: &Value) -> Given {
    Ok(match seconds(value) {
        Some(seconds) => call.made(laid_out(layout, seconds), 0),
        // The layout is itself a time in that layout.
        None => Value::generated(layout.into(), "now", call.at, call.places()),
    })
}

fn moved(call: &Call) -> Given {
    let by = call.text(0)?;
    let Some(by) = parse_duration(by.as_str()) else {
        return Ok(call.item(1).clone());
    };
    Ok(time(call, seconds(call.item(1)).map(|seconds| seconds + by)))
}

/// `-1h30m`, in seconds.
fn parse_duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        let unit_end = rest[end..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |at| end + at);
        total += number
            * match &rest[end..unit_end] {
                "h" => 3_600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 0.001,
                _ => return None,
            };
        rest = &rest[unit_end..];
    }
    Some((sign * total) as i64)
}

fn duration(seconds: i64) -> String {
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, _) => format!("{minutes}m{}s", rest.abs()),
        _ => format!("{hours}h{}m{}s", minutes.abs(), rest.abs()),
    }
}

/// Days only: what is asked of charts.
fn parsed(call: &Call) -> Given {
    let (layout, text) = (call.text(0)?, call.text(1)?);
    let day = Date::parse(text.as_str()).filter(|_| layout.as_str() == "2006-01-02");
    let Some(day) = day else {
        return Err(Stop::Unknown("only days are read as dates here".into()));
    };
    let days = (0..=60_000).find(|days| Date::from_days(*days) == day);
    Ok(time(call, days.map(|days| days * 86_400)))
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

/// What stands for each sign of a layout, longer signs first.
fn signs(seconds: i64) -> [(&'static str, String); 25] {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let date = Date::from_days(days);
    let month = MONTHS[usize::from(date.month - 1) % 12];
    let weekday = DAYS[days.rem_euclid(7) as usize];
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let half = if hour % 12 == 0 { 12 } else { hour % 12 };
    let noon = if hour < 12 { "AM" } else { "PM" };
    [
        ("January", month.into()),
        ("Monday", weekday.into()),
        ("2006", format!("{:04}", date.year)),
        ("-07:00", "+00:00".into()),
        ("Z07:00", "Z".into()),
        ("-0700", "+0000".into()),
        ("Z0700", "Z".into()),
        ("Jan", month[..3].into()),
        ("Mon", weekday[..3].into()),
        ("MST", "UTC".into()),
        ("01", format!("{:02}", date.month)),
        ("02", format!("{:02}", date.day)),
        ("03", format!("{half:02}")),
        ("04", format!("{minute:02}")),
        ("05", format!("{second:02}")),
        ("06", format!("{:02}", date.year % 100)),
        ("15", format!("{hour:02}")),
        ("_2", format!("{:2}", date.day)),
        ("PM", noon.into()),
        ("pm", noon.to_lowercase()),
        ("1", date.month.to_string()),
        ("2", date.day.to_string()),
        ("3", half.to_string()),
        ("4", minute.to_string()),
        ("5", second.to_string()),
    ]
}

/// A time in a layout of Go: the layout shows the second of January 2006, 15:04:05.
fn laid_out(layout: &str, seconds: i64) -> String {
    let signs = signs(seconds);
    let mut out = String::new();
    let mut rest = layout;
    while let Some(letter) = rest.chars().next() {
        match signs.iter().find(|(sign, _)| rest.starts_with(sign)) {
            Some((sign, text)) => {
                out.push_str(text);
                rest = &rest[sign.len()..];
            }
            None => {
                out.push(letter);
                rest = &rest[letter.len_utf8()..];
            }
        }
    }
    out
}
