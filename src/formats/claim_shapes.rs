//! Maps that look like claims, wherever they are: in resources that nobody knows, in values of any chart, at any depth.
//! What a shape is in the end, the join decides: another format may have told the same claim, and then this is none.

use super::claims::{self, of_chart};
use super::kubernetes::{self, is_policy_or_schema, objects};
use super::tell::{push_item, push_key, resource, used_at};
use super::{Desk, Format, Read, tell};
use crate::facts::{Backing, Claim, ClaimShape, ClassName, Fact, Gist, LooseVolume, Resource};
use crate::limits::DEEPEST_SHAPE;
use crate::syntax::{Document, Node, Scalar, forms, yaml};
use crate::text::{File, Origin, Span, Str};
use crate::world::View;
use std::collections::HashSet;
use std::sync::Arc;

/// Those in objects, as a cluster gets them.
pub(super) const OBJECTS: Format =
    Format { name: "claims-in-objects", words: &WORDS, wants: has_words, read: Read::Objects(of_objects) };

/// Those in files of values.
pub(super) const VALUES: Format = Format {
    name: "claims-in-values",
    words: &WORDS,
    wants: may_be_values,
    read: Read::Documents(of_values),
};

/// A text without any of them says nothing of claims.
const WORDS: [&str; 5] = ["storageClass", "accessMode", "persistence:", "hostPath", "laim"];
/// Words of claims, all with `laim` in them.
const OF_CLAIMS: [&str; 4] = ["olumeClaimTemplate", "existingClaim", "claimName", "persistent-claim"];
const BESIDE: [&str; 4] = ["storageClass", "accessMode", "persistence:", "hostPath"];

/// Whether a text has a word without which nothing is said of claims.
fn speaks_of_claims(has: impl Fn(&str) -> bool) -> bool {
    BESIDE.iter().any(|word| has(word)) || has("laim") && OF_CLAIMS.iter().any(|word| has(word))
}

fn has_words(file: &File) -> bool {
    let is_yaml =
        file.is_yaml() || [".yaml.tpl", ".yaml.j2", ".yml.j2"].iter().any(|end| file.name.ends_with(end));
    is_yaml && speaks_of_claims(|word| file.has(word))
}

fn may_be_values(file: &File) -> bool {
    let is_template = file.name.starts_with("templates/") || file.name.contains("/templates/");
    !is_template && !file.name.contains(".github/") && has_words(file)
}

fn of_objects(desk: &mut Desk, document: &Document) {
    for root in objects(&document.root) {
        let Some(owner) = resource(desk, OBJECTS.name, root) else { continue };
        if is_policy_or_schema(&owner) || is_read_whole(&owner) {
            continue;
        }
        let around = desk.own_view().zip(desk.scene.as_ref());
        let is_rendered = around.is_some_and(|(view, scene)| view.is_rendered(scene.build, root))
            || owner.kind == "Application"
                && desk.scene.is_some()
                && desk
                    .view()
                    .is_some_and(|view| view.is_rendered_application(&owner.namespace, &owner.name, 0));
        let is_map = owner.kind == "ConfigMap";
        let mut reader = Reader::of(owner, is_rendered, root.span());
        reader.view = if is_map { desk.view() } else { None };
        reader.gets_values = desk.own_view().is_some() && gets_values(root);
        if let Some(namespace) = target(root) {
            reader.namespace = namespace.into();
        }
        reader.walk(root, None, 0);
        reader.tell_all(desk);
    }
}

fn is_release(root: &Node) -> bool {
    root.text_at("kind") == Some("HelmRelease")
}

/// Whether a release takes values of other objects, too: then they are read as one, and not in each of them.
fn gets_values(root: &Node) -> bool {
    let from = root.at(&["spec", "valuesFrom"]).map(Node::items).unwrap_or_default();
    is_release(root) && !from.is_empty()
}

/// Where a release or an Application puts what it brings.
fn target(root: &Node) -> Option<&str> {
    let told = match root.text_at("kind") {
        Some("HelmRelease") => root.at(&["spec", "targetNamespace"]),
        Some("Application") => root.at(&["spec", "destination", "namespace"]),
        _ => None,
    };
    told.and_then(Node::text).filter(|namespace| !namespace.is_empty())
}

