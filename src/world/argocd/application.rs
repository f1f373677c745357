//! One Application: its sources, what kind each is, and the objects that they give together.

use super::super::edit;
use super::super::files::Files;
use super::super::helm::Capabilities;
use super::super::kustomize::{self, Built, Fault, Strictness, Why};
use super::super::repository::Place;
use super::super::wanted::Wanted;
use super::chart::Home;
use super::ground::{Ground, path_of, sources};
use super::options::Change;
use super::{chart, directory, is_zero};
use crate::syntax::Node;
use crate::text::{Origin, Part, Span, Str};
use std::collections::{BTreeMap, BTreeSet};

/// What an Application delivers.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    /// The folders that were rendered, or would be.
    pub(super) folders: Vec<Part>,
    /// Nothing kept a folder from being rendered.
    pub(super) whole: bool,
    /// The numbers of the sources whose charts were rendered: their objects speak for the values there.
    pub(super) charts: Vec<usize>,
    pub(super) built: Built,
}

/// Builds an Application, for a cluster of which this is known.
pub(super) fn build(ground: &Ground, root: &Node, known: &Capabilities) -> Rendered {
    let mut out = Rendered { whole: true, ..Rendered::default() };
    for (number, source) in sources(root).into_iter().enumerate() {
        render(ground, (root, known), (number, source), &mut out);
    }
    if sources(root).is_empty() {
        let says = "an Application has a `source`".into();
        out.built.faults.push(Fault { why: Why::Refused, says, at: Some(root.span()) });
    }
    settle(ground, root, &mut out.built);
    out
}

fn render(
    ground: &Ground,
    asked: (&Node, &Capabilities),
    (number, source): (usize, &Node),
    out: &mut Rendered,
) {
    let (files, root) = (ground.files, asked.0);
    let fault = |why: Why, says: String, at: Span, out: &mut Rendered| {
        out.whole = false;
        out.built.faults.push(Fault { why, says, at: Some(at) });
    };
    if out.take_wanted(ground, asked, (number, source)) {
        return;
    }
    let Some(written) = source.part_at("path").filter(|path| !path.text.is_empty()) else {
        // A source with a name gives values to others.
        if source.text_at("ref").is_none_or(str::is_empty) {
            fault(Why::Refused, "a source has a `path` or a `chart`".into(), source.span(), out);
        }
        return;
    };
    if written.text.contains("{{") {
        return fault(Why::Plugin, format!("`{}` is not known here", written.text), written.span(), out);
    }
    let Some(path) = path_of(source) else {
        let says = format!("`{}` is no path within a repository", written.text);
        return fault(Why::Refused, says, written.span(), out);
    };
    let url = source.text_at("repoURL").unwrap_or_default();
    match ground.repository.place(files, url, &path.text) {
        Place::Here => {}
        Place::Missing => {
            let says = format!("`{}` is no folder of this repository", path.text);
            out.folders.push(path.clone());
            return fault(Why::PathMissing, says, path.span(), out);
        }
        Place::Elsewhere => {
            let says = format!("`{}` is in another repository", written.text);
            return fault(Why::Remote, says, path.span(), out);
        }
    }
    let name = root.at(&["metadata", "name"]).and_then(Node::text).unwrap_or_default();
    let source = overridden(files, source, &path.text, name, &mut out.built);
    let built = match kind(files, &source, &path.text) {
        Err(several) => {
            let says = format!("{several} say each how this source is built: only one may");
            out.folders.push(path.clone());
            return fault(Why::Refused, says, source.span(), out);
        }
        Ok(Kind::Chart) => {
            let built = chart::build(ground, asked, &source, &Home::Folder(&path));
            out.take_chart(number, path, built);
            return;
        }
        Ok(Kind::Plugin) => {
            out.folders.push(path.clone());
            return fault(
                Why::Plugin,
                format!("a plugin makes what `{}` delivers", path.text),
                path.span(),
                out,
            );
        }
        Ok(Kind::Directory) => directory::build(files, &path, source.get("directory")),
        Ok(Kind::Kustomize) => kustomization(ground, root, &source, &path),
    };
    out.take(path, built);
}

