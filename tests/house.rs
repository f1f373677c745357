//! The walls of the house: which room may import which. The table below is the architecture diagram.
//!
//! Reads every source file as text, collects the rooms named after `crate::` and refuses an upward or sideways
//! import that the table does not grant, by name. Also: every module begins by saying what it is for, and no file
//! grows into two chapters unnoticed.

#![allow(clippy::disallowed_methods)] // a test of the sources reads them

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Room, and the rooms it may import. A room may always import itself.
const ROOMS: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("facts", &["text"]),
    ("finding", &["text", "facts"]),
    ("syntax", &["text", "finding"]),
    ("config", &["text", "finding", "syntax"]),
    ("world", &["text", "finding", "facts", "syntax"]),
    ("formats", &["text", "finding", "facts", "syntax", "config"]),
    ("secrets", &["text", "finding", "facts", "syntax"]),
    ("join", &["text", "finding", "facts", "config"]),
    ("rules", &["text", "finding", "facts", "syntax", "config", "secrets", "join"]),
    ("judge", &["text", "finding", "facts", "config"]),
    ("fix", &["text", "finding"]),
    (
        "engine",
        &[
            "text", "finding", "facts", "syntax", "config", "world", "formats", "secrets", "join", "rules", "judge",
            "fix",
        ],
    ),
    ("history", &["text", "finding", "facts", "syntax", "secrets", "join", "judge", "rules", "engine"]),
    ("examples", &["text", "finding", "config", "secrets", "judge", "rules", "engine", "history"]),
    ("redact", &["text", "finding"]),
    ("inventory", &["text", "finding", "facts", "join", "redact"]),
    ("emit", &["text", "finding", "config", "rules", "judge", "engine", "redact", "inventory"]),
    (
        "cli",
        &[
            "text",
            "finding",
            "config",
            "join",
            "rules",
            "judge",
            "engine",
            "history",
            "examples",
            "redact",
            "inventory",
            "emit",
        ],
    ),
];

/// A file of more lines than this is two chapters.
const MOST_LINES: usize = 700;

#[test]
fn rooms_import_downwards_only() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let room = room_of(&file);
        let Some((_, may)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{file}: the room `{room}` is not in the table"));
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            for rest in line.split("crate::").skip(1) {
                let names: Vec<&str> = match rest.strip_prefix('{') {
                    Some(group) => {
                        group.split(',').map(|name| name.trim().split("::").next().unwrap_or("")).collect()
                    }
                    None => vec![
                        rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or(""),
                    ],
                };
                for name in names {
                    let known = ROOMS.iter().any(|(other, _)| *other == name);
                    if known && name != room && !may.contains(&name) {
                        wrong.push(format!("{file}:{}: `{room}` may not import `{name}`", number + 1));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_has_no_circle() {
    let mut height: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..ROOMS.len() {
        for (room, may) in ROOMS {
            let floor = may.iter().map(|other| height.get(other).map_or(0, |h| h + 1)).max().unwrap_or(0);
            height.insert(room, floor);
        }
    }
    let most = height.values().max().copied().unwrap_or(0);
    assert!(most < ROOMS.len(), "a circle makes the house infinitely high: {height:?}");
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<String> =
        sources().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(file, _)| file).collect();
    assert!(silent.is_empty(), "these files do not begin with `//! `: {silent:?}");
}

#[test]
fn no_file_is_two_chapters() {
    let long: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| text.lines().count() > MOST_LINES)
        .map(|(file, _)| file)
        .collect();
    assert!(long.is_empty(), "these files have more than {MOST_LINES} lines: {long:?}");
}

/// `formats` for `src/formats/compose.rs`, `engine` for `src/engine.rs`.
fn room_of(file: &str) -> String {
    let inner = file.trim_start_matches("src/");
    inner.split(['/', '.']).next().unwrap_or("").to_string()
}

fn sources() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    collect(&root, &root.join("src"), &mut out);
    out.retain(|(file, _)| file != "src/lib.rs" && file != "src/main.rs");
    out.sort();
    assert!(out.len() > 40, "the sources were not found");
    out
}

fn collect(root: &Path, folder: &Path, out: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of the crate").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, out);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let name = path
                .strip_prefix(root)
                .expect("it was found below the root")
                .to_string_lossy()
                .replace('\\', "/");
            out.push((name, fs::read_to_string(&path).expect("a source file")));
        }
    }
}
