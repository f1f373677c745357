//! Claims of Terraform's provider for Kubernetes: objects in blocks.

use super::Desk;
use crate::facts::{Claim, ClassName, Fact, Resource};
use crate::syntax::Node;
use crate::syntax::hcl::{Block, Body};
use crate::text::Part;
use std::sync::Arc;

/// Reads a `kubernetes_persistent_volume_claim`; `filled` puts the values of variables in.
pub(super) fn read(desk: &mut Desk, owner: &Arc<Resource>, block: &Block, filled: &dyn Fn(&Part) -> Part) {
    let part = |body: &Body, key: &str| body.get(key).and_then(Node::part).map(|part| filled(&part));
    let Some(spec) = block.body.blocks("spec").next() else { return };
    let meta = block.body.blocks("metadata").next();
    let meta = |key: &str| part(&meta?.body, key).map(|part| part.text);
    let resources = spec.body.blocks("resources").next();
    let requests = resources.and_then(|block| block.body.get("requests"));
    let class = match part(&spec.body, "storage_class_name") {
        Some(name) if name.is_known() => ClassName::Named(name),
        Some(name) => ClassName::Unknown(name),
        None => ClassName::Omitted(spec.kind.origin.clone()),
    };
    let origin = match &class {
        ClassName::Named(part) | ClassName::Unknown(part) | ClassName::Existing(part) => part.origin.clone(),
        ClassName::Omitted(origin) => origin.clone(),
    };
    let modes = spec.body.get("access_modes").map(Node::items).unwrap_or_default();
    let says = Claim {
        namespace: meta("namespace").unwrap_or_default(),
        name: meta("name").unwrap_or_else(|| owner.name.clone()),
        class,
        size: requests.and_then(|node| node.part_at("storage")).map(|part| filled(&part)),
        modes: modes.iter().filter_map(Node::part).collect(),
        volume: None,
    };
    desk.facts.claims.push(Fact { says, origin, path: "spec".into(), owner: owner.clone() });
}
