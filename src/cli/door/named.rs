//! The door to paths that the user names: on the command line, or in his environment.

use super::opened::{Opened, Refused, kind};
use super::own::{Root, open_own};
use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

/// Opens what the user names: through links, and also what a shell makes of `<(…)`.
///
/// Below the root it is a file of the repository as any other: nobody but who wrote it knows where a link there leads.
pub(in crate::cli) fn open_named(root: Option<&Root>, path: &Path, limit: u64) -> Result<Opened, Refused> {
    if let Some(root) = root
        && is_below(root.path(), path).is_some()
    {
        let real = real(path).map_err(Refused::System)?;
        let name = real.strip_prefix(root.path()).map_err(|_| Refused::Link)?;
        return open_own(root, name, limit);
    }
    let file = File::open(path).map_err(Refused::System)?;
    let metadata = file.metadata().map_err(Refused::System)?;
    match (metadata.is_file(), metadata.is_dir()) {
        (true, _) => Opened::sized(file, metadata.len(), limit),
        (_, true) => Err(Refused::NoFile(kind(&metadata))),
        // It ends when it ends, and no more than the limit is taken.
        _ => Opened::sized(file, 0, limit),
    }
}

/// Where a path is below a folder, although it may be spelled through links above it.
pub(in crate::cli) fn is_below(folder: &Path, path: &Path) -> Option<PathBuf> {
    let folder = real(folder).ok()?;
    let path = std::path::absolute(path).ok()?;
    let above: Vec<&Path> = path.ancestors().skip(1).collect();
    above.into_iter().rev().find_map(|above| {
        let rest = path.strip_prefix(above).ok()?;
        let is_plain = rest.components().all(|part| matches!(part, Component::Normal(_)));
        (is_plain && real(above).is_ok_and(|above| above == folder)).then(|| rest.to_owned())
    })
}

/// The path without links.
pub(in crate::cli) fn real(path: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(path)
}

/// Whether something is there, be it a link that leads nowhere.
pub(in crate::cli) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether there is a folder, and no link to one.
pub(in crate::cli) fn is_own_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

pub(in crate::cli) fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}

/// Opens a path through links, and never waits for who writes into a FIFO.
#[cfg(unix)]
pub(super) fn follow(path: &Path) -> Result<File, Refused> {
    use rustix::fs::{Mode, OFlags, open};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    open(path, flags, Mode::empty()).map(File::from).map_err(|error| Refused::System(error.into()))
}

#[cfg(not(unix))]
pub(super) fn follow(path: &Path) -> Result<File, Refused> {
    let metadata = fs::metadata(path).map_err(Refused::System)?;
    match metadata.is_file() {
        true => File::open(path).map_err(Refused::System),
        false => Err(Refused::NoFile(kind(&metadata))),
    }
}
