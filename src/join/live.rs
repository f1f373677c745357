//! Which kustomizations and deliveries load which files, and so whose image overrides and variables reach them.

use crate::facts::{Fact, Facts, Image, Moves, Overlay, Override, Pin, Slot, Variable, Variables};
use crate::text::{Part, SourceId, Sources, Str};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};

/// What became of one image fact.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fate {
    pub pin: Pin,
    /// Every build that loads the file sets tag or digest of this image elsewhere: nobody runs what stands here.
    pub overridden: bool,
    /// It is an override, and no file that it reaches names such an image.
    pub matches_nothing: bool,
}

/// One way in which a file is built.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Build {
    /// The entries of `images:` in the order in which they are applied: the overlay and the entry.
    overrides: Vec<(usize, usize)>,
    /// The files of patches that are applied on the way.
    patches: BTreeSet<Str>,
    /// The images that patches written in the overlays set.
    sets: BTreeSet<Slot>,
    /// Some configuration may teach kustomize more fields than it knows by itself.
    taught: bool,
}

/// The builds of each file.
pub(super) type Builds = BTreeMap<SourceId, Vec<Build>>;

impl Build {
    /// The entries that reach an image at `path` inside its object: kustomize knows pods and nothing else.
    pub(super) fn reaching(&self, path: &str) -> &[(usize, usize)] {
        let in_pod = path.contains("ontainers[") && !path.contains("ephemeralContainers[")
            || path.contains("volumes[") && path.ends_with(".image.reference");
        if self.taught || in_pod { &self.overrides } else { &[] }
    }
}

/// Whether an entry of `images:` is about the image called `image`: kustomize takes the name for a pattern.
pub(super) fn names(entry: &Override, image: &str) -> bool {
    let name = entry.name.text.as_str();
    let pattern = || Regex::new(&format!("^(?:{name})$")).is_ok_and(|pattern| pattern.is_match(image));
    name == image || name.contains(['*', '+', '?', '(', '[', '|', '^', '$', '\\']) && pattern()
}

/// A slot inside an object: its kind, its name, the path of the container by name.
type SlotRef<'f> = (&'f str, &'f str, &'f str);

fn slot_of(fact: &Fact<Image>) -> SlotRef<'_> {
    (&fact.owner.kind, &fact.owner.name, &fact.path)
}

/// The graph of what loads what.
pub(super) struct Live<'a> {
    pub(super) overlays: &'a [Fact<Overlay>],
    /// Which overlays load a file or directory, by its path.
    loaders: BTreeMap<&'a str, Vec<usize>>,
    sources: &'a Sources,
    variables: &'a [Fact<Variables>],
    names: BTreeSet<&'a str>,
}

/// The steps from a file to a root: the overlays that load each other, innermost first.
pub(super) type Road = Vec<usize>;

/// A bound on the roads of one file; a repository with more is told about as if the rest did not exist.
const MOST_ROADS: usize = 64;

