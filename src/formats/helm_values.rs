//! Helm values, wherever they stand: the shapes in which charts take images. What a chart makes of them is not
//! known here; a value that only the chart completes is said to be open.

use super::{Desk, File, Format, Read, helm_storage, kubernetes, tell};
use crate::facts::{Image, Resource, Role, join, parse_reference};
use crate::syntax::{Document, Node, Value};
use crate::text::{Part, Str};
use std::sync::Arc;

pub(super) const FORMAT: Format = Format { name: "helm-values", wants, read: Read::Documents(read) };

/// Values files go by their name; other names are reached through whoever names them.
fn wants(file: &File) -> bool {
    let base = file.base();
    let named = (base.starts_with("values") || base.ends_with("values.yaml") || base.ends_with("values.yml"))
        && file.is_yaml()
        && !file.name.ends_with(".json");
    // Values under another name give themselves away by their shape.
    let shaped = || {
        file.is_yaml()
            && !file.name.starts_with('.')
            && file.has("repository:")
            && (file.has("tag:") || file.has("digest:"))
            && !file.has("apiVersion:")
    };
    (named || shaped()) && !file.name.contains("/templates/") && !file.name.contains(".github/")
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
    let mut path = base.to_string();
    walk(desk, document, owner, root, "", &mut path);
}

/// Tells the image that a map is, if it is one. Says whether it was.
pub(super) fn image_map(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, node: &Node, key: &str, path: &str) -> bool {
    let Some((image, whole)) = map_shape(desk, document, node, key) else { return false };
    tell::tell(desk, owner, path, image, whole.origin);
    true
}

/// Keys whose maps speak of other things than images to pull.
const SKIPPED: [&str; 9] = [
    "dashboards",
    "prometheusRule",
    "alertmanagerConfig",
    "annotations",
    "labels",
    "podAnnotations",
    "configMaps",
    "rules",
    "schema",
];

fn walk(
    desk: &mut Desk,
    document: &Document,
    owner: &Arc<Resource>,
    node: &Node,
    key: &str,
    path: &mut String,
) {
    let len = path.len();
    match &node.value {
        Value::Map(entries) => {
            if image_map(desk, document, owner, node, key, path) {
                return;
            }
            sibling_pairs(desk, document, owner, node, path);
            for (name, value) in entries {
                let name = name.text().unwrap_or("?");
                if SKIPPED.contains(&name) || switched_off(value) {
                    continue;
                }
                tell::push_key(path, name);
                if let Some(image) = scalar_shape(desk, document, name, value, node) {
                    if let Some(part) = value.part() {
                        tell::tell(desk, owner, path.as_str(), image, part.origin.clone());
                    }
                } else {
                    walk(desk, document, owner, value, name, path);
                }
                path.truncate(len);
            }
        }
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                tell::push_item(path, item, at);
                walk(desk, document, owner, item, key, path);
                path.truncate(len);
            }
        }
        _ => kubernetes::embedded(desk, node),
    }
}

/// `enabled: false` switches off what stands below: nothing of it runs.
pub(super) fn switched_off(node: &Node) -> bool {
    node.get("enabled").and_then(Node::scalar).is_some_and(|scalar| scalar.is_bool() && !scalar.is_true())
}

fn is_image_key(key: &str) -> bool {
    key == "image" || key.ends_with("Image") || key.ends_with("_image") || key == "img"
}

/// A map that is one image: `repository` with any of its companions, or `name`/`image` with `tag` under an image key.
fn map_shape(desk: &Desk, document: &Document, node: &Node, key: &str) -> Option<(Image, Part)> {
    let text = |name: &str| node.get(name).filter(|value| value.text().is_some()).and_then(Node::part);
    let some_of = |names: &[&str]| names.iter().any(|name| node.get(name).is_some());
    let companions = ["tag", "digest", "sha", "registry", "pullPolicy", "imagePullPolicy"];
    let repository = match text("repository") {
        Some(part) if is_repository(&part) && (some_of(&companions) || is_image_key(key)) => Some(part),
        Some(_) => return None,
        None => None,
    };
    let (repository, registry) = match repository {
        // Charts put the slash between; one at the end of the registry is theirs to take.
        Some(repository) => (
            Some(repository),
            text("registry").map(|part| part.slice(0..part.text.trim_end_matches('/').len())),
        ),
        None if is_image_key(key) && some_of(&["tag", "digest", "sha"]) => {
            let named = text("name").or_else(|| text("image")).filter(is_repository);
            (named, text("registry"))
        }
        None => return None,
    };
    let tag_node = node.get("tag").filter(|tag| tag.text().is_some_and(|text| !text.is_empty()));
    let number = tag_node.and_then(Node::scalar).is_some_and(|scalar| scalar.is_number());
    let mut tag = tag_node.and_then(Node::part);
    let digest_part =
        ["digest", "sha"].iter().find_map(|name| text(name)).filter(|part| !part.text.is_empty());
    let mut digest = digest_part.clone();
    let mut rival = None;
    // `tag: v1@sha256:…` carries the digest itself; a `digest:` beside it wins.
    if let Some(both) = &tag
        && let Some(at) = both.text.find('@')
    {
        let (name, carried) = (both.slice(0..at), both.slice(at + 1..both.text.len()));
        rival = digest.is_some().then(|| carried.clone());
        digest = digest.or(Some(carried));
        tag = Some(name).filter(|name| !name.text.is_empty());
    }
    // `sha: 9d6b…` and `digest: 9d6b…` without the algorithm are taken as sha256 by the charts that know them.
    let bare_hex = digest
        .as_ref()
        .is_some_and(|part| part.text.len() == 64 && part.text.bytes().all(|b| b.is_ascii_hexdigit()));
    let asked = if bare_hex {
        digest
            .as_ref()
            .map(|part| Part { text: format!("sha256:{}", part.text).into(), origin: part.origin.clone() })
    } else {
        digest.clone()
    };
    let whole = tag_node
        .and_then(Node::part)
        .or_else(|| digest_part.clone())
        .or_else(|| repository.clone())
        .or_else(|| {
            let empty = node.get("tag").or_else(|| node.get("digest"))?;
            Some(Part::new("", empty.origin.clone()))
        })?;
    if repository.is_none() && tag.is_none() && digest.is_none() {
        return None;
    }
    let role = match (&repository, &tag, &digest) {
        (None, ..) => Role::TagOnly,
        (Some(repository), None, None)
            if !repository.text.contains(['@']) && parse_reference(repository).tag.is_none() =>
        {
            Role::ChartDecides
        }
        _ => Role::Pull,
    };
    let mut image = if role == Role::TagOnly {
        // The repository is the chart's: only what is written here can be judged.
        let mut image = join(None, None, tag.clone(), asked, &whole.origin);
        image.fault = tag_only_fault(&tag, &digest);
        image
    } else {
        join(registry, repository, tag.clone(), asked, &whole.origin)
    };
    image.number = number;
    image.role = role;
    image.rival = rival.filter(|rival| image.digest.as_ref().is_some_and(|digest| digest.text != rival.text));
    image.pull_policy = text("pullPolicy").or_else(|| text("imagePullPolicy"));
    image.remark = tell::remark_beside(desk, document, whole.span());
    Some((image, whole))
}

