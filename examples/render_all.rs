//! Renders every kustomization below a folder, one line of JSON each: what the real tool is held against.
//!
//! `cargo run --release --example render_all -- FOLDER [DIRECTORY…]`. With `--anywhere` files may lie outside of the
//! folder of a kustomization; with `--deliveries` it tells what Flux and Argo CD deliver instead, of the repository
//! whose address is `REPO_URL` if that is set; with `--places` one line for each scalar of each object, with where
//! it was written. `tests/oracle/kustomize/` reads all three.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

mod support;

use pintle::testing::Str;
use pintle::testing::world::{
    Cache, Delivery, Fault, Files, Forest, Hints, Object, Reach, Why, build, grow, typed, with_files,
};
use pintle::{MemoryRepo, Repo, Sources};
use serde_json::{Value, json};
use std::path::Path;

fn main() {
    let (options, mut words): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.starts_with("--"));
    let has = |option: &str| options.iter().any(|word| word == option);
    assert!(!words.is_empty(), "a folder is needed");
    let root = words.remove(0);
    let mut files = Vec::new();
    support::walk(Path::new(&root), Path::new(&root), &mut files);
    let repo = MemoryRepo::new(files);
    let sources = Sources::new(repo.names());
    let folders = if words.is_empty() { folders(&repo.names()) } else { words.iter().map(clean).collect() };
    with_files(&repo, &sources, |files| {
        let cache = Cache::default();
        let urls: Vec<Str> = std::env::var("REPO_URL").ok().map(Str::from).into_iter().collect();
        if has("--deliveries") {
            let forest = grow(files, &cache, &Hints { told: &urls, ..Hints::default() });
            for delivery in &forest.deliveries {
                println!("{}", told(files, &forest, delivery));
            }
            return;
        }
        let reach = if has("--anywhere") { Reach::Anywhere } else { Reach::Folder };
        for folder in folders {
            let built = build(files, &cache, &folder, reach);
            let dir = if folder.is_empty() { "." } else { &folder };
            if has("--places") {
                for (number, object) in built.objects.iter().enumerate() {
                    tell_places(files, dir, number, object);
                }
                continue;
            }
            let (refused, unseen) = faults(&built.faults);
            println!(
                "{}",
                json!({"dir": dir, "ok": refused.is_empty() && unseen.is_empty(), "errors": refused, "unseen": unseen, "objects": objects(&built.objects)})
            );
        }
    });
}

/// Every folder with a kustomization.
fn folders(names: &[&str]) -> Vec<String> {
    const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    let split = |name: &&str| {
        let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
        NAMES.contains(&base).then(|| folder.to_string())
    };
    let mut out: Vec<String> = names.iter().filter_map(split).collect();
    out.dedup();
    out
}

#[allow(clippy::ptr_arg)] // it is mapped over texts
fn clean(folder: &String) -> String {
    let folder = folder.trim_start_matches("./").trim_matches('/');
    if folder == "." { String::new() } else { folder.into() }
}

fn objects(list: &[Object]) -> Vec<Value> {
    list.iter().map(|object| typed::json(&object.root)).collect()
}

/// What the tool refuses, and what nobody can know from here.
fn faults(list: &[Fault]) -> (Vec<&str>, Vec<&str>) {
    let says = |refused: bool| {
        let wanted = list.iter().filter(move |fault| (fault.why == Why::Refused) == refused);
        wanted.map(|fault| fault.says.as_str()).collect()
    };
    (says(true), says(false))
}

fn told(files: &Files, forest: &Forest, delivery: &Delivery) -> Value {
    let mut chain = vec![delivery.name.as_str()];
    let mut above = delivery.parent;
    while let Some(id) = above {
        chain.insert(0, &forest.get(id).name);
        above = forest.get(id).parent;
    }
    let (refused, unseen) = faults(&delivery.built.faults);
    let path = if delivery.path.text.is_empty() { "." } else { delivery.path.text.as_str() };
    json!({
        "name": delivery.name.as_str(),
        "namespace": delivery.namespace.as_str(),
        "path": path,
        "chain": chain,
        "file": delivery.declared.map(|span| files.name(span.source)),
        "means": format!("{:?}", delivery.means),
        "cluster": forest.cluster(delivery.cluster).name.as_str(),
        "live": delivery.live,
        "root": delivery.parent.is_none(),
        "ok": refused.is_empty() && unseen.is_empty(),
        "errors": refused,
        "unseen": unseen,
        "objects": objects(&delivery.built.objects),
    })
}

/// One line for each scalar of an object.
fn tell_places(files: &Files, dir: &str, number: usize, object: &Object) {
    let (id, mut told) = (object.id(), Vec::new());
    support::places(files, &object.root, &mut Vec::new(), &mut told);
    for mut line in told {
        line["dir"] = dir.into();
        line["object"] = number.into();
        line["group"] = id.gvk.group.as_str().into();
        line["kind"] = id.gvk.kind.as_str().into();
        line["namespace"] = id.namespace.as_str().into();
        line["name"] = id.name.as_str().into();
        println!("{line}");
    }
}
