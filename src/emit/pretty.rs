//! The report for people at a terminal. The only home of miette.
//!
//! Findings are grouped by rule, and within a rule by message: the first place is shown with its lines, the others
//! are listed. The worst come last, next to the prompt.

use super::report::help;
use super::rows::{self, Row};
use super::window::{NEAR, Window};
use super::{Colour, Detail, Statistics, Tally, Tell, count, page_url, places, tally, verdict};
use crate::facts::{listed, objects};
use crate::finding::{Finding, Problem, Report, Severity, Status, Weight};
use crate::redact::{Veil, clean};
use crate::text::Span;
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles,
};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};

/// A rule with more different messages than this and [`SLACK`] shows so many in full and lists the others.
const IN_FULL: usize = 4;
const SLACK: usize = 2;
/// How many places one list shows.
const LISTED: usize = 8;
/// How many findings of one rule are listed by their message.
const LINES: usize = 40;

pub(super) fn emit(report: &Report, tell: &Tell) -> String {
    let pen = Pen { report, tell, veil: Veil::of(report) };
    let mut out = String::new();
    let live = super::live(report);
    for group in by_rule(&live) {
        pen.rule(&mut out, &group);
    }
    if tell.detail == Detail::Verbose {
        pen.silenced(&mut out);
    }
    pen.problems(&mut out);
    if tell.statistics == Statistics::Shown {
        pen.statistics(&mut out);
    }
    if tell.detail != Detail::Quiet {
        pen.summary(&mut out);
    }
    out
}

/// Live findings of one rule and severity, by message, in the report's order.
struct Group<'a> {
    severity: Severity,
    rule: &'a str,
    messages: Vec<Vec<&'a Finding>>,
}

fn by_rule<'l>(live: &'l [Cow<Finding>]) -> Vec<Group<'l>> {
    let mut rules: BTreeMap<(Severity, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in live {
        rules.entry((finding.severity, &finding.rule)).or_default().push(finding);
    }
    let group = |((severity, rule), findings)| Group { severity, rule, messages: by_message(findings) };
    rules.into_iter().map(group).collect()
}

fn by_message(findings: Vec<&Finding>) -> Vec<Vec<&Finding>> {
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let mut messages: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        let at = *known.entry(&finding.says).or_insert(messages.len());
        match messages.get_mut(at) {
            Some(same) => same.push(finding),
            None => messages.push(vec![finding]),
        }
    }
    messages
}

/// What every piece of the output needs.
struct Pen<'a> {
    report: &'a Report,
    tell: &'a Tell<'a>,
    veil: Veil,
}

