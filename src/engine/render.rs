//! A repository as clusters get it, for who wants to see it: the YAML of builds, the forest of deliveries, the road of
//! one value. Nothing is judged; what is a secret is covered.

mod explain;
mod print;
mod secrets;
mod spots;
#[cfg(test)]
mod tests;

pub use explain::Missed;
pub use print::Unprinted;

use super::{Job, Repo, read};
use crate::facts::Why;
use crate::finding::Report;
use crate::redact::Places;
use crate::syntax::Node;
use crate::text::{SourceId, Sources, Span, Str};
use crate::world::kustomize::Built;
use crate::world::{
    self, Cache, Capabilities, ClusterId, Delivery, DeliveryId, Fate, Files, Means, Object, Shelf, UNSEEN,
    View,
};
use std::collections::{BTreeMap, BTreeSet};

/// Hands the files of a repository to `work`, read when they are asked for.
pub fn with_files<T>(repo: &dyn Repo, sources: &Sources, work: impl FnOnce(&Files) -> T) -> T {
    with_all(repo, sources, (None, &Capabilities::default()), work)
}

/// The same, with charts at hand that are none of them, and for clusters that can do this.
fn with_all<T>(
    repo: &dyn Repo,
    sources: &Sources,
    (shelf, cluster): (Option<&Shelf>, &Capabilities),
    work: impl FnOnce(&Files) -> T,
) -> T {
    let text = |id: SourceId, show: &mut dyn FnMut(&str)| {
        read::show_text(repo, id, &mut |text| {
            sources.get(id).keep(text.into());
            show(text);
        });
    };
    let bytes = |id: SourceId, show: &mut dyn FnMut(&[u8])| read::show_bytes(repo, id, show);
    let files = Files::new(sources, repo.names().len(), &text).with_bytes(&bytes);
    work(&files.with_shelf(shelf).with_cluster(cluster))
}

/// One delivery of the forest, for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Branch {
    pub depth: usize,
    pub name: String,
    /// `Kustomization`, `Application`, `ApplicationSet`, `HelmRelease`, `HelmChart` or nothing for a folder that declares itself.
    pub kind: &'static str,
    /// Nothing for what delivers no folder.
    pub path: String,
    /// Of a set its Applications.
    pub objects: usize,
    pub live: bool,
    /// The cluster that gets it, if it is another than that of its tree.
    pub to: Option<String>,
    /// What keeps it from being whole: the number of refusals, and what lies elsewhere.
    pub note: String,
}

/// The forest, and what nothing delivers.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Tree {
    /// Each cluster by its name, with its branches.
    pub clusters: Vec<(String, Vec<Branch>)>,
    /// Manifests that nothing delivers and nothing loads.
    pub left_out: Vec<LeftOut>,
}

/// A manifest that nothing delivers, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    pub file: String,
    pub why: Why,
    pub reason: String,
    /// The outermost folder around it from which nothing is delivered; the file itself if there is none.
    pub around: String,
}

/// One piece of a value, where it was written, and what it was chosen over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// `name`, `tag`, `digest`, or nothing.
    pub what: &'static str,
    pub text: String,
    pub at: Span,
    /// The file that it was written in, if that is no file of the repository.
    pub inner: Option<Str>,
    pub over: Option<(Span, String)>,
    /// Other steps on the way, in words.
    pub steps: Vec<(Span, &'static str)>,
}

/// The road of one value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Road {
    pub value: String,
    /// `Deployment/shop/web`
    pub object: String,
    pub path: String,
    pub clusters: Vec<String>,
    pub pieces: Vec<Piece>,
    /// From the cluster's root to the folder that is built.
    pub loaded: Vec<String>,
}

/// A repository that was built, ready to be shown.
pub struct Rendering<'a> {
    view: View<'a>,
    /// What is not shown of it.
    secrets: Places,
}

/// Builds the repository of a job and hands it to `work`. What the report has found to be secret, and what the rules
/// for secrets find in what is built, is covered.
pub fn rendered<T>(job: &Job, sources: &Sources, report: &Report, work: impl FnOnce(&Rendering) -> T) -> T {
    let shelf = job.charts.map(Shelf::new);
    with_all(job.repo, sources, (shelf.as_ref(), &job.capabilities()), |files| {
        let forest = world::grow(files, &Cache::default(), &job.hints());
        let view = View { files, forest: &forest };
        work(&Rendering { view, secrets: secrets::places(job, view, report) })
    })
}

/// The folders above a file, the outermost first.
fn folders_above(file: &str) -> impl Iterator<Item = &str> {
    file.match_indices('/').map(|(at, _)| &file[..at])
}

/// What each delivery delivers, and the roots of each cluster.
type Below = BTreeMap<(Option<DeliveryId>, Option<u32>), Vec<DeliveryId>>;

