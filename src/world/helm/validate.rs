//! JSON Schema, draft 7 and 2020-12, over trees with places: each breach knows the value and the line of the schema.

use super::super::typed::{self, Typed};
use super::formats;
use super::references::{Draft, References, Target};
use crate::limits::{DEEPEST_SCHEMA, MOST_PATTERNS_KEPT, MOST_SCHEMA_STEPS};
use crate::syntax::{Node, Value};
use crate::text::{Span, Str, patterns};
use regex::Regex;
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap, HashSet};

/// A value that is not as a schema wants it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Breach {
    /// The value, or the map in which one is missing.
    pub at: Span,
    /// What the schema says.
    pub schema: Span,
    /// From the values of the root on: `db.image.tag`.
    pub path: String,
    /// Never with the value in it: it may be a secret.
    pub says: String,
}

pub(super) struct Validator<'s> {
    references: References<'s>,
    patterns: HashMap<Str, Option<Regex>>,
    steps: usize,
    level: usize,
    path: String,
    pub(super) breaches: Vec<Breach>,
    /// What was not looked at, and why.
    pub(super) open: BTreeSet<(String, Span)>,
    looks_for_the_rest: bool,
}

/// What of a value some part of a schema spoke about.
#[derive(Default)]
struct Seen {
    keys: HashSet<Str>,
    items: usize,
    /// Single items, of which `contains` spoke.
    chosen: BTreeSet<usize>,
}

impl Seen {
    fn add(&mut self, other: Seen) {
        self.keys.extend(other.keys);
        self.items = self.items.max(other.items);
        self.chosen.extend(other.chosen);
    }
}

