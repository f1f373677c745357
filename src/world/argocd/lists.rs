//! Functions of templates over lists and maps.

use super::super::{edit, typed};
use super::arguments::Arguments;
use super::item::{Given, Item, Kind, Stop};
use crate::syntax::expand::Weaver;
use crate::syntax::{Node, yaml};
use crate::text::{Origin, Part, Span};
use std::collections::BTreeSet;

pub(super) fn call(name: &str, given: &Arguments) -> Option<Given> {
    let list = |items: Result<Vec<Item>, Stop>| items.map(|items| Item::list(items, given.site));
    Some(match (name, given.items.len()) {
        ("list" | "tuple", _) => list(Ok(given.items.clone())),
        ("dict", _) => dict(given),
        ("split", 2) => split(given, None),
        ("splitn", 3) => given.whole(1).and_then(|most| split(given, Some(most))),
        ("splitList", 2) => list(cut(given, None).map(|parts| parts.iter().map(Item::text).collect())),
        ("join", 2) => join(given),
        ("first", 1) => given.items(0).map(|items| end(items.first())),
        ("last", 1) => given.items(0).map(|items| end(items.last())),
        ("has", 2) => {
            let wanted = key(&given.items[0]);
            given.items(1).map(|items| Item::Bool(items.iter().any(|item| key(item) == wanted)))
        }
        ("keys", 1) => {
            list(given.map(0).map(|map| entries(map).map(|(key, _)| Item::Node(key.clone())).collect()))
        }
        ("values", 1) => {
            list(given.map(0).map(|map| entries(map).map(|(_, value)| Item::Node(value.clone())).collect()))
        }
        ("pick" | "omit", 1..) => picked(given, name == "pick"),
        ("pluck", 1..) => list(plucked(given)),
        ("toJson" | "toRawJson" | "toPrettyJson" | "toYaml", 1) => dumped(name, given),
        ("fromJson" | "fromYaml" | "fromYamlArray", 1) => given.text(0).and_then(|part| read(&part)),
        _ => return changed(name, given).map(list),
    })
}

/// A list that is made of a list.
fn changed(name: &str, given: &Arguments) -> Option<Result<Vec<Item>, Stop>> {
    let second = || vec![given.items[1].clone()];
    Some(match (name, given.items.len()) {
        ("rest", 1) => given.items(0).map(|items| items.into_iter().skip(1).collect()),
        ("initial", 1) => given.items(0).map(|mut items| {
            items.pop();
            items
        }),
        ("reverse", 1) => given.items(0).map(|items| items.into_iter().rev().collect()),
        ("append" | "push", 2) => given.items(0).map(|items| [items, second()].concat()),
        ("prepend", 2) => given.items(0).map(|items| [second(), items].concat()),
        ("concat", count) => {
            (0..count).map(|at| given.items(at)).collect::<Result<Vec<_>, _>>().map(|all| all.concat())
        }
        ("without", 1..) => given.items(0).map(|mut items| {
            let others: BTreeSet<String> = given.items[1..].iter().map(key).collect();
            items.retain(|item| !others.contains(&key(item)));
            items
        }),
        ("uniq", 1) => given.items(0).map(|mut items| {
            let mut known = BTreeSet::new();
            items.retain(|item| known.insert(key(item)));
            items
        }),
        ("compact", 1) => given.items(0).map(|mut items| {
            items.retain(|item| item.is_true().unwrap_or(true));
            items
        }),
        ("sortAlpha", 1) => texts(given, 0).map(|mut parts| {
            parts.sort_by(|a, b| a.text.cmp(&b.text));
            parts.iter().map(Item::text).collect()
        }),
        ("toStrings", 1) => texts(given, 0).map(|parts| parts.iter().map(Item::text).collect()),
        ("slice", 2 | 3) => sliced(given),
        _ => return None,
    })
}

fn end(item: Option<&Item>) -> Item {
    item.cloned().unwrap_or_else(|| Item::Absent("an entry of an empty list".into()))
}

fn entries(map: &Node) -> impl Iterator<Item = &(Node, Node)> {
    let mut sorted: Vec<&(Node, Node)> = map.entries().iter().collect();
    sorted.sort_by_key(|(key, _)| key.text());
    sorted.into_iter()
}

/// What two values have in common if they are one.
fn key(item: &Item) -> String {
    format!("{:?} {}", std::mem::discriminant(&item.kind()), typed::json(&item.clone().node(NOWHERE)))
}

/// All signs between the entries of a list are no longer than this together.
const LONGEST: usize = 1 << 18;

/// A place for trees that are only compared.
const NOWHERE: Span = Span { source: crate::text::SourceId(0), start: 0, end: 0 };

