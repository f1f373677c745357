//! Texts of an ApplicationSet with values put in: plain tags, or Go's templates. What cannot be filled stays as it is
//! written, and whoever asked is told.

use super::super::edit;
use super::execute::{self, Trouble, Unfilled};
use crate::syntax::expand::Weaver;
use crate::syntax::{Node, Value};
use crate::template::THIS_GENERATOR;
use crate::text::{How, Part, Span};

/// How a set writes its templates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    /// `{{name}}`, the name of a value.
    Tags,
    /// Go's templates. With `missingkey=error` a value that is not there keeps an Application from being made.
    Go { strict: bool },
}

/// Puts values into a text.
pub(super) fn fill(text: &Part, values: &Node, mode: Mode, troubles: &mut Vec<Trouble>) -> Part {
    if !text.text.contains("{{") {
        return text.clone();
    }
    match mode {
        Mode::Tags => tags(text, values, troubles),
        Mode::Go { strict } => execute::execute(text, values, strict, troubles),
    }
}

/// Puts values into every text of a tree, keys too.
pub(super) fn fill_tree(node: &mut Node, values: &Node, mode: Mode, troubles: &mut Vec<Trouble>) {
    match &node.value {
        Value::Scalar(scalar) if scalar.text.contains("{{") => {
            if let Some(part) = node.part() {
                *node = edit::text(&fill(&part, values, mode, troubles));
            }
        }
        Value::Map(entries) if entries.iter().any(|(key, value)| has_action(key) || has_action(value)) => {
            for (key, value) in edit::entries_mut(node).into_iter().flatten() {
                fill_tree(key, values, mode, troubles);
                fill_tree(value, values, mode, troubles);
            }
        }
        Value::List(items) if items.iter().any(has_action) => {
            for item in edit::items_mut(node).into_iter().flatten() {
                fill_tree(item, values, mode, troubles);
            }
        }
        _ => {}
    }
}

fn has_action(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(scalar) => scalar.text.contains("{{"),
        Value::Map(entries) => entries.iter().any(|(key, value)| has_action(key) || has_action(value)),
        Value::List(items) => items.iter().any(has_action),
        _ => false,
    }
}

fn substituted(value: Part, site: Span) -> Part {
    Part { text: value.text, origin: value.origin.via(How::Substitution, site) }
}

fn tags(whole: &Part, values: &Node, troubles: &mut Vec<Trouble>) -> Part {
    let text = whole.text.as_str();
    let mut out = Weaver::default();
    let mut from = 0;
    while let Some(open) = text[from..].find("{{").map(|at| from + at) {
        let Some(close) = text[open..].find("}}").map(|at| open + at) else { break };
        out.push(whole.slice(from..open));
        let site = whole.slice(open..close + 2);
        let name = text[open + 2..close].trim();
        match values.part_at(name) {
            Some(value) => out.push(substituted(value, site.span())),
            None => {
                let says = format!("`{}` is no value of {THIS_GENERATOR}", site.text);
                troubles.push(Trouble { says, at: site.span(), why: Unfilled::Absent });
                out.push(site);
            }
        }
        from = close + 2;
    }
    out.push(whole.slice(from..text.len()));
    out.finish(whole.span())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml;
    use crate::text::{Origin, SourceId};

    #[test]
    fn texts_are_filled() {
        let values = "{name: Web_1, empty: '', path: {path: apps/web, basename: web, segments: [apps, web]}, n: 3, \
                      path.basename: web, 'path[0]': apps, values.x: y}";
        let read = yaml::read(SourceId(1), values);
        let values = &read.documents[0].root;
        let (tags, loose, strict) = (Mode::Tags, Mode::Go { strict: false }, Mode::Go { strict: true });
        for (mode, text, expected) in [
            (tags, "a-{{name}}-{{ path.basename }}{{path[0]}}{{values.x}}", "a-Web_1-webappsy"),
            (
                tags,
                "{{gone}}-{{name}}-{{name",
                "{{gone}}-Web_1-{{name !`{{gone}}` is no value of this generator",
            ),
            (tags, "{{ .name }}", "{{ .name }} !`{{ .name }}` is no value of this generator"),
            (loose, "{{.name}}/{{ .path.basename }}", "Web_1/web"),
            (loose, "{{ index .path.segments 1 }}-{{ index .path \"path\" }}", "web-apps/web"),
            (loose, "{{ .name | lower | replace \"_\" \"-\" }}", "web-1"),
            (loose, "{{ upper .path.basename | quote }}{{ squote .n }}", "\"WEB\"'3'"),
            (
                loose,
                "{{ trimPrefix \"apps/\" .path.path }} {{ .path.path | trimSuffix \"web\" }}",
                "web apps/",
            ),
            (loose, "{{ default \"a\" .gone }}{{ .empty | default \"b\" }}{{ .n | default 9 }}", "ab3"),
            (loose, "{{ dig \"path\" \"gone\" \"c\" . }}{{ dig \"path\" \"basename\" \"c\" . }}", "cweb"),
            (loose, "{{ normalize .name }} {{ base .path.path }} {{ trunc 2 .name }}", "web-1 web We"),
            (loose, "{{ printf \"%s-%d\" .path.basename 7 }}", "web-7"),
            (loose, "a {{- .n -}} b {{/* why */}}", "a3b "),
            (loose, "{{ lower (index .path.segments 0) }}", "apps"),
            (loose, "{{ .gone }}", "{{ .gone }} !`.gone` is no value of this generator"),
            (strict, "{{ .gone }}x", "{{ .gone }}x !fatal"),
            (strict, "{{ default \"a\" .gone }}", "{{ default \"a\" .gone }} !fatal"),
            (strict, "{{ dig \"gone\" \"a\" . }}", "a"),
            (
                loose,
                "{{ .n }}{{ unheardOf 2 .name }}",
                "3{{ unheardOf 2 .name }} !`{{ unheardOf 2 .name }}` is more than is understood here",
            ),
            (loose, "{{ .n }}{{ if .n }}x{{ end }}", "3x"),
            (
                loose,
                "{{ .n }}{{ if unheardOf 2 .name }}x{{ end }}",
                "{{ .n }}{{ if unheardOf 2 .name }}x{{ end }} !`{{ if unheardOf 2 .name }}` is more than is understood here",
            ),
            (loose, "{{ .path.segments }}", "[apps web]"),
            (loose, "{{ $x }}", "{{ $x }} !fatal"),
        ] {
            let whole = Part::new(text, Origin::verbatim(Span::new(SourceId(0), 0, text.len())));
            let mut troubles = Vec::new();
            let mut got = fill(&whole, values, mode, &mut troubles).text.to_string();
            for trouble in troubles {
                match trouble.why {
                    Unfilled::Fatal => got += " !fatal",
                    _ => got += &format!(" !{}", trouble.says),
                }
            }
            assert_eq!(got, expected, "{text}");
        }
    }
}
