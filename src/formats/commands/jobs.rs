//! Scripts that pipelines and tasks hold: the steps of workflows, the jobs of GitLab and others, the tasks of Taskfiles,
//! the scripts of packages.

use super::super::{Desk, Format, Read, actions, callers, gitlab_ci, tell};
use super::scripts::{Job, names_tool, nothing, read};
use crate::facts::Resource;
use crate::limits::MOST_ASKING_TASKS;
use crate::syntax::expand::{self, Dialect as Notation};
use crate::syntax::provide::{Answer, Budget, Known, Names};
use crate::syntax::shell::Dialect;
use crate::syntax::{Document, Node, forms};
use crate::text::{File, How, Part, Reason, Str};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(in crate::formats) const FORMAT: Format =
    Format { name: "commands-of-jobs", words: &[], wants, read: Read::Filled(read_document) };

/// What keeps scripts, by the name of its file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Workflow,
    Gitlab,
    Tasks,
    Package,
    /// Everything under these keys is a script.
    Keys(&'static [&'static str]),
}

fn wants(file: &File) -> bool {
    kind(file).is_some() && names_tool(file)
}

fn kind(file: &File) -> Option<Kind> {
    let (name, base) = (file.name, file.base());
    if !file.is_yaml() {
        return None;
    }
    let is_hidden = name.starts_with('.') || name.contains("/.");
    let is_below = |folder: &str| is_hidden && file.directory().split('/').any(|part| part == folder);
    match () {
        () if actions::is_workflow(name) || callers::is_action(base) => Some(Kind::Workflow),
        () if gitlab_ci::is_pipeline(file) => Some(Kind::Gitlab),
        () if base == "package.json" => Some(Kind::Package),
        () if is_below(".circleci") => Some(Kind::Keys(&["run", "command"])),
        () if base.contains("azure-pipelines")
            || is_below(".azuredevops")
            || is_below(".azure-pipelines") =>
        {
            Some(Kind::Keys(&["script", "bash"]))
        }
        () if base.starts_with("bitbucket-pipelines") => Some(Kind::Keys(&["script", "after-script"])),
        () if base.starts_with(".woodpecker.") || base.starts_with(".drone.") || is_below(".woodpecker") => {
            Some(Kind::Keys(&["commands"]))
        }
        () if name.to_ascii_lowercase().contains("task") && file.has("tasks:") && file.has("cmd") => {
            Some(Kind::Tasks)
        }
        () => None,
    }
}

fn read_document(desk: &mut Desk, document: &Document) {
    let root = &document.root;
    match kind(&desk.file) {
        Some(Kind::Workflow) => {
            callers::each(desk, root, &mut |desk, given| workflow(desk, root, given));
        }
        Some(Kind::Gitlab) => gitlab(desk, root),
        Some(Kind::Tasks) => tasks(desk, root),
        Some(Kind::Package) => package(desk, root),
        Some(Kind::Keys(keys)) => by_keys(desk, root, keys),
        None => {}
    }
}

/// The texts of a node that is one or a list of them.
fn texts(node: &Node) -> Vec<Part> {
    match node.part() {
        Some(part) => vec![part],
        None => node.items().iter().flat_map(texts).collect(),
    }
}

fn workflow(desk: &mut Desk, root: &Node, given: Option<&Node>) {
    // What another step builds is not pulled.
    let mut built = BTreeSet::new();
    if callers::is_action(desk.file.base()) {
        let owner = tell::owner(desk, actions::FORMAT.name, "action", "");
        let Some(runs) = root.get("runs") else { return };
        steps(desk, (root, given), &owner, (runs, "runs.steps"), &[], &mut built);
        return;
    }
    let global: Vec<&Node> = root.get("env").into_iter().collect();
    for (name, job) in root.get("jobs").map_or(&[][..], Node::entries) {
        let owner = tell::owner(desk, actions::FORMAT.name, "job", name.text().unwrap_or_default());
        let variables: Vec<&Node> = job.get("env").into_iter().chain(global.iter().copied()).collect();
        steps(desk, (root, given), &owner, (job, "steps"), &variables, &mut built);
    }
}

