//! Files that pintle writes. A repository must not be able to choose where they go.

use super::Failure;
use super::terminal::reason;
use std::fs;
use std::path::Path;

/// Writes a file. Through a link nothing is written, be it the file or a folder above it: it may have been committed
/// to point anywhere. What stands in an absolute path is the caller's own choice, but for its last part.
pub(super) fn file(path: &Path, text: &str) -> Result<(), Failure> {
    let own = if path.is_absolute() { 1 } else { path.components().count() };
    let is_link = |path: &Path| fs::symlink_metadata(path).is_ok_and(|kind| kind.is_symlink());
    let through_link =
        path.ancestors().take(own).any(|above| !above.as_os_str().is_empty() && is_link(above));
    if through_link && !path.starts_with("/dev") && !path.starts_with("/proc") {
        return Err(Failure::new(format!(
            "cannot write {}: it is a link, or stands behind one",
            path.display()
        ))
        .hint("remove it first"));
    }
    fs::write(path, text)
        .map_err(|error| Failure::new(format!("cannot write {}: {}", path.display(), reason(&error))))
}
