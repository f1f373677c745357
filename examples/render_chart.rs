//! Renders charts, one line of JSON for each run: what real helm gives is held against it.
//!
//! `cargo run --example render_chart -- FOLDER < RUNS`, where each line of `RUNS` is JSON: `chart` is the folder of a chart
//! and `values` are files of values for it, all within `FOLDER`; `name`, `namespace` and `kube` say how it is released;
//! `apis` are APIs that the cluster has besides those of its version, and with `only` it has no others; `files` are
//! texts that stand in place of files, by name; with `places` each scalar is told with where it was written.
//! `tests/oracle/helm/` reads it.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

mod support;

use pintle::testing::world::helm::{
    Capabilities, Helm, Release, Rendering, Told, UserValues, load, render, values_file,
};
use pintle::testing::world::{Fault, Files, typed, with_files};
use pintle::{MemoryRepo, Repo, SourceId, Sources, Span};
use serde_json::{Value, json};
use std::io::BufRead;
use std::path::Path;

fn main() {
    let root = std::env::args().nth(1).expect("a folder is needed");
    let mut own = Vec::new();
    support::walk(Path::new(&root), Path::new(&root), &mut own);
    let lines = std::io::stdin().lock().lines().map_while(Result::ok);
    let runs = lines.map(|line| serde_json::from_str::<Value>(&line).expect("a line of JSON"));
    let (plain, changed): (Vec<_>, Vec<_>) =
        runs.enumerate().partition(|(_, asked)| asked["files"].is_null());
    let mut answers: Vec<(usize, Value)> =
        changed.iter().map(|(at, asked)| (*at, alone(&own, asked))).collect();
    let repo = MemoryRepo::new(own);
    let sources = Sources::new(repo.names());
    with_files(&repo, &sources, |files| {
        answers.extend(plain.iter().map(|(at, asked)| (*at, run(files, &sources, asked))));
    });
    answers.sort_by_key(|(at, _)| *at);
    answers.iter().for_each(|(_, answer)| println!("{answer}"));
}

/// A run that changes files: of all others it needs those of its chart.
fn alone(own: &[(String, Vec<u8>)], asked: &Value) -> Value {
    let folder = format!("{}/", asked["chart"].as_str().expect("a chart"));
    let changed = asked["files"].as_object().expect("files");
    let kept = own.iter().filter(|(name, _)| name.starts_with(&folder) && !changed.contains_key(name));
    let new =
        changed.iter().map(|(name, text)| (name.clone(), text.as_str().expect("a text").as_bytes().to_vec()));
    let repo = MemoryRepo::new(kept.cloned().chain(new).collect::<Vec<_>>());
    let sources = Sources::new(repo.names());
    with_files(&repo, &sources, |files| run(files, &sources, asked))
}

fn release(asked: &Value) -> Release {
    let mut capabilities =
        Capabilities::parse(asked["kube"].as_str().unwrap_or("v1.34.0")).expect("a version");
    if asked["only"] == true {
        capabilities.apis.clear();
    }
    let capabilities = capabilities.and(strings(&asked["apis"]));
    let mut release = Release { capabilities, ..Release::default() };
    asked["name"].as_str().into_iter().for_each(|name| release.name = name.into());
    asked["namespace"].as_str().into_iter().for_each(|name| release.namespace = name.into());
    release
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn run(files: &Files, sources: &Sources, asked: &Value) -> Value {
    let (mut told, helm) = (Told::default(), Helm::Three);
    let release = release(asked);
    let mut given = UserValues::default();
    for name in strings(&asked["values"]) {
        let id = files.find(name).expect("a file of values");
        given.files.extend(values_file(files, id, helm, &mut told));
    }
    let at = Span::new(SourceId(0), 0, 0);
    let given = given.together(at, &|_| Err("no file".into()), helm, &mut told);
    let says = |faults: &[Fault]| faults.iter().map(|fault| shown(sources, fault)).collect::<Vec<_>>();
    let start = std::time::Instant::now();
    let Some(chart) = load(files, asked["chart"].as_str().expect("a chart"), helm, &mut told) else {
        return json!({"chart": asked["chart"], "faults": says(&told.faults)});
    };
    let rendering = render(files, chart, &given, &release);
    let took = start.elapsed().as_micros() as u64;
    json!({
        "chart": asked["chart"],
        "objects": objects(files, &rendering, asked["places"] == true),
        "faults": says(&rendering.faults),
        "breaches": rendering.breaches.iter().map(|breach| format!("{}: {}", breach.path, breach.says)).collect::<Vec<_>>(),
        "failed": rendering.failed.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
        "absent": rendering.absent.iter().map(|absent| absent.path.as_str()).collect::<Vec<_>>(),
        "guesses": rendering.guesses.len(),
        "micros": took,
    })
}

fn objects(files: &Files, rendering: &Rendering, with_places: bool) -> Vec<Value> {
    let one = |manifest: &pintle::testing::world::helm::Manifest| {
        let root = &manifest.document.root;
        let mut places = Vec::new();
        if with_places {
            support::places(files, root, &mut Vec::new(), &mut places);
        }
        json!({"template": manifest.template.as_str(), "object": typed::json(root), "places": places})
    };
    rendering.manifests.iter().map(one).collect()
}

fn shown(sources: &Sources, fault: &Fault) -> String {
    let place = |at: Span| format!("{}:{}", sources.name(at.source), sources.places(at).0.line);
    format!("{}: {}", fault.at.map(place).unwrap_or_default(), fault.says)
}
