//! Custom resources: where their images stand, as data; and the look of an image under a telling key elsewhere.

use super::super::looks::named_after_image;
use super::super::{Desk, image_map, tell};
use super::tekton;
use crate::facts::{Resource, Role, parse_reference};
use crate::syntax::{Document, Node, Value};
use std::sync::Arc;

/// How a field of a kind is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Field {
    /// It is an image that is pulled.
    Image,
    /// It must have no tag: something watches the repository.
    Watched,
    /// The tag may be left out because another field gives it.
    TagElsewhere,
    /// It is an image behind `oci://`.
    Artifact,
    /// It is called an image and is none: a disk, a machine image, an icon.
    NotAnImage,
}

/// Kinds, path (`*` is any list item or key, `**` in front any way to there), and what stands there. Resources that are
/// databases say it on the page `operators`. Kinds that are not listed are read by their keys: see
/// [`looks_like_image`].
const FIELDS: &[(&str, &str, Field)] = &[
    ("AlertmanagerConfig", "*", Field::NotAnImage),
    ("AnsibleRole", "*", Field::NotAnImage),
    ("Alertmanager", "spec.image", Field::Image),
    ("ClusterImageCatalog", "spec.images.*.image", Field::Image),
    ("ImageCatalog", "spec.images.*.image", Field::Image),
    ("ImageRepository", "spec.image", Field::Watched),
    ("ImageUpdateAutomation", "*", Field::NotAnImage),
    ("Plan", "spec.upgrade.image", Field::TagElsewhere),
    ("Plan", "spec.prepare.image", Field::TagElsewhere),
    ("FluxInstance", "spec.distribution.artifact", Field::Artifact),
    (TEKTON, "**.stepTemplate.image", Field::Image),
    (TEKTON, "**.steps.*.image", Field::Image),
    (TEKTON, "**.sidecars.*.image", Field::Image),
    (WORKFLOWS, "**.script.image", Field::Image),
    (WORKFLOWS, "**.sidecars.*.image", Field::Image),
    ("GrafanaDashboard", "*", Field::NotAnImage),
    ("ConfigMap", "*", Field::NotAnImage),
    ("Secret", "*", Field::NotAnImage),
    ("Ingress", "*", Field::NotAnImage),
    ("PersistentVolume", "*", Field::NotAnImage),
    ("HelmRelease", "*", Field::NotAnImage),
    ("HelmChart", "*", Field::NotAnImage),
    ("Kustomization", "*", Field::NotAnImage),
    ("Component", "*", Field::NotAnImage),
    ("Application", "*", Field::NotAnImage),
    ("ApplicationSet", "*", Field::NotAnImage),
    ("MachineConfig", "*", Field::NotAnImage),
    ("InstanceGroup", "*", Field::NotAnImage),
    ("AWSMachineTemplate", "*", Field::NotAnImage),
    ("HCloudMachineTemplate", "*", Field::NotAnImage),
    ("DockerMachineTemplate", "*", Field::NotAnImage),
    ("OpenStackMachineTemplate", "*", Field::NotAnImage),
    ("VirtualMachineImage", "*", Field::NotAnImage),
];

const TEKTON: &str = "Task|ClusterTask|TaskRun|Pipeline|PipelineRun|StepAction";
const WORKFLOWS: &str = "Workflow|WorkflowTemplate|ClusterWorkflowTemplate|CronWorkflow";

