//! Secrets by their keys: which come, change, go, and whether they are encrypted. A value is never told.

use super::change::{At, Found, Topic};
use super::pairs::Pair;
use super::trees::{Diff, Noise};
use crate::syntax::{Node, sealed};

/// The kinds that hold values, and where their keys are.
fn root_of(pair: &Pair) -> Option<&'static [&'static str]> {
    match pair.thing().kind() {
        "Secret" => Some(&["data"]),
        "SealedSecret" => Some(&["spec", "encryptedData"]),
        _ => None,
    }
}

pub(super) fn of_pair(pair: &Pair, out: &mut Vec<Found>) {
    let Some(below) = root_of(pair) else { return };
    let diffs: Vec<(&str, &Diff)> = pair
        .diffs
        .iter()
        .filter(|diff| diff.noise == Noise::None && diff.begins(below))
        .filter_map(|diff| Some((diff.path.get(below.len())?.as_str(), diff)))
        .collect();
    let Some((_, first)) = diffs.iter().min_by_key(|(_, diff)| (diff.after.is_none(), place(diff))) else {
        return;
    };
    let at = place(first);
    let label = pair.thing().label();
    let found = |what: &'static str| {
        Found::new(Topic::Secrets, what, label.clone()).at(at).reaching(label.clone(), pair.cluster.clone())
    };
    let turned = |is: fn(&Diff) -> bool| {
        let names: Vec<&str> = diffs.iter().filter(|(_, diff)| is(diff)).map(|(key, _)| *key).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let plain = turned(|diff| is_sealed(diff.before) && diff.after.is_some() && !is_sealed(diff.after));
    let sealed = turned(|diff| is_sealed(diff.after) && diff.before.is_some() && !is_sealed(diff.before));
    if let Some(names) = plain {
        let verb = if names.contains(", ") { "are" } else { "is" };
        return out.push(found("plain").to(format!("{names} {verb} no longer encrypted")));
    }
    if let Some(names) = sealed {
        let verb = if names.contains(", ") { "are" } else { "is" };
        return out.push(found("encrypted").to(format!("{names} {verb} encrypted now")));
    }
    let number = keys(pair.after.map(|thing| &thing.root), below).len();
    let all_anew = diffs.len() == number
        && number > 1
        && diffs.iter().all(|(_, diff)| is_sealed(diff.before) && is_sealed(diff.after));
    if all_anew {
        return out.push(found("re-encrypted").to(format!("all {number} keys")));
    }
    let of = |sign: char, is: fn(&Diff) -> bool| {
        let mut names: Vec<String> =
            diffs.iter().filter(|(_, diff)| is(diff)).map(|(key, _)| format!("{sign}{key}")).collect();
        names.sort();
        names.dedup();
        names
    };
    let mut told = of('+', |diff| diff.before.is_none());
    told.extend(of('-', |diff| diff.after.is_none()));
    told.extend(of('~', |diff| diff.before.is_some() && diff.after.is_some()));
    let is_sealed = diffs.iter().any(|(_, diff)| is_sealed(diff.before) || is_sealed(diff.after));
    let one = found("changed").to(told.join(", "));
    out.push(if is_sealed { one.note("encrypted") } else { one });
}

/// The keys of the values.
fn keys<'a>(root: Option<&'a Node>, below: &[&str]) -> Vec<&'a str> {
    let Some(root) = root else { return Vec::new() };
    let maps = match below {
        ["data"] => vec![root.get("data"), root.get("stringData")],
        path => vec![root.at(path)],
    };
    let entries = maps.into_iter().flatten().flat_map(Node::entries);
    entries.filter_map(|(key, _)| key.text()).collect()
}

fn is_sealed(node: Option<&Node>) -> bool {
    node.and_then(Node::text).is_some_and(|text| sealed::whole(text).is_some())
}

fn place(diff: &Diff) -> At {
    match (diff.after, diff.before) {
        (Some(after), _) => At::after(after.span()),
        (None, Some(before)) => At::before(before.span()),
        (None, None) => unreachable!("a difference has a side"),
    }
}
