//! A kustomization as it is written: found in its folder, read strictly, as the tool reads it.

use super::super::files::{Absence, Files};
use super::fault::{Fault, Why, broken, missing};
use crate::syntax::{Node, Value};
use crate::text::{Origin, SourceId, Span, Str, paths};

/// A kustomization.
#[derive(Clone, Debug)]
pub(crate) struct Kustomization {
    pub(crate) directory: Str,
    pub(crate) source: SourceId,
    pub(crate) root: Node,
    pub(crate) is_component: bool,
}

impl Kustomization {
    /// The items of a list.
    pub(super) fn list(&self, key: &str) -> &[Node] {
        self.root.get(key).map(Node::items).unwrap_or_default()
    }

    pub(super) fn start(&self) -> Span {
        Span::new(self.source, 0, 0)
    }
}

/// What a key holds.
#[derive(Clone, Copy)]
enum Shape {
    Any,
    Text,
    Whole,
    Truth,
    Texts,
    /// Names of texts.
    Pairs,
    Map(&'static [(&'static str, Shape)]),
    List(&'static [(&'static str, Shape)]),
}

const SELECTOR: &[(&str, Shape)] = &[
    ("group", Shape::Text),
    ("version", Shape::Text),
    ("kind", Shape::Text),
    ("name", Shape::Text),
    ("namespace", Shape::Text),
    ("labelSelector", Shape::Text),
    ("annotationSelector", Shape::Text),
];

const PATCH: &[(&str, Shape)] = &[
    ("path", Shape::Text),
    ("patch", Shape::Text),
    ("target", Shape::Map(SELECTOR)),
    ("options", Shape::Map(&[("allowNameChange", Shape::Truth), ("allowKindChange", Shape::Truth)])),
];

const GENERATOR_OPTIONS: &[(&str, Shape)] = &[
    ("labels", Shape::Pairs),
    ("annotations", Shape::Pairs),
    ("disableNameSuffixHash", Shape::Truth),
    ("immutable", Shape::Truth),
];

const GENERATOR: &[(&str, Shape)] = &[
    ("name", Shape::Text),
    ("namespace", Shape::Text),
    ("behavior", Shape::Text),
    ("literals", Shape::Texts),
    ("files", Shape::Texts),
    ("envs", Shape::Texts),
    ("env", Shape::Text),
    ("options", Shape::Map(GENERATOR_OPTIONS)),
    ("type", Shape::Text),
];

const IMAGE: &[(&str, Shape)] = &[
    ("name", Shape::Text),
    ("newName", Shape::Text),
    ("tagSuffix", Shape::Text),
    ("newTag", Shape::Text),
    ("digest", Shape::Text),
];

const LABEL: &[(&str, Shape)] = &[
    ("pairs", Shape::Pairs),
    ("includeSelectors", Shape::Truth),
    ("includeTemplates", Shape::Truth),
    (
        "fields",
        Shape::List(&[
            ("group", Shape::Text),
            ("version", Shape::Text),
            ("kind", Shape::Text),
            ("path", Shape::Text),
            ("create", Shape::Truth),
        ]),
    ),
];

const FIELD_OPTIONS: &[(&str, Shape)] = &[
    ("delimiter", Shape::Text),
    ("index", Shape::Whole),
    ("encoding", Shape::Text),
    ("create", Shape::Truth),
];

const REPLACEMENT: &[(&str, Shape)] = &[
    ("path", Shape::Text),
    (
        "source",
        Shape::Map(&[
            ("group", Shape::Text),
            ("version", Shape::Text),
            ("kind", Shape::Text),
            ("name", Shape::Text),
            ("namespace", Shape::Text),
            ("fieldPath", Shape::Text),
            ("options", Shape::Map(FIELD_OPTIONS)),
        ]),
    ),
    ("sourceValue", Shape::Text),
    (
        "targets",
        Shape::List(&[
            ("select", Shape::Map(SELECTOR)),
            ("reject", Shape::List(SELECTOR)),
            ("fieldPaths", Shape::Texts),
            ("options", Shape::Map(FIELD_OPTIONS)),
        ]),
    ),
];

const VARIABLE: &[(&str, Shape)] = &[
    ("name", Shape::Text),
    (
        "objref",
        Shape::Map(&[
            ("apiVersion", Shape::Text),
            ("group", Shape::Text),
            ("version", Shape::Text),
            ("kind", Shape::Text),
            ("name", Shape::Text),
            ("namespace", Shape::Text),
        ]),
    ),
    ("fieldref", Shape::Map(&[("fieldPath", Shape::Text)])),
];