// Writing to a String cannot fail, so what `write!` returns is dropped throughout.
impl Pen<'_> {
    fn rule(&self, out: &mut String, group: &Group) {
        let page = self.tell.book.page(group.rule);
        let title = page.map_or("", |page| page.title.as_str());
        let number: usize = group.messages.iter().map(Vec::len).sum();
        let rows = rows::rows(group.messages.iter().flatten().copied());
        // What to do may depend on how a thing is written.
        let all = || group.messages.iter().flatten();
        let differs = all().any(|finding| finding.help != group.messages[0][0].help);
        let url = page.and_then(page_url);
        let name = self.link(&clean(group.rule), url.as_deref());
        let badge = self.paint(bold(group.severity), &format!("{}[{name}]", group.severity.name()));
        let times = match &rows {
            Some(rows) => format!("  {} in {}", count(rows.len(), "image"), count(number, "place")),
            None if number > 1 => format!("  ×{number}"),
            None => String::new(),
        };
        // What may be a credential is counted: who wants to know all of it asks.
        let is_counted = self.tell.detail != Detail::Verbose && self.is_counted(group);
        let more = if is_counted { format!("  ×{number}: --verbose lists them") } else { times };
        let times = self.paint(DIM, &more);
        let _ = writeln!(out, "{badge} {}{times}", self.paint(BOLD, &clean(title)));
        if is_counted {
            out.push('\n');
            return;
        }
        if self.tell.detail != Detail::Quiet
            && let Some(page) = page
        {
            let common = group.messages[0][0].help.as_deref().filter(|_| !differs);
            self.wrapped(out, (CYAN, "  help: "), None, help(page, common));
            if let Some(url) = url.filter(|_| self.tell.colour != Colour::Links) {
                let _ = writeln!(out, "  {}", self.paint(DIM, &url));
            }
        }
        if let Some(rows) = rows {
            return self.rows(out, &rows);
        }
        out.push('\n');
        self.messages(out, group, differs);
    }

    /// Whether findings are told by their number alone: notes about what may be a secret.
    fn is_counted(&self, group: &Group) -> bool {
        let page = self.tell.book.page(group.rule);
        group.severity == Severity::Note && page.is_some_and(|page| page.about == "secret")
    }

    /// The findings of a rule by what they say: the first few with their lines. `differs`: what to do is not the same for all.
    fn messages(&self, out: &mut String, group: &Group, differs: bool) {
        let all = self.tell.detail == Detail::Verbose || group.messages.len() <= IN_FULL + SLACK;
        let full = if all { group.messages.len() } else { IN_FULL };
        for findings in &group.messages[..full] {
            self.finding(out, findings[0]);
            if let Some(own) =
                findings[0].help.as_ref().filter(|_| differs && self.tell.detail != Detail::Quiet)
            {
                self.wrapped(out, (CYAN, "   help: "), None, own);
            }
            self.repeats(out, &findings[1..]);
            out.push('\n');
        }
        let rest = &group.messages[full..];
        for findings in rest.iter().take(LINES) {
            let place = tally::place(self.report, findings[0].origin.span());
            let more = if findings.len() > 1 { format!(" ×{}", findings.len()) } else { String::new() };
            self.wrapped(out, (DIM, "  · "), Some(&place), &format!("{}{more}", findings[0].says));
        }
        if rest.len() > LINES {
            let hidden: usize = rest[LINES..].iter().map(Vec::len).sum();
            let said = format!("  … and {hidden} more: --verbose shows all, --output concise lists them");
            let _ = writeln!(out, "{}", self.paint(DIM, &said));
        }
        if !rest.is_empty() {
            out.push('\n');
        }
    }

    /// The findings of one decision, a line for each thing that it is about. Where most of the images have a digest, these
    /// are the ones that were forgotten; where few do, nobody has decided yet, and a few are enough to see that.
    fn rows(&self, out: &mut String, rows: &[Row]) {
        let (pinned, all) = rows::pinned(self.report);
        let said = format!("{} of {} have a digest", super::grouped(pinned), count(all, "image"));
        if all > 0 {
            let _ = writeln!(out, "  {}", self.paint(DIM, &said));
        }
        out.push('\n');
        let most = if pinned * 2 >= all { LINES } else { LISTED };
        let shown = if self.tell.detail == Detail::Verbose { rows.len() } else { rows.len().min(most) };
        let width = self.tell.width.clamp(40, 160);
        let column = rows::column(&rows[..shown], width);
        for row in &rows[..shown] {
            let wide = row.name.chars().count();
            let place = tally::place(self.report, row.findings[0].origin.span());
            let is_one_line = wide <= column && column + place.chars().count() + 4 <= width;
            let between = if is_one_line { " ".repeat(column - wide + 2) } else { "\n    ".into() };
            let place = self.paint(LINK, &place);
            let more = match row.findings.len() - 1 {
                0 => String::new(),
                more => self.paint(DIM, &format!(" +{more}")),
            };
            let _ = writeln!(out, "  {}{between}{place}{more}", row.name);
        }
        if rows.len() > shown {
            let more = count(rows.len() - shown, "more image");
            let said = format!("  … and {more}: --verbose shows all, `pintle images` lists them");
            let _ = writeln!(out, "{}", self.paint(DIM, &said));
        }
        out.push('\n');
    }

    /// One finding with its lines and the places that belong to it.
    fn finding(&self, out: &mut String, finding: &Finding) {
        let primary = finding.origin.span();
        let line = |span: Span| {
            let source = self.report.sources.get(span.source);
            source.lines().line_of(span.start as usize)
        };
        let (near, far): (Vec<_>, Vec<_>) = places(finding).into_iter().partition(|(span, _)| {
            span.source == primary.source && line(*span).abs_diff(line(primary)) <= NEAR && *span != primary
        });
        self.snippet(out, finding.severity, &finding.says, Some((primary, &near)));
        for (span, says) in far.iter().take(LISTED) {
            self.wrapped(out, (DIM, "   ↳ "), Some(&tally::place(self.report, *span)), says);
        }
        if far.len() > LISTED {
            let _ =
                writeln!(out, "   {} and {} more", self.paint(DIM, "↳"), count(far.len() - LISTED, "place"));
        }
        if let Some(who) = self.affected(finding) {
            self.wrapped(out, (DIM, "   ↳ "), None, &who);
        }
        if let Some(fix) = &finding.fix {
            self.wrapped(out, (CYAN, "   fix: "), None, &self.veil.text(&fix.title));
        }
    }

    /// Whom it affects, where that is not one object of one cluster and the sentence does not say it.
    fn affected(&self, finding: &Finding) -> Option<String> {
        let clusters = finding.environments();
        let is_several = finding.affected.len() > 1 || finding.only_in().is_some();
        if !is_several || finding.about.is_some() && clusters.len() < 2 {
            return None;
        }
        let objects = objects(&finding.affected);
        // Where there is but one cluster nobody asks which one.
        let place = match clusters.len() < 2 && finding.only_in().is_none() {
            true => String::new(),
            false => format!(" in {}", listed(clusters.iter().map(|name| name.as_str()).collect())),
        };
        Some(clean(&format!("affects {objects}{place}")).into_owned()).filter(|_| !objects.is_empty())
    }

    fn repeats(&self, out: &mut String, others: &[&Finding]) {
        let shown = if self.tell.detail == Detail::Verbose { others.len() } else { others.len().min(LISTED) };
        for finding in &others[..shown] {
            let place = self.paint(LINK, &tally::place(self.report, finding.origin.span()));
            let _ = writeln!(out, "   {} {place}", self.paint(DIM, "also"));
        }
        if others.len() > shown {
            let more = format!("   and in {}", count(others.len() - shown, "more place"));
            let _ = writeln!(out, "{}", self.paint(DIM, &more));
        }
    }

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
    fn problems(&self, out: &mut String) {
        let of =
            |weight| self.report.problems.iter().filter(move |problem: &&Problem| problem.weight == weight);
        for problem in of(Weight::Fatal) {
            let _ =
                writeln!(out, "{}", self.paint(bold(Severity::Error), &format!("problem[{}]", problem.kind)));
            self.snippet(out, Severity::Error, &problem.says, problem.at.map(|at| (at, &[][..])));
            out.push('\n');
        }
        let mut lines: Vec<(&Problem, &str)> = Vec::new();
        if self.tell.detail != Detail::Quiet && self.tell.skips == super::Skips::Counted {
            lines.extend(of(Weight::Blind).map(|problem| (problem, "not read")));
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
        let not_read = tally::not_read(self.report, self.tell);
        if self.tell.skips == super::Skips::Explained {
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
                let text = self.veil.text(&format!(" {}: {}", one.subject, one.reason));
                self.wrapped(out, (CYAN, "  - "), Some(&tally::place(self.report, one.at)), &text);
            }
        }
        if coverage.unnamed > 0 {
            let _ = writeln!(out, "  and {} more", super::grouped(coverage.unnamed));
        }
    }

    /// A message and, if it has a place, the lines around it, drawn by miette.
    fn snippet(
        &self,
        out: &mut String,
        severity: Severity,
        says: &str,
        at: Option<(Span, &[(Span, String)])>,
    ) {
        let width = self.tell.width.clamp(40, 160);
        let mut story = Story { says: clean(says).into_owned(), severity, window: None, labels: Vec::new() };
        if let Some((span, near)) = at
            && self.report.sources.get(span.source).is_kept()
        {
            let (window, labels) = Window::around(self.report, &self.veil, span, near, width);
            (story.window, story.labels) = (Some(window), labels);
        } else if let Some((span, _)) = at {
            let _ = write!(story.says, " ({})", tally::place(self.report, span));
        }
        let mut styles =
            if self.tell.colour == Colour::Plain { ThemeStyles::none() } else { ThemeStyles::ansi() };
        let strong = match severity {
            Severity::Error => styles.error,
            Severity::Warning => styles.warning,
            Severity::Note | Severity::Off => styles.advice,
        };
        // The caret of the finding has its severity's colour, whatever stands before it in the file.
        let first = story.labels.iter().filter(|label| !label.primary()).count();
        let mut order: Vec<(usize, bool)> =
            story.labels.iter().map(|label| (label.offset(), label.primary())).collect();
        order.sort();
        let quiet = styles.help;
        styles.highlights = order.iter().map(|(_, primary)| if *primary { strong } else { quiet }).collect();
        if styles.highlights.is_empty() || first == order.len() {
            styles.highlights = vec![strong];
        }
        let characters = ThemeCharacters {
            error: "×".into(),
            warning: "⚠".into(),
            advice: "·".into(),
            ..ThemeCharacters::unicode()
        };
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme { characters, styles })
            .with_width(width)
            .with_urls(false)
            .with_context_lines(1)
            .without_syntax_highlighting();
        if handler.render_report(out, &story).is_err() {
            let _ = writeln!(out, "  {}", story.says);
        }
    }

    /// A text after a heading, wrapped at the width and indented under itself. It may begin with a place.
    fn wrapped(&self, out: &mut String, (style, heading): (&str, &str), place: Option<&str>, text: &str) {
        let room = self.tell.width.clamp(40, 160) - 1;
        let indent = heading.chars().count();
        let (mut line, mut used) = (self.paint(style, heading), indent);
        if let Some(place) = place {
            line.push_str(&self.paint(LINK, place));
            used += place.chars().count();
        }
        for word in clean(text).split_whitespace() {
            let length = word.chars().count();
            // A line that begins with two colons is a command to GitHub's runner: better too long than that.
            if used > indent && used + 1 + length > room && !word.starts_with("::") {
                let _ = writeln!(out, "{line}");
                (line, used) = (" ".repeat(indent), indent);
            }
            if used > indent {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += length;
        }
        let _ = writeln!(out, "{line}");
    }

    fn paint(&self, style: &str, text: &str) -> String {
        match self.tell.colour {
            Colour::Plain => text.to_owned(),
            Colour::Ansi | Colour::Links if text.is_empty() => String::new(),
            Colour::Ansi | Colour::Links => format!("\u{1b}[{style}m{text}\u{1b}[0m"),
        }
    }

    fn link(&self, text: &str, url: Option<&str>) -> String {
        match (self.tell.colour, url) {
            (Colour::Links, Some(url)) => format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\"),
            _ => text.to_owned(),
        }
    }
}

