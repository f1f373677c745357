//! A repository as it lies on a disk: which files there are, and their bytes. Knows no format.
//!
//! Files are listed with one rayon task per folder, each listed by walkdir, and sorted at the end, so that the
//! list is the same however many threads there are. Links are never followed.

use super::base::Base;
use super::door::{self, Opened, Refused, Root, open_own};
use super::git::Checkout;
use super::ignores::{GITS, Ignores, Kind, OURS, no_pattern};
use super::names::{Apart, escaped, is_escaped, path, shown, told};
use super::staged::{Blob, Stage};
use super::terminal::reason;
use crate::engine::{LARGE, Repo};
use crate::finding::{Left, LeftOut, Problem};
use crate::limits::{IGNORES, IGNORES_ABOVE, SOURCE};
use crate::text::{SourceId, Span};
use std::collections::BTreeSet;
use std::fs::FileType;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The files below a folder.
#[derive(Debug)]
pub(super) struct Disk {
    root: Root,
    files: Vec<Entry>,
    /// What gives the contents of the next commit.
    stage: Option<Stage>,
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
    /// At a path below the root that its name only tells escaped, because it is not Unicode.
    Path(PathBuf),
    /// In the next commit.
    Staged(Blob),
    /// Standard input, or a configuration from elsewhere.
    Memory(Vec<u8>),
}

impl Disk {
    /// Lists the files below a root. With a checkout, what git ignores is left out and what it tracks is not.
    ///
    /// Of an untrusted change the ignore files of our own are those of its base.
    pub(super) fn list(root: Root, checkout: Option<&Checkout>, base: Option<&Base>) -> Disk {
        let walk = Walk {
            root: &root,
            base: base.filter(|base| base.is_untrusted()),
            files: Mutex::default(),
            problems: Mutex::default(),
            left_out: Mutex::default(),
        };
        let excludes = checkout.and_then(Checkout::excludes);
        let rules = Ignores::default().below(root.path(), None, excludes.as_deref());
        let top = Folder { path: root.path().to_owned(), name: String::new(), is_escaped: false };
        rayon::scope(|scope| walk.folder(scope, top, rules));
        let mut problems = walk.problems.into_inner().unwrap_or_default();
        let mut files = sorted(walk.files.into_inner().unwrap_or_default());
        if let Some(checkout) = checkout {
            let mut ours = OurIgnores::of(&root, base);
            add_tracked(&root, checkout, &mut files, &mut problems, &mut ours);
        }
        problems.sort();
        let mut left_out = walk.left_out.into_inner().unwrap_or_default();
        // What git tracks is read all the same.
        left_out.retain(|left| files.binary_search_by(|file| file.name.cmp(&left.name)).is_err());
        Disk { root, files, stage: None, problems, left_out, done: AtomicUsize::new(0) }
    }

    /// The files of the next commit, with their staged contents.
    pub(super) fn staged(root: Root, stage: Stage, files: Vec<(Vec<u8>, Blob)>, base: Option<&Base>) -> Disk {
        let mut problems = Vec::new();
        let files = files.into_iter().filter_map(|(name, blob)| {
            let name = path(&name);
            if !door::leads_down(&name) {
                problems.push(no_file(&name));
                return None;
            }
            let entry = Entry { name: shown(&name), home: Home::Staged(blob) };
            Some(Found { entry, escaped: is_escaped(&name) })
        });
        let mut files = sorted(files.collect());
        // The ignore files are those of the next commit, too, or of the one before an untrusted change.
        let mut ours = OurIgnores::new(root.path(), |name| {
            if let Some(base) = base.filter(|base| base.is_untrusted()) {
                return base.ignores(name);
            }
            let at = files.binary_search_by(|file| file.name.as_str().cmp(name)).ok()?;
            let Home::Staged(blob) = &files[at].home else { return None };
            let bytes = stage.read(blob, IGNORES).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        });
        let kept: Vec<bool> = files.iter().map(|file| !ours.leave_out(&file.name)).collect();
        drop(ours);
        let mut kept = kept.into_iter();
        files.retain(|_| kept.next().unwrap_or(true));
        let left_out = Vec::new();
        Disk { root, files, stage: Some(stage), problems, left_out, done: AtomicUsize::new(0) }
    }

