//! The files of a repository as the core is given them. Disk, index and editor implement it elsewhere.

use crate::finding::Problem;
use crate::text::SourceId;
use std::collections::BTreeMap;

/// The kind of the problem that a file is too large to be read as a whole.
pub const LARGE: &str = "large";

/// The world as the core sees it: names relative to the root, bytes on demand. Disk, git index, an editor's
/// unsaved buffers and tests each implement it.
pub trait Repo: Sync {
    /// The files, with `/` between the parts. The number of a file is its index here. They are sorted, but where a
    /// revision numbers the files first that another one has, too.
    fn names(&self) -> Vec<&str>;
    /// Puts the bytes of a file into `buffer`, whose old content is thrown away.
    fn read(&self, id: SourceId, buffer: &mut Vec<u8>) -> Result<(), Problem>;
    /// What is there and leads elsewhere: nobody follows it.
    fn links(&self) -> Vec<&str> {
        Vec::new()
    }
    /// Puts up to `most` bytes from `at` on into `buffer`, of a file that is too large for `read`; false if there are no
    /// parts to be had.
    fn read_part(&self, _: SourceId, _: u64, _: usize, _: &mut Vec<u8>) -> Result<bool, Problem> {
        Ok(false)
    }
}

/// Files that stand in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryRepo {
    /// Sorted by name.
    files: Vec<(String, Vec<u8>)>,
}

impl MemoryRepo {
    pub fn new<N: Into<String>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (N, B)>) -> MemoryRepo {
        let files = files.into_iter().map(|(name, bytes)| (name.into(), bytes.into()));
        // Of two files of one name the last is the one.
        MemoryRepo { files: files.collect::<BTreeMap<String, Vec<u8>>>().into_iter().collect() }
    }
}

impl Repo for MemoryRepo {
    fn names(&self) -> Vec<&str> {
        self.files.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn read(&self, id: SourceId, buffer: &mut Vec<u8>) -> Result<(), Problem> {
        buffer.clear();
        if let Some((_, bytes)) = self.files.get(id.0 as usize) {
            buffer.extend_from_slice(bytes);
        }
        Ok(())
    }
}
