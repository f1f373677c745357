//! Who delivers what: deliveries found in files and in what others deliver, each built once for its cluster.

use super::argocd::{self, Hints};
use super::artifact::Artifacts;
use super::delivery::{
    Cluster, ClusterId, Delivery, DeliveryId, Forest, Means, Planted, cluster_place, is_below, kind_and_name,
};
use super::files::{Absence, Files};
use super::flux::{self, Variables};
use super::kustomize::{Cache, Reach};
use super::object::Object;
use super::overlays::{self, Known, Overlay};
use super::release;
use crate::syntax::Node;
use crate::text::{Part, SourceId, Str};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A Flux Kustomization as a file declares it, or the path that Flux begins with.
struct Declared {
    object: Object,
    path: Part,
}

/// Finds and builds everything that is delivered.
pub fn grow(files: &Files, cache: &Cache, hints: &Hints) -> Forest {
    let mut forest = Forest::default();
    let mut artifacts = Artifacts::new(files);
    let declared = declared(files, &mut artifacts);
    let mut planted = Planted::default();
    let mut known = Known::new();
    let (sure, others) = roots(&artifacts, &declared);
    for root in sure {
        plant(files, &artifacts, &declared[root], true, &mut planted, &mut forest);
    }
    let has_sources = declared.iter().any(|one| flux::source_of(&one.object.root).is_some());
    for root in others {
        // In the folder of something that is delivered, and not delivered with it: left out there. One that never
        // worked beside some that do is no beginning.
        let file = files.name(declared[root].object.written.source);
        let path = &declared[root].path.text;
        let may_be_there = || matches!(files.absence(path), Absence::Unseen(_));
        let works = path.is_empty() || files.is_folder(path) || may_be_there();
        let is_in = |delivery: &Delivery| delivery.live && (!works || is_below(file, &delivery.path.text));
        // Without a source, where others have one, it is a part that some parent has to complete, and none does.
        let is_complete = !has_sources || flux::source_of(&declared[root].object.root).is_some();
        let live = is_complete && !forest.deliveries.iter().any(is_in);
        plant(files, &artifacts, &declared[root], live, &mut planted, &mut forest);
    }
    argocd::plant(files, cache, hints, &mut known, &mut planted, &mut forest);
    overlays(files, cache, &mut known, &mut forest);
    forest.name_objects();
    forest.values = values(&forest);
    for delivery in &forest.deliveries {
        forest.loaded.extend(delivery.built.loaded.iter().copied());
        forest.read.extend(delivery.built.read.iter().copied());
        if delivery.live {
            forest.live.extend(delivery.built.read.iter().copied());
            let written = delivery.built.objects.iter().map(|object| &object.written);
            forest
                .written
                .extend(written.map(|own| (kind_and_name(&own.id.gvk.kind, &own.id.name), own.source)));
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
    let mut out = BTreeSet::new();
    for (at, delivery) in forest.deliveries.iter().enumerate() {
        for object in delivery.built.objects.iter().filter(|object| release::is_release(&object.root)) {
            out.extend(release::values_files(forest, DeliveryId(at as u32), &object.root));
        }
    }
    out
}

/// Every Flux Kustomization and every beginning that files declare.
fn declared(files: &Files, artifacts: &mut Artifacts) -> Vec<Declared> {
    let manifests: Vec<SourceId> = files.all().filter(|id| is_manifest(files.name(*id))).collect();
    let may = |text: &str| {
        text.contains("kustomize.toolkit.fluxcd.io/")
            || text.contains("FluxInstance")
            || text.contains("flux-instance") && text.contains("sync:")
            || text.contains("GitRepository") && text.contains("ignore:")
            || text.contains(flux::SYNC)
    };
    let mut out = Vec::new();
    for id in files.which(&manifests, may) {
        let Some(yaml) = files.yaml(id) else { continue };
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
    // A source from which nothing here comes, and a path that is not here: another repository's.
    let is_here = |one: &Declared| !one.path.text.is_empty() && files.is_folder(&one.path.text);
    let here = out.iter().filter(|one| is_here(one));
    let own: BTreeSet<(Str, Str)> = here.filter_map(|one| flux::source_of(&one.object.root)).collect();
    let is_own =
        |one: &Declared| flux::source_of(&one.object.root).is_none_or(|source| own.contains(&source));
    out.retain(|one| is_here(one) || is_own(one) || own.is_empty() && !one.path.text.is_empty());
    out
}

/// Those whose file no other one delivers: the ones that Flux begins with, and the rest.
fn roots(artifacts: &Artifacts, declared: &[Declared]) -> (Vec<usize>, Vec<usize>) {
    // What a path holds does not depend on who delivers it, as far as files go.
    let mut read: BTreeMap<&str, BTreeSet<SourceId>> = BTreeMap::new();
    for one in declared {
        read.entry(&one.path.text).or_insert_with(|| {
            let root = &one.object.root;
            let artifact = artifacts.of(flux::source_of(root).as_ref(), one.object.written.source);
            flux::build(&artifact, root, &one.path, &Variables::default()).read
        });
    }
    let holds = |path: &str, source: SourceId| read.get(path).is_some_and(|files| files.contains(&source));
    let is_held = |at: usize| {
        let own = &declared[at];
        // Where Flux begins is decided before anything is delivered.
        if !flux::is_kustomization(&own.object.root) {
            return false;
        }
        declared.iter().enumerate().any(|(other, by)| {
            let theirs = &by.path.text;
            // A root delivers its own file; of two that deliver each other the first is the root.
            let is_own = theirs == &own.path.text;
            let mutual = holds(&own.path.text, by.object.written.source);
            other != at && !is_own && holds(theirs, own.object.written.source) && !(mutual && at < other)
        })
    };
    let begins = |at: usize| {
        let own = &declared[at];
        !flux::is_kustomization(&own.object.root) || holds(&own.path.text, own.object.written.source)
    };
    (0..declared.len()).filter(|&at| !is_held(at)).partition(|&at| begins(at))
}

/// Builds a root and all that it delivers.
fn plant(
    files: &Files,
    artifacts: &Artifacts,
    root: &Declared,
    live: bool,
    planted: &mut Planted,
    forest: &mut Forest,
) {
    let file = files.name(root.object.written.source);
    let (place, name) = cluster_place(file, &root.path.text, &root.object.id().name);
    let cluster = planted.cluster(forest, place, name);
    let mut own_source = None;
    // Flux knows no order. Of two that declare the same child the one nearer to the root wins here.
    let mut waiting: VecDeque<(Object, Option<DeliveryId>)> = VecDeque::from([(root.object.clone(), None)]);
    while let Some((object, parent)) = waiting.pop_front() {
        if forest.is_full() {
            break;
        }
        let path = if parent.is_none() { Some(root.path.clone()) } else { flux::path_of(&object.root) };
        let Some(path) = path else { continue };
        if !planted.is_new(cluster, "Kustomization", flux::key(&object)) {
            continue;
        }
        let (id, who) = (forest.next(), flux::called(&object));
        let spec = flux::spec_of(&object.root);
        let source = flux::source_of(&object.root);
        if parent.is_none() {
            own_source = source.clone();
        }
        let path = placed(files, &spec, path, parent.is_some() && source != own_source);
        let namespace = object.id().namespace;
        let find = |name: &str| config_map(files, forest, cluster, &namespace, name);
        let variables = Variables::of(&spec, &find);
        let artifact = artifacts.of(source.as_ref(), object.written.source);
        let built = flux::build(&artifact, &spec, &path, &variables);
        let left_out = artifact.files.left_out(&path.text).filter(|(id, _)| is_manifest(files.name(*id)));
        forest.left_out.extend(left_out.map(|(id, by)| (id, by.clone())));
        let children: Vec<Object> =
            built.objects.iter().filter(|object| flux::is_kustomization(&object.root)).cloned().collect();
        forest.deliveries.push(Delivery {
            means: Means::Flux,
            namespace: who.0,
            name: who.1,
            declared: Some(flux::declared(&object)),
            path,
            more: Vec::new(),
            parent,
            cluster,
            live,
            built,
        });
        waiting.extend(children.into_iter().map(|child| (child, Some(id))));
    }
}

fn is_manifest(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// A path among the files. One that is not here, of another source than the root's, is another repository's.
fn placed(files: &Files, spec: &Node, path: Part, is_of_other: bool) -> Part {
    let is_here = !path.text.is_empty() && files.is_folder(&path.text);
    if is_of_other && !is_here { elsewhere(path) } else { in_artifact(files, spec, path) }
}

/// A path that no folder has.
fn elsewhere(path: Part) -> Part {
    Part { text: "(another repository)".into(), ..path }
}

/// A path of a source other than this repository is relative to an artifact: the one folder that ends so.
fn in_artifact(files: &Files, spec: &Node, path: Part) -> Part {
    let is_git = matches!(spec.at(&["sourceRef", "kind"]).and_then(Node::text), None | Some("GitRepository"));
    if is_git || path.text.is_empty() || files.is_folder(&path.text) {
        return path;
    }
    let ending = format!("/{}", path.text);
    let mut folders: BTreeSet<&str> = BTreeSet::new();
    for id in files.all() {
        let name = files.name(id);
        if let Some(at) = name.find(&format!("{ending}/")) {
            folders.insert(&name[..at + ending.len()]);
        }
    }
    match folders.iter().next() {
        Some(only) if folders.len() == 1 => Part { text: (*only).into(), ..path },
        _ => path,
    }
}

/// The data of a ConfigMap: of one that this cluster gets, else of one that a file declares.
fn config_map(
    files: &Files,
    forest: &Forest,
    cluster: ClusterId,
    namespace: &str,
    name: &str,
) -> Option<Node> {
    let is_it = |root: &Node, wanted: &str| {
        root.text_at("kind") == Some("ConfigMap")
            && root.at(&["metadata", "name"]).and_then(Node::text) == Some(name)
            && root
                .at(&["metadata", "namespace"])
                .and_then(Node::text)
                .is_none_or(|own| wanted.is_empty() || own == wanted)
    };
    let of_cluster = forest.deliveries.iter().filter(|delivery| delivery.cluster == cluster);
    let delivered =
        of_cluster.flat_map(|delivery| &delivery.built.objects).find(|object| is_it(&object.root, namespace));
    if let Some(object) = delivered {
        return object.root.get("data").cloned();
    }
    let manifests: Vec<SourceId> = files.all().filter(|id| is_manifest(files.name(*id))).collect();
    let found = files.which(&manifests, |text| text.contains("ConfigMap") && text.contains(name));
    found.into_iter().find_map(|id| {
        let yaml = files.yaml(id)?;
        let roots = yaml.documents.iter().map(|document| &document.root);
        roots.into_iter().find(|root| is_it(root, namespace)).and_then(|root| root.get("data").cloned())
    })
}

/// The kustomizations that no delivery holds and no other one loads. Where something else declares what is
/// delivered, they are rendered to be judged and no more.
fn overlays(files: &Files, cache: &Cache, known: &mut Known, forest: &mut Forest) {
    // An Application of another repository says nothing about this one.
    let declares = forest.deliveries.iter().filter(|delivery| delivery.live).any(|delivery| {
        !matches!(delivery.means, Means::Argo | Means::ArgoSet) || !delivery.built.read.is_empty()
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
        forest.clusters.push(Cluster { name, root: forest.next() });
        forest.deliveries.push(overlays::delivery(&folder, source, built, cluster, !declares));
    }
}
