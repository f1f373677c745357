//! `pintle secrets`: the rules about secrets alone, on every text file or on the history of git.

use super::args::{Lint, Secrets, Target};
use super::base::Against;
use super::door::{now, open_gits};
use super::lint::{self, Topic};
use super::past::{self, Past};
use super::terminal::{self, Watch};
use super::work::{self, Bench, Subject};
use super::{End, Failure, blind, write};
use crate::emit::Colour;
use crate::emit::inventory::{Grouping, Listing, Look, SEALED};
use crate::engine::LARGE;
use crate::finding::{Problem, Report};
use crate::history::{Told, relics};
use crate::inventory::SealedStock;
use crate::judge::Baseline;
use crate::limits::SOURCE;
use crate::redact::Redactor;
use crate::text::Sources;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(super) fn run(secrets: &Secrets) -> Result<End, Failure> {
    match &secrets.history {
        None if secrets.sealed => sealed(&secrets.lint),
        None => lint::check(&secrets.lint, Topic::Secrets),
        Some(range) => history(secrets, range.as_deref()),
    }
}

/// Lists what is meant to be encrypted; judges nothing.
fn sealed(lint: &Lint) -> Result<End, Failure> {
    let targets = lint::targets(lint)?;
    let listed: Vec<&Listing<SealedStock>> =
        targets.iter().map(|target| listing(target.output.name)).collect::<Result<_, _>>()?;
    work::threads(&lint.work)?;
    let watch = if lint.quiet { Watch::Nobody } else { Watch::Somebody };
    let written: Vec<&Path> = targets.iter().filter_map(|target| target.file.as_deref()).collect();
    let mut bench =
        work::prepare_change(Subject::Paths(&lint.paths), &lint.work, &written, Against::of(lint))?;
    bench.only_secrets()?;
    bench.sealings = true;
    let report = bench.check(None, watch);
    if let Some(failure) = blind::wrong(&bench, &report) {
        blind::complain_of_unread(&bench, &report);
        return Err(failure);
    }
    let is_told = |(target, listing): (&Target, &&Listing<SealedStock>)| {
        target.file.is_none() && listing.name == SEALED[0].name
    };
    if !targets.iter().zip(&listed).any(is_told) {
        blind::complain_of_unread(&bench, &report);
    }
    let redactor = Redactor::of(&report, &bench.book.tables);
    redactor.places(&report.sources);
    let stock = redactor.show(SealedStock::of(&report, |file| bench.scope.names(file)));
    let look = Look { colour: Colour::Plain, width: terminal::width(), grouping: Grouping::Flat };
    for (target, listing) in targets.iter().zip(listed) {
        match &target.file {
            Some(file) => write::report(bench.disk.root(), file, &listing.tell(&stock, &look))?,
            None => {
                let look = Look { colour: terminal::colour(lint.color), ..look };
                terminal::print(&listing.tell(&stock, &look)).map_err(Failure::new)?;
            }
        }
    }
    blind::end_of_listing(&report)
}

/// The listing by which an output of findings tells files.
fn listing(output: &str) -> Result<&'static Listing<SealedStock>, Failure> {
    let name = if output == "pretty" { "table" } else { output };
    SEALED.iter().find(|listing| listing.name == name).ok_or_else(|| {
        Failure::new(format!("--sealed has no output `{output}`")).hint("there are pretty and json")
    })
}

/// Looks through the history, and tells what is gone from the files.
fn history(secrets: &Secrets, range: Option<&str>) -> Result<End, Failure> {
    let (started, lint) = (now(), &secrets.lint);
    let targets = lint::targets(lint)?;
    work::threads(&lint.work)?;
    let watch = if lint.quiet { Watch::Nobody } else { Watch::Somebody };
    let written: Vec<&Path> = targets.iter().filter_map(|target| target.file.as_deref()).collect();
    let mut bench =
        work::prepare_change(Subject::Paths(&lint.paths), &lint.work, &written, Against::of(lint))?;
    work::need_git(bench.checkout.as_ref(), "--history")?;
    bench.only_secrets()?;
    let baseline = bench.baseline(lint.baseline.as_deref())?;
    let (report, _) = report(&bench, range, baseline.as_ref(), watch)?;
    lint::tell((lint, "history"), &targets, &bench, report, started).map(|(end, _)| end)
}

/// What the history held, and the texts in which it stood.
pub(super) fn report(
    bench: &Bench,
    range: Option<&str>,
    baseline: Option<&Baseline>,
    watch: Watch,
) -> Result<(Report, Sources), Failure> {
    let done = AtomicUsize::new(0);
    let progress = || format!("{} versions of files", done.load(Ordering::Relaxed));
    let past = terminal::with_progress(watch, progress, || past::read(bench, range, &done))?;
    if past.timeline.commits.is_empty() {
        return Err(Failure::new("there is no commit in this history: nothing was checked"));
    }
    let relics = relics(&past.timeline, &past.seen);
    let contents = past.contents(relics.iter().map(|relic| relic.content))?;
    let told: Vec<Told> = relics
        .iter()
        .zip(&contents)
        .map(|(relic, bytes)| Told {
            print: relic.print,
            path: &past.timeline.paths[relic.path as usize],
            version: &past.timeline.commits[relic.commit as usize].name,
            bytes,
            story: past.timeline.story(relic),
        })
        .collect();
    let (mut report, texts) = bench.report_past(baseline, &told);
    count(bench, &past, range, &mut report);
    bench.count_blind(&mut report);
    if let Some(failure) = blind::nothing_read(bench, &report) {
        report.problems.push(Problem::fatal(blind::NOTHING, failure.says, None));
    }
    Ok((report, texts))
}

/// Puts into the report what was read, and what was not.
fn count(bench: &Bench, past: &Past, range: Option<&str>, report: &mut Report) {
    let counts = past.counts;
    report.counts.files = past.versions;
    (report.counts.read, report.counts.bytes) = (counts.read, counts.bytes);
    (report.counts.binary, report.counts.large) = (counts.binary, counts.large);
    let mut blind = |kind, number: usize, says: String| {
        if number > 0 {
            report.problems.push(Problem::blind(kind, says, None));
        }
    };
    let large = format!("{} versions of files are over the limit of {} MiB", counts.large, SOURCE >> 20);
    blind(LARGE, counts.large, large);
    let missing =
        format!("{} versions of files are not in this clone: it holds only some objects", counts.missing);
    blind("git-objects", counts.missing, missing);
    let damaged = format!(
        "{} versions of files cannot be read: what git stores is damaged (`git fsck`)",
        counts.damaged
    );
    blind("git-damaged", counts.damaged, damaged);
    let folders = format!(
        "{} folders of commits cannot be read: what changed in them was not looked at (`git fsck`)",
        counts.unread_folders
    );
    blind("git-damaged", counts.unread_folders, folders);
    let is_shallow = bench
        .checkout
        .as_ref()
        .is_some_and(|checkout| open_gits(&checkout.common, "shallow", u64::MAX).is_ok());
    let shallow = "this clone is shallow: what is older was not read (`git fetch --unshallow`)".to_owned();
    // Who names commits did not ask for those before them.
    match range {
        None => blind("git-shallow", usize::from(is_shallow), shallow),
        Some(_) if is_shallow => report.problems.push(Problem::caution("git-shallow", shallow, None)),
        Some(_) => {}
    }
    if counts.failed > 0 {
        let says = format!(
            "a bug in pintle: reading {} versions of files panicked; please report it",
            counts.failed
        );
        report.problems.push(Problem::fatal("internal", says, None));
    }
    report.problems.sort();
}
