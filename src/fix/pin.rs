//! Digests into files: where the digest of each image would be written, and why it cannot be where it cannot.
//!
//! The file that decides is edited, so that tag and digest stand side by side and move together. What several images take
//! their tag from has no place for one digest.

use super::actions;
use super::wish::{LATEST, Left, Pulled, Slot, Wish};
use crate::facts::{Fact, Facts, Image, Role};
use crate::lock::Kind;
use crate::syntax::{Node, yaml};
use crate::text::{How, Part, SourceId, Sources, Span};
use std::collections::{BTreeMap, BTreeSet};

/// The places that decide of images without a digest, each once, in the order of the files. Their texts are to be kept by
/// then: see [`places`].
pub fn wishes(facts: &Facts, sources: &Sources) -> Vec<Wish> {
    let mut trees = Trees { sources, read: BTreeMap::new() };
    let mut out = Vec::new();
    for (at, images) in by_place(facts) {
        let kind = Kind::Image;
        let wish = |name: &str, tag: &str, way| {
            let is_all = tag.len() == at.range().len() && images.iter().all(|fact| fact.says.tag.is_some());
            Wish { kind, at, tag_at: is_all.then_some(at), name: name.into(), tag: tag.into(), way }
        };
        let (first, tag) = (&images[0].says, tag_of(&images[0].says));
        let references: BTreeSet<(String, &str)> =
            images.iter().filter_map(|fact| Some((name_of(fact)?, tag_of(&fact.says)))).collect();
        let way = match references.iter().next() {
            _ if images.iter().any(|fact| fact.says.unknown) => Err(Left::Unknown),
            _ if references.len() > 1 || images.iter().any(|fact| fact.says.shares_tag) => Err(Left::Shared),
            _ if images.iter().any(|fact| fact.says.feeds.is_some()) => Err(Left::Variable),
            _ if images.iter().all(|fact| fact.says.role == Role::Command) => Err(Left::Command),
            _ if images.iter().any(|fact| fact.says.has_setter()) => Err(Left::Setter),
            None => Err(Left::Chart),
            Some(_) => trees.slot(at, &images),
        };
        let (name, tag) = references.first().map_or((first.bare(), tag), |(name, tag)| (name.clone(), *tag));
        out.push(wish(&name, tag, way));
    }
    let nowhere = facts.images.iter().filter(|fact| lacks_digest(&fact.says) && place(&fact.says).is_none());
    let unwritten = nowhere.map(|fact| Wish {
        kind: Kind::Image,
        at: fact.origin.span(),
        tag_at: None,
        name: name_of(fact).unwrap_or_else(|| fact.says.bare()),
        tag: tag_of(&fact.says).into(),
        way: Err(if fact.says.unknown { Left::Unknown } else { Left::Unwritten }),
    });
    out.extend(unwritten);
    out.extend(actions::wishes(facts, sources));
    out.sort_by(|a, b| (a.at, &a.name).cmp(&(b.at, &b.name)));
    out.dedup();
    out
}

/// The places that have a digest beside a tag, each once: the digest is what would be written anew.
pub fn pinned(facts: &Facts, sources: &Sources) -> Vec<Wish> {
    let mut out: BTreeMap<Span, Wish> = BTreeMap::new();
    let mut torn: BTreeSet<Span> = BTreeSet::new();
    let mut takers: BTreeMap<Span, BTreeSet<Option<Span>>> = BTreeMap::new();
    for image in facts.images.iter().map(|fact| &fact.says) {
        if let Some(tag) = image.tag.as_ref().and_then(|tag| tag.origin.editable()) {
            let digest = image.digest.as_ref().map(|digest| digest.origin.span());
            takers.entry(tag).or_default().insert(digest.filter(|_| !image.has_setter()));
        }
    }
    for fact in facts.images.iter().filter(|fact| fact.says.fault.is_none() && fact.says.rival.is_none()) {
        let (Some(tag), Some(digest), Some(name)) = (&fact.says.tag, &fact.says.digest, name_of(fact)) else {
            continue;
        };
        let pieces = digest.origin.pieces(digest.text.len());
        let Some(at) = pieces.last().and_then(|(_, piece)| piece.editable()) else { continue };
        let bare = at.range().len() == 64;
        if !bare && at.range().len() != digest.text.len() {
            continue;
        }
        let way = Ok(Slot::Into { at, before: "", after: "", bare });
        // Both are written in one file or not at all, and nobody else may take the tag.
        let tag_at = tag.origin.editable().filter(|span| {
            let own = BTreeSet::from([Some(digest.origin.span())]);
            span.source == at.source && span.range().len() == tag.text.len() && takers.get(span) == Some(&own)
        });
        let wish = Wish { kind: Kind::Image, at, tag_at, name, tag: tag.text.to_string(), way };
        match out.get(&at) {
            Some(known) if *known != wish => _ = torn.insert(at),
            _ => _ = out.insert(at, wish),
        }
    }
    let images = out.into_values().filter(|wish| !torn.contains(&wish.at));
    images.chain(actions::pinned(facts, sources)).collect()
}

