//! Volumes that are made by hand, and which of them a claim may get.

use super::cluster::Clusters;
use crate::facts::{Claim, Fact, Resource, StaticVolume};
use crate::text::Part;
use std::collections::HashMap;

/// PersistentVolumes, by name, by the claim that may have them and by class.
pub(super) struct Volumes<'a> {
    facts: &'a [Fact<StaticVolume>],
    named: HashMap<&'a str, Vec<usize>>,
    kept: HashMap<(&'a str, &'a str), Vec<usize>>,
    classed: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Volumes<'a> {
    pub(super) fn of(facts: &'a [Fact<StaticVolume>]) -> Volumes<'a> {
        let (mut named, mut kept, mut classed) =
            (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for (at, Fact { says, .. }) in facts.iter().enumerate() {
            named.entry(says.name.as_str()).or_default().push(at);
            match &says.claim {
                Some((namespace, name)) => {
                    kept.entry((namespace.as_str(), name.as_str())).or_default().push(at);
                }
                None => {
                    let class = says.class.as_ref().map_or("", |class| class.text.as_str());
                    classed.entry(class).or_default().push(at);
                }
            }
        }
        Volumes { facts, named, kept, classed }
    }

    /// The volume that a claim asks for, or that is kept for it.
    pub(super) fn bound(&self, clusters: &Clusters, claim: &Claim, owner: &Resource) -> Option<usize> {
        let wanted = match &claim.volume {
            Some(volume) => self.named.get(volume.text.as_str()),
            None => {
                let spaces =
                    [claim.namespace.as_str(), if claim.namespace.is_empty() { "default" } else { "" }];
                spaces.iter().find_map(|space| self.kept.get(&(*space, claim.name.as_str())))
            }
        };
        let mut found = wanted?.iter().copied().filter(|at| clusters.share(&self.facts[*at].owner, owner));
        let first = found.next()?;
        // Two that are called alike: which one is meant nobody says.
        found.next().is_none().then_some(first)
    }

    /// The volumes of a class that a claim may get: kept for no other, large enough, and with its modes.
    pub(super) fn of_class(
        &self,
        clusters: &Clusters,
        class: &str,
        claim: &Claim,
        owner: &Resource,
    ) -> Vec<usize> {
        let fits = |at: &usize| {
            let fact = &self.facts[*at];
            clusters.share(&fact.owner, owner) && fits(&fact.says, claim)
        };
        self.classed.get(class).into_iter().flatten().copied().filter(fits).collect()
    }
}

/// Whether a volume has what a claim asks for. What is not written, or cannot be read, is no reason against it.
fn fits(volume: &StaticVolume, claim: &Claim) -> bool {
    let size = |part: Option<&Part>| part.and_then(|part| bytes(&part.text));
    let is_large = match (size(volume.size.as_ref()), size(claim.size.as_ref())) {
        (Some(has), Some(wants)) => has >= wants,
        _ => true,
    };
    let has = |mode: &str| volume.modes.iter().any(|own| own == mode);
    is_large
        && (volume.modes.is_empty() || claim.modes.iter().all(|mode| !mode.is_known() || has(&mode.text)))
}

/// How much `10Gi` or `500M` is.
fn bytes(quantity: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 11] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("Ti", 1_099_511_627_776.0),
        ("Pi", 1_125_899_906_842_624.0),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
        ("", 1.0),
    ];
    let (number, unit) = UNITS.iter().find_map(|(name, unit)| Some((quantity.strip_suffix(name)?, unit)))?;
    number.trim().parse::<f64>().ok().map(|number| number * unit)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn quantities_are_compared_as_numbers() {
        for (small, large) in
            [("1000Gi", "1Ti"), ("1G", "1Gi"), ("500M", "1G"), ("1", "1k"), ("1.5Gi", "2Gi")]
        {
            assert!(bytes(small) < bytes(large), "{small} {large}");
        }
        assert_eq!((bytes("${SIZE}"), bytes("much"), bytes("")), (None, None, None));
    }
}
