//! Resources that ask an operator for a major upgrade of a database.

use super::super::Desk;
use crate::facts::{Fact, MajorUpgrade, Resource, UpgradeMode};
use crate::syntax::Node;
use crate::text::Str;
use std::sync::Arc;

/// Group and kind, where the name of the database is, where the version is, and what the resource must say besides.
type Row = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    Option<(&'static str, &'static str)>,
);

const ROWS: [Row; 4] = [
    (
        "postgres-operator.crunchydata.com/",
        "PGUpgrade",
        &["postgresClusterName"],
        &["toPostgresVersion"],
        None,
    ),
    ("pgv2.percona.com/", "PerconaPGUpgrade", &["postgresClusterName"], &["toPostgresVersion"], None),
    (
        "ops.kubedb.com/",
        "PostgresOpsRequest",
        &["databaseRef", "name"],
        &["updateVersion", "targetVersion"],
        Some(("type", "UpdateVersion")),
    ),
    (
        "stackgres.io/",
        "SGDbOps",
        &["sgCluster"],
        &["majorVersionUpgrade", "postgresVersion"],
        Some(("op", "majorVersionUpgrade")),
    ),
];

pub(super) fn read(desk: &mut Desk, owner: &Arc<Resource>, root: &Node) {
    match owner.kind.as_str() {
        "OperatorConfiguration" if owner.api.starts_with("acid.zalan.do/") => {
            mode(desk, owner, root.at(&["configuration", "major_version_upgrade"]));
        }
        "ConfigMap" => mode(desk, owner, root.get("data")),
        _ => {}
    }
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

/// Tells how Zalando's operator deals with another major version, from the map that says so.
pub(in crate::formats) fn mode(desk: &mut Desk, owner: &Arc<Resource>, settings: Option<&Node>) {
    let Some(settings) = settings else { return };
    let Some(mode) = settings.part_at("major_version_upgrade_mode") else { return };
    let teams = settings.get("major_version_upgrade_team_allow_list");
    let is_list = |node: &Node| !node.items().is_empty() || node.text().is_some_and(|text| !text.is_empty());
    let origin = mode.origin.clone();
    let says = UpgradeMode { mode, has_teams: teams.is_some_and(is_list) };
    desk.facts.upgrade_modes.push(Fact { says, origin, path: Str::default(), owner: owner.clone() });
}
