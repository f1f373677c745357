//! `Chart.yaml`: what a chart says of itself, and which other charts it wants.

use super::super::edit;
use super::told::Told;
use super::values::as_text;
use crate::syntax::{Node, Scalar, Style, Tag, Value};
use crate::template::semver;
use crate::text::{Origin, Part, Span, Str};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a chart says of itself.
#[derive(Clone, Debug)]
pub struct Metadata {
    name: Part,
    pub version: Part,
    /// The versions of Kubernetes that it is for.
    pub kube_version: Option<Part>,
    pub is_library: bool,
    /// All that templates see as `.Chart`, but for the name and what it depends on.
    fields: Vec<(&'static str, Node)>,
    /// Nothing where the key is not there: helm then looks at no chart within either.
    pub(super) dependencies: Option<Vec<Dependency>>,
    at: Span,
}

/// A chart that another one wants.
#[derive(Clone, Debug)]
pub struct Dependency {
    pub name: Part,
    /// A range; empty for any.
    pub version: Part,
    pub repository: Part,
    pub alias: Option<Part>,
    pub(super) condition: Part,
    pub(super) tags: Vec<Part>,
    pub(super) imports: Vec<Import>,
    pub enabled: bool,
    import_values: Node,
    /// What helm 3 does with an entry it does with all copies of it.
    pub(super) done: Arc<Done>,
}

/// What was done with an entry. Helm 3 copies a chart for each of its aliases, and not its entries: what is done for
/// the first copy cannot be done for the second.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) renamed: AtomicBool,
    pub(super) imported: AtomicBool,
}

/// What a parent takes over from the values of a child.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Import {
    pub(super) child: Str,
    pub(super) parent: Str,
    pub(super) at: Span,
}

/// The fields that templates see, and what each is in the file; helm's order.
const FIELDS: [(&str, &str, Shape); 14] = [
    ("Home", "home", Shape::Text),
    ("Sources", "sources", Shape::Texts),
    ("Version", "version", Shape::Text),
    ("Description", "description", Shape::Text),
    ("Keywords", "keywords", Shape::Texts),
    ("Maintainers", "maintainers", Shape::Maintainers),
    ("Icon", "icon", Shape::Text),
    ("APIVersion", "apiVersion", Shape::Text),
    ("Condition", "condition", Shape::Text),
    ("Tags", "tags", Shape::Text),
    ("AppVersion", "appVersion", Shape::Text),
    ("Deprecated", "deprecated", Shape::Truth),
    ("Annotations", "annotations", Shape::Table),
    ("KubeVersion", "kubeVersion", Shape::Text),
];

#[derive(Clone, Copy)]
enum Shape {
    Text,
    Texts,
    Truth,
    Table,
    Maintainers,
}

