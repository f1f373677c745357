//! Flux objects: releases with their values and charts, deliveries with their variables, image automation.

use super::helm_storage::Taker;
use super::kubernetes;
use super::tell::resource;
use super::{Desk, Format, Read, claim_shapes, helm_storage, helm_values, kustomize, patches};
use crate::facts::{
    self, Chart, Database, Fact, Image, Obstacle, Overlay, Override, Resource, Role, Setter, TagPolicy, Why,
    Workload, join,
};
use crate::finding::Problem;
use crate::syntax::{Document, Node, forms, yaml};
use crate::text::{File, How, Origin, Part, Str};
use crate::world::kustomize::Fault;
use crate::world::release::{Release, as_written};
use std::sync::Arc;

pub(super) const FORMAT: Format =
    Format { name: "flux", words: &["fluxcd."], wants, read: Read::Objects(read) };

/// Markers of image automation are comments, which no build delivers.
pub(super) const MARKERS: Format = Format {
    name: "flux-markers",
    words: &["$imagepolicy"],
    wants: has_markers,
    read: Read::Documents(setters),
};

fn has_markers(file: &File) -> bool {
    file.is_yaml() && file.has("$imagepolicy")
}

fn wants(file: &File) -> bool {
    file.is_yaml() && file.has("fluxcd.")
}

fn read(desk: &mut Desk, document: &Document) {
    for root in kubernetes::objects(&document.root) {
        if let Some(owner) = resource(desk, FORMAT.name, root) {
            object(desk, document, root, &owner);
        }
    }
}

fn object(desk: &mut Desk, document: &Document, root: &Node, owner: &Arc<Resource>) {
    let group = owner.api.split('/').next().unwrap_or("");
    let Some(spec) = root.get("spec") else { return };
    match (group, owner.kind.as_str()) {
        ("helm.toolkit.fluxcd.io", "HelmRelease") => release(desk, document, root, owner),
        ("kustomize.toolkit.fluxcd.io", "Kustomization") => delivery(desk, document, spec, owner),
        ("image.toolkit.fluxcd.io", "ImagePolicy") => policy(desk, root, spec, owner),
        ("source.toolkit.fluxcd.io", "OCIRepository") => oci(desk, spec, owner),
        ("source.toolkit.fluxcd.io", "HelmRepository") => {
            let url = spec.text_at("url").map(Str::from);
            desk.facts.chart_sites.extend(url.map(|url| (owner.name.clone(), url)));
        }
        ("fluxcd.controlplane.io", "FluxInstance") => sync(desk, spec, owner),
        ("source.toolkit.fluxcd.io", "HelmChart") => chart(desk, spec, owner, "spec.version"),
        _ => {}
    }
}

/// The namespace that a release has made for what it installs. Its own is there before it.
fn namespace_of(spec: &Node, owner: &Resource) -> Option<Str> {
    let asks = spec.at(&["install", "createNamespace"]).and_then(Node::scalar)?.is_true();
    let target = spec.text_at("targetNamespace").filter(|target| asks && *target != owner.namespace);
    target.map(Str::from)
}

