//! Charts as helm loads them: the files of a folder or an archive, told apart by their names, and the charts in it.
//! What a chart depends on and does not hold is looked for in the repository and on the shelf.

use super::super::files::Files;
use super::archive::{self, Budget, Member};
use super::ignore::Rules;
use super::metadata::{Dependency, Metadata};
use super::neighbours;
use super::shelf::Found;
use super::told::{Helm, Told, Warning};
use super::values;
use crate::limits::{DEEPEST_CHART, MOST_CHARTS_ADDED};
use crate::syntax::Node;
use crate::syntax::yaml::{self, Yaml};
use crate::text::{Origin, Part, SourceId, Span, Str, paths};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A chart, with the charts in it.
#[derive(Clone, Debug)]
pub struct Chart {
    pub metadata: Metadata,
    /// What it says itself; a map.
    pub values: Node,
    pub schema: Option<ChartFile>,
    pub templates: Arc<[ChartFile]>,
    /// What templates see as `.Files`.
    pub files: Arc<[ChartFile]>,
    pub charts: Vec<Chart>,
    /// The name under which helm 3 puts the templates of its charts: before an alias.
    pub(super) former: Option<Str>,
}

/// One file of a chart.
#[derive(Clone, Debug)]
pub struct ChartFile {
    /// Relative to its chart.
    pub name: Str,
    pub body: Body,
}

/// Where the text of a file is.
#[derive(Clone, Debug)]
pub enum Body {
    File(SourceId),
    /// In a package, under a name within it. All its places are one: the archive as a whole, or what asks for it.
    Member {
        package: Packed,
        name: Str,
        bytes: Arc<[u8]>,
    },
}

/// A package that files of a chart are in.
#[derive(Clone, Debug)]
pub struct Packed {
    at: Span,
    /// `the archive web-1.0.tgz`
    called: Str,
    /// The archive, if it is a file of the repository.
    source: Option<SourceId>,
}

impl Chart {
    /// A copy for another rendering: what helm notes in charts while it puts values together is not in it.
    #[must_use]
    pub(in super::super) fn fresh(&self) -> Chart {
        let mut out = self.clone();
        out.metadata.renew();
        out.charts = self.charts.iter().map(Chart::fresh).collect();
        out
    }

    /// Whether it, or a chart in it, has definitions of custom resources in `crds/`.
    pub(super) fn has_definitions(&self) -> bool {
        self.files.iter().any(|file| file.is_definition()) || self.charts.iter().any(Chart::has_definitions)
    }
}

impl ChartFile {
    /// Whether it defines custom resources: it is delivered as it is.
    pub(super) fn is_definition(&self) -> bool {
        let ends = [".yaml", ".yml", ".json"];
        self.name.starts_with("crds/") && ends.iter().any(|end| self.name.to_ascii_lowercase().ends_with(end))
    }

    /// The text; nothing for what is none.
    pub fn text(&self, files: &Files) -> Option<Str> {
        match &self.body {
            Body::File(id) => files.text(*id),
            Body::Member { bytes, .. } => std::str::from_utf8(bytes).ok().map(Str::from),
        }
    }

    /// The text with its place: byte for byte that of the file, but for what is in an archive.
    pub fn part(&self, files: &Files) -> Option<Part> {
        let text = self.text(files)?;
        let origin = match &self.body {
            Body::File(id) => Origin::verbatim(Span::new(*id, 0, text.len())),
            Body::Member { package, name, .. } => package.origin(name),
        };
        Some(Part::new(text, origin))
    }

    /// The place of all that is in it, for who asks for one.
    pub fn at(&self) -> Span {
        match &self.body {
            Body::File(id) => Span::new(*id, 0, 0),
            Body::Member { package, .. } => package.at,
        }
    }

    /// The file of the repository that it is, or that it is in.
    pub(super) fn source(&self) -> Option<SourceId> {
        match &self.body {
            Body::File(id) => Some(*id),
            Body::Member { package, .. } => package.source,
        }
    }