    pub(super) fn root(&self) -> &Root {
        &self.root
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

    /// What git calls the text of a file of the next commit.
    pub(super) fn staged_blob(&self, name: &str) -> Option<&str> {
        match &self.files.get(self.find(name)?.0 as usize)?.home {
            Home::Staged(blob) => Some(&blob.0),
            _ => None,
        }
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

    /// The same, where another limit holds.
    pub(super) fn text_up_to(&self, id: SourceId, limit: u64) -> Result<String, Refused> {
        let mut bytes = Vec::new();
        if let Some(entry) = self.files.get(id.0 as usize) {
            self.whole(entry, limit, &mut bytes)?;
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn whole(&self, entry: &Entry, limit: u64, buffer: &mut Vec<u8>) -> Result<(), Refused> {
        match (&entry.home, &self.stage) {
            (Home::Memory(bytes), _) => buffer.extend_from_slice(bytes),
            (Home::Staged(blob), Some(stage)) => *buffer = stage.read(blob, limit)?,
            (Home::Path(path), _) => open_own(&self.root, path, limit)?.read(buffer)?,
            (Home::Name | Home::Staged(_), _) => open_own(&self.root, &entry.name, limit)?.read(buffer)?,
        }
        Ok(())
    }

    fn part(&self, entry: &Entry, at: u64, most: usize, buffer: &mut Vec<u8>) -> Result<bool, Refused> {
        let opened = match (&entry.home, &self.stage) {
            (Home::Memory(_), _) => return Ok(false),
            (Home::Staged(blob), Some(stage)) => return stage.part(blob, at, most, buffer),
            (Home::Path(path), _) => open_own(&self.root, path, u64::MAX)?,
            (Home::Name | Home::Staged(_), _) => open_own(&self.root, &entry.name, u64::MAX)?,
        };
        let mut file = opened.file;
        file.seek(io::SeekFrom::Start(at)).map_err(Refused::System)?;
        file.take(most as u64).read_to_end(buffer).map_err(Refused::System)?;
        Ok(true)
    }
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
        self.whole(entry, SOURCE, buffer).map_err(|refused| unreadable(&refused, id))
    }

    fn read_part(&self, id: SourceId, at: u64, most: usize, buffer: &mut Vec<u8>) -> Result<bool, Problem> {
        buffer.clear();
        let Some(entry) = self.files.get(id.0 as usize) else { return Ok(false) };
        self.part(entry, at, most, buffer).map_err(|refused| unreadable(&refused, id))
    }
}

fn unreadable(refused: &Refused, id: SourceId) -> Problem {
    let at = Some(Span::new(id, 0, 0));
    match refused {
        Refused::TooLarge { .. } => Problem::blind(LARGE, refused.to_string(), at),
        _ => Problem::blind("unreadable", format!("cannot read the file: {refused}"), at),
    }
}

/// A file that was listed.
#[derive(Debug)]
struct Found {
    entry: Entry,
    escaped: bool,
}

/// The files by name, each with a name of its own.
fn sorted(mut found: Vec<Found>) -> Vec<Entry> {
    if found.iter().any(|file| file.escaped) {
        let plain = found.iter().filter(|file| !file.escaped).map(|file| file.entry.name.as_str());
        let mut apart = Apart::from(plain);
        // Whatever order the threads came in.
        found.sort_by(|a, b| key(&a.entry).cmp(&key(&b.entry)));
        for file in found.iter_mut().filter(|file| file.escaped) {
            file.entry.name = apart.take(std::mem::take(&mut file.entry.name));
        }
    }
    let mut files: Vec<Entry> = found.into_iter().map(|file| file.entry).collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

fn key(entry: &Entry) -> (&str, Option<&Path>) {
    let path = if let Home::Path(path) = &entry.home { Some(path.as_path()) } else { None };
    (&entry.name, path)
}

/// One listing in progress.
struct Walk<'a> {
    root: &'a Root,
    /// Whose ignore files of our own count, if not those on the disk.
    base: Option<&'a Base>,
    files: Mutex<Vec<Found>>,
    problems: Mutex<Vec<Problem>>,
    left_out: Mutex<Vec<LeftOut>>,
}

/// A folder to be listed.
struct Folder {
    path: PathBuf,
    /// Below the root, with a slash behind it; nothing for the root itself.
    name: String,
    /// Whether the name is written otherwise than the path, which is not Unicode.
    is_escaped: bool,
}

impl<'a> Walk<'a> {
    /// Lists one folder and starts a task for each below it.
    fn folder<'s>(&'s self, scope: &rayon::Scope<'s>, folder: Folder, above: Ignores) {
        let mut entries = Vec::new();
        for entry in door::list(&folder.path) {
            match entry {
                Ok(entry) => entries.push(entry),
                Err(error) => self.miss(&folder.path, error.io_error()),
            }
        }
        let text = |name: &str| {
            let there = entries.iter().any(|entry| entry.file_name() == name && entry.file_type().is_file());
            there.then(|| self.rules(&folder.path, name, &above)).flatten()
        };
        let ours = match self.base {
            Some(base) => base.ignores(&format!("{}{OURS}", folder.name)),
            None => text(OURS),
        };
        let rules = above.below(&folder.path, ours.as_deref(), text(GITS).as_deref());
        let (mut found, mut left) = (Vec::new(), Vec::new());
        for entry in entries {
            let (kind, path) = (entry.file_type(), entry.path());
            if entry.file_name() == ".git" {
                continue;
            }
            let mut name = folder.name.clone() + &told(entry.file_name().as_encoded_bytes());
            if kind.is_dir() {
                name.push('/');
            }
            let is_escaped = folder.is_escaped || is_escaped(Path::new(entry.file_name()));
            if let Some(why) = why_left_out(&rules, kind, path) {
                left.push(LeftOut { why, name });
            } else if kind.is_dir() {
                let (below, rules) = (Folder { path: path.to_owned(), name, is_escaped }, rules.clone());
                scope.spawn(move |scope| self.folder(scope, below, rules));
            } else {
                let home = if is_escaped { Home::Path(self.below(path).to_owned()) } else { Home::Name };
                found.push(Found { entry: Entry { name, home }, escaped: is_escaped });
            }
        }
        if let (Ok(mut files), Ok(mut left_out)) = (self.files.lock(), self.left_out.lock()) {
            files.append(&mut found);
            left_out.append(&mut left);
        }
    }

    fn below<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(self.root.path()).unwrap_or(path)
    }

    /// The text of an ignore file.
    fn rules(&self, folder: &Path, name: &str, above: &Ignores) -> Option<String> {
        let path = self.below(folder).join(name);
        let read = open_own(self.root, &path, IGNORES).and_then(Opened::text);
        let most = format!("with those above it there are more than {} KiB of patterns", IGNORES_ABOVE >> 10);
        let text = match read {
            Ok(text) if above.take(&text) => Ok(text),
            Ok(_) => Err(most),
            Err(refused) => Err(refused.to_string()),
        };
        let text = text.map_err(|why| {
            self.tell(format!("cannot read {}: {why}; it leaves nothing out", shown(&path)));
        });
        let text = text.ok()?;
        if let Some(line) = no_pattern(&text).filter(|_| name == OURS)
            && let Ok(mut problems) = self.problems.lock()
        {
            let says = format!("line {line} of {} is no pattern: it leaves nothing out", shown(&path));
            problems.push(Problem::caution("ignore-file", says, None));
        }
        Some(text)
    }

    fn miss(&self, folder: &Path, error: Option<&io::Error>) {
        let why = error.map_or_else(|| "a circle of links".into(), reason);
        self.tell(format!("cannot list the folder {}: {why}", shown(self.below(folder))));
    }

    fn tell(&self, says: String) {
        if let Ok(mut problems) = self.problems.lock() {
            problems.push(Problem::blind("unreadable", says, None));
        }
    }
}

/// Why what is found in a folder is not listed; what linters said is full of quotations that would be found again.
fn why_left_out(rules: &Ignores, kind: FileType, path: &Path) -> Option<Left> {
    let asked = if kind.is_dir() { Kind::Folder } else { Kind::File };
    match () {
        () if kind.is_symlink() => Some(Left::Link),
        () if rules.leaves_out(path, asked) => Some(Left::Ignored),
        () if !kind.is_dir() && !kind.is_file() => Some(Left::Special),
        () if kind.is_file() && path.extension().is_some_and(|kind| kind == "sarif") => Some(Left::Sarif),
        () => None,
    }
}

/// The entry of a file at a path below the root.
fn named(below: &Path) -> Found {
    let escaped = is_escaped(below);
    let home = if escaped { Home::Path(below.to_owned()) } else { Home::Name };
    Found { entry: Entry { name: shown(below), home }, escaped }
}

/// Adds files that git tracks although an ignore rule names them: they are committed all the same.
fn add_tracked(
    root: &Root,
    checkout: &Checkout,
    files: &mut Vec<Entry>,
    problems: &mut Vec<Problem>,
    ours: &mut OurIgnores,
) {
    let (tracked, wrong) = checkout.tracked();
    if let Some(wrong) = wrong {
        let says =
            format!("cannot read the index of git: {wrong}; tracked files that are ignored were left out");
        problems.push(Problem::blind("git-index", says, None));
    }
    let known: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let is_known = |name: &Vec<u8>| std::str::from_utf8(name).is_ok_and(|name| known.contains(name));
    let missing: Vec<Vec<u8>> = tracked.into_iter().filter(|name| !is_known(name)).collect();
    if missing.is_empty() {
        return;
    }
    let paths: BTreeSet<PathBuf> = files
        .iter()
        .filter_map(|file| if let Home::Path(path) = &file.home { Some(path.clone()) } else { None })
        .collect();
    let mut added = Vec::new();
    for name in missing {
        let path = path(&name);
        if paths.contains(&path) {
            continue;
        }
        // A name in an index may be anything, and a folder on its way may have become a link.
        match door::is_own_file(root, &path) {
            Err(Refused::Name) => problems.push(no_file(&path)),
            Ok(true) if !ours.leave_out(&shown(&path)) => added.push(named(&path)),
            // It is gone, a link, or was left out already.
            _ => {}
        }
    }
    let is_escaped = |entry: &Entry| matches!(entry.home, Home::Path(_));
    let all = files.drain(..).map(|entry| Found { escaped: is_escaped(&entry), entry }).chain(added);
    *files = sorted(all.collect());
}

/// A name in an index may be anything.
fn no_file(name: &Path) -> Problem {
    let says = format!("the index of git names {}, which is no file of a repository", escaped(name));
    Problem::blind("git-index", says, None)
}

type TextOf<'a> = Box<dyn Fn(&str) -> Option<String> + Send + 'a>;

/// Our own ignore files along the way to a tracked file.
pub(super) struct OurIgnores<'a> {
    root: &'a Path,
    /// The text of an ignore file, by its name below the root.
    text: TextOf<'a>,
    folders: std::collections::BTreeMap<String, Ignores>,
}

impl<'a> OurIgnores<'a> {
    pub(super) fn new(root: &'a Path, text: impl Fn(&str) -> Option<String> + Send + 'a) -> OurIgnores<'a> {
        OurIgnores { root, text: Box::new(text), folders: Default::default() }
    }

    /// Those that are on the disk, or those of the base of an untrusted change.
    pub(super) fn of(root: &'a Root, base: Option<&'a Base>) -> OurIgnores<'a> {
        match base.filter(|base| base.is_untrusted()) {
            Some(base) => OurIgnores::new(root.path(), |name| base.ignores(name)),
            None => {
                OurIgnores::new(root.path(), |name| open_own(root, name, IGNORES).and_then(Opened::text).ok())
            }
        }
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
        let name = if folder.is_empty() { OURS.to_owned() } else { format!("{folder}/{OURS}") };
        let text = (self.text)(&name).filter(|text| above.take(text));
        let rules = above.below(&self.root.join(folder), text.as_deref(), None);
        self.folders.insert(folder.to_owned(), rules.clone());
        rules
    }
}
