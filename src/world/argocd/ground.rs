//! What Applications are built from, and where they say that they come from.

use super::super::files::Files;
use super::super::kustomize::Cache;
use super::super::repository::Repository;
use super::settings::Settings;
use crate::syntax::Node;
use crate::text::{Origin, Part, Str, paths};
use std::collections::BTreeSet;

/// What every Application is built from.
pub(super) struct Ground<'g> {
    pub(super) files: &'g Files<'g>,
    pub(super) cache: &'g Cache,
    pub(super) repository: Repository,
    /// Every folder, but for hidden ones.
    pub(super) folders: Vec<Str>,
    pub(super) settings: Settings,
    /// Kinds of custom resources that stand in no namespace: group and kind.
    pub(super) cluster_wide: BTreeSet<(Str, Str)>,
}

/// The sources of an Application.
pub(super) fn sources(root: &Node) -> Vec<&Node> {
    let Some(spec) = root.get("spec") else { return Vec::new() };
    if let Some(source) = spec.at(&["sourceHydrator", "drySource"]) {
        return vec![source];
    }
    match spec.get("sources").map(Node::items).unwrap_or_default() {
        [] => spec.get("source").into_iter().collect(),
        several => several.iter().collect(),
    }
}

/// The path of a source within its repository; nothing if it leaves it.
pub(super) fn path_of(source: &Node) -> Option<Part> {
    let part = source.part_at("path").filter(|part| !part.text.is_empty())?;
    let text = paths::resolve("", &part.text).filter(|_| !part.text.starts_with('/'))?;
    // Where nothing has to be left out, its bytes are its own.
    let origin = if text == part.text { part.origin } else { Origin::spelled(part.span()) };
    Some(Part { text, origin })
}
