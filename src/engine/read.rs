//! One file, from bytes to facts. A bug in pintle in here costs this file, and says so.

use super::archives;
use super::broken;
use super::encoding::{letters, text};
use super::exhibits::Exhibits;
use super::job::Job;
use super::long;
use super::repo::{LARGE, Repo};
use super::shared::AroundUnit;
use super::unit::Unit;
use crate::facts::{Fact, Facts, Instead, Obstacle, Places, Resource, Scene, Why};
use crate::finding::{Finding, Problem};
use crate::formats::{self, Desk, Glance, Read};
use crate::judge;
use crate::limits::MOST_EXEMPTS;
use crate::lock::{self, Lock};
use crate::secrets::{self, Context, Trees};
use crate::syntax::yaml::{self, Yaml};
use crate::syntax::{Document, Node};
use crate::text::{File, SourceId, Sources, Span, Str};
use crate::world::{Fate, ObjectId, View};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// How much of a file is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reading {
    Everything,
    /// Credentials only: no format is asked, and a tree is made only where a credential may stand in one.
    Secrets,
}

impl Reading {
    /// What the wanted rules need to see.
    pub(super) fn of(job: &Job) -> Reading {
        let mut others =
            job.book.pages().iter().filter(|page| !["secret", "pintle"].contains(&page.about.as_str()));
        // Without any rule it is the joined facts that are wanted.
        let names_secrets = job.book.pages().iter().any(|page| job.scope.wants(&page.id));
        match names_secrets && !others.any(|page| job.scope.wants(&page.id)) {
            true => Reading::Secrets,
            false => Reading::Everything,
        }
    }

    /// Whether a file has to be read. A credential is judged by its own file, so others than those that are
    /// reported on say nothing about it.
    pub(super) fn takes(self, job: &Job, name: &str) -> bool {
        self == Reading::Everything
            || job.scope.names(name) && job.scope.lines.as_ref().is_none_or(|lines| lines.contains_key(name))
    }
}

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static ASKED: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The room of a larger text is given back.
const ROOM_KEPT: usize = 1 << 20;

/// The few small files that others are read with: `.env` beside a compose file.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    texts: BTreeMap<SourceId, Arc<str>>,
    names: BTreeMap<String, SourceId>,
    /// Which files should be encrypted: from every `.sops.yaml` and `.gitattributes`.
    promises: secrets::Promises,
    /// The folders with compose files.
    composes: HashSet<String>,
}

impl Neighbours {
    pub(super) fn read(job: &Job, reading: Reading, names: &[&str], sources: &Sources) -> Neighbours {
        let mut out = Neighbours::default();
        let mut buffer = Vec::new();
        let is_sops = |name: &str| name.rsplit('/').next().is_some_and(|base| base.starts_with(".sops.y"));
        let is_git = |name: &str| name.rsplit('/').next() == Some(".gitattributes");
        let beside = |name: &str| {
            is_git(name) || formats::is_beside(name) && (reading == Reading::Everything || is_sops(name))
        };
        let composes = names.iter().filter(|name| formats::is_called_compose(name));
        out.composes.extend(composes.map(|name| folder(name).to_owned()));
        for (at, name) in names.iter().enumerate().filter(|(_, name)| beside(name)) {
            let source = SourceId(at as u32);
            if job.repo.read(source, &mut buffer).is_ok()
                && let Some(text) = text(source, &buffer, &mut Vec::new())
            {
                let text: Arc<str> = Arc::from(&*text);
                let file = File { id: source, name, text: &text };
                if is_git(name) {
                    out.promises.attributes(&file);
                } else if is_sops(name) {
                    let documents = yaml::read(source, &text).documents;
                    out.promises.creations.extend(secrets::creation_rules(&file, &documents));
                }
                sources.get(source).keep(text.clone());
                out.texts.insert(source, text);
                out.names.insert(name.to_string(), source);
            }
        }
        out
    }

