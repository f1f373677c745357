//! ApplicationSets: which Applications they make. Lists, folders and files of this repository, and what is combined
//! from them, are computed; what asks clusters or servers is not.

use super::super::edit;
use super::super::files::Files;
use super::super::kustomize::{Built, Fault, Why};
use super::super::object::Object;
use super::super::repository::Repository;
use super::execute::{self, Trouble, Unfilled};
use super::fields;
use super::glob::{self, Dialect};
use super::ground;
use super::template::{self, Mode};
use super::values;
use crate::limits::{MOST_APPLICATIONS, MOST_COMPUTED};
use crate::syntax::{Node, yaml};
use crate::template::THIS_GENERATOR;
use crate::text::{Origin, Part, Span, Str};
use std::collections::{BTreeMap, BTreeSet};

/// The Applications that a set makes.
pub(super) fn generate(files: &Files, folders: &[Str], repository: &Repository, set: &Object) -> Built {
    let root = &set.root;
    let is_go = root.at(&["spec", "goTemplate"]).and_then(Node::text) == Some("true");
    let options = root.at(&["spec", "goTemplateOptions"]).map(Node::items).unwrap_or_default();
    let strict = options.iter().any(|option| option.text() == Some("missingkey=error"));
    let mode = if is_go { Mode::Go { strict } } else { Mode::Tags };
    let mut maker = Maker {
        files,
        folders,
        repository,
        mode,
        computed: 0,
        built: Built::default(),
        told: BTreeSet::new(),
        generator: String::new(),
    };
    let nothing = edit::empty_map(&root.origin);
    let template = root.at(&["spec", "template"]).unwrap_or(&nothing);
    let mut names = BTreeSet::new();
    let generators = root.at(&["spec", "generators"]).map(Node::items).unwrap_or_default();
    for (at, generator) in generators.iter().enumerate() {
        if generators.len() > 1 {
            let kind = generator.entries().first().and_then(|(kind, _)| kind.text()).unwrap_or("?");
            maker.generator = format!("the generator {} of this set, `{kind}`", at + 1);
        }
        let Some((found, own)) = maker.generator(generator, None) else { continue };
        let mut template = template.clone();
        if let Some(own) = own {
            values::put_over(&mut template, &own);
        }
        for key in ["metadata", "spec"] {
            edit::get_mut(&mut template, key).into_iter().for_each(|part| fields::seen(key, part));
        }
        for values in found {
            if maker.built.objects.len() >= MOST_APPLICATIONS {
                let says = format!(
                    "this set makes more than {MOST_APPLICATIONS} Applications: the rest is not made"
                );
                maker.fault(Why::Bound, says, generator.span());
                return maker.built;
            }
            let Some(made) = maker.application(set, &template, &values) else { continue };
            let name = made.at(&["metadata", "name"]);
            if !names.insert(Str::from(name.and_then(Node::text).unwrap_or_default())) {
                let says =
                    format!("`{}` is made twice by this set", name.and_then(Node::text).unwrap_or_default());
                maker.fault(Why::Refused, says, name.map_or(generator.span(), Node::span));
            } else {
                maker.built.objects.push(Object::new(made, set.written.source));
            }
        }
    }
    maker.built
}

