//! What a compose file is read with: overrides beside it, services that are extended, files of variables. Files that
//! `include` names are projects of their own.

use crate::limits::DEEPEST_EXTENDS;
use crate::syntax::expand::{Dialect, expand_tree};
use crate::syntax::provide::Names;
use crate::syntax::{Node, Scalar, Style, Value, dotenv, sealed};
use crate::text::{How, Part, SourceId, Str, paths};
use crate::world::View;
use std::cell::RefCell;
use std::collections::HashMap;

/// The files that compose looks for by itself, and those that it puts over one of them.
const DEFAULTS: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];
/// Where variables of files wait until those of the service are over them.
const FROM_FILES: &str = "x-from-files";

/// A file of a project.
#[derive(Clone)]
struct Layer {
    id: SourceId,
    folder: Str,
    /// Its variables are filled in.
    root: Node,
    /// Its text, if it says of something that it takes the place of all.
    text: Option<Str>,
}

/// The files of a project of which one is read. Later ones win.
pub(super) struct Project<'a> {
    view: Option<View<'a>>,
    names: &'a Names<'a>,
    layers: Vec<Layer>,
    own: usize,
    /// Files that services extend, each read once.
    others: RefCell<HashMap<SourceId, Option<Layer>>>,
}

impl<'a> Project<'a> {
    /// The project of a file, whose tree is filled in; `variables` are those of the `.env` beside it.
    pub(super) fn of(
        view: Option<View<'a>>,
        (id, name): (SourceId, &str),
        root: &Node,
        (names, variables): (&'a Names<'a>, &HashMap<Str, Part>),
    ) -> Project<'a> {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let listed = view.map_or_else(Vec::new, |view| listed(view, folder, variables));
        let own = listed.iter().position(|other| *other == id);
        let listed = if own.is_some() { listed } else { vec![id] };
        let others = RefCell::default();
        let mut project = Project { view, names, layers: Vec::new(), own: 0, others };
        for file in listed {
            let layer = match file == id {
                true => {
                    Some(Layer { id, folder: folder.into(), root: root.clone(), text: project.marked(id) })
                }
                false => project.layer(file),
            };
            if file == id {
                project.own = project.layers.len();
            }
            project.layers.extend(layer);
        }
        project
    }

    /// Another file, if it can be read.
    fn layer(&self, id: SourceId) -> Option<Layer> {
        let files = self.view?.files;
        let folder = files.name(id).rsplit_once('/').map_or("", |(folder, _)| folder);
        let root = expand_tree(&files.yaml(id)?.documents.first()?.root, Dialect::Compose, self.names);
        Some(Layer { id, folder: folder.into(), root, text: self.marked(id) })
    }

    fn other(&self, id: SourceId) -> Option<Layer> {
        if let Some(known) = self.others.borrow().get(&id) {
            return known.clone();
        }
        let layer = self.layer(id);
        self.others.borrow_mut().insert(id, layer.clone());
        layer
    }

    fn marked(&self, id: SourceId) -> Option<Str> {
        let marked =
            |text: &str| (text.contains("!override") || text.contains("!reset")).then(|| text.into());
        self.view?.files.ask(id, marked).flatten()
    }

    /// The volumes that all files of the project declare.
    pub(super) fn volumes(&self) -> Option<Node> {
        let all = self.layers.iter().filter_map(|layer| layer.root.get("volumes").cloned());
        all.reduce(|base, top| self.over("", &base, &top))
    }

    /// A service with all that is over it and under it; nothing if an earlier file has it, which tells it.
    pub(super) fn service(&self, name: &str) -> Option<Node> {
        if self.layers[..self.own].iter().any(|layer| layer.service(name).is_some()) {
            return None;
        }
        let all = self.layers[self.own..].iter().filter_map(|layer| {
            let service = layer.service(name)?;
            Some(self.resolved(layer, name, service, &mut Vec::new()))
        });
        let merged = all.reduce(|base, top| self.over("", &base, &top))?;
        let Some(from_files) = merged.get(FROM_FILES) else { return Some(merged) };
        let own = merged.get("environment").map(variables);
        let all = own.map_or_else(|| from_files.clone(), |own| self.over("", from_files, &own));
        Some(with(&without(&merged, &[FROM_FILES, "environment"]), "environment", all))
    }

    /// A service as its file alone says it, with the variables of its files, over the service that it extends. What
    /// cannot be followed keeps its `extends`.
    fn resolved(&self, layer: &Layer, name: &str, service: &Node, trail: &mut Vec<(SourceId, Str)>) -> Node {
        let service = self.with_files(layer, service);
        let me = (layer.id, Str::from(name));
        if trail.len() >= DEEPEST_EXTENDS || trail.contains(&me) {
            return service;
        }
        let Some(extends) = service.get("extends").filter(|extends| !extends.is_null()) else {
            return service;
        };
        trail.push(me);
        self.extended(layer, extends, trail)
            .map_or_else(|| service.clone(), |base| self.over("", &base, &without(&service, &["extends"])))
    }

    fn extended(&self, layer: &Layer, extends: &Node, trail: &mut Vec<(SourceId, Str)>) -> Option<Node> {
        let name = extends.text().or_else(|| extends.text_at("service"))?;
        let other = match extends.get("file").filter(|file| !file.is_null()) {
            Some(file) => {
                let file = file.part().filter(Part::is_known)?;
                self.other(self.view?.files.find(&paths::resolve(&layer.folder, &file.text)?)?)?
            }
            None => layer.clone(),
        };
        let base = self.resolved(&other, name, other.service(name)?, trail);
        base.get("extends").is_none_or(Node::is_null).then_some(base)
    }

    /// A service with the variables of its files under a key of their own; a file that is not here stays named.
    fn with_files(&self, layer: &Layer, service: &Node) -> Node {
        let Some(named) = service.get("env_file").filter(|named| !named.is_null()) else {
            return service.clone();
        };
        let read: Vec<Option<Node>> = items(named).iter().map(|entry| self.variables(layer, entry)).collect();
        let is_whole = read.iter().all(Option::is_some);
        let from_files = read.into_iter().flatten().reduce(|base, top| self.over("", &base, &top));
        let service = if is_whole { without(service, &["env_file"]) } else { service.clone() };
        from_files.map_or(service.clone(), |all| with(&service, FROM_FILES, all))
    }

    /// The variables of a file that an entry names.
    fn variables(&self, layer: &Layer, entry: &Node) -> Option<Node> {
        let path = entry.part().or_else(|| entry.part_at("path")).filter(Part::is_known)?;
        let files = self.view?.files;
        let id = files.find(&paths::resolve(&layer.folder, &path.text)?)?;
        let read = files.ask(id, |text| dotenv::read(id, text, self.names.budget()))?;
        let entry = |(name, value): (Part, Part)| {
            let is_secret = sealed::begins_as_sops(&value.text);
            let value = if is_secret { Node::new(value.origin, Value::Null) } else { scalar(value) };
            (scalar(name), value)
        };
        let mut entries: Vec<(Node, Node)> = Vec::new();
        for (name, value) in read.into_iter().map(entry) {
            entries.retain(|(other, _)| other.text() != name.text());
            entries.push((name, value));
        }
        Some(Node::map(path.origin, entries))
    }

    /// What one file says under a key, with what a later one says over it.
    fn over(&self, key: &str, base: &Node, top: &Node) -> Node {
        if top.is_null() {
            return base.clone();
        }
        if self.is_marked(top, "!override") {
            return top.clone();
        }
        match key {
            "command" | "entrypoint" => winner(base, top),
            "environment" | "args" => self.maps(&variables(base), &variables(top)),
            "build" => self.maps(&build(base), &build(top)),
            "volumes" if top.is_list() => mounts(base, top),
            _ if base.is_map() && top.is_map() => self.maps(base, top),
            "tmpfs" | "env_file" | "ports" | "expose" => joined(items(base).to_vec(), top),
            _ if base.is_list() && top.is_list() => joined(base.items().to_vec(), top),
            _ => winner(base, top),
        }
    }

    fn maps(&self, base: &Node, top: &Node) -> Node {
        let mut entries: Vec<(Node, Node)> = base.entries().to_vec();
        for (key, value) in top.entries() {
            let name = key.text().unwrap_or_default();
            let known = entries.iter().position(|(other, _)| other.text() == Some(name));
            match known {
                Some(at) if self.is_marked(value, "!reset") => drop(entries.remove(at)),
                Some(at) => entries[at].1 = self.over(name, &entries[at].1, value),
                None => entries.push((key.clone(), value.clone())),
            }
        }
        Node::map(base.origin.clone(), entries)
    }

    /// Whether a word of compose is in front of a value: it takes the place of all that was there, or nothing does.
    fn is_marked(&self, node: &Node, word: &str) -> bool {
        let span = node.span();
        let layer = self.layers.iter().find(|layer| layer.id == span.source);
        let Some(text) = layer.and_then(|layer| layer.text.as_ref()) else { return false };
        let (before, behind) = text.split_at_checked(span.start as usize).unwrap_or(("", ""));
        before.trim_end().ends_with(word) || behind.starts_with(word)
    }
}

