//! Which of the charts in a chart take part, under which names, and what a parent takes over from their values.

use super::super::edit;
use super::coalesce::{Rules, coalesce};
use super::load::Chart;
use super::metadata::{Dependency, Import};
use super::tables::{self, Nulls, Place};
use super::told::{Helm, Told};
use super::values;
use crate::limits::MOST_CHARTS;
use crate::syntax::{Node, Scalar, Style, Tag, Value};
use crate::template::semver::satisfies;
use crate::text::{Origin, Part, Str};
use std::sync::atomic::Ordering;

/// A chart that another one wants, and that is not at hand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Absent {
    /// The name of the chart, where it is asked for.
    pub name: Part,
    pub version: Part,
    pub repository: Part,
    /// What it is called in its parent: `web.db`.
    pub path: Str,
    /// Nobody has switched it off, as far as the values at hand tell.
    pub enabled: bool,
    /// A chart of this name is there, in a version that is not asked for.
    pub other_version: Option<Str>,
}

/// Chooses the charts that take part, and gives those that are not at hand.
pub(super) fn choose(chart: &mut Chart, given: &Node, helm: Helm, told: &mut Told) -> Vec<Absent> {
    let mut choice = Choice { helm, told, absent: Vec::new(), count: 0 };
    choice.of(chart, given, "");
    choice.absent
}

struct Choice<'t> {
    helm: Helm,
    told: &'t mut Told,
    absent: Vec<Absent>,
    count: usize,
}

impl Choice<'_> {
    fn of(&mut self, chart: &mut Chart, given: &Node, path: &str) {
        let Some(mut wanted) = chart.metadata.dependencies.take() else { return };
        let loaded = std::mem::take(&mut chart.charts);
        chart.charts = self.named(&loaded, &wanted);
        let mut together = given.clone();
        let rules = Rules { nulls: Nulls::Delete, helm: self.helm };
        // What is told of values is told when they are put together for good.
        coalesce(chart, &mut together, rules, &mut Told::default());
        for dependency in &mut wanted {
            dependency.enabled = by_tags(dependency, &together, self.told);
            by_conditions(dependency, &together, path, self.told);
            self.note_absent(dependency, &loaded, path);
        }
        let (kept, gone): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|dependency| dependency.enabled);
        let is_gone = |chart: &Chart| gone.iter().any(|one| one.called().text == chart.metadata.name());
        chart.charts.retain(|chart| !is_gone(chart));
        chart.metadata.dependencies = Some(kept).filter(|kept| !kept.is_empty());
        for child in &mut chart.charts {
            let inner = format!("{path}{}.", child.metadata.name());
            self.of(child, &together, &inner);
        }
    }

    /// The charts that nobody asks for, and those that somebody does, by the names that he gives.
    fn named(&mut self, loaded: &[Chart], wanted: &[Dependency]) -> Vec<Chart> {
        let is_asked = |chart: &&Chart| wanted.iter().any(|dependency| dependency.is_for(&chart.metadata));
        let mut out: Vec<Chart> = loaded.iter().filter(|chart| !is_asked(chart)).cloned().collect();
        for dependency in wanted {
            let found = loaded.iter().find(|chart| dependency.is_for(&chart.metadata));
            dependency.done.renamed.store(dependency.alias.is_some(), Ordering::Relaxed);
            let Some(found) = found else { continue };
            self.count += 1;
            if self.count > MOST_CHARTS {
                let says = format!("more than {MOST_CHARTS} charts are in this chart");
                self.told.bound(says, dependency.name.span());
                return out;
            }
            let mut copy = found.clone();
            if self.helm == Helm::Four {
                copy.metadata.renew();
            }
            if let Some(alias) = &dependency.alias {
                let leaves_paths = self.helm == Helm::Three && copy.metadata.dependencies.is_none();
                copy.former = leaves_paths.then(|| copy.metadata.name().into());
                copy.metadata.rename(alias);
            }
            out.push(copy);
        }
        out
    }

    fn note_absent(&mut self, dependency: &Dependency, loaded: &[Chart], path: &str) {
        let of_name = |chart: &&Chart| chart.metadata.name() == dependency.name.text;
        let is_there = loaded.iter().any(|chart| {
            of_name(&chart) && satisfies(&dependency.version.text, &chart.metadata.version.text) == Ok(true)
        });
        if !is_there {
            self.absent.push(Absent {
                name: dependency.name.clone(),
                version: dependency.version.clone(),
                repository: dependency.repository.clone(),
                path: format!("{path}{}", dependency.called().text).into(),
                enabled: dependency.enabled,
                other_version: loaded.iter().find(of_name).map(|chart| chart.metadata.version.text.clone()),
            });
        }
    }
}

