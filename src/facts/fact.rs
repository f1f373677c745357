//! What a fact is: something said, where it stands, and who says it.

use super::Affected;
use crate::text::{Origin, SourceId, Str};
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
    /// Where it was seen, if a build holds it; nothing if it is judged as it is written.
    pub scene: Option<Arc<Scene>>,
}

/// What makes it less sure that a cluster gets something as it is told; the weaker doubt first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Doubt {
    /// Something that is not seen or not run here may change it further.
    Unseen,
    /// It is a sample or a template: who takes it changes it.
    Sample,
    /// Tilt applies it while somebody develops.
    Tilt,
    /// It is kept where tests are.
    AmongTests,
    /// A build makes it only if it is asked for this stage.
    Skipped,
    /// The builds of the repository ask for other stages.
    Unasked,
    /// Only a test of a chart uses it.
    Test,
    /// A test applies it.
    Applied,
    /// No object that a chart makes is made of it.
    Unused,
}

/// The build in which an object was seen.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Scene {
    /// The delivery that holds the object, by its number.
    pub build: u32,
    /// The cluster that gets it, by its number and as people call it.
    pub cluster: u32,
    pub cluster_name: Str,
    /// Whether something declared delivers it.
    pub live: bool,
    /// What makes it less sure that the cluster gets this as it is.
    pub doubt: Option<Doubt>,
    /// What the file calls the object: no build can change it.
    pub written: Str,
    /// Other objects that say the same, from the same place.
    pub also: Vec<Affected>,
    /// How many clusters get what is written there, whatever becomes of it.
    pub spread: u32,
}

impl Scene {
    /// Where manifests are that nothing delivers: among themselves.
    pub fn left_out() -> Scene {
        let none = u32::MAX;
        Scene {
            build: none,
            cluster: none,
            cluster_name: Str::default(),
            live: false,
            doubt: None,
            written: Str::default(),
            also: Vec::new(),
            spread: 0,
        }
    }

    /// Where a value of a chart is that nothing rendered was made of.
    pub fn unused() -> Scene {
        Scene { live: true, doubt: Some(Doubt::Unused), ..Scene::left_out() }
    }

    /// Whether some build holds the object.
    pub fn is_built(&self) -> bool {
        self.cluster != u32::MAX
    }
}

impl Resource {
    /// How fingerprints call it: as its own file does, whatever builds make of it.
    pub fn written_label(&self) -> String {
        match &self.scene {
            Some(scene) if !scene.written.is_empty() => scene.written.to_string(),
            _ => self.label(),
        }
    }

    /// The objects for which it says what it says: itself, and those that say the same.
    pub fn affected(&self) -> Vec<Affected> {
        let scene = self.scene.as_ref();
        let delivered = scene.is_none_or(|scene| scene.live);
        let cluster = scene.filter(|_| delivered).map(|scene| scene.cluster_name.clone());
        let own = Affected { object: self.label().into(), cluster: cluster.unwrap_or_default(), delivered };
        let others = scene.into_iter().flat_map(|scene| &scene.also);
        let mut all: Vec<Affected> = others.filter(|other| **other != own).cloned().collect();
        all.push(own);
        all.sort();
        all.dedup();
        all
    }

    /// `Deployment/media/web`: how people and fingerprints call it.
    pub fn label(&self) -> String {
        let parts = [&self.kind, &self.namespace, &self.name];
        parts.into_iter().filter(|part| !part.is_empty()).map(Str::as_str).collect::<Vec<_>>().join("/")
    }
}
