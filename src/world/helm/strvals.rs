//! What `helm --set` and its like say: `web.ports[0].name=http,tags={a,b}`. Each value keeps its place in the text.

use super::super::edit;
use super::tables::beats;
use crate::limits::{DEEPEST_SET, MOST_SET_ITEMS, MOST_SET_VALUES};
use crate::syntax::{Node, Scalar, Style, Tag, Value, yaml};
use crate::text::{Origin, Part, Weave};
use std::ops::Range;
use std::sync::Arc;

/// What the text behind a `=` is.
#[derive(Clone, Copy)]
pub(in super::super) enum Kind<'k> {
    /// `--set`: numbers, truths and nulls are what they look like.
    Typed,
    /// `--set-string`
    Text,
    /// `--set-file`: the name of a file whose text is the value.
    File(&'k dyn Fn(&Part) -> Result<Part, String>),
    /// `--set-json`
    Json,
    /// `--set-literal`: all that follows, whatever signs are in it.
    Literal,
}

/// Puts what a text says into values; what helm refuses in it is an error.
pub(in super::super) fn set(text: &Part, kind: Kind, values: &mut Node) -> Result<(), String> {
    let mut parser = Parser { text, at: 0, kind };
    for _ in 0..MOST_SET_VALUES {
        match parser.key(values, 0) {
            Ok(()) => {}
            Err(End::Over) => return Ok(()),
            Err(End::Wrong(says)) => return Err(says),
        }
    }
    if parser.at == text.text.len() {
        Ok(())
    } else {
        Err(format!("more than {MOST_SET_VALUES} values are not read"))
    }
}

/// Why reading stops.
enum End {
    /// The text is at its end.
    Over,
    Wrong(String),
}

fn wrong<T>(says: impl Into<String>) -> Result<T, End> {
    Err(End::Wrong(says.into()))
}

