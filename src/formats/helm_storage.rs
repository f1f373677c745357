//! What Helm values say about storage: the claims and the databases that charts bring along. The classes that charts
//! make are in `helm_classes`.

use super::claims::{of_chart, shown_at};
use super::tell::switched_off;
use super::{Desk, app_template, helm_backups, helm_classes, kubernetes, layouts, tell};
use crate::facts::{
    Backup, Claim, ClassName, Database, Engine, Fact, Placing, Resource, Unkept, Volume, Workload,
};
use crate::limits::DEEPEST_SUBCHART;
use crate::syntax::{Node, Value};
use crate::text::{Origin, Part, Str};
use std::sync::Arc;

/// Who takes values.
#[derive(Clone, Copy)]
pub(super) struct Taker<'a> {
    /// Nothing if nobody says yet which chart it is.
    pub(super) chart: Option<&'a str>,
    /// Where its pods run.
    pub(super) namespace: &'a str,
}

/// Reads a tree of values.
pub(super) fn read(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, base: &str, taker: Taker) {
    let Taker { chart, namespace } = taker;
    if app_template::is_app_template(root) {
        app_template::read(desk, owner, root, base, namespace);
        return;
    }
    existing(desk, owner, root, base, namespace);
    helm_classes::read(desk, owner, root, base);
    helm_classes::of_chart(desk, owner, root, chart.unwrap_or_default(), base);
    kubernetes::upgrade_mode(desk, owner, root.get("configMajorVersionUpgrade"));
    if chart == Some("velero") {
        helm_backups::velero(desk, owner, root, namespace);
    }
    if chart == Some("longhorn") || chart.is_none() && helm_classes::is_longhorn(root) {
        if let Some((key, persistence)) = root.entry("persistence") {
            let mut path = base.to_string();
            tell::push_key(&mut path, "persistence");
            helm_classes::longhorn(desk, owner, Some(persistence), &key.origin, &path);
        }
        return;
    }
    let global =
        ["defaultStorageClass", "storageClass"].iter().find_map(|key| root.get("global")?.part_at(key));
    let engines = desk.engines;
    let mut reader = Reader { desk, owner, global: global.filter(|part| !part.text.is_empty()) };
    let before = reader.desk.facts.databases.len();
    match chart.map(|chart| (chart, engines.of_chart(chart))) {
        Some((chart, Some(engine))) => {
            reader.database(root, base, engine, &format!("chart `{chart}`"), &root.origin)
        }
        // Nobody says yet which chart takes them: the join may.
        None if root.get("primary").is_some() || root.get("persistence").is_some() => {
            reader.database(root, base, Engine { name: Str::default(), major: None }, "", &root.origin);
        }
        // The chart is no database's: what runs over its volumes is told by the image.
        Some((chart, None))
            if root.get("persistence").is_some_and(app_template::is_of_volumes)
                || chart == "app-template" && root.get("image").is_some() =>
        {
            app_template::read_kin(reader.desk, owner, root, base, namespace);
        }
        _ => {}
    }
    reader.nested(root, base, 0);
    reader.inside(chart.unwrap_or_default(), root, base, before, &root.origin);
}

/// What a chart does by itself when all the values it gets say nothing of storage; it is named at `name`.
pub(super) fn unsaid(desk: &mut Desk, owner: &Arc<Resource>, name: &Part, values: Option<&Node>) {
    if name.text == "longhorn" && values.is_none_or(|values| values.get("persistence").is_none()) {
        helm_classes::longhorn(desk, owner, None, &name.origin, "");
    }
    helm_classes::by_itself(desk, owner, name, values);
    if values.is_some() {
        return;
    }
    let engine = desk.engines.of_chart(&name.text).filter(|engine| engine.name == "postgres");
    let nothing = Node::new(name.origin.clone(), Value::Null);
    let before = desk.facts.databases.len();
    let mut reader = Reader { desk, owner, global: None };
    if let Some(engine) = engine {
        let because = format!("chart `{}`", name.text);
        reader.database(&nothing, "", engine, &because, &name.origin);
    }
    reader.inside(&name.text, &nothing, "", before, &name.origin);
}

/// The claims that values name by `existingClaim`: what the chart mounts them into is not known, but that it does.
fn existing(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, base: &str, namespace: &str) {
    let mut volumes = Vec::new();
    existing_below(root, 0, &mut volumes);
    if volumes.is_empty() {
        return;
    }
    let says = Workload {
        namespace: namespace.into(),
        name: owner.name.clone(),
        replicas: None,
        ends: false,
        containers: Vec::new(),
        volumes,
        placing: Placing::default(),
    };
    let origin = root.origin.clone();
    desk.facts.workloads.push(Fact { says, origin, path: base.into(), owner: owner.clone() });
}

