//! The forest of clusters and deliveries, and what nothing delivers: all of it, or a part.

use super::print::plain;
use super::{Branch, LeftOut, Rendering, Tree, Unprinted, is_object, unwhole};
use crate::syntax::Node;
use crate::world::{ClusterId, Delivery, DeliveryId, Fate, Means};
use std::collections::{BTreeMap, BTreeSet};

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
        let Some(wanted) = wanted.map(plain) else {
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
