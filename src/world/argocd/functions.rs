//! The functions of Go's templates, of sprig and of Argo CD itself: what a name means, and those that decide, compare and
//! look up. What gives another result every time, asks the network or changes a map in place is not known here.

use super::arguments::Arguments;
use super::item::{Given, Item, Kind, Stop};
use super::{lists, numbers, texts};
use crate::text::Span;
use std::cmp::Ordering;

/// What is given to one function, and what it gives, is no larger than this in bytes and entries.
const MOST: usize = 1 << 18;

/// Calls a function.
pub(super) fn call(name: &str, items: Vec<Item>, site: Span) -> Given {
    let mut left = MOST;
    if !items.iter().all(|item| item.fits(&mut left)) {
        return Err(Stop::Unknown);
    }
    let arguments = Arguments { items, site };
    let groups: [fn(&str, &Arguments) -> Option<Given>; 6] =
        [logic, lookup, texts::call, texts::tests, lists::call, numbers::call];
    groups.iter().find_map(|group| group(name, &arguments)).unwrap_or(Err(Stop::Unknown))
}

/// Decisions and comparisons.
fn logic(name: &str, given: &Arguments) -> Option<Given> {
    let truth = |truth: Result<bool, Stop>| Some(truth.map(Item::Bool));
    match (name, given.items.len()) {
        ("and" | "or", 0) => Some(Err(Stop::Refused(format!("`{name}` takes an argument")))),
        ("and" | "or", _) => Some(Ok(given.items[0].clone())),
        ("not", 1) => truth(given.items[0].is_true().map(|truth| !truth)),
        ("empty", 1) => truth(given.items[0].is_true().map(|truth| !truth)),
        ("all", _) => truth(all(given.items.iter())),
        ("any", _) => truth(any(given.items.iter())),
        ("default", 2) => Some(given.items[1].is_true().map(|truth| given.items[usize::from(truth)].clone())),
        ("coalesce", _) => Some(coalesce(given)),
        ("ternary", 3) => Some(match given.items[2].kind() {
            Kind::Bool(truth) => Ok(given.items[usize::from(!truth)].clone()),
            Kind::Unknown => Err(Stop::Unknown),
            _ => Err(Stop::Refused("`ternary` decides by true or false".into())),
        }),
        ("eq" | "ne" | "lt" | "le" | "gt" | "ge", 0 | 1) => {
            Some(Err(Stop::Refused(format!("`{name}` takes two arguments"))))
        }
        ("eq", _) => truth(any_equal(given)),
        ("ne", 2) => truth(equal(&given.items[0], &given.items[1]).map(|equal| !equal)),
        ("lt", 2) => truth(order(given).map(Ordering::is_lt)),
        ("le", 2) => truth(order(given).map(Ordering::is_le)),
        ("gt", 2) => truth(order(given).map(Ordering::is_gt)),
        ("ge", 2) => truth(order(given).map(Ordering::is_ge)),
        ("fail", 1) => Some(given.text(0).and_then(|says| Err(Stop::Refused(says.text.to_string())))),
        _ => None,
    }
}

fn all<'i>(mut items: impl Iterator<Item = &'i Item>) -> Result<bool, Stop> {
    items.try_fold(true, |all, item| Ok(all && item.is_true()?))
}

fn any<'i>(mut items: impl Iterator<Item = &'i Item>) -> Result<bool, Stop> {
    items.try_fold(false, |any, item| Ok(any || item.is_true()?))
}

fn coalesce(given: &Arguments) -> Given {
    for item in &given.items {
        if item.is_true()? {
            return Ok(item.clone());
        }
    }
    Ok(Item::Absent("coalesce".into()))
}

fn any_equal(given: &Arguments) -> Result<bool, Stop> {
    let (first, rest) = given.items.split_first().ok_or(Stop::Unknown)?;
    rest.iter().try_fold(false, |found, item| Ok(found || equal(first, item)?))
}

