//! Generators and transformers: those that a kustomization's keys stand for, in the tool's order, and the same ones
//! configured in files. Programs of one's own are not run.

use super::super::object::Maker;
use super::charts::{self, Ask};
use super::fault::Why;
use super::fields::{self, Field};
use super::file::{self, Kustomization};
use super::gathered::Gathered;
use super::generate::{self, Around, Kind};
use super::loader::{Loader, Place};
use super::names::{self, End, Subjects};
use super::{images, marks, patch, replace, write};
use crate::facts::Doubt;
use crate::syntax::{Node, yaml};
use crate::text::{Part, SourceId, Span, Str};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Loads an entry as if it were a resource.
pub(super) type Load<'l> = dyn FnMut(&Node, &mut Gathered) + 'l;

/// Runs every generator. `namespace` is that of charts which say none.
pub(super) fn generate(
    loader: Loader,
    own: &Kustomization,
    namespace: &Str,
    gathered: &mut Gathered,
    load: &mut Load,
) {
    gathered.by_name = None;
    for (key, kind) in [("configMapGenerator", Kind::ConfigMap), ("secretGenerator", Kind::Secret)] {
        for entry in own.list(key) {
            make(loader, own, kind, entry, own.source, gathered);
        }
    }
    let globals = own.root.get("helmGlobals");
    let new = own.list("helmCharts").iter().map(|entry| Ask::new(entry, globals));
    for chart in new.chain(own.list("helmChartInflationGenerator").iter().map(Ask::old)) {
        charts::generate(loader, own, &chart, namespace, gathered);
    }
    for (config, source) in configured(own, "generators", gathered, load) {
        match config.text_at("kind").filter(|_| config.text_at("apiVersion") == Some("builtin")) {
            Some("ConfigMapGenerator") => {
                make(loader, own, Kind::ConfigMap, &named(&config), source, gathered)
            }
            Some("SecretGenerator") => make(loader, own, Kind::Secret, &named(&config), source, gathered),
            Some("HelmChartInflationGenerator") => {
                let ask = Ask::new(&config, None);
                charts::generate(loader, own, &ask, &Str::default(), gathered);
            }
            Some("IAMPolicyGenerator") if config.text_at("cloud") == Some("gke") => {
                let made = generate::account(&config, source);
                let done = generate::absorb(gathered, made);
                gathered.try_at(config.span(), done);
            }
            _ => unknown(&config, gathered),
        }
    }
    gathered.ids = None;
}

fn unknown(config: &Node, gathered: &mut Gathered) {
    let kind = config.text_at("kind").unwrap_or("?");
    gathered.fault(Why::Plugin, format!("the plugin `{kind}` is not run"), Some(config.span()));
    gathered.objects.iter_mut().for_each(|object| object.doubt = Some(Doubt::Unseen));
}

/// A generator in a file has its name where objects have theirs.
fn named(config: &Node) -> Node {
    let mut entry = config.clone();
    for key in ["name", "namespace"] {
        if let (None, Some(value)) = (config.get(key), config.at(&["metadata", key])) {
            super::super::edit::set(&mut entry, key, value.clone());
        }
    }
    entry
}

fn make(
    loader: Loader,
    own: &Kustomization,
    kind: Kind,
    entry: &Node,
    source: SourceId,
    gathered: &mut Gathered,
) {
    let entry = &without_unseen(loader, own, entry, gathered);
    let read = std::cell::RefCell::new(Vec::new());
    let missed = std::cell::RefCell::new(BTreeSet::new());
    let wrong = std::cell::Cell::new(entry.span());
    let find = |path: &str, at: Span| {
        let path = Part::new(path, entry.origin.clone());
        match loader.place(own, &path, &mut missed.borrow_mut()) {
            Place::File(id) => {
                read.borrow_mut().push(id);
                Ok(id)
            }
            other => {
                wrong.set(at);
                Err(other.refusal(&path.text).1)
            }
        }
    };
    let around =
        Around { files: loader.files, find: &find, options: own.root.get("generatorOptions"), source };
    let made = generate::generate(kind, entry, &around);
    gathered.read.extend(read.into_inner());
    gathered.missed.append(&mut missed.into_inner());
    let done = match made {
        // What is missing may be what it would be merged into.
        Ok(object) if gathered.unseen && object.behavior != super::super::object::Behavior::Create => {
            let _ = generate::absorb(gathered, object);
            Ok(())
        }
        Ok(object) => generate::absorb(gathered, object),
        Err(says) => Err(says),
    };
    gathered.try_at(wrong.get(), done);
}

