//! The storage as a picture: databases, their claims, the classes under these, who provisions them and what copies
//! them, in a frame for each cluster. Bounded, and it says what it leaves out. Knows no language of pictures.

use super::{BackupRow, ClaimRow, DatabaseRow, Ground, Section, StorageStock, Whose, short};
use crate::facts::listed;
use crate::judge::hash;
use std::collections::{BTreeMap, BTreeSet};

/// How many databases, and claims that no database uses, are drawn: beyond this nobody can read a picture, and GitHub
/// draws no Mermaid of more than 500 lines between nodes.
const DRAWN: usize = 60;

/// How many clusters are drawn.
const FRAMES: usize = 30;

/// How many plans are drawn for one thing; most have one or two.
const PLANS: usize = 3;

/// Letters of a hash that names a node: enough that two of a picture never meet.
const NAME: usize = 12;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    pub frames: Vec<Frame>,
    /// Those that occur in it, sorted.
    pub standings: Vec<&'static str>,
    /// What is in no frame, in words.
    pub left_out: Vec<String>,
}

/// What one cluster has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    pub id: String,
    pub title: String,
    pub delivered: bool,
    pub nodes: Vec<Node>,
    pub links: Vec<Link>,
}

/// One thing. Its name depends on what it is alone, so that it stays when others come and go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    pub id: String,
    pub shape: Shape,
    pub lines: Vec<String>,
    pub standing: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    Database,
    Claim,
    Class,
    Provisioner,
    /// What a database is on that is no claim.
    Volume,
    Backup,
    LeftOut,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Link {
    pub from: String,
    pub to: String,
    /// `from` is copied by `to`, rather than kept on it.
    pub is_copy: bool,
}

impl StorageStock {
    pub fn picture(&self) -> Picture {
        let mut sections = self.sections();
        // Volumes are drawn under their databases only.
        sections.retain(|section| !section.databases.is_empty() || !section.claims.is_empty());
        let units: Vec<Units> = sections.iter().map(Units::of).collect();
        let level = level(units.iter().take(FRAMES).map(Units::count));
        let is_alone = sections.len() == 1;
        let mut picture = Picture { frames: Vec::new(), standings: Vec::new(), left_out: Vec::new() };
        for (section, units) in sections.iter().zip(&units).take(FRAMES) {
            picture.frames.push(frame(section, units, level, is_alone));
        }
        let standings: BTreeSet<&'static str> =
            picture.frames.iter().flat_map(|frame| &frame.nodes).filter_map(|node| node.standing).collect();
        picture.standings = standings.into_iter().collect();
        if let Some(rest) = sections.get(FRAMES..).filter(|rest| !rest.is_empty()) {
            let names: Vec<&str> = rest.iter().map(|section| section.title()).collect();
            let databases = rest.iter().map(|section| section.databases.len()).sum();
            let claims = rest.iter().map(|section| section.claims.len()).sum();
            picture.left_out.push(format!("left out: {}", listed(names)));
            picture.left_out.push(numbers(databases, claims));
        }
        let gaps = self.gaps.iter().take(NAMED).map(|gap| format!("not read: {gap}"));
        picture.left_out.extend(gaps);
        if self.gaps.len() > NAMED {
            picture.left_out.push(format!("and {} more", self.gaps.len() - NAMED));
        }
        picture
    }
}

/// So many of what was not read are named.
const NAMED: usize = 3;

/// A database with all its rows, each with the claims that it is on.
struct Kept<'a> {
    rows: Vec<(&'a DatabaseRow, Vec<usize>)>,
}

/// What a section has to draw: its databases, and by index the claims that none of them uses.
struct Units<'a> {
    databases: Vec<Kept<'a>>,
    claims: Vec<usize>,
}

