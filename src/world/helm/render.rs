//! A chart and its values become objects: every template is executed, and what is written is read.

use super::super::files::Files;
use super::super::kustomize::{Fault, Why};
use super::given;
use super::load::Chart;
use super::manifests::{Manifest, Printed, Reader, Shown};
use super::scope::{Prepared, Release, Template, prepare};
use super::told::Warning;
use super::{Absent, Breach};
use crate::limits::{DEEP_STACK, DEEPEST_TEMPLATE};
use crate::syntax::Node;
use crate::template::{self, Bounds, Guess, Rendered, Set, Tool};
use crate::text::{Part, SourceId, Str};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// What comes of a chart.
#[derive(Debug, Default)]
pub struct Rendering {
    pub manifests: Vec<Manifest>,
    /// The definitions of custom resources, which are no templates.
    pub definitions: Vec<Manifest>,
    /// The file of each template, by its name.
    pub files: HashMap<Str, SourceId>,
    /// What helm refuses, or nobody here understands. Helm gives nothing where it refuses anything; here the other
    /// templates still give their objects.
    pub faults: Vec<Fault>,
    pub warnings: Vec<Warning>,
    /// Where values are not as a schema wants them.
    pub breaches: Vec<Breach>,
    /// Charts that the chart depends on and that are not here.
    pub absent: Vec<Absent>,
    /// Decisions by values that are not known here.
    pub guesses: Vec<Guess>,
    /// Those of the faults that came when templates were executed: with other values they may not come.
    pub executed: Range<usize>,
    /// The templates that gave nothing: what they make is unknown.
    pub failed: BTreeSet<Str>,
    /// The APIs that templates asked for in vain.
    pub unmet: BTreeSet<Str>,
    /// Some of them went deeper than this stack.
    is_too_deep: bool,
    /// Some of them wanted files of their chart.
    asks_for_files: bool,
}

/// Renders a chart with the values that are given to it. Few charts go deep, and those are begun anew where there is
/// room.
pub fn render(files: &Files, chart: Chart, given: &Node, release: &Release) -> Rendering {
    let prepared = prepare(files, chart, given, release);
    let run = |bounds| {
        let mut reader = Reader::new(release.helm, files.schemas());
        let mut out = print(files, &prepared, release, bounds, &mut |shown| reader.take(shown));
        let (found, faults) = reader.finish();
        out.manifests = found;
        out.faults.extend(faults);
        out
    };
    let mut out = run(Bounds::default());
    if out.is_too_deep {
        let bounds = Bounds { levels: DEEPEST_TEMPLATE, ..Bounds::default() };
        let room = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(DEEP_STACK).build();
        out = room.map_or(out, |room| room.install(|| run(bounds)));
    }
    let (found, faults) = definitions(files, &prepared, release);
    out.definitions = found;
    out.faults.extend(faults);
    let templates = prepared.templates.iter().map(|template| (&template.name, &template.file));
    let all = templates.chain(prepared.definitions.iter().map(|(name, file)| (name, file)));
    out.files = all.map(|(name, file)| (name.clone(), file.at().source)).collect();
    out
}

/// The definitions of custom resources.
fn definitions(files: &Files, prepared: &Prepared, release: &Release) -> (Vec<Manifest>, Vec<Fault>) {
    let texts = prepared.definitions.iter().filter_map(|(name, file)| Some((name, file.part(files)?)));
    let texts: Vec<(&Str, Part)> = texts.collect();
    let mut reader = Reader::new(release.helm, files.schemas());
    for (name, Part { text, origin }) in &texts {
        reader.take(Shown::Printed(&Printed::plain(name, text, origin.clone())));
    }
    reader.finish()
}

/// Who is shown what templates print.
type Show<'s> = dyn FnMut(Shown) + 's;

/// Executes the templates of a chart and shows what each of them prints; nothing of that is in the rendering yet. Few
/// charts ask for their files, and those are begun anew with them.
pub fn print(
    files: &Files,
    prepared: &Prepared,
    release: &Release,
    bounds: Bounds,
    show: &mut Show,
) -> Rendering {
    let done = print_within(files, prepared, release, (bounds, false), show);
    if !done.asks_for_files {
        return done;
    }
    show(Shown::Anew);
    print_within(files, prepared, release, (bounds, true), show)
}

fn print_within(
    files: &Files,
    prepared: &Prepared,
    release: &Release,
    (bounds, reads_files): (Bounds, bool),
    show: &mut Show,
) -> Rendering {
    let mut out = Rendering {
        faults: prepared.told.faults.clone(),
        warnings: prepared.told.warnings.clone(),
        breaches: prepared.breaches.clone(),
        absent: prepared.absent.clone(),
        ..Rendering::default()
    };
    let mut set = Set::new(Tool::Helm);
    for template in &prepared.templates {
        let Some(text) = template.file.part(files) else { continue };
        if let Err(fault) = set.add(&template.name, &text) {
            out.fail(files, template, fault);
        }
    }
    let first = out.faults.len();
    let (scopes, asked) = given::scopes(&set, files, prepared, release, reads_files);
    for template in prepared.templates.iter().filter(|template| !template.is_partial()) {
        if out.failed.contains(&template.name) {
            continue;
        }
        let root = given::root(&scopes[template.scope.0 as usize], template);
        match set.execute(&template.name, &root, bounds) {
            Ok(rendered) => {
                let Rendered { text, told, whole, guesses, .. } = rendered;
                out.guesses.extend(guesses);
                let (template, pieces) = (template.name.clone(), Box::new(told));
                let printed = Printed { template, text: text.into(), pieces, whole };
                show(Shown::Printed(&printed));
                set.give_back(printed.text.into_owned());
            }
            Err(fault) => out.fail(files, template, fault),
        }
    }
    out.executed = first..out.faults.len();
    out.unmet = asked.unmet();
    out.asks_for_files = asked.has_files();
    out
}

impl Rendering {
    fn fail(&mut self, files: &Files, template: &Template, fault: template::Fault) {
        let why = match fault.why {
            template::Why::Refused => Why::Refused,
            template::Why::Unknown | template::Why::Absent => Why::Chart,
            template::Why::TooMuch | template::Why::TooDeep => Why::Bound,
        };
        self.is_too_deep |= fault.why == template::Why::TooDeep;
        self.failed.insert(template.name.clone());
        let says = template.file.named(files, &fault.says);
        self.faults.push(Fault { why, says, at: Some(fault.at) });
    }
}