    /// Whether a compose file beside it starts something with the values of a file: `.env`, and what is called `….env` but as
    /// a sample.
    fn starts(&self, name: &str) -> bool {
        let base = name.rsplit('/').next().unwrap_or(name);
        let is_sample = || ["example", "sample", "template", "dist"].iter().any(|word| base.contains(word));
        base.ends_with(".env") && !is_sample() && self.composes.contains(folder(name))
    }

    fn find<'a>(&'a self, sources: &'a Sources, name: &str) -> Option<File<'a>> {
        let id = *self.names.get(name)?;
        Some(File { id, name: sources.name(id), text: self.texts.get(&id)? })
    }
}

/// The folder that a file is in.
fn folder(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// What every file is read with.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) reading: Reading,
    pub(super) sources: &'a Sources,
    pub(super) beside: &'a Neighbours,
    pub(super) exhibits: &'a Exhibits,
    pub(super) view: View<'a>,
}

/// Reads a file and everything in it; where the other run has read the same, takes what it said there.
pub(super) fn unit(around: Around, source: SourceId) -> Unit {
    let Around { job, sources, exhibits, view, .. } = around;
    let shared = job.shared.filter(|shared| shared.takes_unit(source));
    let keeping = || exhibits.keeping(job, source, sources.name(source));
    let is_expected = exhibits.is_expected(source);
    let known =
        shared.and_then(|shared| Some((shared, AroundUnit::of(view, is_expected, keeping(), source)?)));
    let Some((shared, own)) = known else { return whole_unit(around, source).0 };
    if let Some((unit, text)) = shared.unit(source, own) {
        text.into_iter().for_each(|text| sources.get(source).keep(text));
        return unit;
    }
    let (unit, has_looked_around) = whole_unit(around, source);
    if !has_looked_around {
        shared.keep_unit(source, own, &unit, sources.get(source).kept());
    }
    unit
}

/// What is in a file, and whether more than the file took part in that.
fn whole_unit(around: Around, source: SourceId) -> (Unit, bool) {
    let Around { job, sources, .. } = around;
    let mut has_looked_around = false;
    let mut unit = Unit {
        source,
        facts: None,
        problems: Vec::new(),
        remarks: Vec::new(),
        bytes: None,
        binary: false,
        archive: false,
        documents: 0,
        second_reader: 0,
    };
    let done = catch_unwind(AssertUnwindSafe(|| {
        BUFFER.with_borrow_mut(|buffer| {
            match job.repo.read(source, buffer) {
                Err(problem) if problem.kind == LARGE => {
                    return read_long(around, source, problem, &mut unit);
                }
                Err(problem) => return unit.problems.push(problem),
                Ok(()) => {}
            }
            unit.bytes = Some(buffer.len() as u64);
            match text(source, buffer, &mut unit.problems) {
                Some(text) => has_looked_around = look(around, source, &text, &mut unit),
                None => look_at_bytes(around, source, buffer, &mut unit),
            }
        });
    }));
    if done.is_err() {
        let says = format!("a bug in pintle: reading {} panicked; please report it", sources.name(source));
        unit.problems.push(Problem::fatal("internal", says, Some(Span::new(source, 0, 0))));
    }
    (unit, has_looked_around || done.is_err())
}

/// What is in a file that is no text: tokens and keys that have forms of their own. A keystore says by its name what it is.
fn look_at_bytes(around: Around, source: SourceId, bytes: &[u8], unit: &mut Unit) {
    unit.binary = true;
    let context = context(around, source);
    let text = if secrets::may_hold_forms(bytes, &context) { letters(bytes) } else { String::new() };
    let file = File { id: source, name: around.sources.name(source), text: &text };
    let mut facts = secrets::read_forms(&file, &context);
    let is_asked = around.job.sealings;
    let sealing =
        is_asked.then(|| secrets::sealing_of_bytes(&file, bytes, &around.beside.promises)).flatten();
    if !facts.is_empty() {
        around.sources.get(source).keep(letters(bytes).into());
    }
    unit.archive = archives::is_archive(bytes);
    if unit.archive && around.job.archives {
        unit.archive = false;
        let archive = archives::read(source, file.name, bytes, &context);
        facts.extend(archive.facts);
        let at = Some(Span::new(source, 0, 0));
        unit.problems.extend(
            archive.cut.map(|cut| Problem::blind("archive", format!("not all of it is read: {cut}"), at)),
        );
    }
    unit.facts = boxed(Facts { secrets: facts, sealings: sealing.into_iter().collect(), ..Facts::default() });
}

