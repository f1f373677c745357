//! The values of a chart and of the charts in it, put together: what is given beats what the chart says, a parent
//! beats its child, and what is global goes down.

use super::super::edit;
use super::load::Chart;
use super::tables::{self, Index, Nulls, Place};
use super::told::{Helm, Told};
use super::values;
use crate::syntax::Node;
use crate::text::{Origin, Str};

/// The key under which values are for all charts of a tree.
const GLOBAL: &str = "global";

/// How values are put together.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    pub(super) nulls: Nulls,
    pub(super) helm: Helm,
}

/// Fills the values that a chart is given with its own and those of the charts in it.
pub(super) fn coalesce(chart: &Chart, given: &mut Node, rules: Rules, told: &mut Told) {
    go(chart, given, None, rules, told);
}

fn go(chart: &Chart, given: &mut Node, parent: Option<&Place>, rules: Rules, told: &mut Told) {
    let place = Place { parent, key: chart.metadata.name() };
    own_values(chart, given, &place, rules, told);
    for child in &chart.charts {
        let name = child.metadata.name();
        let at = chart.metadata.name_part().origin.clone();
        match given.get(name) {
            None => edit::set(given, name, edit::empty_map(&at)),
            Some(found) if found.is_map() => {}
            Some(found) if found.is_hole() => continue,
            Some(found) => {
                let says =
                    format!("`{name}` is a chart within `{place}`: its values are a map, and this is none");
                told.refuse(says, found.span());
                edit::set(given, name, edit::empty_map(&at));
            }
        }
        let Some(mut inner) = take(given, name) else { continue };
        globals_down(given, &mut inner, &place, told);
        go(child, &mut inner, Some(&place), rules, told);
        globals_up(given, &inner);
        put_back(given, name, inner);
    }
    globals_shared(chart, given);
}

/// Takes a table out of another to be changed; a null holds its place.
fn take(node: &mut Node, key: &str) -> Option<Node> {
    let slot = edit::get_mut(node, key)?;
    let hole = Node::new(slot.origin.clone(), crate::syntax::Value::Null);
    Some(std::mem::replace(slot, hole))
}

fn put_back(node: &mut Node, key: &str, value: Node) {
    if let Some(slot) = edit::get_mut(node, key) {
        *slot = value;
    }
}

/// Fills the values with what the chart itself says.
fn own_values(chart: &Chart, given: &mut Node, place: &Place, rules: Rules, told: &mut Told) {
    let deletes = rules.nulls == Nulls::Delete;
    let (index, mut gone) = (Index::of(given), Vec::new());
    for (key, default) in chart.values.entries() {
        let Some(name) = key.text() else { continue };
        // Helm 4 takes a null of the chart for nothing.
        let cleaned = (deletes && rules.helm == Helm::Four).then(|| tables::without_nulls(default));
        let default = cleaned.as_ref().unwrap_or(default);
        let at = index.find(given, name);
        let Some(entries) = edit::entries_mut(given) else { return };
        let Some(at) = at else {
            if !(deletes && rules.helm == Helm::Four && default.is_null()) {
                entries.push((key.clone(), default.clone()));
            }
            continue;
        };
        let own = &mut entries[at].1;
        let inner = Place { parent: Some(place), key: name };
        match (own.is_null(), own.is_map(), default.is_map()) {
            (true, ..) if deletes => gone.push(at),
            (true, ..) => {}
            (_, true, true) => {
                let is_child = chart.charts.iter().any(|child| child.metadata.name() == name);
                let nulls = if is_child { Nulls::Keep } else { rules.nulls };
                tables::fill(own, default, nulls, &inner, told);
            }
            (_, true, false) | (_, false, true) => tables::clash(own, default, &inner, told),
            (_, false, false) => tables::beats(own, default),
        }
    }
    tables::remove_all(given, gone);
}

/// Gives a child what is global in its parent, over what it has itself.
fn globals_down(parent: &Node, child: &mut Node, place: &Place, told: &mut Told) {
    let from = match parent.get(GLOBAL) {
        Some(from) if !from.is_map() => return no_map(from, place, told),
        from => from.cloned().unwrap_or_else(|| values::empty(parent.span())),
    };
    match child.get(GLOBAL) {
        Some(own) if !own.is_map() => return no_map(own, place, told),
        Some(_) => {}
        None => edit::set(child, GLOBAL, edit::empty_map(&Origin::spelled(from.span()))),
    }
    let Some(own) = edit::get_mut(child, GLOBAL) else { return };
    for (key, value) in from.entries() {
        let Some(name) = key.text() else { continue };
        let known = own.get(name);
        let next = match known {
            Some(known) if value.is_map() && known.is_map() => {
                let mut merged = value.clone();
                let inner = Place { parent: Some(place), key: name };
                tables::fill(&mut merged, known, Nulls::Keep, &inner, told);
                merged
            }
            // A map and something else: neither takes the other's place.
            Some(known) if value.is_map() || known.is_map() => continue,
            Some(known) => {
                let mut winner = value.clone();
                tables::beats(&mut winner, known);
                winner
            }
            None => value.clone(),
        };
        put(own, key, next);
    }
}

fn no_map(node: &Node, place: &Place, told: &mut Told) {
    if !node.is_hole() {
        let says = format!("`global` is no map: nothing of it goes from `{place}` to the charts in it");
        told.warn(says, node.span());
    }
}

fn put(node: &mut Node, key: &Node, value: Node) {
    let name: Str = key.text().unwrap_or_default().into();
    match edit::get_mut(node, &name) {
        Some(slot) => *slot = value,
        None => edit::entries_mut(node).into_iter().for_each(|all| all.push((key.clone(), value.clone()))),
    }
}

/// Helm copies the first level of what is global and shares what is below: what a child puts there is there for its
/// parent too, and so for all others.
fn globals_up(parent: &mut Node, child: &Node) {
    let Some(from) = child.get(GLOBAL) else { return };
    if let Some(own) = edit::get_mut(parent, GLOBAL) {
        share(own, from);
    }
}

/// Gives what is shared to the charts below, once all of them have put something there.
fn globals_shared(chart: &Chart, given: &mut Node) {
    let Some(from) = given.get(GLOBAL).filter(|from| !from.entries().is_empty()).cloned() else { return };
    for child in &chart.charts {
        let Some(inner) = edit::get_mut(given, child.metadata.name()) else { continue };
        if let Some(own) = edit::get_mut(inner, GLOBAL) {
            share(own, &from);
        }
        globals_shared(child, inner);
    }
}

/// Makes the tables on the second level the same, where both have them.
fn share(own: &mut Node, from: &Node) {
    for (key, value) in from.entries().iter().filter(|(_, value)| value.is_map()) {
        let Some(table) = key.text().and_then(|name| edit::get_mut(own, name)).filter(|own| own.is_map())
        else {
            continue;
        };
        for (inner, shared) in value.entries().iter().filter(|(_, value)| value.is_map()) {
            let slot = inner.text().and_then(|name| edit::get_mut(table, name)).filter(|own| own.is_map());
            if let Some(slot) = slot {
                *slot = shared.clone();
            }
        }
    }
}
