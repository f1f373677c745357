//! A chart as an Application gives it its values: files, then its own, then single ones over them.

use super::super::edit;
use super::super::helm::{self, Capabilities, Order, Release, Told, UserValues};
use super::super::kustomize::{Built, Fault, Why};
use super::super::repository::Place;
use super::ground::{Ground, sources};
use super::is_zero;
use crate::syntax::expand::Weaver;
use crate::syntax::{Node, yaml};
use crate::text::{How, Origin, Part, SourceId, Span, paths};

/// Builds the chart in a folder for an Application.
pub(super) fn build(ground: &Ground, root: &Node, source: &Node, path: &Part) -> Built {
    let options = source.get("helm").filter(|options| !is_zero(options));
    let helm = helm::Helm::default();
    let mut asked = Asked { ground, root, path, told: Told::default(), unseen: Vec::new() };
    let values = asked.values(options, source.span());
    let text = |key: &str| options.and_then(|options| options.text_at(key)).filter(|text| !text.is_empty());
    let of_root = |path: &[&str]| root.at(path).and_then(Node::text).unwrap_or_default();
    let name = text("releaseName").unwrap_or_else(|| of_root(&["metadata", "name"]));
    let namespace = text("namespace").unwrap_or_else(|| of_root(&["spec", "destination", "namespace"]));
    let mut capabilities = text("kubeVersion").and_then(Capabilities::parse).unwrap_or_default();
    let apis = options.and_then(|options| options.get("apiVersions")).map(Node::items).unwrap_or_default();
    apis.iter().filter_map(Node::text).for_each(|api| capabilities.add(api));
    let with_definitions = text("skipCrds") != Some("true");
    let release = Release { name: name.into(), namespace: namespace.into(), capabilities, helm };
    let order = Order { folder: &path.text, values: &values, release, with_definitions, at: path.span() };
    let Asked { told, unseen, .. } = asked;
    let mut built = helm::deliver(ground.files, &order, told);
    built.faults.extend(unseen);
    built
}

/// What an Application asks of a chart.
struct Asked<'a> {
    ground: &'a Ground<'a>,
    root: &'a Node,
    path: &'a Part,
    told: Told,
    /// Values that nobody here can see.
    unseen: Vec<Fault>,
}

impl Asked<'_> {
    fn values(&mut self, options: Option<&Node>, at: Span) -> Node {
        let mut given = UserValues::default();
        let Some(options) = options else { return edit::empty_map(&Origin::spelled(at)) };
        for entry in options.get("valueFiles").map(Node::items).unwrap_or_default() {
            for id in self.files(entry, options) {
                let read = helm::values_file(self.ground.files, id, helm::Helm::default(), &mut self.told);
                given.files.extend(read);
            }
        }
        given.files.extend(self.own(options));
        for parameter in options.get("parameters").map(Node::items).unwrap_or_default() {
            let Some(pair) = pair(parameter, "value") else { continue };
            let list = match parameter.text_at("forceString") {
                Some("true") => &mut given.set_string,
                _ => &mut given.set,
            };
            list.push(pair);
        }
        let files = options.get("fileParameters").map(Node::items).unwrap_or_default();
        given.set_file.extend(files.iter().filter_map(|parameter| pair(parameter, "path")));
        let read = |name: &Part| {
            let path = paths::resolve(&self.path.text, &name.text);
            let found = path.and_then(|path| self.ground.files.find(&path));
            let text = found.and_then(|id| Some((id, self.ground.files.text(id)?)));
            let (id, text) = text.ok_or_else(|| format!("`{}` is not there", name.text))?;
            let origin = Origin::verbatim(Span::new(id, 0, text.len())).via(How::Include, name.span());
            Ok(Part::new(text, origin))
        };
        given.together(at, &read, helm::Helm::default(), &mut self.told)
    }

    /// Its own values: a map, else a text.
    fn own(&mut self, options: &Node) -> Option<Node> {
        if let Some(object) = options.get("valuesObject").filter(|object| object.is_map()) {
            return Some(object.clone());
        }
        let text = options.part_at("values").filter(|text| !text.text.trim().is_empty())?;
        let read = yaml::read_embedded(&text.text, &text.origin);
        let root = read.documents.into_iter().next().map(|document| document.root).filter(Node::is_map);
        if root.is_none() {
            let says = "`values` is no map".into();
            self.unseen.push(Fault { why: Why::Refused, says, at: Some(text.span()) });
        }
        root
    }

    /// The files that an entry of `valueFiles` names.
    fn files(&mut self, entry: &Node, options: &Node) -> Vec<SourceId> {
        let Some(name) = entry.part() else { return Vec::new() };
        let mut fault = |why: Why, says: String| {
            self.unseen.push(Fault { why, says, at: Some(name.span()) });
            Vec::new()
        };
        if name.text.contains("://") {
            return fault(Why::Remote, format!("the values of `{}` are not here", name.text));
        }
        let (folder, rest) =
            match name.text.strip_prefix('$').map(|rest| rest.split_once('/').unwrap_or((rest, ""))) {
                None => match name.text.strip_prefix('/') {
                    Some(rest) => (String::new(), rest),
                    None => (self.path.text.to_string(), name.text.as_str()),
                },
                Some((of, rest)) => {
                    let mut others = sources(self.root).into_iter();
                    let Some(other) = others.find(|source| source.text_at("ref") == Some(of)) else {
                        return fault(Why::Refused, format!("no source is called `{of}`"));
                    };
                    let url = other.text_at("repoURL").unwrap_or_default();
                    let resolved = paths::resolve("", rest).unwrap_or_default();
                    match self.ground.repository.place(self.ground.files, url, &above(&resolved)) {
                        Place::Elsewhere if self.ground.repository.is_own(url) != Some(true) => {
                            let says = format!("the values of `{}` are in another repository", name.text);
                            return fault(Why::Remote, says);
                        }
                        _ => {}
                    }
                    // Such paths begin at the root of the repository, whatever the source's own is.
                    (String::new(), rest)
                }
            };
        let path = paths::resolve(&folder, rest);
        match path.and_then(|path| self.ground.files.find(&path)) {
            Some(id) => vec![id],
            None if options.text_at("ignoreMissingValueFiles") == Some("true") => Vec::new(),
            None => fault(Why::Refused, format!("the file of values `{}` is not there", name.text)),
        }
    }
}

fn above(path: &str) -> String {
    path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_string())
}

/// A single value as helm's `--set` takes it: what would end it or begin another one is escaped.
fn pair(parameter: &Node, key: &str) -> Option<Part> {
    let (name, value) = (parameter.part_at("name")?, parameter.part_at(key)?);
    let mut out = Weaver::default();
    let whole = parameter.span();
    out.push(name);
    out.push(Part::new("=", Origin::spelled(whole)));
    let mut from = 0;
    let is_list = value.text.starts_with('{') && value.text.ends_with('}');
    for (at, _) in value.text.match_indices(',').filter(|_| !is_list) {
        if !value.text[..at].ends_with('\\') {
            out.push(value.slice(from..at));
            out.push(Part::new("\\", Origin::spelled(whole)));
            from = at;
        }
    }
    out.push(value.slice(from..value.text.len()));
    Some(out.finish(whole))
}
