//! An Application's folder of plain manifests: the files that the tool takes, and the objects in them.

use super::super::files::Files;
use super::super::kustomize::{Built, Fault, Why};
use super::super::object::{Object, unlisted};
use super::glob::{self, Dialect};
use crate::syntax::Node;
use crate::text::{Part, SourceId, Span};
use regex::Regex;

/// What keeps a file from being read as a manifest.
const SKIP: &str = "+argocd:skip-file-rendering";

/// The objects of a folder.
pub(super) fn build(files: &Files, folder: &Part, options: Option<&Node>) -> Built {
    let mut built = Built::default();
    let is_set = |key: &str| options.and_then(|options| options.text_at(key)) == Some("true");
    let (recurse, all) = (is_set("recurse"), is_set("disableExtensionFilter"));
    let mut filter = |key: &str| -> Option<Option<Regex>> {
        let part = options.and_then(|options| options.part_at(key)).filter(|part| !part.text.is_empty())?;
        let compiled = glob::compile(&part.text, Dialect::Manifests);
        if compiled.is_none() {
            let says = format!("`{}` is no pattern of files", part.text);
            built.faults.push(Fault { why: Why::Refused, says, at: Some(part.span()) });
        }
        Some(compiled)
    };
    // A pattern that is none fits nothing.
    let fits = |pattern: &Option<Regex>, text: &str| pattern.as_ref().is_some_and(|it| it.is_match(text));
    let (include, exclude) = (filter("include"), filter("exclude"));
    built.listed.insert(folder.text.clone());
    let base = if folder.text.is_empty() { String::new() } else { format!("{}/", folder.text) };
    for id in files.below(&folder.text) {
        let name = files.name(id);
        let inner = &name[base.len()..];
        let is_manifest = [".yaml", ".yml", ".json", ".jsonnet"].iter().any(|end| name.ends_with(end));
        if !recurse && inner.contains('/')
            || !(all || is_manifest)
            || exclude.as_ref().is_some_and(|exclude| fits(exclude, inner))
            || include.as_ref().is_some_and(|include| !fits(include, inner))
        {
            continue;
        }
        if !files.peek(id, |text| text.contains(SKIP)) {
            read(files, id, &mut built);
        }
    }
    built
}

fn read(files: &Files, id: SourceId, built: &mut Built) {
    let name = files.name(id);
    let start = Span::new(id, 0, 0);
    let mut fault = |why: Why, says: String, at: Span| built.faults.push(Fault { why, says, at: Some(at) });
    if name.ends_with(".jsonnet") {
        return fault(Why::Plugin, format!("`{name}` is Jsonnet, which is not run here"), start);
    }
    let Some(yaml) = files.yaml(id) else { return };
    let is_json = name.ends_with(".json");
    // What does not look like a manifest may lie beside them.
    let looks_like_one =
        files.peek(id, |text| ["apiVersion:", "kind:", "metadata:"].iter().all(|key| text.contains(key)));
    let mut roots = Vec::new();
    for document in yaml.documents.iter().map(|document| &document.root) {
        let is_object = document.text_at("kind").is_some_and(|kind| !kind.is_empty());
        if is_object {
            unlisted(document, &mut roots);
        } else if !document.is_null() {
            if is_json || !roots.is_empty() || looks_like_one {
                fault(Why::Refused, format!("`{name}` holds what is no object"), document.span());
            } else {
                return;
            }
        }
    }
    if yaml.masked {
        fault(Why::Refused, format!("`{name}` is a template, which is not rendered"), start);
        return;
    }
    for problem in yaml.problems.iter().filter(|problem| problem.kind == "yaml-syntax") {
        if looks_like_one || is_json || !roots.is_empty() {
            fault(Why::Refused, problem.says.clone(), problem.at.unwrap_or(start));
        }
    }
    if is_json && yaml.documents.len() > 1 {
        fault(Why::Refused, format!("`{name}` holds several objects, and JSON may hold one"), start);
    }
    if !roots.is_empty() {
        built.read.insert(id);
        built.loaded.insert(id);
    }
    built.objects.extend(roots.into_iter().map(|root| Object::new(root, id)));
}
