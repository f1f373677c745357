//! The waist: what files say, free of the format they said it in. A small closed vocabulary; rules read nothing else.

mod build;
mod delivery;
mod engines;
mod image;
mod pin;
mod reference;
mod secret;
mod storage;

pub use build::{Recipe, Stage, StageArgument};
pub use delivery::{Action, Chart, Overlay, Override, Release, Setter, Slot, TagPolicy, Variable, Variables};
pub use engines::{engine_of_chart, engine_of_image};
pub use image::{Image, Judged, Role};
pub use pin::{Moves, Pin, Shape};
pub use reference::{Fault, parse as parse_reference};
pub(crate) use reference::{holes, join};
pub use secret::{Place as SecretPlace, Precision, Secret, mask};
pub use storage::{
    Backup, BackupPlan, Claim, ClassName, Container, Database, Engine, StorageClass, Volume, Workload,
};

use crate::text::{Origin, Part, SourceId, Span, Str};
use std::sync::Arc;

/// One thing a file says, free of the format it was said in.
#[derive(Clone, Debug)]
pub struct Fact<T> {
    pub says: T,
    /// Where the value stands that this fact is about.
    pub origin: Origin,
    /// The path inside the owner, addressed by name where the list has names: `containers[web].image`.
    pub path: Str,
    pub owner: Arc<Resource>,
}

/// Who says it: a Kubernetes object, a compose service, a workflow job, a Dockerfile.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Resource {
    /// The name of the format, as in `formats::FORMATS`, or `embedded` for objects inside a scalar of another.
    pub format: &'static str,
    pub source: SourceId,
    /// `Deployment`, `service`, `stage` …; empty where the format has no such thing.
    pub kind: Str,
    /// `apps/v1`; empty where the format has no such thing.
    pub api: Str,
    pub namespace: Str,
    pub name: Str,
}

impl Resource {
    /// `Deployment/media/web`: how people and fingerprints call it.
    pub fn label(&self) -> String {
        let parts = [&self.kind, &self.namespace, &self.name];
        parts.into_iter().filter(|part| !part.is_empty()).map(Str::as_str).collect::<Vec<_>>().join("/")
    }
}

/// A value that is there but could not be read, and why: `template`, `variable`, `remote`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Unread {
    pub what: &'static str,
    pub why: &'static str,
    pub at: Span,
}

/// All facts of one file, one unit or the whole repository; they merge by appending.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub images: Vec<Fact<Image>>,
    pub charts: Vec<Fact<Chart>>,
    pub actions: Vec<Fact<Action>>,
    pub setters: Vec<Fact<Setter>>,
    pub tag_policies: Vec<Fact<TagPolicy>>,
    pub overlays: Vec<Fact<Overlay>>,
    pub variables: Vec<Fact<Variables>>,
    pub releases: Vec<Fact<Release>>,
    pub stages: Vec<Fact<Stage>>,
    pub recipes: Vec<Fact<Recipe>>,
    pub workloads: Vec<Fact<Workload>>,
    pub databases: Vec<Fact<Database>>,
    pub backups: Vec<Fact<BackupPlan>>,
    pub claims: Vec<Fact<Claim>>,
    pub classes: Vec<Fact<StorageClass>>,
    pub secrets: Vec<Fact<Secret>>,
    pub unread: Vec<Unread>,
}

/// Hands every list of [`Facts`] to a macro, so that a new kind of fact is named twice: there and here.
macro_rules! every_list {
    ($do:ident) => {
        $do!(
            images,
            charts,
            actions,
            setters,
            tag_policies,
            overlays,
            variables,
            releases,
            stages,
            recipes,
            workloads,
            databases,
            backups,
            claims,
            classes,
            secrets,
            unread
        )
    };
}

impl Facts {
    /// Takes over the facts of another file.
    pub fn append(&mut self, other: Facts) {
        let (into, mut from) = (self, other);
        macro_rules! take { ($($list:ident),*) => { $(into.$list.append(&mut from.$list);)* }; }
        every_list!(take);
    }

    /// Whether nothing was said at all.
    pub fn is_empty(&self) -> bool {
        let facts = self;
        macro_rules! empty { ($($list:ident),*) => { $(facts.$list.is_empty() &&)* true }; }
        every_list!(empty)
    }

    pub fn unread(&mut self, what: &'static str, why: &'static str, at: Span) {
        self.unread.push(Unread { what, why, at });
    }
}

/// What a rule page may ask of a kind of fact: its fields by name, as text or as numbers, and where they stand.
///
/// The order of `FIELDS` is the order of the documentation.
pub trait Ask {
    /// The word after `about:` in a rule page.
    const ABOUT: &'static str;
    /// Every field a page may name, with one line of explanation.
    const FIELDS: &'static [(&'static str, &'static str)];
    /// The value of a field; nothing if it is absent. Only names in `FIELDS` are ever asked for.
    fn field(&self, name: &str) -> Option<Str>;
    /// Where a field stands; nothing if it has no place of its own.
    fn place(&self, name: &str) -> Option<&Origin>;
}

/// The text of an optional part, for [`Ask::field`].
pub(crate) fn text_of(part: &Option<Part>) -> Option<Str> {
    part.as_ref().map(|part| part.text.clone())
}

/// The place of an optional part, for [`Ask::place`].
pub(crate) fn place_of(part: &Option<Part>) -> Option<&Origin> {
    part.as_ref().map(|part| &part.origin)
}
