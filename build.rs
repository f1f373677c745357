//! Lists the rule pages under `rules/` so that the binary carries them. Reads names only; the pages themselves
//! are taken in by `include_str!`.
#![allow(clippy::disallowed_methods)]

use std::fmt::Write;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=rules");
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let mut pages = Vec::new();
    collect(&root.join("rules"), &mut pages);
    pages.sort();
    let mut code = String::from("pub(super) const PAGES: &[(&str, &str)] = &[\n");
    for page in pages {
        let name = page.strip_prefix(&root).expect("it was found below the root");
        let name = name.to_string_lossy().replace('\\', "/");
        let _ = writeln!(code, "    ({name:?}, include_str!({:?})),", page.to_string_lossy());
    }
    code.push_str("];\n");
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it")).join("pages.rs");
    std::fs::write(out, code).expect("the output folder can be written");
}

fn collect(folder: &Path, pages: &mut Vec<PathBuf>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, pages);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
}
