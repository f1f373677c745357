//! The roads of single values: which objects and which of their values a person means, and how each came to be.

use super::secrets::Place;
use super::spots::{Spot, Step, keys, shown, spots};
use super::{Piece, Rendering, Road};
use crate::facts::parse_reference;
use crate::syntax::{Node, Scalar, Style, Value};
use crate::text::{How, Origin, Part, Span, nearest};
use crate::world::{self, Delivery, DeliveryId, Means, Object};
use std::collections::BTreeSet;

/// Why there is no road to tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Missed {
    /// No object is called so; perhaps this one is meant.
    Object { near: Option<String> },
    /// The object has no such path; perhaps this one is meant, or one of these keys of `above`, which is there.
    Path { object: String, near: Option<String>, above: String, keys: Vec<String> },
    /// The path leads to a map or a list, which has these.
    Branch { object: String, path: String, is_list: bool, keys: Vec<String> },
    /// The path leads to a null, or to what nobody here can know.
    Nothing { object: String, path: String },
}

/// An object that was asked for, and how it is delivered.
struct Asked<'w> {
    object: &'w Object,
    delivery: &'w Delivery,
    /// As its chart gets it, if it is a release.
    root: Node,
    loaded: Vec<String>,
}

impl Rendering<'_> {
    /// The roads of the values that `subject` means: `Deployment/shop/web:image`, with or without the namespace.
    pub fn explain(&self, subject: &str) -> Result<Vec<Road>, Missed> {
        let (asked, path) = self.asked(subject);
        let mut out: Vec<Road> = Vec::new();
        for one in &asked {
            let cluster = self.cluster(one.delivery);
            for spot in spots(&one.root).iter().filter(|spot| path.is_empty() || spot.is_at(path)) {
                let Some(part) = spot.node.part() else { continue };
                let road = self.road(&part, spot, one, &cluster);
                match out.iter_mut().find(|known| known.is_like(&road)) {
                    Some(known) if !known.clusters.contains(&cluster) => known.clusters.push(cluster.clone()),
                    Some(_) => {}
                    None => out.push(road),
                }
            }
        }
        match asked.first() {
            Some(first) if out.is_empty() => Err(missed(first, path)),
            None => Err(Missed::Object { near: self.near(subject) }),
            Some(_) => Ok(out),
        }
    }

    /// The objects that a subject names, and the path in it. Names may have colons: the first way to cut it that names
    /// an object counts.
    fn asked<'s>(&self, subject: &'s str) -> (Vec<Asked<'_>>, &'s str) {
        let cuts = subject.match_indices(':').map(|(at, _)| (&subject[..at], &subject[at + 1..]));
        for (who, path) in cuts.chain([(subject, "")]) {
            let found = self.called(who);
            if !found.is_empty() {
                return (found, path.trim_start_matches('.'));
            }
        }
        (Vec::new(), "")
    }

    fn called(&self, who: &str) -> Vec<Asked<'_>> {
        let parts: Vec<&str> = who.split('/').collect();
        let is_it = |object: &Object| {
            let id = object.id();
            let is_kind = |kind: &str| id.gvk.kind.eq_ignore_ascii_case(kind);
            match parts.as_slice() {
                [kind, name] => is_kind(kind) && id.name == *name,
                [kind, namespace, name] => is_kind(kind) && id.home() == *namespace && id.name == *name,
                _ => false,
            }
        };
        let mut out = Vec::new();
        for (at, delivery) in self.view.forest.deliveries.iter().enumerate() {
            for object in delivery.built.objects.iter().filter(|object| is_it(object)) {
                let root = self.completed(DeliveryId(at as u32), object);
                out.push(Asked { object, delivery, root, loaded: self.loaded(object, delivery) });
            }
        }
        out
    }

    /// An object; a release with the values that it takes from elsewhere.
    fn completed(&self, delivery: DeliveryId, object: &Object) -> Node {
        let root = &object.root;
        let is_release = root.text_at("kind") == Some("HelmRelease");
        let values = is_release.then(|| self.view.release(delivery.0, root).values).flatten();
        match (values, root.get("spec")) {
            (Some(values), Some(spec)) => with(root, "spec", with(spec, "values", values)),
            _ => root.clone(),
        }
    }

    fn cluster(&self, delivery: &Delivery) -> String {
        let name = &self.view.forest.cluster(delivery.cluster).name;
        if delivery.live { name.to_string() } else { format!("{name} (not delivered)") }
    }

    /// The object that is spelled most like what was asked for, or one of another kind with that name.
    fn near(&self, subject: &str) -> Option<String> {
        let who = subject.split(':').next().unwrap_or(subject);
        let name = who.rsplit('/').next().unwrap_or(who);
        let objects = self.view.forest.deliveries.iter().flat_map(|delivery| &delivery.built.objects);
        let ids: Vec<_> = objects.map(Object::id).collect();
        let short: Vec<String> = ids.iter().map(|id| format!("{}/{}", id.gvk.kind, id.name)).collect();
        let long: Vec<String> = ids.iter().map(|id| id.label()).collect();
        let all: Vec<&str> = short.iter().chain(&long).map(String::as_str).collect();
        let same = || ids.iter().position(|id| id.name == name).map(|at| long[at].clone());
        nearest(who, &all).map(str::to_owned).or_else(same)
    }

    fn road(&self, part: &Part, spot: &Spot, asked: &Asked, cluster: &str) -> Road {
        Road {
            value: self.shown(part, spot.place),
            object: asked.object.id().label(),
            path: shown(&spot.steps),
            clusters: vec![cluster.to_owned()],
            pieces: cut(part, &spot.steps)
                .iter()
                .map(|(what, part)| self.piece(what, part, spot.place, asked.object.written.span))
                .collect(),
            loaded: asked.loaded.clone(),
        }
    }

    fn shown(&self, part: &Part, place: Place) -> String {
        self.hidden(part, place).unwrap_or_else(|| part.text.to_string())
    }

    fn piece(&self, what: &'static str, part: &Part, place: Place, object: Span) -> Piece {
        // What was only carried along was chosen over nothing; and where a chart from elsewhere is asked for, none of its
        // values is written.
        let is_loser =
            |(how, span): &(How, Span)| *how == How::Over && !span.covers(part.span()) && *span != object;
        let over = part.origin.road().filter(is_loser).last();
        let loser = |span: Span| {
            let line = self.view.files.sources.slice(span).lines().next().unwrap_or_default();
            let own = span.slice(0..line.len());
            self.shown(&Part::new(line, Origin::verbatim(own)), place)
        };
        let inner = part.origin.inner().cloned();
        // Within a chart from elsewhere every step has the place that asks for it.
        let is_told = |at: Span| inner.is_none() || at != part.span();
        let steps = part.origin.road().filter(|(how, at)| *how != How::Over && is_told(*at));
        Piece {
            what,
            text: self.shown(part, place),
            at: part.span(),
            inner: inner.clone(),
            over: over.map(|(_, span)| (span, loser(span))),
            steps: steps.map(|(how, at)| (at, how.says())).collect(),
        }
    }

    /// Every place from the cluster's root down to the object: who declares what, and which entry loads what.
    fn loaded(&self, object: &Object, delivery: &Delivery) -> Vec<String> {
        let files = self.view.files;
        let place = |span: Span| format!("{}:{}", files.name(span.source), files.sources.places(span).0.line);
        let mut out: Vec<String> = std::iter::successors(Some(delivery), |one| {
            one.parent.map(|parent| self.view.forest.get(parent))
        })
        .filter_map(|one| one.declared.map(place))
        .collect();
        out.reverse();
        let target = object.written.source;
        let folders = std::iter::once(&delivery.path).chain(&delivery.more).map(|part| part.text.as_str());
        let mut trails = folders.clone().filter_map(|folder| world::trail(files, folder, target));
        match trails.next() {
            _ if delivery.means == Means::ArgoSet => out.push(format!("ApplicationSet {}", delivery.name)),
            Some(trail) => out.extend(trail.into_iter().map(place)),
            None => {
                let is_in = |folder: &&str| {
                    folder.is_empty() || files.name(target).starts_with(&format!("{folder}/"))
                };
                let folder = folders.clone().find(is_in).unwrap_or(&delivery.path.text);
                out.push(match folder {
                    "" => "./".into(),
                    called if called.starts_with('(') => called.trim_matches(['(', ')']).to_owned(),
                    folder => format!("{folder}/"),
                });
            }
        }
        out.push(place(object.written.span));
        out.dedup();
        out
    }
}