/// A file over the limit: nothing but secrets is read of it.
fn read_long(around: Around, source: SourceId, problem: Problem, unit: &mut Unit) {
    let Around { job, reading, sources, .. } = around;
    let name = sources.name(source);
    let Some(long) = long::read(job.repo, source, name, &context(around, source)) else {
        return unit.problems.push(problem);
    };
    (unit.bytes, unit.binary) = (Some(long.bytes), long.is_binary);
    if let Some(text) = long.text {
        unit.remarks = judge::remarks(source, name, &text);
        sources.get(source).keep(text.into());
    }
    unit.facts = boxed(Facts { secrets: long.facts, ..Facts::default() });
    // A picture or an archive is not text at any size, and nothing is missed by not reading it further.
    if !long.is_binary && reading == Reading::Everything {
        let says = format!("{}: only secrets were looked for, line by line", problem.says);
        unit.problems.push(Problem { says, ..problem });
    }
}

/// The text of a file, for who reads it apart from its own turn.
pub(super) fn show_text(repo: &dyn super::Repo, source: SourceId, show: &mut dyn FnMut(&str)) {
    // Whoever is shown a text may ask for another one.
    let mut buffer = ASKED.take();
    if repo.read(source, &mut buffer).is_ok()
        && let Some(text) = text(source, &buffer, &mut Vec::new())
    {
        show(&text);
    }
    if buffer.capacity() <= ROOM_KEPT {
        ASKED.set(buffer);
    }
}

/// What registries said before, if the repository keeps it.
pub(super) fn lock(job: &Job, names: &[&str], problems: &mut Vec<Problem>) -> Lock {
    let mut lock = Lock::default();
    if let Some(at) = names.iter().position(|name| *name == lock::NAME) {
        let source = SourceId(at as u32);
        show_text(job.repo, source, &mut |text| {
            let (read, wrong) = Lock::read(source, text);
            lock = read;
            problems.extend(wrong);
        });
    }
    lock
}

/// The bytes of a file, for who reads archives.
pub(super) fn show_bytes(repo: &dyn super::Repo, source: SourceId, show: &mut dyn FnMut(&[u8])) {
    let mut buffer = Vec::new();
    if repo.read(source, &mut buffer).is_ok() {
        show(&buffer);
    }
}

fn boxed(facts: Facts) -> Option<Box<Facts>> {
    (!facts.is_empty()).then(|| Box::new(facts))
}

