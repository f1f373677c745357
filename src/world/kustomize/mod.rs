//! Kustomize, natively: a folder with a kustomization becomes objects, every value with the road it came by.
//!
//! The tool's quirks are the specification. What it would refuse is a fault with a place, and the build goes on with
//! what could be loaded; what cannot be known without the network or a plugin is a fault of its own kind.

mod fields;
pub(super) mod file;
mod generate;
mod images;
mod json_patch;
mod marks;
mod merge;
mod names;
mod patch;
mod plugins;
mod replace;
mod schema;
mod select;

use super::edit;
use super::files::Files;
use super::object::{Object, ObjectId, unlisted};
use super::typed;
use crate::finding::Problem;
use crate::syntax::Node;
use crate::syntax::yaml::Yaml;
use crate::text::{Part, SourceId, Span, Str, paths};
use fields::Fields;
use file::Kustomization;
use replace::Variable;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex};

/// Why something is not as it was asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Why {
    /// The tool would not build this.
    Refused,
    /// It lies outside the repository.
    Remote,
    /// A chart makes it.
    Chart,
    /// A program makes it.
    Plugin,
    /// It would go on without end.
    Bound,
}

/// Something that keeps a build from being whole.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Fault {
    pub why: Why,
    pub says: String,
    pub at: Option<Span>,
}

/// The outcome of one build.
#[derive(Clone, Debug, Default)]
pub struct Built {
    pub objects: Vec<Object>,
    pub faults: Vec<Fault>,
    /// The files that were read for it.
    pub read: BTreeSet<SourceId>,
}

/// From where a build may load files: kustomize itself keeps to the folder of each kustomization, Flux does not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Reach {
    #[default]
    Folder,
    Anywhere,
}

/// What is built more than once is built once: the bases that overlays share.
#[derive(Debug, Default)]
pub struct Cache {
    folders: Mutex<BTreeMap<(Reach, Str), Arc<Gathered>>>,
}

/// Deeper kustomizations within kustomizations than this are not followed.
const MOST_LEVELS: usize = 200;

/// What one kustomization gives to the one that loads it.
#[derive(Clone, Debug, Default)]
struct Gathered {
    objects: Vec<Object>,
    fields: Option<Arc<Fields>>,
    variables: Vec<Variable>,
    faults: Vec<Fault>,
    read: BTreeSet<SourceId>,
    /// Something is missing that may hold what others ask for.
    unseen: bool,
    /// The ids of the objects, while nothing but additions happened.
    ids: Option<HashSet<ObjectId>>,
}

impl Gathered {
    fn fields(&self) -> Arc<Fields> {
        self.fields.clone().unwrap_or_else(|| fields::BUILT_IN.clone())
    }

    fn fault(&mut self, why: Why, says: impl Into<String>, at: Option<Span>) {
        self.unseen |= why != Why::Refused;
        self.faults.push(Fault { why, says: says.into(), at });
    }

    /// Takes what a step could not do as a refusal.
    fn try_at(&mut self, at: Span, outcome: Result<(), String>) {
        if let Err(says) = outcome {
            self.fault(Why::Refused, says, Some(at));
        }
    }

    /// Adds objects; one that is there already is refused.
    fn add(&mut self, objects: impl IntoIterator<Item = Object>, asked: Span) {
        let of = |object: &Object| {
            let id = object.id();
            ObjectId { namespace: id.home().into(), ..id }
        };
        let mut ids = self.ids.take().unwrap_or_else(|| self.objects.iter().map(of).collect());
        for object in objects {
            let id = of(&object);
            if ids.insert(id.clone()) {
                self.objects.push(object);
            } else {
                self.fault(Why::Refused, format!("{} is loaded twice", id.label()), Some(asked));
            }
        }
        self.ids = Some(ids);
    }
}

/// Builds the kustomization of a folder.
pub fn build(files: &Files, cache: &Cache, directory: &str, reach: Reach) -> Built {
    let mut builder = Builder { files, cache, reach, chain: Vec::new() };
    let mut faults = Vec::new();
    let Some(root) = file::read(files, directory, None, &mut faults) else {
        return Built { faults, ..Built::default() };
    };
    builder.whole(&root, faults)
}

