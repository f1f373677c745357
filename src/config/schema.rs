//! The table of keys as a JSON Schema, for editors.

use super::keys::{KEYS, Key, Shape};
use crate::finding::Severity;
use serde_json::{Map, Value, json};

/// The schema of `.pintle.yaml`, where these are the rules.
pub fn schema(rules: &[&str]) -> Value {
    let mut schema = table(KEYS);
    let about = "What pintle is told about a repository. Every key may be left out.";
    let severities: Vec<&str> = Severity::ALL.into_iter().rev().map(Severity::name).collect();
    let whole = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "pintle",
        "description": about,
        "definitions": {
            "rule": {"enum": rules},
            "severity": {"enum": severities},
            "texts": {"anyOf": [text(), {"type": "array", "items": text()}]},
        },
    });
    for (key, value) in whole.as_object().into_iter().flatten() {
        schema.insert(key.clone(), value.clone());
    }
    // An empty file is a configuration that says nothing.
    schema.insert("type".into(), json!(["object", "null"]));
    Value::Object(schema)
}

fn table(keys: &[Key]) -> Map<String, Value> {
    let properties: Map<String, Value> = keys.iter().map(|key| (key.name.to_owned(), value(key))).collect();
    let required: Vec<&str> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut out = Map::new();
    out.insert("type".into(), json!("object"));
    out.insert("properties".into(), Value::Object(properties));
    out.insert("additionalProperties".into(), json!(false));
    if !required.is_empty() {
        out.insert("required".into(), json!(required));
    }
    out
}

fn value(key: &Key) -> Value {
    let refers = |name: &str| json!({"$ref": format!("#/definitions/{name}")});
    let shape = match key.shape {
        Shape::Text => text(),
        Shape::Texts | Shape::Apis => refers("texts"),
        Shape::OneOf(words) => json!({"enum": words}),
        Shape::SomeOf(words) => {
            json!({"anyOf": [{"enum": words}, {"type": "array", "items": {"enum": words}}]})
        }
        Shape::Rule => refers("rule"),
        Shape::Kubernetes => json!({"type": ["string", "number"], "pattern": r"^v?[0-9]+(\.[0-9]+){1,2}$"}),
        Shape::Rules => json!({
            "type": "object",
            "propertyNames": {"anyOf": [refers("rule"), {"pattern": r"^[a-z0-9-]*\*$"}]},
            "additionalProperties": refers("severity"),
        }),
        Shape::Table(keys) => Value::Object(table(keys)),
        Shape::List(keys) => json!({"type": "array", "items": Value::Object(table(keys))}),
    };
    // Readers of older drafts take no word beside a reference.
    match shape.get("$ref") {
        Some(_) => json!({"description": key.about, "allOf": [shape]}),
        None => {
            let mut shape = shape;
            shape["description"] = json!(key.about);
            shape
        }
    }
}

fn text() -> Value {
    json!({"type": "string"})
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of a table, as a path each, with a `!` where one must be there.
    fn paths(schema: &Value, above: &str, out: &mut Vec<String>) {
        let schema = schema.get("items").unwrap_or(schema);
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (key, value) in schema["properties"].as_object().into_iter().flatten() {
            let mark = if required.contains(&key.as_str()) { "!" } else { "" };
            out.push(format!("{above}{key}{mark}"));
            paths(value, &format!("{above}{key}."), out);
        }
    }

    fn keys(table: &[Key], above: &str, out: &mut Vec<String>) {
        for key in table {
            out.push(format!("{above}{}{}", key.name, if key.required { "!" } else { "" }));
            if let Shape::Table(inner) | Shape::List(inner) = key.shape {
                keys(inner, &format!("{above}{}.", key.name), out);
            }
        }
    }

    #[test]
    fn every_key_is_in_the_schema_and_no_other_may_be() {
        let schema = schema(&["image-latest"]);
        let (mut found, mut expected) = (Vec::new(), Vec::new());
        paths(&schema, "", &mut found);
        keys(KEYS, "", &mut expected);
        assert_eq!(found, expected);
        assert_eq!(schema["additionalProperties"], json!(false));
        assert_eq!(schema["definitions"]["rule"]["enum"], json!(["image-latest"]));
        assert_eq!(schema["properties"]["storage"]["additionalProperties"], json!(false));
    }
}