impl<'a> Units<'a> {
    fn of(section: &Section<'a>) -> Units<'a> {
        let mut databases: BTreeMap<_, Vec<(&DatabaseRow, Vec<usize>)>> = BTreeMap::new();
        let mut used: BTreeSet<usize> = BTreeSet::new();
        for row in section.databases.iter().copied() {
            let claims = claims_of(row, &section.claims);
            used.extend(&claims);
            databases.entry(identity(row)).or_default().push((row, claims));
        }
        let claims = (0..section.claims.len()).filter(|at| !used.contains(at)).collect();
        Units { databases: databases.into_values().map(|rows| Kept { rows }).collect(), claims }
    }

    fn count(&self) -> usize {
        self.databases.len() + self.claims.len()
    }
}

/// What tells one database from another within a cluster.
fn identity(row: &DatabaseRow) -> (&str, &str, &str, Option<u32>, Option<&str>) {
    (&row.who, &row.home, &row.engine, row.major, row.ground.environment.as_deref())
}

/// The claims that a row of a database is on: those that it uses and that are decided alike; by name, if there are
/// several.
fn claims_of(row: &DatabaseRow, claims: &[&ClaimRow]) -> Vec<usize> {
    let uses = |claim: &ClaimRow| {
        (claim.owner == row.who || claim.used_by.contains(&row.who))
            && (&claim.ground.environment, &claim.ground.place)
                == (&row.ground.environment, &row.ground.place)
    };
    let all: Vec<usize> = (0..claims.len()).filter(|&at| uses(claims[at])).collect();
    let Some((name, size)) = &row.claim else { return Vec::new() };
    let is_named = |&at: &usize| claims[at].name == *name && (size.is_none() || claims[at].size == *size);
    let named: Vec<usize> = all.iter().copied().filter(is_named).collect();
    match (named.is_empty(), all.as_slice()) {
        (false, _) => named,
        (true, [only]) => vec![*only],
        (true, _) => Vec::new(),
    }
}

/// How many of each section are drawn, so that all together are no more than there is room for and small ones are whole.
fn level(counts: impl Iterator<Item = usize> + Clone) -> usize {
    let taken = |level: usize| counts.clone().map(|count| count.min(level)).sum::<usize>();
    (1..=DRAWN).rev().find(|&level| taken(level) <= DRAWN).unwrap_or(1)
}

fn frame(section: &Section, units: &Units, level: usize, is_alone: bool) -> Frame {
    let title = if is_alone && section.whose == Whose::Unnamed { "" } else { section.title() };
    let claim_ids = claim_ids(section.title(), &section.claims);
    let mut sheet = Sheet { whose: section.title(), claims: &section.claims, claim_ids, ..Sheet::default() };
    let databases = units.databases.iter().take(level);
    let room = level - databases.len();
    databases.for_each(|kept| sheet.database(kept));
    units.claims.iter().take(room).for_each(|&at| {
        let id = sheet.claim(at);
        sheet.copies(&id, &section.claims[at].backups, &[]);
    });
    let hidden = units.databases.iter().skip(level).flat_map(|kept| &kept.rows);
    let theirs: BTreeSet<usize> = hidden.clone().flat_map(|(_, claims)| claims).copied().collect();
    let missing = theirs.iter().filter(|&&at| !sheet.known.contains(&sheet.claim_ids[at])).count();
    let (databases, claims) =
        (units.databases.len().saturating_sub(level), units.claims.len().saturating_sub(room) + missing);
    if databases + claims > 0 {
        let id = id("more", &[sheet.whose]);
        sheet.put(id, Shape::LeftOut, vec![format!("left out: {}", numbers(databases, claims))], None);
    }
    Frame {
        id: id("in", &[sheet.whose]),
        title: title.to_owned(),
        delivered: section.whose != Whose::Nowhere,
        nodes: sheet.nodes,
        links: sheet.links,
    }
}

fn numbers(databases: usize, claims: usize) -> String {
    let one = |number: usize, one: &str, several: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{number} {several}")),
    };
    let said = [one(databases, "database", "databases"), one(claims, "claim", "claims")];
    said.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A name for a node: the same in every run.
fn id(kind: &str, parts: &[&str]) -> String {
    format!("{kind}_{}", &hash(parts)[..NAME])
}

/// Names for claims. Lines move, so they are no part of a name; what is alike but for those is counted.
fn claim_ids(whose: &str, claims: &[&ClaimRow]) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let name = |row: &&ClaimRow| {
        let environment = row.ground.environment.as_deref().unwrap_or("");
        let size = row.size.as_deref().unwrap_or("");
        let file = &row.ground.place.file;
        let id = id("claim", &[whose, &row.owner, &row.name, &row.namespace, environment, file, size]);
        let number = seen.entry(id.clone()).or_insert(0);
        *number += 1;
        if *number == 1 { id } else { format!("{id}_{number}") }
    };
    claims.iter().map(name).collect()
}

