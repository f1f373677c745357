//! The one place that knows the order of the stages. Pure: it is given a repository and returns a report.

mod archives;
mod broken;
mod cluster_tests;
mod collection;
mod coverage;
mod encoding;
mod exhibits;
mod generated;
mod given;
mod job;
#[cfg(feature = "cli")]
mod listed;
mod long;
mod objects;
mod overridden;
mod read;
mod registry;
#[cfg(feature = "cli")]
pub mod render;
mod repo;
mod shared;
mod silences;
mod unit;

pub(crate) use collection::collection;
pub(crate) use encoding::{letters, text};
pub use job::Job;
#[cfg(feature = "cli")]
pub use listed::{ListedChart, best_version, is_version_range, listed_charts};
#[cfg(feature = "cli")]
pub use repo::LARGE;
pub use repo::{MemoryRepo, Repo};
pub use shared::Shared;
pub use silences::Proposal;
#[cfg(feature = "cli")]
pub use silences::{BASELINE, IGNORES, OWN_RULES};

use crate::facts::{Doubt, Fact, Facts, Image, Obstacle, Role, Why};
use crate::finding::{Counts, Finding, Left, LeftOut, Problem, Report, Severity, Weight};
use crate::join::{self, Clusters, Earlier, Joined, Known};
use crate::judge::{self, Bench, Scope};
use crate::lock::Lock;
use crate::redact::Redactor;
use crate::rules::{Case, checks};
use crate::text::{SourceId, Sources, Span};
use crate::world::{self, Cache, Files, Forest, Shelf, View};
use exhibits::{Exhibit, Exhibits};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};

/// Checks a repository.
pub fn check(job: &Job) -> Report {
    survey(job).0
}

/// Checks a repository, and hands out what was joined over its facts: what inventories are made of.
pub fn survey(job: &Job) -> (Report, Joined) {
    let (report, joined, ()) = survey_seeing(job, |_| ());
    (report, joined)
}

/// The same, and shows what clusters get before it is given back.
pub fn survey_seeing<T: Send>(job: &Job, look: impl FnOnce(View) -> T + Send) -> (Report, Joined, T) {
    // All of it on threads of the pool: each takes again for one stage what it gave back after another.
    rayon::scope(|_| stages(job, look))
}

/// The same, and how many deliveries there are of each kind: what somebody declared, or else folders that deliver themselves.
#[cfg(feature = "cli")]
pub fn survey_deliveries(job: &Job) -> (Report, Joined, BTreeMap<&'static str, usize>) {
    survey_seeing(job, coverage::kinds)
}

/// The files of a job, and what else findings may point into.
pub fn sources(job: &Job) -> Sources {
    let mut sources = Sources::new(job.repo.names());
    for (name, text) in job.aside {
        sources.add(name, text.clone());
    }
    for (id, text) in &job.extra {
        if (id.0 as usize) < sources.len() {
            sources.get(*id).keep(text.clone());
        }
    }
    sources
}

