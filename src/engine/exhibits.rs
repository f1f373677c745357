//! Files that no cluster gets as they are: what tests expect and apply, samples, what belongs to others. Told by their
//! places, and by what tests say of them.

use super::Job;
use super::cluster_tests::{self, Told};
use super::collection::collection;
use crate::facts::{Facts, Keeping, Moves, Why};
use crate::finding::{Finding, Problem};
use crate::formats::{TiltHands, is_tiltfile, tilt_hands};
use crate::syntax::yaml;
use crate::text::{SourceId, Span, paths};
use crate::world::{Delivery, Files, Forest, Means};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What a file is there for instead.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Exhibit {
    /// People copy it, and change it, or only read it.
    Sample,
    /// Tilt hands it to a cluster while somebody develops.
    Tilt,
    /// Tests use it.
    AmongTests,
    /// A test compares it with what a cluster has.
    Expected,
    /// A test applies it.
    Applied,
    /// Others wrote it, and mend it.
    Vendored,
    /// A workflow below a folder, where GitHub runs none.
    Idle,
}

/// The files of a repository that are exhibits.
#[derive(Debug, Default)]
pub(super) struct Exhibits {
    of: HashMap<SourceId, Exhibit>,
    /// Why each file is kept, if all were asked.
    keepings: Vec<Option<Keeping>>,
    /// What the README says of all of them.
    whole: Option<Keeping>,
    /// Objects that are written into tests and that no cluster keeps, by the file of the test.
    inline: HashMap<SourceId, Vec<Span>>,
    /// What Tilt hands on: files, and folders of kustomizations.
    handed: HashSet<SourceId>,
    handed_folders: HashSet<String>,
    /// The folders of what others wrote, each with its first file and how many there are.
    vendored: BTreeMap<String, (SourceId, usize)>,
}

/// Fewer files tell nothing of what a repository is about.
const MANY: usize = 20;

/// Who is shown the text of a file.
type Show<'a> = dyn Fn(SourceId, &mut dyn FnMut(&str)) + 'a;

impl Exhibits {
    /// What decides on secrets alone.
    pub(super) fn of_secrets(job: &Job) -> Exhibits {
        Exhibits { whole: collection(job), ..Exhibits::default() }
    }

    /// The names are those of all files.
    pub(super) fn find(job: &Job, names: &[&str], files: &Files, show: &Show) -> Exhibits {
        let steps = folders_of_steps(names);
        let mut out = Exhibits::of_secrets(job);
        out.keep(job, names);
        for (id, name) in (0..).map(SourceId).zip(names) {
            let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
            if let Some(exhibit) = by_name(folder, base, &steps) {
                out.put(id, exhibit);
            }
            if is_unit_test(folder, base, files) {
                out.put(id, Exhibit::Expected);
            }
            if is_tiltfile(base) {
                show(id, &mut |text| out.hand(&tilt_hands(folder, text), files));
            }
            let is_chainsaw = matches!(base, "chainsaw-test.yaml" | "chainsaw-test.yml");
            let is_kyverno = matches!(base, "kyverno-test.yaml" | "kyverno-test.yml");
            if !is_chainsaw && !is_kyverno {
                continue;
            }
            out.put(id, Exhibit::Applied);
            show(id, &mut |text| {
                let mut told = Told::default();
                for document in &yaml::read(id, text).documents {
                    match is_chainsaw {
                        true => cluster_tests::of_chainsaw(&document.root, &mut told),
                        false => cluster_tests::of_kyverno(&document.root, &mut told),
                    }
                }
                out.inline.insert(id, told.inline);
                let applied = told.applied.into_iter().map(|file| (file, Exhibit::Applied));
                let expected = told.expected.into_iter().map(|file| (file, Exhibit::Expected));
                for (file, exhibit) in applied.chain(expected) {
                    let name = paths::resolve(folder, &file).unwrap_or_default();
                    if let Some(id) = files.find(&name) {
                        out.put(id, exhibit);
                    }
                }
            });
        }
        out
    }

    /// Takes note of what a Tiltfile hands on.
    fn hand(&mut self, hands: &TiltHands, files: &Files) {
        let find = |name: &String| files.find(name);
        // A folder is looked through once, also where one above it is handed on.
        let mut folders: Vec<&String> = hands.folders.iter().collect();
        folders.sort_unstable_by_key(|folder| format!("{folder}/"));
        folders.dedup_by(|next, before| *next == *before || next.starts_with(&format!("{before}/")));
        let below = folders.into_iter().flat_map(|folder| files.below(folder));
        for id in hands.files.iter().filter_map(find).chain(below) {
            self.handed.insert(id);
            self.put(id, Exhibit::Tilt);
        }
        // People run a compose file themselves, too.
        self.handed.extend(hands.compose.iter().filter_map(find));
        self.handed_folders.extend(hands.kustomizations.iter().cloned());
    }

