//! What judging needs besides the findings, and how severe a rule is in a file.

use super::remark::Remark;
use super::scope::fits;
use super::silenced::Silenced;
use super::{Baseline, Scope};
use crate::config::{Config, Preset};
use crate::finding::Severity;
use crate::redact::Redactor;
use crate::text::{Date, SourceId, Sources};
use std::collections::BTreeMap;

/// The rule of what only a reading of the history finds: no other run can say that an allow of it is of no use.
pub const HISTORY: &str = "secret-in-history";

/// Everything judging needs besides the findings.
pub struct Bench<'a> {
    pub config: &'a Config,
    pub scope: &'a Scope,
    pub baseline: Option<&'a Baseline>,
    pub today: Option<Date>,
    pub sources: &'a Sources,
    pub remarks: &'a BTreeMap<SourceId, Vec<Remark>>,
    /// What is secret, so that nothing that is published is made of it.
    pub redactor: &'a Redactor<'a>,
    /// The severity of each rule's page; also tells which rules exist.
    pub pages: &'a dyn Fn(&str) -> Option<Severity>,
    /// The ids of all rules.
    pub ids: &'a [&'a str],
    /// What the change silences that this run is about, if one is known.
    pub silenced: Option<Silenced<'a>>,
}

/// The severity of a finding about a secret: what its rule is set to is the strongest, and the evidence steps down from there
/// as it does from the severity of the page.
pub(super) fn of_secret(
    config: &Config,
    rule: &str,
    file: &str,
    page: Severity,
    found: Severity,
) -> Severity {
    let Some(strongest) = set(config, rule, file) else { return severity(config, rule, file, page, found) };
    let steps = (page as usize).saturating_sub(found as usize);
    match strongest {
        Severity::Off => Severity::Off,
        strongest => Severity::ALL[(strongest as usize).saturating_sub(steps).max(Severity::Note as usize)],
    }
}

/// What the owners set a rule to in a file.
fn set(config: &Config, rule: &str, file: &str) -> Option<Severity> {
    let setting = config.settings.iter().rev().find(|setting| {
        fits(&setting.rule, rule)
            && (setting.paths.is_empty() || setting.paths.iter().any(|glob| glob.is_match(file)))
    });
    setting.map(|setting| setting.severity)
}

/// The severity a rule has in a file; `Off` if nobody wants it there. `page` is the severity of its page, and
/// `found` that of the finding, which may be milder or harsher than its page's.
pub fn severity(config: &Config, rule: &str, file: &str, page: Severity, found: Severity) -> Severity {
    if let Some(set) = set(config, rule, file) {
        return set;
    }
    match config.preset {
        Preset::Recommended => found,
        Preset::Strict if page == Severity::Off => Severity::Warning,
        Preset::Strict => found.max(Severity::Warning),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_steps_down_from_what_a_rule_is_set_to() {
        use Severity::{Error, Note, Off, Warning};
        let text = "rules:\n  a: warning\n  'b*': error\n  bc: off\n  c: off\n";
        let (config, problems) = Config::read(SourceId(0), text, &["a", "b", "bc", "bd", "c", "d"]);
        assert_eq!(problems, []);
        for (rule, page, found, expected) in [
            ("a", Error, Error, Warning),
            ("a", Error, Warning, Note),
            ("a", Error, Note, Note),
            ("b", Warning, Warning, Error),
            ("b", Warning, Note, Warning),
            ("b", Note, Note, Error),
            ("bd", Note, Note, Error),
            ("bc", Error, Error, Off),
            ("c", Error, Error, Off),
            ("d", Error, Warning, Warning),
        ] {
            assert_eq!(
                of_secret(&config, rule, "x.yaml", page, found),
                expected,
                "{rule} {page:?} {found:?}"
            );
        }
    }
}
