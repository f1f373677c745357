//! GitLab CI: the image and the services of every job, with the variables that the file gives.
//! What `include` and `extends` name is read where it stands.

use super::{Desk, Format, Read, matrices, tell};
use crate::facts::{Resource, Role};
use crate::limits::MOST_INCLUDED_PIPELINES;
use crate::syntax::provide::{Answer, Known};
use crate::syntax::{Document, Node, remark_behind};
use crate::text::{File, How, Reason, SourceId};
use crate::world::View;
use std::sync::Arc;

pub(super) const FORMAT: Format = Format { name: "gitlab-ci", words: &[], wants, read: Read::Filled(read) };

fn wants(file: &File) -> bool {
    (is_pipeline(file) || holds_jobs(file)) && (file.has("image") || file.has("services"))
}

/// What `include` names goes by any name: jobs give themselves away by their scripts and stages.
fn holds_jobs(file: &File) -> bool {
    file.is_yaml() && file.has("script:") && file.has("stage:") && !file.has("apiVersion:")
}

fn is_job(node: &Node) -> bool {
    node.get("script").is_some_and(|script| script.is_list() || script.text().is_some())
        && node.get("stage").is_some_and(|stage| stage.text().is_some())
}

/// Whether a file is a pipeline by its name.
pub(super) fn is_pipeline(file: &File) -> bool {
    let base = file.base();
    let is_yaml = base.ends_with(".yml") || base.ends_with(".yaml");
    let stem = base.trim_end_matches(".yaml").trim_end_matches(".yml");
    let in_folder = file.name.split('/').any(|part| matches!(part, ".gitlab" | ".gitlab-ci" | "gitlab-ci"));
    is_yaml && (stem.ends_with("gitlab-ci") || in_folder)
}

/// Keys at the top that are no jobs.
const GLOBAL: [&str; 10] = [
    "after_script",
    "before_script",
    "cache",
    "image",
    "include",
    "services",
    "spec",
    "stages",
    "variables",
    "workflow",
];

fn read(desk: &mut Desk, document: &Document) {
    let root = &document.root;
    if !is_pipeline(&desk.file) && !root.entries().iter().any(|(_, job)| is_job(job)) {
        return;
    }
    let globals = globals(desk, root);
    let variables: Vec<&Node> = globals.iter().collect();
    let pipeline = tell::owner(desk, FORMAT.name, "pipeline", "");
    job(desk, document, &pipeline, root, &variables);
    for (name, node) in root.entries() {
        let Some(name) = name.text().filter(|name| node.is_map() && !GLOBAL.contains(name)) else { continue };
        let owner = tell::owner(desk, FORMAT.name, "job", name);
        let own: Vec<&Node> = node.get("variables").into_iter().chain(variables.iter().copied()).collect();
        job(desk, document, &owner, node, &own);
    }
}

/// The variables of all jobs, the nearest first: those of the pipeline, and of the files of this repository that it
/// includes.
pub(super) fn globals(desk: &Desk, root: &Node) -> Vec<Node> {
    let own = || root.get("variables").cloned().into_iter().collect();
    if !desk.file.has("$") {
        return own();
    }
    let Some(view) = desk.view() else { return own() };
    let pipeline = view.files.find(PIPELINE).map(|id| included(view, id));
    let whole = pipeline.filter(|all| all.contains(&desk.file.id));
    let whole = whole.unwrap_or_else(|| included(view, desk.file.id));
    let lists =
        whole.iter().filter_map(|id| roots(view, *id).find_map(|root| root.get("variables").cloned()));
    let mut lists: Vec<Node> = lists.collect();
    // Of two files that are included the later wins; over both is who includes them.
    let of_pipeline =
        whole.first().is_some_and(|id| roots(view, *id).any(|root| root.get("variables").is_some()));
    lists[usize::from(of_pipeline)..].reverse();
    lists
}

const PIPELINE: &str = ".gitlab-ci.yml";

fn roots<'v>(view: View<'v>, id: SourceId) -> impl Iterator<Item = &'v Node> {
    let documents = view.files.yaml(id).map(|yaml| yaml.documents.as_slice()).unwrap_or_default();
    documents.iter().map(|document| &document.root)
}

