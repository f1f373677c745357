//! One kustomization after the other, from its resources to its transformers; bases are built once for all.

use super::super::files::Files;
use super::super::object::Object;
use super::fault::{Fault, Why};
use super::fields::{BUILT_IN, Fields};
use super::file::{self, Kustomization};
use super::gathered::{Gathered, Outcome};
use super::hash::Sums;
use super::loader::{Loader, Place, Reach, shown};
use super::replace::Variable;
use super::{finish, plugins, schemas};
use crate::limits::{DEEPEST_KUSTOMIZATION, MOST_CIRCLING, MOST_COPIES};
use crate::syntax::{Document, Node};
use crate::text::{SourceId, Span, Str, paths};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// The outcome of one build.
#[derive(Clone, Debug, Default)]
pub struct Built {
    pub objects: Vec<Object>,
    pub faults: Vec<Fault>,
    /// The files that were read for it.
    pub read: BTreeSet<SourceId>,
    /// The names that were looked for and not found, or not taken.
    pub missed: BTreeSet<Str>,
    /// The folders of which every file was looked at.
    pub listed: BTreeSet<Str>,
    /// Those of the files whose objects it holds.
    pub loaded: BTreeSet<SourceId>,
    /// Templates of a chart that give nothing with the values at hand.
    pub silent: BTreeSet<SourceId>,
    /// Entries that ask for a change, and whether they changed anything. A patch file is told by its beginning.
    pub asked: BTreeMap<Span, Outcome>,
    /// The files of values that charts were rendered with, and the paths in each of which nobody here can tell
    /// what becomes of them.
    pub values: BTreeMap<SourceId, BTreeSet<Str>>,
    /// What was taken for granted of charts that it takes from elsewhere, and where they are asked for.
    pub assumed: Vec<(String, Span)>,
    /// The APIs that its charts asked for and that are not in the cluster, as far as was known.
    pub unmet: BTreeSet<Str>,
}

impl Built {
    /// Whether a file of this name that comes, goes or changes may change what is built.
    pub fn depends_on(&self, files: &Files, name: &str) -> bool {
        let base = name.rsplit_once('/').map_or(name, |(_, base)| base);
        if matches!(base, ".gitignore" | ".gitmodules") {
            // They say why something is not there.
            return !self.missed.is_empty();
        }
        // A folder may have one kustomization: where one was read, the others were looked for.
        let beside = name.strip_suffix(base).unwrap_or_default();
        if paths::KUSTOMIZATIONS.contains(&base)
            && paths::KUSTOMIZATIONS
                .iter()
                .filter_map(|other| files.find(&format!("{beside}{other}")))
                .any(|id| self.read.contains(&id))
        {
            return true;
        }
        let is_within = |folders: &BTreeSet<Str>| folders.iter().any(|folder| holds(folder, name));
        is_within(&self.missed)
            || is_within(&self.listed)
            || files.find(name).is_some_and(|id| self.read.contains(&id))
    }
}

/// The reach, whether objects remember what went over them, the namespace that charts in it take from whoever loads it
/// (nothing if none does), and the folder.
type Key = (Reach, bool, Option<Str>, Str);

/// What is built more than once is built once: the bases that overlays share.
#[derive(Debug, Default)]
pub struct Cache {
    folders: Mutex<BTreeMap<Key, Arc<Gathered>>>,
    /// What a file of `configurations` makes of the built-in fields.
    fields: Mutex<BTreeMap<SourceId, Arc<Fields>>>,
    sums: Sums,
}

/// Builds the kustomization of a folder.
pub fn build(files: &Files, cache: &Cache, directory: &str, reach: Reach) -> Built {
    let mut builder = Builder::new(files, cache, reach);
    let mut faults = Vec::new();
    let Some(root) = file::read(files, directory, None, &mut faults) else {
        return Built { faults, ..Built::default() };
    };
    builder.whole(&root, faults)
}

