//! What Helm values say about storage: the databases that charts bring along, and the workloads of app-template.

use super::{Desk, kubernetes};
use crate::facts::{
    Backup, Claim, ClassName, Container, Database, Engine, Fact, Resource, Volume, Workload, engine_of_chart,
};
use crate::syntax::Node;
use crate::text::{Origin, Part, Str};
use std::sync::Arc;

/// Reads a tree of values. `chart` is the chart that takes them, where that is known.
pub(super) fn read(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, base: &str, chart: Option<&str>) {
    if root.get("controllers").is_some_and(Node::is_map) {
        app_template(desk, owner, root, base);
        return;
    }
    let global = global_class(root);
    match chart.map(engine_of_chart) {
        Some(Some(engine)) => {
            let because = format!("chart `{}`", chart.unwrap_or_default());
            database(desk, owner, root, base, engine, &because, global.as_ref(), &root.origin);
        }
        // Nobody says yet which chart takes them: the join may.
        None if root.get("primary").is_some() || root.get("persistence").is_some() => {
            database(
                desk,
                owner,
                root,
                base,
                Engine { name: Str::default(), major: None },
                "",
                global.as_ref(),
                &root.origin,
            );
        }
        _ => {}
    }
    nested(desk, owner, root, base, global.as_ref(), 0);
}

/// Databases that a chart brings along: `postgresql:` at any level, unless it is switched off.
fn nested(
    desk: &mut Desk,
    owner: &Arc<Resource>,
    node: &Node,
    path: &str,
    global: Option<&Part>,
    depth: usize,
) {
    for (key, value) in node.entries() {
        let Some(name) = key.text().filter(|_| value.is_map() && depth < 6) else { continue };
        if matches!(name, "global" | "externalDatabase" | "annotations" | "labels" | "config" | "env")
            || is_off(value)
        {
            continue;
        }
        let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        match engine_of_chart(name) {
            // `auth` or `connection` of a database elsewhere is no database here: there must be something to keep.
            Some(engine) if brings_server(value) => database(
                desk,
                owner,
                value,
                &path,
                engine,
                &format!("values under `{name}`"),
                global,
                &key.origin,
            ),
            Some(_) => {}
            None => nested(desk, owner, value, &path, global, depth + 1),
        }
    }
}

fn is_off(node: &Node) -> bool {
    ["enabled", "install", "deploy", "internal"].iter().any(|key| {
        node.get(key).and_then(Node::scalar).is_some_and(|scalar| scalar.is_bool() && !scalar.is_true())
    })
}

fn is_on(node: &Node) -> bool {
    ["enabled", "install", "deploy"].iter().any(|key| {
        node.get(key).and_then(Node::scalar).is_some_and(|scalar| scalar.is_bool() && scalar.is_true())
    })
}

fn brings_server(node: &Node) -> bool {
    is_on(node)
        || ["primary", "persistence", "master", "readReplicas", "replica", "architecture", "image"]
            .iter()
            .any(|key| node.get(key).is_some())
}

fn global_class(root: &Node) -> Option<Part> {
    let global = root.get("global")?;
    ["defaultStorageClass", "storageClass"]
        .iter()
        .find_map(|key| global.part_at(key))
        .filter(|part| !part.text.is_empty())
}

