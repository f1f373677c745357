//! Names and namespaces: set, prefixed and suffixed, and what refers to them follows.

use super::super::edit;
use super::super::object::{Gvk, Object, ObjectId};
use super::fields::{Field, Fields, Make, visit};
use crate::syntax::{Node, Value};
use crate::text::{Origin, Part, Str};
use std::collections::{HashMap, HashSet};

/// Whose subjects of role bindings get the namespace.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Subjects {
    #[default]
    NamedDefault,
    Accounts,
    None,
}

/// Puts every object that can be in a namespace into this one.
pub(super) fn set_namespace(
    objects: &mut [Object],
    namespace: &Part,
    fields: &[Field],
    subjects: Subjects,
    unset_only: bool,
) -> Result<(), String> {
    let value = edit::text(namespace);
    let put = |node: &mut Node| {
        if unset_only && node.text().is_some_and(|text| !text.is_empty()) {
            return Ok(());
        }
        if node.is_map() || node.is_list() {
            return Err("namespace field specs must target scalar nodes".to_string());
        }
        let loser = node.span();
        *node = value.clone();
        node.origin = edit::over(&value.origin, loser);
        Ok(())
    };
    for object in objects.iter_mut().filter(|object| !object.is_of_chart) {
        let id = object.id();
        object.remember();
        if !id.gvk.is_cluster_wide()
            && let Some(metadata) = edit::get_or_map(&mut object.root, "metadata", &namespace.origin)
        {
            match edit::get_mut(metadata, "namespace") {
                Some(node) => put(node)?,
                None => edit::set(metadata, "namespace", value.clone()),
            }
        }
        let binds = matches!(id.gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding");
        if binds {
            for subject in
                edit::get_mut(&mut object.root, "subjects").and_then(edit::items_mut).into_iter().flatten()
            {
                let wanted = match subjects {
                    Subjects::None => false,
                    Subjects::NamedDefault => subject.text_at("name") == Some("default"),
                    Subjects::Accounts => subject.text_at("kind") == Some("ServiceAccount"),
                };
                if wanted {
                    match edit::get_mut(subject, "namespace") {
                        Some(node) => put(node)?,
                        None => edit::set(subject, "namespace", value.clone()),
                    }
                }
            }
        }
        for field in fields {
            let is_set = field.path == "metadata/namespace"
                || field.path == "metadata/name" && !(id.gvk.group.is_empty() && id.gvk.version == "v1")
                || binds && field.path == "subjects/namespace";
            if !is_set && id.gvk.fits(&field.of) {
                visit(&mut object.root, field, Make::Text(&namespace.origin), &mut |node| put(node))?;
            }
        }
    }
    clashes(objects).map_or(Ok(()), |id| Err(format!("two objects become {} in one namespace", id.label())))
}

/// An id that two objects have.
pub(super) fn clashes(objects: &[Object]) -> Option<ObjectId> {
    let mut seen = std::collections::HashSet::new();
    objects.iter().map(Object::id).find(|id| {
        let home = Str::from(id.home());
        !seen.insert(ObjectId { namespace: home, ..id.clone() })
    })
}

/// Where a name grows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Front,
    Back,
}

/// Puts a prefix or a suffix to the names of all objects but those whose names are not theirs to choose.
pub(super) fn extend(objects: &mut [Object], part: &Part, end: End, fields: &[Field]) -> Result<(), String> {
    for object in objects {
        let first = object.first_id().gvk;
        let is_apart = matches!(first.kind.as_str(), "CustomResourceDefinition" | "Namespace")
            || first.kind == "APIService" && first.group == "apiregistration.k8s.io";
        if is_apart {
            continue;
        }
        for field in fields.iter().filter(|field| first.fits(&field.of)) {
            if field.path == "metadata/name" && !part.text.is_empty() {
                let past = object.past_mut();
                let list = if end == End::Front { &mut past.prefixes } else { &mut past.suffixes };
                list.push(part.text.clone());
                object.remember();
            }
            visit(&mut object.root, field, Make::Nothing, &mut |node| {
                let Some(name) = node.part() else { return Ok(()) };
                *node = edit::text(&joined(&name, part, end));
                Ok(())
            })?;
        }
    }
    Ok(())
}

