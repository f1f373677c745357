//! How plans are told: who tells them, and what stands in every kind of plan.

use super::super::Desk;
use crate::facts::{BackupKind, BackupPlan, Fact, Resource, Subject, When};
use crate::syntax::Node;
use crate::text::{Origin, Part};
use std::sync::Arc;

pub(super) fn group(owner: &Resource) -> &str {
    owner.api.split_once('/').map_or("", |(group, _)| group)
}

/// Who tells plans, and for which object.
pub(super) struct Teller<'t, 'd> {
    pub(super) desk: &'t mut Desk<'d>,
    pub(super) owner: &'t Arc<Resource>,
}

impl Teller<'_, '_> {
    pub(super) fn plan(&self, kind: BackupKind, of: Subject) -> BackupPlan {
        BackupPlan {
            namespace: self.owner.namespace.clone(),
            kind: Some(kind),
            of,
            when: When::Always,
            to: None,
            needs_store: false,
            section: None,
            off: None,
        }
    }

    /// A plan of the resource that declares it.
    pub(super) fn own(&self, root: &Node, kind: BackupKind) -> BackupPlan {
        self.plan(kind, Subject::Resource { group: group(self.owner).into(), name: name_of(root) })
    }

    pub(super) fn tell(&mut self, path: &str, origin: &Origin, says: BackupPlan) {
        let (origin, owner) = (origin.clone(), self.owner.clone());
        self.desk.facts.backups.push(Fact { says, origin, path: path.into(), owner });
    }
}

/// The name of an object, with its place.
pub(super) fn name_of(root: &Node) -> Part {
    let name = root.at(&["metadata", "name"]).and_then(Node::part);
    name.unwrap_or_else(|| Part::new("", root.origin.clone()))
}

/// `suspend: true`, `paused: true`: where a switch says that nothing is done.
pub(super) fn off(node: Option<&Node>) -> Option<Origin> {
    node.filter(|node| node.scalar().is_some_and(|scalar| scalar.is_true())).map(|node| node.origin.clone())
}

/// `enabled: false`, and nothing if it is not said.
pub(super) fn disabled(node: Option<&Node>) -> Option<Origin> {
    let is_false = |node: &&Node| node.scalar().is_some_and(|scalar| scalar.is_bool() && !scalar.is_true());
    node.filter(is_false).map(|node| node.origin.clone())
}

pub(super) fn at(node: Option<&Node>) -> When {
    node.and_then(Node::part).filter(|part| !part.text.is_empty()).map_or(When::Once, When::At)
}
