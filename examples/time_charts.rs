//! Renders charts again and again and tells how long each part of the work takes, as one line of JSON.
//!
//! `cargo run --release --example time_charts -- FOLDER ROUNDS < CHARTS`, where each line of `CHARTS` is the folder of a
//! chart within `FOLDER`. Every round begins with nothing known; of each part of each chart the quickest round counts.
//! `tests/oracle/helm/times.py` reads it.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

mod support;

use pintle::testing::template::{Bounds, Set, Tool};
use pintle::testing::world::Files;
use pintle::testing::world::helm::{
    Capabilities, Chart, Helm, Reader, Release, Shown, Told, load, prepare, print,
};
use pintle::testing::{Node, Origin, Part};
use pintle::{MemoryRepo, Repo, SourceId, Sources, Span};
use serde_json::json;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

/// The parts of the work.
const PARTS: [&str; 7] = ["load", "values", "text", "parse", "execute", "read", "drop"];

/// Which of them stands behind parsing.
const EXECUTE: usize = 4;

fn main() {
    let mut words = std::env::args().skip(1);
    let root = words.next().expect("a folder is needed");
    let rounds: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(1);
    let start = Instant::now();
    let mut files = Vec::new();
    support::walk(Path::new(&root), Path::new(&root), &mut files);
    let repo = MemoryRepo::new(files);
    let sources = Sources::new(repo.names());
    let disk = start.elapsed();
    let charts: Vec<String> = std::io::stdin().lines().map_while(Result::ok).collect();
    let mut best = vec![[Duration::MAX; PARTS.len()]; charts.len()];
    let mut sizes = vec![(0, 0); charts.len()];
    let all: Vec<Vec<u8>> = (0..repo.names().len() as u32)
        .map(|at| {
            let mut buffer = Vec::new();
            repo.read(SourceId(at), &mut buffer).expect("a file");
            buffer
        })
        .collect();
    let bytes = |id: SourceId, show: &mut dyn FnMut(&[u8])| show(&all[id.0 as usize]);
    let text = |id: SourceId, show: &mut dyn FnMut(&str)| {
        bytes(id, &mut |bytes| std::str::from_utf8(bytes).into_iter().for_each(&mut *show));
    };
    let capabilities = Capabilities::parse("v1.34.0").expect("a version");
    let release = Release { capabilities, ..Release::default() };
    for _ in 0..rounds {
        // As a repository is linted.
        let files = Files::new(&sources, repo.names().len(), &text).with_bytes(&bytes).without_schemas();
        for (at, chart) in charts.iter().enumerate() {
            let (times, size) = render(&files, chart, &release);
            best[at].iter_mut().zip(times).for_each(|(best, time)| *best = time.min(*best));
            sizes[at] = size;
        }
    }
    // The templates are parsed once more while they are executed, and executed once more while they are read.
    for times in &mut best {
        times[EXECUTE + 1] = times[EXECUTE + 1].saturating_sub(times[EXECUTE]);
        times[EXECUTE] = times[EXECUTE].saturating_sub(times[EXECUTE - 1]);
    }
    let micros = |time: Duration| time.as_nanos() as f64 / 1000.0;
    let told = charts.iter().zip(&best).zip(&sizes).map(|((chart, times), (lines, objects))| {
        let times = PARTS.iter().zip(times).map(|(part, time)| (part.to_string(), json!(micros(*time))));
        json!({"chart": chart, "lines": lines, "objects": objects, "micros": times.collect::<serde_json::Map<_, _>>()})
    });
    println!("{}", json!({"disk": micros(disk), "charts": told.collect::<Vec<_>>()}));
}

/// Renders a chart with its defaults; tells the time of each part, the lines that it prints and its objects.
fn render(files: &Files, folder: &str, release: &Release) -> ([Duration; PARTS.len()], (usize, usize)) {
    let mut told = Told::default();
    let at = Span::new(SourceId(0), 0, 0);
    let given = Node::map(Origin::spelled(at), Vec::new());
    let mut before = Instant::now();
    let mut part = || {
        let now = Instant::now();
        now - std::mem::replace(&mut before, now)
    };
    let Some(chart) = load(files, folder, Helm::Three, &mut told) else {
        return ([Duration::ZERO; PARTS.len()], (0, 0));
    };
    let loaded = part();
    let prepared = prepare(files, Chart::clone(&chart), &given, release);
    let values = part();
    let templates: Vec<Part> =
        prepared.templates.iter().filter_map(|template| template.file.part(files)).collect();
    let texts = part();
    let set = parsed(&templates);
    let parsing = part();
    drop((set, templates));
    part();
    let print = |show: &mut dyn FnMut(Shown)| print(files, &prepared, release, Bounds::default(), show);
    print(&mut |_| ());
    let printing = part();
    let mut reader = Reader::new(release.helm, files.schemas());
    print(&mut |shown| reader.take(shown));
    let found = reader.finish();
    let reading = part();
    let mut lines = 0;
    print(&mut |shown| match shown {
        Shown::Printed(printed) => lines += printed.text.lines().count(),
        Shown::Anew => lines = 0,
    });
    let objects = found.0.len();
    part();
    drop((found, prepared, chart));
    let dropping = part();
    ([loaded, values, texts, parsing, printing, reading, dropping], (lines, objects))
}

/// Templates, parsed and not executed.
fn parsed(templates: &[Part]) -> Set {
    let mut set = Set::new(Tool::Helm);
    for template in templates {
        let _ = black_box(set.add("", template));
    }
    set
}
