//! What is under the data of databases: folders of a host, folders that go with the pod, files of the network; and
//! claims that hold up their own workload.

use super::homes::{Settings, clean, home, mount_of};
use super::running::{Running, Server};
use super::storage::{Desk, Seat, lives_on, seat};
use crate::facts::{Backing, Claim, Container, Engine, Fact, Resource, Volume, Workload, network_protocol};
use crate::text::{Origin, Part, Span, Str};

/// Files of the network whose protocol has no name that people know.
pub const SERVED: &str = "files that another machine serves";

/// What is under a data directory, where that matters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Under {
    Empty,
    Memory,
    Host,
    /// Files that another machine serves, by this protocol.
    Network(&'static str),
    /// A claim that several nodes may write to.
    Shared,
}

/// Data, and what it lies on.
#[derive(Clone, Debug)]
pub struct Ground {
    /// Index into `Facts::workloads`.
    pub workload: usize,
    /// `postgres`, or `sqlite`, which is no server.
    pub engine: Str,
    pub volume: Str,
    /// The data directory, or the file.
    pub path: String,
    pub under: Under,
    pub origin: Origin,
    pub also: Vec<(Span, String)>,
    /// The option of its volume, or of its class, by which mounts wait for their server: `hard`.
    pub hard: Option<Part>,
}

/// Claims that one node has at a time, under a workload whose new pod starts before the old one ends.
#[derive(Clone, Debug)]
pub struct Blocked {
    pub workload: usize,
    /// The claims, as the workload names them, each with its mode.
    pub claims: Vec<(Part, Part)>,
    /// What makes it roll.
    pub rolls: Origin,
    /// A database server writes there.
    pub engine: Option<&'static str>,
}

/// What is under the data of every database server and every file of SQLite.
pub(super) fn grounds(desk: &Desk) -> Vec<Ground> {
    let settings = Settings::of(desk.facts);
    let mut out = Vec::new();
    for (at, fact) in desk.facts.workloads.iter().enumerate() {
        if !desk.stands(&fact.owner) || !lives_on(fact) {
            continue;
        }
        let servers = desk.servers(&fact.says);
        for (number, container) in fact.says.containers.iter().enumerate().filter(|(_, one)| !one.init) {
            let server = servers.binary_search_by_key(&number, |(number, ..)| *number);
            let server = server.ok().map(|at| &servers[at].2);
            if let Some((engine, path)) = kept_in(desk, &settings, fact, (container, server)) {
                out.extend(ground(desk, (at, fact), container, engine, path));
            }
            for path in files(container) {
                let grounds = ground(desk, (at, fact), container, "sqlite".into(), path);
                out.extend(grounds.filter(|ground| matches!(ground.under, Under::Network(_))));
            }
        }
    }
    out
}

/// The engine of a server, and its data directory.
fn kept_in(
    desk: &Desk,
    settings: &Settings,
    fact: &Fact<Workload>,
    (container, server): (&Container, Option<&Running>),
) -> Option<(Str, String)> {
    if let Some(home) = home(desk, settings, fact, container) {
        return Some((home.engine, home.path));
    }
    // Images that are made of the official ones keep data where those do, or below.
    let server = server?;
    let path = match server.engine.name.as_str() {
        "postgres" => "/var/lib/postgresql/data",
        "mysql" => "/var/lib/mysql",
        "mongodb" => "/data/db",
        _ => return None,
    };
    Some((server.engine.name.clone(), clean(server.folder.as_ref().map_or(path, |folder| folder))))
}

/// The files of SQLite that a container is told of.
fn files(container: &Container) -> Vec<String> {
    let values = container.env.iter().filter_map(|(_, setting)| setting.value());
    let words = container.command.iter().chain(&container.args).filter(|part| part.is_known());
    let mut files: Vec<String> =
        values.chain(words).flat_map(|part| part.text.split_whitespace()).filter_map(file).collect();
    files.sort();
    files.dedup();
    files
}

/// The path in `sqlite:////data/app.db?mode=rwc`, `--db=/data/app.sqlite3` and `/data/app.db`.
fn file(word: &str) -> Option<String> {
    let word = word.split(['?', ';', ',', '"', '\'']).next().unwrap_or(word);
    let is_file = [".db", ".db3", ".sqlite", ".sqlite3"].iter().any(|end| word.ends_with(end));
    // Addresses of other machines have dots, too.
    let scheme = word.find("://").map(|at| &word[..at]);
    let is_local = scheme.is_none_or(|scheme| scheme.contains("sqlite") || scheme.ends_with("file"));
    let start = match word.find("://") {
        Some(at) => at + "://".len(),
        None => word.find('/')?,
    };
    let path = &word[start..];
    (is_file && is_local && path.starts_with('/')).then(|| clean(path))
}

