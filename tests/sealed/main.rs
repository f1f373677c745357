//! Proof of encryption: what says it is encrypted is held against what it is. Every row is a small repository that goes
//! through the whole check; the secrets in it are recipes, and its ciphertext is drawn.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stderr, dead_code)] // runs the binary

mod cases;
mod grid;
mod listing;
#[path = "../cli_runs/stage.rs"]
mod stage;

use pintle::testing::secrets::expand;
use pintle::{Book, Config, Job, MemoryRepo, Scope, check};

/// One finding: its rule, its severity, and the bytes it stands at.
type Told = (String, String, String);

/// What the check says about secrets in these files, in the order of the text.
fn told(files: &[(String, String)], book: &Book) -> Vec<Told> {
    let repo = MemoryRepo::new(files.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes())));
    let config = Config::default();
    let select = ["secret-*", "sops-*", "sealed-*", "external-*"].map(Into::into).to_vec();
    let job = Job { scope: Scope { select, ..Scope::default() }, ..Job::new(&repo, &config, book) };
    let report = check(&job);
    let mut found: Vec<_> = report
        .findings
        .iter()
        .map(|finding| {
            let span = finding.origin.span();
            let text = report.sources.slice(span).to_string();
            (span, finding.rule.to_string(), finding.severity.name().to_string(), text)
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, rule, severity, text)| (rule, severity, text)).collect()
}

/// A row: files with recipes, in which what is found stands between `«` and `»`, and the rules, in the same order.
struct Row {
    name: String,
    files: Vec<(String, String)>,
    expected: Vec<(String, String)>,
}

/// What is wrong with the outcome of a row; nothing if it is as expected.
fn fault(row: &Row, book: &Book) -> Option<String> {
    let (mut files, mut marked) = (Vec::new(), Vec::new());
    for (name, recipe) in &row.files {
        let text = expand(recipe, 3);
        let mut pieces = text.split('«');
        let mut plain = pieces.next().unwrap_or_default().to_string();
        for piece in pieces {
            let (inside, rest) = piece.split_once('»').expect("every mark of a row is closed");
            marked.push(inside.to_string());
            plain += inside;
            plain += rest;
        }
        files.push((name.clone(), plain));
    }
    assert_eq!(marked.len(), row.expected.len(), "{}: as many marks as findings", row.name);
    let expected: Vec<Told> = row
        .expected
        .iter()
        .zip(marked)
        .map(|((rule, severity), text)| (rule.clone(), severity.clone(), text))
        .collect();
    let found = told(&files, book);
    (found != expected).then(|| {
        let short = |list: &[Told]| -> String {
            list.iter().map(|(rule, severity, text)| format!("\n    {rule} {severity} {text:?}")).collect()
        };
        format!("{}\n  expected{}\n  found{}", row.name, short(&expected), short(&found))
    })
}

fn hold(rows: &[Row], least: usize) {
    let (book, _) = Book::built_in();
    let faults: Vec<String> = rows.iter().filter_map(|row| fault(row, &book)).collect();
    assert!(rows.len() >= least, "{} rows", rows.len());
    assert!(faults.is_empty(), "{} of {} rows\n{}", faults.len(), rows.len(), faults.join("\n"));
}
