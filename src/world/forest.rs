//! Who delivers what: deliveries found in files and in what others deliver, each built once for its cluster.

use super::argocd;
use super::artifact::{Artifact, Artifacts};
use super::charts;
use super::cluster_names;
use super::config_maps::ConfigMaps;
use super::definitions::Definitions;
use super::delivery::{
    Cluster, ClusterId, Delivery, DeliveryId, Forest, Means, Planted, above, cluster_place, short_id,
};
use super::files::{Absence, Files};
use super::fleet;
use super::flux;
use super::helmfile;
use super::kustomize::{Built, Cache, Reach};
use super::lone_charts;
use super::object::Object;
use super::overlays::{self, Known, Overlay};
use super::release;
use super::repository::{Hints, Repository};
use super::secret_names::SecretNames;
use super::variables::Variables;
use super::waiting::{Child, Waiting};
use crate::limits::MOST_ROUNDS;
use crate::syntax::{Node, envsubst};
use crate::text::{Part, SourceId, Span, Str};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A Flux Kustomization as a file declares it, or the path that Flux begins with.
struct Declared {
    object: Object,
    path: Part,
}

/// Finds and builds everything that is delivered: once more where a chart asks for an API, and something else delivers
/// the definition of it to its cluster.
pub fn grow(files: &Files, cache: &Cache, hints: &Hints) -> Forest {
    let mut definitions = Definitions::default();
    let mut forest = grown(files, cache, hints, &definitions);
    let mut round = 0;
    while let Some(at) = learn(&mut definitions, &forest) {
        round += 1;
        if round > MOST_ROUNDS {
            let says = format!(
                "definitions that charts deliver for each other take more than {MOST_ROUNDS} rounds of building: no more are followed"
            );
            forest.stop(None, says, at);
            break;
        }
        forest = grown(files, cache, hints, &definitions);
    }
    forest
}

/// Takes the definitions that a forest delivers. Gives the place of a chart that asked for one of them, if nobody knew
/// of it when the forest was built. A chart that nothing takes is alone in its cluster, and has what it brings.
fn learn(definitions: &mut Definitions, forest: &Forest) -> Option<Span> {
    let asks = |delivery: &&Delivery| !delivery.built.unmet.is_empty() && delivery.means != Means::Chart;
    if !forest.deliveries.iter().any(|delivery| asks(&delivery)) {
        return None;
    }
    let place = |delivery: &Delivery| &forest.cluster(delivery.cluster).place;
    for delivery in forest.deliveries.iter().filter(|one| one.live && !forest.is_test(one)) {
        delivery.built.objects.iter().for_each(|object| definitions.add(place(delivery), &object.root));
    }
    let known = &forest.definitions;
    let is_answered = |one: &&Delivery| definitions.answer(place(one), &one.built.unmet, known);
    forest.deliveries.iter().filter(asks).find(is_answered).map(|delivery| delivery.path.span())
}

