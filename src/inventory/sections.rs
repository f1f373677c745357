//! The storage by who gets it, and claims by the class that they are on.

use super::often::often;
use super::{BackupRow, ClaimRow, DatabaseRow, Ground, Spot, StorageStock, VolumeRow};
use std::collections::{BTreeMap, BTreeSet};

/// Who gets something: the clusters by name, then what is in none that has a name, then what nothing delivers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Whose {
    Cluster(String),
    Unnamed,
    Nowhere,
}

/// What one cluster has.
#[derive(Clone, Debug)]
pub struct Section<'a> {
    pub whose: Whose,
    pub databases: Vec<&'a DatabaseRow>,
    pub claims: Vec<&'a ClaimRow>,
    /// Those that may hold data.
    pub volumes: Vec<&'a VolumeRow>,
}

/// Claims on one class.
#[derive(Clone, Debug)]
pub struct Shelf<'a> {
    /// That of the first claim: what it says of the class is the same for all.
    pub ground: &'a Ground,
    /// The place that decides for all of them, if one does.
    pub place: Option<&'a Spot>,
    pub claims: Vec<&'a ClaimRow>,
}

/// From so many claims on, the place that decides for all of them is said once.
const SHARED: usize = 3;

impl StorageStock {
    pub fn sections(&self) -> Vec<Section<'_>> {
        let mut out: BTreeMap<Whose, Section> = BTreeMap::new();
        for row in &self.databases {
            section(&mut out, &row.ground).databases.push(row);
        }
        for row in &self.claims {
            section(&mut out, &row.ground).claims.push(row);
        }
        for row in self.volumes.iter().filter(|row| row.keeps == "data") {
            section(&mut out, &row.ground).volumes.push(row);
        }
        out.into_values().collect()
    }
}

fn section<'m, 'a>(sections: &'m mut BTreeMap<Whose, Section<'a>>, ground: &Ground) -> &'m mut Section<'a> {
    let whose = match &ground.cluster {
        _ if !ground.delivered => Whose::Nowhere,
        Some(cluster) => Whose::Cluster(cluster.clone()),
        None => Whose::Unnamed,
    };
    let empty =
        || Section { whose: whose.clone(), databases: Vec::new(), claims: Vec::new(), volumes: Vec::new() };
    sections.entry(whose.clone()).or_insert_with(empty)
}

impl<'a> Section<'a> {
    /// What it is called.
    pub fn title(&self) -> &str {
        match &self.whose {
            Whose::Cluster(name) => name,
            Whose::Unnamed => "in no known cluster",
            Whose::Nowhere => "not delivered",
        }
    }

    /// The claims by class: what has no known class comes last.
    pub fn shelves(&self) -> Vec<Shelf<'a>> {
        let mut places: BTreeMap<(Said, &Spot), usize> = BTreeMap::new();
        for ground in self.claims.iter().map(|row| &row.ground) {
            *places.entry((said(ground), &ground.place)).or_default() += 1;
        }
        let mut out: BTreeMap<(bool, Said, Option<&Spot>), Shelf> = BTreeMap::new();
        for row in self.claims.iter().copied() {
            let ground = &row.ground;
            let is_shared = places[&(said(ground), &ground.place)] >= SHARED;
            let place = is_shared.then_some(&ground.place);
            let is_known =
                ground.decided != "unknown" && ground.class.as_ref().is_some_and(|name| !name.is_empty());
            let shelf = || Shelf { ground, place, claims: Vec::new() };
            out.entry((!is_known, said(ground), place)).or_insert_with(shelf).claims.push(row);
        }
        out.into_values().collect()
    }
}

/// What is said of a class, but for where it is decided.
type Said<'a> =
    (Option<&'a str>, &'static str, Option<&'a str>, &'static str, Option<&'a str>, Option<&'a str>);

fn said(ground: &Ground) -> Said<'_> {
    let (class, reason) = (ground.class.as_deref(), ground.reason.as_deref());
    (
        class,
        ground.decided,
        reason,
        ground.standing,
        ground.provisioner.as_deref(),
        ground.replicas.as_deref(),
    )
}

