//! From a database to the disk under it: workload, claim, class, provisioner.

use super::live::Live;
use crate::config::Config;
use crate::facts::{Claim, ClassName, Facts, StorageClass};
use crate::text::{Origin, Part, Sources, Span, Str};

/// What is known of a class: does it replicate by itself, or does it keep data on one node?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    Longhorn,
    Replicated,
    Local,
    Unknown,
}

/// One claim of one database, in one environment.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Index into `Facts::databases`, or into `Facts::workloads` for a database found by its image.
    pub database: Option<usize>,
    pub workload: Option<usize>,
    pub engine: Str,
    /// `Deployment/keep/postgres`
    pub who: String,
    /// What the claim holds: `data`, `wal`.
    pub what: Str,
    pub class: Option<Part>,
    /// Where the class is decided.
    pub origin: Origin,
    pub standing: Standing,
    /// The class was omitted and the repository's default was taken.
    pub by_default: bool,
    /// The environment in which this holds, if it depends on one.
    pub environment: Option<Str>,
    /// The road from the class to the database, for related places.
    pub also: Vec<(Span, String)>,
    pub instances: Option<Part>,
    /// Replicas and data locality of the class, if its object is known.
    pub replicas: Option<Part>,
    pub strict_local: bool,
}

/// Finds where each database keeps its data.
pub(super) fn seats(facts: &Facts, sources: &Sources, live: &Live, config: &Config) -> Vec<Seat> {
    let desk = Desk { facts, sources, live, config };
    let mut out = Vec::new();
    for (index, database) in facts.databases.iter().enumerate() {
        for (what, claim) in &database.says.claims {
            let base = Seat {
                database: Some(index),
                workload: None,
                engine: database.says.engine.name.clone(),
                who: database.owner.label(),
                what: what.clone(),
                class: None,
                origin: database.origin.clone(),
                standing: Standing::Unknown,
                by_default: false,
                environment: None,
                also: Vec::new(),
                instances: database.says.instances.clone(),
                replicas: None,
                strict_local: false,
            };
            desk.settle(claim, base, &mut out);
        }
    }
    for (index, workload) in facts.workloads.iter().enumerate() {
        let Some((container, image, mounts)) = workload.says.containers.iter().find_map(|(name, image, mounts)| {
            let image = image.as_ref().filter(|_| !name.starts_with("init:"))?;
            is_postgres_server(&image.text).then_some((name, image, mounts))
        }) else {
            continue;
        };
        let _ = container;
        for volume in workload.says.volumes.iter().filter(|volume| mounts.contains(&volume.name)) {
            let base = Seat {
                database: None,
                workload: Some(index),
                engine: "postgres".into(),
                who: workload.owner.label(),
                what: volume.name.clone(),
                class: None,
                origin: image.origin.clone(),
                standing: Standing::Unknown,
                by_default: false,
                environment: None,
                also: vec![(image.span(), format!("PostgreSQL runs here, in {}", workload.owner.label()))],
                instances: workload.says.replicas.clone(),
                replicas: None,
                strict_local: false,
            };
            if let Some(claim) = &volume.inline {
                desk.settle(claim, base, &mut out);
            } else if let Some(name) = &volume.claim {
                let mut base = base;
                base.also.push((name.span(), format!("its volume `{}` is the claim `{}`", volume.name, name.text)));
                for claim in desk.claims(workload, &name.text) {
                    desk.settle(claim, base.clone(), &mut out);
                }
            }
        }
    }
    out
}

struct Desk<'a> {
    facts: &'a Facts,
    sources: &'a Sources,
    live: &'a Live<'a>,
    config: &'a Config,
}

