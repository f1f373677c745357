//! Woodpecker and Drone pipelines: the images of steps, services and the clone.

use super::{Desk, Format, Read, matrices, tell};
use crate::syntax::provide::Answer;
use crate::syntax::{Document, Node};
use crate::text::{File, Reason};

pub(super) const FORMAT: Format = Format { name: "woodpecker", words: &[], wants, read: Read::Filled(read) };

fn wants(file: &File) -> bool {
    let base = file.base();
    let named = ["woodpecker", "drone"].iter().any(|name| {
        base.strip_prefix('.')
            .and_then(|base| base.strip_prefix(name))
            .is_some_and(|rest| rest.starts_with('.'))
    });
    let in_folder = file.name.starts_with(".woodpecker/") || file.name.contains("/.woodpecker/");
    file.is_yaml() && (named || in_folder) && file.has("image")
}

fn read(desk: &mut Desk, document: &Document) {
    let root = &document.root;
    // Drone also keeps secrets and signatures in such a file.
    if root.text_at("kind").is_some_and(|kind| kind != "pipeline") {
        return;
    }
    let owner = tell::owner(desk, FORMAT.name, "pipeline", root.text_at("name").unwrap_or_default());
    let maps: Vec<&Node> = root.get("matrix").map_or_else(Vec::new, |matrix| match matrix.get("include") {
        Some(all) => all.items().iter().collect(),
        None => vec![matrix],
    });
    for list in ["clone", "steps", "pipeline", "services"] {
        let Some(node) = root.get(list) else { continue };
        let by_name = node
            .entries()
            .iter()
            .map(|(name, step)| (format!("{list}.{}", name.text().unwrap_or_default()), step));
        let in_order = node.items().iter().enumerate().map(|(at, step)| {
            let mut path = list.to_string();
            tell::push_item(&mut path, step, at);
            (path, step)
        });
        for (path, step) in by_name.chain(in_order) {
            let Some(image) = step.get("image") else { continue };
            for image in matrices::fill(desk, image, matrices::combinations(&maps, image), &variable) {
                tell::reference(desk, document, &owner, &image, &format!("{path}.image"), |_| {});
            }
        }
    }
}

/// Variables of the service are known when a pipeline runs.
fn variable(name: &str) -> Answer {
    match ["CI", "DRONE"].iter().any(|start| name.starts_with(start)) {
        true => Answer::Unknown(Reason::Runtime),
        false => Answer::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::images;

    #[test]
    fn images_of_steps_and_services() {
        for (name, text, expected) in [
            (
                ".woodpecker.yml",
                "clone:\n  git: {image: c:1}\nsteps:\n  - name: t\n    image: golang:1.22 # x\nservices:\n  db: {image: 'postgres:16'}\n",
                &[
                    "pipeline clone.git.image c:1",
                    "pipeline steps[t].image golang:1.22 # x",
                    "pipeline services.db.image postgres:16",
                ][..],
            ),
            (
                "a/.drone.yml",
                "kind: pipeline\nname: p\nsteps: [{image: a:1}]\n---\nkind: secret\nsteps: [{image: b:1}]\n",
                &["pipeline/p steps[0].image a:1"],
            ),
            ("x/.woodpecker/b.yaml", "steps: {x: {image: 'a:${V}'}}\n", &["pipeline steps.x.image a:${V}"]),
        ] {
            assert_eq!(images(&FORMAT, name, text), expected, "{text}");
        }
    }
}
