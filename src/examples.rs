//! Runs the examples of rule pages: the page is the test. Used by our own tests and by `pintle rules test`. Stands above
//! `engine` and `history`, because it runs both over small repositories.

use crate::config::Config;
use crate::engine::{Job, MemoryRepo, Proposal, check, earlier as known};
use crate::facts::{Answer, Around, Held, Leads, Pinned, Registry, Served};
use crate::finding::{Finding, Report, Severity, Status};
use crate::history::{self, Change, Commit, Look, Place, Seen, Timeline, Told, relics};
use crate::judge::{SILENCE, Scope, Trust};
use crate::rules::{Book, Example, Expect, Fence, Page, examples};
use crate::secrets::recipe;
use crate::text::{Str, apply};
use std::collections::BTreeMap;

/// What a page's examples showed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Outcome {
    /// A place is marked and nothing was found there.
    Missing { line: usize, says: String },
    /// Something was found where nothing should be.
    Noisy { line: usize, says: String },
    /// The right number of findings, at other places.
    Misplaced { line: usize, says: String },
    /// A condition that no good example needs.
    Weightless { condition: String },
    /// The fix gives another text, or its text is not quiet.
    Unfixed { line: usize, says: String },
    /// The page has no bad or no good example.
    Unproven { says: String },
}

/// Runs every example of a page.
pub fn prove(book: &Book, page: &Page) -> Vec<Outcome> {
    let list: Vec<Example> = examples(&page.prose).iter().map(expanded).collect();
    let mut out = Vec::new();
    if page.vendor.is_none() {
        for (wanted, name) in [(Expect::Bad, "bad"), (Expect::Good, "good")] {
            if !list.iter().any(|example| example.expect == wanted) {
                out.push(Outcome::Unproven { says: format!("the page has no {name} example") });
            }
        }
    }
    for example in &list {
        prove_example(book, page, example, &mut out);
    }
    for (at, condition) in page.when.iter().enumerate() {
        let mut lighter = page.clone();
        lighter.when.remove(at);
        let good = list.iter().filter(|example| example.expect == Expect::Good);
        let noisy = good
            .map(|example| run(book, &lighter, &example_files(example), example))
            .any(|report| report.findings.iter().any(|finding| finding.rule == page.id));
        if !noisy {
            out.push(Outcome::Weightless { condition: condition.field.to_string() });
        }
    }
    out
}

/// Recipes in an example become values here.
fn expanded(example: &Example) -> Example {
    let mut example = example.clone();
    if example.recipes {
        for fence in example.files.iter_mut().chain(&mut example.before) {
            // A marked place that holds a recipe grows with it.
            let grown = |range: &std::ops::Range<usize>| {
                let before = recipe::expand(&fence.text[..range.start], RECIPE_SEED).len();
                before..recipe::expand(&fence.text[..range.end], RECIPE_SEED).len()
            };
            fence.carets = fence.carets.iter().map(grown).collect();
            fence.text = recipe::expand(&fence.text, RECIPE_SEED);
        }
    }
    example
}

/// Every run expands recipes alike.
const RECIPE_SEED: u64 = 7;

fn example_files(example: &Example) -> Vec<(String, String)> {
    example.files.iter().map(|fence| (fence.file.clone(), fence.text.clone())).collect()
}

/// Checks files with one page in place of its namesake; every rule is on, for what a page promises holds whatever
/// its default.
fn run(book: &Book, page: &Page, files: &[(String, String)], example: &Example) -> Report {
    let before = &example.before[..];
    let earlier =
        MemoryRepo::new(before.iter().map(|fence| (fence.file.clone(), fence.text.clone().into_bytes())));
    let repo = MemoryRepo::new(files.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes())));
    let defaults = Config::default();
    let known = match before {
        [] => Default::default(),
        _ => known(&Job::new(&repo, &defaults, book), &earlier),
    };
    let mut page = page.clone();
    if page.severity == Severity::Off {
        page.severity = Severity::Warning;
    }
    let book = book.with(page.clone());
    let select = if page.about == "pintle" { Vec::new() } else { vec![page.id.clone()] };
    let scope = Scope { select, ..Scope::default() };
    let mut config = Config::default();
    let text = files
        .iter()
        .find(|(name, _)| crate::config::NAMES.contains(&name.as_str()))
        .map(|(_, text)| text.clone());
    if let Some(text) = &text {
        let at = crate::text::SourceId(
            files.iter().filter(|(name, _)| name.as_str() < ".pintle.yaml").count() as u32,
        );
        config = Config::read(at, text, &book.ids()).0;
    }
    let change = (page.id == SILENCE).then_some(Proposal {
        trust: Trust::Trusted,
        before: Some(&earlier),
        config: &defaults,
        asked: None,
    });
    let shown = Shown::read(&example.registry);
    let registry = (!example.registry.is_empty()).then_some(&shown as &dyn Registry);
    let job = Job { scope, change, registry, before: Some(&known), ..Job::new(&repo, &config, &book) };
    if page.id == history::RULE { past(job, before, files) } else { check(&job) }
}

