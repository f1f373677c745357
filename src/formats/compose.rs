//! Compose and Swarm files: the image of every service, with `${…}` from the `.env` beside the file, and what it
//! keeps. Images are told file by file, for each may be used without the others; what services keep is told of the
//! project that the file begins, with overrides and what they extend.

use super::claims::{local, of_class};
use super::compose_project::{Project, mounted};
use super::{Desk, Format, Read, builds, compose_backups, tell, told};
use crate::facts::{Backing, ClassName, Container, Fact, Placing, Role, Volume, Workload, network_protocol};
use crate::syntax::expand::{Dialect, expand_tree};
use crate::syntax::provide::Names;
use crate::syntax::{Document, Node, dotenv, remark_behind};
use crate::text::{File, Origin, Part, Str};
use std::collections::HashMap;

pub(super) const FORMAT: Format = Format { name: "compose", words: &[], wants, read: Read::Filled(read) };

fn wants(file: &File) -> bool {
    let base = file.base();
    // Any YAML may be a stack; of templates and of the many things JSON is used for, only what is called so.
    let is_stack = (base.ends_with(".yaml") || base.ends_with(".yml")) && file.has("services");
    let bare = base.strip_suffix(".j2").unwrap_or(base);
    let is_called_so = is_named(base) && [".yaml", ".yml", ".json"].iter().any(|end| bare.ends_with(end));
    let may_be = is_stack || is_called_so;
    may_be && ["image", "build", "extends"].iter().any(|word| file.has(word))
}

/// `compose.yaml`, `docker-compose.prod.yml`: a name that says it.
fn is_named(base: &str) -> bool {
    let base = base.strip_prefix("docker-").or_else(|| base.strip_prefix("podman-")).unwrap_or(base);
    base.strip_prefix("compose").is_some_and(|rest| rest.starts_with(['.', '-', '_']))
}

/// Whether a file is called as compose files are.
pub fn is_called_compose(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name);
    is_named(base) && (base.ends_with(".yaml") || base.ends_with(".yml"))
}

/// What may stand at the top of a compose file, besides `x-…`.
const TOP: [&str; 9] =
    ["configs", "include", "models", "name", "networks", "secrets", "services", "version", "volumes"];

fn read(desk: &mut Desk, document: &Document) {
    let root = &document.root;
    // The first version of the format had its services at the top.
    let is_old =
        root.get("services").is_none() && is_named(desk.file.base()) && root.get("apiVersion").is_none();
    if !is_old && !is_compose(root) {
        return;
    }
    let budget = desk.budget.clone();
    let variables: HashMap<Str, Part> = match desk.neighbour(".env") {
        Some(env) => dotenv::read(env.id, env.text, &budget).into_iter().map(named).collect(),
        None => HashMap::new(),
    };
    let provider = |name: &str| dotenv::answer(&variables, name);
    let names = Names::new(&provider, &budget);
    let root = &expand_tree(root, Dialect::Compose, &names);
    let project = Project::of(desk.view(), (desk.file.id, desk.file.name), root, (&names, &variables));
    let declared = project.volumes();
    let services = if is_old { root } else { root.get("services").unwrap_or(root) };
    for (name, service) in services.entries() {
        let Some(name) = name.text().filter(|_| service.is_map()) else { continue };
        let owner = tell::owner(desk, FORMAT.name, "service", name);
        let whole = if is_old { Some(service.clone()) } else { project.service(name) };
        if let Some(whole) = &whole {
            let says = workload(declared.as_ref(), name, whole);
            let origin = service.origin.clone();
            let fact = |says| Fact { says, origin, path: Str::default(), owner: owner.clone() };
            desk.facts.workloads.extend(says.map(fact));
            compose_backups::read(desk, &owner, whole);
        }
        let build = service.get("build").filter(|build| !build.is_null());
        let whole_build =
            whole.as_ref().and_then(|whole| whole.get("build")).filter(|build| !build.is_null());
        if let Some(build) = whole_build {
            builds::of_service(desk, &owner, build);
        }
        if let Some(build) = build {
            builds::contexts_of_service(desk, &owner, build);
        }
        let Some(image) = service.get("image") else { continue };
        let Some(whole) = image.part() else {
            if image.is_hole() {
                desk.facts.unread("image", "template", image.span());
            }
            continue;
        };
        let is_built = build.or(whole_build).is_some() || service.text_at("pull_policy") == Some("build");
        let role = if is_built { Role::Built } else { Role::Pull };
        let remark = remark_behind(&document.remarks, tell::used_at(image));
        tell::image(desk, &owner, "image", &whole, role, remark);
    }
}

