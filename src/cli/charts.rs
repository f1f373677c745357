//! Charts that are no files of the repository: in folders that the user names, and in helm's cache. Here they are only
//! listed, and read when a release asks for one. Links are never followed.

use super::Failure;
use super::door::{Opened, Refused, Root, is_below, is_own_file, list_below, open_own, real, variable};
use super::names::shown;
use super::registry::digest_of;
use super::terminal::reason;
use crate::finding::Problem;
use crate::limits::{
    DEEPEST_CHART_FOLDER, MOST_CHART_ENTRIES, MOST_CHART_FILES, MOST_OF_CHART, MOST_OF_CHART_FILE,
};
use crate::text::{Package, Packages, Part, Portion, Str, is_digest};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use walkdir::DirEntry;

/// The charts of some folders.
#[derive(Debug, Default)]
pub(super) struct Charts {
    names: Vec<Str>,
    homes: Vec<Home>,
}

/// Where a chart is, below a folder by its handle.
#[derive(Debug)]
enum Home {
    Archive(Arc<Root>, PathBuf),
    /// The archive of this digest.
    Locked(Arc<Root>, PathBuf, Str),
    Folder(Arc<Root>, PathBuf),
}

impl Charts {
    /// The charts in folders that the command line names, below which the configuration names, and in helm's cache.
    /// Nothing if nobody names any.
    pub(super) fn list(
        root: &Path,
        named: &[PathBuf],
        configured: &[Part],
        with_cache: bool,
        locked: &[(Str, Str)],
        problems: &mut Vec<Problem>,
    ) -> Result<Option<Charts>, Failure> {
        let mut out = Charts::default();
        out.add_locked(locked, problems);
        for folder in named {
            let failed = |why: &str| {
                Failure::new(format!("cannot read {}: {why}", folder.display()))
                    .hint("--chart-dir takes a folder with charts")
            };
            let there = real(folder).map_err(|error| failed(&reason(&error)))?;
            // A folder of the repository that leads elsewhere may have been committed so.
            if is_below(root, folder).is_some() && !there.starts_with(root) {
                return Err(failed("it is a link that leads out of the repository"));
            }
            let opened = Root::open(&there).map_err(|error| failed(&reason(&error)))?;
            out.add(folder, opened, problems);
        }
        for folder in configured {
            match below(root, &folder.text) {
                Some((path, opened)) => out.add(&path, opened, problems),
                None => {
                    let says = format!("`{}` is no folder below the root: no charts are there", folder.text);
                    problems.push(Problem::note("chart-dir", says, folder.span()));
                }
            }
        }
        // What is not there has no charts.
        if let Some(folder) = with_cache.then(cache).flatten()
            && let Ok(opened) = real(&folder).and_then(|real| Root::open(&real))
        {
            out.add(&folder, opened, problems);
        }
        let is_asked = with_cache || !locked.is_empty() || !named.is_empty() || !configured.is_empty();
        Ok(is_asked.then_some(out))
    }

    /// Adds the charts that the lock names, by address and digest, from where `pintle charts fetch` keeps them.
    fn add_locked(&mut self, locked: &[(Str, Str)], problems: &mut Vec<Problem>) {
        let home = kept_at("").and_then(|home| Root::open(&real(&home).ok()?).ok()).map(Arc::new);
        let mut missing = 0;
        for (address, digest) in locked {
            let path = PathBuf::from(file_of(digest));
            match home.as_ref().filter(|home| is_own_file(home, &path).unwrap_or(false)) {
                Some(home) => {
                    self.push(Path::new(address.as_str()), Home::Locked(home.clone(), path, digest.clone()))
                }
                None => missing += 1,
            }
        }
        if missing > 0 {
            let are = if missing == 1 {
                "chart that pintle.lock names is"
            } else {
                "charts that pintle.lock names are"
            };
            let says = format!("{missing} {are} not at hand: `pintle charts fetch` gets what is missing");
            problems.push(Problem::caution("chart-dir", says, None));
        }
    }

