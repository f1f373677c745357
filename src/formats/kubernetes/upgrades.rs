//! Resources that ask an operator for a major upgrade of a database.

use super::super::Desk;
use crate::facts::{Fact, MajorUpgrade, Resource};
use crate::syntax::Node;
use std::sync::Arc;

/// Group and kind, where the name of the database is, where the version is, and what the resource must say besides.
type Row = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    Option<(&'static str, &'static str)>,
);

const ROWS: [Row; 3] = [
    (
        "postgres-operator.crunchydata.com/",
        "PGUpgrade",
        &["postgresClusterName"],
        &["toPostgresVersion"],
        None,
    ),
    ("pgv2.percona.com/", "PerconaPGUpgrade", &["postgresClusterName"], &["toPostgresVersion"], None),
    (
        "stackgres.io/",
        "SGDbOps",
        &["sgCluster"],
        &["majorVersionUpgrade", "postgresVersion"],
        Some(("op", "majorVersionUpgrade")),
    ),
];

pub(super) fn read(desk: &mut Desk, owner: &Arc<Resource>, root: &Node) {
    let Some(spec) = root.get("spec") else { return };
    for (group, kind, database, to, only) in ROWS {
        if !owner.api.starts_with(group) || owner.kind != kind {
            continue;
        }
        let says_so = only.is_none_or(|(key, value)| spec.text_at(key) == Some(value));
        let (database, to) = (spec.at(database).and_then(Node::text), spec.at(to).and_then(Node::part));
        let (Some(database), Some(to), true) = (database, to, says_so) else { continue };
        let origin = to.origin.clone();
        let says = MajorUpgrade { database: database.into(), to };
        desk.facts.upgrades.push(Fact { says, origin, path: "spec".into(), owner: owner.clone() });
    }
}