pub(super) fn read(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, root: &Node) {
    let fields = Fields::of(desk, owner);
    if fields.is_nothing() {
        return;
    }
    let is_tekton = TEKTON.split('|').any(|kind| kind == owner.kind);
    let written = root;
    let filled = is_tekton.then(|| tekton::filled(desk, root)).flatten();
    let root = filled.as_ref().unwrap_or(root);
    let (mut found, first) = (Vec::new(), desk.facts.images.len());
    let has_version = ["version", "channel"].iter().any(|key| root.at(&["spec", key]).is_some());
    walk(root, &mut Vec::new(), &mut |path, node| {
        let field = fields.at(path);
        let last = path.last().copied().unwrap_or_default();
        match field {
            Some(Field::NotAnImage) => {}
            Some(Field::TagElsewhere) if !has_version => found.push((name(path), node, Field::Image)),
            Some(field) => found.push((name(path), node, field)),
            None if is_in_pod(path) => {}
            None if looks_like_image(path, last, node) => found.push((name(path), node, Field::Image)),
            None => {}
        }
    });
    image_maps(desk, document, owner, &fields, root, &mut Vec::new());
    if is_tekton {
        parameters(desk, document, owner, written);
    }
    for (path, node, field) in found {
        if field == Field::Artifact {
            artifact(desk, owner, node, path);
            continue;
        }
        tell::reference(desk, document, owner, node, &path, |image| match field {
            Field::Watched => image.role = Role::Watched,
            Field::TagElsewhere if image.tag.is_none() => image.role = Role::ChartDecides,
            _ => {}
        });
    }
    if tell::switched_off(root) {
        tell::switch_off(desk, first);
    }
}

/// What parameters of Tekton hold if nobody says otherwise.
fn parameters(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, root: &Node) {
    for parameter in root.at(&["spec", "params"]).map(Node::items).unwrap_or_default() {
        let name = parameter.text_at("name").unwrap_or_default();
        // What an image asks for is told with it.
        let is_named = named_after_image(&name.to_ascii_lowercase()) && !tekton::is_asked(desk, root, name);
        let Some(default) = parameter.get("default").filter(|_| is_named) else { continue };
        if default.part().is_some_and(|part| reads_as_image(&parse_reference(&part))) {
            tell::reference(desk, document, owner, default, &format!("spec.params[{name}].default"), |_| {});
        }
    }
}

/// `oci://registry/name:tag`.
fn artifact(desk: &mut Desk, owner: &Arc<Resource>, node: &Node, path: String) {
    const SCHEME: &str = "oci://";
    if let Some(whole) = node.part().filter(|whole| whole.text.starts_with(SCHEME)) {
        let image = whole.slice(SCHEME.len()..whole.text.len());
        tell::image(desk, owner, path, &image, Role::Pull, None);
    }
}

/// `image: {repository, tag}` in the manner of Helm values, as some operators take it.
fn image_maps<'a>(
    desk: &mut Desk,
    document: &Document,
    owner: &Arc<Resource>,
    fields: &Fields,
    node: &'a Node,
    path: &mut Vec<&'a str>,
) {
    let key = path.last().copied().unwrap_or_default();
    if node.get("repository").is_some() && (key == "image" || key.ends_with("Image")) {
        if !matches!(fields.at(path), Some(Field::NotAnImage)) {
            image_map::tell_at(desk, document, owner, node, &name(path));
        }
        return;
    }
    for (key, value) in node.entries() {
        path.push(key.text().unwrap_or("?"));
        image_maps(desk, document, owner, fields, value, path);
        path.pop();
    }
    for item in node.items() {
        path.push("*");
        image_maps(desk, document, owner, fields, item, path);
        path.pop();
    }
}

/// Reads a part of an object of which no path is known: what looks like an image is one.
pub(super) fn read_unknown(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, root: &Node) {
    let mut found = Vec::new();
    walk(root, &mut Vec::new(), &mut |path, node| {
        let last = path.last().copied().unwrap_or_default();
        if !is_in_pod(path) && looks_like_image(path, last, node) {
            found.push((name(path), node));
        }
    });
    for (path, node) in found {
        tell::reference(desk, document, owner, node, &path, |_| {});
    }
}

/// The pod walk has the images of containers and volumes already, with their pull policy.
fn is_in_pod(path: &[&str]) -> bool {
    path.iter().any(|part| part.ends_with("ontainers"))
        || path.ends_with(&["volumes", "*", "image", "reference"])
}

/// What is known of the fields of one kind, the configuration first.
struct Fields(Vec<(String, Field)>);

