//! Where the paths of the sources lead, and what is refused: an import that is not granted, a grant that nobody uses, a
//! room that is not private, a circle of files inside one room.

use crate::sources::{Kind, ModulePath, Sources};
use std::collections::{BTreeMap, BTreeSet};

/// A room: its floor, its name, and the rooms it may import. A room may always import itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) floor: u32,
    pub(crate) name: &'static str,
    pub(crate) may: &'static [&'static str],
    /// What only its tests may import besides.
    pub(crate) tests: &'static [&'static str],
}

/// Imports that the table does not grant, each with its place.
pub(crate) fn refused_imports(sources: &Sources, rooms: &[Room]) -> Vec<String> {
    let mut wrong = BTreeSet::new();
    for import in imports(sources) {
        let Import { from, to, file, line, in_test } = &import;
        let place = format!("{file}:{line}");
        let Some(room) = rooms.iter().find(|room| room.name == *from) else {
            wrong.insert(format!("{place}: the room `{from}` is not in the table"));
            continue;
        };
        let granted = room.may.contains(&to.as_str()) || *in_test && room.tests.contains(&to.as_str());
        if !granted {
            let who = if *in_test { format!("a test of `{from}`") } else { format!("`{from}`") };
            wrong.insert(format!("{place}: {who} may not import `{to}`"));
        }
    }
    wrong.into_iter().collect()
}

/// Grants of the table that nobody uses, and rooms of it that are not there.
pub(crate) fn unused_grants(sources: &Sources, rooms: &[Room]) -> Vec<String> {
    let (mut by_code, mut by_tests) = (BTreeSet::new(), BTreeSet::new());
    for import in imports(sources) {
        let used = if import.in_test { &mut by_tests } else { &mut by_code };
        used.insert((import.from, import.to));
    }
    let mut wrong = Vec::new();
    for Room { name, may, tests, .. } in rooms {
        if !sources.modules.contains_key(&vec![name.to_string()]) {
            wrong.push(format!("there is no room `{name}`"));
        }
        let is_used =
            |used: &BTreeSet<(String, String)>, to: &str| used.contains(&(name.to_string(), to.to_string()));
        wrong.extend(
            may.iter()
                .filter(|to| !is_used(&by_code, to))
                .map(|to| format!("`{name}` does not import `{to}`: the grant is unused")),
        );
        wrong.extend(
            tests
                .iter()
                .filter(|to| !is_used(&by_tests, to) || may.contains(to))
                .map(|to| format!("the tests of `{name}` need no grant of their own for `{to}`")),
        );
    }
    wrong
}

/// Rooms that other crates see: in those the compiler would find no dead code.
pub(crate) fn open_rooms(sources: &Sources, rooms: &[Room]) -> Vec<String> {
    let open = rooms.iter().filter(|room| sources.public.contains(room.name));
    open.map(|room| format!("the room `{}` is not private", room.name)).collect()
}

/// Grants that lead up, and rooms that import each other in a circle.
pub(crate) fn wrong_floors(rooms: &[Room]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for room in rooms {
        for to in room.may.iter().chain(room.tests) {
            match rooms.iter().find(|other| other.name == *to) {
                Some(other) if other.floor > room.floor => {
                    wrong.push(format!("`{}` is granted `{to}`, which is a floor above it", room.name));
                }
                Some(_) => {}
                None => wrong.push(format!("`{}` is granted `{to}`, which is not in the table", room.name)),
            }
        }
        graph.entry(room.name.into()).or_default().extend(room.may.iter().map(ToString::to_string));
    }
    wrong.extend(loops(&graph).iter().map(|circle| format!("a circle of rooms: {}", circle.join(", "))));
    wrong
}

/// Circles of files inside one room that `known` does not name, and names of `known` that are no circle any more.
/// A circle is named by all its files, sorted.
pub(crate) fn wrong_circles(sources: &Sources, known: &[&[&str]]) -> Vec<String> {
    let steps = steps(sources);
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, to) in steps.keys() {
        graph.entry(from.clone()).or_default().insert(to.clone());
    }
    let found = loops(&graph);
    let mut wrong = Vec::new();
    for circle in &found {
        if known.iter().any(|known| *known == circle.as_slice()) {
            continue;
        }
        wrong.push(format!("a circle of files: {}", circle.join(", ")));
        let inside = |file: &String| circle.contains(file);
        for ((_, to), place) in steps.iter().filter(|((from, to), _)| inside(from) && inside(to)) {
            wrong.push(format!("  {place} needs {to}"));
        }
    }
    let gone = known.iter().filter(|known| !found.iter().any(|circle| circle.as_slice() == **known));
    wrong
        .extend(gone.map(|known| format!("no circle any more, take it from the list: {}", known.join(", "))));
    wrong
}

/// One room that names another.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Import {
    from: String,
    to: String,
    file: String,
    line: usize,
    in_test: bool,
}

/// The file that declares the rooms.
const ROOT: &str = "src/lib.rs";

