//! Files that are scripts, or hold lines of them: scripts by their ending or their first line, recipes of Make and
//! just, tables of times, and units of systemd.

use super::super::{Desk, Format, Read, tell};
use super::scripts::{Job, names_tool, nothing, read};
use crate::syntax::ini;
use crate::syntax::shell::Dialect;
use crate::text::{File, Hole, Origin, Part, Reason, Span};
use std::collections::BTreeSet;
use std::ops::Range;

pub(in crate::formats) const FORMAT: Format =
    Format { name: "commands", words: &[], wants, read: Read::Text(read_file) };

/// What holds commands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Script(Dialect),
    Times,
    Unit,
    /// Tasks of mise.
    Tasks,
}

fn wants(file: &File) -> bool {
    kind(file).is_some() && names_tool(file)
}

fn kind(file: &File) -> Option<Kind> {
    const TEMPLATES: [&str; 6] = [".j2", ".tmpl", ".tpl", ".gotmpl", ".template", ".in"];
    const SHELLS: [&str; 9] = ["sh", "bash", "zsh", "ksh", "ash", "dash", "bats", "envrc", "xsh"];
    let base = file.base();
    let base = TEMPLATES.iter().find_map(|end| base.strip_suffix(end)).unwrap_or(base);
    let (stem, end) = base.rsplit_once('.').unwrap_or((base, ""));
    let folder = file.directory().rsplit('/').next().unwrap_or_default();
    let name = stem.to_ascii_lowercase();
    match end {
        _ if matches!(name.as_str(), "makefile" | "gnumakefile") || end == "mk" => {
            Some(Kind::Script(Dialect::Make))
        }
        _ if matches!(name.as_str(), "justfile" | ".justfile") || end == "just" => {
            Some(Kind::Script(Dialect::Just))
        }
        end if SHELLS.contains(&end) => Some(Kind::Script(Dialect::Shell)),
        "service" => Some(Kind::Unit),
        "toml" if base.contains("mise") || folder == "mise" => Some(Kind::Tasks),
        "cron" | "crontab" => Some(Kind::Times),
        _ if base == "crontab" || matches!(folder, "cron.d" | "crontabs") => Some(Kind::Times),
        _ => names_shell(file.text).then_some(Kind::Script(Dialect::Shell)),
    }
}

/// `#!/usr/bin/env bash`.
fn names_shell(text: &str) -> bool {
    let first = text.strip_prefix("#!").map(|rest| rest.lines().next().unwrap_or_default());
    let is_shell = |word: &str| {
        let name = word.rsplit('/').next().unwrap_or(word);
        matches!(name, "sh" | "bash" | "zsh" | "ksh" | "ash" | "dash")
    };
    first.is_some_and(|line| line.split_whitespace().any(is_shell))
}

fn read_file(desk: &mut Desk) {
    let text = desk.file.text;
    let part = |start: usize, end: usize| {
        Part::new(&text[start..end], Origin::verbatim(Span::new(desk.file.id, start, end)))
    };
    let (dialect, texts) = match kind(&desk.file) {
        Some(Kind::Script(dialect)) => (dialect, vec![part(0, text.len())]),
        Some(Kind::Times) => {
            let is_system = desk.file.name.contains("cron.d/");
            let lines =
                lines(text).filter_map(|(at, line)| Some(at + command(line, is_system)?..at + line.len()));
            (Dialect::Shell, lines.map(|range| part(range.start, range.end)).collect())
        }
        Some(Kind::Unit) => (Dialect::Shell, unit(desk)),
        Some(Kind::Tasks) => {
            (Dialect::Shell, runs(text).into_iter().map(|run| part(run.start, run.end)).collect())
        }
        None => return,
    };
    let owner = match kind(&desk.file) {
        Some(Kind::Unit) => tell::owner(desk, FORMAT.name, "unit", desk.file.base()),
        _ => tell::owner(desk, FORMAT.name, "script", ""),
    };
    // Make and just run where their file is. A script is run from wherever people are: most often the root.
    let home = match kind(&desk.file) {
        Some(Kind::Script(Dialect::Make | Dialect::Just)) => Some(desk.file.directory()),
        Some(Kind::Script(_) | Kind::Tasks) => Some(""),
        _ => None,
    };
    let job = Job { owner: &owner, path: "", dialect, outer: &nothing, home };
    read(desk, &job, &texts, &mut BTreeSet::new());
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line.trim_end()))
    })
}

/// Where the command of a line begins: behind five fields, or `@daily`, and who runs it.
fn command(line: &str, is_system: bool) -> Option<usize> {
    let trimmed = line.trim_start();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return None;
    }
    let is_time = trimmed.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '*' | '@' | '{'));
    if !is_time {
        return Some(0);
    }
    let fields = if trimmed.starts_with('@') { 1 } else { 5 };
    let mut at = line.len() - trimmed.len();
    for _ in 0..fields + usize::from(is_system) {
        let rest = &line[at..];
        let word = rest.find(char::is_whitespace)?;
        at += word + rest[word..].find(|c: char| !c.is_whitespace())?;
    }
    Some(at)
}

/// The texts of `run = "…"`, one or a list of them, on one line or on several between three quotes.
fn runs(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some((start, line)) =
        lines(&text[at..]).find(|(_, line)| is_run(line)).map(|(from, line)| (at + from, line))
    {
        let value = start + line.find('=').map_or(line.len(), |sign| sign + 1);
        at = start + line.len();
        let is_list = text[value..].trim_start().starts_with('[');
        let end = if is_list { text[value..].find(']').map_or(text.len(), |end| value + end) } else { at };
        let mut from = value;
        while let Some(open) =
            text[from..].find(['"', '\'']).map(|open| from + open).filter(|open| *open < end.max(at))
        {
            let quote =
                ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| text[open..].starts_with(quote));
            let quote = quote.unwrap_or("\"");
            let begin = open + quote.len();
            let Some(close) = text[begin..].find(quote).map(|close| begin + close) else { return out };
            out.push(begin..close);
            from = close + quote.len();
            at = at.max(from);
            if !is_list {
                break;
            }
        }
    }
    out
}

fn is_run(line: &str) -> bool {
    line.trim_start().strip_prefix("run").is_some_and(|rest| rest.trim_start().starts_with('='))
}

/// A text with each `%i` as a hole: systemd puts there what the unit is called, and the like.
fn with_holes(part: &Part) -> Part {
    let text = part.text.as_bytes();
    let is_sign = |at: &usize| text.get(at + 1).is_some_and(u8::is_ascii_alphabetic);
    let signs = part.text.match_indices('%').map(|(at, _)| at).filter(is_sign);
    let holes: Vec<_> = signs.map(|at| (at..at + 2, Hole::new(Reason::Variable, ""))).collect();
    part.with_holes(&holes)
}

/// The variables of a unit, and what it starts.
fn unit(desk: &Desk) -> Vec<Part> {
    let entries = ini::read(desk.file.id, desk.file.text);
    let of_service = entries.into_iter().filter(|entry| entry.section.text.trim() == "Service");
    let wanted =
        of_service.filter(|entry| entry.key.text == "Environment" || entry.key.text.starts_with("Exec"));
    wanted.map(|entry| with_holes(&entry.value)).collect()
}
