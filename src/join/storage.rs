//! From a database to the disk under it: workload, claim, class, provisioner.

use super::backups::{self, Copies};
use super::candidates::Candidates;
use super::claims::Claims;
use super::cluster::Clusters;
use super::known::Known;
use super::own_servers::OwnServers;
use super::plans::Plans;
use super::running::{Running, servers};
use super::volumes::Volumes;
use crate::config::Config;
use crate::facts::{
    Backing, Backup, Claim, ClassName, Container, Database, Engine, Fact, Facts, Parameters, Resource,
    Standing, StorageClass, StorageKind, Volume, Workload,
};
use crate::syntax::provide::{Answer, Budget};
use crate::syntax::{envsubst, forms};
use crate::text::{Origin, Part, SourceId, Sources, Span, Str};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// One claim of one database, in one environment.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Index into `Facts::databases`, for what an operator's resource or a chart's values declare.
    pub database: Option<usize>,
    /// Index into `Facts::workloads`, for a database that a container runs, and which of its containers.
    pub workload: Option<usize>,
    pub container: Option<usize>,
    pub engine: Engine,
    /// Why we believe it is one: `CloudNativePG cluster`, `container image postgres:16`.
    pub because: Str,
    /// Where the image of its server is decided, if its resource says so.
    pub image: Option<Span>,
    /// Where a container keeps its data, as far as its variables and its image tell.
    pub folder: Option<Str>,
    /// `Deployment/keep/postgres`
    pub who: String,
    /// What the claim holds: `data`, `wal`, or the volume's name.
    pub what: Str,
    pub class: Option<Part>,
    /// Where the class is decided; for a class that is omitted, the nearest thing that is there.
    pub origin: Origin,
    pub standing: Standing,
    /// The class gives a file system that several nodes mount at once.
    pub shared: bool,
    /// No class is written. What the repository makes the default, if it does, is then the class.
    pub omitted: bool,
    /// The environment in which this holds, if it depends on one.
    pub environment: Option<Str>,
    /// The cluster that gets it, as people call it.
    pub cluster: Option<Str>,
    /// Whether something declared delivers it, or nothing tells.
    pub delivered: bool,
    /// The road from the class to the database, for related places.
    pub also: Vec<(Span, String)>,
    pub instances: Option<Part>,
    /// Servers besides those that `instances` counts.
    pub primaries: u32,
    /// What it means if no plan is found.
    pub untold: Backup,
    /// What copies it: the database, and this claim of it.
    pub copies: Copies,
    /// Index into `Facts::classes`, if the class's object is in the repository.
    pub object: Option<usize>,
    /// Indices into `Facts::volumes`: the volume made by hand that the claim gets, or those of which it gets one.
    pub volumes: Vec<usize>,
    /// Index into the volumes of the workload, for data that lies on one that is no claim.
    pub on: Option<usize>,
    /// How many copies the class keeps, where its parameters or its pool tell.
    pub kept: Option<u32>,
    /// Replicas and data locality of the class, if its object is known.
    pub replicas: Option<Part>,
    /// A replica is kept on the node that uses it, or as near as can be.
    pub is_near: bool,
    /// The server is told to write nothing to its disk.
    pub unkept: bool,
}

impl Seat {
    /// Whether there is no data: none is written, or no server runs that could.
    pub fn keeps_nothing(&self) -> bool {
        let is_none = |count: &Part| count.is_known() && count.text == "0";
        self.unkept || self.primaries == 0 && self.instances.as_ref().is_some_and(is_none)
    }

    /// How many copies of the database run, if that is written.
    pub fn count(&self) -> Option<u32> {
        let counted: u32 = self.instances.as_ref().and_then(|part| part.text.parse().ok())?;
        Some(counted + self.primaries)
    }

    /// Whether the class gives files that another machine serves; what is network and no file system is a disk.
    pub fn serves_files(&self) -> bool {
        self.standing == Standing::Network && self.shared
    }

    /// Whether anything copies it, as far as the repository tells.
    pub fn backup(&self) -> Backup {
        if self.copies.by.is_empty() { self.untold } else { Backup::Yes }
    }
}

