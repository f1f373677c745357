//! Storage classes that charts make of their values: Longhorn's one, and those that stand in lists.

use super::tell::push_key;
use super::{Desk, claims};
use crate::facts::{Fact, Pool, Resource, StorageClass};
use crate::syntax::{Node, Scalar};
use crate::text::{Origin, Part, Str};
use std::sync::Arc;

/// Where charts keep their classes (one, or a list of them), and who makes the volumes. The keys are telling enough
/// that the chart need not be known.
const MAKERS: &[(&str, &str)] = &[
    ("cephBlockPools", "rook-ceph.rbd.csi.ceph.com"),
    ("cephFileSystems", "rook-ceph.cephfs.csi.ceph.com"),
    ("hostpathClass", "openebs.io/local"),
    ("storageClasses", "topolvm.io"),
    ("storageClass", "csi.proxmox.sinextra.dev"),
];

/// Reads the classes in a tree of values, and in those of its charts' charts.
pub(super) fn read(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, base: &str) {
    let inner = root.entries().iter().filter(|(_, value)| value.is_map());
    let inner = inner.filter_map(|(key, value)| Some((key.text()?, value)));
    for (key, values) in [("", root)].into_iter().chain(inner) {
        for (list, maker) in MAKERS {
            let Some(node) = values.get(list) else { continue };
            let mut path = base.to_string();
            [key, list].iter().filter(|key| !key.is_empty()).for_each(|key| push_key(&mut path, key));
            let items = if node.is_list() { node.items() } else { std::slice::from_ref(node) };
            // Such a list is TopoLVM's, or of a driver that says its name.
            let driver =
                values.at(&["csiDriver", "name"]).and_then(Node::part).filter(|_| *list == "storageClasses");
            for item in items {
                // Under this key others name a class: only a list of what has a storage of Proxmox makes some.
                if *list == "storageClass" && (!node.is_list() || item.get("storage").is_none()) {
                    continue;
                }
                let named = driver.clone().or_else(|| {
                    let is_sure = *list != "storageClasses" || item.get("storageClass").is_some();
                    is_sure.then(|| Part::new(*maker, Origin::spelled(item.span())))
                });
                class(desk, owner, item, named, &path);
            }
        }
    }
}

/// One class: its name stands in the item or in the `storageClass:` inside.
fn class(desk: &mut Desk, owner: &Arc<Resource>, item: &Node, provisioner: Option<Part>, path: &str) {
    let inner = item.get("storageClass").unwrap_or(item);
    let get = |key: &str| inner.part_at(key).or_else(|| item.part_at(key));
    let is_off = inner.get("enabled").and_then(Node::scalar).is_some_and(|scalar| !scalar.is_true());
    let Some(name) = get("name").filter(|name| !is_off && !name.text.is_empty()) else { return };
    let default = ["isDefault", "isDefaultClass", "defaultClass", "default"].iter().find_map(|key| {
        let node = inner.get(key).or_else(|| item.get(key))?;
        node.scalar().filter(|scalar| Scalar::is_true(scalar)).and_then(|_| node.part())
    });
    let reclaim = get("reclaimPolicy");
    let parameters = inner.get("parameters").map(Node::entries).unwrap_or_default();
    let mut parameters: Vec<(Str, Part)> =
        parameters.iter().filter_map(|(key, value)| Some((key.text()?.into(), value.part()?))).collect();
    if let Some(pool) = pool(desk, owner, item, path) {
        parameters.push(("pool".into(), pool));
    }
    tell(
        desk,
        owner,
        StorageClass { name, provisioner, default, reclaim, parameters, hard: claims::hard(inner) },
        path,
    );
}

/// The pool of Ceph that such a list makes beside the class: its name, as the class means it, and how many copies it keeps.
fn pool(desk: &mut Desk, owner: &Arc<Resource>, item: &Node, path: &str) -> Option<Part> {
    let (name, spec) = (item.part_at("name")?, item.get("spec")?);
    let of_files = spec.get("dataPools").and_then(|pools| pools.items().first());
    let copies = of_files.unwrap_or(spec).at(&["replicated", "size"])?.part()?;
    let (origin, says) = (copies.origin.clone(), Pool { name: name.text.clone(), copies });
    desk.facts.pools.push(Fact { says, origin, path: path.into(), owner: owner.clone() });
    Some(name)
}

/// Charts that make one class of their own: where their values keep it, how it is called and who makes its volumes if
/// they do not say.
const OWN: &[(&str, &str, &str, &str)] = &[
    ("local-path-provisioner", "storageClass", "local-path", "rancher.io/local-path"),
    (
        "nfs-subdir-external-provisioner",
        "storageClass",
        "nfs-client",
        "cluster.local/nfs-subdir-external-provisioner",
    ),
    ("csi-driver-nfs", "storageClass", "nfs-csi", "nfs.csi.k8s.io"),
    ("csi-driver-smb", "storageClass", "smb", "smb.csi.k8s.io"),
];

