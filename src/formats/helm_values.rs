//! Helm values, wherever they stand: the shapes in which charts take images. What a chart makes of them is not
//! known here; a value that only the chart completes is said to be open.

use super::{Desk, Format, Read, helm_storage, kubernetes, tell};
use crate::facts::{Image, Resource, Role, join, parse_reference};
use crate::syntax::{Document, Node, Scalar, Value};
use crate::text::{File, Origin, Part, Str, Weave, paths};
use std::sync::Arc;

pub(super) const FORMAT: Format = Format { name: "helm-values", wants, read: Read::Documents(read) };

/// Values files go by their name; other names are reached through whoever names them.
fn wants(file: &File) -> bool {
    let base = file.base();
    let named = (base.starts_with("values") || base.ends_with("values.yaml") || base.ends_with("values.yml"))
        && file.is_yaml()
        && !file.name.ends_with(".json");
    // Values under another name give themselves away by their shape.
    let has_images = || file.has("repository:") && (file.has("tag:") || file.has("digest:"));
    let has_storage =
        || file.has("persistence:") && (file.has("storageClass:") || file.has("existingClaim:"));
    let shaped = || {
        file.is_yaml()
            && !file.name.starts_with('.')
            && (has_images() || has_storage())
            && !file.has("apiVersion:")
    };
    (named || shaped())
        && !paths::KUSTOMIZATIONS.contains(&base)
        && !file.name.contains("/templates/")
        && !file.name.contains(".github/")
}

fn read(desk: &mut Desk, document: &Document) {
    if document.root.get("apiVersion").is_some() && document.root.get("kind").is_some() {
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
    };
    let owner = Arc::new(owner);
    values(desk, document, &owner, &document.root, "");
    helm_storage::read(desk, &owner, &document.root, "", None);
}

/// Reads every image of a tree of values. `base` is the path of the tree inside its owner.
pub(super) fn values(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, root: &Node, base: &str) {
    let registry = root.at(&["global", "imageRegistry"]).and_then(Node::part);
    let registry = registry.filter(|part| !part.text.is_empty());
    Reader { desk, document, owner, registry, path: base.to_string() }.walk(root, "");
}

/// Reads what stands at `path` inside values: its last key says what it is.
pub(super) fn under(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, node: &Node, path: &str) {
    let key = path.rsplit('.').next().unwrap_or(path);
    Reader { desk, document, owner, registry: None, path: path.to_string() }.walk(node, key);
}

/// Tells the image that a map at `path` is, if it is one.
pub(super) fn image_map(
    desk: &mut Desk,
    document: &Document,
    owner: &Arc<Resource>,
    node: &Node,
    path: &str,
) {
    let key = path.rsplit('.').next().unwrap_or(path);
    Reader { desk, document, owner, registry: None, path: path.to_string() }.map(node, key);
}

/// Keys whose maps speak of other things than images to pull.
const SKIPPED: [&str; 6] =
    ["dashboards", "prometheusRule", "alertmanagerConfig", "configMaps", "rules", "schema"];

fn is_skipped(key: &str) -> bool {
    // `annotations` and `podAnnotations`, `labels` and `commonLabels`.
    SKIPPED.contains(&key) || key.ends_with("nnotations") || key.ends_with("abels")
}

fn is_image_key(key: &str) -> bool {
    key == "image" || key.ends_with("Image") || key.ends_with("_image") || key == "img"
}

/// Walks a tree of values. What it finds belongs to `owner` and stands at `path`.
struct Reader<'r, 'd> {
    desk: &'r mut Desk<'d>,
    document: &'r Document,
    owner: &'r Arc<Resource>,
    /// `global.imageRegistry`, which charts put in the place of every other registry.
    registry: Option<Part>,
    path: String,
}

