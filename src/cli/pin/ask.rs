//! What registries and servers of git are asked for, and what the plan learns of it.

use super::plan::{Plan, kind};
use crate::cli::Failure;
use crate::cli::args::Pin;
use crate::cli::pin_args::Update;
use crate::cli::registry::{Answer, Found, Missed, Movable, Registries, Terms};
use crate::cli::terminal::{self, Watch};
use crate::cli::work::{now, today};
use crate::facts::Raise;
use crate::finding::Report;
use crate::fix::digests;
use crate::lock::Kind;
use crate::text::Str;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What was told of names besides their digests.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) missed: BTreeMap<String, Missed>,
    /// What names were not moved to, and why.
    pub(super) held: BTreeMap<String, String>,
    /// The second in which the image behind a name was made.
    pub(super) created: BTreeMap<String, i64>,
}

/// Asks for what the lock does not have, or for everything.
pub(super) fn ask(plan: &mut Plan, report: &Report, pin: &Pin) -> Result<Told, Failure> {
    let wanted = plan.wanted(report);
    let mut told = Told::default();
    if pin.offline {
        let unknown = wanted.into_iter().filter(|name| plan.digest(name).is_none());
        told.missed.extend(unknown.map(|name| (name, Missed::Unknown("the lock does not have it".into()))));
        return Ok(told);
    }
    let is_asked = |name: &String| pin.update.is_some() || plan.digest(name).is_none();
    let names: Vec<String> = wanted.into_iter().filter(is_asked).collect();
    if names.is_empty() {
        return Ok(told);
    }
    let terms = terms(pin)?;
    let number = names.len();
    let (actions, images): (Vec<String>, Vec<String>) =
        names.into_iter().partition(|name| kind(name) == Kind::Action);
    let (known, images) = (movable(plan, report, actions.clone()), movable(plan, report, images));
    let registries = Registries::new(&pin.mirror, Duration::from_secs(pin.timeout.into()));
    let progress = || format!("{} of {number} tags asked for", registries.asked.load(Ordering::Relaxed));
    let ask = || (registries.found(&images, terms), registries.commits(&actions));
    let (found, commits) = terminal::with_progress(Watch::Somebody, progress, ask);
    for (image, answer) in images.iter().zip(found) {
        match answer {
            Ok(found) => take(plan, &mut told, &image.reference, found),
            Err(why) => _ = told.missed.insert(image.reference.clone(), why),
        }
    }
    for (action, answer) in known.iter().zip(commits) {
        let moves = |commit: &String| action.digests.iter().any(|known| known != commit);
        match &answer {
            Ok(commit) if pin.min_age.is_some() && moves(commit) => {
                let why = "what the tag is today (the age of a commit is not asked for)";
                told.held.insert(action.reference.clone(), why.into());
            }
            _ => learn(plan, &mut told, &action.reference, answer),
        }
    }
    Ok(told)
}

fn take(plan: &mut Plan, told: &mut Told, reference: &str, found: Found) {
    if let Some(held) = found.held {
        told.held.insert(reference.to_owned(), held);
    }
    let Some(digest) = found.digest else { return };
    let mut name = reference.to_owned();
    if let (Some(tag), Some((bare, _))) = (found.tag, reference.rsplit_once(':')) {
        name = format!("{bare}:{tag}");
        plan.raised.insert(reference.to_owned(), tag);
    }
    if let Some(created) = found.created {
        told.created.insert(name.clone(), created);
    }
    learn(plan, told, &name, Ok(digest));
}

fn learn(plan: &mut Plan, told: &mut Told, name: &str, answer: Answer) {
    match (answer, today()) {
        (Ok(digest), Some(since)) => plan.learn(name, digest, since),
        (Ok(_), None) => _ = told.missed.insert(name.into(), Missed::Unknown("the clock says no day".into())),
        (Err(why), _) => _ = told.missed.insert(name.into(), why),
    }
}

fn terms(pin: &Pin) -> Result<Terms, Failure> {
    let step = match pin.update {
        Some(Update::Minor) => Some(Raise::Minor),
        Some(Update::Patch) => Some(Raise::Patch),
        Some(Update::Digest) | None => None,
    };
    let age = match pin.min_age {
        None => None,
        Some(least) => {
            let now = now().ok_or_else(|| Failure::new("the clock says no day, and --min-age needs one"))?;
            Some((least, now))
        }
    };
    Ok(Terms { step, age })
}

/// Names as they stand now: their digests or commits, and whether each place has a tag of its own.
fn movable(plan: &Plan, report: &Report, names: Vec<String>) -> Vec<Movable> {
    let mut written: BTreeMap<String, BTreeSet<Str>> = BTreeMap::new();
    for (_, name, digest) in digests(&report.facts, &report.sources).into_keys() {
        written.entry(name).or_default().insert(digest.into());
    }
    let all = plan.wishes(report);
    let editable = all.iter().filter(|wish| wish.way.is_ok());
    let shared: BTreeSet<String> =
        editable.filter(|wish| wish.tag_at.is_none()).map(|wish| wish.reference()).collect();
    let one = |reference: String| {
        let mut digests: Vec<Str> = written.remove(&reference).into_iter().flatten().collect();
        if digests.is_empty() {
            digests.extend(plan.digest(&reference).cloned());
        }
        Movable { has_own_tag: !shared.contains(&reference), digests, reference }
    };
    names.into_iter().map(one).collect()
}
