//! SARIF 2.1.0 as GitHub's code scanning takes it: results, their places, and what kept pintle from looking. The
//! rules' descriptions are in `sarif_rules`.

use super::line_hash::{LineHash, line_hashes};
use super::words::{sentence, without_markup};
use super::{Provenance, Tell, first_line, places, sarif_rules, tally};
use crate::finding::{Finding, Fix, Problem, Report, Safety, Severity, Status, Weight};
use crate::limits::{LONGEST_LINE, MOST_RELATED, MOST_RESULTS};
use crate::redact::{clean, escape_json, floor};
use crate::text::{Edit, SourceId, Span};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn emit(report: &Report, tell: &Tell) -> String {
    let (findings, dropped) = worst(report, MOST_RESULTS);
    let hashes = hashes(report, &findings);
    let rules = sarif_rules::Rules::of(
        tell.book,
        findings.iter().map(|finding| (finding.rule.as_str(), finding.severity)),
    );
    let desk = Desk { report, hashes, rules };
    let invocation = desk.invocation(tell, dropped);
    let driver = json!({
        "name": "pintle",
        "fullName": format!("pintle {}", env!("CARGO_PKG_VERSION")),
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "organization": "pintle",
        "informationUri": env!("CARGO_PKG_REPOSITORY"),
        "shortDescription": {"text": "A linter for GitOps repositories."},
        "rules": desk.rules.descriptors(),
        "notifications": notifications(&invocation),
    });
    let run = Run {
        tool: json!({"driver": driver}),
        automation_details: json!({"id": category(tell)}),
        version_control_provenance: tell.provenance.iter().map(|one| version_control(one)).collect(),
        invocations: [invocation],
        column_kind: "utf16CodeUnits",
        original_uri_base_ids: json!({"%SRCROOT%": {"description": {"text": "The root of the repository."}}}),
        results: Results { desk: &desk, findings: &findings },
    };
    let schema = "https://json.schemastore.org/sarif-2.1.0.json";
    let json = serde_json::to_string_pretty(&Log { schema, version: "2.1.0", runs: [run] });
    escape_json(json.expect("these types hold no map with keys other than strings")) + "\n"
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    automation_details: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    version_control_provenance: Vec<Value>,
    invocations: [Value; 1],
    column_kind: &'static str,
    original_uri_base_ids: Value,
    results: Results<'a>,
}

/// Results are made one by one while they are written: all at once would take half a gigabyte.
struct Results<'a> {
    desk: &'a Desk<'a>,
    findings: &'a [Cow<'a, Finding>],
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.findings.iter().map(|finding| self.desk.result(finding)))
    }
}

/// The worst findings, and how many were left out. The most severe come first, so that the page's own limit of
/// 5,000 cuts off the mildest.
fn worst(report: &Report, most: usize) -> (Vec<Cow<'_, Finding>>, usize) {
    let mut findings = super::by_place(report.findings.iter());
    findings.sort_by_key(|finding| (finding.status != Status::Live, std::cmp::Reverse(finding.severity)));
    let dropped = findings.len().saturating_sub(most);
    findings.truncate(most);
    (findings, dropped)
}

/// The line hash of every finding's line, file by file.
fn hashes(report: &Report, findings: &[Cow<Finding>]) -> BTreeMap<SourceId, BTreeMap<u32, LineHash>> {
    let mut wanted: BTreeMap<SourceId, BTreeSet<u32>> = BTreeMap::new();
    for finding in findings {
        let span = finding.place();
        wanted.entry(span.source).or_default().insert(report.sources.places(span).0.line);
    }
    let hashed =
        |(id, lines): (SourceId, BTreeSet<u32>)| (id, line_hashes(report.sources.get(id).text(), &lines));
    wanted.into_iter().map(hashed).collect()
}

struct Desk<'a> {
    report: &'a Report,
    hashes: BTreeMap<SourceId, BTreeMap<u32, LineHash>>,
    rules: sarif_rules::Rules<'a>,
}

