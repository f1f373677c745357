//! One thing that a change does, and where that is decided. What several objects get from one line is one change.

use crate::config::Routine;
use crate::text::{Place, Sources, Span, Str};
use std::collections::BTreeMap;

/// What people ask about, in the order in which they ask.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Topic {
    /// What could not be built on one of the sides, so that nobody can tell what the change does there.
    Broken,
    Images,
    Charts,
    Databases,
    Storage,
    Secrets,
    /// Namespaces and definitions, which take with them what is in them.
    Gone,
    Exposure,
    Rights,
    Replicas,
    Suspended,
    /// What a cluster refuses to change.
    Immutable,
    /// All else that is set.
    Settings,
}

impl Topic {
    pub const ALL: [Topic; 13] = [
        Topic::Broken,
        Topic::Images,
        Topic::Charts,
        Topic::Databases,
        Topic::Storage,
        Topic::Secrets,
        Topic::Gone,
        Topic::Exposure,
        Topic::Rights,
        Topic::Replicas,
        Topic::Suspended,
        Topic::Immutable,
        Topic::Settings,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Topic::Broken => "broken",
            Topic::Images => "images",
            Topic::Charts => "charts",
            Topic::Databases => "databases",
            Topic::Storage => "storage",
            Topic::Secrets => "secrets",
            Topic::Gone => "gone",
            Topic::Exposure => "exposure",
            Topic::Rights => "rights",
            Topic::Replicas => "replicas",
            Topic::Suspended => "suspended",
            Topic::Immutable => "immutable",
            Topic::Settings => "settings",
        }
    }
}

/// One of the two sides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Which {
    Before,
    After,
}

/// A place of one side.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct At {
    pub which: Which,
    pub span: Span,
}

impl At {
    pub(super) fn before(span: Span) -> At {
        At { which: Which::Before, span }
    }

    pub(super) fn after(span: Span) -> At {
        At { which: Which::After, span }
    }
}

/// A place of one side, with its line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Spot {
    pub which: Which,
    pub file: String,
    pub start: Place,
}

impl Spot {
    pub(super) fn of(sources: &Sources, at: At) -> Spot {
        let start = sources.places(at.span).0;
        Spot { which: at.which, file: sources.name(at.span.source).to_owned(), start }
    }
}

/// One object of one cluster that a change reaches; an empty name where no cluster is known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Reached {
    pub object: Str,
    pub cluster: Str,
}

/// The objects that come, change and go; those that roll change in nothing that anybody wrote of them.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Touched {
    pub added: Vec<Reached>,
    pub changed: Vec<Reached>,
    pub removed: Vec<Reached>,
    pub rolled: Vec<Reached>,
}

/// One thing that a change does, with the bytes that decide it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) topic: Topic,
    /// What happens, in a word: `changed`, `moved`, `removed`.
    pub(super) what: &'static str,
    /// To what: an image, a chart, an object. Nothing where the sentence says all.
    pub(super) subject: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) notes: Vec<&'static str>,
    /// What all has to be routine for this to be; nothing where it never is.
    pub(super) habits: Vec<Routine>,
    pub(super) is_routine: bool,
    pub(super) at: Option<At>,
    pub(super) reaches: Vec<Reached>,
    /// A whole reference, where the topic is images: what runs then.
    pub(super) reference: Option<String>,
}

impl Found {
    pub(super) fn new(topic: Topic, what: &'static str, subject: impl Into<String>) -> Found {
        Found {
            topic,
            what,
            subject: subject.into(),
            before: None,
            after: None,
            notes: Vec::new(),
            habits: Vec::new(),
            is_routine: false,
            at: None,
            reaches: Vec::new(),
            reference: None,
        }
    }

    pub(super) fn from(self, before: impl Into<String>) -> Found {
        Found { before: Some(before.into()), ..self }
    }

    pub(super) fn to(self, after: impl Into<String>) -> Found {
        Found { after: Some(after.into()), ..self }
    }

    /// Says what has to be routine for this to be.
    pub(super) fn habit(mut self, habit: Routine) -> Found {
        self.habits.push(habit);
        self
    }

    pub(super) fn note(mut self, note: &'static str) -> Found {
        self.notes.push(note);
        self
    }

    pub(super) fn at(self, at: At) -> Found {
        Found { at: Some(at), ..self }
    }

    pub(super) fn reaching(mut self, object: impl Into<Str>, cluster: impl Into<Str>) -> Found {
        self.reaches.push(Reached { object: object.into(), cluster: cluster.into() });
        self
    }