    /// Its name as people are told it: `Chart.yaml of the archive web-1.0.tgz`.
    pub fn shown(&self, files: &Files) -> String {
        match &self.body {
            Body::File(id) => files.name(*id).to_string(),
            Body::Member { package, name, .. } => format!("{name} of {}", package.called),
        }
    }

    /// A sentence with the name of the file before it, where the place does not tell it.
    pub(super) fn named(&self, files: &Files, says: &str) -> String {
        match &self.body {
            Body::File(_) => says.to_string(),
            Body::Member { .. } => format!("{}: {says}", self.shown(files)),
        }
    }

    pub(super) fn yaml(&self, files: &Files) -> Option<Arc<Yaml>> {
        match &self.body {
            Body::File(id) => files.yaml(*id).cloned(),
            Body::Member { package, name, .. } => {
                Some(Arc::new(yaml::read_embedded(&self.text(files)?, &package.origin(name))))
            }
        }
    }

    fn bytes<T>(&self, files: &Files, question: impl FnOnce(&[u8]) -> T) -> Option<T> {
        match &self.body {
            Body::File(id) => files.bytes(*id, question),
            Body::Member { bytes, .. } => Some(question(bytes)),
        }
    }
}

impl Packed {
    fn origin(&self, name: &str) -> Origin {
        Origin::spelled(self.at).inside(format!("{name} of {}", self.called).into())
    }
}

/// The chart in a folder; nothing if there is none that helm takes. A chart within it that helm refuses is left out
/// and told, where helm refuses the whole.
pub fn load(files: &Files, folder: &str, helm: Helm, told: &mut Told) -> Option<Chart> {
    Loader::new(files, helm, told).folder(folder, 0)
}

/// The chart in an archive.
pub fn load_archive(files: &Files, archive: SourceId, helm: Helm, told: &mut Told) -> Option<Chart> {
    let file = ChartFile { name: files.name(archive).into(), body: Body::File(archive) };
    Loader::new(files, helm, told).archive(&file, 0)
}

/// A chart of the shelf, for what asks for it at a place.
pub(super) fn load_found(
    files: &Files,
    found: &Found,
    at: Span,
    helm: Helm,
    told: &mut Told,
) -> Option<Chart> {
    Loader::new(files, helm, told).found(found, at, 0)
}

/// A file of a chart of the shelf, for what asks for it at a place.
pub(in super::super) fn packed_file(files: &Files, found: &Found, name: &str, at: Span) -> Option<ChartFile> {
    let members = files.shelf()?.members(found.package).as_ref().ok()?;
    let member = members.iter().find(|member| member.name == name)?;
    let package = Packed { at, called: found.called().into(), source: None };
    let (name, bytes) = (member.name.clone(), member.bytes.clone());
    Some(ChartFile { name: name.clone(), body: Body::Member { package, name, bytes } })
}

/// The chart in the bytes of an archive that stands in an object.
pub(super) fn load_bytes(
    files: &Files,
    bytes: &[u8],
    at: Span,
    helm: Helm,
    told: &mut Told,
) -> Option<Chart> {
    let mut loader = Loader::new(files, helm, told);
    let package = Packed { at, called: "the archive here".into(), source: None };
    match archive::read(bytes, &mut loader.budget) {
        Ok(members) => loader.members(&members.files, &package, 0),
        Err(says) => {
            loader.told.refuse(format!("{}: {says}", package.called), at);
            None
        }
    }
}

struct Loader<'l, 'f> {
    files: &'l Files<'f>,
    helm: Helm,
    told: &'l mut Told,
    budget: Budget,
    /// The folders and packages that are being loaded: each is in the one before.
    within: Vec<Str>,
    /// How many charts were looked for that are not in the chart.
    added: usize,
}

/// The files of a chart by what they are for.
#[derive(Default)]
struct Sorted {
    chart: Option<ChartFile>,
    requirements: Option<ChartFile>,
    lock: Option<ChartFile>,
    /// The lock of later charts, which templates do not see.
    hidden_lock: Option<ChartFile>,
    values: Option<ChartFile>,
    schema: Option<ChartFile>,
    templates: Vec<ChartFile>,
    files: Vec<ChartFile>,
    charts: BTreeMap<Str, Vec<ChartFile>>,
}

