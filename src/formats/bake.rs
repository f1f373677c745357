//! Docker bake files: the images that targets are built upon, and the names they are given.

use super::builds::Place;
use super::dockerfile::Asked;
use super::tell::DOCKER_IMAGE;
use super::{Desk, Format, Read, builds, tell};
use crate::facts::Role;
use crate::limits::DEEPEST_INHERITS;
use crate::syntax::expand::{Dialect, expand};
use crate::syntax::provide::{Answer, Known, Names};
use crate::syntax::{Node, hcl, yaml};
use crate::text::{File, How, Part, Str};

pub(super) const FORMAT: Format = Format { name: "bake", words: &[], wants, read: Read::Text(read) };

fn wants(file: &File) -> bool {
    let base = file.base();
    let is_hcl = base.ends_with(".hcl") || base.ends_with(".json");
    is_hcl && base.starts_with("docker-bake") && file.has("target")
}

fn read(desk: &mut Desk) {
    let budget = desk.budget.clone();
    if desk.file.base().ends_with(".json") {
        let read = yaml::read(desk.file.id, desk.file.text);
        desk.problems.extend(read.problems);
        for document in &read.documents {
            let variables = document.root.get("variable").map_or(&[][..], Node::entries);
            let value = |name: &str| {
                let variable = variables.iter().find(|(key, _)| key.text() == Some(name));
                default(variable.and_then(|(_, variable)| variable.part_at("default")))
            };
            let names = Names::asking(&value, &budget);
            let targets = document.root.get("target").map_or(&[][..], Node::entries);
            for (name, _) in targets {
                let name = name.text().unwrap_or_default();
                let own = |target: &str, key: &str| {
                    targets.iter().find(|(name, _)| name.text() == Some(target))?.1.get(key)
                };
                self::target(desk, name.into(), &|key| inherited(&own, name, key, 0), &names);
            }
        }
        return;
    }
    let (body, problems) = hcl::read(desk.file.id, desk.file.text);
    desk.problems.extend(problems);
    let value = |name: &str| {
        let variable = body.blocks("variable").find(|block| block.label(0) == name);
        let value = variable.and_then(|block| block.body.get("default")).or_else(|| body.get(name));
        default(value.and_then(Node::part))
    };
    let names = Names::asking(&value, &budget);
    for block in body.blocks("target") {
        let own = |target: &str, key: &str| {
            body.blocks("target").find(|block| block.label(0) == target)?.body.get(key)
        };
        target(desk, block.label(0).into(), &|key| inherited(&own, block.label(0), key, 0), &names);
    }
}

/// What a target says under a key, or the last of those that it inherits from. Its tags are its own.
fn inherited<'n>(
    own: &dyn Fn(&str, &str) -> Option<&'n Node>,
    target: &str,
    key: &str,
    depth: usize,
) -> Option<&'n Node> {
    if let Some(said) = own(target, key) {
        return Some(said);
    }
    let is_built = ["args", "context", "dockerfile", "dockerfile-inline", "target"].contains(&key);
    let others =
        own(target, "inherits").filter(|_| is_built && depth < DEEPEST_INHERITS)?.items().iter().rev();
    others.filter_map(Node::text).find_map(|other| inherited(own, other, key, depth + 1))
}

fn default(value: Option<Part>) -> Answer {
    value.map(|value| Known { value, how: How::Default }).into()
}

fn target<'n>(desk: &mut Desk, name: Str, get: &dyn Fn(&str) -> Option<&'n Node>, names: &Names) {
    let owner = tell::owner(desk, FORMAT.name, "target", name);
    let filled = |part: Part| expand(&part, Dialect::Hcl, names);
    let text = |key: &str| get(key).and_then(Node::part).map(filled);
    // What names neither is built nowhere by itself: others inherit from it.
    let is_built =
        ["args", "context", "dockerfile", "target", "inherits"].iter().any(|key| get(key).is_some());
    if is_built && get("dockerfile-inline").is_none() {
        let args = get("args").map_or_else(Vec::new, builds::pairs).into_iter();
        let arguments = args.map(|(name, value)| (name, filled(value))).collect();
        let place =
            Place { home: desk.file.directory(), context: text("context"), dockerfile: text("dockerfile") };
        builds::given(desk, &owner, &place, Asked { arguments, stage: text("target") });
    }
    for (name, context) in get("contexts").map_or(&[][..], Node::entries) {
        let Some(whole) = context.part().map(|whole| expand(&whole, Dialect::Hcl, names)) else { continue };
        if whole.text.starts_with(DOCKER_IMAGE) {
            let path = format!("contexts.{}", name.text().unwrap_or_default());
            tell::image(
                desk,
                &owner,
                path,
                &whole.slice(DOCKER_IMAGE.len()..whole.text.len()),
                Role::Pull,
                None,
            );
        }
    }
    for (at, tag) in get("tags").map_or(&[][..], Node::items).iter().enumerate() {
        if let Some(whole) = tag.part() {
            tell::image(
                desk,
                &owner,
                format!("tags[{at}]"),
                &expand(&whole, Dialect::Hcl, names),
                Role::Built,
                None,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::images;

    #[test]
    fn images_of_targets() {
        let text = "variable \"V\" {\n  default = \"3.19\"\n}\ntarget \"t\" {\n  contexts = {\n    base = \"docker-image://alpine:${V}\"\n    src = \"./x\"\n  }\n  tags = [\"a/b:1\"]\n}\n";
        assert_eq!(
            images(&FORMAT, "docker-bake.hcl", text),
            ["target/t contexts.base alpine:3.19 ‹alpine:·3.19›", "target/t tags[0] a/b:1 (built)",]
        );
        let text = "{\"variable\": {\"V\": {\"default\": \"3\"}}, \"target\": {\"t\": {\"contexts\": {\"b\": \"docker-image://a:${V}\"}, \"tags\": [\"c:1\"]}}}";
        assert_eq!(
            images(&FORMAT, "docker-bake.json", text),
            ["target/t contexts.b a:3 ‹a:·3›", "target/t tags[0] c:1 (built)"]
        );
    }
}
