//! Images in files that are read line by line, because no other reader parses them: Jenkinsfiles, jsonnet, CUE, TOML, and
//! templates that are not YAML until they are filled in. Only literals count: an image is told if its whole name is
//! written on the line.

use super::looks::looks_like_image;
use super::{Desk, Format, Read, tell};
use crate::facts::{Resource, Role, parse_reference};
use crate::syntax::forms;
use crate::text::{File, Origin, Part, Span};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Asked last: what other formats told of the same places is theirs.
pub(super) const FORMAT: Format = Format { name: "literals", wants, read: Read::Text(read) };

/// What a line has to look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// `image 'a:1'`, `docker.image('a:1')`.
    Groovy,
    /// `key: 'a:1'` and `KEY = "a:1"`, several on a line.
    Keys,
    /// `image: a:1`.
    Yaml,
}

fn wants(file: &File) -> bool {
    kind(file).is_some() && (file.has("mage") || file.has("MAGE"))
}

fn kind(file: &File) -> Option<Kind> {
    let base = file.base();
    let end = base.rsplit_once('.').map_or("", |(_, end)| end);
    let is_yaml = base.ends_with(".yaml") || base.ends_with(".yml");
    match end {
        _ if base.starts_with("Jenkinsfile") || end == "jenkinsfile" => Some(Kind::Groovy),
        "jsonnet" | "libsonnet" | "cue" => Some(Kind::Keys),
        "toml" if base == "fly.toml" || base.contains("mise") || file.directory().ends_with("mise") => {
            Some(Kind::Keys)
        }
        _ if file.is_yaml_of_template() => Some(Kind::Yaml),
        // A line of its own that YAML cannot read hides what is around it.
        _ if is_yaml && (file.has("{%") || file.has(": @")) => {
            file.text.lines().any(is_no_yaml).then_some(Kind::Yaml)
        }
        _ => None,
    }
}

/// `{% if x %}` alone, and `name: @NAME@`.
fn is_no_yaml(line: &str) -> bool {
    let value = line.split_once(": ").map_or("", |(_, value)| value.trim_start());
    line.trim_start().starts_with("{%") || value.starts_with('@')
}

fn read(desk: &mut Desk) {
    let source = desk.file.id;
    if desk.view.is_some_and(|view| view.speaks_for(source)) {
        return;
    }
    let Some(kind) = kind(&desk.file) else { return };
    let places = |fact: &crate::facts::Fact<crate::facts::Image>| fact.origin.span().start;
    let told: BTreeSet<u32> = desk.facts.images.iter().map(places).collect();
    let owner = tell::owner(desk, FORMAT.name, "file", "");
    let mut at = 0;
    for line in desk.file.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim_start();
        // `#Name` is a definition of CUE.
        let is_remark =
            content.starts_with(['/', '*']) || content.starts_with('#') && !desk.file.name.ends_with(".cue");
        if is_remark || kind != Kind::Keys && !content.contains("mage") {
            continue;
        }
        for (key, from, to) in literals(kind, line) {
            let (from, to) = (start + from, start + to);
            let text = &desk.file.text[from..to];
            let part = Part::new(text, Origin::verbatim(Span::new(source, from, to)));
            let part = forms::marked(&part).into_owned();
            if !told.contains(&(from as u32)) && is_image(kind, key, &part) {
                tell::image(desk, &owner, key, &part, Role::Pull, None);
            }
        }
    }
}

/// Literals of expressions that stand in a text, as policies write objects: `image: "a:1"`.
pub(super) fn of_expression(desk: &mut Desk, owner: &Arc<Resource>, text: &Part, path: &str) {
    let mut at = 0;
    for line in text.text.split_inclusive('\n') {
        for (key, from, to) in literals(Kind::Keys, line) {
            let part = text.slice(at + from..at + to);
            if key.to_ascii_lowercase().ends_with("image") && is_image(Kind::Keys, key, &part) {
                tell::image(desk, owner, path, &part, Role::Pull, None);
            }
        }
        at += line.len();
    }
}

/// The texts of a line, each with the key before it.
fn literals(kind: Kind, line: &str) -> Vec<(&str, usize, usize)> {
    if kind == Kind::Yaml {
        return yaml_value(line).into_iter().collect();
    }
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(open) = line[from..].find(['\'', '"']).map(|open| from + open) {
        let quote = &line[open..open + 1];
        let Some(close) = line[open + 1..].find(quote).map(|close| open + 1 + close) else { break };
        from = close + 1;
        let before = line[..open].trim_end_matches(['(', ' ', '\t', ':', '=', '+']);
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        let key = &before[before.rfind(|c| !is_name(c)).map_or(0, |at| at + 1)..];
        // What is joined to something else is not all of it.
        let is_joined = line[close + 1..].trim_start().starts_with(['+', '%']);
        if !key.is_empty() && key.is_ascii() && !is_joined {
            out.push((key, open + 1, close));
        }
    }
    out
}

/// `image: value # comment`.
fn yaml_value(line: &str) -> Option<(&str, usize, usize)> {
    let content = line.trim_start().trim_start_matches("- ").trim_start();
    let sign = content.find(':')?;
    let key = content[..sign].trim_matches(['\'', '"']);
    let start = line.len() - content.len() + sign + 1;
    let value = line[start..].trim_end();
    let lead = value.len() - value.trim_start().len();
    let value = value.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let (from, len) = match quote {
        Some(quote) => (1, value[1..].find(quote)?),
        None => (0, value.find(" #").map_or(value.len(), |end| value[..end].trim_end().len())),
    };
    let is_image = key == "image" || key.ends_with("Image") || key.ends_with("_image");
    is_image.then_some((key, start + lead + from, start + lead + from + len))
}

/// Whether a literal is an image: with a tag or a digest, and nothing wrong with it.
fn is_image(kind: Kind, key: &str, part: &Part) -> bool {
    let image = parse_reference(part);
    let is_pinned = image.tag.is_some() || image.digest.is_some();
    let name_is_known = image.repository.as_ref().is_some_and(Part::is_known);
    let is_named = key.to_ascii_lowercase().contains("image");
    // Under another key it has to be a reference that nothing else looks like.
    let is_release = image.tag.as_ref().is_some_and(|tag| tag.text.contains('.')) && part.text.contains('/');
    let has_blank = part.is_known() && part.text.contains(char::is_whitespace);
    let is_whole = kind == Kind::Yaml || part.is_known();
    let has_sign = looks_like_image(&part.text) || !part.is_known();
    has_sign
        && is_pinned
        && is_whole
        && name_is_known
        && !has_blank
        && image.fault.is_none()
        && (is_named || kind == Kind::Keys && is_release)
}
