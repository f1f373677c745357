//! `pintle diff`: what a change does to clusters. Finds the two sides and has each of them read; nothing is checked out.

use super::args::{Diff, Listed, Wanted, Work};
use super::changed;
use super::disk::{Disk, OurIgnores};
use super::door;
use super::inventory::{hand_out, share_standard_output};
use super::revision::Revision;
use super::terminal::{self, Watch};
use super::work::{self, Bench, Subject};
use super::{End, Failure, blind};
use crate::config::{Config, NAMES, Routine};
use crate::delta::{self, Change, Objects, Side, Verdict, Which};
use crate::emit::inventory::{Grouping, Look};
use crate::emit::{Colour, Compared, DELTAS};
use crate::engine::{self, BASELINE, IGNORES, Job, OWN_RULES, Repo as _, Shared};
use crate::finding::Report;
use crate::join::Joined;
use crate::judge::Baseline;
use crate::redact::Redactor;
use crate::text::{SourceId, Span};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) fn run(diff: &Diff) -> Result<End, Failure> {
    let table = Listed { listing: &DELTAS[0], file: None };
    let targets = if diff.output.is_empty() { std::slice::from_ref(&table) } else { &diff.output };
    share_standard_output(targets)?;
    let work = Work { repository: diff.repository.clone(), ..Work::default() };
    work::threads(&work)?;
    let written: Vec<&Path> = targets.iter().filter_map(|target| target.file.as_deref()).collect();
    let Sides { bench, before, after, routine, judging } = sides(diff, &work, &written)?;
    if diff.verbose {
        blind::complain_of_unread(&bench, &after.side.report);
    }
    let (old, new) = (&before.side.report, &after.side.report);
    let routine = match &diff.routine {
        Some(Wanted(Some(kinds))) => kinds,
        _ => &routine,
    };
    let unsettled = delta::compare(&before.side, &after.side, routine);
    before.keep(&bench, &unsettled.spans(Which::Before));
    after.keep(&bench, &unsettled.spans(Which::After));
    let redactors = [old, new].map(|report| Redactor::of(report, &bench.book.tables));
    redactors[0].places(&old.sources);
    redactors[1].places(&new.sources);
    let mut delta = unsettled.settle(&old.sources, &new.sources);
    delta.changes.extend(judging.iter().map(|file| Change::of_judging(file)));
    let compared = Compared { delta, before: before.name, after: after.name, is_whole: diff.verbose };
    let is_found = is_found(diff, &compared);
    let compared = redactors[1].show_with(&redactors[0], compared);
    let look = Look { colour: Colour::Plain, width: terminal::width(), grouping: Grouping::Flat };
    hand_out(bench.disk.root(), targets, &compared, (&look, diff.color))?;
    blind::end_of_listing(new)?;
    Ok(if is_found { End::Found } else { End::Clean })
}

/// Whether the change is one that whoever runs this wants to hear of by the exit code.
fn is_found(diff: &Diff, compared: &Compared) -> bool {
    let delta = &compared.delta;
    let is_bad = diff.fail_on.severity().is_some_and(|mildest| delta.worst() >= Some(mildest));
    is_bad || diff.routine.is_some() && delta.verdict() != Verdict::Routine
}

/// A side that was read, and where its files come from.
struct Read {
    name: String,
    side: Side,
    from: From,
}

enum From {
    /// The files of the bench that everything is told by.
    Bench,
    Other(Box<Bench>),
    /// A commit, and which of its files differ from those of the bench.
    Revision(Box<Revision>, BTreeSet<String>),
}

impl Read {
    /// Keeps the texts under some spans.
    fn keep(&self, bench: &Bench, spans: &[Span]) {
        let sources = &self.side.report.sources;
        match &self.from {
            From::Bench => engine::keep(&bench.disk, sources, spans),
            From::Other(bench) => engine::keep(&bench.disk, sources, spans),
            From::Revision(revision, differ) => {
                engine::keep(&revision.beside(&bench.disk, differ), sources, spans);
            }
        }
    }
}

/// Both sides, and what they are held against each other with.
struct Sides {
    /// That of the side after.
    bench: Bench,
    before: Read,
    after: Read,
    /// What the side before calls routine: no change says so of itself.
    routine: Vec<Routine>,
    /// The files that differ by which the repository says how it is judged.
    judging: Vec<String>,
}