/// `true` or `false`, if it is one.
fn truth(node: &Node) -> Option<bool> {
    let is_truth = |scalar: &&Scalar| scalar.is_bool() && node.tag() == Tag::None;
    node.scalar().filter(is_truth).map(Scalar::is_true)
}

/// Whether its tags let a chart take part: one that is true, or none that is false.
fn by_tags(dependency: &Dependency, values: &Node, told: &mut Told) -> bool {
    let (mut any_true, mut any_false) = (false, false);
    for tag in &dependency.tags {
        let Some(value) = values.get("tags").and_then(|tags| tags.get(&tag.text)) else { continue };
        match truth(value) {
            Some(true) => any_true = true,
            Some(false) => any_false = true,
            None => told.warn(format!("the tag `{}` is neither true nor false", tag.text), value.span()),
        }
    }
    any_true || !any_false
}

/// The first of the conditions that is true or false decides.
fn by_conditions(dependency: &mut Dependency, values: &Node, path: &str, told: &mut Told) {
    let conditions = dependency.condition.text.clone();
    for condition in conditions.trim().split(',').filter(|condition| !condition.is_empty()) {
        let Some(value) = tables::value_at(values, &format!("{path}{condition}")) else { continue };
        match truth(value) {
            Some(is_so) => {
                dependency.enabled = is_so;
                return;
            }
            None => {
                let says = format!(
                    "`{path}{condition}` decides whether the chart `{}` takes part, and is neither true nor false",
                    dependency.called().text
                );
                told.warn(says, value.span());
            }
        }
    }
}

/// Puts what parents take over from their children into the values of the parents, from below.
pub(super) fn import(chart: &mut Chart, helm: Helm, told: &mut Told) {
    for child in &mut chart.charts {
        import(child, helm, told);
    }
    let Some(wanted) = chart.metadata.dependencies.as_ref().filter(|wanted| !wanted.is_empty()) else {
        return;
    };
    let mut together = values::empty(chart.values.span());
    let rules = Rules { nulls: Nulls::Keep, helm };
    coalesce(chart, &mut together, rules, &mut Told::default());
    let mut imported = Imported { table: values::empty(chart.values.span()), shared: Vec::new() };
    for dependency in wanted {
        if dependency.done.imported.swap(true, Ordering::Relaxed) {
            continue;
        }
        for one in &dependency.imports {
            let name = &dependency.called().text;
            match tables::table(&together, &format!("{name}.{}", one.child)) {
                Some(table) => {
                    let table = table.clone();
                    imported.nulls_back(one, name, &mut together);
                    imported.add(one, &table, name);
                    imported.level(&mut together);
                }
                None => {
                    told.warn(format!("the chart `{name}` has no `{}` to be imported", one.child), one.at)
                }
            }
        }
    }
    let place = Place { parent: None, key: chart.metadata.name() };
    tables::fill(&mut together, &imported.table, Nulls::Keep, &place, &mut Told::default());
    chart.values = together;
}

/// What a parent takes over. Helm takes the tables of the children themselves: what is put into such a table is then
/// in the child, too.
struct Imported {
    table: Node,
    /// Which table here is which table of a child.
    shared: Vec<(Vec<Str>, Vec<Str>)>,
}

