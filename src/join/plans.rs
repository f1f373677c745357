//! Backup plans by what they copy, so that each database and claim finds its own without a search.

use super::cluster::Clusters;
use crate::facts::{BackupPlan, Choice, Fact, Facts, Marked, Marks, Resource, Service, Subject, When};
use crate::limits::MOST_PLANS;
use crate::text::{SourceId, Str};
use std::collections::{HashMap, HashSet};

/// Where plans and what they copy meet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Home {
    Cluster(u32),
    /// It is delivered, and nobody says where to; or nothing says what is delivered.
    Anywhere,
    /// Whatever is delivered somewhere.
    Somewhere,
    /// Something is delivered, and this is not.
    Nowhere,
    /// What is no object of a cluster meets only what its own file declares.
    File(SourceId),
}

/// What a plan copies, as those who look for one ask.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Key<'a> {
    Resource(&'a str, &'a str),
    Every(&'a str),
    Host(Str),
    Secret(Str),
    Workload(&'a str, &'a str),
    Claim(&'a str),
    /// Claims of a template: all of this name, with a number behind.
    Template(&'a str),
    Group(&'a str),
    Job(&'a str),
    Label(&'a str, &'a str),
    /// Every claim of a namespace.
    All,
    /// What a plan copies is not known.
    Unknown,
    /// The plan itself, by the group of its API and its name, for those that say when.
    Plan(&'a str, &'a str),
    Store(&'a str),
    /// What a resource says of how it is copied, where another object says when.
    Section(&'a str, &'a str),
}

/// A plan that copies something, and the one that says when: most often the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Copied {
    /// Index into `Facts::backups`.
    pub plan: usize,
    /// Index of the plan that says when.
    pub timer: usize,
}

/// All namespaces.
const ALL: &str = "*";

pub(super) struct Plans<'a> {
    facts: &'a Facts,
    clusters: &'a Clusters,
    known: HashMap<(Home, &'a str, Key<'a>), Vec<Copied>>,
    /// What carries marks, by index.
    marks: HashMap<(Home, &'a str, &'a str), Vec<usize>>,
    /// Clusters that have jobs of Longhorn's.
    with_jobs: HashSet<Home>,
    /// The names of all stores.
    stores: HashSet<&'a str>,
}

impl<'a> Plans<'a> {
    pub(super) fn of(facts: &'a Facts, clusters: &'a Clusters) -> Plans<'a> {
        let mut plans = Plans {
            facts,
            clusters,
            known: HashMap::new(),
            marks: HashMap::new(),
            with_jobs: HashSet::new(),
            stores: facts.stores.iter().map(|fact| fact.says.name.as_str()).collect(),
        };
        for (at, fact) in facts.marks.iter().enumerate() {
            for key in plans.keys(&fact.owner, &fact.says.namespace) {
                plans.marks.entry((key.0, key.1, fact.says.name.as_str())).or_default().push(at);
            }
        }
        for (at, fact) in facts.stores.iter().enumerate() {
            plans.put(&fact.owner, &fact.says.namespace, Key::Store(&fact.says.name), itself(at));
        }
        let services = Services::of(&plans);
        for (at, fact) in facts.backups.iter().enumerate() {
            if let Subject::Job(_) = fact.says.of {
                let homes: Vec<Home> = plans.homes(&fact.owner).collect();
                plans.with_jobs.extend(homes);
            }
            if matches!(fact.says.when, When::Asked) {
                plans.put(&fact.owner, &fact.says.namespace, plan_key(&fact.owner), itself(at));
                if let Subject::Resource { group, name } = &fact.says.of {
                    let key = Key::Section(group, &name.text);
                    plans.put(&fact.owner, &fact.says.namespace, key, itself(at));
                }
            } else {
                plans.add(fact, itself(at), &services);
            }
        }
        plans.run_policies(&services);
        plans
    }

    /// What other plans say is copied when those that name them say so.
    fn run_policies(&mut self, services: &Services<'a>) {
        for (timer, fact) in self.facts.backups.iter().enumerate() {
            let Subject::Policy(name) = &fact.says.of else { continue };
            let key = Key::Plan(group(&fact.owner), &name.text);
            for named in self.find(&fact.owner, &fact.says.namespace, &key) {
                self.add(&self.facts.backups[named.plan], Copied { plan: named.plan, timer }, services);
            }
        }
    }

    fn add(&mut self, fact: &'a Fact<BackupPlan>, copied: Copied, services: &Services<'a>) {
        let (owner, namespace) = (&*fact.owner, fact.says.namespace.as_str());
        match &fact.says.of {
            Subject::Resource { name, .. } | Subject::Claim(name) if !name.is_known() => {
                self.put(owner, namespace, Key::Unknown, copied);
            }
            Subject::Resource { group, name } => {
                self.put(owner, namespace, Key::Resource(group, &name.text), copied);
            }
            Subject::Every { group } => self.put(owner, ALL, Key::Every(group), copied),
            Subject::Claim(name) => {
                self.put(owner, namespace, Key::Claim(&name.text), copied);
                if let Some(stem) = numbered(&name.text) {
                    self.put(owner, namespace, Key::Template(stem), copied);
                }
            }
            Subject::Host(name) => {
                let (host, elsewhere) = host(&name.text);
                let namespace = elsewhere.unwrap_or(namespace);
                self.put(owner, namespace, Key::Host(host.into()), copied);
                for key in services.behind(self, owner, namespace, host) {
                    self.put(owner, namespace, key, copied);
                }
            }
            Subject::Secret(name) => {
                self.put(owner, namespace, Key::Secret(of_secret(&name.text)), copied);
                if !is_of_operator(&name.text) {
                    self.put(owner, namespace, Key::Unknown, copied);
                }
            }
            Subject::Own => self.put(owner, namespace, Key::Workload(&owner.kind, &owner.name), copied),
            Subject::Group(name) => self.put(owner, ALL, Key::Group(&name.text), copied),
            Subject::Job(name) => self.put(owner, ALL, Key::Job(&name.text), copied),
            Subject::Chosen(choice) => self.add_choice(owner, choice, copied),
            Subject::Unknown => self.put(owner, namespace, Key::Unknown, copied),
            Subject::Policy(_) => {}
        }
    }

    fn add_choice(&mut self, owner: &Resource, choice: &'a Choice, copied: Copied) {
        let key = || match choice.labels.first() {
            Some((name, value)) => Key::Label(name, value),
            None => Key::All,
        };
        if choice.namespaces.is_empty() {
            self.put(owner, ALL, key(), copied);
        }
        for namespace in &choice.namespaces {
            for home in self.homes(owner).collect::<Vec<_>>() {
                self.known.entry((home, self.home_of(owner, namespace), key())).or_default().push(copied);
            }
        }
    }

    fn put(&mut self, owner: &Resource, namespace: &'a str, key: Key<'a>, copied: Copied) {
        for (home, namespace) in self.keys(owner, namespace) {
            self.known.entry((home, namespace, key.clone())).or_default().push(copied);
        }
    }

    /// Under which homes and namespaces something is kept.
    fn keys(&self, owner: &Resource, namespace: &'a str) -> Vec<(Home, &'a str)> {
        let own = self.home_of(owner, namespace);
        let names = if own == ALL { vec![ALL] } else { vec![own, ALL_KNOWN] };
        self.homes(owner).flat_map(|home| names.iter().map(move |name| (home, *name))).collect()
    }

    fn home(&self, owner: &Resource) -> Home {
        match self.clusters.of(owner) {
            _ if owner.api.is_empty() => Home::File(owner.source),
            Some(cluster) => Home::Cluster(cluster),
            None if self.clusters.is_nowhere(owner) => Home::Nowhere,
            None => Home::Anywhere,
        }
    }

    fn homes(&self, owner: &Resource) -> impl Iterator<Item = Home> + use<> {
        let own = self.home(owner);
        let also = matches!(own, Home::Cluster(_) | Home::Anywhere).then_some(Home::Somewhere);
        std::iter::once(own).chain(also)
    }

    /// The namespace that an object of a build lands in; what is judged as written may be in any.
    fn home_of<'n>(&self, owner: &Resource, namespace: &'n str) -> &'n str {
        let is_built = self.clusters.of(owner).is_some() && !owner.api.is_empty();
        if namespace.is_empty() && is_built { "default" } else { namespace }
    }

    /// Where an object looks: in its cluster, and in what may be anywhere.
    fn sights(&self, owner: &Resource) -> Vec<Home> {
        match self.home(owner) {
            Home::Anywhere => vec![Home::Somewhere],
            cluster @ Home::Cluster(_) => vec![cluster, Home::Anywhere],
            other => vec![other],
        }
    }

    /// What is known under a key in a namespace.
    pub(super) fn find(&self, owner: &Resource, namespace: &str, key: &Key) -> Vec<Copied> {
        let names = match self.home_of(owner, namespace) {
            "" => vec![ALL_KNOWN],
            own => vec![own, ""],
        };
        self.look(owner, &names, key)
    }

    /// What is known under a key in no namespace, or in all.
    pub(super) fn find_everywhere(&self, owner: &Resource, key: &Key) -> Vec<Copied> {
        self.look(owner, &[ALL], key)
    }

    /// What is chosen by a key: a namespace that nobody knows is chosen by nobody.
    pub(super) fn find_chosen(&self, owner: &Resource, namespace: &str, key: &Key) -> Vec<Copied> {
        self.look(owner, &[self.home_of(owner, namespace), ALL], key)
    }

    fn look(&self, owner: &Resource, names: &[&str], key: &Key) -> Vec<Copied> {
        let mut out = Vec::new();
        for home in self.sights(owner) {
            for name in names {
                let known: &HashMap<(Home, &str, Key), Vec<Copied>> = &self.known;
                let found = known.get(&(home, *name, key.clone())).into_iter().flatten();
                out.extend(found.take(MOST_PLANS));
            }
        }
        out
    }

    /// What is written on a claim, a template, a resource, or the pods of a workload.
    pub(super) fn marks(
        &self,
        of: Marked,
        owner: &Resource,
        namespace: &str,
        name: &str,
    ) -> Option<&'a Marks> {
        let names = match self.home_of(owner, namespace) {
            "" => vec![ALL_KNOWN],
            own => vec![own, ""],
        };
        let sights = self.sights(owner);
        let keys =
            sights.iter().flat_map(|home| names.iter().map(move |namespace| (*home, *namespace, name)));
        let marks: &HashMap<(Home, &str, &str), Vec<usize>> = &self.marks;
        let found = keys.filter_map(|key| marks.get(&key)).flatten().take(MOST_PLANS);
        // Where the namespace is not known, the nearest is of the same file.
        let mut found = found.map(|at| &self.facts.marks[*at]).filter(|fact| fact.says.of == of);
        let first = found.next()?;
        let own = std::iter::once(first).chain(found).find(|fact| fact.owner.source == owner.source);
        Some(&own.unwrap_or(first).says)
    }

    /// Whether any store is known.
    pub(super) fn has_stores(&self) -> bool {
        !self.stores.is_empty()
    }

    /// Whether a store of this name is anywhere.
    pub(super) fn has_store_called(&self, name: &str) -> bool {
        self.stores.contains(name)
    }

    /// Whether the cluster of an object has jobs of Longhorn's.
    pub(super) fn has_jobs(&self, owner: &Resource) -> bool {
        self.sights(owner).iter().any(|home| self.with_jobs.contains(home))
    }

    /// What tells one cluster, or one file of services, from another.
    pub(super) fn place(&self, owner: &Resource) -> Place {
        match self.home(owner) {
            Home::Cluster(cluster) => (Some(cluster), None, false),
            Home::File(source) => (None, Some(source), false),
            Home::Nowhere => (None, None, true),
            Home::Anywhere | Home::Somewhere => (None, None, false),
        }
    }

    /// The folder of what nothing delivers: what is in another one is no neighbour of it.
    pub(super) fn folder(&self, owner: &Resource) -> &'a str {
        self.clusters.folder_of(owner)
    }
}