/// The steps of a job or an action. `variables` are maps of names and values, the nearest first.
fn steps(
    desk: &mut Desk,
    (root, given): (&Node, Option<&Node>),
    owner: &Arc<Resource>,
    (parent, list): (&Node, &str),
    variables: &[&Node],
    built: &mut BTreeSet<Str>,
) {
    let budget = desk.budget.clone();
    let inputs = |name: &str| callers::input(root, given, name);
    let names = Names::new(&inputs, &budget);
    for (at, step) in parent.get("steps").map_or(&[][..], Node::items).iter().enumerate() {
        let tags = step.at(&["with", "tags"]).map(texts).unwrap_or_default();
        let lines = tags.iter().flat_map(|tags| tags.text.split([',', '\n']));
        built.extend(lines.map(str::trim).filter(|tag| !tag.is_empty()).map(Str::from));
        let is_shell =
            step.text_at("shell").is_none_or(|shell| shell.starts_with("bash") || shell.starts_with("sh"));
        let Some(run) = step.get("run").and_then(Node::part).filter(|_| is_shell) else { continue };
        let mut path = list.to_string();
        tell::push_item(&mut path, step, at);
        path.push_str(".run");
        let own: Vec<&Node> = step.get("env").into_iter().chain(variables.iter().copied()).collect();
        let outer = |name: &str| match own.iter().find_map(|list| list.get(name)).map(Node::part) {
            Some(Some(value)) => {
                let value = expand::expand(&value, Notation::Workflow, &names);
                Answer::Is(Known { value, how: How::Substitution })
            }
            Some(None) => Answer::Unknown(Reason::Unclear),
            None => Answer::Nothing,
        };
        let moves = |node: &Node| {
            let own = node.get("working-directory");
            own.or_else(|| node.at(&["defaults", "run", "working-directory"])).is_some()
        };
        let home = (![step, parent, root].into_iter().any(moves)).then_some("");
        let job = Job { owner, path: &path, dialect: Dialect::Shell, outer: &outer, home };
        let of_env = |name: &str| match name.strip_prefix("env.").map(&outer) {
            Some(Answer::Is(known)) => Answer::Is(known),
            Some(_) => Answer::Unknown(Reason::Runtime),
            None => inputs(name),
        };
        let names = Names::new(&of_env, &budget);
        read(desk, &job, &[expand::fill(&run, Notation::Workflow, &names)], built);
    }
}

fn gitlab(desk: &mut Desk, root: &Node) {
    let global = gitlab_ci::globals(desk, root);
    for (name, node) in root.entries() {
        let Some(name) = name.text().filter(|_| node.is_map()) else { continue };
        let owner = tell::owner(desk, gitlab_ci::FORMAT.name, "job", name);
        let lists: Vec<&Node> = node.get("variables").into_iter().chain(&global).collect();
        let budget = desk.budget.clone();
        let provider = |name: &str| gitlab_ci::variable(&lists, name);
        let names = Names::asking(&provider, &budget);
        let outer = |name: &str| match provider(name) {
            Answer::Is(known) => {
                Answer::Is(Known { value: expand::expand(&known.value, Notation::Compose, &names), ..known })
            }
            other => other,
        };
        let before = node.get("before_script").map(texts).unwrap_or_default();
        let own: Vec<Part> =
            ["script", "after_script"].iter().filter_map(|key| node.get(key)).flat_map(texts).collect();
        let path = if own.is_empty() { "before_script" } else { "script" };
        let job = Job { owner: &owner, path, dialect: Dialect::Shell, outer: &outer, home: Some("") };
        read(desk, &job, &[before, own].concat(), &mut BTreeSet::new());
    }
}

