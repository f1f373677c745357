//! How many of what: the closing words of an output. Shows no finding.

use super::{Skips, Tell, count, grouped};
#[cfg(feature = "cli")]
use crate::facts::{Excuse, Why};
use crate::finding::{Left, Report, Severity, Status, Weight};
use crate::redact::clean;
use std::collections::{BTreeMap, BTreeSet};

/// Findings by what became of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
    /// Files with at least one live finding.
    pub files: usize,
    pub suppressed: usize,
    pub baselined: usize,
    pub out_of_diff: usize,
    /// Problems that make the run untrustworthy.
    pub fatal: usize,
    /// Things that should have been read and were not.
    pub blind: usize,
    /// Whether not a single file was read.
    pub is_empty: bool,
}

impl Tally {
    pub fn of(report: &Report) -> Tally {
        let mut tally = Tally::default();
        let mut files = BTreeSet::new();
        for finding in super::by_place(report.findings.iter()) {
            match finding.status {
                Status::Suppressed(..) => tally.suppressed += 1,
                Status::Baselined => tally.baselined += 1,
                Status::OutOfDiff => tally.out_of_diff += 1,
                Status::Live => {
                    files.insert(finding.place().source);
                    match finding.severity {
                        Severity::Error => tally.errors += 1,
                        Severity::Warning => tally.warnings += 1,
                        Severity::Note | Severity::Off => tally.notes += 1,
                    }
                }
            }
        }
        tally.files = files.len();
        tally.fatal = report.problems.iter().filter(|problem| problem.weight == Weight::Fatal).count();
        tally.blind = report.problems.iter().filter(|problem| problem.weight == Weight::Blind).count();
        tally.is_empty =
            report.counts.read == 0 || report.problems.iter().any(|problem| problem.kind == "nothing-read");
        tally
    }

    pub fn live(&self) -> usize {
        self.errors + self.warnings + self.notes
    }

    /// How many live findings are at least this bad.
    pub fn at_least(&self, severity: Severity) -> usize {
        match severity {
            Severity::Error => self.errors,
            Severity::Warning => self.errors + self.warnings,
            Severity::Note | Severity::Off => self.live(),
        }
    }
}

/// `3 errors, 1 warning in 2 files`, `nothing found`, or that it could not be told. Of a run that read nothing it is never
/// said that nothing was found.
pub fn verdict(tally: &Tally) -> String {
    let numbers = [(tally.errors, "error"), (tally.warnings, "warning"), (tally.notes, "note")];
    let said: Vec<String> =
        numbers.iter().filter(|(number, _)| *number > 0).map(|(number, what)| count(*number, what)).collect();
    match said.as_slice() {
        // An empty report of a run that failed is not a clean one.
        [] if tally.fatal > 0 => "pintle could not do its work".into(),
        [] if tally.is_empty => "nothing was read".into(),
        [] => "nothing found".into(),
        said => format!("{} in {}", said.join(", "), count(tally.files, "file")),
    }
}

/// What became of the findings that do not count: `2 suppressed, 1 in the baseline`.
pub(super) fn silenced(tally: &Tally) -> String {
    let numbers = [
        (tally.suppressed, "suppressed"),
        (tally.baselined, "in the baseline"),
        (tally.out_of_diff, "outside the diff"),
    ];
    let said = numbers
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{} {what}", grouped(*number)));
    said.collect::<Vec<_>>().join(", ")
}

/// What was looked at: `436 files, 120 images in 0.21 s`.
pub(super) fn looked_at(report: &Report, tell: &Tell) -> String {
    let counts = &report.counts;
    let mut said = format!("{} read", count(counts.read, "file"));
    for (number, what) in [(counts.documents, "document"), (counts.images, "image")] {
        if number > 0 {
            said.push_str(&format!(", {}", count(number, what)));
        }
    }
    format!("{said} in {}", seconds(tell.seconds))
}

