//! Charts that are no files of the repository: in folders that the user names, and in helm's cache. Here they are only
//! listed, and read when a release asks for one. Links are never followed.

use super::Failure;
use super::terminal::reason;
use crate::finding::Problem;
use crate::text::{Package, Packages, Part, Portion, Str};
use std::env;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// More entries than these of one folder are not looked at.
const MOST_ENTRIES: usize = 100_000;
/// How deep below a folder charts are looked for: `DIR/NAME/VERSION/NAME` and a little more.
const MOST_LEVELS: usize = 8;
/// No archive of a chart is larger; helm's own limit is the same for what it unpacks.
const MOST_PACKED: u64 = 100 << 20;
/// What is taken of the files of a folder, as of those of an archive.
const MOST_FILES: usize = 20_000;
const MOST_OF_A_FILE: u64 = 5 << 20;

/// The charts of some folders.
#[derive(Debug, Default)]
pub(super) struct Charts {
    names: Vec<Str>,
    homes: Vec<Home>,
}

#[derive(Debug)]
enum Home {
    Archive(PathBuf),
    Folder(PathBuf),
}

impl Charts {
    /// The charts in folders that the command line names, below which the configuration names, and in helm's cache.
    /// Nothing if nobody names any.
    pub(super) fn list(
        root: &Path,
        named: &[PathBuf],
        configured: &[Part],
        with_cache: bool,
        problems: &mut Vec<Problem>,
    ) -> Result<Option<Charts>, Failure> {
        let mut out = Charts::default();
        for folder in named {
            fs::read_dir(folder).map_err(|error| {
                Failure::new(format!("cannot read {}: {}", folder.display(), reason(&error)))
                    .hint("--chart-dir takes a folder with charts")
            })?;
            out.add(folder, problems);
        }
        for folder in configured {
            match below(root, &folder.text) {
                Some(path) => out.add(&path, problems),
                None => {
                    let says = format!("`{}` is no folder below the root: no charts are there", folder.text);
                    problems.push(Problem::note("chart-dir", says, folder.span()));
                }
            }
        }
        if let Some(folder) = with_cache.then(cache).flatten() {
            out.add(&folder, problems);
        }
        let is_asked = with_cache || !named.is_empty() || !configured.is_empty();
        Ok(is_asked.then_some(out))
    }

    fn add(&mut self, folder: &Path, problems: &mut Vec<Problem>) {
        // A folder that is named may itself be a link; what is in it may not.
        let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let mut entries = WalkDir::new(&real).max_depth(MOST_LEVELS).sort_by_file_name().into_iter();
        let mut count = 0;
        while let Some(entry) = entries.next() {
            count += 1;
            if count > MOST_ENTRIES {
                let says = format!(
                    "{} has more than {MOST_ENTRIES} entries: no more are looked at",
                    folder.display()
                );
                problems.push(Problem::blind("chart-dir", says, None));
                return;
            }
            // What cannot be listed has no chart that could be read.
            let Ok(entry) = entry else { continue };
            let name = folder.join(entry.path().strip_prefix(&real).unwrap_or(Path::new("")));
            let kind = entry.file_type();
            if kind.is_dir() && is_file(&entry.path().join("Chart.yaml")) {
                // The charts within a chart are its own.
                entries.skip_current_dir();
                self.push(&name, Home::Folder(entry.into_path()));
            } else if kind.is_dir() && entry.file_name() == ".git" {
                entries.skip_current_dir();
            } else if kind.is_file() && is_archive(&entry) {
                self.push(&name, Home::Archive(entry.into_path()));
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
            (Home::Archive(path), _) => Ok(Package::Archive(read(path, MOST_PACKED)?)),
            (Home::Folder(path), Portion::File(name)) => {
                let bytes = read(&path.join(name), MOST_OF_A_FILE)?;
                Ok(Package::Folder(vec![(name.into(), bytes)]))
            }
            (Home::Folder(path), Portion::Whole) => Ok(Package::Folder(files(path)?)),
        }
    }
}

/// Every file of a chart in a folder.
fn files(folder: &Path) -> Result<Vec<(Str, Vec<u8>)>, String> {
    let (mut out, mut left) = (Vec::new(), MOST_PACKED);
    for entry in WalkDir::new(folder).sort_by_file_name().into_iter().flatten() {
        let name = entry.path().strip_prefix(folder).ok().and_then(super::disk::name);
        let Some(name) = name.filter(|_| entry.file_type().is_file()) else { continue };
        if out.len() == MOST_FILES {
            return Err(format!("it holds more than {MOST_FILES} files"));
        }
        let bytes = read(entry.path(), MOST_OF_A_FILE)?;
        left = left
            .checked_sub(bytes.len() as u64)
            .ok_or_else(|| format!("it is larger than {} MiB", MOST_PACKED >> 20))?;
        out.push((name.into(), bytes));
    }
    Ok(out)
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut bytes = Vec::new();
    let opened = File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    opened.map_err(|error| format!("{name} cannot be read: {}", reason(&error)))?;
    if bytes.len() as u64 > most {
        return Err(format!("{name} is larger than {} MiB", most >> 20));
    }
    Ok(bytes)
}

fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|kind| kind.is_file())
}

fn is_archive(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    name.ends_with(".tgz") || name.ends_with(".tar.gz")
}

/// A folder below the root. A configuration comes with its repository: it cannot make pintle read what lies elsewhere.
fn below(root: &Path, path: &str) -> Option<PathBuf> {
    let real = fs::canonicalize(root.join(path)).ok()?;
    (real.is_dir() && real.starts_with(root)).then(|| root.join(path))
}

/// The folder in which helm keeps the archives that it has fetched.
fn cache() -> Option<PathBuf> {
    let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("HELM_REPOSITORY_CACHE")
        .or_else(|| Some(variable("HELM_CACHE_HOME")?.join("repository")))
        .or_else(|| Some(variable("XDG_CACHE_HOME")?.join("helm/repository")))
        .or_else(|| {
            let own = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
            Some(variable("HOME")?.join(own).join("helm/repository"))
        })
}
