//! What is told of a chart besides what comes of it: what helm refuses, what it warns of, and which version of it.

use super::super::kustomize::{Fault, Why};
use crate::text::Span;

/// Whose rules hold where the versions of helm differ. Flux and Argo CD carry helm 3.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Helm {
    #[default]
    Three,
    Four,
}

/// Something that helm goes on with, and that is hardly meant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Warning {
    pub says: String,
    pub at: Span,
}

/// What is told of a chart.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Told {
    pub faults: Vec<Fault>,
    pub warnings: Vec<Warning>,
    /// Charts that were taken although nobody asked for just these.
    pub assumed: Vec<Warning>,
}

impl Told {
    pub(super) fn refuse(&mut self, says: impl Into<String>, at: Span) {
        self.faults.push(Fault { why: Why::Refused, says: says.into(), at: Some(at) });
    }

    pub(super) fn bound(&mut self, says: impl Into<String>, at: Span) {
        self.faults.push(Fault { why: Why::Bound, says: says.into(), at: Some(at) });
    }

    pub(super) fn warn(&mut self, says: impl Into<String>, at: Span) {
        self.warnings.push(Warning { says: says.into(), at });
    }

    /// What was taken for granted of charts, and where they are asked for.
    pub(super) fn assumed(&self) -> Vec<(String, Span)> {
        self.assumed.iter().map(|one| (one.says.clone(), one.at)).collect()
    }

    /// Values are put together several times on their way: each thing is told once.
    pub(super) fn settle(&mut self) {
        self.faults.sort();
        self.faults.dedup();
        self.warnings.sort();
        self.warnings.dedup();
    }
}