impl<'s> Validator<'s> {
    pub(super) fn new(root: &'s Node, path: &str) -> Validator<'s> {
        let references = References::new(root);
        Validator {
            looks_for_the_rest: references.has_rest(),
            references,
            patterns: HashMap::new(),
            steps: MOST_SCHEMA_STEPS,
            level: 0,
            path: path.into(),
            breaches: Vec::new(),
            open: BTreeSet::new(),
        }
    }

    pub(super) fn run(&mut self, values: &Node) {
        self.check(self.references.root, values);
    }

    fn breach(&mut self, value: &Node, schema: &Node, says: impl Into<String>) {
        let path = self.path.clone();
        self.breaches.push(Breach { at: value.span(), schema: schema.span(), path, says: says.into() });
    }

    /// Checks a value below the one that is looked at.
    fn below(&mut self, key: &str, schema: &'s Node, value: &Node) {
        let len = self.path.len();
        if !self.path.is_empty() && !key.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(key);
        self.check(schema, value);
        self.path.truncate(len);
    }

    /// Whether a value is as a schema wants it, without a word; and what the schema spoke about.
    fn tries(&mut self, schema: &'s Node, value: &Node) -> (bool, Seen) {
        let before = self.breaches.len();
        let seen = self.check(schema, value);
        let holds = self.breaches.len() == before;
        self.breaches.truncate(before);
        (holds, seen)
    }

    fn check(&mut self, schema: &'s Node, value: &Node) -> Seen {
        if value.is_hole() || self.steps == 0 {
            return Seen::default();
        }
        self.steps -= 1;
        if self.level >= DEEPEST_SCHEMA || self.steps == 0 {
            let says = "the schema asks for more than is followed";
            self.open.insert((says.into(), schema.span()));
            return Seen::default();
        }
        if let Some(truth) = schema.scalar() {
            if truth.text == "false" {
                self.breach(value, schema, "the schema allows nothing here");
            }
            return Seen::default();
        }
        self.level += 1;
        let mut seen = Seen::default();
        if let Some(reference) = schema.get("$ref").or_else(|| schema.get("$dynamicRef")) {
            seen.add(self.referred(reference, value));
        }
        if !(self.references.draft < Draft::Later && schema.get("$ref").is_some()) {
            self.scalars(schema, value);
            self.texts(schema, value);
            self.numbers(schema, value);
            seen.add(self.combined(schema, value));
            seen.add(self.items(schema, value));
            seen.add(self.entries(schema, value));
            self.rest(schema, value, &mut seen);
        }
        self.level -= 1;
        seen
    }

    fn referred(&mut self, reference: &'s Node, value: &Node) -> Seen {
        match self.references.find(reference.text().unwrap_or_default()) {
            Target::Here(target) => self.check(target, value),
            Target::Missing => {
                let says = format!("the schema has no `{}`", reference.text().unwrap_or_default());
                self.open.insert((says, reference.span()));
                Seen::default()
            }
            Target::Elsewhere => {
                let says =
                    format!("`{}` is elsewhere and not followed", reference.text().unwrap_or_default());
                self.open.insert((says, reference.span()));
                Seen::default()
            }
        }
    }

    /// What any value can be asked for: its type, or to be one of some.
    fn scalars(&mut self, schema: &'s Node, value: &Node) {
        if let Some(wanted) = schema.get("type") {
            let names: Vec<&str> = wanted.items().iter().chain([wanted]).filter_map(Node::text).collect();
            if !names.iter().any(|name| is_of(value, name)) {
                let says = format!("it is {}, and the schema wants {}", kind_of(value), listed(&names));
                self.breach(value, wanted, says);
            }
        }
        if let Some(wanted) = schema.get("enum")
            && !wanted.items().iter().any(|item| equal(item, value))
        {
            let known: Vec<&str> = wanted.items().iter().map(|item| item.text().unwrap_or("null")).collect();
            let says = match known.len() {
                0..=8 => format!("it is none of what the schema allows: {}", listed(&known)),
                count => format!("it is none of the {count} values that the schema allows"),
            };
            self.breach(value, wanted, says);
        }
        if let Some(wanted) = schema.get("const")
            && !equal(wanted, value)
        {
            self.breach(value, wanted, "it is not the one value that the schema allows");
        }
    }

    fn texts(&mut self, schema: &'s Node, value: &Node) {
        let Some(text) = text_of(value) else { return };
        let len = || text.chars().count() as f64;
        if let Some((wanted, most)) = number_at(schema, "maxLength")
            && len() > most
        {
            self.breach(value, wanted, format!("it is longer than {most} letters"));
        }
        if let Some((wanted, least)) = number_at(schema, "minLength")
            && len() < least
        {
            self.breach(value, wanted, format!("it is shorter than {least} letters"));
        }
        if let Some(wanted) = schema.get("pattern")
            && !self.fits(wanted, text)
        {
            let says = format!("it does not fit the pattern `{}`", wanted.text().unwrap_or_default());
            self.breach(value, wanted, says);
        }
        // Later drafts take a format for a remark.
        if let Some(wanted) = schema.get("format")
            && self.references.draft < Draft::Later
            && !formats::fits(wanted.text().unwrap_or_default(), text)
        {
            self.breach(value, wanted, format!("it is no {}", wanted.text().unwrap_or_default()));
        }
    }

    /// Whether a text fits a pattern; one that cannot be read is told, and fits.
    fn fits(&mut self, pattern: &Node, text: &str) -> bool {
        let Some(own) = pattern.text() else { return true };
        if self.patterns.len() >= MOST_PATTERNS_KEPT {
            self.patterns.clear();
        }
        let known = self.patterns.entry(own.into()).or_insert_with(|| patterns::regex(own).ok());
        if known.is_none() {
            self.open.insert((format!("the pattern `{own}` cannot be read"), pattern.span()));
        }
        known.as_ref().is_none_or(|regex| regex.is_match(text))
    }

    fn numbers(&mut self, schema: &'s Node, value: &Node) {
        let Some(number) = number_of(value) else { return };
        let is_so = |key: &str| schema.get(key).and_then(Node::text) == Some("true");
        if let Some((wanted, most)) = number_at(schema, "maximum")
            && (number > most || number == most && is_so("exclusiveMaximum"))
        {
            self.breach(value, wanted, format!("it is more than {most}"));
        }
        if let Some((wanted, least)) = number_at(schema, "minimum")
            && (number < least || number == least && is_so("exclusiveMinimum"))
        {
            self.breach(value, wanted, format!("it is less than {least}"));
        }
        if let Some((wanted, most)) = number_at(schema, "exclusiveMaximum")
            && number >= most
        {
            self.breach(value, wanted, format!("it is not less than {most}"));
        }
        if let Some((wanted, least)) = number_at(schema, "exclusiveMinimum")
            && number <= least
        {
            self.breach(value, wanted, format!("it is not more than {least}"));
        }
        if let Some((wanted, step)) = number_at(schema, "multipleOf")
            && step > 0.0
        {
            let times = number / step;
            if (times - times.round()).abs() > 1e-9 * times.abs().max(1.0) {
                self.breach(value, wanted, format!("it is no multiple of {step}"));
            }
        }
    }

    /// Schemas that are made of schemas.
    fn combined(&mut self, schema: &'s Node, value: &Node) -> Seen {
        let mut seen = Seen::default();
        for part in items_at(schema, "allOf") {
            seen.add(self.check(part, value));
        }
        for (key, wants_one) in [("anyOf", false), ("oneOf", true)] {
            let Some(wanted) = schema.get(key).filter(|wanted| !wanted.items().is_empty()) else { continue };
            let mut count = 0;
            for part in wanted.items() {
                let (holds, inner) = self.tries(part, value);
                if holds {
                    count += 1;
                    seen.add(inner);
                }
            }
            if count == 0 {
                let says =
                    format!("it fits none of the {} ways that the schema allows", wanted.items().len());
                self.breach(value, wanted, says);
            } else if wants_one && count > 1 {
                let says = format!("it fits {count} ways of the schema, which allows one of them at a time");
                self.breach(value, wanted, says);
            }
        }
        if let Some(wanted) = schema.get("not")
            && self.tries(wanted, value).0
        {
            self.breach(value, wanted, "it is what the schema forbids");
        }
        if let Some(condition) = schema.get("if") {
            let (holds, inner) = self.tries(condition, value);
            if holds {
                seen.add(inner);
            }
            if let Some(branch) = schema.get(if holds { "then" } else { "else" }) {
                seen.add(self.check(branch, value));
            }
        }
        seen
    }

    fn items(&mut self, schema: &'s Node, value: &Node) -> Seen {
        let mut seen = Seen::default();
        let Value::List(items) = &value.value else { return seen };
        self.counts(schema, value, items.len(), ["minItems", "maxItems"], "items");
        let listed =
            schema.get("prefixItems").or_else(|| schema.get("items").filter(|items| items.is_list()));
        let first = listed.map(Node::items).unwrap_or_default();
        for (at, (part, item)) in first.iter().zip(items.iter()).enumerate() {
            self.below(&format!("[{at}]"), part, item);
        }
        seen.items = first.len().min(items.len());
        let rest = match schema.get("items") {
            Some(items) if items.is_list() => schema.get("additionalItems"),
            other => other,
        };
        if let Some(part) = rest {
            for (at, item) in items.iter().enumerate().skip(first.len()) {
                self.below(&format!("[{at}]"), part, item);
            }
            seen.items = items.len();
        }
        if let Some(part) = schema.get("contains") {
            let holding = (0..items.len()).filter(|at| self.tries(part, &items[*at]).0);
            seen.chosen = holding.collect::<Vec<_>>().into_iter().collect();
            let least = number_at(schema, "minContains").map_or(1.0, |(_, least)| least);
            let most = number_at(schema, "maxContains").map_or(f64::MAX, |(_, most)| most);
            if !(least..=most).contains(&(seen.chosen.len() as f64)) {
                self.breach(value, part, "it has not the items that the schema wants in it");
            }
        }
        if let Some(wanted) = schema.get("uniqueItems").filter(|wanted| wanted.text() == Some("true")) {
            let texts: HashSet<String> = items.iter().map(|item| plain(item).to_string()).collect();
            if texts.len() < items.len() {
                self.breach(value, wanted, "an item is in it twice");
            }
        }
        seen
    }

    fn counts(&mut self, schema: &'s Node, value: &Node, count: usize, keys: [&str; 2], of: &str) {
        if let Some((wanted, least)) = number_at(schema, keys[0])
            && (count as f64) < least
        {
            self.breach(value, wanted, format!("it has less than {least} {of}"));
        }
        if let Some((wanted, most)) = number_at(schema, keys[1])
            && count as f64 > most
        {
            self.breach(value, wanted, format!("it has more than {most} {of}"));
        }
    }

    fn entries(&mut self, schema: &'s Node, value: &Node) -> Seen {
        let mut seen = Seen::default();
        let Value::Map(entries) = &value.value else { return seen };
        self.counts(schema, value, entries.len(), ["minProperties", "maxProperties"], "entries");
        self.required(schema.get("required"), value);
        let (known, patterns) = (schema.get("properties"), schema.get("patternProperties"));
        let others = schema.get("additionalProperties");
        for (key, inner) in entries.iter() {
            let Some(name) = key.text() else { continue };
            if let Some(names) = schema.get("propertyNames") {
                self.below(name, names, key);
            }
            let mut is_known = false;
            if let Some(part) = known.and_then(|known| known.get(name)) {
                is_known = true;
                self.below(name, part, inner);
            }
            for (pattern, part) in patterns.map(Node::entries).unwrap_or_default() {
                if self.fits(pattern, name) {
                    is_known = true;
                    self.below(name, part, inner);
                }
            }
            match others.filter(|_| !is_known) {
                Some(part) if part.text() == Some("false") => self.unknown_key(key, part),
                Some(part) => {
                    is_known = true;
                    self.below(name, part, inner);
                }
                None => {}
            }
            if is_known && self.looks_for_the_rest {
                seen.keys.insert(name.into());
            }
        }
        seen.add(self.dependents(schema, value));
        seen
    }

    fn unknown_key(&mut self, key: &Node, schema: &'s Node) {
        let says = format!("the schema knows no `{}` here", key.text().unwrap_or_default());
        self.breach(key, schema, says);
    }

    fn required(&mut self, wanted: Option<&'s Node>, value: &Node) {
        for name in wanted.map(Node::items).unwrap_or_default() {
            let Some(key) = name.text().filter(|key| value.get(key).is_none()) else { continue };
            self.breach(value, name, format!("`{key}` is missing"));
        }
    }

    /// What an entry asks of those beside it.
    fn dependents(&mut self, schema: &'s Node, value: &Node) -> Seen {
        let mut seen = Seen::default();
        for key in ["dependencies", "dependentRequired", "dependentSchemas"] {
            for (name, part) in schema.get(key).map(Node::entries).unwrap_or_default() {
                if name.text().is_none_or(|name| value.get(name).is_none()) {
                    continue;
                }
                if part.is_list() {
                    self.required(Some(part), value);
                } else {
                    seen.add(self.check(part, value));
                }
            }
        }
        seen
    }

    /// What no other part of the schema spoke about.
    fn rest(&mut self, schema: &'s Node, value: &Node, seen: &mut Seen) {
        if let Some(part) = schema.get("unevaluatedProperties") {
            for (key, inner) in value.entries() {
                let Some(name) = key.text().filter(|name| !seen.keys.contains(*name)) else { continue };
                if part.text() == Some("false") {
                    self.unknown_key(key, part);
                } else {
                    self.below(name, part, inner);
                }
                seen.keys.insert(name.into());
            }
        }
        if let Some(part) = schema.get("unevaluatedItems") {
            for (at, item) in value.items().iter().enumerate().skip(seen.items) {
                if !seen.chosen.contains(&at) {
                    self.below(&format!("[{at}]"), part, item);
                }
            }
            seen.items = value.items().len();
        }
    }
}

fn items_at<'n>(schema: &'n Node, key: &str) -> &'n [Node] {
    schema.get(key).map(Node::items).unwrap_or_default()
}

