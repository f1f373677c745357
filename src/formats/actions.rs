//! GitHub, Forgejo and Gitea workflows and actions: whose code the steps run, and in which images.

use super::builds::{self, Place};
use super::callers::{self, input, is_action};
use super::dockerfile::Asked;
use super::looks::{looks_like_image, named_after_image};
use super::{Desk, Format, Read, tell};
use crate::facts::{Action, Fact, Image, Resource, Role, join};
use crate::limits::MOST_MATRIX_JOBS;
use crate::syntax::expand::{Dialect, expand_tree};
use crate::syntax::provide::{Answer, Known, Names};
use crate::syntax::{Document, Node, remark_behind};
use crate::text::{File, How, Part, Reason};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) const FORMAT: Format = Format { name: "actions", words: &[], wants, read: Read::Filled(read) };

fn wants(file: &File) -> bool {
    (is_workflow(file.name) || is_action(file.base()))
        && ["uses", "image", "container", "IMAGE"].iter().any(|needle| file.has(needle))
}

pub(super) fn is_workflow(name: &str) -> bool {
    let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    let folders = [".github/workflows/", ".forgejo/workflows/", ".gitea/workflows/"];
    let is_below =
        |folder: &&str| name.match_indices(*folder).any(|(at, _)| at == 0 || name.as_bytes()[at - 1] == b'/');
    is_yaml && name.contains("/workflows/") && folders.iter().any(is_below)
}

fn read(desk: &mut Desk, document: &Document) {
    callers::each(desk, &document.root, &mut |desk, given| whole(desk, document, given));
}

/// Reads all of a file, with what a caller gives.
fn whole(desk: &mut Desk, document: &Document, given: Option<&Node>) {
    let budget = desk.budget.clone();
    let inputs = |name: &str| input(&document.root, given, name);
    let root = &expand_tree(&document.root, Dialect::Workflow, &Names::new(&inputs, &budget));
    if is_action(desk.file.base()) {
        let Some(runs) = root.get("runs") else { return };
        let owner = tell::owner(desk, FORMAT.name, "action", "");
        if let Some(image) = runs.get("image").filter(|_| runs.text_at("using") == Some("docker")) {
            docker(desk, document, &owner, image, "runs.image");
        }
        steps(desk, document, &owner, runs, "runs.steps");
        return;
    }
    let workflow = tell::owner(desk, FORMAT.name, "workflow", "");
    environment(desk, document, &workflow, root, "");
    for (name, job) in root.get("jobs").map_or(&[][..], Node::entries) {
        let owner = tell::owner(desk, FORMAT.name, "job", name.text().unwrap_or_default());
        environment(desk, document, &owner, job, "");
        if let Some(uses) = job.get("uses") {
            self::uses(desk, document, &owner, uses, "uses");
        }
        match job.get("container") {
            Some(container) if container.is_map() => {
                if let Some(image) = container.get("image") {
                    container_image(desk, document, &owner, job, (image, "container.image"));
                }
            }
            Some(container) => container_image(desk, document, &owner, job, (container, "container")),
            None => {}
        }
        for (name, service) in job.get("services").map_or(&[][..], Node::entries) {
            if let Some(image) = service.get("image") {
                let path = format!("services.{}.image", name.text().unwrap_or_default());
                container_image(desk, document, &owner, job, (image, &path));
            }
        }
        steps(desk, document, &owner, job, "steps");
    }
}

/// The combinations of a job's matrix, as far as some of its keys are concerned: each a list of names and values.
/// Nothing if the file does not say all of them.
fn matrix<'a>(job: &'a Node, keys: &BTreeSet<&str>) -> Option<Vec<Vec<(String, &'a Node)>>> {
    let matrix = job.at(&["strategy", "matrix"])?;
    let mut combinations = vec![Vec::new()];
    for key in keys {
        let values = matrix.get(key).map(Node::items).unwrap_or_default();
        let longer = |before: &Vec<(String, &'a Node)>| {
            let before = before.clone();
            values.iter().map(move |value| [before.clone(), vec![(key.to_string(), value)]].concat())
        };
        combinations = combinations.iter().flat_map(longer).take(MOST_MATRIX_JOBS + 1).collect();
    }
    let same = |one: &Node, other: &Node| one.text().is_some() && one.text() == other.text();
    for out in matrix.get("exclude").map(Node::items).unwrap_or_default() {
        // One that names other keys, too, leaves something of each combination.
        let is_out = |combination: &Vec<(String, &Node)>| {
            let says = |(key, value): &(Node, Node)| {
                combination
                    .iter()
                    .any(|(name, known)| Some(name.as_str()) == key.text() && same(known, value))
            };
            out.entries().iter().all(says)
        };
        combinations.retain(|combination| !is_out(combination));
    }
    for more in matrix.get("include").map(Node::items).unwrap_or_default() {
        let all: Option<Vec<_>> = keys.iter().map(|key| Some((key.to_string(), more.get(key)?))).collect();
        combinations.extend(all);
    }
    (1..=MOST_MATRIX_JOBS).contains(&combinations.len()).then_some(combinations)
}