/// Every import across a wall. A path that leads through a re-export imports the room it is written with and the room
/// in which the thing is defined.
fn imports(sources: &Sources) -> BTreeSet<Import> {
    let mut out = BTreeSet::new();
    for reference in &sources.references {
        let file = &sources.modules[&reference.module].file;
        // The root only names what the house shows.
        let Some(from) = reference.module.first().filter(|_| file != ROOT) else { continue };
        let (_, rooms) = lead(sources, &reference.module, &reference.path);
        for to in rooms.into_iter().filter(|to| to != from) {
            let (line, in_test) = (reference.line, reference.in_test);
            out.insert(Import { from: from.clone(), to, file: file.clone(), line, in_test });
        }
    }
    out
}

/// Which file needs which other of its room, and the first place that says so. Tests do not count.
fn steps(sources: &Sources) -> BTreeMap<(String, String), String> {
    let mut out = BTreeMap::new();
    for reference in sources.references.iter().filter(|reference| !reference.in_test) {
        let (end, _) = lead(sources, &reference.module, &reference.path);
        let target = match (end, reference.kind) {
            (Some(End::Item(module)), _) => module,
            (Some(End::Module(module)), Kind::Glob) => module,
            // A module alone is only a name: what is taken from it says where it leads.
            _ => continue,
        };
        // A parent that only hands on what its children define does not need them.
        let hands_on = reference.kind != Kind::Code && target.starts_with(&reference.module);
        let file = |module: &ModulePath| sources.modules[module].file.clone();
        let (from, to) = (file(&reference.module), file(&target));
        if !hands_on && from != to && reference.module.first() == target.first() {
            out.entry((from.clone(), to)).or_insert(format!("{from}:{}", reference.line));
        }
    }
    out
}

/// Where a path ends.
#[derive(Clone, PartialEq, Eq, Debug)]
enum End {
    Module(ModulePath),
    /// Something that is defined in this module.
    Item(ModulePath),
}

/// Where a path ends that is written in a module, if that is in this crate, and the rooms it leads through.
fn lead(sources: &Sources, module: &ModulePath, path: &[String]) -> (Option<End>, BTreeSet<String>) {
    let mut walk = Walk { sources, rooms: BTreeSet::new(), steps: 0 };
    let end = walk.resolve(module, path, false);
    (end, walk.rooms)
}

struct Walk<'a> {
    sources: &'a Sources,
    rooms: BTreeSet<String>,
    steps: usize,
}

/// Two modules may import everything of each other.
const MOST_STEPS: usize = 200;

impl Walk<'_> {
    /// Follows a path; `more` says that it is the beginning of a longer one, and so a module rather than a function.
    fn resolve(&mut self, module: &ModulePath, path: &[String], more: bool) -> Option<End> {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return None;
        }
        let mut at = module.clone();
        for (number, name) in path.iter().enumerate() {
            let more = more || number + 1 < path.len();
            match name.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => {
                    at.pop()?;
                }
                // Inside a module everything has a name; a macro may have made it. The first name of a path may be
                // another crate's, or a variable.
                name => match self.named(&at, name, more) {
                    Some(End::Module(inner)) => at = inner,
                    Some(item) => return Some(item),
                    None if number > 0 => return Some(End::Item(at)),
                    None => return None,
                },
            }
            self.rooms.extend(at.first().cloned());
        }
        Some(End::Module(at))
    }

    /// What a name means in a module.
    fn named(&mut self, module: &ModulePath, name: &str, more: bool) -> Option<End> {
        let known = self.sources.modules.get(module)?;
        let child = [module.as_slice(), &[name.to_owned()]].concat();
        let child = self.sources.modules.contains_key(&child).then_some(End::Module(child));
        // A module and a function may share a name.
        if more && child.is_some() {
            return child;
        }
        if known.items.contains(name) {
            return Some(End::Item(module.clone()));
        }
        for path in known.imports.get(name).into_iter().flatten() {
            // `use regex;` names another crate, and is not asked for itself again.
            if path.as_slice() != [name]
                && let Some(end) = self.resolve(module, path, more)
            {
                return Some(end);
            }
        }
        if child.is_some() {
            return child;
        }
        for path in &known.globs {
            let rooms = self.rooms.clone();
            if let Some(End::Module(other)) = self.resolve(module, path, true)
                && other != *module
                && let Some(end) = self.named(&other, name, more)
            {
                return Some(end);
            }
            self.rooms = rooms;
        }
        None
    }
}

/// The strongly connected parts of a graph that hold more than one node, each sorted.
fn loops(graph: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reached = |start: &String| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![start]);
        while let Some(node) = next.pop() {
            next.extend(graph.get(node).into_iter().flatten().filter(|to| seen.insert((*to).clone())));
        }
        seen
    };
    let reach: BTreeMap<&String, BTreeSet<String>> = graph.keys().map(|node| (node, reached(node))).collect();
    let mut out = BTreeSet::new();
    for (node, seen) in &reach {
        let back =
            |other: &&String| *other != *node && reach.get(other).is_some_and(|seen| seen.contains(*node));
        let mut circle: Vec<String> = seen.iter().filter(back).cloned().collect();
        if !circle.is_empty() {
            circle.push((*node).clone());
            circle.sort();
            out.insert(circle);
        }
    }
    out.into_iter().collect()
}
