//! A comparison in the schema `pintle/v1`.

use super::compared::Compared;
use crate::delta::{Change, NewFinding, Reached, Spot, Which};
use crate::emit::inventory::Look;
use crate::emit::json::SCHEMA;
use crate::redact::escape_json;
use crate::text::Place;
use serde::Serialize;

/// The JSON schema of this output, for those who read it with a program.
pub const DIFF_SCHEMA: &str = include_str!("json.schema.json");

#[derive(Serialize)]
struct V1Diff<'a> {
    schema: &'static str,
    before: &'a str,
    after: &'a str,
    verdict: &'static str,
    changes: Vec<V1Change<'a>>,
    objects: V1Objects<'a>,
    findings: V1Findings<'a>,
}

#[derive(Serialize)]
struct V1Change<'a> {
    topic: &'static str,
    what: &'static str,
    subject: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
    notes: &'a [&'static str],
    routine: bool,
    /// The whole sentence.
    says: String,
    place: Option<V1Spot<'a>>,
    objects: Vec<V1Reached<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
}

#[derive(Serialize)]
struct V1Spot<'a> {
    /// `before` or `after`: the side whose line it is.
    side: &'static str,
    file: &'a str,
    start: Place,
}

#[derive(Serialize)]
struct V1Reached<'a> {
    object: &'a str,
    cluster: &'a str,
}

#[derive(Serialize)]
struct V1Objects<'a> {
    added: Vec<V1Reached<'a>>,
    changed: Vec<V1Reached<'a>>,
    removed: Vec<V1Reached<'a>>,
    rolled: Vec<V1Reached<'a>>,
}

#[derive(Serialize)]
struct V1Findings<'a> {
    new: Vec<V1Finding<'a>>,
    resolved: Vec<V1Finding<'a>>,
}

#[derive(Serialize)]
struct V1Finding<'a> {
    rule: &'a str,
    severity: &'static str,
    says: &'a str,
    fingerprint: &'a str,
    place: V1Spot<'a>,
}

pub(super) fn emit(compared: &Compared, _: &Look) -> String {
    let delta = &compared.delta;
    let objects = &delta.objects;
    let told = V1Diff {
        schema: SCHEMA,
        before: &compared.before,
        after: &compared.after,
        verdict: delta.verdict().word(),
        changes: delta.changes.iter().map(change).collect(),
        objects: V1Objects {
            added: reached(&objects.added),
            changed: reached(&objects.changed),
            removed: reached(&objects.removed),
            rolled: reached(&objects.rolled),
        },
        findings: V1Findings {
            new: delta.finds.new.iter().map(finding).collect(),
            resolved: delta.finds.resolved.iter().map(finding).collect(),
        },
    };
    // Writing numbers and texts cannot fail.
    escape_json(serde_json::to_string_pretty(&told).unwrap_or_default()) + "\n"
}

fn change(change: &Change) -> V1Change<'_> {
    V1Change {
        topic: change.topic.name(),
        what: change.what,
        subject: &change.subject,
        before: change.before.as_deref(),
        after: change.after.as_deref(),
        notes: &change.notes,
        routine: change.is_routine,
        says: change.says(),
        place: change.at.as_ref().map(spot),
        objects: reached(&change.reaches),
        reference: change.reference.as_deref(),
    }
}

/// What is broken reaches no object by name.
fn reached(all: &[Reached]) -> Vec<V1Reached<'_>> {
    let named = all.iter().filter(|one| !one.object.is_empty());
    named.map(|one| V1Reached { object: &one.object, cluster: &one.cluster }).collect()
}

fn finding(finding: &NewFinding) -> V1Finding<'_> {
    V1Finding {
        rule: &finding.rule,
        severity: finding.severity.name(),
        says: &finding.says,
        fingerprint: &finding.fingerprint,
        place: spot(&finding.at),
    }
}

fn spot(spot: &Spot) -> V1Spot<'_> {
    let side = if spot.which == Which::Before { "before" } else { "after" };
    V1Spot { side, file: &spot.file, start: spot.start }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::emit::Colour;
    use crate::emit::inventory::Grouping;
    use crate::emit::json::tests::{check, told};
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    #[test]
    fn the_output_and_its_schema_agree_in_both_directions() {
        let schema: Value = serde_json::from_str(DIFF_SCHEMA).unwrap();
        let look = Look { colour: Colour::Plain, width: 100, grouping: Grouping::Flat };
        let mut out: Value = serde_json::from_str(&emit(&sample::everything(), &look)).unwrap();
        let (mut used, mut known) = (BTreeSet::new(), BTreeSet::new());
        assert_eq!(check(&schema, &schema, &out, "", &mut used), [""; 0]);
        told(&schema, &schema, "", &mut known);
        assert_eq!(used, known, "the sample fills every property, so both sides name the same");
        out["changes"][0]["topic"] = json!("weather");
        out["findings"]["new"][0]["place"]["extra"] = json!(1);
        assert_eq!(check(&schema, &schema, &out, "", &mut used).len(), 2, "the check itself can fail");
    }

    #[test]
    fn every_topic_is_in_the_schema() {
        let schema: Value = serde_json::from_str(DIFF_SCHEMA).unwrap();
        let known = &schema["$defs"]["change"]["properties"]["topic"]["enum"];
        let topics: Vec<&str> = crate::delta::Topic::ALL.iter().map(|topic| topic.name()).collect();
        assert_eq!(*known, json!(topics));
    }
}
