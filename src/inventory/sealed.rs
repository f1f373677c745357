//! The rows of `pintle secrets --sealed`: every file that is meant to be encrypted, with what says so and how much is.

use super::{Gap, Spot};
use crate::facts::{SealState, Sealing};
use crate::finding::Report;

/// All files that are meant to be encrypted.
#[derive(Clone, Debug, Default)]
pub struct SealedStock {
    pub rows: Vec<SealedRow>,
    /// What was not read.
    pub gaps: Vec<Gap>,
}

/// One file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedRow {
    pub state: SealState,
    /// The file, and where its first plain value is, or the setting that covers nothing.
    pub place: Spot,
    pub says: Sealing,
}

impl SealedStock {
    /// Gathers the files that `wants` takes by their names; those that break their promise come first.
    pub fn of(report: &Report, wants: impl Fn(&str) -> bool) -> SealedStock {
        let row = |fact: &crate::facts::Fact<Sealing>| SealedRow {
            state: fact.says.state(),
            place: Spot::of(&report.sources, fact.origin.span()),
            says: fact.says.clone(),
        };
        let mut rows: Vec<SealedRow> = report.facts.sealings.iter().map(row).collect();
        rows.retain(|row| wants(&row.place.file));
        rows.sort_by(|a, b| (a.state, &a.place.file).cmp(&(b.state, &b.place.file)));
        SealedStock { rows, gaps: Gap::all(report) }
    }

    /// How many files are in a state.
    pub fn number(&self, state: SealState) -> usize {
        self.rows.iter().filter(|row| row.state == state).count()
    }
}

impl SealedRow {
    /// `file`, or `file:line:column` where something is plain.
    pub fn shown(&self) -> String {
        let is_placed = self.place.start.line > 1 || self.place.start.column > 1;
        if is_placed { self.place.to_string() } else { self.place.file.clone() }
    }
}
