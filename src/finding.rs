//! What a run says: findings, problems and their report. Plain data; no stage's logic lives here.

use crate::facts::Facts;
pub use crate::facts::{Precision, Why};
use crate::text::{Edit, Origin, SourceId, Sources, Span, Str};
use std::collections::BTreeMap;

/// How bad a finding is. `Off` is for rules that only run when somebody asks for them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Severity {
    #[default]
    Off,
    Note,
    Warning,
    Error,
}

impl Severity {
    pub const ALL: [Severity; 4] = [Severity::Off, Severity::Note, Severity::Warning, Severity::Error];

    pub fn name(self) -> &'static str {
        match self {
            Severity::Off => "off",
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }

    pub fn parse(name: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|severity| severity.name() == name)
    }
}

/// One thing that is wrong, at one place.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's id, which is the name of its page.
    pub rule: Str,
    pub severity: Severity,
    pub precision: Precision,
    /// What is wrong, with the value in it; never the value of a secret.
    pub says: String,
    pub origin: Origin,
    /// Other places that belong to the story: the class, the claim, the override.
    pub also: Vec<(Span, String)>,
    /// The text under the span is a secret and is never shown.
    pub masked: bool,
    pub fix: Option<Fix>,
    pub status: Status,
    /// Stable across moved lines; given by the judge.
    pub fingerprint: String,
    /// What it was before the file of the object took part in it: baselines may hold that.
    pub former: Option<String>,
    /// The object that is affected, for the fingerprint: `kind/namespace/name` as written, and the path inside.
    pub owner: String,
    pub path: String,
    /// The file that the affected object is written in, if that is not the one that decides: two files may hold objects of
    /// one name.
    pub home: Option<SourceId>,
    /// The clusters that get the object, as people call them.
    pub environments: Vec<Str>,
    /// Other objects that the same place decides for. Findings are about one object each; only what is shown speaks
    /// for several.
    pub others: Vec<String>,
    /// Whether something delivers the object, as far as anybody can tell.
    pub delivered: bool,
}

impl Finding {
    /// Takes in another finding of the same rule and place.
    pub fn absorb(&mut self, other: &Finding) {
        self.severity = self.severity.max(other.severity);
        self.delivered |= other.delivered;
        // One line may decide for several: each keeps its sentence, at the first place of its own road.
        let sentence = (other.says != self.says).then_some(&other.says);
        for (at, (span, says)) in other.also.iter().enumerate() {
            let says = sentence.filter(|_| at == 0).unwrap_or(says);
            if !self.also.iter().any(|(known, said)| known == span && said == says) {
                self.also.push((*span, says.clone()));
            }
        }
        for name in &other.environments {
            if !self.environments.contains(name) {
                self.environments.push(name.clone());
            }
        }
        self.environments.sort();
    }
}

/// Judged, never dropped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Status {
    Live,
    /// An inline comment or an entry of the configuration allows it; the span is that comment or entry.
    Suppressed(Span, String),
    Baselined,
    OutOfDiff,
}

impl Status {
    pub fn name(&self) -> &'static str {
        match self {
            Status::Live => "live",
            Status::Suppressed(..) => "suppressed",
            Status::Baselined => "baselined",
            Status::OutOfDiff => "out-of-diff",
        }
    }
}

/// How far a fix may be trusted; the order is the order of trust.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Safety {
    ShowOnly,
    Unsafe,
    Safe,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    pub title: String,
    pub safety: Safety,
    pub edits: Vec<Edit>,
}

/// Something that kept pintle from looking: bad syntax, a missing base, a file it cannot decode.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    /// A stable name: `yaml-syntax`, `yaml-duplicate-key`, `not-followed`, `unreadable`, `internal` …
    pub kind: &'static str,
    pub says: String,
    pub at: Option<Span>,
    pub weight: Weight,
}

/// What a problem means for the run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Weight {
    /// Worth knowing; the file was read.
    Note,
    /// Something was not read that should have been.
    Blind,
    /// A bug in pintle or a broken configuration: the run cannot be trusted, exit code 2.
    Fatal,
}

impl Problem {
    pub fn note(kind: &'static str, says: impl Into<String>, at: Span) -> Problem {
        Problem { kind, says: says.into(), at: Some(at), weight: Weight::Note }
    }

    pub fn blind(kind: &'static str, says: impl Into<String>, at: Option<Span>) -> Problem {
        Problem { kind, says: says.into(), at, weight: Weight::Blind }
    }

    pub fn fatal(kind: &'static str, says: impl Into<String>, at: Option<Span>) -> Problem {
        Problem { kind, says: says.into(), at, weight: Weight::Fatal }
    }
}

/// What was looked at and what was not.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Counts {
    pub files: usize,
    /// Files whose bytes were read.
    pub read: usize,
    /// Files that are not text.
    pub binary: usize,
    /// Files over the size limit.
    pub large: usize,
    pub bytes: u64,
    pub documents: usize,
    /// Documents that our own YAML reader declined and yaml-rust2 read.
    pub second_reader: usize,
    pub images: usize,
    /// Values that could not be read, by reason.
    pub unread: usize,
}

/// What became of the objects of a repository.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Coverage {
    /// Objects that are delivered, as clusters get them.
    pub objects: usize,
    /// The clusters that get them, as people call them.
    pub clusters: Vec<String>,
    /// How many things were not seen or are not delivered, by why.
    pub counts: BTreeMap<Why, usize>,
    /// What these numbers count, by name.
    pub unseen: Vec<Unseen>,
    /// How many are counted and not named.
    pub unnamed: usize,
}

impl Coverage {
    /// How many things there are for one of these reasons.
    pub fn count(&self, of: &[Why]) -> usize {
        of.iter().filter_map(|why| self.counts.get(why)).sum()
    }
}

/// Something that clusters may get and that was not seen, or that nothing delivers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Unseen {
    pub why: Why,
    /// `HelmRelease/media/jellyfin`
    pub subject: String,
    /// Which chart or which base it is, or why nothing delivers it.
    pub reason: String,
    pub at: Span,
}

/// Everything one run found out.
#[derive(Debug, Default)]
pub struct Report {
    pub findings: Vec<Finding>,
    pub problems: Vec<Problem>,
    pub sources: Sources,
    pub facts: Facts,
    pub counts: Counts,
    pub coverage: Coverage,
}
