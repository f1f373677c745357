//! The files that are meant to be encrypted as a table for people: how far each is, and what says that it should be.

use super::Look;
use super::table::{BOLD, Cell, Column, Cut, FAINT, Home, Layout, cut, measure, styled};
use crate::emit::gaps::told;
use crate::emit::{count, grouped};
use crate::facts::SealState;
use crate::inventory::{SealedRow, SealedStock};
use crate::redact::clean;
use std::fmt::Write;

const COLUMNS: [Column; 5] = [
    Column { head: "STATE", cut: Cut::Middle, home: Home::Line },
    Column { head: "SEALED", cut: Cut::Middle, home: Home::Line },
    Column { head: "FILE", cut: Cut::Start, home: Home::Line },
    Column { head: "OUTSIDE", cut: Cut::Middle, home: Home::Told },
    Column { head: "ALSO", cut: Cut::Middle, home: Home::Whole },
];

/// One heading for each rule, under it its files; rules that are broken come first.
pub(super) fn emit(stock: &SealedStock, look: &Look) -> String {
    let mut groups: Vec<(String, Vec<&SealedRow>)> = Vec::new();
    for row in &stock.rows {
        let rule = rule(row);
        match groups.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((rule, vec![row])),
        }
    }
    let cells: Vec<Vec<Cell>> = groups.iter().flat_map(|(_, rows)| rows).map(|row| cells(row)).collect();
    let mut out = String::new();
    if !cells.is_empty() {
        // One layout, so that the columns of all rules are under each other.
        let layout = Layout::of(&COLUMNS, cells.iter(), look.colour, look.width, 2);
        out.push_str(&layout.head());
        let mut lines = cells.iter();
        for (rule, rows) in &groups {
            let number = styled(&format!("({})", grouped(rows.len())), FAINT, look.colour);
            let room = look.width.saturating_sub(measure(&number) + 1);
            let rule = styled(&cut(&clean(rule), room, Cut::Middle), BOLD, look.colour);
            let _ = writeln!(out, "{rule} {number}");
            out.extend(lines.by_ref().take(rows.len()).map(|row| layout.row(row)));
        }
        out.push('\n');
    }
    out + &closing(stock, look) + &told(&stock.gaps, "")
}

/// What says that a file is encrypted, and who does it.
fn rule(row: &SealedRow) -> String {
    match (row.says.tool.as_str(), row.says.rule.as_str()) {
        ("", rule) => rule.to_owned(),
        (tool, rule) => format!("{tool}, {rule}"),
    }
}

fn cells(row: &SealedRow) -> Vec<Cell> {
    let says = &row.says;
    let sealed = match row.state {
        SealState::Nothing => format!("0 of {}", says.outside),
        _ => format!("{} of {}", says.encrypted, says.encrypted + says.plain),
    };
    let outside = match (row.state, says.outside) {
        (SealState::Nothing, _) | (_, 0) => String::new(),
        (_, number) => grouped(number),
    };
    vec![
        Cell::new(row.state.name(), colour_of(row.state)),
        Cell::new(&sealed, ""),
        Cell::new(&row.shown(), ""),
        Cell::new(&outside, FAINT),
        Cell::new(&also(row), FAINT),
    ]
}

/// What else one must know: comments, and what the reader noted.
fn also(row: &SealedRow) -> String {
    let says = &row.says;
    let mut parts = Vec::new();
    if says.comments > 0 {
        parts.push(count(says.comments, "plain comment"));
    }
    if !says.note.is_empty() {
        parts.push(says.note.to_string());
    }
    parts.join(", ")
}

fn colour_of(state: SealState) -> &'static str {
    match state {
        SealState::Nothing | SealState::Plain => "31",
        SealState::Partly => "33",
        SealState::Encrypted => "32",
    }
}

/// `23 files are meant to be encrypted: 1 nothing, 22 encrypted`.
fn closing(stock: &SealedStock, look: &Look) -> String {
    let number = stock.rows.len();
    let verb = if number == 1 { "is" } else { "are" };
    if number == 0 {
        return "no file is meant to be encrypted\n".into();
    }
    let mut out =
        format!("{} {verb} meant to be encrypted", styled(&count(number, "file"), BOLD, look.colour));
    let states = SealState::ALL.into_iter().filter(|state| stock.number(*state) > 0);
    let told: Vec<String> = states
        .map(|state| {
            let word = styled(state.name(), colour_of(state), look.colour);
            format!("{} {word}", grouped(stock.number(state)))
        })
        .collect();
    if !told.is_empty() {
        let _ = write!(out, ": {}", told.join(", "));
    }
    out + "\n"
}
