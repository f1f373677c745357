//! Renders charts, one line of JSON for each run: what real helm gives is held against it.
//!
//! `cargo run --example render_chart -- FOLDER < RUNS`, where each line of `RUNS` is the folder of a chart and the files of
//! values for it, separated by tabs, all within `FOLDER`. `APIS` are more APIs of the cluster, with commas.
//! `tests/oracle/helm/objects.py` reads it.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use pintle::testing::world::helm::{
    Capabilities, Helm, Release, Told, UserValues, load, render, values_file,
};
use pintle::testing::world::{Files, typed, with_files};
use pintle::{MemoryRepo, Repo, SourceId, Sources, Span};
use serde_json::{Value, json};
use std::io::BufRead;
use std::path::Path;

fn main() {
    let root = std::env::args().nth(1).expect("a folder is needed");
    let mut files = Vec::new();
    walk(Path::new(&root), Path::new(&root), &mut files);
    let repo = MemoryRepo::new(files);
    let sources = Sources::new(repo.names());
    with_files(&repo, &sources, |files| {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let words: Vec<&str> = line.split('\t').collect();
            println!("{}", run(files, &sources, words[0], &words[1..]));
        }
    });
}

fn run(files: &Files, sources: &Sources, folder: &str, values: &[&str]) -> Value {
    let (mut told, helm) = (Told::default(), Helm::Three);
    let mut capabilities = Capabilities::parse("v1.34.0").expect("a version");
    std::env::var("APIS").iter().flat_map(|apis| apis.split(',')).for_each(|api| capabilities.add(api));
    let release = Release { capabilities, ..Release::default() };
    let mut given = UserValues::default();
    for name in values {
        let id = files.find(name).expect("a file of values");
        given.files.extend(values_file(files, id, helm, &mut told));
    }
    let at = Span::new(SourceId(0), 0, 0);
    let given = given.together(at, &|_| Err("no file".into()), helm, &mut told);
    let start = std::time::Instant::now();
    let Some(chart) = load(files, folder, helm, &mut told) else {
        return json!({"chart": folder, "values": values, "faults": told.faults.iter().map(|fault| &fault.says).collect::<Vec<_>>()});
    };
    let rendering = render(files, chart, &given, &release);
    let took = start.elapsed().as_micros() as u64;
    let place = |at: Option<Span>| {
        at.map(|at| format!("{}:{}", sources.name(at.source), sources.places(at).0.line)).unwrap_or_default()
    };
    let objects = rendering.manifests.iter().map(|manifest| {
        json!({"template": manifest.template.as_str(), "object": typed::json(&manifest.document.root)})
    });
    json!({
        "chart": folder,
        "values": values,
        "objects": objects.collect::<Vec<_>>(),
        "faults": rendering.faults.iter().map(|fault| format!("{}: {}", place(fault.at), fault.says)).collect::<Vec<_>>(),
        "failed": rendering.failed.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
        "absent": rendering.absent.iter().map(|absent| absent.path.as_str()).collect::<Vec<_>>(),
        "guesses": rendering.guesses.len(),
        "micros": took,
    })
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(root, &path, files);
        } else if let (Ok(bytes), Ok(name)) = (std::fs::read(&path), path.strip_prefix(root)) {
            files.push((name.to_string_lossy().replace('\\', "/"), bytes));
        }
    }
}
