//! The revision that a change is held against when it is asked what it silences, and whose word counts where the change is
//! a stranger's.

use super::changed;
use super::git::Checkout;
use super::revision::Revision;
use super::{Failure, args::Lint};
use crate::engine::{IGNORES, Repo};
use crate::judge::Trust;
use crate::limits::SOURCE;
use crate::text::SourceId;
use std::collections::BTreeMap;
use std::path::Path;

/// What the user says of the change.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Against<'a> {
    /// The revision that he names, or that which the lines are held against.
    revision: Option<&'a str>,
    /// Whether he names it for this alone: then it has to be there.
    is_asked: bool,
    pub(super) trust: Trust,
}

impl<'a> Against<'a> {
    pub(super) fn of(lint: &'a Lint) -> Against<'a> {
        let head = lint.staged.then_some("HEAD");
        Against {
            revision: lint.base.as_deref().or(lint.since.as_deref()).or(head),
            is_asked: lint.base.is_some(),
            trust: if lint.untrusted { Trust::Untrusted } else { Trust::Trusted },
        }
    }
}

/// The revision before a change.
#[derive(Debug)]
pub(super) struct Base {
    pub(super) trust: Trust,
    /// Its first digits, and its files; else why they cannot be read.
    before: Result<(String, Revision), String>,
    /// The ignore files of our own, by their names.
    ignores: BTreeMap<String, String>,
}

impl Base {
    /// Opens the revision; nothing where none is known and none is needed.
    pub(super) fn open(
        root: &Path,
        checkout: Option<&Checkout>,
        against: Against,
    ) -> Result<Option<Base>, Failure> {
        let opened = match (against.revision, checkout) {
            (None, _) => Err(Failure::new("no revision is named by --base or --since")),
            (Some(_), None) => Err(Failure::new("this is no git repository")),
            (Some(revision), Some(_)) => changed::fork(root, revision).and_then(|commit| {
                Ok((commit[..commit.len().min(10)].to_owned(), Revision::open(root, &commit)?))
            }),
        };
        match (opened, against.trust) {
            (Err(failure), Trust::Trusted) if against.is_asked => Err(failure),
            (Err(_), Trust::Trusted) => Ok(None),
            (Err(failure), trust) => {
                Ok(Some(Base { trust, before: Err(failure.says), ignores: BTreeMap::new() }))
            }
            (Ok(before), trust) => {
                let mut base = Base { trust, before: Ok(before), ignores: BTreeMap::new() };
                base.ignores = base.all_ignores();
                Ok(Some(base))
            }
        }
    }

    pub(super) fn files(&self) -> Option<&dyn Repo> {
        self.before.as_ref().ok().map(|(_, files)| files as &dyn Repo)
    }

    /// Why its files cannot be read.
    pub(super) fn unreadable(&self) -> Option<&str> {
        self.before.as_ref().err().map(String::as_str)
    }

    pub(super) fn is_untrusted(&self) -> bool {
        self.trust == Trust::Untrusted
    }

    /// A file as it was, if it was there.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let files = self.files()?;
        let id = files.names().binary_search(&name).ok()?;
        let mut bytes = Vec::new();
        files.read(SourceId(id as u32), &mut bytes).ok().filter(|()| bytes.len() as u64 <= SOURCE)?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// How a file of it is called beside those of now: as git calls it.
    pub(super) fn called(&self, name: &str) -> String {
        let commit = self.before.as_ref().map_or("", |(commit, _)| commit);
        format!("{commit}:{name}")
    }

    /// The files below a folder.
    pub(super) fn below(&self, folder: &str) -> Vec<String> {
        let names = self.files().map(|files| files.names()).unwrap_or_default();
        names.into_iter().filter(|name| name.starts_with(folder)).map(str::to_owned).collect()
    }

    /// The ignore file of our own that counts, by its name.
    pub(super) fn ignores(&self, name: &str) -> Option<String> {
        self.ignores.get(name).cloned()
    }

    fn all_ignores(&self) -> BTreeMap<String, String> {
        let names = self.files().map(|files| files.names()).unwrap_or_default();
        let ours = names.into_iter().filter(|name| name.rsplit('/').next() == Some(IGNORES));
        ours.filter_map(|name| Some((name.to_owned(), self.text(name)?))).collect()
    }
}
