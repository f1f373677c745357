//! Charts that a kustomization takes: those of its `chartHome` in this repository are rendered. The tool runs helm for
//! them, and fetches what is not there.

use super::super::edit;
use super::super::helm::{self, Capabilities, Helm, Inflation, Release, Told, UserValues};
use super::fault::Why;
use super::file::Kustomization;
use super::gathered::Gathered;
use super::loader::{Loader, fault_of};
use crate::syntax::{Node, Scalar};
use crate::text::{Origin, Part, SourceId, Str, paths};

/// One chart as a kustomization asks for it, whichever of its three ways it takes.
pub(super) struct Ask<'a> {
    entry: &'a Node,
    /// What is said for all charts.
    globals: Option<&'a Node>,
    /// Whether the entry is one of `helmChartInflationGenerator`, with the names of then.
    is_old: bool,
}

/// The old names of keys.
const OLD: [(&str, &str); 5] = [
    ("name", "chartName"),
    ("version", "chartVersion"),
    ("repo", "chartRepoUrl"),
    ("valuesFile", "values"),
    ("valuesInline", "valuesLocal"),
];

impl<'a> Ask<'a> {
    pub(super) fn new(entry: &'a Node, globals: Option<&'a Node>) -> Ask<'a> {
        Ask { entry, globals, is_old: false }
    }

    pub(super) fn old(entry: &'a Node) -> Ask<'a> {
        Ask { entry, globals: None, is_old: true }
    }

    fn get(&self, key: &str) -> Option<&'a Node> {
        let old = OLD.iter().find(|(new, _)| self.is_old && *new == key);
        self.entry.get(old.map_or(key, |(_, old)| old)).filter(|value| !value.is_null())
    }

    fn part(&self, key: &str) -> Option<Part> {
        self.get(key)?.part().filter(|part| !part.text.is_empty())
    }

    fn text(&self, key: &str) -> Str {
        self.part(key).map(|part| part.text).unwrap_or_default()
    }

    fn is(&self, key: &str) -> bool {
        self.get(key).and_then(Node::scalar).is_some_and(Scalar::is_true)
    }

    /// The folder that charts are in, as it is written.
    fn home(&self) -> Str {
        let home = self.globals.and_then(|globals| globals.part_at("chartHome"));
        let home = self.part("chartHome").or(home).filter(|home| !home.text.is_empty());
        let home = home.map_or(Str::new_static("charts"), |home| home.text);
        match (self.text("version"), self.text("repo")) {
            (version, repo) if !version.is_empty() && !repo.is_empty() => {
                format!("{home}/{}-{version}", self.text("name")).into()
            }
            _ => home,
        }
    }
}

/// Puts the objects of a chart among what is gathered. `namespace` is its one if it says none.
pub(super) fn generate(
    loader: Loader,
    own: &Kustomization,
    ask: &Ask,
    namespace: &Str,
    gathered: &mut Gathered,
) {
    let at = ask.entry.span();
    let name = ask.text("name");
    if name.is_empty() {
        return gathered.fault(Why::Refused, "a chart has a `name`", Some(at));
    }
    let written = format!("{}/{name}", ask.home());
    let folder = paths::resolve(&own.directory, &written).filter(|_| !written.starts_with('/'));
    let Some(folder) = folder.filter(|folder| loader.files.is_folder(folder)) else {
        gathered.missed.extend(paths::resolve(&own.directory, &written));
        return not_here(ask, &name, &written, gathered);
    };
    gathered.listed.insert(folder.clone());
    let mut told = Told::default();
    let Some(values) = values(loader, own, ask, &written, &mut told, gathered) else { return };
    // It calls helm without a cluster: what is delivered to one is not there.
    let apis = ask.get("apiVersions").map(Node::items).unwrap_or_default();
    let capabilities = loader.files.capabilities();
    let capabilities = capabilities.with(Some(&ask.text("kubeVersion")), apis.iter().filter_map(Node::text));
    let asked = Inflation {
        folder: &folder,
        values: &values,
        release: release(ask, namespace, capabilities),
        with_definitions: ask.is("includeCRDs"),
        with_hooks: !ask.is("skipHooks"),
        with_tests: !ask.is("skipTests"),
        at,
    };
    let made = helm::inflate(loader.files, &asked, told);
    for fault in made.faults {
        gathered.fault(fault.why, fault.says, fault.at.or(Some(at)));
    }
    let mut objects = Vec::with_capacity(made.objects.len());
    for mut object in made.objects {
        match fault_of(&object.root) {
            Some(says) => gathered.fault(Why::Refused, says, Some(object.root.span())),
            None => {
                object.is_of_chart = true;
                objects.push(object);
            }
        }
    }
    gathered.takes_namespace |= ask.part("namespace").is_none();
    gathered.add(objects, at);
    gathered.read.extend(made.read);
    gathered.loaded.extend(made.loaded);
    gathered.take_values(&made.values);
    gathered.assumed.extend(made.assumed);
}

