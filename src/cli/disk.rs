//! A repository as it lies on a disk: which files there are, and their bytes. Knows no format.
//!
//! Files are listed with one rayon task per folder, each listed by walkdir, and sorted at the end, so that the
//! list is the same however many threads there are. Links are never followed.

use super::changed::Staged;
use super::git::Checkout;
use super::ignores::{GITS, Ignores, Kind, OURS};
use super::terminal::reason;
use crate::engine::{LARGE, Repo};
use crate::finding::{Left, LeftOut, Problem};
use crate::text::{SourceId, Span};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A larger file is read in parts, and for secrets alone.
pub(super) const LIMIT: u64 = 16 << 20;

/// The files below a folder.
#[derive(Debug, Default)]
pub(super) struct Disk {
    root: PathBuf,
    files: Vec<Entry>,
    /// What could not be listed.
    pub(super) problems: Vec<Problem>,
    /// What was not listed, each with why.
    pub(super) left_out: Vec<LeftOut>,
    /// How many files were read so far.
    pub(super) done: AtomicUsize,
}

#[derive(Debug)]
struct Entry {
    name: String,
    home: Home,
}

#[derive(Debug)]
enum Home {
    /// At its name below the root.
    Name,
    /// At a path that its name only tells roughly, because it is not Unicode.
    Path(PathBuf),
    /// Standard input, or a configuration from elsewhere.
    Memory(Vec<u8>),
}

impl Disk {
    /// Lists the files below `root`. With a checkout, what git ignores is left out and what it tracks is not.
    pub(super) fn list(root: &Path, checkout: Option<&Checkout>) -> io::Result<Disk> {
        // An unreadable root is an error of its own: nothing could be said of such a repository.
        fs::read_dir(root)?;
        let walk =
            Walk { root, files: Mutex::default(), problems: Mutex::default(), left_out: Mutex::default() };
        let excludes = checkout.and_then(Checkout::excludes);
        let top = Ignores::default().below(root, None, excludes.as_deref());
        rayon::scope(|scope| walk.folder(scope, root.to_owned(), top));
        let mut problems = walk.problems.into_inner().unwrap_or_default();
        let mut files = walk.files.into_inner().unwrap_or_default();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(checkout) = checkout {
            let (tracked, wrong) = checkout.tracked();
            if let Some(wrong) = wrong {
                let says = format!(
                    "cannot read the index of git: {wrong}; tracked files that are ignored were left out"
                );
                problems.push(Problem::blind("git-index", says, None));
            }
            add_tracked(root, tracked, &mut files);
        }
        problems.sort();
        let mut left_out = walk.left_out.into_inner().unwrap_or_default();
        // What git tracks is read all the same.
        left_out.retain(|left| files.binary_search_by(|file| file.name.cmp(&left.name)).is_err());
        Ok(Disk { root: root.to_owned(), files, problems, left_out, ..Disk::default() })
    }

    /// The files of the next commit, with their staged contents.
    pub(super) fn staged(root: &Path, files: Vec<Staged>) -> Disk {
        let mut ours = OurIgnores::new(root);
        let kept = files.into_iter().filter(|file| !ours.leave_out(&file.name));
        let entry =
            |file: Staged| Entry { home: file.content.map_or(Home::Name, Home::Memory), name: file.name };
        let mut files: Vec<Entry> = kept.map(entry).collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Disk { root: root.to_owned(), files, ..Disk::default() }
    }

    /// Puts a file over the one of that name, or adds it.
    pub(super) fn put(&mut self, name: &str, bytes: Vec<u8>) {
        let entry = Entry { name: name.to_owned(), home: Home::Memory(bytes) };
        match self.files.binary_search_by(|file| file.name.as_str().cmp(name)) {
            Ok(at) => self.files[at] = entry,
            Err(at) => self.files.insert(at, entry),
        }
    }

    /// Forgets the file of that name, if there is one.
    pub(super) fn leave_out(&mut self, name: &str) {
        self.files.retain(|file| file.name != name);
    }

