//! How pictures of the storage are written, whatever the language: the order of things, colours, and labels that are
//! no longer than people read.

use super::table::{Cut, cut};
use crate::inventory::{Frame, Link, Node, Picture};
use crate::redact::clean;

/// How many columns a line of a label takes.
const LABEL: usize = 60;

/// How a language writes each thing, in whole lines.
pub(super) trait Language {
    fn begin(&self) -> String;
    /// What is around the things of a frame; a frame without a title is none.
    fn frame(&self, frame: &Frame) -> (String, String);
    fn node(&self, node: &Node) -> String;
    fn link(&self, link: &Link) -> String;
    /// What has no room.
    fn left_out(&self, lines: &[String]) -> String;
    /// What is around the standings of the legend.
    fn legend(&self) -> (&'static str, &'static str);
    fn standing(&self, standing: &str) -> String;
    fn end(&self, standings: &[&str]) -> String;
}

/// Writes a picture.
pub(super) fn draw(picture: &Picture, language: &impl Language) -> String {
    let mut out = language.begin();
    for frame in &picture.frames {
        let (before, after) = if frame.title.is_empty() { Default::default() } else { language.frame(frame) };
        out.push_str(&before);
        out.extend(frame.nodes.iter().map(|node| language.node(node)));
        out.extend(frame.links.iter().map(|link| language.link(link)));
        out.push_str(&after);
    }
    if !picture.left_out.is_empty() {
        out.push_str(&language.left_out(&picture.left_out));
    }
    if !picture.standings.is_empty() {
        let (before, after) = language.legend();
        out.push_str(before);
        out.extend(picture.standings.iter().map(|standing| language.standing(standing)));
        out.push_str(after);
    }
    out + &language.end(&picture.standings)
}

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
