//! The files around a helmfile: names with stars in them, templates and what these are given.

use super::super::files::{Absence, Files};
use super::super::handed::with_holes;
use super::super::kustomize::{Fault, Why};
use super::environment::Environment;
use crate::limits::{DEEPEST_FLAT, MOST_HELMFILE_STEPS, MOST_SMALL_BYTES};
use crate::syntax::glob::Glob;
use crate::syntax::{Node, Scalar, Style, Value, yaml};
use crate::template::{self, Beside, Bounds, Entries, Place, Set, Stop, Text, Tool, Value as Known};
use crate::text::{Origin, Part, Reason, SourceId, Span, Str, paths};
use std::fmt;

/// No template of a helmfile needs more.
const BOUNDS: Bounds = Bounds { steps: MOST_HELMFILE_STEPS, bytes: MOST_SMALL_BYTES, levels: DEEPEST_FLAT };

/// How the name of a file ends that is a template.
pub(super) const TEMPLATE: &str = ".gotmpl";

/// The whole text of a file.
pub(super) fn whole(files: &Files, id: SourceId) -> Option<Part> {
    let text = files.text(id)?;
    let origin = Origin::verbatim(Span::new(id, 0, text.len()));
    Some(Part::new(text, origin))
}

/// The folder that a file is in.
pub(super) fn folder(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The files that a path means, which may have stars in it, sorted by name.
pub(super) fn matching(files: &Files, folder: &str, path: &str) -> Vec<SourceId> {
    let Some(path) = paths::resolve(folder, path) else { return Vec::new() };
    let Some(first) = path.find(['*', '?', '[']) else { return files.find(&path).into_iter().collect() };
    let above = path[..first].rsplit_once('/').map_or("", |(above, _)| above);
    let Some(globs) = path.split('/').map(Glob::read).collect::<Option<Vec<Glob>>>() else {
        return Vec::new();
    };
    let fits = |name: &str| {
        let mut names = name.split('/');
        globs.iter().all(|glob| names.next().is_some_and(|name| glob.fits(name))) && names.next().is_none()
    };
    files.below(above).filter(|id| fits(files.name(*id))).collect()
}

/// Why a path means no file.
pub(super) fn absent(files: &Files, folder: &str, path: &Part) -> Fault {
    let resolved = paths::resolve(folder, &path.text);
    let absence = resolved.map_or(Absence::Gone, |resolved| files.absence(&resolved));
    let (why, says) = super::super::kustomize::missing(&path.text, &absence);
    Fault { why, says, at: Some(path.span()) }
}

/// What a release is called in templates.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Called {
    pub(super) name: Option<Part>,
    pub(super) namespace: Option<Part>,
    pub(super) chart: Option<Part>,
    pub(super) version: Option<Part>,
}

/// What a template is given.
#[derive(Clone, Copy)]
pub(super) struct Given<'g> {
    pub(super) environment: &'g Environment,
    /// The values of the environment, put together.
    pub(super) values: &'g Node,
    pub(super) release: Option<(&'g Called, &'g Node)>,
}

/// Executes a template of a folder, which may include the helpers there. What it decides by values that nobody here knows is told besides.
pub(super) fn execute(
    files: &Files,
    folder: &str,
    helpers: &[SourceId],
    text: &Part,
    given: Given,
    guesses: &mut Vec<Fault>,
) -> Result<Part, Fault> {
    let around = Around { files, folder };
    let mut set = Set::new(Tool::Helmfile);
    let refused = |fault: template::Fault| told(fault, given.environment, text.span());
    for id in helpers {
        let Some(helper) = whole(files, *id) else { continue };
        set.add(files.name(*id), &helper).map_err(refused)?;
    }
    set.add("", text).map_err(refused)?;
    let data = data(&set, given);
    let rendered = set.execute_beside("", &data, BOUNDS, &around).map_err(refused)?;
    let part = rendered.part();
    guesses.extend(rendered.guesses.into_iter().map(|guess| {
        let says = format!("it decides by what is not known here: {}", guess.hole.says());
        Fault { why: Why::Plugin, says, at: Some(guess.at) }
    }));
    Ok(part)
}

/// The files whose templates every other one of the folder may include.
pub(super) fn helpers(files: &Files, folder: &str) -> Vec<SourceId> {
    matching(files, folder, "_*.tpl")
}

fn told(fault: template::Fault, environment: &Environment, at: Span) -> Fault {
    let why = match fault.why {
        // What is not there may be among the values that nobody here can read.
        template::Why::Refused if environment.is_open => Why::Plugin,
        template::Why::Refused => Why::Refused,
        template::Why::TooMuch | template::Why::TooDeep => Why::Bound,
        template::Why::Unknown | template::Why::Absent => Why::Plugin,
    };
    Fault { why, says: fault.says, at: Some(if fault.at.is_empty() { at } else { fault.at }) }
}

