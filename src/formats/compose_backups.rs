//! Services of compose files that take backups, and the other names under which services reach each other.

use super::Desk;
use super::dumps::{self, Given, Worker};
use crate::facts::{BackupPlan, Fact, Resource, Service, When};
use crate::syntax::Node;
use crate::text::{Part, Str};
use std::sync::Arc;

/// Reads one service; its variables are filled in.
pub(super) fn read(desk: &mut Desk, owner: &Arc<Resource>, service: &Node) {
    for alias in service.part_at("container_name").into_iter().chain(aliases(service)) {
        let resource = Some(Part::new(owner.name.clone(), alias.origin.clone()));
        let says = Service { namespace: Str::default(), name: alias.text, selects: Vec::new(), resource };
        let (origin, owner) = (alias.origin, owner.clone());
        desk.facts.services.push(Fact { says, origin, path: "container_name".into(), owner });
    }
    let off = switched_off(service);
    for (kind, of) in dumps::read(&worker(service)) {
        let says = BackupPlan {
            namespace: Str::default(),
            kind: Some(kind),
            of,
            when: When::Always,
            to: None,
            needs_store: false,
            section: None,
            off: off.then(|| service.origin.clone()),
        };
        let (origin, owner) = (service.origin.clone(), owner.clone());
        desk.facts.backups.push(Fact { says, origin, path: Str::default(), owner });
    }
}

/// `deploy.replicas: 0`, `scale: 0`: it is written, and does not run.
fn switched_off(service: &Node) -> bool {
    let replicas = service.at(&["deploy", "replicas"]).or_else(|| service.get("scale"));
    replicas.and_then(Node::text) == Some("0")
}

/// The names that the networks of a service give it.
fn aliases(service: &Node) -> impl Iterator<Item = Part> {
    let networks = service.get("networks").map(Node::entries).unwrap_or_default();
    let lists = networks.iter().filter_map(|(_, network)| network.get("aliases"));
    lists.flat_map(Node::items).filter_map(Node::part)
}

fn worker(service: &Node) -> Worker {
    let words = ["entrypoint", "command"].iter().filter_map(|key| service.get(key));
    let words = words.flat_map(|node| node.items().iter().chain(node.scalar().map(|_| node)));
    let mut env = variables(service.get("environment"));
    // What a file gives is not read here; a host may be in it.
    let has_file = service.get("env_file").is_some_and(|files| !files.is_null());
    if has_file && !env.iter().any(|(name, _)| dumps::is_host_name(name)) {
        env.push(("PGHOST".into(), Given::Unknown));
    }
    Worker {
        image: service.text_at("image").map(Str::from),
        words: words.filter_map(Node::part).collect(),
        env,
        secrets: Vec::new(),
        mounts: volumes(service),
    }
}

/// `NAME: value`, or `- NAME=value`.
fn variables(node: Option<&Node>) -> Vec<(Str, Given)> {
    let Some(node) = node else { return Vec::new() };
    let given = |value: Option<Part>| value.map_or(Given::Unknown, Given::Text);
    let map =
        node.entries().iter().filter_map(|(key, value)| Some((key.text()?.into(), given(value.part()))));
    let list = node.items().iter().filter_map(|item| {
        let part = item.part()?;
        let sign = part.text.find('=').unwrap_or(part.text.len());
        let value = (sign < part.text.len()).then(|| part.slice(sign + 1..part.text.len()));
        Some((part.text[..sign].into(), given(value)))
    });
    map.chain(list).collect()
}

/// The volumes that a service mounts by name; folders of the host are none.
fn volumes(service: &Node) -> Vec<Part> {
    let entries = service.get("volumes").map(Node::items).unwrap_or_default();
    let named = entries.iter().filter_map(|entry| match entry.part() {
        Some(whole) => Some(whole.slice(0..whole.text.find(':')?)),
        None => entry.part_at("source"),
    });
    named.filter(|name| !name.text.starts_with(['.', '/', '~'])).collect()
}
