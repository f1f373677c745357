//! What a Flux Kustomization delivers: the build of its path with its own changes, then its variables put in.

use super::artifact::Artifact;
use super::edit;
use super::files::{Absence, Files};
use super::kustomize::{self, Built, Fault, Kustomization, Reach, Strictness, Why};
use super::object::Object;
use super::typed;
use super::variables::Variables;
use crate::limits::MOST_OF_BUILD;
use crate::syntax::envsubst;
use crate::syntax::expand::Weaver;
use crate::syntax::provide::Budget;
use crate::syntax::{Node, Scalar, Style, Value, yaml};
use crate::text::{Origin, Part, SourceId, Span, Str, paths};
use std::collections::{BTreeMap, BTreeSet};

/// Whether an object is a Flux Kustomization.
pub(super) fn is_kustomization(root: &Node) -> bool {
    root.text_at("kind") == Some("Kustomization")
        && root.text_at("apiVersion").is_some_and(|api| api.starts_with("kustomize.toolkit.fluxcd.io/"))
}

/// The path that a Flux Kustomization delivers, relative to the root of its source.
pub(super) fn path_of(root: &Node) -> Option<Part> {
    let spec = root.get("spec")?;
    let written = spec.part_at("path").unwrap_or_else(|| Part::new("", spec.origin.clone()));
    let text = paths::resolve("", written.text.trim_start_matches('/'))?;
    Some(Part { text, origin: written.origin })
}

/// Whether a Flux Kustomization is whole: a patch of one says neither what it delivers nor from where.
pub(super) fn is_whole(root: &Node) -> bool {
    let spec = root.get("spec");
    let has = |key: &str| spec.is_some_and(|spec| spec.get(key).is_some());
    has("path") || has("sourceRef") && has("prune")
}

/// Which source a Flux Kustomization takes its path from: kind and name.
pub(super) fn source_of(root: &Node) -> Option<(Str, Str)> {
    let source = root.at(&["spec", "sourceRef"])?;
    let text = |key: &str| Str::from(source.text_at(key).unwrap_or_default());
    Some((text("kind"), text("name")))
}

/// The ConfigMaps that a Flux Kustomization takes variables from.
pub(super) fn config_maps(root: &Node) -> impl Iterator<Item = &str> {
    let from = root.at(&["spec", "postBuild", "substituteFrom"]).map(Node::items).unwrap_or_default();
    from.iter()
        .filter(|from| from.text_at("kind") == Some("ConfigMap"))
        .filter_map(|from| from.text_at("name"))
}

/// Who has to be delivered before: namespace and name.
pub(super) fn depends_on(object: &Object) -> impl Iterator<Item = (Str, Str)> {
    let (own, _) = key(object);
    let list = object.root.at(&["spec", "dependsOn"]).map(Node::items).unwrap_or_default();
    list.iter().filter_map(move |other| {
        let namespace = other.text_at("namespace").map_or_else(|| own.clone(), Str::from);
        Some((namespace, other.text_at("name")?.into()))
    })
}

/// The cluster that a Flux Kustomization delivers to, as the Secret or ConfigMap is called that leads there; nothing if
/// it is its own.
pub(super) fn other_cluster(root: &Node) -> Option<Str> {
    let config = root.at(&["spec", "kubeConfig"])?;
    let name = |key: &str| config.at(&[key, "name"]).and_then(Node::text).filter(|name| !name.is_empty());
    let name = name("secretRef").or_else(|| name("configMapRef"))?;
    Some(name.strip_suffix("-kubeconfig").unwrap_or(name).into())
}

/// The file that `flux bootstrap` writes the first Kustomization into.
pub(super) const SYNC: &str = "gotk-sync.yaml";