/// What the values of a release say that come from several objects.
pub(super) fn of_release(
    desk: &mut Desk,
    owner: &Arc<Resource>,
    root: &Node,
    values: &Node,
    is_rendered: bool,
) {
    if desk.own_view().is_none() || !gets_values(root) {
        return;
    }
    let mut reader = Reader::of(owner.clone(), is_rendered, values.span());
    if let Some(namespace) = target(root) {
        reader.namespace = namespace.into();
    }
    reader.path = "spec.values".to_owned();
    reader.walk(values, None, 0);
    reader.tell_all(desk);
}

fn of_values(desk: &mut Desk, document: &Document) {
    let root = &document.root;
    if root.get("apiVersion").is_some() && root.get("kind").is_some() || is_kustomization(root) {
        return;
    }
    let (view, source) = (desk.own_view(), desk.file.id);
    // A release takes them as its own, and is read.
    if view.is_some_and(|view| view.gives_values(source)) {
        return;
    }
    let folder = desk.file.directory().rsplit('/').next().unwrap_or("");
    let owner = tell::owner(desk, VALUES.name, "values", folder);
    let mut reader = Reader::of(owner, false, root.span());
    reader.walk(root, None, 0);
    if let Some(view) = view.filter(|view| view.are_rendered(source)) {
        for fact in reader.found.iter_mut().filter(|fact| !view.is_open(source, &fact.path)) {
            fact.says.gist = Gist::Unused;
        }
        for fact in reader.volumes.iter_mut().filter(|fact| !view.is_open(source, &fact.path)) {
            fact.says.gist = Gist::Unused;
        }
    }
    reader.tell_all(desk);
}

/// What a tree of values of a release says, where no document of its own holds it.
pub(super) fn of_tree(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, path: &str) {
    let mut reader = Reader::of(owner.clone(), false, root.span());
    reader.path = path.to_string();
    reader.walk(root, None, 0);
    reader.tell_all(desk);
}

/// Whether values switch something off, or say that its claim is not to be made.
fn is_off(node: &Node) -> bool {
    let no = |key: &str| {
        node.get(key).and_then(Node::scalar).is_some_and(|says| says.is_bool() && !says.is_true())
    };
    tell::switched_off(node) || no("createPVC") || no("createPvc")
}

fn is_kustomization(root: &Node) -> bool {
    root.get("resources").is_some_and(Node::is_list) && root.get("apiVersion").is_none()
}

/// Kinds of which all that concerns storage is read; one asks for a bucket, which is no volume.
fn is_read_whole(owner: &Resource) -> bool {
    const CORE: [&str; 4] = ["v1", "apps/v1", "batch/v1", "storage.k8s.io/v1"];
    CORE.contains(&owner.api.as_str()) && owner.kind != "ConfigMap" || owner.kind == "ObjectBucketClaim"
}

/// Walks one tree.
struct Reader<'a> {
    owner: Arc<Resource>,
    /// Where the claims are.
    namespace: Str,
    /// Who knows which texts releases take as their values.
    view: Option<View<'a>>,
    /// The values of this release are read with those that it gets.
    gets_values: bool,
    /// Something is rendered with the values in it, and speaks for them.
    is_rendered: bool,
    /// What is looked at is switched off, or in something that is.
    is_off: bool,
    whole: Span,
    path: String,
    /// The keys on the way down, those of lists with the names of their items.
    names: Vec<Str>,
    found: Vec<Fact<ClaimShape>>,
    volumes: Vec<Fact<LooseVolume>>,
    /// Templates for claims by name; and where such a name is all that is said, with the number of the shape.
    templates: HashSet<Str>,
    pointers: Vec<(Str, usize)>,
}

/// Keys below which nothing is asked for.
const OTHERS: [&str; 7] =
    ["annotations", "labels", "patches", "patch", "patchesStrategicMerge", "openAPIV3Schema", "status"];

