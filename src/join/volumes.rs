//! Volumes that are made by hand, and the claims that they are bound to.

use super::cluster::Clusters;
use crate::facts::{Claim, Fact, Resource, StaticVolume};
use std::collections::HashMap;

/// PersistentVolumes, by name and by the claim that may have them.
pub(super) struct Volumes<'a> {
    named: HashMap<&'a str, Vec<&'a Fact<StaticVolume>>>,
    kept: HashMap<(&'a str, &'a str), Vec<&'a Fact<StaticVolume>>>,
}

impl<'a> Volumes<'a> {
    pub(super) fn of(facts: &'a [Fact<StaticVolume>]) -> Volumes<'a> {
        let (mut named, mut kept) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for fact in facts {
            named.entry(fact.says.name.as_str()).or_default().push(fact);
            if let Some((namespace, name)) = &fact.says.claim {
                kept.entry((namespace.as_str(), name.as_str())).or_default().push(fact);
            }
        }
        Volumes { named, kept }
    }

    /// The volume that a claim asks for, or that is kept for it.
    pub(super) fn bound(
        &self,
        clusters: &Clusters,
        claim: &Claim,
        owner: &Resource,
    ) -> Option<&'a Fact<StaticVolume>> {
        let meets = |fact: &&&'a Fact<StaticVolume>| clusters.share(&fact.owner, owner);
        let wanted = match &claim.volume {
            Some(volume) => self.named.get(volume.text.as_str()),
            None => {
                let spaces =
                    [claim.namespace.as_str(), if claim.namespace.is_empty() { "default" } else { "" }];
                spaces.iter().find_map(|space| self.kept.get(&(*space, claim.name.as_str())))
            }
        };
        let mut found = wanted?.iter().filter(meets);
        let first = found.next()?;
        // Two that are called alike: which one is meant nobody says.
        found.next().is_none().then_some(first)
    }
}