/// Addresses that a set takes something from, each with a folder of this repository that it may mean.
pub(super) fn addresses(files: &Files, folders: &[Str], set: &Node) -> Vec<(Str, Str)> {
    let mut out = Vec::new();
    if let Some(template) = set.at(&["spec", "template"]) {
        for source in ground::sources(template) {
            let path = ground::path_of(source).filter(|path| !path.text.contains("{{"));
            if let (Some(url), Some(path)) = (source.text_at("repoURL"), path) {
                out.push((url.into(), path.text));
            }
        }
    }
    let mut waiting: Vec<&Node> = set.at(&["spec", "generators"]).into_iter().flat_map(Node::items).collect();
    while let Some(generator) = waiting.pop() {
        for (_, own) in generator.entries() {
            waiting.extend(own.get("generators").map(Node::items).unwrap_or_default());
            let Some(url) = own.text_at("repoURL") else { continue };
            for (key, dialect) in [("directories", Dialect::Folders), ("files", Dialect::Listed)] {
                for entry in own.get(key).map(Node::items).unwrap_or_default() {
                    let Some(regex) = entry.text_at("path").and_then(|path| glob::compile(path, dialect))
                    else {
                        continue;
                    };
                    let found = match dialect {
                        Dialect::Folders => folders.iter().find(|folder| regex.is_match(folder)).cloned(),
                        _ => {
                            let mut names = files.all().map(|id| files.name(id));
                            let found = names.find(|name| regex.is_match(name));
                            found.and_then(|name| name.rsplit_once('/')).map(|(folder, _)| folder.into())
                        }
                    };
                    out.extend(found.map(|folder| (url.into(), folder)));
                }
            }
        }
    }
    out
}

struct Maker<'m> {
    files: &'m Files<'m>,
    /// Every folder of the repository, but for hidden ones.
    folders: &'m [Str],
    repository: &'m Repository,
    mode: Mode,
    /// How many sets of values the generators gave so far.
    computed: usize,
    built: Built,
    /// The faults so far.
    told: BTreeSet<Fault>,
    /// Which of several generators gives the values by now, in words.
    generator: String,
}

/// The sets of values that a generator gives, and its own template.
type Found = (Vec<Node>, Option<Node>);

