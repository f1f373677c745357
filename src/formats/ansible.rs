//! Ansible: the images that tasks of the docker and podman collections run, and variables named after images.
//! Variables are followed within the file.

use super::ansible_around::{Around, OfGroups};
use super::looks::{looks_like_image, named_after_image};
use super::{Desk, Format, Read, ansible_uses, commands, helm_values, kubernetes, tell};
use crate::facts::{Image, Resource, Role, join};
use crate::syntax::provide::{Answer, Known, Names};
use crate::syntax::shell::Dialect;
use crate::syntax::{Document, Node, Tag, jinja, remark_behind};
use crate::text::{File, How, Part, Reason};
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) const FORMAT: Format = Format { name: "ansible", words: &[], wants, read: Read::Filled(read) };

fn wants(file: &File) -> bool {
    let is_yaml = file.name.ends_with(".yml") || file.name.ends_with(".yaml");
    let is_play = || file.has("hosts:") && (file.has("tasks:") || file.has("roles:"));
    let runs = || {
        ["docker_", "podman_", "k8s:"].iter().any(|module| file.has(module))
            || is_play()
            || has_commands(file)
    };
    is_yaml
        && (in_folder(file) || is_list(file))
        && (file.has("image") || has_commands(file))
        && (in_folder(file) || runs())
}

/// Whether a file begins as lists of plays and tasks do: what is a map is told at its first line.
fn is_list(file: &File) -> bool {
    file.first_line().trim_start().starts_with(['-', '[', '{'])
}

/// Where roles and inventories keep their variables.
fn in_folder(file: &File) -> bool {
    let mut folders = file.directory().split('/');
    let is_chart = file.directory().contains("/templates") || file.base().starts_with("values");
    folders.any(|part| matches!(part, "group_vars" | "host_vars" | "defaults" | "vars" | "playbooks"))
        && !is_chart
}

/// Tasks that run commands of tools that pull.
fn has_commands(file: &File) -> bool {
    (file.directory().split('/').any(|part| matches!(part, "tasks" | "handlers")) || file.has("tasks:"))
        && (file.has("command:") || file.has("shell:"))
        && commands::names_tool(file)
}

/// Modules that run a command.
const COMMANDS: [&str; 3] = ["command", "shell", "raw"];

/// Modules that name an image, and the argument that does.
const MODULES: [(&str, &str); 8] = [
    ("docker_container", "image"),
    ("docker_swarm_service", "image"),
    ("docker_image", "name"),
    ("docker_image_pull", "name"),
    ("podman_container", "image"),
    ("podman_image", "name"),
    ("podman_pod", "infra_image"),
    ("podman_runlabel", "image"),
];

fn read(desk: &mut Desk, document: &Document) {
    let root = &document.root;
    if root.get("apiVersion").is_some() || root.get("services").is_some_and(Node::is_map) {
        return;
    }
    let is_defaults = desk.file.directory().split('/').any(|part| part == "defaults");
    let around = OnceCell::new();
    let mut reader = Reader { desk, document, scopes: Vec::new(), is_defaults, around };
    if root.is_map() && in_folder(&reader.desk.file) {
        reader.scopes.push(root);
        let owner = tell::owner(reader.desk, FORMAT.name, "variables", "");
        let first = reader.desk.facts.images.len();
        reader.settings(&owner, root);
        ansible_uses::note(reader.desk, root, first);
    }
    reader.tasks(root, "");
}

struct Reader<'d, 'f, 'n> {
    desk: &'d mut Desk<'f>,
    document: &'n Document,
    /// Maps of variables, the outermost first.
    scopes: Vec<&'n Node>,
    /// The file holds the defaults of a role, which win over nothing.
    is_defaults: bool,
    /// Variables of other files.
    around: OnceCell<Around>,
}