impl Desk<'_> {
    fn result(&self, finding: &Finding) -> Value {
        let span = finding.place();
        let mut says = sentence(&without_markup(&finding.says));
        // What a rule's help says fits most of its findings; what fits this one alone is told with it.
        if let Some(own) = &finding.help {
            says = format!("{says} {}", sentence(&without_markup(own)));
        }
        let (rule, index) = self.rules.find(&finding.rule, finding.severity);
        // The template of every rule is `'{0}'.`: it brings the full stop.
        let argument = says.trim_end_matches('.');
        let mut result = json!({
            "ruleId": rule,
            "ruleIndex": index,
            "level": level(finding.severity),
            "message": {"text": says, "id": "default", "arguments": [argument]},
            "locations": [self.location(span)],
            "partialFingerprints": self.fingerprints(finding),
            "properties": {"precision": finding.precision.name()},
        });
        let others = places(self.report, finding);
        let more = others.len().saturating_sub(MOST_RELATED);
        let related = others.into_iter().take(MOST_RELATED).enumerate().map(|(at, (span, says))| {
            let mut location = self.location(span);
            location["id"] = (at + 1).into();
            location["message"] = json!({"text": sentence(&without_markup(&says))});
            location
        });
        let related: Vec<Value> = related.collect();
        if !related.is_empty() {
            result["relatedLocations"] = related.into();
        }
        if more > 0 {
            result["properties"]["relatedLocationsLeftOut"] = more.into();
        }
        if !finding.owner.is_empty() {
            let mut name = json!({"fullyQualifiedName": finding.owner});
            if !finding.path.is_empty() {
                name["fullyQualifiedName"] = format!("{}#{}", finding.owner, finding.path).into();
            }
            result["locations"][0]["logicalLocations"] = json!([name]);
        }
        if let Some(fix) = finding.fix.as_ref().filter(|fix| fix.safety > Safety::ShowOnly) {
            result["fixes"] = json!([self.fix(fix)]);
        }
        // Present and empty means: looked at, and not suppressed. A run states it for all its results or for none.
        result["suppressions"] = suppressions(&finding.status);
        result
    }

    /// A place. Its region never spans lines.
    fn location(&self, span: Span) -> Value {
        let line = first_line(self.report, span);
        let mut place = json!({"artifactLocation": self.artifact(span.source), "region": self.region(line)});
        let source = self.report.sources.get(span.source);
        if source.is_kept() {
            let text = source.text().get(line.range()).unwrap_or_default();
            place["region"]["snippet"] = json!({"text": clean(text)});
            place["contextRegion"] = self.context(line);
        }
        json!({"physicalLocation": place})
    }

    /// The lines around a place, cut where a line is longer than anybody reads.
    fn context(&self, span: Span) -> Value {
        let source = self.report.sources.get(span.source);
        let (text, lines) = (source.text(), source.lines());
        let line = lines.line_of(span.start as usize);
        let (first, last) = (line.saturating_sub(1), (line + 1).min(lines.count() - 1));
        let mut shown = Vec::new();
        for line in first..=last {
            let range = lines.range(line, text);
            let end = floor(text, range.end.min(range.start + LONGEST_LINE));
            shown.push(clean(text.get(range.start..end).unwrap_or_default()));
        }
        json!({"startLine": first + 1, "endLine": last + 1, "snippet": {"text": shown.join("\n")}})
    }

    fn region(&self, span: Span) -> Value {
        let (start, end) = self.report.sources.places(span);
        json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        })
    }

    fn artifact(&self, id: SourceId) -> Value {
        json!({"uri": uri(self.report.sources.name(id)), "uriBaseId": "%SRCROOT%"})
    }

    /// Ours, and the one the upload action computes, of the line as it may be shown: one of a line with a secret could be
    /// searched for the secret.
    fn fingerprints(&self, finding: &Finding) -> Value {
        let mut prints = Map::new();
        let span = finding.place();
        let line = self.report.sources.places(span).0.line;
        if let Some(hash) = self.hashes.get(&span.source).and_then(|lines| lines.get(&line))
            && self.report.sources.get(span.source).is_kept()
        {
            prints.insert("primaryLocationLineHash".into(), hash.hash.clone().into());
        }
        if !finding.fingerprint.is_empty() {
            prints.insert("pintle/v1".into(), finding.fingerprint.clone().into());
        }
        prints.into()
    }

    fn fix(&self, fix: &Fix) -> Value {
        let mut files: BTreeMap<SourceId, Vec<&Edit>> = BTreeMap::new();
        for edit in &fix.edits {
            files.entry(edit.span.source).or_default().push(edit);
        }
        let replace = |edit: &&Edit| json!({"deletedRegion": self.region(edit.span), "insertedContent": {"text": edit.text}});
        let change = |(id, edits): (SourceId, Vec<&Edit>)| {
            let replacements: Vec<Value> = edits.iter().map(replace).collect();
            json!({"artifactLocation": self.artifact(id), "replacements": replacements})
        };
        let changes: Vec<Value> = files.into_iter().map(change).collect();
        json!({"description": {"text": sentence(&without_markup(&fix.title))}, "artifactChanges": changes})
    }

    /// How the run went, with everything that was not read.
    fn invocation(&self, tell: &Tell, dropped: usize) -> Value {
        let mut told: Vec<Value> =
            self.report.problems.iter().map(|problem| self.notification(problem)).collect();
        for unread in tally::not_read(self.report, &Tell { skips: super::Skips::Counted, ..tell.clone() }) {
            told.push(json!({"descriptor": {"id": "not-read"}, "level": "note", "message": {"text": format!("Not read: {unread}.")}}));
        }
        if dropped > 0 {
            let says = format!(
                "{dropped} of the mildest findings were left out: code scanning takes {MOST_RESULTS} results."
            );
            told.push(
                json!({"descriptor": {"id": "too-many"}, "level": "warning", "message": {"text": says}}),
            );
        }
        let fatal = self.report.problems.iter().any(|problem| problem.weight == Weight::Fatal);
        json!({"executionSuccessful": !fatal, "toolExecutionNotifications": told})
    }

    fn notification(&self, problem: &Problem) -> Value {
        let level = level(problem.weight.severity());
        let mut told = json!({
            "descriptor": {"id": problem.kind},
            "level": level,
            "message": {"text": sentence(&without_markup(&problem.says))},
        });
        if let Some(at) = problem.at {
            told["locations"] = json!([self.location(at)]);
        }
        told
    }
}

