//! Data that lies on no claim: which other volume a container keeps it on.

use super::homes::{Settings, home, mount_of};
use super::storage::{Desk, Seat};
use crate::facts::{Backing, Container, Fact, Standing, Workload};
use crate::text::Origin;

/// Where it is written what a volume is made of; nothing for claims, and for what keeps no data of its own.
pub(super) fn origin(backing: &Backing) -> Option<&Origin> {
    match backing {
        Backing::Host(part) | Backing::Driver(part) => Some(&part.origin),
        Backing::Empty(origin) | Backing::Memory(origin) | Backing::Network { origin, .. } => Some(origin),
        Backing::Claim | Backing::Files | Backing::Unknown => None,
    }
}

/// How something stands that is made of this.
pub(super) fn stands(desk: &Desk, backing: &Backing) -> Standing {
    match backing {
        Backing::Host(_) => Standing::Local,
        Backing::Network { .. } => Standing::Network,
        Backing::Driver(driver) => desk.driven(&driver.text),
        _ => Standing::Unknown,
    }
}

/// Which volume, if none is a claim, a server keeps its data on: that of its data directory, or one that is mounted
/// where servers keep theirs.
pub(super) fn of_server(
    desk: &Desk,
    settings: &Settings,
    workload: &Fact<Workload>,
    container: &Container,
    base: Seat,
) -> Seat {
    let home = home(desk, settings, workload, container).map(|home| home.path);
    let folder = home.or_else(|| base.folder.as_ref().map(ToString::to_string));
    let own = folder.and_then(|folder| mount_of(container, &folder)).map(|(name, _)| name.clone());
    let engine = base.engine.name.clone();
    let is_home = |path: &str| {
        let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
        let is_apart = ["backup", "dump", "/docker-entrypoint"].iter().any(|word| path.contains(word));
        let mut homes = ["/var/lib/", "/bitnami/", "/home/postgres", "/data"].iter();
        !is_file && !is_apart && (homes.any(|home| path.starts_with(home)) || path.ends_with(engine.as_str()))
    };
    let holds = |volume: &str, path: &str| match &own {
        Some(own) => own == volume,
        None => is_home(path),
    };
    beside(desk, workload, container, base, holds)
}

/// The seat on the first volume that is no claim and that its container mounts where `holds` says that data is.
pub(super) fn beside(
    desk: &Desk,
    workload: &Fact<Workload>,
    container: &Container,
    base: Seat,
    holds: impl Fn(&str, &str) -> bool,
) -> Seat {
    let mounts =
        |volume: &str| container.mounts.iter().any(|(name, path)| name == volume && holds(name, &path.text));
    let mut volumes = workload.says.volumes.iter().enumerate();
    let found = volumes.find_map(|(at, volume)| {
        let is_free = volume.claim.is_none() && volume.inline.is_none() && mounts(&volume.name);
        Some((at, volume, origin(&volume.backing).filter(|_| is_free)?))
    });
    let Some((at, volume, origin)) = found else { return base };
    let mut seat = Seat { on: Some(at), standing: stands(desk, &volume.backing), ..base };
    let runs = format!("{} runs here, in {}", seat.engine.name, workload.owner.label());
    seat.also.push((seat.origin.span(), runs));
    Seat { origin: origin.clone(), ..seat }
}