fn stages<T>(job: &Job, look: impl FnOnce(View) -> T) -> (Report, Joined, T) {
    let names = job.repo.names();
    let mut sources = sources(job);
    let mut silences = silences::Told::of(job.change.as_ref(), job.repo, job.book, &mut sources);
    let reading = read::Reading::of(job);
    let beside = read::Neighbours::read(job, reading, &names, &sources);
    let text = |id: SourceId, show: &mut dyn FnMut(&str)| read::show_text(job.repo, id, show);
    let bytes = |id: SourceId, show: &mut dyn FnMut(&[u8])| read::show_bytes(job.repo, id, show);
    let shelf = job.charts.map(Shelf::new);
    let links = job.repo.links();
    let files = Files::new(&sources, names.len(), &text).without_schemas().with_links(&links);
    let cluster = job.capabilities();
    let files = files.with_shared(job.shared.map(|shared| &shared.files));
    let mut files = files.with_bytes(&bytes).with_shelf(shelf.as_ref()).with_cluster(&cluster);
    let mut forest = match reading {
        read::Reading::Everything => world::grow(&files, &Cache::default(), &job.hints()),
        read::Reading::Secrets => Forest::default(),
    };
    let view = View { files: &files, forest: &forest };
    let seen = look(view);
    let ((of_objects, wrong, used), delivered) = (objects::read(job, view), coverage::delivered(view));
    let exhibits = match reading {
        read::Reading::Everything => {
            Exhibits::find(job, &names, &files, &text).without_delivered(job, &forest)
        }
        read::Reading::Secrets => Exhibits::of_secrets(job),
    };
    forest.note_used(used.into_iter());
    // What builds made is told: the rest is read without its trees in memory.
    forest.forget_objects();
    files.settle();
    let view = View { files: &files, forest: &forest };
    let around = read::Around { job, reading, sources: &sources, beside: &beside, exhibits: &exhibits, view };
    let units: Vec<unit::Unit> = names
        .par_iter()
        .enumerate()
        .filter(|(_, name)| job.config.takes(name) && reading.takes(job, name))
        .map(|(at, _)| read::unit(around, SourceId(at as u32)))
        .collect();
    let (mut facts, mut problems, mut counts, mut remarks) =
        (Facts::default(), Vec::new(), Counts::default(), BTreeMap::new());
    counts.files = units.len();
    let left_out = left_out(job, &names, &units, &exhibits);
    for unit in units {
        if let Some(told) = unit.facts {
            facts.append(*told);
        }
        problems.extend(unit.problems);
        counts.read += usize::from(unit.bytes.is_some());
        counts.bytes += unit.bytes.unwrap_or(0);
        counts.binary += usize::from(unit.binary);
        counts.documents += unit.documents;
        counts.second_reader += unit.second_reader;
        if !unit.remarks.is_empty() {
            remarks.insert(unit.source, unit.remarks);
        }
    }
    given::read(around, &names, &mut facts);
    overridden::note(around, &names, &mut facts);
    facts.append(of_objects);
    broken::told_once(&mut facts);
    facts.leave_out_filled();
    facts.note_built(&sources);
    facts.note_built_by_tilt(exhibits.handed_to_tilt());
    facts.note_stages();
    facts.note_bots();
    facts.note_made_elsewhere(&sources);
    facts.note_tags(&sources);
    crate::formats::told_once(&mut facts);
    exhibits.take_out(&mut facts);
    let moves = job.book.moves(job.config);
    exhibits.note_made_up(&mut facts, &moves);
    problems.extend(wrong);
    counts.images = facts.images.len();
    (counts.pinned, counts.runs) = pinned(&facts);
    let scope = scope(job);
    let is_asked = |at: Span| scope.names(sources.name(at.source));
    facts.unread.retain(|unread| is_asked(unread.at));
    facts.unread.sort();
    facts.unread.dedup();
    counts.unread = facts.unread.len();

    let joined = match reading {
        read::Reading::Everything => {
            let clusters = Clusters::new(!forest.loaded.is_empty(), forest.live.clone());
            let clusters = clusters.with_values(&facts, &sources);
            let known =
                Known { moves: &moves, engines: job.book.engines(), provisioners: job.book.provisioners() };
            join::join(&facts, &sources, known, job.config, clusters)
        }
        read::Reading::Secrets => Joined::default(),
    };
    let lock = match reading {
        read::Reading::Everything => read::lock(job, &names, &mut problems),
        read::Reading::Secrets => Lock::default(),
    };
    let answers = registry::answers(job, (&facts, &joined), &sources, &mut problems);
    let none = Earlier::default();
    let case = Case {
        facts: &facts,
        joined: &joined,
        before: job.before.unwrap_or(&none),
        lock: &lock,
        answers: &answers,
        config: job.config,
        book: job.book,
    };
    let mut findings = Vec::new();
    for page in job.book.pages().iter().filter(|page| scope.wants(&page.id)) {
        findings.append(&mut checks::run(&case, page));
    }
    for finding in &mut findings {
        // Its place is what asks for the chart: only words can tell where in the chart the value is.
        if let Some(inner) = finding.origin.inner() {
            finding.says.push_str(&format!(" (in {inner})"));
        }
    }
    by_builds(job, &forest, &mut findings);
    tests_of_charts(job, &forest, &mut findings);
    shown_only(job, &exhibits, &mut findings);
    problems.extend(exhibits.notes());
    for finding in findings.iter_mut() {
        if finding.is_for_test() && job.book.page(&finding.rule).is_some_and(|page| page.about == "image") {
            let help = finding
                .help
                .take()
                .or_else(|| job.book.page(&finding.rule).map(|page| page.help.to_string()));
            finding.help = help.map(|help| format!("{help}; leave it if that is what is tested"));
        }
        let reserve = finding.reserve();
        if !reserve.is_empty() {
            finding.severity = milder(finding.severity);
            finding.says.push_str(reserve);
        }
    }
    for finding in &mut findings {
        finding.fix = crate::fix::fix(
            job.book.page(&finding.rule).and_then(|page| page.fix.as_deref()),
            finding,
            &sources,
        );
    }
    silences.comments(&sources, &mut remarks);
    read::keep_texts(job, &sources, &findings, &problems, &facts);
    read::keep(job.repo, &sources, silences.places());
    generated::note(&mut findings, &sources);
    kept_from_clusters(&facts, &mut findings);
    let pages = |rule: &str| job.book.page(rule).map(|page| page.severity);
    let redactor = Redactor::of_facts((&findings, &facts), &sources, &job.book.tables);
    // What is a secret is told as one: whether it is also a good tag would tell how it looks.
    findings.retain(|finding| {
        let is_about_image = job.book.page(&finding.rule).is_some_and(|page| page.about == "image");
        !is_about_image || !redactor.holds(sources.slice(finding.origin.span()))
    });
    let bench = Bench {
        redactor: &redactor,
        config: job.config,
        scope: &scope,
        baseline: job.baseline,
        today: job.today,
        sources: &sources,
        remarks: &remarks,
        pages: &pages,
        ids: &job.book.ids(),
        silenced: silences.for_judging(),
    };
    judge::judge(&bench, &mut findings, &mut problems);
    read::keep(job.repo, &sources, problems.iter().filter_map(|problem| problem.at));
    told_once(&facts, &findings, &mut problems);
    // What nobody asked for may be in any state, as long as it could be read.
    let is_remark = |problem: &Problem| matches!(problem.weight, Weight::Unread | Weight::Note);
    problems.retain(|problem| !is_remark(problem) || problem.at.is_none_or(is_asked));
    problems.sort();
    problems.dedup();
    let coverage = coverage::coverage(delivered, &facts, is_asked);
    read::keep(job.repo, &sources, coverage.unseen.iter().map(|one| one.at));
    if job.is_last {
        std::mem::forget((files, forest));
    }
    (Report { findings, problems, sources, facts, counts, coverage, left_out }, joined, seen)
}