/// Finds where each database keeps its data.
pub(super) fn seats(desk: &Desk) -> Vec<Seat> {
    let mut out = Vec::new();
    for (index, fact) in desk.facts.databases.iter().enumerate() {
        if desk.stands(&fact.owner) {
            declared(desk, index, fact, &mut out);
        }
    }
    for (index, fact) in desk.facts.workloads.iter().enumerate() {
        if desk.stands(&fact.owner) && lives_on(fact) {
            running(desk, index, fact, &mut out);
        }
    }
    out
}

/// Jobs come and go: they dump, restore and migrate with the server's image.
pub(super) fn lives_on(workload: &Fact<Workload>) -> bool {
    !workload.says.ends
}

/// The seats of a database that an operator's resource or a chart's values declare.
fn declared(desk: &Desk, index: usize, database: &Fact<Database>, out: &mut Vec<Seat>) {
    let Some(engine) = desk.engine(database) else { return };
    for (what, claim) in &database.says.claims {
        let base = Seat {
            database: Some(index),
            what: what.clone(),
            instances: number(database.says.instances.as_ref()),
            primaries: database.says.primaries,
            untold: database.says.backup,
            copies: desk.copies_of(database),
            because: desk.because(database, &engine),
            image: desk.image_of(database, &engine),
            unkept: database.says.keeps_nothing,
            ..seat(&engine, &database.owner, &database.origin)
        };
        desk.settle(claim, &database.owner, base, out);
    }
}

/// The seats of the databases that containers run over the workload's volumes.
fn running(desk: &Desk, index: usize, workload: &Fact<Workload>, out: &mut Vec<Seat>) {
    for (at, container, server) in desk.servers(&workload.says) {
        let base = desk.seat_of(index, workload, at, &server);
        desk.on_volumes(workload, container, &base, holds_data, out);
    }
}

/// Whether a server keeps data of its own in a volume; dumps and scripts are for others.
fn holds_data(volume: &str, path: &str) -> bool {
    let is_home =
        ["/var/lib/", "/bitnami/", "/home/postgres", "/data"].iter().any(|home| path.starts_with(home));
    let is_apart =
        path.contains("backup") || path.contains("/dump") || path.starts_with("/docker-entrypoint");
    !is_apart && (is_home || !volume.contains("backup"))
}

/// A seat of which nothing is known yet but whose it is.
pub(super) fn seat(engine: &Engine, owner: &Resource, origin: &Origin) -> Seat {
    let scene = owner.scene.as_ref();
    let cluster = scene.filter(|scene| scene.live && scene.is_built());
    Seat {
        database: None,
        workload: None,
        container: None,
        engine: engine.clone(),
        because: Str::default(),
        image: None,
        folder: None,
        who: owner.label(),
        what: Str::default(),
        class: None,
        origin: origin.clone(),
        standing: Standing::Unknown,
        shared: false,
        omitted: false,
        environment: None,
        cluster: cluster.map(|scene| scene.cluster_name.clone()),
        delivered: scene.is_none_or(|scene| scene.live),
        also: Vec::new(),
        instances: None,
        primaries: 0,
        untold: Backup::Unknown,
        copies: Copies::default(),
        object: None,
        volumes: Vec::new(),
        on: None,
        kept: None,
        replicas: None,
        is_near: false,
        unkept: false,
    }
}