/// Where Flux begins if that file is asked for by a kustomization, and is kept out of the repository or still empty: at
/// the folder above.
pub(super) fn bootstrapped(files: &Files, name: &str, root: &Node) -> Option<Part> {
    let (folder, base) = name.rsplit_once('/')?;
    let (above, own) = folder.rsplit_once('/').unwrap_or(("", folder));
    let entry = root.get("resources")?.items().iter().find(|entry| entry.text() == Some(SYNC))?;
    let is_told = |id| files.peek(id, |text| text.contains("kustomize.toolkit.fluxcd.io/"));
    let is_written = files.find(&format!("{folder}/{SYNC}")).is_some_and(is_told);
    let is_it = own == "flux-system" && paths::KUSTOMIZATIONS.contains(&base) && !is_written;
    is_it.then(|| Part { text: above.into(), ..Part::new("", entry.origin.clone()) })
}

/// What a Flux Kustomization asks for. What sets Flux up has no variables and no patches for what it begins with.
pub(super) fn spec_of(root: &Node) -> Node {
    let own = root.get("spec").filter(|_| is_kustomization(root));
    own.cloned().unwrap_or_else(|| Node::map(root.origin.clone(), Vec::new()))
}

/// How the Flux Kustomization is called that an object is, or that comes of what sets Flux up.
pub(super) fn called(object: &Object) -> (Str, Str) {
    match is_kustomization(&object.root) {
        true => key(object),
        false => (Str::new_static("flux-system"), Str::new_static("flux-system")),
    }
}

/// Where an object that says how Flux is set up lets it begin: a `FluxInstance`, or the chart that makes one.
pub(super) fn sync_path(root: &Node) -> Option<Part> {
    let kind = root.text_at("kind")?;
    let path = match kind {
        "FluxInstance" => root.at(&["spec", "sync", "path"])?,
        "HelmRelease" => root.at(&["spec", "values", "instance", "sync", "path"])?,
        _ => return None,
    };
    let part = path.part()?;
    let text = paths::resolve("", part.text.trim_start_matches('/'))?;
    Some(Part { text, origin: part.origin })
}

/// The files that a path delivers, as far as that does not depend on who delivers it.
pub(super) fn files_of(artifact: &Artifact, path: &Part) -> BTreeSet<SourceId> {
    let Artifact { files, cache, key, builds } = artifact;
    if let Some(known) = builds.and_then(|builds| builds.held(key, &path.text)) {
        return known;
    }
    let (own, is_generated) = kustomization(files, path, &mut Vec::new());
    let Some(own) = own else { return BTreeSet::new() };
    let mut held = kustomize::files_of(files, cache, &own, Reach::Anywhere);
    if is_generated && !is_below(files.name(own.source), &path.text) {
        held.read.remove(&own.source);
    }
    // What Flux lists by itself depends on more than what it lists.
    if let Some(builds) = builds.filter(|_| !is_generated) {
        builds.keep_held(files, key, &path.text, &held);
    }
    held.read
}

/// The kustomization of a path, and whether Flux makes it.
fn kustomization(files: &Files, path: &Part, faults: &mut Vec<Fault>) -> (Option<Kustomization>, bool) {
    let is_generated = kustomize::candidates(files, &path.text).is_empty();
    let own = match is_generated {
        true => generated(files, path, faults),
        false => kustomize::read_with(files, &path.text, Some(path.span()), Strictness::Lenient, faults),
    };
    (own, is_generated)
}

/// Builds what a Flux Kustomization delivers. `spec` is its own, after whoever delivers it has changed it.
pub(super) fn build(artifact: &Artifact, spec: &Node, path: &Part, variables: &Variables) -> Built {
    let Artifact { files, cache, .. } = artifact;
    let mut faults = Vec::new();
    let asked = path.span();
    let (own, is_generated) = kustomization(files, path, &mut faults);
    let Some(mut own) = own else {
        let source = spec.at(&["sourceRef", "kind"]).and_then(Node::text);
        let is_own = matches!(source, None | Some("GitRepository")) && !path.text.starts_with('(');
        let (why, says) = match files.absence(&path.text) {
            _ if !is_own => (Why::Remote, "what this delivers lies outside this repository".into()),
            Absence::Gone => (Why::PathMissing, format!("`{}` is no folder of this repository", path.text)),
            Absence::LeftOut(by) => {
                (Why::PathMissing, format!("`{}` is not in the source: {by} leaves it out", path.text))
            }
            Absence::Unseen(why, says) => (why, format!("`{}` is not here: {says}", path.text)),
        };
        faults.push(Fault { why, says, at: Some(asked) });
        let listed = BTreeSet::from_iter(is_own.then(|| path.text.clone()));
        return Built { faults, listed, ..Built::default() };
    };
    change(&mut own.root, spec);
    let mut built = kustomize::build_of(files, cache, &own, Reach::Anywhere, faults);
    built.listed.extend(is_generated.then(|| path.text.clone()));
    if is_generated && !is_below(files.name(own.source), &path.text) {
        // The file that asks for the folder is no part of what is in it.
        built.read.remove(&own.source);
    }
    if variables.are_used() {
        fill(&mut built, variables);
    }
    mark_all(&mut built.objects, spec);
    built
}

