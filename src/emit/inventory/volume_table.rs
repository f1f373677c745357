//! Volumes that are no claims, in the table for people: under their kinds.

use super::Look;
use super::cells::{INDENT, colour_of, faint, names_of};
use super::table::{BOLD, Cell, Column, Cut, FAINT, Home, styled};
use crate::emit::{count, grouped};
use crate::facts::listed;
use crate::inventory::{Section, StorageStock, VolumeRow, Whose};
use std::collections::BTreeMap;

pub(super) const VOLUMES: [Column; 4] = [
    Column { head: "VOLUME", cut: Cut::Middle, home: Home::Line },
    Column { head: "SIZE", cut: Cut::Middle, home: Home::Line },
    Column { head: "USED BY", cut: Cut::Middle, home: Home::Below },
    Column { head: "WHERE", cut: Cut::Start, home: Home::Whole },
];

/// The volumes of one kind, and the line above them.
pub(super) struct Kind {
    head: (&'static str, &'static str),
    pub(super) rows: Vec<Vec<Cell>>,
}

pub(super) fn kinds(section: &Section) -> Vec<Kind> {
    let mut kinds: BTreeMap<(&str, &str), Kind> = BTreeMap::new();
    for row in section.volumes.iter().copied() {
        let head = (row.kind, row.ground.standing);
        let kind = kinds.entry(head).or_insert_with(|| Kind { head, rows: Vec::new() });
        let cells = cells(row);
        kind.rows.push(if section.whose == Whose::Nowhere { faint(cells) } else { cells });
    }
    kinds.into_values().collect()
}

fn cells(row: &VolumeRow) -> Vec<Cell> {
    let users = names_of(&row.used_by, None);
    let users = match row.claims.as_slice() {
        [] => users,
        claims => format!("claim {}", listed(claims.iter().map(String::as_str).collect())),
    };
    let others = if row.used_at.is_empty() { String::new() } else { format!(" +{}", row.used_at.len()) };
    vec![
        Cell::new(&row.title(), ""),
        Cell::new(row.size.as_deref().unwrap_or(""), ""),
        Cell::new(&users, FAINT),
        Cell::new(&format!("{}{others}", row.ground.place), FAINT),
    ]
}

impl Kind {
    /// What they are, and how they stand.
    pub(super) fn above(&self, look: &Look) -> String {
        let (kind, standing) = self.head;
        let number = count(self.rows.len(), "volume");
        let pieces = [
            styled(kind, BOLD, look.colour),
            styled(standing, colour_of(standing), look.colour),
            styled(&number, FAINT, look.colour),
        ];
        format!("{}{}\n", " ".repeat(INDENT), pieces.join("  "))
    }
}

/// What holds no data of anybody, as one line; nothing if there is none.
pub(super) fn not_shown(stock: &StorageStock) -> Option<String> {
    let number = |keeps: &str| stock.volumes.iter().filter(|row| row.keeps == keeps).count();
    let told = [
        (number("system"), "folders of the nodes' system"),
        (number("settings"), "single files of settings"),
        (number("passing"), "that go with their pods"),
    ];
    let told = told.iter().filter(|(number, _)| *number > 0);
    let told: Vec<String> = told.map(|(number, what)| format!("{} {what}", grouped(*number))).collect();
    (!told.is_empty()).then(|| format!("not shown: {}", told.join(", ")))
}