impl Sorted {
    fn of(files: Vec<ChartFile>) -> Sorted {
        let mut out = Sorted::default();
        for file in files {
            match file.name.as_str() {
                "Chart.yaml" => out.chart = Some(file),
                "Chart.lock" => out.hidden_lock = Some(file),
                "values.yaml" => out.values = Some(file),
                "values.schema.json" => out.schema = Some(file),
                "requirements.yaml" => out.requirements = Some(file),
                "requirements.lock" => out.lock = Some(file),
                name if name.starts_with("templates/") => out.templates.push(file),
                name => match name.strip_prefix("charts/") {
                    Some(inner) if !name.ends_with(".prov") => {
                        let own: Str = inner.split('/').next().unwrap_or(inner).into();
                        let name = inner.into();
                        out.charts.entry(own).or_default().push(ChartFile { name, ..file });
                    }
                    _ => out.files.push(file),
                },
            }
        }
        out
    }
}

impl<'l, 'f> Loader<'l, 'f> {
    fn new(files: &'l Files<'f>, helm: Helm, told: &'l mut Told) -> Loader<'l, 'f> {
        Loader { files, helm, told, budget: Budget::default(), within: Vec::new(), added: 0 }
    }

    fn folder(&mut self, folder: &str, level: usize) -> Option<Chart> {
        let files = self.files;
        let inner = |name: &str| paths::resolve(folder, name).and_then(|name| files.find(&name));
        let rules = match inner(".helmignore") {
            Some(id) => match files.ask(id, Rules::read).unwrap_or_else(|| Rules::read("")) {
                Ok(rules) => rules,
                Err((at, says)) => {
                    self.told.refuse(says, Span::new(id, at, at));
                    return None;
                }
            },
            None => Rules::read("").ok()?,
        };
        let cut = if folder.is_empty() { 0 } else { folder.len() + 1 };
        let names = files.below(folder).map(|id| &files.name(id)[cut..]);
        let taken = rules.taken(names).into_iter();
        let taken =
            taken.filter_map(|name| Some(ChartFile { name: name.into(), body: Body::File(inner(name)?) }));
        self.within.push(folder.into());
        let chart = self.chart(taken.collect(), level);
        self.within.pop();
        chart
    }

    fn chart(&mut self, files: Vec<ChartFile>, level: usize) -> Option<Chart> {
        let place = files.first().map(ChartFile::at)?;
        let mut sorted = Sorted::of(files);
        let Some(chart) = &sorted.chart else {
            self.told.refuse("a folder of a chart has no Chart.yaml", place);
            return None;
        };
        let root = self.root(chart)?;
        let requirements = sorted.requirements.as_ref().and_then(|file| self.root(file));
        let is_first = root.text_at("apiVersion").is_none_or(|api| matches!(api, "" | "v1"));
        let before = self.told.faults.len();
        let metadata = Metadata::read(&root, requirements.as_ref(), self.told);
        for fault in &mut self.told.faults[before..] {
            fault.says = chart.named(self.files, &fault.says);
        }
        let metadata = metadata?;
        if is_first {
            sorted.files.extend(sorted.requirements.take().into_iter().chain(sorted.lock.take()));
        }
        let values = sorted.values.as_ref().and_then(|file| self.values(file));
        let charts = std::mem::take(&mut sorted.charts);
        let mut charts = self.charts(charts, metadata.name(), level);
        self.add_missing(&metadata, &sorted, &mut charts, level);
        let chart = sorted.chart.as_ref()?;
        Some(Chart {
            values: values.unwrap_or_else(|| values::empty(chart.at())),
            charts,
            metadata,
            schema: sorted.schema,
            templates: sorted.templates.into(),
            files: sorted.files.into(),
            former: None,
        })
    }

