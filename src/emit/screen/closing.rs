//! The end of the report for people: what does not count, what went wrong, what was not seen, and the totals.

use super::pen::{CYAN, DIM, Heading, Pen, Word, YELLOW, bold};
use crate::emit::{Skips, Statistics, Tally, count, grouped, tally, verdict};
use crate::facts::{Exempt, Why};
use crate::finding::{Problem, Safety, Severity, Status, Weight};
use crate::limits::MOST_EXEMPTS;
use crate::redact::clean;
use crate::text::Span;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// How many problems are shown.
const PROBLEMS: usize = 6;

// Writing to a String cannot fail, so what `write!` returns is dropped throughout.
impl Pen<'_> {
    /// What was found and does not count, and why.
    fn silenced(&self, out: &mut String) {
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
            let place = tally::place(self.report, finding.place());
            let said = format!(
                "{place}: {}[{}] {} ({why})",
                finding.severity.name(),
                finding.rule,
                clean(&finding.says)
            );
            let _ = writeln!(out, "{}", self.paint(DIM, &said));
        }
    }

    /// What makes the run worth nothing, in full.
    pub(super) fn fatal(&self, out: &mut String) {
        for problem in self.report.problems.iter().filter(|problem| problem.weight == Weight::Fatal) {
            let heading = format!("problem[{}] ", problem.kind);
            let heading = Heading { style: bold(Severity::Error), text: &heading, indent: 9 };
            self.flow(out, heading, &self.words(&problem.says));
            if let Some(at) = problem.at
                && !self.excerpt(out, Severity::Error, at, &[])
            {
                self.flow(out, Heading::hanging("", "  "), &[self.place(at)]);
            }
            out.push('\n');
        }
    }

    /// The first few of what could not be read, and of what somebody should see to.
    pub(super) fn problems(&self, out: &mut String) {
        let of =
            |weight| self.report.problems.iter().filter(move |problem: &&Problem| problem.weight == weight);
        let mut lines: Vec<(&Problem, &str)> = Vec::new();
        if !self.is_quiet() && self.tell.skips == Skips::Counted {
            lines.extend(of(Weight::Blind).chain(of(Weight::Unread)).map(|problem| (problem, "not read ")));
        }
        if !self.is_quiet() {
            lines.extend(of(Weight::Caution).map(|problem| (problem, "see to ")));
        }
        if self.is_verbose() {
            lines.extend(of(Weight::Note).map(|problem| (problem, "note ")));
        }
        let shown = if self.is_verbose() { lines.len() } else { lines.len().min(PROBLEMS) };
        for (problem, word) in &lines[..shown] {
            let words: Vec<_> =
                problem.at.map(|at| self.place(at)).into_iter().chain(self.words(&problem.says)).collect();
            self.flow(out, Heading { style: YELLOW, text: word, indent: 4 }, &words);
        }
        if lines.len() > shown {
            let more = format!("not read: {} more, --explain-skips lists them", lines.len() - shown);
            self.flow(out, Heading::hanging("", ""), &self.styled(DIM, &more));
        }
        if shown > 0 {
            out.push('\n');
        }
    }

    /// What is told behind the last finding.
    pub(super) fn closing(&self, out: &mut String) {
        if self.is_verbose() {
            self.silenced(out);
        }
        if self.tell.statistics == Statistics::Shown {
            self.statistics(out);
        }
        if !self.is_quiet() {
            self.summary(out);
        }
    }

    fn statistics(&self, out: &mut String) {
        let list = tally::statistics(self.report);
        let width = list.first().map_or(0, |(number, ..)| number.to_string().len());
        for (number, severity, rule) in &list {
            let _ = writeln!(out, "{number:>width$}  {:7}  {}", severity.name(), clean(rule));
        }
        if !list.is_empty() {
            out.push('\n');
        }
    }

    fn summary(&self, out: &mut String) {
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
        let _ = writeln!(out, "{said}{silenced}");
        self.coverage(out);
        let mut words =
            tally::delivered(self.report).map_or(Vec::new(), |said| self.words(&format!("{said} ·")));
        let looked_at = tally::looked_at(self.report, self.tell);
        let (looked_at, took) = looked_at.rsplit_once(" in ").unwrap_or((&looked_at, ""));
        words.extend(self.words(looked_at));
        // However long it took, lines are broken at the same places.
        words.push(Word::as_wide(&format!("in {took}"), "in 59.99 s".len()));
        self.flow(out, Heading::hanging("", "  "), &words);
        self.exempts(out);
        let not_read = tally::not_read(self.report, self.tell);
        if self.tell.skips == Skips::Explained {
            for line in &not_read {
                let _ = writeln!(out, "  {line}");
            }
        } else if !not_read.is_empty() {
            let said = format!("{} (--explain-skips: where)", not_read.join(", "));
            self.wrapped(out, (CYAN, "  not read: "), None, &said);
        }
        self.next(out);
    }

    /// What to do next: what mends most, and where more is told.
    fn next(&self, out: &mut String) {
        let live = || self.report.findings.iter().filter(|finding| finding.status == Status::Live);
        let mut places: BTreeMap<&str, BTreeSet<Span>> = BTreeMap::new();
        for finding in live() {
            let is_fixed = finding.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe);
            let next = self.tell.book.page(&finding.rule).and_then(|page| page.next.as_deref());
            for step in is_fixed.then_some("pintle lint --fix").into_iter().chain(next) {
                places.entry(step).or_default().insert(finding.origin.span());
            }
        }
        let mut steps: Vec<(&str, usize)> =
            places.iter().map(|(step, places)| (*step, places.len())).collect();
        steps.sort_by_key(|(_, number)| Reverse(*number));
        let mut said: Vec<String> =
            steps.iter().map(|(step, number)| format!("{step} ({})", count(*number, "place"))).collect();
        let unseen = self.report.coverage.count(&[Why::Chart]);
        said.extend((unseen > 0).then(|| format!("pintle charts fetch ({})", count(unseen, "release"))));
        let worst = tally::statistics(self.report)
            .into_iter()
            .max_by_key(|(number, severity, rule)| (*severity, *number, Reverse(*rule)));
        said.extend(worst.map(|(_, _, rule)| format!("pintle explain {rule}")));
        if !said.is_empty() {
            self.wrapped(out, (CYAN, "  next: "), None, &said.join(" · "));
        }
    }

    /// What was not seen, by name if everything is to be shown.
    fn coverage(&self, out: &mut String) {
        let coverage = &self.report.coverage;
        let said: Vec<String> =
            tally::UNSEEN.iter().filter_map(|number| tally::unseen(self.report, number)).collect();
        if said.is_empty() {
            return;
        }
        if !self.is_verbose() {
            let hint = if coverage.unseen.is_empty() { "" } else { " (-v: which)" };
            return self.wrapped(out, (CYAN, "  not seen: "), None, &format!("{}{hint}", said.join(" · ")));
        }
        for number in &tally::UNSEEN {
            let Some(heading) = tally::unseen(self.report, number) else { continue };
            self.wrapped(out, (CYAN, "  not seen: "), None, &format!("{heading}:"));
            for one in coverage.unseen.iter().filter(|one| number.0.contains(&one.why)) {
                let text = format!("{}: {}", one.subject, one.reason);
                self.wrapped(out, (CYAN, "  - "), Some(one.at), &text);
            }
        }
        if coverage.unnamed > 0 {
            let _ = writeln!(out, "  and {} more", grouped(coverage.unnamed));
        }
    }

    /// What bears the name of a credential and is none: how many; why, and one by one, if everything is to be shown.
    fn exempts(&self, out: &mut String) {
        let times: usize = self.report.facts.exempts.iter().map(|exempt| exempt.times as usize).sum();
        if times == 0 {
            return;
        }
        if !self.is_verbose() {
            let said = match times {
                1 => "1 value that looks like a secret and is none (-v: why)".to_owned(),
                _ => format!("{} that look like secrets and are none (-v: why)", count(times, "value")),
            };
            return self.wrapped(out, (CYAN, "  passed over: "), None, &said);
        }
        self.wrapped(out, (CYAN, "  not secret: "), None, &tally::exempts(self.report).join(" · "));
        let named = |exempt: &&Exempt| !exempt.name.is_empty();
        let all = || self.report.facts.exempts.iter().take(MOST_EXEMPTS).filter(named);
        for exempt in all() {
            let said = format!("`{}` {}", exempt.name, exempt.why.says());
            self.wrapped(out, (CYAN, "  - "), Some(exempt.at), &said);
        }
        let rest = times - all().count();
        if rest > 0 {
            let _ = writeln!(out, "  and {} more", grouped(rest));
        }
    }
}
