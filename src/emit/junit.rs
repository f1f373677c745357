//! JUnit XML: one suite per file, one failed case per finding. A clean run is one case that passed.

use super::xml::escape;
use super::{SHOWN, Tally, Tell, live, tally};
use crate::finding::{Finding, Report, Severity, Weight};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Notes are cases that passed and said something: they must not fail a build that asked for errors only.
pub(super) fn emit(report: &Report, tell: &Tell) -> String {
    let mut files: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    let live = live(report);
    for finding in &live {
        files.entry(report.sources.name(finding.place().source)).or_default().push(finding);
    }
    let problems: Vec<_> = report.problems.iter().filter(|problem| problem.weight != Weight::Note).collect();
    let counts = Tally::of(report);
    let errors = problems.iter().filter(|problem| problem.weight.severity() == Severity::Error).count();
    let (tests, failures) = ((counts.live() + problems.len()).max(1), counts.errors + counts.warnings);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "<testsuites name=\"pintle\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"{:.3}\">",
        tell.seconds
    );
    for (file, findings) in &files {
        let failed = findings.iter().filter(|finding| finding.severity > Severity::Note).count();
        let file = escape(file);
        let _ = writeln!(
            out,
            "  <testsuite name=\"{file}\" tests=\"{}\" failures=\"{failed}\" errors=\"0\">",
            findings.len()
        );
        for finding in findings {
            case(&mut out, report, finding, &file);
        }
        out.push_str("  </testsuite>\n");
    }
    if files.is_empty() || !problems.is_empty() {
        let tests = problems.len().max(1);
        let _ = writeln!(
            out,
            "  <testsuite name=\"pintle\" tests=\"{tests}\" failures=\"0\" errors=\"{errors}\">"
        );
        if problems.is_empty() {
            let said = escape(&tally::looked_at(report, tell));
            let _ = writeln!(out, "    <testcase classname=\"pintle\" name=\"{said}\"/>");
        }
        for problem in problems {
            let place = problem.at.map_or(String::new(), |at| escape(&tally::place(report, at)));
            let (kind, says) = (escape(problem.kind), escape(&problem.says));
            let told = match problem.weight.severity() {
                Severity::Error => format!("<error type=\"{kind}\" message=\"{says}\"/>"),
                _ => format!("<system-out>{says}</system-out>"),
            };
            let _ =
                writeln!(out, "    <testcase classname=\"pintle\" name=\"{kind} {place}\">{told}</testcase>");
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(out: &mut String, report: &Report, finding: &Finding, file: &str) {
    let (start, _) = report.sources.places(finding.place());
    let (rule, says) = (escape(&finding.rule), escape(&finding.says));
    let line = start.line;
    let _ = write!(
        out,
        "    <testcase classname=\"{file}\" name=\"{rule} {line}:{}\" file=\"{file}\" line=\"{line}\">",
        start.column
    );
    if SHOWN[..2].contains(&finding.severity) {
        let _ = write!(out, "<failure type=\"{}\" message=\"{says}\"/>", finding.severity.name());
    } else {
        let _ = write!(out, "<system-out>{says}</system-out>");
    }
    out.push_str("</testcase>\n");
}

#[cfg(test)]
mod tests {
    use crate::emit::sample;

    #[test]
    fn a_clean_run_passes_and_a_finding_fails() {
        let clean = super::emit(&sample::over(&[("a", "")]), &sample::tell());
        assert!(clean.contains("tests=\"1\" failures=\"0\" errors=\"0\" time=\"0.250\""), "{clean}");
        let out = super::emit(&sample::everything(), &sample::tell());
        assert!(out.contains("tests=\"6\" failures=\"4\" errors=\"2\""), "{out}");
        assert_eq!(out.matches("<testcase").count(), 6);
        assert_eq!(out.matches("<failure").count(), 4);
        assert!(out.contains("name=\"image-latest 4:20\" file=\"apps/web.yaml\" line=\"4\""));
    }
}
