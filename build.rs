//! Takes the rule pages under `rules/` into the binary. Their front matter is read here, so that no run has to: what
//! is left for it to read, `src/syntax/front.rs` knows.
#![allow(clippy::disallowed_methods)]

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use yaml_rust2::parser::{Event, EventReceiver, Parser};

fn main() {
    println!("cargo::rerun-if-changed=rules");
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let mut pages = Vec::new();
    collect(&root.join("rules"), &mut pages);
    pages.sort();
    let mut code = String::from("pub(super) const PAGES: &[(&str, &str, &str)] = &[\n");
    for page in pages {
        let name = page.strip_prefix(&root).expect("it was found below the root");
        let name = name.to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{name}: {error}"));
        let parts = text.strip_prefix("---\n").and_then(|text| text.split_once("\n---\n"));
        let (front, prose) = parts.unwrap_or_else(|| panic!("{name}: no front matter between `---` lines"));
        let mut packed = Packed::default();
        let read = Parser::new_from_str(front).load(&mut packed, false);
        read.unwrap_or_else(|error| panic!("{name}: {error}"));
        let _ = writeln!(code, "    ({name:?}, {:?}, {prose:?}),", packed.text);
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

/// Values one behind the other, each as a letter, six digits for a length in bytes, and that many bytes: `t000005hello` is a
/// text, `l` a list of values, and a map (`m`) has each key before its value.
#[derive(Default)]
struct Packed {
    text: String,
    /// The lists and maps that have not ended: what was before them, their letter, and their anchor.
    open: Vec<(String, char, usize)>,
    anchored: HashMap<usize, String>,
}

impl Packed {
    fn begin(&mut self, kind: char, anchor: usize) {
        self.open.push((std::mem::take(&mut self.text), kind, anchor));
    }

    fn end(&mut self) {
        let (before, kind, anchor) = self.open.pop().expect("the parser ends what it has begun");
        let value = format!("{kind}{:06}{}", self.text.len(), self.text);
        self.text = before + &value;
        self.anchored.insert(anchor, value);
    }
}

impl EventReceiver for Packed {
    fn on_event(&mut self, event: Event) {
        match event {
            Event::Scalar(text, _, anchor, _) => {
                self.begin('t', anchor);
                self.text = text;
                self.end();
            }
            Event::SequenceStart(anchor, _) => self.begin('l', anchor),
            Event::MappingStart(anchor, _) => self.begin('m', anchor),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => self.text.push_str(&self.anchored[&anchor]),
            _ => {}
        }
    }
}
