//! One tag, two digests; one digest, two tags.

use super::super::{Case, Page};
use crate::facts::{Fact, Image, Pin, Shape};
use crate::finding::Finding;
use crate::text::Span;
use std::collections::BTreeMap;

/// Images by their name and one part of the pin, then by the other part.
type Groups<'a> = BTreeMap<(String, &'a str), BTreeMap<&'a str, Vec<&'a Fact<Image>>>>;

pub(super) fn check(case: &Case, page: &Page) -> Vec<Finding> {
    let moves = case.book.moves(case.config);
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
        if moves.shape(&fact.says, &tag.text) == Shape::Version {
            by_digest.entry((name, &digest.text)).or_default().entry(&tag.text).or_default().push(fact);
        }
    }
    let mut out = Vec::new();
    for ((name, tag), groups) in &by_tag {
        let says = |fact: &Fact<Image>, usual: &Fact<Image>| {
            let other = short(usual);
            format!(
                "`{name}:{tag}` is `{}` here and `{other}` elsewhere: two images go by one name",
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
                "`{name}` has the same digest under `{}` here and `{}` elsewhere: two versions by name are one image",
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

/// How many other places are shown.
const SHOWN: usize = 3;

type Place<'a> = &'a dyn Fn(&Fact<Image>) -> Option<crate::text::Origin>;

/// Reports every group but the usual one, with places of that one beside it: the one with most places that are delivered,
/// then the largest, then the first.
fn odd_ones(
    case: &Case,
    page: &Page,
    groups: &BTreeMap<&str, Vec<&Fact<Image>>>,
    says: &dyn Fn(&Fact<Image>, &Fact<Image>) -> String,
    place: Place,
    out: &mut Vec<Finding>,
) {
    let Some((usual_key, usual)) =
        groups.iter().max_by_key(|(key, group)| (delivered(group), group.len(), std::cmp::Reverse(**key)))
    else {
        return;
    };
    for (_, group) in groups.iter().filter(|(key, _)| *key != usual_key) {
        for fact in group {
            let Some(origin) = place(fact) else { continue };
            let finding = case.finding(page, fact, origin, says(fact, usual[0]));
            out.push(Finding { beside: others(usual, usual_key, place), ..finding });
        }
    }
}

/// How many of these a cluster gets, as far as anybody can tell.
fn delivered(group: &[&Fact<Image>]) -> usize {
    group.iter().filter(|fact| fact.owner.scene.as_ref().is_none_or(|scene| scene.live)).count()
}

/// The first places of the usual one, each once.
fn others(usual: &[&Fact<Image>], key: &str, place: Place) -> Vec<(Span, String)> {
    let mut spans: Vec<Span> =
        usual.iter().filter_map(|fact| place(fact)).map(|origin| origin.span()).collect();
    spans.sort();
    spans.dedup();
    let (says, left) = (first_digits(key), spans.len().saturating_sub(SHOWN));
    let mut out: Vec<(Span, String)> =
        spans.into_iter().take(SHOWN).map(|span| (span, format!("`{says}` here"))).collect();
    if let Some((_, last)) = out.last_mut().filter(|_| left > 0) {
        last.push_str(&format!(" and in {left} more"));
    }
    out
}

/// The first digits of a digest; a tag as it is.
fn first_digits(text: &str) -> &str {
    let is_digest = text.starts_with("sha256:");
    text.get(.."sha256:".len() + 8).filter(|_| is_digest).unwrap_or(text)
}

fn short(fact: &Fact<Image>) -> &str {
    fact.says.digest.as_ref().map_or("", |digest| first_digits(&digest.text))
}