    pub(super) fn find(&self, name: &str) -> Option<SourceId> {
        let at = self.files.binary_search_by(|file| file.name.as_str().cmp(name)).ok()?;
        Some(SourceId(at as u32))
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// The text of a file, for what is read before the engine starts.
    pub(super) fn text(&self, id: SourceId) -> Result<String, Problem> {
        let mut bytes = Vec::new();
        self.read(id, &mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn open(&self, entry: &Entry, buffer: &mut Vec<u8>) -> io::Result<Size> {
        let file = match &entry.home {
            Home::Memory(bytes) => {
                buffer.extend_from_slice(bytes);
                return Ok(Size::Whole);
            }
            Home::Path(path) => File::open(path)?,
            Home::Name => File::open(self.root.join(&entry.name))?,
        };
        let size = file.metadata()?.len();
        if size <= LIMIT {
            buffer.reserve(size as usize + 1);
            file.take(LIMIT).read_to_end(buffer)?;
            return Ok(Size::Whole);
        }
        Ok(Size::TooLarge(size))
    }

    fn part(&self, entry: &Entry, at: u64, most: usize, buffer: &mut Vec<u8>) -> io::Result<bool> {
        let mut file = match &entry.home {
            Home::Memory(_) => return Ok(false),
            Home::Path(path) => File::open(path)?,
            Home::Name => File::open(self.root.join(&entry.name))?,
        };
        file.seek(io::SeekFrom::Start(at))?;
        file.take(most as u64).read_to_end(buffer)?;
        Ok(true)
    }
}

enum Size {
    Whole,
    TooLarge(u64),
}

impl Repo for Disk {
    fn names(&self) -> Vec<&str> {
        self.files.iter().map(|file| file.name.as_str()).collect()
    }

    fn links(&self) -> Vec<&str> {
        self.left_out.iter().filter(|left| left.why == Left::Link).map(|left| left.name.as_str()).collect()
    }

    fn read(&self, id: SourceId, buffer: &mut Vec<u8>) -> Result<(), Problem> {
        buffer.clear();
        self.done.fetch_add(1, Ordering::Relaxed);
        let Some(entry) = self.files.get(id.0 as usize) else { return Ok(()) };
        let at = Some(Span::new(id, 0, 0));
        match self.open(entry, buffer) {
            Ok(Size::Whole) => Ok(()),
            Ok(Size::TooLarge(size)) => {
                let says = format!("{} MiB are over the limit of {}", size >> 20, LIMIT >> 20);
                Err(Problem::blind(LARGE, says, at))
            }
            Err(error) => Err(unreadable(&error, id)),
        }
    }

    fn read_part(&self, id: SourceId, at: u64, most: usize, buffer: &mut Vec<u8>) -> Result<bool, Problem> {
        buffer.clear();
        let Some(entry) = self.files.get(id.0 as usize) else { return Ok(false) };
        self.part(entry, at, most, buffer).map_err(|error| unreadable(&error, id))
    }
}

fn unreadable(error: &io::Error, id: SourceId) -> Problem {
    let says = format!("cannot read the file: {}", reason(error));
    Problem::blind("unreadable", says, Some(Span::new(id, 0, 0)))
}

/// One listing in progress.
struct Walk<'a> {
    root: &'a Path,
    files: Mutex<Vec<Entry>>,
    problems: Mutex<Vec<Problem>>,
    left_out: Mutex<Vec<LeftOut>>,
}

impl<'a> Walk<'a> {
    /// Lists one folder and starts a task for each below it.
    fn folder<'s>(&'s self, scope: &rayon::Scope<'s>, folder: PathBuf, above: Ignores) {
        let mut entries = Vec::new();
        for entry in walkdir::WalkDir::new(&folder).min_depth(1).max_depth(1) {
            match entry {
                Ok(entry) => entries.push(entry),
                Err(error) => self.miss(&folder, error.io_error()),
            }
        }
        let text = |name: &str| {
            let there = entries.iter().any(|entry| entry.file_name() == name && entry.file_type().is_file());
            there
                .then(|| fs::read(folder.join(name)).ok())
                .flatten()
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        let rules = above.below(&folder, text(OURS).as_deref(), text(GITS).as_deref());
        let (mut found, mut left) = (Vec::new(), Vec::new());
        for entry in entries {
            let (kind, path) = (entry.file_type(), entry.path());
            if entry.file_name() == ".git" {
                continue;
            }
            if let Some(why) = why_left_out(&rules, kind, path) {
                let name = path.strip_prefix(self.root).map(shown).unwrap_or_default();
                let end = if kind.is_dir() { "/" } else { "" };
                left.push(LeftOut { why, name: name + end });
            } else if kind.is_dir() {
                let (path, rules) = (path.to_owned(), rules.clone());
                scope.spawn(move |scope| self.folder(scope, path, rules));
            } else if kind.is_file() {
                found.extend(named(self.root, entry.into_path()));
            }
        }
        if let (Ok(mut files), Ok(mut left_out)) = (self.files.lock(), self.left_out.lock()) {
            files.append(&mut found);
            left_out.append(&mut left);
        }
    }

    fn miss(&self, folder: &Path, error: Option<&io::Error>) {
        let name = folder.strip_prefix(self.root).unwrap_or(folder).display();
        let why = error.map_or_else(|| "a circle of links".into(), reason);
        if let Ok(mut problems) = self.problems.lock() {
            problems.push(Problem::blind(
                "unreadable",
                format!("cannot list the folder {name}: {why}"),
                None,
            ));
        }
    }
}

/// Why what is found in a folder is not listed; what linters said is full of quotations that would be found again.
fn why_left_out(rules: &Ignores, kind: fs::FileType, path: &Path) -> Option<Left> {
    let asked = if kind.is_dir() { Kind::Folder } else { Kind::File };
    match () {
        () if kind.is_symlink() => Some(Left::Link),
        () if rules.leaves_out(path, asked) => Some(Left::Ignored),
        () if kind.is_file() && path.extension().is_some_and(|kind| kind == "sarif") => Some(Left::Sarif),
        () => None,
    }
}

fn named(root: &Path, path: PathBuf) -> Option<Entry> {
    let below = path.strip_prefix(root).ok()?;
    let home = if name(below).is_some() { Home::Name } else { Home::Path(path.clone()) };
    Some(Entry { name: shown(below), home })
}

/// A relative path with `/` between its parts; nothing if it is not Unicode.
pub(super) fn name(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

/// Like [`name`]; what is not Unicode is replaced.
pub(super) fn shown(path: &Path) -> String {
    name(path).unwrap_or_else(|| path.to_string_lossy().into_owned())
}

/// Adds files that git tracks although an ignore rule names them: they are committed all the same.
fn add_tracked(root: &Path, tracked: Vec<String>, files: &mut Vec<Entry>) {
    let known: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let missing: Vec<String> = tracked.into_iter().filter(|name| !known.contains(name.as_str())).collect();
    if missing.is_empty() {
        return;
    }
    let mut ours = OurIgnores::new(root);
    // A name in an index may be anything, and a folder on its way may have become a link.
    let Ok(real_root) = fs::canonicalize(root) else { return };
    for name in missing {
        let path = root.join(&name);
        let is_file = fs::symlink_metadata(&path).is_ok_and(|kind| kind.is_file());
        let is_inside = || fs::canonicalize(&path).is_ok_and(|real| real == real_root.join(&name));
        if is_file && is_inside() && !ours.leave_out(&name) {
            files.push(Entry { name, home: Home::Name });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
}

/// Our own ignore files along the way to a tracked file.
pub(super) struct OurIgnores<'a> {
    root: &'a Path,
    folders: std::collections::BTreeMap<String, Ignores>,
}

impl<'a> OurIgnores<'a> {
    pub(super) fn new(root: &'a Path) -> OurIgnores<'a> {
        OurIgnores { root, folders: Default::default() }
    }

    pub(super) fn leave_out(&mut self, name: &str) -> bool {
        let mut rules = self.folder("", Ignores::default());
        for (at, _) in name.match_indices('/') {
            let folder = &name[..at];
            if rules.ours_leave_out(&self.root.join(folder), Kind::Folder) {
                return true;
            }
            rules = self.folder(folder, rules);
        }
        rules.ours_leave_out(&self.root.join(name), Kind::File)
    }

    fn folder(&mut self, folder: &str, above: Ignores) -> Ignores {
        if let Some(known) = self.folders.get(folder) {
            return known.clone();
        }
        let path = self.root.join(folder);
        let rules = above.below(&path, fs::read_to_string(path.join(OURS)).ok().as_deref(), None);
        self.folders.insert(folder.to_owned(), rules.clone());
        rules
    }
}
