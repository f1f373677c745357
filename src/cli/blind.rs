//! What a run says of what it did not read, and how it ends for that.

use super::terminal;
use super::work::{BLIND, Bench};
use super::{End, Failure};
use crate::engine::Repo;
use crate::finding::{Problem, Report, Weight};
use crate::redact::{Redactor, clean};
use crate::text::Str;

/// The kind of the problem that nothing was read.
pub(super) const NOTHING: &str = "nothing-read";

/// A run that read nothing must not look clean, nor must a path that names nothing that was read.
pub(super) fn say_of_nothing(bench: &Bench, report: &mut Report) {
    if let Some(failure) = nothing_read(bench, report) {
        report.problems.push(Problem::fatal(NOTHING, failure.says, None));
    }
    let names = bench.disk.names();
    let is_below = |name: &str, path: &str| {
        name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let is_read = |path: &&Str| names.iter().any(|name| is_below(name, path));
    let paths = &bench.scope.paths;
    // A single one among others may well be ignored: hooks name whatever was changed.
    let kind = if paths.iter().any(|path| is_read(&path)) { "path-not-read" } else { NOTHING };
    for path in paths.iter().filter(|path| !is_read(path)) {
        let says = format!("0 files read in {path}: it is ignored, or a link, or empty");
        report.problems.push(Problem::caution(kind, says, None));
    }
    report.problems.sort();
}

/// That not a single file was read, if nothing worse is to be told.
pub(super) fn nothing_read(bench: &Bench, report: &Report) -> Option<Failure> {
    let is_wrong = report.problems.iter().any(|problem| problem.weight == Weight::Fatal);
    (report.counts.read == 0 && !is_wrong).then(|| {
        let says = format!("0 files read in {}: nothing was checked", bench.root.display());
        let hint =
            "is it the right folder? `.gitignore`, `.pintleignore`, `include` and `exclude` leave files out";
        Failure::new(says).hint(hint)
    })
}

/// Why nothing can be listed: the run cannot be trusted, or there is nothing to list. What could not be read is no reason.
pub(super) fn wrong(bench: &Bench, report: &Report) -> Option<Failure> {
    fatal(report)
        .map(|problem| Failure::new(clean(&problem.says)).hint("`pintle lint` shows where"))
        .or_else(|| nothing_read(bench, report))
}

/// What makes a run one that cannot be trusted. That something could not be read is no reason for who only lists or mends.
pub(super) fn fatal(report: &Report) -> Option<&Problem> {
    report.problems.iter().find(|problem| problem.weight == Weight::Fatal && problem.kind != BLIND)
}

/// How a listing ends.
pub(super) fn end_of_listing(report: &Report) -> Result<End, Failure> {
    match report.problems.iter().find(|problem| problem.kind == BLIND) {
        Some(problem) => Err(Failure::new(problem.says.clone())),
        None => Ok(End::Clean),
    }
}

/// What could not be read and what is to be seen to, on the side of an output that has no place for it.
pub(super) fn complain_of_unread(bench: &Bench, report: &Report) {
    let redactor = Redactor::of(report, &bench.book.tables);
    // A column behind a secret is that of what is shown.
    redactor.places(&report.sources);
    let complain = |says: String| terminal::complain(&redactor.show(Failure::new(says)));
    let told = |problem: &&Problem| !matches!(problem.weight, Weight::Note | Weight::Fatal);
    let told: Vec<&Problem> = report.problems.iter().filter(told).collect();
    for problem in told.iter().take(COMPLAINTS) {
        let place = problem.at.map_or(String::new(), |at| {
            let (start, _) = report.sources.places(at);
            format!("{}:{}:{}: ", report.sources.name(at.source), start.line, start.column)
        });
        complain(format!("{place}{}", problem.says));
    }
    if told.len() > COMPLAINTS {
        let more = told.len() - COMPLAINTS;
        complain(format!("and {more} more: `pintle lint` tells them"));
    }
}

/// More lines than these hide what was asked for.
const COMPLAINTS: usize = 20;
