//! What was done: what each name was before, and what it is now.

use super::ask::Told;
use super::plan::{Plan, kind};
use crate::cli::mend::Mended;
use crate::cli::work::now;
use crate::emit::pins::{Before, Pin, Pins, Spot};
use crate::fix::{Left, digests};
use crate::lock::Kind;
use crate::text::Date;
use std::collections::BTreeMap;

const DAY: i64 = 86_400;

pub(super) fn outcome(
    plan: &Plan,
    told: &Told,
    mended: Option<&Mended>,
    left: BTreeMap<Left, Vec<Spot>>,
) -> Pins {
    let mut pins: BTreeMap<(String, String, Option<Before>), BTreeMap<String, usize>> = BTreeMap::new();
    if let Some((before, after)) = mended.map(Mended::reports) {
        let (had, has) = (digests(&before.facts, &before.sources), digests(&after.facts, &after.sources));
        let is_less =
            |key| has.get(key).map_or(0, |spans| spans.len()) < had.get(key).map_or(0, |spans| spans.len());
        for (key, spans) in &has {
            let more = spans.len().saturating_sub(had.get(key).map_or(0, |spans| spans.len()));
            let (source, name, digest) = key;
            if more == 0 {
                continue;
            }
            let is_old =
                |old: &str| old == name || plan.raised.get(old).is_some_and(|tag| is_tagged(old, name, tag));
            let old = had.keys().find(|old| old.0 == *source && is_old(&old.1) && is_less(*old));
            let from = match old {
                Some((_, old, digest)) => Some(Before { tag: tag_of(old), digest: Some(digest.clone()) }),
                None => plan
                    .raised
                    .iter()
                    .find(|(old, tag)| is_tagged(old, name, tag))
                    .map(|(old, _)| Before { tag: tag_of(old), digest: None }),
            };
            let files = pins.entry((name.clone(), digest.clone(), from)).or_default();
            *files.entry(before.sources.name(*source).to_owned()).or_default() += more;
        }
    }
    let pin =
        |((reference, digest, from), files): ((String, String, Option<Before>), BTreeMap<String, usize>)| {
            let created = told.created.get(&reference).copied();
            Pin {
                kind: if kind(&reference) == Kind::Action { "action" } else { "image" },
                name: name_of(&reference),
                tag: tag_of(&reference),
                digest,
                from,
                created: created.map(|created| Date::from_days(created.div_euclid(DAY))),
                age: created.zip(now()).map(|(created, now)| now - created),
                files: files.into_iter().collect(),
            }
        };
    Pins {
        pins: pins.into_iter().map(pin).collect(),
        held: told.held.clone().into_iter().collect(),
        left: left.into_iter().map(|(why, places)| (why.says(), places)).collect(),
        missing: told.missed.iter().map(|(name, why)| (name.clone(), why.says())).collect(),
        locked: plan.lock.len(),
    }
}

/// Whether a name is another one with this tag.
fn is_tagged(old: &str, name: &str, tag: &str) -> bool {
    let sign = if kind(old) == Kind::Action { '@' } else { ':' };
    name.strip_suffix(tag).and_then(|rest| rest.strip_suffix(sign)) == Some(&name_of(old))
}

fn name_of(reference: &str) -> String {
    let sign = if kind(reference) == Kind::Action { '@' } else { ':' };
    reference.rsplit_once(sign).map_or(reference, |(name, _)| name).to_owned()
}

fn tag_of(reference: &str) -> String {
    let sign = if kind(reference) == Kind::Action { '@' } else { ':' };
    reference.rsplit_once(sign).map_or("", |(_, tag)| tag).to_owned()
}
