//! The files that a world is made of: found by name, read once and parsed once, whoever asks for them.

use super::helm::{Capabilities, Card, Shelf};
use super::ignores::{Ignores, Kind};
use super::shared::SharedFiles;
use crate::facts::Why;
use crate::syntax::ini;
use crate::syntax::yaml::{self, Schemas, Yaml};
use crate::text::{Needles, Part, SourceId, Sources, Span, Str, paths};
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

/// Shows the text of a file; not at all if it cannot be read or is no text.
pub type ReadText<'a> = dyn Fn(SourceId, &mut dyn FnMut(&str)) + Sync + 'a;

/// Shows the bytes of a file; not at all if it cannot be read.
pub type ReadBytes<'a> = dyn Fn(SourceId, &mut dyn FnMut(&[u8])) + Sync + 'a;

/// Documents inside of scalars, by the place of the scalar.
type Embedded = HashMap<Span, Vec<(Part, Arc<Yaml>)>>;

/// The files of a repository, or those of them that a source has.
pub struct Files<'a> {
    pub sources: &'a Sources,
    read: &'a ReadText<'a>,
    /// Only who renders charts reads what is no text.
    read_bytes: Option<&'a ReadBytes<'a>>,
    /// Charts that are none of these files.
    shelf: Option<&'a Shelf<'a>>,
    /// What is assumed of every cluster.
    cluster: Option<&'a Capabilities>,
    /// What leads elsewhere.
    links: &'a [&'a str],
    /// Sorted, so that a folder is a range.
    by_name: Arc<[SourceId]>,
    /// What leaves files of the repository out of these, and the files that it does.
    ignores: Option<Arc<Ignores>>,
    left_out: Arc<[SourceId]>,
    all: Arc<All>,
    schemas: Schemas,
    /// What another look at nearly the same files finds, too.
    shared: Option<&'a SharedFiles>,
}

/// What was read of a repository, whoever looks at it.
struct All {
    by_name: Arc<[SourceId]>,
    texts: Vec<OnceLock<Option<Str>>>,
    trees: Vec<OnceLock<Option<Arc<Yaml>>>>,
    /// What stands inside of scalars, by where they begin: one patch of a parent is for a hundred children.
    embedded: Mutex<Embedded>,
    ignored_by_git: OnceLock<Ignores>,
    submodules: OnceLock<Vec<Str>>,
    /// What the charts of the repository say that they are.
    charts: OnceLock<HashMap<Str, Vec<Card<SourceId>>>>,
    /// Which of [`WORDS`] a manifest has, as bits.
    words: OnceLock<Vec<u16>>,
    /// What entries that were commented out of a kustomization lead to, and on which line: each file beside it asks.
    commented: Mutex<HashMap<SourceId, HashMap<Str, usize>>>,
}

/// The words that tell the few manifests that declare something from all the others.
const WORDS: [&str; 11] = [
    "kustomize.toolkit.fluxcd.io/",
    "FluxInstance",
    "flux-instance",
    "GitRepository",
    "ArtifactGenerator",
    "gotk-sync",
    "argoproj.io/",
    "uildOptions",
    "CustomResourceDefinition",
    "ConfigMap",
    "fleet.cattle.io/",
];

/// How the names of manifests end.
const MANIFESTS: [&str; 3] = [".yaml", ".yml", ".json"];

/// What a line names, if the line is an entry of a list that was commented out.
pub(super) fn entry_of(line: &str) -> Option<&str> {
    let comment = line.trim_start().strip_prefix('#')?;
    let entry = comment.trim_start_matches('#').trim();
    let entry = entry.strip_prefix('-').unwrap_or(entry).trim();
    let entry = entry.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    Some(entry).filter(|entry| !entry.is_empty() && !entry.contains(char::is_whitespace))
}

/// What the comments of a text name, each with the first line that does.
fn commented(text: &str) -> HashMap<Str, usize> {
    let mut out = HashMap::new();
    for (line, entry) in text.lines().enumerate().filter_map(|(at, line)| Some((at, entry_of(line)?))) {
        out.entry(entry.into()).or_insert(line);
    }
    out
}

