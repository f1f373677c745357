//! What pictures of the storage share: colours, and labels that are no longer than people read.

use super::table::{Cut, cut};
use crate::redact::clean;

/// How many columns a line of a label takes.
const LABEL: usize = 60;

/// How a standing is filled, and its line: light enough for dark text on any page.
pub(super) fn colours(standing: &str) -> (&'static str, &'static str) {
    match standing {
        "longhorn" => ("#ead8ff", "#8250df"),
        "replicated" => ("#fff1c2", "#9a6700"),
        "local" => ("#d3f5d9", "#1a7f37"),
        "network" => ("#cfe8ff", "#0969da"),
        "cloud" => ("#c9f2f0", "#1b7c83"),
        "unknown" => ("#eaeef2", "#57606a"),
        _ => ("#ffe3d1", "#bc4c00"),
    }
}

/// A line that nothing steers, cut in its middle if it is long.
pub(super) fn label(line: &str) -> String {
    cut(&clean(line), LABEL, Cut::Middle)
}

/// A name as part of an identifier.
pub(super) fn word(name: &str) -> String {
    name.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}
