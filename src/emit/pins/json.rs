//! What a run of `pin` did, in the schema `pintle/v1`.

use super::{Pin, Pins, Spot};
use crate::emit::json::SCHEMA;
use crate::redact::escape_json;
use serde::Serialize;

/// The JSON schema of this output, for those who read it with a program.
pub(crate) const PIN_SCHEMA: &str = include_str!("pin.schema.json");

#[derive(Serialize)]
struct V1Pins<'a> {
    schema: &'static str,
    pins: Vec<V1Pin<'a>>,
    held: Vec<V1Why<'a>>,
    left: Vec<V1Left<'a>>,
    missing: Vec<V1Why<'a>>,
}

#[derive(Serialize)]
struct V1Pin<'a> {
    kind: &'static str,
    name: &'a str,
    tag: &'a str,
    digest: &'a str,
    from: Option<V1Before<'a>>,
    created: Option<String>,
    files: Vec<V1File<'a>>,
}

#[derive(Serialize)]
struct V1Before<'a> {
    tag: &'a str,
    digest: Option<&'a str>,
}

#[derive(Serialize)]
struct V1File<'a> {
    file: &'a str,
    places: usize,
}

#[derive(Serialize)]
struct V1Why<'a> {
    name: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
struct V1Left<'a> {
    why: &'a str,
    places: Vec<V1Spot<'a>>,
}

#[derive(Serialize)]
struct V1Spot<'a> {
    file: &'a str,
    line: usize,
    name: &'a str,
}

pub(crate) fn json(pins: &Pins) -> String {
    let out = V1Pins {
        schema: SCHEMA,
        pins: pins.pins.iter().map(pin).collect(),
        held: pins.held.iter().map(why).collect(),
        left: pins
            .left
            .iter()
            .map(|(why, spots)| V1Left { why, places: spots.iter().map(spot).collect() })
            .collect(),
        missing: pins.missing.iter().map(why).collect(),
    };
    // Texts and numbers alone: nothing of it can fail.
    let text = serde_json::to_string_pretty(&out).unwrap_or_default();
    escape_json(text) + "\n"
}

fn pin(pin: &Pin) -> V1Pin<'_> {
    V1Pin {
        kind: pin.kind,
        name: &pin.name,
        tag: &pin.tag,
        digest: &pin.digest,
        from: pin.from.as_ref().map(|from| V1Before { tag: &from.tag, digest: from.digest.as_deref() }),
        created: pin.created.map(|day| day.to_string()),
        files: pin.files.iter().map(|(file, places)| V1File { file, places: *places }).collect(),
    }
}

fn why((name, why): &(String, String)) -> V1Why<'_> {
    V1Why { name, why }
}

fn spot(spot: &Spot) -> V1Spot<'_> {
    V1Spot { file: &spot.file, line: spot.line, name: &spot.name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::json::tests::{check, told};
    use crate::emit::pins::tests::sample;
    use serde_json::Value;
    use std::collections::BTreeSet;

    #[test]
    fn the_output_and_its_schema_agree_in_both_directions() {
        let schema: Value = serde_json::from_str(PIN_SCHEMA).unwrap();
        let out: Value = serde_json::from_str(&json(&sample())).unwrap();
        let (mut used, mut known) = (BTreeSet::new(), BTreeSet::new());
        let errors = check(&schema, &schema, &out, "", &mut used);
        assert!(errors.is_empty(), "{errors:#?}");
        told(&schema, &schema, "", &mut known);
        assert_eq!(used, known);
    }
}
