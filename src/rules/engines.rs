//! The data page about engines, read into [`Engines`]. Knows no engine itself.

use super::entry::Entry;
use crate::facts::{DataFolder, EngineEntry, EngineKind, Engines, Family, OwnFile, VersionAt};
use crate::finding::Problem;
use crate::syntax::Front;
use crate::text::Str;

const KEYS: [&str; 18] = [
    "name",
    "title",
    "cache",
    "replicates",
    "port",
    "words",
    "charts",
    "keys",
    "sure",
    "telling",
    "programs",
    "clients",
    "families",
    "moved-by",
    "based-on",
    "options",
    "quiet-with",
    "oldest",
];

/// Reads the list of engines.
pub(super) fn fill(engines: &mut Engines, list: &Front, problems: &mut Vec<Problem>) {
    for item in list.items() {
        let mut entry = Entry::read(item, &KEYS, problems);
        let Some(name) = entry.need("name") else { continue };
        let kind = EngineKind {
            title: entry.text("title").unwrap_or_else(|| name.clone()),
            name,
            cache: entry.flag("cache"),
            replicates: entry.flag("replicates"),
            port: entry.number("port"),
            oldest: entry.number("oldest"),
            moved_by: entry.texts("moved-by"),
            based_on: entry.texts("based-on"),
            options: entry.texts("options"),
            quiet_with: entry.texts("quiet-with"),
        };
        let said = EngineEntry {
            kind,
            words: entry.texts("words"),
            charts: entry.texts("charts"),
            keys: entry.texts("keys"),
            sure: entry.texts("sure"),
            telling: entry.texts("telling"),
            programs: entry.texts("programs"),
            clients: entry.texts("clients"),
            families: families(&mut entry),
        };
        engines.add(said);
    }
}

/// Families with their images and their words.
fn families(entry: &mut Entry) -> Vec<(Family, Vec<Str>, Vec<Str>)> {
    let (items, problems) = entry.items("families");
    let mut out = Vec::new();
    for item in items {
        let keys = ["name", "images", "words", "data", "version", "upgrades", "newest"];
        let mut entry = Entry::read(item, &keys, problems);
        let Some(name) = entry.need("name") else { continue };
        let version = entry.one("version", "one of tag, word, last, named, name and none", VersionAt::named);
        let (images, words) = (entry.texts("images"), entry.texts("words"));
        let (upgrades, newest) = (entry.flag("upgrades"), entry.flag("newest"));
        let version = version.unwrap_or_default();
        let family = Family { name, data: folders(&mut entry), version, upgrades, newest };
        out.push((family, images, words));
    }
    out
}

fn folders(entry: &mut Entry) -> Vec<DataFolder> {
    let (items, problems) = entry.items("data");
    items.into_iter().filter_map(|item| folder(item, problems)).collect()
}

/// A folder with its borders. What contradicts itself says nothing of where the server writes.
fn folder(item: Front, problems: &mut Vec<Problem>) -> Option<DataFolder> {
    let mut entry = Entry::read(item, &["path", "from", "below", "writes", "declares"], problems);
    let mut path = |key| {
        entry.one(key, "a folder such as `/data`", |text| {
            text.starts_with('/').then(|| Str::from(text.trim_end_matches('/')))
        })
    };
    let [path, writes, declares] = ["path", "writes", "declares"].map(&mut path);
    let (from, below): (Option<u32>, Option<u32>) = (entry.number("from"), entry.number("below"));
    entry.must_have("path");
    if from.zip(below).is_some_and(|(from, below)| from >= below) {
        entry.wrong("no version is at or above `from` and below `below`");
    }
    let is_within = |inner: &Str, outer: &Str| {
        inner.strip_prefix(outer.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let fits = match (&writes, &declares) {
        (Some(writes), Some(declares)) => is_within(writes, declares),
        (None, Some(_)) => false,
        _ => true,
    };
    if !fits {
        entry.wrong("`declares` is the volume of the image that holds what is at `writes`");
    }
    Some(DataFolder::new(path?, (from, below)).written(writes.filter(|_| fits), declares))
}

/// Reads the list of programs that keep a database in a file of their own.
pub(super) fn fill_files(engines: &mut Engines, list: &Front, problems: &mut Vec<Problem>) {
    for item in list.items() {
        let mut entry = Entry::read(item, &["engine", "at", "images", "unless"], problems);
        let Some(engine) = entry.need("engine") else { continue };
        let file = OwnFile { engine, at: entry.texts("at"), unless: entry.texts("unless") };
        for image in entry.texts("images") {
            engines.add_file(image, file.clone());
        }
    }
}
