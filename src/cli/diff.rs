//! `pintle diff`: what a change does to clusters. Finds the two sides and has each of them read; nothing is checked out.

use super::args::{Diff, Listed, Work};
use super::changed;
use super::disk::OurIgnores;
use super::door;
use super::inventory::{hand_out, share_standard_output};
use super::revision::Revision;
use super::terminal::{self, Watch};
use super::work::{self, Bench, Subject};
use super::{End, Failure, blind};
use crate::config::Config;
use crate::delta::{self, Objects, Side, Verdict, Which};
use crate::emit::inventory::{Grouping, Look};
use crate::emit::{Colour, Compared, DELTAS};
use crate::engine::{self, Job, Repo as _};
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
    let (bench, before, after) = sides(diff, &work, &written)?;
    if diff.verbose {
        blind::complain_of_unread(&bench, &after.side.report);
    }
    let (old, new) = (&before.side.report, &after.side.report);
    let unsettled = delta::compare(&before.side, &after.side);
    before.keep(&bench, &unsettled.spans(Which::Before));
    after.keep(&bench, &unsettled.spans(Which::After));
    let redactors = [old, new].map(|report| Redactor::of(report, &bench.book.tables));
    redactors[0].places(&old.sources);
    redactors[1].places(&new.sources);
    let compared = Compared {
        delta: unsettled.settle(&old.sources, &new.sources),
        before: before.name,
        after: after.name,
        is_whole: diff.verbose,
    };
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
    is_bad || diff.routine && delta.verdict() != Verdict::Routine
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
    Revision(Revision, BTreeSet<String>),
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

/// Both sides, and the bench of the one after.
fn sides(diff: &Diff, work: &Work, written: &[&Path]) -> Result<(Bench, Read, Read), Failure> {
    if let Some(head) = diff.head.as_deref().filter(|head| is_folder(head) && is_folder(&diff.base)) {
        let bench = of_folder(head, work, written)?;
        let base = of_folder(&diff.base, work, written)?;
        let after = read(&bench, head.to_owned())?;
        let before = Read { from: From::Bench, ..read(&base, diff.base.clone())? };
        return Ok((bench, Read { from: From::Other(Box::new(base)), ..before }, after));
    }
    let here = [PathBuf::from(".")];
    let subject = if diff.staged { Subject::Staged(&here) } else { Subject::Paths(&here) };
    let bench = work::prepare(subject, work, written)?;
    work::need_git(bench.checkout.as_ref(), "pintle diff").map_err(|failure| {
        failure.hint("it holds two folders against each other anywhere: pintle diff OLD NEW")
    })?;
    let baseline = bench.baseline(None)?;
    let head = diff.head.as_deref().map(|head| changed::commit(&bench.root, head)).transpose()?;
    let fork = changed::fork_of(&bench.root, &diff.base, head.as_deref().unwrap_or("HEAD"))?;
    let before = of_commit(&bench, (&fork, &diff.base), diff.staged, baseline.as_ref())?;
    let after = match (&head, &diff.head) {
        (Some(commit), Some(name)) => of_commit(&bench, (commit, name), false, baseline.as_ref())?,
        _ => read(&bench, if diff.staged { "the next commit" } else { "the files on the disk" }.into())?,
    };
    Ok((bench, before, after))
}

fn is_folder(name: &str) -> bool {
    door::is_own_folder(Path::new(name))
}

fn of_folder(folder: &str, work: &Work, written: &[&Path]) -> Result<Bench, Failure> {
    let repository = super::args::Repository { root: Some(folder.into()), ..work.repository.clone() };
    work::prepare(Subject::Paths(&[PathBuf::from(".")]), &Work { repository, ..Work::default() }, written)
}

/// What is on the disk, or staged.
fn read(bench: &Bench, name: String) -> Result<Read, Failure> {
    let baseline = bench.baseline(None)?;
    let (report, joined, objects) = bench.behold(baseline.as_ref(), Watch::Somebody, |job| see(bench, job));
    if let Some(failure) = blind::wrong(bench, &report) {
        return Err(failure);
    }
    Ok(Read { name, side: Side { objects, report, joined }, from: From::Bench })
}

fn see(bench: &Bench, job: &Job) -> (Report, Joined, Objects) {
    engine::survey_seeing(job, |view| delta::gather(view, &|name| bench.takes(name)))
}

/// A commit, with the charts, the rules and the configuration of now.
fn of_commit(
    bench: &Bench,
    (commit, name): (&str, &str),
    is_staged: bool,
    baseline: Option<&Baseline>,
) -> Result<Read, Failure> {
    let mut ignores = OurIgnores::of(bench.disk.root(), None);
    let revision = Revision::open(&bench.root, commit)?.only(|name| !ignores.leave_out(name));
    // The places in a configuration must be those of a source that this side has, too.
    let text = bench.config_text.clone().unwrap_or_else(|| Arc::from(""));
    // What is staged comes from git anyway.
    let differ = match is_staged {
        true => revision.names().into_iter().map(str::to_owned).collect(),
        false => changed::names_since(&bench.root, commit)?,
    };
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
        ..bench.job(baseline)
    };
    let (report, joined, objects) = see(bench, &job);
    let unread = report.problems.iter().find(|problem| problem.kind == "unreadable");
    if let Some(problem) = unread.or_else(|| blind::fatal(&report)) {
        return Err(Failure::new(format!("{name} cannot be read: {}", problem.says))
            .hint("what the change does would be a guess"));
    }
    let short = commit.get(..10).unwrap_or(commit);
    let is_digits = name.starts_with(short) || short.starts_with(name);
    let name = if is_digits { short.to_owned() } else { format!("{name} ({short})") };
    Ok(Read { name, side: Side { objects, report, joined }, from: From::Revision(revision, differ) })
}