/// An entry without the files that nobody here can see: what they hold is unknown, the rest is not.
fn without_unseen(loader: Loader, own: &Kustomization, entry: &Node, gathered: &mut Gathered) -> Node {
    let (mut out, mut missed) = (entry.clone(), BTreeSet::new());
    for key in ["files", "envs"] {
        let mut unseen = |item: &Node| {
            let whole = item.part()?;
            let path = whole.text.split_once('=').map_or(whole.text.as_str(), |(_, path)| path);
            let part = Part::new(path, whole.origin.clone());
            let place = loader.place(own, &part, &mut missed);
            let (why, says) = place.refusal(path);
            why.hides().then_some((why, says))
        };
        for item in entry.get(key).map(Node::items).unwrap_or_default() {
            if let Some((why, says)) = unseen(item) {
                gathered.fault(why, says, Some(item.span()));
            }
        }
        let list = super::super::edit::get_mut(&mut out, key).and_then(super::super::edit::items_mut);
        if let Some(items) = list {
            items.retain(|item| unseen(item).is_none());
        }
    }
    gathered.missed.append(&mut missed);
    out
}

/// Runs every transformer, in the tool's order.
pub(super) fn transform(loader: Loader, own: &Kustomization, gathered: &mut Gathered, load: &mut Load) {
    gathered.by_name = None;
    let note = |kind, gathered: &mut Gathered| note(loader, gathered, Maker::built_in(kind), own.source);
    for entry in own.list("patchesStrategicMerge") {
        patch::apply_legacy(loader, own, entry, gathered);
    }
    if !own.list("patchesStrategicMerge").is_empty() {
        note("PatchStrategicMergeTransformer", gathered);
    }
    for entry in own.list("patches") {
        patch::apply(loader, own, entry, gathered);
        note("PatchTransformer", gathered);
    }
    let fields = gathered.fields();
    name(own, gathered, &fields, &note);
    label(own, gathered, &fields, &note);
    for entry in own.list("patchesJson6902") {
        patch::apply_json(loader, own, entry, "patch", gathered);
        note("PatchJson6902Transformer", gathered);
    }
    for entry in own.list("replicas") {
        let done = marks::replicas(&mut gathered.objects, entry, &fields.replicas);
        if !(done.is_err() && gathered.unseen) {
            gathered.try_at(entry.span(), done);
        }
        note("ReplicaCountTransformer", gathered);
    }
    for entry in own.list("images").iter().chain(own.list("imageTags")) {
        set_images(gathered, entry, &fields.images);
        note("ImageTagTransformer", gathered);
    }
    for entry in own.list("replacements") {
        replacement(loader, own, entry, gathered);
    }
    if !own.list("replacements").is_empty() {
        note("ReplacementTransformer", gathered);
    }
    for (config, source) in configured(own, "transformers", gathered, load) {
        configured_transformer(loader, own, &config, gathered);
        let text = |path: &[&str]| config.at(path).and_then(Node::text).unwrap_or_default().into();
        let maker = Maker { kind: text(&["kind"]), name: text(&["metadata", "name"]) };
        self::note(loader, gathered, maker, source);
    }
    for (config, _) in configured(own, "validators", gathered, load) {
        unknown(&config, gathered);
    }
}

/// Lets objects remember a change, where somebody wants to know.
fn note(loader: Loader, gathered: &mut Gathered, maker: Maker, source: SourceId) {
    if loader.tells_changes {
        for object in &mut gathered.objects {
            Arc::make_mut(object.changes.get_or_insert_default()).push((maker.clone(), source));
        }
    }
}

type Note<'n> = dyn Fn(&'static str, &mut Gathered) + 'n;

/// Namespace, prefix and suffix.
fn name(own: &Kustomization, gathered: &mut Gathered, fields: &fields::Fields, note: &Note) {
    let text = |key: &str| own.root.part_at(key).filter(|part| !part.text.is_empty());
    if let Some(namespace) = text("namespace") {
        let subjects = Subjects::default();
        let done =
            names::set_namespace(&mut gathered.objects, &namespace, &fields.namespace, subjects, false);
        gathered.try_at(namespace.span(), done);
        note("NamespaceTransformer", gathered);
    }
    for (key, kind, end, list) in [
        ("namePrefix", "PrefixTransformer", End::Front, &fields.prefix),
        ("nameSuffix", "SuffixTransformer", End::Back, &fields.suffix),
    ] {
        if let Some(part) = text(key) {
            let done = names::extend(&mut gathered.objects, &part, end, list);
            gathered.try_at(part.span(), done);
            note(kind, gathered);
        }
    }
}