/// Judges a tag and a digest whose repository is unknown, by putting a known name before them.
fn tag_only_fault(tag: &Option<Part>, digest: &Option<Part>) -> Option<crate::facts::Fault> {
    for (part, before) in [(tag, "x:"), (digest, "x@")] {
        let Some(part) = part else { continue };
        let text = format!("{before}{}", part.text);
        let probe = parse_reference(&Part { text: text.into(), origin: part.origin.clone() });
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

/// A scalar that is a whole reference: under an image key, and with a look that nothing else has.
fn scalar_shape(desk: &Desk, document: &Document, key: &str, node: &Node, around: &Node) -> Option<Image> {
    if !(is_image_key(key) || key == "imageName" || key == "imageRef") {
        return None;
    }
    let scalar = node.scalar()?;
    if !scalar.is_text() {
        return None;
    }
    let part = node.part()?;
    let text = part.text.as_str();
    const FILES: [&str; 9] = [".png", ".svg", ".jpg", ".jpeg", ".webp", ".gif", ".ico", ".img", ".iso"];
    if !is_repository(&part)
        || !text.contains(['/', ':'])
        || FILES.iter().any(|ending| text.ends_with(ending))
    {
        return None;
    }
    let mut image = parse_reference(&part);
    if image.fault.is_some() && image.digest.is_none() && image.tag.is_none() {
        return None;
    }
    // `imageTag` beside it, or a `tag` beside it, completes the name.
    if image.tag.is_none() && image.digest.is_none() {
        let beside = ["imageTag", "tag", "imageDigest"].iter().find_map(|name| around.get(name));
        image.role = Role::ChartDecides;
        if beside.is_some_and(|node| node.text().is_some_and(|text| !text.is_empty())) {
            return Some(image);
        }
    }
    image.pull_policy = around.part_at("imagePullPolicy").or_else(|| around.part_at("pullPolicy"));
    image.remark = tell::remark_beside(desk, document, node.span());
    Some(image)
}

/// `fooImageRepository` beside `fooImageTag`, and `imageRepository` beside `imageTag`.
fn sibling_pairs(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, node: &Node, path: &str) {
    for (key, value) in node.entries() {
        let Some(name) = key.text() else { continue };
        let Some((stem, ending)) = ["ImageRepository", "imageRepository", "_image_repository"]
            .iter()
            .find_map(|ending| Some((name.strip_suffix(ending)?, *ending)))
        else {
            continue;
        };
        let Some(repository) = value.part().filter(is_repository) else { continue };
        let beside = |word: &str| {
            node.get(&format!(
                "{stem}{}",
                ending.replace("Repository", word).replace("repository", &word.to_lowercase())
            ))
        };
        let tag_node = beside("Tag").filter(|tag| tag.text().is_some_and(|text| !text.is_empty()));
        let tag = tag_node.and_then(Node::part);
        let digest = beside("Digest").and_then(Node::part);
        let whole = tag.clone().unwrap_or_else(|| repository.clone());
        let mut image =
            join(beside("Registry").and_then(Node::part), Some(repository), tag, digest, &whole.origin);
        image.number = tag_node.and_then(Node::scalar).is_some_and(|scalar| scalar.is_number());
        if image.tag.is_none() && image.digest.is_none() {
            image.role = Role::ChartDecides;
        }
        image.remark = tell::remark_beside(desk, document, whole.span());
        let mut path = path.to_string();
        tell::push_key(&mut path, name);
        tell::tell(desk, owner, path.as_str(), image, whole.origin.clone());
    }
}
