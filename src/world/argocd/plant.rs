//! Which Applications there are, which of them begin, and what each delivers: found in files and in what others
//! deliver.

use super::super::definitions::Definitions;
use super::super::delivery::{ClusterId, Delivery, DeliveryId, Forest, Means, Planted, above, cluster_place};
use super::super::files::Files;
use super::super::helm::Capabilities;
use super::super::kustomize::{Cache, Reach};
use super::super::object::Object;
use super::super::overlays::{self, Known, Overlay};
use super::super::repository::{Hints, Repository};
use super::super::typed;
use super::application::{self, Rendered};
use super::ground::{self, Ground};
use super::scope;
use super::set;
use super::settings::Settings;
use crate::syntax::Node;
use crate::text::{Origin, Part, SourceId, Span, Str};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Delivers what Applications and ApplicationSets deliver.
pub(in super::super) fn plant(
    files: &Files,
    cache: &Cache,
    hints: &Hints,
    known: &mut Known,
    planted: &mut Planted,
    forest: &mut Forest,
) {
    let declared = declared(files);
    let is_asked = |delivery: &Delivery| delivery.built.objects.iter().any(|object| is_ours(&object.root));
    if declared.is_empty() && !forest.deliveries.iter().any(is_asked) {
        return;
    }
    let ground = ground(files, cache, hints, &declared);
    let mut planter = Planter { ground, planted, forest, rendered: HashMap::new() };
    planter.follow_others(0, usize::MAX);
    let nodes = planter.nodes(declared, known);
    let (sure, others) = planter.roots(&nodes);
    for root in sure {
        planter.root(&nodes[root], true);
    }
    planter.forest.note_comments(files);
    for root in others {
        // In the folder of something that is delivered, and not delivered with it: left out there.
        let file = files.name(nodes[root].source);
        let live = !planter.forest.fills(file) && planter.forest.commented_out(file).is_none();
        planter.root(&nodes[root], live);
    }
    for (says, at) in planter.ground.settings.beyond() {
        planter.forest.stop(None, says, at);
    }
}

/// Delivers what Applications and ApplicationSets deliver that some late deliveries hold: of these numbers, without
/// the last.
pub(in super::super) fn follow(
    files: &Files,
    cache: &Cache,
    hints: &Hints,
    (from, end): (usize, usize),
    planted: &mut Planted,
    forest: &mut Forest,
) {
    let late = forest.deliveries.get(from..end).unwrap_or_default();
    if late.iter().flat_map(|delivery| &delivery.built.objects).any(|object| is_ours(&object.root)) {
        let ground = ground(files, cache, hints, &declared(files));
        Planter { ground, planted, forest, rendered: HashMap::new() }.follow_others(from, end);
    }
}

fn ground<'g>(files: &'g Files<'g>, cache: &'g Cache, hints: &Hints, declared: &[Object]) -> Ground<'g> {
    let folders = folders(files);
    let mut addresses: Vec<(Str, Str)> = Vec::new();
    for Object { root, .. } in declared {
        if is_set(root) {
            addresses.extend(set::addresses(files, &folders, root));
            continue;
        }
        for source in ground::sources(root) {
            let path = ground::path_of(source);
            addresses.extend(source.text_at("repoURL").zip(path).map(|(url, path)| (url.into(), path.text)));
        }
    }
    let pairs = addresses.iter().map(|(url, path)| (url.as_str(), path.as_str()));
    let repository = Repository::new(files, hints, pairs);
    let (settings, cluster_wide) = (Settings::read(files), scope::cluster_wide(files));
    Ground { files, cache, repository, folders, settings, cluster_wide }
}

fn is_application(root: &Node) -> bool {
    is_kind(root, "Application")
}

fn is_set(root: &Node) -> bool {
    is_kind(root, "ApplicationSet")
}

/// Whether an object is an Application, or a set of them.
pub(in super::super) fn is_ours(root: &Node) -> bool {
    is_application(root) || is_set(root)
}

