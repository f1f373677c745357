//! What `pintle init` infers of a repository: what is here, for the head of the configuration, and what pintle cannot know
//! of tags and classes but by what they did and by what made them.

use super::tags::{Past, habits};
use super::work::Bench;
use crate::config::Given;
use crate::facts::{Image, SealState, Shape, Standing};
use crate::finding::Report;
use crate::join::Joined;
use std::collections::{BTreeMap, BTreeSet};

/// What was seen, in lines, and what to write.
#[derive(Debug, Default)]
pub(super) struct FirstLook {
    pub(super) seen: Vec<String>,
    pub(super) given: Vec<Given>,
}

/// Words in the name of a provisioner or of a class that say that its data is on one node.
const LOCAL: [&str; 5] = ["local", "hostpath", "host-path", "lvm", "node"];

/// So many tags are named as the reason.
const NAMED: usize = 5;

/// The images whose past is asked for, as files write them, and those files.
pub(super) fn asked(report: &Report) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let images = report.facts.images.iter().filter(|fact| fact.says.tag.is_some() && !fact.says.unknown);
    let named = images.filter_map(|fact| {
        let name = written(&fact.says)?;
        Some((report.sources.name(fact.origin.span().source), name))
    });
    named.unzip()
}

/// The name of an image as a file writes it before the tag.
fn written(image: &Image) -> Option<&str> {
    image.text.split('@').next()?.rsplit_once(':').map(|(name, _)| name).filter(|name| is_plain(name))
}

/// Whether it is nothing but a name, in globs and in YAML too.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'-' | b'_' | b':'))
}

impl FirstLook {
    pub(super) fn of(
        bench: &Bench,
        (report, joined): (&Report, &Joined),
        deliveries: &BTreeMap<&'static str, usize>,
        past: &Past,
    ) -> FirstLook {
        let mut look = FirstLook::default();
        look.deliveries(report, deliveries);
        look.formats(report);
        look.sealed(report);
        look.tags(bench, report, past);
        look.classes(report, joined);
        look
    }

    fn deliveries(&mut self, report: &Report, deliveries: &BTreeMap<&'static str, usize>) {
        if deliveries.is_empty() {
            return;
        }
        let told: Vec<String> = deliveries.iter().map(|(kind, number)| several(*number, kind)).collect();
        let clusters = match report.coverage.clusters.as_slice() {
            [] => String::new(),
            [only] => format!(", for the cluster {only}"),
            several => format!(", for the clusters {}", several.join(", ")),
        };
        self.seen.push(format!("{}{clusters}", told.join(", ")));
    }

    fn formats(&mut self, report: &Report) {
        let mut files: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
        for fact in &report.facts.images {
            files.entry(fact.owner.format).or_default().insert(fact.origin.span().source.0);
        }
        let all: BTreeSet<&u32> = files.values().flatten().collect();
        if !all.is_empty() {
            let told: Vec<String> =
                files.iter().map(|(format, files)| format!("{format} {}", files.len())).collect();
            self.seen.push(format!("images in {}: {}", several(all.len(), "file"), told.join(", ")));
        }
    }

    fn sealed(&mut self, report: &Report) {
        let all = &report.facts.sealings;
        let wrong = all.iter().filter(|fact| fact.says.state() != SealState::Encrypted).count();
        let besides = match wrong {
            0 => String::new(),
            1 => ", and 1 is not as it should be: `pintle secrets --sealed`".to_owned(),
            _ => format!(", and {wrong} are not as they should be: `pintle secrets --sealed`"),
        };
        if !all.is_empty() {
            let are = if all.len() == 1 { "is" } else { "are" };
            self.seen
                .push(format!("{} that {are} meant to be encrypted{besides}", several(all.len(), "file")));
        }
    }

    /// Tags of which pintle says otherwise than their past does.
    fn tags(&mut self, bench: &Bench, report: &Report, past: &Past) {
        let moves = bench.book.moves(&bench.config);
        let mut known: BTreeSet<String> = BTreeSet::new();
        for fact in &report.facts.images {
            let Some(files) = written(&fact.says).and_then(|name| past.get(name)) else { continue };
            let name = fact.says.canonical();
            if !is_plain(&name) || !known.insert(name.clone()) {
                continue;
            }
            for habit in habits(files) {
                let shapes = habit.tags.iter().map(|tag| moves.shape(&fact.says, tag));
                let is_news = match habit.moves {
                    true => !shapes.clone().any(|shape| matches!(shape, Shape::Moving | Shape::Latest)),
                    false => shapes.clone().all(|shape| shape == Shape::MayMove),
                };
                if !is_news {
                    continue;
                }
                let first = habit.tags.len().saturating_sub(NAMED);
                let tags = habit.tags[first..].join(", ");
                let (key, why) = match (habit.moves, habit.tags.len()) {
                    (true, 1) => ("moving-tags", format!("it was seen with 2 digests: {tags}")),
                    (true, _) => ("moving-tags", format!("they were seen with 2 digests: {tags}")),
                    (false, _) => ("immutable-tags", format!("they climb, and none came back: {tags}")),
                };
                let value = format!("{{images: \"{name}\", tags: '{}'}}", habit.form);
                self.given.push(Given { table: "images", key, value, why });
            }
        }
    }

    /// Classes of which pintle does not know what makes them.
    fn classes(&mut self, report: &Report, joined: &Joined) {
        let seats = joined.seats.iter().chain(joined.holdings.iter().map(|holding| &holding.seat));
        let mut asked: BTreeSet<&str> = BTreeSet::new();
        for seat in seats.filter(|seat| seat.standing == Standing::Unknown) {
            let Some(class) = seat.class.as_ref().filter(|class| class.is_known() && is_plain(&class.text))
            else {
                continue;
            };
            if !asked.insert(&class.text) {
                continue;
            }
            let provisioner = seat.object.and_then(|at| report.facts.classes[at].says.provisioner.as_ref());
            let says_local = |text: &str| LOCAL.iter().any(|word| text.to_ascii_lowercase().contains(word));
            let name = &class.text;
            let why = match provisioner {
                Some(made) if says_local(&made.text) => {
                    let span = made.span();
                    let (at, _) = report.sources.places(span);
                    let file = report.sources.name(span.source);
                    format!("its provisioner is `{}`: {file}:{}", made.text, at.line)
                }
                None if says_local(name) => "its name says so".to_owned(),
                _ => {
                    self.seen.push(format!(
                        "nobody here says what makes the class `{name}`: does it keep copies on other nodes (replicated), or none (local)?"
                    ));
                    continue;
                }
            };
            self.given.push(Given { table: "storage", key: "local", value: format!("\"{name}\""), why });
        }
    }
}

/// `1 file`, `2 files`.
pub(super) fn several(number: usize, what: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{number} {what}{end}")
}
