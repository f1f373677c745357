//! k3s, told by its objects, its configuration and the variables of its Ansible roles: it makes `local-path` the default
//! class, unless `local-storage` is disabled.

use super::tell::{owner, resource};
use super::{Desk, Format, Read, helm_values};
use crate::facts::{Chart, Distribution, Fact, Resource};
use crate::syntax::{Document, Node, forms, yaml};
use crate::text::{File, Origin, Part};
use std::sync::Arc;

/// Charts and upgrades that only k3s has.
pub(super) const OBJECTS: Format =
    Format { name: "k3s-objects", words: &["cattle.io"], wants: has_objects, read: Read::Objects(of_object) };

/// Its configuration, and variables of roles that set it up.
pub(super) const FILES: Format =
    Format { name: "k3s", words: &OF_SETTINGS, wants: has_settings, read: Read::Documents(of_file) };

const CLASS: &str = "local-path";
const SWITCH: &str = "local-storage";

fn has_objects(file: &File) -> bool {
    file.is_yaml() && file.has("cattle.io")
}

/// The words of settings.
const OF_SETTINGS: [&str; 6] = ["k3s_", KEYS[0], KEYS[1], KEYS[2], KEYS[3], KEYS[4]];
const KEYS: [&str; 5] =
    ["cluster-init:", "flannel-backend:", "write-kubeconfig-mode:", "disable-network-policy:", "disable:"];

fn has_settings(file: &File) -> bool {
    file.is_yaml() && (file.has("k3s_") || is_config(file))
}

/// `config.yaml` of k3s by its keys; that of RKE2 has most of them, too.
fn is_config(file: &File) -> bool {
    (file.base().starts_with("config.y") || file.name.contains("k3s"))
        && !file.name.contains("rke2")
        && !file.has("rke2")
        && !file.has("apiVersion:")
        && (KEYS[..4].iter().any(|key| file.has(key)) || file.name.contains("k3s") && file.has(KEYS[4]))
}

fn of_object(desk: &mut Desk, document: &Document) {
    let root = &document.root;
    let Some(owner) = resource(desk, OBJECTS.name, root) else { return };
    let image = root.at(&["spec", "upgrade", "image"]).and_then(Node::text).unwrap_or_default();
    let name = root.at(&["metadata", "name"]).map_or(&root.origin, |name| &name.origin);
    let chart = root.at(&["spec", "chart"]).and_then(Node::text).unwrap_or_default();
    if owner.api.starts_with("helm.cattle.io/") {
        release(desk, root, &owner);
    }
    let is_chart = owner.api.starts_with("helm.cattle.io/")
        && owner.kind == "HelmChart"
        && ![chart, owner.name.as_str()].iter().any(|name| name.contains("rke2"));
    if is_chart || owner.kind == "Plan" && image.ends_with("k3s-upgrade") {
        tell(desk, &owner, name, None);
    }
}

/// What a HelmChart says, if nobody renders its chart: the chart, and the images of its values.
fn release(desk: &mut Desk, root: &Node, owner: &Arc<Resource>) {
    let around = desk.own_view().zip(desk.scene.as_ref());
    if around.is_some_and(|(view, scene)| view.is_rendered(scene.build, root)) {
        return;
    }
    let Some(spec) = root.get("spec") else { return };
    let name = spec.part_at("chart").filter(|name| !name.text.is_empty() && !name.text.contains("%{"));
    if let Some(name) = name.filter(|name| !name.text.ends_with(".tgz")) {
        let version = spec.part_at("version");
        let pin = version.as_ref().map_or("absent", Chart::held);
        let origin = version.as_ref().unwrap_or(&name).origin.clone();
        let says = Chart { name, version, repository: spec.part_at("repo"), digest: None, pin };
        desk.facts.charts.push(Fact { says, origin, path: "spec.version".into(), owner: owner.clone() });
    }
    if let Some(values) = spec.part_at("valuesContent") {
        let read = yaml::read_embedded(&values.text, &values.origin);
        desk.problems.extend(read.problems);
        for document in &read.documents {
            let document = forms::marked_document(document);
            helm_values::values(desk, &document, owner, &document.root, "spec.valuesContent");
        }
    }
}

