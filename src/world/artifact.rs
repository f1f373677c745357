//! What a Flux source has of a repository: the artifact that Flux builds from, without what ignore patterns leave out.

use super::files::Files;
use super::ignores::Ignores;
use super::kustomize::Cache;
use super::repository::Repository;
use super::shared_builds::SharedBuilds;
use crate::syntax::Node;
use crate::text::{SourceId, Str, paths};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The files of an artifact, and what was built from them.
#[derive(Debug)]
pub(super) struct Artifact<'a> {
    pub(super) files: Files<'a>,
    pub(super) cache: Cache,
    /// What leaves files out of it, by which the same artifact is known elsewhere.
    pub(super) key: Str,
    /// What another look builds of it, too.
    pub(super) builds: Option<&'a SharedBuilds>,
}

/// The artifacts of all sources that take this repository, each made when it is first asked for.
pub(super) struct Artifacts<'f, 'a> {
    pub(super) files: &'f Files<'a>,
    builds: Option<&'a SharedBuilds>,
    sources: Vec<Source>,
    /// This one, by its addresses.
    repository: Repository,
    packed: Vec<Packed>,
    made: RefCell<BTreeMap<Option<Str>, Rc<Artifact<'a>>>>,
}

/// A GitRepository.
struct Source {
    name: Str,
    file: SourceId,
    /// What it leaves out.
    ignore: Str,
    url: Option<Str>,
}

impl<'f, 'a> Artifacts<'f, 'a> {
    pub(super) fn new(files: &'f Files<'a>, builds: Option<&'a SharedBuilds>) -> Artifacts<'f, 'a> {
        let (sources, packed) = (Vec::new(), Vec::new());
        let (repository, made) = (Repository::default(), RefCell::default());
        Artifacts { files, builds, sources, repository, packed, made }
    }

    /// Takes note of the addresses of this repository.
    pub(super) fn know(&mut self, repository: Repository) {
        self.repository = repository;
    }

    /// The address of a source that an object of a file takes.
    pub(super) fn url(&self, source: Option<&(Str, Str)>, file: SourceId) -> Option<&Str> {
        let (kind, name) = source?;
        self.source(kind, name, file)?.url.as_ref()
    }

    /// Whether a source is this repository; nothing if nobody knows.
    pub(super) fn is_own(&self, source: Option<&(Str, Str)>, file: SourceId) -> Option<bool> {
        self.repository.is_own(self.url(source, file)?)
    }

    /// Takes note of an object that says what an artifact is made of.
    pub(super) fn note(&mut self, root: &Node, file: SourceId) {
        match root.text_at("kind") {
            Some("GitRepository") => self.sources.extend(git_source(root, file)),
            Some("ArtifactGenerator") => self.packed.extend(packed(root, file)),
            _ => {}
        }
    }

    /// The folder of this repository that is packed as a folder of an artifact; of several generators the nearest
    /// decides.
    pub(super) fn unpacked(&self, source: Option<&(Str, Str)>, file: SourceId, path: &str) -> Option<Str> {
        let (_, name) = source.filter(|(kind, _)| kind == "ExternalArtifact")?;
        let named = || self.packed.iter().filter(|packed| packed.name == *name);
        let nearest = named().max_by_key(|packed| self.near(packed.file, file))?.file;
        let mut folders =
            named().filter(|packed| packed.file == nearest).filter_map(|packed| packed.folder(path));
        folders.find(|folder| self.files.is_folder(folder))
    }

    /// The artifact of the source that an object of a file takes: its kind and its name.
    pub(super) fn of(&self, source: Option<&(Str, Str)>, file: SourceId) -> Rc<Artifact<'a>> {
        let found = source.and_then(|(kind, name)| self.source(kind, name, file));
        let found = found.filter(|found| !found.ignore.is_empty());
        // What others pack of this repository has no patterns of Git's sources.
        let is_git = source.is_none_or(|(kind, _)| matches!(kind.as_str(), "" | "GitRepository"));
        let key = is_git.then(|| found.map(|found| found.ignore.clone()).unwrap_or_default());
        let mut made = self.made.borrow_mut();
        let artifact = made.entry(key).or_insert_with(|| {
            let mut own = if is_git { self.files.patterns(".sourceignore") } else { Ignores::default() };
            if let Some(found) = found {
                own.add(&found.ignore, "", &format!("`spec.ignore` of GitRepository/{}", found.name));
            }
            let label = |found: &Source| format!("{} {}", found.name, found.ignore).into();
            let key = if is_git { found.map_or_else(Str::default, label) } else { "packed".into() };
            let files = self.files.without(own.of_source());
            Rc::new(Artifact { files, cache: Cache::default(), key, builds: self.builds })
        });
        artifact.clone()
    }

    /// The GitRepository of this name: of several the one in the nearest folder.
    fn source(&self, kind: &str, name: &str, file: SourceId) -> Option<&Source> {
        let named = self.sources.iter().filter(|source| source.name == name);
        named.filter(|_| kind == "GitRepository").max_by_key(|source| self.near(source.file, file))
    }

    /// How many folders two files have in common.
    fn near(&self, one: SourceId, other: SourceId) -> usize {
        let folders = |id| self.files.name(id).split('/');
        folders(one).zip(folders(other)).take_while(|(one, other)| one == other).count()
    }
}

fn git_source(root: &Node, file: SourceId) -> Option<Source> {
    let spec = |key: &str| root.at(&["spec", key]).and_then(Node::text).map(Str::from);
    let name = root.at(&["metadata", "name"]).and_then(Node::text)?.into();
    // An address with variables is nobody's yet.
    let url = spec("url").filter(|url| !url.contains("${"));
    Some(Source { name, file, ignore: spec("ignore").unwrap_or_default(), url })
}

/// A folder that a generator copies into an artifact.
struct Packed {
    name: Str,
    file: SourceId,
    from: Str,
    to: Str,
}

impl Packed {
    /// Where a folder of the artifact comes from.
    fn folder(&self, path: &str) -> Option<Str> {
        let rest = match self.to.as_str() {
            "" => path,
            to => path.strip_prefix(to).filter(|rest| rest.is_empty() || rest.starts_with('/'))?,
        };
        paths::resolve("", &format!("{}/{}", self.from, rest.trim_start_matches('/')))
    }
}

/// What a generator copies: `from: "@repo/apps/**"`, `to: "@artifact/"`.
fn packed(root: &Node, file: SourceId) -> Vec<Packed> {
    // Behind the name of the source, without the pattern for all that is in the folder.
    let folder = |text: &str| {
        let (_, path) = text.strip_prefix('@')?.split_once('/')?;
        let path = path.strip_suffix("**").or(path.strip_suffix('*')).unwrap_or(path);
        let path = path.trim_end_matches('/');
        (!path.contains(['*', '?', '['])).then(|| Str::from(path))
    };
    let artifacts = root.at(&["spec", "artifacts"]).map(Node::items).unwrap_or_default();
    let copies =
        artifacts.iter().filter_map(|artifact| Some((artifact.text_at("name")?, artifact.get("copy")?)));
    let copies = copies.flat_map(|(name, list)| list.items().iter().map(move |copy| (name, copy)));
    copies
        .filter_map(|(name, copy)| {
            let (from, to) = (folder(copy.text_at("from")?)?, folder(copy.text_at("to")?)?);
            Some(Packed { name: name.into(), file, from, to })
        })
        .collect()
}
