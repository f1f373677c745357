//! A comparison at the lines of the change: annotations of GitHub, and reviewdog's diagnostics. Lines that are gone are no
//! places there: what went is told without one.

use super::compared::Compared;
use crate::delta::{Change, Spot, Which};
use crate::emit::github::{data, property};
use crate::emit::inventory::Look;
use crate::finding::Severity;
use crate::redact::escape_json;
use serde_json::{Value, json};
use std::fmt::Write;

pub(super) fn github(compared: &Compared, _: &Look) -> String {
    let mut out = String::new();
    for change in &compared.delta.changes {
        let command = if change.is_routine { "notice" } else { "warning" };
        let place = place(change.at.as_ref()).map_or(String::new(), |at| {
            let (line, column) = (at.start.line, at.start.column);
            format!("file={},line={line},endLine={line},col={column},", property(&at.file))
        });
        // Writing to a String cannot fail.
        let _ =
            writeln!(out, "::{command} {place}title={}::{}", property(&title(change)), data(&change.says()));
    }
    for finding in &compared.delta.finds.new {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note | Severity::Off => "notice",
        };
        let (line, column) = (finding.at.start.line, finding.at.start.column);
        let file = property(&finding.at.file);
        let title = property(&format!("new: {}", finding.rule));
        let _ = writeln!(
            out,
            "::{command} file={file},line={line},endLine={line},col={column},title={title}::{}",
            data(&finding.says)
        );
    }
    out
}

pub(super) fn rdjson(compared: &Compared, _: &Look) -> String {
    let of_changes = compared.delta.changes.iter().map(|change| {
        let severity = if change.is_routine { "INFO" } else { "WARNING" };
        let message = format!("{}: {}", title(change), change.says());
        diagnostic(&message, place(change.at.as_ref()), severity, change.topic.name())
    });
    let of_findings = compared.delta.finds.new.iter().map(|finding| {
        let severity = if finding.severity == Severity::Error { "ERROR" } else { "WARNING" };
        diagnostic(&finding.says, Some(&finding.at), severity, &finding.rule)
    });
    let source = json!({"name": "pintle", "url": env!("CARGO_PKG_REPOSITORY")});
    let diagnostics: Vec<Value> = of_changes.chain(of_findings).collect();
    let json = json!({"source": source, "diagnostics": diagnostics});
    escape_json(format!("{json:#}")) + "\n"
}

fn diagnostic(message: &str, at: Option<&Spot>, severity: &str, code: &str) -> Value {
    let location = match at {
        Some(at) => json!({"path": at.file, "range": {"start": {"line": at.start.line}}}),
        None => json!({"path": "."}),
    };
    json!({"message": message, "location": location, "severity": severity, "code": {"value": code}})
}

fn title(change: &Change) -> String {
    format!("{} {}", change.topic.name(), change.what)
}

/// A line of the side after.
fn place(at: Option<&Spot>) -> Option<&Spot> {
    at.filter(|at| at.which == Which::After)
}