const CHART: &[(&str, Shape)] = &[
    ("name", Shape::Text),
    ("version", Shape::Text),
    ("repo", Shape::Text),
    ("releaseName", Shape::Text),
    ("namespace", Shape::Text),
    ("additionalValuesFiles", Shape::Texts),
    ("valuesFile", Shape::Text),
    ("valuesInline", Shape::Any),
    ("valuesMerge", Shape::Text),
    ("includeCRDs", Shape::Truth),
    ("skipHooks", Shape::Truth),
    ("skipTests", Shape::Truth),
    ("apiVersions", Shape::Texts),
    ("kubeVersion", Shape::Text),
    ("nameTemplate", Shape::Text),
    ("debug", Shape::Truth),
    ("devel", Shape::Truth),
];

/// The older way to write a chart.
const OLD_CHART: &[(&str, Shape)] = &[
    ("chartHome", Shape::Text),
    ("chartName", Shape::Text),
    ("chartRepoName", Shape::Text),
    ("chartRepoUrl", Shape::Text),
    ("chartVersion", Shape::Text),
    ("extraArgs", Shape::Texts),
    ("helmBin", Shape::Text),
    ("helmHome", Shape::Text),
    ("releaseName", Shape::Text),
    ("releaseNamespace", Shape::Text),
    ("values", Shape::Text),
    ("valuesLocal", Shape::Any),
    ("valuesMerge", Shape::Text),
];

const SORT: &[(&str, Shape)] = &[
    ("order", Shape::Text),
    ("legacySortOptions", Shape::Map(&[("orderFirst", Shape::Texts), ("orderLast", Shape::Texts)])),
];

const METADATA: &[(&str, Shape)] = &[
    ("name", Shape::Text),
    ("namespace", Shape::Text),
    ("labels", Shape::Pairs),
    ("annotations", Shape::Pairs),
];

/// A field of a transformer configuration.
const FIELD: &[(&str, Shape)] = &[
    ("group", Shape::Any),
    ("version", Shape::Any),
    ("kind", Shape::Any),
    ("path", Shape::Any),
    ("create", Shape::Truth),
];

/// The keys of a file of `configurations`.
const CONFIGURATION: &[(&str, Shape)] = &[
    ("namePrefix", Shape::List(FIELD)),
    ("nameSuffix", Shape::List(FIELD)),
    ("namespace", Shape::List(FIELD)),
    ("commonLabels", Shape::List(FIELD)),
    ("templateLabels", Shape::List(FIELD)),
    ("labels", Shape::List(FIELD)),
    ("commonAnnotations", Shape::List(FIELD)),
    ("images", Shape::List(FIELD)),
    ("replicas", Shape::List(FIELD)),
    ("varReference", Shape::List(FIELD)),
    (
        "nameReference",
        Shape::List(&[
            ("group", Shape::Any),
            ("version", Shape::Any),
            ("kind", Shape::Any),
            ("fieldSpecs", Shape::List(FIELD)),
        ]),
    ),
];

/// The keys of a kustomization.
const KEYS: &[(&str, Shape)] = &[
    ("apiVersion", Shape::Text),
    ("kind", Shape::Text),
    ("metadata", Shape::Map(METADATA)),
    ("openapi", Shape::Any),
    ("namePrefix", Shape::Text),
    ("nameSuffix", Shape::Text),
    ("namespace", Shape::Text),
    ("commonLabels", Shape::Pairs),
    ("labels", Shape::List(LABEL)),
    ("commonAnnotations", Shape::Pairs),
    ("patchesStrategicMerge", Shape::Texts),
    ("patchesJson6902", Shape::List(PATCH)),
    ("patches", Shape::List(PATCH)),
    ("images", Shape::List(IMAGE)),
    ("imageTags", Shape::List(IMAGE)),
    ("replacements", Shape::List(REPLACEMENT)),
    ("replicas", Shape::List(&[("name", Shape::Text), ("count", Shape::Whole)])),
    ("vars", Shape::List(VARIABLE)),
    ("sortOptions", Shape::Map(SORT)),
    ("resources", Shape::Texts),
    ("components", Shape::Texts),
    ("crds", Shape::Texts),
    ("bases", Shape::Texts),
    ("configMapGenerator", Shape::List(GENERATOR)),
    ("secretGenerator", Shape::List(GENERATOR)),
    ("helmGlobals", Shape::Map(&[("chartHome", Shape::Text), ("configHome", Shape::Text)])),
    ("helmCharts", Shape::List(CHART)),
    ("helmChartInflationGenerator", Shape::List(OLD_CHART)),
    ("generatorOptions", Shape::Map(GENERATOR_OPTIONS)),
    ("configurations", Shape::Texts),
    ("generators", Shape::Texts),
    ("transformers", Shape::Texts),
    ("validators", Shape::Texts),
    ("buildMetadata", Shape::Texts),
];

