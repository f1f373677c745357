//! Opens below a path where there are no handles of folders: every part is looked at before it is used. Between the two
//! somebody who is at the machine might change it; a repository alone cannot.

use super::opened::{Refused, kind};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(super) struct Handle {
    folder: PathBuf,
}

pub(super) fn folder(path: &Path) -> io::Result<Handle> {
    fs::read_dir(path)?;
    Ok(Handle { folder: path.to_owned() })
}

/// Opens what is at a name of plain parts.
pub(super) fn open(root: &Handle, name: &Path) -> Result<File, Refused> {
    let mut path = root.folder.clone();
    let mut last = None;
    for part in name {
        path.push(part);
        let metadata = fs::symlink_metadata(&path).map_err(Refused::System)?;
        if metadata.file_type().is_symlink() {
            return Err(Refused::Link);
        }
        last = Some(metadata);
    }
    match last {
        Some(metadata) if !metadata.is_file() => Err(Refused::NoFile(kind(&metadata))),
        _ => File::open(path).map_err(Refused::System),
    }
}

/// Whether there is a file at a name of plain parts.
pub(super) fn is_file(root: &Handle, name: &Path) -> bool {
    let above = name.parent().is_none_or(|above| {
        let parts = above.ancestors().filter(|part| !part.as_os_str().is_empty());
        let is_folder = |part: &Path| {
            fs::symlink_metadata(root.folder.join(part)).is_ok_and(|metadata| metadata.is_dir())
        };
        parts.into_iter().all(is_folder)
    });
    above && fs::symlink_metadata(root.folder.join(name)).is_ok_and(|metadata| metadata.is_file())
}
