//! What two looks at nearly the same files build only once: what takes nothing from a file that differs.

use super::files::Files;
use super::kustomize::Built;
use super::variables::Variables;
use crate::syntax::Node;
use crate::text::{Part, SourceId, Str};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// Each build is held against each name that changed; with more of them little is left that is the same.
const FEW: usize = 256;

/// A source, by what it leaves out, and a path in it.
type Place = (Str, Str);

/// What one side built, for the other.
#[derive(Default, Debug)]
pub struct SharedBuilds {
    builds: Mutex<BTreeMap<Place, Vec<(Asked, Built)>>>,
    /// The files that a path of a source holds.
    held: Mutex<BTreeMap<Place, BTreeSet<SourceId>>>,
}

/// What one build was asked for, besides the source and the path.
#[derive(Clone, Debug)]
struct Asked {
    spec: Node,
    path: Part,
    variables: Variables,
}

impl SharedBuilds {
    /// What the other side built of the same files for the same wishes.
    pub(super) fn built(
        &self,
        source: &Str,
        (spec, path, variables): (&Node, &Part, &Variables),
    ) -> Option<Built> {
        let builds = self.builds.lock().unwrap_or_else(PoisonError::into_inner);
        let known = builds.get(&(source.clone(), path.text.clone()))?;
        let is_it = |(asked, _): &&(Asked, Built)| {
            asked.path == *path && asked.variables == *variables && asked.spec.is_same(spec)
        };
        known.iter().find(is_it).map(|(_, built)| built.clone())
    }

    /// Takes note of what was built, if nothing that differs takes part in it.
    pub(super) fn keep(
        &self,
        files: &Files,
        source: &Str,
        (spec, path, variables): (&Node, &Part, &Variables),
        built: &Built,
    ) {
        let Some(changed) = changed(files).filter(|changed| changed.len() <= FEW) else { return };
        // Why something is missed, more says than files: what is a link, what a source leaves out.
        if !built.missed.is_empty() || changed.iter().any(|name| built.depends_on(files, name)) {
            return;
        }
        let asked = Asked { spec: spec.clone(), path: path.clone(), variables: variables.clone() };
        let mut builds = self.builds.lock().unwrap_or_else(PoisonError::into_inner);
        builds.entry((source.clone(), path.text.clone())).or_default().push((asked, built.clone()));
    }

    /// The files that a path of a source holds, if the other side knows.
    pub(super) fn held(&self, source: &Str, path: &Str) -> Option<BTreeSet<SourceId>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&(source.clone(), path.clone())).cloned()
    }

    /// Takes note of them, if nothing that differs takes part in which they are.
    pub(super) fn keep_held(&self, files: &Files, source: &Str, path: &Str, held: &Built) {
        let Some((changed, shared)) = changed(files).zip(files.shared()) else { return };
        // Where no file comes, nothing that was looked for can be there.
        let are_there = shared.are_all_on_both()
            || changed.len() <= FEW && !changed.iter().any(|name| held.depends_on(files, name));
        if are_there && held.read.iter().all(|id| shared.is_same(*id)) {
            let mut known = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert((source.clone(), path.clone()), held.read.clone());
        }
    }
}

/// The names that differ; nothing if nobody comes who could use what is found, or whose sources may have other files.
fn changed<'f>(files: &Files<'f>) -> Option<&'f [String]> {
    let shared = files.shared().filter(|shared| !shared.is_complete())?;
    let is_of_source = |name: &String| name.rsplit('/').next() == Some(".sourceignore");
    (!shared.changed().iter().any(is_of_source)).then(|| shared.changed())
}
