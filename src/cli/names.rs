//! How files are called: by bytes where the system and git are asked, by text everywhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// A relative path with `/` between its parts. Bytes that are not Unicode are written `\xe9`.
pub(super) fn shown(path: &Path) -> String {
    let parts: Vec<&OsStr> = path.components().map(|part| part.as_os_str()).collect();
    match parts.iter().map(|part| part.to_str()).collect::<Option<Vec<&str>>>() {
        Some(parts) => parts.join("/"),
        None => parts.iter().map(|part| told(part.as_encoded_bytes())).collect::<Vec<_>>().join("/"),
    }
}

/// The same of a name as git tells it.
pub(super) fn told(name: &[u8]) -> String {
    let mut out = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// A path as it is, with what is not Unicode in it escaped.
pub(super) fn escaped(path: &Path) -> String {
    told(path.as_os_str().as_encoded_bytes())
}

/// What the system is asked for a name that git tells.
#[cfg(unix)]
pub(super) fn path(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(name))
}

#[cfg(not(unix))]
pub(super) fn path(name: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(name).into_owned())
}

/// Whether a name had to be written otherwise than it is.
pub(super) fn is_escaped(path: &Path) -> bool {
    path.to_str().is_none()
}

/// Names that do not meet: `a\xe9` may be what another file is really called.
#[derive(Debug, Default)]
pub(super) struct Apart {
    known: BTreeSet<String>,
    tries: BTreeMap<String, usize>,
}

impl Apart {
    pub(super) fn from<'a>(known: impl Iterator<Item = &'a str>) -> Apart {
        Apart { known: known.map(str::to_owned).collect(), ..Apart::default() }
    }

    /// The escaped name, or one like it that nobody has yet: `a\2xe9`.
    pub(super) fn take(&mut self, escaped: String) -> String {
        let tries = self.tries.entry(escaped.clone()).or_insert(1);
        let mut name = escaped.clone();
        while self.known.contains(&name) {
            *tries += 1;
            name = escaped.replacen("\\x", &format!("\\{tries}x"), 1);
        }
        self.known.insert(name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_and_stay_apart() {
        for (bytes, expected) in
            [(&b"a/b.yaml"[..], "a/b.yaml"), (b"caf\xe9.yaml", "caf\\xe9.yaml"), ("é".as_bytes(), "é")]
        {
            assert_eq!(told(bytes), expected);
            assert_eq!(shown(&path(bytes)), expected);
        }
        let mut apart = Apart::from(["a\\xe9", "a\\2xe9"].into_iter());
        assert_eq!(apart.take(told(b"a\xe9")), "a\\3xe9");
        assert_eq!(apart.take(told(b"b\xe9")), "b\\xe9");
        assert_eq!(apart.take(told(b"b\xe9")), "b\\2xe9");
    }
}
