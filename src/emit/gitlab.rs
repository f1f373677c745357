//! GitLab's code quality report: a JSON array, one entry per finding, each with a fingerprint of its own.

use super::report::help;
use super::words::without_markup;
use super::{Tell, live, page_url};
use crate::finding::{Report, Severity, Weight};
use crate::judge::hash;
use crate::redact::escape_json;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Entry<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    positions: Positions,
}

#[derive(Serialize)]
struct Positions {
    begin: crate::text::Place,
    end: crate::text::Place,
}

#[derive(Serialize)]
struct Content {
    body: String,
}

pub(super) fn emit(report: &Report, tell: &Tell) -> String {
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    let mut entries = Vec::new();
    let live = live(report);
    for finding in &live {
        let span = finding.place();
        let (begin, end) = report.sources.places(span);
        let times = used.entry(&finding.fingerprint).or_insert(0);
        *times += 1;
        // GitLab keeps one of several entries with the same fingerprint.
        let fingerprint = match *times {
            1 => finding.fingerprint.clone(),
            nth => format!("{}:{nth}", finding.fingerprint),
        };
        let severity = severity(finding.severity);
        entries.push(Entry {
            description: &finding.says,
            check_name: &finding.rule,
            fingerprint,
            severity,
            location: Location {
                path: report.sources.name(span.source),
                positions: Positions { begin, end },
            },
            content: tell.book.page(&finding.rule).map(|page| {
                let url = page_url(page).map_or(String::new(), |url| format!("\n\n{url}"));
                let help = help(page, finding.help.as_deref());
                Content { body: format!("{}{url}", without_markup(&help)) }
            }),
        });
    }
    // What kept pintle from looking has no fingerprint of its own.
    for problem in report.problems.iter().filter(|problem| problem.weight != Weight::Note) {
        let path = problem.at.map_or(".", |at| report.sources.name(at.source));
        let begin = crate::text::Place { line: 1, column: 1 };
        let (begin, end) = problem.at.map_or((begin, begin), |at| report.sources.places(at));
        let print = hash(&[problem.kind, path, &problem.says, &begin.line.to_string()]);
        entries.push(Entry {
            description: &problem.says,
            check_name: problem.kind,
            fingerprint: print,
            severity: severity(problem.weight.severity()),
            location: Location { path, positions: Positions { begin, end } },
            content: None,
        });
    }
    let json =
        serde_json::to_string_pretty(&entries).expect("these types hold no map with keys other than strings");
    escape_json(json) + "\n"
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Note | Severity::Off => "info",
    }
}

#[cfg(test)]
mod tests {
    use crate::emit::sample;
    use serde_json::Value;

    #[test]
    fn every_entry_has_a_place_and_a_fingerprint_of_its_own() {
        let mut report = sample::everything();
        let mut again = report.findings[0].clone();
        again.origin = crate::text::Origin::verbatim(sample::find(&report, 0, "name: web"));
        report.findings.push(again);
        let out = super::emit(&report, &sample::tell());
        let entries: Vec<Value> = serde_json::from_str(&out).unwrap();
        let mut prints: Vec<&str> =
            entries.iter().map(|entry| entry["fingerprint"].as_str().unwrap()).collect();
        prints.sort_unstable();
        let before = prints.len();
        prints.dedup();
        assert_eq!((before, prints.len()), (7, 7));
        assert_eq!(entries[0]["location"]["positions"]["begin"]["line"], 4);
        assert_eq!(entries[0]["severity"], "critical");
        assert_eq!(super::emit(&sample::over(&[]), &sample::tell()), "[]\n");
    }
}