/// A descriptor for each kind of notification that occurs.
fn notifications(invocation: &Value) -> Vec<Value> {
    let told = invocation["toolExecutionNotifications"].as_array().into_iter().flatten();
    let kinds: BTreeSet<&str> = told.filter_map(|one| one["descriptor"]["id"].as_str()).collect();
    let described = |kind: &str| {
        let text = json!({"text": sentence(&kind.replace('-', " "))});
        json!({"id": kind, "name": sarif_rules::pascal(&format!("{kind}-problem")), "shortDescription": text, "fullDescription": text, "help": text})
    };
    kinds.into_iter().map(described).collect()
}

fn suppressions(status: &Status) -> Value {
    let (kind, why) = match status {
        Status::Live => return json!([]),
        Status::Suppressed(_, reason) if reason.is_empty() => {
            ("inSource", "Allowed by a comment or the configuration.")
        }
        Status::Suppressed(_, reason) => ("inSource", reason.as_str()),
        Status::Baselined => ("external", "In the baseline."),
        Status::OutOfDiff => ("external", "Outside the changed lines."),
    };
    json!([{"kind": kind, "status": "accepted", "justification": why}])
}

/// What tells this run from others of the repository, the same from commit to commit: what is before the last slash is the
/// category of an analysis.
fn category(tell: &Tell) -> String {
    let web = tell.provenance.as_ref().map_or("", |one| one.repository.as_str());
    let repository = web.split_once("://").map_or(web, |(_, rest)| rest);
    let slash = if repository.is_empty() { "" } else { "/" };
    format!("pintle/{}{slash}{repository}/", tell.category)
}

fn version_control(provenance: &Provenance) -> Value {
    let mut said = json!({
        "repositoryUri": provenance.repository,
        "revisionId": provenance.revision,
        "mappedTo": {"uriBaseId": "%SRCROOT%"},
    });
    if let Some(branch) = &provenance.branch {
        said["branch"] = branch.clone().into();
    }
    said
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note | Severity::Off => "note",
    }
}

