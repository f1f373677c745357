//! Objects as clusters get them, from builds to facts. A bug in pintle in here costs one object, and says so.

use super::Job;
use super::shared::AroundObject;
use super::unit::Said;
use crate::facts::{Affected, Doubt, Fact, Facts, Obstacle, Resource, Scene, Why};
use crate::finding::Problem;
use crate::formats::{self, Desk, FORMATS, Read};
use crate::syntax::forms;
use crate::text::{File, Origin, Span, Str};
use crate::world::kustomize::Fault;
use crate::world::{ClusterId, Delivery, Means, Object, View};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// An object, and the delivery that holds it with its number.
type Place<'a> = (usize, &'a Delivery, &'a Object);

/// What the objects of all builds say. What several builds say alike is said once, but for what keeps data: that is
/// held against its own cluster. Last, the places that images of objects are made of.
pub(super) fn read(job: &Job, view: View) -> (Facts, Vec<Problem>, Vec<Span>) {
    let deliveries = view.forest.deliveries.iter().enumerate();
    let objects: Vec<Place> = deliveries
        .flat_map(|(at, delivery)| delivery.built.objects.iter().map(move |object| (at, delivery, object)))
        .filter(|(_, _, object)| job.config.takes(view.files.name(object.written.source)))
        .collect();
    let (speakers, spread) = (speakers(&objects), spread(&objects));
    let told: Vec<Option<Box<Said>>> = objects
        .par_iter()
        .enumerate()
        .map(|(own, (at, delivery, object))| {
            let said = (speakers[own] == own).then(|| shared(job, view, (*at, delivery, object), &spread));
            // Most objects say nothing.
            said.filter(|(facts, wrong)| !facts.is_empty() || !wrong.is_empty()).map(Box::new)
        })
        .collect();
    let (mut facts, mut problems) = (Facts::default(), Vec::new());
    let mut others: HashMap<usize, BTreeSet<(Str, bool)>> = HashMap::new();
    for (own, (at, delivery, object)) in objects.iter().enumerate() {
        let Some(said) = told[speakers[own]].as_deref().filter(|_| speakers[own] != own) else { continue };
        let scene = Arc::new(scene(view, (*at, delivery, object), &spread));
        facts.append(said.0.again(&scene));
        let cluster = if scene.live { scene.cluster_name.clone() } else { Str::default() };
        others.entry(speakers[own]).or_default().insert((cluster, scene.live));
    }
    for (own, said) in told.into_iter().enumerate() {
        let Some((mut more, wrong)) = said.map(|said| *said) else { continue };
        if let Some(clusters) = others.get(&own) {
            more.also_in(clusters);
        }
        facts.append(more);
        problems.extend(wrong);
    }
    obstacles(job, view, &mut facts, &mut problems);
    // What is told for another is made of places of its own.
    let used = facts.images.iter().flat_map(|fact| fact.says.places()).collect();
    once(&mut facts.images, |fact| {
        // A text that was put together stands where it was put together: what decides it, its tag tells.
        let tag = fact.says.tag.as_ref().filter(|_| fact.origin.editable().is_none());
        match tag.and_then(|tag| tag.origin.editable()) {
            Some(at) => format!("{} {}:{}", fact.says.text, at.source.0, at.start).into(),
            None => fact.says.text.clone(),
        }
    });
    once(&mut facts.charts, |fact| fact.says.name.text.clone());
    once(&mut facts.tag_policies, |_| Str::default());
    once(&mut facts.releases, |_| Str::default());
    once(&mut facts.overlays, |_| Str::default());
    (facts, problems, used)
}

/// For each object the one that speaks for it: the first that is the same tree, of those that are delivered if there
/// are any. Overlays share what they do not change. A release takes values from what is beside it, so it speaks for
/// itself.
fn speakers(objects: &[Place]) -> Vec<usize> {
    let mut of_tree: HashMap<(usize, Option<Doubt>, usize, Span), usize> = HashMap::new();
    let key = |build: usize, object: &Object| {
        let own = if object.root.text_at("kind") == Some("HelmRelease") { build + 1 } else { 0 };
        (own, object.doubt, object.root.entries().as_ptr() as usize, object.written.span)
    };
    for (at, (build, delivery, object)) in objects.iter().enumerate() {
        let known = of_tree.entry(key(*build, object)).or_insert(at);
        if delivery.live && !objects[*known].1.live {
            *known = at;
        }
    }
    objects.iter().map(|(build, _, object)| of_tree[&key(*build, object)]).collect()
}

/// How many clusters get what is written at a place.
type Spread = HashMap<Span, HashSet<ClusterId>>;

