//! Where database servers keep their data inside their containers, and which mount that is on. What is under the
//! volume that is mounted there is in `grounds`.

use super::storage::{Desk, lives_on};
use crate::facts::{Container, Environment, Fact, Facts, Setting, Workload, parse_reference};
use crate::text::{Part, Str};
use std::collections::HashMap;

/// Images of which it is documented where they keep data.
struct Family {
    /// Their full names, without a registry: mirrors keep the rest.
    images: &'static [&'static str],
    engine: &'static str,
    home: &'static str,
    /// The directory that the image declares a volume, so that the runtime puts one there if nobody else does.
    declared: &'static str,
}

const FAMILIES: &[Family] = &[
    Family {
        images: &["library/postgres", "postgis/postgis", "pgvector/pgvector"],
        engine: "postgres",
        home: "/var/lib/postgresql/data",
        declared: "/var/lib/postgresql/data",
    },
    Family {
        images: &["bitnami/postgresql", "bitnamilegacy/postgresql"],
        engine: "postgres",
        home: "/bitnami/postgresql/data",
        declared: "",
    },
    Family {
        images: &["timescale/timescaledb-ha"],
        engine: "postgres",
        home: "/home/postgres/pgdata/data",
        declared: "",
    },
    Family {
        images: &["library/mysql", "library/mariadb", "percona/percona-server", "mysql/mysql-server"],
        engine: "mysql",
        home: "/var/lib/mysql",
        declared: "/var/lib/mysql",
    },
    Family {
        images: &["bitnami/mariadb", "bitnamilegacy/mariadb"],
        engine: "mysql",
        home: "/bitnami/mariadb/data",
        declared: "",
    },
    Family {
        images: &["bitnami/mysql", "bitnamilegacy/mysql"],
        engine: "mysql",
        home: "/bitnami/mysql/data",
        declared: "",
    },
    Family { images: &["library/mongo"], engine: "mongodb", home: "/data/db", declared: "/data/db" },
    Family {
        images: &["bitnami/mongodb", "bitnamilegacy/mongodb"],
        engine: "mongodb",
        home: "/bitnami/mongodb/data/db",
        declared: "",
    },
    Family { images: &["library/redis", "valkey/valkey"], engine: "redis", home: "/data", declared: "/data" },
];

/// The first major version of the official images of PostgreSQL whose directory has the version in its name.
const VERSIONED: u32 = 18;

/// What a mount has to do with a data directory that it does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Miss {
    /// It is where images before version 18 kept their data.
    Former,
    /// The image declares a volume below it, which covers it.
    Covered,
    Elsewhere,
    /// Nothing that keeps data is mounted.
    Nothing,
}

/// A server whose data directory is on none of its volumes.
#[derive(Clone, Debug)]
pub struct Homeless {
    /// Index into `Facts::workloads`.
    pub workload: usize,
    pub engine: &'static str,
    pub image: Part,
    /// The data directory, and what says so if it is not the image itself.
    pub home: String,
    pub told: Option<Part>,
    pub miss: Miss,
    /// The mount that was meant.
    pub mount: Option<Part>,
    /// Who may say otherwise, unseen here.
    pub unseen: Option<Str>,
    /// The image has no version: it is the newest.
    pub newest: bool,
}

/// A data directory in a container.
pub(super) struct Home {
    pub(super) engine: &'static str,
    pub(super) path: String,
    pub(super) told: Option<Part>,
    declared: String,
    unseen: Option<Str>,
    newest: bool,
    former: bool,
}

/// Finds servers whose data directory is on none of their volumes.
pub(super) fn homeless(desk: &Desk) -> Vec<Homeless> {
    let settings = Settings::of(desk.facts);
    let mut out = Vec::new();
    for (at, fact) in desk.facts.workloads.iter().enumerate() {
        if !desk.stands(&fact.owner) || !lives_on(fact) {
            continue;
        }
        for container in &fact.says.containers {
            if let Some(home) = home(desk, &settings, fact, container) {
                out.extend(missed(at, fact, container, home));
            }
        }
    }
    out
}

