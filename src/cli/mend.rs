//! What `pintle lint --fix` and `pintle fix` do to files: mend, look whether it is mended, and only then write.

use super::args::Color;
use super::door::{Opened, open_own};
use super::terminal::{self, Watch};
use super::work::Bench;
use super::{Failure, said, write};
use crate::emit;
use crate::engine;
use crate::finding::{Finding, Fix, Report, Status};
use crate::fix::{Change, Mend, fixes, plan};
use crate::judge::Baseline;
use crate::limits::SOURCE;
use crate::redact::{Redactor, clean};
use crate::rules::Book;
use crate::text::{SourceId, Span};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Fixes may meet, and what is mended may show something else that has a fix: more rounds than these are a circle.
const ROUNDS: usize = 10;

/// The mark of byte order, which a file may begin with and its text does not.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// What became of the files of a repository, in memory.
#[derive(Debug)]
pub(super) struct Mended {
    pub(super) found: Report,
    /// What the repository says with the new texts, if there are any.
    left: Option<Report>,
    pub(super) files: Vec<File>,
    /// The places of what was taken back: it did not do what it should have.
    in_vain: Vec<String>,
}

/// What becomes of one file.
#[derive(Debug)]
pub(super) struct File {
    pub(super) source: SourceId,
    before: String,
    after: String,
    /// The keys of what that mends.
    pub(super) mends: Vec<String>,
}

/// What is to be mended, and how it is told that it is.
pub(super) trait Wanted {
    /// What a report leaves to be done.
    fn mends(&self, report: &Report) -> Vec<Mend>;
    /// Keeps the texts that are needed of a report.
    fn keep_texts(&self, _: &Bench, _: &Report) {}
    /// The keys of what did not do what it should have, or did what it should not have.
    fn in_vain(&self, bench: &Bench, changes: &[Change], before: &Report, after: &Report) -> HashSet<String>;
}

/// Does what is wanted, in memory, and checks again: what does not hold is taken back.
pub(super) fn mend(
    bench: &mut Bench,
    baseline: Option<&Baseline>,
    found: Report,
    wanted: &dyn Wanted,
) -> Mended {
    let mut left: Option<Report> = None;
    let mut files: BTreeMap<SourceId, File> = BTreeMap::new();
    let mut in_vain: BTreeMap<String, String> = BTreeMap::new();
    wanted.keep_texts(bench, &found);
    for _ in 0..ROUNDS {
        let report = left.as_ref().unwrap_or(&found);
        let mut mends = wanted.mends(report);
        mends.retain(|mend| !in_vain.contains_key(&mend.key));
        let changes = plan(&report.sources, mends);
        if changes.is_empty() {
            break;
        }
        put(bench, report, changes.iter().map(|change| (change.source, change.after.as_str())));
        let next = bench.check(baseline, Watch::Nobody);
        wanted.keep_texts(bench, &next);
        let vain = wanted.in_vain(bench, &changes, report, &next);
        if !vain.is_empty() {
            let all = changes.iter().flat_map(|change| &change.mends);
            let vain = all.filter(|mend| vain.contains(&mend.key));
            in_vain.extend(vain.map(|mend| (mend.key.clone(), mend.place.clone())));
            // What holds may have held for one of these alone: the rest is tried again without them.
            put(bench, report, changes.iter().map(|change| (change.source, change.before.as_str())));
            continue;
        }
        for Change { source, before, after, mends } in changes {
            let new = File { source, before, after: String::new(), mends: Vec::new() };
            let file = files.entry(source).or_insert(new);
            file.after = after;
            file.mends.extend(mends.into_iter().map(|mend| mend.key));
        }
        left = Some(next);
    }
    let files: Vec<File> = files.into_values().collect();
    if let Some(left) = &left {
        // Who shows a file as it has become needs its text.
        let spans: Vec<Span> = files.iter().map(|file| Span::new(file.source, 0, 0)).collect();
        engine::keep(&bench.disk, &left.sources, &spans);
    }
    Mended { found, left, files, in_vain: in_vain.into_values().collect() }
}

/// The fixes of findings.
pub(super) struct Fixes<Wants>(pub(super) Wants);

impl<Wants: Fn(&Finding, &Fix) -> bool> Wanted for Fixes<Wants> {
    fn mends(&self, report: &Report) -> Vec<Mend> {
        fixes(report, &self.0)
    }

    /// A finding that is still there, and all in a file with which something is wrong that was not before.
    fn in_vain(&self, _: &Bench, changes: &[Change], before: &Report, after: &Report) -> HashSet<String> {
        let live = after.findings.iter().filter(|finding| finding.status == Status::Live);
        let left: HashSet<&str> = live.map(|finding| finding.fingerprint.as_str()).collect();
        let worse = worse(before, after);
        let mends = changes.iter().flat_map(|change| change.mends.iter().map(|mend| (change.source, mend)));
        let vain = mends.filter(|(file, mend)| worse.contains(file) || left.contains(mend.key.as_str()));
        vain.map(|(_, mend)| mend.key.clone()).collect()
    }
}

