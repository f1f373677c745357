//! Charts in folders of the repository, found by name and version: what one chart takes from a registry, the folder of
//! another one may hold. Who publishes charts keeps them so.

use super::super::files::Files;
use super::card::{self, Card};
use crate::syntax::Node;
use crate::text::{SourceId, Str, paths};

/// A chart that was looked for and is in a folder.
pub(super) struct Neighbour {
    pub(super) folder: Str,
    /// What was taken for granted: the folder need not be what the registry has.
    pub(super) assumed: String,
}

/// The chart of a name in a version, but for those in some folders.
pub(super) fn find(
    files: &Files,
    (name, asked): (&str, &str),
    is_left_out: impl Fn(&str) -> bool,
) -> Option<Neighbour> {
    let folder = |card: &Card<SourceId>| folder(files, card.place);
    let is_here = |card: &&Card<SourceId>| files.find(files.name(card.place)).is_some();
    let named = files.charts(|id| card(files, id)).get(name)?.iter().filter(is_here);
    let best = card::best(named.filter(|card| !is_left_out(folder(card))), asked).ok()?;
    let place = |card: &Card<SourceId>| Str::from(if folder(card).is_empty() { "." } else { folder(card) });
    let is_same = |one: &Card<SourceId>, other: &Card<SourceId>| {
        content(files, folder(one)) == content(files, folder(other))
    };
    let assumed = best.assumed(place, is_same).unwrap_or_else(|| best.from(&place(best.first)));
    Some(Neighbour { folder: folder(best.first).into(), assumed })
}

fn folder<'f>(files: &Files<'f>, chart: SourceId) -> &'f str {
    files.name(chart).rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// What a chart says that it is. One that takes a chart of its own name is a wrapper around that one, and one in
/// another chart is a part of that.
fn card(files: &Files, id: SourceId) -> Option<Card<SourceId>> {
    let yaml = files.yaml(id).filter(|yaml| !yaml.masked)?;
    let root = &yaml.documents.first()?.root;
    let card = Card::of(root, id).filter(|_| !files.is_in_chart(folder(files, id)))?;
    let older = paths::resolve(folder(files, id), "requirements.yaml").and_then(|name| files.find(&name));
    let older = older.and_then(|id| Some(&files.yaml(id)?.documents.first()?.root));
    let wanted = [Some(root), older].into_iter().flatten().filter_map(|root| root.get("dependencies"));
    let mut names = wanted.flat_map(Node::items).filter_map(|one| one.text_at("name"));
    (!names.any(|name| name == card.name)).then_some(card)
}

/// The texts of a folder, by their names in it.
fn content(files: &Files, folder: &str) -> Vec<(Str, Option<Str>)> {
    let cut = if folder.is_empty() { 0 } else { folder.len() + 1 };
    let own = |id: SourceId| (files.name(id)[cut..].into(), files.ask(id, |text| Str::from(text)));
    files.below(folder).map(own).collect()
}
