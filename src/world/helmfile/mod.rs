//! helmfile: releases for each environment of each helmfile of a repository, with the values that each gives its chart.
//!
//! What `helmfile template` of version 1 does is the specification. A file without `.gotmpl` is no template, unless it is no
//! YAML without being one, or escapes actions: then it is older than that.

mod environment;
mod ground;
mod loader;
mod merge;
mod release;
mod state;
mod values;

use super::delivery::{ClusterId, Delivery, DeliveryId, Forest, Means, Planted, cluster_place};
use super::files::Files;
use super::handed::{Chart, Handed};
use super::helm::{Capabilities, Told};
use super::kustomize::{Built, Fault, Why};
use crate::limits::{DEEPEST_HELMFILE, MOST_HELMFILES};
use crate::syntax::Node;
use crate::text::{Origin, Part, SourceId, Span, Str, paths};
use environment::{Environment, Missing};
use loader::Loader;
use release::Release;
use state::{DEFAULT, State};
use std::collections::BTreeSet;

/// Delivers what every helmfile of the repository asks for.
pub(super) fn plant(files: &Files, planted: &mut Planted, forest: &mut Forest) {
    let found: Vec<SourceId> = files.all().filter(|id| is_helmfile(files.name(*id))).collect();
    if found.is_empty() {
        return;
    }
    let only = only_cluster(forest);
    let mut planter =
        Planter { files, planted, forest, only, left: MOST_HELMFILES, reached: BTreeSet::new() };
    let mut inner: BTreeSet<SourceId> = BTreeSet::new();
    let mut surveys: Vec<(SourceId, Vec<Str>)> = Vec::new();
    for id in found {
        let (environments, others) = survey(files, id);
        inner.extend(others.into_iter().filter(|other| *other != id));
        surveys.push((id, environments));
    }
    // What others include is no beginning of its own; of those that include each other the outermost is.
    surveys.sort_by_key(|(id, _)| (inner.contains(id), files.name(*id).matches('/').count(), *id));
    for (id, environments) in surveys {
        if !planter.reached.contains(&id) {
            planter.root(id, &environments);
        }
    }
}

/// The environments that a helmfile declares, or the one that is always there; and the helmfiles that it takes in.
fn survey(files: &Files, file: SourceId) -> (Vec<Str>, BTreeSet<SourceId>) {
    let mut loader = Loader::new(files, ground::folder(files.name(file)));
    let state = loader.survey(file);
    let mut others = std::mem::take(&mut loader.states);
    for entry in
        state.iter().flat_map(|state| state.root.get("helmfiles").map(Node::items).unwrap_or_default())
    {
        let path = entry.part().or_else(|| entry.part_at("path"));
        others.extend(path.into_iter().flat_map(|path| included_files(&mut loader, &path, Missing::Skipped)));
    }
    let environments = match loader.named.is_empty() {
        true => vec![DEFAULT.into()],
        false => loader.named.into_iter().collect(),
    };
    (environments, others)
}

/// The helmfiles that an entry of `helmfiles` means.
fn included_files(loader: &mut Loader, path: &Part, missing: Missing) -> Vec<SourceId> {
    let found = in_folder(loader.files, &loader.folder, &path.text);
    if found.is_empty() { loader.found(path, missing) } else { found }
}

/// Whether a file goes by a name under which helmfile looks for its own.
fn is_helmfile(name: &str) -> bool {
    let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
    let stem = base.strip_suffix(ground::TEMPLATE).unwrap_or(base);
    let is_yaml = stem.ends_with(".yaml") || stem.ends_with(".yml");
    is_yaml && (stem.starts_with("helmfile.") || folder.rsplit('/').next() == Some("helmfile.d"))
}

/// The cluster that everything is delivered to by now, if there is but one.
fn only_cluster(forest: &Forest) -> Option<ClusterId> {
    let live = forest.deliveries.iter().filter(|delivery| delivery.live);
    let clusters: BTreeSet<ClusterId> = live.map(|delivery| delivery.cluster).collect();
    clusters.first().copied().filter(|_| clusters.len() == 1)
}

struct Planter<'p, 'f> {
    files: &'p Files<'f>,
    planted: &'p mut Planted,
    forest: &'p mut Forest,
    only: Option<ClusterId>,
    /// How many helmfiles may still be read.
    left: usize,
    /// Those that others include.
    reached: BTreeSet<SourceId>,
}

/// One helmfile to be read for an environment.
struct Job<'j> {
    file: SourceId,
    environment: &'j Str,
    /// What whoever includes it puts over its values.
    over: Option<Node>,
    parent: Option<DeliveryId>,
    /// Those that include it, and each other.
    above: Vec<SourceId>,
    cluster: ClusterId,
}