impl Reader<'_, '_> {
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
                    if is_skipped(name) || tell::switched_off(value) {
                        continue;
                    }
                    tell::push_key(&mut self.path, name);
                    if !self.scalar(name, value, node, key) {
                        self.walk(value, name);
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
            _ => kubernetes::embedded(self.desk, node),
        }
    }

    /// Tells the image that a map is, if it is one: `repository` with any of its companions, or `name`/`image` with
    /// `tag` under an image key, or a lone `tag` there. Says whether it was.
    fn map(&mut self, node: &Node, key: &str) -> bool {
        let Some((registry, repository)) = name_of(node, key) else { return false };
        let pin = Pinned::read(node);
        let Some(whole) = pin.whole.clone().or_else(|| repository.clone()) else { return false };
        let mut image = match repository {
            Some(repository) => {
                let global =
                    self.registry.clone().filter(|_| parse_reference(&repository).registry.is_none());
                let decided = pin.tag.is_some() || pin.digest.is_some();
                let open = !decided && !has_pin(&repository);
                let role = if open { Role::ChartDecides } else { Role::Pull };
                let image = join(global.or(registry), Some(repository), pin.tag, pin.digest, &whole.origin);
                Image { role, ..image }
            }
            // The repository is the chart's: only what is written here can be judged.
            None => {
                let fault = tag_only_fault(&pin.tag, &pin.digest);
                Image { fault, role: Role::TagOnly, ..join(None, None, pin.tag, pin.digest, &whole.origin) }
            }
        };
        image.number = pin.number;
        image.rival =
            pin.rival.filter(|rival| image.digest.as_ref().is_some_and(|digest| digest.text != rival.text));
        image.pull_policy = node.part_at("pullPolicy").or_else(|| node.part_at("imagePullPolicy"));
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
                image = join(None, Some(whole), tag_part, digest, &place.origin);
                image.number = tag.is_some_and(is_number);
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
            let registry = self.registry.clone().or_else(|| registry.and_then(Node::part));
            let mut image = join(registry, Some(repository), tag, digest, &whole.origin);
            image.number = tag_node.is_some_and(is_number);
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

/// The registry and the repository of a map that is an image; nothing if it is none.
fn name_of(node: &Node, key: &str) -> Option<(Option<Part>, Option<Part>)> {
    let has = |names: &[&str]| {
        names.iter().any(|name| node.get(name).is_some_and(|node| node.entries().is_empty()))
    };
    let text = |name: &str| {
        node.get(name)
            .filter(|node| node.scalar().is_some_and(Scalar::is_text) && !is_empty(node))
            .and_then(Node::part)
    };
    // Charts put the slash between; one at the end of the registry is theirs to take.
    let registry = || text("registry").map(|part| part.slice(0..part.text.trim_end_matches('/').len()));
    if !node.get("repository").is_none_or(is_empty) {
        let companions = ["tag", "digest", "sha", "registry", "pullPolicy", "imagePullPolicy"];
        let repository = text("repository").filter(is_repository)?;
        return (has(&companions) || is_image_key(key)).then(|| (registry(), Some(repository)));
    }
    let pinned =
        ["tag", "digest", "sha"].iter().any(|name| node.get(name).is_some_and(|node| !is_empty(node)));
    if !is_image_key(key) || !pinned {
        return None;
    }
    let named = ["name", "image", "repo"].iter().find_map(|name| text(name));
    Some((registry(), named.filter(is_repository)))
}

/// What a map says of which image exactly.
struct Pinned {
    tag: Option<Part>,
    digest: Option<Part>,
    /// A digest in the tag, which `digest:` beside it outdoes.
    rival: Option<Part>,
    number: bool,
    /// The value that tells most: the tag, else the digest.
    whole: Option<Part>,
}

impl Pinned {
    fn read(node: &Node) -> Pinned {
        let written = |name: &str| node.get(name).filter(|node| node.text().is_some() && !is_empty(node));
        let tag_node = written("tag");
        let both = tag_node.and_then(Node::part);
        let beside =
            ["digest", "sha"].iter().find_map(|name| written(name)).and_then(Node::part).map(with_algorithm);
        let whole = both.clone().or_else(|| beside.clone());
        // `tag: v1@sha256:…` carries the digest itself; a `digest:` beside it wins.
        let cut = both.as_ref().and_then(|both| Some((both, both.text.find('@')?)));
        let (tag, carried) = match cut {
            Some((both, at)) => {
                let tag = Some(both.slice(0..at)).filter(|tag| !tag.text.is_empty());
                (tag, Some(both.slice(at + 1..both.text.len())))
            }
            None => (both, None),
        };
        let (digest, rival) = match beside {
            Some(digest) => (Some(digest), carried),
            None => (carried, None),
        };
        Pinned { tag, digest, rival, number: tag_node.is_some_and(is_number), whole }
    }
}

fn is_empty(node: &Node) -> bool {
    node.is_null() || node.text() == Some("")
}

fn is_number(node: &Node) -> bool {
    node.scalar().is_some_and(Scalar::is_number)
}

/// Whether a repository is a whole reference already.
fn has_pin(repository: &Part) -> bool {
    repository.text.contains('@') || parse_reference(repository).tag.is_some()
}

fn is_file(text: &str) -> bool {
    const FILES: [&str; 9] = [".png", ".svg", ".jpg", ".jpeg", ".webp", ".gif", ".ico", ".img", ".iso"];
    FILES.iter().any(|ending| text.ends_with(ending))
}

/// `sha: 9d6b…` and `digest: 9d6b…` without the algorithm are taken as sha256 by the charts that know them.
fn with_algorithm(digest: Part) -> Part {
    const ALGORITHM: &str = "sha256:";
    if digest.text.len() != 64 || !digest.text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return digest;
    }
    let mut weave = Weave::default();
    weave.push(ALGORITHM.len(), Origin::spelled(digest.span()));
    weave.push(digest.text.len(), digest.origin.clone());
    Part::new(format!("{ALGORITHM}{}", digest.text), Origin::woven(digest.span(), weave))
}

/// Judges a tag and a digest whose repository is unknown, by putting a known name before them.
fn tag_only_fault(tag: &Option<Part>, digest: &Option<Part>) -> Option<crate::facts::Fault> {
    for (part, before) in [(tag, "x:"), (digest, "x@")] {
        let Some(part) = part else { continue };
        let text = format!("{before}{}", part.text);
        let probe = parse_reference(&Part::new(text, Origin::spelled(part.span())));
        if let Some(fault) = probe.fault {
            return Some(crate::facts::Fault { says: fault.says, at: part.clone() });
        }
    }
    None
}

/// Whether a text can be an image's repository: no URL of a chart or of git, no path of a file.
fn is_repository(part: &Part) -> bool {
    let text = part.text.as_str();
    !(text.is_empty()
        || text.contains("://")
        || text.starts_with(['/', '.'])
        || text.contains(' ') && crate::facts::holes(text).is_empty()
        || text.ends_with(".git"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn rows() {
        super::super::exam::rows(include_str!("rows/helm_values.txt"));
    }
}