impl Fields {
    fn of(desk: &Desk, owner: &Resource) -> Fields {
        let kind = owner.kind.as_str();
        let own = desk.config.resources.iter().filter(|resource| resource.kind == kind);
        let own = own.flat_map(|resource| &resource.fields);
        let known = FIELDS.iter().filter(|(kinds, ..)| kinds.split('|').any(|one| one == kind));
        let own = own.map(|field| (field.replace("[]", ".*"), Field::Image));
        let layouts = desk.engines.layouts(&owner.api, kind).flat_map(|layout| &layout.image);
        // Where the tag has a field of its own, the map around it is the image.
        let of_servers = layouts.map(|path| path.dotted()).filter(|path| !path.ends_with(".tag"));
        let of_servers = of_servers.map(|path| (path, Field::Image));
        let known = known.map(|&(_, pattern, field)| (pattern.to_string(), field));
        Fields(own.chain(of_servers).chain(known).collect())
    }

    fn at(&self, path: &[&str]) -> Option<Field> {
        self.0.iter().find(|(pattern, _)| fits(pattern, path)).map(|&(_, field)| field)
    }

    /// Whether nothing of this kind is an image.
    fn is_nothing(&self) -> bool {
        self.0.first().is_some_and(|(pattern, field)| pattern == "*" && *field == Field::NotAnImage)
    }
}

fn fits(pattern: &str, path: &[&str]) -> bool {
    if pattern == "*" {
        return true;
    }
    let (wanted, path) = match pattern.strip_prefix("**.") {
        Some(end) => (end, &path[path.len().saturating_sub(end.split('.').count())..]),
        None => (pattern, path),
    };
    let fits_one = |(wanted, part): (&str, &&str)| wanted == "*" || wanted == *part;
    wanted.split('.').count() == path.len() && wanted.split('.').zip(path).all(fits_one)
}

/// Whether a scalar of a kind we do not know is an image: a telling key, and a value that can be nothing else.
fn looks_like_image(path: &[&str], key: &str, node: &Node) -> bool {
    let telling = key == "image"
        || key == "imageName"
        || key.ends_with("Image")
        || key == "imageRef"
        || (key == "reference" && path.iter().rev().nth(1) == Some(&"image"));
    const NO_IMAGES: [&str; 9] =
        ["rbd", "iscsi", "metadata", "status", "annotations", "labels", "icon", "logo", "parameters"];
    if !telling || path.iter().any(|part| NO_IMAGES.contains(part)) {
        return false;
    }
    let Some(part) = node.part().filter(|part| !part.text.is_empty()) else { return false };
    // What is called a container is run, whatever its name looks like.
    path.ends_with(&["container", "image"]) || reads_as_image(&parse_reference(&part))
}

/// A reference with a tag, a digest or a registry, and nothing wrong with it.
fn reads_as_image(image: &crate::facts::Image) -> bool {
    let text = image.text.as_str();
    let is_url = text.contains("://") || text.starts_with('/') || text.starts_with('.');
    const FILES: [&str; 10] =
        [".png", ".svg", ".jpg", ".jpeg", ".webp", ".gif", ".ico", ".img", ".iso", ".qcow2"];
    let is_file = FILES.iter().any(|ending| text.to_ascii_lowercase().ends_with(ending));
    let says_more = image.digest.is_some()
        || image.tag.is_some()
        || image.registry.as_ref().is_some_and(|registry| registry.text.contains('.'));
    !is_url
        && !is_file
        && image.repository.is_some()
        && says_more
        && (image.fault.is_none() || image.digest.is_some())
}

/// Calls `visit` with the path of every scalar.
fn walk<'a>(node: &'a Node, path: &mut Vec<&'a str>, visit: &mut dyn FnMut(&[&str], &'a Node)) {
    match &node.value {
        Value::Map(entries) => {
            for (key, value) in entries.iter() {
                path.push(key.text().unwrap_or("?"));
                walk(value, path, visit);
                path.pop();
            }
        }
        Value::List(items) => {
            for item in items.iter() {
                path.push("*");
                walk(item, path, visit);
                path.pop();
            }
        }
        Value::Scalar(_) | Value::Hole => visit(path, node),
        Value::Null => {}
    }
}

/// The path as people write it; list items have lost their number, which no fingerprint needs.
fn name(path: &[&str]) -> String {
    let mut out = String::new();
    for part in path {
        match *part {
            "*" => out.push_str("[]"),
            key => tell::push_key(&mut out, key),
        }
    }
    out
}
