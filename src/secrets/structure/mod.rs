//! What a document's structure says: which scalar is a credential because of where it stands. Kinds of documents are
//! told apart here; each file below reads one. What a value is by itself, `value` knows.

mod compose;
mod contents;
mod gate;
mod kubernetes;
mod leaves;
mod reader;

pub(super) use gate::may_tell_in;
use reader::{ENV, Reader, VALUES, owner};

use super::context::Context;
use super::simd::Hit;
use super::sops;
use super::tables::Tables;
use super::writing;
use crate::facts::{Fact, Secret};
use crate::syntax::{Document, Node};
use crate::text::File;

/// Every credential that the documents of a file hold by their structure.
pub(super) fn read_documents(
    file: &File,
    documents: &[Document],
    context: &Context,
    out: &mut Vec<Fact<Secret>>,
) {
    if is_generated(file) {
        return;
    }
    let mut reader = Reader::new(file, context.tables, context.keeping, out);
    for document in documents {
        reader.owner = owner(file, &document.root);
        reader.document(&document.root);
    }
    sops::documents(file, documents, out);
}

/// Whether the structure of this file may hold a credential, so that parsing it is worth the time. `hits` are what the
/// bytes showed.
pub(super) fn wants(file: &File, context: &Context, hits: &[Hit]) -> bool {
    let base = file.base();
    let state = || base.ends_with(".tfstate") || base == ".dockerconfigjson" || base == "kubeconfig";
    if sops::is_covered(&context.promises.creations, file) || sops::may_be(file) {
        return true;
    }
    !is_generated(file)
        && if file.is_yaml() {
            gate::may_tell(file, context, hits)
        } else {
            state() && tells(context.tables, file.text)
        }
}

/// Whether a text speaks of credentials at all: the cheap question before any parsing.
fn tells(tables: &Tables, text: &str) -> bool {
    let has = |needle: &&[u8]| memchr::memmem::find(text.as_bytes(), needle).is_some();
    // What these hold needs no telling name.
    [b"kind: Secret".as_slice(), b"\"Secret\"", b"auths", b"-key-data", b"sops:", b"base64,"].iter().any(has)
        || tables.names().speaks(text.as_bytes())
}

impl Reader<'_> {
    pub(super) fn tells(&self, text: &str) -> bool {
        tells(self.tables, text)
    }

    /// One document, or one item of a list of objects.
    pub(super) fn document(&mut self, root: &Node) {
        let api = root.text_at("apiVersion").unwrap_or_default();
        if let Some(kind) = root.text_at("kind")
            && (!api.is_empty() || kind == "Config")
        {
            return self.object(root, api, kind);
        }
        if ["$schema", "openapi", "swagger", "lockfileVersion"].iter().any(|key| root.get(key).is_some())
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
        let is_workflow = root.get("jobs").is_some_and(Node::is_map) || self.file.name.contains(".github/");
        self.walk(root, "", &mut String::new(), if is_workflow { ENV } else { VALUES });
    }
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