pub(super) struct Desk<'a> {
    pub(super) facts: &'a Facts,
    pub(super) sources: &'a Sources,
    pub(super) known: Known<'a>,
    config: &'a Config,
    pub(super) clusters: &'a Clusters,
    /// Files that are patches of kustomizations.
    patches: BTreeSet<&'a str>,
    pub(super) claims: Claims<'a>,
    pub(super) plans: Plans<'a>,
    pub(super) volumes: Volumes<'a>,
    pub(super) own_servers: OwnServers,
    /// The pools of Ceph, by their index, by name.
    pools: HashMap<&'a str, Vec<usize>>,
    candidates: Candidates<'a>,
    /// The chart that takes the values of a file.
    charts: HashMap<&'a str, &'a str>,
    /// What is delivered to several clusters, as its file calls it.
    in_several: BTreeSet<(SourceId, String)>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        facts: &'a Facts,
        sources: &'a Sources,
        known: Known<'a>,
        config: &'a Config,
        clusters: &'a Clusters,
    ) -> Desk<'a> {
        let patches = facts.overlays.iter().flat_map(|overlay| &overlay.says.patches).map(Str::as_str);
        let mut pools: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, pool) in facts.pools.iter().enumerate() {
            pools.entry(&pool.says.name).or_default().push(at);
        }
        let owners = facts.workloads.iter().map(|fact| &fact.owner);
        let owners = owners.chain(facts.databases.iter().map(|fact| &fact.owner));
        let owners = owners.chain(facts.claims.iter().map(|fact| &fact.owner));
        let mut homes: BTreeMap<(SourceId, String), BTreeSet<u32>> = BTreeMap::new();
        for owner in owners {
            if let Some(scene) = &owner.scene {
                let key = (owner.source, owner.written_label());
                homes.entry(key).or_default().insert(scene.cluster);
            }
        }
        let several = homes.into_iter().filter(|(_, clusters)| clusters.len() > 1);
        let in_several = several.map(|(key, _)| key).collect();
        Desk {
            facts,
            sources,
            known,
            config,
            clusters,
            patches: patches.collect(),
            claims: Claims::of(facts, sources, clusters),
            plans: Plans::of(facts, clusters),
            volumes: Volumes::of(&facts.volumes),
            own_servers: OwnServers::of(facts, known.engines, config),
            pools,
            candidates: Candidates::of(facts, clusters),
            charts: charts(facts),
            in_several,
        }
    }

    /// A patch changes an object that stands elsewhere; what it leaves out is not left out.
    pub(super) fn stands(&self, owner: &Resource) -> bool {
        owner.scene.is_some() || !self.patches.contains(self.sources.name(owner.source))
    }

    /// Whether two objects end up in one cluster.
    pub(super) fn meets(&self, a: &Resource, b: &Resource) -> bool {
        self.clusters.share(a, b)
    }

    /// The cluster that an object is in, if that has to be said: it is in others too.
    pub(super) fn environment(&self, owner: &Resource) -> Option<Str> {
        let scene = owner.scene.as_ref()?;
        self.in_several.contains(&(owner.source, owner.written_label())).then(|| scene.cluster_name.clone())
    }

    /// The engine of a database; nothing if values turn out to belong to another kind of chart.
    pub(super) fn engine(&self, database: &Fact<Database>) -> Option<Engine> {
        if !database.says.engine.name.is_empty() {
            let mut engine = database.says.engine.clone();
            if let (None, Some(image)) = (engine.major, &database.says.image) {
                engine.major = self.known.engines.major(&engine.name, &image.text);
            }
            engine.major = engine.major.or_else(|| self.own_servers.major(&database.owner, &engine.name));
            return Some(engine);
        }
        let file = self.sources.name(database.owner.source);
        match self.charts.get(file) {
            Some(chart) => self.known.engines.of_chart(chart),
            // A folder called as the chart is all there is to go by.
            None => self.known.engines.of_chart(file.rsplit('/').nth(1).unwrap_or("")),
        }
    }

    /// Why something is taken for a database: of values that say nothing themselves, the chart that takes them.
    pub(super) fn because(&self, database: &Fact<Database>, engine: &Engine) -> Str {
        match database.says.because.is_empty() {
            true => format!("values of a chart of {}", engine.name).into(),
            false => database.says.because.clone(),
        }
    }

    /// Where the image of a database that is declared is decided.
    pub(super) fn image_of(&self, database: &Fact<Database>, engine: &Engine) -> Option<Span> {
        let own = || self.own_servers.image(&database.owner, &engine.name);
        database.says.image.as_ref().map(Part::span).or_else(own)
    }

    /// What copies a database that is declared.
    pub(super) fn copies_of(&self, database: &Fact<Database>) -> Copies {
        backups::of_database(&self.plans, self.facts, database)
    }

    /// What copies a database that is told by its image.
    pub(super) fn copies_of_workload(&self, workload: &Fact<Workload>) -> Copies {
        backups::of_workload(&self.plans, self.facts, workload)
    }

    /// The seat with what copies its claim; a volume that is made by hand stands as its driver does.
    fn copied(&self, claim: &Claim, owner: &Resource, mut seat: Seat) -> Seat {
        self.bind(claim, owner, &mut seat);
        let class = seat.object.map(|at| &self.facts.classes[at].says);
        let copies = backups::of_claim(&self.plans, self.facts, claim, owner, (seat.standing, class));
        seat.copies.extend(copies);
        seat
    }

    /// How what a driver serves stands.
    pub(super) fn driven(&self, driver: &str) -> Standing {
        let parameters = Parameters { of: &|_| None, pool: &|_| None };
        self.known.provisioners.kind("", Some(driver), &parameters).standing
    }

    /// The database servers in a pod, by the number of the container.
    pub(super) fn servers<'b>(&self, workload: &'b Workload) -> Vec<(usize, &'b Container, Running<'b>)> {
        servers(self.known.engines, self.config, &workload.containers)
    }

    /// A seat of a server in a workload's container, of which no claim is known yet.
    pub(super) fn seat_of(
        &self,
        index: usize,
        workload: &Fact<Workload>,
        container: usize,
        server: &Running,
    ) -> Seat {
        Seat {
            workload: Some(index),
            container: Some(container),
            because: server.because.clone(),
            folder: server.folder.clone(),
            instances: number(workload.says.replicas.as_ref()),
            copies: self.copies_of_workload(workload),
            environment: self.environment(&workload.owner),
            ..seat(&server.engine, &workload.owner, &server.image.origin)
        }
    }

    /// Puts a seat on each volume that its container mounts where `holds` says that data is.
    pub(super) fn on_volumes(
        &self,
        workload: &Fact<Workload>,
        container: &Container,
        base: &Seat,
        holds: impl Fn(&str, &str) -> bool,
        out: &mut Vec<Seat>,
    ) {
        for volume in &workload.says.volumes {
            let mount = container.mounts.iter().find(|(name, _)| *name == volume.name);
            if !mount.is_some_and(|(name, path)| holds(name, &path.text)) {
                continue;
            }
            let mut base = Seat { what: volume.name.clone(), ..base.clone() };
            let runs = format!("{} runs here, in {}", base.engine.name, workload.owner.label());
            base.also.push((base.origin.span(), runs));
            let from = out.len();
            if let Some(claim) = &volume.inline {
                self.settle(claim, &workload.owner, base, out);
                out[from..].iter_mut().for_each(|seat| mounted_share(volume, seat));
            } else if let Some(name) = &volume.claim {
                let says = format!("its volume `{}` is the claim `{}`", volume.name, name.text);
                base.also.push((name.span(), says));
                for at in self.claims.meant(&workload.owner, &workload.says.namespace, &name.text) {
                    let claim = &self.facts.claims[at];
                    self.settle(&claim.says, &claim.owner, base.clone(), out);
                }
            }
        }
    }

    /// Follows a claim to its class, in the cluster of its owner.
    pub(super) fn settle(&self, claim: &Claim, owner: &Resource, base: Seat, out: &mut Vec<Seat>) {
        let base = Seat { environment: self.environment(owner), ..base };
        match &claim.class {
            ClassName::Named(part) => {
                let seat = Seat { class: Some(part.clone()), origin: part.origin.clone(), ..base };
                out.push(self.copied(claim, owner, self.judge(owner, seat)));
            }
            ClassName::Existing(part) => {
                let named = self.claims.meant(owner, &claim.namespace, &part.text);
                for other in named.into_iter().map(|at| &self.facts.claims[at]) {
                    if matches!(other.says.class, ClassName::Existing(_)) {
                        continue;
                    }
                    let mut base = base.clone();
                    base.also.push((part.span(), format!("which uses the claim `{}`", part.text)));
                    self.settle(&other.says, &other.owner, base, out);
                }
            }
            ClassName::Unknown(part) => {
                let class = with_defaults(part).unwrap_or_else(|| part.clone());
                let seat = Seat { origin: class.origin.clone(), class: Some(class), ..base };
                out.push(self.copied(claim, owner, self.judge(owner, seat)));
            }
            ClassName::Omitted(origin) => {
                let seat = Seat { origin: origin.clone(), omitted: true, ..base };
                out.push(self.copied(claim, owner, self.by_default(owner, seat)));
            }
        }
    }

    /// A seat that names no class, on the default of its cluster. Where several may be it and differ, none is chosen.
    fn by_default(&self, owner: &Resource, mut seat: Seat) -> Seat {
        let defaults = self.candidates.defaults(owner);
        let classes = defaults.iter().map(|at| &self.facts.classes[*at].says);
        let classes: Vec<&StorageClass> = classes.collect();
        let told = |class: &StorageClass| class.default.as_ref().unwrap_or(&class.name).span();
        let Some(first) = classes.first() else {
            let Some(brought) = self.candidates.brought(owner) else { return seat };
            let Some(class) = &brought.says.class else { return seat };
            let says = format!("this tells of k3s, whose default class is `{}`", class.text);
            seat.also.push((class.span(), says));
            return self.judge(owner, Seat { class: Some(class.clone()), ..seat });
        };
        let bare = Seat { also: Vec::new(), ..seat.clone() };
        let on = |class: &StorageClass| {
            self.judge(owner, Seat { class: Some(class.name.clone()), ..bare.clone() })
        };
        let chosen = on(first);
        let differs = |class: &&&StorageClass| class.name.text != first.name.text;
        let Some(other) = classes.iter().find(differs) else {
            let says = format!("the default class is `{}`", first.name.text);
            let also = [std::mem::take(&mut seat.also), vec![(told(first), says)], chosen.also].concat();
            return Seat { also, ..chosen };
        };
        seat.also.push((told(first), format!("`{}` is made the default class here", first.name.text)));
        let says =
            format!("`{}` is made the default class here: which one holds is not known", other.name.text);
        seat.also.push((told(other), says));
        // Whichever it is: if all are of one kind, that is known.
        match classes.iter().all(|class| on(class).standing == chosen.standing) {
            true => Seat { class: chosen.class, standing: chosen.standing, ..seat },
            false => seat,
        }
    }

    fn judge(&self, owner: &Resource, mut seat: Seat) -> Seat {
        let Some(class) = seat.class.clone() else { return seat };
        let named = self.candidates.named(owner, &class.text);
        if let Some((one, other)) = self.differing(named) {
            let of = |class: &StorageClass| {
                class.provisioner.as_ref().map_or("nobody", |part| &part.text).to_owned()
            };
            let at = |class: &StorageClass| class.provisioner.as_ref().unwrap_or(&class.name).span();
            seat.also.push((at(one), format!("one class `{}` is made by `{}`", class.text, of(one))));
            let says = format!("another one is made by `{}`: which of them it gets is not known", of(other));
            seat.also.push((at(other), says));
            return seat;
        }
        seat.object = named.first().copied();
        let object = seat.object.map(|at| &self.facts.classes[at]);
        if let Some(object) = object {
            seat.replicas = parameter(&object.says, "numberOfReplicas").cloned();
            seat.is_near = parameter(&object.says, "dataLocality")
                .is_some_and(|value| matches!(value.text.as_str(), "strict-local" | "best-effort"));
            if let Some(provisioner) = &object.says.provisioner {
                seat.also.push((
                    provisioner.span(),
                    format!("the class `{}` is made by `{}`", class.text, provisioner.text),
                ));
            }
        }
        let kind = self.kind(&class.text, object);
        if let Some(says) = kind.says {
            let place = object.and_then(|object| object.says.provisioner.as_ref()).unwrap_or(&class);
            seat.also.push((place.span(), says.to_string()));
        }
        (seat.standing, seat.shared, seat.kept) = (kind.standing, kind.shared, kind.copies);
        seat
    }

    /// What a class is: by the configuration, by its object, or by its name.
    fn kind(&self, class: &str, object: Option<&Fact<StorageClass>>) -> StorageKind {
        let provisioner = object.and_then(|object| object.says.provisioner.as_ref()).map(|part| &*part.text);
        let listed = |globs: &[globset::GlobMatcher]| {
            globs
                .iter()
                .any(|glob| glob.is_match(class) || provisioner.is_some_and(|name| glob.is_match(name)))
        };
        let is_longhorn =
            class.contains("longhorn") || provisioner.is_some_and(|name| name.contains("longhorn"));
        let standing = if listed(&self.config.storage.local) {
            Standing::Local
        } else if listed(&self.config.storage.replicated) {
            if is_longhorn { Standing::Longhorn } else { Standing::Replicated }
        } else {
            let of = |name: &str| {
                object.and_then(|object| parameter(&object.says, name)).map(|part| part.text.clone())
            };
            let pool = |name: &str| object.and_then(|object| self.copies_of_pool(name, &object.owner));
            let parameters = Parameters { of: &of, pool: &pool };
            return self.known.provisioners.kind(class, provisioner, &parameters);
        };
        StorageKind { standing, ..StorageKind::default() }
    }

    /// How many copies the pool of a class keeps.
    fn copies_of_pool(&self, pool: &str, class: &Resource) -> Option<u32> {
        let named = self.pools.get(pool)?.iter().map(|at| &self.facts.pools[*at]);
        let mut near = named.filter(|pool| self.clusters.share(&pool.owner, class));
        near.next()?.says.copies.text.parse().ok()
    }
}

