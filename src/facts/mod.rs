//! The waist: what files say, free of the format they said it in. A small closed vocabulary; rules read nothing else.

mod affected;
mod ask;
mod backups;
mod bots;
mod build;
mod by_name;
mod delivered;
mod delivery;
mod elsewhere;
mod engines;
mod exempt;
mod fact;
mod giving;
mod image;
mod judged;
mod layout;
mod letter;
mod mirrors;
mod names;
mod pin;
mod placeholder;
mod places;
mod provisioners;
mod reference;
mod registry;
mod sealing;
mod secret;
mod secret_words;
mod shapes;
mod star;
mod storage;
mod tag;
mod tag_pattern;
mod unkept;
mod volumes;

pub use affected::{Affected, clusters, listed, objects};
pub use ask::Ask;
pub(crate) use ask::{place_of, text_of};
pub use backups::{
    Backup, BackupKind, BackupPlan, BackupStore, Choice, Marked, Marks, Service, Subject, When,
};
pub use build::{AskedStage, Recipe, Stage, StageArgument, note_asked};
pub use delivered::{Instead, Obstacle, Why};
pub use delivery::{Action, Beyond, Chart, Overlay, Override, Release, Setter, TagPolicy};
pub use engines::{DataFolder, Engine, EngineEntry, EngineKind, Engines, Family, OwnFile, VersionAt};
pub use exempt::{Excuse, Exempt};
pub use fact::{Doubt, Fact, Resource, Scene};
pub use giving::Giving;
pub use image::{DigestKey, Fault, Feeds, Image, Number, Role};
pub use judged::Judged;
pub use layout::{ClaimLayout, Given, Layout, Path as LayoutPath, Step};
pub use letter::{Disguise, Letter};
pub use names::{Letters, Names, Promise, fold, words as name_words};
pub use pin::{Moves, Pin, Shape};
pub use places::{Keeping, Places};
pub use provisioners::{ClassPattern, Parameters, Provisioner, Provisioners, Standing, StorageKind};
pub(crate) use reference::join;
pub use reference::parse as parse_reference;
pub use registry::{Answer, Answers, Around, Held, Leads, Pinned, Registry, Served, has_platform};
pub use sealing::{SealState, Sealing};
pub use secret::{
    Evidence, MASK, Place as SecretPlace, Precision, Secret, SecretKind, Softer, Sureness, Weakness,
};
pub use secret_words::noun;
pub use shapes::{ClaimShape, Gist, LooseVolume};
pub use storage::{
    Claim, ClassName, Container, Database, Distribution, MajorUpgrade, Pool, StorageClass, UpgradeMode,
    Volume, Workload,
};
pub use tag::is_other_release;
#[cfg(feature = "cli")]
pub use tag::{Raise, newer};
pub use tag_pattern::TagPattern;
pub use unkept::Unkept;
pub use volumes::{Backing, Environment, Placing, Setting, StaticVolume, is_of_system, network_protocol};

use crate::text::{Hole, Part, SourceId, Sources, Span, Str};
use std::collections::{BTreeSet, HashMap, HashSet};
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

/// The table of every kind of fact: how it is told of an object that several clusters get, its list, what is in it. What
/// is not here does not exist.
///
/// * `once`: it is said once, and names the clusters;
/// * `each`: it is held against what else its own cluster has, and so said for each;
/// * `alone`: objects do not tell it, or it is told of what is built as a whole.
macro_rules! kinds {
    (@again each $list:expr, $scene:expr) => { moved(&$list, $scene) };
    (@again $how:ident $list:expr, $scene:expr) => { Vec::new() };
    (@also once $list:expr, $clusters:expr) => { name_clusters(&mut $list, $clusters) };
    (@also $how:ident $list:expr, $clusters:expr) => {};
    ($($how:ident $list:ident: $kind:ty,)*) => {
        /// All facts of one file, one unit or the whole repository; they merge by appending.
        #[derive(Clone, Debug, Default)]
        pub struct Facts {
            $(pub $list: Vec<$kind>,)*
        }

        impl Facts {
            /// Takes over the facts of another file.
            pub fn append(&mut self, mut other: Facts) {
                $(self.$list.append(&mut other.$list);)*
            }

            /// Whether nothing was said at all.
            pub fn is_empty(&self) -> bool {
                $(self.$list.is_empty())&&*
            }

            /// What of these holds once more for a cluster that gets the same object.
            pub fn again(&self, scene: &Arc<Scene>) -> Facts {
                Facts { $($list: kinds!(@again $how self.$list, scene),)* }
            }

            /// Names the other clusters that get the same object, each with whether something delivers it there, where
            /// what it says is said once for all.
            pub fn also_in(&mut self, clusters: &BTreeSet<(Str, bool)>) {
                $(kinds!(@also $how self.$list, clusters);)*
            }
        }
    };
}