    /// The files that Tilt hands on.
    pub(super) fn handed_to_tilt(&self) -> &HashSet<SourceId> {
        &self.handed
    }

    /// The files that are kept for something else than a cluster, by their places. What most of a repository is kept for
    /// is what the repository is: then its files are its own.
    fn keep(&mut self, job: &Job, names: &[&str]) {
        let (keepings, kept): (Vec<_>, Vec<_>) = kept(job, self.whole, names).into_iter().unzip();
        self.keepings = keepings;
        let number = |wanted| kept.iter().flatten().filter(|one| one.keeping == wanted).count();
        let is_most = |keeping| {
            let number = number(keeping);
            keeping < Keeping::Tests && number >= MANY && number * 2 > names.len()
        };
        let mostly: Vec<Keeping> = Keeping::ALL.into_iter().filter(|one| is_most(*one)).collect();
        for (id, kept) in (0..).map(SourceId).zip(&kept) {
            let Some(Kept { keeping, folder, is_told }) = *kept else { continue };
            if !is_told && mostly.contains(&keeping) {
                continue;
            }
            self.put(id, exhibit(keeping));
            if keeping == Keeping::Vendored {
                self.vendored.entry(folder.to_owned()).or_insert((id, 0)).1 += 1;
            }
        }
    }

    /// What is not judged, a note for each folder.
    pub(super) fn notes(&self) -> impl Iterator<Item = Problem> + '_ {
        self.vendored.iter().map(|(folder, (first, number))| {
            let (files, whose) = if *number == 1 { ("file", "belongs") } else { ("files", "belong") };
            let place = if folder.is_empty() { String::new() } else { format!(" in {folder}") };
            let says = format!("{number} {files}{place} {whose} to others: judged for secrets only");
            Problem::note("vendored", says, Span::new(*first, 0, 0))
        })
    }

    /// What is applied is no mere expectation, whoever expects it besides.
    fn put(&mut self, id: SourceId, exhibit: Exhibit) {
        let known = self.of.entry(id).or_insert(exhibit);
        *known = (*known).max(exhibit);
    }

    /// What something delivers that is no sample itself is real, wherever it is kept; and so is what a kustomization
    /// loads that is none. A kustomization of Tilt is Tilt's; what it takes from elsewhere is not.
    pub(super) fn without_delivered(mut self, job: &Job, forest: &Forest) -> Exhibits {
        let is_of_tilt =
            |one: &Delivery| one.declared.is_none() && self.handed_folders.contains(one.path.text.as_str());
        let names = job.repo.names();
        let mut of_tilt = Vec::new();
        for one in forest.deliveries.iter().filter(|one| is_of_tilt(one)) {
            let folder = format!("{}/", one.path.text);
            let is_within =
                |id: &SourceId| names.get(id.0 as usize).is_some_and(|name| name.starts_with(&folder));
            of_tilt.extend(one.built.read.iter().copied().filter(is_within));
        }
        for id in of_tilt {
            self.handed.insert(id);
            self.put(id, Exhibit::Tilt);
        }
        let is_own =
            |folder: &str| kept(job, None, &[&format!("{folder}/kustomization.yaml")])[0].1.is_none();
        let is_real = |one: &&Delivery| match one.declared {
            Some(at) => one.live && !self.of.contains_key(&at.source),
            None => {
                let is_of_tilt = self.handed_folders.contains(one.path.text.as_str());
                one.means == Means::Overlay && is_own(&one.path.text) && !is_of_tilt
            }
        };
        let objects = forest.deliveries.iter().filter(is_real).flat_map(|one| &one.built.objects);
        let real: Vec<SourceId> = objects.map(|object| object.written.source).collect();
        real.iter().for_each(|id| _ = self.of.remove(id));
        self
    }

    /// Takes out plans of backups that only tests have: they copy nothing of anybody else's; and that nothing delivers what
    /// Tilt does.
    pub(super) fn take_out(&self, facts: &mut Facts) {
        let is_of_test = |id: &SourceId| {
            matches!(self.of.get(id), Some(Exhibit::AmongTests | Exhibit::Expected | Exhibit::Applied))
        };
        facts.backups.retain(|fact| !is_of_test(&fact.owner.source));
        let is_left_out = |why: Why| matches!(why, Why::LeftOut | Why::Outside);
        facts
            .obstacles
            .retain(|fact| !(is_left_out(fact.says.why) && self.handed.contains(&fact.owner.source)));
    }

    /// Marks what tests and samples call images that are none.
    pub(super) fn note_made_up(&self, facts: &mut Facts, moves: &Moves) {
        for fact in &mut facts.images {
            // A bare name that Tilt is handed may be one that it builds.
            let is_shown = self.of.get(&fact.origin.span().source).is_some_and(|one| *one != Exhibit::Tilt);
            fact.says.is_made_up = is_shown && moves.is_nobodys(&fact.says);
        }
    }

    /// Why a file is kept that no cluster gets from here.
    pub(super) fn keeping(&self, job: &Job, id: SourceId, name: &str) -> Option<Keeping> {
        let known = self.keepings.get(id.0 as usize).copied();
        known.unwrap_or_else(|| job.book.keeping(job.config, self.whole, name))
    }

    /// Whether no object of a file is one that a cluster gets.
    pub(super) fn is_expected(&self, id: SourceId) -> bool {
        self.of.get(&id) == Some(&Exhibit::Expected)
    }

    /// What the file of the affected object is there for. What a test writes down itself is told apart by its place.
    pub(super) fn of(&self, finding: &Finding) -> Option<Exhibit> {
        let at = finding.origin.span();
        let id = finding.home.unwrap_or(at.source);
        let exhibit = *self.of.get(&id)?;
        let inline = self.inline.get(&at.source).map(Vec::as_slice).unwrap_or_default();
        Some(if inline.iter().any(|object| object.covers(at)) { Exhibit::Expected } else { exhibit })
    }
}

