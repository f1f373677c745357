//! The spec of a claim, wherever one stands: objects, claim templates, operators' resources, Helm values; and volumes
//! without one.

use crate::facts::{Claim, ClassName, Volume};
use crate::syntax::Node;
use crate::text::{Hole, Origin, Part, Reason, Str};

/// Reads a claim's spec; `key` is what the class is called there.
pub(super) fn claim(namespace: &str, name: &str, spec: &Node, key: &str) -> Claim {
    Claim {
        namespace: namespace.into(),
        name: name.into(),
        class: class_name(spec, key),
        size: spec
            .at(&["resources", "requests", "storage"])
            .or_else(|| spec.get("size"))
            .and_then(Node::part),
        modes: spec
            .get("accessModes")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::part)
            .collect(),
        volume: spec.part_at("volumeName").filter(|name| !name.text.is_empty()),
    }
}

/// A volume that its host looks after, in the "class" that its driver is.
pub(super) fn of_class(name: &str, class: ClassName, modes: Vec<Part>) -> Volume {
    let name = Str::from(name);
    let namespace = Str::default();
    let claim = Claim { namespace, name: name.clone(), class, size: None, modes, volume: None };
    Volume { name, inline: Some(claim), ..Volume::default() }
}

/// A volume that is a folder on its host.
pub(super) fn local(name: &str, at: &Origin) -> Volume {
    of_class(name, ClassName::Named(Part::new("local", at.respelled())), Vec::new())
}

/// The claim of a map, shown at the map's key if no class is written in it.
pub(super) fn shown_at(key: &Origin, node: &Node, mut claim: Claim) -> Claim {
    if let ClassName::Omitted(origin) = &mut claim.class
        && *origin == node.origin
    {
        *origin = key.clone();
    }
    claim
}

/// The class under `key`: a name, a variable, or nothing. An empty text means "no class", which is no default.
pub(super) fn class_name(spec: &Node, key: &str) -> ClassName {
    match spec.entry(key) {
        Some((_, node)) => match node.part() {
            Some(part) if !part.is_known() => ClassName::Unknown(part),
            Some(part) => ClassName::Named(part),
            None if node.is_hole() => {
                let hole = Hole::new(Reason::Template, "");
                ClassName::Unknown(Part::new("", node.origin.clone().as_hole(hole)))
            }
            None => ClassName::Omitted(spec.origin.clone()),
        },
        None => ClassName::Omitted(spec.origin.clone()),
    }
}

/// Reads a claim as charts write it.
pub(super) fn of_chart(namespace: &str, name: &str, node: &Node) -> Claim {
    let mut claim = claim(namespace, name, node, "storageClass");
    if matches!(claim.class, ClassName::Omitted(_)) {
        claim.class = class_name(node, "storageClassName");
    }
    // Charts take an empty text for nothing said; `-` is how they are told the empty class.
    if let ClassName::Named(part) = &claim.class
        && part.text.is_empty()
    {
        claim.class = ClassName::Omitted(part.origin.clone());
    }
    claim
}

/// The option `hard` in the `mountOptions` of a class.
pub(super) fn hard(class: &Node) -> Option<Part> {
    let options: Vec<Part> = class.get("mountOptions")?.items().iter().filter_map(Node::part).collect();
    let is_soft = options.iter().any(|option| matches!(option.text.as_str(), "soft" | "softerr"));
    options.into_iter().find(|option| option.text == "hard" && !is_soft)
}
