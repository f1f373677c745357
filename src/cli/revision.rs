//! A commit as a repository: its files as git keeps them, whatever is on the disk.

use super::Failure;
use super::door::Refused;
use super::names::told;
use super::run_git::{Blobs, entries, git};
use crate::engine::Repo;
use crate::finding::Problem;
use crate::limits::SOURCE;
use crate::text::{SourceId, Span};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The files of a commit.
#[derive(Debug)]
pub(super) struct Revision {
    /// Name and blob, sorted by name.
    files: Vec<(String, String)>,
    blobs: Mutex<Blobs>,
}

impl Revision {
    /// Lists the files of a commit. Links and submodules hold no text.
    pub(super) fn open(root: &Path, commit: &str) -> Result<Revision, Failure> {
        let listing = git(root, &["ls-tree", "-r", "-z", "--full-tree", commit])?;
        let mut files: Vec<(String, String)> = entries(&listing).filter_map(file).collect();
        files.sort();
        // A name that is not Unicode may read like another one.
        files.dedup_by(|next, kept| next.0 == kept.0);
        Ok(Revision { files, blobs: Mutex::new(Blobs::open(root)?) })
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
        let mut blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        match blobs.read_up_to(hash, SOURCE) {
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
