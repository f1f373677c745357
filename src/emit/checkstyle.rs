//! Checkstyle XML, which many viewers of build results read.

use super::xml::escape;
use super::{Tell, live};
use crate::finding::{Finding, Report, Severity, Weight};
use std::collections::BTreeMap;
use std::fmt::Write;

pub(super) fn emit(report: &Report, _: &Tell) -> String {
    let mut files: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    let live = live(report);
    for finding in &live {
        files.entry(report.sources.name(finding.place().source)).or_default().push(finding);
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">\n");
    for (file, mut findings) in files {
        findings.sort_by_key(|finding| finding.place());
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  <file name=\"{}\">", escape(file));
        for finding in findings {
            let (start, _) = report.sources.places(finding.place());
            let severity = severity(finding.severity);
            let (line, column) = (start.line, start.column);
            let (says, rule) = (escape(&finding.says), escape(&finding.rule));
            let _ = writeln!(
                out,
                "    <error line=\"{line}\" column=\"{column}\" severity=\"{severity}\" message=\"{says}\" source=\"pintle.{rule}\"/>"
            );
        }
        out.push_str("  </file>\n");
    }
    for problem in report.problems.iter().filter(|problem| problem.weight != Weight::Note) {
        let place = problem.at.map(|at| report.sources.places(at).0);
        let (line, column) = place.map_or((1, 1), |place| (place.line, place.column));
        let file = problem.at.map_or(".", |at| report.sources.name(at.source));
        let (file, says) = (escape(file), escape(&problem.says));
        let (severity, kind) = (severity(problem.weight.severity()), problem.kind);
        let _ = writeln!(
            out,
            "  <file name=\"{file}\">\n    <error line=\"{line}\" column=\"{column}\" severity=\"{severity}\" message=\"{says}\" source=\"pintle.problem.{kind}\"/>\n  </file>"
        );
    }
    out.push_str("</checkstyle>\n");
    out
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note | Severity::Off => "info",
    }
}

#[cfg(test)]
mod tests {
    use crate::emit::sample;

    #[test]
    fn files_hold_their_findings() {
        let out = super::emit(&sample::everything(), &sample::tell());
        assert_eq!((out.matches("<file ").count(), out.matches("<error ").count()), (6, 6), "{out}");
        assert!(out.contains("<error line=\"4\" column=\"20\" severity=\"error\""));
        assert!(out.contains("<file name=\"x&#10;::error::|`&lt;b&gt;]]&gt;␛[31m&#x202e;.yaml\">"));
    }
}
