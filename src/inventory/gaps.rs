//! What was not read, and so is in no row: an inventory that is silent about it passes for a whole one.

use super::Spot;
use crate::finding::{Problem, Report, Weight};

/// Something that was not read, or is to be seen to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Gap {
    pub kind: &'static str,
    pub severity: &'static str,
    pub says: String,
    pub place: Option<Spot>,
}

impl Gap {
    /// All of a report, in its order. What ends a run is told by how it ends.
    pub fn all(report: &Report) -> Vec<Gap> {
        let is_told = |problem: &&Problem| !matches!(problem.weight, Weight::Note | Weight::Fatal);
        let gap = |problem: &Problem| Gap {
            kind: problem.kind,
            severity: problem.weight.severity().name(),
            says: problem.says.clone(),
            place: problem.at.map(|at| Spot::of(&report.sources, at)),
        };
        report.problems.iter().filter(is_told).map(gap).collect()
    }
}

impl std::fmt::Display for Gap {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.place.iter().try_for_each(|place| write!(out, "{place}: "))?;
        out.write_str(&self.says)
    }
}