/// Keys that say nothing about whose claim it is.
const GENERAL: [&str; 15] = [
    "spec",
    "values",
    "valuesObject",
    "persistence",
    "storage",
    "storageSpec",
    "volumeClaimTemplate",
    "volumeClaimTemplates",
    "pvcTemplate",
    "helm",
    "source",
    "data",
    "valuesContent",
    "values.yaml",
    "app-template",
];

impl Reader<'_> {
    fn of(owner: Arc<Resource>, is_rendered: bool, whole: Span) -> Self {
        Reader {
            namespace: owner.namespace.clone(),
            owner,
            view: None,
            gets_values: false,
            is_rendered,
            is_off: false,
            whole,
            path: String::new(),
            names: Vec::new(),
            found: Vec::new(),
            volumes: Vec::new(),
            templates: HashSet::new(),
            pointers: Vec::new(),
        }
    }

    /// Hands everything over; a template that is here too has spoken for itself.
    fn tell_all(mut self, desk: &mut Desk) {
        let pointers = std::mem::take(&mut self.pointers);
        for (_, at) in pointers.iter().rev().filter(|(name, _)| self.templates.contains(name)) {
            self.found.remove(*at);
        }
        desk.facts.claim_shapes.extend(self.found);
        desk.facts.loose_volumes.extend(self.volumes);
    }

    /// Looks at a node that is under `key`.
    fn walk(&mut self, node: &Node, key: Option<&Node>, depth: usize) {
        if depth > DEEPEST_SHAPE {
            return;
        }
        let was_off = self.is_off;
        self.is_off |= is_off(node);
        self.look(node, key, depth);
        self.is_off = was_off;
    }

    fn look(&mut self, node: &Node, key: Option<&Node>, depth: usize) {
        if node.is_map() && key.is_some() && self.claim(node, key) {
            return;
        }
        let len = self.path.len();
        // An object, within whatever it is, or what is to become one.
        let object = node.at(&["metadata", "name"]).and_then(Node::text);
        self.names.push(object.unwrap_or_default().into());
        for (key, value) in node.entries() {
            let Some(name) = key.text().filter(|name| !OTHERS.contains(name)) else { continue };
            push_key(&mut self.path, name);
            self.names.push(name.into());
            self.entry(name, key, value, depth);
            self.names.pop();
            self.path.truncate(len);
        }
        for (at, item) in node.items().iter().enumerate() {
            push_item(&mut self.path, item, at);
            self.names.push(item.text_at("name").unwrap_or_default().into());
            self.walk(item, key, depth + 1);
            self.names.pop();
            self.path.truncate(len);
        }
        self.names.pop();
    }

    fn entry(&mut self, name: &str, key: &Node, value: &Node, depth: usize) {
        match name {
            "values" if self.gets_values && self.path == "spec.values" => {}
            "existingClaim" | "claimName" => self.reference(value),
            "volumeClaimTemplate" | "volumeClaimTemplates" => self.templates(key, value),
            "hostPath" => self.volume(hosted(value)),
            "nfs" if value.get("server").is_some() => self.volume(Some(Backing::Network {
                how: "NFS",
                at: kubernetes::served(value),
                origin: key.origin.clone(),
            })),
            _ if value.text().is_some_and(|text| text.contains('\n')) => self.embedded(value, depth),
            _ => self.walk(value, Some(key), depth + 1),
        }
    }

    /// A folder of the host, or files of the network.
    fn volume(&mut self, backing: Option<Backing>) {
        let origin = match &backing {
            Some(Backing::Host(path)) => path.origin.clone(),
            Some(Backing::Network { origin, .. }) => origin.clone(),
            _ => return,
        };
        let name =
            self.names.iter().rev().skip(1).find(|name| !name.is_empty()).unwrap_or(&self.owner.name).clone();
        let says = LooseVolume { name, backing: backing.unwrap_or_default(), gist: self.gist(Gist::Claim) };
        self.volumes.push(Fact { says, origin, path: self.path.as_str().into(), owner: self.owner.clone() });
    }

    /// The name of a claim that is elsewhere.
    fn reference(&mut self, node: &Node) {
        let Some(name) = node.part().filter(|part| !part.text.is_empty()) else { return };
        let places = vec![used_at(node)];
        let claim = self.named(Claim {
            namespace: Str::default(),
            name: Str::default(),
            class: ClassName::Existing(name),
            size: None,
            modes: Vec::new(),
            volume: None,
        });
        self.push(claim, places, Gist::Reference, node.origin.clone());
    }

    /// What makes a claim for each instance: one template or a list of them, each with a `spec` or without.
    fn templates(&mut self, key: &Node, value: &Node) {
        let all = if value.is_list() { value.items() } else { std::slice::from_ref(value) };
        for template in all {
            let (key, spec) = template.entry("spec").unwrap_or((key, template));
            if spec.is_map() && !spec.entries().is_empty() {
                let name = template.at(&["metadata", "name"]).or_else(|| template.get("name"));
                self.templates.extend(name.and_then(Node::text).map(Str::from));
                self.names.push(name.and_then(Node::text).unwrap_or_default().into());
                self.tell(spec, key);
                self.names.pop();
            } else if spec.is_hole() || spec.text().is_some_and(|text| !text.is_empty()) {
                if let Some(name) = spec.text() {
                    self.pointers.push((name.into(), self.found.len()));
                }
                let mut claim = claims::claim("", "", template, "storageClassName");
                if let Some(part) = spec.part().filter(|part| !part.is_known()) {
                    claim.class = ClassName::Unknown(part);
                }
                self.push(self.named(claim), vec![used_at(spec)], Gist::Unclear, spec.origin.clone());
            }
        }
    }

    /// Tells a map if it is a claim, and says whether it is.
    fn claim(&mut self, node: &Node, key: Option<&Node>) -> bool {
        let Some(key) = key.filter(|key| is_claim(node, key)) else { return false };
        if key.text() == Some("global") {
            // The class of all charts below that name none: it is told by the claims that take it.
            let class = ["storageClass", "storageClassName"].iter().find_map(|key| node.part_at(key));
            if let Some(part) = class.filter(|part| !part.text.is_empty()) {
                let (claim, at) = (of_chart("", "", node), part.origin.clone());
                self.push(self.named(claim), vec![part.span()], Gist::Default, at);
            }
            return false;
        }
        self.tell(node, key);
        for name in ["existingClaim", "claimName"] {
            node.get(name).into_iter().for_each(|node| self.reference(node));
        }
        true
    }

    fn tell(&mut self, node: &Node, key: &Node) {
        if node.part_at("existingClaim").is_some_and(|part| !part.text.is_empty()) {
            return;
        }
        // The spec of an object: there an empty class is said, and no default.
        let is_spec = key.text() == Some("spec") && node.get("storageClassName").is_some();
        let mut claim = self.named(match is_spec {
            true => claims::claim("", "", node, "storageClassName"),
            false => of_chart("", "", node),
        });
        if matches!(claim.class, ClassName::Omitted(_)) && node.text_at("type") == Some("persistent-claim") {
            claim.class = claims::class_name(node, "class");
        }
        if let ClassName::Omitted(origin) = &mut claim.class {
            *origin = key.origin.clone();
        }
        let written = ["storageClassName", "storageClass", "size", "accessModes", "accessMode", "class"];
        let mut places: Vec<Span> = written.iter().filter_map(|key| node.get(key)).map(used_at).collect();
        places.extend(node.at(&["resources", "requests", "storage"]).map(used_at));
        places.extend([key.span(), node.span()]);
        let origin = match &claim.class {
            ClassName::Named(part) | ClassName::Unknown(part) | ClassName::Existing(part) => &part.origin,
            ClassName::Omitted(origin) => origin,
        };
        let origin = origin.clone();
        self.push(claim, places, Gist::Claim, origin);
    }

    /// The claim with the name that the way to it gives, and the namespace of its owner.
    fn named(&self, claim: Claim) -> Claim {
        let telling = |name: &&Str| !name.is_empty() && !GENERAL.contains(&name.as_str());
        let name = self.names.iter().rev().find(telling).unwrap_or(&self.owner.name).clone();
        Claim { name, namespace: self.namespace.clone(), ..claim }
    }

    fn push(&mut self, claim: Claim, places: Vec<Span>, gist: Gist, origin: Origin) {
        let gist = self.gist(gist);
        let says = ClaimShape { claim, places, gist };
        self.found.push(Fact { says, origin, path: self.path.as_str().into(), owner: self.owner.clone() });
    }

    /// What something would be that looks like this, here.
    fn gist(&self, gist: Gist) -> Gist {
        match () {
            () if self.is_rendered => Gist::Unused,
            () if self.is_off => Gist::Off,
            () => gist,
        }
    }

    /// Values or objects that stand inside a text.
    fn embedded(&mut self, node: &Node, depth: usize) {
        let Some(text) = node.text().filter(|text| speaks_of_claims(|word| text.contains(word))) else {
            return;
        };
        // A release takes it as its own.
        let is_taken = |view: View| view.gives_values(node.origin.span().source);
        if self.owner.kind == "ConfigMap" && self.view.is_some_and(is_taken) {
            return;
        }
        let yaml = yaml::read_embedded(text, &node.origin);
        for document in &yaml.documents {
            let document = forms::marked_document(document);
            if document.root.is_map() && document.root.span() != self.whole {
                self.walk(&document.root, None, depth + 1);
            }
        }
    }
}

