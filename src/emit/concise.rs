//! One line per finding, for editors, `grep` and people in a hurry.

use super::{Tell, live, tally};
use crate::finding::{Report, Weight};
use crate::redact::clean;
use std::fmt::Write;

pub(super) fn emit(report: &Report, _: &Tell) -> String {
    let mut out = String::new();
    let mut findings = live(report);
    findings.sort_by_key(|finding| (finding.place(), std::cmp::Reverse(finding.severity)));
    for finding in findings {
        let place = tally::place(report, finding.place());
        let (severity, rule) = (finding.severity.name(), clean(&finding.rule));
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{place}: {severity}[{rule}] {}", clean(&finding.says));
    }
    for problem in report.problems.iter().filter(|problem| problem.weight != Weight::Note) {
        let place = problem.at.map_or(String::new(), |at| format!("{}: ", tally::place(report, at)));
        let _ = writeln!(out, "{place}problem[{}] {}", problem.kind, clean(&problem.says));
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::emit::sample;

    #[test]
    fn one_line_each() {
        let out = super::emit(&sample::everything(), &sample::tell());
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines.len(), 6, "{out}");
        assert_eq!(
            lines[0],
            "apps/web.yaml:4:20: error[image-latest] `nginx:latest` may be another image tomorrow"
        );
        assert!(
            lines[3].starts_with("x␊::error::|`<b>]]>␛[31m�.yaml:1:20: error[image-latest]"),
            "{}",
            lines[3]
        );
        assert_eq!(lines[5], "problem[internal] a bug in pintle␛[0m");
    }
}
