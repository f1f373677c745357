//! Values as helm reads them: by the older rules of YAML, where `yes` is a truth and every key a text.

use super::super::typed::{Typed, typed};
use super::tables;
use super::told::{Helm, Told};
use crate::syntax::yaml::Yaml;
use crate::syntax::{Node, Scalar, Style, Tag, Value};
use crate::text::{Origin, Span, Str};
use std::collections::HashMap;

/// The values in a file; nothing, with a word, if helm does not take them. `at` is the file.
pub(super) fn read(yaml: &Yaml, name: &str, at: Span, helm: Helm, told: &mut Told) -> Option<Node> {
    // Helm 3 reads the first document and never looks at what is behind it.
    let end = yaml.documents.first().filter(|_| helm == Helm::Three).map(|first| first.root.span().end);
    let is_read = |at: Span| end.is_none_or(|end| at.start < end);
    let mut faults = yaml.problems.iter().filter(|problem| {
        matches!(problem.kind, "yaml-syntax" | "yaml-alias") && problem.at.is_none_or(is_read)
    });
    if let Some(problem) = faults.next() {
        told.refuse(format!("helm cannot read {name}: {}", problem.says), problem.at.unwrap_or(at));
        return None;
    }
    let count = if helm == Helm::Three { 1 } else { usize::MAX };
    let mut out = empty(at);
    for document in yaml.documents.iter().take(count).filter(|document| !document.root.is_null()) {
        let root = settled(&document.root);
        if !root.is_map() {
            told.refuse(format!("helm cannot read {name}: it is no map"), document.root.span());
            return None;
        }
        tables::lay_over(&mut out, &root);
    }
    Some(out)
}

/// What charts print of a plain scalar that is a number, if it is not what is written: `1.1` of `1.10`.
pub fn printed_number(plain: &str) -> Option<String> {
    crate::template::printed_number(plain)
}

/// A map without anything in it.
pub(super) fn empty(at: Span) -> Node {
    Node::map(Origin::spelled(at), Vec::new())
}

/// A tree with its truths and keys as helm has them. Most trees need no change and stay shared.
pub(super) fn settled(node: &Node) -> Node {
    if is_settled(node) {
        return node.clone();
    }
    match &node.value {
        Value::Scalar(scalar) => truth(scalar, node).unwrap_or_else(|| node.clone()),
        Value::List(items) => Node { value: list(items.iter().map(settled).collect()), ..node.clone() },
        Value::Map(entries) => {
            let mut out: Vec<(Node, Node)> = Vec::with_capacity(entries.len());
            let mut known: HashMap<Str, usize> = HashMap::with_capacity(entries.len());
            for (name, value) in entries.iter() {
                let entry = (key(name), settled(value));
                let text: Str = entry.0.text().unwrap_or_default().into();
                // `1` and `"1"` are one key.
                match known.get(&text) {
                    Some(at) => out[*at] = entry,
                    None => {
                        known.insert(text, out.len());
                        out.push(entry);
                    }
                }
            }
            Node { value: Value::Map(out.into()), ..node.clone() }
        }
        Value::Null | Value::Hole => node.clone(),
    }
}

fn list(items: Vec<Node>) -> Value {
    Value::List(items.into())
}

fn is_settled(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => truth(scalar, node).is_none(),
        Value::List(items) => items.iter().all(is_settled),
        Value::Map(entries) => entries.iter().all(|(name, value)| is_text(name) && is_settled(value)),
        Value::Null | Value::Hole => true,
    }
}

fn is_text(key: &Node) -> bool {
    key.scalar().is_some_and(|scalar| truth(scalar, key).is_none() && typed(scalar, key.tag()) == Typed::Text)
}

/// `yes`, `off` and their like, which newer readers take for texts.
fn truth(scalar: &Scalar, node: &Node) -> Option<Node> {
    let is_other = scalar.is_bool() && node.tag() == Tag::None && typed(scalar, Tag::None) == Typed::Text;
    is_other.then(|| {
        let text = if scalar.is_true() { "true" } else { "false" };
        let scalar = Scalar::new(text.into(), Style::Plain);
        Node::new(Origin::spelled(node.span()), Value::Scalar(scalar))
    })
}

