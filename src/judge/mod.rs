//! From what was found to what is reported: severities, allowed findings, the baseline, the scope. Nothing is
//! dropped here but equal findings; what is not live keeps the reason why.

mod baseline;
mod bench;
mod fingerprint;
mod kept;
mod remark;
mod scope;
mod silence;
mod silenced;
mod suppress;

pub use baseline::{Baseline, Entries, entries, write_baseline};
pub use bench::{Bench, HISTORY, severity};
pub use fingerprint::{hash, seal};
#[cfg(feature = "cli")]
pub use kept::kept_of_allow;
pub use remark::{Remark, remarks};
pub use scope::Scope;
pub use silence::{added, said_of};
pub use silenced::{SILENCE, Silence, Silenced, Trust};

use crate::finding::{Finding, Problem, Severity, Status};
use crate::text::{How, Sources};
use rayon::prelude::*;

/// Judges findings in place and adds those about the judging itself: allows that allowed nothing.
pub fn judge(bench: &Bench, findings: &mut Vec<Finding>, problems: &mut Vec<Problem>) {
    findings.retain_mut(|finding| {
        let file = bench.sources.name(finding.origin.span().source);
        let page = (bench.pages)(&finding.rule).unwrap_or(finding.severity);
        // Only findings about secrets are masked.
        let of = if finding.masked { bench::of_secret } else { severity };
        finding.severity = of(bench.config, &finding.rule, file, page, finding.severity);
        finding.severity > Severity::Off
    });
    merge(findings, bench.sources);
    seal(findings, bench.sources, bench.redactor);
    let mut used = suppress::Used::default();
    // What is kept of values takes its time to compare.
    let (baseline, sources) = (bench.baseline, bench.sources);
    let is_held = |finding: &Finding| baseline.is_some_and(|one| one.holds(finding, sources));
    let held: Vec<bool> = findings.par_iter().map(is_held).collect();
    for (finding, is_held) in findings.iter_mut().zip(held) {
        suppress::allow(bench, finding, &mut used);
        if finding.status == Status::Live && is_held {
            finding.status = Status::Baselined;
        }
    }
    suppress::stale(bench, &used, findings);
    silence::tell(bench, findings);
    if let Some(baseline) = bench.baseline {
        let is_all = bench.scope.paths.is_empty() && bench.scope.lines.is_none();
        problems.extend(baseline.problems(findings, is_all));
    }
    // What a change silences is told wherever it is: nobody asks for it by its place.
    findings.retain(|finding| finding.rule == SILENCE || in_paths(bench, finding));
    let live = |finding: &&mut Finding| finding.status == Status::Live && finding.rule != SILENCE;
    if bench.scope.lines.is_some() {
        findings.iter_mut().filter(live).for_each(|finding| by_change(bench, finding));
    }
    findings.sort_by(|a, b| order(bench.sources, a).cmp(&order(bench.sources, b)));
}

/// Where a finding stands in the output: by file, then place, then rule.
fn order<'a>(sources: &'a Sources, finding: &'a Finding) -> (&'a str, u32, u32, &'a str, &'a str) {
    let span = finding.place();
    (sources.name(span.source), span.start, span.end, &finding.rule, &finding.says)
}

/// Equal rule, place and affected object is one finding: a base used by three overlays is told once, with the three
/// roads and the names of the clusters.
fn merge(findings: &mut Vec<Finding>, sources: &Sources) {
    fn who<'a>(finding: &'a Finding, sources: &'a Sources) -> (&'a str, &'a str, &'a str) {
        (&finding.owner, &finding.path, finding.home.map_or("", |file| sources.name(file)))
    }
    findings.sort_by(|a, b| {
        let place = |finding| {
            let (file, start, end, rule, _) = order(sources, finding);
            (file, start, end, rule)
        };
        (place(a), who(a, sources), !a.delivered, &a.says).cmp(&(
            place(b),
            who(b, sources),
            !b.delivered,
            &b.says,
        ))
    });
    findings.dedup_by(|next, kept| {
        let same = next.rule == kept.rule
            && next.origin.span() == kept.origin.span()
            && who(next, sources) == who(kept, sources);
        if same {
            kept.absorb(next);
        }
        same
    });
    findings.iter_mut().for_each(Finding::tell);
}

fn in_paths(bench: &Bench, finding: &Finding) -> bool {
    bench.scope.names(bench.sources.name(finding.origin.span().source))
        || finding.also.iter().any(|(span, _)| {
            !bench.scope.paths.is_empty() && bench.scope.names(bench.sources.name(span.source))
        })
}

/// Tells a finding at the changed line that causes it: forges hide what is outside the lines of a change. What decides comes
/// first, then the road as it was come by; a value that lost decides nothing, and comes last. What no changed line is part of
/// is outside the change.
fn by_change(bench: &Bench, finding: &mut Finding) {
    let is_loser = |says: &str| says == How::Over.says();
    let (winners, losers): (Vec<_>, Vec<_>) = finding.also.iter().partition(|(_, says)| !is_loser(says));
    let road = winners.into_iter().chain(losers).map(|(span, _)| *span);
    let own = finding.origin.span();
    match std::iter::once(own).chain(road).find_map(|span| bench.scope.touched(bench.sources, span)) {
        Some(at) => finding.told = Some(at).filter(|at| *at != own),
        None => finding.status = Status::OutOfDiff,
    }
}
