//! Storage as tables for people: what each cluster has, first its databases, then its claims under their classes.

use super::Look;
use super::cells::{DEEPER, INDENT, colour_of, faint, names_of};
use super::table::{BOLD, Cell, Column, Cut, FAINT, Home, Layout, cut, indented, measure, styled, wrapped};
use super::volume_table::{Kind, VOLUMES, kinds, not_shown};
use crate::emit::gaps::told;
use crate::emit::{count, grouped};
use crate::inventory::{
    BackupRow, ClaimRow, DatabaseRow, Ground, Hint, Section, Shelf, StorageStock, Whose, short,
};
use crate::redact::clean;
use std::collections::BTreeMap;

const DATABASES: [Column; 7] = [
    Column { head: "DATABASE", cut: Cut::Middle, home: Home::Line },
    Column { head: "ENGINE", cut: Cut::Middle, home: Home::Line },
    Column { head: "COPIES", cut: Cut::Middle, home: Home::Line },
    Column { head: "CLASS", cut: Cut::Middle, home: Home::Line },
    Column { head: "STANDING", cut: Cut::Middle, home: Home::Line },
    Column { head: "BACKUP", cut: Cut::Middle, home: Home::Told },
    Column { head: "WHERE", cut: Cut::Start, home: Home::Whole },
];

const CLAIMS: [Column; 5] = [
    Column { head: "CLAIM", cut: Cut::Middle, home: Home::Line },
    Column { head: "SIZE", cut: Cut::Middle, home: Home::Line },
    Column { head: "BACKUP", cut: Cut::Middle, home: Home::Told },
    Column { head: "USED BY", cut: Cut::Middle, home: Home::Below },
    Column { head: "WHERE", cut: Cut::Start, home: Home::Whole },
];

/// How many places of what was not understood are told.
const PLACES: usize = 10;

/// The rows of one class, and the line above them.
struct Drawn<'a> {
    shelf: Shelf<'a>,
    rows: Vec<Vec<Cell>>,
}

pub(super) fn emit(stock: &StorageStock, look: &Look) -> String {
    let sections = stock.sections();
    let pages: Vec<Page> = sections.iter().map(Page::of).collect();
    // One layout for all, so that the columns of all clusters stand under each other.
    let rows = pages.iter().flat_map(|page| &page.databases);
    let databases = Layout::of(&DATABASES, rows, look.colour, look.width, INDENT);
    let rows = pages.iter().flat_map(|page| &page.claims).flat_map(|drawn| &drawn.rows);
    let claims = Layout::of(&CLAIMS, rows, look.colour, look.width, DEEPER);
    let rows = pages.iter().flat_map(|page| &page.volumes).flat_map(|kind| &kind.rows);
    let volumes = Layout::of(&VOLUMES, rows, look.colour, look.width, DEEPER);
    let mut out = String::new();
    for (section, page) in sections.iter().zip(&pages) {
        let is_live = section.whose != Whose::Nowhere;
        let mut parts: Vec<String> = vec![String::new(); 3];
        if !page.databases.is_empty() {
            parts[0] = databases.head();
            parts[0].extend(page.databases.iter().map(|row| databases.row(row)));
        }
        for (at, drawn) in page.claims.iter().enumerate() {
            parts[1].push_str(&if at == 0 { claims.head() } else { String::new() });
            parts[1].push_str(&above(&drawn.shelf, is_live, look));
            parts[1].extend(drawn.rows.iter().map(|row| claims.row(row)));
        }
        for (at, kind) in page.volumes.iter().enumerate() {
            parts[2].push_str(&if at == 0 { volumes.head() } else { String::new() });
            parts[2].push_str(&kind.above(look));
            parts[2].extend(kind.rows.iter().map(|row| volumes.row(row)));
        }
        parts.retain(|part| !part.is_empty());
        out.push_str(&heading(section, sections.len() == 1, look));
        out.push_str(&parts.join("\n"));
        out.push('\n');
    }
    out + &closing(stock, look) + &told(&stock.gaps, "")
}

