//! The history of git, read once: its commits, what each changed, and every distinct version of a text, all from what git
//! stores; git itself says which commits a range names. What the versions hold, `history` tells.
//!
//! Folders are read as the commits come, newest first, and versions in the order in which they are stored, on all threads.
//! No content is kept.

use super::Failure;
use super::disk::OurIgnores;
use super::door::{Opened, open_gits};
use super::git::Checkout;
use super::names::told;
use super::objects::{ObjectReader, Objects};
use super::run_git::{command, git as run_git};
use super::terminal::reason;
use super::work::Bench;
use crate::engine;
use crate::facts::Keeping;
use crate::git::{self, Changed, Fault, Object, ObjectKind, ObjectName, Thing, Walk};
use crate::history::{self, Change, Commit, Look, Place, Print, Seen, Timeline};
use crate::limits::GIT_FILE;
use crate::limits::MOST_CHANGED;
use crate::text::{Date, Str};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What was read of a history.
pub(super) struct Past {
    pub(super) timeline: Timeline,
    pub(super) seen: Seen,
    /// How many versions of files there are.
    pub(super) versions: usize,
    pub(super) counts: Counts,
    /// The object of every version, by the version's number.
    names: Vec<ObjectName>,
    objects: Objects,
}

/// How many versions were what.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Counts {
    pub(super) read: usize,
    pub(super) bytes: u64,
    pub(super) binary: usize,
    pub(super) large: usize,
    /// Those that this clone does not hold.
    pub(super) missing: usize,
    /// Those that git itself cannot read.
    pub(super) damaged: usize,
    /// Those in which we failed.
    pub(super) failed: usize,
    /// Folders of commits that could not be read: what changed in them is not known.
    pub(super) unread_folders: usize,
}

/// How many digits of a commit's name are shown.
const SHOWN: usize = 10;

/// How many bytes of objects are remembered: those of all folders for a while, and less by each of the threads, whose
/// versions are made of those right before them.
const REMEMBERED: usize = 48 << 20;
const REMEMBERED_BY_EACH: usize = 4 << 20;

/// How many versions go to a thread at once, and how many at most where all of them are made of one.
const BATCH: usize = 128;
const LARGEST_BATCH: usize = 1024;

/// Reads the history that a range of commits names; without one, that of everything that has a name.
pub(super) fn read(bench: &Bench, range: Option<&str>, done: &AtomicUsize) -> Result<Past, Failure> {
    // What keeps git from working here, such as another owner, is told in its own words.
    run_git(&bench.root, &["rev-parse", "--git-dir"])?;
    let checkout = bench.checkout.as_ref().ok_or_else(|| Failure::new("there is no git repository here"))?;
    let objects = Objects::open(&bench.root, checkout);
    let listed = listed(bench, checkout, range, &mut objects.reader(REMEMBERED))?;
    let mut log = Log::new(bench);
    // Folders in folders take some stack, and the threads have more than the first one on some systems.
    rayon::scope(|_| log.read(listed, &mut objects.reader(REMEMBERED), checkout.hash()));
    let mut past = Past {
        timeline: Timeline::default(),
        seen: Seen::default(),
        versions: log.names.len(),
        counts: Counts { unread_folders: log.unread, ..Counts::default() },
        names: Vec::new(),
        objects,
    };
    past.look(bench, std::mem::take(&mut log.new), &log.names, done);
    rayon::scope(|_| log.head(&mut past.objects.reader(REMEMBERED), checkout.hash()))?;
    let missing = log.unread_in_head(&past.seen);
    past.look(bench, missing, &log.names, done);
    (past.timeline, past.versions, past.names) = (log.timeline, log.names.len(), log.names);
    Ok(past)
}

impl Past {
    /// Looks at versions, on all threads.
    fn look(&mut self, bench: &Bench, wanted: Vec<Asked>, names: &[ObjectName], done: &AtomicUsize) {
        let (objects, whole) = (&self.objects, engine::collection(&bench.job(None)));
        let wanted_names: Vec<ObjectName> =
            wanted.iter().map(|&(version, _)| names[version as usize]).collect();
        let order = objects.in_order(&wanted_names);
        let look = |reader: &mut ObjectReader, batch: &[(usize, usize)]| {
            let versions = batch.iter().map(|&(number, _)| {
                let (version, path) = &wanted[number];
                (*version, path, wanted_names[number])
            });
            looked_at(bench, whole, reader, versions, done)
        };
        let sights: Vec<Sights> =
            batches(&order).into_par_iter().map_init(|| objects.reader(REMEMBERED_BY_EACH), look).collect();
        for sights in sights {
            self.take(sights);
        }
    }

