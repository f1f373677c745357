//! What an earlier revision had that rules hold this one against.

use super::{Joined, Server};
use crate::facts::{Facts, Image};
use crate::text::{SourceId, Sources, Str};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What an earlier revision had; nothing of it where there is none.
#[derive(Debug, Default)]
pub struct Earlier {
    /// Every database server whose major version was written.
    pub servers: Vec<Server>,
    /// The tags that stood beside each digest, by the file that they were in, as it is numbered now.
    tags: BTreeMap<(SourceId, Str), BTreeSet<Str>>,
}

impl Earlier {
    /// Of the facts of that revision and its files, and the names of the files of now, in their order.
    pub fn of(facts: &Facts, joined: Joined, then: &Sources, now: Vec<&str>) -> Earlier {
        let number = |(at, name)| (name, SourceId(at as u32));
        let numbers: HashMap<&str, SourceId> = now.into_iter().enumerate().map(number).collect();
        let mut tags: BTreeMap<_, BTreeSet<Str>> = BTreeMap::new();
        for (fact, _) in joined.images(facts).chain(joined.commands(facts)) {
            let Image { tag: Some(tag), digest: Some(digest), .. } = &fact.says else { continue };
            if let Some(file) = numbers.get(then.name(tag.origin.span().source)) {
                tags.entry((*file, digest.text.clone())).or_default().insert(tag.text.clone());
            }
        }
        Earlier { servers: joined.servers, tags }
    }

    /// The tags that an image of this digest had in the same file; none if its own was among them.
    pub fn other_tags(&self, image: &Image) -> impl Iterator<Item = &Str> {
        let own = image.tag.as_ref().zip(image.digest.as_ref());
        let tags = own.and_then(|(tag, digest)| {
            let tags = self.tags.get(&(tag.origin.span().source, digest.text.clone()))?;
            (!tags.contains(&tag.text)).then_some(tags)
        });
        tags.into_iter().flatten()
    }
}
