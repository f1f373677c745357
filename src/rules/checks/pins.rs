//! Tags and digests that stand side by side and are not of one image, as `pintle.lock` has it.

use super::super::{Case, Page};
use super::drift::first_digits;
use crate::facts::{Fact, Image, Pin, is_other_release};
use crate::finding::{Finding, Severity};
use crate::lock::Kind;

/// A tag that was raised while its digest stayed: the digest decides, so that nothing has changed.
pub(super) fn inert(case: &Case, page: &Page) -> Vec<Finding> {
    let pinned = case.joined.images(case.facts).filter(|(_, pin)| *pin == Pin::Pinned);
    pinned.filter_map(|(fact, _)| inert_one(case, page, fact)).collect()
}

fn inert_one(case: &Case, page: &Page, fact: &Fact<Image>) -> Option<Finding> {
    let image = &fact.says;
    let (tag, digest) = (image.tag.as_ref()?, image.digest.as_ref()?);
    if image.repository.is_none() || image.unknown || image.short {
        return None;
    }
    let name = image.canonical();
    let own = case.lock.entry(Kind::Image, &format!("{name}:{}", tag.text));
    if own.is_some_and(|own| own.digest == digest.text) {
        return None;
    }
    let others =
        case.lock.tags(&name).filter(|(other, entry)| *other != tag.text && entry.digest == digest.text);
    let (is_raised, other) = others
        .map(|(other, _)| (is_other_release(other, &tag.text), other))
        // A tag may be another name of the same image, unless the lock says what it is.
        .filter(|(is_raised, _)| *is_raised || own.is_some())
        .max_by_key(|(is_raised, other)| (*is_raised, std::cmp::Reverse(*other)))?;
    let says = match own {
        None => {
            format!("this is the digest of `{other}` in pintle.lock: `{other}` runs, whatever the tag says")
        }
        Some(own) => format!(
            "this is the digest of `{other}` in pintle.lock, where `{}` is `{}`: `{other}` runs, whatever the tag says",
            tag.text,
            first_digits(&own.digest),
        ),
    };
    let severity = if is_raised { page.severity } else { page.severity.min(Severity::Warning) };
    let beside = vec![(tag.origin.span(), "this tag has no effect".to_owned())];
    let finding = case.finding(page, fact, digest.origin.clone(), says);
    Some(Finding { severity, beside, ..finding })
}