fn joined(name: &Part, part: &Part, end: End) -> Part {
    let mut weaver = crate::syntax::expand::Weaver::default();
    let (first, second) = if end == End::Front { (part, name) } else { (name, part) };
    weaver.push(first.clone());
    weaver.push(second.clone());
    weaver.finish(name.span())
}

/// Lets every field that holds the name of an object follow where that name went.
pub(super) fn follow(objects: &mut [Object], fields: &Fields) -> Result<(), String> {
    let known = Known::of(objects);
    let mut faults = Vec::new();
    for at in 0..objects.len() {
        let (first, now) = (objects[at].first_id().gvk, objects[at].id());
        let mut root = objects[at].root.clone();
        if now.gvk.kind == "RoleBinding" && has_blank_namespace(&root) {
            faults.push(format!("a subject of {} has an empty namespace", now.label()));
        }
        for (target, referrers) in &fields.names {
            if !known.has_any(target) {
                continue;
            }
            for field in referrers.iter().filter(|field| first.fits(&field.of)) {
                let reference =
                    Reference { objects, known: &known, from: at, now: &now, target, path: &field.path };
                let done = visit(&mut root, field, Make::Nothing, &mut |node| reference.update(node));
                if let Err(says) = done {
                    faults.push(says);
                }
            }
        }
        objects[at].root = root;
    }
    faults.into_iter().next().map_or(Ok(()), Err)
}

/// The tool stumbles over a service account whose namespace is written and empty.
fn has_blank_namespace(binding: &Node) -> bool {
    let is_blank = |subject: &Node| {
        subject.text_at("kind") == Some("ServiceAccount")
            && subject.get("namespace").is_some_and(Node::is_null)
    };
    binding.get("subjects").is_some_and(|list| list.items().iter().any(is_blank))
}

/// Who went by which name.
struct Known {
    by_name: HashMap<Str, Vec<usize>>,
    /// The same, by the namespace that they are in now.
    by_home: HashMap<(Str, Str), Vec<usize>>,
    /// The kinds that changed their name, or are referred to with a namespace.
    kinds: Vec<Gvk>,
    ids: Vec<ObjectId>,
    former: Vec<Vec<ObjectId>>,
    /// The namespaces that objects were in at first.
    first_homes: HashSet<Str>,
}

impl Known {
    fn of(objects: &[Object]) -> Known {
        let ids: Vec<ObjectId> = objects.iter().map(Object::id).collect();
        let former: Vec<Vec<ObjectId>> = objects.iter().map(|object| object.former_ids().collect()).collect();
        let mut by_name: HashMap<Str, Vec<usize>> = HashMap::new();
        let mut kinds: Vec<Gvk> = Vec::new();
        let mut by_home: HashMap<(Str, Str), Vec<usize>> = HashMap::new();
        for (at, before) in former.iter().enumerate() {
            for id in before {
                let own_home = by_home.entry((id.name.clone(), ids[at].home().into())).or_default();
                for list in [by_name.entry(id.name.clone()).or_default(), own_home] {
                    if list.last() != Some(&at) {
                        list.push(at);
                    }
                }
                if !kinds.contains(&id.gvk) {
                    kinds.push(id.gvk.clone());
                }
            }
        }
        let firsts = former.iter().zip(&ids).map(|(former, id)| former.first().unwrap_or(id));
        let first_homes = firsts.map(|id| home(id).into()).collect();
        Known { by_name, by_home, kinds, ids, former, first_homes }
    }

