//! From arguments to a job for the engine: the root, the files, the rules, the configuration, what is reported.

use super::Failure;
use super::args::{Repository, Work};
use super::changed::{self, Patch};
use super::charts::Charts;
use super::disk::Disk;
use super::door::{self, Opened, Refused, Root, open_named, open_own};
use super::git::{self, Checkout};
use super::limits::{BASELINE as MOST_OF_A_BASELINE, CONFIGURATION};
use super::names::shown;
use super::remotes;
use super::revision::Revision;
use super::run_git::foreign_index;
use super::staged::Stage;
use super::terminal::{self, Watch, reason};
use crate::config::{Config, NAMES};
use crate::engine::{self, Job, Repo};
use crate::finding::{Problem, Report, Weight};
use crate::history::{self, Told};
use crate::inventory;
use crate::join::{Joined, Server};
use crate::judge::{Baseline, Scope};
use crate::redact::Redactor;
use crate::rules::Book;
use crate::text::{Date, Packages, SourceId, Sources, Str, nearest};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

/// Where a repository's own rule pages stand.
pub(super) const OWN_RULES: &str = ".pintle/rules/";

/// The baseline that is used without being asked for.
pub(super) const BASELINE: &str = ".pintle/baseline";

/// Everything a check needs.
#[derive(Debug)]
pub(super) struct Bench {
    pub(super) root: PathBuf,
    pub(super) checkout: Option<Checkout>,
    pub(super) disk: Disk,
    pub(super) book: Book,
    pub(super) scope: Scope,
    pub(super) config: Config,
    problems: Vec<Problem>,
    /// The database servers of the revision that this one is held against.
    before: Vec<Server>,
    extra: Vec<(SourceId, Arc<str>)>,
    /// The addresses that git, or CI, has for the repository.
    remotes: Vec<Str>,
    /// Charts that are no files of the repository.
    charts: Option<Charts>,
    /// Whether archives are read for secrets.
    archives: bool,
    /// Whether it is asked what each file promises of its encryption.
    pub(super) sealings: bool,
}