impl<'a> Live<'a> {
    pub(super) fn new(facts: &'a Facts, sources: &'a Sources) -> Live<'a> {
        let mut loaders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, overlay) in facts.overlays.iter().enumerate() {
            for load in &overlay.says.loads {
                loaders.entry(load.text.as_str()).or_default().push(at);
            }
        }
        let names = (0..sources.len()).map(|at| sources.name(SourceId(at as u32))).collect();
        Live { overlays: &facts.overlays, loaders, sources, variables: &facts.variables, names }
    }

    /// Every road from a file to the builds that load it.
    pub(super) fn roads(&self, source: SourceId) -> Vec<Road> {
        let name = self.sources.name(source);
        let mut out = Vec::new();
        let mut first: Vec<usize> = self.loaders.get(name).cloned().unwrap_or_default();
        if first.is_empty() {
            // A delivery of a directory without a kustomization takes every file below it.
            let mut folder = name;
            while let Some((parent, _)) = folder.rsplit_once('/') {
                folder = parent;
                if self.overlays.iter().any(|overlay| overlay.says.directory == folder) {
                    break;
                }
                let deliveries = self.loaders.get(folder).into_iter().flatten();
                first.extend(deliveries.filter(|&&at| self.overlays[at].says.directory.contains('#')));
            }
        }
        for at in first {
            self.climb(at, &mut vec![at], &mut out);
        }
        out
    }

    fn climb(&self, at: usize, road: &mut Road, out: &mut Vec<Road>) {
        if out.len() >= MOST_ROADS || road.len() > 32 {
            return;
        }
        let parents: Vec<usize> =
            self.loaders.get(self.overlays[at].says.directory.as_str()).cloned().unwrap_or_default();
        let parents: Vec<usize> = parents.into_iter().filter(|parent| !road.contains(parent)).collect();
        if parents.is_empty() {
            out.push(road.clone());
        }
        for parent in parents {
            road.push(parent);
            self.climb(parent, road, out);
            road.pop();
        }
    }

    /// The overrides that reach a file along a road, in the order in which they are applied.
    pub(super) fn overrides(&self, road: &Road) -> Vec<(usize, usize)> {
        let mut out = Vec::new();
        for &at in road {
            let overlay = &self.overlays[at].says;
            // A component works on what its parent has gathered so far.
            for load in &overlay.loads {
                for (index, other) in self.overlays.iter().enumerate() {
                    if other.says.component && other.says.directory == load.text && !road.contains(&index) {
                        out.extend((0..other.says.images.len()).map(|image| (index, image)));
                    }
                }
            }
            out.extend((0..overlay.images.len()).map(|image| (at, image)));
        }
        out
    }

    /// What the overlays along a road patch with, and the components they take in.
    fn patching<T: Ord>(&self, road: &Road, of: impl Fn(&Overlay) -> Vec<T>) -> BTreeSet<T> {
        let mut out = BTreeSet::new();
        for &at in road {
            let overlay = &self.overlays[at].says;
            out.extend(of(overlay));
            let taken_in = |other: &&Fact<Overlay>| {
                other.says.component && overlay.loads.iter().any(|load| load.text == other.says.directory)
            };
            out.extend(self.overlays.iter().filter(taken_in).flat_map(|other| of(&other.says)));
        }
        out
    }

    /// The builds that load each file in which Kubernetes objects name images; builds that set the same once.
    pub(super) fn builds(&self, facts: &Facts) -> Builds {
        let objects = facts.images.iter().filter(|fact| fact.owner.format == "kubernetes");
        let sources: BTreeSet<SourceId> = objects.map(|fact| fact.owner.source).collect();
        let build = |road: &Road| Build {
            overrides: self.overrides(road),
            patches: self.patching(road, |overlay| overlay.patches.clone()),
            sets: self.patching(road, |overlay| overlay.sets.clone()),
            taught: road.iter().any(|&at| self.overlays[at].says.generates),
        };
        let of = |source| {
            let mut builds: Vec<Build> = self.roads(source).iter().map(build).collect();
            builds.sort();
            builds.dedup();
            (source, builds)
        };
        sources.into_iter().map(of).collect()
    }

    pub(super) fn images(&self, facts: &Facts, moves: &Moves, builds: &Builds) -> Vec<Fate> {
        let mut used: BTreeSet<(usize, usize)> = BTreeSet::new();
        let mut fates: Vec<Fate> = Vec::with_capacity(facts.images.len());
        let patched = self.patched(facts);
        for fact in &facts.images {
            let mut fate = Fate { pin: moves.pin(&fact.says), overridden: false, matches_nothing: false };
            if fact.owner.format == "kubernetes" {
                let builds = builds.get(&fact.owner.source).map_or(&[][..], Vec::as_slice);
                let sets = |build: &&Build| {
                    let by_entry = self.sets(&fact.says.bare(), build.reaching(&fact.path), &mut used);
                    let files = patched.get(&slot_of(fact)).map_or(&[][..], Vec::as_slice);
                    let (kind, name, path) = slot_of(fact);
                    let own = Slot { kind: kind.into(), name: name.into(), path: path.into() };
                    by_entry
                        || build.sets.contains(&own)
                        || files.iter().any(|file| build.patches.contains(*file))
                };
                let set = builds.iter().filter(sets).count();
                fate.overridden = set > 0 && set == builds.len();
            }
            fates.push(fate);
        }
        for (overlay_at, overlay) in
            self.overlays.iter().enumerate().filter(|(at, _)| self.is_seen_whole(*at, 0))
        {
            let entries = overlay.says.images.iter().enumerate();
            for (_, entry) in entries.filter(|(at, _)| !used.contains(&(overlay_at, *at))) {
                let is_own =
                    |fact: &Fact<Image>| fact.origin == entry.whole().origin && fact.owner == overlay.owner;
                if let Some(own) = facts.images.iter().position(is_own) {
                    fates[own].matches_nothing = true;
                }
            }
        }
        fates
    }

    /// The files of patches that set an image, by the place they set it in.
    fn patched<'f>(&'f self, facts: &'f Facts) -> BTreeMap<SlotRef<'f>, Vec<&'f str>> {
        let files: BTreeSet<&str> =
            self.overlays.iter().flat_map(|overlay| &overlay.says.patches).map(Str::as_str).collect();
        let mut out: BTreeMap<SlotRef, Vec<&str>> = BTreeMap::new();
        for fact in &facts.images {
            let file = self.sources.name(fact.owner.source);
            if files.contains(file) {
                out.entry(slot_of(fact)).or_default().push(file);
            }
        }
        out
    }

    /// Whether every object that an overlay delivers stands in files of the repository.
    fn is_seen_whole(&self, at: usize, depth: usize) -> bool {
        let overlay = &self.overlays[at].says;
        // A component works on the objects of whoever takes it in.
        if overlay.component
            || overlay.generates
            || !overlay.remote.is_empty()
            || depth > 16
            || overlay.loads.is_empty()
        {
            return false;
        }
        overlay.loads.iter().all(|load| {
            if self.names.contains(load.text.as_str()) {
                return true;
            }
            let inner = self.overlays.iter().position(|other| other.says.directory == load.text);
            inner.is_some_and(|inner| {
                inner != at && (self.overlays[inner].says.component || self.is_seen_whole(inner, depth + 1))
            })
        })
    }

    /// Whether the overrides of a road set tag or digest of the image called `name`.
    fn sets(&self, name: &str, road: &[(usize, usize)], used: &mut BTreeSet<(usize, usize)>) -> bool {
        let (mut name, mut set) = (Str::from(name), false);
        for &(overlay, image) in road {
            let entry: &Override = &self.overlays[overlay].says.images[image];
            if !names(entry, &name) {
                continue;
            }
            used.insert((overlay, image));
            set |= entry.new_tag.is_some() || entry.digest.is_some();
            if let Some(new_name) = &entry.new_name {
                name = new_name.text.clone();
            }
        }
        set
    }

    /// What a variable is in each environment that delivers a file: the environment's name and the value.
    pub(super) fn substitutions(&self, source: SourceId, variable: &str) -> Vec<(Str, Option<&'a Part>)> {
        let mut out = BTreeMap::new();
        for road in self.roads(source) {
            for &at in &road {
                let overlay = &self.overlays[at];
                let delivery = self
                    .variables
                    .iter()
                    .find(|variables| variables.owner == overlay.owner && variables.says.path.is_some());
                let Some(delivery) = delivery else { continue };
                let value = self.value(delivery, variable);
                let file = self.sources.name(delivery.owner.source);
                out.entry((Str::from(file), delivery.says.environment.clone())).or_insert(value);
                break;
            }
        }
        out.into_iter().map(|((file, name), value)| (environment(&file, &name), value)).collect()
    }

    /// The outermost folders from which a file is built: `clusters/production`.
    pub(super) fn environments(&self, source: SourceId) -> BTreeSet<Str> {
        let root = |road: &Road| {
            let directory = self.overlays[*road.last()?].says.directory.as_str();
            let (file, name) = directory.split_once('#').unwrap_or((directory, ""));
            Some(if name.is_empty() { Str::from(file) } else { environment(file, name) })
        };
        self.roads(source).iter().filter_map(root).collect()
    }

    /// A variable of a delivery: what stands in it wins over the ConfigMaps it names, and of those the last.
    fn value(&self, delivery: &'a Fact<Variables>, variable: &str) -> Option<&'a Part> {
        let find = |variables: &'a Variables| {
            variables.values.iter().find(|value: &&Variable| value.name == variable).map(|value| &value.value)
        };
        find(&delivery.says).or_else(|| {
            let maps = delivery.says.from.iter().rev().filter(|(_, is_secret)| !is_secret);
            let mut found = maps.filter_map(|(name, _)| {
                let (namespace, name) = name.split_once('/').unwrap_or(("", name));
                let map = self.variables.iter().find(|map| {
                    map.says.path.is_none()
                        && map.owner.name == name
                        && (map.owner.namespace.is_empty()
                            || namespace.is_empty()
                            || map.owner.namespace == namespace)
                });
                find(&map?.says)
            });
            found.next()
        })
    }
}

/// How people call an environment: the folder of the cluster that holds the delivery, or the delivery's name.
fn environment(file: &str, name: &str) -> Str {
    let parts: Vec<&str> = file.split('/').collect();
    match parts.iter().position(|part| matches!(*part, "clusters" | "cluster" | "environments" | "envs")) {
        Some(at) if at + 2 < parts.len() + 1 && at + 1 < parts.len() - 1 => parts[at + 1].into(),
        _ => name.into(),
    }
}