const BOLD: &str = "1";
const DIM: &str = "2";
const YELLOW: &str = "33";
const CYAN: &str = "36";
const LINK: &str = "36";

fn bold(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "1;31",
        Severity::Warning => "1;33",
        Severity::Note | Severity::Off => "1;36",
    }
}

/// One finding, as miette wants to be told.
#[derive(Debug)]
struct Story {
    says: String,
    severity: Severity,
    window: Option<Window>,
    labels: Vec<LabeledSpan>,
}

impl Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.says)
    }
}

impl std::error::Error for Story {}

impl Diagnostic for Story {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note | Severity::Off => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.window.as_ref().map(|window| window as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<_>)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::sample;

    #[test]
    fn what_a_person_sees() {
        let mut report = sample::everything();
        report
            .findings
            .retain(|finding| finding.rule != "image-latest" || finding.origin.span().source.0 == 0);
        report.problems.clear();
        let mut again = report.findings[0].clone();
        again.origin = crate::text::Origin::verbatim(sample::find(&report, 0, "name: web"));
        report.findings.push(again);
        let out = emit(&report, &sample::tell());
        let expected = "\
error[image-latest] Image floats on `latest`  ×2
  help: write the version you tested, and its digest
  https://github.com/pintle/pintle/blob/v0.1.0/rules/image-latest.md

  × `nginx:latest` may be another image tomorrow
   ╭─[apps/web.yaml:4:20]
 3 │   containers:
 4 │     - image: nginx:latest # 𝄞 π
   ·                    ──────
 5 │       name: web
   ╰────
   fix: write the digest
   also apps/web.yaml:5:7

error[postgres-on-longhorn] PostgreSQL on replicated storage
  help: use a node-local class
  https://github.com/pintle/pintle/blob/v0.1.0/rules/postgres-on-longhorn.md

  × the database `db` lies on Longhorn
   ╭─[infra/class.yaml:2:14]
 1 │ kind: StorageClass
 2 │ provisioner: driver.longhorn.io
   · ─────┬─────  ──────────────────
   ·      ╰── overridden here
 3 │\u{20}
   ╰────
   ↳ apps/web.yaml:5:7 the database is here

error[secret-in-manifest] Secret in plain text
  help: encrypt it, then rotate it
  https://github.com/pintle/pintle/blob/v0.1.0/rules/secret-in-manifest.md

  × `password` stands here in plain text
   ╭─[apps/secret.yaml:3:13]
 2 │ stringData:
 3 │   password: ****
   ·             ────
 4 │   copy: ****
   ╰────
   fix: take it out

× 4 errors in 3 files (1 suppressed, 1 in the baseline, 1 outside the diff)
  4 files read, 4 documents, 2 images in 0.25 s
  7 objects rendered for production · 1 release whose chart is not here · 1
  remote base · 2 manifests that nothing delivers; --verbose tells which
  not read: 1 image (template), 3 binary files; --explain-skips tells where
";
        assert_eq!(out.replace(env!("CARGO_PKG_VERSION"), "0.1.0"), expected, "{out}");
    }