fn named((name, value): (Part, Part)) -> (Str, Part) {
    (name.text, value)
}

/// What a service keeps: its named volumes, each in the "class" that its driver is, and folders of the host.
fn workload(declared: Option<&Node>, name: &str, service: &Node) -> Option<Workload> {
    let image = service.part_at("image")?;
    let (mut mounts, mut volumes) = (Vec::new(), Vec::new());
    for entry in service.get("volumes").map(Node::items).unwrap_or_default() {
        let Some((source, path)) = mounted(entry) else { continue };
        let volume = volume(declared, entry, &source);
        mounts.push((volume.name.clone(), path));
        volumes.push(volume);
    }
    let in_memory = service.get("tmpfs").into_iter();
    for entry in in_memory.flat_map(|node| node.items().iter().chain(node.scalar().map(|_| node))) {
        let Some(whole) = entry.part() else { continue };
        let path = whole.slice(0..whole.text.find(':').unwrap_or(whole.text.len()));
        let backing = Backing::Memory(path.origin.clone());
        volumes.push(Volume { name: path.text.clone(), backing, ..Volume::default() });
        mounts.push((path.text.clone(), path));
    }
    let ports = ["expose", "ports"].iter().filter_map(|key| service.get(key)).flat_map(Node::items);
    let ports = ports.filter_map(|port| inner_port(port.text().or_else(|| port.text_at("target"))?));
    let container = Container {
        name: name.into(),
        image: Some(image),
        built: service.get("build").is_some_and(|node| !node.is_null()),
        mounts,
        ports: ports.collect(),
        ..told::of_service(service)
    };
    let replicas = service.at(&["deploy", "replicas"]).and_then(Node::part);
    Some(Workload {
        namespace: Str::default(),
        name: name.into(),
        replicas,
        ends: false,
        containers: vec![container],
        volumes,
        placing: Placing::default(),
    })
}

/// The port inside of the container: of `5432`, `127.0.0.1:15432:5432/tcp`.
fn inner_port(text: &str) -> Option<u16> {
    let last = text.rsplit(':').next()?;
    last.split('/').next()?.parse().ok()
}

/// The volume that an entry of a service names.
fn volume(declared: Option<&Node>, entry: &Node, source: &Part) -> Volume {
    let name = source.text.clone();
    if entry.text_at("type") == Some("tmpfs") {
        return Volume {
            name: "tmpfs".into(),
            backing: Backing::Memory(entry.origin.clone()),
            ..Volume::default()
        };
    }
    if name.starts_with(['.', '/', '~']) {
        return Volume { name, backing: Backing::Host(source.clone()), ..Volume::default() };
    }
    let Some(declared) = declared.and_then(|all| all.get(&name)).filter(|_| !name.is_empty()) else {
        return Volume { name, backing: Backing::Unknown, ..Volume::default() };
    };
    let volume = match declared.part_at("driver") {
        Some(driver) => of_class(&name, ClassName::Named(driver), Vec::new()),
        None => local(&name, &Origin::spelled(entry.span())),
    };
    Volume { backing: driven(declared), ..volume }
}

