//! What the tables of storage share: how far rows stand in, colours of standings, names of users.

use super::table::{Cell, FAINT};
use crate::facts::listed;

/// How far rows stand in, and how far those under a class do.
pub(super) const INDENT: usize = 2;
pub(super) const DEEPER: usize = 4;

pub(super) fn faint(cells: Vec<Cell>) -> Vec<Cell> {
    cells.into_iter().map(|cell| cell.styled(FAINT)).collect()
}

/// Some users, without the namespace that is known already.
pub(super) fn names_of(users: &[String], home: Option<&str>) -> String {
    let names: Vec<String> = users
        .iter()
        .map(|user| match user.splitn(3, '/').collect::<Vec<_>>().as_slice() {
            [kind, namespace, name] if Some(*namespace) == home => format!("{kind}/{name}"),
            _ => user.clone(),
        })
        .collect();
    listed(names.iter().map(String::as_str).collect())
}

pub(super) fn colour_of(standing: &str) -> &'static str {
    match standing {
        "longhorn" => "35",
        "replicated" => "33",
        "local" => "32",
        "network" => "31",
        "unknown" => FAINT,
        _ => "36",
    }
}
