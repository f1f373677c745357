//! Storage as two tables for people: the databases, then every claim.

use super::Look;
use super::table::{BOLD, Cell, Column, Cut, FAINT, Home, draw, styled};
use crate::emit::{count, grouped};
use crate::facts::Standing;
use crate::inventory::{BackupRow, ClaimRow, DatabaseRow, Ground, StorageStock};
use std::collections::BTreeSet;

const DATABASES: [Column; 9] = [
    Column { head: "ENGINE", cut: Cut::Middle, home: Home::Line },
    Column { head: "DATABASE", cut: Cut::Start, home: Home::Line },
    Column { head: "CLASS", cut: Cut::Middle, home: Home::Line },
    Column { head: "KIND", cut: Cut::Middle, home: Home::Line },
    Column { head: "INSTANCES", cut: Cut::Middle, home: Home::Told },
    Column { head: "REPLICAS", cut: Cut::Middle, home: Home::Told },
    Column { head: "BACKUP", cut: Cut::Middle, home: Home::Told },
    Column { head: "IN", cut: Cut::Middle, home: Home::Told },
    Column { head: "WHERE", cut: Cut::Start, home: Home::Below },
];

const CLAIMS: [Column; 8] = [
    Column { head: "CLAIM", cut: Cut::Start, home: Home::Line },
    Column { head: "CLASS", cut: Cut::Middle, home: Home::Line },
    Column { head: "KIND", cut: Cut::Middle, home: Home::Line },
    Column { head: "SIZE", cut: Cut::Middle, home: Home::Line },
    Column { head: "BACKUP", cut: Cut::Middle, home: Home::Told },
    Column { head: "USED BY", cut: Cut::Start, home: Home::Below },
    Column { head: "IN", cut: Cut::Middle, home: Home::Told },
    Column { head: "WHERE", cut: Cut::Start, home: Home::Below },
];

pub(super) fn emit(stock: &StorageStock, look: &Look) -> String {
    let mut out = String::new();
    let grounds = stock.databases.iter().map(|row| &row.ground);
    let grounds = grounds.chain(stock.claims.iter().map(|row| &row.ground));
    let clusters: BTreeSet<&String> = grounds.filter_map(|ground| ground.cluster.as_ref()).collect();
    let is_one = clusters.len() < 2;
    let databases: Vec<Vec<Cell>> = stock.databases.iter().map(|row| database(row, is_one)).collect();
    let claims: Vec<Vec<Cell>> = stock.claims.iter().map(|row| claim(row, is_one)).collect();
    for (columns, rows) in [(&DATABASES[..], databases), (&CLAIMS[..], claims)] {
        if !rows.is_empty() {
            out.push_str(&draw(columns, &rows, look.colour, look.width));
            out.push('\n');
        }
    }
    let said = [
        tally("database", stock.databases.iter().map(|row| &row.ground)),
        tally("claim", stock.claims.iter().map(|row| &row.ground)),
    ];
    for (what, kinds) in said {
        out.push_str(&styled(&what, BOLD, look.colour));
        out.push_str(&kinds);
        out.push('\n');
    }
    if !stock.not_listed.is_empty() {
        out.push_str(&styled(&not_listed(stock), FAINT, look.colour));
        out.push('\n');
    }
    out
}

/// What else speaks of claims, by why no row tells of it.
pub(super) fn not_listed(stock: &StorageStock) -> String {
    const WHYS: [(&str, &str); 3] = [
        ("unclear", "cannot be read"),
        ("elsewhere", "claims that nothing here declares"),
        ("unused", "values that their chart does not use"),
    ];
    let number = |why: &str| stock.not_listed.iter().filter(|row| row.why == why).count();
    let told = WHYS.iter().map(|(why, says)| (number(why), says)).filter(|(number, _)| *number > 0);
    let told: Vec<String> = told.map(|(number, says)| format!("{} {says}", grouped(number))).collect();
    format!("{} not listed: {}", count(stock.not_listed.len(), "place"), told.join(", "))
}