/// `shop/db` of `Cluster/shop/db`: the kind says least.
pub fn short(who: &str) -> &str {
    match who.split_once('/') {
        Some((_, rest)) if rest.contains('/') || who.starts_with("PersistentVolumeClaim/") => rest,
        _ => who,
    }
}

impl BackupRow {
    /// `base backup, WAL archive`: each kind once.
    pub fn kinds(backups: &[BackupRow]) -> String {
        let kinds: BTreeSet<&str> = backups.iter().map(|row| row.kind).collect();
        kinds.into_iter().collect::<Vec<_>>().join(", ")
    }

    /// The kinds, and how often: `volume snapshot, daily`.
    pub fn copies(backups: &[BackupRow]) -> String {
        let schedules = backups.iter().filter_map(|row| row.schedule.as_deref());
        let often: BTreeSet<&str> = schedules.map(|schedule| often(schedule).unwrap_or(schedule)).collect();
        let said = std::iter::once(BackupRow::kinds(backups)).chain(often.into_iter().map(str::to_owned));
        said.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

impl DatabaseRow {
    /// The class of its claim, or what else its data lies on.
    pub fn lies_on(&self) -> String {
        self.on.as_ref().map_or_else(|| self.ground.says(), |on| format!("({})", on.says()))
    }
}

impl Ground {
    /// The class as people read it.
    pub fn says(&self) -> String {
        match (self.decided, &self.class) {
            ("nowhere", _) => "(no claim known)".to_owned(),
            ("omitted", Some(class)) => format!("{class} (default)"),
            (_, Some(class)) if !class.is_empty() => class.clone(),
            ("omitted", _) => "(none written)".to_owned(),
            ("named", _) => "(made by hand)".to_owned(),
            _ => format!("({})", self.reason.as_deref().unwrap_or("unknown")),
        }
    }

    /// What the class is, and how many copies it keeps: `longhorn ×2`.
    pub fn stands(&self) -> String {
        let replicas = self.replicas.as_ref().map_or(String::new(), |number| format!(" ×{number}"));
        format!("{}{replicas}", self.standing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Place;

    #[test]
    fn claims_stand_under_their_class_and_a_place_that_decides_for_many_is_said_once() {
        let claim = |name: &str, class: Option<&str>, line: u32| ClaimRow {
            namespace: String::new(),
            name: name.into(),
            owner: format!("PersistentVolumeClaim/{name}"),
            size: None,
            used_by: Vec::new(),
            backups: Vec::new(),
            used_at: Vec::new(),
            road: Vec::new(),
            ground: Ground {
                class: class.map(str::to_owned),
                decided: if class.is_some() { "named" } else { "omitted" },
                reason: None,
                standing: "unknown",
                provisioner: None,
                replicas: None,
                environment: None,
                cluster: Some("home".into()),
                delivered: name != "old",
                place: Spot { file: "a.yaml".into(), start: Place { line, column: 1 }, inner: None },
            },
        };
        let claims = vec![
            claim("none", None, 1),
            claim("a", Some("fast"), 7),
            claim("b", Some("fast"), 7),
            claim("c", Some("fast"), 7),
            claim("d", Some("fast"), 8),
            claim("e", Some("slow"), 9),
            claim("f", Some("slow"), 9),
            claim("old", Some("slow"), 9),
        ];
        let stock = StorageStock { claims, ..StorageStock::default() };
        let sections = stock.sections();
        let titles: Vec<&str> = sections.iter().map(Section::title).collect();
        assert_eq!(titles, ["home", "not delivered"]);
        let told: Vec<(String, Option<String>, Vec<&str>)> = sections[0]
            .shelves()
            .into_iter()
            .map(|shelf| {
                let names = shelf.claims.iter().map(|row| row.name.as_str()).collect();
                (shelf.ground.says(), shelf.place.map(ToString::to_string), names)
            })
            .collect();
        let fast = || "fast".to_owned();
        let expected = [
            (fast(), None, vec!["d"]),
            (fast(), Some("a.yaml:7:1".to_owned()), vec!["a", "b", "c"]),
            ("slow".to_owned(), None, vec!["e", "f"]),
            ("(none written)".to_owned(), None, vec!["none"]),
        ];
        assert_eq!(told, expected);
    }
}
