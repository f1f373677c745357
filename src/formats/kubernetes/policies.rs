//! What policies make: objects that they generate, and containers that they put into others. What they demand or look
//! for names no image that runs.

use super::super::tell;
use crate::facts::{Fact, Image, Resource};
use crate::syntax::Node;
use crate::text::Part;

/// Where a rule of a policy writes.
const MADE: [&[&str]; 2] = [&["generate", "data"], &["mutate", "patchStrategicMerge"]];

/// The parts of a policy that become objects, or parts of objects, each with its path.
pub(super) fn made<'n>(owner: &Resource, root: &'n Node) -> Vec<(String, &'n Node)> {
    if !owner.api.starts_with("kyverno.io/") {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (at, rule) in root.at(&["spec", "rules"]).map(Node::items).unwrap_or_default().iter().enumerate() {
        for made in MADE {
            let Some(node) = rule.at(made) else { continue };
            let mut path = "spec.rules".to_string();
            tell::push_item(&mut path, rule, at);
            made.iter().for_each(|key| tell::push_key(&mut path, key));
            out.push((path, node));
        }
    }
    out
}

/// The expressions by which a policy changes objects, each with its path.
pub(super) fn expressions(owner: &Resource, root: &Node) -> Vec<(String, Part)> {
    let mut out = Vec::new();
    if matches!(owner.kind.as_str(), "MutatingAdmissionPolicy" | "MutatingPolicy") {
        root.walk(&mut |path, node| {
            if path.starts_with("spec.mutations") && path.ends_with(".expression") {
                out.extend(node.part().map(|part| (path.to_owned(), part)));
            }
            true
        });
    }
    out
}

/// Whether an image is the policy's own: what it writes from the object at hand is not, nor is a pattern.
pub(super) fn is_own(fact: &Fact<Image>) -> bool {
    !fact.says.unknown && !fact.says.text.contains(['*', '?', '|', '!'])
}