/// What one section shows.
struct Page<'a> {
    databases: Vec<Vec<Cell>>,
    claims: Vec<Drawn<'a>>,
    volumes: Vec<Kind>,
}

impl<'a> Page<'a> {
    fn of(section: &Section<'a>) -> Page<'a> {
        let is_live = section.whose != Whose::Nowhere;
        let shelves = section.shelves().into_iter();
        Page {
            databases: merged(databases(section, is_live)),
            claims: shelves.map(|shelf| Drawn { rows: merged(claims(&shelf, is_live)), shelf }).collect(),
            volumes: kinds(section),
        }
    }
}

/// Whose it is, and how much; of what is in no cluster only where there are others.
fn heading(section: &Section, is_alone: bool, look: &Look) -> String {
    if is_alone && section.whose == Whose::Unnamed {
        return String::new();
    }
    let name = clean(section.title());
    let numbers = [
        (section.databases.len(), "database"),
        (section.claims.len(), "claim"),
        (section.volumes.len(), "volume"),
    ];
    let numbers: Vec<String> = numbers
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| count(number, what))
        .collect();
    let numbers = numbers.join(", ");
    let name = cut(&name, look.width.saturating_sub(measure(&numbers) + 2), Cut::Middle);
    format!("{}  {}\n", styled(&name, BOLD, look.colour), styled(&numbers, FAINT, look.colour))
}

/// The class, what it is, and where that is decided if it is so for all.
fn above(shelf: &Shelf, is_live: bool, look: &Look) -> String {
    let style = |style| if is_live { style } else { FAINT };
    let (standing, number) = (clean(&shelf.ground.stands()).into_owned(), count(shelf.claims.len(), "claim"));
    let provisioner = shelf.ground.provisioner.as_deref().map(clean).unwrap_or_default();
    let fixed = INDENT + measure(&standing) + measure(&number) + 4;
    let class = cut(&clean(&shelf.ground.says()), look.width.saturating_sub(fixed).max(8), Cut::Middle);
    let left = look.width.saturating_sub(fixed + measure(&class) + 2);
    let mut pieces = vec![
        styled(&class, style(BOLD), look.colour),
        styled(&standing, style(colour_of(shelf.ground.standing)), look.colour),
        styled(&number, FAINT, look.colour),
    ];
    if !provisioner.is_empty() && measure(&provisioner) <= left {
        pieces.push(styled(&provisioner, FAINT, look.colour));
    }
    let mut out = format!("{}{}\n", " ".repeat(INDENT), pieces.join("  "));
    if let Some(place) = shelf.place {
        let place = clean(&place.to_string()).into_owned();
        let indent = indented(&place, DEEPER, look.width);
        out.push_str(&format!("{}{}\n", " ".repeat(indent), styled(&place, FAINT, look.colour)));
    }
    out
}

/// The databases; what is the same for the next claim of one database is said once.
fn databases(section: &Section, is_live: bool) -> Vec<Vec<Cell>> {
    let mut out: Vec<Vec<Cell>> = Vec::new();
    let mut before: Option<&DatabaseRow> = None;
    for row in section.databases.iter().copied() {
        let is_same = |other: &DatabaseRow| {
            (&other.who, &other.home, &other.engine) == (&row.who, &row.home, &row.engine)
                && other.instances == row.instances
                && other.ground.environment == row.ground.environment
        };
        let is_one = section.databases.iter().filter(|other| is_same(other)).count() == 1;
        let mut cells = database(row, is_one);
        if before.is_some_and(is_same) && !row.what.is_empty() {
            cells[0] = Cell::new(&format!("  ({})", row.what), FAINT);
            for at in [1, 2] {
                cells[at] = cells[at].clone().blank();
            }
        }
        before = Some(row);
        out.push(if is_live { cells } else { faint(cells) });
    }
    out
}