/// What is under `hostPath`: a path, or a map with one.
fn hosted(value: &Node) -> Option<Backing> {
    let path = value.part_at("path").or_else(|| value.part()).filter(|path| !path.text.is_empty())?;
    let is_path = !path.is_known() || path.text.starts_with(['/', '.', '~']);
    is_path.then_some(Backing::Host(path))
}

/// Whether a map asks for storage: it names a class, or says a size and who may write, or it is a `persistence`.
fn is_claim(node: &Node, key: &Node) -> bool {
    let is_text = |key: &str| {
        node.get(key).is_some_and(|node| node.text().is_some() || node.is_hole() || node.is_null())
    };
    let names_class = is_text("storageClassName") || is_text("storageClass") && !is_class_of_objects(node);
    let size = node.get("size").or_else(|| node.at(&["resources", "requests", "storage"]));
    let has_size = size.is_some_and(|size| size.scalar().is_some() || size.is_hole());
    let has_modes = node.get("accessModes").is_some() || node.get("accessMode").is_some();
    let is_on = node.get("enabled").and_then(Node::scalar).is_some_and(Scalar::is_true);
    let is_volume = node.get("csi").is_some() || node.get("nfs").is_some() || node.get("claimRef").is_some();
    // A list of classes, or what makes them, is no claim.
    let makes = node.get("provisioner").is_some() || node.get("reclaimPolicy").is_some();
    // Charts that offer several kinds of storage say which one it is.
    let is_other = node.text_at("type").is_some_and(|kind| ["hostPath", "emptyDir"].contains(&kind));
    !is_volume
        && !makes
        && !is_other
        && (names_class
            || has_size && has_modes
            || has_size && is_on && key.text() == Some("persistence")
            || has_size && node.text_at("type") == Some("persistent-claim"))
}

