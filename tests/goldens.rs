//! The fixtures: `fixtures/<case>/repo` through the whole engine, each output held to `fixtures/<case>/expect/`.
//!
//! `PINTLE_BLESS=1 cargo test --test goldens` writes what is expected; the diff is the review.
#![allow(clippy::disallowed_methods)] // a test reads its fixtures

use pintle::{Book, Config, Job, MemoryRepo, OUTPUTS, Redactor, Report, Shown, Tell, check};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut cases: Vec<PathBuf> = fs::read_dir(root)
        .expect("the fixtures")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("repo").is_dir())
        .collect();
    cases.sort();
    assert!(cases.len() >= 4, "the fixtures were not found");
    cases
}

fn files(root: &Path, folder: &Path, out: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder of a fixture").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(root, &path, out);
        } else {
            let name = path
                .strip_prefix(root)
                .expect("it was found below the root")
                .to_string_lossy()
                .replace('\\', "/");
            out.push((name, fs::read(&path).expect("a file of a fixture")));
        }
    }
}

fn report(case: &Path, book: &Book) -> Report {
    let mut list = Vec::new();
    files(&case.join("repo"), &case.join("repo"), &mut list);
    let (repo, config) = (MemoryRepo::new(list), Config::default());
    check(&Job::new(&repo, &config, book))
}

fn shown(report: Report, book: &Book) -> Shown<Report> {
    Redactor::of(&report, &book.tables).report(report)
}

#[test]
fn every_output_says_what_it_said() {
    let (book, _) = Book::built_in();
    let bless = std::env::var_os("PINTLE_BLESS").is_some();
    let mut wrong = Vec::new();
    for case in fixtures() {
        let report = shown(report(&case, &book), &book);
        for output in OUTPUTS {
            let text =
                output.tell(&report, &Tell::plain(&book)).replace(env!("CARGO_PKG_VERSION"), "VERSION");
            let text = if output.name == "sarif" { without_pages(&text) } else { text };
            let file = case.join("expect").join(output.name);
            if bless {
                fs::create_dir_all(case.join("expect")).expect("the folder can be made");
                fs::write(&file, &text).expect("the golden can be written");
            } else if fs::read_to_string(&file).ok().as_deref() != Some(text.as_str()) {
                wrong.push(file.display().to_string());
            }
        }
    }
    assert!(wrong.is_empty(), "these differ (PINTLE_BLESS=1 writes them anew):\n{}", wrong.join("\n"));
}

/// SARIF carries the pages of all rules as help; a golden that changed with every sentence would not be read.
fn without_pages(sarif: &str) -> String {
    let mut value: serde_json::Value = serde_json::from_str(sarif).expect("SARIF is JSON");
    for rule in value["runs"][0]["tool"]["driver"]["rules"].as_array_mut().expect("rules") {
        *rule = rule["id"].take();
    }
    serde_json::to_string_pretty(&value).expect("it was JSON") + "\n"
}

#[test]
fn goldens_are_those_of_the_outputs_that_exist() {
    let names: BTreeSet<&str> = OUTPUTS.iter().map(|output| output.name).collect();
    for case in fixtures() {
        let held: BTreeSet<String> = fs::read_dir(case.join("expect"))
            .expect("the goldens")
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        assert_eq!(held.iter().map(String::as_str).collect::<BTreeSet<_>>(), names, "{}", case.display());
    }
}

#[test]
fn one_thread_and_many_say_the_same() {
    let (book, _) = Book::built_in();
    let told = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| {
            let reports: Vec<String> = fixtures()
                .iter()
                .map(|case| {
                    OUTPUTS[2].tell(&shown(report(case, &book), &book), &Tell::plain(&book)).to_string()
                })
                .collect();
            reports.join("\n")
        })
    };
    let one = told(1);
    for _ in 0..4 {
        assert_eq!(one, told(16));
    }
}
