//! Which database servers run in which major version, so that two revisions can be held against each other.

use crate::facts::{Engine, Engines, Fact, Facts, Image, Resource, Role};
use crate::text::{Part, Sources, Str};
use std::collections::BTreeMap;

/// One database server as some file decides it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Server {
    /// The file, who in it, and the path inside: what stays the same when a tag changes.
    pub file: Str,
    pub owner: String,
    pub path: Str,
    pub engine: Str,
    pub major: u32,
    /// What says so: the tag, or the whole reference.
    pub part: Part,
    /// Index into `Facts::images`.
    pub image: usize,
}

/// Every database server whose major version is written.
pub fn servers(facts: &Facts, sources: &Sources, engines: &Engines) -> Vec<Server> {
    let charts: BTreeMap<&Resource, &str> =
        facts.releases.iter().rev().map(|release| (&*release.owner, release.says.chart.as_str())).collect();
    let read = |(image, fact): (usize, &Fact<Image>)| {
        let says = &fact.says;
        if matches!(says.role, Role::Built | Role::Watched) {
            return None;
        }
        let tag = says.tag.as_ref()?;
        let engine = match &says.repository {
            Some(_) => engines.of_image(&format!("{}:{}", says.bare(), tag.text))?.engine,
            // Only a tag stands here: the chart, or the key it stands under, says whose.
            None => {
                let chart = charts.get(&*fact.owner).and_then(|chart| engines.of_chart(chart));
                let named = fact.path.split('.').rev().find_map(|key| engines.of_key(key));
                let engine = named.or(chart)?;
                Engine { major: engines.major(&engine.name, &tag.text), ..engine }
            }
        };
        Some(Server {
            file: sources.name(fact.owner.source).into(),
            owner: fact.owner.written_label(),
            path: fact.path.clone(),
            engine: engine.name,
            major: engine.major?,
            part: tag.clone(),
            image,
        })
    };
    facts.images.iter().enumerate().filter_map(read).collect()
}

/// What ran before in the place of `now`: in the same file, or, if the file was moved, under the same owner.
pub fn predecessor<'a>(now: &Server, before: &'a [Server]) -> Option<&'a Server> {
    let same =
        |other: &&Server| other.owner == now.owner && other.path == now.path && other.engine == now.engine;
    let mut moved = before.iter().filter(same);
    let first = moved.clone().find(|other| other.file == now.file);
    first.or_else(|| {
        let only = moved.next()?;
        // Two places of the same name cannot be told apart once files move.
        moved.next().is_none().then_some(only)
    })
}
