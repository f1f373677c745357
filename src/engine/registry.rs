//! The images that registries are asked for, and what they answer.

use super::job::Job;
use crate::facts::{Answers, Facts, Pinned};
use crate::finding::Problem;
use crate::join::Joined;
use crate::text::{Sources, Span};
use std::collections::BTreeMap;

/// The kind of the problem that nobody knows what a registry has.
const UNKNOWN: &str = "registry";

/// Asks for every pinned image once. What nobody knows is a problem at the first place of the image, and never a finding.
pub(super) fn answers(
    job: &Job,
    (facts, joined): (&Facts, &Joined),
    sources: &Sources,
    problems: &mut Vec<Problem>,
) -> Answers {
    let Some(registry) = job.registry else { return Answers::default() };
    let mut places: BTreeMap<Pinned, Span> = BTreeMap::new();
    for (fact, pin) in joined.images(facts).chain(joined.commands(facts)) {
        let Some(pinned) = Pinned::of(&fact.says, pin) else { continue };
        let digest = fact.says.digest.as_ref().map_or(&fact.origin, |digest| &digest.origin);
        let at = digest.span();
        if job.scope.names(sources.name(at.source)) {
            let first = places.entry(pinned).or_insert(at);
            *first = at.min(*first);
        }
    }
    let asked: Vec<Pinned> = places.keys().cloned().collect();
    let mut out = Answers::default();
    for ((pinned, at), answer) in places.into_iter().zip(registry.ask(&asked)) {
        let Some(answer) = answer else { continue };
        if let Err(why) = &answer {
            problems.push(Problem::blind(UNKNOWN, format!("{}: {why}", pinned.shown()), Some(at)));
        }
        out.insert(pinned, answer);
    }
    out
}
