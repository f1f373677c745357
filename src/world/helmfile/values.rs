//! The values of an environment, put together from files, maps and what earlier parts gave.

use super::super::edit;
use super::super::kustomize::{Fault, Why};
use super::environment::{Environment, Missing};
use super::ground::{self, Given, TEMPLATE};
use super::loader::Loader;
use super::merge;
use crate::syntax::{Node, yaml};
use crate::text::Part;

impl Loader<'_> {
    /// The environment of a part: what it says itself over what earlier ones gave.
    pub(super) fn environment(
        &mut self,
        root: &Node,
        before: &Environment,
        over: Option<&Node>,
    ) -> Environment {
        let own = root.at(&["environments", &before.name]);
        let around = before.clone().with(over);
        let mut out = before.clone();
        if let Some(own) = own {
            let missing = Missing::of(&[own.get("missingFileHandler")]);
            let strategy = own.part_at("mergeStrategy");
            let is_first = strategy.as_ref().is_some_and(|strategy| strategy.text == "fallback");
            let mut values = self.entries(own.get("values"), missing, &around, is_first);
            let missing = Missing::of(&[own.get("missingFileHandler"), root.get("missingFileHandler")]);
            self.secrets(own.get("secrets"), missing, &mut values, &mut out);
            merge::layers(&mut out.values, &values);
            out.context = before.context.clone().or_else(|| own.part_at("kubeContext"));
        }
        let defaults = self.entries(root.get("values"), Missing::Refused, before, false);
        merge::layers(&mut out.defaults, &defaults);
        out.is_open |= std::mem::take(&mut self.is_open);
        out.with(over)
    }

    /// The values of a list of files and maps. Of two the last counts, or the first if it is asked so.
    pub(super) fn entries(
        &mut self,
        list: Option<&Node>,
        missing: Missing,
        around: &Environment,
        is_first: bool,
    ) -> Node {
        let mut out = edit::empty_map(&around.values.origin);
        let mut add = |values: &Node| match is_first {
            true => {
                let mut under = values.clone();
                merge::layers(&mut under, &out);
                out = under;
            }
            false => merge::entries(&mut out, values),
        };
        for entry in list.map(Node::items).unwrap_or_default() {
            if entry.is_map() {
                add(&ground::with_references(entry));
                continue;
            }
            let Some(path) = entry.part() else {
                self.refuse("values are files and maps", entry.span());
                continue;
            };
            for values in self.values_files(&path, missing, around) {
                add(&ground::with_references(&values));
            }
        }
        out
    }

    /// The values of the files that an entry names.
    fn values_files(&mut self, path: &Part, missing: Missing, around: &Environment) -> Vec<Node> {
        let mut out = Vec::new();
        for id in self.found(path, missing) {
            let name = self.files.name(id);
            if name.ends_with(".hcl") {
                self.is_open = true;
                let says = format!("`{}` is written in HCL, which is not followed", path.text);
                self.faults.push(Fault { why: Why::Plugin, says, at: Some(path.span()) });
                continue;
            }
            self.values.insert(id);
            let Some(text) = ground::whole(self.files, id) else { continue };
            let values = around.merged();
            let given = Given { environment: around, values: &values, release: None };
            let text = match name.ends_with(TEMPLATE) {
                true => self.executed(ground::folder(name), &text, given),
                false => Some(text),
            };
            match text {
                Some(text) => out.extend(self.tree(&text)),
                None => self.is_open = true,
            }
        }
        out
    }

    /// The map that a text is.
    fn tree(&mut self, text: &Part) -> Option<Node> {
        let read = yaml::read_embedded(&text.text, &text.origin);
        if let Some(problem) = read.problems.iter().find(|problem| problem.kind == "yaml-syntax") {
            self.is_open = true;
            self.refuse(&problem.says, problem.at.unwrap_or(text.span()));
            return None;
        }
        let root = read.documents.into_iter().next()?.root;
        if !root.is_map() && !root.is_null() {
            self.is_open = true;
            self.refuse("the values of an environment are a map", root.span());
        }
        root.is_map().then_some(root)
    }

    /// Puts encrypted files over values.
    fn secrets(&mut self, list: Option<&Node>, missing: Missing, values: &mut Node, out: &mut Environment) {
        for path in list.map(Node::items).unwrap_or_default().iter().filter_map(Node::part) {
            for id in self.found(&path, missing) {
                match ground::encrypted(self.files, id) {
                    Some(tree) => merge::entries(values, &tree),
                    None => out.is_open = true,
                }
            }
        }
    }
}
