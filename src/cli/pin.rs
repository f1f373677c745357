//! `pintle pin`: asks registries which digest each tag has, and servers of git which commit, keeps the
//! answers in `pintle.lock`, and writes them where the repository decides what runs.

use super::args::Pin;
use super::asker::glob;
use super::door::{Opened, open_own};
use super::mend::{self, Fixes, Mended, Wanted, counted};
use super::registry::{Answer, Missed, Registries};
use super::terminal::{self, Watch};
use super::work::{self, Bench, Subject, today};
use super::{End, Failure, blind, said, write};
use crate::engine::render::digests_in_labels;
use crate::engine::{self, Repo};
use crate::finding::{Finding, Fix, Report};
use crate::fix::{Change, Left, Mend, Wish, digests, pinned, place, places, pulled, wishes};
use crate::limits::LOCK;
use crate::lock::{self, Entry, Kind, Lock};
use crate::redact::clean;
use crate::text::{Date, SourceId, Sources, Str};
use globset::GlobMatcher;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

pub(super) fn run(pin: &Pin) -> Result<End, Failure> {
    work::threads(&pin.work)?;
    let only = pin.only.as_deref().map(glob).transpose()?;
    let mut bench = work::prepare(Subject::Paths(&pin.paths), &pin.work, &[])?;
    // No rule is asked: what is wrong with the repository is for lint to tell.
    bench.scope.select = vec![Str::default()];
    let report = bench.check(None, Watch::Somebody);
    blind::complain_of_unread(&bench, &report);
    if let Some(problem) = blind::fatal(&report) {
        return Err(Failure::new(clean(&problem.says)).hint("`pintle lint` shows where; nothing was written"));
    }
    let (old, was) = lock_of(&bench)?;
    let paths = bench.scope.paths.clone();
    let mut plan = Plan { lock: old, answers: Vec::new(), updates: pin.update, only, paths };
    plan.keep_texts(&bench, &report);
    let wanted = plan.wanted(&report);
    let mut missed = BTreeMap::new();
    if !pin.offline {
        missed = ask(&mut plan, &wanted, pin);
    } else {
        let unknown = wanted.iter().filter(|name| plan.digest(name).is_none());
        missed
            .extend(unknown.map(|name| (name.clone(), Missed::Unknown("the lock does not have it".into()))));
    }
    let left = plan.left(&report);
    let mended = match pin.lock_only {
        true => None,
        false => Some(mend::mend(&mut bench, None, report, &plan)),
    };
    if pin.dry_run {
        if let Some(mended) = &mended {
            mend::show(mended, pin.color)?;
        }
    } else {
        plan.keep(&bench, &was)?;
        if let Some(mended) = &mended {
            mend::write(&bench, mended)?;
        }
    }
    tell(pin, &plan, mended.as_ref(), &left, &missed)?;
    Ok(if missed.is_empty() { End::Clean } else { End::Found })
}

/// The lock of the repository, and its text; both empty if there is none.
pub(super) fn lock_of(bench: &Bench) -> Result<(Lock, String), Failure> {
    let text = match open_own(bench.disk.root(), lock::NAME, LOCK).and_then(Opened::text) {
        Ok(text) => text,
        Err(refused) if refused.is_missing() => return Ok((Lock::default(), String::new())),
        Err(refused) => return Err(Failure::new(format!("cannot read {}: {refused}", lock::NAME))),
    };
    Ok((read_lock(&text)?, text))
}

fn read_lock(text: &str) -> Result<Lock, Failure> {
    let (lock, problems) = Lock::read(SourceId(u32::MAX), text);
    match problems.first() {
        None => Ok(lock),
        Some(problem) => {
            let at = problem.at.map_or(0, |at| text[..at.start as usize].matches('\n').count() + 1);
            Err(Failure::new(format!("{}:{at}: {}", lock::NAME, problem.says))
                .hint("mend the line, or take it out: it is asked for anew"))
        }
    }
}

/// What is to be pinned, and by what.
struct Plan {
    lock: Lock,
    /// What was told in this run, and is in the lock by now.
    answers: Vec<(Kind, String, Entry)>,
    /// Whether digests that are there are held against the lock, too.
    updates: bool,
    only: Option<GlobMatcher>,
    paths: Vec<Str>,
}