impl Rendering<'_> {
    /// The forest of clusters and deliveries: all of it, or what a folder, a delivery or a cluster is.
    pub fn tree(&self, wanted: Option<&str>) -> Result<Tree, Unprinted> {
        let forest = self.view.forest;
        let mut below = Below::new();
        for (at, delivery) in forest.deliveries.iter().enumerate() {
            let root_of = delivery.parent.is_none().then_some(delivery.cluster.0);
            below.entry((delivery.parent, root_of)).or_default().push(DeliveryId(at as u32));
        }
        let Some(wanted) = wanted.map(print::plain) else {
            let roots = |number: usize| below.get(&(None, Some(number as u32))).cloned().unwrap_or_default();
            let clusters = forest.clusters.iter().enumerate();
            let clusters = clusters
                .map(|(number, cluster)| (cluster.name.to_string(), self.branches(&roots(number), &below)));
            return Ok(Tree { clusters: clusters.collect(), left_out: self.left_out("") });
        };
        let clusters = self.roots_of(wanted).into_iter().map(|(cluster, roots)| {
            (forest.cluster(cluster).name.to_string(), self.branches(&roots, &below))
        });
        let is_folder = self.view.files.is_folder(wanted);
        let left_out = if is_folder { self.left_out(wanted) } else { Vec::new() };
        let tree = Tree { clusters: clusters.collect(), left_out };
        match tree.clusters.is_empty() && tree.left_out.is_empty() {
            true => Err(Unprinted::Unknown { near: self.nearest(wanted) }),
            false => Ok(tree),
        }
    }

    /// The deliveries that are meant, without those below another one of them: they are drawn there.
    fn roots_of(&self, wanted: &str) -> BTreeMap<ClusterId, Vec<DeliveryId>> {
        let forest = self.view.forest;
        let meant: BTreeSet<DeliveryId> = self.meant_by(wanted).into_iter().collect();
        let mut roots: BTreeMap<ClusterId, Vec<DeliveryId>> = BTreeMap::new();
        for &id in &meant {
            let mut above = std::iter::successors(forest.get(id).parent, |id| forest.get(*id).parent);
            if !above.any(|above| meant.contains(&above)) {
                roots.entry(forest.get(id).cluster).or_default().push(id);
            }
        }
        roots
    }

    fn branches(&self, roots: &[DeliveryId], below: &Below) -> Vec<Branch> {
        let mut out = Vec::new();
        roots.iter().for_each(|root| self.branch(*root, 0, below, &mut out));
        out
    }

    /// The manifests below a folder that nothing delivers and nothing loads.
    fn left_out(&self, folder: &str) -> Vec<LeftOut> {
        let files = self.view.files;
        let live: BTreeSet<&str> =
            self.view.forest.live.iter().flat_map(|id| folders_above(files.name(*id))).collect();
        let left_out = files.below(folder).filter_map(|id| {
            let name = files.name(id);
            let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
            // What loads it is drawn itself, delivered or not.
            let is_loaded = self.view.forest.loaded.contains(&id);
            let Fate::Dead(why, reason) = (is_yaml && !is_loaded).then(|| self.view.fate(id))? else {
                return None;
            };
            let yaml = files.yaml(id)?;
            let is_object = |root: &Node| root.get("apiVersion").is_some() && root.get("kind").is_some();
            yaml.documents.iter().any(|one| is_object(&one.root)).then(|| LeftOut {
                file: name.to_owned(),
                why,
                reason,
                around: folders_above(name).find(|folder| !live.contains(folder)).unwrap_or(name).to_owned(),
            })
        });
        left_out.collect()
    }

    fn branch(&self, own: DeliveryId, depth: usize, below: &Below, out: &mut Vec<Branch>) {
        let delivery = self.view.forest.get(own);
        out.push(Branch {
            depth,
            name: delivery.name.to_string(),
            kind: if delivery.means.is_folder() { "" } else { delivery.means.kind() },
            path: match delivery.means {
                Means::ArgoSet => String::new(),
                _ => delivery.path.text.to_string(),
            },
            objects: delivery.built.objects.iter().filter(|object| is_object(object)).count(),
            live: delivery.live,
            to: self.destination(delivery),
            note: unwhole(&delivery.built),
        });
        for child in below.get(&(Some(own), None)).into_iter().flatten() {
            self.branch(*child, depth + 1, below, out);
        }
        for release in &delivery.built.objects {
            let Some(kind) = self.view.kind_of_release(&release.root) else { continue };
            if self.view.is_rendered(own.0, &release.root) {
                continue;
            }
            out.push(Branch {
                depth: depth + 1,
                name: release.id().name.to_string(),
                kind,
                path: String::new(),
                objects: 0,
                live: delivery.live,
                to: None,
                note: "chart not here".into(),
            });
        }
    }

    /// The cluster of a delivery, if it is another than that of who delivers it.
    fn destination(&self, delivery: &Delivery) -> Option<String> {
        let forest = self.view.forest;
        let parent = delivery.parent.map(|parent| forest.get(parent).cluster);
        let is_other = parent.is_some_and(|parent| parent != delivery.cluster);
        is_other.then(|| forest.cluster(delivery.cluster).name.to_string())
    }
}

/// Whether a cluster gets it: what stands for a release whose chart is not here none does.
fn is_object(object: &Object) -> bool {
    object.root.text_at("apiVersion") != Some(UNSEEN)
}

impl Road {
    fn is_like(&self, other: &Road) -> bool {
        self.value == other.value
            && self.object == other.object
            && self.path == other.path
            && self.pieces == other.pieces
    }
}

/// What keeps a build from being whole.
fn unwhole(built: &Built) -> String {
    let faults = &built.faults;
    let hidden = faults.iter().filter(|fault| fault.why.hides()).count();
    let refused = faults.len() - hidden;
    let mut notes = Vec::new();
    if refused > 0 {
        notes.push(if refused == 1 { "1 fault".into() } else { format!("{refused} faults") });
    }
    if hidden > 0 {
        notes.push(format!("{hidden} not rendered"));
    }
    notes.join(", ")
}