struct Parser<'p> {
    text: &'p Part,
    at: usize,
    kind: Kind<'p>,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The text up to one of some signs, which is taken too; a backslash takes the meaning off the sign behind it.
    fn until(&mut self, stops: &[char]) -> (Part, Option<char>) {
        let mut taken: Vec<Range<usize>> = Vec::new();
        let mut found = None;
        while let Some(letter) = self.peek() {
            let from = self.at;
            self.at += letter.len_utf8();
            if stops.contains(&letter) {
                found = Some(letter);
                break;
            }
            let own = match letter {
                '\\' if !matches!(self.kind, Kind::Literal) => {
                    let Some(next) = self.peek() else { break };
                    self.at += next.len_utf8();
                    self.at - next.len_utf8()..self.at
                }
                _ => from..self.at,
            };
            match taken.last_mut() {
                Some(last) if last.end == own.start => last.end = own.end,
                _ => taken.push(own),
            }
        }
        (self.joined(&taken), found)
    }

    /// The pieces of the text, put together.
    fn joined(&self, ranges: &[Range<usize>]) -> Part {
        match ranges {
            [] => self.text.slice(self.at..self.at),
            [only] => self.text.slice(only.clone()),
            [first, ..] => {
                let (mut text, mut weave) = (String::new(), Weave::with_capacity(ranges.len()));
                for range in ranges {
                    let piece = self.text.slice(range.clone());
                    weave.push(range.len(), piece.origin);
                    text.push_str(&piece.text);
                }
                let at = self.text.slice(first.clone()).span();
                Part::new(text, Origin::woven(at, weave))
            }
        }
    }

    fn key(&mut self, map: &mut Node, level: usize) -> Result<(), End> {
        let stops: &[char] =
            if matches!(self.kind, Kind::Literal) { &['=', '[', '.'] } else { &['=', '[', ',', '.'] };
        let (key, last) = self.until(stops);
        match last {
            None if key.text.is_empty() => Err(End::Over),
            None => wrong(format!("the key `{}` has no value", key.text)),
            Some('[') => {
                let index = self.index()?;
                let list = match edit::get_mut(map, &key.text) {
                    None => Vec::new(),
                    Some(found) if found.is_list() => items_of(taken(found)),
                    Some(_) => return wrong(format!("`{}` is no list", key.text)),
                };
                let (list, done) = self.item(list, index, level);
                put(map, &key, Node::list(Origin::spelled(key.span()), list));
                done
            }
            Some('.') => self.inner(map, &key, level + 1),
            Some(',') => wrong(format!("the key `{}` has no value", key.text)),
            Some(_) => {
                let (value, done) = self.value()?;
                put(map, &key, value);
                done
            }
        }
    }

    fn inner(&mut self, map: &mut Node, key: &Part, level: usize) -> Result<(), End> {
        if level > DEEPEST_SET {
            return wrong(format!("a name has more than {DEEPEST_SET} parts"));
        }
        let mut inner = match edit::get_mut(map, &key.text) {
            None => edit::empty_map(&key.origin),
            Some(found) if found.is_map() => taken(found),
            Some(_) => return wrong(format!("`{}` is no map", key.text)),
        };
        let done = self.key(&mut inner, level);
        let is_empty = inner.entries().is_empty();
        if done.is_ok() && is_empty {
            return wrong(format!("`{}` has no value", key.text));
        }
        // What was taken out is put back, even if nothing came of it.
        if !is_empty || map.get(&key.text).is_some() {
            put(map, key, inner);
        }
        done
    }

    fn index(&mut self) -> Result<usize, End> {
        let (digits, last) = self.until(&[']']);
        let number: Option<i64> = last.and(digits.text.parse().ok());
        match number.map(usize::try_from) {
            Some(Ok(index)) if index <= MOST_SET_ITEMS => Ok(index),
            Some(Ok(index)) => {
                wrong(format!("a list of {index} items is longer than helm's {MOST_SET_ITEMS}"))
            }
            _ => wrong(format!("`{}` is no place in a list", digits.text)),
        }
    }

    /// What follows a place in a list; the list, and whether reading goes on.
    fn item(&mut self, mut list: Vec<Node>, index: usize, level: usize) -> (Vec<Node>, Result<(), End>) {
        let (between, last) = self.until(&['[', '.', '=']);
        if !between.text.is_empty() {
            return (list, wrong(format!("`{}` is behind a place in a list", between.text)));
        }
        match last {
            None => (list, Err(End::Over)),
            Some('=') => match self.value() {
                Ok((value, _)) => (with_item(list, index, value), Ok(())),
                Err(end) => (list, Err(end)),
            },
            Some('[') => {
                let next = match self.index() {
                    Ok(next) => next,
                    Err(end) => return (list, Err(end)),
                };
                let is_there = index < list.len();
                let current = match list.get_mut(index) {
                    Some(found) if found.is_list() => items_of(taken(found)),
                    Some(found) if !found.is_null() => return (list, wrong("an item is no list")),
                    _ => Vec::new(),
                };
                let (inner, done) = self.item(current, next, level);
                if done.is_ok() || is_there {
                    let inner = Node::list(Origin::spelled(between.span()), inner);
                    list = with_item(list, index, inner);
                }
                (list, done)
            }
            Some(_) => {
                let found = list.get_mut(index).filter(|found| found.is_map()).map(taken);
                let is_there = index < list.len();
                let mut inner = found.unwrap_or_else(|| edit::empty_map(&between.origin));
                let done = self.key(&mut inner, level);
                // A map that was there keeps what it was given, even at the end of the text.
                if done.is_ok() || is_there {
                    list = with_item(list, index, inner);
                }
                (list, done)
            }
        }
    }

    /// The value behind a `=`, and whether reading goes on behind it.
    fn value(&mut self) -> Result<(Node, Result<(), End>), End> {
        match self.kind {
            Kind::Json => Ok((self.json()?, Ok(()))),
            Kind::Literal => {
                let (text, _) = self.until(&[]);
                Ok((edit::text(&text), Ok(())))
            }
            _ => match self.peek() {
                None => Ok((edit::text(&self.joined(&[])), Err(End::Over))),
                Some('{') => Ok((self.list()?, Ok(()))),
                Some(_) => {
                    let (text, _) = self.until(&[',']);
                    Ok((self.scalar(&text)?, Ok(())))
                }
            },
        }
    }

    fn list(&mut self) -> Result<Node, End> {
        let from = self.at;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            let (text, last) = self.until(&[',', '}']);
            if last.is_none() {
                return wrong("a list has no `}` at its end");
            }
            items.push(self.scalar(&text)?);
            if last == Some('}') {
                break;
            }
        }
        let origin = Origin::spelled(self.text.slice(from..self.at).span());
        if self.peek() == Some(',') {
            self.at += 1;
        }
        Ok(Node::list(origin, items))
    }

    fn scalar(&self, text: &Part) -> Result<Node, End> {
        match self.kind {
            Kind::Typed => Ok(typed(text)),
            Kind::File(read) => read(text).map(|text| edit::text(&text)).map_err(End::Wrong),
            _ => Ok(edit::text(text)),
        }
    }

    fn json(&mut self) -> Result<Node, End> {
        if self.is_over() {
            return Ok(Node::new(self.joined(&[]).origin, Value::Null));
        }
        let mut values = serde_json::Deserializer::from_str(self.rest()).into_iter::<serde::de::IgnoredAny>();
        if !matches!(values.next(), Some(Ok(_))) {
            return wrong("a value is no JSON");
        }
        let part = self.text.slice(self.at..self.at + values.byte_offset());
        self.at += part.text.len();
        self.is_over();
        let read = yaml::read_embedded(&part.text, &part.origin);
        match read.documents.into_iter().next().filter(|_| read.problems.is_empty()) {
            Some(document) => Ok(document.root),
            None => wrong("a value is no JSON"),
        }
    }

    /// Takes blanks and a comma; whether nothing else comes before the next key.
    fn is_over(&mut self) -> bool {
        while let Some(letter) = self.peek() {
            if letter != ',' && !letter.is_whitespace() {
                return false;
            }
            self.at += letter.len_utf8();
            if letter == ',' {
                return true;
            }
        }
        true
    }
}

