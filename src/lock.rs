//! `pintle.lock`: which digest each tag had when somebody looked, and which commit. Plain text, a
//! line for each answer, made for review: it gives the same bytes on every machine.

use crate::finding::Problem;
use crate::text::{Date, SourceId, Span, Str, is_commit, is_conflict, is_digest};
use std::collections::{BTreeMap, BTreeSet};

/// The name of the file, at the root of the repository.
pub const NAME: &str = "pintle.lock";

/// The first line, which names the version of the format.
const HEAD: &str = "pintle.lock 1";

/// What stands for platforms that nobody asked for.
const UNASKED: &str = "-";

/// What a line is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// A commit of somebody's action or workflow: `github.com/actions/checkout@v4`.
    Action,
    /// The archive of a chart: `oci://ghcr.io/acme/charts/web:1.2.3`, `https://charts.example.com/web:1.2.3`.
    Chart,
    Image,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::Action, Kind::Chart, Kind::Image];

    fn name(self) -> &'static str {
        match self {
            Kind::Action => "action",
            Kind::Chart => "chart",
            Kind::Image => "image",
        }
    }

    /// Whether this is what a line of this kind says of its name.
    fn takes(self, digest: &str) -> bool {
        match self {
            Kind::Action => is_commit(digest),
            Kind::Chart | Kind::Image => is_digest(digest),
        }
    }
}

/// One answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// `sha256:…`, or the name of a commit.
    pub digest: Str,
    /// `linux/amd64`, sorted; empty if nobody asked.
    pub platforms: Vec<Str>,
    /// The day on which the digest was first seen under its tag.
    pub since: Date,
}

/// All answers, by what they are about: `docker.io/library/nginx:1.27.3`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lock {
    entries: BTreeMap<(Kind, Str), Entry>,
}

impl Lock {
    pub fn entry(&self, kind: Kind, reference: &str) -> Option<&Entry> {
        self.entries.get(&(kind, Str::from(reference)))
    }

    /// The tags of an image, by its full name, each with its answer.
    pub fn tags<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, &'a Entry)> {
        let from = (Kind::Image, Str::from(format!("{name}:")));
        let below = self.entries.range(from..).map_while(move |((kind, reference), entry)| {
            let tag = reference.strip_prefix(name)?.strip_prefix(':')?;
            (*kind == Kind::Image).then_some((tag, entry))
        });
        // What is behind a port is no tag.
        below.filter(|(tag, _)| !tag.contains('/'))
    }

    /// The images that have this digest: `docker.io/library/nginx:1.27.3`.
    pub fn names<'a>(&'a self, digest: &'a str) -> impl Iterator<Item = &'a str> {
        let of = self
            .entries
            .iter()
            .filter(move |((kind, _), entry)| *kind == Kind::Image && entry.digest == digest);
        of.map(|((_, reference), _)| reference.as_str())
    }

    /// Reads a lock. A line that says nothing is a problem with its place, and so is what two lines say differently:
    /// neither of them counts.
    pub fn read(id: SourceId, text: &str) -> (Lock, Vec<Problem>) {
        let (mut lock, mut problems, mut torn) = (Lock::default(), Vec::new(), BTreeSet::new());
        let mut start = 0;
        for (number, whole) in text.split_inclusive('\n').enumerate() {
            let line = whole.trim_end();
            let span = Span::new(id, start, start + line.len());
            start += whole.len();
            let mut wrong = |says: &str| problems.push(Problem::blind("lock", says, Some(span)));
            if number == 0 {
                if line != HEAD {
                    wrong(&format!("the lock does not begin with `{HEAD}`: it is not read"));
                    return (lock, problems);
                }
                continue;
            }
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let Some((key, entry)) = entry(line) else {
                wrong(match is_conflict(line) {
                    true => "a merge was left unfinished here",
                    false => "this line of the lock says nothing: KIND NAME DIGEST PLATFORMS DATE",
                });
                continue;
            };
            match lock.entries.get(&key) {
                Some(known) if known.digest != entry.digest => {
                    wrong(&format!("the lock has two digests for `{}`: neither counts", key.1));
                    torn.insert(key);
                }
                // Two branches that have asked for the same: it was seen on the first of both days.
                Some(known) if known.since <= entry.since => {}
                _ => _ = lock.entries.insert(key, entry),
            }
        }
        for key in torn {
            lock.entries.remove(&key);
        }
        (lock, problems)
    }
}

/// What is kept of an answer.
#[cfg(feature = "cli")]
impl Lock {
    /// All charts, by address and version, each with its answer.
    pub fn charts(&self) -> impl Iterator<Item = (&str, &Entry)> {
        let charts = self.entries.iter().filter(|((kind, _), _)| *kind == Kind::Chart);
        charts.map(|((_, reference), entry)| (reference.as_str(), entry))
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes an answer in. The day stays as long as the digest does; says whether anything has changed.
    pub fn put(&mut self, kind: Kind, reference: &str, entry: Entry) -> bool {
        let known = self.entries.entry((kind, reference.into()));
        match known {
            std::collections::btree_map::Entry::Occupied(mut known) => {
                let old = known.get();
                let since = if old.digest == entry.digest { old.since } else { entry.since };
                let is_told = entry.platforms.is_empty() && old.digest == entry.digest;
                let platforms = if is_told { old.platforms.clone() } else { entry.platforms };
                let new = Entry { digest: entry.digest, platforms, since };
                let changes = *old != new;
                known.insert(new);
                changes
            }
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(entry);
                true
            }
        }
    }