fn release(desk: &mut Desk, document: &Document, root: &Node, owner: &Arc<Resource>) {
    let Some(spec) = root.get("spec") else { return };
    let release = match (desk.own_view(), &desk.scene) {
        (Some(view), Some(scene)) => view.release(scene.build, root),
        _ => as_written(root),
    };
    for fault in &release.faults {
        tell_fault(desk, owner, fault);
    }
    let first_image = desk.facts.images.len();
    let around = desk.own_view().zip(desk.scene.as_ref());
    let is_rendered = around.is_some_and(|(view, scene)| view.is_rendered(scene.build, root));
    if let Some(values) = &release.values {
        claim_shapes::of_release(desk, owner, root, &forms::marked_tree(values), is_rendered);
    }
    if !is_rendered {
        values(desk, document, spec, &release, owner);
    }
    let chart_name = release.chart.map_or(Str::default(), |name| name.text);
    desk.facts.releases.push(Fact {
        says: facts::Release {
            chart: chart_name,
            files: Vec::new(),
            makes_namespace: namespace_of(spec, owner),
        },
        origin: spec.origin.clone(),
        path: "spec".into(),
        owner: owner.clone(),
    });
    if let Some(template) = spec.at(&["chart", "spec"]) {
        chart(desk, template, owner, "spec.chart.spec.version");
    }
    for renderer in spec.get("postRenderers").map(Node::items).unwrap_or_default() {
        let base = "spec.postRenderers.kustomize";
        patches::read(desk, owner, renderer.at(&["kustomize", "patches"]), &format!("{base}.patches"));
        let images = renderer.at(&["kustomize", "images"]);
        let from_values = first_image..desk.facts.images.len();
        for entry in kustomize::overrides(desk, document, owner, images, &format!("{base}.images")) {
            let images = &mut desk.facts.images;
            let changed =
                images[from_values.clone()].iter_mut().filter_map(|image| set(image, &entry)).count();
            // What it changed speaks for it.
            if changed > 0 {
                let own = entry.whole().origin.clone();
                images.retain(|fact| fact.says.role != Role::Override || fact.origin != own);
            }
        }
    }
}

/// What keeps the values of a release from being whole.
fn tell_fault(desk: &mut Desk, owner: &Arc<Resource>, fault: &Fault) {
    let Some(at) = fault.at else { return };
    if fault.why == Why::Bound {
        desk.problems.push(Problem::blind("not-followed", fault.says.clone(), Some(at)));
        return;
    }
    let says = Obstacle { why: Why::Values, reason: fault.says.as_str().into(), instead: None };
    let origin = Origin::spelled(at);
    desk.facts.obstacles.push(Fact { says, origin, path: "spec.valuesFrom".into(), owner: owner.clone() });
}

/// What the values of a release say.
pub(super) fn values(
    desk: &mut Desk,
    document: &Document,
    spec: &Node,
    release: &Release,
    owner: &Arc<Resource>,
) {
    let before = (desk.facts.workloads.len(), desk.facts.databases.len());
    if let Some(values) = &release.values {
        // They come from other objects, too, which nobody has marked.
        let values = &*forms::marked_tree(values);
        let chart_name = release.chart.as_ref().map_or("", |name| name.text.as_str());
        let first = desk.facts.images.len();
        helm_values::values(desk, document, owner, values, "spec.values");
        // It prints the names as its values have them, in all its versions.
        if chart_name == "app-template" {
            desk.facts.images[first..].iter_mut().for_each(|fact| fact.says.short = false);
        }
        let taker = Taker { chart: Some(chart_name), namespace: &owner.namespace };
        helm_storage::read(desk, owner, values, "spec.values", taker);
    }
    if let Some(name) = release.chart.as_ref().filter(|_| !release.is_open) {
        helm_storage::unsaid(desk, owner, name, release.values.as_ref());
    }
    if let Some(namespace) = spec.text_at("targetNamespace").filter(|namespace| !namespace.is_empty()) {
        let facts = &mut desk.facts;
        moved(&mut facts.workloads[before.0..], &mut facts.databases[before.1..], &namespace.into());
    }
}

/// Does to an image what an entry of a post-renderer does to it after the chart is rendered; nothing if the entry is
/// for others.
fn set(fact: &mut Fact<Image>, entry: &Override) -> Option<()> {
    let old = &fact.says;
    if old.bare() != entry.name.text {
        return None;
    }
    let (registry, repository) = match &entry.new_name {
        Some(name) => (None, Some(name.clone())),
        None => (old.registry.clone(), old.repository.clone()),
    };
    // Tag and digest go together.
    let sets = entry.new_tag.is_some() || entry.digest.is_some();
    let (tag, digest) = match sets {
        true => (entry.new_tag.clone(), entry.digest.clone()),
        false => (old.tag.clone(), old.digest.clone()),
    };
    let loser = fact.origin.span();
    let origin = if sets { entry.whole().origin.clone().via(How::Over, loser) } else { fact.origin.clone() };
    let role = if tag.is_some() || digest.is_some() { Role::Pull } else { old.role };
    let image = join(registry, repository, tag, digest, &origin);
    let number = if sets { entry.image.number.clone() } else { old.number.clone() };
    fact.says = Image { role, number, pull_policy: old.pull_policy.clone(), ..image };
    fact.origin = origin;
    Some(())
}

