//! What runs in the end: each image after the overrides of the builds that load it. Judges nothing but the pin.

use super::live::{Builds, Fate, Live, names};
use crate::facts::{Fact, Facts, Image, Moves, Override, Pin, Role, join};
use crate::text::{Origin, Part, Span, Weave};
use std::collections::BTreeSet;

/// One image as some build of the repository runs it.
#[derive(Clone, Debug)]
pub struct Run {
    /// Index into `Facts::images`: whose image this is.
    pub fact: usize,
    /// The reference after the overrides of the build.
    pub image: Image,
    pub pin: Pin,
    /// Where it was decided: the override if there is one, else the image itself.
    pub origin: Origin,
}

/// Every image that is run (or built upon), once for each outcome of the builds that load it. Names of what a build
/// gives, repositories to watch, and overrides that reach nothing are left out.
pub(super) fn runs(facts: &Facts, live: &Live, moves: &Moves, builds: &Builds, fates: &[Fate]) -> Vec<Run> {
    let mut used: BTreeSet<Span> = BTreeSet::new();
    let mut out = Vec::new();
    for (index, (fact, fate)) in facts.images.iter().zip(fates).enumerate() {
        if matches!(fact.says.role, Role::Built | Role::Watched | Role::Override) {
            continue;
        }
        let as_written =
            Run { fact: index, image: fact.says.clone(), pin: fate.pin, origin: fact.origin.clone() };
        // Only what Kubernetes objects say is built; of the rest there is one outcome, as written.
        let builds = builds.get(&fact.owner.source).filter(|_| fact.owner.format == "kubernetes");
        let mut outcomes: Vec<Run> = Vec::new();
        for build in builds.into_iter().flatten() {
            let reaching = build.reaching(&fact.path).iter();
            let entries = reaching.map(|&(overlay, image)| &live.overlays[overlay].says.images[image]);
            let run = overridden(&as_written, entries, moves, &mut used);
            if !outcomes.iter().any(|known| known.image.text == run.image.text && known.origin == run.origin)
            {
                outcomes.push(run);
            }
        }
        if outcomes.is_empty() {
            outcomes.push(as_written);
        }
        out.append(&mut outcomes);
    }
    // What an override reaches in a chart or another repository nobody can tell: it stands for itself.
    let alone = |fact: &Fact<Image>, fate: &Fate| {
        fact.says.role == Role::Override && !fate.matches_nothing && !used.contains(&fact.origin.span())
    };
    for (index, (fact, fate)) in facts.images.iter().zip(fates).enumerate() {
        if alone(fact, fate) {
            let (image, origin) = (fact.says.clone(), fact.origin.clone());
            out.push(Run { fact: index, image, pin: fate.pin, origin });
        }
    }
    out
}

/// The image after the overrides of one road, in their order.
fn overridden<'a>(
    run: &Run,
    entries: impl Iterator<Item = &'a Override>,
    moves: &Moves,
    used: &mut BTreeSet<Span>,
) -> Run {
    let Some(repository) = &run.image.repository else { return run.clone() };
    let mut name = Part::new(run.image.bare(), repository.origin.clone());
    let (mut tag, mut digest) = (run.image.tag.clone(), run.image.digest.clone());
    let mut origin = None;
    for entry in entries {
        if !names(entry, &name.text) {
            continue;
        }
        used.insert(entry.whole().span());
        let sets = [&entry.new_tag, &entry.digest, &entry.tag_suffix, &entry.new_name];
        let sets = sets.into_iter().flatten().next();
        origin = Some(sets.unwrap_or(&entry.name).origin.clone());
        // A new tag takes the old digest away, and the other way round.
        match (&entry.new_tag, &entry.digest) {
            (None, None) => {
                if let Some(suffix) = &entry.tag_suffix {
                    (tag, digest) = (tag.map(|tag| suffixed(&tag, suffix)), None);
                }
            }
            (new_tag, new_digest) => (tag, digest) = (new_tag.clone(), new_digest.clone()),
        }
        if let Some(new_name) = &entry.new_name {
            name = new_name.clone();
        }
    }
    let Some(origin) = origin else { return run.clone() };
    let mut image = join(None, Some(name), tag, digest, &origin);
    image.role = Role::Pull;
    Run { fact: run.fact, pin: moves.pin(&image), image, origin }
}

/// A tag with more behind it, each piece with its own place.
fn suffixed(tag: &Part, suffix: &Part) -> Part {
    let mut weave = Weave::with_capacity(2);
    weave.push(tag.text.len(), tag.origin.clone());
    weave.push(suffix.text.len(), suffix.origin.clone());
    Part::new(format!("{}{}", tag.text, suffix.text), Origin::woven(suffix.span(), weave))
}
