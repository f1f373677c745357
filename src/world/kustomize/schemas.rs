//! Schemas of one's own: `openapi` says how lists are merged, `crds` which fields hold names. Neither is followed; the
//! tool's refusals are, and what the rest may change is told as unknown.

use super::fault::Why;
use super::file::Kustomization;
use super::gathered::Gathered;
use super::loader::Loader;
use crate::syntax::Node;

/// The only version of the schema of Kubernetes that the tool brings along.
const BUILT_IN: &str = "v1.21.2";

/// Reads what a kustomization says of schemas.
pub(super) fn read(loader: Loader, own: &Kustomization, gathered: &mut Gathered) {
    for entry in own.list("crds") {
        definitions(loader, own, entry, gathered);
    }
    let version = own.root.at(&["openapi", "version"]).filter(|version| version.text() != Some(""));
    let path = own.root.at(&["openapi", "path"]).and_then(Node::part);
    match (version, path) {
        (Some(version), Some(_)) => {
            let says = "`version` and `path` of `openapi` exclude each other";
            gathered.fault(Why::Refused, says, Some(version.span()));
        }
        (Some(version), None) if version.text() != Some(BUILT_IN) => {
            let says = format!("the only version of `openapi` is `{BUILT_IN}`");
            gathered.fault(Why::Refused, says, Some(version.span()));
        }
        (None, Some(path)) if loader.file(own, &path, gathered).is_some() => {
            let says = "a schema of one's own (`openapi`) is not read";
            gathered.fault(Why::Plugin, says, Some(path.span()));
        }
        _ => {}
    }
}

/// One file of `crds`: a map from names to definitions.
fn definitions(loader: Loader, own: &Kustomization, entry: &Node, gathered: &mut Gathered) {
    let Some(path) = entry.part() else { return };
    let Some(id) = loader.file(own, &path, gathered) else { return };
    let root = loader.files.yaml(id).and_then(|yaml| yaml.documents.first()).map(|document| &document.root);
    let is_definition = |(_, value): &(Node, Node)| value.is_map() || value.is_null();
    let is_read = root.is_some_and(|root| root.is_map() && root.entries().iter().all(is_definition));
    let says_names =
        |text: &str| text.contains("x-kubernetes-object-ref") || text.contains("x-kubernetes-annotation");
    if !is_read {
        let says = format!("`{}` holds no definitions of kinds", path.text);
        gathered.fault(Why::Refused, says, Some(entry.span()));
    } else if loader.files.peek(id, says_names) {
        let says = format!("which fields hold names is not read from `{}`", path.text);
        gathered.fault(Why::Plugin, says, Some(entry.span()));
    }
}
