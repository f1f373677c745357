//! Images in texts that are read line by line, because no other reader parses them: Jenkinsfiles, jsonnet, CUE, TOML,
//! templates that are not YAML until they are filled in, and what stands in texts of documents. Only literals count: an
//! image is told if its whole name is written on the line. Which other files are read so, `left_over` decides.

use super::looks::looks_like_image;
use super::{Desk, Format, Read, tell};
use crate::facts::{Facts, Resource, Role, parse_reference};
use crate::syntax::forms;
use crate::text::{File, Origin, Part, SourceId, Span};
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Asked last: what other formats told of the same places is theirs.
pub(super) const FORMAT: Format = Format { name: "literals", words: &[], wants, read: Read::Text(read) };

/// What a line has to look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
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
    match end {
        _ if base.starts_with("Jenkinsfile") || end == "jenkinsfile" => Some(Kind::Groovy),
        "jsonnet" | "libsonnet" | "cue" => Some(Kind::Keys),
        "toml" if base == "fly.toml" || base.contains("mise") || file.directory().ends_with("mise") => {
            Some(Kind::Keys)
        }
        _ if file.is_yaml_of_template() => Some(Kind::Yaml),
        _ => None,
    }
}

fn read(desk: &mut Desk) {
    if desk.own_view().is_some_and(|view| view.speaks_for(desk.file.id)) {
        return;
    }
    if let Some(kind) = kind(&desk.file) {
        lines(desk, kind);
    }
}

/// Tells the images of the lines of the file that nobody has told yet.
pub(super) fn lines(desk: &mut Desk, kind: Kind) {
    let (source, text) = (desk.file.id, desk.file.text);
    let told = told(desk);
    let owner = tell::owner(desk, FORMAT.name, "file", "");
    let (mut at, mut is_inside, mut containers) = (0, false, Containers::default());
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let is_container = containers.hold(line);
        let content = line.trim_start();
        // What a remark of several lines begins, a later line ends.
        let was_inside = is_inside;
        // In YAML, `/*` is one within a template action alone: elsewhere it is a glob.
        if kind != Kind::Yaml || is_inside || forms::opens_comment(line) {
            is_inside = opens_remark(line, is_inside);
        }
        if was_inside {
            continue;
        }
        // `#Name` is a definition of CUE.
        let is_remark =
            content.starts_with(['/', '*']) || content.starts_with('#') && !desk.file.name.ends_with(".cue");
        let has_word = content.contains("mage") || kind == Kind::Groovy && content.contains("docker");
        if is_remark || kind != Kind::Keys && !has_word {
            continue;
        }
        if let Some((from, to)) = begun(line).filter(|_| kind == Kind::Keys) {
            desk.facts.unread("image", "expression", Span::new(source, start + from, start + to));
        }
        for (key, from, to) in literals(kind, line) {
            let (from, to) = (start + from, start + to);
            let part = Part::new(&text[from..to], Origin::verbatim(Span::new(source, from, to)));
            let part = forms::marked(&part).into_owned();
            let is_run = kind == Kind::Yaml && is_container && key == "image" && is_name(&part);
            // A name alone is put together with a version that stands beside it.
            let is_half = kind == Kind::Keys && key == "image" && is_name(&part) && has_registry(&part);
            let role = if is_half { tell::role_of_setting(&part) } else { Role::Pull };
            if !told.contains(&beginning(part.span())) && (is_run || is_half || is_image(kind, key, &part)) {
                tell::image(desk, &owner, key, &part, role, None);
            }
        }
    }
}

/// Where images that are told already begin.
fn told(desk: &Desk) -> BTreeSet<(SourceId, u32)> {
    let images = desk.facts.images.iter();
    let places = images.flat_map(|fact| fact.says.places().chain([fact.origin.span()]));
    places.map(beginning).collect()
}

fn beginning(span: Span) -> (SourceId, u32) {
    (span.source, span.start)
}

/// Whether lines are within a list of containers: what is called an image there is run.
#[derive(Default)]
struct Containers {
    /// How deep the key of the list is.
    open: Option<usize>,
}

