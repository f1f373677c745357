//! Files that no cluster gets as they are: what tests expect and apply, samples, templates of repositories. Told by
//! their names, and by what tests say of them.

use crate::finding::Finding;
use crate::syntax::{Node, yaml};
use crate::text::{SourceId, Sources, paths};
use crate::world::Forest;
use std::collections::{HashMap, HashSet};

/// What a file is there for instead.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Exhibit {
    /// A test compares it with what a cluster has.
    Expected,
    /// People copy it, and change it.
    Sample,
    /// A test applies it.
    Applied,
}

/// The files of a repository that are exhibits.
#[derive(Debug, Default)]
pub(super) struct Exhibits {
    of: HashMap<SourceId, Exhibit>,
}

/// Who is shown the text of a file.
type Show<'a> = dyn Fn(SourceId, &mut dyn FnMut(&str)) + 'a;

impl Exhibits {
    /// The names are those of all files, sorted.
    pub(super) fn find(names: &[&str], show: &Show) -> Exhibits {
        let steps = folders_of_steps(names);
        let mut out = Exhibits::default();
        for (id, name) in (0..).map(SourceId).zip(names) {
            let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
            if let Some(exhibit) = by_place(folder, base, &steps) {
                out.put(id, exhibit);
            }
            let is_chainsaw = matches!(base, "chainsaw-test.yaml" | "chainsaw-test.yml");
            let is_kyverno = matches!(base, "kyverno-test.yaml" | "kyverno-test.yml");
            if !is_chainsaw && !is_kyverno {
                continue;
            }
            out.put(id, Exhibit::Applied);
            show(id, &mut |text| {
                let mut told = Vec::new();
                for document in &yaml::read(id, text).documents {
                    match is_chainsaw {
                        true => of_chainsaw(&document.root, 0, &mut told),
                        false => of_kyverno(&document.root, &mut told),
                    }
                }
                for (file, exhibit) in told {
                    let name = paths::resolve(folder, &file).unwrap_or_default();
                    if let Ok(at) = names.binary_search(&name.as_str()) {
                        out.put(SourceId(at as u32), exhibit);
                    }
                }
            });
        }
        out
    }

    /// What is applied is no mere expectation, whoever expects it besides.
    fn put(&mut self, id: SourceId, exhibit: Exhibit) {
        let known = self.of.entry(id).or_insert(exhibit);
        *known = (*known).max(exhibit);
    }

    /// What something delivers that is no sample itself is real, wherever it is kept.
    pub(super) fn without_delivered(mut self, forest: &Forest) -> Exhibits {
        let is_real = |at: SourceId| !self.of.contains_key(&at);
        let deliveries = forest.deliveries.iter().filter(|one| one.live);
        let deliveries = deliveries.filter(|one| one.declared.is_some_and(|at| is_real(at.source)));
        let objects = deliveries.flat_map(|one| &one.built.objects);
        let real: Vec<SourceId> = objects.map(|object| object.written.source).collect();
        real.iter().for_each(|id| _ = self.of.remove(id));
        self
    }

    /// Whether no object of a file is one that a cluster gets.
    pub(super) fn is_expected(&self, id: SourceId) -> bool {
        self.of.get(&id) == Some(&Exhibit::Expected)
    }

    /// What the file of the affected object is there for. What a test writes down itself is told apart by its path.
    pub(super) fn of(&self, finding: &Finding, sources: &Sources) -> Option<Exhibit> {
        let id = finding.home.unwrap_or(finding.origin.span().source);
        let exhibit = *self.of.get(&id)?;
        let is_test = sources.name(id).contains("chainsaw-test.y");
        let is_expected = ["assert.resource", "error.resource"].iter().any(|key| finding.path.contains(key));
        Some(if is_test && is_expected { Exhibit::Expected } else { exhibit })
    }
}

/// The folders of tests that KUTTL runs in steps.
fn folders_of_steps<'a>(names: &[&'a str]) -> HashSet<&'a str> {
    let split = names.iter().map(|name| name.rsplit_once('/').unwrap_or(("", name)));
    split.filter(|(_, base)| is_expectation(base)).map(|(folder, _)| folder).collect()
}

fn by_place(folder: &str, base: &str, steps: &HashSet<&str>) -> Option<Exhibit> {
    if is_expectation(base) {
        return Some(Exhibit::Expected);
    }
    if steps.contains(folder) && base.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(Exhibit::Applied);
    }
    paths::is_sample(folder, base).then_some(Exhibit::Sample)
}

/// `00-assert.yaml` and `00-errors.yaml` of KUTTL.
fn is_expectation(base: &str) -> bool {
    let Some((number, rest)) = base.split_once('-') else { return false };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number && matches!(rest, "assert.yaml" | "errors.yaml" | "assert.yml" | "errors.yml")
}

/// Steps are in steps: no test goes deeper.
const DEEPEST: usize = 16;

/// The files that a test of Chainsaw names.
fn of_chainsaw(node: &Node, depth: usize, told: &mut Vec<(String, Exhibit)>) {
    if depth > DEEPEST {
        return;
    }
    for (key, value) in node.entries() {
        let exhibit = match key.text() {
            Some("assert" | "error") => Some(Exhibit::Expected),
            Some("apply" | "create" | "update" | "patch") => Some(Exhibit::Applied),
            _ => None,
        };
        let file = exhibit.and_then(|exhibit| Some((value.text_at("file")?.to_owned(), exhibit)));
        told.extend(file);
        of_chainsaw(value, depth + 1, told);
    }
    node.items().iter().for_each(|item| of_chainsaw(item, depth + 1, told));
}

/// The resources that a test of Kyverno holds against policies: no cluster gets them.
fn of_kyverno(root: &Node, told: &mut Vec<(String, Exhibit)>) {
    for key in ["resources", "targetResources"] {
        let items = root.get(key).map(Node::items).unwrap_or_default();
        told.extend(items.iter().filter_map(|item| Some((item.text()?.to_owned(), Exhibit::Expected))));
    }
}