/// The parts of a value that have places of their own: of an image its name, tag and digest, of all else its pieces.
fn cut(part: &Part, steps: &[Step]) -> Vec<(&'static str, Part)> {
    let is_image = matches!(steps.last(), Some(Step::Key("image" | "imageName")));
    let image = is_image.then(|| parse_reference(part));
    let Some(image) = image.filter(|image| image.fault.is_none() && image.repository.is_some()) else {
        let mut start = 0;
        let pieces = part.origin.pieces(part.text.len()).into_iter().map(|(end, origin)| {
            let piece = Part::new(part.text.get(start..end).unwrap_or_default(), origin);
            start = end;
            ("", piece)
        });
        return pieces.collect();
    };
    let mut out: Vec<(&'static str, Part)> = match (&image.registry, &image.repository) {
        // Registry and repository are mostly written together, and told as one.
        (Some(registry), Some(repository)) if is_next(registry.span(), repository.span()) => {
            let len = registry.text.len() + 1 + repository.text.len();
            vec![("name", part.slice(0..len))]
        }
        (registry, repository) => {
            registry.iter().chain(repository).map(|part| ("name", part.clone())).collect()
        }
    };
    out.extend(image.tag.map(|part| ("tag", part)));
    out.extend(image.digest.map(|part| ("digest", part)));
    out
}

