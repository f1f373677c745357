//! A commit as a repository: its files as git keeps them, whatever is on the disk.

use super::Failure;
use super::door::Refused;
use super::names::told;
use super::run_git::{Blobs, entries, git};
use crate::engine::Repo;
use crate::finding::Problem;
use crate::limits::SOURCE;
use crate::text::{SourceId, Span};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The files of a commit.
#[derive(Debug)]
pub(super) struct Revision {
    /// Name and blob, sorted by name.
    files: Vec<(String, String)>,
    root: PathBuf,
    /// Opened when the first is asked for.
    blobs: Mutex<Option<Blobs>>,
}

/// A commit, of which another repository has most files already.
pub(super) struct Mixed<'a> {
    revision: &'a Revision,
    other: &'a dyn Repo,
    /// The number there of each file that is the same.
    same: Vec<Option<SourceId>>,
}

impl Revision {
    /// Lists the files of a commit. Links and submodules hold no text.
    pub(super) fn open(root: &Path, commit: &str) -> Result<Revision, Failure> {
        let listing = git(root, &["ls-tree", "-r", "-z", "--full-tree", commit])?;
        let mut files: Vec<(String, String)> = entries(&listing).filter_map(file).collect();
        files.sort();
        // A name that is not Unicode may read like another one.
        files.dedup_by(|next, kept| next.0 == kept.0);
        Ok(Revision { files, root: root.to_owned(), blobs: Mutex::default() })
    }

    /// The same with some of its files.
    pub(super) fn only(mut self, mut is_kept: impl FnMut(&str) -> bool) -> Revision {
        self.files.retain(|(name, _)| is_kept(name));
        self
    }

    /// The same, read from another repository but for the files that differ: to ask git takes longer.
    pub(super) fn beside<'a>(&'a self, other: &'a dyn Repo, differ: &BTreeSet<String>) -> Mixed<'a> {
        let names = other.names();
        // A name that is not Unicode may read like another one.
        let is_same = |name: &str| !differ.contains(name) && !name.contains(char::REPLACEMENT_CHARACTER);
        let own = self.files.iter().map(|(name, _)| {
            let at = names.binary_search(&name.as_str()).ok().filter(|_| is_same(name));
            at.map(|at| SourceId(at as u32))
        });
        Mixed { revision: self, other, same: own.collect() }
    }

    fn blob(&self, hash: &str) -> Result<Vec<u8>, Refused> {
        let mut blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        let blobs = match &mut *blobs {
            Some(blobs) => blobs,
            none => {
                let opened = Blobs::open(&self.root);
                none.insert(opened.map_err(|failure| Refused::System(io::Error::other(failure.says)))?)
            }
        };
        blobs.read_up_to(hash, SOURCE)
    }
}

/// Name and blob of an entry: `100644 blob 5f1a…\tapps/db.yaml`.
fn file(entry: &[u8]) -> Option<(String, String)> {
    let tab = memchr::memchr(b'\t', entry)?;
    let (stats, name) = (std::str::from_utf8(&entry[..tab]).ok()?, &entry[tab + 1..]);
    let mut words = stats.split_ascii_whitespace();
    let (mode, _, hash) = (words.next()?, words.next()?, words.next()?);
    mode.starts_with("100").then(|| (told(name), hash.to_owned()))
}

impl Repo for Revision {
    fn names(&self) -> Vec<&str> {
        self.files.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn read(&self, id: SourceId, buffer: &mut Vec<u8>) -> Result<(), Problem> {
        buffer.clear();
        let Some((name, hash)) = self.files.get(id.0 as usize) else { return Ok(()) };
        match self.blob(hash) {
            Ok(read) => buffer.extend_from_slice(&read),
            // What is too large is not read on the disk either.
            Err(Refused::TooLarge { .. }) => {}
            Err(why) => {
                let says = format!("cannot read {name} of the revision before: {why}");
                return Err(Problem::blind("unreadable", says, Some(Span::new(id, 0, 0))));
            }
        }
        Ok(())
    }
}

impl Repo for Mixed<'_> {
    fn names(&self) -> Vec<&str> {
        self.revision.names()
    }

    fn read(&self, id: SourceId, buffer: &mut Vec<u8>) -> Result<(), Problem> {
        match self.same.get(id.0 as usize) {
            // What cannot be read there git has, too.
            Some(Some(same)) if self.other.read(*same, buffer).is_ok() => Ok(()),
            _ => self.revision.read(id, buffer),
        }
    }
}