/// What else speaks of claims and has no row, though it is understood; nothing if there is none.
pub(super) fn elsewhere(stock: &StorageStock) -> Option<String> {
    const WHYS: [(&str, &str); 2] = [
        ("elsewhere", "of what nothing here declares"),
        ("unused", "in values that their chart does not use"),
    ];
    let number = |why: &str| stock.untold.iter().filter(|row| row.why == why).count();
    let told = WHYS.iter().map(|(why, says)| (number(why), says)).filter(|(number, _)| *number > 0);
    let told: Vec<String> =
        told.map(|(number, says)| format!("{} {says}", count(number, "mention"))).collect();
    (!told.is_empty()).then(|| format!("without a row: {}", told.join(", ")))
}

fn database(row: &DatabaseRow, is_one: bool) -> Vec<Cell> {
    let engine = row.major.map_or(row.engine.clone(), |major| format!("{} {major}", row.engine));
    let who = match row.what.as_str() {
        "" | "data" => short(&row.who).to_owned(),
        // Which of its claims it is has to be said only where it has several.
        _ if is_one => short(&row.who).to_owned(),
        what => format!("{} ({what})", short(&row.who)),
    };
    let backup = match row.backup {
        "unknown" => Cell::new("unknown", FAINT),
        "no" => Cell::new("none", "31"),
        _ => Cell::new(&BackupRow::copies(&row.backups), "32"),
    };
    vec![
        Cell::new(&who, ""),
        Cell::new(&engine, ""),
        Cell::new(row.instances.as_deref().unwrap_or(""), ""),
        Cell::new(&row.lies_on(), if row.ground.class.is_some() && row.on.is_none() { "" } else { FAINT }),
        Cell::new(&row.ground.stands(), colour_of(row.ground.standing)),
        backup,
        Cell::new(&row.ground.place.to_string(), FAINT),
    ]
}

fn claims(shelf: &Shelf, is_live: bool) -> Vec<Vec<Cell>> {
    let rows = shelf.claims.iter().map(|row| {
        let place = if shelf.place.is_some() { String::new() } else { row.ground.place.to_string() };
        let cells = vec![
            Cell::new(short(&row.title()), ""),
            Cell::new(row.size.as_deref().unwrap_or(""), ""),
            Cell::new(&BackupRow::copies(&row.backups), "32"),
            Cell::new(&users(row), FAINT),
            Cell::new(&place, FAINT),
        ];
        if is_live { cells } else { faint(cells) }
    });
    rows.collect()
}

/// Rows that look alike, as one with their number: they differ in what no column tells.
fn merged(rows: Vec<Vec<Cell>>) -> Vec<Vec<Cell>> {
    let mut out: Vec<(Vec<Cell>, usize)> = Vec::new();
    for row in rows {
        match out.last_mut() {
            Some((last, number)) if *last == row => *number += 1,
            _ => out.push((row, 1)),
        }
    }
    let told = |(mut row, number): (Vec<Cell>, usize)| {
        if let (Some(first), true) = (row.first_mut(), number > 1) {
            *first = first.clone().behind(&format!(" ×{number}"));
        }
        row
    };
    out.into_iter().map(told).collect()
}

/// Who uses a claim, without the namespace that they share with it.
fn users(row: &ClaimRow) -> String {
    // What declares a claim for itself and is called so already is not said again.
    if row.used_by == [row.owner.as_str()] && short(&row.owner) == row.owner {
        return String::new();
    }
    let home = row.owner.split('/').nth(1).filter(|_| row.owner.matches('/').count() > 1);
    names_of(&row.used_by, home)
}

