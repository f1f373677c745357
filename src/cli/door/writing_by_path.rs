//! The door for writing where there are no handles of folders: beside, to the disk, and then in one step into its place.
//! There is no lock here.

use super::named::{is_below, open_named};
use super::opened::Opened;
use super::own::Root;
use super::unwritten::Unwritten;
use crate::limits::SOURCE;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

pub(in crate::cli) fn write_report(root: Option<&Root>, path: &Path, text: &str) -> Result<(), Unwritten> {
    replace(checked(root, path)?, text.as_bytes())
}

pub(in crate::cli) fn keep(root: Option<&Root>, path: &Path, text: &str) -> Result<(), Unwritten> {
    replace(made(checked(root, path)?)?, text.as_bytes())
}

pub(in crate::cli) fn store(path: &Path, bytes: &[u8]) -> Result<(), Unwritten> {
    replace(made(checked(None, path)?)?, bytes)
}

fn made(path: &Path) -> io::Result<&Path> {
    if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
        fs::create_dir_all(above)?;
    }
    Ok(path)
}

pub(in crate::cli) fn change<E: From<Unwritten>>(
    root: Option<&Root>,
    path: &Path,
    make: impl FnOnce(Option<&str>) -> Result<String, E>,
) -> Result<(), E> {
    let path = made(checked(root, path)?).map_err(Unwritten::System)?;
    let old = match open_named(None, path, SOURCE).and_then(Opened::bytes) {
        Ok(bytes) => {
            let not_text = |_| Unwritten::System(io::Error::other("it is not UTF-8"));
            Some(String::from_utf8(bytes).map_err(not_text)?)
        }
        Err(refused) if refused.is_missing() => None,
        Err(refused) => return Err(Unwritten::Old(refused).into()),
    };
    Ok(replace(path, make(old.as_deref())?.as_bytes())?)
}

pub(in crate::cli) fn create(root: Option<&Root>, path: &Path, text: &str) -> Result<(), Unwritten> {
    let path = made(checked(root, path)?)?;
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Unwritten::There,
            _ => error.into(),
        })?;
    file.write_all(text.as_bytes())?;
    Ok(file.sync_all()?)
}

/// A path that leads through no link, but for what is above the repository or the working directory.
fn checked<'a>(root: Option<&Root>, path: &'a Path) -> Result<&'a Path, Unwritten> {
    if path.file_name().is_none() {
        return Err(Unwritten::NoName);
    }
    let within = root.and_then(|root| is_below(root.path(), path));
    let own = match within {
        Some(rest) => rest.components().count(),
        None if path.is_absolute() => 1,
        None => path.components().filter(|part| matches!(part, Component::Normal(_))).count(),
    };
    for above in path.ancestors().take(own) {
        match fs::symlink_metadata(above) {
            Ok(metadata) if metadata.is_symlink() => return Err(Unwritten::Link),
            Ok(metadata) if above == path && metadata.is_dir() => return Err(Unwritten::Folder),
            _ => {}
        }
    }
    Ok(path)
}

fn replace(path: &Path, text: &[u8]) -> Result<(), Unwritten> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".pintle-new{}", std::process::id()));
    let beside: PathBuf = path.with_file_name(name);
    let written = fs::File::create(&beside)
        .and_then(|mut file| file.write_all(text).and_then(|()| file.sync_all()))
        .and_then(|()| match fs::metadata(path) {
            Ok(old) => fs::set_permissions(&beside, old.permissions()),
            Err(_) => Ok(()),
        })
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        _ = fs::remove_file(&beside);
    }
    Ok(written?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_whole_and_through_no_link() {
        let home = std::env::temp_dir().join(format!("pintle-plain-door-{}", std::process::id()));
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(home.join("root")).unwrap();
        let root = Root::open(&fs::canonicalize(home.join("root")).unwrap()).unwrap();
        let at = |name: &str| root.path().join(name);
        write_report(Some(&root), &at("a"), "one").unwrap();
        write_report(Some(&root), &at("a"), "two").unwrap();
        assert_eq!(fs::read_to_string(at("a")).unwrap(), "two");
        assert!(matches!(create(Some(&root), &at("a"), "x"), Err(Unwritten::There)));
        create(Some(&root), &at("b"), "new").unwrap();
        let longer = |old: Option<&str>| Ok::<_, Unwritten>(format!("{}+", old.unwrap_or("")));
        keep(Some(&root), &at("deep/er/c"), "+").unwrap();
        change(Some(&root), &at("deep/er/c"), longer).unwrap();
        store(&home.join("cache/d"), &[0, 255]).unwrap();
        assert_eq!(fs::read(home.join("cache/d")).unwrap(), [0, 255]);
        assert_eq!(fs::read_to_string(at("deep/er/c")).unwrap(), "++");
        assert!(matches!(write_report(Some(&root), &at("deep"), "x"), Err(Unwritten::Folder)));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&home, at("out")).unwrap();
            assert!(matches!(write_report(Some(&root), &at("out/x"), "x"), Err(Unwritten::Link)));
        }
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), if cfg!(unix) { 4 } else { 3 });
        fs::remove_dir_all(&home).unwrap();
    }
}
