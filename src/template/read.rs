//! Trees to values: those of values files, and what `fromYaml` and `fromJson` read while a template runs.

use super::place::{Place, Places};
use super::print;
use super::rope::Text;
use super::scalar::{Resolved, resolve};
use super::value::{ANY_LIST, Entries, Int, Items, List, Map, Value};
use crate::syntax::{self, Node, Style, Tag, yaml};
use crate::text::{Hole, Part, Reason, Str};

/// Which words are truths besides `true` and `false`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Words {
    /// `yes`, `on`, `n` and their like, as helm reads values.
    Old,
    /// None, as of objects that a build gives.
    New,
    /// None; and whole numbers stay whole, for nothing goes by way of JSON.
    Whole,
}

/// A tree as it is decoded, mostly by way of JSON, where every number is a fraction. Every scalar knows where it was
/// written.
pub fn value(node: &Node, words: Words, places: &Places) -> Value {
    match &node.value {
        syntax::Value::Null => Value::Nil,
        syntax::Value::Hole => {
            let known = Part::new("", node.origin.clone()).is_known();
            let origin = node.origin.clone();
            let origin = if known { origin.as_hole(Hole::new(Reason::Elsewhere, "")) } else { origin };
            Value::Hole(places.add_origin(origin))
        }
        syntax::Value::List(items) => {
            let items = Items::of(items.iter().map(|item| value(item, words, places)).collect());
            let place = places.add_origin(node.origin.clone());
            Value::List(List { items, place, type_name: ANY_LIST })
        }
        syntax::Value::Map(entries) => {
            let entries =
                entries.iter().map(|(name, item)| (key(name, words, places), value(item, words, places)));
            Value::Map(Map::new(entries.collect::<Entries>(), places.add_origin(node.origin.clone())))
        }
        syntax::Value::Scalar(scalar) => {
            let part = || Part { text: scalar.text.clone(), origin: node.origin.clone() };
            let is_text = scalar.style != Style::Plain || matches!(node.tag(), Tag::Text | Tag::Binary);
            // A text that is not known says nothing about its type.
            let resolved = if is_text || !part().is_known() { Resolved::Text } else { resolve(&scalar.text) };
            match resolved {
                Resolved::Null => Value::Nil,
                Resolved::Bool(truth) if words == Words::Old || is_truth(&scalar.text) => {
                    Value::Bool(truth, places.add(part()))
                }
                Resolved::Number(number) if number.is_finite() => match scalar.text.parse() {
                    Ok(number) if words == Words::Whole => {
                        Value::Int(Int { number, is_wide: false, place: places.add(part()) })
                    }
                    _ => Value::Float(number, places.add(part())),
                },
                _ => Value::Text(Text::of(&part(), places)),
            }
        }
    }
}

fn is_truth(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

/// A key, which is a text whatever it looks like.
fn key(node: &Node, words: Words, places: &Places) -> Text {
    match (value(node, words, places), node.scalar()) {
        (Value::Text(text), _) => text,
        (Value::Nil, Some(scalar)) if scalar.text.is_empty() => {
            Text::new("null", places.add_origin(node.origin.clone()))
        }
        (Value::Nil, None) => Text::new("null", places.add_origin(node.origin.clone())),
        (Value::Bool(truth, place), _) => Text::new(truth.to_string(), place.whole()),
        (Value::Int(int), Some(scalar)) => Text::new(scalar.text.clone(), int.place),
        (Value::Float(number, place), Some(scalar)) => {
            let text = if number.fract() == 0.0 && number.abs() < 1e21 {
                number.to_string()
            } else {
                print::float(number)
            };
            let place = if *scalar.text == *text { place } else { place.whole() };
            Text::new(text, place)
        }
        _ => Text::new(node.text().unwrap_or("null"), places.add_origin(node.origin.clone())),
    }
}

/// The first document of a text; what is wrong with it, if it is none.
pub fn yaml(text: &Text, at: Place, places: &Places) -> Result<Value, Str> {
    let part = text.part(places, places.span(at));
    let read = yaml::read_embedded(&part.text, &part.origin);
    let wrong = read.problems.iter().find(|problem| problem.kind == "yaml-syntax");
    if wrong.is_some() || read.masked {
        let says = wrong.map_or("it holds an action of a template", |problem| problem.says.as_str());
        return Err(format!("error converting YAML to JSON: yaml: {says}").into());
    }
    Ok(read.documents.first().map_or(Value::Nil, |document| value(&document.root, Words::Old, places)))
}

/// JSON, which is YAML without its liberties.
pub fn json(text: &Text, at: Place, places: &Places) -> Result<Value, Str> {
    if let Err(wrong) = serde_json::from_str::<serde::de::IgnoredAny>(text.as_str()) {
        return Err(wrong.to_string().into());
    }
    yaml(text, at, places)
}
