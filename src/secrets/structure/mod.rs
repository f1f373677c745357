//! What a document's structure says: which scalar is a credential because of where it stands. Kinds of documents are
//! told apart here; each file below reads one. What a value is by itself, `value` knows.

mod compose;
mod contents;
mod kubernetes;
mod leaves;
mod sops;

pub use sops::{Creation, creation_rules, is_covered, not_encrypted};

use super::found::{Found, whole_file};
use super::simd::Hit;
use super::tables::Tables;
use crate::facts::{Fact, Resource, Secret, SecretPlace};
use crate::finding::Precision;
use crate::syntax::{Document, Node};
use crate::text::{File, Origin, Part, Span, Str};
use std::sync::Arc;

/// Every credential that the documents of a file hold by their structure.
pub fn read_documents(file: &File, documents: &[Document], tables: &Tables, out: &mut Vec<Fact<Secret>>) {
    if is_generated(file) {
        return;
    }
    let mut reader = Reader {
        file: *file,
        tables,
        owner: whole_file(file),
        is_exercise: super::assign::is_exercise(file.name),
        depth: 0,
        hits: Vec::new(),
        out,
    };
    for document in documents {
        reader.owner = owner(file, &document.root);
        reader.document(&document.root);
    }
}

/// Whether the structure of this file may hold a credential, so that parsing it is worth the time.
pub fn wants(file: &File) -> bool {
    let base = file.base();
    let structured =
        file.is_yaml() || base.ends_with(".tfstate") || base == ".dockerconfigjson" || base == "kubeconfig";
    structured && !is_generated(file) && super::assign::tells(file.text)
}

/// What all readers of one file share.
pub(super) struct Reader<'a> {
    pub(super) file: File<'a>,
    pub(super) tables: &'a Tables,
    pub(super) owner: Arc<Resource>,
    is_exercise: bool,
    /// How many encodings and embedded documents deep this is.
    depth: usize,
    hits: Vec<Hit>,
    out: &'a mut Vec<Fact<Secret>>,
}

/// In what kind of place the values being read stand, and which rule reports them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) rule: &'static str,
    pub(super) place: SecretPlace,
}

pub(super) const MANIFEST: Spot = Spot { rule: "secret-in-manifest", place: SecretPlace::Manifest };
pub(super) const CONFIG_MAP: Spot = Spot { rule: "secret-in-configmap", place: SecretPlace::Manifest };
pub(super) const ENV: Spot = Spot { rule: "secret-in-env", place: SecretPlace::Env };
pub(super) const ARGS: Spot = Spot { rule: "secret-in-args", place: SecretPlace::Args };
pub(super) const VALUES: Spot = Spot { rule: "secret-in-values", place: SecretPlace::Values };
pub(super) const COMPOSE: Spot = Spot { rule: "secret-in-compose", place: SecretPlace::Compose };
pub(super) const SEALED: Spot = Spot { rule: "sealed-secret-plaintext", place: SecretPlace::Manifest };
pub(super) const EXTERNAL: Spot = Spot { rule: "external-secret-literal", place: SecretPlace::Manifest };

/// How deep encodings and embedded documents are followed: file, base64, JSON, base64.
const DEEPEST: usize = 4;

impl Reader<'_> {
    pub(super) fn push(&mut self, mut found: Found, spot: Spot) {
        if found.place == SecretPlace::Text {
            found.place = spot.place;
        }
        if let Some(tight) = self.tight(&found.value) {
            found.value.origin = tight;
        }
        if self.is_exercise {
            found.precision = Precision::Low;
        }
        self.out.push(found.fact(&self.owner));
    }

    /// The bytes of the value itself, where a block scalar's origin covers its header and indentation too.
    fn tight(&self, value: &Part) -> Option<Origin> {
        let (origin, length) = (&value.origin, value.text.len());
        let letters = || value.text.char_indices();
        if origin.editable().is_some() || !origin.is_exact() || length < 2 {
            return None;
        }
        let (last, second) = (letters().next_back()?.0, letters().nth(1)?.0);
        let (first, end) =
            (origin.slice(0..second, length).span(), origin.slice(last..length, length).span());
        let span = Span { end: end.end, ..first };
        let same = first.source == self.file.id && end.source == self.file.id && first.start < end.end;
        (same && self.file.text.get(span.range()) == Some(value.text.as_str()))
            .then(|| Origin::verbatim(span))
    }

    /// One document, or one item of a list of objects.
    pub(super) fn document(&mut self, root: &Node) {
        if sops::is_sops(root) {
            return self.sops(root);
        }
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
    base.ends_with("lock.json")
        || base.ends_with("lock.yaml")
        || base.ends_with("-lock.yml")
        || base == "Chart.lock"
        || base == "swagger.json"
        || base == "openapi.json"
        || base == "package.json"
        || base == "tsconfig.json"
}

fn owner(file: &File, root: &Node) -> Arc<Resource> {
    let Some(kind) = root.text_at("kind").filter(|_| root.get("apiVersion").is_some()) else {
        return whole_file(file);
    };
    let meta = |key: &str| root.at(&["metadata", key]).and_then(Node::text).unwrap_or_default();
    Arc::new(Resource {
        format: "kubernetes",
        source: file.id,
        kind: kind.into(),
        api: root.text_at("apiVersion").unwrap_or_default().into(),
        namespace: Str::from(meta("namespace")),
        name: Str::from(meta("name")),
    })
}
