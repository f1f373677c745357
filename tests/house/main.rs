//! The walls of the house: which room may import which. The table below is the architecture diagram.
//!
//! Parses every source file, follows each path to the module in which the thing is defined, and refuses an import that
//! the table does not grant, a grant that nobody uses, and a circle of files inside one room. Also: every module begins
//! by saying what it is for, and no file grows into two chapters unnoticed.

#![allow(clippy::disallowed_methods)] // a test of the sources reads them

mod limits;
mod refusals;
mod sources;
mod walls;

use sources::Sources;
use std::fs;
use std::path::{Path, PathBuf};
use walls::Room;

const fn room(floor: u32, name: &'static str, may: &'static [&'static str]) -> Room {
    Room { floor, name, may, tests: &[] }
}

/// The rooms, from the ground up. A room imports from its own floor and from those below; never in a circle.
const ROOMS: &[Room] = &[
    room(0, "limits", &[]),
    room(1, "git", &["limits"]),
    room(1, "text", &["limits"]),
    room(2, "facts", &["text"]),
    room(2, "finding", &["text", "facts"]),
    room(3, "syntax", &["limits", "text", "finding"]),
    room(3, "config", &["limits", "text", "finding", "facts", "syntax", "template"]),
    room(3, "lock", &["text", "finding"]),
    room(3, "template", &["limits", "text", "syntax"]),
    room(4, "world", &["limits", "text", "facts", "finding", "syntax", "template"]),
    room(5, "formats", &["limits", "text", "finding", "facts", "syntax", "config", "world"]),
    room(5, "secrets", &["limits", "text", "finding", "facts", "syntax"]),
    room(6, "join", &["limits", "text", "facts", "syntax", "config"]),
    room(6, "judge", &["limits", "text", "finding", "facts", "config", "redact"]),
    room(6, "fix", &["text", "facts", "finding", "lock", "syntax"]),
    room(6, "redact", &["text", "finding", "facts", "syntax", "secrets"]),
    room(6, "rules", &["limits", "text", "finding", "facts", "syntax", "config", "lock", "secrets", "join"]),
    room(
        7,
        "engine",
        &[
            "limits", "text", "finding", "facts", "syntax", "config", "lock", "redact", "world", "formats",
            "secrets", "join", "rules", "judge", "fix",
        ],
    ),
    room(
        7,
        "history",
        &[
            "text", "finding", "facts", "syntax", "config", "lock", "secrets", "join", "redact", "judge",
            "rules", "engine",
        ],
    ),
    room(7, "delta", &["text", "finding", "facts", "syntax", "config", "redact", "world", "join"]),
    room(7, "inventory", &["judge", "text", "finding", "facts", "join", "redact"]),
    room(
        8,
        "examples",
        &["text", "facts", "finding", "config", "secrets", "judge", "rules", "engine", "history"],
    ),
    Room {
        tests: &["config"],
        ..room(
            8,
            "emit",
            &[
                "limits",
                "text",
                "facts",
                "finding",
                "rules",
                "judge",
                "engine",
                "redact",
                "inventory",
                "delta",
            ],
        )
    },
    room(
        9,
        "cli",
        &[
            "limits",
            "git",
            "text",
            "facts",
            "finding",
            "config",
            "join",
            "rules",
            "judge",
            "engine",
            "delta",
            "history",
            "examples",
            "redact",
            "inventory",
            "emit",
            "fix",
            "lock",
        ],
    ),
];

/// Circles of files that are still there. Each needs more than moving a type to a file of its own.
const CIRCLES: &[&[&str]] = &[];

/// A file of more lines than this is two chapters.
const MOST_LINES: usize = 700;

#[test]
fn rooms_import_what_the_table_grants() {
    assert_none(&walls::refused_imports(&parsed(), ROOMS));
}

#[test]
fn every_grant_is_used() {
    assert_none(&walls::unused_grants(&parsed(), ROOMS));
}

#[test]
fn every_room_is_private() {
    assert_none(&walls::open_rooms(&parsed(), ROOMS));
}

#[test]
fn the_table_leads_down_and_has_no_circle() {
    assert_none(&walls::wrong_floors(ROOMS));
}

#[test]
fn no_room_has_a_circle_inside() {
    assert_none(&walls::wrong_circles(&parsed(), CIRCLES));
}

/// Every row of the table in ARCHITECTURE.md is a room of its floor, and the other way round.
#[test]
fn architecture_tells_the_same_floors() {
    let text = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let rows = text.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let floor: u32 = cells.next()?.parse().ok()?;
        let name = cells.next()?.split('`').nth(1)?.trim_end_matches('/').trim_end_matches(".rs");
        (name != "main").then(|| (floor, name.to_owned()))
    });
    let mut told: Vec<(u32, String)> = rows.collect();
    let mut known: Vec<(u32, String)> = ROOMS.iter().map(|room| (room.floor, room.name.to_owned())).collect();
    told.sort();
    known.sort();
    assert_eq!(told, known);
}