/// Gives objects the labels and annotations that all are to have.
pub(super) fn mark_all(objects: &mut [Object], spec: &Node) {
    for which in ["labels", "annotations"] {
        let Some(pairs) = spec.at(&["commonMetadata", which]) else { continue };
        objects.iter_mut().for_each(|object| mark(object, which, pairs));
    }
}

/// Puts variables into every object that does not forbid it.
fn fill(built: &mut Built, variables: &Variables) {
    for name in &variables.wrong {
        let says = format!("`{}` is no name that Flux takes for a variable", name.text);
        built.faults.push(Fault { why: Why::Refused, says, at: Some(name.span()) });
    }
    let mut left = MOST_OF_BUILD;
    for object in &mut built.objects {
        let mark = "kustomize.toolkit.fluxcd.io/substitute";
        let is_off =
            ["labels", "annotations"].iter().any(|which| object.meta_at(which, mark) == Some("disabled"));
        if is_off {
            continue;
        }
        let mut filling = Filling { variables, budget: Budget::within(left), undefined: Vec::new() };
        if let Err(stop) = filling.substitute(&mut object.root, Site::Root) {
            let label = object.id().label();
            let (says, at) = match stop {
                Stop::Form(at) => (format!("a `${{…}}` of {label} is none that Flux understands"), at),
                Stop::Text(at) => (format!("{label} is no YAML once this is put into it"), at),
            };
            built.faults.push(Fault { why: Why::Refused, says, at: Some(at) });
        }
        for name in filling.undefined {
            let says = format!("`${{{}}}` has no value: nothing is put in its place", name.text);
            built.faults.push(Fault { why: Why::Undefined, says, at: Some(name.span()) });
        }
        left -= filling.budget.used();
        let endless = filling.budget.problem().map(|problem| (problem.says, problem.at));
        built.faults.extend(endless.map(|(says, at)| Fault { why: Why::Bound, says, at }));
    }
}