/// What a declared volume is made of: its driver mounts a share, or memory, if its options say so.
fn driven(declared: &Node) -> Backing {
    let kind = declared.at(&["driver_opts", "type"]).and_then(Node::part);
    if let Some(kind) = kind.as_ref().filter(|kind| kind.text == "tmpfs") {
        return Backing::Memory(kind.origin.clone());
    }
    let mut told = kind.into_iter().chain(declared.part_at("driver"));
    let network = told.find_map(|part| {
        network_protocol(&part.text).map(|how| Backing::Network {
            how,
            at: None,
            origin: part.origin.clone(),
        })
    });
    network.unwrap_or_default()
}

/// Whether a document with `services:` is a compose file: by its other keys, and by one service that is one.
fn is_compose(root: &Node) -> bool {
    let known =
        |(key, _): &(Node, Node)| key.text().is_some_and(|key| TOP.contains(&key) || key.starts_with("x-"));
    let is_service =
        |service: &Node| ["image", "build", "extends"].iter().any(|key| service.get(key).is_some());
    let services = root.get("services").map_or(&[][..], Node::entries);
    root.entries().iter().all(known) && services.iter().any(|(_, service)| is_service(service))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::exam::images;

    #[test]
    fn images_of_compose_files() {
        for (name, text, expected) in [
            (
                "compose.yml",
                "services:\n  web:\n    image: nginx:1.25 # why\n",
                &["service/web image nginx:1.25 # why"][..],
            ),
            (
                "compose.yml",
                "services:\n  web: {image: 'a:1', build: .}\n  b: {build: {context: x}}\n",
                &["service/web image a:1 (built)"],
            ),
            (
                "dir/compose.yml",
                "services:\n  web:\n    image: \"${IMAGE}:${TAG:-9}\"\n",
                &["service/web image quay.io/a/b:1.2 ‹quay.io/a/b·:·1.2›"],
            ),
            (
                "dir/compose.yml",
                "services:\n  web:\n    image: a:${EMPTY:-9}\n  b:\n    image: ${NONE-x}$$:${NONE}\n",
                &[
                    "service/web image a:9 ‹a:·9›",
                    "service/b image x$:${NONE} ‹x·$:${NONE}› has a character in its name that no name may hold",
                ],
            ),
            (
                "dir/compose.yml",
                "services:\n  web:\n    image: ${IMAGE} # why\n",
                &["service/web image quay.io/a/b # why"],
            ),
            (
                "compose.yml",
                "services:\n  web:\n    image: a:${TAG:-release}\n    env_file: [x]\n",
                &["service/web image a:release ‹a:·release›"],
            ),
            (
                "x.yaml",
                "x-app: &app\n  image: a:1\nservices:\n  web:\n    <<: *app\n    ports: []\n",
                &["service/web image a:1"],
            ),
            (
                "stack.yml",
                "version: '3'\nservices:\n  web:\n    image: a:1\nvolumes:\n  v:\n",
                &["service/web image a:1"],
            ),
            ("x.yaml", "apiVersion: v1\nservices:\n  web:\n    image: a:1\n", &[]),
            ("x.yaml", "services:\n  - image: a:1\n", &[]),
            ("docker-compose.yml", "web:\n  image: a:1\nb: {build: .}\n", &["service/web image a:1"]),
            (
                "compose.yml",
                "services:\n  w:\n    build:\n      additional_contexts:\n        base: docker-image://alpine:3\n        d: ./x\n",
                &["service/w build.additional_contexts.base alpine:3"],
            ),
            (
                "compose.yml",
                "services:\n  w:\n    build:\n      additional_contexts: [\"base=docker-image://alpine:${T:-3}\"]\n",
                &["service/w build.additional_contexts.base alpine:3 ‹alpine:·3›"],
            ),
            (
                "compose.yml",
                "services:\n  w:\n    extends: {file: common.yml, service: w}\n    image:\n",
                &[],
            ),
        ] {
            assert_eq!(images(&FORMAT, name, text), expected, "{text}");
        }
    }
}
