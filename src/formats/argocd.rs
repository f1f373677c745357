//! Argo CD applications: the charts they install, and the values, parameters and image overrides they give them.

use super::helm_storage::Taker;
use super::kubernetes;
use super::tell::resource;
use super::{Desk, Format, Read, helm_storage, helm_values, patches, tell};
use crate::facts::{Chart, Fact, Release, Resource, Role, join, parse_reference};
use crate::syntax::{Document, Node, forms, yaml};
use crate::text::{File, Part, Str, paths};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const FORMAT: Format =
    Format { name: "argocd", words: &["argoproj.io"], wants, read: Read::Objects(read) };

fn wants(file: &File) -> bool {
    file.is_yaml() && file.has("argoproj.io") && file.has("Application")
}

fn read(desk: &mut Desk, document: &Document) {
    for root in kubernetes::objects(&document.root) {
        application(desk, document, root);
    }
}

fn application(desk: &mut Desk, document: &Document, root: &Node) {
    let Some(owner) = resource(desk, FORMAT.name, root) else { return };
    let spec: &[&str] = match (owner.api.starts_with("argoproj.io/"), owner.kind.as_str()) {
        (true, "Application") => &["spec"],
        (true, "ApplicationSet") => &["spec", "template", "spec"],
        _ => return,
    };
    let Some(node) = root.at(spec) else { return };
    // What a set makes is told by what it made.
    let name = root.at(&["metadata", "name"]).map(Node::span);
    if spec.len() > 1
        && let (Some(view), Some(name)) = (desk.view(), name)
        && view.forest.is_whole_set(name)
    {
        return;
    }
    let base = spec.join(".");
    let namespace = node.at(&["destination", "namespace"]).and_then(Node::text).unwrap_or_default();
    if let Some(source) = node.get("source") {
        self::source(desk, document, &owner, (0, source), &format!("{base}.source"), namespace);
    }
    for (at, source) in node.get("sources").map(Node::items).unwrap_or_default().iter().enumerate() {
        self::source(desk, document, &owner, (at, source), &format!("{base}.sources[{at}]"), namespace);
    }
}

fn source(
    desk: &mut Desk,
    document: &Document,
    owner: &Arc<Resource>,
    (number, source): (usize, &Node),
    path: &str,
    namespace: &str,
) {
    let is_rendered =
        desk.view().is_some_and(|view| view.is_rendered_application(&owner.namespace, &owner.name, number));
    let chart = source.part_at("chart");
    if let Some(name) = chart.clone() {
        let version = source.part_at("targetRevision");
        let pin = version.as_ref().map_or("absent", |version| Chart::held(version));
        let origin = version.as_ref().unwrap_or(&name).origin.clone();
        let says = Chart { name, version, repository: source.part_at("repoURL"), digest: None, pin };
        let path = format!("{path}.targetRevision").into();
        desk.facts.charts.push(Fact { says, origin, path, owner: owner.clone() });
    }
    let helm = source.get("helm");
    if let Some(helm) = helm {
        let name = chart.as_ref().map(|chart| chart.text.as_str());
        let taker = Taker { chart: Some(name.unwrap_or_default()), namespace };
        if !is_rendered {
            values(desk, document, owner, helm, &format!("{path}.helm"), taker);
        }
        let files = helm.get("valueFiles").map(Node::items).unwrap_or_default().iter().filter_map(Node::text);
        let folder = source.text_at("path").unwrap_or_default();
        let local = |file: &str| match file.strip_prefix('$') {
            // `$values/apps/web.yaml`: from the root of another source, which is mostly this repository.
            Some(rest) => paths::local("", rest.split_once('/')?.1),
            None => paths::local(folder, file),
        };
        let files = files.filter_map(local).collect();
        let says = Release { chart: name.unwrap_or_default().into(), files, makes_namespace: None };
        let origin = helm.origin.clone();
        desk.facts.releases.push(Fact { says, origin, path: path.into(), owner: owner.clone() });
    }
    // Values from elsewhere may say what these do not.
    let elsewhere = ["valueFiles", "values", "parameters"];
    let is_whole = !elsewhere.iter().any(|key| helm.is_some_and(|helm| helm.get(key).is_some()));
    if let Some(name) = chart.filter(|_| is_whole && !is_rendered) {
        helm_storage::unsaid(desk, owner, &name, helm.and_then(|helm| helm.get("valuesObject")));
    }
    if let Some(kustomize) = source.get("kustomize") {
        for (at, entry) in kustomize.get("images").map(Node::items).unwrap_or_default().iter().enumerate() {
            image_override(desk, document, owner, entry, &format!("{path}.kustomize.images[{at}]"));
        }
        patches::read(desk, owner, kustomize.get("patches"), &format!("{path}.kustomize.patches"));
    }
}

