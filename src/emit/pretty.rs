//! The report for people at a terminal. The only home of miette.
//!
//! Findings are grouped by rule, and within a rule by what `rows` tells together: the first place is shown with its lines,
//! the others are listed. The worst come last, next to the prompt.

use super::report::help;
use super::rows::{self, By, Told};
use super::window::{NEAR, Window};
use super::{Colour, Detail, Statistics, Tell, count, page_url, places, tally};
use crate::facts::{Excuse, Exempt, Sureness, listed, objects};
use crate::finding::{Finding, Report, Row, Severity};
use crate::redact::clean;
use crate::text::Span;
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeCharacters, ThemeStyles,
};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::fmt::{self, Display, Write};

/// A rule with more different messages than this and [`SLACK`] shows so many in full and lists the others.
const IN_FULL: usize = 4;
const SLACK: usize = 2;
/// How many places one list shows.
pub(super) const LISTED: usize = 8;
/// How many keys of a Secret one list shows.
const KEYS: usize = 12;
/// How many findings of one rule are listed by their message.
pub(super) const LINES: usize = 40;

pub(super) fn emit(report: &Report, tell: &Tell) -> String {
    let pen = Pen { report, tell };
    let mut out = String::new();
    let (live, named) = (super::live(report), super::named(report));
    // What may be a credential is counted: who wants to know all of it asks.
    let is_all = tell.detail == Detail::Verbose;
    let (counted, told): (Vec<Group>, Vec<Group>) =
        by_rule(&live, &named).into_iter().partition(|group| !is_all && pen.is_counted(group));
    pen.counted(&mut out, &counted);
    told.iter().for_each(|group| pen.rule(&mut out, group));
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

/// What is told under one rule and severity, in the report's order.
struct Group<'a> {
    severity: Severity,
    rule: &'a str,
    told: Vec<Told<'a>>,
}

impl<'a> Group<'a> {
    fn findings(&self) -> impl Iterator<Item = &'a Finding> {
        self.told.iter().flat_map(|told| &told.findings).copied()
    }
}

/// `named` are the same findings, with those of one place apart that lists call by other names.
fn by_rule<'l>(live: &'l [Cow<Finding>], named: &'l [Cow<Finding>]) -> Vec<Group<'l>> {
    let mut rules: BTreeMap<(Severity, &str), Vec<Told>> = BTreeMap::new();
    let (live, named) = (live.iter().map(|finding| &**finding), named.iter().map(|finding| &**finding));
    for told in rows::gathered(live, named) {
        rules.entry((told.severity, &told.worst().rule)).or_default().push(told);
    }
    rules.into_iter().map(|((severity, rule), told)| Group { severity, rule, told }).collect()
}

/// What every piece of the output needs.
pub(super) struct Pen<'a> {
    pub(super) report: &'a Report,
    pub(super) tell: &'a Tell<'a>,
}

