//! Claims by their name, and which of them an object means.

use super::cluster::Clusters;
use crate::facts::{Claim, Fact, Facts, Resource};
use crate::text::Sources;
use std::collections::HashMap;

/// Claims by name: as many as there are, and a repository may have one called `data` in each namespace.
pub(super) struct Claims<'a> {
    /// Those of a cluster, by namespace and name.
    built: HashMap<(u32, &'a str, &'a str), Vec<usize>>,
    /// All of a name, by whether they are delivered and by namespace, if one is asked for: sorted by file, so that those
    /// of a folder are together.
    written: HashMap<(bool, &'a str, Option<&'a str>), Vec<usize>>,
    facts: &'a Facts,
    sources: &'a Sources,
    clusters: &'a Clusters,
}

impl<'a> Claims<'a> {
    pub(super) fn of(facts: &'a Facts, sources: &'a Sources, clusters: &'a Clusters) -> Claims<'a> {
        let mut claims = Claims { built: HashMap::new(), written: HashMap::new(), facts, sources, clusters };
        let mut sorted: Vec<usize> = (0..facts.claims.len()).collect();
        sorted.sort_by(|a, b| claims.file(*a).split('/').cmp(claims.file(*b).split('/')));
        for at in sorted {
            let Fact { says: Claim { namespace, name, .. }, owner, .. } = &facts.claims[at];
            if let Some(cluster) = clusters.of(owner) {
                claims.built.entry((cluster, home(namespace), name)).or_default().push(at);
            }
            for namespace in [None, Some(namespace.as_str())] {
                let key = (clusters.is_nowhere(owner), name.as_str(), namespace);
                claims.written.entry(key).or_default().push(at);
            }
        }
        claims.built.values_mut().for_each(|found| found.sort_unstable());
        claims
    }

    /// The claims that an object means by a name: those of its cluster and of this namespace. Of what is judged as it
    /// is written nobody knows the namespace for sure: the nearest folder decides.
    pub(super) fn meant(&self, owner: &Resource, namespace: &str, name: &str) -> Vec<usize> {
        if let Some(cluster) = self.clusters.of(owner) {
            return self.built.get(&(cluster, home(namespace), name)).cloned().unwrap_or_default();
        }
        let nowhere = self.clusters.is_nowhere(owner);
        let namespaces = match namespace {
            "" => vec![None],
            own => vec![Some(own), Some("")],
        };
        let own = self.sources.name(owner.source);
        let lists =
            namespaces.into_iter().filter_map(|namespace| self.written.get(&(nowhere, name, namespace)));
        let near: Vec<(usize, &[usize])> = lists.map(|list| self.nearest(list, own)).collect();
        let best = near.iter().map(|(steps, _)| *steps).max();
        // Trees that nothing delivers, and that share not even their first folder, have nothing to do with each other.
        let best = best.filter(|steps| !nowhere || *steps > 0 || !own.contains('/'));
        let near = near.into_iter().filter(|(steps, _)| Some(*steps) == best);
        let mut found: Vec<usize> = near.flat_map(|(_, list)| list).copied().collect();
        found.sort_unstable();
        found
    }

    /// Those of a sorted list whose files share the most steps with this one, and how many steps that are.
    fn nearest<'l>(&self, list: &'l [usize], own: &str) -> (usize, &'l [usize]) {
        let shared = |at: usize| {
            let steps = own.split('/').zip(self.file(at).split('/'));
            steps.take_while(|(a, b)| a == b).count()
        };
        let next = list.partition_point(|at| self.file(*at).split('/').lt(own.split('/')));
        let beside = [next.checked_sub(1), (next < list.len()).then_some(next)];
        let best = beside.into_iter().flatten().map(|index| shared(list[index])).max().unwrap_or(0);
        let from = list[..next].iter().rposition(|at| shared(*at) < best).map_or(0, |before| before + 1);
        let to =
            list[next..].iter().position(|at| shared(*at) < best).map_or(list.len(), |after| next + after);
        (best, &list[from..to])
    }

    fn file(&self, at: usize) -> &'a str {
        self.sources.name(self.facts.claims[at].owner.source)
    }
}

/// The namespace that an object lands in.
fn home(namespace: &str) -> &str {
    if namespace.is_empty() { "default" } else { namespace }
}
