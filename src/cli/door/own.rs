//! The door to the files of a repository. Whoever wrote them may want us to read others, or to wait for ever.

#[cfg(unix)]
use super::beneath as way;
use super::opened::{Opened, Refused};
#[cfg(not(unix))]
use super::step_by_step as way;
use std::io;
use std::path::{Component, Path, PathBuf};

/// A folder by its handle: what is opened below it stays below it, whatever becomes of its path.
#[derive(Debug)]
pub(in crate::cli) struct Root {
    path: PathBuf,
    handle: way::Handle,
}

impl Root {
    /// Opens a folder. Links on the way to it are the caller's own.
    pub(in crate::cli) fn open(path: &Path) -> io::Result<Root> {
        Ok(Root { path: path.to_owned(), handle: way::folder(path)? })
    }

    pub(in crate::cli) fn path(&self) -> &Path {
        &self.path
    }
}

/// Opens a file below a root: through no link, and only if it is a file of at most `limit` bytes.
///
/// A FIFO is opened without waiting and refused. So is a device; whoever lists files tells its kind from the listing, and
/// does not come here with one.
pub(in crate::cli) fn open_own(root: &Root, name: impl AsRef<Path>, limit: u64) -> Result<Opened, Refused> {
    let name = name.as_ref();
    if !leads_down(name) {
        return Err(Refused::Name);
    }
    Opened::regular(way::open(&root.handle, name)?, limit)
}

/// Whether there is a file of that name, and no link to one; opens nothing.
pub(in crate::cli) fn is_own_file(root: &Root, name: &Path) -> Result<bool, Refused> {
    if !leads_down(name) {
        return Err(Refused::Name);
    }
    Ok(way::is_file(&root.handle, name))
}

/// Whether a name is made of plain parts only: not absolute, no `..`, and nothing in git's own folder.
pub(in crate::cli) fn leads_down(name: &Path) -> bool {
    let is_plain = |part: Component| match part {
        Component::Normal(part) => !part.eq_ignore_ascii_case(".git"),
        _ => false,
    };
    !name.as_os_str().is_empty() && name.components().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_down() {
        for (name, expected) in [
            ("a.yaml", true),
            ("a/b/..c.yaml", true),
            (".github/a.yaml", true),
            ("", false),
            (".", false),
            ("..", false),
            ("../a", false),
            ("a/../b", false),
            ("/etc/passwd", false),
            (".git/config", false),
            ("a/.GIT/config", false),
        ] {
            assert_eq!(leads_down(Path::new(name)), expected, "{name}");
        }
    }
}
