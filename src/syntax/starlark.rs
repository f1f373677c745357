//! Calls in Starlark, the language of Tiltfiles: names of functions and the literals that they are given, with places. Runs
//! nothing: what is no literal is [`Value::Unknown`].

use crate::limits::DEEPEST_STARLARK;
use std::ops::Range;

/// One call, as it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    pub name: String,
    /// Values without a name, in order.
    pub positional: Vec<Value>,
    pub named: Vec<(String, Value)>,
}

/// What an argument is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// The bytes between the quotes: no escape is among them.
    Text(Range<usize>),
    List(Vec<Value>),
    Map(Vec<(Value, Value)>),
    Call(Call),
    /// A variable, a sum, or whatever else has to be run.
    Unknown,
}

impl Call {
    /// An argument by its name, or else by its place.
    pub fn argument(&self, name: &str, at: usize) -> Option<&Value> {
        self.named(name).or_else(|| self.positional.get(at))
    }

    pub fn named(&self, name: &str) -> Option<&Value> {
        self.named.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

/// The calls of a text, those that are arguments of others before these. What is within something that has to be run is not
/// looked at. Each byte is gone over once.
pub fn calls(text: &str) -> Vec<Call> {
    let mut reader = Reader { text: text.as_bytes(), at: 0 };
    let mut out = Vec::new();
    let mut is_definition = false;
    while let Some(&byte) = reader.text.get(reader.at) {
        match byte {
            b'#' => reader.skip_line(),
            b'"' | b'\'' => _ = reader.string(),
            _ if starts_name(byte) => {
                let is_method = reader.at > 0 && reader.text[reader.at - 1] == b'.';
                let name = reader.name();
                if !reader.is_quote_of(name) && reader.peek() == Some(b'(') && !is_definition && !is_method {
                    let call = reader.call(name, 0);
                    let named = call.named.iter().map(|(_, value)| value);
                    call.positional.iter().chain(named).for_each(|value| within(value, &mut out));
                    out.push(call);
                }
                is_definition = name == b"def";
                continue;
            }
            _ => reader.at += 1,
        }
        is_definition &= byte.is_ascii_whitespace();
    }
    out
}

/// The calls that a value is made of.
fn within(value: &Value, out: &mut Vec<Call>) {
    match value {
        Value::Call(call) => {
            let named = call.named.iter().map(|(_, value)| value);
            call.positional.iter().chain(named).for_each(|value| within(value, out));
            out.push(call.clone());
        }
        Value::List(items) => items.iter().for_each(|value| within(value, out)),
        _ => {}
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

impl<'a> Reader<'a> {
    fn name(&mut self) -> &'a [u8] {
        let start = self.at;
        while self.text.get(self.at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    /// Whether a name is the `r` or `b` before a string.
    fn is_quote_of(&self, name: &[u8]) -> bool {
        matches!(name, b"r" | b"b" | b"rb") && matches!(self.text.get(self.at), Some(b'"' | b'\''))
    }

    fn skip_line(&mut self) {
        let rest = &self.text[self.at..];
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// The next byte that is neither space nor remark.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.text.get(self.at)? {
                b'#' => self.skip_line(),
                b'\\' => self.at += 1,
                byte if byte.is_ascii_whitespace() => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    /// Goes behind a string. Gives its bytes, if it is one that ends, and nothing in it is escaped.
    fn string(&mut self) -> Option<Range<usize>> {
        let quote = self.text[self.at];
        let is_long = self.text[self.at..].starts_with(&[quote; 3]);
        self.at += if is_long { 3 } else { 1 };
        let (start, mut is_plain) = (self.at, true);
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'\\' => {
                    is_plain = false;
                    self.at += 1;
                }
                b'\n' if !is_long => return None,
                _ if byte == quote && (!is_long || self.text[self.at..].starts_with(&[quote; 3])) => {
                    let end = self.at;
                    self.at += if is_long { 3 } else { 1 };
                    return is_plain.then_some(start..end);
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.text.len();
        None
    }

    /// Reads from the bracket that opens the arguments to behind the one that closes them.
    fn call(&mut self, name: &[u8], depth: usize) -> Call {
        self.at += 1;
        let name = String::from_utf8_lossy(name).into_owned();
        let mut call = Call { name, positional: Vec::new(), named: Vec::new() };
        while let Some(byte) = self.peek() {
            match byte {
                b')' => {
                    self.at += 1;
                    break;
                }
                // A bracket that nobody opened is passed, too.
                b',' | b':' | b']' | b'}' => self.at += 1,
                _ => match self.argument(depth) {
                    (Some(name), value) => call.named.push((name, value)),
                    (None, value) => call.positional.push(value),
                },
            }
        }
        call
    }

    fn argument(&mut self, depth: usize) -> (Option<String>, Value) {
        if self.peek().is_some_and(starts_name) {
            let name = self.name();
            if self.peek() == Some(b'=') && self.text.get(self.at + 1) != Some(&b'=') {
                self.at += 1;
                let name = String::from_utf8_lossy(name).into_owned();
                return (Some(name), self.whole(depth));
            }
            let value = self.named(name, depth);
            return (None, self.ended(value));
        }
        (None, self.whole(depth))
    }

    /// A value, and nothing if more than a literal is there.
    fn whole(&mut self, depth: usize) -> Value {
        let value = self.value(depth);
        self.ended(value)
    }

    /// Goes to the comma or bracket behind a value: whatever else is there makes it unknown.
    fn ended(&mut self, value: Value) -> Value {
        match self.peek() {
            None | Some(b',' | b')' | b']' | b'}' | b':') => value,
            Some(_) => {
                self.skip();
                Value::Unknown
            }
        }
    }

    fn value(&mut self, depth: usize) -> Value {
        if depth > DEEPEST_STARLARK {
            return Value::Unknown;
        }
        match self.peek() {
            Some(b'"' | b'\'') => self.string().map_or(Value::Unknown, Value::Text),
            Some(b'[') => Value::List(self.items(b']', depth)),
            Some(b'{') => {
                let mut items = self.items(b'}', depth).into_iter();
                let pair = || Some((items.next()?, items.next()?));
                Value::Map(std::iter::from_fn(pair).collect())
            }
            Some(byte) if starts_name(byte) => {
                let name = self.name();
                self.named(name, depth)
            }
            _ => Value::Unknown,
        }
    }

    /// What a name begins: a call of a function, or something that only a run knows.
    fn named(&mut self, name: &[u8], depth: usize) -> Value {
        match self.peek() {
            Some(b'(') if depth < DEEPEST_STARLARK => Value::Call(self.call(name, depth + 1)),
            _ => Value::Unknown,
        }
    }

    /// What is between brackets; keys and values of a map in turn.
    fn items(&mut self, close: u8, depth: usize) -> Vec<Value> {
        self.at += 1;
        let mut out = Vec::new();
        while let Some(byte) = self.peek() {
            match byte {
                _ if byte == close => {
                    self.at += 1;
                    break;
                }
                b',' | b':' => self.at += 1,
                // A bracket that nobody opened ends it, too.
                b')' | b']' | b'}' => break,
                _ => out.push(self.whole(depth + 1)),
            }
        }
        out
    }

    /// Goes to the comma, the colon or the bracket that ends what nobody can tell.
    fn skip(&mut self) {
        let mut open = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' | b'\'' => {
                    self.string();
                    continue;
                }
                b'(' | b'[' | b'{' => open += 1,
                b')' | b']' | b'}' if open == 0 => return,
                b')' | b']' | b'}' => open -= 1,
                b',' | b':' if open == 0 => return,
                _ => {}
            }
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let value = |value: &Value| told_value(text, value);
        let call = |call: &Call| {
            let named = call.named.iter().map(|(name, one)| format!("{name}={}", value(one)));
            let all: Vec<String> = call.positional.iter().map(value).chain(named).collect();
            format!("{}({})", call.name, all.join(" "))
        };
        calls(text).iter().map(call).collect::<Vec<_>>().join("; ")
    }

    fn told_value(text: &str, value: &Value) -> String {
        let all =
            |items: &[Value]| items.iter().map(|one| told_value(text, one)).collect::<Vec<_>>().join(" ");
        match value {
            Value::Text(at) => text[at.clone()].to_string(),
            Value::List(items) => format!("[{}]", all(items)),
            Value::Map(pairs) => {
                let pair = |(key, one): &(Value, Value)| {
                    format!("{}:{}", told_value(text, key), told_value(text, one))
                };
                format!("{{{}}}", pairs.iter().map(pair).collect::<Vec<_>>().join(" "))
            }
            Value::Call(call) => format!("{}({})", call.name, all(&call.positional)),
            Value::Unknown => "?".into(),
        }
    }

    #[test]
    fn literals_of_calls() {
        let rows = [
            ("f('a', \"b\")", "f(a b)"),
            ("f('''a''')", "f(a)"),
            ("f(\n  'a', # 'no'\n  k='b',\n)", "f(a k=b)"),
            ("f(['a', 'b'])", "f([a b])"),
            ("f({'a': 'b', c: 'd'})", "f({a:b ?:d})"),
            ("f(g('a'))", "g(a); f(g(a))"),
            ("x = f('a')", "f(a)"),
            ("if x:\n  f('a')\n", "f(a)"),
            // What has to be run.
            ("f(a)", "f(?)"),
            ("f('a' + b, 'c')", "f(? c)"),
            ("f('a%s' % b)", "f(?)"),
            ("f('a'.upper())", "f(?)"),
            ("f('a\\n')", "f(?)"),
            ("f(a == b, 'c')", "f(? c)"),
            ("f(['a'] + b)", "f(?)"),
            ("f([x for x in y], 'c')", "f([?] c)"),
            ("f(lambda a, b: a)", "f(? ? ?)"),
            // What is no call of a function.
            ("def f(a):\n  pass", ""),
            ("a.f('b')", ""),
            ("# f('a')", ""),
            ("'f(\"a\")'", ""),
            ("\"\"\"\nf('a')\n\"\"\"", ""),
            ("r'f(' + f('a')", "f(a)"),
            // What never ends.
            ("f('a", "f(?)"),
            ("f('a'", "f(a)"),
            ("f([['a'", "f([[a]])"),
            ("f('''a", "f(?)"),
            ("f('a']", "f(a)"),
        ];
        for (text, wanted) in rows {
            assert_eq!(told(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_nested_deeply_is_not_followed() {
        for open in ["f(", "[", "{", "f([{"] {
            let text = format!("f({}", open.repeat(100_000));
            assert_eq!(calls(&text).last().map(|call| call.name.as_str()), Some("f"));
        }
    }
}
