//! What a plain scalar is to the YAML reader that helm has: its rules are those of YAML 1.1, and of its own.

use crate::text::Date;

/// A plain scalar with its type. Every number is a fraction behind helm's way through JSON.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Resolved {
    Null,
    Bool(bool),
    Number(f64),
    /// A day or a time: it stays a text, and is written between quotes.
    Time,
    Text,
}

pub fn resolve(text: &str) -> Resolved {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Resolved::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Resolved::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Resolved::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Resolved::Number(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Resolved::Number(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Resolved::Number(f64::NEG_INFINITY),
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Resolved::Text;
    }
    if is_time(text) {
        return Resolved::Time;
    }
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    if let Some(whole) = whole(&plain) {
        return Resolved::Number(whole as f64);
    }
    match is_fraction(&plain).then(|| plain.parse::<f64>()) {
        Some(Ok(number)) => Resolved::Number(number),
        _ => Resolved::Text,
    }
}

/// The base of a number in Go's spelling, all in small letters, and its digits.
pub fn based(lower: &str) -> (u32, &str) {
    match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, lower),
    }
}

/// A whole number, in any base that Go knows; of 64 bits at most.
pub fn whole(text: &str) -> Option<i128> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits) = based(&lower);
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let number = u64::from_str_radix(digits, base).ok()?;
    if is_negative { (number <= 1 << 63).then(|| -i128::from(number)) } else { Some(i128::from(number)) }
}

/// `1.5`, `.5`, `1e3`, `1.`, `08`.
fn is_fraction(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = !before.is_empty() || !after.is_empty();
    let has_exponent = exponent.is_none_or(|text| {
        let text = text.strip_prefix(['+', '-']).unwrap_or(text);
        !text.is_empty() && digits(text)
    });
    has_digits && digits(before) && digits(after) && has_exponent
}

/// A day, or a day with a time behind it.
fn is_time(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (day, time) = rest.split_at(end);
    if year.len() != 4 || !(1..=2).contains(&month.len()) || !(1..=2).contains(&day.len()) {
        return false;
    }
    let is_day = Date::parse(&format!("{year}-{month:0>2}-{day:0>2}")).is_some();
    is_day && (time.is_empty() || is_clock(time))
}

/// `T15:04:05.9Z`, ` 15:04:05`.
fn is_clock(text: &str) -> bool {
    let (sign, text) = text.split_at(1);
    if !matches!(sign, "T" | "t" | " ") {
        return false;
    }
    let clock = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.');
    let end = text.find(|c: char| !clock(c)).unwrap_or(text.len());
    let (clock, zone) = text.split_at(end);
    let parts: Vec<&str> = clock.split(':').collect();
    let has_zone = zone == "Z" || (zone.len() == 6 && zone.starts_with(['+', '-']) && &zone[3..4] == ":");
    let is_part = |part: &&str| (1..=2).contains(&part.split('.').next().unwrap_or_default().len());
    parts.len() == 3 && parts.iter().all(is_part) && has_zone == (sign != " ")
}

/// `1:30`, which older readers take for ninety.
pub fn is_base_sixty(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (text, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let is_sixtieth = |part: &str| match part.as_bytes() {
        [one] => one.is_ascii_digit(),
        [b'0'..=b'5', two] => two.is_ascii_digit(),
        _ => false,
    };
    text.contains(':')
        && first.starts_with(|c: char| c.is_ascii_digit())
        && is_number(first)
        && is_number(fraction)
        && parts.all(is_sixtieth)
}
