//! Charts as helm loads them: the files of a folder or an archive, told apart by their names, and the charts in it.

use super::super::files::Files;
use super::archive::{self, Budget};
use super::ignore::Rules;
use super::metadata::Metadata;
use super::told::{Helm, Told};
use super::values;
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
    /// In an archive, under a name within it. Its places are the archive as a whole.
    Member {
        archive: SourceId,
        name: Str,
        bytes: Arc<[u8]>,
    },
}

/// No chart is nested deeper.
const MOST_LEVELS: usize = 32;

impl ChartFile {
    /// The text; nothing for what is none.
    pub fn text(&self, files: &Files) -> Option<Str> {
        match &self.body {
            Body::File(id) => files.text(*id),
            Body::Member { bytes, .. } => std::str::from_utf8(bytes).ok().map(Str::from),
        }
    }

    /// The text with its place: byte for byte that of the file, but for what is in an archive.
    pub fn part(&self, files: &Files) -> Option<Part> {
        let (text, at) = (self.text(files)?, self.at());
        let origin = match self.body {
            Body::File(id) => Origin::verbatim(Span::new(id, 0, text.len())),
            Body::Member { .. } => Origin::spelled(at),
        };
        Some(Part::new(text, origin))
    }

    /// The file that a place of it is in.
    pub fn at(&self) -> Span {
        let (Body::File(id) | Body::Member { archive: id, .. }) = self.body;
        Span::new(id, 0, 0)
    }

    /// Its name as people are told it: ``Chart.yaml of the archive `web-1.0.tgz` ``.
    pub fn shown(&self, files: &Files) -> String {
        match &self.body {
            Body::File(id) => files.name(*id).to_string(),
            Body::Member { archive, name, .. } => format!("{name} of the archive {}", files.name(*archive)),
        }
    }

    pub(super) fn yaml(&self, files: &Files) -> Option<Arc<Yaml>> {
        match &self.body {
            Body::File(id) => files.yaml(*id).cloned(),
            Body::Member { .. } => {
                Some(Arc::new(yaml::read_embedded(&self.text(files)?, &Origin::spelled(self.at()))))
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

/// The chart in a folder; nothing if there is none that helm takes. A chart within it that helm refuses is left out
/// and told, where helm refuses the whole.
pub fn load(files: &Files, folder: &str, helm: Helm, told: &mut Told) -> Option<Chart> {
    let inner = |name: &str| paths::resolve(folder, name).and_then(|name| files.find(&name));
    let rules = match inner(".helmignore") {
        Some(id) => match files.ask(id, Rules::read).unwrap_or_else(|| Rules::read("")) {
            Ok(rules) => rules,
            Err((at, says)) => {
                told.refuse(says, Span::new(id, at, at));
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
    let mut loader = Loader { files, helm, told, budget: Budget::default() };
    loader.chart(taken.collect(), 0)
}

/// The chart in an archive.
pub fn load_archive(files: &Files, archive: SourceId, helm: Helm, told: &mut Told) -> Option<Chart> {
    let file = ChartFile { name: files.name(archive).into(), body: Body::File(archive) };
    Loader { files, helm, told, budget: Budget::default() }.archive(&file, 0)
}

struct Loader<'l, 'f> {
    files: &'l Files<'f>,
    helm: Helm,
    told: &'l mut Told,
    budget: Budget,
}

/// The files of a chart by what they are for.
#[derive(Default)]
struct Sorted {
    chart: Option<ChartFile>,
    requirements: Option<ChartFile>,
    lock: Option<ChartFile>,
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
                "Chart.lock" => {}
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

impl Loader<'_, '_> {
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
        if let Body::Member { .. } = chart.body {
            // The place is the archive: only words can tell which file of it is meant.
            let shown = chart.shown(self.files);
            self.told.faults[before..]
                .iter_mut()
                .for_each(|fault| fault.says = format!("{shown}: {}", fault.says));
        }
        let metadata = metadata?;
        if is_first {
            sorted.files.extend(sorted.requirements.take().into_iter().chain(sorted.lock.take()));
        }
        let values = sorted.values.as_ref().and_then(|file| self.values(file));
        let charts = std::mem::take(&mut sorted.charts);
        Some(Chart {
            values: values.unwrap_or_else(|| values::empty(chart.at())),
            charts: self.charts(charts, metadata.name(), level),
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
            if level >= MOST_LEVELS {
                self.told.bound(format!("charts are nested deeper than {MOST_LEVELS} levels"), at);
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
        let outer = match &file.body {
            Body::Member { name, .. } => format!("{name}!"),
            Body::File(_) => String::new(),
        };
        let member = |member: archive::Member| ChartFile {
            body: Body::Member {
                archive: at.source,
                name: format!("{outer}{}", member.name).into(),
                bytes: member.bytes.into(),
            },
            name: member.name,
        };
        self.chart(members.files.into_iter().map(member).collect(), level)
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
