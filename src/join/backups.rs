//! What is copied of each database and claim, what a plan fails at, and plans that copy nothing.

use super::plans::{Copied, Key, Plans, group};
use crate::facts::Standing;
use crate::facts::{
    BackupKind, BackupPlan, Claim, Database, Fact, Facts, Marked, Marks, Resource, StorageClass, Subject,
    When, Workload,
};
use crate::syntax::{Node, yaml};
use crate::text::{Part, Str};
use std::collections::BTreeSet;

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
    /// Its claim says that it is not to be copied.
    pub declined: bool,
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
        self.declined |= other.declined;
        self.tidy();
    }
}

pub(super) const GROUP: &str = "recurring-job-group.longhorn.io/";
pub(super) const JOB: &str = "recurring-job.longhorn.io/";
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
    let unknown = plans.find(owner, namespace, &Key::Unknown);
    let unsure =
        unknown.iter().any(|copied| facts.backups[copied.timer].says.runs() && !found.contains(copied));
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
    // Who brings in by hand what nothing delivers finds the stores that are there.
    if owner.scene.as_ref().is_some_and(|scene| !scene.live) && plans.has_store_called(&name.text) {
        return true;
    }
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
    let declined = marks.is_some_and(declines);
    Copies { declined, ..weigh(plans, facts, owner, namespace, found, None) }
}

/// `backup: "false"`, `backup-exempt: "true"`: somebody has decided.
fn declines(marks: &Marks) -> bool {
    const OUT: [&str; 5] = ["exempt", "exclude", "skip", "ignore", "no-backup"];
    let is_out = |(key, value): &(Part, Part)| {
        let says_no = ["false", "no", "none", "disabled", "never"].contains(&value.text.as_str());
        let says_yes = ["true", "yes", "enabled"].contains(&value.text.as_str());
        let is_reason = OUT.iter().any(|word| key.text.contains(word));
        key.text.contains("backup") && if is_reason { says_yes } else { says_no }
    };
    marks.labels.iter().chain(&marks.annotations).any(is_out)
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
pub(super) struct Ask {
    pub(super) is_group: bool,
    pub(super) name: Str,
    pub(super) at: Part,
}

impl Ask {
    pub(super) fn key(&self) -> Key<'_> {
        if self.is_group { Key::Group(&self.name) } else { Key::Job(&self.name) }
    }
}

pub(super) fn is_source(marks: &Marks) -> bool {
    marks.label(SOURCE).is_some_and(|value| value.text == "enabled" || value.text == "enable")
}

/// What labels ask of Longhorn.
pub(super) fn asks(marks: &Marks) -> Vec<Ask> {
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
pub(super) fn selected(class: &StorageClass) -> Vec<Ask> {
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
