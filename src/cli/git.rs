//! What git knows of a checkout, read from its own files: where the repository is and which files are tracked.
//! Nothing is run and nothing is written here.

use super::door::{Opened, is_gits_folder, open_gits};
use crate::limits::{GIT_FILE, INDEX};
use std::path::{Path, PathBuf};

/// A git repository around some folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Checkout {
    /// The folder with `.git` in it.
    pub(super) root: PathBuf,
    /// The folder with the index: `.git`, or where a worktree's or submodule's `.git` file points.
    pub(super) git: PathBuf,
    /// The folder that worktrees share.
    pub(super) common: PathBuf,
}

/// The nearest repository at or above a folder.
pub(super) fn checkout(folder: &Path) -> Option<Checkout> {
    folder.ancestors().find_map(|root| {
        // In a worktree and in a submodule it is a file that says where git's folder is.
        let git = match text(root, ".git") {
            Some(text) => root.join(text.strip_prefix("gitdir:")?.trim()),
            None => root.join(".git"),
        };
        // A folder that merely has this name is no repository.
        if !is_gits_folder(&git) {
            return None;
        }
        let common = text(&git, "commondir").map_or_else(|| git.clone(), |text| git.join(text.trim()));
        Some(Checkout { root: root.to_owned(), git, common })
    })
}

/// The text of one of git's small files, if it is there.
pub(super) fn text(folder: &Path, name: &str) -> Option<String> {
    open_gits(folder, name, GIT_FILE).and_then(Opened::text).ok()
}

impl Checkout {
    /// The tracked files, relative to the root. What is wrong with the index is told, and the list is then not complete.
    pub(super) fn tracked(&self) -> (Vec<Vec<u8>>, Option<String>) {
        let bytes = match open_gits(&self.git, "index", INDEX).and_then(Opened::bytes) {
            Ok(bytes) => bytes,
            // Nothing was ever added.
            Err(refused) if refused.is_missing() => return (Vec::new(), None),
            Err(refused) => return (Vec::new(), Some(refused.to_string())),
        };
        let (names, wrong) = entries(&bytes, self.hash());
        (names, wrong.map(str::to_owned))
    }

    /// How many bytes the name of an object has.
    pub(super) fn hash(&self) -> usize {
        let config = self.config().unwrap_or_default().to_ascii_lowercase();
        if config.replace([' ', '\t'], "").contains("objectformat=sha256") { 32 } else { 20 }
    }

    /// The text of git's configuration of this repository.
    pub(super) fn config(&self) -> Option<String> {
        text(&self.common, "config")
    }

    /// The text of `.git/info/exclude`.
    pub(super) fn excludes(&self) -> Option<String> {
        text(&self.common, "info/exclude")
    }
}

/// Bytes of an entry before its hash: two times, device, inode, mode, owner, group, size.
const STATS: usize = 40;
const EXTENDED: u16 = 0x4000;

/// The names in an index file of version 2, 3 or 4.
///
/// Kept: regular files. Left out: links, submodules and the folders of a sparse index.
fn entries(bytes: &[u8], hash: usize) -> (Vec<Vec<u8>>, Option<&'static str>) {
    let Some((version, count)) = header(bytes) else {
        return (Vec::new(), Some("its header is not one of an index"));
    };
    if !(2..=4).contains(&version) {
        return (Vec::new(), Some("its version is unknown"));
    }
    let (mut names, mut name, mut at) = (Vec::new(), Vec::new(), 12);
    for _ in 0..count {
        match entry(bytes, at, hash, version, &mut name) {
            Some((mode, next)) => {
                if mode & 0o170_000 == 0o100_000 {
                    names.push(name.clone());
                }
                at = next;
            }
            None => return (names, Some("it ends too early")),
        }
    }
    // The stages of a merge conflict share a name.
    names.dedup();
    // A split index keeps most entries in another file, and says so in an extension behind the entries.
    let split = bytes.get(at..at + 4) == Some(b"link");
    (names, split.then_some("it is split in two files"))
}

