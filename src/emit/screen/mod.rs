//! The report for people at a terminal: a screen of errors at most, next to the prompt.
//!
//! Findings are grouped by rule, and within a rule by what `rows` tells together. As much is shown as fits: a screen of errors, one
//! of warnings, half a one of notes, and of each rule its name and number. What does not fit is counted, and `--verbose` shows all.

mod closing;
mod excerpt;
mod group;
mod pen;
mod rows;
#[cfg(test)]
mod tests;
mod window;

use super::{Drawing, Reader, Tell, live, named};
use crate::finding::{Finding, Report, Severity};
use group::{Fit, Group};
use pen::Pen;
use rows::Told;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Every finding, none with its lines.
const EVERY: Fit = Fit { drawn: 0, rows: usize::MAX };
/// What may be drawn besides, where there is room for every finding.
const BESIDES: &[Fit] = &[
    Fit { drawn: 1, ..EVERY },
    Fit { drawn: 2, ..EVERY },
    Fit { drawn: 4, ..EVERY },
    Fit { drawn: 8, ..EVERY },
    Fit::ALL,
];
/// Where there is none: how much more of a group is shown, step by step, behind its name.
const ROWS: &[Fit] = &[
    Fit { drawn: 0, rows: 1 },
    Fit { drawn: 0, rows: 2 },
    Fit { drawn: 0, rows: 4 },
    Fit { drawn: 0, rows: 8 },
    Fit { drawn: 1, rows: 12 },
    Fit { drawn: 2, rows: 20 },
    Fit { drawn: 4, rows: 40 },
];
/// The same where the cause stands elsewhere, so that the lines are worth their room.
const DRAWN: &[Fit] = &[
    Fit { drawn: 0, rows: 1 },
    Fit { drawn: 1, rows: 2 },
    Fit { drawn: 2, rows: 8 },
    Fit { drawn: 4, rows: 20 },
];
/// What such a group gets behind its first row, where there is no room for lines.
const UNDRAWN: &[Fit] = &[Fit { drawn: 0, rows: 2 }, Fit { drawn: 0, rows: 4 }, Fit { drawn: 0, rows: 8 }];

pub(super) fn emit(report: &Report, tell: &Tell) -> String {
    let pen = Pen { report, tell };
    let (live, named) = (live(report), named(report));
    let groups = by_rule(&live, &named);
    let of = |severity| groups.iter().filter(|group| group.severity == severity).collect::<Vec<_>>();
    let (mut fatal, mut unread, mut end) = (String::new(), String::new(), String::new());
    pen.fatal(&mut fatal);
    pen.problems(&mut unread);
    pen.closing(&mut end);
    let taken = [&fatal, &end].map(|text| text.lines().count()).iter().sum::<usize>() + 1;
    let errors = pen.fitted(&of(Severity::Error), tell.height.saturating_sub(taken));
    let warnings = pen.fitted(&of(Severity::Warning), tell.height);
    let notes = pen.fitted(&of(Severity::Note), tell.height / 2);
    // The worst is what is seen first: at a terminal that is the end.
    let parts = match tell.reader {
        Reader::Terminal => [notes, warnings, unread, errors, fatal],
        Reader::Pipe => [fatal, errors, warnings, notes, unread],
    };
    let out = parts.concat() + &end;
    match tell.drawing {
        Drawing::Unicode => out,
        Drawing::Ascii => in_ascii(&out),
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

/// A group, and what of it is shown.
struct Shown<'g> {
    group: &'g Group<'g>,
    fit: Fit,
    text: String,
    /// The steps to more of it.
    more: &'static [Fit],
    is_joined: bool,
}

impl Shown<'_> {
    /// An empty line stands behind each group that is more than its name.
    fn lines(&self) -> usize {
        self.text.lines().count() + usize::from(self.fit != Fit::NAMES)
    }
}

