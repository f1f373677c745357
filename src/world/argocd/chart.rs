//! A chart as an Application gives it its values: files, then its own, then single ones over them.

use super::super::edit;
use super::super::files::Files;
use super::super::helm::{
    self, Capabilities, ChartSource, Defaults, Found, Order, Release, Told, UserValues,
};
use super::super::kustomize::{Built, Fault, Why};
use super::super::repository::Place;
use super::ground::{Ground, sources};
use super::is_zero;
use crate::syntax::{Node, yaml};
use crate::text::{How, Origin, Part, Span, Str, paths};

/// Where the chart of an Application is.
pub(super) enum Home<'h> {
    Folder(&'h Part),
    /// On the shelf; the part is what asks for it.
    Shelf(&'h Found, &'h Part),
}

impl Home<'_> {
    fn at(&self) -> Span {
        match self {
            Home::Folder(path) | Home::Shelf(_, path) => path.span(),
        }
    }

    /// The text of a file beside the chart, or within it.
    fn text(&self, files: &Files, name: &str) -> Option<Part> {
        match self {
            Home::Folder(folder) => {
                let id = files.find(&paths::resolve(&folder.text, name)?)?;
                let text = files.text(id)?;
                let origin = Origin::verbatim(Span::new(id, 0, text.len()));
                Some(Part::new(text, origin))
            }
            Home::Shelf(found, _) => {
                helm::packed_file(files, found, &paths::resolve("", name)?, self.at())?.part(files)
            }
        }
    }
}

/// Builds a chart for an Application that delivers it to a cluster of which this is known.
pub(super) fn build(
    ground: &Ground,
    (root, known): (&Node, &Capabilities),
    source: &Node,
    home: &Home,
) -> Built {
    let options = source.get("helm").filter(|options| !is_zero(options));
    let helm = helm::Helm::default();
    let mut asked = Asked { ground, root, home, told: Told::default(), unseen: Vec::new() };
    let values = asked.values(options, source.span());
    let text = |key: &str| options.and_then(|options| options.text_at(key)).filter(|text| !text.is_empty());
    let of_root = |path: &[&str]| root.at(path).and_then(Node::text).unwrap_or_default();
    let name = text("releaseName").unwrap_or_else(|| of_root(&["metadata", "name"]));
    let namespace = text("namespace").unwrap_or_else(|| of_root(&["spec", "destination", "namespace"]));
    let apis = options.and_then(|options| options.get("apiVersions")).map(Node::items).unwrap_or_default();
    let capabilities = known.with(text("kubeVersion"), apis.iter().filter_map(Node::text));
    let with_definitions = text("skipCrds") != Some("true");
    let release = Release { name: name.into(), namespace: namespace.into(), capabilities, helm };
    let from = match home {
        Home::Folder(path) => ChartSource::Folder(&path.text),
        Home::Shelf(found, _) => ChartSource::Shelf(found),
    };
    let (defaults, at) = (Defaults::default(), home.at());
    let order = Order { from, defaults, values: &values, release, with_definitions, at };
    let Asked { told, unseen, .. } = asked;
    let mut built = helm::deliver(ground.files, &order, told);
    built.faults.extend(unseen);
    built
}

/// What an Application asks of a chart.
struct Asked<'a> {
    ground: &'a Ground<'a>,
    root: &'a Node,
    home: &'a Home<'a>,
    told: Told,
    /// Values that nobody here can see.
    unseen: Vec<Fault>,
}

impl Asked<'_> {
    fn values(&mut self, options: Option<&Node>, at: Span) -> Node {
        let mut given = UserValues::default();
        let Some(options) = options else { return edit::empty_map(&Origin::spelled(at)) };
        for entry in options.get("valueFiles").map(Node::items).unwrap_or_default() {
            given.files.extend(self.file(entry, options));
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
            let text = self.home.text(self.ground.files, &name.text);
            let text = text.ok_or_else(|| format!("`{}` is not there", name.text))?;
            Ok(Part { origin: text.origin.via(How::Include, name.span()), ..text })
        };
        let mut told = std::mem::take(&mut self.told);
        let together = given.together(at, &read, helm::Helm::default(), &mut told);
        self.told = told;
        together
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

    /// The values of the file that an entry of `valueFiles` names.
    fn file(&mut self, entry: &Node, options: &Node) -> Option<Node> {
        let name = entry.part()?;
        let read = self.values_of(&name, options.text_at("ignoreMissingValueFiles") == Some("true"));
        read.unwrap_or_else(|(why, says)| {
            self.unseen.push(Fault { why, says, at: Some(name.span()) });
            None
        })
    }

    fn values_of(&mut self, name: &Part, is_lenient: bool) -> Result<Option<Node>, (Why, String)> {
        if name.text.contains("://") {
            return Err((Why::Remote, format!("the values of `{}` are not here", name.text)));
        }
        let (files, helm) = (self.ground.files, helm::Helm::default());
        let missing = |says: String| if is_lenient { Ok(None) } else { Err((Why::Refused, says)) };
        let path = match (name.text.strip_prefix('$'), self.home) {
            // Such paths begin at the root of the repository, whatever the source's own is.
            (Some(rest), _) => self.referred(rest.split_once('/').unwrap_or((rest, "")))?,
            (None, Home::Shelf(found, at)) => {
                let path = paths::resolve("", &name.text);
                let file = path.and_then(|path| helm::packed_file(files, found, &path, at.span()));
                return match file.and_then(|file| Some((file.part(files)?, file.shown(files)))) {
                    Some((text, shown)) => Ok(helm::values_text(&text, &shown, helm, &mut self.told)),
                    None => {
                        missing(format!("the file of values `{}` is not in {}", name.text, found.called()))
                    }
                };
            }
            (None, Home::Folder(folder)) => match name.text.strip_prefix('/') {
                Some(rest) => paths::resolve("", rest),
                None => paths::resolve(&folder.text, &name.text),
            },
        };
        match path.and_then(|path| files.find(&path)) {
            Some(id) => Ok(helm::values_file(files, id, helm, &mut self.told)),
            None => missing(format!("the file of values `{}` is not there", name.text)),
        }
    }

    /// The path of a file that another source of the Application has, from the root of this repository.
    fn referred(&self, (of, rest): (&str, &str)) -> Result<Option<Str>, (Why, String)> {
        let mut others = sources(self.root).into_iter();
        let Some(other) = others.find(|source| source.text_at("ref") == Some(of)) else {
            return Err((Why::Refused, format!("no source is called `{of}`")));
        };
        let url = other.text_at("repoURL").unwrap_or_default();
        let resolved = paths::resolve("", rest);
        let folder = above(resolved.as_deref().unwrap_or_default());
        let Ground { repository, files, .. } = self.ground;
        match repository.place(files, url, &folder) {
            Place::Elsewhere if repository.is_own(url) != Some(true) => {
                Err((Why::Remote, format!("the values of `${of}/{rest}` are in another repository")))
            }
            _ => Ok(resolved),
        }
    }
}

fn above(path: &str) -> String {
    path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_string())
}

/// A parameter as helm's `--set` takes it.
fn pair(parameter: &Node, key: &str) -> Option<Part> {
    Some(helm::pair(parameter.part_at("name")?, parameter.part_at(key)?, parameter.span()))
}
