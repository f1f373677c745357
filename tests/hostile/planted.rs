//! Repositories with secrets in them, drawn from a table: what is a secret, and where it was put.

use pintle::testing::secrets::expand;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A value that was drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Plant {
    /// The case and the name in it.
    pub(crate) name: String,
    pub(crate) value: String,
    /// The same, had the dice fallen otherwise: what both have in common is no secret.
    pub(crate) other: String,
    /// It may be seen: the name of a file.
    pub(crate) is_seen: bool,
}

impl Plant {
    /// The pieces that nobody else has.
    pub(crate) fn drawn(&self) -> Vec<&str> {
        let bytes = self.value.as_bytes();
        let is_fixed = |at: usize| {
            let window = &bytes[at..(at + WINDOW).min(bytes.len())];
            window.len() < WINDOW || self.other.as_bytes().windows(WINDOW).any(|other| other == window)
        };
        let mut out = Vec::new();
        let mut from = None;
        for at in 0..=bytes.len() {
            let ends = at == bytes.len() || is_fixed(at) || matches!(bytes[at], b'\n' | b' ');
            match (from, ends) {
                (None, false) => from = Some(at),
                (Some(start), true) => {
                    let end = (at + WINDOW - 1).min(bytes.len());
                    let piece = self.value.get(start..end).unwrap_or_default();
                    out.extend(piece.split(['\n', ' ']).filter(|line| line.len() >= WINDOW));
                    from = None;
                }
                _ => {}
            }
        }
        out
    }
}

/// So many bytes of a secret are a leak.
pub(crate) const WINDOW: usize = 8;

/// The files of each repository of a table, and all that was planted.
#[derive(Debug, Default)]
pub(crate) struct Planted {
    pub(crate) repos: BTreeMap<String, BTreeMap<PathBuf, String>>,
    pub(crate) plants: Vec<Plant>,
}

/// Draws the values of a table. `draw` is 0 or 1: the second draw has other values, some of other lengths.
pub(crate) fn planted(table: &str, draw: usize) -> Planted {
    let mut out = Planted::default();
    let (mut case, mut number, mut repo) = (String::new(), 0, String::new());
    let mut file = PathBuf::new();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let folder = format!("case-{number:02}");
        match word {
            "==" => {
                (case, repo) = (rest.to_owned(), "main".to_owned());
                number += 1;
                known.clear();
            }
            "repo" => repo = rest.to_owned(),
            "file" => {
                let name = fill(rest, draw, &case, &mut known, &mut out.plants);
                file = if repo == "main" { Path::new(&folder).join(name) } else { name.into() };
                out.repos.entry(repo.clone()).or_default().insert(file.clone(), String::new());
            }
            "at" => {
                let files = out.repos.entry(repo.clone()).or_default();
                files.remove(&file);
                file = file.strip_prefix(&folder).map(Path::to_owned).unwrap_or(file);
                files.insert(file.clone(), String::new());
            }
            "|" => {
                let line = fill(&rest.replace("{HERE}", &folder), draw, &case, &mut known, &mut out.plants);
                // What is no plant is the same in both draws.
                let line = expand(&line, 3);
                let text = out.repos.entry(repo.clone()).or_default().entry(file.clone()).or_default();
                text.push_str(&line);
                text.push('\n');
            }
            other => panic!("what is `{other}`?"),
        }
    }
    out
}

/// Puts values where a line asks for them.
fn fill(
    line: &str,
    draw: usize,
    case: &str,
    known: &mut BTreeMap<String, String>,
    plants: &mut Vec<Plant>,
) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('«') {
        let (inside, after) = after.split_once('»').expect("every « has its »");
        let (inside, how) = match inside.rsplit_once('|') {
            Some((inside, "b64")) => (inside, "b64"),
            _ => (inside, ""),
        };
        let value = match inside.split_once(": ") {
            None => known[inside].clone(),
            Some((name, recipes)) => {
                let (name, is_seen) = (name.trim_end_matches('!'), name.ends_with('!'));
                let recipes: Vec<&str> = recipes.split(" / ").collect();
                // What may be seen is the same in both.
                let at = |draw: usize| if is_seen { 0 } else { draw };
                let drawn = |draw: usize| {
                    let seed = crc(&format!("{case}{name}{draw}"));
                    expand(recipes[draw.min(recipes.len() - 1)], seed)
                };
                let value = drawn(at(draw));
                let name_of_all = format!("{case}: {name}");
                plants.push(Plant {
                    name: name_of_all,
                    value: value.clone(),
                    other: drawn(draw + 5),
                    is_seen,
                });
                known.insert(name.to_owned(), value.clone());
                value
            }
        };
        let value = if how == "b64" { base64(&value) } else { value };
        out.push_str(before);
        out.push_str(&value);
        rest = after;
    }
    out + rest
}

/// A number for a text: any will do.
fn crc(text: &str) -> u64 {
    text.bytes().fold(7, |sum: u64, byte| sum.wrapping_mul(131).wrapping_add(u64::from(byte)))
}

/// Writes the files of a repository.
pub(crate) fn write(files: &BTreeMap<PathBuf, String>, root: &Path) {
    for (name, text) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(crate) fn base64(text: &str) -> String {
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits =
            three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at)) as usize & 63];
            out.push(if at > three.len() { '=' } else { char::from(letter) });
        }
    }
    out
}

/// The letters of base64 that a piece of a text surely makes, behind one, two or three others.
pub(crate) fn base64_inside(piece: &str) -> Vec<String> {
    let behind = |before: usize| {
        let padded = format!("{}{piece}", "\0".repeat(before));
        let whole = base64(&padded[..padded.len() / 3 * 3]);
        whole[if before == 0 { 0 } else { 4 }..].to_owned()
    };
    (0..3).map(behind).collect()
}