/// Everything that is delivered to clusters that have these APIs.
fn grown(files: &Files, cache: &Cache, hints: &Hints, definitions: &Definitions) -> Forest {
    let mut forest = Forest::knowing(definitions.clone());
    let mut artifacts = Artifacts::new(files, hints.builds);
    let declared = declared(files, hints, &mut artifacts);
    let mut known = Known::new();
    let Roots { sure, others, held } = roots(&artifacts, &declared);
    let (planted, maps, endings) = (Planted::default(), ConfigMaps::new(held), None);
    let (secrets, plain) = (SecretNames::default(), BTreeMap::new());
    let mut planter = Planter { files, artifacts, planted, maps, secrets, plain, endings, followed: 0 };
    for root in sure {
        planter.plant(&declared[root], true, &mut forest);
    }
    forest.note_comments(files);
    let has_sources = declared.iter().any(|one| flux::source_of(&one.object.root).is_some());
    for root in others {
        let own = &declared[root].object;
        // A component of a delivery brings it: that one speaks for it.
        if forest.loaded.contains(&own.written.source) {
            continue;
        }
        // In the folder of something that is delivered, and not delivered with it: left out there. One that never
        // worked beside some that do is no beginning.
        let file = files.name(own.written.source);
        let path = &declared[root].path.text;
        let may_be_there = || matches!(files.absence(path), Absence::Unseen(..));
        let works = path.is_empty() || files.is_folder(path) || may_be_there();
        let is_beside = if works { forest.holds(file) } else { forest.is_live() };
        let is_left_out = is_beside || forest.commented_out(file).is_some();
        // Without a source, where others have one, or with a variable for a name, it is a part that some parent has to
        // complete, and none does.
        let has_name = !envsubst::has_forms(&own.id().name);
        let is_complete = has_name && (!has_sources || flux::source_of(&own.root).is_some());
        planter.plant(&declared[root], is_complete && !is_left_out, &mut forest);
    }
    argocd::plant(files, cache, hints, &mut known, &mut planter.planted, &mut forest);
    fleet::plant(files, cache, hints, &mut planter.planted, &mut forest);
    helmfile::plant(files, &mut planter.planted, &mut forest);
    overlays(files, cache, &mut known, &mut forest);
    forest.note_comments(files);
    // The Applications of what is delivered by now are followed.
    planter.followed = forest.deliveries.len();
    let seen = planter.follow(cache, hints, 0, &mut forest);
    let mut lone = lone_charts::find(files, &mut forest);
    // What charts deliver may take others of them.
    let delivers =
        |root: &Node| flux::is_kustomization(root) || release::is_release(root) || argocd::is_ours(root);
    lone.plant(&mut forest, Some(&delivers));
    planter.follow(cache, hints, seen, &mut forest);
    lone.plant(&mut forest, None);
    cluster_names::tell_apart(&mut forest);
    forest.values = values(&forest);
    for delivery in &forest.deliveries {
        forest.read.extend(delivery.built.read.iter().copied());
        if delivery.live {
            forest.live.extend(delivery.built.read.iter().copied());
            // What a build calls otherwise shares no more than a placeholder with others of that name.
            let as_written = delivery.built.objects.iter().filter(|object| {
                let says = |key| object.root.at(&["metadata", key]).and_then(Node::text).unwrap_or_default();
                let id = &object.written.id;
                id.name == says("name") && (id.namespace.is_empty() || id.namespace == says("namespace"))
            });
            forest.written.extend(as_written.map(|object| &object.written).map(|own| {
                let id = &own.id;
                (short_id(&id.gvk.group, &id.gvk.kind, &id.namespace, &id.name), own.source)
            }));
            forest.folders.extend((delivery.means == Means::Flux).then(|| delivery.path.text.clone()));
        }
        for (entry, outcome) in &delivery.built.asked {
            forest.asked.entry(*entry).or_insert(*outcome).join(*outcome);
        }
    }
    forest
}

/// The files that releases take their values from.
fn values(forest: &Forest) -> BTreeSet<SourceId> {
    let mut out = forest.release_values.clone();
    for (at, delivery) in forest.deliveries.iter().enumerate() {
        for object in delivery.built.objects.iter().filter(|object| release::is_release(&object.root)) {
            out.extend(release::values_files(forest, DeliveryId(at as u32), &object.root));
        }
    }
    out
}