/// Labels and annotations for all.
fn label(own: &Kustomization, gathered: &mut Gathered, fields: &fields::Fields, note: &Note) {
    let has = |key: &str| own.root.get(key).is_some_and(|pairs| !pairs.entries().is_empty());
    for entry in own.list("labels") {
        if let Some(pairs) = entry.get("pairs") {
            let done = marks::set(&mut gathered.objects, pairs, &label_fields(entry, fields));
            gathered.try_at(entry.span(), done);
        }
        note("LabelTransformer", gathered);
    }
    // The tool runs the one of `commonLabels` behind those of `labels`, even if it has nothing to do.
    if has("commonLabels") || !own.list("labels").is_empty() {
        note("LabelTransformer", gathered);
    }
    for (key, list) in [("commonLabels", &fields.common_labels), ("commonAnnotations", &fields.annotations)] {
        if let Some(pairs) = own.root.get(key) {
            let done = marks::set(&mut gathered.objects, pairs, list);
            gathered.try_at(pairs.span(), done);
        }
    }
    if has("commonAnnotations") {
        note("AnnotationsTransformer", gathered);
    }
}

fn label_fields(entry: &Node, built_in: &fields::Fields) -> Vec<Field> {
    let is_true = |key: &str| entry.get(key).and_then(Node::scalar).is_some_and(|scalar| scalar.is_true());
    let mut list: Vec<Field> =
        entry.get("fields").map(Node::items).unwrap_or_default().iter().map(fields::read).collect();
    fields::absorb(&mut list, &built_in.labels);
    if is_true("includeSelectors") {
        fields::absorb(&mut list, &built_in.common_labels);
    } else {
        if is_true("includeTemplates") {
            fields::absorb(&mut list, &built_in.template_labels);
        }
        fields::absorb(&mut list, &built_in.template_labels[..1]);
    }
    list
}

fn set_images(gathered: &mut Gathered, entry: &Node, fields: &[Field]) {
    let Some(image) = images::Entry::read(entry) else { return };
    let mut changed = false;
    for object in &mut gathered.objects {
        changed |= image.apply(object, fields).unwrap_or_default();
    }
    if changed {
        return gathered.ask(entry.span(), changed);
    }
    let beyond = gathered.objects.iter().filter_map(|object| image.beyond(&object.root)).max();
    gathered.ask_in_vain(entry.span(), beyond);
}

/// A replacement, or a file that holds one or several.
fn replacement(loader: Loader, own: &Kustomization, entry: &Node, gathered: &mut Gathered) {
    let Some(path) = entry.part_at("path").filter(|path| !path.text.is_empty()) else {
        let done = replace::replace(&mut gathered.objects, entry);
        if !(done.is_err() && gathered.unseen) {
            gathered.try_at(entry.span(), done);
        }
        return;
    };
    if ["source", "sourceValue", "targets"]
        .iter()
        .any(|key| entry.get(key).is_some_and(|value| !value.is_null()))
    {
        let says = "a replacement has a `path`, or is written here";
        return gathered.fault(Why::Refused, says, Some(entry.span()));
    }
    let Some(id) = loader.file(own, &path, gathered) else { return };
    for document in loader.documents(id, gathered) {
        let root = &document.root;
        let list = if root.is_list() { root.items() } else { std::slice::from_ref(root) };
        for entry in list {
            let before = gathered.faults.len();
            file::check_replacement(entry, &mut gathered.faults);
            if gathered.faults.len() == before {
                let done = replace::replace(&mut gathered.objects, entry);
                gathered.try_at(entry.span(), done);
            }
        }
    }
}

