//! Whether somebody needs to look at a change before it is merged.

use super::Delta;
use crate::finding::Severity;

/// What a change asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Nothing, or only what nobody needs to look at twice.
    Routine,
    NotRoutine,
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Routine => "routine",
            Verdict::NotRoutine => "not routine",
        }
    }

    /// The same in one word, for data.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Routine => "routine",
            Verdict::NotRoutine => "not-routine",
        }
    }
}

impl Delta {
    pub fn verdict(&self) -> Verdict {
        let is_routine = self.changes.iter().all(|change| change.is_routine)
            && self.objects.added.is_empty()
            && self.objects.removed.is_empty()
            && self.finds.new.is_empty();
        if is_routine { Verdict::Routine } else { Verdict::NotRoutine }
    }

    /// The worst finding that the change brings.
    pub fn worst(&self) -> Option<Severity> {
        self.finds.new.iter().map(|one| one.severity).max()
    }
}
