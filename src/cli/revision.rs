//! A commit as a repository: its files as git keeps them, whatever is on the disk.

use super::Failure;
use super::door::Refused;
use super::git::Checkout;
use super::names::told;
use super::objects::{ObjectReader, Objects};
use super::run_git::{Blobs, entries, git};
use crate::engine::Repo;
use crate::finding::Problem;
use crate::git::{Changed, Commit, ObjectKind, ObjectName, Thing, Walk};
use crate::limits::{MOST_CHANGED, SOURCE};
use crate::text::{SourceId, Span};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// How many bytes of folders are remembered while two commits are listed.
const REMEMBERED: usize = 8 << 20;

/// How many bytes of the texts in which they differ are kept; git is asked for the others.
const KEPT: usize = 16 << 20;

/// The files of a commit.
#[derive(Debug)]
pub(super) struct Revision {
    /// Name and blob, sorted by name.
    files: Vec<(String, String)>,
    /// The place of each number among them.
    order: Vec<usize>,
    root: PathBuf,
    /// Blobs that are at hand.
    kept: HashMap<String, Vec<u8>>,
    /// Opened when the first is asked for.
    blobs: Mutex<Option<Blobs>>,
}

/// A commit, of which another repository has most files already.
pub(super) struct Mixed<'a> {
    revision: &'a Revision,
    other: &'a dyn Repo,
    /// The number there of each file that is the same.
    same: Vec<Option<SourceId>>,
}

impl Revision {
    /// Lists the files of a commit. Links and submodules hold no text.
    pub(super) fn open(root: &Path, commit: &str) -> Result<Revision, Failure> {
        let listing = git(root, &["ls-tree", "-r", "-z", "--full-tree", commit])?;
        Ok(Revision::of(root, entries(&listing).filter_map(file).collect()))
    }

    fn of(root: &Path, mut files: Vec<(String, String)>) -> Revision {
        files.sort();
        // A name that is not Unicode may read like another one.
        files.dedup_by(|next, kept| next.0 == kept.0);
        let order = (0..files.len()).collect();
        Revision { files, order, root: root.to_owned(), kept: HashMap::new(), blobs: Mutex::default() }
    }

    /// Lists the files of two commits from what git stores, and keeps the texts in which they differ: to start git takes
    /// longer. Nothing if not all of it can be read.
    pub(super) fn both(
        root: &Path,
        checkout: &Checkout,
        before: &str,
        after: &str,
    ) -> Option<(Revision, Revision)> {
        let objects = Objects::open(root, checkout);
        let mut reader = objects.reader(REMEMBERED);
        let mut tree = |commit: &str| {
            let name = ObjectName::parse(commit)?;
            let object = reader.read(&name).ok().filter(|object| object.kind == ObjectKind::Commit)?;
            Some(Commit::parse(name, &object.bytes)?.tree)
        };
        let trees = [tree(before)?, tree(after)?];
        let mut files: BTreeMap<Vec<u8>, ObjectName> = BTreeMap::new();
        let file = |side: Option<(Thing, ObjectName)>| side.filter(|(what, _)| *what == Thing::File);
        let hash = checkout.hash();
        changes(&mut reader, hash, trees[1], &[], &mut |changed| {
            files.extend(file(changed.new).map(|(_, blob)| (changed.path.to_vec(), blob)));
        })?;
        let mut old = files.clone();
        let mut kept = [HashMap::new(), HashMap::new()];
        let mut differing = Vec::new();
        changes(&mut reader, hash, trees[0], &[trees[1]], &mut |changed| {
            old.remove(changed.path);
            let [was, is] = [file(changed.new), file(changed.old)];
            old.extend(was.map(|(_, blob)| (changed.path.to_vec(), blob)));
            differing.extend(
                [was.map(|(_, blob)| (0, blob)), is.map(|(_, blob)| (1, blob))].into_iter().flatten(),
            );
        })?;
        let mut left = KEPT;
        for (side, blob) in differing {
            let Some(object) = reader.read(&blob).ok().filter(|object| object.bytes.len() <= left) else {
                continue;
            };
            left -= object.bytes.len();
            kept[side].insert(blob.hex(), object.bytes.clone());
        }
        let [kept_before, kept_after] = kept;
        let revision = |files: BTreeMap<Vec<u8>, ObjectName>, kept| {
            let files = files.into_iter().map(|(path, blob)| (told(&path), blob.hex()));
            Revision { kept, ..Revision::of(root, files.collect()) }
        };
        Some((revision(old, kept_before), revision(files, kept_after)))
    }

    /// The same with some of its files.
    pub(super) fn only(mut self, mut is_kept: impl FnMut(&str) -> bool) -> Revision {
        self.files.retain(|(name, _)| is_kept(name));
        self.order = (0..self.files.len()).collect();
        self
    }

    /// Gives the files the first numbers that another one has, too: so both number those alike.
    pub(super) fn number_first(&mut self, other: &Revision) {
        let is_only_here = |at: &usize| other.blob_of(&self.files[*at].0).is_none();
        self.order.sort_by_key(is_only_here);
    }