/// A cluster by its number, a file, or what nothing delivers; none of these is anywhere.
pub(super) type Place = (Option<u32>, Option<SourceId>, bool);

/// Every namespace that something is in, for those whose own is not known.
const ALL_KNOWN: &str = "?";

fn itself(at: usize) -> Copied {
    Copied { plan: at, timer: at }
}

fn plan_key(owner: &Resource) -> Key<'_> {
    Key::Plan(group(owner), &owner.name)
}

pub(super) fn group(owner: &Resource) -> &str {
    owner.api.split_once('/').map_or("", |(group, _)| group)
}

/// `data-db` of `data-db-0`.
fn numbered(name: &str) -> Option<&str> {
    let (stem, number) = name.rsplit_once('-')?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(stem)
}

/// `db` and `x` of `db.x.svc.cluster.local`; a host of the outside is itself.
fn host(name: &str) -> (&str, Option<&str>) {
    let mut parts = name.split('.');
    let (first, second, third) = (parts.next().unwrap_or(name), parts.next(), parts.next());
    match (second, third) {
        (Some(namespace), None | Some("svc")) if !first.is_empty() => (first, Some(namespace)),
        (Some(_), Some(_)) => (name, None),
        _ => (name, None),
    }
}

/// The Secrets that operators make for users are of one cluster, whoever the user is.
fn of_secret(name: &str) -> Str {
    const ZALANDO: &str = ".credentials.postgresql.acid.zalan.do";
    if let Some(user) = name.strip_suffix(ZALANDO) {
        return user.rsplit('.').next().unwrap_or(user).into();
    }
    name.find("-pguser-").map_or(name, |at| &name[..at]).into()
}

