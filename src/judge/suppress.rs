//! Findings that are allowed on purpose: `# pintle: allow RULE, RULE (reason) until=2026-11-20` in a comment, or
//! an entry of the configuration. Whatever allows nothing (any more) is itself reported.

use super::Bench;
use crate::finding::{Finding, Precision, Severity, Status};
use crate::text::{Date, Lines, Origin, SourceId, Span, Str};
use std::collections::BTreeSet;

/// One `pintle: allow` comment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remark {
    pub span: Span,
    pub rules: Vec<(Str, Span)>,
    pub reason: Str,
    pub until: Result<Option<Date>, Span>,
    /// The lines (from 0, both included) it is about; nothing means the whole file.
    pub lines: Option<(u32, u32)>,
}

/// The signs that begin a comment in the formats pintle reads.
const SIGNS: [&str; 8] = ["#", "//", "<!--", "--", ";", "/*", "*", "{{/*"];

/// Finds the allow comments of a text. Works on bytes of any format: the sign must stand before the word. In
/// Markdown only an HTML comment is one; the others stand in examples.
pub fn remarks(source: SourceId, name: &str, text: &str) -> Vec<Remark> {
    let signs: &[&str] = if name.ends_with(".md") { &["<!--"] } else { &SIGNS };
    let finder = memchr::memmem::find_iter(text.as_bytes(), "pintle:");
    let mut out = Vec::new();
    let mut lines = None;
    for at in finder {
        let lines = lines.get_or_insert_with(|| Lines::new(text));
        let number = lines.line_of(at);
        let range = lines.range(number, text);
        let before = text[range.start..at].trim_end();
        let Some(sign) = signs.iter().filter(|sign| before.ends_with(*sign)).max_by_key(|sign| sign.len())
        else {
            continue;
        };
        let content = &before[..before.len() - sign.len()];
        if !(content.is_empty() || content.ends_with([' ', '\t'])) {
            continue;
        }
        let rest_at = at + "pintle:".len();
        let rest = &text[rest_at..range.end];
        let Some(list) = rest.trim_start().strip_prefix("allow") else { continue };
        if !list.starts_with([' ', '\t']) {
            continue;
        }
        let list_at = range.end - list.len();
        let alone = content.trim().is_empty();
        let about = if !alone {
            Some((number as u32, number as u32))
        } else if head(text, lines, number) {
            None
        } else {
            Some((number as u32, next_line(text, lines, number) as u32))
        };
        let start = range.start + content.len();
        let span = Span::new(source, start, range.end);
        out.push(parse(source, list, list_at, span, about));
    }
    out
}

/// Whether nothing but comments, blank lines and document marks stands above a line.
fn head(text: &str, lines: &Lines, number: usize) -> bool {
    (0..number).all(|above| {
        let line = text[lines.range(above, text)].trim();
        line.is_empty()
            || line == "---"
            || line.starts_with("#!")
            || SIGNS.iter().any(|sign| line.starts_with(sign))
    })
}

/// The line that a comment on a line of its own speaks of: the next that is no such comment itself.
fn next_line(text: &str, lines: &Lines, number: usize) -> usize {
    let is_comment =
        |line: &str| SIGNS.iter().any(|sign| line.starts_with(sign) && *sign != "--" && *sign != "*");
    (number + 1..lines.count())
        .find(|&next| !is_comment(text[lines.range(next, text)].trim_start()))
        .unwrap_or(number)
}

fn parse(source: SourceId, list: &str, list_at: usize, span: Span, lines: Option<(u32, u32)>) -> Remark {
    let list =
        list.trim_end().trim_end_matches("-->").trim_end_matches("*/}}").trim_end_matches("*/").trim_end();
    let mut remark = Remark { span, rules: Vec::new(), reason: Str::default(), until: Ok(None), lines };
    let names_end = list
        .find(['(', '='])
        .map_or(list.len(), |end| if list[..end].ends_with("until") { end - "until".len() } else { end });
    let mut at = 0;
    for word in list[..names_end].split([',', ' ', '\t']) {
        if !word.is_empty() {
            remark.rules.push((word.into(), Span::new(source, list_at + at, list_at + at + word.len())));
        }
        at += word.len() + 1;
    }
    if let Some(open) = list.find('(') {
        let close = list[open..].rfind(')').map_or(list.len(), |close| open + close);
        remark.reason = list[open + 1..close].trim().into();
    }
    if let Some(until) = list.find("until=") {
        let word = list[until + 6..].split([' ', '\t', ')']).next().unwrap_or("");
        let place = Span::new(source, list_at + until + 6, list_at + until + 6 + word.len());
        remark.until = Date::parse(word).map(Some).ok_or(place);
    }
    remark
}

/// Which allows have allowed something.
#[derive(Debug, Default)]
pub(super) struct Used {
    remarks: BTreeSet<(Span, Str)>,
    entries: BTreeSet<Span>,
}

