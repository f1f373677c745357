//! JUnit XML: one suite per file, one failed case per finding. A clean run is one case that passed. Holds to what Jenkins'
//! schema permits, which refuses a file for one attribute too many.

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
            "  <testsuite name=\"{file}\" file=\"{file}\" tests=\"{}\" failures=\"{failed}\" errors=\"0\">",
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
    let (line, column) = (start.line, start.column);
    let _ = write!(out, "    <testcase classname=\"{file}\" name=\"{rule} {line}:{column}\">");
    if SHOWN[..2].contains(&finding.severity) {
        // A case has no place of its own there: the text of its failure does.
        let kind = finding.severity.name();
        let _ = write!(out, "<failure type=\"{kind}\" message=\"{says}\">{file}:{line}:{column}</failure>");
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
        assert!(out.contains("<testsuite name=\"apps/web.yaml\" file=\"apps/web.yaml\" tests="), "{out}");
        assert!(out.contains("<testcase classname=\"apps/web.yaml\" name=\"image-latest 4:20\">"), "{out}");
        assert!(out.contains(">apps/web.yaml:4:20</failure>"), "{out}");
    }

    /// An element: its attributes that must be there, those that may, and what may be in it.
    type Element = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

    /// What the schema of Jenkins' xUnit plugin (junit-10) permits of the elements that are written here.
    const PERMITTED: [Element; 6] = [
        ("testsuites", &[], &["name", "time", "tests", "failures", "errors"], &["testsuite"]),
        (
            "testsuite",
            &["name", "tests", "failures", "errors"],
            &["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"],
            &["testsuite", "properties", "testcase", "system-out", "system-err"],
        ),
        (
            "testcase",
            &["name"],
            &["time", "classname", "group"],
            &["skipped", "error", "failure", "system-out", "system-err"],
        ),
        ("failure", &[], &["type", "message"], &[]),
        ("error", &[], &["type", "message"], &[]),
        ("system-out", &[], &[], &[]),
    ];

    /// What of a file Jenkins would refuse.
    fn refused(xml: &str) -> Vec<String> {
        let (mut wrong, mut open): (Vec<String>, Vec<&str>) = (Vec::new(), Vec::new());
        let body = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap_or(xml);
        for piece in body.split('<').skip(1) {
            let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop() != Some(name) {
                    wrong.push(format!("{name} is closed and was not open"));
                }
            } else {
                let (head, is_closed) = tag.strip_suffix('/').map_or((tag, false), |head| (head, true));
                let (name, rest) = head.split_once(' ').unwrap_or((head, ""));
                let names: Vec<&str> =
                    rest.split('"').step_by(2).map(|name| name.trim().trim_end_matches('=')).collect();
                let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
                let Some((_, must, may, _)) = PERMITTED.iter().find(|one| one.0 == name) else {
                    wrong.push(format!("there is no element {name}"));
                    continue;
                };
                let unknown = names.iter().filter(|one| !must.contains(one) && !may.contains(one));
                wrong.extend(unknown.map(|one| format!("{name} has no {one}")));
                let absent = must.iter().filter(|one| !names.contains(one));
                wrong.extend(absent.map(|one| format!("{name} needs {one}")));
                let above = open.last().and_then(|above| PERMITTED.iter().find(|one| one.0 == *above));
                if above.is_some_and(|above| !above.3.contains(&name))
                    || above.is_none() && name != "testsuites"
                {
                    wrong.push(format!("{name} is in {:?}", open.last()));
                }
                if !is_closed {
                    open.push(name);
                }
            }
            let may_hold_text = matches!(open.last(), Some(&("failure" | "error" | "system-out")));
            if !text.trim().is_empty() && !may_hold_text {
                wrong.push(format!("{:?} holds {text}", open.last()));
            }
        }
        wrong.extend(open.iter().map(|name| format!("{name} is not closed")));
        wrong
    }

    #[test]
    fn jenkins_takes_it() {
        let none: [&str; 0] = [];
        assert_eq!(refused(&super::emit(&sample::everything(), &sample::tell())), none);
        assert_eq!(refused(&super::emit(&sample::over(&[]), &sample::tell())), none);
        // What it is held against does refuse.
        for (xml, says) in [
            (
                "<testsuites><testsuite name=\"a\" tests=\"1\" errors=\"0\"/></testsuites>",
                "testsuite needs failures",
            ),
            ("<testsuites line=\"1\"/>", "testsuites has no line"),
            ("<testcase name=\"a\"/>", "testcase is in None"),
            ("<testsuites>x</testsuites>", "Some(\"testsuites\") holds x"),
            ("<testsuites>", "testsuites is not closed"),
            ("<rerun/>", "there is no element rerun"),
        ] {
            assert_eq!(refused(xml), [says], "{xml}");
        }
    }
}
