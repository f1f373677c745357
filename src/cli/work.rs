//! From arguments to a job for the engine: the root, the files, the rules, the configuration, what is reported.

use super::Failure;
use super::args::{Repository, Work};
use super::asker::{self, Asker};
use super::base::{Against, Base};
use super::changed::{self, Patch};
use super::charts::Charts;
use super::disk::Disk;
use super::door::{self, Opened, Refused, Root, open_named, open_own};
use super::git::{self, Checkout};
use super::names::shown;
use super::remotes;
use super::revision::Revision;
use super::run_git::foreign_index;
use super::staged::Stage;
use super::terminal::{self, Watch, reason};
use crate::config::{Config, NAMES};
use crate::engine::{self, Job, Proposal, Repo};
use crate::facts::Registry;
use crate::finding::{Problem, Report, Weight};
use crate::history::{self, Told};
use crate::inventory;
use crate::join::{Earlier, Joined};
use crate::judge::{Baseline, SILENCE, Scope};
use crate::limits::{BASELINE as MOST_OF_A_BASELINE, CONFIGURATION, LOCK};
use crate::lock::{self, Lock};
use crate::redact::Redactor;
use crate::rules::{Book, Page};
use crate::text::{Packages, SourceId, Sources, Span, Str, nearest};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(super) use super::clock::{now, today};
pub(super) use crate::engine::{BASELINE, OWN_RULES};

/// The rules that hold this revision against an earlier one.
const OF_TWO_REVISIONS: [&str; 2] = ["image-bump-inert", "postgres-major-jump"];

/// The kind of the problem that the run does not count, for something could not be read.
pub(super) const BLIND: &str = "fail-on-blind";

/// Everything a check needs.
#[derive(Debug)]
pub(super) struct Bench {
    pub(super) root: PathBuf,
    pub(super) checkout: Option<Checkout>,
    pub(super) disk: Disk,
    pub(super) book: Book,
    pub(super) scope: Scope,
    pub(super) config: Config,
    /// What it was read from, if there is one.
    pub(super) config_text: Option<Arc<str>>,
    problems: Vec<Problem>,
    /// What the revision had that this one is held against.
    before: Earlier,
    extra: Vec<(SourceId, Arc<str>)>,
    /// The revision before the change that this run is about.
    pub(super) base: Option<Base>,
    /// What it says of severities.
    base_config: Config,
    /// Files of it that count instead of those of now.
    aside: Vec<(String, Arc<str>)>,
    /// The configuration that the user names, below the root.
    asked_config: Option<String>,
    /// The addresses that git, or CI, has for the repository.
    pub(super) remotes: Vec<Str>,
    /// Charts that are no files of the repository.
    charts: Option<Charts>,
    /// Whoever asks registries.
    pub(super) asker: Option<Asker>,
    /// Whether archives are read for secrets.
    archives: bool,
    /// Whether a file that cannot be read makes the run one that failed.
    fails_on_blind: bool,
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
    prepare_change(subject, work, written, Against::default())
}