/// The texts of a list; what is one value is a list of it.
fn texts(given: &Arguments, at: usize) -> Result<Vec<Part>, Stop> {
    match given.items.get(at).map(Item::kind) {
        Some(Kind::List) => given.items(at)?.iter().map(|item| item.written(given.site)).collect(),
        Some(Kind::Nothing) => Ok(Vec::new()),
        _ => Ok(vec![given.written(at)?]),
    }
}

fn join(given: &Arguments) -> Given {
    let (sign, parts) = (given.text(0)?, texts(given, 1)?);
    if parts.len().saturating_mul(sign.text.len()) > LONGEST {
        return Err(Stop::Unknown);
    }
    let mut out = Weaver::default();
    for (at, part) in parts.into_iter().enumerate() {
        if at > 0 {
            out.push(sign.clone());
        }
        out.push(part);
    }
    Ok(Item::text(&out.finish(given.site)))
}

fn dict(given: &Arguments) -> Given {
    const MOST_PAIRS: usize = 1_000;
    if given.items.len() > 2 * MOST_PAIRS {
        return Err(Stop::Unknown);
    }
    let mut out = edit::empty_map(&Origin::spelled(given.site));
    for (at, pair) in given.items.chunks(2).enumerate() {
        let value = pair.get(1).cloned().unwrap_or_else(|| Item::made("", given.site));
        edit::set(&mut out, &given.written(at * 2)?.text, value.node(given.site));
    }
    Ok(Item::Node(out))
}

/// The pieces of the last argument, cut at the first.
fn cut(given: &Arguments, most: Option<i64>) -> Result<Vec<Part>, Stop> {
    let (sign, part) = (given.text(0)?, given.text(given.items.len() - 1)?);
    let most = most.map_or(Ok(usize::MAX), usize::try_from).map_err(|_| Stop::Unknown)?;
    if sign.text.is_empty() || most == 0 {
        return Err(Stop::Unknown);
    }
    let (mut from, mut out) = (0, Vec::new());
    for (at, found) in part.text.match_indices(&*sign.text).take(most - 1) {
        out.push(part.slice(from..at));
        from = at + found.len();
    }
    out.push(part.slice(from..part.text.len()));
    Ok(out)
}

/// A map of pieces, under `_0`, `_1` and so on.
fn split(given: &Arguments, most: Option<i64>) -> Given {
    let origin = Origin::spelled(given.site);
    let parts = cut(given, most)?;
    let entry = |(at, part): (usize, &Part)| (edit::made(&format!("_{at}"), &origin), edit::text(part));
    let entries = parts.iter().enumerate().map(entry).collect();
    Ok(Item::Node(Node::map(origin.clone(), entries)))
}

fn sliced(given: &Arguments) -> Result<Vec<Item>, Stop> {
    let items = given.items(0)?;
    let start = given.number(1)?;
    let end = if given.items.len() > 2 { given.number(2)? } else { items.len() as i64 };
    let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    let cut = range.and_then(|(start, end)| items.get(start..end));
    cut.map(<[Item]>::to_vec).ok_or_else(|| Stop::Refused("the list is shorter than its slice".into()))
}

fn picked(given: &Arguments, wanted: bool) -> Given {
    let mut keys = BTreeSet::new();
    for at in 1..given.items.len() {
        keys.insert(given.text(at)?.text);
    }
    let map = given.map(0)?;
    let is_wanted = |key: &Node| key.text().is_some_and(|key| keys.contains(key)) == wanted;
    let entries = map.entries().iter().filter(|(key, _)| is_wanted(key)).cloned().collect();
    Ok(Item::Node(Node::map(map.origin.clone(), entries)))
}

fn plucked(given: &Arguments) -> Result<Vec<Item>, Stop> {
    let key = given.text(0)?;
    let mut out = Vec::new();
    for at in 1..given.items.len() {
        out.extend(given.map(at)?.get(&key.text).cloned().map(Item::Node));
    }
    Ok(out)
}

fn dumped(name: &str, given: &Arguments) -> Given {
    if given.items[0].kind() == Kind::Unknown {
        return Err(Stop::Unknown);
    }
    let node = given.items[0].clone().node(given.site);
    let json = typed::json(&node);
    let text = match name {
        "toYaml" => typed::yaml(&json).trim_end_matches('\n').to_owned(),
        "toPrettyJson" => serde_json::to_string_pretty(&json).map_err(|_| Stop::Unknown)?,
        _ => json.to_string(),
    };
    // Only one of them leaves what HTML has a meaning for.
    let text = match name {
        "toJson" | "toPrettyJson" => {
            text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
        }
        _ => text,
    };
    Ok(Item::text(&Part::new(text, Origin::spelled(node.span()))))
}

fn read(part: &Part) -> Given {
    let read = yaml::read_embedded(&part.text, &part.origin);
    if !read.problems.is_empty() {
        return Err(Stop::Unknown);
    }
    let document = read.documents.into_iter().next();
    document.map(|document| Item::Node(document.root)).ok_or(Stop::Unknown)
}