/// A key as a text: `on` is `true`, `0x10` is `16`.
fn key(name: &Node) -> Node {
    let Some(scalar) = name.scalar() else {
        let scalar = Scalar::new("null".into(), Style::Double);
        return Node::new(Origin::spelled(name.span()), Value::Scalar(scalar));
    };
    let name = truth(scalar, name).unwrap_or_else(|| name.clone());
    let text = as_text(&name).unwrap_or_default();
    match name.scalar() {
        Some(scalar) if scalar.text == text => {
            Node { value: Value::Scalar(Scalar { style: Style::Double, ..scalar.clone() }), ..name }
        }
        _ => {
            let scalar = Scalar::new(text.into(), Style::Double);
            Node::new(Origin::spelled(name.span()), Value::Scalar(scalar))
        }
    }
}

/// What helm makes of a scalar where it wants a text: `version: 1.10` is `1.1`. Nothing for lists and maps.
pub(super) fn as_text(node: &Node) -> Option<String> {
    let scalar = match &node.value {
        Value::Null => return Some(String::new()),
        value => match value {
            Value::Scalar(scalar) => scalar,
            _ => return None,
        },
    };
    if let Some(truth) = truth(scalar, node) {
        return truth.text().map(String::from);
    }
    Some(match typed(scalar, node.tag()) {
        Typed::Null => String::new(),
        Typed::Bool(truth) => truth.to_string(),
        Typed::Text => scalar.text.to_string(),
        Typed::Number(number) => {
            let is_fraction = scalar.text.contains(['.', 'e', 'E']) && !scalar.text.starts_with("0x");
            match number.as_f64().filter(|_| is_fraction || number.is_f64()) {
                Some(float) => shortest(float as f32),
                None => number.to_string(),
            }
        }
    })
}

/// A number as Go's `%g` prints it.
fn shortest(float: f32) -> String {
    let scientific = format!("{float:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    // From a million on, Go writes the exponent.
    if (-4..6).contains(&exponent) || float == 0.0 {
        return format!("{float}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::super::super::typed::json;
    use super::*;
    use crate::syntax::yaml;
    use crate::text::SourceId;

    fn told(text: &str, helm: Helm) -> String {
        let (yaml, at) = (yaml::read(SourceId(0), text), Span::new(SourceId(0), 0, 0));
        let mut told = Told::default();
        match read(&yaml, "values.yaml", at, helm, &mut told) {
            Some(node) => json(&node).to_string(),
            None => told.faults.remove(0).says,
        }
    }

    #[test]
    fn values_are_read_as_helm_reads_them() {
        for (text, three) in [
            ("a: yes\nb: Off\nc: \"no\"\nd: y", r#"{"a":true,"b":false,"c":"no","d":true}"#),
            ("on: 1\n1: 2\n1.50: 3\n0x10: 4\n1e6: 5", r#"{"1":2,"1.5":3,"16":4,"1e+06":5,"true":1}"#),
            ("1: a\n\"1\": b", r#"{"1":"b"}"#),
            (
                "a: 0755\nb: 1_000\nc: 12:30\nd: 2024-01-02",
                r#"{"a":493,"b":1000,"c":"12:30","d":"2024-01-02"}"#,
            ),
            ("a: !!str yes", r#"{"a":"yes"}"#),
            ("a: {b: [yes, {no: 1}]}", r#"{"a":{"b":[true,{"false":1}]}}"#),
            ("", "{}"),
            ("# nothing", "{}"),
            ("[a]", "helm cannot read values.yaml: it is no map"),
            ("a: 1\n---\na: 2\nb: 3", r#"{"a":1}"#),
            ("a: 1\n---\na: [", r#"{"a":1}"#),
        ] {
            assert_eq!(told(text, Helm::Three), three, "{text}");
        }
        assert_eq!(told("a: {b: 1, c: 2}\n---\na: {b: 3}\nd: 4", Helm::Four), r#"{"a":{"b":3,"c":2},"d":4}"#);
        assert!(told("a: [", Helm::Three).starts_with("helm cannot read values.yaml: "));
    }

    #[test]
    fn texts_of_numbers_are_gos() {
        for (text, expected) in [
            ("1.10", "1.1"),
            ("20240102", "20240102"),
            ("1e3", "1000"),
            ("1e6", "1e+06"),
            ("0.00001", "1e-05"),
            ("v1.10", "v1.10"),
            ("'1.10'", "1.10"),
            ("yes", "true"),
            ("~", ""),
            ("1.0", "1"),
        ] {
            let yaml = yaml::read(SourceId(0), &format!("a: {text}"));
            let node = yaml.documents[0].root.get("a").cloned().expect("it is there");
            assert_eq!(as_text(&node).as_deref(), Some(expected), "{text}");
        }
    }
}
