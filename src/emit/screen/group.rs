//! What is told under one rule: its name, what is wrong where, and what to do.

use super::pen::{BOLD, CYAN, DIM, Heading, Pen, Word, bold};
use super::rows::{self, By, Told};
use crate::emit::report::help;
use crate::emit::{count, grouped, page_url, places};
use crate::facts::{Excuse, Exempt, Sureness, listed, objects};
use crate::finding::{Finding, Row, Safety, Severity};
use crate::redact::clean;
use crate::rules::Page;
use crate::text::Span;
use std::collections::HashSet;

/// How many related places of one finding are shown.
const LISTED: usize = 4;
/// How many keys of a Secret one list shows.
const KEYS: usize = 12;
/// Labels so many lines away are drawn beside their lines; those further away are told in words.
const NEAR: usize = 2;
const NEAR_IN_FULL: usize = 6;

/// What is told under one rule and severity, in the report's order.
pub(super) struct Group<'a> {
    pub(super) severity: Severity,
    pub(super) rule: &'a str,
    pub(super) told: Vec<Told<'a>>,
}

/// How much of each group is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fit {
    /// With their lines.
    pub(super) drawn: usize,
    /// As rows, behind those.
    pub(super) rows: usize,
}

impl Fit {
    pub(super) const ALL: Fit = Fit { drawn: usize::MAX, rows: usize::MAX };
    /// The name of the rule and a number.
    pub(super) const NAMES: Fit = Fit { drawn: 0, rows: 0 };
}

impl<'a> Group<'a> {
    fn findings(&self) -> impl Iterator<Item = &'a Finding> {
        self.told.iter().flat_map(|told| &told.findings).copied()
    }

    /// How many of its findings are drawn with their lines, and how many are rows.
    pub(super) fn shows(&self, fit: Fit) -> (usize, usize) {
        let drawn = if self.is_list() { 0 } else { fit.drawn.min(self.told.len()) };
        (drawn, fit.rows.min(self.told.len() - drawn))
    }

    fn is_list(&self) -> bool {
        matches!(self.told[0].by, By::Line(_))
    }

    /// How often the rule is broken, in what is to be mended; nothing where once.
    fn times(&self, page: Option<&Page>) -> String {
        let all = |is: fn(&By) -> bool| self.told.iter().all(|told| is(&told.by));
        let (told, number) = (self.told.len(), self.findings().count());
        match () {
            () if all(|by| matches!(by, By::Line(_))) => {
                let places: HashSet<Span> = self.findings().map(|finding| finding.place()).collect();
                let names = rows::names(&self.told);
                let what = page.map_or("place", |page| match page.about.as_str() {
                    what @ ("image" | "chart" | "action") => what,
                    _ => "place",
                });
                match places.len() == names {
                    true => count(names, what),
                    false => format!("{} in {}", count(names, what), count(places.len(), "place")),
                }
            }
            () if number == 1 => String::new(),
            () if all(|by| matches!(by, By::Object(..))) => {
                format!("{}, {}", count(told, "Secret"), count(number, "key"))
            }
            () if told < number && all(|by| matches!(by, By::Value(_))) => {
                format!("{} in {}", count(told, "value"), count(number, "place"))
            }
            () => count(number, "place"),
        }
    }
}

