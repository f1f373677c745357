//! What findings are told together: those of one image, of one value of a credential, of one Secret, or of one sentence.
//! For the eye only: data outputs hold every finding.

use crate::finding::{Finding, Row, Severity};
use crate::redact::clean;
use crate::text::{SourceId, Span};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// From so many findings on, those of a rule that are lines of a list are told as one.
pub(super) const FROM: usize = 2;

/// Findings that are told together.
#[derive(Debug)]
pub(super) struct Told<'a> {
    pub(super) by: By<'a>,
    /// The worst of them.
    pub(super) severity: Severity,
    /// In the report's order, the worst first.
    pub(super) findings: Vec<&'a Finding>,
}

/// What findings have in common.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum By<'a> {
    Sentence(&'a str),
    /// What a list calls it.
    Line(&'a str),
    Value(u64),
    /// A Secret, and the file that it is in.
    Object(SourceId, &'a str),
}

impl<'a> Told<'a> {
    /// What it is told as.
    pub(super) fn worst(&self) -> &'a Finding {
        self.findings[0]
    }

    /// What to do about it, where its page does not say that.
    pub(super) fn help(&self) -> Option<&'a str> {
        self.worst().help.as_deref()
    }
}

/// A rule, as severe as its findings are.
type Rule<'a> = (Severity, &'a str);

/// All findings, each with those that are told together with it, in the order of the worst ones. `named` are the same ones, with
/// those of one place apart that have different names: the lines of lists.
pub(super) fn gathered<'a>(
    findings: impl Iterator<Item = &'a Finding> + Clone,
    named: impl Iterator<Item = &'a Finding>,
) -> Vec<Told<'a>> {
    let mut at_place: HashMap<(&str, [Span; 2]), Vec<&Finding>> = HashMap::new();
    for finding in named {
        at_place.entry((&finding.rule, spots(finding))).or_default().push(finding);
    }
    // What is a list, and what too short for one.
    let mut lines: BTreeMap<Rule, (usize, bool)> = BTreeMap::new();
    for finding in findings.clone() {
        let (number, is_list) = lines.entry((finding.severity, &finding.rule)).or_insert((0, true));
        *number += 1;
        *is_list &= matches!(finding.row, Row::Line(_));
    }
    let mut known: HashMap<Key, usize> = HashMap::new();
    let mut out: Vec<Told> = Vec::new();
    for finding in findings {
        let rule = (finding.severity, finding.rule.as_str());
        let (number, is_list) = lines[&rule];
        if is_list && number >= FROM {
            for one in at_place.get(&(rule.1, spots(finding))).into_iter().flatten() {
                let Row::Line(name) = &one.row else { continue };
                // What is to be done is told above the lines, so that each has one.
                let key = (Some(rule), By::Line(name), one.help.as_deref());
                put(&mut out, &mut known, key, (finding.severity, one));
            }
            continue;
        }
        let by = match &finding.row {
            Row::Sentence | Row::Line(_) => By::Sentence(&finding.says),
            Row::Value(hash) => By::Value(*hash),
            Row::Key { object, .. } => By::Object(finding.origin.span().source, object),
        };
        // A Secret is told once, whatever rules its keys break.
        let rule = Some(rule).filter(|_| !matches!(by, By::Object(..)));
        put(&mut out, &mut known, (rule, by, None), (finding.severity, finding));
    }
    for told in &mut out {
        told.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    }
    out
}

/// What decides, and where that is told.
fn spots(finding: &Finding) -> [Span; 2] {
    [finding.origin.span(), finding.place()]
}

/// What keeps findings apart: their rule, what they have in common, and what to do about the line of a list.
type Key<'a> = (Option<Rule<'a>>, By<'a>, Option<&'a str>);

/// Puts a finding to those that it is told with.
fn put<'a>(
    out: &mut Vec<Told<'a>>,
    known: &mut HashMap<Key<'a>, usize>,
    key: Key<'a>,
    (severity, finding): (Severity, &'a Finding),
) {
    let at = *known.entry(key).or_insert(out.len());
    match out.get_mut(at) {
        Some(told) => {
            told.severity = told.severity.max(severity);
            told.findings.push(finding);
        }
        None => out.push(Told { by: key.1, severity, findings: vec![finding] }),
    }
}