/// The class that values of such a chart speak of.
pub(super) fn of_chart(desk: &mut Desk, owner: &Arc<Resource>, root: &Node, chart: &str, base: &str) {
    let Some((_, list, name, maker)) = OWN.iter().find(|(own, ..)| *own == chart) else { return };
    let Some((key, node)) = root.entry(list).filter(|(_, node)| node.is_map()) else { return };
    let is_off = |name: &str| node.get(name).and_then(Node::scalar).is_some_and(|one| !one.is_true());
    // Drivers make none unless they are told to; provisioners make one.
    let is_told = node.get("create").is_some() || !chart.starts_with("csi-driver");
    if is_off("create") || !is_told {
        return;
    }
    let spelled = |text: &str| Part::new(text, Origin::spelled(key.span()));
    let annotation = node.at(&["annotations", "storageclass.kubernetes.io/is-default-class"]);
    let default = node.get("defaultClass").or(annotation);
    let says = StorageClass {
        name: node.part_at("name").unwrap_or_else(|| spelled(name)),
        provisioner: node.part_at("provisionerName").or_else(|| Some(spelled(maker))),
        default: default.filter(|node| node.text() == Some("true")).and_then(Node::part),
        reclaim: node.part_at("reclaimPolicy"),
        parameters: Vec::new(),
        hard: claims::hard(node),
    };
    let mut path = base.to_string();
    push_key(&mut path, list);
    tell(desk, owner, says, &path);
}

/// Classes that charts make where their values say nothing of them, and whether it is the default.
const UNSAID: &[(&str, &str, &str, &str, bool)] = &[
    ("rook-ceph-cluster", "cephBlockPools", "ceph-block", "rook-ceph.rbd.csi.ceph.com", true),
    ("rook-ceph-cluster", "cephFileSystems", "ceph-filesystem", "rook-ceph.cephfs.csi.ceph.com", false),
    ("local-path-provisioner", "storageClass", "local-path", "rancher.io/local-path", false),
    ("openebs", "localpv-provisioner", "openebs-hostpath", "openebs.io/local", false),
    ("hcloud-csi", "storageClasses", "hcloud-volumes", "csi.hetzner.cloud", true),
];

/// The classes of a chart, named at `at`, that all its values say nothing of.
pub(super) fn by_itself(desk: &mut Desk, owner: &Arc<Resource>, at: &Part, values: Option<&Node>) {
    for (_, key, class, maker, is_default) in UNSAID.iter().filter(|(chart, ..)| *chart == at.text) {
        if values.is_some_and(|values| values.get(key).is_some()) {
            continue;
        }
        let spelled = |text: &str| Part::new(text, Origin::spelled(at.span()));
        let says = StorageClass {
            name: spelled(class),
            provisioner: Some(spelled(maker)),
            default: is_default.then(|| spelled(class)),
            reclaim: None,
            parameters: Vec::new(),
            hard: None,
        };
        tell(desk, owner, says, "");
    }
}

/// Whether these are values of Longhorn's chart.
pub(super) fn is_longhorn(root: &Node) -> bool {
    let persistence = root.get("persistence");
    let says = |key: &str| persistence.is_some_and(|node| node.get(key).is_some());
    root.get("defaultSettings").is_some() && (says("defaultClass") || says("defaultClassReplicaCount"))
}

/// Longhorn's chart makes a class called `longhorn`, the default one unless it is told not to.
pub(super) fn longhorn(
    desk: &mut Desk,
    owner: &Arc<Resource>,
    persistence: Option<&Node>,
    at: &Origin,
    path: &str,
) {
    let name = Part::new("longhorn", Origin::spelled(at.span()));
    let get = |key: &str| persistence.and_then(|node| node.part_at(key));
    let switch = persistence.and_then(|node| node.get("defaultClass")).and_then(Node::scalar);
    let is_default = switch.is_none_or(|switch| switch.is_true());
    let parameters =
        [("numberOfReplicas", get("defaultClassReplicaCount")), ("dataLocality", get("defaultDataLocality"))];
    let says = StorageClass {
        provisioner: Some(Part::new("driver.longhorn.io", name.origin.clone())),
        default: is_default.then(|| get("defaultClass").unwrap_or_else(|| name.clone())),
        reclaim: get("reclaimPolicy"),
        parameters: parameters.into_iter().filter_map(|(key, value)| Some((key.into(), value?))).collect(),
        hard: None,
        name,
    };
    tell(desk, owner, says, path);
}

fn tell(desk: &mut Desk, owner: &Arc<Resource>, says: StorageClass, path: &str) {
    let origin = says.name.origin.clone();
    desk.facts.classes.push(Fact { says, origin, path: path.into(), owner: owner.clone() });
}
