//! What a document's structure says: which scalar is a credential because of where it stands. Kinds of documents are
//! told apart here; each file below reads one. What a value is by itself, `value` knows.

mod compose;
mod contents;
mod given;
mod kubernetes;
mod leaves;
mod loose;
mod pairs;
mod reader;
mod tells;

pub(super) use given::{givings, read_given};
pub(super) use loose::KIND;
pub(super) use tells::TELLING;

use reader::{ENV, Reader, VALUES, owner};

use super::context::Context;
use super::sops;
use super::stops::Stops;
use super::walk::{Depth, walk};
use super::writing;
use crate::facts::{Exempt, Fact, Secret, SecretKind};
use crate::syntax::{Document, Node};
use crate::text::File;

/// Every credential that the documents of a file hold by their structure.
pub(super) fn read_documents(
    file: &File,
    documents: &[Document],
    context: &Context,
    out: &mut Vec<Fact<Secret>>,
    exempts: &mut Vec<Exempt>,
) {
    if is_generated(file) {
        return;
    }
    let mut reader = Reader::new(file, context.tables, context.keeping, out, exempts);
    for document in documents {
        reader.owner = owner(file, &document.root);
        reader.document(&document.root);
    }
    if documents.iter().any(|document| is_of_no_chart(file, &document.root)) {
        for fact in out.iter_mut().filter(|fact| fact.says.kind == SecretKind::Values) {
            fact.says.kind = SecretKind::Assigned;
        }
    }
    sops::documents(file, documents, out);
}

/// Whether settings are neither those of a chart nor of an object: what a machine is given when it starts, and a workflow that was
/// exported from where it runs.
fn is_of_no_chart(file: &File, root: &Node) -> bool {
    let is_workflow = || {
        root.get("nodes").is_some_and(|nodes| !nodes.items().is_empty())
            && root.get("connections").is_some_and(|connections| connections.items().is_empty())
    };
    file.text.starts_with("#cloud-config") || is_workflow()
}

/// Every Secret that is written out in a text of which nobody makes trees.
pub(super) fn read_loose(
    file: &File,
    context: &Context,
    out: &mut Vec<Fact<Secret>>,
    exempts: &mut Vec<Exempt>,
) {
    Reader::new(file, context.tables, context.keeping, out, exempts).loose_secrets();
}

/// Whether the structure of this file may hold a credential, so that parsing it is worth the time. `stops` are where the walk
/// stopped.
pub(super) fn wants(file: &File, context: &Context, stops: &Stops) -> bool {
    let base = file.base();
    let structured =
        file.is_yaml() || base.ends_with(".tfstate") || base == ".dockerconfigjson" || base == "kubeconfig";
    sops::is_covered(&context.promises.creations, file)
        || is_file_of_secrets(base)
        || sops::may_be(file, stops)
        || structured && !is_generated(file) && tells::tells(context.tables, file.text, stops)
}

impl Reader<'_> {
    /// Whether a text that stands in a value speaks of credentials.
    pub(super) fn tells(&mut self, text: &str) -> bool {
        walk(text, self.tables, Depth::Words, &mut self.stops);
        tells::tells(self.tables, text, &self.stops)
    }

    /// One document, or one item of a list of objects.
    pub(super) fn document(&mut self, root: &Node) {
        let api = root.text_at("apiVersion").unwrap_or_default();
        if let Some(kind) = root.text_at("kind")
            && (!api.is_empty() || kind == "Config")
        {
            return self.object(root, api, kind);
        }
        if root.get("secretGenerator").is_some_and(Node::is_list) {
            return self.kustomization(root);
        }
        let is_given = root.text_at("$schema").is_some_and(|schema| schema.contains("deploymentParameters"));
        if !is_given
            && ["$schema", "openapi", "swagger", "lockfileVersion"].iter().any(|key| root.get(key).is_some())
            && root.get("services").is_none()
        {
            return;
        }
        if root.get("auths").is_some_and(Node::is_map) {
            return self.docker_auths(root, "", &[]);
        }
        if root.get("services").is_some_and(Node::is_map) {
            return self.compose(root);
        }
        if is_file_of_secrets(self.file.base()) {
            self.flat_secrets(root);
        }
        let is_workflow = root.get("jobs").is_some_and(Node::is_map) || self.file.name.contains(".github/");
        self.walk(root, "", &mut String::new(), if is_workflow { ENV } else { VALUES });
    }
}

/// Files that are called as what is in them, such as those of Home Assistant.
fn is_file_of_secrets(base: &str) -> bool {
    matches!(base, "secrets.yaml" | "secrets.yml" | "secret.yaml" | "secret.yml")
}

/// Files whose values nobody wrote: locks, and what package managers and editors keep.
fn is_generated(file: &File) -> bool {
    let base = file.base();
    writing::is_catalogue(file.name)
        || base.ends_with("lock.json")
        || base.ends_with("lock.yaml")
        || base.ends_with("-lock.yml")
        || base == "Chart.lock"
        || base == "swagger.json"
        || base == "openapi.json"
        || base == "package.json"
        || base == "tsconfig.json"
}
