//! What the entries of a kustomization lead to: files, folders, or places that cannot be read from here.

use super::super::files::{Absence, Files};
use super::super::object::{Object, unlisted};
use super::fault::{Why, missing};
use super::file::Kustomization;
use super::gathered::Gathered;
use crate::syntax::{Document, Node};
use crate::text::{Part, SourceId, Span, Str, paths};
use std::collections::BTreeSet;

/// From where a build may load files: kustomize itself keeps to the folder of each kustomization, Flux does not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Reach {
    #[default]
    Folder,
    Anywhere,
}

/// Finds and reads what entries name.
#[derive(Clone, Copy)]
pub(super) struct Loader<'w> {
    pub(super) files: &'w Files<'w>,
    pub(super) reach: Reach,
    /// Whether objects remember what went over them.
    pub(super) tells_changes: bool,
}

impl<'w> Loader<'w> {
    /// A file that a kustomization names, or a fault.
    pub(super) fn file(&self, own: &Kustomization, path: &Part, gathered: &mut Gathered) -> Option<SourceId> {
        let place = self.place(own, path, &mut gathered.missed);
        if let Place::File(id) = place {
            gathered.read.insert(id);
            return Some(id);
        }
        let (why, says) = place.refusal(&path.text);
        gathered.fault(why, says, Some(path.span()));
        None
    }

    /// The objects of a file.
    pub(super) fn objects(&self, id: SourceId, asked: Span, gathered: &mut Gathered) -> Vec<Object> {
        gathered.read.insert(id);
        gathered.loaded.insert(id);
        if self.files.yaml(id).is_none() {
            gathered.fault(Why::Refused, format!("`{}` is no YAML", self.files.name(id)), Some(asked));
        }
        let mut roots = Vec::new();
        self.documents(id, gathered).iter().for_each(|document| unlisted(&document.root, &mut roots));
        let mut out = Vec::with_capacity(roots.len());
        for root in roots {
            match fault_of(&root) {
                Some(says) => gathered.fault(Why::Refused, says, Some(root.span())),
                None => out.push(Object::new(root, id)),
            }
        }
        out
    }

    /// The documents of a file; what of it the tool does not read is refused.
    pub(super) fn documents(&self, id: SourceId, gathered: &mut Gathered) -> &'w [Document] {
        let Some(yaml) = self.files.yaml(id) else { return &[] };
        gathered.refuse_broken(yaml);
        gathered.note_doubled(yaml);
        &yaml.documents
    }

    /// Where an entry leads. What is looked for and not there, or not taken, goes into `missed`.
    pub(super) fn place(&self, own: &Kustomization, path: &Part, missed: &mut BTreeSet<Str>) -> Place {
        let text = path.text.as_str();
        let local = paths::resolve(&own.directory, text).filter(|_| !text.starts_with('/'));
        let Some(local) = local else {
            return if is_remote(text) { Place::Elsewhere } else { Place::Missing(Absence::Gone) };
        };
        if let Some(id) = self.files.find(&local) {
            let is_below = own.directory.is_empty() || local.starts_with(&format!("{}/", own.directory));
            if is_below || self.reach == Reach::Anywhere {
                return Place::File(id);
            }
            missed.insert(local);
            return Place::Outside;
        }
        if self.files.is_folder(&local) {
            return Place::Folder(local);
        }
        missed.insert(local.clone());
        // Nobody takes an address for a path.
        if is_address(text) {
            return Place::Elsewhere;
        }
        match self.files.absence(&local) {
            Absence::Gone if is_remote(text) => Place::Elsewhere,
            absence => Place::Missing(absence),
        }
    }
}

/// Where an entry leads.
pub(super) enum Place {
    File(SourceId),
    Folder(Str),
    /// Into another repository.
    Elsewhere,
    /// To a file that the tool does not let a kustomization load.
    Outside,
    Missing(Absence),
}

impl Place {
    /// What to say of an entry that leads here, and ought to lead elsewhere.
    pub(super) fn refusal(&self, path: &str) -> (Why, String) {
        match self {
            Place::File(_) => (Why::Refused, format!("`{path}` is no folder")),
            Place::Folder(_) => (Why::Refused, format!("`{path}` is no file")),
            Place::Elsewhere => (Why::Remote, format!("`{path}` lies outside this repository")),
            Place::Outside => {
                (Why::Refused, format!("`{path}` is not in or below the folder of this kustomization"))
            }
            Place::Missing(absence) => missing(path, absence),
        }
    }
}

fn is_address(path: &str) -> bool {
    path.contains("://") || path.contains("?ref=") || path.starts_with("git@") || path.starts_with("git::")
}

fn is_remote(path: &str) -> bool {
    is_address(path)
        || path
            .split('/')
            .next()
            .is_some_and(|host| host.contains('.') && !host.starts_with('.') && path.contains('/'))
}

pub(super) fn shown(directory: &str) -> &str {
    if directory.is_empty() { "." } else { directory }
}

/// Why a document is no object.
pub(super) fn fault_of(root: &Node) -> Option<String> {
    if !root.is_map() {
        return Some("a document is no map, and so no object".into());
    }
    let has = |node: Option<&Node>| node.and_then(Node::text).is_some_and(|text| !text.is_empty());
    if !has(root.get("kind")) {
        return Some("an object has no `kind`".into());
    }
    let is_list = root.text_at("kind").is_some_and(|kind| kind.ends_with("List"));
    let named = is_list || has(root.at(&["metadata", "name"]));
    (!named).then(|| "an object has no `metadata.name`".into())
}
