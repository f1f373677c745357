//! The way from a folder to one of the files that its objects come from: entry by entry, through every kustomization
//! between. Builds nothing.

use super::delivery::above;
use super::files::Files;
use super::kustomize;
use crate::syntax::Node;
use crate::text::{SourceId, Span, Str, paths};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The lists of a kustomization whose entries bring objects.
const LISTS: [&str; 4] = ["resources", "bases", "components", "generators"];

/// The entries that lead from the kustomization of a folder to a file; of several ways the shortest. Nothing if none
/// does, as where a folder has no kustomization and the file is simply in it.
pub fn trail(files: &Files, folder: &str, target: SourceId) -> Option<Vec<Span>> {
    // How each folder was come to: from which other one, by which entry.
    let mut ways: BTreeMap<Str, Option<(Str, Span)>> = BTreeMap::new();
    let mut waiting = VecDeque::new();
    for begin in beginnings(files, folder) {
        ways.insert(begin.clone(), None);
        waiting.push_back(begin);
    }
    while let Some(folder) = waiting.pop_front() {
        let Some(&source) = kustomize::candidates(files, &folder).first() else { continue };
        if source == target {
            return Some(back(&ways, folder));
        }
        for entry in
            files.yaml(source).iter().flat_map(|yaml| &yaml.documents).flat_map(|one| entries(&one.root))
        {
            let Some(path) = entry.text().and_then(|text| paths::resolve(&folder, text)) else { continue };
            if files.find(&path) == Some(target) {
                let mut out = back(&ways, folder);
                out.push(entry.span());
                return Some(out);
            }
            if !ways.contains_key(&path) && files.is_folder(&path) {
                ways.insert(path.clone(), Some((folder.clone(), entry.span())));
                waiting.push_back(path);
            }
        }
    }
    None
}

/// The folder, if it has a kustomization; else the outermost ones below it that have.
fn beginnings(files: &Files, folder: &str) -> Vec<Str> {
    if !kustomize::candidates(files, folder).is_empty() {
        return vec![folder.into()];
    }
    let own = |id: SourceId| {
        let (folder, base) = files.name(id).rsplit_once('/')?;
        paths::KUSTOMIZATIONS.contains(&base).then_some(folder)
    };
    let all: BTreeSet<&str> = files.below(folder).filter_map(own).collect();
    // Each comes before those below it.
    all.iter().filter(|one| !above(one).any(|outer| all.contains(outer))).map(|one| Str::from(*one)).collect()
}

fn entries(root: &Node) -> impl Iterator<Item = &Node> {
    LISTS.into_iter().filter_map(|list| root.get(list)).flat_map(Node::items)
}

/// The entries that led to a folder, first to last.
fn back(ways: &BTreeMap<Str, Option<(Str, Span)>>, folder: Str) -> Vec<Span> {
    let mut out = Vec::new();
    let mut at = &folder;
    while let Some(Some((from, entry))) = ways.get(at) {
        out.push(*entry);
        at = from;
    }
    out.reverse();
    out
}
