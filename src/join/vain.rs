//! What names or asks in vain: plans of what is not there, labels that no job serves, jobs that nothing asks for; and
//! databases that nothing copies where other data is copied.

use super::backups::{GROUP, JOB, asks, is_source, selected};
use super::plans::{Key, Place, Plans, group};
use super::storage::Seat;
use crate::facts::Standing;
use crate::facts::{Backup, BackupPlan, Fact, Facts, Marked, Resource, Subject, When};
use crate::text::{Part, SourceId, Span, Str};
use std::collections::{BTreeSet, HashMap, HashSet};

/// What names or is named in vain.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Vain {
    /// Plans of what is not there, and the namespaces in which something of that name is.
    pub lost: Vec<(usize, Vec<Str>)>,
    /// Marks that ask for a backup which nothing gives.
    pub unserved: Vec<Unserved>,
    /// Plans that copy nothing here.
    pub idle: Vec<usize>,
    /// Databases, as indices of the seats, that nothing copies where something else is copied: by this plan.
    pub bare: Vec<(usize, usize)>,
}

/// A label, annotation or parameter that asks in vain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unserved {
    pub by: Asker,
    /// What it asks for, where it stands.
    pub asks: Part,
    pub why: &'static str,
}

/// Who asks: an index of `Facts::marks` or of `Facts::classes`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asker {
    Mark(usize),
    Class(usize),
}

/// What is named, asked for and kept in vain.
pub(super) fn find(
    plans: &Plans,
    facts: &Facts,
    seats: &[Seat],
    others: &[&Seat],
    standings: &Standings,
) -> Vain {
    let all = || seats.iter().chain(others.iter().copied());
    let plans_of = |seat: &Seat| {
        seat.copies.by.iter().flat_map(|copied| [copied.plan, copied.timer]).collect::<Vec<_>>()
    };
    let used = all().flat_map(plans_of).collect();
    let disks = Disks::of(facts);
    let at_work = all().filter(|seat| disks.has(seat)).flat_map(plans_of).collect();
    Vain {
        lost: lost(plans, facts),
        unserved: unserved(plans, facts, standings),
        idle: idle(plans, facts, &used),
        bare: bare(plans, facts, seats, &disks, &at_work),
    }
}

/// How the classes stand under the claims of an owner, by its file and label.
pub(super) type Standings = HashMap<(SourceId, String), Vec<Standing>>;

/// The classes that something here makes.
struct Disks<'a>(HashSet<&'a str>);

