//! The front matter of a rule page as a JSON Schema, for editors.

use super::page::{ABOUTS, KEYS};
use crate::finding::Severity;
use serde_json::{Map, Value, json};

/// Every page has these.
const NEEDED: [&str; 5] = ["id", "title", "severity", "since", "about"];

/// The schema of what stands between the `---` lines of a page.
pub fn schema() -> Value {
    let properties: Map<String, Value> = KEYS.iter().map(|key| ((*key).to_owned(), shape(key))).collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "pintle: a rule",
        "description": "The front matter of a rule page.",
        "type": "object",
        "properties": properties,
        "required": NEEDED,
        "additionalProperties": false,
    })
}

fn shape(key: &str) -> Value {
    let text = json!({"type": ["string", "number"]});
    match key {
        "severity" => json!({"enum": Severity::ALL.map(Severity::name)}),
        "about" => json!({"enum": ABOUTS.map(|(name, _)| name)}),
        "when" | "note-when" => {
            json!({"type": "array", "items": {"type": "object", "minProperties": 1, "maxProperties": 1}})
        }
        "point" => json!({"anyOf": [text, {"type": "array", "items": text}]}),
        "tokens" | "tags" => json!({"type": "array"}),
        "data" => json!({}),
        _ => text,
    }
}