/// Stores of objects have classes too, and write them as no object of Kubernetes may be called: `STANDARD_IA`.
fn is_class_of_objects(node: &Node) -> bool {
    let class = node.text_at("storageClass").unwrap_or_default();
    !class.is_empty() && class.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::super::exam;
    use super::*;

    /// What both formats tell of one text: gist, name, class and size of each shape.
    fn told(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        for format in [&OBJECTS, &VALUES] {
            let desk = exam::run(format, "app/values.yaml", text);
            out.extend(desk.facts.claim_shapes.iter().map(|fact| {
                let ClaimShape { claim, gist, .. } = &fact.says;
                let class = match &claim.class {
                    ClassName::Named(part) => part.text.to_string(),
                    ClassName::Existing(part) => format!("={}", part.text),
                    ClassName::Unknown(_) => "?".into(),
                    ClassName::Omitted(_) => "-".into(),
                };
                let size = claim.size.as_ref().map_or("", |part| part.text.as_str());
                format!("{gist:?} {} {class} {size}", claim.name).trim_end().to_string()
            }));
        }
        out
    }

    #[test]
    fn shapes() {
        let rows: &[(&str, &[&str])] = &[
            ("a: {storageClass: fast}", &["Claim a fast"]),
            ("a: {b: {persistence: {storageClassName: fast, size: 1Gi}}}", &["Claim b fast 1Gi"]),
            ("a: {type: hostPath, size: 1Gi, storageClass: fast}", &[]),
            ("a: {type: emptyDir, storageClass: fast}", &[]),
            ("a: {type: persistentVolumeClaim, size: 1Gi, storageClass: fast}", &["Claim a fast 1Gi"]),
            ("a: {storageClass: STANDARD_IA, days: 30}", &[]),
            ("a: [{storageClass: GLACIER}, {storageClass: fast}]", &["Claim a fast"]),
            ("a: {size: 1Gi}", &[]),
            ("a: {size: 1Gi, accessModes: [ReadWriteOnce]}", &["Claim a - 1Gi"]),
            ("a: {size: 1Gi, accessMode: ReadWriteOnce}", &["Claim a - 1Gi"]),
            ("a: {persistence: {enabled: true, size: 1Gi}}", &["Claim a - 1Gi"]),
            ("a: {persistence: {enabled: false, size: 1Gi, storageClass: fast}}", &["Off a fast 1Gi"]),
            ("a: {persistence: {size: 1Gi}}", &[]),
            ("storage: {type: persistent-claim, size: 1Gi, class: fast}", &["Claim app fast 1Gi"]),
            ("a: {existingClaim: b}", &["Reference existingClaim =b"]),
            ("a: {existingClaim: ''}", &[]),
            ("a: {storageClass: fast, existingClaim: b}", &["Reference a =b"]),
            ("a: {volumeClaimTemplate: {spec: {resources: {requests: {storage: 1Gi}}}}}", &["Claim a - 1Gi"]),
            ("volumeClaimTemplates: [{name: x, storageClass: fast}]", &["Claim x fast"]),
            ("volumeClaimTemplates: [{metadata: {name: x}, spec: {storageClassName: ''}}]", &["Claim x"]),
            ("volumeClaimTemplate: {}", &[]),
            ("volumeClaimTemplates: 3", &["Unclear app -"]),
            ("volumeClaimTemplates: [1, [2], null]", &["Unclear app -"]),
            ("a: {storageClass: {name: fast, create: true}}", &[]),
            ("a: {storageClass: fast, provisioner: x}", &[]),
            ("a: {storageClassName: fast, csi: {}}", &[]),
            ("a: {storageClass: '{{ x }}', size: 1Gi}", &["Claim a ? 1Gi"]),
            ("a: {storageClass: '{{ x }}'}", &["Claim a ?"]),
            ("global: {storageClass: fast}", &["Default global fast"]),
            ("annotations: {a: {storageClass: fast}}", &[]),
            ("kind: K\napiVersion: x/v1\nspec: {a: {storageClassName: fast}}", &["Claim a fast"]),
            ("kind: K\napiVersion: x/v1\nstatus: {a: {storageClassName: fast}}", &[]),
            ("kind: CustomResourceDefinition\napiVersion: x/v1\nspec: {a: {storageClass: fast}}", &[]),
            ("kind: Pod\napiVersion: v1\nspec: {a: {storageClassName: fast}}", &[]),
            ("kind: K\napiVersion: x/v1\nspec: {text: \"a:\\n  storageClass: fast\\n\"}", &["Claim a fast"]),
            ("size: [1]\naccessModes: 3\na: {size: {b: c}, accessModes: x}", &[]),
        ];
        for (text, want) in rows {
            assert_eq!(told(text), *want, "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep =
            |levels: usize| format!("{}{{storageClass: fast}}{}", "{a: ".repeat(levels), "}".repeat(levels));
        assert_eq!(told(&format!("a: {}", deep(20))).len(), 1);
        assert_eq!(told(&format!("a: {}", deep(60))).len(), 0);
    }
}
