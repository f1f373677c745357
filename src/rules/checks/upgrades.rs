//! Databases whose major version is another than in the revision before.

use super::super::{Case, Page};
use crate::finding::{Finding, Severity};
use crate::join::{Jump, SaidBy, Way, jumps};

/// PostgreSQL whose major version is another than in the revision before.
pub(super) fn major_jump(case: &Case, page: &Page) -> Vec<Finding> {
    let jumps = jumps(&case.joined.servers, &case.before.servers);
    jumps.into_iter().filter(|(now, _)| now.engine == "postgres").map(|jump| told(case, page, jump)).collect()
}

fn told(case: &Case, page: &Page, (now, before): Jump) -> Finding {
    let is_up = now.major > before.major;
    let (severity, what) = if is_up {
        up(page, now.way, now.major, before.major)
    } else {
        let says = format!("{} does not read the data of {}", now.major, before.major);
        (page.severity, format!("back from {} to {}: {says}", before.major, now.major))
    };
    let (before, after) = ("PostgreSQL of ", format!(" goes {what}"));
    let (facts, origin) = (case.facts, now.part.origin.clone());
    let mut finding = match now.said_by {
        SaidBy::Database(at) => case.about(page, &facts.databases[at], origin, (before, &after)),
        SaidBy::Workload(at) => case.about(page, &facts.workloads[at], origin, (before, &after)),
        SaidBy::Image(at) => case.about(page, &facts.images[at], origin, (before, &after)),
    };
    finding.path = now.path.to_string();
    finding.also.extend(now.because.iter().filter(|_| is_up).cloned());
    Finding { severity, ..finding }
}

/// What a newer major version means, by what becomes of the data.
fn up(page: &Page, way: Way, now: u32, before: u32) -> (Severity, String) {
    const NO_WAY_BACK: &str = "there is no way back: make a fresh backup first, and check the extensions";
    let refused = || format!("{now} does not start on the data of {before}");
    let (severity, says) = match way {
        Way::Refused => (page.severity, refused()),
        Way::ByImage => (Severity::Note, format!("its image upgrades the data, and {NO_WAY_BACK}")),
        Way::InPlace => (
            Severity::Warning,
            format!("CloudNativePG stops the cluster and upgrades it in place, and {NO_WAY_BACK}"),
        ),
        Way::TooOld => (page.severity, "CloudNativePG before 1.26 refuses this".to_owned()),
        Way::UnknownVersion => (
            Severity::Warning,
            format!(
                "CloudNativePG upgrades it in place from 1.26 on, and refuses before that; its version is not known here. \
                 If it upgrades, {NO_WAY_BACK}"
            ),
        ),
        Way::Asked(kind) => (
            Severity::Warning,
            format!("as its {kind} asks. The cluster is down meanwhile, and {NO_WAY_BACK}"),
        ),
        Way::Wants(kind) => (page.severity, format!("{}, and no {kind} asks for the upgrade", refused())),
        Way::Mode(mode) => (
            Severity::Warning,
            format!(
                "the operator upgrades it in place, for its `major_version_upgrade_mode` is `{mode}`, and {NO_WAY_BACK}"
            ),
        ),
        Way::Stays => (
            Severity::Warning,
            format!("the operator's `major_version_upgrade_mode` is `off`, so the servers stay at {before}"),
        ),
        Way::AsConfigured => (
            Severity::Warning,
            format!(
                "the operator upgrades it in place if its `major_version_upgrade_mode` is `manual` or `full`. Then \
                 {NO_WAY_BACK}"
            ),
        ),
        Way::UnknownOperator => (
            Severity::Warning,
            format!("whether its operator upgrades the data is not known here. If it does, {NO_WAY_BACK}"),
        ),
    };
    (severity, format!("from {before} to {now}: {says}"))
}
