//! What builds ask of Dockerfiles: the stage that compose files, bake files, Skaffold and workflows make, the arguments
//! that they give, and Dockerfiles that stand inside a compose file.

use super::compose_project::variables;
use super::dockerfile::{self, Asked};
use super::worked_in::is_worked_in;
use super::{Desk, tell};
use crate::facts::{AskedStage, Resource, Role};
use crate::syntax::Node;
use crate::text::{Origin, Part, Span, Str, paths};
use std::sync::Arc;

/// Reads the `build` of a service.
pub(super) fn of_service(desk: &mut Desk, owner: &Arc<Resource>, build: &Node) {
    let arguments = build.get("args").map_or_else(Vec::new, |args| pairs(&variables(args)));
    let stage = build.part_at("target");
    if let Some(inline) = build.part_at("dockerfile_inline") {
        // Compose has taken its own forms out: what is left is the Dockerfile's.
        let inline = Part { origin: inline.origin.unmarked().into_owned(), ..inline };
        dockerfile::inline(desk, owner, &inline, &Asked { arguments, stage });
        return;
    }
    let context = build.part().or_else(|| build.part_at("context"));
    let dockerfile = build.part_at("dockerfile");
    // A path is meant from the file that says it.
    let home = context.as_ref().map_or(desk.file.id, |context| context.span().source);
    let home = desk
        .own_view()
        .map_or("", |view| view.files.name(home).rsplit_once('/').map_or("", |(folder, _)| folder));
    let place = Place { home, context, dockerfile };
    given(desk, owner, &place, Asked { arguments, stage });
}

/// Tells the images that a service names as contexts of its build.
pub(super) fn contexts_of_service(desk: &mut Desk, owner: &Arc<Resource>, build: &Node) {
    let contexts = build.get("additional_contexts").map(contexts_of).unwrap_or_default();
    for (name, whole) in contexts {
        if let Some(rest) = whole.text.strip_prefix(tell::DOCKER_IMAGE) {
            let image = whole.slice(whole.text.len() - rest.len()..whole.text.len());
            tell::image(desk, owner, format!("build.additional_contexts.{name}"), &image, Role::Pull, None);
        }
    }
}

/// Build contexts, written as a map or as a list of `name=value`.
fn contexts_of(node: &Node) -> Vec<(String, Part)> {
    let map =
        node.entries().iter().filter_map(|(name, value)| Some((name.text()?.to_string(), value.part()?)));
    let list = node.items().iter().filter_map(|item| {
        let part = item.part()?;
        let sign = part.text.find('=')?;
        Some((part.text[..sign].to_string(), part.slice(sign + 1..part.text.len())))
    });
    map.chain(list).collect()
}

/// Names and values of a map; what has no value comes from wherever the build is run.
pub(super) fn pairs(map: &Node) -> Vec<(Part, Part)> {
    map.entries().iter().filter_map(|(name, value)| Some((name.part()?, value.part()?))).collect()
}

/// Where the Dockerfile of a build is.
pub(super) struct Place<'a> {
    /// The folder from which a context is meant.
    pub(super) home: &'a str,
    pub(super) context: Option<Part>,
    pub(super) dockerfile: Option<Part>,
}

impl Place<'_> {
    /// The name of the Dockerfile, if the place is known and in the repository.
    fn name(&self) -> Option<Str> {
        let is_path = |part: &Part| part.is_known() && !part.text.contains("://") && !part.text.contains('@');
        if !self.context.iter().chain(&self.dockerfile).all(is_path) {
            return None;
        }
        let folder = paths::resolve(self.home, self.context.as_ref().map_or(".", |context| &context.text))?;
        paths::resolve(&folder, self.dockerfile.as_ref().map_or("Dockerfile", |file| &file.text))
    }
}

/// Tells which stage of its Dockerfile a build makes, and what its arguments decide there, if it is here.
pub(super) fn given(desk: &mut Desk, owner: &Arc<Resource>, place: &Place, asked: Asked) {
    let Some(view) = desk.view() else { return };
    let Some(id) = place.name().and_then(|name| view.files.find(&name)) else { return };
    if !is_worked_in(desk.file.name) {
        desk.facts.asked_stages.push(AskedStage { dockerfile: id, stage: asked.stage.clone() });
    }
    if asked.arguments.is_empty() {
        return;
    }
    let Some(text) = view.files.ask(id, |text| text.to_owned()) else { return };
    let origin = Origin::verbatim(Span::new(id, 0, text.len()));
    dockerfile::given(desk, owner, &Part::new(text, origin), &asked);
}
