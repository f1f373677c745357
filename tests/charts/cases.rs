//! The tables of cases, as they are read.
#![allow(clippy::unwrap_used)]

use crate::pack;
use pintle::testing::world::helm::Helm;
use serde_json::Value;

const TABLES: [&str; 5] = [
    include_str!("loading.txt"),
    include_str!("dependencies.txt"),
    include_str!("values.txt"),
    include_str!("set.txt"),
    include_str!("schema.txt"),
];

#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) folder: String,
    pub(crate) helm: Helm,
    pub(crate) settings: Vec<String>,
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) told: Vec<String>,
}

impl Case {
    pub(crate) fn setting(&self, key: &str) -> Option<&str> {
        self.settings.iter().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.told.iter().any(|line| line.starts_with("refused: ") || line.starts_with("breach: "))
    }
}

pub(crate) fn cases() -> Vec<Case> {
    TABLES.iter().flat_map(|table| read_table(table)).collect()
}

pub(crate) fn read_table(table: &str) -> Vec<Case> {
    table.split("\n=== ").skip(1).map(case).collect()
}

fn case(text: &str) -> Case {
    let (name, body) = text.split_once('\n').unwrap();
    let at = body.find("\n=> ").unwrap_or(body.trim_end().len());
    let (body, told) = body.split_at(at);
    let body = format!("\n{body}");
    let mut parts = body.split("\n@@ ");
    let settings: Vec<String> = parts.next().unwrap().lines().map(String::from).collect();
    let settings: Vec<String> = settings.into_iter().filter(|line| !line.is_empty()).collect();
    let mut out = Case {
        name: name.into(),
        folder: String::new(),
        helm: if settings.iter().any(|line| line == "helm 4") { Helm::Four } else { Helm::Three },
        settings,
        files: Vec::new(),
        told: told.split("\n=> ").skip(1).map(|line| line.trim_end().to_string()).collect(),
    };
    out.folder = out.setting("chart").unwrap_or_default().into();
    for part in parts {
        let (name, text) = part.split_once('\n').unwrap_or((part, ""));
        match name.split_once(" packs ") {
            Some((archive, folder)) => out.files.push((archive.into(), folder.as_bytes().to_vec())),
            None => out.files.push((name.into(), format!("{}\n", text.trim_end_matches('\n')).into_bytes())),
        }
    }
    pack_archives(&mut out.files);
    out
}

/// Makes archives of the folders that are named for them; one may hold another one.
fn pack_archives(files: &mut Vec<(String, Vec<u8>)>) {
    while let Some(at) =
        files.iter().rposition(|(name, bytes)| name.ends_with(".tgz") && !bytes.starts_with(&[31]))
    {
        let folder = format!("{}/", String::from_utf8_lossy(&files[at].1));
        let (inner, rest): (Vec<_>, Vec<_>) =
            std::mem::take(files).into_iter().partition(|(name, _)| name.starts_with(&folder));
        *files = rest;
        let inner: Vec<(String, Vec<u8>)> =
            inner.into_iter().map(|(name, bytes)| (name[folder.len()..].to_string(), bytes)).collect();
        let own =
            files.iter_mut().find(|(_, bytes)| format!("{}/", String::from_utf8_lossy(bytes)) == folder);
        own.unwrap().1 = pack::tgz(&inner);
    }
}

/// JSON with its keys sorted, and whole numbers without a point.
pub(crate) fn compact(value: &Value) -> String {
    match value {
        Value::Number(number) => {
            match number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 1e15) {
                Some(float) => format!("{float:.0}"),
                None => number.to_string(),
            }
        }
        Value::Array(items) => format!("[{}]", items.iter().map(compact).collect::<Vec<_>>().join(",")),
        Value::Object(entries) => {
            let mut all: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), compact(value)))
                .collect();
            all.sort();
            format!("{{{}}}", all.join(","))
        }
        other => other.to_string(),
    }
}

/// Numbers that look random and are the same each time.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }
}