/// Reads a text; says whether other files took part in what it says.
fn look(around: Around, source: SourceId, text: &str, unit: &mut Unit) -> bool {
    let Around { job, reading, sources, beside, exhibits, view } = around;
    let file = File { id: source, name: sources.name(source), text };
    unit.remarks = judge::remarks(source, file.name, text);
    let find = |name: &str| beside.find(sources, name);
    let (engines, names) = (job.book.engines(), job.book.tables.names());
    let desk = Desk::new(file, job.config, engines, names, formats::Beside(Some(&find)));
    let mut desk = desk.with_view(view);
    // What a build has read is not read again.
    let known = view.files.known_yaml(source).map(|yaml| Yaml::clone(yaml));
    let is_spoken_for = view.speaks_for(source);
    let is_manifest = reading == Reading::Everything && file.is_yaml();
    let why_dead = match is_manifest.then(|| view.fate(source)) {
        Some(Fate::Dead(why, reason)) => Some((why, reason)),
        _ => None,
    };
    let dead = why_dead.is_some().then(|| Arc::new(Scene::left_out()));
    let dead = dead.or_else(|| view.is_silent(source).then(|| Arc::new(Scene::unused())));
    let documents = OnceCell::new();
    let parse = || known.clone().unwrap_or_else(|| yaml::read_without_schemas(source, text));
    let is_asked = reading == Reading::Everything && !exhibits.is_expected(source);
    let mut is_known = false;
    let formats = is_asked.then(|| Glance::of(&file).formats(&file)).into_iter().flatten();
    for format in formats {
        // Only what is made for a cluster can miss it.
        desk.scene = dead.clone().filter(|_| matches!(format.read, Read::Objects(_)));
        is_known |= formats::knows(format);
        match format.read {
            Read::Text(read) => read(&mut desk),
            Read::Objects(_) if is_spoken_for => {
                documents.get_or_init(parse);
            }
            how => {
                let yaml = documents.get_or_init(parse);
                yaml.documents.iter().for_each(|document| desk.read(how, document));
            }
        }
    }
    desk.scene = None;
    if is_asked {
        desk.facts.note_lines_of_bots(source, text);
    }
    // A file that only secrets, or what is left, are read for may be a template that is no YAML; that is no problem of its own.
    let is_wanted = documents.get().is_some();
    if is_asked {
        formats::left_over(&mut desk, &documents, &parse, is_known);
        if is_known {
            formats::letters(&mut desk, is_wanted);
        }
    }
    let documents = documents.into_inner();
    desk.problems.extend(desk.budget.problem());
    if let (Some((why, reason)), Some(yaml)) = (why_dead, documents.as_ref().filter(|_| is_wanted)) {
        let around = (view, job.book.places());
        desk.facts.obstacles.extend(undelivered(around, &file, yaml, (why, reason.into())));
    }
    let trees = match &documents {
        Some(yaml) if yaml.is_broken() => Trees::Broken(&yaml.documents),
        Some(yaml) => Trees::Read(&yaml.documents),
        None => Trees::Unread(&parse),
    };
    let answer = secrets::read(&file, trees, &context(around, source));
    desk.facts.secrets.extend(answer.facts);
    let exempts = if job.scope.names(file.name) { answer.exempts } else { Vec::new() };
    let documents = documents.or(answer.yaml);
    let trees = documents.as_ref().map_or(&[][..], |yaml| &yaml.documents);
    desk.facts.givings.extend(secrets::givings(&file, trees));
    if job.sealings {
        desk.facts.sealings.extend(secrets::sealing(&file, trees, &beside.promises));
    }
    if let Some(mut yaml) = documents {
        // A template that is rendered was read as what it gives.
        let is_rendered = yaml.masked && is_spoken_for;
        if !is_wanted || is_rendered {
            yaml.problems.clear();
        }
        unit.documents = yaml.documents.len();
        unit.second_reader = yaml.second_reader;
        if yaml.masked && !is_rendered {
            desk.facts.unread("template", "template", Span::new(source, 0, 0));
        }
        if is_asked && file.is_yaml() && !yaml.masked {
            desk.facts.obstacles.extend(broken::manifests(&file, &yaml.problems, dead.as_ref()));
        }
        desk.problems.extend(yaml.problems);
    }
    // Somebody will want to see the text again; only then is a copy worth its memory. Of what is no secret a few are told.
    let is_shown = !desk.facts.is_empty();
    desk.facts.exempts = exempts;
    let has_looked_around = desk.has_looked_around();
    unit.facts = boxed(desk.facts);
    unit.problems.append(&mut desk.problems);
    if is_shown || !unit.problems.is_empty() || !unit.remarks.is_empty() {
        sources.get(source).keep(Arc::from(text));
    }
    has_looked_around
}

