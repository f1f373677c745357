//! A commit as a repository: its files as git keeps them, whatever is on the disk.

use super::Failure;
use super::disk::LIMIT;
use super::run_git::{Blobs, git, names};
use crate::engine::Repo;
use crate::finding::Problem;
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
    /// Lists the files of a commit. Links and submodules hold no text, and what is too large is not read on the disk either.
    pub(super) fn open(root: &Path, commit: &str) -> Result<Revision, Failure> {
        let listing = git(root, &["ls-tree", "-r", "-l", "-z", "--full-tree", commit])?;
        let mut files: Vec<(String, String)> = names(&listing).filter_map(|entry| file(&entry)).collect();
        files.sort();
        // Two names that are not Unicode may read alike.
        files.dedup_by(|next, kept| next.0 == kept.0);
        Ok(Revision { files, blobs: Mutex::new(Blobs::open(root)?) })
    }
}

/// Name and blob of an entry: `100644 blob 5f1a…    120\tapps/db.yaml`.
fn file(entry: &str) -> Option<(String, String)> {
    let (stats, name) = entry.split_once('\t')?;
    let mut words = stats.split_ascii_whitespace();
    let (mode, _, hash, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let is_kept = mode.starts_with("100") && size.parse::<u64>().ok()? <= LIMIT;
    is_kept.then(|| (name.to_owned(), hash.to_owned()))
}

impl Repo for Revision {
    fn names(&self) -> Vec<&str> {
        self.files.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn read(&self, id: SourceId, buffer: &mut Vec<u8>) -> Result<(), Problem> {
        buffer.clear();
        let Some((name, hash)) = self.files.get(id.0 as usize) else { return Ok(()) };
        let mut blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        let read = blobs.read(hash).map_err(|failure| {
            let says = format!("cannot read {name} of the revision before: {}", failure.says);
            Problem::blind("unreadable", says, Some(Span::new(id, 0, 0)))
        })?;
        buffer.extend_from_slice(&read);
        Ok(())
    }
}
