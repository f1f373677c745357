//! A repository as clusters get it, for who wants to see it: the YAML of builds, the forest of deliveries, the road of
//! one value. Nothing is judged; what is a secret is covered.

mod explain;
mod labels;
mod print;
mod secrets;
mod spots;
#[cfg(test)]
mod tests;
mod tree;

pub use explain::Missed;
pub use labels::digests_in_labels;
pub use print::Unprinted;

use super::{Job, Repo, read};
use crate::facts::Why;
use crate::finding::Report;
use crate::redact::Places;
use crate::text::{SourceId, Sources, Span, Str};
use crate::world::kustomize::Built;
use crate::world::{self, Cache, Capabilities, Files, Object, Shelf, UNSEEN, View};

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
    let links = repo.links();
    let files = Files::new(sources, repo.names().len(), &text).with_bytes(&bytes).with_links(&links);
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