/// What is reported: without answers of registries, nothing that only they tell.
fn scope(job: &Job) -> Scope {
    let mut scope = job.scope.clone();
    if job.registry.is_none() {
        let pages = job.book.pages().iter().filter(|page| page.about == "registry");
        scope.ignore.extend(pages.map(|page| page.id.clone()));
    }
    scope
}

/// How many of the images that run have a digest, and how many there are.
fn pinned(facts: &Facts) -> (usize, usize) {
    let runs =
        |image: &&Image| !image.unknown && matches!(image.role, Role::Pull | Role::TagOnly | Role::Override);
    let all = facts.images.iter().map(|fact| &fact.says).filter(runs);
    let names: HashSet<(&str, bool)> =
        all.map(|image| (image.text.as_str(), image.digest.is_some())).collect();
    (names.iter().filter(|(_, has_digest)| *has_digest).count(), names.len())
}

/// The files of which no format was asked.
fn left_out(job: &Job, names: &[&str], units: &[unit::Unit], exhibits: &Exhibits) -> Vec<LeftOut> {
    let left = |why: Left, name: &str| LeftOut { why, name: name.to_owned() };
    let of_units = units.iter().filter_map(|unit| {
        let name = names[unit.source.0 as usize];
        match () {
            () if unit.archive => Some(left(Left::Archive, name)),
            () if unit.binary => Some(left(Left::Binary, name)),
            () if exhibits.is_expected(unit.source) => Some(left(Left::Expected, name)),
            () => None,
        }
    });
    let excluded = names.iter().filter(|name| !job.config.takes(name));
    let mut out: Vec<LeftOut> = of_units.chain(excluded.map(|name| left(Left::Excluded, name))).collect();
    out.sort();
    out
}

/// What keeps a build from being whole and is a finding is no problem besides.
fn told_once(facts: &Facts, findings: &[Finding], problems: &mut Vec<Problem>) {
    let obstacles = facts.obstacles.iter().map(|fact| (fact.origin.span(), &*fact.says.reason));
    let obstacles: HashSet<(Span, &str)> = obstacles.collect();
    let found: HashSet<Span> = findings.iter().map(|finding| finding.origin.span()).collect();
    problems.retain(|problem| {
        let is_found = |at: &Span| found.contains(at) && obstacles.contains(&(*at, problem.says.as_str()));
        !problem.weight.is_unread() || !problem.at.as_ref().is_some_and(is_found)
    });
}

