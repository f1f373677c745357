//! What a rule may look at: the merged facts, what was joined over them, and the configuration.

use super::page::{self, Page};
use super::secrets::{row_of, rule_of, severity, told};
use super::{Book, Condition};
use crate::config::Config;
use crate::facts::{Answers, Ask, Fact, Facts, Judged};
use crate::finding::{About, Finding, Precision, Row, Severity, Status};
use crate::join::{Earlier, Joined};
use crate::lock::Lock;
use crate::text::{Origin, Span, Str};

/// Everything a rule sees.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    pub facts: &'a Facts,
    pub joined: &'a Joined,
    /// What the revision had that this one is held against; nothing if there is no such revision.
    pub before: &'a Earlier,
    /// What registries said before.
    pub lock: &'a Lock,
    /// What registries say today; nothing if nobody asked.
    pub answers: &'a Answers,
    pub config: &'a Config,
    pub book: &'a Book,
}

impl Case<'_> {
    /// Runs the conditions of a page over every fact of the kind it is about.
    pub(super) fn ask(&self, page: &Page) -> Vec<Finding> {
        match page.about.as_str() {
            "image" => {
                let judged = self.joined.images(self.facts).filter_map(|(fact, pin)| {
                    let format = fact.owner.format;
                    let judged = Judged { image: &fact.says, pin, origin: &fact.origin, format };
                    self.weigh(page, fact, &judged)
                });
                judged.collect()
            }
            "chart" => self.weigh_all(page, &self.facts.charts),
            "action" => self.weigh_all(page, &self.facts.actions),
            "stage" => self.weigh_all(page, &self.facts.stages),
            "recipe" => self.weigh_all(page, &self.facts.recipes),
            "letter" => self.weigh_all(page, &self.facts.letters),
            "obstacle" => self.weigh_all(page, &self.facts.obstacles),
            "secret" => {
                let own = self.facts.secrets.iter().filter(|fact| rule_of(&fact.says) == page.id);
                own.filter_map(|fact| {
                    let mut finding = self.weigh(page, fact, fact)?;
                    finding.masked = true;
                    finding.precision = fact.says.evidence.precision();
                    finding.severity = severity(finding.severity, &fact.says);
                    finding.says.push_str(&told(&fact.says));
                    finding.row = row_of(fact);
                    Some(finding)
                })
                .collect()
            }
            _ => Vec::new(),
        }
    }

    fn weigh_all<T>(&self, page: &Page, facts: &[Fact<T>]) -> Vec<Finding>
    where
        Fact<T>: Ask,
    {
        facts.iter().filter_map(|fact| self.weigh(page, fact, fact)).collect()
    }

    fn weigh<T>(&self, page: &Page, fact: &Fact<T>, ask: &dyn AskDyn) -> Option<Finding> {
        let all = |list: &[Condition]| {
            list.iter().all(|condition| condition.test.holds(ask.field(&condition.field).as_deref()))
        };
        if !all(&page.when) {
            return None;
        }
        let pointed = page.point.iter().find(|field| ask.place(field).is_some());
        let origin = match pointed.and_then(|field| Some((field, ask.place(field)?))) {
            Some((field, origin)) if matches!(field.as_str(), "tag" | "placeholder") => {
                &origin.pointed(ask.field(field).as_deref().unwrap_or_default())
            }
            Some((_, origin)) => origin,
            None => &fact.origin,
        };
        let fill = |says: &str| page::fill(says, &|field| ask.field(field));
        let unnamed = page.says_unnamed.as_ref().filter(|_| ask.field("repository").is_none());
        let mut finding = match unnamed.and_then(|says| says.split_once(page::OWNER_SLOT)) {
            Some((before, after)) => self.about(page, fact, origin.clone(), (&fill(before), &fill(after))),
            None => self.finding(page, fact, origin.clone(), fill(&page.says)),
        };
        // What the sentence ends with has a place of its own.
        if let Some(policy) = ask.place("keeps").filter(|_| page.says.contains("{keeps}")) {
            finding.also.push((policy.span(), "nodes keep what they have".to_owned()));
        }
        let holds = |list: &[Condition]| !list.is_empty() && all(list);
        let severity = match page.severity {
            _ if holds(&page.note_when) => Severity::Note,
            severity => severity,
        };
        // A tag alone is many images'.
        let row = match unnamed {
            Some(_) if !page.row.is_empty() => format!("{} of {}", fill(&page.row), fact.owner.label()),
            _ => fill(&page.row),
        };
        let row = if row.is_empty() { Row::Sentence } else { Row::Line(row) };
        let written = ask.field("written");
        let help = written.and_then(|written| page.help_for(&written)).map(|help| fill(help));
        Some(Finding { severity, row, help, ..finding })
    }

    /// A finding whose sentence names the object, between these two pieces of it.
    pub(super) fn about<T>(
        &self,
        page: &Page,
        fact: &Fact<T>,
        origin: Origin,
        (before, after): (&str, &str),
    ) -> Finding {
        let about = About { before: before.to_owned(), after: after.to_owned() };
        let mut finding = Finding { about: Some(about), ..self.finding(page, fact, origin, String::new()) };
        finding.tell();
        finding
    }

    /// A finding of this page at `origin`, owned as the fact is.
    pub(super) fn finding<T>(&self, page: &Page, fact: &Fact<T>, origin: Origin, says: String) -> Finding {
        Finding {
            rule: page.id.clone(),
            severity: page.severity,
            precision: Precision::High,
            says,
            also: road(&origin),
            masked: false,
            fix: None,
            status: Status::Live,
            fingerprint: String::new(),
            former: None,
            told: None,
            beside: Vec::new(),
            help: None,
            home: Some(fact.owner.source).filter(|file| *file != origin.span().source),
            owner: fact.owner.written_label(),
            path: fact.path.to_string(),
            affected: fact.owner.affected(),
            spread: fact.owner.scene.as_ref().map_or(0, |scene| scene.spread),
            row: Row::Sentence,
            about: None,
            delivered: fact.owner.scene.as_ref().is_none_or(|scene| scene.live),
            doubt: fact.owner.scene.as_ref().and_then(|scene| scene.doubt),
            origin,
        }
    }
}

/// The places by which a value came, each once.
fn road(origin: &Origin) -> Vec<(Span, String)> {
    let mut out = Vec::new();
    for (how, at) in origin.road() {
        let step = (at, how.says().to_string());
        if !out.contains(&step) {
            out.push(step);
        }
    }
    out
}

/// [`Ask`] without its constants, so that one function serves every kind of fact.
pub(super) trait AskDyn {
    fn field(&self, name: &str) -> Option<Str>;
    fn place(&self, name: &str) -> Option<&Origin>;
}

impl<T: Ask> AskDyn for T {
    fn field(&self, name: &str) -> Option<Str> {
        Ask::field(self, name)
    }

    fn place(&self, name: &str) -> Option<&Origin> {
        Ask::place(self, name)
    }
}