fn of_file(desk: &mut Desk, document: &Document) {
    let root = &document.root;
    if !root.is_map() || root.get("apiVersion").is_some() {
        return;
    }
    let is_setting = |key: &str| key.starts_with("k3s_version") || key.starts_with("k3s_server");
    let keys = root.entries().iter().map(|(key, _)| key);
    let known = keys.into_iter().find(|key| key.text().is_some_and(is_setting));
    let Some(place) = known.or(root.entries().first().map(|(key, _)| key).filter(|_| is_config(&desk.file)))
    else {
        return;
    };
    let who = owner(desk, FILES.name, "k3s", "");
    tell(desk, &who, &place.origin.clone(), switched_off(root));
}

/// Where `local-storage` is disabled: in a list, in one text, or among the arguments of the server.
fn switched_off(root: &Node) -> Option<Part> {
    let mut found = None;
    root.walk(&mut |path, node| {
        let Some(part) = node.part().filter(|part| part.text.contains(SWITCH)) else { return true };
        // Below `disable`, one name or several; elsewhere an option.
        let is_option = |word: &str| {
            let names = word.strip_prefix("--disable=").or_else(|| word.strip_prefix("--no-deploy="));
            names.unwrap_or(word).split(',').any(|name| name.trim_matches(['"', '\'']) == SWITCH)
        };
        let is_below = path
            .rsplit('.')
            .any(|key| key.trim_end_matches(|c: char| "[]0123456789".contains(c)) == "disable");
        let has_option = ["--disable", "--no-deploy", "disable:"].iter().any(|word| part.text.contains(word));
        if (is_below || has_option) && part.text.split([' ', '\n', '[', ']']).any(is_option) {
            found.get_or_insert(part);
        }
        true
    });
    found
}

fn tell(desk: &mut Desk, owner: &Arc<Resource>, at: &Origin, off: Option<Part>) {
    let class = off.is_none().then(|| Part::new(CLASS, Origin::spelled(at.span())));
    let origin = off.map_or_else(|| at.clone(), |off| off.origin);
    let says = Distribution { class };
    desk.facts.distributions.push(Fact { says, origin, path: "".into(), owner: owner.clone() });
}

#[cfg(test)]
mod tests {
    use super::super::exam;
    use super::*;

    #[test]
    fn what_is_k3s_and_what_it_disables() {
        let rows = [
            ("k3s/config.yaml", "cluster-init: true", Some(true)),
            ("k3s/config.yaml", "disable: [traefik]", Some(true)),
            ("k3s/config.yaml", "disable: [traefik, local-storage]", Some(false)),
            ("k3s/config.yaml", "disable:\n  - local-storage", Some(false)),
            ("k3s/config.yaml", "disable: traefik,local-storage", Some(false)),
            ("config.yaml", "flannel-backend: none", Some(true)),
            ("config.yaml", "disable: [local-storage]", None),
            ("config.yaml", "name: web", None),
            ("rke2/config.yaml", "write-kubeconfig-mode: '0644'", None),
            ("config.yaml", "write-kubeconfig-mode: '0644'\ndisable: [rke2-ingress-nginx]", None),
            ("group_vars/all.yml", "k3s_version: v1.31.2+k3s1", Some(true)),
            ("group_vars/all.yml", "k3s_server: {disable: [local-storage]}", Some(false)),
            ("group_vars/all.yml", "k3s_server_args: --disable traefik --disable local-storage", Some(false)),
            ("group_vars/all.yml", "k3s_server_args: '--disable=traefik,local-storage'", Some(false)),
            ("group_vars/all.yml", "k3s_server_args: --disable traefik", Some(true)),
            ("group_vars/all.yml", "k3s_agent_token: x", None),
            ("c.yaml", "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: a}", Some(true)),
            ("c.yaml", "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: rke2-a}", None),
            ("c.yaml", "apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata: {name: a}", None),
            (
                "p.yaml",
                "apiVersion: upgrade.cattle.io/v1\nkind: Plan\nmetadata: {name: s}\nspec: {upgrade: {image: rancher/k3s-upgrade}}",
                Some(true),
            ),
            (
                "p.yaml",
                "apiVersion: upgrade.cattle.io/v1\nkind: Plan\nmetadata: {name: s}\nspec: {upgrade: {image: rancher/rke2-upgrade}}",
                None,
            ),
        ];
        for (name, text, want) in rows {
            let told: Vec<bool> = [&OBJECTS, &FILES]
                .into_iter()
                .flat_map(|format| exam::run(format, name, text).facts.distributions)
                .map(|fact| fact.says.class.is_some())
                .collect();
            assert_eq!(told, want.into_iter().collect::<Vec<_>>(), "{name}: {text}");
        }
    }
}
