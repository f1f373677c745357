//! The values that somebody gives to a chart: files, and single values over them, in helm's order.

use super::super::files::Files;
use super::strvals::{Kind, set};
use super::tables;
use super::told::{Helm, Told};
use super::values;
use crate::syntax::expand::Weaver;
use crate::syntax::{Node, yaml};
use crate::text::{Origin, Part, SourceId, Span};

/// What is given, as the options of `helm template` have it.
#[derive(Clone, Debug, Default)]
pub struct UserValues {
    /// Whole values, each over those before it.
    pub files: Vec<Node>,
    pub set_json: Vec<Part>,
    pub set: Vec<Part>,
    pub set_string: Vec<Part>,
    pub set_file: Vec<Part>,
    pub set_literal: Vec<Part>,
}

/// The text of a file that `--set-file` names.
pub type ReadFile<'r> = dyn Fn(&Part) -> Result<Part, String> + 'r;

/// The values of a file, as `-f` takes them.
pub fn values_file(files: &Files, id: SourceId, helm: Helm, told: &mut Told) -> Option<Node> {
    let at = Span::new(id, 0, 0);
    let Some(yaml) = files.yaml(id) else {
        told.refuse(format!("{} is no text", files.name(id)), at);
        return None;
    };
    values::read(yaml, files.name(id), at, helm, told)
}

/// The values of a text that a tool has made before it calls helm; `name` is what the text is made of.
pub fn values_text(text: &Part, name: &str, helm: Helm, told: &mut Told) -> Option<Node> {
    let yaml = yaml::read_embedded(&text.text, &text.origin);
    values::read(&yaml, name, text.span(), helm, told)
}

impl UserValues {
    /// All of them put together. Single values beat files whatever their order is, and JSON is put in first.
    pub fn together(&self, at: Span, read: &ReadFile, helm: Helm, told: &mut Told) -> Node {
        let mut out = values::empty(at);
        for file in &self.files {
            tables::lay_over(&mut out, file);
        }
        for text in &self.set_json {
            if helm == Helm::Four && text.text.trim_start().starts_with('{') {
                whole(text, &mut out, told);
            } else {
                single(text, Kind::Json, &mut out, told);
            }
        }
        let kinds = [
            (&self.set, Kind::Typed),
            (&self.set_string, Kind::Text),
            (&self.set_file, Kind::File(read)),
            (&self.set_literal, Kind::Literal),
        ];
        for (texts, kind) in kinds {
            texts.iter().for_each(|text| single(text, kind, &mut out, told));
        }
        out
    }
}

/// A single value as `--set` takes it: what would end it or begin another one is escaped.
pub fn pair(name: Part, value: Part, whole: Span) -> Part {
    let mut out = Weaver::default();
    out.push(name);
    out.push(Part::new("=", Origin::spelled(whole)));
    let mut from = 0;
    let is_list = value.text.starts_with('{') && value.text.ends_with('}');
    for (at, _) in value.text.match_indices(',').filter(|_| !is_list) {
        if !value.text[..at].ends_with('\\') {
            out.push(value.slice(from..at));
            out.push(Part::new("\\", Origin::spelled(whole)));
            from = at;
        }
    }
    out.push(value.slice(from..value.text.len()));
    out.finish(whole)
}

fn single(text: &Part, kind: Kind, values: &mut Node, told: &mut Told) {
    if let Err(says) = set(text, kind, values) {
        told.refuse(format!("helm cannot set `{}`: {says}", shown(text)), text.span());
    }
}

/// A whole map in JSON, which helm 4 lays over the others.
fn whole(text: &Part, values: &mut Node, told: &mut Told) {
    let read = yaml::read_embedded(&text.text, &text.origin);
    match read.documents.first().filter(|document| read.problems.is_empty() && document.root.is_map()) {
        Some(document) => tables::lay_over(values, &document.root),
        None => told.refuse(format!("helm cannot set `{}`: it is no JSON", shown(text)), text.span()),
    }
}

/// The name of what is set: what is behind it may be a password.
fn shown(text: &Part) -> &str {
    text.text.split('=').next().unwrap_or_default()
}
