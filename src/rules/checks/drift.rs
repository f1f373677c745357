//! One tag, two digests; one digest, two tags.

use super::super::{Case, Page};
use crate::facts::{Fact, Image, Pin, Shape};
use crate::finding::{Finding, Severity};
use crate::lock::Kind;
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
        let says = |fact: &Fact<Image>, others: &[&str]| {
            let (here, others) = (short(fact), list(others));
            let many = count(groups.len());
            format!("`{name}:{tag}` is `{here}` here and {others} elsewhere: {many} images go by one name")
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
        let says = |fact: &Fact<Image>, others: &[&str]| {
            let here = fact.says.tag.as_ref().map_or("", |tag| &tag.text);
            let (others, many) = (list(others), count(groups.len()));
            format!(
                "`{name}` has the same digest under `{here}` here and {others} elsewhere: {many} versions by name are one image"
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
    let is_release = |fact: &&&Fact<Image>, tag: &str| {
        matches!(moves.shape(&fact.says, tag), Shape::Version | Shape::Build)
    };
    for ((name, tag), groups) in &by_tag {
        out.extend(unlike_lock(case, page, (name, tag), groups, &|fact| is_release(fact, tag)));
    }
    out
}

/// The places whose digest is not that of the lock, if the tag is meant to be one image for ever. Whoever raised a digest may
/// keep no lock, so that this is a note. A digest that the lock has for another tag is told by
/// `image-tag-inert`.
fn unlike_lock(
    case: &Case,
    page: &Page,
    (name, tag): (&str, &str),
    groups: &BTreeMap<&str, Vec<&Fact<Image>>>,
    is_release: &dyn Fn(&&&Fact<Image>) -> bool,
) -> Vec<Finding> {
    let Some(known) = case.lock.entry(Kind::Image, &format!("{name}:{tag}")) else { return Vec::new() };
    let mut out = Vec::new();
    for (digest, group) in groups.iter().filter(|(digest, _)| **digest != known.digest) {
        if case.lock.tags(name).any(|(_, entry)| entry.digest == **digest) {
            continue;
        }
        let (here, there) = (first_digits(digest), first_digits(&known.digest));
        let says = format!(
            "`{name}:{tag}` is `{here}` here and `{there}` in pintle.lock: one of them is out of date"
        );
        for fact in group.iter().filter(is_release) {
            let Some(digest) = &fact.says.digest else { continue };
            let finding = case.finding(page, fact, digest.origin.clone(), says.clone());
            let help = "`pintle pin --update` asks what the tag is today".to_owned();
            out.push(Finding { severity: page.severity.min(Severity::Note), help: Some(help), ..finding });
        }
    }
    out
}

/// How many other places are shown.
const SHOWN: usize = 3;

type Place<'a> = &'a dyn Fn(&Fact<Image>) -> Option<crate::text::Origin>;

/// Reports every group but the usual one, with places of the others beside it. The usual one is the one with most places that are delivered,
/// then the largest, then the first.
fn odd_ones(
    case: &Case,
    page: &Page,
    groups: &BTreeMap<&str, Vec<&Fact<Image>>>,
    says: &dyn Fn(&Fact<Image>, &[&str]) -> String,
    place: Place,
    out: &mut Vec<Finding>,
) {
    let Some((usual_key, usual)) =
        groups.iter().max_by_key(|(key, group)| (delivered(group), group.len(), std::cmp::Reverse(**key)))
    else {
        return;
    };
    for (own, group) in groups.iter().filter(|(key, _)| *key != usual_key) {
        // The usual one first, then all that are neither.
        let odd = groups.iter().filter(|(key, _)| *key != usual_key && *key != own);
        let others: Vec<_> = std::iter::once((usual_key, usual)).chain(odd).collect();
        let names: Vec<&str> = others.iter().map(|(key, _)| first_digits(key)).collect();
        let beside: Vec<_> = others.iter().flat_map(|(key, group)| places(group, key, place)).collect();
        for fact in group {
            let Some(origin) = place(fact) else { continue };
            let finding = case.finding(page, fact, origin, says(fact, &names));
            out.push(Finding { beside: beside.clone(), ..finding });
        }
    }
}

/// How many of these a cluster gets, as far as anybody can tell.
fn delivered(group: &[&Fact<Image>]) -> usize {
    group.iter().filter(|fact| fact.owner.scene.as_ref().is_none_or(|scene| scene.live)).count()
}

/// The first places of a group, each once.
fn places(group: &[&Fact<Image>], key: &str, place: Place) -> Vec<(Span, String)> {
    let mut spans: Vec<Span> =
        group.iter().filter_map(|fact| place(fact)).map(|origin| origin.span()).collect();
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

/// `a`, `b` and `c`
fn list(names: &[&str]) -> String {
    match names {
        [first, .., last] if names.len() > 2 => {
            let between = names[1..names.len() - 1].iter().map(|name| format!(", `{name}`"));
            format!("`{first}`{} and `{last}`", between.collect::<String>())
        }
        names => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and "),
    }
}

fn count(many: usize) -> String {
    match many {
        2 => "two".into(),
        3 => "three".into(),
        many => many.to_string(),
    }
}

/// The first digits of a digest; a tag as it is.
pub(super) fn first_digits(text: &str) -> &str {
    let is_digest = text.starts_with("sha256:");
    text.get(.."sha256:".len() + 8).filter(|_| is_digest).unwrap_or(text)
}

fn short(fact: &Fact<Image>) -> &str {
    fact.says.digest.as_ref().map_or("", |digest| first_digits(&digest.text))
}