/// The kustomization files of a folder: mostly one or none; several are refused by the tool.
pub(crate) fn candidates(files: &Files, directory: &str) -> Vec<SourceId> {
    paths::KUSTOMIZATIONS.iter().filter_map(|base| files.find(&join(directory, base))).collect()
}

fn join(directory: &str, base: &str) -> String {
    if directory.is_empty() { base.to_string() } else { format!("{directory}/{base}") }
}

/// Reads the kustomization of a folder. What the tool would refuse is a fault; what could be read is given all the same.
pub(crate) fn read(
    files: &Files,
    directory: &str,
    asked: Option<Span>,
    faults: &mut Vec<Fault>,
) -> Option<Kustomization> {
    read_with(files, directory, asked, Strictness::Strict, faults)
}

/// How a kustomization is read: the tool minds every key, Flux writes anew what it understands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    Strict,
    Lenient,
}

/// The same, as strict as whoever reads it.
pub(crate) fn read_with(
    files: &Files,
    directory: &str,
    asked: Option<Span>,
    strictness: Strictness,
    faults: &mut Vec<Fault>,
) -> Option<Kustomization> {
    let found = candidates(files, directory);
    let Some(&source) = found.first() else {
        let hidden = paths::KUSTOMIZATIONS.iter().map(|base| join(directory, base)).find_map(|name| {
            let absence = files.absence(&name);
            (absence != Absence::Gone).then(|| missing(&name, &absence))
        });
        let says = || format!("`{}` has no kustomization", shown(directory));
        let (why, says) = hidden.unwrap_or_else(|| (Why::Refused, says()));
        faults.push(Fault { why, says, at: asked });
        return None;
    };
    let start = Span::new(source, 0, 0);
    if found.len() > 1 {
        let says = format!("`{}` has several kustomizations", shown(directory));
        faults.push(Fault { why: Why::Refused, says, at: Some(start) });
    }
    let yaml = files.yaml(source)?;
    for problem in broken(yaml) {
        faults.push(Fault { why: Why::Refused, says: problem.says.clone(), at: problem.at });
    }
    let nothing = || Node::new(Origin::spelled(start), Value::Null);
    let mut root = yaml.documents.first().map_or_else(nothing, |document| document.root.clone());
    spell_keys(&mut root);
    if strictness == Strictness::Strict {
        check(&root, faults);
    }
    let text = |key: &str| root.text_at(key).unwrap_or_default().to_string();
    let (kind, api) = (text("kind"), text("apiVersion"));
    let is_component = kind == "Component";
    let refuse = |says: String, key: &str, faults: &mut Vec<Fault>| {
        let at = root.get(key).map(Node::span).or(Some(start));
        faults.push(Fault { why: Why::Refused, says, at });
    };
    if !matches!(kind.as_str(), "" | "Kustomization" | "Component") {
        refuse(format!("the kind is `{kind}`, not `Kustomization` or `Component`"), "kind", faults);
    }
    let version =
        if is_component { "kustomize.config.k8s.io/v1alpha1" } else { "kustomize.config.k8s.io/v1beta1" };
    if !api.is_empty() && api != version {
        refuse(format!("the apiVersion is `{api}`, not `{version}`"), "apiVersion", faults);
    }
    let says_something = |(key, value): &(Node, Node)| {
        !matches!(key.text(), Some("apiVersion" | "kind")) && !value.is_null() && value.text() != Some("")
    };
    // Flux puts something into it before it is built.
    if strictness == Strictness::Strict && !root.entries().iter().any(says_something) {
        refuse("the kustomization is empty".into(), "kind", faults);
    }
    Some(Kustomization { directory: directory.into(), source, root, is_component })
}