fn spread(objects: &[Place]) -> Spread {
    let mut out = Spread::new();
    for (_, delivery, object) in objects.iter().filter(|(_, delivery, _)| delivery.live) {
        out.entry(object.written.span).or_default().insert(delivery.cluster);
    }
    out
}

/// What keeps builds from being whole, each once. Of what nothing delivers the worst is enough, with a number.
fn obstacles(job: &Job, view: View, facts: &mut Facts, problems: &mut Vec<Problem>) {
    for (at, delivery) in view.forest.deliveries.iter().enumerate() {
        let (ended, faults): (Vec<&Fault>, Vec<&Fault>) =
            delivery.built.faults.iter().partition(|fault| fault.why == Why::Bound);
        for (fault, place) in
            ended.into_iter().filter_map(|fault| Some((fault, fault.at.or(delivery.declared)?)))
        {
            // The limit is ours: what the tool would make of it nobody here knows.
            if job.config.takes(view.files.name(place.source)) {
                problems.push(Problem::blind("not-followed", fault.says.clone(), Some(place)));
            }
        }
        let assumed = delivery.built.assumed.iter();
        let assumed = assumed.filter(|(_, at)| job.config.takes(view.files.name(at.source)));
        problems.extend(assumed.map(|(says, at)| Problem::note("chart-assumed", says.clone(), *at)));
        if delivery.live {
            let all = faults.into_iter().map(|fault| (fault, fault.says.as_str().into()));
            obstacles_of(job, view, at, all, facts);
            continue;
        }
        // Nobody looks for its folder, nor for what it would take from elsewhere.
        let wrong = |fault: &&Fault| !fault.why.is_unseen() && fault.why != Why::PathMissing;
        let mut wrong: Vec<&Fault> = faults.into_iter().filter(wrong).collect();
        wrong.sort_by_key(|fault| fault.why);
        if let Some(first) = wrong.first() {
            let says = format!("{}{}", first.says, besides(&wrong)).into();
            obstacles_of(job, view, at, [(*first, says)].into_iter(), facts);
        }
    }
    once(&mut facts.obstacles, |fact| fact.says.reason.clone());
}

/// What is wrong besides the first, as the end of a sentence: the next two, and how many there are behind them.
fn besides(wrong: &[&Fault]) -> String {
    const NAMED: usize = 2;
    let mut seen = BTreeSet::new();
    let mut all = wrong.iter().map(|fault| fault.says.as_str()).filter(|says| seen.insert(*says)).skip(1);
    let mut named: Vec<String> = all.by_ref().take(NAMED).map(str::to_owned).collect();
    match all.count() {
        _ if named.is_empty() => return String::new(),
        0 => {}
        more => named.push(format!("{more} more")),
    }
    format!(", and besides: {}", named.join("; "))
}

/// The obstacles of one delivery, with the words for each.
fn obstacles_of<'f>(
    job: &Job,
    view: View,
    at: usize,
    faults: impl Iterator<Item = (&'f Fault, Str)>,
    facts: &mut Facts,
) {
    let delivery = &view.forest.deliveries[at];
    let kind = delivery.means.kind();
    let scene = Arc::new(scene_of(view, at, delivery, kind.into()));
    for (fault, reason) in faults {
        let Some(place) = fault.at.or(delivery.declared) else { continue };
        if !job.config.takes(view.files.name(place.source)) {
            continue;
        }
        let owner = Resource {
            format: "kustomize",
            source: place.source,
            kind: kind.into(),
            api: Str::default(),
            namespace: delivery.namespace.clone(),
            name: delivery.name.clone(),
            scene: Some(scene.clone()),
        };
        let says = Obstacle { why: fault.why, reason, instead: None };
        let origin = Origin::spelled(place);
        facts.obstacles.push(Fact { says, origin, path: Str::default(), owner: Arc::new(owner) });
    }
}

fn scene(view: View, (build, delivery, object): Place, spread: &Spread) -> Scene {
    let written = object.written.id.label().into();
    let spread = spread.get(&object.written.span).map_or(0, |clusters| clusters.len() as u32);
    Scene { spread, doubt: object.doubt, ..scene_of(view, build, delivery, written) }
}

fn scene_of(view: View, build: usize, delivery: &Delivery, written: Str) -> Scene {
    Scene {
        build: build as u32,
        cluster: delivery.cluster.0,
        cluster_name: view.forest.cluster(delivery.cluster).name.clone(),
        live: delivery.live,
        doubt: None,
        written,
        also: Vec::new(),
        spread: 0,
    }
}