fn sides(diff: &Diff, work: &Work, written: &[&Path]) -> Result<Sides, Failure> {
    if let Some(head) = diff.head.as_deref().filter(|head| is_folder(head) && is_folder(&diff.base)) {
        let bench = of_folder(head, work, written)?;
        let base = of_folder(&diff.base, work, written)?;
        let after = read(&bench, head.to_owned(), None)?;
        let before = Read { from: From::Bench, ..read(&base, diff.base.clone(), None)? };
        let routine = base.config.routine().to_vec();
        let judging = differing(&base.disk, &bench.disk);
        let before = Read { from: From::Other(Box::new(base)), ..before };
        return Ok(Sides { bench, before, after, routine, judging });
    }
    let here = [PathBuf::from(".")];
    let subject = if diff.staged { Subject::Staged(&here) } else { Subject::Paths(&here) };
    let bench = work::prepare(subject, work, written)?;
    work::need_git(bench.checkout.as_ref(), "pintle diff").map_err(|failure| {
        failure.hint("it holds two folders against each other anywhere: pintle diff OLD NEW")
    })?;
    let (before, after, routine, judging) = of_git(diff, &bench)?;
    Ok(Sides { bench, before, after, routine, judging })
}

/// Both sides, of which git has the first, what that one calls routine, and what says how both are judged and differs.
fn of_git(diff: &Diff, bench: &Bench) -> Result<(Read, Read, Vec<Routine>, Vec<String>), Failure> {
    let baseline = bench.baseline(None)?;
    let head = diff.head.as_deref();
    let (fork, head_commit) = changed::ends(&bench.root, &diff.base, head.unwrap_or("HEAD"))?;
    let mut ignores = OurIgnores::of(bench.disk.root(), None);
    let both = bench.checkout.as_ref().and_then(|own| Revision::both(&bench.root, own, &fork, &head_commit));
    let (before, after) = match both {
        Some(both) => both,
        None => (Revision::open(&bench.root, &fork)?, Revision::open(&bench.root, &head_commit)?),
    };
    let [mut revision, mut after] = [before, after].map(|side| side.only(|name| !ignores.leave_out(name)));
    if head.is_some() {
        revision.number_first(&after);
        after.number_first(&revision);
    }
    let before = Commit { revision, commit: fork.clone(), asked: diff.base.clone(), differ: BTreeSet::new() };
    let routine = routine_of(bench, diff, &before.revision);
    let judges = |name: &&String| says_how_to_judge(name);
    let Some(head) = head else {
        let differ = match diff.staged {
            true => before.revision.differing_from(|name| bench.disk.staged_blob(name)),
            false => changed::names_since(&bench.root, &fork)?,
        };
        let judging = differ.iter().filter(judges).cloned().collect();
        let before = Commit { differ, ..before };
        let shared = shared(&before, &bench.disk.names(), |name| !before.differ.contains(name));
        let before = of_commit(bench, before, baseline.as_ref(), shared.as_ref())?;
        let name = if diff.staged { "the next commit" } else { "the files on the disk" };
        let after = read(bench, name.into(), shared.as_ref())?;
        return Ok((before, after, routine, judging));
    };
    let revision = after;
    // What git knows to be on the disk as it is in the one and the same in the other is on the disk as it is there.
    let differ = changed::names_since(&bench.root, &head_commit)?;
    let others = before.revision.differing_from(|name| revision.blob_of(name));
    let judging = revision.differing_from(|name| before.revision.blob_of(name));
    let judging = judging.union(&others).filter(judges).cloned().collect();
    let before = Commit { differ: differ.union(&others).cloned().collect(), ..before };
    let shared = shared(&before, &revision.names(), |name| !others.contains(name));
    let after = Commit { revision, commit: head_commit, asked: head.to_owned(), differ };
    let before = of_commit(bench, before, baseline.as_ref(), shared.as_ref())?;
    let after = of_commit(bench, after, baseline.as_ref(), shared.as_ref())?;
    Ok((before, after, routine, judging))
}

/// What a revision calls routine, unless whoever runs this names a configuration.
fn routine_of(bench: &Bench, diff: &Diff, before: &Revision) -> Vec<Routine> {
    if diff.repository.no_config || diff.repository.config.is_some() {
        return bench.config.routine().to_vec();
    }
    let text = NAMES.iter().find_map(|name| before.text(name)).unwrap_or_default();
    let (config, problems) = Config::read(SourceId(0), &text, &bench.book.ids());
    // Of one that is wrong nobody knows what it would say.
    if problems.is_empty() { config.routine().to_vec() } else { Routine::DEFAULT.to_vec() }
}