impl Pen<'_> {
    /// A group, with as much of it as fits.
    pub(super) fn group(&self, out: &mut String, group: &Group, fit: Fit) {
        let page = self.tell.book.page(group.rule);
        let only =
            Some(&group.told[0]).filter(|_| group.told.len() == 1 && !group.is_list() && fit != Fit::NAMES);
        self.heading(out, group, page, only);
        if fit == Fit::NAMES {
            return;
        }
        if group.is_list() {
            self.list(out, page, &group.told, fit.rows);
        } else {
            self.messages(out, group, page, fit, only.is_some());
        }
        if self.is_verbose()
            && let Some(url) = page.and_then(page_url)
        {
            out.push_str(&format!("  {}\n", self.paint(DIM, &url)));
        }
    }

    /// What rule it is, and what is wrong: the sentence where there is but one, else the rule's title and how often.
    fn heading(&self, out: &mut String, group: &Group, page: Option<&Page>, only: Option<&Told>) {
        let name = clean(group.rule);
        let severity = format!("{:<8} ", group.severity.name());
        let mut words = self.styled(bold(group.severity), &name);
        if let Some(word) = words.first_mut() {
            *word = word.linked(self, page.and_then(page_url).as_deref());
        }
        words.push(Word::gap());
        match only {
            Some(told) => words.extend(self.words(&self.sentence(told))),
            None => words.extend(self.styled(BOLD, page.map_or("", |page| page.title.as_str()))),
        }
        let times = group.times(page);
        if only.is_none_or(|told| told.findings.len() > 1) && !times.is_empty() {
            words.push(Word::gap());
            words.extend(self.styled(DIM, &times));
        }
        self.flow(out, Heading { style: bold(group.severity), text: &severity, indent: 9 }, &words);
    }

    /// What is told of a rule: the first few with their lines, some in rows, the rest as a number.
    fn messages(&self, out: &mut String, group: &Group, page: Option<&Page>, fit: Fit, is_said: bool) {
        let common = group.told[0].worst().help.as_deref();
        let differs = group.findings().any(|finding| finding.help.as_deref() != common);
        // Of what nothing is wrong with but that it is there, its lines say nothing.
        let is_plain = !self.is_verbose()
            && page.is_some_and(|page| matches!(page.about.as_str(), "obstacle" | "pintle"));
        let drawn = if is_plain { 0 } else { group.told.len().min(fit.drawn) };
        for told in &group.told[..drawn] {
            let worst = told.worst();
            if !is_said {
                self.flow(out, Heading::hanging("", "  "), &self.words(&self.sentence(told)));
            }
            self.drawn(out, worst);
            match told.by {
                By::Object(..) => self.keys(out, told),
                _ => self.repeats(out, told),
            }
            if differs
                && !self.is_quiet()
                && let Some(page) = page
            {
                self.flow(
                    out,
                    Heading::hanging(CYAN, "   help: "),
                    &self.words(&help(page, worst.help.as_deref())),
                );
            }
        }
        let rest = &group.told[drawn..];
        for told in rest.iter().take(fit.rows) {
            self.row(out, told, is_said);
        }
        self.hidden(out, rest.iter().skip(fit.rows), "");
        if !differs
            && !self.is_quiet()
            && let Some(page) = page
        {
            self.flow(out, Heading::hanging(CYAN, "  help: "), &self.words(&help(page, common)));
        }
    }

    /// One line for what is wrong and where, or a few if they are long.
    fn row(&self, out: &mut String, told: &Told, is_said: bool) {
        let mut words = Vec::new();
        if !is_said {
            words.extend(self.words(&self.sentence(told)));
            if let (By::Object(..), true) = (told.by, told.findings.len() > 1) {
                words.extend(self.words(&format!("({})", listed(keys_of(told, None)))));
            }
            words.push(Word::gap());
        }
        words.push(self.place(told.worst().place()));
        words.extend(self.more(told));
        self.flow(out, Heading { style: "", text: "  ", indent: 4 }, &words);
    }

    /// How many more places there are.
    fn more(&self, told: &Told) -> Vec<Word> {
        match told.findings.len() - 1 {
            0 => Vec::new(),
            _ if matches!(told.by, By::Object(..)) => Vec::new(),
            more => self.styled(DIM, &format!("+{more}")),
        }
    }

    /// What is not shown is counted.
    fn hidden<'t>(&self, out: &mut String, rest: impl Iterator<Item = &'t Told<'t>>, more: &str) {
        let number: usize = rest.map(|told| told.findings.len()).sum();
        if number > 0 {
            let said = format!("… {} more{more} (-v shows all)", grouped(number));
            self.flow(out, Heading::hanging("", "  "), &self.styled(DIM, &said));
        }
    }

    /// The lines of a list, under what is to be done about them. Where most of the images have a digest, these are the ones that
    /// were forgotten; where few do, nobody has decided yet.
    fn list(&self, out: &mut String, page: Option<&Page>, rows: &[Told], most: usize) {
        let helps = rows::helps(rows);
        let rows: Vec<&Told> =
            helps.iter().flat_map(|help| rows.iter().filter(move |row| row.help() == *help)).collect();
        let (rows, rest) = rows.split_at(rows.len().min(most));
        let names: Vec<String> = rows.iter().map(|row| rows::name(row)).collect();
        let column = rows::column(&names, self.width());
        for (at, (row, name)) in rows.iter().zip(&names).enumerate() {
            let is_first = at == 0 || rows[at - 1].help() != row.help();
            if let Some(page) = page.filter(|_| is_first && !self.is_quiet()) {
                self.flow(out, Heading::hanging(CYAN, "  help: "), &self.words(&help(page, row.help())));
            }
            self.line(out, row, name, column);
        }
        let names: HashSet<&String> = names.iter().collect();
        let rest: HashSet<String> =
            rest.iter().map(|row| rows::name(row)).filter(|name| !names.contains(name)).collect();
        if !rest.is_empty() {
            let said = format!("… {} more (-v shows all)", grouped(rest.len()));
            self.flow(out, Heading::hanging("", "  "), &self.styled(DIM, &said));
        }
    }

    /// One line of a list: what it is about, and where that is decided.
    fn line(&self, out: &mut String, told: &Told, name: &str, column: usize) {
        let worst = told.worst();
        let mut words = vec![self.place(worst.place())];
        words.extend(self.more(told));
        let wide = name.chars().count();
        let needs = column + 4 + words.iter().map(|word| word.wide() + 1).sum::<usize>();
        let padded = match wide <= column && needs <= self.width() {
            true => format!("  {name}{}  ", " ".repeat(column - wide)),
            false => {
                self.flow(out, Heading::hanging("", "  "), &[Word::plain(name)]);
                "    ".to_owned()
            }
        };
        words.extend(self.whole(DIM, worst.reserve().trim_start()));
        self.flow(out, Heading { style: "", text: &padded, indent: 6 }, &words);
        if self.is_verbose() {
            for finding in &told.findings[1..] {
                self.flow(
                    out,
                    Heading { style: DIM, text: "    also ", indent: 6 },
                    &[self.place(finding.place())],
                );
            }
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
                && matches!(exempt.why, Excuse::Setting | Excuse::Form | Excuse::User | Excuse::Words)
        };
        let settings: Vec<&str> =
            self.report.facts.exempts.iter().filter(is_setting).map(|exempt| exempt.name.as_str()).collect();
        let several = told.findings.len() > 1;
        let of = |sure: Sureness| if several { keys_of(told, Some(sure)) } else { Vec::new() };
        let lists = [
            ("sure", of(Sureness::Sure)),
            ("weak", of(Sureness::Weak)),
            ("likely", of(Sureness::Likely)),
            ("settings", if self.is_verbose() { settings } else { Vec::new() }),
        ];
        for (title, mut names) in lists {
            let more = names.len().saturating_sub(KEYS);
            if !self.is_verbose() && more > 1 {
                names.truncate(KEYS);
            }
            let more = if names.len() == KEYS && more > 1 { format!(", {more} more") } else { String::new() };
            if !names.is_empty() {
                let text = format!("{}{more}", names.join(", "));
                self.wrapped(out, (DIM, &format!("   {title:<8}  ")), None, &text);
            }
        }
        if self.is_verbose() {
            for finding in told.findings.iter().skip(1) {
                self.wrapped(out, (DIM, "   also "), Some(finding.place()), &finding.says);
            }
        }
    }

    /// The lines of one finding and the places that belong to it.
    fn drawn(&self, out: &mut String, finding: &Finding) {
        let primary = finding.place();
        let line = |span: Span| {
            let source = self.report.sources.get(span.source);
            source.lines().line_of(span.start as usize)
        };
        let reach = if self.is_verbose() { NEAR_IN_FULL } else { NEAR };
        let (near, far): (Vec<_>, Vec<_>) =
            places(self.report, finding).into_iter().partition(|(span, _)| {
                span.source == primary.source
                    && line(*span).abs_diff(line(primary)) <= reach
                    && *span != primary
            });
        let is_drawn = self.excerpt(out, finding.severity, primary, &near);
        if !is_drawn {
            self.flow(out, Heading::hanging("", "    "), &[self.place(primary)]);
        }
        let listed = if self.is_verbose() { far.len() } else { far.len().min(LISTED) };
        for (span, says) in &far[..listed] {
            self.wrapped(out, (DIM, "   ↳ "), Some(*span), says);
        }
        if far.len() > listed {
            let more = far.len() - listed;
            let said = format!("and {} (-v)", count(more, "more place"));
            self.wrapped(out, (DIM, "   ↳ "), None, &said);
        }
        if let Some(who) = self.affected(finding) {
            self.wrapped(out, (DIM, "   ↳ "), None, &who);
        }
        if let Some(fix) = &finding.fix {
            let how = match fix.safety {
                Safety::Safe => " (`pintle lint --fix` does it)",
                Safety::Unsafe => " (`pintle lint --fix --unsafe` does it)",
                Safety::ShowOnly => "",
            };
            self.wrapped(out, (CYAN, "   fix: "), None, &format!("{}{how}", fix.title));
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
        let shown = if self.is_verbose() { others.len() } else { others.len().min(LISTED) };
        // Other names may have the same value.
        let is_value = matches!(told.by, By::Value(_));
        let word = if is_value { "   same value " } else { "   also " };
        for finding in &others[..shown] {
            self.flow(out, Heading { style: DIM, text: word, indent: 6 }, &[self.place(finding.place())]);
        }
        if others.len() > shown {
            let said = format!("and in {} (-v)", count(others.len() - shown, "more place"));
            self.flow(out, Heading::hanging("", "   "), &self.styled(DIM, &said));
        }
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
