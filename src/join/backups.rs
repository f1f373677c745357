//! What is copied of each database and claim, what a plan fails at, and plans that copy nothing.

use super::class::Standing;
use super::plans::{Copied, Key, Place, Plans, group};
use super::storage::Seat;
use crate::facts::{
    Backup, BackupKind, BackupPlan, Claim, Database, Fact, Facts, Marked, Marks, Resource, StorageClass,
    Subject, When, Workload,
};
use crate::syntax::{Node, yaml};
use crate::text::{Part, SourceId, Span, Str};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Why a plan copies nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum WhyNot {
    /// Somebody switched it off.
    Off,
    /// The object that says where to is not there.
    NoStore,
    /// The resource has no section for the way in which it is to be copied.
    NoSection,
}

/// What is known of the copies of one thing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Copies {
    /// The plans that copy it.
    pub by: Vec<Copied>,
    /// Plans that would, and why they do not.
    pub failed: Vec<(Copied, WhyNot)>,
    /// Some plan beside it copies what nobody knows.
    pub unsure: bool,
}

impl Copies {
    /// The kinds of copies, each once.
    pub fn kinds(&self, facts: &Facts) -> Vec<BackupKind> {
        let kinds: BTreeSet<BackupKind> =
            self.by.iter().filter_map(|by| facts.backups[by.plan].says.kind).collect();
        kinds.into_iter().collect()
    }

    fn tidy(&mut self) {
        self.by.sort();
        self.by.dedup();
        self.failed.sort();
        self.failed.dedup();
    }

    pub(super) fn extend(&mut self, other: Copies) {
        self.by.extend(other.by);
        self.failed.extend(other.failed);
        self.unsure |= other.unsure;
        self.tidy();
    }
}

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

const GROUP: &str = "recurring-job-group.longhorn.io/";
const JOB: &str = "recurring-job.longhorn.io/";
const SOURCE: &str = "recurring-job.longhorn.io/source";

/// Under which names clients reach the resources of operators, and into which Secrets their passwords go: what stands
/// behind the resource's name.
const ADDRESSES: &[(&str, &[&str], &[&str])] = &[
    ("postgresql.cnpg.io", &["-rw", "-ro", "-r"], &["-app", "-superuser"]),
    ("acid.zalan.do", &["", "-repl", "-pooler", "-pooler-repl"], &[""]),
    ("postgres-operator.crunchydata.com", &["-primary", "-replicas", "-ha", "-pgbouncer"], &[""]),
    ("pgv2.percona.com", &["-primary", "-replicas", "-ha", "-pgbouncer"], &[""]),
    ("stackgres.io", &["", "-primary", "-replicas"], &[""]),
    ("kubedb.com", &["", "-standby", "-pooler"], &["-auth"]),
    ("k8s.mariadb.com", &["", "-primary", "-secondary"], &["-root"]),
    ("pxc.percona.com", &["-pxc", "-haproxy", "-proxysql"], &["-secrets"]),
    ("psmdb.percona.com", &["-rs0", "-mongos"], &["-secrets"]),
];

/// What copies a database that an operator's resource or a chart's values declare.
pub(super) fn of_database(plans: &Plans, facts: &Facts, fact: &Fact<Database>) -> Copies {
    let (owner, namespace, name) = (&*fact.owner, &*fact.says.namespace, &*fact.says.name);
    let group = group(owner);
    let known = ADDRESSES.iter().find(|(known, ..)| *known == group);
    let engine = format!("-{}", fact.says.engine.name);
    let chart = ["", "-postgresql", "-primary", engine.as_str()];
    let (hosts, secrets): (&[&str], &[&str]) =
        known.map_or((&chart, &chart), |(_, hosts, secrets)| (hosts, secrets));
    let mut keys = vec![Key::Resource(group, name), Key::Resource("", name)];
    keys.extend(hosts.iter().map(|end| Key::Host(format!("{name}{end}").into())));
    keys.extend(secrets.iter().map(|end| Key::Secret(format!("{name}{end}").into())));
    let mut found: Vec<Copied> = keys.iter().flat_map(|key| plans.find(owner, namespace, key)).collect();
    found.extend(plans.find_everywhere(owner, &Key::Every(group)));
    let sections = plans.find(owner, namespace, &Key::Section(group, name));
    weigh(plans, facts, owner, namespace, found, Some(&sections))
}

/// What copies a database that is a workload.
pub(super) fn of_workload(plans: &Plans, facts: &Facts, fact: &Fact<Workload>) -> Copies {
    let (owner, namespace) = (&*fact.owner, &*fact.says.namespace);
    let keys = [
        Key::Workload(&owner.kind, &owner.name),
        Key::Host(fact.says.name.clone()),
        Key::Resource("", &owner.name),
    ];
    let found = keys.iter().flat_map(|key| plans.find(owner, namespace, key)).collect();
    weigh(plans, facts, owner, namespace, found, None)
}