/// Each image without its digest, and the file that decides its tag.
pub fn pulled(facts: &Facts) -> BTreeSet<(Pulled, SourceId)> {
    let images = facts.images.iter().map(|fact| {
        let at = place(&fact.says).unwrap_or_else(|| fact.origin.span());
        let name = format!("{}:{}", fact.says.canonical(), tag_of(&fact.says));
        ((fact.owner.written_label(), fact.path.to_string(), name), at.source)
    });
    images.chain(actions::used(facts)).collect()
}

/// How many places of each file give an image this digest.
pub fn digests(facts: &Facts, sources: &Sources) -> BTreeMap<(SourceId, String, String), BTreeSet<Span>> {
    let mut out: BTreeMap<(SourceId, String, String), BTreeSet<Span>> = BTreeMap::new();
    for fact in &facts.images {
        if let (Some(at), Some(digest), Some(name)) = (place(&fact.says), &fact.says.digest, name_of(fact)) {
            let name = format!("{name}:{}", tag_of(&fact.says));
            out.entry((at.source, name, digest.text.to_string())).or_default().insert(at);
        }
    }
    for (at, name, commit) in actions::commits(facts, sources) {
        out.entry((at.source, name, commit)).or_default().insert(at);
    }
    out
}

/// The places that [`wishes`] looks at.
pub fn places(facts: &Facts) -> Vec<Span> {
    by_place(facts).into_keys().chain(actions::places(facts)).collect()
}

fn by_place(facts: &Facts) -> BTreeMap<Span, Vec<&Fact<Image>>> {
    let mut out: BTreeMap<Span, Vec<&Fact<Image>>> = BTreeMap::new();
    for fact in facts.images.iter().filter(|fact| lacks_digest(&fact.says)) {
        if let Some(at) = place(&fact.says) {
            out.entry(at).or_default().push(fact);
        }
    }
    out
}

fn lacks_digest(image: &Image) -> bool {
    let is_named = image.tag.is_some() || image.role == Role::Pull && image.repository.is_some();
    let is_pulled = !matches!(image.role, Role::Built | Role::Watched | Role::ChartDecides);
    image.digest.is_none() && image.fault.is_none() && is_named && is_pulled
}

fn tag_of(image: &Image) -> &str {
    image.tag.as_ref().map_or(LATEST, |tag| tag.text.as_str())
}

/// What a registry calls it, if that is known: what puts a registry before a short name may be a chart.
fn name_of(fact: &Fact<Image>) -> Option<String> {
    let image = &fact.says;
    (image.repository.is_some() && !image.short && !image.unknown).then(|| image.canonical())
}

/// The bytes behind which a digest would stand.
fn place(image: &Image) -> Option<Span> {
    let part = image.tag.as_ref().or(image.repository.as_ref())?;
    part.origin.editable().or_else(|| {
        let pieces = part.origin.pieces(part.text.len());
        pieces.last().and_then(|(_, piece)| piece.editable())
    })
}

/// The trees of files that were asked for.
struct Trees<'a> {
    sources: &'a Sources,
    read: BTreeMap<SourceId, Vec<Node>>,
}

impl Trees<'_> {
    fn slot(&mut self, at: Span, images: &[&Fact<Image>]) -> Result<Slot, Left> {
        let name = self.sources.name(at.source).to_owned();
        let base = name.rsplit('/').next().unwrap_or(&name);
        let pulled = images.iter().filter(|fact| matches!(fact.says.role, Role::Pull | Role::Command));
        let is_behind_its_name = pulled.clone().any(|fact| stands_behind_its_name(&fact.says, at));
        if images.iter().any(|fact| fact.says.tag.is_none()) {
            return Ok(Slot::BehindName);
        }
        if is_behind_its_name {
            return Ok(Slot::Behind);
        }
        if base == "Chart.yaml" {
            return Err(Left::Application);
        }
        let text = self.sources.get(at.source).text();
        let Some((map, key)) = self.entry(at, text) else { return Err(Left::Variable) };
        if key == "newTag" {
            return Ok(beside(at, text));
        }
        for (name, bare) in [("digest", false), ("sha", true)] {
            if let Some(value) = map.get(name) {
                return into(value, bare, text).ok_or(Left::Unseen);
            }
        }
        let is_image = ["repository", "image", "name", "repo"].iter().any(|key| map.get(key).is_some());
        match () {
            () if !is_image && !key.eq_ignore_ascii_case("tag") => Err(Left::Variable),
            () if images.iter().any(|fact| is_rendered(fact, at)) => Ok(Slot::Behind),
            () if images.iter().any(|fact| is_of_app_template(&fact.path)) => Ok(Slot::Behind),
            () => Err(Left::Unseen),
        }
    }

    /// The map that holds the value at `at`, and the key under which it does.
    fn entry(&mut self, at: Span, text: &str) -> Option<(Node, String)> {
        let trees = self.read.entry(at.source).or_insert_with(|| {
            yaml::read(at.source, text).documents.into_iter().map(|document| document.root).collect()
        });
        trees.iter().find_map(|root| entry_in(root, at))
    }
}