fn data(set: &Set, given: Given) -> Known {
    let made = |text: &str| Text::new(text, Place::NOWHERE);
    let text = |text: &str| Known::Text(made(text));
    let part =
        |part: &Option<Part>| part.as_ref().map_or_else(|| text(""), |part| Known::Text(set.text(part)));
    let Given { environment, values, release } = given;
    let values = set.value(values);
    let own = Entries::from([
        (made("Name"), text(&environment.name)),
        (made("KubeContext"), part(&environment.context)),
        (made("Values"), set.value(&environment.values)),
    ]);
    let mut root = Entries::from([
        (made("Environment"), Known::map(own)),
        (made("Namespace"), text("")),
        (made("Values"), values.clone()),
        (made("StateValues"), values),
    ]);
    if let Some((called, labels)) = release {
        let own = Entries::from([
            (made("Name"), part(&called.name)),
            (made("Namespace"), part(&called.namespace)),
            (made("Chart"), part(&called.chart)),
            (made("ChartVersion"), part(&called.version)),
            (made("Labels"), set.value(labels)),
            (made("KubeContext"), text("")),
        ]);
        root.extend([
            (made("Release"), Known::map(own)),
            (made("Chart"), text("")),
            (made("KubeContext"), text("")),
        ]);
    }
    Known::map(root)
}

/// The files as templates of a folder ask for them.
struct Around<'a> {
    files: &'a Files<'a>,
    folder: &'a str,
}

impl fmt::Debug for Around<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the files of `{}`", self.folder)
    }
}

impl Around<'_> {
    fn path(&self, path: &str) -> Option<Str> {
        if path.starts_with('/') { None } else { paths::resolve(self.folder, path) }
    }
}

impl Beside for Around<'_> {
    fn read(&self, path: &str) -> Result<Part, Stop> {
        let Some(resolved) = self.path(path) else {
            return Err(Stop::Unknown(format!("`{path}` is outside of the repository")));
        };
        match self.files.find(&resolved).and_then(|id| whole(self.files, id)) {
            Some(part) => Ok(part),
            None => match self.files.absence(&resolved) {
                Absence::Unseen(_, says) => Err(Stop::Unknown(format!("`{path}` is not here: {says}"))),
                _ => Stop::refused(format!("the file `{path}` is not there")),
            },
        }
    }

    fn list(&self, path: &str) -> Option<Vec<Str>> {
        let folder = self.path(path)?;
        let names = self.files.below(&folder).map(|id| self.files.name(id));
        let prefix = if folder.is_empty() { 0 } else { folder.len() + 1 };
        let own: Vec<&str> = names.map(|name| &name[prefix..]).collect();
        let path = path.trim_end_matches('/');
        let files = own.iter().filter(|name| !name.contains('/'));
        (!own.is_empty()).then(|| files.map(|name| Str::from(format!("{path}/{name}"))).collect())
    }

    fn is_file(&self, path: &str) -> bool {
        self.path(path).is_some_and(|path| self.files.find(&path).is_some())
    }

    fn is_folder(&self, path: &str) -> bool {
        self.path(path).is_some_and(|path| self.files.is_folder(&path))
    }
}

/// The values of a map in a helmfile, as helm is given them: words such as `yes` are no truths, and references to stores
/// of secrets are holes.
pub(super) fn inline(node: &Node) -> Node {
    worded(&with_references(node))
}

fn worded(node: &Node) -> Node {
    let value = match &node.value {
        Value::Scalar(scalar) if scalar.is_bool() => {
            let is_truth =
                scalar.text.eq_ignore_ascii_case("true") || scalar.text.eq_ignore_ascii_case("false");
            let style = if is_truth { scalar.style } else { Style::Double };
            Value::Scalar(Scalar { style, ..scalar.clone() })
        }
        Value::List(items) => Value::List(items.iter().map(worded).collect::<Vec<_>>().into()),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| (worded(key), worded(value)));
            Value::Map(entries.collect::<Vec<_>>().into())
        }
        other => other.clone(),
    };
    Node { value, ..node.clone() }
}

/// A tree whose references to stores of secrets are holes.
pub(super) fn with_references(node: &Node) -> Node {
    with_holes(node, Reason::Secret, &|text| text.contains("ref+") && text.contains("://"))
}

/// The tree of an encrypted file: what it is about is known, and no value.
pub(super) fn encrypted(files: &Files, id: SourceId) -> Option<Node> {
    let text = whole(files, id)?;
    let root = yaml::read_embedded(&text.text, &text.origin).documents.into_iter().next()?.root;
    let mut tree = with_holes(&root, Reason::Secret, &|_| true);
    super::super::edit::remove(&mut tree, "sops");
    tree.is_map().then_some(tree)
}