impl Rendered {
    /// Takes the chart that a source wants from elsewhere, if it wants one.
    fn take_wanted(
        &mut self,
        ground: &Ground,
        asked: (&Node, &Capabilities),
        (number, source): (usize, &Node),
    ) -> bool {
        let Some(wanted) = wanted(source) else { return false };
        match wanted.find(ground.files) {
            // What a registry holds may be manifests.
            Err(_) if source.get("chart").is_none() => return false,
            Err(words) => {
                let says = format!("{words} is a chart of another repository");
                self.whole = false;
                self.built.faults.push(Fault { why: Why::Chart, says, at: Some(wanted.named) });
            }
            Ok(found) => {
                let text = format!("({})", found.called()).into();
                let path = Part { text, origin: Origin::spelled(wanted.at()) };
                let built = chart::build(ground, asked, source, &Home::Shelf(&found, &path));
                self.take_chart(number, path, built);
            }
        }
        true
    }

    fn take_chart(&mut self, number: usize, path: Part, built: Built) {
        self.charts.extend((!built.objects.is_empty()).then_some(number));
        self.take(path, built);
    }

    fn take(&mut self, path: Part, built: Built) {
        self.folders.push(path);
        self.built.objects.extend(built.objects);
        self.built.faults.extend(built.faults);
        self.built.read.extend(built.read);
        self.built.loaded.extend(built.loaded);
        self.built.asked.extend(built.asked);
        self.built.values.extend(built.values);
        self.built.missed.extend(built.missed);
        self.built.listed.extend(built.listed);
        self.built.assumed.extend(built.assumed);
        self.built.unmet.extend(built.unmet);
    }
}

/// The chart that a source takes from elsewhere.
fn wanted(source: &Node) -> Option<Wanted> {
    let revision = source.part_at("targetRevision");
    if let Some(chart) = source.part_at("chart").filter(|chart| !chart.text.is_empty()) {
        return Some(Wanted::of(&chart, revision));
    }
    // A registry may hold manifests, too; of a chart the root is asked for.
    let url = source.part_at("repoURL").filter(|url| url.text.starts_with("oci://"))?;
    let is_root = matches!(source.text_at("path").unwrap_or_default(), "" | "." | "./");
    is_root.then(|| Wanted::of(&url, revision))
}

/// What a source is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Chart,
    Kustomize,
    Directory,
    Plugin,
}

/// What the source says, else what lies in its folder. The names of what it says, if that is more than one.
fn kind(files: &Files, source: &Node, folder: &str) -> Result<Kind, String> {
    const KEYS: [(&str, Kind); 4] = [
        ("kustomize", Kind::Kustomize),
        ("helm", Kind::Chart),
        ("directory", Kind::Directory),
        ("plugin", Kind::Plugin),
    ];
    // What says nothing is as if it were not there, but for plugins.
    let says = |(key, kind): &(&str, Kind)| {
        source.get(key).is_some_and(|value| !is_zero(value) || *kind == Kind::Plugin && value.is_map())
    };
    let said: Vec<&(&str, Kind)> = KEYS.iter().filter(|key| says(key)).collect();
    let has = |base: &str| {
        files.find(&format!("{folder}/{base}")).or(files.find(base).filter(|_| folder.is_empty()))
    };
    match said.as_slice() {
        [(_, only)] => Ok(*only),
        // Of the two the tool finds the kustomization last, and takes it.
        [] if !kustomize::candidates(files, folder).is_empty() => Ok(Kind::Kustomize),
        [] if has("Chart.yaml").is_some() => Ok(Kind::Chart),
        [] => Ok(Kind::Directory),
        several => {
            let names: Vec<String> = several.iter().map(|(key, _)| format!("`{key}`")).collect();
            Err(names.join(" and "))
        }
    }
}