/// Whether a file says how the repository is judged: no change of it is routine.
fn says_how_to_judge(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name);
    NAMES.contains(&name) || name == BASELINE || name.starts_with(OWN_RULES) || base == IGNORES
}

/// The same files of two folders, where they are not the same.
fn differing(before: &Disk, after: &Disk) -> Vec<String> {
    let names: BTreeSet<&str> = before.names().into_iter().chain(after.names()).collect();
    let text = |disk: &Disk, name: &str| disk.find(name).and_then(|id| disk.text(id).ok());
    let is_other = |name: &&str| says_how_to_judge(name) && text(before, name) != text(after, name);
    names.into_iter().filter(is_other).map(str::to_owned).collect()
}

/// What both sides find only once. On the disk numbers are those of the same files only as far as no file comes or goes.
fn shared(before: &Commit, after: &[&str], is_same: impl Fn(&str) -> bool) -> Option<Shared> {
    let names = before.revision.names();
    // A name that is not Unicode may read like another one.
    let is_same = |name: &&str| is_same(name) && !name.contains(char::REPLACEMENT_CHARACTER);
    Shared::new([&names, after], |name| is_same(&name))
}

fn is_folder(name: &str) -> bool {
    door::is_own_folder(Path::new(name))
}

fn of_folder(folder: &str, work: &Work, written: &[&Path]) -> Result<Bench, Failure> {
    let repository = super::args::Repository { root: Some(folder.into()), ..work.repository.clone() };
    work::prepare(Subject::Paths(&[PathBuf::from(".")]), &Work { repository, ..Work::default() }, written)
}

/// What is on the disk, or staged.
fn read(bench: &Bench, name: String, shared: Option<&Shared>) -> Result<Read, Failure> {
    let baseline = bench.baseline(None)?;
    let (report, joined, objects) =
        bench.behold(baseline.as_ref(), Watch::Somebody, |job| see(bench, &Job { shared, ..job }));
    shared.into_iter().for_each(Shared::complete);
    if let Some(failure) = blind::wrong(bench, &report) {
        return Err(failure);
    }
    Ok(Read { name, side: Side { objects, report, joined }, from: From::Bench })
}

fn see(bench: &Bench, job: &Job) -> (Report, Joined, Objects) {
    engine::survey_seeing(job, |view| delta::gather(view, &|name| bench.takes(name)))
}

/// A commit that is to be read.
struct Commit {
    revision: Revision,
    commit: String,
    /// As people call it.
    asked: String,
    /// Its files that are not on the disk as they are in it.
    differ: BTreeSet<String>,
}

/// A commit, as it is asked for and in short.
fn called(commit: &str, name: &str) -> String {
    let short = commit.get(..10).unwrap_or(commit);
    let is_digits = name.starts_with(short) || short.starts_with(name);
    if is_digits { short.to_owned() } else { format!("{name} ({short})") }
}

/// A commit, with the charts, the rules and the configuration of now.
fn of_commit(
    bench: &Bench,
    commit: Commit,
    baseline: Option<&Baseline>,
    shared: Option<&Shared>,
) -> Result<Read, Failure> {
    let Commit { revision, commit, asked, differ } = commit;
    // The places in a configuration must be those of a source that this side has, too.
    let text = bench.config_text.clone().unwrap_or_else(|| Arc::from(""));
    let own = SourceId(revision.names().len() as u32);
    let aside = [("the configuration of now".to_owned(), text.clone())];
    let (config, _) = Config::read(own, &text, &bench.book.ids());
    let mixed = revision.beside(&bench.disk, &differ);
    let job = Job {
        repo: &mixed,
        config: &config,
        extra: Vec::new(),
        aside: &aside,
        change: None,
        before: None,
        shared,
        ..bench.job(baseline)
    };
    let (report, joined, objects) = see(bench, &job);
    shared.into_iter().for_each(Shared::complete);
    let unread = report.problems.iter().find(|problem| problem.kind == "unreadable");
    if let Some(problem) = unread.or_else(|| blind::fatal(&report)) {
        return Err(Failure::new(format!("{asked} cannot be read: {}", problem.says))
            .hint("what the change does would be a guess"));
    }
    let name = called(&commit, &asked);
    Ok(Read {
        name,
        side: Side { objects, report, joined },
        from: From::Revision(Box::new(revision), differ),
    })
}
