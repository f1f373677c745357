//! Who can reach something, and what something may do: Services, hosts, network policies; roles and rights of pods.

use super::change::{At, Found, Topic};
use super::objects::Thing;
use super::pairs::Pair;
use super::trees::Noise;
use crate::syntax::Node;
use crate::text::Span;
use std::collections::BTreeMap;

pub(super) fn of_pair(pair: &Pair, out: &mut Vec<Found>) {
    let (Some(before), Some(after)) = (pair.before, pair.after) else { return };
    let label = after.label();
    let found = |topic: Topic, what: &'static str| {
        Found::new(topic, what, label.clone()).reaching(label.clone(), pair.cluster.clone())
    };
    match after.kind() {
        "Service" => service(before, after, &found, out),
        "NetworkPolicy" | "CiliumNetworkPolicy" | "CiliumClusterwideNetworkPolicy" => {
            out.extend(
                first_place(pair).map(|at| found(Topic::Exposure, "policy").to("its rules change").at(at)),
            );
        }
        "Role" | "ClusterRole" => {
            out.extend(first_place(pair).map(|at| found(Topic::Rights, "changed").to("its rules").at(at)));
        }
        "RoleBinding" | "ClusterRoleBinding" => {
            let told = "who has the role";
            out.extend(first_place(pair).map(|at| found(Topic::Rights, "changed").to(told).at(at)));
        }
        _ => {}
    }
    hosts_of(before, after, &found, out);
    let (old, new) = (rights(&before.root), rights(&after.root));
    for (right, span) in new.iter().filter(|(right, _)| !old.contains_key(*right)) {
        out.push(found(Topic::Rights, "more").to(*right).at(At::after(*span)));
    }
    for (right, span) in old.iter().filter(|(right, _)| !new.contains_key(*right)) {
        out.push(found(Topic::Rights, "less").to(*right).at(At::before(*span)));
    }
}

type Make<'m> = &'m dyn Fn(Topic, &'static str) -> Found;

fn service(before: &Thing, after: &Thing, found: Make, out: &mut Vec<Found>) {
    let kind = |thing: &Thing| {
        let node = thing.root.at(&["spec", "type"]);
        (node.and_then(Node::text).unwrap_or("ClusterIP").to_owned(), node.map(Node::span))
    };
    let ((old, was), (new, is)) = (kind(before), kind(after));
    if old == new {
        return;
    }
    let rank = |kind: &str| {
        ["ExternalName", "ClusterIP", "NodePort", "LoadBalancer"].iter().position(|one| *one == kind)
    };
    let what = if rank(&new) > rank(&old) { "opened" } else { "closed" };
    let at = is.map(At::after).or(was.map(At::before)).unwrap_or(At::after(after.written));
    out.push(found(Topic::Exposure, what).from(old).to(new).at(at));
}

/// The first thing that somebody wrote otherwise.
fn first_place(pair: &Pair) -> Option<At> {
    let diff = pair.diffs.iter().find(|diff| diff.noise == Noise::None && diff.path[0] != "metadata")?;
    diff.after.map(|node| At::after(node.span())).or(diff.before.map(|node| At::before(node.span())))
}

fn hosts_of(before: &Thing, after: &Thing, found: Make, out: &mut Vec<Found>) {
    let (old, new) = (hosts(before), hosts(after));
    let came: Vec<(&String, &Span)> = new.iter().filter(|(host, _)| !old.contains_key(*host)).collect();
    let went: Vec<(&String, &Span)> = old.iter().filter(|(host, _)| !new.contains_key(*host)).collect();
    let at =
        came.first().map(|(_, span)| At::after(**span)).or(went.first().map(|(_, span)| At::before(**span)));
    let Some(at) = at else { return };
    let what = match (came.is_empty(), went.is_empty()) {
        (false, true) => "opened",
        (true, false) => "closed",
        _ => "changed",
    };
    let signed = |sign: char, hosts: &[(&String, &Span)]| -> Vec<String> {
        hosts.iter().map(|(host, _)| format!("{sign}{host}")).collect()
    };
    let told = [signed('+', &came), signed('-', &went)].concat().join(", ");
    out.push(found(Topic::Exposure, what).to(told).at(at));
}

/// The names under which it is reached, and where they are written.
fn hosts(thing: &Thing) -> BTreeMap<String, Span> {
    let spec = thing.root.get("spec");
    let at = |key: &str| spec.and_then(|spec| spec.get(key)).map(Node::items).unwrap_or_default();
    let nodes: Vec<&Node> = match thing.kind() {
        "Ingress" => at("rules").iter().filter_map(|rule| rule.get("host")).collect(),
        "HTTPRoute" | "TLSRoute" | "GRPCRoute" => at("hostnames").iter().collect(),
        "Gateway" => at("listeners").iter().filter_map(|one| one.get("hostname")).collect(),
        "IngressRoute" => at("routes").iter().filter_map(|one| one.get("match")).collect(),
        "VirtualService" => at("hosts").iter().collect(),
        _ => Vec::new(),
    };
    nodes.into_iter().filter_map(|node| Some((node.text()?.to_owned(), node.span()))).collect()
}

/// What the pods of an object may do on their host, and where that is written.
fn rights(root: &Node) -> BTreeMap<&'static str, Span> {
    const FLAGS: [&str; 5] = ["privileged", "hostNetwork", "hostPID", "hostIPC", "allowPrivilegeEscalation"];
    let mut out = BTreeMap::new();
    root.walk(&mut |path, node| {
        let key = path.rsplit(['.', ']']).next().unwrap_or_default();
        if let Some(flag) = FLAGS.iter().find(|flag| **flag == key)
            && node.scalar().is_some_and(|scalar| scalar.is_true())
        {
            out.entry(*flag).or_insert(node.span());
        }
        if key == "hostPath" && !node.is_null() {
            out.entry("hostPath").or_insert(node.span());
        }
        // Values of charts name their keys alike.
        true
    });
    out
}