    pub(super) fn settle(self, spot: &dyn Fn(At) -> Spot) -> Change {
        let Found {
            topic,
            what,
            subject,
            before,
            after,
            notes,
            habits: _,
            is_routine,
            at,
            reaches,
            reference,
        } = self;
        let at = at.map(spot);
        Change { topic, what, subject, before, after, notes, is_routine, at, reaches, reference }
    }
}

/// One thing that a change does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    pub topic: Topic,
    pub what: &'static str,
    pub subject: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub notes: Vec<&'static str>,
    /// Nobody needs to look at it twice.
    pub is_routine: bool,
    pub at: Option<Spot>,
    pub reaches: Vec<Reached>,
    pub reference: Option<String>,
}

impl Change {
    /// That a file is another one by which the repository says how it is judged.
    pub fn of_judging(file: &str) -> Change {
        Change {
            topic: Topic::Settings,
            what: "changed",
            subject: format!("{file}: how this repository is judged"),
            before: None,
            after: None,
            notes: Vec::new(),
            is_routine: false,
            at: None,
            reaches: Vec::new(),
            reference: None,
        }
    }

    /// `ghcr.io/acme/web 1.4.0 → 1.5.0 (digest follows)`
    pub fn says(&self) -> String {
        let values = match (&self.before, &self.after) {
            (Some(before), Some(after)) => format!("{before} → {after}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => String::new(),
        };
        // A name is followed by its version, an object by what becomes of it.
        let is_name = matches!(self.topic, Topic::Images | Topic::Charts);
        let between = if values.is_empty() || self.subject.is_empty() {
            ""
        } else if is_name {
            " "
        } else {
            ": "
        };
        let notes =
            if self.notes.is_empty() { String::new() } else { format!(" ({})", self.notes.join(", ")) };
        format!("{}{between}{values}{notes}", self.subject)
    }
}

/// The clusters among what is reached, each once.
pub fn clusters<'r>(reached: impl Iterator<Item = &'r Reached>) -> Vec<&'r str> {
    let named = reached.map(|one| one.cluster.as_str()).filter(|name| !name.is_empty());
    let mut names: Vec<&str> = named.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The objects among what is reached, each once; a kind is not said twice in a row.
pub fn objects<'r>(reached: impl Iterator<Item = &'r Reached>) -> Vec<&'r str> {
    let mut names: Vec<&str> = reached.map(|one| one.object.as_str()).collect();
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    names.dedup();
    let mut last = "";
    let short = names.iter().map(|name| {
        let (kind, rest) = name.split_once('/').unwrap_or(("", name));
        let is_same = !kind.is_empty() && kind == last;
        last = kind;
        if is_same { rest } else { name }
    });
    short.collect()
}

/// What may break something, or cannot be taken back.
pub(super) const ALARMING: [&str; 12] = [
    "after",
    "backwards",
    "major",
    "moved",
    "on",
    "plain",
    "refused",
    "removed",
    "replaced",
    "shrinks",
    "stopped",
    "unpinned",
];

/// Puts together what is decided at one place for several objects, and sorts: by topic, what is not routine first. `file` names
/// the file of a place: by its number it may be behind others on one side.
pub(super) fn together<'s>(
    found: Vec<Found>,
    routine: &[Routine],
    file: &dyn Fn(At) -> &'s str,
) -> Vec<Found> {
    type Key<'s> = (
        Topic,
        bool,
        bool,
        &'static str,
        Option<(Which, &'s str, Span)>,
        String,
        Option<String>,
        Option<String>,
        Vec<&'static str>,
    );
    let mut by: BTreeMap<Key<'s>, Found> = BTreeMap::new();
    for mut one in found {
        one.is_routine = !one.habits.is_empty() && one.habits.iter().all(|habit| routine.contains(habit));
        let key = (
            one.topic,
            one.is_routine,
            !ALARMING.contains(&one.what),
            one.what,
            one.at.map(|at| (at.which, file(at), at.span)),
            one.subject.clone(),
            one.before.clone(),
            one.after.clone(),
            one.notes.clone(),
        );
        match by.entry(key) {
            std::collections::btree_map::Entry::Vacant(entry) => _ = entry.insert(one),
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                entry.get_mut().reaches.extend(one.reaches);
            }
        }
    }
    let mut out: Vec<Found> = by.into_values().collect();
    for one in &mut out {
        one.reaches.sort();
        one.reaches.dedup();
    }
    out
}