    fn take(&mut self, sights: Sights) {
        self.seen.extend(sights.seen);
        let (all, some) = (&mut self.counts, sights.counts);
        all.read += some.read;
        all.bytes += some.bytes;
        all.binary += some.binary;
        all.large += some.large;
        all.missing += some.missing;
        all.damaged += some.damaged;
        all.failed += some.failed;
    }

    /// The contents of some versions, in order.
    pub(super) fn contents(&self, versions: impl Iterator<Item = u32>) -> Result<Vec<Vec<u8>>, Failure> {
        let mut reader = self.objects.reader(REMEMBERED);
        let mut content = |version: u32| {
            let name = self.names[version as usize];
            let object = reader.read(&name);
            object
                .map(|object| object.bytes.clone())
                .map_err(|_| Failure::new(format!("git does not have the blob {}", name.hex())))
        };
        versions.map(&mut content).collect()
    }
}

/// Cuts an order into batches, if possible between those that are made of different objects.
fn batches(order: &[(usize, usize)]) -> Vec<&[(usize, usize)]> {
    let (mut batches, mut start) = (Vec::new(), 0);
    for at in 1..=order.len() {
        let is_between = order.get(at).is_none_or(|next| next.1 != order[at - 1].1);
        let is_full = at - start >= if is_between { BATCH } else { LARGEST_BATCH };
        if is_full || at == order.len() {
            batches.push(&order[start..at]);
            start = at;
        }
    }
    batches
}

/// The commits of a range, newest first. What stands in for commits and parents (`git replace`, grafts) is left aside:
/// it hides what is stored.
fn listed(
    bench: &Bench,
    checkout: &Checkout,
    range: Option<&str>,
    objects: &mut ObjectReader,
) -> Result<Vec<git::Commit>, Failure> {
    // Of a shallow clone the last commits have parents that are not there.
    let shallow = open_gits(&checkout.common, "shallow", GIT_FILE).and_then(Opened::text).unwrap_or_default();
    let last: HashSet<ObjectName> = shallow.lines().filter_map(ObjectName::parse).collect();
    let mut read = |name: &ObjectName| {
        let object = objects.read(name).ok().filter(|object| object.kind == ObjectKind::Commit)?;
        let mut commit = git::Commit::parse(*name, &object.bytes)?;
        if last.contains(name) {
            commit.parents.clear();
        }
        Some(commit)
    };
    let unread = || Failure::new("there are commits that git does not have: the history cannot be read");
    match range {
        // Which commits a range names, git says.
        Some(range) => {
            let names = names(bench, &["--end-of-options", range]).map_err(|_| {
                Failure::new(format!("there is no range `{range}` here"))
                    .hint("it is written main..HEAD, and paths go before --history")
            })?;
            names.iter().map(|name| read(name).ok_or_else(unread)).collect()
        }
        None => {
            let tips = names(bench, &["--no-walk=unsorted", "--all"])?;
            git::newest_first(&tips, &mut read).map_err(|_| unread())
        }
    }
}

/// What `git rev-list` names.
fn names(bench: &Bench, asked: &[&str]) -> Result<Vec<ObjectName>, Failure> {
    let mut arguments = vec!["--no-replace-objects", "rev-list"];
    arguments.extend(asked.iter().chain(&["--"]));
    let mut command = command(&bench.root, &arguments);
    let ran = command.env("GIT_GRAFT_FILE", "/dev/null").stderr(Stdio::null()).output();
    let ran = ran.map_err(|error| Failure::new(format!("cannot run git: {}", reason(&error))))?;
    if !ran.status.success() {
        return Err(Failure::new("git rev-list ended early: the history cannot be read"));
    }
    Ok(String::from_utf8_lossy(&ran.stdout).lines().filter_map(ObjectName::parse).collect())
}

