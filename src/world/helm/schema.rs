//! Values held against the schemas that charts bring along. Nothing is fetched: what a schema refers to elsewhere is
//! told as not followed.

use super::super::files::Files;
use super::load::{Chart, ChartFile};
use super::told::Told;
use super::validate::{Breach, Validator};
use crate::syntax::Node;

/// Holds the values of a chart and of the charts in it against their schemas.
pub(super) fn check(files: &Files, chart: &Chart, values: &Node, told: &mut Told) -> Vec<Breach> {
    let mut out = Vec::new();
    go(files, chart, values, "", told, &mut out);
    out.sort();
    out.dedup();
    out
}

fn go(files: &Files, chart: &Chart, values: &Node, path: &str, told: &mut Told, out: &mut Vec<Breach>) {
    if let Some(schema) = &chart.schema {
        one(files, schema, values, path, told, out);
    }
    for child in &chart.charts {
        let name = child.metadata.name();
        let inner = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        // What is no map here is told when the values are put together.
        if let Some(values) = values.get(name).filter(|values| values.is_map()) {
            go(files, child, values, &inner, told, out);
        }
    }
}

fn one(files: &Files, schema: &ChartFile, values: &Node, path: &str, told: &mut Told, out: &mut Vec<Breach>) {
    let yaml = schema.yaml(files);
    let document = yaml.as_ref().and_then(|yaml| yaml.documents.first());
    let is_whole =
        yaml.as_ref().is_some_and(|yaml| yaml.problems.iter().all(|one| one.kind != "yaml-syntax"));
    let Some(document) = document.filter(|_| is_whole) else {
        let at = yaml.and_then(|yaml| yaml.problems.first().and_then(|problem| problem.at));
        let says = format!("helm cannot read {}: it is no JSON", schema.shown(files));
        told.refuse(says, at.unwrap_or(schema.at()));
        return;
    };
    let mut validator = Validator::new(&document.root, path);
    validator.run(values);
    for (says, at) in validator.open {
        told.warn(format!("{}: {says}", schema.shown(files)), at);
    }
    out.append(&mut validator.breaches);
}
