//! The releases of a helmfile: what they inherit, the expressions in them, and the values that they give their charts.

use super::super::edit;
use super::super::helm::{self, Helm, Told, UserValues};
use super::super::kustomize::{Fault, Why};
use super::environment::Missing;
use super::ground::{self, Called, Given, TEMPLATE};
use super::loader::Loader;
use super::merge::{self, Lists};
use super::state::State;
use crate::limits::{MOST_INHERITED, MOST_TURNS};
use crate::syntax::expand::Weaver;
use crate::syntax::{Node, yaml};
use crate::text::{How, Origin, Part, Span, Str, paths};

/// A release as helm is called for it.
#[derive(Clone, Debug)]
pub(super) struct Release {
    pub(super) node: Node,
    pub(super) name: Part,
    pub(super) namespace: Option<Part>,
    pub(super) chart: Part,
    pub(super) version: Option<Part>,
    /// What it is called in templates, and its labels.
    called: Called,
    labels: Node,
}

impl Loader<'_> {
    /// A release with all that it inherits and with its expressions executed; nothing if it is not to be installed.
    pub(super) fn release(&mut self, state: &State, written: &Node) -> Option<Release> {
        if !written.is_map() {
            self.refuse("a release is a map", written.span());
            return None;
        }
        self.inherits = MOST_INHERITED;
        let node = self.inherited(state, written, state.root.get("defaultInherit"), &mut Vec::new());
        let mut labels = node.get("labels").cloned().unwrap_or_else(|| edit::empty_map(&node.origin));
        state.root.get("commonLabels").into_iter().for_each(|common| merge::entries(&mut labels, common));
        let (called, is_known) = self.called(state, &node, &labels)?;
        if !is_known {
            self.is_guessed = true;
        }
        let (Some(name), Some(chart)) = (called.name.clone(), called.chart.clone()) else {
            self.refuse("a release has a `name` and a `chart`", written.span());
            return None;
        };
        let forced = state.root.part_at("namespace").filter(|part| !part.text.is_empty());
        let namespace = forced.or_else(|| called.namespace.clone());
        let version = called.version.clone();
        let release = Release { node, name, namespace, chart, version, called, labels };
        self.is_wanted(state, &release).then_some(release)
    }

    /// A release over the templates that it inherits.
    fn inherited(&mut self, state: &State, release: &Node, more: Option<&Node>, path: &mut Vec<Str>) -> Node {
        let mut names = listed(more);
        names.extend(listed(release.get("inherit")));
        let mut out = edit::empty_map(&release.origin);
        for (at, (name, except)) in names.iter().enumerate() {
            if names[..at].iter().any(|(known, _)| known.text == name.text) {
                continue;
            }
            if path.contains(&name.text) {
                self.refuse(&format!("`{}` inherits itself", name.text), name.span());
                continue;
            }
            let Some(left) = self.inherits.checked_sub(1) else {
                let says =
                    format!("a release inherits more than {MOST_INHERITED} templates: no more are followed");
                self.faults.push(Fault { why: Why::Bound, says, at: Some(name.span()) });
                break;
            };
            self.inherits = left;
            let Some(template) = state.root.at(&["templates", &name.text]) else {
                self.refuse(&format!("there is no template `{}` of releases", name.text), name.span());
                continue;
            };
            path.push(name.text.clone());
            let mut template = self.inherited(state, template, None, path);
            path.pop();
            except.iter().for_each(|key| _ = edit::remove(&mut template, key));
            merge::specs(&mut out, &template, Lists::Joined);
        }
        merge::specs(&mut out, release, Lists::Joined);
        out
    }

    /// What a release is called: its expressions may ask for each other. Also, whether all of them could be executed.
    fn called(&mut self, state: &State, node: &Node, labels: &Node) -> Option<(Called, bool)> {
        let text = |key: &str| node.part_at(key).filter(|part| !part.text.is_empty());
        let written = Called {
            name: text("name"),
            namespace: text("namespace"),
            chart: text("chart"),
            version: text("version"),
        };
        let mut before = written.clone();
        for _ in 0..MOST_TURNS {
            let given = Given {
                environment: &state.environment,
                values: &state.values,
                release: Some((&before, labels)),
            };
            let mut one = |part: &Option<Part>| match part {
                Some(part) => Some(Some(trimmed(self.executed(&state.folder, part, given)?))),
                None => Some(None),
            };
            let now = Called {
                name: one(&written.name)?,
                namespace: one(&written.namespace)?,
                chart: one(&written.chart)?,
                version: one(&written.version)?,
            };
            if now == before {
                let parts = [&now.name, &now.namespace, &now.chart];
                let is_known = parts.into_iter().flatten().all(Part::is_known);
                return Some((now, is_known));
            }
            before = now;
        }
        self.refuse("the expressions of this release ask for each other without end", node.span());
        None
    }

    /// Whether a release is to be installed.
    fn is_wanted(&mut self, state: &State, release: &Release) -> bool {
        let truth = |part: &Part| matches!(part.text.trim(), "true" | "True" | "TRUE");
        let installed = match release.node.part_at("installedTemplate") {
            Some(text) => self.text(state, release, &text),
            None => release.node.part_at("installed"),
        };
        if installed.is_some_and(|installed| installed.is_known() && !truth(&installed)) {
            return false;
        }
        if let Some(text) = release.node.part_at("conditionTemplate") {
            return self.text(state, release, &text).is_none_or(|text| !text.is_known() || truth(&text));
        }
        let condition = release.node.part_at("condition").filter(|part| !part.text.is_empty());
        let Some(condition) = condition else { return true };
        if condition.text.eq_ignore_ascii_case("true") || condition.text.eq_ignore_ascii_case("false") {
            return condition.text.eq_ignore_ascii_case("true");
        }
        let Some(path) = condition.text.strip_suffix(".enabled") else {
            self.refuse("a condition ends with `.enabled`", condition.span());
            return false;
        };
        let keys: Vec<&str> = path.split('.').collect();
        match state.values.at(&keys) {
            Some(around) => around.get("enabled").is_some_and(|own| {
                own.part().is_some_and(|own| !own.is_known()) || own.scalar().is_some_and(|own| own.is_true())
            }),
            None if state.environment.is_open => true,
            None => {
                self.refuse(&format!("the environment has no values `{path}`"), condition.span());
                false
            }
        }
    }

    /// A text of a release, executed.
    fn text(&mut self, state: &State, release: &Release, text: &Part) -> Option<Part> {
        let given = Given {
            environment: &state.environment,
            values: &state.values,
            release: Some((&release.called, &release.labels)),
        };
        self.executed(&state.folder, text, given)
    }

    /// The values that a release gives its chart, put together. `told` is what is wrong with them.
    pub(super) fn release_values(&mut self, state: &State, release: &Release, told: &mut Told) -> Node {
        let mut given = UserValues::default();
        let node = &release.node;
        let missing = Missing::of(&[node.get("missingFileHandler"), state.root.get("missingFileHandler")]);
        let first = node.get("valuesTemplate").map(Node::items).unwrap_or_default();
        let rest = node.get("values").map(Node::items).unwrap_or_default();
        for (at, entry) in first.iter().chain(rest).enumerate() {
            if entry.is_map() {
                let entry =
                    if at < first.len() { self.tree_of(state, release, entry) } else { entry.clone() };
                given.files.push(ground::inline(&entry));
            } else if let Some(path) = entry.part() {
                given.files.extend(self.values_of(state, release, &path, missing, told));
            } else if !entry.is_null() {
                self.refuse("values are files and maps", entry.span());
            }
        }
        given.files.extend(self.secrets_of(state, release, missing));
        self.singles(state, release, &mut given);
        let folder = state.folder.clone();
        let files = self.files;
        let read = |name: &Part| {
            let id = paths::resolve(&folder, &name.text).and_then(|path| files.find(&path));
            let part = id.and_then(|id| ground::whole(files, id));
            let part = part.ok_or_else(|| format!("`{}` is not there", name.text))?;
            let origin = part.origin.clone().via(How::Include, name.span());
            Ok(Part { origin, ..part })
        };
        given.together(node.span(), &read, Helm::default(), told)
    }

    /// The values of a file that a release names.
    fn values_of(
        &mut self,
        state: &State,
        release: &Release,
        path: &Part,
        missing: Missing,
        told: &mut Told,
    ) -> Option<Node> {
        let path = self.prefixed(state, release, path)?;
        let found = self.found(&path, missing);
        if found.len() > 1 {
            self.refuse("an entry of `values` names one file", path.span());
        }
        let id = *found.first().filter(|_| found.len() == 1)?;
        self.values.insert(id);
        let name = self.files.name(id);
        let read = if name.ends_with(TEMPLATE) {
            let text = ground::whole(self.files, id)?;
            let called = Some((&release.called, &release.labels));
            let given = Given { environment: &state.environment, values: &state.values, release: called };
            let text = self.executed(ground::folder(name), &text, given)?;
            helm::values_text(&text, name, Helm::default(), told)
        } else {
            helm::values_file(self.files, id, Helm::default(), told)
        };
        read.map(|values| ground::with_references(&values))
    }

    /// A path of a release, executed and with its prefix.
    fn prefixed(&mut self, state: &State, release: &Release, path: &Part) -> Option<Part> {
        let path = self.text(state, release, path)?;
        let prefix = release.node.text_at("valuesPathPrefix").unwrap_or_default();
        Some(if prefix.is_empty() {
            path
        } else {
            Part { text: format!("{prefix}{}", path.text).into(), ..path }
        })
    }

    /// The encrypted files of a release: helm takes them behind all others.
    fn secrets_of(&mut self, state: &State, release: &Release, missing: Missing) -> Vec<Node> {
        let mut out = Vec::new();
        for path in
            release.node.get("secrets").map(Node::items).unwrap_or_default().iter().filter_map(Node::part)
        {
            let Some(path) = self.prefixed(state, release, &path) else { continue };
            for id in self.found(&path, missing) {
                self.values.insert(id);
                match ground::encrypted(self.files, id) {
                    Some(tree) => out.push(tree),
                    None => self.is_guessed = true,
                }
            }
        }
        out
    }

    /// A map whose texts are templates.
    fn tree_of(&mut self, state: &State, release: &Release, node: &Node) -> Node {
        match &node.value {
            crate::syntax::Value::Scalar(scalar) if scalar.text.contains("{{") => {
                let part = node.part().and_then(|part| self.text(state, release, &part));
                let Some(part) = part else { return node.clone() };
                // What is written is read again, as the type that it looks like.
                let read = yaml::read_embedded(&part.text, &part.origin);
                let root = read.documents.into_iter().next().map(|document| document.root);
                root.filter(|_| read.problems.is_empty()).unwrap_or_else(|| edit::text(&part))
            }
            crate::syntax::Value::List(items) => {
                let items = items.iter().map(|item| self.tree_of(state, release, item)).collect();
                Node::list(node.origin.clone(), items)
            }
            crate::syntax::Value::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, value)| (key.clone(), self.tree_of(state, release, value)))
                    .collect();
                Node::map(node.origin.clone(), entries)
            }
            _ => node.clone(),
        }
    }

    /// The single values of a release.
    fn singles(&mut self, state: &State, release: &Release, given: &mut UserValues) {
        for key in ["setTemplate", "set", "setString"] {
            for entry in release.node.get(key).map(Node::items).unwrap_or_default() {
                let mut text = |part: Part| match key {
                    "setTemplate" => self.text(state, release, &part),
                    _ => Some(part),
                };
                let Some(name) = entry.part_at("name").and_then(&mut text) else { continue };
                let value = entry.part_at("value").filter(|value| !value.text.is_empty()).and_then(&mut text);
                let list = entry.get("values").map(Node::items).unwrap_or_default().iter();
                let list: Vec<Part> = list.filter_map(Node::part).filter_map(&mut text).collect();
                let to = if key == "setString" { &mut given.set_string } else { &mut given.set };
                match (value, entry.part_at("file").and_then(&mut text)) {
                    (Some(value), _) => to.push(pair(&name, &[value], ["", ""], entry.span())),
                    (None, Some(file)) if key != "setString" => {
                        given.set_file.push(pair(&name, &[file], ["", ""], entry.span()));
                    }
                    _ if !list.is_empty() => to.push(pair(&name, &list, ["{", "}"], entry.span())),
                    _ => {}
                }
            }
        }
    }

    /// What of a release is not followed here.
    pub(super) fn unfollowed(&mut self, release: &Release) -> bool {
        const KEYS: [&str; 6] = [
            "strategicMergePatches",
            "jsonPatches",
            "transformers",
            "dependencies",
            "forceNamespace",
            "postRenderer",
        ];
        let says_something =
            |node: &&Node| !node.items().is_empty() || node.text().is_some_and(|text| !text.is_empty());
        let found = KEYS.iter().filter_map(|key| Some((key, release.node.get(key).filter(says_something)?)));
        let found: Vec<Fault> = found
            .map(|(key, node)| {
                let says = format!("`{key}` of the release `{}` is not followed", release.name.text);
                Fault { why: Why::Plugin, says, at: Some(node.span()) }
            })
            .collect();
        let is_changed = !found.is_empty();
        self.faults.extend(found);
        is_changed
    }
}

