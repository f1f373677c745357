//! `pintle lint`: check, tell, and end with the right number.

use super::args::{FailOn, Lint, Target, Verify};
use super::asker::Asker;
use super::base::Against;
use super::blind::{NOTHING, say_of_nothing};
use super::door::{Root, now, standard_input};
use super::terminal::{self, Watch};
use super::work::{self, Bench, Subject};
use super::{End, Failure, mend, pin, provenance, said, write};
use crate::config::Config;
use crate::emit::{self, Colour, Detail, Drawing, Reader, Skips, Statistics, Tally, Tell};
use crate::finding::{Finding, Fix, Problem, Report, Safety, Severity};
use crate::redact::{Redactor, Shown};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

/// Outputs that are lines of text, so that several can share standard output.
const LINES: [&str; 4] = ["pretty", "concise", "github", "markdown"];

/// Which rules are run.
#[derive(Clone, Copy, Debug)]
pub(super) enum Topic<'a> {
    Everything,
    Secrets,
    Pins(&'a Verify),
}

impl Topic<'_> {
    /// How outputs call such a run.
    fn category(self) -> &'static str {
        match self {
            Topic::Everything => "lint",
            Topic::Secrets => "secrets",
            Topic::Pins(_) => "verify",
        }
    }
}

pub(super) fn run(lint: &Lint) -> Result<End, Failure> {
    check(lint, Topic::Everything)
}

/// Checks, tells, and says how it ended.
pub(super) fn check(lint: &Lint, topic: Topic) -> Result<End, Failure> {
    let started = now();
    let targets = targets(lint)?;
    work::threads(&lint.work)?;
    let watch = if lint.quiet { Watch::Nobody } else { Watch::Somebody };
    let subject = subject(lint)?;
    let written: Vec<&Path> = targets.iter().filter_map(|target| target.file.as_deref()).collect();
    let listing = || "listing files".to_owned();
    let prepare = || work::prepare_change(subject, &lint.work, &written, Against::of(lint));
    let mut bench = terminal::with_progress(watch, listing, prepare)?;
    match topic {
        Topic::Everything => bench.asks_nobody()?,
        Topic::Secrets => bench.only_secrets()?,
        Topic::Pins(verify) => {
            let (lock, _) = pin::lock_of(&bench)?;
            let has_platforms = !bench.config.platforms.is_empty();
            bench.only_pins(Asker::new(verify, has_platforms, lock)?)?;
        }
    }
    if let Some(revision) = &lint.since {
        bench.only_since(revision)?;
    }
    if lint.staged {
        bench.only_staged()?;
    }
    let baseline = bench.baseline(lint.baseline.as_deref())?;
    let mut report = bench.check(baseline.as_ref(), watch);
    if lint.diff || lint.fix {
        let least = if lint.with_unsafe { Safety::Unsafe } else { Safety::Safe };
        let wanted = pin::Both::new(&bench, mend::Fixes(|_: &Finding, fix: &Fix| fix.safety >= least))?;
        let mended = mend::mend(&mut bench, baseline.as_ref(), report, &wanted);
        if lint.diff {
            mend::show(&mended, lint.color)?;
            mended.tell("would be mended", "place");
            return Ok(if mended.files.is_empty() { End::Clean } else { End::Found });
        }
        mend::write(&bench, &mended)?;
        mended.tell("mended", "place");
        report = mended.report();
    }
    // Where no line has changed there was nothing to read.
    let nothing_changed = bench.scope.lines.as_ref().is_some_and(BTreeMap::is_empty);
    if matches!(topic, Topic::Secrets) && nothing_changed {
        report.problems.push(Problem::caution(NOTHING, "no line has changed: nothing was read", None));
    } else {
        say_of_nothing(&bench, &mut report);
    }
    let (end, _) = tell((lint, topic.category()), &targets, &bench, report, started)?;
    if let Some(signatures) = bench.asker.as_ref().and_then(Asker::signatures) {
        terminal::complain(&said(Failure::new(signatures)));
    }
    Ok(end)
}

