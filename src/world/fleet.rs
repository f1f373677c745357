//! Fleet: the folders that have a `fleet.yaml`, and those that a GitRepo names, each as a chart, a kustomization or plain
//! manifests, for everybody and for each target that is given something of its own.

use super::delivery::{ClusterId, Delivery, Forest, Means, Planted, above};
use super::edit;
use super::files::Files;
use super::handed::{self, Chart, Handed};
use super::helm::{self, Capabilities, Helm, Told};
use super::kustomize::{self, Built, Cache, Fault, Reach, Why};
use super::object::{Object, unlisted};
use super::release::lay_over;
use super::repository::{Hints, Repository};
use crate::facts::Doubt;
use crate::syntax::Node;
use crate::text::{Origin, Part, Reason, SourceId, Span, Str, paths};
use std::collections::BTreeMap;

const NAMES: [&str; 2] = ["fleet.yaml", "fleet.yml"];

/// The target that is there if nobody names one.
const DEFAULT: &str = "default";

/// Delivers every bundle of the repository.
pub(super) fn plant(files: &Files, cache: &Cache, hints: &Hints, planted: &mut Planted, forest: &mut Forest) {
    let mut bundles: BTreeMap<Str, Bundle> = BTreeMap::new();
    for id in files.all() {
        let (folder, base) = files.name(id).rsplit_once('/').unwrap_or(("", files.name(id)));
        if NAMES.contains(&base) {
            let at = Span::new(id, 0, 0);
            bundles.insert(folder.into(), Bundle { options: Some(id), at, by: None, namespace: None });
        }
    }
    of_repositories(files, hints, &mut bundles);
    let mut planter = Planter { files, cache, planted, forest };
    for (folder, bundle) in &bundles {
        planter.bundle(folder, bundle);
    }
}

/// A folder that Fleet delivers.
struct Bundle {
    /// The file with its options.
    options: Option<SourceId>,
    /// What asks for it.
    at: Span,
    /// The GitRepo that brings it, and the namespace that this puts everything in.
    by: Option<Str>,
    namespace: Option<Part>,
}

/// Adds what the GitRepos of this repository name: their folders, and what these have with a `fleet.yaml`.
fn of_repositories(files: &Files, hints: &Hints, bundles: &mut BTreeMap<Str, Bundle>) {
    let found = files.saying(&["fleet.cattle.io/"], |text| text.contains("GitRepo"));
    let mut declared = Vec::new();
    for id in found {
        let Some(yaml) = files.yaml(id).filter(|yaml| !yaml.masked) else { continue };
        let is_one = |root: &&Node| {
            root.text_at("kind") == Some("GitRepo")
                && root.text_at("apiVersion").is_some_and(|api| api.starts_with("fleet.cattle.io/"))
        };
        declared.extend(yaml.documents.iter().map(|document| &document.root).filter(is_one));
    }
    let urls = |root: &&Node| {
        let url = root.at(&["spec", "repo"]).and_then(Node::part)?;
        Some((url.text, paths_of(root).into_iter().next()?.text))
    };
    let pairs: Vec<(Str, Str)> = declared.iter().filter_map(urls).collect();
    let pairs = pairs.iter().map(|(url, path)| (url.as_str(), path.as_str()));
    let repository = Repository::new(files, hints, pairs);
    for root in declared {
        let url = root.at(&["spec", "repo"]).and_then(Node::text).unwrap_or_default();
        if repository.is_own(url) == Some(false) {
            continue;
        }
        let name: Str = root.at(&["metadata", "name"]).and_then(Node::text).unwrap_or_default().into();
        let namespace = root.at(&["spec", "targetNamespace"]).and_then(Node::part);
        let namespace = namespace.filter(|part| !part.text.is_empty());
        for path in paths_of(root) {
            let Some(folder) = paths::resolve("", &path.text) else { continue };
            let is_within =
                |own: &Str| folder.is_empty() || *own == folder || above(own).any(|own| own == folder);
            let mut is_held = false;
            for (_, bundle) in bundles.iter_mut().filter(|(own, _)| is_within(own)) {
                is_held |= bundle.options.is_some();
                bundle.by.get_or_insert_with(|| name.clone());
                bundle.namespace = bundle.namespace.take().or_else(|| namespace.clone());
            }
            // The root of a repository is no folder of manifests only because nobody named another.
            if !is_held && !folder.is_empty() && files.is_folder(&folder) {
                let (by, namespace) = (Some(name.clone()), namespace.clone());
                bundles.insert(folder, Bundle { options: None, at: path.span(), by, namespace });
            }
        }
    }
}