fn is_next(first: Span, second: Span) -> bool {
    first.source == second.source && first.end + 1 == second.start
}

/// Why a path leads to no value of an object.
fn missed(asked: &Asked, path: &str) -> Missed {
    let object = asked.object.id().label();
    let spots = spots(&asked.root);
    if let Some(spot) = spots.iter().find(|spot| spot.is_at(path)) {
        let path = shown(&spot.steps);
        return match keys(spot.node) {
            keys if keys.is_empty() => Missed::Nothing { object, path },
            keys => Missed::Branch { object, path, is_list: spot.node.is_list(), keys },
        };
    }
    // The longest beginning that is there, and what stands behind it instead.
    let cuts = path.rmatch_indices(['.', '[']).map(|(at, _)| path.split_at(at));
    for (head, rest) in cuts {
        if let Some(spot) = spots.iter().find(|spot| spot.is_at(head)) {
            let keys = keys(spot.node);
            let next = rest.trim_start_matches('.');
            let end = next.char_indices().skip(1).find(|(_, c)| matches!(c, '.' | '[')).map(|(at, _)| at);
            let near = nearest(&next[..end.unwrap_or(next.len())], &names(&keys));
            let between = if rest.starts_with('.') { "." } else { "" };
            let near = near.map(|near| format!("{head}{between}{near}"));
            return Missed::Path { object, near, above: shown(&spot.steps), keys };
        }
    }
    let tails: BTreeSet<String> =
        spots.iter().map(|spot| shown(&spot.steps[spot.steps.len() - 1..])).collect();
    let near = nearest(path, &tails.iter().map(String::as_str).collect::<Vec<_>>()).map(str::to_owned);
    Missed::Path { object, near, above: String::new(), keys: keys(&asked.root) }
}

fn names(keys: &[String]) -> Vec<&str> {
    keys.iter().map(String::as_str).collect()
}

/// A map with another value under a key.
fn with(map: &Node, key: &str, value: Node) -> Node {
    let mut entries = map.entries().to_vec();
    match entries.iter_mut().find(|(name, _)| name.text() == Some(key)) {
        Some((_, old)) => *old = value,
        None => {
            let scalar = Scalar::new(key.into(), Style::Plain);
            entries.push((Node::new(value.origin.clone(), Value::Scalar(scalar)), value));
        }
    }
    Node::map(map.origin.clone(), entries)
}