/// Every Flux Kustomization and every beginning that files declare.
fn declared(files: &Files, hints: &Hints, artifacts: &mut Artifacts) -> Vec<Declared> {
    let may = |text: &str| {
        text.contains("kustomize.toolkit.fluxcd.io/")
            || text.contains("FluxInstance")
            || text.contains("flux-instance") && text.contains("sync:")
            || text.contains("source.toolkit.fluxcd.io/") && text.contains("GitRepository")
            || text.contains("ArtifactGenerator")
    };
    let mut out = Vec::new();
    // Which kustomization asks for the file of `flux bootstrap`, it says without any word of Flux.
    let words = [
        "kustomize.toolkit.fluxcd.io/",
        "FluxInstance",
        "flux-instance",
        "GitRepository",
        "ArtifactGenerator",
        "gotk-sync",
    ];
    let found = files.saying(&words, |text| may(text) || text.contains("gotk-sync"));
    for id in found.into_iter().filter(|id| is_manifest(files.name(*id))) {
        // What is no YAML before it is rendered declares nothing yet.
        let Some(yaml) = files.yaml(id).filter(|_| !files.is_chart_template(id)) else { continue };
        for document in &yaml.documents {
            let root = &document.root;
            artifacts.note(root, id);
            if flux::is_kustomization(root) {
                if let Some(path) = flux::path_of(root).filter(|_| flux::is_whole(root)) {
                    out.push(Declared { object: Object::new(root.clone(), id), path });
                }
            } else if let Some(path) =
                flux::sync_path(root).or_else(|| flux::bootstrapped(files, files.name(id), root))
            {
                out.push(Declared { object: Object::new(root.clone(), id), path });
            }
        }
    }
    for one in &mut out {
        let source = flux::source_of(&one.object.root);
        let folder = artifacts.unpacked(source.as_ref(), one.object.written.source, &one.path.text);
        one.path.text = folder.unwrap_or_else(|| one.path.text.clone());
    }
    artifacts.know(repository(files, hints, artifacts, &out));
    let ours = ours(files, artifacts, &out);
    let mut is_ours = ours.into_iter();
    out.retain(|_| is_ours.next() == Some(true));
    out
}

/// The addresses of this repository, after the sources of what is declared: a Kustomization in its own folder comes from
/// the source that it takes.
fn repository(files: &Files, hints: &Hints, artifacts: &Artifacts, declared: &[Declared]) -> Repository {
    let pair = |one: &Declared| {
        let url = artifacts.url(flux::source_of(&one.object.root).as_ref(), one.object.written.source)?;
        let is_within = above(files.name(one.object.written.source)).any(|folder| folder == one.path.text);
        Some((is_within, url.clone(), one.path.text.clone()))
    };
    let pairs: Vec<(bool, Str, Str)> = declared.iter().filter_map(pair).collect();
    let knows = pairs.iter().any(|(is_within, ..)| *is_within);
    let pairs = pairs.iter().filter(|(is_within, ..)| *is_within || !knows);
    Repository::new(files, hints, pairs.map(|(_, url, path)| (url.as_str(), path.as_str())))
}

/// Whether each comes from this repository: by the address of its source; else if its path is here, or that of another one
/// with this source, or if nothing says otherwise. Every repository has a root, so that says nothing.
fn ours(files: &Files, artifacts: &Artifacts, declared: &[Declared]) -> Vec<bool> {
    let source = |one: &Declared| flux::source_of(&one.object.root);
    let told = |one: &Declared| artifacts.is_own(source(one).as_ref(), one.object.written.source);
    let is_here = |one: &Declared| !one.path.text.is_empty() && files.is_folder(&one.path.text);
    let is_sync = |one: &Declared| files.name(one.object.written.source).ends_with(flux::SYNC);
    let sure = |one: &&Declared| told(one) != Some(false) && (is_here(one) || is_sync(one));
    let own: BTreeSet<(Str, Str)> = declared.iter().filter(sure).filter_map(source).collect();
    let sources: BTreeSet<(Str, Str)> = declared.iter().filter_map(source).collect();
    let is_own = |one: &Declared| source(one).is_none_or(|source| own.contains(&source));
    // An address that nobody knows, and a path that is not here.
    let has_url = |one: &Declared| artifacts.url(source(one).as_ref(), one.object.written.source).is_some();
    let may_be = |one: &Declared| match one.path.text.is_empty() {
        true => sources.len() < 2,
        false => !has_url(one),
    };
    let is_ours = |one: &Declared| {
        told(one).unwrap_or_else(|| is_here(one) || is_own(one) || own.is_empty() && may_be(one))
    };
    declared.iter().map(is_ours).collect()
}

/// Those whose file no other one delivers.
struct Roots {
    /// The ones that Flux begins with.
    sure: Vec<usize>,
    others: Vec<usize>,
    /// The files that some path holds.
    held: BTreeSet<SourceId>,
}