/// Of what is written in a file that a cluster gets, it is not told what a build would make of it that no cluster gets; what
/// a kustomization decides for others is. What only such builds read is not delivered, though none holds it as an object.
/// A secret is one wherever it is.
fn by_builds(job: &Job, forest: &Forest, findings: &mut Vec<Finding>) {
    findings.retain_mut(|finding| {
        let about = job.book.page(&finding.rule).map_or("", |page| &page.about);
        if about == "secret" {
            return true;
        }
        let file = finding.origin.span().source;
        let is_live = forest.live.contains(&file);
        // Nobody counts the clusters of what is judged as it is written. What keeps it from them says so itself.
        if finding.spread == 0 && about != "obstacle" {
            finding.delivered &= is_live || !forest.read.contains(&file);
        }
        let is_own = finding.home.is_none() || about == "obstacle";
        finding.delivered || !is_live || !is_own
    });
}

/// Nothing delivers what a finding is about that says so itself.
fn kept_from_clusters(facts: &Facts, findings: &mut [Finding]) {
    let is_kept = |fact: &&Fact<Obstacle>| matches!(fact.says.why, Why::LeftOut | Why::Outside);
    let kept = facts.obstacles.iter().filter(is_kept).map(|fact| fact.origin.span());
    let kept: HashSet<Span> = kept.collect();
    for finding in findings.iter_mut().filter(|finding| kept.contains(&finding.origin.span())) {
        finding.delivered = false;
        finding.affected.iter_mut().for_each(|one| one.delivered = false);
    }
}

/// What the values of a test of a chart decide is decided for that test. A secret is one wherever it is.
fn tests_of_charts(job: &Job, forest: &Forest, findings: &mut [Finding]) {
    let is_secret =
        |finding: &Finding| job.book.page(&finding.rule).is_some_and(|page| page.about == "secret");
    for finding in findings {
        if forest.tests.contains(&finding.origin.span().source) && !is_secret(finding) {
            finding.doubt = finding.doubt.max(Some(Doubt::Test));
        }
    }
}

/// What tests expect runs nowhere, and what others wrote they mend. What tests use, and samples, are judged more mildly. A
/// secret is one wherever it is.
fn shown_only(job: &Job, exhibits: &Exhibits, findings: &mut Vec<Finding>) {
    findings.retain_mut(|finding| {
        if job.book.page(&finding.rule).is_some_and(|page| page.about == "secret") {
            return true;
        }
        let doubt = match exhibits.of(finding) {
            Some(Exhibit::Expected | Exhibit::Vendored | Exhibit::Idle) => return false,
            Some(Exhibit::Applied) => Doubt::Applied,
            Some(Exhibit::AmongTests) => Doubt::AmongTests,
            Some(Exhibit::Tilt) => Doubt::Tilt,
            Some(Exhibit::Sample) => Doubt::Sample,
            None => return true,
        };
        // What else may be otherwise is of weight for what somebody gets as it is.
        let is_known = finding.delivered && finding.doubt.is_some_and(|known| known != Doubt::Unseen);
        finding.doubt = finding.doubt.filter(|_| is_known).or(Some(doubt));
        true
    });
}

/// What is wrong with an object that nothing delivers, or that may be otherwise, is wrong all the same, and less urgent.
fn milder(severity: Severity) -> Severity {
    match severity {
        Severity::Error => Severity::Warning,
        Severity::Warning | Severity::Note => Severity::Note,
        Severity::Off => Severity::Off,
    }
}

/// Reads another revision of the repository of a job, whole and with all that the job knows: the facts, and what was
/// joined over them. No rule is asked.
pub fn revision(job: &Job, repo: &dyn Repo) -> (Report, Joined) {
    let scope = Scope { select: vec!["".into()], ..Scope::default() };
    let Job { remotes, charts, .. } = *job;
    survey(&Job { scope, remotes, charts, ..Job::new(repo, job.config, job.book) })
}

/// What another revision has that rules hold this one against: what `Job::before` takes.
pub fn earlier(job: &Job, repo: &dyn Repo) -> Earlier {
    let (report, joined) = revision(job, repo);
    Earlier::of(&report.facts, joined, &report.sources, job.repo.names())
}

/// Keeps the texts under these spans too, so that their places can be told as lines and columns.
pub fn keep(repo: &dyn Repo, sources: &Sources, spans: &[Span]) {
    read::keep(repo, sources, spans.iter().copied());
}
