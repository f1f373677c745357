//! The contents of the next commit, as git keeps them: what is on the disk has no say.

use super::door::Refused;
use super::run_git::Blobs;
use crate::limits::{SOURCE, STAGED};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The content of a staged file, by its name in git.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Blob(pub(super) String);

/// Gives the contents of staged files, each thread from a git of its own.
#[derive(Debug)]
pub(super) struct Stage {
    root: PathBuf,
    idle: Mutex<Vec<Blobs>>,
    /// Large files are asked for in parts, and git gives whole ones.
    large: Mutex<Large>,
}

#[derive(Debug, Default)]
struct Large {
    kept: BTreeMap<Blob, Arc<Vec<u8>>>,
    bytes: u64,
}

impl Stage {
    pub(super) fn new(root: &Path) -> Stage {
        Stage { root: root.to_owned(), idle: Mutex::default(), large: Mutex::default() }
    }

    /// A whole file.
    pub(super) fn read(&self, blob: &Blob, limit: u64) -> Result<Vec<u8>, Refused> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut blobs = match idle {
            Some(blobs) => blobs,
            None => {
                Blobs::open(&self.root).map_err(|failure| Refused::System(io::Error::other(failure.says)))?
            }
        };
        let read = blobs.read_up_to(&blob.0, limit);
        // One that has failed is asked no more.
        if !matches!(&read, Err(Refused::System(error)) if error.kind() != io::ErrorKind::NotFound) {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(blobs);
        }
        read
    }

    /// A part of a file that is too large for `read`.
    pub(super) fn part(
        &self,
        blob: &Blob,
        at: u64,
        most: usize,
        buffer: &mut Vec<u8>,
    ) -> Result<bool, Refused> {
        let whole = self.large(blob)?;
        let start = whole.len().min(at as usize);
        let end = whole.len().min(start.saturating_add(most));
        buffer.extend_from_slice(&whole[start..end]);
        Ok(true)
    }

    fn large(&self, blob: &Blob) -> Result<Arc<Vec<u8>>, Refused> {
        let mut large = self.large.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = large.kept.get(blob) {
            return Ok(known.clone());
        }
        let bytes = Arc::new(self.read(blob, STAGED.saturating_sub(large.bytes).max(SOURCE))?);
        large.bytes += bytes.len() as u64;
        large.kept.insert(blob.clone(), bytes.clone());
        Ok(bytes)
    }
}
