//! Texts, letters and numbers in actions, as Go spells them.

use super::{Made, Parser};
use crate::template::scalar::based;
use crate::template::tree::{Expr, Run};
use std::ops::Range;

impl Parser<'_> {
    pub(super) fn raw(&mut self) -> Made<Expr> {
        let start = self.at + 1;
        match memchr::memchr(b'`', &self.text.as_bytes()[start..]) {
            Some(len) => {
                self.at = start + len + 1;
                Ok(Expr::Text(Run::of(start..start + len)))
            }
            None => self.endless(),
        }
    }

    pub(super) fn quoted(&mut self) -> Made<Expr> {
        let inner = self.between(b'"')?;
        let text = &self.text[inner.clone()];
        if memchr::memchr(b'\\', text.as_bytes()).is_none() {
            return Ok(Expr::Text(Run::of(inner)));
        }
        let Some(text) = unescaped(text) else {
            return self.wrong(format_args!("`\"{text}\"` has an escape that Go does not know"));
        };
        let start = self.tree.len + self.tree.words.len();
        self.tree.words.push_str(&text);
        Ok(Expr::Text(Run::of(start..start + text.len())))
    }

    /// A letter, which is its number.
    pub(super) fn letter(&mut self) -> Made<Expr> {
        let inner = self.between(b'\'')?;
        let text = unescaped(&self.text[inner]).unwrap_or_default();
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) => Ok(Expr::Int(i64::from(u32::from(letter)))),
            _ => self.wrong("what is between single quotes is one letter"),
        }
    }

    /// The bytes up to a closing quote.
    fn between(&mut self, quote: u8) -> Made<Range<usize>> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut at = start;
        while let Some(found) = memchr::memchr2(quote, b'\\', bytes.get(at..).unwrap_or_default()) {
            at += found;
            if bytes[at] == quote {
                self.at = at + 1;
                return Ok(start..at);
            }
            at += 2;
        }
        self.endless()
    }

    pub(super) fn number(&mut self) -> Made<Expr> {
        let start = self.at;
        self.at += usize::from(matches!(self.byte(0), b'+' | b'-'));
        let is_hex = self.byte(0) == b'0' && matches!(self.byte(1), b'x' | b'X');
        while self.byte(0).is_ascii_alphanumeric() || matches!(self.byte(0), b'_' | b'.') {
            let is_exponent = match self.byte(0) {
                b'e' | b'E' => !is_hex,
                letter => is_hex && matches!(letter, b'p' | b'P'),
            };
            self.at += 1 + usize::from(is_exponent && matches!(self.byte(1), b'+' | b'-'));
        }
        let text = &self.text[start..self.at];
        number(text).map_or_else(|| self.wrong(format_args!("`{text}` is no number")), Ok)
    }
}

/// A number as Go reads it.
fn number(text: &str) -> Option<Expr> {
    let is_plain =
        !text.starts_with('0') && text.len() < 19 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain || text == "0" {
        return text.parse().ok().map(Expr::Int);
    }
    let plain: String = text.chars().filter(|letter| *letter != '_').collect();
    let digits = plain.trim_start_matches(['+', '-']);
    let lower = digits.to_ascii_lowercase();
    let sign = if plain.starts_with('-') { "-" } else { "" };
    if let Some((mantissa, exponent)) = lower.strip_prefix("0x").and_then(|hex| hex.split_once('p')) {
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = u64::from_str_radix(&format!("{whole}{fraction}"), 16).ok()?;
        let power = exponent.parse::<i32>().ok()?.checked_sub(4 * i32::try_from(fraction.len()).ok()?)?;
        let number = digits as f64 * 2f64.powi(power);
        return Some(Expr::Float(if sign.is_empty() { number } else { -number }));
    }
    if !lower.starts_with("0x") && lower.contains(['.', 'e']) {
        return plain.parse().ok().map(Expr::Float);
    }
    let (base, digits) = based(&lower);
    match i64::from_str_radix(&format!("{sign}{digits}"), base) {
        Ok(number) => Some(Expr::Int(number)),
        Err(_) => u64::from_str_radix(digits, base).ok().filter(|_| sign.is_empty()).map(|_| Expr::TooLarge),
    }
}

/// A text without its escapes; nothing if Go does not know one of them.
fn unescaped(text: &str) -> Option<String> {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let sign = escape.chars().next()?;
        let (digits, base) = match sign {
            'x' => (1..3, 16),
            'u' => (1..5, 16),
            'U' => (1..9, 16),
            '0'..='7' => (0..3, 8),
            _ => (1..1, 10),
        };
        rest = escape.get(digits.end..)?;
        out.push(match sign {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'v' => '\u{b}',
            'f' => '\u{c}',
            '\\' | '"' | '\'' => sign,
            _ => char::from_u32(u32::from_str_radix(escape.get(digits)?, base).ok()?)?,
        });
    }
    out.push_str(rest);
    Some(out)
}