impl Imported {
    fn add(&mut self, import: &Import, table: &Node, name: &str) {
        let wrapped = at_path(import, table);
        let keys = |path: &str| path.split('.').map(Str::from).collect::<Vec<_>>();
        let above = if import.parent == "." { Vec::new() } else { keys(&import.parent) };
        let mut from = keys(name);
        from.extend(keys(&import.child));
        let known = at_keys(&self.table, &above);
        match known.filter(|known| known.is_map()) {
            Some(known) => {
                let mut found = Vec::new();
                share(known, table, &mut above.clone(), &mut from, &mut found);
                self.shared.append(&mut found);
            }
            // Of an empty table helm makes a new one.
            None if table.entries().is_empty() => {}
            None => self.shared.push((above, from)),
        }
        let place = Place { parent: None, key: name };
        tables::fill(&mut self.table, &wrapped, Nulls::Keep, &place, &mut Told::default());
    }

    /// What is null where a table of a child goes to is null in the child from then on.
    fn nulls_back(&self, import: &Import, name: &str, together: &mut Node) {
        let above: Vec<Str> = import.parent.split('.').filter(|key| !key.is_empty()).map(Str::from).collect();
        let Some(known) = at_keys(&self.table, &above) else { return };
        let mut keys = name.split('.').chain(import.child.split('.'));
        if let Some(table) = keys.try_fold(together, |node, key| edit::get_mut(node, key)) {
            copy_nulls(known, table);
        }
    }

    /// Makes tables that are one and the same equal again. Nothing is ever taken out of them.
    fn level(&mut self, together: &mut Node) {
        let place = Place { parent: None, key: "" };
        // Once towards the children, and once back to all places of one table.
        for (here, there) in self.shared.iter().chain(&self.shared) {
            let find = |node| at_keys(node, here).filter(|table: &&Node| table.is_map()).cloned();
            let Some(table) = find(&self.table) else { continue };
            let slot = there.iter().try_fold(&mut *together, |node, key| edit::get_mut(node, key));
            let Some(slot) = slot.filter(|slot| slot.is_map()) else { continue };
            tables::fill(slot, &table, Nulls::Keep, &place, &mut Told::default());
            if let Some(own) = here.iter().try_fold(&mut self.table, |node, key| edit::get_mut(node, key)) {
                tables::fill(own, slot, Nulls::Keep, &place, &mut Told::default());
            }
        }
    }
}

fn copy_nulls(from: &Node, table: &mut Node) {
    for (key, value) in from.entries() {
        let Some(name) = key.text() else { continue };
        match edit::get_mut(table, name) {
            Some(own) if value.is_null() => *own = value.clone(),
            Some(own) if value.is_map() && own.is_map() => copy_nulls(value, own),
            None if value.is_null() => edit::set(table, name, value.clone()),
            _ => {}
        }
    }
}

fn at_keys<'n>(node: &'n Node, keys: &[Str]) -> Option<&'n Node> {
    keys.iter().try_fold(node, |node, key| node.get(key))
}

/// The tables that go from one tree into another as they are.
fn share(
    known: &Node,
    table: &Node,
    here: &mut Vec<Str>,
    there: &mut Vec<Str>,
    out: &mut Vec<(Vec<Str>, Vec<Str>)>,
) {
    for (key, value) in table.entries().iter().filter(|(_, value)| value.is_map()) {
        let Some(name) = key.text() else { continue };
        here.push(name.into());
        there.push(name.into());
        match known.get(name) {
            None => out.push((here.clone(), there.clone())),
            Some(inner) if inner.is_map() => share(inner, value, here, there, out),
            Some(_) => {}
        }
        here.pop();
        there.pop();
    }
}

/// A table under the path that its new parent has for it.
fn at_path(import: &Import, table: &Node) -> Node {
    if import.parent == "." {
        return table.clone();
    }
    let at = Origin::spelled(import.at);
    import.parent.rsplit('.').fold(table.clone(), |inner, key| {
        let key = Node::new(at.clone(), Value::Scalar(quoted(key)));
        Node::map(at.clone(), vec![(key, inner)])
    })
}

fn quoted(key: &str) -> Scalar {
    Scalar::new(key.into(), Style::Double)
}