/// Builds a kustomization that was changed, or made, before it is built.
pub(super) fn build_of(
    files: &Files,
    cache: &Cache,
    root: &Kustomization,
    reach: Reach,
    faults: Vec<Fault>,
) -> Built {
    Builder { files, cache, reach, chain: Vec::new() }.whole(root, faults)
}

struct Builder<'w> {
    files: &'w Files<'w>,
    cache: &'w Cache,
    reach: Reach,
    /// The folders on the way down to the one being built.
    chain: Vec<Str>,
}

impl Builder<'_> {
    fn whole(&mut self, root: &Kustomization, faults: Vec<Fault>) -> Built {
        let mut gathered = Gathered { faults, ..Gathered::default() };
        self.chain.push(root.directory.clone());
        self.target(root, &mut gathered);
        self.chain.pop();
        finish(&mut gathered, root);
        sign(self.files, &mut gathered, root);
        let Gathered { objects, faults, read, .. } = gathered;
        Built { objects, faults, read }
    }

    /// Everything that one kustomization does to what is gathered.
    fn target(&mut self, own: &Kustomization, gathered: &mut Gathered) {
        gathered.read.insert(own.source);
        let legacy = own.list("bases");
        for entry in own.list("resources").iter().chain(legacy) {
            self.resource(own, entry, gathered);
        }
        self.configure(own, gathered);
        plugins::generate(self, own, gathered);
        for entry in own.list("components") {
            self.component(own, entry, gathered);
        }
        gathered.ids = None;
        plugins::transform(self, own, gathered);
        for entry in own.list("vars") {
            let variable = Variable::read(entry);
            let holders: Vec<usize> = (0..gathered.objects.len())
                .filter(|&at| gathered.objects[at].ids().any(|id| variable.names(&id)))
                .collect();
            if gathered.variables.iter().any(|known| known.name == variable.name) {
                gathered.fault(
                    Why::Refused,
                    format!("the variable `{}` is declared twice", variable.name),
                    Some(entry.span()),
                );
                continue;
            }
            match holders.as_slice() {
                [] => {}
                [only] => gathered.objects[*only].variables.push(variable.name.clone()),
                _ => gathered.fault(
                    Why::Refused,
                    format!("the variable `{}` may mean several objects", variable.name),
                    Some(entry.span()),
                ),
            }
            gathered.variables.push(variable);
        }
    }

    /// One entry of `resources`: a file, or a folder with a kustomization of its own.
    fn resource(&mut self, own: &Kustomization, entry: &Node, gathered: &mut Gathered) {
        let Some(path) = entry.part() else { return };
        match self.place(own, &path) {
            Place::File(id) => {
                let objects = self.objects(id, entry.span(), gathered);
                gathered.add(objects, entry.span());
            }
            Place::Folder(folder) => self.folder(&folder, entry.span(), gathered),
            Place::Elsewhere => gathered.fault(
                Why::Remote,
                format!("`{}` lies outside this repository", path.text),
                Some(entry.span()),
            ),
            Place::Outside => gathered.fault(
                Why::Refused,
                format!("`{}` is not in or below the folder of this kustomization", path.text),
                Some(entry.span()),
            ),
            Place::Missing => {
                gathered.fault(Why::Refused, format!("`{}` is not there", path.text), Some(entry.span()));
                gathered.unseen = true;
            }
        }
    }

    /// A base: built by itself, once for all who load it.
    fn folder(&mut self, folder: &Str, asked: Span, gathered: &mut Gathered) {
        let holds =
            |inner: &str| folder.is_empty() || inner == folder || inner.starts_with(&format!("{folder}/"));
        if self.chain.iter().any(|visited| holds(visited)) {
            let says = format!("`{}` holds a folder that is being built: a circle", shown(folder));
            return gathered.fault(Why::Refused, says, Some(asked));
        }
        if self.chain.len() >= MOST_LEVELS {
            let says = format!("kustomizations are nested more than {MOST_LEVELS} levels deep");
            return gathered.fault(Why::Bound, says, Some(asked));
        }
        let key = (self.reach, folder.clone());
        let known = self.cache.folders.lock().ok().and_then(|folders| folders.get(&key).cloned());
        let inner = known.unwrap_or_else(|| {
            let mut inner = Gathered::default();
            let mut faults = Vec::new();
            if let Some(root) = file::read(self.files, folder, Some(asked), &mut faults) {
                inner.faults = faults;
                if root.is_component {
                    let says = format!("`{}` is a component: it belongs under `components`", shown(folder));
                    inner.fault(Why::Refused, says, Some(asked));
                } else {
                    self.chain.push(folder.clone());
                    self.target(&root, &mut inner);
                    self.chain.pop();
                }
            } else {
                inner.faults = faults;
                inner.unseen = true;
            }
            let inner = Arc::new(inner);
            if let Ok(mut folders) = self.cache.folders.lock() {
                folders.insert(key, inner.clone());
            }
            inner
        });
        gathered.add(inner.objects.iter().cloned(), asked);
        gathered.faults.extend(inner.faults.iter().cloned());
        gathered.read.extend(inner.read.iter().copied());
        gathered.unseen |= inner.unseen;
        if let Some(other) = &inner.fields {
            let mut fields = gathered.fields();
            fields.add(other);
            gathered.fields = Some(fields);
        }
        for variable in &inner.variables {
            if gathered.variables.iter().any(|known| known.name == variable.name) {
                let says = format!("the variable `{}` is declared twice", variable.name);
                gathered.fault(Why::Refused, says, Some(asked));
            } else {
                gathered.variables.push(variable.clone());
            }
        }
    }

    fn component(&mut self, own: &Kustomization, entry: &Node, gathered: &mut Gathered) {
        let Some(path) = entry.part() else { return };
        let asked = entry.span();
        match self.place(own, &path) {
            Place::Folder(folder) => {
                if self.chain.contains(&folder) {
                    return gathered.fault(
                        Why::Refused,
                        format!("`{}` is being built: a circle", shown(&folder)),
                        Some(asked),
                    );
                }
                if self.chain.len() >= MOST_LEVELS {
                    let says = format!("kustomizations are nested more than {MOST_LEVELS} levels deep");
                    return gathered.fault(Why::Bound, says, Some(asked));
                }
                let mut faults = Vec::new();
                let root = file::read(self.files, &folder, Some(asked), &mut faults);
                gathered.faults.append(&mut faults);
                match root {
                    Some(root) if root.is_component => {
                        self.chain.push(folder);
                        self.target(&root, gathered);
                        self.chain.pop();
                    }
                    Some(_) => {
                        let says = format!("`{}` is no component", path.text);
                        gathered.fault(Why::Refused, says, Some(asked));
                    }
                    None => gathered.unseen = true,
                }
            }
            Place::Elsewhere => {
                gathered.fault(
                    Why::Remote,
                    format!("`{}` lies outside this repository", path.text),
                    Some(asked),
                );
            }
            Place::File(_) => {
                gathered.fault(Why::Refused, format!("`{}` is no folder", path.text), Some(asked))
            }
            Place::Outside | Place::Missing => {
                gathered.fault(Why::Refused, format!("`{}` is not there", path.text), Some(asked));
            }
        }
    }

    /// The transformer configurations of a kustomization.
    fn configure(&mut self, own: &Kustomization, gathered: &mut Gathered) {
        for entry in own.list("configurations") {
            let Some(path) = entry.part() else { continue };
            let Some(id) = self.file(own, &path, gathered) else { continue };
            let Some(yaml) = self.files.yaml(id) else { continue };
            let mut fields = gathered.fields();
            for document in &yaml.documents {
                if let Err(says) = Arc::make_mut(&mut fields).configure(&document.root) {
                    gathered.fault(Why::Refused, says, Some(entry.span()));
                }
            }
            gathered.fields = Some(fields);
        }
        // Schemas of one's own change how lists are merged.
        if let Some(schema) = own.root.at(&["openapi", "path"]) {
            gathered.fault(Why::Plugin, "a schema of one's own (`openapi`) is not read", Some(schema.span()));
        }
    }

    /// A file that a kustomization names, or a fault.
    fn file(&self, own: &Kustomization, path: &Part, gathered: &mut Gathered) -> Option<SourceId> {
        match self.place(own, path) {
            Place::File(id) => {
                gathered.read.insert(id);
                return Some(id);
            }
            Place::Elsewhere => {
                gathered.fault(
                    Why::Remote,
                    format!("`{}` lies outside this repository", path.text),
                    Some(path.span()),
                );
            }
            Place::Outside => gathered.fault(
                Why::Refused,
                format!("`{}` is not in or below the folder of this kustomization", path.text),
                Some(path.span()),
            ),
            _ => gathered.fault(Why::Refused, format!("`{}` is not there", path.text), Some(path.span())),
        }
        None
    }

    /// The objects of a file.
    fn objects(&self, id: SourceId, asked: Span, gathered: &mut Gathered) -> Vec<Object> {
        gathered.read.insert(id);
        let Some(yaml) = self.files.yaml(id) else {
            gathered.fault(Why::Refused, format!("`{}` is no YAML", self.files.name(id)), Some(asked));
            return Vec::new();
        };
        for problem in broken(yaml) {
            gathered.fault(Why::Refused, problem.says.clone(), problem.at);
        }
        let mut roots = Vec::new();
        yaml.documents.iter().for_each(|document| unlisted(&document.root, &mut roots));
        let mut out = Vec::with_capacity(roots.len());
        for root in roots {
            match fault_of(&root) {
                Some(says) => gathered.fault(Why::Refused, says, Some(root.span())),
                None => out.push(Object::new(root, id)),
            }
        }
        out
    }

    fn place(&self, own: &Kustomization, path: &Part) -> Place {
        let text = path.text.as_str();
        let local = paths::resolve(&own.directory, text).filter(|_| !text.starts_with('/'));
        let Some(local) = local else {
            return if is_remote(text) { Place::Elsewhere } else { Place::Missing };
        };
        if let Some(id) = self.files.find(&local) {
            let is_below = own.directory.is_empty() || local.starts_with(&format!("{}/", own.directory));
            return if is_below || self.reach == Reach::Anywhere { Place::File(id) } else { Place::Outside };
        }
        if self.files.is_folder(&local) {
            return Place::Folder(local);
        }
        if is_remote(text) { Place::Elsewhere } else { Place::Missing }
    }
}

