//! What a resource of an operator or a chart says of its database, read by a layout of the page `operators`. Knows no
//! operator itself.

use super::claims::{class_name, shown_at};
use crate::facts::{
    Backup, Claim, ClaimLayout, ClassName, Database, Engine, Engines, Given, Layout, LayoutPath, Resource,
    Step,
};
use crate::syntax::Node;
use crate::text::{Origin, Part, Str};

/// What was read, and the claims that hold no data of the servers.
pub(super) struct Told {
    pub(super) database: Database,
    pub(super) apart: Vec<(Str, Claim)>,
}

/// Reads a database out of a tree; nothing if it is not there. `at` is where it is told.
pub(super) fn read(
    engines: &Engines,
    layout: &Layout,
    owner: &Resource,
    root: &Node,
    at: &Origin,
) -> Option<Told> {
    let is_given = |given: &Given| is_given(root, given);
    if !layout.only.iter().all(is_given) || layout.unless.iter().any(is_given) {
        return None;
    }
    let name = match &layout.engine {
        Some(name) => name.clone(),
        None => layout.engine_of.iter().find_map(|path| engines.of_name(first(root, path)?.text()?))?.name,
    };
    let (mut claims, mut apart) = (Vec::new(), Vec::new());
    for claim in &layout.claims {
        let into = if claim.apart { &mut apart } else { &mut claims };
        into.extend(read_claims(owner, claim, root).into_iter().map(|read| (claim.what.clone(), read)));
    }
    let (instances, others) = instances(root, &layout.instances);
    let version = layout.version.iter().find_map(|path| first(root, path)?.part());
    let database = Database {
        namespace: owner.namespace.clone(),
        name: owner.name.clone(),
        engine: Engine { name, major: version.as_ref().and_then(|part| major(&part.text)) },
        operator: layout.operator.clone(),
        because: layout.because.clone(),
        instances,
        primaries: layout.primaries + others,
        backup: Backup::Unknown,
        version: version.clone(),
        image: layout.image.iter().find_map(|path| first(root, path)?.part()),
        claims,
        keeps_nothing: false,
        origin: at.clone(),
    };
    Some(Told { database, apart })
}

/// The number that a version begins with: of `16`, `v16.4` and `16.4-alpine`.
fn major(version: &str) -> Option<u32> {
    let bare = version.trim_start_matches(['v', 'V']);
    let end = bare.find(|c: char| !c.is_ascii_digit()).unwrap_or(bare.len());
    bare[..end].parse().ok()
}

/// How many servers are asked for: the first number, and what further sets add to it.
fn instances(root: &Node, paths: &[LayoutPath]) -> (Option<Part>, u32) {
    let parts = |path: &LayoutPath| {
        let found = found(root, path);
        found.into_iter().filter_map(|found| found.node?.part()).collect::<Vec<Part>>()
    };
    let mut parts = paths.iter().map(parts).find(|parts| !parts.is_empty()).unwrap_or_default().into_iter();
    let first = parts.next();
    (first, parts.filter_map(|part| part.text.parse::<u32>().ok()).sum())
}

fn read_claims(owner: &Resource, layout: &ClaimLayout, root: &Node) -> Vec<Claim> {
    let mut out = Vec::new();
    for found in found(root, &layout.at) {
        let node = found.node.filter(|node| !node.is_null());
        let is_none = |node: &Node| layout.unless.iter().any(|given| is_given(node, given));
        let claim = match node {
            Some(node) if is_none(node) => continue,
            Some(node) if !node.entries().is_empty() => {
                shown_at(&found.at, node, written(owner, layout, node))
            }
            _ if layout.made => Claim {
                namespace: owner.namespace.clone(),
                name: owner.name.clone(),
                class: ClassName::Omitted(node.map_or(found.at, |node| node.origin.clone())),
                size: None,
                modes: Vec::new(),
                volume: None,
            },
            _ => continue,
        };
        out.push(claim);
    }
    out
}

fn written(owner: &Resource, layout: &ClaimLayout, node: &Node) -> Claim {
    let size = layout.size.iter().find_map(|path| first(node, path)?.part());
    let modes = node.get("accessModes").map(Node::items).unwrap_or_default();
    let existing = node.part_at("existingClaim").filter(|part| !part.text.is_empty());
    Claim {
        namespace: owner.namespace.clone(),
        name: owner.name.clone(),
        class: existing.map_or_else(|| class(node, &layout.class), ClassName::Existing),
        size,
        modes: modes.iter().filter_map(Node::part).collect(),
        volume: None,
    }
}

/// The class under the first of the keys that is there. Where none is, the last map that could hold it lacks it.
fn class(node: &Node, paths: &[LayoutPath]) -> ClassName {
    let mut omitted = ClassName::Omitted(node.origin.clone());
    for LayoutPath(steps) in paths {
        let Some((Step::Key(key), parents)) = steps.split_last() else { continue };
        let Some(holder) = first(node, &LayoutPath(parents.to_vec())) else { continue };
        match class_name(holder, key) {
            ClassName::Omitted(origin) => omitted = ClassName::Omitted(origin),
            named => return named,
        }
    }
    omitted
}

fn is_given(root: &Node, given: &Given) -> bool {
    first(root, &given.at).is_some_and(|node| match &given.value {
        Some(value) => node.text() == Some(value),
        None => !node.is_null(),
    })
}

fn first<'a>(root: &'a Node, path: &LayoutPath) -> Option<&'a Node> {
    found(root, path).into_iter().find_map(|found| found.node)
}

/// What is at a path, or the last thing on the way to it.
struct Found<'a> {
    node: Option<&'a Node>,
    /// The key or the item that was reached last.
    at: Origin,
}

fn found<'a>(root: &'a Node, path: &LayoutPath) -> Vec<Found<'a>> {
    let mut out = Vec::new();
    follow(root, &path.0, &root.origin, &mut out);
    out
}

fn follow<'a>(node: &'a Node, steps: &[Step], at: &Origin, out: &mut Vec<Found<'a>>) {
    let Some((step, rest)) = steps.split_first() else {
        out.push(Found { node: Some(node), at: at.clone() });
        return;
    };
    let before = out.len();
    match step {
        Step::Key(key) => {
            if let Some((key, value)) = node.entry(key) {
                follow(value, rest, &key.origin, out);
            }
        }
        Step::Items => node.items().iter().for_each(|item| follow(item, rest, &item.origin, out)),
        Step::Values => {
            node.entries().iter().for_each(|(key, value)| follow(value, rest, &key.origin, out));
        }
    }
    if out.len() == before {
        out.push(Found { node: None, at: at.clone() });
    }
}
