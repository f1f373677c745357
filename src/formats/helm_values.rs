//! Helm values, wherever they stand: the shapes in which charts take images. What a chart makes of them is not
//! known here; a value that only the chart completes is said to be open.

use super::image_map::{is_empty, is_image_key, is_repository, number};
use super::{Desk, Format, Read, helm_storage, hub, image_map, kubernetes, literals, machines, tell};
use crate::facts::{Fact, Image, Resource, Role, Scene, join, parse_reference};
use crate::syntax::{Document, Node, Scalar, Value};
use crate::text::{File, Part, Str, paths};
use crate::world::View;
use std::sync::Arc;

pub(super) const FORMAT: Format =
    Format { name: "helm-values", words: &[], wants, read: Read::Documents(read) };

/// Values files go by their name; other names are reached through whoever names them.
fn wants(file: &File) -> bool {
    let base = file.base();
    let in_folder = || {
        let is_below = file.directory().split('/').any(|part| part == "values");
        is_below && file.has("image") && !file.has("apiVersion:")
    };
    let named = (is_named(base) || in_folder()) && file.is_yaml() && !file.name.ends_with(".json");
    // Values under another name give themselves away by their shape.
    let has_images = || file.has("repository:") && (file.has("tag:") || file.has("digest:"));
    let shaped = || {
        file.is_yaml()
            && !file.base().starts_with('.')
            && (has_images() || has_storage(file))
            && !file.has("apiVersion:")
    };
    (named || shaped())
        && !paths::KUSTOMIZATIONS.contains(&base)
        && !file.name.contains("/templates/")
        && !file.name.contains(".github/")
}

fn is_named(base: &str) -> bool {
    base.starts_with("values") || base.ends_with("values.yaml") || base.ends_with("values.yml")
}

fn has_storage(file: &File) -> bool {
    file.has("persistence:") && (file.has("storageClass:") || file.has("existingClaim:"))
}

fn read(desk: &mut Desk, document: &Document) {
    let is_object = document.root.get("apiVersion").is_some() && document.root.get("kind").is_some();
    if machines::is_of_concourse(&desk.file, &document.root) {
        return;
    }
    if is_object || desk.own_view().is_some_and(|view| view.gives_values(desk.file.id)) {
        return;
    }
    let folder = desk.file.directory().rsplit('/').next().unwrap_or("");
    let owner = Resource {
        format: FORMAT.name,
        source: desk.file.id,
        kind: "values".into(),
        api: Str::default(),
        namespace: Str::default(),
        name: folder.into(),
        scene: None,
    };
    let owner = Arc::new(owner);
    match desk.own_view().filter(|view| view.are_rendered(desk.file.id)) {
        Some(view) => unused(desk, document, owner, view),
        None => {
            values(desk, document, &owner, &document.root, "");
            // What only lies in a folder of values may be of a release that is gone.
            if is_named(desk.file.base()) || has_storage(&desk.file) {
                storage(desk, &owner, document);
            }
        }
    }
}

/// What a rendered chart made of a value speaks for it; what it made nothing of is told from here.
fn unused<'d>(desk: &mut Desk<'d>, document: &Document, owner: Arc<Resource>, view: View<'d>) {
    let first = desk.facts.images.len();
    let (registry, hub) = (registry(&document.root), None);
    let reader =
        Reader { desk, document, owner: &owner, registry, hub, path: String::new(), rendered: Some(view) };
    reader.whole(&document.root);
    let told = desk.facts.images.split_off(first);
    let off = Arc::new(Resource { scene: Some(Arc::new(Scene::unused())), ..Resource::clone(&owner) });
    let source = desk.file.id;
    if view.is_open(source, "") {
        storage(desk, &owner, document);
    }
    let (used, left): (Vec<Fact<Image>>, Vec<Fact<Image>>) =
        told.into_iter().partition(|fact| view.forest.uses(fact.says.own_places()));
    // Whose objects speak for a value do not know what is beside it.
    desk.facts.digest_keys.extend(
        used.iter()
            .filter_map(|fact| Some((fact.says.tag.as_ref()?.origin.editable()?, fact.says.digest_key?))),
    );
    desk.facts.images.extend(left.into_iter().map(|fact| match view.is_open(source, &fact.path) {
        true => fact,
        false => Fact { owner: off.clone(), ..fact },
    }));
}

fn storage(desk: &mut Desk, owner: &Arc<Resource>, document: &Document) {
    let taker = helm_storage::Taker { chart: None, namespace: "" };
    helm_storage::read(desk, owner, &document.root, "", taker);
}

