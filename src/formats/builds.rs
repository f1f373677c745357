//! What builds give to Dockerfiles: arguments of compose files, bake files and Skaffold, and Dockerfiles that stand
//! inside a compose file.

use super::compose_project::variables;
use super::{Desk, dockerfile, tell};
use crate::facts::{Resource, Role};
use crate::syntax::Node;
use crate::text::{Origin, Part, Span, paths};
use std::sync::Arc;

/// Reads the `build` of a service.
pub(super) fn of_service(desk: &mut Desk, owner: &Arc<Resource>, build: &Node) {
    let arguments = build.get("args").map_or_else(Vec::new, |args| pairs(&variables(args)));
    if let Some(inline) = build.part_at("dockerfile_inline") {
        // Compose has taken its own forms out: what is left is the Dockerfile's.
        let inline = Part { origin: inline.origin.unmarked().into_owned(), ..inline };
        dockerfile::inline(desk, owner, &inline, &arguments);
        return;
    }
    let context = build.part().or_else(|| build.part_at("context"));
    given(desk, owner, context.as_ref(), build.part_at("dockerfile").as_ref(), &arguments);
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

/// Tells what arguments decide in the Dockerfile of a build, if it is here.
pub(super) fn given(
    desk: &mut Desk,
    owner: &Arc<Resource>,
    context: Option<&Part>,
    dockerfile: Option<&Part>,
    arguments: &[(Part, Part)],
) {
    let Some(view) = desk.view.filter(|_| !arguments.is_empty()) else { return };
    let is_path = |part: &&Part| part.is_known() && !part.text.contains("://") && !part.text.contains('@');
    if context.is_some_and(|context| !is_path(&context)) || dockerfile.is_some_and(|file| !is_path(&file)) {
        return;
    }
    // A path is meant from the file that says it.
    let home = context.map_or(desk.file.id, |context| context.span().source);
    let home = view.files.name(home).rsplit_once('/').map_or("", |(folder, _)| folder);
    let found = paths::resolve(home, context.map_or(".", |context| &context.text))
        .and_then(|folder| paths::resolve(&folder, dockerfile.map_or("Dockerfile", |file| &file.text)))
        .and_then(|name| view.files.find(&name));
    let Some((id, text)) = found.and_then(|id| Some((id, view.files.ask(id, |text| text.to_owned())?)))
    else {
        return;
    };
    let origin = Origin::verbatim(Span::new(id, 0, text.len()));
    dockerfile::given(desk, owner, &Part::new(text, origin), arguments);
}
