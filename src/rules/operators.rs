//! The data page about resources and charts that bring databases, read into the layouts of [`Engines`].

use super::entry::Entry;
use crate::facts::{ClaimLayout, Engines, Given, Layout, LayoutPath, Step};
use crate::finding::Problem;
use crate::syntax::Front;
use crate::text::Str;

const PATH: &str = "a path such as `spec.instances[].replicas`";

/// Where claims as Kubernetes has them tell their class and their size.
const CLASS: [&str; 1] = ["storageClassName"];
const SIZE: [&str; 3] = ["resources.requests.storage", "size", "storage"];
/// The same as charts write them.
const CHART_CLASS: [&str; 2] = ["storageClass", "storageClassName"];

/// Reads the resources of operators.
pub(super) fn fill_resources(engines: &mut Engines, list: &Front, problems: &mut Vec<Problem>) {
    for item in list.items() {
        let mut entry = Entry::read(item, &keys(&["api", "kind"]), problems);
        let (Some(api), Some(kind)) = (entry.need("api"), entry.need("kind")) else { continue };
        if let Some(layout) = layout(engines, &mut entry, &CLASS) {
            engines.add_resource(api, kind, layout);
        }
    }
}

/// Reads what charts keep inside.
pub(super) fn fill_charts(engines: &mut Engines, list: &Front, problems: &mut Vec<Problem>) {
    for item in list.items() {
        let mut entry = Entry::read(item, &keys(&["chart"]), problems);
        let Some(chart) = entry.need("chart") else { continue };
        if let Some(layout) = layout(engines, &mut entry, &CHART_CLASS) {
            engines.add_chart(chart, layout);
        }
    }
}

fn keys(own: &[&'static str]) -> Vec<&'static str> {
    const ALL: [&str; 11] = [
        "operator",
        "engine",
        "engine-of",
        "because",
        "instances",
        "primaries",
        "image",
        "version",
        "claims",
        "only",
        "unless",
    ];
    own.iter().copied().chain(ALL).collect()
}

fn layout(engines: &Engines, entry: &mut Entry, class: &[&str]) -> Option<Layout> {
    let (engine, engine_of) = (entry.text("engine"), entry.each("engine-of", PATH, LayoutPath::read));
    // An embedded one has no entry of its own.
    let is_known = |name: &Str| engines.engine(name).is_some() || name == "sqlite";
    match (&engine, entry.front.get("engine")) {
        (Some(name), Some(node)) if !is_known(name) => {
            entry.wrong_at(format!("there is no engine `{name}` on the pages"), &node);
            return None;
        }
        (None, None) if engine_of.is_empty() => {
            entry.must_have("engine");
            return None;
        }
        _ => {}
    }
    let because = entry.need("because")?;
    Some(Layout {
        engine,
        engine_of,
        operator: entry.text("operator"),
        because,
        instances: entry.each("instances", PATH, LayoutPath::read),
        primaries: entry.number("primaries").unwrap_or_default(),
        image: entry.each("image", PATH, LayoutPath::read),
        version: entry.each("version", PATH, LayoutPath::read),
        claims: claims(entry, class),
        only: entry.each("only", PATH, given),
        unless: entry.each("unless", PATH, given),
    })
}

fn claims(entry: &mut Entry, class: &[&str]) -> Vec<ClaimLayout> {
    let (items, problems) = entry.items("claims");
    let mut out = Vec::new();
    for item in items {
        let mut entry =
            Entry::read(item, &["what", "at", "class", "size", "unless", "made", "apart"], problems);
        let (what, at) = (entry.need("what"), entry.one("at", PATH, LayoutPath::read));
        entry.must_have("at");
        let mut paths = |key: &str, otherwise: &[&str]| match entry.front.get(key) {
            // Below a claim everything is a map.
            Some(_) => entry.each(key, "a path such as `pvc.storageClass`", plain),
            None => otherwise.iter().filter_map(|path| plain(path)).collect(),
        };
        let (class, size) = (paths("class", class), paths("size", &SIZE));
        let unless = entry.each("unless", PATH, given);
        let (made, apart) = (entry.flag("made"), entry.flag("apart"));
        if let (Some(what), Some(at)) = (what, at) {
            out.push(ClaimLayout { what, at, class, size, unless, made, apart });
        }
    }
    out
}

/// A path of keys only.
fn plain(text: &str) -> Option<LayoutPath> {
    LayoutPath::read(text).filter(|path| path.0.iter().all(|step| matches!(step, Step::Key(_))))
}

/// `type=ephemeral`, or a key that only has to be there.
fn given(text: &str) -> Option<Given> {
    let (path, value) = match text.split_once('=') {
        Some((path, value)) => (path, Some(value.into())),
        None => (text, None),
    };
    Some(Given { at: plain(path)?, value })
}
