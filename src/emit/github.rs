//! Annotations: commands in the log of a GitHub Actions step. A name or message must never begin a command.

use super::{Tell, first_line, live};
use crate::finding::{Report, Severity, Weight};
use crate::redact::clean;
use crate::text::Span;
use std::fmt::Write;

/// The most severe first: the log's page shows ten of each kind per step.
pub(super) fn emit(report: &Report, _: &Tell) -> String {
    let mut out = String::new();
    for finding in live(report) {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note | Severity::Off => "notice",
        };
        let place = properties(report, finding.place());
        let title = property(&finding.rule);
        // Writing to a String cannot fail.
        let _ = writeln!(out, "::{command} {place},title={title}::{}", data(&finding.says));
    }
    for problem in report.problems.iter().filter(|problem| problem.weight != Weight::Note) {
        let command = if problem.weight.severity() == Severity::Error { "error" } else { "warning" };
        let place = problem.at.map_or(String::new(), |at| properties(report, at) + ",");
        let _ = writeln!(
            out,
            "::{command} {place}title=pintle {}::{}",
            property(problem.kind),
            data(&problem.says)
        );
    }
    out
}

fn properties(report: &Report, span: Span) -> String {
    let (start, end) = report.sources.places(first_line(report, span));
    let file = property(report.sources.name(span.source));
    let (line, from, to) = (start.line, start.column, end.column);
    format!("file={file},line={line},endLine={line},col={from},endColumn={to}")
}

/// The text of a message: percent signs and line breaks are escaped as the runner undoes it.
pub(super) fn data(text: &str) -> String {
    let escaped = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    clean(&escaped).into_owned()
}

/// The value of a property, where colons and commas mean something too.
pub(super) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use crate::emit::sample;

    #[test]
    fn no_name_and_no_message_begins_a_command() {
        let out = super::emit(&sample::everything(), &sample::tell());
        assert_eq!(out.lines().count(), 6, "{out}");
        assert!(
            out.lines().all(|line| line.matches("::").count() == 2 || line.contains("::error::injected")),
            "{out}"
        );
        assert!(out.contains(
            "file=x%0A%3A%3Aerror%3A%3A|`<b>]]>␛[31m�.yaml,line=1,endLine=1,col=20,endColumn=26,title="
        ));
        assert!(
            out.contains("is 100%25 |") && out.contains("\"quoted\"%0A::error::injected ##⟦add-mask]x\n")
        );
        assert!(out.starts_with("::error file=apps/web.yaml,line=4,endLine=4,col=20,endColumn=26,title=image-latest::`nginx:latest` may"));
    }
}