/// The same for a change that is asked what it silences.
pub(super) fn prepare_change(
    subject: Subject,
    work: &Work,
    written: &[&Path],
    against: Against,
) -> Result<Bench, Failure> {
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
    let base = Base::open(&root, checkout.as_ref(), against)?;
    let mut disk = if is_staged {
        need_git(checkout.as_ref(), "--staged")?;
        Disk::staged(handle, Stage::new(&root), changed::staged_files(&root)?, base.as_ref())
    } else {
        Disk::list(handle, checkout.as_ref(), base.as_ref())
    };
    for path in written.iter().filter_map(|path| door::real(path).ok()) {
        if let Ok(below) = path.strip_prefix(&root) {
            disk.leave_out(&shown(below));
        }
    }
    if let Some(bytes) = bytes {
        disk.put(&names[0], bytes);
    }
    let untrusted = base.as_ref().filter(|base| base.is_untrusted());
    let config = configuration(work, &root, &mut disk, untrusted)?;

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
    if let Some(why) = untrusted.and_then(Base::unreadable) {
        let says = format!(
            "the base revision cannot be read ({why}): no configuration, ignore file, rule, allow comment or baseline of the repository is used"
        );
        problems.push(Problem::caution("untrusted", says, None));
    }
    let mut own = Own { disk: &disk, untrusted, extra: Vec::new(), aside: Vec::new() };
    for name in own.pages() {
        match own.text(&name) {
            Ok(Some((id, text))) => {
                // What a page says is told in many ways, and none of them is a place for a token.
                let text = Redactor::forms(&book.tables).starred(&text);
                problems.append(&mut book.add(id, &name, &text));
            }
            Ok(None) => {}
            Err(problem) => problems.push(Problem { weight: Weight::Fatal, ..problem }),
        }
    }
    let (mut read, mut config_text) = (Config::default(), None);
    let is_users = work.repository.config.is_some() && config.asked.is_none();
    match config.used.as_ref().map(|name| if is_users { own.of_now(name) } else { own.text(name) }) {
        Some(Ok(Some((id, text)))) => {
            let (config, mut wrong) = Config::read(id, &text, &book.ids());
            wrong.append(&mut config.unknown_engines(&book.engines().names()));
            (read, config_text) = (config, Some(text));
            problems.append(&mut wrong);
        }
        Some(Err(problem)) => problems.push(Problem { weight: Weight::Fatal, ..problem }),
        Some(Ok(None)) | None => {}
    }
    let Own { extra, aside, .. } = own;
    problems.extend(unused_configurations(&disk, config.used.as_deref(), &read));
    let before = |base: &Base| match &config.asked {
        Some(name) => base.text(name),
        None => NAMES.iter().find_map(|name| base.text(name)),
    };
    let base_config = base.as_ref().and_then(before).unwrap_or_default();
    let base_config = Config::read(SourceId(0), &base_config, &book.ids()).0;
    let asked_config = config.asked;
    disk.done.store(0, Ordering::Relaxed);
    let (select, ignore) = (rules(&book, &work.select)?, rules(&book, &work.ignore)?);
    let paths = if names.iter().any(String::is_empty) {
        Vec::new()
    } else {
        names.into_iter().map(Str::from).collect()
    };
    let scope = Scope { paths, lines: None, select, ignore };
    let before = Earlier::default();
    let remotes = remotes::of(&root, checkout.as_ref());
    let Repository { chart_dir, helm_cache, .. } = &work.repository;
    let locked = locked_charts(disk.root());
    let charts = Charts::list(&root, chart_dir, &read.chart_dirs, *helm_cache, &locked, &mut problems)?;
    Ok(Bench {
        root,
        checkout,
        disk,
        book,
        scope,
        config: read,
        config_text,
        problems,
        before,
        extra,
        base,
        base_config,
        aside,
        asked_config,
        remotes,
        charts,
        asker: None,
        archives: work.archives,
        fails_on_blind: work.repository.fail_on_blind.unwrap_or_else(is_ci),
        sealings: false,
    })
}

/// The charts that the lock names, by address and digest. What is wrong with the lock is told by whoever judges it.
fn locked_charts(root: &Root) -> Vec<(Str, Str)> {
    let text = open_own(root, lock::NAME, LOCK).and_then(Opened::text).unwrap_or_default();
    let (lock, _) = Lock::read(SourceId(u32::MAX), &text);
    lock.charts().map(|(address, entry)| (address.into(), entry.digest.clone())).collect()
}

pub(super) fn need_git(checkout: Option<&Checkout>, what: &str) -> Result<(), Failure> {
    checkout
        .map(|_| ())
        .ok_or_else(|| Failure::new(format!("{what} needs a git repository, and this is none")))
}

impl Bench {
    /// From now on only rules about secrets are run: those that were asked for, or all.
    pub(super) fn only_secrets(&mut self) -> Result<(), Failure> {
        self.only("secrets", |page| page.about == "secret" || page.id == SILENCE)
    }

    /// Rules that ask registries have nobody to ask here; who names one is told who does.
    pub(super) fn asks_nobody(&self) -> Result<(), Failure> {
        let is_named = |page: &&Page| page.about == "registry" && self.scope.select.contains(&page.id);
        match self.book.pages().iter().find(is_named) {
            Some(page) => Err(Failure::new(format!("`{}` needs what registries say", page.id))
                .hint("`pintle verify` asks them")),
            None => Ok(()),
        }
    }

    /// From now on only rules about pins are run: those that need a registry, which is asked, and those that do not.
    pub(super) fn only_pins(&mut self, asker: Asker) -> Result<(), Failure> {
        self.asker = Some(asker);
        self.only("pins", |page| asker::is_asked(&page.id, &page.about) || page.id == SILENCE)
    }

