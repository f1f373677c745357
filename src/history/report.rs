//! The report over credentials of the past: judged as those of today.

use super::look::{Place, Print, credentials, opened, print};
use crate::engine::{self, Job};
use crate::facts::{Answers, Fact, Facts, Secret};
use crate::finding::{Counts, Finding, Problem, Report, Severity, Status};
use crate::join::{Earlier, Joined};
use crate::judge::{self, Bench, Remark, Scope, Trust};
use crate::lock::Lock;
use crate::redact::Redactor;
use crate::rules::{Case, checks, rule_of};
use crate::text::{SourceId, Sources};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The rule under which everything of the past is told.
pub const RULE: &str = judge::HISTORY;

/// A credential of the past, and the version of the file in which it is told.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    pub print: Print,
    pub path: &'a str,
    /// How the version is called, such as the first digits of its commit.
    pub version: &'a str,
    pub bytes: &'a [u8],
    /// When it came and went.
    pub story: String,
}

/// Judges credentials of the past as `check` judges those of today.
///
/// What the rule that knows such a credential says holds here too: its severity, and the entries of the configuration
/// that allow it. The facts of the report are all credentials of its texts, so that whoever shows it covers them. The
/// texts beside it, of the same numbers, go by their paths alone.
pub fn report(job: &Job, told: &[Told]) -> (Report, Sources) {
    // Twice: by the path, as it is judged, and by the version, as it is shown.
    let (mut sources, mut shown) = (engine::sources(job), engine::sources(job));
    let mut versions: BTreeMap<(&str, &str), SourceId> = BTreeMap::new();
    let (mut findings, mut remarks, mut stories) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    let (mut secrets, whole) = (Vec::new(), engine::collection(job));
    for told in told {
        let (text, is_binary) = opened(told.bytes);
        let text: Arc<str> = text.into();
        let source = *versions.entry((told.version, told.path)).or_insert_with(|| {
            let source = sources.add(told.path, text.clone());
            // Nobody knows which comments of the past are the owners'.
            if job.change.as_ref().is_none_or(|change| change.trust == Trust::Trusted) {
                remarks.insert(source, judge::remarks(source, told.path, &text));
            }
            source
        });
        let place = Place::new(job.book, job.config, whole, told.path).on(job.today);
        let facts = credentials(job.book, source, place, &text, is_binary);
        if shown.len() < sources.len() {
            shown.add(&format!("{}:{}", told.version, told.path), text.clone());
            secrets.extend(facts.iter().filter(|fact| print(fact) != Print::File).cloned());
        }
        let own = facts.into_iter().filter(|fact| print(fact) == told.print);
        if let Some(finding) = own.into_iter().find_map(|fact| finding(job, &fact)) {
            stories.insert(finding.origin.span(), &told.story);
            findings.push(finding);
        }
    }
    let mut problems = Vec::new();
    let allowed = judged(job, None, &sources, &remarks, &mut findings, &mut problems);
    for finding in &mut findings {
        let rule = std::mem::replace(&mut finding.rule, RULE.into());
        if let Some(story) = stories.get(&finding.origin.span()) {
            finding.says = format!("{}: {story} ({rule})", finding.says);
        }
    }
    let late = judged(job, job.baseline, &sources, &remarks, &mut findings, &mut problems);
    findings.extend(allowed.into_iter().chain(late));
    problems.sort();
    problems.dedup();
    (
        Report {
            findings,
            problems,
            sources: shown,
            facts: Facts { secrets, ..Facts::default() },
            counts: Counts::default(),
            ..Report::default()
        },
        sources,
    )
}

/// Judges findings, and takes out those that do not count.
fn judged(
    job: &Job,
    baseline: Option<&judge::Baseline>,
    sources: &Sources,
    remarks: &BTreeMap<SourceId, Vec<Remark>>,
    findings: &mut Vec<Finding>,
    problems: &mut Vec<Problem>,
) -> Vec<Finding> {
    let pages = |rule: &str| job.book.page(rule).map(|page| page.severity);
    // An entry that allows something of today allows nothing here, and is not stale for it.
    let scope = Scope { ignore: vec!["allow-unused".into()], lines: None, ..job.scope.clone() };
    let (config, today) = (job.config, job.today);
    let redactor = Redactor::of_facts((findings, &Facts::default()), sources, &job.book.tables);
    judge::judge(
        &Bench {
            config,
            scope: &scope,
            baseline,
            today,
            sources,
            remarks,
            pages: &pages,
            ids: &job.book.ids(),
            silenced: None,
            redactor: &redactor,
        },
        findings,
        problems,
    );
    let (live, silent) =
        std::mem::take(findings).into_iter().partition(|finding| finding.status == Status::Live);
    *findings = live;
    silent
}

/// What the rule of a credential says of it, if it is on.
fn finding(job: &Job, fact: &Fact<Secret>) -> Option<Finding> {
    let page = job.book.page(rule_of(&fact.says)).filter(|page| job.scope.wants(&page.id))?;
    let facts = Facts { secrets: vec![fact.clone()], ..Facts::default() };
    let joined = Joined::default();
    let (lock, answers) = (Lock::default(), Answers::default());
    let Job { config, book, .. } = *job;
    let case = Case {
        facts: &facts,
        joined: &joined,
        before: &Earlier::default(),
        lock: &lock,
        answers: &answers,
        config,
        book,
    };
    let mut finding = checks::run(&case, page).pop()?;
    finding.origin = fact.origin.clone();
    (finding.severity > Severity::Off).then_some(finding)
}
