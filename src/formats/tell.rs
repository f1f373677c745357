//! What formats share when they tell a fact: owners, images, comments on the same line. Knows no format.

use super::Desk;
use crate::facts::{Doubt, Fact, Image, Resource, Role, Scene, parse_reference};
use crate::syntax::{Document, Node, remark_behind};
use crate::text::{How, Origin, Part, Span, Str};
use std::fmt::Write;
use std::sync::Arc;

/// The format of objects that stand inside a scalar: no kustomization reaches into it.
pub(super) const EMBEDDED: &str = "embedded";

/// How build files say that a context is an image.
pub(super) const DOCKER_IMAGE: &str = "docker-image://";

/// Who says what follows.
pub(super) fn owner(desk: &Desk, format: &'static str, kind: &str, name: impl Into<Str>) -> Arc<Resource> {
    Arc::new(Resource {
        format,
        source: desk.file.id,
        kind: kind.into(),
        api: Str::default(),
        namespace: Str::default(),
        name: name.into(),
        scene: None,
    })
}

/// Who an object is; nothing if it is no Kubernetes object.
pub(super) fn resource(desk: &Desk, format: &'static str, root: &Node) -> Option<Arc<Resource>> {
    let (api, kind) = (root.text_at("apiVersion")?, root.text_at("kind")?);
    let text = |path: &[&str]| root.at(path).and_then(Node::text).map_or(Str::default(), Str::from);
    let name = text(&["metadata", "name"]);
    Some(Arc::new(Resource {
        format,
        source: desk.file.id,
        kind: kind.into(),
        api: api.into(),
        namespace: text(&["metadata", "namespace"]),
        name: if name.is_empty() { text(&["metadata", "generateName"]) } else { name },
        // What stands inside a text of another object is delivered to nobody as an object.
        scene: desk.scene.clone().filter(|_| format != EMBEDDED),
    }))
}

/// `enabled: false` or `disabled: true` switches off what stands below: nothing of it runs.
pub(super) fn switched_off(node: &Node) -> bool {
    let says = |key: &str, wanted: bool| {
        let scalar = node.get(key).and_then(Node::scalar).filter(|scalar| scalar.is_bool());
        scalar.is_some_and(|scalar| scalar.is_true() == wanted)
    };
    says("enabled", false) || says("disabled", true)
}

/// Says of the images that were told from `first` on that nothing runs them.
pub(super) fn switch_off(desk: &mut Desk, first: usize) {
    for fact in desk.facts.images.iter_mut().skip(first) {
        let scene = fact.owner.scene.as_deref().cloned().unwrap_or_else(Scene::unused);
        let scene = Some(Arc::new(Scene { doubt: Some(Doubt::Unused), ..scene }));
        fact.owner = Arc::new(Resource { scene, ..Resource::clone(&fact.owner) });
    }
}

/// Tells an image that stands in one text, with the comment behind it.
pub(super) fn image(
    desk: &mut Desk,
    owner: &Arc<Resource>,
    path: impl Into<Str>,
    whole: &Part,
    role: Role,
    remark: Option<Part>,
) {
    let image = Image { role, remark, ..parse_reference(whole) };
    tell(desk, owner, path, image, whole.origin.clone());
}

/// What a variable that holds an image decides: one without a tag leaves it to whoever puts the two together, as
/// `web_image` beside `web_version` does.
pub(super) fn role_of_setting(whole: &Part) -> Role {
    let image = parse_reference(whole);
    if image.tag.is_none() && image.digest.is_none() { Role::ChartDecides } else { Role::Pull }
}

/// Tells an image, and says so if what decides it is not known.
pub(super) fn tell(
    desk: &mut Desk,
    owner: &Arc<Resource>,
    path: impl Into<Str>,
    image: Image,
    origin: Origin,
) {
    // `__IMAGE__` in a template is what somebody replaces.
    if image.fault.is_some() && desk.file.is_yaml_of_template() {
        desk.facts.unread("image", "placeholder", origin.span());
        return;
    }
    if image.role != Role::Built && !is_decided(&image) {
        match image.hole() {
            Some(hole) => desk.facts.unread_hole("image", hole, origin.span()),
            None => desk.facts.unread("image", "variable", origin.span()),
        }
    }
    desk.facts.images.push(Fact { says: image, origin, path: path.into(), owner: owner.clone() });
}

/// Tells the image that a scalar of a document names. `finish` may add what stands around it.
pub(super) fn reference(
    desk: &mut Desk,
    document: &Document,
    owner: &Arc<Resource>,
    node: &Node,
    path: &str,
    finish: impl FnOnce(&mut Image),
) {
    let Some(whole) = node.part() else {
        if node.is_hole() {
            desk.facts.unread("image", "template", node.span());
        }
        return;
    };
    let mut image = parse_reference(&whole);
    let place = if desk.scene.is_none() { used_at(node) } else { node.span() };
    image.remark = remark_beside(desk, document, place);
    finish(&mut image);
    tell(desk, owner, path, image, whole.origin);
}

/// Where a value is used, for the comment beside it: what a variable gave is written elsewhere.
pub(super) fn used_at(node: &Node) -> Span {
    let is_put = |(how, _): &(How, Span)| matches!(how, How::Substitution | How::Default | How::Override);
    node.origin.road().filter(is_put).last().map_or(node.span(), |(_, at)| at)
}

/// The comment behind a value of a document; what stands in another file has none here.
pub(super) fn remark_beside(desk: &Desk, document: &Document, place: Span) -> Option<Part> {
    if place.source == desk.file.id && desk.scene.is_none() {
        return remark_behind(&document.remarks, place);
    }
    // What a build put here was written elsewhere, and so was the comment behind it.
    let yaml = desk.tree_of(place.source)?;
    let next = yaml.documents.partition_point(|document| document.root.span() <= place);
    // The document that the value is in; a comment behind the last value of one may be taken for the next one's.
    let near = &yaml.documents[next.saturating_sub(1)..(next + 1).min(yaml.documents.len())];
    near.iter().find_map(|document| remark_behind(&document.remarks, place))
}

/// Goes one key deeper in a path.
pub(super) fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}

/// Goes one list item deeper: by its name where it has one, else by its number.
pub(super) fn push_item(path: &mut String, item: &Node, at: usize) {
    let _ = match item.text_at("name") {
        Some(name) => write!(path, "[{name}]"),
        None => write!(path, "[{at}]"),
    };
}

/// Whether enough of an image is known to say how it is pinned.
fn is_decided(image: &Image) -> bool {
    let known = |part: &Option<Part>| part.as_ref().is_some_and(Part::is_known);
    !image.unknown || known(&image.digest) || image.digest.is_none() && known(&image.tag)
}