fn shown(directory: &str) -> &str {
    if directory.is_empty() { "." } else { directory }
}

/// The tool does not mind capitals in keys; everything after this may rely on them.
fn spell_keys(root: &mut Node) {
    let spelled =
        |name: &str| KEYS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name) && *known != name);
    if !root.entries().iter().any(|(key, _)| key.text().is_some_and(|name| spelled(name).is_some())) {
        return;
    }
    for (key, _) in super::super::edit::entries_mut(root).into_iter().flatten() {
        if let (Some((known, _)), Value::Scalar(scalar)) = (key.text().and_then(spelled), &mut key.value) {
            scalar.text = Str::new_static(known);
        }
    }
}

fn check(root: &Node, faults: &mut Vec<Fault>) {
    if !root.is_map() {
        if !root.is_null() {
            faults.push(Fault {
                why: Why::Refused,
                says: "a kustomization is a map".into(),
                at: Some(root.span()),
            });
        }
        return;
    }
    check_map(root, KEYS, Strictness::Strict, faults);
}

/// Checks a file of `configurations`.
pub(super) fn check_configuration(node: &Node, faults: &mut Vec<Fault>) {
    check_map(node, CONFIGURATION, Strictness::Strict, faults);
}

/// Checks a replacement that is in a file of its own: the tool minds its types, and no key that it does not know.
pub(super) fn check_replacement(node: &Node, faults: &mut Vec<Fault>) {
    check_map(node, REPLACEMENT, Strictness::Lenient, faults);
}

fn check_map(
    node: &Node,
    keys: &'static [(&'static str, Shape)],
    strictness: Strictness,
    faults: &mut Vec<Fault>,
) {
    for (key, value) in node.entries() {
        let name = key.text().unwrap_or_default();
        // The tool does not mind capitals.
        match keys.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            None if strictness == Strictness::Lenient => {}
            None => {
                let says = format!("there is no key `{name}` here");
                faults.push(Fault { why: Why::Refused, says, at: Some(key.span()) });
            }
            Some((known, shape)) => check_value(known, value, *shape, strictness, faults),
        }
    }
}

fn check_value(key: &str, value: &Node, shape: Shape, strictness: Strictness, faults: &mut Vec<Fault>) {
    if value.is_null() || value.is_hole() {
        return;
    }
    let wrong = |what: &str, node: &Node, faults: &mut Vec<Fault>| {
        let says = format!("`{key}` takes {what}");
        faults.push(Fault { why: Why::Refused, says, at: Some(node.span()) });
    };
    // Kustomizations are read by an older reader than objects, to which `n` and `off` are truths.
    let is_text = |node: &Node| {
        node.scalar().is_some_and(|scalar| {
            let typed = super::super::typed::typed(scalar, node.tag());
            typed == super::super::typed::Typed::Text && !scalar.is_bool()
        })
    };
    match shape {
        Shape::Any => {}
        Shape::Text if !is_text(value) => wrong("a text", value, faults),
        Shape::Truth
            if !value.scalar().is_some_and(|scalar| matches!(scalar.text.as_str(), "true" | "false")) =>
        {
            wrong("true or false", value, faults)
        }
        Shape::Whole if value.text().is_none_or(|text| text.parse::<i64>().is_err()) => {
            wrong("a whole number", value, faults);
        }
        Shape::Text | Shape::Truth | Shape::Whole => {}
        Shape::Texts => match &value.value {
            Value::List(items) => {
                for item in items.iter().filter(|item| !is_text(item) && !item.is_null()) {
                    wrong("a list of texts", item, faults);
                }
            }
            _ => wrong("a list of texts", value, faults),
        },
        Shape::Pairs => match &value.value {
            Value::Map(entries) => {
                for (_, item) in entries.iter().filter(|(_, item)| !is_text(item) && !item.is_null()) {
                    wrong("a map of texts", item, faults);
                }
            }
            _ => wrong("a map of texts", value, faults),
        },
        Shape::Map(keys) if value.is_map() => check_map(value, keys, strictness, faults),
        Shape::Map(_) => wrong("a map", value, faults),
        Shape::List(keys) => match &value.value {
            Value::List(items) => items.iter().for_each(|item| {
                if item.is_map() {
                    check_map(item, keys, strictness, faults);
                } else if !item.is_null() {
                    wrong("a list of maps", item, faults);
                }
            }),
            _ => wrong("a list of maps", value, faults),
        },
    }
}
