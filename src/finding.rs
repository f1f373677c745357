//! What a run says: findings, problems and their report. Plain data; no stage's logic lives here.

use crate::facts::{self, Facts};
use crate::facts::{Affected, Why};
pub use crate::facts::{Doubt, Precision, Sureness};
use crate::text::{Edit, How, Origin, SourceId, Sources, Span, Str};
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
    /// The changed line that it is told at, where a change is asked about and what decides was not changed.
    pub told: Option<Span>,
    /// Other places that belong to the story: the class, the claim, the override.
    pub also: Vec<(Span, String)>,
    /// Places that are held against this one and decide nothing here: who changes them has not changed this.
    pub beside: Vec<(Span, String)>,
    /// What to do, if that depends on how this is written; else the page says it.
    pub help: Option<String>,
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
    /// The objects that it is about, as clusters get them: one object of each cluster in a finding, and of several objects
    /// where one is shown for all that the same place decides for.
    pub affected: Vec<Affected>,
    /// How many clusters get what is written there; it may hold for fewer.
    pub spread: u32,
    /// What of the sentence is around the names of the objects, if it names them.
    pub about: Option<About>,
    /// What a screen tells it together with.
    pub row: Row,
    /// Whether something delivers the object, as far as anybody can tell.
    pub delivered: bool,
    /// What makes it less sure that a cluster gets this as it is.
    pub doubt: Option<Doubt>,
}

/// What a screen tells together; data outputs hold each finding singly.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Row {
    /// Findings that say the same.
    #[default]
    Sentence,
    /// A line of a list, as the list calls it: an image.
    Line(String),
    /// One value of a credential, wherever it is; a hash that leaves no run.
    Value(u64),
    /// A key of a Secret, which is told whole.
    Key { object: String, key: String, sure: Sureness },
}

/// A sentence without the objects that it names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct About {
    pub before: String,
    pub after: String,
}

/// What is said of what may be otherwise.
fn said_of(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::Unseen => " (what is not seen here may change this)",
        Doubt::Sample => " (a sample: whoever takes it may change this)",
        Doubt::Tilt => " (Tilt applies this, for development)",
        Doubt::AmongTests => " (kept for tests)",
        Doubt::Skipped => " (only a build that asks for this stage pulls it)",
        Doubt::Unasked => " (no build that was found here makes this stage)",
        Doubt::Applied => " (only a test applies this)",
        Doubt::Test => " (only a test of the chart uses this)",
        Doubt::Unused => " (no rendered object uses this: it is switched off or unused)",
    }
}

impl Finding {
    /// Where it is told: at the place that decides, or at the changed line that makes that place decide.
    pub fn place(&self) -> Span {
        self.told.unwrap_or(self.origin.span())
    }

    /// The clusters for which it holds, as people call them.
    pub fn environments(&self) -> Vec<Str> {
        facts::clusters(&self.affected)
    }

    /// The clusters, where there are others that get the object and for which it does not hold.
    pub fn only_in(&self) -> Option<String> {
        let names = self.environments();
        let is_part = !names.is_empty() && names.len() < self.spread as usize;
        is_part.then(|| facts::listed(names.iter().map(Str::as_str).collect()))
    }

