//! Files that kustomizations of the repository make Secrets of: read once more, for what nothing in them says is one.

use super::encoding::text;
use super::read::{Around, context};
use crate::facts::Facts;
use crate::secrets;
use crate::text::paths::local;
use crate::text::{File, SourceId, Span};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Adds the credentials of the files that `facts` says are given to Secrets.
pub(super) fn read(around: Around, names: &[&str], facts: &mut Facts) {
    if facts.givings.is_empty() {
        return;
    }
    let Around { job, sources, .. } = around;
    let ids: HashMap<&str, SourceId> =
        names.iter().enumerate().map(|(at, name)| (*name, SourceId(at as u32))).collect();
    let mut given: BTreeMap<SourceId, usize> = BTreeMap::new();
    for (at, fact) in facts.givings.iter().enumerate() {
        let folder = sources.name(fact.owner.source).rsplit_once('/').map_or("", |(folder, _)| folder);
        let id = local(folder, &fact.says.path).and_then(|name| ids.get(name.as_str()).copied());
        // A file that several Secrets get holds the same in each.
        id.into_iter().for_each(|id| _ = given.entry(id).or_insert(at));
    }
    let mut known: HashMap<SourceId, Vec<Span>> = HashMap::new();
    for at in facts.secrets.iter().map(|fact| fact.origin.span()).filter(|at| given.contains_key(&at.source))
    {
        known.entry(at.source).or_default().push(at);
    }
    let mut buffer = Vec::new();
    for (id, at) in given {
        if !job.config.takes(sources.name(id)) || job.repo.read(id, &mut buffer).is_err() {
            continue;
        }
        // What is no text has no lines that could be keys; the rest of it was looked at.
        let Some(text) = text(id, &buffer, &mut Vec::new()) else { continue };
        let file = File { id, name: sources.name(id), text: &text };
        let answer = secrets::read_given(&file, &facts.givings[at].says, &context(around, id));
        let seen = known.remove(&id).unwrap_or_default();
        let is_new = |at: Span| !seen.iter().any(|seen| seen.covers(at) || at.covers(*seen));
        let found: Vec<_> = answer.facts.into_iter().filter(|fact| is_new(fact.origin.span())).collect();
        if !found.is_empty() {
            sources.get(id).keep(Arc::from(&*text));
        }
        facts.secrets.extend(found);
        if job.scope.names(file.name) {
            facts.exempts.extend(answer.exempts.into_iter().filter(|exempt| is_new(exempt.at)));
        }
    }
}
