//! What is to be pinned, and by what: the places, the lock, and what was told in this run.

use super::kept::{lock_of, read_lock};
use crate::cli::mend::{self, Fixes, Wanted};
use crate::cli::work::Bench;
use crate::cli::{Failure, write};
use crate::emit::pins::Spot;
use crate::engine::render::digests_in_labels;
use crate::engine::{self, Repo};
use crate::finding::{Finding, Fix, Report};
use crate::fix::{Change, Left, Mend, Pulled, Wish, digests, pinned, place, places, pulled, wishes};
use crate::lock::{self, Entry, Kind, Lock};
use crate::text::{Date, SourceId, Sources, Str};
use globset::GlobMatcher;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What is to be pinned, and by what.
pub(super) struct Plan {
    pub(super) lock: Lock,
    /// What was told in this run, and is in the lock by now.
    answers: Vec<(Kind, String, Entry)>,
    /// Whether digests that are there are held against the lock, too.
    updates: bool,
    only: Option<GlobMatcher>,
    paths: Vec<Str>,
    /// The tags that names get instead of theirs: `docker.io/library/nginx:1.27.2` gets `1.27.3`.
    pub(super) raised: BTreeMap<String, String>,
}

impl Plan {
    pub(super) fn new(lock: Lock, updates: bool, only: Option<GlobMatcher>, paths: Vec<Str>) -> Plan {
        Plan { lock, answers: Vec::new(), updates, only, paths, raised: BTreeMap::new() }
    }

    pub(super) fn wishes(&self, report: &Report) -> Vec<Wish> {
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
    pub(super) fn wanted(&self, report: &Report) -> Vec<String> {
        let all = self.wishes(report);
        let editable = all.iter().filter(|wish| wish.way.is_ok()).map(Wish::reference);
        editable.collect::<BTreeSet<String>>().into_iter().collect()
    }

    /// Takes in what somebody has told.
    pub(super) fn learn(&mut self, reference: &str, digest: String, since: Date) {
        let entry = Entry { digest: digest.into(), platforms: Vec::new(), since };
        self.lock.put(kind(reference), reference, entry.clone());
        self.answers.push((kind(reference), reference.to_owned(), entry));
    }

    /// Writes the lock, which was `was` when the run began. What others have put into it meanwhile stays.
    pub(super) fn keep(&self, bench: &Bench, was: &str) -> Result<(), Failure> {
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

    pub(super) fn digest(&self, reference: &str) -> Option<&Str> {
        self.lock.entry(kind(reference), reference).map(|entry| &entry.digest)
    }

    /// What is not edited, by its reason.
    pub(super) fn left(&self, report: &Report) -> BTreeMap<Left, Vec<Spot>> {
        let mut out: BTreeMap<Left, Vec<Spot>> = BTreeMap::new();
        for wish in self.wishes(report) {
            if let Err(left) = wish.way {
                let name = if wish.name.is_empty() { wish.tag.clone() } else { wish.reference() };
                let file = report.sources.name(wish.at.source).to_owned();
                let line = report.sources.places(wish.at).0.line as usize;
                out.entry(left).or_default().push(Spot { file, line, name });
            }
        }
        out
    }
}

/// What a name is that is asked for: no image has an `@` in it here.
pub(super) fn kind(reference: &str) -> Kind {
    if reference.contains('@') { Kind::Action } else { Kind::Image }
}

impl Plan {
    /// The files in which an image is another, but for the tags that were to be raised.
    fn others(
        &self,
        gone: impl Iterator<Item = (Pulled, SourceId)>,
        mut new: BTreeSet<(Pulled, SourceId)>,
    ) -> HashSet<SourceId> {
        let mut out = HashSet::new();
        for ((owner, path, name), file) in gone {
            let raised = self.raised.get(&name).zip(name.rsplit_once(':'));
            let after = raised.map(|(tag, (bare, _))| ((owner, path, format!("{bare}:{tag}")), file));
            if !after.is_some_and(|after| new.remove(&after)) {
                out.insert(file);
            }
        }
        out.extend(new.into_iter().map(|(_, file)| file));
        out
    }
}

impl Wanted for Plan {
    fn mends(&self, report: &Report) -> Vec<Mend> {
        let mend = |wish: Wish| {
            let raised = self.raised.get(&wish.reference());
            let image = raised.map_or_else(|| wish.reference(), |tag| wish.reference_with(tag));
            let digest = self.digest(&image)?;
            let edits = raised.map_or_else(|| wish.edits(digest), |tag| wish.raised(tag, digest));
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

    /// Every image is what it was, but for its digest and the tag that it was to get; each place that was edited gives the digest of the lock; and no label
    /// has come to hold one.
    fn in_vain(&self, bench: &Bench, changes: &[Change], before: &Report, after: &Report) -> HashSet<String> {
        let (was, is) = (pulled(&before.facts), pulled(&after.facts));
        let others = self.others(was.difference(&is).cloned(), is.difference(&was).cloned().collect());
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
pub(in crate::cli) struct Both<Wants> {
    fixes: Fixes<Wants>,
    plan: Option<Plan>,
}

impl<Wants> Both<Wants> {
    pub(in crate::cli) fn new(bench: &Bench, fixes: Fixes<Wants>) -> Result<Both<Wants>, Failure> {
        let (lock, _) = lock_of(bench)?;
        let paths = bench.scope.paths.clone();
        let plan = Plan::new(lock, false, None, paths);
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
