//! How much of a repository is delivered, and what was not seen of it: counted, and named as far as a list is of use.

use crate::facts::Facts;
use crate::finding::{Coverage, Unseen, UnseenKind};
use crate::syntax::Node;
use crate::world::{Delivery, Object, ObjectId, View};
use std::collections::{BTreeSet, HashSet};

/// More than these of one kind are not named.
const MOST_NAMED: usize = 200;

/// What is delivered, as far as it is told later.
pub(super) struct Delivered {
    objects: usize,
    clusters: BTreeSet<String>,
    releases: Vec<Unseen>,
}

/// What is delivered.
pub(super) fn delivered(view: View) -> Delivered {
    let mut objects: HashSet<(u32, ObjectId)> = HashSet::new();
    let live = || view.forest.deliveries.iter().filter(|delivery| delivery.live);
    let name = |delivery: &Delivery| view.forest.cluster(delivery.cluster).name.to_string();
    let clusters: BTreeSet<String> = live().map(name).collect();
    let mut releases: Vec<Unseen> = Vec::new();
    for delivery in live() {
        for object in &delivery.built.objects {
            let id = object.id();
            let is_release = id.gvk.kind == "HelmRelease";
            if objects.insert((delivery.cluster.0, id)) && is_release {
                let mut release = release(object);
                if clusters.len() > 1 {
                    release.says.push_str(&format!(", for {}", name(delivery)));
                }
                releases.push(release);
            }
        }
    }
    Delivered { objects: objects.len(), clusters, releases }
}

/// What became of the objects of a repository.
pub(super) fn coverage(delivered: Delivered, facts: &Facts) -> Coverage {
    let Delivered { objects, clusters, releases: mut unseen } = delivered;
    for fact in &facts.obstacles {
        let Some(kind) = UnseenKind::ALL.into_iter().find(|kind| kind.name() == fact.says.why) else {
            continue;
        };
        let name = fact.owner.label();
        // The reason is what is of use; that it is one is said above.
        let says = fact.says.says.split_once(&format!("{name}: ")).map_or(&*fact.says.says, |(_, why)| why);
        unseen.push(Unseen { kind, name, says: says.to_owned(), at: fact.origin.span() });
    }
    unseen.sort();
    let count = |kind: UnseenKind| unseen.iter().filter(|one| one.kind == kind).count();
    let [charts, remote, left_out] = UnseenKind::ALL.map(count);
    let mut named = [0; UnseenKind::ALL.len()];
    unseen.retain(|one| {
        let known = &mut named[one.kind as usize];
        *known += 1;
        *known <= MOST_NAMED
    });
    Coverage {
        objects,
        clusters: clusters.into_iter().collect(),
        charts,
        remote,
        left_out,
        unnamed: charts + remote + left_out - unseen.len(),
        unseen,
    }
}

/// A release, with the chart that it asks for.
fn release(object: &Object) -> Unseen {
    let roads: [&[&str]; 2] = [&["spec", "chart", "spec", "chart"], &["spec", "chartRef", "name"]];
    let chart = roads.iter().find_map(|road| object.root.at(road)).and_then(Node::part);
    let says =
        chart.as_ref().map_or_else(|| "no chart is named".to_owned(), |part| format!("`{}`", part.text));
    let at = chart.map_or(object.written.span, |part| part.span());
    Unseen { kind: UnseenKind::Chart, name: object.id().label(), says, at }
}
