//! What a change causes is told at the line that was changed: held in rows, and in every output.
//!
//! A row begins with `=== ` and what it shows; `@@ name` begins a file, and a line that begins with `+` was changed. The mark
//! takes the place of a space, where there is one. `=> error RULE FILE:LINE by FILE:LINE` is a finding that is told at the
//! first place and decided at the second; `out` is one that the change has no part in.

use pintle::{
    Baseline, Book, Config, Finding, Job, MemoryRepo, OUTPUTS, Redactor, Report, Scope, Span, Tell, check,
    entries, output, write_baseline,
};
use std::collections::BTreeMap;

const TABLE: &str = include_str!("changed_lines.txt");

const RULES: [&str; 4] =
    ["postgres-on-longhorn", "postgres-class-omitted", "image-latest", "storage-class-reclaim-delete"];

/// Changed lines by file.
type Lines = BTreeMap<String, Vec<(u32, u32)>>;

/// The files of a row, and their changed lines.
fn files(body: &str) -> (Vec<(String, String)>, Lines) {
    let (mut files, mut changed) = (Vec::new(), Lines::new());
    for file in format!("\n{body}").split("\n@@ ").skip(1) {
        let (name, text) = file.split_once('\n').unwrap_or((file, ""));
        let mut own = String::new();
        for (at, line) in (1..).zip(text.lines()) {
            let Some(rest) = line.strip_prefix('+') else {
                own += &format!("{line}\n");
                continue;
            };
            changed.entry(name.to_owned()).or_default().push((at, at));
            let space = if rest.starts_with(' ') { " " } else { "" };
            own += &format!("{space}{rest}\n");
        }
        files.push((name.to_owned(), own));
    }
    (files, changed)
}

fn run(files: &[(String, String)], changed: Option<&Lines>, baseline: Option<&Baseline>) -> Report {
    let repo = MemoryRepo::new(files.iter().cloned());
    let (config, book) = (Config::default(), Book::built_in().0);
    let of_file = |(name, lines): (&String, &Vec<(u32, u32)>)| (name.as_str().into(), lines.clone());
    let scope = Scope {
        lines: changed.map(|changed| changed.iter().map(of_file).collect()),
        select: RULES.map(Into::into).to_vec(),
        ..Scope::default()
    };
    check(&Job { scope, baseline, ..Job::new(&repo, &config, &book) })
}

fn place(report: &Report, span: Span) -> String {
    format!("{}:{}", report.sources.name(span.source), report.sources.places(span).0.line)
}

fn told(report: &Report, finding: &Finding) -> String {
    let status = match finding.status.name() {
        "live" => finding.severity.name(),
        "out-of-diff" => "out",
        other => other,
    };
    let (at, by) = (place(report, finding.place()), place(report, finding.origin.span()));
    let by = if at == by { String::new() } else { format!(" by {by}") };
    format!("=> {status} {} {at}{by}", finding.rule)
}

#[test]
fn the_changed_line_speaks() {
    let mut wrong = Vec::new();
    let mut rows = 0;
    for row in TABLE.split("\n=== ").skip(1) {
        rows += 1;
        let (expected, body): (Vec<&str>, Vec<&str>) = row.lines().partition(|line| line.starts_with("=> "));
        let (files, changed) = files(&body.join("\n"));
        let report = run(&files, Some(&changed), None);
        let mut found: Vec<String> = report.findings.iter().map(|finding| told(&report, finding)).collect();
        let mut expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        found.sort();
        expected.sort();
        if found != expected {
            wrong.push(format!("=== {}\nexpected {expected:#?}\ngot {found:#?}", body[0]));
        }
        // Where it is told takes no part in what it is called, and without a change nothing is told elsewhere.
        let whole = run(&files, None, None);
        let prints = |report: &Report| {
            let mut prints: Vec<String> =
                report.findings.iter().map(|finding| finding.fingerprint.clone()).collect();
            prints.sort();
            prints
        };
        assert_eq!(prints(&report), prints(&whole), "{}", body[0]);
        assert!(whole.findings.iter().all(|finding| finding.told.is_none()), "{}", body[0]);
    }
    assert!(wrong.is_empty(), "{} of {rows} rows\n{}", wrong.len(), wrong.join("\n"));
}

/// The first row of the table: told at `db.yaml:9`, decided at `shop-data.yaml:5`.
fn first_row() -> (Vec<(String, String)>, Lines) {
    let row = TABLE.split("\n=== ").nth(1).expect("a row");
    files(&row.lines().filter(|line| !line.starts_with("=> ")).collect::<Vec<_>>().join("\n"))
}