/// Every folder of a repository, but for hidden ones.
fn folders(files: &Files) -> Vec<Str> {
    let mut out: BTreeSet<&str> = BTreeSet::new();
    for name in files.all().map(|id| files.name(id)) {
        for folder in
            above(name).take_while(|folder| !folder.rsplit('/').next().is_some_and(|it| it.starts_with('.')))
        {
            out.insert(folder);
        }
    }
    out.into_iter().map(Str::from).collect()
}

fn is_kind(root: &Node, kind: &str) -> bool {
    root.text_at("kind") == Some(kind)
        && root.text_at("apiVersion").is_some_and(|api| api.starts_with("argoproj.io/"))
}

/// Every Application and ApplicationSet that files declare.
fn declared(files: &Files) -> Vec<Object> {
    let mut out = Vec::new();
    for id in files.saying(&["argoproj.io/"], |text| text.contains("Application")) {
        // What is no YAML before it is rendered is no Application yet.
        let is_template = files.is_chart_template(id);
        let Some(yaml) = files.yaml(id).filter(|yaml| !yaml.masked && !is_template) else { continue };
        let mut roots = Vec::new();
        for document in &yaml.documents {
            super::super::object::unlisted(&document.root, &mut roots);
        }
        let is_whole = |root: &Node| {
            let name = root.at(&["metadata", "name"]).and_then(Node::text);
            let has_name = name.is_some_and(|name| !name.contains("{{"));
            let has_source = |source: &&Node| source.get("repoURL").is_some();
            // A patch of one says neither from where nor what.
            let is_made = || root.at(&["spec", "generators"]).is_some_and(Node::is_list);
            has_name
                && (is_application(root) && ground::sources(root).iter().any(has_source)
                    || is_set(root) && is_made())
        };
        out.extend(roots.into_iter().filter(is_whole).map(|root| Object::new(root, id)));
    }
    out
}

/// Something that may begin: an Application or ApplicationSet of a file, or a kustomization that holds some.
struct Start {
    source: SourceId,
    what: What,
    /// The files that it is made of, and those that it leads to directly.
    reads: BTreeSet<SourceId>,
    /// The folders that it delivers as a whole.
    folders: Vec<Str>,
}

enum What {
    Object(Object),
    Overlay(Box<Overlay>),
}

struct Planter<'p> {
    ground: Ground<'p>,
    planted: &'p mut Planted,
    forest: &'p mut Forest,
    /// What was rendered to see who begins, by place and content.
    rendered: HashMap<String, Rendered>,
}

/// One Application that waits to be delivered.
struct Job {
    object: Object,
    parent: Option<DeliveryId>,
    /// The cluster that its Argo CD runs in.
    home: ClusterId,
    live: bool,
}

