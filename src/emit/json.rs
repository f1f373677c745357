//! The schema `pintle/v1`: frozen. Fields may be added; none is ever renamed, removed or given another meaning.

use super::{Tell, places};
use crate::facts::{Affected, Why};
use crate::finding::{Finding, Fix, Problem, Report, Safety, Unseen, Weight};
use crate::limits::MOST_EXEMPTS;
use crate::redact::escape_json;
use crate::text::{Place, Span, Str};
use serde::Serialize;
use std::collections::BTreeMap;

/// The schema's name, in every document of it.
pub(super) const SCHEMA: &str = "pintle/v1";

#[derive(Serialize)]
struct V1<'a> {
    schema: &'static str,
    findings: Vec<V1Finding<'a>>,
    problems: Vec<V1Problem<'a>>,
    coverage: V1Coverage<'a>,
    exempted: V1Exempted<'a>,
    summary: V1Summary,
}

#[derive(Serialize)]
struct V1Finding<'a> {
    rule: &'a str,
    severity: &'static str,
    precision: &'static str,
    message: &'a str,
    file: &'a str,
    start: Place,
    end: Place,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    fingerprint: &'a str,
    owner: &'a str,
    path: &'a str,
    environments: Vec<String>,
    affected: Vec<V1Affected<'a>>,
    delivered: bool,
    related: Vec<V1Related<'a>>,
    fix: Option<V1Fix<'a>>,
}

/// An object as a cluster gets it.
#[derive(Serialize)]
pub(super) struct V1Affected<'a> {
    object: &'a str,
    cluster: Option<&'a str>,
    delivered: bool,
}

#[derive(Serialize)]
struct V1Related<'a> {
    file: &'a str,
    start: Place,
    end: Place,
    message: String,
}

#[derive(Serialize)]
struct V1Fix<'a> {
    title: &'a str,
    safety: &'static str,
    edits: Vec<V1Edit<'a>>,
}

#[derive(Serialize)]
struct V1Edit<'a> {
    file: &'a str,
    start: Place,
    end: Place,
    text: &'a str,
}

#[derive(Serialize)]
struct V1Problem<'a> {
    kind: &'static str,
    weight: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<Place>,
}

#[derive(Serialize)]
struct V1Coverage<'a> {
    objects: usize,
    clusters: &'a [String],
    charts: usize,
    dependencies: usize,
    /// Charts that nothing takes and that are rendered with their defaults.
    defaults: usize,
    needs_values: usize,
    remote: usize,
    ignored: usize,
    plugins: usize,
    left_out: usize,
    unseen: Vec<V1Unseen<'a>>,
    unnamed: usize,
}

#[derive(Serialize)]
struct V1Unseen<'a> {
    kind: &'static str,
    name: &'a str,
    message: &'a str,
    file: &'a str,
    start: Place,
}

/// What bears the name of a credential and is none.
#[derive(Serialize)]
struct V1Exempted<'a> {
    counts: BTreeMap<&'static str, usize>,
    values: Vec<V1Exempt<'a>>,
    unnamed: usize,
}

#[derive(Serialize)]
struct V1Exempt<'a> {
    reason: &'static str,
    name: &'a str,
    file: &'a str,
    start: Place,
}

#[derive(Serialize)]
struct V1Summary {
    files: usize,
    read: usize,
    binary: usize,
    large: usize,
    bytes: u64,
    documents: usize,
    images: usize,
    unread: usize,
    seconds: f64,
}

pub(super) fn emit(report: &Report, tell: &Tell) -> String {
    let counts = &report.counts;
    let document = V1 {
        schema: SCHEMA,
        findings: report.findings.iter().map(|finding| v1_finding(report, finding)).collect(),
        problems: report.problems.iter().map(|problem| v1_problem(report, problem)).collect(),
        coverage: V1Coverage {
            objects: report.coverage.objects,
            clusters: &report.coverage.clusters,
            charts: report.coverage.count(&[Why::Chart]),
            dependencies: report.coverage.count(&[Why::Dependency]),
            defaults: report.coverage.defaults,
            needs_values: report.coverage.count(&[Why::NeedsValues]),
            remote: report.coverage.count(&[Why::Remote]),
            ignored: report.coverage.count(&[Why::Ignored]),
            plugins: report.coverage.count(&[Why::Plugin]),
            left_out: report.coverage.count(&[Why::LeftOut, Why::Outside]),
            unseen: report.coverage.unseen.iter().map(|one| v1_unseen(report, one)).collect(),
            unnamed: report.coverage.unnamed,
        },
        exempted: v1_exempted(report),
        summary: V1Summary {
            files: counts.files,
            read: counts.read,
            binary: counts.binary,
            large: counts.large,
            bytes: counts.bytes,
            documents: counts.documents,
            images: counts.images,
            unread: counts.unread,
            seconds: (tell.seconds * 1000.0).round() / 1000.0,
        },
    };
    let json = serde_json::to_string_pretty(&document)
        .expect("these types hold no map with keys other than strings");
    escape_json(json) + "\n"
}