/// A relative name as a relative URI: every byte that is not plainly allowed is written as `%XX`.
fn uri(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::sample;
    use crate::redact::Redactor;
    use crate::text::Origin;

    fn run(report: &Report) -> Value {
        let log: Value = serde_json::from_str(&emit(report, &sample::tell())).unwrap();
        log["runs"][0].clone()
    }

    #[test]
    fn a_result_stands_on_one_line_and_tells_its_story() {
        let run = run(&sample::everything());
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), 7);
        let first = &results[0];
        assert_eq!(first["message"]["text"], "`nginx:latest` may be another image tomorrow.");
        let place = &first["locations"][0]["physicalLocation"];
        let region = json!({"startLine": 4, "startColumn": 20, "endLine": 4, "endColumn": 26, "snippet": {"text": "latest"}});
        assert_eq!(place["region"], region);
        assert_eq!(place["artifactLocation"]["uri"], "apps/web.yaml");
        assert_eq!(first["suppressions"], json!([]));
        let replaced = &first["fixes"][0]["artifactChanges"][0]["replacements"][0];
        assert_eq!(replaced["insertedContent"]["text"], "1.27.3@sha256:abc");
        let storage = results.iter().find(|result| result["ruleId"] == "postgres-on-longhorn").unwrap();
        assert_eq!(storage["relatedLocations"][0]["message"]["text"], "The database is here.");
        assert_eq!(storage["relatedLocations"][1]["message"]["text"], "Overridden here.");
        let silenced: Vec<&Value> =
            results[4..].iter().map(|result| &result["suppressions"][0]["justification"]).collect();
        assert_eq!(silenced, ["built in house", "In the baseline.", "Outside the changed lines."]);
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for result in results {
            assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
        }
        assert_eq!(run["invocations"][0]["executionSuccessful"], false);
        assert_eq!(run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap().len(), 6);
    }

    #[test]
    fn a_run_is_told_from_others_of_the_repository() {
        let id = |category: &'static str, repository: Option<&str>| {
            let provenance = repository.map(|repository| Provenance {
                repository: repository.into(),
                revision: "0".repeat(40),
                branch: None,
            });
            let provenance =
                provenance.map(|one| Redactor::of(&Report::default(), &sample::BOOK.tables).show(one));
            let tell = Tell { category, provenance, ..sample::tell() };
            let log: Value = serde_json::from_str(&emit(&sample::over(&[]), &tell)).unwrap();
            log["runs"][0]["automationDetails"]["id"].as_str().unwrap().to_owned()
        };
        assert_eq!(id("lint", Some("https://github.com/a/b")), "pintle/lint/github.com/a/b/");
        assert_eq!(
            id("secrets", Some("https://git.example.org/a/b/c")),
            "pintle/secrets/git.example.org/a/b/c/"
        );
        assert_eq!(id("verify", None), "pintle/verify/");
    }

    #[test]
    fn places_that_nobody_shows_are_counted() {
        let mut report = sample::everything();
        report.findings.truncate(1);
        let places = |report: &Report| {
            let result = run(report)["results"][0].clone();
            let related = result["relatedLocations"].as_array().unwrap().len();
            (related, result["properties"]["relatedLocationsLeftOut"].clone())
        };
        let at = sample::find(&report, 0, "kind");
        report.findings[0].also = (0..MOST_RELATED).map(|number| (at, format!("place {number}"))).collect();
        assert_eq!(places(&report), (MOST_RELATED, Value::Null));
        report.findings[0].also.push((at, "one more".into()));
        assert_eq!(places(&report), (MOST_RELATED, json!(1)));
    }

    #[test]
    fn a_secret_leaves_no_trace() {
        let run = run(&sample::shown(sample::everything()));
        let secret = run["results"]
            .as_array()
            .unwrap()
            .iter()
            .find(|result| result["ruleId"] == "secret-in-manifest")
            .unwrap();
        let place = &secret["locations"][0]["physicalLocation"];
        assert_eq!(place["region"]["snippet"]["text"], "****");
        assert_eq!(place["contextRegion"]["snippet"]["text"], "stringData:\n  password: ****\n  copy: ****");
        let lines = line_hashes("kind: Secret\nstringData:\n  password: ****\n  copy: ****\n", &[3].into());
        assert_eq!(secret["partialFingerprints"]["primaryLocationLineHash"], lines[&3].hash);
        assert_eq!(secret.get("fixes"), None, "a fix that may only be shown is not offered");
    }

    #[test]
    fn spans_of_many_lines_are_cut_to_the_first() {
        let mut report = sample::over(&[("a.yaml", "key: |\n  one\n  two\n")]);
        let mut finding = sample::finding(&report, 0, "image-latest", "one\n  two", "x");
        finding.origin = Origin::spelled(finding.origin.span());
        report.findings.push(finding);
        let region = run(&report)["results"][0]["locations"][0]["physicalLocation"]["region"].clone();
        assert_eq!(
            (&region["startLine"], &region["endLine"], &region["endColumn"]),
            (&json!(2), &json!(2), &json!(6))
        );
    }

    #[test]
    fn a_clean_run_has_results_and_they_are_empty() {
        assert_eq!(run(&sample::over(&[("a", "b")]))["results"], json!([]));
    }

    #[test]
    fn too_many_results_leave_out_the_mildest() {
        let mut report = sample::everything();
        let mut mild = report.findings[0].clone();
        mild.severity = Severity::Note;
        let many = (0..10).map(|at| Finding { rule: format!("mild-{at}").into(), ..mild.clone() });
        report.findings.splice(0..0, many);
        let (findings, dropped) = worst(&report, 6);
        let severities: Vec<&str> = findings.iter().map(|finding| finding.severity.name()).collect();
        assert_eq!((severities, dropped), (vec!["error", "error", "error", "error", "note", "note"], 11));
        let desk = Desk {
            report: &report,
            hashes: BTreeMap::new(),
            rules: sarif_rules::Rules::of(&sample::BOOK, std::iter::empty()),
        };
        let told = desk.invocation(&sample::tell(), dropped);
        assert!(
            told["toolExecutionNotifications"]
                .as_array()
                .unwrap()
                .iter()
                .any(|one| one["descriptor"]["id"] == "too-many")
        );
    }

    #[test]
    fn names_become_uris() {
        for (name, expected) in
            [("a/b.yaml", "a/b.yaml"), ("a b#?%:\n", "a%20b%23%3F%25%3A%0A"), ("ä", "%C3%A4")]
        {
            assert_eq!(uri(name), expected);
        }
    }
}
