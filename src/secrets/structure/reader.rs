//! What all readers of one file's documents share: where they are, and how they tell what they found.

use super::super::found::{Found, whole_file};
use super::super::judge::Setting;
use super::super::stops::Stops;
use super::super::tables::Tables;
use crate::facts::{Exempt, Fact, Keeping, Resource, Secret, SecretKind, SecretPlace};
use crate::syntax::Node;
use crate::text::{File, Origin, Part, Span, Str};
use std::sync::Arc;

/// What all readers of one file share.
pub(super) struct Reader<'a> {
    pub(super) file: File<'a>,
    pub(super) tables: &'a Tables,
    pub(super) owner: Arc<Resource>,
    pub(super) keeping: Option<Keeping>,
    /// How many encodings and embedded documents deep this is.
    pub(super) depth: usize,
    pub(super) stops: Stops,
    /// Whom the call goes to that is being read.
    pub(super) called: Option<Str>,
    pub(super) out: &'a mut Vec<Fact<Secret>>,
    pub(super) exempts: &'a mut Vec<Exempt>,
}

/// In what kind of place the values being read stand, and as what they are reported.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) kind: SecretKind,
    pub(super) place: SecretPlace,
}

impl Spot {
    /// What the judge is told of such a place.
    pub(super) fn setting(self) -> Setting {
        match self.kind {
            SecretKind::Values => Setting::Values,
            SecretKind::Compose => Setting::Started,
            _ => Setting::Given,
        }
    }
}

pub(super) const MANIFEST: Spot = Spot { kind: SecretKind::Manifest, place: SecretPlace::Manifest };
pub(super) const CONFIG_MAP: Spot = Spot { kind: SecretKind::ConfigMap, place: SecretPlace::Manifest };
pub(super) const ENV: Spot = Spot { kind: SecretKind::Env, place: SecretPlace::Env };
pub(super) const ARGS: Spot = Spot { kind: SecretKind::Args, place: SecretPlace::Args };
pub(super) const VALUES: Spot = Spot { kind: SecretKind::Values, place: SecretPlace::Values };
pub(super) const COMPOSE: Spot = Spot { kind: SecretKind::Compose, place: SecretPlace::Compose };
pub(super) const SEALED: Spot = Spot { kind: SecretKind::SealedPlaintext, place: SecretPlace::Manifest };
pub(super) const EXTERNAL: Spot = Spot { kind: SecretKind::ExternalLiteral, place: SecretPlace::Manifest };

impl<'a> Reader<'a> {
    pub(super) fn new(
        file: &File<'a>,
        tables: &'a Tables,
        keeping: Option<Keeping>,
        out: &'a mut Vec<Fact<Secret>>,
        exempts: &'a mut Vec<Exempt>,
    ) -> Reader<'a> {
        let owner = whole_file(file);
        Reader {
            file: *file,
            tables,
            owner,
            keeping,
            depth: 0,
            stops: Stops::default(),
            called: None,
            out,
            exempts,
        }
    }

    pub(super) fn push(&mut self, mut found: Found, spot: Spot) {
        if found.excuse.is_some() {
            let object = match spot.kind {
                SecretKind::Manifest => self.owner.label().into(),
                _ => Str::default(),
            };
            self.exempts.extend(found.exempt(object));
            return;
        }
        if found.place == SecretPlace::Text {
            found.place = spot.place;
        }
        if let (Some(called), true) = (&self.called, found.goes.is_empty()) {
            found.goes = format!("for `{called}`").into();
        }
        if let Some(tight) = self.tight(&found.value) {
            found.value.origin = tight;
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
}

/// The object that a document is; the file, if it is none.
pub(super) fn owner(file: &File, root: &Node) -> Arc<Resource> {
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
        scene: None,
    })
}

/// Whether a map is a Secret with something in it, wherever it stands.
pub(super) fn is_secret(node: &Node) -> bool {
    // A policy has the object that it makes under `data`.
    let has = |key: &str| node.get(key).is_some_and(|data| data.is_map() && data.get("kind").is_none());
    node.text_at("kind") == Some("Secret") && (has("data") || has("stringData"))
}