/// Why something that a path names is not among the files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Absence {
    Gone,
    /// The source leaves it out; the words say who tells it to.
    LeftOut(Str),
    /// Others may have it: git ignores it, it lies in a submodule, or behind a link. The words say which.
    Unseen(Why, String),
}

impl<'a> Files<'a> {
    /// The files of `sources`, of which the first `count` are the repository's own.
    pub fn new(sources: &'a Sources, count: usize, read: &'a ReadText<'a>) -> Files<'a> {
        let mut by_name: Vec<SourceId> = (0..count as u32).map(SourceId).collect();
        by_name.sort_by(|a, b| sources.name(*a).cmp(sources.name(*b)));
        let by_name: Arc<[SourceId]> = by_name.into();
        let all = All {
            by_name: by_name.clone(),
            texts: (0..count).map(|_| OnceLock::new()).collect(),
            trees: (0..count).map(|_| OnceLock::new()).collect(),
            embedded: Mutex::default(),
            ignored_by_git: OnceLock::new(),
            submodules: OnceLock::new(),
            charts: OnceLock::new(),
            words: OnceLock::new(),
            commented: Mutex::default(),
        };
        Files {
            sources,
            read,
            read_bytes: None,
            shelf: None,
            cluster: None,
            links: &[],
            by_name,
            ignores: None,
            left_out: Arc::default(),
            all: Arc::new(all),
            schemas: Schemas::Read,
            shared: None,
        }
    }

    /// Those of the files that nobody leaves out; what is read of them is read for all.
    pub(super) fn without(&self, ignores: Ignores) -> Files<'a> {
        let is_in = |id: &SourceId| ignores.leaves_out(self.name(*id), Kind::File).is_none();
        let (by_name, left_out): (Vec<SourceId>, Vec<SourceId>) =
            self.all.by_name.iter().copied().partition(is_in);
        Files {
            by_name: by_name.into(),
            ignores: Some(Arc::new(ignores)),
            left_out: left_out.into(),
            all: self.all.clone(),
            ..*self
        }
    }

    /// The files below a folder of the repository that are left out of these, and who tells so.
    pub(super) fn left_out(&self, folder: &str) -> impl Iterator<Item = (SourceId, &Str)> {
        let by = |id: SourceId| self.ignores.as_ref()?.leaves_out(self.name(id), Kind::File);
        below(&self.left_out, self.sources, folder).filter_map(move |id| Some((id, by(id)?)))
    }

    /// Why there is no file and no folder of this name.
    pub(super) fn absence(&self, path: &str) -> Absence {
        let first = below(&self.all.by_name, self.sources, path).next();
        let hidden = position(&self.all.by_name, self.sources, path).map(|at| self.all.by_name[at]).or(first);
        let by = |id| self.ignores.as_ref()?.leaves_out(self.name(id), Kind::File);
        if let Some(by) = hidden.and_then(by) {
            return Absence::LeftOut(by.clone());
        }
        if let Some(by) = self.ignored_by_git().leaves_out_with_folder(path) {
            return Absence::Unseen(Why::Ignored, format!("git ignores it ({by})"));
        }
        let is_in = |folder: &str| {
            path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if let Some(link) = self.links.iter().find(|link| is_in(link)) {
            return Absence::Unseen(Why::Remote, format!("`{link}` is a link, and links are not followed"));
        }
        match self.submodules().iter().find(|module| is_in(module)) {
            Some(module) => Absence::Unseen(Why::Remote, format!("it is in the submodule `{module}`")),
            None => Absence::Gone,
        }
    }

    fn ignored_by_git(&self) -> &Ignores {
        self.all.ignored_by_git.get_or_init(|| self.patterns(".gitignore"))
    }

    /// The patterns of all ignore files of a name, those of outer folders first.
    pub(super) fn patterns(&self, base: &str) -> Ignores {
        let folder = |id: &SourceId| {
            let (folder, own) = self.name(*id).rsplit_once('/').unwrap_or(("", self.name(*id)));
            (own == base).then_some(folder)
        };
        let mut found: Vec<(&str, SourceId)> =
            self.all.by_name.iter().filter_map(|id| Some((folder(id)?, *id))).collect();
        found.sort_by_key(|(folder, _)| folder.split('/').filter(|name| !name.is_empty()).count());
        let mut out = Ignores::default();
        for (folder, id) in found {
            self.ask(id, |text| out.add(text, folder, self.name(id)));
        }
        out
    }

    fn submodules(&self) -> &[Str] {
        self.all.submodules.get_or_init(|| {
            let file =
                position(&self.all.by_name, self.sources, ".gitmodules").map(|at| self.all.by_name[at]);
            let entries = file.and_then(|id| self.ask(id, |text| ini::read(id, text))).unwrap_or_default();
            let paths = entries.into_iter().filter(|entry| entry.key.text == "path");
            paths.filter_map(|entry| paths::resolve("", &entry.value.text)).collect()
        })
    }

    pub fn name(&self, id: SourceId) -> &'a str {
        self.sources.name(id)
    }

