//! Objects that nothing delivers from the file that holds them, and that a release beside it makes: a class of its chart, the
//! namespace that it is put into.

use super::{Facts, Instead, Resource, Why};
use crate::text::{Sources, Str};

impl Facts {
    /// Takes note of what makes an object instead of the manifest that is left out.
    pub fn note_made_elsewhere(&mut self, sources: &Sources) {
        let is_left_out = |why: Why| why == Why::LeftOut;
        if !self.obstacles.iter().any(|fact| is_left_out(fact.says.why)) {
            return;
        }
        let is_delivered = |owner: &Resource| owner.scene.as_ref().is_some_and(|scene| scene.live);
        let of_charts = self.classes.iter().filter(|fact| fact.owner.kind != "StorageClass");
        let classes = of_charts.map(|fact| ("StorageClass", &fact.says.name.text, &fact.owner));
        let releases = self.releases.iter();
        let namespaces =
            releases.filter_map(|fact| Some(("Namespace", fact.says.makes_namespace.as_ref()?, &fact.owner)));
        let made: Vec<(&str, &Str, &Resource)> = classes
            .chain(namespaces)
            .filter(|(.., owner)| is_delivered(owner))
            .map(|(kind, name, owner)| (kind, name, &**owner))
            .collect();
        let folder =
            |name: &'_ str| name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        for fact in self.obstacles.iter_mut().filter(|fact| is_left_out(fact.says.why)) {
            let own = folder(sources.name(fact.owner.source));
            let is_it = |(kind, name, owner): &&(&str, &Str, &Resource)| {
                let other = folder(sources.name(owner.source));
                let is_beside = other.starts_with(&own) || own.starts_with(&other) && !other.is_empty();
                is_beside && fact.owner.kind == *kind && fact.owner.name == **name
            };
            if let Some((.., owner)) = made.iter().find(is_it).filter(|_| fact.says.instead.is_none()) {
                let file = sources.name(owner.source).into();
                fact.says.instead = Some(Instead::Release { who: owner.label().into(), file });
            }
        }
    }
}
