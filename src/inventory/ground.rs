//! What is under a database, a claim or a volume, as rows tell it.

use super::Spot;
use crate::finding::Report;
use crate::join::Seat;
use crate::text::{Hole, Part};

/// The class under a database or a claim.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Ground {
    /// The class's name, or the variable that stands for it; the default class if none is written.
    pub class: Option<String>,
    /// `named`, `omitted`, `unknown` (a variable or template) or `nowhere` (no claim is known).
    pub decided: &'static str,
    /// Why the class is not known, in plain words.
    pub reason: Option<String>,
    /// `longhorn`, `replicated`, `local`, `network`, `cloud` or `unknown`.
    pub standing: &'static str,
    pub provisioner: Option<String>,
    /// Copies that the class keeps of each volume.
    pub replicas: Option<String>,
    /// The environment in which this holds, if it depends on one.
    pub environment: Option<String>,
    /// The cluster that gets it, as people call it.
    pub cluster: Option<String>,
    /// Whether something delivers the claim, or nothing tells.
    pub delivered: bool,
    /// Where it is decided.
    pub place: Spot,
}

pub(super) fn ground(report: &Report, seat: &Seat, seated: bool) -> Ground {
    let object = seat.object.and_then(|at| report.facts.classes.get(at));
    let is_known = |class: &Part| class.is_known() && !class.text.is_empty();
    Ground {
        class: seat.class.as_ref().map(|part| part.text.to_string()),
        decided: match &seat.class {
            _ if !seated => "nowhere",
            _ if seat.omitted => "omitted",
            Some(class) if is_known(class) => "named",
            _ => "unknown",
        },
        reason: seat.class.as_ref().and_then(Part::hole).filter(|_| seated && !seat.omitted).map(Hole::says),
        standing: seat.standing.name(),
        provisioner: object
            .and_then(|object| object.says.provisioner.as_ref())
            .map(|part| part.text.to_string()),
        replicas: (seat.replicas.as_ref().map(|part| part.text.to_string()))
            .or_else(|| seat.kept.map(|copies| copies.to_string())),
        environment: seat.environment.as_ref().map(ToString::to_string),
        cluster: seat.cluster.as_ref().map(ToString::to_string),
        delivered: seat.delivered,
        place: Spot::of_origin(&report.sources, &seat.origin),
    }
}