/// A registry that has what an example says. `NAME:TAG DIGEST` is where a tag leads, `NAME@DIGEST KIND PLATFORMS` what is
/// there: an `index`, an `image`, which may be one `of` an index, or a `configuration`.
struct Shown(BTreeMap<String, Vec<String>>);

impl Shown {
    fn read(fences: &[Fence]) -> Shown {
        let lines = fences.iter().flat_map(|fence| fence.text.lines());
        let words = lines.map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        Shown(words.filter(|words| words.len() > 1).map(|mut words| (words.remove(0), words)).collect())
    }

    /// What is there under a digest: the kind, the platforms, and whose image it is.
    fn held(&self, name: &str, digest: &str) -> (Held, Vec<Str>, Option<&str>) {
        let words = self.0.get(&format!("{name}@{digest}")).map(Vec::as_slice).unwrap_or_default();
        let platforms: Vec<Str> =
            words.get(1).into_iter().flat_map(|all| all.split(',')).map(Str::from).collect();
        let held = match words.first().map(String::as_str) {
            Some("index") => Held::Index(Some(platforms.clone())),
            Some("image") => Held::Image(platforms.first().cloned()),
            Some("configuration") => Held::Configuration,
            _ => Held::Gone,
        };
        (held, platforms, words.get(3).map(String::as_str))
    }

    fn answer(&self, pinned: &Pinned) -> Answer {
        let (held, platforms, of) = self.held(&pinned.name, &pinned.digest);
        let now = pinned.tag.as_ref().map(|_| self.0.get(&pinned.shown()).map(|words| words[0].as_str()));
        let leads = match now {
            None => Leads::Unasked,
            Some(None) => Leads::Gone,
            Some(Some(now)) if now == pinned.digest => Leads::Here,
            Some(Some(now)) => match (self.held(&pinned.name, now), &held) {
                ((Held::Index(_), all, _), Held::Image(_)) => {
                    let own = platforms.first().filter(|_| of == Some(now)).cloned();
                    Leads::Around(Around { digest: now.into(), platforms: all, own })
                }
                _ => Leads::Elsewhere(now.into()),
            },
        };
        Ok(Served { held, leads })
    }
}

impl Registry for Shown {
    fn ask(&self, images: &[Pinned]) -> Vec<Option<Answer>> {
        images.iter().map(|pinned| Some(self.answer(pinned))).collect()
    }
}

/// What a history of two commits gives: the files of the revision before, and those of now.
fn past(mut job: Job, before: &[Fence], files: &[(String, String)]) -> Report {
    job.scope.select = Vec::new();
    let (mut timeline, mut texts) = (Timeline::default(), Vec::new());
    timeline.commits = ["now", "before"].map(|name| Commit { name: name.into(), day: name.into() }).to_vec();
    let mut names: Vec<&str> = before.iter().map(|fence| fence.file.as_str()).collect();
    names.extend(files.iter().map(|(name, _)| name.as_str()));
    names.sort();
    names.dedup();
    for (path, name) in (0..).zip(names) {
        let mut content = |text: Option<&str>| {
            texts.push((name, text?.to_string()));
            Some(texts.len() as u32 - 1)
        };
        let old = content(before.iter().find(|fence| fence.file == name).map(|fence| fence.text.as_str()));
        let new = content(files.iter().find(|(file, _)| file == name).map(|(_, text)| text.as_str()));
        timeline.paths.push(name.into());
        timeline.changes.insert(0, Change { commit: 0, path, old, new });
        timeline.changes.push(Change { commit: 1, path, old: None, new: old });
        timeline.head.extend(new.map(|new| (path, new)));
    }
    let mut seen = Seen::new();
    for (at, (name, text)) in (0..).zip(&texts) {
        if let Look::Text(prints) =
            history::look(job.book, &job.scope, Place::new(job.book, job.config, None, name), text.as_bytes())
        {
            seen.insert(at, prints);
        }
    }
    let relics = relics(&timeline, &seen);
    let told: Vec<Told> = relics
        .iter()
        .map(|relic| {
            let (path, text) = &texts[relic.content as usize];
            let story = timeline.story(relic);
            Told { print: relic.print, path, version: "before", bytes: text.as_bytes(), story }
        })
        .collect();
    history::report(&job, &told).0
}

