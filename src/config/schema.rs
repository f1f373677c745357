//! The table of keys, told to editors (JSON Schema) and to people (the template of `pintle init`).

use super::keys::{KEYS, Key, Shape};
use serde_json::{Map, Value, json};

/// The JSON Schema of `.pintle.yaml`.
pub fn schema() -> Value {
    let mut root = table(KEYS);
    if let Some(map) = root.as_object_mut() {
        map.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        map.insert("title".into(), json!(".pintle.yaml"));
    }
    root
}

fn table(keys: &[Key]) -> Value {
    let mut properties = Map::new();
    for key in keys {
        let mut shape = of(&key.shape);
        if let Some(map) = shape.as_object_mut() {
            map.insert("description".into(), json!(key.about));
        }
        properties.insert(key.name.into(), shape);
    }
    let required: Vec<&str> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties, "required": required})
}

fn of(shape: &Shape) -> Value {
    match shape {
        Shape::Text | Shape::Rule => json!({"type": "string"}),
        Shape::Texts => {
            json!({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
        }
        Shape::OneOf(words) => json!({"enum": words}),
        Shape::Rules => {
            json!({"type": "object", "additionalProperties": {"enum": ["off", "note", "warning", "error"]}})
        }
        Shape::Table(keys) => table(keys),
        Shape::List(keys) => json!({"type": "array", "items": table(keys)}),
    }
}

/// A configuration in which everything is explained and nothing is changed.
pub fn template() -> String {
    let mut out = String::from("# What pintle is told about this repository. Every key may be left out.\n");
    write_keys(&mut out, KEYS, "");
    out
}

fn write_keys(out: &mut String, keys: &[Key], indent: &str) {
    for key in keys {
        if indent.is_empty() {
            out.push('\n');
        }
        let mark = if indent.is_empty() { "" } else { "# " };
        out.push_str(&format!("{mark}{indent}# {}\n", key.about));
        match key.shape {
            Shape::Table(inner) => {
                out.push_str(&format!("# {indent}{}:\n", key.name));
                write_keys(out, inner, &format!("{indent}  "));
            }
            _ if key.sample.is_empty() => out.push_str(&format!("# {indent}{}: …\n", key.name)),
            _ => out.push_str(&format!("# {indent}{}: {}\n", key.name, key.sample)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::text::SourceId;

    #[test]
    fn the_template_says_nothing_until_it_is_uncommented() {
        let rules = ["image-latest", "image-digest-only", "image-no-digest"];
        let (config, problems) = Config::read(SourceId(0), &template(), &rules);
        assert_eq!(problems, []);
        assert!(config.settings.is_empty());
    }

    #[test]
    fn every_sample_is_a_value_that_the_reader_takes() {
        let rules = ["image-latest", "image-digest-only", "image-no-digest"];
        for key in KEYS {
            let text = match key.shape {
                Shape::Table(inner) => {
                    let lines = inner.iter().filter(|key| !key.sample.is_empty());
                    format!(
                        "{}:\n{}",
                        key.name,
                        lines.map(|key| format!("  {}: {}\n", key.name, key.sample)).collect::<String>()
                    )
                }
                _ => format!("{}: {}\n", key.name, key.sample),
            };
            let (_, problems) = Config::read(SourceId(0), &text, &rules);
            assert_eq!(problems, [], "{text}");
        }
    }

    #[test]
    fn mistakes_are_named_with_their_place_and_a_near_word() {
        for (text, says, place) in [
            ("prest: strict\n", "there is no key `prest` here, did you mean `preset`?", "prest"),
            (
                "rules: {image-lastest: error}\n",
                "there is no rule `image-lastest`, did you mean `image-latest`?",
                "image-lastest",
            ),
            ("rules:\n  image-latest: fatal\n", "a severity is off, note, warning or error", "fatal"),
            ("exclude: {a: b}\n", "a text or a list of texts is expected here", "{a: b}"),
            ("allow:\n  - rule: image-latest\n", "`reason` is missing here", "rule: image-latest"),
            (
                "allow: [{rule: image-latest, reason: x, until: soon}]\n",
                "a date is written 2026-11-20",
                "soon",
            ),
            ("preset: lax\n", "one of recommended, strict is expected here", "lax"),
        ] {
            let (_, problems) = Config::read(SourceId(0), text, &["image-latest"]);
            let [problem] = problems.as_slice() else { panic!("{text}: {problems:?}") };
            assert_eq!(problem.says, says);
            assert!(text[problem.at.unwrap().range()].starts_with(place), "{text}: {problem:?}");
        }
    }
}
