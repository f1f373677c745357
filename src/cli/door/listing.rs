//! Lists folders, with what kind each entry is. Links are listed and never followed.

use std::path::Path;
use walkdir::{DirEntry, WalkDir};

/// What is in a folder.
pub(in crate::cli) fn list(folder: &Path) -> impl Iterator<Item = walkdir::Result<DirEntry>> {
    WalkDir::new(folder).follow_root_links(false).min_depth(1).max_depth(1).into_iter()
}

/// A folder and what is below it, by name.
pub(in crate::cli) fn list_below(folder: &Path, levels: usize) -> walkdir::IntoIter {
    WalkDir::new(folder).follow_root_links(false).max_depth(levels).sort_by_file_name().into_iter()
}
