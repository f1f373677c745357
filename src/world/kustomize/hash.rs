//! The hash behind the names of ConfigMaps and Secrets that are made: of what they hold, in the tool's own encoding.

use super::super::typed::AsJson;
use crate::syntax::{Node, Value};
use crate::text::{Sha256, Str};
use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Mutex;

/// The fields that are summed up of a ConfigMap or a Secret.
const HELD: [&str; 5] = ["kind", "type", "data", "binaryData", "stringData"];

/// What was summed up before: many clusters get one dashboard.
#[derive(Debug, Default)]
pub(super) struct Sums(Mutex<HashMap<usize, Vec<(Node, Str)>>>);

impl Sums {
    pub(super) fn of(&self, root: &Node) -> Str {
        if !matches!(root.text_at("kind"), Some("ConfigMap" | "Secret")) {
            return hash(root).into();
        }
        let is_it = |other: &Node| HELD.iter().all(|key| is_same(root.get(key), other.get(key)));
        let size = HELD.iter().filter_map(|key| root.get(key)).map(size).sum();
        let known = |known: &Vec<(Node, Str)>| {
            known.iter().find(|(other, _)| is_it(other)).map(|(_, sum)| sum.clone())
        };
        let before = self.0.lock().ok().and_then(|sums| sums.get(&size).and_then(known));
        before.unwrap_or_else(|| {
            let sum = Str::from(hash(root));
            if let Ok(mut sums) = self.0.lock() {
                sums.entry(size).or_default().push((root.clone(), sum.clone()));
            }
            sum
        })
    }
}

/// How many bytes of text there are.
fn size(node: &Node) -> usize {
    let inner = node.entries().iter().map(|(key, value)| size(key) + size(value)).sum::<usize>();
    node.text().map_or(0, str::len) + inner
}

/// Whether two trees read alike, wherever they were written.
fn is_same(one: Option<&Node>, other: Option<&Node>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return one.is_none() && other.is_none() };
    one.tag() == other.tag()
        && match (&one.value, &other.value) {
            (Value::Null, Value::Null) | (Value::Hole, Value::Hole) => true,
            (Value::Scalar(one), Value::Scalar(other)) => one == other,
            (Value::Map(one), Value::Map(other)) => {
                let is_pair = |((key, value), (other_key, other)): (&(Node, Node), &(Node, Node))| {
                    is_same(Some(key), Some(other_key)) && is_same(Some(value), Some(other))
                };
                one.len() == other.len() && one.iter().zip(other.iter()).all(is_pair)
            }
            _ => false,
        }
}

/// The suffix that the tool puts behind the name of an object for what it holds.
fn hash(root: &Node) -> String {
    let mut out = Go::default();
    // A sum takes every byte.
    let _ = match root.text_at("kind") {
        Some(kind @ ("ConfigMap" | "Secret")) => encode(&mut out, root, kind),
        _ => serde_json::to_writer(&mut out, &AsJson(root)).map_err(io::Error::from),
    };
    let hex: String = out.finish().iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    let letter = |c: char| match c {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    };
    hex.chars().map(letter).collect()
}

/// What the tool sums up of a ConfigMap or a Secret, with sorted keys as Go's encoder has them.
fn encode(out: &mut Go, root: &Node, kind: &str) -> io::Result<()> {
    let binary = root.get("binaryData").filter(|data| kind == "ConfigMap" && data.is_map());
    let strings = root.get("stringData").filter(|data| kind == "Secret" && data.is_map());
    // The tool looks for the name in a place where none is: objects that hold the same get the same hash.
    let fields = [
        ("binaryData", binary, binary.is_some()),
        ("data", root.get("data"), true),
        ("kind", root.get("kind"), true),
        ("name", None, true),
        ("stringData", strings, strings.is_some()),
        ("type", root.get("type"), kind == "Secret"),
    ];
    let mut sign = '{';
    for (key, value, _) in fields.into_iter().filter(|(.., is_told)| *is_told) {
        write!(out, "{sign}\"{key}\":")?;
        match value {
            Some(value) => serde_json::to_writer(&mut *out, &AsJson(value))?,
            None => out.write_all(b"\"\"")?,
        }
        sign = ',';
    }
    out.write_all(b"}")
}

/// Sums up JSON as Go writes it, which escapes some letters more. No letter comes in two pieces.
#[derive(Default)]
struct Go {
    sum: Sha256,
    /// What waits: JSON is written in many small pieces.
    held: Vec<u8>,
}

/// So many bytes wait at most, but for the last piece.
const HELD_BYTES: usize = 1 << 14;

impl Go {
    fn finish(mut self) -> [u8; 32] {
        self.take();
        self.sum.finish()
    }

    /// Sums up what waits.
    fn take(&mut self) {
        let (bytes, mut from) = (self.held.as_slice(), 0);
        let ascii = memchr::memchr3_iter(b'<', b'>', b'&', bytes);
        let mut found: Vec<usize> = ascii.chain(memchr::memchr_iter(0xe2, bytes)).collect();
        found.sort_unstable();
        for at in found {
            let (escape, len) = match bytes[at..] {
                [b'<', ..] => ("\\u003c", 1),
                [b'>', ..] => ("\\u003e", 1),
                [b'&', ..] => ("\\u0026", 1),
                [0xe2, 0x80, 0xa8, ..] => ("\\u2028", 3),
                [0xe2, 0x80, 0xa9, ..] => ("\\u2029", 3),
                _ => continue,
            };
            self.sum.update(&bytes[from..at]);
            self.sum.update(escape.as_bytes());
            from = at + len;
        }
        self.sum.update(&bytes[from..]);
        self.held.clear();
    }
}

impl io::Write for Go {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= HELD_BYTES {
            self.take();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml;
    use crate::text::SourceId;

    #[test]
    fn what_was_summed_up_before_gets_the_sum_of_its_own() {
        let maps = [
            "{kind: ConfigMap, data: {a: b}}",
            "{kind: ConfigMap, data: {b: a}}",
            "{kind: ConfigMap, data: {a: b}, type: x}",
            "{kind: ConfigMap, data: {a: \"1\"}}",
            "{kind: ConfigMap, data: {a: 1}}",
            "{kind: Secret, data: {a: b}}",
            "{kind: Secret, stringData: {a: b}}",
            "{kind: Secret, data: {a: b}, type: Opaque}",
            "{kind: ConfigMap}",
            "{kind: ConfigMap, data: null}",
        ];
        let sums = Sums::default();
        for _ in 0..2 {
            for text in maps {
                let yaml = yaml::read(SourceId(0), text);
                let root = &yaml.documents[0].root;
                assert_eq!(sums.of(root), hash(root), "{text}");
            }
        }
    }
}