/// What a release brings is in its `targetNamespace`, and not in its own.
fn moved(workloads: &mut [Fact<Workload>], databases: &mut [Fact<Database>], namespace: &Str) {
    for Fact { says, .. } in workloads {
        says.namespace = namespace.clone();
        let claims = says.volumes.iter_mut().filter_map(|volume| volume.inline.as_mut());
        claims.for_each(|claim| claim.namespace = namespace.clone());
    }
    for Fact { says, .. } in databases {
        says.namespace = namespace.clone();
        says.claims.iter_mut().for_each(|(_, claim)| claim.namespace = namespace.clone());
    }
}

/// The chart of a release, unless it stands in this repository: then the commit pins it.
fn chart(desk: &mut Desk, chart: &Node, owner: &Arc<Resource>, path: &str) {
    if chart.at(&["sourceRef", "kind"]).and_then(Node::text) != Some("HelmRepository") {
        return;
    }
    let Some(name) = chart.part_at("chart") else { return };
    let version = chart.part_at("version");
    let pin = version.as_ref().map_or("absent", |version| Chart::held(version));
    let origin = version.as_ref().unwrap_or(&name).origin.clone();
    let repository = chart.at(&["sourceRef", "name"]).and_then(Node::part);
    let says = Chart { name, version, repository, digest: None, pin };
    desk.facts.charts.push(Fact { says, origin, path: path.into(), owner: owner.clone() });
}

fn oci(desk: &mut Desk, spec: &Node, owner: &Arc<Resource>) {
    let Some(url) = spec.part_at("url") else { return };
    let reference = spec.get("ref");
    let find = |key: &str| reference.and_then(|reference| reference.part_at(key));
    let (tag, semver, digest) = (find("tag"), find("semver"), find("digest"));
    let (version, pin) = match (&digest, &semver, &tag) {
        (Some(_), ..) => (tag.clone().or(digest.clone()), "digest"),
        (None, Some(semver), _) => (Some(semver.clone()), "range"),
        (None, None, Some(tag)) if tag.text.contains("@sha256:") => (Some(tag.clone()), "digest"),
        (None, None, Some(tag)) => (Some(tag.clone()), held_tag(tag)),
        (None, None, None) => (None, "absent"),
    };
    let origin = version.as_ref().unwrap_or(&url).origin.clone();
    let says = Chart { name: url, version, repository: None, digest, pin };
    desk.facts.charts.push(Fact { says, origin, path: "spec.ref".into(), owner: owner.clone() });
}

/// How firmly a tag names a version: registries take no plus sign.
fn held_tag(tag: &Part) -> &'static str {
    match tag.text.contains('_') {
        true => Chart::held(&Part { text: tag.text.replace('_', "+").into(), ..tag.clone() }),
        false => Chart::held(tag),
    }
}

/// The artifact from which an instance makes the `OCIRepository` of its root.
fn sync(desk: &mut Desk, spec: &Node, owner: &Arc<Resource>) {
    let Some(sync) = spec.get("sync").filter(|sync| sync.text_at("kind") == Some("OCIRepository")) else {
        return;
    };
    let Some(url) = sync.part_at("url") else { return };
    let version = sync.part_at("ref");
    let digest = version.clone().filter(|version| version.text.contains("sha256:"));
    let pin = match (&digest, &version) {
        (Some(_), _) => "digest",
        (None, Some(version)) => Chart::held(version),
        (None, None) => "absent",
    };
    let origin = version.as_ref().unwrap_or(&url).origin.clone();
    let says = Chart { name: url, version, repository: None, digest, pin };
    desk.facts.charts.push(Fact { says, origin, path: "spec.sync.ref".into(), owner: owner.clone() });
}