    #[test]
    fn what_was_not_seen_is_told_by_name_if_all_is_to_be_shown() {
        let mut report = sample::everything();
        report.findings.clear();
        report.problems.clear();
        report.coverage.unseen.remove(1);
        let table = [
            (
                40,
                "  1 release whose chart is not here:\n  - infra/class.yaml:1:1\n    HelmRelease/web: `web`\n",
            ),
            (80, "  1 release whose chart is not here:\n  - infra/class.yaml:1:1 HelmRelease/web: `web`\n"),
            (
                120,
                "  2 manifests that nothing delivers:\n  - apps/web.yaml:1:1 Pod/web: nothing in apps loads it\n  and 1 more\n",
            ),
        ];
        for (width, expected) in table {
            let out = emit(&report, &Tell { width, detail: Detail::Verbose, ..sample::tell() });
            assert!(out.contains(expected) && !out.contains("--verbose"), "{width}\n{out}");
        }
        report.coverage.unseen.clear();
        assert!(!emit(&report, &sample::tell()).contains("--verbose"));
    }

    #[test]
    fn a_rule_that_fires_everywhere_stays_readable() {
        let text: String = (0..500).map(|at| format!("image: app{at}\n")).collect();
        let mut report = sample::over(&[("many.yaml", &text)]);
        for at in 0..500 {
            let needle = format!("app{at}\n");
            let mut finding =
                sample::finding(&report, 0, "image-no-digest", &needle, &format!("`app{at}` has no digest"));
            finding.origin = finding.origin.slice(0..needle.len() - 1, needle.len());
            report.findings.push(finding);
        }
        let out = emit(&report, &sample::tell());
        assert!(out.lines().count() < 100, "{out}");
        assert!(out.contains("and 456 more"), "{out}");
        let verbose = emit(&report, &Tell { detail: Detail::Verbose, ..sample::tell() });
        assert_eq!(verbose.matches("many.yaml:").count(), 500);
    }