/// What coverage counts as one number: for which reasons, and how one and several of them are called.
#[cfg(feature = "cli")]
pub(super) const UNSEEN: [(&[Why], &str, &str); 7] = [
    (&[Why::Chart], "release whose chart is not here", "releases whose charts are not here"),
    (
        &[Why::Dependency],
        "dependency of a chart that is not here",
        "dependencies of charts that are not here",
    ),
    (&[Why::NeedsValues], "chart that needs values", "charts that need values"),
    (&[Why::Remote], "remote base", "remote bases"),
    (&[Why::Ignored], "entry that git ignores", "entries that git ignores"),
    (&[Why::Plugin], "part that a program makes", "parts that programs make"),
    (&[Why::LeftOut, Why::Outside], "manifest that nothing delivers", "manifests that nothing delivers"),
];

/// What is delivered; nothing where nothing is.
#[cfg(feature = "cli")]
pub(super) fn delivered(report: &Report) -> Option<String> {
    let coverage = &report.coverage;
    let clusters = match coverage.clusters.as_slice() {
        [] => String::new(),
        [only] => format!(" for {}", clean(only)),
        several => format!(" for {}", count(several.len(), "cluster")),
    };
    let mut said = Vec::new();
    // That nothing was made of what there is, is worth a word.
    if coverage.objects > 0 || coverage.defaults == 0 && !coverage.counts.is_empty() {
        said.push(format!("{} rendered{clusters}", count(coverage.objects, "object")));
    }
    if coverage.defaults > 0 {
        said.push(format!("{} rendered with defaults", count(coverage.defaults, "chart")));
    }
    (!said.is_empty()).then(|| said.join(" · "))
}

/// One of the numbers of [`UNSEEN`]; nothing if it is zero.
#[cfg(feature = "cli")]
pub(super) fn unseen(report: &Report, (whys, one, many): &(&[Why], &str, &str)) -> Option<String> {
    let number = report.coverage.count(whys);
    (number > 0).then(|| format!("{} {}", grouped(number), if number == 1 { one } else { many }))
}

/// What bears the name of a credential and is none, by the reason.
#[cfg(feature = "cli")]
pub(super) fn exempts(report: &Report) -> Vec<String> {
    let mut counts: BTreeMap<Excuse, usize> = BTreeMap::new();
    for exempt in &report.facts.exempts {
        *counts.entry(exempt.why).or_default() += exempt.times as usize;
    }
    let said = |(why, number): (Excuse, usize)| {
        let (one, many) = why.counted();
        format!("{} {}", grouped(number), if number == 1 { one } else { many })
    };
    counts.into_iter().map(said).collect()
}

/// What was not looked at, a line each; empty if everything was.
pub(super) fn not_read(report: &Report, tell: &Tell) -> Vec<String> {
    let mut lines = Vec::new();
    let mut reasons: BTreeMap<(&str, &str), Vec<_>> = BTreeMap::new();
    for unread in &report.facts.unread {
        reasons.entry((unread.what, unread.why)).or_default().push((unread.at, &unread.says));
    }
    for ((what, why), mut places) in reasons {
        places.sort();
        let said = if why.is_empty() || why == what { String::new() } else { format!(" ({why})") };
        lines.push(format!("{}{said}", count(places.len(), what)));
        if tell.skips == Skips::Explained {
            lines.extend(places.iter().map(|&(span, says)| match says.is_empty() {
                true => format!("  {}", place(report, span)),
                false => format!("  {}: {}", place(report, span), clean(says)),
            }));
        }
    }
    let mut kinds: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for problem in report.problems.iter().filter(|problem| problem.weight.is_unread()) {
        kinds.entry(problem.kind).or_default().push(problem);
    }
    for (kind, problems) in kinds {
        lines.push(match kind {
            "large" => format!("{} over the size limit", count(problems.len(), "file")),
            "unreadable" => format!("{} that cannot be opened", count(problems.len(), "file")),
            kind => format!("{} ({kind})", count(problems.len(), "piece")),
        });
        if tell.skips == Skips::Explained {
            lines.extend(problems.iter().map(|problem| match problem.at {
                Some(span) => format!("  {}: {}", place(report, span), clean(&problem.says)),
                None => format!("  {}", clean(&problem.says)),
            }));
        }
    }
    if report.counts.binary > 0 {
        lines.push(count(report.counts.binary, "binary file"));
    }
    if tell.skips == Skips::Explained {
        left_out(report, &mut lines);
    }
    lines
}