fn roots(artifacts: &Artifacts, declared: &[Declared]) -> Roots {
    let mut by_path: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, one) in declared.iter().enumerate() {
        by_path.entry(&one.path.text).or_default().push(at);
    }
    // What a path holds does not depend on who delivers it, as far as files go.
    let files_of = |of: &Vec<usize>| {
        let one = &declared[of[0]];
        let root = &one.object.root;
        let artifact = artifacts.of(flux::source_of(root).as_ref(), one.object.written.source);
        flux::files_of(&artifact, &one.path)
    };
    let read: BTreeMap<&str, BTreeSet<SourceId>> =
        by_path.iter().map(|(path, of)| (*path, files_of(of))).collect();
    let sources: BTreeSet<SourceId> = declared.iter().map(|one| one.object.written.source).collect();
    let mut holders: BTreeMap<SourceId, Vec<&str>> = BTreeMap::new();
    for (path, held) in &read {
        for source in held.intersection(&sources) {
            holders.entry(*source).or_default().push(path);
        }
    }
    let holds = |path: &str, source: SourceId| read.get(path).is_some_and(|files| files.contains(&source));
    let is_held = |at: usize| {
        let own = &declared[at];
        // Where Flux begins is decided before anything is delivered.
        if !flux::is_kustomization(&own.object.root) {
            return false;
        }
        // A root delivers its own file; of two that deliver each other the first is the root.
        let paths = holders.get(&own.object.written.source).into_iter().flatten();
        let others = paths.filter(|path| **path != own.path.text).flat_map(|path| &by_path[path]);
        others
            .filter(|other| **other != at)
            .any(|&other| !(at < other && holds(&own.path.text, declared[other].object.written.source)))
    };
    let begins = |at: usize| {
        let own = &declared[at];
        !flux::is_kustomization(&own.object.root) || holds(&own.path.text, own.object.written.source)
    };
    let (sure, mut others): (Vec<usize>, Vec<usize>) =
        (0..declared.len()).filter(|&at| !is_held(at)).partition(|&at| begins(at));
    // What lies in the folder of another one comes behind it: it may have been left out there.
    let folders_around = |at: &usize| {
        let own = &declared[*at];
        let around = above(artifacts.files.name(own.object.written.source));
        around.filter(|folder| *folder != own.path.text && by_path.contains_key(folder)).count()
    };
    others.sort_by_key(folders_around);
    Roots { sure, others, held: read.into_values().flatten().collect() }
}

/// Builds roots of Flux, and remembers what many of them ask for.
struct Planter<'p, 'f> {
    files: &'p Files<'f>,
    artifacts: Artifacts<'p, 'f>,
    planted: Planted,
    maps: ConfigMaps,
    secrets: SecretNames,
    /// What nothing changed on its way, by artifact and path.
    plain: BTreeMap<(usize, Str), Built>,
    /// Every folder, spelled backwards and sorted, once somebody asks which ones end so.
    endings: Option<Vec<String>>,
    /// Of how many deliveries the Applications are followed.
    followed: usize,
}

impl Planter<'_, '_> {
    /// Builds a root and all that it delivers.
    fn plant(&mut self, root: &Declared, live: bool, forest: &mut Forest) {
        let file = self.files.name(root.object.written.source);
        let (place, name) = cluster_place(file, &root.path.text, &root.object.id().name);
        let cluster = self.planted.cluster(forest, place, name);
        let child = Child { object: root.object.clone(), parent: None, home: cluster };
        self.walk(child, Some(&root.path), live, forest);
    }

    /// Builds what charts and other late deliveries hold: releases, Kustomizations, Applications, and what these hold.
    /// `from` is the first delivery that nobody has looked at; gives the next such one.
    fn follow(&mut self, cache: &Cache, hints: &Hints, mut from: usize, forest: &mut Forest) -> usize {
        while from < forest.deliveries.len() {
            let end = forest.deliveries.len();
            forest.name_objects(from);
            charts::plant(self.files, cache, &self.artifacts, &mut self.planted, from, forest);
            self.of_charts(from, end, forest);
            let late = (from.max(self.followed), end);
            argocd::follow(self.files, cache, hints, late, &mut self.planted, forest);
            from = end;
        }
        from
    }