fn delivery(desk: &mut Desk, document: &Document, spec: &Node, owner: &Arc<Resource>) {
    patches::read(desk, owner, spec.get("patches"), "spec.patches");
    let images = kustomize::overrides(desk, document, owner, spec.get("images"), "spec.images");
    desk.facts.overlays.push(Fact {
        says: Overlay { images, ..Overlay::default() },
        origin: spec.origin.clone(),
        path: "spec".into(),
        owner: owner.clone(),
    });
}

fn policy(desk: &mut Desk, root: &Node, spec: &Node, owner: &Arc<Resource>) {
    let Some(name) = root.at(&["metadata", "name"]).and_then(Node::part) else { return };
    let orders = [("semver", "range"), ("alphabetical", "order"), ("numerical", "order")];
    let order = orders.iter().find(|(order, _)| spec.at(&["policy", order]).is_some());
    let says = TagPolicy {
        namespace: owner.namespace.clone(),
        name: name.clone(),
        order: order.map_or("", |(order, _)| order),
        range: order.and_then(|(order, key)| spec.at(&["policy", order, key])).and_then(Node::part),
        pattern: spec.at(&["filterTags", "pattern"]).and_then(Node::part),
        reflects_digest: spec.part_at("digestReflectionPolicy"),
    };
    desk.facts.tag_policies.push(Fact {
        says,
        origin: name.origin,
        path: "metadata.name".into(),
        owner: owner.clone(),
    });
}

/// Markers of image automation: a comment with JSON in it, behind the value that is rewritten.
fn setters(desk: &mut Desk, document: &Document) {
    for remark in document.remarks.iter().filter(|remark| remark.text.contains("$imagepolicy")) {
        let Some(open) = remark.text.find('{') else { continue };
        let comment = Part { text: remark.text.clone(), origin: crate::text::Origin::verbatim(remark.span) };
        let json = comment.slice(open..comment.text.trim_end().len());
        let marker = yaml::read_embedded(&json.text, &json.origin);
        let Some(target) =
            marker.documents.first().and_then(|document| document.root.part_at("$imagepolicy"))
        else {
            continue;
        };
        let mut parts = target.text.splitn(3, ':');
        let (namespace, policy, field) =
            (parts.next().unwrap_or(""), parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        // The value stands between the key and the comment, on the same line.
        let line_start = desk.file.text[..remark.span.start as usize].rfind('\n').map_or(0, |at| at + 1);
        let line = &desk.file.text[line_start..remark.span.start as usize];
        let from =
            line.find(": ").map_or(line.len() - line.trim_start_matches([' ', '-']).len(), |at| at + 2);
        let value = line[from..].trim();
        let start = line_start + from + line[from..].find(value).unwrap_or(0);
        let quoted = value.len() >= 2 && value.starts_with(['"', '\'']);
        let (start, value) = if quoted { (start + 1, &value[1..value.len() - 1]) } else { (start, value) };
        let span = crate::text::Span::new(desk.file.id, start, start + value.len());
        let value = Part::new(value, crate::text::Origin::verbatim(span));
        let owner = resource(desk, FORMAT.name, &document.root).unwrap_or_else(|| {
            Arc::new(Resource {
                format: FORMAT.name,
                source: desk.file.id,
                kind: Str::default(),
                api: Str::default(),
                namespace: Str::default(),
                name: Str::default(),
                scene: None,
            })
        });
        let says = Setter {
            namespace: namespace.into(),
            policy: policy.into(),
            field: field.into(),
            value,
            comment: forms::marked(&target).into_owned(),
        };
        let origin = says.comment.origin.clone();
        desk.facts.setters.push(Fact { says, origin, path: Str::default(), owner });
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn rows() {
        super::super::exam::rows(include_str!("rows/flux.txt"));
    }
}