fn number_at<'n>(schema: &'n Node, key: &str) -> Option<(&'n Node, f64)> {
    let node = schema.get(key)?;
    Some((node, number_of(node)?))
}

fn number_of(node: &Node) -> Option<f64> {
    match typed::typed(node.scalar()?, node.tag()) {
        Typed::Number(number) => number.as_f64(),
        _ => None,
    }
}

fn text_of(node: &Node) -> Option<&str> {
    let scalar = node.scalar()?;
    (typed::typed(scalar, node.tag()) == Typed::Text).then_some(&scalar.text)
}

fn kind_of(node: &Node) -> &'static str {
    match &node.value {
        Value::Null | Value::Hole => "null",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
        Value::Scalar(scalar) => match typed::typed(scalar, node.tag()) {
            Typed::Null => "null",
            Typed::Bool(_) => "a boolean",
            Typed::Number(_) => "a number",
            Typed::Text => "a text",
        },
    }
}

fn is_of(node: &Node, name: &str) -> bool {
    match name {
        "object" => node.is_map(),
        "array" => node.is_list(),
        "integer" => number_of(node).is_some_and(|number| number.fract() == 0.0),
        "number" => number_of(node).is_some(),
        "string" => text_of(node).is_some(),
        "boolean" => kind_of(node) == "a boolean",
        "null" => kind_of(node) == "null",
        // A type that nobody knows is no reason to blame the value.
        _ => true,
    }
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

/// A value in which equal numbers are written alike.
fn plain(node: &Node) -> Json {
    fn go(value: Json) -> Json {
        match value {
            Json::Number(number) => number.as_f64().map_or(Json::Null, Json::from),
            Json::Array(items) => items.into_iter().map(go).collect(),
            Json::Object(entries) => entries.into_iter().map(|(key, value)| (key, go(value))).collect(),
            other => other,
        }
    }
    go(typed::json(node))
}

fn equal(a: &Node, b: &Node) -> bool {
    plain(a) == plain(b)
}
