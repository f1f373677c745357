//! What a kustomization gets of a chart: the objects of `helm template`, with its hooks unless somebody leaves them out.

use super::super::files::Files;
use super::super::kustomize::{Fault, Why};
use super::super::object::Object;
use super::load::load;
use super::made::{Made, faults, is_test, make, objects};
use super::scope::Release;
use super::told::Told;
use crate::syntax::Node;
use crate::text::{SourceId, Span, Str};
use std::collections::{BTreeMap, BTreeSet};

/// How a kustomization asks for a chart.
pub(in super::super) struct Inflation<'i> {
    pub(in super::super) folder: &'i str,
    pub(in super::super) values: &'i Node,
    pub(in super::super) release: Release,
    pub(in super::super) with_definitions: bool,
    pub(in super::super) with_hooks: bool,
    pub(in super::super) with_tests: bool,
    pub(in super::super) at: Span,
}

/// What it gets.
#[derive(Default)]
pub(in super::super) struct Inflated {
    pub(in super::super) objects: Vec<Object>,
    pub(in super::super) faults: Vec<Fault>,
    pub(in super::super) read: BTreeSet<SourceId>,
    pub(in super::super) loaded: BTreeSet<SourceId>,
    pub(in super::super) values: BTreeMap<SourceId, BTreeSet<Str>>,
    pub(in super::super) assumed: Vec<(String, Span)>,
}

/// Renders the chart. `told` is what was wrong with the values before.
pub(in super::super) fn inflate(files: &Files, asked: &Inflation, mut told: Told) -> Inflated {
    let Some(chart) = load(files, asked.folder, asked.release.helm, &mut told) else {
        return Inflated { faults: told.faults, ..Inflated::default() };
    };
    let Made { rendering, read, loaded, values } = make(files, chart, asked.values, &asked.release);
    let (assumed, mut wrong) = (told.assumed(), told.faults);
    wrong.extend(faults(&rendering, asked.at));
    // To its user it is kustomize that stops.
    wrong.iter_mut().filter(|fault| fault.why == Why::Schema).for_each(|fault| fault.why = Why::Refused);
    let definitions = rendering.definitions.iter().filter(|_| asked.with_definitions);
    let manifests = definitions.chain(&rendering.manifests);
    let is_wanted = |hooks: bool, test: bool| (!hooks || asked.with_hooks) && (!test || asked.with_tests);
    let manifests = manifests.filter(|one| is_wanted(!one.hooks.is_empty(), is_test(one)));
    let objects = manifests.flat_map(|manifest| objects(&rendering, manifest)).collect();
    Inflated { objects, faults: wrong, read, loaded, values, assumed }
}