    /// The file of this name.
    pub fn find(&self, name: &str) -> Option<SourceId> {
        position(&self.by_name, self.sources, name).map(|at| self.by_name[at])
    }

    /// Whether files lie below a folder of this name; the empty name is the root.
    pub fn is_folder(&self, name: &str) -> bool {
        self.below(name).next().is_some()
    }

    /// Whether the name of any file begins with this.
    pub fn has_any_from(&self, prefix: &str) -> bool {
        let from = self.by_name.partition_point(|id| self.sources.name(*id) < prefix);
        self.by_name.get(from).is_some_and(|id| self.sources.name(*id).starts_with(prefix))
    }

    /// Every file below a folder, sorted by name.
    pub fn below<'s>(&'s self, folder: &str) -> impl Iterator<Item = SourceId> + use<'s, 'a> {
        below(&self.by_name, self.sources, folder)
    }

    /// Every file, sorted by name.
    pub fn all(&self) -> impl Iterator<Item = SourceId> + '_ {
        self.by_name.iter().copied()
    }

    /// Whether a folder lies in the `charts/` of a chart.
    pub(super) fn is_in_chart(&self, folder: &str) -> bool {
        let inner = format!("{folder}/");
        let ends = inner.match_indices("charts/").map(|(at, _)| &inner[..at]);
        let mut parents = ends.filter(|parent| parent.is_empty() || parent.ends_with('/'));
        parents.any(|parent| self.find(&format!("{parent}Chart.yaml")).is_some())
    }

    /// Whether a file is a template of a chart. What it declares comes with what the chart delivers, if the chart is
    /// rendered; what has something in it that is executed is no manifest in any case.
    pub(super) fn is_chart_template(&self, id: SourceId) -> bool {
        let name = self.name(id);
        let mut charts = name.match_indices("templates/").filter_map(|(at, _)| {
            let is_folder = at == 0 || name.as_bytes()[at - 1] == b'/';
            self.find(&format!("{}Chart.yaml", &name[..at])).filter(|_| is_folder)
        });
        let Some(chart) = charts.next() else { return false };
        self.peek(id, |text| text.contains("{{")) || self.is_installable(chart)
    }

    /// Whether a `Chart.yaml` is that of a chart which helm renders by itself.
    fn is_installable(&self, chart: SourceId) -> bool {
        let Some(yaml) = self.yaml(chart).filter(|yaml| !yaml.masked) else { return false };
        let root = yaml.documents.first().map(|document| &document.root);
        let text = |key: &str| root.and_then(|root| root.text_at(key)).filter(|text| !text.is_empty());
        text("name").is_some() && text("version").is_some() && text("type") != Some("library")
    }

    /// The text of a file that objects are made of: read once, however many builds hold it.
    pub fn text(&self, id: SourceId) -> Option<Str> {
        self.all.texts.get(id.0 as usize)?.get_or_init(|| self.shown(id, |text| Str::from(text))).clone()
    }

    /// Asks the text of a file something, without keeping it: most files are asked once and never again.
    pub fn ask<T>(&self, id: SourceId, question: impl FnOnce(&str) -> T) -> Option<T> {
        match self.all.texts.get(id.0 as usize).and_then(OnceLock::get) {
            Some(known) => known.as_deref().map(question),
            None => self.shown(id, question),
        }
    }

    fn shown<T>(&self, id: SourceId, question: impl FnOnce(&str) -> T) -> Option<T> {
        let (mut question, mut answer) = (Some(question), None);
        (self.read)(id, &mut |text| answer = question.take().map(|question| question(text)));
        answer
    }

    /// Whether the text of a file is so.
    pub fn peek(&self, id: SourceId, is_so: impl FnOnce(&str) -> bool) -> bool {
        self.ask(id, is_so).unwrap_or(false)
    }

    /// The manifests that have some of [`WORDS`] and whose text is so. All manifests are looked through once, whoever
    /// asks for what.
    pub fn saying(&self, some: &[&str], is_so: impl Fn(&str) -> bool + Sync) -> Vec<SourceId> {
        // Of a word that is not known every manifest is asked.
        let bit = |word: &&str| WORDS.iter().position(|known| known == word).map_or(u16::MAX, |at| 1 << at);
        let bits = some.iter().map(bit).fold(0, |bits, bit| bits | bit);
        let words = self.all.words.get_or_init(|| self.words());
        let may = |id: &SourceId| words.get(id.0 as usize).is_some_and(|own| own & bits != 0);
        let manifests: Vec<SourceId> = self.by_name.iter().copied().filter(may).collect();
        manifests.into_par_iter().filter(|id| self.peek(*id, &is_so)).collect()
    }

    fn words(&self) -> Vec<u16> {
        let needles = Needles::of(WORDS);
        let of = |id: SourceId| {
            let is_manifest = MANIFESTS.iter().any(|end| self.name(id).ends_with(end));
            let look = || self.ask(id, |text| needles.in_text(text) as u16).unwrap_or_default();
            match self.shared {
                _ if !is_manifest => 0,
                Some(shared) => shared.words(id, look),
                None => look(),
            }
        };
        (0..self.all.texts.len() as u32).into_par_iter().map(|at| of(SourceId(at))).collect()
    }

    /// The same files without the schemas of custom resources: the bulk of many repositories, and nothing in them is
    /// asked for but by who prints them.
    #[must_use]
    pub fn without_schemas(self) -> Files<'a> {
        Files { schemas: Schemas::LeftOut, ..self }
    }

    /// The same files, of which the bytes can be asked for too: archives are no text.
    #[must_use]
    pub fn with_bytes(self, read: &'a ReadBytes<'a>) -> Files<'a> {
        Files { read_bytes: Some(read), ..self }
    }

    /// The same files, of which another look finds much, too. Both leave the same schemas out.
    #[must_use]
    pub fn with_shared(self, shared: Option<&'a SharedFiles>) -> Files<'a> {
        Files { shared, ..self }
    }

    pub fn shared(&self) -> Option<&'a SharedFiles> {
        self.shared
    }

    /// Whether the schemas of custom resources are read.
    pub fn schemas(&self) -> Schemas {
        self.schemas
    }

    /// The same files, with charts at hand that are none of them.
    #[must_use]
    pub fn with_shelf(self, shelf: Option<&'a Shelf<'a>>) -> Files<'a> {
        Files { shelf, ..self }
    }

    /// The same files, for clusters that can do this.
    #[must_use]
    pub fn with_cluster(self, cluster: &'a Capabilities) -> Files<'a> {
        Files { cluster: Some(cluster), ..self }
    }

    /// The same files, beside which these names lead elsewhere.
    #[must_use]
    pub fn with_links(self, links: &'a [&'a str]) -> Files<'a> {
        Files { links, ..self }
    }

    /// What is assumed of every cluster.
    pub(super) fn capabilities(&self) -> Capabilities {
        self.cluster.cloned().unwrap_or_default()
    }

    /// Charts that are none of these files.
    pub(super) fn shelf(&self) -> Option<&'a Shelf<'a>> {
        self.shelf
    }

    /// What the charts of the repository say that they are, by name; read by who first asks.
    pub(super) fn charts(
        &self,
        read: impl Fn(SourceId) -> Option<Card<SourceId>>,
    ) -> &HashMap<Str, Vec<Card<SourceId>>> {
        self.all.charts.get_or_init(|| {
            let is_chart = |id: &SourceId| self.name(*id).rsplit('/').next() == Some("Chart.yaml");
            let mut out: HashMap<Str, Vec<Card<SourceId>>> = HashMap::new();
            for card in self.all.by_name.iter().copied().filter(is_chart).filter_map(read) {
                out.entry(card.name.clone()).or_default().push(card);
            }
            out
        })
    }

    /// Asks the bytes of a file something, without keeping them.
    pub fn bytes<T>(&self, id: SourceId, question: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let (mut question, mut answer) = (Some(question), None);
        (self.read_bytes?)(id, &mut |bytes| answer = question.take().map(|question| question(bytes)));
        answer
    }

    /// The line, counted from nothing, on which an entry that leads to one of these names was commented out of a
    /// kustomization.
    pub(super) fn commented_out(&self, id: SourceId, names: &[&str]) -> Option<usize> {
        let folder = self.name(id).rsplit_once('/').map_or("", |(folder, _)| folder);
        let read = || {
            let entries = self.ask(id, commented).unwrap_or_default();
            let named =
                entries.into_iter().filter_map(|(entry, line)| Some((paths::resolve(folder, &entry)?, line)));
            named.collect()
        };
        let mut known = self.all.commented.lock().ok()?;
        let lines: &HashMap<Str, usize> = known.entry(id).or_insert_with(read);
        names.iter().find_map(|name| lines.get(*name).copied())
    }

    /// The documents of a file, as YAML (and so JSON). Its text is not kept: the trees know their places.
    pub fn yaml(&self, id: SourceId) -> Option<&Arc<Yaml>> {
        let slot = self.all.trees.get(id.0 as usize)?;
        let read = |text: &str| match self.schemas {
            Schemas::Read => Arc::new(yaml::read(id, text)),
            Schemas::LeftOut => Arc::new(yaml::read_without_schemas(id, text)),
        };
        let read = || self.ask(id, read);
        slot.get_or_init(|| self.shared.map_or_else(read, |shared| shared.tree(id, read))).as_ref()
    }

    /// The documents that stand inside a scalar.
    pub fn embedded(&self, part: &Part) -> Arc<Yaml> {
        let known = self.all.embedded.lock().ok().and_then(|known| {
            let same = known.get(&part.span())?.iter().find(|(other, _)| other == part)?;
            Some(same.1.clone())
        });
        known.unwrap_or_else(|| {
            let yaml = Arc::new(yaml::read_embedded(&part.text, &part.origin));
            if let Ok(mut known) = self.all.embedded.lock() {
                known.entry(part.span()).or_default().push((part.clone(), yaml.clone()));
            }
            yaml
        })
    }

    /// The documents of a file that somebody has asked for before.
    pub fn known_yaml(&self, id: SourceId) -> Option<&Arc<Yaml>> {
        self.all.trees.get(id.0 as usize)?.get()?.as_ref()
    }

    /// Gives back what only builds ask for: whole texts, and documents inside of texts.
    pub fn settle(&mut self) {
        if let Some(all) = Arc::get_mut(&mut self.all) {
            all.texts.iter_mut().for_each(|slot| *slot = OnceLock::new());
            all.embedded = Mutex::default();
        }
    }

    /// Hands over documents that somebody has parsed already.
    pub fn give(&self, id: SourceId, yaml: Arc<Yaml>) {
        if let Some(slot) = self.all.trees.get(id.0 as usize) {
            let _ = slot.set(Some(yaml));
        }
    }
}

fn position(by_name: &[SourceId], sources: &Sources, name: &str) -> Option<usize> {
    by_name.binary_search_by(|id| sources.name(*id).cmp(name)).ok()
}

fn below<'s>(
    by_name: &'s [SourceId],
    sources: &'s Sources,
    folder: &str,
) -> impl Iterator<Item = SourceId> + use<'s> {
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let from = by_name.partition_point(|id| sources.name(*id) < prefix.as_str());
    by_name[from..].iter().copied().take_while(move |id| sources.name(*id).starts_with(&prefix))
}

impl std::fmt::Debug for Files<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} files", self.by_name.len())
    }
}