#[allow(clippy::too_many_arguments)]
fn database(
    desk: &mut Desk,
    owner: &Arc<Resource>,
    node: &Node,
    path: &str,
    engine: Engine,
    because: &str,
    global: Option<&Part>,
    at: &Origin,
) {
    let mut claims = Vec::new();
    let mut off = false;
    for role in ["", "primary", "master", "readReplicas", "replica", "secondary"] {
        let part = if role.is_empty() { Some(node) } else { node.get(role).filter(|part| !is_off(part)) };
        let Some(persistence) = part.and_then(|part| part.get("persistence")) else { continue };
        if is_off(persistence) {
            off = true;
            continue;
        }
        let mut claim = kubernetes::claim(&owner.namespace, &owner.name, persistence, "storageClass");
        if matches!(claim.class, ClassName::Omitted(_)) {
            claim.class = kubernetes::class_name(persistence, "storageClassName");
        }
        if let Some(existing) = persistence.part_at("existingClaim").filter(|part| !part.text.is_empty()) {
            claim.class = ClassName::Existing(existing);
        }
        let is_empty = matches!(&claim.class, ClassName::Named(part) if part.text.is_empty());
        if let (true, Some(global)) = (matches!(claim.class, ClassName::Omitted(_)) || is_empty, global) {
            claim.class = named(global.clone());
        } else if is_empty {
            claim.class = ClassName::Omitted(persistence.origin.clone());
        }
        let what = if role.is_empty() || role == "primary" { "data" } else { role };
        claims.push((Str::from(what), claim));
    }
    if claims.is_empty() && !off && !engine.name.is_empty() {
        // Nothing is said of storage, so the chart keeps data in the default class.
        let class = global.map_or_else(|| ClassName::Omitted(at.clone()), |global| named(global.clone()));
        claims.push((
            "data".into(),
            Claim {
                namespace: owner.namespace.clone(),
                name: owner.name.clone(),
                class,
                size: None,
                modes: Vec::new(),
            },
        ));
    }
    if claims.is_empty() {
        return;
    }
    let find = |paths: &[&[&str]]| paths.iter().find_map(|path| node.at(path).and_then(Node::part));
    let says = Database {
        namespace: owner.namespace.clone(),
        name: owner.name.clone(),
        engine,
        because: because.into(),
        instances: find(&[
            &["readReplicas", "replicaCount"],
            &["replica", "replicaCount"],
            &["replicaCount"],
        ]),
        backup: Backup::Unknown,
        image: find(&[&["image", "tag"]]),
        claims,
        origin: at.clone(),
    };
    desk.facts.databases.push(Fact { says, origin: at.clone(), path: path.into(), owner: owner.clone() });
}

fn named(part: Part) -> ClassName {
    if crate::facts::holes(&part.text).is_empty() { ClassName::Named(part) } else { ClassName::Unknown(part) }
}

/// bjw-s app-template: controllers with containers, and volumes that all of them mount unless they say otherwise.
fn app_template(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, base: &str) {
    for (key, controller) in root.get("controllers").map(Node::entries).unwrap_or_default() {
        let Some(name) = key.text().filter(|_| !is_off(controller)) else { continue };
        if matches!(controller.text_at("type"), Some("job" | "cronjob")) {
            continue;
        }
        let mut volumes = Vec::new();
        for (key, entry) in root.get("persistence").map(Node::entries).unwrap_or_default() {
            let (Some(volume), true) =
                (key.text(), matches!(entry.text_at("type"), None | Some("persistentVolumeClaim")))
            else {
                continue;
            };
            let advanced = entry.get("advancedMounts");
            if is_off(entry) || advanced.is_some_and(|mounts| mounts.get(name).is_none()) {
                continue;
            }
            volumes.push(match entry.part_at("existingClaim") {
                Some(claim) => {
                    Volume { name: volume.into(), claim: Some(claim), inline: None, host_path: None }
                }
                None => {
                    let inline = kubernetes::claim(&owner.namespace, volume, entry, "storageClass");
                    Volume { name: volume.into(), claim: None, inline: Some(inline), host_path: None }
                }
            });
        }
        for template in
            controller.at(&["statefulset", "volumeClaimTemplates"]).map(Node::items).unwrap_or_default()
        {
            let volume = template.text_at("name").unwrap_or_default();
            let inline = kubernetes::claim(&owner.namespace, volume, template, "storageClass");
            volumes.push(Volume { name: volume.into(), claim: None, inline: Some(inline), host_path: None });
        }
        let mut containers = Vec::new();
        for (list, init) in [("containers", false), ("initContainers", true)] {
            for (key, container) in controller.get(list).map(Node::entries).unwrap_or_default() {
                containers.push(Container {
                    name: key.text().unwrap_or_default().into(),
                    image: container.get("image").and_then(image),
                    init,
                    mounts: volumes.iter().map(|volume| (volume.name.clone(), Str::default())).collect(),
                });
            }
        }
        let says = Workload {
            namespace: owner.namespace.clone(),
            name: name.into(),
            replicas: controller.part_at("replicas"),
            containers,
            volumes,
        };
        let path = format!("{base}.controllers.{name}");
        desk.facts.workloads.push(Fact {
            says,
            origin: controller.origin.clone(),
            path: path.into(),
            owner: owner.clone(),
        });
    }
}

/// The image of a container as one text, standing where its repository stands.
fn image(node: &Node) -> Option<Part> {
    let repository = node.part_at("repository").or_else(|| node.part())?;
    let text = match node.text_at("tag") {
        Some(tag) => format!("{}:{tag}", repository.text),
        None => repository.text.to_string(),
    };
    Some(Part { text: text.into(), origin: repository.origin })
}
