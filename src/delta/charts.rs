//! Charts that releases take: their versions, and whether anybody here knows what they render.

use super::change::{At, Found, Topic};
use super::objects::Thing;
use super::pairs::Pairs;
use super::side::Side;
use super::versions::{self, Step};
use crate::config::Routine;
use crate::facts::{Chart, Fact};
use crate::syntax::Node;
use crate::text::{Part, Span, Str};
use std::collections::{BTreeMap, HashMap};

/// Who takes a chart: the cluster as it is called now, the object, and the path in it.
type Taker = (Str, Str, Str);

pub(super) fn compare(before: &Side, after: &Side, pairs: &Pairs, out: &mut Vec<Found>) {
    let mut old = taken(before, &|cluster| pairs.renamed(cluster));
    let new = taken(after, &|cluster| cluster.into());
    let mut releases = Releases::new();
    for thing in after.objects.things.iter().filter(|thing| thing.kind() == "HelmRelease") {
        releases.entry(chart_of(thing)).or_default().push(thing);
    }
    for (taker, fact) in new {
        let (cluster, object, _) = &taker;
        let Some(was) = old.remove(&taker) else {
            if pairs.is_new_and_open(object, cluster) {
                continue;
            }
            let found = Found::new(Topic::Charts, "added", called(&fact.says)).to(version(&fact.says));
            out.push(reach(found, &releases, pairs, &taker, fact).at(At::after(place(fact))));
            continue;
        };
        if let Some(found) = changed(&was.says, &fact.says) {
            out.push(reach(found, &releases, pairs, &taker, fact).at(At::after(place(fact))));
        }
    }
    for ((cluster, object, _), fact) in old {
        if !pairs.is_open(&object, &cluster) {
            let found = Found::new(Topic::Charts, "removed", called(&fact.says)).to(version(&fact.says));
            out.push(found.at(At::before(place(fact))).reaching(object, cluster));
        }
    }
}

fn taken<'a>(side: &'a Side, rename: &dyn Fn(&str) -> Str) -> BTreeMap<Taker, &'a Fact<Chart>> {
    let mut out = BTreeMap::new();
    let has_world = !side.objects.deliveries.is_empty();
    for fact in &side.report.facts.charts {
        // What a chart in a file depends on, whoever takes the chart says.
        if fact.owner.scene.is_none() && (has_world || fact.owner.format == "chart") {
            continue;
        }
        for one in fact.owner.affected().into_iter().filter(|one| one.delivered) {
            out.insert((rename(&one.cluster), one.object, fact.path.clone()), fact);
        }
    }
    out
}

fn changed(old: &Chart, new: &Chart) -> Option<Found> {
    let is_other = called(old) != called(new);
    let same = version(old) == version(new);
    let digests = (text(&old.digest), text(&new.digest));
    if !is_other && same && digests.0 == digests.1 {
        return None;
    }
    let step = versions::step(&version(old), &version(new));
    let what = match step {
        _ if is_other => "replaced",
        Step::Backwards => "backwards",
        Step::Major => "major",
        _ => "changed",
    };
    let habit = match step {
        _ if is_other || same => None,
        Step::Patch => Some(Routine::ChartPatch),
        Step::Minor => Some(Routine::ChartMinor),
        Step::Major | Step::Backwards | Step::Unclear => None,
    };
    let found = match (is_other, same) {
        (true, _) => Found::new(Topic::Charts, what, "")
            .from(format!("{} {}", called(old), version(old)))
            .to(format!("{} {}", called(new), version(new))),
        (false, true) => Found::new(Topic::Charts, what, called(new)).to(version(new)).note("another digest"),
        (false, false) => Found::new(Topic::Charts, what, called(new)).from(version(old)).to(version(new)),
    };
    Some(habit.into_iter().fold(found, Found::habit))
}

/// Who gets what the chart renders; and whether that is known here.
fn reach(found: Found, by_chart: &Releases, pairs: &Pairs, taker: &Taker, fact: &Fact<Chart>) -> Found {
    let (cluster, object, _) = taker;
    let releases: Vec<&Thing> = match &*fact.owner.kind {
        "OCIRepository" | "HelmChart" => {
            let chart = [&fact.owner.kind, &fact.owner.name, &fact.owner.namespace];
            let own = by_chart.get(&chart.map(|part| part.as_str())).into_iter().flatten().copied();
            own.filter(|thing| pairs.is_in(thing, cluster)).collect()
        }
        _ => pairs.find(false, object, cluster).into_iter().collect(),
    };
    let is_here = !releases.is_empty() && releases.iter().all(|thing| thing.is_rendered);
    let found = if is_here { found } else { found.note("chart not here: images unknown") };
    let mut found = if releases.iter().any(|thing| thing.kind() == "HelmRelease") {
        found
    } else {
        found.reaching(object.clone(), cluster.clone())
    };
    for thing in releases.iter().filter(|thing| thing.kind() == "HelmRelease") {
        found = found.reaching(thing.label(), cluster.clone());
    }
    found
}

/// The releases of the side after, by the object that they take their chart from: its kind, name and namespace.
type Releases<'a> = HashMap<[&'a str; 3], Vec<&'a Thing>>;

fn chart_of(release: &Thing) -> [&str; 3] {
    let text = |key: &str| release.root.at(&["spec", "chartRef", key]).and_then(Node::text);
    let namespace = text("namespace").unwrap_or(&release.id.namespace);
    [text("kind").unwrap_or_default(), text("name").unwrap_or_default(), namespace]
}

/// The name of a chart as people call it.
fn called(chart: &Chart) -> String {
    let name = chart.name.text.as_str();
    name.strip_prefix("oci://").unwrap_or(name).to_owned()
}

fn version(chart: &Chart) -> String {
    let text = chart.version.as_ref().map_or("", |part| part.text.as_str());
    // An OCI reference may have its digest behind the tag.
    let text = text.split_once('@').map_or(text, |(tag, _)| tag);
    if text.is_empty() { "any version".into() } else { text.into() }
}

fn text(part: &Option<Part>) -> Option<&str> {
    part.as_ref().map(|part| part.text.as_str())
}

fn place(fact: &Fact<Chart>) -> Span {
    fact.says.version.as_ref().map_or_else(|| fact.origin.span(), Part::span)
}

/// Every place that says something of the charts of a side.
pub(super) fn places(side: &Side) -> impl Iterator<Item = Span> + '_ {
    let all = side.report.facts.charts.iter().map(|fact| &fact.says);
    all.flat_map(|chart| chart.version.iter().chain(&chart.digest).chain([&chart.name])).map(Part::span)
}