/// The data directory of a server; nothing if it is no server, or if it cannot be told.
pub(super) fn home(
    desk: &Desk,
    settings: &Settings,
    fact: &Fact<Workload>,
    container: &Container,
) -> Option<Home> {
    let image = container.image.as_ref().filter(|image| !container.init && image.is_known())?;
    let told = &container.told;
    if told.unsure || container.mounts.iter().any(|(_, path)| !path.is_known()) {
        return None;
    }
    let parsed = parse_reference(image);
    let (name, tag) = (parsed.canonical(), parsed.tag.as_ref().map(|tag| tag.text.as_str()));
    let is_of = |known: &&str| name.strip_suffix(*known).is_some_and(|registry| registry.ends_with('/'));
    let family = FAMILIES.iter().find(|family| family.images.iter().any(is_of))?;
    let words = words(container)?;
    // An index of caches that is told to write nothing keeps nothing.
    if family.engine == "redis" && words.iter().any(|(word, _)| word == "--save") {
        return None;
    }
    let is_official = family.home == "/var/lib/postgresql/data";
    let major = desk.known.engines.of_image(&image.text).and_then(|server| server.engine.major);
    let newest = is_official && parsed.digest.is_none() && matches!(tag, None | Some("latest" | "alpine"));
    if is_official && major.is_none() && !newest {
        return None;
    }
    let versioned = is_official && major.map_or(newest, |major| major >= VERSIONED);
    let (mut path, mut declared) = (family.home.to_owned(), family.declared.to_owned());
    if versioned {
        let number = major.map_or("<version>".to_owned(), |major| major.to_string());
        path = format!("/var/lib/postgresql/{number}/docker");
        declared = "/var/lib/postgresql".to_owned();
    }
    let says = settings.directory(desk, fact, container, family, &words)?;
    let former = versioned && says.is_none();
    if let Some(says) = &says {
        path = clean(&says.text);
    }
    let is_configured =
        words.iter().any(|(word, _)| word.contains("config") || word.starts_with("--defaults"))
            || container.mounts.iter().any(|(_, path)| is_configuration(&path.text));
    let configured = is_configured.then(|| "its configuration file".into());
    let unseen = told.unseen.clone().or(configured).filter(|_| says.is_none());
    path.starts_with('/').then_some(Home {
        engine: family.engine,
        path,
        told: says,
        declared,
        unseen,
        newest,
        former,
    })
}

fn is_configuration(path: &str) -> bool {
    path.starts_with("/etc/") || path.ends_with(".conf") || path.ends_with(".cnf")
}

/// The words that the server is started with, each with the word behind it; nothing if something else is started.
fn words(container: &Container) -> Option<Vec<(String, Part)>> {
    const SERVERS: [&str; 8] = [
        "docker-entrypoint.sh",
        "postgres",
        "mysqld",
        "mariadbd",
        "mongod",
        "redis-server",
        "valkey-server",
        "entrypoint.sh",
    ];
    let told = &container.told;
    let mut all: Vec<(String, Part)> = Vec::new();
    for part in told.command.iter().chain(&told.arguments) {
        if !part.is_known() {
            return None;
        }
        all.extend(part.text.split_whitespace().map(|word| (word.to_owned(), part.clone())));
    }
    let is_server = |word: &str| SERVERS.contains(&word.rsplit('/').next().unwrap_or(word));
    let first = all.first().map_or("", |(word, _)| word.as_str());
    // Options go to the image's own program, where that is not replaced.
    let starts = is_server(first) || told.command.is_empty() && (first.is_empty() || first.starts_with('-'));
    starts.then_some(all)
}

/// What ConfigMaps give, by the name of the map.
pub(super) struct Settings<'a> {
    maps: HashMap<&'a str, Vec<&'a Fact<Environment>>>,
}

impl<'a> Settings<'a> {
    pub(super) fn of(facts: &'a Facts) -> Settings<'a> {
        let mut maps: HashMap<&str, Vec<&Fact<Environment>>> = HashMap::new();
        for fact in &facts.environments {
            maps.entry(&fact.says.name).or_default().push(fact);
        }
        Settings { maps }
    }

    /// The map that a workload means; nothing if it is not here, or if there are several.
    fn map(&self, desk: &Desk, fact: &Fact<Workload>, name: &Part) -> Option<&'a Fact<Environment>> {
        let named = self.maps.get(name.text.as_str())?;
        let mut near = named
            .iter()
            .filter(|map| map.says.namespace == fact.says.namespace && desk.meets(&map.owner, &fact.owner));
        let first = near.next()?;
        near.next().is_none().then_some(first)
    }

    /// The data directory that variables and words tell: `Some(None)` if they say nothing of it, nothing if it is
    /// not known what they say.
    fn directory(
        &self,
        desk: &Desk,
        fact: &Fact<Workload>,
        container: &Container,
        family: &Family,
        words: &[(String, Part)],
    ) -> Option<Option<Part>> {
        if let Some(said) = by_words(words) {
            return said.map(Some);
        }
        let told = &container.told;
        let names: &[&str] = match family.engine {
            "postgres" => &["PGDATA", "PGROOT", "POSTGRESQL_DATA_DIR", "POSTGRESQL_VOLUME_DIR"],
            "mysql" => &["MYSQL_DATA_DIR", "MYSQL_VOLUME_DIR", "MARIADB_DATA_DIR", "MARIADB_VOLUME_DIR"],
            "mongodb" => &["MONGODB_DATA_DIR", "MONGODB_VOLUME_DIR"],
            _ => &["REDIS_DATA_DIR"],
        };
        let own = told.variables.iter().rev().find(|(name, _)| names.contains(&name.as_str()));
        if let Some((name, setting)) = own {
            let is_directory = *name == "PGDATA" || name.ends_with("_DATA_DIR");
            return match setting {
                Setting::Value(part) if is_directory => Some(Some(part.clone())),
                Setting::Entry { map, key } if is_directory => {
                    let map = self.map(desk, fact, map)?;
                    let entry = map.says.entries.iter().find(|(name, _)| name == key)?;
                    entry.1.is_known().then(|| Some(entry.1.clone()))
                }
                _ => None,
            };
        }
        for map in told.maps.iter().rev() {
            let map = self.map(desk, fact, map)?;
            if let Some((_, value)) = map.says.entries.iter().find(|(name, _)| names.contains(&name.as_str()))
            {
                return value.is_known().then(|| Some(value.clone()));
            }
        }
        Some(None)
    }
}

