//! The waist: what files say, free of the format they said it in. A small closed vocabulary; rules read nothing else.

mod ask;
mod build;
mod delivered;
mod delivery;
mod engines;
mod fact;
mod image;
mod judged;
mod pin;
mod reference;
mod secret;
mod storage;

pub use ask::Ask;
pub(crate) use ask::{place_of, text_of};
pub use build::{Recipe, Stage, StageArgument};
pub use delivered::Obstacle;
pub use delivery::{Action, Chart, Overlay, Override, Release, Setter, TagPolicy};
pub use engines::{engine_of_chart, engine_of_image};
pub use fact::{Fact, Resource, Scene};
pub use image::{Fault, Image, Role};
pub use judged::Judged;
pub use pin::{Moves, Pin, Shape};
pub(crate) use reference::join;
pub use reference::parse as parse_reference;
pub use secret::{Place as SecretPlace, Precision, Secret, mask};
pub use storage::{
    Backup, BackupPlan, Claim, ClassName, Container, Database, Engine, StorageClass, Volume, Workload,
};

use crate::text::{Hole, Span, Str};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A value that is there but could not be read, and why: in a word (`template`, `variable`), by which such values
/// are counted, and in a sentence about this one, where there is more to say.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Unread {
    pub what: &'static str,
    pub why: &'static str,
    pub at: Span,
    pub says: Str,
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
    pub releases: Vec<Fact<Release>>,
    pub stages: Vec<Fact<Stage>>,
    pub recipes: Vec<Fact<Recipe>>,
    pub workloads: Vec<Fact<Workload>>,
    pub databases: Vec<Fact<Database>>,
    pub backups: Vec<Fact<BackupPlan>>,
    pub claims: Vec<Fact<Claim>>,
    pub classes: Vec<Fact<StorageClass>>,
    pub obstacles: Vec<Fact<Obstacle>>,
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
            releases,
            stages,
            recipes,
            workloads,
            databases,
            backups,
            claims,
            classes,
            obstacles,
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

    /// What of these holds once more for a cluster that gets the same object: what keeps data is held against its own
    /// cluster, all else is said by now.
    pub fn again(&self, scene: &Arc<Scene>) -> Facts {
        fn moved<T: Clone>(facts: &[Fact<T>], scene: &Arc<Scene>) -> Vec<Fact<T>> {
            let mut last: Option<(&Arc<Resource>, Arc<Resource>)> = None;
            let mut owner = |of| match &last {
                Some((known, moved)) if Arc::ptr_eq(known, of) => moved.clone(),
                _ => {
                    // What stands inside a text of another object is in no build.
                    let scene = of.scene.is_some().then(|| scene.clone());
                    let moved = Arc::new(Resource { scene, ..Resource::clone(of) });
                    last = Some((of, moved.clone()));
                    moved
                }
            };
            facts.iter().map(|fact| Fact { owner: owner(&fact.owner), ..fact.clone() }).collect()
        }
        Facts {
            workloads: moved(&self.workloads, scene),
            databases: moved(&self.databases, scene),
            backups: moved(&self.backups, scene),
            claims: moved(&self.claims, scene),
            classes: moved(&self.classes, scene),
            ..Facts::default()
        }
    }

    /// Names the other clusters that get the same object, where what it says is said once for all.
    pub fn also_in(&mut self, clusters: &BTreeSet<Str>) {
        fn name<T>(facts: &mut [Fact<T>], clusters: &BTreeSet<Str>) {
            for fact in facts {
                if let Some(scene) = &mut Arc::make_mut(&mut fact.owner).scene {
                    Arc::make_mut(scene).also.extend(clusters.iter().cloned());
                }
            }
        }
        name(&mut self.images, clusters);
        name(&mut self.charts, clusters);
        name(&mut self.tag_policies, clusters);
        name(&mut self.releases, clusters);
        name(&mut self.overlays, clusters);
    }

    /// Whether nothing was said at all.
    pub fn is_empty(&self) -> bool {
        let facts = self;
        macro_rules! empty { ($($list:ident),*) => { $(facts.$list.is_empty() &&)* true }; }
        every_list!(empty)
    }

    pub fn unread(&mut self, what: &'static str, why: &'static str, at: Span) {
        self.unread.push(Unread { what, why, at, says: Str::default() });
    }

    /// Tells that a hole keeps a value from being known.
    pub fn unread_hole(&mut self, what: &'static str, hole: &Hole, at: Span) {
        self.unread.push(Unread { what, why: hole.why.name(), at, says: hole.says().into() });
    }
}