/// What of the plans that were found copies, and what does not.
fn weigh(
    plans: &Plans,
    facts: &Facts,
    owner: &Resource,
    namespace: &str,
    found: Vec<Copied>,
    sections: Option<&[Copied]>,
) -> Copies {
    let unsure = !plans.find(owner, namespace, &Key::Unknown).is_empty();
    let mut out = Copies { unsure, ..Copies::default() };
    for copied in found {
        let (plan, timer) = (&facts.backups[copied.plan], &facts.backups[copied.timer]);
        // The section of the resource is what says where to; the plan of another object only when.
        let section = |name: &str| {
            let all = sections.unwrap_or_default().iter().map(|at| &facts.backups[at.plan].says);
            all.filter(|says| says.section == Some(name)).min_by_key(|says| says.off.is_some())
        };
        let asked = plan.says.section.map(section);
        let why = match asked {
            _ if plan.says.off.is_some() || timer.says.off.is_some() => Some(WhyNot::Off),
            Some(None) => Some(WhyNot::NoSection),
            Some(Some(says)) if says.off.is_some() => Some(WhyNot::Off),
            Some(Some(says)) if !has_store(plans, owner, says) => Some(WhyNot::NoStore),
            _ if !has_store(plans, owner, &plan.says) => Some(WhyNot::NoStore),
            _ => None,
        };
        match why {
            _ if matches!(timer.says.when, When::Once) || plan.says.kind.is_none() => {}
            Some(why) => out.failed.push((copied, why)),
            None => out.by.push(copied),
        }
    }
    out.tidy();
    out
}

/// Whether the store that a plan needs is there. Where no store is known at all, they are kept elsewhere.
fn has_store(plans: &Plans, owner: &Resource, plan: &BackupPlan) -> bool {
    let Some(name) = plan.to.as_ref().filter(|name| plan.needs_store && name.is_known()) else { return true };
    let knows_all = owner.scene.as_ref().is_some_and(|scene| scene.is_built()) || plans.has_stores();
    !knows_all || !plans.find(owner, &plan.namespace, &Key::Store(&name.text)).is_empty()
}

/// What copies a claim, on a class of which is known how it stands.
pub(super) fn of_claim(
    plans: &Plans,
    facts: &Facts,
    claim: &Claim,
    owner: &Resource,
    ground: (Standing, Option<&StorageClass>),
) -> Copies {
    let namespace = claim.namespace.as_str();
    let (marked, name) = match owner.kind.as_str() {
        "PersistentVolumeClaim" => (Marked::Claim, claim.name.clone()),
        "StatefulSet" => (Marked::Template, format!("{}-{}", claim.name, owner.name).into()),
        _ if group(owner) == "postgresql.cnpg.io" => (Marked::Resource, claim.name.clone()),
        _ => (Marked::Claim, claim.name.clone()),
    };
    let marks = plans.marks(marked, owner, namespace, &name);
    let key = if marked == Marked::Claim { Key::Claim(&name) } else { Key::Template(&name) };
    let mut found = plans.find(owner, namespace, &key);
    let labels = marks.into_iter().flat_map(|marks| &marks.labels);
    let mut keys: Vec<Key> = labels.map(|(key, value)| Key::Label(&key.text, &value.text)).collect();
    keys.push(Key::All);
    let chosen = keys.iter().flat_map(|key| plans.find_chosen(owner, namespace, key));
    found.extend(chosen.filter(|copied| is_chosen(&facts.backups[copied.plan].says, namespace, marks)));
    if ground.0 == Standing::Longhorn {
        found.extend(of_volume(plans, owner, marks, ground.1));
    }
    weigh(plans, facts, owner, namespace, found, None)
}

/// Whether a choice takes a claim, which one of its labels, or its namespace, has found.
fn is_chosen(plan: &BackupPlan, namespace: &str, marks: Option<&Marks>) -> bool {
    let Subject::Chosen(choice) = &plan.of else { return true };
    let value = |key: &str| marks.and_then(|marks| marks.label(key).or_else(|| marks.annotation(key)));
    let has = |(key, value): &(Str, Str)| {
        marks.and_then(|marks| marks.label(key)).is_some_and(|part| part.text == *value)
    };
    let is_out =
        choice.opt_out.as_ref().is_some_and(|(key, no)| value(key).is_some_and(|part| part.text == *no));
    !is_out && choice.labels.iter().all(has) && !choice.but_not.iter().any(|name| name == namespace)
}