/// The files of which no format was asked, by the reason.
fn left_out(report: &Report, lines: &mut Vec<String>) {
    let mut whys: BTreeMap<Left, Vec<&str>> = BTreeMap::new();
    for left in &report.left_out {
        whys.entry(left.why).or_default().push(&left.name);
    }
    for (why, names) in whys {
        match why {
            Left::Archive => {
                lines.push(format!("{}; --archives reads them for secrets", count(names.len(), "archive")))
            }
            Left::Binary => {}
            Left::Expected => lines.push(format!("{} that tests expect", count(names.len(), "file"))),
            Left::Excluded => {
                lines.push(format!("{} that the configuration excludes", count(names.len(), "file")));
            }
            Left::Ignored => lines.push(format!("{} in ignore files", count(names.len(), "name"))),
            Left::Link => lines.push(format!("{}, not followed", count(names.len(), "link"))),
            Left::Sarif => lines.push(format!("{} in SARIF", count(names.len(), "report"))),
            Left::Special => lines.push(format!("{} that are no files", count(names.len(), "name"))),
        }
        lines.extend(names.iter().map(|name| format!("  {}", clean(name))));
    }
}

/// Rules by how often they fired, most often first.
#[cfg(feature = "cli")]
pub(super) fn statistics(report: &Report) -> Vec<(usize, Severity, &str)> {
    let mut rules: BTreeMap<&str, (usize, Severity)> = BTreeMap::new();
    let live = report.findings.iter().filter(|finding| finding.status == Status::Live);
    let mut seen = BTreeSet::new();
    for finding in live.filter(|finding| seen.insert((&finding.rule, finding.origin.span(), finding.place())))
    {
        let entry = rules.entry(&finding.rule).or_insert((0, finding.severity));
        entry.0 += 1;
        entry.1 = entry.1.max(finding.severity);
    }
    let mut list: Vec<_> =
        rules.into_iter().map(|(rule, (number, severity))| (number, severity, rule)).collect();
    list.sort_by_key(|&(number, severity, rule)| {
        (std::cmp::Reverse(number), std::cmp::Reverse(severity), rule)
    });
    list
}

/// `path:line:column`, clean.
pub(super) fn place(report: &Report, span: crate::text::Span) -> String {
    let (start, _) = report.sources.places(span);
    let name = clean(report.sources.name(span.source));
    // A line that begins with two colons is a command to GitHub's runner.
    let dot = if name.trim_start().starts_with("::") { "./" } else { "" };
    format!("{dot}{name}:{}:{}", start.line, start.column)
}

/// `0.21 s`, `12 ms`, `1 min 5 s`.
fn seconds(seconds: f64) -> String {
    match seconds {
        s if s < 0.1 => format!("{:.0} ms", s * 1000.0),
        s if s < 60.0 => format!("{s:.2} s"),
        s => format!("{:.0} min {:.0} s", (s / 60.0).floor(), s % 60.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::sample;

    #[test]
    fn a_tally_counts_what_counts() {
        let report = sample::everything();
        let tally = Tally::of(&report);
        assert_eq!(verdict(&tally), "4 errors in 4 files");
        assert_eq!(silenced(&tally), "1 suppressed, 1 in the baseline, 1 outside the diff");
        assert_eq!((tally.at_least(Severity::Error), tally.fatal, tally.blind), (4, 1, 1));
        assert_eq!(verdict(&Tally::default()), "nothing found");
        assert_eq!(verdict(&Tally { is_empty: true, ..Tally::default() }), "nothing was read");
        assert_eq!(verdict(&Tally { fatal: 1, ..Tally::default() }), "pintle could not do its work");
        assert_eq!(looked_at(&report, &sample::tell()), "4 files read, 4 documents, 2 images in 0.25 s");
        assert_eq!(statistics(&report)[0], (2, Severity::Error, "image-latest"));
    }

    #[test]
    fn durations_read_well() {
        let table = [(0.0, "0 ms"), (0.0123, "12 ms"), (0.214, "0.21 s"), (65.0, "1 min 5 s")];
        for (number, said) in table {
            assert_eq!(seconds(number), said);
        }
    }
}