/// The source with what files in its folder say over it.
fn overridden(files: &Files, source: &Node, folder: &str, name: &str, built: &mut Built) -> Node {
    let mut out = source.clone();
    let base = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let own = format!("{base}.argocd-source-{name}.yaml");
    let names = [format!("{base}.argocd-source.yaml"), own];
    for id in names.iter().filter_map(|name| files.find(name)) {
        let Some(yaml) = files.yaml(id) else { continue };
        built.read.insert(id);
        if let Some(problem) = yaml.problems.first().filter(|_| yaml.documents.is_empty()) {
            let fault = Fault { why: Why::Refused, says: problem.says.clone(), at: problem.at };
            built.faults.push(fault);
        }
        let Some(document) = yaml.documents.first() else { continue };
        edit::merge_patch(&mut out, &document.root);
        // Where it comes from cannot be changed so.
        for key in ["chart", "path", "repoURL", "targetRevision"] {
            match source.get(key) {
                Some(value) => edit::set(&mut out, key, value.clone()),
                None => _ = edit::remove(&mut out, key),
            }
        }
    }
    out
}

fn kustomization(ground: &Ground, root: &Node, source: &Node, path: &Part) -> Built {
    let Ground { files, cache, .. } = *ground;
    let mut faults = Vec::new();
    let asked = Some(path.span());
    let own = kustomize::read_with(files, &path.text, asked, Strictness::Strict, &mut faults);
    let Some(mut own) = own else { return Built { faults, ..Built::default() } };
    if let Some(options) = source.get("kustomize") {
        let variables = |name: &str| variable(root, source, name);
        let mut change = Change { files, folder: &path.text, variables: &variables, faults: &mut faults };
        change.apply(&mut own.root, options);
    }
    let version = source.at(&["kustomize", "version"]).and_then(Node::text).unwrap_or_default();
    kustomize::build_of(files, cache, &own, ground.settings.reach(version), faults)
}

/// A variable of the build. Only the revision is not known from here; what the tool does not know is empty.
fn variable(root: &Node, source: &Node, name: &str) -> Option<Part> {
    let (node, path): (&Node, &[&str]) = match name {
        "ARGOCD_APP_NAME" => (root, &["metadata", "name"]),
        "ARGOCD_APP_NAMESPACE" => (root, &["spec", "destination", "namespace"]),
        "ARGOCD_APP_PROJECT_NAME" => (root, &["spec", "project"]),
        "ARGOCD_APP_SOURCE_REPO_URL" => (source, &["repoURL"]),
        "ARGOCD_APP_SOURCE_PATH" => (source, &["path"]),
        "ARGOCD_APP_SOURCE_TARGET_REVISION" => (source, &["targetRevision"]),
        _ if name.starts_with("ARGOCD_APP_REVISION") => return None,
        _ => (root, &["metadata", ""]),
    };
    let nothing = || Part::new("", Origin::spelled(source.span()));
    Some(node.at(path).and_then(Node::part).unwrap_or_else(nothing))
}

/// Gives a namespace to those that need one; of equal objects the last stays.
fn settle(ground: &Ground, root: &Node, built: &mut Built) {
    let target = root.at(&["spec", "destination", "namespace"]).and_then(Node::part);
    let target = target.filter(|target| !target.text.is_empty());
    let mut last: BTreeMap<(Str, Str, Str, Str), usize> = BTreeMap::new();
    for (at, object) in built.objects.iter_mut().enumerate() {
        let id = object.id();
        let custom = (id.gvk.group.clone(), id.gvk.kind.clone());
        let is_wide = id.gvk.is_cluster_wide() || ground.cluster_wide.contains(&custom);
        if is_wide && !id.namespace.is_empty() {
            edit::get_mut(&mut object.root, "metadata").map(|metadata| edit::remove(metadata, "namespace"));
        }
        if let Some(target) = target.as_ref().filter(|_| !is_wide && id.namespace.is_empty()) {
            edit::get_or_map(&mut object.root, "metadata", &target.origin)
                .into_iter()
                .for_each(|metadata| edit::set(metadata, "namespace", edit::text(target)));
        }
        let id = object.id();
        // What the cluster names is each an object of its own.
        let name = if id.name.is_empty() { Str::from(format!("\0{at}")) } else { id.name.clone() };
        last.insert((id.gvk.group.clone(), id.gvk.kind.clone(), id.home().into(), name), at);
    }
    if last.len() < built.objects.len() {
        let kept: BTreeSet<usize> = last.into_values().collect();
        let objects = std::mem::take(&mut built.objects);
        built.objects = objects
            .into_iter()
            .enumerate()
            .filter(|(at, _)| kept.contains(at))
            .map(|(_, object)| object)
            .collect();
    }
}