impl<'n> Reader<'_, '_, 'n> {
    /// What is said of a variable: by the file, the nearest map first, by its role, and for all hosts.
    fn variable(&self, name: &str) -> Answer {
        let own = self.scopes.iter().rev().find_map(|scope| scope.get(name));
        let around = || self.around.get_or_init(|| Around::of(self.desk));
        let of_role = || around().of_role.iter().find_map(|scope| scope.get(name));
        let over = || around().over.iter().find_map(|scope| scope.get(name));
        let under = || around().under.iter().find_map(|scope| scope.get(name));
        let sure = own.filter(|_| !self.is_defaults).or_else(of_role);
        // A host that is in no group has what holds for all.
        let found = sure.or_else(|| over().or(own).or_else(under));
        let found = match around().in_groups(name) {
            _ if sure.is_some() => found,
            OfGroups::Nothing => found,
            OfGroups::One(node) if found.is_none_or(|other| other.text() == node.text()) => Some(node),
            OfGroups::One(_) | OfGroups::Several => return Answer::Unknown(Reason::Runtime),
        };
        let Some(node) = found else { return Answer::Nothing };
        // A task sets it anew.
        let is_set = |file: &File| file.has("set_fact") && file.has(&format!("{name}:"));
        if own.is_none() && is_set(&self.desk.file) {
            return Answer::Unknown(Reason::Runtime);
        }
        match node.part() {
            _ if node.tag() == Tag::Vault => Answer::Unknown(Reason::Secret),
            Some(value) => Answer::Is(Known { value, how: How::Substitution }),
            None => Answer::Unknown(Reason::Template),
        }
    }

    fn filled(&self, whole: &Part) -> Part {
        let provider = |name: &str| self.variable(name);
        jinja::fill(whole, &Names::asking(&provider, &self.desk.budget))
    }

    fn filled_tree(&self, node: &Node) -> Node {
        let provider = |name: &str| self.variable(name);
        jinja::fill_tree(node, &Names::asking(&provider, &self.desk.budget))
    }

    /// Plays, blocks and tasks, however deep.
    fn tasks(&mut self, list: &'n Node, play: &str) {
        for task in list.items() {
            let called = task.text_at("name").unwrap_or(play);
            let depth = self.scopes.len();
            if let Some(vars) = task.get("vars").filter(|vars| vars.is_map()) {
                self.scopes.push(vars);
                let owner = tell::owner(self.desk, FORMAT.name, "variables", called);
                self.settings(&owner, vars);
            }
            for key in ["tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always"] {
                if let Some(inner) = task.get(key) {
                    self.tasks(inner, called);
                }
            }
            for (key, arguments) in task.entries() {
                let module = key.text().map_or("", |key| key.rsplit('.').next().unwrap_or(key));
                if let Some((_, argument)) = MODULES.iter().find(|(name, _)| *name == module) {
                    self.module(called, module, argument, arguments);
                }
                if module == "k8s" {
                    self.objects(called, arguments);
                }
                if COMMANDS.contains(&module) {
                    self.command(called, module, arguments);
                }
            }
            self.scopes.truncate(depth);
        }
    }

    fn module(&mut self, task: &str, module: &str, argument: &str, arguments: &'n Node) {
        let Some(node) = arguments.get(argument) else { return };
        let Some(name) = node.part().filter(|name| !name.text.is_empty()) else { return };
        // A variable named after an image is told where it is set.
        if jinja::only_name(&name.text).is_some_and(|name| {
            self.scopes.iter().all(|scope| scope.get(name).is_none()) && name.contains("image")
        }) {
            return;
        }
        if matches!(arguments.text_at("state"), Some("absent" | "stopped")) {
            return;
        }
        let is_built = arguments.text_at("source") == Some("build")
            || arguments.text_at("state") == Some("build")
            || arguments.get("build").is_some();
        let owner = tell::owner(self.desk, FORMAT.name, "task", task);
        let path = format!("{module}.{argument}");
        let name = self.filled(&name);
        let tag = arguments
            .get("tag")
            .filter(|_| argument == "name")
            .and_then(Node::part)
            .map(|tag| self.filled(&tag));
        let (image, whole) = match tag {
            Some(tag) => (join(None, Some(name), Some(tag.clone()), None, &node.origin), tag.origin),
            None => (crate::facts::parse_reference(&name), name.origin),
        };
        let image = Image {
            role: if is_built { Role::Built } else { Role::Pull },
            remark: remark_behind(&self.document.remarks, node.span()),
            ..image
        };
        tell::tell(self.desk, &owner, path, image, whole);
    }