fn tasks(desk: &mut Desk, root: &Node) {
    let of = |node: &Node| -> Vec<Node> {
        ["vars", "env"].iter().filter_map(|key| node.get(key)).cloned().collect()
    };
    let global = of(root);
    for (name, task) in root.get("tasks").map_or(&[][..], Node::entries) {
        let owner = tell::owner(desk, FORMAT.name, "task", name.text().unwrap_or_default());
        let lists = [of(task), global.clone()].concat();
        let budget = desk.budget.clone();
        let outer = |name: &str| variable_of_task(&lists, &budget, name, &[]);
        let list = ["cmds", "cmd"].iter().find_map(|key| task.get(key)).unwrap_or(task);
        let items = if list.is_list() { list.items() } else { std::slice::from_ref(list) };
        let cmds = items.iter().filter_map(|item| item.part().or_else(|| item.part_at("cmd")));
        let home = Some(desk.file.directory()).filter(|_| task.get("dir").is_none());
        let job = Job { owner: &owner, path: "cmds", dialect: Dialect::Task, outer: &outer, home };
        read(desk, &job, &cmds.collect::<Vec<_>>(), &mut BTreeSet::new());
    }
}

/// What `{{.NAME}}` is: with other variables in it, and with a default. `trail` are the names whose values ask for it.
fn variable_of_task(lists: &[Node], budget: &Budget, name: &str, trail: &[&str]) -> Answer {
    let value = match lists.iter().find_map(|list| list.get(name)).map(Node::part) {
        Some(Some(value)) => value,
        // `{sh: …}` is known when it runs.
        Some(None) => return Answer::Unknown(Reason::Runtime),
        None => return Answer::Nothing,
    };
    let trail = [trail, &[name]].concat();
    let asked = |form: &str| {
        let (asked, rest) = form.split_once('|').map_or((form, ""), |(asked, rest)| (asked, rest.trim()));
        let name = asked.trim().strip_prefix('.')?;
        let is_open = trail.len() < MOST_ASKING_TASKS && !trail.contains(&name);
        let known = if is_open { variable_of_task(lists, budget, name, &trail) } else { Answer::Nothing };
        match known {
            Answer::Is(known) if rest.is_empty() || rest.starts_with("default") => {
                Some((known.value, known.how))
            }
            Answer::Nothing => default_of_task(&value, rest).map(|value| (value, How::Default)),
            _ => None,
        }
    };
    let filled = expand::put(&value, ("{{", "}}"), budget, &asked);
    let value = filled.unwrap_or_else(|| forms::marked(&value).into_owned());
    Answer::Is(Known { value, how: How::Substitution })
}

/// The text of `default "text"`, where it is written.
fn default_of_task(value: &Part, pipe: &str) -> Option<Part> {
    let quoted = pipe.strip_prefix("default")?.trim();
    let text = quoted.strip_prefix(['"', '\''])?.strip_suffix(['"', '\''])?;
    let at = value.text.find(quoted).filter(|_| !text.contains(['"', '\''])).map(|at| at + 1)?;
    Some(value.slice(at..at + text.len()))
}

fn package(desk: &mut Desk, root: &Node) {
    let owner = tell::owner(desk, FORMAT.name, "package", "");
    let scripts = root.get("scripts").map_or(&[][..], Node::entries).iter();
    let scripts: Vec<Part> = scripts.filter_map(|(_, script)| script.part()).collect();
    let home = Some(desk.file.directory());
    let job = Job { owner: &owner, path: "scripts", dialect: Dialect::Shell, outer: &nothing, home };
    read(desk, &job, &scripts, &mut BTreeSet::new());
}

fn by_keys(desk: &mut Desk, root: &Node, keys: &[&str]) {
    let mut found = Vec::new();
    root.walk(&mut |path, node| {
        let key = path.rsplit('.').next().unwrap_or(path);
        let is_script = keys.contains(&key) && !node.is_map();
        if is_script {
            found.push((path.to_owned(), texts(node)));
        }
        !is_script
    });
    let owner = tell::owner(desk, FORMAT.name, "pipeline", "");
    for (path, texts) in found {
        let job =
            Job { owner: &owner, path: &path, dialect: Dialect::Shell, outer: &nothing, home: Some("") };
        read(desk, &job, &texts, &mut BTreeSet::new());
    }
}