fn existing_below(node: &Node, depth: usize, out: &mut Vec<Volume>) {
    if depth > DEEPEST_SUBCHART || is_off(node) {
        return;
    }
    for (key, value) in node.entries() {
        let claim = value.part().filter(|part| key.text() == Some("existingClaim") && !part.text.is_empty());
        if claim.is_some() {
            out.push(Volume { claim, ..Volume::default() });
        } else {
            existing_below(value, depth + 1, out);
        }
    }
    for item in node.items() {
        existing_below(item, depth + 1, out);
    }
}

struct Reader<'r, 'd> {
    desk: &'r mut Desk<'d>,
    owner: &'r Arc<Resource>,
    /// The class that `global:` gives to whoever names none.
    global: Option<Part>,
}

impl Reader<'_, '_> {
    /// Databases that a chart brings along: `postgresql:` at any level, unless it is switched off.
    fn nested(&mut self, node: &Node, path: &str, depth: usize) {
        const ABOUT_OTHERS: [&str; 6] =
            ["global", "externalDatabase", "annotations", "labels", "config", "env"];
        for (key, value) in node.entries() {
            let Some(name) = key.text().filter(|_| value.is_map() && depth < DEEPEST_SUBCHART) else {
                continue;
            };
            if ABOUT_OTHERS.contains(&name) || is_off(value) {
                continue;
            }
            let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
            match self.desk.engines.of_key(name) {
                // `auth` of a database elsewhere is no database here: there must be something to keep.
                Some(engine) if brings_server(value, &engine) => {
                    self.database(value, &path, engine, &format!("values under `{name}`"), &key.origin)
                }
                Some(_) => {}
                None => self.nested(value, &path, depth + 1),
            }
        }
    }

    /// Databases that a chart keeps under names of its own, or brings where nothing is said. What was read by its usual
    /// keys since `before` is not told again.
    fn inside(&mut self, chart: &str, root: &Node, base: &str, before: usize, at: &Origin) {
        let engines = self.desk.engines;
        for layout in engines.inside(chart) {
            let Some(told) = layouts::read(engines, layout, self.owner, root, at) else { continue };
            let mut says = told.database;
            let mut known = self.desk.facts.databases[before..].iter();
            if says.claims.is_empty() || known.any(|fact| fact.says.engine.name == says.engine.name) {
                continue;
            }
            for (_, claim) in &mut says.claims {
                self.fall_back(claim);
            }
            let fact = Fact { says, origin: at.clone(), path: base.into(), owner: self.owner.clone() };
            self.desk.facts.databases.push(fact);
        }
    }

    /// The class of all, where a claim names none; an empty text says nothing to a chart.
    fn fall_back(&self, claim: &mut Claim) {
        if let ClassName::Named(part) = &claim.class
            && part.text.is_empty()
        {
            claim.class = ClassName::Omitted(part.origin.clone());
        }
        if let (ClassName::Omitted(_), Some(global)) = (&claim.class, &self.global) {
            claim.class = named(global.clone());
        }
    }

    fn database(&mut self, node: &Node, path: &str, engine: Engine, because: &str, at: &Origin) {
        let Some(mut claims) = self.claims(node) else { return };
        if claims.is_empty() && engine.name == "postgres" {
            // Nothing is said of storage, so the chart keeps data in the default class.
            let class = self.global.clone().map_or_else(|| ClassName::Omitted(at.clone()), named);
            let (namespace, name) = (self.owner.namespace.clone(), self.owner.name.clone());
            let claim = Claim { namespace, name, class, size: None, modes: Vec::new(), volume: None };
            claims.push(("data".into(), claim));
        }
        if claims.is_empty() {
            return;
        }
        let replicas = [&["readReplicas", "replicaCount"], &["replica", "replicaCount"]]
            .iter()
            .find_map(|path| node.at(*path).and_then(Node::part));
        let says = Database {
            namespace: self.owner.namespace.clone(),
            name: self.owner.name.clone(),
            engine,
            operator: None,
            because: because.into(),
            // Replicas stand beside a primary of their own.
            primaries: u32::from(replicas.is_some()),
            instances: replicas.or_else(|| node.part_at("replicaCount")),
            backup: Backup::Unknown,
            image: image(node),
            version: None,
            claims,
            keeps_nothing: keeps_nothing(node),
            origin: at.clone(),
        };
        helm_backups::of_database(self.desk, self.owner, node, path);
        self.desk.facts.databases.push(Fact {
            says,
            origin: at.clone(),
            path: path.into(),
            owner: self.owner.clone(),
        });
    }