/// Builds a kustomization that was changed, or made, before it is built.
pub(crate) fn build_of(
    files: &Files,
    cache: &Cache,
    root: &Kustomization,
    reach: Reach,
    faults: Vec<Fault>,
) -> Built {
    Builder::new(files, cache, reach).whole(root, faults)
}

/// Lets a kustomization without resources go over objects that something else made.
pub(crate) fn build_over(
    files: &Files,
    cache: &Cache,
    root: &Kustomization,
    objects: Vec<Object>,
    reach: Reach,
) -> Built {
    let mut gathered = Gathered::default();
    gathered.add(objects, root.root.span());
    Builder::new(files, cache, reach).over(root, gathered)
}

/// The files that a kustomization takes objects from and what is looked for besides, without building what becomes of them.
pub(crate) fn files_of(files: &Files, cache: &Cache, root: &Kustomization, reach: Reach) -> Built {
    let mut builder = Builder::new(files, cache, reach);
    let mut gathered = Gathered::default();
    builder.chain.push(root.directory.clone());
    builder.load(root, &mut gathered);
    for entry in root.list("components") {
        builder.component(root, entry, &mut gathered);
    }
    let Gathered { read, missed, listed, .. } = gathered;
    Built { read, missed, listed, ..Built::default() }
}

/// Whether a folder is another one or lies above it.
fn holds(folder: &str, other: &str) -> bool {
    folder.is_empty()
        || other.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

struct Builder<'w> {
    loader: Loader<'w>,
    cache: &'w Cache,
    /// The folders on the way down to the one being built.
    chain: Vec<Str>,
    /// The first folder of the chain that something below came back to. What was built below that folder is only
    /// right on this way down, and is not kept.
    back_to: usize,
    /// How many folders were built and not kept.
    circling: usize,
    /// The namespace that charts take which say none: of the kustomizations on the way down the last that has one.
    namespace: Str,
}