/// The log so far.
struct Log<'a> {
    bench: &'a Bench,
    ours: OurIgnores<'a>,
    timeline: Timeline,
    /// The object of every version.
    names: Vec<ObjectName>,
    /// The versions that commits made, when each was first met.
    new: Vec<Asked>,
    /// How many folders could not be read.
    unread: usize,
    /// The number of each path that is looked at; nothing for one that is not.
    paths: HashMap<String, Option<u32>>,
    /// The number of each last part of a path: what a content means may depend on it.
    bases: HashMap<String, u32>,
    versions: HashMap<(ObjectName, u32), u32>,
}

/// A version to be looked at, and a path it had.
type Asked = (u32, Str);

impl<'a> Log<'a> {
    fn new(bench: &'a Bench) -> Log<'a> {
        Log {
            bench,
            ours: OurIgnores::of(bench.disk.root(), bench.base.as_ref()),
            timeline: Timeline::default(),
            names: Vec::new(),
            new: Vec::new(),
            unread: 0,
            paths: HashMap::new(),
            bases: HashMap::new(),
            versions: HashMap::new(),
        }
    }

    /// Reads what each commit changed.
    fn read(&mut self, listed: Vec<git::Commit>, objects: &mut ObjectReader, hash: usize) {
        let trees: HashMap<ObjectName, ObjectName> =
            listed.iter().map(|commit| (commit.name, commit.tree)).collect();
        let bench = self.bench;
        let scope = &bench.scope;
        let mut unread = 0;
        for commit in &listed {
            let mut parents = Vec::new();
            for parent in &commit.parents {
                // One that the range leaves out has not been listed.
                match trees.get(parent).copied().or_else(|| tree_of(parent, &*objects.read(parent).ok()?)) {
                    Some(tree) => parents.push(tree),
                    None => unread += 1,
                }
            }
            if parents.len() < commit.parents.len() {
                continue;
            }
            let number = self.timeline.commits.len() as u32;
            let mut is_named = scope.paths.is_empty();
            let mut walk = Walk {
                read: &mut |name| objects.read(name),
                enter: &mut |folder| scope.paths.is_empty() || may_name(&scope.paths, folder),
                hash,
                most_entries: MOST_CHANGED,
                unread: 0,
            };
            walk.changes(commit.tree, &parents, &mut |changed| is_named |= self.change(number, changed));
            unread += walk.unread;
            // Where only some paths are asked for, the others' commits are no part of this history.
            if is_named {
                let name = commit.name.hex()[..SHOWN].into();
                let day =
                    commit.written.map(|written| Date::from_days(written.div_euclid(86_400)).to_string());
                self.timeline.commits.push(Commit { name, day: day.unwrap_or_default().into() });
            }
        }
        self.unread += unread;
    }

    /// Notes one change; says whether its path is one of those that were asked for.
    fn change(&mut self, commit: u32, changed: Changed) -> bool {
        let path = told(changed.path);
        let Some(number) = self.path(&path) else { return self.bench.scope.names(&path) };
        let mut version = |there: Option<(Thing, ObjectName)>| {
            // Links and submodules hold no text.
            let (_, object) = there.filter(|&(thing, _)| thing == Thing::File)?;
            let (version, is_new) = self.version(object, &path);
            if is_new {
                self.new.push((version, path.as_str().into()));
            }
            Some(version)
        };
        // A merge makes something new of several; what it drops, another branch has told.
        let (old, new) = (version(changed.old), version(changed.new));
        if old.is_some() || new.is_some() {
            self.timeline.changes.push(Change { commit, path: number, old, new });
        }
        true
    }

    fn path(&mut self, path: &str) -> Option<u32> {
        if let Some(known) = self.paths.get(path) {
            return *known;
        }
        let taken = self.bench.takes(path) && self.bench.scope.names(path) && !self.ours.leave_out(path);
        let number = taken.then(|| {
            self.timeline.paths.push(path.into());
            self.timeline.paths.len() as u32 - 1
        });
        self.paths.insert(path.to_owned(), number);
        number
    }

    fn version(&mut self, object: ObjectName, path: &str) -> (u32, bool) {
        let base = path.rsplit('/').next().unwrap_or(path);
        let base = match self.bases.get(base) {
            Some(&base) => base,
            None => {
                let number = self.bases.len() as u32;
                self.bases.insert(base.to_owned(), number);
                number
            }
        };
        let next = self.names.len() as u32;
        let version = *self.versions.entry((object, base)).or_insert(next);
        if version == next {
            self.names.push(object);
        }
        (version, version == next)
    }

    /// Notes what HEAD holds of the paths that the log told of.
    fn head(&mut self, objects: &mut ObjectReader, hash: usize) -> Result<(), Failure> {
        let asked = ["--no-replace-objects", "rev-parse", "--verify", "--quiet", "HEAD^{tree}"];
        let Ok(tree) = run_git(&self.bench.root, &asked) else { return Ok(()) };
        let Some(tree) = ObjectName::parse(String::from_utf8_lossy(&tree).trim()) else { return Ok(()) };
        let mut walk = Walk {
            read: &mut |name| objects.read(name),
            enter: &mut |_| true,
            hash,
            most_entries: MOST_CHANGED,
            unread: 0,
        };
        walk.changes(tree, &[], &mut |held| {
            let path = String::from_utf8_lossy(held.path);
            let object = held.new.filter(|&(thing, _)| thing == Thing::File);
            if let (Some((_, object)), Some(Some(number))) = (object, self.paths.get(&*path).copied()) {
                let (version, _) = self.version(object, &path);
                self.timeline.head.insert(number, version);
            }
        });
        // Not to know what is still there would tell it as gone.
        if walk.unread > 0 {
            return Err(Failure::new(
                "cannot read what HEAD holds: git's store is damaged, or a partial clone",
            ));
        }
        Ok(())
    }

    /// Versions in HEAD that the range does not reach, of paths that once held something.
    fn unread_in_head(&self, seen: &Seen) -> Vec<Asked> {
        let changes = &self.timeline.changes;
        let read: BTreeSet<u32> =
            changes.iter().flat_map(|change| [change.old, change.new]).flatten().collect();
        let held = |version: Option<u32>| version.is_some_and(|version| seen.contains_key(&version));
        let paths: BTreeSet<u32> = changes
            .iter()
            .filter(|change| held(change.old) || held(change.new))
            .map(|change| change.path)
            .collect();
        let here = self
            .timeline
            .head
            .iter()
            .filter(|(path, version)| paths.contains(path) && !read.contains(version));
        here.map(|(&path, &version)| (version, self.timeline.paths[path as usize].clone())).collect()
    }
}

/// Whether a folder, its path with a slash behind it, may hold one of these paths or lies in one.
fn may_name(paths: &[Str], folder: &[u8]) -> bool {
    paths.iter().map(|path| path.as_str().as_bytes()).any(|path| {
        let is_above = path.starts_with(folder);
        let is_below = folder.strip_prefix(path).is_some_and(|rest| rest.first() == Some(&b'/'));
        path.is_empty() || is_above || is_below
    })
}

/// The folder that a commit holds.
fn tree_of(name: &ObjectName, object: &Object) -> Option<ObjectName> {
    let commit = git::Commit::parse(*name, &object.bytes).filter(|_| object.kind == ObjectKind::Commit);
    Some(commit?.tree)
}

/// What some versions gave.
#[derive(Default)]
struct Sights {
    seen: Vec<(u32, Vec<Print>)>,
    counts: Counts,
}

fn looked_at<'a>(
    bench: &Bench,
    whole: Option<Keeping>,
    objects: &mut ObjectReader,
    versions: impl Iterator<Item = (u32, &'a Str, ObjectName)>,
    done: &AtomicUsize,
) -> Sights {
    let mut sights = Sights::default();
    let counts = &mut sights.counts;
    // Most versions that follow each other are of one file.
    let mut last: Option<(&Str, Place)> = None;
    for (version, path, name) in versions {
        done.fetch_add(1, Ordering::Relaxed);
        match objects.read(&name) {
            Err(Fault::Large) => counts.large += 1,
            Err(Fault::Missing) => counts.missing += 1,
            Err(Fault::Damaged | Fault::Endless) => counts.damaged += 1,
            Ok(object) => {
                counts.read += 1;
                counts.bytes += object.bytes.len() as u64;
                let place = match last {
                    Some((of, place)) if of == path => place,
                    _ => Place::new(&bench.book, &bench.config, whole, path),
                };
                last = Some((path, place));
                match history::look(&bench.book, &bench.scope, place, &object.bytes) {
                    Look::Binary => counts.binary += 1,
                    Look::Failed => counts.failed += 1,
                    Look::Text(prints) if prints.is_empty() => {}
                    Look::Text(prints) => sights.seen.push((version, prints)),
                }
            }
        }
    }
    sights
}