kinds! {
    once images: Fact<Image>,
    once charts: Fact<Chart>,
    alone actions: Fact<Action>,
    alone setters: Fact<Setter>,
    once tag_policies: Fact<TagPolicy>,
    once overlays: Fact<Overlay>,
    once releases: Fact<Release>,
    alone stages: Fact<Stage>,
    alone asked_stages: AskedStage,
    alone recipes: Fact<Recipe>,
    alone letters: Fact<Letter>,
    each workloads: Fact<Workload>,
    each databases: Fact<Database>,
    each upgrades: Fact<MajorUpgrade>,
    each upgrade_modes: Fact<UpgradeMode>,
    each backups: Fact<BackupPlan>,
    each stores: Fact<BackupStore>,
    each marks: Fact<Marks>,
    each services: Fact<Service>,
    each claims: Fact<Claim>,
    each classes: Fact<StorageClass>,
    each pools: Fact<Pool>,
    each volumes: Fact<StaticVolume>,
    each loose_volumes: Fact<LooseVolume>,
    each environments: Fact<Environment>,
    each claim_shapes: Fact<ClaimShape>,
    each distributions: Fact<Distribution>,
    alone obstacles: Fact<Obstacle>,
    alone secrets: Fact<Secret>,
    alone givings: Fact<Giving>,
    alone sealings: Fact<Sealing>,
    alone exempts: Exempt,
    alone unread: Unread,
    alone filled: Span,
    alone bumped: Span,
    alone chart_sites: (Str, Str),
    alone digest_keys: (Span, DigestKey),
}

/// The same facts for another cluster.
fn moved<T: Clone>(facts: &[Fact<T>], scene: &Arc<Scene>) -> Vec<Fact<T>> {
    let mut out = facts.to_vec();
    // What stands inside a text of another object is in no build.
    share_owners(&mut out, |of| Resource { scene: of.scene.is_some().then(|| scene.clone()), ..of.clone() });
    out
}

fn name_clusters<T>(facts: &mut [Fact<T>], clusters: &BTreeSet<(Str, bool)>) {
    share_owners(facts, |of| {
        let mut owner = of.clone();
        let object = Str::from(owner.label());
        if let Some(scene) = &mut owner.scene {
            let one = |(cluster, delivered): &(Str, bool)| Affected {
                object: object.clone(),
                cluster: cluster.clone(),
                delivered: *delivered,
            };
            Arc::make_mut(scene).also.extend(clusters.iter().map(one));
        }
        owner
    });
}

/// Changes the owners of facts, so that those which shared one still do.
fn share_owners<T>(facts: &mut [Fact<T>], change: impl Fn(&Resource) -> Resource) {
    let mut last: Option<(Arc<Resource>, Arc<Resource>)> = None;
    for fact in facts {
        let known =
            last.as_ref().filter(|(of, _)| Arc::ptr_eq(of, &fact.owner)).map(|(_, made)| made.clone());
        let made = known.unwrap_or_else(|| Arc::new(change(&fact.owner)));
        last = Some((std::mem::replace(&mut fact.owner, made.clone()), made));
    }
}

impl Facts {
    /// Leaves out the holes of files that a build fills: whoever fills them tells the image.
    pub fn leave_out_filled(&mut self) {
        let filled: BTreeSet<Span> = std::mem::take(&mut self.filled).into_iter().collect();
        if filled.is_empty() {
            return;
        }
        self.images.retain(|fact| {
            let at = fact.origin.span();
            !(fact.says.unknown && fact.owner.source == at.source && filled.contains(&at))
        });
        self.unread.retain(|unread| !filled.contains(&unread.at));
    }