/// What is looked at.
#[derive(Clone, Debug)]
pub(super) enum Subject<'a> {
    /// The repository around these paths; findings elsewhere are not told.
    Paths(&'a [PathBuf]),
    /// The same, as the next commit will have it.
    Staged(&'a [PathBuf]),
    /// One file of the repository around the working directory, with these bytes for its own.
    Text(&'a Path, Vec<u8>),
}

/// Starts as many threads as asked for.
pub(super) fn threads(work: &Work) -> Result<(), Failure> {
    let number = work.repository.jobs.map_or(0, |jobs| jobs.get());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(number).stack_size(8 << 20);
    pool.build_global().map_err(|error| Failure::new(format!("cannot start threads: {error}")))
}

/// Lists the files and reads rules and configuration. A mistake in those is a problem of the report, with a place.
///
/// What this run is about to write over, such as the SARIF of the last run, is not read.
pub(super) fn prepare(subject: Subject, work: &Work, written: &[&Path]) -> Result<Bench, Failure> {
    let is_staged = matches!(subject, Subject::Staged(_));
    let (root, names, bytes) = match subject {
        Subject::Paths(paths) | Subject::Staged(paths) => {
            let (root, names) = around(paths, work.repository.root.as_deref())?;
            (root, names, None)
        }
        Subject::Text(name, bytes) => {
            let (root, name) = inside(name)?;
            (root, vec![name], Some(bytes))
        }
    };
    let checkout = git::checkout(&root).filter(|checkout| checkout.root == root);
    // An unreadable root is an error of its own: nothing could be said of such a repository.
    let handle = Root::open(&root)
        .map_err(|error| Failure::new(format!("cannot read {}: {}", root.display(), reason(&error))))?;
    let mut disk = if is_staged {
        need_git(checkout.as_ref(), "--staged")?;
        Disk::staged(handle, Stage::new(&root), changed::staged_files(&root)?)
    } else {
        Disk::list(handle, checkout.as_ref())
    };
    for path in written.iter().filter_map(|path| door::real(path).ok()) {
        if let Ok(below) = path.strip_prefix(&root) {
            disk.leave_out(&shown(below));
        }
    }
    if let Some(bytes) = bytes {
        disk.put(&names[0], bytes);
    }
    let config = configuration(work, &root, &mut disk)?;

    let (mut book, mut problems) = Book::built_in();
    for problem in &mut problems {
        // A bug in pintle: its place is in a page of the binary, which is no file of this repository.
        problem.at = None;
    }
    if let Some(index) = foreign_index(&root).filter(|_| is_staged) {
        let says = format!(
            "GIT_INDEX_FILE names {}, which is no index of this repository: it is not used",
            index.display()
        );
        problems.push(Problem::blind("git-index", says, None));
    }
    let mut extra = Vec::new();
    let own: Vec<String> =
        disk.names().into_iter().filter(|name| name.starts_with(OWN_RULES)).map(str::to_owned).collect();
    for name in own.iter().filter(|name| name.ends_with(".md")) {
        if let Some(id) = disk.find(name) {
            add_page(&mut book, &disk, id, name, &mut extra, &mut problems);
        }
    }
    let mut read = Config::default();
    if let Some(id) = config.and_then(|name| disk.find(&name)) {
        match disk.text(id) {
            Ok(text) => {
                let (config, mut wrong) = Config::read(id, &text, &book.ids());
                (read, extra) = (config, [extra, vec![(id, Arc::from(text))]].concat());
                problems.append(&mut wrong);
            }
            Err(problem) => problems.push(Problem { weight: Weight::Fatal, ..problem }),
        }
    }
    disk.done.store(0, Ordering::Relaxed);
    let (select, ignore) = (rules(&book, &work.select)?, rules(&book, &work.ignore)?);
    let paths = if names.iter().any(String::is_empty) {
        Vec::new()
    } else {
        names.into_iter().map(Str::from).collect()
    };
    let scope = Scope { paths, lines: None, select, ignore };
    let before = Vec::new();
    let remotes = remotes::of(&root, checkout.as_ref());
    let Repository { chart_dir, helm_cache, .. } = &work.repository;
    let charts = Charts::list(&root, chart_dir, &read.chart_dirs, *helm_cache, &mut problems)?;
    let archives = work.archives;
    Ok(Bench {
        root,
        checkout,
        disk,
        book,
        scope,
        config: read,
        problems,
        before,
        extra,
        remotes,
        charts,
        archives,
        sealings: false,
    })
}

pub(super) fn need_git(checkout: Option<&Checkout>, what: &str) -> Result<(), Failure> {
    checkout
        .map(|_| ())
        .ok_or_else(|| Failure::new(format!("{what} needs a git repository, and this is none")))
}

impl Bench {
    /// From now on only rules about secrets are run: those that were asked for, or all.
    pub(super) fn only_secrets(&mut self) -> Result<(), Failure> {
        let (book, scope) = (&self.book, &self.scope);
        let wanted = book.pages().iter().filter(|page| scope.wants(&page.id));
        let (ours, others): (Vec<_>, Vec<_>) = wanted.partition(|page| page.about == "secret");
        if let (false, Some(other)) = (scope.select.is_empty(), others.first()) {
            return Err(Failure::new(format!("`{}` is no rule about secrets", other.id))
                .hint("`pintle lint --select` takes every rule"));
        }
        self.scope.select = ours.into_iter().map(|page| page.id.clone()).collect();
        Ok(())
    }

    /// From now on only findings that touch these lines count.
    pub(super) fn only_since(&mut self, revision: &str) -> Result<(), Failure> {
        need_git(self.checkout.as_ref(), "--since")?;
        let fork = changed::fork(&self.root, revision)?;
        let patch = changed::since(&self.root, &fork, &self.disk.names())?;
        self.hold_against(&fork, patch)
    }

    /// From now on only findings that touch lines of the next commit count.
    pub(super) fn only_staged(&mut self) -> Result<(), Failure> {
        let patch = changed::staged(&self.root)?;
        self.hold_against("HEAD", patch)
    }

    /// Only the lines of a patch count. Reads the whole commit, for what ran before: a base or a variable decides for
    /// files that did not change.
    fn hold_against(&mut self, commit: &str, patch: Patch) -> Result<(), Failure> {
        self.scope.lines = Some(patch.lines);
        if !self.scope.wants("postgres-major-jump") || !patch.changes_old {
            return Ok(());
        }
        let earlier = Revision::open(&self.root, commit)?;
        self.before = engine::servers(&self.job(None), &earlier);
        Ok(())
    }

    /// Checks the repository. If its configuration or its own rules are wrong, only that is told.
    pub(super) fn check(&self, baseline: Option<&Baseline>, watch: Watch) -> Report {
        self.look(baseline, watch).0
    }

    /// Checks the repository, and keeps the texts of every place that an inventory tells.
    pub(super) fn survey(&self, watch: Watch) -> (Report, Joined) {
        let (report, joined) = self.look(None, watch);
        engine::keep(&self.disk, &report.sources, &inventory::spans(&report, &joined));
        (report, joined)
    }

    fn look(&self, baseline: Option<&Baseline>, watch: Watch) -> (Report, Joined) {
        let (mut report, joined) = if self.is_wrong() {
            let sources = Sources::new(self.disk.names());
            for (id, text) in &self.extra {
                sources.get(*id).keep(text.clone());
            }
            (Report { sources, ..Report::default() }, Joined::default())
        } else {
            let job = self.job(baseline);
            let number = self.disk.len();
            let progress =
                || format!("{} of {number} files", self.disk.done.load(Ordering::Relaxed).min(number));
            terminal::with_progress(watch, progress, || engine::survey(&job))
        };
        report.problems.extend(self.problems.iter().chain(&self.disk.problems).cloned());
        report.problems.sort();
        report.left_out.extend(self.disk.left_out.iter().cloned());
        report.left_out.sort();
        report.counts.large = report.problems.iter().filter(|problem| problem.kind == engine::LARGE).count();
        (report, joined)
    }

    /// Judges what the history of git held; gives its texts too, as they were.
    pub(super) fn report_past(&self, baseline: Option<&Baseline>, told: &[Told]) -> (Report, Sources) {
        if self.is_wrong() {
            return (self.look(baseline, Watch::Nobody).0, Sources::default());
        }
        let (mut report, texts) = history::report(&self.job(baseline), told);
        report.problems.extend(self.problems.iter().cloned());
        (report, texts)
    }

    /// Whether the configuration lets a file be looked at.
    pub(super) fn takes(&self, name: &str) -> bool {
        self.config.takes(name)
    }

    /// Whether the configuration or a repository's own rules are wrong.
    fn is_wrong(&self) -> bool {
        self.problems.iter().any(|problem| problem.weight == Weight::Fatal)
    }

    pub(super) fn job<'a>(&'a self, baseline: Option<&'a Baseline>) -> Job<'a> {
        Job {
            repo: &self.disk,
            config: &self.config,
            book: &self.book,
            scope: self.scope.clone(),
            baseline,
            before: Some(&self.before),
            today: today(),
            extra: self.extra.clone(),
            remotes: &self.remotes,
            charts: self.charts.as_ref().map(|charts| charts as &dyn Packages),
            archives: self.archives,
            sealings: self.sealings,
            is_last: true,
        }
    }

    /// The baseline that was asked for, or the one that is there.
    pub(super) fn baseline(&self, asked: Option<&Path>) -> Result<Option<Baseline>, Failure> {
        let root = self.disk.root();
        let read = match (asked, self.disk.find(BASELINE)) {
            (Some(path), _) => open_named(Some(root), path, MOST_OF_A_BASELINE).and_then(Opened::text),
            // As the next commit has it, if that is what is read.
            (None, Some(id)) => self.disk.text_up_to(id, MOST_OF_A_BASELINE),
            (None, None) => open_own(root, BASELINE, MOST_OF_A_BASELINE).and_then(Opened::text),
        };
        match read {
            Ok(text) => Ok(Some(Baseline::read(&text))),
            Err(refused) if asked.is_none() && refused.is_missing() => Ok(None),
            Err(refused) => {
                let path = asked.map_or_else(|| BASELINE.into(), |path| path.to_string_lossy());
                Err(Failure::new(format!("cannot read the baseline {path}: {refused}"))
                    .hint("`pintle baseline` writes one"))
            }
        }
    }
}

fn add_page(
    book: &mut Book,
    disk: &Disk,
    id: SourceId,
    name: &str,
    extra: &mut Vec<(SourceId, Arc<str>)>,
    problems: &mut Vec<Problem>,
) {
    match disk.text(id) {
        Ok(text) => {
            // What a page says is told in many ways, and none of them is a place for a token.
            let known = Book::built_in().0;
            problems.append(&mut book.add(id, name, &Redactor::forms(&known.tables).starred(&text)));
            extra.push((id, Arc::from(text)));
        }
        Err(problem) => problems.push(Problem { weight: Weight::Fatal, ..problem }),
    }
}

/// The name of the configuration among the files; one from elsewhere is put there.
fn configuration(work: &Work, root: &Path, disk: &mut Disk) -> Result<Option<String>, Failure> {
    if work.repository.no_config {
        return Ok(None);
    }
    let Some(path) = &work.repository.config else {
        let names = disk.names();
        if let Some(found) = NAMES.iter().find(|name| names.contains(name)) {
            return Ok(Some((*found).to_owned()));
        }
        return hidden_configuration(disk);
    };
    let failed = |refused: Refused| Failure::new(format!("cannot read {}: {refused}", path.display()));
    let below = door::real(path).ok().and_then(|real| Some(real.strip_prefix(root).ok()?.to_owned()));
    let name = below.map_or_else(|| path.to_string_lossy().into_owned(), |below| shown(&below));
    if disk.find(&name).is_none() {
        let opened = open_named(Some(disk.root()), path, CONFIGURATION);
        let bytes = opened.and_then(Opened::bytes).map_err(failed)?;
        disk.put(&name, bytes);
    }
    Ok(Some(name))
}

/// A configuration that the walk did not list: ignored, and read all the same; or no file of its own, and refused,
/// for a run without its configuration would look like one with it.
fn hidden_configuration(disk: &mut Disk) -> Result<Option<String>, Failure> {
    for name in NAMES {
        match open_own(disk.root(), name, CONFIGURATION).and_then(Opened::bytes) {
            Ok(bytes) => {
                disk.put(name, bytes);
                return Ok(Some(name.to_owned()));
            }
            Err(refused) if refused.is_missing() => {}
            Err(Refused::Link | Refused::NoFile(_)) => {
                return Err(Failure::new(format!("{name} is no file of its own, so it is not read")).hint(
                    "a link may lead anywhere: put the configuration there, or name another with --config",
                ));
            }
            Err(refused) => return Err(Failure::new(format!("cannot read {name}: {refused}"))),
        }
    }
    Ok(None)
}

/// The root around some paths, and their names below it; an empty name is the root itself.
fn around(paths: &[PathBuf], asked: Option<&Path>) -> Result<(PathBuf, Vec<String>), Failure> {
    let real = |path: &Path| {
        let failed = |error| Failure::new(format!("cannot read {}: {}", path.display(), reason(&error)));
        door::real(path).map_err(failed)
    };
    if let Some(asked) = asked {
        let root = real(asked)?;
        // Without paths of its own the whole of it is meant, wherever one stands.
        let paths = if paths == [Path::new(".")] { std::slice::from_ref(&root) } else { paths };
        let mut names = Vec::new();
        for path in paths {
            let outside = |_| Failure::new(format!("{} is not below {}", path.display(), asked.display()));
            names.push(real(path)?.strip_prefix(&root).map(shown).map_err(outside)?);
        }
        return Ok((root, names));
    }
    let real = paths
        .iter()
        .map(|path| leads_out(path).map_or_else(|| real(path), Ok))
        .collect::<Result<Vec<_>, _>>()?;
    let folder = |path: &PathBuf| match door::is_own_folder(path) {
        true => path.clone(),
        false => path.parent().unwrap_or(path).to_owned(),
    };
    let mut common = real.first().map(folder).unwrap_or_default();
    for path in &real[1..] {
        while !path.starts_with(&common) && common.pop() {}
    }
    let root = git::checkout(&common).map_or_else(|| marked(common), |checkout| checkout.root);
    let below = |path: &PathBuf| path.strip_prefix(&root).map(shown).unwrap_or_default();
    let names = real.iter().map(below).collect();
    Ok((root, names))
}

/// The first link on a path that is in a repository and leads out of it. What is elsewhere is none of its files, so
/// that the link stands for itself.
fn leads_out(path: &Path) -> Option<PathBuf> {
    let mut at = PathBuf::new();
    for part in std::path::absolute(path).ok()?.components() {
        if part == Component::ParentDir {
            at.pop();
            continue;
        }
        let next = at.join(part);
        if !door::is_link(&next) {
            at = next;
            continue;
        }
        let real = door::real(&next).ok()?;
        if git::checkout(&at).is_some_and(|checkout| !real.starts_with(checkout.root)) {
            return Some(next);
        }
        at = real;
    }
    None
}

/// Without git: the nearest folder between this one and the working directory that holds something of ours.
fn marked(folder: PathBuf) -> PathBuf {
    let Ok(here) = door::here() else { return folder };
    let ours = [NAMES[0], NAMES[1], super::ignores::OURS, ".pintle"];
    let mut above = folder.ancestors().take_while(|above| above.starts_with(&here));
    let found =
        above.find(|above| ours.iter().any(|name| door::is_there(&above.join(name)))).map(Path::to_owned);
    found.unwrap_or(folder)
}

/// The root around the working directory, and the name below it of a file that need not exist.
fn inside(path: &Path) -> Result<(PathBuf, String), Failure> {
    let failed = |error| Failure::new(format!("cannot read the working directory: {}", reason(&error)));
    let here = door::here().map_err(failed)?;
    let root = git::checkout(&here).map_or_else(|| here.clone(), |checkout| checkout.root);
    let mut whole = PathBuf::new();
    for part in here.join(path).components() {
        match part {
            Component::ParentDir => _ = whole.pop(),
            Component::CurDir => {}
            part => whole.push(part),
        }
    }
    let name = whole.strip_prefix(&root).ok().map(shown).filter(|name| !name.is_empty());
    let name = name
        .ok_or_else(|| Failure::new(format!("{} is not a file below {}", path.display(), root.display())));
    Ok((root, name?))
}

/// Rule names as given; one that fits no rule is a mistake.
fn rules(book: &Book, wanted: &[String]) -> Result<Vec<Str>, Failure> {
    let ids = book.ids();
    for name in wanted {
        let known = match name.strip_suffix('*') {
            Some(head) => ids.iter().any(|id| id.starts_with(head)),
            None => ids.contains(&name.as_str()),
        };
        if !known {
            return Err(unknown_rule(name, &ids));
        }
    }
    Ok(wanted.iter().map(Str::from).collect())
}

pub(super) fn unknown_rule(name: &str, ids: &[&str]) -> Failure {
    let near = nearest(name, ids)
        .map_or_else(|| "`pintle rules` lists them".into(), |near| format!("did you mean `{near}`?"));
    Failure::new(format!("there is no rule `{name}`")).hint(near)
}

pub(super) fn today() -> Option<Date> {
    let since = door::today().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(Date::from_days((since.as_secs() / 86_400) as i64))
}
