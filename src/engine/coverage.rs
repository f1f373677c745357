//! How much of a repository is delivered, and what was not seen of it: counted, and named as far as a list is of use.

use crate::facts::{Facts, Why};
use crate::finding::{Coverage, Unseen};
use crate::limits::MOST_UNSEEN;
use crate::syntax::Node;
use crate::text::Span;
use crate::world::{ClusterId, Delivery, Means, Object, ObjectId, UNSEEN, View};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What is delivered, as far as it is told later.
pub(super) struct Delivered {
    objects: usize,
    defaults: usize,
    clusters: Vec<String>,
    releases: Vec<Unseen>,
}

/// What is delivered.
pub(super) fn delivered(view: View) -> Delivered {
    let mut objects: HashSet<(ClusterId, ObjectId)> = HashSet::new();
    // What the defaults of a chart make is in no cluster yet.
    let is_delivered = |delivery: &Delivery| delivery.live && delivery.means != Means::Chart;
    let live = || view.forest.deliveries.iter().filter(|delivery| is_delivered(delivery));
    let clusters: BTreeSet<ClusterId> = live().map(|delivery| delivery.cluster).collect();
    let name = |cluster: ClusterId| view.forest.cluster(cluster).name.to_string();
    let (mut releases, mut unseen): (Vec<Unseen>, usize) = (Vec::new(), 0);
    for (at, delivery) in view.forest.deliveries.iter().enumerate().filter(|(_, it)| is_delivered(it)) {
        for object in &delivery.built.objects {
            let id = object.id();
            let is_unseen = object.root.text_at("apiVersion") == Some(UNSEEN);
            let is_release = is_unseen || view.kind_of_release(&object.root).is_some();
            let is_rendered = is_release && view.is_rendered(at as u32, &object.root);
            let chart = view.absent_chart(at as u32, &id);
            let is_new = objects.insert((delivery.cluster, id));
            unseen += usize::from(is_new && is_unseen);
            if is_new && is_release && !is_rendered {
                let mut release = release(object, chart);
                if clusters.len() > 1 {
                    release.reason.push_str(&format!(", for {}", name(delivery.cluster)));
                }
                releases.push(release);
            }
        }
    }
    let mut clusters: Vec<String> = clusters.into_iter().map(name).collect();
    clusters.sort();
    Delivered { objects: objects.len() - unseen, defaults: view.forest.lone_charts, clusters, releases }
}

/// How many deliveries there are of each kind, as people call it.
#[cfg(feature = "cli")]
pub(super) fn kinds(view: View) -> BTreeMap<&'static str, usize> {
    let mut out = BTreeMap::new();
    for delivery in view.forest.deliveries.iter().filter(|delivery| delivery.live) {
        let kind = match delivery.means {
            Means::Flux => "Flux Kustomization",
            Means::Argo => "Argo CD Application",
            Means::ArgoSet => "Argo CD ApplicationSet",
            Means::Release => "Flux HelmRelease",
            Means::HelmChart => "k3s HelmChart",
            Means::Helmfile => "helmfile",
            Means::HelmfileRelease => "helmfile release",
            Means::Fleet => "Fleet bundle",
            Means::Overlay => "kustomization",
            Means::Chart => "chart",
        };
        *out.entry(kind).or_default() += 1;
    }
    out
}

/// What became of the objects of a repository, and of what was asked for what was not seen.
pub(super) fn coverage(delivered: Delivered, facts: &Facts, is_asked: impl Fn(Span) -> bool) -> Coverage {
    let Delivered { objects, defaults, clusters, releases: mut unseen } = delivered;
    for fact in facts.obstacles.iter().filter(|fact| fact.says.why.is_unseen()) {
        let (why, reason) = (fact.says.why, fact.says.told().to_string());
        unseen.push(Unseen { why, subject: fact.owner.label(), reason, at: fact.origin.span() });
    }
    unseen.retain(|one| is_asked(one.at));
    unseen.sort();
    let mut counts: BTreeMap<Why, usize> = BTreeMap::new();
    let all = unseen.len();
    unseen.retain(|one| {
        let known = counts.entry(one.why).or_insert(0);
        *known += 1;
        *known <= MOST_UNSEEN
    });
    Coverage { objects, defaults, clusters, counts, unnamed: all - unseen.len(), unseen }
}

/// A release, with the chart that it asks for.
fn release(object: &Object, chart_in_words: Option<&str>) -> Unseen {
    let roads: [&[&str]; 3] =
        [&["spec", "chart", "spec", "chart"], &["spec", "chartRef", "name"], &["spec", "chart"]];
    let chart = roads.iter().find_map(|road| object.root.at(road).and_then(Node::part));
    let words = chart_in_words.map(str::to_owned);
    let words = words.or_else(|| chart.as_ref().map(|part| format!("`{}`", part.text)));
    let reason = words.unwrap_or_else(|| "no chart is named".to_owned());
    let at = chart.map_or(object.written.span, |part| part.span());
    Unseen { why: Why::Chart, subject: object.id().label(), reason, at }
}
