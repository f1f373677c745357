//! The map that is an image, in the manner of Helm values: `repository` with any of its companions, or `name`/`image`
//! with `tag` under an image key, or a lone `tag` there.

use super::{Desk, tell};
use crate::facts::{DigestKey, Fault, Image, Number, Resource, Role, join, parse_reference};
use crate::syntax::{Document, Node, Scalar};
use crate::text::{Origin, Part, Weave};
use crate::world::helm::printed_number;
use std::sync::Arc;

/// Tells the image that a map at `path` is, if it is one.
pub(super) fn tell_at(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, node: &Node, path: &str) {
    let key = path.rsplit('.').next().unwrap_or(path);
    let Some((mut image, whole)) = read(node, key, None) else { return };
    image.remark = tell::remark_beside(desk, document, whole.span());
    // Only charts print whole numbers as fractions.
    let is_whole = image.tag.as_ref().is_some_and(|tag| tag.text.bytes().all(|b| b.is_ascii_digit()));
    image.number = image.number.filter(|_| !is_whole);
    tell::tell(desk, owner, path, image, whole.origin);
}

/// The image that a map is under `key`, if it is one, and the value that tells most of it. `global` is the registry
/// that a chart puts in the place of every other.
pub(super) fn read(node: &Node, key: &str, global: Option<&Part>) -> Option<(Image, Part)> {
    let (registry, repository) = name_of(node, key)?;
    let pin = Pinned::read(node);
    let whole = pin.whole.clone().or_else(|| repository.clone())?;
    let mut image = match repository {
        Some(repository) => {
            let global = global.cloned().filter(|_| parse_reference(&repository).registry.is_none());
            let decided = pin.tag.is_some() || pin.digest.is_some();
            let open = !decided && !has_pin(&repository);
            let role = if open { Role::ChartDecides } else { Role::Pull };
            let image = join(global.or(registry), Some(repository), pin.tag, pin.digest, &whole.origin);
            Image { role, ..image }.handed_on()
        }
        // The repository is the chart's: only what is written here can be judged.
        None => {
            let fault = tag_only_fault(&pin.tag, &pin.digest);
            Image { fault, role: Role::TagOnly, ..join(None, None, pin.tag, pin.digest, &whole.origin) }
        }
    };
    image.number = pin.number;
    let keys = [("digest", DigestKey::Digest), ("sha", DigestKey::Sha)];
    image.digest_key = keys.into_iter().find(|(key, _)| node.get(key).is_some()).map(|(_, key)| key);
    image.rival =
        pin.rival.filter(|rival| image.digest.as_ref().is_some_and(|digest| digest.text != rival.text));
    image.pull_policy = node.part_at("pullPolicy").or_else(|| node.part_at("imagePullPolicy"));
    Some((image, whole))
}

pub(super) fn is_image_key(key: &str) -> bool {
    key == "image" || key.ends_with("Image") || key.ends_with("_image") || key == "img"
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
        let inner = text("image").filter(is_repository);
        let is_it = has(&companions) || is_image_key(key);
        let repository = inner.map_or(repository.clone(), |inner| within(&repository, inner));
        return is_it.then(|| (registry(), Some(repository)));
    }
    let pinned =
        ["tag", "digest", "sha"].iter().any(|name| node.get(name).is_some_and(|node| !is_empty(node)));
    if !is_image_key(key) || !pinned {
        return None;
    }
    let named = ["name", "image", "repo"].iter().find_map(|name| text(name));
    Some((registry(), named.filter(is_repository)))
}

/// The name of an image within the repository that its map names beside it: some say the same twice, or all of it.
fn within(repository: &Part, name: Part) -> Part {
    let last = repository.text.rsplit('/').next();
    if parse_reference(&name).registry.is_some() {
        return name;
    }
    if last == name.text.rsplit('/').next() {
        return repository.clone();
    }
    let mut weave = Weave::default();
    weave.push(repository.text.len(), repository.origin.clone());
    weave.push(1, Origin::spelled(name.span()));
    weave.push(name.text.len(), name.origin.clone());
    Part::new(format!("{}/{}", repository.text, name.text), Origin::woven(name.span(), weave))
}

