//! The images as a table for people: what is pinned how, where that is decided, who runs it.

use super::table::{BOLD, Cell, Column, Cut, FAINT, Home, Layout, draw, styled};
use super::{Grouping, Look};
use crate::emit::gaps::told;
use crate::emit::{Colour, count, grouped};
use crate::facts::objects;
use crate::inventory::{ImageRow, ImageStock, WORDS};
use crate::redact::clean;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

const COLUMNS: [Column; 4] = [
    Column { head: "PIN", cut: Cut::Middle, home: Home::Line },
    Column { head: "IMAGE", cut: Cut::Middle, home: Home::Line },
    Column { head: "WHERE", cut: Cut::Start, home: Home::Below },
    Column { head: "USED BY", cut: Cut::Start, home: Home::Below },
];

pub(super) fn emit(stock: &ImageStock, look: &Look) -> String {
    let mut out = String::new();
    match look.grouping {
        Grouping::Flat | Grouping::WorstFirst | Grouping::WorstLast => flat(&mut out, stock, look),
        Grouping::Tree => tree(&mut out, stock, look),
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out + &closing(stock, look.colour) + &reasons(stock, look.colour) + &told(&stock.gaps, "")
}

/// What runs, and what nothing delivers: that stands where one looks last.
fn flat(out: &mut String, stock: &ImageStock, look: &Look) {
    for delivered in [look.grouping != Grouping::WorstLast, look.grouping == Grouping::WorstLast] {
        let mut own: Vec<&ImageRow> = stock.rows.iter().filter(|row| row.delivered == delivered).collect();
        // Names stay in their order within a rung.
        match look.grouping {
            Grouping::WorstFirst => own.sort_by_key(|row| Reverse(rung(row))),
            Grouping::WorstLast => own.sort_by_key(|row| rung(row)),
            Grouping::Flat | Grouping::Tree => {}
        }
        let rows: Vec<Vec<Cell>> = own.iter().map(|row| cells(row, &shown(row), users(row))).collect();
        if rows.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        if !delivered {
            let _ = writeln!(out, "{}", styled("not delivered", BOLD, look.colour));
        }
        out.push_str(&draw(&COLUMNS, &rows, look.colour, look.width));
    }
}

/// How far down the ladder an image stands. What is not known is worse than a version.
fn rung(row: &ImageRow) -> usize {
    let place = |word: &str| WORDS.iter().position(|known| *known == word).unwrap_or(WORDS.len());
    if row.word() == "unknown" { place("tag") * 2 + 1 } else { place(row.word()) * 2 }
}

/// One heading per registry, under it the images without it.
fn tree(out: &mut String, stock: &ImageStock, look: &Look) {
    let mut registries: BTreeMap<(bool, &str), Vec<&ImageRow>> = BTreeMap::new();
    for row in &stock.rows {
        let registry = row.registry.as_deref();
        registries
            .entry((registry.is_none(), registry.unwrap_or("no registry known")))
            .or_default()
            .push(row);
    }
    let rows = registries.values().flatten().map(|row| {
        let whole = shown(row);
        let head = row.registry.as_ref().map_or(String::new(), |registry| format!("{registry}/"));
        let name = whole.strip_prefix(head.as_str()).unwrap_or(&whole);
        let users = if row.delivered { users(row) } else { format!("(not delivered) {}", users(row)) };
        cells(row, name.strip_prefix("library/").filter(|_| head == "docker.io/").unwrap_or(name), users)
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    if rows.is_empty() {
        return;
    }
    // One layout, so that the columns of all registries stand under each other.
    let layout = Layout::of(&COLUMNS, rows.iter(), look.colour, look.width, 2);
    out.push_str(&layout.head());
    let mut images = rows.iter();
    for ((_, registry), rows) in &registries {
        let name = styled(&clean(registry), BOLD, look.colour);
        let number = styled(&format!("({})", grouped(rows.len())), FAINT, look.colour);
        let _ = writeln!(out, "{name} {number}");
        out.extend(images.by_ref().take(rows.len()).map(|row| layout.row(row)));
    }
}

/// The first few that run it.
fn users(row: &ImageRow) -> String {
    objects(&row.objects)
}

fn cells(row: &ImageRow, name: &str, used_by: String) -> Vec<Cell> {
    let others = |number: usize| if number == 0 { String::new() } else { format!(" +{number}") };
    let place = format!("{}{}", row.place, others(row.also.len()));
    vec![
        Cell::new(row.word(), colour_of(row.word())),
        Cell::new(name, ""),
        Cell::new(&place, FAINT),
        Cell::new(&used_by, FAINT),
    ]
}

/// The reference with its digest cut to what people compare.
fn shown(row: &ImageRow) -> String {
    let text = match &row.digest {
        Some(digest) if digest.len() > 16 && row.reference.ends_with(digest.as_str()) => {
            let head = &row.reference[..row.reference.len() - digest.len()];
            format!("{head}{}…", digest.chars().take(15).collect::<String>())
        }
        _ => row.reference.clone(),
    };
    match row.registry {
        None if text.is_empty() => "(empty)".into(),
        None if row.repository.is_none() && row.tag.is_some() => format!("(the chart's image):{text}"),
        _ => text,
    }
}

fn colour_of(word: &str) -> &'static str {
    match word {
        "digest" => "32",
        "tag" => "33",
        "moving" => "35",
        "latest" | "none" => "31",
        _ => "36",
    }
}

/// Why an image is not known, for each of which a hole decides.
fn reasons(stock: &ImageStock, colour: Colour) -> String {
    let line = |row: &ImageRow| {
        let said = clean(&format!("{}: {}", shown(row), row.reason()?)).into_owned();
        Some(format!("  {}\n", styled(&said, FAINT, colour)))
    };
    stock.rows.iter().filter_map(line).collect()
}

/// `182 images: 150 digest, 20 tag · 3 references could not be read`.
fn closing(stock: &ImageStock, colour: Colour) -> String {
    let live = || stock.rows.iter().filter(|row| row.delivered);
    let number = |word: &str| live().filter(|row| row.word() == word).count();
    let said: Vec<String> = WORDS
        .into_iter()
        .filter(|word| number(word) > 0)
        .map(|word| format!("{} {}", grouped(number(word)), styled(word, colour_of(word), colour)))
        .collect();
    let (live, all) = (live().count(), stock.rows.len());
    let mut out = styled(&count(live, "image"), BOLD, colour);
    if !said.is_empty() {
        let _ = write!(out, ": {}", said.join(", "));
    }
    if all > live {
        let _ = write!(out, " · {} that nothing delivers", grouped(all - live));
    }
    if stock.unread > 0 {
        let _ = write!(out, " · {} could not be read", count(stock.unread, "reference"));
    }
    out + "\n"
}