impl Planter<'_> {
    /// The Applications in what is delivered by now, from one delivery to another.
    fn follow_others(&mut self, from: usize, end: usize) {
        let mut jobs = Vec::new();
        for (at, delivery) in self.forest.deliveries.iter().enumerate().take(end).skip(from) {
            if self.forest.is_test(delivery) {
                continue;
            }
            let own = delivery.built.objects.iter().filter(|object| is_ours(&object.root));
            jobs.extend(own.map(|object| Job {
                object: object.clone(),
                parent: Some(DeliveryId(at as u32)),
                home: delivery.cluster,
                live: delivery.live,
            }));
        }
        jobs.reverse();
        self.follow(jobs);
    }

    fn render(&self, object: &Object, known: &Capabilities) -> Rendered {
        let Ground { files, folders, repository, .. } = &self.ground;
        if is_set(&object.root) {
            let built = set::generate(files, folders, repository, object);
            return Rendered { built, ..Rendered::default() };
        }
        application::build(&self.ground, &object.root, known)
    }

    /// What an object leads to: the files that it is made of and the folders that it delivers as a whole. Keeps what
    /// was rendered for it.
    fn look(&mut self, object: &Object) -> (BTreeSet<SourceId>, Vec<Str>) {
        let rendered = self.render(object, &self.ground.files.capabilities());
        let mut reads = rendered.built.read.clone();
        let mut folders: Vec<Str> = Vec::new();
        if rendered.whole {
            folders.extend(rendered.folders.iter().map(|part| part.text.clone()));
        }
        if is_set(&object.root) {
            for made in &rendered.built.objects {
                let (more, others) = self.look(made);
                reads.extend(more);
                folders.extend(others);
            }
        }
        self.rendered.insert(key(object), rendered);
        (reads, folders)
    }

    /// Whatever may begin and is not delivered by now, in the order in which one begins for others: the outermost
    /// first.
    fn nodes(&mut self, declared: Vec<Object>, known: &mut Known) -> Vec<Start> {
        let mut held: BTreeSet<SourceId> =
            self.forest.deliveries.iter().flat_map(|delivery| delivery.built.read.iter().copied()).collect();
        let mut nodes = Vec::new();
        for object in declared.into_iter().filter(|object| !held.contains(&object.written.source)) {
            let (reads, folders) = self.look(&object);
            nodes.push(Start { source: object.written.source, what: What::Object(object), reads, folders });
        }
        held.extend(nodes.iter().flat_map(|node| node.reads.iter().copied()));
        let files = self.ground.files;
        for overlay in overlays::outermost(files, self.ground.cache, &held, known, Reach::Folder) {
            if overlay.built.objects.iter().any(|object| is_ours(&object.root)) {
                let folders = Vec::from_iter(Some(overlay.folder.clone()));
                let reads = overlay.built.read.clone();
                nodes.push(Start {
                    source: overlay.source,
                    what: What::Overlay(Box::new(overlay)),
                    reads,
                    folders,
                });
            }
        }
        let depth = |node: &Start| files.name(node.source).matches('/').count();
        nodes.sort_by(|a, b| (depth(a), files.name(a.source)).cmp(&(depth(b), files.name(b.source))));
        nodes
    }

    /// Those whose file no other one holds, of a circle the first: those that begin for sure, and those in a folder
    /// that another of them delivers.
    fn roots(&self, nodes: &[Start]) -> (Vec<usize>, Vec<usize>) {
        let mut by_source: BTreeMap<SourceId, Vec<usize>> = BTreeMap::new();
        for (at, node) in nodes.iter().enumerate() {
            by_source.entry(node.source).or_default().push(at);
        }
        let after =
            |at: usize| nodes[at].reads.iter().filter_map(|source| by_source.get(source)).flatten().copied();
        let reach = |from: usize, seen: &mut Vec<bool>| {
            let mut order = Vec::new();
            let mut stack = vec![(from, false)];
            while let Some((at, is_done)) = stack.pop() {
                if is_done {
                    order.push(at);
                } else if !std::mem::replace(&mut seen[at], true) {
                    stack.push((at, true));
                    stack.extend(after(at).filter(|next| !seen[*next]).map(|next| (next, false)));
                }
            }
            order
        };
        // Who is finished last leads to all others that it can lead to.
        let mut seen = vec![false; nodes.len()];
        let mut finished: Vec<usize> = (0..nodes.len()).flat_map(|at| reach(at, &mut seen)).collect();
        finished.reverse();
        let mut seen = vec![false; nodes.len()];
        let mut trees: Vec<(usize, Vec<usize>)> = Vec::new();
        for at in finished {
            if !seen[at] {
                let tree = reach(at, &mut seen);
                trees.push((at, tree));
            }
        }
        trees.sort();
        let mut owners: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (root, tree) in &trees {
            for folder in tree.iter().flat_map(|at| &nodes[*at].folders) {
                owners.entry(folder).or_default().insert(*root);
            }
        }
        let is_sure = |root: &usize| {
            let own = BTreeSet::from([*root]);
            above(self.ground.files.name(nodes[*root].source))
                .filter_map(|folder| owners.get(folder))
                .all(|roots| *roots == own)
        };
        trees.into_iter().map(|(root, _)| root).partition(is_sure)
    }

    fn root(&mut self, node: &Start, live: bool) {
        let file = self.ground.files.name(node.source);
        match &node.what {
            What::Object(object) => {
                let (place, name) = cluster_place(file, "", &object.id().name);
                let home = self.planted.cluster(self.forest, place, name);
                self.follow(vec![Job { object: object.clone(), parent: None, home, live }]);
            }
            What::Overlay(overlay) => {
                let Overlay { folder, source, built } = &**overlay;
                let last = folder.rsplit('/').next().filter(|last| !last.is_empty()).unwrap_or(".");
                let (place, name) = cluster_place(file, "", last);
                let home = self.planted.cluster(self.forest, place, name);
                let parent = Some(self.forest.next());
                let delivery = overlays::delivery(folder, *source, built.clone(), home, live);
                let own = delivery.built.objects.iter().filter(|object| is_ours(&object.root));
                let jobs = own.map(|object| Job { object: object.clone(), parent, home, live });
                let jobs = jobs.rev().collect();
                self.forest.push(delivery);
                self.follow(jobs);
            }
        }
    }

    /// Delivers the last of these, what it leads to, and so on.
    fn follow(&mut self, mut jobs: Vec<Job>) {
        while let Some(Job { object, parent, home, live }) = jobs.pop() {
            if !self.forest.may_follow(parent, object.root.span()) {
                continue;
            }
            let id = object.id();
            // Where nothing is said, Argo CD looks in its own namespace.
            let namespace = if id.namespace.is_empty() { "argocd".into() } else { id.namespace.clone() };
            let means = if is_set(&object.root) { Means::ArgoSet } else { Means::Argo };
            if !self.planted.is_new(home, means.kind(), (namespace, id.name.clone())) {
                continue;
            }
            let cluster = self.destination(&object.root, home);
            let rendered = self.delivered(&object, cluster);
            let number = self.forest.next();
            let declared = object.root.at(&["metadata", "name"]).map_or(object.root.span(), Node::span);
            let mut folders = rendered.folders.into_iter();
            let nowhere = if means == Means::ArgoSet { "(a set)" } else { "(not here)" };
            let path = folders.next().unwrap_or_else(|| Part::new(nowhere, Origin::spelled(declared)));
            let charts = rendered.charts.iter();
            let charts = charts.map(|number| (id.namespace.clone(), id.name.clone(), *number));
            self.forest.rendered_applications.extend(charts);
            let built = rendered.built;
            let children = built.objects.iter().filter(|object| is_ours(&object.root)).rev();
            jobs.extend(children.map(|object| Job {
                object: object.clone(),
                parent: Some(number),
                home: cluster,
                live,
            }));
            self.forest.push(Delivery {
                means,
                namespace: id.namespace,
                name: id.name,
                declared: Some(declared),
                path,
                more: folders.collect(),
                parent,
                cluster,
                live,
                built,
            });
        }
    }

    /// What an object delivers to a cluster. What was rendered before will do, if it asked for nothing that only this
    /// cluster has.
    fn delivered(&mut self, object: &Object, cluster: ClusterId) -> Rendered {
        let (place, definitions) = (&self.forest.cluster(cluster).place, &self.forest.definitions);
        let known = self.rendered.remove(&key(object));
        let nothing = Definitions::default();
        let known = known.filter(|one| !definitions.answer(place, &one.built.unmet, &nothing));
        let capabilities = self.forest.capabilities(self.ground.files, cluster);
        known.unwrap_or_else(|| self.render(object, &capabilities))
    }

    /// The cluster that an Application delivers to: that of its Argo CD, or the one that it names.
    fn destination(&mut self, root: &Node, home: ClusterId) -> ClusterId {
        let text =
            |key: &str| root.at(&["spec", "destination", key]).and_then(Node::text).unwrap_or_default();
        let name = match (text("name"), text("server")) {
            ("in-cluster", _) | ("", "") => return home,
            ("", server) if server.trim_end_matches('/') == "https://kubernetes.default.svc" => return home,
            ("", server) => server.split_once("://").map_or(server, |(_, host)| host).trim_end_matches('/'),
            (name, _) => name,
        };
        self.planted.cluster(self.forest, format!("(destination) {name}").into(), name.into())
    }
}

/// An object by place and content.
fn key(object: &Object) -> String {
    let Span { source, start, .. } = object.root.span();
    format!("{} {start} {}", source.0, typed::json(&object.root))
}
