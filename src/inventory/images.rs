//! The rows of the image inventory: one per distinct image, with every place that decides it and all who use it.

use super::{Gap, Spot};
use crate::facts::{Affected, Doubt, Fact, Image, Pin, Role};
use crate::finding::Report;
use crate::join::Joined;
use crate::redact::Spans;
use crate::text::Hole;
use std::collections::{BTreeMap, BTreeSet};

/// All images of a repository.
#[derive(Clone, Debug, Default)]
pub struct ImageStock {
    pub rows: Vec<ImageRow>,
    /// References that are there and could not be read at all.
    pub unread: usize,
    /// What else was not read.
    pub gaps: Vec<Gap>,
}

/// One image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImageRow {
    /// The full name that a runtime resolves, with tag and digest; the text as it stands if it is no reference.
    pub reference: String,
    /// Nothing where only a chart knows the name.
    pub registry: Option<String>,
    pub repository: Option<String>,
    pub tag: Option<String>,
    pub digest: Option<String>,
    pub pin: Pin,
    /// Where it is decided: the first place, and the others.
    pub place: Spot,
    pub also: Vec<Spot>,
    /// The objects that run it, by name.
    pub used_by: Vec<String>,
    /// The same, each as its cluster gets it.
    pub objects: Vec<Affected>,
    /// Whether something delivers one of them, or nothing tells.
    pub delivered: bool,
    pub format: &'static str,
    /// What one must know to read the row right; empty for most.
    pub note: String,
    /// Every part of it is known to the last letter.
    pub known: bool,
}

impl ImageRow {
    /// What runs comes first, and what has no name of its own last.
    pub(super) fn order(&self) -> impl Ord {
        (
            !self.delivered,
            self.repository.is_none(),
            self.reference.clone(),
            self.pin.name(),
            self.place.clone(),
        )
    }

    /// Why nobody knows how it is pinned, where a hole decides that.
    pub fn reason(&self) -> Option<&str> {
        (self.pin == Pin::Unknown && !self.note.is_empty()).then_some(self.note.as_str())
    }

    /// The rung of the ladder as the inventory calls it.
    pub fn word(&self) -> &'static str {
        match self.pin {
            Pin::Pinned | Pin::DigestOnly => "digest",
            Pin::Build | Pin::Tag | Pin::MayMove => "tag",
            Pin::Moving => "moving",
            Pin::Latest => "latest",
            Pin::Untagged => "none",
            Pin::Open | Pin::Placeholder | Pin::PlaceholderDigest | Pin::Malformed | Pin::Unknown => {
                "unknown"
            }
        }
    }
}

/// The words of [`ImageRow::word`], best first.
pub const WORDS: [&str; 6] = ["digest", "tag", "moving", "latest", "none", "unknown"];

impl ImageStock {
    /// Gathers the images that `wants` takes by the name of a file that decides them.
    pub fn of(report: &Report, joined: &Joined, wants: impl Fn(&str) -> bool) -> ImageStock {
        let secrets = Spans::of(&report.findings, &report.facts, &report.sources);
        let mut groups: BTreeMap<(bool, String, &str), Group> = BTreeMap::new();
        for (fact, pin) in joined.running(&report.facts) {
            let mut reference = reference(&fact.says);
            let is_covered = secrets.touches(fact.origin.span());
            if is_covered {
                "(covered: a secret stands here)".clone_into(&mut reference);
            }
            // What is known of a secret is nothing to tell.
            let pin = if is_covered { Pin::Unknown } else { pin };
            // Tags of charts' images are alike without being one image: only their owner tells them apart.
            let whose = if fact.says.repository.is_some() { String::new() } else { fact.owner.label() };
            // They come last.
            let key = (fact.says.repository.is_none(), reference + "\0" + &whose, pin.name());
            let group = groups.entry(key).or_default();
            group.runs.push((Spot::of_origin(&report.sources, &fact.origin), pin, fact));
        }
        let rows = groups.into_iter().map(|((_, key, _), group)| {
            let reference = key.split('\0').next().unwrap_or_default().to_owned();
            group.row(reference)
        });
        let is_wanted = |row: &ImageRow| row.also.iter().chain([&row.place]).any(|spot| wants(&spot.file));
        let mut rows: Vec<ImageRow> = rows.filter(is_wanted).collect();
        rows.sort_by(|a, b| a.order().cmp(&b.order()));
        ImageStock { rows, unread: unread(report, &wants), gaps: Gap::all(report) }
    }

    /// Keeps the images whose word is one of these.
    #[must_use]
    pub fn only(mut self, words: &[&str]) -> ImageStock {
        self.rows.retain(|row| words.contains(&row.word()));
        self
    }
}

/// Everything that makes one row.
#[derive(Default)]
struct Group<'a> {
    runs: Vec<(Spot, Pin, &'a Fact<Image>)>,
}