    /// The claims of a database; nothing if it is told to keep no data.
    fn claims(&self, node: &Node) -> Option<Vec<(Str, Claim)>> {
        let (mut claims, mut is_told) = (Vec::new(), false);
        for role in ["", "primary", "master", "readReplicas", "replica", "secondary"] {
            let part = if role.is_empty() { Some(node) } else { node.get(role) };
            let part = part.filter(|part| role.is_empty() || !switched_off(part));
            let Some((key, persistence)) = part.and_then(|part| part.entry("persistence")) else { continue };
            is_told = true;
            if switched_off(persistence) {
                continue;
            }
            if app_template::is_of_volumes(persistence) {
                for (key, entry) in persistence.entries() {
                    let spec = app_template::claim_of(entry).filter(|_| !switched_off(entry));
                    let named = key.text().zip(spec);
                    claims.extend(named.map(|(name, spec)| (name.into(), self.claim(name, key, spec))));
                }
                continue;
            }
            let what = if role.is_empty() || role == "primary" { "data" } else { role };
            claims.push((what.into(), self.claim(&self.owner.name, key, persistence)));
        }
        (!is_told || !claims.is_empty()).then_some(claims)
    }

    /// The claim of a `persistence:`, whose class may be the one of all.
    fn claim(&self, name: &str, key: &Node, persistence: &Node) -> Claim {
        let claim = of_chart(&self.owner.namespace, name, persistence);
        let mut claim = shown_at(&key.origin, persistence, claim);
        self.fall_back(&mut claim);
        if let Some(existing) = persistence.part_at("existingClaim").filter(|part| !part.text.is_empty()) {
            claim.class = ClassName::Existing(existing);
        }
        claim
    }
}

/// Whether a chart is told to have its server write nothing to its disk. What such a key says takes the place of what the
/// chart would say there.
fn keeps_nothing(node: &Node) -> bool {
    const TEXTS: [&[&str]; 5] = [
        &["commonConfiguration"],
        &["configuration"],
        &["master", "configuration"],
        &["primary", "configuration"],
        &["valkeyConfig"],
    ];
    let mut unkept = Unkept::default();
    for path in TEXTS {
        let text = node.at(path).and_then(Node::part);
        text.iter().for_each(|part| unkept.read(part));
    }
    for path in [&["redis", "config"], &["valkey", "config"]] {
        for (key, value) in node.at(path).map(Node::entries).unwrap_or_default() {
            if let (Some(name), Some(value)) = (key.text(), value.text()) {
                unkept.read_entry(name, if value.is_empty() { "''" } else { value });
            }
        }
    }
    for path in [&["extraFlags"][..], &["master", "extraFlags"], &["primary", "extraFlags"]] {
        let words = node.at(path).map(Node::items).unwrap_or_default();
        unkept.read_words(&words.iter().filter_map(Node::text).collect::<Vec<_>>());
    }
    unkept.is_told()
}

/// The image that values give to a chart: its tag, behind its repository where they say which one.
fn image(node: &Node) -> Option<Part> {
    let tag = node.at(&["image", "tag"]).and_then(Node::part)?;
    let repository = node.at(&["image", "repository"]).and_then(Node::part).filter(Part::is_known);
    let Some(repository) = repository.filter(|part| !part.text.is_empty() && tag.is_known()) else {
        return Some(tag);
    };
    Some(Part::new(format!("{}:{}", repository.text, tag.text), tag.origin.respelled()))
}

const SWITCHES: [&str; 4] = ["enabled", "install", "deploy", "internal"];

fn is_off(node: &Node) -> bool {
    SWITCHES.iter().any(|key| {
        node.get(key).and_then(Node::scalar).is_some_and(|scalar| scalar.is_bool() && !scalar.is_true())
    })
}

/// Whether something is kept here. What other engines keep by default differs from chart to chart, so they must say
/// so; PostgreSQL's charts all keep data unless they are told not to.
fn brings_server(node: &Node, engine: &Engine) -> bool {
    let is_on = SWITCHES.iter().any(|key| {
        node.get(key).and_then(Node::scalar).is_some_and(|scalar| scalar.is_bool() && scalar.is_true())
    });
    let has = |keys: &[&str]| keys.iter().any(|key| node.get(key).is_some());
    has(&["primary", "persistence", "master", "readReplicas", "replica"])
        || engine.name == "postgres" && (is_on || has(&["architecture", "image"]))
}

fn named(part: Part) -> ClassName {
    if part.is_known() { ClassName::Named(part) } else { ClassName::Unknown(part) }
}