fn steps(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, parent: &Node, path: &str) {
    for (at, step) in parent.get("steps").map_or(&[][..], Node::items).iter().enumerate() {
        let mut path = path.to_string();
        tell::push_item(&mut path, step, at);
        path.push('.');
        environment(desk, document, owner, step, &path);
        settings(desk, document, owner, (step, "with"), &path);
        if let Some(with) = step.get("with") {
            given(desk, document, owner, with, &format!("{path}with."));
        }
        let Some(uses) = step.get("uses") else { continue };
        if let Some(with) = step.get("with").filter(|_| is_build(uses)) {
            build(desk, owner, with);
        }
        path.push_str("uses");
        self::uses(desk, document, owner, uses, &path);
    }
}

/// Whether a step builds an image as `docker/build-push-action` does, which others have taken over.
fn is_build(uses: &Node) -> bool {
    uses.text()
        .is_some_and(|uses| uses.split('@').next().is_some_and(|name| name.ends_with("/build-push-action")))
}

/// Tells what a step asks a Dockerfile for. Only what the root holds is run.
fn build(desk: &mut Desk, owner: &Arc<Resource>, with: &Node) {
    if !desk.file.name.starts_with('.') && !is_action(desk.file.base()) {
        return;
    }
    let part = |key: &str| with.part_at(key).filter(|part| !part.text.is_empty());
    let arguments = Vec::new();
    // A Dockerfile is named from the root, and its context says where it is if nobody names it.
    let place = match part("file") {
        Some(file) => Place { home: "", context: None, dockerfile: Some(file) },
        None => Place { home: "", context: part("context"), dockerfile: None },
    };
    builds::given(desk, owner, &place, Asked { arguments, stage: part("target") });
}

/// Variables that go by the name of an image and hold one, tag or digest and all.
fn environment(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, parent: &Node, path: &str) {
    settings(desk, document, owner, (parent, "env"), path);
}

/// The same of what an action is given.
fn settings(
    desk: &mut Desk,
    document: &Document,
    owner: &Arc<Resource>,
    (parent, list): (&Node, &str),
    path: &str,
) {
    for (name, value) in parent.get(list).map_or(&[][..], Node::entries) {
        let Some(name) = name.text().filter(|name| named_after_image(&name.to_ascii_lowercase())) else {
            continue;
        };
        // The name alone is mostly that of the image which the workflow itself builds.
        let text = value.text().unwrap_or_default();
        let is_known = value.part().is_some_and(|part| part.is_known());
        if looks_like_image(text) && text.contains([':', '@']) && is_known {
            tell::reference(desk, document, owner, value, &format!("{path}{list}.{name}"), |_| {});
        }
    }
}

/// The images that some actions are given in parts: that of Renovate, and that of the builder.
fn given(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, with: &Node, path: &str) {
    if let (Some(name), Some(version)) = (with.part_at("renovate-image"), with.part_at("renovate-version")) {
        let place = version.origin.clone();
        let cut = version.text.find('@');
        let tag = version.slice(0..cut.unwrap_or(version.text.len()));
        let digest = cut.map(|at| version.slice(at + 1..version.text.len()));
        let remark = remark_behind(&document.remarks, version.span());
        let image = Image { remark, ..join(None, Some(name), Some(tag), digest, &place) };
        tell::tell(desk, owner, format!("{path}renovate-image"), image, place);
    }
    const OPTION: &str = "image=";
    let Some(options) = with.part_at("driver-opts") else { return };
    let mut at = 0;
    for word in options.text.split_inclusive(['\n', ',']) {
        let option = word.trim_end_matches(['\n', ',']).trim();
        let from = at + (word.len() - word.trim_start().len()) + OPTION.len();
        if option.starts_with(OPTION) {
            let image = options.slice(from..from + option.len() - OPTION.len());
            tell::image(desk, owner, format!("{path}driver-opts"), &image, Role::Pull, None);
        }
        at += word.len();
    }
}

