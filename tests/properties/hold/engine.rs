//! The whole engine over a small repository.

use super::places::inside;
use super::{BOOK, MANY, files, planted, text, xml};
use pintle::testing::prove;
use pintle::{
    Baseline, Book, Colour, Config, Detail, Grouping, IMAGES, ImageStock, Job, Look, MemoryRepo, OUTPUTS,
    Output, Redactor, Report, SEALED, STORAGE, SealedStock, Shown, Skips, SourceId, Sources, Span,
    Statistics, StorageStock, Tell, check, inventory_spans, keep, survey,
};
use std::sync::Arc;

/// A repository that something is wrong with, for what is read beside it.
const REPOSITORY: &[(&str, &str)] = &[
    (
        "apps/pod.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: a, image: nginx:latest}]\n",
    ),
    (
        "compose.yaml",
        "services:\n  db: {image: 'postgres:${V:-16}', environment: {POSTGRES_PASSWORD: hunter2hunter}}\n",
    ),
];

fn repository(files: Vec<(String, String)>) -> MemoryRepo {
    MemoryRepo::new(files)
}

/// No panic was caught on the way, and every place is inside its text.
fn sound(report: &Report) {
    for problem in &report.problems {
        assert!(problem.kind != "internal", "{}", problem.says);
        problem.at.iter().for_each(|span| placed(&report.sources, *span));
    }
    for finding in &report.findings {
        placed(&report.sources, finding.origin.span());
        finding.origin.road().for_each(|(_, span)| placed(&report.sources, span));
        finding.also.iter().chain(&finding.beside).for_each(|(span, _)| placed(&report.sources, *span));
        assert!(!finding.says.is_empty() && !finding.fingerprint.is_empty(), "{finding:?}");
    }
}

fn placed(sources: &Sources, span: Span) {
    let source = sources.get(span.source);
    if source.is_kept() {
        inside(source.text(), span);
        let (start, end) = sources.places(span);
        assert!((start.line, start.column) <= (end.line, end.column), "{span:?}");
    }
}

fn whole(files: Vec<(String, String)>) {
    let (repo, config) = (repository(files), Config::default());
    sound(&check(&Job::new(&repo, &config, &BOOK)));
}

pub fn kustomize(bytes: &[u8]) {
    if let Some(text) = text(bytes) {
        whole(files(text, "kustomization.yaml"));
    }
}

pub fn compose(bytes: &[u8]) {
    if let Some(text) = text(bytes) {
        whole(files(text, "compose.yaml"));
    }
}

/// A page of a repository: it is read, and judges; or its faults have their places.
pub fn pages(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let mut book = Book::default();
    let problems = book.add(SourceId(0), "rules/own.md", text);
    problems.iter().filter_map(|problem| problem.at).for_each(|span| inside(text, span));
    let mut files = vec![("rules/own.md".to_owned(), text.to_owned())];
    files.extend(REPOSITORY.iter().map(|(name, body)| ((*name).into(), (*body).into())));
    let (repo, config) = (repository(files), Config::default());
    let id = SourceId(repo_index(&repo, "rules/own.md"));
    let report = check(&Job { extra: vec![(id, Arc::from(text))], ..Job::new(&repo, &config, &book) });
    sound(&report);
    for page in book.pages() {
        prove(&book, page);
    }
}

fn repo_index(repo: &MemoryRepo, name: &str) -> u32 {
    pintle::Repo::names(repo).iter().position(|known| *known == name).unwrap() as u32
}

/// A configuration and a baseline: what is wrong in them has its place, and what they say is done.
pub fn configuration(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let mut all = files(text, ".pintle.yaml");
    let taken = |all: &mut Vec<(String, String)>, wanted: &str| {
        all.iter().position(|(name, _)| name == wanted).map_or(String::new(), |at| all.remove(at).1)
    };
    let (orders, baseline) = (taken(&mut all, ".pintle.yaml"), taken(&mut all, "baseline"));
    all.extend(REPOSITORY.iter().map(|(name, body)| ((*name).into(), (*body).into())));
    all.push((".pintle.yaml".into(), orders.clone()));
    let repo = repository(all);
    let id = SourceId(repo_index(&repo, ".pintle.yaml"));
    let (config, problems) = Config::read(id, &orders, &BOOK.ids());
    problems.iter().filter_map(|problem| problem.at).for_each(|span| inside(&orders, span));
    let baseline = Baseline::read(None, &baseline);
    let report = check(&Job {
        baseline: Some(&baseline),
        extra: vec![(id, Arc::from(orders.as_str()))],
        ..Job::new(&repo, &config, &BOOK)
    });
    sound(&report);
}

/// Everything that is said of a repository: it parses, and one thread says what many say.
pub fn outputs(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let repo = repository(files(&planted::in_place(text), "a.yaml"));
    let (report, told) = told(&repo);
    sound(&report);
    for (name, said) in &told {
        planted::absent_but_in_names(said, name, &pintle::Repo::names(&repo));
        match name.as_str() {
            name if JSON.iter().any(|known| name.ends_with(known)) => {
                let parsed: Result<serde_json::Value, _> = serde_json::from_str(said);
                assert!(parsed.is_ok(), "{name}: {:?}", parsed.err());
            }
            "junit" | "checkstyle" => {
                xml::well_formed(said).unwrap_or_else(|wrong| panic!("{name}: {wrong}\n{said}"));
            }
            _ => {}
        }
    }
    let again = MANY.install(|| self::told(&repo)).1;
    for ((name, one), (_, many)) in told.iter().zip(&again) {
        assert!(one == many, "{name} at one thread and at many:\n{one}\n{many}");
    }
}

/// The endings of the names of outputs that are JSON.
const JSON: &[&str] = &["json", "sarif", "gitlab", "rdjson", "cyclonedx"];

/// The report and every output over it, by name.
fn told(repo: &MemoryRepo) -> (Shown<Report>, Vec<(String, String)>) {
    let config = Config::default();
    let (report, joined) = survey(&Job { sealings: true, ..Job::new(repo, &config, &BOOK) });
    keep(repo, &report.sources, &inventory_spans(&report, &joined));
    let loud = Tell {
        colour: Colour::Links,
        width: 40,
        detail: Detail::Verbose,
        skips: Skips::Explained,
        statistics: Statistics::Shown,
        ..Tell::plain(&BOOK)
    };
    let redactor = Redactor::of(&report, &BOOK.tables);
    redactor.places(&report.sources);
    let images = redactor.show(ImageStock::of(&report, &joined, |_| true));
    let storage = redactor.show(StorageStock::of(&report, &joined, |_| true).with_hints(&report));
    let sealed = redactor.show(SealedStock::of(&report, |_| true));
    let report = redactor.report(report);
    let mut out: Vec<(String, String)> = Vec::new();
    for tell in [Tell::plain(&BOOK), loud] {
        let told = |output: &Output| (output.name.to_owned(), output.tell(&report, &tell).to_string());
        out.extend(OUTPUTS.iter().map(told));
    }
    for grouping in [Grouping::Flat, Grouping::Tree] {
        let look = Look { colour: Colour::Plain, width: 60, grouping };
        let name = |what: &str, name: &str| format!("{what} {name}");
        out.extend(IMAGES.iter().map(|one| (name("images", one.name), one.tell(&images, &look).to_string())));
        out.extend(
            STORAGE.iter().map(|one| (name("storage", one.name), one.tell(&storage, &look).to_string())),
        );
        out.extend(SEALED.iter().map(|one| (name("sealed", one.name), one.tell(&sealed, &look).to_string())));
    }
    (report, out)
}
