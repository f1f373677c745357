//! The door for writing. A file is written beside its place, brought to the disk, and then takes the place of the old
//! one at once, with its mode and owner: whoever ends us, or fills the disk, leaves the old file whole.
//!
//! While that goes on the folder is locked for every other pintle, so that reading, changing and writing is one step.
//! The lock goes with the process.

use super::named::is_below;
use super::opened::Opened;
use super::own::Root;
use super::unwritten::Unwritten;
use crate::limits::SOURCE;
use rustix::fs::{
    AtFlags, CWD, FileType, Gid, Mode, OFlags, Stat, Uid, fchmod, fchown, fstat, fsync, linkat, mkdirat,
    open, openat, renameat, statat, unlinkat,
};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// How often another pintle that writes into the folder is waited for, and how long each time: ten seconds in all.
const TRIES: usize = 500;
const WAIT: Duration = Duration::from_millis(20);

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::DIRECTORY);
const WRITE: OFlags = OFlags::WRONLY.union(OFlags::CLOEXEC).union(OFlags::NOFOLLOW).union(OFlags::NOCTTY);

impl From<Errno> for Unwritten {
    fn from(error: Errno) -> Unwritten {
        match error {
            Errno::LOOP => Unwritten::Link,
            error => Unwritten::System(error.into()),
        }
    }
}

/// Where a file is to be: the folder by its handle, and the name in it.
struct Place {
    folder: OwnedFd,
    name: OsString,
    /// Kept as long as the place is, and where there are locks.
    lock: Option<File>,
}

/// Writes a report: what was there before is of no use any more. Devices and FIFOs are written into.
pub(in crate::cli) fn write_report(root: Option<&Root>, path: &Path, text: &str) -> Result<(), Unwritten> {
    // What a shell makes of `>(…)` is a link to something that has no name.
    if path.starts_with("/dev") || path.starts_with("/proc") {
        let flags = OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOCTTY;
        return Ok(File::from(open(path, flags, Mode::empty())?).write_all(text.as_bytes())?);
    }
    let mut place = place(root, path, Missing::IsToldOf)?;
    if place.old()?.is_some_and(|old| kind(&old) != FileType::RegularFile) {
        let special = openat(&place.folder, &place.name, WRITE, Mode::empty())?;
        return Ok(File::from(special).write_all(text.as_bytes())?);
    }
    place.lock()?;
    let old = place.old()?;
    match place.replace(old.as_ref(), text.as_bytes()) {
        // A folder that takes no new file, or a file that was mounted alone: it is written where it is.
        Err(Unwritten::System(error)) if old.is_some() && is_fixed(&error) => {
            let flags = WRITE | OFlags::TRUNC;
            let mut file = File::from(openat(&place.folder, &place.name, flags, Mode::empty())?);
            file.write_all(text.as_bytes())?;
            Ok(fsync(&file)?)
        }
        done => done,
    }
}

fn is_fixed(error: &io::Error) -> bool {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, ResourceBusy};
    matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem | ResourceBusy)
}

/// Writes a file that the repository keeps, whatever it was before, and makes the folders above it.
pub(in crate::cli) fn keep(root: Option<&Root>, path: &Path, text: &str) -> Result<(), Unwritten> {
    let mut place = place(root, path, Missing::IsMade)?;
    place.lock()?;
    let old = place.old()?;
    place.replace(old.as_ref(), text.as_bytes())
}

/// Puts what others gave into a folder of our own, outside of the repository.
pub(in crate::cli) fn store(path: &Path, bytes: &[u8]) -> Result<(), Unwritten> {
    let mut place = place(None, path, Missing::IsMade)?;
    place.lock()?;
    let old = place.old()?;
    place.replace(old.as_ref(), bytes)
}

/// The same as [`keep`], where the new text is made of the old one. What `make` gives of the old text is the new
/// one; nobody else of us writes in between.
pub(in crate::cli) fn change<E: From<Unwritten>>(
    root: Option<&Root>,
    path: &Path,
    make: impl FnOnce(Option<&str>) -> Result<String, E>,
) -> Result<(), E> {
    let mut place = place(root, path, Missing::IsMade)?;
    place.lock()?;
    let old = place.old()?;
    let text = match &old {
        None => None,
        Some(_) => Some(place.text()?),
    };
    let new = make(text.as_deref())?;
    Ok(place.replace(old.as_ref(), new.as_bytes())?)
}

/// Writes a file that is not there yet.
pub(in crate::cli) fn create(root: Option<&Root>, path: &Path, text: &str) -> Result<(), Unwritten> {
    let mut place = place(root, path, Missing::IsMade)?;
    place.lock()?;
    let beside = place.beside(None, text.as_bytes())?;
    // A link takes the name only if nobody has it.
    let linked = linkat(&place.folder, &beside, &place.folder, &place.name, AtFlags::empty());
    _ = unlinkat(&place.folder, &beside, AtFlags::empty());
    match linked {
        Err(Errno::EXIST) => Err(Unwritten::There),
        Err(error) => Err(error.into()),
        Ok(()) => {
            _ = fsync(&place.folder);
            Ok(())
        }
    }
}

/// What becomes of a folder that is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    IsMade,
    IsToldOf,
}