/// A frame that is being drawn.
#[derive(Default)]
struct Sheet<'a> {
    whose: &'a str,
    claims: &'a [&'a ClaimRow],
    claim_ids: Vec<String>,
    nodes: Vec<Node>,
    known: BTreeSet<String>,
    links: Vec<Link>,
}

impl<'a> Sheet<'a> {
    fn put(&mut self, id: String, shape: Shape, lines: Vec<String>, standing: Option<&'static str>) {
        if self.known.insert(id.clone()) {
            let lines = lines.into_iter().filter(|line| !line.is_empty()).collect();
            self.nodes.push(Node { id, shape, lines, standing });
        }
    }

    fn link(&mut self, from: &str, to: &str, is_copy: bool) {
        let link = Link { from: from.to_owned(), to: to.to_owned(), is_copy };
        if !self.links.contains(&link) {
            self.links.push(link);
        }
    }

    fn database(&mut self, kept: &Kept) {
        let Some((row, _)) = kept.rows.first() else { return };
        let (who, home, engine, major, environment) = identity(row);
        let named = major.map_or(engine.to_owned(), |major| format!("{engine} {major}"));
        let own = id("database", &[self.whose, &format!("{who}{home}"), &named, environment.unwrap_or("")]);
        let copies = row.instances.as_ref().map(|number| match number.as_str() {
            "1" => "1 copy".to_owned(),
            number => format!("{number} copies"),
        });
        let nowhere = match &row.on {
            Some(on) if on.kind == "container" => Some("its data is in the container".to_owned()),
            None if row.ground.decided == "nowhere" => Some("no claim known".to_owned()),
            _ => None,
        };
        let none = (row.backup == "no").then(|| "no backup".to_owned());
        let about: Vec<String> = [Some(named), copies, nowhere, none].into_iter().flatten().collect();
        self.put(
            own.clone(),
            Shape::Database,
            vec![who.to_owned(), about.join(", ")],
            Some(row.ground.standing),
        );
        for (row, on) in &kept.rows {
            self.volume(&own, row);
            for &at in on {
                let claim = self.claim(at);
                self.link(&own, &claim, false);
                self.copies(&claim, &self.claims[at].backups, &row.backups);
            }
            if on.is_empty() && row.ground.decided != "nowhere" {
                self.class(&own, &row.ground);
            }
            self.copies(&own, &row.backups, &[]);
        }
    }

    /// What a database is on that is no claim.
    fn volume(&mut self, database: &str, row: &DatabaseRow) {
        let Some(on) = row.on.as_ref().filter(|on| on.kind != "container") else { return };
        let path = on.path.clone().unwrap_or_default();
        // Two pods never share what goes with them.
        let home = if path.starts_with('/') { "" } else { row.who.as_str() };
        let own = id("volume", &[self.whose, on.kind, &path, home]);
        let lines = vec![path, on.kind.to_owned()];
        self.put(own.clone(), Shape::Volume, lines, Some(row.ground.standing));
        self.link(database, &own, false);
    }

    fn claim(&mut self, at: usize) -> String {
        let (row, own) = (self.claims[at], self.claim_ids[at].clone());
        let lines = vec![short(&row.title()).to_owned(), row.size.clone().unwrap_or_default()];
        self.put(own.clone(), Shape::Claim, lines, Some(row.ground.standing));
        self.class(&own, &row.ground);
        own
    }

    fn class(&mut self, from: &str, ground: &Ground) {
        let provisioner = ground.provisioner.as_deref().unwrap_or("");
        let (says, stands) = (ground.says(), ground.stands());
        let own = id("class", &[self.whose, &says, &stands, provisioner]);
        self.put(own.clone(), Shape::Class, vec![says, stands], Some(ground.standing));
        self.link(from, &own, false);
        if !provisioner.is_empty() {
            let below = id("provisioner", &[self.whose, provisioner]);
            self.put(below.clone(), Shape::Provisioner, vec![provisioner.to_owned()], None);
            self.link(&own, &below, false);
        }
    }