impl<'a> Disks<'a> {
    fn of(facts: &'a Facts) -> Disks<'a> {
        Disks(facts.classes.iter().map(|fact| &*fact.says.name.text).collect())
    }

    /// Whether data may have a disk: where its class is made for other clusters only, nothing gives it one, and nothing is
    /// there to be copied.
    fn has(&self, seat: &Seat) -> bool {
        let is_elsewhere = |class: &Part| seat.object.is_none() && self.0.contains(&*class.text);
        !seat.class.as_ref().is_some_and(is_elsewhere)
    }
}

/// Databases that nothing copies where other things are copied. Where a plan copies what nobody knows, it may be them.
fn bare(
    plans: &Plans,
    facts: &Facts,
    seats: &[Seat],
    disks: &Disks,
    used: &BTreeSet<usize>,
) -> Vec<(usize, usize)> {
    let mut at_work: HashMap<(Place, &str), usize> = HashMap::new();
    let mut unsure: HashSet<(Place, &str)> = HashSet::new();
    let home = |owner: &Resource| (plans.place(owner), plans.folder(owner));
    for (at, fact) in facts.backups.iter().enumerate().filter(|(_, fact)| fact.says.runs()) {
        let place = home(&fact.owner);
        if used.contains(&at) {
            at_work.entry(place).or_insert(at);
        }
        let names = match &fact.says.of {
            Subject::Resource { name, .. } | Subject::Claim(name) | Subject::Host(name) => Some(name),
            Subject::Unknown | Subject::Secret(_) => None,
            _ => continue,
        };
        let is_found = used.contains(&at) || names.is_some_and(Part::is_known);
        if !is_found {
            unsure.insert(place);
        }
    }
    let mut seen: HashSet<(Option<usize>, Option<usize>)> = HashSet::new();
    let copied =
        seats.iter().filter(|seat| !seat.copies.by.is_empty() || seat.copies.unsure || seat.copies.declined);
    seen.extend(copied.map(|seat| (seat.database, seat.workload)));
    let mut out = Vec::new();
    for (at, seat) in seats.iter().enumerate() {
        let declared = seat.database.map(|at| &facts.databases[at]);
        // A chart may bring backups of its own, and CloudNativePG has a rule for itself.
        let is_told = declared
            .is_some_and(|fact| fact.says.backup != Backup::No || group(&fact.owner) == "postgresql.cnpg.io");
        let workload = seat.workload.map(|at| &*facts.workloads[at].owner);
        let is_told = is_told || !disks.has(seat) || seat.keeps_nothing();
        let Some(owner) = declared.map(|fact| &*fact.owner).or(workload).filter(|_| !is_told) else {
            continue;
        };
        let place = home(owner);
        let example = at_work.get(&place).filter(|_| !unsure.contains(&place));
        if let Some(example) = example.filter(|_| seen.insert((seat.database, seat.workload))) {
            out.push((at, *example));
        }
    }
    out
}

/// Plans of resources, and of plans, that are not there.
fn lost(plans: &Plans, facts: &Facts) -> Vec<(usize, Vec<Str>)> {
    let resources = Resources::of(plans, facts);
    let mut out = Vec::new();
    for (at, fact) in facts.backups.iter().enumerate() {
        match &fact.says.of {
            // Only of these is every resource read.
            Subject::Resource { group, name } if group == "postgresql.cnpg.io" && name.is_known() => {
                let is_own = !matches!(fact.says.when, When::At(_)) || fact.says.section.is_none();
                if !is_own && !resources.may_have(plans, fact, group, &name.text) {
                    out.push((at, resources.namespaces(group, &name.text)));
                }
            }
            Subject::Policy(name) if name.is_known() => {
                let key = Key::Plan(group(&fact.owner), &name.text);
                if plans.find(&fact.owner, &fact.says.namespace, &key).is_empty() {
                    out.push((at, Vec::new()));
                }
            }
            _ => {}
        }
    }
    out
}

/// The resources of operators, by where they are.
struct Resources<'a> {
    known: HashSet<(Place, &'a str, &'a str, &'a str)>,
    named: HashMap<(&'a str, &'a str), BTreeSet<&'a str>>,
    /// Where a chart that is not here may bring more of them.
    unseen: BTreeSet<Place>,
}

impl<'a> Resources<'a> {
    fn of(plans: &Plans, facts: &'a Facts) -> Resources<'a> {
        let brings =
            |chart: &str| chart == "cluster" || chart.ends_with("-cluster") || chart.contains("cnpg");
        let charts = facts.releases.iter().filter(|fact| brings(&fact.says.chart));
        let unseen = charts.map(|fact| plans.place(&fact.owner)).collect();
        let mut out = Resources { known: HashSet::new(), named: HashMap::new(), unseen };
        for fact in &facts.databases {
            let (group, name) = (group(&fact.owner), &*fact.says.name);
            let home = namespace(&fact.owner, &fact.says.namespace);
            out.known.insert((plans.place(&fact.owner), home, group, name));
            out.named.entry((group, name)).or_default().insert(home);
        }
        out
    }

    fn may_have(&self, plans: &Plans, plan: &Fact<BackupPlan>, group: &str, name: &str) -> bool {
        let (place, home) = (plans.place(&plan.owner), namespace(&plan.owner, &plan.says.namespace));
        let is_known =
            |place| [home, ""].iter().any(|home| self.known.contains(&(place, *home, group, name)));
        let anywhere = Place::default();
        let named = self.named.get(&(group, name));
        let fits = |known: &BTreeSet<&str>| home.is_empty() || known.contains(home) || known.contains("");
        self.unseen.contains(&place)
            || is_known(place)
            || is_known(anywhere)
            || (place == anywhere || home.is_empty()) && named.is_some_and(fits)
    }

    fn namespaces(&self, group: &str, name: &str) -> Vec<Str> {
        self.named.get(&(group, name)).into_iter().flatten().map(|name| Str::from(*name)).collect()
    }
}

fn namespace<'n>(owner: &Resource, namespace: &'n str) -> &'n str {
    let is_built = owner.scene.as_ref().is_some_and(|scene| scene.is_built());
    if is_built && namespace.is_empty() { "default" } else { namespace }
}