    /// What is said behind the sentence where it is less sure that a cluster gets this. What a file is kept for comes first:
    /// programs of tests and people deliver such files, though no build does.
    pub fn reserve(&self) -> &'static str {
        match (self.delivered, self.doubt) {
            (_, Some(doubt @ (Doubt::Sample | Doubt::Tilt | Doubt::AmongTests | Doubt::Applied))) => {
                said_of(doubt)
            }
            (false, _) => " (no build here delivers this)",
            (true, Some(doubt)) => said_of(doubt),
            (true, None) => "",
        }
    }

    /// Whether only a test has what it is about.
    pub fn is_for_test(&self) -> bool {
        matches!(self.doubt, Some(Doubt::AmongTests | Doubt::Applied | Doubt::Test))
    }

    /// Names in the sentence whom it is about by now.
    pub fn tell(&mut self) {
        let Some(About { before, after }) = &self.about else { return };
        let place = self.only_in().map_or(String::new(), |names| format!(" in {names}"));
        let end = self.reserve();
        let objects = facts::objects(&self.affected);
        let is_one = self.affected.windows(2).all(|pair| pair[0].object == pair[1].object);
        // Before a verb for one thing.
        let each = if before.is_empty() && !is_one { "each of " } else { "" };
        self.says = format!("{before}{each}{objects}{place}{after}{end}");
    }

    /// Takes in another finding of the same rule and place. Who has taken in the last one tells it anew.
    pub fn absorb(&mut self, other: &Finding) {
        self.severity = self.severity.max(other.severity);
        let is_surer = match (self.delivered, other.delivered) {
            (false, true) => true,
            (true, false) => false,
            _ => other.doubt < self.doubt,
        };
        if is_surer {
            (self.delivered, self.doubt, self.says) = (other.delivered, other.doubt, other.says.clone());
        }
        // One line may decide for several: each keeps its sentence, at the first place of its own road, unless it is the
        // same one with another name in it.
        let is_same = other.says == self.says || self.about.is_some() && other.about == self.about;
        // The value that lost decides nothing there.
        let own = other.also.iter().position(|(_, says)| says != How::Over.says());
        for (at, (span, says)) in other.also.iter().enumerate() {
            let says = if Some(at) == own && !is_same { &other.says } else { says };
            if !self.also.iter().any(|(known, said)| known == span && (said == says || is_same)) {
                self.also.push((*span, says.clone()));
            }
        }
        self.affected.extend(other.affected.iter().cloned());
        self.affected.sort();
        self.affected.dedup();
        self.spread = self.spread.max(other.spread);
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
    /// Somebody should see to it; the file was read.
    Caution,
    /// Something makes no sense that should, or is more than is followed: what is in it was not judged.
    Unread,
    /// A file could not be read: it is damaged, too large, forbidden, or would take too much.
    Blind,
    /// A bug in pintle or a broken configuration: the run cannot be trusted, exit code 2.
    Fatal,
}

impl Weight {
    /// How bad that is, where findings are told with it.
    pub fn severity(self) -> Severity {
        match self {
            Weight::Note => Severity::Note,
            Weight::Caution | Weight::Unread => Severity::Warning,
            Weight::Blind | Weight::Fatal => Severity::Error,
        }
    }

    /// Whether something was not read that should have been.
    pub fn is_unread(self) -> bool {
        matches!(self, Weight::Unread | Weight::Blind)
    }
}

impl Problem {
    pub fn note(kind: &'static str, says: impl Into<String>, at: Span) -> Problem {
        Problem { kind, says: says.into(), at: Some(at), weight: Weight::Note }
    }

    pub fn caution(kind: &'static str, says: impl Into<String>, at: Option<Span>) -> Problem {
        Problem { kind, says: says.into(), at, weight: Weight::Caution }
    }

    pub fn unread(kind: &'static str, says: impl Into<String>, at: Option<Span>) -> Problem {
        Problem { kind, says: says.into(), at, weight: Weight::Unread }
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
    /// Different images that run, and those of them that have a digest.
    pub runs: usize,
    pub pinned: usize,
    /// Values that could not be read, by reason.
    pub unread: usize,
}

/// What became of the objects of a repository.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Coverage {
    /// Objects that are delivered, as clusters get them.
    pub objects: usize,
    /// Charts that nothing takes, and that are rendered as their defaults have it.
    pub defaults: usize,
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

/// A file of which no format was asked, or a folder of such files.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LeftOut {
    pub why: Left,
    /// As it is below the root; a folder ends with `/`.
    pub name: String,
}

/// Why a file was left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Left {
    /// It is an archive, and archives are read only where that is asked for.
    Archive,
    /// It is no text.
    Binary,
    /// What a test expects: it was read for secrets alone.
    Expected,
    /// The configuration excludes it.
    Excluded,
    /// An ignore file names it, and git does not track it.
    Ignored,
    /// Links are not followed.
    Link,
    /// It is what a linter said, in SARIF.
    Sarif,
    /// It is a FIFO, a socket or a device.
    Special,
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
    /// Sorted.
    pub left_out: Vec<LeftOut>,
}