/// The folders that a GitRepo names.
fn paths_of(root: &Node) -> Vec<Part> {
    let listed = root.at(&["spec", "paths"]).map(Node::items).unwrap_or_default();
    let found: Vec<Part> = listed.iter().filter_map(Node::part).collect();
    if found.is_empty() { vec![Part::new("", Origin::spelled(root.span()))] } else { found }
}

struct Planter<'p, 'f> {
    files: &'p Files<'f>,
    cache: &'p Cache,
    planted: &'p mut Planted,
    forest: &'p mut Forest,
}

/// What a bundle is for one target.
struct Asked<'a> {
    folder: &'a Str,
    bundle: &'a Bundle,
    options: Node,
    faults: Vec<Fault>,
    /// Something that is not followed may change what is made.
    unsure: bool,
}

impl Asked<'_> {
    fn path(&self) -> Part {
        Part::new(self.folder.clone(), Origin::spelled(self.bundle.at))
    }

    fn of_helm(&self, key: &str) -> Option<Part> {
        self.options.get("helm")?.part_at(key).filter(|part| !part.text.is_empty())
    }

    /// What helm calls it: as it is told, or as the GitRepo and the folder.
    fn name(&self) -> Part {
        let called = [self.bundle.by.as_deref().unwrap_or_default(), self.folder].join("-").replace('/', "-");
        let called = Part::new(called.trim_matches('-'), Origin::spelled(self.bundle.at));
        self.of_helm("releaseName").unwrap_or(called)
    }

    fn handed(self, chart: Chart, namespace: Option<Part>, capabilities: Capabilities) -> Handed {
        let helm = |key: &str| self.options.at(&["helm", key]);
        // What a ConfigMap or a Secret of the cluster gives beats all that is written here.
        let is_open = helm("valuesFrom").is_some_and(|list| !list.items().is_empty());
        let empty = || edit::empty_map(&Origin::spelled(self.bundle.at));
        Handed {
            means: Means::Fleet,
            name: self.name(),
            namespace,
            version: self.of_helm("version"),
            chart,
            values: helm("values").cloned().unwrap_or_else(empty),
            told: Told::default(),
            capabilities,
            unsure: self.unsure || is_open,
            is_open,
            file: self.bundle.at.source,
            faults: self.faults,
        }
    }
}

impl Planter<'_, '_> {
    fn bundle(&mut self, folder: &Str, bundle: &Bundle) {
        // It is no file of values, whatever it looks like.
        self.forest.release_values.extend(bundle.options);
        let mut faults = Vec::new();
        let empty = || edit::empty_map(&Origin::spelled(bundle.at));
        let base = match bundle.options {
            Some(id) => options(self.files, id, &mut faults).unwrap_or_else(empty),
            None => empty(),
        };
        let targets = base.get("targetCustomizations").map(Node::items).unwrap_or_default().to_vec();
        let base = self.with_values(folder, &base, &mut faults);
        self.target(
            &Str::from(DEFAULT),
            Asked { folder, bundle, options: base.clone(), faults, unsure: false },
        );
        for (at, target) in targets.iter().enumerate() {
            if target.text_at("doNotDeploy") == Some("true") {
                continue;
            }
            let mut faults = Vec::new();
            let own = self.with_values(folder, target, &mut faults);
            let mut options = base.clone();
            let known = |text: &&str| !text.is_empty();
            let name = target.text_at("name").or_else(|| target.text_at("clusterName")).filter(known);
            let name = name.map_or_else(|| format!("target{at}").into(), Str::from);
            for key in ["helm", "kustomize", "namespace", "defaultNamespace"] {
                let Some(own) = own.get(key) else { continue };
                match edit::get_mut(&mut options, key) {
                    Some(under) => merge(under, own),
                    None => edit::set(&mut options, key, own.clone()),
                }
            }
            let overlays = target.at(&["yaml", "overlays"]).filter(|list| !list.items().is_empty());
            let unsure = overlays.is_some();
            faults.extend(overlays.map(|list| Fault {
                why: Why::Plugin,
                says: "`yaml.overlays` of a target are not followed".into(),
                at: Some(list.span()),
            }));
            self.target(&name, Asked { folder, bundle, options, faults, unsure });
        }
    }