/// Marks by which nothing is copied.
fn unserved(plans: &Plans, facts: &Facts, standings: &Standings) -> Vec<Unserved> {
    let mut out = Vec::new();
    for (at, fact) in facts.marks.iter().enumerate().filter(|(_, fact)| fact.says.of != Marked::Pod) {
        let marks = &fact.says;
        let known = standings.get(&(fact.owner.source, fact.owner.label()));
        let may_be = |standing: &Standing| matches!(standing, Standing::Longhorn | Standing::Unknown);
        if !known.is_none_or(|all| all.iter().any(may_be)) {
            continue;
        }
        let by = Asker::Mark(at);
        let wrong = marks.annotations.iter().chain(&marks.labels).filter(|(key, _)| {
            let is_label = key.text.starts_with(GROUP) || key.text.starts_with(JOB);
            let is_annotation = marks.annotations.iter().any(|(own, _)| own == key);
            key.text.contains("longhorn.io/")
                && key.text.contains("recurring-job")
                && (is_annotation || !is_label)
        });
        out.extend(wrong.map(|(key, _)| Unserved { by, asks: key.clone(), why: "no-label" }));
        for ask in asks(marks) {
            let is_unread = marks.of != Marked::Volume && !is_source(marks);
            let is_unserved =
                plans.has_jobs(&fact.owner) && plans.find_everywhere(&fact.owner, &ask.key()).is_empty();
            let why = if is_unserved { "no-job" } else { "no-source" };
            if is_unread || is_unserved {
                out.push(Unserved { by, asks: Part::new(ask.name.clone(), ask.at.origin), why });
            }
        }
    }
    for (at, fact) in facts.classes.iter().enumerate() {
        for ask in selected(&fact.says) {
            if plans.has_jobs(&fact.owner) && plans.find_everywhere(&fact.owner, &ask.key()).is_empty() {
                let asks = Part::new(ask.name.clone(), ask.at.origin);
                out.push(Unserved { by: Asker::Class(at), asks, why: "no-job" });
            }
        }
    }
    out
}

/// Jobs of Longhorn's that copy, and that nothing here asks for. The group `default` is asked for by keeping silent.
fn idle(plans: &Plans, facts: &Facts, used: &BTreeSet<usize>) -> Vec<usize> {
    // A label that Longhorn does not read is a finding of its own.
    let marked = facts.marks.iter().flat_map(|fact| asks(&fact.says));
    let asked: HashSet<(bool, Str)> = marked
        .chain(facts.classes.iter().flat_map(|fact| selected(&fact.says)))
        .map(|ask| (ask.is_group, ask.name))
        .collect();
    let mut jobs: HashMap<(Span, Place), (usize, bool)> = HashMap::new();
    for (at, fact) in facts.backups.iter().enumerate() {
        let (is_group, name) = match &fact.says.of {
            Subject::Job(name) => (false, name),
            Subject::Group(name) => (true, name),
            _ => continue,
        };
        if fact.says.runs() {
            let job = jobs.entry((fact.origin.span(), plans.place(&fact.owner))).or_insert((at, false));
            job.1 |= is_group && name.text == "default" || !name.is_known();
            job.1 |= used.contains(&at) || asked.contains(&(is_group, name.text.clone()));
        }
    }
    let mut idle: Vec<usize> = jobs.into_values().filter(|(_, is_used)| !is_used).map(|(at, _)| at).collect();
    idle.sort_unstable();
    idle
}