    /// Adds the charts of an open folder. It may have been named by a link; what is in it is reached by none.
    fn add(&mut self, folder: &Path, opened: Root, problems: &mut Vec<Problem>) {
        let root = Arc::new(opened);
        let mut entries = list_below(root.path(), DEEPEST_CHART_FOLDER);
        let mut count = 0;
        while let Some(entry) = entries.next() {
            count += 1;
            if count > MOST_CHART_ENTRIES {
                let says = format!(
                    "{} has more than {MOST_CHART_ENTRIES} entries: no more are looked at",
                    folder.display()
                );
                problems.push(Problem::blind("chart-dir", says, None));
                return;
            }
            // What cannot be listed has no chart that could be read.
            let Ok(entry) = entry else { continue };
            let below = entry.path().strip_prefix(root.path()).unwrap_or(Path::new("")).to_owned();
            let name = folder.join(&below);
            let kind = entry.file_type();
            if kind.is_dir() && is_own_file(&root, &below.join("Chart.yaml")).unwrap_or(false) {
                // The charts within a chart are its own.
                entries.skip_current_dir();
                self.push(&name, Home::Folder(root.clone(), below));
            } else if kind.is_dir() && entry.file_name() == ".git" {
                entries.skip_current_dir();
            } else if kind.is_file() && is_archive(&entry) {
                self.push(&name, Home::Archive(root.clone(), below));
            }
        }
    }

    fn push(&mut self, name: &Path, home: Home) {
        self.names.push(name.to_string_lossy().trim_end_matches('/').into());
        self.homes.push(home);
    }
}

impl Packages for Charts {
    fn names(&self) -> &[Str] {
        &self.names
    }

    fn read(&self, package: usize, portion: Portion) -> Result<Package, String> {
        match (&self.homes[package], portion) {
            (Home::Locked(root, path, digest), _) => {
                let bytes = read(root, path, MOST_OF_CHART as u64)?;
                match digest_of(&bytes) == digest.as_str() {
                    true => Ok(Package::Archive(bytes)),
                    false => Err(format!("{} is not what its name says", path.display())),
                }
            }
            (Home::Archive(root, path), _) => Ok(Package::Archive(read(root, path, MOST_OF_CHART as u64)?)),
            (Home::Folder(root, path), Portion::File(name)) => {
                let bytes = read(root, &path.join(name), MOST_OF_CHART_FILE as u64)?;
                Ok(Package::Folder(vec![(name.into(), bytes)]))
            }
            (Home::Folder(root, path), Portion::Whole) => Ok(Package::Folder(files(root, path)?)),
        }
    }
}

/// Every file of a chart in a folder.
fn files(root: &Root, folder: &Path) -> Result<Vec<(Str, Vec<u8>)>, String> {
    let (mut out, mut left) = (Vec::new(), MOST_OF_CHART as u64);
    let above = root.path().join(folder);
    for entry in list_below(&above, usize::MAX).flatten() {
        let Ok(below) = entry.path().strip_prefix(&above) else { continue };
        if !entry.file_type().is_file() {
            continue;
        }
        if out.len() == MOST_CHART_FILES {
            return Err(format!("it holds more than {MOST_CHART_FILES} files"));
        }
        let name = shown(below);
        let bytes = read(root, &folder.join(below), MOST_OF_CHART_FILE as u64)?;
        left = left
            .checked_sub(bytes.len() as u64)
            .ok_or_else(|| format!("it is larger than {} MiB", MOST_OF_CHART >> 20))?;
        out.push((name.into(), bytes));
    }
    Ok(out)
}

fn read(root: &Root, path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let read = open_own(root, path, most).and_then(Opened::bytes);
    read.map_err(|refused| match refused {
        Refused::TooLarge { limit, .. } => format!("{name} is larger than {} MiB", limit >> 20),
        refused => format!("{name} cannot be read: {refused}"),
    })
}

fn is_archive(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    name.ends_with(".tgz") || name.ends_with(".tar.gz")
}

/// A folder below the root. A configuration comes with its repository: it cannot make pintle read what lies elsewhere.
fn below(root: &Path, path: &str) -> Option<(PathBuf, Root)> {
    let real = real(&root.join(path)).ok().filter(|real| real.starts_with(root))?;
    Some((root.join(path), Root::open(&real).ok()?))
}

/// Where the archive of a digest is kept, or the folder of all.
pub(super) fn kept_at(digest: &str) -> Option<PathBuf> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let own = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    let cache = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(own)))?;
    let folder = cache.join("pintle").join("charts");
    // Anything else than a digest names nothing.
    let name = (!digest.is_empty()).then(|| is_digest(digest).then(|| file_of(digest)));
    match name {
        None => Some(folder),
        Some(name) => Some(folder.join(name?)),
    }
}

fn file_of(digest: &str) -> String {
    format!("{}.tgz", digest.trim_start_matches("sha256:"))
}

/// The folder in which helm keeps the archives that it has fetched.
fn cache() -> Option<PathBuf> {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("HELM_REPOSITORY_CACHE")
        .or_else(|| Some(variable("HELM_CACHE_HOME")?.join("repository")))
        .or_else(|| Some(variable("XDG_CACHE_HOME")?.join("helm/repository")))
        .or_else(|| {
            let own = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
            Some(variable("HOME")?.join(own).join("helm/repository"))
        })
}
