//! The tables of cases: how they are read, and what they are held against.
#![allow(clippy::unwrap_used)]

use pintle::SourceId;
use pintle::testing::world::{Reach, typed};
use pintle::testing::yaml::read;
use serde_json::Value as Json;

const KUSTOMIZE: [&str; 11] = [
    include_str!("loading.txt"),
    include_str!("keys.txt"),
    include_str!("patches.txt"),
    include_str!("json.txt"),
    include_str!("generators.txt"),
    include_str!("names.txt"),
    include_str!("marks.txt"),
    include_str!("images.txt"),
    include_str!("replacements.txt"),
    include_str!("writing.txt"),
    include_str!("charts.txt"),
];

const FLUX: [&str; 1] = [include_str!("flux.txt")];

/// One case of a table.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// The folder that is built, without a dot.
    pub(crate) folder: String,
    pub(crate) reach: Reach,
    pub(crate) files: Vec<(String, String)>,
    pub(crate) told: Told,
    /// The same, line by line.
    lines: Vec<String>,
}

/// What a case expects.
#[derive(Clone)]
pub(crate) enum Told {
    Objects(Vec<Json>),
    Refused(String),
    Unknown(String),
}

/// What came of a build.
pub(crate) enum Outcome {
    Objects(Vec<Json>),
    Refused(String),
    Unknown(String),
}

pub(crate) fn kustomize_cases() -> Vec<Case> {
    KUSTOMIZE.iter().flat_map(|table| cases(table)).collect()
}

pub(crate) fn flux_cases() -> Vec<Case> {
    FLUX.iter().flat_map(|table| cases(table)).collect()
}

fn cases(table: &str) -> Vec<Case> {
    let (head, rest) = table.split_once("\n=== ").unwrap();
    let shared = files(head, &[]);
    rest.split("\n=== ").map(|text| case(text, &shared)).collect()
}

fn case(text: &str, shared: &[(String, String)]) -> Case {
    let (name, body) = text.split_once('\n').unwrap();
    let (body, told) = body.split_at(body.find("\n=> ").unwrap_or_else(|| panic!("{name}: nothing told")));
    let lines: Vec<String> = told
        .split("\n=> ")
        .skip(1)
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let settings = body.split("@@ ").next().unwrap();
    let folder = settings.lines().find_map(|line| line.strip_prefix("build ")).unwrap_or_default();
    Case {
        name: name.into(),
        folder: folder.into(),
        reach: if settings.contains("from anywhere") { Reach::Anywhere } else { Reach::Folder },
        files: files(body, shared),
        told: match lines[0].split_once(": ") {
            Some(("refused", words)) => Told::Refused(words.into()),
            Some(("unknown", words)) => Told::Unknown(words.into()),
            _ => Told::Objects(told.split("\n=> ").skip(1).flat_map(|text| objects(text, name)).collect()),
        },
        lines,
    }
}

fn files(body: &str, shared: &[(String, String)]) -> Vec<(String, String)> {
    let body = format!("\n{body}");
    let one = |file: &str| {
        let (name, text) = file.split_once('\n').unwrap_or((file, ""));
        let Some(name) = name.strip_suffix(" <") else {
            return (name.to_string(), format!("{}\n", text.trim_end_matches('\n')));
        };
        let base = name.rsplit('/').next().unwrap();
        let (_, text) = shared.iter().find(|(known, _)| known == base).unwrap_or_else(|| panic!("{name}"));
        (name.to_string(), text.clone())
    };
    body.split("\n@@ ").skip(1).map(one).collect()
}

/// The objects of a YAML text, as the cluster gets them.
pub(crate) fn objects(text: &str, name: &str) -> Vec<Json> {
    let is_word = |word: &str| text.starts_with(word);
    if text.trim() == "nothing" || ["delivery ", "refused: ", "unknown: "].into_iter().any(is_word) {
        return Vec::new();
    }
    let yaml = read(SourceId(0), text);
    assert!(yaml.problems.is_empty(), "{name}: {:?} in {text}", yaml.problems);
    yaml.documents.iter().map(|document| typed::json(&document.root)).filter(|root| !root.is_null()).collect()
}