/// The objects that configure plugins: written where they are used, or loaded like resources.
fn configured(
    own: &Kustomization,
    key: &str,
    gathered: &mut Gathered,
    load: &mut Load,
) -> Vec<(Node, SourceId)> {
    let mut out = Vec::new();
    for entry in own.list(key) {
        let Some(part) = entry.part() else { continue };
        let inline = part.text.contains('\n') || part.text.contains(": ");
        if inline {
            let yaml = yaml::read_embedded(&part.text, &part.origin);
            gathered.refuse_broken(&yaml);
            gathered.note_doubled(&yaml);
            out.extend(yaml.documents.into_iter().map(|document| (document.root, own.source)));
            continue;
        }
        let mut inner = Gathered::default();
        load(entry, &mut inner);
        gathered.faults.append(&mut inner.faults);
        gathered.read.append(&mut inner.read);
        gathered.missed.append(&mut inner.missed);
        gathered.listed.append(&mut inner.listed);
        gathered.loaded.append(&mut inner.loaded);
        gathered.doubled.append(&mut inner.doubled);
        // Plugins' own objects get their names as any others.
        let mut all = inner.objects;
        let fields = inner.fields.unwrap_or_else(|| fields::BUILT_IN.clone());
        let _ = names::follow(&mut all, &fields);
        out.extend(all.into_iter().map(|object| (object.root.clone(), object.written.source)));
    }
    // The tool writes them for the plugins to read.
    for (says, at) in
        out.iter().flat_map(|(root, _)| write::faults(root, &gathered.doubled)).collect::<Vec<_>>()
    {
        gathered.fault(Why::Refused, says, Some(at));
    }
    out
}

fn configured_transformer(loader: Loader, own: &Kustomization, config: &Node, gathered: &mut Gathered) {
    gathered.by_name = None;
    let at = config.span();
    let given: Vec<Field> =
        config.get("fieldSpecs").map(Node::items).unwrap_or_default().iter().map(fields::read).collect();
    let kind = config.text_at("kind").filter(|_| config.text_at("apiVersion") == Some("builtin"));
    let text = |key: &str| config.part_at(key).filter(|part| !part.text.is_empty());
    let objects = &mut gathered.objects;
    let done = match kind {
        Some("PrefixTransformer") => {
            text("prefix").map_or(Ok(()), |part| names::extend(objects, &part, End::Front, &given))
        }
        Some("SuffixTransformer") => {
            text("suffix").map_or(Ok(()), |part| names::extend(objects, &part, End::Back, &given))
        }
        Some("PrefixSuffixTransformer") => {
            let mut done =
                text("prefix").map_or(Ok(()), |part| names::extend(objects, &part, End::Front, &given));
            if let (Ok(()), Some(part)) = (&done, text("suffix")) {
                done = names::extend(objects, &part, End::Back, &given);
            }
            done
        }
        Some("NamespaceTransformer") => {
            let namespace = config.at(&["metadata", "namespace"]).and_then(Node::part);
            let subjects = match config.text_at("setRoleBindingSubjects") {
                Some("none") => Subjects::None,
                Some("allServiceAccounts") => Subjects::Accounts,
                _ => Subjects::NamedDefault,
            };
            let unset_only =
                config.get("unsetOnly").and_then(Node::scalar).is_some_and(|scalar| scalar.is_true());
            namespace
                .map_or(Ok(()), |part| names::set_namespace(objects, &part, &given, subjects, unset_only))
        }
        Some("LabelTransformer") => {
            config.get("labels").map_or(Ok(()), |pairs| marks::set(objects, pairs, &given))
        }
        Some("AnnotationsTransformer") => {
            config.get("annotations").map_or(Ok(()), |pairs| marks::set(objects, pairs, &given))
        }
        Some("ReplicaCountTransformer") => {
            config.get("replica").map_or(Ok(()), |entry| marks::replicas(objects, entry, &given))
        }
        Some("ImageTagTransformer") => {
            if let Some(entry) = config.get("imageTag") {
                set_images(gathered, entry, &given);
            }
            Ok(())
        }
        Some("PatchTransformer") => {
            patch::apply(loader, own, config, gathered);
            Ok(())
        }
        Some("PatchJson6902Transformer") => {
            patch::apply_json(loader, own, config, "jsonOp", gathered);
            Ok(())
        }
        Some("PatchStrategicMergeTransformer") => {
            for entry in config.get("paths").map(Node::items).unwrap_or_default() {
                patch::apply_legacy(loader, own, entry, gathered);
            }
            if let Some(text) = text("patches") {
                patch::apply_all(loader, gathered, &text);
            }
            Ok(())
        }
        Some("ReplacementTransformer") => {
            for entry in config.get("replacements").map(Node::items).unwrap_or_default() {
                replacement(loader, own, entry, gathered);
            }
            Ok(())
        }
        Some("SortOrderTransformer" | "HashTransformer") => Ok(()),
        _ => {
            unknown(config, gathered);
            Ok(())
        }
    };
    gathered.try_at(at, done);
}
