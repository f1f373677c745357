//! HelmCharts of k3s, and the HelmChartConfigs that go over them.

use super::helm::{self, Helm, Told, UserValues};
use crate::syntax::Node;
use crate::text::Part;

/// Whether an object is a HelmChart of k3s: Flux has a kind of that name, too.
pub(super) fn is_chart(root: &Node) -> bool {
    root.text_at("kind") == Some("HelmChart")
        && root.text_at("apiVersion").is_some_and(|api| api.starts_with("helm.cattle.io/"))
}

/// The values of a HelmChart: its own, those of its HelmChartConfig over them, and single ones over all. And whether
/// Secrets may give more.
pub(super) fn values(root: &Node, config: Option<&Node>, told: &mut Told) -> (Node, bool) {
    let mut given = UserValues::default();
    let mut is_open = false;
    for object in [Some(root), config].into_iter().flatten() {
        let Some(spec) = object.get("spec") else { continue };
        if let Some(text) = spec.part_at("valuesContent").filter(|text| !text.text.trim().is_empty()) {
            given.files.extend(helm::values_text(&text, "`valuesContent`", Helm::default(), told));
        }
        is_open |= spec.get("valuesSecrets").is_some_and(|list| !list.items().is_empty());
    }
    for (name, value) in root.at(&["spec", "set"]).map(Node::entries).unwrap_or_default() {
        let (Some(name), Some(value)) = (name.part(), value.part()) else { continue };
        let is_typed = value.text.parse::<i64>().is_ok()
            || ["true", "false", "null"].iter().any(|word| value.text.eq_ignore_ascii_case(word));
        let list = if is_typed { &mut given.set } else { &mut given.set_string };
        list.push(helm::pair(name, value, root.span()));
    }
    let nothing = |_: &Part| Err("no files are given here".into());
    (given.together(root.span(), &nothing, Helm::default(), told), is_open)
}