impl Layer {
    fn service(&self, name: &str) -> Option<&Node> {
        self.root.get("services")?.get(name).filter(|service| service.is_map())
    }
}

/// The files of the project of a folder: those that its `.env` names, else the first that compose finds and its override.
fn listed(view: View, folder: &str, variables: &HashMap<Str, Part>) -> Vec<SourceId> {
    let find = |name: &str| view.files.find(&paths::resolve(folder, name)?);
    let known = |name: &str| variables.get(name).filter(|value| value.is_known() && !value.text.is_empty());
    if let Some(named) = known("COMPOSE_FILE") {
        let sign = known("COMPOSE_PATH_SEPARATOR").map_or(":", |sign| sign.text.as_str());
        return named.text.split(sign).filter_map(find).collect();
    }
    let first = |names: [&str; 4]| names.into_iter().find_map(find);
    first(DEFAULTS).into_iter().chain(first(OVERRIDES)).collect()
}

/// The items of a list, or the one that stands in place of a list.
fn items(node: &Node) -> &[Node] {
    if node.is_list() { node.items() } else { std::slice::from_ref(node) }
}

fn joined(mut base: Vec<Node>, top: &Node) -> Node {
    base.extend_from_slice(items(top));
    Node::list(top.origin.clone(), base)
}