    fn only(&mut self, what: &str, is_ours: impl Fn(&Page) -> bool) -> Result<(), Failure> {
        let (book, scope) = (&self.book, &self.scope);
        let wanted = book.pages().iter().filter(|page| scope.wants(&page.id));
        let (ours, others): (Vec<_>, Vec<_>) = wanted.partition(|page| is_ours(page));
        if let (false, Some(other)) = (scope.select.is_empty(), others.first()) {
            return Err(Failure::new(format!("`{}` is no rule about {what}", other.id))
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
        let is_wanted = OF_TWO_REVISIONS.iter().any(|rule| self.scope.wants(rule));
        if !is_wanted || !patch.changes_old {
            return Ok(());
        }
        let earlier = Revision::open(&self.root, commit)?;
        self.before = engine::earlier(&self.job(None), &earlier);
        Ok(())
    }

    /// Checks the repository. If its configuration or its own rules are wrong, only that is told.
    pub(super) fn check(&self, baseline: Option<&Baseline>, watch: Watch) -> Report {
        self.look(baseline, watch).0
    }

    /// Checks the repository in a way that makes something else of it besides.
    pub(super) fn behold<T: Default>(
        &self,
        baseline: Option<&Baseline>,
        watch: Watch,
        check: impl FnOnce(Job) -> (Report, Joined, T),
    ) -> (Report, Joined, T) {
        let (mut report, joined, seen) = if self.is_wrong() {
            let sources = engine::sources(&self.job(baseline));
            (Report { sources, ..Report::default() }, Joined::default(), T::default())
        } else {
            let job = self.job(baseline);
            let number = self.disk.len();
            let files =
                || format!("{} of {number} files", self.disk.done.load(Ordering::Relaxed).min(number));
            let progress = || self.asker.as_ref().and_then(Asker::progress).unwrap_or_else(files);
            terminal::with_progress(watch, progress, || check(job))
        };
        report.problems.extend(self.problems.iter().chain(&self.disk.problems).cloned());
        report.problems.sort();
        report.left_out.extend(self.disk.left_out.iter().cloned());
        report.left_out.sort();
        self.count_blind(&mut report);
        report.counts.large = report.problems.iter().filter(|problem| problem.kind == engine::LARGE).count();
        (report, joined, seen)
    }

    /// Checks the repository, and keeps the texts of every place that an inventory tells.
    pub(super) fn survey(&self, watch: Watch) -> (Report, Joined) {
        let (report, joined) = self.look(None, watch);
        engine::keep(&self.disk, &report.sources, &inventory::spans(&report, &joined));
        (report, joined)
    }

    fn look(&self, baseline: Option<&Baseline>, watch: Watch) -> (Report, Joined) {
        let (report, joined, ()) = self.behold(baseline, watch, |job| {
            let (report, joined) = engine::survey(&job);
            (report, joined, ())
        });
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

    /// Where that is asked for, a run that could not read a file is one that failed.
    pub(super) fn count_blind(&self, report: &mut Report) {
        let blind = report.problems.iter().filter(|problem| problem.weight == Weight::Blind).count();
        if self.fails_on_blind && blind > 0 {
            let what = if blind == 1 { "1 thing".to_owned() } else { format!("{blind} things") };
            let says = format!(
                "{what} could not be read, so that this run does not count (--fail-on-blind=false lets it)"
            );
            report.problems.push(Problem::fatal(BLIND, says, None));
            report.problems.sort();
        }
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
            aside: &self.aside,
            change: self.base.as_ref().map(|base| Proposal {
                trust: base.trust,
                before: base.files(),
                config: &self.base_config,
                asked: self.asked_config.as_deref(),
            }),
            remotes: &self.remotes,
            charts: self.charts.as_ref().map(|charts| charts as &dyn Packages),
            registry: self.asker.as_ref().map(|asker| asker as &dyn Registry),
            archives: self.archives,
            sealings: self.sealings,
            shared: None,
            is_last: true,
        }
    }

    /// The baseline that was asked for, or the one that is there.
    pub(super) fn baseline(&self, asked: Option<&Path>) -> Result<Option<Baseline>, Failure> {
        let root = self.disk.root();
        let named = asked.map(|path| (path, below(&self.root, path)));
        if let Some(base) = self.base.as_ref().filter(|base| base.is_untrusted())
            && let Some(name) = named.as_ref().map_or(Some(BASELINE.to_owned()), |(_, name)| name.clone())
        {
            return Ok(base.text(&name).map(|text| Baseline::read(None, &text)));
        }
        let read = match (asked, self.disk.find(BASELINE)) {
            (Some(path), _) => open_named(Some(root), path, MOST_OF_A_BASELINE)
                .and_then(Opened::text)
                .map(|text| (named.and_then(|(_, name)| self.disk.find(&name?)), text)),
            // As the next commit has it, if that is what is read.
            (None, Some(id)) => self.disk.text_up_to(id, MOST_OF_A_BASELINE).map(|text| (Some(id), text)),
            (None, None) => {
                open_own(root, BASELINE, MOST_OF_A_BASELINE).and_then(Opened::text).map(|text| (None, text))
            }
        };
        match read {
            Ok((id, text)) => Ok(Some(Baseline::read(id, &text))),
            Err(refused) if asked.is_none() && refused.is_missing() => Ok(None),
            Err(refused) => {
                let path = asked.map_or_else(|| BASELINE.into(), |path| path.to_string_lossy());
                Err(Failure::new(format!("cannot read the baseline {path}: {refused}"))
                    .hint("`pintle baseline` writes one"))
            }
        }
    }
}

/// The files by which a repository says how it is judged: as they are, or of an untrusted change as they were before it.
struct Own<'a> {
    disk: &'a Disk,
    untrusted: Option<&'a Base>,
    extra: Vec<(SourceId, Arc<str>)>,
    aside: Vec<(String, Arc<str>)>,
}

impl Own<'_> {
    /// The rule pages.
    fn pages(&self) -> Vec<String> {
        let names = match self.untrusted {
            Some(base) => base.below(OWN_RULES),
            None => self.disk.names().into_iter().map(str::to_owned).collect(),
        };
        names.into_iter().filter(|name| name.starts_with(OWN_RULES) && name.ends_with(".md")).collect()
    }

