//! The end of the report for people: what does not count, what went wrong, what was not seen, and the totals.

use super::pretty::{CYAN, DIM, LINK, LISTED, Pen, YELLOW, bold};
use super::{Detail, Skips, Tally, tally, verdict};
use crate::facts::Exempt;
use crate::finding::{Problem, Severity, Status, Weight};
use crate::limits::MOST_EXEMPTS;
use crate::redact::clean;
use std::fmt::Write;

// Writing to a String cannot fail, so what `write!` returns is dropped throughout.
impl Pen<'_> {
    /// What was found and does not count, and why.
    pub(super) fn silenced(&self, out: &mut String) {
        for finding in &self.report.findings {
            let why = match &finding.status {
                Status::Live => continue,
                Status::Suppressed(at, reason) if reason.is_empty() => {
                    format!("allowed at {}", tally::place(self.report, *at))
                }
                Status::Suppressed(at, reason) => {
                    format!("allowed at {}: {}", tally::place(self.report, *at), clean(reason))
                }
                Status::Baselined => "in the baseline".into(),
                Status::OutOfDiff => "outside the diff".into(),
            };
            let place = tally::place(self.report, finding.origin.span());
            let said = format!(
                "{place}: {}[{}] {} ({why})",
                finding.severity.name(),
                finding.rule,
                clean(&finding.says)
            );
            let _ = writeln!(out, "{}", self.paint(DIM, &said));
        }
    }

    /// Fatal problems in full; of what could not be read, the first few.
    pub(super) fn problems(&self, out: &mut String) {
        let of =
            |weight| self.report.problems.iter().filter(move |problem: &&Problem| problem.weight == weight);
        for problem in of(Weight::Fatal) {
            let _ =
                writeln!(out, "{}", self.paint(bold(Severity::Error), &format!("problem[{}]", problem.kind)));
            self.snippet(out, Severity::Error, &problem.says, problem.at.map(|at| (at, &[][..])));
            out.push('\n');
        }
        let mut lines: Vec<(&Problem, &str)> = Vec::new();
        if self.tell.detail != Detail::Quiet && self.tell.skips == Skips::Counted {
            lines.extend(of(Weight::Blind).chain(of(Weight::Unread)).map(|problem| (problem, "not read")));
        }
        if self.tell.detail != Detail::Quiet {
            lines.extend(of(Weight::Caution).map(|problem| (problem, "see to")));
        }
        if self.tell.detail == Detail::Verbose {
            lines.extend(of(Weight::Note).map(|problem| (problem, "note")));
        }
        let shown = if self.tell.detail == Detail::Verbose { lines.len() } else { lines.len().min(LISTED) };
        for (problem, word) in &lines[..shown] {
            let place = problem
                .at
                .map_or(String::new(), |at| format!("{} ", self.paint(LINK, &tally::place(self.report, at))));
            let _ = writeln!(out, "{} {place}{}", self.paint(YELLOW, word), clean(&problem.says));
        }
        if lines.len() > shown {
            let more = format!("not read: {} more, --explain-skips lists them", lines.len() - shown);
            let _ = writeln!(out, "{}", self.paint(DIM, &more));
        }
        if shown > 0 {
            out.push('\n');
        }
    }

    pub(super) fn statistics(&self, out: &mut String) {
        let list = tally::statistics(self.report);
        let width = list.first().map_or(0, |(number, ..)| number.to_string().len());
        for (number, severity, rule) in &list {
            let _ = writeln!(out, "{number:>width$}  {:7}  {}", severity.name(), clean(rule));
        }
        if !list.is_empty() {
            out.push('\n');
        }
    }

    pub(super) fn summary(&self, out: &mut String) {
        let tally = Tally::of(self.report);
        let (mark, style) = match (tally.fatal, tally.errors, tally.warnings + tally.notes) {
            (0, 0, 0) if tally.is_empty => ("⚠", bold(Severity::Warning)),
            (0, 0, 0) => ("✓", "1;32"),
            (0, 0, _) => ("⚠", bold(Severity::Warning)),
            _ => ("×", bold(Severity::Error)),
        };
        let silenced = match tally::silenced(&tally) {
            none if none.is_empty() => none,
            some => format!(" ({some})"),
        };
        let said = self.paint(style, &format!("{mark} {}", verdict(&tally)));
        let _ = writeln!(out, "{said}{silenced}\n  {}", tally::looked_at(self.report, self.tell));
        self.coverage(out);
        self.exempts(out);
        let not_read = tally::not_read(self.report, self.tell);
        if self.tell.skips == Skips::Explained {
            for line in &not_read {
                let _ = writeln!(out, "  {line}");
            }
        } else if !not_read.is_empty() {
            self.wrapped(
                out,
                (CYAN, "  not read: "),
                None,
                &format!("{}; --explain-skips tells where", not_read.join(", ")),
            );
        }
    }

    /// What is delivered and what was not seen, by name if everything is to be shown.
    fn coverage(&self, out: &mut String) {
        let Some(said) = tally::coverage(self.report) else { return };
        let coverage = &self.report.coverage;
        if self.tell.detail != Detail::Verbose {
            let hint = if coverage.unseen.is_empty() { "" } else { "; --verbose tells which" };
            return self.wrapped(out, (CYAN, "  "), None, &format!("{said}{hint}"));
        }
        self.wrapped(out, (CYAN, "  "), None, &said);
        for number in &tally::UNSEEN {
            let Some(heading) = tally::unseen(self.report, number) else { continue };
            let _ = writeln!(out, "  {heading}:");
            for one in coverage.unseen.iter().filter(|one| number.0.contains(&one.why)) {
                let text = format!(" {}: {}", one.subject, one.reason);
                self.wrapped(out, (CYAN, "  - "), Some(&tally::place(self.report, one.at)), &text);
            }
        }
        if coverage.unnamed > 0 {
            let _ = writeln!(out, "  and {} more", super::grouped(coverage.unnamed));
        }
    }

    /// What bears the name of a credential and is none: how many, and why; one by one if everything is to be shown.
    fn exempts(&self, out: &mut String) {
        let said = tally::exempts(self.report);
        if said.is_empty() {
            return;
        }
        let is_all = self.tell.detail == Detail::Verbose;
        let hint = if is_all { "" } else { "; --verbose tells where" };
        self.wrapped(out, (CYAN, "  not secret: "), None, &format!("{}{hint}", said.join(" · ")));
        if !is_all {
            return;
        }
        let named = |exempt: &&Exempt| !exempt.name.is_empty();
        let all = || self.report.facts.exempts.iter().take(MOST_EXEMPTS).filter(named);
        for exempt in all() {
            let said = format!(" `{}` {}", exempt.name, exempt.why.says());
            self.wrapped(out, (CYAN, "  - "), Some(&tally::place(self.report, exempt.at)), &said);
        }
        let times: usize = self.report.facts.exempts.iter().map(|exempt| exempt.times as usize).sum();
        let rest = times - all().count();
        if rest > 0 {
            let _ = writeln!(out, "  and {} more", super::grouped(rest));
        }
    }
}