impl<'w> Builder<'w> {
    fn new(files: &'w Files<'w>, cache: &'w Cache, reach: Reach) -> Builder<'w> {
        let loader = Loader { files, reach, tells_changes: false };
        Builder {
            loader,
            cache,
            chain: Vec::new(),
            back_to: usize::MAX,
            circling: 0,
            namespace: Str::default(),
        }
    }

    fn whole(&mut self, root: &Kustomization, faults: Vec<Fault>) -> Built {
        let mut gathered = Gathered::with(faults);
        self.look_in(&root.directory, &mut gathered);
        self.over(root, gathered)
    }

    fn over(&mut self, root: &Kustomization, mut gathered: Gathered) -> Built {
        self.loader.tells_changes = finish::asks_for_changes(root);
        self.chain.push(root.directory.clone());
        self.target(root, &mut gathered);
        self.chain.pop();
        finish::check_order(&mut gathered, root);
        finish::finish(&mut gathered, root, &self.cache.sums);
        finish::sign(self.loader.files, &mut gathered, root);
        let Gathered { mut objects, faults, read, missed, listed, loaded, values, assumed, asked, .. } =
            gathered;
        objects.iter_mut().for_each(Object::settle);
        objects.shrink_to_fit();
        Built { objects, faults, read, missed, listed, loaded, values, assumed, asked, ..Built::default() }
    }

    /// Takes in what one kustomization lists.
    fn load(&mut self, own: &Kustomization, gathered: &mut Gathered) {
        gathered.read.insert(own.source);
        let legacy = own.list("bases");
        for entry in own.list("resources").iter().chain(legacy) {
            self.resource(own, entry, gathered);
        }
    }

    /// Everything that one kustomization does to what is gathered.
    fn target(&mut self, own: &Kustomization, gathered: &mut Gathered) {
        let outer = self.namespace.clone();
        let said = own.root.text_at("namespace").filter(|said| !said.is_empty());
        if let Some(said) = said {
            self.namespace = said.into();
        }
        self.change(own, gathered);
        self.namespace = outer;
        gathered.takes_namespace &= said.is_none() || own.is_component;
    }

    fn change(&mut self, own: &Kustomization, gathered: &mut Gathered) {
        self.load(own, gathered);
        self.configure(own, gathered);
        let (loader, namespace) = (self.loader, self.namespace.clone());
        plugins::generate(loader, own, &namespace, gathered, &mut |entry, inner| {
            self.resource(own, entry, inner);
        });
        for entry in own.list("components") {
            self.component(own, entry, gathered);
        }
        gathered.ids = None;
        plugins::transform(loader, own, gathered, &mut |entry, inner| self.resource(own, entry, inner));
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
                [only] => gathered.objects[*only].past_mut().variables.push(variable.name.clone()),
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
        match self.loader.place(own, &path, &mut gathered.missed) {
            Place::File(id) => {
                let objects = self.loader.objects(id, entry.span(), gathered);
                gathered.add(objects, entry.span());
            }
            Place::Folder(folder) => self.folder(&folder, entry.span(), gathered),
            other => {
                let (why, says) = other.refusal(&path.text);
                gathered.fault(why, says, Some(entry.span()));
                gathered.unseen = true;
            }
        }
    }

    /// Takes note of the kustomizations of a folder, or that it has none.
    fn look_in(&self, folder: &str, gathered: &mut Gathered) {
        let found = file::candidates(self.loader.files, folder);
        // Then it is not even known to be a folder but by what is in it.
        if found.is_empty() {
            gathered.missed.insert(folder.into());
        }
        gathered.read.extend(found);
    }

    /// A base: built by itself, once for all who load it.
    fn folder(&mut self, folder: &Str, asked: Span, gathered: &mut Gathered) {
        if let Err((why, says)) = self.may_enter(folder) {
            return gathered.fault(why, says, Some(asked));
        }
        let (reach, tells) = (self.loader.reach, self.loader.tells_changes);
        let key = |namespace: Option<&Str>| (reach, tells, namespace.cloned(), folder.clone());
        let keys = [key(None), key(Some(&self.namespace))];
        let folders = self.cache.folders.lock().ok();
        let known = folders.and_then(|known| keys.iter().find_map(|key| known.get(key)).cloned());
        let inner = known.filter(|inner| !self.comes_back(inner)).unwrap_or_else(|| {
            let mut inner = Gathered::default();
            let mut faults = Vec::new();
            let outer = std::mem::replace(&mut self.back_to, usize::MAX);
            self.look_in(folder, &mut inner);
            if let Some(root) = file::read(self.loader.files, folder, Some(asked), &mut faults) {
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
            inner.settle();
            let inner = Arc::new(inner);
            let is_whole = self.back_to >= self.chain.len();
            self.back_to = self.back_to.min(outer);
            if !is_whole {
                self.circling += 1;
            } else if let Ok(mut folders) = self.cache.folders.lock() {
                let [plain, own] = keys;
                folders.insert(if inner.takes_namespace { own } else { plain }, inner.clone());
            }
            inner
        });
        if gathered.multiplies(&inner) {
            let says = format!(
                "with `{}` there are more than {MOST_COPIES} copies of objects: none of them is built",
                shown(folder)
            );
            gathered.fault(Why::Bound, says, Some(asked));
            // They are judged as they are written.
            gathered.objects.clear();
            gathered.loaded.clear();
            gathered.ids = None;
        } else {
            gathered.add(inner.objects.iter().cloned(), asked);
            gathered.loaded.extend(inner.loaded.iter().copied());
        }
        gathered.take_faults(&inner.faults);
        gathered.take_values(&inner.values);
        gathered.assumed.extend(inner.assumed.iter().cloned());
        gathered.listed.extend(inner.listed.iter().cloned());
        gathered.read.extend(inner.read.iter().copied());
        gathered.missed.extend(inner.missed.iter().cloned());
        for (entry, outcome) in &inner.asked {
            gathered.asked.entry(*entry).or_insert(*outcome).join(*outcome);
        }
        gathered.unseen |= inner.unseen;
        gathered.takes_namespace |= inner.takes_namespace;
        gathered.doubled.extend(inner.doubled.iter().copied());
        if let Some(other) = &inner.fields {
            match &mut gathered.fields {
                Some(fields) => fields.add(other),
                none => *none = Some(other.clone()),
            }
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

    /// Whether what was built for others holds a folder of this chain: here it is a circle.
    fn comes_back(&self, inner: &Gathered) -> bool {
        inner.read.iter().any(|&id| {
            let (folder, base) =
                self.loader.files.name(id).rsplit_once('/').unwrap_or(("", self.loader.files.name(id)));
            paths::KUSTOMIZATIONS.contains(&base) && self.chain.iter().any(|visited| holds(folder, visited))
        })
    }

    /// Whether a kustomization may be built within those that are being built; if not, why.
    fn may_enter(&mut self, folder: &Str) -> Result<(), (Why, String)> {
        if let Some(at) = self.chain.iter().position(|visited| holds(folder, visited)) {
            self.back_to = self.back_to.min(at);
            let says = format!("`{}` holds a folder that is being built: a circle", shown(folder));
            return Err((Why::Refused, says));
        }
        let says = if self.chain.len() >= DEEPEST_KUSTOMIZATION {
            format!(
                "kustomizations are nested more than {DEEPEST_KUSTOMIZATION} levels deep: `{}` is not built",
                shown(folder)
            )
        } else if self.circling >= MOST_CIRCLING {
            let ways = "folders that load each other in circles are built on";
            format!("{ways} {MOST_CIRCLING} ways at the most: `{}` is not built once more", shown(folder))
        } else {
            return Ok(());
        };
        self.back_to = 0;
        Err((Why::Bound, says))
    }

    /// One entry of `components`: a folder whose kustomization goes over what is gathered by now.
    fn component(&mut self, own: &Kustomization, entry: &Node, gathered: &mut Gathered) {
        let Some(path) = entry.part() else { return };
        let asked = entry.span();
        let folder = match self.loader.place(own, &path, &mut gathered.missed) {
            Place::Folder(folder) => folder,
            other => {
                gathered.missed.extend(paths::resolve(&own.directory, &path.text));
                let (why, says) = other.refusal(&path.text);
                gathered.fault(why, says, Some(asked));
                gathered.unseen = true;
                return;
            }
        };
        if let Err((why, says)) = self.may_enter(&folder) {
            return gathered.fault(why, says, Some(asked));
        }
        let mut faults = Vec::new();
        self.look_in(&folder, gathered);
        let root = file::read(self.loader.files, &folder, Some(asked), &mut faults);
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

    /// Fields with what a file adds to them. Most kustomizations of a repository name the same file, and so share
    /// what comes of it.
    fn configured(&self, before: Arc<Fields>, id: SourceId, documents: &[Document]) -> Arc<Fields> {
        let is_first = Arc::ptr_eq(&before, &BUILT_IN);
        let known = || self.cache.fields.lock().ok()?.get(&id).cloned();
        if let Some(known) = is_first.then(known).flatten() {
            return known;
        }
        let mut fields = before;
        documents.iter().for_each(|document| Arc::make_mut(&mut fields).configure(&document.root));
        if is_first && let Ok(mut known) = self.cache.fields.lock() {
            known.insert(id, fields.clone());
        }
        fields
    }

    /// The transformer configurations of a kustomization.
    fn configure(&mut self, own: &Kustomization, gathered: &mut Gathered) {
        for entry in own.list("configurations") {
            let Some(path) = entry.part() else { continue };
            let Some(id) = self.loader.file(own, &path, gathered) else { continue };
            // The tool reads the first one only.
            let documents = self.loader.documents(id, gathered).get(..1).unwrap_or_default();
            documents
                .iter()
                .for_each(|document| file::check_configuration(&document.root, &mut gathered.faults));
            gathered.fields = Some(self.configured(gathered.fields(), id, documents));
        }
        schemas::read(self.loader, own, gathered);
    }
}