fn prove_example(book: &Book, page: &Page, example: &Example, out: &mut Vec<Outcome>) {
    let files = example_files(example);
    let report = run(book, page, &files, example);
    let line = example.files[0].line;
    let own = |finding: &&Finding| finding.rule == page.id && finding.status == Status::Live;
    let found: Vec<(String, std::ops::Range<usize>)> = report
        .findings
        .iter()
        .filter(own)
        .map(|finding| {
            (report.sources.name(finding.origin.span().source).to_string(), finding.origin.span().range())
        })
        .collect();
    let shown = |(file, range): &(String, std::ops::Range<usize>)| {
        let text = files
            .iter()
            .find(|(name, _)| name == file)
            .and_then(|(_, text)| text.get(range.clone()))
            .unwrap_or("?");
        format!("{file}: `{text}`")
    };
    if example.expect == Expect::Good {
        out.extend(found.iter().map(|found| Outcome::Noisy { line, says: shown(found) }));
        out.extend(report.problems.iter().map(|problem| Outcome::Noisy { line, says: problem.says.clone() }));
        return;
    }
    let mut wanted: Vec<(String, std::ops::Range<usize>)> = example
        .files
        .iter()
        .flat_map(|fence| fence.carets.iter().map(|caret| (fence.file.clone(), caret.clone())))
        .collect();
    let mut rest = found.clone();
    if wanted.is_empty() {
        match found.len() {
            0 => out.push(Outcome::Missing { line, says: "one finding, anywhere".into() }),
            1 => {}
            count => {
                out.push(Outcome::Noisy { line, says: format!("{count} findings where one is promised") })
            }
        }
    } else {
        wanted.retain(|place| match rest.iter().position(|found| found == place) {
            Some(at) => {
                rest.remove(at);
                false
            }
            None => true,
        });
        if !wanted.is_empty() && wanted.len() == rest.len() {
            out.extend(wanted.iter().zip(&rest).map(|(a, b)| Outcome::Misplaced {
                line,
                says: format!("{} is marked, {} was found", shown(a), shown(b)),
            }));
        } else {
            out.extend(wanted.iter().map(|place| Outcome::Missing { line, says: shown(place) }));
            out.extend(rest.iter().map(|place| Outcome::Noisy { line, says: shown(place) }));
        }
    }
    if !example.fixed.is_empty() {
        prove_fix(book, page, example, &report, files, out);
    }
}

fn prove_fix(
    book: &Book,
    page: &Page,
    example: &Example,
    report: &Report,
    files: Vec<(String, String)>,
    out: &mut Vec<Outcome>,
) {
    let mut mended = files;
    for (name, text) in &mut mended {
        let own = report
            .findings
            .iter()
            .filter(|finding| finding.rule == page.id)
            .filter_map(|finding| finding.fix.as_ref());
        let here =
            own.flat_map(|fix| &fix.edits).filter(|edit| report.sources.name(edit.span.source) == name);
        let edits: Vec<_> = here.cloned().collect();
        *text = apply(text, &edits).0;
    }
    for fence in &example.fixed {
        let text = mended.iter().find(|(name, _)| *name == fence.file).map_or("", |(_, text)| text);
        if text != fence.text {
            out.push(Outcome::Unfixed { line: fence.line, says: format!("the fix gives\n{text}") });
        }
    }
    let again = run(book, page, &mended, example);
    if again.findings.iter().any(|finding| finding.rule == page.id && finding.status == Status::Live) {
        out.push(Outcome::Unfixed {
            line: example.files[0].line,
            says: "the mended text is still reported".into(),
        });
    }
}
