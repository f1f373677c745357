//! The history of git, read once: every change of every file from `git log`, every distinct version of a text from
//! `git cat-file`, looked at while they come. What the versions hold, `history` tells.
//!
//! Three processes work at once and nothing waits for a whole list: the names of versions go to `cat-file` as the log
//! tells them, and the versions it gives are looked at on all threads, a few at a time. No content is kept.

use super::Failure;
use super::disk::OurIgnores;
use super::limits::SOURCE;
use super::names::told;
use super::run_git::{blobs, command, git, names};
use super::terminal::reason;
use super::work::Bench;
use crate::history::{self, Change, Commit, Look, Print, Seen, Timeline};
use crate::text::Str;
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// What was read of a history.
#[derive(Debug, Default)]
pub(super) struct Past {
    pub(super) timeline: Timeline,
    pub(super) seen: Seen,
    /// The object of every version, by the version's number.
    pub(super) objects: Vec<Object>,
    pub(super) counts: Counts,
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
    /// Those in which we failed.
    pub(super) failed: usize,
}

/// The name of an object, of 20 or 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Object {
    bytes: [u8; 32],
    length: u8,
}

/// How many digits of a commit's name are shown.
const SHOWN: usize = 10;

/// How many bytes go to a thread at once.
const BATCH: usize = 256 << 10;

/// Reads the history that a range of commits names; without one, that of everything that has a name.
pub(super) fn read(bench: &Bench, range: Option<&str>, done: &AtomicUsize) -> Result<Past, Failure> {
    // What keeps git from working here, such as another owner, is told in its own words.
    git(&bench.root, &["rev-parse", "--git-dir"])?;
    let mut log = Log::new(bench);
    let mut reader = ask(bench)?;
    let (sender, asked) = channel();
    let look = |batch: Batch| looked_at(bench, batch?, done);
    let (logged, sights) = thread::scope(|scope| {
        let (log, input) = (&mut log, reader.input.take());
        let logging = scope.spawn(move || log.read(range, input, &sender));
        let batches = Batches { asked, output: &mut reader.output };
        let sights: Result<Vec<Sights>, Failure> = batches.par_bridge().map(look).collect();
        (logging.join(), sights)
    });
    let logged = logged.unwrap_or_else(|_| Err(Failure::new("cannot read the log of git")));
    let ended = reader
        .child
        .wait()
        .map_err(|error| Failure::new(format!("cannot read from git: {}", reason(&error))));
    logged?;
    let mut past = Past::default();
    for sights in sights? {
        past.take(sights);
    }
    ended?;
    log.head()?;
    let missing = log.unread_in_head(&past.seen);
    past.timeline = log.timeline;
    past.objects = log.objects;
    let wanted: Vec<(usize, String)> =
        missing.iter().map(|&(version, _)| (0, past.objects[version as usize].hex())).collect();
    let contents = blobs(&bench.root, &wanted)?;
    let batch = missing.into_iter().zip(contents).map(|((version, path), bytes)| Version {
        version,
        path,
        bytes: Ok(bytes),
    });
    past.take(looked_at(bench, batch.collect(), done)?);
    Ok(past)
}

impl Past {
    fn take(&mut self, sights: Sights) {
        self.seen.extend(sights.seen);
        let (all, some) = (&mut self.counts, sights.counts);
        all.read += some.read;
        all.bytes += some.bytes;
        all.binary += some.binary;
        all.large += some.large;
        all.missing += some.missing;
        all.failed += some.failed;
    }
}

impl Object {
    /// Reads a name in hexadecimal digits; one of zeros only is no object.
    fn parse(hex: &str) -> Option<Object> {
        let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
        let (mut bytes, hex) = ([0; 32], hex.as_bytes());
        if hex.len() > 64 || hex.len() % 2 == 1 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        bytes.iter().any(|&byte| byte != 0).then_some(Object { bytes, length: (hex.len() / 2) as u8 })
    }

    pub(super) fn hex(&self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits =
            |byte: &u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]].map(char::from);
        self.bytes[..usize::from(self.length)].iter().flat_map(digits).collect()
    }
}

/// The log so far.
struct Log<'a> {
    bench: &'a Bench,
    ours: OurIgnores<'a>,
    timeline: Timeline,
    objects: Vec<Object>,
    /// The number of each path that is looked at; nothing for one that is not.
    paths: HashMap<String, Option<u32>>,
    /// The number of each last part of a path: what a content means may depend on it.
    bases: HashMap<String, u32>,
    versions: HashMap<(Object, u32), u32>,
}

/// A version that `cat-file` has been asked for, and a path it had.
type Asked = (u32, Str);