impl Maker<'_> {
    fn fault(&mut self, why: Why, says: String, at: Span) {
        let fault = Fault { why, says, at: Some(at) };
        // A template that asks for too much does so for every Application.
        if self.told.insert(fault.clone()) {
            self.built.faults.push(fault);
        }
    }

    fn troubles(&mut self, troubles: Vec<Trouble>) -> bool {
        let is_fatal = troubles.iter().any(|trouble| trouble.why == Unfilled::Fatal);
        for Trouble { says, at, why } in troubles {
            let why = match why {
                Unfilled::Unknown => Why::Plugin,
                Unfilled::Absent => Why::Undefined,
                Unfilled::Fatal => Why::Refused,
            };
            let says = match self.generator.as_str() {
                "" => says,
                generator => says.replace(THIS_GENERATOR, generator),
            };
            self.fault(why, says, at);
        }
        is_fatal
    }

    /// One generator of a list. `outer` are the values of the one that it is combined with.
    fn generator(&mut self, generator: &Node, outer: Option<&Node>) -> Option<Found> {
        if self.computed > MOST_COMPUTED {
            let says = format!(
                "these generators give more than {MOST_COMPUTED} sets of values: the rest is not computed"
            );
            self.fault(Why::Bound, says, generator.span());
            return None;
        }
        let mut filled = generator.clone();
        if let Some(outer) = outer {
            self.interpolate(&mut filled, outer);
        }
        let mut out: Vec<Node> = Vec::new();
        let mut template = None;
        let mut is_known = false;
        for (key, own) in filled.entries() {
            let name = key.text().unwrap_or_default();
            let found = match name {
                "selector" => continue,
                "list" => self.list(own),
                "git" => self.git(own),
                "matrix" => self.matrix(own),
                "merge" => self.merge(own),
                _ => {
                    let says = format!("what a generator `{name}` gives is not known here");
                    self.fault(Why::Plugin, says, key.span());
                    None
                }
            };
            template = own.get("template").cloned().or(template);
            is_known |= found.is_some();
            out.extend(found.into_iter().flatten());
        }
        self.computed += 1 + out.len();
        if let Some(selector) = filled.get("selector") {
            match values::Selector::read(selector) {
                Ok(selector) => out.retain(|values| selector.takes(values)),
                Err(says) => self.fault(Why::Refused, says, selector.span()),
            }
        }
        is_known.then_some((out, template))
    }

    /// Puts the values of one generator into another one. What it does not find may be its own.
    fn interpolate(&mut self, generator: &mut Node, outer: &Node) {
        let mut troubles = Vec::new();
        let loose = if self.mode == Mode::Tags { Mode::Tags } else { Mode::Go { strict: false } };
        for (_, own) in edit::entries_mut(generator).into_iter().flatten() {
            for (key, value) in edit::entries_mut(own).into_iter().flatten() {
                match key.text() {
                    // Its own template is filled later, with all values.
                    Some("template") => {}
                    Some("values") => template::fill_tree(value, outer, loose, &mut Vec::new()),
                    Some("elementsYaml") => {
                        let whole = value.part().filter(|_| loose != Mode::Tags);
                        let whole = whole.and_then(|part| execute::whole_value(&part, outer));
                        match whole {
                            Some(list) => *value = list,
                            None => template::fill_tree(value, outer, loose, &mut troubles),
                        }
                    }
                    _ => template::fill_tree(value, outer, loose, &mut troubles),
                }
            }
        }
        self.troubles(troubles);
    }

    fn list(&mut self, own: &Node) -> Option<Vec<Node>> {
        let mut out = Vec::new();
        for element in own.get("elements").map(Node::items).unwrap_or_default() {
            match self.mode {
                Mode::Go { .. } => out.push(element.clone()),
                Mode::Tags => match values::named(element) {
                    Ok(values) => out.push(values),
                    Err(node) => {
                        self.fault(Why::Refused, "a value of a list takes a text".into(), node.span());
                        return None;
                    }
                },
            }
        }
        if let Some(more) = own.get("elementsYaml") {
            match more.part() {
                Some(part) => {
                    let read = yaml::read_embedded(&part.text, &part.origin);
                    out.extend(read.documents.iter().flat_map(|document| document.root.items()).cloned());
                }
                None => out.extend(more.items().iter().cloned()),
            }
        }
        Some(out)
    }

    fn git(&mut self, own: &Node) -> Option<Vec<Node>> {
        if let Some(url) = own.part_at("repoURL")
            && self.repository.is_own(&url.text) == Some(false)
        {
            let says = format!("`{}` is another repository", url.text);
            self.fault(Why::Remote, says, url.span());
            return None;
        }
        let before = self.built.faults.len();
        let prefix = own.text_at("pathParamPrefix").filter(|prefix| !prefix.is_empty());
        let mut out = Vec::new();
        let directories = own.get("directories").map(Node::items).unwrap_or_default();
        if directories.is_empty() {
            let files = own.get("files").map(Node::items).unwrap_or_default();
            let patterns = self.patterns(files, Dialect::Listed);
            let names = self.files.all().map(|id| Str::from(self.files.name(id)));
            for (name, pattern) in chosen(names, &patterns) {
                self.file(&name, &pattern, prefix, &mut out);
            }
        } else {
            let patterns = self.patterns(directories, Dialect::Folders);
            for (folder, pattern) in chosen(self.folders.iter().cloned(), &patterns) {
                let mut values = edit::empty_map(&pattern.origin);
                values::add_path(&mut values, &folder, None, &pattern, prefix, self.mode);
                out.push(values);
            }
        }
        let wanted = ["directories", "files"].iter().find_map(|key| own.get(key)?.items().first());
        if let Some(path) = wanted.filter(|_| out.is_empty() && self.built.faults.len() == before) {
            let path = path.get("path").unwrap_or(path);
            let is_own = own.text_at("repoURL").and_then(|url| self.repository.is_own(url)) == Some(true);
            let says = format!("`{}` fits nothing in this repository", path.text().unwrap_or_default());
            self.fault(if is_own { Why::PathMissing } else { Why::Remote }, says, path.span());
        }
        if let Some(own) = own.get("values") {
            let mut troubles = Vec::new();
            for values in &mut out {
                let mut own = own.clone();
                template::fill_tree(&mut own, values, self.mode, &mut troubles);
                values::add_values(values, &own, self.mode);
            }
            self.troubles(troubles);
        }
        Some(out)
    }

    fn patterns(&mut self, entries: &[Node], dialect: Dialect) -> Vec<Pattern> {
        let mut out = Vec::new();
        for entry in entries {
            let Some(part) = entry.part_at("path") else { continue };
            let is_out = entry.text_at("exclude") == Some("true");
            match glob::compile(&part.text, dialect) {
                Some(regex) => out.push(Pattern { regex, part, is_out }),
                None => self.fault(Why::Refused, format!("`{}` is no pattern", part.text), part.span()),
            }
        }
        out
    }

    /// The values of a file: one set, or a list of them.
    fn file(&mut self, name: &str, pattern: &Part, prefix: Option<&str>, out: &mut Vec<Node>) {
        let Some(id) = self.files.find(name) else { return };
        let Some(read) = self.files.yaml(id) else { return };
        self.built.read.insert(id);
        let nothing = Node::map(Origin::spelled(Span::new(id, 0, 0)), Vec::new());
        let root = read.documents.first().map_or(&nothing, |document| &document.root);
        let single = [if root.is_null() { nothing.clone() } else { root.clone() }];
        let elements = if root.is_list() { root.items() } else { &single };
        if let Some(problem) = read.problems.iter().find(|problem| problem.kind == "yaml-syntax") {
            let fault = Fault { why: Why::Refused, says: problem.says.clone(), at: problem.at };
            self.built.faults.push(fault);
            return;
        }
        for element in elements {
            if !element.is_map() {
                self.fault(Why::Refused, format!("`{name}` holds no map"), element.span());
                continue;
            }
            let mut values = match self.mode {
                Mode::Go { .. } => element.clone(),
                Mode::Tags => values::flat(element),
            };
            let (folder, base) = name.rsplit_once('/').unwrap_or((".", name));
            values::add_path(&mut values, folder, Some(base), pattern, prefix, self.mode);
            out.push(values);
        }
    }

    fn matrix(&mut self, own: &Node) -> Option<Vec<Node>> {
        let [first, second] = own.get("generators").map(Node::items).unwrap_or_default() else {
            self.fault(Why::Refused, "a matrix takes two generators".into(), own.span());
            return None;
        };
        let mut out = Vec::new();
        for a in self.generator(first, None)?.0 {
            for b in self.generator(second, Some(&a))?.0 {
                if out.len() >= MOST_APPLICATIONS {
                    let says = format!(
                        "this matrix gives more than {MOST_APPLICATIONS} sets of values: the rest is not computed"
                    );
                    self.fault(Why::Bound, says, own.span());
                    return Some(out);
                }
                match self.mode {
                    Mode::Go { .. } => {
                        let mut both = b;
                        values::put_over(&mut both, &a);
                        out.push(both);
                    }
                    Mode::Tags => match values::joined(&a, &b) {
                        Ok(both) => out.push(both),
                        Err(key) => {
                            let says = format!("both generators of a matrix give `{key}`, and not the same");
                            self.fault(Why::Refused, says, own.span());
                            return None;
                        }
                    },
                }
            }
        }
        Some(out)
    }

    fn merge(&mut self, own: &Node) -> Option<Vec<Node>> {
        let generators = own.get("generators").map(Node::items).unwrap_or_default();
        let keys = own.get("mergeKeys").map(Node::items).unwrap_or_default();
        if generators.len() < 2 || keys.is_empty() {
            let says = match generators.len() {
                0 => "a merge takes two generators or more, and this one has none",
                1 => "a merge takes two generators or more, and this one has one",
                _ => "a merge takes `mergeKeys`, and this one has none",
            };
            self.fault(Why::Refused, says.into(), own.span());
            return None;
        }
        let keys: Vec<&str> = keys.iter().filter_map(Node::text).collect();
        let mut base: Vec<Node> = Vec::new();
        for (at, generator) in generators.iter().enumerate() {
            // What is not known of a later one leaves the first as it is, and is told.
            let found = match self.generator(generator, None) {
                Some((found, _)) => found,
                None if at == 0 => return None,
                None => continue,
            };
            let mut by_key: BTreeMap<String, Node> = BTreeMap::new();
            for values in &found {
                let key = values::key(values, &keys);
                if by_key.insert(key, values.clone()).is_some() {
                    let says = "two sets of values have the same `mergeKeys`".into();
                    self.fault(Why::Refused, says, generator.span());
                    return None;
                }
            }
            if at == 0 {
                base = found;
                continue;
            }
            for values in &mut base {
                match (by_key.get(&values::key(values, &keys)), self.mode) {
                    (Some(over), Mode::Go { .. }) => values::put_over(values, over),
                    (Some(over), Mode::Tags) => values::put_all(values, over),
                    (None, _) => {}
                }
            }
        }
        Some(base)
    }

    /// The Application of one set of values; nothing if the tool makes none.
    fn application(&mut self, set: &Object, template: &Node, values: &Node) -> Option<Node> {
        let mut troubles = Vec::new();
        let origin = Origin::spelled(template.span());
        let mut made = edit::empty_map(&origin);
        edit::set(&mut made, "apiVersion", edit::made("argoproj.io/v1alpha1", &origin));
        edit::set(&mut made, "kind", edit::made("Application", &origin));
        for key in ["metadata", "spec"] {
            let mut own = template.get(key).cloned().unwrap_or_else(|| edit::empty_map(&origin));
            template::fill_tree(&mut own, values, self.mode, &mut troubles);
            edit::set(&mut made, key, own);
        }
        if let Some(patch) = set.root.at(&["spec", "templatePatch"]).and_then(Node::part) {
            let before = troubles.len();
            let filled = template::fill(&patch, values, self.mode, &mut troubles);
            if troubles.len() == before {
                let read = yaml::read_embedded(&filled.text, &filled.origin);
                let broken = read.problems.iter().filter(|problem| problem.kind == "yaml-syntax");
                troubles.extend(broken.map(|problem| Trouble {
                    says: format!("`templatePatch` is no YAML when it is filled: {}", problem.says),
                    at: problem.at.unwrap_or(patch.span()),
                    why: Unfilled::Fatal,
                }));
                let project = made.at(&["spec", "project"]).cloned();
                for document in &read.documents {
                    edit::merge_patch(&mut made, &document.root);
                }
                // A patch does not move an Application to another project.
                if let (Some(project), Some(spec)) = (project, edit::get_mut(&mut made, "spec")) {
                    edit::set(spec, "project", project);
                }
            }
        }
        if let Some(metadata) = edit::get_mut(&mut made, "metadata") {
            match set.root.at(&["metadata", "namespace"]) {
                Some(namespace) => edit::set(metadata, "namespace", namespace.clone()),
                None => _ = edit::remove(metadata, "namespace"),
            }
        }
        // Argo CD stops at the first.
        if let Some(first) = troubles.iter().position(|trouble| trouble.why == Unfilled::Fatal) {
            troubles.truncate(first + 1);
        }
        (!self.troubles(troubles)).then_some(made)
    }
}

/// A pattern of files or folders.
struct Pattern {
    regex: regex::Regex,
    part: Part,
    is_out: bool,
}

/// What patterns choose, each with the first that does.
fn chosen(names: impl Iterator<Item = Str>, patterns: &[Pattern]) -> Vec<(Str, Part)> {
    let fits = |name: &str, is_out: bool| {
        patterns.iter().find(|pattern| pattern.is_out == is_out && pattern.regex.is_match(name))
    };
    names
        .filter_map(|name| {
            let pattern = fits(&name, false)?;
            fits(&name, true).is_none().then(|| (name, pattern.part.clone()))
        })
        .collect()
}
