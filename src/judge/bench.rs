//! What judging needs besides the findings, and how severe a rule is in a file.

use super::remark::Remark;
use super::{Baseline, Scope};
use crate::config::{Config, Preset};
use crate::finding::Severity;
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
    /// The severity of each rule's page; also tells which rules exist.
    pub pages: &'a dyn Fn(&str) -> Option<Severity>,
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
