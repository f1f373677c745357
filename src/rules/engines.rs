//! The data page about engines, read into [`Engines`]. Knows no engine itself.

use super::entry::Entry;
use crate::facts::{DataFolder, EngineEntry, EngineKind, Engines, Family, OwnFile, VersionAt};
use crate::finding::Problem;
use crate::syntax::Node;
use crate::text::Str;

const KEYS: [&str; 15] = [
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
    "oldest",
];

/// Reads the list of engines.
pub(super) fn fill(engines: &mut Engines, list: &Node, problems: &mut Vec<Problem>) {
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
        let mut entry =
            Entry::read(item, &["name", "images", "words", "data", "version", "upgrades"], problems);
        let Some(name) = entry.need("name") else { continue };
        let version = entry.one("version", "one of tag, word, last, named, name and none", VersionAt::named);
        let (images, words) = (entry.texts("images"), entry.texts("words"));
        let upgrades = entry.flag("upgrades");
        let version = version.unwrap_or_default();
        let family = Family { name, data: folders(&mut entry), version, upgrades };
        out.push((family, images, words));
    }
    out
}

fn folders(entry: &mut Entry) -> Vec<DataFolder> {
    let (items, problems) = entry.items("data");
    let mut out = Vec::new();
    for item in items {
        let mut entry = Entry::read(item, &["path", "from", "below"], problems);
        let path = entry.one("path", "a folder such as `/data`", |text| {
            text.starts_with('/').then(|| Str::from(text.trim_end_matches('/')))
        });
        let (from, below) = (entry.number("from"), entry.number("below"));
        entry.must_have("path");
        out.extend(path.map(|path| DataFolder { path, from, below }));
    }
    out
}

/// Reads the list of programs that keep a database in a file of their own.
pub(super) fn fill_files(engines: &mut Engines, list: &Node, problems: &mut Vec<Problem>) {
    for item in list.items() {
        let mut entry = Entry::read(item, &["engine", "at", "images", "unless"], problems);
        let Some(engine) = entry.need("engine") else { continue };
        let file = OwnFile { engine, at: entry.texts("at"), unless: entry.texts("unless") };
        for image in entry.texts("images") {
            engines.add_file(image, file.clone());
        }
    }
}