// Writing to a String cannot fail, so what `write!` returns is dropped throughout.
impl Pen<'_> {
    fn rule(&self, out: &mut String, group: &Group) {
        let page = self.tell.book.page(group.rule);
        let title = page.map_or("", |page| page.title.as_str());
        let number = group.findings().count();
        // What to do may depend on how a thing is written.
        let common = group.told[0].worst().help.as_deref();
        let differs = group.findings().any(|finding| finding.help.as_deref() != common);
        let url = page.and_then(page_url);
        let name = self.link(&clean(group.rule), url.as_deref());
        let is_list = matches!(group.told[0].by, By::Line(_));
        let badge = self.paint(bold(group.severity), &format!("{}[{name}]", group.severity.name()));
        let times = self.paint(DIM, &times(group, number));
        let _ = writeln!(out, "{badge} {}{times}", self.paint(BOLD, &clean(title)));
        if self.tell.detail != Detail::Quiet
            && let Some(page) = page
        {
            let common = common.filter(|_| !differs);
            // The lines of a list have theirs above them.
            if !(is_list && differs) {
                self.wrapped(out, (CYAN, "  help: "), None, &help(page, common));
            }
            if let Some(url) = url.filter(|_| self.tell.colour != Colour::Links) {
                let _ = writeln!(out, "  {}", self.paint(DIM, &url));
            }
        }
        if is_list {
            return self.rows(out, page, &group.told);
        }
        out.push('\n');
        self.messages(out, group, differs);
    }

    /// Rules that are told by the number of their findings.
    fn counted(&self, out: &mut String, groups: &[Group]) {
        let said = |group: &Group| format!("{} ×{}", group.rule, group.findings().count());
        let said: Vec<String> = groups.iter().map(said).collect();
        if !said.is_empty() {
            let text = format!("{}; --verbose lists them", said.join(" · "));
            self.wrapped(out, (bold(Severity::Note), "notes: "), None, &text);
            out.push('\n');
        }
    }

    /// Whether findings are told by their number alone: notes about what may be a secret.
    fn is_counted(&self, group: &Group) -> bool {
        let page = self.tell.book.page(group.rule);
        group.severity == Severity::Note && page.is_some_and(|page| page.about == "secret")
    }

    /// What is told of a rule: the first few with their lines. `differs`: what to do is not the same for all.
    fn messages(&self, out: &mut String, group: &Group, differs: bool) {
        let all = self.tell.detail == Detail::Verbose || group.told.len() <= IN_FULL + SLACK;
        let full = if all { group.told.len() } else { IN_FULL };
        for told in &group.told[..full] {
            let worst = told.worst();
            self.finding(out, worst, &self.sentence(told));
            if let Some(own) = worst.help.as_ref().filter(|_| differs && self.tell.detail != Detail::Quiet) {
                self.wrapped(out, (CYAN, "   help: "), None, own);
            }
            match told.by {
                By::Object(..) => self.keys(out, told),
                _ => self.repeats(out, told),
            }
            out.push('\n');
        }
        let rest = &group.told[full..];
        for told in rest.iter().take(LINES) {
            let place = tally::place(self.report, told.worst().origin.span());
            let more = match told.by {
                _ if told.findings.len() == 1 => String::new(),
                By::Object(..) => format!(": {}", listed(keys_of(told, None))),
                _ => format!(" ×{}", told.findings.len()),
            };
            self.wrapped(out, (DIM, "  · "), Some(&place), &format!("{}{more}", self.sentence(told)));
        }
        if rest.len() > LINES {
            let hidden: usize = rest[LINES..].iter().map(|told| told.findings.len()).sum();
            let said = format!("  … and {hidden} more: --verbose shows all, --output concise lists them");
            let _ = writeln!(out, "{}", self.paint(DIM, &said));
        }
        if !rest.is_empty() {
            out.push('\n');
        }
    }

    /// What is said of findings that are told together.
    fn sentence(&self, told: &Told) -> String {
        let By::Object(_, object) = told.by else { return told.worst().says.clone() };
        match (told.findings.len(), told.worst().severity) {
            (1, _) => told.worst().says.clone(),
            (keys, Severity::Note) => format!("{keys} values of {object} may be credentials"),
            (keys, _) => format!("{keys} values of {object} are in plain text"),
        }
    }

    /// The keys of a Secret: which are surely credentials, which may be, and which are none.
    fn keys(&self, out: &mut String, told: &Told) {
        let By::Object(source, object) = told.by else { return };
        let is_setting = |exempt: &&Exempt| {
            exempt.at.source == source
                && exempt.object == object
                && matches!(exempt.why, Excuse::Setting | Excuse::Form | Excuse::Words)
        };
        let settings: Vec<&str> =
            self.report.facts.exempts.iter().filter(is_setting).map(|exempt| exempt.name.as_str()).collect();
        let several = told.findings.len() > 1;
        let of = |sure: Sureness| if several { keys_of(told, Some(sure)) } else { Vec::new() };
        let lists = [
            ("sure", of(Sureness::Sure)),
            ("weak", of(Sureness::Weak)),
            ("likely", of(Sureness::Likely)),
            ("settings", settings),
        ];
        for (title, mut names) in lists {
            let more = names.len().saturating_sub(KEYS);
            if self.tell.detail != Detail::Verbose && more > 1 {
                names.truncate(KEYS);
            }
            let more = if names.len() == KEYS && more > 1 { format!(", {more} more") } else { String::new() };
            if !names.is_empty() {
                let text = format!("{}{more}", names.join(", "));
                self.wrapped(out, (DIM, &format!("   {title:<8}  ")), None, &text);
            }
        }
        if self.tell.detail == Detail::Verbose {
            for finding in told.findings.iter().skip(1) {
                let place = tally::place(self.report, finding.origin.span());
                self.wrapped(out, (DIM, "   also "), Some(&place), &finding.says);
            }
        }
    }

    /// One finding with its lines and the places that belong to it.
    fn finding(&self, out: &mut String, finding: &Finding, says: &str) {
        let primary = finding.origin.span();
        let line = |span: Span| {
            let source = self.report.sources.get(span.source);
            source.lines().line_of(span.start as usize)
        };
        let (near, far): (Vec<_>, Vec<_>) =
            places(self.report, finding).into_iter().partition(|(span, _)| {
                span.source == primary.source
                    && line(*span).abs_diff(line(primary)) <= NEAR
                    && *span != primary
            });
        self.snippet(out, finding.severity, says, Some((primary, &near)));
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
            self.wrapped(out, (CYAN, "   fix: "), None, &fix.title);
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

    /// The other places of what is told once.
    fn repeats(&self, out: &mut String, told: &Told) {
        let others = &told.findings[1..];
        let shown = if self.tell.detail == Detail::Verbose { others.len() } else { others.len().min(LISTED) };
        // Other names may have the same value.
        let is_value = matches!(told.by, By::Value(_));
        for finding in &others[..shown] {
            let place = self.paint(LINK, &tally::place(self.report, finding.origin.span()));
            let word = if is_value { "same value" } else { "also" };
            let _ = writeln!(out, "   {} {place}", self.paint(DIM, word));
        }
        if others.len() > shown {
            let more = format!("   and in {}", count(others.len() - shown, "more place"));
            let _ = writeln!(out, "{}", self.paint(DIM, &more));
        }
    }

    /// A message and, if it has a place, the lines around it, drawn by miette.
    pub(super) fn snippet(
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
            let (window, labels) = Window::around(self.report, span, near, width);
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
    pub(super) fn wrapped(
        &self,
        out: &mut String,
        (style, heading): (&str, &str),
        place: Option<&str>,
        text: &str,
    ) {
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

    pub(super) fn paint(&self, style: &str, text: &str) -> String {
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

/// How often a rule is broken, in what is to be mended.
fn times(group: &Group, number: usize) -> String {
    let all = |is: fn(&By) -> bool| group.told.iter().all(|told| is(&told.by));
    let told = group.told.len();
    match () {
        () if all(|by| matches!(by, By::Line(_))) => {
            let places: HashSet<Span> = group.findings().map(|finding| finding.origin.span()).collect();
            format!("  {} in {}", count(rows::names(&group.told), "image"), count(places.len(), "place"))
        }
        () if number == 1 => String::new(),
        () if all(|by| matches!(by, By::Object(..))) => {
            format!("  {}, {}", count(told, "Secret"), count(number, "key"))
        }
        () if told < number && all(|by| matches!(by, By::Value(_))) => {
            format!("  {} in {}", count(told, "value"), count(number, "place"))
        }
        () => format!("  ×{number}"),
    }
}

/// The keys of a Secret, or those of them that are as sure as this.
fn keys_of<'a>(told: &Told<'a>, of: Option<Sureness>) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for finding in &told.findings {
        if let Row::Key { key, sure, .. } = &finding.row
            && of.is_none_or(|of| of == *sure)
            && !names.contains(&key.as_str())
        {
            names.push(key);
        }
    }
    names
}

const BOLD: &str = "1";
pub(super) const DIM: &str = "2";
pub(super) const YELLOW: &str = "33";
pub(super) const CYAN: &str = "36";
pub(super) const LINK: &str = "36";

pub(super) fn bold(severity: Severity) -> &'static str {
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
        let out = emit(&sample::shown(report), &sample::tell());
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
  not secret: 1 reference · 3 placeholders; --verbose tells where
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
        report.facts.exempts.clear();
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
    fn a_secret_is_told_once_with_its_keys_and_a_default_once_with_its_places() {
        let text = "kind: Secret\nstringData:\n  admin: %1\n  login: %2\n  pin: %3\n  level: info\n";
        let mut report =
            sample::over(&[("apps/secret.yaml", text), ("apps/compose.yaml", "a: %4\nb: %4\nc: %4\n")]);
        let key = |needle: &str, key: &str, sure| {
            let says = format!("password `{key}` in Secret/db is in plain text");
            let finding = sample::finding(&report, 0, "secret-in-manifest", needle, &says);
            let row = Row::Key { object: "Secret/db".into(), key: key.into(), sure };
            Finding { row, masked: true, ..finding }
        };
        let mut findings = vec![
            key("%1", "admin", Sureness::Sure),
            key("%2", "login", Sureness::Likely),
            key("%3", "pin", Sureness::Weak),
        ];
        for name in ["a", "b", "c"] {
            let says = format!("password `{name}` is in plain text");
            let finding = sample::finding(&report, 1, "secret-in-manifest", &format!("{name}: "), &says);
            findings.push(Finding { row: Row::Value(7), ..finding });
        }
        report.findings = findings;
        let setting = Exempt {
            at: sample::find(&report, 0, "info"),
            why: Excuse::Setting,
            name: "level".into(),
            object: "Secret/db".into(),
            times: 1,
        };
        report.facts.exempts = vec![setting];
        let report = sample::shown(report);
        let out = emit(&report, &sample::tell());
        let expected = "\
  × 3 values of Secret/db are in plain text
   ╭─[apps/secret.yaml:3:10]
 2 │ stringData:
 3 │   admin: ****
   ·          ────
 4 │   login: ****
   ╰────
   sure      admin
   weak      pin
   likely    login
   settings  level

  × password `a` is in plain text
   ╭─[apps/compose.yaml:1:1]
 1 │ a: %4
   · ───
 2 │ b: %4
   ╰────
   same value apps/compose.yaml:2:1
   same value apps/compose.yaml:3:1

× 6 errors in 2 files
";
        assert!(out.contains(expected), "{out}");
        let verbose = emit(&report, &Tell { detail: Detail::Verbose, ..sample::tell() });
        assert!(verbose.contains("also apps/secret.yaml:4:10 password `login` in Secret/db"), "{verbose}");
        assert!(verbose.contains("- apps/secret.yaml:6:10 `level` is a setting"), "{verbose}");
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
            report.findings.push(Finding { row: Row::Line(image.into()), ..finding });
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