    /// Options with one map of values: those that are written, under those of the files.
    fn with_values(&self, folder: &str, options: &Node, faults: &mut Vec<Fault>) -> Node {
        let mut out = options.clone();
        let Some(helm) = edit::get_mut(&mut out, "helm") else { return out };
        let mut values = helm.get("values").filter(|values| values.is_map()).cloned();
        let mut told = Told::default();
        for path in helm.get("valuesFiles").map(Node::items).unwrap_or_default().iter().filter_map(Node::part)
        {
            let found = paths::resolve(folder, &path.text).and_then(|path| self.files.find(&path));
            match found.and_then(|id| helm::values_file(self.files, id, Helm::default(), &mut told)) {
                Some(file) => lay_over(&mut values, &file),
                None if found.is_none() => {
                    let says = format!("the file of values `{}` is not there", path.text);
                    faults.push(Fault { why: Why::Refused, says, at: Some(path.span()) });
                }
                None => {}
            }
        }
        faults.extend(told.faults);
        if let Some(values) = values {
            // Fleet puts in what it knows of a cluster.
            let is_template = |text: &str| text.contains("${");
            edit::set(helm, "values", handed::with_holes(&values, Reason::Template, &is_template));
        }
        out
    }

    fn target(&mut self, name: &Str, asked: Asked) {
        if !self.forest.may_follow(None, asked.bundle.at) {
            return;
        }
        let known = self.forest.clusters.iter().position(|cluster| cluster.name == *name);
        let cluster = match known {
            Some(at) => ClusterId(at as u32),
            None => self.planted.cluster(self.forest, format!("(fleet) {name}").into(), name.clone()),
        };
        let delivery = self.deliver(cluster, asked);
        let own = (delivery.namespace.clone(), delivery.name.clone());
        if self.planted.is_new(cluster, Means::Fleet.kind(), own) {
            self.forest.push(delivery);
        }
    }

    fn deliver(&self, cluster: ClusterId, mut asked: Asked) -> Delivery {
        let bundle = asked.bundle;
        let text = |key: &str| asked.options.part_at(key).filter(|part| !part.text.is_empty());
        let forced = bundle.namespace.clone().or_else(|| text("namespace"));
        let namespace = forced.clone().or_else(|| text("defaultNamespace"));
        let mut delivery = match self.chart(&mut asked) {
            Some(chart) => {
                let capabilities = self.forest.capabilities(self.files, cluster);
                asked.handed(chart, namespace.clone(), capabilities).deliver(self.files, None, cluster)
            }
            None => {
                let mut built = self.built(asked.folder, &asked.options);
                built.faults.append(&mut asked.faults);
                let doubt = asked.unsure.then_some(Doubt::Unseen);
                built.objects.iter_mut().for_each(|object| object.doubt = object.doubt.or(doubt));
                let home = namespace.as_ref().map(|part| part.text.clone()).unwrap_or_default();
                Delivery {
                    means: Means::Fleet,
                    namespace: home,
                    name: asked.name().text,
                    declared: Some(bundle.at),
                    path: asked.path(),
                    more: Vec::new(),
                    parent: None,
                    cluster,
                    live: true,
                    built,
                }
            }
        };
        delivery.built.read.extend(bundle.options.filter(|_| !delivery.built.read.is_empty()));
        settle(&mut delivery.built, forced.as_ref(), namespace.as_ref());
        delivery
    }

    /// The chart that a bundle is, if it is one.
    fn chart(&self, asked: &mut Asked) -> Option<Chart> {
        match (asked.of_helm("chart"), asked.of_helm("repo")) {
            (Some(chart), None) => {
                let (chart, fault) = Chart::of(self.files, asked.folder, &chart);
                asked.faults.extend(fault);
                Some(chart)
            }
            (Some(chart), Some(_)) => Some(Chart::Elsewhere(chart)),
            (None, Some(repo)) => Some(Chart::Elsewhere(repo)),
            (None, None) => Chart::in_folder(self.files, asked.folder, &asked.path()),
        }
    }