    /// The text of such a file, which from now on is a source; nothing if it does not count.
    fn text(&mut self, name: &str) -> Result<Option<(SourceId, Arc<str>)>, Problem> {
        let id = self.disk.find(name);
        let Some(base) = self.untrusted else { return self.of_now(name) };
        let Some(text) = base.text(name).map(Arc::<str>::from) else { return Ok(None) };
        if let Some(id) = id.filter(|id| self.disk.text(*id).is_ok_and(|now| *now == *text)) {
            self.extra.push((id, text.clone()));
            return Ok(Some((id, text)));
        }
        let id = SourceId((self.disk.len() + self.aside.len()) as u32);
        self.aside.push((base.called(name), text.clone()));
        Ok(Some((id, text)))
    }

    /// The same of a file as it is now, such as a configuration of the user's.
    fn of_now(&mut self, name: &str) -> Result<Option<(SourceId, Arc<str>)>, Problem> {
        let Some(id) = self.disk.find(name) else { return Ok(None) };
        let text: Arc<str> = self.disk.text(id)?.into();
        self.extra.push((id, text.clone()));
        Ok(Some((id, text)))
    }
}

/// Where the configuration is.
struct Configuration {
    /// Its name among the files, or among those before an untrusted change.
    used: Option<String>,
    /// The same, if it is one of the repository that the user names.
    asked: Option<String>,
}

/// A path as a name below the root.
fn below(root: &Path, path: &Path) -> Option<String> {
    let real = door::real(path).ok().or_else(|| std::path::absolute(path).ok())?;
    real.strip_prefix(root).ok().map(shown)
}

/// The name of the configuration among the files; one from elsewhere is put there.
fn configuration(
    work: &Work,
    root: &Path,
    disk: &mut Disk,
    untrusted: Option<&Base>,
) -> Result<Configuration, Failure> {
    let none = Configuration { used: None, asked: None };
    if work.repository.no_config {
        return Ok(none);
    }
    let Some(path) = &work.repository.config else {
        let used = match untrusted {
            Some(base) => NAMES.iter().find(|name| base.text(name).is_some()).map(|name| (*name).to_owned()),
            None => {
                let names = disk.names();
                match NAMES.iter().find(|name| names.contains(name)) {
                    Some(found) => Some((*found).to_owned()),
                    None => hidden_configuration(disk)?,
                }
            }
        };
        return Ok(Configuration { used, ..none });
    };
    let failed = |refused: Refused| Failure::new(format!("cannot read {}: {refused}", path.display()));
    let asked = below(root, path);
    if untrusted.is_some() && asked.is_some() {
        return Ok(Configuration { used: asked.clone(), asked });
    }
    let name = asked.clone().unwrap_or_else(|| path.to_string_lossy().into_owned());
    if disk.find(&name).is_none() {
        let opened = open_named(Some(disk.root()), path, CONFIGURATION);
        let bytes = opened.and_then(Opened::bytes).map_err(failed)?;
        disk.put(&name, bytes);
    }
    Ok(Configuration { used: Some(name), asked })
}

/// Configurations that nobody reads, for there is one at the root, and only one.
fn unused_configurations(disk: &Disk, used: Option<&str>, config: &Config) -> Vec<Problem> {
    let is_one = |name: &&str| NAMES.contains(&name.rsplit('/').next().unwrap_or(name));
    let names = disk.names();
    let unused = names.iter().filter(|name| is_one(name) && Some(**name) != used && config.takes(name));
    let told = unused.filter_map(|name| {
        let says = match (name.contains('/'), used) {
            (true, _) => {
                "this configuration is not read: the one at the root holds for the whole repository".into()
            }
            (false, Some(used)) => format!("this configuration is not read: {used} is"),
            (false, None) => return None,
        };
        Some(Problem::caution("config-unused", says, Some(Span::new(disk.find(name)?, 0, 0))))
    });
    told.collect()
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

/// Whether this is a run of a CI service: they all set the variable.
fn is_ci() -> bool {
    door::variable_text("CI")
        .is_some_and(|value| !["", "0", "false"].contains(&value.to_lowercase().as_str()))
}
