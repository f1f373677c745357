//! Who calls a workflow of this repository, or uses an action of it, and what it gives the inputs.

use super::Desk;
use crate::limits::MOST_CALLERS;
use crate::syntax::Node;
use crate::syntax::expand::{Dialect, expand_tree};
use crate::syntax::provide::{Answer, Known, Names};
use crate::text::{How, Reason};
use crate::world::View;

/// Where workflows that run, and actions, are kept.
const FOLDERS: [&str; 3] = [".github", ".forgejo", ".gitea"];

/// Reads a workflow or an action once for each caller that gives it something, or once with its defaults. What was told
/// before is not told again.
pub(super) fn each<'d>(desk: &mut Desk<'d>, root: &Node, read: &mut dyn FnMut(&mut Desk<'d>, Option<&Node>)) {
    let mut ways: Vec<Option<Node>> = Vec::new();
    if desk.file.has("inputs.")
        && let Some(view) = desk.view()
    {
        ways.extend(callers(desk, view).into_iter().map(Some));
    }
    if ways.is_empty() || !is_only_called(root) && !is_action(desk.file.base()) {
        ways.insert(0, None);
    }
    let first = desk.facts.images.len();
    for (at, given) in ways.iter().enumerate() {
        let (images, actions) = (desk.facts.images.len(), desk.facts.actions.len());
        read(desk, given.as_ref());
        if at > 0 {
            desk.facts.actions.truncate(actions);
            let more = desk.facts.images.split_off(images);
            let told = &mut desk.facts.images;
            for fact in more {
                let is_told = told[first..].iter().any(|other| {
                    (&other.says.text, &other.path, &other.origin, &other.owner.name)
                        == (&fact.says.text, &fact.path, &fact.origin, &fact.owner.name)
                });
                if !is_told {
                    told.push(fact);
                }
            }
        }
    }
}

/// What `inputs.x` stands for: what a caller gives, or the default that the workflow or the action declares. What else an
/// expression asks for is not known before it runs, but the matrix of a job, which is asked later.
pub(super) fn input(root: &Node, given: Option<&Node>, expression: &str) -> Answer {
    let expression = expression.strip_prefix("github.event.").unwrap_or(expression);
    let Some(name) = expression.strip_prefix("inputs.") else { return Answer::Unknown(Reason::Runtime) };
    if let Some(value) = given.and_then(|given| given.part_at(name)) {
        return Answer::Is(Known { value, how: How::Substitution });
    }
    let on = ["workflow_call", "workflow_dispatch"].map(|event| root.at(&["on", event, "inputs"]));
    let lists = on.into_iter().chain([root.get("inputs")]).flatten();
    let default = lists.filter_map(|inputs| inputs.get(name)?.part_at("default")).next();
    match default {
        Some(value) => Answer::Is(Known { value, how: How::Default }),
        None => Answer::Unknown(Reason::Runtime),
    }
}

/// What each caller gives: a map of names and values.
fn callers(desk: &Desk, view: View) -> Vec<Node> {
    let name = desk.file.name;
    let wanted = if is_action(desk.file.base()) { desk.file.directory() } else { name };
    let mut out: Vec<Node> = Vec::new();
    for id in FOLDERS.iter().flat_map(|folder| view.files.below(folder)) {
        if id == desk.file.id || !view.files.peek(id, |text| text.contains(wanted) && text.contains("uses")) {
            continue;
        }
        let documents = view.files.yaml(id).map(|yaml| yaml.documents.as_slice()).unwrap_or_default();
        for document in documents {
            let inputs = |name: &str| input(&document.root, None, name);
            let names = Names::new(&inputs, &desk.budget);
            for step in steps(&document.root) {
                if out.len() < MOST_CALLERS && step.text_at("uses").is_some_and(|uses| is_it(uses, wanted)) {
                    let nothing = || Node::map(step.origin.clone(), Vec::new());
                    let with = step.get("with").map_or_else(nothing, Node::clone);
                    out.push(expand_tree(&with, Dialect::Workflow, &names));
                }
            }
        }
    }
    out
}

fn is_it(uses: &str, wanted: &str) -> bool {
    uses.strip_prefix("./").is_some_and(|path| path.trim_end_matches('/') == wanted)
}

/// Jobs and steps of a workflow or an action: each may use another.
fn steps(root: &Node) -> Vec<&Node> {
    let jobs = root.get("jobs").map_or(&[][..], Node::entries).iter().map(|(_, job)| job);
    let jobs: Vec<&Node> = jobs.chain(root.get("runs")).collect();
    let of_jobs = jobs.iter().flat_map(|job| job.get("steps").map_or(&[][..], Node::items));
    jobs.iter().copied().chain(of_jobs).collect()
}

/// Whether a workflow runs only if another calls it.
fn is_only_called(root: &Node) -> bool {
    let Some(on) = root.get("on") else { return false };
    let events = on.entries().iter().filter_map(|(event, _)| event.text());
    let mut events = events.chain(on.items().iter().filter_map(Node::text)).chain(on.text());
    events.all(|event| event == "workflow_call")
}

pub(super) fn is_action(base: &str) -> bool {
    base == "action.yml" || base == "action.yaml"
}