/// Where an entry leads.
enum Place {
    File(SourceId),
    Folder(Str),
    /// Into another repository.
    Elsewhere,
    /// To a file that the tool does not let a kustomization load.
    Outside,
    Missing,
}

fn is_remote(path: &str) -> bool {
    path.contains("://")
        || path.contains("?ref=")
        || path.starts_with("git@")
        || path.starts_with("git::")
        || path
            .split('/')
            .next()
            .is_some_and(|host| host.contains('.') && !host.starts_with('.') && path.contains('/'))
}

fn shown(directory: &str) -> &str {
    if directory.is_empty() { "." } else { directory }
}

/// What the tool does not read. It takes the last of equal keys, or stumbles over them later.
fn broken(yaml: &Yaml) -> impl Iterator<Item = &Problem> {
    yaml.problems.iter().filter(|problem| matches!(problem.kind, "yaml-syntax" | "yaml-alias"))
}

/// Why a document is no object.
fn fault_of(root: &Node) -> Option<String> {
    if !root.is_map() {
        return Some("a document is no map, and so no object".into());
    }
    let has = |node: Option<&Node>| node.and_then(Node::text).is_some_and(|text| !text.is_empty());
    if !has(root.get("kind")) {
        return Some("an object has no `kind`".into());
    }
    let is_list = root.text_at("kind").is_some_and(|kind| kind.ends_with("List"));
    let named = is_list || has(root.at(&["metadata", "name"]));
    (!named).then(|| "an object has no `metadata.name`".into())
}