impl Planter<'_, '_> {
    /// A helmfile that no other one includes, for each environment that it has.
    fn root(&mut self, file: SourceId, environments: &[Str]) {
        for environment in environments {
            let cluster = self.cluster(file, environment);
            let (over, parent, above) = (None, None, Vec::new());
            self.helmfile(Job { file, environment, over, parent, above, cluster });
        }
    }

    /// The cluster of an environment: the folder's own, the one that goes by its name, or the only one that there is.
    fn cluster(&mut self, file: SourceId, environment: &Str) -> ClusterId {
        let (place, name) = cluster_place(self.files.name(file), "", "");
        if !name.is_empty() {
            let is_plain = environment == DEFAULT || *environment == name;
            let (place, name) = match is_plain {
                true => (place, name),
                false => (format!("{place} {environment}").into(), environment.clone()),
            };
            return self.planted.cluster(self.forest, place, name);
        }
        let known = self.forest.clusters.iter().position(|cluster| cluster.name == *environment);
        match (known, self.only) {
            (Some(at), _) => ClusterId(at as u32),
            (None, Some(only)) if environment == DEFAULT => only,
            _ => {
                let place = format!("(helmfile) {environment}").into();
                self.planted.cluster(self.forest, place, environment.clone())
            }
        }
    }

    /// Delivers what a helmfile asks for in an environment, and what those that it includes do.
    fn helmfile(&mut self, job: Job) {
        let Job { file, environment, parent, cluster, .. } = &job;
        let at = Span::new(*file, 0, 0);
        if !self.forest.may_follow(*parent, at) {
            return;
        }
        let name = self.files.name(*file);
        let folder = ground::folder(name);
        let mut loader = Loader::new(self.files, folder);
        let state = loader.load(*file, environment, job.over.as_ref());
        // Of a helmfile without this environment nothing is taken, and nothing said.
        if state.is_none() && parent.is_some() {
            return;
        }
        let id = self.forest.next();
        let name = name.rsplit('/').next().unwrap_or(name);
        self.forest.push(Delivery {
            means: Means::Helmfile,
            namespace: Str::default(),
            name: if *environment == DEFAULT {
                name.into()
            } else {
                format!("{name} ({environment})").into()
            },
            declared: Some(at),
            path: Part::new(if folder.is_empty() { "." } else { folder }, Origin::spelled(at)),
            more: Vec::new(),
            parent: *parent,
            cluster: *cluster,
            live: true,
            built: Built::default(),
        });
        self.reached.extend(&loader.states);
        // No helmfile is a file of values, whatever it looks like.
        self.forest.release_values.append(&mut loader.states);
        if let Some(state) = state {
            self.releases(&job, id, &mut loader, &state);
            self.included(&job, id, &mut loader, &state);
        }
        loader.faults.sort();
        loader.faults.dedup();
        self.forest.deliveries[id.0 as usize].built.faults.append(&mut loader.faults);
    }

    fn releases(&mut self, job: &Job, id: DeliveryId, loader: &mut Loader, state: &State) {
        let written = state.root.get("releases").map(Node::items).unwrap_or_default();
        let is_guessed = loader.is_guessed;
        // Those of the environment, which all releases may have a part in.
        let of_all = std::mem::take(&mut loader.values);
        for written in written {
            if !self.forest.may_follow(Some(id), written.span()) {
                break;
            }
            loader.is_guessed = is_guessed;
            let Some(release) = loader.release(state, written) else { continue };
            let cluster = self.target(&release, job.cluster);
            let namespace = release.namespace.clone().map(|part| part.text).unwrap_or_default();
            let own = (namespace, release.name.text.clone());
            if !self.planted.is_new(cluster, Means::HelmfileRelease.kind(), own) {
                continue;
            }
            let known = self.forest.capabilities(self.files, cluster);
            let mut delivery =
                self.handed(job, loader, state, (release, &known)).deliver(self.files, Some(id), cluster);
            let values = of_all.iter().copied().chain(std::mem::take(&mut loader.values));
            match delivery.built.read.is_empty() {
                true => self.forest.release_values.extend(values),
                false => values.for_each(|id| _ = delivery.built.values.entry(id).or_default()),
            }
            self.forest.push(delivery);
        }
    }

