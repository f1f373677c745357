//! What the templates of a chart are given: the values of each chart of the tree, and the set of templates in helm's
//! order. Executes nothing.

use super::super::files::Files;
use super::capabilities::Capabilities;
use super::coalesce::{Rules, coalesce};
use super::dependencies::{self, Absent};
use super::load::{Chart, ChartFile};
use super::schema;
use super::tables::Nulls;
use super::told::{Helm, Told};
use super::validate::Breach;
use super::values;
use crate::syntax::Node;
use crate::template::semver;
use crate::text::{Span, Str};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How a chart is rendered.
#[derive(Clone, Debug)]
pub struct Release {
    pub name: Str,
    pub namespace: Str,
    pub capabilities: Capabilities,
    pub helm: Helm,
}

impl Default for Release {
    /// What `helm template` takes where nobody says otherwise.
    fn default() -> Release {
        Release {
            name: "release-name".into(),
            namespace: "default".into(),
            capabilities: Capabilities::default(),
            helm: Helm::default(),
        }
    }
}

/// The number of a chart in [`Prepared::scopes`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ScopeId(pub u32);

/// What the templates of one chart see.
#[derive(Clone, Debug)]
pub struct Scope {
    /// `web/charts/db`
    pub path: Str,
    /// `.Chart`, with Go's names of the fields.
    pub chart: Node,
    /// `.Values`. In helm those of a chart within another are a part of its parent's, not a copy: who changes one of
    /// them changes the other.
    pub values: Node,
    /// `.Files`
    pub files: Arc<[ChartFile]>,
    /// `.Subcharts`, by name.
    pub charts: Vec<(Str, ScopeId)>,
    pub parent: Option<ScopeId>,
}

/// One template of the set.
#[derive(Clone, Debug)]
pub struct Template {
    /// `web/charts/db/templates/set.yaml`
    pub name: Str,
    /// `web/charts/db/templates`
    pub base_path: Str,
    pub scope: ScopeId,
    pub file: ChartFile,
}

impl Template {
    /// Whether it is parsed for what it defines, and not executed.
    pub fn is_partial(&self) -> bool {
        self.base().starts_with('_')
    }

    /// Whether what it prints is for people and is thrown away.
    pub fn is_notes(&self) -> bool {
        self.name.ends_with("NOTES.txt")
    }

    fn base(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }
}

/// A chart, ready for its templates to be executed.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    /// The root is the first.
    pub scopes: Vec<Scope>,
    /// In the order in which helm parses and executes them: of two definitions of one name the later one is the one.
    pub templates: Vec<Template>,
    /// The files of `crds/`, which are no templates, under the names that helm gives them.
    pub definitions: Vec<(Str, ChartFile)>,
    pub absent: Vec<Absent>,
    /// Where the values are not as the schema of a chart wants them.
    pub breaches: Vec<Breach>,
    pub told: Told,
}

/// Puts a chart and the values that are given to it together.
pub fn prepare(files: &Files, mut chart: Chart, given: &Node, release: &Release) -> Prepared {
    let helm = release.helm;
    let mut out = Prepared::default();
    out.absent = dependencies::choose(&mut chart, given, helm, &mut out.told);
    dependencies::import(&mut chart, helm, &mut out.told);
    check_root(&chart, release, &mut out.told);
    let mut values = given.clone();
    coalesce(&chart, &mut values, Rules { nulls: Nulls::Delete, helm }, &mut out.told);
    out.breaches = schema::check(files, &chart, &values, &mut out.told);
    let at = chart.metadata.name_part().span();
    add(&chart, values, &mut out, None, chart.metadata.name(), at);
    out.templates.sort_by_cached_key(|template| Reverse(order(&template.name)));
    // Two charts of one path: the later one is rendered, and the other is not.
    out.templates.dedup_by(|later, earlier| {
        let is_same = later.name == earlier.name;
        if is_same {
            std::mem::swap(later, earlier);
        }
        is_same
    });
    out.told.settle();
    out
}

/// The fewest slashes first, then by name; helm goes through them backwards.
fn order(name: &Str) -> (usize, Str) {
    (name.bytes().filter(|byte| *byte == b'/').count(), name.clone())
}

/// What helm refuses of the chart that is installed, and not of those in it.
fn check_root(chart: &Chart, release: &Release, told: &mut Told) {
    if chart.metadata.is_library {
        told.refuse("a library is no chart to be installed", chart.metadata.name_part().span());
    }
    let Some(range) = &chart.metadata.kube_version else { return };
    let version = release.capabilities.version();
    if semver::satisfies(&range.text, version) != Ok(true) {
        told.refuse(
            format!("the chart is for Kubernetes {}, and not for {version}", range.text),
            range.span(),
        );
    }
}

fn add(
    chart: &Chart,
    values: Node,
    out: &mut Prepared,
    parent: Option<ScopeId>,
    path: &str,
    at: Span,
) -> ScopeId {
    let id = ScopeId(out.scopes.len() as u32);
    out.scopes.push(Scope {
        path: path.into(),
        chart: chart.metadata.node(parent.is_none()),
        values: values.clone(),
        files: chart.files.clone(),
        charts: Vec::new(),
        parent,
    });
    let base_path: Str = format!("{path}/templates").into();
    let is_taken = |file: &&ChartFile| {
        !chart.metadata.is_library || file.name.rsplit('/').next().is_some_and(|base| base.starts_with('_'))
    };
    for file in chart.templates.iter().filter(is_taken) {
        let name: Str = format!("{path}/{}", file.name).into();
        out.templates.push(Template { name, base_path: base_path.clone(), scope: id, file: file.clone() });
    }
    let definitions = chart.files.iter().filter(|file| file.is_definition());
    out.definitions.extend(definitions.map(|file| (format!("{path}/{}", file.name).into(), file.clone())));
    let mut charts = BTreeMap::new();
    for child in &chart.charts {
        let name: Str = child.metadata.name().into();
        // What nobody here sees stays unknown.
        let inner = values.get(&name).filter(|inner| inner.is_map() || inner.is_hole()).cloned();
        let inner = inner.unwrap_or_else(|| values::empty(at));
        // Helm 3 puts the charts of an alias where the chart without the alias would have them.
        let above = match (&chart.former, path.rsplit_once('/')) {
            (Some(former), Some((parents, _))) => format!("{parents}/{former}"),
            _ => path.to_string(),
        };
        let below = add(child, inner, out, Some(id), &format!("{above}/charts/{name}"), at);
        charts.insert(name, below);
    }
    out.scopes[id.0 as usize].charts = charts.into_iter().collect();
    id
}
