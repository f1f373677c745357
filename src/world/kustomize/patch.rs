//! Patches: which documents a patch is made of, which objects it is for, and what comes of it.

use super::super::edit;
use super::super::files::Files;
use super::super::object::{NOTES, Object, ObjectId, unlisted};
use super::fault::Why;
use super::file::Kustomization;
use super::gathered::Gathered;
use super::loader::{Loader, fault_of};
use super::select::Selector;
use super::{json_patch, merge, names, schema, write};
use crate::syntax::yaml::{self, Yaml};
use crate::syntax::{Node, Value};
use crate::text::{Part, SourceId, Span};

/// What a patch turned out to be.
enum Patch {
    /// Objects, or parts of such.
    Merge(Vec<Node>),
    /// Operations of RFC 6902.
    Operations(Node),
    /// Nothing but comments: the tool takes it and does nothing.
    Nothing,
}

/// One entry of `patches`.
pub(super) fn apply(loader: Loader, own: &Kustomization, entry: &Node, gathered: &mut Gathered) {
    let at = entry.span();
    let text = |key: &str| entry.part_at(key).filter(|part| !part.text.trim().is_empty());
    let (inline, path) = (text("patch"), text("path"));
    let documents = match (&inline, &path) {
        (Some(_), Some(_)) => Err("`patch` and `path` exclude each other".to_string()),
        (None, None) => Err("a patch needs one of `patch` and `path`".to_string()),
        (Some(patch), None) => read(loader.files, patch, gathered),
        (None, Some(path)) => match loader.file(own, path, gathered) {
            Some(id) => documents_in(loader, id, gathered),
            None => return,
        },
    };
    let patch = match documents.and_then(sorted) {
        Ok(patch) => patch,
        Err(says) => return gathered.fault(Why::Refused, says, Some(at)),
    };
    let target = entry.get("target").filter(|target| !target.is_null());
    let selector = match target.map(Selector::read).transpose() {
        Ok(selector) => selector,
        Err(says) => return gathered.fault(Why::Refused, says, target.map(Node::span)),
    };
    match (patch, selector) {
        (Patch::Nothing, _) => {}
        (Patch::Merge(patches), Some(selector)) => match patches.as_slice() {
            [patch] => selected(gathered, patch, &selector, Allowed::of(entry), at),
            _ => {
                gathered.fault(Why::Refused, "a patch of several documents cannot have a `target`", Some(at))
            }
        },
        (Patch::Merge(patches), None) => {
            for patch in &patches {
                named(gathered, patch, Allowed::of(entry), at);
            }
        }
        (Patch::Operations(operations), Some(selector)) => {
            operate(gathered, &operations, &selector, Means::Patches, at);
        }
        (Patch::Operations(_), None) => {
            gathered.fault(Why::Refused, "a JSON patch needs a `target`", Some(at));
        }
    }
}

/// One entry of `patchesStrategicMerge`: a file, or the patch itself.
pub(super) fn apply_legacy(loader: Loader, own: &Kustomization, entry: &Node, gathered: &mut Gathered) {
    let Some(part) = entry.part() else { return };
    let inline = read(loader.files, &part, gathered)
        .ok()
        .filter(|nodes| nodes.iter().all(|node| fault_of(node).is_none()) && !nodes.is_empty());
    let patches = match inline {
        Some(nodes) => nodes,
        None => {
            let Some(id) = loader.file(own, &part, gathered) else { return };
            match documents_in(loader, id, gathered) {
                Ok(nodes) => nodes,
                Err(says) => return gathered.fault(Why::Refused, says, Some(part.span())),
            }
        }
    };
    if patches.is_empty() {
        return gathered.fault(Why::Refused, "the patch is empty", Some(part.span()));
    }
    for patch in &patches {
        match fault_of(patch) {
            Some(says) => gathered.fault(Why::Refused, says, Some(patch.span())),
            None => named(gathered, patch, Allowed::default(), part.span()),
        }
    }
}

/// The operations of one entry of `patchesJson6902` for the objects that it targets.
pub(super) fn apply_json(
    loader: Loader,
    own: &Kustomization,
    entry: &Node,
    key: &str,
    gathered: &mut Gathered,
) {
    let at = entry.span();
    let text = |key: &str| entry.part_at(key).filter(|part| !part.text.trim().is_empty());
    let documents = match (text(key), text("path")) {
        (Some(patch), _) => read(loader.files, &patch, gathered),
        (None, Some(path)) => match loader.file(own, &path, gathered) {
            Some(id) => documents_in(loader, id, gathered),
            None => return,
        },
        (None, None) => Err("a patch needs one of `patch` and `path`".into()),
    };
    let operations = match documents {
        Ok(nodes) => nodes.into_iter().next().filter(Node::is_list),
        Err(says) => return gathered.fault(Why::Refused, says, Some(at)),
    };
    let selector = entry.get("target").filter(|target| !target.is_null()).map(Selector::read);
    match (operations, selector) {
        (Some(operations), Some(Ok(selector))) => {
            operate(gathered, &operations, &selector, Means::Json6902, at);
        }
        (Some(_), None) => gathered.fault(Why::Refused, "a JSON patch needs a `target`", Some(at)),
        (_, Some(Err(says))) => gathered.fault(Why::Refused, says, Some(at)),
        (None, _) => gathered.fault(Why::Refused, "a JSON patch is a list of operations", Some(at)),
    }
}

