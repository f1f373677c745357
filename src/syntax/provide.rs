//! Who gives names their values, alike for every notation: a value with its road, a reason why it is not known, or
//! nothing. And how far that is followed: bytes, not steps, are what a short file can make many of.

use crate::finding::Problem;
use crate::limits::{MOST_ASKING, MOST_OF_FILE, MOST_OF_VALUE, MOST_ON_ROAD};
use crate::text::{How, Part, Reason, Span, Str};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// A value and how it comes to the place that uses it.
#[derive(Clone, Debug)]
pub struct Known {
    pub value: Part,
    pub how: How,
}

/// What is known of a name.
#[derive(Clone, Debug)]
pub enum Answer {
    Is(Known),
    /// Nobody here gives it a value: a default applies.
    Nothing,
    /// Somebody gives it one, and nobody here can see it: no default applies.
    Unknown(Reason),
}

impl From<Option<Known>> for Answer {
    fn from(known: Option<Known>) -> Answer {
        known.map_or(Answer::Nothing, Answer::Is)
    }
}

/// What one file may still put in, and what was refused.
#[derive(Debug)]
pub struct Budget {
    most: usize,
    used: Cell<usize>,
    refused: Cell<usize>,
    first: Cell<Option<Span>>,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget::within(MOST_OF_FILE)
    }
}

impl Budget {
    /// The budget of a file of which there are others, that have left so much.
    pub fn within(left: usize) -> Budget {
        Budget {
            most: left.min(MOST_OF_FILE),
            used: Cell::new(0),
            refused: Cell::new(0),
            first: Cell::new(None),
        }
    }

    /// How many bytes were put in.
    pub fn used(&self) -> usize {
        self.used.get()
    }

    /// Whether a value may be put in behind `before` bytes of the same text; if not, that is remembered.
    pub fn takes(&self, before: usize, value: &Part, site: Span) -> bool {
        let more = value.text.len();
        let used = self.used.get().saturating_add(more);
        let takes = before.saturating_add(more) <= MOST_OF_VALUE
            && used <= self.most
            && value.origin.steps() <= MOST_ON_ROAD;
        match takes {
            true => self.used.set(used),
            false => self.refuse(site),
        }
        takes
    }

    /// Remembers that the form at `site` was not followed.
    pub fn refuse(&self, site: Span) {
        self.refused.set(self.refused.get() + 1);
        self.first.set(self.first.get().or(Some(site)));
    }

    /// The word that something was not followed to its end, at the first such place.
    pub fn problem(&self) -> Option<Problem> {
        let at = self.first.get()?;
        let says = match self.refused.get() {
            1 => "the value that belongs here was not put in".to_string(),
            count => format!("{count} values were not put in, the first of them here"),
        };
        let why = "one may grow to 1 MiB, all of a file to 16 MiB and all of a build to 64 MiB, by 64 steps at the most";
        Some(Problem::blind("expansion", format!("{says}: {why}"), Some(at)))
    }
}

/// The names that the texts of one place may ask for, each asked of its provider once.
pub struct Names<'a> {
    provider: &'a dyn Fn(&str) -> Answer,
    budget: &'a Budget,
    /// What was found out; nothing for a name whose value is being filled right now.
    answers: RefCell<BTreeMap<Str, Option<Answer>>>,
    depth: Cell<usize>,
    values: Values,
}

/// Whether values may ask for other names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Values {
    Final,
    Asking,
}

impl std::fmt::Debug for Names<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Names")
    }
}

impl<'a> Names<'a> {
    /// Names whose values are what they say.
    pub fn new(provider: &'a dyn Fn(&str) -> Answer, budget: &'a Budget) -> Names<'a> {
        let (answers, depth) = (RefCell::default(), Cell::default());
        Names { provider, budget, answers, depth, values: Values::Final }
    }

    /// Names whose values may ask for other names: each is filled when it is first asked for.
    pub fn asking(provider: &'a dyn Fn(&str) -> Answer, budget: &'a Budget) -> Names<'a> {
        Names { values: Values::Asking, ..Names::new(provider, budget) }
    }

    pub fn budget(&self) -> &'a Budget {
        self.budget
    }

    /// What is known of a name, its value filled by `fill`. `site` is the form that asks.
    pub(super) fn answer(&self, name: &str, site: Span, fill: &dyn Fn(&Part) -> Part) -> Answer {
        if self.values == Values::Final {
            return (self.provider)(name);
        }
        match self.answers.borrow().get(name) {
            Some(Some(answer)) => return answer.clone(),
            Some(None) => return Answer::Unknown(Reason::Circle),
            None => {}
        }
        if self.depth.get() >= MOST_ASKING {
            self.budget.refuse(site);
            return Answer::Unknown(Reason::TooLong);
        }
        self.depth.set(self.depth.get() + 1);
        self.answers.borrow_mut().insert(name.into(), None);
        let answer = match (self.provider)(name) {
            Answer::Is(known) => filled(known, fill),
            other => other,
        };
        self.depth.set(self.depth.get() - 1);
        self.answers.borrow_mut().insert(name.into(), Some(answer.clone()));
        answer
    }
}

/// A value filled to its end. One that has no end is none.
fn filled(known: Known, fill: &dyn Fn(&Part) -> Part) -> Answer {
    let value = fill(&known.value);
    let endless = |why: Reason| matches!(why, Reason::Circle | Reason::TooLong);
    match value.holes().into_iter().find(|(_, hole)| endless(hole.why)) {
        Some((_, hole)) => Answer::Unknown(hole.why),
        None => Answer::Is(Known { value, ..known }),
    }
}