/// Objects as a set: their texts, sorted.
pub(crate) fn sorted(objects: &[Json]) -> Vec<String> {
    let mut out: Vec<String> = objects.iter().map(Json::to_string).collect();
    out.sort();
    out
}

/// Holds an outcome line by line against what a case tells: objects as JSON, words of faults as parts.
pub(crate) fn differ_as_lines(case: &Case, found: &[String]) -> Option<String> {
    let mut told: Vec<String> = Vec::new();
    let mut inner: Vec<String> = Vec::new();
    for line in &case.lines {
        if line.starts_with("delivery ") {
            inner.sort();
            told.append(&mut inner);
            told.push(line.clone());
        } else if line.starts_with("refused: ") || line.starts_with("unknown: ") {
            inner.push(line.clone());
        } else {
            inner.extend(objects(line, &case.name).iter().map(Json::to_string));
        }
    }
    inner.sort();
    told.append(&mut inner);
    let same = |told: &String, found: &String| {
        told == found
            || !told.starts_with('{') && {
                let is_fault = told.starts_with("refused: ") || told.starts_with("unknown: ");
                is_fault && found.get(..9) == told.get(..9) && found.contains(&told[9..])
            }
    };
    let is_right = told.len() == found.len() && told.iter().zip(found).all(|(told, found)| same(told, found));
    let block = |lines: &[String]| lines.iter().map(|line| format!("=> {line}\n")).collect::<String>();
    (!is_right).then(|| format!("=== {}\nexpected\n{}got\n{}", case.name, block(&told), block(found)))
}

impl Case {
    /// Whether kustomize runs helm for it.
    pub(crate) fn takes_charts(&self) -> bool {
        self.files.iter().any(|(name, _)| name.ends_with("Chart.yaml"))
    }
}

impl std::fmt::Display for Told {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Told::Refused(words) => write!(out, "=> refused: {words}"),
            Told::Unknown(words) => write!(out, "=> unknown: {words}"),
            Told::Objects(objects) => out.write_str(&listed(objects)),
        }
    }
}

/// An outcome as a case would tell it.
pub(crate) fn tell(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Refused(says) => format!("=> refused: {says}"),
        Outcome::Unknown(says) => format!("=> unknown: {says}"),
        Outcome::Objects(objects) => listed(objects),
    }
}

fn listed(objects: &[Json]) -> String {
    if objects.is_empty() {
        return "=> nothing".into();
    }
    sorted(objects).iter().map(|object| format!("=> {object}")).collect::<Vec<_>>().join("\n")
}

/// Numbers by chance, the same ones from the same seed.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

/// A text with a byte changed, or a line taken out, doubled, or moved in.
pub(crate) fn mutated(text: &str, chance: &mut Chance) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let at = chance.below(lines.len());
    match chance.below(4) {
        0 if !lines.is_empty() => drop(lines.remove(at)),
        1 if !lines.is_empty() => lines.insert(at, lines[at]),
        2 => {
            let other = lines.get(chance.below(lines.len())).copied().unwrap_or_default();
            lines.insert(at.min(lines.len()), other);
        }
        _ => {
            let mut bytes = text.as_bytes().to_vec();
            if !bytes.is_empty() {
                let at = chance.below(bytes.len());
                const SIGNS: &[u8] = b" :-[]{}#'\"|>&*!,\n\t$~?/.=0a\xff";
                bytes[at] = match chance.below(3) {
                    0 => bytes[at] ^ (1 << chance.below(8)),
                    _ => SIGNS[chance.below(SIGNS.len())],
                };
            }
            return String::from_utf8_lossy(&bytes).into_owned();
        }
    }
    lines.concat()
}