/// An image of a job, one for each combination of the matrix that gives another. An empty text means none, as an
/// expression may give one.
fn container_image(
    desk: &mut Desk,
    document: &Document,
    owner: &Arc<Resource>,
    job: &Node,
    (node, path): (&Node, &str),
) {
    for node in of_matrix(desk, job, node) {
        if node.text() != Some("") {
            tell::reference(desk, document, owner, &node, path, |_| {});
        }
    }
}

/// A text with the matrix put in: as many as there are combinations of what it asks for.
fn of_matrix<'a>(desk: &Desk, job: &Node, node: &'a Node) -> Vec<Cow<'a, Node>> {
    let part = node.part().unwrap_or_else(|| Part::new("", node.origin.clone()));
    let asked = part.holes();
    let asked = asked.iter().filter_map(|(_, hole)| hole.name.strip_prefix("matrix."));
    let keys: BTreeSet<&str> = asked.map(|path| path.split('.').next().unwrap_or(path)).collect();
    let Some(combinations) = matrix(job, &keys).filter(|_| !keys.is_empty()) else {
        return vec![Cow::Borrowed(node)];
    };
    // The holes were made by a reading that knew no matrix.
    let bare = Node { origin: node.origin.unmarked().into_owned(), ..node.clone() };
    let filled = combinations.iter().map(|combination| {
        let provider = |expression: &str| {
            let path: Vec<&str> = expression.split('.').collect();
            let found = combination
                .iter()
                .find(|(key, _)| path.first() == Some(&"matrix") && path.get(1) == Some(&key.as_str()));
            match found.and_then(|(_, value)| value.at(&path[2..])?.part()) {
                Some(value) => Answer::Is(Known { value, how: How::Substitution }),
                None => Answer::Unknown(Reason::Runtime),
            }
        };
        Cow::Owned(expand_tree(&bare, Dialect::Workflow, &Names::new(&provider, &desk.budget)))
    });
    let filled: Vec<Cow<Node>> = filled.collect();
    // An expression that does more than name a key gives the same hole for each of them.
    let is_open = |node: &Cow<Node>| {
        node.part().is_some_and(|part| part.holes().iter().any(|(_, hole)| hole.name.starts_with("matrix.")))
    };
    if filled.iter().any(is_open) { vec![Cow::Borrowed(node)] } else { filled }
}

const DOCKER: &str = "docker://";

/// `docker://image`; anything else names a Dockerfile.
fn docker(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, node: &Node, path: &str) {
    let Some(whole) = node.part().filter(|whole| whole.text.starts_with(DOCKER)) else { return };
    let reference = whole.slice(DOCKER.len()..whole.text.len());
    let remark = remark_behind(&document.remarks, node.span());
    tell::image(desk, owner, path, &reference, Role::Pull, remark);
}

/// Workflows that look at their own tag, and refuse to run under the name of a commit.
const BY_TAG: &str = "slsa-framework/slsa-github-generator/.github/workflows/";

fn uses(desk: &mut Desk, document: &Document, owner: &Arc<Resource>, node: &Node, path: &str) {
    let Some(whole) = node.part() else { return };
    if whole.text.starts_with(DOCKER) {
        docker(desk, document, owner, node, path);
        return;
    }
    let text = whole.text.as_str();
    let is_local = ["./", "../", "$/"].iter().any(|head| text.starts_with(head));
    let sign = text.rfind('@').filter(|_| !is_local);
    let reference = sign.map(|at| whole.slice(at + 1..text.len()));
    let pin = match &reference {
        _ if is_local => "local",
        _ if !whole.is_known() => "unknown",
        None => "absent",
        Some(reference) => match pin(&reference.text) {
            "tag" if text.starts_with(BY_TAG) => "demanded",
            pin => pin,
        },
    };
    if let Some(hole) = whole.hole().filter(|_| pin == "unknown") {
        desk.facts.unread_hole("action", hole, whole.span());
    }
    let action = Action {
        name: whole.slice(0..sign.unwrap_or(text.len())),
        reference,
        pin,
        remark: remark_behind(&document.remarks, node.span()),
    };
    desk.facts.actions.push(Fact {
        says: action,
        origin: whole.origin,
        path: path.into(),
        owner: owner.clone(),
    });
}