    /// What copies a thing, but for what is drawn at another one already.
    fn copies(&mut self, from: &str, backups: &[BackupRow], drawn: &[BackupRow]) {
        let mut plans: BTreeMap<(&str, &str), Vec<BackupRow>> = BTreeMap::new();
        for row in backups.iter().filter(|row| !drawn.contains(row)) {
            plans.entry((&row.by, row.to.as_deref().unwrap_or(""))).or_default().push(row.clone());
        }
        let more = plans.len().saturating_sub(PLANS);
        for ((by, to), rows) in plans.into_iter().take(PLANS) {
            let copies = BackupRow::copies(&rows);
            let own = id("backup", &[self.whose, by, to, &copies]);
            let to = if to.is_empty() { String::new() } else { format!("to {to}") };
            self.put(own.clone(), Shape::Backup, vec![by.to_owned(), copies, to], None);
            self.link(from, &own, true);
        }
        if more > 0 {
            let own = id("backups", &[self.whose, from]);
            self.put(own.clone(), Shape::LeftOut, vec![format!("left out: {more} more that copy it")], None);
            self.link(from, &own, true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{Lies, Spot};
    use crate::text::Place;

    fn ground(cluster: &str, line: u32) -> Ground {
        let start = Place { line, column: 1 };
        Ground {
            class: Some("block".into()),
            decided: "named",
            reason: None,
            standing: "longhorn",
            provisioner: Some("driver.longhorn.io".into()),
            replicas: None,
            environment: None,
            cluster: Some(cluster.into()),
            delivered: true,
            place: Spot { file: "a.yaml".into(), start, inner: None },
        }
    }

    fn claim(cluster: &str, name: &str, line: u32, used_by: &[&str]) -> ClaimRow {
        ClaimRow {
            namespace: "keep".into(),
            name: name.into(),
            owner: format!("PersistentVolumeClaim/keep/{name}"),
            size: None,
            used_by: used_by.iter().map(|user| (*user).to_owned()).collect(),
            backups: Vec::new(),
            used_at: Vec::new(),
            road: Vec::new(),
            ground: ground(cluster, line),
        }
    }

    fn database(cluster: &str, who: &str, line: u32, claim: &str) -> DatabaseRow {
        DatabaseRow {
            who: who.into(),
            home: String::new(),
            engine: "postgres".into(),
            major: Some(17),
            because: String::new(),
            what: "data".into(),
            claim: Some((claim.into(), None)),
            on: None,
            instances: Some("3".into()),
            backup: "no",
            backups: Vec::new(),
            ground: ground(cluster, line),
            road: Vec::new(),
        }
    }

    fn stock(databases: Vec<DatabaseRow>, claims: Vec<ClaimRow>) -> StorageStock {
        StorageStock { databases, claims, ..StorageStock::default() }
    }

    fn count(picture: &Picture, shape: Shape) -> usize {
        picture.frames.iter().flat_map(|frame| &frame.nodes).filter(|node| node.shape == shape).count()
    }

    #[test]
    fn a_database_leads_to_its_own_claim_and_to_no_other() {
        // Both claims are decided at one place and used by one workload: the name tells which holds the data.
        let user = "Deployment/keep/db";
        let claims = vec![claim("a", "data", 5, &[user]), claim("a", "dumps", 5, &[user])];
        let picture = stock(vec![database("a", user, 5, "data")], claims).picture();
        let frame = &picture.frames[0];
        let of = |start: &str| {
            let node = frame.nodes.iter().find(|node| node.lines[0] == start).unwrap();
            frame
                .links
                .iter()
                .filter(|link| link.from == node.id)
                .map(|link| link.to.clone())
                .collect::<Vec<_>>()
        };
        let id = |start: &str| frame.nodes.iter().find(|node| node.lines[0] == start).unwrap().id.clone();
        assert_eq!(of(user), [id("keep/data")]);
        assert_eq!(of("keep/data"), [id("block")]);
        assert_eq!(of("keep/dumps"), [id("block")]);
        assert_eq!(of("block"), [id("driver.longhorn.io")]);
        assert_eq!(frame.nodes[0].lines[1], "postgres 17, 3 copies, no backup");
    }

    #[test]
    fn a_database_without_a_claim_leads_to_what_it_is_on() {
        let on = |kind, path: Option<&str>| Some(Lies { kind, path: path.map(str::to_owned) });
        let row = |who: &str, on| {
            let mut row = DatabaseRow { claim: None, on, ..database("a", who, 5, "") };
            row.ground.decided = "nowhere";
            row
        };
        let rows = vec![
            row("Deployment/keep/a", on("host path", Some("/srv/db"))),
            row("Deployment/keep/b", on("host path", Some("/srv/db"))),
            row("Deployment/keep/c", on("pod folder", None)),
            row("Deployment/keep/d", on("container", Some("/data"))),
            row("Deployment/keep/e", None),
        ];
        let picture = stock(rows, vec![]).picture();
        let frame = &picture.frames[0];
        assert_eq!((count(&picture, Shape::Volume), frame.links.len()), (2, 3));
        let told =
            |at: usize| frame.nodes.iter().filter(|node| node.shape == Shape::Database).nth(at).unwrap();
        assert_eq!(told(0).lines[1], "postgres 17, 3 copies, no backup");
        assert_eq!(told(3).lines[1], "postgres 17, 3 copies, its data is in the container, no backup");
        assert_eq!(told(4).lines[1], "postgres 17, 3 copies, no claim known, no backup");
    }

    #[test]
    fn names_of_nodes_stay_when_others_come() {
        let one = stock(vec![], vec![claim("a", "data", 5, &[])]).picture();
        let two = stock(vec![], vec![claim("a", "before", 1, &[]), claim("a", "data", 5, &[])]).picture();
        let ids = |picture: &Picture| -> BTreeSet<String> {
            picture.frames[0].nodes.iter().map(|node| node.id.clone()).collect()
        };
        assert!(ids(&one).is_subset(&ids(&two)));
        let moved = stock(vec![], vec![claim("a", "data", 9, &[])]).picture();
        assert_eq!(ids(&one), ids(&moved), "lines move");
        let alike = stock(vec![], vec![claim("a", "data", 5, &[]), claim("a", "data", 9, &[])]).picture();
        assert_eq!(count(&alike, Shape::Claim), 2);
        let other = stock(vec![], vec![claim("b", "data", 5, &[])]).picture();
        assert!(ids(&one).is_disjoint(&ids(&other)), "the same in another cluster is another thing");
    }

    #[test]
    fn what_has_no_room_is_counted() {
        let claims = |cluster: &str, number: u32| -> Vec<ClaimRow> {
            (0..number).map(|at| claim(cluster, &format!("c{at}"), at + 1, &[])).collect()
        };
        // A small cluster is drawn whole beside a large one.
        let picture = stock(vec![], [claims("large", 500), claims("small", 5)].concat()).picture();
        assert_eq!(count(&picture, Shape::Claim), DRAWN);
        let told: Vec<&str> =
            picture.frames.iter().map(|frame| frame.nodes.last().unwrap().lines[0].as_str()).collect();
        assert_eq!(told, ["left out: 445 claims", "keep/c4"]);
        // Databases come first, and claims of those that are left out are left out with them.
        let user = |at: u32| format!("Deployment/keep/d{at}");
        let databases = (0..70).map(|at| database("a", &user(at), at + 1, &format!("c{at}"))).collect();
        let used = (0..70).map(|at| claim("a", &format!("c{at}"), at + 1, &[&user(at)])).collect();
        let picture = stock(databases, used).picture();
        assert_eq!((count(&picture, Shape::Database), count(&picture, Shape::Claim)), (DRAWN, DRAWN));
        assert_eq!(picture.frames[0].nodes.last().unwrap().lines, ["left out: 10 databases, 10 claims"]);
        let many = (0..40).flat_map(|at| claims(&format!("cluster-{at:02}"), 2)).collect();
        let picture = stock(vec![], many).picture();
        assert_eq!((picture.frames.len(), count(&picture, Shape::Claim)), (FRAMES, DRAWN));
        assert_eq!(
            picture.left_out,
            ["left out: cluster-30, cluster-31, cluster-32 and 7 more", "20 claims"]
        );
    }
}