/// The documents of a patch that is written where it is used.
fn read(files: &Files, part: &Part, gathered: &mut Gathered) -> Result<Vec<Node>, String> {
    check_json(&part.text)?;
    let again = || yaml::read_embedded_first_keys(&part.text, &part.origin);
    documents_of(&files.embedded(part), again, gathered)
}

/// The documents of a patch in a file of its own.
fn documents_in(loader: Loader, id: SourceId, gathered: &mut Gathered) -> Result<Vec<Node>, String> {
    let yaml = loader.files.yaml(id).ok_or("it is no YAML")?;
    if yaml.documents.first().is_some_and(|document| document.root.is_list()) {
        loader.files.ask(id, check_json).unwrap_or(Ok(()))?;
    }
    let read = |text: &str| yaml::read_first_keys(id, text);
    documents_of(yaml, || loader.files.ask(id, read).unwrap_or_default(), gathered)
}

/// What begins like a list in JSON has to be one: the tool does not read it as YAML.
fn check_json(text: &str) -> Result<(), String> {
    let is_json = !text.starts_with('[') || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    if is_json { Ok(()) } else { Err("a patch that begins with `[` is JSON, and this is not".into()) }
}

/// The objects or operations of a patch. Of equal keys the first counts in objects, and the last in operations;
/// `again` reads the text for the first ones.
fn documents_of(
    yaml: &Yaml,
    again: impl FnOnce() -> Yaml,
    gathered: &mut Gathered,
) -> Result<Vec<Node>, String> {
    if let Some(problem) = yaml.problems.iter().find(|problem| problem.kind == "yaml-syntax") {
        return Err(problem.says.clone());
    }
    let has_doubled = yaml.problems.iter().any(|problem| problem.kind == "yaml-duplicate-key");
    let is_for_objects = yaml.documents.first().is_some_and(|document| document.root.is_map());
    let by_first_keys = (has_doubled && is_for_objects).then(again);
    let yaml = by_first_keys.as_ref().unwrap_or(yaml);
    if is_for_objects {
        gathered.note_doubled(yaml);
    }
    let is_empty = |node: &Node| node.is_null() || node.is_map() && node.entries().is_empty();
    let mut out = Vec::new();
    for document in yaml.documents.iter().filter(|document| !is_empty(&document.root)) {
        unlisted(&document.root, &mut out);
    }
    Ok(out)
}

fn sorted(nodes: Vec<Node>) -> Result<Patch, String> {
    match nodes.first() {
        None => Ok(Patch::Nothing),
        Some(first) if first.is_list() => Ok(Patch::Operations(first.clone())),
        Some(_) => match nodes.iter().find_map(fault_of) {
            Some(says) => Err(format!("neither a strategic merge patch nor a JSON patch: {says}")),
            None => Ok(Patch::Merge(nodes)),
        },
    }
}

/// What a patch may change besides the rest: `options`.
#[derive(Clone, Copy, Default)]
struct Allowed {
    name: bool,
    kind: bool,
}

impl Allowed {
    fn of(entry: &Node) -> Allowed {
        let is_true = |key: &str| {
            entry.at(&["options", key]).and_then(Node::scalar).is_some_and(|scalar| scalar.is_true())
        };
        Allowed { name: is_true("allowNameChange"), kind: is_true("allowKindChange") }
    }
}

/// A patch for the one object that it names.
fn named(gathered: &mut Gathered, patch: &Node, allowed: Allowed, at: Span) {
    let id = ObjectId::of(patch);
    let found = gathered.all_of(&id);
    match found.as_slice() {
        [only] => {
            note(gathered, patch, at, true);
            let done = merged(&mut gathered.objects[*only], patch, allowed);
            gathered.try_at(at, done);
            if allowed.name || gathered.objects[*only].root.is_null() {
                sweep(gathered);
            }
        }
        // What was not rendered may hold it.
        [] if gathered.unseen => note(gathered, patch, at, false),
        [] => gathered.fault(
            Why::Refused,
            format!("the patch for {} matches no object", id.label()),
            Some(patch.span()),
        ),
        _ => gathered.fault(
            Why::Refused,
            format!("the patch for {} matches several objects", id.label()),
            Some(at),
        ),
    }
}

/// A patch for all objects that its target selects.
fn selected(gathered: &mut Gathered, patch: &Node, selector: &Selector, allowed: Allowed, at: Span) {
    let mut changed = false;
    for index in 0..gathered.objects.len() {
        if !selector.takes(&gathered.objects[index]) {
            continue;
        }
        let object = &mut gathered.objects[index];
        let mut own = patch.clone();
        // The patch speaks in the name of whoever it meets.
        if let Some(api) = object.root.get("apiVersion") {
            edit::set(&mut own, "apiVersion", api.clone());
        }
        changed = true;
        let done = merged(object, &own, allowed);
        gathered.try_at(at, done);
    }
    note(gathered, patch, at, changed);
    sweep(gathered);
    if (allowed.name || allowed.kind)
        && let Some(id) = names::clashes(&gathered.objects)
    {
        gathered.fault(Why::Refused, format!("the patch makes two objects {}", id.label()), Some(at));
    }
}

