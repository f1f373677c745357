//! Charts that a chart depends on: a range is held by the lock, or by the copy that the chart carries.

use super::{Desk, Format, Read, tell};
use crate::facts::{Chart, Fact};
use crate::syntax::{Document, Node};
use crate::text::File;

pub(super) const FORMAT: Format = Format { name: "chart", words: &[], wants, read: Read::Documents(read) };

fn wants(file: &File) -> bool {
    file.base() == "Chart.yaml" && file.has("dependencies:")
}

fn read(desk: &mut Desk, document: &Document) {
    let root = &document.root;
    let chart = root.text_at("name").unwrap_or_default();
    let owner = tell::owner(desk, FORMAT.name, FORMAT.name, chart);
    for dependency in root.get("dependencies").map_or(&[][..], Node::items) {
        let Some(name) = dependency.part_at("name") else { continue };
        let repository = dependency.part_at("repository").filter(|repository| !repository.text.is_empty());
        // A folder is what it is, whatever version is asked for.
        let is_elsewhere =
            |text: &str| text.contains("://") && !text.starts_with("file:") || text.starts_with(['@', '{']);
        let Some(repository) = repository.filter(|repository| is_elsewhere(&repository.text)) else {
            continue;
        };
        let version = dependency.part_at("version").filter(|version| !version.text.is_empty());
        let pin = match &version {
            _ if is_held(desk, &name.text) => "exact",
            Some(version) => Chart::held(version),
            None => "absent",
        };
        let origin = version.as_ref().unwrap_or(&name).origin.clone();
        let path = format!("dependencies[{}].version", name.text);
        let says = Chart { name, version, repository: Some(repository), digest: None, pin };
        desk.facts.charts.push(Fact { says, origin, path: path.into(), owner: owner.clone() });
    }
}

/// Whether a lock beside the chart names the version, or the chart carries a copy.
fn is_held(desk: &Desk, name: &str) -> bool {
    let Some(view) = desk.view() else { return false };
    let folder = desk.file.directory();
    let inside = |path: &str| if folder.is_empty() { path.into() } else { format!("{folder}/{path}") };
    let locked = view.files.find(&inside("Chart.lock")).and_then(|id| view.files.yaml(id));
    let mut locked = locked.iter().flat_map(|yaml| &yaml.documents);
    let is_it = |one: &Node| one.text_at("name") == Some(name);
    if locked.any(|lock| lock.root.get("dependencies").map_or(&[][..], Node::items).iter().any(is_it)) {
        return true;
    }
    let charts = inside("charts");
    view.files.below(&charts).any(|id| {
        let rest = view.files.name(id)[charts.len()..].trim_start_matches('/');
        rest.strip_prefix(name).is_some_and(|rest| rest.starts_with(['/', '-']))
    })
}