    /// The lock as it is written: sorted, a line each.
    pub fn to_text(&self) -> String {
        let mut out = format!("{HEAD}\n");
        for ((kind, reference), entry) in &self.entries {
            let platforms: Vec<&str> = entry.platforms.iter().map(Str::as_str).collect();
            let platforms = if platforms.is_empty() { UNASKED.to_owned() } else { platforms.join(",") };
            out.push_str(&format!(
                "{} {reference} {} {platforms} {}\n",
                kind.name(),
                entry.digest,
                entry.since
            ));
        }
        out
    }
}

fn entry(line: &str) -> Option<((Kind, Str), Entry)> {
    let mut words = line.split(' ');
    let kind = words.next()?;
    let kind = Kind::ALL.into_iter().find(|one| one.name() == kind)?;
    let reference = words.next().filter(|reference| !reference.is_empty())?;
    let digest = words.next().filter(|digest| kind.takes(digest))?;
    let platforms = match words.next()? {
        UNASKED => Vec::new(),
        told => told.split(',').map(Str::from).collect(),
    };
    let since = Date::parse(words.next()?)?;
    let is_whole = words.next().is_none();
    is_whole.then(|| ((kind, reference.into()), Entry { digest: digest.into(), platforms, since }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(letter: char) -> Str {
        format!("sha256:{}", letter.to_string().repeat(64)).into()
    }

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn put(lock: &mut Lock, name: &str, letter: char, date: &str) -> bool {
        lock.put(Kind::Image, name, Entry { digest: digest(letter), platforms: Vec::new(), since: day(date) })
    }

    #[test]
    fn what_is_written_is_read() {
        let mut lock = Lock::default();
        assert!(put(&mut lock, "ghcr.io/a/web:2", 'b', "2026-11-02"));
        assert!(put(&mut lock, "docker.io/library/nginx:1.27.3", 'a', "2026-11-01"));
        let text = lock.to_text();
        let (a, b) = (digest('a'), digest('b'));
        assert_eq!(
            text,
            format!(
                "pintle.lock 1\nimage docker.io/library/nginx:1.27.3 {a} - 2026-11-01\nimage ghcr.io/a/web:2 {b} - 2026-11-02\n"
            )
        );
        assert_eq!(Lock::read(SourceId(0), &text), (lock, Vec::new()));
    }

    #[test]
    fn the_day_changes_with_the_digest_alone() {
        let mut lock = Lock::default();
        put(&mut lock, "x/y:1", 'a', "2026-11-01");
        assert!(!put(&mut lock, "x/y:1", 'a', "2026-11-09"));
        assert_eq!(lock.entry(Kind::Image, "x/y:1").unwrap().since, day("2026-11-01"));
        assert!(put(&mut lock, "x/y:1", 'b', "2026-11-09"));
        assert_eq!(lock.entry(Kind::Image, "x/y:1").unwrap().since, day("2026-11-09"));
    }

    #[test]
    fn tags_are_those_of_one_image() {
        let mut lock = Lock::default();
        for (name, letter) in
            [("x/y:2", 'b'), ("x/y:1", 'a'), ("x/y/z:1", 'c'), ("x/yz:1", 'd'), ("x:5000/y:1", 'e')]
        {
            put(&mut lock, name, letter, "2026-11-01");
        }
        let tags = |name: &str| lock.tags(name).map(|(tag, _)| tag.to_owned()).collect::<Vec<_>>();
        assert_eq!(tags("x/y"), ["1", "2"]);
        assert_eq!(tags("x:5000/y"), ["1"]);
        assert!(tags("x").is_empty() && tags("").is_empty());
    }

    #[test]
    fn what_is_torn_is_told() {
        let (a, b) = (digest('a'), digest('b'));
        for (lines, known, told) in [
            (format!("image x/y:1 {a} - 2026-11-01\n"), 1, ""),
            (format!("# why\n\nimage x/y:1 {a} linux/amd64,linux/arm64 2026-11-01\r\n"), 1, ""),
            (format!("image x/y:1 {a} - 2026-11-01\nimage x/y:1 {b} - 2026-11-01\n"), 0, "two digests"),
            (format!("<<<<<<< ours\nimage x/y:1 {a} - 2026-11-01\n"), 1, "merge"),
            ("image x/y:1 sha256:abc - 2026-11-01\n".into(), 0, "says nothing"),
            (format!("image x/y:1 {} - 2026-11-01\n", a.to_uppercase()), 0, "says nothing"),
            (format!("image x/y:1 {a} - 2026-13-01\n"), 0, "says nothing"),
            (format!("image x/y:1 {a} - 2026-11-01 more\n"), 0, "says nothing"),
            (format!("image x/y:1 {a}"), 0, "says nothing"),
            (format!("action github.com/a/b@v1 {} - 2026-11-01\n", "a".repeat(40)), 1, ""),
            (format!("action github.com/a/b@v1 {a} - 2026-11-01\n"), 0, "says nothing"),
            (format!("image x/y:1 {} - 2026-11-01\n", "a".repeat(40)), 0, "says nothing"),
        ] {
            let (lock, problems) = Lock::read(SourceId(0), &format!("pintle.lock 1\n{lines}"));
            let says: Vec<&str> = problems.iter().map(|problem| problem.says.as_str()).collect();
            assert_eq!(lock.len(), known, "{lines}");
            assert_eq!(says.is_empty(), told.is_empty(), "{lines}: {says:?}");
            assert!(says.iter().all(|says| says.contains(told)), "{lines}: {says:?}");
        }
        let (lock, problems) = Lock::read(SourceId(0), "pintle.lock 9\n");
        assert!(lock.is_empty() && problems.len() == 1);
    }
}