/// Reads every image of a tree of values. `base` is the path of the tree inside its owner.
pub(super) fn values(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, root: &Node, base: &str) {
    let (registry, hub) = (registry(root), hub::Hub::of(root));
    Reader { desk, document, owner, registry, hub, path: base.to_string(), rendered: None }.whole(root);
}

/// What charts put in the place of every other registry.
fn registry(root: &Node) -> Option<Part> {
    root.at(&["global", "imageRegistry"]).and_then(Node::part).filter(|part| !part.text.is_empty())
}

/// Reads what stands at `path` inside values: its last key says what it is.
pub(super) fn under(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, node: &Node, path: &str) {
    let key = path.rsplit('.').next().unwrap_or(path);
    Reader { desk, document, owner, registry: None, hub: None, path: path.to_string(), rendered: None }
        .walk(node, key);
}

/// Keys whose maps speak of other things than images to pull.
const SKIPPED: [&str; 6] =
    ["dashboards", "prometheusRule", "alertmanagerConfig", "configMaps", "rules", "schema"];

fn is_skipped(key: &str) -> bool {
    // `annotations` and `podAnnotations`, `labels` and `commonLabels`.
    SKIPPED.contains(&key) || key.ends_with("nnotations") || key.ends_with("abels")
}

/// Walks a tree of values. What it finds belongs to `owner` and stands at `path`.
struct Reader<'r, 'd> {
    desk: &'r mut Desk<'d>,
    document: &'r Document,
    owner: &'r Arc<Resource>,
    /// `global.imageRegistry`, which charts put in the place of every other registry.
    registry: Option<Part>,
    hub: Option<hub::Hub>,
    path: String,
    /// Where a chart is rendered with the values: then what is switched off is told, too.
    rendered: Option<View<'d>>,
}

impl Reader<'_, '_> {
    fn whole(mut self, root: &Node) {
        self.walk(root, "");
    }

    /// Reads the value of a key: what is switched off is told as such.
    fn entry(&mut self, name: &str, value: &Node, around: (&Node, &str)) {
        let first = self.desk.facts.images.len();
        if !self.scalar(name, value, around.0, around.1) {
            self.walk(value, name);
        }
        let is_told = |view: View| !view.is_open(self.desk.file.id, &self.path);
        if tell::switched_off(value) && !self.rendered.is_some_and(is_told) {
            tell::switch_off(self.desk, first);
        }
    }