fn not_here(ask: &Ask, name: &str, written: &str, gathered: &mut Gathered) {
    let at = Some(ask.entry.span());
    if ask.text("repo").is_empty() {
        let says = format!("no chart is at `{written}`, and no `repo` says where to get it");
        return gathered.fault(Why::Refused, says, at);
    }
    gathered.fault(Why::Chart, format!("the chart `{name}` is not rendered"), at);
}

/// A release without a name gets one that nobody knows before.
fn release(ask: &Ask, namespace: &Str, capabilities: Capabilities) -> Release {
    let plain = Release { capabilities, helm: Helm::default(), ..Release::default() };
    let literal = ask.part("nameTemplate").filter(|name| !name.text.contains("{{"));
    let name = ask.part("releaseName").or(literal).map_or(plain.name.clone(), |name| name.text);
    let said = ask.part("namespace").map_or(namespace.clone(), |said| said.text);
    let namespace = if said.is_empty() { plain.namespace.clone() } else { said };
    Release { name, namespace, ..plain }
}

/// The values: a file, with those that are written in the kustomization over or under it, and more files over both.
fn values(
    loader: Loader,
    own: &Kustomization,
    ask: &Ask,
    chart: &str,
    told: &mut Told,
    gathered: &mut Gathered,
) -> Option<Node> {
    let at = ask.entry.span();
    let inline = ask.get("valuesInline").filter(|values| !values.entries().is_empty());
    let how = ask.text("valuesMerge");
    if !matches!(how.as_str(), "" | "override" | "merge" | "replace") {
        gathered.fault(Why::Refused, "`valuesMerge` is `merge`, `override` or `replace`", Some(at));
        return None;
    }
    let read = |id: SourceId, told: &mut Told| helm::values_file(loader.files, id, Helm::default(), told);
    let mut given = UserValues::default();
    let base = if inline.is_some() && how == "replace" {
        edit::empty_map(&Origin::spelled(at))
    } else {
        let of_chart = || Part::new(format!("{chart}/values.yaml"), Origin::spelled(at));
        let file = ask.part("valuesFile").unwrap_or_else(of_chart);
        read(loader.file(own, &file, gathered)?, told)?
    };
    given.files.push(match inline {
        None => base,
        Some(inline) => {
            let (mut below, over) = if how == "merge" { (inline.clone(), &base) } else { (base, inline) };
            edit::merge_patch(&mut below, over);
            below
        }
    });
    for file in ask.get("additionalValuesFiles").map(Node::items).unwrap_or_default() {
        let id = file.part().and_then(|file| loader.file(own, &file, gathered))?;
        given.files.extend(read(id, told));
    }
    let none = |_: &Part| Err("no file is asked for".to_owned());
    Some(given.together(at, &none, Helm::default(), told))
}