/// What is done once, at the top: hashes, names that follow, variables.
fn finish(gathered: &mut Gathered, root: &Kustomization) {
    let start = root.start();
    for object in gathered.objects.iter_mut().filter(|object| object.hashed) {
        let suffix = generate::hash(&object.root);
        object.remember();
        if let Some(name) =
            edit::get_mut(&mut object.root, "metadata").and_then(|meta| edit::get_mut(meta, "name"))
            && let Some(part) = name.part()
        {
            let mut weaver = crate::syntax::expand::Weaver::default();
            let span = part.span();
            weaver.push(part);
            weaver.push(Part::new(format!("-{suffix}"), crate::text::Origin::spelled(span)));
            *name = edit::text(&weaver.finish(span));
        }
    }
    let fields = gathered.fields();
    let done = names::follow(&mut gathered.objects, &fields);
    gathered.try_at(start, done);
    if !gathered.variables.is_empty() {
        let mut variables = gathered.variables.clone();
        variables.sort_by(|a, b| a.name.cmp(&b.name));
        let done = replace::resolve(&mut gathered.objects, &variables, &fields.variables);
        gathered.try_at(start, done);
    }
    gathered.objects.iter_mut().for_each(annotations_as_texts);
    gathered.objects.retain(|object| {
        let mark = object.meta_at("annotations", "config.kubernetes.io/local-config");
        mark.is_none_or(|mark| mark == "false")
    });
}

