//! What Helm values say of backups, where the chart is not rendered: schedules of Velero's chart, and the dumps that
//! charts of databases take.

use super::Desk;
use super::kubernetes::velero_plan;
use crate::facts::{BackupKind, BackupPlan, Fact, Resource, Subject, When};
use crate::syntax::Node;
use crate::text::{Origin, Part};
use std::sync::Arc;

/// Reads the values of Velero's chart: `schedules: {daily: {schedule, template}}`.
pub(super) fn velero(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, namespace: &str) {
    for (name, entry) in root.get("schedules").map(Node::entries).unwrap_or_default() {
        let off = switch(entry.get("disabled"));
        if let Some(plan) = velero_plan(namespace, entry, off) {
            push(desk, owner, format!("schedules.{}", name.text().unwrap_or("?")), &name.origin, plan);
        }
    }
}

/// Reads `backup: {enabled: true, cronjob: {schedule}}` of a chart of a database.
pub(super) fn of_database(desk: &mut Desk, owner: &Arc<Resource>, node: &Node, path: &str) {
    let Some(backup) = node.get("backup") else { return };
    let Some(origin) = switch(backup.get("enabled")) else { return };
    let schedule = backup.at(&["cronjob", "schedule"]).and_then(Node::part);
    let group = owner.api.split_once('/').map_or("", |(group, _)| group);
    let name = Part::new(owner.name.clone(), origin.clone());
    let plan = BackupPlan {
        namespace: owner.namespace.clone(),
        kind: Some(BackupKind::Dump),
        of: Subject::Resource { group: group.into(), name },
        when: schedule.map_or(When::Always, When::At),
        to: None,
        needs_store: false,
        section: None,
        off: None,
    };
    let dot = if path.is_empty() { "" } else { "." };
    push(desk, owner, format!("{path}{dot}backup"), &origin, plan);
}

fn push(desk: &mut Desk, owner: &Arc<Resource>, path: String, origin: &Origin, says: BackupPlan) {
    let (origin, owner) = (origin.clone(), owner.clone());
    desk.facts.backups.push(Fact { says, origin, path: path.into(), owner });
}

/// Where a switch is, if it is on.
fn switch(node: Option<&Node>) -> Option<Origin> {
    let is_set = |node: &&Node| node.scalar().is_some_and(|scalar| scalar.is_true());
    node.filter(is_set).map(|node| node.origin.clone())
}
