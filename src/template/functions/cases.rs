//! Functions over the case of letters and the shape of words. Where nothing changes, the place stays exact.

use super::table::{Arity::*, Function};
use crate::template::host::Call;
use crate::template::rope::Rope;
use crate::template::value::{Given, Value};

pub const FUNCTIONS: &[Function] = &[
    ("lower", Is(1), |call| mapped(call, small)),
    ("upper", Is(1), |call| mapped(call, capital)),
    ("title", Is(1), |call| cased(call, title)),
    ("untitle", Is(1), |call| cased(call, untitle)),
    // Argo CD's own: a name of what is none.
    ("normalize", Is(1), |call| {
        cased(call, |text| {
            let sign = |c: char| {
                if c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.') { c } else { '-' }
            };
            let text: String = text.to_lowercase().chars().map(sign).take(253).collect();
            text.trim_matches(['-', '.']).to_owned()
        })
    }),
    ("swapcase", Is(1), |call| cased(call, swapped)),
    ("initials", Is(1), |call| {
        cased(call, |text| text.split_whitespace().filter_map(|word| word.chars().next()).collect())
    }),
    ("snakecase", Is(1), |call| cased(call, |text| words(text, '_'))),
    ("kebabcase", Is(1), |call| cased(call, |text| words(text, '-'))),
    ("camelcase", Is(1), |call| cased(call, camel)),
];

/// A text letter by letter: those that stay keep their place.
fn mapped(call: &Call, change: fn(char) -> char) -> Given {
    let text = call.text(0)?;
    let mut rope = Rope::with_capacity(text.len());
    let mut from = 0;
    for (at, letter) in text.as_str().char_indices() {
        let changed = change(letter);
        if changed != letter {
            let end = at + letter.len_utf8();
            rope.push_slice(&text, from..at);
            rope.push_made(changed.encode_utf8(&mut [0; 4]), text.place_of(at..end, call.places()));
            from = end;
        }
    }
    if from == 0 {
        return Ok(Value::Text(text));
    }
    rope.push_slice(&text, from..text.len());
    Ok(Value::Text(rope.finish()))
}

fn cased(call: &Call, change: fn(&str) -> String) -> Given {
    let text = call.text(0)?;
    let changed = change(text.as_str());
    if changed == text.as_str() {
        return Ok(Value::Text(text));
    }
    Ok(call.made(changed, 0))
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(capital).into_iter().chain(letters).collect()
}

/// The one letter that is the capital of another, where there is one.
fn capital(letter: char) -> char {
    let mut capitals = letter.to_uppercase();
    capitals.next().filter(|_| capitals.next().is_none()).unwrap_or(letter)
}

fn small(letter: char) -> char {
    let mut small = letter.to_lowercase();
    small.next().filter(|_| small.next().is_none()).unwrap_or(letter)
}

/// Small letters at the beginning of every word.
fn untitle(text: &str) -> String {
    let mut before = ' ';
    let change = |letter: char| {
        let begins = before.is_whitespace();
        before = letter;
        if begins { small(letter) } else { letter }
    };
    text.chars().map(change).collect()
}

/// A capital at the beginning of every word.
fn title(text: &str) -> String {
    let mut before = ' ';
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let is_in_word =
            before.is_alphanumeric() || before == '_' || (!before.is_ascii() && !before.is_whitespace());
        if is_in_word {
            out.push(letter);
        } else {
            out.push(capital(letter));
        }
        before = letter;
    }
    out
}

fn swapped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_uppercase() {
            out.push(small(letter));
        } else if letter.is_lowercase() {
            out.push(capital(letter));
        } else {
            out.push(letter);
        }
    }
    out
}

/// What a letter is to the borders of words.
#[derive(Clone, Copy, PartialEq)]
enum Class {
    Upper,
    Lower,
    Digit,
    Other,
}

fn class(letter: char) -> Class {
    match letter {
        _ if letter.is_uppercase() => Class::Upper,
        _ if letter.is_numeric() => Class::Digit,
        _ if matches!(letter, ' ' | '_' | '-') || letter.is_whitespace() => Class::Other,
        _ => Class::Lower,
    }
}

/// Words in small letters with a sign between them: `HTTPServer2` is `http_server_2`.
fn words(text: &str, by: char) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| class(letters[at]));
        let next = letters.get(at + 1).map(|letter| class(*letter));
        let own = class(*letter);
        if own == Class::Other {
            out.push(by);
            continue;
        }
        let begins = match (before, own) {
            (None | Some(Class::Other), _) => false,
            (Some(Class::Lower | Class::Digit), Class::Upper) => true,
            (Some(Class::Upper), Class::Upper) => next == Some(Class::Lower),
            _ => false,
        };
        if begins {
            out.push(by);
        }
        out.push(small(*letter));
    }
    out
}

/// `http_server` is `HttpServer`.
fn camel(text: &str) -> String {
    let is_sign = |letter: char| matches!(letter, '_' | '-' | ' ');
    let lead = text.len() - text.trim_start_matches(is_sign).len();
    let body = text[lead..].trim_end_matches(is_sign);
    let tail = &text[lead + body.len()..];
    let words = body.split(is_sign).filter(|word| !word.is_empty());
    let joined: String = words.map(capitalized).collect();
    format!("{}{joined}{tail}", &text[..lead])
}
