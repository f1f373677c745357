//! The fields that an Application has, in the order in which Argo CD fills them. Others are gone before a template is filled: the
//! API server drops what the definition of a set does not name.

use super::super::edit;
use crate::syntax::Node;

/// The fields of each map that has fixed ones, by the key that holds it.
const FIELDS: [(&str, &[&str]); 10] = [
    ("metadata", &["name", "namespace", "labels", "annotations", "finalizers"]),
    (
        "spec",
        &[
            "source",
            "destination",
            "project",
            "syncPolicy",
            "ignoreDifferences",
            "info",
            "revisionHistoryLimit",
            "sources",
            "sourceHydrator",
        ],
    ),
    ("source", SOURCE),
    ("sources", SOURCE),
    (
        "helm",
        &[
            "valueFiles",
            "parameters",
            "releaseName",
            "values",
            "fileParameters",
            "version",
            "passCredentials",
            "ignoreMissingValueFiles",
            "skipCrds",
            "valuesObject",
            "namespace",
            "kubeVersion",
            "apiVersions",
            "skipTests",
            "skipSchemaValidation",
        ],
    ),
    ("directory", &["recurse", "jsonnet", "exclude", "include", "disableExtensionFilter"]),
    ("plugin", &["name", "env", "parameters"]),
    ("destination", &["server", "namespace", "name"]),
    ("syncPolicy", &["automated", "syncOptions", "retry", "managedNamespaceMetadata"]),
    ("automated", &["prune", "selfHeal", "allowEmpty", "enabled"]),
];

const SOURCE: &[&str] = &[
    "repoURL",
    "path",
    "targetRevision",
    "helm",
    "kustomize",
    "directory",
    "plugin",
    "chart",
    "ref",
    "name",
    "tagPrefix",
];

/// What Argo CD sees of a part of a template, in its order.
pub(super) fn seen(key: &str, node: &mut Node) {
    if node.is_list() {
        edit::items_mut(node).into_iter().flatten().for_each(|item| seen(key, item));
        return;
    }
    let Some((_, fields)) = FIELDS.iter().find(|(holder, _)| *holder == key) else { return };
    let Some(entries) = edit::entries_mut(node) else { return };
    let place = |key: &Node| key.text().and_then(|key| fields.iter().position(|field| *field == key));
    entries.retain(|(key, _)| place(key).is_some());
    entries.sort_by_key(|(key, _)| place(key));
    for (key, value) in entries {
        // What is free in form is no map of fields, whatever it is called.
        if !matches!(key.text(), Some("valuesObject" | "labels" | "annotations")) {
            seen(key.text().unwrap_or_default(), value);
        }
    }
}