    /// The charts within a chart.
    fn charts(&mut self, all: BTreeMap<Str, Vec<ChartFile>>, parent: &str, level: usize) -> Vec<Chart> {
        let mut out = Vec::new();
        for (name, files) in all {
            if name.starts_with(['_', '.']) {
                continue;
            }
            let at = files[0].at();
            if level >= DEEPEST_CHART {
                self.told.bound(format!("charts are nested deeper than {DEEPEST_CHART} levels"), at);
                return out;
            }
            let chart = if name.ends_with(".tgz") {
                match files.iter().find(|file| file.name == name) {
                    Some(file) => self.archive(file, level + 1),
                    None => {
                        self.told.refuse(format!("`charts/{name}` of `{parent}` is no archive"), at);
                        None
                    }
                }
            } else {
                let within = |file: ChartFile| {
                    let (_, name) = file.name.split_once('/')?;
                    Some(ChartFile { name: name.into(), body: file.body.clone() })
                };
                let inner: Vec<ChartFile> = files.into_iter().filter_map(within).collect();
                if inner.is_empty() {
                    // Helm stumbles over a file that lies beside the charts.
                    self.told.refuse(format!("`charts/{name}` of `{parent}` is no chart"), at);
                }
                self.chart(inner, level + 1)
            };
            out.extend(chart);
        }
        out
    }

    fn archive(&mut self, file: &ChartFile, level: usize) -> Option<Chart> {
        let at = file.at();
        let budget = &mut self.budget;
        let read = file.bytes(self.files, |bytes| archive::read(bytes, budget));
        let shown = file.shown(self.files);
        let members = match read {
            Some(Ok(members)) => members,
            Some(Err(says)) => {
                self.told.refuse(format!("{shown}: {says}"), at);
                return None;
            }
            None => {
                self.told.refuse(format!("{shown} cannot be read"), at);
                return None;
            }
        };
        for link in members.links {
            self.told.warn(format!("{link} of {shown} is a link: helm takes it for an empty file"), at);
        }
        let package = match &file.body {
            Body::Member { package, name, .. } => {
                Packed { called: format!("{name} of {}", package.called).into(), ..package.clone() }
            }
            Body::File(id) => {
                let called = format!("the archive {}", self.files.name(*id)).into();
                Packed { at, called, source: Some(*id) }
            }
        };
        self.members(&members.files, &package, level)
    }

    /// The chart that the files of a package make.
    fn members(&mut self, members: &[Member], package: &Packed, level: usize) -> Option<Chart> {
        let file = |member: &Member| ChartFile {
            name: member.name.clone(),
            body: Body::Member {
                package: package.clone(),
                name: member.name.clone(),
                bytes: member.bytes.clone(),
            },
        };
        self.chart(members.iter().map(file).collect(), level)
    }

    /// A chart of the shelf.
    fn found(&mut self, found: &Found, at: Span, level: usize) -> Option<Chart> {
        let (called, shelf) = (found.called(), self.files.shelf()?);
        let members = shelf.members(found.package).as_ref().map_err(Clone::clone);
        let members = match members.and_then(|members| self.budget.take(members).map(|()| members)) {
            Ok(members) => members,
            Err(says) => {
                self.told.refuse(format!("{called}: {says}"), at);
                return None;
            }
        };
        if let Some(assumed) = &found.assumed {
            self.told.assumed.push(Warning { says: assumed.clone(), at });
        }
        let package = Packed { at, called: called.into(), source: None };
        self.within.push(package.called.clone());
        let chart = self.members(members, &package, level);
        self.within.pop();
        chart
    }

    /// Adds what a chart depends on and does not hold, as far as it is at hand.
    fn add_missing(&mut self, metadata: &Metadata, own: &Sorted, charts: &mut Vec<Chart>, level: usize) {
        for wanted in metadata.dependencies.iter().flatten() {
            let is_there = charts.iter().any(|chart| wanted.is_for(&chart.metadata));
            if self.added >= MOST_CHARTS_ADDED && !is_there {
                let says =
                    format!("more than {MOST_CHARTS_ADDED} charts are looked for that this one depends on");
                self.told.bound(says, wanted.name.span());
                return;
            }
            if !is_there && level < DEEPEST_CHART {
                self.added += 1;
                let found = self.beside(wanted, own, level);
                let found = found.or_else(|| self.on_shelf(wanted, own, level));
                charts.extend(found.or_else(|| self.in_repository(wanted, own, level)));
            }
        }
    }

