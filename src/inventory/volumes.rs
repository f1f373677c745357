//! The rows of volumes that are no claims, and what a database lies on that has none.

use super::Spot;
use super::ground::{Ground, ground};
use crate::facts::{Backing, Volume, is_of_system};
use crate::finding::Report;
use crate::join::{Disk, Homeless, Joined, Seat};
use crate::text::Span;
use std::collections::{BTreeMap, BTreeSet};

/// One volume: a folder of a host, files of the network, a PersistentVolume that was made by hand.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct VolumeRow {
    /// `driver`, `host path`, `memory`, `network files`, `persistent volume` or `pod folder`.
    pub kind: &'static str,
    /// The folder, or server and folder, where it is known.
    pub path: Option<String>,
    pub name: String,
    /// `NFS`, `CIFS`.
    pub protocol: Option<&'static str>,
    pub driver: Option<String>,
    /// The claims that it is kept for, or that get it.
    pub claims: Vec<String>,
    /// `data`; `system`, for folders of the node itself; `settings`, for single files that are written by hand;
    /// `passing`, for what goes with the pod.
    pub keeps: &'static str,
    pub size: Option<String>,
    pub used_by: Vec<String>,
    /// Where else it is written.
    pub used_at: Vec<Spot>,
    /// The class of a PersistentVolume; how it stands, whose it is, where it is written.
    pub ground: Ground,
}

/// What the data of a database lies on, if that is no claim.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Lies {
    /// A kind of volume, or `container`: on none, and gone with it.
    pub kind: &'static str,
    pub path: Option<String>,
}

impl VolumeRow {
    /// What people know it by.
    pub fn title(&self) -> String {
        match (self.kind, &self.path, &self.driver) {
            ("persistent volume", Some(path), _) => format!("{}, {path}", self.name),
            (_, Some(path), _) => path.clone(),
            (_, None, Some(driver)) => format!("{} by {driver}", self.name),
            (_, None, None) => self.name.clone(),
        }
    }
}

impl Lies {
    /// `host path /srv/db`
    pub fn says(&self) -> String {
        self.path.as_ref().map_or(self.kind.to_owned(), |path| format!("{} {path}", self.kind))
    }
}

/// The rows of all volumes that `wants` takes. One folder for several workloads is one row.
pub(super) fn rows(report: &Report, joined: &Joined, wants: impl Fn(&Disk) -> bool) -> Vec<VolumeRow> {
    let mut out: BTreeMap<Vec<String>, VolumeRow> = BTreeMap::new();
    let lying = joined.seatless.iter().chain(&joined.embedded).filter(|seat| seat.on.is_some());
    let under: BTreeSet<Span> = lying.map(|seat| seat.origin.span()).collect();
    for disk in joined.disks.iter().filter(|disk| wants(disk)) {
        let mut new = row(report, disk);
        // Some applications keep their data where systems keep theirs: `/etc/pihole`.
        if matches!(disk.backing, Backing::Host(_)) && under.contains(&disk.seat.origin.span()) {
            new.keeps = "data";
        }
        let Some(row) = out.get_mut(&key(disk, &new)) else {
            out.insert(key(disk, &new), new);
            continue;
        };
        let place = &new.ground.place;
        if row.ground.place != *place && !row.used_at.contains(place) {
            row.used_at.push(place.clone());
        }
        row.used_by.extend(new.used_by);
    }
    let mut rows: Vec<VolumeRow> = out.into_values().collect();
    for row in &mut rows {
        row.used_by.sort();
        row.used_by.dedup();
        row.used_at.sort();
    }
    rows.sort_by(|a, b| (a.kind, a.title()).cmp(&(b.kind, b.title())).then_with(|| a.cmp(b)));
    rows
}

/// What tells one row from another: not who uses it, if it is the same place for all.
fn key(disk: &Disk, row: &VolumeRow) -> Vec<String> {
    let ground = &row.ground;
    let is_one_place =
        !disk.by_hand && row.path.as_ref().is_some_and(|path| !path.starts_with(['.', '%', '~']));
    let own = match is_one_place {
        true => String::new(),
        false => format!("{} {} {}", disk.owner, row.name, ground.place),
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    vec![
        row.kind.to_owned(),
        text(&row.path),
        text(&row.driver),
        text(&ground.cluster),
        text(&ground.environment),
        ground.delivered.to_string(),
        own,
    ]
}

fn row(report: &Report, disk: &Disk) -> VolumeRow {
    let (kind, path) = match (&disk.backing, disk.by_hand) {
        (backing, true) => ("persistent volume", path(backing)),
        (backing, false) => (kind(backing), path(backing)),
    };
    let keeps = match &disk.backing {
        Backing::Host(path) if !disk.by_hand && is_of_system(&path.text) => "system",
        Backing::Host(path) if !disk.by_hand && is_settings(&path.text) => "settings",
        Backing::Empty(_) | Backing::Memory(_) => "passing",
        _ => "data",
    };
    let protocol = match &disk.backing {
        Backing::Network { how, .. } => Some(*how),
        _ => None,
    };
    let mut ground = ground(report, &disk.seat, true);
    if disk.seat.class.is_none() {
        ground.decided = "nowhere";
    }
    VolumeRow {
        kind,
        path,
        name: disk.name.to_string(),
        protocol,
        driver: disk.driver.as_ref().map(|part| part.text.to_string()),
        claims: disk.claims.clone(),
        keeps,
        size: disk.size.as_ref().map(ToString::to_string),
        used_by: disk.users.clone(),
        used_at: Vec::new(),
        ground,
    }
}

/// Whether a path is a single file of a kind that people write by hand.
fn is_settings(path: &str) -> bool {
    const ENDS: [&str; 18] = [
        "cfg", "cnf", "conf", "crt", "env", "html", "ini", "js", "json", "key", "pem", "py", "sh", "sql",
        "toml", "xml", "yaml", "yml",
    ];
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').is_some_and(|(_, end)| ENDS.contains(&end))
}

fn kind(backing: &Backing) -> &'static str {
    match backing {
        Backing::Host(_) => "host path",
        Backing::Empty(_) => "pod folder",
        Backing::Memory(_) => "memory",
        Backing::Network { .. } => "network files",
        Backing::Claim | Backing::Driver(_) | Backing::Files | Backing::Unknown => "driver",
    }
}

fn path(backing: &Backing) -> Option<String> {
    match backing {
        Backing::Host(path) => Some(path.text.to_string()),
        Backing::Network { at, .. } => at.as_ref().map(ToString::to_string),
        _ => None,
    }
}

/// What the data of a database lies on, if it is no claim.
pub(super) fn lies(report: &Report, joined: &Joined, seat: &Seat) -> Option<Lies> {
    let workload = &report.facts.workloads.get(seat.workload?)?.says;
    let image = workload.containers.get(seat.container?)?.image.as_ref()?.span();
    let is_sure = |one: &&Homeless| one.unseen.is_none() && !one.newest;
    let mut homeless = joined.homeless.iter().filter(is_sure);
    if let Some(one) = homeless.find(|one| Some(one.workload) == seat.workload && one.image.span() == image) {
        return Some(Lies { kind: "container", path: Some(one.home.clone()) });
    }
    let Volume { backing, .. } = workload.volumes.get(seat.on?)?;
    Some(Lies { kind: kind(backing), path: path(backing) })
}
