//! How fast YAML is read, against yaml-rust2's bare events. On generated manifests, or on the files below the
//! directory in `PINTLE_CORPORA`. Read the ratios of one run, not the figures.
#![allow(clippy::disallowed_methods)]

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use pintle::SourceId;
use pintle::testing::yaml::{count_nodes, read};
use std::path::Path;
use yaml_rust2::Event;
use yaml_rust2::parser::Parser;

fn main() {
    divan::main();
}

#[divan::bench]
fn nodes_alone(bencher: Bencher) {
    over(bencher, |text| {
        black_box(count_nodes(text));
    });
}

#[divan::bench]
fn trees(bencher: Bencher) {
    over(bencher, |text| {
        black_box(read(SourceId(0), text));
    });
}

#[divan::bench]
fn events_of_yaml_rust2(bencher: Bencher) {
    over(bencher, |text| {
        let mut parser = Parser::new_from_str(text);
        while let Ok((event, _)) = parser.next_token() {
            if black_box(event) == Event::StreamEnd {
                break;
            }
        }
    });
}

fn over(bencher: Bencher, read: impl Fn(&str) + Sync) {
    let texts = match std::env::var_os("PINTLE_CORPORA") {
        Some(directory) => {
            let mut texts = Vec::new();
            collect(Path::new(&directory), &mut texts);
            texts
        }
        None => (0..40).map(manifest).collect(),
    };
    let bytes: usize = texts.iter().map(String::len).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| texts.iter().for_each(|text| read(black_box(text))));
}

fn collect(directory: &Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
        if kind.is_dir() && entry.file_name() != ".git" {
            collect(&path, texts);
        } else if kind.is_file() && path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
            texts.extend(std::fs::read_to_string(&path).ok());
        }
    }
}

/// What GitOps repositories are made of: short keys, shorter values, a comment here and a block there.
fn manifest(seed: usize) -> String {
    let mut text = String::new();
    for at in 0..20 {
        let name = format!("service-{seed}-{at}");
        text.push_str(&format!(
            "---\n# {name}, kept by hand\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  \
             namespace: default\n  labels:\n    app.kubernetes.io/name: {name}\n    app.kubernetes.io/part-of: \"suite\"\n\
             spec:\n  replicas: {at}\n  selector:\n    matchLabels: {{app: {name}}}\n  template:\n    spec:\n      \
             containers:\n        - name: main\n          image: registry.example.com/team/{name}:1.{at}.0 # moving\n          \
             args: [\"--port\", '8080', --verbose]\n          env:\n            - name: GREETING\n              \
             value: \"one\\ntwo\"\n          resources:\n            limits:\n              memory: 256Mi\n"
        ));
        text.push_str(
            "      config: |\n        [server]\n        port = 8080\n\n        [log]\n        level = info\n",
        );
    }
    text
}