impl Plan {
    fn wishes(&self, report: &Report) -> Vec<Wish> {
        let mut all = wishes(&report.facts, &report.sources);
        if self.updates {
            all.extend(pinned(&report.facts, &report.sources));
        }
        let is_below = |name: &str| {
            let within = |path: &Str| {
                name.strip_prefix(path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            self.paths.is_empty() || self.paths.iter().any(within)
        };
        let is_meant = |wish: &Wish| {
            self.only.as_ref().is_none_or(|only| only.is_match(&wish.name) || only.is_match(wish.reference()))
        };
        all.retain(|wish| is_meant(wish) && is_below(report.sources.name(wish.at.source)));
        all
    }

    /// The names that registries are asked for, each once.
    fn wanted(&self, report: &Report) -> Vec<String> {
        let all = self.wishes(report);
        let editable = all.iter().filter(|wish| wish.way.is_ok()).map(Wish::reference);
        editable.collect::<BTreeSet<String>>().into_iter().collect()
    }

    /// Takes in what somebody has told.
    fn learn(&mut self, reference: &str, digest: String, since: Date) {
        let entry = Entry { digest: digest.into(), platforms: Vec::new(), since };
        self.lock.put(kind(reference), reference, entry.clone());
        self.answers.push((kind(reference), reference.to_owned(), entry));
    }

    /// Writes the lock, which was `was` when the run began. What others have put into it meanwhile stays.
    fn keep(&self, bench: &Bench, was: &str) -> Result<(), Failure> {
        if self.lock.to_text() == was || was.is_empty() && self.lock.is_empty() {
            return Ok(());
        }
        write::changed(bench.disk.root(), &bench.root.join(lock::NAME), |now| {
            let mut lock = now.map_or_else(|| Ok(Lock::default()), read_lock)?;
            for (kind, reference, entry) in &self.answers {
                lock.put(*kind, reference, entry.clone());
            }
            Ok(lock.to_text())
        })
    }

    fn digest(&self, reference: &str) -> Option<&Str> {
        self.lock.entry(kind(reference), reference).map(|entry| &entry.digest)
    }

    /// What is not edited, by its reason.
    fn left(&self, report: &Report) -> BTreeMap<Left, Vec<String>> {
        let mut out: BTreeMap<Left, Vec<String>> = BTreeMap::new();
        for wish in self.wishes(report) {
            if let Err(left) = wish.way {
                let name = if wish.name.is_empty() { wish.tag.clone() } else { wish.reference() };
                out.entry(left).or_default().push(place(&report.sources, wish.at, &name));
            }
        }
        out
    }
}

/// What a name is that is asked for: no image has an `@` in it here.
fn kind(reference: &str) -> Kind {
    if reference.contains('@') { Kind::Action } else { Kind::Image }
}

/// Asks for what the lock does not have, or for everything; gives what nobody could tell.
fn ask(plan: &mut Plan, wanted: &[String], pin: &Pin) -> BTreeMap<String, Missed> {
    let names: Vec<String> =
        wanted.iter().filter(|name| plan.updates || plan.digest(name).is_none()).cloned().collect();
    if names.is_empty() {
        return BTreeMap::new();
    }
    let registries = Registries::new(&pin.mirror, Duration::from_secs(pin.timeout.into()));
    let progress =
        || format!("{} of {} tags asked for", registries.asked.load(Ordering::Relaxed), names.len());
    let (actions, images): (Vec<String>, Vec<String>) =
        names.iter().cloned().partition(|name| kind(name) == Kind::Action);
    let ask = || [registries.digests(&images), registries.commits(&actions)].concat();
    let answers: Vec<Answer> = terminal::with_progress(Watch::Somebody, progress, ask);
    let mut missed = BTreeMap::new();
    for (name, answer) in images.iter().chain(&actions).cloned().zip(answers) {
        match (answer, today()) {
            (Ok(digest), Some(since)) => plan.learn(&name, digest, since),
            (Ok(_), None) => _ = missed.insert(name, Missed::Unknown("the clock says no day".into())),
            (Err(why), _) => _ = missed.insert(name, why),
        }
    }
    missed
}

impl Wanted for Plan {
    fn mends(&self, report: &Report) -> Vec<Mend> {
        let mend = |wish: Wish| {
            let digest = self.digest(&wish.reference())?;
            let image = wish.reference();
            let edits = wish.edits(digest);
            let changes = edits.iter().any(|edit| report.sources.slice(edit.span) != edit.text);
            let place = place(&report.sources, wish.at, &image);
            // A line may name several images, and one of them twice.
            let key = format!("{place} {}", wish.at.start);
            changes.then_some(Mend { key, place, image: Some(image), edits })
        };
        self.wishes(report).into_iter().filter_map(mend).collect()
    }

    fn keep_texts(&self, bench: &Bench, report: &Report) {
        engine::keep(&bench.disk, &report.sources, &places(&report.facts));
        let pinned: Vec<_> = pinned(&report.facts, &report.sources).iter().map(|wish| wish.at).collect();
        engine::keep(&bench.disk, &report.sources, &pinned);
    }

    /// Every image is what it was, but for its digest; each place that was edited gives the digest of the lock; and no label
    /// has come to hold one.
    fn in_vain(&self, bench: &Bench, changes: &[Change], before: &Report, after: &Report) -> HashSet<String> {
        let (was, is) = (pulled(&before.facts), pulled(&after.facts));
        let others: HashSet<SourceId> = was.symmetric_difference(&is).map(|(_, file)| *file).collect();
        let worse = mend::worse(before, after);
        let misplaced = digests_in_labels(&bench.job(None), &Sources::new(bench.disk.names()));
        let (had, has) = (digests(&before.facts, &before.sources), digests(&after.facts, &after.sources));
        let mut vain = HashSet::new();
        for Change { source, mends, .. } in changes {
            let mut by_image: BTreeMap<&str, Vec<&Mend>> = BTreeMap::new();
            for mend in mends {
                by_image.entry(mend.image.as_deref().unwrap_or_default()).or_default().push(mend);
            }
            for (image, mends) in by_image {
                let holds = self.digest(image).is_some_and(|digest| {
                    let place = (*source, image.to_owned(), digest.to_string());
                    let count = |known: &BTreeMap<_, BTreeSet<_>>| known.get(&place).map_or(0, BTreeSet::len);
                    !misplaced.contains(digest.as_str()) && count(&has) >= count(&had) + mends.len()
                });
                if !holds || others.contains(source) || worse.contains(source) {
                    vain.extend(mends.into_iter().map(|mend| mend.key.clone()));
                }
            }
        }
        vain
    }
}

/// The fixes of findings, and with them the digests that the lock has.
pub(super) struct Both<Wants> {
    fixes: Fixes<Wants>,
    plan: Option<Plan>,
}

impl<Wants> Both<Wants> {
    pub(super) fn new(bench: &Bench, fixes: Fixes<Wants>) -> Result<Both<Wants>, Failure> {
        let (lock, _) = lock_of(bench)?;
        let paths = bench.scope.paths.clone();
        let plan = Plan { lock, answers: Vec::new(), updates: false, only: None, paths };
        Ok(Both { fixes, plan: Some(plan).filter(|plan| !plan.lock.is_empty()) })
    }
}

impl<Wants: Fn(&Finding, &Fix) -> bool> Wanted for Both<Wants> {
    fn mends(&self, report: &Report) -> Vec<Mend> {
        let mut all = self.fixes.mends(report);
        all.extend(self.plan.iter().flat_map(|plan| plan.mends(report)));
        all
    }

    fn keep_texts(&self, bench: &Bench, report: &Report) {
        self.plan.iter().for_each(|plan| plan.keep_texts(bench, report));
    }

    fn in_vain(&self, bench: &Bench, changes: &[Change], before: &Report, after: &Report) -> HashSet<String> {
        let part = |pins: bool| -> Vec<Change> {
            let of = |change: &Change| {
                let mends = change.mends.iter().filter(|mend| mend.image.is_some() == pins).cloned();
                Change { mends: mends.collect(), ..change.clone() }
            };
            changes.iter().map(of).filter(|change| !change.mends.is_empty()).collect()
        };
        let mut vain = self.fixes.in_vain(bench, &part(false), before, after);
        let pins = part(true);
        if let Some(plan) = self.plan.as_ref().filter(|_| !pins.is_empty()) {
            vain.extend(plan.in_vain(bench, &pins, before, after));
        }
        vain
    }
}

/// Tells on standard output what is left and why, and on standard error what was done.
fn tell(
    pin: &Pin,
    plan: &Plan,
    mended: Option<&Mended>,
    left: &BTreeMap<Left, Vec<String>>,
    missed: &BTreeMap<String, Missed>,
) -> Result<(), Failure> {
    let mut out = String::new();
    for (why, places) in left {
        out.push_str(&format!("left, for {}:\n", why.says()));
        places.iter().for_each(|place| out.push_str(&format!("  {}\n", clean(place))));
    }
    for (name, why) in missed {
        out.push_str(&format!("missing: {} ({})\n", clean(name), clean(&why.says())));
    }
    terminal::print(&said(out)).map_err(Failure::new)?;
    let places = left.values().map(Vec::len).sum::<usize>();
    match mended {
        Some(mended) => {
            let has_actions = mended.mends().any(|key| key.contains('@'));
            let what = if has_actions { "place" } else { "image" };
            mended.tell(if pin.dry_run { "would be pinned" } else { "pinned" }, what)
        }
        None => terminal::complain(&said(Failure::new(format!(
            "{} in the lock",
            counted(plan.lock.len(), "name")
        )))),
    }
    if places > 0 {
        terminal::complain(&said(Failure::new(format!("{} left as they are", counted(places, "place")))));
    }
    Ok(())
}
