//! A report as text: one file per output, one line per output in [`OUTPUTS`]. Judges nothing, touches no terminal.
//!
//! Two promises hold for every output. What is secret is never written: an output is given what the room `redact` has
//! covered. And nothing from a repository, neither a file's text nor its name, can steer a terminal, a CI log or a
//! markup language: the escaping of each format holds that.

mod checkstyle;
mod concise;
#[cfg(feature = "cli")]
mod delta;
#[cfg(feature = "cli")]
mod diff;
mod gaps;
mod github;
mod gitlab;
pub mod inventory;
mod json;
mod junit;
mod line_hash;
mod markdown;
#[cfg(feature = "cli")]
pub(crate) mod pins;
mod rdjson;
#[cfg(feature = "cli")]
pub(crate) mod render;
mod report;
#[cfg(test)]
mod sample;
mod sarif;
mod sarif_rules;
#[cfg(feature = "cli")]
mod screen;
mod tally;
mod tell;
mod words;
mod xml;

#[cfg(feature = "cli")]
pub use delta::{Compared, DELTAS, DIFF_SCHEMA};
#[cfg(feature = "cli")]
pub use diff::diff;
#[cfg(feature = "cli")]
pub use json::REPORT_SCHEMA;
#[cfg(feature = "cli")]
pub use sarif_rules::page_text;
pub use tally::{Tally, verdict};
pub use tell::{Colour, Detail, Provenance, Skips, Statistics, Tell, page_url};
#[cfg(feature = "cli")]
pub use tell::{Drawing, Reader, SCREEN};

#[cfg(feature = "cli")]
use report::named;
use report::{SHOWN, by_place, first_line, live, places};
use words::{count, grouped};

use crate::finding::Report;
use crate::redact::Shown;

/// One way of telling a report.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// The word after `--output`.
    pub name: &'static str,
    /// One line for `--help` and the documentation.
    pub about: &'static str,
    /// Its lines are commands to the runner of CI; no line of any other may be one.
    pub commands: bool,
    /// Of a report that is not covered this makes a text that nothing prints.
    emit: fn(&Report, &Tell) -> String,
}

impl Output {
    pub fn tell(&self, report: &Shown<Report>, tell: &Tell) -> Shown<String> {
        report.told(self.emit, tell)
    }
}

/// Every output, in the order of the documentation.
pub const OUTPUTS: &[Output] = &[
    #[cfg(feature = "cli")]
    Output {
        name: "pretty",
        about: "for people at a terminal: the verdict of a run, grouped, with lines and carets",
        commands: false,
        emit: screen::emit,
    },
    Output {
        name: "concise",
        about: "one line per finding: path:line:col: severity[rule] message",
        commands: false,
        emit: concise::emit,
    },
    Output {
        name: "json",
        about: "everything, in the frozen schema pintle/v1",
        commands: false,
        emit: json::emit,
    },
    Output { name: "sarif", about: "SARIF 2.1.0, for code scanning", commands: false, emit: sarif::emit },
    Output {
        name: "github",
        about: "annotations in a GitHub Actions log",
        commands: true,
        emit: github::emit,
    },
    Output { name: "gitlab", about: "GitLab code quality report", commands: false, emit: gitlab::emit },
    Output { name: "junit", about: "JUnit XML, for CI servers", commands: false, emit: junit::emit },
    Output { name: "checkstyle", about: "Checkstyle XML", commands: false, emit: checkstyle::emit },
    Output { name: "rdjson", about: "reviewdog diagnostics", commands: false, emit: rdjson::emit },
    Output { name: "markdown", about: "a job summary or a comment", commands: false, emit: markdown::emit },
];

/// The output of that name.
pub fn output(name: &str) -> Option<&'static Output> {
    OUTPUTS.iter().find(|output| output.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(feature = "cli")]
    use crate::text::begins_command;
    use crate::text::{has_command, is_hidden};

    #[test]
    fn no_output_shows_a_secret_or_a_character_that_steers() {
        let report = sample::shown(sample::everything());
        for output in OUTPUTS {
            for detail in [Detail::Quiet, Detail::Normal, Detail::Verbose] {
                for skips in [Skips::Counted, Skips::Explained] {
                    let tell = Tell { detail, skips, statistics: Statistics::Shown, ..sample::tell() };
                    let out = output.tell(&report, &tell);
                    assert!(!out.contains(sample::SECRET), "{}: {out}", output.name);
                    assert!(!out.contains(|c| is_hidden(c) && c != '\n'), "{}: {out}", output.name);
                    assert!(!has_command(&out), "{}: {out}", output.name);
                    #[cfg(feature = "cli")]
                    assert!(output.commands || !begins_command(&out.for_a_log()), "{}: {out}", output.name);
                    assert!(out.ends_with('\n'), "{}", output.name);
                    assert_eq!(*out, *output.tell(&report, &tell), "{}: same input, same bytes", output.name);
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