/// What a file is kept for.
struct Kept<'n> {
    keeping: Keeping,
    /// The folder that says so, if one does.
    folder: &'n str,
    /// The configuration says so.
    is_told: bool,
}

/// What services run by themselves: a workflow that is called `e2e_test.yaml` runs as any other does, with its tokens.
const OF_SERVICES: [&str; 6] =
    [".github/workflows/", ".github/actions/", ".circleci/", ".gitlab/", ".woodpecker/", ".buildkite/"];

/// What each file is kept for: by the configuration, else by its folders and its name; and what that makes of it, which
/// is nothing where a service runs it.
fn kept<'n>(
    job: &Job,
    whole: Option<Keeping>,
    names: &[&'n str],
) -> Vec<(Option<Keeping>, Option<Kept<'n>>)> {
    let places = job.book.places();
    // Files of one folder stand together.
    let mut last: Option<(&str, Option<(Keeping, &str)>)> = None;
    let mut of = |name: &&'n str| {
        if let Some((_, keeping)) = job.config.places.iter().find(|(glob, _)| glob.is_match(name)) {
            return (*keeping, keeping.map(|keeping| Kept { keeping, folder: "", is_told: true }));
        }
        let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
        let by_folder = match last {
            Some((known, told)) if known == folder => told,
            _ => places.of_folder(folder),
        };
        last = Some((folder, by_folder));
        let by_file = places.of_file(base).map(|keeping| (keeping, ""));
        let told = by_folder.into_iter().chain(by_file).max_by_key(|(keeping, _)| *keeping);
        let is_run = OF_SERVICES.iter().any(|folder| name.starts_with(folder));
        let kept = told.filter(|_| !is_run);
        let kept = kept.map(|(keeping, folder)| Kept { keeping, folder, is_told: false });
        (told.map(|(keeping, _)| keeping).or_else(|| Keeping::of_whole(whole, name)), kept)
    };
    names.iter().map(&mut of).collect()
}

/// The folders of tests that KUTTL runs in steps.
fn folders_of_steps<'a>(names: &[&'a str]) -> HashSet<&'a str> {
    let split = names.iter().map(|name| name.rsplit_once('/').unwrap_or(("", name)));
    split.filter(|(_, base)| is_expectation(base)).map(|(folder, _)| folder).collect()
}

fn by_name(folder: &str, base: &str, steps: &HashSet<&str>) -> Option<Exhibit> {
    if is_expectation(base) {
        return Some(Exhibit::Expected);
    }
    if folder.ends_with("/.github/workflows") {
        return Some(Exhibit::Idle);
    }
    let is_step = steps.contains(folder) && base.starts_with(|c: char| c.is_ascii_digit());
    is_step.then_some(Exhibit::Applied)
}

fn exhibit(keeping: Keeping) -> Exhibit {
    match keeping {
        Keeping::Collection | Keeping::Samples | Keeping::Docs => Exhibit::Sample,
        Keeping::Tests => Exhibit::AmongTests,
        Keeping::Vendored => Exhibit::Vendored,
    }
}

/// A suite of helm-unittest: what it sets and expects is in `tests/` of a chart.
fn is_unit_test(folder: &str, base: &str, files: &Files) -> bool {
    let is_suite = ["_test.yaml", "_test.yml"].iter().any(|end| base.ends_with(end));
    let chart = if folder == "tests" { Some("") } else { folder.strip_suffix("/tests") };
    let Some(chart) = chart.filter(|_| is_suite) else { return false };
    let card = if chart.is_empty() { "Chart.yaml".into() } else { format!("{chart}/Chart.yaml") };
    files.find(&card).is_some()
}

/// `00-assert.yaml` and `00-errors.yaml` of KUTTL.
fn is_expectation(base: &str) -> bool {
    let Some((number, rest)) = base.split_once('-') else { return false };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number && matches!(rest, "assert.yaml" | "errors.yaml" | "assert.yml" | "errors.yml")
}