    /// Builds the Kustomizations that charts make.
    fn of_charts(&mut self, from: usize, end: usize, forest: &mut Forest) {
        let mut found = Vec::new();
        for (at, delivery) in forest.deliveries.iter().enumerate().take(end).skip(from) {
            if delivery.built.values.is_empty() || forest.is_test(delivery) {
                continue;
            }
            let own = delivery.built.objects.iter().filter(|object| flux::is_kustomization(&object.root));
            let parent = Some(DeliveryId(at as u32));
            found.extend(own.map(|object| {
                (Child { object: object.clone(), parent, home: delivery.cluster }, delivery.live)
            }));
        }
        for (child, live) in found {
            self.walk(child, None, live, forest);
        }
    }

    /// Builds a Kustomization and all that it delivers. A root has its path.
    fn walk(&mut self, first: Child, root: Option<&Part>, live: bool, forest: &mut Forest) {
        let own_source = flux::source_of(&first.object.root);
        // Of two that declare the same child the one nearer to the root wins here.
        let mut waiting = Waiting::default();
        waiting.push(first);
        while let Some(child) = waiting.next(|child| self.has_maps(child, forest)) {
            let Child { object, parent, home } = &child;
            let path = root.filter(|_| parent.is_none()).cloned();
            let Some(path) = path.or_else(|| flux::path_of(&object.root)) else { continue };
            if !self.planted.is_new(*home, "Kustomization", flux::key(object))
                || !forest.may_follow(*parent, object.root.span())
            {
                continue;
            }
            let (id, source) = (forest.next(), flux::source_of(&object.root));
            let path = self.placed(object, path, parent.is_some() && source != own_source);
            let delivery = self.deliver(&child, path, forest);
            for object in delivery.built.objects.iter().filter(|object| flux::is_kustomization(&object.root))
            {
                waiting.push(Child { object: object.clone(), parent: Some(id), home: delivery.cluster });
            }
            forest.push(Delivery { live, ..delivery });
        }
    }

    /// Whether every ConfigMap that a Kustomization takes variables from is delivered by now.
    fn has_maps(&mut self, child: &Child, forest: &Forest) -> bool {
        let namespace = child.object.id().namespace;
        let mut names = flux::config_maps(&child.object.root);
        names.all(|name| self.maps.is_delivered(forest, child.home, &namespace, name))
    }

    /// The cluster that a Kustomization delivers to: where it is itself, if it names no other.
    fn target(&mut self, child: &Child, forest: &mut Forest) -> ClusterId {
        let Some(other) = flux::other_cluster(&child.object.root) else { return child.home };
        self.planted.beside(forest, child.home, &child.object.id().namespace, other)
    }

    /// Builds a path; one that nothing changes once for all who deliver it.
    fn build(&mut self, artifact: &Rc<Artifact>, spec: &Node, path: &Part, variables: &Variables) -> Built {
        let key = (Rc::as_ptr(artifact).addr(), path.text.clone());
        let is_plain = flux::is_plain(spec, variables);
        if let Some(known) = self.plain.get(&key).filter(|_| is_plain) {
            return known.clone();
        }
        let (shared, asked) = (artifact.builds, (spec, path, variables));
        let known = shared.and_then(|shared| shared.built(&artifact.key, asked));
        let built = known.unwrap_or_else(|| {
            let built = flux::build(artifact, spec, path, variables);
            if let Some(shared) = shared {
                shared.keep(&artifact.files, &artifact.key, asked, &built);
            }
            built
        });
        // What is wrong is told where it is asked for.
        if is_plain && built.faults.is_empty() {
            self.plain.insert(key, built.clone());
        }
        built
    }