/// A file and the files that it includes, each once.
fn included(view: View, first: SourceId) -> Vec<SourceId> {
    let mut out = vec![first];
    let mut at = 0;
    while let Some(&id) = out.get(at).filter(|_| out.len() < MOST_INCLUDED_PIPELINES) {
        at += 1;
        for include in roots(view, id).filter_map(|root| root.get("include")) {
            let items = if include.is_list() { include.items() } else { std::slice::from_ref(include) };
            for path in items.iter().filter_map(|item| item.text().or_else(|| item.text_at("local"))) {
                let found = view.files.find(path.trim_start_matches('/'));
                out.extend(found.filter(|id| !out.contains(id)));
            }
        }
    }
    out
}

/// Reads a job, or what holds for all. `variables` are maps of names and values, the nearest first.
fn job(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, node: &Node, variables: &[&Node]) {
    let provider = |name: &str| variable(variables, name);
    let matrix = node.at(&["parallel", "matrix"]).map(Node::items).unwrap_or_default();
    let maps: Vec<&Node> = matrix.iter().collect();
    let mut of_jobs = |node: &Node, path: &str| {
        let combinations = matrices::combinations(&maps, node);
        for image in matrices::fill(desk, node, combinations, &provider) {
            self::image(desk, document, owner, &image, path);
        }
    };
    if let Some(image) = node.get("image") {
        of_jobs(image, "image");
    }
    for (at, service) in node.get("services").map_or(&[][..], Node::items).iter().enumerate() {
        let path = match service.text_at("alias") {
            Some(alias) => format!("services[{alias}]"),
            None => format!("services[{at}]"),
        };
        of_jobs(service, &path);
    }
}

/// What the file says of a variable. Some are GitLab's own, and known when a pipeline runs.
pub(super) fn variable(variables: &[&Node], name: &str) -> Answer {
    let value = variables.iter().find_map(|list| list.get(name));
    let value = value.and_then(|value| value.get("value").unwrap_or(value).part());
    match value {
        Some(value) => Answer::Is(Known { value, how: How::Substitution }),
        None if name.starts_with("CI_") || name.starts_with("GITLAB_") => Answer::Unknown(Reason::Runtime),
        None => Answer::Nothing,
    }
}

/// An image, written as a text or as a map with a `name`.
fn image(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, node: &Node, path: &str) {
    let (node, path) = match node.get("name") {
        Some(name) => (name, format!("{path}.name")),
        None => (node, path.to_string()),
    };
    let Some(whole) = node.part().filter(|whole| !whole.text.is_empty()) else { return };
    let remark = remark_behind(&document.remarks, tell::used_at(node));
    tell::image(desk, owner, path, &whole, Role::Pull, remark);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::images;

    #[test]
    fn images_of_pipelines() {
        for (text, expected) in [
            (
                "image: ruby:3.1 # why\nservices: [postgres:16, {name: 'redis:7', alias: cache}]\n",
                &[
                    "pipeline image ruby:3.1 # why",
                    "pipeline services[0] postgres:16",
                    "pipeline services[cache].name redis:7",
                ][..],
            ),
            (
                "default:\n  image: {name: a:1, entrypoint: ['']}\nt:\n  image: b:1\n.h:\n  services: [c:1]\n",
                &["job/default image.name a:1", "job/t image b:1", "job/.h services[0] c:1"],
            ),
            (
                "variables: {R: ghcr.io/x, V: {value: '1.2', description: d}}\nt:\n  variables: {V: $W, W: '3'}\n  image: $R/a:${V}\nu:\n  image: $R/a:${V}\n",
                &[
                    "job/t image ghcr.io/x/a:3 ‹ghcr.io/x·/a:·3›",
                    "job/u image ghcr.io/x/a:1.2 ‹ghcr.io/x·/a:·1.2›",
                ],
            ),
            (
                "t:\n  image: $CI_REGISTRY_IMAGE:$CI_COMMIT_SHA\n",
                &["job/t image $CI_REGISTRY_IMAGE:$CI_COMMIT_SHA"],
            ),
            ("variables:\n  A: a:1 # there\nt:\n  image: $A # here\n", &["job/t image a:1 # here"]),
            ("variables: {A: $B, B: $A}\nt: {image: $A}\n", &["job/t image $A"]),
            ("include: [x]\nworkflow: {image: no}\nt: {script: [image]}\n", &[]),
        ] {
            assert_eq!(images(&FORMAT, ".gitlab-ci.yml", text), expected, "{text}");
        }
    }
}
