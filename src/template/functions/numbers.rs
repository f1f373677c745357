//! Functions over numbers.

use super::table::{Arity::*, Function};
use crate::template::host::Call;
use crate::template::place::Place;
use crate::template::stop::Stop;
use crate::template::value::{Given, INT_LIST, Int, Items, List, Value};

pub const FUNCTIONS: &[Function] = &[
    ("int", Is(1), |call| Ok(same(call, call.number(0), false))),
    ("int64", Is(1), |call| Ok(same(call, call.number(0), true))),
    ("float64", Is(1), |call| Ok(Value::Float(call.float(0), call.item(0).place()))),
    ("atoi", Is(1), |call| Ok(same(call, call.text(0)?.as_str().parse().unwrap_or(0), false))),
    ("toDecimal", Is(1), |call| {
        Ok(Value::int64(i64::from_str_radix(call.written(0)?.as_str(), 8).unwrap_or(0)))
    }),
    ("add", From(0), |call| {
        Ok(Value::int64((0..call.len()).map(|at| call.number(at)).fold(0, i64::wrapping_add)))
    }),
    ("add1", Is(1), |call| Ok(Value::int64(call.number(0).wrapping_add(1)))),
    ("sub", Is(2), |call| Ok(Value::int64(call.number(0).wrapping_sub(call.number(1))))),
    ("mul", From(1), |call| {
        Ok(Value::int64((0..call.len()).map(|at| call.number(at)).fold(1, i64::wrapping_mul)))
    }),
    ("div", Is(2), |call| divided(call, i64::checked_div)),
    ("mod", Is(2), |call| divided(call, i64::checked_rem)),
    ("max", From(1), |call| Ok(Value::int64((0..call.len()).map(|at| call.number(at)).max().unwrap_or(0)))),
    ("biggest", From(1), |call| {
        Ok(Value::int64((0..call.len()).map(|at| call.number(at)).max().unwrap_or(0)))
    }),
    ("min", From(1), |call| Ok(Value::int64((0..call.len()).map(|at| call.number(at)).min().unwrap_or(0)))),
    ("maxf", From(1), |call| Ok(Value::float(floats(call).fold(f64::NEG_INFINITY, f64::max)))),
    ("minf", From(1), |call| Ok(Value::float(floats(call).fold(f64::INFINITY, f64::min)))),
    ("addf", From(0), |call| Ok(Value::float(floats(call).fold(0.0, sum)))),
    ("add1f", Is(1), |call| Ok(Value::float(sum(call.float(0), 1.0)))),
    ("subf", From(1), |call| Ok(Value::float(floats(call).skip(1).fold(call.float(0), |a, b| sum(a, -b))))),
    ("mulf", From(1), |call| Ok(Value::float(floats(call).fold(1.0, product)))),
    ("divf", From(1), |call| {
        if floats(call).skip(1).any(|by| by == 0.0) {
            return Stop::refused("decimal division by 0");
        }
        Ok(Value::float(floats(call).skip(1).fold(call.float(0), quotient)))
    }),
    ("floor", Is(1), |call| Ok(Value::float(call.float(0).floor()))),
    ("ceil", Is(1), |call| Ok(Value::float(call.float(0).ceil()))),
    ("round", Between(2, 3), round),
    ("until", Is(1), |call| {
        let end = call.int(0)?;
        row(call, 0, end, if end < 0 { -1 } else { 1 })
    }),
    ("untilStep", Is(3), |call| row(call, call.int(0)?, call.int(1)?, call.int(2)?)),
    ("seq", From(0), seq),
];

/// A number that is one already keeps its place.
fn same(call: &Call, number: i64, is_wide: bool) -> Value {
    Value::Int(Int { number, is_wide, place: call.item(0).place() })
}

fn floats<'c>(call: &'c Call) -> impl Iterator<Item = f64> + 'c {
    (0..call.len()).map(|at| call.float(at))
}

/// A number with a point: sprig counts with these where a fraction may come of it.
#[derive(Clone, Copy)]
struct Decimal {
    digits: i128,
    /// How many digits are behind the point.
    scale: u32,
}

impl Decimal {
    fn of(number: f64) -> Option<Decimal> {
        let text = number.to_string();
        let (before, after) = text.split_once('.').unwrap_or((&text, ""));
        Some(Decimal { digits: format!("{before}{after}").parse().ok()?, scale: after.len() as u32 })
    }