/// What is changed is taken out, so that nobody shares it, and put back.
fn taken(slot: &mut Node) -> Node {
    let nothing = Node::new(slot.origin.clone(), Value::Null);
    std::mem::replace(slot, nothing)
}

fn items_of(list: Node) -> Vec<Node> {
    match list.value {
        Value::List(items) => Arc::unwrap_or_clone(items),
        _ => Vec::new(),
    }
}

fn put(map: &mut Node, key: &Part, mut value: Node) {
    if key.text.is_empty() {
        return;
    }
    if let Some(slot) = edit::get_mut(map, &key.text) {
        beats(&mut value, slot);
        *slot = value;
        return;
    }
    let name = Node::new(key.origin.clone(), Value::Scalar(Scalar::new(key.text.clone(), Style::Double)));
    edit::entries_mut(map).into_iter().for_each(|entries| entries.push((name.clone(), value.clone())));
}

fn with_item(mut list: Vec<Node>, index: usize, mut value: Node) -> Vec<Node> {
    while list.len() <= index {
        list.push(Node::new(Origin::spelled(value.span()), Value::Null));
    }
    beats(&mut value, &list[index]);
    list[index] = value;
    list
}

/// A truth, nothing, a whole number or the text itself.
fn typed(part: &Part) -> Node {
    let text = part.text.as_str();
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("null") {
        return Node::new(part.origin.clone(), Value::Null);
    }
    if let Some(word) = ["true", "false"].into_iter().find(|word| is(word)) {
        return plain(part, word, Tag::None);
    }
    let is_led_by_zero = text.starts_with('0') && text != "0";
    match text.parse::<i64>().ok().filter(|_| !is_led_by_zero) {
        Some(number) => plain(part, &number.to_string(), Tag::Whole),
        None => edit::text(part),
    }
}

/// A scalar that is no text. Its tag tells that it is a number of Go's `int64`, where a file has floats.
fn plain(part: &Part, text: &str, tag: Tag) -> Node {
    let origin = if part.text == text { part.origin.clone() } else { Origin::spelled(part.span()) };
    Node::new(origin, Value::Scalar(Scalar { tag, ..Scalar::new(text.into(), Style::Plain) }))
}