/// How much there is, what was not understood, and what would make more known.
fn closing(stock: &StorageStock, look: &Look) -> String {
    let mut out = tally("database", stock.databases.iter().map(|row| &row.ground), look);
    out.push_str(&tally("claim", stock.claims.iter().map(|row| &row.ground), look));
    let shown = stock.volumes.iter().filter(|row| row.keeps == "data");
    if shown.clone().next().is_some() {
        out.push_str(&tally("volume", shown.map(|row| &row.ground), look));
    }
    for line in [not_shown(stock), elsewhere(stock)].into_iter().flatten() {
        out.extend(wrapped(&line, 0, look.width).lines().map(|line| styled(line, FAINT, look.colour) + "\n"));
    }
    let unclear = stock.not_understood().count();
    if unclear > 0 {
        out.push_str(&styled(&format!("{} not understood", grouped(unclear)), BOLD, look.colour));
        out.push('\n');
    }
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for one in stock.not_understood() {
        reasons.entry(&one.reason).or_default().push(format!("{}  {}", one.place, one.whose));
    }
    for (reason, places) in reasons {
        out.push_str(&wrapped(&clean(&format!("{}: {reason}", grouped(places.len()))), INDENT, look.width));
        for place in places.iter().take(PLACES) {
            let (place, whose) = place.split_once("  ").unwrap_or((place, ""));
            out.push_str(&told_place(&clean(place), &clean(whose), look));
        }
        if places.len() > PLACES {
            let more = format!("… {} more", grouped(places.len() - PLACES));
            out.push_str(&told_place(&more, "", look));
        }
    }
    if !stock.hints.is_empty() {
        out.push('\n');
    }
    let hints =
        stock.hints.iter().map(|hint| wrapped(&format!("hint: {}", clean(&says(hint))), 0, look.width));
    out.extend(hints);
    out
}

/// A place, and whose it is if there is room.
fn told_place(place: &str, whose: &str, look: &Look) -> String {
    let indent = indented(place, DEEPER, look.width);
    let left = look.width.saturating_sub(indent + measure(place) + 2);
    let whose = if left > 8 { cut(whose, left, Cut::Middle) } else { String::new() };
    let line = format!("{place}  {whose}");
    format!("{}{}\n", " ".repeat(indent), styled(line.trim_end(), FAINT, look.colour))
}

fn says(hint: &Hint) -> String {
    match hint {
        Hint::Class { class, claims } => format!(
            "add `storage: {{local: [{class}]}}` to .pintle.yaml (or `replicated`): {} known",
            verb(*claims, "claim", "becomes", "become"),
        ),
        Hint::Charts { releases } => format!(
            "give charts with `--chart-dir FOLDER`: {} nothing of storage, and the charts are not here",
            verb(*releases, "release", "says", "say"),
        ),
    }
}

/// `1 claim becomes`, `2 claims become`.
fn verb(number: usize, what: &str, one: &str, several: &str) -> String {
    format!("{} {}", count(number, what), if number == 1 { one } else { several })
}

/// `12 claims: 8 local, 4 unknown · 2 that nothing delivers`.
fn tally<'a>(what: &str, grounds: impl Iterator<Item = &'a Ground> + Clone, look: &Look) -> String {
    let mut standings: BTreeMap<&str, usize> = BTreeMap::new();
    grounds.clone().for_each(|ground| *standings.entry(ground.standing).or_default() += 1);
    let mut standings: Vec<(&str, usize)> = standings.into_iter().collect();
    standings.sort_by_key(|(standing, number)| (*standing == "unknown", std::cmp::Reverse(*number)));
    let kinds: Vec<String> = standings
        .iter()
        .map(|(standing, number)| {
            format!("{} {}", grouped(*number), styled(standing, colour_of(standing), look.colour))
        })
        .collect();
    let (all, dead) = (grounds.clone().count(), grounds.filter(|ground| !ground.delivered).count());
    let mut out = styled(&count(all, what), BOLD, look.colour);
    if !kinds.is_empty() {
        out.push_str(&format!(": {}", kinds.join(", ")));
    }
    if dead > 0 {
        let dead = format!("{} that nothing delivers", grouped(dead));
        let names: usize =
            standings.iter().map(|(name, number)| measure(name) + grouped(*number).len() + 3).sum();
        let fits = measure(&count(all, what)) + names + 3 + measure(&dead) <= look.width;
        out.push_str(&format!("{}{dead}", if fits { " · " } else { "\n  " }));
    }
    out + "\n"
}
