//! Executes the templates of one chart, without its dependencies: what helm itself writes is held against it.
//!
//! `cargo run --example execute_chart -- CHART [VALUES…]` prints a line of JSON for each template: its text, or why there
//! is none and where. `APIS` are the API versions of the cluster, with commas, and `KUBE` is its version. With `--times N`
//! everything is done so often, and how long that took is told. With `--places` each line tells the pieces that are
//! somewhere byte for byte, too. `tests/oracle/helm/` reads it.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr)]

use pintle::testing::template::{
    Bounds, Entries, Given, Map, Methods, Object, Place, Places, Set, Text, Tool, Value, semver::Version,
};
use pintle::testing::{Origin, Part, yaml};
use pintle::{Sources, Span};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

fn main() {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let times = words.iter().position(|word| word == "--times").map_or(0, |at| {
        words.remove(at);
        words.remove(at).parse().expect("a number")
    });
    let places = words.iter().position(|word| word == "--places").map(|at| words.remove(at)).is_some();
    let chart = words.remove(0);
    let mut names = Vec::new();
    walk(Path::new(&chart), Path::new(&chart), &mut names);
    names.extend(words);
    let mut sources = Sources::default();
    let mut files = Vec::new();
    for name in names {
        let path = Path::new(&chart).join(&name);
        let Ok(text) = std::fs::read_to_string(&path).or_else(|_| std::fs::read_to_string(&name)) else {
            continue;
        };
        let text: Arc<str> = text.into();
        let id = sources.add(&name, text.clone());
        files.push((name, Part::new(&*text, Origin::verbatim(Span::new(id, 0, text.len())))));
    }
    let start = std::time::Instant::now();
    for _ in 0..times {
        let _ = told(&files, &sources, places);
    }
    if times > 0 {
        eprintln!("{:?} a time", start.elapsed() / times);
    }
    told(&files, &sources, places).iter().for_each(|line| println!("{line}"));
}

fn walk(root: &Path, folder: &Path, names: &mut Vec<String>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(root, &path, names);
        } else if let Ok(name) = path.strip_prefix(root) {
            names.push(name.to_string_lossy().into_owned());
        }
    }
}

type Files = [(String, Part)];

fn told(files: &Files, sources: &Sources, places: bool) -> Vec<String> {
    let mut set = Set::new(Tool::Helm);
    let (root, name) = data(&set, files);
    let mut templates: Vec<&(String, Part)> =
        files.iter().filter(|(name, _)| name.starts_with("templates/")).collect();
    // Helm's order: what lies deeper first, and backwards by name.
    templates.sort_by_key(|(name, _)| (name.matches('/').count(), name.clone()));
    templates.reverse();
    let mut out = Vec::new();
    let fault = |name: &str, says: &str, at: Span| {
        let line = sources.places(at).0.line;
        serde_json::json!({"source": name, "fault": says, "at": format!("{}:{line}", sources.name(at.source))})
    };
    let full = |file: &str| format!("{name}/{file}");
    for (file, text) in &templates {
        if let Err(wrong) = set.add(&full(file), text) {
            out.push(fault(file, &wrong.says, wrong.at).to_string());
        }
    }
    for (file, _) in templates.iter().filter(|(file, _)| !base(file).starts_with('_')) {
        let template = Entries::from([
            (made("Name"), Value::Text(made(&full(file)))),
            (made("BasePath"), Value::Text(made(&full("templates")))),
        ]);
        root.set(&made("Template"), Value::Map(Map::new(template, Place::NOWHERE)));
        out.push(match set.execute(&full(file), &Value::Map(root.clone()), Bounds::default()) {
            Ok(rendered) => {
                let (part, guesses) = (rendered.part(), rendered.guesses.len());
                let pieces = part.origin.pieces(part.text.len());
                let exact = pieces.iter().filter(|(_, origin)| origin.editable().is_some()).count();
                let mut line = serde_json::json!({
                    "source": file, "text": part.text.as_str(), "pieces": pieces.len(), "exact": exact,
                    "guesses": guesses,
                });
                if places {
                    line["places"] =
                        pieces.iter().filter_map(|(end, origin)| place(*end, origin, sources)).collect();
                }
                line.to_string()
            }
            Err(wrong) => fault(file, &wrong.says, wrong.at).to_string(),
        });
    }
    out
}

/// A piece that is somewhere byte for byte: its end, and where it is.
fn place(end: usize, origin: &Origin, sources: &Sources) -> Option<serde_json::Value> {
    let span = origin.editable()?;
    Some(serde_json::json!([end, sources.name(span.source), span.start, span.end]))
}