/// The data directory among the words of a command: nothing if they do not speak of it.
fn by_words(words: &[(String, Part)]) -> Option<Option<Part>> {
    const OPTIONS: [&str; 6] = ["--datadir", "--pgdata", "--dbpath", "--dir", "data_directory", "-D"];
    for (at, (word, part)) in words.iter().enumerate() {
        let bare = word.strip_prefix("-c").filter(|rest| rest.starts_with("data_directory")).unwrap_or(word);
        let Some(option) = OPTIONS.iter().find(|option| bare.starts_with(**option)) else { continue };
        let rest = bare[option.len()..].trim_start_matches('=');
        let value = match words.get(at + 1) {
            _ if rest.starts_with('/') => rest,
            Some((next, _)) if rest.is_empty() && next.starts_with('/') => next,
            _ if rest.is_empty() => return Some(None),
            _ => continue,
        };
        return Some(Some(Part::new(value, part.origin.respelled())));
    }
    // The other directory of a server that keeps settings only.
    words.iter().any(|(word, _)| word == "--configsvr").then_some(None)
}

/// A path without doubled signs, and without one at its end.
pub(super) fn clean(path: &str) -> String {
    let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty() && *step != ".").collect();
    if path.starts_with('/') { format!("/{}", steps.join("/")) } else { steps.join("/") }
}

/// Whether a directory is another one, or below it.
pub(super) fn is_within(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || directory == "/")
}

/// The mount that a path is on: the deepest one.
pub(super) fn mount_of<'c>(container: &'c Container, path: &str) -> Option<&'c (Str, Part)> {
    let holds = |(_, mount): &&(Str, Part)| !mount.text.is_empty() && is_within(path, &clean(&mount.text));
    container.mounts.iter().filter(holds).max_by_key(|(_, mount)| clean(&mount.text).len())
}

/// What is wrong with the mounts of a server, if its data is on none of them.
fn missed(at: usize, fact: &Fact<Workload>, container: &Container, home: Home) -> Option<Homeless> {
    let image = container.image.clone()?;
    // Of a mount without a path nobody knows what it holds.
    if container.mounts.iter().any(|(_, path)| path.text.is_empty()) {
        return None;
    }
    let volume = |name: &Str| fact.says.volumes.iter().find(|volume| volume.name == *name);
    let (miss, mount) = match mount_of(container, &home.path) {
        Some((name, mount)) => {
            let is_covered = is_within(&home.path, &home.declared)
                && !home.declared.is_empty()
                && !is_within(&clean(&mount.text), &home.declared);
            if !is_covered || !volume(name)?.backing.keeps() {
                return None;
            }
            (Miss::Covered, Some(mount.clone()))
        }
        None => {
            let keeps = |(name, path): &&(Str, Part)| {
                is_for_data(&path.text) && volume(name).is_none_or(|volume| volume.backing.keeps())
            };
            let former = |(_, path): &&(Str, Part)| clean(&path.text) == "/var/lib/postgresql/data";
            let kept: Vec<&(Str, Part)> = container.mounts.iter().filter(keeps).collect();
            // A volume of which nothing is known may be none.
            if kept.iter().any(|(name, _)| volume(name).is_none()) {
                return None;
            }
            let old = kept.iter().copied().find(|mount| home.former && former(mount));
            match old.or(kept.first().copied()) {
                Some((_, path)) if old.is_some() => (Miss::Former, Some(path.clone())),
                Some((_, path)) => (Miss::Elsewhere, Some(path.clone())),
                None => (Miss::Nothing, None),
            }
        }
    };
    let Home { engine, path, told, unseen, newest, .. } = home;
    let newest = newest && told.is_none();
    Some(Homeless { workload: at, engine, image, home: path, told, miss, mount, unseen, newest })
}

/// Whether somebody who mounts this wants data to be kept there; dumps, scripts and settings are others' business.
fn is_for_data(path: &str) -> bool {
    const APART: [&str; 14] = [
        "backup",
        "dump",
        "/docker-entrypoint",
        "/etc",
        "/tmp",
        "/run",
        "/var/run",
        "/dev",
        "cert",
        "ssl",
        "script",
        "/init",
        "/config",
        "secret",
    ];
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    !is_file
        && !APART
            .iter()
            .any(|word| if word.starts_with('/') { path.starts_with(word) } else { path.contains(word) })
}
