//! From a database to the disk under it: workload, claim, class, provisioner.

use super::class::{Standing, standing};
use super::live::Live;
use crate::config::Config;
use crate::facts::{
    Backup, BackupPlan, Claim, ClassName, Container, Database, Engine, Fact, Facts, Workload,
    engine_of_chart, engine_of_image, holes,
};
use crate::text::{How, Origin, Part, SourceId, Sources, Span, Str, Weave};
use std::collections::BTreeSet;
use std::ops::Range;

/// One claim of one database, in one environment.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Index into `Facts::databases`, for what an operator's resource or a chart's values declare.
    pub database: Option<usize>,
    /// Index into `Facts::workloads`, for a database found by its image.
    pub workload: Option<usize>,
    pub engine: Engine,
    /// `Deployment/keep/postgres`
    pub who: String,
    /// What the claim holds: `data`, `wal`, or the volume's name.
    pub what: Str,
    pub class: Option<Part>,
    /// Where the class is decided; for a class that is omitted, the nearest thing that is there.
    pub origin: Origin,
    pub standing: Standing,
    /// No class is written. What the repository makes the default, if it does, is then the class.
    pub omitted: bool,
    /// The environment in which this holds, if it depends on one.
    pub environment: Option<Str>,
    /// The road from the class to the database, for related places.
    pub also: Vec<(Span, String)>,
    pub instances: Option<Part>,
    /// Servers besides those that `instances` counts.
    pub primaries: u32,
    pub backup: Backup,
    /// Index into `Facts::classes`, if the class's object is in the repository.
    pub object: Option<usize>,
    /// Replicas and data locality of the class, if its object is known.
    pub replicas: Option<Part>,
    pub strict_local: bool,
}

impl Seat {
    /// How many copies of the database run, if that is written.
    pub fn count(&self) -> Option<u32> {
        let counted: u32 = self.instances.as_ref().and_then(|part| part.text.parse().ok())?;
        Some(counted + self.primaries)
    }
}

/// Finds where each database keeps its data.
pub(super) fn seats(desk: &Desk) -> Vec<Seat> {
    let mut out = Vec::new();
    for (index, fact) in desk.facts.databases.iter().enumerate() {
        if desk.stands(fact.owner.source) {
            declared(desk, index, fact, &mut out);
        }
    }
    for (index, fact) in desk.facts.workloads.iter().enumerate() {
        if desk.stands(fact.owner.source) && lives_on(fact) {
            running(desk, index, fact, &mut out);
        }
    }
    out
}

/// Jobs come and go: they dump, restore and migrate with the server's image.
pub(super) fn lives_on(workload: &Fact<Workload>) -> bool {
    !matches!(workload.owner.kind.as_str(), "Job" | "CronJob")
}

/// The seats of a database that an operator's resource or a chart's values declare.
fn declared(desk: &Desk, index: usize, database: &Fact<Database>, out: &mut Vec<Seat>) {
    let Some(engine) = desk.engine(database) else { return };
    for (what, claim) in &database.says.claims {
        let base = Seat {
            database: Some(index),
            what: what.clone(),
            instances: database.says.instances.clone(),
            primaries: database.says.primaries,
            backup: desk.backup(database),
            ..seat(&engine, &database.owner, &database.origin)
        };
        desk.settle(claim, base, out);
    }
}