/// What is to be done about the lines of a list, each once, in their order.
pub(super) fn helps<'a>(rows: &[Told<'a>]) -> Vec<Option<&'a str>> {
    let mut out = Vec::new();
    for help in rows.iter().map(Told::help) {
        if !out.contains(&help) {
            out.push(help);
        }
    }
    out
}

/// How many different things the lines of a list are about.
pub(super) fn names(rows: &[Told]) -> usize {
    rows.iter().map(name).collect::<BTreeSet<_>>().len()
}

/// The name of a line, as it may be shown.
pub(super) fn name(told: &Told) -> String {
    match told.by {
        By::Line(name) => clean(name).into_owned(),
        _ => clean(&told.worst().says).into_owned(),
    }
}

/// How wide the names stand: as the widest, but for those that leave no room for a place.
pub(super) fn column(names: &[String], width: usize) -> usize {
    let most = width * 6 / 10;
    names.iter().map(|name| name.chars().count()).filter(|wide| *wide <= most).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::sample;
    use crate::facts::Sureness;
    use crate::text::Origin;

    fn told(findings: &[Finding]) -> Vec<(String, usize)> {
        gathered(findings.iter(), findings.iter())
            .iter()
            .map(|told| (name(told), told.findings.len()))
            .collect()
    }

    #[test]
    fn findings_of_one_image_are_one_line() {
        let sample = sample::everything().findings.remove(0);
        let of = |at: usize, row: &str, says: &str| {
            let row = if row.is_empty() { Row::Sentence } else { Row::Line(row.into()) };
            let origin = Origin::verbatim(Span::new(SourceId(0), at, at + 1));
            Finding { row, says: says.into(), origin, ..sample.clone() }
        };
        assert_eq!(told(&[of(0, "a:1", "a")]), [("a".to_owned(), 1)], "one is no list");
        let one_has_none = [of(0, "a:1", "a"), of(1, "b:1", "b"), of(2, "", "c")];
        assert_eq!(told(&one_has_none).len(), 3);
        let expected = [("a:1".to_owned(), 2), ("b:1".to_owned(), 1)];
        assert_eq!(told(&[of(0, "a:1", "a"), of(1, "b:1", "b"), of(2, "a:1", "c")]), expected);
    }

    #[test]
    fn one_value_is_told_once_and_a_secret_once_whatever_its_rules() {
        let sample = sample::everything().findings.remove(0);
        let of = |rule: &str, severity, row: Row, says: &str| Finding {
            rule: rule.into(),
            severity,
            row,
            says: says.into(),
            ..sample.clone()
        };
        let key =
            |name: &str| Row::Key { object: "Secret/db".into(), key: name.into(), sure: Sureness::Sure };
        let findings = [
            of("weak", Severity::Warning, Row::Value(1), "a is weak"),
            of("weak", Severity::Warning, Row::Value(1), "b is weak"),
            of("weak", Severity::Warning, Row::Value(2), "c is weak"),
            of("other", Severity::Warning, Row::Value(1), "d is another's"),
            of("weak", Severity::Warning, key("user"), "user is weak"),
            of("plain", Severity::Error, key("password"), "password is plain"),
        ];
        let expected = [
            ("a is weak".to_owned(), 2),
            ("c is weak".to_owned(), 1),
            ("d is another's".to_owned(), 1),
            ("password is plain".to_owned(), 2),
        ];
        assert_eq!(told(&findings), expected);
    }

    #[test]
    fn a_name_that_leaves_no_room_does_not_widen_the_others() {
        let (short, longer) = ("short:1".to_owned(), "longer:1".to_owned());
        let long = "x".repeat(70);
        assert_eq!(column(&[short.clone(), longer], 100), 8);
        assert_eq!(column(&[short, long.clone()], 100), 7);
        assert_eq!(column(&[long], 100), 0);
    }
}
