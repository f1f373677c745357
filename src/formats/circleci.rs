//! CircleCI: the images of jobs and executors. Machine images are virtual machines and none of these.

use super::{Desk, Format, Read, tell};
use crate::syntax::{Document, Node, Scalar, Style, Value, expand};
use crate::text::{File, How};
use std::borrow::Cow;

pub(super) const FORMAT: Format = Format { name: "circleci", words: &[], wants, read: Read::Documents(read) };

fn wants(file: &File) -> bool {
    let name = file.name;
    (name.starts_with(".circleci/") || name.contains("/.circleci/")) && file.is_yaml() && file.has("docker")
}

fn read(desk: &mut Desk, document: &Document) {
    for (kind, list) in [("job", "jobs"), ("executor", "executors")] {
        for (name, node) in document.root.get(list).map_or(&[][..], Node::entries) {
            let owner = tell::owner(desk, FORMAT.name, kind, name.text().unwrap_or_default());
            for (at, container) in node.get("docker").map_or(&[][..], Node::items).iter().enumerate() {
                let Some(image) = container.get("image") else { continue };
                let mut path = "docker".to_string();
                tell::push_item(&mut path, container, at);
                path.push_str(".image");
                let image = &with_parameters(desk, node, image);
                tell::reference(desk, document, &owner, image, &path, |_| {});
            }
        }
    }
}

/// An image with what the parameters of its job are by default.
fn with_parameters<'n>(desk: &Desk, job: &Node, image: &'n Node) -> Cow<'n, Node> {
    let answer = |form: &str| {
        let default = job.at(&["parameters", form.strip_prefix("parameters.")?])?.part_at("default")?;
        Some((default, How::Default))
    };
    let filled = image.part().and_then(|part| expand::put(&part, ("<<", ">>"), &desk.budget, &answer));
    filled.map_or(Cow::Borrowed(image), |part| {
        Cow::Owned(Node::new(part.origin, Value::Scalar(Scalar::new(part.text, Style::Plain))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::images;

    #[test]
    fn images_of_jobs_and_executors() {
        let text = "jobs:\n  b:\n    docker:\n      - image: cimg/node:20.1 # x\n      - {image: 'a:<< parameters.t >>', name: db}\n  m:\n    machine: {image: 'ubuntu-2204:current'}\nexecutors:\n  e:\n    docker: [{image: b}]\n";
        assert_eq!(
            images(&FORMAT, ".circleci/config.yml", text),
            [
                "job/b docker[0].image cimg/node:20.1 # x",
                "job/b docker[db].image a:<< parameters.t >>",
                "executor/e docker[0].image b",
            ]
        );
    }
}
