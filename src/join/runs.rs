//! What runs in the end: each image after the overrides of the builds that load it. Judges nothing but the pin.

use super::live::{Fate, Live};
use crate::facts::{Fact, Facts, Image, Moves, Override, Pin, Role, join};
use crate::text::{Origin, Part, SourceId, Span};
use std::collections::{BTreeMap, BTreeSet};

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
pub(super) fn runs(facts: &Facts, live: &Live, moves: &Moves, fates: &[Fate]) -> Vec<Run> {
    let mut roads: BTreeMap<SourceId, Vec<Vec<(usize, usize)>>> = BTreeMap::new();
    let mut used: BTreeSet<Span> = BTreeSet::new();
    let mut out = Vec::new();
    for (index, (fact, fate)) in facts.images.iter().zip(fates).enumerate() {
        if matches!(fact.says.role, Role::Built | Role::Watched | Role::Override) {
            continue;
        }
        let as_written =
            Run { fact: index, image: fact.says.clone(), pin: fate.pin, origin: fact.origin.clone() };
        if fact.owner.format != "kubernetes" {
            out.push(as_written);
            continue;
        }
        let roads = roads.entry(fact.owner.source).or_insert_with(|| {
            let mut roads: Vec<_> =
                live.roads(fact.owner.source).iter().map(|road| live.overrides(road)).collect();
            roads.sort();
            roads.dedup();
            roads
        });
        let mut outcomes: Vec<Run> = Vec::new();
        for road in roads.iter() {
            let entries = road.iter().map(|&(overlay, image)| &live.overlays[overlay].says.images[image]);
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
        if entry.name.text != name.text {
            continue;
        }
        used.insert(entry.whole().span());
        let sets = entry.new_tag.as_ref().or(entry.digest.as_ref()).or(entry.new_name.as_ref());
        origin = Some(sets.unwrap_or(&entry.name).origin.clone());
        // A new tag takes the old digest away, and the other way round.
        match (&entry.new_tag, &entry.digest) {
            (None, None) => {}
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