/// What a path of a container lies on.
fn ground<'d>(
    desk: &'d Desk,
    (at, fact): (usize, &'d Fact<Workload>),
    container: &Container,
    engine: Str,
    path: String,
) -> impl Iterator<Item = Ground> + 'd {
    let mount = mount_of(container, &path);
    let volume = mount.and_then(|(name, _)| fact.says.volumes.iter().find(|volume| volume.name == *name));
    let found = volume.zip(mount).and_then(|(volume, (_, mount))| {
        let (under, origin, mut also, hard) = under(desk, fact, volume)?;
        also.push((mount.span(), format!("`{path}` is on the volume `{}`, mounted here", volume.name)));
        let volume = volume.name.clone();
        Some(Ground { workload: at, engine, volume, path, under, origin, also, hard })
    });
    found.into_iter()
}

type Told = (Under, Origin, Vec<(Span, String)>, Option<Part>);

fn under(desk: &Desk, fact: &Fact<Workload>, volume: &Volume) -> Option<Told> {
    match &volume.backing {
        Backing::Claim => claims(desk, fact, volume).into_iter().find_map(|(claim, owner)| {
            let (under, origin, mut also, hard) = of_claim(desk, claim, owner)?;
            if let Some(name) = &volume.claim {
                also.push((
                    name.span(),
                    format!("its volume `{}` is the claim `{}`", volume.name, name.text),
                ));
            }
            Some((under, origin, also, hard))
        }),
        other => plain(other).map(|(under, origin)| (under, origin, Vec::new(), None)),
    }
}

fn plain(backing: &Backing) -> Option<(Under, Origin)> {
    match backing {
        Backing::Host(path) => Some((Under::Host, path.origin.clone())),
        Backing::Empty(origin) => Some((Under::Empty, origin.clone())),
        Backing::Memory(origin) => Some((Under::Memory, origin.clone())),
        Backing::Network { how, origin, .. } => Some((Under::Network(how), origin.clone())),
        Backing::Claim | Backing::Driver(_) | Backing::Files | Backing::Unknown => None,
    }
}

/// The claims behind a volume, with their owners.
fn claims<'d>(
    desk: &'d Desk,
    fact: &'d Fact<Workload>,
    volume: &'d Volume,
) -> Vec<(&'d Claim, &'d Resource)> {
    if let Some(claim) = &volume.inline {
        return vec![(claim, &*fact.owner)];
    }
    let Some(name) = &volume.claim else { return Vec::new() };
    let meant = desk.claims.meant(&fact.owner, &fact.says.namespace, &name.text);
    let claims = meant.into_iter().map(|at| &desk.facts.claims[at]);
    claims.map(|claim| (&claim.says, &*claim.owner)).collect()
}

fn of_claim(desk: &Desk, claim: &Claim, owner: &Resource) -> Option<Told> {
    let seats = seats(desk, claim, owner);
    let bound = seats.iter().find_map(|seat| match seat.volumes.as_slice() {
        [only] => Some(&desk.facts.volumes[*only]),
        _ => None,
    });
    if let Some(volume) = bound {
        let by_driver =
            volume.says.driver.as_ref().and_then(|driver| Some((network_protocol(&driver.text)?, driver)));
        let found = match (plain(&volume.says.backing), by_driver) {
            (Some((under @ (Under::Network(_) | Under::Host), origin)), _) => Some((under, origin)),
            (_, Some((how, driver))) => Some((Under::Network(how), driver.origin.clone())),
            _ => None,
        };
        // A local volume is made for one node, and its pods follow it.
        if let Some((under, origin)) = found.filter(|(under, _)| *under != Under::Host) {
            return Some((under, origin, Vec::new(), volume.says.hard.clone()));
        }
    }
    for seat in seats {
        let provisioner = seat.object.and_then(|at| desk.facts.classes[at].says.provisioner.as_ref());
        let name = provisioner.or(seat.class.as_ref()).filter(|name| name.is_known());
        let by_name = name.and_then(|name| network_protocol(&name.text));
        if let Some(how) = by_name.or_else(|| seat.serves_files().then_some(SERVED)) {
            let hard = seat.object.and_then(|at| desk.facts.classes[at].says.hard.clone());
            return Some((Under::Network(how), seat.origin.clone(), seat.also.clone(), hard));
        }
    }
    let shared = claim.modes.iter().find(|mode| mode.text == "ReadWriteMany")?;
    Some((Under::Shared, shared.origin.clone(), Vec::new(), None))
}