/// The files with more problems than before.
pub(super) fn worse(before: &Report, after: &Report) -> HashSet<SourceId> {
    let count = |report: &Report| {
        let mut counts: HashMap<SourceId, usize> = HashMap::new();
        let places = report.problems.iter().filter_map(|problem| problem.at);
        places.for_each(|at| *counts.entry(at.source).or_default() += 1);
        counts
    };
    let (had, has) = (count(before), count(after));
    let is_worse =
        |(id, number): (SourceId, usize)| (number > had.get(&id).copied().unwrap_or(0)).then_some(id);
    has.into_iter().filter_map(is_worse).collect()
}

fn put<'a>(bench: &mut Bench, report: &Report, texts: impl Iterator<Item = (SourceId, &'a str)>) {
    for (source, text) in texts {
        bench.disk.put(report.sources.name(source), text.as_bytes().to_vec());
    }
}

/// Shows what would be written.
pub(super) fn show(mended: &Mended, color: Color) -> Result<(), Failure> {
    let Some(left) = &mended.left else { return Ok(()) };
    let files: Vec<SourceId> = mended.files.iter().map(|file| file.source).collect();
    let book = Book::built_in().0;
    let of = |report: &Report| Redactor::of(report, &book.tables).files(&report.sources, &files);
    let both = of(&mended.found).and(of(left));
    terminal::print(&both.told(emit::diff, &terminal::colour(color))).map_err(Failure::new)
}

/// Writes what became of the files, each only if it still holds what was read.
pub(super) fn write(bench: &Bench, mended: &Mended) -> Result<(), Failure> {
    let failed: Vec<Failure> =
        mended.files.iter().filter_map(|file| write_one(bench, mended, file).err()).collect();
    let written = mended.files.len() - failed.len();
    match failed.into_iter().next() {
        None => Ok(()),
        Some(first) => {
            let says =
                format!("{} ({written} of {} are written)", first.says, counted(mended.files.len(), "file"));
            Err(Failure { says, ..first })
        }
    }
}

fn write_one(bench: &Bench, mended: &Mended, file: &File) -> Result<(), Failure> {
    let name = mended.found.sources.name(file.source);
    let root = bench.disk.root();
    let failed = |why: String| Failure::new(format!("cannot write {}: {why}", clean(name)));
    let bytes = open_own(root, name, SOURCE).and_then(Opened::bytes);
    let bytes = bytes.map_err(|refused| failed(refused.to_string()))?;
    // Another run that does the same was quicker.
    if bytes.strip_suffix(file.after.as_bytes()).is_some_and(|mark| mark.is_empty() || mark == MARK) {
        return Ok(());
    }
    let mark = if bytes.starts_with(MARK) && !file.before.as_bytes().starts_with(MARK) { MARK } else { &[] };
    if bytes[mark.len()..] != *file.before.as_bytes() {
        return Err(failed("it is not what was read".into())
            .hint("somebody changed it meanwhile, or it is not in UTF-8: it was left as it is"));
    }
    let mark = String::from_utf8_lossy(mark);
    let (old, new) = (format!("{mark}{}", file.before), format!("{mark}{}", file.after));
    write::changed(root, &bench.root.join(name), |now| match now {
        Some(now) if now == old || now == new => Ok(new),
        _ => Err(failed("somebody has just changed it".into()).hint("it was left as it is: run it again")),
    })
}

impl Mended {
    /// The repository as it was, and as it has become.
    pub(super) fn reports(&self) -> (&Report, &Report) {
        (&self.found, self.left.as_ref().unwrap_or(&self.found))
    }

    /// What is left to say of the repository.
    pub(super) fn report(self) -> Report {
        self.left.unwrap_or(self.found)
    }

    /// The keys of what was mended.
    pub(super) fn mends(&self) -> impl Iterator<Item = &str> {
        self.files.iter().flat_map(|file| file.mends.iter().map(String::as_str))
    }

    /// Says on standard error what was done: standard output is the report's.
    pub(super) fn tell(&self, did: &str, what: &str) {
        let number: usize = self.files.iter().map(|file| file.mends.len()).sum();
        let says = match number {
            0 => format!("nothing {did}"),
            _ => format!("{} {did} in {}", counted(number, what), counted(self.files.len(), "file")),
        };
        let hint = (!self.in_vain.is_empty()).then(|| {
            format!(
                "left as they are, for the change did not do what it should:\n{}",
                self.in_vain.join("\n")
            )
        });
        terminal::complain(&said(Failure { says, hint }));
    }
}

pub(super) fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