/// `buildMetadata`: where each object comes from, as marks on the object.
fn sign(files: &Files, gathered: &mut Gathered, root: &Kustomization) {
    let asked = |what: &str| root.list("buildMetadata").iter().find(|entry| entry.text() == Some(what));
    if let Some(asked) = asked("originAnnotations") {
        for object in &mut gathered.objects {
            let file = relative(&root.directory, files.name(object.written.source));
            let says = match &object.maker {
                None => format!("path: {file}\n"),
                Some(maker) => {
                    let name = if maker.name.is_empty() {
                        String::new()
                    } else {
                        format!("  name: {}\n", maker.name)
                    };
                    let by = format!("  apiVersion: builtin\n  kind: {}\n{name}", maker.kind);
                    format!("configuredIn: {file}\nconfiguredBy:\n{by}")
                }
            };
            mark(object, "annotations", "config.kubernetes.io/origin", &says, asked);
        }
    }
    if let Some(asked) = asked("managedByLabel") {
        for object in &mut gathered.objects {
            mark(object, "labels", "app.kubernetes.io/managed-by", "kustomize-v5.8.1", asked);
        }
    }
}

fn mark(object: &mut Object, which: &str, key: &str, says: &str, asked: &Node) {
    if let Some(map) = edit::get_or_map(&mut object.root, "metadata", &asked.origin)
        .and_then(|metadata| edit::get_or_map(metadata, which, &asked.origin))
    {
        edit::set(map, key, edit::made(says, &asked.origin));
    }
}

/// A file as seen from a folder: `../base/web.yaml`.
fn relative(folder: &str, file: &str) -> String {
    let (mut own, mut other): (Vec<&str>, Vec<&str>) =
        (folder.split('/').filter(|part| !part.is_empty()).collect(), file.split('/').collect());
    while !own.is_empty() && own.first() == other.first() {
        own.remove(0);
        other.remove(0);
    }
    "../".repeat(own.len()) + &other.join("/")
}

/// The tool writes all annotations anew, as texts.
fn annotations_as_texts(object: &mut Object) {
    let is_empty = |list: &Node| list.is_null() || list.is_map() && list.entries().is_empty();
    if !object.former.is_empty() && object.root.at(&["metadata", "annotations"]).is_some_and(is_empty) {
        edit::get_mut(&mut object.root, "metadata")
            .and_then(|metadata| edit::remove(metadata, "annotations"));
    }
    let is_other = |(_, value): &(Node, Node)| {
        value.scalar().is_some_and(|scalar| typed::typed(scalar, value.tag()) != typed::Typed::Text)
    };
    let Some(list) =
        object.root.at(&["metadata", "annotations"]).filter(|list| list.entries().iter().any(is_other))
    else {
        return;
    };
    let mut list = list.clone();
    for (_, value) in edit::entries_mut(&mut list).into_iter().flatten() {
        if let Some(part) = value.part() {
            *value = edit::text(&part);
        }
    }
    if let Some(metadata) = edit::get_mut(&mut object.root, "metadata") {
        edit::set(metadata, "annotations", list);
    }
}