    #[test]
    fn findings_of_one_decision_are_a_line_for_each_image() {
        let text = "a: app:1.2.3\nb: app:1.2.3\nc: registry.example.com/a/group/with/a/long/name/web:4.5.6\n";
        let mut report = sample::over(&[("apps/all.yaml", text)]);
        for (key, image) in [
            ("a: ", "app:1.2.3"),
            ("b: ", "app:1.2.3"),
            ("c: ", "registry.example.com/a/group/with/a/long/name/web:4.5.6"),
        ] {
            let says = format!("`{image}` has no digest");
            let finding = sample::finding(&report, 0, "image-no-digest", key, &says);
            report.findings.push(Finding { row: image.into(), ..finding });
        }
        let out = emit(&report, &sample::tell());
        let expected = "\
warning[image-no-digest] Image has no digest  2 images in 3 places
  help: write the digest behind the tag
  https://github.com/pintle/pintle/blob/v0.1.0/rules/image-no-digest.md

  app:1.2.3  apps/all.yaml:1:1 +1
  registry.example.com/a/group/with/a/long/name/web:4.5.6
    apps/all.yaml:3:1

";
        let out = out.replace(env!("CARGO_PKG_VERSION"), "0.1.0");
        assert!(out.starts_with(expected), "{out}");
    }
}