    fn walk(&mut self, node: &Node, key: &str) {
        let len = self.path.len();
        match &node.value {
            Value::Map(entries) => {
                if self.map(node, key) {
                    return;
                }
                self.sibling_pairs(node);
                for (name, value) in entries.iter() {
                    let name = name.text().unwrap_or("?");
                    tell::push_key(&mut self.path, name);
                    if !is_skipped(name) {
                        self.entry(name, value, (node, key));
                    }
                    self.path.truncate(len);
                }
            }
            Value::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    tell::push_item(&mut self.path, item, at);
                    self.walk(item, key);
                    self.path.truncate(len);
                }
            }
            _ => self.text(node),
        }
    }

    /// A text that holds objects, or the settings of a program that runs images.
    fn text(&mut self, node: &Node) {
        kubernetes::embedded(self.desk, node);
        let Some(text) = node.part().filter(|text| text.text.contains('\n') && text.text.contains("mage"))
        else {
            return;
        };
        if !text.text.contains("apiVersion") {
            literals::of_text(self.desk, self.owner, &text, &self.path, Role::Pull);
        }
    }

    /// The registry that goes before every other. Whether a chart that is here puts it before what it was not asked for,
    /// nobody knows.
    fn registry(&self) -> Option<&Part> {
        let is_known = self.rendered.is_none_or(|view| view.is_open(self.desk.file.id, &self.path));
        self.registry.as_ref().filter(|_| is_known)
    }

    /// Tells the image that a map is, if it is one. Says whether it was.
    fn map(&mut self, node: &Node, key: &str) -> bool {
        let Some((mut image, whole)) = image_map::read(node, key, self.registry()) else { return false };
        image.short &= !is_of_app_template(&self.path);
        self.tell(image, whole);
        true
    }

    /// Tells the image that a scalar names, if it does: under an image key, and with a look that nothing else has.
    /// `around` is the map it stands in, `list` what that is called. Says whether it was.
    fn scalar(&mut self, key: &str, node: &Node, around: &Node, list: &str) -> bool {
        if !(is_image_key(key) || key == "imageName" || key == "imageRef")
            || !node.scalar().is_some_and(Scalar::is_text)
        {
            return false;
        }
        let Some(part) = node.part().filter(is_repository).filter(|part| !is_file(&part.text)) else {
            return false;
        };
        if let Some(image) = hub::image(self.hub.as_ref(), &part, around)
            .filter(|image| key == "image" && image.fault.is_none())
        {
            self.tell(image, part);
            return true;
        }
        let stem = key.strip_suffix("Name").unwrap_or(key);
        let beside = |word: &str| around.get(&format!("{stem}{word}")).filter(|node| !is_empty(node));
        let plain = |word: &str| around.get(word).filter(|node| key == "image" && !is_empty(node));
        let tag = beside("Tag").or_else(|| plain("tag"));
        let digest = beside("Digest").or_else(|| plain("digest"));
        let in_pod = key == "image" && (list.ends_with("ontainers") || list == "sidecars");
        if !part.text.contains(['/', ':']) && tag.is_none() && !in_pod {
            return false;
        }
        let mut image = parse_reference(&part);
        if image.fault.is_some() && image.digest.is_none() && image.tag.is_none() {
            return false;
        }
        let mut whole = part;
        if image.tag.is_none() && image.digest.is_none() {
            image.role = if in_pod { Role::Pull } else { Role::ChartDecides };
            if tag.is_some() || digest.is_some() {
                let (tag_part, digest) = (tag.and_then(Node::part), digest.and_then(Node::part));
                let place = tag_part.as_ref().or(digest.as_ref()).unwrap_or(&whole).clone();
                image = join(None, Some(whole), tag_part, digest, &place.origin).handed_on();
                image.number = tag.and_then(number);
                whole = place;
            }
        }
        image.pull_policy = around.part_at("imagePullPolicy").or_else(|| around.part_at("pullPolicy"));
        self.tell(image, whole);
        true
    }

    /// `fooImageRepository` beside `fooImageTag`, and `imageRepository` beside `imageTag`.
    fn sibling_pairs(&mut self, node: &Node) {
        const ENDINGS: [(&str, [&str; 3]); 3] = [
            ("ImageRepository", ["ImageTag", "ImageDigest", "ImageRegistry"]),
            ("imageRepository", ["imageTag", "imageDigest", "imageRegistry"]),
            ("_image_repository", ["_image_tag", "_image_digest", "_image_registry"]),
        ];
        for (key, value) in node.entries() {
            let Some(name) = key.text() else { continue };
            let found =
                ENDINGS.iter().find_map(|(ending, others)| Some((name.strip_suffix(ending)?, others)));
            let Some((stem, others)) = found else { continue };
            let Some(repository) = value.part().filter(is_repository) else { continue };
            let [tag_node, digest, registry] =
                others.map(|other| node.get(&format!("{stem}{other}")).filter(|node| !is_empty(node)));
            let (tag, digest) = (tag_node.and_then(Node::part), digest.and_then(Node::part));
            let whole = tag.as_ref().or(digest.as_ref()).unwrap_or(&repository).clone();
            let registry = self.registry().cloned().or_else(|| registry.and_then(Node::part));
            let mut image = join(registry, Some(repository), tag, digest, &whole.origin).handed_on();
            image.number = tag_node.and_then(number);
            if image.tag.is_none() && image.digest.is_none() {
                image.role = Role::ChartDecides;
            }
            let len = self.path.len();
            tell::push_key(&mut self.path, name);
            self.tell(image, whole);
            self.path.truncate(len);
        }
    }

    fn tell(&mut self, image: Image, whole: Part) {
        let remark = tell::remark_beside(self.desk, self.document, whole.span());
        tell::tell(self.desk, self.owner, self.path.as_str(), Image { remark, ..image }, whole.origin);
    }
}

/// Whether a path is that of a container of app-template, which prints `repository:tag` and puts nothing before.
fn is_of_app_template(path: &str) -> bool {
    let inner =
        path.split_once("controllers.").and_then(|(_, rest)| rest.split_once('.')).map(|(_, rest)| rest);
    inner.is_some_and(|rest| rest.starts_with("containers.") || rest.starts_with("initContainers."))
}

fn is_file(text: &str) -> bool {
    const FILES: [&str; 11] =
        [".png", ".svg", ".jpg", ".jpeg", ".webp", ".gif", ".ico", ".img", ".iso", ".tar", ".tgz"];
    FILES.iter().any(|ending| text.ends_with(ending))
}

#[cfg(test)]
mod tests {
    #[test]
    fn rows() {
        super::super::exam::rows(include_str!("rows/helm_values.txt"));
    }
}
