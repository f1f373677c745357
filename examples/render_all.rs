//! Renders every kustomization below a folder, one line of JSON each: what the real tool is held against.
//!
//! `cargo run --release --example render_all -- FOLDER [DIRECTORY…]`; with `--deliveries` the forest instead,
//! of the repository whose address is `REPO_URL` if that is set.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use pintle::testing::world::{Cache, Hints, Reach, Why, build, grow, typed, with_files};
use pintle::{MemoryRepo, Repo, Sources};
use serde_json::{Value, json};
use std::path::Path;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let root = arguments.next().expect("a folder");
    let wanted: Vec<String> = arguments.collect();
    let mut files = Vec::new();
    walk(Path::new(&root), Path::new(&root), &mut files);
    let repo = MemoryRepo::new(files);
    let sources = Sources::new(repo.names());
    let mut folders: Vec<String> = repo
        .names()
        .iter()
        .filter(|name| {
            matches!(
                name.rsplit('/').next(),
                Some("kustomization.yaml" | "kustomization.yml" | "Kustomization")
            )
        })
        .map(|name| name.rsplit_once('/').map_or("", |(folder, _)| folder).to_string())
        .collect();
    folders.dedup();
    if !wanted.is_empty() {
        folders = wanted
            .iter()
            .map(|folder| folder.trim_start_matches("./").trim_matches('/').to_string())
            .collect();
        folders.iter_mut().filter(|folder| *folder == ".").for_each(String::clear);
    }
    with_files(&repo, &sources, |files| {
        let cache = Cache::default();
        if wanted.iter().any(|word| word == "--deliveries") {
            let url = std::env::var("REPO_URL").ok();
            let forest = grow(files, &cache, &Hints { repo_url: url.as_deref() });
            for delivery in &forest.deliveries {
                let objects: Vec<Value> =
                    delivery.objects.iter().map(|object| typed::json(&object.root)).collect();
                let faults: Vec<&str> = delivery.faults.iter().map(|fault| fault.says.as_str()).collect();
                println!(
                    "{}",
                    json!({"name": delivery.name.as_str(), "namespace": delivery.namespace.as_str(), "path": delivery.path.text.as_str(), "means": format!("{:?}", delivery.means), "cluster": forest.cluster(delivery.cluster).name.as_str(), "root": delivery.parent.is_none(), "live": delivery.live, "errors": faults, "objects": objects})
                );
            }
            return;
        }
        for folder in folders {
            let reach = if std::env::var_os("ANYWHERE").is_some() { Reach::Anywhere } else { Reach::Folder };
            let built = build(files, &cache, &folder, reach);
            let refused: Vec<&str> = built
                .faults
                .iter()
                .filter(|fault| fault.why == Why::Refused)
                .map(|fault| fault.says.as_str())
                .collect();
            let unseen: Vec<&str> = built
                .faults
                .iter()
                .filter(|fault| fault.why != Why::Refused)
                .map(|fault| fault.says.as_str())
                .collect();
            let objects: Vec<Value> = built.objects.iter().map(|object| typed::json(&object.root)).collect();
            println!(
                "{}",
                json!({"dir": if folder.is_empty() { "." } else { &folder }, "ok": refused.is_empty() && unseen.is_empty(), "errors": refused, "unseen": unseen, "objects": objects})
            );
        }
    });
}

fn walk(root: &Path, folder: &Path, out: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        if is_link || entry.file_name() == ".git" {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, out);
        } else if let (Ok(name), Ok(bytes)) = (path.strip_prefix(root), std::fs::read(&path)) {
            out.push((name.to_string_lossy().replace('\\', "/"), bytes));
        }
    }
}