    /// The same, read from another repository but for the files that differ: to ask git takes longer.
    pub(super) fn beside<'a>(&'a self, other: &'a dyn Repo, differ: &BTreeSet<String>) -> Mixed<'a> {
        let names = other.names();
        // A name that is not Unicode may read like another one.
        let is_same = |name: &str| !differ.contains(name) && !name.contains(char::REPLACEMENT_CHARACTER);
        let own = self.names().into_iter().map(|name| {
            let at = names.binary_search(&name).ok().filter(|_| is_same(name));
            at.map(|at| SourceId(at as u32))
        });
        Mixed { revision: self, other, same: own.collect() }
    }

    /// The names of the files that are another text elsewhere, where `other` says what git calls the text there.
    pub(super) fn differing_from<'o>(&self, other: impl Fn(&str) -> Option<&'o str>) -> BTreeSet<String> {
        let is_other = |(name, hash): &&(String, String)| other(name) != Some(hash);
        self.files.iter().filter(is_other).map(|(name, _)| name.clone()).collect()
    }

    /// What git calls the text of a file.
    pub(super) fn blob_of(&self, name: &str) -> Option<&str> {
        let at = self.files.binary_search_by(|(own, _)| own.as_str().cmp(name)).ok()?;
        Some(&self.files[at].1)
    }

    /// The text of a file.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let blob = self.blob(self.blob_of(name)?).ok()?;
        Some(String::from_utf8_lossy(&blob).into_owned())
    }

    fn blob(&self, hash: &str) -> Result<Vec<u8>, Refused> {
        if let Some(known) = self.kept.get(hash) {
            return Ok(known.clone());
        }
        let mut blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        let blobs = match &mut *blobs {
            Some(blobs) => blobs,
            none => {
                let opened = Blobs::open(&self.root);
                none.insert(opened.map_err(|failure| Refused::System(io::Error::other(failure.says)))?)
            }
        };
        blobs.read_up_to(hash, SOURCE)
    }
}

/// Tells what a folder has that others have not; nothing if not all of it can be read.
fn changes(
    reader: &mut ObjectReader,
    hash: usize,
    new: ObjectName,
    olds: &[ObjectName],
    tell: &mut dyn FnMut(Changed),
) -> Option<()> {
    let mut read = |name: &ObjectName| reader.read(name);
    let mut enter = |_: &[u8]| true;
    let mut walk = Walk { read: &mut read, enter: &mut enter, hash, most_entries: MOST_CHANGED, unread: 0 };
    walk.changes(new, olds, tell);
    (walk.unread == 0).then_some(())
}

/// Name and blob of an entry: `100644 blob 5f1a…\tapps/db.yaml`.
fn file(entry: &[u8]) -> Option<(String, String)> {
    let tab = memchr::memchr(b'\t', entry)?;
    let (stats, name) = (std::str::from_utf8(&entry[..tab]).ok()?, &entry[tab + 1..]);
    let mut words = stats.split_ascii_whitespace();
    let (mode, _, hash) = (words.next()?, words.next()?, words.next()?);
    mode.starts_with("100").then(|| (told(name), hash.to_owned()))
}

impl Repo for Revision {
    fn names(&self) -> Vec<&str> {
        self.order.iter().map(|at| self.files[*at].0.as_str()).collect()
    }

    fn read(&self, id: SourceId, buffer: &mut Vec<u8>) -> Result<(), Problem> {
        buffer.clear();
        let Some((name, hash)) = self.order.get(id.0 as usize).map(|at| &self.files[*at]) else {
            return Ok(());
        };
        match self.blob(hash) {
            Ok(read) => buffer.extend_from_slice(&read),
            // What is too large is not read on the disk either.
            Err(Refused::TooLarge { .. }) => {}
            Err(why) => {
                let says = format!("cannot read {name} of the revision before: {why}");
                return Err(Problem::blind("unreadable", says, Some(Span::new(id, 0, 0))));
            }
        }
        Ok(())
    }
}

impl Repo for Mixed<'_> {
    fn names(&self) -> Vec<&str> {
        self.revision.names()
    }

    fn read(&self, id: SourceId, buffer: &mut Vec<u8>) -> Result<(), Problem> {
        match self.same.get(id.0 as usize) {
            // What cannot be read there git has, too.
            Some(Some(same)) if self.other.read(*same, buffer).is_ok() => Ok(()),
            _ => self.revision.read(id, buffer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_have_has_the_same_numbers() {
        let of = |names: [&str; 4]| {
            let files = names.map(|name| (name.to_owned(), "0".repeat(40)));
            Revision::of(Path::new("."), files.to_vec())
        };
        let (mut before, mut after) = (of(["a", "b", "d", "f"]), of(["b", "c", "d", "e"]));
        before.number_first(&after);
        after.number_first(&before);
        assert_eq!(before.names(), ["b", "d", "a", "f"]);
        assert_eq!(after.names(), ["b", "d", "c", "e"]);
        assert_eq!(after.blob_of("c"), Some("0".repeat(40).as_str()));
    }
}