/// What secrets are judged with in a file.
pub(super) fn context<'a>(around: Around<'a>, source: SourceId) -> Context<'a> {
    let Around { job, beside, exhibits, sources, .. } = around;
    let keeping = exhibits.keeping(job, source, sources.name(source));
    let starts = beside.starts(sources.name(source));
    Context { tables: &job.book.tables, keeping, promises: &beside.promises, starts, today: job.today }
}

/// The word that nothing delivers a manifest, at its first object.
fn undelivered(
    (view, places): (View, &Places),
    file: &File,
    yaml: &Yaml,
    (why, reason): (Why, Str),
) -> Option<Fact<Obstacle>> {
    // A patch that nobody uses delivers nothing where it is used.
    if file.name.rsplit('/').take(2).any(|name| name.contains("patch")) {
        return None;
    }
    if why == Why::LeftOut && is_meant_to_be_left_out(view, places, file, yaml) {
        return None;
    }
    let is_object = |root: &&Node| {
        root.get("apiVersion").is_some()
            && root.get("kind").is_some()
            && root.at(&["metadata", "name"]).and_then(Node::text).is_some()
    };
    let first =
        yaml.documents.iter().map(|document| &document.root).find(is_object).filter(|_| !yaml.masked)?;
    let kind = first.get("kind")?;
    let text = |node: Option<&Node>| Str::from(node.and_then(Node::text).unwrap_or_default());
    let owner = Resource {
        format: "kubernetes",
        source: file.id,
        kind: text(Some(kind)),
        api: text(first.get("apiVersion")),
        namespace: text(first.at(&["metadata", "namespace"])),
        name: text(first.at(&["metadata", "name"])),
        scene: None,
    };
    let other = view.delivered_from(file.id, &ObjectId::of(first));
    let instead = other.map(|other| Instead::File(view.files.name(other).into()));
    let says = Obstacle { why, reason, instead };
    Some(Fact { says, origin: kind.origin.clone(), path: Str::default(), owner: Arc::new(owner) })
}

/// Whether somebody says why a manifest is left out: a comment at its head that it is a template or applied by hand, or one in
/// the kustomization beside it that tells of it by name.
fn is_meant_to_be_left_out(view: View, places: &Places, file: &File, yaml: &Yaml) -> bool {
    let is_head = |document: &&Document| document.root.span().source == file.id;
    let head = yaml.documents.first().filter(is_head).is_some_and(|first| {
        let start = first.root.span().start;
        let mut head = first.remarks.iter().take_while(|remark| remark.span.start < start);
        head.any(|remark| places.says_left_out(&remark.text))
    });
    head || view.tells_of(file.id)
}

/// Makes sure that every place a report points to has its text.
pub(super) fn keep_texts(
    job: &Job,
    sources: &Sources,
    findings: &[Finding],
    problems: &[Problem],
    facts: &Facts,
) {
    let spans = findings.iter().flat_map(|finding| {
        let others = finding.also.iter().chain(&finding.beside).map(|(span, _)| *span);
        std::iter::once(finding.origin.span()).chain(others)
    });
    let more =
        problems.iter().filter_map(|problem| problem.at).chain(facts.unread.iter().map(|unread| unread.at));
    let exempts = facts.exempts.iter().take(MOST_EXEMPTS).map(|exempt| exempt.at);
    keep(job.repo, sources, spans.chain(more).chain(exempts));
}

/// Keeps the texts under some spans.
pub(super) fn keep(repo: &dyn Repo, sources: &Sources, spans: impl Iterator<Item = Span>) {
    let mut buffer = Vec::new();
    for span in spans {
        if (span.source.0 as usize) < sources.len()
            && !sources.get(span.source).is_kept()
            && repo.read(span.source, &mut buffer).is_ok()
        {
            let text = text(span.source, &buffer, &mut Vec::new()).unwrap_or_default();
            sources.get(span.source).keep(Arc::from(&*text));
        }
    }
}
