//! What containers are told of where to keep their data: by variables, and by words behind their program. What else
//! variables say is for others.

use crate::facts::{Setting, Told, is_telling};
use crate::syntax::Node;
use crate::text::{Part, Str};

/// Reads a container of a pod.
pub(super) fn of_container(container: &Node) -> Told {
    let mut told = Told {
        command: words(container.get("command")),
        arguments: words(container.get("args")),
        unsure: ["env", "envFrom", "volumeMounts", "command", "args"]
            .iter()
            .any(|key| has_hole(container, key)),
        ..Told::default()
    };
    for (name, node) in entries(container.get("env")) {
        let setting = setting(node.get("valueFrom").unwrap_or(node), node);
        keep(&mut told, &name, setting);
    }
    for from in container.get("envFrom").map(Node::items).unwrap_or_default() {
        let named = |keys: [&str; 2]| {
            let reference = keys.iter().find_map(|key| from.get(key))?;
            reference.part_at("name").or_else(|| reference.part_at("identifier")).or_else(|| reference.part())
        };
        if let Some(map) = named(["configMapRef", "configMap"]) {
            told.maps.push(map);
        } else if let Some(secret) = named(["secretRef", "secret"]) {
            told.unseen = Some(format!("the Secret `{}`", secret.text).into());
        }
    }
    told
}

/// Reads a service of a compose file.
pub(super) fn of_service(service: &Node) -> Told {
    let is_set = |key: &str| service.get(key).is_some_and(|node| !node.is_null());
    let mut told = Told {
        command: words(service.get("entrypoint")),
        arguments: words(service.get("command")),
        unseen: is_set("env_file").then(|| "`env_file`".into()),
        // What is built or extended may keep its data anywhere.
        unsure: ["build", "extends", "volumes_from"].iter().any(|key| is_set(key)),
        ..Told::default()
    };
    for (name, node) in entries(service.get("environment")) {
        let setting = node.part().filter(Part::is_known).map_or(Setting::Unknown, Setting::Value);
        keep(&mut told, &name, setting);
    }
    for item in service.get("environment").map(Node::items).unwrap_or_default() {
        if let Some(whole) = item.part() {
            pair(&mut told, &whole);
        }
    }
    told
}

/// Takes in one `NAME=value`.
pub(super) fn pair(told: &mut Told, whole: &Part) {
    let sign = whole.text.find('=').unwrap_or(whole.text.len());
    let value = (sign < whole.text.len()).then(|| whole.slice(sign + 1..whole.text.len()));
    let setting = value.filter(Part::is_known).map_or(Setting::Unknown, Setting::Value);
    keep(told, &whole.text[..sign], setting);
}

fn keep(told: &mut Told, name: &str, setting: Setting) {
    let value = match &setting {
        Setting::Value(part) => part.text.as_str(),
        _ => "",
    };
    if is_telling(name, value) {
        told.variables.push((name.into(), setting));
    }
}

/// Variables with the node that holds their value: of a list of pods, or of a map as values of charts have it.
fn entries(node: Option<&Node>) -> Vec<(Str, &Node)> {
    let Some(node) = node else { return Vec::new() };
    let map = node.entries().iter().filter_map(|(key, value)| Some((key.text()?.into(), value)));
    let list = node.items().iter().filter_map(|item| Some((item.text_at("name")?.into(), item)));
    map.chain(list).collect()
}

fn setting(from: &Node, entry: &Node) -> Setting {
    // Behind this sign is another variable.
    let known = |part: &Part| part.is_known() && !part.text.contains('$');
    if let Some(value) = entry.part_at("value").or_else(|| entry.part()).filter(known) {
        return Setting::Value(value);
    }
    let map = from.get("configMapKeyRef");
    match map.and_then(|map| Some((map.part_at("name")?, map.text_at("key")?.into()))) {
        Some((map, key)) => Setting::Entry { map, key },
        None => Setting::Unknown,
    }
}

/// The words of a command, written as a list or as one text.
fn words(node: Option<&Node>) -> Vec<Part> {
    let Some(node) = node else { return Vec::new() };
    node.items().iter().chain(node.scalar().map(|_| node)).filter_map(Node::part).collect()
}

fn has_hole(container: &Node, key: &str) -> bool {
    container.get(key).is_some_and(|list| list.is_hole() || list.items().iter().any(Node::is_hole))
}
