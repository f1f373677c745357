//! One tag, two digests; one digest, two tags.

use super::super::{Case, Page};
use crate::facts::{Fact, Image, Pin, Shape};
use crate::finding::Finding;
use std::collections::BTreeMap;

/// Images by their name and one part of the pin, then by the other part.
type Groups<'a> = BTreeMap<(String, &'a str), BTreeMap<&'a str, Vec<&'a Fact<Image>>>>;

pub(super) fn check(case: &Case, page: &Page) -> Vec<Finding> {
    let mut by_tag = Groups::new();
    let mut by_digest = Groups::new();
    for (fact, _) in case.joined.images(case.facts).filter(|(_, pin)| *pin == Pin::Pinned) {
        let (Some(tag), Some(digest)) = (&fact.says.tag, &fact.says.digest) else { continue };
        // A tag without its repository says nothing of which image it is.
        if fact.says.repository.is_none() || fact.says.unknown {
            continue;
        }
        let name = fact.says.canonical();
        by_tag.entry((name.clone(), &tag.text)).or_default().entry(&digest.text).or_default().push(fact);
        // `3`, `3.24` and `latest` may well be one image; two full versions may not.
        if case.book.moves().shape(&fact.says, &tag.text) == Shape::Version {
            by_digest.entry((name, &digest.text)).or_default().entry(&tag.text).or_default().push(fact);
        }
    }
    let mut out = Vec::new();
    for ((name, tag), groups) in &by_tag {
        let says = |fact: &Fact<Image>, usual: &Fact<Image>| {
            let other = short(usual);
            format!(
                "`{name}:{tag}` is `{}` here and `{other}` elsewhere: one of them is not what the tag says",
                short(fact)
            )
        };
        odd_ones(
            case,
            page,
            groups,
            &says,
            &|fact| fact.says.digest.as_ref().map(|part| part.origin.clone()),
            &mut out,
        );
    }
    for ((name, _), groups) in &by_digest {
        let says = |fact: &Fact<Image>, usual: &Fact<Image>| {
            let tag =
                |fact: &Fact<Image>| fact.says.tag.as_ref().map_or(String::new(), |tag| tag.text.to_string());
            format!(
                "`{name}` has the same digest under `{}` here and `{}` elsewhere: one tag is stale",
                tag(fact),
                tag(usual)
            )
        };
        odd_ones(
            case,
            page,
            groups,
            &says,
            &|fact| fact.says.tag.as_ref().map(|part| part.origin.clone()),
            &mut out,
        );
    }
    out
}

type Place<'a> = &'a dyn Fn(&Fact<Image>) -> Option<crate::text::Origin>;

/// Reports every group but the largest (the first, of equals), with a place of the largest beside it.
fn odd_ones(
    case: &Case,
    page: &Page,
    groups: &BTreeMap<&str, Vec<&Fact<Image>>>,
    says: &dyn Fn(&Fact<Image>, &Fact<Image>) -> String,
    place: Place,
    out: &mut Vec<Finding>,
) {
    let Some((usual_key, usual)) =
        groups.iter().max_by_key(|(key, group)| (group.len(), std::cmp::Reverse(**key)))
    else {
        return;
    };
    for (_, group) in groups.iter().filter(|(key, _)| *key != usual_key) {
        for fact in group {
            let Some(origin) = place(fact) else { continue };
            // The other place is no part of this one's road: who touches it has not touched this.
            out.push(case.finding(page, fact, origin, says(fact, usual[0])));
        }
    }
}

/// The first digits of a digest.
fn short(fact: &Fact<Image>) -> String {
    fact.says
        .digest
        .as_ref()
        .map_or(String::new(), |digest| digest.text.chars().take("sha256:".len() + 8).collect())
}