fn v1_finding<'a>(report: &'a Report, finding: &'a Finding) -> V1Finding<'a> {
    let span = finding.place();
    let (start, end) = report.sources.places(span);
    let related = places(report, finding).into_iter().map(|(span, message)| {
        let (start, end) = report.sources.places(span);
        V1Related { file: report.sources.name(span.source), start, end, message }
    });
    V1Finding {
        rule: &finding.rule,
        severity: finding.severity.name(),
        precision: finding.precision.name(),
        message: &finding.says,
        file: report.sources.name(span.source),
        start,
        end,
        status: finding.status.name(),
        reason: match &finding.status {
            crate::finding::Status::Suppressed(_, reason) if !reason.is_empty() => Some(reason),
            _ => None,
        },
        fingerprint: &finding.fingerprint,
        owner: &finding.owner,
        path: &finding.path,
        environments: finding.environments().iter().map(Str::to_string).collect(),
        affected: finding.affected.iter().map(v1_affected).collect(),
        delivered: finding.delivered,
        related: related.collect(),
        fix: finding.fix.as_ref().map(|fix| v1_fix(report, fix)),
    }
}

pub(super) fn v1_affected(one: &Affected) -> V1Affected<'_> {
    let cluster = Some(one.cluster.as_str()).filter(|name| !name.is_empty());
    V1Affected { object: &one.object, cluster, delivered: one.delivered }
}

fn v1_exempted<'a>(report: &'a Report) -> V1Exempted<'a> {
    let mut counts = BTreeMap::new();
    for exempt in &report.facts.exempts {
        *counts.entry(exempt.why.name()).or_insert(0) += exempt.times as usize;
    }
    let named = report.facts.exempts.iter().take(MOST_EXEMPTS).filter(|exempt| !exempt.name.is_empty());
    let values: Vec<V1Exempt> = named
        .map(|exempt| V1Exempt {
            reason: exempt.why.name(),
            name: &exempt.name,
            file: report.sources.name(exempt.at.source),
            start: report.sources.places(exempt.at).0,
        })
        .collect();
    V1Exempted { unnamed: counts.values().sum::<usize>() - values.len(), counts, values }
}

fn v1_unseen<'a>(report: &'a Report, unseen: &'a Unseen) -> V1Unseen<'a> {
    V1Unseen {
        kind: unseen.why.name(),
        name: &unseen.subject,
        message: &unseen.reason,
        file: report.sources.name(unseen.at.source),
        start: report.sources.places(unseen.at).0,
    }
}

fn v1_fix<'a>(report: &'a Report, fix: &'a Fix) -> V1Fix<'a> {
    let edit = |span: Span, text: &'a str| {
        let (start, end) = report.sources.places(span);
        V1Edit { file: report.sources.name(span.source), start, end, text }
    };
    V1Fix {
        title: &fix.title,
        safety: match fix.safety {
            Safety::ShowOnly => "show-only",
            Safety::Unsafe => "unsafe",
            Safety::Safe => "safe",
        },
        edits: fix.edits.iter().map(|one| edit(one.span, &one.text)).collect(),
    }
}

fn v1_problem<'a>(report: &'a Report, problem: &'a Problem) -> V1Problem<'a> {
    V1Problem {
        kind: problem.kind,
        weight: match problem.weight {
            Weight::Note | Weight::Caution => "note",
            Weight::Unread | Weight::Blind => "blind",
            Weight::Fatal => "fatal",
        },
        severity: problem.weight.severity().name(),
        message: &problem.says,
        file: problem.at.map(|at| report.sources.name(at.source)),
        start: problem.at.map(|at| report.sources.places(at).0),
    }
}