fn is_below(file: &str, folder: &str) -> bool {
    folder.is_empty() || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn mark(object: &mut Object, which: &str, pairs: &Node) {
    let Some(metadata) = edit::get_or_map(&mut object.root, "metadata", &pairs.origin) else { return };
    let Some(map) = edit::get_or_map(metadata, which, &pairs.origin) else { return };
    for (key, value) in pairs.entries() {
        if let (Some(key), Some(value)) = (key.text(), value.part()) {
            edit::set(map, key, edit::text(&value));
        }
    }
}

/// Whether a Flux Kustomization changes nothing in what its path holds: then all that deliver this path are one build.
pub(super) fn is_plain(spec: &Node, variables: &Variables) -> bool {
    const CHANGES: [&str; 9] = [
        "targetNamespace",
        "namePrefix",
        "nameSuffix",
        "patches",
        "components",
        "patchesStrategicMerge",
        "patchesJson6902",
        "images",
        "commonMetadata",
    ];
    !variables.are_used() && CHANGES.iter().all(|key| spec.get(key).is_none())
}

/// What Flux makes of a folder without a kustomization: one that lists every manifest below it, down to folders that
/// have a kustomization of their own.
fn generated(files: &Files, path: &Part, faults: &mut Vec<Fault>) -> Option<Kustomization> {
    let folder = &path.text;
    let base = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut entries: BTreeSet<Str> = BTreeSet::new();
    let mut known: BTreeMap<String, bool> = BTreeMap::new();
    for id in files.below(folder) {
        let inner = files.name(id).strip_prefix(&base)?;
        let mut stop = None;
        for (at, _) in inner.match_indices('/') {
            let below = &inner[..at];
            let is_built = *known
                .entry(below.to_string())
                .or_insert_with(|| !kustomize::candidates(files, &format!("{base}{below}")).is_empty());
            if is_built {
                stop = Some(below);
                break;
            }
        }
        match stop {
            Some(below) => _ = entries.insert(below.into()),
            None => match manifest(files, id) {
                Some(true) => _ = entries.insert(inner.into()),
                Some(false) => {
                    let says =
                        format!("`{}` is no manifest: Flux does not deliver this folder", files.name(id));
                    faults.push(Fault { why: Why::Refused, says, at: Some(Span::new(id, 0, 0)) });
                }
                None => {}
            },
        }
    }
    let is_there = files.is_folder(folder);
    let origin = &path.origin;
    let items = entries.iter().map(|entry| edit::made(&format!("./{entry}"), origin)).collect();
    let mut root = edit::empty_map(origin);
    edit::set(&mut root, "resources", Node::list(Origin::spelled(origin.span()), items));
    is_there.then(|| Kustomization {
        directory: folder.clone(),
        source: origin.span().source,
        root,
        is_component: false,
    })
}

/// Whether a file holds objects; nothing if Flux does not look at it.
fn manifest(files: &Files, id: SourceId) -> Option<bool> {
    let name = files.name(id);
    if !(name.ends_with(".yaml") || name.ends_with(".yml")) {
        return None;
    }
    let is_object = |root: &Node| root.is_null() || root.get("kind").is_some();
    Some(files.yaml(id).is_some_and(|yaml| yaml.documents.iter().all(|document| is_object(&document.root))))
}

/// Puts what a Flux Kustomization asks for into the kustomization that it builds.
pub(super) fn change(root: &mut Node, spec: &Node) {
    for (theirs, own) in
        [("targetNamespace", "namespace"), ("namePrefix", "namePrefix"), ("nameSuffix", "nameSuffix")]
    {
        if let Some(part) = spec.part_at(theirs).filter(|part| !part.text.is_empty()) {
            edit::set(root, own, edit::text(&part));
        }
    }
    for key in ["patches", "components", "patchesStrategicMerge", "patchesJson6902"] {
        let more = spec.get(key).map(Node::items).unwrap_or_default();
        if more.is_empty() {
            continue;
        }
        let mut items = root.get(key).map(Node::items).unwrap_or_default().to_vec();
        items.extend_from_slice(more);
        edit::set(root, key, Node::list(Origin::spelled(more[0].span()), items));
    }
    let images = spec.get("images").map(Node::items).unwrap_or_default();
    if !images.is_empty() {
        let mut items = root.get("images").map(Node::items).unwrap_or_default().to_vec();
        for image in images {
            match items.iter_mut().find(|known| known.text_at("name") == image.text_at("name")) {
                Some(known) => merge_image(known, image),
                None => items.push(image.clone()),
            }
        }
        edit::set(root, "images", Node::list(Origin::spelled(images[0].span()), items));
    }
}

/// A new name is taken by itself; tag and digest go together.
fn merge_image(known: &mut Node, image: &Node) {
    if let Some(name) = image.get("newName") {
        edit::set(known, "newName", name.clone());
    }
    if image.get("newTag").is_some() || image.get("digest").is_some() {
        for key in ["newTag", "digest"] {
            match image.get(key) {
                Some(value) => edit::set(known, key, value.clone()),
                None => _ = edit::remove(known, key),
            }
        }
    }
}

/// Why an object is not filled to its end, and where.
enum Stop {
    /// A form that the tool refuses.
    Form(Span),
    /// With its values the text is no YAML.
    Text(Span),
}

/// What a text is in what the tool writes: what may be put into it differs.
#[derive(Clone, Copy)]
enum Site {
    Root,
    Key,
    Value,
    Item,
}

/// Variables being put into one object.
struct Filling<'v> {
    variables: &'v Variables,
    budget: Budget,
    /// The names that nobody gives a value: the tool puts nothing in their place and says nothing.
    undefined: Vec<Part>,
}

