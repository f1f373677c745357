//! From what was found to what is reported: severities, allowed findings, the baseline, the scope. Nothing is
//! dropped here but equal findings; what is not live keeps the reason why.

pub mod baseline;
mod fingerprint;
mod suppress;

pub use baseline::Baseline;
pub use fingerprint::{hash, seal};
pub use suppress::{Remark, remarks};

use crate::config::{Config, Preset};
use crate::finding::{Finding, Problem, Severity, Status, Weight};
use crate::text::{Date, SourceId, Sources, Span, Str};
use std::collections::BTreeMap;

/// The rule of what only a reading of the history finds: no other run can say that an allow of it is of no use.
pub const HISTORY: &str = "secret-in-history";

/// What is reported, whatever is understood.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Files, or folders (all below them), by name relative to the root; empty means everything.
    pub paths: Vec<Str>,
    /// Changed lines (from 1, both ends included) by file; nothing means all lines.
    pub lines: Option<BTreeMap<Str, Vec<(u32, u32)>>>,
    /// Only these rules; empty means all. A trailing `*` takes every rule with that beginning.
    pub select: Vec<Str>,
    pub ignore: Vec<Str>,
}

impl Scope {
    /// Whether a rule is wanted at all.
    pub fn wants(&self, rule: &str) -> bool {
        let fits = |list: &[Str]| {
            list.iter()
                .any(|one| one == rule || one.strip_suffix('*').is_some_and(|head| rule.starts_with(head)))
        };
        (self.select.is_empty() || fits(&self.select)) && !fits(&self.ignore)
    }

    /// Whether a file is one that is reported on.
    pub fn names(&self, file: &str) -> bool {
        self.paths.is_empty()
            || self.paths.iter().any(|path| {
                path.is_empty()
                    || path == file
                    || file.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/'))
            })
    }

    fn touches(&self, file: &str, first: u32, last: u32) -> bool {
        let Some(lines) = &self.lines else { return true };
        lines.get(file).is_some_and(|ranges| ranges.iter().any(|&(from, to)| from <= last && first <= to))
    }
}

/// The severity a rule has in a file; `Off` if nobody wants it there. `page` is the severity of its page, and
/// `found` that of the finding, which may be milder or harsher than its page's.
pub fn severity(config: &Config, rule: &str, file: &str, page: Severity, found: Severity) -> Severity {
    let setting = config.settings.iter().rev().find(|setting| {
        setting.rule == rule
            && (setting.paths.is_empty() || setting.paths.iter().any(|glob| glob.is_match(file)))
    });
    if let Some(setting) = setting {
        return setting.severity;
    }
    match config.preset {
        Preset::Recommended => found,
        Preset::Strict if page == Severity::Off => Severity::Warning,
        Preset::Strict => found.max(Severity::Warning),
    }
}

/// Everything judging needs besides the findings.
pub struct Bench<'a> {
    pub config: &'a Config,
    pub scope: &'a Scope,
    pub baseline: Option<&'a Baseline>,
    pub today: Option<Date>,
    pub sources: &'a Sources,
    pub remarks: &'a BTreeMap<SourceId, Vec<Remark>>,
    /// The severity of each rule's page; also tells which rules exist.
    pub pages: &'a dyn Fn(&str) -> Option<Severity>,
}

/// Judges findings in place and adds those about the judging itself: allows that allowed nothing.
pub fn judge(bench: &Bench, findings: &mut Vec<Finding>, problems: &mut Vec<Problem>) {
    findings.retain_mut(|finding| {
        let file = bench.sources.name(finding.origin.span().source);
        let page = (bench.pages)(&finding.rule).unwrap_or(finding.severity);
        finding.severity = severity(bench.config, &finding.rule, file, page, finding.severity);
        finding.severity > Severity::Off
    });
    merge(findings, bench.sources);
    seal(findings, bench.sources);
    let mut used = suppress::Used::default();
    for finding in findings.iter_mut() {
        suppress::allow(bench, finding, &mut used);
        if finding.status == Status::Live
            && bench.baseline.is_some_and(|baseline| baseline.holds(&finding.fingerprint))
        {
            finding.status = Status::Baselined;
        }
    }
    suppress::stale(bench, &used, findings);
    if let Some(baseline) = bench.baseline {
        let gone = baseline.stale(findings);
        if gone > 0 && bench.scope.paths.is_empty() && bench.scope.lines.is_none() {
            let says = format!(
                "{gone} entries of the baseline match nothing any more: write it anew with `pintle baseline`"
            );
            problems.push(Problem { kind: "baseline-stale", says, at: None, weight: Weight::Note });
        }
    }
    findings.retain(|finding| in_paths(bench, finding));
    for finding in findings.iter_mut().filter(|finding| finding.status == Status::Live) {
        if !in_lines(bench, finding) {
            finding.status = Status::OutOfDiff;
        }
    }
    findings.sort_by(|a, b| order(bench.sources, a).cmp(&order(bench.sources, b)));
}

/// Where a finding stands in the output: by file, then place, then rule.
fn order<'a>(sources: &'a Sources, finding: &'a Finding) -> (&'a str, u32, u32, &'a str, &'a str) {
    let span = finding.origin.span();
    (sources.name(span.source), span.start, span.end, &finding.rule, &finding.says)
}

/// Equal rule and place is one finding: a base used by three overlays is told once, with the three roads.
fn merge(findings: &mut Vec<Finding>, sources: &Sources) {
    findings.sort_by(|a, b| order(sources, a).cmp(&order(sources, b)));
    findings.dedup_by(|next, kept| {
        let same = next.rule == kept.rule && next.origin.span() == kept.origin.span();
        if same {
            kept.severity = kept.severity.max(next.severity);
            // One line may decide for several: each keeps its sentence, at the first place of its own road.
            if next.says != kept.says
                && let Some(first) = next.also.first_mut()
            {
                first.1 = next.says.clone();
            }
            for also in std::mem::take(&mut next.also) {
                if !kept.also.contains(&also) {
                    kept.also.push(also);
                }
            }
        }
        same
    });
}

fn in_paths(bench: &Bench, finding: &Finding) -> bool {
    bench.scope.names(bench.sources.name(finding.origin.span().source))
        || finding.also.iter().any(|(span, _)| {
            !bench.scope.paths.is_empty() && bench.scope.names(bench.sources.name(span.source))
        })
}

fn in_lines(bench: &Bench, finding: &Finding) -> bool {
    if bench.scope.lines.is_none() {
        return true;
    }
    let touches = |span: Span| {
        let (start, end) = bench.sources.places(span);
        bench.scope.touches(bench.sources.name(span.source), start.line, end.line)
    };
    touches(finding.origin.span()) || finding.also.iter().any(|&(span, _)| touches(span))
}
