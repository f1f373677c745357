//! One helmfile for one environment: its parts one after the other, what they build on, and the values that templates of
//! each part see.

use super::environment::{Environment, Missing};
use super::ground::{self, Given, TEMPLATE};
use super::loader::Loader;
use super::merge::{self, Lists};
use crate::syntax::{Node, yaml};
use crate::text::{Origin, Part, SourceId, Span, Str};

/// A helmfile as it is for an environment.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) root: Node,
    pub(super) environment: Environment,
    /// All values of the environment.
    pub(super) values: Node,
    /// Paths in it begin here.
    pub(super) folder: Str,
}

/// Whether a helmfile may build on others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bases {
    Followed,
    Refused,
}

/// The environment that is there without being declared.
pub(super) const DEFAULT: &str = "default";

impl Loader<'_> {
    /// Reads a helmfile for an environment; nothing if it does not have this environment.
    pub(super) fn load(&mut self, file: SourceId, name: &Str, over: Option<&Node>) -> Option<State> {
        let at = Span::new(file, 0, 0);
        let environment = Environment::new(name, at);
        let state = self.parts(file, environment, over, Bases::Followed)?;
        let declared = state.root.get("environments").map(Node::entries).unwrap_or_default();
        let has = declared.iter().any(|(key, _)| key.text() == Some(name));
        let is_free = name == DEFAULT || declared.is_empty() && over.is_some();
        (has || is_free).then_some(state)
    }

    /// Reads a helmfile for what it declares.
    pub(super) fn survey(&mut self, file: SourceId) -> Option<State> {
        let environment = Environment::new(&DEFAULT.into(), Span::new(file, 0, 0));
        self.parts(file, environment, None, Bases::Followed)
    }

    /// The parts of a helmfile: each is a template over what those before it gave.
    fn parts(
        &mut self,
        file: SourceId,
        first: Environment,
        over: Option<&Node>,
        bases: Bases,
    ) -> Option<State> {
        let text = ground::whole(self.files, file)?;
        self.states.insert(file);
        let is_template = self.files.name(file).ends_with(TEMPLATE);
        let empty = super::super::edit::empty_map(&Origin::spelled(Span::new(file, 0, 0)));
        let values = empty.clone();
        let mut state =
            State { root: empty.clone(), environment: first, values, folder: self.folder.clone() };
        for part in parts(&text) {
            let Some(mut root) = self.part(&part, is_template, &state.environment, over, &empty) else {
                continue;
            };
            let asked = root.get("bases").map(Node::items).unwrap_or_default().to_vec();
            if bases == Bases::Refused && !asked.is_empty() {
                self.refuse("what others build on has no `bases` of its own", asked[0].span());
            } else if !asked.is_empty() {
                root = self.based(&asked, &root, &state.environment, over, &empty);
            }
            let declared = root.get("environments").map(Node::entries).unwrap_or_default();
            self.named.extend(declared.iter().filter_map(|(key, _)| key.text()).map(Str::from));
            state.environment = self.environment(&root, &state.environment, over);
            merge::specs(&mut state.root, &root, Lists::Replaced);
        }
        state.values = state.environment.merged();
        Some(state)
    }

    /// The tree of a part: its documents, one behind the other.
    fn part(
        &mut self,
        part: &Part,
        is_template: bool,
        before: &Environment,
        over: Option<&Node>,
        empty: &Node,
    ) -> Option<Node> {
        let environment = before.clone().with(over);
        let values = environment.merged();
        let given = Given { environment: &environment, values: &values, release: None };
        let folder = self.folder.clone();
        let mut read = match is_template {
            true => {
                let text = self.executed(&folder, part, given)?;
                yaml::read_embedded(&text.text, &text.origin)
            }
            false => yaml::read_embedded(&part.text, &part.origin),
        };
        // Before its first version helmfile took every file for a template: only there an action is written as a text.
        let is_older = read.masked || part.text.contains("{{`");
        if is_older && !is_template {
            let text = self.executed(&folder, part, given)?;
            read = yaml::read_embedded(&text.text, &text.origin);
        }
        let wrong = |kind: &str| matches!(kind, "yaml-syntax" | "yaml-alias");
        for problem in read.problems.iter().filter(|problem| wrong(problem.kind)) {
            self.refuse(&problem.says, problem.at.unwrap_or(part.span()));
        }
        let mut out = empty.clone();
        for document in read.documents {
            match document.root {
                root if root.is_map() => merge::specs(&mut out, &root, Lists::Joined),
                root if root.is_null() => {}
                root => self.refuse("a helmfile is a map", root.span()),
            }
        }
        Some(out)
    }

    /// A part over what it builds on.
    fn based(
        &mut self,
        asked: &[Node],
        root: &Node,
        before: &Environment,
        over: Option<&Node>,
        empty: &Node,
    ) -> Node {
        let mut out = empty.clone();
        for path in asked.iter().filter_map(Node::part) {
            let found = self.found(&path, Missing::Refused);
            for id in found {
                if let Some(base) = self.parts(id, before.clone(), over, Bases::Refused) {
                    merge::specs(&mut out, &base.root, Lists::Joined);
                }
            }
        }
        merge::specs(&mut out, root, Lists::Joined);
        out
    }
}

/// A text at its lines of three dashes; the first line is none.
fn parts(text: &Part) -> Vec<Part> {
    let (mut out, mut from, mut at) = (Vec::new(), 0, 0);
    for line in text.text.split_inclusive('\n') {
        let is_end = line.ends_with('\n') && line.trim_end_matches(['\n', '\r']) == "---";
        if is_end && at > 0 {
            out.push(text.slice(from..at));
            from = at + line.len();
        }
        at += line.len();
    }
    out.push(text.slice(from..text.text.len()));
    out
}