/// The templates that are asked for, and what of each is not wanted.
fn listed(node: Option<&Node>) -> Vec<(Part, Vec<&str>)> {
    let Some(node) = node else { return Vec::new() };
    let one = |node: &Node| node.part().filter(|part| !part.text.is_empty());
    if let Some(name) = one(node) {
        return vec![(name, Vec::new())];
    }
    node.items()
        .iter()
        .filter_map(|item| {
            let name = one(item).or_else(|| item.part_at("template"))?;
            let except = item.get("except").map(Node::items).unwrap_or_default();
            Some((name, except.iter().filter_map(Node::text).collect()))
        })
        .collect()
}

/// What is behind and before an expression is not meant.
fn trimmed(part: Part) -> Part {
    let start = part.text.len() - part.text.trim_start().len();
    let end = start + part.text.trim().len();
    if (start, end) == (0, part.text.len()) { part } else { part.slice(start..end) }
}

/// `name=value` as helm's `--set` takes it, with a backslash before what would mean something there.
fn pair(name: &Part, values: &[Part], around: [&str; 2], whole: Span) -> Part {
    let mut out = Weaver::default();
    let made = |text: &str| Part::new(text, Origin::spelled(whole));
    escape(name, whole, &mut out);
    out.push(made(&format!("={}", around[0])));
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            out.push(made(","));
        }
        escape(value, whole, &mut out);
    }
    if !around[1].is_empty() {
        out.push(made(around[1]));
    }
    out.finish(whole)
}

fn escape(part: &Part, whole: Span, out: &mut Weaver) {
    let mut from = 0;
    for (at, _) in part.text.match_indices(['{', '}', ',']) {
        out.push(part.slice(from..at));
        out.push(Part::new("\\", Origin::spelled(whole)));
        from = at;
    }
    out.push(part.slice(from..part.text.len()));
}
