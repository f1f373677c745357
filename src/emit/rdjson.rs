//! reviewdog's diagnostics. Its columns count bytes, from 1, and its ends are exclusive.

use super::words::without_markup;
use super::{Tell, live, page_url, places};
use crate::finding::{Finding, Problem, Report, Safety, Severity, Weight};
use crate::redact::escape_json;
use crate::text::Span;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

pub(super) fn emit(report: &Report, tell: &Tell) -> String {
    let source = json!({"name": "pintle", "url": env!("CARGO_PKG_REPOSITORY")});
    let json = serde_json::to_string_pretty(&Log { source, diagnostics: Diagnostics { report, tell } });
    escape_json(json.expect("these types hold no map with keys other than strings")) + "\n"
}

#[derive(Serialize)]
struct Log<'a> {
    source: Value,
    diagnostics: Diagnostics<'a>,
}

/// Diagnostics are made one by one while they are written: all at once would take half a gigabyte.
struct Diagnostics<'a> {
    report: &'a Report,
    tell: &'a Tell<'a>,
}

impl Serialize for Diagnostics<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Diagnostics { report, tell } = *self;
        let told = report.problems.iter().filter(|problem| problem.weight != Weight::Note);
        let told = told.map(|problem| of_problem(report, problem));
        let findings = live(report).into_iter().map(|finding| diagnostic(report, tell, &finding));
        serializer.collect_seq(findings.chain(told))
    }
}

fn diagnostic(report: &Report, tell: &Tell, finding: &Finding) -> Value {
    let mut code = json!({"value": finding.rule.as_str()});
    if let Some(url) = tell.book.page(&finding.rule).and_then(page_url) {
        code["url"] = url.into();
    }
    let mut said = json!({
        "message": without_markup(&finding.says),
        "location": location(report, finding.place()),
        "severity": severity(finding.severity),
        "code": code,
    });
    let related: Vec<Value> = places(report, finding)
        .into_iter()
        .map(|(span, says)| json!({"message": without_markup(&says), "location": location(report, span)}))
        .collect();
    if !related.is_empty() {
        said["related_locations"] = related.into();
    }
    if let Some(fix) = finding.fix.as_ref().filter(|fix| fix.safety > Safety::ShowOnly) {
        // reviewdog can only suggest edits of the file that the finding stands in.
        let here = fix.edits.iter().filter(|edit| edit.span.source == finding.place().source);
        let suggestions = here.map(|edit| json!({"range": range(report, edit.span), "text": edit.text}));
        said["suggestions"] = suggestions.collect::<Vec<_>>().into();
    }
    said
}

/// What kept pintle from looking.
fn of_problem(report: &Report, problem: &Problem) -> Value {
    json!({
        "message": without_markup(&problem.says),
        "location": problem.at.map_or(json!({"path": "."}), |at| location(report, at)),
        "severity": severity(problem.weight.severity()),
        "code": {"value": problem.kind},
    })
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Note | Severity::Off => "INFO",
    }
}

fn location(report: &Report, span: Span) -> Value {
    json!({"path": report.sources.name(span.source), "range": range(report, span)})
}

fn range(report: &Report, span: Span) -> Value {
    let source = report.sources.get(span.source);
    let (text, lines) = (source.text(), source.lines());
    let place = |offset: u32| {
        let offset = (offset as usize).min(text.len());
        let line = lines.line_of(offset);
        json!({"line": line + 1, "column": offset - lines.start(line, text) + 1})
    };
    json!({"start": place(span.start), "end": place(span.end)})
}

#[cfg(test)]
mod tests {
    use crate::emit::sample;
    use crate::text::Origin;
    use serde_json::{Value, json};

    #[test]
    fn columns_count_bytes() {
        let mut report = sample::everything();
        report.findings.truncate(1);
        report.findings[0].origin = Origin::verbatim(sample::find(&report, 0, "π"));
        let out: Value = serde_json::from_str(&super::emit(&report, &sample::tell())).unwrap();
        let first = &out["diagnostics"][0];
        assert_eq!(
            first["location"]["range"],
            json!({"start": {"line": 4, "column": 34}, "end": {"line": 4, "column": 36}})
        );
        assert_eq!(first["suggestions"][0]["text"], "1.27.3@sha256:abc");
        assert_eq!(first["code"]["value"], "image-latest");
    }
}