    /// The objects that a task hands to a cluster, one or a list of them.
    fn objects(&mut self, task: &str, arguments: &'n Node) {
        if arguments.text_at("state") == Some("absent") {
            return;
        }
        let key = ["definition", "resource_definition"].into_iter().find(|key| arguments.get(key).is_some());
        let Some((key, written)) = key.and_then(|key| Some((key, arguments.get(key)?))) else { return };
        let owner = tell::owner(self.desk, FORMAT.name, "task", task);
        let filled = self.filled_tree(written);
        let objects = if filled.is_list() { filled.items() } else { std::slice::from_ref(&filled) };
        for object in objects {
            kubernetes::embedded(self.desk, object);
            kubernetes::fragment(self.desk, self.document, &owner, object, &format!("k8s.{key}"));
        }
    }

    /// A command as a text, under `cmd`, or as the list of its words.
    fn command(&mut self, task: &str, module: &str, arguments: &'n Node) {
        let text = arguments.part().or_else(|| arguments.part_at("cmd"));
        let words: Vec<Part> = arguments
            .get("argv")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::part)
            .collect();
        let owner = tell::owner(self.desk, FORMAT.name, "task", task);
        let job = commands::Job {
            owner: &owner,
            path: module,
            dialect: Dialect::Shell,
            outer: &commands::nothing,
            home: None,
        };
        match text.map(|text| self.filled(&text)) {
            Some(text) => commands::read(self.desk, &job, &[text], &mut BTreeSet::new()),
            None => {
                let words: Vec<Part> = words.iter().map(|word| self.filled(word)).collect();
                commands::read_words(self.desk, &job, words);
            }
        }
    }

    /// Variables that go by the name of an image.
    fn settings(&mut self, owner: &Arc<Resource>, map: &'n Node) {
        for (key, value) in map.entries() {
            let Some(name) = key.text() else { continue };
            if value.is_map() || value.is_list() {
                let value = self.filled_tree(value);
                helm_values::values(self.desk, self.document, owner, &value, name);
                self.nested(owner, &value, name);
                continue;
            }
            let Some(whole) = value.part().filter(|_| named_after_image(name)) else { continue };
            let whole = self.filled(&whole);
            let literal = without_holes(&whole);
            // A name alone is another variable's matter; a text without a sign of a reference is none.
            if !looks_like_image(&literal) || is_one_name(&whole) {
                continue;
            }
            let remark = remark_behind(&self.document.remarks, value.span());
            tell::image(self.desk, owner, name, &whole, tell::role_of_setting(&whole), remark);
        }
    }

    /// Names with a hyphen, as the settings of other programs have them: `pause-image`.
    fn nested(&mut self, owner: &Arc<Resource>, node: &Node, path: &str) {
        let mut found = Vec::new();
        node.walk(&mut |below, node| {
            let key = below.rsplit('.').next().unwrap_or(below);
            if key.ends_with("-image") {
                found.extend(
                    node.part()
                        .filter(|part| looks_like_image(&part.text))
                        .map(|part| (below.to_string(), part)),
                );
            }
            true
        });
        for (below, whole) in found {
            let remark = remark_behind(&self.document.remarks, whole.span());
            let role = tell::role_of_setting(&whole);
            tell::image(self.desk, owner, format!("{path}.{below}"), &whole, role, remark);
        }
    }
}

/// Whether a text is nothing but one variable without a value.
fn is_one_name(whole: &Part) -> bool {
    whole.holes().first().is_some_and(|(range, _)| range.len() == whole.text.len())
        && jinja::only_name(&whole.text).is_some()
}

