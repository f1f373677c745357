//! What the templates of a chart are given: `.Values`, `.Chart`, `.Release`, `.Capabilities`, `.Files`, `.Template` and
//! `.Subcharts`, in helm's shapes. Values are shared: what one template changes, the others see.

use super::super::files::Files;
use super::capabilities::Capabilities;
use super::load::ChartFile;
use super::scope::{Prepared, Release, ScopeId, Template};
use crate::syntax::Node;
use crate::template::{Entries, Given, Map, Methods, Object, Place, Places, Set, Text, Value, to_yaml};
use crate::text::{Origin, Part, Reason, Str, patterns};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

/// The APIs that templates ask for and are told are not there.
type Unmet = Rc<RefCell<BTreeSet<Str>>>;

/// What templates asked for, known when they have been executed.
pub(super) struct Asked {
    unmet: Unmet,
    files: Vec<Rc<Object>>,
}

impl Asked {
    /// The APIs that they were told are not there.
    pub(super) fn unmet(&self) -> BTreeSet<Str> {
        self.unmet.take()
    }

    /// Whether they wanted files of their chart.
    pub(super) fn has_files(&self) -> bool {
        self.files.iter().any(|files| files.is_asked())
    }
}

/// What each chart of a tree is given, by its number. Most charts do not ask for their files, and some have large ones:
/// they are read if `reads` says so, and else all seem empty.
pub(super) fn scopes(
    set: &Set,
    files: &Files,
    prepared: &Prepared,
    release: &Release,
    reads: bool,
) -> (Vec<Map>, Asked) {
    let mut asked = Asked { unmet: Unmet::default(), files: Vec::with_capacity(prepared.scopes.len()) };
    let cluster = of_cluster(set, &release.capabilities, &asked.unmet);
    let shared = [("Release", of_release(release)), ("Capabilities", cluster)];
    let mut out: Vec<Map> = Vec::with_capacity(prepared.scopes.len());
    for (at, scope) in prepared.scopes.iter().enumerate() {
        let inherited = scope.parent.and_then(|parent| {
            let name = prepared.scopes[parent.0 as usize].charts.iter().find(|(_, id)| id.0 as usize == at);
            match out[parent.0 as usize].get("Values")?.as_map()?.get(&name?.0)? {
                values @ Value::Map(_) => Some(values),
                _ => None,
            }
        });
        let text = |file: &ChartFile| {
            if reads { file.part(files) } else { Some(Part::new("", Origin::spelled(file.at()))) }
        };
        let texts = scope.files.iter().filter_map(|file| Some((file.name.clone(), text(file)?)));
        let own = Rc::new(of_files(texts.collect(), set));
        asked.files.push(own.clone());
        let mut root = Entries::from([
            (made("Chart"), Value::Object(Rc::new(of_chart(set, &scope.chart)))),
            (made("Values"), inherited.unwrap_or_else(|| set.value(&scope.values))),
            (made("Files"), Value::Object(own)),
        ]);
        root.extend(shared.iter().map(|(name, value)| (made(name), value.clone())));
        out.push(Map::new(root, Place::NOWHERE));
    }
    for (at, scope) in prepared.scopes.iter().enumerate() {
        let below = |(name, id): &(Str, ScopeId)| (made(name), Value::Map(out[id.0 as usize].clone()));
        let charts = scope.charts.iter().map(below).collect();
        out[at].set(&made("Subcharts"), Value::map(charts));
    }
    (out, asked)
}

/// What one template is given: what its chart is, and who it is.
pub(super) fn root(scope: &Map, template: &Template) -> Value {
    let own = Entries::from([
        (made("Name"), Value::Text(made(&template.name))),
        (made("BasePath"), Value::Text(made(&template.base_path))),
    ]);
    scope.set(&made("Template"), Value::map(own));
    Value::Map(scope.clone())
}

fn made(text: &str) -> Text {
    Text::new(text, Place::NOWHERE)
}

fn text(text: &str) -> Value {
    Value::Text(made(text))
}

/// The fields of `Chart.yaml` have Go's names, and methods nobody calls.
fn of_chart(set: &Set, chart: &Node) -> Object {
    let fields =
        chart.entries().iter().filter_map(|(key, value)| Some((key.text()?.into(), set.value(value))));
    Object::new("chart.Metadata", fields.collect())
}

fn of_release(release: &Release) -> Value {
    Value::map(Entries::from([
        (made("Name"), text(&release.name)),
        (made("Namespace"), text(&release.namespace)),
        (made("Service"), text("Helm")),
        (made("IsInstall"), Value::bool(true)),
        (made("IsUpgrade"), Value::bool(false)),
        (made("Revision"), Value::int(1)),
    ]))
}

/// The version of helm that is told to templates: Flux and Argo CD carry one of these.
const HELM: &str = "v3.19.0";