    /// The digits of two numbers with the same scale.
    fn alike(self, other: Decimal) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let raised = |own: Decimal| own.digits.checked_mul(10i128.checked_pow(scale - own.scale)?);
        Some((raised(self)?, raised(other)?, scale))
    }

    fn float(self) -> Option<f64> {
        format!("{}e-{}", self.digits, self.scale).parse().ok()
    }
}

/// What comes of two numbers; of those that are too long for decimals, as fractions.
fn counted(
    a: f64,
    b: f64,
    exact: fn(Decimal, Decimal) -> Option<Decimal>,
    rough: fn(f64, f64) -> f64,
) -> f64 {
    let exact = Decimal::of(a).zip(Decimal::of(b)).and_then(|(a, b)| exact(a, b)?.float());
    exact.unwrap_or_else(|| rough(a, b))
}

fn sum(a: f64, b: f64) -> f64 {
    let exact = |a: Decimal, b: Decimal| {
        let (a, b, scale) = a.alike(b)?;
        Some(Decimal { digits: a.checked_add(b)?, scale })
    };
    counted(a, b, exact, |a, b| a + b)
}

fn product(a: f64, b: f64) -> f64 {
    let exact = |a: Decimal, b: Decimal| {
        Some(Decimal { digits: a.digits.checked_mul(b.digits)?, scale: a.scale + b.scale })
    };
    counted(a, b, exact, |a, b| a * b)
}

/// Sixteen digits behind the point are counted.
fn quotient(a: f64, b: f64) -> f64 {
    const DIGITS: u32 = 16;
    let exact = |a: Decimal, b: Decimal| {
        let (a, b, _) = a.alike(b)?;
        let raised = a.checked_mul(10i128.pow(DIGITS + 1))?.checked_div(b)?;
        let rounded = (raised + 5 * raised.signum()) / 10;
        Some(Decimal { digits: rounded, scale: DIGITS })
    };
    counted(a, b, exact, |a, b| a / b)
}

fn divided(call: &Call, divide: fn(i64, i64) -> Option<i64>) -> Given {
    match divide(call.number(0), call.number(1)) {
        Some(number) => Ok(Value::int64(number)),
        None => Stop::refused("integer divide by zero"),
    }
}

fn round(call: &Call) -> Given {
    let (number, digits) = (call.float(0), call.int(1)?);
    let half = if call.len() > 2 { call.float(2) } else { 0.5 };
    let scale = 10f64.powi(i32::try_from(digits).unwrap_or(0));
    let scaled = number * scale;
    let up = scaled.fract().abs() >= half;
    let rounded = match (up, scaled >= 0.0) {
        (true, true) | (false, false) => scaled.ceil(),
        _ => scaled.floor(),
    };
    Ok(Value::float(rounded / scale))
}

/// The numbers of a row; nothing if it has no end.
fn numbers(call: &Call, start: i64, end: i64, step: i64) -> Result<Vec<i64>, Stop> {
    let is_empty = step == 0 || start == end || (end < start) != (step < 0);
    let count = if is_empty { 0 } else { end.abs_diff(start).div_ceil(step.unsigned_abs()) };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    call.fits_values(count)?;
    Ok((0..count as i64).map(|at| start + at * step).collect())
}

fn row(call: &Call, start: i64, end: i64, step: i64) -> Given {
    let items = numbers(call, start, end, step)?.into_iter().map(Value::int).collect();
    Ok(Value::List(List { items: Items::of(items), place: Place::NOWHERE, type_name: INT_LIST }))
}

/// A row as a text, as the program of that name writes it: its end is in it.
fn seq(call: &Call) -> Given {
    let ints = (0..call.len()).map(|at| call.int(at)).collect::<Result<Vec<_>, _>>()?;
    let towards = |start: i64, end: i64| if end < start { -1 } else { 1 };
    let (start, step, end) = match ints[..] {
        [end] => (1, towards(1, end), end),
        [start, end] => (start, towards(start, end), end),
        [start, step, end] if (end < start) == (step < 0) => (start, step, end),
        _ => return Ok(call.made("", 0)),
    };
    let row = numbers(call, start, end.saturating_add(step.signum()), step)?;
    let texts: Vec<String> = row.iter().map(i64::to_string).collect();
    Ok(call.made(texts.join(" "), 0))
}
