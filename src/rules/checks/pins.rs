//! Tags and digests that are side by side and not of one image, as `pintle.lock` has it, or the registry.

use super::super::{Case, Page};
use super::drift::first_digits;
use crate::facts::{Image, Leads, Pin, Pinned, Role, Shape, is_other_release};
use crate::finding::{Finding, Severity};
use crate::lock::Kind;
use crate::text::Str;

const LOCK: &str = "in pintle.lock";
const REGISTRY: &str = "at the registry";

/// The tag that a digest is of, instead of the one beside it.
pub(super) struct Raised {
    /// Whether both tags are alike but for their numbers.
    is_release: bool,
    tag: Str,
    known: &'static str,
    /// Which digest the tag beside it has, and who says so.
    own: Option<(Str, &'static str)>,
}

/// A tag that the change at hand raised beside a digest that it did not: the digest decides, so that nothing has changed.
pub(super) fn bump_inert(case: &Case, page: &Page) -> Vec<Finding> {
    let images = case.joined.images(case.facts).chain(case.joined.commands(case.facts));
    images
        .filter_map(|(fact, pin)| {
            let old = bumped(case, &fact.says, pin)?;
            let (tag, digest) = (fact.says.tag.as_ref()?, fact.says.digest.as_ref()?);
            let says = format!(
                "`{old}` became `{}`, and the digest beside it stayed: `{old}` runs on, whatever the tag says",
                tag.text
            );
            let beside = vec![(digest.origin.span(), "this digest decides, and is that of before".to_owned())];
            let finding = case.finding(page, fact, tag.origin.clone(), says);
            Some(Finding { beside, ..finding })
        })
        .collect()
}

/// The tag that the digest had before the change at hand, if it was another release or another build. Nothing if somebody
/// says that the digest is that of the new one, too.
pub(super) fn bumped<'a>(case: &Case<'a>, image: &Image, pin: Pin) -> Option<&'a Str> {
    let tag = &image.tag.as_ref()?.text;
    if image.rival.is_some() || matches!(image.role, Role::Built | Role::Watched) {
        return None;
    }
    let moves = || case.book.moves(case.config);
    let is_build = |tag: &str| moves().shape(image, tag) == Shape::Build;
    let is_raised = |old: &str| is_other_release(old, tag) || is_build(old) && is_build(tag);
    let old = case.before.other_tags(image).find(|old| is_raised(old))?;
    let is_own = Pinned::of(image, pin).is_some_and(|pinned| {
        let leads = case.answers.get(&pinned).and_then(|answer| Some(&answer.as_ref().ok()?.leads));
        let locked = case.lock.entry(Kind::Image, &pinned.shown());
        leads == Some(&Leads::Here) || locked.is_some_and(|entry| entry.digest == pinned.digest)
    });
    (!is_own).then_some(old)
}

/// A tag that was raised while its digest stayed: the digest decides, so that nothing has changed. What the change at hand has
/// raised, [`bump_inert`] tells.
pub(super) fn inert(case: &Case, page: &Page) -> Vec<Finding> {
    let images = case.joined.images(case.facts).filter(|(_, pin)| *pin == Pin::Pinned);
    images
        .filter_map(|(fact, pin)| {
            let (tag, digest) = (fact.says.tag.as_ref()?, fact.says.digest.as_ref()?);
            let raised = raised(case, &Pinned::of(&fact.says, pin)?)?;
            if bumped(case, &fact.says, pin).is_some() {
                return None;
            }
            let (other, known) = (&raised.tag, raised.known);
            let own = raised.own.map_or(String::new(), |(own, by)| {
                let by = if by == known { "where".into() } else { format!("and {by}") };
                format!(", {by} `{}` is `{}`", tag.text, first_digits(&own))
            });
            let says = format!(
                "this is the digest of `{other}` {known}{own}: `{other}` runs, whatever the tag says"
            );
            let severity =
                if raised.is_release { page.severity } else { page.severity.min(Severity::Warning) };
            let beside = vec![(tag.origin.span(), "this tag has no effect".to_owned())];
            let finding = case.finding(page, fact, digest.origin.clone(), says);
            Some(Finding { severity, beside, ..finding })
        })
        .collect()
}

/// The tag that the digest is of, if it is not the one beside it. What the registry says of that counts before the lock.
pub(super) fn raised(case: &Case, pinned: &Pinned) -> Option<Raised> {
    let tag = pinned.tag.as_ref()?;
    let leads = case.answers.get(pinned).and_then(|answer| answer.as_ref().ok()).map(|served| &served.leads);
    let own = match leads {
        Some(Leads::Here) => return None,
        Some(Leads::Around(around)) if around.own.is_some() => return None,
        Some(Leads::Around(around)) => Some((around.digest.clone(), REGISTRY)),
        Some(Leads::Elsewhere(digest)) => Some((digest.clone(), REGISTRY)),
        Some(Leads::Gone | Leads::Unasked) | None => {
            let entry = case.lock.entry(Kind::Image, &pinned.shown());
            entry.map(|entry| (entry.digest.clone(), LOCK))
        }
    };
    if own.as_ref().is_some_and(|(own, _)| *own == pinned.digest) {
        return None;
    }
    let locked = case.lock.tags(&pinned.name).filter(|(_, entry)| entry.digest == pinned.digest);
    let locked = locked.map(|(other, _)| (Str::from(other), LOCK));
    let served = case.answers.iter().filter(|(other, answer)| {
        let is_own = answer.as_ref().is_ok_and(|served| served.leads == Leads::Here);
        is_own && other.name == pinned.name && other.digest == pinned.digest
    });
    let served = served.filter_map(|(other, _)| Some((other.tag.clone()?, REGISTRY)));
    let others = served.chain(locked).filter(|(other, _)| other != tag);
    // A tag may be another name of the same image, unless somebody says what it is.
    let others = others.map(|(other, known)| (is_other_release(&other, tag), other, known));
    let others = others.filter(|(is_release, ..)| *is_release || own.is_some());
    // Of equal ones the first counts, so that the registry is believed before the lock.
    let (is_release, tag, known) = others.min_by_key(|(is_release, tag, _)| (!is_release, tag.clone()))?;
    Some(Raised { is_release, tag, known, own })
}