    /// Takes note of the images that Skaffold builds before it hands the manifests of its folder on: no cluster pulls what
    /// they say.
    pub fn note_built(&mut self, sources: &Sources) {
        let folder = |at: Span| sources.name(at.source).rsplit_once('/').map_or("", |(folder, _)| folder);
        let is_artifact =
            |fact: &&Fact<Image>| fact.owner.format == "skaffold" && fact.says.role == Role::Built;
        let named = self.images.iter().filter(is_artifact).filter(|fact| !fact.says.unknown);
        let built: BTreeSet<(String, &str)> =
            named.map(|fact| (fact.says.bare(), folder(fact.origin.span()))).collect();
        if built.is_empty() {
            return;
        }
        for fact in self.images.iter_mut().filter(|fact| fact.owner.format == "kubernetes") {
            let mut at = folder(fact.origin.span());
            let mut above = std::iter::from_fn(|| {
                let here = at;
                at = here.rsplit_once('/').map_or("", |(folder, _)| folder);
                Some(here)
            });
            let depth = sources.name(fact.origin.span().source).matches('/').count() + 1;
            let name = fact.says.bare();
            if above.by_ref().take(depth).any(|folder| built.contains(&(name.clone(), folder))) {
                fact.says.role = Role::Built;
            }
        }
    }

    /// Takes note of the images that Tilt builds before it hands these files on: a name without a tag is replaced with any
    /// tag, and one with a tag with that one.
    pub fn note_built_by_tilt(&mut self, handed: &HashSet<SourceId>) {
        let is_tilts = |fact: &Fact<Image>| fact.owner.format == "tilt";
        let mut built: HashMap<String, Vec<Option<Str>>> = HashMap::new();
        let tag = |image: &Image| image.tag.as_ref().map(|tag| tag.text.clone());
        for fact in self.images.iter().filter(|fact| is_tilts(fact) && !fact.says.unknown) {
            built.entry(fact.says.canonical()).or_default().push(tag(&fact.says));
        }
        if built.is_empty() {
            return;
        }
        let images = self.images.iter_mut().filter(|fact| !is_tilts(fact));
        for fact in images.filter(|fact| handed.contains(&fact.origin.span().source)) {
            let tags = built.get(&fact.says.canonical()).map(Vec::as_slice).unwrap_or_default();
            if tags.iter().any(|one| one.is_none() || *one == tag(&fact.says)) {
                fact.says.role = Role::Built;
            }
        }
    }

    /// Takes note of which stages builds make, by what they ask each Dockerfile for.
    pub fn note_stages(&mut self) {
        note_asked(&mut self.stages, &mut self.images, &std::mem::take(&mut self.asked_stages));
    }

    /// Takes note of the places that decide the tags of several images, of tags that charts call their version, and of the keys
    /// for digests beside tags that others use.
    pub fn note_tags(&mut self, sources: &Sources) {
        let keys: HashMap<Span, DigestKey> = std::mem::take(&mut self.digest_keys).into_iter().collect();
        let place = |image: &Image| image.tag.as_ref()?.origin.editable();
        // What values call `app`, a chart may make `team/app` of.
        let ends = |long: &str, short: &str| {
            long.strip_suffix(short).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        };
        let mut names: HashMap<Span, Option<Str>> = HashMap::new();
        for image in self.images.iter().map(|fact| &fact.says) {
            let (Some(at), Some(name)) = (place(image), image.repository.as_ref()) else { continue };
            let known = names.entry(at).or_insert_with(|| Some(name.text.clone()));
            if known.as_ref().is_some_and(|known| !ends(known, &name.text) && !ends(&name.text, known)) {
                *known = None;
            }
        }
        for image in self.images.iter_mut().map(|fact| &mut fact.says) {
            let is_card = |at: Span| sources.name(at.source).rsplit('/').next() == Some("Chart.yaml");
            let is_of_card = |tag: &Part| match tag.origin.editable() {
                Some(at) => is_card(at),
                None => tag
                    .origin
                    .pieces(tag.text.len())
                    .iter()
                    .any(|(_, piece)| piece.editable().is_some_and(is_card)),
            };
            image.is_app_version = image.tag.as_ref().is_some_and(is_of_card);
            let Some(at) = place(image) else { continue };
            image.shares_tag = names.get(&at).is_some_and(Option::is_none);
            image.digest_key = image.digest_key.or_else(|| keys.get(&at).copied());
        }
    }

    pub fn unread(&mut self, what: &'static str, why: &'static str, at: Span) {
        self.unread.push(Unread { what, why, at, says: Str::default() });
    }

    /// Tells that a hole keeps a value from being known.
    pub fn unread_hole(&mut self, what: &'static str, hole: &Hole, at: Span) {
        self.unread.push(Unread { what, why: hole.why.name(), at, says: hole.says().into() });
    }
}