fn database(row: &DatabaseRow, is_one: bool) -> Vec<Cell> {
    let engine = row.major.map_or(row.engine.clone(), |major| format!("{} {major}", row.engine));
    let who = match row.what.as_str() {
        "" | "data" => row.who.clone(),
        what => format!("{} ({what})", row.who),
    };
    let backup = match row.backup {
        "unknown" => String::new(),
        "no" => "no".to_owned(),
        _ => kinds(&row.backups),
    };
    vec![
        Cell::new(&engine, ""),
        Cell::new(&who, ""),
        class(&row.ground),
        kind(&row.ground),
        Cell::new(row.instances.as_deref().unwrap_or(""), ""),
        Cell::new(row.ground.replicas.as_deref().unwrap_or(""), ""),
        Cell::new(&backup, if backup == "no" { "31" } else { "32" }),
        place_in(&row.ground, is_one, ""),
        Cell::new(&row.ground.place.to_string(), FAINT),
    ]
}

fn claim(row: &ClaimRow, is_one: bool) -> Vec<Cell> {
    let name = if row.owner.ends_with(&format!("/{}", row.name))
        && row.owner.starts_with("PersistentVolumeClaim/")
    {
        row.owner.trim_start_matches("PersistentVolumeClaim/").to_owned()
    } else {
        format!("{} ({})", row.owner, row.name)
    };
    let others = row.used_by.len().saturating_sub(1);
    let user = row.used_by.first().map_or("", String::as_str);
    let used_by = if others > 0 { format!("{user} +{others}") } else { user.to_owned() };
    // Who declares a claim for itself uses it: said once.
    let used_by = if used_by == row.owner { String::new() } else { used_by };
    vec![
        Cell::new(&name, ""),
        class(&row.ground),
        kind(&row.ground),
        Cell::new(row.size.as_deref().unwrap_or(""), ""),
        Cell::new(&kinds(&row.backups), "32"),
        Cell::new(&used_by, FAINT),
        place_in(&row.ground, is_one, FAINT),
        Cell::new(&row.ground.place.to_string(), FAINT),
    ]
}

/// `base backup, WAL archive`: each kind once.
pub(super) fn kinds(backups: &[BackupRow]) -> String {
    let mut kinds: Vec<&str> = backups.iter().map(|row| row.kind).collect();
    kinds.dedup();
    kinds.join(", ")
}

/// The cluster, where there are several; what nothing delivers is in none.
fn place_in(ground: &Ground, is_one: bool, style: &'static str) -> Cell {
    match (ground.delivered, &ground.cluster) {
        (false, _) => Cell::new("(not delivered)", FAINT),
        (true, Some(cluster)) if !is_one => Cell::new(cluster, style),
        (true, _) => Cell::new("", style),
    }
}

fn class(ground: &Ground) -> Cell {
    match (ground.decided, &ground.class) {
        ("nowhere", _) => Cell::new("(no claim known)", FAINT),
        ("omitted", Some(class)) => Cell::new(&format!("{class} (default)"), ""),
        (_, Some(class)) if !class.is_empty() => Cell::new(class, ""),
        ("omitted", _) => Cell::new("(none written)", FAINT),
        ("named", _) => Cell::new("(made by hand)", FAINT),
        _ => Cell::new(&format!("({})", ground.reason.as_deref().unwrap_or("unknown")), FAINT),
    }
}

fn kind(ground: &Ground) -> Cell {
    Cell::new(
        ground.standing,
        match ground.standing {
            "longhorn" => "35",
            "replicated" => "33",
            "local" => "32",
            "network" => "31",
            "cloud" => "36",
            _ => FAINT,
        },
    )
}

/// `12 claims` and `: 4 longhorn, 8 local`.
fn tally<'a>(what: &str, grounds: impl Iterator<Item = &'a Ground>) -> (String, String) {
    let standings: Vec<&str> = grounds.map(|ground| ground.standing).collect();
    let kinds = Standing::ALL.into_iter().map(Standing::name).filter_map(|kind| {
        let number = standings.iter().filter(|standing| **standing == kind).count();
        (number > 0).then(|| format!("{} {kind}", grouped(number)))
    });
    let kinds = kinds.collect::<Vec<_>>().join(", ");
    (count(standings.len(), what), if kinds.is_empty() { kinds } else { format!(": {kinds}") })
}
