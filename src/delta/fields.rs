//! Single fields that people look for: replicas, what is suspended, what cannot be changed.

use super::change::{At, Found, Topic};
use super::pairs::Pair;
use super::trees::{Diff, Noise};
use crate::syntax::Node;

/// The kinds of which the cluster runs this many.
const COUNTED: [&str; 3] = ["Deployment", "StatefulSet", "ReplicaSet"];

/// What a cluster refuses to change, by kind: the beginning of the path.
const IMMUTABLE: [(&str, &[&[&str]]); 10] = [
    ("Deployment", &[&["spec", "selector"]]),
    ("DaemonSet", &[&["spec", "selector"]]),
    (
        "StatefulSet",
        &[
            &["spec", "selector"],
            &["spec", "serviceName"],
            &["spec", "volumeClaimTemplates"],
            &["spec", "podManagementPolicy"],
        ],
    ),
    ("Job", &[&["spec", "template"], &["spec", "selector"], &["spec", "completions"]]),
    (
        "PersistentVolumeClaim",
        &[
            &["spec", "storageClassName"],
            &["spec", "accessModes"],
            &["spec", "volumeName"],
            &["spec", "volumeMode"],
            &["spec", "dataSource"],
        ],
    ),
    ("StorageClass", &[&["parameters"], &["provisioner"], &["reclaimPolicy"], &["volumeBindingMode"]]),
    ("RoleBinding", &[&["roleRef"]]),
    ("ClusterRoleBinding", &[&["roleRef"]]),
    ("Secret", &[&["type"]]),
    ("PersistentVolume", &[&["spec", "csi"], &["spec", "nfs"], &["spec", "local"], &["spec", "hostPath"]]),
];

pub(super) fn of_pair(pair: &Pair, out: &mut Vec<Found>) {
    let (Some(before), Some(after)) = (pair.before, pair.after) else { return };
    let label = after.label();
    let found = |topic: Topic, what: &'static str| {
        Found::new(topic, what, label.clone()).reaching(label.clone(), pair.cluster.clone())
    };
    let kind = after.kind();
    let place = |path: &[&str]| {
        let end = |root: &Node| root.at(path).map(Node::span);
        end(&after.root)
            .map(At::after)
            .or_else(|| end(&before.root).map(At::before))
            .unwrap_or(At::after(after.written))
    };
    if COUNTED.contains(&kind) {
        let number =
            |root: &Node| root.at(&["spec", "replicas"]).and_then(Node::text).unwrap_or("1").to_owned();
        let (old, new) = (number(&before.root), number(&after.root));
        if old != new {
            let what = match (old.as_str(), new.as_str()) {
                (_, "0") => "stopped",
                ("0", _) => "started",
                _ => "changed",
            };
            out.push(found(Topic::Replicas, what).from(old).to(new).at(place(&["spec", "replicas"])));
        }
    }
    let suspended = |root: &Node| {
        root.at(&["spec", "suspend"]).and_then(Node::scalar).is_some_and(|scalar| scalar.is_true())
    };
    match (suspended(&before.root), suspended(&after.root)) {
        (false, true) if kind == "CronJob" => {
            out.push(found(Topic::Suspended, "on").note("it runs no more").at(place(&["spec", "suspend"])));
        }
        (false, true) => {
            let one = found(Topic::Suspended, "on").note("changes of it no longer arrive");
            out.push(one.at(place(&["spec", "suspend"])));
        }
        (true, false) => out.push(found(Topic::Suspended, "off").at(place(&["spec", "suspend"]))),
        _ => {}
    }
    if !is_made_anew(&after.root) {
        immutable(pair, &found, out);
    }
}

/// Whether the tool that delivers an object makes it anew where it cannot be changed: hooks, and who asks for force.
fn is_made_anew(root: &Node) -> bool {
    const HOOKS: [&str; 2] = ["helm.sh/hook", "argocd.argoproj.io/hook"];
    let Some(marks) = root.at(&["metadata", "annotations"]) else { return false };
    let options = marks.text_at("argocd.argoproj.io/sync-options").unwrap_or_default();
    HOOKS.iter().any(|hook| marks.get(hook).is_some())
        || options.split(',').any(|option| matches!(option.trim(), "Replace=true" | "Force=true"))
        || marks.text_at("kustomize.toolkit.fluxcd.io/force") == Some("enabled")
}

/// What the cluster refuses: each field once.
fn immutable(pair: &Pair, found: &dyn Fn(Topic, &'static str) -> Found, out: &mut Vec<Found>) {
    let kind = pair.thing().kind();
    let Some((_, fields)) = IMMUTABLE.iter().find(|(of, _)| *of == kind) else { return };
    for field in *fields {
        let own = |diff: &&Diff| diff.noise == Noise::None && diff.begins(field);
        let Some(diff) = pair.diffs.iter().find(own) else { continue };
        // A claim may get the class that it had none of; a volume name comes when it is bound.
        let is_first = diff.before.is_none() && kind == "PersistentVolumeClaim";
        let at = match (diff.after, diff.before) {
            (Some(after), _) => At::after(after.span()),
            (None, Some(before)) => At::before(before.span()),
            (None, None) => continue,
        };
        if !is_first {
            out.push(found(Topic::Immutable, "refused").to(field.join(".")).at(at));
        }
    }
}