/// Writes every output of a run of this kind, and says how it ended. Gives back the report as it was shown.
pub(super) fn tell(
    (lint, category): (&Lint, &'static str),
    targets: &[Target],
    bench: &Bench,
    report: Report,
    started: Instant,
) -> Result<(End, Shown<Report>), Failure> {
    let redactor = Redactor::of(&report, &bench.book.tables);
    let report = redactor.report(report);
    let tell = Tell {
        book: &bench.book,
        colour: Colour::Plain,
        width: terminal::width(),
        height: terminal::height(),
        reader: Reader::Pipe,
        drawing: Drawing::Unicode,
        seconds: started.elapsed().as_secs_f64(),
        detail: match (lint.quiet, lint.verbose) {
            (true, _) => Detail::Quiet,
            (_, true) => Detail::Verbose,
            _ => Detail::Normal,
        },
        skips: if lint.explain_skips { Skips::Explained } else { Skips::Counted },
        statistics: if lint.statistics { Statistics::Shown } else { Statistics::Hidden },
        category,
        provenance: bench.checkout.as_ref().and_then(provenance::of).map(|one| redactor.show(one)),
    };
    // One output that cannot be written is no reason to withhold the others.
    let told: Vec<Result<(), Failure>> =
        targets.iter().map(|target| write_to(target, lint, bench, &report, &tell)).collect();
    told.into_iter().collect::<Result<(), Failure>>()?;
    let tally = Tally::of(&report);
    Ok((if tally.fatal > 0 { End::Failed } else { end(lint, &bench.config, &tally) }, report))
}

fn write_to(
    target: &Target,
    lint: &Lint,
    bench: &Bench,
    report: &Shown<Report>,
    tell: &Tell,
) -> Result<(), Failure> {
    let output = target.output;
    let (to_file, to_terminal): (WriteTo, Print) = match output.commands {
        true => (write::commands, terminal::print_commands),
        false => (write::report, terminal::print),
    };
    match &target.file {
        Some(file) => to_file(bench.disk.root(), file, &output.tell(report, tell)),
        None => {
            let tell = Tell {
                colour: terminal::colour(lint.color),
                reader: terminal::reader(),
                drawing: terminal::drawing(),
                ..tell.clone()
            };
            to_terminal(&output.tell(report, &tell)).map_err(Failure::new)
        }
    }
}

/// How a report is written into a file, and how to standard output.
type WriteTo = fn(&Root, &Path, &Shown<String>) -> Result<(), Failure>;
type Print = fn(&Shown<String>) -> Result<(), String>;

fn end(lint: &Lint, config: &Config, tally: &Tally) -> End {
    let asked = lint.fail_on.map(FailOn::severity).or(config.fail_on);
    match asked.unwrap_or(Some(Severity::Warning)) {
        Some(severity) if tally.at_least(severity) > 0 => End::Found,
        _ => End::Clean,
    }
}

/// The outputs that were asked for, or the usual one.
pub(super) fn targets(lint: &Lint) -> Result<Vec<Target>, Failure> {
    let pretty = emit::output("pretty").map(|output| Target { output, file: None });
    let targets = if lint.output.is_empty() { pretty.into_iter().collect() } else { lint.output.clone() };
    let on_terminal: Vec<&str> =
        targets.iter().filter(|target| target.file.is_none()).map(|target| target.output.name).collect();
    if let Some(whole) = on_terminal.iter().find(|name| !LINES.contains(name))
        && on_terminal.len() > 1
    {
        return Err(Failure::new(format!("{whole} cannot share standard output with another output"))
            .hint(format!("write it to a file: --output {whole}=FILE")));
    }
    Ok(targets)
}

fn subject(lint: &Lint) -> Result<Subject<'_>, Failure> {
    let dash = lint.paths.iter().any(|path| path == Path::new("-"));
    match &lint.stdin_filename {
        None if dash => {
            Err(Failure::new("standard input has no name")
                .hint("say what it is: --stdin-filename deploy.yaml"))
        }
        None if lint.staged => Ok(Subject::Staged(&lint.paths)),
        None => Ok(Subject::Paths(&lint.paths)),
        Some(_) if lint.paths != [Path::new("-")] && lint.paths != [Path::new(".")] => {
            Err(Failure::new("--stdin-filename goes with `-`, not with other paths"))
        }
        Some(name) => {
            let mut bytes = Vec::new();
            let failed =
                |error| Failure::new(format!("cannot read standard input: {}", terminal::reason(&error)));
            standard_input().lock().read_to_end(&mut bytes).map_err(failed)?;
            Ok(Subject::Text(name, bytes))
        }
    }
}
