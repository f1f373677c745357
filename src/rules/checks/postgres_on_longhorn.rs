//! PostgreSQL whose data lies on a Longhorn volume.

use super::super::{Case, Page};
use crate::finding::{Finding, Severity};
use crate::join::Standing;

pub(super) fn check(case: &Case, page: &Page) -> Vec<Finding> {
    let mut out = Vec::new();
    for seat in &case.joined.seats {
        if seat.engine != "postgres" || seat.standing != Standing::Longhorn || seat.by_default {
            continue;
        }
        let Some(class) = &seat.class else { continue };
        let number = |part: &Option<crate::text::Part>| part.as_ref().and_then(|part| part.text.parse::<u32>().ok());
        let (instances, replicas) = (number(&seat.instances), number(&seat.replicas));
        let place = seat.environment.as_ref().map_or(String::new(), |name| format!(" in {name}"));
        let many = instances.is_some_and(|count| count > 1);
        let (severity, says) = match replicas {
            Some(1) if many && seat.strict_local => (
                Severity::Warning,
                format!("{} keeps its data on Longhorn class `{}`{place}: with one strictly local replica this is bearable, a node-local class is better", seat.who, class.text),
            ),
            Some(1) if !many => (page.severity, format!("{} keeps its data on Longhorn class `{}`{place} with one replica under one instance: nothing replicates at all", seat.who, class.text)),
            _ => (page.severity, format!("{} keeps its data on Longhorn class `{}`{place}", seat.who, class.text)),
        };
        let finding = match (seat.database, seat.workload) {
            (Some(at), _) => case.finding(page, &case.facts.databases[at], seat.origin.clone(), says),
            (None, Some(at)) => case.finding(page, &case.facts.workloads[at], seat.origin.clone(), says),
            (None, None) => continue,
        };
        let mut finding = Finding { severity, ..finding };
        finding.path = format!("storage[{}]", seat.what);
        finding.also.extend(seat.also.iter().cloned());
        out.push(finding);
    }
    out
}