/// The values of a source: an object, else a text, and parameters.
fn values(
    desk: &mut Desk,
    document: &Document,
    owner: &Arc<Resource>,
    helm: &Node,
    path: &str,
    taker: Taker,
) {
    if let Some(values) = helm.get("valuesObject") {
        take_values(desk, document, owner, values, &format!("{path}.valuesObject"), taker);
    } else if let Some((node, text)) = helm.get("values").and_then(|node| Some((node, node.text()?))) {
        let inner = yaml::read_embedded(text, &node.origin);
        desk.problems.extend(inner.problems);
        for document in &inner.documents {
            let document = &*forms::marked_document(document);
            take_values(desk, document, owner, &document.root, &format!("{path}.values"), taker);
        }
    }
    parameters(desk, owner, helm, &format!("{path}.parameters"));
}

fn take_values(
    desk: &mut Desk,
    document: &Document,
    owner: &Arc<Resource>,
    values: &Node,
    path: &str,
    taker: Taker,
) {
    helm_values::values(desk, document, owner, values, path);
    helm_storage::read(desk, owner, values, path, taker);
}

/// `name=new:tag`, `name:tag`, `name@digest`: what stands behind the `=` is what runs.
fn image_override(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, node: &Node, path: &str) {
    // What it changed speaks for it.
    let Some(whole) = node.part().filter(|_| !desk.is_settled(node.span())) else { return };
    let start = whole.text.find('=').map_or(0, |at| at + 1);
    let part = whole.slice(start..whole.text.len());
    let mut image = parse_reference(&part);
    image.role = Role::Override;
    image.remark = tell::remark_beside(desk, document, node.span());
    tell::tell(desk, owner, path, image, part.origin.clone());
}

/// `--set` in a list: `web.image.repository` and `web.image.tag` are one image.
fn parameters(desk: &mut Desk, owner: &Arc<Resource>, helm: &Node, path: &str) {
    let mut groups: BTreeMap<&str, BTreeMap<&str, Part>> = BTreeMap::new();
    for parameter in helm.get("parameters").map(Node::items).unwrap_or_default() {
        let (Some(name), Some(value)) = (parameter.text_at("name"), parameter.part_at("value")) else {
            continue;
        };
        let (stem, field) = name.rsplit_once('.').unwrap_or(("", name));
        let last = stem.rsplit('.').next().unwrap_or("");
        if name == "image" || field == "image" && value.text.contains([':', '/']) {
            let image = parse_reference(&value);
            tell::tell(desk, owner, format!("{path}[{name}]"), image, value.origin.clone());
        } else if (last == "image" || last.ends_with("Image"))
            && matches!(field, "registry" | "repository" | "name" | "tag" | "digest")
        {
            groups.entry(stem).or_default().insert(field, value);
        }
    }
    for (stem, mut fields) in groups {
        let repository = fields.remove("repository").or_else(|| fields.remove("name"));
        let (registry, tag, digest) =
            (fields.remove("registry"), fields.remove("tag"), fields.remove("digest"));
        let Some(whole) = tag.clone().or_else(|| digest.clone()).or_else(|| repository.clone()) else {
            continue;
        };
        let has_repository = repository.is_some();
        let mut image = join(registry, repository, tag, digest, &whole.origin).handed_on();
        if !has_repository {
            // Only the tag is set; the chart knows the rest.
            image.role = Role::TagOnly;
            image.fault = None;
        } else if image.tag.is_none() && image.digest.is_none() {
            image.role = Role::ChartDecides;
        }
        tell::tell(desk, owner, format!("{path}[{}]", Str::from(stem)), image, whole.origin.clone());
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn rows() {
        super::super::exam::rows(include_str!("rows/argocd.txt"));
    }
}
