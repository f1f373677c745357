//! Checkstyle XML, which many viewers of build results read.

use super::xml::escape;
use super::{Tell, live};
use crate::finding::{Finding, Report, Severity};
use std::collections::BTreeMap;
use std::fmt::Write;

pub(super) fn emit(report: &Report, _: &Tell) -> String {
    let mut files: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    let live = live(report);
    for finding in &live {
        files.entry(report.sources.name(finding.origin.span().source)).or_default().push(finding);
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">\n");
    for (file, mut findings) in files {
        findings.sort_by_key(|finding| finding.origin.span());
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  <file name=\"{}\">", escape(file));
        for finding in findings {
            let (start, _) = report.sources.places(finding.origin.span());
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note | Severity::Off => "info",
            };
            let (line, column) = (start.line, start.column);
            let (says, rule) = (escape(&finding.says), escape(&finding.rule));
            let _ = writeln!(
                out,
                "    <error line=\"{line}\" column=\"{column}\" severity=\"{severity}\" message=\"{says}\" source=\"pintle.{rule}\"/>"
            );
        }
        out.push_str("  </file>\n");
    }
    out.push_str("</checkstyle>\n");
    out
}

#[cfg(test)]
mod tests {
    use crate::emit::sample;

    #[test]
    fn files_hold_their_findings() {
        let out = super::emit(&sample::everything(), &sample::tell());
        assert_eq!((out.matches("<file ").count(), out.matches("<error ").count()), (4, 4), "{out}");
        assert!(out.contains("<error line=\"4\" column=\"20\" severity=\"error\""));
        assert!(out.contains("<file name=\"x&#10;::error::|`&lt;b&gt;]]&gt;␛[31m&#x202e;.yaml\">"));
    }
}