/// Remembers whether a patch found whom it is for: by its entry, and by the file that it is in, if that is one of its
/// own.
fn note(gathered: &mut Gathered, patch: &Node, entry: Span, changed: bool) {
    gathered.ask(entry, changed);
    let file = patch.span().source;
    if file != entry.source {
        gathered.ask(Span::new(file, 0, 0), changed);
    }
}

/// Takes out the objects that a patch deleted.
fn sweep(gathered: &mut Gathered) {
    gathered.by_name = None;
    gathered.objects.retain(|object| !object.root.is_null());
}

fn merged(object: &mut Object, patch: &Node, allowed: Allowed) -> Result<(), String> {
    let id = object.id();
    if allowed.name || allowed.kind {
        object.remember();
    }
    let keep = |path: &[&str]| object.root.at(path).cloned();
    let (kind, name, namespace) =
        (keep(&["kind"]), keep(&["metadata", "name"]), keep(&["metadata", "namespace"]));
    let Some(mut root) = merge::patched(&object.root, patch, schema::of(&id.gvk))? else {
        object.root = Node { value: Value::Null, ..object.root.clone() };
        return Ok(());
    };
    if let Some(kind) = kind.filter(|_| !allowed.kind) {
        edit::set(&mut root, "kind", kind);
    }
    let at = root.origin.clone();
    if let Some(metadata) = edit::get_or_map(&mut root, "metadata", &at) {
        if let Some(name) = name.filter(|_| !allowed.name) {
            edit::set(metadata, "name", name);
        }
        match namespace {
            Some(namespace) => edit::set(metadata, "namespace", namespace),
            None => drop(edit::remove(metadata, "namespace")),
        }
    }
    object.root = root;
    Ok(())
}

/// By which key of a kustomization operations are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Means {
    Patches,
    Json6902,
}

fn operate(gathered: &mut Gathered, operations: &Node, selector: &Selector, means: Means, at: Span) {
    gathered.by_name = None;
    let taken = gathered.objects.iter().any(|object| selector.takes(object));
    note(gathered, operations, at, taken);
    for index in 0..gathered.objects.len() {
        if !selector.takes(&gathered.objects[index]) {
            continue;
        }
        // The tool writes the object as JSON before it patches it.
        let unwritable = write::faults(&gathered.objects[index].root, &gathered.doubled).into_iter().next();
        if let Some((says, at)) = unwritable {
            gathered.fault(Why::Refused, says, Some(at));
            continue;
        }
        let object = &mut gathered.objects[index];
        if means == Means::Patches {
            object.remember();
        }
        let notes = object.notes();
        let mut root = object.root.clone();
        put_notes(&mut root, &notes);
        match json_patch::apply(&mut root, operations) {
            Ok(()) => {
                if !notes.is_empty() {
                    take_notes(&mut root);
                }
                object.root = root;
            }
            Err(says) => {
                let says = format!("{says} in {}", object.id().label());
                gathered.fault(Why::Refused, says, Some(at));
            }
        }
    }
}

/// Puts what the tool notes of an object into its annotations, where operations meet it. What is no map makes room.
fn put_notes(root: &mut Node, notes: &[(&str, String)]) {
    let at = root.origin.clone();
    let metadata = if notes.is_empty() { None } else { edit::get_or_map(root, "metadata", &at) };
    let Some(metadata) = metadata else { return };
    if metadata.get("annotations").is_none_or(|own| !(own.is_map() || own.is_hole())) {
        edit::set(metadata, "annotations", edit::empty_map(&at));
    }
    for (key, note) in notes {
        edit::get_mut(metadata, "annotations")
            .into_iter()
            .for_each(|own| edit::set(own, key, edit::made(note, &at)));
    }
}

/// Takes the notes out again. The tool writes annotations anew, and none if there are none, or they are no map.
fn take_notes(root: &mut Node) {
    let Some(metadata) = edit::get_mut(root, "metadata") else { return };
    let Some(annotations) = edit::get_mut(metadata, "annotations").filter(|list| !list.is_hole()) else {
        return;
    };
    if let Some(entries) = edit::entries_mut(annotations) {
        entries.retain(|(key, _)| !key.text().is_some_and(|key| key.starts_with(NOTES)));
    }
    if annotations.entries().is_empty() {
        edit::remove(metadata, "annotations");
    }
}

/// Documents that were read elsewhere, for plugins that carry patches in themselves.
pub(super) fn apply_all(loader: Loader, gathered: &mut Gathered, text: &Part) {
    match read(loader.files, text, gathered) {
        Ok(patches) => {
            patches.iter().for_each(|patch| named(gathered, patch, Allowed::default(), text.span()))
        }
        Err(says) => gathered.fault(Why::Refused, says, Some(text.span())),
    }
}