/// Claims of one node at a time under workloads that start a new pod before the old one ends.
pub(super) fn blocked(desk: &Desk) -> Vec<Blocked> {
    let mut out = Vec::new();
    for (workload, fact) in desk.facts.workloads.iter().enumerate() {
        let Some(rolls) = fact.says.placing.rolls.clone().filter(|_| desk.stands(&fact.owner)) else {
            continue;
        };
        let servers = desk.servers(&fact.says);
        let blocks = |volume: &Volume| {
            let engine = writer(&servers, volume);
            let mode = single(desk, fact, volume, engine.is_some())?;
            Some((engine, (volume.claim.clone()?, mode)))
        };
        let (engines, claims): (Vec<_>, Vec<_>) = fact.says.volumes.iter().filter_map(blocks).unzip();
        let engine = engines.into_iter().flatten().next();
        if !claims.is_empty() {
            out.push(Blocked { workload, claims, rolls, engine });
        }
    }
    out
}

/// The database server that writes to a volume.
fn writer(servers: &[Server], volume: &Volume) -> Option<&'static str> {
    let mounts = |container: &&Container| container.mounts.iter().any(|(name, _)| *name == volume.name);
    let writers = servers.iter().filter(|(_, container, _)| mounts(container));
    writers.into_iter().find_map(|(_, _, server)| {
        ["postgres", "mysql", "mongodb"].into_iter().find(|known| *known == server.engine.name)
    })
}

/// The mode of the claim behind a volume, if only one node, or one pod, has it at a time and a second pod may not be
/// let in.
fn single(desk: &Desk, fact: &Fact<Workload>, volume: &Volume, has_server: bool) -> Option<Part> {
    // A claim in the pod is made anew for each.
    volume.claim.as_ref()?;
    let found = claims(desk, fact, volume);
    let modes: Vec<&Part> = found.iter().flat_map(|(claim, _)| &claim.modes).collect();
    let is_of_pod = |mode: &&Part| mode.text == "ReadWriteOncePod";
    let is_single = |mode: &&Part| mode.text == "ReadWriteOnce" || is_of_pod(mode);
    let mode = *modes.first().filter(|_| modes.iter().all(is_single))?;
    let meets = || fact.says.placing.pinned || found.iter().any(|(claim, owner)| follows(desk, claim, owner));
    (has_server || is_of_pod(&mode) || !meets()).then(|| mode.clone())
}

/// Whether pods are put where the volume is, for it stays on one node; of storage that is not known it may be so.
fn follows(desk: &Desk, claim: &Claim, owner: &Resource) -> bool {
    let is_unknown = |class: &Part| !class.is_known();
    // Nobody attaches a share to one node: whoever has its address mounts it.
    let is_by_hand = |seat: &Seat| seat.standing == super::Standing::Network && !seat.volumes.is_empty();
    let is_share = |seat: &Seat| seat.serves_files() || is_by_hand(seat);
    seats(desk, claim, owner).iter().any(|seat| {
        matches!(seat.standing, super::Standing::Local | super::Standing::Unknown)
            || seat.class.as_ref().is_some_and(is_unknown)
            || is_share(seat)
    })
}

/// The classes that a claim has, whoever uses it.
fn seats(desk: &Desk, claim: &Claim, owner: &Resource) -> Vec<Seat> {
    let mut out = Vec::new();
    let nobody = Engine { name: Str::default(), major: None };
    let base = seat(&nobody, owner, &Origin::spelled(Span::new(owner.source, 0, 0)));
    desk.settle(claim, owner, base, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_sqlite_are_told_from_addresses() {
        for (word, expected) in [
            ("sqlite:////data/app.db", Some("/data/app.db")),
            ("sqlite:///data/app.db?mode=rwc", Some("/data/app.db")),
            ("/data/app.sqlite3", Some("/data/app.sqlite3")),
            ("--db=/data/app.db", Some("/data/app.db")),
            ("file:///data/app.db", Some("/data/app.db")),
            ("http://example.db", None),
            ("https://example.org/x.db", None),
            ("app.db", None),
            ("sqlite://app.db", None),
            ("/data/app.dbx", None),
        ] {
            assert_eq!(file(word).as_deref(), expected, "{word}");
        }
    }
}