/// What was chosen, with what it was chosen over on its road.
fn winner(base: &Node, top: &Node) -> Node {
    Node { origin: top.origin.clone().via(How::Over, base.span()), value: top.value.clone() }
}

/// One volume at each place of the container.
fn mounts(base: &Node, top: &Node) -> Node {
    let place = |entry: &Node| mounted(entry).map(|(_, path)| Str::from(path.text.trim_end_matches('/')));
    let taken: Vec<Option<Str>> = top.items().iter().map(place).collect();
    let is_free = |entry: &&Node| place(entry).is_none_or(|path| !taken.contains(&Some(path)));
    joined(base.items().iter().filter(is_free).cloned().collect(), top)
}

/// What an entry mounts, and where: `data:/var/lib/x:ro`, or a map that says so. What has no name has an empty one.
pub(super) fn mounted(entry: &Node) -> Option<(Part, Part)> {
    let Some(whole) = entry.part() else {
        let target = entry.part_at("target")?;
        let source = entry.part_at("source").unwrap_or_else(|| Part::new("", target.origin.respelled()));
        return Some((source, target));
    };
    Some(halves(&whole))
}

/// The source and the place of `data:/var/lib/x:ro`.
pub(super) fn halves(whole: &Part) -> (Part, Part) {
    // A form that nobody filled may have colons of its own.
    let holes = whole.holes();
    let is_sign = |at: &usize| !holes.iter().any(|(range, _)| range.contains(at));
    let mut signs = whole.text.match_indices(':').map(|(at, _)| at).filter(is_sign);
    match signs.next() {
        Some(at) => {
            let end = signs.next().unwrap_or(whole.text.len());
            (whole.slice(0..at), whole.slice(at + 1..end))
        }
        None => (whole.slice(0..0), whole.clone()),
    }
}

/// A build as a map, whether it is one or only says its folder.
fn build(node: &Node) -> Node {
    let Some(context) = node.part() else { return node.clone() };
    let key = scalar(Part::new("context", context.origin.respelled()));
    Node::map(node.origin.clone(), vec![(key, node.clone())])
}

/// Variables as a map, whether they are one or a list of `NAME=value`.
pub(super) fn variables(node: &Node) -> Node {
    if !node.is_list() {
        return node.clone();
    }
    let pair = |item: &Node| {
        let whole = item.part()?;
        let sign = whole.text.find('=').unwrap_or(whole.text.len());
        let value = (sign < whole.text.len()).then(|| whole.slice(sign + 1..whole.text.len()));
        let value = value.map_or_else(|| Node::new(whole.origin.respelled(), Value::Null), scalar);
        Some((scalar(whole.slice(0..sign)), value))
    };
    Node::map(node.origin.clone(), node.items().iter().filter_map(pair).collect())
}

fn scalar(part: Part) -> Node {
    Node::new(part.origin, Value::Scalar(Scalar::new(part.text, Style::Plain)))
}

fn without(node: &Node, keys: &[&str]) -> Node {
    let others = node.entries().iter().filter(|(key, _)| key.text().is_none_or(|key| !keys.contains(&key)));
    Node::map(node.origin.clone(), others.cloned().collect())
}

fn with(node: &Node, key: &str, value: Node) -> Node {
    let mut entries = node.entries().to_vec();
    entries.push((scalar(Part::new(key, value.origin.respelled())), value));
    Node::map(node.origin.clone(), entries)
}
