//! Who else gives the variables of a role or a playbook their values: the vars and the defaults of the role, the variables
//! of all hosts, and those of groups, which are known only where they all say the same.

use super::Desk;
use crate::limits::MOST_GROUPS;
use crate::syntax::yaml::Yaml;
use crate::syntax::{Node, Scalar, Style, Value, ini};
use crate::text::{Part, SourceId};
use crate::world::Files;
use std::sync::Arc;

/// Maps of variables besides those of the file itself, the strongest first.
#[derive(Debug, Default)]
pub(super) struct Around {
    /// The vars of the role, which win over those of hosts.
    pub(super) of_role: Vec<Map>,
    /// The variables of groups of hosts: which of them a host is in is not known.
    pub(super) of_groups: Vec<Map>,
    /// What wins over the defaults of a role.
    pub(super) over: Vec<Map>,
    /// The defaults of the role.
    pub(super) under: Vec<Map>,
}

/// A map of variables.
#[derive(Debug)]
pub(super) enum Map {
    /// All of a file, which others have read, too.
    File(Arc<Yaml>),
    Part(Node),
}

/// Folders of a role that hold what runs or is set.
const PARTS: [&str; 5] = ["tasks", "handlers", "defaults", "vars", "templates"];
const ENDS: [&str; 3] = [".yml", ".yaml", ""];
/// Files that list hosts, by their names without an ending.
const LISTS: [&str; 4] = ["inventory", "hosts", "inventory/hosts", "inventory/inventory"];

/// What groups of hosts say of a variable.
pub(super) enum OfGroups<'a> {
    Nothing,
    /// All that say something say this.
    One(&'a Node),
    Several,
}

impl Around {
    pub(super) fn in_groups(&self, name: &str) -> OfGroups<'_> {
        let mut all = self.of_groups.iter().filter_map(|map| map.get(name));
        let Some(first) = all.next() else { return OfGroups::Nothing };
        match all.all(|other| first.text().is_some() && other.text() == first.text()) {
            true => OfGroups::One(first),
            false => OfGroups::Several,
        }
    }

    pub(super) fn of(desk: &Desk) -> Around {
        let Some(view) = desk.view() else { return Around::default() };
        let (mut out, files, own) = (Around::default(), view.files, desk.file.id);
        let find = |name: String| files.find(&name).filter(|id| *id != own);
        if let Some(role) = role(desk.file.name) {
            let part = |part: &str| ENDS.iter().find_map(|end| find(format!("{role}/{part}/main{end}")));
            out.of_role.extend(part("vars").and_then(|id| map(files, id)));
            out.under.extend(part("defaults").and_then(|id| map(files, id)));
        }
        let mut folder = desk.file.directory();
        loop {
            let above = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            // Hardly any folder has one of these.
            for start in ["group_vars/", "inventory", "hosts"].map(|name| format!("{above}{name}")) {
                if files.has_any_from(&start) {
                    out.take(files, own, &above, &start[above.len()..]);
                }
            }
            match folder.rsplit_once('/') {
                Some((above, _)) => folder = above,
                None if folder.is_empty() => return out,
                None => folder = "",
            }
        }
    }

    /// The variables of all hosts that files of a folder give whose names begin so.
    fn take(&mut self, files: &Files, own: SourceId, folder: &str, start: &str) {
        let find = |name: String| files.find(&name).filter(|id| *id != own);
        let begins = |name: &&&str| name.starts_with(start);
        for vars in ["group_vars/all", "inventory/group_vars/all"].iter().filter(&begins) {
            let all = format!("{folder}{vars}");
            self.over.extend(ENDS.iter().find_map(|end| map(files, find(format!("{all}{end}"))?)));
            let parts = files.below(&all).filter(|id| *id != own);
            self.over.extend(parts.filter_map(|id| map(files, id)));
        }
        for groups in ["group_vars/", "inventory/group_vars/"].iter().filter(&begins) {
            let groups = format!("{folder}{}", groups.trim_end_matches('/'));
            let of_all = |id: &SourceId| {
                let name = &files.name(*id)[groups.len() + 1..];
                name.split(['/', '.']).next() == Some("all")
            };
            let others = files.below(&groups).filter(|id| *id != own && !of_all(id));
            self.of_groups.extend(others.take(MOST_GROUPS).filter_map(|id| map(files, id)));
        }
        for list in LISTS.iter().filter(&begins) {
            let list = format!("{folder}{list}");
            self.over.extend(ENDS.iter().find_map(|end| {
                let hosts = map(files, find(format!("{list}{end}"))?)?;
                hosts.root()?.at(&["all", "vars"]).cloned().map(Map::Part)
            }));
            let tables = ["", ".ini"];
            self.over.extend(tables.iter().find_map(|end| table(files, find(format!("{list}{end}"))?)));
        }
    }
}

/// The folder of the role that a file belongs to.
pub(super) fn role(name: &str) -> Option<&str> {
    let at = PARTS.iter().filter_map(|part| name.rfind(&format!("/{part}/"))).max()?;
    Some(&name[..at])
}

impl Map {
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        self.root()?.get(name)
    }

    fn root(&self) -> Option<&Node> {
        match self {
            Map::File(yaml) => yaml.documents.first().map(|document| &document.root),
            Map::Part(node) => Some(node),
        }
    }
}

fn map(files: &Files, id: SourceId) -> Option<Map> {
    let yaml = files.yaml(id)?;
    yaml.documents.first()?.root.is_map().then(|| Map::File(Arc::clone(yaml)))
}

/// `[all:vars]` of a table of hosts.
fn table(files: &Files, id: SourceId) -> Option<Map> {
    let entries = files.ask(id, |text| ini::read(id, text))?;
    let of_all = entries.into_iter().filter(|entry| entry.section.text.trim() == "all:vars");
    let scalar = |part: Part| Node::new(part.origin, Value::Scalar(Scalar::new(part.text, Style::Plain)));
    let map: Vec<(Node, Node)> = of_all.map(|entry| (scalar(entry.key), scalar(entry.value))).collect();
    let origin = map.first()?.0.origin.clone();
    Some(Map::Part(Node::map(origin, map)))
}