#[test]
fn every_output_tells_it_at_the_same_place() {
    let (files, changed) = first_row();
    let report = run(&files, Some(&changed), None);
    let book = Book::built_in().0;
    let tell = Tell::plain(&book);
    let shown = Redactor::of(&report, &book.tables).report(report);
    // What each says first of the place, and how often the place that decides may be named behind it.
    let mut seen = 0;
    for (name, first, deciding) in [
        ("pretty", "db.yaml:9:18", "shop-data.yaml:5:21"),
        ("concise", "db.yaml:9:18: error[postgres-on-longhorn]", ""),
        ("json", "\"file\": \"db.yaml\",\n      \"start\": {\n        \"line\": 9", "shop-data.yaml"),
        ("sarif", "\"startLine\": 9", "shop-data.yaml"),
        ("github", "::error file=db.yaml,line=9,", ""),
        (
            "gitlab",
            "\"path\": \"db.yaml\",\n      \"positions\": {\n        \"begin\": {\n          \"line\": 9",
            "",
        ),
        ("junit", "<testcase classname=\"db.yaml\" name=\"postgres-on-longhorn 9:18\">", ""),
        ("checkstyle", "<file name=\"db.yaml\">\n    <error line=\"9\"", ""),
        ("rdjson", "\"path\": \"db.yaml\"", "shop-data.yaml"),
        ("markdown", "<code>db.yaml&#58;9&#58;18</code>", ""),
    ] {
        let out = output(name).expect("an output of that name").tell(&shown, &tell);
        let at = out.find(first).unwrap_or_else(|| panic!("{name} does not say {first}: {}", *out));
        let other = out.find("shop-data.yaml");
        assert_eq!(other.is_some(), !deciding.is_empty(), "{name}: {}", *out);
        assert!(
            other.is_none_or(|other| at < other && out[other..].starts_with(deciding)),
            "{name}: {}",
            *out
        );
        seen += 1;
    }
    assert_eq!(seen, OUTPUTS.len());
}

#[test]
fn the_place_that_decides_is_the_first_of_the_others() {
    let (files, changed) = first_row();
    let report = run(&files, Some(&changed), None);
    let book = Book::built_in().0;
    let shown = Redactor::of(&report, &book.tables).report(report);
    let sarif = output("sarif").expect("an output").tell(&shown, &Tell::plain(&book));
    let sarif: serde_json::Value = serde_json::from_str(&sarif).expect("JSON");
    let result = &sarif["runs"][0]["results"][0];
    let uri = |place: &serde_json::Value| place["physicalLocation"]["artifactLocation"]["uri"].clone();
    assert_eq!(uri(&result["locations"][0]), "db.yaml");
    let related = result["relatedLocations"].as_array().expect("related locations");
    assert_eq!(uri(&related[0]), "shop-data.yaml");
    assert_eq!(related[0]["message"]["text"], "This decides it.");
    // The place that speaks is not told again.
    let line = |place: &serde_json::Value| place["physicalLocation"]["region"]["startLine"].clone();
    assert!(!related.iter().any(|one| uri(one) == "db.yaml" && line(one) == 9), "{related:#?}");
    // The hash that forges match alerts by is that of the line that is told, the name of ours that of what decides.
    let whole = run(&files, None, None);
    let shown = Redactor::of(&whole, &book.tables).report(whole);
    let plain = output("sarif").expect("an output").tell(&shown, &Tell::plain(&book));
    let plain: serde_json::Value = serde_json::from_str(&plain).expect("JSON");
    let (told, plain) =
        (&result["partialFingerprints"], &plain["runs"][0]["results"][0]["partialFingerprints"]);
    assert_eq!(told["pintle/v1"], plain["pintle/v1"]);
    assert_ne!(told["primaryLocationLineHash"], plain["primaryLocationLineHash"]);
}

/// Baselines know findings by what decides, wherever they are told.
#[test]
fn a_baseline_holds_wherever_a_finding_is_told() {
    let (files, changed) = first_row();
    let whole = run(&files, None, None);
    let text = write_baseline(&entries(&whole.findings, &whole.sources), &());
    let report = run(&files, Some(&changed), Some(&Baseline::read(None, &text)));
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].status.name(), "baselined");
    let written = write_baseline(&entries(&run(&files, Some(&changed), None).findings, &whole.sources), &());
    assert_eq!(written, text);
}