    /// A kustomization, or the manifests below a folder.
    fn built(&self, folder: &str, options: &Node) -> Built {
        let written =
            options.at(&["kustomize", "dir"]).and_then(Node::part).filter(|part| !part.text.is_empty());
        let dir = match &written {
            Some(dir) => paths::resolve(folder, &dir.text),
            None => Some(folder.into()),
        };
        if let Some(dir) = dir.filter(|dir| !kustomize::candidates(self.files, dir).is_empty()) {
            return kustomize::build(self.files, self.cache, &dir, Reach::Folder);
        }
        let mut out = Built::default();
        if let Some(dir) = written {
            let says = format!("there is no kustomization in `{}`", dir.text);
            out.faults.push(Fault { why: Why::Refused, says, at: Some(dir.span()) });
        }
        for id in self.files.below(folder).filter(|id| self.is_manifest(folder, *id)) {
            let Some(yaml) = self.files.yaml(id).filter(|yaml| !yaml.masked) else { continue };
            let mut roots = Vec::new();
            yaml.documents.iter().for_each(|document| unlisted(&document.root, &mut roots));
            let is_object =
                |root: &Node| root.text_at("kind").is_some() && root.text_at("apiVersion").is_some();
            let objects = roots.into_iter().filter(is_object).map(|root| Object::new(root, id));
            let known = out.objects.len();
            out.objects.extend(objects);
            out.read.insert(id);
            if out.objects.len() > known {
                out.loaded.insert(id);
            }
        }
        out
    }

    /// Whether a file below a bundle's folder is one of its own manifests: no other bundle's, and no chart's.
    fn is_manifest(&self, folder: &str, id: SourceId) -> bool {
        let name = self.files.name(id);
        let start = if folder.is_empty() { 0 } else { folder.len() + 1 };
        let inner = &name[start..];
        let is_yaml = [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end));
        let is_other = |below: &str| {
            let has = |base: &str| self.files.find(&format!("{}{below}/{base}", &name[..start])).is_some();
            NAMES.iter().any(|base| has(base)) || has("Chart.yaml")
        };
        is_yaml
            && !NAMES.contains(&inner)
            && !inner.starts_with("overlays/")
            && !inner.split('/').any(|part| part.starts_with('.'))
            && !above(inner).any(is_other)
    }
}

/// The options of a bundle.
fn options(files: &Files, id: SourceId, faults: &mut Vec<Fault>) -> Option<Node> {
    let yaml = files.yaml(id)?;
    let wrong = yaml.problems.iter().find(|problem| problem.kind == "yaml-syntax");
    faults.extend(wrong.map(|problem| Fault {
        why: Why::Refused,
        says: problem.says.clone(),
        at: problem.at,
    }));
    let root = &yaml.documents.first()?.root;
    if !root.is_map() && !root.is_null() {
        let says = "the options of a bundle are a map".into();
        faults.push(Fault { why: Why::Refused, says, at: Some(root.span()) });
    }
    root.is_map().then(|| root.clone())
}

/// Puts the options of a target over those of all: values key by key, single ones as a whole.
fn merge(under: &mut Node, over: &Node) {
    let mut out = Some(under.clone());
    lay_over(&mut out, over);
    out.into_iter().for_each(|out| *under = out);
}

/// Gives objects the namespace that is forced on them, or else one where they have none.
fn settle(built: &mut Built, forced: Option<&Part>, home: Option<&Part>) {
    let Some(home) = home else { return };
    for object in &mut built.objects {
        let id = object.id();
        let is_own = object.root.text_at("apiVersion") == Some(handed::UNSEEN);
        if is_own || id.gvk.is_cluster_wide() || forced.is_none() && !id.namespace.is_empty() {
            continue;
        }
        let metadata = edit::get_or_map(&mut object.root, "metadata", &home.origin);
        metadata.into_iter().for_each(|metadata| edit::set(metadata, "namespace", edit::text(home)));
    }
}