impl Pen<'_> {
    /// The groups, each with as much of it as fits into so many lines with all the others.
    fn fitted(&self, groups: &[&Group], lines: usize) -> String {
        if self.is_verbose() {
            return groups.iter().map(|group| self.drawn_as(group, Fit::ALL) + "\n").collect();
        }
        let taken = |shown: &[Shown]| shown.iter().map(Shown::lines).sum::<usize>() + 1;
        let findings: usize =
            groups.iter().filter(|group| !self.is_counted(group)).map(|group| group.told.len()).sum();
        let whole = (findings <= lines).then(|| self.shown(groups, EVERY)).filter(|all| taken(all) <= lines);
        let mut shown = whole.unwrap_or_else(|| self.shown(groups, Fit::NAMES));
        let left = lines.saturating_sub(taken(&shown));
        self.grow(&mut shown, left);
        shown.sort_by_key(|one| one.group.rule);
        let (named, shown): (Vec<Shown>, Vec<Shown>) =
            shown.into_iter().partition(|one| one.fit == Fit::NAMES);
        let mut out: String = named.iter().map(|one| one.text.as_str()).collect();
        if !named.is_empty() {
            out.push('\n');
        }
        for one in shown {
            out.push_str(&one.text);
            out.push('\n');
        }
        out
    }

    fn drawn_as(&self, group: &Group, fit: Fit) -> String {
        let mut out = String::new();
        self.group(&mut out, group, fit);
        out
    }

    /// All groups, with so much of each.
    fn shown<'g>(&self, groups: &[&'g Group<'g>], fit: Fit) -> Vec<Shown<'g>> {
        let shown = |group: &&'g Group<'g>| {
            let page = self.tell.book.page(group.rule);
            let is_joined =
                group.severity > Severity::Note && page.is_some_and(|page| page.about == "joined");
            let (fit, more) = match fit {
                _ if self.is_counted(group) => (Fit::NAMES, &[][..]),
                Fit::NAMES if is_joined => (fit, DRAWN),
                Fit::NAMES => (fit, ROWS),
                fit => (fit, BESIDES),
            };
            Shown { group, fit, text: self.drawn_as(group, fit), more, is_joined }
        };
        groups.iter().map(shown).collect()
    }

    /// Shows more of the groups, as long as lines are left: they take turns, those first whose cause stands elsewhere.
    fn grow(&self, shown: &mut [Shown], mut left: usize) {
        shown.sort_by_key(|one| !one.is_joined);
        while shown.iter().any(|one| !one.more.is_empty()) {
            for one in shown.iter_mut() {
                let Some((fit, rest)) = one.more.split_first() else { continue };
                // What shows no more than there is already is not drawn again.
                if one.group.shows(*fit) == one.group.shows(one.fit) {
                    one.more = rest;
                    continue;
                }
                let more = Shown { fit: *fit, text: self.drawn_as(one.group, *fit), more: rest, ..*one };
                let (before, after) = (one.lines(), more.lines());
                if after <= before + left {
                    left = left + before - after;
                    *one = more;
                } else {
                    // Where there is no room for lines of a file there may be some for rows.
                    let is_for_rows = one.more == &DRAWN[1..];
                    one.more = if is_for_rows { UNDRAWN } else { &[] };
                }
            }
        }
    }

    /// Whether findings are told by their number alone: who wants to know all that may be a credential asks.
    fn is_counted(&self, group: &Group) -> bool {
        let page = self.tell.book.page(group.rule);
        let may_be_secret =
            group.severity == Severity::Note && page.is_some_and(|page| page.about == "secret");
        may_be_secret && !self.is_verbose()
    }
}

/// The same for a terminal without the characters that we draw with. Others may be a file's own, and stay.
fn in_ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '─' | '┬' => out.push('-'),
            '│' => out.push('|'),
            '·' => out.push('-'),
            '╭' | '╰' => out.push('+'),
            '×' | '✗' => out.push('x'),
            '⚠' => out.push('!'),
            '✓' => out.push('+'),
            '…' => out.push_str("..."),
            '↳' | '→' => out.push_str("->"),
            c => out.push(c),
        }
    }
    out
}