    /// What one Flux Kustomization delivers.
    fn deliver(&mut self, child: &Child, path: Part, forest: &mut Forest) -> Delivery {
        let Child { object, parent, home } = child;
        let (files, cluster) = (self.files, self.target(child, forest));
        let (who, spec) = (flux::called(object), flux::spec_of(&object.root));
        let namespace = object.id().namespace;
        let variables = Variables::of(
            &spec,
            &mut |name: &str| self.maps.find(files, forest, *home, &namespace, name),
            &mut |name: &str| self.secrets.find(forest, *home, &namespace, name),
        );
        let source = flux::source_of(&object.root);
        let artifact = self.artifacts.of(source.as_ref(), object.written.source);
        let built = self.build(&artifact, &spec, &path, &variables);
        let left_out = artifact.files.left_out(&path.text).filter(|(id, _)| is_manifest(files.name(*id)));
        forest.left_out.extend(left_out.map(|(id, by)| (id, by.clone())));
        Delivery {
            means: Means::Flux,
            namespace: who.0,
            name: who.1,
            declared: Some(flux::declared(object)),
            path,
            more: Vec::new(),
            parent: *parent,
            cluster,
            live: true,
            built,
        }
    }

    /// A path among the files. One that is not here, of another source than the root's, is another repository's.
    fn placed(&mut self, object: &Object, path: Part, is_of_other: bool) -> Part {
        let source = flux::source_of(&object.root);
        if let Some(text) = self.artifacts.unpacked(source.as_ref(), object.written.source, &path.text) {
            return Part { text, ..path };
        }
        let is_here = !path.text.is_empty() && self.files.is_folder(&path.text);
        let is_own = self.artifacts.is_own(source.as_ref(), object.written.source);
        if is_own == Some(false) || is_own.is_none() && is_of_other && !is_here {
            return elsewhere(path);
        }
        self.in_artifact(&flux::spec_of(&object.root), path)
    }

    /// A path of a source other than this repository is relative to an artifact: the one folder that ends so.
    fn in_artifact(&mut self, spec: &Node, path: Part) -> Part {
        let kind = spec.at(&["sourceRef", "kind"]).and_then(Node::text);
        let is_git = matches!(kind, None | Some("GitRepository"));
        if is_git || path.text.is_empty() || self.files.is_folder(&path.text) {
            return path;
        }
        let endings = self.endings.get_or_insert_with(|| {
            let names = self.files.all().map(|id| self.files.name(id));
            let folders: BTreeSet<&str> = names.flat_map(above).collect();
            let mut backwards: Vec<String> =
                folders.iter().map(|folder| folder.chars().rev().collect()).collect();
            backwards.sort_unstable();
            backwards
        });
        let ending: String = format!("/{}", path.text).chars().rev().collect();
        let from = endings.partition_point(|folder| *folder < ending);
        let mut found = endings[from..].iter().take_while(|folder| folder.starts_with(&ending));
        match (found.next(), found.next()) {
            (Some(only), None) => Part { text: only.chars().rev().collect::<String>().into(), ..path },
            _ => path,
        }
    }
}

fn is_manifest(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// A path that no folder has.
fn elsewhere(path: Part) -> Part {
    Part { text: "(another repository)".into(), ..path }
}

/// The kustomizations that no delivery holds and no other one loads. Where something else declares what is
/// delivered, they are rendered to be judged and no more.
fn overlays(files: &Files, cache: &Cache, known: &mut Known, forest: &mut Forest) {
    // An Application of another repository, or a release of a chart elsewhere, says nothing about this one.
    let declares = forest.deliveries.iter().filter(|delivery| delivery.live).any(|delivery| {
        matches!(delivery.means, Means::Flux | Means::Release | Means::Overlay)
            || !delivery.built.read.is_empty()
    });
    // Where Flux builds, it lets a kustomization load what lies outside of its folder.
    let is_flux = forest.deliveries.iter().any(|delivery| delivery.live && delivery.means == Means::Flux);
    let reach = if is_flux { Reach::Anywhere } else { Reach::Folder };
    let held: BTreeSet<SourceId> =
        forest.deliveries.iter().flat_map(|delivery| delivery.built.read.iter().copied()).collect();
    for Overlay { folder, source, built } in overlays::outermost(files, cache, &held, known, reach) {
        let cluster = ClusterId(forest.clusters.len() as u32);
        let last = folder.rsplit('/').next().unwrap_or_default();
        let name = if last.is_empty() { ".".into() } else { last.into() };
        forest.clusters.push(Cluster { name, place: folder.clone(), root: forest.next() });
        forest.push(overlays::delivery(&folder, source, built, cluster, !declares));
    }
    forest.declares = declares;
}