/// What ciphertext looks like is known in one place: a list of beginnings elsewhere would believe what only begins so.
#[test]
fn ciphertext_is_known_in_one_place() {
    let marks = [
        "ENC[",
        "ENC(",
        "EJ[1:",
        "ANSIBLE_VAULT",
        "BEGIN AGE",
        "BEGIN PGP MESSAGE",
        "age-encryption.org",
        "GITCRYPT",
        "U2FsdGVk",
        "gAAAAA",
        "vault:v",
    ];
    // Recipes make what the reader reads.
    let home = |file: &str| file.starts_with("src/syntax/sealed/") || file == "src/secrets/sample.rs";
    let wrong: Vec<String> = files()
        .iter()
        .filter(|(file, _)| !home(file))
        .flat_map(|(file, text)| {
            let code = text.split("#[cfg(test)]").next().unwrap_or(text);
            let is_comment = |line: &str| line.trim_start().starts_with("//");
            let told = code
                .lines()
                .filter(move |line| !is_comment(line) && marks.iter().any(|mark| line.contains(mark)));
            told.map(move |line| format!("{file}: {}", line.trim()))
        })
        .collect();
    assert_none(&wrong);
}

/// Whoever opens, lists or writes a file goes through a door: clippy refuses every other way, unless somebody tells it
/// not to. One module may, and one function, which asks git; so may tests. The network has one door, too.
#[test]
fn only_the_doors_may_open() {
    let told = |file: &str, text: &str| {
        let code = text.split("#[cfg(test)]").next().unwrap_or(text);
        let is_told = |line: &&str| line.contains("disallowed_methods") || line.contains("disallowed_types");
        let allows = code.lines().filter(is_told).map(str::trim);
        allows.map(|line| format!("{file}: {line}")).collect::<Vec<_>>()
    };
    let allowed: Vec<String> = files().iter().flat_map(|(file, text)| told(file, text)).collect();
    assert_eq!(
        allowed,
        [
            "src/cli/door/mod.rs: #![allow(clippy::disallowed_methods)]",
            "src/cli/registry/client.rs: #![allow(clippy::disallowed_types)] // the one place that asks the network",
            "src/cli/registry/helper.rs: #[allow(clippy::disallowed_methods)] // by a name without a path, from folders that the user has named",
            "src/cli/run_git.rs: #[allow(clippy::disallowed_methods)]",
        ]
    );
}

/// A hole is a piece of a text and knows its reason: who looks for its signs again takes a text for a variable.
/// `syntax` finds forms, `template` executes Go's, `world` fills those of Flux and Argo CD, and `secrets` judges bytes.
#[test]
fn forms_are_looked_for_where_texts_are_read() {
    let asks = [
        "contains(",
        "starts_with(",
        "strip_prefix(",
        "find(",
        "matches(",
        "match_indices(",
        "split(",
        "replace(",
    ];
    let signs = ["\"${", "\"{{", "\"$(", "\"$["];
    let looks =
        |line: &&str| asks.iter().any(|ask| signs.iter().any(|sign| line.contains(&format!("{ask}{sign}"))));
    let behind = |file: &str| {
        !["src/syntax/", "src/template/", "src/world/", "src/secrets/"]
            .iter()
            .any(|room| file.starts_with(room))
    };
    let wrong: Vec<String> = files()
        .iter()
        .filter(|(file, _)| behind(file))
        .flat_map(|(file, text)| {
            let code = text.split("#[cfg(test)]").next().unwrap_or(text);
            code.lines().filter(looks).map(move |line| format!("{file}: {}", line.trim()))
        })
        .collect();
    assert_none(&wrong);
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<String> =
        files().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(file, _)| file).collect();
    assert!(silent.is_empty(), "these files do not begin with `//! `: {silent:?}");
}

#[test]
fn no_file_is_two_chapters() {
    let long: Vec<String> = files()
        .into_iter()
        .filter(|(_, text)| text.lines().count() > MOST_LINES)
        .map(|(file, _)| file)
        .collect();
    assert!(long.is_empty(), "these files have more than {MOST_LINES} lines: {long:?}");
}

fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn parsed() -> Sources {
    Sources::parse(files().iter().map(|(file, text)| (file.as_str(), text.as_str())))
}

/// Every source file of the library, by name and text.
fn files() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    collect(&root, &root.join("src"), &mut out);
    out.retain(|(file, _)| file != "src/main.rs");
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
