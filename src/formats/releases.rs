//! Releases of helmfile and Fleet whose charts are not here: what their values say.

use super::tell::resource;
use super::{Desk, Format, Read, flux};
use crate::facts::{self, Chart, Fact, Resource};
use crate::syntax::{Document, Node};
use crate::text::{File, Part};
use crate::world::UNSEEN;
use crate::world::release::Release;
use std::sync::Arc;

/// Such objects the world makes; hardly a file holds one.
pub(super) const FORMAT: Format =
    Format { name: "helm-release", words: &[UNSEEN], wants, read: Read::Objects(read) };

fn wants(file: &File) -> bool {
    file.is_yaml() && file.has(UNSEEN)
}

fn read(desk: &mut Desk, document: &Document) {
    let root = &document.root;
    let Some(spec) = root.get("spec").filter(|_| root.text_at("apiVersion") == Some(UNSEEN)) else { return };
    let Some(owner) = resource(desk, FORMAT.name, root) else { return };
    let Some(chart) = spec.at(&["chart", "spec", "chart"]).and_then(Node::part) else { return };
    let release = Release {
        values: spec.get("values").cloned(),
        is_open: spec.get("isOpen").is_some(),
        chart: Some(last(&chart)),
        faults: Vec::new(),
    };
    flux::values(desk, document, spec, &release, &owner);
    desk.facts.releases.push(Fact {
        says: facts::Release { chart: last(&chart).text, ..facts::Release::default() },
        origin: spec.origin.clone(),
        path: "spec".into(),
        owner: owner.clone(),
    });
    tell(desk, spec, chart, &owner);
}

/// The chart, unless it is a folder that is not there.
fn tell(desk: &mut Desk, spec: &Node, chart: Part, owner: &Arc<Resource>) {
    if chart.text.starts_with('.') || !chart.text.contains('/') {
        return;
    }
    let version = spec.at(&["chart", "spec", "version"]).and_then(Node::part);
    let pin = version.as_ref().map_or("absent", |version| Chart::held(version));
    let origin = version.as_ref().unwrap_or(&chart).origin.clone();
    let says = Chart { name: last(&chart), version, repository: None, digest: None, pin };
    desk.facts.charts.push(Fact {
        says,
        origin,
        path: "spec.chart.spec.version".into(),
        owner: owner.clone(),
    });
}

/// The name of a chart behind its repository.
fn last(chart: &Part) -> Part {
    let start = chart.text.trim_end_matches('/').rfind('/').map_or(0, |at| at + 1);
    chart.slice(start..chart.text.trim_end_matches('/').len())
}
