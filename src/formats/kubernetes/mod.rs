//! Kubernetes objects: which images they run, which volumes they use. Kustomize, Flux and Helm have files of
//! their own; what a custom resource is made of is data in `custom.rs`.

mod backup_jobs;
mod backup_plans;
mod backups;
mod custom;
mod handed;
mod pods;
mod policies;
mod settings;
mod storage;
mod tekton;
mod upgrades;
mod volume_backups;
mod volumes;

pub(super) use upgrades::mode as upgrade_mode;
pub(super) use volume_backups::velero_plan;
pub(super) use volumes::{backing, served};

use super::{Desk, Format, Read, literals, tell};
use crate::facts::{Resource, Role};
use crate::syntax::{Document, Node, forms, yaml};
use crate::text::File;
use std::sync::Arc;

pub(super) const FORMAT: Format = Format { name: "kubernetes", words: &[], wants, read: Read::Objects(read) };

fn wants(file: &File) -> bool {
    if file.is_yaml() || file.is_yaml_of_template() {
        return file.has("apiVersion") && file.has("kind");
    }
    holds_objects(file)
}

/// Whether a text begins as an object does, whatever the name of its file. Documents about manifests may, too.
fn holds_objects(file: &File) -> bool {
    let first = file.first_line();
    let is_json = first == "{" || first.starts_with("{\"");
    let is_object = is_json || ["apiVersion:", "kind:", "metadata:"].iter().any(|key| first.starts_with(key));
    is_object
        && !file.base().ends_with(".md")
        && ["apiVersion", "kind"].iter().all(|key| {
            let is_key = |line: &str| line.trim_start_matches([' ', '\t', '{', '"']).starts_with(key);
            file.has(key) && file.text.lines().any(is_key)
        })
}

fn read(desk: &mut Desk, document: &Document) {
    for root in objects(&document.root) {
        object(desk, document, root, FORMAT.name);
    }
}

/// The objects of a document: itself, or what a list of any kind holds.
pub(super) fn objects(root: &Node) -> Vec<&Node> {
    match root.get("items").filter(|items| items.is_list()) {
        Some(items) if root.text_at("kind").is_some_and(|kind| kind.ends_with("List")) => {
            items.items().iter().flat_map(objects).collect()
        }
        _ => vec![root],
    }
}

fn object(desk: &mut Desk, document: &Document, root: &Node, format: &'static str) {
    let Some(owner) = tell::resource(desk, format, root) else { return };
    // That is a file of a tool, which has a reader of its own.
    if owner.api.starts_with("skaffold/") {
        return;
    }
    if is_policy_or_schema(&owner) {
        policy(desk, document, &owner, root);
        return;
    }
    if owner.kind == "ConfigMap" {
        for (key, value) in root.get("data").map(Node::entries).unwrap_or_default() {
            embedded(desk, value);
            settings::read(desk, &owner, key.text().unwrap_or_default(), value);
        }
    }
    let pods = pods::read(desk, document, &owner, root);
    custom::read(desk, document, &owner, root);
    storage::read(desk, &owner, root, &pods);
    backups::read(desk, &owner, root);
    upgrades::read(desk, &owner, root);
    backup_jobs::read(desk, &owner, root, &pods);
}

/// The images of what a policy makes.
fn policy(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, root: &Node) {
    let before = desk.facts.images.len();
    for (path, node) in policies::made(owner, root) {
        fragment(desk, document, owner, node, &path);
    }
    for (path, text) in policies::expressions(owner, root) {
        literals::of_text(desk, owner, &text, &path, Role::Pull);
    }
    let told = desk.facts.images.split_off(before);
    desk.facts.images.extend(told.into_iter().filter(policies::is_own));
}

/// Objects that stand inside a scalar: a ConfigMap or a values file that carries whole manifests.
pub(super) fn embedded(desk: &mut Desk, node: &Node) {
    let Some(text) =
        node.text().filter(|text| ["apiVersion", "kind", "image"].iter().all(|word| text.contains(word)))
    else {
        return;
    };
    let yaml = yaml::read_embedded(text, &node.origin);
    for document in &yaml.documents {
        let document = forms::marked_document(document);
        for root in objects(&document.root) {
            object(desk, &document, root, tell::EMBEDDED);
        }
    }
}

/// The images of a part of an object, as a patch holds it.
pub(super) fn fragment(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, node: &Node, base: &str) {
    let before = desk.facts.images.len();
    pods::read(desk, document, owner, node);
    custom::read_unknown(desk, document, owner, node);
    for fact in &mut desk.facts.images[before..] {
        let dot = if fact.path.starts_with('[') { "" } else { "." };
        fact.path = format!("{base}{dot}{}", fact.path).into();
    }
}

/// Objects that speak about images without running any: schemas, admission policies, their tests and reports.
pub(super) fn is_policy_or_schema(owner: &Resource) -> bool {
    let group = owner.api.split('/').next().unwrap_or("");
    const GROUPS: [&str; 11] = [
        "kyverno.io",
        "policies.kyverno.io",
        "cli.kyverno.io",
        "json.kyverno.io",
        "templates.gatekeeper.sh",
        "constraints.gatekeeper.sh",
        "policy.sigstore.dev",
        "wgpolicyk8s.io",
        "admissionregistration.k8s.io",
        // What an API server asks a webhook is no object.
        "admission.k8s.io",
        "mutations.gatekeeper.sh",
    ];
    owner.kind == "CustomResourceDefinition" || GROUPS.contains(&group)
}

#[cfg(test)]
mod tests {
    #[test]
    fn rows() {
        super::super::exam::rows(include_str!("../rows/kubernetes.txt"));
    }
}