fn base(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

fn made(text: &str) -> Text {
    Text::new(text, Place::NOWHERE)
}

/// What every template is given, and the chart's name.
fn data(set: &Set, files: &Files) -> (Map, String) {
    let tree = |part: &Part| match yaml::read_embedded(&part.text, &part.origin).documents.first() {
        Some(document) => set.value(&document.root),
        None => Value::Nil,
    };
    let chart = files.iter().find(|(name, _)| name == "Chart.yaml").map(|(_, part)| tree(part));
    let Some(Value::Map(chart)) = chart else { panic!("no Chart.yaml") };
    let name =
        chart.get("name").and_then(|name| name.as_text().cloned()).expect("a name").as_str().to_owned();
    let upper = |key: &str| key[..1].to_uppercase() + &key[1..];
    let fields = ["apiVersion", "kubeVersion", "appVersion", "description", "home", "icon", "type"];
    let empty = fields.map(|key| (upper(key).into(), Value::Text(made(""))));
    let mut fields = BTreeMap::from(empty);
    fields.extend(chart.to_vec().into_iter().map(|(key, value)| (upper(key.as_str()).into(), value)));
    for list in ["Dependencies", "Keywords", "Maintainers", "Sources"] {
        fields.entry(list.into()).or_insert_with(|| Value::list(Vec::new()));
    }
    fields.entry("Annotations".into()).or_insert_with(|| Value::map(Entries::new()));
    let chart = Object::new("chart.Metadata", fields);
    let values = Map { type_name: "chartutil.Values", ..Map::new(Entries::new(), Place::NOWHERE) };
    for (file, part) in files.iter().filter(|(file, _)| file == "values.yaml" || file.starts_with('/')) {
        let _ = file;
        if let Value::Map(more) = tree(part) {
            overlay(&values, &more);
        }
    }
    let release = Entries::from([
        (made("Name"), Value::Text(made("release-name"))),
        (made("Namespace"), Value::Text(made("default"))),
        (made("Service"), Value::Text(made("Helm"))),
        (made("IsInstall"), Value::bool(true)),
        (made("IsUpgrade"), Value::bool(false)),
        (made("Revision"), Value::int(1)),
    ]);
    let root = Entries::from([
        (made("Chart"), Value::Object(Rc::new(chart))),
        (made("Values"), Value::Map(values)),
        (made("Release"), Value::Map(Map::new(release, Place::NOWHERE))),
        (made("Capabilities"), capabilities()),
        (made("Files"), Value::Object(Rc::new(files_of(files)))),
        (made("Subcharts"), Value::map(Entries::new())),
    ]);
    (Map::new(root, Place::NOWHERE), name)
}

/// Values over others: what is null takes away.
fn overlay(under: &Map, over: &Map) {
    for (key, value) in over.to_vec() {
        match (under.get(key.as_str()), &value) {
            (Some(Value::Map(own)), Value::Map(more)) => overlay(&own, more),
            (Some(_), Value::Nil) => drop(under.entries.borrow_mut().remove(&key)),
            _ => under.set(&key, value),
        }
    }
}

fn capabilities() -> Value {
    let kube = std::env::var("KUBE").unwrap_or_else(|_| "v1.30.0".into());
    let version = Version::parse(&kube).expect("a version");
    let text = |text: String| Value::Text(made(&text));
    let fields = BTreeMap::from([
        ("Version".into(), text(kube.clone())),
        ("GitVersion".into(), text(kube.clone())),
        ("String".into(), text(kube.clone())),
        ("Major".into(), text(version.major.to_string())),
        ("Minor".into(), text(version.minor.to_string())),
    ]);
    let kube = Object::new("chartutil.KubeVersion", fields).with(text(kube), None);
    let apis: Vec<Text> = std::env::var("APIS").unwrap_or_default().split(',').map(made).collect();
    let methods: Option<Rc<dyn Methods>> = Some(Rc::new(Apis(apis.clone())));
    let apis = Object::new("chartutil.VersionSet", BTreeMap::new()).with(Value::texts(apis), methods);
    Value::map(Entries::from([
        (made("KubeVersion"), Value::Object(Rc::new(kube))),
        (made("APIVersions"), Value::Object(Rc::new(apis))),
        (made("HelmVersion"), Value::map(Entries::from([(made("Version"), text("v3.22".into()))]))),
    ]))
}

#[derive(Debug)]
struct Apis(Vec<Text>);

impl Methods for Apis {
    fn call(&self, name: &str, arguments: &[Value], _: &Places) -> Option<Given> {
        let [Value::Text(asked)] = arguments else { return None };
        (name == "Has").then(|| Ok(Value::bool(self.0.contains(asked))))
    }
}

/// The files of a chart beside its templates, for `Get` and `Glob`.
fn files_of(files: &Files) -> Object {
    let is_other = |name: &str| {
        !name.starts_with("templates/")
            && !name.starts_with("charts/")
            && !name.starts_with('/')
            && !matches!(name, "Chart.yaml" | "values.yaml" | "values.schema.json" | "Chart.lock")
    };
    let files = files.iter().filter(|(name, _)| is_other(name));
    let files: Vec<(String, Part)> = files.cloned().collect();
    object_of(files)
}

fn object_of(files: Vec<(String, Part)>) -> Object {
    let entries = files.iter().map(|(name, part)| (made(name), Value::Text(made(&part.text)))).collect();
    let methods: Option<Rc<dyn Methods>> = Some(Rc::new(Beside(files)));
    Object::new("engine.files", BTreeMap::new()).with(Value::map(entries), methods)
}

#[derive(Debug)]
struct Beside(Vec<(String, Part)>);

impl Methods for Beside {
    fn call(&self, name: &str, arguments: &[Value], places: &Places) -> Option<Given> {
        let asked = arguments.first().and_then(Value::as_text);
        Some(Ok(match (name, asked) {
            ("Get" | "GetBytes", Some(asked)) => {
                let found = self.0.iter().find(|(name, _)| name == asked.as_str());
                Value::Text(found.map_or_else(|| made(""), |(_, part)| Text::of(part, places)))
            }
            ("Glob", Some(asked)) => {
                let glob = globset::GlobBuilder::new(asked.as_str()).literal_separator(true).build().ok()?;
                let matcher = glob.compile_matcher();
                let found = self.0.iter().filter(|(name, _)| matcher.is_match(name)).cloned().collect();
                Value::Object(Rc::new(object_of(found)))
            }
            ("AsConfig", None) => {
                let entry = |(name, part): &(String, Part)| {
                    let name = name.rsplit('/').next().unwrap_or(name);
                    (made(name), Value::Text(Text::of(part, places)))
                };
                return Some(pintle::testing::template::to_yaml(
                    &Value::map(self.0.iter().map(entry).collect()),
                    places,
                ));
            }
            _ => return None,
        }))
    }
}