/// What an object says; where the other run has seen the same, what it said there.
fn shared(job: &Job, view: View, place: Place, spread: &Spread) -> Said {
    let (.., object) = place;
    let scene = scene(view, place, spread);
    let Some(shared) = job.shared else { return one(job, view, place, scene).0 };
    let Some(around) = AroundObject::of(view, place, &scene) else { return one(job, view, place, scene).0 };
    shared.object(object, &around).unwrap_or_else(|| {
        let (said, has_looked_around) = one(job, view, place, scene);
        if !has_looked_around {
            shared.keep_object(object, around, &said);
        }
        said
    })
}

/// What an object says, and whether more than itself took part in that.
fn one(job: &Job, view: View, place: Place, scene: Scene) -> (Said, bool) {
    let (.., object) = place;
    let done = catch_unwind(AssertUnwindSafe(|| {
        let written = &object.written;
        let file = File {
            id: written.source,
            name: view.files.name(written.source),
            // Formats reach what is written through the places of values.
            text: "",
        };
        let (engines, names) = (job.book.engines(), job.book.tables.names());
        let desk = Desk::new(file, job.config, engines, names, formats::Beside::default());
        let mut desk = desk.with_view(view);
        desk.scene = Some(Arc::new(scene));
        let document = crate::syntax::Document { root: object.root.clone(), remarks: Vec::new() };
        let document = forms::marked_document(&document);
        for format in FORMATS {
            if let Read::Objects(read) = format.read {
                read(&mut desk, &document);
            }
        }
        formats::note_numbers(&mut desk);
        if place.1.means == Means::Chart {
            without_values(&mut desk.facts);
        }
        let has_looked_around = desk.has_looked_around();
        ((desk.facts, desk.problems), has_looked_around)
    }));
    done.unwrap_or_else(|_| {
        let name = view.files.name(object.written.source);
        let says = format!("a bug in pintle: reading an object of {name} panicked; please report it");
        ((Facts::default(), vec![Problem::fatal("internal", says, Some(object.written.span))]), true)
    })
}

/// An image that is none yet wants a value that whoever takes the chart sets.
fn without_values(facts: &mut Facts) {
    const SIGNS: [char; 3] = [':', '/', '@'];
    let is_open = |text: &str| {
        text.starts_with(SIGNS)
            || text.ends_with(SIGNS)
            || ["/:", "/@", ":@", "//"].iter().any(|gap| text.contains(gap))
    };
    let (open, whole): (Vec<_>, Vec<_>) =
        std::mem::take(&mut facts.images).into_iter().partition(|fact| is_open(&fact.says.text));
    facts.images = whole;
    for fact in open {
        facts.unread("image", "needs values", fact.origin.span());
    }
}

/// Who says what, where: all by which two facts of one kind are one to people.
type Key = (Span, crate::text::SourceId, String, Str, Str);

/// Keeps the first of equal facts, which then names all objects that say the same.
fn once<T>(facts: &mut Vec<Fact<T>>, what: impl Fn(&Fact<T>) -> Str) {
    let mut seen: HashMap<Key, usize> = HashMap::new();
    // What is delivered speaks before what is not.
    facts.sort_by_key(|fact| fact.owner.scene.as_ref().is_some_and(|scene| !scene.live));
    let mut others: BTreeMap<usize, BTreeSet<Affected>> = BTreeMap::new();
    let mut kept = 0;
    facts.retain(|fact| {
        let label = fact.owner.written_label();
        let key = (fact.origin.span(), fact.owner.source, label, fact.path.clone(), what(fact));
        let first = *seen.entry(key).or_insert(kept);
        let is_first = first == kept;
        kept += usize::from(is_first);
        if fact.owner.scene.is_some() && !is_first {
            others.entry(first).or_default().extend(fact.owner.affected());
        }
        is_first
    });
    // Facts of one object share it: what is added to one is mostly added to the next.
    let mut last: Option<(Arc<Resource>, BTreeSet<Affected>, Arc<Resource>)> = None;
    for (at, others) in others {
        let own = facts[at].owner.clone();
        let made = match &last {
            Some((of, with, made)) if Arc::ptr_eq(of, &own) && *with == others => made.clone(),
            _ => Arc::new(joined_by(&own, &others)),
        };
        facts[at].owner = made.clone();
        last = Some((own, others, made));
    }
}

/// The owner of a fact, with others who say the same.
fn joined_by(own: &Resource, others: &BTreeSet<Affected>) -> Resource {
    let mut owner = own.clone();
    if let Some(scene) = &mut owner.scene {
        let also = &mut Arc::make_mut(scene).also;
        also.extend(others.iter().cloned());
        also.sort();
        also.dedup();
    }
    owner
}