/// Whether the name of a Secret tells whose it is; what people call so themselves may let into anything.
fn is_of_operator(name: &str) -> bool {
    ["-app", "-superuser"].iter().any(|end| name.ends_with(end)) || of_secret(name) != name
}

/// Services and poolers, by name, and the pods behind them.
struct Services<'a> {
    named: HashMap<(Home, &'a str, &'a str), Vec<&'a Fact<Service>>>,
    pods: HashMap<(Home, &'a str, &'a str, &'a str), Vec<&'a Fact<Marks>>>,
}

impl<'a> Services<'a> {
    /// Only services that some plan names are looked behind.
    fn of(plans: &Plans<'a>) -> Services<'a> {
        let hosts: HashSet<&str> = plans
            .facts
            .backups
            .iter()
            .filter_map(|fact| match &fact.says.of {
                Subject::Host(name) => Some(host(&name.text).0),
                _ => None,
            })
            .collect();
        let mut services = Services { named: HashMap::new(), pods: HashMap::new() };
        let mut asked: HashSet<(&str, &str)> = HashSet::new();
        for fact in plans.facts.services.iter().filter(|fact| hosts.contains(&*fact.says.name)) {
            asked.extend(fact.says.selects.iter().map(|(name, value)| (&**name, &**value)));
            for (home, namespace) in plans.keys(&fact.owner, &fact.says.namespace) {
                services.named.entry((home, namespace, &fact.says.name)).or_default().push(fact);
            }
        }
        for fact in plans.facts.marks.iter().filter(|fact| fact.says.of == Marked::Pod) {
            let labels = fact.says.labels.iter().map(|(key, value)| (&*key.text, &*value.text));
            for (name, value) in labels.filter(|label| asked.contains(label)) {
                for (home, namespace) in plans.keys(&fact.owner, &fact.says.namespace) {
                    services.pods.entry((home, namespace, name, value)).or_default().push(fact);
                }
            }
        }
        services
    }

    /// What is behind a name: the workloads that a service selects, or the resource that a pooler names.
    fn behind(&self, plans: &Plans<'a>, owner: &Resource, namespace: &str, name: &str) -> Vec<Key<'a>> {
        let mut out = Vec::new();
        let names = match plans.home_of(owner, namespace) {
            "" => vec![ALL_KNOWN],
            own => vec![own, ""],
        };
        let sights = plans.sights(owner);
        let keys =
            sights.iter().flat_map(|home| names.iter().map(move |namespace| (*home, *namespace, name)));
        let named: &HashMap<(Home, &str, &str), Vec<&'a Fact<Service>>> = &self.named;
        for service in keys.filter_map(|key| named.get(&key)).flatten().take(MOST_PLANS) {
            match &service.says.resource {
                // A service of a compose file has another name beside its own.
                Some(name) if service.owner.api.is_empty() => out.push(Key::Host(name.text.clone())),
                Some(name) => out.push(Key::Resource(group(&service.owner), &name.text)),
                None => out.extend(self.selected(plans, service)),
            }
        }
        out
    }

    fn selected(&self, plans: &Plans<'a>, service: &'a Fact<Service>) -> Vec<Key<'a>> {
        let namespace = match plans.home_of(&service.owner, &service.says.namespace) {
            "" => ALL_KNOWN,
            own => own,
        };
        let homes = plans.sights(&service.owner);
        let pods = |(name, value): &'a (Str, Str)| {
            let lists = homes.iter().filter_map(|home| self.pods.get(&(*home, namespace, &**name, &**value)));
            lists.flatten().take(MOST_PLANS).copied().collect::<Vec<_>>()
        };
        let rarest = service.says.selects.iter().map(pods).min_by_key(Vec::len).unwrap_or_default();
        let fits = |fact: &&Fact<Marks>| {
            let has =
                |(name, value): &(Str, Str)| fact.says.label(name).is_some_and(|part| part.text == *value);
            service.says.selects.iter().all(has)
        };
        let fitting = rarest.into_iter().filter(fits);
        fitting.map(|fact| Key::Workload(&fact.owner.kind, &fact.owner.name)).collect()
    }
}
