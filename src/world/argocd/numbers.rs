//! Functions of templates over numbers.

use super::arguments::Arguments;
use super::item::{Given, Item, Stop};

/// Longer rows of numbers are not made.
const MOST: i64 = 10_000;

pub(super) fn call(name: &str, given: &Arguments) -> Option<Given> {
    let count = given.items.len();
    Some(match (name, count) {
        ("int" | "int64" | "atoi", 1) => given.number(0).map(Item::Int),
        ("add1", 1) => given.number(0).map(|number| Item::Int(number.wrapping_add(1))),
        ("add", 1..) => fold(given, i64::wrapping_add),
        ("mul", 1..) => fold(given, i64::wrapping_mul),
        ("max" | "biggest", 1..) => fold(given, i64::max),
        ("min", 1..) => fold(given, i64::min),
        ("sub", 2) => fold(given, i64::wrapping_sub),
        ("div" | "mod", 2) => divided(given, name == "div"),
        ("until", 1) => given.number(0).and_then(|end| row(0, end, if end < 0 { -1 } else { 1 }, given)),
        ("untilStep", 3) => {
            let numbers = (given.whole(0), given.whole(1), given.whole(2));
            match numbers {
                (Ok(start), Ok(end), Ok(step)) => row(start, end, step, given),
                _ => Err(Stop::Unknown),
            }
        }
        _ => return None,
    })
}

fn fold(given: &Arguments, join: fn(i64, i64) -> i64) -> Given {
    let mut out = given.number(0)?;
    for at in 1..given.items.len() {
        out = join(out, given.number(at)?);
    }
    Ok(Item::Int(out))
}

fn divided(given: &Arguments, whole: bool) -> Given {
    let (a, b) = (given.number(0)?, given.number(1)?);
    let out = if whole { a.checked_div(b) } else { a.checked_rem(b) };
    out.map(Item::Int).ok_or_else(|| Stop::Refused("nothing is divided by zero".into()))
}

fn row(start: i64, end: i64, step: i64, given: &Arguments) -> Given {
    let is_endless = step == 0 || (end < start) != (step < 0) && start != end;
    let count = if is_endless { 0 } else { (end.abs_diff(start)).div_ceil(step.unsigned_abs()) as i64 };
    if count > MOST {
        return Err(Stop::Unknown);
    }
    Ok(Item::list((0..count).map(|at| Item::Int(start + at * step)).collect(), given.site))
}