/// The seats of a database that is told by the image that runs over its volumes.
fn running(desk: &Desk, index: usize, workload: &Fact<Workload>, out: &mut Vec<Seat>) {
    let server = workload.says.containers.iter().find_map(|container| desk.server(container));
    let Some((server, image, engine)) = server else { return };
    for volume in &workload.says.volumes {
        let mount = server.mounts.iter().find(|(name, _)| *name == volume.name);
        if !mount.is_some_and(|(name, path)| holds_data(name, path)) {
            continue;
        }
        let mut base = Seat {
            workload: Some(index),
            what: volume.name.clone(),
            instances: workload.says.replicas.clone(),
            ..seat(&engine, &workload.owner, &image.origin)
        };
        let runs = format!("{} runs here, in {}", engine.name, workload.owner.label());
        base.also.push((image.span(), runs));
        if let Some(claim) = &volume.inline {
            desk.settle(claim, base, out);
        } else if let Some(name) = &volume.claim {
            let says = format!("its volume `{}` is the claim `{}`", volume.name, name.text);
            base.also.push((name.span(), says));
            for claim in desk.claims(&workload.owner.namespace, workload.owner.source, &name.text) {
                desk.settle(claim, base.clone(), out);
            }
        }
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
pub(super) fn seat(engine: &Engine, owner: &crate::facts::Resource, origin: &Origin) -> Seat {
    Seat {
        database: None,
        workload: None,
        engine: engine.clone(),
        who: owner.label(),
        what: Str::default(),
        class: None,
        origin: origin.clone(),
        standing: Standing::Unknown,
        omitted: false,
        environment: None,
        also: Vec::new(),
        instances: None,
        primaries: 0,
        backup: Backup::Unknown,
        object: None,
        replicas: None,
        strict_local: false,
    }
}

pub(super) struct Desk<'a> {
    pub(super) facts: &'a Facts,
    pub(super) sources: &'a Sources,
    pub(super) live: &'a Live<'a>,
    pub(super) config: &'a Config,
    /// Files that are patches of kustomizations.
    patches: BTreeSet<&'a str>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        facts: &'a Facts,
        sources: &'a Sources,
        live: &'a Live<'a>,
        config: &'a Config,
    ) -> Desk<'a> {
        let patches = facts.overlays.iter().flat_map(|overlay| &overlay.says.patches).map(Str::as_str);
        Desk { facts, sources, live, config, patches: patches.collect() }
    }

    /// A patch changes an object that stands elsewhere; what it leaves out is not left out.
    pub(super) fn stands(&self, source: SourceId) -> bool {
        !self.patches.contains(self.sources.name(source))
    }

    /// The engine of a database; nothing if values turn out to belong to another kind of chart.
    pub(super) fn engine(&self, database: &Fact<Database>) -> Option<Engine> {
        if !database.says.engine.name.is_empty() {
            let mut engine = database.says.engine.clone();
            if let (None, Some(image)) = (engine.major, &database.says.image) {
                let named = if image.text.contains(['/', ':']) {
                    image.text.to_string()
                } else {
                    format!("{}:{}", engine.name, image.text)
                };
                engine.major = engine_of_image(&named).and_then(|engine| engine.major);
            }
            return Some(engine);
        }
        let file = self.sources.name(database.owner.source);
        let maps: Vec<&Str> = self
            .facts
            .overlays
            .iter()
            .flat_map(|overlay| &overlay.says.made_of)
            .filter(|(_, path)| path == file)
            .map(|(name, _)| name)
            .collect();
        let takes = |release: &&Fact<crate::facts::Release>| {
            release.says.files.iter().any(|path| path == file)
                || release.says.config_maps.iter().any(|map| maps.contains(&map))
        };
        match self.facts.releases.iter().find(takes) {
            Some(release) => engine_of_chart(&release.says.chart),
            // A folder called as the chart is all there is to go by.
            None => engine_of_chart(file.rsplit('/').nth(1).unwrap_or("")),
        }
    }

    /// Whether a database is backed up, by its own words or by a plan that names it.
    pub(super) fn backup(&self, database: &Fact<Database>) -> Backup {
        let fits = |plan: &Fact<BackupPlan>| {
            let (ours, theirs) = (&database.says.namespace, &plan.says.namespace);
            plan.says.of.text == database.says.name
                && (ours == theirs || ours.is_empty() || theirs.is_empty())
        };
        // Plans are CloudNativePG's, and so name its clusters only.
        let planned = database.owner.kind == "Cluster" && self.facts.backups.iter().any(fits);
        if planned { Backup::Yes } else { database.says.backup }
    }

    /// A container that is a database server.
    pub(super) fn server<'b>(&self, container: &'b Container) -> Option<(&'b Container, &'b Part, Engine)> {
        let image = container.image.as_ref().filter(|_| !container.init)?;
        let parsed = crate::facts::parse_reference(image).canonical();
        let own = self
            .config
            .storage
            .engines
            .iter()
            .find(|(_, globs)| globs.iter().any(|glob| glob.is_match(&parsed)));
        let engine = match own {
            Some((name, _)) => Engine { name: name.clone(), major: None },
            None => engine_of_image(&image.text)?,
        };
        Some((container, image, engine))
    }

    /// The claims that go by a name where something stands: of its namespace, and of the nearest folder.
    pub(super) fn claims(&self, namespace: &str, source: SourceId, name: &str) -> Vec<&Claim> {
        let own = self.sources.name(source);
        let nearness = |other: &str| own.split('/').zip(other.split('/')).take_while(|(a, b)| a == b).count();
        // A namespace that a kustomization will set is left out of the manifests: an empty one fits any.
        let fits = |other: &str| namespace.is_empty() || other.is_empty() || namespace == other;
        let named =
            self.facts.claims.iter().filter(|claim| claim.says.name == name && fits(&claim.says.namespace));
        let mut found: Vec<_> =
            named.map(|claim| (nearness(self.sources.name(claim.owner.source)), claim)).collect();
        let best = found.iter().map(|(near, _)| *near).max();
        found.retain(|(near, _)| Some(*near) == best);
        found.into_iter().map(|(_, claim)| &claim.says).collect()
    }

    /// Follows a claim to its class, once for each environment that decides otherwise.
    pub(super) fn settle(&self, claim: &Claim, base: Seat, out: &mut Vec<Seat>) {
        match &claim.class {
            ClassName::Named(part) => {
                out.push(self.judge(Seat { class: Some(part.clone()), origin: part.origin.clone(), ..base }))
            }
            ClassName::Existing(part) => {
                for other in self
                    .claims(&claim.namespace, part.span().source, &part.text)
                    .into_iter()
                    .filter(|other| !matches!(other.class, ClassName::Existing(_)))
                {
                    let mut base = base.clone();
                    base.also.push((part.span(), format!("which uses the claim `{}`", part.text)));
                    self.settle(other, base, out);
                }
            }
            ClassName::Unknown(part) => self.substitute(part, base, out),
            ClassName::Omitted(origin) => {
                let mut seat = Seat { origin: origin.clone(), omitted: true, ..base };
                if let Some(class) =
                    self.facts.classes.iter().map(|class| &class.says).find(|class| class.default.is_some())
                {
                    let default = class.default.as_ref().unwrap_or(&class.name);
                    seat.also.push((default.span(), format!("the default class is `{}`", class.name.text)));
                    seat = self.judge(Seat { class: Some(class.name.clone()), ..seat });
                }
                out.push(seat);
            }
        }
    }

    /// Puts the variables of each environment into a class that is written as `${NAME}`, `${NAME:=default}` or with
    /// such in it.
    fn substitute(&self, part: &Part, base: Seat, out: &mut Vec<Seat>) {
        let holes: Vec<Range<usize>> = holes(&part.text);
        let variables: Option<Vec<_>> =
            holes.iter().map(|hole| variable(&part.slice(hole.clone()))).collect();
        let fill = |value: &dyn Fn(usize) -> Option<Part>| {
            let variables = variables.as_ref().filter(|variables| !variables.is_empty())?;
            let values = variables.iter().enumerate().map(|(at, (_, default))| value(at).or(default.clone()));
            Some(woven(part, &holes, &values.collect::<Option<Vec<Part>>>()?))
        };
        let names = variables.iter().flatten().map(|(name, _)| name);
        let known: Vec<_> = names.map(|name| self.live.substitutions(part.span().source, name)).collect();
        let before = out.len();
        // Each list tells of the same environments in the same order.
        for (at, (environment, _)) in known.first().into_iter().flatten().enumerate() {
            let Some(class) = fill(&|which| known[which][at].1.cloned()) else { continue };
            let environment = Some(environment.clone());
            out.push(self.judge(Seat {
                origin: class.origin.clone(),
                class: Some(class),
                environment,
                ..base.clone()
            }));
        }
        if out.len() == before {
            let class = fill(&|_| None).unwrap_or_else(|| part.clone());
            out.push(self.judge(Seat { origin: class.origin.clone(), class: Some(class), ..base }));
        }
    }

    fn judge(&self, mut seat: Seat) -> Seat {
        let Some(class) = seat.class.clone() else { return seat };
        seat.object = self.facts.classes.iter().position(|object| object.says.name.text == class.text);
        let object = seat.object.map(|at| &self.facts.classes[at].says);
        if let Some(object) = object {
            let parameter = |name: &str| {
                object.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
            };
            seat.replicas = parameter("numberOfReplicas");
            seat.strict_local = parameter("dataLocality").is_some_and(|value| value.text == "strict-local");
            if let Some(provisioner) = &object.provisioner {
                seat.also.push((
                    provisioner.span(),
                    format!("the class `{}` is made by `{}`", class.text, provisioner.text),
                ));
            }
        }
        let provisioner =
            object.and_then(|object| object.provisioner.as_ref()).map(|part| part.text.as_str());
        seat.standing = standing(&class.text, provisioner, self.config);
        seat
    }
}