    /// What a chart names by a path: the chart in a folder of the repository.
    fn beside(&mut self, wanted: &Dependency, own: &Sorted, level: usize) -> Option<Chart> {
        let path = wanted.repository.text.strip_prefix("file://")?;
        let Body::File(id) = own.chart.as_ref()?.body else { return None };
        let folder = self.files.name(id).rsplit_once('/').map_or("", |(folder, _)| folder);
        let folder = paths::resolve(folder, path)?;
        self.files.find(&format!("{folder}/Chart.yaml"))?;
        if self.is_circle(wanted, |within| *within == folder) {
            return None;
        }
        self.folder(&folder, level + 1).filter(|chart| wanted.is_for(&chart.metadata))
    }

    fn on_shelf(&mut self, wanted: &Dependency, own: &Sorted, level: usize) -> Option<Chart> {
        let shelf = self.files.shelf()?;
        let locked = self.locked(wanted, own);
        let found = locked.and_then(|locked| shelf.find(&wanted.name.text, &locked).ok());
        let found = found.or_else(|| shelf.find(&wanted.name.text, &wanted.version.text).ok())?;
        let called = found.called();
        if self.is_circle(wanted, |within| *within == called) {
            return None;
        }
        self.found(&found, wanted.version.span(), level + 1)
    }

    /// What a chart takes from a registry: the chart of that name in another folder of the repository.
    fn in_repository(&mut self, wanted: &Dependency, own: &Sorted, level: usize) -> Option<Chart> {
        if wanted.repository.text.is_empty() {
            return None;
        }
        let (locked, files) = (self.locked(wanted, own), self.files);
        let is_above = |folder: &str| self.within.iter().any(|within| within == folder);
        let name = wanted.name.text.as_str();
        let find = |version: &str| neighbours::find(files, (name, version), is_above);
        let found = locked.and_then(|locked| find(&locked)).or_else(|| find(&wanted.version.text))?;
        let at = wanted.version.span();
        let chart = self.folder(&found.folder, level + 1).filter(|chart| wanted.is_for(&chart.metadata))?;
        self.told.assumed.push(Warning { says: found.assumed, at });
        Some(chart)
    }

    /// The version that the lock of a chart has for what it depends on.
    fn locked(&mut self, wanted: &Dependency, own: &Sorted) -> Option<Str> {
        let lock = own.hidden_lock.as_ref().or(own.lock.as_ref())?;
        let yaml = lock.yaml(self.files)?;
        let entries = yaml.documents.first()?.root.get("dependencies")?.items();
        let own = entries.iter().find(|entry| entry.text_at("name") == Some(&wanted.name.text))?;
        own.text_at("version").map(Str::from)
    }

    /// Whether what is wanted is being loaded already; says so.
    fn is_circle(&mut self, wanted: &Dependency, is_it: impl Fn(&Str) -> bool) -> bool {
        let is_circle = self.within.iter().any(is_it);
        if is_circle {
            let says = format!("the chart `{}` depends on itself", wanted.name.text);
            self.told.refuse(says, wanted.name.span());
        }
        is_circle
    }

    /// The only map of a file.
    fn root(&mut self, file: &ChartFile) -> Option<Node> {
        let shown = file.shown(self.files);
        let yaml = file.yaml(self.files);
        let before = self.told.faults.len();
        let read = yaml.and_then(|yaml| values::read(&yaml, &shown, file.at(), Helm::Three, self.told));
        let read = read.filter(|root| !root.entries().is_empty());
        if read.is_none() && file.name == "Chart.yaml" && self.told.faults.len() == before {
            self.told.refuse(format!("{shown} says nothing that helm can read"), file.at());
        }
        read
    }

    fn values(&mut self, file: &ChartFile) -> Option<Node> {
        let shown = file.shown(self.files);
        let yaml = file.yaml(self.files)?;
        values::read(&yaml, &shown, file.at(), self.helm, self.told)
    }
}
