//! Objects that go and take others with them, and those that go for the repository and stay in the cluster.

use super::change::{At, Found, Topic};
use super::objects::Thing;
use super::pairs::Pairs;
use crate::syntax::Node;

/// What goes with an object of these kinds.
const TAKES: [(&str, &str); 2] = [
    ("Namespace", "everything in it goes too"),
    ("CustomResourceDefinition", "every object of its kind goes too"),
];

pub(super) fn compare(pairs: &Pairs, out: &mut Vec<Found>) {
    for cluster in pairs.left_clusters() {
        let found = Found::new(Topic::Gone, "removed", format!("cluster {cluster}"));
        out.push(found.note("nothing is delivered to it any more").reaching("", cluster));
    }
    for pair in pairs.all().iter().filter(|pair| pair.is_removed()) {
        let Some(thing) = pair.before else { continue };
        let label = thing.label();
        let place =
            |found: Found| found.at(At::before(thing.written)).reaching(label.clone(), pair.cluster.clone());
        if let Some((_, note)) = TAKES.iter().find(|(kind, _)| *kind == thing.kind()) {
            let found = place(Found::new(Topic::Gone, "removed", label.clone()));
            out.push(found.note(kept(pairs, thing).unwrap_or(note)));
        }
        if matches!(thing.kind(), "NetworkPolicy" | "CiliumNetworkPolicy" | "CiliumClusterwideNetworkPolicy")
        {
            out.push(place(Found::new(Topic::Exposure, "policy", format!("{label} goes"))));
        }
    }
}

/// What Argo CD asks before it does it.
const ASKS: &str = "it goes once somebody confirms that in Argo CD";

/// Why an object that the repository no longer delivers stays in its cluster.
pub(super) fn kept(pairs: &Pairs, thing: &Thing) -> Option<&'static str> {
    const MARKS: [(&str, &str, &str); 5] = [
        ("kustomize.toolkit.fluxcd.io/prune", "disabled", "it stays: pruning is off for it"),
        ("helm.sh/resource-policy", "keep", "it stays: helm keeps it"),
        ("argocd.argoproj.io/sync-options", "Prune=false", "it stays: Argo CD does not prune it"),
        ("argocd.argoproj.io/sync-options", "Delete=false", "it stays: Argo CD does not delete it"),
        ("argocd.argoproj.io/sync-options", "Prune=confirm", ASKS),
    ];
    let marks = thing.root.at(&["metadata", "annotations"]);
    let labels = thing.root.at(&["metadata", "labels"]);
    let says = |key: &str, value: &str| {
        let own = |map: Option<&Node>| {
            map.and_then(|map| map.text_at(key))
                .is_some_and(|text| text.split(',').any(|one| one.trim() == value))
        };
        own(marks) || own(labels)
    };
    if let Some((.., note)) = MARKS.iter().find(|(key, value, _)| says(key, value)) {
        return Some(note);
    }
    // What goes with its Application is asked about by another word than what goes alone.
    let is_asked = says("argocd.argoproj.io/sync-options", "Delete=confirm");
    pairs.keeps(thing).or_else(|| (is_asked && pairs.loses_delivery(thing)).then_some(ASKS))
}