fn of_cluster(set: &Set, capabilities: &Capabilities, unmet: &Unmet) -> Value {
    let text = |text: &str| match capabilities.is_assumed() {
        true => Value::Text(set.unknown_text(text, Reason::Runtime, "Capabilities.KubeVersion")),
        false => Value::Text(made(text)),
    };
    let version = capabilities.version();
    let fields = BTreeMap::from([
        ("Version".into(), text(version)),
        ("GitVersion".into(), text(version)),
        ("String".into(), text(version)),
        ("Major".into(), text(&capabilities.major.to_string())),
        ("Minor".into(), text(&capabilities.minor.to_string())),
    ]);
    let kube = Object::new("chartutil.KubeVersion", fields).with(text(version), None);
    let api = |api: &Str| Text::new(api.clone(), Place::NOWHERE);
    let plain = Value::texts(capabilities.apis.iter().map(api).collect());
    let methods: Option<Rc<dyn Methods>> =
        Some(Rc::new(Apis { known: capabilities.clone(), unmet: unmet.clone() }));
    let apis = Object::new("chartutil.VersionSet", BTreeMap::new()).with(plain, methods);
    Value::map(Entries::from([
        (made("KubeVersion"), Value::Object(Rc::new(kube))),
        (made("APIVersions"), Value::Object(Rc::new(apis))),
        (made("HelmVersion"), Value::map(Entries::from([(made("Version"), self::text(HELM))]))),
    ]))
}

#[derive(Debug)]
struct Apis {
    known: Capabilities,
    unmet: Unmet,
}

impl Methods for Apis {
    fn call(&self, name: &str, arguments: &[Value], _: &Places) -> Option<Given> {
        let [Value::Text(asked)] = arguments else { return None };
        let has = self.known.apis.contains(asked.as_str());
        if !has && name == "Has" {
            self.unmet.borrow_mut().insert(asked.as_str().into());
        }
        (name == "Has").then(|| Ok(Value::bool(has)))
    }
}

/// Files that templates can ask for.
struct Beside(Vec<(Str, Part)>);

impl fmt::Debug for Beside {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} files", self.0.len())
    }
}

fn of_files(files: Vec<(Str, Part)>, set: &Set) -> Object {
    let entries = files.iter().map(|(name, part)| (made(name), Value::Text(set.text(part)))).collect();
    object_of(files, Value::map(entries))
}

fn object_of(files: Vec<(Str, Part)>, plain: Value) -> Object {
    let methods: Option<Rc<dyn Methods>> = Some(Rc::new(Beside(files)));
    Object::new("engine.files", BTreeMap::new()).with(plain, methods)
}

impl Methods for Beside {
    fn call(&self, name: &str, arguments: &[Value], places: &Places) -> Option<Given> {
        let asked = arguments.first().and_then(Value::as_text).map(Text::as_str);
        let found = |asked: &str| self.0.iter().find(|(name, _)| name == asked).map(|(_, part)| part);
        Some(Ok(match (name, asked) {
            ("Get" | "GetBytes", Some(asked)) => {
                Value::Text(found(asked).map_or_else(|| made(""), |part| Text::of(part, places)))
            }
            ("Lines", Some(asked)) => {
                let whole = found(asked)
                    .cloned()
                    .unwrap_or_else(|| Part::new("", Origin::spelled(places.span(Place::NOWHERE))));
                Value::texts(lines(&whole).iter().map(|line| Text::of(line, places)).collect())
            }
            ("Glob", Some(asked)) => {
                let glob = patterns::glob(asked)?;
                let found: Vec<(Str, Part)> =
                    self.0.iter().filter(|(name, _)| glob.is_match(name.as_str())).cloned().collect();
                let entry = |(name, part): &(Str, Part)| (made(name), Value::Text(Text::of(part, places)));
                let plain = Value::map(found.iter().map(entry).collect());
                Value::Object(Rc::new(object_of(found, plain)))
            }
            ("AsConfig", None) => {
                return Some(to_yaml(&self.by_base(&|part| Text::of(part, places)), places));
            }
            ("AsSecrets", None) => {
                return Some(to_yaml(&self.by_base(&|part| encoded(part, places)), places));
            }
            _ => return None,
        }))
    }
}

impl Beside {
    /// The texts of the files, by the last part of their names.
    fn by_base(&self, text: &dyn Fn(&Part) -> Text) -> Value {
        let entry = |(name, part): &(Str, Part)| {
            let base = name.rsplit('/').next().unwrap_or(name);
            (made(base), Value::Text(text(part)))
        };
        Value::map(self.0.iter().map(entry).collect())
    }
}

/// A text in base64, which knows what it is made of.
fn encoded(part: &Part, places: &Places) -> Text {
    let text = crate::text::base64(part.text.as_bytes());
    Text::of(&Part::new(text, part.origin.clone().encoded()), places)
}

/// The lines of a text; the end of the last one makes no other.
fn lines(whole: &Part) -> Vec<Part> {
    let (mut out, mut from) = (Vec::new(), 0);
    for line in whole.text.split_inclusive('\n') {
        let len = line.strip_suffix('\n').unwrap_or(line).len();
        out.push(whole.slice(from..from + len));
        from += line.len();
    }
    out
}