    /// Those of a name that an object may mean: of its own namespace and of none. What is in none itself, and who binds
    /// roles, may mean any.
    fn named(&self, name: &str, from: &ObjectId) -> Vec<usize> {
        if from.gvk.is_cluster_wide() || from.gvk.kind == "RoleBinding" {
            return self.by_name.get(name).cloned().unwrap_or_default();
        }
        let of = |home: &str| self.by_home.get(&(name.into(), home.into())).into_iter().flatten().copied();
        let mut found: Vec<usize> = of(from.home()).chain(of("")).collect();
        found.sort_unstable();
        found
    }

    fn has_any(&self, target: &Gvk) -> bool {
        self.kinds.iter().any(|kind| kind.fits(target))
    }
}

/// One field that may hold a name.
struct Reference<'r> {
    objects: &'r [Object],
    known: &'r Known,
    from: usize,
    now: &'r ObjectId,
    target: &'r Gvk,
    path: &'r str,
}

impl Reference<'_> {
    fn update(&self, node: &mut Node) -> Result<(), String> {
        match &node.value {
            Value::Null | Value::Hole => Ok(()),
            Value::Scalar(_) => self.scalar(node),
            Value::Map(_) => self.map(node),
            Value::List(items) => {
                for at in 0..items.len() {
                    match edit::items_mut(node).map(|items| &mut items[at]) {
                        Some(item) if item.is_map() => self.map(item)?,
                        Some(item) if item.text().is_some() => self.scalar(item)?,
                        _ => {}
                    }
                }
                Ok(())
            }
        }
    }

    fn scalar(&self, node: &mut Node) -> Result<(), String> {
        let Some(name) = node.text() else { return Ok(()) };
        let same = |a: &ObjectId, b: &ObjectId| a.name == b.name;
        let Some(found) = self.referral(name, None, &same)? else { return Ok(()) };
        if self.known.ids[found].name != name
            && let Some(new) = self.followed(found, node)
        {
            edit::set_text(node, &new);
        }
        Ok(())
    }

    fn map(&self, node: &mut Node) -> Result<(), String> {
        let Some(name) = node.text_at("name").map(Str::from) else {
            return Err(format!("the map at `{}` has no `name`", self.path));
        };
        let namespace = node.text_at("namespace").map(Str::from);
        let same = |a: &ObjectId, b: &ObjectId| a.name == b.name && a.namespace == b.namespace;
        let Some(found) = self.referral(&name, namespace.as_deref(), &same)? else { return Ok(()) };
        let id = &self.known.ids[found];
        let metadata = &self.objects[found].root;
        let part = |key: &str| metadata.at(&["metadata", key]).and_then(Node::part);
        for (key, changed) in [("name", id.name != name), ("namespace", !id.namespace.is_empty())] {
            if let Some(new) = part(key)
                .filter(|_| changed && node.text_at(key) != part(key).as_ref().map(|part| part.text.as_str()))
            {
                match edit::get_mut(node, key) {
                    Some(place) if key == "name" => {
                        let new = self.followed(found, place).unwrap_or(new);
                        edit::set_text(place, &new);
                    }
                    Some(place) => edit::set_text(place, &new),
                    None => edit::set(node, key, edit::text(&new)),
                }
            }
        }
        Ok(())
    }

    /// The new name of an object, for a reference that was written as its old one. What was put to the name has its
    /// place there; the old name itself is written twice, here and there, and an edit of one of them breaks the link.
    fn followed(&self, found: usize, reference: &Node) -> Option<Part> {
        let object = &self.objects[found];
        let new = object.root.at(&["metadata", "name"])?.part()?;
        let old = object.first_id().name;
        let here = Origin::spelled(reference.span());
        let from: usize = object.past().prefixes.iter().map(|prefix| prefix.len()).sum();
        let to = from + old.len();
        if new.text.get(from..to) != Some(old.as_str()) {
            return Some(Part { origin: here, ..new });
        }
        let mut weaver = crate::syntax::expand::Weaver::default();
        weaver.push(new.slice(0..from));
        weaver.push(Part::new(old, here));
        weaver.push(new.slice(to..new.text.len()));
        Some(weaver.finish(reference.span()))
    }

    /// The object that a name meant when it was written. Several are a fault, unless the outcome is the same.
    fn referral(
        &self,
        name: &str,
        namespace: Option<&str>,
        same: &dyn Fn(&ObjectId, &ObjectId) -> bool,
    ) -> Result<Option<usize>, String> {
        let list = self.known.named(name, self.now);
        if list.is_empty() {
            return Ok(None);
        }
        let role =
            self.path.ends_with("roleRef/name").then(|| &self.objects[self.from].root).and_then(|root| {
                let role = root.get("roleRef")?;
                let group = Str::from(role.text_at("apiGroup")?);
                Some(Gvk { group, kind: role.text_at("kind")?.into(), ..Gvk::default() })
            });
        let homes = |at: usize, wanted: &str| {
            let (first, now) = (&self.known.former[at][0], &self.known.ids[at]);
            (home(first) == wanted, home(now) == wanted)
        };
        let in_namespace: Vec<usize> = match namespace {
            None => list,
            Some(wanted) => {
                let wanted = if wanted.is_empty() { "default" } else { wanted };
                let first: Vec<usize> = list.iter().copied().filter(|&at| homes(at, wanted).0).collect();
                if self.known.first_homes.contains(wanted) {
                    first
                } else {
                    list.iter().copied().filter(|&at| homes(at, wanted).1).collect()
                }
            }
        };
        let mut found: Vec<usize> = in_namespace
            .into_iter()
            .filter(|&at| {
                let before = &self.known.former[at];
                before.iter().any(|id| id.name == name)
                    && before.iter().any(|id| id.gvk.fits(self.target))
                    && role.as_ref().is_none_or(|role| before.iter().any(|id| id.gvk.fits(role)))
                    && self.may_reach(at)
            })
            .collect();
        if found.len() > 1 {
            found.retain(|&at| self.grew_alike(at, true));
            if found.len() > 1 {
                found.retain(|&at| self.grew_alike(at, false));
            }
        }
        match found.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            [first, rest @ ..]
                if rest.iter().all(|at| same(&self.known.ids[*first], &self.known.ids[*at])) =>
            {
                Ok(Some(*first))
            }
            _ => Err(format!("`{name}` may mean several objects")),
        }
    }

    /// Objects of one namespace refer to each other; those without a namespace, and service accounts, to and from all.
    fn may_reach(&self, at: usize) -> bool {
        let id = &self.known.ids[at];
        if self.now.gvk.is_cluster_wide() || id.gvk.is_cluster_wide() || self.now.home() == id.home() {
            return true;
        }
        // A role binding names accounts of other namespaces.
        let names_it = |subject: &Node| {
            subject.text_at("kind") == Some("ServiceAccount")
                && subject.text_at("namespace") == Some(&id.namespace)
        };
        self.now.gvk.kind == "RoleBinding"
            && id.gvk.kind == "ServiceAccount"
            && self.objects[self.from]
                .root
                .get("subjects")
                .is_some_and(|list| list.items().iter().any(names_it))
    }

    /// Whether two objects got the same prefixes and suffixes, from the outermost inwards.
    fn grew_alike(&self, at: usize, none_fits: bool) -> bool {
        let (own, other) = (&self.objects[self.from], &self.objects[at]);
        let alike = |a: &[Str], b: &[Str]| {
            none_fits && (a.is_empty() || b.is_empty()) || {
                let len = a.len().min(b.len());
                let one_is_empty = a.is_empty() != b.is_empty();
                !one_is_empty && a[a.len() - len..] == b[b.len() - len..]
            }
        };
        let (own, other) = (own.past(), other.past());
        alike(&own.prefixes, &other.prefixes) && alike(&own.suffixes, &other.suffixes)
    }
}

fn home(id: &ObjectId) -> &str {
    if id.gvk.is_cluster_wide() { "_non_namespaceable_" } else { id.home() }
}