/// The name and the default of `${NAME}`, `${NAME:=default}`, `${NAME:-default}`.
pub(super) fn variable(part: &Part) -> Option<(Str, Option<Part>)> {
    let inner = part.text.strip_prefix("${")?.strip_suffix('}')?;
    let len = inner.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    let name = Str::from(&inner[..len]);
    let rest = &inner[len..];
    let default = [":=", ":-", "=", "-"].iter().find_map(|sign| rest.strip_prefix(sign));
    let default = default.map(|text| part.slice(part.text.len() - 1 - text.len()..part.text.len() - 1));
    (len > 0 && (rest.is_empty() || default.is_some())).then_some((name, default))
}

/// A text whose holes are filled. It is told at the first value, for that is where it is decided.
fn woven(part: &Part, holes: &[Range<usize>], values: &[Part]) -> Part {
    // A default stands in the text itself; what an environment gives comes from afar.
    let reached = |value: &Part| {
        let origin = value.origin.clone();
        if part.span().covers(value.span()) { origin } else { origin.via(How::Substitution, part.span()) }
    };
    if let ([whole], [value]) = (holes, values)
        && *whole == (0..part.text.len())
    {
        return Part { origin: reached(value), ..value.clone() };
    }
    let (mut text, mut weave, mut end) = (String::new(), Weave::default(), 0);
    let mut push = |piece: &str, origin: Origin| {
        text.push_str(piece);
        weave.push(piece.len(), origin);
    };
    for (hole, value) in holes.iter().zip(values) {
        push(&part.text[end..hole.start], part.origin.slice(end..hole.start, part.text.len()));
        push(&value.text, reached(value));
        end = hole.end;
    }
    push(&part.text[end..], part.origin.slice(end..part.text.len(), part.text.len()));
    let place = values.first().unwrap_or(part).span();
    Part::new(text, Origin::woven(place, weave))
}