impl<'a> Log<'a> {
    fn new(bench: &'a Bench) -> Log<'a> {
        Log {
            bench,
            ours: OurIgnores::on(bench.disk.root()),
            timeline: Timeline::default(),
            objects: Vec::new(),
            paths: HashMap::new(),
            bases: HashMap::new(),
            versions: HashMap::new(),
        }
    }

    /// Reads the log to its end, and asks for every version when it is first met.
    fn read(
        &mut self,
        range: Option<&str>,
        input: Option<ChildStdin>,
        asked: &Sender<Asked>,
    ) -> Result<(), Failure> {
        let failed =
            |error: std::io::Error| Failure::new(format!("cannot read from git: {}", reason(&error)));
        #[rustfmt::skip]
        let mut arguments = vec![
            "-c", "log.showRoot=true", "log", "--raw", "-c", "-z", "--format=%x01%H %ad", "--date=short", "--no-abbrev",
            "--no-renames", "--no-relative", "--no-show-signature", "--no-notes", "--no-color",
            "--no-ext-diff", "--no-textconv",
        ];
        let paths: Vec<String> =
            self.bench.scope.paths.iter().map(|path| format!(":(top,literal){path}")).collect();
        if !paths.is_empty() {
            arguments.push("--full-history");
        }
        match range {
            Some(range) => arguments.extend(["--end-of-options", range]),
            None => arguments.push("--all"),
        }
        arguments.push("--");
        arguments.extend(paths.iter().map(String::as_str));
        let mut child = command(&self.bench.root, &arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Failure::new(format!("cannot run git: {}", reason(&error))))?;
        let mut input =
            BufWriter::new(input.ok_or_else(|| Failure::new("cannot read from git: it has no input"))?);
        if let Some(output) = child.stdout.take() {
            let mut output = BufReader::with_capacity(1 << 18, output);
            let mut token = Vec::new();
            while next(&mut output, &mut token).map_err(failed)? {
                let stats = String::from_utf8_lossy(&token).trim_start_matches('\n').to_owned();
                if let Some(commit) = stats.strip_prefix('\u{1}') {
                    let (name, day) = commit.split_once(' ').unwrap_or((commit, ""));
                    let name = name.get(..SHOWN).unwrap_or(name);
                    self.timeline.commits.push(Commit { name: name.into(), day: day.trim_end().into() });
                } else if stats.starts_with(':') {
                    next(&mut output, &mut token).map_err(failed)?;
                    let new = self.change(&stats, &told(&token));
                    for (version, path) in new {
                        writeln!(input, "{}", self.objects[version as usize].hex()).map_err(failed)?;
                        // The other side has gone only if it failed, and tells why itself.
                        let _ = asked.send((version, path));
                    }
                }
            }
        }
        input.flush().map_err(failed)?;
        drop(input);
        if child.wait().map_err(failed)?.success() {
            return Ok(());
        }
        Err(match range {
            Some(range) => Failure::new(format!("there is no range `{range}` here"))
                .hint("it is written main..HEAD, and paths go before --history"),
            None => Failure::new("git log ended early: the history cannot be read"),
        })
    }

    /// Notes one change, `:100644 100644 OLD NEW M`; gives the versions that were not met before.
    fn change(&mut self, stats: &str, path: &str) -> Vec<Asked> {
        let parents = stats.bytes().take_while(|&byte| byte == b':').count();
        let words: Vec<&str> = stats[parents..].split(' ').collect();
        let Some(path_number) = self.path(path) else { return Vec::new() };
        let mut new = Vec::new();
        let mut version = |at: usize| {
            // Links and submodules hold no text.
            let is_file = words.get(at).is_some_and(|mode| mode.starts_with("100"));
            let object =
                words.get(parents + 1 + at).and_then(|hex| Object::parse(hex)).filter(|_| is_file)?;
            let (version, is_new) = self.version(object, path);
            if is_new {
                new.push((version, path.into()));
            }
            Some(version)
        };
        // A merge makes something new of several; what it drops, another branch has told.
        let old = if parents == 1 { version(0) } else { None };
        let now = version(parents);
        let commit = (self.timeline.commits.len() as u32).saturating_sub(1);
        if old.is_some() || now.is_some() {
            self.timeline.changes.push(Change { commit, path: path_number, old, new: now });
        }
        new
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

    fn version(&mut self, object: Object, path: &str) -> (u32, bool) {
        let base = path.rsplit('/').next().unwrap_or(path);
        let base = match self.bases.get(base) {
            Some(&base) => base,
            None => {
                let number = self.bases.len() as u32;
                self.bases.insert(base.to_owned(), number);
                number
            }
        };
        let next = self.objects.len() as u32;
        let version = *self.versions.entry((object, base)).or_insert(next);
        if version == next {
            self.objects.push(object);
        }
        (version, version == next)
    }

    /// Notes what HEAD holds of the paths that the log told of.
    fn head(&mut self) -> Result<(), Failure> {
        let root = &self.bench.root;
        if git(root, &["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).is_err() {
            return Ok(());
        }
        let tree = git(root, &["ls-tree", "-r", "-z", "--full-tree", "HEAD"])?;
        for entry in names(&tree) {
            let Some((stats, path)) = entry.split_once('\t') else { continue };
            let mut words = stats.split(' ');
            let is_file = words.next().is_some_and(|mode| mode.starts_with("100"));
            let object = words.nth(1).and_then(Object::parse).filter(|_| is_file);
            if let (Some(object), Some(Some(number))) = (object, self.paths.get(path).copied()) {
                let (version, _) = self.version(object, path);
                self.timeline.head.insert(number, version);
            }
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

/// Reads up to the next NUL; false at the end.
fn next(output: &mut impl BufRead, token: &mut Vec<u8>) -> std::io::Result<bool> {
    token.clear();
    output.read_until(0, token)?;
    if token.last() == Some(&0) {
        token.pop();
        return Ok(true);
    }
    Ok(!token.is_empty())
}

/// A `git cat-file` that waits for names.
struct Reader {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

fn ask(bench: &Bench) -> Result<Reader, Failure> {
    let failed = |says: String| Failure::new(format!("cannot run git: {says}"));
    let mut command = command(&bench.root, &["cat-file", "--batch", "--buffer"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(reason(&error)))?;
    let input = child.stdin.take();
    let output = child.stdout.take().ok_or_else(|| failed("it has no output".into()))?;
    Ok(Reader { child, input, output: BufReader::with_capacity(1 << 18, output) })
}

/// Versions as they come, a few at a time.
struct Batches<'a> {
    asked: Receiver<Asked>,
    output: &'a mut BufReader<ChildStdout>,
}

type Batch = Result<Vec<Version>, Failure>;

struct Version {
    version: u32,
    path: Str,
    bytes: Result<Vec<u8>, Unread>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Unread {
    Large,
    Missing,
}

impl Iterator for Batches<'_> {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let (mut batch, mut size) = (Vec::new(), 0);
        while size < BATCH {
            let Ok((version, path)) = self.asked.recv() else { break };
            match content(self.output) {
                Ok(bytes) => {
                    size += bytes.as_ref().map_or(0, Vec::len) + 64;
                    batch.push(Version { version, path, bytes });
                }
                Err(error) => {
                    return Some(Err(Failure::new(format!("cannot read from git: {}", reason(&error)))));
                }
            }
        }
        (!batch.is_empty()).then_some(Ok(batch))
    }
}

/// The next answer of `cat-file`: `NAME blob SIZE`, the content and a line break, or `NAME missing`.
fn content(output: &mut BufReader<ChildStdout>) -> std::io::Result<Result<Vec<u8>, Unread>> {
    let mut header = String::new();
    if output.read_line(&mut header)? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    let Some(size) = header.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok()) else {
        return Ok(Err(Unread::Missing));
    };
    if size > SOURCE {
        std::io::copy(&mut output.take(size + 1), &mut std::io::sink())?;
        return Ok(Err(Unread::Large));
    }
    let mut bytes = vec![0; size as usize + 1];
    output.read_exact(&mut bytes)?;
    bytes.pop();
    Ok(Ok(bytes))
}

/// What some versions gave.
#[derive(Default)]
struct Sights {
    seen: Vec<(u32, Vec<Print>)>,
    counts: Counts,
}

fn looked_at(bench: &Bench, batch: Vec<Version>, done: &AtomicUsize) -> Result<Sights, Failure> {
    let mut sights = Sights::default();
    let counts = &mut sights.counts;
    for Version { version, path, bytes } in batch {
        done.fetch_add(1, Ordering::Relaxed);
        match bytes {
            Err(Unread::Large) => counts.large += 1,
            Err(Unread::Missing) => counts.missing += 1,
            Ok(bytes) => {
                counts.read += 1;
                counts.bytes += bytes.len() as u64;
                match history::look(&bench.book, &bench.config, &bench.scope, &path, &bytes) {
                    Look::Binary => counts.binary += 1,
                    Look::Failed => counts.failed += 1,
                    Look::Text(prints) if prints.is_empty() => {}
                    Look::Text(prints) => sights.seen.push((version, prints)),
                }
            }
        }
    }
    Ok(sights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_keep_their_names() {
        for hex in ["d9078e4dd52174ad68a4408ca3398f731b2f889e".to_owned(), "0f".repeat(32)] {
            assert_eq!(Object::parse(&hex).map(|object| object.hex()), Some(hex));
        }
        for none in ["0".repeat(40), "0".repeat(64), "xy".into(), "abc".into(), "1".repeat(66), String::new()]
        {
            assert_eq!(Object::parse(&none), None, "{none}");
        }
    }
}