/// What a map says of which image exactly.
struct Pinned {
    tag: Option<Part>,
    digest: Option<Part>,
    /// A digest in the tag, which `digest:` beside it outdoes.
    rival: Option<Part>,
    number: Option<Number>,
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
            None => (both.map(|tag| rootless(node, tag)), None),
        };
        let (digest, rival) = match beside {
            Some(digest) => (Some(digest), carried),
            None => (carried, None),
        };
        Pinned { tag, digest, rival, number: tag_node.and_then(number), whole }
    }
}

/// The tag as charts make it that have a switch for the image without root beside it: Gitea's and its like.
fn rootless(node: &Node, tag: Part) -> Part {
    const VARIANT: &str = "-rootless";
    let Some(switch) = node.get("rootless").filter(|switch| switch.text() == Some("true")) else {
        return tag;
    };
    if tag.text.ends_with(VARIANT) {
        return tag;
    }
    let (text, at) = (format!("{}{VARIANT}", tag.text), tag.span());
    let mut weave = Weave::default();
    weave.push(tag.text.len(), tag.origin);
    weave.push(VARIANT.len(), Origin::spelled(switch.span()));
    Part::new(text, Origin::woven(at, weave))
}

pub(super) fn is_empty(node: &Node) -> bool {
    node.is_null() || node.text() == Some("")
}

/// What a chart prints of a value that is a number, if it is not what is written.
pub(super) fn number(node: &Node) -> Option<Number> {
    let scalar = node.scalar().filter(|scalar| scalar.is_number())?;
    printed_number(&scalar.text).map(|text| Number::Printed(text.into()))
}

/// Takes note of the tags that values write as numbers: a chart has printed them.
pub fn note_numbers(desk: &mut Desk) {
    let may_be = |image: &Image| {
        let is_of_number = |byte: u8| byte.is_ascii_digit() || b".e+-_".contains(&byte);
        image.tag.as_ref().is_some_and(|tag| tag.text.bytes().all(is_of_number))
    };
    if !desk.facts.images.iter().any(|fact| may_be(&fact.says)) {
        return;
    }
    let Some(view) = desk.view() else { return };
    for image in desk.facts.images.iter_mut().map(|fact| &mut fact.says).filter(|image| may_be(image)) {
        let Some(at) = image.tag.as_ref().map(Part::span).filter(|at| view.are_rendered(at.source)) else {
            continue;
        };
        let documents = view.files.known_yaml(at.source).map(|yaml| yaml.documents.as_slice());
        for document in documents.unwrap_or_default() {
            document.root.walk(&mut |_, node| {
                if node.span() == at {
                    image.number = image.number.take().or_else(|| number(node));
                }
                true
            });
        }
    }
}

/// Whether a repository is a whole reference already.
fn has_pin(repository: &Part) -> bool {
    repository.text.contains('@') || parse_reference(repository).tag.is_some()
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
fn tag_only_fault(tag: &Option<Part>, digest: &Option<Part>) -> Option<Fault> {
    for (part, before) in [(tag, "x:"), (digest, "x@")] {
        let Some(part) = part else { continue };
        let mut weave = Weave::default();
        weave.push(before.len(), Origin::spelled(part.span()));
        weave.push(part.text.len(), part.origin.clone());
        let text = format!("{before}{}", part.text);
        let probe = parse_reference(&Part::new(text, Origin::woven(part.span(), weave)));
        if let Some(fault) = probe.fault {
            return Some(Fault { at: part.clone(), ..fault });
        }
    }
    None
}

/// Whether a text can be an image's repository: no URL of a chart or of git, no path of a file.
pub(super) fn is_repository(part: &Part) -> bool {
    let text = part.text.as_str();
    !(text.is_empty()
        || text.contains("://")
        || text.starts_with(['/', '.'])
        || text.contains(' ') && part.is_known()
        || text.ends_with(".git"))
}
