//! Prints what the templates of charts are given, one line of JSON for each run: what real helm is held against.
//!
//! `cargo run --example chart_scopes -- FOLDER < RUNS`, where each line of `RUNS` is the folder of a chart and the
//! files of values for it, separated by tabs, all within `FOLDER`. `tests/oracle/helm/` reads it.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

#[path = "../tests/charts/dump.rs"]
mod dump;
mod support;

use pintle::testing::world::helm::{
    Capabilities, Helm, Release, ScopeId, Told, UserValues, load, prepare, values_file,
};
use pintle::testing::world::{Files, with_files};
use pintle::{MemoryRepo, Repo, SourceId, Sources, Span};
use serde_json::{Value, json};
use std::io::BufRead;
use std::path::Path;

fn main() {
    let root = std::env::args().nth(1).expect("a folder is needed");
    let mut files = Vec::new();
    support::walk(Path::new(&root), Path::new(&root), &mut files);
    let repo = MemoryRepo::new(files);
    let sources = Sources::new(repo.names());
    with_files(&repo, &sources, |files| {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let words: Vec<&str> = line.split('\t').collect();
            println!("{}", run(files, words[0], &words[1..]));
        }
    });
}

fn run(files: &Files, folder: &str, values: &[&str]) -> Value {
    let (mut told, helm) = (Told::default(), Helm::Three);
    let capabilities = Capabilities::parse("v1.34.0").expect("a version");
    let release = Release { capabilities, ..Release::default() };
    let mut given = UserValues::default();
    for name in values {
        let id = files.find(name).expect("a file of values");
        given.files.extend(values_file(files, id, helm, &mut told));
    }
    let at = Span::new(SourceId(0), 0, 0);
    let given = given.together(at, &|_| Err("no file".into()), helm, &mut told);
    let Some(chart) = load(files, folder, helm, &mut told) else {
        return json!({"chart": folder, "values": values, "faults": says(&told)});
    };
    let prepared = prepare(files, chart, &given, &release);
    told.faults.extend(prepared.told.faults.iter().cloned());
    let absent: Vec<&str> = prepared.absent.iter().map(|absent| absent.path.as_str()).collect();
    let breaches: Vec<String> =
        prepared.breaches.iter().map(|breach| format!("{}: {}", breach.path, breach.says)).collect();
    let templates: Vec<&str> = prepared.templates.iter().map(|template| template.name.as_str()).collect();
    json!({
        "chart": folder,
        "values": values,
        "scope": dump::scope(&prepared, ScopeId(0)),
        "faults": says(&told),
        "absent": absent,
        "breaches": breaches,
        "templates": templates,
    })
}

fn says(told: &Told) -> Vec<&str> {
    told.faults.iter().map(|fault| fault.says.as_str()).collect()
}
