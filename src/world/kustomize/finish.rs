//! What is done once, at the top of a build: hashes behind names, references that follow, variables, marks.

use super::super::edit;
use super::super::files::Files;
use super::super::object::{Maker, Object};
use super::super::typed;
use super::fault::Why;
use super::file::Kustomization;
use super::gathered::Gathered;
use super::hash::Sums;
use super::{names, replace, write};
use crate::syntax::{Node, Scalar};
use crate::text::{Origin, Part, SourceId};
use std::collections::BTreeSet;

/// What is done once, at the top: hashes, names that follow, variables.
pub(super) fn finish(gathered: &mut Gathered, root: &Kustomization, sums: &Sums) {
    let start = root.start();
    for object in gathered.objects.iter_mut().filter(|object| object.hashed) {
        let suffix = sums.of(&object.root);
        object.remember();
        if let Some(name) =
            edit::get_mut(&mut object.root, "metadata").and_then(|meta| edit::get_mut(meta, "name"))
            && let Some(part) = name.part()
        {
            let mut weaver = crate::syntax::expand::Weaver::default();
            let span = part.span();
            weaver.push(part);
            weaver.push(Part::new(format!("-{suffix}"), crate::text::Origin::spelled(span)));
            *name = edit::text(&weaver.finish(span));
        }
    }
    let fields = gathered.fields();
    let done = names::follow(&mut gathered.objects, &fields);
    gathered.try_at(start, done);
    if !gathered.variables.is_empty() {
        let mut variables = gathered.variables.clone();
        variables.sort_by(|a, b| a.name.cmp(&b.name));
        let done = replace::resolve(&mut gathered.objects, &variables, &fields.variables);
        gathered.try_at(start, done);
    }
    gathered.objects.iter_mut().for_each(annotations_as_texts);
    gathered.objects.retain(|object| {
        let mark = object.meta_at("annotations", "config.kubernetes.io/local-config");
        mark.is_none_or(|mark| mark == "false")
    });
    let mut told = BTreeSet::new();
    for at in 0..gathered.objects.len() {
        for (says, at) in write::last_faults(&gathered.objects[at].root, &gathered.doubled) {
            if told.insert(at) {
                gathered.fault(Why::Refused, says, Some(at));
            }
        }
        write::dates(&mut gathered.objects[at].root);
    }
}

/// `sortOptions` say in which order objects are written, which nothing here depends on. But the tool refuses an order
/// that it does not know; that of a base it does not ask for.
pub(super) fn check_order(gathered: &mut Gathered, root: &Kustomization) {
    let Some(options) = root.root.get("sortOptions").filter(|options| options.is_map()) else { return };
    let order = options.get("order");
    let says = match order.and_then(Node::text).unwrap_or_default() {
        "legacy" => return,
        "fifo" if options.get("legacySortOptions").is_none_or(Node::is_null) => return,
        "fifo" => "`legacySortOptions` are for the order `legacy`".to_string(),
        _ => "the order of `sortOptions` is `fifo` or `legacy`".to_string(),
    };
    gathered.fault(Why::Refused, says, Some(order.unwrap_or(options).span()));
}

/// What `buildMetadata` of a kustomization asks for.
fn asked<'r>(root: &'r Kustomization, what: &str) -> Option<&'r Node> {
    root.list("buildMetadata").iter().find(|entry| entry.text() == Some(what))
}

/// Whether objects are to be marked with what changed them.
pub(super) fn asks_for_changes(root: &Kustomization) -> bool {
    asked(root, "transformerAnnotations").is_some()
}

/// `buildMetadata`: where each object comes from, as marks on the object.
pub(super) fn sign(files: &Files, gathered: &mut Gathered, root: &Kustomization) {
    let file = |source: SourceId| relative(&root.directory, files.name(source));
    if let Some(asked) = asked(root, "originAnnotations") {
        for object in &mut gathered.objects {
            let file = file(object.written.source);
            let says = match &object.past().maker {
                None => format!("path: {file}\n"),
                Some(maker) => made_by(&file, maker),
            };
            mark(object, "annotations", "config.kubernetes.io/origin", &says, asked);
        }
    }
    if let Some(asked) = asked(root, "transformerAnnotations") {
        for object in &mut gathered.objects {
            let Some(changes) = object.changes.clone() else { continue };
            let as_item = |text: String| format!("- {}\n", text.trim_end().replace('\n', "\n  "));
            let says: String =
                changes.iter().map(|(maker, source)| as_item(made_by(&file(*source), maker))).collect();
            mark(object, "annotations", "alpha.config.kubernetes.io/transformations", &says, asked);
        }
    }
    if let Some(asked) = asked(root, "managedByLabel") {
        for object in &mut gathered.objects {
            mark(object, "labels", "app.kubernetes.io/managed-by", "kustomize-v5.8.1", asked);
        }
    }
}

fn made_by(file: &str, maker: &Maker) -> String {
    let name = if maker.name.is_empty() { String::new() } else { format!("  name: {}\n", maker.name) };
    format!("configuredIn: {file}\nconfiguredBy:\n  apiVersion: builtin\n  kind: {}\n{name}", maker.kind)
}

fn mark(object: &mut Object, which: &str, key: &str, says: &str, asked: &Node) {
    if let Some(map) = edit::get_or_map(&mut object.root, "metadata", &asked.origin)
        .and_then(|metadata| edit::get_or_map(metadata, which, &asked.origin))
    {
        edit::set(map, key, edit::made(says, &asked.origin));
    }
}

/// A file as seen from a folder: `../base/web.yaml`.
fn relative(folder: &str, file: &str) -> String {
    let (mut own, mut other): (Vec<&str>, Vec<&str>) =
        (folder.split('/').filter(|part| !part.is_empty()).collect(), file.split('/').collect());
    while !own.is_empty() && own.first() == other.first() {
        own.remove(0);
        other.remove(0);
    }
    "../".repeat(own.len()) + &other.join("/")
}

/// What the tool reads of a null where it wants a text: what is written there.
fn null_as_text(null: &Node) -> &'static str {
    match null.span().len() {
        0 => "",
        1 => "~",
        _ => "null",
    }
}

/// The tool writes all annotations anew, as texts, and none where there are none.
fn annotations_as_texts(object: &mut Object) {
    let is_empty = |list: &Node| list.is_null() || list.is_map() && list.entries().is_empty();
    if object.root.at(&["metadata", "annotations"]).is_some_and(is_empty) {
        edit::get_mut(&mut object.root, "metadata")
            .and_then(|metadata| edit::remove(metadata, "annotations"));
    }
    let is_other = |(_, value): &(Node, Node)| {
        let is_odd = |scalar: &Scalar| {
            typed::typed(scalar, value.tag()) != typed::Typed::Text || typed::looks_like_a_date(&scalar.text)
        };
        value.is_null() || value.scalar().is_some_and(is_odd)
    };
    let Some(list) =
        object.root.at(&["metadata", "annotations"]).filter(|list| list.entries().iter().any(is_other))
    else {
        return;
    };
    let mut list = list.clone();
    for (_, value) in edit::entries_mut(&mut list).into_iter().flatten() {
        let part = match value.is_null() {
            true => Some(Part::new(null_as_text(value), Origin::spelled(value.span()))),
            false => value.part(),
        };
        if let Some(part) = part {
            *value = edit::text(&part);
        }
    }
    if let Some(metadata) = edit::get_mut(&mut object.root, "metadata") {
        edit::set(metadata, "annotations", list);
    }
}