impl Desk<'_> {
    /// The claims that go by a name where a workload stands: of its namespace, and of the nearest folder.
    fn claims(&self, workload: &crate::facts::Fact<crate::facts::Workload>, name: &str) -> Vec<&Claim> {
        let own = self.sources.name(workload.owner.source);
        let nearness = |other: &str| own.split('/').zip(other.split('/')).take_while(|(a, b)| a == b).count();
        let named = self.facts.claims.iter().filter(|claim| claim.says.name == name);
        // A namespace that a kustomization will set is left out of the manifests: an empty one fits any.
        let fits = |a: &str, b: &str| a.is_empty() || b.is_empty() || a == b;
        let mut found: Vec<_> = named.filter(|claim| fits(&claim.says.namespace, &workload.says.namespace)).map(|claim| (nearness(self.sources.name(claim.owner.source)), claim)).collect();
        let best = found.iter().map(|(near, _)| *near).max();
        found.retain(|(near, _)| Some(*near) == best);
        found.into_iter().map(|(_, claim)| &claim.says).collect()
    }

    /// Follows a claim to its class, once for each environment that decides otherwise.
    fn settle(&self, claim: &Claim, base: Seat, out: &mut Vec<Seat>) {
        match &claim.class {
            ClassName::Named(part) => out.push(self.judge(Seat { class: Some(part.clone()), origin: part.origin.clone(), ..base })),
            ClassName::Existing(part) => {
                let found = self.facts.claims.iter().filter(|other| other.says.name == part.text && !matches!(other.says.class, ClassName::Existing(_)));
                for other in found.take(1) {
                    let mut base = base.clone();
                    base.also.push((part.span(), format!("which uses the claim `{}`", part.text)));
                    self.settle(&other.says, base, out);
                }
            }
            ClassName::Unknown(part) => self.substitute(part, base, out),
            ClassName::Omitted(origin) => {
                let seat = Seat { origin: origin.clone(), ..base };
                match self.default_class() {
                    Some(class) => {
                        let default = class.default.clone().unwrap_or_else(|| class.name.clone());
                        let mut seat = Seat { class: Some(class.name.clone()), by_default: true, ..seat };
                        seat.also.push((default.span(), format!("the default class is `{}`", class.name.text)));
                        let origin = seat.origin.clone();
                        out.push(Seat { origin, ..self.judge(seat) });
                    }
                    None => out.push(seat),
                }
            }
        }
    }

    /// Puts the variables of each environment into a class that is written as `${NAME}` or `${NAME:=default}`.
    fn substitute(&self, part: &Part, base: Seat, out: &mut Vec<Seat>) {
        let Some((name, default)) = variable(part) else {
            out.push(Seat { class: Some(part.clone()), origin: part.origin.clone(), ..base });
            return;
        };
        let mut settled = false;
        for (environment, value) in self.live.substitutions(part.span().source, &name) {
            let Some(value) = value.cloned().or_else(|| default.clone()) else { continue };
            settled = true;
            let mut base = base.clone();
            base.also.push((part.span(), format!("the class is written `{}` here", part.text)));
            let seat = Seat { origin: value.origin.clone(), class: Some(value), environment: Some(environment), ..base };
            out.push(self.judge(seat));
        }
        if !settled {
            match default {
                Some(default) => out.push(self.judge(Seat { origin: default.origin.clone(), class: Some(default), ..base })),
                None => out.push(Seat { class: Some(part.clone()), origin: part.origin.clone(), ..base }),
            }
        }
    }

    fn default_class(&self) -> Option<&StorageClass> {
        self.facts.classes.iter().map(|class| &class.says).find(|class| class.default.is_some())
    }

    fn judge(&self, mut seat: Seat) -> Seat {
        let Some(class) = seat.class.clone() else { return seat };
        let object = self.facts.classes.iter().map(|fact| &fact.says).find(|object| object.name.text == class.text);
        if let Some(object) = object {
            let parameter = |name: &str| object.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
            seat.replicas = parameter("numberOfReplicas");
            seat.strict_local = parameter("dataLocality").is_some_and(|value| value.text == "strict-local");
            if let Some(provisioner) = &object.provisioner {
                seat.also.push((provisioner.span(), format!("the class `{}` is made by `{}`", class.text, provisioner.text)));
            }
        }
        let provisioner = object.and_then(|object| object.provisioner.as_ref()).map(|part| part.text.as_str());
        seat.standing = standing(&class.text, provisioner, self.config);
        seat
    }
}

/// Judges a class by its provisioner where that is known, else by its name.
pub(crate) fn standing(class: &str, provisioner: Option<&str>, config: &Config) -> Standing {
    let listed = |globs: &[globset::GlobMatcher]| globs.iter().any(|glob| glob.is_match(class) || provisioner.is_some_and(|name| glob.is_match(name)));
    if listed(&config.storage.local) {
        return Standing::Local;
    }
    if listed(&config.storage.replicated) {
        return if class.contains("longhorn") || provisioner.is_some_and(|name| name.contains("longhorn")) { Standing::Longhorn } else { Standing::Replicated };
    }
    let name = provisioner.unwrap_or(class).to_ascii_lowercase();
    const LOCAL: [&str; 11] =
        ["local-path", "local.csi", "hostpath", "no-provisioner", "topolvm", "lvm", "zfs", "local-ssd", "local-storage", "openebs.io/local", "directpv"];
    const REPLICATED: [&str; 9] = ["rbd.csi.ceph", "cephfs", "ceph-", "mayastor", "portworx", "linstor", "drbd", "rook", "pxd.portworx"];
    if name.contains("longhorn") {
        Standing::Longhorn
    } else if LOCAL.iter().any(|word| name.contains(word)) {
        Standing::Local
    } else if REPLICATED.iter().any(|word| name.contains(word)) {
        Standing::Replicated
    } else {
        Standing::Unknown
    }
}

/// The name and the default of `${NAME}`, `${NAME:=default}`, `${NAME:-default}`.
fn variable(part: &Part) -> Option<(Str, Option<Part>)> {
    let inner = part.text.strip_prefix("${")?.strip_suffix('}')?;
    let len = inner.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    let name = Str::from(&inner[..len]);
    let rest = &inner[len..];
    let default = [":=", ":-", "=", "-"].iter().find_map(|sign| rest.strip_prefix(sign));
    let default = default.map(|text| part.slice(part.text.len() - 1 - text.len()..part.text.len() - 1));
    (len > 0 && (rest.is_empty() || default.is_some())).then_some((name, default))
}

/// Whether an image is a PostgreSQL server: not an exporter, a backup job, a pooler or a client.
fn is_postgres_server(text: &str) -> bool {
    let name = text.split('@').next().unwrap_or(text);
    let name = name.rsplit('/').next().unwrap_or(name);
    let name = name.split(':').next().unwrap_or(name).to_ascii_lowercase();
    const NOT: [&str; 18] = [
        "exporter", "backup", "pgadmin", "pgbouncer", "pooler", "operator", "client", "init", "migrate", "dump", "restore", "proxy", "rest", "admin", "web", "metrics", "pgpool", "upgrade",
    ];
    if NOT.iter().any(|word| name.contains(word)) {
        return false;
    }
    const SERVERS: [&str; 8] = ["postgres", "postgis", "timescale", "pgvector", "spilo", "patroni", "pgvecto", "vectorchord"];
    SERVERS.iter().any(|word| name.contains(word))
}