/// The text with a letter in place of each hole.
fn without_holes(whole: &Part) -> String {
    let mut out = String::new();
    let mut from = 0;
    for (hole, _) in whole.holes() {
        out.push_str(&whole.text[from..hole.start]);
        out.push('x');
        from = hole.end;
    }
    out.push_str(&whole.text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::images;

    #[test]
    fn images_of_tasks_and_variables() {
        for (name, text, expected) in [
            (
                "site.yml",
                "- hosts: all\n  vars:\n    tag: '1.2'\n  tasks:\n    - name: run\n      community.docker.docker_container:\n        name: w\n        image: \"nginx:{{ tag }}\" # why\n    - block:\n        - name: pull\n          docker_image: {name: a/b, tag: '3', source: pull}\n        - docker_image: {name: c, source: build}\n",
                &[
                    "task/run docker_container.image nginx:1.2 ‹nginx:·1.2› # why",
                    "task/pull docker_image.name a/b:3",
                    "task docker_image.name c (built)",
                ][..],
            ),
            (
                "x/tasks/main.yml",
                "- containers.podman.podman_container:\n    image: \"{{ app_container_image }}\"\n- docker_container: {image: 'x:1', state: absent}\n- docker_container: {image: '{{ foo }}'}\n",
                &["task docker_container.image {{ foo }}"],
            ),
            (
                "roles/x/defaults/main.yml",
                "app_version: v1.2.3\napp_build: false\napp_prefix: \"{{ 'localhost/' if app_build else app_up }}\"\napp_up: docker.io/\napp_container_image: \"{{ app_prefix }}a/b:{{ app_version }}\"\napp_container_image_tag: x:1\nicon_image: x/y.png\nos_image: debian\nother_image: \"{{ app_container_image }}\"\nz_image: \"{{ reg }}c/d:{{ ver }}\"\n",
                &[
                    "variables app_container_image docker.io/a/b:v1.2.3 ‹docker.io/·a/b:·v1.2.3›",
                    "variables other_image docker.io/a/b:v1.2.3 ‹docker.io/·a/b:·v1.2.3›",
                    "variables z_image {{ reg }}c/d:{{ ver }}",
                ],
            ),
            (
                "group_vars/all.yml",
                "web:\n  image: {repository: a/b, tag: '1'}\n",
                &["variables web.image a/b:1"],
            ),
            (
                "group_vars/k.yml",
                "k3s: {pause-image: 'registry.k8s.io/pause:3.9'}\n",
                &["variables k3s.pause-image registry.k8s.io/pause:3.9"],
            ),
            (
                "ansible/p.yml",
                "- hosts: all\n  vars: {web_image: 'a/b:1'}\n  tasks: []\n",
                &["variables web_image a/b:1"],
            ),
            (
                "roles/x/tasks/k.yml",
                "- name: warm\n  vars: {v: '1.2'}\n  kubernetes.core.k8s:\n    state: present\n    definition:\n      apiVersion: v1\n      kind: Pod\n      spec: {containers: [{name: c, image: \"a/b:{{ v }}\"}, {name: d, image: 'a/c:{{ w }}'}]}\n",
                &[
                    "task/warm k8s.definition.spec.containers[c].image a/b:1.2 ‹a/b:·1.2›",
                    "task/warm k8s.definition.spec.containers[d].image a/c:{{ w }}",
                ],
            ),
            (
                "k.yml",
                "- k8s:\n    resource_definition: [{kind: Pod, spec: {containers: [{image: 'a/b:1'}]}}]\n- k8s:\n    definition: \"{{ lookup('template', 'p.yml') }}\"\n",
                &["task k8s.resource_definition.spec.containers[0].image a/b:1"],
            ),
            (
                "k.yml",
                "- k8s: {state: absent, definition: {kind: Pod, spec: {containers: [{image: 'a/b:1'}]}}}\n- k8s: {}\n",
                &[],
            ),
            ("x.yml", "web_image: a/b:1\n", &[]),
        ] {
            assert_eq!(images(&FORMAT, name, text), expected, "{text}");
        }
    }
}
