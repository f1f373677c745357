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

/// How much of a group is shown, from least to most, where the line of a finding says all.
const ROWS: [Fit; 9] = [
    Fit::NAMES,
    Fit { drawn: 0, rows: 1 },
    Fit { drawn: 0, rows: 2 },
    Fit { drawn: 0, rows: 4 },
    Fit { drawn: 0, rows: 8 },
    Fit { drawn: 1, rows: 12 },
    Fit { drawn: 2, rows: 20 },
    Fit { drawn: 4, rows: 40 },
    Fit::ALL,
];
/// The same where the cause stands elsewhere, so that the lines are worth their room.
const DRAWN: [Fit; 5] =
    [Fit::NAMES, Fit { drawn: 1, rows: 2 }, Fit { drawn: 2, rows: 8 }, Fit { drawn: 4, rows: 20 }, Fit::ALL];

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
    fits: &'static [Fit],
    /// Which of the fits.
    at: usize,
    text: String,
    is_joined: bool,
}

impl Shown<'_> {
    fn lines(&self) -> usize {
        self.text.lines().count() + usize::from(self.at > 0)
    }
}

impl Pen<'_> {
    /// The groups, each with as much of it as fits into so many lines with all the others: they take turns at asking for more,
    /// those first whose cause stands elsewhere.
    fn fitted(&self, groups: &[&Group], lines: usize) -> String {
        let drawn = |group: &Group, fit: Fit| {
            let mut out = String::new();
            self.group(&mut out, group, fit);
            out
        };
        if self.is_verbose() {
            return groups.iter().map(|group| drawn(group, Fit::ALL) + "\n").collect();
        }
        let mut shown: Vec<Shown> = groups
            .iter()
            .map(|group| {
                let page = self.tell.book.page(group.rule);
                let is_joined =
                    group.severity > Severity::Note && page.is_some_and(|page| page.about == "joined");
                let fits = if is_joined { &DRAWN[..] } else { &ROWS[..] };
                let fits = if self.is_counted(group) { &fits[..1] } else { fits };
                Shown { group, fits, at: 0, text: drawn(group, Fit::NAMES), is_joined }
            })
            .collect();
        // An empty line stands behind each group that is more than its name.
        let mut left = lines.saturating_sub(shown.iter().map(Shown::lines).sum::<usize>() + 1);
        shown.sort_by_key(|shown| !shown.is_joined);
        let mut is_growing = true;
        while is_growing {
            is_growing = false;
            for one in &mut shown {
                let Some(fit) = one.fits.get(one.at + 1) else { continue };
                // What shows no more than there is already is not drawn again.
                if one.group.shows(*fit) == one.group.shows(one.fits[one.at]) {
                    (one.at, is_growing) = (one.at + 1, true);
                    continue;
                }
                // What shows more findings than there are lines is not tried.
                let is_too_much = *fit == Fit::ALL && one.group.told.len() > lines;
                let text = if is_too_much { String::new() } else { drawn(one.group, *fit) };
                let more = Shown { at: one.at + 1, text, ..*one };
                let (before, after) = (one.lines(), more.lines());
                if is_too_much || after > before + left {
                    // Where there is no room for lines of a file there may be some for rows.
                    one.fits = if one.is_joined { &ROWS[..5] } else { &one.fits[..=one.at] };
                    is_growing |= std::mem::take(&mut one.is_joined);
                    continue;
                }
                left = left + before - after;
                (*one, is_growing) = (more, true);
            }
        }
        shown.sort_by_key(|one| one.group.rule);
        let (named, shown): (Vec<Shown>, Vec<Shown>) = shown.into_iter().partition(|one| one.at == 0);
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