fn parameter<'a>(class: &'a StorageClass, name: &str) -> Option<&'a Part> {
    class.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

impl Desk<'_> {
    /// Two of these classes that different provisioners make, if there are such.
    fn differing(&self, named: &[usize]) -> Option<(&StorageClass, &StorageClass)> {
        let mut classes = named.iter().map(|at| &self.facts.classes[*at].says);
        let first = classes.next()?;
        let text = |class: &StorageClass| class.provisioner.as_ref().map(|part| part.text.clone());
        classes.find(|class| text(class) != text(first)).map(|other| (first, other))
    }
}

/// A volume of compose is what the options of its driver say.
pub(super) fn mounted_share(volume: &Volume, seat: &mut Seat) {
    if let Backing::Network { how, origin, .. } = &volume.backing {
        seat.standing = Standing::Network;
        seat.also.push((origin.span(), format!("the volume `{}` is {how}", volume.name)));
    }
}

/// The charts that take the values of files that releases name.
fn charts(facts: &Facts) -> HashMap<&str, &str> {
    let mut out: HashMap<&str, &str> = HashMap::new();
    for Fact { says: release, .. } in &facts.releases {
        for file in &release.files {
            out.entry(file).or_insert(&release.chart);
        }
    }
    out
}

/// How many are asked for; a variable that nobody is sure to give has its default.
pub(super) fn number(written: Option<&Part>) -> Option<Part> {
    written.map(|part| with_defaults(part).unwrap_or_else(|| part.clone()))
}

/// A text whose variables all have defaults; what else has none is not known.
pub(super) fn with_defaults(part: &Part) -> Option<Part> {
    if part.is_known() {
        return None;
    }
    let all_have = part.holes().into_iter().all(|(hole, _)| {
        let form = &part.text[hole];
        [":=", ":-", "=", "-"].iter().any(|sign| form.contains(sign))
    });
    // Nobody is sure to give a value, so what is read here is the form itself.
    let bare = Part { text: part.text.clone(), origin: part.origin.unmarked().into_owned() };
    let filled = envsubst::fill(&bare, &|_| Answer::Nothing, &Budget::default());
    filled.map(|filled| filled.text).filter(|filled| all_have && forms::marked(filled).is_known())
}