/// Suppresses a finding that a comment or an entry allows.
pub(super) fn allow(bench: &Bench, finding: &mut Finding, used: &mut Used) {
    let span = finding.origin.span();
    let source = bench.sources.get(span.source);
    let expired =
        |until: Option<Date>| matches!((until, bench.today), (Some(until), Some(today)) if until < today);
    if let Some(remarks) = bench.remarks.get(&span.source) {
        let line = source.lines().line_of(span.start as usize) as u32;
        let last = source.lines().line_of(span.end.max(span.start + 1) as usize - 1) as u32;
        for remark in remarks {
            let here = remark.lines.is_none_or(|(from, to)| from <= last && line <= to);
            let named = remark.rules.iter().find(|(rule, _)| *rule == finding.rule);
            let Ok(until) = remark.until else { continue };
            if let (true, Some((rule, _)), false) = (here, named, expired(until)) {
                used.remarks.insert((remark.span, rule.clone()));
                finding.status = Status::Suppressed(remark.span, remark.reason.to_string());
            }
        }
    }
    let value = || super::hash(&["value", bench.sources.slice(span)]);
    for entry in &bench.config.allows {
        let named = entry.rule == finding.rule
            && (entry.paths.is_empty() || entry.paths.iter().any(|glob| glob.is_match(source.name.as_str())));
        if named
            && !expired(entry.until)
            && entry
                .value
                .as_ref()
                .is_none_or(|wanted| value().starts_with(wanted.as_str()) && wanted.len() >= 12)
        {
            used.entries.insert(entry.at);
            finding.status = Status::Suppressed(entry.at, entry.reason.to_string());
        }
    }
}

/// Reports the allows that name no rule, have expired, or match nothing.
pub(super) fn stale(bench: &Bench, used: &Used, findings: &mut Vec<Finding>) {
    let mut report = |at: Span, says: String| {
        let rule = "allow-unused";
        let Some(page) = (bench.pages)(rule) else { return };
        let file = bench.sources.name(at.source);
        let severity = super::severity(bench.config, rule, file, page, page);
        if severity == Severity::Off || !bench.scope.wants(rule) {
            return;
        }
        let fingerprint = super::hash(&[rule, file, &says]);
        let origin = Origin::verbatim(at);
        let (owner, path) = (String::new(), says.clone());
        findings.push(Finding {
            rule: rule.into(),
            severity,
            precision: Precision::High,
            says,
            origin,
            also: Vec::new(),
            masked: false,
            fix: None,
            status: Status::Live,
            fingerprint,
            owner,
            path,
        });
    };
    let late = |until: Option<Date>| until.filter(|&until| bench.today.is_some_and(|today| until < today));
    for remark in bench.remarks.values().flatten() {
        if remark.rules.is_empty() {
            report(remark.span, "this allow names no rule".into());
        }
        if let Err(place) = remark.until {
            report(place, "a date is written until=2026-11-20".into());
            continue;
        }
        for (rule, place) in &remark.rules {
            if (bench.pages)(rule).is_none() {
                report(*place, format!("there is no rule `{rule}` to allow"));
            } else if let Ok(Some(until)) = remark.until.map(late) {
                report(*place, format!("this allow of `{rule}` expired on {until}"));
            } else if !used.remarks.contains(&(remark.span, rule.clone())) && bench.scope.wants(rule) {
                report(*place, format!("nothing here is reported by `{rule}`: the allow can go"));
            }
        }
    }
    for entry in bench.config.allows.iter().filter(|entry| !used.entries.contains(&entry.at)) {
        if let Some(until) = late(entry.until) {
            report(entry.at, format!("this allow of `{}` expired on {until}", entry.rule));
        } else if bench.scope.wants(&entry.rule) && entry.rule != super::HISTORY {
            report(entry.at, format!("nothing is reported by `{}` here: the allow can go", entry.rule));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_of_every_format_are_read() {
        for (text, rules, reason, lines) in [
            (
                "a: 1\nimage: x # pintle: allow image-latest, image-untagged (no need)\n",
                vec!["image-latest", "image-untagged"],
                "no need",
                Some((1, 1)),
            ),
            (
                "a: 1\n# pintle: allow image-latest (why) until=2030-01-01\n# more\nb: 2\n",
                vec!["image-latest"],
                "why",
                Some((1, 3)),
            ),
            ("# pintle: allow image-latest\na: 1\n", vec!["image-latest"], "", None),
            ("x\n// pintle: allow a\ny\n", vec!["a"], "", Some((1, 2))),
            ("x\n<!-- pintle: allow a (b) -->\ny\n", vec!["a"], "b", Some((1, 2))),
            ("x\n{{/* pintle: allow a */}}\ny\n", vec!["a"], "", Some((1, 2))),
            ("x\n/* pintle: allow a */\ny\n", vec!["a"], "", Some((1, 2))),
        ] {
            let found = remarks(SourceId(0), "a.yaml", text);
            let [remark] = found.as_slice() else { panic!("{text}: {found:?}") };
            let names: Vec<&str> = remark.rules.iter().map(|(rule, _)| rule.as_str()).collect();
            assert_eq!((names, remark.reason.as_str(), remark.lines), (rules, reason, lines), "{text}");
            for (rule, span) in &remark.rules {
                assert_eq!(&text[span.range()], rule.as_str());
            }
        }
        for quiet in [
            "pintle: allow x\n",
            "a: \"pintle: allow x\"\n",
            "url#pintle: allow x\n",
            "# pintle: allowed\n",
            "a: \"x\\n// pintle: allow x\"\n",
            "# pintle is good\n",
        ] {
            assert_eq!(remarks(SourceId(0), "a.yaml", quiet), [], "{quiet}");
        }
    }
}
