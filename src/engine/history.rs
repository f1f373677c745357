//! What earlier versions of files held: the scan of one version, and the report over what was found. Which versions
//! there are, `timeline` is told from outside; nothing here knows git.

use super::Job;
use super::read::text;
use crate::facts::{Fact, Facts, Secret};
use crate::finding::{Counts, Finding, Problem, Report, Severity, Status};
use crate::join::Joined;
use crate::judge::{self, Bench, Remark, Scope};
use crate::rules::{Book, Case, checks};
use crate::secrets;
use crate::syntax::yaml;
use crate::text::{File, SourceId, Sources};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// The rule under which everything of the past is told.
pub const RULE: &str = judge::HISTORY;

/// A credential as a whole history can keep it: by a hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Print {
    Value(u128),
    /// The file itself, whatever stands in it.
    File,
}

/// What one version of a file gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Look {
    Binary,
    Text(Vec<Print>),
    /// A bug of ours.
    Failed,
}

/// Looks at one version of a file.
pub fn look(book: &Book, scope: &Scope, name: &str, bytes: &[u8]) -> Look {
    let done = catch_unwind(AssertUnwindSafe(|| {
        let (text, binary) = match text(SourceId(0), bytes, &mut Vec::new()) {
            Some(text) => (text, false),
            None => ("".into(), true),
        };
        let facts = credentials(book, &File { id: SourceId(0), name, text: &text });
        let wanted = facts.iter().filter(|fact| scope.wants(&fact.says.rule));
        let mut prints: Vec<Print> = wanted.map(print).collect();
        prints.sort();
        prints.dedup();
        if binary && prints.is_empty() { Look::Binary } else { Look::Text(prints) }
    }));
    done.unwrap_or(Look::Failed)
}

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
/// that allow it. The texts in the report have every credential blotted out; those beside it, of the same numbers, are
/// as they were, and go by their paths alone.
pub fn report(job: &Job, told: &[Told]) -> (Report, Sources) {
    let names = job.repo.names();
    // Twice: by the path, as it is judged, and by the version, as it is shown.
    let mut sources = Sources::new(names.iter().copied());
    let mut shown = Sources::new(names.iter().copied());
    for (id, text) in &job.extra {
        if (id.0 as usize) < names.len() {
            sources.get(*id).keep(text.clone());
            shown.get(*id).keep(text.clone());
        }
    }
    let mut versions: BTreeMap<(&str, &str), SourceId> = BTreeMap::new();
    let (mut findings, mut remarks, mut stories) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    for told in told {
        let text: Arc<str> = Arc::from(&*text(SourceId(0), told.bytes, &mut Vec::new()).unwrap_or_default());
        let source = *versions.entry((told.version, told.path)).or_insert_with(|| {
            let source = sources.add(told.path, text.clone());
            remarks.insert(source, judge::remarks(source, told.path, &text));
            source
        });
        let facts = credentials(job.book, &File { id: source, name: told.path, text: &text });
        if shown.len() < sources.len() {
            shown.add(&format!("{}:{}", told.version, told.path), blotted(&text, &facts));
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
        Report { findings, problems, sources: shown, facts: Facts::default(), counts: Counts::default() },
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
    judge::judge(
        &Bench { config, scope: &scope, baseline, today, sources, remarks, pages: &pages },
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
    let page = job.book.page(&fact.says.rule).filter(|page| job.scope.wants(&page.id))?;
    let facts = Facts { secrets: vec![fact.clone()], ..Facts::default() };
    let joined = Joined::default();
    let case = Case { facts: &facts, joined: &joined, before: &[], config: job.config, book: job.book };
    let mut finding = checks::run(&case, page).pop()?;
    finding.origin = fact.origin.clone();
    (finding.severity > Severity::Off).then_some(finding)
}

/// Every credential of a text, by its bytes, its structure and its name.
fn credentials(book: &Book, file: &File) -> Vec<Fact<Secret>> {
    let mut facts = Vec::new();
    secrets::scan(file, &book.tables, &mut facts);
    facts.extend(secrets::committed(file));
    if secrets::wants(file) {
        let yaml = yaml::read(file.id, file.text);
        secrets::read_documents(file, &yaml.documents, &book.tables, &mut facts);
    }
    secrets::merge(&mut facts);
    facts
}

fn print(fact: &Fact<Secret>) -> Print {
    if fact.says.rule == "secret-file-committed" {
        return Print::File;
    }
    let hash = judge::hash(&["value", &fact.says.value.text]);
    Print::Value(u128::from_str_radix(&hash, 16).expect("a hash is 32 hexadecimal digits"))
}

/// The text with every credential replaced by stars of the same length, so that places stay true.
fn blotted(text: &str, facts: &[Fact<Secret>]) -> Arc<str> {
    let mut bytes = text.as_bytes().to_vec();
    for fact in facts.iter().filter(|fact| print(fact) != Print::File) {
        let range = fact.origin.span().range();
        for byte in bytes.get_mut(range).into_iter().flatten().filter(|byte| **byte != b'\n') {
            *byte = b'*';
        }
    }
    String::from_utf8_lossy(&bytes).into()
}
