//! `pintle init`: looks at the repository, writes a configuration with what it infers, a hook and a workflow, and offers a
//! baseline. What is there is left as it is.

use super::args::Work;
use super::door::is_there;
use super::first_look::{FirstLook, asked, several};
use super::terminal::{self, Watch};
use super::work::{self, Subject};
use super::{End, Failure, said, tags, write};
use crate::config::{self, NAMES};
use crate::engine;
use crate::finding::{Finding, Report, Severity, Status};
use std::path::{Path, PathBuf};

const HOOK: &str = ".pre-commit-config.yaml";
const WORKFLOW: &str = ".github/workflows/pintle.yml";

/// The commit that a release is made of; whoever builds one says it.
const COMMIT: Option<&str> = option_env!("PINTLE_COMMIT");

pub(super) fn run(folder: &Path) -> Result<End, Failure> {
    // One that cannot be read is one all the same.
    none_is_there(folder)?;
    let paths = [folder.to_owned()];
    let mut bench = work::prepare(Subject::Paths(&paths), &Work::default(), &[])?;
    none_is_there(&bench.root)?;
    // All of the repository is told about, whichever of its folders this was started in.
    bench.scope.paths.clear();
    bench.sealings = true;
    let (report, joined, deliveries) =
        bench.behold(None, Watch::Somebody, |job| engine::survey_deliveries(&job));
    let (files, images) = asked(&report);
    let past = match bench.checkout {
        Some(_) => tags::past(&bench.root, &files, &images),
        None => tags::Past::new(),
    };
    let look = FirstLook::of(&bench, (&report, &joined), &deliveries, &past);
    write::new(&bench.root.join(NAMES[0]), &said(config::template(&look.seen, &look.given)))?;
    let mut told = format!("{} written{}\n", NAMES[0], inferred(&look));
    look.seen.iter().for_each(|line| told.push_str(&format!("  {line}\n")));
    let is_on_github = bench.remotes.iter().any(|remote| remote.contains("github.com"));
    let hook = bench.checkout.is_some().then(|| bench.root.join(HOOK));
    let workflow = bench.checkout.is_some().then(|| bench.root.join(WORKFLOW));
    told.push_str(&written(hook, HOOK, &format!("repos:\n{}", hook_lines()), &hook_lines())?);
    let has_workflows = is_on_github || is_there(&bench.root.join(".github"));
    told.push_str(&written(workflow.filter(|_| has_workflows), WORKFLOW, &workflow_text(), &step())?);
    told.push_str(&next(&report));
    terminal::print(&said(told)).map_err(Failure::new)?;
    Ok(End::Clean)
}

/// Ends where a folder has a configuration.
fn none_is_there(folder: &Path) -> Result<(), Failure> {
    let there = NAMES.iter().map(|name| folder.join(name)).find(|path| is_there(path));
    there.map_or(Ok(()), |path| {
        Err(Failure::new(format!("{} is there already", path.display())).hint("it was left as it is"))
    })
}

/// What is said of what the configuration holds.
fn inferred(look: &FirstLook) -> String {
    match look.given.as_slice() {
        [] => "; everything in it is commented out".to_owned(),
        given => format!(", with {} that this repository gives reason for", several(given.len(), "setting")),
    }
}

/// Writes a file that is not there; where it is, or has no place here, the lines for it are shown.
fn written(path: Option<PathBuf>, name: &str, whole: &str, lines: &str) -> Result<String, Failure> {
    let shown = |why: &str| format!("\n{name}{why}:\n\n{lines}");
    match path {
        None => Ok(shown(", where you use it")),
        Some(path) if is_there(&path) => {
            Ok(shown(" is there already and was left as it is; what belongs in it"))
        }
        Some(path) => {
            write::new(&path, &said(whole.to_owned()))?;
            Ok(format!("{name} written\n"))
        }
    }
}

fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

fn hook_lines() -> String {
    let home = env!("CARGO_PKG_REPOSITORY");
    let revision = match COMMIT {
        Some(commit) => format!("{commit} # frozen: v{}", version()),
        None => format!("v{}", version()),
    };
    format!("  - repo: {home}\n    rev: {revision}\n    hooks:\n      - id: pintle\n")
}

/// The step of a job.
fn step() -> String {
    let slug = env!("CARGO_PKG_REPOSITORY").trim_start_matches("https://github.com/");
    match COMMIT {
        Some(commit) => format!("      - uses: {slug}@{commit} # v{}\n", version()),
        None => format!("      - uses: {slug}@v{}\n", version()),
    }
}

fn workflow_text() -> String {
    format!(
        "name: pintle
on:
  push: {{branches: [main, master]}}
  pull_request:
permissions:
  contents: read
jobs:
  pintle:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
          fetch-depth: 0 # what a pull request changes is held against its base
{}",
        step()
    )
}

/// What to do next: what is found today can wait.
fn next(report: &Report) -> String {
    let counts = |severity: Severity| {
        let is = |finding: &&Finding| finding.status == Status::Live && finding.severity == severity;
        report.findings.iter().filter(is).count()
    };
    let (errors, warnings) = (counts(Severity::Error), counts(Severity::Warning));
    let mut out = String::from("\nAny other CI: pintle lint --output pretty --output sarif=pintle.sarif\n");
    if COMMIT.is_none() {
        out.push_str("`pintle pin` writes the commits of the actions that are named by a version.\n");
    }
    if errors + warnings > 0 {
        out.push_str(&format!(
            "{} today ({}, {}): `pintle lint` shows them; `pintle baseline` writes them down, so that only new ones count.\n",
            several(errors + warnings, "finding"),
            several(errors, "error"),
            several(warnings, "warning")
        ));
    }
    out
}
