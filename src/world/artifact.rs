//! What a Flux source has of a repository: the artifact that Flux builds from, without what ignore patterns leave out.

use super::files::Files;
use super::ignores::Ignores;
use super::kustomize::Cache;
use crate::syntax::Node;
use crate::text::{SourceId, Str};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The files of an artifact, and what was built from them.
#[derive(Debug)]
pub(super) struct Artifact<'a> {
    pub(super) files: Files<'a>,
    pub(super) cache: Cache,
}

/// The artifacts of all sources that take this repository, each made when it is first asked for.
pub(super) struct Artifacts<'f, 'a> {
    files: &'f Files<'a>,
    repositories: Vec<Repository>,
    made: RefCell<BTreeMap<Option<Str>, Rc<Artifact<'a>>>>,
}

/// A GitRepository that leaves something out.
struct Repository {
    name: Str,
    file: SourceId,
    ignore: Str,
}

impl<'f, 'a> Artifacts<'f, 'a> {
    pub(super) fn new(files: &'f Files<'a>) -> Artifacts<'f, 'a> {
        Artifacts { files, repositories: Vec::new(), made: RefCell::default() }
    }

    /// Takes note of an object that is a GitRepository.
    pub(super) fn note(&mut self, root: &Node, file: SourceId) {
        if root.text_at("kind") != Some("GitRepository") {
            return;
        }
        let name = root.at(&["metadata", "name"]).and_then(Node::text);
        let ignore = root.at(&["spec", "ignore"]).and_then(Node::text);
        if let (Some(name), Some(ignore)) = (name, ignore) {
            self.repositories.push(Repository { name: name.into(), file, ignore: ignore.into() });
        }
    }

    /// The artifact of the source that an object of a file takes: its kind and its name.
    pub(super) fn of(&self, source: Option<&(Str, Str)>, file: SourceId) -> Rc<Artifact<'a>> {
        let found = source.and_then(|(kind, name)| self.repository(kind, name, file));
        // What others pack of this repository has no patterns of Git's sources.
        let is_git = source.is_none_or(|(kind, _)| matches!(kind.as_str(), "" | "GitRepository"));
        let key = is_git.then(|| found.map(|found| found.ignore.clone()).unwrap_or_default());
        let mut made = self.made.borrow_mut();
        let artifact = made.entry(key).or_insert_with(|| {
            let mut own = if is_git { self.files.patterns(".sourceignore") } else { Ignores::default() };
            if let Some(found) = found {
                own.add(&found.ignore, "", &format!("`spec.ignore` of GitRepository/{}", found.name));
            }
            Rc::new(Artifact { files: self.files.without(own.of_source()), cache: Cache::default() })
        });
        artifact.clone()
    }

    /// The GitRepository of this name: of several the one in the nearest folder.
    fn repository(&self, kind: &str, name: &str, file: SourceId) -> Option<&Repository> {
        let near = |repository: &&Repository| {
            let folders = |id| self.files.name(id).split('/');
            folders(repository.file).zip(folders(file)).take_while(|(one, other)| one == other).count()
        };
        let named = self.repositories.iter().filter(|repository| repository.name == name);
        named.filter(|_| kind == "GitRepository").max_by_key(near)
    }
}
