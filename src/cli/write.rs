//! Files that pintle writes. A repository must not be able to choose where they go.

use super::Failure;
use super::terminal::reason;
use std::fs;
use std::path::Path;

/// Writes a file. Through a link nothing is written: it may have been committed to point anywhere.
pub(super) fn file(path: &Path, text: &str) -> Result<(), Failure> {
    let is_link = fs::symlink_metadata(path).is_ok_and(|kind| kind.is_symlink());
    if is_link && !path.starts_with("/dev") && !path.starts_with("/proc") {
        return Err(
            Failure::new(format!("cannot write {}: it is a link", path.display())).hint("remove it first")
        );
    }
    fs::write(path, text)
        .map_err(|error| Failure::new(format!("cannot write {}: {}", path.display(), reason(&error))))
}
