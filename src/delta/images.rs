//! Images that a change brings, takes away or moves: by the object that runs them, and the container in it.

use super::change::{At, Found, Topic};
use super::matched::take_both;
use super::pairs::Pairs;
use super::side::Side;
use super::versions::{self, Step};
use crate::config::Routine;
use crate::facts::{Fact, Image, Role};
use crate::text::{Part, Span, Str};
use std::collections::BTreeMap;

/// What builds something, and runs in no cluster.
const ELSEWHERE: [&str; 14] = [
    "actions",
    "azure-pipelines",
    "bake",
    "bitbucket",
    "circleci",
    "commands",
    "commands-of-jobs",
    "devcontainer",
    "dockerfile",
    "gitlab-ci",
    "recipes",
    "skaffold",
    "tilt",
    "woodpecker",
];

/// Where an image runs: the cluster as it is called now, and the object.
type Owner = (Str, Str);

/// An image, and the path to it in its object.
type Used<'a> = (Str, &'a Fact<Image>);

/// An image that is on one side only, and who runs it.
type Moved<'a> = (Owner, Used<'a>);

pub(super) fn compare(before: &Side, after: &Side, pairs: &Pairs, out: &mut Vec<Found>) {
    let mut old = used(before, &|cluster| pairs.renamed(cluster));
    let new = used(after, &|cluster| cluster.into());
    let (mut came, mut went): (Vec<Moved>, Vec<Moved>) = Default::default();
    for (owner, images) in new {
        let was = old.remove(&owner).unwrap_or_default();
        of_object(&owner, was, images, out, &mut came, &mut went);
    }
    for (owner, images) in old {
        went.extend(images.into_iter().map(|image| (owner.clone(), image)));
    }
    // What runs as part of another object in the same cluster is not another image.
    take_both(
        &mut went,
        &mut came,
        |((cluster, _), (_, image))| (cluster.clone(), image.says.text.clone()),
        |_, _| {},
    );
    for ((cluster, object), (_, image)) in
        came.iter().filter(|((cluster, object), _)| !pairs.is_new_and_open(object, cluster))
    {
        let found = Found::new(Topic::Images, "added", called(&image.says)).at(At::after(decides(image)));
        out.push(
            with_version(found, &image.says).reaching(object.clone(), cluster.clone()).running(&image.says),
        );
    }
    for ((cluster, object), (_, image)) in
        went.iter().filter(|((cluster, object), _)| !pairs.is_open(object, cluster))
    {
        let found = Found::new(Topic::Images, "removed", called(&image.says)).at(At::before(decides(image)));
        // Of a release that stays, only the word of its values is gone.
        let is_left = object.starts_with("HelmRelease/") && pairs.find(false, object, cluster).is_some();
        let found = if is_left { found.note("no longer set: the chart decides") } else { found };
        out.push(with_version(found, &image.says).reaching(object.clone(), cluster.clone()));
    }
}

/// Every image that a cluster runs, by whoever runs it.
fn used<'a>(side: &'a Side, rename: &dyn Fn(&str) -> Str) -> BTreeMap<Owner, Vec<Used<'a>>> {
    let mut out: BTreeMap<Owner, Vec<Used>> = BTreeMap::new();
    let has_world = !side.objects.deliveries.is_empty();
    for fact in &side.report.facts.images {
        let is_run =
            matches!(fact.says.role, Role::Pull | Role::TagOnly | Role::Override | Role::ChartDecides);
        if !is_run || ELSEWHERE.contains(&fact.owner.format) {
            continue;
        }
        // An entry that overrides what lies elsewhere speaks for itself; what it changes here says so itself.
        let is_outside = fact.owner.scene.is_none() && has_world;
        if is_outside
            && !matches!(
                fact.owner.format,
                "compose" | "quadlet" | "nomad" | "terraform" | "machines" | "k3s"
            )
        {
            continue;
        }
        for one in fact.owner.affected().into_iter().filter(|one| one.delivered) {
            let owner = (rename(&one.cluster), one.object);
            out.entry(owner).or_default().push((fact.path.clone(), fact));
        }
    }
    out
}

/// The images of one object.
fn of_object<'a>(
    owner: &Owner,
    mut old: Vec<Used<'a>>,
    mut new: Vec<Used<'a>>,
    out: &mut Vec<Found>,
    came: &mut Vec<Moved<'a>>,
    went: &mut Vec<Moved<'a>>,
) {
    let mut both = |(_, was): Used, (_, is): Used| changed(owner, was, is, out);
    take_both(&mut old, &mut new, |(path, image)| (path.clone(), image.says.bare()), &mut both);
    // A container that is called otherwise; else another image in the same one.
    take_both(&mut old, &mut new, |(_, image)| image.says.canonical(), &mut both);
    take_both(&mut old, &mut new, |(path, _)| path.clone(), &mut both);
    came.extend(new.into_iter().map(|image| (owner.clone(), image)));
    went.extend(old.into_iter().map(|image| (owner.clone(), image)));
}