    /// What a release hands to helm, for a cluster that can do what is known.
    fn handed(
        &self,
        job: &Job,
        loader: &mut Loader,
        state: &State,
        (release, known): (Release, &Capabilities),
    ) -> Handed {
        let mut told = Told::default();
        // What is wrong with what it gives its chart is its own.
        let before = loader.faults.len();
        let values = loader.release_values(state, &release, &mut told);
        let is_changed = loader.unfollowed(&release);
        let mut faults = loader.faults.split_off(before);
        let (chart, fault) = self.chart(&state.folder, &release, state);
        faults.extend(fault);
        let is_open = std::mem::take(&mut loader.is_open);
        Handed {
            means: Means::HelmfileRelease,
            chart,
            capabilities: capabilities(&release, state, known),
            unsure: is_changed || loader.is_guessed || is_open,
            is_open,
            name: release.name,
            namespace: release.namespace,
            version: release.version,
            values,
            told,
            faults,
            file: job.file,
        }
    }

    /// The chart of a release: in a folder, if that is what its name means. Also, why it is not there.
    fn chart(&self, folder: &str, release: &Release, state: &State) -> (Chart, Option<Fault>) {
        let written = &release.chart;
        let repositories = state.root.get("repositories").map(Node::items).unwrap_or_default();
        let repository = written.text.split_once('/').map(|(repository, _)| repository);
        match repository.filter(|own| repositories.iter().any(|one| one.text_at("name") == Some(own))) {
            Some(_) => (Chart::Elsewhere(written.clone()), None),
            None => Chart::of(self.files, folder, written),
        }
    }

    /// The cluster of a release: it may name another one.
    fn target(&mut self, release: &Release, home: ClusterId) -> ClusterId {
        match release
            .node
            .part_at("kubeContext")
            .filter(|context| !context.text.is_empty() && context.is_known())
        {
            Some(context) => {
                let place = format!("(context) {}", context.text).into();
                self.planted.cluster(self.forest, place, context.text)
            }
            None => home,
        }
    }

    /// The helmfiles that this one includes.
    fn included(&mut self, job: &Job, id: DeliveryId, loader: &mut Loader, state: &State) {
        let missing = Missing::of(&[state.root.get("missingFileHandler")]);
        let mut above = job.above.clone();
        above.push(job.file);
        for entry in state.root.get("helmfiles").map(Node::items).unwrap_or_default() {
            let Some(path) = entry.part().or_else(|| entry.part_at("path")) else { continue };
            let around = Environment::new(job.environment, entry.span());
            let over = entry
                .get("values")
                .map(|_| loader.entries(entry.get("values"), Missing::Refused, &around, false));
            let over = inherited(entry, state).into_iter().chain(over).reduce(|mut one, two| {
                merge::layers(&mut one, &two);
                one
            });
            for file in included_files(loader, &path, missing) {
                self.reached.insert(file);
                if above.contains(&file) || above.len() > DEEPEST_HELMFILE {
                    let says = format!("`{}` includes itself", self.files.name(file));
                    loader.faults.push(Fault { why: Why::Refused, says, at: Some(path.span()) });
                    continue;
                }
                let Some(left) = self.left.checked_sub(1) else {
                    let says = format!(
                        "more than {MOST_HELMFILES} helmfiles include each other: no more are followed"
                    );
                    return self.forest.stop(Some(id), says, path.span());
                };
                self.left = left;
                let (over, above, environment) = (over.clone(), above.clone(), job.environment);
                self.helmfile(Job { file, environment, over, parent: Some(id), above, cluster: job.cluster });
            }
        }
    }
}

/// The values that a helmfile hands down to one that it includes, if it is asked to.
fn inherited(entry: &Node, state: &State) -> Option<Node> {
    let asked = entry.get("inherits").map(Node::items).unwrap_or_default();
    asked.iter().any(|item| item.text() == Some("environments")).then(|| state.values.clone())
}

/// The helmfiles of a folder that is included as a whole.
fn in_folder(files: &Files, from: &str, path: &str) -> Vec<SourceId> {
    let Some(folder) = paths::resolve(from, path).filter(|folder| files.is_folder(folder)) else {
        return Vec::new();
    };
    let is_own = |id: &SourceId| {
        let name = files.name(*id);
        let stem = name.strip_suffix(ground::TEMPLATE).unwrap_or(name);
        ground::folder(name) == folder.as_str() && (stem.ends_with(".yaml") || stem.ends_with(".yml"))
    };
    files.below(&folder).filter(is_own).collect()
}

/// What a release, or its helmfile, says of the cluster.
fn capabilities(release: &Release, state: &State, known: &Capabilities) -> Capabilities {
    let said = |key: &str| release.node.get(key).or_else(|| state.root.get(key));
    let apis = said("apiVersions").map(Node::items).unwrap_or_default();
    known.with(said("kubeVersion").and_then(Node::text), apis.iter().filter_map(Node::text))
}