impl Metadata {
    /// Reads `Chart.yaml`, and `requirements.yaml` over it; nothing, with a word, if helm takes none of it.
    pub(super) fn read(root: &Node, requirements: Option<&Node>, told: &mut Told) -> Option<Metadata> {
        let before = told.faults.len();
        let source = Layers { upper: requirements, lower: root };
        let mut fields: Vec<(&'static str, Node)> = Vec::with_capacity(FIELDS.len() + 1);
        for (name, key, shape) in FIELDS {
            fields.push((name, source.field(key, shape, told)));
        }
        let kind = source.text("type", told);
        fields.push(("Type", edit::text(&kind)));
        let dependencies = source.get("dependencies").filter(|node| !node.is_null());
        let dependencies = dependencies.map(|list| {
            wrong_shape(list, list.is_list(), "dependencies", "a list", told);
            list.items().iter().filter_map(|item| Dependency::read(item, told)).collect()
        });
        let field =
            |wanted: &str| fields.iter().find(|(name, _)| *name == wanted).and_then(|(_, node)| node.part());
        let mut out = Metadata {
            name: source.text("name", told),
            version: field("Version")?,
            kube_version: field("KubeVersion").filter(|part| !part.text.is_empty()),
            is_library: kind.text.eq_ignore_ascii_case("library"),
            fields: Vec::new(),
            dependencies,
            at: root.span(),
        };
        if field("APIVersion").is_some_and(|api| api.text.is_empty()) {
            let at = fields.iter().position(|(name, _)| *name == "APIVersion")?;
            fields[at].1 = edit::made("v1", &root.origin);
        }
        out.fields = fields;
        out.validate(&kind, told);
        (told.faults.len() == before).then_some(out)
    }

    /// Tells what helm refuses.
    fn validate(&self, kind: &Part, told: &mut Told) {
        let (name, version) = (self.name(), self.version.text.as_str());
        if name.is_empty() {
            told.refuse("a chart needs a `name`", self.name.span());
        } else if matches!(name, "." | "..") || name.contains('/') {
            told.refuse(format!("`{name}` cannot be the name of a chart"), self.name.span());
        }
        if version.is_empty() {
            told.refuse("a chart needs a `version`", self.version.span());
        } else if semver::Version::parse(version).is_err() {
            told.refuse(format!("the version `{version}` of the chart is none"), self.version.span());
        }
        if !matches!(kind.text.as_str(), "" | "application" | "library") {
            told.refuse("the `type` of a chart is `application` or `library`", kind.span());
        }
        let mut known: Vec<&str> = Vec::new();
        for dependency in self.dependencies.iter().flatten() {
            let called = dependency.called();
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            if let Some(alias) = dependency.alias.as_ref().filter(|alias| !alias.text.chars().all(fits)) {
                told.refuse(format!("`{}` cannot be an alias", alias.text), alias.span());
            }
            if known.contains(&called.text.as_str()) {
                let says = format!("two dependencies are called `{}`", called.text);
                told.refuse(says, called.span());
            }
            known.push(&called.text);
        }
    }

    /// The name, which is the alias where a parent gives one.
    pub fn name(&self) -> &str {
        &self.name.text
    }

    pub fn name_part(&self) -> &Part {
        &self.name
    }

    /// Forgets what was done with copies of its entries.
    pub(super) fn renew(&mut self) {
        self.dependencies.iter_mut().flatten().for_each(|dependency| dependency.done = Arc::default());
    }

    pub(super) fn rename(&mut self, name: &Part) {
        self.name = name.clone();
    }

    /// The chart as templates see it: Go's names of the fields.
    pub(super) fn node(&self, is_root: bool) -> Node {
        let at = Origin::spelled(self.at);
        let key = |name: &str| edit::made(name, &at);
        let mut entries = vec![(key("Name"), edit::text(&self.name))];
        entries.extend(self.fields.iter().map(|(name, node)| (key(name), node.clone())));
        let dependencies = self.dependencies.iter().flatten().map(|dependency| dependency.node(&at));
        entries.push((key("Dependencies"), Node::list(at.clone(), dependencies.collect())));
        entries.push((key("IsRoot"), truth(is_root, &at)));
        Node::map(at.clone(), entries)
    }
}

impl Dependency {
    fn read(root: &Node, told: &mut Told) -> Option<Dependency> {
        if !root.is_map() {
            told.refuse("a dependency is a map", root.span());
            return None;
        }
        let source = Layers { upper: None, lower: root };
        let tags = source.field("tags", Shape::Texts, told);
        let alias = source.text("alias", told);
        let nothing = Node::new(root.origin.clone(), Value::Null);
        let import_values = source.get("import-values").unwrap_or(&nothing);
        Some(Dependency {
            name: source.text("name", told),
            version: source.text("version", told),
            repository: source.text("repository", told),
            condition: source.text("condition", told),
            tags: tags.items().iter().filter_map(Node::part).collect(),
            imports: import_values.items().iter().filter_map(Import::read).collect(),
            alias: Some(alias).filter(|alias| !alias.text.is_empty()),
            // Until somebody looks whether it takes part.
            enabled: false,
            import_values: import_values.clone(),
            done: Arc::default(),
        })
    }

    /// What the chart is called within its parent.
    pub fn called(&self) -> &Part {
        self.alias.as_ref().unwrap_or(&self.name)
    }

    /// The name that helm has for it: its alias, once somebody has looked for the chart.
    fn name_now(&self) -> &Part {
        if self.done.renamed.load(Ordering::Relaxed) { self.called() } else { &self.name }
    }

    /// Whether a chart is the one that is wanted.
    pub(super) fn is_for(&self, chart: &Metadata) -> bool {
        self.name_now().text == chart.name.text
            && semver::satisfies(&self.version.text, &chart.version.text).unwrap_or(false)
    }

    fn node(&self, at: &Origin) -> Node {
        let key = |name: &str| edit::made(name, at);
        let tags = self.tags.iter().map(edit::text).collect();
        let nothing = Part::new("", at.clone());
        Node::map(
            at.clone(),
            vec![
                (key("Name"), edit::text(self.name_now())),
                (key("Version"), edit::text(&self.version)),
                (key("Repository"), edit::text(&self.repository)),
                (key("Condition"), edit::text(&self.condition)),
                (key("Tags"), Node::list(at.clone(), tags)),
                (key("Enabled"), truth(self.enabled, at)),
                (key("ImportValues"), self.import_values.clone()),
                (key("Alias"), edit::text(self.alias.as_ref().unwrap_or(&nothing))),
            ],
        )
    }
}

impl Import {
    fn read(node: &Node) -> Option<Import> {
        if node.is_map() {
            let text = |key| node.get(key).and_then(as_text).unwrap_or_else(|| "<nil>".into());
            return Some(Import {
                child: text("child").into(),
                parent: text("parent").into(),
                at: node.span(),
            });
        }
        let name = node.text()?;
        Some(Import { child: format!("exports.{name}").into(), parent: ".".into(), at: node.span() })
    }
}

fn truth(is_so: bool, at: &Origin) -> Node {
    let text = if is_so { "true" } else { "false" };
    Node::new(at.clone(), Value::Scalar(Scalar::new(text.into(), Style::Plain)))
}

/// One file over another.
struct Layers<'n> {
    upper: Option<&'n Node>,
    lower: &'n Node,
}