/// What a git reference is, as far as its look tells.
fn pin(reference: &str) -> &'static str {
    let is_hex = !reference.is_empty() && reference.bytes().all(|b| b.is_ascii_hexdigit());
    match reference.len() {
        0 => "absent",
        40 | 64 if is_hex => "commit",
        _ => {
            let name = reference.strip_prefix("refs/tags/").unwrap_or(reference);
            // `v4`, `1.2.3`, `codeql-bundle-v2.1`; what is no version is taken for a branch.
            let is_tag = name.len() < reference.len()
                || name.split(['/', '-']).any(|word| {
                    let word = word.strip_prefix(['v', 'V']).unwrap_or(word);
                    let number = word.split('.').next().unwrap_or("");
                    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
                });
            // `release/v1` moves as branches do.
            if is_tag && !name.starts_with("release/") && !name.starts_with("releases/") {
                "tag"
            } else {
                "branch"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::{images, run};

    const WORKFLOW: &str = ".github/workflows/ci.yml";

    #[test]
    fn images_of_workflows() {
        for (name, text, expected) in [
            (
                WORKFLOW,
                "jobs:\n  b:\n    container: node:20 # why\n    services:\n      db: {image: 'postgres:16'}\n",
                &["job/b container node:20 # why", "job/b services.db.image postgres:16"][..],
            ),
            (
                WORKFLOW,
                "jobs:\n  b:\n    container: {image: \"a:${{ matrix.v }}\", env: {}}\n  c: {container: ''}\n",
                &["job/b container.image a:${{ matrix.v }}"],
            ),
            (
                "x/.forgejo/workflows/a.yaml",
                "jobs:\n  b:\n    steps:\n      - uses: docker://alpine:3.19 # x\n      - {name: n, uses: 'docker://a@b'}\n",
                &[
                    "job/b steps[0].uses alpine:3.19 # x",
                    "job/b steps[n].uses a@b has something other than `algorithm:hex` behind the `@`",
                ],
            ),
            (
                "a/action.yml",
                "runs:\n  using: docker\n  image: docker://a/b:1\n",
                &["action runs.image a/b:1"],
            ),
            ("a/action.yml", "runs:\n  using: docker\n  image: Dockerfile\n", &[]),
            ("ci.yml", "jobs:\n  b:\n    container: node:20\n", &[]),
        ] {
            assert_eq!(images(&FORMAT, name, text), expected, "{text}");
        }
    }

    #[test]
    fn actions_and_how_they_are_pinned() {
        let sha = "0123456789abcdef0123456789abcdef01234567";
        for (uses, expected) in [
            (format!("actions/checkout@{sha} # v4.1.0"), format!("actions/checkout {sha} commit v4.1.0")),
            ("actions/checkout@v4".into(), "actions/checkout v4 tag ".into()),
            ("a/b/c@1.2.3".into(), "a/b/c 1.2.3 tag ".into()),
            ("a/b@codeql-bundle-v2.1".into(), "a/b codeql-bundle-v2.1 tag ".into()),
            ("a/b@refs/tags/x".into(), "a/b refs/tags/x tag ".into()),
            ("a/b@main".into(), "a/b main branch ".into()),
            ("a/b@release/v1".into(), "a/b release/v1 branch ".into()),
            ("a/b@0123456".into(), "a/b 0123456 tag ".into()),
            ("a/b@fedcba9".into(), "a/b fedcba9 branch ".into()),
            ("a/b".into(), "a/b - absent ".into()),
            ("a/b@".into(), "a/b  absent ".into()),
            ("./.github/actions/x@y".into(), "./.github/actions/x@y - local ".into()),
            ("a/b@${{ env.X }}".into(), "a/b ${{ env.X }} unknown ".into()),
            (
                "https://code.forgejo.org/actions/checkout@v4".into(),
                "https://code.forgejo.org/actions/checkout v4 tag ".into(),
            ),
        ] {
            let text = format!("jobs:\n  j:\n    steps:\n      - uses: {uses}\n  k:\n    uses: {uses}\n");
            let desk = run(&FORMAT, WORKFLOW, &text);
            assert_eq!(desk.facts.actions.len(), 2, "{uses}");
            for fact in &desk.facts.actions {
                let action = &fact.says;
                for part in [Some(&action.name), action.reference.as_ref(), action.remark.as_ref()]
                    .into_iter()
                    .flatten()
                {
                    assert_eq!(&text[part.origin.editable().unwrap().range()], part.text);
                }
                let text = |part: &Option<crate::text::Part>, none: &str| {
                    part.as_ref().map_or(none.to_string(), |p| p.text.to_string())
                };
                let shown = format!(
                    "{} {} {} {}",
                    action.name.text,
                    text(&action.reference, "-"),
                    action.pin,
                    text(&action.remark, "")
                );
                assert_eq!(shown, expected);
            }
        }
    }
}