impl Group<'_> {
    fn row(mut self, reference: String) -> ImageRow {
        // What runs speaks for a row.
        self.runs.sort_by(|a, b| (is_off(a.2), &a.0).cmp(&(is_off(b.2), &b.0)));
        let spots: BTreeSet<Spot> = self.runs.iter().map(|(spot, ..)| spot.clone()).collect();
        let objects: BTreeSet<Affected> =
            self.runs.iter().flat_map(|(spot, _, fact)| users(fact, spot)).collect();
        let used_by: BTreeSet<String> =
            objects.iter().map(|one| one.object.to_string()).filter(|name| !name.is_empty()).collect();
        let (place, pin, fact) = &self.runs[0];
        let image = &fact.says;
        let text = |part: &Option<crate::text::Part>| part.as_ref().map(|part| part.text.to_string());
        let name = image.repository.as_ref().map(|_| image.canonical());
        let (registry, repository) = match name.as_deref().and_then(|name| name.split_once('/')) {
            _ if is_open(image) => (None, text(&image.repository)),
            Some((registry, repository)) => (Some(registry.to_owned()), Some(repository.to_owned())),
            None => (None, None),
        };
        let is_covered = reference.starts_with('(');
        ImageRow {
            registry: registry.filter(|_| !is_covered),
            repository: repository.filter(|_| !is_covered),
            tag: text(&image.tag).filter(|_| !is_covered),
            digest: text(&image.digest).filter(|_| !is_covered),
            reference,
            pin: *pin,
            place: place.clone(),
            also: spots.into_iter().filter(|spot| spot != place).collect(),
            used_by: used_by.into_iter().collect(),
            delivered: objects.iter().any(|one| one.delivered) && self.runs.iter().any(|run| !is_off(run.2)),
            objects: objects.into_iter().collect(),
            format: fact.owner.format,
            note: note(*pin, fact),
            known: !image.unknown,
        }
    }
}

/// `docker.io/library/nginx:1.27@sha256:…`; the text as it stands if it names no repository or is no reference.
fn reference(image: &Image) -> String {
    if image.repository.is_none() || image.fault.is_some() || is_open(image) {
        return image.text.to_string();
    }
    let mut out = image.canonical();
    for (sign, part) in [(':', &image.tag), ('@', &image.digest)] {
        if let Some(part) = part {
            out.push(sign);
            out.push_str(&part.text);
        }
    }
    out
}

/// Whether nobody here knows the registry: a chart may put one before the name, or a variable or template action at its
/// beginning may well hold it.
fn is_open(image: &Image) -> bool {
    if image.short {
        return true;
    }
    let repository = image.repository.as_ref().filter(|_| image.registry.is_none());
    repository.is_some_and(|part| part.holes().first().is_some_and(|(hole, _)| hole.start == 0))
}

/// Who runs it; what has no name goes by its folder.
fn users(fact: &Fact<Image>, spot: &Spot) -> Vec<Affected> {
    let mut users = fact.owner.affected();
    for user in users.iter_mut().filter(|user| user.object.is_empty()) {
        user.object = spot.file.rsplit_once('/').map_or(&*spot.file, |(folder, _)| folder).into();
    }
    users
}

/// Whether nothing runs it: it is switched off, or no object of its chart has it.
fn is_off(fact: &Fact<Image>) -> bool {
    fact.owner.scene.as_ref().is_some_and(|scene| scene.doubt == Some(Doubt::Unused))
}

fn note(pin: Pin, fact: &Fact<Image>) -> String {
    match (fact.says.role, pin) {
        _ if is_off(fact) => "nothing runs it: it is switched off or unused".into(),
        (_, Pin::PlaceholderDigest) => "the digest is a placeholder: no runtime would pull it".into(),
        (_, Pin::Placeholder) => "a placeholder: somebody is to replace it".into(),
        (_, Pin::MayMove) if fact.says.role == Role::Pull => "the tag may move".into(),
        (_, Pin::Malformed) => match &fact.says.fault {
            Some(fault) => format!("no runtime would pull it: it {}", fault.says),
            None => "no runtime would pull it".into(),
        },
        (Role::TagOnly, _) => "only the tag is set here; the name is the chart's".into(),
        (Role::ChartDecides, _) => "the chart decides the tag".into(),
        (Role::Override, Pin::Open) => "only the name is set here".into(),
        (_, Pin::Unknown) => fact.says.hole().map_or_else(String::new, Hole::says),
        (Role::Command, _) => "a command pulls it".into(),
        _ => String::new(),
    }
}

/// The places where an image stands that no row tells of.
fn unread(report: &Report, wants: impl Fn(&str) -> bool) -> usize {
    let told: BTreeSet<_> = report.facts.images.iter().map(|fact| fact.origin.span()).collect();
    let images = report.facts.unread.iter().filter(|unread| unread.what == "image");
    images.filter(|unread| !told.contains(&unread.at) && wants(report.sources.name(unread.at.source))).count()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::facts::parse_reference;
    use crate::text::{Origin, Part, Place, Reason, SourceId, Span};

    /// A row for a reference that is written out in full, with what is between `‹` and `›` as a hole.
    pub(in crate::inventory) fn row(reference: &str, pin: Pin) -> ImageRow {
        let hole =
            reference.find('‹').zip(reference.find('›')).map(|(open, close)| open..close - '‹'.len_utf8());
        let holes: Vec<_> = hole.map(|range| (range, Hole::new(Reason::Variable, "X"))).into_iter().collect();
        let reference = &reference.replace(['‹', '›'], "");
        let whole = Part::new(reference, Origin::spelled(Span::new(SourceId(0), 0, 0))).with_holes(&holes);
        let image = parse_reference(&whole);
        let text = |part: &Option<Part>| part.as_ref().map(|part| part.text.to_string());
        ImageRow {
            reference: reference.to_owned(),
            registry: text(&image.registry),
            repository: text(&image.repository),
            tag: text(&image.tag),
            digest: text(&image.digest),
            pin,
            place: Spot { file: "apps/web.yaml".into(), start: Place { line: 4, column: 9 }, inner: None },
            also: Vec::new(),
            used_by: vec!["Deployment/media/web".into()],
            objects: Vec::new(),
            delivered: true,
            format: "kubernetes",
            note: String::new(),
            known: !image.unknown,
        }
    }
}
