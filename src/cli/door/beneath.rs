//! Opens below a handle: in one call where the system has one (`openat2` of Linux), else a part at a time.

use super::opened::Refused;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat, statat};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// Opening a FIFO does not wait, a terminal does not become the one of this process, and a link is not followed.
const READ: OFlags = OFlags::RDONLY
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::NOFOLLOW);
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW);

#[derive(Debug)]
pub(super) struct Handle {
    folder: OwnedFd,
    in_one_call: bool,
}

pub(super) fn folder(path: &Path) -> std::io::Result<Handle> {
    // The folder itself may be named by a link.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::DIRECTORY;
    let folder = rustix::fs::open(path, flags, Mode::empty())?;
    // Old systems and some sandboxes do not have the call.
    let in_one_call = at_once(&folder, Path::new("."), FOLDER).is_ok();
    Ok(Handle { folder, in_one_call })
}

/// Opens what is at a name of plain parts.
pub(super) fn open(root: &Handle, name: &Path) -> Result<File, Refused> {
    below(root, name, READ).map(File::from).map_err(refused)
}

/// Whether there is a file at a name of plain parts; opens only the folders above it.
pub(super) fn is_file(root: &Handle, name: &Path) -> bool {
    let Some(last) = name.file_name() else { return false };
    let above = name.parent().filter(|above| !above.as_os_str().is_empty());
    let stat = match above.map(|above| below(root, above, FOLDER)) {
        None => statat(&root.folder, last, AtFlags::SYMLINK_NOFOLLOW),
        Some(Ok(above)) => statat(&above, last, AtFlags::SYMLINK_NOFOLLOW),
        Some(Err(_)) => return false,
    };
    stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
}

fn below(root: &Handle, name: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    if root.in_one_call { at_once(&root.folder, name, flags) } else { in_steps(root, name, flags) }
}

fn refused(error: Errno) -> Refused {
    match error {
        Errno::LOOP => Refused::Link,
        Errno::NXIO => Refused::NoFile("a socket or a device"),
        error => Refused::System(error.into()),
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn at_once(folder: &OwnedFd, name: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    use rustix::fs::{ResolveFlags, openat2};
    let within = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    openat2(folder, name, flags, Mode::empty(), within)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn at_once(_: &OwnedFd, _: &Path, _: OFlags) -> Result<OwnedFd, Errno> {
    Err(Errno::NOSYS)
}

fn in_steps(root: &Handle, name: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    let parts: Vec<&OsStr> = name.iter().collect();
    let Some((last, above)) = parts.split_last() else { return Err(Errno::INVAL) };
    let mut here = None;
    for part in above {
        here = Some(step(here.as_ref().unwrap_or(&root.folder), part, FOLDER)?);
    }
    step(here.as_ref().unwrap_or(&root.folder), last, flags)
}

fn step(folder: &OwnedFd, part: &OsStr, flags: OFlags) -> Result<OwnedFd, Errno> {
    openat(folder, part, flags, Mode::empty()).map_err(|error| {
        // Systems differ in what they call a link that is not to be followed.
        let is_link = statat(folder.as_fd(), part, AtFlags::SYMLINK_NOFOLLOW)
            .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink);
        if is_link { Errno::LOOP } else { error }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::door::step_by_step;
    use std::fs;
    use std::os::unix::fs::symlink;

    /// What the three ways say of the same names. All must say the same, and none may wait.
    #[test]
    fn every_way_opens_the_same() {
        let home = std::env::temp_dir().join(format!("pintle-door-{}", std::process::id()));
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(home.join("root/deep/er")).unwrap();
        fs::create_dir_all(home.join("outside")).unwrap();
        fs::write(home.join("outside/secret"), "s").unwrap();
        fs::write(home.join("root/a"), "a").unwrap();
        fs::write(home.join("root/deep/er/b"), "b").unwrap();
        let root = home.join("root");
        symlink("a", root.join("inner")).unwrap();
        symlink("deep", root.join("folder")).unwrap();
        symlink("../outside/secret", root.join("out")).unwrap();
        symlink("../outside", root.join("gone")).unwrap();
        symlink("/proc/self/root", root.join("magic")).unwrap();
        symlink("circle", root.join("circle")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(root.join("fifo")).status().unwrap();
        assert!(made.success());
        let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
        let handle = folder(&root).unwrap();
        let stepping = Handle { folder: folder(&root).unwrap().folder, in_one_call: false };
        let by_path = step_by_step::folder(&root).unwrap();
        let told = |opened: Result<File, Refused>| {
            let opened = opened.and_then(|file| crate::cli::door::Opened::regular(file, 100)?.text());
            opened.unwrap_or_else(|refused| match refused {
                // What is no file is told by its kind or by the system.
                Refused::NoFile(_) => "no file".into(),
                refused => refused.to_string(),
            })
        };
        let link = Refused::Link.to_string();
        for (name, expected) in [
            ("a", "a"),
            ("deep/er/b", "b"),
            ("deep", "no file"),
            ("inner", &link),
            ("folder/er/b", &link),
            ("out", &link),
            ("gone/secret", &link),
            ("magic/etc/passwd", &link),
            ("circle", &link),
            ("fifo", "no file"),
            ("socket", "no file"),
            ("none", "no such file or directory"),
            ("a/b", "not a directory"),
        ] {
            let name = Path::new(name);
            assert_eq!(told(open(&handle, name)), expected, "at once: {name:?}");
            assert_eq!(told(open(&stepping, name)), expected, "in steps: {name:?}");
            assert_eq!(told(step_by_step::open(&by_path, name)), expected, "by path: {name:?}");
            let is_one = expected.len() == 1;
            assert_eq!(is_file(&handle, name), is_one, "at once: {name:?}");
            assert_eq!(is_file(&stepping, name), is_one, "in steps: {name:?}");
            assert_eq!(step_by_step::is_file(&by_path, name), is_one, "by path: {name:?}");
        }
        fs::remove_dir_all(&home).unwrap();
    }
}