impl Containers {
    fn hold(&mut self, line: &str) -> bool {
        let content = line.trim_start();
        let deep = line.len() - content.len();
        let is_item = content.starts_with('-');
        if self.open.is_some_and(|open| !content.is_empty() && (deep < open || deep == open && !is_item)) {
            self.open = None;
        }
        if content.trim_end().ends_with("ontainers:") {
            self.open = Some(deep);
        }
        self.open.is_some()
    }
}

/// Whether a text is the name of an image, which needs no tag.
fn is_name(part: &Part) -> bool {
    let image = parse_reference(part);
    part.is_known() && !part.text.is_empty() && image.repository.is_some() && image.fault.is_none()
}

fn has_registry(part: &Part) -> bool {
    parse_reference(part).registry.is_some_and(|registry| registry.text.contains('.'))
}

/// Whether a remark of several lines is open behind a line.
fn opens_remark(line: &str, is_inside: bool) -> bool {
    let begin = line.rfind("/*").map(|at| at as isize);
    let end = line.rfind("*/").map(|at| at as isize);
    match (begin, end) {
        (None, None) => is_inside,
        (begin, end) => begin.unwrap_or(-1) > end.unwrap_or(-1),
    }
}

/// Tells the images of a text within a document: settings of a program in JSON, TOML or YAML, or an expression. They
/// are told only where no other format tells them.
pub(super) fn of_text(desk: &mut Desk, owner: &Arc<Resource>, text: &Part, path: &str, role: Role) {
    // What is told already is asked for once, and of few texts.
    let (seen, mut told_here) = (OnceCell::new(), BTreeSet::new());
    let of_line = OnceCell::new();
    let mut at = 0;
    for line in text.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if !line.contains("mage") || line.trim_start().starts_with(['#', '/']) {
            continue;
        }
        for (key, from, to) in yaml_value(line).into_iter().chain(literals(Kind::Keys, line)) {
            let part = text.slice(start + from..start + to);
            // `icon-image` is what styles of maps and pages have.
            let is_named = key.to_ascii_lowercase().ends_with("image") && !key.ends_with("-image");
            if !is_named || !is_image(Kind::Keys, key, &part) {
                continue;
            }
            let place = beginning(part.span());
            if !seen.get_or_init(|| told(desk)).contains(&place) && told_here.insert(place) {
                let as_told = || Arc::new(Resource { format: FORMAT.name, ..Resource::clone(owner) });
                tell::image(desk, of_line.get_or_init(as_told), path, &part, role, None);
            }
        }
    }
}

/// Takes out what was told of a line, and of the same place by a format that knows more.
pub fn told_once(facts: &mut Facts) {
    if facts.images.iter().all(|fact| fact.owner.format != FORMAT.name) {
        return;
    }
    let known = facts.images.iter().filter(|fact| fact.owner.format != FORMAT.name);
    let known: BTreeSet<Span> = known.flat_map(|fact| fact.says.places()).collect();
    let is_known = |image: &crate::facts::Image| image.places().any(|place| known.contains(&place));
    facts.images.retain(|fact| fact.owner.format != FORMAT.name || !is_known(&fact.says));
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
        // JSON has its keys in quotes.
        let before = before.trim_end_matches(['"', '\'']);
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        let key = &before[before.trim_end_matches(is_name).len()..];
        // What is joined to something else is not all of it.
        let is_joined = is_joined(&line[close + 1..]);
        if !key.is_empty() && key.is_ascii() && !is_joined {
            out.push((key, open + 1, close));
        }
    }
    out
}

/// Whether something is put behind a text.
fn is_joined(rest: &str) -> bool {
    rest.trim_start().starts_with(['+', '%'])
}

/// The beginning of an image in a line, to which an expression puts the rest: `'quay.io/a/b:v' + version`.
fn begun(line: &str) -> Option<(usize, usize)> {
    let sign = line.find("' +").or_else(|| line.find("\" +"))?;
    let open = line[..sign].rfind(&line[sign..=sign])?;
    let text = &line[open + 1..sign];
    let is_image =
        text.contains('/') && (text.ends_with(':') || text.ends_with(":v")) && looks_like_image(text);
    is_image.then_some((open + 1, sign))
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
    // `agent { docker 'a:1' }`.
    let is_agent = kind == Kind::Groovy && key == "docker";
    let is_named = key.to_ascii_lowercase().contains("image") || is_agent;
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
