//! A report as text: one file per output, one line per output in [`OUTPUTS`]. Judges nothing, touches no terminal.
//!
//! Two promises hold for every output. What a masked finding points at is never written, on whatever line it
//! stands. And nothing from a repository, neither a file's text nor its name, can steer a terminal, a
//! CI log or a markup language. Both are held by the room `redact`, and by the escaping of each format.

mod checkstyle;
mod concise;
mod github;
mod gitlab;
pub mod inventory;
mod json;
mod junit;
mod line_hash;
mod markdown;
#[cfg(feature = "cli")]
mod pretty;
mod rdjson;
#[cfg(test)]
mod sample;
mod sarif;
mod sarif_rules;
mod tally;
#[cfg(feature = "cli")]
mod window;
mod xml;

pub use json::JSON_SCHEMA;
pub use sarif_rules::page_text;
pub use tally::{Tally, verdict};

use crate::finding::{Finding, Report, Severity, Status};
use crate::rules::{Book, Page};
use crate::text::{SourceId, Span};

/// One way of telling a report.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// The word after `--output`.
    pub name: &'static str,
    /// One line for `--help` and the documentation.
    pub about: &'static str,
    pub emit: fn(&Report, &Tell) -> String,
}

/// Every output, in the order of the documentation.
pub const OUTPUTS: &[Output] = &[
    #[cfg(feature = "cli")]
    Output {
        name: "pretty",
        about: "for people at a terminal: source lines with carets, grouped",
        emit: pretty::emit,
    },
    Output {
        name: "concise",
        about: "one line per finding: path:line:col: severity[rule] message",
        emit: concise::emit,
    },
    Output { name: "json", about: "everything, in the frozen schema pintle/v1", emit: json::emit },
    Output { name: "sarif", about: "SARIF 2.1.0, for code scanning", emit: sarif::emit },
    Output { name: "github", about: "annotations in a GitHub Actions log", emit: github::emit },
    Output { name: "gitlab", about: "GitLab code quality report", emit: gitlab::emit },
    Output { name: "junit", about: "JUnit XML, for CI servers", emit: junit::emit },
    Output { name: "checkstyle", about: "Checkstyle XML", emit: checkstyle::emit },
    Output { name: "rdjson", about: "reviewdog diagnostics", emit: rdjson::emit },
    Output { name: "markdown", about: "a job summary or a comment", emit: markdown::emit },
];

/// How a report is told: what the outputs know besides the report itself.
#[derive(Clone, Debug)]
pub struct Tell<'a> {
    pub book: &'a Book,
    pub colour: Colour,
    /// Columns of the terminal.
    pub width: usize,
    /// How long the run took.
    pub seconds: f64,
    pub detail: Detail,
    pub skips: Skips,
    pub statistics: Statistics,
    /// Where the files come from, if the repository knows.
    pub provenance: Option<Provenance>,
}

impl<'a> Tell<'a> {
    /// Plain text, 100 columns wide.
    pub fn plain(book: &'a Book) -> Tell<'a> {
        Tell {
            book,
            colour: Colour::Plain,
            width: 100,
            seconds: 0.0,
            detail: Detail::Normal,
            skips: Skips::Counted,
            statistics: Statistics::Hidden,
            provenance: None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colour {
    Plain,
    Ansi,
    /// Colours, and links that the terminal can open.
    Links,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    /// Findings only.
    Quiet,
    Normal,
    /// Every finding in full, and those that were silenced.
    Verbose,
}

/// What is told of what was not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Skips {
    Counted,
    Explained,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Statistics {
    Hidden,
    Shown,
}

/// The revision that was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Provenance {
    /// Without user name and password.
    pub repository: String,
    pub revision: String,
    pub branch: Option<String>,
}

/// The output of that name.
pub fn output(name: &str) -> Option<&'static Output> {
    OUTPUTS.iter().find(|output| output.name == name)
}

/// Where a rule's page can be read on the web; nothing for a rule of the user's own.
pub fn page_url(page: &Page) -> Option<String> {
    if page.source != SourceId(u32::MAX) {
        return None;
    }
    let (home, version) = (env!("CARGO_PKG_REPOSITORY"), env!("CARGO_PKG_VERSION"));
    Some(format!("{home}/blob/v{version}/{}", page.file))
}

/// The other places of a finding's story: what the rule named, then the road the value took.
fn places(finding: &Finding) -> Vec<(Span, String)> {
    let mut places = finding.also.clone();
    for (how, span) in finding.origin.road() {
        if !places.iter().any(|(known, _)| *known == span) {
            places.push((span, how.says().to_owned()));
        }
    }
    places
}

/// The part of a span that stands on its first line, without the line break.
///
/// A pull request shows an alert only if every line of its region is in the diff.
fn first_line(report: &Report, span: Span) -> Span {
    let source = report.sources.get(span.source);
    let line = source.lines().range(source.lines().line_of(span.start as usize), source.text());
    Span::new(span.source, span.start as usize, (span.end as usize).min(line.end))
}

/// The findings that count, most severe first and otherwise in the report's order.
fn live(report: &Report) -> Vec<&Finding> {
    let mut live: Vec<&Finding> =
        report.findings.iter().filter(|finding| finding.status == Status::Live).collect();
    live.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    live
}

/// `1 error`, `2 errors`, `no errors`.
fn count(number: usize, what: &str) -> String {
    match number {
        0 => format!("no {}", plural(what)),
        1 => format!("1 {what}"),
        _ => format!("{} {}", grouped(number), plural(what)),
    }
}

fn plural(what: &str) -> String {
    match what.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies"),
        _ => format!("{what}s"),
    }
}

/// `12,345`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The severities that are shown, worst first.
const SHOWN: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Note];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::{COMMAND, is_hidden};

    #[test]
    fn numbers_read_well() {
        let table = [
            (0, "no images"),
            (1, "1 image"),
            (2, "2 images"),
            (1234, "1,234 images"),
            (1234567, "1,234,567 images"),
        ];
        for (number, expected) in table {
            assert_eq!(count(number, "image"), expected);
        }
        assert_eq!(count(2, "entry"), "2 entries");
    }

    #[test]
    fn no_output_shows_a_secret_or_a_character_that_steers() {
        let report = sample::everything();
        for output in OUTPUTS {
            for detail in [Detail::Quiet, Detail::Normal, Detail::Verbose] {
                for skips in [Skips::Counted, Skips::Explained] {
                    let tell = Tell { detail, skips, statistics: Statistics::Shown, ..sample::tell() };
                    let out = (output.emit)(&report, &tell);
                    assert!(!out.contains(sample::SECRET), "{}: {out}", output.name);
                    assert!(!out.contains(|c| is_hidden(c) && c != '\n'), "{}: {out}", output.name);
                    assert!(!out.contains(COMMAND), "{}: {out}", output.name);
                    assert!(out.ends_with('\n'), "{}", output.name);
                    assert_eq!(out, (output.emit)(&report, &tell), "{}: same input, same bytes", output.name);
                    // A page's own name for the secret and the hash that the upload action makes are no leak.
                    assert!(!out.contains(&sample::SECRET[..12]), "{}: not even the beginning", output.name);
                }
            }
        }
    }

    #[test]
    fn an_empty_report_is_told_by_every_output() {
        let report = Report::default();
        for output in OUTPUTS {
            let out = (output.emit)(&report, &sample::tell());
            assert!(
                output.name == "concise" || output.name == "github" || !out.is_empty(),
                "{}",
                output.name
            );
        }
    }
}