fn changed(owner: &Owner, was: &Fact<Image>, is: &Fact<Image>, out: &mut Vec<Found>) {
    let (old, new) = (&was.says, &is.says);
    if old.text == new.text {
        return;
    }
    let (tags, digests) = ((text(&old.tag), text(&new.tag)), (text(&old.digest), text(&new.digest)));
    let is_other = old.canonical() != new.canonical();
    if !is_other && tags.0 == tags.1 && digests.0 == digests.1 {
        return;
    }
    let found = |what| Found::new(Topic::Images, what, if is_other { String::new() } else { called(new) });
    let step = match tags {
        (Some(old), Some(new)) => versions::step(old, new),
        _ => Step::Unclear,
    };
    let unpinned = digests.0.is_some() && digests.1.is_none();
    let same_tag = tags.0 == tags.1;
    let what = match step {
        _ if is_other => "replaced",
        Step::Backwards => "backwards",
        _ if unpinned => "unpinned",
        Step::Major => "major",
        _ if same_tag && digests.0.is_none() => "pinned",
        _ => "changed",
    };
    let mut one = found(what);
    one = match (is_other, same_tag) {
        (true, _) => one.from(whole(old)).to(whole(new)),
        (false, true) => with_version(one, new),
        (false, false) => one.from(version(old)).to(version(new)),
    };
    one = match digests {
        (Some(old), Some(new)) if old != new && same_tag && !is_other => one.note("another digest"),
        (Some(old), Some(new)) if old != new && !is_other => one.note("digest follows"),
        (Some(_), Some(_)) if !same_tag && !is_other => one.note("the digest stays, so the same image runs"),
        (None, Some(_)) if !same_tag && !is_other => one.note("newly pinned"),
        (None, None) if !is_other => one.note("no digest"),
        _ => one,
    };
    let is_variant = matches!(tags, (Some(old), Some(new)) if versions::is_other_variant(old, new));
    if is_variant && !is_other {
        one = one.note("another variant");
    }
    let moved_digest = digests.1.is_some() && digests.0 != digests.1;
    let habit = match step {
        _ if is_other || is_variant || unpinned => None,
        _ if same_tag => Some(Routine::ImageDigest).filter(|_| moved_digest),
        Step::Patch => Some(Routine::ImagePatch),
        Step::Minor => Some(Routine::ImageMinor),
        Step::Major | Step::Backwards | Step::Unclear => None,
    };
    if let Some(habit) = habit {
        one = one.habit(habit);
        // A digest that stays behind runs the same image, and nobody meant that.
        one = match digests {
            (None, None) => one.habit(Routine::UnpinnedImages),
            _ if moved_digest => one,
            _ => Found { habits: Vec::new(), ..one },
        };
    }
    let decides = match (same_tag, is_other) {
        (true, false) => new.digest.as_ref().map_or_else(|| decides(is), Part::span),
        (_, true) => new.repository.as_ref().map_or_else(|| decides(is), Part::span),
        _ => decides(is),
    };
    one = one.at(At::after(decides)).reaching(owner.1.clone(), owner.0.clone()).running(new);
    out.push(one);
}

fn text(part: &Option<Part>) -> Option<&str> {
    part.as_ref().map(|part| part.text.as_str())
}

/// `ghcr.io/acme/web`, as it is written; of what only sets a tag what there is.
fn called(image: &Image) -> String {
    match image.bare() {
        bare if bare.is_empty() => "the chart's image".into(),
        bare => bare,
    }
}

fn version(image: &Image) -> String {
    let tag = image.tag.as_ref().map(|part| part.text.to_string());
    let short = |part: &Part| part.text.get(..19).unwrap_or(&part.text).to_owned() + "…";
    tag.or_else(|| image.digest.as_ref().map(short)).unwrap_or_else(|| "no tag".into())
}

fn whole(image: &Image) -> String {
    format!("{} {}", called(image), version(image))
}

fn with_version(found: Found, image: &Image) -> Found {
    match &image.tag {
        Some(tag) => found.to(tag.text.to_string()),
        None => found,
    }
}

/// The place that decides which image it is.
fn decides(fact: &Fact<Image>) -> Span {
    let image = &fact.says;
    let part = [&image.tag, &image.digest, &image.repository].into_iter().flatten().next();
    part.map_or_else(|| fact.origin.span(), |part| part.origin.pointed(&part.text).span())
}

/// Every place that says something of the images of a side.
pub(super) fn places(side: &Side) -> impl Iterator<Item = Span> + '_ {
    side.report.facts.images.iter().flat_map(|fact| fact.says.places())
}

impl Found {
    fn running(self, image: &Image) -> Found {
        let is_whole = !image.unknown && image.fault.is_none() && image.repository.is_some();
        let tag = image.tag.as_ref().map_or(String::new(), |tag| format!(":{}", tag.text));
        let digest = image.digest.as_ref().map_or(String::new(), |digest| format!("@{}", digest.text));
        let reference = is_whole.then(|| format!("{}{tag}{digest}", image.canonical()));
        Found { reference, ..self }
    }
}