/// The jobs of Longhorn's that serve a volume: those that its claim asks for, if Longhorn is told to look there; else
/// those of its class; else those of the group `default`.
fn of_volume(
    plans: &Plans,
    owner: &Resource,
    marks: Option<&Marks>,
    class: Option<&StorageClass>,
) -> Vec<Copied> {
    let mut asked: Vec<Ask> = marks.filter(|marks| is_source(marks)).map(asks).unwrap_or_default();
    if asked.is_empty() {
        asked = class.map(selected).unwrap_or_default();
    }
    if asked.is_empty() {
        return plans.find_everywhere(owner, &Key::Group("default"));
    }
    asked.iter().flat_map(|ask| plans.find_everywhere(owner, &ask.key())).collect()
}

/// A group or a job that is asked for, where it stands.
struct Ask {
    is_group: bool,
    name: Str,
    at: Part,
}

impl Ask {
    fn key(&self) -> Key<'_> {
        if self.is_group { Key::Group(&self.name) } else { Key::Job(&self.name) }
    }
}

fn is_source(marks: &Marks) -> bool {
    marks.label(SOURCE).is_some_and(|value| value.text == "enabled" || value.text == "enable")
}

/// What labels ask of Longhorn.
fn asks(marks: &Marks) -> Vec<Ask> {
    let one = |(key, value): &(Part, Part)| {
        let (is_group, name) = match (key.text.strip_prefix(GROUP), key.text.strip_prefix(JOB)) {
            (Some(name), _) => (true, name),
            (None, Some(name)) if name != "source" => (false, name),
            _ => return None,
        };
        (value.text == "enabled").then(|| Ask { is_group, name: name.into(), at: key.clone() })
    };
    marks.labels.iter().filter_map(one).collect()
}

/// What a class asks for: `[{"name": "nightly", "isGroup": true}]`, inside a text.
fn selected(class: &StorageClass) -> Vec<Ask> {
    let selector = class.parameters.iter().find(|(key, _)| key == "recurringJobSelector");
    let Some((_, list)) = selector.filter(|(_, list)| list.is_known()) else { return Vec::new() };
    let found = yaml::read_embedded(&list.text, &list.origin);
    let items = found.documents.iter().flat_map(|document| document.root.items());
    let one = |item: &Node| {
        let name = item.part_at("name")?;
        let is_group = item.get("isGroup").and_then(Node::scalar).is_some_and(|scalar| scalar.is_true());
        Some(Ask { is_group, name: name.text, at: list.clone() })
    };
    items.filter_map(one).collect()
}

/// What is named, asked for and kept in vain.
pub(super) fn vain(
    plans: &Plans,
    facts: &Facts,
    seats: &[Seat],
    others: &[&Seat],
    standings: &Standings,
) -> Vain {
    let all = seats.iter().chain(others.iter().copied());
    let used = all.flat_map(|seat| &seat.copies.by).flat_map(|copied| [copied.plan, copied.timer]).collect();
    Vain {
        lost: lost(plans, facts),
        unserved: unserved(plans, facts, standings),
        idle: idle(plans, facts, &used),
        bare: bare(plans, facts, seats, &used),
    }
}

/// How the classes stand under the claims of an owner, by its file and label.
pub(super) type Standings = HashMap<(SourceId, String), Vec<Standing>>;

/// Databases that nothing copies where other things are copied. Where a plan copies what nobody knows, it may be them.
fn bare(plans: &Plans, facts: &Facts, seats: &[Seat], used: &BTreeSet<usize>) -> Vec<(usize, usize)> {
    let mut at_work: HashMap<Place, usize> = HashMap::new();
    let mut unsure: HashSet<Place> = HashSet::new();
    for (at, fact) in facts.backups.iter().enumerate().filter(|(_, fact)| fact.says.runs()) {
        let place = plans.place(&fact.owner);
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
    let copied = seats.iter().filter(|seat| !seat.copies.by.is_empty() || seat.copies.unsure);
    seen.extend(copied.map(|seat| (seat.database, seat.workload)));
    let mut out = Vec::new();
    for (at, seat) in seats.iter().enumerate().filter(|(_, seat)| seat.delivered) {
        let declared = seat.database.map(|at| &facts.databases[at]);
        // A chart may bring backups of its own, and CloudNativePG has a rule for itself.
        let is_told = declared
            .is_some_and(|fact| fact.says.backup != Backup::No || group(&fact.owner) == "postgresql.cnpg.io");
        let workload = seat.workload.map(|at| &*facts.workloads[at].owner);
        let Some(owner) = declared.map(|fact| &*fact.owner).or(workload).filter(|_| !is_told) else {
            continue;
        };
        let place = plans.place(owner);
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
        let brings = |chart: &str| {
            chart != "cloudnative-pg"
                && ["cluster", "postgres", "cnpg"].iter().any(|word| chart.contains(word))
        };
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