fn entry_in(root: &Node, at: Span) -> Option<(Node, String)> {
    let mut found = None;
    root.walk(&mut |_, node| {
        let range = node.span().range();
        if found.is_some() || range.end < at.start as usize || range.start > at.end as usize {
            return false;
        }
        found = node
            .entries()
            .iter()
            .find(|(_, value)| value.span().range() == at.range())
            .and_then(|(key, _)| Some((node.clone(), key.text()?.to_owned())));
        // A text of several lines may be YAML of its own.
        if let (None, Some(text)) = (&found, node.text().filter(|text| text.contains('\n'))) {
            let inner = yaml::read_embedded(text, &node.origin).documents;
            found = inner.iter().find_map(|document| entry_in(&document.root, at));
        }
        found.is_none()
    });
    found
}

/// Whether the tag follows its name in the text, so that both are one word of the file.
fn stands_behind_its_name(image: &Image, at: Span) -> bool {
    let end = |part: &Part| {
        let pieces = part.origin.pieces(part.text.len());
        pieces.last().and_then(|(_, piece)| piece.editable())
    };
    let start = |part: &Part| {
        let pieces = part.origin.pieces(part.text.len());
        pieces.first().and_then(|(_, piece)| piece.editable())
    };
    let (Some(name), Some(tag)) = (&image.repository, &image.tag) else { return false };
    let (Some(name), Some(first)) = (end(name), start(tag)) else { return false };
    // The last piece of the tag is in the same word if the first one is, or is all of it.
    let follows = name.source == first.source && name.end + 1 == first.start;
    follows && first.source == at.source && (first == at || tag.origin.editable().is_some())
}

/// Whether a chart at hand made an object of the value, joined with its name by a colon.
fn is_rendered(fact: &Fact<Image>, at: Span) -> bool {
    let is_templated = |part: &Part| part.origin.road().any(|(how, _)| how == How::Template);
    let is_woven = |part: &Part| {
        part.origin.pieces(part.text.len()).iter().any(|(_, piece)| piece.editable() == Some(at))
    };
    fact.says.role == Role::Pull
        && fact.says.tag.as_ref().is_some_and(|tag| is_woven(tag) || is_templated(tag))
        && fact.owner.source != at.source
}

/// Values of app-template, which joins name and tag by a colon.
fn is_of_app_template(path: &str) -> bool {
    path.split_once("controllers").is_some_and(|(_, rest)| rest.to_ascii_lowercase().contains("containers"))
}

/// Into the value of a key that is there and empty.
fn into(value: &Node, bare: bool, text: &str) -> Option<Slot> {
    let at = value.span();
    let written = text.get(at.range())?;
    let quoted = |quote: char| {
        let before = text[..at.start as usize].ends_with(quote);
        written.is_empty() && before && text[at.end as usize..].starts_with(quote)
    };
    let (before, after) = match written {
        "" if quoted('"') || quoted('\'') => ("", ""),
        "\"\"" => ("\"", "\""),
        "''" => ("'", "'"),
        "null" | "~" => ("", ""),
        "" if text[..at.start as usize].ends_with(':') => (" ", ""),
        "" if text[..at.start as usize].ends_with(": ") => ("", ""),
        _ => return None,
    };
    Some(Slot::Into { at, before, after, bare })
}

/// An entry beside the tag: on the next line, as far in as its key, or in the same map between braces.
fn beside(at: Span, text: &str) -> Slot {
    let (start, end) = (at.start as usize, at.end as usize);
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line..start];
    let key = before.rfind("newTag").unwrap_or(0);
    let is_block = before[..key].bytes().all(|byte| matches!(byte, b' ' | b'-'));
    let quote = text[end..].starts_with(['"', '\'']);
    let behind = end + usize::from(quote);
    let source = at.source;
    match is_block {
        true => {
            let rest = &text[behind..];
            let stop = behind + rest.find('\n').unwrap_or(rest.len());
            let stop = stop - usize::from(text[..stop].ends_with('\r'));
            let newline = if text[stop..].starts_with('\r') { "\r\n" } else { "\n" };
            let before = format!("{newline}{}", " ".repeat(key));
            Slot::Beside { at: Span::new(source, stop, stop), before }
        }
        false => Slot::Beside { at: Span::new(source, behind, behind), before: ", ".into() },
    }
}