impl<'n> Layers<'n> {
    /// The value of a field: Go is not strict about capital letters.
    fn get(&self, key: &str) -> Option<&'n Node> {
        let of = |node: &'n Node| {
            let is_so = |name: &Node| name.text().is_some_and(|name| name.eq_ignore_ascii_case(key));
            let inexact = || node.entries().iter().find(|(name, _)| is_so(name)).map(|(_, value)| value);
            node.get(key).or_else(inexact)
        };
        self.upper.and_then(of).or_else(|| of(self.lower))
    }

    fn text(&self, key: &str, told: &mut Told) -> Part {
        match self.get(key) {
            Some(node) => text_of(node, key, told),
            None => Part::new("", Origin::spelled(self.lower.span())),
        }
    }

    fn field(&self, key: &str, shape: Shape, told: &mut Told) -> Node {
        let origin = Origin::spelled(self.lower.span());
        let found = self.get(key).filter(|node| !node.is_null());
        let items = |told: &mut Told| {
            found.inspect(|node| wrong_shape(node, node.is_list(), key, "a list", told));
            found.map(Node::items).unwrap_or_default()
        };
        match shape {
            Shape::Text => edit::text(&self.text(key, told)),
            Shape::Texts => {
                let texts = items(told).iter().map(|item| edit::text(&text_of(item, key, told))).collect();
                Node::list(found.map_or(origin, |node| node.origin.clone()), texts)
            }
            Shape::Truth => {
                let is_truth = |node: &Node| {
                    node.scalar().is_some_and(|scalar| scalar.is_bool()) && node.tag() == Tag::None
                };
                found.inspect(|node| wrong_shape(node, is_truth(node), key, "`true` or `false`", told));
                truth(found.and_then(Node::scalar).is_some_and(Scalar::is_true), &origin)
            }
            Shape::Table => {
                found.inspect(|node| wrong_shape(node, node.is_map(), key, "a map", told));
                let entries = found.map(Node::entries).unwrap_or_default().iter();
                let entries =
                    entries.map(|(name, value)| (name.clone(), edit::text(&raw_text_of(value, key, told))));
                Node::map(origin, entries.collect())
            }
            Shape::Maintainers => {
                let one = |item: &Node, told: &mut Told| {
                    wrong_shape(item, item.is_map(), key, "a list of maps", told);
                    let source = Layers { upper: None, lower: item };
                    let entry = |name: &str, key: &str, told: &mut Told| {
                        (edit::made(name, &item.origin), edit::text(&source.text(key, told)))
                    };
                    let entries = [("Name", "name"), ("Email", "email"), ("URL", "url")];
                    let entries = entries.map(|(name, key)| entry(name, key, told));
                    Node::map(item.origin.clone(), entries.into())
                };
                let all = items(told).iter().map(|item| one(item, told)).collect();
                Node::list(origin, all)
            }
        }
    }
}

fn wrong_shape(node: &Node, is_right: bool, key: &str, wanted: &str, told: &mut Told) {
    if !is_right {
        told.refuse(format!("helm cannot read Chart.yaml: `{key}` is {wanted}"), node.span());
    }
}

/// The text of a scalar.
fn raw_text_of(node: &Node, key: &str, told: &mut Told) -> Part {
    let Some(text) = as_text(node) else {
        wrong_shape(node, false, key, "a text", told);
        return Part::new("", Origin::spelled(node.span()));
    };
    node.part()
        .filter(|part| part.text == text)
        .unwrap_or_else(|| Part::new(text, Origin::spelled(node.span())))
}

/// The text of a scalar; helm takes what cannot be seen out of it.
fn text_of(node: &Node, key: &str, told: &mut Told) -> Part {
    let part = raw_text_of(node, key, told);
    if part.text.chars().all(|c| c == ' ' || !c.is_whitespace() && !c.is_control()) {
        return part;
    }
    let seen = part.text.chars().filter(|c| c.is_whitespace() || !c.is_control());
    let seen: String = seen.map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    Part::new(seen, Origin::spelled(part.span()))
}