/// The JSON schema of this output, for those who read it with a program.
#[cfg(any(test, feature = "cli"))]
pub const REPORT_SCHEMA: &str = include_str!("json.schema.json");

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::emit::sample;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    /// What a document does not do that its schema wants, and every property it uses. The subset of JSON Schema
    /// that ours is written in, and no more: an unknown keyword is an error.
    pub(in crate::emit) fn check(
        schema: &Value,
        root: &Value,
        value: &Value,
        path: &str,
        used: &mut BTreeSet<String>,
    ) -> Vec<String> {
        let mut errors = Vec::new();
        for (keyword, wanted) in schema.as_object().unwrap() {
            let holds = match keyword.as_str() {
                "$schema" | "$id" | "$defs" | "title" | "description" | "minimum" => true,
                "$ref" => {
                    let target = root.pointer(wanted.as_str().unwrap().trim_start_matches('#')).unwrap();
                    errors.extend(check(target, root, value, path, used));
                    true
                }
                "anyOf" => wanted
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|one| check(one, root, value, path, used).is_empty()),
                "const" => wanted == value,
                "enum" => wanted.as_array().unwrap().contains(value),
                "type" => match wanted.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "integer" => value.is_u64(),
                    "number" => value.is_number(),
                    "null" => value.is_null(),
                    "boolean" => value.is_boolean(),
                    other => panic!("type {other}"),
                },
                "required" => {
                    wanted.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some())
                }
                "additionalProperties" => value
                    .as_object()
                    .is_none_or(|map| map.keys().all(|key| schema["properties"].get(key).is_some())),
                "properties" => {
                    for (key, one) in wanted.as_object().unwrap() {
                        if let Some(inner) = value.get(key) {
                            let path = format!("{path}.{key}");
                            errors.extend(check(one, root, inner, &path, used));
                            used.insert(path);
                        }
                    }
                    true
                }
                "items" => {
                    for item in value.as_array().into_iter().flatten() {
                        errors.extend(check(wanted, root, item, &format!("{path}[]"), used));
                    }
                    true
                }
                other => panic!("the schema uses `{other}`, which this test does not know"),
            };
            if !holds {
                errors.push(format!("{path}: {keyword} {wanted} does not hold for {value}"));
            }
        }
        errors
    }

    /// Every property the schema tells of.
    pub(in crate::emit) fn told(schema: &Value, root: &Value, path: &str, out: &mut BTreeSet<String>) {
        if let Some(target) = schema.get("$ref") {
            told(root.pointer(target.as_str().unwrap().trim_start_matches('#')).unwrap(), root, path, out);
        }
        for one in schema.get("anyOf").and_then(Value::as_array).into_iter().flatten() {
            told(one, root, path, out);
        }
        if let Some(items) = schema.get("items") {
            told(items, root, &format!("{path}[]"), out);
        }
        for (key, one) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let path = format!("{path}.{key}");
            told(one, root, &path, out);
            out.insert(path);
        }
    }

    #[test]
    fn the_output_and_its_schema_agree_in_both_directions() {
        let schema: Value = serde_json::from_str(REPORT_SCHEMA).unwrap();
        let out: Value = serde_json::from_str(&emit(&sample::everything(), &sample::tell())).unwrap();
        let (mut used, mut known) = (BTreeSet::new(), BTreeSet::new());
        let errors = check(&schema, &schema, &out, "", &mut used);
        assert!(errors.is_empty(), "{errors:#?}");
        told(&schema, &schema, "", &mut known);
        assert_eq!(used, known, "the sample fills every property, so both sides name the same");
        let mut broken = out;
        broken["findings"][0]["severity"] = json!("fatal");
        broken["summary"]["extra"] = json!(1);
        assert_eq!(check(&schema, &schema, &broken, "", &mut used).len(), 2, "the check itself can fail");
    }

    #[test]
    fn the_contract_of_the_first_version() {
        let out: Value = serde_json::from_str(&emit(&sample::everything(), &sample::tell())).unwrap();
        assert_eq!(out["schema"], "pintle/v1");
        let first = &out["findings"][0];
        assert_eq!(
            (&first["start"], &first["end"]),
            (&json!({"line": 4, "column": 20}), &json!({"line": 4, "column": 26}))
        );
        assert_eq!(first["fix"]["edits"][0]["text"], "1.27.3@sha256:abc");
        assert_eq!(out["findings"][2]["fix"], Value::Null);
        assert_eq!(out["findings"][4]["related"][0]["message"], "the database is here");
        assert_eq!(out["findings"][4]["related"][1]["message"], "overridden here");
        assert_eq!(out["summary"]["seconds"], 0.25);
        assert_eq!(
            out["problems"][2],
            json!({"kind": "internal", "weight": "fatal", "severity": "error", "message": "a bug in pintle\u{1b}[0m"})
        );
    }
}