impl Filling<'_> {
    /// Fills every text of a tree.
    fn substitute(&mut self, node: &mut Node, site: Site) -> Result<(), Stop> {
        if !has_any(node) {
            return Ok(());
        }
        if let Some(whole) = node.part() {
            let lookup = |name: &str| self.variables.answer(name);
            let filled = envsubst::fill(&whole, &lookup, &self.budget).ok_or(Stop::Form(whole.span()))?;
            self.undefined.extend(filled.undefined);
            match filled.text.text == whole.text {
                true => node.origin = filled.text.origin,
                false => put(node, site, &whole, filled.text)?,
            }
            return Ok(());
        }
        for (key, value) in edit::entries_mut(node).into_iter().flatten() {
            self.substitute(key, Site::Key)?;
            self.substitute(value, Site::Value)?;
        }
        edit::items_mut(node).into_iter().flatten().try_for_each(|item| self.substitute(item, Site::Item))
    }
}

fn has_any(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => envsubst::has_forms(&scalar.text),
        Value::Map(entries) => entries.iter().any(|(key, value)| has_any(key) || has_any(value)),
        Value::List(items) => items.iter().any(has_any),
        _ => false,
    }
}

/// Puts a filled text in. The tool fills what kustomize has written as text and reads it again: what was written
/// without quotes may be a number now, or a list, or no YAML.
fn put(node: &mut Node, site: Site, whole: &Part, filled: Part) -> Result<(), Stop> {
    let was_plain = typed::is_plain(&whole.text);
    if was_plain && !typed::is_plain(&filled.text) && !filled.text.contains('\n') {
        // Where values are several, the first is the one that the text was decided by.
        let at = filled.span();
        *node = read_at(site, filled).ok_or(Stop::Text(at))?;
        return Ok(());
    }
    let style = if was_plain { Style::Plain } else { Style::Double };
    node.value = Value::Scalar(Scalar::new(filled.text, style));
    node.origin = filled.origin;
    Ok(())
}

/// Reads a line as what it is where it is written: behind a key no map begins, behind the hyphen of a list one may.
fn read_at(site: Site, text: Part) -> Option<Node> {
    let at = text.span();
    let around = |words: &'static str| Part::new(words, Origin::spelled(at));
    let mut weaver = Weaver::default();
    match site {
        Site::Value => weaver.push(around("a: ")),
        Site::Item => weaver.push(around("- ")),
        Site::Key | Site::Root => {}
    }
    weaver.push(text);
    if let Site::Key = site {
        weaver.push(around(": a"));
    }
    let line = weaver.finish(at);
    let read = yaml::read_embedded(&line.text, &line.origin);
    let root = read.documents.into_iter().next().map(|document| document.root);
    let root = root.filter(|_| read.problems.iter().all(|problem| problem.kind == "yaml-duplicate-key"))?;
    match (site, &root.value) {
        (Site::Root, _) => Some(root),
        (Site::Item, Value::List(items)) if items.len() == 1 => items.first().cloned(),
        (Site::Value, Value::Map(entries)) if entries.len() == 1 => Some(entries[0].1.clone()),
        (Site::Key, Value::Map(entries)) if entries.len() == 1 => Some(entries[0].0.clone()),
        _ => None,
    }
}

/// Who a Flux Kustomization is, for those who look for a circle.
pub(super) fn key(object: &Object) -> (Str, Str) {
    let id = object.id();
    (id.namespace, id.name)
}

/// The place of the path of a delivery, for messages.
pub(super) fn declared(object: &Object) -> Span {
    object
        .root
        .get("metadata")
        .and_then(|metadata| metadata.get("name"))
        .map_or(object.root.span(), Node::span)
}