/// Whether two values are one. Those of different kinds cannot be asked, and a number of a generator is no whole one.
fn equal(a: &Item, b: &Item) -> Result<bool, Stop> {
    match (a.kind(), b.kind()) {
        (Kind::Unknown, _) | (_, Kind::Unknown) => Err(Stop::Unknown),
        (Kind::Nothing, Kind::Nothing) => Ok(true),
        (Kind::Nothing, _) | (_, Kind::Nothing) => Ok(false),
        (Kind::List | Kind::Map, _) | (_, Kind::List | Kind::Map) => {
            Err(Stop::Refused("lists and maps are not compared".into()))
        }
        (Kind::Text, Kind::Text) => Ok(text_of(a) == text_of(b)),
        (a, b) if std::mem::discriminant(&a) == std::mem::discriminant(&b) => Ok(a == b),
        _ => Err(incomparable()),
    }
}

fn order(given: &Arguments) -> Result<Ordering, Stop> {
    let (a, b) = (&given.items[0], &given.items[1]);
    match (a.kind(), b.kind()) {
        (Kind::Unknown, _) | (_, Kind::Unknown) => Err(Stop::Unknown),
        (Kind::Text, Kind::Text) => Ok(text_of(a).cmp(text_of(b))),
        (Kind::Int(a), Kind::Int(b)) => Ok(a.cmp(&b)),
        (Kind::Float(a), Kind::Float(b)) => a.partial_cmp(&b).ok_or(Stop::Unknown),
        _ => Err(incomparable()),
    }
}

fn text_of(item: &Item) -> &str {
    match item {
        Item::Node(node) => node.text().unwrap_or_default(),
        _ => "",
    }
}

fn incomparable() -> Stop {
    Stop::Refused("values of different kinds are compared; numbers of a generator are fractions".into())
}

/// What is in lists and maps.
fn lookup(name: &str, given: &Arguments) -> Option<Given> {
    Some(match (name, given.items.len()) {
        ("index", 2..) => index(given),
        ("dig", 3..) => dig(given),
        ("get", 2) => given.map(0).and_then(|map| {
            let key = given.text(1)?;
            // What is not there is an empty text.
            Ok(map.get(&key.text).map_or_else(|| Item::made("", given.site), |node| Item::Node(node.clone())))
        }),
        ("hasKey", 2) => given.map(0).and_then(|map| Ok(Item::Bool(map.get(&given.text(1)?.text).is_some()))),
        ("len", 1) => match (given.items[0].kind(), &given.items[0]) {
            (Kind::Unknown, _) => Err(Stop::Unknown),
            (Kind::Text, item) => Ok(Item::Int(text_of(item).len() as i64)),
            (Kind::List | Kind::Map, Item::Node(node)) => {
                Ok(Item::Int((node.items().len() + node.entries().len()) as i64))
            }
            _ => Err(Stop::Refused("`len` takes a text, a list or a map".into())),
        },
        ("kindOf", 1) => given.kind_name(0).map(|kind| Item::made(kind, given.site)),
        ("kindIs", 2) => given.text(0).and_then(|kind| Ok(Item::Bool(*kind.text == *given.kind_name(1)?))),
        _ => return None,
    })
}

fn index(given: &Arguments) -> Given {
    let mut found = given.items[0].clone();
    for key in &given.items[1..] {
        found = match (found.kind(), &found, key.kind()) {
            (Kind::Unknown, ..) | (.., Kind::Unknown) => return Err(Stop::Unknown),
            (Kind::List, Item::Node(node), Kind::Int(at)) => {
                let item = usize::try_from(at).ok().and_then(|at| node.items().get(at));
                let outside = || Stop::Refused(format!("the list has no entry {at}"));
                Item::Node(item.ok_or_else(outside)?.clone())
            }
            (Kind::Map, Item::Node(node), Kind::Text) => match node.get(text_of(key)) {
                Some(value) => Item::Node(value.clone()),
                None => Item::Absent(text_of(key).into()),
            },
            (Kind::Nothing, Item::Absent(name), _) => {
                return Err(Stop::Refused(format!(
                    "`{name}` is no value of this generator, and has no entries"
                )));
            }
            _ => return Err(Stop::Refused("`index` takes a list and a number, or a map and a key".into())),
        };
    }
    Ok(found)
}

fn dig(given: &Arguments) -> Given {
    let last = given.items.len() - 1;
    let mut found = given.map(last)?.clone();
    for at in 0..last - 1 {
        match found.get(&given.text(at)?.text).cloned() {
            Some(value) => found = value,
            None => return Ok(given.items[last - 1].clone()),
        }
    }
    Ok(Item::Node(found))
}