/// Finds the folder of a path. In the repository, and below the working directory, it is reached through no link, since
/// that may have been committed; what is above is the user's own.
fn place(root: Option<&Root>, path: &Path, missing: Missing) -> Result<Place, Unwritten> {
    let name = path.file_name().ok_or(Unwritten::NoName)?.to_owned();
    let within = root.and_then(|root| Some((root, is_below(root.path(), path)?)));
    let (start, rest) = match within {
        Some((root, rest)) => (open(root.path(), FOLDER, Mode::empty())?, rest),
        None if path.is_absolute() => {
            let above = path.parent().unwrap_or(Path::new("/"));
            if missing == Missing::IsMade {
                std::fs::create_dir_all(above)?;
            }
            return Ok(Place { folder: open(above, FOLDER, Mode::empty())?, name, lock: None });
        }
        None => (openat(CWD, ".", FOLDER, Mode::empty())?, path.to_owned()),
    };
    let mut folder = start;
    for part in rest.parent().unwrap_or(Path::new("")).components() {
        folder = match part {
            Component::CurDir => continue,
            Component::ParentDir => openat(&folder, "..", FOLDER, Mode::empty())?,
            part => step(&folder, part.as_os_str(), missing)?,
        };
    }
    Ok(Place { folder, name, lock: None })
}

fn step(folder: &OwnedFd, part: &OsStr, missing: Missing) -> Result<OwnedFd, Unwritten> {
    if missing == Missing::IsMade {
        match mkdirat(folder, part, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
    }
    openat(folder, part, FOLDER | OFlags::NOFOLLOW, Mode::empty()).map_err(|error| {
        let stat = statat(folder, part, AtFlags::SYMLINK_NOFOLLOW);
        let is_link = stat.is_ok_and(|stat| kind(&stat) == FileType::Symlink);
        if is_link { Unwritten::Link } else { error.into() }
    })
}

fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

impl Place {
    /// What is there now: nothing, a file, or what can be written into.
    fn old(&self) -> Result<Option<Stat>, Unwritten> {
        match statat(&self.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
            Ok(stat) => match kind(&stat) {
                FileType::Symlink => Err(Unwritten::Link),
                FileType::Directory => Err(Unwritten::Folder),
                _ => Ok(Some(stat)),
            },
        }
    }

    fn text(&self) -> Result<String, Unwritten> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = openat(&self.folder, &self.name, flags, Mode::empty())?;
        let bytes = Opened::regular(file.into(), SOURCE).and_then(Opened::bytes);
        // What is written again must not lose what is no Unicode.
        let text = String::from_utf8(bytes.map_err(Unwritten::Old)?);
        text.map_err(|_| Unwritten::System(io::Error::other("it is not UTF-8")))
    }

    /// Locks the folder for other pintles.
    fn lock(&mut self) -> Result<(), Unwritten> {
        let file = File::from(openat(&self.folder, ".", FOLDER, Mode::empty())?);
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => {
                    self.lock = Some(file);
                    return Ok(());
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(WAIT),
                // Some network disks have no locks.
                Err(TryLockError::Error(_)) => return Ok(()),
            }
        }
        Err(Unwritten::Locked)
    }

    /// Puts a text into the place of what was there.
    fn replace(&self, old: Option<&Stat>, text: &[u8]) -> Result<(), Unwritten> {
        let beside = self.beside(old, text)?;
        let placed = match (old, self.old()?) {
            (Some(then), Some(now)) if !is_same(then, &now) => Err(Unwritten::Changed),
            _ => renameat(&self.folder, &beside, &self.folder, &self.name).map_err(Unwritten::from),
        };
        if placed.is_err() {
            _ = unlinkat(&self.folder, &beside, AtFlags::empty());
        } else {
            // Not every disk can; the file itself is there.
            _ = fsync(&self.folder);
        }
        placed
    }

    /// Writes a text to the disk under another name, which it gives.
    fn beside(&self, old: Option<&Stat>, text: &[u8]) -> Result<PathBuf, Unwritten> {
        let mut name = OsString::from(".");
        name.push(&self.name);
        name.push(".pintle-new");
        // With the lock it is always the same name: what a killed run has left is taken away by the next one.
        if self.lock.is_none() {
            name.push(std::process::id().to_string());
        }
        _ = unlinkat(&self.folder, &name, AtFlags::empty());
        let flags = WRITE | OFlags::CREATE | OFlags::EXCL;
        let mode = if old.is_some() { 0o600 } else { 0o666 };
        let file = openat(&self.folder, &name, flags, Mode::from_raw_mode(mode))?;
        let written = fill(file, old, text);
        if written.is_err() {
            _ = unlinkat(&self.folder, &name, AtFlags::empty());
        }
        written.map(|()| name.into())
    }
}

fn fill(file: OwnedFd, old: Option<&Stat>, text: &[u8]) -> Result<(), Unwritten> {
    let mut file = File::from(file);
    file.write_all(text)?;
    if let Some(old) = old {
        let ours = fstat(&file)?;
        if (ours.st_uid, ours.st_gid) != (old.st_uid, old.st_gid) {
            let (owner, group) = (Uid::from_raw(old.st_uid), Gid::from_raw(old.st_gid));
            fchown(&file, Some(owner), Some(group)).map_err(|_| Unwritten::Owner)?;
        }
        fchmod(&file, Mode::from_raw_mode(old.st_mode & 0o7777))?;
    }
    Ok(fsync(&file)?)
}

/// Whether nobody has written a file in between.
fn is_same(a: &Stat, b: &Stat) -> bool {
    (a.st_ino, a.st_size, a.st_mtime, a.st_mtime_nsec) == (b.st_ino, b.st_size, b.st_mtime, b.st_mtime_nsec)
}
