//! `pintle allow`: writes into the configuration that one finding is meant to be, and leaves the rest of it alone.

use super::args::Allow;
use super::door::is_there;
use super::terminal::{self, Watch};
use super::work::{self, Bench, Subject};
use super::{End, Failure, blind, said, secrets, write};
use crate::config::{self, Entry, NAMES};
use crate::finding::{Finding, Report, Status};
use crate::judge;
use crate::redact::clean;
use crate::text::Date;
use std::path::PathBuf;

/// A shorter beginning of a fingerprint might be another's tomorrow.
const SHORTEST: usize = 6;

pub(super) fn run(allow: &Allow) -> Result<End, Failure> {
    work::threads(&allow.work)?;
    let until = match allow.until.as_deref().map(|day| (day, Date::parse(day))) {
        Some((day, None)) => {
            return Err(Failure::new(format!("`{day}` is no day")).hint("a date is written 2026-11-20"));
        }
        Some((_, day)) => day,
        None => None,
    };
    if allow.work.repository.no_config {
        return Err(Failure::new("an allow is written into the configuration, so there must be one")
            .hint("leave --no-config out"));
    }
    let mut bench = work::prepare(Subject::Paths(&[PathBuf::from(".")]), &allow.work, &[])?;
    bench.scope.paths.clear();
    // The texts beside the report of a history are those it was made of; those in it go by their versions, too.
    let (report, texts) = if allow.history {
        work::need_git(bench.checkout.as_ref(), "--history")?;
        bench.only_secrets()?;
        let (report, texts) = secrets::report(&bench, None, None, Watch::Somebody)?;
        (report, Some(texts))
    } else {
        (bench.check(None, Watch::Somebody), None)
    };
    let texts = texts.as_ref().unwrap_or(&report.sources);
    if let Some(failure) = blind::wrong(&bench, &report) {
        return Err(failure.hint("`pintle lint` shows where; nothing was written"));
    }
    let finding = find(&report, &allow.finding)?;
    let span = finding.origin.span();
    let slice = texts.slice(span);
    let file = texts.name(span.source);
    let value =
        (finding.masked && !slice.is_empty()).then(|| judge::kept_of_allow(&finding.rule, file, slice));
    let reason = said(allow.reason.clone());
    let entry = Entry { rule: &finding.rule, file, value: value.as_deref(), reason: &reason, until };
    let path = configuration(allow, &bench);
    write::changed(bench.disk.root(), &path, |old| {
        config::allow(old.unwrap_or_default(), &bench.book.ids(), &entry).ok_or_else(|| {
            Failure::new(format!(
                "{} has no certain place for the entry: nothing was written",
                path.display()
            ))
            .hint(format!("put it under `allow:` by hand:\n  {}", config::spelled(&entry)))
        })
    })?;
    let says = format!("allowed {} in {}: {}\n", clean(entry.rule), clean(entry.file), path.display());
    terminal::print(&said(says)).map_err(Failure::new)?;
    Ok(End::Clean)
}

/// The file that holds the configuration, or will.
fn configuration(allow: &Allow, bench: &Bench) -> PathBuf {
    let there = NAMES.iter().map(|name| bench.root.join(name)).find(|path| is_there(path));
    allow.work.repository.config.clone().or(there).unwrap_or_else(|| bench.root.join(NAMES[0]))
}

/// The one finding that is meant.
pub(super) fn find<'a>(report: &'a Report, wanted: &str) -> Result<&'a Finding, Failure> {
    let is_print = wanted.len() >= SHORTEST && wanted.bytes().all(|byte| byte.is_ascii_hexdigit());
    let by_print =
        |finding: &&Finding| is_print && finding.fingerprint.starts_with(&wanted.to_ascii_lowercase());
    let mut found: Vec<&Finding> = report.findings.iter().filter(by_print).collect();
    if found.is_empty() {
        let place = place(wanted);
        found.extend(report.findings.iter().filter(|finding| is_at(report, finding, place)));
    }
    if let [finding] = found[..]
        && let Status::Suppressed(at, _) = finding.status
    {
        let line = report.sources.places(at).0.line;
        let place = format!("{}:{line}", report.sources.name(at.source));
        return Err(Failure::new(format!("the finding is allowed already, in {place}")));
    }
    found.retain(|finding| !matches!(finding.status, Status::Suppressed(..)));
    match found[..] {
        [finding] => Ok(finding),
        [] => Err(Failure::new(format!("there is no finding `{wanted}`")).hint(
            "say the place, path:line or path:line:rule, or the fingerprint that `pintle lint -o json` shows",
        )),
        _ => {
            let lines = found.iter().map(|finding| {
                let span = finding.origin.span();
                let line = report.sources.places(span).0.line;
                let print = finding.fingerprint.get(..12).unwrap_or(&finding.fingerprint);
                format!("{print} {}:{line}:{}", report.sources.name(span.source), finding.rule)
            });
            Err(Failure::new(format!("`{wanted}` is not one finding but several"))
                .hint(lines.collect::<Vec<_>>().join("\n")))
        }
    }
}

/// Reads `path:line`, `path:line:rule` or, as `--output concise` writes it, `path:line:column`.
fn place(text: &str) -> Option<(&str, u32, &str)> {
    let text = text.strip_prefix("./").unwrap_or(text);
    let (head, last) = text.rsplit_once(':')?;
    let (path, line, rest) = match head.rsplit_once(':') {
        Some((path, line)) if line.parse::<u32>().is_ok() => (path, line, last),
        _ => (head, last, ""),
    };
    let rule = if rest.parse::<u32>().is_ok() { "" } else { rest };
    Some((path, line.parse().ok()?, rule))
}

fn is_at(report: &Report, finding: &Finding, place: Option<(&str, u32, &str)>) -> bool {
    let Some((path, line, rule)) = place else { return false };
    let span = finding.origin.span();
    let (start, end) = report.sources.places(span);
    report.sources.name(span.source) == path
        && (start.line..=end.line.max(start.line)).contains(&line)
        && (rule.is_empty() || finding.rule == rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read() {
        for (text, expected) in [
            ("a.yaml:7", Some(("a.yaml", 7, ""))),
            ("./a.yaml:7", Some(("a.yaml", 7, ""))),
            ("a.yaml:7:20", Some(("a.yaml", 7, ""))),
            ("a:b/c.yaml:7:image-latest", Some(("a:b/c.yaml", 7, "image-latest"))),
            ("a.yaml", None),
            ("a.yaml:x", None),
            ("", None),
        ] {
            assert_eq!(place(text), expected, "{text}");
        }
    }
}