fn header(bytes: &[u8]) -> Option<(u32, u32)> {
    (bytes.get(..4)? == b"DIRC").then_some(())?;
    Some((number(bytes, 4)?, number(bytes, 8)?))
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Reads the entry at `at` into `name`, which holds the name before it; gives its mode and where the next begins.
fn entry(bytes: &[u8], at: usize, hash: usize, version: u32, name: &mut Vec<u8>) -> Option<(u32, usize)> {
    let mode = number(bytes, at + 24)?;
    let flags_at = at + STATS + hash;
    let flags = u16::from_be_bytes(bytes.get(flags_at..flags_at + 2)?.try_into().ok()?);
    let mut start = flags_at + 2;
    if version >= 3 && flags & EXTENDED != 0 {
        start += 2;
    }
    if version == 4 {
        let (dropped, after) = offset(bytes, start)?;
        name.truncate(name.len().checked_sub(dropped)?);
        start = after;
    } else {
        name.clear();
    }
    let length = memchr::memchr(0, bytes.get(start..)?)?;
    name.extend_from_slice(&bytes[start..start + length]);
    let end = start + length;
    // Older versions pad an entry with one to eight NULs to a multiple of eight.
    let next = if version == 4 { end + 1 } else { at + (end - at + 8) / 8 * 8 };
    Some((mode, next))
}

/// A number of version 4: seven bits a byte, and one more for each byte that follows.
fn offset(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut byte = *bytes.get(at)?;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        at += 1;
        byte = *bytes.get(at)?;
        value = value.checked_add(1)?.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
    }
    Some((value, at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: u32 = 0o100_644;
    const LINK: u32 = 0o120_000;

    /// An index as git writes it, from the documented format.
    fn index(version: u32, hash: usize, files: &[(&str, u32, bool)]) -> Vec<u8> {
        let mut out = b"DIRC".to_vec();
        out.extend(version.to_be_bytes());
        out.extend((files.len() as u32).to_be_bytes());
        let mut before = "";
        for &(name, mode, extended) in files {
            let start = out.len();
            out.extend([0; 24]);
            out.extend(mode.to_be_bytes());
            out.extend(vec![7; 12 + hash]);
            let flags = name.len() as u16 | if extended { EXTENDED } else { 0 };
            out.extend(flags.to_be_bytes());
            if extended {
                out.extend([0x20, 0]);
            }
            if version == 4 {
                let same = name.bytes().zip(before.bytes()).take_while(|(a, b)| a == b).count();
                let dropped = before.len() - same;
                if dropped >= 128 {
                    out.extend([0x80 | ((dropped - 128) >> 7) as u8, (dropped & 0x7f) as u8]);
                } else {
                    out.push(dropped as u8);
                }
                out.extend(&name.as_bytes()[same..]);
                out.push(0);
                before = name;
            } else {
                out.extend(name.bytes());
                out.push(0);
                while !(out.len() - start).is_multiple_of(8) {
                    out.push(0);
                }
            }
        }
        out
    }

    #[test]
    fn every_version_is_read() {
        let long = "x".repeat(200);
        let files = [
            ("a.yaml", FILE, false),
            ("apps/web.yaml", FILE, true),
            (long.as_str(), FILE, false),
            ("z", LINK, false),
            ("zz/é", FILE, false),
        ];
        for version in 2..=4 {
            for hash in [20, 32] {
                let files: Vec<_> = files
                    .iter()
                    .map(|&(name, mode, extended)| (name, mode, extended && version > 2))
                    .collect();
                let (names, wrong) = entries(&index(version, hash, &files), hash);
                assert_eq!(
                    (names.as_slice(), wrong),
                    (
                        &["a.yaml", "apps/web.yaml", &long, "zz/é"].map(|name| name.as_bytes().to_vec())[..],
                        None
                    ),
                    "{version} {hash}"
                );
            }
        }
    }

    #[test]
    fn a_broken_index_is_told_and_nothing_panics() {
        let good = index(4, 20, &[("a", FILE, false), ("ab", FILE, false)]);
        for end in 0..good.len() {
            assert!(entries(&good[..end], 20).1.is_some(), "{end}");
        }
        let mut split = index(2, 20, &[("a", FILE, false)]);
        split.extend(b"link\0\0\0\0");
        assert_eq!(entries(&split, 20).1, Some("it is split in two files"));
        let mut seed = 7u64;
        for _ in 0..20_000 {
            let mut bytes = good.clone();
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (seed >> 33) as usize % bytes.len();
            bytes[at] = (seed >> 24) as u8;
            let _ = entries(&bytes, 20);
        }
    }
}
