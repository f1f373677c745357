//! The door to git's own folder: `.git`, or where a worktree's or submodule's `.git` file leads.
//!
//! Git itself follows links there, so links are followed; what is no file is refused all the same, and a name stays
//! below the folder.

use super::named::follow;
use super::opened::{Opened, Refused};
use std::path::{Component, Path};

/// Opens a file of git's own folder (`Checkout::git`, or `Checkout::common` for what worktrees share):
/// `open_gits(&checkout.common, "objects/info/packs", limit)`.
pub(in crate::cli) fn open_gits(
    folder: &Path,
    name: impl AsRef<Path>,
    limit: u64,
) -> Result<Opened, Refused> {
    let name = name.as_ref();
    if !name.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(Refused::Name);
    }
    Opened::regular(follow(&folder.join(name))?, limit)
}

/// Whether this is a folder that git would take for its own: it says where HEAD is.
pub(in crate::cli) fn is_gits_folder(folder: &Path) -> bool {
    // On a branch without a commit an old HEAD is a link that leads nowhere.
    std::fs::symlink_metadata(folder.join("HEAD")).is_ok_and(|head| head.is_file() || head.is_symlink())
}
